"""datacontract-cli's `test` on an exported DuckDB file agrees, check by check, with the checks of a publish.

The demo, run whole; 50 generated contracts with 200 rows each, about half of them broken on purpose
(generated_contracts.py); and every declared type on a column of every type. `weft export` writes the tables; each contract
gets a server of type duckdb that points at the file; what datacontract-cli says of a check is held against what the receipt,
or the refusal, says: good, bad, not asked, and how many rows or keys are bad. A refused product publishes nothing, so its
rows come from a twin whose contract has the same columns and no promises.

Where the two differ, the pair must be one of EXPLAINED, and each of these must be needed: docs/standards.md gives the
same reasons to people. What was broken on purpose must be what weft says is broken: a third opinion.
"""
import collections
import json
import logging
import os
import random
import re
import subprocess
import sys
import tempfile
import time

import duckdb
import pyarrow.parquet as pq
import yaml
from datacontract.data_contract import DataContract
from open_data_contract_standard.model import OpenDataContractStandard

import generated_contracts

ROOT = os.environ["WEFT_ROOT"]
WEFT = os.environ["WEFT"]
GIVEN_SEED, TABLES = 20130273, 50
SEED = int(os.environ.get("WEFT_DATACONTRACT_SEED", GIVEN_SEED))

failures = []

# Our kind of check: what datacontract-cli calls it. Rules of a contract are paired by their ids.
KINDS = {
    "field_type": "type", "field_physical_type": "physicalType", "field_required": "required",
    "field_primary_key_required": "required", "field_unique": "unique", "field_primary_key_unique": "primaryKey",
    "primary_key_unique": "primaryKey", "field_min_length": "minLength", "field_max_length": "maxLength",
    "field_regex": "pattern", "field_enum": "enum", "field_min_items": "minItems", "field_max_items": "maxItems",
    "field_unique_items": "uniqueItems", "field_null_values": "nullValues", "field_missing_values": "missingValues",
    "field_invalid_values": "invalidValues", "field_duplicate_values": "duplicateValues",
    "model_duplicate_values": "duplicateValues", "row_count": "rowCount", "model_quality_sql": "sql",
    "field_quality_sql": "sql", "field_quality_library": "library",
}

# Kinds of which some checks must be found bad by both, and as many in all.
BAD_MIN, AGREED_MIN = 1, 3
DEMO_MIN = 250  # checks that agree in the demo
WANTED = ("required unique primaryKey enum pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum minItems "
          "maxItems uniqueItems nullValues missingValues invalidValues duplicateValues rowCount sql").split()



class Loader(yaml.SafeLoader):
    """Dates stay text, as in datacontract-cli's own loader."""


