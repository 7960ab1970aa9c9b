/*
 * decide_test.c - every row of docs/policies.md as a decision.
 */
#include "policy/policy.h"

#include "test.h"

#include "base/time.h"
#include "support/test_policy.h"

#define ALLOW "name: all\nallow: read\n"

struct decision_case {
    const char *domain, *policy; /* beside ALLOW */
    const char *as, *purpose, *want;
};

static void check(const struct decision_case *c, bool is_allowed)
{
    struct test_policy p;
    str                got;

    test_policy_init(&p);
    if (is_allowed) {
        test_policy_add(&p, "", ALLOW);
    }
    test_policy_add(&p, c->domain, c->policy);
    if (test_policy_compile(&p) != ST_OK) {
        fail_msg("%s\n-> %.*s", c->policy,
                 STR_ARG(p.diags.list.count ? p.diags.list.items[0].message : S("not compiled")));
    }
    got = test_policy_decide(&p, c->as, c->purpose);
    if (!str_eq(got, str_of(c->want))) {
        fail_msg("%s\nas %s: \"%.*s\", not \"%s\"", c->policy, c->as, STR_ARG(got), c->want);
    }
    test_policy_release(&p);
}

/* ---- who may read --------------------------------------------------------------------------------- */

static const struct decision_case access_cases[] = {
    { "", "name: p\nallow: read\n", "ana", "", "rule:p" },
    { "", "name: p\nallow: read\n", "operator", "", "all" },
    { "", "name: p\ndeny: read\n", "operator", "", "all" },
    { "", "name: p\ndeny: read\n", "lea", "", "-rule:p" },
    { "", "name: p\nallow: read\nwhen: {purpose: marketing}\n", "lea", "", "own" },
    { "", "name: p\nallow: read\nwhen: {purpose: marketing}\n", "loyalty.points", "", "own" },
    { "", "name: p\nallow: read\nwhen: {purpose: marketing}\n", "ana", "", "-none" },
    { "", "name: p\nallow: read\nwhen: {purpose: marketing}\n", "ana", "marketing", "rule:p" },
    { "", "name: p\nallow: read\nwhen: {purpose: marketing}\n", "ana", "no-such", "-none" },
    /* a narrower purpose counts as its wider one, not the other way round */
    { "", "name: p\nallow: read\nwhen: {purpose: investigation}\n", "ana", "fraud-investigation",
      "rule:p" },
    { "", "name: p\nallow: read\nwhen: {purpose: [marketing, fraud-investigation]}\n", "ana",
      "investigation", "-none" },
    { "", "name: p\nallow: read\nwhen: {purpose: [marketing, fraud-investigation]}\n", "ana",
      "marketing", "rule:p" },
    /* a purpose that was not given is unknown: it opens nothing */
    { "", "name: p\ndeny: read\nwhen: {purpose: marketing}\n", "lea", "", "-rule:p" },
    { "", "name: p\ndeny: read\nwhen: {purpose: marketing}\n", "lea", "investigation", "own" },
    { "", "name: p\ndeny: read\nunless: {purpose: marketing}\n", "lea", "marketing", "own" },
    { "", "name: p\ndeny: read\nunless: {purpose: marketing}\n", "lea", "", "-rule:p" },
    { "", "name: p\nallow: read\nunless: {purpose: marketing}\n", "ana", "", "-none" },
    { "", "name: p\nallow: read\nunless: {purpose: marketing}\n", "ana", "investigation",
      "rule:p" },
};

static void deny_beats_grants_and_grants_are_needed(void **state)
{
    for (size_t i = 0; i < CASES(access_cases); i++) {
        check(&access_cases[i], false);
    }
}

static void an_open_port_is_read_by_all_but_those_who_are_denied(void **state)
{
    struct test_policy p;

    test_policy_init(&p);
    test_policy_add(&p, "", "name: p\ndeny: read\nwhen: {principal: {kind: agent}}\n");
    p.object.is_open = true;
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_true(str_eq(test_policy_decide(&p, "ana", ""), S("open")));
    assert_true(str_eq(test_policy_decide(&p, "copilot", ""), S("-rule:p")));
    test_policy_release(&p);
}

/* ---- to what ---------------------------------------------------------------------------------------- */

