/*
 * powerloss.h - what would be left after a power loss, for tests.
 *
 * A kill keeps the page cache, so a kill loop says nothing about missing syncs. This recorder
 * copies each file's content when it is synced and each folder's list of names when the folder is
 * synced; powerloss_drop then rebuilds the tree from these copies alone. So whatever was written by
 * anybody (DuckDB too) and not synced through os/ (or announced by os_calls_after with OS_SYNC) is
 * gone.
 *
 *   content   as at the last sync of the file; a file that never was synced is empty
 *   names     as at the last sync of the folder; removed names come back when it was not synced
 *   modes     as at the last sync of the folder
 *
 * The copies lie in the shadow folder, on the same file system as the tree and outside of it, so
 * they outlive the process: record in a child, kill it, drop in the parent. Each file is also
 * pinned there by a hard link, so that no inode number is used twice; a folder's number may come
 * back after it was removed. Only regular files and folders; links are left out.
 *
 * Threads   any thread may sync while it records; start, stop and drop when no other call runs.
 */
#ifndef OS_POWERLOSS_H
#define OS_POWERLOSS_H

#include "base/ctx.h"

struct powerloss;

enum powerloss_mode {
    POWERLOSS_DROP, /* all that was not synced is lost                                          */
    POWERLOSS_MIX,  /* each unsynced name and each unsynced 4 KB block is lost or kept by chance */
};

/* What is in `root` now counts as durable; recording starts. `shadow` is made, or emptied. */
NODISCARD enum status powerloss_start(struct ctx *cx, str root, str shadow, struct powerloss **out);

/* Records on in another process, on what powerloss_start noted. */
NODISCARD enum status powerloss_attach(struct ctx *cx, str root, str shadow,
                                       struct powerloss **out);

/* Ends recording; the notes stay. Heap object: freed. */
void powerloss_stop(struct powerloss *p); /* NULL is fine */

/*
 * The power loss: rebuilds `root` from the notes in `shadow`. No process may have files of it open.
 * `seed` chooses for POWERLOSS_MIX. Recording must be started anew afterwards.
 */
NODISCARD enum status powerloss_drop(struct ctx *cx, str root, str shadow, enum powerloss_mode mode,
                                     uint64_t seed);

#endif
