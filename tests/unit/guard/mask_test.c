/*
 * mask_test.c - decisions of policies in an approved text: rows, masks, hidden and unprojected columns.
 *
 * The approved text runs in a real engine, on a table of a few rows, so that what is compared is what a
 * reader would see.
 */
#include "guard/guard.h"

#include "test.h"

#include "engine/engine.h"
#include "guard_kit.h"
#include "policy/mask_engine.h"
#include "support/test_engine.h"

static struct kit         kit;
static struct test_engine engine;
static struct mask_ring  *ring;

/* people: one row of each kind of value */
static const char setup_sql[] =
    "CREATE TABLE people (id BIGINT, name VARCHAR, email VARCHAR, born DATE, pay DECIMAL(10,2), "
    "age INTEGER, score DOUBLE, region VARCHAR, seen TIMESTAMP, tags VARCHAR[]);"
    "INSERT INTO people VALUES "
    "(1, 'Ada Lovelace', 'ada@a.example', DATE '1815-12-10', 1234.56, 36, 12.5, 'EU', "
    " TIMESTAMP '2026-05-06 07:08:09', ['x']),"
    "(2, 'Bob', 'no address', DATE '1990-01-31', -15.00, -7, -0.5, 'US', NULL, NULL),"
    "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
    "(9223372036854775807, 'SECRET', 'secret@hidden.example', DATE '2000-02-29', 99999999.99, "
    " 2147483647, 'infinity'::DOUBLE, 'XX', TIMESTAMP '2000-02-29 00:00:00', ['SECRET'])";

static const struct guard_column columns[] = {
    { .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .name = STR_INIT("name"), .type = STR_INIT("VARCHAR") },
    { .name = STR_INIT("email"), .type = STR_INIT("VARCHAR") },
    { .name = STR_INIT("born"), .type = STR_INIT("DATE") },
    { .name = STR_INIT("pay"), .type = STR_INIT("DECIMAL(10,2)") },
    { .name = STR_INIT("age"), .type = STR_INIT("INTEGER") },
    { .name = STR_INIT("score"), .type = STR_INIT("DOUBLE") },
    { .name = STR_INIT("region"), .type = STR_INIT("VARCHAR") },
    { .name = STR_INIT("seen"), .type = STR_INIT("TIMESTAMP") },
    { .name = STR_INIT("tags"), .type = STR_INIT("VARCHAR[]") },
};
enum { ID, NAME, EMAIL, BORN, PAY, AGE, SCORE, REGION, SEEN, TAGS, COLUMN_COUNT };

/* What the next approval decides; set up by each test. */
static struct policy_decision        decision;
static struct policy_column_decision shown[COLUMN_COUNT];
static struct policy_layer           layers[COLUMN_COUNT];

static enum status resolve(struct guard_resolver *resolver, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    (void)resolver;
    if (!str_eq(name->table, S("people"))) {
        return FAIL(cx, NOT_FOUND, "no such table");
    }
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = S("people"),
                                    .columns      = columns,
                                    .column_count = COLUMN_COUNT,
                                    .catalog      = S("memory"),
                                    .schema       = S("main"),
                                    .table        = S("people"),
                                    .decision     = &decision };
    return ST_OK;
}

static void decide_nothing(void)
{
    decision = (struct policy_decision){ .access = { .may_read = true }, .columns = shown };
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        shown[i]  = (struct policy_column_decision){ .show = POLICY_CLEAR };
        layers[i] = (struct policy_layer){ 0 };
    }
}

static void decide_mask(size_t column, struct policy_mask mask)
{
    layers[column] = (struct policy_layer){ .mask = mask };
    shown[column]  = (struct policy_column_decision){ .show        = POLICY_MASKED,
                                                      .layers      = &layers[column],
                                                      .layer_count = 1 };
}

