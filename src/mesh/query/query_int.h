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
    struct query_tables     tables;
    /* Names that the reader may be told of; looked for once, at the first unknown name of a text. */
    const str *visible;
    size_t     visible_count;
    bool       has_visible;
};

/* The refusal of a view that was right when it was published; says nothing of what it reads. */
enum status query_refuse_view(struct ctx *cx, str address);

void query_resolver_init(struct query_resolver *r, const struct query_env *env);

#endif
