/*
 * compile_test.c - what the loader refuses, with place and hint; warnings; order; fingerprint.
 */
#include "policy/policy.h"

#include "test.h"

#include "support/test_policy.h"

/* ---- refusals ------------------------------------------------------------------------------------- */

struct refusal {
    const char *domain, *policy; /* behind apiVersion and kind: its line 3 and on */
    unsigned    line;
    const char *rule, *message, *hint; /* parts; hint NULL: any */
};

#define P "name: p\n"
static const struct refusal refusals[] = {
    /* the document */
    { "", P, 1, "policy-effect", "found 0", NULL },
    { "", P "allow: read\nmask: null\n", 1, "policy-effect", "found 2", NULL },
    { "", "allow: read\n", 1, "missing-field", "\"name\"", NULL },
    { "", P "alow: read\n", 4, "unknown-field", "\"alow\"", "did you mean \"allow\"?" },
    { "", P "allow: write\n", 4, "unknown-value", "\"write\"", NULL },
    { "", P "deny: colum\n", 4, "unknown-value", "\"colum\"", "did you mean \"column\"?" },
    { "", P "allow: read\napplies: {table: a}\n", 5, "unknown-field", "\"table\"", "\"tables\"?" },
    { "", P "allow: read\nwhen: now\n", 5, "wrong-type", "\"when\"", NULL },
    { "", P "allow: read\nwhen: []\n", 5, "range", "at least 1", NULL },
    { "", "name: \"\"\nallow: read\n", 3, "policy.name", "1 to 255 bytes", NULL },
    /* to what */
    { "", P "allow: read\napplies: {tables: a.b.c.d}\n", 5, "policy.tables", "\"a.b.c.d\"", NULL },
    { "", P "allow: read\napplies: {tables: \"lo*.x\"}\n", 5, "policy.tables", "no address", NULL },
    { "", P "allow: read\napplies: {tables: loyalty.members_v0}\n", 5, "policy.tables",
      "no address", NULL },
    { "", P "allow: read\napplies: {tables: loyalty.members_v01.members}\n", 5, "policy.tables",
      "no address", NULL },
    { "", P "allow: read\napplies: {tables: []}\n", 5, "range", "at least 1", NULL },
    { "", P "allow: read\napplies: {tag: \"\"}\n", 5, "policy.name", "1 to 255 bytes", NULL },
    { "", P "allow: read\napplies: {columns: {name: email}}\n", 5, "policy.columns",
      "about whole tables", NULL },
    { "", P "rows: {tier: a}\napplies: {columns: {name: email}}\n", 5, "policy.columns",
      "about whole tables", NULL },
    { "", P "mask: null\n", 1, "policy.columns", "mask needs columns", NULL },
    { "", P "deny: projection\n", 1, "policy.columns", "needs columns", NULL },
    { "", P "mask: null\napplies: {columns: {}}\n", 5, "policy.columns", "are chosen by", NULL },
    { "", P "mask: null\napplies: {columns: {classification: secret}}\n", 5, "policy.test",
      "has no level", "public, internal" },
    { "", P "mask: null\napplies: {columns: {classification: \">= hot\"}}\n", 5, "policy.test",
      "has no level", NULL },
    { "", P "mask: null\napplies: {columns: {contract: {}}}\n", 5, "policy.test", "empty mapping",
      NULL },
    { "", P "allow: read\napplies: {contract: {status: \"= principal.region\"}}\n", 5,
      "policy.test", "cannot look at the principal", NULL },
    { "loyalty", P "allow: read\napplies: {tables: operations.flights}\n", 5, "policy.domain",
      "cannot reach", NULL },
    /* tests */
    { "", P "rows: {}\n", 4, "policy.test", "empty mapping", NULL },
    { "", P "rows: [a]\n", 4, "policy.test", "found a string", NULL },
    { "", P "rows: {tier: null}\n", 4, "policy.test", "has no value", "is null" },
    { "", P "rows: {tier: []}\n", 4, "policy.test", "no values", NULL },
    { "", P "rows: {tier: \">=\"}\n", 4, "policy.test", "lacks what it compares with", NULL },
    { "", P "rows: {tier: \"contains\"}\n", 4, "policy.test", "lacks what", "equals" },
    { "", P "rows: {tier: \"in stock\"}\n", 4, "policy.test", "no list behind", "equals" },
    { "", P "rows: {tier: \"IS NULL\"}\n", 4, "policy.test", "begins like a test", "lower case" },
    { "", P "rows: {tier: \"Contains a\"}\n", 4, "policy.test", "begins like a test", NULL },
    { "", P "rows: {tier: [\">= 3\"]}\n", 4, "policy.test", "no plain value", NULL },
    { "", P "rows: {tier: [[a]]}\n", 4, "policy.test", "no plain value", NULL },
    { "", P "rows: {tier: {like: a}}\n", 4, "policy.test", "mapping that is no test", NULL },
    { "", P "rows: {tier: {equals: [a]}}\n", 4, "policy.test", "mapping that is no test", NULL },
    { "", P "rows: {tier: \"in principal.region\"}\n", 4, "policy.test", "single value",
      "= principal" },
    { "", P "rows: {tier: \"= principal.regions\"}\n", 4, "policy.test", "with a list",
      "in principal" },
    { "", P "rows: {tier: \"= principal.regin\"}\n", 4, "policy.attribute", "\"regin\"",
      "did you mean \"region\"?" },
    { "", P "rows: {tier: \"starts with principal.region\"}\n", 4, "policy.test", "cannot take",
      NULL },
    /* for whom */
    { "", P "allow: read\nwhen: {}\n", 5, "policy.condition", "expected a mapping", NULL },
    { "", P "allow: read\nwhen: [x]\n", 5, "policy.condition", "expected a mapping", NULL },
    { "", P "allow: read\nwhen: {principals: {name: a}}\n", 5, "policy.condition", "\"principals\"",
      NULL },
    { "", P "allow: read\nwhen: {principal: {}}\n", 5, "policy.test", "empty mapping", NULL },
    { "", P "allow: read\nwhen: {principal: []}\n", 5, "policy.test", "no mappings", NULL },
    { "", P "allow: read\nwhen: {principal: {clearence: 3}}\n", 5, "policy.attribute",
      "\"clearence\"", "did you mean \"clearance\"?" },
    { "", P "allow: read\nwhen: {principal: {clearance: high}}\n", 5, "policy.value",
      "not a whole number", NULL },
    { "", P "allow: read\nwhen: {principal: {clearance: [1, b]}}\n", 5, "policy.value",
      "\"b\" for \"clearance\"", NULL },
    { "", P "allow: read\nwhen: {principal: {joined: \"> 2020-02-31\"}}\n", 5, "policy.value",
      "not a date", NULL },
    { "", P "allow: read\nwhen: {principal: {certified: \"> true\"}}\n", 5, "policy.test",
      "an order", NULL },
    { "", P "allow: read\nwhen: {principal: {clearance: \"contains 1\"}}\n", 5, "policy.test",
      "not a text", NULL },
    { "", P "allow: read\nwhen: {principal: {role: \">= 3\"}}\n", 5, "policy.test", "an order",
      NULL },
    { "", P "allow: read\nwhen: {principal: {group: \"starts with a\"}}\n", 5, "policy.test",
      "not a text", NULL },
    { "", P "allow: read\nwhen: {principal: {group: investigator}}\n", 5, "policy.group",
      "no group \"investigator\"", "did you mean \"investigators\"?" },
    { "", P "allow: read\nwhen: {principal: {kind: robot}}\n", 5, "policy.test", "no kind",
      "agent or product" },
    { "", P "allow: read\nwhen: {principal: {region: \"= principal.clearance\"}}\n", 5,
      "policy.test", "two types", NULL },
    { "", P "allow: read\nwhen: {purpose: marketting}\n", 5, "policy.purpose", "\"marketting\"",
      "did you mean \"marketing\"?" },
    { "", P "allow: read\nwhen: {purpose: []}\n", 5, "policy.purpose", "no purposes", NULL },
    { "", P "allow: read\nwhen: {purpose: [marketing, 3]}\n", 5, "policy.purpose", "\"3\"", NULL },
    { "", P "allow: read\nwhen: {time: {from: yesterday}}\n", 5, "policy.time", "\"yesterday\"",
      NULL },
    { "", P "allow: read\nwhen: {time: {hours: \"8-18\"}}\n", 5, "policy.time", "\"8-18\"",
      "08:00-18:00" },
    { "", P "allow: read\nwhen: {time: {hours: \"08:00-24:01\"}}\n", 5, "policy.time",
      "no such time", NULL },
    { "", P "allow: read\nwhen: {time: {hours: \"08:00-08:00\"}}\n", 5, "policy.time",
      "no such time", NULL },
    { "", P "allow: read\nwhen: {time: {days: [monday]}}\n", 5, "policy.time", "\"monday\"",
      "mon" },
    { "", P "allow: read\nwhen: {time: {days: []}}\n", 5, "policy.time", "no such time", NULL },
    { "", P "allow: read\nwhen: {time: {}}\n", 5, "policy.time", "expected a mapping", NULL },
    { "", P "allow: read\nwhen: {time: {untill: 2027-01-01}}\n", 5, "policy.condition",
      "\"untill\"", NULL },
    { "", P "allow: read\nunless: {row: {tier: a}}\n", 5, "policy.row", "before any row", NULL },
    { "", P "rows: {tier: a}\nunless: {row: {tier: a}}\n", 5, "policy.row", "before any row",
      NULL },
    { "", P "mask: null\napplies: {columns: {name: email}}\nwhen: {row: {tier: a}}\n", 6,
      "policy.row", "before any row", NULL },
    /* masks */
    { "", P "mask:\napplies: {columns: {name: a}}\n", 4, "policy.mask", "is missing",
      "mask: null" },
    { "", P "mask: redakt\napplies: {columns: {name: a}}\n", 4, "policy.mask", "\"redakt\"",
      "did you mean \"redact\"?" },
    { "", P "mask: email\napplies: {columns: {name: a}}\n", 4, "policy.mask", "needs a value",
      NULL },
    { "", P "mask: {redact: true}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "single word", NULL },
    { "", P "mask: {email: drop}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "no such form", "keep-domain" },
    { "", P "mask: {first: 0}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "1 to 1000",
      NULL },
    { "", P "mask: {last: few}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "1 to 1000",
      NULL },
    { "", P "mask: {constant: [a]}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "one value",
      NULL },
    { "", P "mask: {constant: null}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "one value", "mask: null" },
    { "", P "mask: {regex: {pattern: a}}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "a pattern and a replacement", NULL },
    { "", P "mask: {regex: x}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "a pattern",
      NULL },
    { "", P "mask: {date: decade}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "no such form", "year" },
    { "", P "mask: {round: -5}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "above 0",
      NULL },
    { "", P "mask: {round: 1, bucket: 2}\napplies: {columns: {name: a}}\n", 4, "policy.mask",
      "one mask", NULL },
    { "", P "mask: {blur: 1}\napplies: {columns: {name: a}}\n", 4, "policy.mask", "\"blur\"",
      NULL },
};

static bool is_refused_as(const struct test_policy *p, const struct refusal *c)
{
    for (size_t i = 0; i < p->diags.list.count; i++) {
        const struct diag *d = &p->diags.list.items[i];

        if (d->severity == DIAG_ERROR && d->pos.line == c->line &&
            str_eq(d->rule, str_of(c->rule)) && str_has(d->message, str_of(c->message)) &&
            (!c->hint || str_has(d->hint, str_of(c->hint)))) {
            return true;
        }
    }
    return false;
}

static void the_loader_refuses_with_place_and_reason(void **state)
{
    for (size_t i = 0; i < CASES(refusals); i++) {
        const struct refusal *c = &refusals[i];
        struct test_policy    p;

        test_policy_init(&p);
        test_policy_add(&p, c->domain, c->policy);
        if (test_policy_compile(&p) != ST_INVALID) {
            fail_msg("taken: %s", c->policy);
        }
        if (!is_refused_as(&p, c)) {
            const struct diag *d = &p.diags.list.items[0];

            fail_msg("%s-> %u %.*s: %.*s (%.*s)", c->policy, d->pos.line, STR_ARG(d->rule),
                     STR_ARG(d->message), STR_ARG(d->hint));
        }
        assert_null(p.set);
        test_policy_release(&p);
    }
}

/* ---- principals --------------------------------------------------------------------------------------- */

#define PRINCIPALS "apiVersion: weft/v1\nkind: Principals\n"
static const struct {
    const char *domain, *text, *rule, *message;
} principal_refusals[] = {
    { "loyalty", PRINCIPALS, "policy.domain", "cannot say who" },
    { "", PRINCIPALS "principals: [{name: ana}]\n", "policy.duplicate", "\"ana\"" },
    { "", PRINCIPALS "principals: [{name: operator}]\n", "policy.name", "\"operator\"" },
    { "", PRINCIPALS "principals: [{name: insights.delays}]\n", "policy.name", "as a product" },
    { "", PRINCIPALS "principals: [{name: \"\"}]\n", "policy.name", "1 to 255" },
    { "", PRINCIPALS "principals: [{name: \"a\\tb\"}]\n", "policy.name", "control" },
    { "", PRINCIPALS "principals: [{name: a, kind: product}]\n", "unknown-value", "\"product\"" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {clearence: 3}}]\n", "policy.attribute",
      "\"clearence\"" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {name: 3}}]\n", "policy.attribute",
      "\"name\"" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {clearance: top}}]\n", "policy.value",
      "not a whole number" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {clearance: [1]}}]\n", "policy.value",
      "a single value" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {regions: EU}}]\n", "policy.value",
      "a list" },
    { "", PRINCIPALS "principals: [{name: a, attributes: {region: null}}]\n", "policy.value",
      "not a text" },
    { "", PRINCIPALS "attributes: [{name: clearance, type: string}]\n", "policy.duplicate",
      "\"clearance\"" },
    { "", PRINCIPALS "attributes: [{name: role, type: string}]\n", "policy.duplicate", "built-in" },
    { "", PRINCIPALS "attributes: [{name: x, type: text}]\n", "unknown-value", "\"text\"" },
    { "", PRINCIPALS "groups: [{name: staff}]\n", "policy.duplicate", "\"staff\"" },
    { "", PRINCIPALS "groups: [{name: g, members: [nobody]}]\n", "policy.principal", "\"nobody\"" },
    { "", PRINCIPALS "groups: [{name: g, groups: [none]}]\n", "policy.group", "\"none\"" },
    { "", PRINCIPALS "groups: [{name: g, groups: [g]}]\n", "policy.circle", "\"g\"" },
    { "",
      PRINCIPALS
      "groups: [{name: a, groups: [b]}, {name: b, groups: [c]}, {name: c, groups: [a]}]\n",
      "policy.circle", "\"b\"" },
    { "", "apiVersion: weft/v1\nkind: Mesh\nname: x\n", "policy.kind", "\"Mesh\"" },
    { "", "apiVersion: weft/v1\nkind: PolicyTest\nname: t\nexpect: [{as: anna, table: a.b.c}]\n",
      "policy.principal", "\"anna\"" },
    { "",
      "apiVersion: weft/v1\nkind: PolicyTest\nname: t\nexpect: [{as: ana, table: a.b.c, purpose: "
      "fun}]\n",
      "policy.purpose", "\"fun\"" },
    { "",
      "apiVersion: weft/v1\nkind: PolicyTest\nname: t\nexpect: [{as: ana, table: a.b.c, read: "
      "false, "
      "clear: [a]}]\n",
      "policy.expectation", "neither columns nor rows" },
};

