/*
 * json_test.c - reading, changing, comparing and writing JSON; RFC 8785.
 */
#include "codec/json.h"

#include "test.h"

#include <math.h>
#include <string.h>

#include "support/test_ctx.h"

static struct ctx *setup(struct test_ctx *t)
{
    return test_ctx_init(t, 1);
}

static struct json *must_read(struct ctx *cx, str text)
{
    struct json *v = NULL;

    if (json_read(cx, text, "test", NULL, &v) != ST_OK) {
        fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(text), STR_ARG(err_text(cx->err)));
    }
    return v;
}

static void assert_str(str got, str want)
{
    if (!str_eq(got, want)) {
        fail_msg("got  " STR_FMT "\nwant " STR_FMT, STR_ARG(got), STR_ARG(want));
    }
}

static void assert_written(struct ctx *cx, const struct json *v, str want)
{
    str text;

    assert_int_equal(json_write(cx, v, JSON_COMPACT, &text), ST_OK);
    assert_str(text, want);
}

static void numbers_keep_their_kind_and_text(void **state)
{
    static const struct {
        str            text;
        enum json_kind kind;
    } cases[] = {
        { STR_INIT("0"), JSON_I64 },
        { STR_INIT("-1"), JSON_I64 },
        { STR_INIT("9223372036854775807"), JSON_I64 },
        { STR_INIT("-9223372036854775808"), JSON_I64 },
        { STR_INIT("9223372036854775808"), JSON_U64 },
        { STR_INIT("18446744073709551615"), JSON_U64 },
        { STR_INIT("18446744073709551616"), JSON_DOUBLE },
        { STR_INIT("-9223372036854775809"), JSON_DOUBLE },
        { STR_INIT("-0"), JSON_DOUBLE },
        { STR_INIT("1.10"), JSON_DOUBLE },
        { STR_INIT("1e2"), JSON_DOUBLE },
        { STR_INIT("0.1000000000000000055511151231257827021181583404541015625"), JSON_DOUBLE },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct json *v = must_read(cx, cases[i].text);

        assert_int_equal(v->kind, cases[i].kind);
        assert_written(cx, v, cases[i].text);
    }
    assert_true(signbit(must_read(cx, S("-0"))->real));
    assert_true(must_read(cx, S("18446744073709551615"))->u64 == UINT64_MAX);
    test_ctx_release(&t);
}

static void bad_text_is_refused_with_its_place(void **state)
{
    static const struct {
        str text, want;
    } cases[] = {
        { STR_INIT(""), STR_INIT("line 1 column 1") },
        { STR_INIT("   "), STR_INIT("line 1") },
        { STR_INIT("{\"a\": 1,\n \"b\": x}"), STR_INIT("line 2 column 7") },
        { STR_INIT("[1, 2"), STR_INIT("line 1 column 6") },
        { STR_INIT("[1,]"), STR_INIT("line 1 column") },
        { STR_INIT("{\"a\":1,}"), STR_INIT("line 1 column") },
        { STR_INIT("[1] 2"), STR_INIT("line 1 column 5") },
        { STR_INIT("01"), STR_INIT("line 1") },
        { STR_INIT("+1"), STR_INIT("line 1") },
        { STR_INIT(".5"), STR_INIT("line 1") },
        { STR_INIT("NaN"), STR_INIT("line 1") },
        { STR_INIT("// no\n1"), STR_INIT("line 1") },
        { STR_INIT("\"a\nb\""), STR_INIT("line 1 column 3") },
        { STR_INIT("\"\\ud800\""), STR_INIT("line 1") },
        { STR_INIT("\"\\q\""), STR_INIT("line 1") },
        { STR_INIT("\"\xC3\""), STR_INIT("line 1 column 2") },
        { STR_INIT("\"\xED\xA0\x80\""), STR_INIT("line 1 column 2") },
        { STR_INIT("\xEF\xBB\xBF{}"), STR_INIT("line 1") },
        { STR_INIT("'a'"), STR_INIT("line 1") },
        { STR_INIT("1e999"), STR_INIT("out of range") },
        { STR_INIT("{\"a\":1,\"b\":2,\"a\":3}"), STR_INIT("key \"a\" stands twice") },
        { STR_INIT("{\"a\":1,\"\\u0061\":3}"), STR_INIT("key \"a\" stands twice") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct json *v = NULL;

        if (json_read(cx, cases[i].text, "test", NULL, &v) != ST_INVALID) {
            fail_msg("\"" STR_FMT "\" was not refused", STR_ARG(cases[i].text));
        }
        assert_null(v);
        if (!str_has(err_text(cx->err), cases[i].want) ||
            !str_starts(err_text(cx->err), S("test"))) {
            fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(cases[i].text),
                     STR_ARG(err_text(cx->err)));
        }
    }
    test_ctx_release(&t);
}

