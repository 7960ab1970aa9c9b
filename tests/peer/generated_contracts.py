"""Contracts and rows for datacontract_test.py: columns with promises, and rows that break some of them on purpose.

A maker gives a column: its property in the contract, its type in Parquet, a value for each row that keeps every
promise, and for each promise a way to break it. What was broken is known by the id that weft gives the check.
"""
import copy
import datetime
import decimal
import string

import pyarrow as pa

ROWS = 200
DAY = datetime.date(2020, 1, 1)
MOMENT = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
WORDS = ["amber", "birch", "cedar", "dune", "elm", "fjord", "grove", "heath"]


class Column:
    """A column of a generated table."""

    def __init__(self, prop, kind, values):
        self.prop, self.kind, self.values = prop, kind, values
        self.breaks = {}  # kind of check: function that makes a value bad, of a row number

    @property
    def name(self):
        return self.prop["name"]


def spread(random, values):
    """Some rows to be made bad."""
    return random.sample(range(len(values)), random.randint(1, 6))


# ---- makers of columns --------------------------------------------------------------------------

def whole(random, name):
    low = random.randint(-50, 50)
    high = low + random.randint(20, 500)
    exclusive = random.random() < 0.5
    options = {"exclusiveMinimum": low - 1, "maximum": high} if exclusive else {"minimum": low, "maximum": high}
    column = Column({"name": name, "logicalType": "integer", "physicalType": random.choice(["BIGINT", "INTEGER"]),
                     "logicalTypeOptions": options}, None, [random.randint(low, high) for _ in range(ROWS)])
    column.kind = pa.int64() if column.prop["physicalType"] == "BIGINT" else pa.int32()
    column.breaks["exclusiveMinimum" if exclusive else "minimum"] = lambda row: low - 1 - row % 2
    column.breaks["maximum"] = lambda row: high + 1 + row
    return column


def real(random, name):
    high = random.choice([1, 99.5, 1e6])
    column = Column({"name": name, "logicalType": "number", "logicalTypeOptions": {"minimum": 0, "exclusiveMaximum": high}},
                    pa.float64(), [random.random() * high * 0.999 for _ in range(ROWS)])
    column.breaks["minimum"] = lambda row: -0.25 - row
    column.breaks["exclusiveMaximum"] = lambda row: high if row % 2 else high * 2
    return column


def money(random, name):
    column = Column({"name": name, "logicalType": "number", "physicalType": "DECIMAL(12,2)",
                     "logicalTypeOptions": {"minimum": 0.05, "maximum": 9999.99}},
                    pa.decimal128(12, 2), [decimal.Decimal(random.randint(5, 999999)) / 100 for _ in range(ROWS)])
    column.breaks["minimum"] = lambda row: decimal.Decimal("0.04")
    column.breaks["maximum"] = lambda row: decimal.Decimal("10000.00")
    return column


def code(random, name):
    def good():
        return "".join(random.choices(string.ascii_uppercase, k=2)) + f"{random.randint(0, 99999):05d}"
    pattern = random.choice(["^[A-Z]{2}[0-9]{5}$", r"^\w{2}\d+$", "^[A-Z]+([0-9])+$"])
    column = Column({"name": name, "logicalType": "string",
                     "logicalTypeOptions": {"pattern": pattern, "minLength": 7, "maxLength": 7}},
                    pa.string(), [good() for _ in range(ROWS)])
    column.breaks["pattern"] = lambda row: "-" + good()[:6]
    column.breaks["minLength"] = lambda row: good()[:6]
    column.breaks["maxLength"] = lambda row: good() + "0"
    return column


def listed(random, name):
    words = random.sample(WORDS, 4)
    column = Column({"name": name, "logicalType": "string", "enum": [{"value": word} for word in words]},
                    pa.string(), [random.choice(words) for _ in range(ROWS)])
    column.breaks["enum"] = lambda row: "none of them"
    return column


