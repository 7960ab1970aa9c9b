#!/usr/bin/env python3
"""Mutants of queries and attacks, asked of weft and of plain DuckDB over the copies of mask_oracle.py.

For each mutant (mutants.py) and a principal (mutant_worlds.py) weft must refuse, or answer what DuckDB answers. Whatever
it says is searched for what the principal may not see. Where DuckDB itself answers differently with its rows in another
order and another plan, the query does not determine an answer, and only the search counts.

The usual run asks the texts of tests/data/mutants and COUNT mutants of a fixed seed. FUZZ_MUTANT_SECONDS=600 goes on
with a new seed for so long; FUZZ_MUTANT_SEED gives it. mutants_test.py SEED NUMBER asks one mutant again and makes it
smaller when it fails. What fails is printed as a file for tests/data/mutants.
"""
import collections
import decimal
import math
import multiprocessing
import os
import queue
import random
import re
import shutil
import sys
import tempfile
import time

import pyarrow as pa

import governed_test
import mutant_worlds
import tied_order
from mutant_worlds import OTHER_WAYS, ROOT, Broken, World
from mutants import Mutator, Trees, Unfit, places, smaller
from query_door import Died, QueryDoor

WEFT = governed_test.WEFT
SECONDS = int(os.environ.get("FUZZ_MUTANT_SECONDS", "0"))
FIXED_SEED, COUNT = 1, 240     # of the usual run
BLOCK = 40                     # mutants of one principal, one after the other
ATTACKED = 9                   # of 20 blocks on the attacked mesh, the first one and so on evenly
ROWS = 100_000                 # of an answer
WORKERS = min(4, os.cpu_count() or 2)
MEMORY = "/dev/shm"            # the journal syncs twice a query: there it need not wait for a disk
FAULTS_MAX = 12                # then the run has told enough
SHRINK_SECONDS = 25
HANGS = 120                    # seconds: then a worker is taken for dead
# A run counts only when so many of its mutants were really compared, and not too many were refused or left out.
LEAST = {"rows": 0.12, "empty": 0.01, "both": 0.05}
MOST = {"refused": 0.6, "undetermined": 0.2, "limit": 0.25, "late": 0.15, "needless": 0.03}
SAYS = {"rows": "equal with rows", "empty": "equal and empty", "refused": "refused by weft", "both": "failed in both",
        "undetermined": "skipped, no one answer", "needless": "refused by weft alone when bound", "late": "skipped, DuckDB alone failed", "limit": "skipped, over a limit",
        "none": "skipped, no mutant"}
# What the engine lacks, for a policy's subquery in place of a table. It says so before it reads a row.
NO_SUCH_FORM = "the engine cannot run a query of this form; write it another way"
PATHS = re.compile(r"\.parquet|/objects/|read_parquet|weft_mask|system\.main")
# Rows are joined by the order in which they happen to come.
POSITIONAL = re.compile(r"\bPOSITIONAL\s+JOIN\b", re.I)
# Of old snapshots there is no copy, and copies have no majors in their names.
UNMATCHED = re.compile(r"\bAT\s*\(|_v\d+\b", re.I)


# ---- two answers ------------------------------------------------------------------------------

