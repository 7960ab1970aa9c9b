/*
 * engine.c - the calls of the port: checks, limits and small conveniences, once for all engines.
 */
#include "engine/engine.h"

#include <assert.h>
#include <string.h>

#include "base/vec.h"
#include "engine/engine_int.h"

/* ------------------------------------------------------------------------- checks */

static enum status check_sql(struct ctx *cx, str sql)
{
    if (sql.len > ENGINE_SQL_MAX) {
        return FAIL(cx, LIMIT, "the SQL text is larger than %d bytes", ENGINE_SQL_MAX);
    }
    if (sql.len && memchr(sql.ptr, '\0', sql.len)) {
        return FAIL(cx, INVALID, "the SQL text contains a NUL byte");
    }
    return ST_OK;
}

static enum status check_free(const struct engine_conn *conn, struct ctx *cx)
{
    if (conn->busy_with) {
        return FAIL(cx, CONFLICT, "%s of this connection is still open; close it first",
                    conn->busy_with);
    }
    return ST_OK;
}

static enum status check_statement(const struct engine_conn *conn, struct ctx *cx,
                                   const struct engine_statement *statement)
{
    assert(!statement->prepared || statement->prepared->conn == conn);
    TRY(check_free(conn, cx));
    if (statement->arg_count > ENGINE_ARGS_MAX) {
        return FAIL(cx, LIMIT, "a statement has at most %d parameters", ENGINE_ARGS_MAX);
    }
    return statement->prepared ? ST_OK : check_sql(cx, statement->sql);
}

/* An earlier failure again, with its first words. */
static enum status repeat_failure(struct ctx *cx, const struct err *failure)
{
    *cx->err = *failure;
    return failure->code;
}

/* ------------------------------------------------------------------------- life cycle */

void engine_close(struct engine *e)
{
    if (e) {
        assert(atomic_load(&e->conn_count) == 0);
        e->ops->close(e);
    }
}

enum status engine_connect(struct engine *e, struct ctx *cx, struct engine_conn **out)
{
    TRY(e->ops->connect(e, cx, out));
    atomic_fetch_add(&e->conn_count, 1);
    return ST_OK;
}

void engine_disconnect(struct engine_conn *conn)
{
    if (conn) {
        assert(!conn->busy_with && conn->prepared_count == 0);
        atomic_fetch_sub(&conn->engine->conn_count, 1);
        conn->engine->ops->disconnect(conn);
    }
}

enum status engine_register_text_predicate(struct engine *e, struct ctx *cx,
                                           const struct engine_text_predicate *predicate)
{
    assert(predicate->test && predicate->name.len > 0);
    return e->ops->register_text_predicate(e, cx, predicate);
}

enum status engine_register_function(struct engine *e, struct ctx *cx,
                                     const struct engine_function *function)
{
    assert(function->name.len > 0 && function->argument_count <= ENGINE_FUNCTION_ARGS_MAX);
    assert(!function->map_text != !function->map_integer);
    assert((function->argument_count > 0) == (function->bind != NULL));
    assert(!function->enter == !function->leave);
    return e->ops->register_function(e, cx, function);
}

/* ------------------------------------------------------------------------- running SQL */

enum status engine_exec(struct engine_conn *conn, struct ctx *cx, str sql)
{
    TRY(check_free(conn, cx));
    TRY(check_sql(cx, sql));
    return conn->engine->ops->exec(conn, cx, sql);
}

enum status engine_query(struct engine_conn *conn, struct ctx *cx,
                         const struct engine_statement *statement, struct engine_result **out)
{
    struct engine_result *result = NULL;

    TRY(check_statement(conn, cx, statement));
    atomic_store(&conn->rows_sent, 0);
    TRY(conn->engine->ops->query(conn, cx, statement, &result));
    result->row_limit  = statement->row_limit;
    result->byte_limit = statement->byte_limit;
    conn->busy_with    = "a result";
    *out               = result;
    return ST_OK;
}

