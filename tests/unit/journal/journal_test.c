/*
 * journal_test.c - events: what is appended is what is read, and every damage is found and named.
 */
#include "support/test_journal.h"

#include <string.h>

#include "journal/journal_sql.h"

static void test_every_kind_has_its_own_text(void **state)
{
    for (int i = 0; i < JOURNAL_KIND_COUNT; i++) {
        enum journal_kind kind = (enum journal_kind)i, back;

        assert_true(journal_kind_doc(kind).len > 0);
        assert_true(journal_kind_parse(journal_kind_text(kind), &back));
        assert_int_equal(back, kind);
    }
    assert_false(journal_kind_parse(S("product.eaten"), &(enum journal_kind){ 0 }));
}

static struct journal_link append(struct test_journal *j, enum journal_kind kind, str subject)
{
    struct journal_event event = { .kind = kind, .subject = subject };
    struct journal_link  link;

    j->f.t.now_us += 1000;
    if (journal_append(j->cx, &event, &link) != ST_OK) {
        fail_msg("%s", j->f.t.err.text);
    }
    return link;
}

/* Ten events; the transaction is left open. */
static void open_ten(struct test_journal *j)
{
    test_journal_open(j);
    assert_ok(db_begin(j->db, j->cx, DB_WRITE));
    append(j, JOURNAL_MESH_CREATED, S("shop"));
    append(j, JOURNAL_DOMAIN_ADDED, S("sales"));
    append(j, JOURNAL_PRODUCT_FIRST_SEEN, S("sales.orders"));
    append(j, JOURNAL_PRODUCT_FIRST_SEEN, S("sales.customers"));
    append(j, JOURNAL_PUBLISH_STARTED, S("sales.orders"));
    append(j, JOURNAL_PUBLISH_FAILED, S("sales.orders"));
    append(j, JOURNAL_DOMAIN_ADDED, S("sales2"));
    append(j, JOURNAL_PUBLISH_STARTED, S("sales.orders"));
    append(j, JOURNAL_QUERY_STARTED, S(""));
    append(j, JOURNAL_QUERY_ENDED, S(""));
}

static void close_ten(struct test_journal *j)
{
    db_rollback(j->cx);
    test_journal_close(j);
}

static void test_an_event_comes_back_as_it_was_written(void **state)
{
    struct test_journal   j;
    struct json          *details;
    struct journal_link   link, head;
    struct journal_record r;

    test_journal_open(&j);
    details = json_new_object(j.cx->arena);
    json_set(j.cx->arena, details, S("z"), json_new_i64(j.cx->arena, 3));
    json_set(j.cx->arena, details, S("a"), json_new_str(j.cx->arena, S("\xc3\xa9\n")));
    assert_ok(db_begin(j.db, j.cx, DB_WRITE));
    assert_ok(journal_head(j.cx, &head));
    assert_true(head.seq == 0 && head.hash.len == 0);
    j.cx->purpose = S("billing");
    assert_ok(journal_append(
        j.cx, &(struct journal_event){ JOURNAL_QUERY_STARTED, S("sales.orders"), details }, &link));
    assert_true(link.seq == 1);
    assert_int_equal(link.hash.len, 64);
    assert_ok(db_commit(j.cx));
    assert_ok(db_begin(j.db, j.cx, DB_READ));
    assert_ok(journal_get(j.cx, 1, &r));
    assert_str(r.kind, S("query.started"));
    assert_str(r.actor, S("tester"));
    assert_str(r.purpose, S("billing"));
    assert_str(r.subject, S("sales.orders"));
    assert_str(r.details, S("{\"a\":\"\xc3\xa9\\n\",\"z\":3}"));
    assert_str(r.hash, link.hash);
    assert_str(r.id, link.id);
    assert_true(r.time_us == j.f.t.now_us && r.previous.len == 0);
    assert_ok(journal_head(j.cx, &head));
    assert_str(head.hash, link.hash);
    assert_int_equal(journal_get(j.cx, 2, &r), ST_NOT_FOUND);
    db_rollback(j.cx);
    test_journal_close(&j);
}

