/*
 * diff_test.c - what a change of a contract means for its readers, and the laws that hold for all.
 */
#include "contract/diff.h"

#include "test.h"

#include "support/test_ctx.h"

#define HEAD "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n"

/* A contract whose table "t" has one column, made of the text; or the text alone after the head. */
static struct odcs_contract *read(struct ctx *cx, const char *column, const char *rest)
{
    struct odcs_contract *made  = NULL;
    struct diags          diags = { 0 };
    struct diag_text      text  = { S("c.odcs.yaml"), STR_NONE };

    text.bytes = rest ? arena_printf(cx->arena, HEAD "%s", rest)
                      : arena_printf(cx->arena,
                                     HEAD "schema:\n  - name: t\n    properties:\n"
                                          "      - {name: x, %s}\n",
                                     column);
    if (odcs_read(cx, &text, STD_STRICT, &diags, &made) != ST_OK || diags.errors || !made) {
        fail_msg("%s: " STR_FMT, text.bytes.ptr,
                 STR_ARG(diags.list.count ? diags.list.items[0].message : err_text(cx->err)));
    }
    return made;
}

static struct odcs_difference diff(struct ctx *cx, const struct odcs_contract *before,
                                   const struct odcs_contract *after)
{
    struct odcs_difference d;

    if (odcs_diff(cx, before, after, &d) != ST_OK) {
        fail_msg("%s", cx->err->text);
    }
    return d;
}

#define INT                "logicalType: integer"
#define STR                "logicalType: string"
#define ENUM(values)       STR ", enum: [" values "]"
#define OPT(type, options) "logicalType: " type ", logicalTypeOptions: {" options "}"
#define NESTED(more)       "logicalType: object, properties: [{name: a, logicalType: integer" more "}]"
#define LIST(more)         "logicalType: array, items: {logicalType: integer" more "}"

enum law { BOTH_WAYS, ONE_WAY };

/* From loose to tight: forward major, backward minor (ONE_WAY: backward is major too). */
static const struct {
    const char *loose, *tight, *path;
    enum law    law;
} tightenings[] = {
    { INT, INT ", required: true", "t.x.required", BOTH_WAYS },
    { INT ", required: false", INT ", required: true", "t.x.required", BOTH_WAYS },
    { INT, INT ", unique: true", "t.x.unique", BOTH_WAYS },
    { INT, INT ", primaryKey: true", "t.x.primaryKey", BOTH_WAYS },
    { INT, OPT("integer", "minimum: 0"), "t.x.minimum", BOTH_WAYS },
    { OPT("integer", "minimum: 0"), OPT("integer", "minimum: 1"), "t.x.minimum", BOTH_WAYS },
    { OPT("integer", "minimum: -1"), OPT("integer", "minimum: 0"), "t.x.minimum", BOTH_WAYS },
    { OPT("integer", "minimum: 9007199254740992"), OPT("integer", "minimum: 9007199254740993"),
      "t.x.minimum", BOTH_WAYS },
    { OPT("integer", "maximum: 10"), OPT("integer", "maximum: 9"), "t.x.maximum", BOTH_WAYS },
    { OPT("number", "maximum: 1.5"), OPT("number", "maximum: 1.25"), "t.x.maximum", BOTH_WAYS },
    { OPT("integer", "exclusiveMinimum: 0"), OPT("integer", "exclusiveMinimum: 5"),
      "t.x.exclusiveMinimum", BOTH_WAYS },
    { OPT("integer", "minimum: 0"), OPT("integer", "exclusiveMinimum: 0"), "t.x.exclusiveMinimum",
      BOTH_WAYS },
    { OPT("integer", "maximum: 9"), OPT("integer", "exclusiveMaximum: 9"), "t.x.exclusiveMaximum",
      BOTH_WAYS },
    { "logicalType: date, logicalTypeOptions: {minimum: '2024-01-01'}",
      "logicalType: date, logicalTypeOptions: {minimum: '2024-02-01'}", "t.x.minimum", BOTH_WAYS },
    { STR, OPT("string", "minLength: 1"), "t.x.minLength", BOTH_WAYS },
    { OPT("string", "maxLength: 9"), OPT("string", "maxLength: 8"), "t.x.maxLength", BOTH_WAYS },
    { STR, OPT("string", "pattern: '^a'"), "t.x.pattern", BOTH_WAYS },
    { OPT("string", "pattern: '^b'"), OPT("string", "pattern: '^a'"), "t.x.pattern", ONE_WAY },
    { STR, OPT("string", "format: email"), "t.x.format", BOTH_WAYS },
    { INT, OPT("integer", "multipleOf: 5"), "t.x.multipleOf", BOTH_WAYS },
    { STR, ENUM("{value: a}"), "t.x.enum", BOTH_WAYS },
    { ENUM("{value: a}, {value: b}"), ENUM("{value: b}"), "t.x.enum", BOTH_WAYS },
    { ENUM("{value: a}"), ENUM("{value: b}"), "t.x.enum", ONE_WAY },
    { LIST(""), LIST("") ", logicalTypeOptions: {minItems: 1}", "t.x.minItems", BOTH_WAYS },
    { LIST(""), LIST("") ", logicalTypeOptions: {uniqueItems: true}", "t.x.uniqueItems",
      BOTH_WAYS },
    { LIST(""), LIST(", logicalTypeOptions: {minimum: 0}"), "t.x.items.minimum", BOTH_WAYS },
    { NESTED(""), NESTED(", required: true"), "t.x.a.required", BOTH_WAYS },
    { NESTED(""), NESTED(", logicalTypeOptions: {maximum: 7}"), "t.x.a.maximum", BOTH_WAYS },
    { "physicalType: BIGINT", "physicalType: INTEGER", "t.x.type", BOTH_WAYS },
    { "physicalType: 'DECIMAL(10,2)'", "physicalType: 'DECIMAL(8,2)'", "t.x.type", BOTH_WAYS },
    { "physicalType: VARCHAR", "physicalType: DATE", "t.x.type", ONE_WAY },
    { "physicalType: BOOLEAN", "physicalType: DOUBLE", "t.x.type", ONE_WAY },
};

