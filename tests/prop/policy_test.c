/*
 * policy_test.c - laws of policies over random documents:
 *
 *   tighten   adding a deny, rows or mask policy never shows more; nor does removing an allow policy
 *   index     who may read is what a plain evaluator over the same rules says
 *   order     decisions do not depend on the order of documents
 */
#include "policy/policy.h"

#include "test.h"

#include <stdio.h>

#include "base/buf.h"
#include "support/test_policy.h"

enum { RUNS = 300, RULES = 14, ROWS = 40 };

static const char *const principals[] = { "ana", "fred", "copilot",        "loader",
                                          "lea", "otto", "insights.delays" };
static const char *const purposes[]   = { "", "marketing", "investigation", "fraud-investigation",
                                          "unheard-of" };

#define PICK(r, list) ((list)[test_random_below((r), COUNT_OF(list))])

/* ---- random documents -------------------------------------------------------------------------------- */

static const char *random_principal(struct test_random *r)
{
    static const char *const tests[] = {
        "{name: ana}",
        "{name: [fred, insights.delays]}",
        "{kind: agent}",
        "{kind: [user, product]}",
        "{role: fraud}",
        "{role: product-owner}",
        "{role: \"!= analyst\"}",
        "{group: investigators}",
        "{group: staff, kind: user}",
        "{domain: operations}",
        "{region: EU}",
        "{region: [US, UK]}",
        "{region: \"!= EU\"}",
        "{region: EU, clearance: 1}",
        "{regions: UK}",
        "{regions: [US, UK], kind: user}",
        "{levels: 2}",
        "{clearance: \">= 2\"}",
        "{clearance: \"is null\"}",
        "{region: \"in principal.regions\"}",
        "[{region: EU}, {role: fraud, clearance: [2, 3]}]",
        "[{name: lea}, {certified: true}, {clearance: 0}]",
    };

    return PICK(r, tests);
}

static void add_clause(struct test_random *r, struct buf *out, bool may_have_row)
{
    static const char *const wanted[] = { "marketing", "[marketing, fraud-investigation]",
                                          "investigation" };
    static const char *const rows[]   = { "{tier: gold}", "{region: \"in principal.regions\"}",
                                          "[{tier: silver}, {level: \"> 2\"}]" };
    unsigned                 parts    = 1 + (unsigned)test_random_below(r, may_have_row ? 7 : 3);

    buf_printf(out, "{%s%s", parts & 1 ? "principal: " : "", parts & 1 ? random_principal(r) : "");
    if (parts & 2) {
        buf_printf(out, "%spurpose: %s", parts & 1 ? ", " : "", PICK(r, wanted));
    }
    if (parts & 4) {
        buf_printf(out, "%srow: %s", parts & 3 ? ", " : "", PICK(r, rows));
    }
    buf_add(out, S("}"));
}

static void add_condition(struct test_random *r, struct buf *out, const char *key,
                          bool may_have_row)
{
    size_t count = test_random_below(r, 3);

    if (count == 0) {
        return;
    }
    buf_printf(out, "%s: [", key);
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i ? S(", ") : S(""));
        add_clause(r, out, may_have_row);
    }
    buf_add(out, S("]\n"));
}

static const char *random_effect(struct test_random *r, bool may_allow)
{
    static const char *const effects[] = {
        "deny: read\n",
        "deny: column\n",
        "deny: projection\n",
        "rows: {region: [EU, US]}\n",
        "rows: {region: \"in principal.regions\"}\n",
        "rows: [{tier: gold}, {level: \"<= principal.clearance\"}]\n",
        "rows: {tier: \"is not null\"}\n",
        "mask: null\n",
        "mask: default\n",
        "mask: {constant: x}\n",
        "mask: redact\n",
        "mask: hash\n",
        "mask: {first: 2}\n",
        "mask: {first: 3}\n",
        "mask: {last: 2}\n",
        "mask: {email: keep-domain}\n",
        "mask: {round: 10}\n",
        "mask: {bucket: 5}\n",
    };

    return may_allow && test_random_below(r, 3) == 0 ? "allow: read\n" : PICK(r, effects);
}

