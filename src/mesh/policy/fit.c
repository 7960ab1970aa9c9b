/*
 * fit.c - what goes with which type of column: values of tests, masks, constants.
 *
 * A value fits when the engine's cast of its spelling gives the same value: no rounding, no overflow,
 * no error for some rows. What is not listed does not fit.
 */
#include "base/time.h"
#include "policy/policy_int.h"

#include <string.h>

enum { FLOAT_EXPONENT_MAX = 30, UUID_LEN = 36 };

static const struct {
    enum coltype_kind kind;
    enum column_class class;
} classes[] = {
    { COLTYPE_VARCHAR, CLASS_TEXT },
    { COLTYPE_TINYINT, CLASS_INTEGER },
    { COLTYPE_SMALLINT, CLASS_INTEGER },
    { COLTYPE_INTEGER, CLASS_INTEGER },
    { COLTYPE_BIGINT, CLASS_INTEGER },
    { COLTYPE_UTINYINT, CLASS_INTEGER },
    { COLTYPE_USMALLINT, CLASS_INTEGER },
    { COLTYPE_UINTEGER, CLASS_INTEGER },
    { COLTYPE_DECIMAL, CLASS_DECIMAL },
    { COLTYPE_FLOAT, CLASS_FLOAT },
    { COLTYPE_DOUBLE, CLASS_FLOAT },
    { COLTYPE_BOOLEAN, CLASS_BOOLEAN },
    { COLTYPE_DATE, CLASS_DATE },
    { COLTYPE_TIMESTAMP, CLASS_TIMESTAMP },
    { COLTYPE_TIMESTAMP_TZ, CLASS_TIMESTAMP },
    { COLTYPE_TIMESTAMP_S, CLASS_TIMESTAMP },
    { COLTYPE_TIMESTAMP_MS, CLASS_TIMESTAMP },
    { COLTYPE_TIMESTAMP_NS, CLASS_TIMESTAMP },
    { COLTYPE_UUID, CLASS_UUID },
};

void fit_column(struct ctx *cx, const struct policy_column *from, struct column *out)
{
    struct err err = { 0 };
    struct ctx own = *cx; /* a type that cannot be read is no error of the bind */

    *out    = (struct column){ .name = arena_dup(cx->arena, from->name), .class = CLASS_OTHER };
    own.err = &err;
    if (coltype_parse(&own, from->type, &out->type) != ST_OK) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (classes[i].kind == out->type->kind) {
            out->class = classes[i].class;
        }
    }
}

/* ---- values ------------------------------------------------------------------------------------------------ */

/* -12.50 in parts; without sign, leading and trailing zeros. */
struct decimal {
    str  whole, fraction;
    bool is_negative;
};

static bool all_digits(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!char_is_digit(s.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool parse_decimal(str text, struct decimal *out)
{
    *out = (struct decimal){ .is_negative = str_starts(text, S("-")) };
    text = str_from(text, out->is_negative);
    if (!str_split(text, '.', &out->whole, &out->fraction)) {
        out->whole = text;
    }
    if (out->whole.len == 0 || !all_digits(out->whole) || !all_digits(out->fraction)) {
        return false;
    }
    while (out->whole.len > 1 && out->whole.ptr[0] == '0') {
        out->whole = str_from(out->whole, 1);
    }
    while (out->fraction.len && out->fraction.ptr[out->fraction.len - 1] == '0') {
        out->fraction.len--;
    }
    return true;
}

static bool in_range(enum coltype_kind kind, int64_t number)
{
    switch ((int)kind) {
    case COLTYPE_TINYINT: return number >= INT8_MIN && number <= INT8_MAX;
    case COLTYPE_SMALLINT: return number >= INT16_MIN && number <= INT16_MAX;
    case COLTYPE_INTEGER: return number >= INT32_MIN && number <= INT32_MAX;
    case COLTYPE_BIGINT: return true;
    case COLTYPE_UTINYINT: return number >= 0 && number <= UINT8_MAX;
    case COLTYPE_USMALLINT: return number >= 0 && number <= UINT16_MAX;
    case COLTYPE_UINTEGER: return number >= 0 && number <= UINT32_MAX;
    default: return false;
    }
}

static bool fits_integer(const struct coltype *type, str text)
{
    int64_t number;

    return str_to_i64(text, &number) && !str_starts(text, S("+")) && in_range(type->kind, number);
}

static bool fits_decimal(const struct coltype *type, str text)
{
    struct decimal d;

    if (!parse_decimal(text, &d)) {
        return false;
    }
    return d.fraction.len <= type->scale &&
           (str_eq(d.whole, S("0")) || d.whole.len <= (size_t)(type->width - type->scale));
}

static bool fits_float(str text)
{
    struct yaml_node node = { 0 };
    struct decimal   d;
    double           number;

    yaml_type_plain(text, &node);
    if (parse_decimal(text, &d)) {
        return d.whole.len <= FLOAT_EXPONENT_MAX && d.fraction.len <= FLOAT_EXPONENT_MAX;
    }
    return node.kind == YAML_FLOAT && yaml_number(&node, &number) && number > -1e30 &&
           number < 1e30 && char_is_digit(text.ptr[text.len - 1]) && !str_starts(text, S("+"));
}

static bool is_hex(char c)
{
    return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'f');
}

static bool fits_uuid(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_dash ? text.ptr[i] != '-' : !is_hex(text.ptr[i])) {
            return false;
        }
    }
    return text.len == UUID_LEN;
}

