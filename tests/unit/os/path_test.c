/*
 * path_test.c - paths and patterns as text.
 */
#include "os/path.h"

#include "test.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new("test", 1U << 20);
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void assert_str(str got, const char *want)
{
    assert_string_equal(arena_cstr(arena, got), want);
}

static void join_keeps_absolute_and_empty_parts(void **state)
{
    static const struct {
        const char *a, *b, *want;
    } cases[] = {
        { "a", "b", "a/b" }, { "a/", "b", "a/b" }, { "", "b", "b" },
        { "a", "", "a" },    { "a", "/b", "/b" },  { "/", "b", "/b" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(os_path_join(arena, str_of(cases[i].a), str_of(cases[i].b)), cases[i].want);
    }
}

static void a_path_is_split_into_parent_name_and_extension(void **state)
{
    static const struct {
        const char *path, *parent, *name, *extension;
    } cases[] = {
        { "a/b/c.csv", "a/b", "c.csv", "csv" },
        { "/a", "/", "a", "" },
        { "a", ".", "a", "" },
        { "a/b/", "a", "b", "" },
        { "/", "/", "", "" },
        { "x.tar.gz", ".", "x.tar.gz", "gz" },
        { "/a//b", "/a", "b", "" },
        { ".env", ".", ".env", "" },
        { "a.b/c", "a.b", "c", "" },
        { "c.", ".", "c.", "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(os_path_parent(str_of(cases[i].path)), cases[i].parent);
        assert_str(os_path_name(str_of(cases[i].path)), cases[i].name);
        assert_str(os_path_extension(str_of(cases[i].path)), cases[i].extension);
    }
}

static void clean_removes_dots_by_the_text(void **state)
{
    static const struct {
        const char *path, *want;
    } cases[] = {
        { "", "." },
        { ".", "." },
        { "a/./b", "a/b" },
        { "a//b/", "a/b" },
        { "a/../b", "b" },
        { "a/..", "." },
        { "../a", "../a" },
        { "../../a", "../../a" },
        { "a/../../b", "../b" },
        { "/..", "/" },
        { "/../a", "/a" },
        { "/a/../../b", "/b" },
        { "/", "/" },
        { "//a", "/a" },
        { "a/b/../..", "." },
        { "..a/..", "." },
        { "a../..", "." },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_str(os_path_clean(arena, str_of(cases[i].path)), cases[i].want);
    }
}

static void below_looks_at_whole_segments(void **state)
{
    static const struct {
        const char *path, *folder;
        bool        want;
    } cases[] = {
        { "/a/b", "/a", true }, { "/a", "/a", true },    { "/ab", "/a", false },
        { "/a", "/", true },    { "/a/b", "/a/", true }, { "/", "/a", false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(os_path_is_below(str_of(cases[i].path), str_of(cases[i].folder)),
                         cases[i].want);
    }
}

static void glob_matches_segment_by_segment(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool        want;
    } cases[] = {
        { "a.csv", "a.csv", true },
        { "a.csv", "a_csv", false },
        { "*.csv", "a.csv", true },
        { "*.csv", "d/a.csv", false },
        { "*.csv", ".csv", false },
        { "*.csv", ".a.csv", false },
        { ".*", ".a", true },
        { "*", "", true }, /* an empty name does not exist; the text matches */
        { "a*b*c", "aXbYbc", true },
        { "a*b*c", "aXbYb", false },
        { "?.csv", "é.csv", true },
        { "?.csv", "ab.csv", false },
        { "?", "/", false },
        { "**/*.csv", "a.csv", true },
        { "**/*.csv", "x/y/a.csv", true },
        { "**/*.csv", "x/.y/a.csv", false },
        { "x/**", "x/y/z", true },
        { "x/**", "x", false },
        { "x/**", "x/.git/z", false },
        { "x/**/z", "x/z", true },
        { "x/**/z", "x/a/b/z", true },
        { "x/**/z", "x/a/b/y", false },
        { "**/a/**/b", "a/a/c/a/b", true },
        { "**/a/*/b", "q/a/a/c/b", true },
        { "year=*/month=?/*.parquet", "year=2013/month=1/x.parquet", true },
        { "year=*/month=?/*.parquet", "year=2013/month=10/x.parquet", false },
        { "a[1].csv", "a[1].csv", true },
        { "a[1].csv", "a1.csv", false },
        { "/t/*.csv", "/t/a.csv", true },
        { "/t/**/*.csv", "/t/x/a.csv", true },
        { "a**b", "aXb", true },
        { "*", "\xff", true },
        { "?", "\xff", true },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        if (os_glob_match(str_of(cases[i].pattern), str_of(cases[i].path)) != cases[i].want) {
            fail_msg("%s on %s", cases[i].pattern, cases[i].path);
        }
    }
}

/* A matcher that tries all ways needs 2^40 steps for this; the test would not end. */
static void glob_does_not_blow_up(void **state)
{
    str path    = arena_printf(arena, "%0*d", 4000, 0);
    str pattern = S("*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*0*1");

    assert_false(os_glob_match(pattern, path));
    assert_false(os_glob_match(S("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b"),
                               S("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a")));
    assert_true(os_glob_is_pattern(pattern));
    assert_false(os_glob_is_pattern(S("a[1]/b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_keeps_absolute_and_empty_parts),
        cmocka_unit_test(a_path_is_split_into_parent_name_and_extension),
        cmocka_unit_test(clean_removes_dots_by_the_text),
        cmocka_unit_test(below_looks_at_whole_segments),
        cmocka_unit_test(glob_matches_segment_by_segment),
        cmocka_unit_test(glob_does_not_blow_up),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
