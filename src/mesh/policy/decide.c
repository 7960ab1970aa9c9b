/*
 * decide.c - who may read, which rows, and what stands in place of values.
 */
#include "policy/policy_int.h"

/* ---- may it be read ----------------------------------------------------------------------------------------- */

static struct policy_access access_of(bool may_read, enum policy_reason reason,
                                      const struct rule *by)
{
    return (struct policy_access){ may_read, reason, by ? &by->about : NULL };
}

static bool is_of_domain(const struct policy_subject *subject, str domain)
{
    const struct slot_values *domains = &subject->slots[SLOT_DOMAIN];

    for (size_t i = 0; i < domains->count; i++) {
        if (str_eq(domains->items[i].text, domain)) {
            return true;
        }
    }
    return false;
}

/* What grants reading; NO_GRANT when nothing does. */
static struct policy_access grant_of(const struct policy_target *target, const struct asking *q)
{
    const struct rule *by;

    if (target->is_open) {
        return access_of(true, POLICY_OPEN, NULL);
    }
    if (is_of_domain(q->subject, target->domain)) {
        return access_of(true, POLICY_OWN_DOMAIN, NULL);
    }
    by = index_first(&target->allows, q);
    return access_of(by != NULL, by ? POLICY_BY_RULE : POLICY_NO_GRANT, by);
}

struct policy_access policy_may_read(const struct policy_target  *target,
                                     const struct policy_request *rq)
{
    struct asking        q = asking_of(target, rq);
    struct policy_access grant;
    const struct rule   *by;

    if (rq->subject->set != target->set) {
        BUG("a subject and a target of two policy sets");
    }
    if (rq->subject->is_operator) {
        return access_of(true, POLICY_OPERATOR, NULL);
    }
    by = index_first(&target->denies, &q);
    if (by) {
        return access_of(false, POLICY_BY_RULE, by);
    }
    grant = grant_of(target, &q);
    by    = grant.may_read ? index_first(&target->misfits, &q) : NULL;
    return by ? access_of(false, POLICY_DOES_NOT_FIT, by) : grant;
}

/* ---- rows and columns ----------------------------------------------------------------------------------------- */

static void decide_rows(struct deciding *d, struct policy_decision *out)
{
    for (size_t i = 0; i < d->target->rule_count; i++) {
        const struct rule *rule = d->target->rules[i].rule;

        if (rule->about.action == POLICY_ROWS && d->holds[i]) {
            const struct policy_expr *rows = rows_of_choice(d, &rule->rows);

            out->rows     = out->rows ? rows_and(d->cx, out->rows, rows) : rows;
            d->is_used[i] = true;
        }
    }
}

/* Hidden beats unprojected beats masks; the first rule by name is named. */
static void decide_column(struct deciding *d, size_t column, struct policy_column_decision *out)
{
    for (size_t i = 0; i < d->target->rule_count; i++) {
        const struct bound *b    = &d->target->rules[i];
        enum policy_show    show = b->rule->about.action == POLICY_DENY_COLUMN ? POLICY_HIDDEN
                                   : b->rule->about.action == POLICY_DENY_PROJECTION
                                       ? POLICY_UNPROJECTED
                                       : POLICY_CLEAR;

        if (show > out->show && d->holds[i] && b->columns && b->columns[column]) {
            out->show = show;
            out->by   = &b->rule->about;
        }
    }
    if (out->show != POLICY_HIDDEN) {
        layers_of_column(d, column, out);
    }
    if (out->show == POLICY_CLEAR && out->layer_count > 0) {
        out->show = POLICY_MASKED;
    }
}

static void use_rule(struct deciding *d, const struct policy_rule *by)
{
    for (size_t i = 0; by && i < d->target->rule_count; i++) {
        if (&d->target->rules[i].rule->about == by) {
            d->is_used[i] = true;
        }
    }
}

