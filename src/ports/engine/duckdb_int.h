/*
 * duckdb_int.h - the DuckDB adapter inside: its structs, and what its files share.
 *
 * The library's objects appear by their struct tags, which are the types behind its typedefs
 * (duckdb_connection is struct _duckdb_connection *), so that only .c files include <duckdb.h>.
 */
#ifndef ENGINE_DUCKDB_INT_H
#define ENGINE_DUCKDB_INT_H

#include "base/vec.h"
#include "engine/engine_duckdb.h"
#include "engine/engine_int.h"
#include "engine/watch.h"
#include "os/thread.h"

struct _duckdb_appender;
struct _duckdb_arrow_options;
struct _duckdb_connection;
struct _duckdb_database;
struct _duckdb_logical_type;
struct _duckdb_prepared_statement;

struct duck_spill; /* duckdb_spill.c: the private folder of an instance */

struct duck_predicate {
    struct engine_text_predicate as;
};

struct duck_function {
    struct engine_function as;
};

struct duck_engine {
    struct engine                 base;
    struct arena                 *arena; /* holds this struct too */
    struct _duckdb_database      *db;
    struct watch                 *watch;
    struct duck_spill            *spill; /* NULL without a temp folder */
    struct os_mutex               lock;  /* of what follows            */
    struct _duckdb_connection    *setup;
    struct _duckdb_arrow_options *lossless;
    VEC(str) functions; /* names of those registered */
};

struct duck_conn {
    struct engine_conn         base;
    struct arena              *arena;
    struct _duckdb_connection *con;
    struct watch_call          call;
};

struct duck_prepared {
    struct engine_prepared             base;
    struct arena                      *arena;
    struct _duckdb_prepared_statement *ps;
};

struct duck_result {
    struct engine_result               base;
    struct arena                      *arena;
    struct _duckdb_prepared_statement *ps; /* own one; NULL when it is a struct duck_prepared's */
    void                              *rs; /* a duckdb_result */
    struct _duckdb_arrow_options      *options;
    bool                               is_lossless;
};

struct duck_appender {
    struct engine_appender   base;
    struct arena            *arena;
    struct _duckdb_appender *app;
};

#define ENGINE_ARENA_BYTES ((size_t)64 << 20) /* schemas, names, small things of one object */

static inline struct duck_engine *duck_engine_of(struct engine *e)
{
    return container_of(e, struct duck_engine, base);
}

static inline struct duck_conn *duck_conn_of(struct engine_conn *conn)
{
    return container_of(conn, struct duck_conn, base);
}

static inline struct watch *duck_watch_of(struct duck_conn *conn)
{
    return duck_engine_of(conn->base.engine)->watch;
}

/* ---- duckdb_error.c ---- */

/*
 * The status for a failed call: `reason` when we ended it ourselves, else by the words of the
 * engine's message, which is kept. `text` may be NULL.
 */
enum status duck_fail(struct ctx *cx, enum status reason, const char *text);

/* ---- duckdb_type.c ---- */

/* The engine's type text, in `a`. */
str duck_type_text(struct arena *a, struct _duckdb_logical_type *type);

enum duck_arrow_form { DUCK_ARROW_PLAIN, DUCK_ARROW_LOSSLESS, DUCK_ARROW_NEVER };

/* Which kind of Arrow array can hold every value of the type. */
enum duck_arrow_form duck_arrow_form(struct _duckdb_logical_type *type);

/* Marks what Arrow's own schema does not tell: JSON text, geometry. */
void duck_annotate(struct arrow_type *type, struct _duckdb_logical_type *logical);

/* ---- duckdb_query.c ---- */

enum status duck_exec(struct engine_conn *conn, struct ctx *cx, str sql);
enum status duck_query(struct engine_conn *conn, struct ctx *cx,
                       const struct engine_statement *statement, struct engine_result **out);
enum status duck_prepare(struct engine_conn *conn, struct ctx *cx, str sql,
                         struct engine_prepared **out);
void        duck_prepared_close(struct engine_prepared *prepared);

enum status duck_bind(struct ctx *cx, struct _duckdb_prepared_statement *ps,
                      const struct engine_value *args, size_t count);

/* ---- duckdb_result.c ---- */

/* Fills the base of a result whose rs is set: columns, types, Arrow schema. */
enum status duck_result_describe(struct duck_result *r, struct ctx *cx);
enum status duck_result_next(struct engine_result *result, struct ctx *cx, struct ArrowArray *out,
                             bool *has_more);
void        duck_result_close(struct engine_result *result);

/* ---- duckdb_append.c ---- */

enum status duck_append_begin(struct engine_conn *conn, struct ctx *cx, str schema, str table,
                              struct engine_appender **out);
enum status duck_append_text(struct engine_appender *appender, struct ctx *cx, const str *values,
                             size_t count);
enum status duck_append_end(struct engine_appender *appender, struct ctx *cx);
void        duck_append_close(struct engine_appender *appender);

/* ---- duckdb_function.c ---- */

enum status duck_register_text_predicate(struct engine *e, struct ctx *cx,
                                         const struct engine_text_predicate *predicate);

/* *out is the name in the arena of the engine; ST_INVALID, ST_CONFLICT as of its port. Under the lock. */
enum status duck_take_function_name(struct duck_engine *e, struct ctx *cx, str name, str *out);

/* ---- duckdb_map.c ---- */

enum status duck_register_function(struct engine *e, struct ctx *cx,
                                   const struct engine_function *function);

/* ---- duckdb_open.c ---- */

enum status            duck_connect(struct engine *e, struct ctx *cx, struct engine_conn **out);
void                   duck_disconnect(struct engine_conn *conn);
struct engine_progress duck_progress(struct engine_conn *conn);
void                   duck_interrupt(struct engine_conn *conn);

/* Runs one statement of engine.sql with at most one parameter, without the watcher. */
enum status duck_setup(struct _duckdb_connection *con, struct ctx *cx, const char *sql,
                       const struct engine_value *arg);

/* ---- duckdb_spill.c ---- */

/* Removes what dead processes left below `parent` and makes a locked private folder there. */
enum status duck_spill_open(struct ctx *cx, str parent, struct duck_spill **out);
str         duck_spill_path(const struct duck_spill *spill);
void        duck_spill_close(struct duck_spill *spill); /* removes the folder; NULL is fine */

#endif
