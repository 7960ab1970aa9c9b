/*
 * ctx.c - may the operation go on?
 */
#include "base/ctx.h"

enum status ctx_check(struct ctx *cx)
{
    if (cx->cancel && atomic_load_explicit(cx->cancel, memory_order_relaxed)) {
        return FAIL(cx, CANCELLED, "cancelled");
    }
    if (cx->deadline_us != 0 && cx->env->monotonic_us(cx->env) >= cx->deadline_us) {
        return FAIL(cx, TIMEOUT, "time limit reached");
    }
    if (arena_is_over(cx->arena)) {
        return FAIL(cx, LIMIT, "memory limit of %zu bytes reached (%s)", arena_limit(cx->arena),
                    arena_name(cx->arena));
    }
    return ST_OK;
}

int64_t ctx_now_us(const struct ctx *cx)
{
    return cx->env->now_us(cx->env);
}

int64_t ctx_left_us(const struct ctx *cx)
{
    int64_t left;

    if (cx->deadline_us == 0) {
        return INT64_MAX;
    }
    left = cx->deadline_us - cx->env->monotonic_us(cx->env);
    return left > 0 ? left : 0;
}
