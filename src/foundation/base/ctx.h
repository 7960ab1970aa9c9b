/*
 * ctx.h - one operation: a command, a request, a publish.
 *
 * The context is the first parameter of everything that allocates, fails, waits or asks for rights.
 * Functions without it are pure or O(1). It belongs to one thread at a time; a parallel step gets a
 * context of its own (own arena, own err) that shares env and cancel.
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/err.h"

struct db_tx;

/* Where time and randomness come from; tests put their own here. Microseconds. */
struct env {
    int64_t (*now_us)(const struct env *);       /* UTC since 1970          */
    int64_t (*monotonic_us)(const struct env *); /* for deadlines only      */
    void (*random)(const struct env *, void *bytes, size_t len);
};

struct ctx {
    struct arena      *arena; /* what the operation makes; freed at its end          */
    struct err        *err;
    const struct env  *env;
    int64_t            deadline_us; /* monotonic; 0 = none                                 */
    const atomic_bool *cancel;      /* set from a signal handler or another thread; or NULL */
    struct db_tx      *tx;          /* the metadata transaction, when one is open           */
    str                actor;       /* who acts: "operator", or a principal's name          */
    str                purpose;     /* why; may be empty                                    */
};

/* ST_CANCELLED, ST_TIMEOUT or ST_LIMIT (the arena) when the operation must end; call it in loops. */
NODISCARD enum status ctx_check(struct ctx *cx);

int64_t ctx_now_us(const struct ctx *cx);

/* Microseconds until the deadline, never negative; INT64_MAX without one. */
int64_t ctx_left_us(const struct ctx *cx);

#endif
