/*
 * versions_test.c - each version of the standards by its own rules; v2.2 read into the structs of v3.
 */
#include "standard/odcs.h"
#include "standard/odps.h"

#include "os/file.h"
#include "support/test_ctx.h"
#include "test.h"

static const struct diag *first_error(const struct diags *d)
{
    for (size_t i = 0; i < d->list.count; i++) {
        if (d->list.items[i].severity == DIAG_ERROR) {
            return &d->list.items[i];
        }
    }
    return NULL;
}

static struct odcs_contract *read_contract(struct ctx *cx, str bytes, enum std_profile profile,
                                           struct diags *d)
{
    struct diag_text     *source = ARENA_NEW(cx->arena, struct diag_text);
    struct odcs_contract *made   = NULL;

    *source = (struct diag_text){ S("c.odcs.yaml"), bytes };
    assert_int_equal(odcs_read(cx, source, profile, d, &made), ST_OK);
    return made;
}

/* ---- documents with one mistake each ---- */

/* "name rule line" and the document behind it, up to the next "== ". */
static bool next_refused(str *rest, str words[3], str *bytes)
{
    size_t at, len;
    str    line, head;

    if (!str_find(*rest, S("\n== "), &at)) {
        return false;
    }
    *rest = str_from(*rest, at + 4);
    assert_true(str_cut(rest, '\n', &line));
    head = line;
    for (size_t i = 0; i < 3; i++) {
        assert_true(str_cut(&head, ' ', &words[i]));
    }
    len    = str_find(*rest, S("\n== "), &at) ? at + 1 : rest->len;
    *bytes = str_sub(*rest, 0, len);
    *rest  = str_from(*rest, len > 0 ? len - 1 : 0);
    return true;
}

static void a_mistake_is_found_at_its_line(void **state)
{
    struct test_ctx t;
    struct ctx     *cx    = test_ctx_init(&t, 1);
    size_t          count = 0;
    str             rest, words[3], bytes;

    assert_int_equal(
        os_file_read(cx, S(WEFT_TEST_ROOT "/tests/data/odcs/refused.txt"), 1 << 20, &rest), ST_OK);
    while (next_refused(&rest, words, &bytes)) {
        for (enum std_profile p = STD_STRICT; p <= STD_SCHEMA; p++) {
            struct diags       d = { 0 };
            const struct diag *found;
            uint64_t           line = 0;

            (void)read_contract(cx, bytes, p, &d);
            found = first_error(&d);
            assert_true(str_to_u64(words[2], &line));
            if (!found || !str_eq(found->rule, words[1]) || found->pos.line != line) {
                fail_msg(STR_FMT ", profile %d: found rule \"" STR_FMT "\" at line %u",
                         STR_ARG(words[0]), (int)p, STR_ARG(found ? found->rule : S("none")),
                         found ? found->pos.line : 0);
            }
        }
        count++;
    }
    assert_int_equal(count, 44);
    test_ctx_release(&t);
}

/* ---- what each version takes ---- */

#define HEAD(version)                                                                              \
    "apiVersion: " version "\nkind: DataContract\nid: i\nversion: 1.0.0\nstatus: active\n"
#define PROPERTY "schema: [{name: o, properties: [{name: p, "

static const struct version_case {
    const char *text;
    const char *rule; /* of the first error; NULL: none */
} version_cases[] = {
    { HEAD("v3.0.0") "schema: []\nauthoritativeDefinitions: []\n", "newer-field" },
    { HEAD("v3.0.1") "schema: []\nauthoritativeDefinitions: []\n", NULL },
    { HEAD("v3.0.0") "schema: []\ndescription: {customProperties: 1}\n", NULL },
    { HEAD("v3.0.1") "schema: []\ndescription: {customProperties: 1}\n", "wrong-type" },
    { HEAD("v3.0.0") "schema: []\nroles: [{role: r, customProperties: 1}]\n", NULL },
    { HEAD("v3.0.1") "schema: []\nroles: [{role: r, customProperties: 1}]\n", "wrong-type" },
    { HEAD("v3.0.1") PROPERTY "physicalName: x}]}]\n", "newer-field" },
    { HEAD("v3.0.2") PROPERTY "physicalName: x}]}]\n", NULL },
    { HEAD("v3.0.1") "schema: []\nteam: [{name: 1}]\n", NULL },
    { HEAD("v3.0.2") "schema: []\nteam: [{name: 1}]\n", "wrong-type" },
    { HEAD("v3.0.1") "schema: []\nservers: [{server: s, type: athena, schema: x, stagingDir: y}]\n",
      "missing-field" },
    { HEAD(
          "v3.0.1") "schema: []\nservers: [{server: s, type: athena, schema: x, staging_dir: y}]\n",
      NULL },
    { HEAD("v3.0.2") "schema: []\nservers: [{server: s, type: athena, schema: x, stagingDir: y}]\n",
      NULL },
    { HEAD("v3.0.0") PROPERTY "logicalType: timestamp}]}]\n", "unknown-value" },
    { HEAD("v3.0.0") "schema: []\ndataset: []\n", "unknown-field" },
    { HEAD("v3.9.9") "dataset: []\n", "unknown-value" },
};

