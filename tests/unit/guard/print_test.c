/*
 * print_test.c - trees printed: the text is the engine's own text and means the tree; the names of
 * items are those that the engine gives.
 */
#include "guard/guard.h"

#include "test.h"

#include "guard/guard_int.h"
#include "guard_kit.h"
#include "sqltext/sqltext.h"
#include "support/test_ctx.h"
#include "support/test_engine.h"

#include <math.h>
#include <stdio.h>

static struct test_engine t;

static int open_engine(void **state)
{
    (void)test_engine_open(&t, NULL);
    str rest = kit_read(&t.cx, WEFT_TEST_ROOT "/tests/data/guard/items.sql"), line;

    while (str_cut(&rest, '\n', &line)) {
        if (line.len > 0 && engine_exec(t.conn, &t.cx, line) != ST_OK) {
            BUG(t.err.text);
        }
    }
    return 0;
}

static int close_engine(void **state)
{
    test_engine_close(&t);
    return 0;
}

/* Everything of one text lives in an arena of its own. */
static struct ctx fresh(struct err *err)
{
    struct ctx cx = t.cx;

    cx.arena = arena_new("print", (size_t)256 << 20);
    cx.err   = err;
    return cx;
}

static str ask(struct ctx *cx, str sql, str argument)
{
    const struct engine_value     args[]    = { ENGINE_ARG_TEXT(argument) };
    const struct engine_statement statement = { .sql = sql, .args = args, .arg_count = 1 };
    struct engine_table           table;

    if (engine_rows(t.conn, cx, &statement, &table) != ST_OK) {
        fail_msg("%s: %.*s", cx->err->text, STR_ARG(argument));
    }
    return engine_cell(&table, 0, 0);
}

/* The tree of a text; NULL when the engine does not make one. */
static struct json *parse(struct ctx *cx, str sql)
{
    static const struct json_limits limits = { GUARD_TREE_BYTES_MAX, GUARD_DEPTH_MAX,
                                               20 * GUARD_NODES_MAX };
    struct json                    *doc;

    if (json_read(cx, ask(cx, S("SELECT json_serialize_sql($1::VARCHAR)"), sql), "tree", &limits,
                  &doc) != ST_OK ||
        json_truth_or(json_get(doc, S("error")), true)) {
        return NULL;
    }
    return doc;
}

static struct json *statement_of(struct json *doc)
{
    return json_path(doc, S("/statements/0"));
}

/* ---- texts ---- */

/* Our text of a tree means the tree. */
static str assert_proved(struct ctx *cx, str sql, struct json *doc)
{
    struct guard_approved ignored = { 0 };
    str                   printed;

    if (sqltext_query(cx, statement_of(doc), &printed) != ST_OK) {
        fail_msg("not printed: %.*s", STR_ARG(sql));
    }
    struct json *again = parse(cx, printed);
    if (!again || !guard_proof_equal(cx->arena, doc, again, &ignored)) {
        fail_msg("another tree: %.*s\n   printed %.*s", STR_ARG(sql), STR_ARG(printed));
    }
    return printed;
}

/* Names of items, but of columns and what stands for them: those are called after something else. */
static size_t assert_names(struct ctx *cx, str sql, struct json *doc)
{
    const struct json   *items = json_path(statement_of(doc), S("/node/select_list"));
    struct engine_schema schema;
    size_t               count = 0;

    if (!items || engine_describe(t.conn, cx, sql, &schema) != ST_OK ||
        schema.count != items->count) {
        return 0;
    }
    for (size_t i = 0; i < items->count; i++) {
        const struct json *item = items->items[i];
        str                name;

        if (json_text_or(json_get(item, S("alias")), S("")).len > 0 ||
            str_eq(json_get(item, S("class"))->text, S("STAR")) ||
            str_eq(json_get(item, S("class"))->text, S("POSITIONAL_REFERENCE")) ||
            str_eq(json_get(item, S("class"))->text, S("COLUMN_REF"))) {
            continue;
        }
        if (sqltext_name(cx, item, &name) != ST_OK || !str_eq(name, schema.columns[i].name)) {
            fail_msg("item %zu is called %.*s, not %.*s: %.*s", i, STR_ARG(schema.columns[i].name),
                     STR_ARG(name), STR_ARG(sql));
        }
        count++;
    }
    return count;
}

