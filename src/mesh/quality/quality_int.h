/*
 * quality_int.h - checks as the parts of this module hand them on.
 *
 *   derive.c rules.c   contract -> checks (what is bad, as SQL; what is measured; the threshold)
 *   metadata.c         checks that the statistics answer are settled
 *   run.c passes.c     the rest is counted, by the cheapest pass
 *   judge.c            counts -> outcomes and messages
 *   samples.c          the first bad rows
 */
#ifndef QUALITY_QUALITY_INT_H
#define QUALITY_QUALITY_INT_H

#include "base/map.h"
#include "quality/valtype.h"
#include "quality/pattern.h"
#include "quality/quality.h"
#include "quality/sqlb.h"
#include "standard/odcs.h"

/* What a check counts. */
enum measure {
    MEASURE_NOTHING, /* settled when planned             */
    MEASURE_BAD,     /* rows for which `bad` is true      */
    MEASURE_ROWS,    /* rows of the table                 */
    MEASURE_KEYS,    /* keys that occur more than once    */
    MEASURE_NUMBER,  /* the one value of a sql rule       */
};

enum state { STATE_OPEN, STATE_COUNTED, STATE_NOT_EVALUATED, STATE_FAILED_QUERY };

/* The statistics question that could answer a check of one top-level column. */
enum proof { PROOF_NONE, PROOF_NULLS, PROOF_LOW, PROOF_LOW_OPEN, PROOF_HIGH, PROOF_HIGH_OPEN };

struct threshold {
    enum odcs_operator op;
    double             low, high;
    str                operand;   /* mustBe, mustNotBe: the text to compare with when no number */
    bool               is_number; /* the operand is one: `low` holds it */
    bool               is_percent;
};

struct check {
    struct quality_result head; /* what is known before the data is seen */
    enum measure          measure;
    enum proof            proof;
    struct threshold      limit;
    str                   phrase; /* "have no value in \"a\"": behind "3 of 7 rows"              */
    str                   bad, unknown; /* SQL booleans over the columns; true = bad, undecidable */
    str                   column; /* top-level column, when `bad` reads it alone                  */
    const struct valtype *type;   /* of that column                                               */
    str        bound; /* of PROOF_LOW …                                               */
    const str *keys;  /* MEASURE_KEYS: quoted expressions                             */
    size_t     key_count;
    bool       keys_are_ordered; /* all scalar: the clustered test applies             */
    bool       is_lone;          /* a query of its own: relationships                  */
    str        query;            /* MEASURE_NUMBER: the person's SQL                   */
    str        object, property; /* what its placeholders mean                         */
    const str *shown;            /* top-level columns a sample shows                              */
    size_t     shown_count;
    bool       is_sensitive; /* a measured value must not be shown                     */

    enum state state;
    str        reason; /* of STATE_NOT_EVALUATED, STATE_FAILED_QUERY */
    uint64_t   bad_count, unknown_count;
    uint64_t   bad_rows; /* of MEASURE_KEYS: rows that hold such keys */
    str        value;    /* of MEASURE_NUMBER; ptr NULL is NULL       */
    int64_t    cost_us;
};

struct quality_plan {
    const struct quality_subject *subject;
    const struct valtype        **types; /* of the subject's columns */
    VEC(struct check) checks;
    struct map ids;         /* of checks, to keep them apart */
    const str *key_columns; /* the primary key's top-level columns, for samples */
    size_t     key_column_count;
    bool       has_row_count;
    uint64_t   row_count;
    size_t     statements;
};

/* ---- derive.c */

/* Where in a row a property's value stands. */
struct place {
    struct ctx                 *cx;
    struct quality_plan        *plan;
    const struct odcs_property *property;
    const struct valtype       *type;
    const struct place         *up;      /* the property this one is part of, or NULL   */
    str                         expr;    /* SQL of the value                            */
    str                         path;    /* "a.b", "a.items.c"                          */
    str                         column;  /* top-level column                            */
    str                         present; /* SQL: the struct around it is there; or empty */
    str      list, variable;             /* of an item: the list's SQL and the lambda's name */
    unsigned depth;
    bool     is_sensitive;
};

