/*
 * arrow_text.c - values as the engine's CAST(x AS VARCHAR) prints them.
 *
 * The rules were taken from DuckDB 1.5.5 and are held to it by tests/unit/engine/cast_text_test.c,
 * which compares every type with the engine itself.
 */
#include "arrow/arrow_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum { NUMBER_BYTES = 48 };

int64_t arrow_pow10(uint32_t digits)
{
    int64_t power = 1;

    while (digits-- > 0) {
        power *= 10;
    }
    return power;
}

/* ------------------------------------------------------------------------- numbers */

/* Writes the digits of `value` so that they end at `end`; returns where they begin. */
static char *digits_before(char *end, arrow_u128 value)
{
    do {
        *--end = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    return end;
}

void arrow_add_u128(struct buf *out, arrow_u128 value)
{
    char  room[NUMBER_BYTES];
    char *end   = room + sizeof room;
    char *begin = digits_before(end, value);

    buf_add(out, (str){ begin, (size_t)(end - begin) });
}

/* The sign, when there is one, and the magnitude. */
static arrow_u128 add_sign(struct buf *out, arrow_i128 value)
{
    if (value >= 0) {
        return (arrow_u128)value;
    }
    buf_add_char(out, '-');
    return (arrow_u128)0 - (arrow_u128)value;
}

/* The engine prints no zero before the point when the type has no digit there. */
void arrow_add_decimal(struct buf *out, struct arrow_cell cell, enum arrow_lead_zero lead)
{
    char   room[NUMBER_BYTES];
    char  *end   = room + sizeof room;
    size_t scale = (size_t)cell.type->scale;
    char  *begin = digits_before(end, add_sign(out, arrow_wide(cell)));
    size_t whole;

    while ((size_t)(end - begin) < scale) {
        *--begin = '0';
    }
    whole = (size_t)(end - begin) - scale;
    if (scale == 0) {
        buf_add(out, (str){ begin, whole });
        return;
    }
    if (whole == 0 && (lead == ARROW_LEAD_ZERO_ALWAYS || cell.type->precision > cell.type->scale)) {
        buf_add_char(out, '0');
    }
    buf_add(out, (str){ begin, whole });
    buf_add_char(out, '.');
    buf_add(out, (str){ begin + whole, scale });
}

enum { BIGNUM_HEADER = 3, BIGNUM_STEP = 1000000000 }; /* groups of nine decimal digits */

/* number = number * 256 + byte, over groups of nine digits, lowest first. */
static size_t bignum_push(uint32_t *groups, size_t count, unsigned char byte)
{
    uint64_t carry = byte;

    for (size_t g = 0; g < count; g++) {
        carry += (uint64_t)groups[g] << 8;
        groups[g] = (uint32_t)(carry % BIGNUM_STEP);
        carry /= BIGNUM_STEP;
    }
    if (carry) {
        groups[count++] = (uint32_t)carry;
    }
    return count;
}

/*
 * Three bytes of header, then the magnitude, most significant byte first; the highest bit of the
 * header is 0 for negative numbers, all of whose bits are turned over.
 */
void arrow_add_bignum(struct buf *out, struct arrow_cell cell)
{
    str        bytes       = arrow_str(cell);
    size_t     len         = bytes.len > BIGNUM_HEADER ? bytes.len - BIGNUM_HEADER : 0;
    bool       is_negative = bytes.len > 0 && !((unsigned char)bytes.ptr[0] & 0x80U);
    size_t     room        = (len * 8 / 29 + 1) * sizeof(uint32_t); /* 29 bits fit a group */
    struct buf memory      = BUF_INIT(room);
    void      *zeroed      = buf_reserve(&memory, room);
    uint32_t  *groups      = zeroed;
    size_t     count       = 1;

    memset(zeroed, 0, room);
    for (size_t i = 0; i < len; i++) {
        unsigned byte = (unsigned char)bytes.ptr[BIGNUM_HEADER + i];

        count = bignum_push(groups, count, (unsigned char)(is_negative ? ~byte : byte));
    }
    buf_printf(out, "%s%u", is_negative ? "-" : "", groups[count - 1]);
    while (--count > 0) {
        buf_printf(out, "%09u", groups[count - 1]);
    }
    buf_release(&memory);
}

/* True when `text` reads back as the value. */
static bool is_exact(const char *text, double value, uint32_t width)
{
    if (width == sizeof(float)) {
        return strtof(text, NULL) == (float)value;
    }
    return strtod(text, NULL) == value;
}

/* The text with one unit more in its last digit: d.dde±xx, no carry beyond the first digit. */
static bool step_up(char *text)
{
    for (char *p = strchr(text, 'e') - 1; p >= text; p--) {
        if (*p == '9') {
            *p = '0';
        } else if (*p != '.') {
            ++*p;
            return true;
        }
    }
    return false;
}

/*
 * The fewest digits that read back, as d.ddde±xx. Normal numbers of up to 15 (6) digits come out
 * right at the first try, since %e drops nothing and trailing zeros are cut afterwards; subnormal
 * ones have fewer digits than that and are tried from one up. Below a power of two the numbers are
 * twice as dense, so there the nearest text may miss while the next one above still reads back.
 */
static void shortest(double value, uint32_t width, char room[NUMBER_BYTES])
{
    double least     = width == sizeof(float) ? 1.17549435e-38 : 2.2250738585072014e-308;
    int    precision = width == sizeof(float) ? 5 : 14;
    int    exponent;
    bool   is_power = frexp(value, &exponent) == 0.5;

    if (value < least) {
        precision = 0;
    }
    for (; precision <= 17; precision++) {
        snprintf(room, NUMBER_BYTES, "%.*e", precision, value);
        if (is_exact(room, value, width) ||
            (is_power && step_up(room) && is_exact(room, value, width))) {
            return;
        }
    }
}

/*
 * The engine finds the digits of a float with a fast method, and when that cannot decide, as those of
 * a double. It cannot decide when the text lies exactly between two floats, or the float exactly
 * between two texts.
 */
static bool is_undecided(const char *text, double value)
{
    char   longer[NUMBER_BYTES];
    float  narrow = (float)value;
    double read   = strtod(text, NULL);
    double above  = ((double)nextafterf(narrow, INFINITY) + value) / 2;
    double below  = ((double)nextafterf(narrow, 0) + value) / 2;
    int    digits = (int)strcspn(text, "e") - 1;

    snprintf(longer, sizeof longer, "%.*e", digits > 0 ? digits : 1, value);
    return read == above || read == below ||
           (*(strchr(longer, 'e') - 1) == '5' && strtod(longer, NULL) == value && read != value);
}

/* As fmt's "{}": fixed from 1e-4 to below 1e16, always with a point. */
static void add_finite(struct buf *out, double value, uint32_t width)
{
    char   room[NUMBER_BYTES];
    char   digits[NUMBER_BYTES] = { 0 };
    size_t count                = 0;
    int    exponent;

    shortest(fabs(value), width, room);
    if (width == sizeof(float) && is_undecided(room, fabs(value))) {
        shortest(fabs(value), sizeof(double), room);
    }
    exponent = (int)strtol(strchr(room, 'e') + 1, NULL, 10);
    for (const char *p = room; *p != 'e'; p++) {
        if (*p != '.') {
            digits[count++] = *p;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    if (signbit(value)) {
        buf_add_char(out, '-');
    }
    if (exponent < -4 || exponent >= 16) {
        buf_add_char(out, digits[0]);
        if (count > 1) {
            buf_add_char(out, '.');
            buf_add(out, (str){ digits + 1, count - 1 });
        }
        buf_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
        return;
    }
    if (exponent < 0) {
        buf_add(out, S("0."));
        buf_add_n(out, '0', (size_t)(-exponent - 1));
        buf_add(out, (str){ digits, count });
        return;
    }
    for (size_t i = 0; i <= (size_t)exponent; i++) {
        buf_add_char(out, i < count ? digits[i] : '0');
    }
    buf_add_char(out, '.');
    buf_add(out, count > (size_t)exponent + 1
                     ? (str){ digits + exponent + 1, count - (size_t)exponent - 1 }
                     : S("0"));
}

void arrow_add_float(struct buf *out, struct arrow_cell cell)
{
    double value = arrow_f64(cell);

    if (isfinite(value)) {
        add_finite(out, value, cell.type->width);
    } else {
        buf_printf(out, "%s%s", signbit(value) ? "-" : "", isnan(value) ? "nan" : "inf");
    }
}

/* ------------------------------------------------------------------------- dates and times */

int arrow_infinity(struct arrow_cell cell)
{
    int64_t most  = cell.type->kind == ARROW_DATE ? INT32_MAX : INT64_MAX;
    int64_t value = arrow_i64(cell);

    if (cell.type->kind != ARROW_DATE && cell.type->kind != ARROW_TIMESTAMP) {
        return 0;
    }
    return value == most ? 1 : value == -most ? -1 : 0;
}

static void add_date(struct buf *out, int64_t days)
{
    struct civil_date d = date_of_days(days);

    buf_printf(out, "%04d-%02d-%02d%s", d.year > 0 ? d.year : 1 - d.year, d.month, d.day,
               d.year > 0 ? "" : " (BC)");
}

/* ".5" of 500 thousandths: `digits` places, zeros at the end cut. */
static void add_fraction(struct buf *out, int64_t fraction, uint32_t digits)
{
    char   room[NUMBER_BYTES];
    size_t len = digits;

    if (fraction == 0) {
        return;
    }
    snprintf(room, sizeof room, "%0*lld", (int)digits, (long long)fraction);
    while (len > 0 && room[len - 1] == '0') {
        len--;
    }
    buf_add_char(out, '.');
    buf_add(out, (str){ room, len });
}

/* hh:mm:ss.fff of a time that is not negative; hours may be many. */
void arrow_add_clock(struct buf *out, int64_t units, uint32_t digits)
{
    int64_t per_second = arrow_pow10(digits);
    int64_t seconds    = units / per_second;

    buf_printf(out, "%02lld:%02lld:%02lld", (long long)(seconds / 3600),
               (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    add_fraction(out, units % per_second, digits);
}

static void add_timestamp(struct buf *out, struct arrow_cell cell)
{
    int64_t value   = arrow_i64(cell);
    int64_t per_day = 86400 * arrow_pow10(cell.type->unit);
    int64_t days    = value / per_day - (value % per_day < 0);

    add_date(out, days);
    buf_add_char(out, ' ');
    arrow_add_clock(out, value - days * per_day, cell.type->unit);
    if (cell.type->zone.len > 0) {
        buf_add(out, S("+00"));
    }
}

/* 40 bits of microseconds, 24 bits of (largest offset - offset) in seconds. */
static void add_time_tz(struct buf *out, struct arrow_cell cell)
{
    enum { OFFSET_MAX = 16 * 3600 - 1 };
    uint64_t bits   = (uint64_t)arrow_raw_i64(cell, 0);
    int      offset = OFFSET_MAX - (int)(bits & 0xFFFFFFU);
    int      rest   = abs(offset);

    arrow_add_clock(out, (int64_t)(bits >> 24), 6);
    buf_printf(out, "%c%02d", offset < 0 ? '-' : '+', rest / 3600);
    if (rest % 3600 != 0) {
        buf_printf(out, ":%02d", rest / 60 % 60);
    }
    if (rest % 60 != 0) {
        buf_printf(out, ":%02d", rest % 60);
    }
}

static void add_interval_part(struct buf *out, int value, const char *unit, size_t begin)
{
    if (value != 0) {
        buf_printf(out, "%s%d %s%s", out->len > begin ? " " : "", value, unit,
                   value == 1 || value == -1 ? "" : "s");
    }
}

static void add_interval(struct buf *out, struct arrow_cell cell)
{
    size_t  begin = out->len;
    int32_t months, days;
    int64_t micros = arrow_raw_i64(cell, 8) / 1000;

    memcpy(&months, arrow_raw(cell), sizeof months);
    memcpy(&days, arrow_raw(cell) + sizeof months, sizeof days);
    add_interval_part(out, months / 12, "year", begin);
    add_interval_part(out, months % 12, "month", begin);
    add_interval_part(out, days, "day", begin);
    if (micros == 0 && out->len > begin) {
        return;
    }
    if (out->len > begin) {
        buf_add_char(out, ' ');
    }
    if (micros < 0) {
        buf_add_char(out, '-');
    }
    arrow_add_clock(out, micros < 0 ? -micros : micros, 6);
}

/* ------------------------------------------------------------------------- bytes */

static void add_blob(struct buf *out, struct arrow_cell cell)
{
    static const char digits[] = "0123456789ABCDEF";
    str               bytes    = arrow_str(cell);

    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];

        if (c >= 0x20 && c < 0x7F && c != '\\' && c != '\'' && c != '"') {
            buf_add_char(out, (char)c);
        } else {
            buf_add(out, S("\\x"));
            buf_add_char(out, digits[c >> 4]);
            buf_add_char(out, digits[c & 15U]);
        }
    }
}

static void add_uuid(struct buf *out, struct arrow_cell cell)
{
    static const unsigned char groups[] = { 4, 2, 2, 2, 6 };
    const unsigned char       *bytes    = arrow_raw(cell);
    size_t                     at       = 0;

    for (size_t g = 0; g < sizeof groups; g++) {
        if (g > 0) {
            buf_add_char(out, '-');
        }
        buf_add_hex(out, bytes + at, groups[g]);
        at += groups[g];
    }
}

/* The first byte says how many bits of the second are filling. */
static void add_bits(struct buf *out, struct arrow_cell cell)
{
    str    bytes = arrow_str(cell);
    size_t skip  = bytes.len > 0 ? (unsigned char)bytes.ptr[0] : 0;

    for (size_t bit = 8 + skip; bit < bytes.len * 8; bit++) {
        unsigned byte = (unsigned char)bytes.ptr[bit / 8];

        buf_add_char(out, byte >> (7 - bit % 8) & 1U ? '1' : '0');
    }
}

/* ------------------------------------------------------------------------- nested values */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_plain(str s)
{
    static const char special[] = "\"'(),:=[]{}";

    if (s.len == 0 || is_space(s.ptr[0]) || is_space(s.ptr[s.len - 1]) ||
        str_eq_nocase(s, S("null"))) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\0' && strchr(special, s.ptr[i])) {
            return false;
        }
    }
    return true;
}

static void add_quoted(struct buf *out, str s)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\'' || s.ptr[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, s.ptr[i]);
    }
    buf_add_char(out, '\'');
}

