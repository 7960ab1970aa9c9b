/*
 * time.c - civil dates and RFC 3339.
 */
#include "base/time.h"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z */
#define FIRST_US (-719162LL * US_PER_DAY)
#define LAST_US  (2932897LL * US_PER_DAY - 1)

int64_t date_to_days(struct civil_date d)
{
    int64_t y   = d.month <= 2 ? d.year - 1 : d.year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

struct civil_date date_of_days(int64_t days)
{
    int64_t z     = days + 719468;
    int64_t era   = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe   = z - era * 146097;
    int64_t yoe   = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy   = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp    = (5 * doy + 2) / 153;
    int     month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (struct civil_date){
        .year  = (int)(yoe + era * 400 + (month <= 2)),
        .month = month,
        .day   = (int)(doy - (153 * mp + 2) / 5 + 1),
    };
}

bool date_is_valid(struct civil_date d)
{
    struct civil_date back;

    if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31) {
        return false;
    }
    back = date_of_days(date_to_days(d));
    return back.month == d.month && back.day == d.day;
}

str date_text(struct arena *a, int64_t days)
{
    struct civil_date d = date_of_days(days);

    return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

/* Reads exactly `digits` digits and moves the cursor. */
static bool take_number(str *cursor, size_t digits, int *out)
{
    uint64_t value;

    if (cursor->len < digits || !str_to_u64(str_sub(*cursor, 0, digits), &value)) {
        return false;
    }
    *cursor = str_from(*cursor, digits);
    *out    = (int)value;
    return true;
}

static bool take_char(str *cursor, char c)
{
    if (cursor->len == 0 || cursor->ptr[0] != c) {
        return false;
    }
    *cursor = str_from(*cursor, 1);
    return true;
}

static bool take_date(str *cursor, int64_t *days)
{
    struct civil_date d;

    if (!take_number(cursor, 4, &d.year) || !take_char(cursor, '-') ||
        !take_number(cursor, 2, &d.month) || !take_char(cursor, '-') ||
        !take_number(cursor, 2, &d.day) || !date_is_valid(d)) {
        return false;
    }
    *days = date_to_days(d);
    return true;
}

bool date_parse(str text, int64_t *days)
{
    int64_t value;

    if (!take_date(&text, &value) || text.len != 0) {
        return false;
    }
    *days = value;
    return true;
}

str time_text(struct arena *a, int64_t us)
{
    int64_t days   = us / US_PER_DAY - (us % US_PER_DAY < 0);
    int64_t in_day = us % US_PER_DAY + (us % US_PER_DAY < 0 ? US_PER_DAY : 0);
    int64_t second = in_day / US_PER_SECOND;
    int64_t micros = in_day % US_PER_SECOND;
    str     date   = date_text(a, days);

    if (micros == 0) {
        return arena_printf(a, STR_FMT "T%02d:%02d:%02dZ", STR_ARG(date), (int)(second / 3600),
                            (int)(second / 60 % 60), (int)(second % 60));
    }
    return arena_printf(a, STR_FMT "T%02d:%02d:%02d.%06dZ", STR_ARG(date), (int)(second / 3600),
                        (int)(second / 60 % 60), (int)(second % 60), (int)micros);
}

static bool take_fraction(str *cursor, int64_t *micros)
{
    int64_t scale = 100000;

    *micros = 0;
    if (!take_char(cursor, '.')) {
        return true;
    }
    if (cursor->len == 0 || !char_is_digit(cursor->ptr[0])) {
        return false;
    }
    while (cursor->len && char_is_digit(cursor->ptr[0])) {
        *micros += (cursor->ptr[0] - '0') * scale;
        scale /= 10;
        *cursor = str_from(*cursor, 1);
    }
    return true;
}

static bool take_offset(str *cursor, int64_t *offset_us)
{
    int  hours, minutes;
    bool west;

    *offset_us = 0;
    if (cursor->len == 0 || take_char(cursor, 'Z')) {
        return true;
    }
    west = cursor->ptr[0] == '-';
    if (!take_char(cursor, west ? '-' : '+') || !take_number(cursor, 2, &hours) ||
        !take_char(cursor, ':') || !take_number(cursor, 2, &minutes) || hours > 23 ||
        minutes > 59) {
        return false;
    }
    *offset_us = (hours * 3600LL + minutes * 60LL) * US_PER_SECOND * (west ? -1 : 1);
    return true;
}

bool time_parse(str text, int64_t *us)
{
    int64_t days, micros, offset, value;
    int     hour, minute, second;

    if (!take_date(&text, &days)) {
        return false;
    }
    if (text.len == 0) {
        *us = days * US_PER_DAY;
        return true;
    }
    if ((!take_char(&text, 'T') && !take_char(&text, ' ')) || !take_number(&text, 2, &hour) ||
        !take_char(&text, ':') || !take_number(&text, 2, &minute) || !take_char(&text, ':') ||
        !take_number(&text, 2, &second) || hour > 23 || minute > 59 || second > 59 ||
        !take_fraction(&text, &micros) || !take_offset(&text, &offset) || text.len != 0) {
        return false;
    }
    value = days * US_PER_DAY + (hour * 3600LL + minute * 60LL + second) * US_PER_SECOND + micros -
            offset;
    if (value < FIRST_US || value > LAST_US) { /* an offset can lead out of the years */
        return false;
    }
    *us = value;
    return true;
}
