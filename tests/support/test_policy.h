/*
 * test_policy.h - a small mesh for tests of policies: principals, a table, decisions as one text.
 *
 *     struct test_policy p;
 *     test_policy_init(&p);
 *     test_policy_add(&p, "loyalty", "name: a\nallow: read\n");   a Policy of that domain
 *     if (test_policy_compile(&p) == ST_OK) { … test_policy_decide(&p, "ana", "") … }
 *     test_policy_release(&p);
 */
#ifndef SUPPORT_TEST_POLICY_H
#define SUPPORT_TEST_POLICY_H

#include "base/buf.h"
#include "policy/policy.h"
#include "support/test_ctx.h"

enum { TEST_POLICY_SOURCES = 64 };

#define TEST_POLICY_PRINCIPALS                                                                     \
    "apiVersion: weft/v1\nkind: Principals\n"                                                      \
    "attributes:\n"                                                                                \
    "  - {name: clearance, type: integer}\n"                                                       \
    "  - {name: score, type: number}\n"                                                            \
    "  - {name: region, type: string}\n"                                                           \
    "  - {name: regions, type: strings}\n"                                                         \
    "  - {name: levels, type: integers}\n"                                                         \
    "  - {name: certified, type: boolean}\n"                                                       \
    "  - {name: joined, type: date}\n"                                                             \
    "groups:\n"                                                                                    \
    "  - {name: investigators, members: [fred]}\n"                                                 \
    "  - {name: staff, members: [ana], groups: [investigators]}\n"                                 \
    "principals:\n"                                                                                \
    "  - {name: ana, roles: [analyst], attributes: {clearance: 1, region: EU, regions: [EU, "      \
    "UK],\n"                                                                                       \
    "     levels: [1, 2], certified: true, joined: 2020-02-01, score: 2.5}}\n"                     \
    "  - {name: fred, roles: [fraud], attributes: {clearance: 3, region: US, regions: [US]}}\n"    \
    "  - {name: copilot, kind: agent, attributes: {clearance: 0, regions: []}}\n"                  \
    "  - {name: loader, kind: service}\n"

static const struct policy_purpose test_policy_purposes[] = {
    { STR_INIT("marketing"), STR_INIT("") },
    { STR_INIT("investigation"), STR_INIT("") },
    { STR_INIT("fraud-investigation"), STR_INIT("investigation") },
};
static const str test_policy_domains[] = { STR_INIT("operations"), STR_INIT("loyalty"),
                                           STR_INIT("insights") };
static const struct policy_member test_policy_members[] = {
    { STR_INIT("loyalty"), STR_INIT("lea"), STR_INIT("product-owner") },
    { STR_INIT("operations"), STR_INIT("otto"), STR_INIT("domain-data-engineer") },
    { STR_INIT("operations"), STR_INIT("fred"), STR_INIT("steward") },
};

static const str                 test_policy_table_tags[]   = { STR_INIT("Loyalty.core") };
static const struct policy_field test_policy_table_fields[] = {
    { STR_INIT("status"), STR_INIT("active") }, { STR_INIT("dataProduct"), STR_INIT("members") }
};
static const str                 test_policy_name_tags[]    = { STR_INIT("pii.name") };
static const str                 test_policy_email_tags[]   = { STR_INIT("pii.email") };
static const struct policy_field test_policy_email_fields[] = {
    { STR_INIT("criticalDataElement"), STR_INIT("true") }, { STR_INIT("weight"), STR_INIT("12") }
};

#define TEST_COLUMN(name_, type_, ...)                                                             \
    {                                                                                              \
        .name = STR_INIT(name_), .type = STR_INIT(type_), __VA_ARGS__                              \
    }
static const struct policy_column test_policy_columns[] = {
    TEST_COLUMN("id", "BIGINT", .level = POLICY_PUBLIC),
    TEST_COLUMN("name", "VARCHAR", .level = POLICY_CONFIDENTIAL, .tags = test_policy_name_tags,
                .tag_count = 1),
    TEST_COLUMN("email", "VARCHAR", .level = POLICY_RESTRICTED, .tags = test_policy_email_tags,
                .tag_count = 1, .fields = test_policy_email_fields, .field_count = 2),
    TEST_COLUMN("region", "VARCHAR", .level = POLICY_INTERNAL),
    TEST_COLUMN("tier", "VARCHAR"),
    TEST_COLUMN("spend", "DECIMAL(10,2)"),
    TEST_COLUMN("level", "TINYINT"),
    TEST_COLUMN("ratio", "DOUBLE"),
    TEST_COLUMN("born", "DATE"),
    TEST_COLUMN("seen", "TIMESTAMP"),
    TEST_COLUMN("active", "BOOLEAN"),
    TEST_COLUMN("key", "UUID"),
    TEST_COLUMN("raw", "BLOB"),
};

struct test_policy {
    struct test_ctx       t;
    struct ctx           *cx;
    struct diag_text      texts[TEST_POLICY_SOURCES];
    struct policy_source  sources[TEST_POLICY_SOURCES];
    size_t                count;
    struct policy_mesh    mesh;
    struct diags          diags;
    struct policy_set    *set;
    struct policy_object  object; /* loyalty.members.members */
    struct policy_target *target;
    int64_t               time_us;
};

