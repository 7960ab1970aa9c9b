/*
 * diff_number.c - exact decimal arithmetic for bounds, steps and words of enums.
 */
#include "contract/diff_number.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

enum { POWER_MAX = 37, EXPONENT_MAX = 400 };

diff_wide diff_number_power(unsigned n)
{
    diff_wide made = 1;

    for (unsigned i = 0; i < n && i < POWER_MAX; i++) {
        made *= 10;
    }
    return made;
}

/* A number in parts: sign, digits (with the point's place) and exponent. */
struct parts {
    bool    is_negative;
    str     whole, fraction;
    int64_t exponent;
};

static bool all_digits(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!char_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool cut_exponent(str *text, int64_t *out)
{
    size_t at;
    str    digits;

    *out = 0;
    if (!str_find_char(*text, 'e', &at) && !str_find_char(*text, 'E', &at)) {
        return true;
    }
    digits = str_from(*text, at + 1);
    *text  = str_sub(*text, 0, at);
    digits = str_starts(digits, S("+")) ? str_from(digits, 1) : digits;
    return str_to_i64(digits, out) && *out >= -EXPONENT_MAX && *out <= EXPONENT_MAX;
}

static bool read_parts(str text, struct parts *out)
{
    out->is_negative = str_starts(text, S("-"));
    text = str_starts(text, S("-")) || str_starts(text, S("+")) ? str_from(text, 1) : text;
    if (!cut_exponent(&text, &out->exponent)) {
        return false;
    }
    out->whole    = text;
    out->fraction = STR_NONE;
    ignore(str_split(text, '.', &out->whole, &out->fraction) ? ST_OK : ST_NOT_FOUND,
           "a number without a point is whole");
    while (out->fraction.len && out->fraction.ptr[out->fraction.len - 1] == '0') {
        out->fraction.len--;
    }
    return all_digits(out->whole) && all_digits(out->fraction) && text.len > 0 &&
           (out->whole.len || out->fraction.len || text.len > 1);
}

unsigned diff_number_scale(str text)
{
    struct parts p;
    int64_t      scale;

    if (!read_parts(text, &p)) {
        return 0;
    }
    scale = (int64_t)p.fraction.len - p.exponent;
    return scale > 0 ? (unsigned)scale : 0;
}

/* Appends digits to *n; false above the limit. */
static bool add_digits(str digits, diff_wide *n)
{
    for (size_t i = 0; i < digits.len; i++) {
        *n = *n * 10 + (digits.ptr[i] - '0');
        if (*n > DIFF_NUMBER_MAX) {
            return false;
        }
    }
    return true;
}

bool diff_number_read(str text, unsigned scale, diff_wide *out)
{
    struct parts p;
    diff_wide    n = 0;
    int64_t      shift;

    if (!read_parts(text, &p) || !add_digits(p.whole, &n) || !add_digits(p.fraction, &n)) {
        return false;
    }
    shift = (int64_t)scale + p.exponent - (int64_t)p.fraction.len;
    for (; shift > 0 && n > 0; shift--) {
        n *= 10;
        if (n > DIFF_NUMBER_MAX) {
            return false;
        }
    }
    for (; shift < 0 && n > 0; shift++) {
        if (n % 10 != 0) {
            return false;
        }
        n /= 10;
    }
    *out = p.is_negative ? -n : n;
    return true;
}

bool diff_number_real(struct ctx *cx, str text, double *out)
{
    struct parts p;

    if (!read_parts(text, &p)) {
        return false;
    }
    *out = strtod(arena_cstr(cx->arena, text), NULL);
    return isfinite(*out);
}

str diff_number_text(struct ctx *cx, diff_wide n, unsigned scale)
{
    diff_wide unit = diff_number_power(scale), rest;
    char      digits[48];
    size_t    at          = sizeof digits;
    bool      is_negative = n < 0, has_fraction = false;

    n    = is_negative ? -n : n;
    rest = n % unit;
    n /= unit;
    for (unsigned i = 0; i < scale; i++) {
        char digit = (char)('0' + (int)(rest % 10));

        has_fraction = has_fraction || digit != '0';
        if (has_fraction) {
            digits[--at] = digit;
        }
        rest /= 10;
    }
    if (has_fraction) {
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + (int)(n % 10));
        n /= 10;
    } while (n > 0);
    if (is_negative) {
        digits[--at] = '-';
    }
    return arena_dup(cx->arena, (str){ digits + at, sizeof digits - at });
}

diff_wide diff_number_floor(diff_wide n, diff_wide step)
{
    diff_wide rest = n % step;

    return n - (rest < 0 ? rest + step : rest);
}

diff_wide diff_number_lcm(diff_wide a, diff_wide b)
{
    diff_wide x = a, y = b;

    while (y != 0) {
        diff_wide rest = x % y;

        x = y;
        y = rest;
    }
    return x <= 0 || b <= 0 || a / x > DIFF_NUMBER_MAX / b ? 0 : a / x * b;
}

size_t diff_number_characters(str text)
{
    return utf8_count(text);
}
