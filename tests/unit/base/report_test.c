/*
 * report_test.c - messages, findings with their place, ids, and when an operation must end.
 */
#include "base/diag.h"

#include "test.h"

#include <string.h>

#include "base/id.h"
#include "base/utf8.h"
#include "support/test_ctx.h"

/* ---- err ---- */

/* Around the border of the text, with characters of each length. */
static void long_messages_end_with_a_whole_character(void **state)
{
    static const char *const chars[] = { "x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };

    for (size_t c = 0; c < CASES(chars); c++) {
        for (int before = 485; before < 500; before++) {
            struct err e = { 0 };
            size_t     at;

            assert_int_equal(
                err_set(&e, ST_INVALID, "f", 1, "%*s%s%s", before, "", chars[c], chars[c]),
                ST_INVALID);
            assert_int_equal(e.len, strlen(e.text));
            assert_true(utf8_is_valid(err_text(&e), &at));
            if ((size_t)before + 2 * strlen(chars[c]) < ERR_TEXT_BYTES) {
                assert_int_equal(e.len, (size_t)before + 2 * strlen(chars[c]));
            } else {
                assert_in_range(e.len, ERR_TEXT_BYTES - 4, ERR_TEXT_BYTES - 1);
            }
        }
    }
}

static void wrapping_and_adding_keep_the_code(void **state)
{
    struct err e = { 0 };
    size_t     at;

    assert_int_equal(err_set(&e, ST_NOT_FOUND, "f", 3, "no \"%s\"", "x"), ST_NOT_FOUND);
    assert_int_equal(err_wrap(&e, "read %d", 7), ST_NOT_FOUND);
    assert_int_equal(err_add(&e, "; try %s", "y"), ST_NOT_FOUND);
    assert_string_equal(e.text, "read 7: no \"x\"; try y");
    assert_int_equal(e.line, 3);
    for (int i = 0; i < 300; i++) {
        err_wrap(&e, "\xe2\x82\xac%d", i);
        assert_true(utf8_is_valid(err_text(&e), &at));
        err_add(&e, "\xf0\x9f\x98\x80");
        assert_true(utf8_is_valid(err_text(&e), &at));
        assert_int_equal(e.len, strlen(e.text));
    }
    assert_true(str_starts(err_text(&e), S("\xe2\x82\xac"
                                           "299: \xe2\x82\xac"
                                           "298: ")));
    err_clear(&e);
    assert_int_equal(e.code, ST_OK);
    assert_int_equal(e.len, 0);
    assert_int_equal(err_wrap(&e, "a"), ST_OK);
    assert_string_equal(e.text, "a: ");
}

static void every_status_has_its_row(void **state)
{
    for (int st = ST_OK; st <= ST_INTERNAL; st++) {
        assert_true(status_slug((enum status)st).len > 0);
        assert_in_range(status_http_code((enum status)st), 200, 504);
        assert_int_equal(status_exit_code((enum status)st) == 0, st == ST_OK);
    }
    assert_true(str_eq(status_slug(ST_UNAUTHENTICATED), S("unauthenticated")));
}

/* ---- diag ---- */

static void offsets_become_lines_and_columns(void **state)
{
    static const struct {
        const char *text;
        size_t      offset;
        uint32_t    line, column;
        const char *shown;
    } cases[] = {
        { "", 0, 1, 1, "" },          { "abc", 0, 1, 1, "abc" },
        { "abc", 2, 1, 3, "abc" },    { "abc", 3, 1, 4, "abc" },
        { "abc", 99, 1, 4, "abc" },   { "a\nbc\n", 1, 1, 2, "a" },
        { "a\nbc\n", 2, 2, 1, "bc" }, { "a\nbc\n", 4, 2, 3, "bc" },
        { "a\nbc\n", 5, 3, 1, "" },   { "a\r\nbc\r\n", 3, 2, 1, "bc" },
        { "\n\n", 1, 2, 1, "" },      { "a\r\nb", 1, 1, 2, "a" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct diag_text text = { S("f"), str_of(cases[i].text) };
        struct diag_pos  pos  = diag_pos_at(text.bytes, cases[i].offset, 1);
        struct diags     d    = { 0 };

        assert_int_equal(pos.line, cases[i].line);
        assert_int_equal(pos.column, cases[i].column);
        diag_add(&d, cx, DIAG_INFO, &text, pos, S("r"), S("h"), "m");
        assert_true(str_eq(d.list.items[0].line_text, str_of(cases[i].shown)));
        assert_int_equal(d.list.items[0].line_skipped, 0);
    }
    test_ctx_release(&t);
}

/* One line of 8 MB: each finding is cheap, shows its surroundings, and the caret is inside of them. */
static void long_lines_are_shown_in_part(void **state)
{
    enum { BYTES = 8 << 20 };
    static char      big[BYTES];
    struct test_ctx  t;
    struct ctx      *cx   = test_ctx_init(&t, 1);
    struct diag_text text = { S("f"), { big, BYTES } };
    struct diags     d    = { 0 };

    for (size_t i = 0; i + 2 < BYTES; i += 2) { /* an odd start: a cut can fall into a character */
        memcpy(big + i + 1, "\xc3\xa4", 2);
    }
    big[0] = '\n';
    for (size_t i = 0; i < DIAG_MAX; i++) {
        struct diag_pos    pos = { .line   = 2,
                                   .offset = (uint32_t)(1 + i * 8000),
                                   .column = (uint32_t)(i * 8000 + 1) };
        const struct diag *made;
        size_t             at;

        diag_add(&d, cx, DIAG_ERROR, &text, pos, S("r"), S("h"), "m");
        made = &d.list.items[i];
        assert_true(utf8_is_valid(made->line_text, &at));
        assert_in_range(made->line_text.len, 396, 400);
        assert_in_range(pos.column - made->line_skipped, 1, 301);
        assert_ptr_equal(made->line_text.ptr, big + 1 + made->line_skipped);
    }
    test_ctx_release(&t);
}

static void findings_are_counted_beyond_the_limit(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    struct diags    d  = { 0 };

    for (int i = 0; i < DIAG_MAX + 10; i++) {
        diag_add(&d, cx, (enum diag_severity)(i % 3), NULL, (struct diag_pos){ 0 }, S("r"),
                 STR_NONE, "finding %d", i);
    }
    assert_int_equal(d.list.count, DIAG_MAX);
    assert_int_equal(d.warnings, 337);
    assert_int_equal(d.errors, 336);
    assert_true(str_eq(d.list.items[999].message, S("finding 999")));
    assert_null(d.list.items[0].line_text.ptr);
    test_ctx_release(&t);
}

static void long_findings_end_with_a_whole_character(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    struct diags    d  = { 0 };
    size_t          at;

    for (int before = 2040; before < 2052; before++) {
        diag_add(&d, cx, DIAG_INFO, NULL, (struct diag_pos){ 0 }, S("r"), STR_NONE,
                 "%*s\xf0\x9f\x98\x80\xe2\x82\xac", before, "");
        assert_true(utf8_is_valid(d.list.items[d.list.count - 1].message, &at));
        assert_in_range(d.list.items[d.list.count - 1].message.len, 2040, 2047);
    }
    test_ctx_release(&t);
}

/* ---- id ---- */

static void ids_sort_by_their_millisecond(void **state)
{
    struct test_ctx t;
    struct ctx     *cx     = test_ctx_init(&t, 1);
    str             before = id_new(cx);

    for (int i = 0; i < 2000; i++) {
        str now;

        t.now_us += 1000 * (1 + (int64_t)test_random_below(&t.random, 100000));
        now = id_new(cx);
        assert_true(id_is_valid(now));
        assert_int_equal(now.ptr[14], '7');
        assert_true(strchr("89ab", now.ptr[19]) != NULL);
        assert_true(str_cmp(before, now) < 0);
        before = now;
    }
    test_ctx_release(&t);
}

static void only_ids_are_ids(void **state)
{
    static const struct {
        const char *text;
        bool        want;
    } cases[] = {
        { "0193577e-0000-7000-8000-00000000000f", true },
        { "0193577E-0000-7000-8000-00000000000f", false },
        { "0193577e-0000-7000-8000-00000000000g", false },
        { "0193577e-0000-7000-8000-00000000000", false },
        { "0193577e-0000-7000-8000-00000000000ff", false },
        { "0193577e00000-7000-8000-00000000000f", false },
        { "0193577e-0000-7000-8000--0000000000f", false },
        { "", false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(id_is_valid(str_of(cases[i].text)), cases[i].want);
    }
}

/* ---- ctx ---- */

static void an_operation_ends_when_it_must(void **state)
{
    struct test_ctx t;
    struct ctx     *cx     = test_ctx_init(&t, 1);
    atomic_bool     cancel = false;
    struct arena   *all    = cx->arena;

    assert_int_equal(ctx_check(cx), ST_OK);
    assert_int_equal(ctx_left_us(cx), INT64_MAX);
    cx->cancel      = &cancel;
    cx->deadline_us = t.now_us + 10;
    assert_int_equal(ctx_check(cx), ST_OK);
    assert_int_equal(ctx_left_us(cx), 10);
    t.now_us += 10;
    assert_int_equal(ctx_check(cx), ST_TIMEOUT);
    t.now_us += 10;
    assert_int_equal(ctx_left_us(cx), 0);
    atomic_store(&cancel, true);
    assert_int_equal(ctx_check(cx), ST_CANCELLED); /* what a person did comes first */
    cx->cancel      = NULL;
    cx->deadline_us = 0;
    cx->arena       = arena_new("tiny", 100);
    arena_alloc(cx->arena, 200);
    assert_int_equal(ctx_check(cx), ST_LIMIT);
    assert_string_equal(t.err.text, "memory limit of 100 bytes reached (tiny)");
    arena_free(cx->arena);
    cx->arena = all;
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_messages_end_with_a_whole_character),
        cmocka_unit_test(wrapping_and_adding_keep_the_code),
        cmocka_unit_test(every_status_has_its_row),
        cmocka_unit_test(offsets_become_lines_and_columns),
        cmocka_unit_test(long_lines_are_shown_in_part),
        cmocka_unit_test(findings_are_counted_beyond_the_limit),
        cmocka_unit_test(long_findings_end_with_a_whole_character),
        cmocka_unit_test(ids_sort_by_their_millisecond),
        cmocka_unit_test(only_ids_are_ids),
        cmocka_unit_test(an_operation_ends_when_it_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
