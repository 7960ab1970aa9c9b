#!/usr/bin/env python3
"""Who sees what, proved against plain DuckDB: for each principal the 22 TPC-H and 99 TPC-DS queries and some on
odd values, over governed tables, give what DuckDB gives over copies that mask_oracle.py filtered and masked.

The usual run takes every query for some principals and every principal for some queries;
WEFT_GOVERNED_FULL=1 takes all. Arguments choose principals and queries: governed_test.py ana q05 ds14.
"""
import concurrent.futures
import decimal
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import governed_mesh
import mask_oracle
from governed_mesh import ROOT
from query_door import QueryDoor

WEFT = os.path.abspath(os.environ.get("WEFT") or os.path.join(ROOT, "build", "debug", "weft"))
FULL = bool(os.environ.get("WEFT_GOVERNED_FULL"))
SHARE = 7      # of the usual run: each principal takes every seventh query
# Who asks, and for what purpose. "gil" and "gus" see keyed hashes, compared by the values they stand for.
WHO = [("ada", None), ("ana", None), ("ana", "marketing"), ("bea", None), ("bea", "email-marketing"), ("bob", None),
       ("bob", "shipping"), ("carl", None), ("ines", None), ("dora", None), ("dan", None), ("eli", None), ("eva", None),
       ("fay", None), ("gus", None), ("gil", None), ("hal", "audit"), ("ida", None), ("jon", None), ("kim", None),
       ("lea", "marketing"), ("max", None), ("noa", "marketing"), ("ben", None), ("parcels", "shipping"), ("copilot", None),
       ("olga", None), ("otto", "operations"), ("nobody", None)]
HASHED = {("tpch", "customer", "c_custkey"): "c_name", ("tpcds", "customer", "c_customer_id"): "c_customer_sk"}
ODD = ["SELECT * FROM odd.things.things",
       "SELECT count(*) AS n, count(DISTINCT m_redact) AS a, max(m_email) AS b, min(m_first) AS c, max(m_last) AS d FROM odd.things.things",
       "SELECT m_zip, m_ip, count(*) AS n FROM odd.things.things GROUP BY ALL",
       "SELECT d_year, d_quarter, d_month, d_week, count(*) AS n FROM odd.things.things GROUP BY ALL",
       "SELECT i_bucket, sum(i_round) AS s, avg(c_round) AS a, sum(f_bucket) AS f FROM odd.things.things GROUP BY i_bucket",
       "SELECT a.id, b.id AS other FROM odd.things.things a JOIN odd.things.things b ON a.m_redact = b.m_redact AND a.t_day = b.t_day",
       "SELECT id, rank() OVER (ORDER BY c_bucket NULLS FIRST) AS r, lag(m_first) OVER (ORDER BY id) AS l FROM odd.things.things",
       "SELECT id FROM odd.things.things WHERE m_default = '' AND i_constant = 7 AND NOT b_default AND x_misfit IS NULL",
       "SELECT * FROM odd.things.things WHERE m_email LIKE 'x@%' OR i_round >= 1000 OR d_month = DATE '2026-07-01'",
       "SELECT m_regex, string_agg(id::VARCHAR, ',' ORDER BY id) AS ids FROM odd.things.things GROUP BY ALL",
       "SELECT COLUMNS('z_.*'), COLUMNS('[xy]_.*') FROM odd.things.things",
       "SELECT * EXCLUDE (id), id % 3 AS m FROM odd.things.things WHERE id IN (SELECT id FROM odd.things.things WHERE b_default)"]


# ---- queries ---------------------------------------------------------------------------------

