/*
 * buf_test.c - the growing buffer: its maximum, and errors that stay.
 */
#include "base/buf.h"

#include "test.h"

#include "support/test_ctx.h"

static void add_text(struct buf *b)
{
    buf_add(b, S("hello"));
}
static void add_chars(struct buf *b)
{
    for (int i = 0; i < 5; i++) {
        buf_add_char(b, "hello"[i]);
    }
}
static void add_printed(struct buf *b)
{
    buf_printf(b, "he%clo", 'l');
}
static void add_reserved(struct buf *b)
{
    char *room = buf_reserve(b, 5);

    if (room) {
        for (int i = 0; i < 5; i++) {
            room[i] = "hello"[i];
        }
        buf_commit(b, 5);
    }
}

/* Each way of adding five bytes fits into five and not into four. */
static void content_fits_exactly_to_the_maximum(void **state)
{
    static void (*const adds[])(struct buf *) = { add_text, add_chars, add_printed, add_reserved };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(adds); i++) {
        struct buf b CLEANUP(buf_release) = BUF_INIT(5);

        adds[i](&b);
        assert_int_equal(buf_check(&b, cx, "x"), ST_OK);
        assert_true(str_eq(buf_view(&b), S("hello")));
        adds[i](&b);
        assert_int_equal(buf_check(&b, cx, "x"), ST_LIMIT);
    }
    for (size_t i = 0; i < CASES(adds); i++) {
        struct buf b CLEANUP(buf_release) = BUF_INIT(4);

        adds[i](&b);
        assert_int_equal(buf_check(&b, cx, "the note"), ST_LIMIT);
        assert_string_equal(t.err.text, "the note is larger than 4 bytes");
    }
    test_ctx_release(&t);
}

static void errors_stay_until_reset(void **state)
{
    struct test_ctx t;
    struct ctx     *cx                   = test_ctx_init(&t, 1);
    struct buf b    CLEANUP(buf_release) = BUF_INIT(3);
    str             out                  = S("old");

    buf_add(&b, S("ab"));
    buf_add(&b, S("cd"));
    buf_add(&b, S("e")); /* would fit */
    assert_null(buf_reserve(&b, 0));
    assert_true(str_eq(buf_view(&b), S("ab")));
    assert_int_equal(buf_take(&b, cx, "x", &out), ST_LIMIT);
    assert_true(str_eq(out, S("old")));
    buf_reset(&b);
    buf_add(&b, S("xyz"));
    assert_int_equal(buf_take(&b, cx, "x", &out), ST_OK);
    assert_true(str_eq(out, S("xyz")));
    assert_int_equal(b.len, 0);
    test_ctx_release(&t);
}

static void it_grows_through_all_sizes(void **state)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(100000);
    size_t       want                 = 0;

    for (size_t n = 0; n < 400; n++) {
        buf_add_n(&b, (char)('a' + n % 26), n);
        want += n;
    }
    assert_int_equal(b.len, want);
    assert_false(b.is_over);
    for (size_t n = 0, at = 0; n < 400; at += n, n++) {
        assert_true(n == 0 ||
                    (b.ptr[at] == (char)('a' + n % 26) && b.ptr[at + n - 1] == b.ptr[at]));
    }
    buf_add_n(&b, 'x', 100000);
    assert_true(b.is_over);
}

static void bytes_become_hex(void **state)
{
    struct buf b CLEANUP(buf_release);

    buf_init(&b, 100);
    buf_add_hex(&b, "\x00\x9f\xff", 3);
    buf_add_hex(&b, "", 0);
    assert_true(str_eq(buf_view(&b), S("009fff")));
}

static void an_empty_buffer_is_an_empty_text(void **state)
{
    struct test_ctx t;
    struct ctx     *cx                   = test_ctx_init(&t, 1);
    struct buf b    CLEANUP(buf_release) = BUF_INIT(0);
    str             out                  = STR_NONE;

    buf_add(&b, STR_NONE);
    buf_printf(&b, "%s", "");
    assert_int_equal(buf_take(&b, cx, "x", &out), ST_OK);
    assert_int_equal(out.len, 0);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_fits_exactly_to_the_maximum),
        cmocka_unit_test(errors_stay_until_reset),
        cmocka_unit_test(it_grows_through_all_sizes),
        cmocka_unit_test(bytes_become_hex),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
