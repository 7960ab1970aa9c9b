/*
 * db.c - the rules that hold for every metadata store: order of calls, doom, unclear commits.
 */
#include "db/db.h"

#include <assert.h>

#include "db/db_int.h"

static enum status check_usable(struct db *db, struct ctx *cx)
{
    str path = db_path(db);

    if (db->is_unclear) {
        return FAIL(cx, UNAVAILABLE,
                    "the outcome of the last commit to \"" STR_FMT
                    "\" is not known: open the store again and look",
                    STR_ARG(path));
    }
    if (db->is_lost) {
        return FAIL(cx, UNAVAILABLE, "the store \"" STR_FMT "\" is not open", STR_ARG(path));
    }
    return ST_OK;
}

static void close_rows(struct db *db)
{
    while (db->open_rows != NULL) {
        struct db_rows *rows = db->open_rows;
        db->open_rows        = rows->next_open;
        db->ops->rows_close(db, rows);
    }
}

/* Refuses when the open transaction can only be rolled back. */
static enum status check_tx(struct ctx *cx)
{
    assert(cx->tx != NULL && cx->tx->db != NULL);
    if (cx->tx->is_doomed) {
        return FAIL(cx, UNAVAILABLE, "the transaction failed earlier and can only be rolled back");
    }
    return ST_OK;
}

/* Everything but a constraint leaves a transaction that can only be rolled back. */
static enum status note_outcome(struct db *db, enum status st)
{
    if (st != ST_OK && st != ST_CONFLICT) {
        db->tx.is_doomed = true;
    }
    return st;
}

/* ---- life cycle ---- */

enum status db_open(struct ctx *cx, const struct db_options *options, struct db **out)
{
    return db_sqlite_open(cx, options, out);
}

void db_close(struct db *db)
{
    if (db == NULL) {
        return;
    }
    close_rows(db);
    if (db->tx.db != NULL) {
        db->ops->rollback(db);
    }
    db->ops->close(db);
}

enum status db_reopen(struct db *db, struct ctx *cx)
{
    enum status st;

    assert(db->tx.db == NULL);
    st = db->ops->reopen(db, cx);
    if (st == ST_OK) {
        db->is_unclear = false;
        db->is_lost    = false;
    } else if (st != ST_UNSUPPORTED) {
        db->is_lost = true;
    }
    return st;
}

str db_path(const struct db *db)
{
    return db->ops->path(unconst(db));
}

const char *db_kind_name(const struct db *db)
{
    return db->ops->name;
}

/* ---- transactions ---- */

enum status db_begin(struct db *db, struct ctx *cx, enum db_access access)
{
    assert(cx->tx == NULL && db->tx.db == NULL);
    TRY(check_usable(db, cx));
    TRY(ctx_check(cx));
    if (access == DB_WRITE && !db->ops->is_writable(db)) {
        str path = db_path(db);
        return FAIL(cx, DENIED, "the store \"" STR_FMT "\" was opened for reading", STR_ARG(path));
    }
    TRY(db->ops->begin(db, cx, access));
    db->tx      = (struct db_tx){ .db = db, .access = access };
    db->changes = 0;
    cx->tx      = &db->tx;
    return ST_OK;
}

static struct db *end_tx(struct ctx *cx)
{
    struct db *db = cx->tx->db;

    close_rows(db);
    db->tx = (struct db_tx){ 0 };
    cx->tx = NULL;
    return db;
}

enum status db_commit(struct ctx *cx)
{
    struct db     *db;
    enum db_access access;
    enum status    st         = check_tx(cx);
    bool           is_unclear = false;

    if (st == ST_OK) {
        st = ctx_check(cx);
    }
    if (st != ST_OK) {
        db_rollback(cx);
        return st;
    }
    access         = cx->tx->access;
    db             = end_tx(cx);
    st             = db->ops->commit(db, cx, &is_unclear);
    db->is_unclear = is_unclear && access == DB_WRITE; /* nothing was written: nothing is unclear */
    return st;
}

void db_rollback(struct ctx *cx)
{
    if (cx->tx != NULL) {
        struct db *db = end_tx(cx);
        db->ops->rollback(db);
    }
}

enum status db_end(struct ctx *cx, enum status st)
{
    if (st == ST_OK) {
        return db_commit(cx);
    }
    db_rollback(cx);
    return st;
}

bool db_commit_is_unclear(const struct db *db)
{
    return db->is_unclear;
}

struct db *db_of(const struct ctx *cx)
{
    return cx->tx != NULL ? cx->tx->db : NULL;
}

/* ---- statements ---- */

static enum status check_args(struct ctx *cx, const struct db_call *call)
{
    assert(call->stmt->params >= 0 && (size_t)call->stmt->params == call->count);
    assert(call->count <= DB_ARGS_MAX);
    for (size_t i = 0; i < call->count; i++) {
        const struct db_value *arg      = &call->args[i];
        bool                   is_bytes = arg->kind == DB_TEXT || arg->kind == DB_BLOB;

        if (is_bytes && arg->bytes.len > (size_t)DB_VALUE_MAX) {
            return FAIL(cx, LIMIT, "a value of %zu bytes for \"%s\": the limit is %d",
                        arg->bytes.len, call->stmt->name, DB_VALUE_MAX);
        }
    }
    return ST_OK;
}

