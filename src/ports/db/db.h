/*
 * db.h - the metadata store: named SQL statements inside transactions.
 *
 * The port is shaped like SQL, not like tables: each module owns its tables and its statements
 * (<module>.sql, embedded by tools/sqlgen.c) and runs them here. Two implementations: SQLite, and a
 * decorator that fails on purpose (db_faulty.h). tests/conformance/db_test.c says what "the same" is.
 *
 * Use       TRY(db_begin(db, cx, DB_WRITE));
 *           return db_end(cx, write_all(cx, …));      commits after ST_OK, rolls back otherwise
 *           A statement runs inside the transaction of its context, cx->tx, never outside one, so
 *           several modules write in one transaction without knowing each other.
 * Snapshot  a transaction sees the store as it was at db_begin, plus its own writes. One writer at
 *           a time (db_begin waits for the other), any number of readers beside it.
 * Failure   ST_CONFLICT (a constraint): that statement did nothing and the transaction goes on.
 *           After any other failure the transaction can only be rolled back: it is doomed, and
 *           further statements and db_commit refuse with ST_UNAVAILABLE.
 * Commit    is durable when it returns ST_OK. An I/O error in it leaves the outcome unclear:
 *           ST_UNAVAILABLE, db_commit_is_unclear() is true, and the store refuses everything but
 *           db_reopen (which settles the outcome for good) and db_close. Then look for what was
 *           written before telling anybody anything.
 * Errors    ST_NOT_FOUND (no store there), ST_DENIED (rights, read-only), ST_CORRUPT (damaged, cut off
 *           or not a weft store), ST_UNAVAILABLE (busy, full disk, I/O), ST_UNSUPPORTED (the store
 *           is newer than the program), ST_CONFLICT, ST_LIMIT, ST_TIMEOUT, ST_CANCELLED.
 * Waiting   for another writer ends at the context's deadline or cancel, at the latest after
 *           options.busy_us; the message names the process that holds the store when it is known.
 * Threads   a struct db is one connection and belongs to one thread at a time; each thread opens
 *           its own, to the same path. ":memory:" is private to its connection.
 * Lifetime  a struct db is freed by db_close; rows end with their transaction at the latest.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/ctx.h"

struct db;

enum {
    DB_ARGS_MAX   = 99,        /* parameters of one statement               */
    DB_VALUE_MAX  = 256 << 20, /* bytes of one text or blob                 */
    DB_MODULE_MAX = 64,        /* modules with tables                       */
};
#define DB_BUSY_DEFAULT_US (10 * 1000 * 1000LL)

/* ---- what the generator makes ---- */

/* One named statement; parameters are $1 … $params, each value bound to its number. */
struct db_stmt {
    const char *name;
    const char *text;
    int         params;
};

/* One numbered step of a module's schema; numbers rise by one from 1. Never changed once released. */
struct db_migration {
    int         number;
    const char *name;
    const char *text; /* any number of statements */
};

/* The schema of one module. */
struct db_module {
    const char                *name;
    const struct db_migration *migrations;
    size_t                     count;
};

/* ---- values ---- */

enum db_kind { DB_NULL, DB_I64, DB_F64, DB_TEXT, DB_BLOB };

/* Zero is NULL. */
struct db_value {
    enum db_kind kind;
    union {
        int64_t i64;
        double  f64;
        str     bytes; /* DB_TEXT (UTF-8) and DB_BLOB */
    };
};

static inline struct db_value db_null(void)
{
    return (struct db_value){ .kind = DB_NULL };
}

static inline struct db_value db_i64(int64_t value)
{
    return (struct db_value){ .kind = DB_I64, .i64 = value };
}

static inline struct db_value db_f64(double value)
{
    return (struct db_value){ .kind = DB_F64, .f64 = value };
}

static inline struct db_value db_text(str value)
{
    return (struct db_value){ .kind = DB_TEXT, .bytes = value };
}

static inline struct db_value db_blob(str value)
{
    return (struct db_value){ .kind = DB_BLOB, .bytes = value };
}

/* NULL for an empty text: optional columns. */
static inline struct db_value db_text_or_null(str value)
{
    return value.len > 0 ? db_text(value) : db_null();
}

/* The two parameters `args, count` of db_run and db_query: db_run(cx, stmt, DB_ARGS(db_i64(1))). */
#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){ __VA_ARGS__ }, COUNT_OF(((const struct db_value[]){ __VA_ARGS__ }))
#define DB_NO_ARGS NULL, 0

/* ---- life cycle ---- */

enum db_mode {
    DB_MODE_READ,   /* the store must exist; writing is refused          */
    DB_MODE_WRITE,  /* the store must exist                              */
    DB_MODE_CREATE, /* made when it is missing (its folder must exist)   */
};

struct db_options {
    str          path; /* a file, or ":memory:" */
    enum db_mode mode;
    int64_t      busy_us; /* wait for another writer; 0 = DB_BUSY_DEFAULT_US */
    str          vfs;     /* SQLite only: a registered VFS; empty = the system's (tests) */
};

/*
 * Opens the store; *out has one owner, who closes it.
 *
 * Durability settings are set and read back (WAL, synchronous=FULL, foreign keys). A file that is
 * not a weft store, is damaged or cut off gives ST_CORRUPT and stays untouched.
 */
NODISCARD enum status db_open(struct ctx *cx, const struct db_options *options, struct db **out);

/* An open transaction is rolled back. NULL is fine. */
void db_close(struct db *db);

