/*
 * table.h - tables of the mesh: snapshots, their files, and which one readers see.
 *
 * A snapshot is one immutable state of a table: its columns with field ids, and Parquet files with
 * full statistics. Files are written once under their final key and never moved (`write.h`); a commit
 * adds rows to the metadata store and moves the head, inside the transaction of cx->tx. A snapshot of a
 * view has no files: it names the SELECT that gives the rows when it is read.
 *
 * Keys      <domain>/<product>/<table>/v<major>/data/<publish id>/part-00000.parquet; the log that
 *           other engines read lies beside them (`delta.h`)
 * Field ids are given once and never again: a column that leaves takes its id with it; nested fields
 *           have ids of their own (path parts joined by U+001F).
 * Lifetime  what is read lives in cx->arena.
 * Threads   none of its own; rules of db.h hold.
 * Errors    ST_NOT_FOUND (no such table or snapshot), ST_CONFLICT, and those of db.h.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/ctx.h"
#include "base/vec.h"
#include "db/db.h"

enum { TABLE_FIELDS_MAX = 100000, TABLE_HISTORY_MAX = 10000 };

/* A field below a column: a.b, l.element, m.key, joined by U+001F. */
struct table_field {
    str     path;
    int32_t id;
};

struct table_column {
    str     name;
    str     type; /* the engine's text */
    int32_t field_id;
};

struct table_columns {
    VEC(struct table_column) list;
    VEC(struct table_field) nested; /* fields below the columns               */
    int32_t last_id;                /* the highest id ever given in this table */
};

struct table_file {
    str      key;
    uint64_t bytes, rows;
    str      sha256;     /* of the bytes, hex                                      */
    str      row_digest; /* order-free digest of the rows, decimal                 */
    str      stats;      /* JSON: {"column": {"min", "max", "null_count", …}, …}  */
    str      partition;  /* JSON: {"column": "value" or null, …} of all its rows; or empty */
    int64_t  made_us;    /* when it was committed                                  */
};

struct table_files {
    VEC(struct table_file) list;
};

struct table_snapshot {
    str                  id, address, publish_id, parent, product_id, port;
    str                  view;  /* of a view: SHA-256 of its SELECT, a document of the registry */
    str                  about; /* struct table_about as text; or empty */
    int64_t              number;
    struct table_columns columns;
    uint64_t             rows, bytes; /* rows of a view: when it was published */
    int64_t              made_us;
    int64_t              forgotten_us; /* since when its files are gone; 0 = they are there */
};

struct table_snapshots {
    VEC(struct table_snapshot) list;
};

/* A table that readers see no longer. */
struct table_gone {
    struct table_snapshot last; /* with the product and the port that it was of */
    int64_t               gone_us;
};
struct table_gones {
    VEC(struct table_gone) list;
};

/* ---- reading; each needs an open transaction ---- */

/* The live snapshot of domain.product_vN.table. */
NODISCARD enum status table_head(struct ctx *cx, str address, struct table_snapshot *out);
/* What was domain.product_vN.table and is not there any more; ST_NOT_FOUND also when it is there again. */
NODISCARD enum status table_gone_at(struct ctx *cx, str address, struct table_gone *out);
NODISCARD enum status table_gone_of(struct ctx *cx, str product_id, struct table_gones *out);
/* An older state; ST_NOT_FOUND when there is none of that number, or its files are gone. */
NODISCARD enum status table_at(struct ctx *cx, str address, int64_t number,
                               struct table_snapshot *out);
/* The state that a publish gave the table; ST_NOT_FOUND when it gave it none. */
NODISCARD enum status table_of_publish(struct ctx *cx, str address, str publish_id,
                                       struct table_snapshot *out);
NODISCARD enum status table_heads_of(struct ctx *cx, str product_id, struct table_snapshots *out);
NODISCARD enum status table_heads_all(struct ctx *cx, struct table_snapshots *out);
/* Newest first, at most `limit`. */
NODISCARD enum status table_history(struct ctx *cx, str address, int64_t limit,
                                    struct table_snapshots *out);
