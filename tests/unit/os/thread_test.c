/*
 * thread_test.c - threads, mutexes with an order, conditions with a deadline, sleep.
 */
#include "os/thread.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os_calls.h"
#include "support/test_dir.h"
#include "test.h"

enum { THREADS = 4, ROUNDS = 10000 };

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

struct counter {
    struct os_mutex mutex;
    struct os_cond  cond;
    uint64_t        count;
};

static void count_up(void *arg)
{
    struct counter *c = arg;

    for (int i = 0; i < ROUNDS; i++) {
        OS_GUARD(&c->mutex);
        c->count++;
    }
    os_cond_signal(&c->cond);
}

static void a_mutex_lets_one_thread_in(void **state)
{
    struct counter    c = { .mutex = OS_MUTEX_INIT(LOCK_LEAF) };
    struct os_thread *threads[THREADS];

    os_cond_init(&c.cond);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(os_thread_start(cx, count_up, &c, &threads[i]), ST_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        os_thread_join(threads[i]);
    }
    assert_int_equal(c.count, THREADS * ROUNDS);
    os_cond_release(&c.cond);
    os_mutex_release(&c.mutex);
    os_thread_join(NULL);
}

static void a_condition_wakes_its_waiter(void **state)
{
    struct counter    c;
    struct os_thread *thread;

    c.count = 0;
    os_mutex_init(&c.mutex, LOCK_LEAF);
    os_cond_init(&c.cond);
    assert_int_equal(os_thread_start(cx, count_up, &c, &thread), ST_OK);
    os_mutex_lock(&c.mutex);
    while (c.count < ROUNDS) {
        assert_int_equal(os_cond_wait(&c.cond, &c.mutex, cx), ST_OK);
    }
    os_mutex_unlock(&c.mutex);
    os_thread_join(thread);
    os_cond_broadcast(&c.cond);
    os_cond_release(&c.cond);
    os_mutex_release(&c.mutex);
}

static void waiting_and_sleeping_end_at_the_deadline_or_cancel(void **state)
{
    struct counter c      = { .mutex = OS_MUTEX_INIT(LOCK_LEAF) };
    atomic_bool    cancel = true;
    enum status    st     = ST_OK;

    os_cond_init(&c.cond);
    os_mutex_lock(&c.mutex);
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 50000;
    while (st == ST_OK) {
        st = os_cond_wait(&c.cond, &c.mutex, cx);
    }
    assert_int_equal(st, ST_TIMEOUT);
    assert_true(cx->env->monotonic_us(cx->env) >= cx->deadline_us);
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 30000;
    assert_int_equal(os_sleep(cx, 60 * 1000000), ST_TIMEOUT);
    cx->deadline_us = 0;
    assert_int_equal(os_sleep(cx, 1000), ST_OK);
    cx->cancel = &cancel;
    assert_int_equal(os_cond_wait(&c.cond, &c.mutex, cx), ST_CANCELLED);
    assert_int_equal(os_sleep(cx, 60 * 1000000), ST_CANCELLED);
    cx->cancel = NULL;
    os_mutex_unlock(&c.mutex);
    os_cond_release(&c.cond);
}

static void lock_against_the_order(void)
{
    struct os_mutex outer = OS_MUTEX_INIT(LOCK_PUBLISH);
    struct os_mutex inner = OS_MUTEX_INIT(LOCK_LEAF);

    os_mutex_lock(&inner);
    os_mutex_lock(&outer);
}

static void locks_against_their_order_stop_the_process(void **state)
{
    int   how;
    pid_t child = fork();

    if (child == 0) {
        (void)close(STDERR_FILENO); /* its last words are not for the log */
        lock_against_the_order();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
#ifndef NDEBUG
    assert_true(WIFSIGNALED(how) || WEXITSTATUS(how) != 0);
#endif
}

static void nothing(void *arg)
{
    (void)arg;
}

static void a_thread_that_cannot_start_is_reported(void **state)
{
    struct os_fault fault = OS_FAULT(.at = 1, .error = EAGAIN, .is_only = true, .only = OS_THREAD);
    struct os_thread *thread;

    os_calls_push(&fault.calls);
    assert_int_equal(os_thread_start(cx, nothing, NULL, &thread), ST_UNAVAILABLE);
    os_calls_pop(&fault.calls);
    assert_true(str_has(err_text(cx->err), S("could not start a thread")));
}

static void the_real_clock_goes_forward_and_random_differs(void **state)
{
    const struct env *env = os_env();
    int64_t           a   = env->monotonic_us(env);
    unsigned char     x[32], y[32];

    assert_true(env->monotonic_us(env) >= a);
    assert_true(env->now_us(env) > 1600000000LL * 1000000);
    env->random(env, x, sizeof x);
    env->random(env, y, sizeof y);
    assert_memory_not_equal(x, y, sizeof x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_mutex_lets_one_thread_in),
        T(a_condition_wakes_its_waiter),
        T(waiting_and_sleeping_end_at_the_deadline_or_cancel),
        T(locks_against_their_order_stop_the_process),
        T(a_thread_that_cannot_start_is_reported),
        T(the_real_clock_goes_forward_and_random_differs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
