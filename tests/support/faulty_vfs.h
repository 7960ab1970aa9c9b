/*
 * faulty_vfs.h - SQLite's file layer with a disk that fails on purpose, for one test program.
 *
 * A shim over the default VFS: files carry the real ones behind them. One kind of call fails with
 * the wanted code until it is told otherwise.
 */
#ifndef SUPPORT_FAULTY_VFS_H
#define SUPPORT_FAULTY_VFS_H

#include <sqlite3.h>
#include <string.h>

#define FAULTY_VFS_NAME "faulty"

enum faulty_vfs_call { FAULTY_VFS_NEVER, FAULTY_VFS_READ, FAULTY_VFS_WRITE, FAULTY_VFS_SYNC };

/* The real files' methods with three of them replaced; the store and its WAL differ in their locks. */
static struct {
    enum faulty_vfs_call      call;
    int                       code;
    sqlite3_vfs               vfs;
    const sqlite3_io_methods *real; /* reads, writes and syncs alike */
    sqlite3_io_methods        methods[2];
} faulty_vfs;

static inline void faulty_vfs_set(enum faulty_vfs_call call, int code)
{
    faulty_vfs.call = call;
    faulty_vfs.code = code;
}

static inline int faulty_vfs_read(sqlite3_file *file, void *to, int len, sqlite3_int64 offset)
{
    return faulty_vfs.call == FAULTY_VFS_READ ? faulty_vfs.code
                                              : faulty_vfs.real->xRead(file, to, len, offset);
}

static inline int faulty_vfs_write(sqlite3_file *file, const void *from, int len,
                                   sqlite3_int64 offset)
{
    return faulty_vfs.call == FAULTY_VFS_WRITE ? faulty_vfs.code
                                               : faulty_vfs.real->xWrite(file, from, len, offset);
}

static inline int faulty_vfs_sync(sqlite3_file *file, int flags)
{
    return faulty_vfs.call == FAULTY_VFS_SYNC ? faulty_vfs.code
                                              : faulty_vfs.real->xSync(file, flags);
}

static inline int faulty_vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
                                  int flags, int *out_flags)
{
    sqlite3_vfs *real = vfs->pAppData;
    int          code = real->xOpen(real, name, file, flags, out_flags);

    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB || flags & SQLITE_OPEN_WAL)) {
        sqlite3_io_methods *methods = &faulty_vfs.methods[(flags & SQLITE_OPEN_WAL) != 0];

        faulty_vfs.real   = file->pMethods;
        *methods          = *file->pMethods;
        methods->xRead    = faulty_vfs_read;
        methods->xWrite   = faulty_vfs_write;
        methods->xSync    = faulty_vfs_sync;
        methods->iVersion = 2; /* no memory mapping: reads pass here */
        file->pMethods    = methods;
    }
    return code;
}

static inline void faulty_vfs_register(void)
{
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    faulty_vfs.vfs          = *real;
    faulty_vfs.vfs.zName    = FAULTY_VFS_NAME;
    faulty_vfs.vfs.pNext    = NULL;
    faulty_vfs.vfs.pAppData = real;
    faulty_vfs.vfs.xOpen    = faulty_vfs_open;
    sqlite3_vfs_register(&faulty_vfs.vfs, 0);
}

#endif