static void test_bad_events_are_refused(void **state)
{
    struct test_journal  j;
    struct journal_event event = { .kind = JOURNAL_DOCTOR_RAN };
    struct json         *details;
    char                *large;

    test_journal_open(&j);
    assert_ok(db_begin(j.db, j.cx, DB_WRITE));
    j.cx->actor = S("");
    assert_int_equal(journal_append(j.cx, &event, NULL), ST_INVALID);
    assert_says(j.cx, "event \"doctor.ran\": an event needs an actor");
    j.cx->actor   = S("tester");
    event.subject = S("bad \xff utf-8");
    assert_int_equal(journal_append(j.cx, &event, NULL), ST_INVALID);
    large = arena_alloc(j.cx->arena, JOURNAL_DETAILS_MAX);
    memset(large, 'x', JOURNAL_DETAILS_MAX);
    event.subject = (str){ large, JOURNAL_TEXT_MAX + 1 };
    assert_int_equal(journal_append(j.cx, &event, NULL), ST_LIMIT);
    event.subject = (str){ large, JOURNAL_TEXT_MAX };
    details       = json_new_object(j.cx->arena);
    json_set(j.cx->arena, details, S("x"),
             json_new_str(j.cx->arena, (str){ large, JOURNAL_DETAILS_MAX }));
    event.details = details;
    assert_int_equal(journal_append(j.cx, &event, NULL), ST_LIMIT);
    event.details = json_new_array(j.cx->arena);
    assert_int_equal(journal_append(j.cx, &event, NULL), ST_INVALID);
    event.details = NULL;
    assert_ok(journal_append(j.cx, &event, NULL));
    db_rollback(j.cx);
    test_journal_close(&j);
}

static void test_lists_filter_and_page(void **state)
{
    static const struct {
        struct journal_filter filter;
        size_t                count;
        int64_t               first, next;
    } cases[] = {
        { { .limit = 0 }, 10, 10, 0 },
        { { .limit = 10 }, 10, 10, 0 },
        { { .limit = 4 }, 4, 10, 7 },
        { { .limit = 4, .before_seq = 7 }, 4, 6, 3 },
        { { .limit = 4, .before_seq = 3 }, 2, 2, 0 },
        { { .kind = STR_INIT("publish.started") }, 2, 8, 0 },
        { { .kind = STR_INIT("publish.started"), .limit = 1 }, 1, 8, 8 },
        { { .subject = STR_INIT("sales.orders") }, 4, 8, 0 },
        { { .subject = STR_INIT("sales.orders"), .kind = STR_INIT("publish.failed") }, 1, 6, 0 },
        { { .subject = STR_INIT("sales") }, 1, 2, 0 },
        { { .subject = STR_INIT("sales"), .is_prefix = true }, 6, 8, 0 },
        { { .subject = STR_INIT("sales"), .is_prefix = true, .kind = STR_INIT("domain.added") },
          1,
          2,
          0 },
        { { .actor = STR_INIT("nobody") }, 0, 0, 0 },
        { { .actor = STR_INIT("tester"), .limit = 3 }, 3, 10, 8 },
        { { .since_us = 1763900000003000, .until_us = 1763900000005000 }, 2, 4, 0 },
    };
    struct test_journal j;
    struct journal_page page;

    open_ten(&j);
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_ok(journal_list(j.cx, &cases[i].filter, &page));
        assert_int_equal(page.count, cases[i].count);
        assert_true(page.next_cursor == cases[i].next);
        if (page.count > 0) {
            assert_true(page.items[0].seq == cases[i].first);
        }
    }
    assert_int_equal(
        journal_list(j.cx, &(struct journal_filter){ .limit = JOURNAL_LIST_MAX + 1 }, &page),
        ST_LIMIT);
    close_ten(&j);
}

static void test_the_store_refuses_changes(void **state)
{
    static const struct db_stmt cases[] = {
        { "update", "UPDATE event SET actor = 'me' WHERE seq = 3", 0 },
        { "delete", "DELETE FROM event WHERE seq = 10", 0 },
        { "replace", "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 3", 0 },
        { "gap",
          "INSERT INTO event SELECT 12, 'x', time_us, kind, actor, purpose, subject, details, "
          "hash, 'y' FROM event WHERE seq = 10",
          0 },
        { "fork",
          "INSERT INTO event SELECT 11, 'x', time_us, kind, actor, purpose, subject, details, "
          "previous, 'y' FROM event WHERE seq = 10",
          0 },
        { "head", "DELETE FROM journal_head", 0 },
        { "head back", "UPDATE journal_head SET seq = seq - 1", 0 },
    };
    struct test_journal   j;
    struct journal_report report;

    open_ten(&j);
    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(db_run(j.cx, &cases[i], DB_NO_ARGS), ST_CONFLICT);
    }
    assert_ok(journal_verify(j.cx, NULL, &report));
    assert_true(report.count == 10 && report.broken_seq == 0);
    close_ten(&j);
}

