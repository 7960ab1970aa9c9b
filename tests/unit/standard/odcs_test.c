/*
 * odcs_test.c - the ODCS reader: rules, positions, versions, profiles, what the structs hold.
 */
#include "standard/odcs.h"

#include "support/test_ctx.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define HEAD(version)                                                                              \
    "apiVersion: " version "\nkind: DataContract\nid: i\nversion: 1.0.0\nstatus: active\n"
/* Line 8 is the first line of a property's further fields. */
#define PROPERTY(version) HEAD(version) "schema:\n- name: o\n  properties:\n  - name: p\n"
#define ENDS(entries)     HEAD("v3.1.0") "schema: []\nslaProperties:\n" entries
#define RULE(version)     HEAD(version) "schema:\n- name: o\n  quality:\n  - name: r\n"

static struct odcs_contract *read_with(struct ctx *cx, const char *text, enum std_profile profile,
                                       struct diags *d)
{
    struct diag_text     *source = ARENA_NEW(cx->arena, struct diag_text);
    struct odcs_contract *made   = NULL;

    *source = (struct diag_text){ S("c.odcs.yaml"), str_of(text) };
    assert_int_equal(odcs_read(cx, source, profile, d, &made), ST_OK);
    return made;
}

static const struct diag *first_of(const struct diags *d, enum diag_severity severity)
{
    for (size_t i = 0; i < d->list.count; i++) {
        if (d->list.items[i].severity == severity) {
            return &d->list.items[i];
        }
    }
    return NULL;
}

/* ---- each rule, where it fires and what it says ---- */

