/*
 * db_test.c - what every metadata store does alike: SQLite in a file, in memory, and the decorator.
 */
#include "support/test_db.h"

#include <string.h>

#include "db/db_faulty.h"

static const struct db_stmt create = {
    "create",
    "CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, name TEXT UNIQUE, "
    "weight REAL, body BLOB, parent INTEGER REFERENCES item (id)) STRICT",
    0
};
/* $2 before $1 on purpose: SQLite numbers by first appearance. */
static const struct db_stmt put  = { "put",
                                     "INSERT INTO item (name, id, weight, body, parent) "
                                      "VALUES ($2, $1, $3, $4, $5)",
                                     5 };
static const struct db_stmt get  = { "get",
                                     "SELECT id, name, weight, body, parent FROM item WHERE id = $1",
                                     1 };
static const struct db_stmt list = { "list", "SELECT id, name FROM item ORDER BY id", 0 };
static const struct db_stmt from = { "from", "SELECT id FROM item WHERE id >= $1 ORDER BY id", 1 };
static const struct db_stmt rename_all = { "rename_all", "UPDATE item SET name = name || $1", 1 };
static const struct db_stmt returning  = {
    "returning",
    "INSERT INTO item (id, name) VALUES ($1, $2) "
     "ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name",
    2
};
static const struct db_stmt twice   = { "twice", "SELECT $2, $1, $2, $1 || $2", 2 };
static const struct db_stmt forever = {
    "forever",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", 0
};

enum kind { FILE_STORE, MEMORY_STORE, FAULTY_FILE, FAULTY_MEMORY };

struct impl {
    const char *name;
    enum kind   kind;
};

static const struct impl impls[] = {
    { "sqlite file", FILE_STORE },
    { "sqlite memory", MEMORY_STORE },
    { "faulty over file", FAULTY_FILE },
    { "faulty over memory", FAULTY_MEMORY },
};

static bool in_memory(const struct impl *i)
{
    return i->kind == MEMORY_STORE || i->kind == FAULTY_MEMORY;
}

static struct db *open_impl(struct test_db *f, const struct impl *i)
{
    struct db *db;

    if (in_memory(i)) {
        f->path = S(":memory:");
    }
    db = test_db_open(f, DB_MODE_CREATE);
    if (i->kind == FAULTY_FILE || i->kind == FAULTY_MEMORY) {
        db = db_faulty_take(db, (struct db_fault){ 0 });
    }
    return db;
}

static void make_items(struct test_db *f, struct db *db, int count)
{
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &create, DB_NO_ARGS));
    for (int i = 1; i <= count; i++) {
        assert_ok(db_run(f->cx, &put,
                         DB_ARGS(db_i64(i), db_text(arena_printf(f->cx->arena, "item %d", i)),
                                 db_f64(i / 2.0), db_null(), db_null())));
    }
    assert_ok(db_commit(f->cx));
}

static size_t count_items(struct test_db *f)
{
    struct db_rows *rows;
    bool            has_row;
    size_t          count = 0;

    assert_ok(db_query(f->cx, &list, DB_NO_ARGS, &rows));
    for (;;) {
        assert_ok(db_next(rows, f->cx, &has_row));
        if (!has_row) {
            break;
        }
        count++;
    }
    db_rows_close(rows);
    return count;
}

/* Runs `check` on a fresh store of each implementation. */
static void each(void (*check)(struct test_db *, struct db *, const struct impl *))
{
    for (size_t i = 0; i < CASES(impls); i++) {
        struct test_db f;
        struct db     *db;

        test_db_init(&f);
        db = open_impl(&f, &impls[i]);
        check(&f, db, &impls[i]);
        assert_null(f.cx->tx);
        db_close(db);
        test_db_release(&f);
    }
}

