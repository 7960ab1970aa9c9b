/*
 * yaml.h - YAML 1.2 (and so JSON) documents as a tree that knows where every value stands.
 *
 * One document per text, plain scalars typed by the core schema of YAML 1.2: `2026-11-23`, `yes`
 * and `off` are strings, `0o17` and `0x1f` integers, `.inf` and `.nan` floats. Keys are strings
 * whatever they look like. Merge keys (`<<`) are ordinary keys and give a warning.
 *
 * Findings  every problem becomes a diag with its place. Rules: "yaml.syntax", "yaml.tab",
 *           "yaml.encoding", "yaml.duplicate-key", "yaml.key", "yaml.tag", "yaml.alias",
 *           "yaml.documents", "yaml.merge-key", "yaml.limit".
 * Hostile   size, depth, nodes (aliases expanded) and scalar length are bounded by yaml_limits; the
 *           finding names the limit. Aliases share the children of their anchor, so a walk over the
 *           tree visits at most `nodes` nodes; a tree has no cycles.
 * Offsets   are exact bytes of the original text (yaml_edit.h splices at them); a byte order mark at
 *           the start is counted.
 * Lifetime  the tree lives in cx->arena; it does not borrow from the text.
 * Threads   a tree is never changed after reading: any thread may look at it.
 */
#ifndef CODEC_YAML_H
#define CODEC_YAML_H

#include "base/diag.h"

enum yaml_kind { YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT, YAML_STRING, YAML_LIST, YAML_MAP };

enum yaml_style {
    YAML_PLAIN,
    YAML_SINGLE,  /* 'text'                   */
    YAML_DOUBLE,  /* "text"                   */
    YAML_LITERAL, /* |                        */
    YAML_FOLDED,  /* >                        */
    YAML_BLOCK,   /* collection by indentation */
    YAML_FLOW     /* [ … ] or { … }           */
};

struct yaml_node;

struct yaml_member {
    str               key;     /* decoded */
    struct diag_pos   key_pos; /* of the key as written, quotes included */
    enum yaml_style   key_style;
    uint32_t          key_end;            /* offset behind the last byte of the key */
    bool              has_key_properties; /* the key is an alias, or has an anchor or a tag */
    struct yaml_node *value;              /* never NULL */
};

struct yaml_node {
    enum yaml_kind  kind;
    enum yaml_style style;
    struct diag_pos pos; /* of the value behind anchor and tag; `len` stays on the first line   */
    uint32_t        end; /* offset behind the last byte; a block collection ends where its last
                             value ends, a block scalar before its last line break              */
    bool            is_alias;    /* written as `*name`: pos is the alias, children are shared     */
    bool            is_anchored; /* `&name` stands before it                                      */
    bool            is_tagged;   /* `!tag` stands before it                                       */
    str             text; /* the scalar, decoded; "" for collections                              */
    union {
        bool    truth;   /* YAML_BOOL                                                        */
        int64_t integer; /* YAML_INT; larger integers are YAML_FLOAT and exact in `text`     */
        double  real;    /* YAML_FLOAT                                                       */
    };
    struct yaml_node  **items;   /* YAML_LIST */
    struct yaml_member *members; /* YAML_MAP, in the order of the text */
    size_t              count;   /* of items or members */
    size_t              total;   /* nodes of this subtree, aliases expanded  */
    uint32_t            height;  /* levels of this subtree, aliases expanded */
};

struct yaml_limits {
    size_t size_bytes;
    size_t depth;
    size_t nodes; /* values, aliases expanded */
    size_t scalar_bytes;
};

/* 8 MiB, 64, 500,000, 1 MiB. */
extern const struct yaml_limits yaml_limits_default;

/*
 * Reads the one document of `text`; `limits` NULL means yaml_limits_default. An empty text is a
 * YAML_NULL node.
 *
 * ST_OK: *out is a tree. d->errors may have grown: of duplicate keys the first stays, a value under
 * an unknown tag is typed as if it had none.
 * ST_INVALID, ST_LIMIT: no tree; the last finding says why, and so does cx->err.
 */
NODISCARD enum status yaml_read(struct ctx *cx, const struct diag_text *text,
                                const struct yaml_limits *limits, struct diags *d,
                                struct yaml_node **out);

/* The member's value; NULL when `map` is NULL, not a map, or has no such key. O(members). */
struct yaml_node *yaml_get(const struct yaml_node *map, str key);

/* The member itself, for its key_pos; NULL as above. */
struct yaml_member *yaml_member(const struct yaml_node *map, str key);

/* The item; NULL when `list` is NULL, not a list, or shorter. */
struct yaml_node *yaml_item(const struct yaml_node *list, size_t index);

/* The node at a JSON pointer (RFC 6901: "/servers/0/host", "" is the root), or NULL. */
struct yaml_node *yaml_path(const struct yaml_node *root, str pointer);

/* The text of a string scalar, else `otherwise` (also when `node` is NULL). */
str yaml_text_or(const struct yaml_node *node, str otherwise);

/* YAML_INT and YAML_FLOAT as a double; false for other kinds and NULL. */
bool yaml_number(const struct yaml_node *node, double *out);

/* "null", "a boolean", "an integer", "a number", "a string", "a list", "a map". */
str yaml_kind_name(enum yaml_kind kind);

/* True when both trees hold the same values (kinds, texts, order of members); places are ignored. */
bool yaml_equal(const struct yaml_node *a, const struct yaml_node *b);

/* What a plain scalar with this text is in the core schema: fills kind, text and value of *out. */
void yaml_type_plain(str text, struct yaml_node *out);

#endif