static void a_key_that_stands_twice_is_found_in_a_large_object(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);
    struct buf      text;
    struct json    *v = NULL;

    buf_init(&text, 1 << 20);
    buf_add(&text, S("{"));
    for (int i = 0; i < 1000; i++) {
        buf_printf(&text, "\"k%d\":%d,", i, i);
    }
    buf_add(&text, S("\"k500\":1}"));
    assert_int_equal(json_read(cx, buf_view(&text), "test", NULL, &v), ST_INVALID);
    assert_true(str_has(err_text(cx->err), S("\"k500\"")));
    buf_release(&text);
    test_ctx_release(&t);
}

static void limits_are_named_and_exact(void **state)
{
    static const struct {
        str                text;
        struct json_limits limits;
        str                want; /* empty: accepted */
    } cases[] = {
        { STR_INIT("[[1]]"), { 100, 2, 100 }, STR_INIT("") },
        { STR_INIT("[[[1]]]"), { 100, 2, 100 }, STR_INIT("depth is over the limit of 2") },
        { STR_INIT("{\"a\":{\"b\":[]}}"), { 100, 2, 100 }, STR_INIT("depth") },
        { STR_INIT("[1,2,3]"), { 100, 9, 4 }, STR_INIT("") },
        { STR_INIT("[1,2,3,4]"), { 100, 9, 4 }, STR_INIT("number of values") },
        { STR_INIT("[[],[ ],{}]"), { 100, 9, 4 }, STR_INIT("") },
        { STR_INIT("{\"a,,,[\\\"[\":\",,,\"}"), { 100, 1, 2 }, STR_INIT("") },
        { STR_INIT("[1,2,3]"), { 7, 9, 9 }, STR_INIT("") },
        { STR_INIT("[1,2,33]"), { 7, 9, 9 }, STR_INIT("size of 8 bytes is over the limit of 7") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct json *v  = NULL;
        enum status  st = json_read(cx, cases[i].text, "test", &cases[i].limits, &v);

        assert_int_equal(st, cases[i].want.len ? ST_LIMIT : ST_OK);
        if (cases[i].want.len) {
            assert_true(str_has(err_text(cx->err), cases[i].want));
        }
    }
    test_ctx_release(&t);
}

static void the_default_depth_holds_against_a_bomb(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);
    struct buf      text;
    struct json    *v = NULL;

    buf_init(&text, 4 << 20);
    buf_add_n(&text, '[', 1 << 20);
    assert_int_equal(json_read(cx, buf_view(&text), "test", NULL, &v), ST_LIMIT);
    buf_reset(&text);
    buf_add_n(&text, '[', 512);
    buf_add_n(&text, ']', 512);
    assert_int_equal(json_read(cx, buf_view(&text), "test", NULL, &v), ST_OK);
    assert_written(cx, json_dup(cx->arena, v), buf_view(&text));
    buf_release(&text);
    test_ctx_release(&t);
}

