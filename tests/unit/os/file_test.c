/*
 * file_test.c - reading and writing files, whole and in parts.
 */
#include "os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static void assert_says(const char *part)
{
    if (!str_has(err_text(cx->err), str_of(part))) {
        fail_msg("\"%s\" lacks \"%s\"", dir.err.text, part);
    }
}

static void what_was_put_is_read_back(void **state)
{
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 300000 };
    str                 got;

    for (size_t i = 0; i < CASES(sizes); i++) {
        char *bytes = arena_alloc(cx->arena, sizes[i]);

        memset(bytes, 'x', sizes[i]);
        assert_int_equal(os_file_put(cx, at("f"), (str){ bytes, sizes[i] }, OS_REPLACE, 0), ST_OK);
        assert_int_equal(os_file_read(cx, at("f"), sizes[i], &got), ST_OK);
        assert_int_equal(got.len, sizes[i]);
        assert_memory_equal(got.ptr, bytes, sizes[i]);
    }
}

static void a_file_over_the_limit_is_refused_before_it_is_read(void **state)
{
    str got = S("untouched");

    test_dir_write(&dir, "f", S("12345"));
    assert_int_equal(os_file_read(cx, at("f"), 4, &got), ST_LIMIT);
    assert_says("more than 4 bytes");
    assert_true(str_eq(got, S("untouched")));
    assert_int_equal(os_file_read(cx, at("f"), 5, &got), ST_OK);
}

static void files_that_lie_about_their_size_are_read_whole(void **state)
{
    str got;

    assert_int_equal(os_file_read(cx, S("/proc/self/status"), 1U << 20, &got), ST_OK);
    assert_true(got.len > 100);
    assert_int_equal(os_file_read(cx, S("/proc/self/status"), 10, &got), ST_LIMIT);
}

static void bad_paths_are_refused(void **state)
{
    static char long_path[OS_PATH_MAX];
    str         got;
    const str   nul = { "a\0b", 3 };

    memset(long_path, 'a', sizeof long_path);
    assert_int_equal(os_file_read(cx, S(""), 10, &got), ST_INVALID);
    assert_int_equal(os_file_read(cx, nul, 10, &got), ST_INVALID);
    assert_int_equal(os_file_read(cx, (str){ long_path, sizeof long_path }, 10, &got), ST_INVALID);
    assert_int_equal(os_file_read(cx, (str){ long_path, 300 }, 10, &got), ST_INVALID);
    assert_says("too long");
    assert_int_equal(os_file_read(cx, dir.path, 10, &got), ST_INVALID);
    assert_says("it is a folder, not a regular file");
    assert_int_equal(os_file_read(cx, S("/dev/null"), 10, &got), ST_INVALID);
    assert_int_equal(os_file_read(cx, at("none"), 10, &got), ST_NOT_FOUND);
    assert_says("no such file or folder");
    assert_int_equal(os_file_read(cx, at("none/x"), 10, &got), ST_NOT_FOUND);
}

static void a_pipe_is_refused_without_waiting_for_a_writer(void **state)
{
    str got;

    assert_int_equal(mkfifo(cstr(at("pipe")), 0600), 0);
    assert_int_equal(os_file_read(cx, at("pipe"), 10, &got), ST_INVALID);
}

static void put_new_never_replaces(void **state)
{
    str got;

    assert_int_equal(os_file_put(cx, at("f"), S("one"), OS_NEW, 0600), ST_OK);
    assert_int_equal(os_file_put(cx, at("f"), S("two"), OS_NEW, 0600), ST_CONFLICT);
    assert_says("it exists already");
    assert_int_equal(os_file_read(cx, at("f"), 10, &got), ST_OK);
    assert_true(str_eq(got, S("one")));
}