enum status db_run(struct ctx *cx, const struct db_stmt *stmt, const struct db_value *args,
                   size_t count)
{
    struct db_call call    = { .stmt = stmt, .args = args, .count = count };
    struct db     *db      = NULL;
    int64_t        changes = 0;

    TRY(check_tx(cx));
    db = cx->tx->db;
    TRY(note_outcome(db, check_args(cx, &call)));
    call.access = db->tx.access;
    TRY(note_outcome(db, db->ops->run(db, cx, &call, &changes)));
    db->changes = changes;
    return ST_OK;
}

int64_t db_changes(const struct ctx *cx)
{
    assert(cx->tx != NULL);
    return cx->tx->db->changes;
}

enum status db_query(struct ctx *cx, const struct db_stmt *stmt, const struct db_value *args,
                     size_t count, struct db_rows **out)
{
    struct db_call  call = { .stmt = stmt, .args = args, .count = count };
    struct db      *db   = NULL;
    struct db_rows *rows = NULL;

    TRY(check_tx(cx));
    db = cx->tx->db;
    TRY(note_outcome(db, check_args(cx, &call)));
    call.access = db->tx.access;
    TRY(note_outcome(db, db->ops->query(db, cx, &call, &rows)));
    rows->db        = db;
    rows->next_open = db->open_rows;
    db->open_rows   = rows;
    *out            = rows;
    return ST_OK;
}

enum status db_next(struct db_rows *rows, struct ctx *cx, bool *has_row)
{
    struct db *db;

    TRY(check_tx(cx));
    db = cx->tx->db;
    assert(rows->db == db);
    return note_outcome(db, db->ops->next(db, cx, rows, has_row));
}

void db_rows_close(struct db_rows *rows)
{
    if (rows == NULL || rows->db == NULL) {
        return;
    }
    for (struct db_rows **at = &rows->db->open_rows; *at != NULL; at = &(*at)->next_open) {
        if (*at == rows) {
            *at = rows->next_open;
            rows->db->ops->rows_close(rows->db, rows);
            return;
        }
    }
}

enum status db_query_one(struct ctx *cx, const struct db_stmt *stmt, const struct db_value *args,
                         size_t count, const struct db_rows **out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    struct db_rows      *row;
    bool                 has_row = false;

    TRY(db_query(cx, stmt, args, count, &rows));
    TRY(db_next(rows, cx, &has_row));
    if (!has_row) {
        *out = NULL;
        return ST_OK;
    }
    row          = ARENA_NEW(cx->arena, struct db_rows);
    row->stmt    = stmt;
    row->count   = rows->count;
    row->columns = arena_array(cx->arena, rows->count, sizeof *row->columns);
    for (size_t i = 0; i < rows->count; i++) {
        struct db_value *value = &row->columns[i];

        *value = rows->columns[i];
        if (value->kind == DB_TEXT || value->kind == DB_BLOB) {
            value->bytes = arena_dup(cx->arena, value->bytes);
        }
    }
    *out = row;
    return ST_OK;
}

/* ---- columns ---- */

static const struct db_value *column_of(const struct db_rows *rows, size_t column)
{
    assert(column < rows->count);
    return &rows->columns[column];
}

bool db_col_is_null(const struct db_rows *rows, size_t column)
{
    return column_of(rows, column)->kind == DB_NULL;
}

int64_t db_col_i64(const struct db_rows *rows, size_t column)
{
    const struct db_value *value = column_of(rows, column);
    return value->kind == DB_I64 ? value->i64 : 0;
}

double db_col_f64(const struct db_rows *rows, size_t column)
{
    const struct db_value *value = column_of(rows, column);

    if (value->kind == DB_I64) {
        return (double)value->i64;
    }
    return value->kind == DB_F64 ? value->f64 : 0;
}

str db_col_text(const struct db_rows *rows, size_t column)
{
    const struct db_value *value = column_of(rows, column);
    return value->kind == DB_TEXT ? value->bytes : S("");
}

str db_col_blob(const struct db_rows *rows, size_t column)
{
    const struct db_value *value = column_of(rows, column);
    return value->kind == DB_BLOB ? value->bytes : S("");
}

str db_text_dup(const struct db_rows *rows, struct ctx *cx, size_t column)
{
    return arena_dup(cx->arena, db_col_text(rows, column));
}

/* ---- whole store ---- */

enum status db_script(struct ctx *cx, const char *text)
{
    struct db *db;

    TRY(check_tx(cx));
    db = cx->tx->db;
    return note_outcome(db, db->ops->script(db, cx, text));
}

enum status db_copy(struct db *db, struct ctx *cx, str path)
{
    TRY(check_usable(db, cx));
    return db->ops->copy(db, cx, path);
}

enum status db_check(struct db *db, struct ctx *cx, struct db_problems *out)
{
    TRY(check_usable(db, cx));
    return db->ops->check(db, cx, out);
}
