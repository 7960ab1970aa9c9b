/*
 * diff_values.c - which values two versions of a property allow: what one allows and the other refuses.
 *
 * A facet of the new property is tighter exactly when there is a value that the whole old property allows
 * and the facet refuses. Such a value, if there is one, lies next to a bound of either side: what is
 * allowed is an interval of a lattice (whole numbers, hundredths, days, multiples of a step) or of the
 * real line, or a length, or a list of words. So the values around all bounds are tried on both sides;
 * the first that tells is the example a person is shown.
 *
 * Numbers are exact: integers, decimals, dates and times are whole multiples of one unit, 10^-scale of
 * the pair (days, microseconds). FLOAT and DOUBLE are compared as they are. Two facets that cannot be
 * evaluated here, a pattern and a bound that is no value of the type, allow everything when another facet
 * is judged, and are UNKNOWN themselves.
 */
#include "contract/diff_values_int.h"

#include <math.h>
#include <stdlib.h>

#include "base/time.h"

/* ---- types ----------------------------------------------------------------------------------------- */

static str text_at(const struct yaml_node *map, str name)
{
    return yaml_text_or(yaml_get(map, name), STR_NONE);
}

static bool truth_at(const struct yaml_node *map, str name)
{
    const struct yaml_node *node = yaml_get(map, name);

    return node && node->kind == YAML_BOOL && node->truth;
}

static enum odcs_logical logical_of(str text)
{
    for (int i = ODCS_STRING; i <= ODCS_VECTOR; i++) {
        if (str_eq(text, odcs_logical_name((enum odcs_logical)i))) {
            return (enum odcs_logical)i;
        }
    }
    return ODCS_NONE;
}

static struct std_str std_text_at(const struct yaml_node *map, str name)
{
    str text = text_at(map, name);

    return text.ptr ? std_str_made(text) : (struct std_str){ .v = STR_NONE };
}

enum odcs_logical diff_values_logical(const struct yaml_node *property)
{
    return logical_of(text_at(property, S("logicalType")));
}

/* The type of a property without what lies below it; NULL when it says none. */
static const struct coltype *type_of(struct ctx *cx, const struct yaml_node *property)
{
    const struct yaml_node *options    = yaml_get(property, S("logicalTypeOptions"));
    const struct yaml_node *dimensions = yaml_get(options, S("dimensions"));
    struct odcs_property    p          = { .name          = std_str_made(S("column")),
                                           .logical       = diff_values_logical(property),
                                           .physical_type = std_text_at(property, S("physicalType")) };
    struct err              unseen     = { 0 };
    struct ctx              own        = *cx;
    const struct coltype   *type       = NULL;

    own.err                = &unseen;
    p.options.format       = std_text_at(options, S("format"));
    p.options.element_type = std_text_at(options, S("elementType"));
    if (truth_at(options, S("timezone"))) {
        p.options.timezone = std_bool_made(true);
    }
    if (dimensions && dimensions->kind == YAML_INT) {
        p.options.dimensions = std_int_made(dimensions->integer);
    }
    return coltype_of_property(&own, &p, &type) == ST_OK ? type : NULL;
}

static enum family family_of(const struct coltype *type, enum odcs_logical logical)
{
    if (!type) {
        return logical == ODCS_ARRAY || logical == ODCS_VECTOR ? FAMILY_LIST
               : logical == ODCS_OBJECT || logical == ODCS_MAP ? FAMILY_OBJECT
                                                               : FAMILY_NONE;
    }
    switch ((int)type->kind) {
    case COLTYPE_BOOLEAN: return FAMILY_TRUTH;
    case COLTYPE_DATE:
    case COLTYPE_TIMESTAMP:
    case COLTYPE_TIMESTAMP_TZ:
    case COLTYPE_TIMESTAMP_S:
    case COLTYPE_TIMESTAMP_MS:
    case COLTYPE_TIMESTAMP_NS: return FAMILY_MOMENT;
    case COLTYPE_TIME:
    case COLTYPE_TIME_TZ: return FAMILY_TIME;
    case COLTYPE_STRUCT:
    case COLTYPE_MAP: return FAMILY_OBJECT;
    case COLTYPE_LIST:
    case COLTYPE_ARRAY: return FAMILY_LIST;
    case COLTYPE_DECIMAL:
    case COLTYPE_FLOAT:
    case COLTYPE_DOUBLE: return FAMILY_NUMBER;
    default:
        return type->kind >= COLTYPE_TINYINT && type->kind <= COLTYPE_UHUGEINT ? FAMILY_NUMBER
                                                                               : FAMILY_TEXT;
    }
}

