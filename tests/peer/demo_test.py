"""What weft publishes equals what DuckDB computes directly from the sources, row by row.

The demo mesh, run whole into a folder with a space in its name, against SQL written here without
looking at the mesh's own; and every CSV file of .deps/data/csv, files that nobody prepared, made into
a product by one command and compared with DuckDB's own reading of the file. Every contract, written
by hand or by `weft new`, passes datacontract-cli's lint.
"""
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile
import time

import duckdb
from datacontract.data_contract import DataContract

ROOT = os.environ["WEFT_ROOT"]
DEPS = os.environ["WEFT_DEPS"]
WEFT = os.environ["WEFT"]
FLIGHTS = os.path.join(DEPS, "data", "nycflights13")
CSV = os.path.join(DEPS, "data", "csv")
CSV_FILES_MIN = 20

# What the README promises of `weft new product --publish` and a query: two files beside weft.lock, a line
# for each column, and two commands that end within a minute.
LINES_BESIDE_COLUMNS = 18
SMALL_LINES, SMALL_FILES_MIN = 25, 10
SECONDS = 60

# Files that break RFC 4180: what DuckDB needs to be told.
LOOSE = {"glucose.csv": "strict_mode = false"}

# Each published table of the demo, computed from the five files.
EXPECTED = {
    "reference.airports.airports": "SELECT * FROM airports",
    "reference.fleet.airlines": "SELECT * FROM airlines",
    "reference.fleet.planes":
        "SELECT tailnum, year AS built, type, manufacturer, model, engines, seats, speed, engine FROM planes",
    "reference.fleet.models":
        "SELECT DISTINCT model, count(*) OVER w AS planes, min(seats) OVER w AS least_seats, "
        "max(seats) OVER w AS most_seats, min(year) OVER w AS oldest FROM planes "
        "WINDOW w AS (PARTITION BY model)",
    "operations.flights.departures":
        "SELECT time_hour, CAST(format('{:04d}-{:02d}-{:02d}', year, month, day) AS DATE) AS flight_date, carrier, "
        "flight, origin, dest, tailnum, distance, dep_delay, arr_delay, air_time, "
        "CASE WHEN dep_time IS NULL THEN true ELSE false END AS is_cancelled FROM flights",
    "operations.punctuality.daily":
        "SELECT CAST(format('{:04d}-{:02d}-{:02d}', year, month, day) AS DATE) AS flight_date, origin, "
        "sum(1) AS scheduled, sum(CASE WHEN dep_time IS NULL THEN 1 ELSE 0 END) AS cancelled, "
        "sum(CASE WHEN dep_delay < 15 THEN 1 ELSE 0 END) AS on_time, "
        "quantile_cont(dep_delay, 0.5) AS median_delay, "
        "round(100.0 * sum(CASE WHEN dep_delay < 15 THEN 1 ELSE 0 END) / "
        "sum(CASE WHEN dep_delay IS NOT NULL THEN 1 END), 2) AS percent_on_time "
        "FROM flights GROUP BY year, month, day, origin",
    "weather.observations.hourly":
        "SELECT origin, time_hour, temp, dewp, humid, wind_dir, "
        "CASE WHEN wind_speed <= 250 THEN wind_speed END AS wind_speed, wind_gust, precip, pressure, visib "
        "FROM weather",
    "insights.carrier_delays.monthly":
        "WITH m AS (SELECT carrier, make_date(year, month, 1) AS month, count(*) AS flights, "
        "sum((dep_time IS NULL)::INT) AS cancelled, sum(arr_delay) / count(arr_delay) AS mean, "
        "sum((arr_delay >= 15)::INT) AS late, count(arr_delay) AS arrived FROM flights GROUP BY carrier, year, month) "
        "SELECT carrier, (SELECT name FROM airlines AS a WHERE a.carrier = m.carrier) AS airline, month, flights, "
        "cancelled, round(mean, 2) AS mean_arr_delay, round(100.0 * late / nullif(arrived, 0), 2) AS percent_late "
        "FROM m",
    "insights.weather_delays.by_condition":
        "WITH joined AS (SELECT f.origin, f.time_hour, f.dep_time, f.dep_delay, w.visib, w.precip, "
        "CASE WHEN w.wind_speed <= 250 THEN w.wind_speed END AS wind "
        "FROM flights AS f INNER JOIN weather AS w USING (origin, time_hour)) "
        "SELECT if(visib < 2, 'fog', if(precip > 0, 'rain', if(coalesce(wind, 0) >= 20, 'wind', 'clear'))) "
        "AS condition, origin, count(DISTINCT time_hour) AS hours, count(*) AS flights, "
        "count(*) - count(dep_time) AS cancelled, round(avg(dep_delay), 2) AS mean_dep_delay, "
        "round(100.0 * (count(*) - count(dep_time)) / count(*), 2) AS percent_cancelled FROM joined GROUP BY 1, 2",
    "insights.routes.routes":
        "WITH left_ground AS (SELECT * FROM flights WHERE dep_time IS NOT NULL) "
        "SELECT l.origin, l.dest, (SELECT name FROM airports WHERE faa = l.dest) AS dest_name, "
        "list_max(list(l.distance)) AS distance, count(*) AS flights, len(list_distinct(list(l.carrier))) AS airlines, "
        "coalesce(sum((SELECT seats FROM planes WHERE tailnum = l.tailnum)), 0) AS seats, "
        "quantile_cont(l.air_time, 0.5) AS median_air_time FROM left_ground AS l GROUP BY l.origin, l.dest",
    "loyalty.members.members": "SELECT * FROM members",
    # Built from hashes and years of birth: the counts are those of the clear values.
    "insights.member_tiers.tiers":
        "SELECT tier, region, extract(year FROM birth_date) - extract(year FROM birth_date) % 10 AS decade, "
        "count(*) AS members, sum(miles) AS miles FROM members GROUP BY 1, 2, 3",
}

