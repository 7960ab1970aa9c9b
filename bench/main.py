"""Runs the benchmarks named on the command line, or all of them."""
import os
import sys

import engines
import growing
import meshes
import proof
import rls as row_security
from measure import CACHE, MEMORY, PYTHON, ROOT, THREADS, WEFT, Report, Run, best

REPEAT = int(os.environ.get("BENCH_REPEAT", "3"))
MIB = 1 << 20
COPY = """
import duckdb, os, sys
c = duckdb.connect(config={"threads": sys.argv[3], "memory_limit": sys.argv[4] + "B", "temp_directory": sys.argv[2] + ".tmp"})
c.execute(f"COPY (SELECT * FROM read_parquet('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
"""
# What the 42 rules ask, as a person would write it by hand: one scan and one GROUP BY.
BY_HAND = """
import duckdb, sys
c = duckdb.connect(config={"threads": sys.argv[2], "memory_limit": sys.argv[3] + "B"})
conditions = \"\"\"l_orderkey IS NULL;l_orderkey < 1;l_partkey IS NULL;l_linenumber IS NULL;l_quantity < 1;l_quantity > 50
l_extendedprice < 0;l_discount < 0;l_discount > 0.1;l_tax > 0.08;l_returnflag NOT IN ('A', 'N', 'R')
l_linestatus NOT IN ('F', 'O');l_shipdate < DATE '1992-01-01';l_shipdate > DATE '1998-12-31';l_commitdate IS NULL
l_receiptdate IS NULL;l_shipinstruct NOT IN ('COLLECT COD', 'DELIVER IN PERSON', 'NONE', 'TAKE BACK RETURN')
length(l_shipinstruct) > 25;NOT regexp_matches(l_shipmode, '^[A-Z ]{3,7}$');l_shipmode IS NULL;length(l_comment) < 1
length(l_comment) > 44;NOT regexp_matches(l_comment, '^[ -~]+$');l_comment IS NULL
l_receiptdate < l_shipdate\"\"\".replace(chr(10), ";").split(";")
counts = ", ".join(f"count(*) FILTER ({x})" for x in conditions)
table = f"read_parquet('{sys.argv[1]}')"
bad = c.execute(f"SELECT {counts} FROM {table}").fetchone()
keys = c.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY l_orderkey, l_linenumber HAVING count(*) > 1)").fetchone()
sys.exit(1 if any(bad) or keys[0] else 0)
"""


def tool(name, *args):
    return [os.path.join(ROOT, "build", "release", name), *[str(a) for a in args]]


def publish():
    report = Report("publish", "publish of lineitem (6,001,215 rows, 40 checks) beside a bare COPY")
    mesh = meshes.lineitem_mesh(os.path.join(CACHE, "lineitem"))
    source, target = os.path.join(meshes.TPCH, "lineitem.parquet"), os.path.join(CACHE, "copy.parquet")
    ours, plain = [], []
    for _ in range(REPEAT):
        plain.append(Run([PYTHON, "-c", COPY, source, target, str(THREADS), str(MEMORY)]))
        os.remove(target)
        ours.append(Run([WEFT, "publish", "--all", "--full", "--json", "-C", mesh]))
        checks = ours[-1].json()["products"][0]["tables"][0]["checks"]
        if len(checks) != 40 or any(c["outcome"] != "pass" for c in checks):
            raise SystemExit(f"bench: expected 40 passed checks, got {len(checks)}")
    ours, plain = best(ours), best(plain)
    report.row("wall", ours.wall, "s", plain.wall, budget_ratio=1.8, peer_name="DuckDB COPY")
    report.row("CPU", ours.cpu, "s", plain.cpu, peer_name="DuckDB COPY")
    report.row("peak memory", ours.bytes / MIB, "MiB", plain.bytes / MIB, budget=512, peer_name="DuckDB COPY")
    return report