/* ---- constants ---------------------------------------------------------------------------------------- */

static bool is_moment_us(const struct coltype *t)
{
    return t && t->kind != COLTYPE_DATE && family_of(t, ODCS_NONE) == FAMILY_MOMENT;
}

static str digits_of(struct ctx *cx, const struct yaml_node *node)
{
    return node->kind == YAML_INT ? arena_printf(cx->arena, "%lld", (long long)node->integer)
                                  : node->text;
}

/* A date, a moment or a time of day in the unit of the pair. */
static bool read_moment(struct ctx *cx, const struct property_pair *p, enum family family, str text,
                        struct number *out)
{
    int64_t at;

    if (family == FAMILY_TIME) {
        if (!time_parse(arena_printf(cx->arena, "1970-01-01T" STR_FMT, STR_ARG(text)), &at)) {
            return false;
        }
    } else if (p->is_moment_us) {
        if (!time_parse(text, &at)) {
            return false;
        }
    } else if (!date_parse(text, &at)) {
        return false;
    }
    *out = (struct number){ at, (double)at };
    return true;
}

static bool read_number(struct ctx *cx, const struct property_pair *p, enum family family,
                        const struct yaml_node *node, struct number *out)
{
    str text;

    if (family == FAMILY_MOMENT || family == FAMILY_TIME) {
        return node->kind == YAML_STRING && read_moment(cx, p, family, node->text, out);
    }
    text = digits_of(cx, node);
    if (!diff_number_real(cx, text, &out->x)) {
        return false;
    }
    out->n = 0;
    return p->is_real || diff_number_read(text, p->scale, &out->n);
}

static bool is_there(const struct yaml_node *node)
{
    return node && node->kind != YAML_NULL && node->kind != YAML_BOOL;
}

static void read_bound(struct ctx *cx, const struct property_pair *p, struct side *s,
                       enum diff_law law, const struct yaml_node *node, struct bound *out)
{
    if (!is_there(node)) {
        return;
    }
    if (read_number(cx, p, s->family, node, &out->at)) {
        out->is_set = true;
    } else {
        s->unreadable[law] = true;
    }
}

/* v3.0.2 has exclusive forms as booleans, which change the meaning of the others. */
static void read_bounds(struct ctx *cx, const struct property_pair *p, struct side *s)
{
    const struct yaml_node *o = s->options;

    read_bound(cx, p, s, LAW_LOW, yaml_get(o, S("minimum")), &s->low[0]);
    read_bound(cx, p, s, LAW_LOW, yaml_get(o, S("exclusiveMinimum")), &s->low[1]);
    read_bound(cx, p, s, LAW_HIGH, yaml_get(o, S("maximum")), &s->high[0]);
    read_bound(cx, p, s, LAW_HIGH, yaml_get(o, S("exclusiveMaximum")), &s->high[1]);
    s->low[0].is_open  = truth_at(o, S("exclusiveMinimum"));
    s->high[0].is_open = truth_at(o, S("exclusiveMaximum"));
    s->low[1].is_open = s->high[1].is_open = true;
    read_bound(cx, p, s, LAW_STEP, yaml_get(o, S("multipleOf")), &s->step);
    if (s->step.is_set && !(s->step.at.x > 0 && (p->is_real || s->step.at.n > 0))) {
        s->step.is_set          = false;
        s->unreadable[LAW_STEP] = true;
    }
}

static int by_number(const void *a, const void *b)
{
    const struct number *x = a, *y = b;

    return x->n != y->n ? (x->n > y->n) - (x->n < y->n) : (x->x > y->x) - (x->x < y->x);
}

