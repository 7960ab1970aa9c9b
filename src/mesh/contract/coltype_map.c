/*
 * coltype_map.c - column types against contracts: what a property means, what may be published, what
 * widens without loss, and back to a logical type.
 */
#include "contract/coltype.h"

enum { PROPERTY_DEPTH_MAX = COLTYPE_DEPTH_MAX };

struct format_kind {
    str               format;
    enum coltype_kind kind;
};

static const struct format_kind formats[] = {
    { STR_INIT("i8"), COLTYPE_TINYINT },    { STR_INIT("i16"), COLTYPE_SMALLINT },
    { STR_INIT("i32"), COLTYPE_INTEGER },   { STR_INIT("i64"), COLTYPE_BIGINT },
    { STR_INIT("i128"), COLTYPE_HUGEINT },  { STR_INIT("u8"), COLTYPE_UTINYINT },
    { STR_INIT("u16"), COLTYPE_USMALLINT }, { STR_INIT("u32"), COLTYPE_UINTEGER },
    { STR_INIT("u64"), COLTYPE_UBIGINT },   { STR_INIT("u128"), COLTYPE_UHUGEINT },
    { STR_INIT("f32"), COLTYPE_FLOAT },     { STR_INIT("f64"), COLTYPE_DOUBLE },
};

static enum coltype_kind kind_of_format(str format, enum coltype_kind otherwise)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (str_eq(formats[i].format, format)) {
            return formats[i].kind;
        }
    }
    return otherwise;
}

static struct coltype *new_type(struct ctx *cx, enum coltype_kind kind, size_t children)
{
    struct coltype *t = ARENA_NEW(cx->arena, struct coltype);

    t->kind     = kind;
    t->count    = children;
    t->children = arena_array(cx->arena, children, sizeof *t->children);
    return t;
}

/* ---- from a contract ---- */

static enum status of_property(struct ctx *cx, const struct odcs_property *p, unsigned depth,
                               const struct coltype **out);

static enum status of_object(struct ctx *cx, const struct odcs_property *p, unsigned depth,
                             const struct coltype **out)
{
    struct coltype *t = new_type(cx, COLTYPE_STRUCT, p->properties.count);
    str            *names;

    if (p->properties.count == 0) {
        return FAIL(cx, NOT_FOUND, "property \"" STR_FMT "\" is an object without properties",
                    STR_ARG(p->name.v));
    }
    names = arena_array(cx->arena, t->count, sizeof *names);
    for (size_t i = 0; i < t->count; i++) {
        names[i] = p->properties.items[i].name.v;
        TRY(of_property(cx, &p->properties.items[i], depth + 1, &t->children[i]));
    }
    t->names = names;
    *out     = t;
    return ST_OK;
}

static enum status of_children(struct ctx *cx, const struct odcs_property *p, unsigned depth,
                               const struct coltype **out)
{
    bool            is_map = p->logical == ODCS_MAP;
    struct coltype *t      = new_type(cx, is_map ? COLTYPE_MAP : COLTYPE_LIST, is_map ? 2 : 1);

    if (is_map ? !p->map.key || !p->map.value : !p->items) {
        return FAIL(cx, NOT_FOUND, "property \"" STR_FMT "\" does not say the type of its %s",
                    STR_ARG(p->name.v), is_map ? "keys and values" : "items");
    }
    TRY(of_property(cx, is_map ? p->map.key : p->items, depth + 1, &t->children[0]));
    if (is_map) {
        TRY(of_property(cx, p->map.value, depth + 1, &t->children[1]));
    }
    *out = t;
    return ST_OK;
}