failures = []


def fail(text):
    failures.append(text)
    print("FAIL", text, flush=True)


def weft(folder, *arguments):
    done = subprocess.run([WEFT, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"weft {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def connect():
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    return db


def export(folder, address, path):
    weft(folder, "query", "-o", "parquet", "-f", path, "--limit", "0", f"FROM {address}")


def differences(db, ours, theirs):
    """Rows of either side that the other lacks, duplicates counted; and the rows of both."""
    extra, = db.execute(f"SELECT count(*) FROM (({ours}) EXCEPT ALL ({theirs}))").fetchone()
    missing, = db.execute(f"SELECT count(*) FROM (({theirs}) EXCEPT ALL ({ours}))").fetchone()
    rows, = db.execute(f"SELECT count(*) FROM ({theirs})").fetchone()
    return extra, missing, rows


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


# ---- contracts ----------------------------------------------------------------------------------

def lint(path):
    result = DataContract(data_contract_file=path).lint().result
    return path, str(getattr(result, "value", result))


def lint_all(paths):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, result in pool.map(lint, paths):
            if result != "passed":
                fail(f"datacontract lint {path}: {result}")
    print(f"{len(paths)} contracts pass datacontract lint", flush=True)


# ---- the demo -----------------------------------------------------------------------------------

def policies(folder):
    """demo/policies checks by itself what each principal sees."""
    done = subprocess.run([os.path.join(ROOT, "demo", "policies"), os.path.join(folder, "who sees what")],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(f"demo/policies ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def demo(folder):
    work = os.path.join(folder, "the demo")
    done = subprocess.run([os.path.join(ROOT, "demo", "run"), work], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(f"demo/run ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return []
    db = connect()
    for name in ("airlines", "airports", "planes", "weather", "flights"):
        path = os.path.join(FLIGHTS, name + ".csv")
        db.execute(f"CREATE TABLE {name} AS FROM read_csv({quoted(path)}, nullstr = 'NA', sample_size = -1)")
    db.execute(f"CREATE TABLE members AS FROM read_csv({quoted(os.path.join(work, 'data', 'members.csv'))}, "
               "types = {'zip': 'VARCHAR'})")
    published = set(re.findall(r"\b\w+\.\w+_v1\.\w+", weft(work, "catalog", "tree")))
    wanted = {re.sub(r"\.(\w+)$", r"_v1.\1", address) for address in EXPECTED}
    if published != wanted:
        fail(f"published {sorted(published)}, not {sorted(wanted)}")
    for number, (address, sql) in enumerate(EXPECTED.items()):
        path = os.path.join(folder, f"demo-{number}.parquet")
        export(work, address, path)
        columns = [row[0] for row in db.execute(f"DESCRIBE FROM read_parquet({quoted(path)})").fetchall()]
        names = ", ".join(f'"{name}"' for name in columns)
        theirs = [row[0] for row in db.execute(f"DESCRIBE {sql}").fetchall()]
        if columns != theirs:
            fail(f"{address} has the columns {columns}, not {theirs}")
            continue
        extra, missing, rows = differences(db, f"SELECT {names} FROM read_parquet({quoted(path)})",
                                           f"SELECT {names} FROM ({sql})")
        if extra or missing:
            fail(f"{address}: {extra} rows too many, {missing} rows too few of {rows}")
        print(f"{address}: {rows} rows", flush=True)
    return sorted(glob.glob(os.path.join(work, "domains", "**", "*.odcs.yaml"), recursive=True))


# ---- files that nobody prepared -----------------------------------------------------------------

def as_text(db, relation, kinds=None):
    """Every column as text, cast to `kinds` before, so that 1 and 1.0 or two kinds of times agree."""
    described = db.execute(f"DESCRIBE FROM {relation}").fetchall()
    kinds = kinds or [row[1] for row in described]
    parts = []
    for position, (row, kind) in enumerate(zip(described, kinds)):
        name = '"' + row[0].replace('"', '""') + '"'
        parts.append(f"CAST(CAST({name} AS {kind}) AS VARCHAR) AS c{position}")
    return kinds, f"SELECT {', '.join(parts)} FROM {relation}"


def count_lines(mesh, product, columns):
    """The lines of the files a person owns. A column with long values takes more than one."""
    folder = os.path.join(mesh, "domains", "strangers", product)
    names = sorted(os.listdir(folder))
    if names != sorted(["product.odps.yaml", f"{product}.odcs.yaml", "weft.lock"]):
        fail(f"{product} was written as {names}")
    lines = 0
    for name in names[:-1]:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines += len(file.readlines())
    if lines < LINES_BESIDE_COLUMNS + columns:
        fail(f"{product} has {lines} lines for {columns} columns")
    return lines


def stranger(mesh, folder, path):
    product = re.sub(r"\W", "_", os.path.basename(path)[:-len(".csv")])
    address = f"strangers.{product}.{product}"
    began = time.monotonic()
    weft(mesh, "new", "product", f"strangers.{product}", "--from", path, "--publish")
    weft(mesh, "query", f"SELECT * FROM {address} LIMIT 10")
    seconds = time.monotonic() - began
    if seconds > SECONDS:
        fail(f"{product} took {seconds:.0f} s from file to query")
    out = os.path.join(folder, f"{product}.parquet")
    export(mesh, address, out)
    db = connect()
    with open(os.path.join(mesh, "domains", "strangers", product, "weft.lock"), encoding="utf-8") as file:
        lock = file.read()
    options = ["sample_size = -1"]
    if os.path.basename(path) in LOOSE:
        options.append(LOOSE[os.path.basename(path)])
        if "strict: false" not in lock:
            fail(f"{product}: weft.lock does not say that the file is read loosely")
    nulls = re.search(r"nullText: \[(.*)\]", lock)
    if nulls:
        options.append("nullstr = ['', 'NA', 'N/A', 'n/a', 'NULL', 'null', 'NaN', '\\N']")
    kinds, ours = as_text(db, f"read_parquet({quoted(out)})")
    _, theirs = as_text(db, f"read_csv({quoted(path)}, {', '.join(options)})", kinds)
    extra, missing, rows = differences(db, ours, theirs)
    if extra or missing:
        fail(f"{os.path.basename(path)}: {extra} rows too many, {missing} too few of {rows}")
    lines = count_lines(mesh, product, len(kinds))
    print(f"{os.path.basename(path)}: {rows} rows, {len(kinds)} columns, {lines} lines, {seconds:.1f} s"
          f"{', loosely' if 'strict: false' in lock else ''}", flush=True)
    return lines


def strangers(folder):
    mesh = os.path.join(folder, "strangers' mesh")
    os.mkdir(mesh)
    files = sorted(glob.glob(os.path.join(CSV, "*.csv")))
    if len(files) < CSV_FILES_MIN:
        fail(f"only {len(files)} CSV files in {CSV}")
    small = 0
    for path in files:
        try:
            small += stranger(mesh, folder, path) <= SMALL_LINES
        except (RuntimeError, duckdb.Error) as error:
            fail(f"{os.path.basename(path)}: {error}")
    print(f"{small} of {len(files)} products have at most {SMALL_LINES} lines", flush=True)
    if small < SMALL_FILES_MIN:
        fail(f"only {small} products have at most {SMALL_LINES} lines")
    weft(mesh, "validate")
    contracts = glob.glob(os.path.join(mesh, "domains", "**", "*.odcs.yaml"), recursive=True)
    locks = glob.glob(os.path.join(mesh, "domains", "**", "weft.lock"), recursive=True)
    return sorted(contracts) + sorted(locks)


def main():
    with tempfile.TemporaryDirectory(prefix="weft demo ") as folder:
        policies(folder)
        contracts = demo(folder) + strangers(folder)
        lint_all(contracts)
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