static bool is_of_numbers(enum family family)
{
    return family == FAMILY_NUMBER || family == FAMILY_MOMENT || family == FAMILY_TIME;
}

/* The listed values; those that the type cannot hold match no row and are left out. */
static void read_words(struct ctx *cx, const struct property_pair *p, struct side *s)
{
    const struct yaml_node *list = yaml_get(s->node, S("enum"));

    s->has_words = list && list->kind == YAML_LIST && list->count > 0;
    if (!s->has_words) {
        return;
    }
    s->words = arena_array(cx->arena, list->count, sizeof *s->words);
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *value = yaml_get(list->items[i], S("value"));

        if (!value || value->kind == YAML_NULL || value->kind >= YAML_LIST) {
            continue;
        }
        if (!is_of_numbers(s->family)) {
            map_put(&s->texts, cx->arena, digits_of(cx, value), s);
        } else if (read_number(cx, p, s->family, value, &s->words[s->word_count])) {
            s->word_count++;
        }
    }
    qsort(s->words, s->word_count, sizeof *s->words, by_number);
}

/* Unit and range of a type of whole multiples. */
static void read_type_range(const struct property_pair *p, struct side *s)
{
    const struct coltype *t = s->type;
    unsigned              bits;

    s->unit  = diff_number_power(p->scale);
    s->least = -DIFF_NUMBER_MAX;
    s->most  = DIFF_NUMBER_MAX;
    if (!t || s->family != FAMILY_NUMBER) {
        s->unit = s->family == FAMILY_MOMENT && p->is_moment_us && t && t->kind == COLTYPE_DATE
                      ? US_PER_DAY
                      : 1;
        return;
    }
    if (t->kind == COLTYPE_DECIMAL) {
        s->unit  = diff_number_power(p->scale - t->scale);
        s->most  = diff_number_power(t->width - t->scale + p->scale) - s->unit;
        s->least = -s->most;
    } else if (t->kind >= COLTYPE_TINYINT && t->kind <= COLTYPE_BIGINT) {
        bits     = (8u << (t->kind - COLTYPE_TINYINT)) - 1;
        s->most  = (((diff_wide)1 << bits) - 1) * s->unit;
        s->least = -s->most - s->unit;
    } else if (t->kind >= COLTYPE_UTINYINT && t->kind <= COLTYPE_UBIGINT) {
        bits     = 8u << (t->kind - COLTYPE_UTINYINT);
        s->most  = (((diff_wide)1 << bits) - 1) * s->unit;
        s->least = 0;
    } else if (t->kind == COLTYPE_UHUGEINT) {
        s->least = 0;
    }
}

/* ---- what a side allows ------------------------------------------------------------------------------- */

static bool count_allows(const struct side *s, str name, int64_t count, bool is_least)
{
    const struct yaml_node *limit = yaml_get(s->options, name);

    if (!limit || limit->kind != YAML_INT) {
        return true;
    }
    return is_least ? count >= limit->integer : count <= limit->integer;
}

static bool bound_allows(const struct property_pair *p, const struct bound *b, struct number v,
                         bool is_low)
{
    int order = p->is_real ? (v.x > b->at.x) - (v.x < b->at.x) : (v.n > b->at.n) - (v.n < b->at.n);

    order = is_low ? order : -order;
    return !b->is_set || order > 0 || (order == 0 && !b->is_open);
}

/* As quality/derive.c counts: exact, or within 1e-9 of a whole quotient for binary numbers. */
static bool is_multiple(const struct property_pair *p, const struct number *v,
                        const struct number *step)
{
    double q;

    if (!p->is_real) {
        return v->n % step->n == 0;
    }
    q = v->x / step->x;
    return !(fabs(q - round(q)) > 1e-9 * fmax(1.0, fabs(q)));
}

