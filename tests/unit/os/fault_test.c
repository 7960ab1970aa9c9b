/*
 * fault_test.c - the n-th system call fails, for every n: the right status and message, no half
 * state, no leak.
 */
#include "os/os_calls.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "os/dir.h"
#include "os/lock.h"
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

static size_t open_descriptors(void)
{
    DIR   *fds   = opendir("/proc/self/fd");
    size_t count = 0;

    while (readdir(fds)) {
        count++;
    }
    (void)closedir(fds);
    return count;
}

static void errors_become_statuses_with_a_reason(void **state)
{
    static const struct {
        int         error;
        enum status status;
        const char *says;
    } cases[] = {
        { ENOSPC, ST_UNAVAILABLE, "no space left on device; free some space" },
        { EDQUOT, ST_UNAVAILABLE, "disk quota exceeded" },
        { EIO, ST_UNAVAILABLE, "input/output error; check the disk" },
        { EMFILE, ST_UNAVAILABLE, "ulimit -n" },
        { EROFS, ST_DENIED, "the file system is read-only" },
        { EACCES, ST_DENIED, "permission denied; check its owner" },
        { EPERM, ST_DENIED, "operation not permitted" },
        { ENOENT, ST_NOT_FOUND, "no such file or folder" },
        { EEXIST, ST_CONFLICT, "it exists already" },
        { EFBIG, ST_LIMIT, "too large" },
        { ELOOP, ST_INVALID, "symbolic links" },
        { EBADF, ST_INTERNAL, "Bad file descriptor" },
    };
    str got;

    test_dir_write(&dir, "f", S("x"));
    for (size_t i = 0; i < CASES(cases); i++) {
        struct os_fault fault = OS_FAULT(.at = 1, .error = cases[i].error);

        os_calls_push(&fault.calls);
        assert_int_equal(os_file_read(cx, at("f"), 10, &got), cases[i].status);
        os_calls_pop(&fault.calls);
        if (!str_has(err_text(cx->err), str_of(cases[i].says)) ||
            !str_has(err_text(cx->err), at("f"))) {
            fail_msg("%s", dir.err.text);
        }
    }
}

/* One operation that a fault loop runs; `check` tells that the world is as before or as after. */
struct operation {
    const char *name;
    enum status (*run)(void);
    bool (*is_whole)(void);
};

static enum status put_file(void)
{
    return os_file_put(cx, at("f"), S("new content"), OS_REPLACE, 0);
}

static bool file_is_whole(void)
{
    str got;

    return os_file_read(cx, at("f"), 100, &got) == ST_OK &&
           (str_eq(got, S("old")) || str_eq(got, S("new content")));
}

static enum status put_new(void)
{
    ignore(os_file_remove(cx, at("n"), OS_MISSING_OK), "a loop before may have put it");
    return os_file_put(cx, at("n"), S("new"), OS_NEW, 0);
}

static bool new_is_whole(void)
{
    str         got;
    enum status st = os_file_read(cx, at("n"), 100, &got);

    return st == ST_NOT_FOUND || (st == ST_OK && str_eq(got, S("new")));
}

static enum status make_folders(void)
{
    return os_dir_make_all(cx, at("x/y/z"), 0755);
}

static enum status walk(void)
{
    struct os_walk    w = { .root = dir.path };
    struct os_entries e;

    return os_dir_walk(cx, &w, &e);
}

static enum status glob(void)
{
    struct os_walk    w = { .root = dir.path };
    struct os_entries e;

    return os_dir_glob(cx, &w, S("**/*"), &e);
}

static enum status remove_tree(void)
{
    TRY(os_dir_make_all(cx, at("tree/a/b"), 0755));
    return os_dir_remove_all(cx, at("tree"));
}

static enum status lock(void)
{
    struct os_lock *l;

    TRY(os_lock_try(cx, at("lock"), OS_LOCK_EXCLUSIVE, &l));
    os_lock_close(l);
    return ST_OK;
}

static enum status run_program(void)
{
    const str            args[] = { S("true") };
    struct os_command    cmd    = { .args = args, .count = 1, .input = S("x") };
    struct os_run_result r;

    return os_run(cx, &cmd, &r);
}

static bool always(void)
{
    return true;
}

