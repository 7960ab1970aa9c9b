/*
 * valtype.c - families of types, and constants of a contract: read, compared, written as SQL, exactly.
 *
 * A number is held as its digits and the place of the point, so that 0.1 in a contract and 0.1 in a
 * DECIMAL column are the same, and bounds beyond 64 bits keep every digit.
 */
#include "quality/valtype.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "quality/sqlb.h"
#include "contract/coltype.h"

/* ------------------------------------------------------------------------- families */

static const struct {
    enum coltype_kind kind;
    enum valtype_kind family;
    str               low, high;
} families[] = {
    { COLTYPE_BOOLEAN, VALTYPE_BOOL, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TINYINT, VALTYPE_INT, STR_INIT("-128"), STR_INIT("127") },
    { COLTYPE_SMALLINT, VALTYPE_INT, STR_INIT("-32768"), STR_INIT("32767") },
    { COLTYPE_INTEGER, VALTYPE_INT, STR_INIT("-2147483648"), STR_INIT("2147483647") },
    { COLTYPE_BIGINT, VALTYPE_INT, STR_INIT("-9223372036854775808"),
      STR_INIT("9223372036854775807") },
    { COLTYPE_HUGEINT, VALTYPE_INT, STR_INIT("-170141183460469231731687303715884105728"),
      STR_INIT("170141183460469231731687303715884105727") },
    { COLTYPE_UTINYINT, VALTYPE_INT, STR_INIT("0"), STR_INIT("255") },
    { COLTYPE_USMALLINT, VALTYPE_INT, STR_INIT("0"), STR_INIT("65535") },
    { COLTYPE_UINTEGER, VALTYPE_INT, STR_INIT("0"), STR_INIT("4294967295") },
    { COLTYPE_UBIGINT, VALTYPE_INT, STR_INIT("0"), STR_INIT("18446744073709551615") },
    { COLTYPE_UHUGEINT, VALTYPE_INT, STR_INIT("0"),
      STR_INIT("340282366920938463463374607431768211455") },
    { COLTYPE_FLOAT, VALTYPE_FLOAT, STR_INIT(""), STR_INIT("") },
    { COLTYPE_DOUBLE, VALTYPE_FLOAT, STR_INIT(""), STR_INIT("") },
    { COLTYPE_DECIMAL, VALTYPE_DECIMAL, STR_INIT(""), STR_INIT("") },
    { COLTYPE_VARCHAR, VALTYPE_TEXT, STR_INIT(""), STR_INIT("") },
    { COLTYPE_BLOB, VALTYPE_BLOB, STR_INIT(""), STR_INIT("") },
    { COLTYPE_DATE, VALTYPE_DATE, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIME, VALTYPE_TIME, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIMESTAMP, VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIMESTAMP_S, VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIMESTAMP_MS, VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIMESTAMP_NS, VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { COLTYPE_TIMESTAMP_TZ, VALTYPE_TIMESTAMP_TZ, STR_INIT(""), STR_INIT("") },
    { COLTYPE_UUID, VALTYPE_UUID, STR_INIT(""), STR_INIT("") },
    { COLTYPE_ENUM, VALTYPE_ENUM, STR_INIT(""), STR_INIT("") },
    { COLTYPE_STRUCT, VALTYPE_STRUCT, STR_INIT(""), STR_INIT("") },
    { COLTYPE_LIST, VALTYPE_LIST, STR_INIT(""), STR_INIT("") },
    { COLTYPE_ARRAY, VALTYPE_LIST, STR_INIT(""), STR_INIT("") },
    { COLTYPE_MAP, VALTYPE_MAP, STR_INIT(""), STR_INIT("") },
};

/* Recursion is bounded by the depth of types that coltype_parse lets through. */
static void fill(struct ctx *cx, const struct coltype *from, struct valtype *out)
{
    out->kind  = VALTYPE_OTHER;
    out->text  = coltype_text(cx, from);
    out->scale = from->scale;
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (families[i].kind == from->kind) {
            out->kind = families[i].family;
            out->low  = families[i].low;
            out->high = families[i].high;
        }
    if (from->children == NULL)
        return;
    out->names       = from->names;
    out->child_count = from->count;
    out->children    = arena_array(cx->arena, from->count, sizeof(*out->children));
    for (size_t i = 0; i < from->count; i++)
        fill(cx, from->children[i], &out->children[i]);
}

const struct valtype *valtype_read(struct ctx *cx, str text)
{
    struct valtype       *type = ARENA_NEW(cx->arena, struct valtype);
    const struct coltype *parsed;

    type->text = text;
    if (coltype_parse(cx, text, &parsed) == ST_OK)
        fill(cx, parsed, type);
    return type;
}

const struct valtype *valtype_field(const struct valtype *type, str name)
{
    for (size_t i = 0; type->kind == VALTYPE_STRUCT && i < type->child_count; i++)
        if (str_eq(type->names[i], name))
            return &type->children[i];
    return NULL;
}

bool valtype_is_number(const struct valtype *type)
{
    return type->kind == VALTYPE_INT || type->kind == VALTYPE_DECIMAL ||
           type->kind == VALTYPE_FLOAT;
}

bool valtype_is_scalar(const struct valtype *type)
{
    return type->kind >= VALTYPE_BOOL && type->kind <= VALTYPE_TIME;
}

/* ------------------------------------------------------------------------- constants */

enum {
    DIGITS_MAX   = 400, /* of a plain number, both sides of the point       */
    LITERAL_MAX  = 38,  /* digits the engine takes as an exact constant     */
    EXPONENT_MAX = 350,
};

struct number {
    bool   is_negative;
    size_t whole, fraction; /* digits before and behind the point, without outer zeros */
    char   digits[DIGITS_MAX + 1];
};

/* Reads the exponent behind "e"; false when it is none or too far out. */
static bool read_exponent(str text, int64_t *out)
{
    if (text.len > 1 && text.ptr[0] == '+')
        text = str_from(text, 1);
    return str_to_i64(text, out) && *out <= EXPONENT_MAX && *out >= -EXPONENT_MAX;
}

/* Collects digits of "12.50" into `raw`; *point is how many stand before the point. */
static bool read_digits(str text, char *raw, size_t *count, size_t *point)
{
    bool has_point = false;

    *count = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.' && !has_point) {
            has_point = true;
            *point    = *count;
        } else if (char_is_digit(text.ptr[i]) && *count < DIGITS_MAX / 4) {
            raw[(*count)++] = text.ptr[i];
        } else {
            return false;
        }
    }
    if (!has_point)
        *point = *count;
    return *count > 0;
}