static const struct rule_case {
    const char        *name, *text, *rule; /* rule NULL: no finding of error or warning */
    uint32_t           line, column;
    const char        *hint; /* part of the hint; NULL: not looked at */
    enum diag_severity severity;
} rule_cases[] = {
    { "smallest", HEAD("v3.1.0") "schema: []\n", NULL, 0, 0, NULL, DIAG_ERROR },
    { "no mapping", "- a\n", "document", 1, 1, NULL, DIAG_ERROR },
    { "nothing", "", "document", 0, 0, NULL, DIAG_ERROR },
    { "unknown field", HEAD("v3.1.0") "shema: []\n", "unknown-field", 6, 1, "\"schema\"",
      DIAG_ERROR },
    { "newer field", HEAD("v3.1.0") "schema: []\ncontext: x\n", "newer-field", 7, 1, "v3.2.0",
      DIAG_ERROR },
    { "newer value", PROPERTY("v3.0.2") "    logicalType: timestamp\n", "unknown-value", 10, 18,
      "v3.1.0", DIAG_ERROR },
    { "missing field", "apiVersion: v3.2.0\nkind: DataContract\nid: i\nschema: []\n",
      "missing-field", 1, 1, NULL, DIAG_ERROR },
    { "wrong type", HEAD("v3.1.0") "name: 5\nschema: []\n", "wrong-type", 6, 7, "quote",
      DIAG_ERROR },
    { "null", HEAD("v3.1.0") "name:\nschema: []\n", "wrong-type", 6, 0, "remove", DIAG_ERROR },
    { "list entry", HEAD("v3.1.0") "tags: [a, 5]\nschema: []\n", "wrong-type", 6, 11, "quote",
      DIAG_ERROR },
    { "value", PROPERTY("v3.1.0") "    logicalType: strng\n", "unknown-value", 10, 18, "\"string\"",
      DIAG_ERROR },
    { "misplaced", PROPERTY("v3.1.0") "    logicalType: string\n    items: {}\n", "misplaced-field",
      11, 5, "array", DIAG_ERROR },
    { "an end that is no date", ENDS("- {property: endOfLife, value: soon}\n"), "sla-date", 8, 32,
      "2027-01-31", DIAG_WARNING },
    { "an end that is a number", ENDS("- {property: es, value: 5, unit: y}\n"), "sla-date", 8, 25,
      "2027-01-31", DIAG_WARNING },
    { "an end of a part", ENDS("- {property: el, value: 2027-01-31, element: o.p}\n"), "sla-part",
      8, 46, NULL, DIAG_WARNING },
    { "two ends",
      ENDS("- {property: el, value: 2027-01-31}\n- {property: EndOfLife, value: 2027-01-31}\n"),
      "sla-twice", 9, 14, "one", DIAG_WARNING },
    { "life ends before support",
      ENDS("- {property: el, value: 2027-01-30}\n- {property: es, value: 2027-01-31}\n"),
      "sla-order", 8, 25, NULL, DIAG_WARNING },
    { "life and support end together",
      ENDS("- {property: el, value: 2027-01-31}\n- {property: es, value: 2027-01-31T00:00:00Z}\n"),
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "range",
      PROPERTY("v3.1.0") "    logicalType: string\n    logicalTypeOptions: {minLength: -1}\n",
      "range", 11, 37, NULL, DIAG_ERROR },
    { "id", PROPERTY("v3.1.0") "    id: a b\n", "pattern", 10, 9, NULL, DIAG_ERROR },
    { "id newer", PROPERTY("v3.2.0") "    id: urn:x\n", NULL, 0, 0, NULL, DIAG_ERROR },
    { "untyped options", PROPERTY("v3.1.0") "    logicalTypeOptions: {minLength: 1}\n",
      "options-untyped", 10, 25, "logicalType", DIAG_ERROR },
    { "boolean options",
      PROPERTY("v3.1.0") "    logicalType: boolean\n    logicalTypeOptions: {a: 1}\n",
      "options-unused", 11, 25, NULL, DIAG_WARNING },
    { "options order",
      PROPERTY(
          "v3.1.0") "    logicalType: integer\n    logicalTypeOptions: {minimum: 5, maximum: 1}\n",
      "options-order", 11, 35, NULL, DIAG_WARNING },
    { "vector", PROPERTY("v3.2.0") "    logicalType: vector\n", "vector-options", 10, 18,
      "dimensions", DIAG_ERROR },
    { "enum twice",
      PROPERTY("v3.2.0") "    logicalType: string\n    enum: [{value: a, label: x}, {value: a}]\n",
      "enum-duplicate", 11, 42, NULL, DIAG_ERROR },
    { "enum type", PROPERTY("v3.2.0") "    logicalType: integer\n    enum: [{value: a}]\n",
      "enum-type", 11, 20, NULL, DIAG_ERROR },
    { "same name", PROPERTY("v3.1.0") "  - name: p\n", "duplicate-name", 10, 11, NULL, DIAG_ERROR },
    { "no operator", RULE("v3.1.0") "    metric: rowCount\n", "quality-operator-missing", 9, 5,
      "mustBe", DIAG_ERROR },
    { "two operators",
      RULE("v3.1.0") "    metric: rowCount\n    mustBe: 1\n    mustBeLessThan: 2\n",
      "quality-operator-several", 12, 5, NULL, DIAG_ERROR },
    { "old without operator", RULE("v3.0.2") "    rule: rowCount\n", "quality-operator-v3.0", 9, 5,
      NULL, DIAG_WARNING },
    { "between", RULE("v3.1.0") "    metric: rowCount\n    mustBeBetween: [2, 1]\n",
      "quality-between-order", 11, 20, NULL, DIAG_WARNING },
    { "between equal", RULE("v3.1.0") "    metric: rowCount\n    mustBeBetween: [1, 1.0]\n",
      "duplicate-item", 11, 20, NULL, DIAG_ERROR },
    { "metric level", RULE("v3.1.0") "    metric: nullValues\n    mustBe: 0\n",
      "quality-metric-level", 9, 5, "property", DIAG_WARNING },
    { "sql without query", RULE("v3.1.0") "    type: sql\n    mustBe: 0\n", "missing-field", 9, 5,
      NULL, DIAG_ERROR },
    { "reference", PROPERTY("v3.1.0") "    relationships: [{to: a-b.c}]\n", "reference", 10, 26,
      NULL, DIAG_ERROR },
    { "reference newer",
      HEAD("v3.2.0") "schema: [{name: a-b, properties: [{name: c, relationships: [{to: "
                     "a-b.c}]}]}]\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "from on property", PROPERTY("v3.1.0") "    relationships: [{from: a.b, to: a.b}]\n",
      "unknown-field", 10, 22, NULL, DIAG_ERROR },
    { "mixed", HEAD("v3.1.0") "schema: [{name: o, relationships: [{from: a.b, to: [a.b]}]}]\n",
      "relationship-mixed", 6, 52, NULL, DIAG_ERROR },
    { "length",
      HEAD("v3.1.0") "schema: [{name: o, relationships: [{from: [a.b], to: [a.b, a.c]}]}]\n",
      "relationship-length", 6, 54, NULL, DIAG_ERROR },
    { "server type", HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: postgress}]\n",
      "unknown-value", 7, 29, "\"postgres\"", DIAG_ERROR },
    { "server needs", HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: kafka}]\n",
      "missing-field", 7, 11, NULL, DIAG_ERROR },
    { "server field",
      HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: kafka, host: h, port: 1}]\n",
      "misplaced-field", 7, 45, NULL, DIAG_ERROR },
    { "target", PROPERTY("v3.1.0") "    relationships: [{to: o.q}]\n", "reference-target", 10, 26,
      NULL, DIAG_ERROR },
    { "target there", PROPERTY("v3.1.0") "    relationships: [{to: o.p}]\n", NULL, 0, 0, NULL,
      DIAG_ERROR },
    { "target nearly", PROPERTY("v3.1.0") "    relationships: [{to: o.amunt}]\n  - name: amount\n",
      "reference-target", 10, 26, "\"amount\"", DIAG_ERROR },
    { "target by id",
      PROPERTY(
          "v3.1.0") "    relationships: [{to: schema/o/properties/i-1}]\n  - {name: q, id: i-1}\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "target by name where it has an id",
      PROPERTY(
          "v3.1.0") "    relationships: [{to: schema/o/properties/q}]\n  - {name: q, id: i-1}\n",
      "reference-target", 10, 26, NULL, DIAG_ERROR },
    { "target nested",
      PROPERTY(
          "v3.2.0") "    relationships: [{to: o.a.b}]\n  - {name: a, logicalType: array, items: "
                    "{logicalType: object, properties: [{name: b}]}}\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "target nested missing",
      PROPERTY(
          "v3.2.0") "    relationships: [{to: /schema/o/properties/a/properties/c}]\n  - {name: a, "
                    "logicalType: object, properties: [{name: b}]}\n",
      "reference-target", 10, 26, NULL, DIAG_ERROR },
    { "object by id", PROPERTY("v3.1.0") "    relationships: [{to: schema/x/properties/p}]\n",
      "reference-target", 10, 26, NULL, DIAG_ERROR },
    { "object elsewhere", PROPERTY("v3.1.0") "    relationships: [{to: x.p}]\n", "reference-object",
      10, 26, NULL, DIAG_WARNING },
    { "target of a schema object",
      HEAD("v3.1.0") "schema: [{name: o, relationships: [{from: [o.a], to: [o.b]}], properties: "
                     "[{name: a}]}]\n",
      "reference-target", 6, 55, NULL, DIAG_ERROR },
    { "target in a file", PROPERTY("v3.1.0") "    relationships: [{to: c.yaml#/schema/x}]\n", NULL,
      0, 0, NULL, DIAG_ERROR },
    { "variable form",
      HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: kafka, host: '${A-B}'}]\n",
      "variable-form", 7, 42, "${NAME}", DIAG_WARNING },
    { "variable whole",
      HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: kafka, host: '${A}:${B:-x y}'}]\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "extension key", HEAD("v3.1.0") "schema: []\nx-own: 1\n", "unknown-field", 7, 1,
      "customProperties", DIAG_ERROR },
    { "extension key of an open object", HEAD("v3.1.0") "schema: []\ndescription: {x-own: 1}\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "port",
      HEAD("v3.2.0") "schema: []\nservers: [{server: s, type: hana, host: h, port: banana}]\n",
      "port-value", 7, 50, NULL, DIAG_ERROR },
    { "port variable",
      HEAD("v3.2.0") "schema: []\nservers: [{server: s, type: hana, host: h, port: '${P:-1}'}]\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "password",
      HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: api, location: 'http://u:pw@h'}]\n",
      "literal-secret", 7, 44, "${NAME}", DIAG_ERROR },
    { "password variable",
      HEAD(
          "v3.1.0") "schema: []\nservers: [{server: s, type: api, location: 'http://u:${PW}@h'}]\n",
      NULL, 0, 0, NULL, DIAG_ERROR },
    { "custom password",
      HEAD("v3.1.0") "schema: []\nservers: [{server: s, type: kinesis, customProperties: "
                     "[{property: password, "
                     "value: x}]}]\n",
      "literal-secret", 7, 85, "${NAME}", DIAG_ERROR },
    { "old version", HEAD("v2.2.2") "schema: []\n", "missing-field", 1, 1, NULL, DIAG_ERROR },
    { "bad version", HEAD("v3.1.1") "schema: []\n", "unknown-value", 1, 13, "v3.1.0", DIAG_ERROR },
    { "no schema", HEAD("v3.1.0"), "schema-missing", 1, 1, NULL, DIAG_WARNING },
    { "bad key",
      HEAD("v3.1.0") "schema: []\ncustomProperties: [{property: weft.biuld, value: sql}]\n",
      "weft-key-unknown", 7, 31, "weft.build", DIAG_ERROR },
    { "key place",
      PROPERTY("v3.1.0") "    customProperties: [{property: weft.build, value: sql}]\n",
      "weft-key-place", 10, 35, "contract", DIAG_ERROR },
    { "key value",
      HEAD("v3.1.0") "schema: []\ncustomProperties: [{property: weft.build, value: deliverd}]\n",
      "weft-key-value", 7, 50, "delivered", DIAG_ERROR },
    { "key field",
      HEAD("v3.1.0") "schema: []\ncustomProperties: [{property: weft.incremental, value: {colum: "
                     "a}}]\n",
      "unknown-field", 7, 57, "\"column\"", DIAG_ERROR },
    { "yaml", "a: [\n", "yaml.syntax", 0, 0, NULL, DIAG_ERROR },
};

