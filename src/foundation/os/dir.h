/*
 * dir.h - folders: make, list, walk, find by pattern, remove.
 *
 * Everything of file.h on paths, errors and durability holds here. Lists are sorted by bytes, so
 * that the same tree gives the same list everywhere. Links are reported, never followed into.
 */
#ifndef OS_DIR_H
#define OS_DIR_H

#include "base/vec.h"
#include "os/file.h"

enum {
    OS_WALK_DEPTH   = 64, /* limits where the caller gives 0 */
    OS_WALK_COUNT   = 1000000,
    OS_REMOVE_DEPTH = 512, /* of os_dir_remove_all; one open folder per level */
};

struct os_entry {
    str          path; /* a name (os_dir_list) or a path relative to the root (others) */
    enum os_kind kind;
};

struct os_entries {
    VEC(struct os_entry) list;
};

struct os_walk {
    str    root;
    size_t max_depth; /* folders below the root; deeper: ST_LIMIT  */
    size_t max_count; /* entries looked at; more: ST_LIMIT         */
};

/* Makes one folder; ST_CONFLICT when something is there. Not durable by itself. */
NODISCARD enum status os_dir_make(struct ctx *cx, str path, unsigned mode);

/*
 * Makes a folder and its missing parents, durably; one that is there already is fine. It is taken
 * as durable, which it is not when its maker was killed at the wrong moment: os_dir_sync_up where
 * that matters.
 */
NODISCARD enum status os_dir_make_all(struct ctx *cx, str path, unsigned mode);

/* Makes a private folder (mode 0700) with a new name that begins with `prefix`; not durable. */
NODISCARD enum status os_dir_make_temp(struct ctx *cx, str parent, str prefix, str *out);

/* Makes the entries of a folder durable: new, renamed and removed names. */
NODISCARD enum status os_dir_sync(struct ctx *cx, str path);

/* Syncs `path` and its parents up to and including `top`, which must be above it. */
NODISCARD enum status os_dir_sync_up(struct ctx *cx, str path, str top);

/* The entries of one folder without "." and "..", at most `max` (else ST_LIMIT). */
NODISCARD enum status os_dir_list(struct ctx *cx, str path, size_t max, struct os_entries *out);

/* Everything below a folder, folders before what they hold. */
NODISCARD enum status os_dir_walk(struct ctx *cx, const struct os_walk *walk,
                                  struct os_entries *out);

/*
 * Files (and links to files) below walk->root whose relative path matches `pattern`
 * (os_glob_match); an absolute pattern gives absolute paths. Reads nothing above the folder that
 * the pattern names before its first "*" or "?". No match gives an empty list.
 */
NODISCARD enum status os_dir_glob(struct ctx *cx, const struct os_walk *walk, str pattern,
                                  struct os_entries *out);

/* Removes an empty folder; ST_CONFLICT when it is not empty. */
NODISCARD enum status os_dir_remove(struct ctx *cx, str path);

/*
 * Removes a folder and all below it, for folders that belong to this program alone. Refuses "/",
 * ".", "" and paths with ".." (ST_INVALID); links are removed, not followed. A missing folder is
 * fine. At most OS_REMOVE_DEPTH folders deep. On failure a part may be gone.
 */
NODISCARD enum status os_dir_remove_all(struct ctx *cx, str path);

/* Bytes that this user may still write on the file system of `path`. */
NODISCARD enum status os_dir_space(struct ctx *cx, str path, uint64_t *out);

/* The working directory. */
NODISCARD enum status os_dir_current(struct ctx *cx, str *out);

#endif
