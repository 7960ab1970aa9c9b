/*
 * diff_test.c - what a change of a document means for who relies on it.
 */
#include "contract/diff.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "codec/yaml.h"
#include "standard/odcs.h"
#include "standard/odps.h"
#include "support/test_ctx.h"

#define assert_str(actual, expected) assert_true(str_eq((actual), (expected)))

#define HEAD                         "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n"

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

static struct difference diff(struct ctx *cx, const struct odcs_contract *before,
                              const struct odcs_contract *after)
{
    struct difference d;

    if (diff_trees(cx, DIFF_CONTRACT, before->root, after->root, &d) != ST_OK) {
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

#define RULE(text)         INT ", quality: [{" text "}]"

/* What a change is on the way there and on the way back. */
static const struct {
    const char      *before, *after, *place;
    enum diff_effect there, back;
} cases[] = {
#define TIGHT DIFF_TIGHTER, DIFF_LOOSER
#define SAME  DIFF_SAME, DIFF_SAME
#define MIXED DIFF_MIXED, DIFF_MIXED
#define OPEN  DIFF_UNKNOWN, DIFF_UNKNOWN
    { INT, INT ", required: true", "t.x.required", TIGHT },
    { INT ", required: false", INT ", required: true", "t.x.required", TIGHT },
    { INT ", primaryKey: true", INT ", primaryKey: true, required: true", "t.x.required", SAME },
    { INT, INT ", unique: true", "t.x.unique", TIGHT },
    { INT ", primaryKey: true", INT ", primaryKey: true, unique: true", "t.x.unique", SAME },
    { INT, INT ", primaryKey: true", "t.x.primaryKey", TIGHT },
    { INT ", required: true, unique: true", INT ", required: true, unique: true, primaryKey: true",
      "t.x.primaryKey", SAME },
    { INT, INT ", primaryKey: false", "t.x.primaryKey", SAME },
    { INT, OPT("integer", "minimum: 0"), "t.x.minimum", TIGHT },
    { OPT("integer", "minimum: 0"), OPT("integer", "minimum: 1"), "t.x.minimum", TIGHT },
    { OPT("integer", "minimum: -1"), OPT("integer", "minimum: 0"), "t.x.minimum", TIGHT },
    { OPT("integer", "minimum: 9007199254740992"), OPT("integer", "minimum: 9007199254740993"),
      "t.x.minimum", TIGHT },
    { OPT("integer", "minimum: 1.2"), OPT("integer", "minimum: 1.8"), "t.x.minimum", SAME },
    { OPT("integer", "minimum: 1"), OPT("integer", "minimum: 1.8"), "t.x.minimum", TIGHT },
    { OPT("integer", "multipleOf: 5, minimum: 1"), OPT("integer", "multipleOf: 5, minimum: 5"),
      "t.x.minimum", SAME },
    { OPT("integer", "format: i8"), OPT("integer", "format: i8, minimum: -128"), "t.x.minimum",
      SAME },
    { OPT("integer", "format: i8"), OPT("integer", "format: i8, minimum: -127"), "t.x.minimum",
      TIGHT },
    { OPT("integer", "maximum: 10"), OPT("integer", "maximum: 9"), "t.x.maximum", TIGHT },
    { OPT("number", "maximum: 1.5"), OPT("number", "maximum: 1.25"), "t.x.maximum", TIGHT },
    { "logicalType: number", OPT("number", "maximum: 1e999"), "t.x.maximum", OPEN },
    { OPT("integer", "exclusiveMinimum: 0"), OPT("integer", "exclusiveMinimum: 5"),
      "t.x.exclusiveMinimum", TIGHT },
    { OPT("integer", "minimum: 0"), OPT("integer", "minimum: 0, exclusiveMinimum: 0"),
      "t.x.exclusiveMinimum", TIGHT },
    { OPT("integer", "minimum: 0"), OPT("integer", "minimum: 0, exclusiveMinimum: -1"),
      "t.x.exclusiveMinimum", SAME },
    { OPT("integer", "minimum: 0"), OPT("integer", "exclusiveMinimum: -1"), "t.x.minimum", SAME },
    { OPT("integer", "maximum: 9"), OPT("integer", "exclusiveMaximum: 9"), "t.x.exclusiveMaximum",
      TIGHT },
    { OPT("number", "maximum: 9"), OPT("number", "exclusiveMaximum: 9"), "t.x.exclusiveMaximum",
      TIGHT },
    { OPT("number", "maximum: 9"), OPT("number", "maximum: 9, exclusiveMaximum: 9.5"),
      "t.x.exclusiveMaximum", SAME },
    { "logicalType: number, physicalType: 'DECIMAL(6,2)', logicalTypeOptions: {minimum: 0.01}",
      "logicalType: number, physicalType: 'DECIMAL(6,2)', logicalTypeOptions: {exclusiveMinimum: "
      "0}",
      "t.x.minimum", SAME },
    { "logicalType: date, logicalTypeOptions: {minimum: '2024-01-01'}",
      "logicalType: date, logicalTypeOptions: {minimum: '2024-02-01'}", "t.x.minimum", TIGHT },
    { "logicalType: date, logicalTypeOptions: {minimum: '2024-01-01'}",
      "logicalType: date, logicalTypeOptions: {exclusiveMinimum: '2023-12-31'}", "t.x.minimum",
      SAME },
    { "logicalType: timestamp, logicalTypeOptions: {maximum: '2024-01-01T00:00:00'}",
      "logicalType: timestamp, logicalTypeOptions: {maximum: '2023-12-31 23:59:59.999999'}",
      "t.x.maximum", TIGHT },
    { "logicalType: time, logicalTypeOptions: {maximum: '12:00:00'}",
      "logicalType: time, logicalTypeOptions: {maximum: '11:59:59'}", "t.x.maximum", TIGHT },
    { "logicalType: date, logicalTypeOptions: {minimum: '2024-01-01'}",
      "logicalType: date, logicalTypeOptions: {minimum: 'soon'}", "t.x.minimum", OPEN },
    { STR, OPT("string", "minLength: 1"), "t.x.minLength", TIGHT },
    { STR, OPT("string", "minLength: 0"), "t.x.minLength", SAME },
    { OPT("string", "maxLength: 9"), OPT("string", "maxLength: 8"), "t.x.maxLength", TIGHT },
    { ENUM("{value: ab}, {value: 'äö'}"),
      "logicalType: string, logicalTypeOptions: {maxLength: 2}, enum: [{value: ab}, {value: "
      "'äö'}]",
      "t.x.maxLength", SAME },
    { STR, OPT("string", "pattern: '^a'"), "t.x.pattern", TIGHT },
    { OPT("string", "pattern: '^b'"), OPT("string", "pattern: '^a'"), "t.x.pattern", OPEN },
    { OPT("string", "pattern: '^a', maxLength: 9"), OPT("string", "pattern: '^a', maxLength: 8"),
      "t.x.maxLength", TIGHT },
    { ENUM("{value: a}"),
      "logicalType: string, logicalTypeOptions: {pattern: a}, enum: [{value: a}]", "t.x.pattern",
      OPEN },
    { STR, OPT("string", "format: email"), "t.x.format", TIGHT },
    { STR, OPT("string", "format: uuid"), "t.x.format", TIGHT },
    { OPT("integer", "format: i64"), OPT("integer", "format: i32"), "t.x.format", TIGHT },
    { INT, OPT("integer", "format: i64"), "t.x.format", SAME },
    { INT, OPT("integer", "multipleOf: 5"), "t.x.multipleOf", TIGHT },
    { OPT("integer", "multipleOf: 5"), OPT("integer", "multipleOf: 10"), "t.x.multipleOf", TIGHT },
    { OPT("integer", "multipleOf: 4"), OPT("integer", "multipleOf: 6"), "t.x.multipleOf", MIXED },
    { INT, OPT("integer", "multipleOf: 0.5"), "t.x.multipleOf", SAME },
    { STR, ENUM("{value: a}"), "t.x.enum", TIGHT },
    { ENUM("{value: a}, {value: b}"), ENUM("{value: b}"), "t.x.enum[a]", TIGHT },
    { OPT("integer", "minimum: 1, maximum: 2"),
      OPT("integer", "minimum: 1, maximum: 2") ", enum: [{value: 1}, {value: 2}]", "t.x.enum",
      SAME },
    { "logicalType: boolean", "logicalType: boolean, enum: [{value: true}, {value: false}]",
      "t.x.enum", SAME },
    { "logicalType: boolean", "logicalType: boolean, enum: [{value: true}]", "t.x.enum", TIGHT },
    { LIST(""), LIST("") ", logicalTypeOptions: {minItems: 1}", "t.x.minItems", TIGHT },
    { LIST(""), LIST("") ", logicalTypeOptions: {uniqueItems: true}", "t.x.uniqueItems", TIGHT },
    { LIST("") ", logicalTypeOptions: {maxItems: 1}",
      LIST("") ", logicalTypeOptions: {maxItems: 1, uniqueItems: true}", "t.x.uniqueItems", SAME },
    { LIST(""), LIST(", logicalTypeOptions: {minimum: 0}"), "t.x.items.minimum", TIGHT },
    { NESTED(""), NESTED(", required: true"), "t.x.a.required", TIGHT },
    { NESTED(""), NESTED(", logicalTypeOptions: {maximum: 7}"), "t.x.a.maximum", TIGHT },
    { NESTED("") ", logicalTypeOptions: {minProperties: 1}",
      NESTED("") ", logicalTypeOptions: {minProperties: 1, required: [a]}", "t.x.required[a]",
      TIGHT },
    { NESTED(", required: true") ", logicalTypeOptions: {minProperties: 1}",
      NESTED(", required: true") ", logicalTypeOptions: {minProperties: 1, required: [a]}",
      "t.x.required[a]", SAME },
    { "physicalType: BIGINT", "physicalType: INTEGER", "t.x.physicalType", TIGHT },
    { "physicalType: BIGINT", "physicalType: int8", "t.x.physicalType", SAME },
    { "physicalType: 'DECIMAL(10,2)'", "physicalType: 'DECIMAL(8,2)'", "t.x.physicalType", TIGHT },
    { "physicalType: VARCHAR", "physicalType: DATE", "t.x.physicalType", MIXED },
    { "physicalType: BOOLEAN", "physicalType: DOUBLE", "t.x.physicalType", MIXED },
    { STR, INT, "t.x.logicalType", MIXED },
    { "logicalType: timestamp", OPT("timestamp", "timezone: true"), "t.x.timezone", MIXED },
    { OPT("vector", "dimensions: 3"), OPT("vector", "dimensions: 4"), "t.x.dimensions", MIXED },
    { OPT("vector", "dimensions: 3"), OPT("vector", "dimensions: 3, normalized: true"),
      "t.x.normalized", TIGHT },
    { RULE("metric: nullValues, mustBeLessThan: 5"), RULE("metric: nullValues, mustBeLessThan: 3"),
      "t.x.quality[nullValues].mustBeLessThan", TIGHT },
    { RULE("metric: nullValues, mustBeLessThan: 5"),
      RULE("metric: nullValues, mustBeLessOrEqualTo: 4"), "t.x.quality[nullValues].mustBeLessThan",
      SAME },
    { RULE("metric: nullValues, mustBe: 0"), RULE("metric: nullValues, mustBe: 1"),
      "t.x.quality[nullValues].mustBe", MIXED },
    { INT, RULE("metric: nullValues, mustBe: 0"), "t.x.quality[nullValues]", TIGHT },
    { INT ", required: true", RULE("metric: nullValues, mustBe: 0") ", required: true",
      "t.x.quality[nullValues]", SAME },
    { RULE("metric: missingValues, mustBe: 0, arguments: {missingValues: [9]}"),
      RULE("metric: missingValues, mustBe: 0, arguments: {missingValues: [9]}") ", required: true",
      "t.x.required", SAME },
    { RULE("metric: nullValues, mustBeLessThan: 2"),
      RULE("metric: nullValues, mustBeLessThan: 2") ", required: true", "t.x.required", TIGHT },
    { RULE("metric: duplicateValues, mustBeLessThan: 1"),
      RULE("metric: duplicateValues, mustBeLessThan: 1") ", unique: true", "t.x.unique", SAME },
    { INT ", unique: true", RULE("metric: duplicateValues, mustBe: 0") ", unique: true",
      "t.x.quality[duplicateValues]", SAME },
    { INT, RULE("metric: nullValues, mustBeGreaterOrEqualTo: 0"), "t.x.quality[nullValues]", SAME },
    { RULE("metric: nullValues, mustBe: 0, severity: warning"),
      RULE("metric: nullValues, mustBe: 0"), "t.x.quality[nullValues].severity", TIGHT },
    { RULE("metric: nullValues, mustBe: 0"), RULE("metric: nullValues, mustBe: 0, unit: percent"),
      "t.x.quality[nullValues].unit", SAME },
    { RULE("metric: nullValues, mustBeLessThan: 5"),
      RULE("metric: nullValues, mustBeLessThan: 5, unit: percent"), "t.x.quality[nullValues].unit",
      MIXED },
    { RULE("metric: invalidValues, mustBe: 0, arguments: {validValues: [1, 2]}"),
      RULE("metric: invalidValues, mustBe: 0, arguments: {validValues: [1]}"),
      "t.x.quality[invalidValues].arguments.validValues", TIGHT },
    { RULE("metric: missingValues, mustBe: 0, arguments: {missingValues: [1]}"),
      RULE("metric: missingValues, mustBe: 0, arguments: {missingValues: [1, 2]}"),
      "t.x.quality[missingValues].arguments.missingValues", TIGHT },
    { RULE("metric: invalidValues, mustBe: 0, arguments: {pattern: a}"),
      RULE("metric: invalidValues, mustBe: 0, arguments: {pattern: b}"),
      "t.x.quality[invalidValues].arguments.pattern", OPEN },
    { RULE("type: sql, name: q, query: SELECT 1, mustBe: 1"),
      RULE("type: sql, name: q, query: SELECT 2, mustBe: 1"), "t.x.quality[q].query", OPEN },
    { RULE("type: sql, name: q, query: SELECT 1, mustBeBetween: [0, 9]"),
      RULE("type: sql, name: q, query: SELECT 1, mustBeBetween: [1, 9]"),
      "t.x.quality[q].mustBeBetween", TIGHT },
};

static const struct diff_change *find(const struct difference *d, const char *place)
{
    for (size_t i = 0; i < d->list.count; i++) {
        if (str_eq(d->list.items[i].place, str_of(place))) {
            return &d->list.items[i];
        }
    }
    return NULL;
}

static void has_effect(const struct difference *d, size_t i, const char *way,
                       enum diff_effect effect)
{
    const struct diff_change *c = find(d, cases[i].place);

    if (!c) {
        fail_msg("%s, %s: nothing at %s; %zu changes, the first at " STR_FMT, cases[i].before,
                 cases[i].after, cases[i].place, d->list.count,
                 STR_ARG(d->list.count ? d->list.items[0].place : S("-")));
    }
    if (c->effect != effect) {
        fail_msg("%s, %s: %s %s is " STR_FMT " (" STR_FMT ")", cases[i].before, cases[i].after, way,
                 cases[i].place, STR_ARG(diff_effect_name(c->effect)), STR_ARG(c->why));
    }
}

static void changes_of_a_column_have_their_effect(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct odcs_contract *a     = read(cx, cases[i].before, NULL);
        struct odcs_contract *b     = read(cx, cases[i].after, NULL);
        struct difference     there = diff(cx, a, b), back = diff(cx, b, a);

        has_effect(&there, i, "there", cases[i].there);
        has_effect(&back, i, "back", cases[i].back);
        assert_int_equal(diff(cx, a, a).list.count, 0);
        assert_int_equal(diff(cx, b, b).impact, DIFF_NONE);
    }
    test_ctx_release(&t);
}

static void effects_ask_for_versions(void **state)
{
    static const struct {
        const char      *before, *after;
        enum diff_impact impact;
        const char      *why;
    } rows[] = {
        { OPT("integer", "minimum: 0"), OPT("integer", "minimum: 1"), DIFF_MAJOR, "0 was allowed" },
        { OPT("integer", "minimum: 1"), OPT("integer", "minimum: 0"), DIFF_MINOR,
          "0 is allowed now" },
        { OPT("integer", "multipleOf: 4"), OPT("integer", "multipleOf: 6"), DIFF_MAJOR,
          " was allowed, " },
        { OPT("integer", "minimum: 0"), OPT("integer", "exclusiveMinimum: -1"), DIFF_PATCH,
          "no row notices" },
        { OPT("string", "pattern: b"), OPT("string", "pattern: a"), DIFF_UNCERTAIN,
          "does not tell" },
        { STR, OPT("string", "format: email"), DIFF_MINOR, "" }, /* its check only warns */
        { INT, RULE("metric: nullValues, mustBe: 0, severity: info"), DIFF_MINOR, "" },
        { INT, RULE("type: text, description: be nice"), DIFF_PATCH, "" },
        { INT, RULE("type: custom, engine: soda, implementation: x"), DIFF_MINOR, "" },
        { RULE("metric: nullValues, mustBeLessThan: 5"),
          RULE("metric: nullValues, mustBeLessThan: 3"), DIFF_MAJOR, "a count of 4 passed" },
        { INT, INT ", description: words", DIFF_PATCH, "" },
        { INT, INT ", classification: restricted", DIFF_MINOR, "" },
        { INT, INT ", physicalName: b", DIFF_PATCH, "" },
        { INT, INT ", deprecated: true", DIFF_MINOR, "" },
        { INT, INT ", tags: [pii.email]", DIFF_MINOR, "" },
        { INT, INT ", relationships: [{to: t.x}]", DIFF_MAJOR, "" },
        { OPT("date", "format: yyyy-MM-dd"), OPT("date", "format: dd.MM.yyyy"), DIFF_PATCH, "" },
        { OPT("vector", "dimensions: 3, embeddingModel: a"),
          OPT("vector", "dimensions: 3, embeddingModel: b"), DIFF_MAJOR, "" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(rows); i++) {
        struct difference d =
            diff(cx, read(cx, rows[i].before, NULL), read(cx, rows[i].after, NULL));

        if (d.impact != rows[i].impact || !str_has(d.list.items[0].why, str_of(rows[i].why))) {
            fail_msg("%s to %s: " STR_FMT ", " STR_FMT, rows[i].before, rows[i].after,
                     STR_ARG(diff_impact_name(d.impact)),
                     STR_ARG(diff_sentence(cx, &d.list.items[0])));
        }
    }
    test_ctx_release(&t);
}

/* The same values: quotes, spelling and order of members count for nothing. */
static void spelling_is_no_change(void **state)
{
    static const char *const pairs[][2] = {
        { OPT("integer", "minimum: 1"), OPT("integer", "minimum: 1.0") },
        { INT ", unique: true", "unique: true, " INT },
        { INT ", description: a", INT ", description: 'a'" },
        { OPT("integer", "maximum: 1e3"), OPT("integer", "maximum: 1000") },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(pairs); i++) {
        assert_int_equal(
            diff(cx, read(cx, pairs[i][0], NULL), read(cx, pairs[i][1], NULL)).list.count, 0);
    }
    test_ctx_release(&t);
}

#define TABLE(name, columns) "  - name: " name "\n    properties:\n" columns
#define COLUMN(text)         "      - {" text "}\n"

static void other_changes_have_their_impact(void **state)
{
    static const struct {
        const char      *before, *after, *place;
        enum diff_kind   kind;
        enum diff_impact impact;
    } rows[] = {
#define T(columns) "schema:\n" TABLE("t", columns)
#define X          COLUMN("name: x, " INT)
        { T(X), T(X) TABLE("u", X), "u", DIFF_ADDED, DIFF_MINOR },
        { T(X) TABLE("u", X), T(X), "u", DIFF_REMOVED, DIFF_MAJOR },
        { T(X), T(X COLUMN("name: y, " INT)), "t.y", DIFF_ADDED, DIFF_MINOR },
        { T(X), T(X COLUMN("name: y, required: true, " INT)), "t.y", DIFF_ADDED, DIFF_MAJOR },
        { T(X), T(X COLUMN("name: y, unique: true, " INT)), "t.y", DIFF_ADDED, DIFF_MAJOR },
        { T(X), T(X COLUMN("name: y, quality: [{metric: nullValues, mustBeLessThan: 9}], " INT)),
          "t.y", DIFF_ADDED, DIFF_MAJOR },
        { T(X),
          T(X COLUMN("name: y, quality: [{metric: invalidValues, arguments: {validValues: [1]}, "
                     "mustBe: 0}], " INT)),
          "t.y", DIFF_ADDED, DIFF_MINOR },
        { T(X COLUMN("name: y, " INT)), T(X), "t.y", DIFF_REMOVED, DIFF_MAJOR },
        { T(X COLUMN("name: y, " INT)), T(COLUMN("name: y, " INT) X), "t.y", DIFF_MOVED,
          DIFF_PATCH },
        { T(COLUMN("id: i, name: x, " INT)), T(COLUMN("id: i, name: y, " INT)), "t.x.name",
          DIFF_RENAMED, DIFF_MAJOR },
        { T(COLUMN("name: x, " INT)), T(COLUMN("id: i, name: x, " INT)), "t.x.id", DIFF_ADDED,
          DIFF_PATCH },
        { T(X), "name: c\n" T(X), "name", DIFF_ADDED, DIFF_PATCH },
        { "tenant: a\n" T(X), "tenant: b\n" T(X), "tenant", DIFF_CHANGED, DIFF_MINOR },
        { "tags: [a, b]\n" T(X), "tags: [b, a]\n" T(X), "tags[b]", DIFF_MOVED, DIFF_NONE },
        { "slaProperties: [{property: latency, value: 4, unit: h}]\n" T(X),
          "slaProperties: [{property: latency, value: 240, unit: min}]\n" T(X),
          "slaProperties[latency].value", DIFF_CHANGED, DIFF_MINOR },
        { "customProperties: [{property: weft.access, value: open}]\n" T(X), T(X),
          "customProperties[weft.access]", DIFF_REMOVED, DIFF_MINOR },
        { "customProperties: [{property: hue, value: 1}]\n" T(X), T(X), "customProperties[hue]",
          DIFF_REMOVED, DIFF_PATCH },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(rows); i++) {
        struct difference d =
            diff(cx, read(cx, NULL, rows[i].before), read(cx, NULL, rows[i].after));
        const struct diff_change *c = find(&d, rows[i].place);

        if (!c || c->kind != rows[i].kind || d.impact != rows[i].impact) {
            fail_msg("%s: %zu changes, the first at " STR_FMT ", impact " STR_FMT, rows[i].place,
                     d.list.count, STR_ARG(d.list.count ? d.list.items[0].place : S("-")),
                     STR_ARG(diff_impact_name(d.impact)));
        }
    }
    test_ctx_release(&t);
}

/* A composite key: one more column tells more rows apart, one fewer tells fewer apart. */
static void keys_are_judged_as_a_whole(void **state)
{
    const char *one =
        T(COLUMN("name: x, primaryKey: true, " INT) COLUMN("name: y, required: true, " INT));
    const char     *two = T(COLUMN("name: x, primaryKey: true, " INT)
                                COLUMN("name: y, required: true, primaryKey: true, " INT));
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    assert_int_equal(diff(cx, read(cx, NULL, one), read(cx, NULL, two)).impact, DIFF_MINOR);
    assert_int_equal(diff(cx, read(cx, NULL, two), read(cx, NULL, one)).impact, DIFF_MAJOR);
    test_ctx_release(&t);
}

static void paths_name_entries_and_ids(void **state)
{
    struct test_ctx           t;
    struct ctx               *cx = test_ctx_init(&t, 1);
    struct difference         d  = diff(cx, read(cx, NULL, T(COLUMN("id: i1, name: x, " INT))),
                                        read(cx, NULL,
                                             T(COLUMN("id: i1, name: x, logicalType: integer, "
                                                               "logicalTypeOptions: {minimum: 3}"))));
    const struct diff_change *c  = &d.list.items[0];

    assert_int_equal(d.list.count, 1);
    assert_str(c->path, S("/schema[name=t]/properties[name=x]/logicalTypeOptions/minimum"));
    assert_str(c->id_path, S("/schema/t/properties/i1/logicalTypeOptions/minimum"));
    assert_str(c->section, S("schema"));
    assert_str(c->field, S("minimum"));
    assert_int_equal(c->before_at.line, 0);
    assert_int_equal(c->after_at.line, 9);
    test_ctx_release(&t);
}

static void products_follow_omds(void **state)
{
#define PRODUCT "apiVersion: v1.0.0\nkind: DataProduct\nid: p\n"
    static const struct {
        const char      *before, *after;
        enum diff_impact impact;
    } rows[] = {
        { "outputPorts: [{name: a, version: 1.0.0, contractId: c}]", "outputPorts: []",
          DIFF_MAJOR },
        { "outputPorts: [{name: a, version: 1.0.0, contractId: c}]",
          "outputPorts: [{name: a, version: 1.1.0, contractId: c}]", DIFF_MINOR },
        { "outputPorts: [{name: a, version: 1.0.0, contractId: c}]",
          "outputPorts: [{name: a, version: 1.0.0, contractId: c}, {name: a, version: 2.0.0, "
          "contractId: d}]",
          DIFF_MINOR },
        { "outputPorts: [{name: a, version: 1.0.0, contractId: c}]",
          "outputPorts: [{name: a, version: 2.0.0, contractId: c}]", DIFF_MAJOR },
        { "outputPorts: [{name: a, version: 1.0.0, contractId: c}]",
          "outputPorts: [{name: a, version: 1.0.0, contractId: d}]", DIFF_MAJOR },
        { "outputPorts: [{name: a, version: 1.0.0, description: x}]",
          "outputPorts: [{name: a, version: 1.0.0, description: y}]", DIFF_PATCH },
        { "inputPorts: [{name: a, version: 1.0.0, contractId: c}]", "inputPorts: []", DIFF_MINOR },
        { "inputPorts: []", "inputPorts: [{name: a, version: 1.0.0, contractId: c}]", DIFF_PATCH },
        { "domain: a", "domain: b", DIFF_MINOR },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(rows); i++) {
        struct odps_product *made[2];
        struct difference    d;

        for (size_t k = 0; k < 2; k++) {
            struct diags     diags = { 0 };
            struct diag_text text  = { .name = S("p"),
                                       .bytes =
                                           arena_printf(cx->arena, PRODUCT "status: active\n%s\n",
                                                       k ? rows[i].after : rows[i].before) };

            assert_int_equal(odps_read(cx, &text, STD_STRICT, &diags, &made[k]), ST_OK);
            assert_int_equal(diags.errors, 0);
        }
        assert_int_equal(diff_trees(cx, DIFF_PRODUCT, made[0]->root, made[1]->root, &d), ST_OK);
        if (d.impact != rows[i].impact) {
            fail_msg("%s to %s is " STR_FMT, rows[i].before, rows[i].after,
                     STR_ARG(diff_impact_name(d.impact)));
        }
    }
    test_ctx_release(&t);
}

static void versions_follow_the_impact(void **state)
{
    static const struct {
        const char      *version;
        enum diff_impact impact;
        const char      *next;
    } rows[] = {
        { "1.2.3", DIFF_NONE, "1.2.3" },      { "1.2.3", DIFF_PATCH, "1.2.4" },
        { "1.2.3", DIFF_MINOR, "1.3.0" },     { "1.2.3", DIFF_MAJOR, "2.0.0" },
        { "1.2.3", DIFF_UNCERTAIN, "2.0.0" }, { "v1", DIFF_PATCH, "1.0.1" },
        { "1.2.0-rc1", DIFF_MINOR, "1.3.0" }, { "one", DIFF_MINOR, "" },
        { "1.2.3.4", DIFF_MINOR, "" },        { "", DIFF_MINOR, "" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(rows); i++) {
        assert_str(diff_next_version(cx, str_of(rows[i].version), rows[i].impact),
                   str_of(rows[i].next));
    }
    test_ctx_release(&t);
}

static void omds_is_json_with_its_fields(void **state)
{
    struct test_ctx          t;
    struct ctx              *cx  = test_ctx_init(&t, 1);
    struct buf               out = BUF_INIT(1 << 20);
    struct json_writer       w;
    struct json             *tree;
    const struct diff_source sources[2] = { { S("c"), S("1.0.0"), S("") },
                                            { S("c"), S("1.0.1"), S("u") } };
    struct difference        d = diff(cx, read(cx, NULL, T(COLUMN("id: i, name: x, " INT))),
                                      read(cx, NULL, T(COLUMN("id: i, name: y, " INT))));

    json_w_init(&w, &out, JSON_PRETTY);
    json_w_object_begin(&w);
    diff_omds(cx, &d, sources, NULL, NULL, &w);
    json_w_object_end(&w);
    assert_int_equal(json_read(cx, buf_view(&out), "omds", NULL, &tree), ST_OK);
    assert_str(json_text_or(json_get(tree, S("kind")), S("")), S("MetadataDifference"));
    assert_str(json_text_or(json_get(tree, S("sourceKind")), S("")), S("DataContract"));
    assert_str(json_text_or(json_path(tree, S("/source2/canonicalUrl")), S("")), S("u"));
    assert_str(json_text_or(json_get(tree, S("suggestedVersion")), S("")), S("2.0.0"));
    assert_int_equal(json_i64_or(json_path(tree, S("/impact/major")), 0), 1);
    assert_str(json_text_or(json_path(tree, S("/diffs/0/type")), S("")), S("CHANGE"));
    assert_str(json_text_or(json_path(tree, S("/diffs/0/value2")), S("")), S("y"));
    assert_str(json_text_or(json_path(tree, S("/diffs/0/path")), S("")),
               S("/schema[name=t]/properties[name=x]/name"));
    assert_str(json_text_or(json_path(tree, S("/diffs/0/impactLevel")), S("")), S("MAJOR"));
    assert_str(json_text_or(json_path(tree, S("/customProperties/1/value/0/kind")), S("")),
               S("renamed"));
    buf_release(&out);
    test_ctx_release(&t);
}

/* Every field of the schemas that we print, and so of the standards, has a row in the table. */
static void no_field_is_without_a_law(void **state)
{
    struct test_ctx t;
    struct ctx     *cx      = test_ctx_init(&t, 1);
    const char     *kinds[] = { "odcs", "odps" };
    struct buf      table   = BUF_INIT(1 << 20);

    diff_rules_markdown(&table);
    for (size_t k = 0; k < CASES(kinds); k++) {
        struct buf   text = BUF_INIT(4 << 20);
        struct json *tree, *defs;

        assert_int_equal(std_schema_json(cx, str_of(kinds[k]), &text), ST_OK);
        assert_int_equal(json_read(cx, buf_view(&text), "schema", NULL, &tree), ST_OK);
        defs = json_get(tree, S("$defs"));
        for (size_t i = 0; i < defs->count; i++) {
            struct json *fields = json_get(defs->members[i].value, S("properties"));

            for (size_t f = 0; fields && f < fields->count; f++) {
                struct json *field = fields->members[f].value;
                str          row =
                    arena_printf(cx->arena, "| `" STR_FMT "` |", STR_ARG(fields->members[f].key));
                bool is_deeper = json_path(field, S("/$ref")) ||
                                 json_path(field, S("/items/$ref")) ||
                                 json_path(field, S("/anyOf")) || json_path(field, S("/oneOf"));

                if (!is_deeper && !str_has(buf_view(&table), row)) {
                    fail_msg("%s: field " STR_FMT " has no row", kinds[k],
                             STR_ARG(fields->members[f].key));
                }
            }
        }
        buf_release(&text);
    }
    buf_release(&table);
    test_ctx_release(&t);
}

/* docs/differences.md ends with the table; WEFT_BLESS=1 writes it there. */
static void the_docs_end_with_the_table(void **state)
{
    static const char *const path = WEFT_TEST_ROOT "/docs/differences.md";
    static char              bytes[1 << 18];
    struct buf               table = BUF_INIT(1 << 20);
    FILE                    *file  = fopen(path, "rb");
    str                      text, marker = S("## Every field\n\n");
    size_t                   at;

    diff_rules_markdown(&table);
    assert_non_null(file);
    text = (str){ bytes, fread(bytes, 1, sizeof bytes, file) };
    (void)fclose(file);
    assert_true(str_find(text, marker, &at));
    if (getenv("WEFT_BLESS")) {
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, at + marker.len, file), at + marker.len);
        assert_int_equal(fwrite(table.ptr, 1, table.len, file), table.len);
        assert_int_equal(fclose(file), 0);
    } else if (!str_eq(str_from(text, at + marker.len), buf_view(&table))) {
        fail_msg("%s is not what the table says; run this test with WEFT_BLESS=1", path);
    }
    buf_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_a_column_have_their_effect),
        cmocka_unit_test(effects_ask_for_versions),
        cmocka_unit_test(spelling_is_no_change),
        cmocka_unit_test(other_changes_have_their_impact),
        cmocka_unit_test(keys_are_judged_as_a_whole),
        cmocka_unit_test(paths_name_entries_and_ids),
        cmocka_unit_test(products_follow_omds),
        cmocka_unit_test(versions_follow_the_impact),
        cmocka_unit_test(omds_is_json_with_its_fields),
        cmocka_unit_test(no_field_is_without_a_law),
        cmocka_unit_test(the_docs_end_with_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