static void strings_may_hold_nul_and_every_escape(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);
    struct json    *v =
        must_read(cx, S("\"a\\u0000\\b\\t\\n\\f\\r\\\"\\\\\\/\\u00e4\\ud83d\\ude00\""));

    assert_str(v->text, S("a\0\b\t\n\f\r\"\\/\xC3\xA4\xF0\x9F\x98\x80"));
    assert_written(cx, v, S("\"a\\u0000\\b\\t\\n\\f\\r\\\"\\\\/\xC3\xA4\xF0\x9F\x98\x80\""));
    test_ctx_release(&t);
}

static void a_pointer_finds_what_rfc_6901_says(void **state)
{
    static const struct {
        str pointer, want; /* compact JSON; empty: nothing there */
    } cases[] = {
        { STR_INIT("/foo"), STR_INIT("[\"bar\",\"baz\"]") },
        { STR_INIT("/foo/0"), STR_INIT("\"bar\"") },
        { STR_INIT("/"), STR_INIT("0") },
        { STR_INIT("/a~1b"), STR_INIT("1") },
        { STR_INIT("/m~0n"), STR_INIT("8") },
        { STR_INIT("/ "), STR_INIT("7") },
        { STR_INIT("/foo/2"), STR_INIT("") },
        { STR_INIT("/foo/00"), STR_INIT("") },
        { STR_INIT("/foo/-"), STR_INIT("") },
        { STR_INIT("/foo/0/x"), STR_INIT("") },
        { STR_INIT("foo"), STR_INIT("") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);
    struct json    *v =
        must_read(cx, S("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\" \":7,\"m~n\":8}"));

    assert_ptr_equal(json_path(v, S("")), v);
    for (size_t i = 0; i < CASES(cases); i++) {
        const struct json *found = json_path(v, cases[i].pointer);

        if (cases[i].want.len == 0) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_written(cx, found, cases[i].want);
        }
    }
    test_ctx_release(&t);
}

static void a_tree_can_be_changed(void **state)
{
    struct test_ctx t;
    struct ctx     *cx   = setup(&t);
    struct arena   *a    = cx->arena;
    struct json    *v    = must_read(cx, S("{\"a\":1,\"b\":[1,2],\"c\":null}"));
    struct json    *copy = json_dup(a, v);

    json_set(a, v, S("a"), json_new_str(a, S("x")));
    json_set(a, v, S("d"), json_new_bool(a, true));
    json_append(a, json_get(v, S("b")), json_new_i64(a, 3));
    json_insert(a, json_get(v, S("b")), 0, json_new_double(a, 0.5));
    assert_non_null(json_remove(v, S("c")));
    assert_null(json_remove(v, S("c")));
    assert_written(cx, v, S("{\"a\":\"x\",\"b\":[0.5,1,2,3],\"d\":true}"));
    assert_int_equal(json_i64_or(json_remove_at(json_get(v, S("b")), 1), 0), 1);
    assert_null(json_remove_at(json_get(v, S("b")), 3));
    assert_written(cx, v, S("{\"a\":\"x\",\"b\":[0.5,2,3],\"d\":true}"));
    assert_written(cx, copy, S("{\"a\":1,\"b\":[1,2],\"c\":null}"));
    test_ctx_release(&t);
}

static void values_are_asked_by_kind(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);
    struct json    *v  = must_read(cx, S("[\"s\",true,7,1.5,18446744073709551615,null]"));
    double          number;

    assert_str(json_text_or(json_item(v, 0), S("no")), S("s"));
    assert_str(json_text_or(json_item(v, 1), S("no")), S("no"));
    assert_true(json_truth_or(json_item(v, 1), false));
    assert_true(json_truth_or(NULL, true));
    assert_int_equal(json_i64_or(json_item(v, 2), 0), 7);
    assert_int_equal(json_i64_or(json_item(v, 4), -1), -1);
    assert_true(json_number(json_item(v, 3), &number) && number > 1.4 && number < 1.6);
    assert_true(json_number(json_item(v, 4), &number) && number > 1.8e19);
    assert_false(json_number(json_item(v, 0), &number));
    assert_false(json_number(NULL, &number));
    assert_null(json_item(v, 6));
    assert_null(json_get(v, S("x")));
    assert_null(json_get(NULL, S("x")));
    assert_int_equal(json_new_u64(cx->arena, 5)->kind, JSON_I64);
    assert_int_equal(json_new_u64(cx->arena, UINT64_MAX)->kind, JSON_U64);
    test_ctx_release(&t);
}

