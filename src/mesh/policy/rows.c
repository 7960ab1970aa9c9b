/*
 * rows.c - row filters as expressions: tests of columns with the principal's attributes put in.
 *
 * The language has no negation over groups of tests, so an unknown test can be replaced by false: the
 * row is then not shown, whatever stands around it.
 */
#include "policy/policy_int.h"

static const struct policy_expr is_true = { .op = POLICY_TRUE }, is_false = { .op = POLICY_FALSE };

static const struct policy_expr *join(struct ctx *cx, enum policy_op op,
                                      const struct policy_expr *a, const struct policy_expr *b)
{
    struct policy_expr *items = arena_array(cx->arena, 2, sizeof *items);
    struct policy_expr *made  = ARENA_NEW(cx->arena, struct policy_expr);

    items[0] = *a;
    items[1] = *b;
    *made    = (struct policy_expr){ .op = op, .items = items, .item_count = 2 };
    return made;
}

const struct policy_expr *rows_and(struct ctx *cx, const struct policy_expr *a,
                                   const struct policy_expr *b)
{
    if (a->op == POLICY_FALSE || b->op == POLICY_TRUE) {
        return a;
    }
    return b->op == POLICY_FALSE || a->op == POLICY_TRUE ? b : join(cx, POLICY_AND, a, b);
}

const struct policy_expr *rows_or(struct ctx *cx, const struct policy_expr *a,
                                  const struct policy_expr *b)
{
    if (a->op == POLICY_TRUE || b->op == POLICY_FALSE) {
        return a;
    }
    return b->op == POLICY_TRUE || a->op == POLICY_FALSE ? b : join(cx, POLICY_OR, a, b);
}

/*
 * The values compared with: literals were checked when the table was bound; values of the principal
 * that are none of the column's type are left out, for no row can be equal to them.
 */
static size_t fill_values(const struct deciding *d, const struct test *t, size_t column,
                          struct policy_value *out)
{
    const struct slot_values *s     = t->is_ref ? &d->q.subject->slots[t->ref] : NULL;
    const struct value       *from  = s ? s->items : t->values;
    size_t                    count = s ? s->count : t->count, kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (value_counts_in(&from[i], d->q.domain) &&
            (!s || fit_value(&d->target->columns[column], from[i].text))) {
            out[kept++].text = from[i].text;
        }
    }
    return kept;
}

static const struct policy_expr *of_test(struct deciding *d, const struct test *t)
{
    struct policy_expr       *e = ARENA_NEW(d->cx->arena, struct policy_expr);
    const struct slot_values *s = t->is_ref ? &d->q.subject->slots[t->ref] : NULL;
    struct policy_value      *values;

    if (!target_column(d->target, t->name, &e->column) || (s && !s->is_known)) {
        return &is_false;
    }
    values         = arena_array(d->cx->arena, s ? s->count : t->count, sizeof *values);
    e->op          = t->op;
    e->values      = values;
    e->value_count = fill_values(d, t, e->column, values);
    if (e->value_count > 0 || t->op == POLICY_IS_NULL || t->op == POLICY_NOT_NULL) {
        return e;
    }
    if (t->op != POLICY_NOT_IN) {
        return &is_false;
    }
    e->op = POLICY_NOT_NULL; /* not one of none: all but NULL, which is never shown */
    return e;
}

static const struct policy_expr *of_tests(struct deciding *d, const struct tests *tests)
{
    struct policy_expr *items = arena_array(d->cx->arena, tests->count, sizeof *items);
    struct policy_expr *made  = ARENA_NEW(d->cx->arena, struct policy_expr);

    for (size_t i = 0; i < tests->count; i++) {
        items[i] = *of_test(d, &tests->items[i]);
        if (items[i].op == POLICY_FALSE) {
            return &is_false;
        }
    }
    *made = (struct policy_expr){ .op = POLICY_AND, .items = items, .item_count = tests->count };
    return tests->count == 0 ? &is_true : tests->count == 1 ? items : made;
}

const struct policy_expr *rows_of_choice(struct deciding *d, const struct choice *choice)
{
    struct policy_expr *items = arena_array(d->cx->arena, choice->count, sizeof *items);
    struct policy_expr *made  = ARENA_NEW(d->cx->arena, struct policy_expr);
    size_t              count = 0;

    for (size_t i = 0; i < choice->count; i++) {
        const struct policy_expr *e = of_tests(d, &choice->items[i]);

        if (e->op == POLICY_TRUE) {
            return e;
        }
        if (e->op != POLICY_FALSE) {
            items[count++] = *e;
        }
    }
    *made = (struct policy_expr){ .op = POLICY_OR, .items = items, .item_count = count };
    return count == 0 ? &is_false : count == 1 ? items : made;
}
