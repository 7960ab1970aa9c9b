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

/* Tables that are built: a major whose sunset has come has none. */
static enum status list_tables(struct ctx *cx, struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->ports.count; i++) {
        const struct project_port *port = plan->ports.items[i].port;

        for (size_t k = 0; k < port->table_count && !plan->ports.items[i].is_ended; k++) {
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
        for (size_t k = 0; k < plan->product->ports.count; k++) {
            const struct project_port *port = plan->product->ports.items[k];

            has_major = has_major || port->major == parsed.major;
            for (size_t t = 0; t < port->table_count; t++) {
                is_kept = is_kept || str_eq(port->tables[t].address, address);
            }
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

/* Of a product without a living major only what its documents say can change. */
static str document_difference(struct arena *a, const struct publish_inputs *before,
                               const struct publish_inputs *now)
{
    const struct publish_inputs *lists[2]     = { before, now };
    struct publish_inputs        documents[2] = { 0 };

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < lists[i]->list.count; k++) {
            if (str_eq(lists[i]->list.items[k].kind, S("document"))) {
                vec_push(a, &documents[i].list, lists[i]->list.items[k]);
            }
        }
    }
    return first_difference(a, &documents[0], &documents[1]);
}

/* Nothing is built; the dates of its documents may have to be told. */
static void decide_ended(struct ctx *cx, const struct publish_inputs *before, bool is_published,
                         struct publish_plan *plan)
{
    str why       = document_difference(cx->arena, before, &plan->inputs);
    plan->verdict = is_published && why.len ? PUBLISH_READY : PUBLISH_UNCHANGED;
    plan->reason  = plan->verdict == PUBLISH_READY
                        ? arena_printf(cx->arena, STR_FMT "; nothing is built", STR_ARG(why))
                        : S("the sunset of every major has come: nothing is built");
}

/* Unchanged, or ready and why. */
static void decide(struct ctx *cx, const struct publish_env *env,
                   const struct publish_inputs *before, bool is_published, bool is_upstream_new,
                   struct publish_plan *plan)
{
    str why = is_published ? first_difference(cx->arena, before, &plan->inputs)
                           : S("it was never published");

