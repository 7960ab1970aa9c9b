"""Row security of PostgreSQL on a table of TPC-H, in a server of its own that is gone afterwards.

One table, one filter, three scans, each asked three ways: as a reader who sees every row, as one whom a policy
lets see about half of them, and as the first again with the policy's filter written in the query by hand. The
answers of the last two must be equal. QUERIES and FILTER are plain SQL, so that another engine can be asked
the same on meshes.TPCH.
"""
import os
import re
import subprocess

import duckdb

import meshes
from measure import CACHE, PYTHON, ROOT

PG = os.path.join(ROOT, "tests", "support", "pg")
PLACE = os.path.join(CACHE, "pg")
PART = int(os.environ.get("BENCH_RLS_PART", "1"))  # one row of how many: 5 is about the size of scale 0.2
FILTER = "l_returnflag <> 'R' AND l_suppkey <= 6667"
QUERIES = {
    "sum of all rows": "SELECT count(*), sum(l_extendedprice * (1 - l_discount)) FROM {table}",
    "groups": "SELECT l_returnflag, l_linestatus, sum(l_quantity), avg(l_extendedprice), count(*) FROM {table} "
              "WHERE l_shipdate <= DATE '1998-09-02' GROUP BY 1, 2 ORDER BY 1, 2",
    "text search": "SELECT count(*), min(l_comment) FROM {table} WHERE l_comment LIKE '%special%'",
}
TABLE = """CREATE UNLOGGED TABLE lineitem (l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int,
    l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2),
    l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date,
    l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44));
COPY lineitem FROM STDIN (FORMAT csv);
"""
TO_CSV = """
import duckdb, sys
duckdb.execute("SET enable_progress_bar = false")
duckdb.execute(f"COPY ({sys.argv[1]}) TO '/dev/stdout' (FORMAT csv, HEADER false)")
"""
SECURE = f"""CREATE ROLE reader; CREATE ROLE analyst;
GRANT SELECT ON lineitem TO reader, analyst;
ALTER TABLE lineitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON lineitem FOR SELECT TO reader USING (true);
CREATE POLICY half ON lineitem FOR SELECT TO analyst USING ({FILTER});
VACUUM (FREEZE, ANALYZE) lineitem;
"""


class Missing(Exception):
    """Why there is no server."""


class Scan:
    """One query: best times in ms and the answers, by the way it was asked."""

    def __init__(self, name):
        self.name, self.ms, self.answers = name, {}, {}

    def add(self, way, ms, answer):
        if self.answers.setdefault(way, answer) != answer:
            raise SystemExit(f"bench: {self.name}: two answers to the same question: {answer}")
        self.ms[way] = min(ms, self.ms.get(way, ms))

    def check(self):
        if self.answers["secured"] != self.answers["by_hand"] or self.answers["secured"] == self.answers["plain"]:
            raise SystemExit(f"bench: {self.name}: the policy does not filter as the WHERE does: {self.answers}")


def sql(text):
    return subprocess.run([PG, "sql", PLACE], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def load():
    """The rows of the Parquet file, as CSV through a pipe."""
    rows = f"FROM read_parquet('{meshes.data()}/lineitem.parquet') WHERE l_orderkey // 32 % {PART} = 0"
    with subprocess.Popen([PG, "sql", PLACE], stdin=subprocess.PIPE) as client:
        client.stdin.write(TABLE.encode())
        client.stdin.flush()
        subprocess.run([PYTHON, "-c", TO_CSV, "SELECT * " + rows], stdout=client.stdin, check=True)
        client.stdin.write(b"\\.\n")
    sql(SECURE)
    count = int(sql("SELECT count(*) FROM lineitem;"))
    (wanted,) = duckdb.execute("SELECT count(*) " + rows).fetchone()
    if client.returncode != 0 or count != wanted:
        raise SystemExit(f"bench: PostgreSQL took {count} of {wanted} rows")


def asked(way, query):
    """A query with the role and the table of one way to ask it."""
    by_hand = f"(SELECT * FROM lineitem WHERE {FILTER}) AS lineitem"
    role = "analyst" if way == "secured" else "reader"
    return f"SET ROLE {role};\n\\timing on\n{query.format(table=by_hand if way == 'by_hand' else 'lineitem')};\n\\timing off\n"


def scan(name, query, repeat):
    """The ways in turns, so that the machine's moods reach all of them; the first round is not timed."""
    found = Scan(name)
    for turn in range(repeat + 1):
        for way in ("plain", "secured", "by_hand"):
            answer, ms = re.fullmatch(r"(.*)Time: ([0-9.]+) ms.*", sql(asked(way, query)), re.DOTALL).groups()
            if turn > 0:
                found.add(way, float(ms), answer)
    found.check()
    return found


def measure(repeat):
    """A list of Scan; the server is stopped and removed however this ends."""
    started = subprocess.run([PG, "start", PLACE, "--owner", str(os.getpid()), "--set", "shared_buffers=2GB"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if started.returncode != 0:
        raise Missing(started.stderr.strip())
    try:
        load()
        return [scan(name, query, repeat) for name, query in QUERIES.items()]
    finally:
        subprocess.run([PG, "stop", PLACE], check=False)