#define APPLIES(what) "name: p\nallow: read\napplies: " what "\n"
static const struct decision_case applies_cases[] = {
    { "", APPLIES("{tables: loyalty.members.members}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: loyalty.members}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: loyalty}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: \"loyalty.*\"}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: \"*.*.members\"}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: \"*.*.points\"}"), "ana", "", "-none" },
    { "", APPLIES("{tables: loyalty.members_v1}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: loyalty.members_v2}"), "ana", "", "-none" },
    { "", APPLIES("{tables: loyalty.members_v2.members}"), "ana", "", "-none" },
    { "", APPLIES("{tables: [operations, loyalty.members_v1.members]}"), "ana", "", "rule:p" },
    { "", APPLIES("{tables: operations.flights.departures}"), "ana", "", "-none" },
    { "", APPLIES("{tag: loyalty}"), "ana", "", "rule:p" },
    { "", APPLIES("{tag: loyalty.core}"), "ana", "", "rule:p" },
    { "", APPLIES("{tag: loyalty.core.deep}"), "ana", "", "-none" },
    { "", APPLIES("{tag: loyal}"), "ana", "", "-none" },
    { "", APPLIES("{tag: [other, LOYALTY]}"), "ana", "", "rule:p" },
    { "", APPLIES("{tag: loyalty, tables: operations}"), "ana", "", "-none" },
    { "", APPLIES("{contract: {status: active}}"), "ana", "", "rule:p" },
    { "", APPLIES("{contract: {status: [draft, active], dataProduct: \"starts with mem\"}}"), "ana",
      "", "rule:p" },
    { "", APPLIES("{contract: {status: deprecated}}"), "ana", "", "-none" },
    { "", APPLIES("{contract: {tenant: \"is null\"}}"), "ana", "", "rule:p" },
    /* a field that is not there opens nothing */
    { "", APPLIES("{contract: {tenant: \"!= acme\"}}"), "ana", "", "-none" },
    { "", "name: p\ndeny: read\napplies: {contract: {tenant: \"!= acme\"}}\n", "lea", "",
      "-rule:p" },
    { "loyalty", "name: p\nallow: read\n", "ana", "", "rule:p" },
    { "operations", "name: p\nallow: read\n", "ana", "", "-none" },
    { "operations", "name: p\ndeny: read\napplies: {tag: loyalty}\n", "lea", "", "own" },
};

static void policies_reach_what_they_apply_to(void **state)
{
    for (size_t i = 0; i < CASES(applies_cases); i++) {
        check(&applies_cases[i], false);
    }
}

/* ---- for whom ------------------------------------------------------------------------------------------ */

