/*
 * sqlite_test.c - the file behind the store: foreign, damaged, busy, full, not to be written.
 */
#include "support/test_db.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "support/faulty_vfs.h"

static const struct db_stmt create = {
    "create", "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, x TEXT) STRICT", 0
};
static const struct db_stmt put   = { "put", "INSERT INTO t (x) VALUES ($1)", 1 };
static const struct db_stmt count = { "count", "SELECT count(*) FROM t", 0 };

static str side(struct test_db *f, const char *ending)
{
    return arena_concat(f->cx->arena, f->path, str_of(ending));
}

static enum status try_open(struct test_db *f, enum db_mode mode, struct db **out)
{
    return db_open(f->cx, &(struct db_options){ .path = f->path, .mode = mode, .busy_us = 50000 },
                   out);
}

static struct db *open_filled(struct test_db *f, int rows)
{
    struct db *db = test_db_open(f, DB_MODE_CREATE);

    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &create, DB_NO_ARGS));
    for (int i = 0; i < rows; i++) {
        assert_ok(
            db_run(f->cx, &put, DB_ARGS(db_text(S("a text that takes some room on its page")))));
    }
    assert_ok(db_commit(f->cx));
    return db;
}

static int64_t rows_in(struct test_db *f, struct db *db)
{
    const struct db_rows *row;

    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_ok(db_query_one(f->cx, &count, DB_NO_ARGS, &row));
    db_rollback(f->cx);
    return db_col_i64(row, 0);
}

static void test_a_missing_store_is_made_only_when_asked(void **state)
{
    struct test_db f;
    struct db     *db;
    struct os_info info;

    test_db_init(&f);
    assert_int_equal(try_open(&f, DB_MODE_READ, &db), ST_NOT_FOUND);
    assert_int_equal(try_open(&f, DB_MODE_WRITE, &db), ST_NOT_FOUND);
    assert_says(f.cx, "there is no metadata store");
    db_close(test_db_open(&f, DB_MODE_CREATE));
    assert_ok(os_file_info(f.cx, f.path, OS_NO_FOLLOW, &info));
    assert_int_equal(info.mode, 0600);
    assert_ok(try_open(&f, DB_MODE_READ, &db));
    assert_int_equal(db_begin(db, f.cx, DB_WRITE), ST_DENIED);
    db_close(db);
    f.path = os_path_join(f.cx->arena, f.dir, S("no/such/folder.db"));
    assert_int_equal(try_open(&f, DB_MODE_CREATE, &db), ST_NOT_FOUND);
    f.path = f.dir;
    assert_int_equal(try_open(&f, DB_MODE_CREATE, &db), ST_INVALID);
    f.path = S("");
    assert_int_equal(try_open(&f, DB_MODE_CREATE, &db), ST_INVALID);
    f.path = S("a\0b");
    assert_int_equal(try_open(&f, DB_MODE_CREATE, &db), ST_INVALID);
    f.path = os_path_join(f.cx->arena, f.dir, S("registry.db"));
    test_db_release(&f);
}

