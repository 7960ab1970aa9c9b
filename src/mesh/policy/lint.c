/*
 * lint.c - warnings about policies that are right one by one and make no sense together.
 *
 * Nothing here changes what a policy does. What is compared with every other policy is only the few
 * that hold for everybody (LINT_WIDE_MAX), so the work stays linear.
 */
#include "policy/policy_int.h"

enum { LINT_WIDE_MAX = 64 };

/* ---- never applies ------------------------------------------------------------------------------------------ */

static bool is_empty_window(const struct window *w)
{
    bool any_day = !w->has_days;

    for (size_t i = 0; i < COUNT_OF(w->days); i++) {
        any_day = any_day || w->days[i];
    }
    return w->from_us >= w->until_us || !any_day;
}

static bool is_known_value(const struct compiler *c, const struct test *t, str text)
{
    str  head, tail;
    bool is_product = str_split(text, '.', &head, &tail) && map_has(&c->set->domains, head);

    switch (t->slot) {
    case SLOT_NAME: return is_product || map_has(&c->set->principals, text);
    case SLOT_ROLE: return map_has(&c->set->roles, text);
    case SLOT_DOMAIN: return map_has(&c->set->domains, text);
    default: return true;
    }
}

/* A test of a name, role or domain that nobody has, most likely a slip of the pen. */
static void check_values(struct compiler *c, const struct rule *rule, const struct test *t)
{
    for (size_t i = 0; i < t->count && !t->is_ref; i++) {
        if ((t->op == POLICY_EQ || t->op == POLICY_IN || t->op == POLICY_NE) &&
            !is_known_value(c, t, t->values[i].text)) {
            compiler_warn(c, rule, "tests for %s \"" STR_FMT "\", which nobody has",
                          t->slot == SLOT_NAME   ? "the name"
                          : t->slot == SLOT_ROLE ? "role"
                                                 : "domain",
                          STR_ARG(t->values[i].text));
        }
    }
}

static void check_clause(struct compiler *c, const struct rule *rule, const struct clause *clause,
                         const char *what)
{
    if (clause->time && is_empty_window(clause->time)) {
        compiler_warn(c, rule, "has a time in `%s` that never comes", what);
    }
    for (size_t i = 0; i < clause->principal.count; i++) {
        for (size_t k = 0; k < clause->principal.items[i].count; k++) {
            check_values(c, rule, &clause->principal.items[i].items[k]);
        }
    }
}

static void check_patterns(struct compiler *c, const struct rule *rule)
{
    for (size_t i = 0; i < rule->applies.pattern_count; i++) {
        str domain = rule->applies.patterns[i].domain;

        if (domain.len && !map_has(&c->set->domains, domain)) {
            compiler_warn(c, rule, "is about domain \"" STR_FMT "\", which is not there",
                          STR_ARG(domain));
        }
    }
}

/* ---- contradicts itself ------------------------------------------------------------------------------------- */

static bool tests_equal(const struct test *a, const struct test *b)
{
    if (a->slot != b->slot || a->op != b->op || a->count != b->count || a->is_ref != b->is_ref ||
        a->ref != b->ref) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->values[i].atom != b->values[i].atom) {
            return false;
        }
    }
    return true;
}

