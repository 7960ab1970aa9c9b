/*
 * duckdb_query.c - statements prepared, bound and started.
 *
 * Each call is registered with the watcher from before the first step to after the last; between the
 * steps the reason is asked for, since an interrupt is only heard while a query runs.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>

#include "engine/engine_sql.h"

/* ------------------------------------------------------------------------- parameters */

static duckdb_value text_value(str text)
{
    return text.ptr ? duckdb_create_varchar_length(text.ptr, text.len) : duckdb_create_null_value();
}

static duckdb_state bind_list(duckdb_prepared_statement ps, idx_t index,
                              const struct engine_value *arg, struct ctx *cx)
{
    size_t              count = arg->list.count;
    duckdb_logical_type type  = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_value       *items = arena_array(cx->arena, count, sizeof(duckdb_value));
    duckdb_value        list;
    duckdb_state        state;

    for (size_t i = 0; i < count; i++) {
        items[i] = text_value(arg->list.items[i]);
    }
    list  = duckdb_create_list_value(type, items, count);
    state = duckdb_bind_value(ps, index, list);
    duckdb_destroy_value(&list);
    for (size_t i = 0; i < count; i++) {
        duckdb_destroy_value(&items[i]);
    }
    duckdb_destroy_logical_type(&type);
    return state;
}

static duckdb_state bind_one(duckdb_prepared_statement ps, idx_t index,
                             const struct engine_value *arg, struct ctx *cx)
{
    switch (arg->kind) {
    case ENGINE_NULL: return duckdb_bind_null(ps, index);
    case ENGINE_BOOL: return duckdb_bind_boolean(ps, index, arg->boolean);
    case ENGINE_I64: return duckdb_bind_int64(ps, index, arg->i64);
    case ENGINE_F64: return duckdb_bind_double(ps, index, arg->f64);
    case ENGINE_TEXT:
        if (!arg->text.ptr) {
            return duckdb_bind_null(ps, index);
        }
        return duckdb_bind_varchar_length(ps, index, arg->text.ptr, arg->text.len);
    case ENGINE_TEXT_LIST: return bind_list(ps, index, arg, cx);
    }
    BUG("kind of a parameter");
}