static void equality_ignores_order_of_members_and_named_keys(void **state)
{
    static const str                names[] = { STR_INIT("location") };
    static const struct json_ignore ignore  = { names, 1 };
    static const struct {
        str  a, b;
        bool equal, equal_ignoring;
    } cases[] = {
        { STR_INIT("{\"a\":1,\"b\":2}"), STR_INIT("{\"b\":2,\"a\":1}"), true, true },
        { STR_INIT("[1,2]"), STR_INIT("[2,1]"), false, false },
        { STR_INIT("{\"a\":1,\"location\":5}"), STR_INIT("{\"location\":6,\"a\":1}"), false, true },
        { STR_INIT("{\"a\":1,\"location\":5}"), STR_INIT("{\"a\":1}"), false, true },
        { STR_INIT("{\"x\":[{\"location\":1}]}"), STR_INIT("{\"x\":[{}]}"), false, true },
        { STR_INIT("{\"a\":1}"), STR_INIT("{\"a\":1,\"b\":null}"), false, false },
        { STR_INIT("{\"a\":1}"), STR_INIT("{\"b\":1}"), false, false },
        { STR_INIT("1"), STR_INIT("1.0"), false, false },
        { STR_INIT("1.0"), STR_INIT("1.00"), true, true },
        { STR_INIT("0.0"), STR_INIT("-0.0"), false, false },
        { STR_INIT("\"a\""), STR_INIT("\"\\u0061\""), true, true },
        { STR_INIT("true"), STR_INIT("false"), false, false },
        { STR_INIT("null"), STR_INIT("null"), true, true },
        { STR_INIT("18446744073709551615"), STR_INIT("18446744073709551614"), false, false },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct json *a = must_read(cx, cases[i].a), *b = must_read(cx, cases[i].b);

        assert_int_equal(json_equal(a, b, NULL), cases[i].equal);
        assert_int_equal(json_equal(b, a, NULL), cases[i].equal);
        assert_int_equal(json_equal(a, b, &ignore), cases[i].equal_ignoring);
        assert_int_equal(json_equal(b, a, &ignore), cases[i].equal_ignoring);
    }
    test_ctx_release(&t);
}

static void the_writer_writes_both_forms(void **state)
{
    struct buf         out;
    struct json_writer w;

    for (int form = JSON_COMPACT; form <= JSON_PRETTY; form++) {
        buf_init(&out, 4096);
        json_w_init(&w, &out, (enum json_form)form);
        json_w_object_begin(&w);
        json_w_member_str(&w, S("name"), S("orders \"x\""));
        json_w_member_i64(&w, S("rev"), -3);
        json_w_member_u64(&w, S("big"), UINT64_MAX);
        json_w_member_double(&w, S("ratio"), 0.25);
        json_w_member_bool(&w, S("ok"), true);
        json_w_member_null(&w, S("none"));
        json_w_key(&w, S("empty"));
        json_w_array_begin(&w);
        json_w_array_end(&w);
        json_w_key(&w, S("list"));
        json_w_array_begin(&w);
        json_w_i64(&w, 1);
        json_w_object_begin(&w);
        json_w_object_end(&w);
        json_w_raw(&w, S("[9]"));
        json_w_array_end(&w);
        json_w_object_end(&w);
        assert_str(buf_view(&out),
                   form == JSON_COMPACT
                       ? S("{\"name\":\"orders \\\"x\\\"\",\"rev\":-3,\"big\":18446744073709551615,"
                           "\"ratio\":0.25,\"ok\":true,\"none\":null,\"empty\":[],"
                           "\"list\":[1,{},[9]]}")
                       : S("{\n  \"name\": \"orders \\\"x\\\"\",\n  \"rev\": -3,\n  \"big\": "
                           "18446744073709551615,\n  \"ratio\": 0.25,\n  \"ok\": true,\n  "
                           "\"none\": null,\n  \"empty\": [],\n  \"list\": [\n    1,\n    {},\n    "
                           "[9]\n  ]\n}"));
        buf_release(&out);
    }
}