enum status engine_prepare(struct engine_conn *conn, struct ctx *cx, str sql,
                           struct engine_prepared **out)
{
    TRY(check_free(conn, cx));
    TRY(check_sql(cx, sql));
    TRY(conn->engine->ops->prepare(conn, cx, sql, out));
    conn->prepared_count++;
    return ST_OK;
}

const struct engine_schema *engine_prepared_schema(const struct engine_prepared *prepared)
{
    return &prepared->schema;
}

void engine_prepared_close(struct engine_prepared *prepared)
{
    if (prepared) {
        prepared->conn->prepared_count--;
        prepared->conn->engine->ops->prepared_close(prepared);
    }
}

enum status engine_describe(struct engine_conn *conn, struct ctx *cx, str sql,
                            struct engine_schema *out)
{
    struct engine_prepared *prepared = NULL;
    struct engine_schema    copy;

    TRY(engine_prepare(conn, cx, sql, &prepared));
    copy.count   = prepared->schema.count;
    copy.columns = arena_array(cx->arena, copy.count, sizeof *copy.columns);
    for (size_t i = 0; i < copy.count; i++) {
        copy.columns[i].name = arena_dup(cx->arena, prepared->schema.columns[i].name);
        copy.columns[i].type = arena_dup(cx->arena, prepared->schema.columns[i].type);
    }
    engine_prepared_close(prepared);
    *out = copy;
    return ST_OK;
}

/* ------------------------------------------------------------------------- results */

const struct engine_schema *engine_result_schema(const struct engine_result *result)
{
    return &result->schema;
}

const struct arrow_type *engine_result_type(const struct engine_result *result)
{
    return &result->type;
}

const struct ArrowSchema *engine_result_arrow(const struct engine_result *result)
{
    return &result->arrow;
}

/* Counts the batch; over a limit it is released and the stream fails. */
static enum status count_batch(struct engine_result *result, struct ctx *cx,
                               struct ArrowArray *batch)
{
    result->rows += (uint64_t)batch->length;
    if (result->row_limit && result->rows > result->row_limit) {
        arrow_array_release(batch);
        return FAIL(cx, LIMIT, "the result has more than %llu rows (row limit)",
                    (unsigned long long)result->row_limit);
    }
    if (result->byte_limit) {
        result->bytes += arrow_bytes(&result->type, batch);
        if (result->bytes > result->byte_limit) {
            arrow_array_release(batch);
            return FAIL(cx, LIMIT, "the result is larger than %llu bytes (byte limit)",
                        (unsigned long long)result->byte_limit);
        }
    }
    atomic_store_explicit(&result->conn->rows_sent, result->rows, memory_order_relaxed);
    return ST_OK;
}

enum status engine_result_next(struct engine_result *result, struct ctx *cx, struct ArrowArray *out,
                               bool *has_more)
{
    struct ArrowArray batch = { 0 };
    bool              more  = false;
    enum status       st;

    if (result->failure.code != ST_OK) {
        return repeat_failure(cx, &result->failure);
    }
    if (!result->is_done) {
        st = result->conn->engine->ops->result_next(result, cx, &batch, &more);
        if (st == ST_OK && more) {
            st = count_batch(result, cx, &batch);
        }
        if (st != ST_OK) {
            result->failure = *cx->err;
            return st;
        }
        result->is_done = !more;
    }
    *out      = batch;
    *has_more = more;
    return ST_OK;
}

void engine_result_close(struct engine_result *result)
{
    if (result) {
        result->conn->busy_with = NULL;
        result->conn->engine->ops->result_close(result);
    }
}

/* ------------------------------------------------------------------------- small results */

typedef VEC(str) cell_list;

static enum status add_batch(struct ctx *cx, const struct engine_result *result,
                             const struct ArrowArray *batch, cell_list *cells)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(arena_limit(cx->arena));
    size_t          columns              = result->schema.count;
    enum status     st                   = ST_OK;

    for (size_t row = 0; row < (size_t)batch->length && st == ST_OK; row++) {
        for (size_t column = 0; column < columns; column++) {
            struct arrow_cell cell  = arrow_cell_of(&result->type, batch, column, row);
            str               value = STR_NONE;

            if (!arrow_is_null(cell)) {
                buf_reset(&text);
                arrow_value_text(&text, cell);
                TRY(buf_check(&text, cx, "a value"));
                value = arena_dup(cx->arena, buf_view(&text));
            }
            vec_push(cx->arena, cells, value);
        }
        st = ctx_check(cx);
    }
    return st;
}