static inline void test_policy_add_document(struct test_policy *p, const char *domain, str bytes)
{
    struct diag_text *text = &p->texts[p->count];

    if (p->count == TEST_POLICY_SOURCES) {
        BUG("too many documents in a test");
    }
    *text                  = (struct diag_text){ arena_printf(p->cx->arena, "d%zu.yaml", p->count),
                                                 arena_dup(p->cx->arena, bytes) };
    p->sources[p->count++] = (struct policy_source){ text, str_of(domain) };
}

/* A Policy document around `body`. */
static inline void test_policy_add(struct test_policy *p, const char *domain, const char *body)
{
    test_policy_add_document(
        p, domain, arena_printf(p->cx->arena, "apiVersion: weft/v1\nkind: Policy\n%s", body));
}

static inline void test_policy_init(struct test_policy *p)
{
    *p         = (struct test_policy){ 0 };
    p->cx      = test_ctx_init(&p->t, 1);
    p->mesh    = (struct policy_mesh){ test_policy_purposes, 3, test_policy_domains, 3,
                                       test_policy_members,  3 };
    p->object  = (struct policy_object){ .domain       = S("loyalty"),
                                         .product      = S("members"),
                                         .table        = S("members"),
                                         .major        = 1,
                                         .tags         = test_policy_table_tags,
                                         .tag_count    = 1,
                                         .fields       = test_policy_table_fields,
                                         .field_count  = 2,
                                         .columns      = test_policy_columns,
                                         .column_count = COUNT_OF(test_policy_columns) };
    p->time_us = p->t.now_us;
    test_policy_add_document(p, "", S(TEST_POLICY_PRINCIPALS));
}

static inline void test_policy_release(struct test_policy *p)
{
    test_ctx_release(&p->t);
}

static inline enum status test_policy_compile(struct test_policy *p)
{
    enum status st = policy_compile(p->cx, p->sources, p->count, &p->mesh, &p->diags, &p->set);

    return st == ST_OK ? policy_target_bind(p->cx, p->set, &p->object, &p->target) : st;
}

/* "ana", "operator", or a product "insights.delays". */
static inline const struct policy_subject *test_policy_subject(struct test_policy *p,
                                                               const char         *name)
{
    const struct policy_subject *s = NULL;
    str                          domain, product;

    if (str_eq(str_of(name), S("operator"))) {
        return policy_subject_operator(p->set);
    }
    if (policy_subject_named(p->cx, p->set, str_of(name), &s) != ST_OK &&
        (!str_split(str_of(name), '.', &domain, &product) ||
         policy_subject_product(p->cx, p->set, domain, product, &s) != ST_OK)) {
        BUG("no such principal in a test");
    }
    return s;
}

static inline struct policy_request test_policy_request(struct test_policy *p, const char *as,
                                                        const char *purpose)
{
    return (struct policy_request){ .subject = test_policy_subject(p, as),
                                    .purpose = str_of(purpose),
                                    .time_us = p->time_us };
}

static inline str test_policy_access_text(struct test_policy *p, struct policy_access a)
{
    static const char *const names[] = { "rule", "open", "own", "all", "none", "misfit" };

    return arena_printf(p->cx->arena, "%s%s%s" STR_FMT, a.may_read ? "" : "-", names[a.reason],
                        a.by ? ":" : "", STR_ARG(a.by ? a.by->name : STR_NONE));
}

static inline void test_policy_column_text(struct test_policy *p, struct buf *out, size_t i,
                                           const struct policy_column_decision *c)
{
    static const char *const shown[] = { "clear", "masked", "unprojected", "hidden" };

    if (c->show == POLICY_CLEAR) {
        return;
    }
    buf_printf(out, "; " STR_FMT "=%s", STR_ARG(p->object.columns[i].name),
               c->show == POLICY_MASKED ? "" : shown[c->show]);
    for (size_t k = 0; k < c->layer_count; k++) {
        buf_printf(out, "%s" STR_FMT, k ? " / " : "",
                   STR_ARG(policy_mask_text(p->cx, &c->layers[k].mask)));
        if (c->layers[k].unless) {
            buf_printf(out, " unless " STR_FMT,
                       STR_ARG(policy_expr_text(p->cx, c->layers[k].unless, &p->object)));
        }
    }
    buf_printf(out, "%s", c->is_conflict ? " (conflict)" : "");
}

/* "rule:p; rows region = 'EU'; email=email: keep-domain; name=hidden" */
static inline str test_policy_decide(struct test_policy *p, const char *as, const char *purpose)
{
    struct policy_request  rq  = test_policy_request(p, as, purpose);
    struct buf             out = BUF_INIT(1 << 16);
    struct policy_decision d;
    str                    text;

    if (policy_decide(p->cx, p->target, &rq, &d) != ST_OK) {
        return S("failed");
    }
    buf_add(&out, test_policy_access_text(p, d.access));
    if (d.rows) {
        buf_printf(&out, "; rows " STR_FMT, STR_ARG(policy_expr_text(p->cx, d.rows, &p->object)));
    }
    for (size_t i = 0; d.columns && i < p->object.column_count; i++) {
        test_policy_column_text(p, &out, i, &d.columns[i]);
    }
    text = arena_dup(p->cx->arena, buf_view(&out));
    buf_release(&out);
    return text;
}

#endif