static void check_values(struct test_db *f, struct db *db, const struct impl *impl)
{
    static const char     body[]     = { 0, 1, (char)0xff, 'x', 0 };
    const struct db_value kinds[][5] = {
        { db_i64(INT64_MIN), db_text(S("")), db_f64(-0.5), db_blob(S("")), db_null() },
        { db_i64(INT64_MAX), db_text(S("caf\xc3\xa9 \xf0\x9f\x90\x99")), db_f64(1e300),
          db_blob((str){ body, sizeof body }), db_i64(INT64_MIN) },
        { db_i64(0), db_text(STR_NONE), db_null(), db_blob(STR_NONE), db_null() },
        { db_i64(7), db_null(), db_f64(3), db_null(), db_i64(0) },
    };

    make_items(f, db, 0);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    for (size_t i = 0; i < CASES(kinds); i++) {
        enum status st = db_run(f->cx, &put, kinds[i], 5);

        if (i == 2) { /* "" again: the name is taken */
            struct db_value other[5];
            assert_int_equal(st, ST_CONFLICT);
            memcpy(other, kinds[i], sizeof other);
            other[1] = db_text(S("other"));
            st       = db_run(f->cx, &put, other, 5);
        }
        assert_ok(st);
    }
    for (size_t i = 0; i < CASES(kinds); i++) {
        const struct db_rows *row;

        assert_ok(db_query_one(f->cx, &get, DB_ARGS(kinds[i][0]), &row));
        assert_non_null(row);
        assert_int_equal(row->count, 5);
        for (size_t c = 0; c < 5; c++) {
            assert_int_equal(db_col_is_null(row, c), kinds[i][c].kind == DB_NULL);
        }
        assert_true(db_col_i64(row, 0) == kinds[i][0].i64);
        if (i != 2) {
            assert_str(db_col_text(row, 1), i == 3 ? S("") : kinds[i][1].bytes);
        }
        assert_true(db_col_f64(row, 2) == (kinds[i][2].kind == DB_NULL ? 0 : kinds[i][2].f64));
        assert_str(db_col_blob(row, 3), kinds[i][3].kind == DB_NULL ? S("") : kinds[i][3].bytes);
    }
    assert_ok(db_commit(f->cx));
}

static void test_values_come_back_as_they_were(void **state)
{
    each(check_values);
}

static void check_names(struct test_db *f, struct db *db, const struct impl *impl)
{
    const struct db_rows *row;

    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_ok(db_query_one(f->cx, &twice, DB_ARGS(db_text(S("one")), db_text(S("two"))), &row));
    assert_str(db_col_text(row, 0), S("two"));
    assert_str(db_col_text(row, 1), S("one"));
    assert_str(db_col_text(row, 2), S("two"));
    assert_str(db_col_text(row, 3), S("onetwo"));
    assert_ok(db_commit(f->cx));
}

static void test_parameters_are_bound_by_their_number(void **state)
{
    each(check_names);
}

static void check_rollback(struct test_db *f, struct db *db, const struct impl *impl)
{
    make_items(f, db, 3);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &put, DB_ARGS(db_i64(4), db_null(), db_null(), db_null(), db_null())));
    assert_int_equal(count_items(f), 4);
    db_rollback(f->cx);
    assert_null(f->cx->tx);
    db_rollback(f->cx); /* nothing is open: nothing happens */

    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_int_equal(count_items(f), 3);
    assert_ok(db_run(f->cx, &put, DB_ARGS(db_i64(5), db_null(), db_null(), db_null(), db_null())));
    assert_int_equal(db_end(f->cx, FAIL(f->cx, INVALID, "the reason")), ST_INVALID);
    assert_says(f->cx, "the reason");
    assert_null(f->cx->tx);

    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_int_equal(count_items(f), 3);
    assert_ok(db_end(f->cx, ST_OK));
}

static void test_rollback_undoes_everything(void **state)
{
    each(check_rollback);
}

static void check_conflict(struct test_db *f, struct db *db, const struct impl *impl)
{
    make_items(f, db, 2);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_int_equal(
        db_run(f->cx, &put, DB_ARGS(db_i64(1), db_null(), db_null(), db_null(), db_null())),
        ST_CONFLICT);
    assert_says(f->cx, "item.id");
    assert_int_equal(
        db_run(f->cx, &put, DB_ARGS(db_i64(3), db_null(), db_null(), db_null(), db_i64(99))),
        ST_CONFLICT);
    assert_ok(db_run(f->cx, &put, DB_ARGS(db_i64(3), db_null(), db_null(), db_null(), db_i64(1))));
    assert_ok(db_commit(f->cx));
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_int_equal(count_items(f), 3);
    db_rollback(f->cx);
}

static void test_a_constraint_leaves_the_transaction_usable(void **state)
{
    each(check_conflict);
}