enum status duck_bind(struct ctx *cx, duckdb_prepared_statement ps, const struct engine_value *args,
                      size_t count)
{
    idx_t wanted = duckdb_nparams(ps);

    if (wanted != count) {
        return FAIL(cx, INVALID, "the statement has %llu parameters, %zu values were given",
                    (unsigned long long)wanted, count);
    }
    duckdb_clear_bindings(ps);
    for (size_t i = 0; i < count; i++) {
        if (bind_one(ps, i + 1, &args[i], cx) != DuckDBSuccess) {
            const char *why = duckdb_prepare_error(ps);

            return FAIL(cx, INVALID, "could not bind parameter $%zu: %s", i + 1,
                        why ? why : "the value is not valid UTF-8 or out of range");
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- statements */

static enum status prepare(struct duck_conn *conn, struct ctx *cx, str sql,
                           duckdb_prepared_statement *out)
{
    const char  *text = arena_cstr(cx->arena, sql);
    enum status  reason;
    duckdb_state state = duckdb_prepare(conn->con, text, out);

    reason = watch_reason(duck_watch_of(conn), &conn->call);
    if (state != DuckDBSuccess || reason != ST_OK) {
        enum status st = duck_fail(cx, reason, duckdb_prepare_error(*out));

        duckdb_destroy_prepare(out);
        return st;
    }
    return ST_OK;
}

enum run_mode { RUN_STREAM, RUN_WHOLE };

/* Starts the bound statement; the caller destroys `out` even after a failure. */
static enum status run(struct duck_conn *conn, struct ctx *cx, duckdb_prepared_statement ps,
                       enum run_mode mode, duckdb_result *out)
{
    duckdb_pending_result pending = NULL;
    duckdb_state          state;
    enum status           st = ST_OK;

    state = mode == RUN_STREAM ? duckdb_pending_prepared_streaming(ps, &pending)
                               : duckdb_pending_prepared(ps, &pending);
    st    = watch_reason(duck_watch_of(conn), &conn->call);
    if (state != DuckDBSuccess || st != ST_OK) {
        st = duck_fail(cx, st, duckdb_pending_error(pending));
    } else if (duckdb_execute_pending(pending, out) != DuckDBSuccess) {
        st =
            duck_fail(cx, watch_reason(duck_watch_of(conn), &conn->call), duckdb_result_error(out));
    }
    duckdb_destroy_pending(&pending);
    return st;
}

static enum status run_each(struct duck_conn *conn, struct ctx *cx,
                            duckdb_extracted_statements list, idx_t count)
{
    for (idx_t i = 0; i < count; i++) {
        duckdb_prepared_statement ps = NULL;
        duckdb_result             rs = { 0 };
        enum status               st;

        if (duckdb_prepare_extracted_statement(conn->con, list, i, &ps) != DuckDBSuccess) {
            st = duck_fail(cx, watch_reason(duck_watch_of(conn), &conn->call),
                           duckdb_prepare_error(ps));
        } else {
            st = run(conn, cx, ps, RUN_WHOLE, &rs);
        }
        duckdb_destroy_result(&rs);
        duckdb_destroy_prepare(&ps);
        TRY(st);
    }
    return ST_OK;
}

enum status duck_exec(struct engine_conn *base, struct ctx *cx, str sql)
{
    struct duck_conn           *conn = duck_conn_of(base);
    duckdb_extracted_statements list = NULL;
    enum status                 st   = ST_OK;
    idx_t                       count;

    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    count = duckdb_extract_statements(conn->con, arena_cstr(cx->arena, sql), &list);
    if (count == 0 && duckdb_extract_statements_error(list)) {
        st = duck_fail(cx, watch_reason(duck_watch_of(conn), &conn->call),
                       duckdb_extract_statements_error(list));
    } else {
        st = run_each(conn, cx, list, count);
    }
    duckdb_destroy_extracted(&list);
    /* What has happened has happened: a COMMIT that won the race against a cancel is a success. */
    watch_end(duck_watch_of(conn), &conn->call);
    return st;
}

/* Between begin and end of the call. */
static enum status start(struct duck_conn *conn, struct ctx *cx,
                         const struct engine_statement *statement, struct duck_result *r)
{
    duckdb_prepared_statement ps;

    if (statement->prepared) {
        ps = container_of(statement->prepared, struct duck_prepared, base)->ps;
    } else {
        TRY(prepare(conn, cx, statement->sql, &r->ps));
        ps = r->ps;
    }
    TRY(duck_bind(cx, ps, statement->args, statement->arg_count));
    TRY(run(conn, cx, ps, RUN_STREAM, r->rs));
    return duck_result_describe(r, cx);
}

enum status duck_query(struct engine_conn *base, struct ctx *cx,
                       const struct engine_statement *statement, struct engine_result **out)
{
    struct duck_conn   *conn = duck_conn_of(base);
    struct arena       *arena;
    struct duck_result *r;
    enum status         st;

    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    arena        = arena_new("engine result", ENGINE_ARENA_BYTES);
    r            = ARENA_NEW(arena, struct duck_result);
    r->arena     = arena;
    r->rs        = ARENA_NEW(arena, duckdb_result);
    r->base.conn = base;
    st           = start(conn, cx, statement, r);
    watch_end(duck_watch_of(conn), &conn->call);
    if (st != ST_OK) {
        duck_result_close(&r->base);
        return st;
    }
    *out = &r->base;
    return ST_OK;
}

/* ------------------------------------------------------------------------- prepared */

static void read_columns(struct arena *a, duckdb_prepared_statement ps, struct engine_schema *out)
{
    out->count   = duckdb_prepared_statement_column_count(ps);
    out->columns = arena_array(a, out->count, sizeof *out->columns);
    for (size_t i = 0; i < out->count; i++) {
        const char         *name = duckdb_prepared_statement_column_name(ps, i);
        duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(ps, i);

        out->columns[i].name = arena_dup(a, str_of(name));
        out->columns[i].type = duck_type_text(a, type);
        duckdb_free(unconst(name));
        duckdb_destroy_logical_type(&type);
    }
}

enum status duck_prepare(struct engine_conn *base, struct ctx *cx, str sql,
                         struct engine_prepared **out)
{
    struct duck_conn         *conn = duck_conn_of(base);
    duckdb_prepared_statement ps   = NULL;
    struct duck_prepared     *prepared;
    struct arena             *arena;
    enum status               st;

    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    st = prepare(conn, cx, sql, &ps);
    watch_end(duck_watch_of(conn), &conn->call);
    TRY(st);
    arena               = arena_new("engine prepared", ENGINE_ARENA_BYTES);
    prepared            = ARENA_NEW(arena, struct duck_prepared);
    prepared->base.conn = base;
    prepared->arena     = arena;
    prepared->ps        = ps;
    read_columns(arena, ps, &prepared->base.schema);
    *out = &prepared->base;
    return ST_OK;
}

void duck_prepared_close(struct engine_prepared *base)
{
    struct duck_prepared *prepared = container_of(base, struct duck_prepared, base);

    duckdb_destroy_prepare(&prepared->ps);
    arena_free(prepared->arena);
}