/* Text in place of a store, the store of another program, one cut off, one with rubbish in it. */
static void test_what_is_not_a_whole_store_is_refused_and_untouched(void **state)
{
    enum { FOREIGN, TEXT, CUT, HEAD, EMPTY_WITH_WAL, EMPTY, KINDS };

    for (int kind = 0; kind < KINDS; kind++) {
        struct test_db f;
        struct db     *db = NULL;
        sqlite3       *raw;
        str            whole, bytes;

        test_db_init(&f);
        db_close(open_filled(&f, 500));
        assert_ok(os_file_read(f.cx, f.path, 1 << 20, &whole));
        assert_true(whole.len > 12288);
        bytes = kind == CUT ? str_sub(whole, 0, 8192) : arena_dup(f.cx->arena, whole);
        if (kind == TEXT) {
            bytes = S("apiVersion: weft/v1\nkind: Mesh\n this is long enough to be looked at as a "
                      "database header, which has a hundred bytes");
        } else if (kind == HEAD) {
            memset((char *)unconst(bytes.ptr) + 16, 0xee, 84);
        } else if (kind == EMPTY || kind == EMPTY_WITH_WAL) {
            bytes = S("");
        }
        assert_ok(os_file_put(f.cx, f.path, bytes, OS_REPLACE, 0600));
        if (kind == EMPTY_WITH_WAL) {
            assert_ok(os_file_put(f.cx, side(&f, "-wal"), S("frames"), OS_NEW, 0600));
        }
        if (kind == FOREIGN) {
            assert_ok(os_file_remove(f.cx, f.path, OS_MISSING_FAILS));
            assert_int_equal(sqlite3_open(arena_cstr(f.cx->arena, f.path), &raw), SQLITE_OK);
            assert_int_equal(sqlite3_exec(raw, "CREATE TABLE theirs (x)", NULL, NULL, NULL),
                             SQLITE_OK);
            sqlite3_close(raw);
            assert_ok(os_file_read(f.cx, f.path, 1 << 20, &bytes));
        }
        assert_int_equal(try_open(&f, DB_MODE_WRITE, &db), ST_CORRUPT);
        if (kind != EMPTY) { /* which a crash in the middle of its making may leave */
            assert_int_equal(try_open(&f, DB_MODE_CREATE, &db), ST_CORRUPT);
        }
        assert_ok(os_file_read(f.cx, f.path, 1 << 20, &whole));
        assert_str(whole, bytes);
        test_db_release(&f);
    }
}

static void test_a_damaged_page_is_found_by_the_check(void **state)
{
    struct test_db     f;
    struct db         *db;
    struct db_problems problems;
    str                bytes;

    test_db_init(&f);
    db_close(open_filled(&f, 2000));
    assert_ok(os_file_read(f.cx, f.path, 1 << 24, &bytes));
    memset((char *)unconst(bytes.ptr) + bytes.len / 2, 0x5a, 5000);
    assert_ok(os_file_put(f.cx, f.path, bytes, OS_REPLACE, 0600));
    assert_ok(try_open(&f, DB_MODE_WRITE, &db));
    assert_ok(db_check(db, f.cx, &problems));
    assert_true(problems.count > 0);
    db_close(db);
    test_db_release(&f);
}

