/*
 * file.c - reading, inspecting, removing and moving files; the standard streams.
 */
#include "os/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/os_int.h"

enum { NO_FD = -1, FIRST_READ = 64 << 10 };

struct os_file {
    int fd;
    str path; /* for messages */
};

static enum os_kind kind_of(mode_t mode)
{
    if (S_ISREG(mode)) {
        return OS_KIND_FILE;
    }
    if (S_ISDIR(mode)) {
        return OS_KIND_FOLDER;
    }
    return S_ISLNK(mode) ? OS_KIND_LINK : OS_KIND_OTHER;
}

static struct os_info info_of(const struct stat *st)
{
    return (struct os_info){
        .kind     = kind_of(st->st_mode),
        .size     = (uint64_t)st->st_size,
        .mtime_us = (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000,
        .device   = (uint64_t)st->st_dev,
        .inode    = (uint64_t)st->st_ino,
        .mode     = (unsigned)st->st_mode & 07777U,
        .is_mine  = st->st_uid == geteuid(),
    };
}

static void close_deferred(void *arg)
{
    os_file_close(arg);
}

enum status os_file_open(struct ctx *cx, str path, struct os_file **out)
{
    struct sys_path p;
    struct stat     st;
    struct os_file *f;
    int             fd, error;

    TRY(sys_path(cx, path, &p));
    /* O_NONBLOCK: opening a pipe must not wait for its writer; it is refused below. */
    error = sys_open(p.text, O_RDONLY | O_NONBLOCK, 0, &fd);
    if (error != 0) {
        return OS_FAIL(cx, "open", path, error);
    }
    error = sys_fstat(fd, &st);
    if (error != 0 || !S_ISREG(st.st_mode)) {
        sys_close(fd);
        if (error != 0) {
            return OS_FAIL(cx, "inspect", path, error);
        }
        return os_failed(
            FAIL(cx, INVALID, "could not open \"" STR_FMT "\": it is %s, not a regular file",
                 STR_ARG(path), S_ISDIR(st.st_mode) ? "a folder" : "a device or pipe"));
    }
    f       = ARENA_NEW(cx->arena, struct os_file);
    f->fd   = fd;
    f->path = arena_dup(cx->arena, path);
    arena_defer(cx->arena, close_deferred, f);
    *out = f;
    return ST_OK;
}

void os_file_close(struct os_file *f)
{
    if (f && f->fd != NO_FD) {
        sys_close(f->fd);
        f->fd = NO_FD;
    }
}

enum status os_file_read_at(struct ctx *cx, struct os_file *f, uint64_t offset, void *to,
                            size_t len, size_t *got)
{
    size_t done = 0;

    while (done < len) {
        size_t n     = 0;
        int    error = sys_pread(f->fd, (char *)to + done, len - done, offset + done, &n);

        if (error != 0) {
            return OS_FAIL(cx, "read", f->path, error);
        }
        if (n == 0) {
            break;
        }
        done += n;
    }
    *got = done;
    return ST_OK;
}

enum status os_file_stat(struct ctx *cx, struct os_file *f, struct os_info *out)
{
    struct stat st;
    int         error = sys_fstat(f->fd, &st);

    if (error != 0) {
        return OS_FAIL(cx, "inspect", f->path, error);
    }
    *out = info_of(&st);
    return ST_OK;
}

enum status os_file_sync(struct ctx *cx, struct os_file *f)
{
    int error = sys_sync(f->fd);

    return error == 0 ? ST_OK : OS_FAIL(cx, "sync", f->path, error);
}

static enum status fail_over(struct ctx *cx, str path, size_t max)
{
    return FAIL(cx, LIMIT,
                "could not read \"" STR_FMT "\": it has more than %zu bytes, the limit for what it "
                "is used as",
                STR_ARG(path), max);
}

/*
 * Reads to the end even when the size told before is not true (files of /proc say 0): the first
 * read asks for one byte more than that, and a read that got less than it asked for was the last.
 */
static enum status read_all(struct ctx *cx, struct os_file *f, size_t max, size_t hint, str *out)
{
    CLEANUP(buf_release) struct buf b    = BUF_INIT(max + 1);
    size_t                          want = hint + 1;
    size_t                          got;

