/*
 * subject_test.c - principals as subjects: names, kinds, scopes; rights of their roles.
 */
#include "policy/policy.h"

#include "test.h"

#include "support/test_policy.h"

static void ready(struct test_policy *p)
{
    test_policy_init(p);
    assert_int_equal(test_policy_compile(p), ST_OK);
}

static void principals_are_found_by_name(void **state)
{
    static const struct {
        const char      *name;
        enum policy_kind kind;
    } cases[] = {
        { "ana", POLICY_USER },
        { "lea", POLICY_USER },
        { "copilot", POLICY_AGENT },
        { "loader", POLICY_SERVICE },
        { "insights.delays", POLICY_PRODUCT },
    };
    const struct policy_subject *s;
    struct test_policy           p;

    ready(&p);
    for (size_t i = 0; i < CASES(cases); i++) {
        s = test_policy_subject(&p, cases[i].name);
        assert_true(str_eq(policy_subject_name(s), str_of(cases[i].name)));
        assert_int_equal(policy_subject_kind(s), cases[i].kind);
        assert_false(policy_subject_is_operator(s));
    }
    assert_true(policy_subject_is_operator(policy_subject_operator(p.set)));
    assert_int_equal(policy_subject_named(p.cx, p.set, S("nobody"), &s), ST_NOT_FOUND);
    assert_int_equal(policy_subject_named(p.cx, p.set, S("operator"), &s), ST_NOT_FOUND);
    assert_int_equal(policy_subject_named(p.cx, p.set, S("insights.delays"), &s), ST_NOT_FOUND);
    test_policy_release(&p);
}

static void names_are_sorted_and_purposes_known(void **state)
{
    static const char *const want[] = { "ana", "copilot", "fred", "lea", "loader", "otto" };
    struct test_policy       p;
    size_t                   count;
    const str               *names;

    ready(&p);
    names = policy_principals(p.set, &count);
    assert_int_equal(count, CASES(want));
    for (size_t i = 0; i < count; i++) {
        assert_true(str_eq(names[i], str_of(want[i])));
    }
    assert_true(policy_purpose_is_known(p.set, S("fraud-investigation")));
    assert_false(policy_purpose_is_known(p.set, S("fun")));
    test_policy_release(&p);
}

/* One scope, one way to decide. */
static void a_scope_changes_with_what_is_known_of_a_principal(void **state)
{
    struct test_policy p, q;
    str                before, after;

    ready(&p);
    before = policy_subject_scope(test_policy_subject(&p, "ana"));
    assert_true(str_starts(before, S("ana#")));
    assert_false(str_eq(before, policy_subject_scope(test_policy_subject(&p, "fred"))));
    test_policy_init(&q);
    test_policy_add_document(&q, "",
                             S("apiVersion: weft/v1\nkind: Principals\n"
                               "groups: [{name: more, members: [ana]}]\n"));
    assert_int_equal(test_policy_compile(&q), ST_OK);
    after = policy_subject_scope(test_policy_subject(&q, "ana"));
    assert_true(str_starts(after, S("ana#")));
    assert_false(str_eq(before, after));
    assert_true(str_eq(policy_subject_scope(test_policy_subject(&p, "fred")),
                       policy_subject_scope(test_policy_subject(&q, "fred"))));
    test_policy_release(&p);
    test_policy_release(&q);
}

/* ---- rights ------------------------------------------------------------------------------------------- */

enum { NO, OWN, YES };

/* The table a second time, by hand: a change of rights.def must be meant. */
static const struct {
    const char *role;
    int reach[POLICY_RIGHT_AUDIT + 1]; /* query catalog publish operate govern steward audit */
} rights[] = {
    { "platform-engineer", { YES, YES, NO, YES, NO, NO, NO } },
    { "product-owner", { YES, YES, OWN, NO, NO, OWN, NO } },
    { "domain-data-engineer", { YES, YES, OWN, NO, NO, NO, NO } },
    { "governance-lead", { YES, YES, NO, NO, YES, YES, YES } },
    { "catalog-steward", { YES, YES, NO, NO, NO, YES, NO } },
    { "consumer", { YES, YES, NO, NO, NO, NO, NO } },
    { "auditor", { YES, YES, NO, NO, YES, NO, YES } },
    { "some-other-role", { YES, YES, NO, NO, NO, NO, NO } },
};

static const struct policy_subject *with_role(struct test_policy *p, const char *role,
                                              bool is_member)
{
    struct policy_member        *member = ARENA_NEW(p->cx->arena, struct policy_member);
    const struct policy_subject *s      = NULL;

    *member              = (struct policy_member){ S("loyalty"), S("someone"), str_of(role) };
    p->mesh.members      = member;
    p->mesh.member_count = is_member;
    p->count             = 0;
    test_policy_add_document(
        p, "",
        arena_printf(p->cx->arena,
                     "apiVersion: weft/v1\nkind: Principals\nprincipals: [{name: someone%s%s%s}]\n",
                     is_member ? "" : ", roles: [", is_member ? "" : role, is_member ? "" : "]"));
    assert_int_equal(test_policy_compile(p), ST_OK);
    assert_int_equal(policy_subject_named(p->cx, p->set, S("someone"), &s), ST_OK);
    return s;
}

static void every_role_has_the_rights_of_the_table(void **state)
{
    for (size_t i = 0; i < CASES(rights); i++) {
        struct test_policy           p;
        const struct policy_subject *global, *member;

        test_policy_init(&p);
        global = with_role(&p, rights[i].role, false);
        member = with_role(&p, rights[i].role, true);
        for (size_t r = 0; r <= POLICY_RIGHT_AUDIT; r++) {
            enum policy_right right = (enum policy_right)r;
            int               reach = rights[i].reach[r];
            bool              all   = r <= POLICY_RIGHT_CATALOG;

            assert_int_equal(policy_has_right(global, right, S("loyalty")), reach == YES);
            assert_int_equal(policy_has_right(global, right, S("")), reach == YES);
            assert_int_equal(policy_has_right(member, right, S("loyalty")), reach != NO);
            assert_int_equal(policy_has_right(member, right, S("operations")), all);
            assert_int_equal(policy_has_right(member, right, S("")), all);
            assert_true(policy_has_right(policy_subject_operator(p.set), right, S("")));
            assert_true(policy_right_name(right)[0] != 0);
        }
        test_policy_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(principals_are_found_by_name),
        cmocka_unit_test(names_are_sorted_and_purposes_known),
        cmocka_unit_test(a_scope_changes_with_what_is_known_of_a_principal),
        cmocka_unit_test(every_role_has_the_rights_of_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
