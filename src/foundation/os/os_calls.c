/*
 * os_calls.c - the chain of interposers, and the two that tests need most.
 */
#include "os/os_calls.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef WEFT_TESTING
#include <stdio.h>

#include "os/clock.h"
#include "os/powerloss.h"
#endif

static const struct call_row {
    char name[12];
    bool is_write;
} rows[OS_CALL_COUNT] = {
#define X(name, text, is_write) [OS_##name] = { text, is_write },
    OS_CALL_TABLE(X)
#undef X
};

/* The call table: the one global of this module. NULL outside of tests. */
static _Atomic(struct os_calls *) top;

const char *os_call_name(enum os_call call)
{
    return rows[call].name;
}

bool os_call_is_write(enum os_call call)
{
    return rows[call].is_write;
}

void os_calls_push(struct os_calls *c)
{
    c->next = atomic_load(&top);
    atomic_store(&top, c);
}

void os_calls_pop(struct os_calls *c)
{
    if (atomic_load(&top) != c) {
        BUG("interposers are popped in the order they were pushed");
    }
    atomic_store(&top, c->next);
}

int os_calls_before(struct os_event *ev)
{
    for (struct os_calls *c = atomic_load(&top); c; c = c->next) {
        int error = c->before ? c->before(c, ev) : 0;

        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int os_calls_after(const struct os_event *ev, int error)
{
    for (struct os_calls *c = atomic_load(&top); c; c = c->next) {
        if (c->after) {
            c->after(c, ev, error);
        }
    }
    return error;
}

int os_fault_before(struct os_calls *c, struct os_event *ev)
{
    struct os_fault *f = container_of(c, struct os_fault, calls);
    uint64_t         n;

    atomic_fetch_add(&f->count[ev->call], 1);
    if (f->is_only && ev->call != f->only) {
        return 0;
    }
    n = atomic_fetch_add(&f->seen, 1) + 1;
    if (f->at == 0 || n < f->at || (n > f->at && !f->forever)) {
        return 0;
    }
    if (f->error == 0 && ev->len > 1) {
        ev->len = ev->len / 2;
    }
    return f->error;
}

static void die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;) { /* the signal is on its way */
        (void)pause();
    }
}

int os_crash_before(struct os_calls *c, struct os_event *ev)
{
    struct os_crash *crash = container_of(c, struct os_crash, calls);

    if (!os_call_is_write(ev->call) || atomic_fetch_add(&crash->seen, 1) + 1 != crash->at) {
        return 0;
    }
    if (!crash->torn || ev->call != OS_WRITE || ev->len < 2) {
        die();
    }
    ev->len = ev->len / 2;
    return 0;
}

void os_crash_after(struct os_calls *c, const struct os_event *ev, int error)
{
    struct os_crash *crash = container_of(c, struct os_crash, calls);

    (void)error;
    if (crash->torn && ev->call == OS_WRITE && atomic_load(&crash->seen) >= crash->at &&
        crash->at != 0) {
        die();
    }
}

#ifdef WEFT_TESTING

static void start_crash(void)
{
    static struct os_crash crash = { .calls = { os_crash_before, os_crash_after, NULL } };
    const char            *at    = getenv("WEFT_CRASH_AT");
    const char            *torn  = getenv("WEFT_CRASH_TORN");

    if (at && str_to_u64(str_of(at), &crash.at)) {
        crash.torn = torn && *torn == '1';
        os_calls_push(&crash.calls);
    }
}

static void start_powerloss(void)
{
    const char       *root   = getenv("WEFT_POWERLOSS_ROOT");
    const char       *shadow = getenv("WEFT_POWERLOSS_SHADOW");
    struct err        err    = { 0 };
    struct ctx        cx     = { .err = &err, .env = os_env() };
    struct powerloss *p;

    if (!root || !shadow) {
        return;
    }
    cx.arena = arena_new("powerloss", 1U << 20);
    if (powerloss_attach(&cx, str_of(root), str_of(shadow), &p) != ST_OK) {
        fprintf(stderr, "weft: " STR_FMT "\n", STR_ARG(err_text(&err)));
        abort();
    }
    arena_free(cx.arena);
}

void os_testing_start(void)
{
    start_powerloss();
    start_crash();
}

#else

void os_testing_start(void)
{
}

#endif