static bool has_change(const struct odcs_difference *d, const char *path, enum odcs_impact impact)
{
    for (size_t i = 0; i < d->list.count; i++) {
        if (str_eq(d->list.items[i].path, str_of(path)) && d->list.items[i].impact == impact) {
            return true;
        }
    }
    return false;
}

static void tightening_is_major_and_loosening_is_not(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(tightenings); i++) {
        struct odcs_contract  *loose = read(cx, tightenings[i].loose, NULL);
        struct odcs_contract  *tight = read(cx, tightenings[i].tight, NULL);
        struct odcs_difference on = diff(cx, loose, tight), back = diff(cx, tight, loose);

        if (!has_change(&on, tightenings[i].path, ODCS_IMPACT_MAJOR)) {
            fail_msg("%s to %s is no tightening of %s", tightenings[i].loose, tightenings[i].tight,
                     tightenings[i].path);
        }
        assert_int_equal(on.impact, ODCS_IMPACT_MAJOR);
        if (back.impact !=
            (tightenings[i].law == ONE_WAY ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR)) {
            fail_msg("%s back to %s is " STR_FMT, tightenings[i].tight, tightenings[i].loose,
                     STR_ARG(odcs_impact_name(back.impact)));
        }
        assert_int_equal(diff(cx, loose, loose).list.count, 0);
        assert_int_equal(diff(cx, tight, tight).list.count, 0);
        assert_int_equal(diff(cx, tight, tight).impact, ODCS_IMPACT_NONE);
    }
    test_ctx_release(&t);
}

/* The same text twice, read twice: places and order of the file count for nothing. */
static void spelling_is_no_change(void **state)
{
    static const char *const pairs[][2] = {
        { OPT("integer", "minimum: 1"), OPT("integer", "minimum: 1.0") },
        { INT, "name: x, required: false, " INT },
        { ENUM("{value: a}, {value: b}"), ENUM("{value: b}, {value: a}") },
        { INT ", physicalName: a", INT ", physicalName: b" },
        { "physicalType: BIGINT", "physicalType: int8" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(pairs); i++) {
        const char *b =
            str_starts(str_of(pairs[i][1]), S("name: x, ")) ? pairs[i][1] + 9 : pairs[i][1];

        assert_int_equal(diff(cx, read(cx, pairs[i][0], NULL), read(cx, b, NULL)).impact,
                         ODCS_IMPACT_NONE);
    }
    test_ctx_release(&t);
}

#define TABLE(name, columns) "  - name: " name "\n    properties:\n" columns
#define COLUMN(text)         "      - {" text "}\n"

static void other_changes_have_their_impact(void **state)
{
    static const struct {
        const char           *before, *after, *path;
        enum odcs_change_kind kind;
        enum odcs_impact      impact;
    } cases[] = {
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, " INT)) TABLE("u", COLUMN("name: x, " INT)), "u",
          ODCS_ADDED, ODCS_IMPACT_MINOR },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)) TABLE("u", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, " INT)), "u", ODCS_REMOVED, ODCS_IMPACT_MAJOR },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, " INT) COLUMN("name: y, " INT)), "t.y",
          ODCS_ADDED, ODCS_IMPACT_MINOR },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, " INT) COLUMN("name: y, required: true, " INT)),
          "t.y", ODCS_ADDED, ODCS_IMPACT_MAJOR },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT) COLUMN("name: y, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, " INT)), "t.y", ODCS_REMOVED, ODCS_IMPACT_MAJOR },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t", COLUMN("name: x, description: words, " INT)), "t.x.description",
          ODCS_CHANGED, ODCS_IMPACT_PATCH },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "name: c\nschema:\n" TABLE("t", COLUMN("name: x, " INT)), "name", ODCS_CHANGED,
          ODCS_IMPACT_PATCH },
        { "schema:\n" TABLE("t", COLUMN("name: x, " INT)),
          "schema:\n" TABLE("t",
                            COLUMN("name: x, " INT ", quality: [{metric: nullValues, mustBe: 0}]")),
          "t.x.quality", ODCS_CHANGED, ODCS_IMPACT_MINOR },
        { "schema:\n" TABLE("t",
                            COLUMN("name: x, " INT ", quality: [{metric: nullValues, mustBe: 0}]")),
          "schema:\n" TABLE("t",
                            COLUMN("name: x, " INT ", quality: [{metric: nullValues, mustBe: 1}]")),
          "t.x.quality", ODCS_CHANGED, ODCS_IMPACT_MINOR },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct odcs_difference d =
            diff(cx, read(cx, NULL, cases[i].before), read(cx, NULL, cases[i].after));

        if (d.list.count != 1 || !has_change(&d, cases[i].path, cases[i].impact) ||
            d.list.items[0].kind != cases[i].kind || d.impact != cases[i].impact) {
            fail_msg("%s: %zu changes, the first " STR_FMT " of impact " STR_FMT, cases[i].path,
                     d.list.count, STR_ARG(d.list.count ? d.list.items[0].path : S("-")),
                     STR_ARG(odcs_impact_name(d.impact)));
        }
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tightening_is_major_and_loosening_is_not),
        cmocka_unit_test(spelling_is_no_change),
        cmocka_unit_test(other_changes_have_their_impact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
