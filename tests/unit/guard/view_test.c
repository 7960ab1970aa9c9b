/*
 * view_test.c - views in a text: their own names, their own decisions, nothing told of what they read.
 *
 * The approved text runs in a real engine, on a table of a few rows.
 */
#include "guard/guard.h"

#include "test.h"

#include "engine/engine.h"
#include "guard_kit.h"
#include "support/test_engine.h"

#include <stdio.h>
#include <string.h>

static struct kit         kit;
static struct test_engine engine;

static const char setup_sql[] =
    "CREATE TABLE people (id BIGINT, name VARCHAR, region VARCHAR);"
    "INSERT INTO people VALUES (1, 'Ada', 'EU'), (2, 'Bob', 'US'), (3, 'SECRET', 'XX')";

static const struct guard_column columns[] = {
    { .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .name = STR_INIT("name"), .type = STR_INIT("VARCHAR") },
    { .name = STR_INIT("region"), .type = STR_INIT("VARCHAR") },
};
enum { ID, NAME, REGION, COLUMN_COUNT };

/* ---- decisions ---- */

static const struct policy_layer           mask_constant = { .mask = { .kind = POLICY_MASK_CONSTANT,
                                                                       .text = STR_INIT("masked") } };
static const struct policy_column_decision masked_name[] = {
    [NAME]   = { .show = POLICY_MASKED, .layers = &mask_constant, .layer_count = 1 },
    [REGION] = { .show = POLICY_CLEAR },
};
static const struct policy_column_decision hidden_name[] = {
    [NAME] = { .show = POLICY_HIDDEN }, [REGION] = { .show = POLICY_CLEAR }
};
static const struct policy_column_decision unprojected_name[] = {
    [NAME] = { .show = POLICY_UNPROJECTED }, [REGION] = { .show = POLICY_CLEAR }
};
static const struct policy_value known_regions[] = { { .text = STR_INIT("EU") },
                                                     { .text = STR_INIT("US") } };
static const struct policy_expr  in_known        = { .op          = POLICY_IN,
                                                     .column      = REGION,
                                                     .values      = known_regions,
                                                     .value_count = COUNT_OF(known_regions) };
static const struct policy_expr  in_europe       = {
           .op = POLICY_EQ, .column = REGION, .values = known_regions, .value_count = 1
};

/* ---- names ---- */

/* The views: `at` their own product's decision about people, and the reader's about them. */
static const struct {
    const char                          *name, *sql;
    const struct policy_expr            *rows; /* of people, for the view's product */
    const struct policy_column_decision *people;
    const struct policy_expr            *own_rows; /* of the view, for the reader */
    const struct policy_column_decision *own;
} views[] = {
    { .name = "plain", .sql = "SELECT id, name, region FROM people" },
    { .name = "masked", .sql = "SELECT * FROM people", .people = masked_name },
    { .name = "known", .sql = "SELECT * FROM people", .rows = &in_known },
    { .name = "mistyped", .sql = "SELECT name AS id, name, region FROM people", .rows = &in_known },
    { .name = "mine", .sql = "SELECT * FROM people", .own = masked_name },
    { .name = "europe", .sql = "SELECT * FROM known", .own_rows = &in_europe },
    { .name = "nameless", .sql = "SELECT id, name, region FROM people", .people = hidden_name },
    { .name   = "compared",
      .sql    = "SELECT id, name, region FROM people",
      .people = unprojected_name },
    { .name = "counted",
      .sql  = "WITH p AS (SELECT region, count(*) AS n FROM people GROUP BY region) "
              "SELECT n AS id, region AS name, region FROM p ORDER BY 2" },
    { .name = "twofold", .sql = "FROM people UNION ALL SELECT -id, name, region FROM masked" },
    { .name = "narrow", .sql = "SELECT 7::TINYINT AS id, 'n' AS name, 'EU' AS region, 1 AS more" },
    { .name = "unknown", .sql = "SELECT id FROM secret_table" },
    { .name = "reads", .sql = "SELECT * FROM read_csv('/etc/secret_table')" },
    { .name = "asks", .sql = "SELECT id, name, region FROM people WHERE id > $from" },
    { .name = "fails", .sql = "SELECT id, error(name) AS name, region FROM people" },
    { .name = "broken", .sql = "SELECT secret_table FROM FROM" },
    { .name = "above", .sql = "SELECT id, name, region FROM unknown" },
    { .name = "circle", .sql = "SELECT id, name, region FROM circle" },
};