/* A value without characters that ever need quotes, or one that brings its own brackets. */
static bool is_never_quoted(const struct arrow_type *type)
{
    static const uint32_t kinds = 1U << ARROW_NULL | 1U << ARROW_BOOL | 1U << ARROW_INT |
                                  1U << ARROW_UINT | 1U << ARROW_FLOAT | 1U << ARROW_DECIMAL |
                                  1U << ARROW_BIGNUM | 1U << ARROW_UUID | 1U << ARROW_BIT |
                                  1U << ARROW_LIST | 1U << ARROW_FIXED_LIST | 1U << ARROW_STRUCT |
                                  1U << ARROW_MAP | 1U << ARROW_UNION;

    return !type->dictionary && (kinds >> type->kind & 1U);
}

/* A value inside another: text gets quotes where it could be misread. */
static void add_inner(struct buf *out, struct arrow_cell cell)
{
    struct buf text = BUF_INIT(out->max);

    if (is_never_quoted(cell.type) || arrow_is_null(cell)) {
        arrow_value_text(out, cell);
        return;
    }
    arrow_value_text(&text, cell);
    if (is_plain(buf_view(&text))) {
        buf_add(out, buf_view(&text));
    } else {
        add_quoted(out, buf_view(&text));
    }
    out->is_over = out->is_over || text.is_over;
    buf_release(&text);
}