static bool has_finding(const struct test_policy *p, const char *rule, const char *message)
{
    for (size_t i = 0; i < p->diags.list.count; i++) {
        if (str_eq(p->diags.list.items[i].rule, str_of(rule)) &&
            str_has(p->diags.list.items[i].message, str_of(message))) {
            return true;
        }
    }
    return false;
}

static void principals_are_checked(void **state)
{
    for (size_t i = 0; i < CASES(principal_refusals); i++) {
        struct test_policy p;

        test_policy_init(&p);
        test_policy_add_document(&p, principal_refusals[i].domain,
                                 str_of(principal_refusals[i].text));
        if (test_policy_compile(&p) != ST_INVALID ||
            !has_finding(&p, principal_refusals[i].rule, principal_refusals[i].message)) {
            fail_msg("%s-> %.*s", principal_refusals[i].text,
                     STR_ARG(p.diags.list.count ? p.diags.list.items[0].message : S("taken")));
        }
        test_policy_release(&p);
    }
}

static void purposes_have_no_circle(void **state)
{
    static const struct policy_purpose circle[] = { { STR_INIT("a"), STR_INIT("b") },
                                                    { STR_INIT("b"), STR_INIT("a") } };
    static const struct policy_purpose orphan[] = { { STR_INIT("a"), STR_INIT("b") } };
    struct test_policy                 p;

    test_policy_init(&p);
    p.mesh.purposes      = circle;
    p.mesh.purpose_count = 2;
    assert_int_equal(test_policy_compile(&p), ST_INVALID);
    assert_true(has_finding(&p, "policy.circle", "\"a\""));
    p.diags              = (struct diags){ 0 };
    p.mesh.purposes      = orphan;
    p.mesh.purpose_count = 1;
    assert_int_equal(test_policy_compile(&p), ST_INVALID);
    assert_true(has_finding(&p, "policy.purpose", "\"b\""));
    test_policy_release(&p);
}

