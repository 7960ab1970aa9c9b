/*
 * query.c - approving, journalling and streaming a person's query.
 */
#include "query/query.h"

#include "codec/json.h"
#include "journal/journal.h"
#include "lineage/lineage.h"
#include "query/query_int.h"

/* ------------------------------------------------------------------------- journal */

/* Names of the policies that changed what is read of a table. */
static struct json *policies_json(struct arena *a, const struct policy_decision *decision)
{
    struct json *names = json_new_array(a);

    for (size_t i = 0; decision && i < decision->applied_count; i++) {
        json_append(a, names, json_new_str(a, decision->applied[i]->name));
    }
    return names;
}

static const struct policy_decision *decision_of(const struct query_stream *stream,
                                                 const struct guard_table  *table)
{
    for (size_t i = 0; i < stream->tables.list.count; i++) {
        const struct query_table *t = &stream->tables.list.items[i];

        if (str_eq(t->address, table->key) && str_eq(t->through, table->through)) {
            return t->decision;
        }
    }
    return NULL;
}

static struct json *tables_json(struct arena *a, const struct query_stream *stream)
{
    const struct guard_approved *approved = &stream->approved;

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
        json_set(a, entry, S("policies"), policies_json(a, decision_of(stream, t)));
        if (t->through.len > 0) {
            json_set(a, entry, S("through"), json_new_str(a, t->through));
        }
        json_append(a, tables, entry);
    }
    return tables;
}

/* The journal's actor is who runs the program; the reader is whom it reads for. */
static void set_reader(struct arena *a, struct json *details, const struct query_env *env)
{
    json_set(a, details, S("reader"), json_new_str(a, policy_subject_name(env->reader.subject)));
}

static enum status write_started(struct ctx *cx, const struct query_env *env,
                                 const struct query_stream *stream, str *out)
{
    struct json        *details = json_new_object(cx->arena);
    struct journal_link link;

    set_reader(cx->arena, details, env);
    json_set(cx->arena, details, S("tables"), tables_json(cx->arena, stream));
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

static enum status write_refused(struct ctx *cx, const struct query_env *env, enum status why)
{
    struct json *details = json_new_object(cx->arena);

    set_reader(cx->arena, details, env);
    json_set(cx->arena, details, S("status"), json_new_str(cx->arena, status_slug(why)));
    return journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_QUERY_REFUSED, .details = details }, NULL);
}

enum status query_refuse(struct ctx *cx, const struct query_env *env, enum status st)
{
    struct err err   = { 0 };
    struct ctx quiet = *cx;

    quiet.err = &err;
    if (db_begin(env->db, &quiet, DB_WRITE) == ST_OK) {
        ignore(db_end(&quiet, write_refused(&quiet, env, st)), "the refusal itself is the answer");
    }
    return st;
}

/* ------------------------------------------------------------------------- messages */

enum status query_hide_message(struct ctx *cx, const struct access_reader *reader, enum status st)
{
    static const struct {
        enum status status;
        const char *text;
    } texts[] = {
        { ST_INVALID,
          "the query failed on a value; its message is not shown, since it could hold one" },
        { ST_LIMIT, "the query needs more than its limits allow (memory_limit, rows or bytes)" },
        { ST_TIMEOUT, "time limit reached" },
        { ST_UNSUPPORTED, "the engine cannot run a query of this form; write it another way" },
        { ST_CANCELLED, "cancelled" },
    };

    if (policy_subject_is_operator(reader->subject)) {
        return st;
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (st == texts[i].status) {
            return err_set(cx->err, st, __FILE__, __LINE__, "%s", texts[i].text);
        }
    }
    return err_set(cx->err, st, __FILE__, __LINE__, "the query failed; the operator can see why");
}

enum status query_connect(struct ctx *cx, const struct query_env *env, struct engine_conn **out)
{
    enum status st = engine_connect(env->engine, cx, out);

    return st == ST_OK ? ST_OK : query_hide_message(cx, &env->reader, st);
}

/* ------------------------------------------------------------------------- approving */

/* Readers should know in time; nothing is refused. */
static void tell_ends(struct ctx *cx, const struct query_resolver *resolver, struct diags *findings)
{
    for (size_t i = 0; i < resolver->notices.count; i++) {
        const struct query_notice *n = &resolver->notices.items[i];

        diag_add(findings, cx, DIAG_WARNING, NULL, (struct diag_pos){ 0 }, S("query.deprecated"),
                 n->life.successor.len
                     ? arena_printf(cx->arena, "use " STR_FMT, STR_ARG(n->life.successor))
                     : STR_NONE,
                 "\"" STR_FMT "\" is " STR_FMT, STR_ARG(n->address), STR_ARG(n->life.text));
    }
}

enum status query_approve(struct ctx *cx, const struct query_env *env,
                          const struct query_request *rq, struct diags *findings,
                          struct query_stream *stream)
{
    struct query_resolver resolver;
    struct guard_request  request = { .text = { .name = rq->name, .bytes = rq->sql },
                                      .use  = GUARD_QUERY };

