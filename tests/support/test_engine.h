/*
 * test_engine.h - an open engine with one connection and a context on the real clock.
 */
#ifndef SUPPORT_TEST_ENGINE_H
#define SUPPORT_TEST_ENGINE_H

#include "engine/engine_duckdb.h"
#include "os/clock.h"

struct test_engine {
    struct err          err;
    struct ctx          cx;
    struct engine      *engine;
    struct engine_conn *conn;
};

static inline struct ctx *test_engine_ctx(struct test_engine *t)
{
    *t    = (struct test_engine){ .err = { .code = ST_OK } };
    t->cx = (struct ctx){
        .arena = arena_new("test", (size_t)64 << 20),
        .err   = &t->err,
        .env   = os_env(),
        .actor = S("tester"),
    };
    return &t->cx;
}

/* `options` NULL: two threads, nothing allowed, no spilling. Stops the test when it fails. */
static inline struct ctx *test_engine_open(struct test_engine          *t,
                                           const struct engine_options *options)
{
    static const struct engine_options plain = { .threads = 2 };

    test_engine_ctx(t);
    if (engine_duckdb_open(&t->cx, options ? options : &plain, &t->engine) != ST_OK ||
        engine_connect(t->engine, &t->cx, &t->conn) != ST_OK) {
        BUG(t->err.text);
    }
    return &t->cx;
}

static inline void test_engine_close(struct test_engine *t)
{
    engine_disconnect(t->conn);
    engine_close(t->engine);
    arena_free(t->cx.arena);
}

#endif