static enum status read_all(struct engine_result *result, struct ctx *cx, struct engine_table *out)
{
    struct ArrowArray batch = { 0 };
    cell_list         cells = { 0 };
    bool              more  = true;
    enum status       st    = ST_OK;

    while (st == ST_OK) {
        TRY(engine_result_next(result, cx, &batch, &more));
        if (!more) {
            break;
        }
        st = add_batch(cx, result, &batch, &cells);
        arrow_array_release(&batch);
    }
    *out = (struct engine_table){
        .columns = result->schema.count,
        .rows    = (size_t)result->rows,
        .cells   = cells.items,
    };
    return st;
}

enum status engine_rows(struct engine_conn *conn, struct ctx *cx,
                        const struct engine_statement *statement, struct engine_table *out)
{
    struct engine_statement bounded = *statement;
    struct engine_result   *result  = NULL;
    struct engine_table     table   = { 0 };
    enum status             st;

    if (!bounded.row_limit) {
        bounded.row_limit = ENGINE_ROWS_MAX;
    }
    TRY(engine_query(conn, cx, &bounded, &result));
    st = read_all(result, cx, &table);
    engine_result_close(result);
    TRY(st);
    *out = table;
    return ST_OK;
}

/* ------------------------------------------------------------------------- from other threads */

struct engine_progress engine_progress(struct engine_conn *conn)
{
    struct engine_progress p = conn->engine->ops->progress(conn);

    p.rows_sent = atomic_load_explicit(&conn->rows_sent, memory_order_relaxed);
    return p;
}

void engine_interrupt(struct engine_conn *conn)
{
    conn->engine->ops->interrupt(conn);
}

/* ------------------------------------------------------------------------- bulk input */

enum status engine_append_begin(struct engine_conn *conn, struct ctx *cx, str schema, str table,
                                struct engine_appender **out)
{
    TRY(check_free(conn, cx));
    TRY(check_sql(cx, schema));
    TRY(check_sql(cx, table));
    TRY(conn->engine->ops->append_begin(conn, cx, schema, table, out));
    conn->busy_with = "an appender";
    return ST_OK;
}

/* Remembers the first failure of an appender: what follows it would be a hole in the rows. */
static enum status keep_failure(struct engine_appender *appender, const struct ctx *cx,
                                enum status st)
{
    if (st != ST_OK) {
        appender->failure = *cx->err;
    }
    return st;
}

enum status engine_append_text(struct engine_appender *appender, struct ctx *cx, const str *values,
                               size_t count)
{
    assert(!appender->is_ended);
    if (appender->failure.code != ST_OK) {
        return repeat_failure(cx, &appender->failure);
    }
    return keep_failure(appender, cx,
                        appender->conn->engine->ops->append_text(appender, cx, values, count));
}

enum status engine_append_end(struct engine_appender *appender, struct ctx *cx)
{
    assert(!appender->is_ended);
    if (appender->failure.code != ST_OK) {
        return repeat_failure(cx, &appender->failure);
    }
    TRY(keep_failure(appender, cx, appender->conn->engine->ops->append_end(appender, cx)));
    appender->is_ended = true;
    return ST_OK;
}

void engine_append_close(struct engine_appender *appender)
{
    if (appender) {
        appender->conn->busy_with = NULL;
        appender->conn->engine->ops->append_close(appender);
    }
}

/* ------------------------------------------------------------------------- quoting */

static void add_doubled(struct buf *out, str text, char quote)
{
    buf_add_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) {
            buf_add_char(out, quote);
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, quote);
}

void engine_quote_ident(struct buf *out, str name)
{
    add_doubled(out, name, '"');
}

void engine_quote_text(struct buf *out, str text)
{
    add_doubled(out, text, '\'');
}