def day(random, name):
    last = DAY + datetime.timedelta(days=400)
    column = Column({"name": name, "logicalType": "date", "physicalType": "DATE",
                     "logicalTypeOptions": {"minimum": DAY.isoformat(), "maximum": last.isoformat()}},
                    pa.date32(), [DAY + datetime.timedelta(days=random.randint(0, 400)) for _ in range(ROWS)])
    column.breaks["minimum"] = lambda row: DAY - datetime.timedelta(days=1)
    column.breaks["maximum"] = lambda row: last + datetime.timedelta(days=1 + row)
    return column


def moment(random, name):
    zone = random.random() < 0.5
    naive = MOMENT.replace(tzinfo=None)
    column = Column({"name": name, "logicalType": "timestamp",
                     "physicalType": "TIMESTAMP WITH TIME ZONE" if zone else "TIMESTAMP"},
                    pa.timestamp("us", "UTC") if zone else pa.timestamp("us"),
                    [(MOMENT if zone else naive) + datetime.timedelta(seconds=random.randint(0, 10**8)) for _ in range(ROWS)])
    return column


def flag(random, name):
    return Column({"name": name, "logicalType": "boolean"}, pa.bool_(), [random.random() < 0.5 for _ in range(ROWS)])


def rule_of_flag(column, table):
    """An SQL rule on a column, which names itself and its table in one of the ways that ODCS knows."""
    made = {"id": f"{table}_{column.name}", "type": "sql", "mustBeLessThan": 1,
            "query": "SELECT count(*) FROM ${object} WHERE ${property} IS NULL"}
    column.prop["quality"] = [made]
    column.breaks[made["id"]] = lambda row: None


def numbers(random, name):
    column = Column({"name": name, "logicalType": "array", "items": {"logicalType": "integer"},
                     "logicalTypeOptions": {"minItems": 1, "maxItems": 4, "uniqueItems": True}},
                    pa.list_(pa.int64()), [random.sample(range(100), random.randint(1, 4)) for _ in range(ROWS)])
    column.breaks["minItems"] = lambda row: []
    column.breaks["maxItems"] = lambda row: list(range(5 + row % 3))
    column.breaks["uniqueItems"] = lambda row: [row, row]
    return column


def place(random, name):
    column = Column({"name": name, "logicalType": "object", "properties": [
        {"name": "city", "logicalType": "string", "logicalTypeOptions": {"maxLength": 5}},
        {"name": "lat", "logicalType": "number", "logicalTypeOptions": {"minimum": -90, "maximum": 90}}]},
        pa.struct([("city", pa.string()), ("lat", pa.float64())]),
        [{"city": random.choice(WORDS)[:5], "lat": random.uniform(-90, 90)} for _ in range(ROWS)])
    column.breaks["city.maxLength"] = lambda row: {"city": "a long name", "lat": 1.0}
    column.breaks["lat.maximum"] = lambda row: {"city": "elm", "lat": 90.5 + row}
    return column


MAKERS = [whole, real, money, code, listed, day, moment, flag, numbers, place]


# ---- promises on top ----------------------------------------------------------------------------

def require(column):
    """Rows without a value in a unique column would be a difference: NULL as a key."""
    column.prop["required"] = True
    if not column.prop.get("unique"):
        column.breaks["required"] = lambda row: None


def make_unique(random, column):
    """Of a column of whole numbers."""
    column.prop.pop("logicalTypeOptions", None)
    column.prop["unique"] = True
    column.values = random.sample(range(10 * ROWS), ROWS)
    column.breaks = {"unique": lambda row: 20001 + row % 2}


OPERATORS = [("mustBe", 0), ("mustBeLessThan", 1), ("mustBeLessOrEqualTo", 0), ("mustBeBetween", [0, 0.5])]


def rule(random, identity, **fields):
    operator, value = random.choice(OPERATORS)
    made = {"id": identity, "metric": None, operator: value, **fields}
    if random.random() < 0.2:
        made["severity"] = random.choice(["warning", "info"])
    return {key: part for key, part in made.items() if part is not None}


