/*
 * watch.h - ends engine calls that were cancelled or are out of time.
 *
 * The library knows neither deadlines nor our cancel flags, and an interrupt that reaches it before
 * a query has started is lost. So each call is registered while it runs, and one thread looks at the
 * registered calls every WATCH_TICK_MS: a call that must end is interrupted again and again until it
 * has returned. Only the reason noted here says whether a failed call was cancelled; the library's
 * error type does not.
 *
 * Threads   a call is begun and ended by one thread; watch_interrupt comes from any.
 * Cost      one lock to begin, one to end. A call that begins wakes nobody: it may run for one slice
 *           of os_cond_wait before it is looked at, so the reaction takes at most 30 ms.
 */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include "base/ctx.h"

enum { WATCH_TICK_MS = 10 };

struct watch;

struct watch_call {
    void (*poke)(void *arg); /* interrupts what runs; called under the lock, must not wait */
    void              *arg;
    const struct env  *env;
    const atomic_bool *cancel;
    int64_t            deadline_us;
    enum status        reason; /* ST_OK, or why the call must end */
    bool               is_running;
    struct watch_call *next;
};

NODISCARD enum status watch_open(struct ctx *cx, struct watch **out);
void                  watch_close(struct watch *w); /* no call may be running; NULL is fine */

/* Fails as ctx_check does, without registering, when the operation must already end. */
NODISCARD enum status watch_begin(struct watch *w, struct watch_call *call, struct ctx *cx);

/* Why the running call must end, or ST_OK: for the gaps between two steps of one call. */
enum status watch_reason(struct watch *w, const struct watch_call *call);

/* The same, and the call is over. */
enum status watch_end(struct watch *w, struct watch_call *call);

/* The call, when it is running, must end with ST_CANCELLED. */
void watch_interrupt(struct watch *w, struct watch_call *call);

#endif
