/*
 * db_sqlite_error.c - SQLite's result codes as statuses, with what to do about them.
 */
#include "db/db_sqlite_int.h"

#include <errno.h> /* constants only: SQLite hands over the cause of its I/O errors */
#include <sqlite3.h>
#include <string.h>

#include "os/file.h"
#include "os/proc.h"

struct outcome {
    int         code;
    enum status status;
    const char *hint;
};

/* What the operating system said, where SQLite kept it: more exact than SQLite's own code. */
static const struct outcome causes[] = {
    { ENOENT, ST_NOT_FOUND, "the file or its folder does not exist" },
    { ENOTDIR, ST_NOT_FOUND, "a part of its path is not a folder" },
    { EISDIR, ST_INVALID, "it is a folder" },
    { EACCES, ST_DENIED, "permission denied: check the rights of the file and its folder" },
    { EPERM, ST_DENIED, "not permitted: check the rights of the file and its folder" },
    { EROFS, ST_DENIED, "the file system is read-only" },
    { ENOSPC, ST_UNAVAILABLE, "the disk is full: free some space and try again" },
    { EDQUOT, ST_UNAVAILABLE, "the disk quota is used up: free some space and try again" },
    { EFBIG, ST_UNAVAILABLE, "the file reached the size limit of this process" },
    { EIO, ST_UNAVAILABLE, "input/output error: check the disk" },
    { EMFILE, ST_UNAVAILABLE, "too many open files in this process" },
    { ENFILE, ST_UNAVAILABLE, "too many open files in the system" },
};

static const struct outcome outcomes[] = {
    { SQLITE_FULL, ST_UNAVAILABLE, "the disk is full: free some space and try again" },
    { SQLITE_IOERR, ST_UNAVAILABLE, "read or write error" },
    { SQLITE_CANTOPEN, ST_UNAVAILABLE, "the file could not be opened" },
    { SQLITE_READONLY, ST_DENIED, "the file or its folder cannot be written" },
    { SQLITE_PERM, ST_DENIED, "permission denied" },
    { SQLITE_AUTH, ST_DENIED, "not allowed" },
    { SQLITE_NOTADB, ST_CORRUPT,
      "it is not a weft store, or its beginning is damaged: restore it from a backup" },
    { SQLITE_CORRUPT, ST_CORRUPT,
      "it is damaged: restore it from a backup (\"weft doctor\" says what is broken)" },
    { SQLITE_FORMAT, ST_CORRUPT, "it is damaged: restore it from a backup" },
    { SQLITE_CONSTRAINT, ST_CONFLICT, "a constraint refused it" },
    { SQLITE_TOOBIG, ST_LIMIT, "a value or row is larger than the store takes" },
    { SQLITE_NOMEM, ST_UNAVAILABLE, "out of memory" },
    { SQLITE_PROTOCOL, ST_UNAVAILABLE, "the lock of the store could not be taken" },
    { SQLITE_NOLFS, ST_UNAVAILABLE, "the file system does not take files of this size" },
};

static const struct outcome *find(const struct outcome *table, size_t count, int code)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].code == code) {
            return &table[i];
        }
    }
    return NULL;
}