static void the_writer_never_writes_what_is_not_json(void **state)
{
    struct test_ctx    t;
    struct ctx        *cx = setup(&t);
    struct buf         out;
    struct json_writer w;

    buf_init(&out, 4096);
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_array_begin(&w);
    json_w_double(&w, (double)NAN);
    json_w_double(&w, (double)INFINITY);
    json_w_str(&w, S("a\xFFz\xC3"));
    json_w_str(&w, S("\x01\x1F\x7F"));
    json_w_array_end(&w);
    assert_str(buf_view(&out),
               S("[null,null,\"a\xEF\xBF\xBDz\xEF\xBF\xBD\",\"\\u0001\\u001f\x7F\"]"));
    must_read(cx, buf_view(&out));
    buf_release(&out);
    buf_init(&out, 8);
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_str(&w, S("longer than eight"));
    assert_int_equal(buf_check(&out, cx, "reply"), ST_LIMIT);
    buf_release(&out);
    test_ctx_release(&t);
}

/* RFC 8785, appendix B: the bits of a double and its form. */
static void numbers_are_written_as_rfc_8785_says(void **state)
{
    static const struct {
        uint64_t bits;
        str      want;
    } cases[] = {
        { 0x0000000000000000, STR_INIT("0") },
        { 0x8000000000000000, STR_INIT("0") },
        { 0x0000000000000001, STR_INIT("5e-324") },
        { 0x8000000000000001, STR_INIT("-5e-324") },
        { 0x7fefffffffffffff, STR_INIT("1.7976931348623157e+308") },
        { 0xffefffffffffffff, STR_INIT("-1.7976931348623157e+308") },
        { 0x4340000000000000, STR_INIT("9007199254740992") },
        { 0xc340000000000000, STR_INIT("-9007199254740992") },
        { 0x4430000000000000, STR_INIT("295147905179352830000") },
        { 0x44b52d02c7e14af5, STR_INIT("9.999999999999997e+22") },
        { 0x44b52d02c7e14af6, STR_INIT("1e+23") },
        { 0x44b52d02c7e14af7, STR_INIT("1.0000000000000001e+23") },
        { 0x444b1ae4d6e2ef4e, STR_INIT("999999999999999700000") },
        { 0x444b1ae4d6e2ef4f, STR_INIT("999999999999999900000") },
        { 0x444b1ae4d6e2ef50, STR_INIT("1e+21") },
        { 0x3eb0c6f7a0b5ed8c, STR_INIT("9.999999999999997e-7") },
        { 0x3eb0c6f7a0b5ed8d, STR_INIT("0.000001") },
        { 0x41b3de4355555553, STR_INIT("333333333.3333332") },
        { 0x41b3de4355555554, STR_INIT("333333333.33333325") },
        { 0x41b3de4355555555, STR_INIT("333333333.3333333") },
        { 0x41b3de4355555556, STR_INIT("333333333.3333334") },
        { 0x41b3de4355555557, STR_INIT("333333333.33333343") },
        { 0xbecbf647612f3696, STR_INIT("-0.0000033333333333333333") },
        { 0x43143ff3c1cb0959, STR_INIT("1424953923781206.2") },
    };
    char   room[JSON_NUMBER_ROOM];
    double value;

    for (size_t i = 0; i < CASES(cases); i++) {
        memcpy(&value, &cases[i].bits, sizeof value);
        assert_str(json_number_text(value, room), cases[i].want);
    }
}

