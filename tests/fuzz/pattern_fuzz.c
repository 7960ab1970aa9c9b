/*
 * pattern_fuzz.c - patterns and values of a stranger: no crash, no pattern without a place, and what
 * is accepted compiles or says why not.
 *
 * Input: the pattern, a line feed, a value to search.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "quality/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
    if (!is_right)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err              err     = { 0 };
    struct ctx              cx      = { .arena = arena_new("fuzz", 64 << 20), .err = &err };
    str                     pattern = { (const char *)data, size }, value = STR_NONE, head;
    struct pattern          parsed;
    struct pattern_fault    fault = { 0 };
    struct pattern_matcher *m;
    size_t                  bad;
    enum status             st;

    if (str_split(pattern, '\n', &head, &value))
        pattern = head;
    st = pattern_parse(&cx, pattern, &parsed, &fault);
    if (st != ST_OK) {
        check(fault.offset <= pattern.len && fault.len <= pattern.len - fault.offset);
        check(fault.reason.len > 0 && err.len > 0);
    } else {
        check(parsed.has_re2 == (parsed.why_not_re2.len == 0));
        check(!parsed.has_re2 || utf8_is_valid(parsed.re2, &bad));
        st = pattern_compile(&cx, &parsed, &m);
        check(st == ST_OK || st == ST_UNSUPPORTED);
        /* What RE2 can say is regular, and PCRE2 compiles all of that but the very large. */
        check(st == ST_OK || !parsed.has_re2 || pattern.len > 1000);
        if (st == ST_OK && utf8_is_valid(value, &bad))
            (void)pattern_match(m, value);
    }
    arena_free(cx.arena);
    return 0;
}
