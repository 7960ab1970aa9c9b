/*
 * documents_test.c - products, our own kinds, keys, variables, printed schemas and documents.
 */
#include "standard/odps.h"
#include "standard/own.h"
#include "standard/variables.h"

#include "codec/json.h"
#include "standard/keys.h"
#include "support/test_ctx.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The error's rule, or "" when the document has none. */
static str first_error(const struct diags *d)
{
    for (size_t i = 0; i < d->list.count; i++) {
        if (d->list.items[i].severity == DIAG_ERROR) {
            return d->list.items[i].rule;
        }
    }
    return S("");
}

#define PRODUCT(version) "apiVersion: " version "\nkind: DataProduct\nid: p\nstatus: active\n"
#define MESH             "apiVersion: weft/v1\nkind: Mesh\nname: m\n"
#define DOMAIN           "apiVersion: weft/v1\nkind: Domain\nname: d\n"

static const struct {
    char        kind; /* p, m, d */
    const char *text, *rule;
} document_cases[] = {
    { 'p', PRODUCT("v1.0.0"), "" },
    { 'p', PRODUCT("v0.9.0"), "" },
    { 'p', "apiVersion: v1.0.0\nkind: DataProduct\nid: p\n", "missing-field" },
    { 'p', "apiVersion: v1.1.0\nkind: DataProduct\nid: p\n", "" },
    { 'p', PRODUCT("v1.2.0"), "unknown-value" },
    { 'p', PRODUCT("v1.0.0") "inputPorts: [{name: a}]\n", "missing-field" },
    { 'p', PRODUCT("v1.1.0") "inputPorts: [{name: a}]\n", "" },
    { 'p', PRODUCT("v1.0.0") "type: aggregate\n", "newer-field" },
    { 'p', PRODUCT("v1.1.0") "context: text\n", "wrong-type" },
    { 'p', PRODUCT("v1.1.0") "outputPorts: [{name: a, version: '1'}, {name: a, version: '1'}]\n",
      "duplicate-port" },
    { 'p', PRODUCT("v1.1.0") "outputPorts: [{name: a, version: '1'}, {name: a, version: '2'}]\n",
      "" },
    { 'p', PRODUCT("v1.0.0") "outputPorts: [{name: a, version: 1}]\n", "wrong-type" },
    { 'p', PRODUCT("v1.0.0") "slaProperties: []\n", "unknown-field" },
    { 'p', PRODUCT("v1.0.0") "customProperties: [{property: weft.history, value: 90 days}]\n", "" },
    { 'p', PRODUCT("v1.0.0") "customProperties: [{property: weft.history, value: long}]\n",
      "weft-key-value" },
    { 'p', PRODUCT("v1.0.0") "customProperties: [{property: weft.build, value: sql}]\n",
      "weft-key-place" },
    { 'm', MESH, "" },
    { 'm',
      MESH "secrets: {PW: {env: PGPASSWORD}, T: {command: [pass, show, t]}, F: {file: /run/f}}\n",
      "" },
    { 'm', MESH "secrets: {PW: {env: A, file: b}}\n", "secret-source" },
    { 'm', MESH "secrets: {PW: {}}\n", "secret-source" },
    { 'm', MESH "secrets: {'a b': {env: A}}\n", "pattern" },
    { 'm', MESH "secrets: {PW: text}\n", "wrong-type" },
    { 'm', MESH "limits: {queryTime: 60s, memory: 2GB, rows: 1000}\n", "" },
    { 'm', MESH "limits: {queryTime: sixty}\n", "pattern" },
    { 'm', MESH "limits: {rows: 0}\n", "range" },
    { 'm', MESH "allowed: {formats: [csv, parquett]}\n", "unknown-value" },
    { 'm', MESH "environments: [{name: prod}, {name: prod}]\n", "duplicate-name" },
    { 'm', MESH "store: postgres://u:pw@h/d\n", "literal-secret" },
    { 'm', MESH "store: postgres://u:${PW}@h/d\n", "" },
    { 'm', "apiVersion: weft/v1\nkind: Mesh\nname: My-Mesh\n", "pattern" },
    { 'm', "apiVersion: weft/v2\nkind: Mesh\nname: m\n", "unknown-value" },
    { 'm', "apiVersion: weft/v1\nkind: Domain\nname: m\n", "unknown-value" },
    { 'd', DOMAIN "team: {members: [{name: Ann, role: owner, email: a@example.com}]}\n", "" },
    { 'd', DOMAIN "team: {members: [{name: Ann}]}\n", "missing-field" },
    { 'd', DOMAIN "team: {member: []}\n", "unknown-field" },
};

