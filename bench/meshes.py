"""Data and meshes that the benchmarks run on, made once under build/bench/."""
import os
import re
import shutil
import subprocess

import duckdb

from measure import CACHE, ROOT, WEFT, Run

TPCH = os.path.join(CACHE, "tpch")
TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
LOGICAL = {"BIGINT": "integer", "INTEGER": "integer", "VARCHAR": "string", "DATE": "date"}

# What the contract of lineitem says of each column, beyond its type: 24 rules for 16 columns.
RULES = {
    "l_orderkey": ["primaryKey: true", "primaryKeyPosition: 1", "logicalTypeOptions: {minimum: 1}"],
    "l_partkey": ["required: true"],
    "l_linenumber": ["primaryKey: true", "primaryKeyPosition: 2"],
    "l_quantity": ["logicalTypeOptions: {minimum: 1, maximum: 50}"],
    "l_extendedprice": ["logicalTypeOptions: {minimum: 0}"],
    "l_discount": ["logicalTypeOptions: {minimum: 0, maximum: 0.1}"],
    "l_tax": ["logicalTypeOptions: {maximum: 0.08}"],
    "l_returnflag": ["enum: [{value: A}, {value: \"N\"}, {value: R}]"],
    "l_linestatus": ["enum: [{value: F}, {value: O}]"],
    "l_shipdate": ["logicalTypeOptions: {minimum: \"1992-01-01\", maximum: \"1998-12-31\"}"],
    "l_receiptdate": ["required: true"],
    "l_shipinstruct": ["logicalTypeOptions: {maxLength: 25}", "enum: [{value: COLLECT COD}, "
                       "{value: DELIVER IN PERSON}, {value: NONE}, {value: TAKE BACK RETURN}]"],
    "l_shipmode": ["logicalTypeOptions: {pattern: \"^[A-Z ]{3,7}$\"}"],
    "l_comment": ["logicalTypeOptions: {minLength: 1, maxLength: 44, pattern: \"^[ -~]+$\"}",
                  "quality: [{metric: nullValues, mustBe: 0}]"],
}
RULES_OF_TABLE = """    quality:
      - type: sql
        query: SELECT count(*) FROM {object} WHERE l_receiptdate < l_shipdate
        mustBe: 0
"""


def data():
    """TPC-H at scale 1 as Parquet."""
    if not os.path.exists(os.path.join(TPCH, "made")):
        os.makedirs(TPCH, exist_ok=True)
        tool = os.path.join(ROOT, ".deps", "py", "bin", "tpchgen-cli")
        subprocess.run([tool, "parquet", "-s", "1", "-o", TPCH, "-q", "--overwrite"], check=True)
        open(os.path.join(TPCH, "made"), "w").close()
    return TPCH


