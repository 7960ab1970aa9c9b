/*
 * catalog_int.h - what the files of catalog/ share: who may know what.
 */
#ifndef CATALOG_CATALOG_INT_H
#define CATALOG_CATALOG_INT_H

#include "catalog/catalog.h"

bool catalog_is_operator(const struct catalog_view *view);

/*
 * What the reader gets of a table; *out when some of its columns exist for the reader. Not for the
 * operator, for whom nothing is decided.
 */
NODISCARD enum status catalog_decide(struct ctx *cx, const struct catalog_view *view,
                                     const struct registry_product *product,
                                     const struct table_snapshot   *head,
                                     struct policy_decision *decision, bool *out);

#endif
