/*
 * pattern.h - patterns of contracts: ECMA-262 regular expressions with the u flag.
 *
 * ODCS (as JSON Schema) says "pattern" is ECMA-262. `pattern_parse` accepts what the grammar of
 * ECMA-262, 15th edition (2024), accepts with the u flag and without v, and says where and why a
 * pattern is wrong. (Of names of groups only the ASCII characters are checked.) From the parsed form
 * come two programs:
 *
 *   re2    text for the engine's regexp_matches, made only when it matches the same strings:
 *          \uXXXX becomes \x{…}, `.` and \s become classes, named groups get RE2's spelling,
 *          repetitions beyond RE2's limits and all look-around and back-references say no.
 *   pcre2  text for the PCRE2 library with UTF, for the rest: slower and with a match limit.
 *
 * Matching is a search, not a full match, in both.
 *
 * Limits    PATTERN_MAX bytes, PATTERN_DEPTH_MAX nested groups, repetition counts to 2^31-1.
 * Threads   pure but for the arena.
 */
#ifndef QUALITY_PATTERN_H
#define QUALITY_PATTERN_H

#include "base/ctx.h"

enum {
    PATTERN_MAX       = 16384,
    PATTERN_DEPTH_MAX = 100,
};

struct pattern {
    str  re2;   /* valid when has_re2 */
    str  pcre2; /* valid when has_pcre2 */
    bool has_re2, has_pcre2;
    str  why_not_re2;   /* a short reason, literal: "look-ahead" …                   */
    str  why_not_pcre2; /* what no program can match exactly, then not evaluated     */
};

/* Where a pattern is wrong. */
struct pattern_fault {
    size_t offset; /* bytes from the start     */
    size_t len;    /* bytes that are at fault; at least 1, or 0 at the end */
    str    reason; /* lower case, a literal    */
};

/*
 * Parses `text`. ST_INVALID with *fault set (and a message in cx->err that names the position) for
 * what is no pattern; ST_LIMIT for one that is too long or too deep (*fault is set as well).
 */
NODISCARD enum status pattern_parse(struct ctx *cx, str text, struct pattern *out,
                                    struct pattern_fault *fault);

/* A compiled pattern for text values; lives until cx->arena goes. ST_UNSUPPORTED without a form. */
struct pattern_matcher;
NODISCARD enum status pattern_compile(struct ctx *cx, const struct pattern *pattern,
                                      struct pattern_matcher **out);

enum pattern_verdict { PATTERN_NO, PATTERN_YES, PATTERN_UNKNOWN };

/* UNKNOWN for values over PATTERN_VALUE_MAX or the match limit. Safe from several threads. */
enum { PATTERN_VALUE_MAX = 16384 };
enum pattern_verdict pattern_match(const struct pattern_matcher *m, str value);

#endif
