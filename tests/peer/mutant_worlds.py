"""What mutants_test.py asks on: two meshes, and for each principal plain DuckDB over the copies of mask_oracle.py.

"governed" is the mesh of governed_test.py over thinned data, "attacked" the one of tests/attack with its planted
secrets. A site is a mesh with its raw data; a world is a site as one principal sees it.
"""
import base64
import fcntl
import glob
import hashlib
import hmac
import os
import re
import shutil
import sqlite3
import subprocess
import threading
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

import governed_mesh
import mask_oracle
from governed_mesh import ROOT

ATTACK = os.path.join(ROOT, "tests", "attack")
SECONDS = 2                # of one query, here and there
SECRET_MIN = 6             # characters of a text that counts as a value of its own
# One row in so many of the large tables, chosen by a key so that joins still find each other.
THIN = {"lineitem": "l_orderkey % 8 = 1", "orders": "o_orderkey % 8 = 1", "partsupp": "ps_partkey % 4 = 0",
        "part": "p_partkey % 4 = 0", "store_sales": "ss_ticket_number % 24 = 0",
        "store_returns": "sr_ticket_number % 24 = 0", "catalog_sales": "cs_order_number % 24 = 0",
        "catalog_returns": "cr_order_number % 24 = 0", "web_sales": "ws_order_number % 6 = 0",
        "web_returns": "wr_order_number % 6 = 0", "inventory": "inv_item_sk % 100 = 0 AND inv_date_sk % 3 = 0",
        "customer_demographics": "cd_demo_sk % 11 < 2", "catalog_page": "cp_catalog_page_sk % 20 = 1",
        "time_dim": "t_time_sk % 60 = 0", "date_dim": "d_year BETWEEN 1998 AND 2002", "item": "i_item_sk % 2 = 0",
        "household_demographics": "hd_demo_sk % 4 = 0"}
ATTACKERS = [("ana", None), ("ana", "marketing"), ("bot", None), ("eve", None), ("fred", None), ("fred", "fraud-investigation")]


def attack_suite():
    """tests/attack/run as a module: its secrets, encodings and attacks."""
    loader = SourceFileLoader("attack_run", os.path.join(ATTACK, "run"))
    module = module_from_spec(spec_from_loader("attack_run", loader))
    loader.exec_module(module)
    return module


# ---- sites -----------------------------------------------------------------------------------

class Site:
    """A published mesh. `tables` is {(domain, product, table): Table}, `raw` the same with Arrow tables."""

    def __init__(self, name, mesh, tables, raw, people, seeds):
        self.name, self.mesh, self.tables, self.raw, self.people, self.seeds = name, mesh, tables, raw, people, seeds
        self.language, self.hash = mask_oracle.Mesh(mesh), keyed_hash(mesh)
        self.needles, self.is_in, self.copies = [], None, {}

    def copy(self, key, principal, purpose, decision):
        """The table as the decision shows it; of equal decisions one copy is kept."""
        table = self.tables[key]
        by_row = decision["rows"] or any(rows for how in decision["columns"].values() for _, rows in how["masks"])
        name = repr((key, decision) + ((principal.name, principal.attributes, purpose) if by_row else ()))
        if name not in self.copies:
            mask_oracle.MASKS["hash"] = self.hash
            self.copies[name] = self.language.copy(self.raw[key], table, principal, purpose, decision)
        return self.copies[name]


def keyed_hash(mesh):
    """The mask `hash` with the key of this mesh, by the formula in src/mesh/policy/mask_keys.h."""
    with sqlite3.connect(f"file:{mesh}/.weft/registry.db?mode=ro", uri=True) as db:
        ident, = db.execute("SELECT id FROM event WHERE seq = 1").fetchone()
    path, = glob.glob(f"{mesh}/.weft/keys/mask-*.key")
    key = re.fullmatch(r"mask-(.*)\.key", os.path.basename(path))[1]
    with open(path, "rb") as file:
        root = base64.b64decode(file.read().strip())

    def sign(secret, message):
        return hmac.new(secret, message, hashlib.sha256).digest()
    text, number = (sign(root, f"weft mask {kind}\n{ident}\n{key}".encode()) for kind in ("text", "integer"))

    def mask(value, _):
        if isinstance(value, int):
            return int.from_bytes(sign(number, value.to_bytes(8, "big", signed=True))[:8], "big") & (2**63 - 1)
        return sign(text, value.encode())[:16].hex()
    return mask


