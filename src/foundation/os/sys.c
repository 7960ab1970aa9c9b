/*
 * sys.c - one small function per system call, and the words for what can go wrong.
 */
#include "os/os_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "os/os_calls.h"

/* The kernel moves at most this much at once; smaller pieces keep cancel quick. */
enum { IO_PIECE = 8 << 20 };

struct reason {
    int         error;
    enum status status;
    const char *text;
    const char *hint; /* what to do; or NULL */
};

static const struct reason reasons[] = {
    { ENOENT, ST_NOT_FOUND, "no such file or folder", NULL },
    { ENOTDIR, ST_NOT_FOUND, "a part of the path is not a folder", NULL },
    { EEXIST, ST_CONFLICT, "it exists already", NULL },
    { ENOTEMPTY, ST_CONFLICT, "the folder is not empty", NULL },
    { EISDIR, ST_INVALID, "it is a folder", NULL },
    { ELOOP, ST_INVALID, "too many symbolic links", NULL },
    { ENAMETOOLONG, ST_INVALID, "the name is too long", NULL },
    { EINVAL, ST_INVALID, "not possible here", NULL },
    { EACCES, ST_DENIED, "permission denied", "check its owner and mode and those of its folders" },
    { EPERM, ST_DENIED, "operation not permitted", "check its owner and mode" },
    { EROFS, ST_DENIED, "the file system is read-only", NULL },
    { ENOSPC, ST_UNAVAILABLE, "no space left on device", "free some space and run it again" },
    { EDQUOT, ST_UNAVAILABLE, "disk quota exceeded", "free some space and run it again" },
    { EIO, ST_UNAVAILABLE, "input/output error", "check the disk" },
    { EMFILE, ST_UNAVAILABLE, "too many open files", "raise the limit with \"ulimit -n\"" },
    { ENFILE, ST_UNAVAILABLE, "too many open files in the system", NULL },
    { ENOMEM, ST_UNAVAILABLE, "not enough memory", NULL },
    { EAGAIN, ST_UNAVAILABLE, "resource temporarily unavailable", NULL },
    { EBUSY, ST_UNAVAILABLE, "it is in use", NULL },
    { ETXTBSY, ST_UNAVAILABLE, "it is a running program", NULL },
    { ENXIO, ST_UNAVAILABLE, "no such device", NULL },
    { ENODEV, ST_UNAVAILABLE, "no such device", NULL },
    { ESTALE, ST_UNAVAILABLE, "the network file system has lost it", NULL },
    { ETIMEDOUT, ST_TIMEOUT, "timed out", NULL },
    { EFBIG, ST_LIMIT, "the file would be too large", NULL },
    { EXDEV, ST_UNSUPPORTED, "source and target are on different file systems", NULL },
    { EOPNOTSUPP, ST_UNSUPPORTED, "the file system cannot do this", NULL },
    { ENOSYS, ST_UNSUPPORTED, "the system cannot do this", NULL },
    { ENOEXEC, ST_INVALID, "it is not a program for this machine", NULL },
    { E2BIG, ST_LIMIT, "the arguments are too long", NULL },
    { EPIPE, ST_CANCELLED, "the reader has gone", NULL },
};

static const struct reason *reason_of(int error)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        if (reasons[i].error == error) {
            return &reasons[i];
        }
    }
    return NULL;
}

const char *os_reason(int error)
{
    const struct reason *r    = reason_of(error);
    const char          *text = r ? r->text : strerrordesc_np(error);

    return text ? text : "unknown error";
}

enum status os_fail(struct ctx *cx, const char *action, str path, int error, int line)
{
    const struct reason *r  = reason_of(error);
    enum status          st = r ? r->status : ST_INTERNAL;

    st = err_set(cx->err, st, "src/foundation/os", line, "could not %s \"" STR_FMT "\": %s", action,
                 STR_ARG(path), os_reason(error));
    return r && r->hint ? err_add(cx->err, "; %s", r->hint) : st;
}