static void add_list(struct buf *out, struct arrow_cell cell)
{
    size_t count   = arrow_item_count(cell);
    bool   is_json = str_eq(cell.type->children[0].logical, S("json"));

    buf_add_char(out, '[');
    for (size_t i = 0; i < count && !out->is_over; i++) {
        if (i > 0) {
            buf_add(out, S(", "));
        }
        if (is_json || cell.type->kind == ARROW_FIXED_LIST) {
            arrow_value_text(out, arrow_item(cell, i));
        } else {
            add_inner(out, arrow_item(cell, i));
        }
    }
    buf_add_char(out, ']');
}

static void add_struct(struct buf *out, struct arrow_cell cell)
{
    bool is_tuple = cell.type->child_count > 0 && cell.type->children[0].name.len == 0;

    buf_add_char(out, is_tuple ? '(' : '{');
    for (size_t i = 0; i < cell.type->child_count; i++) {
        if (i > 0) {
            buf_add(out, S(", "));
        }
        if (!is_tuple) {
            add_quoted(out, cell.type->children[i].name);
            buf_add(out, S(": "));
        }
        add_inner(out, arrow_field(cell, i));
    }
    buf_add_char(out, is_tuple ? ')' : '}');
}

static void add_map(struct buf *out, struct arrow_cell cell)
{
    size_t count = arrow_item_count(cell);

    buf_add_char(out, '{');
    for (size_t i = 0; i < count && !out->is_over; i++) {
        struct arrow_cell entry = arrow_item(cell, i);

        if (i > 0) {
            buf_add(out, S(", "));
        }
        add_inner(out, arrow_field(entry, 0));
        buf_add_char(out, '=');
        add_inner(out, arrow_field(entry, 1));
    }
    buf_add_char(out, '}');
}

