/*
 * file.h - files: read, write so that nothing is ever half there, inspect, remove.
 *
 * Paths     1..OS_PATH_MAX-1 bytes without NUL; others give ST_INVALID. Relative ones start at the
 *           working directory.
 * Errors    ST_NOT_FOUND, ST_CONFLICT (exists), ST_DENIED (permission, read-only file system),
 *           ST_UNAVAILABLE (no space, quota, input/output error, too many open files), ST_LIMIT,
 *           ST_INVALID (a folder where a file is wanted). The message names path and reason.
 * Durable   means: after ST_OK a power loss takes nothing back. After a failure of a durable
 *           operation the target is either as before or, when only the last sync failed, already
 *           there but perhaps not durable; the message tells which.
 * Lifetime  a struct os_file or os_out lives in cx->arena and is closed with it at the latest.
 * Threads   one handle belongs to one thread at a time, os_file_read_at excepted.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include "base/ctx.h"
#include "os/path.h"

enum os_kind { OS_KIND_FILE, OS_KIND_FOLDER, OS_KIND_LINK, OS_KIND_OTHER };

struct os_info {
    enum os_kind kind;
    uint64_t     size;
    int64_t      mtime_us;
    uint64_t     device, inode;
    unsigned     mode;    /* permission bits only: 0600 */
    bool         is_mine; /* owned by the effective user of this process */
};

enum os_links { OS_FOLLOW, OS_NO_FOLLOW };

/* What a write does with a file that is there already. */
enum os_target {
    OS_NEW,     /* ST_CONFLICT                              */
    OS_REPLACE, /* replaced as a whole, at one moment       */
};

enum os_missing { OS_MISSING_FAILS, OS_MISSING_OK };

/* --- whole files --- */

/* Reads a whole regular file of at most `max` bytes (else ST_LIMIT) into cx->arena. */
NODISCARD enum status os_file_read(struct ctx *cx, str path, size_t max, str *out);

/*
 * Writes a small file atomically and durably; `mode` as in 0644, cut by the umask, 0 = 0644 or that
 * of the file it replaces. A link is replaced at its target.
 */
NODISCARD enum status os_file_put(struct ctx *cx, str path, str bytes, enum os_target target,
                                  unsigned mode);

NODISCARD enum status os_file_info(struct ctx *cx, str path, enum os_links links,
                                   struct os_info *out);

/* True when something is there; false also when a folder on the way is missing. */
NODISCARD enum status os_file_exists(struct ctx *cx, str path, bool *out);

/* Removes a file or link, not a folder. Not durable until os_dir_sync of its folder. */
NODISCARD enum status os_file_remove(struct ctx *cx, str path, enum os_missing missing);

/* Renames a file or folder inside one file system, durably (both folders are synced). */
NODISCARD enum status os_file_move(struct ctx *cx, str from, str to, enum os_target target);

/* The absolute path without links; ST_NOT_FOUND when a part is missing. */
NODISCARD enum status os_file_real(struct ctx *cx, str path, str *out);

/* --- reading in parts --- */

struct os_file;

/* Opens a regular file for reading. */
NODISCARD enum status os_file_open(struct ctx *cx, str path, struct os_file **out);
void                  os_file_close(struct os_file *f); /* NULL and twice are fine */

/* Fills `to` up to the end of the file: *got < len means the end. */
NODISCARD enum status os_file_read_at(struct ctx *cx, struct os_file *f, uint64_t offset, void *to,
                                      size_t len, size_t *got);

/* What is open, even if another file has the path by now. */
NODISCARD enum status os_file_stat(struct ctx *cx, struct os_file *f, struct os_info *out);

/* Makes the file's content durable, whoever wrote it; its name is os_dir_sync's business. */
NODISCARD enum status os_file_sync(struct ctx *cx, struct os_file *f);

/* --- writing in parts --- */

struct os_out;

struct os_out_options {
    str            path;
    enum os_target target;
    unsigned       mode;     /* 0 = 0644, or that of the file it replaces                        */
    str            temp_dir; /* where it grows; same file system; empty = the folder of `path`   */
};

/*
 * A file that appears under its name, whole and durable, at os_out_commit; until then it grows
 * under a temporary name (os_is_temp_name) that os_out_close or the end of the arena removes. A
 * kill may leave the temporary file. Writes are not buffered: hand over large pieces.
 */
NODISCARD enum status os_out_open(struct ctx *cx, const struct os_out_options *o,
                                  struct os_out **out);
NODISCARD enum status os_out_write(struct ctx *cx, struct os_out *o, str bytes);
NODISCARD enum status os_out_commit(struct ctx *cx, struct os_out *o);
void                  os_out_close(struct os_out *o); /* NULL and twice are fine */

/* True for the names of temporary files made here. */
bool os_is_temp_name(str name);

/* --- standard streams --- */

enum os_std { OS_STDIN, OS_STDOUT, OS_STDERR };

/* ST_CANCELLED when the reader has gone (weft query … | head). */
NODISCARD enum status os_std_write(struct ctx *cx, enum os_std stream, str bytes);
/* All of standard input, at most `max` bytes. */
NODISCARD enum status os_std_read(struct ctx *cx, size_t max, str *out);

#endif
