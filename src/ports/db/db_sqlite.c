/*
 * db_sqlite.c - the metadata store in one SQLite file: opening, settings, transactions.
 *
 * WAL mode with synchronous=FULL: one sync per commit, readers beside one writer. A new file is made
 * with mode 0600, for it tells who asked what; SQLite gives its -wal and -shm files the same mode.
 *
 * A COMMIT that fails may have left its last frame in the WAL, where a recovery after a crash would
 * find it although no reader saw it. Opening again and committing a write of our own settles it:
 * the new frames either follow the old ones or overwrite them.
 */
#include "db/db_sqlite_int.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

#include "db/db_sql.h"
#include "os/clock.h"
#include "os/file.h"

enum {
    STORE_ARENA_MAX = 64 << 20,
    PROGRESS_STEPS =
        4000, /* of SQLite's machine between two looks at cancel and deadline: < 1 ms */
    BUSY_STEP_US     = 2000,
    BUSY_STEP_MAX_US = 50000,
    SYNCHRONOUS_FULL = 2,
};

static const struct db_ops sqlite_ops;

struct db_sqlite *db_sqlite_of(struct db *db)
{
    assert(db->ops == &sqlite_ops);
    return container_of(db, struct db_sqlite, base);
}

bool db_sqlite_is_memory(const struct db_sqlite *d)
{
    return str_eq(d->shown, S(":memory:"));
}

/* ---- handlers that SQLite calls while it works ---- */

static int on_progress(void *arg)
{
    struct db_sqlite *d = arg;
    return d->cx != NULL && ctx_check(d->cx) != ST_OK;
}

/* Waits a little longer each time; gives up at the limit, the deadline or cancel. */
static int on_busy(void *arg, int count)
{
    struct db_sqlite *d       = arg;
    int64_t           wait_us = BUSY_STEP_US * ((int64_t)count + 1);

    if (d->cx == NULL || d->waited_us >= d->busy_us) {
        return 0;
    }
    wait_us = wait_us < BUSY_STEP_MAX_US ? wait_us : BUSY_STEP_MAX_US;
    if (os_sleep(d->cx, wait_us) != ST_OK) {
        return 0;
    }
    d->waited_us += wait_us;
    return 1;
}

/* ---- opening ---- */

static int open_flags(const struct db_sqlite *d)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

    switch (d->mode) {
    case DB_MODE_READ: return flags | SQLITE_OPEN_READONLY;
    case DB_MODE_WRITE: return flags | SQLITE_OPEN_READWRITE;
    case DB_MODE_CREATE: return flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    BUG("a mode of no kind");
}

/* Makes the missing file, private, and refuses one that lost its content. */
static enum status look_at_file(struct db_sqlite *d, struct ctx *cx)
{
    struct os_info info, wal;
    str            path = str_of(d->path);
    enum status    st;

    if (db_sqlite_is_memory(d) || d->vfs != NULL) {
        return ST_OK;
    }
    st = os_file_info(cx, path, OS_FOLLOW, &info);
    if (st == ST_NOT_FOUND && d->mode == DB_MODE_CREATE) {
        st = os_file_put(cx, path, S(""), OS_NEW, 0600);
        return st == ST_CONFLICT ? ST_OK : st; /* another process was first */
    }
    if (st == ST_NOT_FOUND) {
        return FAIL(cx, NOT_FOUND, "there is no metadata store \"" STR_FMT "\"", STR_ARG(d->shown));
    }
    TRY(st);
    if (info.size == 0 &&
        os_file_info(cx, arena_printf(cx->arena, "%s-wal", d->path), OS_FOLLOW, &wal) == ST_OK &&
        wal.size > 0) {
        return FAIL(cx, CORRUPT,
                    "the store \"" STR_FMT
                    "\" is empty but its \"-wal\" file is not: restore it from a backup",
                    STR_ARG(d->shown));
    }
    return ST_OK;
}

