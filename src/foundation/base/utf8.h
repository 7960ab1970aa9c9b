/*
 * utf8.h - UTF-8 as the Unicode Standard (table 3-7) defines it: no surrogates, no over-long forms.
 *
 * All functions are pure.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* Reads one code point from *cursor and moves it; false (cursor unmoved) at a bad sequence or end. */
bool utf8_next(str *cursor, uint32_t *out);

/* True when all of `s` is valid; else *at is the offset of the first bad byte. */
bool utf8_is_valid(str s, size_t *at);

/* Number of code points; a bad byte counts as one. */
size_t utf8_count(str s);

void utf8_add(struct buf *b, uint32_t code_point);

/* The longest prefix of at most `max` bytes that ends at a character border. */
str utf8_cut(str s, size_t max);

#endif