static enum status resolve_inside(struct guard_resolver *resolver, struct ctx *cx,
                                  const struct guard_name *name, struct guard_relation *out);

static struct guard_resolver insides[COUNT_OF(views) + 1];

static struct policy_decision *decide(struct ctx *cx, const struct policy_expr *rows,
                                      const struct policy_column_decision *columns_)
{
    struct policy_decision *d = ARENA_NEW(cx->arena, struct policy_decision);

    d->access.may_read = true;
    d->rows            = rows;
    d->columns         = columns_;
    return d;
}

static void give_view(struct ctx *cx, str key, const char *sql, struct guard_resolver *inside,
                      struct guard_relation *out)
{
    struct guard_view *view = ARENA_NEW(cx->arena, struct guard_view);

    *view = (struct guard_view){ .text = { S("view"), str_of(sql) }, .resolver = inside };
    *out  = (struct guard_relation){ .kind         = GUARD_VIEW,
                                     .key          = key,
                                     .columns      = columns,
                                     .column_count = COLUMN_COUNT,
                                     .view         = view };
}

static enum status find_view(struct ctx *cx, const struct guard_name *name,
                             struct guard_relation *out)
{
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        if (str_eq(name->table, str_of(views[i].name))) {
            give_view(cx, str_of(views[i].name), views[i].sql, &insides[i], out);
            out->decision = decide(cx, views[i].own_rows, views[i].own);
            return ST_OK;
        }
    }
    if (str_starts(name->table, S("deep"))) { /* deep3 reads deep2 reads deep1 reads people */
        uint64_t n;

        assert_true(str_to_u64(str_from(name->table, strlen("deep")), &n));
        give_view(
            cx, name->table,
            n == 1 ? "FROM people"
                   : arena_cstr(cx->arena, arena_printf(cx->arena, "FROM deep%u", (unsigned)n - 1)),
            &insides[COUNT_OF(views)], out);
        return ST_OK;
    }
    return FAIL(cx, NOT_FOUND, "no secret_table");
}

static void give_people(struct ctx *cx, const struct policy_decision *decision,
                        struct guard_relation *out)
{
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = S("people"),
                                    .columns      = columns,
                                    .column_count = COLUMN_COUNT,
                                    .catalog      = S("memory"),
                                    .schema       = S("main"),
                                    .table        = S("people"),
                                    .decision     = decision };
}

/* What the person may name: people as they are, and all views. */
static enum status resolve(struct guard_resolver *resolver, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    if (str_eq(name->table, S("people"))) {
        give_people(cx, NULL, out);
        return ST_OK;
    }
    return find_view(cx, name, out);
}

/* What the text of a view may name. */
static enum status resolve_inside(struct guard_resolver *resolver, struct ctx *cx,
                                  const struct guard_name *name, struct guard_relation *out)
{
    size_t i = (size_t)(resolver - insides);

    if (str_eq(name->table, S("people"))) {
        give_people(cx, i < COUNT_OF(views) ? decide(cx, views[i].rows, views[i].people) : NULL,
                    out);
        return ST_OK;
    }
    return find_view(cx, name, out);
}

/* ---- set-up ---- */

static int open_all(void **state)
{
    kit_open(&kit);
    kit.resolver = (struct guard_resolver){ .resolve = resolve };
    for (size_t i = 0; i < COUNT_OF(insides); i++) {
        insides[i] = (struct guard_resolver){ .resolve = resolve_inside };
    }
    test_engine_open(&engine, NULL);
    if (engine_exec(engine.conn, &engine.cx, str_of(setup_sql)) != ST_OK) {
        BUG(engine.err.text);
    }
    return 0;
}

