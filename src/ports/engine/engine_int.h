/*
 * engine_int.h - what the implementations of the port share: the table of operations and the bases.
 *
 * An implementation embeds the bases first in its own structs. The wrappers in engine.c check what is
 * the same everywhere (text sizes, one result per connection, row and byte limits, answers after the
 * end), so an operation here may rely on it.
 */
#ifndef ENGINE_ENGINE_INT_H
#define ENGINE_ENGINE_INT_H

#include <stdatomic.h>

#include "engine/engine.h"

struct engine_ops {
    const char *name; /* "duckdb", "faulty" */

    void (*close)(struct engine *);
    enum status (*register_text_predicate)(struct engine *, struct ctx *,
                                           const struct engine_text_predicate *);
    enum status (*register_function)(struct engine *, struct ctx *, const struct engine_function *);
    enum status (*connect)(struct engine *, struct ctx *, struct engine_conn **out);

    void (*disconnect)(struct engine_conn *);
    enum status (*exec)(struct engine_conn *, struct ctx *, str sql);
    enum status (*query)(struct engine_conn *, struct ctx *, const struct engine_statement *,
                         struct engine_result **out);
    enum status (*prepare)(struct engine_conn *, struct ctx *, str sql,
                           struct engine_prepared **out);
    struct engine_progress (*progress)(struct engine_conn *);
    void (*interrupt)(struct engine_conn *);

    void (*prepared_close)(struct engine_prepared *);

    enum status (*result_next)(struct engine_result *, struct ctx *, struct ArrowArray *out,
                               bool *has_more);
    void (*result_close)(struct engine_result *);

    enum status (*append_begin)(struct engine_conn *, struct ctx *, str schema, str table,
                                struct engine_appender **out);
    enum status (*append_text)(struct engine_appender *, struct ctx *, const str *values,
                               size_t count);
    enum status (*append_end)(struct engine_appender *, struct ctx *);
    void (*append_close)(struct engine_appender *);
};

struct engine {
    const struct engine_ops *ops;
    atomic_int               conn_count;
};

struct engine_conn {
    struct engine       *engine;
    const char          *busy_with; /* "a result", "an appender"; NULL when free */
    int                  prepared_count;
    atomic_uint_fast64_t rows_sent;
};

struct engine_prepared {
    struct engine_conn  *conn;
    struct engine_schema schema;
};

struct engine_result {
    struct engine_conn  *conn;
    struct engine_schema schema;
    struct arrow_type    type;
    struct ArrowSchema   arrow;
    uint64_t             row_limit, byte_limit, rows, bytes;
    bool                 is_done;
    struct err           failure; /* what every further call answers; code ST_OK = none */
};

struct engine_appender {
    struct engine_conn *conn;
    struct err          failure;
    bool                is_ended;
};

extern const struct engine_ops engine_duckdb_ops;
extern const struct engine_ops engine_faulty_ops;

#endif
