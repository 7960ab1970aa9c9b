"""The mesh of governed_test.py: generated TPC-H and TPC-DS data, and odd values, as delivered products."""
import datetime
import decimal
import os
import shutil
import subprocess

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from mask_oracle import Column, Table

ROOT = os.environ.get("WEFT_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GIVEN = os.path.join(ROOT, "tests", "data", "governed")
LOGICAL = {"BIGINT": "integer", "INTEGER": "integer", "VARCHAR": "string", "DATE": "date", "TIMESTAMP": "timestamp",
           "BOOLEAN": "boolean"}
PRODUCTS = {"tpch": ("tpch", "sales"), "tpcds": ("tpcds", "retail"), "odd": ("odd", "things")}
SCALE = os.environ.get("WEFT_GOVERNED_SCALE", "0.01")


def generator():
    """The program that makes the data: from the closed list, or of another place for a trial."""
    beside = os.path.join(os.environ.get("WEFT_DEPS") or os.path.join(ROOT, ".deps"), "py", "bin", "tpcgen-cli")
    return beside if os.path.exists(beside) else shutil.which("tpcgen-cli")


def make_data(folder):
    """Parquet files as <schema>/<table>.parquet below `folder`, made once."""
    if os.path.exists(os.path.join(folder, "made")):
        return
    shutil.rmtree(folder, ignore_errors=True)
    for schema in ("tpch", "tpcds"):
        raw = os.path.join(folder, "raw", schema)
        os.makedirs(raw)
        os.makedirs(os.path.join(folder, schema))
        subprocess.run([generator(), schema, "parquet", "-s", SCALE, "-o", raw], check=True, capture_output=True)
        for name in sorted(os.listdir(raw)):
            if name != "dbgen_version.parquet":
                copy_file(os.path.join(raw, name), os.path.join(folder, schema, name), raw)
    os.makedirs(os.path.join(folder, "odd"))
    pq.write_table(odd_values(), os.path.join(folder, "odd", "things.parquet"))
    shutil.rmtree(os.path.join(folder, "raw"))
    open(os.path.join(folder, "made"), "w").close()


def copy_file(source, target, raw):
    """A file as it is; of 1.9 million demographics only those that somebody has."""
    only = ""
    if target.endswith("customer_demographics.parquet"):
        only = " WHERE cd_demo_sk % 20 = 1 OR cd_demo_sk IN (" + " UNION ".join(
            f"SELECT {column} FROM '{raw}/{table}.parquet'" for table, column in (
                ("customer", "c_current_cdemo_sk"), ("web_sales", "ws_bill_cdemo_sk"), ("store_returns", "sr_cdemo_sk"),
                ("web_returns", "wr_refunded_cdemo_sk"), ("web_returns", "wr_returning_cdemo_sk"))) + ")"
    renamed = "* RENAME (s_tax_precentage AS s_tax_percentage)" if target.endswith("/store.parquet") else "*"
    duckdb.execute(f"COPY (SELECT {renamed} FROM '{source}'{only}) TO '{target}' (FORMAT parquet)")


def odd_values():
    """What masks can stumble over."""
    texts = ["", "a", "abc", "abcd", "abcde", "Hello World 42", "ÄÖÜ äöü ß", "Łódź 7", "日本語", "x@example.org",
             "First.Last+tag@mail.example.co.uk", '"odd local"@example.net', "a@b@c.example", "@example.org", "NO-DIGITS",
             "0123456789", "  spaced  ", "tab\tand\nline", "+1 (202) 555-0143", "'quoted'", "%_\\", None]
    zips = ["12345", "03601", "05901-1234", "20301", "89301", "90210", "10001-0001", "00501", "87901", "99999", "69201", "69100", None]
    ips = ["192.0.2.146", "10.0.0.1", "255.255.255.255", "0.0.0.0", "2001:db8:1:2::7", "2001:db8::1", "::1", "fe80::1:2:3:4",
           "203.0.113.9", "127.0.0.1", None]
    days = [datetime.date(*d) for d in ((1970, 1, 1), (1969, 12, 31), (2000, 2, 29), (1999, 12, 31), (2024, 12, 30), (2021, 1, 3),
                                        (1900, 3, 1), (1582, 10, 15), (2026, 7, 1), (2026, 6, 30), (1, 1, 1), (9999, 12, 31))] + [None]
    times = [None if d is None else datetime.datetime.combine(d, datetime.time(23, 59, 59, 999999)) for d in days]
    whole = [0, 1, -1, 499, 500, 501, -499, -500, -501, 1500, 2500, 999, -1000, 123456789, -123456789, 9, 10, -9, -10, 5, -5, None]
    cents = [None if v is None else decimal.Decimal(v) / 100 for v in
             (0, 25, 24, 26, 75, -25, -24, -75, 125, 249, 250, 251, -250, -251, 99999, -99999, 1, -1, None)]
    floats = [None if v is None else v / 4 for v in (0, 1, -1, 200, 199, 201, -200, 600, 4000001, -4000001, 40, 36, -36, None)]
    flags = [True, False, None]
    kinds = {"m_": (texts, pa.string()), "d_": (days, pa.date32()), "t_": (times, pa.timestamp("us")), "i_": (whole, pa.int64()),
             "c_": (cents, pa.decimal128(12, 2)), "f_": (floats, pa.float64()), "b_": (flags, pa.bool_()),
             "x_": (texts, pa.string()), "y_": (whole, pa.int64()), "z_": (texts, pa.string())}
    names = ("m_null m_constant m_default m_redact m_email m_first m_last m_regex m_zip m_ip d_year d_quarter d_month d_week d_default "
             "d_null t_day t_week t_year t_default i_round i_bucket i_default i_constant c_round c_bucket c_default f_round f_bucket "
             "f_default b_default b_null x_misfit y_misfit z_conflict z_strictest").split()
    rows, columns = 44, {"id": pa.array(range(44), pa.int64())}
    for name in names:
        values, type_ = kinds[name[:2]]
        values = {"m_zip": zips, "m_ip": ips}.get(name, values)
        columns[name] = pa.array([values[i % len(values)] for i in range(rows)], type_)
    return pa.table(columns)


def tables_of(data):
    """{(schema, table): Table} with what the contracts say of each column."""
    with open(os.path.join(GIVEN, "tables.yaml"), encoding="utf-8") as file:
        says = yaml.safe_load(file)
    found = {}
    for schema, (domain, product) in PRODUCTS.items():
        for file in sorted(os.listdir(os.path.join(data, schema))):
            name, path = file[:-len(".parquet")], os.path.join(data, schema, file)
            columns = []
            for column, kind, *_ in duckdb.execute("DESCRIBE SELECT * FROM read_parquet($1)", [path]).fetchall():
                level = [k for k, names in says["classification"].items() if column in names]
                columns.append(Column(column, kind, [t for t, names in says["tags"].items() if column in names],
                                      level[0] if level else None,
                                      {"businessName": k for k, names in says["businessName"].items() if column in names}))
            found[schema, name] = Table(domain, product, name, columns, ["shared"] if name in says["shared"] else [],
                                        {"status": "active", "id": f"{domain}.{product}"})
    return found


def contract(domain, product, tables):
    """One contract with all tables of a product."""
    schema = []
    for table in tables:
        properties = []
        for column in table.columns:
            one = {"name": column.name, "logicalType": LOGICAL.get(column.type, "number"), "physicalType": column.type}
            if column.tags:
                one["tags"] = column.tags
            if column.level:
                one["classification"] = column.level
            properties.append({**one, **column.fields})
        schema.append({"name": table.name, **({"tags": table.tags} if table.tags else {}), "properties": properties})
    return {"apiVersion": "v3.2.0", "kind": "DataContract", "id": f"{domain}.{product}", "version": "1.0.0", "status": "active",
            "schema": schema, "customProperties": [{"property": "weft.build", "value": "delivered"}]}


def make_mesh(mesh, data, tables, weft):
    """The mesh with all products published; returns the seconds that weft took."""
    shutil.copytree(GIVEN, mesh)
    for schema, (domain, product) in PRODUCTS.items():
        folder = os.path.join(mesh, "domains", domain, product)
        os.makedirs(folder, exist_ok=True)
        mine = [t for (s, _), t in tables.items() if s == schema]
        document = {"apiVersion": "v1.0.0", "kind": "DataProduct", "id": f"{domain}.{product}", "name": product, "status": "active",
                    "outputPorts": [{"name": product, "version": "1.0.0", "contractId": f"{domain}.{product}"}]}
        for name, text in (("product.odps.yaml", document), (f"{product}.odcs.yaml", contract(domain, product, mine))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                yaml.safe_dump(text, file, sort_keys=False, width=1000)
        files = [a for t in mine for a in ("-d", f"{t.name}={data}/{schema}/{t.name}.parquet")]
        subprocess.run([weft, "publish", "-q", "-C", mesh, f"{domain}.{product}", *files], check=True)