static void documents_get_their_verdict(void **state)
{
    for (size_t i = 0; i < CASES(document_cases); i++) {
        struct test_ctx      t;
        struct ctx          *cx   = test_ctx_init(&t, 1);
        struct diag_text     text = { S("d.yaml"), str_of(document_cases[i].text) };
        struct diags         d    = { 0 };
        struct odps_product *product;
        struct own_mesh     *mesh;
        struct own_domain   *domain;
        char                 kind = document_cases[i].kind;
        enum status          st   = kind == 'p'   ? odps_read(cx, &text, STD_STRICT, &d, &product)
                                    : kind == 'm' ? own_mesh_read(cx, &text, &d, &mesh)
                                                  : own_domain_read(cx, &text, &d, &domain);

        assert_int_equal(st, ST_OK);
        if (!str_eq(first_error(&d), str_of(document_cases[i].rule))) {
            fail_msg("%s: \"" STR_FMT "\" instead of \"%s\"", document_cases[i].text,
                     STR_ARG(first_error(&d)), document_cases[i].rule);
        }
        test_ctx_release(&t);
    }
}

static void a_mesh_is_read_and_written(void **state)
{
    struct test_ctx  t;
    struct ctx      *cx   = test_ctx_init(&t, 1);
    struct diag_text text = {
        S("mesh.yaml"), S(MESH "secrets: {PW: {env: PGPASSWORD}}\nlimits: {rows: 5}\n"
                               "purposes: [{name: billing, owner: finance, text: I know}]\n")
    };
    struct diags     d = { 0 };
    struct own_mesh *m = NULL, *again = NULL;
    struct buf       out = BUF_INIT(1 << 16);
    struct diag_text copy;

    assert_int_equal(own_mesh_read(cx, &text, &d, &m), ST_OK);
    own_mesh_emit(m, &out);
    copy = (struct diag_text){ S("copy"), buf_view(&out) };
    assert_int_equal(own_mesh_read(cx, &copy, &d, &again), ST_OK);
    assert_int_equal(d.errors, 0);
    assert_true(str_eq(again->secrets.items[0].name.v, S("PW")));
    assert_true(str_eq(again->secrets.items[0].env.v, S("PGPASSWORD")));
    assert_int_equal(again->limits.rows.v, 5);
    assert_true(str_eq(again->purposes.items[0].text.v, S("I know")));
    buf_release(&out);
    test_ctx_release(&t);
}

/* ---- variables ---- */

static enum status lookup(void *arg, struct ctx *cx, str name, str *out)
{
    (void)arg;
    if (str_eq(name, S("A"))) {
        *out = S("${B}x");
        return ST_OK;
    }
    if (str_eq(name, S("EMPTY"))) {
        *out = S("");
        return ST_OK;
    }
    return FAIL(cx, NOT_FOUND, "no such variable");
}

static void variables_are_resolved(void **state)
{
    static const struct {
        const char *text, *want;
        enum status st;
    } cases[] = {
        { "plain", "plain", ST_OK },
        { "a${A}b", "a${B}xb", ST_OK }, /* a value is not searched again */
        { "${NO:-d}", "d", ST_OK },
        { "${EMPTY:-d}", "d", ST_OK },
        { "${NO:-}", "", ST_OK },
        { "${EMPTY}", NULL, ST_NOT_FOUND },
        { "${NO}", NULL, ST_NOT_FOUND },
        { "${a b} ${", "${a b} ${", ST_OK },
        { "${A", "${A", ST_OK },
        { "$${A}", "$${B}x", ST_OK },
        { "${1}", "${1}", ST_OK },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx t;
        struct ctx     *cx  = test_ctx_init(&t, 1);
        str             out = STR_NONE;

        assert_int_equal(std_variables_resolve(cx, str_of(cases[i].text), lookup, NULL, &out),
                         cases[i].st);
        if (cases[i].want) {
            assert_true(str_eq(out, str_of(cases[i].want)));
        }
        test_ctx_release(&t);
    }
}

