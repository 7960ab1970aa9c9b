/*
 * write.h - rows of the engine into Parquet files of a table.
 *
 * The file is written by the engine in place, under its final key (nothing is moved later), with
 * field ids at every level and statistics. It is no object until it is sealed: hashed, checked and
 * made durable with its folders (blob.h).
 */
#ifndef TABLE_WRITE_H
#define TABLE_WRITE_H

#include "blob/blob.h"
#include "engine/engine.h"
#include "table/table.h"

struct table_write {
    str                         key; /* table_key */
    const struct table_columns *columns;
    str                         select; /* approved SQL that gives the columns by name           */
    const struct engine_value  *args;   /* for parameters of `select`                             */
    size_t                      arg_count;
};

/* <domain>/<product>/<table>/v<major>/data/<publish id>/part-NNNNN.parquet */
str table_key(struct arena *a, str address, str publish_id, unsigned part);

/*
 * Runs the SELECT into the file; columns are cast to the declared types by name and order. *out has
 * key, bytes, rows and statistics; hash and digest are empty until table_seal.
 */
NODISCARD enum status table_write(struct ctx *cx, struct blob *blob, struct engine_conn *conn,
                                  const struct table_write *write, struct table_file *out);

/*
 * Makes the files durable objects and fills sha256, and row_digest by one pass over each file.
 * ST_CORRUPT when a file's rows are not the number that was written.
 */
NODISCARD enum status table_seal(struct ctx *cx, struct blob *blob, struct engine_conn *conn,
                                 const struct table_columns *columns, struct table_file *files,
                                 size_t count);

/* Files of one table, to be read. */
struct table_read {
    const struct table_columns *columns;
    const struct table_file    *files;
    size_t                      count;
    bool                        is_exact; /* table_is_exact */
    bool has_file_name;                   /* with a column TABLE_FILE_NAME: the path of the file */
};

#define TABLE_FILE_NAME "weft file"

/*
 * A relation for engine SQL: read_parquet over the files, by field id with
 * `schema = MAP {…}` unless they are exact.
 */
NODISCARD enum status table_relation(struct ctx *cx, struct blob *blob,
                                     const struct table_read *read, str *out);

#endif