def addressed(sql, schema, names):
    """The query with an address in place of each table's name, found by the engine's own parser."""
    tree = json.loads(duckdb.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()[0])
    if tree["error"]:
        return None
    places = set()

    def walk(node):
        if isinstance(node, dict):
            if node.get("type") == "BASE_TABLE" and node["table_name"].lower() in names and not node["schema_name"]:
                places.add((node["query_location"], node["table_name"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(tree)
    out = sql
    for at, name in sorted(places, reverse=True):
        assert out[at:at + len(name)].lower() == name.lower(), (sql, at, name)
        out = out[:at] + ".".join(governed_mesh.PRODUCTS[schema]) + "." + out[at:]
    return out


def all_queries(tables):
    """{name: SQL}: h01 … h22, ds01 … ds99, odd1 …"""
    found = {}
    for schema, prefix, last in (("tpch", "h", 22), ("tpcds", "ds", 99)):
        names = {t for s, t in tables if s == schema}
        for number in range(1, last + 1):
            with open(os.path.join(ROOT, "tests", "data", schema, f"q{number:02}.sql"), encoding="utf-8") as file:
                sql = addressed(file.read().strip().rstrip(";"), schema, names)
            if sql:    # one of TPC-DS does not parse on this engine
                found[f"{prefix}{number:02}"] = sql
    found.update((f"odd{i + 1}", sql) for i, sql in enumerate(ODD))
    return found


def without_limit(sql):
    return re.sub(r"\bLIMIT\s+\d+\s*$", "", sql.strip(), flags=re.I)


# ---- two answers -------------------------------------------------------------------------------

class Refused(Exception):
    pass


DOORS = {}    # one of each mesh and process


def ask_weft(mesh, who, sql):
    if mesh not in DOORS:
        DOORS[mesh] = QueryDoor(WEFT, mesh, 300, 100_000_000)
    outcome, answer = DOORS[mesh].ask(who, sql)
    if outcome != "rows":
        raise Refused(f"{outcome}: {answer.strip()}")
    return answer


def ask_duckdb(db, sql):
    try:
        return db.execute(sql).to_arrow_table()
    except (duckdb.BinderException, duckdb.CatalogException) as e:
        raise Refused(str(e).splitlines()[0]) from None


def plain(value, aliases):
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.9g}")
    if isinstance(value, decimal.Decimal):
        return str(value.normalize())
    return aliases.get(value, value) if isinstance(value, (int, str)) and not isinstance(value, bool) else \
        str(value) if isinstance(value, (dict, list)) else value


def rows_of(table, aliases):
    columns = [[plain(v, aliases) for v in table.column(i).to_pylist()] for i in range(table.num_columns)]
    return sorted(zip(*columns), key=lambda row: [(v is None, str(type(v)), v) if v is not None else (True, "", 0) for v in row])


def close(a, b):
    return a == b or isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9)


def difference(ours, theirs, our_names, their_names):
    """The first difference of two answers as bags of rows, or None."""
    if [str(t) for t in ours.schema.types] != [str(t) for t in theirs.schema.types]:
        return f"types {ours.schema.types} and {theirs.schema.types}"
    if ours.num_rows != theirs.num_rows:
        return f"{ours.num_rows} rows and {theirs.num_rows}"
    for a, b in zip(rows_of(ours, our_names), rows_of(theirs, their_names)):
        if not all(map(close, a, b)):
            return f"row {a} and {b}"
    return None


def compare(world, who, sql):
    """What is wrong, and whether the query gave rows, none, or was rightly refused."""
    try:
        theirs = ask_duckdb(world.db, sql)
    except Refused as e:
        theirs = e
    try:
        ours = ask_weft(world.mesh, who, sql)
    except Refused as e:
        ours = e
    if isinstance(theirs, Refused):
        return (None, "refused") if isinstance(ours, Refused) else (f"answered what cannot be bound: {theirs}", None)
    if isinstance(ours, Refused):
        if any(re.search(rf"\b{column}\b", sql) for column in world.unprojected) or "*" in sql and world.unprojected:
            return None, "refused"
        return f"refused: {ours}", None
    fault = difference(ours, theirs, world.our_names, world.their_names)
    if fault and without_limit(sql) != sql.strip():    # ties at the limit: any of them may come
        whole = without_limit(sql)
        if ours.num_rows == theirs.num_rows:
            fault = difference(ask_weft(world.mesh, who, whole), ask_duckdb(world.db, whole), world.our_names, world.their_names)
    return (fault, None) if fault else (None, "rows" if theirs.num_rows else "empty")


# ---- the world of one principal ---------------------------------------------------------------------

RAW, COPIES = {}, {}
ON_DISK = float(governed_mesh.SCALE) > 0.1    # copies are files then, made piece by piece
PIECE = 300_000                                # rows


def raw(data, schema, name):
    if (schema, name) not in RAW:
        RAW[schema, name] = pq.read_table(os.path.join(data, schema, name + ".parquet"))
    return RAW[schema, name]


def oracle_mark():
    """Changes with the second reading of the policies: copies of another one are made anew."""
    with open(mask_oracle.__file__, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def copy_on_disk(data, schema, table, key, copied):
    """The copy as a Parquet file beside the data, kept for the next run."""
    folder = os.path.join(data, "copies")
    path = os.path.join(folder, table.name + "-" + hashlib.sha256((oracle_mark() + key).encode()).hexdigest()[:24] + ".parquet")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        whole = pq.ParquetFile(os.path.join(data, schema, table.name + ".parquet"))
        with pq.ParquetWriter(path + ".part", copied(whole.schema_arrow.empty_table()).schema) as writer:
            for piece in whole.iter_batches(PIECE):
                writer.write_table(copied(pa.Table.from_batches([piece])))
        os.replace(path + ".part", path)
    return path


class World:
    """DuckDB with the tables that the queries name, as one principal sees them."""

    def __init__(self, mesh, data, who, queries, config=None):
        self.mesh, self.db, self.unprojected = mesh, duckdb.connect(config=config or {"threads": 1}), set()
        self.our_names, self.their_names = {}, {}
        language, tables = mask_oracle.Mesh(mesh), governed_mesh.tables_of(data)
        principal, purpose = language.principals[who[0]], who[1]
        for domain, product in governed_mesh.PRODUCTS.values():
            self.db.execute(f"ATTACH ':memory:' AS {domain}; CREATE SCHEMA {domain}.{product}")
        named = {word for sql in queries.values() for word in re.findall(r"\w+\.\w+\.\w+", sql.lower())}
        for (schema, name), table in tables.items():
            if f"{table.domain}.{table.product}.{name}" not in named or not language.may_read(table, principal, purpose):
                continue
            decision = language.decide(table, principal, purpose)
            key = repr((schema, name, decision, sorted(principal.attributes.items(), key=str), purpose))
            address = f"{table.domain}.{table.product}.{name}"
            if ON_DISK:
                path = copy_on_disk(data, schema, table, key,
                                    lambda rows, t=table, d=decision: language.copy(rows, t, principal, purpose, d))
                self.db.execute(f"CREATE VIEW {address} AS FROM read_parquet('{path}')")
            else:
                if key not in COPIES:
                    COPIES[key] = language.copy(raw(data, schema, name), table, principal, purpose, decision)
                seen = COPIES[key]
                self.db.execute(f"CREATE TABLE {address} AS FROM seen")
            columns = decision["columns"]
            self.unprojected |= {c for c in columns if columns[c]["unprojected"]}
            self.name_hashes(data, schema, name, columns)

    def name_hashes(self, data, schema, table, columns):
        """What each keyed hash stands for, found by a column that is clear for gil."""
        for (s, t, column), by in HASHED.items():
            if (s, t) != (schema, table) or not any(mask_oracle.named(m)[0] == "hash" for m, _ in columns[column]["masks"]):
                continue
            clear = {k: v for k, v in zip(*(raw(data, s, t).column(c).to_pylist() for c in (by, column)))}
            address = ".".join(governed_mesh.PRODUCTS[s]) + "." + t
            ours = ask_weft(self.mesh, ("gil", None), f"SELECT {by}, {column} FROM {address}")
            hashes = {h: clear[k] for k, h in zip(*(c.to_pylist() for c in ours.columns))}
            assert len(hashes) == len(clear) and not set(hashes) & set(clear.values()), f"{column}: not one hash for each value"
            self.our_names.update((h, f"{column} {v}") for h, v in hashes.items())
            self.their_names.update((mask_oracle.MASKS["hash"](v, None), f"{column} {v}") for v in clear.values())


def try_principal(mesh, data, who, queries):
    """[(query, fault, how it ended)] of one principal."""
    world, out = World(mesh, data, who, queries), []
    for name, sql in queries.items():
        try:
            out.append((name, *compare(world, who, sql)))
        except Exception as e:    # one query must not hide the others
            out.append((name, f"{type(e).__name__}: {e}", None))
    return who, out


def tell(who, results):
    """What came of one principal, when there are many queries for each."""
    if FULL:
        count = {e: sum(ended == e for _, _, ended in results) for e in ("rows", "empty", "refused")}
        print(f"{who[0]}{' for ' + who[1] if who[1] else ''}: {count['rows']} equal, {count['empty']} equal and empty, "
              f"{count['refused']} rightly refused, {sum(bool(fault) for _, fault, _ in results)} wrong", flush=True)


def chosen(queries, words):
    """{who: queries} of this run."""
    people = [w for w in WHO if not words & {p for p, _ in WHO} or w[0] in words]
    names = [q for q in queries if not words & set(queries) or q in words]
    every = FULL or words
    return {who: {q: queries[q] for j, q in enumerate(names) if every or (i + j) % SHARE == 0} for i, who in enumerate(people)}


def main():
    words = set(sys.argv[1:])
    data = os.path.join(os.getcwd(), "governed-data-" + governed_mesh.SCALE)
    governed_mesh.make_data(data)
    tables = governed_mesh.tables_of(data)
    queries = all_queries(tables)
    root = tempfile.mkdtemp(prefix="weft-governed-")
    mesh, counts, faults = os.path.join(root, "mesh"), {}, 0
    try:
        governed_mesh.make_mesh(mesh, data, tables, WEFT)
        runs = chosen(queries, words)
        with concurrent.futures.ProcessPoolExecutor(min(len(runs), os.cpu_count() or 2)) as pool:
            jobs = [pool.submit(try_principal, mesh, data, who, mine) for who, mine in runs.items()]
            for job in concurrent.futures.as_completed(jobs):
                who, results = job.result()
                tell(who, results)
                for query, fault, ended in results:
                    counts[query, ended] = counts.get((query, ended), 0) + 1
                    if fault:
                        faults += 1
                        print(f"FAILED {who[0]} for {who[1]}, {query}: {fault[:600]}", flush=True)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    totals = {e: sum(n for (_, ended), n in counts.items() if ended == e) for e in ("rows", "empty", "refused")}
    with_rows = {q for q, ended in counts if ended == "rows"}
    print(f"{len(runs)} principals and purposes, {len({q for q, _ in counts})} queries ({len(with_rows)} gave rows): "
          f"{totals['rows']} answers equal, {totals['empty']} equal and empty, {totals['refused']} rightly refused, {faults} wrong")
    return 1 if faults or not totals["rows"] else 0


if __name__ == "__main__":
    sys.exit(main())