#define WHEN(test)   "name: p\nallow: read\nwhen: {principal: " test "}\n"
#define DENY(test)   "name: p\ndeny: read\nwhen: {principal: " test "}\n"
#define EXCEPT(test) "name: p\ndeny: read\nunless: {principal: " test "}\n"
static const struct decision_case principal_cases[] = {
    { "", WHEN("{name: ana}"), "ana", "", "rule:p" },
    { "", WHEN("{name: ana}"), "fred", "", "-none" },
    { "", WHEN("{name: insights.delays}"), "insights.delays", "", "rule:p" },
    { "", WHEN("{kind: product}"), "insights.delays", "", "rule:p" },
    { "", WHEN("{kind: [service, agent]}"), "copilot", "", "rule:p" },
    { "", WHEN("{kind: [service, agent]}"), "ana", "", "-none" },
    { "", WHEN("{role: fraud}"), "fred", "", "rule:p" },
    { "", WHEN("{role: [x, analyst]}"), "ana", "", "rule:p" },
    { "", WHEN("{role: \"!= fraud\"}"), "fred", "", "-none" },
    { "", WHEN("{role: \"!= fraud\"}"), "ana", "", "rule:p" },
    /* a role of a team counts for its own domain */
    { "", DENY("{role: product-owner}"), "lea", "", "-rule:p" },
    { "", WHEN("{role: steward}"), "fred", "", "-none" },
    { "", WHEN("{group: investigators}"), "fred", "", "rule:p" },
    { "", WHEN("{group: staff}"), "fred", "", "rule:p" },
    { "", WHEN("{group: investigators}"), "ana", "", "-none" },
    { "", WHEN("{group: \"is null\"}"), "copilot", "", "rule:p" },
    { "", WHEN("{domain: operations}"), "fred", "", "rule:p" },
    { "", WHEN("{domain: operations}"), "ana", "", "-none" },
    { "", WHEN("{region: EU}"), "ana", "", "rule:p" },
    { "", WHEN("{region: [US, UK]}"), "ana", "", "-none" },
    { "", WHEN("{region: \"!= EU\"}"), "fred", "", "rule:p" },
    { "", WHEN("{region: \"in principal.regions\"}"), "ana", "", "rule:p" },
    { "", WHEN("{region: \"not in principal.regions\"}"), "ana", "", "-none" },
    { "", WHEN("{region: \"starts with E\"}"), "ana", "", "rule:p" },
    { "", WHEN("{region: \"starts with e\"}"), "ana", "", "-none" },
    { "", WHEN("{region: \"ends with U\"}"), "ana", "", "rule:p" },
    { "", WHEN("{region: \"contains S\"}"), "fred", "", "rule:p" },
    { "", WHEN("{regions: UK}"), "ana", "", "rule:p" },
    { "", WHEN("{regions: \"!= UK\"}"), "ana", "", "-none" },
    { "", WHEN("{levels: 2}"), "ana", "", "rule:p" },
    { "", WHEN("{levels: \">= 3\"}"), "ana", "", "-none" },
    { "", WHEN("{clearance: \">= 1\"}"), "ana", "", "rule:p" },
    { "", WHEN("{clearance: \"> 1\"}"), "ana", "", "-none" },
    { "", WHEN("{clearance: \"<1\"}"), "copilot", "", "rule:p" },
    { "", WHEN("{clearance: \"<= 0\"}"), "ana", "", "-none" },
    { "", WHEN("{score: 2.50}"), "ana", "", "rule:p" },
    { "", WHEN("{score: \"> principal.clearance\"}"), "ana", "", "rule:p" },
    { "", WHEN("{certified: true}"), "ana", "", "rule:p" },
    { "", WHEN("{joined: \"< 2021-01-01\"}"), "ana", "", "rule:p" },
    { "", WHEN("{joined: 2020-02-01}"), "ana", "", "rule:p" },
    { "", WHEN("{region: {equals: \"EU\"}}"), "ana", "", "rule:p" },
    { "", WHEN("{region: EU, clearance: 2}"), "ana", "", "-none" },
    { "", WHEN("[{region: US}, {clearance: 1}]"), "ana", "", "rule:p" },
    { "", WHEN("{clearance: \"is null\"}"), "loader", "", "rule:p" },
    { "", WHEN("{clearance: \"is not null\"}"), "loader", "", "-none" },
    /* an attribute that is lacking opens nothing */
    { "", WHEN("{clearance: \"!= 5\"}"), "loader", "", "-none" },
    { "", DENY("{clearance: \"> 5\"}"), "loader", "", "-rule:p" },
    { "", DENY("{clearance: 5}"), "loader", "", "-rule:p" },
    { "", DENY("{clearance: 5, kind: user}"), "loader", "", "-none" },
    { "", EXCEPT("{clearance: 5}"), "lea", "", "-rule:p" },
    { "", EXCEPT("{domain: loyalty}"), "lea", "", "own" },
};

static void principals_are_tested(void **state)
{
    for (size_t i = 0; i < CASES(principal_cases); i++) {
        check(&principal_cases[i], false);
    }
}

static const struct {
    const char *time, *now;
    bool        holds;
} time_cases[] = {
    { "{from: 2027-01-01}", "2027-01-01", true },
    { "{from: 2027-01-01}", "2026-12-31T23:59:59Z", false },
    { "{until: 2027-06-30}", "2027-06-29T23:59:59Z", true },
    { "{until: 2027-06-30}", "2027-06-30", false },
    { "{hours: \"08:00-18:00\"}", "2027-06-30T08:00:00Z", true },
    { "{hours: \"08:00-18:00\"}", "2027-06-30T18:00:00Z", false },
    { "{hours: \"22:00-06:00\"}", "2027-06-30T23:00:00Z", true },
    { "{hours: \"22:00-06:00\"}", "2027-06-30T05:59:00Z", true },
    { "{hours: \"22:00-06:00\"}", "2027-06-30T12:00:00Z", false },
    { "{hours: \"12:00-24:00\"}", "2027-06-30T23:59:59Z", true },
    { "{days: [mon, tue]}", "2027-06-28T12:00:00Z", true },
    { "{days: [mon, tue]}", "2027-06-30T12:00:00Z", false },
    { "{days: [thu]}", "1970-01-01T12:00:00Z", true },
    { "{days: [wed]}", "1969-12-31T12:00:00Z", true },
    { "{from: 2027-01-01, until: 2027-06-30, hours: \"08:00-18:00\", days: [wed]}",
      "2027-06-23T09:00:00Z", true },
};