/* ------------------------------------------------------------------------- one row per kind */

static void add_nothing(struct buf *out, struct arrow_cell cell)
{
    (void)out; /* of ARROW_NULL: there is never a value */
    (void)cell;
}

static void add_bool(struct buf *out, struct arrow_cell cell)
{
    buf_add(out, arrow_bool(cell) ? S("true") : S("false"));
}

static void add_int(struct buf *out, struct arrow_cell cell)
{
    arrow_add_u128(out, add_sign(out, arrow_wide(cell)));
}

static void add_uint(struct buf *out, struct arrow_cell cell)
{
    arrow_add_u128(out, (arrow_u128)arrow_wide(cell));
}

static void add_decimal(struct buf *out, struct arrow_cell cell)
{
    arrow_add_decimal(out, cell, ARROW_LEAD_ZERO_NEVER);
}

static void add_time(struct buf *out, struct arrow_cell cell)
{
    arrow_add_clock(out, arrow_i64(cell), cell.type->unit);
}

static void add_date_or_timestamp(struct buf *out, struct arrow_cell cell)
{
    int infinite = arrow_infinity(cell);

    if (infinite != 0) {
        buf_add(out, infinite < 0 ? S("-infinity") : S("infinity"));
    } else if (cell.type->kind == ARROW_DATE) {
        add_date(out, arrow_i64(cell));
    } else {
        add_timestamp(out, cell);
    }
}

