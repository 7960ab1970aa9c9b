/*
 * judge.c - from counts to outcomes and words.
 *
 * Values that could not be decided (a pattern over its limits) count both ways: only when the
 * outcome is the same with and without them is there one.
 */
#include "quality/quality_int.h"

#include <math.h>
#include <stdlib.h>

str threshold_text(struct ctx *cx, const struct threshold *t)
{
    const char *unit = t->is_percent ? " percent" : "";
    str         name = odcs_operator_name(t->op);

    if (t->op == ODCS_OP_NONE)
        return STR_NONE;
    if (t->op == ODCS_MUST_BE || t->op == ODCS_MUST_NOT_BE)
        return arena_printf(cx->arena, STR_FMT " " STR_FMT "%s", STR_ARG(name), STR_ARG(t->operand),
                            unit);
    if (t->op == ODCS_BETWEEN || t->op == ODCS_NOT_BETWEEN)
        return arena_printf(cx->arena, STR_FMT " %.15g and %.15g%s", STR_ARG(name), t->low, t->high,
                            unit);
    return arena_printf(cx->arena, STR_FMT " %.15g%s", STR_ARG(name), t->low, unit);
}

/* A measured value: a number, or only its text (a sql rule may give "abc"). */
struct measured {
    bool   is_number;
    double number;
    str    text;
};

static bool is_operand(const struct threshold *t, const struct measured *m)
{
    if (str_eq(t->operand, m->text))
        return true;
    return m->is_number && t->is_number && m->number >= t->low && m->number <= t->low;
}

static bool holds(const struct threshold *t, const struct measured *m)
{
    double v = m->number;

    switch (t->op) {
    case ODCS_OP_NONE: return m->is_number && v <= 0.0;
    case ODCS_MUST_BE: return is_operand(t, m);
    case ODCS_MUST_NOT_BE: return !is_operand(t, m);
    case ODCS_GREATER_THAN: return m->is_number && v > t->low;
    case ODCS_GREATER_OR_EQUAL: return m->is_number && v >= t->low;
    case ODCS_LESS_THAN: return m->is_number && v < t->low;
    case ODCS_LESS_OR_EQUAL: return m->is_number && v <= t->low;
    case ODCS_BETWEEN: return m->is_number && v >= t->low && v <= t->high;
    case ODCS_NOT_BETWEEN: return m->is_number && (v < t->low || v > t->high);
    }
    BUG("unknown operator");
}

/* Bad rows as rows or as percent, rounded to six digits; no rows are 0 percent. */
static struct measured measure_rows(struct ctx *cx, const struct check *c, uint64_t bad,
                                    uint64_t rows)
{
    struct measured m = { .is_number = true, .number = (double)bad };

    if (c->limit.is_percent)
        m.number = rows == 0 ? 0.0 : round((double)bad / (double)rows * 1e8) / 1e6;
    m.text = c->limit.is_percent ? arena_printf(cx->arena, "%.15g", m.number)
                                 : arena_printf(cx->arena, "%llu", (unsigned long long)bad);
    return m;
}

static struct measured measure_value(struct ctx *cx, const struct check *c)
{
    struct measured m = { .text = c->value };
    str             plain;

    if (str_eq(c->value, S("true")) || str_eq(c->value, S("false"))) {
        m.is_number = true;
        m.number    = c->value.len == 4 ? 1.0 : 0.0;
    } else if (valtype_plain_number(cx->arena, c->value, &plain)) {
        m.is_number = true;
        m.number    = strtod(arena_cstr(cx->arena, plain), NULL);
    }
    return m;
}

static enum quality_outcome failed(const struct check *c)
{
    return c->head.severity == QUALITY_ERROR ? QUALITY_FAIL : QUALITY_WARN;
}

