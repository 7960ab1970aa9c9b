/*
 * os_int.h - the system calls themselves, announced to the interposers of os_calls.h.
 *
 * Only inside os/. Each function returns 0 or an errno, starts again after EINTR, and opens with
 * O_CLOEXEC. os_fail turns an errno into a status and a message; nothing else does.
 */
#ifndef OS_OS_INT_H
#define OS_OS_INT_H

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/ctx.h"
#include "os/path.h"

/* A path as the kernel wants it. */
struct sys_path {
    char text[OS_PATH_MAX];
};

/* ST_INVALID when `path` is empty, too long or holds a NUL. */
NODISCARD enum status sys_path(struct ctx *cx, str path, struct sys_path *out);

/*
 * Reports `error` as "could not <action> "<path>": <reason>; <what to do>".
 * `action` is a verb: "read", "create folder".
 */
#define OS_FAIL(cx, action, path, error)                                                           \
    os_failed(os_fail((cx), (action), (path), (error), __LINE__))
enum status os_fail(struct ctx *cx, const char *action, str path, int error, int line);

/* Tells readers, compilers and analysers alike that a failure is never ST_OK. */
static inline enum status os_failed(enum status st)
{
    if (st == ST_OK) {
        BUG("a failure has no status");
    }
    return st;
}

/* The reason alone: "permission denied". */
const char *os_reason(int error);

int  sys_open(const char *path, int flags, mode_t mode, int *fd);
int  sys_open_at(int dir, const char *name, int flags, int *fd);
void sys_close(int fd);
/* At most `len` bytes; *got = 0 is the end. */
int sys_read(int fd, void *to, size_t len, size_t *got);
int sys_pread(int fd, void *to, size_t len, uint64_t offset, size_t *got);
/* All of it. */
int sys_write_all(int fd, const char *from, size_t len);
int sys_truncate(int fd, uint64_t size);
int sys_sync(int fd);
int sys_stat(const char *path, struct stat *out);
int sys_lstat(const char *path, struct stat *out);
int sys_fstat(int fd, struct stat *out);
int sys_lstat_at(int dir, const char *name, struct stat *out);
int sys_mkdir(const char *path, mode_t mode);
int sys_rmdir(const char *path);
int sys_unlink(const char *path);
int sys_unlink_at(int dir, const char *name, int flags);
/* Without replacing: EEXIST; by renameat2 or, where the file system lacks it, link and unlink. */
int sys_rename_new(const char *from, const char *to);
int sys_rename(const char *from, const char *to);
int sys_realpath(const char *path, char *out);
/* LOCK_SH, LOCK_EX, LOCK_NB as flock takes them. */
int sys_flock(int fd, int how);
int sys_space(const char *path, uint64_t *bytes);
/* The stream owns `fd` on success. */
int sys_list_open(int fd, DIR **out);
/* NULL at the end. */
int sys_list_next(DIR *dir, struct dirent **out);

struct buf;
struct os_command;

/*
 * os_run with the buffers of the caller: `output` as it was made (its maximum is the limit), at
 * most OS_RUN_ERRORS_MAX bytes of `errors`.
 */
NODISCARD enum status run_capture(struct ctx *cx, const struct os_command *cmd, struct buf *output,
                                  struct buf *errors, int *exit_code);

/* Announces a call that has neither path nor descriptor (spawn, thread); 0 lets it pass. */
int sys_announce(int call);

#endif
