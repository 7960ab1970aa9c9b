/*
 * pattern_test.c - ECMA-262 patterns: what is one, where a wrong one is wrong, what both programs match.
 */
#include "quality/pattern_int.h"

#include <string.h>

#include "base/buf.h"

#include "test.h"

#include "support/test_ctx.h"

/* What a pattern is turned into; NULL: that form must not exist. */
static const struct {
    const char *text, *re2, *why_not_re2;
    bool        has_pcre2;
} translations[] = {
    { "abc", "abc", "", true },
    { "a.c", "a[^\\n\\r\\x{2028}\\x{2029}]c", "", true },
    { "^[A-Z]{2}\\d{4}$", "^[A-Z]{2,2}[\\d]{4,4}$", "", true },
    { "\\u00e9", "\\x{E9}", "", true },
    { "\\u{1F600}", "\\x{1F600}", "", true },
    { "\\uD83D\\uDE00", "\\x{1F600}", "", true },
    { "\\uD83D", "[^\\x{0}-\\x{10FFFF}]", "", true },
    { "(?<year>\\d)", "(?:[\\d])", "", true },
    { "[]", "[^\\x{0}-\\x{10FFFF}]", "", true },
    { "[^]", "(?s:.)", "", true },
    { "[\\b]", "[\\x{8}]", "", true },
    { "[a\\-z]", "[a\\-z]", "", true },
    { "[\\uD000-\\uE001]", "[\\x{D000}-\\x{E001}]", "", true },
    { "[\\uD900-\\uE001]", "[\\x{E000}-\\x{E001}]", "", true },
    { "a|", "a|", "", true },
    { "\\p{Lu}", "[\\p{Lu}]", "", true },
    { "\\p{Uppercase_Letter}", "[\\p{Lu}]", "", true },
    { "\\p{Script=Grek}", "[\\p{Greek}]", "", true },
    { "/", "\\/", "", true },
    { "a{0,1000}", "a{0,1000}", "", true },
    { "a{2,}?", "a{2,}?", "", true },
    { "a{0,1001}", NULL, "a count over 1000", true },
    { "(?:a{40}){40}", NULL, "a count over 1000", true },
    { "\\p{L}{900}", NULL, "its size", true },
    { "(?=a)b", NULL, "look-ahead", true },
    { "(?<!a)b", NULL, "look-behind", true },
    { "(a)\\1", NULL, "a back-reference", true },
    { "(?<n>a)\\k<n>", NULL, "a back-reference", true },
    { "\\Ba", NULL, "\\B", true },
    { "\\p{Alphabetic}", NULL, "a Unicode property that RE2 lacks", true },
    { "\\p{C}", NULL, "a Unicode property that RE2 lacks", true },
    { "(?:(a)|b)*\\1", NULL, "a back-reference", false },
    { "\\1(a)", NULL, "a back-reference", false },
    { "(a\\1)", NULL, "a back-reference", false },
    { "a{70000}", NULL, "a count over 1000", false },
};

static void each_pattern_is_translated_exactly_or_not_at_all(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(translations); i++) {
        struct pattern       p;
        struct pattern_fault fault;
        print_message("%s\n", translations[i].text);
        assert_int_equal(pattern_parse(cx, str_of(translations[i].text), &p, &fault), ST_OK);
        assert_int_equal(p.has_re2, translations[i].re2 != NULL);
        if (translations[i].re2 != NULL)
            assert_string_equal(
                arena_cstr(cx->arena, p.re2),
                arena_cstr(cx->arena, arena_printf(cx->arena, "(%s)", translations[i].re2)));
        assert_string_equal(arena_cstr(cx->arena, p.why_not_re2), translations[i].why_not_re2);
        assert_int_equal(p.has_pcre2, translations[i].has_pcre2);
    }
    test_ctx_release(&t);
}