static void check_doom(struct test_db *f, struct db *db, const struct impl *impl)
{
    const struct db_stmt wrong = { "wrong", "SELECT * FROM no_such_table", 0 };
    struct db_rows      *rows;

    make_items(f, db, 2);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &put, DB_ARGS(db_i64(3), db_null(), db_null(), db_null(), db_null())));
    assert_int_equal(db_query(f->cx, &wrong, DB_NO_ARGS, &rows), ST_INTERNAL);
    assert_says(f->cx, "no_such_table");
    assert_int_equal(db_query(f->cx, &list, DB_NO_ARGS, &rows), ST_UNAVAILABLE);
    assert_int_equal(db_run(f->cx, &rename_all, DB_ARGS(db_text(S("x")))), ST_UNAVAILABLE);
    assert_int_equal(db_commit(f->cx), ST_UNAVAILABLE);
    assert_says(f->cx, "rolled back");
    assert_false(db_commit_is_unclear(db));
    assert_null(f->cx->tx);
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_int_equal(count_items(f), 2);
    db_rollback(f->cx);
}

static void test_after_a_failed_statement_only_rollback_is_left(void **state)
{
    each(check_doom);
}

static void check_rows(struct test_db *f, struct db *db, const struct impl *impl)
{
    struct db_rows *outer, *inner;
    bool            has_row;
    size_t          pairs = 0;

    make_items(f, db, 4);
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_ok(db_query(f->cx, &from, DB_ARGS(db_i64(1)), &outer));
    for (assert_ok(db_next(outer, f->cx, &has_row)); has_row;
         assert_ok(db_next(outer, f->cx, &has_row))) {
        int64_t id = db_col_i64(outer, 0);

        assert_ok(db_query(f->cx, &from, DB_ARGS(db_i64(id)), &inner)); /* the same statement */
        for (assert_ok(db_next(inner, f->cx, &has_row)); has_row;
             assert_ok(db_next(inner, f->cx, &has_row))) {
            assert_true(db_col_i64(inner, 0) >= id);
            pairs++;
        }
        db_rows_close(inner);
        assert_true(db_col_i64(outer, 0) == id);
    }
    assert_int_equal(pairs, 10);
    assert_ok(db_next(outer, f->cx, &has_row)); /* the end stays the end */
    assert_false(has_row);
    assert_ok(db_query(f->cx, &list, DB_NO_ARGS, &inner)); /* left open on purpose */
    assert_ok(db_next(inner, f->cx, &has_row));
    assert_ok(db_commit(f->cx));
    db_rows_close(NULL);
    assert_ok(db_begin(db, f->cx, DB_WRITE)); /* nothing of it is in the way */
    assert_ok(db_run(f->cx, &rename_all, DB_ARGS(db_text(S("!")))));
    assert_true(db_changes(f->cx) == 4);
    assert_ok(db_commit(f->cx));
}

static void test_queries_nest_and_end_with_their_transaction(void **state)
{
    each(check_rows);
}

static void check_returning(struct test_db *f, struct db *db, const struct impl *impl)
{
    const struct db_rows *row;

    make_items(f, db, 1);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_query_one(f->cx, &returning, DB_ARGS(db_i64(1), db_text(S("new"))), &row));
    assert_str(db_col_text(row, 0), S("new"));
    assert_ok(db_query_one(f->cx, &get, DB_ARGS(db_i64(2)), &row));
    assert_null(row);
    assert_ok(db_run(f->cx, &returning, DB_ARGS(db_i64(2), db_text(S("more")))));
    assert_int_equal(count_items(f), 2);
    assert_ok(db_commit(f->cx));
}

static void test_returning_gives_rows_and_can_be_dropped(void **state)
{
    each(check_returning);
}

static int64_t clock_us;

static int64_t ticking(const struct env *env)
{
    return clock_us += 1000;
}

