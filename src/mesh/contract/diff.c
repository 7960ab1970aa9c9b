/*
 * diff.c - comparing two contracts object by object, property by property.
 */
#include "contract/diff.h"

#include "codec/yaml.h"
#include "contract/coltype.h"

enum { RULES_TEXT_MAX = 16 << 20 };

struct comparison {
    struct ctx             *cx;
    struct odcs_difference *out;
};

str odcs_impact_name(enum odcs_impact impact)
{
    static const str names[] = {
        [ODCS_IMPACT_NONE]  = STR_INIT("none"),
        [ODCS_IMPACT_PATCH] = STR_INIT("patch"),
        [ODCS_IMPACT_MINOR] = STR_INIT("minor"),
        [ODCS_IMPACT_MAJOR] = STR_INIT("major"),
    };

    return names[impact];
}

static void add(struct comparison *c, struct odcs_change change)
{
    vec_push(c->cx->arena, &c->out->list, change);
    if (change.impact > c->out->impact) {
        c->out->impact = change.impact;
    }
}

static str join(struct comparison *c, str path, str name)
{
    return path.len ? arena_printf(c->cx->arena, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(name))
                    : name;
}

static void changed(struct comparison *c, str path, enum odcs_impact impact, str before, str after)
{
    add(c, (struct odcs_change){ .kind   = ODCS_CHANGED,
                                 .impact = impact,
                                 .path   = path,
                                 .before = before,
                                 .after  = after });
}

static void diff_text(struct comparison *c, str path, const char *name, struct std_str before,
                      struct std_str after)
{
    if (!str_eq(before.v, after.v)) {
        changed(c, join(c, path, str_of(name)), ODCS_IMPACT_PATCH, before.v, after.v);
    }
}

/* A promise such as required: made is tightening, taken back is loosening. */
static void diff_promise(struct comparison *c, str path, const char *name, struct std_bool before,
                         struct std_bool after)
{
    bool was = std_is_true(before), is = std_is_true(after);

    if (was != is) {
        changed(c, join(c, path, str_of(name)), is ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
                was ? S("true") : S("false"), is ? S("true") : S("false"));
    }
}

enum bound { BOUND_LOWER, BOUND_UPPER };

/* A bound that forbids more values than before is tightening; so is one that was not there. */
static void diff_int_bound(struct comparison *c, str path, enum bound bound, struct std_int before,
                           struct std_int after)
{
    bool was = std_is_set(before), is = std_is_set(after);
    bool tighter;

    if (was == is && (!is || before.v == after.v)) {
        return;
    }
    tighter = is && (!was || (bound == BOUND_LOWER ? after.v > before.v : after.v < before.v));
    changed(c, path, tighter ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
            was ? arena_printf(c->cx->arena, "%lld", (long long)before.v) : S(""),
            is ? arena_printf(c->cx->arena, "%lld", (long long)after.v) : S(""));
}

static str any_text(struct std_any any)
{
    str text;

    return std_any_text(any, &text) ? text : S("");
}

/* Order of two bounds: numbers as numbers, all else by its text (dates sort as text). */
static int any_order(struct std_any a, struct std_any b)
{
    double x, y;

    if (a.node->kind == YAML_INT && b.node->kind == YAML_INT) {
        return (a.node->integer > b.node->integer) - (a.node->integer < b.node->integer);
    }
    if (yaml_number(a.node, &x) && yaml_number(b.node, &y)) {
        return (x > y) - (x < y);
    }
    return str_cmp(any_text(a), any_text(b));
}

/* `exclusiveMinimum: false`, as v3.0.2 has it, is no bound. */
static bool is_bound(struct std_any any)
{
    return std_is_set(any) && any.node && !str_eq(any_text(any), S("false"));
}

/* One end of a range as both forms say it, before and after. */
struct range_end {
    enum bound     bound;
    struct std_any before, after; /* the form that is compared          */
    bool           is_exclusive;  /* which of the two it is             */
    struct std_any other_before;  /* the other form of the old contract */
};