static void add_applies(struct test_random *r, struct buf *out, bool has_columns)
{
    static const char *const tables[]  = { "",
                                           "",
                                           "tables: loyalty",
                                           "tables: \"*.members\"",
                                           "tables: loyalty.members.members",
                                           "tag: loyalty",
                                           "tag: [x, loyalty.core]",
                                           "tables: operations.flights",
                                           "contract: {status: \"!= draft\"}" };
    static const char *const columns[] = { "{name: email}", "{tag: pii}",
                                           "{classification: \">= confidential\"}", "{name: \"*\"}",
                                           "{name: [tier, spend]}" };
    const char              *table     = PICK(r, tables);

    buf_printf(out, "applies: {%s%s", table, table[0] && has_columns ? ", " : "");
    if (has_columns) {
        buf_printf(out, "columns: %s", PICK(r, columns));
    }
    buf_add(out, S("}\n"));
}

/* A random policy; `number` makes its name. */
static void add_policy(struct test_policy *p, struct test_random *r, size_t number, bool may_allow)
{
    struct buf  out     = BUF_INIT(1 << 16);
    const char *effect  = random_effect(r, may_allow);
    bool        is_mask = effect[0] == 'm';
    bool        is_global;
    bool        has_columns =
        is_mask || str_has(str_of(effect), S("column")) || str_has(str_of(effect), S("proj"));

    buf_printf(&out, "name: p%zu\n%s", number, effect);
    add_applies(r, &out, has_columns);
    add_condition(r, &out, "when", false);
    add_condition(r, &out, "unless", is_mask);
    is_global = str_has(buf_view(&out), S("tables: operations")) || test_random_below(r, 3);
    test_policy_add(p, is_global ? "" : "loyalty", arena_cstr(p->cx->arena, buf_view(&out)));
    buf_release(&out);
}

static void must_compile(struct test_policy *p)
{
    p->diags = (struct diags){ 0 };
    if (test_policy_compile(p) != ST_OK) {
        for (size_t i = 0; i < p->count; i++) {
            printf("%.*s\n", STR_ARG(p->texts[i].bytes));
        }
        fail_msg("%.*s", STR_ARG(p->diags.list.items[0].message));
    }
}

/* ---- what is shown ------------------------------------------------------------------------------------- */

/* A row of the columns that random rules look at; empty text = NULL. */
struct row {
    str tier, region, level;
};

static struct row random_row(struct test_random *r)
{
    static const char *const tiers[]   = { "", "gold", "silver", "x" };
    static const char *const regions[] = { "", "EU", "US", "UK" };
    static const char *const levels[]  = { "", "0", "1", "3", "9" };

    return (struct row){ str_of(PICK(r, tiers)), str_of(PICK(r, regions)),
                         str_of(PICK(r, levels)) };
}

static str cell(const struct test_policy *p, const struct row *row, size_t column)
{
    str name = p->object.columns[column].name;

    return str_eq(name, S("tier"))     ? row->tier
           : str_eq(name, S("region")) ? row->region
                                       : row->level;
}

/* Levels have one digit, so all comparisons can be those of texts. NULL is never true. */
static bool leaf_holds(const struct policy_expr *e, str value)
{
    bool found = false;
    int  order = e->value_count ? str_cmp(value, e->values[0].text) : 0;

    if (e->op == POLICY_IS_NULL || value.len == 0) {
        return e->op == POLICY_IS_NULL && value.len == 0;
    }
    for (size_t i = 0; i < e->value_count; i++) {
        found = found || str_eq(e->values[i].text, value);
    }
    switch ((int)e->op) {
    case POLICY_NOT_NULL: return true;
    case POLICY_EQ:
    case POLICY_IN: return found;
    case POLICY_NE:
    case POLICY_NOT_IN: return !found;
    case POLICY_LE: return order <= 0;
    case POLICY_GT: return order > 0;
    default: fail_msg("no random rule has this test"); return false;
    }
}

static bool expr_holds(const struct test_policy *p, const struct policy_expr *e,
                       const struct row *row)
{
    bool is_and = e->op == POLICY_AND;

    if (e->op == POLICY_TRUE || e->op == POLICY_FALSE) {
        return e->op == POLICY_TRUE;
    }
    if (e->op != POLICY_AND && e->op != POLICY_OR) {
        return leaf_holds(e, cell(p, row, e->column));
    }
    for (size_t i = 0; i < e->item_count; i++) {
        if (expr_holds(p, &e->items[i], row) != is_and) {
            return !is_and;
        }
    }
    return is_and;
}

