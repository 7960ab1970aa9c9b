/*
 * counted_vfs.h - SQLite's file layer that announces its writes to os/os_calls.h.
 *
 * A shim over the default VFS that becomes the default itself: each open, write, sync, truncate and
 * delete of a named file passes os_calls_before and os_calls_after, so that crash, fault and
 * power-loss tests count, fail, cut and record the store's own system calls like ours. The shared
 * memory beside the WAL is not durable and is left out.
 *
 * The first sync of a new journal or WAL syncs its folder too, as SQLite's own layer does.
 */
#ifndef SUPPORT_COUNTED_VFS_H
#define SUPPORT_COUNTED_VFS_H

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/os_calls.h"

enum { COUNTED_VFS_PATH_MAX = 1024 };

/* What the shim keeps behind each real file. */
struct counted_file {
    const sqlite3_io_methods *real;
    sqlite3_io_methods        methods;
    bool                      syncs_folder;
    int                       error; /* the errno of the last call that was failed, or 0 */
    char                      path[COUNTED_VFS_PATH_MAX];
};

static struct {
    sqlite3_vfs vfs;
    int         offset; /* of struct counted_file behind the real file */
} counted_vfs;

static inline struct counted_file *counted_file_of(sqlite3_file *file)
{
    return (struct counted_file *)(void *)((char *)file + counted_vfs.offset);
}

/* SQLite's code for a call that was failed with this errno, which SQLite asks for later. */
static inline int counted_vfs_code(struct counted_file *f, int error, int otherwise)
{
    errno = error;
    if (f) {
        f->error = error;
    }
    return error == ENOSPC && otherwise == SQLITE_IOERR_WRITE ? SQLITE_FULL : otherwise;
}

static inline void counted_vfs_sync_folder(const char *path)
{
    char            folder[COUNTED_VFS_PATH_MAX];
    struct os_event ev = { .call = OS_SYNC, .fd = -1, .path = folder };

    (void)snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    if (os_calls_before(&ev) == 0) { /* SQLite does not look whether it succeeded */
        (void)os_calls_after(&ev, 0);
    }
}

static inline int counted_file_write(sqlite3_file *file, const void *from, int len,
                                     sqlite3_int64 offset)
{
    struct counted_file *f  = counted_file_of(file);
    struct os_event      ev = { .call = OS_WRITE, .fd = -1, .path = f->path, .len = (size_t)len };
    int                  error = os_calls_before(&ev);
    int                  first = (int)ev.len, code;

    if (error != 0) {
        (void)os_calls_after(&ev, error);
        return counted_vfs_code(f, error, SQLITE_IOERR_WRITE);
    }
    code = f->real->xWrite(file, from, first, offset);
    (void)os_calls_after(&ev, code == SQLITE_OK ? 0 : EIO);
    if (code != SQLITE_OK || first == len) {
        return code;
    }
    return f->real->xWrite(file, (const char *)from + first, len - first, offset + first);
}

static inline int counted_file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct counted_file *f     = counted_file_of(file);
    struct os_event      ev    = { .call = OS_TRUNCATE, .fd = -1, .path = f->path };
    int                  error = os_calls_before(&ev);
    int                  code  = error != 0 ? counted_vfs_code(f, error, SQLITE_IOERR_TRUNCATE)
                                            : f->real->xTruncate(file, size);

    (void)os_calls_after(&ev, code == SQLITE_OK ? 0 : EIO);
    return code;
}

static inline int counted_file_sync(sqlite3_file *file, int flags)
{
    struct counted_file *f     = counted_file_of(file);
    struct os_event      ev    = { .call = OS_SYNC, .fd = -1, .path = f->path };
    int                  error = os_calls_before(&ev);
    int                  code =
        error != 0 ? counted_vfs_code(f, error, SQLITE_IOERR_FSYNC) : f->real->xSync(file, flags);

    (void)os_calls_after(&ev, code == SQLITE_OK ? 0 : EIO);
    if (code == SQLITE_OK && f->syncs_folder) {
        f->syncs_folder = false;
        counted_vfs_sync_folder(f->path);
    }
    return code;
}

