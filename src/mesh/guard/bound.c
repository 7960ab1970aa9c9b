/*
 * bound.c - constants, and how much a call with constant arguments can give.
 *
 * Only forms that the parser makes of literals are read; anything else is "not a constant", and the
 * caller refuses it. Nothing is evaluated.
 */
#include "guard/guard_int.h"

#include "base/time.h"

#include <math.h>

static str class_of(const struct json *expr)
{
    return json_text_or(json_get(expr, S("class")), S(""));
}

static str function_of(const struct json *expr)
{
    return str_eq(class_of(expr), S("FUNCTION"))
               ? json_text_or(json_get(expr, S("function_name")), S(""))
               : S("");
}

static const struct json *child(const struct json *expr, size_t index)
{
    return json_item(json_get(expr, S("children")), index);
}

static size_t child_count(const struct json *expr)
{
    const struct json *children = json_get(expr, S("children"));

    return json_is(children, JSON_ARRAY) ? children->count : 0;
}

/* Looks through casts that do not change a whole number. */
static const struct json *uncast(const struct json *expr)
{
    while (str_eq(class_of(expr), S("CAST"))) {
        expr = json_get(expr, S("child"));
    }
    return expr;
}

bool guard_constant_int(const struct json *expr, int64_t *out)
{
    const struct json *e     = uncast(expr);
    const struct json *value = json_path(e, S("/value/value"));

    if (str_eq(function_of(e), S("-")) && child_count(e) == 1) {
        int64_t n;

        if (!guard_constant_int(child(e, 0), &n) || n == INT64_MIN) {
            return false;
        }
        *out = -n;
        return true;
    }
    if (!str_eq(class_of(e), S("CONSTANT")) || !json_is(value, JSON_I64) ||
        str_eq(json_text_or(json_path(e, S("/value/type/id")), S("")), S("DECIMAL"))) {
        return false;
    }
    *out = value->i64;
    return true;
}

bool guard_constant_text(const struct json *expr, str *out)
{
    const struct json *value = json_path(expr, S("/value/value"));

    if (!str_eq(class_of(expr), S("CONSTANT")) || !json_is(value, JSON_STRING)) {
        return false;
    }
    *out = value->text;
    return true;
}

/* A point in time: DATE '…', TIMESTAMP '…', a cast of one, or now. */
static bool constant_time(struct ctx *cx, const struct json *expr, int64_t *out_us)
{
    const struct json *e     = uncast(expr);
    const struct json *names = json_get(e, S("column_names"));
    str                text, function = function_of(e);

    if (e != expr && guard_constant_text(e, &text)) {
        return time_parse(str_trim(text), out_us);
    }
    bool is_keyword = str_eq(class_of(e), S("COLUMN_REF")) && names && names->count == 1 &&
                      (str_eq_nocase(names->items[0]->text, S("current_date")) ||
                       str_eq_nocase(names->items[0]->text, S("current_timestamp")));
    if (is_keyword || str_eq(function, S("now")) || str_eq(function, S("today"))) {
        *out_us = ctx_now_us(cx);
        return true;
    }
    return false;
}

/* The least microseconds that INTERVAL n unit is long; 0 when it cannot be told. */
static int64_t interval_us(const struct json *expr)
{
    static const struct {
        str     function, unit;
        int64_t us;
    } units[] = {
        { STR_INIT("to_years"), STR_INIT("year"), 365 * US_PER_DAY },
        { STR_INIT("to_quarters"), STR_INIT("quarter"), 90 * US_PER_DAY },
        { STR_INIT("to_months"), STR_INIT("month"), 28 * US_PER_DAY },
        { STR_INIT("to_weeks"), STR_INIT("week"), 7 * US_PER_DAY },
        { STR_INIT("to_days"), STR_INIT("day"), US_PER_DAY },
        { STR_INIT("to_hours"), STR_INIT("hour"), 3600 * US_PER_SECOND },
        { STR_INIT("to_minutes"), STR_INIT("minute"), 60 * US_PER_SECOND },
        { STR_INIT("to_seconds"), STR_INIT("second"), US_PER_SECOND },
    };
    const struct json *e = uncast(expr), *amount = uncast(child(e, 0));
    str                text, number, unit;
    int64_t            n;

    if (e != expr && guard_constant_text(e, &text) &&
        str_split(str_trim(text), ' ', &number, &unit) && str_to_i64(number, &n) && n > 0 &&
        n < 1000000) {
        for (size_t i = 0; i < COUNT_OF(units); i++) {
            str plural = str_ends(unit, S("s")) ? str_sub(unit, 0, unit.len - 1) : unit;

            if (str_eq_nocase(plural, units[i].unit)) {
                return n * units[i].us;
            }
        }
        return 0;
    }
    if (str_eq(function_of(amount), S("trunc"))) { /* how INTERVAL n unit is parsed */
        amount = uncast(child(amount, 0));
    }
    if (!guard_constant_int(amount, &n) || n <= 0 || n >= 1000000) {
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (str_eq(function_of(e), units[i].function)) {
            return n * units[i].us;
        }
    }
    return 0;
}

static uint64_t steps_between(int64_t from, int64_t to, int64_t step)
{
    double span = fabs((double)to - (double)from) / fabs((double)step) + 1;

    return span > 1e18 ? UINT64_MAX : (uint64_t)span;
}

bool guard_range_items(struct ctx *cx, const struct json *args, uint64_t *out)
{
    int64_t n[3] = { 0, 0, 1 };
    int64_t from, to, step;
    size_t  count = args->count;

    if (count == 0 || count > 3) {
        return false;
    }
    if (count == 3 && constant_time(cx, args->items[0], &from) &&
        constant_time(cx, args->items[1], &to) && (step = interval_us(args->items[2])) > 0) {
        *out = steps_between(from, to, step);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!guard_constant_int(args->items[i], &n[count == 1 ? 1 : i])) {
            return false;
        }
    }
    *out = n[2] == 0 ? 0 : steps_between(n[0], n[1], n[2]);
    return true;
}

/* Widths and precisions stand as digits; "{:{}}" and "%*d" take them from an argument. */
bool guard_format_width(str format, uint64_t *out)
{
    uint64_t widest = 0, run = 0;
    unsigned depth      = 0;
    bool     in_percent = false;

    for (size_t i = 0; i < format.len; i++) {
        char c = format.ptr[i];

        if (c == '{') {
            depth++;
        } else if (c == '}' && depth > 0) {
            depth--;
        } else if (c == '%') {
            in_percent = !in_percent;
        } else if (in_percent && char_is_alpha(c)) {
            in_percent = false;
        } else if (in_percent && c == '*') {
            return false;
        }
        bool is_escaped = c == '{' && i > 0 && format.ptr[i - 1] == '{';
        if (depth > 1 && !is_escaped) {
            return false;
        }
        run    = char_is_digit(c) ? guard_multiply(run, 10) : 0;
        run    = char_is_digit(c) && run < UINT64_MAX ? run + (uint64_t)(c - '0') : run;
        widest = run > widest ? run : widest;
        if (is_escaped) {
            depth = 0;
        }
    }
    *out = widest;
    return true;
}
