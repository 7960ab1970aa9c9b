/*
 * valtype.h - types as checks see them: families, and constants of a contract as literals of a type.
 *
 * Made from standard/coltype.h. A type that is not known there is VALTYPE_OTHER, never an error: its
 * checks that need to know more are not evaluated.
 */
#ifndef QUALITY_VALTYPE_H
#define QUALITY_VALTYPE_H

#include "base/ctx.h"

enum valtype_kind {
    VALTYPE_OTHER,
    VALTYPE_BOOL,
    VALTYPE_INT,
    VALTYPE_DECIMAL,
    VALTYPE_FLOAT,
    VALTYPE_TEXT,
    VALTYPE_UUID,
    VALTYPE_ENUM,
    VALTYPE_BLOB,
    VALTYPE_DATE,
    VALTYPE_TIMESTAMP,
    VALTYPE_TIMESTAMP_TZ,
    VALTYPE_TIME,
    VALTYPE_STRUCT,
    VALTYPE_LIST, /* child 0; fixed arrays too */
    VALTYPE_MAP,  /* children key and value    */
};

struct valtype {
    enum valtype_kind kind;
    str               text;      /* as the engine wrote it */
    unsigned          scale;     /* of VALTYPE_DECIMAL */
    str               low, high; /* of VALTYPE_INT: the type's own bounds */
    struct valtype   *children;
    const str        *names; /* of VALTYPE_STRUCT */
    size_t            child_count;
};

/* In cx->arena; borrows `text`. */
const struct valtype *valtype_read(struct ctx *cx, str text);

/* The struct's field, or NULL. */
const struct valtype *valtype_field(const struct valtype *type, str name);

bool valtype_is_number(const struct valtype *type);

/* True for scalar types whose values the engine orders by `<` and groups exactly. */
bool valtype_is_scalar(const struct valtype *type);

/*
 * `text` of a contract as an SQL constant to compare a value of `type` with; false when it is no
 * constant of that type. Numbers come out exact (no binary rounding unless the type is binary).
 */
bool valtype_literal(struct ctx *cx, const struct valtype *type, str text, str *out);

/*
 * Order of two constants of `type`: *out < 0, 0, > 0. False when one cannot be read. Used with the
 * bounds of statistics; exact.
 */
bool valtype_compare(const struct valtype *type, str a, str b, int *out);

/* "12.50" and "-1e3" in plain digits, without superfluous zeros; false for what is no number. */
bool valtype_plain_number(struct arena *a, str text, str *out);

#endif
