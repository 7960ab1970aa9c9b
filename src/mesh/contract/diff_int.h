/*
 * diff_int.h - what the files of the difference share. Only for this folder.
 */
#ifndef CONTRACT_DIFF_INT_H
#define CONTRACT_DIFF_INT_H

#include "base/map.h"
#include "codec/yaml.h"
#include "contract/coltype.h"
#include "contract/diff.h"

/* ---- the table (diff_rules.c) ---- */

/*
 * How a field is judged. The first ones are facets of a property: their order is that of enum facet.
 */
enum diff_law {
    LAW_REQUIRED, /* null is refused                                             */
    LAW_ENUM,
    LAW_LENGTH_LEAST,
    LAW_LENGTH_MOST,
    LAW_PATTERN,
    LAW_LOW,  /* minimum and exclusiveMinimum together                        */
    LAW_HIGH, /* maximum and exclusiveMaximum together                        */
    LAW_STEP, /* multipleOf                                                   */
    LAW_COUNT_LEAST,
    LAW_COUNT_MOST,
    LAW_DISTINCT, /* uniqueItems                                                */
    LAW_FACETS,   /* how many they are                                           */

    LAW_TYPE = LAW_FACETS, /* logicalType, physicalType and what of the options makes the type */
    LAW_FORMAT,            /* a type, or a text form whose check only warns                 */
    LAW_UNIQUE,
    LAW_KEY,      /* primaryKey                                                  */
    LAW_NEEDED,   /* a name in required[] of an object                            */
    LAW_PROMISE,  /* true promises more; not checked                             */
    LAW_COLUMN,   /* an element: a property                                      */
    LAW_RULE,     /* quality: what decides whether a rule holds                   */
    LAW_RELATION, /* a foreign key                                              */
    LAW_NARROWS,  /* added, removed as a whole: tighter, looser; changed: unknown */
    LAW_SERVICE,  /* an SLA's value                                              */
    LAW_PORT,     /* version of a port                                           */
    LAW_CUSTOM,   /* by the name of the key                                      */

    LAW_VERSION, /* asks for nothing: it is the answer                           */
    LAW_WORDS,   /* patch                                                        */
    LAW_NOTICE,  /* minor                                                        */
    LAW_TERMS,   /* as OMDS has it outside of the schema: added patch, else minor   */
    LAW_GAIN,    /* added minor, removed and changed major                          */
    LAW_BREAKS,  /* major                                                        */
    LAW_COUNT
};

enum diff_shape_id {
    SHAPE_NONE, /* a value compared as a whole */
    SHAPE_CONTRACT,
    SHAPE_OBJECT,
    SHAPE_PROPERTY,
    SHAPE_OPTIONS,
    SHAPE_ENUM,
    SHAPE_MAP,
    SHAPE_QUALITY,
    SHAPE_ARGUMENTS,
    SHAPE_RELATION,
    SHAPE_SERVER,
    SHAPE_SLA,
    SHAPE_ROLE,
    SHAPE_PRICE,
    SHAPE_SUPPORT,
    SHAPE_TEAM,
    SHAPE_MEMBER,
    SHAPE_DESCRIPTION,
    SHAPE_CONTEXT,
    SHAPE_STATEMENT,
    SHAPE_CONSTRAINT,
    SHAPE_SYNONYM,
    SHAPE_CUSTOM,
    SHAPE_DEFINITION,
    SHAPE_PRODUCT,
    SHAPE_INPUT,
    SHAPE_OUTPUT,
    SHAPE_MANAGEMENT,
    SHAPE_SBOM,
    SHAPE_INPUT_CONTRACT,
    SHAPE_COUNT
};

/* What a field's value is made of. */
enum diff_form {
    FORM_VALUE, /* compared as a whole                           */
    FORM_MAP,   /* a mapping of the child's shape                 */
    FORM_LIST,  /* elements of the child's shape, found by id and name */
    FORM_SET    /* scalars, each by itself                        */
};

struct diff_field {
    str                name;
    enum diff_form     form;
    enum diff_law      law; /* of FORM_LIST and FORM_MAP: when it appears or goes as a whole */
    enum diff_shape_id child;
    bool               is_whole; /* appears and goes as a whole, not element by element   */
};

struct diff_shape {
    str           name;    /* as a person calls it: "column"                   */
    const char   *keys[3]; /* what selects an element of a list, best first; "a+b" joins */
    enum diff_law element; /* when an element is added or removed               */
    const struct diff_field *fields;
    size_t                   count;
};

