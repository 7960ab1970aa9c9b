/*
 * versions_test.c - the version a person wrote against what changed since the published one.
 */
#include "publish/publish_int.h"

#include "registry/registry.h"
#include "support/test_db.h"

static struct test_db f;
static struct ctx    *cx;
static struct db     *db;

static int set_up(void **state)
{
    struct db_module schema = registry_schema();

    test_db_init(&f);
    cx = f.cx;
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_migrate(db, cx, &schema, 1, NULL));
    return 0;
}

static int tear_down(void **state)
{
    db_close(db);
    test_db_release(&f);
    return 0;
}

static str contract_text(const char *version, const char *column)
{
    return arena_printf(cx->arena,
                        "apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: '%s'\n"
                        "status: active\nschema:\n  - name: t\n    properties:\n"
                        "      - {name: x, %s}\n",
                        version, column);
}

static const char plain[]    = "logicalType: integer";
static const char words[]    = "logicalType: integer, description: words";
static const char tighter[]  = "logicalType: integer, required: true";
static const char with_two[] = "logicalType: integer}\n      - {name: y, logicalType: integer";

struct bump_case {
    const char      *published, *before, *written, *after;
    const char      *right; /* NULL: it fits */
    enum diff_impact impact;
};

static const struct bump_case cases[] = {
    { "1.2.3", plain, "1.2.3", plain, NULL, DIFF_NONE },
    { "1.2.3", plain, "1.2.4", plain, NULL, DIFF_NONE },    /* higher than it must be */
    { "1.2.3", plain, "1.2.2", plain, "1.2.3", DIFF_NONE }, /* never backwards */
    { "1.2.3", plain, "1.2.3", words, "1.2.4", DIFF_PATCH },
    { "1.2.3", plain, "1.2.4", words, NULL, DIFF_PATCH },
    { "1.2.3", plain, "1.3.0", words, NULL, DIFF_PATCH },
    { "1.2.3", plain, "1.2.3", with_two, "1.3.0", DIFF_MINOR },
    { "1.2.3", plain, "1.2.9", with_two, "1.3.0", DIFF_MINOR },
    { "1.2.3", plain, "1.3.0", with_two, NULL, DIFF_MINOR },
    { "1.2.3", tighter, "1.2.3", plain, "1.3.0", DIFF_MINOR },
    { "1.2.3", plain, "1.3.0", tighter, "2.0.0", DIFF_MAJOR },
    { "1.2.3", with_two, "1.9.9", plain, "2.0.0", DIFF_MAJOR },
    { "1", plain, "1", words, "1.0.1", DIFF_PATCH },
};

/* A published major 1 of port "t", and the port as the folder now has it. */
static struct project_product *prepare(const struct bump_case *c)
{
    struct project_product *p    = ARENA_NEW(cx->arena, struct project_product);
    struct project_port    *port = ARENA_NEW(cx->arena, struct project_port);
    struct project_doc     *doc  = ARENA_NEW(cx->arena, struct project_doc);
    struct odcs_contract   *contract;
    struct diags            diags = { 0 };
    enum registry_change    change;
    struct registry_product row = {
        .id = S("p"), .domain = S("sales"), .name = S("t"), .document = S("old")
    };
    struct registry_port old = { .product_id = S("p"),
                                 .name       = S("t"),
                                 .major      = 1,
                                 .version    = str_of(c->published),
                                 .path       = S("t.odcs.yaml"),
                                 .document   = S("old"),
                                 .publish_id = S("run") };

    assert_ok(registry_put_document(cx, S("old"), contract_text(c->published, c->before)));
    assert_ok(registry_put_product(cx, &row, &change));
    assert_ok(registry_put_port(cx, &old));
    doc->text = (struct diag_text){ S("t.odcs.yaml"), contract_text(c->written, c->after) };
    assert_ok(odcs_read(cx, &doc->text, STD_STRICT, &diags, &contract));
    assert_int_equal(diags.errors, 0);
    *port = (struct project_port){ .product  = p,
                                   .name     = S("t"),
                                   .version  = contract->version.v,
                                   .major    = 1,
                                   .contract = contract,
                                   .doc      = doc };
    p->id = S("p");
    vec_push(cx->arena, &p->ports, port);
    return p;
}

static void versions_fit_their_changes(void **state)
{
    for (size_t i = 0; i < CASES(cases); i++) {
        const struct bump_case *c     = &cases[i];
        struct publish_plan     plan  = { 0 };
        struct diags            diags = { 0 };

        assert_ok(db_begin(db, cx, DB_WRITE));
        plan.product = prepare(c);
        assert_ok(plan_versions(cx, NULL, &diags, &plan));
        db_rollback(cx);
        assert_int_equal(plan.ports.count, 1);
        assert_false(plan.ports.items[0].is_new);
        assert_str(plan.ports.items[0].published, str_of(c->published));
        assert_int_equal(plan.ports.items[0].difference.impact, c->impact);
        if (plan.bumps.count != (c->right != NULL) || diags.errors != plan.bumps.count) {
            fail_msg("%s to %s, case %zu", c->published, c->written, i);
        }
        if (c->right) {
            const struct diag *d = &diags.list.items[0];

            assert_str(plan.bumps.items[0].right, str_of(c->right));
            assert_str(plan.bumps.items[0].written, str_of(c->written));
            assert_str(d->rule, S("versions.bump"));
            assert_int_equal(d->pos.line, 4);
            assert_true(str_has(d->message, str_of(c->right)));
            assert_true(str_has(d->hint, str_of(c->right)));
            assert_int_equal(str_has(d->hint, S("v1/")), c->impact == DIFF_MAJOR);
        }
    }
}

static void a_new_major_has_nothing_to_fit(void **state)
{
    struct publish_plan plan  = { 0 };
    struct diags        diags = { 0 };

    assert_ok(db_begin(db, cx, DB_WRITE));
    plan.product                        = prepare(&cases[0]);
    plan.product->ports.items[0]->major = 2;
    assert_ok(plan_versions(cx, NULL, &diags, &plan));
    db_rollback(cx);
    assert_true(plan.ports.items[0].is_new);
    assert_int_equal(plan.bumps.count + diags.list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_fit_their_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_major_has_nothing_to_fit, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