static void configure(struct db_sqlite *d)
{
    struct sqlite3 *h = d->handle;

    sqlite3_busy_handler(h, on_busy, d);
    sqlite3_progress_handler(h, PROGRESS_STEPS, on_progress, d);
    sqlite3_limit(h, SQLITE_LIMIT_LENGTH, DB_VALUE_MAX + 4096);
    sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

static enum status own_i64(struct db_sqlite *d, struct ctx *cx, enum db_sql_id id, int64_t *out)
{
    struct db_value value;

    TRY(db_sqlite_own(d, cx, &db_sql[id], &value));
    *out = value.kind == DB_I64 ? value.i64 : 0;
    return ST_OK;
}

static enum status make_tables(struct db_sqlite *d, struct ctx *cx)
{
    int64_t id, objects;

    TRY(own_i64(d, cx, DB_SQL_APPLICATION_ID, &id));
    TRY(own_i64(d, cx, DB_SQL_OBJECT_COUNT, &objects));
    if (id == DB_APPLICATION_ID) {
        return ST_OK; /* another process was first */
    }
    if (id != 0 || objects != 0) {
        return FAIL(cx, CORRUPT,
                    "\"" STR_FMT "\" is a database of another program, not a weft store",
                    STR_ARG(d->shown));
    }
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_APPLICATION_ID_SET], NULL));
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_STORE_TABLE], NULL));
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_MIGRATION_TABLE], NULL));
    return db_sqlite_own(d, cx, &db_sql[DB_SQL_STORE_ROW], NULL);
}

static void roll_back(struct db_sqlite *d)
{
    if (d->handle != NULL && !sqlite3_get_autocommit(d->handle)) {
        (void)db_sqlite_step_own(d, NULL, &db_sql[DB_SQL_ROLLBACK]);
    }
}

/* An empty file becomes a store in one transaction; a file of somebody else is refused. */
static enum status claim(struct db_sqlite *d, struct ctx *cx)
{
    int64_t     id;
    enum status st;

    TRY(own_i64(d, cx, DB_SQL_APPLICATION_ID, &id));
    if (id == DB_APPLICATION_ID) {
        return ST_OK;
    }
    if (d->mode != DB_MODE_CREATE) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is not a weft store", STR_ARG(d->shown));
    }
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_BEGIN_WRITE], NULL));
    st = make_tables(d, cx);
    if (st == ST_OK) {
        st = db_sqlite_own(d, cx, &db_sql[DB_SQL_COMMIT], NULL);
    }
    roll_back(d);
    return st;
}

/* SQLite does not call the busy handler for this one, so waiting is done here. */
static enum status set_wal(struct db_sqlite *d, struct ctx *cx)
{
    struct db_value mode      = { 0 };
    int64_t         waited_us = 0;
    enum status     st;

    for (;;) {
        st = db_sqlite_own(d, cx, &db_sql[DB_SQL_JOURNAL_WAL], &mode);
        if (st != ST_UNAVAILABLE || (sqlite3_errcode(d->handle) & 0xff) != SQLITE_BUSY ||
            waited_us >= d->busy_us) {
            break;
        }
        TRY(os_sleep(cx, BUSY_STEP_US));
        waited_us += BUSY_STEP_US;
    }
    TRY(st);
    if (!db_sqlite_is_memory(d) && (mode.kind != DB_TEXT || !str_eq_nocase(mode.bytes, S("wal")))) {
        return FAIL(cx, UNAVAILABLE,
                    "the store \"" STR_FMT
                    "\" cannot be kept on this file system: write-ahead logging is not possible",
                    STR_ARG(d->shown));
    }
    return ST_OK;
}

static enum status set_durability(struct db_sqlite *d, struct ctx *cx)
{
    int64_t synchronous, foreign_keys;

    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_CELL_SIZE_CHECK_ON], NULL));
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_SYNCHRONOUS_FULL], NULL));
    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_FOREIGN_KEYS_ON], NULL));
    TRY(own_i64(d, cx, DB_SQL_SYNCHRONOUS, &synchronous));
    TRY(own_i64(d, cx, DB_SQL_FOREIGN_KEYS, &foreign_keys));
    if (synchronous != SYNCHRONOUS_FULL || foreign_keys != 1) {
        return FAIL(cx, UNAVAILABLE,
                    "the store \"" STR_FMT
                    "\" did not take its settings (synchronous %lld, foreign keys %lld)",
                    STR_ARG(d->shown), (long long)synchronous, (long long)foreign_keys);
    }
    return ST_OK;
}