static void many_variables_meet_a_limit(void **state)
{
    struct test_ctx t;
    struct ctx     *cx   = test_ctx_init(&t, 1);
    struct buf      text = BUF_INIT(4096);
    str             out;

    for (int i = 0; i <= STD_VARIABLES_MAX; i++) {
        buf_add(&text, S("${A}"));
    }
    assert_int_equal(std_variables_resolve(cx, buf_view(&text), lookup, NULL, &out), ST_LIMIT);
    buf_release(&text);
    test_ctx_release(&t);
}

static void secrets_are_recognised(void **state)
{
    static const struct {
        const char *text;
        bool        is_secret;
    } texts[] = { { "postgres://u:pw@h/d", true },
                  { "postgres://u:${PW}@h/d", false },
                  { "postgres://u@h/d", false },
                  { "https://h/a:b@c", false },
                  { "u:pw@h", false },
                  { "x://u:${PW:-pw}@h", true },
                  { "x://u:p@q@h", true },
                  { "x://u:@h", false } };
    static const struct {
        const char *name;
        bool        is_secret;
    } names[] = { { "password", true },      { "db_password", true }, { "Secret-Access-Key", true },
                  { "token", true },         { "primaryKey", false }, { "host", false },
                  { "client_secret", true }, { "monkey", false },     { "", false } };

    for (size_t i = 0; i < CASES(texts); i++) {
        assert_int_equal(std_is_literal_secret(str_of(texts[i].text)), texts[i].is_secret);
    }
    for (size_t i = 0; i < CASES(names); i++) {
        assert_int_equal(std_is_secret_name(str_of(names[i].name)), names[i].is_secret);
    }
}

/* ---- keys ---- */

static void durations_and_sizes_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t     seconds; /* -1: none */
    } durations[] = { { "30d", 2592000 },  { "12 hours", 43200 },
                      { "90 S", 90 },      { "1 month", 2592000 },
                      { "d", -1 },         { "5", -1 },
                      { "-5d", -1 },       { "", -1 },
                      { "5 parsecs", -1 }, { "99999999999y", -1 },
                      { "2w", 1209600 } };
    static const struct {
        const char *text;
        uint64_t    bytes; /* 0: none */
    } sizes[] = { { "512MB", 512000000 }, { "2 GiB", 2147483648 }, { "1000", 1000 }, { "x", 0 },
                  { "99999999999TB", 0 }, { "1.5GB", 0 } };
    int64_t  us;
    uint64_t bytes;

    for (size_t i = 0; i < CASES(durations); i++) {
        bool ok = std_duration(str_of(durations[i].text), &us);

        assert_int_equal(ok, durations[i].seconds >= 0);
        assert_true(!ok || us == durations[i].seconds * 1000000);
    }
    for (size_t i = 0; i < CASES(sizes); i++) {
        bool ok = std_bytes(str_of(sizes[i].text), &bytes);

        assert_int_equal(ok, sizes[i].bytes != 0);
        assert_true(!ok || bytes == sizes[i].bytes);
    }
}

static void keys_are_found_nearest_first(void **state)
{
    struct test_ctx  t;
    struct ctx      *cx   = test_ctx_init(&t, 1);
    struct diag_text text = {
        S("p"),
        S(PRODUCT(
            "v1.0.0") "customProperties:\n- {property: weft.history, value: 7d}\n"
                      "outputPorts:\n- name: a\n  version: '1'\n  customProperties:\n"
                      "  - {property: weft.source, value: {delimiter: ;, nullText: NA}}\n"
                      "  - {property: weft.incremental, value: {column: at, lookback: 3d}}\n")
    };
    struct diags              d = { 0 };
    struct odps_product      *p = NULL;
    struct std_source_options options;
    struct std_incremental    incremental;
    const struct std_customs *near;

    assert_int_equal(odps_read(cx, &text, STD_SCHEMA, &d, &p), ST_OK);
    near = &p->output_ports.items[0].custom;
    assert_true(std_key_duration(STD_KEY_HISTORY, near, &p->custom) ==
                INT64_C(7) * 86400 * 1000000);
    assert_true(std_key_duration(STD_KEY_HISTORY, NULL, NULL) == INT64_C(30) * 86400 * 1000000);
    assert_true(str_eq(std_key_word(STD_KEY_BUILD, near, &p->custom), S("sql")));
    std_source_options_of(cx, near, NULL, NULL, &options);
    assert_true(str_eq(options.delimiter.v, S(";")));
    assert_true(str_eq(options.null_text.items[0].v, S("NA")));
    assert_false(std_is_set(options.header));
    assert_true(std_incremental_of(cx, near, NULL, &incremental));
    assert_true(incremental.lookback_us == INT64_C(3) * 86400 * 1000000);
    assert_false(std_incremental_of(cx, &p->custom, NULL, &incremental));
    test_ctx_release(&t);
}