/* Constants that are read back as something else; literal.c has them out of a tree before. */
static bool is_for_the_walk(const struct json *v)
{
    const struct json *type = json_path(v, S("/value/type"));
    str                id   = json_text_or(json_get(type, S("id")), S(""));

    return str_eq(json_text_or(json_get(v, S("class")), S("")), S("CONSTANT")) &&
           (str_eq(id, S("DOUBLE")) || str_eq(id, S("BOOLEAN")) ||
            (str_eq(id, S("DECIMAL")) &&
             json_i64_or(json_path(type, S("/type_info/scale")), 1) == 0));
}

static bool has_for_the_walk(const struct json *v)
{
    bool found = false;

    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_for_the_walk(v->items[i]);
        }
    } else if (json_is(v, JSON_OBJECT)) {
        found = is_for_the_walk(v);
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_for_the_walk(v->members[i].value);
        }
    }
    return found;
}

struct counts {
    size_t texts, names;
};

static void check_text(str sql, struct counts *counts)
{
    struct err   err;
    struct ctx   cx  = fresh(&err);
    struct json *doc = parse(&cx, sql);

    if (!doc) {
        fail_msg("not parsed: %.*s", STR_ARG(sql));
    }
    if (!has_for_the_walk(doc)) {
        (void)assert_proved(&cx, sql, doc);
        counts->texts++;
    }
    counts->names += assert_names(&cx, sql, doc);
    arena_free(cx.arena);
}

static void accepted_texts_are_printed_and_named(void **state)
{
    str           rest   = kit_read(&t.cx, WEFT_TEST_ROOT "/tests/data/guard/accepted.txt"), line;
    struct counts counts = { 0 };

    while (str_cut(&rest, '\n', &line)) {
        if (line.len > 0 && line.ptr[0] != '#') {
            check_text(line, &counts);
        }
    }
    assert_true(counts.texts >= 90);
    assert_true(counts.names >= 120);
}

static void tpc_queries_are_printed(void **state)
{
    static const struct {
        const char *folder;
        int         count;
    } sets[]             = { { "tpch", 22 }, { "tpcds", 99 } };
    struct counts counts = { 0 };

    for (size_t s = 0; s < CASES(sets); s++) {
        for (int q = 1; q <= sets[s].count; q++) {
            char path[256];

            snprintf(path, sizeof(path), "%s/tests/data/%s/q%02d.sql", WEFT_TEST_ROOT,
                     sets[s].folder, q);
            check_text(kit_read(&t.cx, path), &counts);
        }
    }
    assert_true(counts.texts >= 120);
}