static inline void db_cleanup(struct db **db)
{
    db_close(*db);
}

/*
 * Opens the same store again behind the same handle and settles an unclear COMMIT: afterwards its
 * writes are either visible for good or gone for good. ST_UNSUPPORTED for ":memory:".
 */
NODISCARD enum status db_reopen(struct db *db, struct ctx *cx);

/* The path as given, and the implementation's name ("sqlite", "faulty"). */
str         db_path(const struct db *db);
const char *db_kind_name(const struct db *db);

/* ---- transactions ---- */

enum db_access { DB_READ, DB_WRITE };

/* Sets cx->tx. The context must have no transaction, and the store neither (asserted). */
NODISCARD enum status db_begin(struct db *db, struct ctx *cx, enum db_access access);

/* Ends the transaction whatever the outcome: cx->tx is NULL afterwards. See "Commit" above. */
NODISCARD enum status db_commit(struct ctx *cx);

/* Undoes everything since db_begin. Keeps cx->err; nothing when no transaction is open. */
void db_rollback(struct ctx *cx);

/* For CLEANUP: struct ctx *open CLEANUP(db_rollback_cleanup) = cx; */
static inline void db_rollback_cleanup(struct ctx **cx)
{
    db_rollback(*cx);
}

/* Commits when `st` is ST_OK; else rolls back and returns `st` with its message. */
NODISCARD enum status db_end(struct ctx *cx, enum status st);

/* True after a COMMIT of which nobody knows whether it happened, until db_reopen succeeds. */
bool db_commit_is_unclear(const struct db *db);
/* What the message of such a commit ends with; whoever settles it cuts it off. */
#define DB_UNCLEAR_TEXT "; whether it happened is not known"

/* The store of the open transaction; NULL when none is open. */
struct db *db_of(const struct ctx *cx);

/* ---- statements ---- */

/* Runs to the end; rows it returns are dropped. `count` must be stmt->params (asserted). */
NODISCARD enum status db_run(struct ctx *cx, const struct db_stmt *stmt,
                             const struct db_value *args, size_t count);

/* Rows that the last db_run of this transaction inserted, changed or deleted. */
int64_t db_changes(const struct ctx *cx);

/* The rows of a running query. Columns count from 0. */
struct db_rows {
    struct db            *db; /* NULL for a row of db_query_one */
    const struct db_stmt *stmt;
    struct db_value      *columns; /* of the current row */
    size_t                count;
    struct db_rows       *next_open;
};

/* Starts a query. `args` are copied. One statement may run several times at once. */
NODISCARD enum status db_query(struct ctx *cx, const struct db_stmt *stmt,
                               const struct db_value *args, size_t count, struct db_rows **out);

/*
 * The next row. Columns (texts and blobs too) are valid until the next call, db_rows_close or the
 * end of the transaction: copy what must live longer (db_text_dup).
 */
NODISCARD enum status db_next(struct db_rows *rows, struct ctx *cx, bool *has_row);

/* Ends the query; NULL is fine, and so is leaving it to the end of the transaction. */
void db_rows_close(struct db_rows *rows);

static inline void db_rows_cleanup(struct db_rows **rows)
{
    db_rows_close(*rows);
}

/*
 * The first row of a query, copied into cx->arena; *out is NULL when there is none. Nothing to
 * close.
 */
NODISCARD enum status db_query_one(struct ctx *cx, const struct db_stmt *stmt,
                                   const struct db_value *args, size_t count,
                                   const struct db_rows **out);

/* ---- columns; NULL, and a value of another kind, read as zero or empty ---- */

bool    db_col_is_null(const struct db_rows *rows, size_t column);
int64_t db_col_i64(const struct db_rows *rows, size_t column);
double  db_col_f64(const struct db_rows *rows, size_t column);
str     db_col_text(const struct db_rows *rows, size_t column); /* view */
str     db_col_blob(const struct db_rows *rows, size_t column); /* view */
/* A copy in cx->arena. */
str db_text_dup(const struct db_rows *rows, struct ctx *cx, size_t column);

/* ---- schema ---- */

struct db_schema_state {
    int version; /* of the store: the sum of the modules' numbers */
    int applied; /* migrations applied by this call               */
    str copy;    /* the copy made before; empty when none was needed */
};

/*
 * Brings the store to the schema of this program, in one transaction, modules in the order given.
 *
 * When the store has data it is copied first, beside itself ("<path>.before-<version>"); the copy is
 * left for the operator. ST_UNSUPPORTED when the store is newer than the program (names both
 * versions); ST_CORRUPT when a migration that was applied differs from the program's. A store opened
 * for reading is only compared: ST_UNSUPPORTED when it must be migrated first. On failure nothing
 * has changed. `out` may be NULL.
 */
NODISCARD enum status db_migrate(struct db *db, struct ctx *cx, const struct db_module *modules,
                                 size_t count, struct db_schema_state *out);

/* A whole, consistent copy while others read and write; `path` must not exist. Durable at ST_OK. */
NODISCARD enum status db_copy(struct db *db, struct ctx *cx, str path);

struct db_problems {
    str   *items; /* what is wrong, one sentence each, in cx->arena; at most 100 */
    size_t count;
};

/* Looks at every page, index, constraint and foreign key; O(store). ST_OK with count 0 = whole. */
NODISCARD enum status db_check(struct db *db, struct ctx *cx, struct db_problems *out);

#endif
