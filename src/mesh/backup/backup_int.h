/*
 * backup_int.h - the folder of a backup. Only for this folder.
 */
#ifndef BACKUP_BACKUP_INT_H
#define BACKUP_BACKUP_INT_H

#include "backup/backup.h"
#include "table/table.h"

enum { BACKUP_MANIFEST_MAX = 64 << 10, BACKUP_KEY_MAX = 64 << 10, BACKUP_KEYS_MAX = 1000 };

/* backup.json */
struct backup_manifest {
    str      mesh, program, made;
    str      registry;        /* name of the store's copy */
    str      registry_sha256; /* of its bytes, hex        */
    int64_t  events;
    uint64_t files, bytes;
};

/* ST_NOT_FOUND when the folder holds no backup; ST_CORRUPT when its manifest is not ours. */
NODISCARD enum status backup_manifest_read(struct ctx *cx, str dir, struct backup_manifest *out);
NODISCARD enum status backup_manifest_write(struct ctx *cx, str dir,
                                            const struct backup_manifest *m);

/* SHA-256 of a file's bytes, hex. */
NODISCARD enum status backup_file_hash(struct ctx *cx, str path, str *out);

/* Opens a store's copy for reading, and closes it without leaving the engine's own files behind. */
NODISCARD enum status backup_open_copy(struct ctx *cx, str path, struct db **out);
void                  backup_close_copy(struct ctx *cx, str path, struct db *db);

/* All files that the open transaction's store holds, from one object store into the other. */
NODISCARD enum status backup_copy_files(struct ctx *cx, struct blob *from, struct blob *to,
                                        struct backup_report *report);

/* Every key of `from` into `to`; ST_CONFLICT when another key of that name is there. */
NODISCARD enum status backup_copy_keys(struct ctx *cx, str from, str to);

#endif