enum status sys_path(struct ctx *cx, str path, struct sys_path *out)
{
    if (path.len == 0) {
        return FAIL(cx, INVALID, "a path is empty");
    }
    if (path.len >= sizeof out->text) {
        return FAIL(cx, INVALID, "the path \"%.60s...\" has %zu bytes; at most %d are allowed",
                    path.ptr, path.len, OS_PATH_MAX - 1);
    }
    if (memchr(path.ptr, '\0', path.len)) {
        return FAIL(cx, INVALID, "the path \"%.200s\" holds a NUL byte", path.ptr);
    }
    memcpy(out->text, path.ptr, path.len);
    out->text[path.len] = '\0';
    return ST_OK;
}

static struct os_event event_of(enum os_call call, const char *path, int fd)
{
    return (struct os_event){ .call = call, .path = path, .fd = fd };
}

/* Announces, runs `made` (-1 and errno on failure) until it is not interrupted, announces again. */
#define SYS_CALL(ev, result, made)                                                                 \
    do {                                                                                           \
        int sys_error_ = os_calls_before(ev);                                                      \
        if (sys_error_ != 0) {                                                                     \
            return os_calls_after((ev), sys_error_);                                               \
        }                                                                                          \
        do {                                                                                       \
            (result)   = (made);                                                                   \
            sys_error_ = (result) < 0 ? errno : 0;                                                 \
        } while (sys_error_ == EINTR);                                                             \
        (void)os_calls_after((ev), sys_error_);                                                    \
        if (sys_error_ != 0) {                                                                     \
            return sys_error_;                                                                     \
        }                                                                                          \
    } while (0)

int sys_open(const char *path, int flags, mode_t mode, int *fd)
{
    bool            makes = ((unsigned)flags & (unsigned)(O_CREAT | O_TRUNC)) != 0;
    struct os_event ev    = event_of(makes ? OS_CREATE : OS_OPEN, path, -1);
    int             got;

    SYS_CALL(&ev, got, open(path, flags | O_CLOEXEC | O_NOCTTY, mode));
    *fd = got;
    return 0;
}

int sys_open_at(int dir, const char *name, int flags, int *fd)
{
    struct os_event ev = event_of(OS_OPEN, name, -1);
    int             got;

    SYS_CALL(&ev, got, openat(dir, name, flags | O_CLOEXEC));
    *fd = got;
    return 0;
}

void sys_close(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* what must be durable was synced before; nothing is left to report */
    }
}

int sys_read(int fd, void *to, size_t len, size_t *got)
{
    struct os_event ev = event_of(OS_READ, NULL, fd);
    ssize_t         n;

    ev.len = len < IO_PIECE ? len : IO_PIECE;
    SYS_CALL(&ev, n, read(fd, to, ev.len));
    *got = (size_t)n;
    return 0;
}

int sys_pread(int fd, void *to, size_t len, uint64_t offset, size_t *got)
{
    struct os_event ev = event_of(OS_READ, NULL, fd);
    ssize_t         n;

    if (offset > INT64_MAX) {
        *got = 0;
        return 0;
    }
    ev.len = len < IO_PIECE ? len : IO_PIECE;
    SYS_CALL(&ev, n, pread(fd, to, ev.len, (off_t)offset));
    *got = (size_t)n;
    return 0;
}

static int write_some(int fd, const char *from, size_t len, size_t *done)
{
    struct os_event ev = event_of(OS_WRITE, NULL, fd);
    ssize_t         n;

    ev.len = len < IO_PIECE ? len : IO_PIECE;
    SYS_CALL(&ev, n, write(fd, from, ev.len));
    *done = (size_t)n;
    return 0;
}

int sys_write_all(int fd, const char *from, size_t len)
{
    while (len > 0) {
        size_t done  = 0;
        int    error = write_some(fd, from, len, &done);

        if (error != 0) {
            return error;
        }
        from += done;
        len -= done;
    }
    return 0;
}

int sys_truncate(int fd, uint64_t size)
{
    struct os_event ev = event_of(OS_TRUNCATE, NULL, fd);
    int             got;

    SYS_CALL(&ev, got, ftruncate(fd, (off_t)size));
    return 0;
}

int sys_sync(int fd)
{
    struct os_event ev = event_of(OS_SYNC, NULL, fd);
    int             got;

    SYS_CALL(&ev, got, fsync(fd));
    return 0;
}