static void each_version_has_its_own_fields(void **state)
{
    for (size_t i = 0; i < CASES(version_cases); i++) {
        struct test_ctx    t;
        struct ctx        *cx = test_ctx_init(&t, 1);
        struct diags       d  = { 0 };
        const struct diag *found;

        (void)read_contract(cx, str_of(version_cases[i].text), STD_STRICT, &d);
        found = first_error(&d);
        if ((found == NULL) != (version_cases[i].rule == NULL) ||
            (found && !str_eq(found->rule, str_of(version_cases[i].rule)))) {
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(found ? found->message : S("no error")));
        }
        test_ctx_release(&t);
    }
}

static const struct version_case product_cases[] = {
    { "apiVersion: v0.9.0\nteam: [{name: n}]\n", NULL },
    { "apiVersion: v1.0.0\nteam: [{username: n}]\n", "wrong-type" },
    { "apiVersion: v0.9.0\nteam: {members: []}\n", "wrong-type" },
    { "apiVersion: v1.0.0\nteam: {members: [{name: n}]}\n", "missing-field" },
    { "apiVersion: v0.9.0\nauthoritativeDefinitions: [{type: own, url: u}]\n", "unknown-value" },
    { "apiVersion: v1.0.0\nauthoritativeDefinitions: [{type: own, url: u}]\n", NULL },
    { "apiVersion: v0.9.0\noutputPorts: [{name: a, version: '1', tags: []}]\n", "newer-field" },
    { "apiVersion: v1.0.0\noutputPorts: [{name: a, version: '1', tags: []}]\n", NULL },
    { "apiVersion: v1.0.0\noutputPorts: [{name: a}]\n", "missing-field" },
    { "apiVersion: v1.1.0\noutputPorts: [{name: a}]\n", NULL },
    { "apiVersion: v1.0.0\ntype: aggregate\n", "newer-field" },
    { "apiVersion: v1.1.0\ntype: aggregate\n", NULL },
};

static void products_too(void **state)
{
    for (size_t i = 0; i < CASES(product_cases); i++) {
        struct test_ctx      t;
        struct ctx          *cx   = test_ctx_init(&t, 1);
        struct diags         d    = { 0 };
        struct odps_product *made = NULL;
        struct diag_text     text = { .name = S("p.odps.yaml") };
        const struct diag   *found;

        text.bytes = arena_printf(cx->arena, "%skind: DataProduct\nid: i\nstatus: active\n",
                                  product_cases[i].text);
        assert_int_equal(odps_read(cx, &text, STD_STRICT, &d, &made), ST_OK);
        found = first_error(&d);
        if ((found == NULL) != (product_cases[i].rule == NULL) ||
            (found && !str_eq(found->rule, str_of(product_cases[i].rule)))) {
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(found ? found->message : S("no error")));
        }
        test_ctx_release(&t);
    }
}

/* ---- v2.2 ---- */

static const char old_contract[] =
    "apiVersion: v2.2.2\nkind: DataContract\nuuid: u-1\nversion: 1.2.0\nstatus: current\n"
    "type: tables\ndatasetName: access_views\nquantumName: sellers\ndatasetDomain: seller\n"
    "productDl: help@example.org\nproductFeedbackUrl: https://example.org/f\n"
    "dataset:\n"
    "- table: orders\n"
    "  dataGranularity: one order\n"
    "  tags: [t]\n"
    "  columns:\n"
    "  - column: id\n"
    "    logicalType: Numeric\n"
    "    physicalType: decimal(10,2)\n"
    "    isPrimary: true\n"
    "    isNullable: false\n"
    "    classification: restricted\n"
    "    quality:\n"
    "    - {code: nulls, templateName: NullCheck, toolName: Elevate}\n"
    "  - {column: note, logicalType: string, physicalType: text, isNullable: true}\n"
    "stakeholders: [{username: daustin, role: Owner}]\n"
    "roles: [{role: reader, access: read}]\n"
    "price: {priceAmount: 9.95}\n"
    "slaProperties: [{property: latency, value: 4, unit: d, column: orders.id}]\n";