def write(*parts, text):
    path = os.path.join(*parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def columns_of(table):
    rows = duckdb.execute("DESCRIBE SELECT * FROM read_parquet($1)", [f"{TPCH}/{table}.parquet"]).fetchall()
    return [(name, kind) for name, kind, *_ in rows]


def property_of(name, kind, rules):
    lines = [f"      - name: {name}", f"        logicalType: {LOGICAL.get(kind, 'number')}"]
    if kind not in LOGICAL:
        lines.append(f"        physicalType: \"{kind}\"")
    return "\n".join(lines + ["        " + rule for rule in rules]) + "\n"


def contract(ident, table, columns, rules, tail="", server=""):
    return (f"apiVersion: v3.2.0\nkind: DataContract\nid: {ident}\nname: {ident}\nversion: \"1.0.0\"\nstatus: active\n"
            + server + f"schema:\n  - name: {table}\n" + tail + "    properties:\n"
            + "".join(property_of(name, kind, rules.get(name, [])) for name, kind in columns))


def product(ident, name, domain, inputs):
    text = (f"apiVersion: v1.0.0\nkind: DataProduct\nid: {ident}\nname: {name}\nstatus: active\ndomain: {domain}\n"
            "inputPorts:\n")
    for port, wanted in inputs:
        text += f"  - name: {port}\n    version: \"1.0.0\"\n    contractId: {wanted}\n"
    return text + f"outputPorts:\n  - name: {name}\n    version: \"1.0.0\"\n    contractId: {ident}\n"


def empty_mesh(path, *domains):
    shutil.rmtree(path, ignore_errors=True)
    write(path, "mesh.yaml", text=f"apiVersion: weft/v1\nkind: Mesh\nname: bench\nallowed:\n  paths: [\"{TPCH}\"]\n")
    write(path, "policies", "default.yaml", text="apiVersion: weft/v1\nkind: Policy\nname: products-read\nallow: read\n"
          "when: {principal: {kind: product}}\n")
    for domain in domains:
        write(path, "domains", domain, "domain.yaml", text=f"apiVersion: weft/v1\nkind: Domain\nname: {domain}\n")


def file_product(path, table, rules, tail=""):
    """tpch.<table>: every column of one Parquet file."""
    columns = columns_of(table)
    folder = os.path.join(path, "domains", "tpch", table)
    server = f"servers:\n  - server: source\n    type: local\n    format: parquet\n    path: {TPCH}/{table}.parquet\n"
    write(folder, "product.odps.yaml", text=product(f"tpch.{table}", table, "tpch", [("source", f"tpch.{table}.source")]))
    write(folder, "source.odcs.yaml", text=contract(f"tpch.{table}.source", table, columns, {}, server=server))
    write(folder, f"{table}.odcs.yaml", text=contract(f"tpch.{table}", table, columns, rules, tail))
    write(folder, f"{table}.sql", text="SELECT\n    " + ",\n    ".join(n for n, _ in columns) + f"\nFROM source.{table}\n")


def lineitem_mesh(path):
    """The product with 40 checks."""
    data()
    empty_mesh(path, "tpch")
    file_product(path, "lineitem", RULES, RULES_OF_TABLE)
    return path


def lineitem_contract(path):
    """The same contract with two rules more: 42 checks."""
    data()
    rules = dict(RULES, l_shipmode=RULES["l_shipmode"] + ["required: true"], l_commitdate=["required: true"])
    write(path, text=contract("tpch.lineitem", "lineitem", columns_of("lineitem"), rules, RULES_OF_TABLE))
    return path


# Two readers of the mesh: "free" sees everything, "masked" sees masks and not all rows.
POLICIES = {
    "principals/readers.yaml": """kind: Principals
principals: [{name: free}, {name: masked}]
""",
    "policies/allow.yaml": "kind: Policy\nname: allow\nallow: read\n",
    "policies/rows.yaml": """kind: Policy
name: rows
applies: {tables: tpch.lineitem}
rows: {l_returnflag: "!= R"}
when: {principal: {name: masked}}
""",
    "policies/comments.yaml": """kind: Policy
name: comments
applies: {columns: {name: "*_comment"}}
mask: {constant: "-"}
when: {principal: {name: masked}}
""",
    "policies/instructions.yaml": """kind: Policy
name: instructions
applies: {columns: {name: l_shipinstruct}}
mask: null
when: {principal: {name: masked}}
""",
    "policies/phones.yaml": """kind: Policy
name: phones
applies: {columns: {name: "*_phone"}}
mask: {last: 4}
when: {principal: {name: masked}}
""",
}


def tpch_mesh(path):
    """All eight tables, published."""
    data()
    made = os.path.join(path, "made")
    if not os.path.exists(made):
        empty_mesh(path, "tpch")
        for name, text in POLICIES.items():
            write(path, name, text="apiVersion: weft/v1\n" + text)
        for table in TABLES:
            file_product(path, table, {})
        Run([WEFT, "publish", "--all", "--json", "-C", path])
        open(made, "w").close()
    return path


def addressed(sql):
    """Table names of a TPC-H query, where they stand in FROM, as mesh addresses."""
    out, is_from = [], False
    for token in re.findall(r"\w+|\W+", sql):
        word = token.upper()
        if word in ("FROM", "JOIN"):
            is_from = True
        elif word in ("WHERE", "SELECT", "GROUP", "ORDER", "ON") or ")" in token:
            is_from = False
        out.append(f"tpch.{token}.{token}" if is_from and token in TABLES else token)
    return "".join(out)


def queries(folder):
    """The 22 queries as files in two forms: by address, and by the names of plain views."""
    for number in range(1, 23):
        with open(os.path.join(ROOT, "tests", "data", "tpch", f"q{number:02}.sql"), encoding="utf-8") as file:
            sql = file.read().strip().rstrip(";")
        write(folder, f"q{number:02}.plain.sql", text=sql)
        write(folder, f"q{number:02}.ours.sql", text=addressed(sql))
    return folder


SMALL = [("id", "BIGINT"), ("label", "VARCHAR"), ("amount", "DECIMAL(12,2)"), ("made_on", "DATE")]
SMALL_RULES = {"id": ["primaryKey: true"], "label": ["required: true", "logicalTypeOptions: {maxLength: 40}"],
               "amount": ["logicalTypeOptions: {minimum: 0}"]}


def chain_mesh(path, count, width=10):
    """`count` products in layers of `width`: the first layer reads a file, others the two above them."""
    domains = [f"d{i}" for i in range(10)]
    empty_mesh(path, *domains)
    write(path, "data", "seed.csv", text="id,label,amount,made_on\n1,a,2.50,2026-01-01\n")
    server = "servers:\n  - server: source\n    type: local\n    format: csv\n    path: ../../../data/seed.csv\n"
    for i in range(count):
        domain, name = domains[i % 10], f"p{i}"
        folder, ident = os.path.join(path, "domains", domain, name), f"{domain}.{name}"
        above = [j for j in (i - width, i - width + 1) if 0 <= j and i >= width]
        inputs = [(f"in{k}", f"{domains[j % 10]}.p{j}") for k, j in enumerate(above)]
        if not above:
            inputs = [("source", ident + ".source")]
            write(folder, "source.odcs.yaml", text=contract(ident + ".source", "seed", SMALL, {}, server=server))
        relations = [f"{domains[j % 10]}.p{j}.p{j}" for j in above] or ["source.seed"]
        write(folder, "product.odps.yaml", text=product(ident, name, domain, inputs))
        write(folder, f"{name}.odcs.yaml", text=contract(ident, name, SMALL, SMALL_RULES))
        write(folder, f"{name}.sql", text="\nUNION\n".join(
            f"SELECT id, label, amount, made_on FROM {r}" for r in relations) + "\n")
    return path