/* Wrong patterns, the bytes at fault. */
static const struct {
    const char *text;
    size_t      offset, len;
} faults[] = {
    { "a**", 2, 1 },     { "*a", 0, 1 },           { "a++", 2, 1 },     { "(a", 0, 2 },
    { "a)", 1, 1 },      { "[a", 0, 2 },           { "a]", 1, 1 },      { "a{", 1, 1 },
    { "a{2,1}", 1, 5 },  { "a{,5}", 1, 1 },        { "}", 0, 1 },       { "\\", 0, 1 },
    { "\\-", 0, 2 },     { "\\a", 0, 2 },          { "\\8", 0, 2 },     { "\\1", 0, 2 },
    { "\\00", 0, 2 },    { "\\x4", 0, 2 },         { "\\u12", 0, 2 },   { "\\u{110000}", 0, 8 },
    { "\\u{}", 0, 3 },   { "\\c1", 0, 2 },         { "\\k<a>", 0, 5 },  { "(?<a>x)(?<a>y)", 8, 4 },
    { "(?<1>x)", 3, 1 }, { "(?<a x)", 3, 2 },      { "(?i:a)", 0, 2 },  { "(?>a)", 0, 2 },
    { "[z-a]", 1, 3 },   { "[\\d-x]", 1, 4 },      { "[a-\\w]", 1, 4 }, { "[\\B]", 1, 2 },
    { "^*", 0, 2 },      { "\\b+", 0, 3 },         { "(?=a)*", 0, 6 },  { "\\p{Foo}", 0, 7 },
    { "\\p", 0, 2 },     { "\\p{gc=Foo}", 0, 10 }, { "\\pL", 0, 2 },    { "x{1", 1, 2 },
    { "\xff", 0, 1 },    { "\\é", 0, 3 },          { "a|*", 2, 1 },     { "[\\q]", 1, 2 },
};

static void wrong_patterns_name_the_bytes_at_fault(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(faults); i++) {
        struct pattern       p;
        struct pattern_fault fault = { 0 };
        print_message("%s\n", faults[i].text);
        assert_int_equal(pattern_parse(cx, str_of(faults[i].text), &p, &fault), ST_INVALID);
        print_message("  %zu %zu %s\n", fault.offset, fault.len, t.err.text);
        assert_int_equal(fault.offset, faults[i].offset);
        assert_int_equal(fault.len, faults[i].len);
        assert_true(fault.reason.len > 0);
    }
    test_ctx_release(&t);
}

/* Searches, as PCRE2 answers them. The engine's side is tested in patterns_agree_test. */
static const struct {
    const char          *pattern, *value;
    enum pattern_verdict verdict;
} matches[] = {
    { "b", "abc", PATTERN_YES },
    { "^b", "abc", PATTERN_NO },
    { "c$", "abc\n", PATTERN_NO },
    { "^$", "", PATTERN_YES },
    { ".", "\n", PATTERN_NO },
    { ".", "\xE2\x80\xA8", PATTERN_NO }, /* U+2028 */
    { "[^]", "\n", PATTERN_YES },
    { "[]", "a", PATTERN_NO },
    { "\\s", "\xC2\xA0", PATTERN_YES }, /* no-break space */
    { "\\S", "\xC2\xA0", PATTERN_NO },
    { "\\d", "\xD9\xA3", PATTERN_NO }, /* an Arabic digit */
    { "^\\w+$",
      "stra\xC3\x9F"
      "e",
      PATTERN_NO },
    { "^.$", "\xF0\x9F\x98\x80", PATTERN_YES }, /* one character, four bytes */
    { "^\\uD83D\\uDE00$", "\xF0\x9F\x98\x80", PATTERN_YES },
    { "\\uD83D", "\xF0\x9F\x98\x80", PATTERN_NO },
    { "(?=a)b", "ab", PATTERN_NO },
    { "^(?!.*--)[a-z-]+$", "a-b", PATTERN_YES },
    { "^(?!.*--)[a-z-]+$", "a--b", PATTERN_NO },
    { "^(.)\\1$", "aa", PATTERN_YES },
    { "^(.)\\1$", "ab", PATTERN_NO },
    { "^(?:(a)|b)\\1$", "b", PATTERN_YES }, /* a group without capture matches empty */
    { "(?<=\\$)\\d+", "$42", PATTERN_YES },
    { "\\B",
      "a\xC3\xA9"
      "b",
      PATTERN_NO }, /* not between the bytes of a character */
    { "\\p{Lu}", "\xC3\x89", PATTERN_YES },
    { "\\P{Lu}", "\xC3\x89", PATTERN_NO },
    { "^\\p{Script=Greek}+$", "\xCE\xB1\xCE\xB2", PATTERN_YES },
    { "^[\\p{L}\\d]+$",
      "\xC3\xA9"
      "1",
      PATTERN_YES },
    { "^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", PATTERN_UNKNOWN },
};

