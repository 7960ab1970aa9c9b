/*
 * migrate_test.c - schema versions: newer, older, changed, copied before.
 */
#include "support/test_db.h"

#include <string.h>

#include "db/db_sql.h"
#include "os/file.h"
#include "os/thread.h"

static const struct db_migration one[] = {
    { 1, "start",
      "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, b TEXT) STRICT; INSERT INTO a VALUES (1, "
      "'x');" },
    { 2, "column", "ALTER TABLE a ADD COLUMN c INTEGER;" },
    { 3, "rebuilt",
      "CREATE TABLE a2 (id INTEGER NOT NULL PRIMARY KEY, b TEXT NOT NULL) STRICT;"
      "INSERT INTO a2 SELECT id, b FROM a; DROP TABLE a; ALTER TABLE a2 RENAME TO a;" },
};
static const struct db_migration changed[] = {
    { 1, "start", "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, b INTEGER) STRICT;" },
};
static const struct db_migration two[] = {
    { 1, "start",
      "CREATE TABLE d (a INTEGER NOT NULL REFERENCES a (id)) STRICT; INSERT INTO d VALUES (1);" },
    { 2, "dangling", "INSERT INTO d VALUES (99);" },
};

static void migrate(struct test_db *f, const struct db_module *modules, size_t count)
{
    struct db *db = test_db_open(f, DB_MODE_CREATE);

    if (db_migrate(db, f->cx, modules, count, NULL) != ST_OK) {
        fail_msg("%s", f->t.err.text);
    }
    db_close(db);
}

static void test_what_does_not_fit_is_refused_and_says_why(void **state)
{
    static const struct {
        enum db_mode     mode;
        struct db_module modules[2];
        size_t           count;
        enum status      status;
        const char      *says;
    } cases[] = {
        { DB_MODE_WRITE, { { "one", one, 2 }, { "two", two, 1 } }, 2, ST_OK, "" },
        { DB_MODE_READ, { { "one", one, 2 }, { "two", two, 1 } }, 2, ST_OK, "" },
        { DB_MODE_WRITE,
          { { "one", one, 1 }, { "two", two, 1 } },
          2,
          ST_UNSUPPORTED,
          "it has schema version 3 or above (step 2 of \"one\"), this program knows version 2: use "
          "a newer weft" },
        { DB_MODE_READ, { { "one", one, 2 } }, 1, ST_UNSUPPORTED, "\"two\"" },
        { DB_MODE_READ,
          { { "one", one, 3 }, { "two", two, 1 } },
          2,
          ST_UNSUPPORTED,
          "has schema version 3, this program needs 4" },
        { DB_MODE_WRITE,
          { { "one", changed, 1 }, { "two", two, 1 } },
          2,
          ST_CORRUPT,
          "step 1 of \"one\" (\"start\") was applied to the store with another text" },
        { DB_MODE_WRITE,
          { { "one", one, 2 }, { "two", two, 2 } },
          2,
          ST_CORRUPT,
          "refers to missing rows" },
        { DB_MODE_WRITE, { { "one", one, 3 }, { "two", two, 1 } }, 2, ST_OK, "" },
    };
    struct test_db f;

    test_db_init(&f);
    migrate(&f, cases[0].modules, 2);
    for (size_t i = 0; i < CASES(cases); i++) {
        struct db *db = test_db_open(&f, cases[i].mode);

        err_clear(f.cx->err);
        assert_int_equal(db_migrate(db, f.cx, cases[i].modules, cases[i].count, NULL),
                         cases[i].status);
        assert_says(f.cx, cases[i].says);
        assert_null(f.cx->tx);
        db_close(db);
    }
    test_db_release(&f);
}

