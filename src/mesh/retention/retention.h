/*
 * retention.h - old snapshots lose their files when their time is over (weft.history).
 *
 * What a newer state took the place of stays for weft.history, counted from then. The live state always
 * stays, and so do numbers and receipts of all others.
 *
 * Lifetime  results live in cx->arena.
 * Threads   none of its own.
 * Errors    ST_CONFLICT (a backup reads old files), those of db, blob and os.
 */
#ifndef RETENTION_RETENTION_H
#define RETENTION_RETENTION_H

#include "blob/blob.h"
#include "db/db.h"
#include "engine/engine.h"
#include "os/lock.h"
#include "project/project.h"

struct retention_env {
    const struct project *project;
    struct db            *db;
    struct blob          *blob;
    struct engine        *engine; /* writes checkpoints of Delta logs */
};

/* What one product forgot, or why it could not. */
struct retention_result {
    str      product; /* address */
    size_t   snapshots, files;
    uint64_t bytes;
    str      why_not; /* it is left for another time; empty = it was done */
    str      log;     /* why a Delta log still tells of what was forgotten; or empty */
};
struct retention_list {
    VEC(struct retention_result) list;
};

/* Takes the files of old snapshots whose time is over; products with nothing due are not listed. */
NODISCARD enum status retention_forget(struct ctx *cx, const struct retention_env *env,
                                       struct retention_list *out);

/*
 * A lock on old files: shared by who reads them all (a backup), exclusive for who removes some.
 * ST_CONFLICT when another process has it otherwise.
 */
NODISCARD enum status retention_lock(struct ctx *cx, const struct project *project,
                                     enum os_lock_mode mode, struct os_lock **out);

#endif
