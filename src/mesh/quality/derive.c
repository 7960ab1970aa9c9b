/*
 * derive.c - what a contract's schema implies for the rows of a table.
 *
 * A walk over properties. Each value is a place: an SQL expression over the columns of the row. A
 * field of a struct is looked at only where the struct is there; an item of a list through a lambda,
 * and a row is bad when any of its items is. So every condition is about rows.
 *
 * A condition is written to be true for bad values and false or NULL for good and missing ones;
 * count FILTER takes NULL as false.
 */
#include "quality/quality_int.h"

#include "codec/yaml.h"

/* ------------------------------------------------------------------------- checks */

/* `id` itself, or with a number behind it when another check has it. */
static str id_claim(struct ctx *cx, struct quality_plan *plan, str id)
{
    str free_id = id;

    for (unsigned n = 2; map_has(&plan->ids, free_id); n++)
        free_id = arena_printf(cx->arena, STR_FMT "-%u", STR_ARG(id), n);
    map_put(&plan->ids, cx->arena, free_id, plan);
    return free_id;
}

struct check *check_add_named(struct ctx *cx, struct quality_plan *plan, str path, str kind, str id)
{
    str      dot   = path.len > 0 ? S(".") : STR_NONE;
    uint32_t index = (uint32_t)plan->checks.count;

    if (id.len == 0)
        id =
            arena_printf(cx->arena, STR_FMT STR_FMT STR_FMT "." STR_FMT,
                         STR_ARG(plan->subject->table), STR_ARG(dot), STR_ARG(path), STR_ARG(kind));
    vec_push(cx->arena, &plan->checks,
             (struct check){ .head    = { .id       = id_claim(cx, plan, id),
                                          .name     = kind,
                                          .kind     = kind,
                                          .column   = path,
                                          .severity = QUALITY_ERROR,
                                          .unit     = S("rows"),
                                          .check    = index },
                             .measure = MEASURE_BAD });
    return &plan->checks.items[plan->checks.count - 1];
}

struct check *check_add(struct ctx *cx, struct quality_plan *plan, str path, str kind)
{
    return check_add_named(cx, plan, path, kind, STR_NONE);
}

void check_set_place(const struct place *p, struct check *c)
{
    str *shown = arena_array(p->cx->arena, 1, sizeof(str));

    shown[0]        = p->column;
    c->shown        = shown;
    c->shown_count  = 1;
    c->is_sensitive = p->is_sensitive;
}

struct check *check_add_at(const struct place *p, str kind)
{
    struct check *c = check_add(p->cx, p->plan, p->path, kind);

    check_set_place(p, c);
    return c;
}

void check_give_up(struct check *c, str reason)
{
    c->state    = STATE_NOT_EVALUATED;
    c->head.how = QUALITY_BY_NOBODY;
    c->reason   = reason;
}

/* Wraps a condition on p->expr into one on the row: the struct must be there, any item may be bad. */
static str wrap(const struct place *p, str condition)
{
    struct ctx *cx = p->cx;

    for (; p != NULL && condition.len > 0; p = p->up) {
        if (p->present.len > 0)
            condition = sqlb(cx, "%q AND (%q)", p->present, condition);
        if (p->list.len > 0)
            condition = sqlb(cx, "len(list_filter(%q, lambda %i: coalesce(%q, false))) > 0",
                             p->list, p->variable, condition);
    }
    return condition;
}

void check_set_bad(const struct place *p, struct check *c, str bad, str unknown)
{
    c->bad     = wrap(p, bad);
    c->unknown = wrap(p, unknown);
    c->column  = p->column;
    c->type    = p->up == NULL ? p->type : NULL;
    if (c->bad.len == 0)
        check_give_up(c, S("it is too long for the engine"));
}

/* ------------------------------------------------------------------------- conditions */

str place_text(const struct place *p)
{
    return p->type->kind == VALTYPE_TEXT ? p->expr : sqlb(p->cx, "CAST(%q AS VARCHAR)", p->expr);
}