/*
 * How much of a value a mask leaves: 0 = nothing … 6 = all of it. NULL and constants leave nothing: a
 * constant may stand where two weaker masks gave NULL before.
 */
static int openness(enum policy_mask_kind kind)
{
    static const int open[] = { 0, 0, 0, 2, 3, 4, 4, 4, 4, 4, 4, 5, 5, 5 };

    return open[kind];
}

struct seen {
    int                       shown, usable; /* openness when selected; in conditions */
    const struct policy_mask *mask;
};

static struct seen see(const struct test_policy *p, const struct policy_decision *d, size_t column,
                       const struct row *row)
{
    const struct policy_column_decision *c    = d->columns ? &d->columns[column] : NULL;
    struct seen                          seen = { 6, 6, NULL };

    for (size_t i = 0; c && i < c->layer_count && !seen.mask; i++) {
        if (!c->layers[i].unless || !expr_holds(p, c->layers[i].unless, row)) {
            seen.mask  = &c->layers[i].mask;
            seen.shown = seen.usable = openness(seen.mask->kind);
        }
    }
    if (c && c->show >= POLICY_UNPROJECTED) {
        seen.shown = 0;
    }
    if (c && c->show == POLICY_HIDDEN) {
        seen.usable = 0;
    }
    return seen;
}

static bool same_mask(const struct seen *a, const struct seen *b)
{
    return a->usable != b->usable || a->usable == 0 || !a->mask || !b->mask ||
           (a->mask->kind == b->mask->kind && a->mask->number == b->mask->number &&
            str_eq(a->mask->text, b->mask->text));
}

/* `after` shows no more than `before`, for random rows. */
static const char *shows_more(const struct test_policy *p, struct test_random *r,
                              const struct policy_decision *before,
                              const struct policy_decision *after)
{
    if (!after->access.may_read) {
        return NULL;
    }
    if (!before->access.may_read) {
        return "may read";
    }
    for (size_t i = 0; i < ROWS; i++) {
        struct row row = random_row(r);

        if (after->rows && !expr_holds(p, after->rows, &row)) {
            continue;
        }
        if (before->rows && !expr_holds(p, before->rows, &row)) {
            return "a row";
        }
        for (size_t c = 0; c < p->object.column_count; c++) {
            struct seen a = see(p, before, c, &row), b = see(p, after, c, &row);

            if (b.shown > a.shown || b.usable > a.usable || !same_mask(&a, &b)) {
                return "a value";
            }
        }
    }
    return NULL;
}

/* ---- laws ------------------------------------------------------------------------------------------------ */

struct answer {
    struct policy_decision decision[COUNT_OF(principals)][COUNT_OF(purposes)];
};

/* The trace looks at every rule, access goes by the index: both name the same first deny or allow. */
static void check_access(const struct policy_decision *d)
{
    const struct policy_rule *deny = NULL, *allow = NULL;

    for (size_t i = 0; i < d->trace_count; i++) {
        const struct policy_trace *t     = &d->trace[i];
        bool                       holds = t->fate == POLICY_APPLIED || t->fate == POLICY_BEATEN;

        if (holds && !deny && t->rule->action == POLICY_DENY_READ) {
            deny = t->rule;
        }
        if (holds && !allow && t->rule->action == POLICY_ALLOW_READ) {
            allow = t->rule;
        }
    }
    assert_int_equal(d->access.may_read, !deny && (allow || d->access.reason == POLICY_OWN_DOMAIN));
    if (d->access.reason == POLICY_BY_RULE) {
        assert_ptr_equal(d->access.by, deny ? deny : allow);
    }
}

static struct answer *answer_all(struct test_policy *p)
{
    struct answer *a = ARENA_NEW(p->cx->arena, struct answer);

