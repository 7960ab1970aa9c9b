/*
 * test_ctx.h - a context for tests: an arena, an error, a fixed clock, and randomness from a seed.
 *
 *     struct test_ctx t;
 *     struct ctx     *cx = test_ctx_init(&t, 1);
 *     …
 *     test_ctx_release(&t);
 */
#ifndef SUPPORT_TEST_CTX_H
#define SUPPORT_TEST_CTX_H

#include "base/ctx.h"

/* splitmix64: small, seeded, the same on every machine. */
struct test_random {
    uint64_t state;
};

static inline uint64_t test_random_next(struct test_random *r)
{
    uint64_t z = (r->state += 0x9E3779B97F4A7C15ULL);

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
}

/* 0 … below-1 */
static inline size_t test_random_below(struct test_random *r, size_t below)
{
    return (size_t)(test_random_next(r) % below);
}

struct test_ctx {
    struct env         env; /* first: the functions of env find the rest behind it */
    struct test_random random;
    int64_t            now_us;
    struct err         err;
    struct ctx         cx;
};

static inline int64_t test_ctx_now(const struct env *env)
{
    return ((const struct test_ctx *)(const void *)env)->now_us;
}

static inline void test_ctx_random(const struct env *env, void *bytes, size_t len)
{
    struct test_ctx *t  = unconst(env);
    unsigned char   *to = bytes;

    for (size_t i = 0; i < len; i++) {
        to[i] = (unsigned char)test_random_next(&t->random);
    }
}

static inline struct ctx *test_ctx_init(struct test_ctx *t, uint64_t seed)
{
    *t = (struct test_ctx){
        .env    = { test_ctx_now, test_ctx_now, test_ctx_random },
        .random = { seed },
        .now_us = 1763900000000000,
    };
    t->cx =
        (struct ctx){ .arena = arena_new("test", (size_t)1 << 30), .err = &t->err, .env = &t->env };
    return &t->cx;
}

static inline void test_ctx_release(struct test_ctx *t)
{
    arena_free(t->cx.arena);
}

#endif
