/*
 * time.h - instants as integer microseconds UTC, and their text form. Pure; no system call.
 *
 * Text is RFC 3339 with Z: 2026-11-23T22:14:05.123456Z. Years 0001 to 9999; the calendar is the
 * proleptic Gregorian one (algorithms: H. Hinnant, "chrono-compatible low-level date algorithms").
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/ctx.h"

#define US_PER_SECOND 1000000LL
#define US_PER_DAY    (86400LL * US_PER_SECOND)

struct civil_date {
    int year, month, day;
};

int64_t           date_to_days(struct civil_date d); /* days since 1970-01-01 */
struct civil_date date_of_days(int64_t days);
bool              date_is_valid(struct civil_date d);

/* "2026-11-23" */
str            date_text(struct arena *a, int64_t days);
NODISCARD bool date_parse(str text, int64_t *days);

/*
 * "2026-11-23T22:14:05.123456Z"; without the fraction when it is zero. Instants outside of the years
 * 0001 to 9999 are printed with the digits they need, which time_parse does not read.
 */
str time_text(struct arena *a, int64_t us);

/*
 * Reads what time_text writes, an offset instead of Z, neither (which is UTC), a blank instead of T,
 * or a date alone. Digits of the fraction beyond the sixth are dropped; leap seconds are refused.
 */
NODISCARD bool time_parse(str text, int64_t *us);

#endif
