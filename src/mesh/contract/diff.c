/*
 * diff.c - comparing two contracts object by object, property by property.
 */
#include "contract/diff.h"

#include "codec/yaml.h"
#include "contract/coltype.h"

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

static bool any_number(struct std_any any, double *out)
{
    if (!any.node || (any.node->kind != YAML_INT && any.node->kind != YAML_FLOAT)) {
        return false;
    }
    *out = any.node->kind == YAML_INT ? (double)any.node->integer : any.node->real;
    return true;
}

static void diff_any_bound(struct comparison *c, str path, enum bound bound, struct std_any before,
                           struct std_any after)
{
    bool   was = std_is_set(before), is = std_is_set(after), tighter;
    double old_number, new_number;
    str    old_text = any_text(before), new_text = any_text(after);

    if (was == is && str_eq(old_text, new_text)) {
        return;
    }
    if (!was || !is) {
        tighter = is;
    } else if (any_number(before, &old_number) && any_number(after, &new_number)) {
        tighter = bound == BOUND_LOWER ? new_number > old_number : new_number < old_number;
    } else {
        tighter = bound == BOUND_LOWER ? str_cmp(new_text, old_text) > 0
                                       : str_cmp(new_text, old_text) < 0;
    }
    changed(c, path, tighter ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR, old_text, new_text);
}

static void diff_options(struct comparison *c, str path, const struct odcs_options *before,
                         const struct odcs_options *after)
{
    diff_int_bound(c, join(c, path, S("minLength")), BOUND_LOWER, before->min_length,
                   after->min_length);
    diff_int_bound(c, join(c, path, S("maxLength")), BOUND_UPPER, before->max_length,
                   after->max_length);
    diff_int_bound(c, join(c, path, S("minItems")), BOUND_LOWER, before->min_items,
                   after->min_items);
    diff_int_bound(c, join(c, path, S("maxItems")), BOUND_UPPER, before->max_items,
                   after->max_items);
    diff_any_bound(c, join(c, path, S("minimum")), BOUND_LOWER, before->minimum, after->minimum);
    diff_any_bound(c, join(c, path, S("maximum")), BOUND_UPPER, before->maximum, after->maximum);
    diff_any_bound(c, join(c, path, S("exclusiveMinimum")), BOUND_LOWER, before->exclusive_minimum,
                   after->exclusive_minimum);
    diff_any_bound(c, join(c, path, S("exclusiveMaximum")), BOUND_UPPER, before->exclusive_maximum,
                   after->exclusive_maximum);
    if (!str_eq(before->pattern.v, after->pattern.v)) {
        /* Whether one pattern allows more than another cannot be told from the text. */
        changed(c, join(c, path, S("pattern")),
                std_is_set(after->pattern) ? ODCS_IMPACT_MAJOR : ODCS_IMPACT_MINOR,
                before->pattern.v, after->pattern.v);
    }
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

static enum status diff_property(struct comparison *c, str path, const struct odcs_property *before,
                                 const struct odcs_property *after)
{
    TRY(diff_type(c, path, before, after));
    diff_promise(c, path, "required", before->required, after->required);
    diff_promise(c, path, "unique", before->unique, after->unique);
    diff_promise(c, path, "primaryKey", before->primary_key, after->primary_key);
    diff_options(c, path, &before->options, &after->options);
    diff_enum(c, path, before, after);
    diff_text(c, path, "description", before->description, after->description);
    diff_text(c, path, "businessName", before->business_name, after->business_name);
    diff_text(c, path, "classification", before->classification, after->classification);
    if (before->quality.count != after->quality.count) {
        changed(c, join(c, path, S("quality")), ODCS_IMPACT_MINOR,
                arena_printf(c->cx->arena, "%zu rules", before->quality.count),
                arena_printf(c->cx->arena, "%zu rules", after->quality.count));
    }
    return ST_OK;
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
            add(c, (struct odcs_change){
                       .kind   = ODCS_ADDED,
                       .impact = std_is_true(now->required) || std_is_true(now->primary_key)
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
    if (before->quality.count != after->quality.count) {
        changed(c, join(c, path, S("quality")), ODCS_IMPACT_MINOR,
                arena_printf(c->cx->arena, "%zu rules", before->quality.count),
                arena_printf(c->cx->arena, "%zu rules", after->quality.count));
    }
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
