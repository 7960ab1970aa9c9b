/*
 * copy_test.c - rows and values of COPY's text format.
 */
#include "source/copy.h"

#include "test.h"

#include <string.h>

#include "support/test_ctx.h"

enum { FIELDS_MAX = 8, ROW_MAX = 1000 };

struct row_case {
    const char *line;
    size_t      count;
    const char *want; /* fields joined by '|', NULL as ~; NULL when refused */
    enum status st;
};

static void rows_are_decoded_as_the_manual_says(void **state)
{
    static const struct row_case cases[] = {
        { "a\tb\n", 2, "a|b", ST_OK },
        { "a\tb", 2, "a|b", ST_OK },
        { "\n", 1, "", ST_OK },
        { "\t\n", 2, "|", ST_OK },
        { "\\N\t\\N\n", 2, "~|~", ST_OK },
        { "\\\\N\tN\n", 2, "\\N|N", ST_OK },
        { "\\t\\n\\r\\b\\f\\v\n", 1, "\t\n\r\b\f\v", ST_OK },
        { "\\101\\x41\\x4\\q\n", 1, "AA\x04q", ST_OK },
        { "\\xzz\n", 1, "xzz", ST_OK },
        { "\xC3\xBC\n", 1, "\xC3\xBC", ST_OK },
        { "a\n", 2, NULL, ST_INVALID },
        { "a\tb\tc\n", 2, NULL, ST_INVALID },
        { "a\\\n", 1, NULL, ST_INVALID },
        { "\xC3\n", 1, NULL, ST_INVALID },
        { "\\377\n", 1, NULL, ST_INVALID },
        { "\xCF\t\xA0\n", 2, NULL, ST_INVALID }, /* one character over two values */
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx t;
        struct ctx     *cx = test_ctx_init(&t, 1);
        str             fields[FIELDS_MAX];
        struct copy_row row  = { .bytes  = BUF_INIT(ROW_MAX),
                                 .fields = fields,
                                 .count  = cases[i].count };
        struct buf      text = BUF_INIT(ROW_MAX);
        enum status     st   = copy_decode(cx, str_of(cases[i].line), &row);

        assert_int_equal(st, cases[i].st);
        for (size_t k = 0; st == ST_OK && k < row.count; k++) {
            buf_add(&text, k > 0 ? S("|") : S(""));
            buf_add(&text, fields[k].ptr ? fields[k] : S("~"));
        }
        if (st == ST_OK && !str_eq(buf_view(&text), str_of(cases[i].want))) {
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(buf_view(&text)));
        }
        buf_release(&row.bytes);
        buf_release(&text);
        test_ctx_release(&t);
    }
}

static void a_row_over_its_limit_is_refused(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    str             field;
    struct copy_row row = { .bytes = BUF_INIT(4), .fields = &field, .count = 1 };

    assert_int_equal(copy_decode(cx, S("12345\n"), &row), ST_LIMIT);
    assert_int_equal(copy_decode(cx, S("1234\n"), &row), ST_OK);
    buf_release(&row.bytes);
    test_ctx_release(&t);
}

static void values_become_those_of_the_engine(void **state)
{
    static const struct {
        struct copy_type type;
        const char      *value, *want;
        enum status      st;
    } cases[] = {
        { { .form = COPY_AS_IS }, "x\"y", "x\"y", ST_OK },
        { { .form = COPY_BYTES }, "\\x", "", ST_OK },
        { { .form = COPY_BYTES }, "\\x0aFf", "\\x0A\\xFF", ST_OK },
        { { .form = COPY_BYTES }, "\\x0", NULL, ST_INVALID },
        { { .form = COPY_BYTES }, "\\x0g", NULL, ST_INVALID },
        { { .form = COPY_BYTES }, "abc", NULL, ST_INVALID },
        { { .form = COPY_TIME }, "2020-01-01", "2020-01-01", ST_OK },
        { { .form = COPY_TIME }, "0044-03-15 BC", "0044-03-15 (BC)", ST_OK },
        { { .form = COPY_TIME },
          "0044-03-15 10:00:00+00 BC",
          "0044-03-15 (BC) 10:00:00+00",
          ST_OK },
        { { .form = COPY_DECIMAL, .scale = 2 }, "-1.2300", "-1.2300", ST_OK },
        { { .form = COPY_DECIMAL, .scale = 2 }, "1.234", NULL, ST_INVALID },
        { { .form = COPY_DECIMAL, .scale = 0 }, "7", "7", ST_OK },
        { { .form = COPY_DECIMAL, .scale = 2 }, "NaN", NULL, ST_INVALID },
        { { .form = COPY_DECIMAL, .scale = 2 }, "-Infinity", NULL, ST_INVALID },
        { { .is_list = true }, "{}", "[]", ST_OK },
        { { .is_list = true }, "{1,NULL,\"NULL\"}", "[\"1\", NULL, \"NULL\"]", ST_OK },
        { { .is_list = true }, "{\"a\\\"b\\\\c\",\"\"}", "[\"a\\\"b\\\\c\", \"\"]", ST_OK },
        { { .form = COPY_DECIMAL, .scale = 1, .is_list = true }, "{1.5,2.25}", NULL, ST_INVALID },
        { { .is_list = true }, "{{1},{2}}", NULL, ST_UNSUPPORTED },
        { { .is_list = true }, "[2:3]={1,2}", NULL, ST_UNSUPPORTED },
        { { .is_list = true }, "{1,", NULL, ST_INVALID },
        { { .is_list = true }, "{1,}", NULL, ST_INVALID },
        { { .is_list = true }, "{\"1", NULL, ST_INVALID },
        { { .is_list = true }, "{1}x", NULL, ST_INVALID },
        { { .is_list = true }, "", NULL, ST_UNSUPPORTED },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx t;
        struct ctx     *cx  = test_ctx_init(&t, 1);
        struct buf      out = BUF_INIT(ROW_MAX);
        enum status     st  = copy_convert(cx, &cases[i].type, str_of(cases[i].value), &out);

        if (st != cases[i].st || (st == ST_OK && !str_eq(buf_view(&out), str_of(cases[i].want)))) {
            fail_msg("\"%s\": status %d, " STR_FMT " %s", cases[i].value, (int)st,
                     STR_ARG(buf_view(&out)), t.err.text);
        }
        buf_release(&out);
        test_ctx_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_decoded_as_the_manual_says),
        cmocka_unit_test(a_row_over_its_limit_is_refused),
        cmocka_unit_test(values_become_those_of_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
