/*
 * db_sqlite_int.h - the SQLite connection behind a struct db, shared by the db_sqlite_*.c files.
 */
#ifndef DB_DB_SQLITE_INT_H
#define DB_DB_SQLITE_INT_H

#include "base/map.h"
#include "db/db_int.h"

struct sqlite3;
struct sqlite3_stmt;

/* Read with the file's application id: "weft". */
#define DB_APPLICATION_ID 2003134068

/* One prepared statement; it is also the rows of its query. Lives as long as the store. */
struct db_cursor {
    struct db_rows        rows;
    struct sqlite3_stmt  *handle; /* NULL: to be prepared (again)                     */
    const struct db_stmt *stmt;
    uintptr_t             key;  /* in the map: the address of stmt */
    struct db_cursor     *twin; /* a second one, for a query inside the same query  */
    size_t                cap;  /* of rows.columns                                  */
    bool                  is_busy;
    bool                  is_done;            /* the last row was given                          */
    uint8_t               index[DB_ARGS_MAX]; /* SQLite's number of $1, $2 …            */
};

struct db_sqlite {
    struct db       base;
    struct arena   *arena;  /* the store's own: this struct, cursors             */
    struct sqlite3 *handle; /* NULL while there is no connection                 */
    char           *path;   /* as SQLite opens it                                */
    char           *vfs;    /* or NULL                                           */
    str             shown;  /* the path as it was given                          */
    enum db_mode    mode;
    int64_t         busy_us;
    struct map      cursors;   /* address of db_stmt -> struct db_cursor            */
    struct ctx     *cx;        /* of the running call, for the handlers; or NULL    */
    int64_t         waited_us; /* by the busy handler, in the running call         */
};

/* The checked downcast. */
struct db_sqlite *db_sqlite_of(struct db *db);

bool db_sqlite_is_memory(const struct db_sqlite *d);

/*
 * The status and message for SQLite's result `code`; `what` is what could not be done ("open",
 * "write to"), the store's path follows it.
 */
NODISCARD enum status db_sqlite_fail(struct db_sqlite *d, struct ctx *cx, int code,
                                     const char *what);

/* "process 123 (weft)" for the writer that holds the store; empty when it is not known. */
str db_sqlite_holder(struct db_sqlite *d, struct ctx *cx);

/* Connects d->handle and sets and checks everything db_open promises. */
NODISCARD enum status db_sqlite_connect(struct db_sqlite *d, struct ctx *cx);
void                  db_sqlite_disconnect(struct db_sqlite *d);

/* Runs one of our own statements; *value is the first column of its first row (may be NULL). */
NODISCARD enum status db_sqlite_own(struct db_sqlite *d, struct ctx *cx, const struct db_stmt *stmt,
                                    struct db_value *value);
/* The raw result of the same, for COMMIT and ROLLBACK. */
int db_sqlite_step_own(struct db_sqlite *d, struct ctx *cx, const struct db_stmt *stmt);

/* Operations of db_ops. */
enum status db_sqlite_run(struct db *db, struct ctx *cx, const struct db_call *call,
                          int64_t *changes);
enum status db_sqlite_query(struct db *db, struct ctx *cx, const struct db_call *call,
                            struct db_rows **out);
enum status db_sqlite_next(struct db *db, struct ctx *cx, struct db_rows *rows, bool *has_row);
void        db_sqlite_rows_close(struct db *db, struct db_rows *rows);
enum status db_sqlite_script(struct db *db, struct ctx *cx, const char *text);
enum status db_sqlite_copy(struct db *db, struct ctx *cx, str path);
enum status db_sqlite_check(struct db *db, struct ctx *cx, struct db_problems *out);

/* Forgets all prepared statements. */
void db_sqlite_finalize_all(struct db_sqlite *d);

#endif