def thin_data(folder):
    """The data of governed_test.py, one row of several; made once, also when two tests begin together."""
    whole = os.path.join(os.getcwd(), "governed-data-" + governed_mesh.SCALE)
    with open(folder + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        governed_mesh.make_data(whole)
        if os.path.exists(os.path.join(folder, "made")):
            return
        shutil.rmtree(folder, ignore_errors=True)
        for path in sorted(glob.glob(f"{whole}/*/*.parquet")):
            target = os.path.join(folder, os.path.relpath(path, whole))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            where = THIN.get(os.path.basename(path)[:-len(".parquet")], "true")
            duckdb.execute(f"COPY (SELECT * FROM '{path}' WHERE {where}) TO '{target}' (FORMAT parquet)")
        open(os.path.join(folder, "made"), "w", encoding="utf-8").close()


def governed_site(root, weft, people, seeds_of):
    data = os.path.join(os.getcwd(), "mutants-data-" + governed_mesh.SCALE)
    thin_data(data)
    tables, mesh = governed_mesh.tables_of(data), os.path.join(root, "governed")
    governed_mesh.make_mesh(mesh, data, tables, weft)
    subprocess.run([weft, "query", "-q", "-C", mesh, "SELECT 1"], check=True, capture_output=True)
    found = {(t.domain, t.product, t.name): t for t in tables.values()}
    raw = {(t.domain, t.product, t.name): pq.read_table(f"{data}/{schema}/{t.name}.parquet")
           for (schema, _), t in tables.items()}
    return Site("governed", mesh, found, raw, people, seeds_of(tables))


def attacked_tables(mesh):
    """{(domain, product, table): Table} of its contracts, and {…: SQL} of the views."""
    tables, views = {}, {}
    for path in sorted(glob.glob(f"{mesh}/domains/*/*/*.odcs.yaml")):
        domain, product = path.split(os.sep)[-3:-1]
        document = mask_oracle.Mesh.load(path)
        custom = {p["property"]: p["value"] for p in document.get("customProperties", [])}
        for schema in document["schema"]:
            columns = [mask_oracle.Column(p["name"], p["physicalType"], p.get("tags", ()), p.get("classification"),
                                          {"businessName": p["businessName"]} if "businessName" in p else {})
                       for p in schema["properties"]]
            key = domain, product, schema["name"]
            tables[key] = mask_oracle.Table(*key, columns, schema.get("tags", ()), {"status": "active", "id": document["id"]},
                                            custom.get("weft.access") == "open")
            if custom.get("weft.build") == "view":
                with open(os.path.join(os.path.dirname(path), schema["name"] + ".sql"), encoding="utf-8") as file:
                    views[key] = file.read()
    return tables, views


def attacked_raw(tables, views, mesh):
    """The rows that the attack suite publishes; views are what their product sees."""
    raw, given = {}, {"members": "members", "secret_ledger": "ledger", "posts": "posts"}
    for key, table in tables.items():
        if key in views or key[0] == "lab":
            continue
        types = ", ".join(f"'{c.name}': '{c.type}'" for c in table.columns)
        path = f"{ATTACK}/mesh/data/{given.get(key[2], 'rows')}.csv"
        raw[key] = duckdb.sql(f"FROM read_csv('{path}', columns = {{{types}}}, header = true)").to_arrow_table()
    raw["lab", "probe", "probe"] = pa.table({"v": ["nothing"]})
    language = mask_oracle.Mesh(mesh)
    mask_oracle.MASKS["hash"] = keyed_hash(mesh)
    for key, sql in views.items():
        product = mask_oracle.Principal(".".join(key[:2]), "product", domain=key[0])
        with duckdb.connect() as db:
            for read, data in list(raw.items()):
                if ".".join(read) in sql:
                    seen = language.copy(data, tables[read], product, None)
                    make_table(db, read, seen)
            raw[key] = db.sql(sql).to_arrow_table()
    return raw


def attacked_site(root, weft, people, seeds_of):
    suite, mesh = attack_suite(), os.path.join(root, "attacked")
    suite.WEFT = weft
    suite.make_mesh(mesh)
    suite.control(mesh)
    tables, views = attacked_tables(mesh)
    site = Site("attacked", mesh, tables, attacked_raw(tables, views, mesh), people, seeds_of(suite))
    site.needles, site.is_in = suite.NEEDLES, suite.is_in
    return site


# ---- worlds -----------------------------------------------------------------------------------

def make_table(db, key, seen):
    domain, product, name = key
    db.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {domain}")
    db.execute(f"CREATE SCHEMA IF NOT EXISTS {domain}.{product}")
    db.register("seen_by_arrow", seen)
    db.execute(f"CREATE TABLE {domain}.{product}.{name} AS FROM seen_by_arrow")
    db.unregister("seen_by_arrow")


class Broken(Exception):
    """How plain DuckDB failed: "bind", "run" or "limit"."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


class Plain:
    """DuckDB that holds a principal's copies. `way` is "as they are"; "reversed", their rows in the other order and no
    optimizer; or "opaque", behind views that filter away rows of NULL, as many as there are hidden ones, and tell the
    optimizer little of the values: what weft's masks and filters look like to it."""

    def __init__(self, world, way):
        self.db = duckdb.connect(config={"threads": 1, "memory_limit": "1GB", "python_enable_replacements": False})
        for key, seen in world.copies.items():
            if way == "opaque":
                self.make_opaque(key, seen, world.site.raw[key].num_rows - seen.num_rows)
                continue
            backwards = pa.array(range(seen.num_rows - 1, -1, -1), pa.int64())
            make_table(self.db, key, seen.take(backwards) if way == "reversed" else seen)
        if way == "reversed":
            self.db.execute("PRAGMA disable_optimizer")
        self.db.execute("SET TimeZone = 'UTC'; SET enable_external_access = false; SET lock_configuration = true")

    def make_opaque(self, key, seen, decoys):
        kept = key[0], key[1] + "_kept", key[2]
        flagged = seen.append_column("is_seen", pa.array(["yes"] * seen.num_rows, pa.string()))
        if decoys:
            nothing = [pa.nulls(decoys, f.type) for f in seen.schema] + [pa.array(["no"] * decoys)]
            flagged = pa.concat_tables([flagged, pa.table(nothing, schema=flagged.schema)])
        make_table(self.db, kept, flagged)
        self.db.execute(f"CREATE SCHEMA IF NOT EXISTS {key[0]}.{key[1]}")
        columns = ", ".join(f'TRY("{c}") AS "{c}"' for c in seen.column_names)
        self.db.execute(f"CREATE VIEW {'.'.join(key)} AS SELECT {columns} FROM {'.'.join(kept)} WHERE is_seen = 'yes'")

    def ask(self, sql):
        timer = threading.Timer(SECONDS, self.db.interrupt)
        timer.start()
        try:
            return self.db.execute(sql).to_arrow_table()
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.NotImplementedException) as e:
            raise Broken("bind", str(e).splitlines()[0]) from None
        except (duckdb.InterruptException, duckdb.OutOfMemoryException) as e:
            raise Broken("limit", str(e).splitlines()[0]) from None
        except (duckdb.FatalException, duckdb.InternalException) as e:
            raise Broken("internal", str(e).splitlines()[0]) from None
        except (duckdb.Error, pa.ArrowException) as e:
            raise Broken("run", str(e).splitlines()[0]) from None
        finally:
            timer.cancel()