static void put_leaves_no_temporary_file(void **state)
{
    struct os_entries entries;

    assert_int_equal(os_file_put(cx, at("f"), S("one"), OS_NEW, 0), ST_OK);
    assert_int_equal(os_file_put(cx, at("f"), S("two"), OS_NEW, 0), ST_CONFLICT);
    assert_int_equal(os_file_put(cx, at("f"), S("two"), OS_REPLACE, 0), ST_OK);
    assert_int_equal(os_dir_list(cx, dir.path, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 1);
}

static void replace_keeps_mode_and_link(void **state)
{
    struct os_info info;
    str            got;

    assert_int_equal(os_file_put(cx, at("real"), S("one"), OS_NEW, 0640), ST_OK);
    assert_int_equal(symlink("real", cstr(at("link"))), 0);
    assert_int_equal(os_file_put(cx, at("link"), S("two"), OS_REPLACE, 0), ST_OK);
    assert_int_equal(os_file_info(cx, at("link"), OS_NO_FOLLOW, &info), ST_OK);
    assert_int_equal(info.kind, OS_KIND_LINK);
    assert_int_equal(os_file_info(cx, at("link"), OS_FOLLOW, &info), ST_OK);
    assert_int_equal(info.mode, 0640);
    assert_int_equal(info.size, 3);
    assert_true(info.is_mine);
    assert_int_equal(os_file_read(cx, at("real"), 10, &got), ST_OK);
    assert_true(str_eq(got, S("two")));
    assert_int_equal(os_file_put(cx, dir.path, S("x"), OS_REPLACE, 0), ST_INVALID);
}

static void an_out_file_is_invisible_until_commit(void **state)
{
    struct os_out_options o = { .path = at("out"), .target = OS_NEW };
    struct os_out        *out;
    bool                  is_there;

    assert_int_equal(os_out_open(cx, &o, &out), ST_OK);
    assert_int_equal(os_out_write(cx, out, S("half")), ST_OK);
    assert_int_equal(os_file_exists(cx, at("out"), &is_there), ST_OK);
    assert_false(is_there);
    assert_int_equal(os_out_commit(cx, out), ST_OK);
    assert_int_equal(os_file_exists(cx, at("out"), &is_there), ST_OK);
    assert_true(is_there);
    os_out_close(out);
    os_out_close(out);
    os_out_close(NULL);
}

static void an_out_file_that_is_dropped_leaves_nothing(void **state)
{
    struct os_out_options o    = { .path = at("out"), .target = OS_NEW };
    struct arena_mark     mark = arena_mark(cx->arena);
    struct os_out        *out;
    struct os_entries     entries;

    assert_int_equal(os_out_open(cx, &o, &out), ST_OK);
    assert_int_equal(os_out_write(cx, out, S("half")), ST_OK);
    assert_int_equal(os_dir_list(cx, dir.path, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 1);
    assert_true(os_is_temp_name(entries.list.items[0].path));
    arena_rewind(cx->arena, mark); /* the end of the operation */
    assert_int_equal(os_dir_list(cx, dir.path, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 0);
}

static void temporary_names_are_told_from_others(void **state)
{
    static const struct {
        const char *name;
        bool        want;
    } cases[] = {
        { ".weft-0123456789abcdef.tmp", true },
        { ".weft-.tmp", false },
        { "weft-0123456789abcdef.tmp", false },
        { ".weft-0123456789abcdef.tm", false },
        { "", false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(os_is_temp_name(str_of(cases[i].name)), cases[i].want);
    }
}

static void parts_are_read_where_asked(void **state)
{
    struct os_file *f;
    struct os_info  info;
    char            got[8] = { 0 };
    size_t          len;

    test_dir_write(&dir, "f", S("0123456789"));
    assert_int_equal(os_file_open(cx, at("f"), &f), ST_OK);
    assert_int_equal(os_file_read_at(cx, f, 3, got, 4, &len), ST_OK);
    assert_int_equal(len, 4);
    assert_memory_equal(got, "3456", 4);
    assert_int_equal(os_file_read_at(cx, f, 8, got, 8, &len), ST_OK);
    assert_int_equal(len, 2);
    assert_int_equal(os_file_read_at(cx, f, 100, got, 8, &len), ST_OK);
    assert_int_equal(len, 0);
    assert_int_equal(os_file_read_at(cx, f, UINT64_MAX, got, 8, &len), ST_OK);
    assert_int_equal(len, 0);
    assert_int_equal(os_file_stat(cx, f, &info), ST_OK);
    assert_int_equal(info.size, 10);
    assert_int_equal(os_file_sync(cx, f), ST_OK);
    os_file_close(f);
    os_file_close(f);
    os_file_close(NULL);
}

static void a_deferred_close_does_not_close_anothers_descriptor(void **state)
{
    struct arena_mark mark = arena_mark(cx->arena);
    struct os_file   *f;
    int               fd;

    test_dir_write(&dir, "f", S("x"));
    assert_int_equal(os_file_open(cx, at("f"), &f), ST_OK);
    os_file_close(f);
    fd = open("/dev/null", O_RDONLY); /* gets the number that f had */
    arena_rewind(cx->arena, mark);
    assert_int_equal(fcntl(fd, F_GETFD), 0);
    (void)close(fd);
}

static void remove_and_move_say_what_they_did(void **state)
{
    bool is_there;

    test_dir_write(&dir, "a", S("a"));
    test_dir_write(&dir, "b", S("b"));
    assert_int_equal(os_file_move(cx, at("a"), at("b"), OS_NEW), ST_CONFLICT);
    assert_int_equal(os_file_move(cx, at("a"), at("b"), OS_REPLACE), ST_OK);
    assert_int_equal(os_file_move(cx, at("a"), at("c"), OS_NEW), ST_NOT_FOUND);
    assert_int_equal(os_file_remove(cx, at("b"), OS_MISSING_FAILS), ST_OK);
    assert_int_equal(os_file_remove(cx, at("b"), OS_MISSING_FAILS), ST_NOT_FOUND);
    assert_int_equal(os_file_remove(cx, at("b"), OS_MISSING_OK), ST_OK);
    assert_int_equal(os_file_exists(cx, at("b"), &is_there), ST_OK);
    assert_false(is_there);
    assert_int_equal(os_file_remove(cx, dir.path, OS_MISSING_OK), ST_INVALID);
}

static void real_resolves_links(void **state)
{
    str got;

    test_dir_write(&dir, "real", S("x"));
    assert_int_equal(symlink("real", cstr(at("link"))), 0);
    assert_int_equal(os_file_real(cx, at("link"), &got), ST_OK);
    assert_true(str_eq(got, at("real")));
    assert_int_equal(os_file_real(cx, at("none"), &got), ST_NOT_FOUND);
}

static void writing_to_a_closed_pipe_is_a_cancel(void **state)
{
    int         fds[2], kept;
    enum status st;

    assert_int_equal(os_signals_install(cx), ST_OK);
    assert_int_equal(pipe(fds), 0);
    (void)fflush(stdout);
    kept = dup(STDOUT_FILENO);
    (void)dup2(fds[1], STDOUT_FILENO);
    (void)close(fds[0]);
    (void)close(fds[1]);
    st = os_std_write(cx, OS_STDOUT, S("rows"));
    (void)dup2(kept, STDOUT_FILENO);
    (void)close(kept);
    assert_int_equal(st, ST_CANCELLED);
}

static void standard_input_is_read_to_its_limit(void **state)
{
    int         kept = dup(STDIN_FILENO);
    int         fd;
    str         got;
    enum status fits, over;

    test_dir_write(&dir, "in", S("12345"));
    fd = open(cstr(at("in")), O_RDONLY);
    (void)dup2(fd, STDIN_FILENO);
    fits = os_std_read(cx, 5, &got);
    (void)lseek(STDIN_FILENO, 0, SEEK_SET);
    over = os_std_read(cx, 4, &got);
    (void)dup2(kept, STDIN_FILENO);
    (void)close(kept);
    (void)close(fd);
    assert_int_equal(fits, ST_OK);
    assert_true(str_eq(got, S("12345")));
    assert_int_equal(over, ST_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(what_was_put_is_read_back),
        T(a_file_over_the_limit_is_refused_before_it_is_read),
        T(files_that_lie_about_their_size_are_read_whole),
        T(bad_paths_are_refused),
        T(a_pipe_is_refused_without_waiting_for_a_writer),
        T(put_new_never_replaces),
        T(put_leaves_no_temporary_file),
        T(replace_keeps_mode_and_link),
        T(an_out_file_is_invisible_until_commit),
        T(an_out_file_that_is_dropped_leaves_nothing),
        T(temporary_names_are_told_from_others),
        T(parts_are_read_where_asked),
        T(a_deferred_close_does_not_close_anothers_descriptor),
        T(remove_and_move_say_what_they_did),
        T(real_resolves_links),
        T(writing_to_a_closed_pipe_is_a_cancel),
        T(standard_input_is_read_to_its_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