NODISCARD enum status table_files_of(struct ctx *cx, str snapshot_id, struct table_files *out);
/* Every file that any snapshot holds, by key. */
NODISCARD enum status table_files_all(struct ctx *cx, struct table_files *out);
NODISCARD enum status table_file_known(struct ctx *cx, str key, bool *out);
/* Addresses, with their majors, of the tables that the SELECT of a view names. */
struct table_addresses {
    VEC(str) list;
};
NODISCARD enum status table_view_inputs(struct ctx *cx, str snapshot_id,
                                        struct table_addresses *out);

/*
 * True when files of the snapshot `parent` (empty: none) and new ones all have exactly `columns`, of
 * types that Parquet keeps. Then the engine may read them as they are: with the files' statistics,
 * by which it orders joins. Else they are read by field id, which sees no statistics.
 */
NODISCARD enum status table_is_exact(struct ctx *cx, const struct table_columns *columns,
                                     str parent, bool *out);

/* ---- places ---- */

/* <domain>/<product>/<table>/v<major>/: keys of all that belongs to a table begin with it. */
str table_folder(struct arena *a, str address);

/* ---- committing ---- */

/* What makes a snapshot one of a view. */
struct table_view {
    str                    sql; /* SHA-256 of its SELECT                        */
    uint64_t               rows;
    struct table_addresses inputs;
};

/* What the contract says of a table and its columns, for those who read the table's folder. */
struct table_note {
    str path; /* a column, or parts joined as in struct table_field */
    str text;
};
struct table_about {
    str description;
    VEC(struct table_note) notes;
    VEC(str) partitions; /* columns that its rows are put apart by, in order */
};

struct table_commit {
    str                         address, product_id, port, publish_id;
    const struct table_columns *columns;
    const struct table_file    *files; /* new ones */
    size_t                      file_count;
    /* The state whose files it keeps, but for those of `dropped`; or NULL. */
    const struct table_snapshot *parent;
    const struct table_file     *dropped;
    size_t                       dropped_count;
    const struct table_view     *view;  /* then there are no files and no parent; or NULL */
    const struct table_about    *about; /* or NULL */
};

/* Adds the snapshot and moves the head to it. *out is the new snapshot. */
NODISCARD enum status table_commit(struct ctx *cx, const struct table_commit *commit,
                                   struct table_snapshot *out);

/* Readers see this table no longer; its history stays until it is forgotten. Nothing when it is not there. */
NODISCARD enum status table_remove(struct ctx *cx, str address);

/* ---- forgetting ---- */

/*
 * Lets go the files of all states of the table that a newer one replaced before `before_us`; the live
 * one always stays, the last one of a table that is gone stays when it went later. Their rows, and so
 * their numbers, remain. Adds to *count.
 */
NODISCARD enum status table_forget(struct ctx *cx, str address, int64_t before_us, size_t *count);

/* A file that nothing needs any longer. */
struct table_free_file {
    str      key;
    uint64_t bytes;
};
struct table_free_files {
    VEC(struct table_free_file) list;
};
/* Takes files that no state holds out of the store; the caller deletes them after the commit. */
NODISCARD enum status table_drop_free(struct ctx *cx, struct table_free_files *out);

/* ---- field ids ---- */

/* A column that shall be, before it has an id. */
struct table_shape {
    str name, type;
};

/*
 * Columns with ids: those of `before` (may be NULL) keep theirs by name and path, new ones get ids
 * never used in this table. ST_INVALID for a type that cannot be read, or not be stored: types are
 * those of coltype_stored, without arrays of a fixed length.
 */
NODISCARD enum status table_assign_ids(struct ctx *cx, const struct table_columns *before,
                                       const struct table_shape *shape, size_t count,
                                       struct table_columns *out);

/* The stored JSON form and back; ST_CORRUPT when it is not ours. */
NODISCARD enum status table_columns_text(struct ctx *cx, const struct table_columns *columns,
                                         str *out);
NODISCARD enum status table_columns_read(struct ctx *cx, str text, struct table_columns *out);

/* The stored form of what is said of a table; empty when nothing is. */
NODISCARD enum status table_about_text(struct ctx *cx, const struct table_about *about, str *out);
NODISCARD enum status table_about_read(struct ctx *cx, str text, struct table_about *out);

/* The schema of this module, for db_migrate. */
struct db_module table_schema(void);

#endif
