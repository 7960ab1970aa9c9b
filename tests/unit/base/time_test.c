/*
 * time_test.c - the calendar from 0001 to 9999, and the texts of instants.
 */
#include "base/time.h"

#include "test.h"

#include "support/test_ctx.h"

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] +
           (month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0));
}

/* A calendar that counts, against the formulas: each of the 3652059 days. */
static void every_day_is_where_counting_finds_it(void **state)
{
    int64_t           days = -719162;
    struct civil_date d    = { 1, 1, 1 };

    for (d.year = 1; d.year <= 9999; d.year++) {
        for (d.month = 1; d.month <= 12; d.month++) {
            int last = days_in(d.year, d.month);

            for (d.day = 1; d.day <= last; d.day++, days++) {
                struct civil_date back = date_of_days(days);

                if (date_to_days(d) != days || back.year != d.year || back.month != d.month ||
                    back.day != d.day) {
                    fail_msg("%04d-%02d-%02d", d.year, d.month, d.day);
                }
            }
            assert_true(date_is_valid((struct civil_date){ d.year, d.month, last }));
            assert_false(date_is_valid((struct civil_date){ d.year, d.month, last + 1 }));
        }
    }
    assert_int_equal(days, 2932897);
    assert_int_equal(date_to_days((struct civil_date){ 1970, 1, 1 }), 0);
}

static void dates_are_read(void **state)
{
    static const struct {
        const char *text;
        bool        ok;
        int64_t     days;
    } cases[] = {
        { "1970-01-01", true, 0 },       { "0001-01-01", true, -719162 },
        { "9999-12-31", true, 2932896 }, { "2024-02-29", true, 19782 },
        { "2023-02-29", false, 0 },      { "1900-02-29", false, 0 },
        { "0000-01-01", false, 0 },      { "2024-13-01", false, 0 },
        { "2024-00-01", false, 0 },      { "2024-01-00", false, 0 },
        { "2024-1-1", false, 0 },        { "24-01-01", false, 0 },
        { "2024-01-01 ", false, 0 },     { " 2024-01-01", false, 0 },
        { "2024/01/01", false, 0 },      { "+024-01-01", false, 0 },
        { "-024-01-01", false, 0 },      { "", false, 0 },
        { "10000-01-01", false, 0 },     { "2024-01-", false, 0 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        int64_t days = 4711;

        assert_int_equal(date_parse(str_of(cases[i].text), &days), cases[i].ok);
        assert_int_equal(days, cases[i].ok ? cases[i].days : 4711);
    }
}

#define DAY  US_PER_DAY
#define HOUR (3600 * US_PER_SECOND)

static void instants_are_read(void **state)
{
    static const struct {
        const char *text;
        bool        ok;
        int64_t     us;
    } cases[] = {
        { "1970-01-01T00:00:00Z", true, 0 },
        { "1970-01-01", true, 0 },
        { "1970-01-02 00:00:00", true, DAY },
        { "1970-01-01T00:00:00.5Z", true, 500000 },
        { "1970-01-01T00:00:00.000001Z", true, 1 },
        { "1970-01-01T00:00:00.0000019Z", true, 1 },
        { "1970-01-01T00:00:00.123456789012345678901234567890Z", true, 123456 },
        { "1970-01-01T01:00:00+01:00", true, 0 },
        { "1969-12-31T23:30:00-00:30", true, 0 },
        { "1970-01-01T00:00:00-23:59", true, 23 * HOUR + 59 * 60 * US_PER_SECOND },
        { "1969-12-31T23:59:59.999999Z", true, -1 },
        { "0001-01-01T00:00:00Z", true, -719162 * DAY },
        { "9999-12-31T23:59:59.999999Z", true, 2932897 * DAY - 1 },
        { "0001-01-01T00:00:00+00:01", false, 0 },
        { "9999-12-31T23:59:59-00:01", false, 0 },
        { "1970-01-01T24:00:00Z", false, 0 },
        { "1970-01-01T00:60:00Z", false, 0 },
        { "1970-01-01T00:00:60Z", false, 0 },
        { "1970-01-01T00:00:00.Z", false, 0 },
        { "1970-01-01T00:00:00,5Z", false, 0 },
        { "1970-01-01T00:00Z", false, 0 },
        { "1970-01-01T", false, 0 },
        { "1970-01-01T00:00:00z", false, 0 },
        { "1970-01-01T00:00:00+0100", false, 0 },
        { "1970-01-01T00:00:00+24:00", false, 0 },
        { "1970-01-01T00:00:00+01:60", false, 0 },
        { "1970-01-01T00:00:00+01", false, 0 },
        { "1970-01-01T00:00:00ZZ", false, 0 },
        { "1970-01-01T00:00:00 Z", false, 0 },
        { "1970-01-01X00:00:00Z", false, 0 },
        { "1970-01-01T-1:00:00Z", false, 0 },
        { "", false, 0 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        int64_t us = 4711;

        if (time_parse(str_of(cases[i].text), &us) != cases[i].ok ||
            us != (cases[i].ok ? cases[i].us : 4711)) {
            fail_msg("%s gives %lld", cases[i].text, (long long)us);
        }
    }
}

static void texts_go_there_and_back(void **state)
{
    static const struct {
        int64_t     us;
        const char *text;
    } cases[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { -1, "1969-12-31T23:59:59.999999Z" },
        { -DAY, "1969-12-31T00:00:00Z" },
        { 1763900000000001, "2025-11-23T12:13:20.000001Z" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 3);

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_true(str_eq(time_text(cx->arena, cases[i].us), str_of(cases[i].text)));
    }
    for (int i = 0; i < 20000; i++) {
        uint64_t range = (uint64_t)(2932897 + 719162) * (uint64_t)DAY;
        int64_t  us = (int64_t)(test_random_next(&t.random) % range) - 719162 * DAY, back = 0;

        us = i % 3 ? us : us - us % US_PER_SECOND;
        assert_true(time_parse(time_text(cx->arena, us), &back));
        assert_int_equal(back, us);
    }
    assert_true(time_text(cx->arena, INT64_MIN).len > 0); /* odd, and defined */
    assert_true(time_text(cx->arena, INT64_MAX).len > 0);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_where_counting_finds_it),
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(instants_are_read),
        cmocka_unit_test(texts_go_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
