/*
 * plan.c - what a publish would do, and whether there is anything to do.
 */
#include "publish/publish_int.h"

#include "codec/digest.h"
#include "engine/engine_duckdb.h"
#include "registry/registry.h"

static enum status count_checks(struct ctx *cx, struct publish_table_plan *t)
{
    struct quality_column *columns =
        arena_array(cx->arena, t->table->column_count, sizeof *columns);
    struct quality_plan   *plan;
    struct quality_subject subject = { .object       = t->table->object,
                                       .table        = t->table->name,
                                       .columns      = columns,
                                       .column_count = t->table->column_count,
                                       .relation     = S("planned") };

    for (size_t i = 0; i < t->table->column_count; i++) {
        columns[i] =
            (struct quality_column){ t->table->columns[i].name, t->table->columns[i].type_text };
    }
    TRY(quality_plan(cx, &subject, &plan));
    t->checks = quality_plan_count(plan);
    return ST_OK;
}

static enum status list_tables(struct ctx *cx, struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->product->ports.count; i++) {
        const struct project_port *port = plan->product->ports.items[i];

        for (size_t k = 0; k < port->table_count; k++) {
            struct publish_table_plan t = { .port = port, .table = &port->tables[k] };

            TRY(count_checks(cx, &t));
            vec_push(cx->arena, &plan->tables, t);
        }
    }
    return ST_OK;
}

/* Addresses that are served now and that the documents no longer have (of majors they still have). */
static enum status list_removed(struct ctx *cx, struct publish_plan *plan)
{
    struct table_snapshots heads;

    TRY(table_heads_of(cx, plan->product->id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        str            address = heads.list.items[i].address;
        struct address parsed  = { 0 };
        bool           is_kept = false, has_major = false;

        if (!address_parse(address, &parsed)) {
            continue;
        }
        for (size_t k = 0; k < plan->tables.count; k++) {
            is_kept   = is_kept || str_eq(plan->tables.items[k].table->address, address);
            has_major = has_major || plan->tables.items[k].port->major == parsed.major;
        }
        if (has_major && !is_kept) {
            vec_push(cx->arena, &plan->removed, address);
        }
    }
    return ST_OK;
}

/* One hash over everything that decides the content; times and sizes do not. */
static str fingerprint_of(struct ctx *cx, const struct publish_env *env,
                          const struct publish_inputs *inputs)
{
    struct sha256 *h CLEANUP(sha256_cleanup) = sha256_new();
    static const str zero                    = STR_INIT("\0");

    sha256_add(h, env->project->environment);
    sha256_add(h, zero);
    sha256_add(h, engine_duckdb_version());
    for (size_t i = 0; i < inputs->list.count; i++) {
        const struct publish_input *in = &inputs->list.items[i];

        sha256_add(h, zero);
        sha256_add(h, in->kind);
        sha256_add(h, zero);
        sha256_add(h, in->name);
        sha256_add(h, zero);
        sha256_add(h, in->snapshot);
        sha256_add(h, zero);
        sha256_add(h, in->sha256);
    }
    return digest_hex(cx, sha256_finish(h));
}

static const struct publish_input *find_input(const struct publish_inputs *list,
                                              const struct publish_input  *wanted)
{
    for (size_t i = 0; i < list->list.count; i++) {
        if (str_eq(list->list.items[i].kind, wanted->kind) &&
            str_eq(list->list.items[i].name, wanted->name)) {
            return &list->list.items[i];
        }
    }
    return NULL;
}

/* The first input that is not as it was, in words; empty when all are. */
static str first_difference(struct arena *a, const struct publish_inputs *before,
                            const struct publish_inputs *now)
{
    for (size_t i = 0; i < now->list.count; i++) {
        const struct publish_input *in  = &now->list.items[i];
        const struct publish_input *old = find_input(before, in);

        if (str_eq(in->kind, S("postgres"))) {
            return arena_printf(a, STR_FMT " is a database, which is always read",
                                STR_ARG(in->name));
        }
        if (str_eq(in->kind, S("policy")) && !(old && str_eq(old->sha256, in->sha256))) {
            return arena_printf(a, "what policies give of " STR_FMT " changed", STR_ARG(in->name));
        }
        if (!old) {
            return arena_printf(a, STR_FMT " is new", STR_ARG(in->name));
        }
        if (!str_eq(old->sha256, in->sha256)) {
            return arena_printf(a, STR_FMT " changed", STR_ARG(in->name));
        }
        if (!str_eq(old->snapshot, in->snapshot)) {
            return arena_printf(a, STR_FMT " has a new snapshot", STR_ARG(in->name));
        }
    }
    for (size_t i = 0; i < before->list.count; i++) {
        const struct publish_input *old = &before->list.items[i];

        if (!find_input(now, old)) {
            return str_eq(old->kind, S("policy"))
                       ? arena_printf(a, "what policies give of " STR_FMT " changed",
                                      STR_ARG(old->name))
                       : arena_printf(a, STR_FMT " is gone", STR_ARG(old->name));
        }
    }
    return STR_NONE;
}

static bool has_delivery(const struct publish_env *env, const struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->tables.count; i++) {
        if (plan->tables.items[i].table->build == PROJECT_BUILD_DELIVERED) {
            return env->delivery_count > 0;
        }
    }
    return false;
}

static bool is_delivered(const struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->tables.count; i++) {
        if (plan->tables.items[i].table->build == PROJECT_BUILD_DELIVERED) {
            return true;
        }
    }
    return false;
}

