/*
 * dir_test.c - folders and trees.
 */
#include "os/dir.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os_calls.h"
#include "support/test_dir.h"
#include "test.h"

static struct test_dir dir;
static struct ctx     *cx;

static int setup(void **state)
{
    (void)state;
    cx = test_dir_init(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    return 0;
}

static str at(const char *name)
{
    return test_dir_path(&dir, name);
}

static const char *cstr(str s)
{
    return arena_cstr(cx->arena, s);
}

/* "a b/ c@": names, folders with a slash, links with an at. */
static const char *shown(const struct os_entries *e)
{
    static const char *const marks[] = { "", "/", "@", "?" };
    str                      all     = STR_NONE;

    for (size_t i = 0; i < e->list.count; i++) {
        all = arena_printf(cx->arena, STR_FMT "%s" STR_FMT "%s", STR_ARG(all), i > 0 ? " " : "",
                           STR_ARG(e->list.items[i].path), marks[e->list.items[i].kind]);
    }
    return cstr(all);
}

static void make_all_syncs_each_new_name_once(void **state)
{
    struct os_fault count = OS_FAULT(.at = 0);

    os_calls_push(&count.calls);
    assert_int_equal(os_dir_make_all(cx, at("a/b/c"), 0755), ST_OK);
    os_calls_pop(&count.calls);
    assert_int_equal(count.count[OS_MAKE_DIR], 3);
    assert_int_equal(count.count[OS_SYNC], 3);
    assert_int_equal(os_dir_make_all(cx, at("a/b/c"), 0755), ST_OK);
    assert_int_equal(os_dir_make_all(cx, at("a/x/../y"), 0755), ST_OK);
    test_dir_write(&dir, "file", S(""));
    assert_int_equal(os_dir_make_all(cx, at("file"), 0755), ST_CONFLICT);
    assert_int_equal(os_dir_make_all(cx, at("file/x"), 0755), ST_CONFLICT);
    assert_true(str_has(err_text(cx->err), S("a file has this name")));
}

static void make_and_remove_one_folder(void **state)
{
    assert_int_equal(os_dir_make(cx, at("a"), 0700), ST_OK);
    assert_int_equal(os_dir_make(cx, at("a"), 0700), ST_CONFLICT);
    assert_int_equal(os_dir_make(cx, at("b/c"), 0700), ST_NOT_FOUND);
    test_dir_write(&dir, "a/f", S(""));
    assert_int_equal(os_dir_remove(cx, at("a")), ST_CONFLICT);
    assert_int_equal(os_file_remove(cx, at("a/f"), OS_MISSING_FAILS), ST_OK);
    assert_int_equal(os_dir_remove(cx, at("a")), ST_OK);
    assert_int_equal(os_dir_remove(cx, at("a")), ST_NOT_FOUND);
}

static void a_temporary_folder_is_private_and_new(void **state)
{
    struct os_info info;
    str            a, b;

    assert_int_equal(os_dir_make_temp(cx, dir.path, S("x-"), &a), ST_OK);
    assert_int_equal(os_dir_make_temp(cx, dir.path, S("x-"), &b), ST_OK);
    assert_false(str_eq(a, b));
    assert_true(str_starts(os_path_name(a), S("x-")));
    assert_int_equal(os_file_info(cx, a, OS_FOLLOW, &info), ST_OK);
    assert_int_equal(info.mode, 0700);
    assert_int_equal(os_dir_make_temp(cx, at("none"), S("x-"), &b), ST_NOT_FOUND);
}

static void lists_are_sorted_and_bounded(void **state)
{
    struct os_entries e;

    test_dir_write(&dir, "b", S(""));
    test_dir_write(&dir, "a/x", S(""));
    test_dir_write(&dir, "B", S(""));
    assert_int_equal(symlink("nowhere", cstr(at("l"))), 0);
    assert_int_equal(os_dir_list(cx, dir.path, 4, &e), ST_OK);
    assert_string_equal(shown(&e), "B a/ b l@");
    assert_int_equal(os_dir_list(cx, dir.path, 3, &e), ST_LIMIT);
    assert_string_equal(shown(&e), "B a/ b l@");
    assert_int_equal(os_dir_list(cx, at("none"), 3, &e), ST_NOT_FOUND);
    assert_int_equal(os_dir_list(cx, at("b"), 3, &e), ST_NOT_FOUND);
}

static void walks_are_sorted_bounded_and_do_not_follow_links(void **state)
{
    struct os_walk    w = { .root = dir.path };
    struct os_entries e;

    test_dir_write(&dir, "a/b/c", S(""));
    test_dir_write(&dir, "a/a", S(""));
    test_dir_write(&dir, "z", S(""));
    assert_int_equal(symlink(".", cstr(at("a/loop"))), 0);
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_OK);
    assert_string_equal(shown(&e), "a/ a/a a/b/ a/b/c a/loop@ z");
    w.max_depth = 1;
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_LIMIT);
    assert_true(str_has(err_text(cx->err), S("nested deeper than 1")));
    w.max_depth = 2;
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_OK);
    w.max_count = 5;
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_LIMIT);
    w.max_count = 6;
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_OK);
    w.root = at("none");
    assert_int_equal(os_dir_walk(cx, &w, &e), ST_NOT_FOUND);
}