enum status db_sqlite_connect(struct db_sqlite *d, struct ctx *cx)
{
    int code;

    TRY(look_at_file(d, cx));
    code = sqlite3_open_v2(d->path, &d->handle, open_flags(d), d->vfs);
    if (code != SQLITE_OK) {
        return db_sqlite_fail(d, cx, code, "open the store");
    }
    configure(d);
    if (d->mode != DB_MODE_READ && sqlite3_db_readonly(d->handle, "main") == 1) {
        return FAIL(cx, DENIED,
                    "the store \"" STR_FMT "\" cannot be written: check the rights of the file",
                    STR_ARG(d->shown));
    }
    TRY(set_durability(d, cx));
    TRY(claim(d, cx));
    return d->mode == DB_MODE_READ ? ST_OK : set_wal(d, cx);
}

void db_sqlite_disconnect(struct db_sqlite *d)
{
    db_sqlite_finalize_all(d);
    if (d->handle != NULL && sqlite3_close(d->handle) != SQLITE_OK) {
        BUG("a statement is still open");
    }
    d->handle = NULL;
}

static enum status check_options(struct ctx *cx, const struct db_options *o)
{
    size_t at;

    if (o->path.len == 0 || o->path.len >= OS_PATH_MAX || str_find_char(o->path, '\0', &at)) {
        return FAIL(cx, INVALID, "the path of a store has 1 to %d bytes", OS_PATH_MAX - 1);
    }
    return ST_OK;
}

enum status db_sqlite_open(struct ctx *cx, const struct db_options *options, struct db **out)
{
    struct arena     *arena;
    struct db_sqlite *d;
    enum status       st;
    bool              is_bare;

    TRY(check_options(cx, options));
    TRY(ctx_check(cx));
    arena       = arena_new("metadata store", STORE_ARENA_MAX);
    d           = ARENA_NEW(arena, struct db_sqlite);
    d->base.ops = &sqlite_ops;
    d->arena    = arena;
    d->shown    = arena_dup(arena, options->path);
    d->mode     = options->mode;
    d->busy_us  = options->busy_us > 0 ? options->busy_us : DB_BUSY_DEFAULT_US;
    /* "file:…" and names that begin with ":" mean something else to SQLite. */
    is_bare = options->path.ptr[0] != '/' && !db_sqlite_is_memory(d);
    d->path = arena_cstr(arena, arena_concat(arena, is_bare ? S("./") : S(""), options->path));
    d->vfs  = options->vfs.len > 0 ? arena_cstr(arena, options->vfs) : NULL;
    st      = db_sqlite_connect(d, cx);
    if (st != ST_OK) {
        db_sqlite_disconnect(d);
        arena_free(arena);
        return st;
    }
    *out = &d->base;
    return ST_OK;
}

/* ---- operations ---- */

static str sqlite_path(struct db *db)
{
    return db_sqlite_of(db)->shown;
}

static bool sqlite_is_writable(struct db *db)
{
    return db_sqlite_of(db)->mode != DB_MODE_READ;
}

static enum status sqlite_begin(struct db *db, struct ctx *cx, enum db_access access)
{
    struct db_sqlite *d  = db_sqlite_of(db);
    enum db_sql_id    id = access == DB_WRITE ? DB_SQL_BEGIN_WRITE : DB_SQL_BEGIN_READ;
    enum status       st = db_sqlite_own(d, cx, &db_sql[id], NULL);

    if (st == ST_OK) {
        st = db_sqlite_own(d, cx, &db_sql[DB_SQL_PIN], NULL);
    }
    if (st != ST_OK) {
        roll_back(d);
    }
    return st;
}

