/*
 * explain_test.c - traces, problems, times of change, expectations.
 */
#include "policy/policy.h"

#include "test.h"

#include "base/time.h"
#include "support/test_policy.h"

/* ---- traces --------------------------------------------------------------------------------------------- */

static str trace_text(struct test_policy *p, const char *as)
{
    static const char *const fates[] = { "applied", "when", "excepted", "beaten" };
    struct policy_request    rq      = test_policy_request(p, as, "");
    str                      text    = S("");
    struct policy_decision   d;

    assert_int_equal(policy_decide(p->cx, p->target, &rq, &d), ST_OK);
    for (size_t i = 0; i < d.trace_count; i++) {
        text = arena_printf(p->cx->arena, STR_FMT STR_FMT "=%s ", STR_ARG(text),
                            STR_ARG(d.trace[i].rule->name), fates[d.trace[i].fate]);
    }
    text = arena_printf(p->cx->arena, STR_FMT "|", STR_ARG(text));
    for (size_t i = 0; i < d.applied_count; i++) {
        text = arena_printf(p->cx->arena, STR_FMT " " STR_FMT, STR_ARG(text),
                            STR_ARG(d.applied[i]->name));
    }
    return text;
}

static void a_trace_tells_how_each_rule_fared(void **state)
{
    static const struct {
        const char *as, *want;
    } cases[] = {
        { "ana", "a-hash=beaten b-allow=applied c-deny=when d-rows=applied e-null=applied "
                 "f-proj=excepted g-col=applied | b-allow d-rows e-null g-col" },
        { "copilot", "a-hash=beaten b-allow=beaten c-deny=applied d-rows=beaten e-null=beaten "
                     "f-proj=beaten g-col=beaten | c-deny" },
        { "lea", "a-hash=beaten b-allow=applied c-deny=when d-rows=excepted e-null=applied "
                 "f-proj=applied g-col=applied | e-null f-proj g-col" },
        { "operator", "|" },
    };
    struct test_policy p;

    test_policy_init(&p);
    test_policy_add(&p, "", "name: a-hash\nmask: hash\napplies: {columns: {name: email}}\n");
    test_policy_add(&p, "", "name: b-allow\nallow: read\n");
    test_policy_add(&p, "", "name: c-deny\ndeny: read\nwhen: {principal: {kind: agent}}\n");
    test_policy_add(&p, "", "name: d-rows\nrows: {tier: a}\nunless: {principal: {name: lea}}\n");
    test_policy_add(&p, "", "name: e-null\nmask: null\napplies: {columns: {name: email}}\n");
    test_policy_add(&p, "",
                    "name: f-proj\ndeny: projection\napplies: {columns: {name: tier}}\n"
                    "unless: {principal: {name: ana}}\n");
    test_policy_add(&p, "", "name: g-col\ndeny: column\napplies: {columns: {name: born}}\n");
    test_policy_add(&p, "", "name: h-other\ndeny: read\napplies: {tables: operations}\n");
    assert_int_equal(test_policy_compile(&p), ST_OK);
    for (size_t i = 0; i < CASES(cases); i++) {
        str got = trace_text(&p, cases[i].as);

        assert_string_equal(arena_cstr(p.cx->arena, got), cases[i].want);
    }
    test_policy_release(&p);
}

static void an_unprojected_column_keeps_its_masks(void **state)
{
    struct test_policy p;

    test_policy_init(&p);
    test_policy_add(&p, "", "name: a\nmask: hash\napplies: {columns: {name: email}}\n");
    test_policy_add(&p, "", "name: b\ndeny: projection\napplies: {columns: {name: email}}\n");
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_true(str_eq(test_policy_decide(&p, "lea", ""), S("own; email=unprojectedhash")));
    test_policy_release(&p);
}

/* ---- problems --------------------------------------------------------------------------------------------- */

static void the_operator_is_told_what_does_not_fit(void **state)
{
    static const struct {
        const char *policy, *want; /* NULL: nothing */
    } cases[] = {
        { "name: p\nrows: {gone: 1}\n",
          "policy \"p\": there is no column \"gone\" of loyalty.members.members" },
        { "name: p\nrows: {born: soon}\n", "policy \"p\": its test does not fit the type of column "
                                           "\"born\" of loyalty.members.members" },
        { "name: p\nmask: redact\napplies: {columns: {name: id}}\n",
          "policy \"p\": NULL is given, for its mask does not fit the type of column \"id\" of "
          "loyalty.members.members" },
        { "name: p\nmask: {first: 1}\napplies: {columns: {name: email}}\n",
          "policy \"q\": NULL is given where it meets another mask of its strength, of policy "
          "\"p\", "
          "on column \"email\" of loyalty.members.members" },
        { "name: p\nmask: redact\napplies: {columns: {name: email}}\n", NULL },
        { "name: p\nmask: redact\napplies: {tables: operations, columns: {name: id}}\n", NULL },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_policy p;
        const str         *problems;
        size_t             count;

        test_policy_init(&p);
        test_policy_add(&p, "", cases[i].policy);
        test_policy_add(&p, "", "name: q\nmask: {last: 1}\napplies: {columns: {name: email}}\n");
        assert_int_equal(test_policy_compile(&p), ST_OK);
        problems = policy_target_problems(p.target, &count);
        assert_int_equal(count, cases[i].want != NULL);
        if (cases[i].want) {
            assert_string_equal(arena_cstr(p.cx->arena, problems[0]), cases[i].want);
        }
        test_policy_release(&p);
    }
}