def ruled(random, table):
    """A column of words with a rule of a library metric, which has an id of its own."""
    column = listed(random, "word")
    words = [entry["value"] for entry in column.prop.pop("enum")]
    column.breaks.clear()
    identity = f"{table}_{column.name}"
    kind = random.choice(["validValues", "pattern", "missing", "nulls", "percent", "invalidPercent", "keys"])
    if kind == "validValues":
        made = rule(random, identity, metric="invalidValues", arguments={"validValues": words})
        column.breaks[made["id"]] = lambda row: "none of them"
    elif kind == "pattern":
        made = rule(random, identity, metric="invalidValues", arguments={"pattern": "^[a-z]+$"})
        column.breaks[made["id"]] = lambda row: "None 1"
    elif kind == "missing":
        made = rule(random, identity, metric="missingValues", arguments={"missingValues": ["", "N/A", None]})
        column.breaks[made["id"]] = lambda row: ["", "N/A", None][row % 3]
    elif kind == "nulls":
        made = rule(random, identity, metric="nullValues")
        column.breaks[made["id"]] = lambda row: None
    elif kind == "percent":
        made = {"id": identity, "metric": "nullValues", "unit": "percent", "mustBeLessThan": 0.5}
        column.breaks[made["id"]] = lambda row: None
    elif kind == "invalidPercent":
        made = {"id": identity, "metric": "invalidValues", "unit": "percent", "mustBeLessThan": 0.5,
                "arguments": {"validValues": words, "pattern": "^[a-z]*$"}}
        column.breaks[made["id"]] = lambda row: words[0] + " "
    else:
        made = rule(random, identity, metric="duplicateValues")
        column.values = [f"word {row}" for row in range(ROWS)]
        column.breaks[made["id"]] = lambda row: ["word 0", "word 1"][row % 2]
    column.prop["quality"] = [made]
    return column


def rules_of_table(random, table, columns):
    """Rules of the table, and which of them the rows break when asked to: [(rule, broken rule)]."""
    by_name = {column.name: column for column in columns}
    keys = [column.name for column in columns[1:] if column.prop["logicalType"] in ("integer", "date", "string")][:2]
    made = [
        ({"id": f"{table}_rows", "metric": "rowCount", "mustBe": ROWS}, {"mustBe": ROWS - 1}),
        ({"id": f"{table}_some", "metric": "rowCount", "mustBeBetween": [1, ROWS]}, {"mustBeBetween": [ROWS + 1, 10**6]}),
        ({"id": f"{table}_keys", "metric": "duplicateValues", "arguments": {"properties": ["id", *keys]}, "mustBe": 0}, None),
        ({"id": f"{table}_sql", "type": "sql", "query": "SELECT count(*) FROM {object} WHERE id < 0", "mustBe": 0},
         {"query": "SELECT count(*) FROM {object} WHERE id >= 0"}),
        ({"id": f"{table}_share", "type": "sql", "mustBeGreaterThan": 0.5,
          "query": "SELECT count(*) FILTER (id % 2 >= 0) / count(*) FROM ${table}"}, {"mustBeGreaterThan": 1}),
    ]
    if "flag" in by_name:
        made.append(({"id": f"{table}_flags", "type": "sql", "mustNotBe": 0,
                      "query": "SELECT count(DISTINCT flag) FROM {object}"}, {"mustNotBe": 2}))
    random.shuffle(made)
    return made[:2] if {made[0][0].get("metric"), made[1][0].get("metric")} != {"rowCount"} else made[1:3]


# ---- tables -------------------------------------------------------------------------------------

class Table:
    """A generated table: its schema object, rows, and the ids of the checks that must fail."""

    def __init__(self, name, columns):
        self.name, self.columns, self.rules, self.broken = name, columns, [], set()
        self.made_for = ""  # the difference that it is about

    def object(self):
        made = {"name": self.name, "properties": [column.prop for column in self.columns]}
        return {**made, "quality": self.rules} if self.rules else made

    def rows(self):
        return pa.table({c.name: pa.array(c.values, c.kind) for c in self.columns})

    def bare(self):
        """The same columns without a promise."""
        def strip(prop):
            kept = {key: copy.deepcopy(prop[key]) for key in ("name", "logicalType", "physicalType") if key in prop}
            if "properties" in prop:
                kept["properties"] = [strip(one) for one in prop["properties"]]
            if "items" in prop:
                kept["items"] = strip(prop["items"])
            return kept
        return {"name": self.name, "properties": [strip(column.prop) for column in self.columns]}