static const struct operation operations[] = {
    { "put", put_file, file_is_whole },
    { "put new", put_new, new_is_whole },
    { "make folders", make_folders, always },
    { "walk", walk, always },
    { "glob", glob, always },
    { "remove tree", remove_tree, always },
    { "lock", lock, always },
    { "run", run_program, always },
};

/* Fails call n for n = 1, 2, …; ends when the operation makes fewer calls than n. */
static void loop(const struct operation *op, bool forever, int error)
{
    for (uint64_t n = 1;; n++) {
        struct os_fault   fault = OS_FAULT(.at = n, .error = error, .forever = forever);
        struct arena_mark mark  = arena_mark(cx->arena);
        size_t            fds   = open_descriptors();
        enum status       st;

        err_clear(cx->err);
        os_calls_push(&fault.calls);
        st = op->run();
        os_calls_pop(&fault.calls);
        arena_rewind(cx->arena, mark);
        assert_int_equal(open_descriptors(), fds);
        if (st != ST_OK && (dir.err.code != st || dir.err.len == 0)) {
            fail_msg("%s says nothing about call %d", op->name, (int)n);
        }
        if (!op->is_whole()) {
            fail_msg("%s is half done after call %d failed", op->name, (int)n);
        }
        if (fault.seen < n) {
            assert_int_equal(st, ST_OK);
            assert_true(n > 1);
            return;
        }
        assert_true(n < 1000);
    }
}

static void every_call_may_fail(void **state)
{
    static const int errors[] = { ENOSPC, EIO, EACCES, ENOENT, EEXIST, EROFS, EMFILE };

    test_dir_write(&dir, "d/e/g", S("x"));
    test_dir_write(&dir, "f", S("old"));
    for (size_t i = 0; i < CASES(operations); i++) {
        for (size_t k = 0; k < CASES(errors); k++) {
            loop(&operations[i], false, errors[k]);
            loop(&operations[i], true, errors[k]);
        }
    }
}

static void short_reads_and_writes_change_nothing(void **state)
{
    struct os_fault fault = OS_FAULT(.at = 1, .error = 0, .forever = true);
    char           *bytes = arena_alloc(cx->arena, 100000);
    str             got;

    memset(bytes, 'z', 100000);
    os_calls_push(&fault.calls);
    assert_int_equal(os_file_put(cx, at("f"), (str){ bytes, 100000 }, OS_NEW, 0), ST_OK);
    assert_int_equal(os_file_read(cx, at("f"), 100000, &got), ST_OK);
    os_calls_pop(&fault.calls);
    assert_int_equal(got.len, 100000);
    assert_memory_equal(got.ptr, bytes, 100000);
    assert_true(fault.count[OS_WRITE] > 10);
}

static void renames_work_without_noreplace(void **state)
{
    struct os_fault fault =
        OS_FAULT(.at = 1, .error = EINVAL, .forever = true, .is_only = true, .only = OS_RENAME);
    str got;

    os_calls_push(&fault.calls);
    assert_int_equal(os_file_put(cx, at("f"), S("one"), OS_NEW, 0), ST_OK);
    assert_int_equal(os_file_put(cx, at("f"), S("two"), OS_NEW, 0), ST_CONFLICT);
    os_calls_pop(&fault.calls);
    assert_int_equal(fault.count[OS_LINK], 2);
    assert_int_equal(os_file_read(cx, at("f"), 10, &got), ST_OK);
    assert_true(str_eq(got, S("one")));
}

static void a_failed_last_sync_says_that_the_file_is_there(void **state)
{
    struct os_fault fault = OS_FAULT(.at = 2, .error = EIO, .is_only = true, .only = OS_SYNC);

    os_calls_push(&fault.calls);
    assert_int_equal(os_file_put(cx, at("f"), S("one"), OS_NEW, 0), ST_UNAVAILABLE);
    os_calls_pop(&fault.calls);
    assert_true(str_has(err_text(cx->err), S("is there, but a power loss may take it")));
}

static void calls_have_names(void **state)
{
    for (int i = 0; i < OS_CALL_COUNT; i++) {
        assert_true(strlen(os_call_name((enum os_call)i)) > 0);
    }
    assert_true(os_call_is_write(OS_SYNC));
    assert_false(os_call_is_write(OS_READ));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(errors_become_statuses_with_a_reason),           T(every_call_may_fail),
        T(short_reads_and_writes_change_nothing),          T(renames_work_without_noreplace),
        T(a_failed_last_sync_says_that_the_file_is_there), T(calls_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