static void two_policies_of_one_name_are_refused(void **state)
{
    struct test_policy p;

    test_policy_init(&p);
    test_policy_add(&p, "", "name: a\nallow: read\n");
    test_policy_add(&p, "loyalty", "name: a\nallow: read\n"); /* another scope */
    assert_int_equal(test_policy_compile(&p), ST_OK);
    test_policy_add(&p, "loyalty", "name: a\ndeny: read\n");
    assert_int_equal(test_policy_compile(&p), ST_INVALID);
    assert_true(has_finding(&p, "policy.duplicate", "two policies \"a\""));
    test_policy_release(&p);
}

/* `count` times "x0, x1, …" between two texts. */
static void limit(struct test_policy *p, const char *before, const char *after, size_t count,
                  const char *item)
{
    struct buf out = BUF_INIT(1 << 20);

    buf_printf(&out, "%s", before);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "%s", i ? ", " : "");
        buf_printf(&out, "%s%zu", item, i);
        buf_printf(&out, "%s", item[0] == '{' ? ": a}" : item[0] == 'k' ? ": a" : "");
    }
    buf_printf(&out, "%s", after);
    test_policy_add(p, "", arena_cstr(p->cx->arena, buf_view(&out)));
    buf_release(&out);
}

static void limits_have_names(void **state)
{
    static const struct {
        const char *before, *after, *item, *name;
        size_t      max;
    } cases[] = {
        { "name: p\nrows: {tier: [", "]}\n", "v", "POLICY_VALUES_MAX", POLICY_VALUES_MAX },
        { "name: p\nrows: {", "}\n", "k", "POLICY_TESTS_MAX", POLICY_TESTS_MAX },
        { "name: p\nrows: [", "]\n", "{k", "POLICY_ALTERNATIVES", POLICY_ALTERNATIVES },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        for (size_t over = 0; over < 2; over++) {
            struct test_policy p;

            test_policy_init(&p);
            limit(&p, cases[i].before, cases[i].after, cases[i].max + over, cases[i].item);
            assert_int_equal(test_policy_compile(&p), over ? ST_INVALID : ST_OK);
            assert_int_equal(has_finding(&p, "policy.limit", cases[i].name), over);
            test_policy_release(&p);
        }
    }
}