static void add_text(struct buf *out, struct arrow_cell cell)
{
    buf_add(out, arrow_str(cell));
}

static void add_member(struct buf *out, struct arrow_cell cell)
{
    arrow_value_text(out, arrow_member(cell));
}

static void (*const printers[])(struct buf *out, struct arrow_cell cell) = {
    [ARROW_NULL]       = add_nothing,
    [ARROW_BOOL]       = add_bool,
    [ARROW_INT]        = add_int,
    [ARROW_UINT]       = add_uint,
    [ARROW_FLOAT]      = arrow_add_float,
    [ARROW_DECIMAL]    = add_decimal,
    [ARROW_BIGNUM]     = arrow_add_bignum,
    [ARROW_TEXT]       = add_text,
    [ARROW_BINARY]     = add_blob,
    [ARROW_UUID]       = add_uuid,
    [ARROW_BIT]        = add_bits,
    [ARROW_DATE]       = add_date_or_timestamp,
    [ARROW_TIME]       = add_time,
    [ARROW_TIME_TZ]    = add_time_tz,
    [ARROW_TIMESTAMP]  = add_date_or_timestamp,
    [ARROW_INTERVAL]   = add_interval,
    [ARROW_LIST]       = add_list,
    [ARROW_FIXED_LIST] = add_list,
    [ARROW_STRUCT]     = add_struct,
    [ARROW_MAP]        = add_map,
    [ARROW_UNION]      = add_member,
};

void arrow_value_text(struct buf *out, struct arrow_cell cell)
{
    if (arrow_is_null(cell)) {
        buf_add(out, S("NULL"));
    } else if (cell.type->dictionary) {
        buf_add(out, arrow_str(cell));
    } else {
        printers[cell.type->kind](out, cell);
    }
}