const struct diff_shape *diff_shape(enum diff_shape_id id);

/* The row of a field; NULL for one that the standards do not have. */
const struct diff_field *diff_field(enum diff_shape_id shape, str name);

/* ---- the walk (diff_tree.c) ---- */

enum { DIFF_INDEXES = 4, DIFF_LEVELS_MAX = 80 }; /* a document has at most 64 levels */

/* A pair of mappings of one shape that is being compared; either may be NULL. */
struct diff_level {
    enum diff_shape_id      shape;
    const struct yaml_node *before, *after;
};

struct property_pair;
struct key_pair;

/* Entries of a list by a text of theirs: made once, kept for the next questions. */
struct diff_index {
    const struct yaml_node *list;
    struct map              by_text;
};

struct diff_walk {
    struct ctx        *cx;
    struct difference *out;
    struct diff_step   steps[2 * DIFF_LEVELS_MAX];
    size_t             depth;
    struct diff_level  levels[DIFF_LEVELS_MAX];
    size_t             level_count;
    size_t             takes; /* containers around that the other side has not */
    /* What was worked out for the property and the table at hand. */
    struct property_pair *property;
    struct key_pair      *key;
    struct diff_index     indexes[DIFF_INDEXES];
    size_t                next_index;
};

/* The nearest level of that shape around the change, or NULL. */
const struct diff_level *diff_around(const struct diff_walk *w, enum diff_shape_id shape);

/*
 * The entry of a list whose member `key` has this text, or that is this text itself (`key` empty); NULL
 * when there is none, or the node is no list. O(1) but for the first question about a list.
 */
const struct yaml_node *diff_find(struct diff_walk *w, const struct yaml_node *list, str key,
                                  str text);

/* Equality of values: members in any order, 1 equals 1.0. */
bool diff_equal(struct ctx *cx, const struct yaml_node *a, const struct yaml_node *b);

/* A value as canonical text: equal exactly where the values are. */
str diff_canonical(struct ctx *cx, const struct yaml_node *node);

/* ---- judging (diff_judge.c) ---- */

/* Sets effect, impact, is_advisory and why of a change that has its kind, values and steps. */
void diff_judge(struct diff_walk *w, enum diff_law law, struct diff_change *c);

/* What two sets of allowed things say about each other. */
struct diff_verdict {
    bool narrows;   /* something allowed before is refused now  */
    bool widens;    /* something refused before is allowed now   */
    bool unknown;   /* the text does not tell                    */
    str  lost, won; /* an example of each, or empty             */
};

enum diff_effect diff_effect_of(struct diff_verdict v);

/* ---- values of a property (diff_values.c) ---- */

/*
 * What facet `law` of the new property refuses of what the old property allows, and the other way
 * round; of LAW_UNIQUE and LAW_TYPE too.
 */
void diff_values_judge(struct diff_walk *w, enum diff_law law, struct diff_verdict *out);

/* One enum value that was added to or taken from a list that stays. */
void diff_values_word(struct diff_walk *w, const struct yaml_node *value, bool is_added,
                      struct diff_verdict *out);

/* True when the metric of the property at hand is 0 for all rows that keep its old (new) version. */
bool diff_values_is_zero(struct diff_walk *w, enum odcs_metric metric, bool is_after);

/* Whether rows that lack the column, so that it reads as null, keep the rules of a new property. */
void diff_values_column(struct diff_walk *w, const struct yaml_node *property,
                        struct diff_verdict *out);

/* The logicalType of a property; NONE when it has none, or a word that is none. */
enum odcs_logical diff_values_logical(const struct yaml_node *property);

/* ---- quality rules (diff_quality.c) ---- */

/* A rule against another; NULL is none. */
void diff_quality_judge(struct diff_walk *w, const struct yaml_node *before,
                        const struct yaml_node *after, struct diff_verdict *out,
                        bool *out_is_advisory);

/* What a rule refuses of a column that is null in every row. */
void diff_quality_nulls(const struct yaml_node *rule, struct diff_verdict *out);

/*
 * True when a rule of the property refuses every null (NULL_VALUES) or every value that stands twice
 * (DUPLICATE_VALUES), as required and unique do.
 */
bool diff_quality_forbids(const struct yaml_node *property, enum odcs_metric metric);

/* An SLA's value: narrows = promises more, widens = promises less. */
struct diff_verdict diff_service_judge(const struct yaml_node *before,
                                       const struct yaml_node *after);

#endif