OTHER_WAYS = "reversed", "opaque"


class World:
    """A site as one principal sees it for a purpose."""

    def __init__(self, site, who):
        self.site, self.who = site, who
        language = site.language
        principal, purpose = language.principals[who[0]], who[1]
        self.copies, self.unseen, self.marked, self.untold = {}, [], {}, {}
        for key, table in site.tables.items():
            if not language.may_read(table, principal, purpose):
                self.unseen.append(key[2])
                continue
            decision = language.decide(table, principal, purpose)
            if all(how["hidden"] for how in decision["columns"].values()):
                self.unseen.append(key[2])
                continue
            self.copies[key] = site.copy(key, principal, purpose, decision)
            self.marked[key] = [c for c, how in decision["columns"].items() if how["hidden"] or how["unprojected"] or how["masks"]] \
                + [c for rows in decision["rows"] for mapping in mask_oracle.listed(rows) for c in mapping]
            self.unseen += [c for c, how in decision["columns"].items() if how["hidden"]]
            self.untold[key] = [c for c, how in decision["columns"].items() if how["unprojected"] and not how["hidden"]]
        self.engines, self.is_in, self.needles = {}, site.is_in, []
        self.secrets = self.find_secrets()

    def find_secrets(self):
        """Texts of the raw data that no copy shows, and the planted needles that none does. What may stand in conditions
        only is in a copy, and not to be shown."""
        told = {key: seen.drop_columns(self.untold[key]) for key, seen in self.copies.items()}
        shown, all_texts = set(), set()
        for key, data in self.site.raw.items():
            all_texts |= texts_of(data)
            shown |= texts_of(told[key]) if key in told else set()
        low = "\n".join(sorted(cell_texts(told.values()))).lower() if self.site.needles else ""
        # Who sees the newest row sees the old one too, of which there is no copy.
        sees_old = "secret-row-" in low
        self.needles = [(needle, secret) for needle, secret in self.site.needles
                        if secret.lower() not in low and not (sees_old and secret == "SECRET-OLD-")]
        return {t for t in all_texts - shown if len(t) >= SECRET_MIN}

    def binds(self, sql):
        """Whether plain DuckDB takes it for a query on these tables."""
        try:
            self.ask("EXPLAIN " + sql)
            return True
        except Broken as e:
            return e.kind != "bind"

    def ask(self, sql, way="as they are"):
        if way not in self.engines:
            self.engines[way] = Plain(self, way)
        try:
            return self.engines[way].ask(sql)
        except Broken as e:
            if e.kind == "internal":    # such an instance answers nothing any more
                del self.engines[way]
            raise


def texts_of(table):
    found = set()
    for column in table.columns:
        if pa.types.is_string(column.type):
            found.update(column.unique().to_pylist())
    found.discard(None)
    return found


def cell_texts(tables):
    """Every value as a text: for the few rows of planted secrets."""
    return {str(v) for table in tables for column in table.columns for v in column.to_pylist()}