static inline int counted_file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 offset)
{
    struct counted_file *f     = counted_file_of(file);
    struct os_event      ev    = { .call = OS_READ, .fd = -1, .path = f->path, .len = (size_t)len };
    int                  error = os_calls_before(&ev);
    int                  code  = error != 0 ? counted_vfs_code(f, error, SQLITE_IOERR_READ)
                                            : f->real->xRead(file, to, len, offset);

    (void)os_calls_after(&ev, error);
    return code;
}

/* SQLite's own layer keeps the errno of a call that failed for who asks. */
static inline int counted_file_control(sqlite3_file *file, int op, void *arg)
{
    struct counted_file *f = counted_file_of(file);

    if (op == SQLITE_FCNTL_LAST_ERRNO && f->error != 0) {
        *(int *)arg = f->error;
        return SQLITE_OK;
    }
    return f->real->xFileControl(file, op, arg);
}

static inline void counted_vfs_dress(sqlite3_file *file, const char *name, int flags)
{
    struct counted_file *f = counted_file_of(file);

    f->real    = file->pMethods;
    f->methods = *file->pMethods;
    f->error   = 0;
    f->syncs_folder =
        (flags & SQLITE_OPEN_CREATE) != 0 &&
        (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
    (void)snprintf(f->path, sizeof f->path, "%s", name);
    f->methods.xRead        = counted_file_read;
    f->methods.xWrite       = counted_file_write;
    f->methods.xTruncate    = counted_file_truncate;
    f->methods.xSync        = counted_file_sync;
    f->methods.xFileControl = counted_file_control;
    f->methods.iVersion     = f->real->iVersion < 2 ? f->real->iVersion : 2; /* no memory mapping */
    file->pMethods          = &f->methods;
}

static inline int counted_vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
                                   int flags, int *out_flags)
{
    sqlite3_vfs    *real   = vfs->pAppData;
    bool            is_new = name && (flags & SQLITE_OPEN_CREATE) && access(name, F_OK) != 0;
    struct os_event ev     = { .call = is_new ? OS_CREATE : OS_OPEN, .fd = -1, .path = name };
    int             error, code;

    file->pMethods = NULL;
    if (!name) {
        return real->xOpen(real, name, file, flags, out_flags);
    }
    error = os_calls_before(&ev);
    code  = error != 0 ? counted_vfs_code(NULL, error, SQLITE_CANTOPEN)
                       : real->xOpen(real, name, file, flags, out_flags);
    (void)os_calls_after(&ev, code == SQLITE_OK ? 0 : EIO);
    if (code == SQLITE_OK) {
        counted_vfs_dress(file, name, flags);
    }
    return code;
}

static inline int counted_vfs_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
    sqlite3_vfs    *real  = vfs->pAppData;
    struct os_event ev    = { .call = OS_UNLINK, .fd = -1, .path = name };
    int             error = os_calls_before(&ev);
    int             code  = error != 0 ? counted_vfs_code(NULL, error, SQLITE_IOERR_DELETE)
                                       : real->xDelete(real, name, is_synced);

    (void)os_calls_after(&ev, code == SQLITE_OK ? 0 : EIO);
    if (code == SQLITE_OK && is_synced) {
        counted_vfs_sync_folder(name);
    }
    return code;
}

/* From now on every SQLite store of this program passes through the shim. Once per program. */
static inline void counted_vfs_register(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    counted_vfs.offset       = (real->szOsFile + 15) / 16 * 16;
    counted_vfs.vfs          = *real;
    counted_vfs.vfs.zName    = "counted";
    counted_vfs.vfs.szOsFile = counted_vfs.offset + (int)sizeof(struct counted_file);
    counted_vfs.vfs.pNext    = NULL;
    counted_vfs.vfs.pAppData = real;
    counted_vfs.vfs.xOpen    = counted_vfs_open;
    counted_vfs.vfs.xDelete  = counted_vfs_delete;
    if (sqlite3_vfs_register(&counted_vfs.vfs, 1) != SQLITE_OK) {
        BUG("SQLite takes the file layer of the tests");
    }
}

#endif