str place_in_list(const struct place *p, const str *values, size_t count)
{
    str   *literals = arena_array(p->cx->arena, count, sizeof(str));
    size_t kept     = 0;
    bool   as_text  = p->type->kind == VALTYPE_UUID || p->type->kind == VALTYPE_ENUM;

    for (size_t i = 0; i < count; i++)
        if (valtype_literal(p->cx, p->type, values[i], &literals[kept]))
            kept++;
    if (kept == 0)
        return S("false");
    return sqlb(p->cx, "%q IN (%q)", as_text ? place_text(p) : p->expr,
                sqlb_join(p->cx, literals, kept, S(", ")));
}

bool pattern_conditions(const struct place *p, struct check *c, str pattern, str *bad, str *unknown)
{
    struct pattern       parsed;
    struct pattern_fault fault;
    str                  test, text = place_text(p);

    *unknown = STR_NONE;
    if (pattern_parse(p->cx, pattern, &parsed, &fault) != ST_OK) {
        check_give_up(c, arena_dup(p->cx->arena, err_text(p->cx->err)));
        return false;
    }
    if (parsed.has_re2) {
        *bad = sqlb(p->cx, "NOT regexp_matches(%q, %t)", text, parsed.re2);
        return true;
    }
    if (p->plan->subject->functions == NULL) {
        check_give_up(c, arena_printf(p->cx->arena, "the engine cannot match it: it has " STR_FMT,
                                      STR_ARG(parsed.why_not_re2)));
        return false;
    }
    if (functions_pattern_sql(p->cx, p->plan->subject->functions, &parsed, text, &test) != ST_OK) {
        check_give_up(c, arena_dup(p->cx->arena, err_text(p->cx->err)));
        return false;
    }
    *bad     = sqlb(p->cx, "NOT %q", test);
    *unknown = sqlb(p->cx, "%q IS NOT NULL AND %q IS NULL", text, test);
    return true;
}

/* ------------------------------------------------------------------------- single rules */

static str phrase(const struct place *p, const char *text)
{
    return arena_printf(p->cx->arena, "%s \"" STR_FMT "\"", text, STR_ARG(p->path));
}

static str threshold_note(const struct place *p, const char *what, str value)
{
    return arena_printf(p->cx->arena, "%s " STR_FMT, what, STR_ARG(value));
}

static void derive_required(const struct place *p, bool is_required)
{
    struct check *c;

    if (!is_required)
        return;
    c                 = check_add_at(p, S("required"));
    c->head.dimension = S("completeness");
    c->phrase         = phrase(p, "have no value in");
    c->proof          = p->up == NULL ? PROOF_NULLS : PROOF_NONE;
    check_set_bad(p, c, sqlb(p->cx, "%q IS NULL", p->expr), STR_NONE);
}

static void derive_unique(const struct place *p)
{
    struct check *c;
    str          *keys;

    if (!std_is_true(p->property->unique))
        return;
    c                   = check_add_at(p, S("unique"));
    c->head.dimension   = S("uniqueness");
    c->head.unit        = S("keys");
    c->measure          = MEASURE_KEYS;
    c->phrase           = phrase(p, "occur more than once in");
    keys                = arena_array(p->cx->arena, 1, sizeof(str));
    keys[0]             = p->expr;
    c->keys             = keys;
    c->key_count        = 1;
    c->keys_are_ordered = valtype_is_scalar(p->type);
    for (const struct place *q = p; q != NULL; q = q->up)
        if (q->list.len > 0)
            check_give_up(c, S("uniqueness of values inside lists is not checked"));
}

static void derive_enum(const struct place *p)
{
    size_t        count = p->property->enum_values.count, kept = 0;
    str          *values = arena_array(p->cx->arena, count, sizeof(str));
    struct check *c;

    if (count == 0)
        return;
    c                 = check_add_at(p, S("enum"));
    c->head.dimension = S("conformity");
    c->head.threshold = arena_printf(p->cx->arena, "one of %zu values", count);
    c->phrase         = phrase(p, "have a value that is not listed in");
    for (size_t i = 0; i < count; i++)
        if (std_any_text(p->property->enum_values.items[i].value, &values[kept]))
            kept++;
    if (count > QUALITY_ENUM_MAX) {
        check_give_up(c, S("it lists more than 10000 values"));
        return;
    }
    check_set_bad(p, c, sqlb(p->cx, "NOT (%q)", place_in_list(p, values, kept)), STR_NONE);
    if (kept == 0 || str_eq(place_in_list(p, values, kept), S("false")))
        check_set_bad(p, c, sqlb(p->cx, "%q IS NOT NULL", p->expr), STR_NONE);
}

