/*
 * str.h - a borrowed, immutable run of bytes.
 *
 * A str is not NUL-terminated, may be empty and never owns its bytes: they live as long as what it
 * was cut from. It is passed and returned by value. Functions here never allocate and never read
 * past `len`; they are pure and may be called from any thread.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

typedef struct {
    const char *ptr;
    size_t      len;
} str;

#define S(lit) ((str){ "" lit, sizeof(lit) - 1 }) /* in expressions   */
#define STR_INIT(lit)                                                                              \
    {                                                                                              \
        "" lit, sizeof(lit) - 1                                                                    \
    } /* in static tables */
#define STR_NONE   ((str){ NULL, 0 })
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

/* Views a NUL-terminated string; NULL gives the empty str. */
str str_of(const char *cstr);

/* Equality, order (bytes, shorter first) and ASCII case-insensitive equality. */
bool str_eq(str a, str b);
int  str_cmp(str a, str b);
bool str_eq_nocase(str a, str b);

bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);

/* First occurrence; returns false and leaves *at alone when there is none. */
bool str_find_char(str s, char c, size_t *at);
bool str_find(str s, str needle, size_t *at);
bool str_has(str s, str needle);

/*
 * The part from `from`, at most `len` bytes; both are clamped to the string. The part at the very
 * end is empty but points there: only parts of STR_NONE have no pointer, so str_cut tells a text
 * that ends in its separator (one more, empty part) from one that was used up.
 */
str str_sub(str s, size_t from, size_t len);
str str_from(str s, size_t from);

/* Without leading and trailing ASCII white space. */
str str_trim(str s);

/*
 * Cursor-style split: cuts the part before the next `sep` into *head and moves *rest behind it.
 * The last part is what is left; returns false once *rest is exhausted (ptr == NULL). So "" has one
 * empty part, "a," has two, and STR_NONE has none.
 */
bool str_cut(str *rest, char sep, str *head);

/* Splits at the first (last) `sep`; false and both outputs untouched when there is none. */
bool str_split(str s, char sep, str *before, str *after);
bool str_rsplit(str s, char sep, str *before, str *after);

/* Whole-string decimal parses: no white space, no sign for u64, range checked. */
NODISCARD bool str_to_u64(str s, uint64_t *out);
NODISCARD bool str_to_i64(str s, int64_t *out);

bool char_is_digit(char c);
bool char_is_alpha(char c); /* ASCII letters only */
char char_lower(char c);    /* ASCII letters only */

/*
 * Levenshtein distance with adjacent swaps counted as one, upper and lower case being one letter;
 * capped: returns cap + 1 when above. Texts over 128 bytes are equal or far apart.
 */
size_t str_distance(str a, str b, size_t cap);

/*
 * The nearest right word to `word` among `count` candidates, for "did you mean"; STR_NONE when none
 * is close (distance at most a third of the word's length, at least one, and less than the whole
 * word). Of several at one distance the first.
 */
str str_nearest(str word, const str *candidates, size_t count);

/* 64-bit hash for tables; `seed` keeps hostile keys from choosing their bucket (SipHash-1-3). */
uint64_t str_hash(str s, uint64_t seed);

#endif
