/*
 * yaml_int.h - what the files of yaml share: places in the text, and scalars as text.
 *
 * libyaml counts characters, we count bytes. yaml_place keeps the offset of every 64th character
 * (nothing for ASCII) and of every line, so a mark becomes a place in a few steps.
 */
#ifndef CODEC_YAML_INT_H
#define CODEC_YAML_INT_H

#include "codec/yaml_edit.h"

struct yaml_places {
    str       bytes;
    size_t    skipped;    /* a byte order mark, which libyaml does not see          */
    uint32_t *chars;      /* offset of every 64th character; NULL when all is ASCII */
    size_t    char_marks; /* entries of chars                                       */
    uint32_t *lines;      /* offset of every line's first byte                      */
    size_t    line_count;
};

/* `bytes` are valid UTF-8 and under 4 GiB. */
void yaml_places_init(struct yaml_places *p, struct arena *a, str bytes);

/* The byte offset of a character (counted behind the byte order mark). */
size_t yaml_places_offset(const struct yaml_places *p, size_t character);

/* Line and column of an offset; `len` is cut at the end of the line. */
struct diag_pos yaml_places_pos(const struct yaml_places *p, size_t offset, size_t len);

/* Where a scalar is written: inside [ ] and { } plain text is not used for strings. */

enum yaml_context { YAML_IN_BLOCK, YAML_IN_FLOW };

/* One line of YAML for `value`; strings in the quotes of `style` when these can hold the text. */
str yaml_scalar_text(struct ctx *cx, struct yaml_scalar value, enum yaml_style style,
                     enum yaml_context context);

/* True when single quotes and literals can hold every character. */
bool yaml_is_printable(str text);

#endif
