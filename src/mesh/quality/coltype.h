/*
 * coltype.h - the engine's type texts as trees, and constants of a contract as literals of a type.
 *
 * Reads what the engine writes: DECIMAL(12,2), STRUCT(a INTEGER, "b c" VARCHAR[]), MAP(K, V),
 * ENUM('x', 'y'), T[], T[3]. An unknown name is COLTYPE_OTHER, never an error.
 */
#ifndef QUALITY_COLTYPE_H
#define QUALITY_COLTYPE_H

#include "base/ctx.h"

enum coltype_kind {
    COLTYPE_OTHER,
    COLTYPE_BOOL,
    COLTYPE_INT,
    COLTYPE_DECIMAL,
    COLTYPE_FLOAT,
    COLTYPE_TEXT,
    COLTYPE_UUID,
    COLTYPE_ENUM,
    COLTYPE_BLOB,
    COLTYPE_DATE,
    COLTYPE_TIMESTAMP,
    COLTYPE_TIMESTAMP_TZ,
    COLTYPE_TIME,
    COLTYPE_STRUCT,
    COLTYPE_LIST, /* child 0; fixed arrays too */
    COLTYPE_MAP,  /* children key and value    */
};

struct coltype {
    enum coltype_kind kind;
    str               text;  /* as the engine wrote it */
    unsigned          scale; /* of COLTYPE_DECIMAL */
    str               low, high; /* of COLTYPE_INT: the type's own bounds */
    struct coltype   *children;
    str              *names; /* of COLTYPE_STRUCT */
    size_t            child_count;
};

/* In cx->arena. Nesting deeper than 64 becomes COLTYPE_OTHER. */
const struct coltype *coltype_read(struct ctx *cx, str text);

/* The struct's field, or NULL. */
const struct coltype *coltype_field(const struct coltype *type, str name);

bool coltype_is_number(const struct coltype *type);

/* True for scalar types whose values the engine orders by `<` and groups exactly. */
bool coltype_is_scalar(const struct coltype *type);

/*
 * `text` of a contract as an SQL constant to compare a value of `type` with; false when it is no
 * constant of that type. Numbers come out exact (no binary rounding unless the type is binary).
 */
bool coltype_literal(struct ctx *cx, const struct coltype *type, str text, str *out);

/*
 * Order of two constants of `type`: *out < 0, 0, > 0. False when one cannot be read. Used with the
 * bounds of statistics; exact.
 */
bool coltype_compare(const struct coltype *type, str a, str b, int *out);

/* "12.50" and "-1e3" in plain digits, without superfluous zeros; false for what is no number. */
bool coltype_plain_number(struct arena *a, str text, str *out);

#endif
