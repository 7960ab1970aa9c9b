/*
 * str_test.c - borrowed strings: cutting, searching, numbers, nearness, hashing.
 */
#include "base/str.h"

#include "test.h"

#include <string.h>

#include "support/test_ctx.h"

#define assert_str(actual, expected) assert_true(str_eq((actual), (expected)))

static void strings_are_compared(void **state)
{
    static const struct {
        str  a, b;
        int  order;
        bool alike;
    } cases[] = {
        { STR_INIT(""), STR_INIT(""), 0, true },
        { { NULL, 0 }, STR_INIT(""), 0, true },
        { STR_INIT("a"), STR_INIT(""), 1, false },
        { STR_INIT("a"), STR_INIT("ab"), -1, false },
        { STR_INIT("b"), STR_INIT("ab"), 1, false },
        { STR_INIT("Ab9"), STR_INIT("aB9"), -1, true },
        { STR_INIT("a\0b"), STR_INIT("a\0c"), -1, false },
        { STR_INIT("\xff"), STR_INIT("a"), 1, false },
        { STR_INIT("@"), STR_INIT("`"), -1, false }, /* differ by the bit of case, no letters */
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        int order = str_cmp(cases[i].a, cases[i].b);

        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(str_eq(cases[i].a, cases[i].b), cases[i].order == 0);
        assert_int_equal(str_eq_nocase(cases[i].a, cases[i].b), cases[i].alike);
    }
}

static void parts_are_clamped(void **state)
{
    static const struct {
        size_t from, len;
        str    want;
    } cases[] = {
        { 0, 5, STR_INIT("hello") },      { 1, 2, STR_INIT("el") },
        { 4, 9, STR_INIT("o") },          { 5, 1, STR_INIT("") },
        { 9, 1, STR_INIT("") },           { 0, 0, STR_INIT("") },
        { 2, SIZE_MAX, STR_INIT("llo") }, { SIZE_MAX, SIZE_MAX, STR_INIT("") },
    };
    str s = S("hello");

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(str_sub(s, cases[i].from, cases[i].len), cases[i].want);
    }
    assert_ptr_equal(str_from(s, 5).ptr, s.ptr + 5);
    assert_ptr_equal(str_from(s, 6).ptr, s.ptr + 5);
    assert_null(str_from(STR_NONE, 0).ptr);
    assert_null(str_sub(STR_NONE, 3, 3).ptr);
}

static void ends_are_found(void **state)
{
    static const struct {
        str  s, part;
        bool starts, ends, has;
    } cases[] = {
        { STR_INIT("abc"), STR_INIT(""), true, true, true },
        { STR_INIT("abc"), STR_INIT("abc"), true, true, true },
        { STR_INIT("abc"), STR_INIT("ab"), true, false, true },
        { STR_INIT("abc"), STR_INIT("bc"), false, true, true },
        { STR_INIT("abcb"), STR_INIT("cb"), false, true, true },
        { STR_INIT("abc"), STR_INIT("abcd"), false, false, false },
        { STR_INIT(""), STR_INIT("a"), false, false, false },
        { { NULL, 0 }, STR_INIT(""), true, true, true },
        { { NULL, 0 }, { NULL, 0 }, true, true, true },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(str_starts(cases[i].s, cases[i].part), cases[i].starts);
        assert_int_equal(str_ends(cases[i].s, cases[i].part), cases[i].ends);
        assert_int_equal(str_has(cases[i].s, cases[i].part), cases[i].has);
    }
}

static void a_missing_needle_leaves_the_place_alone(void **state)
{
    size_t at = 77;

    assert_false(str_find(S("abc"), S("x"), &at));
    assert_false(str_find_char(S("abc"), 'x', &at));
    assert_false(str_find_char(STR_NONE, 'x', &at));
    assert_int_equal(at, 77);
    assert_true(str_find(S("abcabc"), S("ca"), &at));
    assert_int_equal(at, 2);
    assert_true(str_find_char(S("abcabc"), 'c', &at));
    assert_int_equal(at, 2);
}