static enum status of_vector(struct ctx *cx, const struct odcs_property *p,
                             const struct coltype **out)
{
    struct coltype *t       = new_type(cx, COLTYPE_ARRAY, 1);
    str             element = std_text(p->options.element_type, S("float32"));
    int64_t         length  = p->options.dimensions.v;

    if (!std_is_set(p->options.dimensions) || length < 1 || length > 100000) {
        return FAIL(cx, INVALID, "vector \"" STR_FMT "\" needs dimensions from 1 to 100000",
                    STR_ARG(p->name.v));
    }
    t->length      = (uint32_t)length;
    t->children[0] = coltype_simple(str_eq(element, S("float64")) ? COLTYPE_DOUBLE
                                    : str_eq(element, S("int8"))  ? COLTYPE_TINYINT
                                    : str_eq(element, S("uint8")) ? COLTYPE_UTINYINT
                                                                  : COLTYPE_FLOAT);
    *out           = t;
    return ST_OK;
}

static enum status of_logical(struct ctx *cx, const struct odcs_property *p, unsigned depth,
                              const struct coltype **out)
{
    str format = p->options.format.v;

    switch (p->logical) {
    case ODCS_NONE:
        return FAIL(cx, NOT_FOUND,
                    "property \"" STR_FMT "\" has neither logicalType nor a known physicalType",
                    STR_ARG(p->name.v));
    case ODCS_STRING:
        *out = coltype_simple(str_eq_nocase(format, S("uuid")) ? COLTYPE_UUID : COLTYPE_VARCHAR);
        return ST_OK;
    case ODCS_DATE: *out = coltype_simple(COLTYPE_DATE); return ST_OK;
    case ODCS_TIMESTAMP:
        *out = coltype_simple(std_is_true(p->options.timezone) ? COLTYPE_TIMESTAMP_TZ
                                                               : COLTYPE_TIMESTAMP);
        return ST_OK;
    case ODCS_TIME:
        *out = coltype_simple(std_is_true(p->options.timezone) ? COLTYPE_TIME_TZ : COLTYPE_TIME);
        return ST_OK;
    case ODCS_NUMBER: *out = coltype_simple(kind_of_format(format, COLTYPE_DOUBLE)); return ST_OK;
    case ODCS_INTEGER: *out = coltype_simple(kind_of_format(format, COLTYPE_BIGINT)); return ST_OK;
    case ODCS_BOOLEAN: *out = coltype_simple(COLTYPE_BOOLEAN); return ST_OK;
    case ODCS_OBJECT: return of_object(cx, p, depth, out);
    case ODCS_ARRAY:
    case ODCS_MAP: return of_children(cx, p, depth, out);
    case ODCS_VECTOR: return of_vector(cx, p, out);
    }
    BUG("logical type");
}

/* A physicalType that reads as one of ours, if it is no contradiction of the logicalType. */
static bool physical(struct ctx *cx, const struct odcs_property *p, const struct coltype **out)
{
    struct err unseen = { 0 };
    struct ctx own    = *cx;

    own.err = &unseen;
    return std_is_set(p->physical_type) && coltype_parse(&own, p->physical_type.v, out) == ST_OK;
}

static enum status of_property(struct ctx *cx, const struct odcs_property *p, unsigned depth,
                               const struct coltype **out)
{
    if (depth > PROPERTY_DEPTH_MAX) {
        return FAIL(cx, LIMIT,
                    "property \"" STR_FMT "\" is nested deeper than %d levels (COLTYPE_DEPTH_MAX)",
                    STR_ARG(p->name.v), PROPERTY_DEPTH_MAX);
    }
    if (physical(cx, p, out)) {
        return ST_OK;
    }
    return of_logical(cx, p, depth, out);
}

enum status coltype_of_property(struct ctx *cx, const struct odcs_property *p,
                                const struct coltype **out)
{
    const struct coltype *made = NULL;

    TRY(of_property(cx, p, 0, &made));
    *out = made;
    return ST_OK;
}

/* ---- what may be published ---- */

