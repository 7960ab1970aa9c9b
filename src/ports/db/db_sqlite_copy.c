/*
 * db_sqlite_copy.c - a consistent copy while others write, and the check of the whole store.
 */
#include "db/db_sqlite_int.h"

#include <sqlite3.h>

#include "db/db_sql.h"
#include "os/file.h"

enum { COPY_PAGES = 1000, PROBLEMS_MAX = 100 };

/* ---- copy ---- */

static int copy_pages(struct ctx *cx, struct sqlite3_backup *backup, enum status *stopped)
{
    int code;

    do {
        code     = sqlite3_backup_step(backup, COPY_PAGES);
        *stopped = ctx_check(cx);
    } while (code == SQLITE_OK && *stopped == ST_OK);
    return code;
}

/*
 * From a connection of its own: the caller's may be in the middle of a write, of which the copy must
 * hold nothing. The open read transaction keeps the copy at one state.
 */
static enum status copy_from(struct db_sqlite *from, struct ctx *cx, struct sqlite3 *to)
{
    struct sqlite3_backup *backup;
    enum status            stopped = ST_OK;
    int                    code;

    TRY(db_sqlite_own(from, cx, &db_sql[DB_SQL_BEGIN_READ], NULL));
    TRY(db_sqlite_own(from, cx, &db_sql[DB_SQL_PIN], NULL));
    backup = sqlite3_backup_init(to, "main", from->handle, "main");
    if (backup == NULL) {
        return db_sqlite_fail(from, cx, sqlite3_errcode(to), "copy the store");
    }
    code = copy_pages(cx, backup, &stopped);
    if (sqlite3_backup_finish(backup) != SQLITE_OK && code == SQLITE_DONE) {
        code = sqlite3_errcode(to);
    }
    TRY(stopped);
    return code == SQLITE_DONE ? ST_OK : db_sqlite_fail(from, cx, code, "copy the store");
}

static enum status copy_to(struct db_sqlite *from, struct ctx *cx, str path)
{
    struct sqlite3  *to     = NULL;
    struct db_sqlite target = { .shown = path };
    int              code   = sqlite3_open_v2(arena_cstr(cx->arena, path), &to,
                                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                                              from->vfs);
    enum status      st;

    target.handle = to;
    st            = code == SQLITE_OK ? copy_from(from, cx, to)
                                      : db_sqlite_fail(&target, cx, code, "write the copy");
    code          = sqlite3_close(to);
    if (st == ST_OK && code != SQLITE_OK) {
        st = FAIL(cx, UNAVAILABLE, "could not finish the copy \"" STR_FMT "\"", STR_ARG(path));
    }
    return st;
}

static enum status sync_file(struct ctx *cx, str path)
{
    struct os_file *f;
    enum status     st;

    TRY(os_file_open(cx, path, &f));
    st = os_file_sync(cx, f);
    os_file_close(f);
    return st;
}

static enum status copy_under(struct db_sqlite *d, struct ctx *cx, str part)
{
    struct db_sqlite from = {
        .arena   = cx->arena,
        .path    = d->path,
        .vfs     = d->vfs,
        .shown   = d->shown,
        .mode    = DB_MODE_READ,
        .busy_us = d->busy_us,
    };
    enum status st;

    TRY(os_file_remove(cx, part, OS_MISSING_OK));
    TRY(os_file_put(cx, part, S(""), OS_NEW, 0600));
    st = db_sqlite_connect(&from, cx);
    if (st == ST_OK) {
        st = copy_to(&from, cx, part);
    }
    db_sqlite_disconnect(&from);
    return st == ST_OK ? sync_file(cx, part) : st;
}

enum status db_sqlite_copy(struct db *db, struct ctx *cx, str path)
{
    struct db_sqlite *d       = db_sqlite_of(db);
    struct err        ignored = { 0 };
    struct err       *outer   = cx->err;
    str         full = os_path_is_absolute(path) ? path : os_path_join(cx->arena, S("."), path);
    str         part = arena_concat(cx->arena, full, S(".part"));
    enum status st;
    bool        is_there;

    if (db_sqlite_is_memory(d)) {
        return FAIL(cx, UNSUPPORTED, "a store in memory cannot be copied");
    }
    TRY(os_file_exists(cx, path, &is_there));
    if (is_there) {
        return FAIL(cx, CONFLICT, "the copy \"" STR_FMT "\" exists", STR_ARG(path));
    }
    st = copy_under(d, cx, part);
    if (st == ST_OK) {
        st = os_file_move(cx, part, full, OS_NEW);
    }
    if (st != ST_OK) {
        cx->err = &ignored;
        ignore(os_file_remove(cx, part, OS_MISSING_OK), "the first failure is told");
        cx->err = outer;
        return err_wrap(cx->err, "copy to \"" STR_FMT "\"", STR_ARG(path));
    }
    return ST_OK;
}

/* ---- check ---- */

static void add_problem(struct ctx *cx, struct db_problems *p, str text)
{
    if (p->count < PROBLEMS_MAX) {
        p->items[p->count++] = arena_dup(cx->arena, text);
    }
}

static enum status walk(struct db *db, struct ctx *cx, enum db_sql_id id, struct db_problems *p)
{
    struct db_call  call    = { .stmt = &db_sql[id], .access = DB_READ };
    struct db_rows *rows    = NULL;
    bool            has_row = false;
    enum status     st;

    TRY(db_sqlite_query(db, cx, &call, &rows));
    st = db_sqlite_next(db, cx, rows, &has_row);
    while (st == ST_OK && has_row) {
        str first = db_col_text(rows, 0);

        if (id == DB_SQL_FOREIGN_KEY_CHECK) {
            add_problem(cx, p,
                        arena_printf(cx->arena,
                                     "row %lld of table \"" STR_FMT
                                     "\" refers to a row of \"" STR_FMT "\" that is not there",
                                     (long long)db_col_i64(rows, 1), STR_ARG(first),
                                     STR_ARG(db_col_text(rows, 2))));
        } else if (!str_eq(first, S("ok"))) {
            add_problem(cx, p, first);
        }
        st = db_sqlite_next(db, cx, rows, &has_row);
    }
    db_sqlite_rows_close(db, rows);
    return st;
}

enum status db_sqlite_check(struct db *db, struct ctx *cx, struct db_problems *out)
{
    struct db_problems found = { .items = arena_array(cx->arena, PROBLEMS_MAX, sizeof(str)) };
    enum status        st    = walk(db, cx, DB_SQL_INTEGRITY_CHECK, &found);

    if (st == ST_OK) {
        st = walk(db, cx, DB_SQL_FOREIGN_KEY_CHECK, &found);
    }
    if (st == ST_CORRUPT) { /* too damaged to be walked: that is an answer */
        add_problem(cx, &found, err_text(cx->err));
        st = ST_OK;
    }
    TRY(st);
    *out = found;
    return ST_OK;
}
