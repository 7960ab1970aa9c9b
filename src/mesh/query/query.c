/*
 * query.c - approving, journalling and streaming a person's query.
 */
#include "query/query.h"

#include "codec/json.h"
#include "journal/journal.h"
#include "lineage/lineage.h"
#include "query/query_int.h"

/* ------------------------------------------------------------------------- journal */

static struct json *tables_json(struct arena *a, const struct guard_approved *approved)
{
    struct json *tables = json_new_array(a);

    for (size_t i = 0; i < approved->table_count; i++) {
        const struct guard_table *t       = &approved->tables[i];
        struct json              *entry   = json_new_object(a);
        struct json              *columns = json_new_array(a);

        json_set(a, entry, S("table"), json_new_str(a, t->key));
        for (size_t k = 0; k < t->column_count; k++) {
            json_append(a, columns, json_new_str(a, t->columns[k]));
        }
        json_set(a, entry, S("columns"), t->is_whole ? json_new_str(a, S("*")) : columns);
        json_append(a, tables, entry);
    }
    return tables;
}

static enum status write_started(struct ctx *cx, const struct guard_approved *approved, str *out)
{
    struct json        *details = json_new_object(cx->arena);
    struct journal_link link;

    json_set(cx->arena, details, S("tables"), tables_json(cx->arena, approved));
    TRY(journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_QUERY_STARTED, .details = details }, &link));
    *out = link.id;
    return ST_OK;
}

static enum status write_ended(struct ctx *cx, const struct query_stream *stream,
                               enum status outcome)
{
    struct json *details = json_new_object(cx->arena);

    json_set(cx->arena, details, S("event"), json_new_str(cx->arena, stream->event));
    json_set(cx->arena, details, S("status"), json_new_str(cx->arena, status_slug(outcome)));
    json_set(cx->arena, details, S("rows"), json_new_i64(cx->arena, (int64_t)stream->rows));
    json_set(cx->arena, details, S("bytes"), json_new_i64(cx->arena, (int64_t)stream->bytes));
    return journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_QUERY_ENDED, .details = details }, NULL);
}

static enum status write_refused(struct ctx *cx, enum status why)
{
    struct json *details = json_new_object(cx->arena);

    json_set(cx->arena, details, S("status"), json_new_str(cx->arena, status_slug(why)));
    return journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_QUERY_REFUSED, .details = details }, NULL);
}

/* Journals a refusal; the refusal's own message stays the one that is shown. */
static enum status refuse(struct ctx *cx, const struct query_env *env, enum status st)
{
    struct err err   = { 0 };
    struct ctx quiet = *cx;

    quiet.err = &err;
    if (db_begin(env->db, &quiet, DB_WRITE) == ST_OK) {
        ignore(db_end(&quiet, write_refused(&quiet, st)), "the refusal itself is the answer");
    }
    return st;
}

/* ------------------------------------------------------------------------- approving */

static enum status approve(struct ctx *cx, const struct query_env *env,
                           const struct query_request *rq, struct diags *findings,
                           struct query_stream *stream)
{
    struct query_resolver resolver;
    struct guard_request  request = { .text = { .name = rq->name, .bytes = rq->sql },
                                      .use  = GUARD_QUERY };

    query_resolver_init(&resolver, env);
    request.resolver = &resolver.base;
    TRY(guard_approve(env->guard, cx, &request, findings, &stream->approved));
    stream->tables      = resolver.tables.items;
    stream->table_count = resolver.tables.count;
    return ST_OK;
}

/* Names are resolved in one read of the store, so all tables are of one moment. */
static enum status approve_and_tell(struct ctx *cx, const struct query_env *env,
                                    const struct query_request *rq, struct diags *findings,
                                    struct query_stream *stream)
{
    enum status st;

    TRY(db_begin(env->db, cx, DB_READ));
    st = db_end(cx, approve(cx, env, rq, findings, stream));
    if (st != ST_OK) {
        return refuse(cx, env, st);
    }
    TRY(db_begin(env->db, cx, DB_WRITE));
    return db_end(cx, write_started(cx, &stream->approved, &stream->event));
}

/* A text that does not bind is refused with its place; other failures are the engine's. */
static enum status bind_and_start(struct ctx *cx, const struct query_request *rq,
                                  struct diags *findings, const struct engine_statement *statement,
                                  struct query_stream *stream)
{
    struct diag_text     text = { .name = rq->name, .bytes = rq->sql };
    struct engine_schema ignored;
    enum status          st = engine_query(stream->conn, cx, statement, &stream->result);

