/*
 * db_journal_test.c - the n-th call of the store fails until a publish's journal work passes.
 *
 * Whatever fails: the message is there, nothing is half written, and the chains stay whole. After an
 * unclear commit the store is opened again and tells which it was.
 */
#include "support/test_journal.h"

#include "db/db_faulty.h"

enum { CALLS_MAX = 1000 };

static enum status write_all(struct test_journal *j, str publish_id)
{
    struct receipt       r       = test_receipt(S("product-a"), publish_id);
    struct journal_event started = { .kind    = JOURNAL_PUBLISH_STARTED,
                                     .subject = S("sales.orders") };
    struct receipt_link  link;

    TRY(journal_append(j->cx, &started, NULL));
    return receipt_append(j->cx, j->key, &r, &link);
}

static enum status publish(struct test_journal *j, str publish_id)
{
    TRY(db_begin(j->db, j->cx, DB_WRITE));
    return db_end(j->cx, write_all(j, publish_id));
}

static enum status prove(struct test_journal *j, int64_t *events, int64_t *receipts)
{
    struct journal_report report;

    TRY(journal_verify(j->cx, NULL, &report));
    *events = report.count;
    TRY(receipt_verify_all(j->cx, receipt_key_public_pem(j->key), &report));
    *receipts = report.count;
    return ST_OK;
}

/* Both chains are whole, and hold what `before` says, or one publish more. */
static bool look(struct test_journal *j, int64_t before)
{
    int64_t events, receipts;

    db_faulty_set(j->db, (struct db_fault){ 0 });
    if (db_commit_is_unclear(j->db)) {
        assert_ok(db_reopen(j->db, j->cx));
    }
    assert_ok(db_begin(j->db, j->cx, DB_READ));
    assert_ok(db_end(j->cx, prove(j, &events, &receipts)));
    assert_true(receipts == before || receipts == before + 1);
    assert_true(events == receipts * 2);
    return receipts == before + 1;
}

static void fail_each_call(enum db_fault_mode mode, enum db_fault_side side)
{
    struct test_journal j;
    int64_t             done = 1;
    uint64_t            n;
    enum status         st = ST_UNAVAILABLE;

    test_journal_open(&j);
    assert_ok(publish(&j, S("publish-0")));
    j.db = db_faulty_take(j.db, (struct db_fault){ 0 });
    for (n = 1; n < CALLS_MAX; n++) {
        str  id = arena_printf(j.cx->arena, "publish-%d", (int)n);
        bool is_there, was_unclear;

        err_clear(j.cx->err);
        db_faulty_set(j.db, (struct db_fault){ .at = n, .mode = mode, .side = side });
        st = publish(&j, id);
        assert_null(j.cx->tx);
        if (st != ST_OK) {
            assert_says(j.cx, "failed on purpose");
        }
        was_unclear = db_commit_is_unclear(j.db);
        is_there    = look(&j, done);
        assert_true(was_unclear || is_there == (st == ST_OK));
        done += is_there;
        if (st == ST_OK) {
            break;
        }
    }
    assert_ok(st);
    assert_true(n > 10); /* the loop met every call */
    test_journal_close(&j);
}

static void test_each_call_fails_before_it_is_made(void **state)
{
    fail_each_call(DB_FAULT_ONCE, DB_FAULT_BEFORE);
}

static void test_each_call_fails_after_it_was_made(void **state)
{
    fail_each_call(DB_FAULT_ONCE, DB_FAULT_AFTER);
}

static void test_everything_fails_from_a_call_on(void **state)
{
    fail_each_call(DB_FAULT_FOREVER, DB_FAULT_BEFORE);
}

/* Reading fails too: the walk never calls a chain broken because the store could not be read. */
static void test_a_failed_read_is_not_a_broken_chain(void **state)
{
    struct test_journal j;
    enum status         st = ST_UNAVAILABLE;
    int64_t             events, receipts;
    uint64_t            n;

    test_journal_open(&j);
    test_journal_fill(&j, 2);
    j.db = db_faulty_take(j.db, (struct db_fault){ 0 });
    for (n = 1; n < CALLS_MAX && st != ST_OK; n++) {
        db_faulty_set(j.db, (struct db_fault){ .at = n });
        st = db_begin(j.db, j.cx, DB_READ);
        if (st == ST_OK) {
            st = db_end(j.cx, prove(&j, &events, &receipts));
        }
        assert_true(st == ST_OK || st == ST_UNAVAILABLE);
    }
    assert_ok(st);
    assert_true(events == 4 && receipts == 4 && n > 15);
    test_journal_close(&j);
}

static void test_a_migration_is_whole_or_not_there(void **state)
{
    static const struct db_stmt count = {
        "count", "SELECT count(*) FROM sqlite_schema WHERE name = 'receipt'", 0
    };
    struct test_db   f;
    struct db_module schema = journal_schema();
    struct db       *db;
    enum status      st       = ST_UNAVAILABLE;
    bool             is_there = false;

    test_db_init(&f);
    db = db_faulty_take(test_db_open(&f, DB_MODE_CREATE), (struct db_fault){ 0 });
    for (uint64_t n = 1; n < CALLS_MAX && st != ST_OK; n++) {
        const struct db_rows *row;

        db_faulty_set(db, (struct db_fault){ .at = n });
        st = db_migrate(db, f.cx, &schema, 1, NULL);
        db_faulty_set(db, (struct db_fault){ 0 });
        assert_ok(db_reopen(db, f.cx)); /* it may be unclear, or lost */
        assert_ok(db_begin(db, f.cx, DB_READ));
        assert_ok(db_query_one(f.cx, &count, DB_NO_ARGS, &row));
        /* Only a failure after the commit leaves it there: turning references on again. */
        assert_true(db_col_i64(row, 0) == 1 || st != ST_OK);
        is_there = is_there || db_col_i64(row, 0) == 1;
        assert_true(db_col_i64(row, 0) == is_there);
        db_rollback(f.cx);
    }
    assert_ok(st);
    db_close(db);
    test_db_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_call_fails_before_it_is_made),
        cmocka_unit_test(test_each_call_fails_after_it_was_made),
        cmocka_unit_test(test_everything_fails_from_a_call_on),
        cmocka_unit_test(test_a_failed_read_is_not_a_broken_chain),
        cmocka_unit_test(test_a_migration_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
