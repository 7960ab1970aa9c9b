/*
 * db_sqlite_stmt.c - statements: prepared once per connection, bound by name, stepped.
 *
 * SQLite numbers $1, $2 … by their first appearance in the text, so each is looked up by name when
 * the statement is prepared. A statement is prepared when it is first used; one that runs twice at
 * the same time gets a twin.
 */
#include "db/db_sqlite_int.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>

/* How binds treat bytes: a run ends before its arguments go, a query does not. */
enum lifetime { BORROW, COPY };

static str key_of(struct db_cursor *cursor)
{
    return (str){ (const char *)&cursor->key, sizeof cursor->key };
}

static struct db_cursor *cursor_new(struct db_sqlite *d, const struct db_stmt *stmt)
{
    struct db_cursor *cursor = ARENA_NEW(d->arena, struct db_cursor);

    cursor->stmt      = stmt;
    cursor->key       = (uintptr_t)stmt;
    cursor->rows.stmt = stmt;
    return cursor;
}

static struct db_cursor *free_cursor(struct db_sqlite *d, const struct db_stmt *stmt)
{
    struct db_cursor  probe  = { .key = (uintptr_t)stmt };
    struct db_cursor *cursor = map_get(&d->cursors, key_of(&probe));

    if (cursor == NULL) {
        cursor = cursor_new(d, stmt);
        map_put(&d->cursors, d->arena, key_of(cursor), cursor);
    }
    while (cursor->is_busy) {
        if (cursor->twin == NULL) {
            cursor->twin = cursor_new(d, stmt);
        }
        cursor = cursor->twin;
    }
    return cursor;
}

static enum status fail_stmt(struct db_sqlite *d, struct ctx *cx, int code,
                             const struct db_stmt *stmt)
{
    char what[128];

    snprintf(what, sizeof what, "run statement \"%s\" on", stmt->name);
    return db_sqlite_fail(d, cx, code, what);
}

static void map_parameters(struct db_cursor *cursor)
{
    char name[16];

    for (int i = 0; i < cursor->stmt->params; i++) {
        int index;

        snprintf(name, sizeof name, "$%d", i + 1);
        index = sqlite3_bind_parameter_index(cursor->handle, name);
        assert(index > 0 && index <= DB_ARGS_MAX);
        cursor->index[i] = (uint8_t)index;
    }
    assert(sqlite3_bind_parameter_count(cursor->handle) == cursor->stmt->params);
}

/* Preparing may read the schema, and so wait for a lock. */
static int prepare_code(struct db_sqlite *d, struct ctx *cx, struct db_cursor *cursor)
{
    int code;

    if (cursor->handle != NULL) {
        return SQLITE_OK;
    }
    d->cx        = cx;
    d->waited_us = 0;
    code         = sqlite3_prepare_v3(d->handle, cursor->stmt->text, -1, SQLITE_PREPARE_PERSISTENT,
                                      &cursor->handle, NULL);
    d->cx        = NULL;
    if (code == SQLITE_OK) {
        map_parameters(cursor);
    }
    return code;
}

static enum status prepare(struct db_sqlite *d, struct ctx *cx, struct db_cursor *cursor)
{
    int code = prepare_code(d, cx, cursor);
    return code == SQLITE_OK ? ST_OK : fail_stmt(d, cx, code, cursor->stmt);
}

static int bind_value(struct sqlite3_stmt *handle, int index, const struct db_value *value,
                      enum lifetime lifetime)
{
    sqlite3_destructor_type keep = lifetime == COPY ? SQLITE_TRANSIENT : SQLITE_STATIC;
    const char *ptr = value->bytes.ptr != NULL ? value->bytes.ptr : ""; /* NULL would bind NULL */

    switch (value->kind) {
    case DB_NULL: return sqlite3_bind_null(handle, index);
    case DB_I64: return sqlite3_bind_int64(handle, index, value->i64);
    case DB_F64: return sqlite3_bind_double(handle, index, value->f64);
    case DB_TEXT:
        return sqlite3_bind_text64(handle, index, ptr, value->bytes.len, keep, SQLITE_UTF8);
    case DB_BLOB: return sqlite3_bind_blob64(handle, index, ptr, value->bytes.len, keep);
    }
    BUG("a value of no kind");
}

static enum status bind_all(struct db_sqlite *d, struct ctx *cx, struct db_cursor *cursor,
                            const struct db_call *call, enum lifetime lifetime)
{
    for (size_t i = 0; i < call->count; i++) {
        int code = bind_value(cursor->handle, cursor->index[i], &call->args[i], lifetime);

        if (code != SQLITE_OK) {
            sqlite3_clear_bindings(cursor->handle);
            return fail_stmt(d, cx, code, call->stmt);
        }
    }
    return ST_OK;
}

static enum status start(struct db_sqlite *d, struct ctx *cx, const struct db_call *call,
                         enum lifetime lifetime, struct db_cursor *cursor)
{
    TRY(prepare(d, cx, cursor));
    if (call->access == DB_READ && !sqlite3_stmt_readonly(cursor->handle)) {
        BUG("a statement that writes in a transaction that reads");
    }
    TRY(bind_all(d, cx, cursor, call, lifetime));
    cursor->is_busy = true;
    cursor->is_done = false;
    return ST_OK;
}

static void finish(struct db_cursor *cursor)
{
    sqlite3_reset(cursor->handle);
    sqlite3_clear_bindings(cursor->handle);
    cursor->is_busy = false;
}

static int step(struct db_sqlite *d, struct ctx *cx, struct db_cursor *cursor)
{
    int code;

    d->cx        = cx;
    d->waited_us = 0;
    code         = sqlite3_step(cursor->handle);
    d->cx        = NULL;
    return code;
}