/* Every form of a node that has more than one. */
static const char *const forms[] = {
    /* joins: a comma binds weaker than JOIN */
    "SELECT 1 FROM source.raw a, source.raw b",
    "SELECT 1 FROM source.raw a CROSS JOIN source.raw b",
    "SELECT 1 FROM source.raw a, source.raw b JOIN source.raw c ON b.id = c.id",
    "SELECT 1 FROM source.raw a CROSS JOIN source.raw b JOIN source.raw c ON b.id = c.id",
    "SELECT 1 FROM source.raw a CROSS JOIN (source.raw b JOIN source.raw c ON b.id = c.id)",
    "SELECT 1 FROM source.raw a NATURAL JOIN (source.raw b JOIN source.raw c USING (id))",
    "SELECT 1 FROM source.raw a JOIN (source.raw b JOIN source.raw c USING (id)) USING (id)",
    "SELECT 1 FROM source.raw a POSITIONAL JOIN (source.raw b CROSS JOIN source.raw c)",
    "SELECT 1 FROM (source.raw a CROSS JOIN source.raw b) LEFT JOIN source.raw c ON true",
    "SELECT 1 FROM source.raw a ASOF LEFT JOIN source.raw b ON a.day >= b.day",
    /* frames */
    "SELECT sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM source.raw",
    "SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), "
    "sum(id) OVER (ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING), sum(id) OVER (ROWS BETWEEN 3 "
    "PRECEDING AND 2 PRECEDING), sum(id) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
    "FOLLOWING) FROM source.raw",
    "SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW), sum(id) OVER "
    "(ORDER BY id RANGE BETWEEN CURRENT ROW AND 2 FOLLOWING), sum(id) OVER (ORDER BY id RANGE "
    "UNBOUNDED PRECEDING), sum(id) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND 2 "
    "PRECEDING) FROM source.raw",
    "SELECT sum(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(id) "
    "OVER "
    "(ORDER BY id GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING), sum(id) OVER (ORDER BY id "
    "GROUPS "
    "BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING) FROM source.raw",
    "SELECT sum(id) OVER (ORDER BY id RANGE UNBOUNDED PRECEDING EXCLUDE CURRENT ROW), sum(id) "
    "OVER (PARTITION BY id ROWS "
    "2 PRECEDING EXCLUDE GROUP), sum(id) OVER (PARTITION BY id, name ORDER BY id GROUPS 1 "
    "PRECEDING EXCLUDE TIES) "
    "FROM source.raw",
    "SELECT first(id) OVER (), last_value(id IGNORE NULLS) OVER (ORDER BY id), count(DISTINCT "
    "id) OVER (), count(*) FILTER (WHERE id > 1) OVER (), nth_value(id, 2) OVER (), lead(id, "
    "1, "
    "0) OVER (ORDER BY id), main.sum(id) OVER (), sum(id ORDER BY name DESC) OVER () "
    "FROM source.raw",
    /* types */
    "SELECT id::DOUBLE, id::DATE, id::TIMESTAMP, id::TIMESTAMPTZ, id::TIMESTAMP_S, id::UUID, "
    "id::HUGEINT, id::UTINYINT, id::DECIMAL(10, 2), id::BLOB, id::BIT, id::TIME, id::TIMETZ, "
    "id::INTERVAL, id::VARCHAR[], id::DOUBLE[3], id::BOOL, id::REAL, id::JSON, id::SMALLINT "
    "FROM source.raw",
    "SELECT id::STRUCT(a INT, \"B c\" DOUBLE, \"select\" DATE), id::MAP(INT, DOUBLE), "
    "id::UNION(a INT, b UUID), id::STRUCT(a INT[])[], TRY_CAST(id AS MAP(VARCHAR, JSON)) "
    "FROM source.raw",
    "SELECT INTERVAL 3 DAYS, INTERVAL (id) SECONDS, to_seconds(id::DOUBLE), INTERVAL '3' YEAR, "
    "INTERVAL 3 MICROSECONDS, DATE '2024-01-01', date(day), TIMESTAMP '2024-01-01 10:00:00' "
    "FROM source.raw",
    /* constants */
    "SELECT -9223372036854775808, 9223372036854775807, "
    "170141183460469231731687303715884105727, "
    "-170141183460469231731687303715884105728, 18446744073709551615, -1, 0",
    "SELECT 0.5, .5, 1.50, -1.50, -.05, 0.00, 123.456, 5., 0.000000000000000000000000000001",
    "SELECT 'it''s', '', 'a\"b', '\\', E'a\\nb', 'ä€', true, false, NULL",
    "SELECT 1e3, 1e15, 1e16, 1e17, 1.5e-4, 1e-4, 1e-5, 9.5e-5, -2.5e20, 1e100, 1e-100, "
    "123456789.125e0, 1.7976931348623157e308, 5e-324, 0.1e0, 0e0",
    /* names that need quotes */
    "SELECT \"Id\", \"a b\", \"select\", \"it's\", \"a\"\"b\", name, NAME, \"ä\", \"1a\", a1, "
    "_x, \"group\".\"order\" FROM \"from\".\"table\" \"AS\"(\"x y\", z)",
    "SELECT \"t\".\"count\" AS \"select\", \"a.b\".* FROM (SELECT 1) \"a.b\"",
    "WITH \"with\"(\"a b\", c) AS (SELECT 1, 2) SELECT * FROM \"with\"",
    /* queries */
    "SELECT name, day, sum(id) FROM source.raw GROUP BY GROUPING SETS ((name, day), (name), "
    "()) "
    "HAVING sum(id) > 1 ORDER BY ALL DESC LIMIT 3 OFFSET 1",
    "SELECT name, sum(id) FROM source.raw GROUP BY CUBE (name, day)",
    "SELECT sum(id) FROM source.raw GROUP BY ()",
    "SELECT DISTINCT ON (name, id) name FROM source.raw ORDER BY name ASC NULLS FIRST, id "
    "LIMIT "
    "10 % OFFSET 2",
    "SELECT id FROM source.raw USING SAMPLE 10% (bernoulli)",
    "SELECT id FROM source.raw USING SAMPLE reservoir(20 ROWS) REPEATABLE (7)",
    "SELECT id FROM source.raw TABLESAMPLE SYSTEM (10 PERCENT)",
    "SELECT 1 UNION SELECT 2 UNION ALL (SELECT 3 INTERSECT ALL SELECT 4 EXCEPT ALL SELECT 5) "
    "ORDER BY 1 LIMIT 1",
    "SELECT * FROM (SELECT * FROM source.raw ORDER BY id LIMIT 3) WHERE id > 1",
    "FROM source.raw UNPIVOT INCLUDE NULLS (v FOR k IN (id, price AS p))",
    "FROM source.raw UNPIVOT ((a, b) FOR k IN ((id, price), (price, id)))",
    "FROM source.raw PIVOT (sum(id) FOR (name, ok) IN (('n1', true), ('n2', false)) ok IN "
    "(true, NULL) GROUP BY tags) AS p(a, b)",
    "FROM source.raw PIVOT (sum(id) FOR day IN (DATE '2024-01-02', DATE '0001-01-01'))",
    "FROM source.raw PIVOT (sum(id) FOR price IN (1.25, -3))",
    "SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g(a, b), range(3) r",
    /* stars: the engine keeps what stands behind them in no order */
    "SELECT * EXCLUDE (a, b, c) REPLACE (1 AS d, 2 AS e, 3 AS f) RENAME (g AS h, i AS j) FROM "
    "t",
    "SELECT t.* EXCLUDE (t.a, b, s.t.c, d) RENAME (t.g AS h, t.i AS j) FROM s.t",
    "SELECT * EXCLUDE (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, u) REPLACE (1 "
    "AS a1, 2 AS a2, 3 AS a3, 4 AS a4, 5 AS a5, 6 AS a6, 7 AS a7, 8 AS a8, 9 AS a9, 10 AS b1, "
    "11 AS b2, 12 AS b3, 13 AS b4, 14 AS b5, 15 AS b6) FROM t",
    "SELECT COLUMNS(t.* EXCLUDE (a)), COLUMNS(*), COLUMNS('a.*') + 1, struct_pack(*COLUMNS(*)) "
    "FROM t",
    /* expressions */
    "SELECT a.b.c.d, (a).b, a['b'], a[1], a[1:2], a[:2], a[1:], a[:], a[1:-:2], a[:-:2] FROM t",
    "SELECT f(a := 1, b := 2), system.main.weft(1), main.abs(-1), t.x.upper(), "
    "\"my schema\".\"F\"(1), count(*), count(DISTINCT a), sum(a ORDER BY b DESC, c NULLS LAST) "
    "FILTER (WHERE a > 1), percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
    "SELECT a IN (1), a NOT IN (1, 2, 3), a IN (SELECT 1), a NOT IN (SELECT 1), a = ANY "
    "(SELECT "
    "1), a > ALL (SELECT 1), EXISTS (SELECT 1), NOT EXISTS (SELECT 1) FROM t",
    "SELECT a AND b OR NOT c, a IS NULL, a NOTNULL, a IS DISTINCT FROM b, a IS NOT DISTINCT "
    "FROM "
    "b, a BETWEEN b AND c, a NOT BETWEEN b AND c, a <> b, a == b FROM t",
    "SELECT CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' ELSE 'z' END, CASE WHEN a THEN b END, "
    "a COLLATE nocase.noaccent, TRY(a), GROUPING(a), #1, coalesce(a, b), [a, b], ARRAY[a, b], "
    "{'a': 1}, MAP {1: 2}, (a, b), ROW(a), x -> x + 1, (x, y) -> x, a -> 'b', a ->> 'b' FROM t",
    "SELECT -a, +a, ~a, a!, @a, a || b, a ^ b, a ** b, a // b, a <=> b, a @> b, a && b, a << "
    "1, "
    "a ^@ b, a LIKE b, a NOT LIKE b ESCAPE '!', a ILIKE b, a GLOB b, a SIMILAR TO b, a ~ b, "
    "a !~ b, a ~~ b FROM t",
};