/*
 * Characters are code points. The size in bytes, which the engine knows without looking, decides
 * most values: fewer than n characters means fewer than 4n bytes.
 */
static void derive_lengths(const struct place *p)
{
    const struct odcs_options *o    = &p->property->options;
    str                        text = place_text(p);
    struct check              *c;

    if (std_is_set(o->min_length) && o->min_length.v > 0) {
        uint64_t n        = (uint64_t)o->min_length.v;
        c                 = check_add_at(p, S("minLength"));
        c->head.dimension = S("conformity");
        c->head.threshold = arena_printf(p->cx->arena, "minLength %llu", (unsigned long long)n);
        c->phrase         = phrase(p, "are too short in");
        check_set_bad(p, c,
                      sqlb(p->cx, "strlen(%q) < %u AND length(%q) < %u", text,
                           n > UINT64_MAX / 8 ? n : n * 4, text, n),
                      STR_NONE);
    }
    if (std_is_set(o->max_length) && o->max_length.v >= 0) {
        uint64_t n        = (uint64_t)o->max_length.v;
        c                 = check_add_at(p, S("maxLength"));
        c->head.dimension = S("conformity");
        c->head.threshold = arena_printf(p->cx->arena, "maxLength %llu", (unsigned long long)n);
        c->phrase         = phrase(p, "are too long in");
        check_set_bad(p, c, sqlb(p->cx, "strlen(%q) > %u AND length(%q) > %u", text, n, text, n),
                      STR_NONE);
    }
}

static void derive_pattern(const struct place *p)
{
    const struct odcs_options *o = &p->property->options;
    struct check              *c;
    str                        bad, unknown;

    if (!std_is_set(o->pattern))
        return;
    c                 = check_add_at(p, S("pattern"));
    c->head.dimension = S("conformity");
    c->head.threshold = threshold_note(p, "pattern", o->pattern.v);
    c->phrase         = phrase(p, "do not match the pattern of");
    if (pattern_conditions(p, c, o->pattern.v, &bad, &unknown))
        check_set_bad(p, c, bad, unknown);
}

/* The text of a bound: digits as written, or a date. */
static bool bound_text(const struct place *p, struct std_any any, str *out)
{
    if (any.node == NULL || any.node->kind == YAML_BOOL || !std_any_text(any, out))
        return false;
    if (any.node->kind == YAML_INT && !valtype_plain_number(p->cx->arena, *out, out))
        *out = arena_printf(p->cx->arena, "%lld", (long long)any.node->integer);
    return true;
}

static bool is_true_node(struct std_any any)
{
    return any.node != NULL && any.node->kind == YAML_BOOL && any.node->truth;
}

static bool has_ranges(const struct valtype *type)
{
    return valtype_is_number(type) || type->kind == VALTYPE_DATE || type->kind == VALTYPE_TIME ||
           type->kind == VALTYPE_TIMESTAMP || type->kind == VALTYPE_TIMESTAMP_TZ;
}

struct bound_rule {
    str         kind;
    const char *operator_text; /* what a bad value is to the bound */
    enum proof  proof;
};

/* NaN breaks every bound: the engine orders it above all numbers, so a lower bound asks for it. */
static void derive_bound(const struct place *p, const struct bound_rule *rule, struct std_any any)
{
    struct check *c;
    str           bound, literal, bad;

    if (any.node == NULL || any.node->kind == YAML_BOOL)
        return;
    c                 = check_add_at(p, rule->kind);
    c->head.dimension = S("conformity");
    c->phrase         = phrase(p, "are out of range in");
    if (!has_ranges(p->type) || !bound_text(p, any, &bound) ||
        !valtype_literal(p->cx, p->type, bound, &literal)) {
        check_give_up(c, arena_printf(p->cx->arena, "its bound cannot be read as " STR_FMT,
                                      STR_ARG(p->type->text)));
        return;
    }
    c->head.threshold =
        arena_printf(p->cx->arena, STR_FMT " " STR_FMT, STR_ARG(rule->kind), STR_ARG(bound));
    c->bound = bound;
    c->proof = p->up == NULL ? rule->proof : PROOF_NONE;
    bad      = sqlb(p->cx, "%q %q %q", p->expr, str_of(rule->operator_text), literal);
    if (p->type->kind == VALTYPE_FLOAT && rule->operator_text[0] == '<')
        bad = sqlb(p->cx, "(%q OR isnan(%q))", bad, p->expr);
    check_set_bad(p, c, bad, STR_NONE);
}

