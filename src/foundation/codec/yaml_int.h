/*
 * yaml_int.h - what the files of yaml share: places in the text, lines around them, scalars as text.
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

/* Where a scalar is written: inside [ ] and { } only words are plain. */
enum yaml_context { YAML_IN_BLOCK, YAML_IN_FLOW };

/* One line of YAML for `value`; strings in the quotes of `style` when these can hold the text. */
str yaml_scalar_text(struct ctx *cx, struct yaml_scalar value, enum yaml_style style,
                     enum yaml_context context);

/* True when single quotes and literals can hold every character. */
bool yaml_is_printable(str text);

/* ---- splicing (yaml_edit.c, for yaml_change.c) ---- */

struct yaml_where {
    bool is_found;
    bool is_flow;   /* inside [ ] or { }                                   */
    bool is_shared; /* it or a node around it has an anchor or is an alias */
};

/* ST_UNSUPPORTED when nothing may be spliced at the node: anchors, aliases, odd line breaks. */
NODISCARD enum status yaml_find_place(struct ctx *cx, const struct yaml_source *source,
                                      const struct yaml_node *node, struct yaml_where *out);

/* How new strings are written: in a document that is JSON always with double quotes. */
static inline enum yaml_style yaml_style_of(const struct yaml_source *source)
{
    return source->root->style == YAML_FLOW ? YAML_DOUBLE : YAML_PLAIN;
}

/* A key on one line, with nothing but indentation and "- " before it where the map is a block. */
NODISCARD enum status yaml_check_key(struct ctx *cx, const struct yaml_source *source,
                                     const struct yaml_node *map, const struct yaml_member *member,
                                     size_t *column);

size_t yaml_line_start(str bytes, size_t at);
/* Behind the line's break; bytes.len when the last line has none. */
size_t yaml_next_line(str bytes, size_t at);
/* The rest of the line from `at`, without its break. */
str  yaml_rest_of_line(str bytes, size_t at);
bool yaml_is_blank_or_comment(str rest);
str  yaml_line_break(str bytes);

/* The last scalar or empty collection of the node. */
const struct yaml_node *yaml_last_leaf(const struct yaml_node *node);

#endif