static bool has_word(const struct property_pair *p, const struct side *s, const struct value *v)
{
    if (v->kind == VALUE_NUMBER) {
        struct number key = { p->is_real ? 0 : v->number.n, p->is_real ? v->number.x : 0 };

        for (size_t low = 0, high = s->word_count; low < high;) {
            size_t        middle = low + (high - low) / 2;
            struct number at     = { p->is_real ? 0 : s->words[middle].n,
                                 p->is_real ? s->words[middle].x : 0 };
            int order = by_number(&at, &key);

            if (order == 0) {
                return true;
            }
            *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
        }
        return false;
    }
    return v->kind == VALUE_TEXT && v->text.ptr && map_has(&s->texts, v->text);
}

static bool number_allows(const struct property_pair *p, const struct side *s, enum diff_law law,
                          const struct value *v)
{
    const struct bound *pair = law == LAW_LOW ? s->low : s->high;

    if (law == LAW_STEP) {
        return !s->step.is_set || (v->kind != VALUE_NAN && is_multiple(p, &v->number, &s->step.at));
    }
    if (v->kind == VALUE_NAN) { /* breaks every bound */
        return !pair[0].is_set && !pair[1].is_set;
    }
    return bound_allows(p, &pair[0], v->number, law == LAW_LOW) &&
           bound_allows(p, &pair[1], v->number, law == LAW_LOW);
}

static bool facet_allows(const struct property_pair *p, const struct side *s, enum diff_law law,
                         const struct value *v)
{
    bool is_number = v->kind == VALUE_NUMBER || v->kind == VALUE_NAN;

    if (v->kind == VALUE_NULL) {
        return law != LAW_REQUIRED || !s->is_needed;
    }
    switch ((int)law) {
    case LAW_ENUM: return !s->has_words || has_word(p, s, v);
    case LAW_LENGTH_LEAST:
        return v->kind != VALUE_TEXT || count_allows(s, S("minLength"), v->count, true);
    case LAW_LENGTH_MOST:
        return v->kind != VALUE_TEXT || count_allows(s, S("maxLength"), v->count, false);
    case LAW_LOW:
    case LAW_HIGH:
    case LAW_STEP: return !is_number || number_allows(p, s, law, v);
    case LAW_COUNT_LEAST:
        return v->kind != VALUE_COUNT || (count_allows(s, S("minItems"), v->count, true) &&
                                          count_allows(s, S("minProperties"), v->count, true));
    case LAW_COUNT_MOST:
        return v->kind != VALUE_COUNT || (count_allows(s, S("maxItems"), v->count, false) &&
                                          count_allows(s, S("maxProperties"), v->count, false));
    case LAW_DISTINCT:
        return v->kind != VALUE_COUNT || !v->has_twins || !truth_at(s->options, S("uniqueItems"));
    default: return true; /* null is above; patterns are not evaluated */
    }
}

static bool type_holds(const struct property_pair *p, const struct side *s, const struct value *v)
{
    if (v->kind == VALUE_NAN) {
        return s->is_float;
    }
    if (v->kind != VALUE_NUMBER || s->is_float) {
        return true;
    }
    if (p->is_real) {
        double unit = (double)s->unit / (double)diff_number_power(p->scale);
        double q    = v->number.x / unit;

        return fabs(q - round(q)) < 1e-9 &&
               v->number.x * (double)diff_number_power(p->scale) >= (double)s->least &&
               v->number.x * (double)diff_number_power(p->scale) <= (double)s->most;
    }
    return v->number.n % s->unit == 0 && v->number.n >= s->least && v->number.n <= s->most;
}

static bool side_allows(const struct property_pair *p, const struct side *s, const struct value *v)
{
    if (!type_holds(p, s, v)) {
        return false;
    }
    for (int law = 0; law < LAW_FACETS; law++) {
        if (!facet_allows(p, s, (enum diff_law)law, v)) {
            return false;
        }
    }
    return true;
}

/* ---- the pair ------------------------------------------------------------------------------------------------ */

static const struct yaml_node *parent_of(const struct diff_walk *w, bool is_after)
{
    size_t seen = 0;

    for (size_t i = w->level_count; i > 0; i--) {
        const struct diff_level *l = &w->levels[i - 1];

        if (l->shape == SHAPE_PROPERTY && ++seen == 2) {
            return is_after ? l->after : l->before;
        }
    }
    return NULL;
}

