/*
 * diff.h - what changed between two versions of a contract, and what that means for its readers.
 *
 * Each difference has a path, a kind and an impact (OMDS, Bitol RFC 0039), with loosening and
 * tightening told apart: what makes rows that were allowed forbidden, or takes something away, is
 * major; what allows more or adds something optional is minor; words are patch. A changed pattern,
 * format or multipleOf counts as tightening, for its text does not tell. Quality rules, which the
 * publish judges, are minor as OMDS has them. Properties below others count as those of the table.
 *
 * Pure; results live in cx->arena and borrow from both contracts.
 */
#ifndef CONTRACT_DIFF_H
#define CONTRACT_DIFF_H

#include "base/vec.h"
#include "standard/odcs.h"

enum odcs_impact { ODCS_IMPACT_NONE, ODCS_IMPACT_PATCH, ODCS_IMPACT_MINOR, ODCS_IMPACT_MAJOR };

enum odcs_change_kind { ODCS_ADDED, ODCS_REMOVED, ODCS_CHANGED };

struct odcs_change {
    enum odcs_change_kind kind;
    enum odcs_impact      impact;
    str                   path; /* "orders.amount.required" */
    str                   before, after;
};

struct odcs_difference {
    VEC(struct odcs_change) list;
    enum odcs_impact impact; /* the greatest of all */
};

NODISCARD enum status odcs_diff(struct ctx *cx, const struct odcs_contract *before,
                                const struct odcs_contract *after, struct odcs_difference *out);

/* "major", "minor", "patch", "none" */
str odcs_impact_name(enum odcs_impact impact);

#endif
