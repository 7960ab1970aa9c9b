"""Processes measured, figures compared with budgets, results kept."""
import json
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(ROOT, "build", "bench")
RELEASE = os.path.join(ROOT, "build", "release")
WEFT = os.path.join(RELEASE, "weft")
PYTHON = os.path.join(ROOT, ".deps", "py", "bin", "python")
MEMORY = 400 << 20  # what `weft publish` gives the engine by default
THREADS = 2


class Run:
    """One process from start to end: wall and CPU seconds, peak memory, standard output."""

    def __init__(self, args, cwd=None, check=True):
        start = time.perf_counter()
        process = subprocess.Popen(args, cwd=cwd, stdout=subprocess.PIPE)
        self.out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.perf_counter() - start
        self.cpu = usage.ru_utime + usage.ru_stime
        self.bytes = usage.ru_maxrss * 1024
        if check and process.returncode != 0:
            sys.stdout.write(self.out.decode("utf-8", "replace"))
            raise SystemExit(f"bench: {args[0]} {args[1]} ended with {process.returncode}")

    def json(self):
        return json.loads(self.out)


def best(runs):
    """The least wall, CPU and memory of several runs."""
    first = runs[0]
    for r in runs[1:]:
        first.wall = min(first.wall, r.wall)
        first.cpu = min(first.cpu, r.cpu)
        first.bytes = min(first.bytes, r.bytes)
    return first


class Report:
    """Rows of one benchmark: printed when made, kept as JSON at the end."""

    def __init__(self, name, title, left="ours"):
        """`left` heads the first figures when they are not ours."""
        self.name, self.title, self.rows, self.notes = name, title, [], []
        self.load = os.getloadavg()[0]
        print(f"\n{title} (load {self.load:.1f})")
        print(f"  {'what':44} {left:>11} {'beside':>11} {'ratio':>7}  {'budget':>10}")

    def row(self, what, ours, unit, peer=None, budget=None, budget_ratio=None, peer_name=None):
        """`budget` is of our figure, `budget_ratio` of ours / peer's. None: for information. `ours` None: not built."""
        ratio = ours / peer if peer and ours is not None else None
        has_budget = ours is not None and (budget is not None or budget_ratio is not None)
        over = has_budget and ((budget is not None and ours > budget)
                               or (budget_ratio is not None and ratio > budget_ratio))
        limit = f"{budget:g} {unit}" if budget is not None else f"{budget_ratio:g} x" if budget_ratio is not None else "-"
        print(f"  {what:44} {show(ours, unit):>11} {show(peer, unit) if peer else '':>11} "
              f"{show_ratio(ratio):>7}  {limit:>10} {'' if not has_budget else 'over' if over else 'ok'}")
        self.rows.append({"what": what, "unit": unit, "ours": rounded(ours, 5), "peer_name": peer_name,
                          "peer": rounded(peer, 5), "ratio": rounded(ratio, 5),
                          "budget": budget, "budget_ratio": budget_ratio,
                          "is_over": over if has_budget else None})

    def note(self, text):
        """What could not be measured, and why."""
        print(f"  {text}")
        self.notes.append(text)

    def close(self):
        path = os.path.join(ROOT, "bench", "results", self.name + ".json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"name": self.name, "title": self.title, "machine": machine(), "day": time.strftime("%Y-%m-%d"),
                       "load": round(max(self.load, os.getloadavg()[0]), 1), "rows": self.rows,
                       **({"notes": self.notes} if self.notes else {})}, file, indent=1)
            file.write("\n")
        return any(r["is_over"] for r in self.rows)


def rounded(value, digits):
    return None if value is None else round(value, digits)


def show_ratio(ratio):
    """Small ones keep two digits: ours beside a peer in another process may be a thousandth."""
    return "" if ratio is None else f"{ratio:.2f} x" if ratio >= 0.1 else f"{ratio:.2g} x"


def show(value, unit):
    if value is None:
        return "not built"
    return f"{value:.3f} {unit}" if value < 10 else f"{value:.1f} {unit}"


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB"
