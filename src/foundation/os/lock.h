/*
 * lock.h - locks between processes, on a lock file (flock).
 *
 * The kernel frees a lock when its holder dies, so a kill never leaves one. The file stays; it
 * holds the process id of the last exclusive holder, for messages only. Two locks of one process
 * exclude each other as those of two processes do.
 *
 * Lifetime  a struct os_lock lives in cx->arena and is freed with it at the latest.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/ctx.h"

enum os_lock_mode { OS_LOCK_SHARED, OS_LOCK_EXCLUSIVE };

struct os_lock;

/* ST_CONFLICT, naming the holder, when another one has it. Makes the file (0600), no folder. */
NODISCARD enum status os_lock_try(struct ctx *cx, str path, enum os_lock_mode mode,
                                  struct os_lock **out);

/* Waits until the deadline or cancel of `cx`: ST_TIMEOUT (naming the holder) or ST_CANCELLED. */
NODISCARD enum status os_lock_wait(struct ctx *cx, str path, enum os_lock_mode mode,
                                   struct os_lock **out);

void os_lock_close(struct os_lock *lock); /* NULL and twice are fine */

#endif