static int close_all(void **state)
{
    test_engine_close(&engine);
    kit_close(&kit);
    return 0;
}

/* The rows as text: cells apart by "|", rows by ";". A failure is its message. */
static str answer(const char *sql)
{
    struct guard_approved   approved;
    struct engine_statement statement = { 0 };
    struct engine_table     t;
    struct buf b            CLEANUP(buf_release) = BUF_INIT(1 << 20);

    if (kit_approve(&kit, GUARD_QUERY, str_of(sql), &approved) != ST_OK) {
        return err_text(&kit.err);
    }
    statement.sql = approved.sql;
    if (engine_rows(engine.conn, &kit.cx, &statement, &t) != ST_OK) {
        return err_text(&kit.err);
    }
    for (size_t r = 0; r < t.rows; r++) {
        buf_add(&b, r ? S(";") : S(""));
        for (size_t c = 0; c < t.columns; c++) {
            buf_add(&b, c ? S("|") : S(""));
            buf_add(&b, engine_cell(&t, r, c));
        }
    }
    return arena_dup(kit.cx.arena, buf_view(&b));
}

static void expect(const char *sql, const char *rows)
{
    str got = answer(sql);

    if (!str_eq(got, str_of(rows))) {
        print_error("%s\n  gives    %.*s\n  expected %s\n", sql, STR_ARG(got), rows);
    }
    assert_true(str_eq(got, str_of(rows)));
}

/* ---- rows ---- */

static void a_view_stands_wherever_a_table_can(void **state)
{
    static const struct {
        const char *sql, *rows;
    } cases[] = {
        { "SELECT id, name, region FROM plain ORDER BY id", "1|Ada|EU;2|Bob|US;3|SECRET|XX" },
        { "FROM plain AS p (a, b) SELECT a WHERE b = 'Bob'", "2" },
        { "SELECT plain.id FROM plain, people WHERE plain.id = people.id + 2", "3" },
        { "SELECT a.id FROM plain a JOIN plain b ON a.id = b.id - 2", "1" },
        { "SELECT count(*) FROM plain UNION ALL SELECT -count(*) FROM plain ORDER BY 1", "-3;3" },
        { "SELECT (SELECT max(name) FROM plain WHERE plain.id = p.id) FROM people p WHERE id = 1",
          "Ada" },
        { "WITH plain AS (SELECT 9 AS id) SELECT id FROM plain", "9" },
        { "WITH x AS (SELECT id FROM plain), plain AS (SELECT 9 AS id) "
          "SELECT max(x.id), max(plain.id) FROM x, plain",
          "3|9" },
        { "WITH RECURSIVE up AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM up, twofold WHERE n < "
          "2) "
          "SELECT max(n), count(*) FROM up",
          "2|7" },
        { "SELECT count(*) FROM twofold", "6" },
        { "FROM (SELECT region, id FROM plain) PIVOT (sum(id) FOR region IN ('EU', 'US'))", "1|2" },
        { "SELECT name, id FROM counted ORDER BY name", "EU|1;US|1;XX|1" },
        { "SELECT typeof(id), COLUMNS(* EXCLUDE (id)) FROM narrow", "BIGINT|n|EU" },
        { "SELECT count(*) FROM plain TABLESAMPLE 100% (bernoulli, 1)", "3" },
        { "SELECT view_1.id FROM (SELECT 5 AS id) AS view_1, plain WHERE plain.id = 1", "5" },
        { "WITH view_1 AS (SELECT 6 AS id) SELECT view_1.id FROM view_1, plain WHERE plain.id = 1",
          "6" },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        expect(cases[i].sql, cases[i].rows);
    }
}

