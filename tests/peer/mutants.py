"""Mutants of SQL texts: the seeds of mutants_test.py changed on the engine's own syntax tree, or wrapped as texts.

Everything hangs on the random generator that is given, so a number makes the same mutant each time. What is written
need not bind: nobody knows beforehand what the guard lets through, and that is what is asked.
"""
import copy
import datetime
import decimal
import json
import re

import duckdb

NOWHERE = 2**64 - 1
TEXT, NUMBER, DAY, OTHER = "text", "number", "day", "other"

# $0 and $1 are expressions, $L a literal (often a hidden value), $C a column of $T, one of the tables.
ANY = """
CAST($0 AS VARCHAR);CAST($0 AS INTEGER);CAST($0 AS DATE);CAST($0 AS DOUBLE);CAST($0 AS BOOLEAN);CAST($0 AS BLOB);TRY_CAST($0 AS INTEGER)
CAST($0 AS DECIMAL(5, 2));CAST($0 AS TIMESTAMP);CAST($0 AS INTEGER[]);TRY(CAST($0 AS INTEGER));coalesce($0, $1);nullif($0, $1);nullif($0, $L)
CASE WHEN $0 IS NULL THEN $1 ELSE $0 END;CASE $0 WHEN $1 THEN 1 ELSE 0 END;CASE WHEN $0 = $L THEN 1 / 0 ELSE 1 END;$0 IS NULL;$0 IS NOT NULL
hash($0);md5(CAST($0 AS VARCHAR));[$0, $1];struct_pack(a := $0, b := $1);row($0, $1);(SELECT $0);greatest($0, $1);least($0, $1);concat($0, $1)
format('{}|{}', $0, $1);if($0 IS NULL, $1, $0);$0 = $1;$0 < $1;$0 IN ($1, $L);$0 IS DISTINCT FROM $1;to_json($0);ifnull($0, $1);NOT ($0 = $L)
($0, $1) = ($1, $0);CASE WHEN $0 > $L THEN $0 END;(SELECT max($C) FROM $T);(SELECT count(*) FROM $T q WHERE q.$C = $0);try(error($0))
(SELECT min(q.$C) FROM $T q WHERE q.$C > $0);EXISTS (SELECT 1 FROM $T q WHERE q.$C = $0);list_contains([$1, $L], $0);map {$0: $1}
$0 IN (SELECT $C FROM $T);(SELECT list(q.$C ORDER BY q.$C) FROM $T q);array_length([$0, $1]);CAST(row($0, $1) AS VARCHAR);$0 IN (SELECT $0)
COLUMNS('.*e.*');typeof($0);error(CAST($0 AS VARCHAR));list_transform([$0], x -> x);list_filter([$0, $1], x -> x = $L);constant_or_null(1, $0)
""".strip()
TEXTS = """
upper($0);lower($0);reverse($0);length($0);substr($0, 1, 3);$0 || $1;$0 LIKE '%1%';$0 LIKE $1;$0 SIMILAR TO '.*[0-9].*';regexp_matches($0, $1)
regexp_replace($0, $1, 'x');regexp_extract($0, '[0-9]+');strptime($0, '%Y-%m-%d');chr(length($0));ascii($0);date_part($0, DATE '2020-01-01')
date_diff($0, DATE '2020-01-01', DATE '2021-01-01');date_trunc($0, DATE '2020-02-03');json_extract($0, '$.a');CAST($0 AS JSON);from_base64($0)
unhex($0);hamming($0, $1);jaccard($0, $1);levenshtein($0, $1);printf($0, 1);string_split($0, '-');left($0, 3);right($0, 2);instr($0, '#');strpos($0, $1)
starts_with($0, 'S');contains($0, $1);repeat($0, 2);translate($0, 'abc', 'xyz');strftime(DATE '2020-01-01', $0);$0 COLLATE NOCASE;unicode($0)
sha256($0);CAST($0 AS BIT);strip_accents($0);$0[2];$0[1:3];trim($0);split_part($0, ' ', 1);bar(length($0), 0, 10, 5);regexp_full_match($0, $L);ord($0)
replace($0, '1', '2');lpad($0, 12, '*');encode($0);CAST($0 AS UUID);CAST($0 AS INTERVAL);CAST($0 AS TIME);parse_path($0);url_decode($0);mismatches($0, $1)
regexp_extract_all($0, '[a-z]+');concat_ws('-', $0, $1);nfc_normalize($0);$0 ILIKE 'c%';$0 ^@ 'C';to_timestamp(CAST($0 AS BIGINT));json_valid($0)
timezone($0, TIMESTAMP '2020-01-01 00:00:00');CAST($0 AS STRUCT(a INTEGER));make_date(CAST(left($0, 4) AS INTEGER), 1, 1);$0 LIKE 'a' ESCAPE $0
""".strip()
NUMBERS = """
1 / $0;$0 / 0;100 // $0;$0 % $1;$0 % 0;ln($0);sqrt($0);exp($0);acos($0);CAST($0 AS INTEGER) << 2;chr(CAST($0 AS INTEGER));to_timestamp($0)
make_date(CAST($0 AS INTEGER), 1, 1);[1, 2, 3][CAST($0 AS INTEGER)];substring('abcdef', CAST($0 AS INTEGER));bit_count(CAST($0 AS INTEGER));round($0)
floor($0 / 10);$0 * $0;$0 + $1;$0 - $1;pow($0, 9);gamma($0);DATE '2020-01-01' + CAST($0 AS INTEGER);INTERVAL (CAST($0 AS INTEGER)) DAY;-$0;abs($0)
$0 BETWEEN $1 AND $L;$0 > $1;CAST($0 AS TINYINT);CAST($0 AS UINTEGER);CAST($0 AS DECIMAL(3, 0));factorial(CAST($0 AS INTEGER));sign($0);log($0)
repeat('x', CAST($0 AS INTEGER));lpad('x', CAST($0 AS INTEGER), 'y');CAST($0 AS VARCHAR)[1];bin($0);to_hex(CAST($0 AS BIGINT));isnan($0);$0 ^ 2
range(CAST($0 AS INTEGER));CAST($0 AS FLOAT);$0 = $L;CAST($0 * 1000000 AS INTEGER);set_bit('101'::BIT, CAST($0 AS INTEGER), 1);to_base(CAST($0 AS INTEGER), 2)
epoch_ms(CAST($0 AS BIGINT));width_bucket($0, 0, 100, 5);array_slice([1, 2, 3], 1, CAST($0 AS INTEGER));format('{:d}', $0);mod($0, $1)
""".strip()
DAYS = """
year($0);month($0);date_trunc('month', $0);extract(epoch FROM $0);CAST($0 AS DATE) + 1;$0 - $1;strftime($0, '%Y');dayname($0);age($0, $1);quarter($0)
date_diff('day', $0, $1);$0 + INTERVAL 1 MONTH;last_day($0);$0 > $L;date_part('dow', $0);epoch($0);$0 BETWEEN $L AND $1;strftime($0, $L);isodow($0)
time_bucket(INTERVAL 1 MONTH, $0);make_timestamp(CAST(epoch($0) AS BIGINT));date_add($0, INTERVAL 3 YEAR);CAST($0 AS TIMESTAMP) AT TIME ZONE 'UTC'
""".strip()
AGGREGATES = """
min($0);max($0);count($0);count(DISTINCT $0);list($0 ORDER BY $0);any_value($0);first($0 ORDER BY $0, $1);last($0);arg_min($0, $1);arg_max($0, $1)
mode($0);histogram($0);approx_count_distinct($0);count(*) FILTER ($0 = $L);max($0) FILTER ($1 IS NOT NULL);count(*);max($0) - min($0)
string_agg(CAST($0 AS VARCHAR), ',' ORDER BY $0);count(*) FILTER (CAST($0 AS INTEGER) > 0);sum(CASE WHEN $0 = $L THEN 1 ELSE 0 END);min($0, 2);max($0, 2)
median($0);quantile_disc($0, 0.5);entropy($0);sum(length(CAST($0 AS VARCHAR)));bool_and($0 IS NULL);array_agg(DISTINCT $0 ORDER BY $0);list_sort(list($0))
sum($0);avg($0);bit_xor(hash($0));list_aggregate(list($0), 'max');count(DISTINCT ($0, $1));max(row($0, $1));arg_max($0, $1 ORDER BY $1);sum(DISTINCT $0)
""".strip()
WINDOWS = """
rank() OVER (ORDER BY $0);dense_rank() OVER (ORDER BY $0, $1);count(*) OVER (PARTITION BY $0);max($0) OVER (PARTITION BY $1);lag($0) OVER (ORDER BY $0, $1)
first_value($0) OVER (ORDER BY $0, $1);percent_rank() OVER (ORDER BY $0);cume_dist() OVER (PARTITION BY $1 ORDER BY $0);ntile(4) OVER (ORDER BY $0, $1)
count($0) OVER (ORDER BY $1 RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);min($0) OVER (ORDER BY $0 ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)
last_value($0 IGNORE NULLS) OVER (ORDER BY $1, $0);count(*) FILTER ($0 = $L) OVER ();row_number() OVER (ORDER BY $0, $1);nth_value($0, 2) OVER (ORDER BY $0)
max($0) OVER (ORDER BY $1 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES);lead($0, 1, $L) OVER (PARTITION BY $1 ORDER BY $0)
""".strip()
CONDITIONS = """
$0 = $L;$0 <> $L;$0 > $L;$0 <= $L;$0 IS NULL;$0 IS NOT NULL;CAST($0 AS VARCHAR) LIKE '%1%';CAST($0 AS INTEGER) > 0;$0 IN (SELECT $C FROM $T)
$0 NOT IN (SELECT $C FROM $T WHERE $C IS NOT NULL);EXISTS (SELECT 1 FROM $T q WHERE q.$C = $0);NOT EXISTS (SELECT 1 FROM $T q WHERE q.$C > $0)
$0 = ANY (SELECT $C FROM $T);$0 >= ALL (SELECT $C FROM $T);(SELECT count(*) FROM $T q WHERE q.$C < $0) > 3;length(CAST($0 AS VARCHAR)) > 5;1 / $0 > 0
CASE WHEN $0 = $L THEN true ELSE $1 IS NULL END;$0 = $1;($0, $1) IN (SELECT $C, $C FROM $T);$0 IS DISTINCT FROM $L;hash($0) % 2 = 0;$0 IN ($L, $L)
error(CAST($0 AS VARCHAR)) IS NULL;date_part(CAST($0 AS VARCHAR), DATE '2020-01-01') > 0;$0 = (SELECT max($C) FROM $T);true OR CAST($0 AS INTEGER) = 1
chr(CAST($0 AS INTEGER)) = 'a';$0 BETWEEN $L AND $L;strptime(CAST($0 AS VARCHAR), '%Y') IS NULL;NOT ($0 = $L AND $1 = $L);$0 = $L OR $1 = $L;false AND 1 / $0 > 0
regexp_matches('abc', CAST($0 AS VARCHAR));CAST($0 AS DATE) > DATE '1995-01-01';to_timestamp(CAST($0 AS BIGINT)) IS NOT NULL;sqrt(CAST($0 AS DOUBLE)) > 1
CAST(md5(CAST($0 AS VARCHAR)) AS VARCHAR) < '8';list_contains([$0, $1], $L);$0 > (SELECT avg(q.$C) FROM $T q);TRY_CAST($0 AS INTEGER) IS NULL;$0 ^@ 'C'
""".strip()
# {q} is a seed, {u} another one; {o} and {p} are columns that {q} gives, $L as above.
WRAPS = """
SELECT * FROM ({q}) w;SELECT count(*) AS n FROM ({q}) w;WITH w AS MATERIALIZED ({q}) SELECT * FROM w;WITH w AS NOT MATERIALIZED ({q}) SELECT * FROM w
SELECT w FROM ({q}) w;SELECT DISTINCT * FROM ({q}) w;({q}) EXCEPT ({u});({q}) UNION ({u});({q}) INTERSECT ALL ({q});({q}) EXCEPT ALL ({q} LIMIT 1)
({q}) UNION ALL BY NAME ({u});SELECT * FROM ({q}) w ORDER BY ALL LIMIT 7;SELECT to_json(w) AS j FROM ({q}) w;SELECT max(COLUMNS(*)) FROM ({q}) w
SELECT count(COLUMNS(*)) FROM ({q}) w;SELECT COLUMNS(c -> c LIKE '%a%') FROM ({q}) w;SELECT unnest(w) FROM ({q}) w;SELECT * FROM ({q}) w TABLESAMPLE 100%
SELECT v.k, w.* FROM (VALUES (1), (2)) v(k), LATERAL ({q}) w;SELECT EXISTS ({q}) AS e;SELECT (SELECT count(*) FROM ({q}) w) AS n;SELECT * FROM ({q}) w WHERE {o} = $L
WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i, w.* FROM r, ({q}) w;SELECT * FROM ({q}) w WHERE CAST({o} AS INTEGER) > 0
SELECT * FROM ({q}) w QUALIFY row_number() OVER (PARTITION BY {o} ORDER BY {p}) = 1;FROM ({q}) w SELECT count(*), count(w), count(DISTINCT w)
SELECT {o}, count(*) AS n FROM ({q}) w GROUP BY {o};SELECT {o}, {p}, count(*) AS n FROM ({q}) w GROUP BY CUBE ({o}, {p});SELECT * FROM ({q}) a NATURAL JOIN ({q}) b
SELECT {o}, grouping({o}) AS g, max({p}) AS m FROM ({q}) w GROUP BY GROUPING SETS (({o}), ());SELECT * FROM ({q}) a SEMI JOIN ({u}) b ON a.{o} = b.{v}
SELECT * FROM ({q}) a ANTI JOIN ({u}) b ON a.{o} = b.{v};SELECT a.{o}, b.{p} FROM ({q}) a LEFT JOIN ({q}) b USING ({o});SELECT #1, #2 FROM ({q}) w
SELECT a.{o}, count(*) FROM ({q}) a FULL JOIN ({u}) b ON a.{o} = b.{v} GROUP BY ALL;SELECT * EXCLUDE ({o}) FROM ({q}) w;SELECT * REPLACE (1 AS {o}) FROM ({q}) w
SELECT * RENAME ({o} AS renamed) FROM ({q}) w;SELECT * EXCLUDE ({o}), CAST({o} AS INTEGER) AS c FROM ({q}) w;UNPIVOT (SELECT {o}, {p} FROM ({q}) w) ON COLUMNS(*)
SELECT max(a.{o}) FROM ({q}) a ASOF JOIN ({q}) b ON a.{o} = b.{o} AND a.{p} >= b.{p};PIVOT (SELECT {o}, {p} FROM ({q}) w) ON {o} IN ($L, $L) USING count(*)
SELECT x.a, x.b FROM (SELECT {o}, {p} FROM ({q}) w) x(a, b);SELECT * FROM ({q}) w ORDER BY {o}, {p} OFFSET 2;SELECT w.* FROM ({q}) w WHERE w IS NOT NULL
SELECT (SELECT max({p}) FROM ({q}) i WHERE i.{o} = w.{o}) AS m FROM ({q}) w;SELECT w.{o} FROM ({q}) w WHERE w.{o} IN (SELECT {v} FROM ({u}) z);SUMMARIZE {q}
SELECT list(w ORDER BY w) FROM ({q}) w;SELECT a.{o} FROM ({q}) a WHERE EXISTS (FROM ({u}) b WHERE b.{v} = a.{o});SELECT DISTINCT ON ({o}) {o} FROM ({q}) w
SELECT CASE WHEN {o} = $L THEN 'yes' ELSE 'no' END AS c, count(*) FROM ({q}) w GROUP BY 1;SELECT sum(1) FROM ({q}) w HAVING max({o}) > $L;DESCRIBE {q}
SELECT count(*) FROM ({q}) w WHERE {o} > $L;SELECT {o} FROM ({q}) w GROUP BY {o} HAVING count(*) > 1;SELECT x FROM (SELECT unnest(list({o})) AS x FROM ({q}) w)
WITH a AS ({q}), b AS (SELECT * FROM a WHERE {o} IS NOT NULL) SELECT count(*), min({o}), max({p}) FROM b;SELECT * FROM ({q}) w WHERE {o} = (SELECT max({o}) FROM ({q}) z)
SELECT * FROM ({q}) w, (SELECT count(*) AS n FROM ({u}) z) k;SELECT {o} AS a, {o} AS b, a = b AS same FROM ({q}) w;SELECT w.{o}, w['{o}'] FROM ({q}) w
SELECT count(*) FROM ({q}) a JOIN ({u}) b ON CAST(a.{o} AS VARCHAR) = CAST(b.{v} AS VARCHAR);SELECT * FROM ({q}) a POSITIONAL JOIN ({u}) b;TABLE ({q})
SELECT string_agg(CAST({o} AS VARCHAR), '|' ORDER BY {o}) FROM ({q}) w;SELECT * FROM ({q}) w LIMIT 50%;WITH RECURSIVE w AS ({q}) SELECT count(*) FROM w
SELECT * FROM query('{q}');FROM ({q}) w SELECT list_transform([{o}], x -> CAST(x AS INTEGER));SELECT DISTINCT {o} FROM ({q}) w ORDER BY {o} DESC LIMIT 3
""".strip()
# Texts of their own: $T0, $T1 are tables, $a, $b columns of $T0, $c, $d of $T1.
PROBES = """
SELECT * FROM $T0;SELECT $a, $b FROM $T0;SELECT count(*) AS n, min($a) AS a, max($b) AS b FROM $T0;SELECT $a, count(*) AS n FROM $T0 GROUP BY $a
SELECT x.$a, y.$c FROM $T0 x JOIN $T1 y ON x.$b = y.$d;SELECT x.$a, y.$b FROM $T0 x JOIN $T0 y ON x.$a = y.$a;SELECT $a FROM $T0 WHERE $b = $L
SELECT count(*) AS n FROM $T0 x WHERE EXISTS (SELECT 1 FROM $T1 y WHERE y.$c = x.$a);SELECT t FROM $T0 t;SELECT $a FROM $T0 UNION SELECT $c FROM $T1
SELECT $a FROM $T0 EXCEPT SELECT $b FROM $T0;SELECT x.$a, (SELECT count(*) FROM $T1 y WHERE y.$c = x.$b) AS n FROM $T0 x;SELECT DISTINCT $a, $b FROM $T0
SELECT $a, rank() OVER (PARTITION BY $b ORDER BY $a) AS r FROM $T0;SELECT x.$a, y.$c FROM $T0 x LEFT JOIN $T1 y ON x.$b = y.$d AND y.$c = $L
SELECT $a, $b FROM $T0 WHERE CAST($a AS VARCHAR) LIKE '%0%' ORDER BY $a, $b LIMIT 20;SELECT l.* FROM $T0 x, LATERAL (SELECT x.$a AS a, count(*) AS n FROM $T1 y WHERE y.$c = x.$a) l
SELECT $a, max($b) AS m FROM $T0 GROUP BY $a HAVING max($b) > $L;SELECT COLUMNS('$a|$b') FROM $T0;SELECT * EXCLUDE ($a) FROM $T0;SELECT $T0.$a FROM $T0
WITH $N0 AS (SELECT $a FROM $T0) SELECT * FROM $N0;SELECT * FROM $T0 x NATURAL JOIN $T0 y;SELECT * FROM $T0 x JOIN $T0 y USING ($a);SELECT $N0 FROM $T0
SELECT x.$a FROM $T0 x SEMI JOIN $T1 y ON x.$a = y.$c;SELECT $N0.$a, $N1.$c FROM $T0, $T1 WHERE $a = $c;FROM $T0 SELECT list($a ORDER BY $a), bool_or($b IS NULL)
SELECT ($N0).$a FROM $T0;SELECT unnest($N0) FROM $T0;SELECT $a FROM $T0 x(a, b);SELECT $N0.* REPLACE ($b AS $a) FROM $T0;SELECT $a FROM $T0 AT (VERSION => 1)
SELECT * EXCLUDE (x.$a) FROM $T0 x JOIN $T0 y ON x.$b = y.$b;SELECT y.* EXCLUDE ($c) FROM $T0 x, $T1 y;SELECT COLUMNS(* EXCLUDE (y.$a)) FROM $T0 x JOIN $T0 y USING ($b)
SELECT * EXCLUDE ($N0.$a) RENAME ($N0.$b AS renamed) FROM $T0;SELECT x.* EXCLUDE (y.$c) FROM $T0 x, $T1 y;SELECT max(COLUMNS(x.* EXCLUDE ($a))) FROM $T0 x
PIVOT $T0 ON $a IN ($L, $L) USING count(*);SELECT $a, $b FROM $T0 QUALIFY row_number() OVER (PARTITION BY $a ORDER BY $b) = 1;SELECT rowid, $a FROM $T0
""".strip()
SWAPS = [set(group.split()) for group in (
    "sum avg min max count any_value median mode first last stddev_samp bit_xor list arg_max quantile_disc",
    "rank dense_rank row_number percent_rank cume_dist", "lag lead first_value last_value", "year month day quarter week dayofyear isodow epoch",
    "upper lower reverse length md5 trim ascii sha256 hash", "abs floor ceil round sqrt ln exp sign chr", "+ - * / // %",
    "substring left right repeat lpad strptime regexp_extract", "coalesce greatest least concat nullif ifnull",
    "~~ !~~ ~~* regexp_matches contains starts_with", "regexp_matches similar_to regexp_full_match")]
