"""A table of 60 M rows to which 1 % is appended, or in which 1 % is changed by key, beside Delta Lake's Python library.

Both sides begin with the same base and are given the same Parquet files. What they hold afterwards must be equal.
All that reads rows is a process of its own: a child's peak memory is never less than what its parent had.
"""
import os
import shutil

import meshes
from measure import CACHE, PYTHON, WEFT, Run

ROWS = int(os.environ.get("BENCH_BIG_ROWS", "60000000"))
PART = ROWS // 100
PLACE = os.path.join(CACHE, f"growing-{ROWS}")
COLUMNS = [("id", "BIGINT"), ("customer", "INTEGER"), ("amount", "DECIMAL(12,2)"), ("day", "DATE"), ("note", "VARCHAR")]
RULES = {"id": ["required: true"], "amount": ["logicalTypeOptions: {minimum: 0}"], "note": ["required: true"]}
KEYED = dict(RULES, id=["primaryKey: true"])
MAKING = {
    "append": ("append", "customProperties:\n  - {property: weft.materialization, value: append}\n"
                         "  - {property: weft.incremental, value: {column: id}}\n", RULES, " WHERE id > $from"),
    "merge": ("merge", "customProperties:\n  - {property: weft.materialization, value: merge}\n", KEYED, ""),
}
ROW = """{id} AS id, (hash({id}, {salt}) % 1000000)::INTEGER AS customer,
    ((hash({id}, {salt} + 1) % 10000000) / 100)::DECIMAL(12,2) AS amount, DATE '2026-01-01' + ({id} // 200000)::INTEGER AS day,
    'note ' || (hash({id}, {salt} + 2) % 5000) AS note"""
BASE = """
import deltalake, pyarrow.dataset, sys
deltalake.write_deltalake(sys.argv[1], pyarrow.dataset.dataset(sys.argv[2]).scanner(batch_size=1 << 20).to_reader(), mode="overwrite")
"""
APPEND = """
import deltalake, pyarrow.parquet, sys
deltalake.write_deltalake(sys.argv[1], pyarrow.parquet.read_table(sys.argv[2]), mode="append")
"""
MERGE = """
import deltalake, pyarrow.parquet, sys
found = deltalake.DeltaTable(sys.argv[1]).merge(pyarrow.parquet.read_table(sys.argv[2]), "t.id = s.id", source_alias="s", target_alias="t")
found.when_matched_update_all().when_not_matched_insert_all().execute()
"""
MAKE = """
import duckdb, sys
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute(f"COPY (SELECT {sys.argv[2]} FROM range({sys.argv[3]}) r(n)) TO '{sys.argv[1]}' (FORMAT parquet)")
"""
# What a table holds: ours as a Parquet file, theirs as a Delta table.
SUMS = """
import deltalake, duckdb, sys
duckdb.execute("SET enable_progress_bar = false")
held = duckdb.read_parquet(sys.argv[2]) if sys.argv[1] == "ours" else deltalake.DeltaTable(sys.argv[2]).to_pyarrow_dataset()
print(duckdb.sql("SELECT count(*), sum(id), sum(customer), sum(amount), max(day), count(DISTINCT note) FROM held").fetchone())
"""


def rows_of(name, ids, id_of, salt):
    """A Parquet file, made once."""
    path = os.path.join(PLACE, "data", name + ".parquet")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        row = ROW.format(id=f"({id_of})::BIGINT", salt=salt)
        Run([PYTHON, "-c", MAKE, path + ".new", row, str(ids)])
        os.rename(path + ".new", path)
    return path


def part(kind, round_):
    """New ids, or of ten rows nine that are there, strewn over all of the base, and a new one."""
    if kind == "append":
        return rows_of(f"append-{round_}", PART, f"n + {ROWS + round_ * PART}", 7)
    there = f"(n * 100 + {round_ * 7}) % {ROWS}"
    return rows_of(f"merge-{round_}", PART, f"CASE WHEN n % 10 = 0 THEN {ROWS + round_ * PART} + n ELSE {there} END", 100 + round_)


def begin(kind, base):
    """(mesh, Delta table) with the base in them."""
    mesh, table = os.path.join(PLACE, kind), os.path.join(PLACE, kind + "-delta")
    word, properties, rules, where = MAKING[kind]
    meshes.empty_mesh(mesh, "bench")
    folder = os.path.join(mesh, "domains", "bench", word)
    path = os.path.join(mesh, "rows")
    os.makedirs(path)
    os.link(base, os.path.join(path, "base.parquet"))
    server = "servers:\n  - server: source\n    type: local\n    format: parquet\n    path: ../../../rows/*.parquet\n"
    meshes.write(folder, "product.odps.yaml",
                 text=meshes.product("bench." + word, word, "bench", [("source", "bench.source")]))
    meshes.write(folder, "source.odcs.yaml", text=meshes.contract("bench.source", "rows", COLUMNS, {}, server=server))
    meshes.write(folder, word + ".odcs.yaml", text=meshes.contract("bench." + word, word, COLUMNS, rules, server=properties))
    meshes.write(folder, word + ".sql", text="SELECT id, customer, amount, day, note FROM source.rows" + where + "\n")
    Run([WEFT, "publish", "--all", "--json", "-C", mesh])
    shutil.rmtree(table, ignore_errors=True)
    Run([PYTHON, "-c", BASE, table, base])
    return mesh, table


def bring(kind, mesh, file):
    """The part as what the source has new; a merge's source has nothing else."""
    target = os.path.join(mesh, "rows", os.path.basename(file))
    if kind == "merge":
        shutil.rmtree(os.path.dirname(target))
        os.makedirs(os.path.dirname(target))
    os.link(file, target)


def compare(kind, mesh, table):
    out = os.path.join(PLACE, "ours.parquet")
    Run([WEFT, "query", "-C", mesh, "-o", "parquet", "--file", out, f"FROM bench.{kind}.{kind}"])
    ours, theirs = (Run([PYTHON, "-c", SUMS, *held]).out for held in (("ours", out), ("theirs", table)))
    os.remove(out)
    if ours != theirs:
        raise SystemExit(f"bench: {kind}: ours holds {ours}, Delta Lake's {theirs}")


def measure(kind, repeat):
    """(our runs, theirs)."""
    base = rows_of("base", ROWS, "n", 1)
    mesh, table = begin(kind, base)
    ours, theirs = [], []
    for round_ in range(repeat):
        file = part(kind, round_)
        bring(kind, mesh, file)
        ours.append(Run([WEFT, "publish", "--all", "--json", "-C", mesh]))
        theirs.append(Run([PYTHON, "-c", {"append": APPEND, "merge": MERGE}[kind], table, file]))
    compare(kind, mesh, table)
    return ours, theirs