static void test_every_tampering_is_found_and_named(void **state)
{
    static const struct {
        const char *sql;
        int64_t     seq;
        const char *says;
    } cases[] = {
        { "UPDATE event SET actor = 'somebody' WHERE seq = 3", 3, "changed" },
        { "UPDATE event SET time_us = time_us + 1 WHERE seq = 1", 1, "changed" },
        { "UPDATE event SET details = '{ }' WHERE seq = 4", 4, "damaged" },
        { "UPDATE event SET details = '[]' WHERE seq = 4", 4, "damaged" },
        { "UPDATE event SET subject = CAST(x'ff' AS TEXT) WHERE seq = 4", 4, "damaged" },
        { "UPDATE event SET time_us = 9007199254740993 WHERE seq = 5", 5, "event 5" },
        { "UPDATE event SET previous = hash WHERE seq = 5", 5, "does not follow" },
        { "UPDATE event SET hash = 'x' WHERE seq = 5", 5, "changed" },
        { "DELETE FROM event WHERE seq = 5", 5, "is missing" },
        { "DELETE FROM event WHERE seq = 1", 1, "is missing" },
        { "DELETE FROM event WHERE seq >= 9", 9, "cut off" },
        { "DELETE FROM event", 1, "cut off" },
        { "DELETE FROM journal_head", 10, "not the end" },
        { "UPDATE journal_head SET hash = 'x'", 10, "not the end" },
        { "UPDATE journal_head SET seq = 3", 10, "not the end" },
        { "UPDATE event SET seq = 99 WHERE seq = 6", 6, "is missing" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_journal   j;
        struct journal_report report;

        open_ten(&j);
        test_journal_tamper(&j, cases[i].sql);
        if (journal_verify(j.cx, NULL, &report) != ST_CORRUPT ||
            report.broken_seq != cases[i].seq || !str_has(report.what, str_of(cases[i].says))) {
            fail_msg("%s: event %lld: %s", cases[i].sql, (long long)report.broken_seq,
                     j.f.t.err.text);
        }
        assert_says(j.cx, "the chain is broken: event");
        close_ten(&j);
    }
}

static void test_an_anchor_finds_a_chain_that_was_rewritten(void **state)
{
    struct test_journal   j;
    struct journal_record r;
    struct journal_link   anchor;
    struct journal_report report;

    open_ten(&j);
    assert_ok(journal_get(j.cx, 6, &r));
    anchor = (struct journal_link){ .seq = 6, .id = r.id, .hash = r.hash };
    assert_ok(journal_verify(j.cx, &anchor, &report));
    anchor.hash = S("other");
    assert_int_equal(journal_verify(j.cx, &anchor, &report), ST_CORRUPT);
    assert_true(report.broken_seq == 6);
    assert_says(j.cx, "rewritten");
    anchor.seq = 11;
    assert_int_equal(journal_verify(j.cx, &anchor, &report), ST_CORRUPT);
    assert_true(report.broken_seq == 11);
    close_ten(&j);
}

static void test_every_statement_prepares_on_a_fresh_schema(void **state)
{
    struct test_journal j;

    test_journal_open(&j);
    for (int i = 0; i < JOURNAL_SQL_COUNT; i++) {
        const struct db_stmt *stmt = &journal_sql[i];
        struct db_value       args[DB_ARGS_MAX];
        enum status           st;

        for (int k = 0; k < DB_ARGS_MAX; k++) {
            args[k] = db_i64(1);
        }
        assert_ok(db_begin(j.db, j.cx, DB_WRITE));
        st = db_run(j.cx, stmt, args, (size_t)stmt->params); /* 1 may break a constraint */
        if (st != ST_OK && st != ST_CONFLICT) {
            fail_msg("%s: %s", stmt->name, j.f.t.err.text);
        }
        db_rollback(j.cx);
    }
    test_journal_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_has_its_own_text),
        cmocka_unit_test(test_an_event_comes_back_as_it_was_written),
        cmocka_unit_test(test_bad_events_are_refused),
        cmocka_unit_test(test_lists_filter_and_page),
        cmocka_unit_test(test_the_store_refuses_changes),
        cmocka_unit_test(test_every_tampering_is_found_and_named),
        cmocka_unit_test(test_an_anchor_finds_a_chain_that_was_rewritten),
        cmocka_unit_test(test_every_statement_prepares_on_a_fresh_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