static void glob_finds_files_and_links_to_files(void **state)
{
    static const struct {
        const char *pattern, *want;
    } cases[] = {
        { "*.csv", "b.csv link.csv" },
        { "d/*.csv", "d/a.csv" },
        { "**/*.csv", "b.csv d/a.csv d/y=1/c.csv link.csv" },
        { "d/y=*/*.csv", "d/y=1/c.csv" },
        { "b.csv", "b.csv" },
        { "none.csv", "" },
        { "none/*.csv", "" },
        { "d", "" },
        { "d/", "" },
        { "b.csv/*", "" },
        { ".h/*.csv", ".h/x.csv" },
        { "", "" },
    };
    struct os_walk    w = { .root = dir.path };
    struct os_entries e;

    test_dir_write(&dir, "b.csv", S(""));
    test_dir_write(&dir, "d/a.csv", S(""));
    test_dir_write(&dir, "d/y=1/c.csv", S(""));
    test_dir_write(&dir, ".h/x.csv", S(""));
    assert_int_equal(symlink("b.csv", cstr(at("link.csv"))), 0);
    assert_int_equal(symlink("nowhere", cstr(at("dead.csv"))), 0);
    assert_int_equal(symlink(".", cstr(at("loop"))), 0);
    for (size_t i = 0; i < CASES(cases); i++) {
        enum status st = os_dir_glob(cx, &w, str_of(cases[i].pattern), &e);

        if (st != ST_OK || strcmp(shown(&e), cases[i].want) != 0) {
            fail_msg("%s gave %s (%s)", cases[i].pattern, shown(&e), dir.err.text);
        }
    }
    assert_int_equal(os_dir_glob(cx, &w, at("d/*.csv"), &e), ST_OK);
    assert_int_equal(e.list.count, 1);
    assert_true(str_eq(e.list.items[0].path, at("d/a.csv")));
    w.max_count = 2;
    assert_int_equal(os_dir_glob(cx, &w, S("**/*.csv"), &e), ST_LIMIT);
}

static void a_tree_is_removed_without_following_links(void **state)
{
    bool is_there;

    test_dir_write(&dir, "keep/x", S(""));
    test_dir_write(&dir, "gone/a/b/c", S(""));
    assert_int_equal(symlink("../keep", cstr(at("gone/link"))), 0);
    assert_int_equal(os_dir_remove_all(cx, at("gone")), ST_OK);
    assert_int_equal(os_file_exists(cx, at("gone"), &is_there), ST_OK);
    assert_false(is_there);
    assert_int_equal(os_file_exists(cx, at("keep/x"), &is_there), ST_OK);
    assert_true(is_there);
    assert_int_equal(os_dir_remove_all(cx, at("gone")), ST_OK);
}

static void a_deep_tree_is_removed(void **state)
{
    str  path = at("deep");
    bool is_there;

    for (int i = 0; i < 300; i++) { /* deeper than the deepest key of an object */
        path = os_path_join(cx->arena, path, S("k"));
    }
    assert_int_equal(os_dir_make_all(cx, path, 0755), ST_OK);
    assert_int_equal(os_dir_remove_all(cx, at("deep")), ST_OK);
    assert_int_equal(os_file_exists(cx, at("deep"), &is_there), ST_OK);
    assert_false(is_there);
}

static void dangerous_trees_are_not_removed(void **state)
{
    static const char *const paths[] = { "/", ".", "", "..", "a/..", "../x", "/a/../..", "//" };

    for (size_t i = 0; i < CASES(paths); i++) {
        assert_int_equal(os_dir_remove_all(cx, str_of(paths[i])), ST_INVALID);
    }
}

static void sync_up_stays_below_its_top(void **state)
{
    struct os_fault count = OS_FAULT(.is_only = true, .only = OS_SYNC);

    assert_int_equal(os_dir_make_all(cx, at("a/b"), 0755), ST_OK);
    os_calls_push(&count.calls);
    assert_int_equal(os_dir_sync_up(cx, at("a/b"), dir.path), ST_OK);
    os_calls_pop(&count.calls);
    assert_int_equal(count.seen, 3);
    assert_int_equal(os_dir_sync_up(cx, S("/"), dir.path), ST_INVALID);
}

static void space_and_current_folder_are_told(void **state)
{
    uint64_t bytes = 0;
    str      current;

    assert_int_equal(os_dir_space(cx, dir.path, &bytes), ST_OK);
    assert_true(bytes > 0);
    assert_int_equal(os_dir_space(cx, at("none"), &bytes), ST_NOT_FOUND);
    assert_int_equal(os_dir_current(cx, &current), ST_OK);
    assert_true(os_path_is_absolute(current));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(make_all_syncs_each_new_name_once),
        T(make_and_remove_one_folder),
        T(a_temporary_folder_is_private_and_new),
        T(lists_are_sorted_and_bounded),
        T(walks_are_sorted_bounded_and_do_not_follow_links),
        T(glob_finds_files_and_links_to_files),
        T(a_tree_is_removed_without_following_links),
        T(a_deep_tree_is_removed),
        T(dangerous_trees_are_not_removed),
        T(sync_up_stays_below_its_top),
        T(space_and_current_folder_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