/* v3.0.2 has exclusive* as a boolean that changes the meaning of minimum and maximum. */
static void derive_range(const struct place *p)
{
    static const struct bound_rule min   = { STR_INIT("minimum"), "<", PROOF_LOW };
    static const struct bound_rule max   = { STR_INIT("maximum"), ">", PROOF_HIGH };
    static const struct bound_rule over  = { STR_INIT("exclusiveMinimum"), "<=", PROOF_LOW_OPEN };
    static const struct bound_rule under = { STR_INIT("exclusiveMaximum"), ">=", PROOF_HIGH_OPEN };
    const struct odcs_options     *o     = &p->property->options;

    derive_bound(p, is_true_node(o->exclusive_minimum) ? &over : &min, o->minimum);
    derive_bound(p, is_true_node(o->exclusive_maximum) ? &under : &max, o->maximum);
    derive_bound(p, &over, o->exclusive_minimum);
    derive_bound(p, &under, o->exclusive_maximum);
}

/*
 * Exact for integers and decimals. A binary number is a multiple when its quotient is within 1e-9 of
 * an integer, relatively: 0.3 is a multiple of 0.1.
 */
static void derive_multiple(const struct place *p)
{
    const struct odcs_options *o = &p->property->options;
    struct check              *c;
    str                        step, bad;

    if (!std_is_set(o->multiple_of))
        return;
    c                 = check_add_at(p, S("multipleOf"));
    c->head.dimension = S("conformity");
    c->phrase         = phrase(p, "are no multiple in");
    if (o->multiple_of.v <= 0.0 || !valtype_is_number(p->type) ||
        !valtype_literal(p->cx, p->type, o->multiple_of.text, &step)) {
        check_give_up(c, S("multipleOf wants a number column and a number above 0"));
        return;
    }
    c->head.threshold = threshold_note(p, "multipleOf", o->multiple_of.text);
    if (p->type->kind == VALTYPE_FLOAT)
        bad = sqlb(p->cx,
                   "(isnan(%q) OR isinf(%q) OR abs(%q / %q - round(%q / %q)) > "
                   "1e-9 * greatest(1.0, abs(%q / %q)))",
                   p->expr, p->expr, p->expr, step, p->expr, step, p->expr, step);
    else
        bad = sqlb(p->cx, "%q %% %q <> 0", p->expr, step);
    check_set_bad(p, c, bad, STR_NONE);
}

static void derive_item_count(const struct place *p, str kind, struct std_int limit,
                              const char *operator_text)
{
    struct check *c;

    if (!std_is_set(limit) || limit.v < 0)
        return;
    c                 = check_add_at(p, kind);
    c->head.dimension = S("conformity");
    c->head.threshold =
        arena_printf(p->cx->arena, STR_FMT " %lld", STR_ARG(kind), (long long)limit.v);
    c->phrase = phrase(p, "have a wrong number of items in");
    check_set_bad(p, c,
                  sqlb(p->cx, "len(%q) %q %u", p->expr, str_of(operator_text), (uint64_t)limit.v),
                  STR_NONE);
}

static void derive_list_rules(const struct place *p)
{
    const struct odcs_options *o = &p->property->options;
    struct check              *c;

    derive_item_count(p, S("minItems"), o->min_items, "<");
    derive_item_count(p, S("maxItems"), o->max_items, ">");
    if (!std_is_true(o->unique_items))
        return;
    c                 = check_add_at(p, S("uniqueItems"));
    c->head.dimension = S("uniqueness");
    c->phrase         = phrase(p, "have an item twice in");
    /* list_distinct leaves NULLs out; JSON Schema takes two of them as equal items. */
    check_set_bad(p, c,
                  sqlb(p->cx,
                       "len(list_distinct(%q)) + least(len(%q) - list_count(%q), 1) "
                       "<> len(%q)",
                       p->expr, p->expr, p->expr, p->expr),
                  STR_NONE);
}