static void decide_columns(struct deciding *d, struct policy_decision *out)
{
    size_t                         count   = d->target->column_count;
    struct policy_column_decision *columns = arena_array(d->cx->arena, count, sizeof *columns);
    bool                           any     = false;

    for (size_t i = 0; i < count; i++) {
        decide_column(d, i, &columns[i]);
        use_rule(d, columns[i].by);
        any = any || columns[i].show != POLICY_CLEAR;
    }
    out->columns = any ? columns : NULL;
}

/* ---- explanations ------------------------------------------------------------------------------------------------ */

/* Every rule that says what was decided had its part in it, also when another one is named. */
static bool agrees(const struct rule *rule, const struct policy_access *access)
{
    return rule->about.action == POLICY_DENY_READ ||
           (rule->about.action == POLICY_ALLOW_READ && access->may_read);
}

static enum policy_fate fate_of(const struct deciding *d, const struct policy_access *access,
                                size_t i)
{
    const struct rule *rule = d->target->rules[i].rule;
    enum truth         when;

    if (d->holds[i]) {
        return d->is_used[i] || agrees(rule, access) ? POLICY_APPLIED : POLICY_BEATEN;
    }
    when = rule->when.count ? condition_holds(&rule->when, &d->q) : IS_TRUE;
    return when == IS_FALSE || (rule->about.action == POLICY_ALLOW_READ && when != IS_TRUE)
               ? POLICY_WHEN_NOT_MET
               : POLICY_EXCEPTED;
}

static void write_trace(struct deciding *d, struct policy_decision *out)
{
    size_t                     count   = d->target->rule_count;
    struct policy_trace       *trace   = arena_array(d->cx->arena, count, sizeof *trace);
    const struct policy_rule **applied = arena_array(d->cx->arena, count, sizeof *applied);
    size_t                     used    = 0;

    for (size_t i = 0; i < count; i++) {
        const struct policy_rule *rule = &d->target->rules[i].rule->about;

        trace[i] = (struct policy_trace){ rule, fate_of(d, &out->access, i) };
        if (d->is_used[i]) {
            applied[used++] = rule;
        }
    }
    out->trace         = trace;
    out->trace_count   = count;
    out->applied       = applied;
    out->applied_count = used;
}

static int64_t next_change(const struct condition *condition, int64_t time_us, int64_t best)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (condition->items[i].time) {
            int64_t next = window_next(condition->items[i].time, time_us);

            best = next < best ? next : best;
        }
    }
    return best;
}

static void decide_time(const struct deciding *d, struct policy_decision *out)
{
    int64_t best = INT64_MAX;

    for (size_t i = 0; i < d->target->rule_count; i++) {
        const struct rule *rule = d->target->rules[i].rule;

        if (rule->has_time) {
            best = next_change(&rule->when, d->q.time_us, best);
            best = next_change(&rule->unless, d->q.time_us, best);
        }
    }
    out->has_time       = best != INT64_MAX;
    out->valid_until_us = best;
}

/* ---- the whole answer ----------------------------------------------------------------------------------------------- */

enum status policy_decide(struct ctx *cx, const struct policy_target *target,
                          const struct policy_request *rq, struct policy_decision *out)
{
    struct policy_decision made = { .access         = policy_may_read(target, rq),
                                    .valid_until_us = INT64_MAX };
    struct deciding        d    = { .cx = cx, .target = target, .q = asking_of(target, rq) };

    if (made.access.reason == POLICY_OPERATOR) {
        *out = made;
        return ST_OK;
    }
    d.holds   = arena_array(cx->arena, target->rule_count, sizeof *d.holds);
    d.is_used = arena_array(cx->arena, target->rule_count, sizeof *d.is_used);
    for (size_t i = 0; i < target->rule_count; i++) {
        d.holds[i] = rule_holds(target->rules[i].rule, &d.q);
    }
    use_rule(&d, made.access.by);
    if (made.access.may_read) {
        decide_rows(&d, &made);
        decide_columns(&d, &made);
    }
    decide_time(&d, &made);
    write_trace(&d, &made);
    TRY(ctx_check(cx));
    *out = made;
    return ST_OK;
}