static void test_a_copy_is_made_before_and_kept(void **state)
{
    static const struct db_stmt count = { "count", "SELECT count(*) FROM db_migration", 0 };
    struct test_db              f;
    struct db_module            m = { "one", one, 1 };
    struct db_schema_state      done;
    struct db                  *db;
    const struct db_rows       *row;
    struct os_info              info;

    test_db_init(&f);
    migrate(&f, &m, 1);
    db = test_db_open(&f, DB_MODE_WRITE);
    assert_ok(os_file_put(f.cx, arena_concat(f.cx->arena, f.path, S(".before-1")),
                          S("an older one"), OS_NEW, 0600));
    m.count = 3;
    assert_ok(db_migrate(db, f.cx, &m, 1, &done));
    assert_int_equal(done.applied, 2);
    assert_str(done.copy, arena_concat(f.cx->arena, f.path, S(".before-1.2")));
    db_close(db);
    assert_ok(os_file_info(f.cx, done.copy, OS_NO_FOLLOW, &info));
    assert_int_equal(info.mode, 0600);
    f.path = done.copy;
    db     = test_db_open(&f, DB_MODE_READ);
    assert_ok(db_begin(db, f.cx, DB_READ));
    assert_ok(db_query_one(f.cx, &count, DB_NO_ARGS, &row));
    assert_true(db_col_i64(row, 0) == 1);
    db_rollback(f.cx);
    db_close(db);
    test_db_release(&f);
}

struct opener {
    str         path;
    enum status status;
    char        text[ERR_TEXT_BYTES];
};

static void open_and_migrate(void *arg)
{
    struct opener   *o = arg;
    struct test_ctx  t;
    struct ctx      *cx = test_ctx_init(&t, 1);
    struct db_module m  = { "one", one, 3 };
    struct db       *db;

    t.env     = *os_env();
    o->status = db_open(cx, &(struct db_options){ .path = o->path, .mode = DB_MODE_CREATE }, &db);
    if (o->status == ST_OK) {
        o->status = db_migrate(db, cx, &m, 1, NULL);
        db_close(db);
    }
    memcpy(o->text, t.err.text, sizeof o->text);
    test_ctx_release(&t);
}

static void test_many_may_open_and_migrate_at_once(void **state)
{
    enum { THREADS = 8, ROUNDS = 5 };
    struct test_db f;

    test_db_init(&f);
    for (int round = 0; round < ROUNDS; round++) {
        struct os_thread *threads[THREADS];
        struct opener     openers[THREADS];
        str path = os_path_join(f.cx->arena, f.dir, arena_printf(f.cx->arena, "%d.db", round));

        for (int i = 0; i < THREADS; i++) {
            openers[i] = (struct opener){ .path = path };
            assert_ok(os_thread_start(f.cx, open_and_migrate, &openers[i], &threads[i]));
        }
        for (int i = 0; i < THREADS; i++) {
            os_thread_join(threads[i]);
            if (openers[i].status != ST_OK) {
                fail_msg("%s", openers[i].text);
            }
        }
    }
    test_db_release(&f);
}

static void test_every_statement_prepares_on_a_fresh_store(void **state)
{
    struct test_db f;
    struct db     *db;

    test_db_init(&f);
    db = test_db_open(&f, DB_MODE_CREATE);
    for (int i = 0; i < DB_SQL_COUNT; i++) {
        static const struct db_value args[DB_ARGS_MAX];
        enum status                  st;

        if (i == DB_SQL_BEGIN_READ || i == DB_SQL_BEGIN_WRITE || i == DB_SQL_COMMIT ||
            i == DB_SQL_ROLLBACK || i == DB_SQL_JOURNAL_WAL || i == DB_SQL_SYNCHRONOUS_FULL) {
            continue; /* not inside a transaction; db_open runs them all */
        }
        assert_ok(db_begin(db, f.cx, DB_WRITE));
        st = db_run(f.cx, &db_sql[i], args, (size_t)db_sql[i].params);
        if (st != ST_OK && st != ST_CONFLICT) {
            fail_msg("%s: %s", db_sql[i].name, f.t.err.text);
        }
        db_rollback(f.cx);
    }
    db_close(db);
    test_db_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_does_not_fit_is_refused_and_says_why),
        cmocka_unit_test(test_a_copy_is_made_before_and_kept),
        cmocka_unit_test(test_many_may_open_and_migrate_at_once),
        cmocka_unit_test(test_every_statement_prepares_on_a_fresh_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
