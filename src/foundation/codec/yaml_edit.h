/*
 * yaml_edit.h - small changes to YAML that a person wrote: comments, order and style stay.
 *
 * An edit is a splice into the original bytes, made from the tree that yaml_read gave for exactly
 * these bytes. Several edits of one tree are applied together. Only the lines that must change do.
 *
 * Errors    ST_UNSUPPORTED where a splice cannot be right: at or below an alias or an anchor, in a
 *           `? key` entry, at a tagged value. ST_CONFLICT when edits overlap.
 * Threads   pure apart from cx.
 */
#ifndef CODEC_YAML_EDIT_H
#define CODEC_YAML_EDIT_H

#include "codec/yaml.h"

/* A scalar to write. Strings are quoted when they have to be, or when the replaced one was. */
struct yaml_scalar {
    enum yaml_kind kind; /* not YAML_LIST, not YAML_MAP */
    union {
        str     text; /* YAML_STRING; valid UTF-8 */
        bool    truth;
        int64_t integer;
        double  real;
    };
};

/* Bytes [offset, offset + len) of the original become `text`. */
struct yaml_edit {
    size_t offset, len;
    str    text;
};

/* The document that is edited: its bytes and the tree read from them. */
struct yaml_source {
    str                     bytes;
    const struct yaml_node *root;
};

/* A new member for `map` (block or flow): behind the member `after`, or last when `after` is empty. */
struct yaml_insert {
    const struct yaml_node *map;
    str                     after;
    str                     key;
    struct yaml_scalar      value;
    str                     text; /* of a value that is no scalar, in flow style; else empty */
};

/* Another value for the scalar `node`. Keeps the quotes of a string; a literal stays a literal. */
NODISCARD enum status yaml_edit_replace(struct ctx *cx, const struct yaml_source *source,
                                        const struct yaml_node *node, struct yaml_scalar value,
                                        struct yaml_edit *out);

/* Another name for a member of `map`; ST_CONFLICT when the name is taken. */
NODISCARD enum status yaml_edit_rename(struct ctx *cx, const struct yaml_source *source,
                                       const struct yaml_node *map, const str names[2],
                                       struct yaml_edit *out);

/* A new member; ST_CONFLICT when the key is there, ST_NOT_FOUND when `after` is not. */
NODISCARD enum status yaml_edit_insert(struct ctx *cx, const struct yaml_source *source,
                                       const struct yaml_insert *what, struct yaml_edit *out);

/*
 * The bytes with all edits done, in cx->arena. Edits are sorted in place; two insertions at one
 * place keep their order.
 */
NODISCARD enum status yaml_edits_apply(struct ctx *cx, str bytes, struct yaml_edit *edits,
                                       size_t count, str *out);

/*
 * The text with the scalar at `pointer` (RFC 6901) set: replaced, or inserted last into its map when
 * only the last step is missing. The result is read again and must hold the value meant; when it
 * does not, the answer is ST_UNSUPPORTED and the text stays as it was.
 */
NODISCARD enum status yaml_edit_set(struct ctx *cx, str bytes, str pointer,
                                    struct yaml_scalar value, str *out);

/* A string as a YAML scalar of one line, plain when that reads back as the same string. */
str yaml_quote(struct ctx *cx, str text);

#endif