static void each_rule_fires_at_its_place(void **state)
{
    for (size_t i = 0; i < CASES(rule_cases); i++) {
        const struct rule_case *c = &rule_cases[i];
        struct test_ctx         t;
        struct ctx             *cx = test_ctx_init(&t, 1);
        struct diags            d  = { 0 };
        const struct diag      *found;

        (void)read_with(cx, c->text, STD_STRICT, &d);
        found = first_of(&d, DIAG_ERROR);
        found = found ? found : first_of(&d, DIAG_WARNING);
        if ((!found) != (!c->rule) || (found && !str_eq(found->rule, str_of(c->rule)))) {
            fail_msg("%s: rule \"" STR_FMT "\" (" STR_FMT ")", c->name,
                     STR_ARG(found ? found->rule : S("none")),
                     STR_ARG(found ? found->message : S("")));
        }
        if (found &&
            ((c->line && found->pos.line != c->line) ||
             (c->column && found->pos.column != c->column) || found->severity != c->severity ||
             (c->hint && !str_has(found->hint, str_of(c->hint))))) {
            fail_msg("%s: at %u:%u severity %d hint \"" STR_FMT "\"", c->name, found->pos.line,
                     found->pos.column, (int)found->severity, STR_ARG(found->hint));
        }
        test_ctx_release(&t);
    }
}

