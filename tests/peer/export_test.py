"""What `weft export` writes is what was published, read by DuckDB itself: names, types, rows, and who sees what.

A table with every type that is published is made by `weft new product` from a Parquet file that DuckDB wrote. The
exported file must have the columns and types that `weft catalog show` names, the rows that went in, in their order, and
be closed: no log beside it, and nothing for a reader that may write to do. A reader's copy has that reader's rows and
values, and no column that is hidden from it.
"""
import json
import os
import subprocess
import sys
import tempfile

import duckdb

WEFT = os.environ["WEFT"]
ROWS = 5000

# Name of the column: value of row i. NULL in every seventh row of all but the first.
COLUMNS = {
    "id": "i::INTEGER",
    "flag": "i % 2 = 0",
    "tiny": "(i % 100)::TINYINT",
    "big": "CASE i WHEN 1 THEN -9223372036854775808 ELSE i END::BIGINT",
    "single": "(i / 3)::FLOAT",
    "real": "CASE i WHEN 2 THEN 'nan' WHEN 3 THEN '-inf' ELSE (i / 7)::VARCHAR END::DOUBLE",
    "money": "(i * 1.25 - 100)::DECIMAL(12,2)",
    "wide": "CASE i WHEN 1 THEN '-1234567890123456789012345678.0123456789' ELSE i::VARCHAR END::DECIMAL(38,10)",
    "word": "CASE i WHEN 1 THEN '' WHEN 2 THEN repeat('ü', 300) ELSE 'word ' || i END",
    "kind": "(['red', 'green', 'blue'])[i % 3 + 1]::ENUM('red', 'green', 'blue')",
    "key": "uuid()",
    "bytes": "'\\x00\\xFF'::BLOB || encode('b' || i)",
    "day": "DATE '1969-12-30' + i::INTEGER",
    "moment": "TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i * 1234567) MICROSECOND",
    "instant": "TIMESTAMPTZ '2026-03-29 00:59:59.123456+00' + INTERVAL (i) HOUR",
    "place": "{'city': 'c' || i % 3, 'at': CASE WHEN i % 4 > 0 THEN {'lat': i / 2, 'lon': -i / 2} END}",
    "tags": "CASE WHEN i % 3 = 0 THEN [] ELSE ['t' || i, NULL] END",
    "deep": "[[{'k': i::INTEGER, 'v': [DATE '2026-01-01', NULL]}, NULL], []]",
    "counts": "CASE WHEN i % 3 = 0 THEN MAP {} ELSE MAP {'a': i, 'b': NULL} END",
    "select": "'a word of SQL ' || i",
}
PEOPLE = """apiVersion: weft/v1
kind: Principals
principals:
  - {name: ana, roles: [analyst]}
"""
POLICIES = {
    "read": "applies: {tables: things.kinds}\nallow: read\nwhen: {principal: {role: analyst}}",
    "some": "applies: {tables: things.kinds}\nrows: {id: [1, 2, 3, 4]}\nwhen: {principal: {role: analyst}}",
    "mask": "applies: {columns: {name: word}}\nmask: redact",
    "hide": "applies: {columns: {name: key}}\ndeny: column",
}

failures = []


def check(what, got, want):
    if got != want:
        failures.append(what)
        print(f"FAIL {what}:\n    {got}\n  not\n    {want}", flush=True)


def weft(mesh, *arguments):
    done = subprocess.run([WEFT, *arguments], cwd=mesh, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"weft {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def make_mesh(folder):
    source = os.path.join(folder, "kinds.parquet")
    parts = [f"CASE WHEN i % 7 > 0 THEN {value} END AS \"{name}\"" if name != "id" else f"{value} AS id"
             for name, value in COLUMNS.items()]
    duckdb.execute(f"COPY (SELECT {', '.join(parts)} FROM range({ROWS}) t(i)) TO '{source}' (FORMAT parquet)")
    weft(folder, "new", "product", "things.kinds", "--from", source, "--publish")
    return source


def described(db, relation):
    return [(row[0], row[1]) for row in db.execute(f"DESCRIBE FROM {relation}").fetchall()]


def types_and_rows(mesh, source):
    weft(mesh, "export", "things", "-f", "things.duckdb")
    check("files beside", [name for name in os.listdir(mesh) if "duckdb" in name], ["things.duckdb"])
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(f"ATTACH '{os.path.join(mesh, 'things.duckdb')}'")
    shown = json.loads(weft(mesh, "catalog", "show", "things.kinds", "--json"))
    columns = [(c["name"], c["type"]) for c in shown["ports"][0]["tables"][0]["columns"]]
    check("names", [name for name, _ in columns], list(COLUMNS))
    ours = dict(described(db, "things.kinds.kinds"))
    for name, kind in columns:
        # The catalog may spell a type otherwise; the engine says whether it is the same.
        same, = db.execute(f"SELECT typeof(NULL::{kind})").fetchone()
        check(f"type of {name}", ours.get(name), same)
    went_in = f"(SELECT * REPLACE (kind::VARCHAR AS kind, key::{ours['key']} AS key) FROM read_parquet('{source}'))"
    for left, right in (("things.kinds.kinds", went_in), (went_in, "things.kinds.kinds")):
        check(f"rows of {left} only",
              db.execute(f"SELECT count(*) FROM (FROM {left} EXCEPT ALL FROM {right})").fetchone(), (0,))
    check("order", db.execute("SELECT list(id) = range(5000) FROM things.kinds.kinds").fetchone(), (True,))
    print(f"{len(columns)} types, {ROWS} rows", flush=True)


def a_reader(mesh):
    os.makedirs(os.path.join(mesh, "principals"))
    with open(os.path.join(mesh, "principals", "people.yaml"), "w", encoding="utf-8") as file:
        file.write(PEOPLE)
    for name, says in POLICIES.items():
        with open(os.path.join(mesh, "policies", name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(f"apiVersion: weft/v1\nkind: Policy\nname: {name}\n{says}\n")
    weft(mesh, "export", "things", "--as", "ana", "-f", "ana.duckdb")
    db = duckdb.connect(os.path.join(mesh, "ana.duckdb"), read_only=True)
    check("ana's columns", [name for name, _ in described(db, "kinds.kinds")],
          [name for name in COLUMNS if name != "key"])
    check("ana's rows", db.execute("SELECT id, word FROM kinds.kinds").fetchall(),
          [(1, ""), (2, "x" * 300), (3, "xxxx 0"), (4, "xxxx 0")])
    with open(os.path.join(mesh, "ana.duckdb"), "rb") as file:
        check("bytes of a hidden row", b"word 2222" in file.read(), False)
    # A file that was finished is opened for writing without a word, and stays as it is.
    db.close()
    duckdb.connect(os.path.join(mesh, "ana.duckdb")).close()


def main():
    with tempfile.TemporaryDirectory(prefix="weft export ") as folder:
        source = make_mesh(folder)
        types_and_rows(folder, source)
        a_reader(folder)
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
