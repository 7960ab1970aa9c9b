/*
 * layers.c - the masks of one column: the strictest that holds for a row is what is shown.
 *
 * A mask with exceptions by row is a layer over the weaker ones. Where two different masks of one
 * strength hold for the same row a layer above them gives NULL.
 */
#include "policy/policy_int.h"

#include <stdlib.h>

static const struct policy_expr never = { .op = POLICY_FALSE };

struct pile {
    VEC(struct policy_layer) layers;
};

static unsigned strength(const struct policy_layer *layer)
{
    return effect_strength(layer->mask.kind);
}

/* Rows excepted from a mask; POLICY_FALSE for none. */
static const struct policy_expr *exception_of(struct deciding *d, const struct rule *rule)
{
    const struct policy_expr *all = &never;

    for (size_t i = 0; i < rule->unless.count; i++) {
        const struct clause *clause = &rule->unless.items[i];

        if (clause->row.count > 0 && clause_holds(clause, &d->q) == IS_TRUE) {
            all = rows_or(d->cx, all, rows_of_choice(d, &clause->row));
        }
    }
    return all;
}

/* Strictest first; of one strength those that always hold last, then by name. */
static int by_strength(const void *a, const void *b)
{
    const struct policy_layer *x = a, *y = b;

    if (strength(x) != strength(y)) {
        return strength(x) < strength(y) ? -1 : 1;
    }
    if ((x->unless == NULL) != (y->unless == NULL)) {
        return x->unless ? -1 : 1;
    }
    return (x->by->index > y->by->index) - (x->by->index < y->by->index);
}

static void collect(struct deciding *d, size_t column, struct pile *pile)
{
    const struct policy_target *t = d->target;

    for (size_t i = 0; i < t->rule_count; i++) {
        const struct bound       *b = &t->rules[i];
        struct policy_layer       layer;
        const struct policy_expr *unless;

        if (b->rule->about.action != POLICY_MASK || !d->holds[i] || !b->columns ||
            !b->columns[column]) {
            continue;
        }
        unless = exception_of(d, b->rule);
        layer  = (struct policy_layer){ .mask   = b->rule->mask,
                                        .unless = unless->op == POLICY_FALSE ? NULL : unless,
                                        .by     = &b->rule->about };
        if (!fit_mask(&t->columns[column], &layer.mask)) {
            layer.mask = (struct policy_mask){ .kind = POLICY_MASK_NULL };
        }
        if (unless->op != POLICY_TRUE) {
            vec_push(d->cx->arena, &pile->layers, layer);
        }
    }
    if (pile->layers.count > 1) {
        qsort(pile->layers.items, pile->layers.count, sizeof *pile->layers.items, by_strength);
    }
}

/* True when a mask that always holds makes the layer at `at` useless: a stricter one, or its equal. */
static bool is_covered(const struct pile *pile, size_t at)
{
    const struct policy_layer *layer = &pile->layers.items[at];

    for (size_t i = 0; i < pile->layers.count; i++) {
        const struct policy_layer *other = &pile->layers.items[i];

        if (other->unless || i == at || strength(other) > strength(layer)) {
            continue;
        }
        if (strength(other) < strength(layer) ||
            (effect_equal(&other->mask, &layer->mask) && (layer->unless || i < at))) {
            return true;
        }
    }
    return false;
}

/* Only layers that can be seen, at most POLICY_LAYERS_MAX + 1 of them. */
static void drop_covered(struct deciding *d, struct pile *pile)
{
    struct pile kept = { 0 };

    for (size_t i = 0; i < pile->layers.count && kept.layers.count <= POLICY_LAYERS_MAX; i++) {
        if (!is_covered(pile, i)) {
            vec_push(d->cx->arena, &kept.layers, pile->layers.items[i]);
        }
    }
    *pile = kept;
}