    for (size_t i = 0; i < COUNT_OF(principals); i++) {
        for (size_t k = 0; k < COUNT_OF(purposes); k++) {
            struct policy_request rq = test_policy_request(p, principals[i], purposes[k]);

            assert_int_equal(policy_decide(p->cx, p->target, &rq, &a->decision[i][k]), ST_OK);
            check_access(&a->decision[i][k]);
        }
    }
    return a;
}

static void compare_all(struct test_policy *p, struct test_random *r, const struct answer *before,
                        const struct answer *after)
{
    for (size_t i = 0; i < COUNT_OF(principals); i++) {
        for (size_t k = 0; k < COUNT_OF(purposes); k++) {
            const char *more = shows_more(p, r, &before->decision[i][k], &after->decision[i][k]);

            if (more) {
                for (size_t n = 0; n < p->count; n++) {
                    printf("%.*s\n", STR_ARG(p->texts[n].bytes));
                }
                fail_msg("seed %llu: %s (%s) sees more: %s", (unsigned long long)p->t.random.state,
                         principals[i], purposes[k], more);
            }
        }
    }
}

static void a_policy_more_never_shows_more(void **state)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct test_random r = { seed };
        struct test_policy p;
        struct answer     *before;

        test_policy_init(&p);
        for (size_t i = test_random_below(&r, RULES); i > 0; i--) {
            add_policy(&p, &r, i, true);
        }
        must_compile(&p);
        before = answer_all(&p);
        add_policy(&p, &r, RULES, false);
        must_compile(&p);
        compare_all(&p, &r, before, answer_all(&p));
        test_policy_release(&p);
    }
}

static void an_allow_policy_less_never_shows_more(void **state)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct test_random r = { seed };
        struct test_policy p;
        struct answer     *before;
        size_t             gone = 1;

        test_policy_init(&p);
        test_policy_add(&p, "", "name: grant\nallow: read\nwhen: {principal: {kind: user}}\n");
        for (size_t i = test_random_below(&r, RULES); i > 0; i--) {
            add_policy(&p, &r, i, true);
        }
        must_compile(&p);
        before = answer_all(&p);
        for (size_t i = 1; i < p.count; i++) {
            gone =
                str_has(p.texts[i].bytes, S("allow: read")) && test_random_below(&r, 2) ? i : gone;
        }
        p.sources[gone] = p.sources[--p.count];
        must_compile(&p);
        compare_all(&p, &r, before, answer_all(&p));
        test_policy_release(&p);
    }
}

static void decisions_do_not_depend_on_the_order_of_documents(void **state)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct test_random r = { seed };
        struct test_policy p;
        str                texts[COUNT_OF(principals)], print;

        test_policy_init(&p);
        for (size_t i = 0; i < RULES; i++) {
            add_policy(&p, &r, i, true);
        }
        must_compile(&p);
        print = policy_fingerprint(p.set);
        for (size_t i = 0; i < COUNT_OF(principals); i++) {
            texts[i] = test_policy_decide(&p, principals[i], "marketing");
        }
        for (size_t i = p.count - 1; i > 0; i--) {
            size_t               k     = test_random_below(&r, i + 1);
            struct policy_source other = p.sources[k];

            p.sources[k] = p.sources[i];
            p.sources[i] = other;
        }
        must_compile(&p);
        assert_true(str_eq(print, policy_fingerprint(p.set)));
        for (size_t i = 0; i < COUNT_OF(principals); i++) {
            assert_true(str_eq(texts[i], test_policy_decide(&p, principals[i], "marketing")));
        }
        test_policy_release(&p);
    }
}

/* ---- the index beside a plain evaluator --------------------------------------------------------------------- */

/* Attributes of the generated principals; -1 = lacking. */
enum { USERS = 12, DIMENSIONS = 3, ACCESS_RULES = 40, TAGS = 3, TABLES = 4, ABSENT = -1 };

struct plain_test {
    int  dimension; /* of color, shape, size */
    bool is_not, is_list;
    int  value, other;
};
struct plain_rule {
    bool              is_allow, has_table, has_tag, has_purpose;
    int               table, tag, purpose;
    size_t            when_count, unless_count;
    struct plain_test when[2], unless[1];
};
struct plain_user {
    int value[DIMENSIONS];
};

