/*
 * pattern_int.h - what the pattern parser and the tables of property names share.
 */
#ifndef QUALITY_PATTERN_INT_H
#define QUALITY_PATTERN_INT_H

#include "quality/pattern.h"

/* What stands between the braces of \p{…} in the two programs. */
struct pattern_property {
    str  pcre2_prefix; /* "sc:", "scx:" or empty */
    str  name;         /* as both libraries spell it */
    bool has_re2, has_pcre2;
};

/* False when ECMA-262 knows no such property. `text` is "Lu", "gc=Lu", "Script=Greek", "Alpha". */
bool pattern_property_find(str text, struct pattern_property *out);

/* Row `index` of all names, for tests; STR_NONE behind the last. */
str pattern_property_name(size_t index);

#endif