def start():
    report = Report("start", "start of the program, median of 30")
    Run([WEFT, "--version"])
    ours = sorted(Run([WEFT, "--version"]).wall for _ in range(30))[15]
    nothing = sorted(Run(["/bin/true"]).wall for _ in range(30))[15]
    report.row("weft --version", ours * 1000, "ms", nothing * 1000, budget=20, peer_name="/bin/true")
    return report


def query_setup():
    mesh = meshes.tpch_mesh(os.path.join(CACHE, "mesh"))
    return mesh, meshes.queries(os.path.join(CACHE, "queries"))


def query():
    report = Report("query", f"22 queries of TPC-H, scale 1, best of {REPEAT} each, beside plain views on the same files")
    found = Run(tool("bench_query", "run", *query_setup(), REPEAT)).json()
    for kind, budget in (("wall", 1.05), ("cpu", None)):
        ours = sum(q["ours"][kind] for q in found["queries"]) / 1e6
        plain = sum(q["plain"][kind] for q in found["queries"]) / 1e6
        report.row(f"sum of 22, {kind}", ours, "s", plain, budget_ratio=budget, peer_name="plain views")
    for q in found["queries"]:
        report.row(q["name"], q["ours"]["wall"] / 1000, "ms", q["plain"]["wall"] / 1000, peer_name="plain views")
    return report


def guard():
    report = Report("guard", "guard alone on the 22 queries")
    found = Run(tool("bench_query", "guard", *query_setup(), 20)).json()
    cold = [q["cold"] for q in found["queries"]]
    governed = [q["governed"] for q in found["queries"]]
    cached = [q["cached"] for q in found["queries"]]
    report.row("cold, mean of 22", sum(cold) / len(cold) / 1000, "ms", budget=1.5)
    report.row("cold, slowest of 22", max(cold) / 1000, "ms")
    report.row("cold with policies, mean of 22", sum(governed) / len(governed) / 1000, "ms", budget=1.5)
    report.row("cached, mean of 22", sum(cached) / len(cached), "us", budget=50)
    report.row("cached, slowest of 22", max(cached), "us", budget=50)
    return report


def governed():
    report = Report("governed", f"scans of lineitem under policies, best of {REPEAT * 3} each, beside plain views")
    mesh, _ = query_setup()
    found = Run(tool("bench_query", "governed", mesh, "-", REPEAT * 3)).json()["scans"]
    for reader, budget, what in (("free", 1.05, "nothing masked"), ("masked", 1.3, "two masks, one row filter")):
        plain = sum(q["plain"]["wall"] for q in found) / 1e6
        ours = sum(q[reader]["wall"] for q in found) / 1e6
        report.row(f"{what}: sum of {len(found)}", ours, "s", plain, budget_ratio=budget, peer_name="plain views")
        for q in found:
            report.row(f"{what}: {q['name']}", q[reader]["wall"] / 1000, "ms", q["plain"]["wall"] / 1000,
                       peer_name="plain views")
    return report


def governed_proof():
    report = Report("governed-proof", f"each query of TPC-H and TPC-DS at scale {proof.governed_mesh.SCALE} under policies, beside plain "
                                      "DuckDB over copies masked beforehand")
    for count, found in proof.proofs():
        who = found.who[0] + (" for " + found.who[1] if found.who[1] else "")
        report.note(f"{who}: {count} queries, {found.ended['rows']} equal with rows, {found.ended['empty']} equal and empty, "
                    f"{found.ended['refused']} rightly refused, {len(found.faults)} different")
        for fault in found.faults:
            report.note("DIFFERENT " + fault)
        report.row(f"{who}: different answers", len(found.faults), "", budget=0)
        report.row(f"{who}: all queries", found.seconds["ask_weft"], "s", found.seconds["ask_duckdb"], peer_name="DuckDB on copies")
    return report


