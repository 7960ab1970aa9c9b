/*
 * diff_values_int.h - two versions of a property as sets of values, for the two files that compare them.
 */
#ifndef CONTRACT_DIFF_VALUES_INT_H
#define CONTRACT_DIFF_VALUES_INT_H

#include "contract/diff_int.h"
#include "contract/diff_number.h"

enum family {
    FAMILY_NONE,
    FAMILY_NUMBER,
    FAMILY_MOMENT, /* dates and timestamps */
    FAMILY_TIME,
    FAMILY_TEXT,
    FAMILY_TRUTH,
    FAMILY_LIST,
    FAMILY_OBJECT
};

struct number {
    diff_wide n; /* in units of the pair */
    double    x;
};

struct bound {
    bool          is_set, is_open;
    struct number at;
};

enum value_kind { VALUE_NULL, VALUE_NUMBER, VALUE_NAN, VALUE_TEXT, VALUE_COUNT };

struct value {
    enum value_kind kind;
    struct number   number;
    str             text;  /* a word; without pointer: some text that is no word of any list */
    int64_t         count; /* of characters or of items                                  */
    bool            has_twins;
};

/* One side of a property. */
struct side {
    const struct yaml_node *node, *options;
    const struct coltype   *type; /* NULL: not known */
    enum odcs_logical       logical;
    enum family             family;
    bool                    is_needed, is_unique, has_words, is_float;
    struct number          *words; /* sorted */
    size_t                  word_count;
    struct map              texts;           /* words of texts and truths */
    struct bound            low[2], high[2]; /* both forms */
    struct bound            step;
    diff_wide               unit, least, most; /* of the type, in units of the pair */
    bool                    unreadable[LAW_FACETS];
};

struct property_pair {
    const struct yaml_node *before, *after;
    struct side             side[2];
    unsigned                scale; /* digits behind the point */
    bool                    is_real, is_moment_us, is_comparable;
    VEC(struct value) tried;
};

/* Fills p->tried with the values around all bounds of both sides (diff_tried.c). */
void diff_values_try(struct ctx *cx, struct property_pair *p);

#endif