static bool read_number(str text, struct number *out)
{
    char    raw[DIGITS_MAX];
    size_t  count, point = 0, at, first = 0;
    int64_t exponent = 0, place;
    str     head;

    memset(out, 0, sizeof(*out));
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        out->is_negative = text.ptr[0] == '-';
        text             = str_from(text, 1);
    }
    if (str_find_char(text, 'e', &at) || str_find_char(text, 'E', &at)) {
        if (!read_exponent(str_from(text, at + 1), &exponent))
            return false;
        text = str_sub(text, 0, at);
    }
    head = text;
    if (!read_digits(head, raw, &count, &point))
        return false;
    while (first < count && raw[first] == '0')
        first++;
    while (count > first && raw[count - 1] == '0')
        count--;
    place = (int64_t)point - (int64_t)first + exponent; /* digits before the point; may be < 0 */
    if (count == first) {
        out->is_negative = false;
        return true;
    }
    if (place > DIGITS_MAX / 2 || place < -DIGITS_MAX / 2)
        return false;
    for (int64_t i = place; i < 0; i++)
        out->digits[out->fraction++] = '0';
    for (size_t i = first; i < count; i++) {
        bool is_whole                           = (int64_t)(i - first) < place;
        out->digits[out->whole + out->fraction] = raw[i];
        *(is_whole ? &out->whole : &out->fraction) += 1;
    }
    while ((int64_t)out->whole < place)
        out->digits[out->whole++] = '0';
    return true;
}

static str write_number(struct arena *a, const struct number *n)
{
    return arena_printf(a, "%s%s%.*s%s%.*s", n->is_negative ? "-" : "", n->whole == 0 ? "0" : "",
                        (int)n->whole, n->digits, n->fraction > 0 ? "." : "", (int)n->fraction,
                        n->digits + n->whole);
}

static int compare_numbers(const struct number *a, const struct number *b)
{
    int    order  = 0;
    size_t common = a->fraction < b->fraction ? a->fraction : b->fraction;

    if (a->is_negative != b->is_negative)
        return a->is_negative ? -1 : 1;
    if (a->whole != b->whole)
        order = a->whole < b->whole ? -1 : 1;
    else
        order = memcmp(a->digits, b->digits, a->whole + common);
    if (order == 0 && a->fraction != b->fraction)
        order = a->fraction < b->fraction ? -1 : 1;
    return a->is_negative ? -order : order;
}