/* Unchanged, or ready and why. */
static void decide(struct ctx *cx, const struct publish_env *env,
                   const struct publish_inputs *before, bool is_published, bool is_upstream_new,
                   struct publish_plan *plan)
{
    str why = is_published ? first_difference(cx->arena, before, &plan->inputs)
                           : S("it was never published");

    if (why.len == 0 && env->is_full) {
        why = S("--full was given");
    }
    if (why.len == 0 && has_delivery(env, plan)) {
        why = S("new files are delivered");
    }
    if (why.len == 0 && is_upstream_new) {
        why                   = S("an upstream product is published in this run");
        plan->is_for_upstream = true;
    }
    if (is_delivered(plan) && env->delivery_count == 0) {
        plan->verdict = PUBLISH_UNCHANGED;
        plan->reason  = is_published ? S("its data is delivered; bring files with --data")
                                     : S("it waits for its first delivery; bring files with --data");
        return;
    }
    plan->verdict = why.len ? PUBLISH_READY : PUBLISH_UNCHANGED;
    plan->reason  = why.len ? why : S("documents, SQL and inputs are those of the last publish");
}

static enum status plan_inputs(struct ctx *cx, const struct publish_env *env,
                               struct bound_inputs *inputs, bool is_upstream_new,
                               struct publish_plan *plan)
{
    struct publish_records last   = { 0 };
    struct publish_inputs  before = { 0 };

    TRY(publish_history(cx, plan->product->id, 1, &last));
    if (last.list.count > 0) {
        TRY(publish_inputs_of(cx, last.list.items[0].id, &before));
    }
    TRY(inputs_list(cx, plan->product, inputs, &before, &plan->inputs));
    plan->fingerprint = fingerprint_of(cx, env, &plan->inputs);
    decide(cx, env, &before, last.list.count > 0, is_upstream_new, plan);
    return ST_OK;
}

/*
 * What was published from these very documents and inputs was planned then. New rows of an upstream
 * product do not change that while its contract stays.
 */
static bool was_planned(const struct publish_plan *plan, const struct bound_inputs *inputs)
{
    bool is_same = plan->verdict == PUBLISH_UNCHANGED || plan->is_for_upstream;

    for (size_t i = 0; i < inputs->tables.count && plan->is_for_upstream; i++) {
        is_same = is_same && inputs->tables.items[i].is_as_written;
    }
    return is_same;
}

/* Upstream tables nobody published yet, in a run that does not publish them either. */
static void report_unbuilt(struct ctx *cx, const struct bound_inputs *inputs, bool is_upstream_new,
                           struct diags *diags)
{
    for (size_t i = 0; i < inputs->tables.count && !is_upstream_new; i++) {
        const struct bound_table *t = &inputs->tables.items[i];

        if (!t->is_published) {
            diag_add(diags, cx, DIAG_ERROR, NULL, (struct diag_pos){ 0 }, S("inputs.unbuilt"),
                     arena_printf(cx->arena, "publish it first: weft publish " STR_FMT,
                                  STR_ARG(t->input->upstream->product->address)),
                     "input " STR_FMT " was never published", STR_ARG(t->table->address));
        }
    }
}

enum status plan_rollback(struct ctx *cx, const struct publish_env *env,
                          struct project_product *product, const struct publish_record *record,
                          struct diags *diags, struct publish_plan *out)
{
    struct publish_plan    plan   = { .product = product, .verdict = PUBLISH_READY };
    size_t                 errors = diags->errors;
    struct publish_records last   = { 0 };

    TRY(list_tables(cx, &plan));
    TRY(plan_versions(cx, env, diags, &plan));
    TRY(list_removed(cx, &plan));
    TRY(publish_history(cx, product->id, 1, &last));
    if (last.list.count > 0) {
        TRY(publish_inputs_of(cx, last.list.items[0].id, &plan.inputs));
        plan.fingerprint = last.list.items[0].fingerprint;
    }
    plan.reason = arena_printf(cx->arena, "back to publish %lld", (long long)record->seq);
    if (diags->errors > errors) {
        plan.verdict = PUBLISH_REFUSED;
        plan.status  = ST_INVALID;
        plan.reason  = S("its documents have errors");
    }
    *out = plan;
    return ST_OK;
}

enum status publish_plan_product(struct ctx *cx, const struct publish_env *env,
                                 struct project_product *product, bool is_upstream_new,
                                 struct diags *diags, struct publish_plan *out)
{
    struct publish_plan plan   = { .product = product };
    struct bound_inputs inputs = { 0 };
    size_t              errors = diags->errors;
    enum status         st;

    if (product->is_broken) {
        plan.verdict = PUBLISH_REFUSED;
        plan.status  = ST_INVALID;
        plan.reason  = S("its documents have errors");
        *out         = plan;
        return ST_OK;
    }
    TRY(list_tables(cx, &plan));
    TRY(plan_versions(cx, env, diags, &plan));
    TRY(list_removed(cx, &plan));
    st = inputs_bind(cx, env, product, diags, &inputs);
    if (st == ST_OK) {
        report_unbuilt(cx, &inputs, is_upstream_new, diags);
        st = plan_inputs(cx, env, &inputs, is_upstream_new, &plan);
    }
    if (st == ST_OK && !was_planned(&plan, &inputs)) {
        st = plan_sql(cx, env, &inputs, diags, &plan);
    }
    inputs_close(&inputs);
    if (st != ST_OK && diags->errors == errors) {
        return st;
    }
    if (diags->errors > errors) {
        plan.verdict = PUBLISH_REFUSED;
        plan.status  = st != ST_OK ? st : ST_INVALID;
        plan.reason  = S("its documents, SQL or inputs have errors");
    }
    *out = plan;
    return ST_OK;
}