/* True when a new bound forbids nothing that the other form did not forbid already. */
static bool is_implied(const struct range_end *e)
{
    int order;

    if (!is_bound(e->other_before) || e->other_before.node->kind == YAML_BOOL ||
        e->after.node->kind == YAML_BOOL) {
        return false;
    }
    order = any_order(e->other_before, e->after);
    order = e->bound == BOUND_LOWER ? order : -order;
    return e->is_exclusive ? order > 0 : order >= 0;
}

static void diff_any_bound(struct comparison *c, str path, struct range_end e)
{
    bool was = is_bound(e.before), is = is_bound(e.after), tighter;
    int  order;

    if (!was && !is) {
        return;
    }
    if (was && is) {
        order   = any_order(e.after, e.before);
        tighter = e.bound == BOUND_LOWER ? order > 0 : order < 0;
        if (order == 0) {
            return;
        }
    } else {
        tighter = is && !is_implied(&e);
    }
    changed(c, path, tighter ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
            was ? any_text(e.before) : S(""), is ? any_text(e.after) : S(""));
}

static void diff_range(struct comparison *c, str path, const struct odcs_options *b,
                       const struct odcs_options *a)
{
    diff_any_bound(
        c, join(c, path, S("minimum")),
        (struct range_end){ BOUND_LOWER, b->minimum, a->minimum, false, b->exclusive_minimum });
    diff_any_bound(
        c, join(c, path, S("maximum")),
        (struct range_end){ BOUND_UPPER, b->maximum, a->maximum, false, b->exclusive_maximum });
    diff_any_bound(c, join(c, path, S("exclusiveMinimum")),
                   (struct range_end){ BOUND_LOWER, b->exclusive_minimum, a->exclusive_minimum,
                                       true, b->minimum });
    diff_any_bound(c, join(c, path, S("exclusiveMaximum")),
                   (struct range_end){ BOUND_UPPER, b->exclusive_maximum, a->exclusive_maximum,
                                       true, b->maximum });
}

/*
 * A rule whose strictness cannot be told from its text, such as a pattern: made or changed it may
 * forbid what was allowed; taken back it forbids nothing.
 */
static void diff_rule(struct comparison *c, str path, const char *name, str before, str after)
{
    if (!str_eq(before, after)) {
        changed(c, join(c, path, str_of(name)), after.len ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
                before, after);
    }
}

static bool has_text(const struct std_strs *list, str text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i].v, text)) {
            return true;
        }
    }
    return false;
}

/* Names of required fields of an object: one more is tightening. */
static void diff_required(struct comparison *c, str path, const struct std_strs *before,
                          const struct std_strs *after)
{
    for (size_t i = 0; i < before->count; i++) {
        if (!has_text(after, before->items[i].v)) {
            changed(c, join(c, path, S("required")), ODCS_IMPACT_MINOR, before->items[i].v, S(""));
        }
    }
    for (size_t i = 0; i < after->count; i++) {
        if (!has_text(before, after->items[i].v)) {
            changed(c, join(c, path, S("required")), ODCS_IMPACT_MAJOR, S(""), after->items[i].v);
        }
    }
}

static void diff_counts(struct comparison *c, str path, const struct odcs_options *b,
                        const struct odcs_options *a)
{
    diff_int_bound(c, join(c, path, S("minLength")), BOUND_LOWER, b->min_length, a->min_length);
    diff_int_bound(c, join(c, path, S("maxLength")), BOUND_UPPER, b->max_length, a->max_length);
    diff_int_bound(c, join(c, path, S("minItems")), BOUND_LOWER, b->min_items, a->min_items);
    diff_int_bound(c, join(c, path, S("maxItems")), BOUND_UPPER, b->max_items, a->max_items);
    diff_int_bound(c, join(c, path, S("minProperties")), BOUND_LOWER, b->min_properties,
                   a->min_properties);
    diff_int_bound(c, join(c, path, S("maxProperties")), BOUND_UPPER, b->max_properties,
                   a->max_properties);
}

static str num_text(struct std_num n)
{
    return std_is_set(n) ? n.text : S("");
}

