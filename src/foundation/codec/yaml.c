/*
 * yaml.c - the core schema of YAML 1.2, and looking around in a tree.
 */
#include "codec/yaml.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"

/* ---- typing (YAML 1.2.2, 10.3.2) ---- */

enum { NUMBER_MAX_BYTES = 2 << 20 };

struct word {
    str            text;
    enum yaml_kind kind;
    bool           truth;
};

static const struct word words[] = {
    { STR_INIT("null"), YAML_NULL, false },  { STR_INIT("Null"), YAML_NULL, false },
    { STR_INIT("NULL"), YAML_NULL, false },  { STR_INIT("~"), YAML_NULL, false },
    { STR_INIT("true"), YAML_BOOL, true },   { STR_INIT("True"), YAML_BOOL, true },
    { STR_INIT("TRUE"), YAML_BOOL, true },   { STR_INIT("false"), YAML_BOOL, false },
    { STR_INIT("False"), YAML_BOOL, false }, { STR_INIT("FALSE"), YAML_BOOL, false },
};

static bool type_word(str text, struct yaml_node *out)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(words[i].text, text)) {
            out->kind    = words[i].kind;
            out->integer = 0;
            if (words[i].kind == YAML_BOOL) {
                out->truth = words[i].truth;
            }
            return true;
        }
    }
    return false;
}

static str skip_digits(str s)
{
    while (s.len && char_is_digit(s.ptr[0])) {
        s = str_from(s, 1);
    }
    return s;
}

static str skip_sign(str s)
{
    return s.len && (s.ptr[0] == '-' || s.ptr[0] == '+') ? str_from(s, 1) : s;
}

static void set_float(struct yaml_node *out, double real)
{
    out->kind = YAML_FLOAT;
    out->real = real;
}

/* strtod wants a NUL; numbers may be as long as a scalar. */
static double to_double(str text)
{
    CLEANUP(buf_release) struct buf copy = BUF_INIT(NUMBER_MAX_BYTES);

    buf_add(&copy, text);
    buf_add_char(&copy, '\0');
    return copy.is_over ? (double)NAN : strtod(copy.ptr, NULL);
}

/* "0o…" and "0x…": no sign; beyond int64 the value is a double, exact in the text only. */
static bool type_radix(str text, struct yaml_node *out)
{
    unsigned bits   = str_starts(text, S("0o")) ? 3 : str_starts(text, S("0x")) ? 4 : 0;
    uint64_t value  = 0;
    double   real   = 0;
    bool     is_big = false;

    if (bits == 0 || text.len == 2) {
        return false;
    }
    for (size_t i = 2; i < text.len; i++) {
        char     c     = char_lower(text.ptr[i]);
        unsigned digit = char_is_digit(c)       ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10U
                                                : 16U;

        if (digit >= 1U << bits) {
            return false;
        }
        is_big |= value > (uint64_t)INT64_MAX >> bits;
        value = value << bits | digit;
        real  = real * (double)(1U << bits) + (double)digit;
    }
    if (is_big) {
        set_float(out, real);
    } else {
        out->kind    = YAML_INT;
        out->integer = (int64_t)value;
    }
    return true;
}