static void decisions_of_the_view_and_about_the_view_add_up(void **state)
{
    expect("SELECT m.name FROM masked m JOIN people p USING (id) WHERE p.name = 'Ada'", "masked");
    expect("SELECT count(*) FROM masked WHERE name = 'Ada'", "0");
    expect("SELECT name FROM mine WHERE id = 1", "masked");
    expect("SELECT count(*) FROM known", "2");
    expect("SELECT id, name FROM europe", "1|Ada");
    expect("SELECT p.name, k.name FROM people p LEFT JOIN known k USING (id) WHERE id = 3",
           "SECRET|");
}

static void a_hidden_row_is_in_no_message(void **state)
{
    static const char *const probes[] = {
        "SELECT count(*) FROM known WHERE CAST(name AS INTEGER) = 1 AND id > 2",
        "SELECT count(*) FROM (SELECT CAST(name AS DATE) AS d, id FROM known) WHERE d IS NULL AND "
        "id > 2",
        "SELECT count(*) FROM europe WHERE CAST(name AS INTEGER) = 1 AND id > 2",
        "SELECT count(*) FROM mistyped WHERE id = 1 AND region > 'V'",
    };

    for (size_t i = 0; i < COUNT_OF(probes); i++) {
        str got = answer(probes[i]);

        if (str_has(got, S("SECRET"))) {
            print_error("%s\n  tells %.*s\n", probes[i], STR_ARG(got));
        }
        assert_false(str_has(got, S("SECRET")));
    }
}

/* A view's columns are cast, which may fail: so values of filtered rows are guarded in every text. */
static void filtered_rows_under_a_view_are_guarded(void **state)
{
    static const struct {
        const char *sql;
        bool        is_guarded;
    } cases[] = { { "SELECT id FROM known", true },
                  { "SELECT id FROM europe", true },
                  { "SELECT id FROM masked", false } };
    struct guard_approved approved;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(kit_approve(&kit, GUARD_QUERY, str_of(cases[i].sql), &approved), ST_OK);
        assert_int_equal(str_has(approved.sql, S("CASE")), cases[i].is_guarded);
    }
}

/* ---- names ---- */

/* Whoever loses a column loses the view, whatever stands beside it in the text. */
static void nothing_around_is_seen_inside(void **state)
{
    static const char *const texts[] = {
        "SELECT name FROM nameless",
        "SELECT n.name FROM (SELECT 'mine' AS name) AS e, nameless AS n",
        "SELECT n.name FROM people AS e, nameless AS n",
        "SELECT n.name FROM people AS e JOIN LATERAL (FROM nameless) AS n ON true",
        "SELECT (SELECT max(n.name) FROM nameless n) FROM people",
        "WITH people AS (SELECT 1 AS id, 'mine' AS name, 'EU' AS region) SELECT name FROM nameless",
    };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        str got = answer(texts[i]);

        if (!str_has(got, S("\"name\" not found"))) {
            print_error("%s\n  gives %.*s\n", texts[i], STR_ARG(got));
        }
        assert_true(str_has(got, S("\"name\" not found")));
    }
    expect("WITH p AS (SELECT 1 AS n) SELECT max(c.id) FROM counted c, p", "1");
}

static void what_is_wrong_inside_is_not_told(void **state)
{
    static const char *const    names[] = { "unknown", "reads", "asks",   "fails",
                                            "broken",  "above", "circle", "compared" };
    static const enum guard_use uses[]  = { GUARD_QUERY, GUARD_BUILD };
    struct guard_approved       ignored;

    for (size_t i = 0; i < COUNT_OF(names) * COUNT_OF(uses); i++) {
        const char *name = names[i / COUNT_OF(uses)];
        char        sql[64];

        (void)snprintf(sql, sizeof(sql), "SELECT 1 FROM %s", name);
        assert_int_equal(kit_approve(&kit, uses[i % COUNT_OF(uses)], str_of(sql), &ignored),
                         ST_INVALID);
        assert_int_equal(kit.findings.list.count, 1);
        const struct diag *d = &kit.findings.list.items[0];
        assert_true(str_eq(d->rule, S("guard.view")));
        assert_true(str_has(d->message, str_of(name)));
        assert_int_equal(d->pos.column, 15);
        assert_false(str_has(d->message, S("secret_table")));
        assert_false(str_has(err_text(&kit.err), S("secret_table")));
        assert_true(str_has(err_text(&kit.err), str_of(name)));
    }
    /* The first refusal of the person's own text stays the message. */
    assert_int_equal(kit_approve(&kit, GUARD_QUERY, S("SELECT 1 FROM nothing, unknown"), &ignored),
                     ST_INVALID);
    assert_true(str_has(err_text(&kit.err), S("\"nothing\" does not exist")));
    assert_int_equal(kit.findings.list.count, 2);
}