/* The cast a person has to choose, for types the table formats lack; empty: the type is fine. */
static str cast_for(enum coltype_kind kind)
{
    switch (kind) {
    case COLTYPE_HUGEINT:
    case COLTYPE_UHUGEINT: return S("DECIMAL(38,0)");
    case COLTYPE_UBIGINT: return S("DECIMAL(20,0)");
    case COLTYPE_TIME:
    case COLTYPE_TIME_TZ:
    case COLTYPE_INTERVAL:
    case COLTYPE_BIT: return S("VARCHAR");
    case COLTYPE_TIMESTAMP_NS: return S("TIMESTAMP");
    case COLTYPE_NULL: return S("VARCHAR");
    case COLTYPE_BOOLEAN:
    case COLTYPE_TINYINT:
    case COLTYPE_SMALLINT:
    case COLTYPE_INTEGER:
    case COLTYPE_BIGINT:
    case COLTYPE_UTINYINT:
    case COLTYPE_USMALLINT:
    case COLTYPE_UINTEGER:
    case COLTYPE_FLOAT:
    case COLTYPE_DOUBLE:
    case COLTYPE_DECIMAL:
    case COLTYPE_VARCHAR:
    case COLTYPE_BLOB:
    case COLTYPE_DATE:
    case COLTYPE_TIMESTAMP:
    case COLTYPE_TIMESTAMP_TZ:
    case COLTYPE_TIMESTAMP_S:
    case COLTYPE_TIMESTAMP_MS:
    case COLTYPE_UUID:
    case COLTYPE_JSON:
    case COLTYPE_ENUM:
    case COLTYPE_STRUCT:
    case COLTYPE_LIST:
    case COLTYPE_ARRAY:
    case COLTYPE_MAP: return STR_NONE;
    }
    BUG("kind of a type");
}

static str step_name(const struct coltype *t, size_t i)
{
    return t->kind == COLTYPE_STRUCT ? t->names[i]
           : t->kind == COLTYPE_MAP  ? (i ? S("value") : S("key"))
                                     : S("element");
}

static bool publishable(struct ctx *cx, const struct coltype *t, str path, str *out_cast,
                        str *out_path)
{
    str cast = cast_for(t->kind);

    if (cast.len) {
        *out_cast = cast;
        *out_path = path;
        return false;
    }
    for (size_t i = 0; i < t->count && t->kind != COLTYPE_ENUM; i++) {
        str step  = step_name(t, i);
        str below = path.len
                        ? arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(step))
                        : step;

        if (!publishable(cx, t->children[i], below, out_cast, out_path)) {
            return false;
        }
    }
    return true;
}

bool coltype_publishable(struct ctx *cx, const struct coltype *t, str *out_cast, str *out_path)
{
    return publishable(cx, t, STR_NONE, out_cast, out_path);
}

static const struct coltype *stored_children(struct ctx *cx, const struct coltype *t)
{
    struct coltype *made =
        new_type(cx, t->kind == COLTYPE_ARRAY ? COLTYPE_LIST : t->kind, t->count);
    bool same = made->kind == t->kind;

    made->names = t->names;
    for (size_t i = 0; i < t->count; i++) {
        made->children[i] = coltype_stored(cx, t->children[i]);
        same              = same && made->children[i] == t->children[i];
    }
    return same ? t : made;
}

const struct coltype *coltype_stored(struct ctx *cx, const struct coltype *t)
{
    switch ((int)t->kind) {
    case COLTYPE_UTINYINT: return coltype_simple(COLTYPE_SMALLINT);
    case COLTYPE_USMALLINT: return coltype_simple(COLTYPE_INTEGER);
    case COLTYPE_UINTEGER: return coltype_simple(COLTYPE_BIGINT);
    case COLTYPE_TIMESTAMP_S:
    case COLTYPE_TIMESTAMP_MS: return coltype_simple(COLTYPE_TIMESTAMP);
    case COLTYPE_ENUM:
    case COLTYPE_UUID:
    case COLTYPE_JSON: return coltype_simple(COLTYPE_VARCHAR);
    case COLTYPE_STRUCT:
    case COLTYPE_LIST:
    case COLTYPE_ARRAY:
    case COLTYPE_MAP: return stored_children(cx, t);
    default: return t;
    }
}

/* ---- widening ---- */