static void diff_options(struct comparison *c, str path, const struct odcs_property *before,
                         const struct odcs_property *after)
{
    const struct odcs_options *b = &before->options, *a = &after->options;

    diff_counts(c, path, b, a);
    diff_range(c, path, b, a);
    diff_rule(c, path, "pattern", b->pattern.v, a->pattern.v);
    diff_rule(c, path, "multipleOf", num_text(b->multiple_of), num_text(a->multiple_of));
    if (before->logical == ODCS_STRING && after->logical == ODCS_STRING) {
        diff_rule(c, path, "format", b->format.v, a->format.v); /* of others it is the type */
    }
    diff_promise(c, path, "uniqueItems", b->unique_items, a->unique_items);
    diff_required(c, path, &b->required, &a->required);
}

static bool has_enum_value(const struct odcs_property *p, str text)
{
    for (size_t i = 0; i < p->enum_values.count; i++) {
        if (str_eq(any_text(p->enum_values.items[i].value), text)) {
            return true;
        }
    }
    return false;
}

static void diff_enum(struct comparison *c, str path, const struct odcs_property *before,
                      const struct odcs_property *after)
{
    str at = join(c, path, S("enum"));

    if (before->enum_values.count == 0 && after->enum_values.count == 0) {
        return;
    }
    if (before->enum_values.count == 0 || after->enum_values.count == 0) {
        bool is_new = before->enum_values.count == 0;

        add(c, (struct odcs_change){ .kind   = is_new ? ODCS_ADDED : ODCS_REMOVED,
                                     .impact = is_new ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
                                     .path   = at });
        return;
    }
    for (size_t i = 0; i < before->enum_values.count; i++) {
        str text = any_text(before->enum_values.items[i].value);

        if (!has_enum_value(after, text)) {
            changed(c, at, ODCS_IMPACT_MAJOR, text, S(""));
        }
    }
    for (size_t i = 0; i < after->enum_values.count; i++) {
        str text = any_text(after->enum_values.items[i].value);

        if (!has_enum_value(before, text)) {
            changed(c, at, ODCS_IMPACT_MINOR, S(""), text);
        }
    }
}

static enum status diff_type(struct comparison *c, str path, const struct odcs_property *before,
                             const struct odcs_property *after)
{
    const struct coltype *old_type, *new_type;

    if (coltype_of_property(c->cx, before, &old_type) != ST_OK ||
        coltype_of_property(c->cx, after, &new_type) != ST_OK) {
        err_clear(c->cx->err);
        return ST_OK;
    }
    if (!coltype_equal(old_type, new_type)) {
        changed(c, join(c, path, S("type")),
                coltype_widens(old_type, new_type) ? ODCS_IMPACT_MINOR : ODCS_IMPACT_MAJOR,
                coltype_text(c->cx, old_type), coltype_text(c->cx, new_type));
    }
    return ST_OK;
}

/* The rules as the writer of contracts writes them, so that only what they say counts. */
static enum status rules_text(struct ctx *cx, const struct odcs_qualities *quality, str *out)
{
    struct buf text      CLEANUP(buf_release) = BUF_INIT(RULES_TEXT_MAX);
    struct odcs_object   object               = { .quality = *quality };
    struct odcs_contract contract             = { 0 };

    contract.schema.items = &object;
    contract.schema.count = 1;
    odcs_emit(&contract, &text);
    return buf_take(&text, cx, "the quality rules of a contract", out);
}

/* Rules are judged by the publish, not by readers: OMDS calls each change of them minor. */
static enum status diff_quality(struct comparison *c, str path, const struct odcs_qualities *before,
                                const struct odcs_qualities *after)
{
    str old_text, new_text;

    TRY(rules_text(c->cx, before, &old_text));
    TRY(rules_text(c->cx, after, &new_text));
    if (!str_eq(old_text, new_text)) {
        changed(c, join(c, path, S("quality")), ODCS_IMPACT_MINOR,
                arena_printf(c->cx->arena, "%zu rules", before->count),
                arena_printf(c->cx->arena, "%zu rules", after->count));
    }
    return ST_OK;
}

static enum status diff_properties(struct comparison *c, str path,
                                   const struct odcs_properties *before,
                                   const struct odcs_properties *after);
static enum status diff_property(struct comparison *c, str path, const struct odcs_property *before,
                                 const struct odcs_property *after);