/* A property right below a table. */
static bool is_column(const struct diff_walk *w)
{
    return parent_of(w, false) == NULL && parent_of(w, true) == NULL;
}

static bool is_needed(struct diff_walk *w, const struct yaml_node *property,
                      const struct yaml_node *parent, bool column)
{
    const struct yaml_node *names =
        yaml_get(yaml_get(parent, S("logicalTypeOptions")), S("required"));

    return truth_at(property, S("required")) || (column && truth_at(property, S("primaryKey"))) ||
           diff_find(w, names, STR_NONE, text_at(property, S("name"))) != NULL;
}

/* Digits behind the point that the constants of a side and its type need. */
static unsigned scale_of(struct ctx *cx, const struct side *s)
{
    static const str        names[] = { STR_INIT("minimum"), STR_INIT("maximum"),
                                        STR_INIT("exclusiveMinimum"), STR_INIT("exclusiveMaximum"),
                                        STR_INIT("multipleOf") };
    const struct yaml_node *list    = yaml_get(s->node, S("enum"));
    unsigned scale = s->type && s->type->kind == COLTYPE_DECIMAL ? s->type->scale : 0, one;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct yaml_node *node = yaml_get(s->options, names[i]);

        one   = is_there(node) ? diff_number_scale(digits_of(cx, node)) : 0;
        scale = one > scale ? one : scale;
    }
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const struct yaml_node *node = yaml_get(list->items[i], S("value"));

        one   = is_there(node) ? diff_number_scale(digits_of(cx, node)) : 0;
        scale = one > scale ? one : scale;
    }
    return scale < DIFF_NUMBER_SCALE_MAX ? scale : DIFF_NUMBER_SCALE_MAX;
}

static void read_side(struct diff_walk *w, struct side *s, const struct yaml_node *node,
                      bool is_after)
{
    s->node      = node;
    s->options   = yaml_get(node, S("logicalTypeOptions"));
    s->logical   = diff_values_logical(node);
    s->type      = type_of(w->cx, node);
    s->family    = family_of(s->type, s->logical);
    s->is_float  = s->type && (s->type->kind == COLTYPE_DOUBLE || s->type->kind == COLTYPE_FLOAT);
    s->is_needed = is_needed(w, node, parent_of(w, is_after), is_column(w));
    s->is_needed = s->is_needed || diff_quality_forbids(node, ODCS_METRIC_NULL_VALUES);
    s->is_unique =
        truth_at(node, S("unique")) || diff_quality_forbids(node, ODCS_METRIC_DUPLICATE_VALUES);
}

static void read_constants(struct ctx *cx, struct property_pair *p)
{
    p->is_real      = p->side[0].is_float || p->side[1].is_float;
    p->is_moment_us = is_moment_us(p->side[0].type) || is_moment_us(p->side[1].type);
    for (size_t k = 0; k < 2 && p->side[0].family == FAMILY_NUMBER; k++) {
        unsigned scale = scale_of(cx, &p->side[k]);

        p->scale = scale > p->scale ? scale : p->scale;
    }
    for (size_t k = 0; k < 2; k++) {
        read_type_range(p, &p->side[k]);
        read_bounds(cx, p, &p->side[k]);
        read_words(cx, p, &p->side[k]);
    }
}

static struct property_pair *pair_of(struct diff_walk *w, const struct diff_level *level)
{
    struct property_pair *p = w->property;

    if (p && p->before == level->before && p->after == level->after) {
        return p;
    }
    p  = ARENA_NEW(w->cx->arena, struct property_pair);
    *p = (struct property_pair){ .before = level->before, .after = level->after };
    read_side(w, &p->side[0], level->before, false);
    read_side(w, &p->side[1], level->after, true);
    for (size_t k = 0; k < 2; k++) { /* what says nothing of its type is like the other side */
        if (p->side[k].family == FAMILY_NONE) {
            p->side[k].family = p->side[1 - k].family;
        }
    }
    p->is_comparable = p->side[0].family == p->side[1].family;
    if (p->is_comparable) {
        read_constants(w->cx, p);
        diff_values_try(w->cx, p);
    }
    w->property = p;
    return p;
}

