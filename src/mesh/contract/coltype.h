/*
 * coltype.h - column types: the engine's type text as a tree, and back.
 *
 * The engine prints and reads types as text (DESCRIBE, CAST); contracts say them by logicalType,
 * options and physicalType. A struct coltype is the meeting point. Trees are immutable once made.
 *
 * Limits  COLTYPE_DEPTH_MAX levels, COLTYPE_NODES_MAX nodes, COLTYPE_TEXT_MAX bytes of text.
 * Threads pure functions; trees live in the cx->arena of the call that made them.
 */
#ifndef CONTRACT_COLTYPE_H
#define CONTRACT_COLTYPE_H

#include "standard/odcs.h"

enum { COLTYPE_DEPTH_MAX = 32, COLTYPE_NODES_MAX = 10000, COLTYPE_TEXT_MAX = 1 << 20 };

enum coltype_kind {
    COLTYPE_BOOLEAN,
    COLTYPE_TINYINT,
    COLTYPE_SMALLINT,
    COLTYPE_INTEGER,
    COLTYPE_BIGINT,
    COLTYPE_HUGEINT,
    COLTYPE_UTINYINT,
    COLTYPE_USMALLINT,
    COLTYPE_UINTEGER,
    COLTYPE_UBIGINT,
    COLTYPE_UHUGEINT,
    COLTYPE_FLOAT,
    COLTYPE_DOUBLE,
    COLTYPE_DECIMAL, /* width, scale */
    COLTYPE_VARCHAR,
    COLTYPE_BLOB,
    COLTYPE_BIT,
    COLTYPE_DATE,
    COLTYPE_TIME,
    COLTYPE_TIME_TZ,
    COLTYPE_TIMESTAMP,
    COLTYPE_TIMESTAMP_TZ,
    COLTYPE_TIMESTAMP_S,
    COLTYPE_TIMESTAMP_MS,
    COLTYPE_TIMESTAMP_NS,
    COLTYPE_INTERVAL,
    COLTYPE_UUID,
    COLTYPE_JSON,
    COLTYPE_NULL,   /* of a bare NULL */
    COLTYPE_ENUM,   /* labels */
    COLTYPE_STRUCT, /* children with names */
    COLTYPE_LIST,   /* one child */
    COLTYPE_ARRAY,  /* one child, length */
    COLTYPE_MAP     /* two children: key, value */
};

struct coltype {
    enum coltype_kind      kind;
    uint8_t                width, scale; /* DECIMAL                           */
    uint32_t               length;       /* ARRAY                             */
    const struct coltype **children;     /* STRUCT, LIST, ARRAY, MAP          */
    const str             *names;        /* STRUCT: fields; ENUM: labels      */
    size_t                 count;        /* of children, or of labels of ENUM */
};

/*
 * Reads a type text, case-insensitive, with the engine's aliases (INT, TEXT, TIMESTAMPTZ, NUMERIC …).
 * ST_INVALID with the place in the message when it is none; ST_LIMIT over a limit.
 */
NODISCARD enum status coltype_parse(struct ctx *cx, str text, const struct coltype **out);

/* The engine's own spelling; names are quoted when they must be. */
void coltype_print(const struct coltype *t, struct buf *out);
str  coltype_text(struct ctx *cx, const struct coltype *t);

bool coltype_equal(const struct coltype *a, const struct coltype *b);

/* A type without children, for callers that build trees. */
const struct coltype *coltype_simple(enum coltype_kind kind);

/*
 * The type of a contract's property: its physicalType when that is a type of ours, else from
 * logicalType and options. ST_NOT_FOUND when the contract says nothing about the type;
 * ST_INVALID when what it says is no type (the message names the property).
 */
NODISCARD enum status coltype_of_property(struct ctx *cx, const struct odcs_property *p,
                                          const struct coltype **out);

/*
 * True when a table with this column can be published (DESIGN §10). Else *out_cast is the type to
 * cast to ("DECIMAL(38,0)") and *out_path the nested field at fault ("" for the column itself).
 */
bool coltype_publishable(struct ctx *cx, const struct coltype *t, str *out_cast, str *out_path);

/* The type a column of this type is stored as: unsigned widened, enum as VARCHAR; else itself. */
const struct coltype *coltype_stored(struct ctx *cx, const struct coltype *t);

/* True when each value of `from` has the same value in `to`: equal types included. */
bool coltype_widens(const struct coltype *from, const struct coltype *to);

/*
 * Fills logical type, options, nested properties, items and map of `p` from a type (for `weft new`).
 * physicalType is set only where the logical form would not give the same type back.
 */
void coltype_logical(struct ctx *cx, const struct coltype *t, struct odcs_property *p);

#endif