    for (;;) {
        want = want < b.max - b.len ? want : b.max - b.len;
        TRY(os_file_read_at(cx, f, b.len, buf_reserve(&b, want), want, &got));
        buf_commit(&b, got);
        if (b.len > max) {
            return fail_over(cx, f->path, max);
        }
        if (got < want) {
            return buf_take(&b, cx, "file", out);
        }
        TRY(ctx_check(cx));
        want = FIRST_READ;
    }
}

enum status os_file_read(struct ctx *cx, str path, size_t max, str *out)
{
    struct os_file *f    = NULL;
    struct os_info  info = { 0 };
    enum status     st;

    assert(max < SIZE_MAX);
    TRY(os_file_open(cx, path, &f));
    st = os_file_stat(cx, f, &info);
    if (st == ST_OK && info.size > max) {
        st = fail_over(cx, path, max);
    }
    if (st == ST_OK) {
        st = read_all(cx, f, max, (size_t)info.size, out);
    }
    os_file_close(f);
    return st;
}

enum status os_file_info(struct ctx *cx, str path, enum os_links links, struct os_info *out)
{
    struct sys_path p;
    struct stat     st;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = links == OS_FOLLOW ? sys_stat(p.text, &st) : sys_lstat(p.text, &st);
    if (error != 0) {
        return OS_FAIL(cx, "inspect", path, error);
    }
    *out = info_of(&st);
    return ST_OK;
}

enum status os_file_exists(struct ctx *cx, str path, bool *out)
{
    struct os_info info;
    enum status    st = os_file_info(cx, path, OS_NO_FOLLOW, &info);

    if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    *out = st == ST_OK;
    return ST_OK;
}

enum status os_file_remove(struct ctx *cx, str path, enum os_missing missing)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_unlink(p.text);
    if (error == 0 || (error == ENOENT && missing == OS_MISSING_OK)) {
        return ST_OK;
    }
    return OS_FAIL(cx, "remove", path, error);
}

enum status os_file_move(struct ctx *cx, str from, str to, enum os_target target)
{
    struct sys_path a, b;
    int             error;

    TRY(sys_path(cx, from, &a));
    TRY(sys_path(cx, to, &b));
    error = target == OS_NEW ? sys_rename_new(a.text, b.text) : sys_rename(a.text, b.text);
    if (error != 0) {
        OS_FAIL(cx, "move to", to, error);
        return err_wrap(cx->err, "move \"" STR_FMT "\"", STR_ARG(from));
    }
    TRY(os_dir_sync(cx, os_path_parent(to)));
    if (!str_eq(os_path_parent(from), os_path_parent(to))) {
        TRY(os_dir_sync(cx, os_path_parent(from)));
    }
    return ST_OK;
}

enum status os_file_real(struct ctx *cx, str path, str *out)
{
    struct sys_path p, real;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_realpath(p.text, real.text);
    if (error != 0) {
        return OS_FAIL(cx, "find", path, error);
    }
    *out = arena_dup(cx->arena, str_of(real.text));
    return ST_OK;
}

static int std_fd(enum os_std stream)
{
    static const int fds[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };

    return fds[stream];
}

enum status os_std_write(struct ctx *cx, enum os_std stream, str bytes)
{
    int error = sys_write_all(std_fd(stream), bytes.ptr, bytes.len);

    if (error == 0) {
        return ST_OK;
    }
    return OS_FAIL(cx, "write to", stream == OS_STDOUT ? S("standard output") : S("standard error"),
                   error);
}

enum status os_std_read(struct ctx *cx, size_t max, str *out)
{
    CLEANUP(buf_release) struct buf b = BUF_INIT(max + 1);
    size_t                          got;

    do {
        size_t want = b.max - b.len < FIRST_READ ? b.max - b.len : FIRST_READ;
        char  *room = want == 0 ? NULL : buf_reserve(&b, want);
        int    error;

        TRY(ctx_check(cx));
        if (!room) {
            return fail_over(cx, S("standard input"), max);
        }
        error = sys_read(STDIN_FILENO, room, want, &got);
        if (error != 0) {
            return OS_FAIL(cx, "read", S("standard input"), error);
        }
        buf_commit(&b, got);
    } while (got > 0);
    return b.len > max ? fail_over(cx, S("standard input"), max)
                       : buf_take(&b, cx, "standard input", out);
}
