/*
 * lineage_test.c - output columns, inputs and findings of a plan, without a row or a file.
 */
#include "lineage/lineage.h"

#include "test.h"

#include "base/buf.h"
#include "os/clock.h"

static struct err             err;
static struct ctx             cx;
static struct guard          *guard;
static struct lineage_shadow *shadow;

static const struct lineage_column item_columns[] = {
    { STR_INIT("id"), STR_INIT("BIGINT") },
    { STR_INIT("name"), STR_INIT("VARCHAR") },
    { STR_INIT("price"), STR_INIT("DECIMAL(10,2)") },
    { STR_INIT("day"), STR_INIT("DATE") },
    { STR_INIT("odd \"name"), STR_INIT("STRUCT(a INTEGER, \"b c\" VARCHAR[])") },
};
static const struct guard_column guard_columns[] = {
    { .name = STR_INIT("id") },  { .name = STR_INIT("name") },       { .name = STR_INIT("price") },
    { .name = STR_INIT("day") }, { .name = STR_INIT("odd \"name") },
};

/* Every name in three parts is the shadow table of that name. */
static enum status resolve(struct guard_resolver *resolver, struct ctx *c,
                           const struct guard_name *name, struct guard_relation *out)
{
    const struct lineage_table table = { name->catalog, name->schema, name->table };

    (void)resolver;
    if (!lineage_shadow_has(shadow, &table)) {
        return FAIL(c, NOT_FOUND, "no table");
    }
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = name->schema,
                                    .columns      = guard_columns,
                                    .column_count = COUNT_OF(guard_columns),
                                    .catalog      = name->catalog,
                                    .schema       = name->schema,
                                    .table        = name->table };
    return ST_OK;
}

static struct guard_resolver resolver = { .resolve = resolve };

static void put(const char *catalog, const char *schema, const char *table)
{
    const struct lineage_table place = { str_of(catalog), str_of(schema), str_of(table) };

    if (lineage_shadow_put(shadow, &cx, &place, item_columns, COUNT_OF(item_columns)) != ST_OK) {
        fail_msg("%s", err.text);
    }
}

static int open_all(void **state)
{
    cx =
        (struct ctx){ .arena = arena_new("test", (size_t)512 << 20), .err = &err, .env = os_env() };
    shadow = lineage_shadow_new();
    if (guard_open(&cx, &guard) != ST_OK) {
        BUG(err.text);
    }
    put("sales", "orders_v1", "items");
    put("sales", "people_v1", "items");
    put("source", "shop", "raw");
    return 0;
}

static int close_all(void **state)
{
    lineage_shadow_close(shadow);
    guard_close(guard);
    arena_free(cx.arena);
    return 0;
}

static enum status plan(const char *sql, struct diags *findings, struct lineage_plan *out)
{
    const struct guard_request rq = { .text     = { S("items.sql"), str_of(sql) },
                                      .use      = GUARD_BUILD,
                                      .resolver = &resolver };
    struct guard_approved      approved;

    *findings = (struct diags){ 0 };
    *out      = (struct lineage_plan){ 0 };
    if (guard_approve(guard, &cx, &rq, findings, &approved) != ST_OK) {
        fail_msg("refused: %s: %s", err.text, sql);
    }
    return lineage_plan_sql(shadow, &cx, &rq.text, &approved, findings, out);
}