/* Codes after which nothing of the transaction can be on disk. */
static bool is_definite(int code)
{
    int primary = code & 0xff;
    return primary == SQLITE_BUSY || primary == SQLITE_CONSTRAINT || primary == SQLITE_INTERRUPT;
}

static enum status sqlite_commit(struct db *db, struct ctx *cx, bool *is_unclear)
{
    struct db_sqlite *d = db_sqlite_of(db);
    enum status       st;
    int               code;

    if (sqlite3_get_autocommit(d->handle)) {
        return FAIL(cx, UNAVAILABLE, "the transaction was rolled back earlier");
    }
    code = db_sqlite_step_own(d, cx, &db_sql[DB_SQL_COMMIT]);
    if (code == SQLITE_DONE) {
        return ST_OK;
    }
    st = db_sqlite_fail(d, cx, code, "commit to");
    if (!is_definite(code)) {
        *is_unclear   = true;
        cx->err->code = ST_UNAVAILABLE;
        st            = err_add(cx->err, DB_UNCLEAR_TEXT);
    }
    roll_back(d);
    return st;
}

static void sqlite_rollback(struct db *db)
{
    roll_back(db_sqlite_of(db));
}

/* The setting does nothing inside a transaction, so it is read back. */
static enum status sqlite_references(struct db *db, struct ctx *cx, enum db_references references)
{
    struct db_sqlite *d     = db_sqlite_of(db);
    bool              is_on = references == DB_REFERENCES_ON;
    enum db_sql_id    id    = is_on ? DB_SQL_FOREIGN_KEYS_ON : DB_SQL_FOREIGN_KEYS_OFF;
    int64_t           found;

    TRY(db_sqlite_own(d, cx, &db_sql[id], NULL));
    TRY(own_i64(d, cx, DB_SQL_FOREIGN_KEYS, &found));
    if ((found == 1) != is_on) {
        return FAIL(cx, UNAVAILABLE, "the store \"" STR_FMT "\" did not take its settings",
                    STR_ARG(d->shown));
    }
    return ST_OK;
}

static enum status settle(struct db_sqlite *d, struct ctx *cx)
{
    enum status st;

    TRY(db_sqlite_own(d, cx, &db_sql[DB_SQL_BEGIN_WRITE], NULL));
    st = db_sqlite_own(d, cx, &db_sql[DB_SQL_SETTLE], NULL);
    if (st == ST_OK) {
        st = db_sqlite_own(d, cx, &db_sql[DB_SQL_COMMIT], NULL);
    }
    roll_back(d);
    return st;
}

static enum status sqlite_reopen(struct db *db, struct ctx *cx)
{
    struct db_sqlite *d    = db_sqlite_of(db);
    enum db_mode      mode = d->mode;
    enum status       st;

    if (db_sqlite_is_memory(d)) {
        return FAIL(cx, UNSUPPORTED, "a store in memory cannot be opened again");
    }
    db_sqlite_disconnect(d);
    d->mode = mode == DB_MODE_CREATE ? DB_MODE_WRITE : mode; /* it must be there */
    st      = db_sqlite_connect(d, cx);
    d->mode = mode;
    if (st == ST_OK && mode != DB_MODE_READ) {
        st = settle(d, cx);
    }
    return st;
}

static void sqlite_close(struct db *db)
{
    struct db_sqlite *d = db_sqlite_of(db);

    db_sqlite_disconnect(d);
    arena_free(d->arena);
}

static const struct db_ops sqlite_ops = {
    .name        = "sqlite",
    .path        = sqlite_path,
    .begin       = sqlite_begin,
    .commit      = sqlite_commit,
    .rollback    = sqlite_rollback,
    .run         = db_sqlite_run,
    .query       = db_sqlite_query,
    .next        = db_sqlite_next,
    .rows_close  = db_sqlite_rows_close,
    .script      = db_sqlite_script,
    .references  = sqlite_references,
    .copy        = db_sqlite_copy,
    .check       = db_sqlite_check,
    .reopen      = sqlite_reopen,
    .is_writable = sqlite_is_writable,
    .close       = sqlite_close,
};
