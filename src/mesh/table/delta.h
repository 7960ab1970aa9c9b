/*
 * delta.h - the Delta log of a table: its folder is a Delta table for every engine that reads its bytes.
 *
 * The log is derived: each file of it follows from the store alone, the same bytes whenever and by
 * whomever it is written. Version n of the log is snapshot n of the table, so VERSION AS OF n means the
 * same on every door; version 0 makes the table, without rows. A log is written behind the commit of
 * the store, in order and without replacing anything; what a crash left out the next publish, or the
 * doctor, adds. A file that is there and holds something else was written by another program: then
 * nothing more is written, ever, until a person has looked.
 *
 *   <folder of the table>/_delta_log/00000000000000000007.json
 *                                    00000000000000000010.checkpoint.parquet   every DELTA_CHECKPOINT_EVERY
 *                                    _last_checkpoint                          says which is the newest
 *
 * Protocol  (1,2) where names and types allow, else (3,7) with columnMapping (by name, for names that
 *           Parquet readers refuse) and timestampNtz. A version whose snapshot is a view asks for the
 *           feature weftView, which no other program has: they refuse to read it, for it has no files.
 * Limits    bounds of the first DELTA_STATS_COLUMNS columns; texts cut at DELTA_STATS_CHARACTERS.
 * Use       all that reads the store needs an open transaction in cx; nothing here writes to it.
 * Threads   none of its own. Two that write the same log write the same files.
 * Errors    ST_CONFLICT: another program writes to the folder. ST_UNSUPPORTED: a version that the format
 *           cannot express. Those of blob.h, db.h and engine.h.
 * Source    delta-io/delta, PROTOCOL.md.
 */
#ifndef TABLE_DELTA_H
#define TABLE_DELTA_H

#include "blob/blob.h"
#include "engine/engine.h"
#include "table/table.h"

enum {
    DELTA_CHECKPOINT_EVERY = 10,
    DELTA_STATS_COLUMNS    = 32, /* what readers look at by themselves */
    DELTA_STATS_CHARACTERS = 32, /* of a text's bound                   */
};

/* Where logs are written. */
struct delta_place {
    struct blob *blob;
    struct engine
        *engine; /* writes checkpoints and compares them; NULL: they are only looked for */
};

/* A table that has a log, or should have one, and its newest version. */
struct delta_table {
    str     address;
    int64_t newest;
};
struct delta_tables {
    VEC(struct delta_table) list;
};

/* All tables of which some snapshot has files; views have no log. */
NODISCARD enum status delta_tables_all(struct ctx *cx, struct delta_tables *out);

/* The bytes of one version of the log. ST_NOT_FOUND when its snapshots are not in the store. */
NODISCARD enum status delta_commit_text(struct ctx *cx, str address, int64_t version, str *out);

enum delta_extent {
    DELTA_NEWEST, /* what is missing at the end of the log: cheap when nothing is */
    DELTA_ALL     /* also what was taken out of its middle                       */
};

/*
 * Writes what is missing of the log of a table; nothing when it has no files. *out is the number of
 * files that were written. When it fails, what was written before is whole and stays.
 */
NODISCARD enum status delta_write(struct ctx *cx, const struct delta_place *place, str address,
                                  enum delta_extent extent, size_t *out);

/*
 * Takes versions out of the log whose snapshots the store has forgotten, with what they say of values: a
 * checkpoint of the oldest snapshot that has its files takes their place. Needs place->engine.
 */
NODISCARD enum status delta_forget(struct ctx *cx, const struct delta_place *place, str address);

/*
 * Takes away the log of a table that readers see no longer: the newest version first, so that what a crash
 * leaves is the beginning of a log. What another program wrote behind it stays. Nothing when there is none.
 */
NODISCARD enum status delta_remove(struct ctx *cx, struct blob *blob, str address);

/* Whether there is anything in the folder of the log. */
NODISCARD enum status delta_has_log(struct ctx *cx, struct blob *blob, str address, bool *out);

/* Whether the newest version is missing: two looks at the store of objects, at most. */
NODISCARD enum status delta_is_behind(struct ctx *cx, const struct delta_place *place, str address,
                                      bool *out);

/* Something about a log that is not as it should be. */
enum delta_fault {
    DELTA_MISSING, /* or out of date: delta_write adds it                         */
    DELTA_FOREIGN, /* another program wrote it                                    */
    DELTA_ENDS     /* the format cannot express this version, nor what follows it */
};
struct delta_finding {
    enum delta_fault fault;
    str              address, key;
    str              what; /* "is missing" */
};
struct delta_findings {
    VEC(struct delta_finding) list;
    uint64_t files; /* of logs, that are as they should be */
};

/* Compares every file of a log with what it should be; adds to *out. */
NODISCARD enum status delta_check(struct ctx *cx, const struct delta_place *place,
                                  const struct delta_table *table, struct delta_findings *out);

/* The folder of the table in whose log an object lies; false when it lies in none. */
bool delta_log_folder(str key, str *out);

#endif