    if (st != ST_INVALID || engine_describe(stream->conn, cx, statement->sql, &ignored) == ST_OK) {
        return st;
    }
    return lineage_explain(cx, stream->conn, &text, &stream->approved, findings);
}

enum status query_open(struct ctx *cx, const struct query_env *env, const struct query_request *rq,
                       struct diags *findings, struct query_stream *out)
{
    struct query_stream     stream    = { .started_us = ctx_now_us(cx) };
    struct engine_statement statement = { .row_limit  = rq->row_limit,
                                          .byte_limit = rq->byte_limit };
    enum status             st;

    TRY(approve_and_tell(cx, env, rq, findings, &stream));
    statement.sql = stream.approved.sql;
    st            = engine_connect(env->engine, cx, &stream.conn);
    if (st == ST_OK) {
        st = bind_and_start(cx, rq, findings, &statement, &stream);
    }
    if (st != ST_OK) {
        ignore(query_close(cx, env, &stream, st), "the query's own failure is the answer");
        return st;
    }
    *out = stream;
    return ST_OK;
}

enum status query_next(struct ctx *cx, struct query_stream *stream, struct ArrowArray *out,
                       bool *has_more)
{
    struct ArrowArray batch = { 0 };

    TRY(engine_result_next(stream->result, cx, &batch, has_more));
    if (*has_more) {
        stream->rows += (uint64_t)batch.length;
        stream->bytes += arrow_bytes(engine_result_type(stream->result), &batch);
    }
    *out = batch;
    return ST_OK;
}

enum status query_close(struct ctx *cx, const struct query_env *env, struct query_stream *stream,
                        enum status outcome)
{
    struct err  err   = { 0 };
    struct ctx  quiet = *cx;
    enum status st;

    engine_result_close(stream->result);
    engine_disconnect(stream->conn);
    stream->result = NULL;
    stream->conn   = NULL;
    /* The record must be written also when the query was cancelled or late. */
    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    quiet.err         = outcome == ST_OK ? cx->err : &err;
    st                = db_begin(env->db, &quiet, DB_WRITE);
    return st == ST_OK ? db_end(&quiet, write_ended(&quiet, stream, outcome)) : st;
}

/* ------------------------------------------------------------------------- Parquet */

/* The engine stops at one row more than allowed: then there are too many. */
static enum status copy_rows(struct ctx *cx, const struct query_request *rq,
                             struct query_stream *stream, str path)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);
    struct engine_statement statement            = { 0 };
    struct engine_table     rows;

    if (rq->row_limit > 0) {
        buf_printf(&sql, "COPY (SELECT * FROM (" STR_FMT ") LIMIT %llu) TO ",
                   STR_ARG(stream->approved.sql), (unsigned long long)rq->row_limit + 1);
    } else {
        buf_printf(&sql, "COPY (" STR_FMT ") TO ", STR_ARG(stream->approved.sql));
    }
    engine_quote_text(&sql, path);
    buf_add(&sql, S(" (FORMAT parquet)"));
    TRY(buf_take(&sql, cx, "the statement that writes a file", &statement.sql));
    TRY(engine_rows(stream->conn, cx, &statement, &rows));
    if (rows.rows == 1 && rows.columns >= 1) {
        ignore(str_to_u64(engine_cell(&rows, 0, 0), &stream->rows) ? ST_OK : ST_INTERNAL,
               "the count is for the journal only");
    }
    if (rq->row_limit > 0 && stream->rows > rq->row_limit) {
        return FAIL(cx, LIMIT, "the result has more than %llu rows (row limit)",
                    (unsigned long long)rq->row_limit);
    }
    return ST_OK;
}

enum status query_to_parquet(struct ctx *cx, const struct query_env *env,
                             const struct query_request *rq, str path, struct diags *findings,
                             uint64_t *out_rows)
{
    struct query_stream stream = { .started_us = ctx_now_us(cx) };
    enum status         st;

    TRY(approve_and_tell(cx, env, rq, findings, &stream));
    st = engine_connect(env->engine, cx, &stream.conn);
    if (st == ST_OK) {
        st = copy_rows(cx, rq, &stream, path);
    }
    if (st == ST_OK) {
        *out_rows = stream.rows;
        return query_close(cx, env, &stream, st);
    }
    ignore(query_close(cx, env, &stream, st), "the query's own failure is the answer");
    return st;
}
