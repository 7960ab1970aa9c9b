/*
 * target.c - a table bound to a set: which rules reach it, and whether they fit its columns.
 */
#include "policy/policy_int.h"

#include <stdlib.h>

struct binding {
    struct ctx                 *cx;
    struct policy_target       *target;
    const struct policy_object *object;
    VEC(uint32_t) found;
    VEC(struct bound) rules;
};

static void problem(struct binding *b, const struct rule *rule, const char *what, str name)
{
    vec_push(b->cx->arena, &b->target->problems,
             arena_printf(b->cx->arena, "policy \"" STR_FMT "\": %s \"" STR_FMT "\" of " STR_FMT,
                          STR_ARG(rule->about.name), what, STR_ARG(name),
                          STR_ARG(b->target->address)));
}

/* ---- which rules may reach it ------------------------------------------------------------------------------- */

static void find(struct binding *b, const struct ids *ids)
{
    for (size_t i = 0; ids && i < ids->list.count; i++) {
        vec_push(b->cx->arena, &b->found, ids->list.items[i]);
    }
}

static str lower(struct arena *a, str text)
{
    char *copy = arena_alloc(a, text.len);

    for (size_t i = 0; i < text.len; i++) {
        copy[i] = char_lower(text.ptr[i]);
    }
    return (str){ copy, text.len };
}

