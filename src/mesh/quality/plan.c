/*
 * plan.c - the module's face: a plan is made, run, and told about.
 */
#include "quality/quality_int.h"

static const str severity_names[] = { STR_INIT("info"), STR_INIT("warning"), STR_INIT("error") };
static const str outcome_names[]  = { STR_INIT("pass"), STR_INIT("warn"), STR_INIT("fail"),
                                      STR_INIT("not_evaluated"), STR_INIT("error") };
static const str class_names[]    = { STR_INIT("schema"), STR_INIT("metadata"), STR_INIT("values"),
                                      STR_INIT("scan"),   STR_INIT("keys"),     STR_INIT("query"),
                                      STR_INIT("nobody") };

str quality_severity_name(enum quality_severity severity)
{
    return severity_names[severity];
}

str quality_outcome_name(enum quality_outcome outcome)
{
    return outcome_names[outcome];
}

str quality_class_name(enum quality_class how)
{
    return class_names[how];
}

enum quality_severity quality_severity_of(str odcs)
{
    static const str warnings[] = { STR_INIT("warning"), STR_INIT("warn"), STR_INIT("low"),
                                    STR_INIT("minor"), STR_INIT("trivial") };

    if (str_eq_nocase(odcs, S("info")))
        return QUALITY_INFO;
    for (size_t i = 0; i < COUNT_OF(warnings); i++)
        if (str_eq_nocase(odcs, warnings[i]))
            return QUALITY_WARNING;
    return QUALITY_ERROR;
}

/* What a check will cost when nothing has settled it yet. */
static enum quality_class planned_class(const struct check *c)
{
    if (c->state != STATE_OPEN)
        return c->head.how;
    if (c->measure == MEASURE_KEYS)
        return QUALITY_BY_KEYS;
    if (c->measure == MEASURE_NUMBER || c->is_lone)
        return QUALITY_BY_QUERY;
    return QUALITY_BY_SCAN;
}

enum status quality_plan(struct ctx *cx, const struct quality_subject *subject,
                         struct quality_plan **out)
{
    struct quality_plan *plan = ARENA_NEW(cx->arena, struct quality_plan);

    if (subject->object == NULL || subject->table.len == 0 || subject->relation.len == 0)
        return FAIL(cx, INVALID, "checks need a schema object, a table name and a relation");
    plan->subject = subject;
    plan->types   = arena_array(cx->arena, subject->column_count, sizeof(*plan->types));
    for (size_t i = 0; i < subject->column_count; i++)
        plan->types[i] = valtype_read(cx, subject->columns[i].type);
    TRY(derive_checks(cx, plan));
    metadata_settle(plan);
    for (size_t i = 0; i < plan->checks.count; i++) {
        struct check *c = &plan->checks.items[i];
        c->head.how     = planned_class(c);
        c->head.outcome = QUALITY_NOT_EVALUATED;
    }
    *out = plan;
    return ctx_check(cx);
}

size_t quality_plan_count(const struct quality_plan *plan)
{
    return plan->checks.count;
}

struct quality_result quality_plan_check(const struct quality_plan *plan, size_t index)
{
    return plan->checks.items[index].head;
}

static void tally(struct quality_results *results, enum quality_outcome outcome)
{
    switch (outcome) {
    case QUALITY_PASS: results->passed++; break;
    case QUALITY_WARN: results->warned++; break;
    case QUALITY_FAIL: results->failed++; break;
    case QUALITY_NOT_EVALUATED: results->not_evaluated++; break;
    case QUALITY_ERRORED: results->errored++; break;
    }
}

enum status quality_run(struct ctx *cx, struct quality_plan *plan, struct engine_conn *conn,
                        struct quality_results *out)
{
    struct quality_results results = { 0 };
    int64_t                start   = cx->env->monotonic_us(cx->env);

    TRY(passes_run(cx, plan, conn));
    for (size_t i = 0; i < plan->checks.count; i++) {
        struct quality_result r = judge(cx, plan, &plan->checks.items[i]);
        tally(&results, r.outcome);
        vec_push(cx->arena, &results.list, r);
    }
    results.statements = plan->statements;
    results.row_count  = plan->row_count;
    results.elapsed_us = cx->env->monotonic_us(cx->env) - start;
    *out               = results;
    return ST_OK;
}

/* ------------------------------------------------------------------------- riding on a build */

static size_t collect_fusable(struct ctx *cx, const struct quality_plan *plan, size_t **out)
{
    size_t count = 0;

    *out = arena_array(cx->arena, plan->checks.count, sizeof(size_t));
    for (size_t i = 0; i < plan->checks.count; i++)
        if (check_is_fusable(&plan->checks.items[i]))
            (*out)[count++] = i;
    return count;
}

enum status quality_fused_sql(struct ctx *cx, const struct quality_plan *plan, str relation,
                              str *out)
{
    size_t *picked;
    size_t  count = collect_fusable(cx, plan, &picked);

    *out = STR_NONE;
    if (count > 0)
        *out = sqlb(cx, "SELECT count(*), %q FROM %q", passes_aggregates(cx, plan, picked, count),
                    relation);
    return ST_OK;
}

enum status quality_fused_take(struct ctx *cx, struct quality_plan *plan, const uint64_t *counts,
                               size_t count)
{
    size_t *picked;
    size_t  checks = collect_fusable(cx, plan, &picked), wanted = 1;

    for (size_t i = 0; i < checks; i++)
        wanted += plan->checks.items[picked[i]].unknown.len > 0 ? 2 : 1;
    if (count != wanted)
        return FAIL(cx, INVALID, "%zu counts were given where %zu are wanted", count, wanted);
    passes_take(plan, picked, checks, counts);
    return ST_OK;
}