static void check_stop(struct test_db *f, struct db *db, const struct impl *impl)
{
    atomic_bool           cancel = true;
    const struct db_rows *row;
    struct db_rows       *rows;
    bool                  has_row;

    make_items(f, db, 2);
    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &rename_all, DB_ARGS(db_text(S("?")))));
    f->t.env.monotonic_us = ticking;
    f->cx->deadline_us    = clock_us + 20000;
    assert_int_equal(db_query_one(f->cx, &forever, DB_NO_ARGS, &row), ST_TIMEOUT);
    f->cx->deadline_us = 0;
    db_rollback(f->cx);

    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_query(f->cx, &list, DB_NO_ARGS, &rows));
    f->cx->cancel = &cancel;
    assert_int_equal(db_next(rows, f->cx, &has_row), ST_CANCELLED);
    f->cx->cancel = NULL;
    db_rollback(f->cx);

    assert_ok(db_begin(db, f->cx, DB_WRITE));
    assert_ok(db_run(f->cx, &put, DB_ARGS(db_i64(9), db_null(), db_null(), db_null(), db_null())));
    f->cx->cancel = &cancel;
    assert_int_equal(db_commit(f->cx), ST_CANCELLED); /* definite: it did not happen */
    assert_false(db_commit_is_unclear(db));
    assert_int_equal(db_begin(db, f->cx, DB_READ), ST_CANCELLED);
    f->cx->cancel = NULL;
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_int_equal(count_items(f), 2);
    assert_ok(db_commit(f->cx));
}

static void test_deadline_and_cancel_stop_a_statement(void **state)
{
    each(check_stop);
}

static const struct db_migration steps[] = {
    { 1, "start",
      "CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY) STRICT;\nINSERT INTO a VALUES (1);" },
    { 2, "more",
      "-- a comment\nALTER TABLE a ADD COLUMN x TEXT; CREATE TABLE b (a INTEGER REFERENCES a (id)) "
      "STRICT;" },
    { 3, "broken", "CREATE TABLE c (id INTEGER) STRICT; CREATE TABLE a (id INTEGER) STRICT;" },
};

static void check_migrate(struct test_db *f, struct db *db, const struct impl *impl)
{
    const struct db_stmt   count_a = { "count_a", "SELECT count(*) FROM a", 0 };
    const struct db_stmt   count_c = { "count_c",
                                       "SELECT count(*) FROM sqlite_schema WHERE name = 'c'", 0 };
    struct db_module       module  = { "part", steps, 1 };
    struct db_schema_state done;
    const struct db_rows  *row;

    assert_ok(db_migrate(db, f->cx, &module, 1, &done));
    assert_int_equal(done.applied, 1);
    assert_int_equal(done.version, 1);
    assert_int_equal(done.copy.len, 0);
    module.count = 2;
    assert_ok(db_migrate(db, f->cx, &module, 1, &done));
    assert_int_equal(done.applied, 1);
    assert_int_equal(done.version, 2);
    assert_int_equal(done.copy.len == 0, in_memory(impl));
    assert_ok(db_migrate(db, f->cx, &module, 1, &done));
    assert_int_equal(done.applied, 0);
    module.count = 3;
    assert_int_equal(db_migrate(db, f->cx, &module, 1, &done), ST_INTERNAL);
    assert_says(f->cx, "step 3 of \"part\" (\"broken\")");
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_ok(db_query_one(f->cx, &count_a, DB_NO_ARGS, &row));
    assert_true(db_col_i64(row, 0) == 1);
    assert_ok(db_query_one(f->cx, &count_c, DB_NO_ARGS, &row)); /* nothing of step 3 is there */
    assert_true(db_col_i64(row, 0) == 0);
    assert_ok(db_commit(f->cx));
}

static void test_migrations_apply_once_and_whole(void **state)
{
    each(check_migrate);
}

static void check_whole(struct test_db *f, struct db *db, const struct impl *impl)
{
    struct db_problems problems;

    make_items(f, db, 100);
    assert_ok(db_check(db, f->cx, &problems));
    assert_int_equal(problems.count, 0);
    assert_non_null(db_kind_name(db));
    assert_str(db_path(db), f->path);
    assert_ptr_equal(db_of(f->cx), NULL);
    if (in_memory(impl)) {
        assert_int_equal(db_reopen(db, f->cx), ST_UNSUPPORTED);
        assert_int_equal(db_copy(db, f->cx, S("/tmp/never")), ST_UNSUPPORTED);
    } else {
        assert_ok(db_reopen(db, f->cx));
    }
    assert_ok(db_begin(db, f->cx, DB_READ));
    assert_ptr_equal(db_of(f->cx), db);
    assert_int_equal(count_items(f), 100);
    db_rollback(f->cx);
}

static void test_a_whole_store_has_no_problems(void **state)
{
    each(check_whole);
}

/* ---- what only the decorator can show ---- */

static struct db *open_faulty(struct test_db *f)
{
    struct db *db = db_faulty_take(test_db_open(f, DB_MODE_CREATE), (struct db_fault){ 0 });