/* ---- profiles ---- */

static void profiles_judge_differently(void **state)
{
    static const struct {
        const char *text;
        bool        strict, schema, text_ok; /* true: no error */
    } cases[] = {
        { PROPERTY("v3.2.0") "    logicalType: vector\n", false, true, false },
        { RULE("v3.1.0") "    metric: rowCount\n", false, false, true },
        { PROPERTY("v3.1.0") "    relationships: [{to: a.b.c}]\n", false, false, true },
        { HEAD("v3.1.0"), true, true, false },
        { HEAD("v3.1.0") "schema: [{name: o, logicalType: date}]\n", false, false, true },
        { PROPERTY("v3.1.0") "  - name: p\n", false, true, false },
        { HEAD("v3.1.0") "x-own: 1\n", false, false, false },
        { PROPERTY("v3.1.0") "    relationships: [{to: o.p, description: d}]\n", false, false,
          true },
        { RULE("v3.1.0") "    metric: rowCount\n    mustBe: 1\n    dimension: cp\n", false, false,
          true },
        { RULE("v3.1.0") "    metric: rowCount\n    mustBe: 1\n    dimension: xx\n", false, false,
          false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        const bool want[] = { cases[i].strict, cases[i].schema, cases[i].text_ok };

        for (size_t p = 0; p < 3; p++) {
            struct test_ctx t;
            struct ctx     *cx = test_ctx_init(&t, 1);
            struct diags    d  = { 0 };

            (void)read_with(cx, cases[i].text, (enum std_profile)p, &d);
            if ((d.errors == 0) != want[p]) {
                fail_msg("case %zu in profile %zu: %zu errors", i, p, d.errors);
            }
            test_ctx_release(&t);
        }
    }
}

/* ---- what the structs hold ---- */

static void structs_hold_values_and_places(void **state)
{
    struct test_ctx       t;
    struct ctx           *cx = test_ctx_init(&t, 1);
    struct diags          d  = { 0 };
    struct odcs_contract *c  = read_with(
        cx,
        PROPERTY(
            "v3.2.0") "    logicalType: array\n    required: true\n    primaryKeyPosition: 2.0\n"
                       "    items: {logicalType: string, logicalTypeOptions: {maxLength: 5}}\n"
                       "    quality:\n    - metric: missingValues\n      arguments: {missingValues: "
                       "[a, 1]}\n"
                       "      mustBeBetween: [1, 2.5]\n"
                       "  - name: v\n    logicalType: vector\n    logicalTypeOptions: {dimensions: "
                       "3}\n"
                       "  quality:\n  - type: sql\n    query: select 1\n    mustNotBe: x\n"
                       "team: [{username: u}]\ncontext: read me\n",
        STD_STRICT, &d);
    const struct odcs_property *p;

    assert_int_equal(d.errors, 0);
    assert_int_equal(c->version_known, ODCS_3_2_0);
    assert_int_equal(c->version.at.line, 4);
    assert_int_equal(c->version.at.column, 10);
    assert_int_equal(c->version.at.len, 5);
    p = odcs_property_find(&odcs_object_find(c, S("o"))->properties, S("p"));
    assert_int_equal(p->logical, ODCS_ARRAY);
    assert_true(std_is_true(p->required));
    assert_int_equal(p->primary_key_position.v, 2);
    assert_int_equal(p->items->options.max_length.v, 5);
    assert_int_equal(p->quality.items[0].metric, ODCS_METRIC_MISSING_VALUES);
    assert_int_equal(p->quality.items[0].op, ODCS_BETWEEN);
    assert_true(p->quality.items[0].low.v == 1 && p->quality.items[0].high.v == 2.5);
    assert_true(std_is_set(p->quality.items[0].arguments.missing_values));
    assert_int_equal(c->schema.items[0].quality.items[0].op, ODCS_MUST_NOT_BE);
    assert_int_equal(c->schema.items[0].quality.items[0].type, ODCS_QUALITY_SQL);
    assert_true(str_eq(c->team.members.items[0].username.v, S("u")));
    assert_true(str_eq(c->context.text.v, S("read me")));
    assert_null(odcs_property_find(&c->schema.items[0].properties, S("absent")));
    test_ctx_release(&t);
}

static void all_problems_come_at_once(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    struct diags    d  = { 0 };

    (void)read_with(cx,
                    "apiVersion: v3.1.0\nkind: Contract\nid: 5\nextra: 1\nschema:\n- nme: o\n- 7\n",
                    STD_STRICT, &d);
    /* kind, id, extra, version, status, nme, name, 7 */
    assert_int_equal(d.errors, 8);
    test_ctx_release(&t);
}

/* Written again and read back: the same values. */
static void emitted_contracts_read_back_equal(void **state)
{
    static const char text[] =
        PROPERTY("v3.2.0") "    description: \"two\\nlines: #x\\n\"\n    logicalType: integer\n"
                           "    logicalTypeOptions: {minimum: 1, maximum: 9, format: i32}\n"
                           "    enum: [{value: 1}, {value: 2, label: 'yes'}]\n    tags: ['1', a b, "
                           "'- x', 'true', 2020-01-01]\n"
                           "    examples: [1, null, {a: [x]}]\n"
                           "  - name: m\n    logicalType: map\n    map: {key: {logicalType: "
                           "string}, value: {}}\n"
                           "servers: [{server: s, type: postgres, host: h, port: 5432, database: "
                           "d, schema: s}]\n"
                           "customProperties: [{property: weft.build, value: delivered}]\nprice: "
                           "{priceAmount: 1.50}\n";
    struct test_ctx       t;
    struct ctx           *cx    = test_ctx_init(&t, 1);
    struct diags          d     = { 0 };
    struct odcs_contract *a     = read_with(cx, text, STD_STRICT, &d), *b;
    struct buf            first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);

    assert_int_equal(d.errors, 0);
    odcs_emit(a, &first);
    b = read_with(cx, arena_cstr(cx->arena, buf_view(&first)), STD_STRICT, &d);
    if (d.errors) {
        fail_msg(STR_FMT "\n" STR_FMT, STR_ARG(d.list.items[0].message), STR_ARG(buf_view(&first)));
    }
    odcs_emit(b, &second);
    assert_true(str_eq(buf_view(&first), buf_view(&second)));
    assert_true(
        str_eq(b->schema.items[0].properties.items[0].description.v, S("two\nlines: #x\n")));
    assert_int_equal(b->schema.items[0].properties.items[0].tags.count, 5);
    assert_int_equal(b->schema.items[0].properties.items[0].options.maximum.at.line != 0, 1);
    assert_true(str_eq(b->servers.items[0].port.v, S("5432")));
    assert_true(str_eq(b->price.amount.text, S("1.50")));
    buf_release(&first);
    buf_release(&second);
    test_ctx_release(&t);
}