/* Rows for which no layer of the mask at `first` holds; POLICY_FALSE when one always does. */
static const struct policy_expr *excepted_rows(struct deciding *d, const struct policy_layer *group,
                                               size_t count, size_t first)
{
    const struct policy_expr *all = group[first].unless ? group[first].unless : &never;

    for (size_t i = first + 1; i < count; i++) {
        if (effect_equal(&group[i].mask, &group[first].mask)) {
            all = rows_and(d->cx, all, group[i].unless ? group[i].unless : &never);
        }
    }
    return all;
}

static bool is_first_of_mask(const struct policy_layer *group, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (effect_equal(&group[i].mask, &group[at].mask)) {
            return false;
        }
    }
    return true;
}

/*
 * The layer over a group of one strength: NULL unless at most one of its different masks holds.
 * False when the group has one mask only.
 */
static bool conflict_of(struct deciding *d, const struct policy_layer *group, size_t count,
                        struct policy_layer *out)
{
    const struct policy_expr *unless    = &never;
    size_t                    different = 0;

    for (size_t i = 0; i < count; i++) {
        const struct policy_expr *others = NULL;

        if (!is_first_of_mask(group, i)) {
            continue;
        }
        different++;
        for (size_t k = 0; k < count; k++) {
            if (is_first_of_mask(group, k) && k != i) {
                const struct policy_expr *rows = excepted_rows(d, group, count, k);

                others = others ? rows_and(d->cx, others, rows) : rows;
            }
        }
        unless = others ? rows_or(d->cx, unless, others) : unless;
    }
    *out = (struct policy_layer){ .mask   = { .kind = POLICY_MASK_NULL },
                                  .unless = unless->op == POLICY_FALSE ? NULL : unless,
                                  .by     = group[0].by };
    return different > 1;
}

static size_t group_size(const struct pile *pile, size_t first)
{
    size_t count = 1;

    while (first + count < pile->layers.count &&
           strength(&pile->layers.items[first + count]) == strength(&pile->layers.items[first])) {
        count++;
    }
    return count;
}

static void use(struct deciding *d, const struct policy_layer *layer)
{
    for (size_t i = 0; i < d->target->rule_count; i++) {
        if (&d->target->rules[i].rule->about == layer->by) {
            d->is_used[i] = true;
        }
    }
}

/* More layers than are allowed: nothing is shown. */
static void collapse(struct deciding *d, const struct pile *pile,
                     struct policy_column_decision *out)
{
    struct policy_layer *only = ARENA_NEW(d->cx->arena, struct policy_layer);

    *only            = (struct policy_layer){ .mask = { .kind = POLICY_MASK_NULL },
                                              .by   = pile->layers.items[0].by };
    out->layers      = only;
    out->layer_count = 1;
}

void layers_of_column(struct deciding *d, size_t column, struct policy_column_decision *out)
{
    struct pile         pile = { 0 }, result = { 0 };
    struct policy_layer conflict;

    collect(d, column, &pile);
    drop_covered(d, &pile);
    for (size_t i = 0, count; i < pile.layers.count; i += count) {
        const struct policy_layer *group = &pile.layers.items[i];
        bool                       is_conflict, is_bottom;

        count            = group_size(&pile, i);
        is_conflict      = conflict_of(d, group, count, &conflict);
        is_bottom        = is_conflict && !conflict.unless; /* nothing below it can be seen */
        out->is_conflict = out->is_conflict || is_conflict;
        if (is_conflict) {
            vec_push(d->cx->arena, &result.layers, conflict);
        }
        for (size_t k = 0; k < count; k++) {
            use(d, &group[k]);
            if (!is_bottom) {
                vec_push(d->cx->arena, &result.layers, group[k]);
            }
        }
        if (is_bottom) {
            break;
        }
    }
    out->layers      = result.layers.items;
    out->layer_count = result.layers.count;
    if (result.layers.count > POLICY_LAYERS_MAX) {
        collapse(d, &pile, out);
    }
}
