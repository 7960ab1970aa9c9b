/*
 * delta_int.h - what the parts of the Delta log share. Only for this folder.
 */
#ifndef TABLE_DELTA_INT_H
#define TABLE_DELTA_INT_H

#include "codec/json.h"
#include "table/delta.h"

enum { DELTA_TEXT_MAX = 256 << 20 }; /* bytes of one version, or of the rows of a checkpoint */

/* Table features beyond protocol (1,2); bits. */
enum {
    DELTA_COLUMN_MAPPING = 1 << 0,
    DELTA_TIMESTAMP_NTZ  = 1 << 1,
    DELTA_VIEW           = 1 << 2,
};

/* ---- delta_schema.c ---- */

/* What the names and types of these columns ask for. */
NODISCARD enum status delta_features(struct ctx *cx, const struct table_columns *columns,
                                     unsigned *out);
/* schemaString: the columns as Spark's JSON, with comments, and ids where columns are mapped. */
NODISCARD enum status delta_schema_text(struct ctx *cx, const struct table_columns *columns,
                                        const struct table_about *about, unsigned features,
                                        str *out);

/* ---- delta_stats.c ---- */

/* Statistics of one file for columns of these types. */
NODISCARD enum status delta_stats_text(struct ctx *cx, const struct table_columns *columns,
                                       const struct table_file *file, str *out);

/* ---- delta_actions.c ---- */

/* A table at one version: protocol and metaData are JSON objects, without the names of the actions. */
struct delta_state {
    struct table_snapshot snapshot;
    struct table_files    files;
    str                   protocol, meta;
};

NODISCARD enum status delta_state_read(struct ctx *cx, str address, int64_t number,
                                       struct delta_state *out);

/* One action as a JSON object. */
enum delta_add { DELTA_ADD_NEW, DELTA_ADD_KEPT };
NODISCARD enum status delta_write_add(struct ctx *cx, struct json_writer *w,
                                      const struct delta_state *state,
                                      const struct table_file *file, enum delta_add how);
struct delta_removal {
    int64_t at_us;
    bool    is_change; /* by this version; else a tombstone of an earlier one */
};
NODISCARD enum status delta_write_remove(struct ctx *cx, struct json_writer *w,
                                         const struct delta_state   *state,
                                         const struct table_file    *file,
                                         const struct delta_removal *how);

/* ---- delta_checkpoint.c ---- */

str delta_log_key(struct arena *a, str address, const char *name);
str delta_checkpoint_key(struct arena *a, str address, int64_t version);

/* Writes the checkpoint of a version; ST_CONFLICT when there is one that says something else. */
NODISCARD enum status delta_checkpoint_write(struct ctx *cx, const struct delta_place *place,
                                             str address, int64_t version);
/* ST_CONFLICT when the checkpoint that is there says something else. */
NODISCARD enum status delta_checkpoint_check(struct ctx *cx, const struct delta_place *place,
                                             str address, int64_t version);
/* What _last_checkpoint says of a checkpoint that is there. */
NODISCARD enum status delta_last_checkpoint_text(struct ctx *cx, const struct delta_place *place,
                                                 str address, int64_t version, str *out);

#endif
