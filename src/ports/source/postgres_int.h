/*
 * postgres_int.h - a connection to PostgreSQL inside its transaction.
 *
 * No call waits without looking at the deadline and cancel of its context. After a call was given up
 * in the middle the connection is of no more use (is_broken): everything later is ST_UNAVAILABLE.
 */
#ifndef SOURCE_POSTGRES_INT_H
#define SOURCE_POSTGRES_INT_H

#include "source/copy.h"
#include "source/source_int.h"
#include "source/source_sql.h"

struct pg_conn;   /* libpq's PGconn   */
struct pg_result; /* libpq's PGresult */

struct postgres {
    struct source   base;
    struct pg_conn *conn;
    bool            is_broken;
    str             server; /* "host:port", for messages */
};

/* Rows of a statement as text; ptr NULL is NULL. */
struct postgres_rows {
    size_t rows, columns;
    str   *cells;
};

static inline str postgres_cell(const struct postgres_rows *r, size_t row, size_t column)
{
    return r->cells[row * r->columns + column];
}

/* A table of the server. */
struct postgres_table {
    str oid, schema, name;
};

/* A column of it, and how its values become the engine's. */
struct postgres_column {
    str              name;
    str              type; /* the engine's type text */
    struct copy_type form;
    bool             is_readable;
};

struct postgres_columns {
    VEC(struct postgres_column) list;
};

struct postgres *postgres_of(struct source *s);

enum { POSTGRES_ARGS_MAX = 2 };

/* Text parameters $1, $2; those a statement does not have are not looked at. */
struct postgres_args {
    str values[POSTGRES_ARGS_MAX];
};

/* Runs a statement of source.sql. */
NODISCARD enum status postgres_query(struct postgres *p, struct ctx *cx, enum source_sql_id id,
                                     const struct postgres_args *args, struct postgres_rows *out);

/* Waits until the server sent something, and reads it. */
NODISCARD enum status postgres_wait(struct postgres *p, struct ctx *cx);

/* Sends a statement without waiting for its outcome; the next result; NULL at the end. */
NODISCARD enum status postgres_send(struct postgres *p, struct ctx *cx, str sql);
NODISCARD enum status postgres_next_result(struct postgres *p, struct ctx *cx,
                                           struct pg_result **out);

/* The failure of a result, or of the connection when it is NULL, as ours. */
enum status postgres_fail(struct postgres *p, struct ctx *cx, const struct pg_result *result);

/* Gives up what runs: tells the server, and marks the connection. The message stays. */
void postgres_abandon(struct postgres *p);

NODISCARD enum status postgres_find(struct postgres *p, struct ctx *cx,
                                    const struct source_table *table, struct postgres_table *out);
NODISCARD enum status postgres_columns_of(struct postgres *p, struct ctx *cx,
                                          const struct postgres_table *table,
                                          struct postgres_columns     *out);

enum status postgres_columns(struct source *s, struct ctx *cx, const struct source_table *table,
                             struct engine_conn *conn, struct source_columns *out);
enum status postgres_keys(struct source *s, struct ctx *cx, const struct source_table *table,
                          struct source_columns *out);
enum status postgres_load(struct source *s, struct ctx *cx, const struct source_table *table,
                          const struct source_target *to, uint64_t *rows);

#endif