/* ---- warnings ------------------------------------------------------------------------------------------- */

static const struct {
    const char *a, *b; /* b may be NULL */
    const char *want;  /* NULL: no warning */
} warnings[] = {
    { "name: a\nallow: read\nwhen: {time: {from: 2027-02-01, until: 2027-01-01}}\n", NULL,
      "\"a\" has a time in `when` that never comes" },
    { "name: a\nallow: read\nwhen: {principal: {role: analist}}\n", NULL,
      "role \"analist\", which nobody has" },
    { "name: a\nallow: read\nwhen: {principal: {name: anna}}\n", NULL, "the name \"anna\"" },
    { "name: a\nallow: read\nwhen: {principal: {name: insights.delays}}\n", NULL, NULL },
    { "name: a\nallow: read\nwhen: {principal: {domain: sales}}\n", NULL, "domain \"sales\"" },
    { "name: a\nallow: read\napplies: {tables: sales.orders}\n", NULL, "about domain \"sales\"" },
    { "name: a\nallow: read\nwhen: {principal: {role: fraud}}\nunless: {principal: {role: "
      "fraud}}\n",
      NULL, "contradicts itself" },
    { "name: a\nallow: read\nwhen: {principal: {role: fraud}, purpose: marketing}\n"
      "unless: {purpose: marketing}\n",
      NULL, "contradicts itself" },
    { "name: a\nallow: read\nwhen: {principal: {role: fraud}}\nunless: {purpose: marketing}\n",
      NULL, NULL },
    { "name: a\nallow: read\n", "name: b\nallow: read\nwhen: {principal: {name: ana}}\n",
      "\"b\" changes nothing: policy \"a\"" },
    { "name: a\ndeny: read\napplies: {tag: x}\n", "name: b\nallow: read\napplies: {tag: x.y}\n",
      "\"b\" changes nothing" },
    { "name: a\ndeny: read\napplies: {tag: x.y}\n", "name: b\nallow: read\napplies: {tag: x}\n",
      NULL },
    { "name: a\nmask: null\napplies: {columns: {tag: pii}}\n",
      "name: b\nmask: hash\napplies: {columns: {tag: pii.email}}\n", "\"b\" changes nothing" },
    { "name: a\nmask: hash\napplies: {columns: {tag: pii}}\n",
      "name: b\nmask: null\napplies: {columns: {tag: pii.email}}\n", NULL },
    { "name: a\nmask: null\napplies: {columns: {tag: pii}}\nunless: {principal: {role: fraud}}\n",
      "name: b\nmask: hash\napplies: {columns: {tag: pii.email}}\n", NULL },
    { "name: a\ndeny: column\napplies: {columns: {name: \"*\"}}\n",
      "name: b\ndeny: projection\napplies: {columns: {name: id}}\n", "\"b\" changes nothing" },
    { "name: a\nallow: read\napplies: {tables: loyalty.members}\n",
      "name: b\nallow: read\napplies: {tables: loyalty}\n", "\"a\" changes nothing: policy \"b\"" },
    { "name: a\nallow: read\napplies: {tables: loyalty.members}\n",
      "name: b\nallow: read\napplies: {tables: loyalty.points}\n", NULL },
};

