/*
 * lock_test.c - locks between processes.
 */
#include "os/lock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

static str path(void)
{
    return test_dir_path(&dir, "lock");
}

static void exclusive_locks_exclude_and_shared_ones_share(void **state)
{
    static const struct {
        enum os_lock_mode first, second;
        enum status       want;
    } cases[] = {
        { OS_LOCK_EXCLUSIVE, OS_LOCK_EXCLUSIVE, ST_CONFLICT },
        { OS_LOCK_EXCLUSIVE, OS_LOCK_SHARED, ST_CONFLICT },
        { OS_LOCK_SHARED, OS_LOCK_EXCLUSIVE, ST_CONFLICT },
        { OS_LOCK_SHARED, OS_LOCK_SHARED, ST_OK },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct os_lock *a = NULL, *b = NULL;

        assert_int_equal(os_lock_try(cx, path(), cases[i].first, &a), ST_OK);
        assert_int_equal(os_lock_try(cx, path(), cases[i].second, &b), cases[i].want);
        os_lock_close(b);
        os_lock_close(a);
        os_lock_close(a);
        assert_int_equal(os_lock_try(cx, path(), cases[i].second, &b), ST_OK);
        os_lock_close(b);
    }
}

static void the_holder_is_named(void **state)
{
    struct os_lock *a, *b;
    str             wanted = arena_printf(cx->arena, "locked by process %d", (int)getpid());

    assert_int_equal(os_lock_try(cx, path(), OS_LOCK_EXCLUSIVE, &a), ST_OK);
    assert_int_equal(os_lock_try(cx, path(), OS_LOCK_EXCLUSIVE, &b), ST_CONFLICT);
    assert_true(str_has(err_text(cx->err), wanted));
    os_lock_close(a);
}

static void waiting_ends_at_the_deadline_or_cancel(void **state)
{
    atomic_bool     cancel = false;
    struct os_lock *a, *b;

    assert_int_equal(os_lock_try(cx, path(), OS_LOCK_EXCLUSIVE, &a), ST_OK);
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 30000;
    assert_int_equal(os_lock_wait(cx, path(), OS_LOCK_EXCLUSIVE, &b), ST_TIMEOUT);
    assert_true(str_has(err_text(cx->err), S("is locked by process")));
    cx->deadline_us = 0;
    cx->cancel      = &cancel;
    atomic_store(&cancel, true);
    assert_int_equal(os_lock_wait(cx, path(), OS_LOCK_EXCLUSIVE, &b), ST_CANCELLED);
    cx->cancel = NULL;
    os_lock_close(a);
    assert_int_equal(os_lock_wait(cx, path(), OS_LOCK_EXCLUSIVE, &b), ST_OK);
}

static void a_killed_holder_leaves_no_lock(void **state)
{
    struct os_lock *a;
    int             fds[2];
    char            byte;
    pid_t           child;

    assert_int_equal(pipe(fds), 0);
    child = fork();
    if (child == 0) {
        if (os_lock_try(cx, path(), OS_LOCK_EXCLUSIVE, &a) != ST_OK || write(fds[1], "x", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(os_lock_try(cx, path(), OS_LOCK_EXCLUSIVE, &a), ST_CONFLICT);
    assert_int_equal(kill(child, SIGKILL), 0);
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 10 * 1000000;
    assert_int_equal(os_lock_wait(cx, path(), OS_LOCK_EXCLUSIVE, &a), ST_OK);
    (void)waitpid(child, NULL, 0);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void a_lock_needs_its_folder(void **state)
{
    struct os_lock *a;

    assert_int_equal(os_lock_try(cx, test_dir_path(&dir, "no/lock"), OS_LOCK_SHARED, &a),
                     ST_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(exclusive_locks_exclude_and_shared_ones_share),
        T(the_holder_is_named),
        T(waiting_ends_at_the_deadline_or_cancel),
        T(a_killed_holder_leaves_no_lock),
        T(a_lock_needs_its_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