bool fit_value(const struct column *column, str text)
{
    int64_t number;

    switch (column->class) {
    case CLASS_TEXT: return memchr(text.len ? text.ptr : "", 0, text.len) == NULL;
    case CLASS_INTEGER: return fits_integer(column->type, text);
    case CLASS_DECIMAL: return fits_decimal(column->type, text);
    case CLASS_FLOAT: return fits_float(text);
    case CLASS_BOOLEAN: return str_eq_nocase(text, S("true")) || str_eq_nocase(text, S("false"));
    case CLASS_DATE: return date_parse(text, &number);
    case CLASS_TIMESTAMP: return time_parse(text, &number);
    case CLASS_UUID: return fits_uuid(text);
    case CLASS_OTHER: return false;
    }
    BUG("class of a column");
}

/* ---- tests --------------------------------------------------------------------------------------------------- */

/* Can values of the attribute be values of the column at all? */
static bool fits_attribute(enum column_class class, enum value_type type)
{
    bool is_number = class == CLASS_INTEGER || class == CLASS_DECIMAL || class == CLASS_FLOAT;

    switch (type) {
    case VALUE_TEXT: return class == CLASS_TEXT || class == CLASS_UUID;
    case VALUE_INTEGER: return is_number || class == CLASS_TEXT;
    case VALUE_NUMBER: return is_number;
    case VALUE_BOOLEAN: return class == CLASS_BOOLEAN;
    case VALUE_DATE: return class == CLASS_DATE || class == CLASS_TIMESTAMP;
    }
    BUG("type of a value");
}

static bool fits_op(enum column_class class, enum policy_op op, bool is_text)
{
    if (op >= POLICY_LT && op <= POLICY_GE) {
        return class != CLASS_BOOLEAN && class != CLASS_UUID && (class != CLASS_TEXT || is_text);
    }
    if (op >= POLICY_STARTS_WITH && op <= POLICY_CONTAINS) {
        return class == CLASS_TEXT;
    }
    return true;
}

bool fit_test(const struct policy_set *set, const struct column *column, const struct test *test)
{
    const struct slot *slot    = test->is_ref ? &set->slots[test->ref] : NULL;
    bool               is_text = !slot || slot->type == VALUE_TEXT;

    if (test->op == POLICY_IS_NULL || test->op == POLICY_NOT_NULL) {
        return true;
    }
    if (column->class == CLASS_OTHER || !fits_op(column->class, test->op, is_text)) {
        return false;
    }
    if (slot) {
        return fits_attribute(column->class, slot->type);
    }
    for (size_t i = 0; i < test->count; i++) {
        if (!fit_value(column, test->values[i].text)) {
            return false;
        }
    }
    return true;
}

/* ---- masks ---------------------------------------------------------------------------------------------------- */

/* A finer width than the type has would change nothing. */
static bool fits_width(const struct column *column, str width)
{
    enum column_class class = column->class;

    return (class == CLASS_INTEGER || class == CLASS_DECIMAL || class == CLASS_FLOAT) &&
           fit_value(column, width);
}

/* Buckets of exact types are whole numbers wide: the guard counts them in whole numbers. */
bool fit_mask(const struct column *column, const struct policy_mask *mask)
{
    enum column_class class = column->class;
    size_t at;

    switch (mask->kind) {
    case POLICY_MASK_NULL: return true;
    case POLICY_MASK_CONSTANT: return fit_value(column, mask->text);
    case POLICY_MASK_DEFAULT: return class != CLASS_OTHER;
    case POLICY_MASK_HASH: return class == CLASS_TEXT || class == CLASS_INTEGER;
    case POLICY_MASK_REDACT:
    case POLICY_MASK_EMAIL:
    case POLICY_MASK_FIRST:
    case POLICY_MASK_LAST:
    case POLICY_MASK_REGEX:
    case POLICY_MASK_ZIP3:
    case POLICY_MASK_IP: return class == CLASS_TEXT;
    case POLICY_MASK_DATE: return class == CLASS_DATE || class == CLASS_TIMESTAMP;
    case POLICY_MASK_ROUND: return fits_width(column, mask->text);
    case POLICY_MASK_BUCKET:
        return fits_width(column, mask->text) &&
               (class == CLASS_FLOAT || !str_find_char(mask->text, '.', &at));
    }
    BUG("kind of a mask");
}