bool valtype_plain_number(struct arena *a, str text, str *out)
{
    struct number n;

    if (!read_number(text, &n))
        return false;
    *out = write_number(a, &n);
    return true;
}

/* A finite binary number; the text is short. */
static bool read_double(str text, double *out)
{
    char  copy[64];
    char *end;

    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *out           = strtod(copy, &end);
    return *end == '\0' && *out - *out == 0.0;
}

static bool is_time_of_day(str text)
{
    static const char shape[] = "00:00:00.000000";

    if (text.len != 8 && (text.len < 10 || text.len > 15))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (shape[i] == '0' ? !char_is_digit(text.ptr[i]) : text.ptr[i] != shape[i])
            return false;
    return memcmp(text.ptr, "24", 2) < 0 && text.ptr[3] < '6' && text.ptr[6] < '6';
}

static bool number_literal(struct ctx *cx, const struct valtype *type, str text, str *out)
{
    struct number n;
    double        d;

    if (type->kind == VALTYPE_FLOAT) {
        if (!read_double(text, &d))
            return false;
        *out = sqlb(cx, "CAST(%t AS DOUBLE)", text);
        return true;
    }
    if (!read_number(text, &n))
        return false;
    if (n.whole + n.fraction <= LITERAL_MAX)
        *out = write_number(cx->arena, &n);
    else
        *out = sqlb(cx, "CAST(%t AS DOUBLE)", write_number(cx->arena, &n));
    return true;
}

bool valtype_literal(struct ctx *cx, const struct valtype *type, str text, str *out)
{
    int64_t n;

    switch (type->kind) {
    case VALTYPE_BOOL:
        if (!str_eq(text, S("true")) && !str_eq(text, S("false")))
            return false;
        *out = str_eq(text, S("true")) ? S("true") : S("false");
        return true;
    case VALTYPE_INT:
    case VALTYPE_DECIMAL:
    case VALTYPE_FLOAT: return number_literal(cx, type, text, out);
    case VALTYPE_TEXT:
    case VALTYPE_UUID:
    case VALTYPE_ENUM: *out = sqlb(cx, "%t", text); return true;
    case VALTYPE_DATE:
        if (!date_parse(text, &n))
            return false;
        *out = sqlb(cx, "CAST(%t AS DATE)", text);
        return true;
    case VALTYPE_TIMESTAMP:
    case VALTYPE_TIMESTAMP_TZ:
        if (!time_parse(text, &n))
            return false;
        *out = type->kind == VALTYPE_TIMESTAMP
                   ? sqlb(cx, "CAST(%t AS TIMESTAMP)", time_text(cx->arena, n))
                   : sqlb(cx, "CAST(%t AS TIMESTAMPTZ)", time_text(cx->arena, n));
        return true;
    case VALTYPE_TIME:
        if (!is_time_of_day(text))
            return false;
        *out = sqlb(cx, "CAST(%t AS TIME)", text);
        return true;
    case VALTYPE_OTHER:
    case VALTYPE_BLOB:
    case VALTYPE_STRUCT:
    case VALTYPE_LIST:
    case VALTYPE_MAP: return false;
    }
    BUG("unknown type kind");
}

static int order_of(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Timestamps of statistics carry "+00" or nothing; both are UTC here. */
static bool read_instant(str text, int64_t *out)
{
    if (str_ends(text, S("+00")))
        text.len -= 3;
    return time_parse(text, out);
}

bool valtype_compare(const struct valtype *type, str a, str b, int *out)
{
    struct number na, nb;
    double        da, db;
    int64_t       ia, ib;

    if (type->kind == VALTYPE_INT || type->kind == VALTYPE_DECIMAL) {
        if (!read_number(a, &na) || !read_number(b, &nb))
            return false;
        *out = compare_numbers(&na, &nb);
    } else if (type->kind == VALTYPE_FLOAT) {
        if (!read_double(a, &da) || !read_double(b, &db))
            return false;
        *out = da < db ? -1 : da > db;
    } else if (type->kind == VALTYPE_DATE) {
        if (!date_parse(a, &ia) || !date_parse(b, &ib))
            return false;
        *out = order_of(ia, ib);
    } else if (type->kind == VALTYPE_TIMESTAMP || type->kind == VALTYPE_TIMESTAMP_TZ) {
        if (!read_instant(a, &ia) || !read_instant(b, &ib))
            return false;
        *out = order_of(ia, ib);
    } else {
        return false;
    }
    return true;
}
