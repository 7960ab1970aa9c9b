/*
 * db_int.h - what an implementation of the metadata store provides.
 *
 * db.c keeps the state that callers see (open transaction, open rows, doom, unclear commit) in the
 * struct db they hold and calls these operations in a legal order only; an implementation keeps the
 * connection. A decorator embeds a struct db of its own and passes the calls to an inner one, whose
 * struct db state stays unused. Rows are made by the innermost implementation; db.c points them at
 * the outermost store.
 */
#ifndef DB_DB_INT_H
#define DB_DB_INT_H

#include "db/db.h"

struct db_tx {
    struct db     *db;
    enum db_access access;
    bool           is_doomed; /* a statement failed: only a rollback is left */
};

struct db {
    const struct db_ops *ops;
    struct db_tx         tx;         /* tx.db == NULL: none is open           */
    struct db_rows      *open_rows;  /* of the transaction                    */
    int64_t              changes;    /* of the last db_run                    */
    bool                 is_unclear; /* the last COMMIT                       */
    bool                 is_lost;    /* there is no connection: db_reopen     */
};

struct db_call {
    const struct db_stmt  *stmt;
    const struct db_value *args;
    size_t                 count;
    enum db_access         access;
};

/* Whether references are enforced: off only while a migration may rebuild tables. */
enum db_references { DB_REFERENCES_ON, DB_REFERENCES_OFF };

struct db_ops {
    const char *name;
    str (*path)(struct db *);
    enum status (*begin)(struct db *, struct ctx *, enum db_access);
    /* Ends the transaction in every case; *is_unclear is set on failure only. */
    enum status (*commit)(struct db *, struct ctx *, bool *is_unclear);
    void (*rollback)(struct db *);
    enum status (*run)(struct db *, struct ctx *, const struct db_call *, int64_t *changes);
    enum status (*query)(struct db *, struct ctx *, const struct db_call *, struct db_rows **out);
    enum status (*next)(struct db *, struct ctx *, struct db_rows *, bool *has_row);
    void (*rows_close)(struct db *, struct db_rows *);
    /* Several statements without parameters, in the open transaction. */
    enum status (*script)(struct db *, struct ctx *, const char *text);
    /* Outside a transaction. */
    enum status (*references)(struct db *, struct ctx *, enum db_references);
    enum status (*copy)(struct db *, struct ctx *, str path);
    enum status (*check)(struct db *, struct ctx *, struct db_problems *out);
    enum status (*reopen)(struct db *, struct ctx *);
    bool (*is_writable)(struct db *);
    void (*close)(struct db *);
};

/* Runs a migration's text in the open transaction of cx. */
NODISCARD enum status db_script(struct ctx *cx, const char *text);

/* The SQLite implementation. */
NODISCARD enum status db_sqlite_open(struct ctx *cx, const struct db_options *options,
                                     struct db **out);

#endif