static void an_item_stands_on_one_line_when_it_fits(void **state)
{
#define LONG "abcdefghijklmnop abcdefghijklmnop abcdefghijklmnop abcdefghijklmnop abcdefghijklmnop"
    const char *text =
        "apiVersion: v3.2.0\n"
        "kind: DataContract\n"
        "id: c\n"
        "version: 1.20.3\n"
        "status: \"1.2\"\n"
        "schema:\n"
        "  - name: o\n"
        "    properties:\n"
        "      - {name: a, logicalType: integer, logicalTypeOptions: {minimum: 1}}\n"
        "      - {name: b, logicalType: string, enum: [{value: \"x, y\"}, {value: z}]}\n"
        "      - name: c\n"
        "        logicalType: string\n"
        "        enum:\n"
        "          - {value: " LONG "}\n"
        "          - {value: x" LONG "}\n"
        "      - name: d\n"
        "        logicalType: string\n"
        "        description: |\n"
        "          two\n"
        "          lines\n";
    struct test_ctx t;
    struct ctx     *cx    = test_ctx_init(&t, 1);
    struct diags    d     = { 0 };
    struct buf      again = BUF_INIT(1 << 20);

    odcs_emit(read_with(cx, text, STD_STRICT, &d), &again);
    assert_int_equal(d.errors, 0);
    assert_string_equal(arena_cstr(cx->arena, buf_view(&again)), text);
    buf_release(&again);
    test_ctx_release(&t);
#undef LONG
}