/* ------------------------------------------------------------------------- the walk */

static bool is_listed(const struct std_strs *names, str name)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_eq(names->items[i].v, name))
            return true;
    return false;
}

bool derive_is_sensitive(const struct odcs_property *property)
{
    static const str words[] = { STR_INIT("confidential"), STR_INIT("restricted"),
                                 STR_INIT("pii"),          STR_INIT("personal"),
                                 STR_INIT("sensitive"),    STR_INIT("secret") };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_nocase(property->classification.v, words[i]))
            return true;
        for (size_t t = 0; t < property->tags.count; t++) {
            str head = property->tags.items[t].v, rest;
            ignore(str_split(head, '.', &head, &rest) ? ST_OK : ST_NOT_FOUND,
                   "a tag without dot is whole");
            if (str_eq_nocase(head, words[i]))
                return true;
        }
    }
    for (size_t i = 0; i < property->properties.count; i++)
        if (derive_is_sensitive(&property->properties.items[i]))
            return true;
    return property->items != NULL && derive_is_sensitive(property->items);
}

static void derive_place(const struct place *p, bool is_required);

static void derive_fields(const struct place *p)
{
    for (size_t i = 0; i < p->property->properties.count; i++) {
        const struct odcs_property *field = &p->property->properties.items[i];
        str          path  = arena_printf(p->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->path),
                                          STR_ARG(field->name.v));
        struct place inner = { .cx           = p->cx,
                               .plan         = p->plan,
                               .property     = field,
                               .type         = valtype_field(p->type, field->name.v),
                               .up           = p,
                               .path         = path,
                               .column       = p->column,
                               .depth        = p->depth + 1,
                               .is_sensitive = p->is_sensitive };
        if (inner.type == NULL) {
            derive_missing_column(p->cx, p->plan, path);
            derive_lost_rules(p->cx, p->plan, path, field);
            continue;
        }
        inner.expr    = sqlb(p->cx, "struct_extract(%q, %t)", p->expr, field->name.v);
        inner.present = sqlb(p->cx, "%q IS NOT NULL", p->expr);
        derive_place(&inner, std_is_true(field->required) ||
                                 is_listed(&p->property->options.required, field->name.v));
    }
}

static void derive_items(const struct place *p)
{
    struct place inner = { .cx           = p->cx,
                           .plan         = p->plan,
                           .property     = p->property->items,
                           .type         = &p->type->children[0],
                           .up           = p,
                           .column       = p->column,
                           .list         = p->expr,
                           .depth        = p->depth + 1,
                           .is_sensitive = p->is_sensitive };

    inner.variable = arena_printf(p->cx->arena, "weft_x%u", inner.depth);
    inner.expr     = sqlb(p->cx, "%i", inner.variable);
    inner.path     = arena_printf(p->cx->arena, STR_FMT ".items", STR_ARG(p->path));
    derive_place(&inner, std_is_true(inner.property->required));
}

static void derive_place(const struct place *p, bool is_required)
{
    derive_type(p);
    derive_required(p, is_required);
    derive_unique(p);
    derive_enum(p);
    derive_lengths(p);
    derive_pattern(p);
    derive_range(p);
    derive_multiple(p);
    derive_format(p);
    if (p->type->kind == VALTYPE_LIST)
        derive_list_rules(p);
    derive_property_rules(p);
    derive_property_relations(p);
    if (p->depth >= QUALITY_DEPTH_MAX)
        return;
    if (p->type->kind == VALTYPE_STRUCT)
        derive_fields(p);
    if (p->type->kind == VALTYPE_LIST && p->property->items != NULL)
        derive_items(p);
}

/* ------------------------------------------------------------------------- the table */

bool plan_find_column(const struct quality_plan *plan, str name, size_t *at)
{
    for (size_t i = 0; i < plan->subject->column_count; i++)
        if (str_eq(plan->subject->columns[i].name, name)) {
            *at = i;
            return true;
        }
    return false;
}