static str rows_message(struct ctx *cx, const struct check *c, uint64_t rows)
{
    if (c->measure == MEASURE_ROWS)
        return arena_printf(cx->arena, "the table has %llu rows", (unsigned long long)rows);
    if (c->measure == MEASURE_KEYS && c->bad_count > 0)
        return arena_printf(cx->arena, "%llu keys " STR_FMT ", in %llu rows",
                            (unsigned long long)c->bad_count, STR_ARG(c->phrase),
                            (unsigned long long)c->bad_rows);
    if (c->measure == MEASURE_KEYS)
        return arena_printf(cx->arena, "every key of %llu rows occurs once",
                            (unsigned long long)rows);
    if (c->bad_count == 0)
        return arena_printf(cx->arena, "none of %llu rows breaks it", (unsigned long long)rows);
    return arena_printf(cx->arena, "%llu of %llu rows " STR_FMT, (unsigned long long)c->bad_count,
                        (unsigned long long)rows, STR_ARG(c->phrase));
}

static void set_measured(struct quality_result *r, const struct measured *m)
{
    r->has_measured  = m->is_number;
    r->measured      = m->number;
    r->measured_text = m->text;
}

/* A failed threshold is named, for "3 of 7 rows" alone does not say that 2 were allowed. */
static void judge_counts(struct ctx *cx, const struct quality_plan *plan, const struct check *c,
                         struct quality_result *r)
{
    bool            is_rows = c->measure == MEASURE_ROWS;
    struct measured least =
        measure_rows(cx, c, is_rows ? plan->row_count : c->bad_count, plan->row_count);
    struct measured most = measure_rows(
        cx, c, is_rows ? plan->row_count : c->bad_count + c->unknown_count, plan->row_count);

    r->has_bad_count = !is_rows;
    r->bad_count     = c->bad_count;
    set_measured(r, &least);
    r->message = rows_message(cx, c, plan->row_count);
    if (holds(&c->limit, &least) != holds(&c->limit, &most)) {
        r->outcome = QUALITY_NOT_EVALUATED;
        r->message = arena_printf(cx->arena, "%llu values are too long or too hard to match",
                                  (unsigned long long)c->unknown_count);
        return;
    }
    r->outcome = holds(&c->limit, &least) ? QUALITY_PASS : failed(c);
    if (r->outcome != QUALITY_PASS && c->limit.op != ODCS_OP_NONE)
        r->message = arena_printf(cx->arena, STR_FMT "; the contract says " STR_FMT,
                                  STR_ARG(r->message), STR_ARG(r->threshold));
}

static void judge_value(struct ctx *cx, const struct check *c, struct quality_result *r)
{
    struct measured m = measure_value(cx, c);

    if (c->value.ptr == NULL) {
        r->outcome = QUALITY_NOT_EVALUATED;
        r->message = S("its query gave NULL");
        return;
    }
    r->outcome = holds(&c->limit, &m) ? QUALITY_PASS : failed(c);
    if (c->is_sensitive || !m.is_number) {
        r->message = r->outcome == QUALITY_PASS
                         ? S("the value of its query is as the contract says")
                         : arena_printf(cx->arena,
                                        "the value of its query is not as the contract "
                                        "says: " STR_FMT,
                                        STR_ARG(r->threshold));
        return;
    }
    set_measured(r, &m);
    r->message = arena_printf(cx->arena, "its query gave " STR_FMT "; the contract says " STR_FMT,
                              STR_ARG(m.text), STR_ARG(r->threshold));
}

static void judge_schema(const struct check *c, struct quality_result *r)
{
    r->outcome = c->bad_count == 0 ? QUALITY_PASS : failed(c);
    r->message = c->bad_count == 0 ? S("as declared") : c->reason;
}

struct quality_result judge(struct ctx *cx, const struct quality_plan *plan, const struct check *c)
{
    struct quality_result r = c->head;

    r.cost_us   = c->cost_us;
    r.row_count = plan->row_count;
    if (c->state == STATE_NOT_EVALUATED || c->state == STATE_OPEN) {
        r.outcome = QUALITY_NOT_EVALUATED;
        r.message = c->reason;
    } else if (c->state == STATE_FAILED_QUERY) {
        r.outcome = QUALITY_ERRORED;
        r.message = c->reason;
    } else if (c->measure == MEASURE_NOTHING) {
        judge_schema(c, &r);
    } else if (c->measure == MEASURE_NUMBER) {
        judge_value(cx, c, &r);
    } else {
        judge_counts(cx, plan, c, &r);
    }
    return r;
}