    query_resolver_init(&resolver, env);
    request.resolver = &resolver.base;
    TRY(guard_approve(env->guard, cx, &request, findings, &stream->approved));
    stream->tables = resolver.tables;
    tell_ends(cx, &resolver, findings);
    return ST_OK;
}

enum status query_start(struct ctx *cx, const struct query_env *env, struct query_stream *stream)
{
    TRY(db_begin(env->db, cx, DB_WRITE));
    return db_end(cx, write_started(cx, env, stream, &stream->event));
}

/* Names are resolved in one read of the store, so all tables are of one moment. */
static enum status approve_and_tell(struct ctx *cx, const struct query_env *env,
                                    const struct query_request *rq, struct diags *findings,
                                    struct query_stream *stream)
{
    enum status st;

    TRY(db_begin(env->db, cx, DB_READ));
    st = db_end(cx, query_approve(cx, env, rq, findings, stream));
    if (st != ST_OK) {
        return query_refuse(cx, env, st);
    }
    return query_start(cx, env, stream);
}

/* ST_INVALID when the view, alone, does not bind: then what the engine says is about its inputs. */
static enum status check_view(struct ctx *cx, const struct query_env *env, struct engine_conn *conn,
                              str address)
{
    struct query_env     all = *env;
    struct query_request rq  = { .name = S("view") };
    struct query_stream  stream;
    struct engine_schema ignored;
    struct diags         untold = { 0 };

    all.reader = access_reader_operator(env->access);
    rq.sql     = arena_printf(cx->arena, "SELECT count(*) FROM " STR_FMT, STR_ARG(address));
    TRY(db_begin(env->db, cx, DB_READ));
    TRY(db_end(cx, query_approve(cx, &all, &rq, &untold, &stream)));
    return engine_describe(conn, cx, stream.approved.sql, &ignored) == ST_INVALID
               ? query_refuse_view(cx, address)
               : ST_OK;
}

/* The views that the text itself names; a broken one under another is the fault of both. */
static enum status check_views(struct ctx *cx, const struct query_env *env,
                               const struct query_stream *stream)
{
    const struct guard_approved *a = &stream->approved;

    for (size_t i = 0; i < a->table_count; i++) {
        bool is_view = false;

        for (size_t k = 0; k < a->table_count && a->tables[i].through.len == 0; k++) {
            is_view = is_view || str_eq(a->tables[k].through, a->tables[i].key);
        }
        if (is_view) {
            TRY(check_view(cx, env, stream->conn, a->tables[i].key));
        }
    }
    return ST_OK;
}

/* A text that does not bind is refused with its place; other failures are the engine's. */
static enum status bind_and_start(struct ctx *cx, const struct query_env *env,
                                  const struct query_request *rq, struct diags *findings,
                                  struct query_stream *stream)
{
    struct diag_text        text      = { .name = rq->name, .bytes = rq->sql };
    struct engine_statement statement = { .sql        = stream->approved.sql,
                                          .row_limit  = rq->row_limit,
                                          .byte_limit = rq->byte_limit };
    struct engine_schema    ignored;
    enum status             st = engine_query(stream->conn, cx, &statement, &stream->result);
    bool                    binds;

    if (st == ST_OK) {
        return st;
    }
    binds = st != ST_INVALID || engine_describe(stream->conn, cx, statement.sql, &ignored) == ST_OK;
    st    = query_hide_message(cx, &stream->reader, st);
    if (binds) {
        return st;
    }
    TRY(check_views(cx, env, stream));
    return lineage_explain(cx, stream->conn, &text, &stream->approved, findings);
}

enum status query_open(struct ctx *cx, const struct query_env *env, const struct query_request *rq,
                       struct diags *findings, struct query_stream *out)
{
    struct query_stream stream = { .started_us = ctx_now_us(cx), .reader = env->reader };
    enum status         st;

    TRY(approve_and_tell(cx, env, rq, findings, &stream));
    st = query_connect(cx, env, &stream.conn);
    if (st == ST_OK) {
        st = bind_and_start(cx, env, rq, findings, &stream);
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

    enum status st = engine_result_next(stream->result, cx, &batch, has_more);

    if (st != ST_OK) {
        return query_hide_message(cx, &stream->reader, st);
    }
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
    struct query_stream stream = { .started_us = ctx_now_us(cx), .reader = env->reader };
    enum status         st;

    TRY(approve_and_tell(cx, env, rq, findings, &stream));
    st = query_connect(cx, env, &stream.conn);
    if (st == ST_OK) {
        st = copy_rows(cx, rq, &stream, path);
        st = st == ST_OK ? st : query_hide_message(cx, &stream.reader, st);
    }
    if (st == ST_OK) {
        *out_rows = stream.rows;
        return query_close(cx, env, &stream, st);
    }
    ignore(query_close(cx, env, &stream, st), "the query's own failure is the answer");
    return st;
}
