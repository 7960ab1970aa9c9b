/*
 * str.c - comparing, cutting and searching borrowed byte strings.
 */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DISTANCE_MAX_LEN = 128 };

void bug_stop(const char *file, int line, const char *what)
{
    fprintf(stderr, "weft: bug at %s:%d: %s\n", file, line, what);
    abort();
}

str str_of(const char *cstr)
{
    return cstr ? (str){ cstr, strlen(cstr) } : STR_NONE;
}

bool str_eq(str a, str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int str_cmp(str a, str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int    order   = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;

    if (order != 0 || a.len == b.len) {
        return order;
    }
    return a.len < b.len ? -1 : 1;
}

char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool char_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool char_is_alpha(char c)
{
    char lower = char_lower(c);

    return lower >= 'a' && lower <= 'z';
}

bool str_eq_nocase(str a, str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (char_lower(a.ptr[i]) != char_lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

bool str_starts(str s, str prefix)
{
    return s.len >= prefix.len && str_eq((str){ s.ptr, prefix.len }, prefix);
}

bool str_ends(str s, str suffix)
{
    return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

bool str_find_char(str s, char c, size_t *at)
{
    const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;

    if (!hit) {
        return false;
    }
    *at = (size_t)(hit - s.ptr);
    return true;
}

bool str_find(str s, str needle, size_t *at)
{
    const char *hit;

    if (needle.len == 0) {
        *at = 0;
        return true;
    }
    hit = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    if (!hit) {
        return false;
    }
    *at = (size_t)(hit - s.ptr);
    return true;
}

bool str_has(str s, str needle)
{
    size_t at;

    return str_find(s, needle, &at);
}

str str_sub(str s, size_t from, size_t len)
{
    if (!s.ptr) {
        return STR_NONE;
    }
    from = from < s.len ? from : s.len;
    return (str){ s.ptr + from, len < s.len - from ? len : s.len - from };
}

str str_from(str s, size_t from)
{
    return str_sub(s, from, SIZE_MAX);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_cut(str *rest, char sep, str *head)
{
    size_t at;

    if (!rest->ptr) {
        return false;
    }
    if (str_find_char(*rest, sep, &at)) {
        *head = (str){ rest->ptr, at };
        *rest = (str){ rest->ptr + at + 1, rest->len - at - 1 };
    } else {
        *head = *rest;
        *rest = STR_NONE;
    }
    return true;
}

bool str_split(str s, char sep, str *before, str *after)
{
    size_t at;

    if (!str_find_char(s, sep, &at)) {
        return false;
    }
    *before = (str){ s.ptr, at };
    *after  = (str){ s.ptr + at + 1, s.len - at - 1 };
    return true;
}

bool str_rsplit(str s, char sep, str *before, str *after)
{
    for (size_t at = s.len; at-- > 0;) {
        if (s.ptr[at] == sep) {
            *before = (str){ s.ptr, at };
            *after  = (str){ s.ptr + at + 1, s.len - at - 1 };
            return true;
        }
    }
    return false;
}

bool str_to_u64(str s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (!char_is_digit(s.ptr[i]) || __builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

bool str_to_i64(str s, int64_t *out)
{
    bool     negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t magnitude;

    if (!str_to_u64(negative ? str_from(s, 1) : s, &magnitude)) {
        return false;
    }
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1U : 0U)) {
        return false;
    }
    *out = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

static bool is_alike(char a, char b)
{
    return char_lower(a) == char_lower(b);
}

size_t str_distance(str a, str b, size_t cap)
{
    size_t  rows[3][DISTANCE_MAX_LEN + 1];
    size_t *before = rows[0], *above = rows[1], *current = rows[2];

    if (a.len > DISTANCE_MAX_LEN || b.len > DISTANCE_MAX_LEN) {
        return str_eq(a, b) ? 0 : cap + 1;
    }
    for (size_t j = 0; j <= b.len; j++) {
        above[j]  = j;
        before[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *recycled = before;

        current[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = !is_alike(a.ptr[i - 1], b.ptr[j - 1]);

            current[j] = min3(above[j] + 1, current[j - 1] + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && is_alike(a.ptr[i - 1], b.ptr[j - 2]) &&
                is_alike(a.ptr[i - 2], b.ptr[j - 1]) && before[j - 2] + 1 < current[j]) {
                current[j] = before[j - 2] + 1;
            }
        }
        before  = above;
        above   = current;
        current = recycled;
    }
    return above[b.len] <= cap ? above[b.len] : cap + 1;
}

str str_nearest(str word, const str *candidates, size_t count)
{
    size_t cap   = word.len / 3 > 1 ? word.len / 3 : 1;
    size_t best  = cap + 1;
    str    found = STR_NONE;

    for (size_t i = 0; i < count; i++) {
        size_t distance = str_distance(word, candidates[i], cap);

        if (distance < best && distance < word.len) {
            best  = distance;
            found = candidates[i];
        }
    }
    return found;
}

/* SipHash-1-3 after Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). */
static void sip_round(uint64_t v[4])
{
#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
    v[0] += v[1];
    v[1] = ROTL(v[1], 13) ^ v[0];
    v[0] = ROTL(v[0], 32);
    v[2] += v[3];
    v[3] = ROTL(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = ROTL(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = ROTL(v[1], 17) ^ v[2];
    v[2] = ROTL(v[2], 32);
#undef ROTL
}

uint64_t str_hash(str s, uint64_t seed)
{
    uint64_t v[4] = { seed ^ 0x736f6d6570736575ULL, ~seed ^ 0x646f72616e646f6dULL,
                      seed ^ 0x6c7967656e657261ULL, ~seed ^ 0x7465646279746573ULL };
    uint64_t word;
    size_t   at = 0;

    for (; at + 8 <= s.len; at += 8) {
        memcpy(&word, s.ptr + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    if (at < s.len) {
        memcpy(&word, s.ptr + at, s.len - at);
    }
    word |= (uint64_t)s.len << 56;
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
