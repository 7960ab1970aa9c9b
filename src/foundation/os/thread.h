/*
 * thread.h - threads, mutexes with an order, conditions with a deadline.
 *
 * A mutex is made with its row of os/locks.def; taking two against that order stops the process in
 * builds with asserts, so a deadlock shows up in the first test that could meet it.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <pthread.h>

#include "base/ctx.h"

enum os_lock_rank {
#define X(name, doc) LOCK_##name,
#include "os/locks.def"
#undef X
    LOCK_COUNT
};

struct os_mutex {
    pthread_mutex_t   mutex;
    enum os_lock_rank rank;
};
#define OS_MUTEX_INIT(lock_rank)                                                                   \
    {                                                                                              \
        PTHREAD_MUTEX_INITIALIZER, (lock_rank)                                                     \
    }

struct os_cond {
    pthread_cond_t cond;
};

struct os_thread;

void os_mutex_init(struct os_mutex *m, enum os_lock_rank rank);
void os_mutex_release(struct os_mutex *m);
void os_mutex_lock(struct os_mutex *m);
void os_mutex_unlock(struct os_mutex *m);

void os_cond_init(struct os_cond *c);
void os_cond_release(struct os_cond *c);
void os_cond_signal(struct os_cond *c);
void os_cond_broadcast(struct os_cond *c);

/*
 * Waits for a signal, holding `m` before and after. Wakes up without a signal too: call it in a
 * loop around the condition. ST_TIMEOUT or ST_CANCELLED as ctx_check (cancel is seen within
 * OS_COND_SLICE_US).
 */
NODISCARD enum status os_cond_wait(struct os_cond *c, struct os_mutex *m, struct ctx *cx);
enum { OS_COND_SLICE_US = 20000 };

/*
 * Runs fn(arg) in a new thread. The thread must not use `cx`, which belongs to the caller. Signals
 * stay with the main thread. Every thread is joined exactly once; the handle is heap memory that
 * os_thread_join frees.
 */
NODISCARD enum status os_thread_start(struct ctx *cx, void (*fn)(void *), void *arg,
                                      struct os_thread **out);
void                  os_thread_join(struct os_thread *t); /* NULL is fine */

/* Holds `m` to the end of the block: OS_GUARD(&x->mutex); */
static inline void os_guard_end(struct os_mutex **m)
{
    os_mutex_unlock(*m);
}
#define OS_GUARD(m)                                                                                \
    CLEANUP(os_guard_end) struct os_mutex *os_guard_ = (m);                                        \
    os_mutex_lock(os_guard_)

#endif