def plain(value):
    """A value to compare and sort by; fractions to nine digits."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.9g}") + 0.0
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return str({k: plain(v) for k, v in value.items()})
    return str([plain(v) for v in value]) if isinstance(value, (list, tuple)) else value


def values_of(column):
    """The values of an Arrow column; structs whose fields share a name, which Python cannot have, as lists."""
    try:
        return column.to_pylist()
    except ValueError:
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_struct(whole.type):
            return [list(v) for v in zip(*(values_of(whole.field(i)) for i in range(whole.type.num_fields)))]
        if pa.types.is_list(whole.type):
            inner, ends = values_of(whole.values), whole.offsets.to_pylist()
            return [inner[a:b] if whole[i].is_valid else None for i, (a, b) in enumerate(zip(ends, ends[1:]))]
        raise


def rows_of(table):
    columns = [[plain(v) for v in values_of(table.column(i))] for i in range(table.num_columns)]
    return list(zip(*columns))


def order_of(row):
    return [(v is None, str(type(v)), v if v is not None else 0) for v in row]


def types_of(table):
    return [str(getattr(t, "storage_type", t)) for t in table.schema.types]


def same_bag(ours, theirs):
    return all(all(map(governed_test.close, a, b)) for a, b in zip(sorted(ours, key=order_of), sorted(theirs, key=order_of)))


def difference(ours, theirs, is_ordered=False):
    """The first difference of two answers as bags of rows, or None."""
    if types_of(ours) != types_of(theirs):
        return f"types {types_of(ours)} and {types_of(theirs)}"
    if ours.num_rows != theirs.num_rows:
        return f"{ours.num_rows} rows and {theirs.num_rows}"
    if ours.equals(theirs):
        return None
    pairs = [rows_of(t) if is_ordered else sorted(rows_of(t), key=order_of) for t in (ours, theirs)]
    for a, b in zip(*pairs):
        if not all(map(governed_test.close, a, b)):
            return f"row {a} and {b}"
    return None


# ---- what may not be said -----------------------------------------------------------------------

def texts_in(value):
    """All texts of a cell, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from texts_in(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from texts_in(v)


def told(world, sql, answer):
    """What an answer (a table, or a message) says that it may not, or None. What the query says itself is no news."""
    said = sql.lower()
    names = [n for n in world.unseen if "_" in n and n.lower() not in said]
    if isinstance(answer, str):
        cells, text = re.findall(r"[^\s\"'`(),;]+|(?<=\")[^\"]*(?=\")|(?<=')[^']*(?=')", answer), answer
        cells = [c for c in cells if not re.fullmatch("[a-z]+", c)]    # ours to say
    else:
        cells = {t for c in answer.columns for v in values_of(c) for t in texts_in(v)}
        text = "\n".join(answer.column_names)
        if world.needles:
            text += "\n" + "\n".join(str(v) for c in answer.columns for v in values_of(c))
    for cell in cells:
        if cell in world.secrets and cell.lower() not in said:
            return f"the hidden value {cell!r}"
    low = text.lower()
    for name in names:
        if re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", low):
            return f"the hidden name {name}"
    for needle, secret in world.needles:
        if needle in low and secret.lower() not in said and needle not in said and world.is_in(needle, low):
            return f"the secret {secret}"
    path = PATHS.search(low)
    return f"what the guard wrote: {path[0]}" if path and path[0] not in said.replace('"', "") else None


def other_conditions(trees, sql):
    """`sql` with each condition evaluated on all its rows in every part, and with one part less, in each way."""
    try:
        tree = {"node": trees.parse(sql)}
    except Unfit:
        return
    for _, _, node in places(tree, lambda v: v.get("where_clause")):
        kept = node["where_clause"]
        whole = trees.expression("CASE WHEN random() >= 0 THEN true ELSE false END")
        whole["case_checks"][0]["then_expr"] = kept
        parts = kept["children"] if kept["type"] == "CONJUNCTION_AND" else [kept]
        fewer = [parts[:i] + parts[i + 1:] for i in range(len(parts))]
        for other in [whole] + [{**kept, "children": rest} if len(rest) > 1 else rest[0] if rest else None for rest in fewer]:
            node["where_clause"] = other
            try:
                yield trees.text(tree["node"])
            except Unfit:
                pass
        node["where_clause"] = kept


# ---- the verdict -----------------------------------------------------------------------------------

class Judge:
    """Asks weft and DuckDB and says how it ended: (a key of SAYS, None), or ("fault", what is wrong)."""

    def __init__(self, world, weft, trees):
        self.world, self.weft, self.trees = world, weft, trees
        self.answers = None, None

    def judge(self, sql):
        try:
            outcome, ours = self.weft.ask(self.world.who, sql)
        except Died as e:
            return self.died(sql, e)
        self.answers = ours, None
        leak = told(self.world, sql, ours)
        if leak:
            return "fault", "weft tells " + leak
        if outcome == "refused" and not ours.startswith("lineage."):
            return "refused", None
        if outcome == "limit":
            return "limit", None
        try:
            theirs = self.world.ask(sql)
        except Broken as e:
            return self.broken(sql, outcome, e)
        self.answers = ours, theirs
        if outcome != "rows":
            return self.only_theirs(sql, outcome, ours)
        return self.compared(sql, ours, theirs)

    def died(self, sql, why):
        """A crash of the engine alone is none of ours."""
        try:
            self.world.ask(sql)
        except Broken as e:
            if e.kind == "internal":
                return "late", None
        return "fault", f"weft died: {why}"

    def broken(self, sql, outcome, why):
        if outcome != "rows":
            return "both", None
        if why.kind == "bind" and not UNMATCHED.search(sql):
            return "fault", f"weft answers what cannot be bound: {why}"
        return "late", None

    def only_theirs(self, sql, outcome, ours):
        """A query that fails for hidden rows tells that they are there; one that another plan lets fail does not."""
        if outcome == "refused" or ours == NO_SUCH_FORM:
            return "needless", None
        try:
            for way in OTHER_WAYS:
                self.world.ask(sql, way)
        except Broken:
            return "undetermined", None
        if self.fails_for_what_is_seen(sql):
            return "undetermined", None
        return "fault", f"only weft fails: {ours}"

    def fails_for_what_is_seen(self, sql):
        """Whether some row that the principal sees makes it fail, when a condition does not keep it away, or when all
        parts of one are evaluated, as they are behind the CASE of a row filter."""
        for text in other_conditions(self.trees, sql):
            try:
                self.world.ask(text)
            except Broken as e:
                if e.kind == "run":
                    return True
        return False

    def compared(self, sql, ours, theirs):
        fault = difference(ours, theirs)
        is_moved = not fault and self.is_ordered(sql) and difference(ours, theirs, True)
        if not fault and not is_moved:
            return "rows" if theirs.num_rows else "empty", None
        try:
            others = [self.world.ask(sql, way) for way in OTHER_WAYS]
        except Broken:
            return "undetermined", None
        if any(difference(theirs, other, is_moved) for other in others):
            return "rows" if is_moved else "undetermined", None
        if is_moved:
            return self.in_order(sql, theirs.num_columns)
        if POSITIONAL.search(sql):
            return "undetermined", None
        return ("undetermined", None) if self.is_equal_unlimited(sql) else ("fault", fault)

    def in_order(self, sql, columns):
        """Rows that tie in all keys may come in any order; the others not."""
        try:
            upwards, downwards = (rows_of(self.world.ask(tied_order.tie_broken(self.trees, sql, columns, way)))
                                  for way in ("ASCENDING", "DESCENDING"))
            outcome, ours = self.weft.ask(self.world.who, tied_order.unlimited(self.trees, sql))
        except (Unfit, Broken, Died):
            return "undetermined", None
        if outcome != "rows":
            return "undetermined", None
        is_right = tied_order.same_but_for_ties(rows_of(ours), upwards, downwards, same_bag)
        return {True: ("rows", None), None: ("undetermined", None)}.get(is_right, ("fault", "the rows come in another order"))

    def is_equal_unlimited(self, sql):
        """Ties at a limit: any of them may come. Without the limits there is nothing to choose, if they can be left out."""
        tree = {"node": self.trees.parse(sql)}
        limited = places(tree, lambda v: any(m["type"].startswith("LIMIT") for m in v.get("modifiers", ())))
        for _, _, node in limited:
            node["modifiers"] = [m for m in node["modifiers"] if not m["type"].startswith("LIMIT")]
        if not limited:
            return False
        try:
            whole = self.trees.text(tree["node"])
            outcome, ours = self.weft.ask(self.world.who, whole)
            return outcome == "limit" or outcome == "rows" and not difference(ours, self.world.ask(whole))
        except Broken as e:
            return e.kind == "limit"
        except (Unfit, Died):
            return False

    def is_ordered(self, sql):
        try:
            return any(m["type"] == "ORDER_MODIFIER" for m in self.trees.parse(sql)["modifiers"])
        except Unfit:
            return False


# ---- runs -------------------------------------------------------------------------------------------

def attack_seeds(suite):
    """The queries among the attacks, without those that only want to be large."""
    found = {}
    for file in sorted(os.listdir(mutant_worlds.ATTACK)):
        if file.endswith(".attack") and not file.startswith("bomb-"):
            for attack in suite.read_attacks(os.path.join(mutant_worlds.ATTACK, file)):
                if attack.door == "query":
                    found[attack.sql] = None
    return list(found)


def sites_of(root):
    governed = mutant_worlds.governed_site(root, WEFT, governed_test.WHO, lambda t: list(governed_test.all_queries(t).values()))
    attacked = mutant_worlds.attacked_site(root, WEFT, mutant_worlds.ATTACKERS, attack_seeds)
    return {"governed": governed, "attacked": attacked}


class Asker:
    """One process' worth: worlds and programs, made when first asked for."""

    def __init__(self, sites, seed, block):
        self.sites, self.seed, self.block, self.trees = sites, seed, block, Trees()
        self.programs = {name: QueryDoor(WEFT, site.mesh, mutant_worlds.SECONDS, ROWS) for name, site in sites.items()}
        self.world, self.known = None, None

    def judge_of(self, name, who):
        if self.known != (name, who):
            self.world, self.known = World(self.sites[name], who), (name, who)
        return Judge(self.world, self.programs[name], self.trees)

    def place(self, number):
        """The site and principal of a mutant's block."""
        block = number // self.block
        rng = random.Random(f"{self.seed} block {block}")
        name = "attacked" if block * ATTACKED % 20 < ATTACKED else "governed"
        return name, rng.choice(self.sites[name].people)

    def ask(self, number):
        """(how it ended, what is wrong, site, principal, SQL, judge)."""
        name, who = self.place(number)
        judge = self.judge_of(name, who)
        sql = Mutator(self.world, self.trees).mutant(random.Random(f"{self.seed} mutant {number}"), self.world.binds)
        ended, fault = judge.judge(sql) if sql else ("none", None)
        return ended, fault, name, who, sql, judge

    def shrink(self, judge, sql, fault):
        """The smallest text found in a while that is wrong in the same way."""
        kind, until, better = fault.split()[:3], time.monotonic() + SHRINK_SECONDS, True
        while better and time.monotonic() < until:
            better = False
            for text in smaller(self.trees, sql):
                if time.monotonic() > until:
                    break
                ended, other = judge.judge(text)
                if ended == "fault" and same_kind(other.split()[:3], kind):
                    sql, better = text, True
                    break
        judge.judge(sql)
        return sql

    def close(self):
        for program in self.programs.values():
            program.close()


def same_kind(a, b):
    return a == b or a[0][0].isdigit() and b[0][0].isdigit() or a[0] == b[0] == "row"


def shown(answer):
    if isinstance(answer, pa.Table):
        return f"{answer.num_rows} rows: {rows_of(answer.slice(0, 5))}"[:700]
    return "nothing" if answer is None else str(answer)[:700]


def report(asker, number, found):
    _, fault, name, who, sql, judge = found
    try:
        small = asker.shrink(judge, sql, fault)
    except (Unfit, Died):
        small = sql
    ours, theirs = judge.answers
    return (f"FAILED seed {asker.seed} mutant {number}: {fault[:600]}\n-- {name}: {who[0]}{' for ' + who[1] if who[1] else ''}\n{small}\n"
            f"    weft:   {shown(ours)}\n    DuckDB: {shown(theirs)}\n    before it was made smaller: {sql[:1500]}\n")


def work(sites, seed, block, first, step, until, at, results):
    """Every step-th block from `first`, until the time or the blocks are over."""
    asker, counts, started = Asker(sites, seed, block), collections.Counter(), time.monotonic()
    last, by_number = until
    index = first
    while (index * block < last) if by_number else (time.monotonic() < last):
        for number in range(index * block, index * block + block):
            at.value = number
            found = asker.ask(number)
            counts[found[0]] += 1
            counts["site " + found[2]] += 1
            if found[1]:
                results.put(("fault", report(asker, number, found)))
            if not by_number and time.monotonic() > last:
                break
        index += step
        results.put(("counts", counts))
        counts = collections.Counter()
    results.put(("counts", counts))
    asker.close()
    results.put(("end", first))
    return started


class Crew:
    """The processes of a run. DuckDB may die in one of them: then another goes on behind that mutant's block."""

    def __init__(self, sites, seed, block, until):
        self.sites, self.seed, self.block, self.until = sites, seed, block, until
        self.results, self.members = multiprocessing.Queue(), {}
        self.counts, self.faults = collections.Counter(), []
        for first in range(WORKERS):
            self.begin(first, first)

    def begin(self, name, first):
        at = multiprocessing.Value("q", first * self.block)
        process = multiprocessing.Process(target=work, daemon=True, args=(
            self.sites, self.seed, self.block, first, WORKERS, self.until, at, self.results))
        process.start()
        self.members[name] = [process, at, time.monotonic(), at.value]

    def run(self):
        while self.members and len(self.faults) < FAULTS_MAX:
            try:
                kind, what = self.results.get(timeout=2)
            except queue.Empty:
                self.look_after()
                continue
            if kind == "fault":
                self.faults.append(what)
                print(what, flush=True)
            elif kind == "counts":
                self.counts += what
            else:
                self.members.pop(what % WORKERS, None)
        for process, *_ in self.members.values():
            process.terminate()

    def look_after(self):
        for name, member in list(self.members.items()):
            process, at, since, seen = member
            if at.value != seen:
                member[2:] = [time.monotonic(), at.value]
            elif process.is_alive() and time.monotonic() - since > HANGS:
                print(f"mutant {at.value} of seed {self.seed} takes over {HANGS} s: left out", flush=True)
                process.kill()
            elif not process.is_alive() and process.exitcode > 0:
                raise SystemExit(f"mutant {at.value} of seed {self.seed}: this test itself failed")
            elif not process.is_alive():
                print(f"DuckDB died of mutant {at.value} of seed {self.seed}: left out", flush=True)
                self.counts["late"] += 1
                self.begin(name, at.value // self.block + WORKERS)


def summary(counts, seconds):
    """Prints what came of a run; the number of reasons why it does not count."""
    total = sum(counts[k] for k in SAYS)
    print(f"{total} mutants in {seconds:.0f} s ({total / max(seconds, 1e-9):.0f} a second), "
          f"{counts['site governed']} on the governed mesh and {counts['site attacked']} on the attacked one: "
          + ", ".join(f"{counts[k]} {SAYS[k]}" for k in SAYS) + f", {counts['fault']} wrong")
    weak = [f"only {counts[k]} {SAYS[k]}" for k, least in LEAST.items() if counts[k] < least * total]
    weak += [f"{counts[k]} {SAYS[k]}" for k, most in MOST.items() if counts[k] > most * total]
    weak += [f"nothing on the {name} mesh" for name in ("governed", "attacked") if total and not counts["site " + name]]
    for why in weak if total else ["no mutant"]:
        print("FAILED: this run proves too little: " + why)
    return len(weak) + (not total)


def kept_texts():
    """[(file, site, principal, SQL)] of tests/data/mutants."""
    folder, found = os.path.join(ROOT, "tests", "data", "mutants"), []
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as text:
            lines = text.read().splitlines()
        head = [re.fullmatch(r"-- (governed|attacked): (\w+)(?: for ([\w-]+))?", line) for line in lines]
        sql = "\n".join(line for line, h in zip(lines, head) if not h and not line.startswith("-- #"))
        found += [(file, h[1], (h[2], h[3]), sql.strip()) for h in head if h]
        if not any(head):
            raise SystemExit(f"{file}: no line \"-- governed: PRINCIPAL [for PURPOSE]\"")
    return found


def ask_kept(sites):
    """The texts that were wrong once: [fault]."""
    asker, faults = Asker(sites, 0, 1), []
    texts = kept_texts()
    for file, name, who, sql in sorted(texts, key=lambda t: (t[1], str(t[2]))):
        judge = asker.judge_of(name, who)
        _, fault = judge.judge(sql)
        if fault:
            faults.append(f"FAILED {file} as {who[0]} for {who[1]}: {fault[:600]}\n    weft:   {shown(judge.answers[0])}\n"
                          f"    DuckDB: {shown(judge.answers[1])}")
            print(faults[-1], flush=True)
    asker.close()
    print(f"{len(texts)} kept texts, {len(faults)} wrong", flush=True)
    return faults


def ask_one(sites, seed, number):
    asker = Asker(sites, seed, BLOCK)
    found = asker.ask(number)
    print(report(asker, number, found) if found[1] else f"{SAYS[found[0]]}\n-- {found[2]}: {found[3]}\n{found[4]}\n"
          f"    weft:   {shown(found[5].answers[0])}\n    DuckDB: {shown(found[5].answers[1])}")
    asker.close()
    return bool(found[1])


def main():
    root = tempfile.mkdtemp(prefix="weft-mutants-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None)
    try:
        sites = sites_of(root)
        if len(sys.argv) == 3:
            return ask_one(sites, sys.argv[1], int(sys.argv[2]))
        tied_order.check()
        faults = ask_kept(sites)
        seed = os.environ.get("FUZZ_MUTANT_SEED") or (str(time.time_ns()) if SECONDS else str(FIXED_SEED))
        print(f"seed {seed}", flush=True)
        started = time.monotonic()
        crew = Crew(sites, seed, BLOCK, (started + SECONDS, False) if SECONDS else (COUNT, True))
        crew.run()
        return 1 if summary(crew.counts, time.monotonic() - started) or crew.faults or faults else 0
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