static void all_that_is_read_is_listed_with_its_view(void **state)
{
    static const struct {
        const char *key, *through;
        size_t      columns;
        bool        is_whole;
    } wanted[] = { { "europe", "", 2, false },
                   { "known", "europe", 3, true },
                   { "people", "known", 3, true },
                   { "people", "", 1, false } };
    struct guard_approved approved;

    assert_int_equal(
        kit_approve(&kit, GUARD_QUERY,
                    S("SELECT e.name FROM europe e WHERE e.id IN (SELECT people.id FROM people)"),
                    &approved),
        ST_OK);
    assert_int_equal(approved.table_count, COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        assert_true(str_eq(approved.tables[i].key, str_of(wanted[i].key)));
        assert_true(str_eq(approved.tables[i].through, str_of(wanted[i].through)));
        assert_int_equal(approved.tables[i].column_count, wanted[i].columns);
        assert_int_equal(approved.tables[i].is_whole, wanted[i].is_whole);
    }
}

/* No place of the view's text is taken for one of the person's. */
static void places_are_those_of_the_text(void **state)
{
    const str             sql = S("SELECT id FROM twofold");
    struct guard_approved approved;

    assert_int_equal(kit_approve(&kit, GUARD_QUERY, sql, &approved), ST_OK);
    for (size_t i = 0; i < approved.place_count; i++) {
        assert_true(approved.places[i].written == 7 || approved.places[i].written == 15 ||
                    approved.places[i].written == 10);
    }
}

/* ---- limits ---- */

static void depth_is_bounded(void **state)
{
    struct guard_approved ignored;

    expect("SELECT count(*) FROM deep8", "3");
    assert_int_equal(kit_approve(&kit, GUARD_QUERY, S("SELECT 1 FROM deep9"), &ignored), ST_LIMIT);
    assert_true(str_has(err_text(&kit.err), S("GUARD_VIEWS_MAX")));
}

/* One view is walked once, however often it is named; mentions inside count like those outside. */
static void mentions_are_bounded_through_views(void **state)
{
    struct buf sql        CLEANUP(buf_release) = BUF_INIT(1 << 16);
    struct guard_approved ignored;

    buf_add(&sql, S("SELECT 1 FROM deep1"));
    for (size_t i = 1; i < GUARD_TABLES_MAX - 1; i++) {
        buf_add(&sql, S(", deep1"));
    }
    assert_int_equal(kit_approve(&kit, GUARD_QUERY, buf_view(&sql), &ignored), ST_OK);
    buf_add(&sql, S(", deep1"));
    assert_int_equal(kit_approve(&kit, GUARD_QUERY, buf_view(&sql), &ignored), ST_LIMIT);
    assert_true(str_has(err_text(&kit.err), S("GUARD_TABLES_MAX")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_stands_wherever_a_table_can),
        cmocka_unit_test(decisions_of_the_view_and_about_the_view_add_up),
        cmocka_unit_test(a_hidden_row_is_in_no_message),
        cmocka_unit_test(filtered_rows_under_a_view_are_guarded),
        cmocka_unit_test(nothing_around_is_seen_inside),
        cmocka_unit_test(what_is_wrong_inside_is_not_told),
        cmocka_unit_test(all_that_is_read_is_listed_with_its_view),
        cmocka_unit_test(places_are_those_of_the_text),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(mentions_are_bounded_through_views),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