/* The connection does not keep the errno of a failed COMMIT; the files, here WAL and store, do. */
static int errno_of_files(struct sqlite3 *handle)
{
    static const int pointers[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
    int              error      = 0;

    for (size_t i = 0; i < COUNT_OF(pointers) && error == 0; i++) {
        struct sqlite3_file *file = NULL;

        if (sqlite3_file_control(handle, "main", pointers[i], (void *)&file) == SQLITE_OK && file &&
            file->pMethods) {
            (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
        }
    }
    return error;
}

static const struct outcome *outcome_of(struct db_sqlite *d, int code)
{
    int                   primary = code & 0xff;
    const struct outcome *cause   = NULL;

    if (d->handle != NULL && (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR)) {
        int error = sqlite3_system_errno(d->handle);

        if (error == 0 && primary == SQLITE_IOERR) {
            error = errno_of_files(d->handle);
        }
        cause = find(causes, COUNT_OF(causes), error);
    }
    /* With an I/O error the errno may be a left-over of an earlier look for a file. */
    if (cause != NULL && primary == SQLITE_IOERR && cause->status != ST_UNAVAILABLE) {
        cause = NULL;
    }
    return cause != NULL ? cause : find(outcomes, COUNT_OF(outcomes), primary);
}

static enum status fail_busy(struct db_sqlite *d, struct ctx *cx, const char *what)
{
    str         holder = db_sqlite_holder(d, cx);
    enum status st     = ctx_check(cx);

    if (st == ST_CANCELLED) {
        return st;
    }
    if (holder.len == 0) {
        holder = S("another process");
    }
    return err_set(cx->err, st != ST_OK ? st : ST_UNAVAILABLE, __FILE__, __LINE__,
                   "could not %s \"" STR_FMT "\": " STR_FMT
                   " is writing to it (waited %lld ms): try again when it is done",
                   what, STR_ARG(d->shown), STR_ARG(holder), (long long)(d->waited_us / 1000));
}

/*
 * The message holds SQLite's own words (names of tables and columns, never values) only where they
 * say more than the hint.
 */
enum status db_sqlite_fail(struct db_sqlite *d, struct ctx *cx, int code, const char *what)
{
    const struct outcome *outcome;
    const char           *text    = d->handle ? sqlite3_errmsg(d->handle) : sqlite3_errstr(code);
    int                   primary = code & 0xff;

    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
        return fail_busy(d, cx, what);
    }
    if (primary == SQLITE_INTERRUPT) {
        enum status st = ctx_check(cx);
        return st != ST_OK ? st : FAIL(cx, CANCELLED, "cancelled");
    }
    if (primary == SQLITE_MISUSE || primary == SQLITE_RANGE) {
        BUG("SQLite was called in a wrong order");
    }
    outcome = outcome_of(d, code);
    if (outcome == NULL) {
        return FAIL(cx, INTERNAL, "could not %s \"" STR_FMT "\": %s", what, STR_ARG(d->shown),
                    text);
    }
    if (outcome->status == ST_CONFLICT || outcome->status == ST_LIMIT) {
        return err_set(cx->err, outcome->status, __FILE__, __LINE__,
                       "could not %s \"" STR_FMT "\": %s", what, STR_ARG(d->shown), text);
    }
    return err_set(cx->err, outcome->status, __FILE__, __LINE__,
                   "could not %s \"" STR_FMT "\": %s (SQLite code %d)", what, STR_ARG(d->shown),
                   outcome->hint, code);
}

/* ---- who holds the store ---- */

enum { LOCKS_MAX_BYTES = 1 << 20, COMM_MAX_BYTES = 64 };
/* The byte of the -shm file that a WAL writer locks (SQLite, "WAL-Index File Locks"). */
enum { WAL_WRITE_LOCK = 120 };

/* Files of /proc have no size: read until the end. */
static str read_proc(struct ctx *cx, str path, size_t max)
{
    struct os_file *f;
    char           *bytes = arena_alloc(cx->arena, max);
    size_t          len   = 0;

    if (os_file_open(cx, path, &f) != ST_OK) {
        return STR_NONE;
    }
    ignore(os_file_read_at(cx, f, 0, bytes, max, &len), "then nothing is known");
    os_file_close(f);
    return (str){ bytes, len };
}

/* The next word of a line of /proc/locks. */
static str word(str *line)
{
    str head = STR_NONE;

    *line = str_trim(*line);
    if (!str_cut(line, ' ', &head)) {
        return STR_NONE;
    }
    return head;
}

/*
 * "7: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120": the process, when the lock is the WAL write
 * lock of `inode`; 0 otherwise. Devices are not compared: some file systems show another there.
 */
static uint64_t holder_in_line(str line, uint64_t inode)
{
    uint64_t process, found, from;
    str      first = word(&line), kind = word(&line), is_advisory = word(&line);
    str      access = word(&line), pid = word(&line), file = word(&line), start = word(&line);
    str      device, number;

    if (first.len == 0 || is_advisory.len == 0 || !str_eq(kind, S("POSIX")) ||
        !str_eq(access, S("WRITE"))) {
        return 0;
    }
    if (!str_rsplit(file, ':', &device, &number) || !str_to_u64(number, &found) || found != inode ||
        !str_to_u64(start, &from) || from != WAL_WRITE_LOCK) {
        return 0;
    }
    return str_to_u64(pid, &process) ? process : 0;
}

static uint64_t find_holder(struct db_sqlite *d, struct ctx *cx)
{
    struct os_info info;
    str            rest, line, shm = arena_printf(cx->arena, "%s-shm", d->path);
    uint64_t       process = 0;

    if (os_file_info(cx, shm, OS_FOLLOW, &info) != ST_OK) {
        return 0;
    }
    rest = read_proc(cx, S("/proc/locks"), LOCKS_MAX_BYTES);
    while (process == 0 && str_cut(&rest, '\n', &line)) {
        process = holder_in_line(line, info.inode);
    }
    return process;
}

str db_sqlite_holder(struct db_sqlite *d, struct ctx *cx)
{
    struct err  own   = { 0 };
    struct err *outer = cx->err;
    uint64_t    process;
    str         name;

    if (db_sqlite_is_memory(d)) {
        return STR_NONE;
    }
    cx->err = &own; /* a failed look is not the caller's failure */
    process = find_holder(d, cx);
    name    = str_trim(
        read_proc(cx, arena_printf(cx->arena, "/proc/%llu/comm", (unsigned long long)process),
                     COMM_MAX_BYTES));
    cx->err = outer;
    if (process == 0) {
        return STR_NONE;
    }
    if (process == os_process_id()) {
        return S("another part of this process");
    }
    return arena_printf(cx->arena, "process %llu%s" STR_FMT "%s", (unsigned long long)process,
                        name.len > 0 ? " (" : "", STR_ARG(name), name.len > 0 ? ")" : "");
}