static int64_t key_position(const struct odcs_property *property)
{
    return std_is_set(property->primary_key_position) ? property->primary_key_position.v : -1;
}

/* The names of the key's columns by position; those without a position keep their order, last. */
static size_t collect_key(struct ctx *cx, const struct odcs_object *object, str **out)
{
    const struct odcs_properties *list  = &object->properties;
    const struct odcs_property  **keys  = arena_array(cx->arena, list->count, sizeof(*keys));
    size_t                        count = 0;

    for (size_t i = 0; i < list->count; i++) {
        size_t at = count;
        if (!std_is_true(list->items[i].primary_key))
            continue;
        while (at > 0 &&
               (uint64_t)key_position(keys[at - 1]) > (uint64_t)key_position(&list->items[i])) {
            keys[at] = keys[at - 1];
            at--;
        }
        keys[at] = &list->items[i];
        count++;
    }
    *out = arena_array(cx->arena, count, sizeof(str));
    for (size_t i = 0; i < count; i++)
        (*out)[i] = keys[i]->name.v;
    return count;
}

/* One check for the whole key; its columns are checked as required, each by itself. */
static void derive_primary_key(struct ctx *cx, struct quality_plan *plan)
{
    str          *names;
    size_t        count = collect_key(cx, plan->subject->object, &names), at;
    str          *keys  = arena_array(cx->arena, count, sizeof(str));
    struct check *c;

    if (count == 0)
        return;
    c                   = check_add(cx, plan, STR_NONE, S("primaryKey"));
    c->head.column      = sqlb_join(cx, names, count, S(", "));
    c->head.dimension   = S("uniqueness");
    c->head.unit        = S("keys");
    c->measure          = MEASURE_KEYS;
    c->phrase           = S("occur more than once in the primary key");
    c->keys             = keys;
    c->key_count        = count;
    c->keys_are_ordered = true;
    for (size_t i = 0; i < count; i++) {
        keys[i] = sqlb(cx, "%i", names[i]);
        if (!plan_find_column(plan, names[i], &at))
            check_give_up(c, S("a column of the primary key is missing"));
        else if (!valtype_is_scalar(plan->types[at]))
            c->keys_are_ordered = false;
    }
    plan->key_columns      = names;
    plan->key_column_count = c->state == STATE_OPEN ? count : 0;
}

static bool is_declared(const struct odcs_properties *list, str name)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].name.v, name))
            return true;
    return false;
}

static void derive_column(struct ctx *cx, struct quality_plan *plan,
                          const struct odcs_property *property)
{
    str    name = property->name.v;
    size_t at;

    if (!plan_find_column(plan, name, &at)) {
        derive_missing_column(cx, plan, name);
        derive_lost_rules(cx, plan, name, property);
        return;
    }
    struct place p = { .cx           = cx,
                       .plan         = plan,
                       .property     = property,
                       .type         = plan->types[at],
                       .expr         = sqlb(cx, "%i", name),
                       .path         = name,
                       .column       = name,
                       .is_sensitive = derive_is_sensitive(property) };
    derive_place(&p, std_is_true(property->required) || std_is_true(property->primary_key));
}

enum status derive_checks(struct ctx *cx, struct quality_plan *plan)
{
    const struct odcs_object *object = plan->subject->object;

    for (size_t i = 0; i < object->properties.count; i++) {
        derive_column(cx, plan, &object->properties.items[i]);
        if (plan->checks.count > QUALITY_CHECKS_MAX)
            return FAIL(cx, LIMIT, "table \"" STR_FMT "\" has more than %d checks",
                        STR_ARG(plan->subject->table), (int)QUALITY_CHECKS_MAX);
        TRY(ctx_check(cx));
    }
    for (size_t i = 0; object->properties.count > 0 && i < plan->subject->column_count; i++)
        if (!is_declared(&object->properties, plan->subject->columns[i].name))
            derive_undeclared(cx, plan, plan->subject->columns[i].name);
    derive_primary_key(cx, plan);
    derive_object_rules(cx, plan);
    derive_object_relations(cx, plan);
    return ST_OK;
}
