/*
 * pattern_match.c - runs the PCRE2 form of a pattern, bounded.
 *
 * The match limit stops patterns such as ^(a+)+$ that try every way to fail. Values over it, or over
 * PATTERN_VALUE_MAX bytes, are UNKNOWN: a check with such values is not evaluated, never passed.
 */
#include "quality/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_LIMIT    = 200000, /* about a millisecond */
    HEAP_LIMIT_KIB = 4096,
};

struct pattern_matcher {
    pcre2_code          *code;
    pcre2_match_context *limits;
};

static void matcher_release(void *arg)
{
    struct pattern_matcher *m = arg;

    pcre2_code_free(m->code);
    pcre2_match_context_free(m->limits);
}

enum status pattern_compile(struct ctx *cx, const struct pattern *pattern,
                            struct pattern_matcher **out)
{
    uint32_t options =
        PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    int                     error;
    PCRE2_SIZE              at;
    char                    why[120];
    struct pattern_matcher *m;

    if (!pattern->has_pcre2)
        return FAIL(cx, UNSUPPORTED, "the pattern has " STR_FMT, STR_ARG(pattern->why_not_pcre2));
    m       = ARENA_NEW(cx->arena, struct pattern_matcher);
    m->code = pcre2_compile((PCRE2_SPTR)pattern->pcre2.ptr, pattern->pcre2.len, options, &error,
                            &at, NULL);
    if (m->code == NULL) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof(why));
        return FAIL(cx, UNSUPPORTED, "the pattern cannot be matched: %s", why);
    }
    m->limits = pcre2_match_context_create(NULL);
    if (m->limits == NULL)
        BUG("out of memory in pattern_compile");
    pcre2_set_match_limit(m->limits, MATCH_LIMIT);
    pcre2_set_heap_limit(m->limits, HEAP_LIMIT_KIB);
    ignore(pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE) == 0 ? ST_OK : ST_UNSUPPORTED,
           "without the compiler the interpreter runs");
    arena_defer(cx->arena, matcher_release, m);
    *out = m;
    return ST_OK;
}

enum pattern_verdict pattern_match(const struct pattern_matcher *m, str value)
{
    pcre2_match_data *data;
    int               rc;

    if (value.len > PATTERN_VALUE_MAX)
        return PATTERN_UNKNOWN;
    data = pcre2_match_data_create(1, NULL);
    if (data == NULL)
        return PATTERN_UNKNOWN;
    rc = pcre2_match(m->code, (PCRE2_SPTR)(value.ptr ? value.ptr : ""), value.len, 0, 0, data,
                     m->limits);
    pcre2_match_data_free(data);
    if (rc >= 0)
        return PATTERN_YES;
    return rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_UNKNOWN;
}