static void white_space_is_trimmed(void **state)
{
    static const struct {
        str s, want;
    } cases[] = {
        { STR_INIT(""), STR_INIT("") },
        { { NULL, 0 }, STR_INIT("") },
        { STR_INIT(" \t\r\n\v\f"), STR_INIT("") },
        { STR_INIT(" a b\n"), STR_INIT("a b") },
        { STR_INIT("\xc2\xa0x"), STR_INIT("\xc2\xa0x") }, /* ASCII only */
        { STR_INIT("\0a\0"), STR_INIT("\0a\0") },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(str_trim(cases[i].s), cases[i].want);
    }
}

/* Parts joined by "|", each in brackets. */
static void cutting_gives_every_part(void **state)
{
    static const struct {
        str         s;
        const char *want;
    } cases[] = {
        { STR_INIT("a,b,c"), "[a][b][c]" },
        { STR_INIT(""), "[]" },
        { STR_INIT(","), "[][]" },
        { STR_INIT("a,"), "[a][]" },
        { STR_INIT(",a"), "[][a]" },
        { STR_INIT("a,,b"), "[a][][b]" },
        { { NULL, 0 }, "" },
        { STR_INIT("abc"), "[abc]" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        char got[64] = "";
        str  rest    = cases[i].s, head;

        while (str_cut(&rest, ',', &head)) {
            strcat(got, "[");
            strncat(got, head.ptr, head.len);
            strcat(got, "]");
        }
        assert_string_equal(got, cases[i].want);
        assert_false(str_cut(&rest, ',', &head));
    }
}

/* A cursor moved to the end of its text by str_from still has its last, empty part. */
static void cutting_goes_on_after_str_from(void **state)
{
    str rest = str_from(S("x="), 2), head = S("untouched");

    assert_true(str_cut(&rest, ',', &head));
    assert_int_equal(head.len, 0);
    assert_false(str_cut(&rest, ',', &head));
}

static void splitting_takes_the_first_or_last(void **state)
{
    str a = S("old"), b = S("old");

    assert_false(str_split(S("abc"), '.', &a, &b));
    assert_false(str_rsplit(S(""), '.', &a, &b));
    assert_false(str_rsplit(STR_NONE, '.', &a, &b));
    assert_str(a, S("old"));
    assert_str(b, S("old"));
    assert_true(str_split(S("a.b.c"), '.', &a, &b));
    assert_str(a, S("a"));
    assert_str(b, S("b.c"));
    assert_true(str_rsplit(S("a.b.c"), '.', &a, &b));
    assert_str(a, S("a.b"));
    assert_str(b, S("c"));
    assert_true(str_split(S("."), '.', &a, &b));
    assert_int_equal(a.len + b.len, 0);
}

static void numbers_are_whole_strings_in_range(void **state)
{
    static const struct {
        const char *text;
        bool        is_u64, is_i64;
        uint64_t    u;
        int64_t     i;
    } cases[] = {
        { "0", true, true, 0, 0 },
        { "007", true, true, 7, 7 },
        { "18446744073709551615", true, false, UINT64_MAX, 0 },
        { "18446744073709551616", false, false, 0, 0 },
        { "99999999999999999999", false, false, 0, 0 },
        { "9223372036854775807", true, true, INT64_MAX, INT64_MAX },
        { "9223372036854775808", true, false, (uint64_t)INT64_MAX + 1, 0 },
        { "-9223372036854775808", false, true, 0, INT64_MIN },
        { "-9223372036854775809", false, false, 0, 0 },
        { "-0", false, true, 0, 0 },
        { "-", false, false, 0, 0 },
        { "--1", false, false, 0, 0 },
        { "+1", false, false, 0, 0 },
        { "", false, false, 0, 0 },
        { " 1", false, false, 0, 0 },
        { "1 ", false, false, 0, 0 },
        { "1e3", false, false, 0, 0 },
        { "0x1", false, false, 0, 0 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        uint64_t u = 4711;
        int64_t  n = 4711;

        assert_int_equal(str_to_u64(str_of(cases[i].text), &u), cases[i].is_u64);
        assert_int_equal(u, cases[i].is_u64 ? cases[i].u : 4711);
        assert_int_equal(str_to_i64(str_of(cases[i].text), &n), cases[i].is_i64);
        assert_int_equal(n, cases[i].is_i64 ? cases[i].i : 4711);
    }
}

static void distance_counts_edits(void **state)
{
    static const struct {
        const char *a, *b;
        size_t      cap, want;
    } cases[] = {
        { "", "", 3, 0 },
        { "abc", "abc", 0, 0 },
        { "abc", "ABC", 0, 0 },
        { "abc", "acb", 3, 1 },
        { "Ab", "ba", 3, 1 },
        { "kitten", "sitting", 9, 3 },
        { "kitten", "sitting", 2, 3 },
        { "", "abc", 9, 3 },
        { "abc", "", 9, 3 },
        { "requried", "required", 3, 1 },
        { "ca", "abc", 9, 3 }, /* no edit inside a swap */
    };
    char long_text[129];

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(str_distance(str_of(cases[i].a), str_of(cases[i].b), cases[i].cap),
                         cases[i].want);
        assert_int_equal(str_distance(str_of(cases[i].b), str_of(cases[i].a), cases[i].cap),
                         cases[i].want);
    }
    memset(long_text, 'x', sizeof long_text);
    assert_int_equal(str_distance((str){ long_text, 129 }, (str){ long_text, 129 }, 5), 0);
    assert_int_equal(str_distance((str){ long_text, 129 }, (str){ long_text, 128 }, 5), 6);
    assert_int_equal(str_distance((str){ long_text, 128 }, (str){ long_text, 127 }, 5), 1);
}

static void the_nearest_word_is_close_or_none(void **state)
{
    static const str words[] = { STR_INIT("required"), STR_INIT("unique"), STR_INIT("name"),
                                 STR_INIT("x"), STR_INIT("nome") };
    static const struct {
        const char *word, *want; /* NULL: none is close */
    } cases[] = {
        { "requird", "required" },  { "uniqeu", "unique" }, { "nam", "name" },
        { "nme", "name" }, /* the first of two at one distance */
        { "description", NULL },    { "", NULL },           { "q", NULL },
        { "Required", "required" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(str_nearest(str_of(cases[i].word), words, CASES(words)), str_of(cases[i].want));
    }
    assert_null(str_nearest(S("name"), words, 0).ptr);
}

/* Every prefix of a text, so that each tail length of the hash is met, in many seeds. */
static void hashes_do_not_collide(void **state)
{
    enum { TEXTS = 512 };
    static char     text[TEXTS];
    static uint64_t seen[TEXTS];

    for (uint64_t seed = 0; seed < 4; seed++) {
        for (size_t len = 0; len < TEXTS; len++) {
            seen[len] = str_hash((str){ text, len }, seed);
            assert_int_equal(seen[len], str_hash((str){ text, len }, seed));
            for (size_t k = 0; k < len; k++) {
                assert_int_not_equal(seen[len], seen[k]);
            }
        }
    }
    assert_int_not_equal(str_hash(S("a"), 1), str_hash(S("a"), 2));
    assert_int_equal(str_hash(STR_NONE, 1), str_hash(S(""), 1));
}

/* Each bit of the text turns about half of the hash's bits. */
static void a_changed_bit_changes_half_the_hash(void **state)
{
    unsigned char bytes[24] = { 0 };
    unsigned      turned    = 0;

    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        uint64_t before = str_hash((str){ (char *)bytes, sizeof bytes }, 42), after;

        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        after = str_hash((str){ (char *)bytes, sizeof bytes }, 42);
        turned += (unsigned)__builtin_popcountll(before ^ after);
    }
    assert_in_range(turned / (sizeof bytes * 8), 28, 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_compared),
        cmocka_unit_test(parts_are_clamped),
        cmocka_unit_test(ends_are_found),
        cmocka_unit_test(a_missing_needle_leaves_the_place_alone),
        cmocka_unit_test(white_space_is_trimmed),
        cmocka_unit_test(cutting_gives_every_part),
        cmocka_unit_test(cutting_goes_on_after_str_from),
        cmocka_unit_test(splitting_takes_the_first_or_last),
        cmocka_unit_test(numbers_are_whole_strings_in_range),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(the_nearest_word_is_close_or_none),
        cmocka_unit_test(hashes_do_not_collide),
        cmocka_unit_test(a_changed_bit_changes_half_the_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