static void test_broken_references_are_found_by_the_check(void **state)
{
    static const struct db_stmt parent = {
        "parent", "CREATE TABLE p (id INTEGER NOT NULL PRIMARY KEY) STRICT", 0
    };
    static const struct db_stmt child = { "child",
                                          "CREATE TABLE c (p INTEGER REFERENCES p (id)) STRICT",
                                          0 };
    struct test_db              f;
    struct db                  *db;
    struct db_problems          problems;
    sqlite3                    *raw;

    test_db_init(&f);
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_begin(db, f.cx, DB_WRITE));
    assert_ok(db_run(f.cx, &parent, DB_NO_ARGS));
    assert_ok(db_run(f.cx, &child, DB_NO_ARGS));
    assert_ok(db_commit(f.cx));
    assert_int_equal(sqlite3_open(arena_cstr(f.cx->arena, f.path), &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "INSERT INTO c VALUES (7)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    assert_ok(db_check(db, f.cx, &problems));
    assert_int_equal(problems.count, 1);
    assert_str(problems.items[0],
               S("row 1 of table \"c\" refers to a row of \"p\" that is not there"));
    db_close(db);
    test_db_release(&f);
}

/* A child process holds the store; it ends when the pipe is closed. */
static pid_t hold(struct test_db *f, int release[2])
{
    int   ready[2];
    char  byte = 0;
    pid_t child;

    assert_int_equal(pipe(release), 0);
    assert_int_equal(pipe(ready), 0);
    child = fork();
    if (child == 0) {
        struct db *db = NULL;

        close(release[1]);
        if (try_open(f, DB_MODE_WRITE, &db) != ST_OK || db_begin(db, f->cx, DB_WRITE) != ST_OK ||
            write(ready[1], "x", 1) != 1 || read(release[0], &byte, 1) < 0) {
            _exit(1);
        }
        db_rollback(f->cx);
        db_close(db);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    close(release[0]);
    return child;
}

static void test_a_busy_store_names_who_holds_it(void **state)
{
    struct test_db f;
    struct db     *db;
    int            release[2], status;
    pid_t          child;

    test_db_init(&f);
    db_close(open_filled(&f, 3));
    child                = hold(&f, release);
    f.t.env.monotonic_us = os_env()->monotonic_us;
    assert_ok(try_open(&f, DB_MODE_WRITE, &db));
    assert_int_equal(db_begin(db, f.cx, DB_WRITE), ST_UNAVAILABLE);
    assert_says(f.cx, arena_cstr(f.cx->arena, arena_printf(f.cx->arena, "process %d", (int)child)));
    assert_says(f.cx, "waited 5");
    assert_true(rows_in(&f, db) == 3); /* readers do not wait */
    f.cx->deadline_us = f.cx->env->monotonic_us(f.cx->env) + 5000;
    assert_int_equal(db_begin(db, f.cx, DB_WRITE), ST_TIMEOUT);
    assert_says(f.cx, "is writing to it");
    f.cx->deadline_us = 0;
    close(release[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ok(db_begin(db, f.cx, DB_WRITE));
    db_rollback(f.cx);
    db_close(db);
    test_db_release(&f);
}

static void test_two_connections_see_whole_transactions(void **state)
{
    struct test_db        f;
    struct db            *a, *b;
    struct ctx            other;
    const struct db_rows *row;

    test_db_init(&f);
    a     = open_filled(&f, 1);
    b     = test_db_open(&f, DB_MODE_READ);
    other = *f.cx;
    assert_ok(db_begin(b, &other, DB_READ));
    assert_ok(db_begin(a, f.cx, DB_WRITE));
    assert_ok(db_run(f.cx, &put, DB_ARGS(db_text(S("x")))));
    assert_ok(db_commit(f.cx));
    assert_ok(db_query_one(&other, &count, DB_NO_ARGS, &row));
    assert_true(db_col_i64(row, 0) == 1); /* as it was at db_begin */
    db_rollback(&other);
    assert_true(rows_in(&f, b) == 2);
    db_close(b);
    db_close(a);
    test_db_release(&f);
}

static void test_a_copy_is_whole_and_never_overwrites(void **state)
{
    struct test_db     f;
    struct db         *db, *copy;
    struct db_problems problems;
    str                path;
    bool               is_there;

    test_db_init(&f);
    db   = open_filled(&f, 3000);
    path = os_path_join(f.cx->arena, f.dir, S("copy.db"));
    assert_ok(db_begin(db, f.cx, DB_WRITE)); /* nothing of an open transaction is in it */
    assert_ok(db_run(f.cx, &put, DB_ARGS(db_text(S("not committed")))));
    assert_ok(db_copy(db, f.cx, path));
    assert_ok(db_commit(f.cx));
    assert_int_equal(db_copy(db, f.cx, path), ST_CONFLICT);
    db_close(db);
    f.path = path;
    copy   = test_db_open(&f, DB_MODE_WRITE);
    assert_true(rows_in(&f, copy) == 3000);
    assert_ok(db_check(copy, f.cx, &problems));
    assert_int_equal(problems.count, 0);
    path = os_path_join(f.cx->arena, f.dir, S("no/such/copy.db"));
    assert_int_equal(db_copy(copy, f.cx, path), ST_NOT_FOUND);
    assert_ok(os_file_exists(f.cx, side(&f, ".part"), &is_there));
    assert_false(is_there);
    db_close(copy);
    test_db_release(&f);
}

/* ---- a disk that fails ---- */

static struct db *open_on_faulty_disk(struct test_db *f)
{
    struct db *db;

    db_close(open_filled(f, 1));
    faulty_vfs_set(FAULTY_VFS_NEVER, 0);
    assert_ok(db_open(
        f->cx,
        &(struct db_options){ .path = f->path, .mode = DB_MODE_WRITE, .vfs = S(FAULTY_VFS_NAME) },
        &db));
    return db;
}

static void test_a_disk_error_in_commit_is_unclear_and_settled(void **state)
{
    static const struct {
        enum faulty_vfs_call call;
        int                  code;
        const char          *says;
    } cases[] = {
        { FAULTY_VFS_SYNC, SQLITE_IOERR_FSYNC, "read or write error" },
        { FAULTY_VFS_WRITE, SQLITE_IOERR_WRITE, "read or write error" },
        { FAULTY_VFS_WRITE, SQLITE_FULL, "the disk is full" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_db f;
        struct db     *db;
        int64_t        rows;

        test_db_init(&f);
        db = open_on_faulty_disk(&f);
        assert_ok(db_begin(db, f.cx, DB_WRITE));
        assert_ok(db_run(f.cx, &put, DB_ARGS(db_text(S("perhaps")))));
        faulty_vfs_set(cases[i].call, cases[i].code);
        assert_int_equal(db_commit(f.cx), ST_UNAVAILABLE);
        assert_says(f.cx, cases[i].says);
        assert_says(f.cx, "whether it happened is not known");
        assert_true(db_commit_is_unclear(db));
        assert_true(db_reopen(db, f.cx) != ST_OK); /* the disk still fails */
        assert_true(db_commit_is_unclear(db));
        faulty_vfs_set(FAULTY_VFS_NEVER, 0);
        assert_ok(db_reopen(db, f.cx));
        rows = rows_in(&f, db);
        assert_true(rows == 1 || rows == 2);
        db_close(db);
        db = test_db_open(&f, DB_MODE_WRITE); /* settled: the same after every later look */
        assert_true(rows_in(&f, db) == rows);
        db_close(db);
        test_db_release(&f);
    }
}

static void test_a_read_error_is_told(void **state)
{
    struct test_db        f;
    struct db            *db;
    const struct db_rows *row;

    test_db_init(&f);
    db_close(open_filled(&f, 5000));
    faulty_vfs_set(FAULTY_VFS_NEVER, 0);
    assert_ok(db_open(
        f.cx,
        &(struct db_options){ .path = f.path, .mode = DB_MODE_READ, .vfs = S(FAULTY_VFS_NAME) },
        &db));
    assert_ok(db_begin(db, f.cx, DB_READ));
    faulty_vfs_set(FAULTY_VFS_READ, SQLITE_IOERR_READ);
    assert_int_equal(db_query_one(f.cx, &count, DB_NO_ARGS, &row), ST_UNAVAILABLE);
    assert_says(f.cx, "read or write error");
    db_rollback(f.cx);
    faulty_vfs_set(FAULTY_VFS_NEVER, 0);
    assert_true(rows_in(&f, db) == 5000);
    db_close(db);
    assert_int_equal(
        db_open(f.cx, &(struct db_options){ .path = f.path, .vfs = S("no-such-vfs") }, &db),
        ST_INTERNAL);
    test_db_release(&f);
}

/* As another user, for root may write everywhere. */
static void test_a_folder_that_cannot_be_written_is_told(void **state)
{
    struct test_db f;
    int            status;
    pid_t          child;

    test_db_init(&f);
    db_close(open_filled(&f, 1));
    assert_int_equal(chmod(arena_cstr(f.cx->arena, f.path), 0444), 0);
    assert_int_equal(chmod(arena_cstr(f.cx->arena, f.dir), 0555), 0);
    child = fork();
    if (child == 0) {
        struct db *db;
        bool       is_right;

        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(2);
        }
        is_right = try_open(&f, DB_MODE_WRITE, &db) == ST_DENIED &&
                   str_has(err_text(f.cx->err), S("rights"));
        f.path   = os_path_join(f.cx->arena, f.dir, S("new.db"));
        is_right = is_right && try_open(&f, DB_MODE_CREATE, &db) == ST_DENIED;
        _exit(is_right ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(arena_cstr(f.cx->arena, f.dir), 0755), 0);
    test_db_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_missing_store_is_made_only_when_asked),
        cmocka_unit_test(test_what_is_not_a_whole_store_is_refused_and_untouched),
        cmocka_unit_test(test_a_damaged_page_is_found_by_the_check),
        cmocka_unit_test(test_broken_references_are_found_by_the_check),
        cmocka_unit_test(test_a_busy_store_names_who_holds_it),
        cmocka_unit_test(test_two_connections_see_whole_transactions),
        cmocka_unit_test(test_a_copy_is_whole_and_never_overwrites),
        cmocka_unit_test(test_a_disk_error_in_commit_is_unclear_and_settled),
        cmocka_unit_test(test_a_read_error_is_told),
        cmocka_unit_test(test_a_folder_that_cannot_be_written_is_told),
    };

    faulty_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