/* -1 false, 0 unknown, 1 true */
static int plain_test_holds(const struct plain_test *t, const struct plain_user *u)
{
    int  value  = u->value[t->dimension];
    bool passes = value == t->value || (t->is_list && value == t->other);

    return value == ABSENT ? 0 : passes != t->is_not ? 1 : -1;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* purpose: 0 = none, 1 = marketing, 2 = investigation, 3 = fraud-investigation, part of 2 */
static bool plain_rule_holds(const struct plain_rule *rule, const struct plain_user *u, int purpose)
{
    int holds = 1, unless = -1;

    for (size_t i = 0; i < rule->when_count; i++) {
        holds = least(holds, plain_test_holds(&rule->when[i], u));
    }
    if (rule->has_purpose) {
        bool meets = purpose == rule->purpose || (purpose == 3 && rule->purpose == 2);

        holds = least(holds, purpose == 0 ? 0 : meets ? 1 : -1);
    }
    if (rule->unless_count) {
        unless = plain_test_holds(&rule->unless[0], u);
    }
    holds = least(holds, -unless);
    return rule->is_allow ? holds == 1 : holds >= 0;
}

static bool plain_may_read(const struct plain_rule *rules, const struct plain_user *u, int table,
                           int purpose)
{
    bool allowed = false;

    for (size_t i = 0; i < ACCESS_RULES; i++) {
        const struct plain_rule *rule    = &rules[i];
        bool                     reaches = (!rule->has_table || rule->table == table) &&
                       (!rule->has_tag || rule->tag == table % TAGS);

        if (!reaches || !plain_rule_holds(rule, u, purpose)) {
            continue;
        }
        if (!rule->is_allow) {
            return false;
        }
        allowed = true;
    }
    return allowed;
}

static struct plain_test random_test(struct test_random *r, int dimension)
{
    return (struct plain_test){ .dimension = dimension,
                                .is_not    = test_random_below(r, 5) == 0,
                                .is_list   = test_random_below(r, 3) == 0,
                                .value     = (int)test_random_below(r, 3),
                                .other     = (int)test_random_below(r, 3) };
}

static struct plain_rule random_rule(struct test_random *r)
{
    struct plain_rule rule = { .is_allow    = test_random_below(r, 4) != 0,
                               .has_table   = test_random_below(r, 2),
                               .has_tag     = test_random_below(r, 2),
                               .has_purpose = test_random_below(r, 2),
                               .table       = (int)test_random_below(r, TABLES),
                               .tag         = (int)test_random_below(r, TAGS),
                               .purpose     = 1 + (int)test_random_below(r, 3) };

    rule.when_count   = 1 + test_random_below(r, 2);
    rule.unless_count = test_random_below(r, 3) == 0;
    for (size_t i = 0; i < rule.when_count; i++) {
        rule.when[i] = random_test(r, (int)i + (int)test_random_below(r, 2));
    }
    if (rule.when_count == 2 && rule.when[0].dimension == rule.when[1].dimension) {
        rule.when_count = 1;
    }
    rule.unless[0] = random_test(r, (int)test_random_below(r, DIMENSIONS));
    return rule;
}

static void write_test(struct buf *out, const struct plain_test *t)
{
    static const char *const names[] = { "color", "shape", "size" };

    if (t->is_not) {
        buf_printf(out, "%s: \"!= v%d\"", names[t->dimension], t->value);
    } else if (t->is_list) {
        buf_printf(out, "%s: [v%d, v%d]", names[t->dimension], t->value, t->other);
    } else {
        buf_printf(out, "%s: v%d", names[t->dimension], t->value);
    }
}

static void write_rule(struct test_policy *p, const struct plain_rule *rule, size_t number)
{
    static const char *const names[] = { "", "marketing", "investigation", "fraud-investigation" };
    struct buf               out     = BUF_INIT(1 << 12);

    buf_printf(&out, "name: r%zu\n%s: read\napplies: {", number, rule->is_allow ? "allow" : "deny");
    if (rule->has_table) {
        buf_printf(&out, "tables: operations.x.t%d%s", rule->table, rule->has_tag ? ", " : "");
    }
    if (rule->has_tag) {
        buf_printf(&out, "tag: g%d", rule->tag);
    }
    buf_add(&out, S("}\nwhen: {principal: {"));
    for (size_t i = 0; i < rule->when_count; i++) {
        buf_add(&out, i ? S(", ") : S(""));
        write_test(&out, &rule->when[i]);
    }
    buf_add(&out, S("}"));
    if (rule->has_purpose) {
        buf_printf(&out, ", purpose: %s", names[rule->purpose]);
    }
    buf_add(&out, S("}\n"));
    if (rule->unless_count) {
        buf_add(&out, S("unless: {principal: {"));
        write_test(&out, &rule->unless[0]);
        buf_add(&out, S("}}\n"));
    }
    test_policy_add(p, "", arena_cstr(p->cx->arena, buf_view(&out)));
    buf_release(&out);
}

/* A list in a plain rule is not negated: `!=` has one value. */
static void tidy(struct plain_test *t)
{
    t->is_list = t->is_list && !t->is_not;
}

static void write_users(struct test_policy *p, struct test_random *r, struct plain_user *users)
{
    static const char *const names[] = { "color", "shape", "size" };
    struct buf               out     = BUF_INIT(1 << 14);

    buf_add(&out, S("apiVersion: weft/v1\nkind: Principals\nattributes:\n"
                    "  - {name: color, type: string}\n  - {name: shape, type: string}\n"
                    "  - {name: size, type: string}\nprincipals:\n"));
    for (size_t i = 0; i < USERS; i++) {
        const char *comma = "";

        buf_printf(&out, "  - {name: u%zu, attributes: {", i);
        for (size_t k = 0; k < DIMENSIONS; k++) {
            users[i].value[k] = (int)test_random_below(r, 4) - 1;
            if (users[i].value[k] != ABSENT) {
                buf_printf(&out, "%s%s: v%d", comma, names[k], users[i].value[k]);
                comma = ", ";
            }
        }
        buf_add(&out, S("}}\n"));
    }
    p->count = 0;
    test_policy_add_document(p, "", arena_dup(p->cx->arena, buf_view(&out)));
    buf_release(&out);
}

static void ask_table(struct test_policy *p, const struct plain_rule *rules,
                      const struct plain_user *users, int table)
{
    static const char *const purpose_names[] = { "", "marketing", "investigation",
                                                 "fraud-investigation" };
    str                      tag             = arena_printf(p->cx->arena, "G%d.sub", table % TAGS);

    p->object = (struct policy_object){ .domain    = S("operations"),
                                        .product   = S("x"),
                                        .table     = arena_printf(p->cx->arena, "t%d", table),
                                        .tags      = &tag,
                                        .tag_count = 1 };
    assert_int_equal(policy_target_bind(p->cx, p->set, &p->object, &p->target), ST_OK);
    for (size_t i = 0; i < USERS; i++) {
        char name[8];

        (void)snprintf(name, sizeof name, "u%zu", i);
        for (int k = 0; k < 4; k++) {
            struct policy_request rq = test_policy_request(p, name, purpose_names[k]);

            if (policy_may_read(p->target, &rq).may_read !=
                plain_may_read(rules, &users[i], table, k)) {
                fail_msg("%s, table %d, purpose %d", name, table, k);
            }
        }
    }
}

static void the_index_agrees_with_a_plain_evaluator(void **state)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct test_random r = { seed };
        struct plain_rule  rules[ACCESS_RULES];
        struct plain_user  users[USERS];
        struct test_policy p;

        test_policy_init(&p);
        write_users(&p, &r, users);
        for (size_t i = 0; i < ACCESS_RULES; i++) {
            rules[i] = random_rule(&r);
            tidy(&rules[i].when[0]);
            tidy(&rules[i].when[1]);
            tidy(&rules[i].unless[0]);
            write_rule(&p, &rules[i], i);
        }
        must_compile(&p);
        for (int table = 0; table < TABLES; table++) {
            ask_table(&p, rules, users, table);
        }
        test_policy_release(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_more_never_shows_more),
        cmocka_unit_test(an_allow_policy_less_never_shows_more),
        cmocka_unit_test(decisions_do_not_depend_on_the_order_of_documents),
        cmocka_unit_test(the_index_agrees_with_a_plain_evaluator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
