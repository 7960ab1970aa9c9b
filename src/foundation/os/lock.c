/*
 * lock.c - flock on a lock file, tried until it works or the operation must end.
 */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/os_int.h"

enum { NO_FD = -1, FIRST_WAIT_US = 1000, MAX_WAIT_US = 50000, HOLDER_BYTES = 24 };

struct os_lock {
    int fd;
};

static void close_deferred(void *arg)
{
    os_lock_close(arg);
}

void os_lock_close(struct os_lock *lock)
{
    if (lock && lock->fd != NO_FD) {
        sys_close(lock->fd); /* closing frees the lock */
        lock->fd = NO_FD;
    }
}

/* Who holds it, from the file; only for messages, so every doubt gives "another process". */
static void read_holder(int fd, char *text, size_t size)
{
    char     content[HOLDER_BYTES];
    size_t   got = 0;
    uint64_t pid;

    if (sys_pread(fd, content, sizeof content, 0, &got) == 0 &&
        str_to_u64(str_trim((str){ content, got }), &pid)) {
        (void)snprintf(text, size, "process %llu", (unsigned long long)pid);
    } else {
        (void)snprintf(text, size, "another process");
    }
}

/* Leaves our process id for those who find the lock taken. It is a hint: failures do not matter. */
static void write_holder(int fd)
{
    char text[HOLDER_BYTES];
    int  len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (len > 0 && sys_truncate(fd, 0) == 0) {
        (void)sys_write_all(fd, text, (size_t)len);
    }
}

static enum status open_lock(struct ctx *cx, str path, int *fd)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_open(p.text, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, fd);
    return error == 0 ? ST_OK : OS_FAIL(cx, "open lock", path, error);
}

/* Takes the lock on an open file, or says why not; ST_CONFLICT when somebody else has it. */
static enum status take(struct ctx *cx, str path, int fd, enum os_lock_mode mode)
{
    int  how   = mode == OS_LOCK_SHARED ? LOCK_SH : LOCK_EX;
    int  error = sys_flock(fd, how | LOCK_NB);
    char holder[48];

    if (error == EWOULDBLOCK) {
        read_holder(fd, holder, sizeof holder);
        return FAIL(cx, CONFLICT, "\"" STR_FMT "\" is locked by %s", STR_ARG(path), holder);
    }
    if (error != 0) {
        return OS_FAIL(cx, "lock", path, error);
    }
    if (mode == OS_LOCK_EXCLUSIVE) {
        write_holder(fd);
    }
    return ST_OK;
}

static struct os_lock *make_lock(struct ctx *cx, int fd)
{
    struct os_lock *lock = ARENA_NEW(cx->arena, struct os_lock);

    lock->fd = fd;
    arena_defer(cx->arena, close_deferred, lock);
    return lock;
}

enum status os_lock_try(struct ctx *cx, str path, enum os_lock_mode mode, struct os_lock **out)
{
    enum status st;
    int         fd;

    TRY(open_lock(cx, path, &fd));
    st = take(cx, path, fd, mode);
    if (st != ST_OK) {
        sys_close(fd);
        return st;
    }
    *out = make_lock(cx, fd);
    return ST_OK;
}

enum status os_lock_wait(struct ctx *cx, str path, enum os_lock_mode mode, struct os_lock **out)
{
    int64_t     wait_us = FIRST_WAIT_US;
    enum status st, ended;
    int         fd;

    TRY(open_lock(cx, path, &fd));
    while ((st = take(cx, path, fd, mode)) == ST_CONFLICT) {
        struct err held = *cx->err;

        ended = os_sleep(cx, wait_us);
        if (ended != ST_OK) {
            sys_close(fd);
            return err_add(cx->err, " while waiting: " STR_FMT, STR_ARG(err_text(&held)));
        }
        wait_us = wait_us < MAX_WAIT_US / 2 ? wait_us * 2 : MAX_WAIT_US;
    }
    if (st != ST_OK) {
        sys_close(fd);
        return st;
    }
    *out = make_lock(cx, fd);
    return ST_OK;
}