int sys_stat(const char *path, struct stat *out)
{
    struct os_event ev = event_of(OS_STAT, path, -1);
    int             got;

    SYS_CALL(&ev, got, stat(path, out));
    return 0;
}

int sys_lstat(const char *path, struct stat *out)
{
    struct os_event ev = event_of(OS_STAT, path, -1);
    int             got;

    SYS_CALL(&ev, got, lstat(path, out));
    return 0;
}

int sys_fstat(int fd, struct stat *out)
{
    struct os_event ev = event_of(OS_STAT, NULL, fd);
    int             got;

    SYS_CALL(&ev, got, fstat(fd, out));
    return 0;
}

int sys_lstat_at(int dir, const char *name, struct stat *out)
{
    struct os_event ev = event_of(OS_STAT, name, -1);
    int             got;

    SYS_CALL(&ev, got, fstatat(dir, name, out, AT_SYMLINK_NOFOLLOW));
    return 0;
}

int sys_mkdir(const char *path, mode_t mode)
{
    struct os_event ev = event_of(OS_MAKE_DIR, path, -1);
    int             got;

    SYS_CALL(&ev, got, mkdir(path, mode));
    return 0;
}

int sys_rmdir(const char *path)
{
    struct os_event ev = event_of(OS_REMOVE_DIR, path, -1);
    int             got;

    SYS_CALL(&ev, got, rmdir(path));
    return 0;
}

int sys_unlink(const char *path)
{
    struct os_event ev = event_of(OS_UNLINK, path, -1);
    int             got;

    SYS_CALL(&ev, got, unlink(path));
    return 0;
}

int sys_unlink_at(int dir, const char *name, int flags)
{
    struct os_event ev = event_of(flags & AT_REMOVEDIR ? OS_REMOVE_DIR : OS_UNLINK, name, -1);
    int             got;

    SYS_CALL(&ev, got, unlinkat(dir, name, flags));
    return 0;
}

static int link_once(const char *from, const char *to)
{
    struct os_event ev = event_of(OS_LINK, to, -1);
    int             got;

    SYS_CALL(&ev, got, link(from, to));
    return 0;
}

static int rename_once(const char *from, const char *to, unsigned flags)
{
    struct os_event ev = event_of(OS_RENAME, to, -1);
    int             got;

    SYS_CALL(&ev, got, renameat2(AT_FDCWD, from, AT_FDCWD, to, flags));
    return 0;
}

int sys_rename_new(const char *from, const char *to)
{
    int error = rename_once(from, to, RENAME_NOREPLACE);

    if (error != EINVAL && error != ENOSYS) {
        return error;
    }
    error = link_once(from, to);
    return error != 0 ? error : sys_unlink(from);
}

int sys_rename(const char *from, const char *to)
{
    return rename_once(from, to, 0);
}

int sys_realpath(const char *path, char *out)
{
    struct os_event ev = event_of(OS_REALPATH, path, -1);
    int             got;

    SYS_CALL(&ev, got, realpath(path, out) ? 0 : -1);
    return 0;
}

int sys_flock(int fd, int how)
{
    struct os_event ev = event_of(OS_LOCK, NULL, fd);
    int             got;

    SYS_CALL(&ev, got, flock(fd, how));
    return 0;
}

int sys_space(const char *path, uint64_t *bytes)
{
    struct os_event ev = event_of(OS_SPACE, path, -1);
    struct statvfs  fs;
    int             got;

    SYS_CALL(&ev, got, statvfs(path, &fs));
    *bytes = (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize;
    return 0;
}

int sys_list_open(int fd, DIR **out)
{
    struct os_event ev    = event_of(OS_LIST, NULL, fd);
    int             error = os_calls_before(&ev);

    if (error == 0) {
        *out  = fdopendir(fd);
        error = *out ? 0 : errno;
    }
    return os_calls_after(&ev, error);
}

int sys_list_next(DIR *dir, struct dirent **out)
{
    errno = 0;
    *out  = readdir(dir);
    return *out ? 0 : errno;
}

int sys_announce(int call)
{
    struct os_event ev = event_of((enum os_call)call, NULL, -1);

    return os_calls_before(&ev);
}