static void times_are_tested(void **state)
{
    for (size_t i = 0; i < CASES(time_cases); i++) {
        struct test_policy p;

        test_policy_init(&p);
        test_policy_add(
            &p, "",
            arena_cstr(p.cx->arena,
                       arena_printf(p.cx->arena, "name: p\nallow: read\nwhen: {time: %s}\n",
                                    time_cases[i].time)));
        assert_int_equal(test_policy_compile(&p), ST_OK);
        assert_true(time_parse(str_of(time_cases[i].now), &p.time_us));
        if (!str_eq(test_policy_decide(&p, "ana", ""),
                    time_cases[i].holds ? S("rule:p") : S("-none"))) {
            fail_msg("%s at %s", time_cases[i].time, time_cases[i].now);
        }
        test_policy_release(&p);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------ */

#define ROWS(tests) "name: p\nrows: " tests "\n"
static const struct decision_case rows_cases[] = {
    { "", ROWS("{region: EU}"), "ana", "", "rule:all; rows region = 'EU'" },
    { "", ROWS("{region: [EU, UK]}"), "ana", "", "rule:all; rows region in ('EU', 'UK')" },
    { "", ROWS("{spend: \">= 100\"}"), "ana", "", "rule:all; rows spend >= '100'" },
    { "", ROWS("{spend: \"!= 1.50\"}"), "ana", "", "rule:all; rows spend != '1.50'" },
    { "", ROWS("{region: \"= principal.region\"}"), "ana", "", "rule:all; rows region = 'EU'" },
    { "", ROWS("{region: \"= principal.region\"}"), "loader", "", "rule:all; rows false" },
    { "", ROWS("{region: \"in principal.regions\"}"), "ana", "",
      "rule:all; rows region in ('EU', 'UK')" },
    { "", ROWS("{region: \"in principal.regions\"}"), "copilot", "", "rule:all; rows false" },
    { "", ROWS("{region: \"in principal.regions\"}"), "loader", "", "rule:all; rows false" },
    { "", ROWS("{region: \"not in principal.regions\"}"), "copilot", "",
      "rule:all; rows region is not null" },
    { "", ROWS("{region: \"not in principal.regions\"}"), "loader", "", "rule:all; rows false" },
    { "", ROWS("{region: \"in principal.role\"}"), "fred", "",
      "rule:all; rows region in ('fraud')" },
    { "", ROWS("{name: \"starts with A\", email: \"ends with .org\", tier: \"contains l\"}"), "ana",
      "", "rule:all; rows name starts with 'A' and email ends with '.org' and tier contains 'l'" },
    { "", ROWS("{born: \"is null\", seen: \"is not null\"}"), "ana", "",
      "rule:all; rows born is null and seen is not null" },
    { "", ROWS("{tier: {equals: \"= 5\"}}"), "ana", "", "rule:all; rows tier = '= 5'" },
    { "", ROWS("[{region: EU}, {tier: gold, active: true}]"), "ana", "",
      "rule:all; rows region = 'EU' or (tier = 'gold' and active = 'true')" },
    { "", ROWS("[{region: \"= principal.region\"}, {tier: gold}]"), "loader", "",
      "rule:all; rows tier = 'gold'" },
    { "", ROWS("{REGION: EU}"), "ana", "", "rule:all; rows region = 'EU'" },
    { "", ROWS("{level: \"= principal.clearance\"}"), "ana", "", "rule:all; rows level = '1'" },
    { "", ROWS("{born: \">= principal.joined\"}"), "ana", "",
      "rule:all; rows born >= '2020-02-01'" },
    { "", ROWS("{region: EU}\nunless: {principal: {role: fraud}}"), "fred", "", "rule:all" },
    { "", ROWS("{region: EU}\nwhen: {principal: {clearance: \"< 3\"}}"), "loader", "",
      "rule:all; rows region = 'EU'" },
    /* what does not fit the table closes it for those it applies to */
    { "", ROWS("{gone: 1}"), "ana", "", "-misfit:p" },
    { "", ROWS("{gone: 1}\nwhen: {principal: {name: fred}}"), "ana", "", "rule:all" },
    { "", ROWS("{spend: 1.234}"), "ana", "", "-misfit:p" },
    { "", ROWS("{level: 300}"), "ana", "", "-misfit:p" },
    { "", ROWS("{level: 1.5}"), "ana", "", "-misfit:p" },
    { "", ROWS("{born: yesterday}"), "ana", "", "-misfit:p" },
    { "", ROWS("{active: 1}"), "ana", "", "-misfit:p" },
    { "", ROWS("{active: \"> true\"}"), "ana", "", "-misfit:p" },
    { "", ROWS("{level: \"contains 1\"}"), "ana", "", "-misfit:p" },
    { "", ROWS("{raw: x}"), "ana", "", "-misfit:p" },
    { "", ROWS("{raw: \"is null\"}"), "ana", "", "rule:all; rows raw is null" },
    { "", ROWS("{born: \"= principal.region\"}"), "ana", "", "-misfit:p" },
    { "", ROWS("{key: 123e4567-e89b-12d3-a456-426614174000}"), "ana", "",
      "rule:all; rows key = '123e4567-e89b-12d3-a456-426614174000'" },
    { "", ROWS("{gone: 1}"), "operator", "", "all" },
};

static void rows_are_filtered(void **state)
{
    for (size_t i = 0; i < CASES(rows_cases); i++) {
        check(&rows_cases[i], true);
    }
}

/* ---- columns --------------------------------------------------------------------------------------------- */

#define EMAIL "applies: {columns: {name: email}}\n"
static const struct decision_case column_cases[] = {
    { "", "name: p\ndeny: column\napplies: {columns: {tag: pii}}\n", "ana", "",
      "rule:all; name=hidden; email=hidden" },
    { "", "name: p\ndeny: projection\n" EMAIL, "ana", "", "rule:all; email=unprojected" },
    { "", "name: p\nmask: null\n" EMAIL, "ana", "", "rule:all; email=null" },
    { "", "name: p\nmask: null\n" EMAIL, "lea", "", "own; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {name: \"e*l\"}}\n", "ana", "",
      "rule:all; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {name: [region, TIER]}}\n", "ana", "",
      "rule:all; region=null; tier=null" },
    { "", "name: p\nmask: null\napplies: {columns: {classification: restricted}}\n", "ana", "",
      "rule:all; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {classification: \">= confidential\"}}\n", "ana",
      "", "rule:all; name=null; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {classification: [internal, public]}}\n", "ana",
      "", "rule:all; id=null; region=null" },
    { "", "name: p\nmask: null\napplies: {columns: {contract: {criticalDataElement: true}}}\n",
      "ana", "", "rule:all; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {contract: {weight: \"> 9\"}}}\n", "ana", "",
      "rule:all; email=null" },
    { "", "name: p\nmask: null\napplies: {columns: {tag: pii.email, name: name}}\n", "ana", "",
      "rule:all" },
    { "", "name: p\nmask: null\n" EMAIL "unless: {principal: {role: fraud}}\n", "fred", "",
      "rule:all" },
    { "", "name: p\nmask: redact\n" EMAIL "unless: {row: {region: \"in principal.regions\"}}\n",
      "ana", "", "rule:all; email=redact unless region in ('EU', 'UK')" },
    { "", "name: p\nmask: redact\n" EMAIL "unless: {row: {region: \"in principal.regions\"}}\n",
      "copilot", "", "rule:all; email=redact" },
    { "", "name: p\nmask: redact\n" EMAIL "unless: {principal: {role: fraud}, row: {region: EU}}\n",
      "ana", "", "rule:all; email=redact" },
    { "",
      "name: p\nmask: redact\n" EMAIL
      "unless: [{principal: {role: fraud}, row: {region: EU}}, {row: {tier: [gold]}}]\n",
      "fred", "", "rule:all; email=redact unless region = 'EU' or tier in ('gold')" },
    { "", "name: p\nmask: redact\n" EMAIL "unless: {row: {gone: 1}}\n", "ana", "", "-misfit:p" },
    /* a column that is named exactly in a table that is named exactly must be there */
    { "",
      "name: p\nmask: null\napplies: {tables: loyalty.members.members, columns: {name: e_mail}}\n",
      "ana", "", "-misfit:p" },
    { "",
      "name: p\nmask: null\napplies: {tables: [loyalty.x.y, loyalty], columns: {name: e_mail}}\n",
      "ana", "", "rule:all" },
    { "", "name: p\nmask: null\napplies: {tables: loyalty.members, columns: {name: e_mail}}\n",
      "ana", "", "rule:all" },
};

static void columns_are_decided(void **state)
{
    for (size_t i = 0; i < CASES(column_cases); i++) {
        check(&column_cases[i], true);
    }
}

static const struct {
    const char *mask, *column, *want; /* want NULL: does not fit, NULL is given */
} mask_cases[] = {
    { "null", "raw", "null" },
    { "{constant: \"n/a\"}", "email", "constant: 'n/a'" },
    { "{constant: 7}", "id", "constant: '7'" },
    { "{constant: 7.5}", "spend", "constant: '7.5'" },
    { "{constant: 2027-01-01}", "born", "constant: '2027-01-01'" },
    { "{constant: false}", "active", "constant: 'false'" },
    { "{constant: \"n/a\"}", "id", NULL },
    { "{constant: \"n/a\"}", "raw", NULL },
    { "default", "seen", "default" },
    { "default", "raw", NULL },
    { "redact", "email", "redact" },
    { "redact", "id", NULL },
    { "hash", "email", "hash" },
    { "hash", "id", "hash" },
    { "hash", "spend", NULL },
    { "{email: keep-domain}", "email", "email: keep-domain" },
    { "{email: keep-domain}", "id", NULL },
    { "{first: 4}", "email", "first: 4" },
    { "{last: 4}", "email", "last: 4" },
    { "{last: 4}", "born", NULL },
    { "{regex: {pattern: \"[0-9]\", replacement: \"#\"}}", "email", "regex: '[0-9]' by '#'" },
    { "zip3", "tier", "zip3" },
    { "ip-prefix", "tier", "ip-prefix" },
    { "ip-prefix", "active", NULL },
    { "{date: year}", "born", "date: year" },
    { "{date: month}", "seen", "date: month" },
    { "{date: day}", "email", NULL },
    { "{round: 1000}", "id", "round: 1000" },
    { "{round: 0.5}", "ratio", "round: 0.5" },
    { "{round: 0.5}", "id", NULL },
    { "{bucket: 10}", "spend", "bucket: 10" },
    { "{bucket: 10}", "born", NULL },
    { "{bucket: 0.5}", "spend", NULL },
    { "{bucket: 0.5}", "ratio", "bucket: 0.5" },
    { "{round: 0.001}", "spend", NULL },
};

static void masks_fit_their_types(void **state)
{
    for (size_t i = 0; i < CASES(mask_cases); i++) {
        struct test_policy p;
        str                got, want;
        size_t             problems;

        test_policy_init(&p);
        test_policy_add(&p, "", ALLOW);
        test_policy_add(
            &p, "",
            arena_cstr(p.cx->arena,
                       arena_printf(p.cx->arena,
                                    "name: p\napplies: {columns: {name: %s}}\nmask: %s\n",
                                    mask_cases[i].column, mask_cases[i].mask)));
        assert_int_equal(test_policy_compile(&p), ST_OK);
        got  = test_policy_decide(&p, "ana", "");
        want = arena_printf(p.cx->arena, "rule:all; %s=%s", mask_cases[i].column,
                            mask_cases[i].want ? mask_cases[i].want : "null");
        (void)policy_target_problems(p.target, &problems);
        if (!str_eq(got, want) || problems != (mask_cases[i].want == NULL)) {
            fail_msg("\"%.*s\", not \"%.*s\", %zu problems", STR_ARG(got), STR_ARG(want), problems);
        }
        test_policy_release(&p);
    }
}

/* ---- several masks on one column -------------------------------------------------------------------------- */

static const struct {
    const char *a, *b, *c; /* mask and exception of three policies on email */
    const char *want;
} layer_cases[] = {
    { "redact", "hash", NULL, "redact" },
    { "{first: 2}", "null", NULL, "null" },
    { "hash", "hash", NULL, "hash" },
    { "{first: 2}", "{last: 2}", NULL, "null (conflict)" },
    { "{first: 2}", "{first: 2}", "{first: 3}", "null (conflict)" },
    { "redact\nunless: {row: {tier: gold}}", "hash", NULL, "redact unless tier = 'gold' / hash" },
    { "redact", "hash\nunless: {row: {tier: gold}}", NULL, "redact" },
    { "redact\nunless: {row: {tier: gold}}", "redact", NULL, "redact" },
    { "redact\nunless: {row: {tier: a}}", "hash\nunless: {row: {tier: b}}", "{first: 1}",
      "redact unless tier = 'a' / hash unless tier = 'b' / first: 1" },
    { "{first: 2}\nunless: {row: {tier: a}}", "{last: 2}", NULL,
      "null unless tier = 'a' / first: 2 unless tier = 'a' / last: 2 (conflict)" },
    { "{first: 2}\nunless: {row: {tier: a}}", "{last: 2}\nunless: {row: {tier: b}}", NULL,
      "null unless tier = 'b' or tier = 'a' / first: 2 unless tier = 'a' / last: 2 unless tier = "
      "'b' (conflict)" },
    { "{first: 2}\nunless: {row: {tier: a}}", "{last: 2}\nunless: {row: {tier: b}}",
      "{date: year}\nunless: {row: {tier: c}}",
      "null unless tier = 'c' / null unless tier = 'b' or tier = 'a' / first: 2 unless tier = 'a' "
      "/ "
      "last: 2 unless tier = 'b' (conflict)" },
    /* a mask that does not fit is NULL, the strictest */
    { "{date: year}", "hash", NULL, "null" },
};

static void the_strictest_mask_holds(void **state)
{
    for (size_t i = 0; i < CASES(layer_cases); i++) {
        const char        *masks[] = { layer_cases[i].a, layer_cases[i].b, layer_cases[i].c };
        struct test_policy p;
        str                got, want;

        test_policy_init(&p);
        test_policy_add(&p, "", ALLOW);
        for (size_t k = 0; k < 3 && masks[k]; k++) {
            test_policy_add(
                &p, "",
                arena_cstr(p.cx->arena, arena_printf(p.cx->arena, "name: p%zu\n" EMAIL "mask: %s\n",
                                                     k, masks[k])));
        }
        assert_int_equal(test_policy_compile(&p), ST_OK);
        got  = test_policy_decide(&p, "ana", "");
        want = arena_printf(p.cx->arena, "rule:all; email=%s", layer_cases[i].want);
        if (!str_eq(got, want)) {
            fail_msg("case %zu: \"%.*s\", not \"%.*s\"", i, STR_ARG(got), STR_ARG(want));
        }
        test_policy_release(&p);
    }
}

static void a_domain_tightens_and_never_loosens(void **state)
{
    struct test_policy p;

    test_policy_init(&p);
    test_policy_add(&p, "", ALLOW);
    test_policy_add(&p, "", "name: g\nmask: redact\n" EMAIL);
    test_policy_add(&p, "", "name: r\nrows: {region: EU}\n");
    test_policy_add(&p, "loyalty", "name: d\nmask: {first: 2}\n" EMAIL);
    test_policy_add(&p, "loyalty", "name: r\nrows: {tier: gold}\n");
    test_policy_add(&p, "operations", "name: d\nmask: null\n" EMAIL);
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_string_equal(arena_cstr(p.cx->arena, test_policy_decide(&p, "lea", "")),
                        "own; rows region = 'EU' and tier = 'gold'; email=redact");
    test_policy_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deny_beats_grants_and_grants_are_needed),
        cmocka_unit_test(an_open_port_is_read_by_all_but_those_who_are_denied),
        cmocka_unit_test(policies_reach_what_they_apply_to),
        cmocka_unit_test(principals_are_tested),
        cmocka_unit_test(times_are_tested),
        cmocka_unit_test(rows_are_filtered),
        cmocka_unit_test(columns_are_decided),
        cmocka_unit_test(masks_fit_their_types),
        cmocka_unit_test(the_strictest_mask_holds),
        cmocka_unit_test(a_domain_tightens_and_never_loosens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
