/*
 * base64_test.c - RFC 4648 vectors, and everything that a lax decoder would take.
 */
#include "codec/base64.h"

#include "test.h"

#include "support/test_ctx.h"

static void texts_are_those_of_rfc_4648(void **state)
{
    static const struct {
        str bytes, standard, url;
    } cases[] = {
        { STR_INIT(""), STR_INIT(""), STR_INIT("") },
        { STR_INIT("f"), STR_INIT("Zg=="), STR_INIT("Zg") },
        { STR_INIT("fo"), STR_INIT("Zm8="), STR_INIT("Zm8") },
        { STR_INIT("foo"), STR_INIT("Zm9v"), STR_INIT("Zm9v") },
        { STR_INIT("foob"), STR_INIT("Zm9vYg=="), STR_INIT("Zm9vYg") },
        { STR_INIT("fooba"), STR_INIT("Zm9vYmE="), STR_INIT("Zm9vYmE") },
        { STR_INIT("foobar"), STR_INIT("Zm9vYmFy"), STR_INIT("Zm9vYmFy") },
        { STR_INIT("\xFB\xFF\xBF"), STR_INIT("+/+/"), STR_INIT("-_-_") },
        { STR_INIT("\0\0"), STR_INIT("AAA="), STR_INIT("AAA") },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    str             back;

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_true(str_eq(base64_encode(cx, BASE64_STANDARD, cases[i].bytes), cases[i].standard));
        assert_true(str_eq(base64_encode(cx, BASE64_URL, cases[i].bytes), cases[i].url));
        assert_int_equal(base64_decode(cx, BASE64_STANDARD, cases[i].standard, &back), ST_OK);
        assert_true(str_eq(back, cases[i].bytes));
        assert_int_equal(base64_decode(cx, BASE64_URL, cases[i].url, &back), ST_OK);
        assert_true(str_eq(back, cases[i].bytes));
    }
    test_ctx_release(&t);
}

static void one_text_stands_for_one_value(void **state)
{
    static const struct {
        enum base64_form form;
        str              text, words;
    } cases[] = {
        { BASE64_STANDARD, STR_INIT("Zg"), STR_INIT("multiple of 4") },
        { BASE64_STANDARD, STR_INIT("Zg="), STR_INIT("multiple of 4") },
        { BASE64_STANDARD, STR_INIT("Zg==="), STR_INIT("multiple of 4") },
        { BASE64_STANDARD, STR_INIT("Z==="), STR_INIT("character 2 ") },
        { BASE64_STANDARD, STR_INIT("===="), STR_INIT("character 1 ") },
        { BASE64_STANDARD, STR_INIT("Zm=v"), STR_INIT("character 3 ") },
        { BASE64_STANDARD, STR_INIT("Zg==Zg=="), STR_INIT("character 3 ") },
        { BASE64_STANDARD, STR_INIT("Zh=="), STR_INIT("bits") },
        { BASE64_STANDARD, STR_INIT("Zm9="), STR_INIT("bits") },
        { BASE64_STANDARD, STR_INIT("Zm9v\nZg="), STR_INIT("character 5 ") },
        { BASE64_STANDARD, STR_INIT(" Zm9"), STR_INIT("character 1 ") },
        { BASE64_STANDARD, STR_INIT("-_-_"), STR_INIT("character 1 ") },
        { BASE64_STANDARD, STR_INIT("Zm9\xFF"), STR_INIT("character 4 ") },
        { BASE64_URL, STR_INIT("+/+/"), STR_INIT("character 1 ") },
        { BASE64_URL, STR_INIT("Zg=="), STR_INIT("character 3 ") },
        { BASE64_URL, STR_INIT("Z"), STR_INIT("whole bytes") },
        { BASE64_URL, STR_INIT("Zm9vZ"), STR_INIT("whole bytes") },
        { BASE64_URL, STR_INIT("Zh"), STR_INIT("bits") },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        str back = S("untouched");

        if (base64_decode(cx, cases[i].form, cases[i].text, &back) != ST_INVALID ||
            !str_has(err_text(cx->err), cases[i].words)) {
            fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(cases[i].text),
                     STR_ARG(err_text(cx->err)));
        }
        assert_true(str_eq(back, S("untouched")));
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_those_of_rfc_4648),
        cmocka_unit_test(one_text_stands_for_one_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