/* pii.email.work, pii.email, pii */
static void find_tag(struct binding *b, str tag)
{
    const struct map *by_tag = &b->target->set->by_tag;
    str               wider  = lower(b->cx->arena, tag), last;

    find(b, map_get(by_tag, wider));
    while (str_rsplit(wider, '.', &wider, &last)) {
        find(b, map_get(by_tag, wider));
    }
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void find_rules(struct binding *b)
{
    const struct policy_set    *set = b->target->set;
    const struct policy_object *o   = b->object;

    find(b, &set->everywhere);
    find(b, map_get(&set->by_domain, o->domain));
    find(b, map_get(&set->by_table,
                    arena_printf(b->cx->arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(o->domain),
                                 STR_ARG(o->product), STR_ARG(o->table))));
    for (size_t i = 0; i < o->tag_count; i++) {
        find_tag(b, o->tags[i]);
    }
    if (b->found.count > 1) {
        qsort(b->found.items, b->found.count, sizeof *b->found.items, by_number);
    }
}

/* ---- whether they fit ---------------------------------------------------------------------------------------- */

bool target_column(const struct policy_target *target, str name, size_t *out)
{
    for (size_t i = 0; i < target->column_count; i++) {
        if (str_eq_nocase(target->columns[i].name, name)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool fits_test(struct binding *b, const struct rule *rule, const struct test *test)
{
    size_t column;

    if (!target_column(b->target, test->name, &column)) {
        problem(b, rule, "there is no column", test->name);
        return false;
    }
    if (!fit_test(b->target->set, &b->target->columns[column], test)) {
        problem(b, rule, "its test does not fit the type of column", test->name);
        return false;
    }
    return true;
}

static bool fits_choice(struct binding *b, const struct rule *rule, const struct choice *choice)
{
    bool fits = true;

    for (size_t i = 0; i < choice->count; i++) {
        for (size_t k = 0; k < choice->items[i].count; k++) {
            fits = fits_test(b, rule, &choice->items[i].items[k]) && fits;
        }
    }
    return fits;
}

/* Columns that a policy names exactly, of a table that it names exactly, are there. */
static bool fits_names(struct binding *b, const struct rule *rule)
{
    const struct selector *s       = &rule->applies.columns;
    bool                   by_name = applies_by_name(rule, b->object), fits = true;
    size_t                 at;

    for (size_t i = 0; i < s->name_count && by_name; i++) {
        if (!str_find_char(s->names[i], '*', &at) && !target_column(b->target, s->names[i], &at)) {
            problem(b, rule, "there is no column", s->names[i]);
            fits = false;
        }
    }
    return fits;
}

static bool is_about_columns(const struct rule *rule)
{
    return rule->about.action == POLICY_MASK || rule->about.action == POLICY_DENY_COLUMN ||
           rule->about.action == POLICY_DENY_PROJECTION;
}

/* NULL when it selects none. */
static const bool *select_columns(struct binding *b, const struct rule *rule)
{
    bool *columns = arena_array(b->cx->arena, b->object->column_count, sizeof *columns);
    bool  any     = false;

    for (size_t i = 0; i < b->object->column_count; i++) {
        columns[i] = applies_to_column(rule, &b->object->columns[i]);
        any        = any || columns[i];
        if (columns[i] && rule->about.action == POLICY_MASK &&
            !fit_mask(&b->target->columns[i], &rule->mask)) {
            problem(b, rule, "NULL is given, for its mask does not fit the type of column",
                    b->object->columns[i].name);
        }
    }
    return any ? columns : NULL;
}

static void bind_rule(struct binding *b, const struct rule *rule)
{
    struct bound bound = { .rule = rule };

    if (!applies_to_object(rule, b->object)) {
        return;
    }
    if (is_about_columns(rule)) {
        bound.is_misfit = !fits_names(b, rule);
        bound.columns   = select_columns(b, rule);
        if (!bound.columns && !bound.is_misfit) {
            return;
        }
    }
    bound.is_misfit = !fits_choice(b, rule, &rule->rows) || bound.is_misfit;
    for (size_t i = 0; i < rule->unless.count; i++) {
        bound.is_misfit = !fits_choice(b, rule, &rule->unless.items[i].row) || bound.is_misfit;
    }
    vec_push(b->cx->arena, &b->rules, bound);
}

/* ---- masks that meet ----------------------------------------------------------------------------------------- */

static bool meet(const struct bound *a, const struct bound *b, size_t column)
{
    return a->columns && b->columns && a->columns[column] && b->columns[column] &&
           effect_strength(a->rule->mask.kind) == effect_strength(b->rule->mask.kind) &&
           !effect_equal(&a->rule->mask, &b->rule->mask);
}

/* Says once for each column that two masks of one strength may meet there. */
static void find_conflict(struct binding *b, size_t column)
{
    const struct bound *first[8] = { 0 }; /* one per strength */

    for (size_t i = 0; i < b->rules.count; i++) {
        const struct bound *bound = &b->rules.items[i];
        unsigned            strength;

        if (bound->rule->about.action != POLICY_MASK || !bound->columns ||
            !bound->columns[column]) {
            continue;
        }
        strength = effect_strength(bound->rule->mask.kind);
        if (first[strength] && meet(first[strength], bound, column)) {
            problem(b, bound->rule,
                    arena_cstr(b->cx->arena,
                               arena_printf(b->cx->arena,
                                            "NULL is given where it meets another mask of its "
                                            "strength, of policy \"" STR_FMT "\", on column",
                                            STR_ARG(first[strength]->rule->about.name))),
                    b->target->columns[column].name);
            return;
        }
        first[strength] = first[strength] ? first[strength] : bound;
    }
}

/* ---- binding --------------------------------------------------------------------------------------------------- */

static bool is_deny(const struct bound *bound)
{
    return bound->rule->about.action == POLICY_DENY_READ;
}
static bool is_allow(const struct bound *bound)
{
    return bound->rule->about.action == POLICY_ALLOW_READ;
}
static bool is_misfit(const struct bound *bound)
{
    return bound->is_misfit;
}

static void build(struct binding *b, bool (*belongs)(const struct bound *), struct index *out)
{
    const struct rule **rules = arena_array(b->cx->arena, b->rules.count, sizeof *rules);
    size_t              count = 0;

    for (size_t i = 0; i < b->rules.count; i++) {
        if (belongs(&b->rules.items[i])) {
            rules[count++] = b->rules.items[i].rule;
        }
    }
    index_build(b->cx, b->target->set, rules, count, out);
}

static void copy_object(struct binding *b)
{
    struct policy_target       *t = b->target;
    const struct policy_object *o = b->object;
    struct arena               *a = b->cx->arena;

    t->domain       = arena_dup(a, o->domain);
    t->address      = arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(o->domain),
                                   STR_ARG(o->product), STR_ARG(o->table));
    t->is_open      = o->is_open;
    t->columns      = arena_array(a, o->column_count, sizeof *t->columns);
    t->column_count = o->column_count;
    for (size_t i = 0; i < o->column_count; i++) {
        fit_column(b->cx, &o->columns[i], &t->columns[i]);
    }
}

enum status policy_target_bind(struct ctx *cx, const struct policy_set *set,
                               const struct policy_object *object, struct policy_target **out)
{
    struct policy_target *target = ARENA_NEW(cx->arena, struct policy_target);
    struct binding        b      = { .cx = cx, .target = target, .object = object };

    target->set = set;
    copy_object(&b);
    find_rules(&b);
    for (size_t i = 0; i < b.found.count; i++) {
        if (i == 0 || b.found.items[i] != b.found.items[i - 1]) {
            bind_rule(&b, set->rules[b.found.items[i]]);
        }
    }
    for (size_t i = 0; i < target->column_count; i++) {
        find_conflict(&b, i);
    }
    target->rules      = b.rules.items;
    target->rule_count = b.rules.count;
    build(&b, is_deny, &target->denies);
    build(&b, is_allow, &target->allows);
    build(&b, is_misfit, &target->misfits);
    TRY(ctx_check(cx));
    *out = target;
    return ST_OK;
}

const str *policy_target_problems(const struct policy_target *target, size_t *count)
{
    *count = target->problems.count;
    return target->problems.items;
}

struct asking asking_of(const struct policy_target *target, const struct policy_request *rq)
{
    return (struct asking){ .subject = rq->subject,
                            .purpose = rq->purpose.len
                                           ? map_get(&target->set->purposes, rq->purpose)
                                           : NULL,
                            .time_us = rq->time_us,
                            .domain  = target->domain };
}