def break_column(random, table, column):
    kind, bad = random.choice(sorted(column.breaks.items()))
    for row in spread(random, column.values) if kind not in ("unique", "primaryKey") else [3, 50, 77, 120]:
        column.values[row] = bad(row)
    own_id = kind.startswith(table.name + "_")
    of_table = f"{table.name}.{kind}" if kind == "primaryKey" else f"{table.name}.{column.name}.{kind}"
    table.broken.add(kind if own_id else of_table)


def key(random):
    values = list(range(1, ROWS + 1))
    random.shuffle(values)
    column = Column({"name": "id", "logicalType": "integer", "physicalType": "BIGINT", "primaryKey": True}, pa.int64(), values)
    column.breaks["primaryKey"] = lambda row: values[0]
    return column


def generate(random, number):
    name = f"t{number:02d}"
    columns = [key(random)]
    for maker in random.sample(MAKERS, random.randint(2, 6)):
        column = maker(random, maker.__name__)
        if maker is whole and random.random() < 0.3:
            make_unique(random, column)
        elif maker is flag and random.random() < 0.7:
            rule_of_flag(column, name)
        if random.random() < 0.4 and not column.prop.get("quality"):
            require(column)
        columns.append(column)
    columns.append(ruled(random, name))
    if random.random() < 0.3 and columns[1].prop["logicalType"] not in ("array", "object"):
        columns[0].prop.update(primaryKeyPosition=1)
        columns[1].prop.update(primaryKey=True, primaryKeyPosition=2)
        columns[0].breaks.clear()
    table = Table(name, columns)
    rules = rules_of_table(random, name, columns)
    table.rules = [given for given, _ in rules]
    if number % 2 == 1:
        others = [column for column in columns[:-1] if column.breaks]
        for column in [columns[-1], *random.sample(others, min(2, len(others)))]:
            break_column(random, table, column)
        given, change = random.choice(rules)
        if change is not None and random.random() < 0.5:
            for operator in [word for word in given if word.startswith("must") and any(w.startswith("must") for w in change)]:
                del given[operator]
            given.update(change)
            table.broken.add(given["id"])
    return table


# ---- where the two are known to differ ----------------------------------------------------------

def text(name, values, **prop):
    return Column({"name": name, "logicalType": "string", **prop}, pa.string(), [values[i % len(values)] for i in range(ROWS)])


def number(name, values, kind=None, **prop):
    return Column({"name": name, "logicalType": "number" if kind is None else "integer", **prop}, kind or pa.float64(),
                  [values[i % len(values)] for i in range(ROWS)])


def nulls_in_keys(name):
    once = number("once", [0], pa.int64(), unique=True)
    once.values = [None, None, *range(ROWS - 2)]
    pair = number("pair", [1], pa.int64(), quality=[{"id": name + "_pair", "metric": "duplicateValues", "mustBe": 0}])
    pair.values = [None, None, *range(ROWS - 2)]
    return [once, pair], {f"{name}.once.unique", name + "_pair"}


def not_a_number(name):
    low = number("low", [1.0, float("nan")], logicalTypeOptions={"minimum": 0})
    high = number("high", [1.0, float("nan")], logicalTypeOptions={"maximum": 5})
    return [low, high], {f"{name}.low.minimum", f"{name}.high.maximum"}


def look_ahead(name):
    ahead = text("ahead", ["abc1", "def2"], logicalTypeOptions={"pattern": r"^(?=.*\d)[a-z0-9]+$"})
    beside = text("beside", ["abc", "de"], required=True, logicalTypeOptions={"minLength": 3})
    return [ahead, beside], {f"{name}.beside.minLength"}