/* Every test of `few` is among those of `many`. */
static bool is_part_of(const struct tests *few, const struct tests *many)
{
    for (size_t i = 0; i < few->count; i++) {
        bool found = false;

        for (size_t k = 0; k < many->count && !found; k++) {
            found = tests_equal(&few->items[i], &many->items[k]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Each way to meet `narrow` also meets one of `wide`. */
static bool choice_covers(const struct choice *wide, const struct choice *narrow)
{
    if (wide->count == 0) {
        return true;
    }
    for (size_t i = 0; i < narrow->count; i++) {
        bool found = false;

        for (size_t k = 0; k < wide->count && !found; k++) {
            found = is_part_of(&wide->items[k], &narrow->items[i]);
        }
        if (!found) {
            return false;
        }
    }
    return narrow->count > 0;
}

static bool purposes_cover(const struct clause *wide, const struct clause *narrow)
{
    for (size_t i = 0; i < narrow->purpose_count && wide->purpose_count; i++) {
        bool found = false;

        for (size_t k = 0; k < wide->purpose_count && !found; k++) {
            found = wide->purposes[k].atom == narrow->purposes[i].atom;
        }
        if (!found) {
            return false;
        }
    }
    return wide->purpose_count == 0 || narrow->purpose_count > 0;
}

static bool clause_covers(const struct clause *wide, const struct clause *narrow)
{
    return !wide->time && wide->row.count == 0 && purposes_cover(wide, narrow) &&
           choice_covers(&wide->principal, &narrow->principal);
}

/* Whenever `when` holds, so does the exception. */
static bool contradicts_itself(const struct rule *rule)
{
    for (size_t i = 0; i < rule->when.count; i++) {
        bool found = false;

        for (size_t k = 0; k < rule->unless.count && !found; k++) {
            found = clause_covers(&rule->unless.items[k], &rule->when.items[i]);
        }
        if (!found) {
            return false;
        }
    }
    return rule->when.count > 0;
}

/* ---- always covered ------------------------------------------------------------------------------------------- */

static bool pattern_covers(const struct pattern *wide, const struct pattern *narrow)
{
    return (wide->domain.len == 0 || str_eq(wide->domain, narrow->domain)) &&
           (wide->product.len == 0 || str_eq(wide->product, narrow->product)) &&
           (wide->table.len == 0 || str_eq(wide->table, narrow->table)) &&
           (wide->major == 0 || wide->major == narrow->major);
}

static bool patterns_cover(const struct applies *wide, const struct applies *narrow)
{
    for (size_t i = 0; i < narrow->pattern_count && wide->pattern_count; i++) {
        bool found = false;

        for (size_t k = 0; k < wide->pattern_count && !found; k++) {
            found = pattern_covers(&wide->patterns[k], &narrow->patterns[i]);
        }
        if (!found) {
            return false;
        }
    }
    return wide->pattern_count == 0 || narrow->pattern_count > 0;
}

static bool tags_cover(const str *wide, size_t wide_count, const str *narrow, size_t count)
{
    for (size_t i = 0; i < count && wide_count; i++) {
        bool found = false;

        for (size_t k = 0; k < wide_count && !found; k++) {
            found = applies_tag_fits(narrow[i], wide[k]);
        }
        if (!found) {
            return false;
        }
    }
    return wide_count == 0 || count > 0;
}

static bool applies_covers(const struct rule *wide, const struct rule *narrow)
{
    const struct applies *w = &wide->applies, *n = &narrow->applies;

    return (wide->about.domain.len == 0 || str_eq(wide->about.domain, narrow->about.domain)) &&
           w->fields.count == 0 && patterns_cover(w, n) &&
           tags_cover(w->tags, w->tag_count, n->tags, n->tag_count);
}

/* Columns of `narrow` are among those of `wide`: by tags alone, or all of them. */
static bool columns_cover(const struct selector *wide, const struct selector *narrow)
{
    bool is_all = wide->name_count == 1 && str_eq(wide->names[0], S("*"));

    return (wide->name_count == 0 || is_all) && !wide->level && wide->fields.count == 0 &&
           tags_cover(wide->tags, wide->tag_count, narrow->tags, narrow->tag_count);
}

/* What the wide policy does leaves nothing for the narrow one to do. */
static bool outdoes(const struct rule *wide, const struct rule *narrow)
{
    enum policy_action w = wide->about.action, n = narrow->about.action;

    if (w == POLICY_DENY_READ) {
        return true;
    }
    if (w == POLICY_ALLOW_READ || w == POLICY_ROWS) {
        return w == POLICY_ALLOW_READ && n == POLICY_ALLOW_READ;
    }
    if (n != POLICY_MASK && n != POLICY_DENY_COLUMN && n != POLICY_DENY_PROJECTION) {
        return false;
    }
    if (!columns_cover(&wide->applies.columns, &narrow->applies.columns)) {
        return false;
    }
    if (w == POLICY_MASK) {
        return n == POLICY_MASK &&
               (effect_equal(&wide->mask, &narrow->mask) ||
                effect_strength(wide->mask.kind) < effect_strength(narrow->mask.kind));
    }
    return w == POLICY_DENY_COLUMN || n == POLICY_DENY_PROJECTION;
}

static bool covers(const struct rule *wide, const struct rule *narrow)
{
    return wide->when.count == 0 && wide->unless.count == 0 && applies_covers(wide, narrow) &&
           outdoes(wide, narrow);
}

/* Of two policies that do the same the second is told of. */
static void check_covered(struct compiler *c, const struct rule *rule,
                          const struct rule *const *wide, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wide[i] != rule && covers(wide[i], rule) &&
            (wide[i]->about.index < rule->about.index || !covers(rule, wide[i]))) {
            compiler_warn(c, rule, "changes nothing: policy \"" STR_FMT "\" always covers it",
                          STR_ARG(wide[i]->about.name));
            return;
        }
    }
}

void lint_set(struct compiler *c)
{
    const struct rule *wide[LINT_WIDE_MAX];
    size_t             count = 0;

    for (size_t i = 0; i < c->set->rule_count && count < LINT_WIDE_MAX; i++) {
        const struct rule *rule = c->set->rules[i];

        if (rule->when.count == 0 && rule->unless.count == 0) {
            wide[count++] = rule;
        }
    }
    for (size_t i = 0; i < c->set->rule_count; i++) {
        const struct rule *rule = c->set->rules[i];

        check_patterns(c, rule);
        for (size_t k = 0; k < rule->when.count; k++) {
            check_clause(c, rule, &rule->when.items[k], "when");
        }
        for (size_t k = 0; k < rule->unless.count; k++) {
            check_clause(c, rule, &rule->unless.items[k], "unless");
        }
        if (contradicts_itself(rule)) {
            compiler_warn(c, rule, "contradicts itself: whenever `when` holds, so does `unless`");
        }
        check_covered(c, rule, wide, count);
    }
}
