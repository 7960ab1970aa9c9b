/*
 * query_int.h - names of published tables, for the guard. Only for this folder.
 */
#ifndef QUERY_QUERY_INT_H
#define QUERY_QUERY_INT_H

#include "base/vec.h"
#include "query/query.h"

/* Resolves names in the transaction of the context it is called with. */
struct query_resolver {
    struct guard_resolver   base; /* first: downcast by address */
    const struct query_env *env;
    VEC(struct query_table) tables;
};

void query_resolver_init(struct query_resolver *r, const struct query_env *env);

#endif