/* Digits before the point that any value of an integer type needs; 0: no integer type. */
static unsigned digits_of(enum coltype_kind kind)
{
    switch ((int)kind) {
    case COLTYPE_TINYINT:
    case COLTYPE_UTINYINT: return 3;
    case COLTYPE_SMALLINT:
    case COLTYPE_USMALLINT: return 5;
    case COLTYPE_INTEGER:
    case COLTYPE_UINTEGER: return 10;
    case COLTYPE_BIGINT: return 19;
    case COLTYPE_UBIGINT: return 20;
    case COLTYPE_HUGEINT:
    case COLTYPE_UHUGEINT: return 39;
    default: return 0;
    }
}

/* Bits of magnitude and whether negative values exist. */
static bool integer_range(enum coltype_kind kind, unsigned *bits, bool *is_signed)
{
    if (kind >= COLTYPE_TINYINT && kind <= COLTYPE_HUGEINT) {
        *bits      = (8u << (kind - COLTYPE_TINYINT)) - 1;
        *is_signed = true;
        return true;
    }
    if (kind >= COLTYPE_UTINYINT && kind <= COLTYPE_UHUGEINT) {
        *bits      = 8u << (kind - COLTYPE_UTINYINT);
        *is_signed = false;
        return true;
    }
    return false;
}

static bool integer_widens(enum coltype_kind from, const struct coltype *to)
{
    unsigned from_bits, to_bits;
    bool     from_signed, to_signed;

    if (!integer_range(from, &from_bits, &from_signed)) {
        return false;
    }
    if (to->kind == COLTYPE_DECIMAL) {
        return digits_of(from) <= (unsigned)(to->width - to->scale);
    }
    if (to->kind == COLTYPE_DOUBLE || to->kind == COLTYPE_FLOAT) {
        return from_bits <= (to->kind == COLTYPE_DOUBLE ? 53u : 24u);
    }
    return integer_range(to->kind, &to_bits, &to_signed) && from_bits <= to_bits &&
           (to_signed || !from_signed);
}

/* Pairs without parameters. */
static bool simple_widens(enum coltype_kind from, enum coltype_kind to)
{
    static const struct {
        enum coltype_kind from, to;
    } pairs[] = {
        { COLTYPE_FLOAT, COLTYPE_DOUBLE },          { COLTYPE_TIMESTAMP_S, COLTYPE_TIMESTAMP_MS },
        { COLTYPE_TIMESTAMP_S, COLTYPE_TIMESTAMP }, { COLTYPE_TIMESTAMP_MS, COLTYPE_TIMESTAMP },
        { COLTYPE_DATE, COLTYPE_TIMESTAMP },        { COLTYPE_ENUM, COLTYPE_VARCHAR },
        { COLTYPE_UUID, COLTYPE_VARCHAR },          { COLTYPE_JSON, COLTYPE_VARCHAR }
    };

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (pairs[i].from == from && pairs[i].to == to) {
            return true;
        }
    }
    return from == COLTYPE_NULL;
}

static bool has_label(const struct coltype *t, str label)
{
    for (size_t i = 0; i < t->count; i++) {
        if (str_eq(t->names[i], label)) {
            return true;
        }
    }
    return false;
}

static bool nested_widens(const struct coltype *from, const struct coltype *to)
{
    bool same_shape =
        from->kind == to->kind && from->count == to->count && from->length == to->length;

    if (from->kind == COLTYPE_ENUM && to->kind == COLTYPE_ENUM) {
        for (size_t i = 0; i < from->count; i++) {
            if (!has_label(to, from->names[i])) {
                return false;
            }
        }
        return true;
    }
    if (from->kind == COLTYPE_ARRAY && to->kind == COLTYPE_LIST) {
        return coltype_widens(from->children[0], to->children[0]);
    }
    if (!same_shape || from->count == 0 || from->kind == COLTYPE_ENUM) {
        return false;
    }
    for (size_t i = 0; i < from->count; i++) {
        if (from->kind == COLTYPE_STRUCT && !str_eq(from->names[i], to->names[i])) {
            return false;
        }
        if (!coltype_widens(from->children[i], to->children[i])) {
            return false;
        }
    }
    return true;
}