/* Appends every check the contract implies for the subject, rules included. */
NODISCARD enum status derive_checks(struct ctx *cx, struct quality_plan *plan);

/* A new check of severity error with id "table.path.kind", numbered when that is taken. */
struct check *check_add(struct ctx *cx, struct quality_plan *plan, str path, str kind);

/* The same with an id of the contract's, when it has one. */
struct check *check_add_named(struct ctx *cx, struct quality_plan *plan, str path, str kind,
                              str id);

/* Columns and secrecy of the place. */
void check_set_place(const struct place *p, struct check *c);

/* Both: a new check of a place. */
struct check *check_add_at(const struct place *p, str kind);

/* Sets `bad` (and `unknown`) from a condition on p->expr, wrapped for structs and lists around it. */
void check_set_bad(const struct place *p, struct check *c, str bad, str unknown);

/* The check will not be evaluated; `reason` is shown. */
void check_give_up(struct check *c, str reason);

/* p->expr as VARCHAR. */
str place_text(const struct place *p);

/* Conditions on a text expression: true when it does not match. False when the pattern is unusable. */
bool pattern_conditions(const struct place *p, struct check *c, str pattern, str *bad,
                        str *unknown);

/* `expr IN (…)` over the values that can be of the place's type; `false` when there is none. */
str place_in_list(const struct place *p, const str *values, size_t count);

/* True for what samples must not show. */
bool derive_is_sensitive(const struct odcs_property *property);

/* The subject's column index, or false. */
bool plan_find_column(const struct quality_plan *plan, str name, size_t *at);

/* ---- schema.c */

/* Settles the check that column and declared type agree. True when the column's data can be read. */
void derive_type(const struct place *p);
void derive_missing_column(struct ctx *cx, struct quality_plan *plan, str path);
void derive_undeclared(struct ctx *cx, struct quality_plan *plan, str name);

/* A check of logicalTypeOptions.format, when there is one. */
void derive_format(const struct place *p);

/* ---- rules.c */

void derive_property_rules(const struct place *p);
void derive_object_rules(struct ctx *cx, struct quality_plan *plan);
/* Rules of a property whose column is not there. */
void derive_lost_rules(struct ctx *cx, struct quality_plan *plan, str path,
                       const struct odcs_property *property);

/* ---- relations.c */

void derive_property_relations(const struct place *p);
void derive_object_relations(struct ctx *cx, struct quality_plan *plan);

/* ---- metadata.c */

/* Settles what statistics answer. */
void metadata_settle(struct quality_plan *plan);

/* ---- functions.c */

/* SQL of a test of `expr` by PCRE2: true, false, or NULL for undecided. ST_UNSUPPORTED, ST_LIMIT. */
NODISCARD enum status functions_pattern_sql(struct ctx *cx, struct quality_functions *f,
                                            const struct pattern *pattern, str expr, str *out);

/* ---- passes.c */

/* Counts every open check; only a cancelled context or a lost engine fails. */
NODISCARD enum status passes_run(struct ctx *cx, struct quality_plan *plan,
                                 struct engine_conn *conn);

/* The aggregates of the fused scan for checks [0, count) in `picked`, without SELECT and FROM. */
str passes_aggregates(struct ctx *cx, const struct quality_plan *plan, const size_t *picked,
                      size_t count);

/* Gives the checks what such a scan counted; the first count is that of all rows. */
void passes_take(struct quality_plan *plan, const size_t *picked, size_t count,
                 const uint64_t *counts);

/* True for an open check that one shared scan can answer. */
bool check_is_fusable(const struct check *c);

/* ---- judge.c */

struct quality_result judge(struct ctx *cx, const struct quality_plan *plan, const struct check *c);

/* "mustBeBetween 1 and 5 percent" */
str threshold_text(struct ctx *cx, const struct threshold *t);

#endif