/* [-+]?[0-9]+ */
static bool type_integer(str text, struct yaml_node *out)
{
    str     digits = skip_sign(text);
    int64_t value;

    if (digits.len == 0 || skip_digits(digits).len != 0) {
        return false;
    }
    if (str_to_i64(text.ptr[0] == '+' ? digits : text, &value)) {
        out->kind    = YAML_INT;
        out->integer = value;
    } else {
        set_float(out, to_double(text));
    }
    return true;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float_text(str text)
{
    str  s = skip_sign(text), after = skip_digits(s);
    bool digits = after.len < s.len;

    if (after.len && after.ptr[0] == '.') {
        str fraction = str_from(after, 1);

        after = skip_digits(fraction);
        digits |= after.len < fraction.len;
    }
    if (!digits) {
        return false;
    }
    if (after.len && (after.ptr[0] == 'e' || after.ptr[0] == 'E')) {
        str exponent = skip_sign(str_from(after, 1));

        after = skip_digits(exponent);
        return exponent.len > 0 && after.len == 0;
    }
    return after.len == 0;
}

static bool type_float(str text, struct yaml_node *out)
{
    str unsigned_text = skip_sign(text);

    if (str_eq(unsigned_text, S(".inf")) || str_eq(unsigned_text, S(".Inf")) ||
        str_eq(unsigned_text, S(".INF"))) {
        set_float(out, text.ptr[0] == '-' ? -(double)INFINITY : (double)INFINITY);
    } else if (str_eq(text, S(".nan")) || str_eq(text, S(".NaN")) || str_eq(text, S(".NAN"))) {
        set_float(out, (double)NAN);
    } else if (is_float_text(text)) {
        set_float(out, to_double(text));
    } else {
        return false;
    }
    return true;
}

void yaml_type_plain(str text, struct yaml_node *out)
{
    out->text = text;
    if (text.len == 0) {
        out->kind = YAML_NULL;
        return;
    }
    if (type_word(text, out) || type_radix(text, out) || type_integer(text, out) ||
        type_float(text, out)) {
        return;
    }
    out->kind = YAML_STRING;
}

/* ---- looking ---- */

struct yaml_member *yaml_member(const struct yaml_node *map, str key)
{
    if (!map || map->kind != YAML_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (str_eq(map->members[i].key, key)) {
            return &map->members[i];
        }
    }
    return NULL;
}

struct yaml_node *yaml_get(const struct yaml_node *map, str key)
{
    struct yaml_member *member = yaml_member(map, key);

    return member ? member->value : NULL;
}

struct yaml_node *yaml_item(const struct yaml_node *list, size_t index)
{
    return list && list->kind == YAML_LIST && index < list->count ? list->items[index] : NULL;
}

/* RFC 6901: "~1" stands for "/", "~0" for "~". */
static bool step_is(str step, str key)
{
    size_t at = 0;

    for (size_t i = 0; i < step.len; i++, at++) {
        char c = step.ptr[i];

        if (c == '~' && i + 1 < step.len && (step.ptr[i + 1] == '0' || step.ptr[i + 1] == '1')) {
            c = step.ptr[++i] == '0' ? '~' : '/';
        }
        if (at >= key.len || key.ptr[at] != c) {
            return false;
        }
    }
    return at == key.len;
}

static struct yaml_node *step_into(const struct yaml_node *node, str step)
{
    uint64_t index;

    if (node->kind == YAML_MAP) {
        for (size_t i = 0; i < node->count; i++) {
            if (step_is(step, node->members[i].key)) {
                return node->members[i].value;
            }
        }
        return NULL;
    }
    if (str_to_u64(step, &index) && (step.len == 1 || step.ptr[0] != '0')) {
        return yaml_item(node, index);
    }
    return NULL;
}

struct yaml_node *yaml_path(const struct yaml_node *root, str pointer)
{
    const struct yaml_node *at = root;
    str                     rest, step;

    if (pointer.len == 0) {
        return unconst(root);
    }
    if (pointer.ptr[0] != '/') {
        return NULL;
    }
    rest = (str){ pointer.ptr + 1,
                  pointer.len - 1 }; /* str_from would end "/" before its empty step */
    while (at && str_cut(&rest, '/', &step)) {
        at = step_into(at, step);
    }
    return unconst(at);
}

str yaml_text_or(const struct yaml_node *node, str otherwise)
{
    return node && node->kind == YAML_STRING ? node->text : otherwise;
}

bool yaml_number(const struct yaml_node *node, double *out)
{
    if (node && node->kind == YAML_INT) {
        *out = (double)node->integer;
        return true;
    }
    if (node && node->kind == YAML_FLOAT) {
        *out = node->real;
        return true;
    }
    return false;
}

str yaml_kind_name(enum yaml_kind kind)
{
    switch (kind) {
    case YAML_NULL: return S("null");
    case YAML_BOOL: return S("a boolean");
    case YAML_INT: return S("an integer");
    case YAML_FLOAT: return S("a number");
    case YAML_STRING: return S("a string");
    case YAML_LIST: return S("a list");
    case YAML_MAP: return S("a map");
    }
    BUG("yaml_kind_name: no such kind");
}

/* ---- comparing ---- */

static bool floats_equal(const struct yaml_node *a, const struct yaml_node *b)
{
    if (isnan(a->real) || isnan(b->real)) {
        return isnan(a->real) && isnan(b->real);
    }
    /* Integers beyond int64 are doubles here and exact in their text. */
    if (fabs(a->real) > (double)INT64_MAX && isfinite(a->real)) {
        return str_eq(a->text, b->text);
    }
    return !(a->real < b->real) && !(a->real > b->real);
}

bool yaml_equal(const struct yaml_node *a, const struct yaml_node *b)
{
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    switch (a->kind) {
    case YAML_NULL: return true;
    case YAML_BOOL: return a->truth == b->truth;
    case YAML_INT: return a->integer == b->integer;
    case YAML_FLOAT: return floats_equal(a, b);
    case YAML_STRING: return str_eq(a->text, b->text);
    case YAML_LIST:
        for (size_t i = 0; i < a->count; i++) {
            if (!yaml_equal(a->items[i], b->items[i])) {
                return false;
            }
        }
        return true;
    case YAML_MAP:
        for (size_t i = 0; i < a->count; i++) {
            if (!str_eq(a->members[i].key, b->members[i].key) ||
                !yaml_equal(a->members[i].value, b->members[i].value)) {
                return false;
            }
        }
        return true;
    }
    BUG("yaml_equal: no such kind");
}