bool coltype_widens(const struct coltype *from, const struct coltype *to)
{
    if (coltype_equal(from, to)) {
        return true;
    }
    if (from->kind == COLTYPE_DECIMAL && to->kind == COLTYPE_DECIMAL) {
        return from->scale <= to->scale && from->width - from->scale <= to->width - to->scale;
    }
    return integer_widens(from->kind, to) || simple_widens(from->kind, to->kind) ||
           nested_widens(from, to);
}

/* ---- to a contract ---- */

static str format_of_kind(enum coltype_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (formats[i].kind == kind) {
            return formats[i].format;
        }
    }
    return STR_NONE;
}

static enum odcs_logical logical_of(enum coltype_kind kind)
{
    switch ((int)kind) {
    case COLTYPE_BOOLEAN: return ODCS_BOOLEAN;
    case COLTYPE_FLOAT:
    case COLTYPE_DOUBLE:
    case COLTYPE_DECIMAL: return ODCS_NUMBER;
    case COLTYPE_DATE: return ODCS_DATE;
    case COLTYPE_TIME:
    case COLTYPE_TIME_TZ: return ODCS_TIME;
    case COLTYPE_TIMESTAMP:
    case COLTYPE_TIMESTAMP_TZ:
    case COLTYPE_TIMESTAMP_S:
    case COLTYPE_TIMESTAMP_MS:
    case COLTYPE_TIMESTAMP_NS: return ODCS_TIMESTAMP;
    case COLTYPE_STRUCT: return ODCS_OBJECT;
    case COLTYPE_LIST:
    case COLTYPE_ARRAY: return ODCS_ARRAY;
    case COLTYPE_MAP: return ODCS_MAP;
    default: return digits_of(kind) ? ODCS_INTEGER : ODCS_STRING;
    }
}

static struct odcs_property *new_item(struct ctx *cx, const struct coltype *t)
{
    struct odcs_property *p = ARENA_NEW(cx->arena, struct odcs_property);

    p->at.line = 1;
    coltype_logical(cx, t, p);
    return p;
}

static void fill_children(struct ctx *cx, const struct coltype *t, struct odcs_property *p)
{
    if (t->kind == COLTYPE_STRUCT) {
        p->properties.items = arena_array(cx->arena, t->count, sizeof *p->properties.items);
        p->properties.count = t->count;
        for (size_t i = 0; i < t->count; i++) {
            p->properties.items[i].at.line = 1;
            p->properties.items[i].name    = std_str_made(t->names[i]);
            coltype_logical(cx, t->children[i], &p->properties.items[i]);
        }
    } else if (t->kind == COLTYPE_LIST || t->kind == COLTYPE_ARRAY) {
        p->items = new_item(cx, t->children[0]);
    } else if (t->kind == COLTYPE_MAP) {
        p->map.key     = new_item(cx, t->children[0]);
        p->map.value   = new_item(cx, t->children[1]);
        p->map.at.line = 1;
    }
}

void coltype_logical(struct ctx *cx, const struct coltype *t, struct odcs_property *p)
{
    const struct coltype *back   = NULL;
    struct err            unseen = { 0 };
    struct ctx            own    = *cx;

    own.err         = &unseen;
    p->logical      = logical_of(t->kind);
    p->logical_text = std_str_made(odcs_logical_name(p->logical));
    if (p->logical == ODCS_INTEGER && t->kind != COLTYPE_BIGINT) {
        p->options.format = std_str_made(format_of_kind(t->kind));
    } else if (t->kind == COLTYPE_FLOAT) {
        p->options.format = std_str_made(S("f32"));
    } else if (t->kind == COLTYPE_UUID) {
        p->options.format = std_str_made(S("uuid"));
    } else if (t->kind == COLTYPE_TIMESTAMP_TZ || t->kind == COLTYPE_TIME_TZ) {
        p->options.timezone = std_bool_made(true);
    }
    fill_children(cx, t, p);
    if (coltype_of_property(&own, p, &back) != ST_OK || !coltype_equal(back, t)) {
        p->physical_type = std_str_made(coltype_text(cx, t));
    }
}