def stream():
    report = Report("stream", "SELECT * of lineitem, 6,001,215 rows streamed, beside plain streaming")
    mesh, _ = query_setup()
    runs = {}
    for kind in ("ours", "plain"):
        made = [Run(tool("bench_query", "stream", mesh, kind)) for _ in range(REPEAT)]
        runs[kind] = min(r.json()["first_us"] for r in made), min(r.json()["whole_us"] for r in made), best(made)
    (first, whole, ours), (plain_first, plain_whole, plain) = runs["ours"], runs["plain"]
    report.row("first chunk", first / 1000, "ms", plain_first / 1000, peer_name="plain streaming")
    report.row("all rows", whole / 1e6, "s", plain_whole / 1e6, budget_ratio=1.05, peer_name="plain streaming")
    report.row("CPU of the process", ours.cpu, "s", plain.cpu, peer_name="plain streaming")
    report.row("peak memory", ours.bytes / MIB, "MiB", plain.bytes / MIB, budget_ratio=1.1, peer_name="plain streaming")
    return report


def checks():
    report = Report("checks", "42 checks on 6,001,215 rows of Parquet (the quality room alone)")
    contract = meshes.lineitem_contract(os.path.join(CACHE, "checks.odcs.yaml"))
    source = os.path.join(meshes.TPCH, "lineitem.parquet")
    ours, plain = [], []
    for _ in range(REPEAT):
        ours.append(Run(tool("bench_checks", contract, source)))
        plain.append(Run([PYTHON, "-c", BY_HAND, source, str(THREADS), str(MEMORY)]))
    found = ours[-1].json()
    if found["checks"] != 42 or found["passed"] != 42:
        raise SystemExit(f"bench: expected 42 passed checks: {found}")
    ours, plain = best(ours), best(plain)
    report.row("wall", ours.wall, "s", plain.wall, budget=1.2, peer_name="SQL by hand")
    report.row("CPU", ours.cpu, "s", plain.cpu, budget=2.0, peer_name="SQL by hand")
    report.row("peak memory", ours.bytes / MIB, "MiB", plain.bytes / MIB, budget=256, peer_name="SQL by hand")
    return report


MASK_ROWS = 300_000


def masks():
    report = Report("masks", f"masks over {MASK_ROWS:,} values, one thread, CPU time net of the scan")
    for m in Run(tool("bench_masks", str(MASK_ROWS), str(REPEAT))).json():
        report.row(m["name"], m["ours"], "ns", m["plain"], budget=400 if m["name"].startswith("hash") else None,
                   peer_name="plain SQL")
    return report


def validate():
    report = Report("validate", "weft validate of 1,000 products")
    mesh = meshes.chain_mesh(os.path.join(CACHE, "thousand"), 1000)
    ours = best([Run([WEFT, "validate", "-C", mesh]) for _ in range(REPEAT)])
    report.row("wall", ours.wall, "s", budget=1.0)
    report.row("CPU", ours.cpu, "s")
    report.row("peak memory", ours.bytes / MIB, "MiB")
    return report


def plan():
    report = Report("plan", "weft plan of 500 products that depend on each other")
    mesh = meshes.chain_mesh(os.path.join(CACHE, "chain"), 500)
    ours = best([Run([WEFT, "plan", "--all", "--json", "-C", mesh]) for _ in range(REPEAT)])
    report.row("nothing published: wall", ours.wall, "s", budget=1.0)
    report.row("nothing published: CPU", ours.cpu, "s")
    Run([WEFT, "publish", "--all", "--json", "-C", mesh])
    again = best([Run([WEFT, "plan", "--all", "--json", "-C", mesh]) for _ in range(REPEAT)])
    report.row("all unchanged: wall", again.wall, "s", budget=0.1)
    with open(os.path.join(mesh, "domains", "d0", "p250", "p250.sql"), "a", encoding="utf-8") as file:
        file.write("UNION SELECT 2, 'b', 3.50, DATE '2026-01-02'\n")
    edited = best([Run([WEFT, "plan", "--all", "--json", "-C", mesh]) for _ in range(REPEAT)])
    ready = sum(p["verdict"] == "publish" for p in edited.json()["products"])
    report.row(f"one edited, {ready} to publish: wall", edited.wall, "s", budget=0.3)
    report.row("peak memory", ours.bytes / MIB, "MiB")
    return report