static int open_all(void **state)
{
    (void)state;
    kit_open(&kit);
    kit.resolver.resolve    = resolve;
    kit.resolver.candidates = NULL;
    test_engine_open(&engine, NULL);
    ring = mask_ring_new();
    if (mask_register(engine.engine, &engine.cx, ring) != ST_OK ||
        engine_exec(engine.conn, &engine.cx, str_of(setup_sql)) != ST_OK) {
        BUG(engine.err.text);
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    test_engine_close(&engine);
    mask_ring_free(ring);
    kit_close(&kit);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    decide_nothing();
    return 0;
}

static enum status approve(const char *sql, struct guard_approved *out)
{
    return kit_approve(&kit, GUARD_QUERY, str_of(sql), out);
}

/* The rows as text: cells apart by "|", rows by ";", NULL as "~". A failure is its message. */
static str answer(const char *sql)
{
    struct guard_approved   approved;
    struct engine_statement statement = { 0 };
    struct engine_table     t;
    struct buf b            CLEANUP(buf_release) = BUF_INIT(1 << 20);

    if (approve(sql, &approved) != ST_OK) {
        print_error("%s: %s\n", sql, kit.err.text);
        return S("refused");
    }
    statement.sql = approved.sql;
    if (engine_rows(engine.conn, &kit.cx, &statement, &t) != ST_OK) {
        return err_text(&kit.err);
    }
    for (size_t r = 0; r < t.rows; r++) {
        buf_add(&b, r ? S(";") : S(""));
        for (size_t c = 0; c < t.columns; c++) {
            str cell = engine_cell(&t, r, c);

            buf_add(&b, c ? S("|") : S(""));
            buf_add(&b, cell.ptr ? cell : S("~"));
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

/* ---- masks ---- */

static void a_mask_stands_in_place_of_every_value(void **state)
{
    static const struct {
        size_t             column;
        struct policy_mask mask;
        const char        *rows; /* of ids 1, 2, 3 and the largest */
    } cases[] = {
        { NAME, { .kind = POLICY_MASK_NULL }, "~;~;~;~" },
        { PAY, { .kind = POLICY_MASK_NULL }, "~;~;~;~" },
        { TAGS, { .kind = POLICY_MASK_NULL }, "~;~;~;~" },
        { NAME, { .kind = POLICY_MASK_CONSTANT, .text = STR_INIT("n/a") }, "n/a;n/a;n/a;n/a" },
        { AGE, { .kind = POLICY_MASK_CONSTANT, .text = STR_INIT("7") }, "7;7;7;7" },
        { NAME, { .kind = POLICY_MASK_DEFAULT }, ";;;" },
        { BORN, { .kind = POLICY_MASK_DEFAULT }, "1970-01-01;1970-01-01;1970-01-01;1970-01-01" },
        { PAY, { .kind = POLICY_MASK_DEFAULT }, "0.00;0.00;0.00;0.00" },
        { TAGS, { .kind = POLICY_MASK_DEFAULT }, "~;~;~;~" },
        { NAME, { .kind = POLICY_MASK_REDACT }, "Xxx Xxxxxxxx;Xxx;~;XXXXXX" },
        { EMAIL, { .kind = POLICY_MASK_EMAIL }, "x@a.example;*;~;x@hidden.example" },
        { NAME, { .kind = POLICY_MASK_FIRST, .number = 2 }, "Ad**********;Bo*;~;SE****" },
        { NAME, { .kind = POLICY_MASK_LAST, .number = 3 }, "*********ace;***;~;***RET" },
        { NAME,
          { .kind = POLICY_MASK_REGEX, .text = STR_INIT("[A-Z]"), .replacement = STR_INIT("#") },
          "#da #ovelace;#ob;~;######" },
        { EMAIL, { .kind = POLICY_MASK_ZIP3 }, "00000;00000;~;00000" },
        { EMAIL, { .kind = POLICY_MASK_IP }, "0.0.0.0;0.0.0.0;~;0.0.0.0" },
        { NAME, { .kind = POLICY_MASK_HASH }, "~;~;~;~" }, /* there is no key */
        { BORN,
          { .kind = POLICY_MASK_DATE, .text = STR_INIT("year") },
          "1815-01-01;1990-01-01;~;2000-01-01" },
        { BORN,
          { .kind = POLICY_MASK_DATE, .text = STR_INIT("month") },
          "1815-12-01;1990-01-01;~;2000-02-01" },
        { SEEN,
          { .kind = POLICY_MASK_DATE, .text = STR_INIT("day") },
          "2026-05-06 00:00:00;~;~;2000-02-29 00:00:00" },
        { AGE,
          { .kind = POLICY_MASK_ROUND, .text = STR_INIT("10") },
          "40;-10;~;~" }, /* 2147483650 is none */
        { AGE, { .kind = POLICY_MASK_BUCKET, .text = STR_INIT("10") }, "30;-10;~;2147483640" },
        { PAY,
          { .kind = POLICY_MASK_ROUND, .text = STR_INIT("100") },
          "1200.00;0.00;~;~" }, /* 100000000.00 has one digit too many */
        { PAY,
          { .kind = POLICY_MASK_BUCKET, .text = STR_INIT("100") },
          "1200.00;-100.00;~;99999900.00" },
        { SCORE, { .kind = POLICY_MASK_ROUND, .text = STR_INIT("5") }, "15.0;-0.0;~;inf" },
        { SCORE, { .kind = POLICY_MASK_BUCKET, .text = STR_INIT("5") }, "10.0;-5.0;~;inf" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        str sql;

        decide_nothing();
        decide_mask(cases[i].column, cases[i].mask);
        sql = arena_printf(engine.cx.arena, "SELECT " STR_FMT " FROM people ORDER BY id",
                           STR_ARG(columns[cases[i].column].name));
        expect(arena_cstr(engine.cx.arena, sql), cases[i].rows);
    }
}

static void whole_numbers_at_the_end_of_their_type_do_not_overflow(void **state)
{
    decide_mask(ID, (struct policy_mask){ .kind = POLICY_MASK_BUCKET, .text = S("1000") });
    expect("SELECT id FROM people ORDER BY name", "0;0;9223372036854775000;0");
    decide_mask(ID, (struct policy_mask){ .kind = POLICY_MASK_ROUND, .text = S("1000") });
    expect("SELECT id FROM people ORDER BY name", "0;0;~;0");
}

static void a_masked_value_is_all_that_conditions_and_joins_see(void **state)
{
    decide_mask(NAME, (struct policy_mask){ .kind = POLICY_MASK_REDACT });
    expect("SELECT count(*) FROM people WHERE name = 'SECRET'", "0");
    expect("SELECT id FROM people WHERE name LIKE 'Xxx X%'", "1");
    expect("SELECT max(name), min(name) FROM people", "Xxx Xxxxxxxx|XXXXXX");
    expect("SELECT count(*) FROM people a JOIN people b ON a.name = b.name AND a.id <> b.id", "0");
    expect("SELECT p.name FROM (SELECT people FROM people WHERE id = 1) AS t, "
           "LATERAL (SELECT t.people.name) AS p",
           "Xxx Xxxxxxxx");
    expect("SELECT list(name ORDER BY name) FROM people WHERE name IS NOT NULL",
           "[XXXXXX, Xxx, Xxx Xxxxxxxx]");
}

/* ---- rows ---- */

static const struct policy_value eu[]     = { { STR_INIT("EU") } };
static const struct policy_value eu_us[]  = { { STR_INIT("EU") }, { STR_INIT("US") } };
static const struct policy_value thirty[] = { { STR_INIT("30") } };
static const struct policy_value letter[] = { { STR_INIT("A") } };
static const struct policy_value day[]    = { { STR_INIT("1900-01-01") } };
static const struct policy_value pay[]    = { { STR_INIT("-15") } };
static const struct policy_value sly[]    = { { STR_INIT("EU' OR 'x'='x") } };

static void only_rows_of_the_filter_are_there(void **state)
{
    static const struct policy_expr parts[] = {
        { .op = POLICY_EQ, .column = REGION, .values = eu, .value_count = 1 },
        { .op = POLICY_GT, .column = AGE, .values = thirty, .value_count = 1 },
    };
    static const struct {
        struct policy_expr rows;
        const char        *ids;
    } cases[] = {
        { { .op = POLICY_TRUE }, "1;2;3;9223372036854775807" },
        { { .op = POLICY_FALSE }, "" },
        { { .op = POLICY_EQ, .column = REGION, .values = eu, .value_count = 1 }, "1" },
        { { .op = POLICY_NE, .column = REGION, .values = eu, .value_count = 1 },
          "2;9223372036854775807" },
        { { .op = POLICY_IN, .column = REGION, .values = eu_us, .value_count = 2 }, "1;2" },
        { { .op = POLICY_NOT_IN, .column = REGION, .values = eu_us, .value_count = 2 },
          "9223372036854775807" },
        { { .op = POLICY_LT, .column = BORN, .values = day, .value_count = 1 }, "1" },
        { { .op = POLICY_LE, .column = PAY, .values = pay, .value_count = 1 }, "2" },
        { { .op = POLICY_GE, .column = AGE, .values = thirty, .value_count = 1 },
          "1;9223372036854775807" },
        { { .op = POLICY_STARTS_WITH, .column = NAME, .values = letter, .value_count = 1 }, "1" },
        { { .op = POLICY_ENDS_WITH, .column = NAME, .values = letter, .value_count = 1 }, "" },
        { { .op = POLICY_CONTAINS, .column = REGION, .values = eu, .value_count = 1 }, "1" },
        { { .op = POLICY_IS_NULL, .column = REGION }, "3" },
        { { .op = POLICY_NOT_NULL, .column = REGION }, "1;2;9223372036854775807" },
        { { .op = POLICY_AND, .items = parts, .item_count = 2 }, "1" },
        { { .op = POLICY_OR, .items = parts, .item_count = 2 }, "1;9223372036854775807" },
        { { .op = POLICY_AND }, "1;2;3;9223372036854775807" },
        { { .op = POLICY_OR }, "" },
        { { .op = POLICY_EQ, .column = REGION, .values = sly, .value_count = 1 }, "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        decision.rows = &cases[i].rows;
        expect("SELECT id FROM people ORDER BY id", cases[i].ids);
        expect("WITH p AS (FROM people) SELECT (SELECT count(*) FROM people) = count(*) FROM p",
               "true");
    }
}

/* The engine may try an expression of the reader before the filter; then it must not see the row. */
static void a_failing_expression_never_meets_a_hidden_row(void **state)
{
    static const struct policy_expr filter = {
        .op = POLICY_IN, .column = REGION, .values = eu_us, .value_count = 2
    };
    static const char *const attacks[] = {
        "SELECT count(*) FROM people WHERE CAST(name AS INTEGER) = 1 AND id > 2",
        "SELECT count(*) FROM people WHERE date_part(name, born) = 1 AND id > 2",
        "SELECT count(*) FROM people WHERE regexp_matches('x', name || '(') AND id > 2",
        "SELECT count(*) FROM (SELECT CAST(name AS DATE) AS d, id FROM people) WHERE d IS NULL AND "
        "id > 2",
        "SELECT id FROM people GROUP BY id, name HAVING CAST(name AS INTEGER) = 1 AND id > 2",
        "SELECT count(*) FILTER (WHERE CAST(name AS INTEGER) = 1 AND id > 2) FROM people WHERE id "
        "> 2",
        "SELECT count(*) FROM people a JOIN people b ON CAST(a.name AS INTEGER) = b.id AND a.id > "
        "2 "
        "AND b.id > 2",
    };

    decision.rows = &filter;
    for (size_t i = 0; i < CASES(attacks); i++) {
        str got = answer(attacks[i]);

        if (str_has(got, S("SECRET"))) {
            print_error("%s: %.*s\n", attacks[i], STR_ARG(got));
        }
        assert_false(str_has(got, S("SECRET")));
    }
    /* A large amount, which is hidden, would make it fail. */
    expect("SELECT count(*) FROM people WHERE id < 3 OR pay < 0.0000000000000000000000000000000001",
           "2");
}

/* A number with so many digits behind the point that a DECIMAL has no room for those of a large one. */
#define TINY "0.0000000000000000000000000000000001"

static void the_guard_around_columns_stands_only_where_it_is_needed(void **state)
{
    static const struct policy_expr filter = {
        .op = POLICY_EQ, .column = REGION, .values = eu, .value_count = 1
    };
    static const struct {
        const char *sql;
        bool        is_guarded;
    } cases[] = {
        { "SELECT name FROM people WHERE id > 1", false },
        { "SELECT CAST(id AS VARCHAR) FROM people WHERE id > 1", false },
        { "SELECT name FROM people WHERE CAST(name AS INTEGER) = 1", true },
        { "SELECT sum(id * 2) FROM people", false },
        { "SELECT sum(id * 2) FROM people GROUP BY region HAVING count(*) > 1", true },
        { "SELECT s FROM (SELECT id * 2 AS s FROM people)", true },
        { "SELECT s FROM (SELECT id AS s FROM people)", false },
        { "SELECT a.id FROM people a JOIN people b ON a.id * 2 = b.id", true },
        { "SELECT a.id FROM people a JOIN people b ON a.id = b.id", false },
        /* casts that nobody wrote */
        { "SELECT id FROM people WHERE pay < 0.5 AND id > 3", false },
        { "SELECT id FROM people WHERE pay < " TINY, true },
        { "SELECT id FROM people WHERE id BETWEEN 1 AND 2.5", false },
        { "SELECT id FROM people WHERE id BETWEEN 1 AND " TINY, true },
        { "SELECT id FROM people WHERE age IN (1, 2.5, '3')", false },
        { "SELECT id FROM people WHERE age IN (1, " TINY ")", true },
        { "SELECT id FROM people WHERE score < " TINY, false },
        { "SELECT id FROM people WHERE age = DATE '2000-01-01'", true },
        { "SELECT id FROM people WHERE born < DATE '2000-01-01'", false },
        { "SELECT id FROM people WHERE seen < DATE '2000-01-01'", false },
        { "SELECT id FROM people WHERE born < TIMESTAMP '2000-01-01'", true },
        { "SELECT id FROM people WHERE born < seen", true },
        { "SELECT id FROM people WHERE name = 'Bob'", false },
        { "SELECT id FROM people WHERE name = 5", true },
        { "SELECT id FROM people WHERE upper(name) = 'BOB' AND length(name) > 2", false },
        { "SELECT id FROM people WHERE length(name) > 2.5", true },
        { "SELECT a.id FROM people a JOIN people b ON a.id = b.age AND a.pay = b.id", false },
        { "SELECT a.id FROM people a JOIN people b ON a.id = b.name", true },
        { "SELECT a.id FROM people a JOIN people b USING (id)", true },
        { "SELECT a.id FROM people a NATURAL JOIN people b", true },
        { "SELECT id FROM people WHERE coalesce(pay, 0) > 1", false },
        { "SELECT id FROM people WHERE coalesce(pay, " TINY ") > 1", true },
        { "SELECT id FROM people WHERE greatest(pay, " TINY ") > 1", true },
        { "SELECT id FROM people WHERE id IN (SELECT age FROM people)", true },
        { "SELECT id FROM people UNION ALL SELECT " TINY, true },
        { "SELECT id FROM (SELECT id FROM people) AS x WHERE id < 2.5", true },
        { "SELECT id FROM people WHERE id IN (SELECT pay FROM people) OR name LIKE 'A%'", true },
    };

    decision.rows = &filter;
    for (size_t i = 0; i < CASES(cases); i++) {
        struct guard_approved a;

        assert_int_equal(approve(cases[i].sql, &a), ST_OK);
        if (str_has(a.sql, S("CASE")) != cases[i].is_guarded) {
            print_error("%s: %.*s\n", cases[i].sql, STR_ARG(a.sql));
        }
        assert_int_equal(str_has(a.sql, S("CASE")), cases[i].is_guarded);
    }
}

static void a_mask_may_leave_out_rows(void **state)
{
    static const struct policy_expr mine = {
        .op = POLICY_EQ, .column = REGION, .values = eu, .value_count = 1
    };
    static const struct policy_layer both[] = {
        { .mask = { .kind = POLICY_MASK_NULL }, .unless = &mine },
        { .mask = { .kind = POLICY_MASK_REDACT } },
    };

    shown[NAME] =
        (struct policy_column_decision){ .show = POLICY_MASKED, .layers = both, .layer_count = 1 };
    expect("SELECT name FROM people ORDER BY id", "Ada Lovelace;~;~;~");
    shown[NAME].layer_count = 2;
    expect("SELECT name FROM people ORDER BY id", "Xxx Xxxxxxxx;~;~;~");
}

/* A filter decides on clear values, whatever of them is shown. */
static void a_filter_sees_the_value_under_a_mask_and_a_hidden_column(void **state)
{
    static const struct policy_expr filter = {
        .op = POLICY_EQ, .column = REGION, .values = eu, .value_count = 1
    };

    decision.rows = &filter;
    decide_mask(REGION, (struct policy_mask){ .kind = POLICY_MASK_NULL });
    expect("SELECT id, region FROM people", "1|~");
    shown[REGION] = (struct policy_column_decision){ .show = POLICY_HIDDEN };
    expect("SELECT id FROM people", "1");
}

/* ---- columns that do not exist, and those that are for conditions only ---- */

static void a_hidden_column_does_not_exist(void **state)
{
    struct guard_approved a;

    shown[EMAIL].show = POLICY_HIDDEN;
    expect("SELECT * FROM people WHERE id = 2", "2|Bob|1990-01-31|-15.00|-7|-0.5|US|~|~");
    expect("SELECT people FROM people WHERE id = 2",
           "{'id': 2, 'name': Bob, 'born': 1990-01-31, 'pay': -15.00, 'age': -7, 'score': -0.5, "
           "'region': US, 'seen': NULL, 'tags': NULL}");
    assert_true(str_has(answer("SELECT email FROM people"), S("email")));
    assert_true(str_has(answer("SELECT 1 FROM people WHERE email = 'x'"), S("not found")));
    assert_int_equal(approve("SELECT * FROM people", &a), ST_OK);
    assert_int_equal(a.tables[0].column_count, COLUMN_COUNT - 1);
    assert_false(str_has(a.sql, S("email")));
}

static void a_column_for_conditions_is_never_shown(void **state)
{
    static const char *const fine[] = {
        "SELECT id FROM people WHERE name = 'Bob'",
        "SELECT people.id FROM people WHERE people.name LIKE 'B%'",
        "SELECT count(name) FROM people",
        "SELECT count(DISTINCT name) FROM people",
        "SELECT count(*) FILTER (WHERE name = 'Bob') FROM people",
        "SELECT a.id FROM people a JOIN people b ON a.name = b.name",
        "SELECT * EXCLUDE (name) FROM people",
        "SELECT p.* EXCLUDE (name) FROM people p",
        "SELECT p.* EXCLUDE (p.name) FROM people p",
        "SELECT * EXCLUDE (a.name, b.name) FROM people a JOIN people b ON a.id = b.id",
        "SELECT id FROM people WHERE EXISTS (SELECT 1 FROM people b WHERE b.name = people.name)",
        "SELECT id FROM people WHERE upper(name) = 'BOB' ORDER BY id",
    };
    static const char *const refused[] = {
        "SELECT name FROM people",
        "SELECT p.name FROM people p",
        "SELECT * FROM people",
        "SELECT p.* FROM people p",
        "SELECT * EXCLUDE (a.name) FROM people a JOIN people b ON a.id = b.id",
        "SELECT b.* EXCLUDE (a.name) FROM people a JOIN people b ON a.id = b.id",
        "SELECT COLUMNS(* EXCLUDE (a.name)) FROM people a JOIN people b USING (name)",
        "FROM people",
        "SELECT people FROM people",
        "SELECT p FROM people p",
        "SELECT p FROM people p WHERE p IS NOT NULL",
        "SELECT id FROM people ORDER BY name",
        "SELECT count(*) FROM people GROUP BY name",
        "SELECT max(name) FROM people",
        "SELECT upper(name) FROM people",
        "SELECT CASE WHEN name = 'Bob' THEN 1 END FROM people",
        "SELECT name = 'Bob' FROM people",
        "SELECT row_number() OVER (ORDER BY name) FROM people",
        "SELECT COLUMNS('n.*') FROM people",
        "SELECT COLUMNS(*) FROM people",
        "SELECT id FROM people WHERE id IN (SELECT length(name) FROM people)",
        "SELECT id FROM people WHERE 'Bob' = (SELECT name)",
        "WITH p AS (SELECT name AS n FROM people) SELECT n FROM p",
        "SELECT id FROM people GROUP BY id HAVING max(name) > 'B'",
        "SELECT id FROM people QUALIFY row_number() OVER (PARTITION BY name) = 1",
        "SELECT DISTINCT ON (name) id FROM people",
        "SELECT {'a': name} FROM people",
        "SELECT [name] FROM people",
        "SELECT list(name) FROM people",
        "SELECT string_agg(name, ',') FROM people",
        "SELECT id FROM people UNION SELECT length(name) FROM people",
        "PIVOT people ON region IN ('EU') USING max(name)",
        "SELECT list_transform([1], x -> name) FROM people",
        "SELECT b FROM people AS t(a, b)",
        "SELECT a FROM people AS t(a, b) WHERE b = 'Bob'",
        "SELECT max(b) FROM people t(a, b)",
        "SELECT #2 FROM people",
        "SELECT id FROM people ORDER BY #2 + 1",
    };
    struct guard_approved a;

    shown[NAME].show = POLICY_UNPROJECTED;
    for (size_t i = 0; i < CASES(fine); i++) {
        if (approve(fine[i], &a) != ST_OK) {
            print_error("refused: %s: %s\n", fine[i], kit.err.text);
        }
        assert_int_equal(approve(fine[i], &a), ST_OK);
    }
    for (size_t i = 0; i < CASES(refused); i++) {
        if (approve(refused[i], &a) != ST_INVALID ||
            !str_eq(kit_rule(&kit), S("guard.projection"))) {
            print_error("not refused: %s: %s\n", refused[i], kit.err.text);
        }
        assert_int_equal(approve(refused[i], &a), ST_INVALID);
        assert_true(str_eq(kit_rule(&kit), S("guard.projection")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup(name, fresh)
        T(a_mask_stands_in_place_of_every_value),
        T(whole_numbers_at_the_end_of_their_type_do_not_overflow),
        T(a_masked_value_is_all_that_conditions_and_joins_see),
        T(only_rows_of_the_filter_are_there),
        T(a_failing_expression_never_meets_a_hidden_row),
        T(the_guard_around_columns_stands_only_where_it_is_needed),
        T(a_mask_may_leave_out_rows),
        T(a_filter_sees_the_value_under_a_mask_and_a_hidden_column),
        T(a_hidden_column_does_not_exist),
        T(a_column_for_conditions_is_never_shown),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