static void every_form_is_printed_and_named(void **state)
{
    struct counts counts = { 0 };

    for (size_t i = 0; i < CASES(forms); i++) {
        check_text(str_of(forms[i]), &counts);
    }
    assert_true(counts.names > 100);
}

/* Names with the shortest digits of a double, as the engine has them. */
static void doubles_are_named_as_the_engine_does(void **state)
{
    struct test_random random = { 11 };

    for (int i = 0; i < 300; i++) {
        struct err   err;
        struct ctx   cx    = fresh(&err);
        uint64_t     bits  = test_random_next(&random);
        double       value = ldexp((double)(bits >> 11), (int)(bits % 1600) - 850);
        struct json *doc;

        if (i % 2 == 0) { /* what persons write */
            value = (double)(bits % 100000) / pow(10, (double)(bits % 13));
        }
        str sql = arena_printf(cx.arena, "SELECT %.17ge0, -%.5e", value, value);
        sql     = str_has(sql, S("e-")) || str_has(sql, S("e+"))
                      ? arena_printf(cx.arena, "SELECT %.16e, -%.5e", value, value)
                      : sql;
        doc     = parse(&cx, sql);
        if (!doc || assert_names(&cx, sql, doc) != 2) {
            fail_msg("not named: %.*s", STR_ARG(sql));
        }
        arena_free(cx.arena);
    }
}

