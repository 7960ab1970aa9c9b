/*
 * query_int.h - names of published tables for the guard, and the steps of a query. Only for this folder.
 */
#ifndef QUERY_QUERY_INT_H
#define QUERY_QUERY_INT_H

#include "base/vec.h"
#include "query/query.h"

/* A table that ends. */
struct query_notice {
    str               address;
    struct query_life life;
};

/* Resolves names in the transaction of the context it is called with. */
struct query_resolver {
    struct guard_resolver   base; /* first: downcast by address */
    const struct query_env *env;
    struct query_tables     tables;
    VEC(struct query_notice) notices; /* of tables that the text names, once each */
    /* Names that the reader may be told of; looked for once, at the first unknown name of a text. */
    const str *visible;
    size_t     visible_count;
    bool       has_visible;
};

/* The refusal of a view that was right when it was published; says nothing of what it reads. */
enum status query_refuse_view(struct ctx *cx, str address);

/* ---- life.c ---- */

/*
 * Puts on `out` what the reader is given of a snapshot; nothing for the operator. ST_NOT_FOUND when that
 * is nothing.
 */
NODISCARD enum status query_give(struct ctx *cx, const struct query_env *env,
                                 const struct registry_product *product,
                                 const struct table_snapshot *s, struct guard_relation *out);
/*
 * The refusal of a table that was withdrawn, when the reader may know that it was there; else ST_NOT_FOUND,
 * with the words for tables that never were.
 */
NODISCARD enum status query_refuse_gone(struct ctx *cx, const struct query_env *env, str address);

/* ---- resolve.c ---- */

void query_resolver_init(struct query_resolver *r, const struct query_env *env);

/* ---- the steps of a query ---- */

/* Fills what of *stream is known before a row is read. In cx->tx. */
enum status query_approve(struct ctx *cx, const struct query_env *env,
                          const struct query_request *rq, struct diags *findings,
                          struct query_stream *stream);
/* Writes query.started; query_close is its other half. */
enum status query_start(struct ctx *cx, const struct query_env *env, struct query_stream *stream);
/* Journals a refusal, and returns it; its own message stays the one that is shown. */
enum status query_refuse(struct ctx *cx, const struct query_env *env, enum status st);
/*
 * What the engine says may hold values of rows that the reader must not see, and paths. Who is not the
 * operator gets the kind of failure and no more.
 */
enum status query_hide_message(struct ctx *cx, const struct access_reader *reader, enum status st);
/* A connection for the rows. An engine that a query of somebody else broke says what broke it: that is hidden. */
enum status query_connect(struct ctx *cx, const struct query_env *env, struct engine_conn **out);

#endif
