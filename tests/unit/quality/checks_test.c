/*
 * checks_test.c - every kind of check on small tables: contract in, outcomes out.
 */
#include "quality/quality.h"

#include <string.h>

#include "fixture.h"
#include "test.h"

#define P                  "    properties:\n"
#define COLUMN(name, type) "      - name: " name "\n        logicalType: " type "\n"
#define OPTIONS(text)      "        logicalTypeOptions: {" text "}\n"
#define Q                  "    quality:\n"
#define PQ                 "        quality:\n"

static const struct {
    const char *rule, *data, *contract, *expected;
} cases[] = {
    /* ---- schema */
    { "a column is missing", "SELECT 1 AS a", P COLUMN("a", "integer") COLUMN("b", "string"),
      "b.type fail" },
    { "a column is not declared", "SELECT 1 AS a, 2 AS z", P COLUMN("a", "integer"),
      "z.undeclared fail" },
    { "a type is wrong", "SELECT 'x' AS a", P COLUMN("a", "integer"), "a.type fail" },
    { "a decimal without places is an integer", "SELECT 1::DECIMAL(9,0) AS a",
      P COLUMN("a", "integer"), "" },
    { "a decimal with places is not", "SELECT 1::DECIMAL(9,1) AS a", P COLUMN("a", "integer"),
      "a.type fail" },
    { "a physical type that differs is a warning", "SELECT 1::INTEGER AS a",
      P COLUMN("a", "integer") "        physicalType: bigint\n", "a.physicalType warn" },
    { "a foreign physical type is not judged", "SELECT 1::INTEGER AS a",
      P COLUMN("a", "integer") "        physicalType: NUMBER(10)\n", "" },
    { "a missing column takes its rules along", "SELECT 1 AS a",
      P COLUMN("a", "integer") COLUMN("b", "string") PQ
      "          - {metric: nullValues, mustBe: 0}\n",
      "b.type fail, b.nullValues not_evaluated" },
    /* ---- required */
    { "nulls are counted", "SELECT * FROM (VALUES (1), (NULL), (NULL)) t(a)",
      P COLUMN("a", "integer") "        required: true\n", "a.required fail 2" },
    { "an empty table breaks nothing", "SELECT 1 AS a WHERE false",
      P COLUMN("a",
               "integer") "        required: true\n        unique: true\n" OPTIONS("minimum: 5"),
      "a.required pass 0, a.unique pass 0, a.minimum pass 0" },
    /* ---- keys */
    { "unique counts keys, not rows", "SELECT * FROM (VALUES (1), (2), (2), (2), (3), (3)) t(a)",
      P COLUMN("a", "integer") "        unique: true\n", "a.unique fail 2" },
    { "nulls are one key", "SELECT * FROM (VALUES (1), (NULL), (NULL)) t(a)",
      P COLUMN("a", "integer") "        unique: true\n", "a.unique fail 1" },
    { "one null is unique", "SELECT * FROM (VALUES (NULL), (1)) t(a)",
      P COLUMN("a", "integer") "        unique: true\n", "a.unique pass 0" },
    { "a duplicate in rising order is found", "SELECT * FROM (VALUES (1), (2), (2), (3)) t(a)",
      P COLUMN("a", "integer") "        unique: true\n", "a.unique fail 1" },
    { "unordered unique keys pass", "SELECT * FROM (VALUES (3), (1), (2)) t(a)",
      P COLUMN("a", "integer") "        unique: true\n", "a.unique pass 0" },
    { "NaN equals NaN as a key", "SELECT unnest(['nan'::DOUBLE, 'nan'::DOUBLE, 1.0]) AS a",
      P COLUMN("a", "number") "        unique: true\n", "a.unique fail 1" },
    { "a composite key is a tuple", "SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (2, 'a')) t(a, b)",
      P COLUMN("a", "integer") "        primaryKey: true\n        primaryKeyPosition: 1\n" COLUMN(
          "b", "string") "        primaryKey: true\n        primaryKeyPosition: 2\n",
      "a.required pass 0, b.required pass 0, primaryKey pass 0" },
    { "a composite key may repeat", "SELECT * FROM (VALUES (2, 'a'), (1, 'b'), (2, 'a')) t(a, b)",
      P COLUMN("a", "integer") "        primaryKey: true\n" COLUMN(
          "b", "string") "        primaryKey: true\n",
      "a.required pass 0, b.required pass 0, primaryKey fail 1" },
    { "a key column is required", "SELECT * FROM (VALUES (1), (NULL)) t(a)",
      P COLUMN("a", "integer") "        primaryKey: true\n",
      "a.required fail 1, primaryKey pass 0" },
    /* ---- values */
    { "enum of texts", "SELECT * FROM (VALUES ('x'), ('y'), (NULL)) t(a)",
      P COLUMN("a", "string") "        enum: [{value: x}]\n", "a.enum fail 1" },
    { "enum of numbers", "SELECT * FROM (VALUES (1), (2)) t(a)",
      P COLUMN("a", "integer") "        enum: [{value: 1}, {value: 2}]\n", "a.enum pass 0" },
    { "enum of decimals is exact", "SELECT * FROM (VALUES (0.1::DECIMAL(9,2)), (0.2)) t(a)",
      P COLUMN("a", "number") "        enum: [{value: 0.1}]\n", "a.enum fail 1" },
    { "enum with a quote in it", "SELECT * FROM (VALUES ('it''s'), ('x')) t(a)",
      P COLUMN("a", "string") "        enum: [{value: \"it's\"}]\n", "a.enum fail 1" },
    { "lengths are characters, not bytes",
      "SELECT * FROM (VALUES ('\xC3\xA4\xC3\xB6\xC3\xBC'), ('\xF0\x9F\x98\x80'), ('abcd')) t(a)",
      P COLUMN("a", "string") OPTIONS("minLength: 2, maxLength: 3"),
      "a.minLength fail 1, a.maxLength fail 1" },
    { "pattern by the engine", "SELECT * FROM (VALUES ('A1'), ('a1'), ('xA1x'), (NULL)) t(a)",
      P COLUMN("a", "string") OPTIONS("pattern: '[A-Z]\\d'"), "a.pattern fail 1" },
    { "pattern with look-ahead", "SELECT * FROM (VALUES ('a-b'), ('a--b'), (NULL)) t(a)",
      P COLUMN("a", "string") OPTIONS("pattern: '^(?!.*--)[a-z-]+$'"), "a.pattern fail 1" },
    { "a value over the match limit is not evaluated",
      "SELECT * FROM (VALUES ('b'), (repeat('a', 60) || '!')) t(a)",
      P COLUMN("a", "string") OPTIONS("pattern: '^(?=.)((a+)+|b)$'"), "a.pattern not_evaluated" },
    { "minimum and maximum", "SELECT * FROM (VALUES (1), (5), (9), (NULL)) t(a)",
      P COLUMN("a", "integer") OPTIONS("minimum: 2, maximum: 8"),
      "a.minimum fail 1, a.maximum fail 1" },
    { "exclusive bounds", "SELECT * FROM (VALUES (2), (5), (8)) t(a)",
      P COLUMN("a", "integer") OPTIONS("exclusiveMinimum: 2, exclusiveMaximum: 8"),
      "a.exclusiveMinimum fail 1, a.exclusiveMaximum fail 1" },
    { "a fraction bounds integers", "SELECT * FROM (VALUES (2), (3)) t(a)",
      P COLUMN("a", "integer") OPTIONS("minimum: 2.5"), "a.minimum fail 1" },
    { "a bound beyond the type", "SELECT 2::TINYINT AS a",
      P COLUMN("a", "integer") OPTIONS("minimum: 100000000000000000000000000"),
      "a.minimum fail 1" },
    { "decimals are compared exactly", "SELECT * FROM (VALUES (0.10::DECIMAL(18,2)), (0.11)) t(a)",
      P COLUMN("a", "number") OPTIONS("maximum: 0.1"), "a.maximum fail 1" },
    { "NaN breaks every bound", "SELECT unnest(['nan'::DOUBLE, 1.0]) AS a",
      P COLUMN("a", "number") OPTIONS("minimum: 0, maximum: 5"),
      "a.minimum fail 1, a.maximum fail 1" },
    { "infinity breaks its bound", "SELECT unnest(['-inf'::DOUBLE, 1.0]) AS a",
      P COLUMN("a", "number") OPTIONS("minimum: 0, maximum: 5"),
      "a.minimum fail 1, a.maximum pass 0" },
    { "dates", "SELECT * FROM (VALUES (DATE '2019-12-31'), (DATE '2020-01-01')) t(a)",
      P COLUMN("a", "date") OPTIONS("minimum: '2020-01-01'"), "a.minimum fail 1" },
    { "timestamps",
      "SELECT * FROM (VALUES (TIMESTAMP '2020-01-01 00:00:00'), "
      "(TIMESTAMP '2020-01-01 00:00:00.000001')) t(a)",
      P COLUMN("a", "timestamp") OPTIONS("maximum: '2020-01-01T00:00:00Z'"), "a.maximum fail 1" },
    { "a bound that is no date is not evaluated", "SELECT DATE '2020-01-01' AS a",
      P COLUMN("a", "date") OPTIONS("minimum: '01.01.2020'"), "a.minimum not_evaluated" },
    { "multiples of integers", "SELECT * FROM (VALUES (10), (12), (0)) t(a)",
      P COLUMN("a", "integer") OPTIONS("multipleOf: 5"), "a.multipleOf fail 1" },
    { "multiples of decimals are exact", "SELECT * FROM (VALUES (1.15::DECIMAL(9,2)), (1.17)) t(a)",
      P COLUMN("a", "number") OPTIONS("multipleOf: 0.05"), "a.multipleOf fail 1" },
    { "multiples of doubles are tolerant", "SELECT unnest([0.3::DOUBLE, 0.35]) AS a",
      P COLUMN("a", "number") OPTIONS("multipleOf: 0.1"), "a.multipleOf fail 1" },
    { "a format is a warning", "SELECT * FROM (VALUES ('a@b.org'), ('a b')) t(a)",
      P COLUMN("a", "string") OPTIONS("format: email"), "a.format warn 1" },
    { "an unknown format is not evaluated", "SELECT 'x' AS a",
      P COLUMN("a", "string") OPTIONS("format: password"), "a.format not_evaluated" },
    { "a width is proved by the type", "SELECT 1::INTEGER AS a",
      P COLUMN("a", "integer") OPTIONS("format: i32"), "a.format pass" },
    { "a width is counted in wider types", "SELECT unnest([1, 300])::BIGINT AS a",
      P COLUMN("a", "integer") OPTIONS("format: u8"), "a.format fail 1" },
    /* ---- nested */
    { "a field is required where its struct is",
      "SELECT unnest([{'x': 1}, {'x': NULL}, NULL]) AS s",
      P COLUMN("s", "object") "        properties:\n          - name: x\n"
                              "            logicalType: integer\n            required: true\n",
      "s.x.required fail 1" },
    { "a field has a range", "SELECT unnest([{'x': 1}, {'x': 9}]) AS s",
      P COLUMN("s", "object") "        properties:\n          - name: x\n"
                              "            logicalType: integer\n            logicalTypeOptions: "
                              "{maximum: 5}\n",
      "s.x.maximum fail 1" },
    { "a field is missing", "SELECT {'x': 1} AS s",
      P COLUMN("s", "object") "        properties:\n          - name: y\n"
                              "            logicalType: integer\n",
      "s.y.type fail" },
    { "items are counted", "SELECT unnest([[1, 2], [1], NULL, []]) AS l",
      P COLUMN("l", "array")
          OPTIONS("minItems: 1, maxItems: 1") "        items: {logicalType: integer}\n",
      "l.minItems fail 1, l.maxItems fail 1" },
    { "items may not repeat", "SELECT unnest([[1, 2], [1, 1], [NULL, NULL], [NULL, 1], []]) AS l",
      P COLUMN("l", "array") OPTIONS("uniqueItems: true") "        items: {logicalType: integer}\n",
      "l.uniqueItems fail 2" },
    { "a row is bad when an item is", "SELECT unnest([[1, 2], [9, 9], NULL, [NULL]]) AS l",
      P COLUMN("l", "array") "        items: {logicalType: integer, required: true, "
                             "logicalTypeOptions: {maximum: 5}}\n",
      "l.items.required fail 1, l.items.maximum fail 1" },
    { "fields of items", "SELECT unnest([[{'x': 1}], [{'x': NULL}], [NULL]]) AS l",
      P COLUMN("l",
               "array") "        items:\n          logicalType: object\n"
                        "          properties: [{name: x, logicalType: integer, required: true}]\n",
      "l.items.x.required fail 1" },
    /* ---- library rules */
    { "nullValues with a threshold", "SELECT unnest([1, NULL, NULL, 4]) AS a",
      P COLUMN("a", "integer") PQ "          - {metric: nullValues, mustBeLessThan: 3}\n",
      "a.nullValues pass 2" },
    { "nullValues in percent", "SELECT unnest([1, NULL, NULL, 4]) AS a",
      P COLUMN("a", "integer") PQ
      "          - {id: half, metric: nullValues, unit: percent, mustBeLessThan: 50}\n",
      "half fail 2" },
    { "missingValues", "SELECT unnest(['x', NULL, '', 'N/A']) AS a",
      P COLUMN("a", "string") PQ "          - {metric: missingValues, mustBe: 0, "
                                 "arguments: {missingValues: [null, '', 'N/A']}}\n",
      "a.missingValues fail 3" },
    { "invalidValues leaves nulls out", "SELECT unnest(['x', NULL, 'z']) AS a",
      P COLUMN("a", "string") PQ "          - {metric: invalidValues, mustBe: 0, "
                                 "arguments: {validValues: [x, y]}}\n",
      "a.invalidValues fail 1" },
    { "invalidValues by pattern", "SELECT unnest(['x1', NULL, 'z']) AS a",
      P COLUMN("a", "string") PQ "          - {metric: invalidValues, mustBeBetween: [1, 1.5], "
                                 "arguments: {pattern: '\\d'}}\n",
      "a.invalidValues pass 1" },
    { "duplicateValues", "SELECT unnest([1, 1, 2, 2, 3, NULL, NULL]) AS a",
      P COLUMN("a", "integer") PQ "          - {metric: duplicateValues, mustBeLessThan: 3}\n",
      "a.duplicateValues fail 3" },
    { "duplicateValues ignores percent", "SELECT unnest([1, 1, 2, 3]) AS a",
      P COLUMN("a", "integer") PQ
      "          - {metric: duplicateValues, unit: percent, mustBe: 1}\n",
      "a.duplicateValues pass 1" },
    { "duplicateValues of a table", "SELECT * FROM (VALUES (1, 2), (1, 2), (1, 3)) t(a, b)",
      P COLUMN("a", "integer") COLUMN("b", "integer") Q
      "      - {metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}}\n",
      "duplicateValues fail 1" },
    { "rowCount", "SELECT 1 AS a FROM range(7)",
      P COLUMN("a", "integer") Q "      - {metric: rowCount, mustBeBetween: [7, 10]}\n"
                                 "      - {metric: rowCount, mustNotBeBetween: [7, 10]}\n"
                                 "      - {metric: rowCount, mustBeGreaterThan: 7}\n"
                                 "      - {metric: rowCount, mustBeGreaterOrEqualTo: 7}\n"
                                 "      - {metric: rowCount, mustNotBe: 7}\n",
      "rowCount pass, rowCount-2 fail, rowCount-3 fail, rowCount-4 pass, rowCount-5 fail" },
    { "severity makes a warning", "SELECT unnest([1, NULL]) AS a",
      P COLUMN("a", "integer") PQ
      "          - {metric: nullValues, mustBe: 0, severity: minor}\n"
      "          - {metric: nullValues, mustBe: 0, severity: critical}\n",
      "a.nullValues warn 1, a.nullValues-2 fail 1" },
    { "text and custom are listed", "SELECT 1 AS a",
      P COLUMN("a", "integer") Q "      - {type: text, description: be good}\n"
                                 "      - {type: custom, engine: soda, implementation: x}\n",
      "text not_evaluated, custom not_evaluated" },
    { "sql without a guard is not evaluated", "SELECT 1 AS a",
      P COLUMN("a", "integer") Q
      "      - {type: sql, query: 'SELECT count(*) FROM {object}', mustBe: 1}\n",
      "sql not_evaluated" },
    /* ---- names */
    { "names are quoted", "SELECT 1 AS \"a \"\"b\"",
      P COLUMN("'a \"b'",
               "integer") "        required: true\n        unique: true\n" OPTIONS("minimum: 1"),
      "a \"b.required pass 0, a \"b.unique pass 0, a \"b.minimum pass 0" },
    { "a column may be called n", "SELECT unnest([1, 1]) AS n",
      P COLUMN("n", "integer") "        unique: true\n", "n.unique fail 1" },
};