/* ---- time --------------------------------------------------------------------------------------------------- */

static void a_decision_says_until_when_it_holds(void **state)
{
    static const struct {
        const char *time, *now, *until; /* until NULL: for ever */
    } cases[] = {
        { "{from: 2027-01-01}", "2026-05-05", "2027-01-01" },
        { "{from: 2027-01-01}", "2027-01-01", NULL },
        { "{until: 2027-01-01}", "2026-12-31T23:00:00Z", "2027-01-01" },
        { "{from: 2027-01-01, until: 2027-02-01}", "2027-01-01", "2027-02-01" },
        { "{hours: \"08:00-18:00\"}", "2027-01-01T07:00:00Z", "2027-01-01T08:00:00Z" },
        { "{hours: \"08:00-18:00\"}", "2027-01-01T08:00:00Z", "2027-01-01T18:00:00Z" },
        { "{hours: \"08:00-18:00\"}", "2027-01-01T19:00:00Z", "2027-01-02" },
        { "{days: [mon]}", "2027-01-01T19:00:00Z", "2027-01-02" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_policy     p;
        struct policy_request  rq;
        struct policy_decision d;
        int64_t                until = INT64_MAX;

        test_policy_init(&p);
        test_policy_add(
            &p, "",
            arena_cstr(p.cx->arena,
                       arena_printf(p.cx->arena, "name: p\nallow: read\nunless: {time: %s}\n",
                                    cases[i].time)));
        assert_int_equal(test_policy_compile(&p), ST_OK);
        assert_true(time_parse(str_of(cases[i].now), &p.time_us));
        assert_true(!cases[i].until || time_parse(str_of(cases[i].until), &until));
        rq = test_policy_request(&p, "ana", "");
        assert_int_equal(policy_decide(p.cx, p.target, &rq, &d), ST_OK);
        assert_int_equal(d.has_time, cases[i].until != NULL);
        assert_int_equal(d.valid_until_us, until);
        test_policy_release(&p);
    }
}

/* ---- expectations -------------------------------------------------------------------------------------------- */

#define TEST "apiVersion: weft/v1\nkind: PolicyTest\nname: t\nexpect:\n  - {as: ana, table: a.b.c"
static const struct {
    const char *expect, *policy, *want;
} expectation_cases[] = {
    { ", read: true}", "name: p\nallow: read\n", "" },
    { ", read: false}", "name: p\nallow: read\n", "it may be read" },
    { ", read: true}", "name: p\ndeny: read\n", "it may not be read" },
    { ", read: false}", "name: p\ndeny: read\n", "" },
    { ", clear: [id]}", "name: p\ndeny: read\n", "it may not be read" },
    { ", rows: all}", "name: p\nrows: {tier: a}\n", "a row filter holds" },
    { ", rows: some}", "name: p\nrows: {tier: a}\n", "" },
    { ", rows: some}", "name: p\nallow: read\n", "all rows are shown" },
    { ", masked: [email], clear: [id]}", "name: p\nmask: null\napplies: {columns: {name: email}}\n",
      "" },
    { ", masked: [id]}", "name: p\nmask: null\napplies: {columns: {name: email}}\n",
      "column id is clear, not masked" },
    { ", clear: [EMAIL]}", "name: p\nmask: null\napplies: {columns: {name: email}}\n",
      "column EMAIL is masked, not clear" },
    { ", hidden: [email]}", "name: p\ndeny: column\napplies: {columns: {name: email}}\n", "" },
    { ", unprojected: [email]}", "name: p\ndeny: projection\napplies: {columns: {name: email}}\n",
      "" },
    { ", clear: [gone]}", "name: p\nallow: read\n", "there is no column gone" },
};

static void expectations_are_compared(void **state)
{
    for (size_t i = 0; i < CASES(expectation_cases); i++) {
        const struct policy_expectation *e;
        struct test_policy               p;
        struct policy_request            rq;
        struct policy_decision           d;
        size_t                           count;
        str                              got;

        test_policy_init(&p);
        test_policy_add(&p, "", "name: grant\nallow: read\n");
        test_policy_add(&p, "", expectation_cases[i].policy);
        test_policy_add_document(
            &p, "", arena_printf(p.cx->arena, TEST "%s\n", expectation_cases[i].expect));
        assert_int_equal(test_policy_compile(&p), ST_OK);
        e = policy_expectations(p.set, &count);
        assert_int_equal(count, 1);
        assert_true(str_eq(e->as, S("ana")) && str_eq(e->table, S("a.b.c")));
        assert_int_equal(e->at.line, 5);
        rq = test_policy_request(&p, "ana", "");
        assert_int_equal(policy_decide(p.cx, p.target, &rq, &d), ST_OK);
        got = policy_expectation_differs(p.cx, e, &p.object, &d);
        assert_string_equal(arena_cstr(p.cx->arena, got), expectation_cases[i].want);
        assert_true(policy_expectation_differs(p.cx, e, NULL, NULL).len > 0);
        test_policy_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_tells_how_each_rule_fared),
        cmocka_unit_test(an_unprojected_column_keeps_its_masks),
        cmocka_unit_test(the_operator_is_told_what_does_not_fit),
        cmocka_unit_test(a_decision_says_until_when_it_holds),
        cmocka_unit_test(expectations_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
