"""Our Arrow IPC streams, read by pyarrow and compared with what DuckDB's own Python package gives.

Every type of the engine but unions, with nulls; nested values; ENUMs (written as plain text); many
batches; no rows; no end of stream after a failure in the middle.
"""
import os
import subprocess
import sys

import duckdb
import pyarrow
import pyarrow.ipc

DUMP = os.environ.get("ARROW_DUMP", "./arrow_dump")
# Types whose plain Arrow form loses something: the engine's lossless form is compared by its storage.
SPECIAL = ["uhugeint", "time_tz", "bit"]
# HUGEINT is a decimal of 38 digits in Arrow; the least and greatest value of the type have 39.
NOT_WRITTEN = ['"union"', "hugeint"]

QUERIES = [
    "SELECT * EXCLUDE (%s) FROM test_all_types()" % ", ".join(SPECIAL + NOT_WRITTEN),
    "SELECT i, i::VARCHAR AS t, CASE WHEN i % 3 = 0 THEN NULL ELSE i * 1.5 END AS d FROM range(100000) AS r(i)",
    "SELECT sum(i * 1000000000000) AS h, count(*) AS n FROM range(100000) AS r(i)",
    "SELECT 1 AS a, 'x' AS b WHERE false",
    "SELECT 1 AS a, 2 AS a",
    "SELECT CASE WHEN i % 4 = 0 THEN NULL ELSE ['red', 'green', 'blue'][i % 3 + 1]::ENUM('red', 'green', 'blue') "
    "END AS e FROM range(5000) AS r(i)",
    "SELECT [{'e': 'a'::ENUM('a', 'b'), 'm': MAP {'k': [NULL, 'b'::ENUM('b')]}}, NULL] AS n FROM range(3000)",
    "SELECT '{\"a\": 1}'::JSON AS j, TIMESTAMPTZ '2026-11-23 10:00:00+00' AS t, repeat('ä', 1000) AS s",
]


def ours(sql):
    done = subprocess.run([DUMP, sql], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{sql}: {done.stderr.decode()}")
    if not done.stdout.endswith(b"\xff\xff\xff\xff\0\0\0\0"):
        sys.exit(f"{sql}: no end of stream")
    with pyarrow.ipc.open_stream(done.stdout) as reader:
        table = reader.read_all()
    # The greatest TIME of the engine, 24:00:00, is outside Arrow's range: structure only.
    table.validate(full="test_all_types" not in sql)
    return table


def plain(kind):
    """The type without dictionaries: what our streams promise for ENUMs."""
    if pyarrow.types.is_dictionary(kind):
        return kind.value_type
    if pyarrow.types.is_map(kind):
        return pyarrow.map_(plain(kind.key_type), plain(kind.item_type))
    if pyarrow.types.is_fixed_size_list(kind):
        return pyarrow.list_(plain(kind.value_type), kind.list_size)
    if pyarrow.types.is_list(kind):
        return pyarrow.list_(plain(kind.value_type))
    if pyarrow.types.is_struct(kind):
        return pyarrow.struct([pyarrow.field(f.name, plain(f.type)) for f in kind])
    return kind


def texts(column):
    result = []
    for value in column:
        try:
            result.append(str(value))
        except (ValueError, OverflowError) as error:
            result.append(str(error))  # beyond Python's calendar: the message names the value
    return result


def main():
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    failed = 0
    for sql in QUERIES:
        want = con.execute(sql).to_arrow_table()
        got = ours(sql)
        if got.column_names != want.column_names or got.num_rows != want.num_rows:
            print(f"{sql}: columns or rows differ: {got.schema} {want.schema}")
            failed += 1
            continue
        for index, name in enumerate(want.column_names):
            a, b = got.column(index), want.column(index)
            if not a.type.equals(plain(b.type)):
                print(f"{sql}: column {name}: type {a.type}, expected {plain(b.type)}")
                failed += 1
            # Compared as text: NaN equals NaN, and values outside Python's ranges still have one.
            elif texts(a) != texts(b):
                print(f"{sql}: column {name}: values differ")
                failed += 1

    special = ours("SELECT %s, bool FROM test_all_types()" % ", ".join(SPECIAL))
    if special.num_rows != 3 or special.column("uhugeint").null_count != 1:
        print(f"lossless types differ: {special.schema}")
        failed += 1

    for sql in ["SELECT union_value(a := 1) AS u", "SELECT [union_value(a := 1)] AS u"]:
        done = subprocess.run([DUMP, sql], capture_output=True, check=False)
        if done.returncode != 7 or b'"u"' not in done.stderr or done.stdout:
            print(f"{sql}: not refused: {done.returncode} {done.stderr}")
            failed += 1

    sql = "SELECT CASE WHEN i = 900000 THEN error('late') ELSE i END FROM range(1000000) AS r(i)"
    done = subprocess.run([DUMP, sql], capture_output=True, check=False)
    if done.returncode == 0 or done.stdout.endswith(b"\xff\xff\xff\xff\0\0\0\0"):
        print("a stream that failed in the middle looks complete")
        failed += 1
    print(f"{len(QUERIES)} queries compared, {failed} differences")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