/* ---- limits ---- */

static void a_huge_contract_meets_a_named_limit(void **state)
{
    struct test_ctx       t;
    struct ctx           *cx   = test_ctx_init(&t, 1);
    struct diags          d    = { 0 };
    struct buf            text = BUF_INIT(16 << 20);
    struct diag_text      source;
    struct odcs_contract *c = NULL;

    buf_add(&text, S(PROPERTY("v3.1.0")));
    for (int i = 0; i < 200000; i++) {
        buf_add(&text, S("  - {}\n"));
    }
    source = (struct diag_text){ S("big.yaml"), buf_view(&text) };
    assert_int_equal(odcs_read(cx, &source, STD_STRICT, &d, &c), ST_LIMIT);
    assert_true(str_has(err_text(cx->err), S("STD_MEMORY_MAX")));
    assert_true(arena_used(cx->arena) < (size_t)1 << 30);
    buf_release(&text);
    test_ctx_release(&t);
}

static void a_cancelled_reading_ends(void **state)
{
    struct test_ctx       t;
    struct ctx           *cx     = test_ctx_init(&t, 1);
    struct diags          d      = { 0 };
    atomic_bool           cancel = true;
    struct diag_text      source = { S("c.yaml"), S(HEAD("v3.1.0")) };
    struct odcs_contract *c      = NULL;

    cx->cancel = &cancel;
    assert_int_equal(odcs_read(cx, &source, STD_STRICT, &d, &c), ST_CANCELLED);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_fires_at_its_place),
        cmocka_unit_test(profiles_judge_differently),
        cmocka_unit_test(structs_hold_values_and_places),
        cmocka_unit_test(all_problems_come_at_once),
        cmocka_unit_test(emitted_contracts_read_back_equal),
        cmocka_unit_test(an_item_stands_on_one_line_when_it_fits),
        cmocka_unit_test(a_huge_contract_meets_a_named_limit),
        cmocka_unit_test(a_cancelled_reading_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