    make_items(f, db, 2);
    return db;
}

static void test_an_unclear_commit_is_settled_by_reopening(void **state)
{
    static const struct {
        enum db_fault_side side;
        size_t             count;
    } cases[] = { { DB_FAULT_BEFORE, 2 }, { DB_FAULT_AFTER, 3 } };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_db f;
        struct db     *db;

        test_db_init(&f);
        db = open_faulty(&f);
        db_faulty_set(
            db, (struct db_fault){ .at = 1, .side = cases[i].side, .only = DB_FAULT_COMMITS });
        assert_ok(db_begin(db, f.cx, DB_WRITE));
        assert_ok(
            db_run(f.cx, &put, DB_ARGS(db_i64(3), db_null(), db_null(), db_null(), db_null())));
        assert_int_equal(db_commit(f.cx), ST_UNAVAILABLE);
        assert_null(f.cx->tx);
        assert_true(db_commit_is_unclear(db));
        assert_int_equal(db_begin(db, f.cx, DB_READ), ST_UNAVAILABLE);
        assert_says(f.cx, "open the store again and look");
        assert_ok(db_reopen(db, f.cx));
        assert_false(db_commit_is_unclear(db));
        assert_ok(db_begin(db, f.cx, DB_READ));
        assert_int_equal(count_items(&f), cases[i].count);
        db_rollback(f.cx);
        db_close(db);
        test_db_release(&f);
    }
}

static void test_a_failed_reopen_leaves_a_store_that_refuses(void **state)
{
    struct test_db f;
    struct db     *db;

    test_db_init(&f);
    db = open_faulty(&f);
    db_faulty_set(db, (struct db_fault){ .at = 1, .status = ST_DENIED });
    assert_int_equal(db_reopen(db, f.cx), ST_DENIED);
    assert_int_equal(db_begin(db, f.cx, DB_READ), ST_UNAVAILABLE);
    assert_ok(db_reopen(db, f.cx));
    assert_ok(db_begin(db, f.cx, DB_READ));
    assert_int_equal(count_items(&f), 2);
    db_rollback(f.cx);
    db_close(db);
    test_db_release(&f);
}

static void test_every_call_can_fail_once_or_for_good(void **state)
{
    struct test_db f;
    struct db     *db;
    uint64_t       calls;

    test_db_init(&f);
    db = open_faulty(&f);
    db_faulty_set(db, (struct db_fault){ .at = 2 });
    assert_ok(db_begin(db, f.cx, DB_WRITE));
    assert_int_equal(db_run(f.cx, &rename_all, DB_ARGS(db_text(S("x")))), ST_UNAVAILABLE);
    assert_says(f.cx, "rename_all failed on purpose");
    db_rollback(f.cx);
    calls = db_faulty_calls(db);
    assert_true(calls == 2);
    assert_ok(db_begin(db, f.cx, DB_READ)); /* once */
    db_rollback(f.cx);
    db_faulty_set(db, (struct db_fault){ .at = 2, .mode = DB_FAULT_FOREVER, .status = ST_LIMIT });
    assert_ok(db_begin(db, f.cx, DB_READ));
    db_rollback(f.cx);
    assert_int_equal(db_begin(db, f.cx, DB_READ), ST_LIMIT);
    assert_int_equal(db_begin(db, f.cx, DB_READ), ST_LIMIT);
    db_close(db);
    test_db_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_come_back_as_they_were),
        cmocka_unit_test(test_parameters_are_bound_by_their_number),
        cmocka_unit_test(test_rollback_undoes_everything),
        cmocka_unit_test(test_a_constraint_leaves_the_transaction_usable),
        cmocka_unit_test(test_after_a_failed_statement_only_rollback_is_left),
        cmocka_unit_test(test_queries_nest_and_end_with_their_transaction),
        cmocka_unit_test(test_returning_gives_rows_and_can_be_dropped),
        cmocka_unit_test(test_deadline_and_cancel_stop_a_statement),
        cmocka_unit_test(test_migrations_apply_once_and_whole),
        cmocka_unit_test(test_a_whole_store_has_no_problems),
        cmocka_unit_test(test_an_unclear_commit_is_settled_by_reopening),
        cmocka_unit_test(test_a_failed_reopen_leaves_a_store_that_refuses),
        cmocka_unit_test(test_every_call_can_fail_once_or_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