    if (plan->tables.count == 0 && plan->ports.count > 0) {
        decide_ended(cx, before, is_published, plan);
        return;
    }
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

static bool is_ended(const struct ctx *cx, const struct project_port *port)
{
    return life_stage_at(&port->life, ctx_now_us(cx)) == LIFE_ENDED;
}

/* Upstream tables nobody published yet, in a run that does not publish them either. */
static void report_unbuilt(struct ctx *cx, const struct bound_inputs *inputs, bool is_upstream_new,
                           struct diags *diags)
{
    for (size_t i = 0; i < inputs->tables.count && !is_upstream_new; i++) {
        const struct bound_table *t = &inputs->tables.items[i];

        if (!t->is_published && !is_ended(cx, t->input->upstream)) {
            diag_add(diags, cx, DIAG_ERROR, NULL, (struct diag_pos){ 0 }, S("inputs.unbuilt"),
                     arena_printf(cx->arena, "publish it first: weft publish " STR_FMT,
                                  STR_ARG(t->input->upstream->product->address)),
                     "input " STR_FMT " " STR_FMT, STR_ARG(t->table->address),
                     STR_ARG(t->gone_us ? arena_printf(cx->arena, "was withdrawn on " STR_FMT,
                                                       STR_ARG(life_day(cx->arena, t->gone_us)))
                                        : S("was never published")));
        }
    }
}

/* ------------------------------------------------------------------------- ends of majors */

/* Since when an input is served no longer; 0 = it is. */
static int64_t gone_since(const struct bound_inputs *inputs, const struct project_input *in)
{
    for (size_t i = 0; i < inputs->tables.count; i++) {
        if (inputs->tables.items[i].input == in && inputs->tables.items[i].gone_us) {
            return inputs->tables.items[i].gone_us;
        }
    }
    return 0;
}

/* What to read in place of a major that ends. */
static str successor_hint(struct ctx *cx, const struct project_port *port)
{
    const struct project_port *next = project_successor(port, ctx_now_us(cx));

    if (!next) {
        return arena_printf(cx->arena, "no other major of " STR_FMT " is active; ask its owner",
                            STR_ARG(port->product->address));
    }
    return arena_printf(cx->arena,
                        "read " STR_FMT ": write version: " STR_FMT " and contractId: " STR_FMT,
                        STR_ARG(project_port_address(cx->arena, next)), STR_ARG(next->version),
                        STR_ARG(next->contract->id.v));
}

static bool has_view(const struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->tables.count; i++) {
        if (plan->tables.items[i].table->build == PROJECT_BUILD_VIEW) {
            return true;
        }
    }
    return false;
}

/*
 * A product that reads an ended major is not built on it any more; what it published stays as it is, but for
 * views, which have no rows of their own.
 */
static void report_ended_input(struct ctx *cx, const struct publish_plan *plan,
                               const struct project_input *in, int64_t gone_us, struct diags *diags)
{
    const struct project_port *port      = in->upstream;
    bool                       is_needed = plan->verdict != PUBLISH_UNCHANGED;
    bool                       is_broken = gone_us && has_view(plan);
    const char                *what      = is_needed   ? "nothing new can be built on it"
                                           : is_broken ? "views on it cannot be read any more"
                                                       : "what was published stays, and cannot be built again";
    str day = gone_us ? arena_printf(cx->arena, "which was withdrawn on " STR_FMT,
                                     STR_ARG(life_day(cx->arena, gone_us)))
                      : arena_printf(cx->arena, "whose sunset was " STR_FMT,
                                     STR_ARG(life_day(cx->arena, port->life.sunset_us)));

    diag_add(diags, cx, is_needed || is_broken ? DIAG_ERROR : DIAG_WARNING,
             &plan->product->doc->text, in->at,
             gone_us ? S("inputs.withdrawn") : S("inputs.sunset"), successor_hint(cx, port),
             "input port \"" STR_FMT "\" reads " STR_FMT ", " STR_FMT "; %s", STR_ARG(in->name),
             STR_ARG(project_port_address(cx->arena, port)), STR_ARG(day), what);
}

static void report_input_ends(struct ctx *cx, const struct bound_inputs *inputs,
                              const struct publish_plan *plan, struct diags *diags)
{
    int64_t now = ctx_now_us(cx);

    for (size_t i = 0; i < plan->product->inputs.count; i++) {
        const struct project_input *in    = plan->product->inputs.items[i];
        const struct project_port  *port  = in->upstream;
        enum life_stage             stage = port ? life_stage_at(&port->life, now) : LIFE_ACTIVE;

        if (stage == LIFE_ENDED) {
            report_ended_input(cx, plan, in, gone_since(inputs, in), diags);
        } else if (stage == LIFE_DEPRECATED) {
            diag_add(diags, cx, DIAG_WARNING, &plan->product->doc->text, in->at,
                     S("inputs.deprecated"), successor_hint(cx, port),
                     "input port \"" STR_FMT "\" reads " STR_FMT ": " STR_FMT, STR_ARG(in->name),
                     STR_ARG(project_port_address(cx->arena, port)),
                     STR_ARG(life_text(cx->arena, &port->life, now)));
        }
    }
}

/* Majors of the product itself whose sunset has come. */
static void report_own_ends(struct ctx *cx, const struct publish_plan *plan, struct diags *diags)
{
    for (size_t i = 0; i < plan->ports.count; i++) {
        const struct publish_port_plan *p    = &plan->ports.items[i];
        const struct project_port      *port = p->port;
        int64_t                         at;
        const struct odcs_sla          *sla = odcs_sla_end(port->contract, ODCS_END_OF_LIFE, &at);

        if (p->is_ended && sla) {
            diag_add(diags, cx, p->withdrawn_us ? DIAG_INFO : DIAG_WARNING, &port->doc->text,
                     sla->value.at, S("ports.sunset"),
                     S("take the port out of the product, or write a later date to serve it again"),
                     "the sunset of " STR_FMT " was " STR_FMT
                     ": nothing is built for port \"" STR_FMT "\"; %s",
                     STR_ARG(project_port_address(cx->arena, port)),
                     STR_ARG(life_day(cx->arena, at)), STR_ARG(port->name),
                     p->withdrawn_us ? "it is withdrawn" : "weft tick withdraws it");
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

    TRY(plan_versions(cx, env, diags, &plan));
    TRY(list_tables(cx, &plan));
    TRY(list_removed(cx, &plan));
    report_own_ends(cx, &plan, diags);
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
    TRY(plan_versions(cx, env, diags, &plan));
    TRY(list_tables(cx, &plan));
    TRY(list_removed(cx, &plan));
    st = inputs_bind(cx, env, product, diags, &inputs);
    if (st == ST_OK) {
        report_unbuilt(cx, &inputs, is_upstream_new, diags);
        st = plan_inputs(cx, env, &inputs, is_upstream_new, &plan);
    }
    if (st == ST_OK) {
        report_own_ends(cx, &plan, diags);
        report_input_ends(cx, &inputs, &plan, diags);
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