/* ---- verdicts ---------------------------------------------------------------------------------------------------- */

static str value_text(struct ctx *cx, const struct property_pair *p, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL: return S("null");
    case VALUE_NAN: return S("NaN");
    case VALUE_TEXT:
        if (!v->text.ptr) {
            return v->count == INT64_MAX
                       ? S("a text of any length")
                       : arena_printf(cx->arena, "a text of %lld characters", (long long)v->count);
        }
        return v->text.len ? arena_printf(cx->arena, "\"" STR_FMT "\"", STR_ARG(v->text))
                           : S("the empty text");
    case VALUE_COUNT:
        return v->has_twins            ? S("an item that stands twice")
               : v->count == INT64_MAX ? S("any number of items")
                                       : arena_printf(cx->arena, "%lld item%s", (long long)v->count,
                                                      v->count == 1 ? "" : "s");
    case VALUE_NUMBER: break;
    }
    if (p->side[0].family == FAMILY_MOMENT) {
        return p->is_moment_us ? time_text(cx->arena, (int64_t)v->number.n)
                               : date_text(cx->arena, (int64_t)v->number.n);
    }
    if (p->side[0].family == FAMILY_TIME) {
        return str_sub(time_text(cx->arena, (int64_t)v->number.n), sizeof("1970-01-01T") - 1, 8);
    }
    return p->is_real ? arena_printf(cx->arena, "%.15g", v->number.x)
                      : diff_number_text(cx, v->number.n, p->scale);
}

static void judge_value(struct ctx *cx, const struct property_pair *p, enum diff_law law,
                        const struct value *v, struct diff_verdict *out)
{
    const struct side *old = &p->side[0], *now = &p->side[1];

    if (!out->narrows && !facet_allows(p, now, law, v) && side_allows(p, old, v)) {
        out->narrows = true;
        out->lost    = value_text(cx, p, v);
    }
    if (!out->widens && !facet_allows(p, old, law, v) && side_allows(p, now, v)) {
        out->widens = true;
        out->won    = value_text(cx, p, v);
    }
}

/* A pattern is not evaluated: with a list of words on the other side it may refuse none of them. */
static struct diff_verdict judge_pattern(const struct property_pair *p)
{
    bool was = yaml_get(p->side[0].options, S("pattern")) != NULL;
    bool is  = yaml_get(p->side[1].options, S("pattern")) != NULL;

    return (struct diff_verdict){ .narrows = is && !was,
                                  .widens  = was && !is,
                                  .unknown = (was && is) || p->side[was ? 1 : 0].has_words };
}

/* Same type, another logical type: only whole numbers are numbers too. */
static struct diff_verdict judge_logical(const struct side *old, const struct side *now)
{
    bool whole = now->type && (now->type->kind != COLTYPE_DECIMAL || now->type->scale == 0) &&
                 !now->is_float;

    if (old->logical == now->logical || old->logical == ODCS_NONE || now->logical == ODCS_NONE) {
        return (struct diff_verdict){ 0 };
    }
    if (old->logical == ODCS_INTEGER && now->logical == ODCS_NUMBER) {
        return (struct diff_verdict){ .widens = !whole };
    }
    if (old->logical == ODCS_NUMBER && now->logical == ODCS_INTEGER) {
        return (struct diff_verdict){ .narrows = !whole };
    }
    return (struct diff_verdict){ .narrows = true, .widens = true };
}

/* A type is a promise of its own: a narrower one is tighter also where bounds leave no such value. */
static struct diff_verdict judge_type(struct ctx *cx, const struct property_pair *p)
{
    const struct side  *old = &p->side[0], *now = &p->side[1];
    struct diff_verdict v = { 0 };