static void a_contract_of_v2_fills_the_same_structs(void **state)
{
    struct test_ctx             t;
    struct ctx                 *cx = test_ctx_init(&t, 1);
    struct diags                d  = { 0 };
    const struct odcs_contract *c  = read_contract(cx, str_of(old_contract), STD_STRICT, &d);
    const struct odcs_property *p;

    assert_int_equal(d.errors + d.warnings, 0);
    assert_int_equal(d.list.count, 1);
    assert_true(str_eq(d.list.items[0].rule, S("version-read-only")));
    assert_int_equal(d.list.items[0].pos.line, 1);
    assert_int_equal(c->version_known, ODCS_2_2_2);
    assert_true(odcs_version_is_read_only(c->version_known));
    assert_true(str_eq(c->id.v, S("u-1")) && c->id.at.line == 3);
    assert_true(str_eq(c->data_product.v, S("sellers")) && str_eq(c->domain.v, S("seller")));
    assert_int_equal(c->support.count, 2);
    assert_true(str_eq(c->support.items[0].channel.v, S("help@example.org")));
    assert_true(str_eq(c->support.items[1].url.v, S("https://example.org/f")));
    assert_int_equal(c->support.items[1].url.at.line, 11);
    assert_true(str_eq(c->schema.items[0].granularity.v, S("one order")));
    p = odcs_property_find(&odcs_object_find(c, S("orders"))->properties, S("id"));
    assert_int_equal(p->logical, ODCS_NUMBER);
    assert_true(str_eq(p->physical_type.v, S("decimal(10,2)")));
    assert_true(std_is_true(p->primary_key) && std_is_true(p->required));
    assert_int_equal(p->required.at.line, 21);
    assert_true(str_eq(p->classification.v, S("restricted")));
    assert_int_equal(p->quality.items[0].type, ODCS_QUALITY_CUSTOM);
    p = odcs_property_find(&c->schema.items[0].properties, S("note"));
    assert_true(std_is_set(p->required) && !p->required.v);
    assert_true(str_eq(c->team.members.items[0].username.v, S("daustin")));
    assert_true(str_eq(c->sla.items[0].element.v, S("orders.id")));
    assert_true(c->price.amount.v > 9.9);
    test_ctx_release(&t);
}

static const struct version_case old_cases[] = {
    { "price: {priceAmount: '9'}", "wrong-type" },
    { "dataset: [{}]", "missing-field" },
    { "dataset: [{table: t, columns: [{column: c, logicalType: s}]}]", "missing-field" },
    { "roles: [{role: r}]", "missing-field" },
    { "dataset: [{table: t}, {table: t}]", "duplicate-name" },
    { "password: secret", "literal-secret" },
    { "password: ${PW}", NULL },
    { "anything: 1", NULL },
};

static void v2_has_rules_of_its_own(void **state)
{
    for (size_t i = 0; i < CASES(old_cases); i++) {
        bool               has_tables = str_starts(str_of(old_cases[i].text), S("dataset"));
        struct test_ctx    t;
        struct ctx        *cx = test_ctx_init(&t, 1);
        struct diags       d  = { 0 };
        const struct diag *found;

        (void)read_contract(
            cx,
            arena_printf(cx->arena,
                         "kind: DataContract\nuuid: u\nversion: 1\\.0\nstatus: s\ntype: t\n"
                         "datasetName: n\nquantumName: q\n%s%s\n",
                         has_tables ? "" : "dataset: []\n", old_cases[i].text),
            STD_STRICT, &d);
        found = first_error(&d);
        if ((found == NULL) != (old_cases[i].rule == NULL) ||
            (found && !str_eq(found->rule, str_of(old_cases[i].rule)))) {
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(found ? found->message : S("no error")));
        }
        test_ctx_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistake_is_found_at_its_line),
        cmocka_unit_test(each_version_has_its_own_fields),
        cmocka_unit_test(products_too),
        cmocka_unit_test(a_contract_of_v2_fills_the_same_structs),
        cmocka_unit_test(v2_has_rules_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
