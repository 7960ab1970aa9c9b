/*
 * mask_text_test.c - masks by class, by position and of addresses: tables of cases, odd bytes, long
 * values.
 */
#include "policy/mask.h"

#include "test.h"

#include <string.h>

#include "base/utf8.h"
#include "mask_kit.h"

enum { LONG = 1 << 20 };

static void redact_keeps_length_and_punctuation(void **state)
{
    static const struct mask_case cases[] = {
        { "", "" },
        { "Ada Lovelace", "Xxx Xxxxxxxx" },
        { "9", "0" },
        { "+44 (0)20 7946-0958", "+00 (0)00 0000-0000" },
        { "az AZ 09 @[`{/:", "xx XX 00 @[`{/:" },
        { "Ærøskøbing", "xxxxxxxxxx" },
        { "日本 42", "xx 00" },
        { "a\xf0\x9f\x98\x80Z", "xxX" },
        { "e\xcc\x81", "xx" }, /* a letter and its accent are two characters */
        { "x\ty\nz", "x\tx\nx" },
        { "\xff\x80", "x" }, /* no UTF-8 */
    };

    mask_check("weft_mask_redact", NULL, cases, CASES(cases));
}

/* Every byte of ASCII at every place of a long text, where eight are taken at once. */
static void redact_is_the_same_for_a_byte_at_any_place(void **state)
{
    struct mask_kit kit;
    char            text[40], wanted[40];

    mask_kit_init(&kit);
    for (int c = 0; c < 0x80; c++) {
        char as = (char)(c >= 'a' && c <= 'z'   ? 'x'
                         : c >= 'A' && c <= 'Z' ? 'X'
                         : c >= '0' && c <= '9' ? '0'
                                                : c);

        for (size_t at = 0; at < sizeof text; at++) {
            memset(text, '~', sizeof text);
            memset(wanted, '~', sizeof wanted);
            text[at]   = (char)c;
            wanted[at] = as;
            assert_true(
                str_eq(mask_kit_run(&kit, "weft_mask_redact", NULL, (str){ text, sizeof text }),
                       (str){ wanted, sizeof wanted }));
        }
    }
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_redact", NULL, S("Abcdefg1Abcdefg2äbcdefg3Z")),
                       S("Xxxxxxx0Xxxxxxx0xxxxxxx0X")));
    mask_kit_release(&kit);
}

static void first_keeps_only_part_of_a_longer_value(void **state)
{
    static const struct mask_case two[]  = { { "", "" },
                                             { "a", "*" },
                                             { "ab", "**" },
                                             { "abc", "ab*" },
                                             { "äöü", "äö*" },
                                             { "日本語", "日本*" },
                                             { "日本", "**" },
                                             { "a\xf0\x9f\x98\x80"
                                                "bc",
                                               "a\xf0\x9f\x98\x80**" } };
    static const struct mask_case none[] = { { "", "" }, { "a", "*" }, { "äb", "**" } };
    static const struct mask_case many[] = { { "short", "*****" } };

    mask_check("weft_mask_first", "2", two, CASES(two));
    mask_check("weft_mask_first", "0", none, CASES(none));
    mask_check("weft_mask_first", "1000", many, CASES(many));
}

static void last_keeps_only_part_of_a_longer_value(void **state)
{
    static const struct mask_case two[]  = { { "", "" },       { "a", "*" },
                                             { "ab", "**" },   { "abc", "*bc" },
                                             { "äöü", "*öü" }, { "日本語", "*本語" },
                                             { "日本", "**" }, { "12345678", "******78" } };
    static const struct mask_case none[] = { { "", "" }, { "a", "*" }, { "äb", "**" } };
    static const struct mask_case many[] = { { "short", "*****" } };

    mask_check("weft_mask_last", "2", two, CASES(two));
    mask_check("weft_mask_last", "0", none, CASES(none));
    mask_check("weft_mask_last", "1000", many, CASES(many));
}

static void email_keeps_the_domain_of_an_address_only(void **state)
{
    static const struct mask_case cases[] = {
        { "ada.lovelace@example.org", "x@example.org" },
        { "a@b", "x@b" },
        { "\"odd local\"@example.org", "x@example.org" },
        { "ünal@müller.example", "x@müller.example" },
        { " ada@example.org", "x@example.org" },
        { "ada@Example-2.ORG", "x@Example-2.ORG" },
        { "", "*" },
        { "ada", "*" },
        { "@", "*" },
        { "@example.org", "*" },
        { "ada@", "*" },
        { "ada@b@example.org", "*" },
        { "ada@example.org@", "*" },
        { "ada@example.org ", "*" },
        { "ada@example..org", "*" },
        { "ada@.example.org", "*" },
        { "ada@example.org.", "*" },
        { "Ada <ada@example.org>", "*" },
        { "ada@[192.0.2.1]", "*" },
        { "ask me @ home 555 1234", "*" },
        { "ada@example.org, bob", "*" },
        { "ada@ex\nample.org", "*" },
        { "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b",
          "x@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b" },
        { "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b", "*" },
    };

    mask_check("weft_mask_email", NULL, cases, CASES(cases));
}

static void a_nul_byte_is_a_character_like_others(void **state)
{
    struct mask_kit kit;
    const str       value = { "a\0b@c\0d", 7 };

    mask_kit_init(&kit);
    assert_true(
        str_eq(mask_kit_run(&kit, "weft_mask_redact", NULL, value), (str){ "x\0x@x\0x", 7 }));
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_first", "2", value), (str){ "a\0*****", 7 }));
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_last", "2", value), (str){ "*****\0d", 7 }));
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_email", NULL, value), S("*")));
    mask_kit_release(&kit);
}

/* 1 MB of characters of every size. */
static void long_values_are_masked_whole(void **state)
{
    static const char *const parts[] = { "a", "ä", "語", "\xf0\x9f\x98\x80" };
    struct mask_kit          kit;
    struct buf value         CLEANUP(buf_release) = BUF_INIT(2 * LONG);
    size_t                   count                = 0;

    mask_kit_init(&kit);
    for (; value.len < LONG; count++) {
        buf_add(&value, str_of(parts[count % CASES(parts)]));
    }
    str redacted = mask_kit_run(&kit, "weft_mask_redact", NULL, buf_view(&value));
    assert_int_equal(redacted.len, count);
    for (size_t i = 0; i < redacted.len; i++) {
        assert_int_equal(redacted.ptr[i], 'x');
    }
    str first = mask_kit_run(&kit, "weft_mask_first", "3", buf_view(&value));
    assert_int_equal(utf8_count(first), count);
    assert_true(str_starts(first, S("aä語***")));
    str last = mask_kit_run(&kit, "weft_mask_last", "1", buf_view(&value));
    assert_int_equal(utf8_count(last), count);
    assert_true(str_starts(last, S("****")));
    assert_true(str_ends(buf_view(&value), str_from(last, count - 1)));
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_email", NULL, buf_view(&value)), S("*")));
    mask_kit_release(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redact_keeps_length_and_punctuation),
        cmocka_unit_test(redact_is_the_same_for_a_byte_at_any_place),
        cmocka_unit_test(first_keeps_only_part_of_a_longer_value),
        cmocka_unit_test(last_keeps_only_part_of_a_longer_value),
        cmocka_unit_test(email_keeps_the_domain_of_an_address_only),
        cmocka_unit_test(a_nul_byte_is_a_character_like_others),
        cmocka_unit_test(long_values_are_masked_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
