/*
 * duckdb_append.c - rows of text into a table, in one transaction.
 *
 * The library's appender writes in portions, each of which would be visible by itself; so the rows
 * stand between BEGIN and COMMIT, and a failure or an early close rolls back.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>

#include "engine/engine_sql.h"

static enum status run_setup(struct duck_conn *conn, struct ctx *cx, enum engine_sql_id id)
{
    return duck_setup(conn->con, cx, engine_sql[id].text, NULL);
}

/* The appender's error as ours. */
static enum status append_failure(struct duck_appender *a, struct ctx *cx, enum status reason)
{
    duckdb_error_data error = duckdb_appender_error_data(a->app);
    enum status       st    = duck_fail(cx, reason, duckdb_error_data_message(error));

    duckdb_destroy_error_data(&error);
    return st;
}

/* Drops buffered rows and the transaction; the message in cx->err stays. */
static void roll_back(struct duck_appender *a)
{
    struct duck_conn *conn   = duck_conn_of(a->base.conn);
    struct err        unused = { .code = ST_OK };
    struct ctx        own    = { .arena = a->arena, .err = &unused };

    duckdb_appender_clear(a->app);
    duckdb_appender_destroy(&a->app);
    ignore(run_setup(conn, &own, ENGINE_SQL_ROLLBACK), "a failed statement may have ended it");
}

enum status duck_append_begin(struct engine_conn *base, struct ctx *cx, str schema, str table,
                              struct engine_appender **out)
{
    struct duck_conn     *conn = duck_conn_of(base);
    struct arena         *arena;
    struct duck_appender *a;

    TRY(ctx_check(cx));
    TRY(run_setup(conn, cx, ENGINE_SQL_BEGIN));
    arena        = arena_new("engine appender", ENGINE_ARENA_BYTES);
    a            = ARENA_NEW(arena, struct duck_appender);
    a->arena     = arena;
    a->base.conn = base;
    if (duckdb_appender_create(conn->con, schema.len ? arena_cstr(arena, schema) : NULL,
                               arena_cstr(arena, table), &a->app) != DuckDBSuccess) {
        enum status st = append_failure(a, cx, ST_OK);

        roll_back(a);
        arena_free(arena);
        return st;
    }
    *out = &a->base;
    return ST_OK;
}

static duckdb_state append_row(struct duck_appender *a, const str *values, size_t count)
{
    duckdb_state state = DuckDBSuccess;

    for (size_t i = 0; i < count && state == DuckDBSuccess; i++) {
        state = values[i].ptr ? duckdb_append_varchar_length(a->app, values[i].ptr, values[i].len)
                              : duckdb_append_null(a->app);
    }
    return state == DuckDBSuccess ? duckdb_appender_end_row(a->app) : state;
}

enum status duck_append_text(struct engine_appender *base, struct ctx *cx, const str *values,
                             size_t count)
{
    struct duck_appender *a      = container_of(base, struct duck_appender, base);
    struct duck_conn     *conn   = duck_conn_of(base->conn);
    idx_t                 wanted = duckdb_appender_column_count(a->app);
    duckdb_state          state;
    enum status           reason;

    if (wanted != count) {
        return FAIL(cx, INVALID, "the table has %llu columns, the row has %zu values",
                    (unsigned long long)wanted, count);
    }
    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    state  = append_row(a, values, count);
    reason = watch_end(duck_watch_of(conn), &conn->call);
    return state == DuckDBSuccess && reason == ST_OK ? ST_OK : append_failure(a, cx, reason);
}

enum status duck_append_end(struct engine_appender *base, struct ctx *cx)
{
    struct duck_appender *a    = container_of(base, struct duck_appender, base);
    struct duck_conn     *conn = duck_conn_of(base->conn);
    duckdb_state          state;
    enum status           reason;

    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    state  = duckdb_appender_close(a->app);
    reason = watch_end(duck_watch_of(conn), &conn->call);
    if (state != DuckDBSuccess || reason != ST_OK) {
        return append_failure(a, cx, reason);
    }
    return run_setup(conn, cx, ENGINE_SQL_COMMIT);
}

void duck_append_close(struct engine_appender *base)
{
    struct duck_appender *a = container_of(base, struct duck_appender, base);

    if (base->is_ended) {
        duckdb_appender_destroy(&a->app);
    } else {
        roll_back(a);
    }
    arena_free(a->arena);
}