def grown(kind, what):
    report = Report(kind, f"{what}, {growing.ROWS:,} rows in the table, beside Delta Lake's Python library")
    ours, theirs = (best(runs) for runs in growing.measure(kind, REPEAT))
    report.row("wall", ours.wall, "s", theirs.wall, peer_name="deltalake (delta-rs)")
    report.row("CPU", ours.cpu, "s", theirs.cpu, peer_name="deltalake (delta-rs)")
    report.row("peak memory", ours.bytes / MIB, "MiB", theirs.bytes / MIB, peer_name="deltalake (delta-rs)")
    return report


def append():
    return grown("append", "1 % appended")


def merge():
    return grown("merge", "1 % merged by key, nine of ten keys there")


def decide():
    report = Report("decide", "one policy decision: 1,000 rules, 10,000 grants, 10,000 questions, all answers checked")
    (ours,) = found_by(report, "weft", engines.ours) or [{"p50_us": None, "p99_us": None}]
    report.row("p50", ours["p50_us"], "us", budget=1)
    report.row("p99", ours["p99_us"], "us")
    for name, engine in (("OPA", engines.opa), ("Cedar", engines.cedar)):
        for way in found_by(report, name, engine):
            for figure in ("p50", "p99"):
                report.row(f"{figure} beside {way['name']}", ours[figure + "_us"], "us", way[figure + "_us"],
                           peer_name=way["name"])
    return report


def search():
    report = Report("search", "2,000 searches in a catalog of 100,000 products with 8 columns each, 20 hits at most")
    program = tool("bench_search", os.path.join(CACHE, "search.db"), 100_000)
    Run(program)  # makes the mesh the first time
    found = Run(program).json()
    report.note(f"{found['entries']:,} entries: domains, products, tables and columns")
    for clock, budget in (("wall", 10), ("cpu", None)):
        for figure in ("p50", "p95", "p99"):
            report.row(f"{figure}, {clock}", found["ours"][clock][figure] / 1000, "ms", found["plain"][clock][figure] / 1000,
                       budget=budget if figure == "p95" else None, peer_name="one FTS5 table, bm25")
        report.row(f"p95, nine of ten products hidden, {clock}", found["tenth"][clock]["p95"] / 1000, "ms")
        report.row(f"\"did you mean\", median, {clock}", found["nearest"][clock]["p50"] / 1000, "ms")
    report.row("a publish that changes nothing", found["put_unchanged_us"] / 1000, "ms")
    report.row("a publish of a new product", found["put_new_us"] / 1000, "ms")
    return report


def found_by(report, name, engine):
    try:
        return engines.measure(engine)
    except engines.Missing as why:
        report.note(f"{name}: not measured, {why}")
        return []


def rls():
    report = Report("rls", f"PostgreSQL RLS against plain PostgreSQL: lineitem of TPC-H, scale {1 / row_security.PART:g}, "
                           f"half of the rows may be seen, best of {REPEAT}", left="RLS")
    try:
        found = row_security.measure(REPEAT)
    except row_security.Missing as why:
        report.note(f"PostgreSQL: not measured, {why}")
        return report
    for query in found:
        for way, beside in (("plain", "no filter"), ("by_hand", "the filter in WHERE")):
            report.row(f"{query.name}, {beside} beside", query.ms["secured"], "ms", query.ms[way],
                       peer_name=f"plain PostgreSQL, {beside}")
    return report


ALL = [publish, start, query, guard, governed, governed_proof, stream, checks, masks, validate, plan, append, merge, decide, rls, search]


def main():
    names = {f.__name__.replace("_", "-"): f for f in ALL}
    wanted = sys.argv[1:] or list(names)
    for name in wanted:
        if name not in names:
            raise SystemExit(f"bench: no benchmark \"{name}\"; there are {', '.join(names)}")
    over = [name for name in wanted if names[name]().close()]
    print(f"\nover budget: {', '.join(over)}" if over else "\neverything is within its budget")


main()