/* ---- keywords ---- */

static void every_keyword_of_the_engine_is_quoted(void **state)
{
    const struct engine_statement all = {
        .sql = S("SELECT DISTINCT keyword_name FROM duckdb_keywords()")
    };
    struct engine_table words;

    assert_int_equal(engine_rows(t.conn, &t.cx, &all, &words), ST_OK);
    assert_true(words.rows > 400);
    for (size_t i = 0; i < words.rows; i++) {
        if (!sqltext_is_keyword(engine_cell(&words, i, 0))) {
            fail_msg("not listed: %.*s", STR_ARG(engine_cell(&words, i, 0)));
        }
    }
    assert_true(sqltext_is_keyword(S("SELECT")));
    assert_false(sqltext_is_keyword(S("selects")));
    assert_false(sqltext_is_keyword(S("")));
    assert_false(sqltext_is_keyword(S("a_word_that_is_longer_than_any_of_the_keywords")));
}

/* ---- trees that nobody should give ---- */

/* A part of the tree of `sql` replaced; the answer is the status, and the text must not be made. */
static void broken_trees_are_refused(void **state)
{
    static const struct {
        const char *sql, *path, *member, *value;
    } cases[] = {
        { "SELECT a", "/node/select_list/0", "class", "\"MAGIC\"" },
        { "SELECT a", "/node/select_list/0", "class", "7" },
        { "SELECT a", "/node/select_list/0", "column_names", "null" },
        { "SELECT a", "/node/select_list/0", "column_names", "[\"\"]" },
        { "SELECT a", "/node/select_list/0", "column_names", "[\"a\\u0000b\"]" },
        { "SELECT a", "/node", "type", "\"CTE_NODE\"" },
        { "SELECT a", "/node", "select_list", "{}" },
        { "SELECT a", "/node", "modifiers", "[{\"type\": \"X\"}]" },
        { "SELECT a", "/node", "from_table", "null" },
        { "SELECT a", "/node", "from_table", "{\"type\": \"SHOW_REF\"}" },
        { "SELECT a", "/node", "cte_map", "null" },
        { "SELECT a", "/node", "where_clause", "\"a\"" },
        { "SELECT a GROUP BY a", "/node", "group_sets", "[[7]]" },
        { "SELECT a GROUP BY a", "/node", "group_sets", "[7]" },
        { "SELECT 'a'", "/node/select_list/0/value", "value", "\"a\\u0000b\"" },
        { "SELECT 'a'", "/node/select_list/0/value", "value", "1" },
        { "SELECT 1", "/node/select_list/0/value", "value", "\"1; DROP TABLE t\"" },
        { "SELECT 1", "/node/select_list/0/value", "value", "{}" },
        { "SELECT 1", "/node/select_list/0/value", "type", "{\"id\": \"BLOB\"}" },
        { "SELECT 1.5", "/node/select_list/0/value/type/type_info", "scale", "99" },
        { "SELECT 1.5", "/node/select_list/0/value/type/type_info", "width", "99" },
        { "SELECT 1e3", "/node/select_list/0/value", "value", "\"x\"" },
        { "SELECT a::INT", "/node/select_list/0/cast_type", "id", "\"INT); DROP\"" },
        { "SELECT a::INT", "/node/select_list/0/cast_type", "id", "\"\"" },
        { "SELECT a::INT", "/node/select_list/0/cast_type", "id", "\"STRUCT\"" },
        { "SELECT a::INT", "/node/select_list/0/cast_type", "id", "\"LIST\"" },
        { "SELECT a::INT", "/node/select_list/0/cast_type", "id", "\"MAP\"" },
        { "SELECT a = b", "/node/select_list/0", "type", "\"COMPARE_IN\"" },
        { "SELECT a BETWEEN 1 AND 2", "/node/select_list/0", "type", "\"COMPARE_NOT_BETWEEN\"" },
        { "SELECT a IN (1)", "/node/select_list/0", "children", "[]" },
        { "SELECT NOT a", "/node/select_list/0", "type", "\"OPERATOR_CAST\"" },
        { "SELECT NOT a", "/node/select_list/0", "children", "[]" },
        { "SELECT a AND b", "/node/select_list/0", "children", "[]" },
        { "SELECT a[1:2]", "/node/select_list/0", "children", "[]" },
        { "SELECT $x", "/node/select_list/0", "identifier", "\"x; --\"" },
        { "SELECT $x", "/node/select_list/0", "identifier", "\"\"" },
        { "SELECT count() OVER ()", "/node/select_list/0", "start", "\"SOMEWHERE\"" },
        { "SELECT 1 UNION SELECT 2", "/node", "setop_type", "\"NONE\"" },
        { "SELECT 1 ORDER BY 1", "/node/modifiers/0/orders/0", "type", "\"UP\"" },
        { "SELECT 1 FROM a JOIN b USING (c)", "/node/from_table", "join_type", "\"INNER;\"" },
        { "SELECT 1 FROM a USING SAMPLE 3", "/node/sample", "method", "\"System)\"" },
        { "SELECT count() OVER ()", "/node/select_list/0", "exclude_clause", "\"1\"" },
        { "SELECT f()", "/node/select_list/0", "function_name", "\"\"" },
        { "SELECT f()", "/node/select_list/0", "order_bys", "null" },
        { "SELECT f()", "/node/select_list/0", "children", "null" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct err   err;
        struct ctx   cx   = fresh(&err);
        struct json *doc  = parse(&cx, str_of(cases[i].sql)), *value;
        str          text = STR_NONE;

        assert_non_null(doc);
        struct json *part = json_path(statement_of(doc), str_of(cases[i].path));
        assert_non_null(part);
        assert_int_equal(json_read(&cx, str_of(cases[i].value), "test", NULL, &value), ST_OK);
        json_set(cx.arena, part, str_of(cases[i].member), value);
        if (sqltext_query(&cx, statement_of(doc), &text) != ST_INVALID || text.len > 0) {
            fail_msg("case %zu: %s with %s: %.*s", i, cases[i].sql, cases[i].value, STR_ARG(text));
        }
        arena_free(cx.arena);
    }
}

/* Some value of a tree, found by going down at random. */
static struct json *pick(struct test_random *random, struct json *v)
{
    for (;;) {
        bool   is_list = json_is(v, JSON_ARRAY);
        size_t count   = is_list || json_is(v, JSON_OBJECT) ? v->count : 0;

        if (count == 0 || test_random_below(random, 12) == 0) {
            return v;
        }
        size_t at = test_random_below(random, count);
        v         = is_list ? v->items[at] : v->members[at].value;
    }
}

/* One value after the other is overwritten by another of the tree, or by something small. */
static void mutate(struct arena *a, struct test_random *random, struct json *tree)
{
    struct json *small[] = { json_new_null(a),       json_new_bool(a, true),
                             json_new_i64(a, -1),    json_new_u64(a, UINT64_MAX),
                             json_new_array(a),      json_new_object(a),
                             json_new_str(a, S("")), json_new_str(a, S("'); DROP TABLE t; --")) };

    for (size_t n = test_random_below(random, 4) + 1; n > 0; n--) {
        struct json *to = pick(random, tree), *from = pick(random, tree);

        if (test_random_below(random, 2) == 0) {
            from = small[test_random_below(random, COUNT_OF(small))];
        }
        *to = *json_dup(a, from);
    }
}

/* Whatever a tree is, it is printed or refused; and a text that is proved has no other meaning. */
static void mutated_trees_do_no_harm(void **state)
{
    struct test_random random  = { 5 };
    size_t             printed = 0, refused = 0, proved = 0;

    for (size_t i = 0; i < CASES(forms); i++) {
        struct err         err;
        struct ctx         cx   = fresh(&err);
        const struct json *tree = parse(&cx, str_of(forms[i]));

        for (int n = 0; n < 60; n++) {
            struct guard_approved ignored = { 0 };
            struct json          *doc     = json_dup(cx.arena, tree), *again;
            str                   text;

            mutate(cx.arena, &random, doc);
            if (sqltext_query(&cx, statement_of(doc), &text) != ST_OK) {
                refused++;
                continue;
            }
            printed++;
            again = n % 20 == 0 ? parse(&cx, text) : NULL;
            proved += again && guard_proof_equal(cx.arena, doc, again, &ignored);
            enum status st =
                sqltext_name(&cx, json_path(statement_of(doc), S("/node/select_list/0")), &text);
            assert_true(st == ST_OK || st == ST_INVALID);
        }
        arena_free(cx.arena);
    }
    assert_true(printed > 100 && refused > 100 && proved < printed);
}

/* The names of operators are written as they are, so only signs are. */
static void an_operator_is_made_of_signs(void **state)
{
    struct err   err;
    struct ctx   cx  = fresh(&err);
    struct json *doc = parse(&cx, S("SELECT a + b"));
    str          text;

    assert_non_null(doc);
    json_set(cx.arena, json_path(statement_of(doc), S("/node/select_list/0")), S("function_name"),
             json_new_str(cx.arena, S("+ (SELECT 1) + ")));
    assert_int_equal(sqltext_query(&cx, statement_of(doc), &text), ST_OK);
    assert_true(str_eq(text, S("SELECT \"+ (SELECT 1) + \"(a, b)")));
    arena_free(cx.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_texts_are_printed_and_named),
        cmocka_unit_test(tpc_queries_are_printed),
        cmocka_unit_test(every_form_is_printed_and_named),
        cmocka_unit_test(doubles_are_named_as_the_engine_does),
        cmocka_unit_test(every_keyword_of_the_engine_is_quoted),
        cmocka_unit_test(broken_trees_are_refused),
        cmocka_unit_test(mutated_trees_do_no_harm),
        cmocka_unit_test(an_operator_is_made_of_signs),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