static void output_columns_and_inputs_are_known(void **state)
{
    static const struct {
        const char *sql, *columns, *inputs;
    } cases[] = {
        { "SELECT id, price * 2 AS d FROM sales.orders_v1.items", "id BIGINT, d DECIMAL(18,2)",
          "sales.orders_v1.items" },
        { "SELECT * FROM sales.orders_v1.items",
          "id BIGINT, name VARCHAR, price DECIMAL(10,2), day DATE, odd \"name "
          "STRUCT(\"a\" INTEGER, \"b c\" VARCHAR[])",
          "sales.orders_v1.items" },
        { "SELECT day, sum(price) AS s, count(*) AS n, avg(price) AS a FROM source.shop.raw GROUP "
          "BY day",
          "day DATE, s DECIMAL(38,2), n BIGINT, a DOUBLE", "source.shop.raw" },
        { "SELECT a.name, b.name AS other FROM sales.people_v1.items b JOIN sales.orders_v1.items "
          "a "
          "USING (id) WHERE a.id IN (SELECT id FROM source.shop.raw)",
          "name VARCHAR, other VARCHAR",
          "sales.orders_v1.items sales.people_v1.items source.shop.raw" },
        { "SELECT a.id FROM sales.orders_v1.items a, sales.orders_v1.items b", "id BIGINT",
          "sales.orders_v1.items" },
        { "SELECT id FROM sales.orders_v1.items WHERE day >= $from::DATE AND day < $to::DATE",
          "id BIGINT", "sales.orders_v1.items" },
        { "SELECT 1 AS one, 'x' AS x", "one INTEGER, x VARCHAR", "" },
        { "SELECT list(name ORDER BY id) AS names FROM sales.orders_v1.items", "names VARCHAR[]",
          "sales.orders_v1.items" },
        { "SELECT error('never run') AS e, 1 / 0 AS z", "e INTEGER, z DOUBLE", "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct diags        findings;
        struct lineage_plan p;
        struct buf columns  CLEANUP(buf_release) = BUF_INIT(4096);
        struct buf inputs   CLEANUP(buf_release) = BUF_INIT(4096);

        if (plan(cases[i].sql, &findings, &p) != ST_OK) {
            fail_msg("%s: %s", err.text, cases[i].sql);
        }
        for (size_t c = 0; c < p.column_count; c++) {
            buf_printf(&columns, "%s%.*s %.*s", c > 0 ? ", " : "", STR_ARG(p.columns[c].name),
                       STR_ARG(p.columns[c].type));
        }
        for (size_t t = 0; t < p.input_count; t++) {
            buf_printf(&inputs, "%s%.*s.%.*s.%.*s", t > 0 ? " " : "", STR_ARG(p.inputs[t].catalog),
                       STR_ARG(p.inputs[t].schema), STR_ARG(p.inputs[t].table));
        }
        if (!str_eq(buf_view(&columns), str_of(cases[i].columns)) ||
            !str_eq(buf_view(&inputs), str_of(cases[i].inputs))) {
            fail_msg("%s\n   %.*s\n   %.*s", cases[i].sql, STR_ARG(buf_view(&columns)),
                     STR_ARG(buf_view(&inputs)));
        }
    }
}

static void what_does_not_bind_is_found_where_it_stands(void **state)
{
    static const struct {
        const char *sql;
        uint32_t    line, column;
        const char *rule, *message, *hint;
    } cases[] = {
        { "SELECT id,\n  nme\nFROM sales.orders_v1.items", 2, 3, "lineage.column",
          "column \"nme\" does not exist", "did you mean \"name\"?" },
        { "SELECT items.pric FROM sales.orders_v1.items", 1, 8, "lineage.column",
          "column \"pric\" does not exist", "did you mean \"price\"?" },
        { "SELECT sales.orders_v1.items.xyzzy FROM sales.orders_v1.items", 1, 8, "lineage.column",
          "column \"xyzzy\" does not exist", "" },
        { "SELECT id FROM sales.orders_v1.items JOIN sales.people_v1.items USING (idd)", 0, 0,
          "lineage.column", "column \"idd\" does not exist", "did you mean \"id\"?" },
        { "SELECT sum(name) FROM sales.orders_v1.items", 1, 8, "lineage.bind",
          "no function matches the given name and argument types 'sum(VARCHAR)'", "" },
        { "SELECT id, count(*) FROM sales.orders_v1.items", 1, 8, "lineage.bind",
          "column \"id\" must appear in the GROUP BY clause or must be part of an aggregate "
          "function",
          "" },
        { "SELECT id FROM sales.orders_v1.items UNION ALL SELECT 1, 2", 0, 0, "lineage.bind",
          "set operations can only apply to expressions with the same number of result columns",
          "" },
        { "SELECT 1\nWHERE nosuch = 1", 2, 7, "lineage.column", "column \"nosuch\" does not exist",
          "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct diags        findings;
        struct lineage_plan p;

        assert_int_equal(plan(cases[i].sql, &findings, &p), ST_INVALID);
        assert_int_equal(findings.errors, 1);
        const struct diag *d = &findings.list.items[0];
        if (d->pos.line != cases[i].line || d->pos.column != cases[i].column ||
            !str_eq(d->rule, str_of(cases[i].rule)) ||
            !str_eq(d->message, str_of(cases[i].message)) ||
            !str_eq(d->hint, str_of(cases[i].hint))) {
            fail_msg("%s\n   %u:%u %.*s: %.*s (%.*s)", cases[i].sql, d->pos.line, d->pos.column,
                     STR_ARG(d->rule), STR_ARG(d->message), STR_ARG(d->hint));
        }
        assert_null(p.columns);
    }
}

static void putting_a_table_again_replaces_it_only_when_it_changed(void **state)
{
    static const struct lineage_column one[] = { { STR_INIT("a"), STR_INIT("INTEGER") } };
    static const struct lineage_column two[] = { { STR_INIT("a"), STR_INIT("VARCHAR") },
                                                 { STR_INIT("b"), STR_INIT("DATE") } };
    const struct lineage_table         table = { S("some \"domain"), S("p_v1"), S("t") };

    assert_false(lineage_shadow_has(shadow, &table));
    assert_int_equal(lineage_shadow_put(shadow, &cx, &table, one, 1), ST_OK);
    assert_int_equal(lineage_shadow_put(shadow, &cx, &table, one, 1), ST_OK);
    assert_int_equal(lineage_shadow_put(shadow, &cx, &table, two, 2), ST_OK);
    assert_true(lineage_shadow_has(shadow, &table));
}

static void bad_tables_are_refused_and_leave_nothing(void **state)
{
    static const struct lineage_column bad[]   = { { STR_INIT("a"),
                                                     STR_INIT("INTEGER); DROP TABLE x; --") } };
    static const struct lineage_column twice[] = { { STR_INIT("a"), STR_INIT("INTEGER") },
                                                   { STR_INIT("A"), STR_INIT("INTEGER") } };
    const struct lineage_table         table   = { S("bad"), S("p_v1"), S("t") };

    assert_int_equal(lineage_shadow_put(shadow, &cx, &table, bad, 1), ST_INVALID);
    assert_true(str_has(err_text(&err), S("column \"a\" of table \"t\"")));
    assert_int_equal(lineage_shadow_put(shadow, &cx, &table, NULL, 0), ST_LIMIT);
    assert_int_not_equal(lineage_shadow_put(shadow, &cx, &table, twice, 2), ST_OK);
    assert_false(lineage_shadow_has(shadow, &table));
}

/* A mesh before anything was ever built: each product reads the one before it. */
static void many_products_are_planned_in_one_shadow(void **state)
{
    enum { PRODUCTS = 300 };
    struct diags        findings;
    struct lineage_plan p;

    put("chain", "p0_v1", "t");
    for (int i = 1; i < PRODUCTS; i++) {
        str sql = arena_printf(
            cx.arena,
            "SELECT id, name, price, day, \"odd \"\"name\" FROM chain.p%d_v1.t WHERE id > %d",
            i - 1, i);
        struct lineage_table table = { S("chain"), arena_printf(cx.arena, "p%d_v1", i), S("t") };

        assert_int_equal(plan(arena_cstr(cx.arena, sql), &findings, &p), ST_OK);
        assert_int_equal(p.column_count, 5);
        assert_int_equal(lineage_shadow_put(shadow, &cx, &table, p.columns, p.column_count), ST_OK);
    }
}

static void cancel_ends_a_plan(void **state)
{
    const atomic_bool           cancel   = true;
    const struct guard_approved approved = { .sql = S("SELECT 1") };
    const struct diag_text      text     = { S("x"), S("SELECT 1") };
    struct diags                findings = { 0 };
    struct lineage_plan         p;

    cx.cancel = &cancel;
    assert_int_equal(lineage_plan_sql(shadow, &cx, &text, &approved, &findings, &p), ST_CANCELLED);
    cx.cancel = NULL;
    assert_int_equal(lineage_plan_sql(shadow, &cx, &text, &approved, &findings, &p), ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_columns_and_inputs_are_known),
        cmocka_unit_test(what_does_not_bind_is_found_where_it_stands),
        cmocka_unit_test(putting_a_table_again_replaces_it_only_when_it_changed),
        cmocka_unit_test(bad_tables_are_refused_and_leave_nothing),
        cmocka_unit_test(many_products_are_planned_in_one_shadow),
        cmocka_unit_test(cancel_ends_a_plan),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
