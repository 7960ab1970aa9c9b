/*
 * os_calls.h - every system call of this program can be watched, failed and cut short.
 *
 * Each call on files, folders, locks and processes is announced as a struct os_event to a chain of
 * interposers before it is made, and again with its outcome. An interposer may fail the call with
 * an errno of its choice or shorten it; it sees all calls in one function, so a decorator needs one
 * function and not one per system call. Without interposers the cost is one load per call.
 *
 * Code that makes its own calls (the SQLite VFS of ports/db) announces them too, so that fault,
 * crash and power-loss tests see its writes: os_calls_before, the call, os_calls_after.
 *
 * Threads   push and pop while no other thread makes calls; interposers are called by any thread.
 */
#ifndef OS_OS_CALLS_H
#define OS_OS_CALLS_H

#include <stdatomic.h>

#include "base/ctx.h"

/* name, "text", changes the disk (such a call is a "write point") */
#define OS_CALL_TABLE(X)                                                                           \
    X(OPEN, "open", 0)                                                                             \
    X(CREATE, "create", 1)                                                                         \
    X(READ, "read", 0)                                                                             \
    X(WRITE, "write", 1)                                                                           \
    X(SYNC, "sync", 1)                                                                             \
    X(TRUNCATE, "truncate", 1)                                                                     \
    X(STAT, "stat", 0)                                                                             \
    X(LIST, "list", 0)                                                                             \
    X(MAKE_DIR, "mkdir", 1)                                                                        \
    X(REMOVE_DIR, "rmdir", 1)                                                                      \
    X(UNLINK, "unlink", 1)                                                                         \
    X(RENAME, "rename", 1)                                                                         \
    X(LINK, "link", 1)                                                                             \
    X(LOCK, "lock", 0)                                                                             \
    X(SPACE, "statvfs", 0)                                                                         \
    X(REALPATH, "realpath", 0)                                                                     \
    X(SPAWN, "spawn", 0)                                                                           \
    X(THREAD, "thread", 0)

enum os_call {
#define X(name, text, is_write) OS_##name,
    OS_CALL_TABLE(X)
#undef X
        OS_CALL_COUNT
};

struct os_event {
    enum os_call call;
    int          fd;   /* of READ, WRITE, SYNC, TRUNCATE, LIST; -1 when only the path is known */
    const char  *path; /* NULL when only the fd is known                                      */
    size_t       len;  /* bytes of READ and WRITE; `before` may lower it, never to 0          */
};

struct os_calls {
    /* 0 lets the call pass; else it is not made and fails with this errno. May be NULL. */
    int (*before)(struct os_calls *, struct os_event *);
    /* After the call; `error` is its errno or 0. May be NULL. */
    void (*after)(struct os_calls *, const struct os_event *, int error);
    struct os_calls *next; /* kept by push */
};

void os_calls_push(struct os_calls *c);
/* Takes away the last pushed, which must be `c`. */
void os_calls_pop(struct os_calls *c);

int os_calls_before(struct os_event *ev);
/* Returns `error`. */
int os_calls_after(const struct os_event *ev, int error);

const char *os_call_name(enum os_call call);
bool        os_call_is_write(enum os_call call);

/* Fails the n-th call on purpose. Fill in, os_calls_push(&fault.calls), run, os_calls_pop. */
struct os_fault {
    struct os_calls  calls;   /* OS_FAULT sets it                                     */
    uint64_t         at;      /* number of the call that fails, from 1; 0 = only count */
    int              error;   /* the errno; 0 makes reads and writes short instead    */
    bool             forever; /* that call and all later ones                         */
    bool             is_only; /* count and fail calls of kind `only` alone            */
    enum os_call     only;
    _Atomic uint64_t count[OS_CALL_COUNT]; /* calls seen, per kind                     */
    _Atomic uint64_t seen;                 /* calls that counted towards `at`          */
};

int os_fault_before(struct os_calls *c, struct os_event *ev);
#define OS_FAULT(...) ((struct os_fault){ .calls = { .before = os_fault_before }, __VA_ARGS__ })

/* How to die at the n-th write point. */
struct os_crash {
    struct os_calls  calls; /* OS_CRASH sets it                                             */
    uint64_t         at;    /* the write point before which the process is killed, from 1    */
    bool             torn;  /* a WRITE at that point leaves its first half                   */
    _Atomic uint64_t seen;
};

int  os_crash_before(struct os_calls *c, struct os_event *ev);
void os_crash_after(struct os_calls *c, const struct os_event *ev, int error);
#define OS_CRASH(...)                                                                              \
    ((struct os_crash){ .calls = { os_crash_before, os_crash_after, NULL }, __VA_ARGS__ })

/*
 * What main calls first. Builds with WEFT_TESTING obey the environment: WEFT_CRASH_AT=n kills the
 * process (SIGKILL) before its n-th write point, WEFT_CRASH_TORN=1 leaves half of a write;
 * WEFT_POWERLOSS_ROOT and WEFT_POWERLOSS_SHADOW attach the recorder of os/powerloss.h. Other builds
 * do nothing.
 */
void os_testing_start(void);

#endif