Loader.yaml_implicit_resolvers = {first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
                                  for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

Answer = collections.namedtuple("Answer", "verdict count reason")
Pair = collections.namedtuple("Pair", "table about columns kind ours theirs")


def fail(text):
    failures.append(text)
    print("FAIL", text, flush=True)


# ---- differences that have a reason -------------------------------------------------------------

Explained = collections.namedtuple("Explained", "name reason holds")


def said(answer):
    return None if answer is None else answer.verdict


def one_key(pair):
    return pair.about in ("two_rules_of_a_kind", "both_exclusive") and said(pair.theirs) == "no answer" and (
        "Duplicate column name" in pair.theirs.reason or not pair.theirs.reason)


# Each holds in the one generated table that was made for it (or everywhere, where it says no more).
EXPLAINED = [
    Explained("physicalType", "of a DuckDB file it reads no types of the catalog, so a physicalType is compared with nothing",
              lambda p: p.kind == "physicalType" and said(p.ours) == "good" and p.theirs is None),
    Explained("NULL as a key", "two rows without a value repeat a key for weft; there they are left out, as UNIQUE in SQL does",
              lambda p: p.about == "nulls_in_keys" and p.kind in ("unique", "duplicateValues") and
              (said(p.ours), said(p.theirs)) == ("bad", "good") and p.ours.count == p.theirs.count + 1),
    Explained("NaN", "NaN breaks every bound for weft; there it is above every minimum, as the engine sorts it",
              lambda p: p.about == "not_a_number" and p.kind == "minimum" and (said(p.ours), said(p.theirs)) == ("bad", "good")),
    Explained("look-ahead", "a pattern is ECMA-262 for weft; there it is RE2, which has no look-ahead, and one pattern that it "
              "cannot read leaves every counted check of the table without an answer",
              lambda p: p.about == "look_ahead" and said(p.theirs) == "no answer" and "invalid perl operator" in p.theirs.reason),
    Explained("\\s", "in ECMA-262 \\s is all white space of Unicode, in RE2 that of ASCII",
              lambda p: p.about == "white_space" and p.kind == "pattern" and (said(p.ours), said(p.theirs)) == ("good", "bad")),
    Explained("one key", "two rules of one metric on a column, or two exclusive bounds, get one key there, and every counted check "
              "of the table stays without an answer", one_key),
    Explained("multipleOf, format", "it has no such checks",
              lambda p: p.about == "only_ours" and p.kind in ("multipleOf", "format") and p.theirs is None),
    Explained("percent of keys", "it runs no duplicateValues in percent; weft reads a number of keys",
              lambda p: p.about == "share_of_duplicates" and said(p.theirs) == "not asked"),
    Explained("physicalName", "a column is named by physicalName there; for weft that is what a source calls it",
              lambda p: p.about == "other_name_in_the_source" and
              ((p.columns == "word" and p.theirs is None) or (p.columns == "wort" and p.ours is None))),
    Explained("numbers", "integer and number are one type there; weft publishes them as BIGINT and DOUBLE, where no physicalType "
              "says otherwise, and refuses what these cannot hold", lambda p: p.about == "types" and
              p.kind in ("integer", "number") and p.columns in generated_contracts.NUMBERS and
              (said(p.ours), said(p.theirs)) == ("bad", "good")),
    Explained("time zones", "a timestamp has a zone or none there; weft wants the physicalType to say that it has one",
              lambda p: p.about == "types" and (p.kind, p.columns) == ("timestamp", "instant") and
              (said(p.ours), said(p.theirs)) == ("bad", "good")),
    Explained("keys inside lists", "weft does not ask whether values inside a list are unique (uniqueItems is); there it is asked "
              "list by list", lambda p: p.about == "keys_in_lists" and (said(p.ours), said(p.theirs)) == ("not asked", "bad")),
]


# ---- weft's answers -----------------------------------------------------------------------------

def run_weft(folder, *arguments, ends=(0,)):
    done = subprocess.run([WEFT, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in ends:
        raise RuntimeError(f"weft {' '.join(arguments)} ended with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


VERDICTS = {"pass": "good", "warn": "bad", "fail": "bad", "not_evaluated": "not asked", "error": "no answer"}


def our_answer(check, bad):
    """A count is what the check compares: bad rows or keys, or the number that a rule measures."""
    count = check.get(bad)
    count = check.get("measured") if count is None else count
    return Answer(VERDICTS[check["outcome"]], None if count is None else float(count), check.get("message") or "")


def ours_by_table(entries, bad):
    """{table: {(columns, kind): [(id, answer)]}} of a receipt or of the answer of a publish."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for table, check in entries:
        kind = check.get("kind") or re.sub(r"-\d+$", "", check["id"].rsplit(".", 1)[-1])
        found[table][check["columns"] or "", kind].append((check["id"], our_answer(check, bad)))
    return found


# ---- datacontract-cli's answers -----------------------------------------------------------------

def their_answer(check):
    diagnostics = check.diagnostics or {}
    value = diagnostics.get("value")
    result = check.result.value if check.result is not None else "none"
    verdict = {"passed": "good", "failed": "bad", "warning": "bad"}.get(result, "no answer")
    if result == "warning" and value is None:
        verdict = "not asked"
    if result == "failed" and (check.reason or "").startswith(("Error evaluating", "Could not read")):
        verdict = "no answer"
    return Answer(verdict, None if value is None else float(value), check.reason or "")


def their_kind(check, options):
    """An exclusive bound is two checks there: the bound itself, and being equal to it."""
    kind = KINDS.get(check.type)
    side = {"field_minimum": "inimum", "field_maximum": "aximum"}.get(check.type)
    if side is not None:
        kind = "m" + side if "m" + side in options else "exclusiveM" + side
    if check.type == "field_not_equal":
        same = str(options.get("exclusiveMinimum")) == check.name.rsplit(" ", 1)[1]
        kind = "exclusiveMinimum" if same else "exclusiveMaximum"
    return kind


def options_of(contract):
    """{(table, path): logicalTypeOptions}; the path as datacontract-cli spells it."""
    found = {}

    def walk(table, prop, path):
        found[table, path] = prop.get("logicalTypeOptions") or {}
        for one in prop.get("properties") or []:
            walk(table, one, f"{path}.{one.get('physicalName') or one['name']}")
        if prop.get("items"):
            walk(table, prop["items"], path + "[]")
    for thing in contract["schema"]:
        for prop in thing["properties"]:
            walk(thing["name"], prop, prop.get("physicalName") or prop["name"])
    return found


def test_contract(contract, database, schema):
    """All checks of a contract, run by datacontract-cli on the tables of one schema of a file."""
    server = {"server": "exported", "type": "duckdb", "database": database, "schema": schema}
    model = OpenDataContractStandard.model_validate({**contract, "servers": [server]})
    run = DataContract(data_contract=model).test()
    return [check for check in run.checks if check.model is not None] or fail_run(contract, run)


def fail_run(contract, run):
    fail(f"{contract['id']}: datacontract-cli did not test: {[log.message for log in run.logs]}")
    return []


# ---- pairs --------------------------------------------------------------------------------------

def joined(answers):
    """Several checks for one of ours: bad when one is, with the rows of all."""
    verdicts = [answer.verdict for answer in answers]
    for verdict in ("no answer", "not asked", "bad"):
        if verdict in verdicts:
            break
    else:
        verdict = "good"
    counts = [answer.count for answer in answers if answer.count is not None]
    return Answer(verdict, sum(counts) if counts else None, "; ".join(a.reason for a in answers if a.reason))


def theirs_by_table(contract, checks):
    """{table: {(columns, kind): [(rule id, [answers])]}}"""
    options, found = options_of(contract), collections.defaultdict(lambda: collections.defaultdict(list))
    for check in checks:
        if check.type == "field_is_present":
            continue
        kind = their_kind(check, options.get((check.model, check.field), {}))
        if kind is None:
            fail(f"{check.key}: a check of type {check.type} is not known here")
            continue
        columns = "" if kind == "primaryKey" else (check.field or "").replace("[]", ".items")
        same = found[check.model][columns, kind]
        if check.qualityId is None and kind.startswith("exclusive") and same:
            same[0][1].append(their_answer(check))
        else:
            same.append((check.qualityId, [their_answer(check)]))
    return found


def ours_by_place(thing, answers, rules):
    """As theirs_by_table, of one table."""
    found = collections.defaultdict(list)
    for (columns, kind), entries in answers.items():
        place = "" if kind == "primaryKey" or (kind == "duplicateValues" and ", " in columns) else columns
        for identity, answer in entries:
            found[place, kind].append((identity if identity in rules else None, [answer]))
    return found


def spread(answers):
    """{what: (columns, kind, answer)}: a rule by its id, any other by its place among those of its kind and column."""
    found = {}
    for (columns, kind), entries in answers.items():
        for position, (identity, several) in enumerate(entries):
            found[identity or (columns, kind, position)] = (columns, kind, joined(several))
    return found


def pairs_of(contract, ours, checks, about):
    """Every check of either side with that of the other, if it has one."""
    theirs = theirs_by_table(contract, checks)
    for thing in contract["schema"]:
        rules = {rule["id"] for owner in [thing, *thing["properties"]] for rule in owner.get("quality") or [] if "id" in rule}
        left = spread(ours_by_place(thing, ours[thing["name"]], rules))
        right = spread(theirs[thing["name"]])
        for what in sorted(set(left) | set(right), key=str):
            columns, kind, mine = left.get(what) or (*right[what][:2], None)
            yield Pair(thing["name"], about, columns, kind, mine, right[what][2] if what in right else None)


def agrees(pair):
    if pair.ours is None or pair.theirs is None or pair.ours.verdict != pair.theirs.verdict:
        return False
    counts = (pair.ours.count, pair.theirs.count)
    return None in counts or abs(counts[0] - counts[1]) <= 1e-9 * max(abs(c) for c in counts)


class Score:
    """How many checks of a kind agreed, and which differences were met."""

    def __init__(self):
        self.agreed, self.bad, self.met = collections.Counter(), collections.Counter(), collections.Counter()

    def take(self, pair):
        if agrees(pair):
            self.agreed[pair.kind] += 1
            self.bad[pair.kind] += pair.ours.verdict == "bad"
            return
        for one in EXPLAINED:
            if one.holds(pair):
                self.met[one.name] += 1
                return
        fail(f"{pair.table} {pair.columns} {pair.kind}: weft says {pair.ours}, datacontract-cli {pair.theirs}")

    def tell(self, what):
        total, bad = sum(self.agreed.values()), sum(self.bad.values())
        print(f"{what}: {total} checks agree, {bad} of them bad; {sum(self.met.values())} differ for a known reason")
        print("   ", ", ".join(f"{kind} {n} ({self.bad[kind]} bad)" for kind, n in sorted(self.agreed.items())))
        for name, count in sorted(self.met.items()):
            print(f"    {count} x {name}")
        sys.stdout.flush()


def compare(contract, ours, database, schema, score, about=""):
    for pair in pairs_of(contract, ours, test_contract(contract, database, schema), about):
        score.take(pair)


# ---- the demo -----------------------------------------------------------------------------------

def start_demo(folder):
    return subprocess.Popen([os.path.join(ROOT, "demo", "run"), os.path.join(folder, "the demo")], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def demo(folder, running, score):
    work, said_last = os.path.join(folder, "the demo"), running.communicate()[0]
    if running.returncode != 0:
        fail(f"demo/run ended with {running.returncode}:\n{said_last}")
        return
    database = os.path.join(folder, "demo.duckdb")
    exported = json.loads(run_weft(work, "export", "--all", "--limit", "0", "-f", database, "--json"))["tables"]
    for product in sorted({table["address"].rsplit(".", 1)[0] for table in exported}):
        domain, name = re.sub(r"_v\d+$", "", product).split(".")
        receipt = json.loads(run_weft(work, "receipt", "show", f"{domain}.{name}"))["receipt"]
        ours = ours_by_table([(check["address"].rsplit(".", 1)[1], check) for check in receipt["checks"]], "bad_rows")
        base = os.path.join(work, "domains", domain, name)
        for file in sorted(os.listdir(base)):
            if not file.endswith(".odcs.yaml") or file == "source.odcs.yaml":
                continue
            with open(os.path.join(base, file), encoding="utf-8") as text:
                contract = yaml.load(text, Loader=Loader)
            compare(contract, ours, database, name, score)


# ---- generated contracts ------------------------------------------------------------------------

def write_yaml(path, document):
    """JSON is YAML, and faster to write."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)


def contract_of(identity, thing, **more):
    return {"apiVersion": "v3.2.0", "kind": "DataContract", "id": identity, "version": "1.0.0", "status": "active",
            **more, "schema": [thing]}


def write_product(folder, domain, columns, data, promised):
    """A product whose table, `promised`, reads a Parquet file that has `columns`."""
    name = promised["name"]
    base = os.path.join(folder, "domains", domain, name)
    source, port = f"{domain}-{name}-file", f"{domain}-{name}"
    write_yaml(os.path.join(base, "product.odps.yaml"), {
        "apiVersion": "v1.0.0", "kind": "DataProduct", "id": f"{port}-product", "name": name, "status": "active",
        "inputPorts": [{"name": "file", "version": "1.0.0", "contractId": source}],
        "outputPorts": [{"name": name, "version": "1.0.0", "contractId": port}]})
    write_yaml(os.path.join(base, "source.odcs.yaml"), contract_of(
        source, {"name": "file", "properties": columns},
        servers=[{"server": "files", "type": "local", "path": f"../../../data/{data}.parquet", "format": "parquet"}]))
    with open(os.path.join(base, f"{name}.sql"), "w", encoding="utf-8") as file:
        file.write(f"SELECT {', '.join(prop['name'] for prop in promised['properties'])} FROM source.file\n")
    contract = contract_of(port, promised)
    write_yaml(os.path.join(base, f"{name}.odcs.yaml"), contract)
    return contract


def begin_mesh(folder, *domains):
    os.makedirs(os.path.join(folder, "data"))
    write_yaml(os.path.join(folder, "mesh.yaml"), {"apiVersion": "weft/v1", "kind": "Mesh", "name": "generated"})
    for domain in domains:
        write_yaml(os.path.join(folder, "domains", domain, "domain.yaml"),
                   {"apiVersion": "weft/v1", "kind": "Domain", "name": domain})


def publish_all(folder):
    answer = json.loads(run_weft(folder, "publish", "--all", "--json", ends=(0, 2)))
    return {result["product"]: result for result in answer["products"]}


def write_mesh(folder, tables):
    """Domain `made` keeps its promises or is refused; domain `twin` has the same rows and promises nothing."""
    begin_mesh(folder, "made", "twin")
    contracts = {}
    for table in tables:
        bare = table.bare()
        pq.write_table(table.rows(), os.path.join(folder, "data", table.name + ".parquet"))
        contracts[table.name] = write_product(folder, "made", bare["properties"], table.name, table.object())
        write_product(folder, "twin", bare["properties"], table.name, bare)
    return contracts


def check_broken(table, checks):
    """What was broken on purpose, and nothing else, is what weft says is broken."""
    bad = {check["id"] for check in checks if VERDICTS[check["outcome"]] == "bad"}
    if not table.broken <= bad or (not table.broken and bad):
        fail(f"{table.name}: broken {sorted(table.broken)}, weft says {sorted(bad)}")


def lint(contracts):
    """All generated contracts as one: the official schema takes them, as datacontract-cli has it."""
    things = [contract["schema"][0] for contract in contracts.values()]
    run = DataContract(data_contract_str=json.dumps({**contract_of("all", None), "schema": things})).lint()
    if run.result.value not in ("passed", "warning"):  # a rule that it will not run is a warning
        fail(f"datacontract lint: {[(check.result, check.reason) for check in run.checks]}")


def generated(folder, score):
    tables = generated_contracts.all_tables(random.Random(SEED), TABLES)
    contracts = write_mesh(folder, tables)
    lint(contracts)
    results = publish_all(folder)
    for domain in ("made", "twin"):
        run_weft(folder, "export", domain, "-f", os.path.join(folder, domain + ".duckdb"))
    refused = 0
    for table in tables:
        result = results[f"made.{table.name}"]
        if not result["tables"]:
            fail(f"{table.name} was not built: {result}")
            continue
        checks = result["tables"][0]["checks"]
        check_broken(table, checks)
        refused += result["outcome"] != "published"
        database = os.path.join(folder, ("made" if result["outcome"] == "published" else "twin") + ".duckdb")
        compare(contracts[table.name], ours_by_table([(table.name, check) for check in checks], "bad_count"),
                database, table.name, score, table.made_for)
    print(f"{len(tables)} generated contracts, {refused} of them refused", flush=True)


# ---- types --------------------------------------------------------------------------------------

def types(folder, score):
    """A table is published, or refused for its type: then `every`, which has a column of each type, stands for it."""
    begin_mesh(folder, "kinds")
    columns = [{"name": name, "physicalType": kind} for name, (kind, _) in generated_contracts.TYPES.items()]
    values = ", ".join(f"{value}::{kind} AS {name}" for name, (kind, value) in generated_contracts.TYPES.items())
    duckdb.execute(f"COPY (SELECT {values}) TO '{folder}/data/every.parquet' (FORMAT parquet)")
    write_product(folder, "kinds", columns, "every", {"name": "every", "properties": columns})
    pairs = {f"{declared}_{name}": (name, {"name": name, "logicalType": declared, **more})
             for declared, more in generated_contracts.DECLARED.items() for name in generated_contracts.TYPES}
    for product, (_, prop) in pairs.items():
        write_product(folder, "kinds", columns, "every", {"name": product, "properties": [prop]})
    results, database = publish_all(folder), os.path.join(folder, "kinds.duckdb")
    run_weft(folder, "export", "kinds", "-f", database)
    of_every = {declared: test_contract(contract_of("every", {"name": "every", "properties": [
        {"name": name, "logicalType": declared, **more} for name in generated_contracts.TYPES]}), database, "every")
        for declared, more in generated_contracts.DECLARED.items()}
    for product, (name, prop) in pairs.items():
        result, declared = results[f"kinds.{product}"], prop["logicalType"]
        checks, ours = of_every[declared], Answer("bad", None, "; ".join(f["message"] for f in result["findings"]))
        if result["outcome"] == "published":
            checks = test_contract(contract_of(product, {"name": product, "properties": [prop]}), database, product)
            ours = Answer("good", None, "")
        elif "declared" not in ours.reason:
            fail(f"{product} was refused for another reason: {result}")
        theirs = joined([their_answer(c) for c in checks if c.type == "field_type" and c.field == name])
        score.take(Pair(product, "types", name, declared, ours, theirs))


def main():
    logging.disable(logging.CRITICAL)
    scores = {"the demo": Score(), "generated contracts": Score(), "types": Score()}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="weft datacontract ") as folder:
        running = start_demo(folder)  # half of its time is waiting
        generated(os.path.join(folder, "generated"), scores["generated contracts"])
        types(os.path.join(folder, "types"), scores["types"])
        demo(folder, running, scores["the demo"])
    for what, score in scores.items():
        score.tell(what)
    for kind in WANTED:
        score = scores["generated contracts"]
        if SEED == GIVEN_SEED and (score.agreed[kind] < AGREED_MIN or score.bad[kind] < BAD_MIN):
            fail(f"only {score.agreed[kind]} checks of kind {kind}, {score.bad[kind]} of them bad: too few to prove anything")
    if sum(scores["the demo"].agreed.values()) < DEMO_MIN:
        fail(f"fewer than {DEMO_MIN} checks of the demo agree")
    for one in EXPLAINED:
        if not any(score.met[one.name] for score in scores.values()):
            fail(f"the difference \"{one.name}\" was never met: it is no difference any more")
    print(f"{len(failures)} failures in {time.monotonic() - began:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