def white_space(name):
    return [text("apart", ["a b", "a\u00a0b"], logicalTypeOptions={"pattern": r"^a\sb$"}),
            text("lines", ["ab", "ab\n"], logicalTypeOptions={"pattern": "^ab$"})], {f"{name}.lines.pattern"}


def two_rules_of_a_kind(name):
    word = text("word", ["amber", "birch", "none"], quality=[
        {"id": name + "_first", "metric": "invalidValues", "arguments": {"validValues": ["amber", "birch"]}, "mustBe": 0},
        {"id": name + "_second", "metric": "invalidValues", "arguments": {"pattern": "^[a-z]+$"}, "mustBe": 0}])
    return [word], {name + "_first"}


def only_ours(name):
    dozen = number("dozen", [12, 24, 25], pa.int64(), logicalTypeOptions={"multipleOf": 12})
    mail = text("mail", ["ada@example.org", "nobody"], logicalTypeOptions={"format": "email"})
    return [dozen, mail], {f"{name}.dozen.multipleOf", f"{name}.mail.format"}


def share_of_duplicates(name):
    twice = number("twice", [1], pa.int64(), quality=[
        {"id": name + "_twice", "metric": "duplicateValues", "unit": "percent", "mustBeLessThan": 10}])
    twice.values = [i // 2 for i in range(ROWS)]
    return [twice], {name + "_twice"}


def other_name_in_the_source(name):
    return [text("word", ["a", "b", None], physicalName="wort", required=True)], {f"{name}.word.required"}


def keys_in_lists(name):
    marks = Column({"name": "marks", "logicalType": "array", "items": {"logicalType": "integer", "unique": True}},
                   pa.list_(pa.int64()), [[1, 2], [3, 3]] * (ROWS // 2))
    return [marks], set()


def both_exclusive(name):
    inside = number("inside", [1.0, 2.0, 10.0], logicalTypeOptions={"exclusiveMinimum": 0, "exclusiveMaximum": 10})
    return [inside], {f"{name}.inside.exclusiveMaximum"}


SPECIAL = [nulls_in_keys, not_a_number, look_ahead, white_space, two_rules_of_a_kind, only_ours, share_of_duplicates,
           other_name_in_the_source, keys_in_lists, both_exclusive]


def special(random, position, number_):
    """A table for each difference that is known, beside a column without one."""
    name = f"t{number_:02d}"
    columns, broken = SPECIAL[position](name)
    table = Table(name, [key(random), *columns])
    table.broken, table.made_for = broken, SPECIAL[position].__name__
    return table


def all_tables(random, count):
    plain = count - len(SPECIAL)
    return ([generate(random, i) for i in range(plain)] +
            [special(random, i, plain + i) for i in range(len(SPECIAL))])


# ---- declared types against real ones -----------------------------------------------------------

# A column of each type: its type, and a value.
TYPES = {
    "flag": ("BOOLEAN", "true"), "small": ("SMALLINT", "1"), "whole": ("INTEGER", "1"), "big": ("BIGINT", "1"),
    "single": ("FLOAT", "1.5"), "real": ("DOUBLE", "1.5"), "money": ("DECIMAL(12,2)", "1.5"), "word": ("VARCHAR", "'a'"),
    "bytes": ("BLOB", "'a'"), "day": ("DATE", "'2020-01-01'"), "moment": ("TIMESTAMP", "'2020-01-01'"),
    "instant": ("TIMESTAMP WITH TIME ZONE", "'2020-01-01'"), "list": ("VARCHAR[]", "['a']"), "thing": ("STRUCT(a INTEGER)", "{'a': 1}"),
}
NUMBERS = ("small", "whole", "big", "single", "real", "money")
DECLARED = {
    "boolean": {}, "integer": {}, "number": {}, "string": {}, "date": {}, "timestamp": {},
    "array": {"items": {"logicalType": "string"}}, "object": {"properties": [{"name": "a", "logicalType": "integer"}]},
}
