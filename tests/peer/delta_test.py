"""The folder of every table is a Delta table: read back equal at each version by programs that are not ours.

A mesh of four products is published version by version from files that DuckDB writes: full and appended tables, new
columns, no rows, every type that is published, partitions, names that Parquet readers refuse, more than ten versions with
checkpoints. After that each version is read through delta-rs, DuckDB's delta extension and (WEFT_PEER_SPARK=1, where
PySpark and Delta's jars are) Spark, and compared with what went in and with `weft query ... AT (VERSION => n)`.
Statistics must hide no row; a log without the versions before its checkpoint reads the same; a log that was
taken away comes back byte for byte; a foreign writer is seen and never overwritten.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

import deltalake
import duckdb
import duckdb_extension_delta
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from deltalake import DeltaTable, QueryBuilder

WEFT = os.environ["WEFT"]
SPARK = os.environ.get("WEFT_PEER_SPARK") == "1"
FULL = os.environ.get("WEFT_DELTA_FULL") == "1"
failures = []

# Column: type of the contract, value of row i as SQL. NULL in every fifth row.
KINDS = {
    "flag": ("BOOLEAN", "i % 2 = 0"),
    "tiny": ("TINYINT", "(i % 256 - 128)::TINYINT"),
    "small": ("SMALLINT", "(i * 37 % 65536 - 32768)::SMALLINT"),
    "whole": ("INTEGER", "CASE i WHEN 1 THEN -2147483648 WHEN 2 THEN 2147483647 ELSE i END::INTEGER"),
    "big": ("BIGINT", "CASE i WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE i END::BIGINT"),
    "single": ("FLOAT", "(i / 3)::FLOAT"),
    "real": ("DOUBLE", "CASE i WHEN 3 THEN 1e300 WHEN 4 THEN -0.0 ELSE i / 7 END::DOUBLE"),
    "odd_real": ("DOUBLE", "CASE i WHEN 1 THEN 'nan' WHEN 2 THEN 'inf' WHEN 3 THEN '-inf' ELSE '1.5' END::DOUBLE"),
    "money": ("DECIMAL(12,2)", "(i * 1.25 - 100)::DECIMAL(12,2)"),
    "small_money": ("DECIMAL(4,1)", "(i % 100 / 10)::DECIMAL(4,1)"),
    "wide": ("DECIMAL(38,10)", "CASE i WHEN 1 THEN '-1234567890123456789012345678.0123456789' ELSE i::VARCHAR END"
                               "::DECIMAL(38,10)"),
    "word": ("VARCHAR", "CASE i WHEN 1 THEN '' WHEN 2 THEN repeat('ü', 60) || i WHEN 3 THEN repeat('z', 100) "
                        "WHEN 4 THEN 'a\"b\\c' || chr(10) || '''' ELSE 'word ' || i END"),
    "long_word": ("VARCHAR", "CASE i WHEN 3 THEN repeat('z', 300) ELSE 'word ' || i END"),
    "high_word": ("VARCHAR", "CASE i WHEN 3 THEN repeat(chr(1114111), 40) ELSE 'word ' || i END"),
    "bytes": ("BLOB", "('\\x00\\xFF'::BLOB || encode('b' || i))"),
    "day": ("DATE", "CASE i WHEN 1 THEN DATE '0001-01-01' WHEN 2 THEN DATE '9999-12-31' ELSE DATE '1969-12-30' + i::INTEGER END"),
    "moment": ("TIMESTAMP", "TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i * 1234567) MICROSECOND"),
    "instant": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2026-03-29 00:59:59.123456+00' + INTERVAL (i) HOUR"),
    "small_plus": ("UTINYINT", "(i % 256)::UTINYINT"),
    "whole_plus": ("UINTEGER", "(4294967295 - i)::UINTEGER"),
    "place": ("STRUCT(city VARCHAR, \"at\" STRUCT(lat DOUBLE, lon DOUBLE))",
              "{'city': 'c' || i % 3, 'at': CASE WHEN i % 4 > 0 THEN {'lat': i / 2, 'lon': -i / 2} END}"),
    "tags": ("VARCHAR[]", "CASE WHEN i % 3 = 0 THEN [] ELSE ['t' || i, NULL] END"),
    "deep": ("STRUCT(k INTEGER, v DATE[])[][]", "[[{'k': i::INTEGER, 'v': [DATE '2026-01-01', NULL]}, NULL], []]"),
    "counts": ("MAP(VARCHAR, BIGINT)", "CASE WHEN i % 3 = 0 THEN MAP {} ELSE MAP {'a': i, 'b': NULL} END"),
    "lists": ("MAP(INTEGER, STRUCT(x DECIMAL(5,2), y VARCHAR)[])", "MAP {i::INTEGER: [{'x': 1.25, 'y': 'y'}]}"),
}
# Bounds and equality are looked up in these.
SPARK_VALUES = 10  # of each column, for Spark is slow
SOUGHT = ["flag", "tiny", "small", "whole", "big", "single", "real", "odd_real", "money", "small_money", "wide", "word",
          "long_word", "high_word",          "day", "moment", "instant", "small_plus", "whole_plus"]
ODD = {"a b": ("INTEGER", "i::INTEGER"), "x;y{z}": ("VARCHAR", "'o' || i"),
       "in": ("STRUCT(\"k=v\" INTEGER, plain VARCHAR)", "{'k=v': i::INTEGER, 'plain': 'p'}"),
       "at": ("TIMESTAMP", "TIMESTAMP '2026-01-01' + INTERVAL (i) DAY")}
ZONED = {"id": ("BIGINT", "i"), "instant": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2026-01-01 00:00:00+00' + INTERVAL (i) DAY")}
EVENTS = {"id": ("BIGINT", "i"), "what": ("VARCHAR", "'event ' || i")}
EVENTS_MORE = {**EVENTS, "note": ("VARCHAR", "'note ' || i"), "at": ("TIMESTAMP", "TIMESTAMP '2026-05-01' + INTERVAL (i) HOUR")}
# The rows of a publish replace the partitions that they lie in. The empty text is a partition that Delta does not have.
PARTS = {"id": ("BIGINT", "i"), "day": ("DATE", "DATE '2026-01-01' + (i % 3)::INTEGER"), "flag": ("BOOLEAN", "i % 2 = 0"),
         "word": ("VARCHAR", "CASE i % 6 WHEN 0 THEN '' WHEN 1 THEN 'a b/ü%=:' WHEN 2 THEN 'x' WHEN 3 THEN 'NULL' "
                             "WHEN 4 THEN '__HIVE_DEFAULT_PARTITION__' ELSE 'y' END")}
APPENDS = 23
EVERY = 20  # one of so many values is sought in a usual run, and the least and greatest; WEFT_DELTA_FULL=1: all


def connect():
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.execute("LOAD '%s'" % glob.glob(os.path.join(os.path.dirname(duckdb_extension_delta.__file__), "extensions", "*",
                                                     "delta.duckdb_extension"))[0])
    return con


def check(what, holds, details=""):
    if not holds:
        failures.append(what)
        print(f"FAILED {what} {details}")


def quote(name):
    return '"' + name.replace('"', '""') + '"'


class Table:
    """One table of the mesh, its contract, and the rows that each of its versions must have."""

    def __init__(self, mesh, product, name, columns, append=False, partitioned=()):
        self.mesh, self.product, self.name, self.append = mesh, product, name, append
        self.partitioned = list(partitioned)
        self.address = f"lab.{product}_v1.{name}"
        self.folder = os.path.join(mesh.root, ".weft", "objects", "lab", product, name, "v1")
        self.versions = []  # files of rows, and the columns they have
        self.release = 0
        self.write_documents(columns)

    def write_documents(self, columns):
        self.columns = columns
        at = os.path.join(self.mesh.root, "domains", "lab", self.product)
        os.makedirs(at, exist_ok=True)
        custom = [{"property": "weft.build", "value": "delivered"}]
        if self.append:
            custom.append({"property": "weft.materialization", "value": "append"})
        if self.partitioned:
            custom.append({"property": "weft.materialization", "value": "partitions"})
        contract = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": f"lab.{self.product}", "status": "active",
                    "version": f"1.{self.release}.0", "customProperties": custom,
                    "schema": [{"name": self.name, "description": f'Rows of "{self.name}"\nfor readers',
                                "properties": [{"name": name, "physicalType": kind, "description": f"column {name}"}
                                               for name, (kind, _) in columns.items()]}]}
        product = {"apiVersion": "v1.0.0", "kind": "DataProduct", "id": f"lab.{self.product}", "name": self.product,
                   "status": "active", "outputPorts": [{"name": self.name, "version": f"1.{self.release}.0",
                                                        "contractId": f"lab.{self.product}"}]}
        for column in contract["schema"][0]["properties"]:
            if column["name"] in self.partitioned:
                column |= {"partitioned": True, "partitionKeyPosition": self.partitioned.index(column["name"]) + 1}
        for name, document in ((self.name + ".odcs.yaml", contract), ("product.odps.yaml", product)):
            with open(os.path.join(at, name), "w", encoding="utf-8") as file:
                yaml.safe_dump(document, file, sort_keys=False, allow_unicode=True)
        self.release += 1

    def publish(self, first, count, code=0):
        """Rows first … first + count - 1 become the next version, or are added to it."""
        path = os.path.join(self.mesh.root, "data", f"{self.product} {len(self.versions)}.parquet")
        columns = ", ".join(f"CASE WHEN i % 5 > 0 OR i = 0 THEN {value} END AS {quote(name)}"
                            for name, (_, value) in self.columns.items())
        self.mesh.con.execute(f"COPY (SELECT {columns} FROM range({first}, {first + count}) r(i)) TO '{path}' (FORMAT parquet)")
        files = self.versions[-1][0] if (self.append or self.partitioned) and self.versions else []
        self.versions.append((files + [path], self.columns))
        return self.mesh.weft("publish", f"lab.{self.product}", "--data", f"{self.name}={path}", code=code)

    def expected(self, version):
        """The rows that went in, as the columns are published."""
        files, columns = self.versions[version - 1]
        stored = {"UTINYINT": "SMALLINT", "UINTEGER": "BIGINT"}
        select = ", ".join(f"CAST({quote(n)} AS {stored.get(k, k)}) AS {quote(n)}" for n, (k, _) in columns.items())
        if self.partitioned:
            return self.replaced(files, select)
        return self.mesh.con.sql(f"SELECT {select} FROM read_parquet({files!r}, union_by_name = true)")

    def replaced(self, files, select):
        """Of each partition the rows of the last file that has some."""
        keys = ", ".join(quote(name) for name in self.partitioned)
        rows_of = " UNION ALL BY NAME ".join(f"SELECT *, {n} AS n FROM read_parquet('{path}')" for n, path in enumerate(files))
        return self.mesh.con.sql(f"SELECT {select} FROM ({rows_of}) QUALIFY n = max(n) OVER (PARTITION BY {keys})")

    def at(self, version):
        return DeltaTable(self.folder, version=version)


class Mesh:
    def __init__(self, root):
        self.root, self.con = root, connect()
        for folder in ("data", "domains/lab"):
            os.makedirs(os.path.join(root, folder))
        with open(os.path.join(root, "mesh.yaml"), "w", encoding="utf-8") as file:
            file.write("apiVersion: weft/v1\nkind: Mesh\nname: lab\n")
        with open(os.path.join(root, "domains/lab/domain.yaml"), "w", encoding="utf-8") as file:
            file.write("apiVersion: weft/v1\nkind: Domain\nname: lab\n")

    def weft(self, *args, code=0):
        done = subprocess.run([WEFT, *args, "-C", self.root], capture_output=True, text=True, check=False)
        if done.returncode != code:
            sys.exit(f"weft {args}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr


# --------------------------------------------------------------------------- comparing

def rows(con, relation):
    """Rows as sorted texts: NaN equals NaN, and every type has one."""
    names = [quote(n) for n in con.sql(f"SELECT * FROM {relation} LIMIT 0").columns]
    return names, sorted(con.sql("SELECT %s FROM %s" % (", ".join(f"CAST({n} AS VARCHAR)" for n in names), relation)).fetchall(),
                         key=repr)


def delta_rs(table, version):
    return pa.table(QueryBuilder().register("t", table.at(version)).execute("SELECT * FROM t").read_all())


def compare_version(table, version, spark):
    con = table.mesh.con
    want_relation = table.expected(version)
    con.register("want", want_relation.to_arrow_table())
    names, want = rows(con, "want")
    sql = table.address.replace("_v1", "") if version == len(table.versions) else None
    out = os.path.join(table.mesh.root, "data", "answer.parquet")
    for address in filter(None, (sql, f"{table.address} AT (VERSION => {version})")):
        if os.path.exists(out):
            os.remove(out)
        table.mesh.weft("query", "-o", "parquet", "-f", out, f"FROM {address}")
        check(f"{address}: weft query", rows(con, f"read_parquet('{out}')") == (names, want))
    got = delta_rs(table, version)
    con.register("got", got)
    check(f"{table.address} version {version}: delta-rs", rows(con, "got") == (names, want))
    check(f"{table.address} version {version}: DuckDB",
          rows(con, f"delta_scan('{table.folder}', version = {version})") == (names, want))
    if spark:
        path = os.path.join(table.mesh.root, "data", "spark.parquet")
        shutil.rmtree(path, ignore_errors=True)
        frame = spark.read.format("delta").option("versionAsOf", version).load(table.folder)
        frame.write.parquet(path)
        # Spark writes an empty folder for no rows; the schema is that of the frame.
        got = rows(con, f"read_parquet('{path}/*.parquet')") if want else ([quote(c) for c in frame.columns], [])
        check(f"{table.address} version {version}: Spark", got == (names, want))
    return len(want)


def compare_sought(table, version, spark):
    """Each value that is there is found by programs that skip files by their statistics."""
    con, looked = table.mesh.con, 0
    con.register("want", table.expected(version).to_arrow_table())
    builder = QueryBuilder().register("t", table.at(version))
    if spark:
        spark.read.format("delta").option("versionAsOf", version).load(table.folder).createOrReplaceTempView("t")
    for name in SOUGHT:
        kind = con.sql(f"SELECT {quote(name)} FROM want").types[0]
        values = con.sql(f"SELECT CAST({quote(name)} AS VARCHAR) AS v, count(*) FROM want WHERE {quote(name)} IS NOT NULL "
                         f"GROUP BY ALL ORDER BY min({quote(name)})").fetchall()
        extremes = values[:SPARK_VALUES // 2] + values[-SPARK_VALUES // 2:]
        if not FULL:
            values = sorted(set(extremes + values[::EVERY]))
        for text, count in values:
            literal = "CAST('%s' AS %s)" % (text.replace("'", "''"), kind)
            where = f"{quote(name)} = {literal}"
            got = con.sql(f"SELECT count(*) FROM delta_scan('{table.folder}', version = {version}) WHERE {where}").fetchone()[0]
            check(f"{name} = {text[:40]!r}: DuckDB", got == count, f"{got}, not {count}")
            looked += 1
            if text in ("nan", "inf", "-inf") or kind in ("TIMESTAMP WITH TIME ZONE", "FLOAT") or "\n" in text:
                continue
            sql = f"SELECT count(*) AS n FROM t WHERE {where}"
            got = pa.table(builder.execute(sql).read_all())["n"][0].as_py()
            check(f"{name} = {text[:40]!r}: delta-rs", got == count, f"{got}, not {count}")
            if spark and (text, count) in extremes and "\\" not in text:
                spark_sql = sql.replace('"', "`").replace("VARCHAR", "STRING").replace("TIMESTAMP)", "TIMESTAMP_NTZ)")
                got = spark.sql(spark_sql).collect()[0][0]
                check(f"{name} = {text[:40]!r}: Spark", got == count, f"{got}, not {count}")
    return looked


def read_log(folder):
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "_delta_log", "*"))):
        with open(path, "rb") as file:
            found[os.path.basename(path)] = file.read()
    return found


def actions(table, version):
    with open(os.path.join(table.folder, "_delta_log", f"{version:020}.json"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def action(table, version, name):
    return [a[name] for a in actions(table, version) if name in a]


# --------------------------------------------------------------------------- what a log says

def check_protocols(tables):
    plain = {"minReaderVersion": 1, "minWriterVersion": 2}
    ntz = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["timestampNtz"],
           "writerFeatures": ["appendOnly", "invariants", "timestampNtz"]}
    mapped = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["columnMapping", "timestampNtz"],
              "writerFeatures": ["appendOnly", "invariants", "columnMapping", "timestampNtz"]}
    for name, version, want in (("zoned", 0, plain), ("kinds", 0, ntz), ("odd", 0, mapped), ("events", 0, plain), ("events", 6, ntz)):
        check(f"protocol of {name}", action(tables[name], version, "protocol") == [want], actions(tables[name], version))
    check("a schema that stays is said once", not action(tables["events"], 5, "metaData"))
    meta = action(tables["events"], 6, "metaData")[0]
    first = action(tables["events"], 0, "metaData")[0]
    check("the id of a table stays", meta["id"] == first["id"] and meta["createdTime"] == first["createdTime"])
    fields = json.loads(meta["schemaString"])["fields"]
    check("comments are those of the contract", [f["metadata"]["comment"] for f in fields] == [f"column {n}" for n in EVENTS_MORE])
    check("the description is that of the contract", meta["description"] == 'Rows of "events"\nfor readers')
    odd = json.loads(action(tables["odd"], 0, "metaData")[0]["schemaString"])["fields"]
    check("mapped columns have ids", [f["metadata"]["delta.columnMapping.id"] for f in odd] == [1, 2, 3, 6], odd)


def added_rows(table, version):
    """Rows that a version adds; those of small files that it writes anew as one are no new ones."""
    rows_of = {add["path"]: json.loads(add["stats"])["numRecords"]
               for v in range(version + 1) for add in action(table, v, "add")}
    return (sum(rows_of[add["path"]] for add in action(table, version, "add")) -
            sum(rows_of[remove["path"]] for remove in action(table, version, "remove")))


def check_actions(tables):
    events, kinds = tables["events"], tables["kinds"]
    check("an append adds its rows", [added_rows(events, v) for v in range(1, APPENDS + 1)] ==
          [0 if v == 4 else 10 for v in range(1, APPENDS + 1)])
    check("a full publish replaces", [len(action(kinds, v, "remove")) for v in range(1, 5)] == [0, 1, 1, 1])
    for table in tables.values():
        for version in range(1, len(table.versions) + 1):
            for add in action(table, version, "add"):
                path = os.path.join(table.folder, add["path"])
                stats = json.loads(add["stats"])
                check(f"{path}: size and rows", os.path.getsize(path) == add["size"] and
                      pq.ParquetFile(path).metadata.num_rows == stats["numRecords"])
    stats = json.loads(action(kinds, 1, "add")[0]["stats"])
    check("bounds of NaN and of booleans are left out", not {"odd_real", "flag"} & set(stats["minValues"]))
    check("bounds of nested fields", "lat" in stats["minValues"]["place"]["at"], stats["minValues"].get("place"))
    check("texts are cut", len(stats["maxValues"]["word"]) == 33 and "high_word" not in stats["maxValues"] and
          "high_word" in stats["minValues"], stats["maxValues"])


def check_partitions(table):
    """Told as long as every file has them and readers make the same of them."""
    told = [[m["partitionColumns"] for m in action(table, v, "metaData")] for v in range(len(table.versions) + 1)]
    check("partition columns", told == [[["day", "word"]], [], [], [[]], []], told)
    values = [add["partitionValues"] for add in action(table, 1, "add")]
    check("partition values", {"day": "2026-01-02", "word": "a b/ü%=:"} in values, values)
    check("an overwrite keeps other partitions", 0 < len(action(table, 2, "remove")) < len(action(table, 1, "add")))


def check_checkpoints(table):
    versions = [f"{v:020}.checkpoint.parquet" for v in range(10, APPENDS + 1, 10)]
    log = read_log(table.folder)
    check("checkpoints", [n for n in log if n.endswith(".checkpoint.parquet")] == versions, list(log))
    last, files = json.loads(log["_last_checkpoint"]), len(table.at(20).file_uris())
    file = pq.read_table(os.path.join(table.folder, "_delta_log", versions[-1]))
    check("_last_checkpoint", last == {"version": 20, "size": file.num_rows, "sizeInBytes": len(log[versions[-1]]),
                                       "numOfAddFiles": files}, last)
    for name in ("protocol", "metaData"):
        check(f"a checkpoint has one {name}", file[name].null_count == file.num_rows - 1)
    check("a checkpoint has the files", file["add"].null_count == file.num_rows - files)


def check_short_log(table, spark, scratch):
    """Without the versions that a checkpoint holds, with and without _last_checkpoint."""
    for hint in (True, False):
        copy = os.path.join(scratch, f"short {hint}")
        shutil.copytree(table.folder, copy)
        for version in range(0, 20):
            os.remove(os.path.join(copy, "_delta_log", f"{version:020}.json"))
        os.remove(os.path.join(copy, "_delta_log", "00000000000000000010.checkpoint.parquet"))
        if not hint:
            os.remove(os.path.join(copy, "_delta_log", "_last_checkpoint"))
        short = Table.__new__(Table)
        short.__dict__.update(table.__dict__)
        short.folder = copy
        for version in range(20, APPENDS + 1):
            short.mesh.con.register("want", table.expected(version).to_arrow_table())
            want = rows(short.mesh.con, "want")
            short.mesh.con.register("got", delta_rs(short, version))
            check(f"short log, hint {hint}, version {version}: delta-rs", rows(short.mesh.con, "got") == want)
            check(f"short log, hint {hint}, version {version}: DuckDB",
                  rows(short.mesh.con, f"delta_scan('{copy}', version = {version})") == want)
            if spark:
                got = spark.read.format("delta").option("versionAsOf", version).load(copy).count()
                check(f"short log, hint {hint}, version {version}: Spark", got == len(want[1]))


# --------------------------------------------------------------------------- healing

def check_healing(mesh, tables):
    before = {name: read_log(table.folder) for name, table in tables.items()}
    events = tables["events"]
    os.remove(os.path.join(events.folder, "_delta_log", f"{APPENDS:020}.json"))
    check("the doctor tells a missing version", "1 files of Delta logs are missing" in mesh.weft("doctor"))
    mesh.weft("doctor", "--repair")
    check("the doctor writes it", read_log(events.folder) == before["events"])
    os.remove(os.path.join(tables["kinds"].folder, "_delta_log", f"{4:020}.json"))
    check("that publish changes nothing", "unchanged" in mesh.weft("publish", "lab.kinds"))
    check("a publish without changes writes it", read_log(tables["kinds"].folder) == before["kinds"], len(before["kinds"]))
    for table in tables.values():
        shutil.rmtree(os.path.join(table.folder, "_delta_log"))
    check("the doctor misses logs", "files of Delta logs are missing" in mesh.weft("doctor"))
    mesh.weft("doctor", "--repair")
    for name, table in tables.items():
        after = read_log(table.folder)
        check(f"the log of {name} comes back byte for byte", after == before[name],
              [n for n in {**after, **before[name]} if after.get(n) != before[name].get(n)])
    check("nothing is missing after that", "missing" not in mesh.weft("doctor"))


def check_foreign(mesh, table):
    """delta-rs writes to the folder of a table: it is let be, and told by everybody."""
    key = f"{len(table.versions) + 1:020}.json"
    deltalake.write_deltalake(table.folder, pa.table({"id": [7], "instant": pa.array([0], pa.timestamp("us", "UTC"))}), mode="append")
    foreign = read_log(table.folder)
    check("delta-rs wrote the next version", key in foreign, list(foreign))
    check("the doctor sees a foreign writer", key in mesh.weft("doctor", code=9))
    said = table.publish(50, 3, code=5)
    check("a publish tells a foreign writer", "another program" in said and "published" in said, said)
    check("nothing was written over it", read_log(table.folder) == foreign)
    said = table.publish(60, 4, code=5)
    check("nothing is written behind it", read_log(table.folder) == foreign, said)
    answer = json.loads(mesh.weft("query", "-o", "json", "SELECT count(*) AS n FROM lab.zoned.zoned"))
    check("what is live is live", "4" in json.dumps(answer), answer)
    mesh.weft("doctor", "--repair", code=9)
    check("the doctor does not mend it either", read_log(table.folder) == foreign)


def start_spark():
    if not SPARK:
        return None
    from pyspark.sql import SparkSession
    jars = ",".join(sorted(glob.glob(os.path.join(os.environ["WEFT_PEER_SPARK_JARS"], "*.jar"))))
    spark = (SparkSession.builder.master("local[2]").config("spark.jars", jars)
             .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
             .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
             .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
             .config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false")
             .config("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED")
             .config("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
             .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
             .config("spark.databricks.delta.snapshotPartitions", "1").config("spark.ui.showConsoleProgress", "false")
             .config("spark.sql.shuffle.partitions", "1").config("spark.log.level", "ERROR").getOrCreate())
    return spark


def main():
    spark = start_spark()
    with tempfile.TemporaryDirectory(prefix="weft delta ü ") as scratch:
        mesh = Mesh(os.path.join(scratch, "mesh"))
        tables = {"kinds": Table(mesh, "kinds", "kinds", KINDS), "odd": Table(mesh, "odd", "odd", ODD),
                  "zoned": Table(mesh, "zoned", "zoned", ZONED),
                  "parts": Table(mesh, "parts", "parts", PARTS, partitioned=["day", "word"]), "events": Table(mesh, "events", "events", EVENTS, append=True)}
        for first, count in ((0, 300), (1000, 40), (0, 0), (1, 7)):
            tables["kinds"].publish(first, count)
        for first, count in ((0, 10), (5, 3)):
            tables["odd"].publish(first, count)
            tables["zoned"].publish(first, count)
        for first, count in ((1, 5), (5, 1), (6, 1), (1, 4)):
            tables["parts"].publish(first, count)
        for n in range(APPENDS):
            if n == 5:
                tables["events"].write_documents(EVENTS_MORE)
            tables["events"].publish(n * 10, 10 if n != 3 else 0)
        compared = 0
        for table in tables.values():
            check(f"{table.address}: versions", DeltaTable(table.folder).version() == len(table.versions))
            check(f"{table.address}: version 0 is empty", delta_rs(table, 0).num_rows == 0)
            for version in range(1, len(table.versions) + 1):
                compared += compare_version(table, version, spark)
        looked = compare_sought(tables["kinds"], 1, spark)
        check_protocols(tables)
        check_actions(tables)
        check_partitions(tables["parts"])
        check_checkpoints(tables["events"])
        check_short_log(tables["events"], spark, scratch)
        check_healing(mesh, tables)
        check_foreign(mesh, tables["zoned"])
        print(f"{sum(len(t.versions) for t in tables.values())} versions, {compared} rows, {looked} values sought by "
              f"delta-rs {deltalake.__version__}, DuckDB {duckdb.__version__}{', Spark ' + spark.version if spark else ''}: "
              f"{len(failures)} failed")
    if spark:
        spark.stop()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
