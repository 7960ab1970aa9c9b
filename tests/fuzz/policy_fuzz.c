/*
 * policy_fuzz.c - policies from outside: any bytes are refused with findings, or compile; what
 * compiles is bound and decided for everybody, and what is decided keeps its limits.
 *
 * The input is documents with a line "---" between them; one that begins with "#domain" is of domain
 * `loyalty`.
 */
#include "policy/policy.h"
#include "standard/std.h"

enum { ARENA_LIMIT = 512 << 20, DOCUMENTS = 16, EXPR_DEPTH = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct policy_purpose purposes[] = {
    { STR_INIT("marketing"), STR_INIT("") },
    { STR_INIT("fraud"), STR_INIT("investigation") },
    { STR_INIT("investigation"), STR_INIT("") },
};
static const str                  domains[] = { STR_INIT("loyalty"), STR_INIT("operations") };
static const struct policy_member members[] = {
    { STR_INIT("loyalty"), STR_INIT("lea"), STR_INIT("owner") },
};
static const str                 tags[]   = { STR_INIT("pii.email"), STR_INIT("loyalty") };
static const struct policy_field fields[] = { { STR_INIT("status"), STR_INIT("active") } };
#define COLUMN(name_, type_)                                                                       \
    {                                                                                              \
        .name = STR_INIT(name_), .type = STR_INIT(type_), .level = POLICY_CONFIDENTIAL,            \
        .tags = tags, .tag_count = 1, .fields = fields, .field_count = 1                           \
    }
static const struct policy_column columns[] = {
    COLUMN("id", "BIGINT"),   COLUMN("email", "VARCHAR"),      COLUMN("region", "VARCHAR"),
    COLUMN("born", "DATE"),   COLUMN("seen", "TIMESTAMP"),     COLUMN("spend", "DECIMAL(10,2)"),
    COLUMN("x", "BOOLEAN"),   COLUMN("tier", "STRUCT(a INT)"), COLUMN("ratio", "FLOAT"),
    COLUMN("odd", "NO SUCH"), COLUMN("key", "UUID"),
};

static void check_expr(const struct policy_expr *e, unsigned depth)
{
    if (depth == EXPR_DEPTH || (e->column >= COUNT_OF(columns)) ||
        (e->op > POLICY_OR && e->op < POLICY_IS_NULL && e->value_count == 0)) {
        BUG("an expression that cannot be run");
    }
    for (size_t i = 0; i < e->item_count; i++) {
        check_expr(&e->items[i], depth + 1);
    }
}

static void check_columns(struct ctx *cx, const struct policy_decision *d)
{
    for (size_t i = 0; d->columns && i < COUNT_OF(columns); i++) {
        const struct policy_column_decision *c = &d->columns[i];

        if (c->layer_count > POLICY_LAYERS_MAX || (c->show == POLICY_MASKED && !c->layer_count) ||
            (c->show > POLICY_MASKED && !c->by)) {
            BUG("a column's decision that breaks its promise");
        }
        for (size_t k = 0; k < c->layer_count; k++) {
            (void)policy_mask_text(cx, &c->layers[k].mask);
            if (c->layers[k].unless) {
                check_expr(c->layers[k].unless, 0);
            }
        }
    }
}

static void decide(struct ctx *cx, const struct policy_target *target,
                   const struct policy_object *object, const struct policy_request *rq)
{
    struct policy_access   access = policy_may_read(target, rq);
    struct policy_decision d;

    if (policy_decide(cx, target, rq, &d) != ST_OK) {
        return; /* a limit */
    }
    if (d.access.may_read != access.may_read || d.access.by != access.by ||
        (!access.may_read && (d.rows || d.columns))) {
        BUG("a decision and its access differ");
    }
    if (d.rows) {
        check_expr(d.rows, 0);
        (void)policy_expr_text(cx, d.rows, object);
    }
    check_columns(cx, &d);
}

static void decide_all(struct ctx *cx, const struct policy_set *set,
                       const struct policy_target *target, const struct policy_object *object)
{
    const struct policy_subject *subject;
    size_t                       count;
    const str                   *names = policy_principals(set, &count);

    for (size_t i = 0; i < count && i < DOCUMENTS; i++) {
        for (size_t k = 0; k <= COUNT_OF(purposes); k++) {
            struct policy_request rq = { .time_us = (int64_t)k << 50 };

            if (policy_subject_named(cx, set, names[i], &rq.subject) != ST_OK) {
                return;
            }
            rq.purpose = k ? purposes[k - 1].name : STR_NONE;
            decide(cx, target, object, &rq);
        }
    }
    if (policy_subject_product(cx, set, S("operations"), S("flights"), &subject) == ST_OK) {
        decide(cx, target, object, &(struct policy_request){ .subject = subject });
    }
}

static size_t split(struct ctx *cx, str bytes, struct policy_source *out)
{
    size_t count = 0, at;

    while (count < DOCUMENTS) {
        struct diag_text *text = ARENA_NEW(cx->arena, struct diag_text);
        bool              more = str_find(bytes, S("\n---\n"), &at);

        *text = (struct diag_text){ S("fuzz"), more ? str_sub(bytes, 0, at) : bytes };
        out[count++] =
            (struct policy_source){ text, str_starts(text->bytes, S("#domain")) ? S("loyalty")
                                                                                : STR_NONE };
        if (!more) {
            break;
        }
        bytes = str_from(bytes, at + 5);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena         *CLEANUP(arena_cleanup) arena = arena_new("fuzz", ARENA_LIMIT);
    struct err            err                          = { 0 };
    struct ctx            cx                           = { .arena = arena, .err = &err };
    struct policy_source  sources[DOCUMENTS];
    struct policy_mesh    mesh   = { purposes, COUNT_OF(purposes), domains, COUNT_OF(domains),
                                     members,  COUNT_OF(members) };
    struct policy_object  object = { .domain       = S("loyalty"),
                                     .product      = S("members"),
                                     .table        = S("members"),
                                     .major        = 1,
                                     .tags         = tags,
                                     .tag_count    = COUNT_OF(tags),
                                     .fields       = fields,
                                     .field_count  = COUNT_OF(fields),
                                     .columns      = columns,
                                     .column_count = COUNT_OF(columns) };
    struct policy_target *target;
    struct policy_set    *set   = NULL;
    struct diags          diags = { 0 };
    size_t                count = split(&cx, (str){ (const char *)data, size }, sources);
    enum status           st    = policy_compile(&cx, sources, count, &mesh, &diags, &set);

    if (st == ST_INVALID && diags.errors == 0) {
        BUG("refused without a reason");
    }
    if (st == ST_OK && policy_target_bind(&cx, set, &object, &target) == ST_OK) {
        decide_all(&cx, set, target, &object);
    }
    return 0;
}