    if (!old->type && !now->type) {
        v.narrows = now->logical != old->logical && now->logical != ODCS_NONE;
        v.widens  = now->logical != old->logical && old->logical != ODCS_NONE;
        return v;
    }
    if (!old->type || !now->type) {
        bool same = old->logical == now->logical && old->logical != ODCS_NONE;

        v.narrows = !same && (now->type || now->logical != ODCS_NONE);
        v.widens  = !same && (old->type || old->logical != ODCS_NONE);
        return v;
    }
    if (coltype_equal(old->type, now->type)) {
        return judge_logical(old, now);
    }
    v.narrows = !coltype_widens(old->type, now->type);
    v.widens  = !coltype_widens(now->type, old->type);
    v.lost    = v.narrows
                    ? arena_printf(cx->arena, "all of " STR_FMT, STR_ARG(coltype_text(cx, old->type)))
                    : STR_NONE;
    return v;
}

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

/* The primary keys of a table before and after, and what is unique by itself. */
struct key_pair {
    const struct yaml_node *before, *after;
    struct map              key[2], unique[2];
    struct diff_verdict     verdict;
};

static void read_key(struct ctx *cx, const struct yaml_node *table, struct map *key,
                     struct map *unique)
{
    const struct yaml_node *list = yaml_get(table, S("properties"));

    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const struct yaml_node *p    = list->items[i];
        str                     name = text_at(p, S("name"));

        if (truth_at(p, S("primaryKey"))) {
            map_put(key, cx->arena, name, unconst(p));
        }
        if (truth_at(p, S("unique"))) {
            map_put(unique, cx->arena, name, unconst(p));
        }
    }
}

/* True when rows that differ in `key` or in a unique column of `unique` differ in `in` for sure. */
static bool is_implied(const struct map *in, const struct map *key, const struct map *unique)
{
    bool has_all = key->count > 0;

    for (size_t i = 0; i < key->count; i++) {
        has_all = has_all && map_has(in, key->entries[i].key);
    }
    for (size_t i = 0; i < unique->count; i++) {
        has_all = has_all || map_has(in, unique->entries[i].key);
    }
    return has_all;
}

static struct key_pair *keys_of(struct diff_walk *w, const struct diff_level *table)
{
    struct key_pair *k = w->key;

    if (k && k->before == table->before && k->after == table->after) {
        return k;
    }
    k  = ARENA_NEW(w->cx->arena, struct key_pair);
    *k = (struct key_pair){ .before = table->before, .after = table->after };
    read_key(w->cx, table->before, &k->key[0], &k->unique[0]);
    read_key(w->cx, table->after, &k->key[1], &k->unique[1]);
    k->verdict.narrows = k->key[1].count > 0 && !is_implied(&k->key[1], &k->key[0], &k->unique[0]);
    k->verdict.widens  = k->key[0].count > 0 && !is_implied(&k->key[0], &k->key[1], &k->unique[1]);
    w->key             = k;
    return k;
}

static bool is_sole_key(const struct map *key, const struct yaml_node *property)
{
    return key->count == 1 && map_has(key, text_at(property, S("name")));
}

static void judge_key(struct diff_walk *w, const struct property_pair *p, enum diff_law law,
                      struct diff_verdict *out)
{
    const struct diff_level *table = diff_around(w, SHAPE_OBJECT);
    const struct side       *old = &p->side[0], *now = &p->side[1];
    const struct key_pair   *k;
    bool                     was, is;

    if (!table || !table->before || !table->after || !is_column(w)) {
        was          = law == LAW_UNIQUE && old->is_unique;
        is           = law == LAW_UNIQUE && now->is_unique;
        out->narrows = is && !was;
        out->widens  = was && !is;
        return;
    }
    k = keys_of(w, table);
    if (law == LAW_KEY) {
        out->narrows = k->verdict.narrows || (now->is_needed && !old->is_needed);
        out->widens  = k->verdict.widens || (old->is_needed && !now->is_needed);
        out->lost    = out->narrows ? S("a key that stands twice, or a null,") : STR_NONE;
        return;
    }
    was          = old->is_unique || is_sole_key(&k->key[0], old->node);
    is           = now->is_unique || is_sole_key(&k->key[1], now->node);
    out->narrows = is && !was;
    out->widens  = was && !is;
    out->lost    = out->narrows ? S("a value that stands twice") : STR_NONE;
}