static struct db_value value_at(struct sqlite3_stmt *handle, int column)
{
    const char *ptr;

    switch (sqlite3_column_type(handle, column)) {
    case SQLITE_INTEGER: return db_i64(sqlite3_column_int64(handle, column));
    case SQLITE_FLOAT: return db_f64(sqlite3_column_double(handle, column));
    case SQLITE_TEXT:
        ptr = (const char *)sqlite3_column_text(handle, column);
        return db_text((str){ ptr, ptr ? (size_t)sqlite3_column_bytes(handle, column) : 0 });
    case SQLITE_BLOB:
        ptr = sqlite3_column_blob(handle, column);
        return db_blob((str){ ptr, ptr ? (size_t)sqlite3_column_bytes(handle, column) : 0 });
    default: return db_null();
    }
}

static void load_row(struct db_sqlite *d, struct db_cursor *cursor)
{
    size_t count = (size_t)sqlite3_column_count(cursor->handle);

    if (count > cursor->cap) {
        cursor->rows.columns = arena_array(d->arena, count, sizeof *cursor->rows.columns);
        cursor->cap          = count;
    }
    cursor->rows.count = count;
    for (size_t i = 0; i < count; i++) {
        cursor->rows.columns[i] = value_at(cursor->handle, (int)i);
    }
}

enum status db_sqlite_run(struct db *db, struct ctx *cx, const struct db_call *call,
                          int64_t *changes)
{
    struct db_sqlite *d      = db_sqlite_of(db);
    struct db_cursor *cursor = free_cursor(d, call->stmt);
    enum status       st     = ST_OK;
    int               code;

    TRY(start(d, cx, call, BORROW, cursor));
    do {
        code = step(d, cx, cursor);
    } while (code == SQLITE_ROW);
    if (code == SQLITE_DONE) {
        *changes = sqlite3_stmt_readonly(cursor->handle) ? 0 : sqlite3_changes64(d->handle);
    } else {
        st = fail_stmt(d, cx, code, call->stmt);
    }
    finish(cursor);
    return st;
}

enum status db_sqlite_query(struct db *db, struct ctx *cx, const struct db_call *call,
                            struct db_rows **out)
{
    struct db_sqlite *d      = db_sqlite_of(db);
    struct db_cursor *cursor = free_cursor(d, call->stmt);

    TRY(start(d, cx, call, COPY, cursor));
    cursor->rows.count = 0;
    *out               = &cursor->rows;
    return ST_OK;
}

enum status db_sqlite_next(struct db *db, struct ctx *cx, struct db_rows *rows, bool *has_row)
{
    struct db_sqlite *d      = db_sqlite_of(db);
    struct db_cursor *cursor = container_of(rows, struct db_cursor, rows);
    int               code;

    if (cursor->is_done) { /* one more step would run it again */
        *has_row = false;
        return ST_OK;
    }
    TRY(ctx_check(cx));
    code = step(d, cx, cursor);
    if (code == SQLITE_ROW) {
        load_row(d, cursor);
        *has_row = true;
        return ST_OK;
    }
    rows->count = 0;
    if (code == SQLITE_DONE) {
        cursor->is_done = true;
        *has_row        = false;
        return ST_OK;
    }
    return fail_stmt(d, cx, code, rows->stmt);
}

void db_sqlite_rows_close(struct db *db, struct db_rows *rows)
{
    struct db_cursor *cursor = container_of(rows, struct db_cursor, rows);

    assert(db_sqlite_of(db) != NULL);
    (void)db; /* without assertions nothing else needs it */
    rows->db        = NULL;
    rows->next_open = NULL;
    rows->count     = 0;
    finish(cursor);
}

enum status db_sqlite_own(struct db_sqlite *d, struct ctx *cx, const struct db_stmt *stmt,
                          struct db_value *value)
{
    struct db_cursor *cursor = free_cursor(d, stmt);
    enum status       st     = ST_OK;
    int               code;

    TRY(prepare(d, cx, cursor));
    code = step(d, cx, cursor);
    if (value != NULL) {
        *value = code == SQLITE_ROW ? value_at(cursor->handle, 0) : db_null();
        if (value->kind == DB_TEXT || value->kind == DB_BLOB) {
            value->bytes = arena_dup(cx->arena, value->bytes);
        }
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        st = fail_stmt(d, cx, code, stmt);
    }
    finish(cursor);
    return st;
}

int db_sqlite_step_own(struct db_sqlite *d, struct ctx *cx, const struct db_stmt *stmt)
{
    struct db_cursor *cursor = free_cursor(d, stmt);
    int               code   = prepare_code(d, cx, cursor);

    if (code == SQLITE_OK) {
        code = step(d, cx, cursor);
        finish(cursor);
    }
    return code;
}

enum status db_sqlite_script(struct db *db, struct ctx *cx, const char *text)
{
    struct db_sqlite *d = db_sqlite_of(db);
    int               code;

    d->cx        = cx;
    d->waited_us = 0;
    code         = sqlite3_exec(d->handle, text, NULL, NULL, NULL);
    d->cx        = NULL;
    return code == SQLITE_OK ? ST_OK : db_sqlite_fail(d, cx, code, "change the schema of");
}

void db_sqlite_finalize_all(struct db_sqlite *d)
{
    for (size_t i = 0; i < d->cursors.count; i++) {
        for (struct db_cursor *c = d->cursors.entries[i].value; c != NULL; c = c->twin) {
            sqlite3_finalize(c->handle);
            c->handle  = NULL;
            c->is_busy = false;
        }
    }
}
