/*
 * retention.h - what time takes: majors at their sunset, and the files of old snapshots (weft.history).
 *
 * A major is withdrawn when its sunset, by the contract it was published with, has come, or when its product was
 * published without it and no sunset was promised. Its tables are served no longer; snapshots, numbers and
 * receipts stay. What a newer state took the place of, or what was withdrawn, stays for weft.history, counted from
 * then. The live state always stays, and so do numbers and receipts of all others.
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
    struct engine        *engine; /* writes checkpoints of Delta logs; or NULL, and then … */
    /* … this gives one when it is needed, for what an engine costs is not paid when nothing is due. */
    enum status (*need_engine)(void *arg, struct ctx *cx, struct engine **out);
    void *need_engine_arg;
};

/* A major that is served no longer, or why it still is. */
struct retention_withdrawn {
    str     address; /* "sales.orders_v1" */
    str     port, version;
    bool    has_sunset; /* else its product was published without it */
    int64_t sunset_us;
    size_t  tables;
    str     successor; /* address of the major to read in its place; or empty */
    str     why_not;   /* it is left for another time; empty = it was done   */
};
struct retention_withdrawals {
    VEC(struct retention_withdrawn) list;
};

/*
 * Withdraws what is due: the store in one transaction for each product, then the Delta logs. What a crash left of
 * logs is taken away by the next call.
 */
NODISCARD enum status retention_withdraw(struct ctx *cx, const struct retention_env *env,
                                         struct retention_withdrawals *out);

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