/* ---- the face -------------------------------------------------------------------------------------------------------- */

void diff_values_judge(struct diff_walk *w, enum diff_law law, struct diff_verdict *out)
{
    const struct diff_level *level = diff_around(w, SHAPE_PROPERTY);
    struct property_pair    *p;

    *out = (struct diff_verdict){ 0 };
    if (!level || !level->before || !level->after) {
        out->unknown = true;
        return;
    }
    p = pair_of(w, level);
    if (law == LAW_TYPE) {
        *out = judge_type(w->cx, p);
        return;
    }
    if (law == LAW_UNIQUE || law == LAW_KEY) {
        judge_key(w, p, law, out);
        return;
    }
    if (law == LAW_REQUIRED) {
        judge_value(w->cx, p, law, &(struct value){ .kind = VALUE_NULL }, out);
        return;
    }
    if (!p->is_comparable) {
        return; /* the type is another: it says so itself */
    }
    if (law == LAW_PATTERN) {
        *out = judge_pattern(p);
        return;
    }
    out->unknown = p->side[0].unreadable[law] || p->side[1].unreadable[law];
    for (size_t i = 0; i < p->tried.count && !out->unknown; i++) {
        judge_value(w->cx, p, law, &p->tried.items[i], out);
    }
}

void diff_values_word(struct diff_walk *w, const struct yaml_node *entry, bool is_added,
                      struct diff_verdict *out)
{
    const struct diff_level *level = diff_around(w, SHAPE_PROPERTY);
    const struct yaml_node  *node  = yaml_get(entry, S("value"));
    struct property_pair    *p;
    struct value             v = { .kind = VALUE_TEXT };

    *out = (struct diff_verdict){ 0 };
    if (!level || !level->before || !level->after || !node || node->kind == YAML_NULL ||
        node->kind >= YAML_LIST) {
        return;
    }
    p = pair_of(w, level);
    if (!p->is_comparable) {
        return;
    }
    v.text  = digits_of(w->cx, node);
    v.count = (int64_t)diff_number_characters(v.text);
    if (is_of_numbers(p->side[0].family)) {
        v.kind = VALUE_NUMBER;
        if (!read_number(w->cx, p, p->side[is_added].family, node, &v.number)) {
            return;
        }
    }
    judge_value(w->cx, p, LAW_ENUM, &v, out);
}

void diff_values_column(struct diff_walk *w, const struct yaml_node *property,
                        struct diff_verdict *out)
{
    const struct diff_level *parent = diff_around(w, SHAPE_PROPERTY);
    const struct yaml_node  *rules  = yaml_get(property, S("quality"));
    struct diff_verdict      v      = { .narrows =
                                            is_needed(w, property, parent ? parent->after : NULL, !parent) ||
                                            truth_at(property, S("unique")) };

    for (size_t i = 0; rules && rules->kind == YAML_LIST && i < rules->count; i++) {
        struct diff_verdict one;

        diff_quality_nulls(rules->items[i], &one);
        v.narrows = v.narrows || one.narrows;
        v.unknown = v.unknown || one.unknown;
    }
    v.unknown = v.unknown && !v.narrows;
    *out      = v;
}

/* Whether a count of nulls, or of values that stand twice, is always 0 for rows that keep a side. */
bool diff_values_is_zero(struct diff_walk *w, enum odcs_metric metric, bool is_after)
{
    const struct diff_level *level = diff_around(w, SHAPE_PROPERTY);
    const struct diff_level *table = diff_around(w, SHAPE_OBJECT);
    const struct side       *s;
    bool                     is_key;

    if (!level || !level->before || !level->after) {
        return false;
    }
    s      = &pair_of(w, level)->side[is_after];
    is_key = table && table->before && table->after && is_column(w) &&
             is_sole_key(&keys_of(w, table)->key[is_after], s->node);
    return metric == ODCS_METRIC_NULL_VALUES
               ? s->is_needed
               : metric == ODCS_METRIC_DUPLICATE_VALUES && (s->is_unique || is_key);
}
