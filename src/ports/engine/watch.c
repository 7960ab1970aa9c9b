/*
 * watch.c - one thread, one lock, a list of running calls.
 */
#include "engine/watch.h"

#include "os/clock.h"
#include "os/thread.h"

enum { WATCH_ARENA_BYTES = 4096 };

struct watch {
    struct arena      *arena; /* holds this struct */
    struct os_thread  *thread;
    struct os_mutex    lock; /* of everything below and of every registered call */
    struct os_cond     wake;
    struct watch_call *calls;
    bool               is_closing;
};

static enum status reason_of(const struct watch_call *call)
{
    if (call->cancel && atomic_load_explicit(call->cancel, memory_order_relaxed)) {
        return ST_CANCELLED;
    }
    if (call->deadline_us != 0 && call->env->monotonic_us(call->env) >= call->deadline_us) {
        return ST_TIMEOUT;
    }
    return ST_OK;
}

static void look(struct watch *w)
{
    for (struct watch_call *call = w->calls; call; call = call->next) {
        if (call->reason == ST_OK) {
            call->reason = reason_of(call);
        }
        if (call->reason != ST_OK) {
            call->poke(call->arg);
        }
    }
}

/* Until the next tick; without a call os_cond_wait's own, longer slice is enough. */
static void wait_tick(struct watch *w, struct ctx *cx)
{
    cx->deadline_us = w->calls ? cx->env->monotonic_us(cx->env) + WATCH_TICK_MS * 1000LL : 0;
    ignore(os_cond_wait(&w->wake, &w->lock, cx), "time out and wake-up mean the same: look again");
}

static void watch_main(void *arg)
{
    struct watch *w   = arg;
    struct err    err = { .code = ST_OK };
    struct ctx    cx  = { .arena = arena_new("engine watch", WATCH_ARENA_BYTES),
                          .err   = &err,
                          .env   = os_env() };

    os_mutex_lock(&w->lock);
    while (!w->is_closing) {
        wait_tick(w, &cx);
        look(w);
    }
    os_mutex_unlock(&w->lock);
    arena_free(cx.arena);
}

enum status watch_open(struct ctx *cx, struct watch **out)
{
    struct arena *arena = arena_new("engine watch", WATCH_ARENA_BYTES);
    struct watch *w     = ARENA_NEW(arena, struct watch);
    enum status   st;

    w->arena = arena;
    os_mutex_init(&w->lock, LOCK_LEAF);
    os_cond_init(&w->wake);
    st = os_thread_start(cx, watch_main, w, &w->thread);
    if (st != ST_OK) {
        os_cond_release(&w->wake);
        os_mutex_release(&w->lock);
        arena_free(w->arena);
        return st;
    }
    *out = w;
    return ST_OK;
}

void watch_close(struct watch *w)
{
    if (!w) {
        return;
    }
    os_mutex_lock(&w->lock);
    w->is_closing = true;
    os_cond_signal(&w->wake);
    os_mutex_unlock(&w->lock);
    os_thread_join(w->thread);
    os_cond_release(&w->wake);
    os_mutex_release(&w->lock);
    arena_free(w->arena);
}

enum status watch_begin(struct watch *w, struct watch_call *call, struct ctx *cx)
{
    TRY(ctx_check(cx));
    os_mutex_lock(&w->lock);
    call->env         = cx->env;
    call->cancel      = cx->cancel;
    call->deadline_us = cx->deadline_us;
    call->reason      = ST_OK;
    call->is_running  = true;
    call->next        = w->calls;
    w->calls          = call;
    os_mutex_unlock(&w->lock);
    return ST_OK;
}

enum status watch_reason(struct watch *w, const struct watch_call *call)
{
    enum status reason;

    os_mutex_lock(&w->lock);
    reason = call->reason;
    os_mutex_unlock(&w->lock);
    return reason;
}

enum status watch_end(struct watch *w, struct watch_call *call)
{
    enum status reason;

    os_mutex_lock(&w->lock);
    for (struct watch_call **at = &w->calls; *at; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            break;
        }
    }
    call->is_running = false;
    reason           = call->reason;
    os_mutex_unlock(&w->lock);
    return reason;
}

void watch_interrupt(struct watch *w, struct watch_call *call)
{
    os_mutex_lock(&w->lock);
    if (call->is_running) {
        call->reason = ST_CANCELLED;
        call->poke(call->arg);
        os_cond_signal(&w->wake);
    }
    os_mutex_unlock(&w->lock);
}
