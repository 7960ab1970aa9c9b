/*
 * csv_test.c - RFC 4180, NULL against the empty string, and what is refused.
 */
#include "codec/csv.h"

#include "test.h"

#include "support/test_ctx.h"

/* A row as text: fields in brackets, NULL as "-". */
static str show(struct ctx *cx, const struct csv_field *fields, size_t count)
{
    str out = S("");

    for (size_t i = 0; i < count; i++) {
        out = arena_concat(cx->arena, out,
                           fields[i].is_null
                               ? S("-")
                               : arena_printf(cx->arena, "[" STR_FMT "]", STR_ARG(fields[i].text)));
    }
    return out;
}

static void rows_are_read_as_rfc_4180_says(void **state)
{
    static const struct {
        str  bytes;
        char separator;
        str  rows; /* joined by | */
    } cases[] = {
        { STR_INIT("a,b\n1,2\n"), ',', STR_INIT("[a][b]|[1][2]|") },
        { STR_INIT("a,b\r\n1,2"), ',', STR_INIT("[a][b]|[1][2]|") },
        { STR_INIT("a,,\"\"\n"), ',', STR_INIT("[a]-[]|") },
        { STR_INIT(","), ',', STR_INIT("--|") },
        { STR_INIT("\n"), ',', STR_INIT("-|") },
        { STR_INIT("\n\n"), ',', STR_INIT("-|-|") },
        { STR_INIT("\"a,\"\"b\"\"\nc\",d\n"), ',', STR_INIT("[a,\"b\"\nc][d]|") },
        { STR_INIT("\"\"\"\"\n"), ',', STR_INIT("[\"]|") },
        { STR_INIT("a;b,c\n"), ';', STR_INIT("[a][b,c]|") },
        { STR_INIT("a\tb\n"), '\t', STR_INIT("[a][b]|") },
        { STR_INIT("\xEF\xBB\xBF"
                   "a\n"),
          ',', STR_INIT("[a]|") },
        { STR_INIT(" a , \n"), ',', STR_INIT("[ a ][ ]|") },
        { STR_INIT("\"x\""), ',', STR_INIT("[x]|") },
        { STR_INIT(""), ',', STR_INIT("") },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct csv_reader r;
        struct csv_field *fields;
        size_t            count;
        str               got = S("");

        csv_r_init(&r, cases[i].bytes, cases[i].separator);
        while (csv_r_has_row(&r)) {
            assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_OK);
            got = arena_concat(cx->arena, got, show(cx, fields, count));
            got = arena_concat(cx->arena, got, S("|"));
        }
        if (!str_eq(got, cases[i].rows)) {
            fail_msg("%zu: got " STR_FMT, i, STR_ARG(got));
        }
    }
    test_ctx_release(&t);
}

static void bad_rows_are_refused_with_line_and_field(void **state)
{
    static const struct {
        str bytes, words;
    } cases[] = {
        { STR_INIT("ok\na,b\"c\n"), STR_INIT("CSV line 2, field 2: a quote inside") },
        { STR_INIT("ok\n\"a\"b\n"), STR_INIT("CSV line 2, field 1: text behind") },
        { STR_INIT("ok\na,\"b\nc"), STR_INIT("CSV line 3, field 2: the closing quote") },
        { STR_INIT("ok\n\""), STR_INIT("CSV line 2, field 1: the closing quote") },
        { STR_INIT("ok\na\rb\n"), STR_INIT("CSV line 2, field 1: a carriage return") },
        { STR_INIT("ok\n\"a\" ,b\n"), STR_INIT("CSV line 2, field 1: text behind") },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct csv_reader r, before;
        struct csv_field *fields;
        size_t            count;

        csv_r_init(&r, cases[i].bytes, ',');
        assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_OK);
        before = r;
        assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_INVALID);
        if (!str_has(err_text(cx->err), cases[i].words)) {
            fail_msg("%zu: " STR_FMT, i, STR_ARG(err_text(cx->err)));
        }
        assert_ptr_equal(r.rest.ptr, before.rest.ptr);
        assert_int_equal(r.line, before.line);
    }
    test_ctx_release(&t);
}

static void rows_have_limits(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx = test_ctx_init(&t, 1);
    struct csv_reader r;
    struct csv_field *fields;
    size_t            count;
    struct buf        text;

    buf_init(&text, (size_t)64 << 20);
    buf_add_n(&text, ',', CSV_FIELDS_MAX - 1);
    csv_r_init(&r, buf_view(&text), ',');
    assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_OK);
    assert_int_equal(count, CSV_FIELDS_MAX);
    buf_add(&text, S(",\n"));
    csv_r_init(&r, buf_view(&text), ',');
    assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_LIMIT);
    for (int quoted = 0; quoted < 2; quoted++) {
        buf_reset(&text);
        buf_add_n(&text, '"', (size_t)quoted);
        buf_add_n(&text, 'x', CSV_ROW_MAX_BYTES + 1);
        buf_add_n(&text, '"', (size_t)quoted);
        csv_r_init(&r, buf_view(&text), ',');
        assert_int_equal(csv_r_row(&r, cx, &fields, &count), ST_LIMIT);
    }
    buf_release(&text);
    test_ctx_release(&t);
}

static void the_writer_quotes_what_must_be(void **state)
{
    struct csv_writer w;
    struct buf        out;

    buf_init(&out, 4096);
    csv_w_init(&w, &out, ',');
    csv_w_field(&w, S("a"));
    csv_w_null(&w);
    csv_w_field(&w, S(""));
    csv_w_field(&w, STR_NONE);
    csv_w_field(&w, S("x,y"));
    csv_w_field(&w, S("x;y"));
    csv_w_field(&w, S("\"q\""));
    csv_w_field(&w, S("l\nm"));
    csv_w_field(&w, S("l\rm"));
    csv_w_row_end(&w);
    csv_w_null(&w);
    csv_w_row_end(&w);
    csv_w_field(&w, S("\xEF\xBB\xBF"));
    csv_w_row_end(&w);
    assert_true(
        str_eq(buf_view(&out), S("a,,\"\",\"\",\"x,y\",x;y,\"\"\"q\"\"\",\"l\nm\",\"l\rm\"\n\n"
                                 "\"\xEF\xBB\xBF\"\n")));
    buf_release(&out);
}

static void a_header_names_columns_once(void **state)
{
    static const struct {
        str         bytes;
        enum status want;
    } cases[] = {
        { STR_INIT("id,\"first name\",x\n1,2,3\n"), ST_OK },
        { STR_INIT(""), ST_INVALID },
        { STR_INIT("\xEF\xBB\xBF"), ST_INVALID },
        { STR_INIT("a,,b\n"), ST_INVALID },
        { STR_INIT("a,\"\",b\n"), ST_INVALID },
        { STR_INIT("a,b,a\n"), ST_INVALID },
        { STR_INIT("a,\"b"), ST_INVALID },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        str   *names = NULL;
        size_t count = 0;

        assert_int_equal(csv_header(cx, cases[i].bytes, ',', &names, &count), cases[i].want);
        if (cases[i].want == ST_OK) {
            assert_int_equal(count, 3);
            assert_true(str_eq(names[1], S("first name")));
        } else {
            assert_null(names);
        }
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_rfc_4180_says),
        cmocka_unit_test(bad_rows_are_refused_with_line_and_field),
        cmocka_unit_test(rows_have_limits),
        cmocka_unit_test(the_writer_quotes_what_must_be),
        cmocka_unit_test(a_header_names_columns_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
