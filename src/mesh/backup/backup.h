/*
 * backup.h - the state of a mesh as one consistent set in another folder, and back.
 *
 *   DIR/backup.json          what the set is; written last (canonical JSON, RFC 8785)
 *   DIR/registry-<id>.db     a copy of the metadata store at one moment
 *   DIR/objects/<key>        every file that a snapshot of that store holds
 *   DIR/keys/<name>          the signing key and the keys of hashes (0600)
 *
 * Files are hashed while they are copied, against what the store says of them: a backup never carries a
 * damaged file on without saying so.
 *
 * Lifetime  results live in cx->arena.
 * Threads   none of its own.
 * Errors    ST_CONFLICT (another backup into this folder; a store that is there), ST_NOT_FOUND (no backup),
 *           ST_CORRUPT (files that are missing or not what was published, named in the report), and those of
 *           os, db and blob. After a failure the same call can be made again.
 */
#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include "base/ctx.h"
#include "base/vec.h"
#include "blob/blob.h"
#include "db/db.h"
#include "project/project.h"

enum { BACKUP_BAD_SHOWN = 100 };

/* The state that is saved, or that shall be there again. */
struct backup_state {
    const struct project *project;
    struct db            *db;         /* of the live mesh; a restore has none */
    str                   store_path; /* of the metadata store               */
    struct blob          *blob;
    str                   program; /* "weft 0.1.0" */
    /* Brings a store to the schema of this program. */
    enum status (*migrate)(void *arg, struct db *db);
    void *migrate_arg;
};

struct backup_report {
    str      made;         /* when the backup was made, ISO 8601 */
    uint64_t copied, kept; /* files; kept ones were there already */
    uint64_t copied_bytes, bytes;
    uint64_t removed; /* files that this backup no longer needs          */
    int64_t  events;  /* of the journal: the backup ends with this one   */
    uint64_t bad_count;
    VEC(str) bad; /* files that are missing or damaged, at most BACKUP_BAD_SHOWN */
};

/* Makes, or brings up to date, the backup in `dir` (absolute; made when it is missing, 0700). */
NODISCARD enum status backup_make(struct ctx *cx, const struct backup_state *state, str dir,
                                  struct backup_report *out);

/*
 * Puts the state of the backup in `dir` into place. There must be no store. What is missing or damaged is
 * reported and the rest restored: *out is filled also when this gives ST_CORRUPT for such files.
 */
NODISCARD enum status backup_restore(struct ctx *cx, const struct backup_state *state, str dir,
                                     struct backup_report *out);

#endif
