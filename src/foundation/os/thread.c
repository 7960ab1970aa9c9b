/*
 * thread.c - pthreads with an order of locks and deadlines on the context's clock.
 */
#include "os/thread.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "os/os_calls.h"
#include "os/os_int.h"

struct os_thread {
    pthread_t thread;
    void (*fn)(void *);
    void *arg;
};

#ifndef NDEBUG
static const char *const lock_names[LOCK_COUNT] = {
#define X(name, doc) [LOCK_##name] = #name,
#include "os/locks.def"
#undef X
};
#endif

/*
 * What the witness knows: a bit per rank that this thread holds. It lies in .tdata, which is in the
 * file: when a .tbss alone comes to lie at the end of a page, mold begins the part that is protected
 * after relocation on that page, to which nothing is loaded, and the program does not start.
 */
static _Thread_local uint32_t held __attribute__((section(".tdata")));
static_assert(LOCK_COUNT <= 32, "the witness has one bit per lock");

static void witness_take(enum os_lock_rank rank)
{
#ifndef NDEBUG
    if (held >> (unsigned)rank != 0) {
        bug_stop("locks.def", 0, lock_names[rank]);
    }
#endif
    held |= 1U << (unsigned)rank;
}

static void witness_drop(enum os_lock_rank rank)
{
    assert((held & 1U << (unsigned)rank) != 0);
    held &= ~(1U << (unsigned)rank);
}

/* pthread calls on valid objects fail only for a bug of ours. */
static void must(int error)
{
    if (error != 0) {
        BUG(os_reason(error));
    }
}

void os_mutex_init(struct os_mutex *m, enum os_lock_rank rank)
{
    m->rank = rank;
    must(pthread_mutex_init(&m->mutex, NULL));
}

void os_mutex_release(struct os_mutex *m)
{
    must(pthread_mutex_destroy(&m->mutex));
}

void os_mutex_lock(struct os_mutex *m)
{
    witness_take(m->rank);
    must(pthread_mutex_lock(&m->mutex));
}

void os_mutex_unlock(struct os_mutex *m)
{
    must(pthread_mutex_unlock(&m->mutex));
    witness_drop(m->rank);
}

void os_cond_init(struct os_cond *c)
{
    pthread_condattr_t attr;

    must(pthread_condattr_init(&attr));
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
    must(pthread_cond_init(&c->cond, &attr));
    must(pthread_condattr_destroy(&attr));
}

void os_cond_release(struct os_cond *c)
{
    must(pthread_cond_destroy(&c->cond));
}

void os_cond_signal(struct os_cond *c)
{
    must(pthread_cond_signal(&c->cond));
}

void os_cond_broadcast(struct os_cond *c)
{
    must(pthread_cond_broadcast(&c->cond));
}

enum status os_cond_wait(struct os_cond *c, struct os_mutex *m, struct ctx *cx)
{
    int64_t         left = ctx_left_us(cx);
    struct timespec until;
    int64_t         at;
    int             error;

    TRY(ctx_check(cx));
    left = left < OS_COND_SLICE_US ? left : OS_COND_SLICE_US;
    if (clock_gettime(CLOCK_MONOTONIC, &until) != 0) {
        BUG("the system has no clock");
    }
    at    = (int64_t)until.tv_nsec + left * 1000;
    until = (struct timespec){ until.tv_sec + at / 1000000000, at % 1000000000 };
    error = pthread_cond_timedwait(&c->cond, &m->mutex, &until);
    if (error != 0 && error != ETIMEDOUT) {
        must(error);
    }
    return ctx_check(cx);
}

static void *run(void *arg)
{
    struct os_thread *t = arg;

    t->fn(t->arg);
    assert(held == 0);
    return NULL;
}

enum status os_thread_start(struct ctx *cx, void (*fn)(void *), void *arg, struct os_thread **out)
{
    struct os_thread *t     = malloc(sizeof *t);
    int               error = sys_announce(OS_THREAD);
    sigset_t          all, before;

    if (!t) {
        BUG("out of memory for a thread");
    }
    *t = (struct os_thread){ .fn = fn, .arg = arg };
    if (error == 0) {
        (void)sigfillset(&all);
        must(pthread_sigmask(SIG_SETMASK, &all, &before));
        error = pthread_create(&t->thread, NULL, run, t);
        must(pthread_sigmask(SIG_SETMASK, &before, NULL));
    }
    if (error != 0) {
        free(t);
        return FAIL(cx, UNAVAILABLE, "could not start a thread: %s", os_reason(error));
    }
    *out = t;
    return ST_OK;
}

void os_thread_join(struct os_thread *t)
{
    if (t) {
        must(pthread_join(t->thread, NULL));
        free(t);
    }
}
