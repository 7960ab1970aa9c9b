/*
 * functions.c - the engine function weft_pattern(value, number): a PCRE2 pattern by its number.
 *
 * Compiled patterns stay until the functions are closed; a plan finds an equal one again. The engine's
 * threads read the slot of a pattern without the lock: it is written once, before its number is used
 * in any SQL.
 */
#include "quality/quality_int.h"

#include <pthread.h>
#include <stdatomic.h>

#include "engine/engine.h"

enum {
    PATTERNS_MAX    = 4096,
    FUNCTIONS_BYTES = 64 << 20,
};

struct quality_functions {
    pthread_mutex_t                   lock; /* arena, texts, count */
    struct arena                     *arena;
    str                               texts[PATTERNS_MAX];
    size_t                            count;
    _Atomic(struct pattern_matcher *) matchers[PATTERNS_MAX];
};

static enum engine_truth test_pattern(void *state, str value, str argument)
{
    struct quality_functions *f = state;
    uint64_t                  number;
    struct pattern_matcher   *matcher;

    if (!str_to_u64(argument, &number) || number >= PATTERNS_MAX)
        return ENGINE_UNKNOWN;
    matcher = atomic_load_explicit(&f->matchers[number], memory_order_acquire);
    if (matcher == NULL)
        return ENGINE_UNKNOWN;
    switch (pattern_match(matcher, value)) {
    case PATTERN_YES: return ENGINE_TRUE;
    case PATTERN_NO: return ENGINE_FALSE;
    case PATTERN_UNKNOWN: return ENGINE_UNKNOWN;
    }
    BUG("unknown verdict");
}

enum status quality_functions_open(struct ctx *cx, struct engine *engine,
                                   struct quality_functions **out)
{
    struct arena             *arena = arena_new("quality functions", FUNCTIONS_BYTES);
    struct quality_functions *f     = ARENA_NEW(arena, struct quality_functions);

    f->arena = arena;
    pthread_mutex_init(&f->lock, NULL);
    struct engine_text_predicate predicate = {
        .name = S("weft_pattern"), .has_argument = true, .test = test_pattern, .state = f
    };
    enum status st = engine_register_text_predicate(engine, cx, &predicate);
    if (st != ST_OK) {
        quality_functions_close(f);
        return st;
    }
    *out = f;
    return ST_OK;
}

void quality_functions_close(struct quality_functions *f)
{
    if (f == NULL)
        return;
    pthread_mutex_destroy(&f->lock);
    arena_free(f->arena); /* f stands in it */
}

/* The number of the compiled pattern; under the lock. */
static enum status find_pattern(struct ctx *cx, struct quality_functions *f,
                                const struct pattern *pattern, size_t *out)
{
    struct ctx              own = *cx;
    struct pattern_matcher *matcher;

    for (size_t i = 0; i < f->count; i++)
        if (str_eq(f->texts[i], pattern->pcre2)) {
            *out = i;
            return ST_OK;
        }
    if (f->count == PATTERNS_MAX)
        return FAIL(cx, LIMIT, "more than %d patterns need the slow matcher", (int)PATTERNS_MAX);
    own.arena = f->arena;
    TRY(pattern_compile(&own, pattern, &matcher));
    f->texts[f->count] = arena_dup(f->arena, pattern->pcre2);
    atomic_store_explicit(&f->matchers[f->count], matcher, memory_order_release);
    *out = f->count++;
    return ST_OK;
}

enum status functions_pattern_sql(struct ctx *cx, struct quality_functions *f,
                                  const struct pattern *pattern, str expr, str *out)
{
    size_t number = 0;

    pthread_mutex_lock(&f->lock);
    enum status st = find_pattern(cx, f, pattern, &number);
    pthread_mutex_unlock(&f->lock);
    if (st != ST_OK)
        return st;
    *out = sqlb(cx, "\"system\".main.weft_pattern(%q, %t)", expr,
                arena_printf(cx->arena, "%zu", number));
    return ST_OK;
}
