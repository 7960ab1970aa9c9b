/*
 * plan_test.c - how checks are answered, what is shown, and what never is.
 */
#include "quality/quality.h"

#include <string.h>

#include "fixture.h"
#include "guard/guard.h"
#include "test.h"

#define P                  "    properties:\n"
#define COLUMN(name, type) "      - name: " name "\n        logicalType: " type "\n"
#define OPTIONS(text)      "        logicalTypeOptions: {" text "}\n"
#define Q                  "    quality:\n"

/* ------------------------------------------------------------------------- statistics */

/* One file of 10 rows with these statistics; `class` tells what had to be counted. */
static const struct {
    const char                 *rule, *type, *logical, *options;
    struct quality_column_stats stats;
    const char                 *id;
    enum quality_class          how;
    enum quality_outcome        outcome;
} proofs[] = {
    { "a null count of 0 proves",
      "INTEGER",
      "integer",
      "        required: true\n",
      { .has_null_count = true },
      "a.required",
      QUALITY_BY_METADATA,
      QUALITY_PASS },
    { "a null count is exact: it also refuses",
      "INTEGER",
      "integer",
      "        required: true\n",
      { .has_null_count = true, .null_count = 3 },
      "a.required",
      QUALITY_BY_METADATA,
      QUALITY_FAIL },
    { "no null count proves nothing",
      "INTEGER",
      "integer",
      "        required: true\n",
      { .has_null_count = false },
      "a.required",
      QUALITY_BY_SCAN,
      QUALITY_PASS },
    { "a bound inside proves",
      "INTEGER",
      "integer",
      OPTIONS("minimum: 1"),
      { .has_bounds = true, .min = STR_INIT("1"), .max = STR_INIT("9") },
      "a.minimum",
      QUALITY_BY_METADATA,
      QUALITY_PASS },
    { "a bound outside proves nothing: the data passes",
      "INTEGER",
      "integer",
      OPTIONS("minimum: 1"),
      { .has_bounds = true, .min = STR_INIT("0"), .max = STR_INIT("9") },
      "a.minimum",
      QUALITY_BY_SCAN,
      QUALITY_PASS },
    { "an open bound wants more",
      "INTEGER",
      "integer",
      OPTIONS("exclusiveMaximum: 9"),
      { .has_bounds = true, .min = STR_INIT("1"), .max = STR_INIT("9") },
      "a.exclusiveMaximum",
      QUALITY_BY_SCAN,
      QUALITY_FAIL },
    { "decimals are compared by digits",
      "DECIMAL(9,2)",
      "number",
      OPTIONS("maximum: 9.10"),
      { .has_bounds = true, .min = STR_INIT("1.00"), .max = STR_INIT("9.1") },
      "a.maximum",
      QUALITY_BY_METADATA,
      QUALITY_PASS },
    { "a double that may be NaN is scanned",
      "DOUBLE",
      "number",
      OPTIONS("maximum: 10"),
      { .has_bounds = true, .may_have_nan = true, .min = STR_INIT("1"), .max = STR_INIT("9") },
      "a.maximum",
      QUALITY_BY_SCAN,
      QUALITY_PASS },
    { "a double without NaN is proved",
      "DOUBLE",
      "number",
      OPTIONS("maximum: 10"),
      { .has_bounds = true, .min = STR_INIT("1"), .max = STR_INIT("9.0") },
      "a.maximum",
      QUALITY_BY_METADATA,
      QUALITY_PASS },
    { "a float's text is not its value",
      "FLOAT",
      "number",
      OPTIONS("maximum: 10"),
      { .has_bounds = true, .min = STR_INIT("1"), .max = STR_INIT("9") },
      "a.maximum",
      QUALITY_BY_SCAN,
      QUALITY_PASS },
    { "only nulls prove any bound",
      "INTEGER",
      "integer",
      OPTIONS("maximum: 1"),
      { .has_null_count = true, .null_count = 10 },
      "a.maximum",
      QUALITY_BY_METADATA,
      QUALITY_PASS },
};