COMPARISONS = ["COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_LESSTHAN", "COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO",
               "COMPARE_GREATERTHANOREQUALTO", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM"]
JOINS = ["INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI"]
REFS = {"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"}
LISTS = {name: [t for line in text.splitlines() for t in line.split(";")] for name, text in (
    ("any", ANY), (TEXT, TEXTS), (NUMBER, NUMBERS), (DAY, DAYS), ("aggregate", AGGREGATES), ("window", WINDOWS),
    ("condition", CONDITIONS), ("wrap", WRAPS), ("probe", PROBES))}
TRIES = 30
UNBOUND = 5


class Unfit(Exception):
    """This change does not go with this text."""


# ---- trees --------------------------------------------------------------------------------------

class Trees:
    """The engine's parser and printer; it holds no table."""

    def __init__(self):
        self.db, self.kept = duckdb.connect(config={"threads": 1}), {}

    def parse(self, sql):
        """The node of a SELECT; raises Unfit for what is none."""
        try:
            tree = json.loads(self.db.execute("SELECT json_serialize_sql($1::VARCHAR)", [sql]).fetchone()[0])
        except duckdb.Error as e:
            raise Unfit(str(e)) from None
        if tree["error"] or len(tree["statements"]) != 1:
            raise Unfit(tree.get("error_message", "not one statement"))
        return tree["statements"][0]["node"]

    def text(self, node):
        tree = {"error": False, "statements": [{"node": node, "named_param_map": []}]}
        try:
            return self.db.execute("SELECT json_deserialize_sql($1::JSON)", [json.dumps(tree)]).fetchone()[0]
        except (duckdb.Error, RuntimeError) as e:
            self.db = duckdb.connect(config={"threads": 1})
            raise Unfit(str(e)) from None

    def expression(self, text):
        """Parsed once; a copy for each caller."""
        if text not in self.kept:
            self.kept[text] = self.parse("SELECT " + text)["select_list"][0]
        return copy.deepcopy(self.kept[text])

    def ref(self, text):
        if text not in self.kept:
            self.kept[text] = self.parse("FROM " + text)["from_table"]
        return copy.deepcopy(self.kept[text])


def places(tree, wanted):
    """[(holder, key, value)] of all values below `tree` that `wanted` likes, outermost first."""
    found, stack = [], [tree]
    while stack:
        holder = stack.pop()
        for key, value in (holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if isinstance(value, (dict, list)):
                if isinstance(value, dict) and wanted(value):
                    found.append((holder, key, value))
                stack.append(value)
    return found


def is_expression(value):
    return "class" in value and "type" in value and "query_location" in value


def is_ref(value):
    return "class" not in value and "sample" in value and value["type"] in REFS


def is_node(value):
    return "modifiers" in value and value["type"] in NODES


def is_select(value):
    return value.get("type") == "SELECT_NODE" and "modifiers" in value


# ---- tables and literals -----------------------------------------------------------------------

def kind_of(type_):
    if type_ == "VARCHAR":
        return TEXT
    return DAY if type_.startswith(("DATE", "TIMESTAMP")) else OTHER if type_ == "BOOLEAN" else NUMBER


class Vocabulary:
    """The tables that a principal is told of, what is marked in them, and the raw values as literals."""

    def __init__(self, world):
        self.raw, self.tables = world.site.raw, world.site.tables
        self.kinds = {key: {c.name: kind_of(c.type) for c in table.columns} for key, table in self.tables.items()}
        self.marked = {key: columns or list(self.kinds[key]) for key, columns in world.marked.items()}
        self.keys = sorted(self.marked) or sorted(self.tables)
        self.governed = [k for k in self.keys if world.marked.get(k)] or self.keys
        self.all, self.named = sorted(self.tables), {}
        for key in self.all:
            self.named.setdefault(key[2], key)

    def table(self, rng):
        return rng.choice(self.governed if rng.random() < 0.7 else self.keys if rng.random() < 0.9 else self.all)

    def column(self, rng, key, kind=None):
        names = self.marked.get(key, list(self.kinds[key])) if rng.random() < 0.6 else list(self.kinds[key])
        fit = [n for n in names if self.kinds[key].get(n) == kind] if kind else names
        return rng.choice(fit or list(self.kinds[key]))

    def literal(self, rng, key=None, column=None):
        """A value that stands in the raw data, or one of the usual odd ones."""
        if rng.random() < 0.15:
            return rng.choice(["0", "1", "-1", "NULL", "''", "'x'", "'%'", "1.5", "DATE '1995-03-15'", "'1995-03-15'", "true"])
        key = key or self.table(rng)
        column = column or self.column(rng, key)
        values = self.raw[key].column(column)
        return spelled(values[rng.randrange(len(values))].as_py()) if len(values) else "NULL"


def spelled(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return f"TIMESTAMP '{value}'"
    if isinstance(value, datetime.date):
        return f"DATE '{value}'"
    if isinstance(value, (int, decimal.Decimal)):
        return str(value)
    return f"CAST('{value!r}' AS DOUBLE)" if isinstance(value, float) else "'" + str(value).replace("'", "''") + "'"


# ---- one text -----------------------------------------------------------------------------------

class Mutator:
    """Changes texts for one world; `seeds` are texts."""

    def __init__(self, world, trees):
        self.words, self.trees, self.seeds = Vocabulary(world), trees, world.site.seeds
        unread = [".".join(key) for key in world.site.tables if key not in world.copies]
        self.readable = [s for s in self.seeds if not any(name in s for name in unread)]
        self.rng = None

    def mutant(self, rng, binds):
        """A text, or None when nothing fitted. Of those that `binds` denies one in UNBOUND is taken."""
        self.rng = rng
        for _ in range(TRIES):
            try:
                sql = self.seed()
                for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
                    sql = self.changed(sql)
                if rng.random() < 1 / UNBOUND or binds(sql):
                    return sql
            except Unfit:
                continue
        return None

    def seed(self):
        chance = self.rng.random()
        return self.probe() if chance < 0.45 or not self.readable else self.rng.choice(self.readable if chance < 0.95 else self.seeds)

    def probe(self):
        rng, words = self.rng, self.words
        keys = [words.table(rng), words.table(rng)]
        names = {}
        for letters, key in zip(("ab", "cd"), keys):
            for letter in letters:
                names[letter] = words.column(rng, key)
        kind = words.kinds[keys[0]].get(names["a"])
        names["c"] = words.column(rng, keys[1], kind) if rng.random() < 0.8 else names["c"]
        names["d"] = words.column(rng, keys[1], words.kinds[keys[0]].get(names["b"])) if rng.random() < 0.8 else names["d"]

        def put(match):
            what = match[1]
            if what == "L":
                return words.literal(rng, keys[0], names["b"])
            if what[0] in "TN":
                key = keys[int(what[1])]
                return ".".join(key) if what[0] == "T" else key[2]
            return names[what]
        return re.sub(r"\$(T[01]|N[01]|[abcdL])", put, rng.choice(LISTS["probe"]))

    def changed(self, sql):
        if len(sql) > 20000:
            raise Unfit("long enough")
        if self.rng.random() < 0.22:
            return self.wrapped(sql)
        node = self.trees.parse(sql)
        holder = {"node": node}
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            self.rng.choice(CHANGES)(self, holder)
        return self.trees.text(holder["node"])

    # ---- wrapped as a text -----------------------------------------------------------------------

    def wrapped(self, sql):
        rng = self.rng
        other = sql if rng.random() < 0.3 else self.seed()
        mine, theirs = self.outputs(sql), self.outputs(other)
        text = rng.choice(LISTS["wrap"])
        if "{q}'" in text:
            sql = sql.replace("'", "''")
        for name, value in (("{q}", sql), ("{u}", other), ("{o}", rng.choice(mine)), ("{p}", rng.choice(mine)),
                            ("{v}", rng.choice(theirs))):
            text = text.replace(name, value)
        return re.sub(r"\$L", lambda _: self.words.literal(rng), text)

    def outputs(self, sql):
        """Names that a text gives, as far as its select list tells."""
        node = self.trees.parse(sql)
        while node["type"] != "SELECT_NODE":
            node = node["left"]
        names = []
        for item in node["select_list"]:
            name = item.get("alias") or (item["column_names"][-1] if item["class"] == "COLUMN_REF" else "")
            if name:
                names.append(quoted(name))
            if item["class"] == "STAR":
                for key in self.tables_of(node["from_table"]):
                    names.append(self.words.column(self.rng, key[1]))
        return names or ["id"]

    # ---- scope -----------------------------------------------------------------------------------

    def tables_of(self, ref):
        """[(qualifier, key)] of the named tables of a FROM clause."""
        found, stack = [], [ref]
        while stack:
            r = stack.pop()
            if r["type"] == "JOIN":
                stack += [r["left"], r["right"]]
            elif r["type"] == "BASE_TABLE":
                key = r["catalog_name"], r["schema_name"], r["table_name"]
                if key in self.words.tables:
                    found.append((r["alias"] or r["table_name"], key))
            elif r["type"] == "SUBQUERY":
                inner = r["subquery"]["node"]
                if inner["type"] == "SELECT_NODE":
                    found += [(r["alias"], key) for _, key in self.tables_of(inner["from_table"])]
        return found

    def column(self, select, kind=None):
        """A column reference in the scope of a SELECT, its table and name; Unfit without a table."""
        tables = self.tables_of(select["from_table"])
        if not tables:
            raise Unfit("no table")
        rng = self.rng
        qualifier, key = rng.choice(tables)
        name = self.words.column(rng, key, kind)
        parts = [qualifier, name] if qualifier and (len(tables) > 1 or rng.random() < 0.3) else [name]
        return self.trees.expression(".".join(map(quoted, parts))), key, name

    def select(self, holder):
        found = [value for _, _, value in places(holder, is_select)]
        if not found:
            raise Unfit("no SELECT")
        weights = [3 if self.tables_of(s["from_table"]) else 1 for s in found]
        return self.rng.choices(found, weights)[0]

    def fill(self, template, select, kind=None, first=None):
        """A template as a tree, with columns of a SELECT (or `first`) in its gaps."""
        rng, words = self.rng, self.words
        column, key, name = self.column(select, kind)
        second = self.column(select, words.kinds[key][name] if rng.random() < 0.7 else None)[0]
        inner = words.table(rng)
        same = [n for n, k in words.kinds[inner].items() if k == words.kinds[key][name]]

        def put(match):
            if match[0] == "$L":
                return words.literal(rng, key, name) if rng.random() < 0.8 else words.literal(rng)
            if match[0] == "$T":
                return ".".join(inner)
            return quoted(rng.choice(same)) if same else quoted(words.column(rng, inner))
        tree = {"e": self.trees.expression(re.sub(r"\$([01])", r'"$\1"', re.sub(r"\$[LTC]", put, template)))}
        for spot, at, value in places(tree, lambda v: v.get("class") == "COLUMN_REF"):
            if value["column_names"] == ["$0"]:
                spot[at] = dict(copy.deepcopy(first or column), alias=value["alias"])
            elif value["column_names"] == ["$1"]:
                spot[at] = dict(copy.deepcopy(second), alias=value["alias"])
        return tree["e"], words.kinds[key][name]

    def template(self, kind):
        return self.rng.choice(LISTS[kind] if kind in LISTS and self.rng.random() < 0.55 else LISTS["any"])

    # ---- changes on the tree -----------------------------------------------------------------------

    def swap_column(self, holder):
        select = self.select(holder)
        found = places(select, lambda v: v.get("class") == "COLUMN_REF")
        if not found:
            raise Unfit("no column")
        spot, at, value = self.rng.choice(found)
        spot[at] = dict(self.column(select, self.kind_of(value))[0], alias=value["alias"])

    def kind_of(self, column):
        if self.rng.random() < 0.3:
            return None
        for kinds in self.words.kinds.values():
            if column["column_names"][-1] in kinds:
                return kinds[column["column_names"][-1]]
        return None

    def swap_function(self, holder):
        found = places(holder, lambda v: v.get("class") in ("FUNCTION", "WINDOW") and "function_name" in v)
        fit = [(v, group) for _, _, v in found for group in SWAPS if v["function_name"] in group]
        if not fit:
            raise Unfit("no function")
        value, group = self.rng.choice(fit)
        value["function_name"] = self.rng.choice(sorted(group))

    def wrap_expression(self, holder):
        select = self.select(holder)
        found = places(select, is_expression)
        if not found:
            raise Unfit("no expression")
        spot, at, value = self.rng.choice(found)
        kind = self.kind_of(value) if value["class"] == "COLUMN_REF" else None
        tree, _ = self.fill(self.template(kind or self.rng.choice((TEXT, NUMBER, DAY))), select, kind, dict(value, alias=""))
        spot[at] = dict(tree, alias=value["alias"])

    def add_condition(self, holder):
        select = self.select(holder)
        tree, _ = self.fill(self.rng.choice(LISTS["condition"]), select)
        where = "having" if select["having"] and self.rng.random() < 0.2 else "where_clause"
        old = select[where]
        if not old or self.rng.random() < 0.2:
            select[where] = tree
            return
        is_wide = len(self.tables_of(select["from_table"])) > 2    # then every pair of rows would be tried
        joined = self.trees.expression("b AND a" if is_wide else self.rng.choice(("a AND b", "b AND a", "a OR b", "a AND NOT b", "CASE WHEN a THEN b ELSE false END")))
        for spot, at, value in places({"e": joined}, lambda v: v.get("class") == "COLUMN_REF"):
            spot[at] = old if value["column_names"] == ["a"] else tree
        select[where] = joined

    def swap_literal(self, holder):
        found = places(holder, lambda v: v.get("class") == "CONSTANT")
        if not found:
            raise Unfit("no literal")
        spot, at, value = self.rng.choice(found)
        spot[at] = dict(self.trees.expression(self.words.literal(self.rng)), alias=value["alias"])

    def swap_comparison(self, holder):
        found = places(holder, lambda v: v.get("class") == "COMPARISON")
        if not found:
            raise Unfit("no comparison")
        self.rng.choice(found)[2]["type"] = self.rng.choice(COMPARISONS)

    def drop_clause(self, holder):
        select = self.select(holder)
        is_wide = len(self.tables_of(select["from_table"])) > 2
        clause = self.rng.choice(("having", "qualify", "modifiers", "group") + (() if is_wide else ("where_clause", "and")))
        if clause == "modifiers":
            select["modifiers"] = []
        elif clause == "group":
            select["group_expressions"], select["group_sets"] = [], []
        elif clause == "and":
            where = select["where_clause"]
            if not where or where["class"] != "CONJUNCTION":
                raise Unfit("no AND")
            where["children"] = self.rng.sample(where["children"], max(1, len(where["children"]) - 2)) + where["children"][:1]
        else:
            select[clause] = None

    def change_items(self, holder):
        rng, select = self.rng, self.select(holder)
        kind = rng.choice((TEXT, NUMBER, DAY, None))
        lists = ["aggregate", "window"] + ([kind] if kind else []) + ["any", "plain", "star"]
        what = rng.choice(lists)
        if what == "star":
            qualifiers = [q for q, _ in self.tables_of(select["from_table"]) if q]
            item = self.trees.expression(rng.choice(["*", "count(*)", "COLUMNS(*)"] + [quoted(q) for q in qualifiers]
                                                    + [quoted(q) + ".*" for q in qualifiers]))
        elif what == "plain":
            item = self.column(select)[0]
        else:
            item, _ = self.fill(rng.choice(LISTS[what]), select, kind)
        if rng.random() < 0.5 and what != "star":
            item["alias"] = rng.choice(("x", "v", self.words.column(rng, self.words.table(rng))))
        if rng.random() < 0.5:
            select["select_list"].append(item)
        else:
            select["select_list"] = [item] + (select["select_list"][:1] if rng.random() < 0.4 else [])

    def change_group(self, holder):
        rng, select = self.rng, self.select(holder)
        first, second = self.column(select)[0], self.column(select)[0]
        if rng.random() < 0.5:
            select["select_list"] = [first, self.fill(rng.choice(LISTS["aggregate"]), select)[0]]
        select["group_expressions"] = [copy.deepcopy(first), second]
        select["group_sets"] = rng.choice(([[0, 1]], [[0], [1]], [[0, 1], [0], []], [[0, 1], [0], [1], []], [[0], []]))
        if rng.random() < 0.2:
            select["group_expressions"], select["group_sets"] = [], []
            select["aggregate_handling"] = "FORCE_AGGREGATES"

    def change_order(self, holder):
        rng, select = self.rng, self.select(holder)
        orders = [{"type": rng.choice(("ORDER_DEFAULT", "DESCENDING")), "null_order": rng.choice(("ORDER_DEFAULT", "NULLS FIRST")),
                   "expression": self.column(select)[0] if rng.random() < 0.6 else self.fill(self.template(None), select)[0]}
                  for _ in range(rng.choice((1, 2)))]
        made = [{"type": "ORDER_MODIFIER", "orders": orders}]
        if rng.random() < 0.3:
            made = [{"type": "DISTINCT_MODIFIER", "distinct_on_targets": [self.column(select)[0]] if rng.random() < 0.5 else []}] + made
        if rng.random() < 0.4:
            made.append({"type": "LIMIT_MODIFIER", "limit": self.trees.expression(rng.choice(("1", "3", "10"))),
                         "offset": self.trees.expression("1") if rng.random() < 0.2 else None})
        select["modifiers"] = made

    def change_qualify(self, holder):
        select = self.select(holder)
        select["qualify"] = self.fill(self.rng.choice(("row_number() OVER (PARTITION BY $0 ORDER BY $1) = 1", "max($0) OVER () = $0",
                                                       "count(*) OVER (PARTITION BY $0) > 1", "rank() OVER (ORDER BY $0) < 4",
                                                       "CAST(lag($0) OVER (ORDER BY $1) AS INTEGER) > 0")), select)[0]

    def change_join(self, holder):
        rng = self.rng
        found = places(holder, lambda v: v.get("type") == "JOIN" and "join_type" in v)
        if not found:
            raise Unfit("no join")
        join = rng.choice(found)[2]
        if join["ref_type"] == "CROSS":
            join["ref_type"], join["condition"] = "REGULAR", self.trees.expression("true")
        what = rng.random()
        if what < 0.6:
            join["join_type"] = rng.choice(JOINS)
        elif what < 0.8:
            join["left"], join["right"] = join["right"], join["left"]
        else:
            join.update(condition=None, using_columns=[], ref_type=rng.choice(("NATURAL", "POSITIONAL")), join_type="INNER")

    def change_table(self, holder):
        """A named table becomes a subquery, another table, a joined pair, a sample, one with other column names."""
        rng, words = self.rng, self.words
        found = [p for p in places(holder, lambda v: v.get("type") == "BASE_TABLE" and "table_name" in v)]
        if not found:
            raise Unfit("no table")
        spot, at, ref = rng.choice(found)
        key = ref["catalog_name"], ref["schema_name"], ref["table_name"]
        if key not in words.tables:
            raise Unfit("not a table of the mesh")
        name, alias, other = ".".join(key), quoted(ref["alias"] or ref["table_name"]), words.table(rng)
        column, literal = quoted(words.column(rng, key)), words.literal(rng, key)
        fit = quoted(words.column(rng, other, words.kinds[key].get(column.strip('"'))))
        spot[at] = self.trees.ref(rng.choice((
            f"(SELECT * FROM {name}) {alias}", f"(FROM {name} WHERE {column} IS NOT NULL) {alias}", f"{'.'.join(other)} {alias}",
            f"(SELECT * FROM {name} UNION ALL SELECT * FROM {name}) {alias}", f"{name} {alias}(a, b, c)", f"{name} TABLESAMPLE 100%",
            f"(SELECT DISTINCT * FROM {name}) {alias}", f"(SELECT * FROM {name} ORDER BY ALL LIMIT 40) {alias}", f"{name}",
            f"({name} {alias} CROSS JOIN (SELECT count(*) AS many FROM {'.'.join(other)}) counted)", f"(TABLE {name}) {alias}",
            f"({name} {alias} JOIN {'.'.join(other)} other ON {alias}.{column} = other.{fit})", f"({name} {alias} JOIN {name} again USING ({column}))",
            f"({name} {alias} ANTI JOIN {'.'.join(other)} other ON {alias}.{column} = other.{fit})",
            f"(SELECT * FROM {name} WHERE {column} = {literal}) {alias}", f"(SELECT * REPLACE (CAST({column} AS VARCHAR) AS {column}) FROM {name}) {alias}",
            f"(WITH {key[2]} AS (SELECT * FROM {name}) SELECT * FROM {key[2]}) {alias}", f"(SELECT * EXCLUDE ({column}), {column} FROM {name}) {alias}",
            f"(SELECT {alias}.*, row_number() OVER (ORDER BY {column}) AS many FROM {name} {alias}) {alias}",
            f"({name} {alias} LEFT JOIN LATERAL (SELECT max({fit}) AS many FROM {'.'.join(other)} o WHERE o.{fit} > {alias}.{column}) l ON true)")))

    def splice(self, holder):
        """A piece of another seed in place of a piece of this."""
        rng, wanted = self.rng, self.rng.choice((is_expression, is_expression, is_ref, is_node))
        there = places({"node": self.trees.parse(self.seed())}, wanted)
        here = places(holder, wanted)
        if not here or not there:
            raise Unfit("no place")
        spot, at, value = rng.choice(here)
        piece = rng.choice(there)[2]
        if "alias" in value and "alias" in piece and rng.random() < 0.7:
            piece["alias"] = value["alias"]
        spot[at] = piece

    def add_cte(self, holder):
        """A common table expression before a node, named like a table or like nothing."""
        rng, words = self.rng, self.words
        node = rng.choice(places(holder, is_node))[2]
        key = words.table(rng)
        name = rng.choice((key[2], key[0], key[1], "q", "w"))
        body = self.trees.parse(f"WITH {quoted(name)} AS {rng.choice(('', 'MATERIALIZED '))}(SELECT * FROM {'.'.join(key)}) SELECT 1")
        node["cte_map"]["map"] = body["cte_map"]["map"] + [e for e in node["cte_map"]["map"] if e["key"] != name]
        tables = places(node, lambda v: v.get("type") == "BASE_TABLE" and "table_name" in v)
        if tables and rng.random() < 0.7:
            ref = rng.choice(tables)[2]
            ref.update(alias=ref["alias"] or ref["table_name"], catalog_name="", schema_name="", table_name=name)

    def correlate(self, holder):
        """Another seed inside a condition, one of its columns bound to one outside."""
        select, inner = self.select(holder), self.trees.parse(self.seed())
        if inner["type"] != "SELECT_NODE":
            raise Unfit("no SELECT")
        outside, key, name = self.column(select)
        inside, _, _ = self.column(inner, self.words.kinds[key][name])
        text = self.rng.choice(("EXISTS (SELECT 1 WHERE a = b)", "NOT EXISTS (SELECT 1 WHERE a = b)", "(SELECT count(*) WHERE a < b) > 1",
                                "(SELECT 1 WHERE a = b LIMIT 1) IS NULL"))
        tree = {"e": self.trees.expression(text)}
        spot = places(tree, is_select)[0][2]
        for holder_, at, value in places(spot["where_clause"], lambda v: v.get("class") == "COLUMN_REF"):
            holder_[at] = inside if value["column_names"] == ["a"] else outside
        spot["from_table"], spot["cte_map"] = inner["from_table"], inner["cte_map"]
        old = select["where_clause"]
        select["where_clause"] = tree["e"]
        if old:
            joined = self.trees.expression("a AND b")
            joined["children"] = [old, tree["e"]]
            select["where_clause"] = joined


CHANGES = [Mutator.swap_column, Mutator.swap_column, Mutator.swap_function, Mutator.wrap_expression, Mutator.wrap_expression,
           Mutator.wrap_expression, Mutator.add_condition, Mutator.add_condition, Mutator.add_condition, Mutator.swap_literal,
           Mutator.swap_comparison, Mutator.drop_clause, Mutator.drop_clause, Mutator.change_items, Mutator.change_items,
           Mutator.change_items, Mutator.change_group, Mutator.change_order, Mutator.change_qualify, Mutator.change_join,
           Mutator.change_table, Mutator.change_table, Mutator.splice, Mutator.add_cte, Mutator.correlate]


def quoted(name):
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


# ---- smaller ----------------------------------------------------------------------------------------

def smaller(trees, sql):
    """Texts that lack something of `sql`, boldest first."""
    node = trees.parse(sql)
    count = len(places({"node": node}, lambda v: True))
    for number in range(count):
        for change in (keep_inner, drop_parts):
            holder = {"node": copy.deepcopy(node)}
            spots = places(holder, lambda v: True)
            for variant in range(6):
                if not change(holder, spots[number], variant):
                    break
                try:
                    text = trees.text(holder["node"])
                except Unfit:
                    text = None
                if text and len(text) < len(sql):
                    yield text
                holder = {"node": copy.deepcopy(node)}
                spots = places(holder, lambda v: True)


def keep_inner(_, spot, variant):
    """A value replaced by one of its kind below it."""
    holder, at, value = spot
    kind = is_expression if is_expression(value) else is_ref if is_ref(value) else is_node if is_node(value) else None
    inner = places(value, kind) if kind else []
    if variant >= len(inner):
        return False
    holder[at] = inner[variant][2]
    return True


def drop_parts(_, spot, variant):
    """The variant-th clause, or member of a list, gone."""
    value, gone = spot[2], []
    for key in ("where_clause", "having", "qualify", "filter", "alias"):
        if value.get(key):
            gone.append((key, "" if key == "alias" else None, None))
    for key in ("modifiers", "select_list", "children", "map", "group_expressions", "case_checks"):
        items = value.get(key)
        if isinstance(items, list) and items:
            gone += [(key, items[:i] + items[i + 1:], key) for i in range(len(items))]
    if variant >= len(gone):
        return False
    key, rest, kind = gone[variant]
    value[key] = rest
    if kind == "group_expressions":
        value["group_sets"] = [list(range(len(rest)))] if rest else []
    return True