/* What lies below a property; its depth is that of the document. */
static enum status diff_nested(struct comparison *c, str path, const struct odcs_property *before,
                               const struct odcs_property *after)
{
    const struct odcs_map *old = &before->map, *now = &after->map;

    TRY(diff_properties(c, path, &before->properties, &after->properties));
    if (before->items && after->items) {
        TRY(diff_property(c, join(c, path, S("items")), before->items, after->items));
    }
    if (old->key && now->key) {
        TRY(diff_property(c, join(c, path, S("key")), old->key, now->key));
    }
    if (old->value && now->value) {
        TRY(diff_property(c, join(c, path, S("value")), old->value, now->value));
    }
    return ST_OK;
}

static enum status diff_property(struct comparison *c, str path, const struct odcs_property *before,
                                 const struct odcs_property *after)
{
    TRY(diff_type(c, path, before, after));
    diff_promise(c, path, "required", before->required, after->required);
    diff_promise(c, path, "unique", before->unique, after->unique);
    diff_promise(c, path, "primaryKey", before->primary_key, after->primary_key);
    diff_options(c, path, before, after);
    diff_enum(c, path, before, after);
    diff_text(c, path, "description", before->description, after->description);
    diff_text(c, path, "businessName", before->business_name, after->business_name);
    diff_text(c, path, "classification", before->classification, after->classification);
    TRY(diff_quality(c, path, &before->quality, &after->quality));
    return diff_nested(c, path, before, after);
}

static enum status diff_properties(struct comparison *c, str path,
                                   const struct odcs_properties *before,
                                   const struct odcs_properties *after)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct odcs_property *old  = &before->items[i];
        const struct odcs_property *same = odcs_property_find(after, old->name.v);
        str                         at   = join(c, path, old->name.v);

        if (same) {
            TRY(diff_property(c, at, old, same));
        } else {
            add(c, (struct odcs_change){
                       .kind = ODCS_REMOVED, .impact = ODCS_IMPACT_MAJOR, .path = at });
        }
    }
    for (size_t i = 0; i < after->count; i++) {
        const struct odcs_property *now = &after->items[i];

        if (!odcs_property_find(before, now->name.v)) {
            add(c, (struct odcs_change){ .kind   = ODCS_ADDED,
                                         .impact = std_is_true(now->required) ||
                                                           std_is_true(now->primary_key)
                                                       ? ODCS_IMPACT_MAJOR
                                                       : ODCS_IMPACT_MINOR,
                                         .path   = join(c, path, now->name.v),
                                         .after  = now->logical_text.v });
        }
    }
    return ST_OK;
}

static enum status diff_object(struct comparison *c, const struct odcs_object *before,
                               const struct odcs_object *after)
{
    str path = before->name.v;

    diff_text(c, path, "description", before->description, after->description);
    diff_text(c, path, "businessName", before->business_name, after->business_name);
    TRY(diff_quality(c, path, &before->quality, &after->quality));
    return diff_properties(c, path, &before->properties, &after->properties);
}

enum status odcs_diff(struct ctx *cx, const struct odcs_contract *before,
                      const struct odcs_contract *after, struct odcs_difference *out)
{
    struct odcs_difference made = { 0 };
    struct comparison      c    = { .cx = cx, .out = &made };

    for (size_t i = 0; i < before->schema.count; i++) {
        const struct odcs_object *old  = &before->schema.items[i];
        const struct odcs_object *same = odcs_object_find(after, old->name.v);

        if (same) {
            TRY(diff_object(&c, old, same));
        } else {
            add(&c, (struct odcs_change){
                        .kind = ODCS_REMOVED, .impact = ODCS_IMPACT_MAJOR, .path = old->name.v });
        }
    }
    for (size_t i = 0; i < after->schema.count; i++) {
        if (!odcs_object_find(before, after->schema.items[i].name.v)) {
            add(&c, (struct odcs_change){ .kind   = ODCS_ADDED,
                                          .impact = ODCS_IMPACT_MINOR,
                                          .path   = after->schema.items[i].name.v });
        }
    }
    diff_text(&c, S(""), "name", before->name, after->name);
    diff_text(&c, S(""), "status", before->status, after->status);
    diff_text(&c, S("description"), "purpose", before->description.purpose,
              after->description.purpose);
    *out = made;
    return ST_OK;
}