static void patterns_are_searched_as_the_standard_says(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(matches); i++) {
        struct pattern          p;
        struct pattern_fault    fault;
        struct pattern_matcher *m;
        print_message("%s on %s\n", matches[i].pattern, matches[i].value);
        assert_int_equal(pattern_parse(cx, str_of(matches[i].pattern), &p, &fault), ST_OK);
        assert_int_equal(pattern_compile(cx, &p, &m), ST_OK);
        assert_int_equal(pattern_match(m, str_of(matches[i].value)), matches[i].verdict);
    }
    test_ctx_release(&t);
}

static void limits_have_a_status_of_their_own(void **state)
{
    struct test_ctx         t;
    struct ctx             *cx = test_ctx_init(&t, 1);
    struct pattern          p;
    struct pattern_fault    fault;
    struct pattern_matcher *m;
    char                   *long_text = arena_alloc(cx->arena, PATTERN_MAX + 1);
    str                     text      = { long_text, PATTERN_MAX + 1 };

    memset(long_text, 'a', PATTERN_MAX + 1);
    assert_int_equal(pattern_parse(cx, text, &p, &fault), ST_LIMIT);
    assert_int_equal(pattern_parse(cx, str_sub(text, 0, PATTERN_MAX), &p, &fault), ST_OK);
    assert_int_equal(pattern_compile(cx, &p, &m), ST_OK);
    assert_int_equal(pattern_match(m, text), PATTERN_UNKNOWN); /* a value too long */
    memset(long_text, '(', PATTERN_MAX);
    assert_int_equal(pattern_parse(cx, str_sub(text, 0, 200), &p, &fault), ST_LIMIT);
    assert_int_equal(pattern_parse(cx, S("(?<=a*)b"), &p, &fault), ST_OK);
    assert_int_equal(pattern_compile(cx, &p, &m), ST_UNSUPPORTED); /* no fixed length */
    test_ctx_release(&t);
}

static void every_property_of_the_table_compiles(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    str             row, name;

    for (size_t i = 0; (row = pattern_property_name(i)).ptr != NULL; i++)
        while (str_cut(&row, ' ', &name)) {
            static const char *const forms[] = { "\\p{" STR_FMT "}", "\\p{sc=" STR_FMT "}",
                                                 "\\P{scx=" STR_FMT "}", "[^\\p{gc=" STR_FMT "}]" };
            size_t                   known   = 0;
            for (size_t k = 0; k < CASES(forms); k++) {
                struct buf              text = BUF_INIT(200);
                struct pattern          p;
                struct pattern_fault    fault;
                struct pattern_matcher *m;
                const char             *at = strstr(forms[k], STR_FMT);
                buf_add(&text, (str){ forms[k], (size_t)(at - forms[k]) });
                buf_add(&text, name);
                buf_add(&text, str_of(at + strlen(STR_FMT)));
                if (pattern_parse(cx, buf_view(&text), &p, &fault) == ST_OK) {
                    known++;
                    if (p.has_pcre2 && pattern_compile(cx, &p, &m) != ST_OK)
                        fail_msg("%.*s: %s", (int)text.len, text.ptr, t.err.text);
                }
                buf_release(&text);
            }
            assert_true(known > 0);
        }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pattern_is_translated_exactly_or_not_at_all),
        cmocka_unit_test(wrong_patterns_name_the_bytes_at_fault),
        cmocka_unit_test(patterns_are_searched_as_the_standard_says),
        cmocka_unit_test(limits_have_a_status_of_their_own),
        cmocka_unit_test(every_property_of_the_table_compiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
