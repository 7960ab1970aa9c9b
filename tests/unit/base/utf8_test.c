/*
 * utf8_test.c - every well-formed and every ill-formed sequence of table 3-7.
 */
#include "base/utf8.h"

#include "test.h"

#include <string.h>

/* An encoder and a rule of their own: what the table says, from code points instead of bytes. */
static size_t encode(uint32_t cp, unsigned char out[4])
{
    if (cp < 0x80) {
        out[0] = (unsigned char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (unsigned char)(0xC0 + cp / 64);
        out[1] = (unsigned char)(0x80 + cp % 64);
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (unsigned char)(0xE0 + cp / 4096);
        out[1] = (unsigned char)(0x80 + cp / 64 % 64);
        out[2] = (unsigned char)(0x80 + cp % 64);
        return 3;
    }
    out[0] = (unsigned char)(0xF0 + cp / 262144);
    out[1] = (unsigned char)(0x80 + cp / 4096 % 64);
    out[2] = (unsigned char)(0x80 + cp / 64 % 64);
    out[3] = (unsigned char)(0x80 + cp % 64);
    return 4;
}

static bool is_scalar(uint32_t cp)
{
    return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

static void every_code_point_goes_there_and_back(void **state)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(16);

    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        unsigned char bytes[4];
        size_t        len = encode(cp, bytes), at = 9;
        str           cursor = { (char *)bytes, len };
        uint32_t      back   = 0;
        bool          ok     = utf8_next(&cursor, &back);

        if (ok != is_scalar(cp) || (ok && (back != cp || cursor.len != 0)) ||
            (!ok && cursor.len != len)) {
            fail_msg("U+%04X", cp);
        }
        if (ok) {
            buf_reset(&b);
            utf8_add(&b, cp);
            if (!str_eq(buf_view(&b), (str){ (char *)bytes, len })) {
                fail_msg("U+%04X is written wrongly", cp);
            }
        } else {
            assert_false(utf8_is_valid((str){ (char *)bytes, len }, &at));
            assert_int_equal(at, 0);
        }
    }
}

/* True when exactly these bytes are the encoding of one scalar value. */
static bool is_well_formed(const unsigned char *bytes, size_t len)
{
    static const uint32_t mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    uint32_t              cp     = bytes[0] & mask[len];
    unsigned char         again[4];

    for (size_t i = 1; i < len; i++) {
        cp = cp * 64 + (bytes[i] & 0x3FU);
    }
    return is_scalar(cp) && encode(cp, again) == len && memcmp(bytes, again, len) == 0;
}

/* All leads but ASCII with all second bytes, and further ones at the borders of continuation. */
static void no_other_bytes_are_a_character(void **state)
{
    static const unsigned char edges[] = { 0x7F, 0x80, 0xBF, 0xC0 };
    unsigned char              b[4];

    for (uint32_t n = 0x8000; n < 0x10000; n++) {
        b[0] = (unsigned char)(n >> 8);
        b[1] = (unsigned char)n;
        for (size_t i = 0; i < CASES(edges) * CASES(edges); i++) {
            b[2] = edges[i / CASES(edges)];
            b[3] = edges[i % CASES(edges)];
            for (size_t len = 1; len <= 4; len++) {
                str      cursor = { (char *)b, len };
                uint32_t cp;
                bool     ok = utf8_next(&cursor, &cp);

                if (ok != (is_well_formed(b, 1) || (len > 1 && is_well_formed(b, 2)) ||
                           (len > 2 && is_well_formed(b, 3)) ||
                           (len > 3 && is_well_formed(b, 4)))) {
                    fail_msg("%02x %02x %02x %02x of %zu bytes", b[0], b[1], b[2], b[3], len);
                }
            }
        }
    }
}

static void the_first_bad_byte_is_told(void **state)
{
    static const struct {
        str    s;
        size_t at; /* SIZE_MAX: valid */
        size_t count;
    } cases[] = {
        { STR_INIT(""), SIZE_MAX, 0 },
        { { NULL, 0 }, SIZE_MAX, 0 },
        { STR_INIT("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), SIZE_MAX, 4 },
        { STR_INIT("ab\x80"), 2, 3 },
        { STR_INIT("ab\xc3"), 2, 3 },
        { STR_INIT("\xe2\x82"), 0, 2 },
        { STR_INIT("x\xed\xa0\x80"), 1, 4 },
        { STR_INIT("\xc0\x80"), 0, 2 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        size_t at = SIZE_MAX;

        assert_int_equal(utf8_is_valid(cases[i].s, &at), cases[i].at == SIZE_MAX);
        assert_int_equal(at, cases[i].at);
        assert_int_equal(utf8_count(cases[i].s), cases[i].count);
    }
}

static void cuts_are_between_characters(void **state)
{
    static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };
    str                 s      = S("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");

    for (size_t max = 0; max < CASES(want); max++) {
        assert_int_equal(utf8_cut(s, max).len, want[max]);
    }
    assert_int_equal(utf8_cut(STR_NONE, 5).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_goes_there_and_back),
        cmocka_unit_test(no_other_bytes_are_a_character),
        cmocka_unit_test(the_first_bad_byte_is_told),
        cmocka_unit_test(cuts_are_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
