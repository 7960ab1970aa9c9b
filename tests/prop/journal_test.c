/*
 * journal_test.c - any change of a stored receipt or event is found, wherever it is.
 */
#include "support/test_journal.h"

#include <string.h>

enum { SEED = 20261123, PER_BYTE = 2 };

static str copy_of(struct ctx *cx, str s)
{
    return arena_dup(cx->arena, s);
}

static void expect_refused(struct test_journal *j, str document, const char *how, size_t at)
{
    struct receipt_report report;
    struct arena_mark     mark = arena_mark(j->cx->arena);
    enum status st = receipt_verify(j->cx, document, receipt_key_public_pem(j->key), &report);

    if (st == ST_OK || report.failed == RECEIPT_WHOLE || err_text(j->cx->err).len == 0) {
        fail_msg("%s at %zu was not found (seed %d)", how, at, SEED);
    }
    arena_rewind(j->cx->arena, mark);
}

static void test_any_change_of_one_byte_of_a_receipt_is_found(void **state)
{
    struct test_random  random = { SEED };
    struct test_journal j;
    str                 document;
    char               *bytes;

    test_journal_open_at(&j, S(":memory:"));
    test_journal_fill(&j, 1);
    assert_ok(db_begin(j.db, j.cx, DB_READ));
    assert_ok(receipt_get(j.cx, S("publish-2"), &document));
    db_rollback(j.cx);
    bytes = arena_alloc(j.cx->arena, document.len + 1);
    for (size_t at = 0; at < document.len; at++) {
        for (int k = 0; k < PER_BYTE; k++) { /* another byte: one bit, then any */
            int flip = k == 0 ? 1 << test_random_below(&random, 8)
                              : 1 + (int)test_random_below(&random, 255);

            memcpy(bytes, document.ptr, document.len);
            bytes[at] = (char)(bytes[at] ^ flip);
            expect_refused(&j, (str){ bytes, document.len }, "a changed byte", at);
        }
        memcpy(bytes, document.ptr, at); /* one byte less */
        memcpy(bytes + at, document.ptr + at + 1, document.len - at - 1);
        expect_refused(&j, (str){ bytes, document.len - 1 }, "a removed byte", at);
        bytes[at] = (char)test_random_below(&random, 256); /* one more */
        memcpy(bytes, document.ptr, at);
        memcpy(bytes + at + 1, document.ptr + at, document.len - at);
        expect_refused(&j, (str){ bytes, document.len + 1 }, "an added byte", at);
        expect_refused(&j, str_sub(document, 0, at), "a cut", at);
    }
    assert_ok(receipt_verify(j.cx, document, receipt_key_public_pem(j.key), NULL));
    test_journal_close(&j);
}

/* The columns of an event; integers are changed by the bit, texts by the byte. */
static const struct {
    bool           is_text;
    struct db_stmt get, set;
} columns[] = {
#define COLUMN(name, is_text)                                                                      \
    {                                                                                              \
        is_text, { "get " #name, "SELECT " #name " FROM event WHERE seq = $1", 1 },                \
        {                                                                                          \
            "set " #name, "UPDATE event SET " #name " = $2 WHERE seq = $1", 2                      \
        }                                                                                          \
    }
    COLUMN(seq, false),     COLUMN(time_us, false), COLUMN(id, true),      COLUMN(kind, true),
    COLUMN(actor, true),    COLUMN(purpose, true),  COLUMN(subject, true), COLUMN(details, true),
    COLUMN(previous, true), COLUMN(hash, true),
#undef COLUMN
};

static void try_value(struct test_journal *j, size_t column, int64_t seq, struct db_value value,
                      size_t at)
{
    struct arena_mark     mark = arena_mark(j->cx->arena);
    struct journal_report report;
    enum status           st;

    assert_ok(db_begin(j->db, j->cx, DB_WRITE));
    st = db_run(j->cx, &columns[column].set, DB_ARGS(db_i64(seq), value));
    if (st == ST_OK) {
        st = journal_verify(j->cx, NULL, &report);
        if (st != ST_CORRUPT || report.broken_seq < 1 || report.what.len == 0) {
            fail_msg("%s of event %lld at %zu was not found (seed %d)", columns[column].set.name,
                     (long long)seq, at, SEED);
        }
    } else {
        assert_int_equal(st, ST_CONFLICT); /* the number of another event, or below 1 */
    }
    db_rollback(j->cx);
    arena_rewind(j->cx->arena, mark);
}

static void change_column(struct test_journal *j, struct test_random *random, size_t column,
                          int64_t seq)
{
    const struct db_rows *row;
    int64_t               number;
    str                   text;

    assert_ok(db_begin(j->db, j->cx, DB_READ));
    assert_ok(db_query_one(j->cx, &columns[column].get, DB_ARGS(db_i64(seq)), &row));
    db_rollback(j->cx);
    number = db_col_i64(row, 0);
    text   = db_col_text(row, 0);
    for (int bit = 0; !columns[column].is_text && bit < 64; bit++) {
        try_value(j, column, seq, db_i64((int64_t)((uint64_t)number ^ (1ULL << bit))), (size_t)bit);
    }
    for (size_t at = 0; at < text.len; at++) {
        char *bytes = unconst(copy_of(j->cx, text).ptr);

        bytes[at] = (char)(bytes[at] ^ (1 + (int)test_random_below(random, 255)));
        try_value(j, column, seq, db_text((str){ bytes, text.len }), at);
        try_value(j, column, seq, db_text(str_sub(text, 0, at)), at);
    }
    if (columns[column].is_text) {
        try_value(j, column, seq, db_text(arena_concat(j->cx->arena, text, S("x"))), text.len);
    }
}

static void test_any_change_of_one_byte_of_an_event_is_found(void **state)
{
    struct test_random  random = { SEED };
    struct test_journal j;

    test_journal_open_at(&j, S(":memory:"));
    j.cx->purpose = S("audit");
    test_journal_fill(&j, 2);
    assert_ok(db_begin(j.db, j.cx, DB_WRITE));
    test_journal_tamper(&j, "SELECT 1"); /* the triggers are gone */
    assert_ok(db_commit(j.cx));
    for (size_t column = 0; column < CASES(columns); column++) {
        for (int64_t seq = 1; seq <= 4; seq++) {
            change_column(&j, &random, column, seq);
        }
    }
    test_journal_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_change_of_one_byte_of_a_receipt_is_found),
        cmocka_unit_test(test_any_change_of_one_byte_of_an_event_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