static void statistics_answer_only_what_they_prove(void **state)
{
    struct fixture f;

    fixture_open(&f);
    for (size_t i = 0; i < CASES(proofs); i++) {
        struct quality_column_stats stats = proofs[i].stats;
        struct quality_file_stats file = { .row_count = 10, .columns = &stats, .column_count = 1 };
        print_message("%s\n", proofs[i].rule);
        stats.column = S("a");
        fixture_data(&f, arena_cstr(f.cx->arena, arena_printf(f.cx->arena,
                                                              "SELECT least(i, 9)::%s AS a FROM "
                                                              "range(1, 11) t(i)",
                                                              proofs[i].type)));
        f.subject.files      = &file;
        f.subject.file_count = 1;
        fixture_contract(
            &f,
            arena_cstr(f.cx->arena, arena_printf(f.cx->arena, "%s%s%s%s%s",
                                                 P "      - name: a\n        logicalType: ",
                                                 proofs[i].logical, "\n", proofs[i].options, "")));
        fixture_run(&f);
        assert_int_equal(fixture_result(&f, proofs[i].id)->how, proofs[i].how);
        assert_int_equal(fixture_result(&f, proofs[i].id)->outcome, proofs[i].outcome);
    }
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- passes */

static void few_values_are_counted_once_and_others_are_scanned(void **state)
{
    struct fixture f;

    fixture_open(&f);
    fixture_data(&f, "SELECT i AS k, 'v' || i % 5 AS few, 'w' || i AS many FROM range(60000) t(i)");
    f.subject.files      = &(struct quality_file_stats){ .row_count = 60000 };
    f.subject.file_count = 1;
    fixture_contract(&f, P COLUMN("k", "integer") "        unique: true\n" COLUMN("few", "string")
                             OPTIONS("pattern: '^v[0-3]$', maxLength: 2") COLUMN("many", "string")
                                 OPTIONS("pattern: '^w\\d+$'"));
    fixture_run(&f);
    assert_int_equal(fixture_result(&f, "few.pattern")->how, QUALITY_BY_VALUES);
    assert_int_equal(fixture_result(&f, "few.pattern")->bad_count, 12000);
    assert_int_equal(fixture_result(&f, "few.maxLength")->how, QUALITY_BY_VALUES);
    assert_int_equal(fixture_result(&f, "many.pattern")->how, QUALITY_BY_SCAN);
    assert_int_equal(fixture_result(&f, "k.unique")->how, QUALITY_BY_KEYS);
    /* a sample, the values of `few`, the scan, the clustered key: nothing was hashed */
    assert_int_equal(f.results.statements, 4);
    fixture_close(&f);
}

static void equal_keys_are_counted_once(void **state)
{
    struct fixture f;

    fixture_open(&f);
    fixture_data(&f, "SELECT unnest([2, 1, 1]) AS a");
    fixture_contract(&f,
                     P COLUMN("a", "integer") "        unique: true\n"
                                              "        primaryKey: true\n        quality:\n"
                                              "          - {metric: duplicateValues, mustBe: 1}\n");
    fixture_run(&f);
    assert_string_equal(fixture_summary(&f), "a.required pass 0, a.unique fail 1, "
                                             "a.duplicateValues pass 1, primaryKey fail 1");
    assert_int_equal(f.results.statements, 3); /* the scan, the clustered test, GROUP BY */
    fixture_close(&f);
}

static void counts_can_ride_on_the_build(void **state)
{
    struct fixture      f;
    struct engine_table table;
    str                 sql;

    fixture_open(&f);
    fixture_data(&f, "SELECT * FROM (VALUES (1, 'x'), (NULL, 'yy')) t(a, b)");
    fixture_contract(&f, P COLUMN("a", "integer") "        required: true\n" COLUMN("b", "string")
                             OPTIONS("maxLength: 1, pattern: '^(?=x)'"));
    assert_int_equal(quality_plan(f.cx, &f.subject, &f.plan), ST_OK);
    assert_int_equal(quality_fused_sql(f.cx, f.plan, S("(SELECT * FROM t)"), &sql), ST_OK);
    struct engine_statement statement = { .sql = sql };
    assert_int_equal(engine_rows(f.conn, f.cx, &statement, &table), ST_OK);
    uint64_t counts[8];
    assert_in_range(table.columns, 1, 8);
    for (size_t i = 0; i < table.columns; i++)
        assert_true(str_to_u64(engine_cell(&table, 0, i), &counts[i]));
    assert_int_equal(quality_fused_take(f.cx, f.plan, counts, 1), ST_INVALID);
    assert_int_equal(quality_fused_take(f.cx, f.plan, counts, table.columns), ST_OK);
    assert_int_equal(quality_run(f.cx, f.plan, f.conn, &f.results), ST_OK);
    assert_int_equal(f.results.statements, 0);
    assert_string_equal(fixture_summary(&f),
                        "a.required fail 1, b.maxLength fail 1, b.pattern fail 1");
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- secrecy */

static void join_samples(struct fixture *f, const struct quality_samples *samples, struct buf *out)
{
    for (size_t i = 0; i < samples->list.count; i++) {
        const struct quality_sample *s = &samples->list.items[i];
        buf_add(out, s->check_id);
        for (size_t k = 0; k < s->row_count * s->column_count; k++)
            buf_printf(out, " %.*s=%.*s", STR_ARG(s->columns[k % s->column_count]),
                       STR_ARG(s->values[k]));
        buf_add(out, S("\n"));
    }
    assert_non_null(f);
}

static void samples_show_bad_rows_and_hide_personal_data(void **state)
{
    struct fixture         f;
    struct quality_samples samples;
    struct buf             text = BUF_INIT(1 << 20);

    fixture_open(&f);
    fixture_data(&f, "SELECT * FROM (VALUES (1, 'secret-a', 5, 'dup-secret'), (2, 'secret-b', 50, "
                     "'dup-secret'), (3, NULL, 60, 'x')) t(id, mail, n, ssn)");
    fixture_contract(
        &f,
        P COLUMN("id", "integer") "        primaryKey: true\n" COLUMN(
            "mail",
            "string") "        tags: [pii.email]\n        required: true\n" OPTIONS("maxLength: 3")
            COLUMN("n", "integer") OPTIONS("maximum: 10")
                COLUMN("ssn", "string") "        classification: restricted\n"
                                        "        unique: true\n");
    fixture_run(&f);
    assert_int_equal(quality_samples(f.cx, f.plan, f.conn, &f.results, &samples), ST_OK);
    join_samples(&f, &samples, &text);
    assert_string_equal(arena_cstr(f.cx->arena, buf_view(&text)),
                        "t.mail.required id=3 mail=***\n"
                        "t.mail.maxLength id=1 mail=*** id=2 mail=***\n"
                        "t.n.maximum id=2 n=50 id=3 n=60\n"
                        "t.ssn.unique ssn=*** rows=2\n");
    buf_release(&text);
    for (size_t i = 0; i < f.results.list.count; i++)
        assert_false(str_has(f.results.list.items[i].message, S("secret")));
    fixture_close(&f);
}

static void samples_are_at_most_five_rows_and_short(void **state)
{
    struct fixture         f;
    struct quality_samples samples;

    fixture_open(&f);
    fixture_data(&f, "SELECT repeat('\xC3\xA4', 1000) AS a FROM range(100)");
    fixture_contract(&f, P COLUMN("a", "string") OPTIONS("maxLength: 3"));
    fixture_run(&f);
    assert_int_equal(quality_samples(f.cx, f.plan, f.conn, &f.results, &samples), ST_OK);
    assert_int_equal(samples.list.count, 1);
    assert_int_equal(samples.list.items[0].row_count, QUALITY_SAMPLE_ROWS);
    assert_true(samples.list.items[0].values[0].len < 210);
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- sql rules */

static enum status resolve_t(struct guard_resolver *resolver, struct ctx *cx,
                             const struct guard_name *name, struct guard_relation *out)
{
    static const struct guard_column columns[] = {
        { .field_id = 1, .name = STR_INIT("a"), .type = STR_INIT("INTEGER") }
    };

    assert_non_null(resolver);
    if (!str_eq(name->table, S("t")))
        return FAIL(cx, NOT_FOUND, "no such table");
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = S("t"),
                                    .columns      = columns,
                                    .column_count = 1,
                                    .catalog      = S("memory"),
                                    .schema       = S("main"),
                                    .table        = S("t") };
    return ST_OK;
}

/* An sql rule and what becomes of it over a = 1, 2, 3. */
static const struct {
    const char          *query, *operator_text;
    enum quality_outcome outcome;
} rules[] = {
    { "SELECT count(*) FROM {object}", "mustBe: 3", QUALITY_PASS },
    { "SELECT count(*) FROM ${table} WHERE ${column} > 1", "mustBeLessThan: 2", QUALITY_FAIL },
    { "SELECT max(a) > 2 FROM t", "mustBe: true", QUALITY_PASS },
    { "SELECT max(a) > 5 FROM t", "mustBe: true", QUALITY_FAIL },
    { "SELECT 1.5::DECIMAL(9,2) FROM t LIMIT 1", "mustBe: 1.5", QUALITY_PASS },
    { "SELECT 'ok' FROM t LIMIT 1", "mustBe: ok", QUALITY_PASS },
    { "SELECT NULL FROM t LIMIT 1", "mustBe: 0", QUALITY_NOT_EVALUATED },
    { "SELECT a FROM t", "mustBe: 1", QUALITY_ERRORED },
    { "SELECT a FROM t WHERE false", "mustBe: 1", QUALITY_ERRORED },
    { "DROP TABLE t", "mustBe: 0", QUALITY_ERRORED },
    { "SELECT count(*) FROM other", "mustBe: 0", QUALITY_ERRORED },
    { "SELECT count(*) FROM read_csv('/etc/passwd')", "mustBe: 0", QUALITY_ERRORED },
    { "SELECT count(*) FROM {nonsense}", "mustBe: 0", QUALITY_ERRORED },
    { "SELECT CAST('x' || a AS INTEGER) FROM t LIMIT 1", "mustBe: 0", QUALITY_ERRORED },
};

static void sql_rules_run_through_the_guard(void **state)
{
    struct fixture        f;
    struct guard         *guard;
    struct guard_resolver resolver = { .resolve = resolve_t };

    fixture_open(&f);
    assert_int_equal(guard_open(f.cx, &guard), ST_OK);
    fixture_data(&f, "SELECT unnest([1, 2, 3]) AS a");
    f.subject.guard    = guard;
    f.subject.resolver = &resolver;
    for (size_t i = 0; i < CASES(rules); i++) {
        print_message("%s\n", rules[i].query);
        fixture_contract(
            &f,
            arena_cstr(
                f.cx->arena,
                arena_printf(f.cx->arena,
                             P COLUMN("a", "integer") "        quality:\n          - type: sql\n"
                                                      "            query: \"%s\"\n            %s\n",
                             rules[i].query, rules[i].operator_text)));
        fixture_run(&f);
        const struct quality_result *r = fixture_result(&f, "a.sql");
        print_message("  %.*s\n", STR_ARG(r->message));
        assert_int_equal(r->outcome, rules[i].outcome);
        assert_true(r->message.len > 0);
    }
    guard_close(guard);
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- words */

static void severities_follow_the_table(void **state)
{
    static const struct {
        const char           *word;
        enum quality_severity severity;
    } words[] = {
        { "info", QUALITY_INFO },   { "warning", QUALITY_WARNING }, { "WARN", QUALITY_WARNING },
        { "low", QUALITY_WARNING }, { "minor", QUALITY_WARNING },   { "trivial", QUALITY_WARNING },
        { "error", QUALITY_ERROR }, { "critical", QUALITY_ERROR },  { "", QUALITY_ERROR },
    };

    for (size_t i = 0; i < CASES(words); i++)
        assert_int_equal(quality_severity_of(str_of(words[i].word)), words[i].severity);
}

static void ids_are_stable_and_apart(void **state)
{
    struct fixture f;

    fixture_open(&f);
    fixture_data(&f, "SELECT 1 AS a");
    fixture_contract(
        &f, P COLUMN("a", "integer") "        quality:\n"
                                     "          - {id: mine, metric: nullValues, mustBe: 0}\n"
                                     "          - {metric: nullValues, mustBeLessThan: 9}\n"
                                     "          - {metric: nullValues, mustBeLessThan: 8}\n");
    fixture_run(&f);
    assert_string_equal(fixture_summary(&f),
                        "mine pass 0, a.nullValues pass 0, a.nullValues-2 pass 0");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_answer_only_what_they_prove),
        cmocka_unit_test(few_values_are_counted_once_and_others_are_scanned),
        cmocka_unit_test(equal_keys_are_counted_once),
        cmocka_unit_test(counts_can_ride_on_the_build),
        cmocka_unit_test(samples_show_bad_rows_and_hide_personal_data),
        cmocka_unit_test(samples_are_at_most_five_rows_and_short),
        cmocka_unit_test(sql_rules_run_through_the_guard),
        cmocka_unit_test(severities_follow_the_table),
        cmocka_unit_test(ids_are_stable_and_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