/* ---- printed documents ---- */

static void same_as_file(const char *path, str want)
{
    char   name[512];
    FILE  *file;
    char  *bytes = malloc(1 << 20);
    size_t len;

    (void)snprintf(name, sizeof name, "%s/%s", WEFT_TEST_ROOT, path);
    if (getenv("WEFT_BLESS")) {
        file = fopen(name, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(want.ptr, 1, want.len, file), want.len);
        assert_int_equal(fclose(file), 0);
    }
    file = fopen(name, "rb");
    assert_non_null(file);
    len = fread(bytes, 1, 1 << 20, file);
    (void)fclose(file);
    if (!str_eq((str){ bytes, len }, want)) {
        free(bytes);
        fail_msg("%s is not what the tables say; run this test with WEFT_BLESS=1", path);
    }
    free(bytes);
}

static void docs_equal_the_tables(void **state)
{
    struct buf keys = BUF_INIT(1 << 20), rules = BUF_INIT(1 << 20);

    std_keys_markdown(&keys);
    same_as_file("docs/keys.md", buf_view(&keys));
    std_rules_markdown(&rules);
    same_as_file("docs/rules.md", buf_view(&rules));
    buf_release(&keys);
    buf_release(&rules);
}

static void schemas_are_json(void **state)
{
    static const char *const kinds[] = { "mesh",       "domain", "policy", "principals",
                                         "policytest", "odcs",   "odps" };

    for (size_t i = 0; i < CASES(kinds); i++) {
        struct test_ctx t;
        struct ctx     *cx   = test_ctx_init(&t, 1);
        struct buf      out  = BUF_INIT(4 << 20);
        struct json    *tree = NULL;

        assert_int_equal(std_schema_json(cx, str_of(kinds[i]), &out), ST_OK);
        assert_int_equal(json_read(cx, buf_view(&out), "schema", NULL, &tree), ST_OK);
        assert_non_null(json_path(tree, S("/$defs/d0/properties/apiVersion/enum/0")));
        assert_int_equal(std_schema_json(cx, S("nope"), &out), ST_NOT_FOUND);
        buf_release(&out);
        test_ctx_release(&t);
    }
}

static void the_kind_of_a_text_is_seen(void **state)
{
    struct test_ctx  t;
    struct ctx      *cx   = test_ctx_init(&t, 1);
    struct diag_text mesh = { S("m"), S(MESH) }, none = { S("n"), S("a: 1\n") },
                     bad = { S("b"), S("a: [") };
    str kind             = STR_NONE;

    assert_true(std_kind_of(cx, &mesh, &kind) && str_eq(kind, S("Mesh")));
    assert_false(std_kind_of(cx, &none, &kind));
    assert_false(std_kind_of(cx, &bad, &kind));
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_get_their_verdict),
        cmocka_unit_test(a_mesh_is_read_and_written),
        cmocka_unit_test(variables_are_resolved),
        cmocka_unit_test(many_variables_meet_a_limit),
        cmocka_unit_test(secrets_are_recognised),
        cmocka_unit_test(durations_and_sizes_are_read),
        cmocka_unit_test(keys_are_found_nearest_first),
        cmocka_unit_test(docs_equal_the_tables),
        cmocka_unit_test(schemas_are_json),
        cmocka_unit_test(the_kind_of_a_text_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