static void canonical_form_is_that_of_rfc_8785(void **state)
{
    static const struct {
        str text, want;
    } cases[] = {
        /* 3.2.2 */
        { STR_INIT("{\n  \"numbers\": [333333333.33333329, 1E30, 4.50,\n    2e-3, "
                   "0.000000000000000000000000001],\n  \"string\": "
                   "\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n  \"literals\": "
                   "[null, true, false]\n}"),
          STR_INIT("{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,"
                   "0.002,1e-27],\"string\":\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}") },
        /* 3.2.3: by UTF-16 code units, so U+1F600 (D83D…) stands before U+FB33 */
        { STR_INIT("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew "
                   "Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning "
                   "Face\",\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With "
                   "Diaeresis\"}"),
          STR_INIT("{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
                   "\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\",\"\xE2\x82\xAC\":\"Euro "
                   "Sign\",\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\",\"\xEF\xAC\xB3\":\"Hebrew "
                   "Letter Dalet With Dagesh\"}") },
        { STR_INIT("{\"ab\":1,\"a\":2,\"\":3}"), STR_INIT("{\"\":3,\"a\":2,\"ab\":1}") },
        { STR_INIT("[56,{\"d\":true,\"10\":null,\"1\":[]}]"),
          STR_INIT("[56,{\"1\":[],\"10\":null,\"d\":true}]") },
        { STR_INIT("[9007199254740992,-9007199254740992,-0,1.0,1e2]"),
          STR_INIT("[9007199254740992,-9007199254740992,0,1,100]") },
        { STR_INIT("[9007199254740994,1e17,9223372036854776000]"),
          STR_INIT("[9007199254740994,100000000000000000,9223372036854776000]") },
        { STR_INIT("{\"\\ud83d\\ude01\":1,\"\\ud83d\\ude00\":2}"),
          STR_INIT("{\"\xF0\x9F\x98\x80\":2,\"\xF0\x9F\x98\x81\":1}") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        str text;

        assert_int_equal(json_canonical(cx, must_read(cx, cases[i].text), &text), ST_OK);
        assert_str(text, cases[i].want);
    }
    test_ctx_release(&t);
}

static void canonical_form_refuses_what_it_cannot_hold(void **state)
{
    struct test_ctx t;
    struct ctx     *cx     = setup(&t);
    struct arena   *a      = cx->arena;
    struct json    *object = json_new_object(a);
    str             text   = S("untouched");

    json_set(a, object, S("a\xFF"), json_new_null(a));
    struct json *const bad[] = {
        json_new_double(a, (double)NAN),
        json_new_double(a, -(double)INFINITY),
        json_new_i64(a, 9007199254740993),
        json_new_i64(a, INT64_MIN),
        json_new_u64(a, UINT64_MAX),
        json_new_str(a, S("\xED\xA0\x80")),
        object,
    };
    for (size_t i = 0; i < CASES(bad); i++) {
        struct json *list = json_new_array(a);

        json_append(a, list, bad[i]);
        assert_int_equal(json_canonical(cx, list, &text), ST_INVALID);
        assert_str(text, S("untouched"));
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_kind_and_text),
        cmocka_unit_test(bad_text_is_refused_with_its_place),
        cmocka_unit_test(a_key_that_stands_twice_is_found_in_a_large_object),
        cmocka_unit_test(limits_are_named_and_exact),
        cmocka_unit_test(the_default_depth_holds_against_a_bomb),
        cmocka_unit_test(strings_may_hold_nul_and_every_escape),
        cmocka_unit_test(a_pointer_finds_what_rfc_6901_says),
        cmocka_unit_test(a_tree_can_be_changed),
        cmocka_unit_test(values_are_asked_by_kind),
        cmocka_unit_test(equality_ignores_order_of_members_and_named_keys),
        cmocka_unit_test(the_writer_writes_both_forms),
        cmocka_unit_test(the_writer_never_writes_what_is_not_json),
        cmocka_unit_test(numbers_are_written_as_rfc_8785_says),
        cmocka_unit_test(canonical_form_is_that_of_rfc_8785),
        cmocka_unit_test(canonical_form_refuses_what_it_cannot_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