static void useless_policies_are_told(void **state)
{
    for (size_t i = 0; i < CASES(warnings); i++) {
        struct test_policy p;

        test_policy_init(&p);
        test_policy_add(&p, "", warnings[i].a);
        if (warnings[i].b) {
            test_policy_add(&p, "", warnings[i].b);
        }
        assert_int_equal(test_policy_compile(&p), ST_OK);
        if (warnings[i].want ? !has_finding(&p, "policy.useless", warnings[i].want)
                             : p.diags.warnings > 0) {
            fail_msg("%s%s-> %.*s", warnings[i].a, warnings[i].b ? warnings[i].b : "",
                     STR_ARG(p.diags.list.count ? p.diags.list.items[0].message : S("nothing")));
        }
        test_policy_release(&p);
    }
}

/* ---- the set ----------------------------------------------------------------------------------------------- */

static void rules_stand_in_order_and_the_fingerprint_knows_them(void **state)
{
    struct test_policy   p;
    struct policy_source moved;
    str                  first;

    test_policy_init(&p);
    test_policy_add(&p, "loyalty", "name: a\nallow: read\nbecause: why not\n");
    test_policy_add(&p, "", "name: z\nallow: read\n");
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_int_equal(policy_rule_count(p.set), 2);
    assert_true(str_eq(policy_rule_at(p.set, 0)->name, S("z")));
    assert_true(str_eq(policy_rule_at(p.set, 1)->because, S("why not")));
    assert_int_equal(policy_rule_at(p.set, 1)->at.line, 3);
    first = policy_fingerprint(p.set);
    assert_int_equal(first.len, 64);
    moved        = p.sources[1];
    p.sources[1] = p.sources[2];
    p.sources[2] = moved;
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_true(str_eq(policy_fingerprint(p.set), first));
    p.sources[1].domain = S("insights");
    assert_int_equal(test_policy_compile(&p), ST_OK);
    assert_false(str_eq(policy_fingerprint(p.set), first));
    test_policy_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loader_refuses_with_place_and_reason),
        cmocka_unit_test(principals_are_checked),
        cmocka_unit_test(purposes_have_no_circle),
        cmocka_unit_test(two_policies_of_one_name_are_refused),
        cmocka_unit_test(limits_have_names),
        cmocka_unit_test(useless_policies_are_told),
        cmocka_unit_test(rules_stand_in_order_and_the_fingerprint_knows_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