static void each_check_finds_what_it_should(void **state)
{
    struct fixture f;

    fixture_open(&f);
    for (size_t i = 0; i < CASES(cases); i++) {
        print_message("%s\n", cases[i].rule);
        fixture_data(&f, cases[i].data);
        fixture_contract(&f, cases[i].contract);
        fixture_run(&f);
        assert_string_equal(fixture_summary(&f), cases[i].expected);
    }
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- relationships */

static void keys_must_exist_in_the_other_table(void **state)
{
    struct fixture                     f;
    static const struct quality_column columns[] = { { STR_INIT("id"), STR_INIT("INTEGER") } };
    static const struct quality_table  others[]  = {
        { STR_INIT("o"), STR_INIT("(SELECT unnest([1, 2]) AS id)"), columns, 1 },
    };

    fixture_open(&f);
    fixture_data(&f, "SELECT unnest([1, 2, 3, NULL]) AS a");
    fixture_contract(
        &f, P COLUMN("a", "integer") "        relationships: [{to: o.id}, {to: nowhere.id}]\n");
    f.subject.others      = others;
    f.subject.other_count = 1;
    fixture_run(&f);
    assert_string_equal(fixture_summary(&f),
                        "a.relationship fail 1, a.relationship-2 not_evaluated");
    fixture_close(&f);
}

/* ------------------------------------------------------------------------- failures */

/* A relation with a column that throws takes down the checks of that column only. */
static void a_failing_query_takes_only_its_checks_down(void **state)
{
    struct fixture f;

    fixture_open(&f);
    fixture_data(&f, "SELECT 1 AS a, 2 AS b FROM range(3)");
    f.subject.relation = S("(SELECT a, CASE WHEN a = 1 THEN error('secret value') ELSE b END AS b "
                           "FROM t)");
    fixture_contract(&f, P COLUMN("a", "integer") "        required: true\n" OPTIONS("minimum: 0")
                             COLUMN("b", "integer") OPTIONS("minimum: 0"));
    fixture_run(&f);
    assert_int_equal(fixture_result(&f, "a.required")->outcome, QUALITY_PASS);
    assert_int_equal(fixture_result(&f, "a.minimum")->outcome, QUALITY_PASS);
    assert_int_equal(fixture_result(&f, "b.minimum")->outcome, QUALITY_ERRORED);
    assert_false(str_has(fixture_result(&f, "b.minimum")->message, S("secret")));
    fixture_close(&f);
}

static void a_cancelled_run_ends(void **state)
{
    struct fixture         f;
    atomic_bool            cancel = true;
    struct quality_results results;

    fixture_open(&f);
    fixture_data(&f, "SELECT 1 AS a");
    fixture_contract(&f, P COLUMN("a", "integer") OPTIONS("minimum: 0"));
    assert_int_equal(quality_plan(f.cx, &f.subject, &f.plan), ST_OK);
    f.cx->cancel = &cancel;
    assert_int_equal(quality_run(f.cx, f.plan, f.conn, &results), ST_CANCELLED);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_check_finds_what_it_should),
        cmocka_unit_test(keys_must_exist_in_the_other_table),
        cmocka_unit_test(a_failing_query_takes_only_its_checks_down),
        cmocka_unit_test(a_cancelled_run_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
