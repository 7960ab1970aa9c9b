/*
 * receipt_test.c - a receipt proves itself offline, chains hold, keys stay private.
 */
#include "support/test_journal.h"

#include "os/file.h"

#define PEM(j) receipt_key_public_pem((j)->key)

static str stored(struct test_journal *j, const char *publish_id)
{
    str document;

    assert_ok(db_begin(j->db, j->cx, DB_READ));
    assert_ok(receipt_get(j->cx, str_of(publish_id), &document));
    db_rollback(j->cx);
    return document;
}

static void test_a_receipt_proves_itself_with_the_public_key_alone(void **state)
{
    struct test_journal   j;
    struct receipt_report report;
    str                   document, again;

    test_journal_open(&j);
    test_journal_fill(&j, 2);
    document = stored(&j, "publish-3");
    assert_ok(receipt_verify(j.cx, document, PEM(&j), &report));
    assert_int_equal(report.failed, RECEIPT_WHOLE);
    assert_str(report.mesh, S("shop"));
    assert_str(report.product, S("sales.orders"));
    assert_str(report.publish_id, S("publish-3"));
    assert_str(report.actor, S("tester"));
    assert_str(report.key_id, receipt_key_id(j.key));
    assert_true(report.sequence == 2);
    assert_int_equal(report.previous.len, 64);
    assert_true(str_ends(document, S("\n")));
    assert_ok(
        os_file_put(j.cx, os_path_join(j.cx->arena, j.f.dir, S("r.json")), document, OS_NEW, 0644));
    assert_ok(os_file_read(j.cx, os_path_join(j.cx->arena, j.f.dir, S("r.json")), 1 << 20, &again));
    assert_ok(receipt_verify(j.cx, again, PEM(&j), NULL));
    test_journal_close(&j);
}

static void test_a_receipt_says_everything_also_what_was_not_done(void **state)
{
    static const char *const parts[] = {
        "\"origins\":\"not computed\"",
        "\"gates\":[]",
        "\"waivers\":[]",
        "\"previous\":null",
        "\"sequence\":1",
        "\"engine\":\"duckdb 1.5.5\"",
        "\"key_id\":",
        "\"algorithm\":\"Ed25519\"",
        "\"contract\":{\"id\":\"sales-orders\",\"path\":\"orders.odcs.yaml\",\"sha256\":"
        "\"" TEST_HASH "\"}",
        "\"sql\":{\"path\":\"orders.sql\",\"sha256\":\"" TEST_HASH "\"}",
        "{\"bytes\":1234,\"path\":\"sales/orders/orders/v1/data/x/"
        "0.parquet\",\"row_digest\":\"ab12\",\"rows\":100,\"sha256\":\"" TEST_HASH "\"}",
        "\"snapshot\":{\"id\":\"0193577e-0000-7000-8000-000000000001\",\"number\":3}",
        "{\"name\":\"id\",\"required\":true,\"type\":\"BIGINT\"}",
        "\"bad_rows\":0",
        "\"outcome\":\"pass\"",
        "\"modified\":\"2025-11-23T12:13:20Z\"",
        "\"steps\":[{\"path\":\"steps/clean.sql\"",
    };
    struct test_journal j;
    str                 document;

    test_journal_open(&j);
    test_journal_fill(&j, 1);
    document = stored(&j, "publish-1");
    for (size_t i = 0; i < CASES(parts); i++) {
        if (!str_has(document, str_of(parts[i]))) {
            fail_msg("%s is not in " STR_FMT, parts[i], STR_ARG(document));
        }
    }
    test_journal_close(&j);
}

/* The document with the first `from` replaced. */
static str change(struct ctx *cx, str document, const char *from, const char *to)
{
    size_t at;

    assert_true(str_find(document, str_of(from), &at));
    return arena_printf(cx->arena, STR_FMT "%s" STR_FMT, (int)at, document.ptr, to,
                        STR_ARG(str_from(document, at + str_of(from).len)));
}

static void test_a_failure_says_which_part(void **state)
{
    static const struct {
        const char       *from, *to;
        enum status       status;
        enum receipt_part part;
        const char       *says;
    } cases[] = {
        { "\"rows\":100", "\"rows\":101", ST_CORRUPT, RECEIPT_HASH, "content" },
        { "\"rows\":100", "\"rows\":100.0", ST_CORRUPT, RECEIPT_CANONICAL, "canonical" },
        { "\"rows\":100", "\"rows\": 100", ST_CORRUPT, RECEIPT_CANONICAL, "canonical" },
        { "\"sha256\":\"", "\"sha256\":\"0", ST_CORRUPT, RECEIPT_HASH, "sha256" },
        { "\"key_id\":\"", "\"key_id\":\"0", ST_DENIED, RECEIPT_KEY_ID, "signed with key" },
        { "\"value\":\"", "\"value\":\"A", ST_DENIED, RECEIPT_SIGNATURE, "signature" },
        { "Ed25519", "none", ST_INVALID, RECEIPT_DOCUMENT, "algorithm" },
        { "\"kind\":\"Receipt\"", "\"kind\":\"Rule\"", ST_INVALID, RECEIPT_DOCUMENT, "kind" },
        { "{\"receipt\"", "{\"recipe\"", ST_INVALID, RECEIPT_DOCUMENT, "exactly" },
        { "\n", "", ST_INVALID, RECEIPT_DOCUMENT, "cut off" },
        { "\n", "\n\n", ST_CORRUPT, RECEIPT_CANONICAL, "canonical" },
        { "{", "[", ST_INVALID, RECEIPT_DOCUMENT, "not a receipt" },
    };
    struct test_journal   j;
    struct receipt_report report;

    test_journal_open(&j);
    test_journal_fill(&j, 1);
    for (size_t i = 0; i < CASES(cases); i++) {
        str document = change(j.cx, stored(&j, "publish-1"), cases[i].from, cases[i].to);

        assert_int_equal(receipt_verify(j.cx, document, PEM(&j), &report), cases[i].status);
        assert_int_equal(report.failed, cases[i].part);
        assert_says(j.cx, cases[i].says);
    }
    assert_int_equal(receipt_verify(j.cx, S(""), PEM(&j), &report), ST_INVALID);
    assert_int_equal(receipt_verify(j.cx, S("{}\n"), PEM(&j), &report), ST_INVALID);
    assert_int_equal(receipt_verify(j.cx, S("null\n"), PEM(&j), &report), ST_INVALID);
    assert_int_equal(receipt_verify(j.cx, stored(&j, "publish-1"), S("no key"), &report),
                     ST_INVALID);
    assert_int_equal(report.failed, RECEIPT_KEY);
    test_journal_close(&j);
}

static void test_a_forger_needs_the_private_key(void **state)
{
    struct test_journal   j;
    struct receipt_key   *other;
    struct receipt        r    = test_receipt(S("product-a"), S("publish-1"));
    struct receipt_link   none = { 0 }, link;
    struct receipt_report report;
    str                   document, renamed;
    bool                  is_new;

    test_journal_open(&j);
    assert_ok(os_dir_make(j.cx, os_path_join(j.cx->arena, j.f.dir, S("other")), 0700));
    assert_ok(receipt_key_open_or_create(j.cx, os_path_join(j.cx->arena, j.f.dir, S("other")),
                                         &other, &is_new));
    assert_ok(receipt_build(j.cx, other, &r, &none, &document, &link));
    assert_ok(receipt_verify(j.cx, document, receipt_key_public_pem(other), &report));
    assert_int_equal(receipt_verify(j.cx, document, PEM(&j), &report), ST_DENIED);
    assert_int_equal(report.failed, RECEIPT_KEY_ID);
    /* The right key id on the other key's signature. */
    renamed = change(j.cx, document, arena_cstr(j.cx->arena, receipt_key_id(other)),
                     arena_cstr(j.cx->arena, receipt_key_id(j.key)));
    assert_int_equal(receipt_verify(j.cx, renamed, PEM(&j), &report), ST_DENIED);
    assert_int_equal(report.failed, RECEIPT_SIGNATURE);
    receipt_key_close(other);
    test_journal_close(&j);
}

static void test_receipts_are_chained_per_product_and_anchored(void **state)
{
    struct test_journal   j;
    struct receipt        r = test_receipt(S("product-a"), S("publish-3"));
    struct receipt_link   head, *links;
    struct journal_report report;
    struct journal_page   page;
    size_t                count;

    test_journal_open(&j);
    test_journal_fill(&j, 3);
    assert_ok(db_begin(j.db, j.cx, DB_WRITE));
    assert_int_equal(receipt_append(j.cx, j.key, &r, &head), ST_CONFLICT); /* one per publish */
    assert_ok(receipt_head(j.cx, S("product-b"), &head));
    assert_true(head.sequence == 3);
    assert_str(head.publish_id, S("publish-6"));
    assert_ok(receipt_head(j.cx, S("nothing"), &head));
    assert_true(head.sequence == 0);
    assert_ok(receipt_list(j.cx, S("product-a"), 2, &links, &count));
    assert_int_equal(count, 2);
    assert_str(links[0].publish_id, S("publish-5"));
    assert_ok(receipt_verify_chain(j.cx, S("product-a"), PEM(&j), &report));
    assert_true(report.count == 3);
    assert_ok(receipt_verify_all(j.cx, PEM(&j), &report));
    assert_true(report.count == 6);
    assert_ok(journal_verify(j.cx, NULL, &report));
    assert_ok(journal_list(
        j.cx, &(struct journal_filter){ .kind = S("product.published"), .limit = 1 }, &page));
    assert_true(str_has(page.items[0].details, S("\"publish\":\"publish-6\"")));
    assert_str(page.items[0].subject, S("sales.orders"));
    assert_int_equal(receipt_get(j.cx, S("publish-7"), &(str){ 0 }), ST_NOT_FOUND);
    db_rollback(j.cx);
    test_journal_close(&j);
}

static void test_every_damage_of_the_chain_is_found(void **state)
{
    static const struct {
        const char *sql, *says;
    } cases[] = {
        { "UPDATE receipt SET document = CAST('x' AS BLOB) WHERE publish_id = 'publish-3'",
          "receipt 2 cannot be proven" },
        { "UPDATE receipt SET document = (SELECT document FROM receipt WHERE publish_id = "
          "'publish-1') "
          "WHERE publish_id = 'publish-3'",
          "receipt 2 does not follow" },
        { "UPDATE receipt SET document = (SELECT document FROM receipt WHERE publish_id = "
          "'publish-4') "
          "WHERE publish_id = 'publish-3'",
          "receipt 2 does not follow" },
        { "UPDATE receipt SET time_us = time_us + 1 WHERE publish_id = 'publish-3'",
          "receipt 2 says something else" },
        { "UPDATE receipt SET key_id = 'x' WHERE publish_id = 'publish-1'",
          "receipt 1 says something else" },
        { "UPDATE receipt SET product_id = 'product-c' WHERE product_id = 'product-a'",
          "belongs to another product" },
        { "UPDATE receipt SET event_seq = 99 - event_seq", "event" },
        { "DELETE FROM receipt WHERE publish_id = 'publish-1'", "receipt 1 is missing" },
        { "DELETE FROM receipt WHERE publish_id = 'publish-3'", "receipt 2 is missing" },
        { "DELETE FROM receipt WHERE publish_id = 'publish-5'", "receipt 3 is missing" },
        { "DELETE FROM receipt WHERE product_id = 'product-a'", "missing" },
        { "UPDATE event SET details = replace(details, '\"receipt\":\"', '\"receipt\":\"0') WHERE "
          "seq = 1",
          "not the one that its event" },
        { "UPDATE event SET details = '' WHERE seq = 1", "not the one that its event" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_journal   j;
        struct journal_report report;

        test_journal_open(&j);
        test_journal_fill(&j, 3);
        assert_ok(db_begin(j.db, j.cx, DB_WRITE));
        test_journal_tamper(&j, cases[i].sql);
        assert_int_equal(receipt_verify_all(j.cx, PEM(&j), &report), ST_CORRUPT);
        assert_says(j.cx, cases[i].says);
        db_rollback(j.cx);
        test_journal_close(&j);
    }
}

/* ---- keys ---- */

static str in_dir(struct test_journal *j, const char *name)
{
    return os_path_join(j->cx->arena, j->f.dir, str_of(name));
}

static void test_a_key_is_made_once_private_and_read_again(void **state)
{
    struct test_journal j;
    struct receipt_key *again;
    struct os_info      info;
    bool                is_new;
    str                 pem;

    test_journal_open(&j);
    assert_ok(os_file_info(j.cx, in_dir(&j, "receipt-ed25519.pem"), OS_NO_FOLLOW, &info));
    assert_int_equal(info.mode, 0600);
    assert_ok(receipt_key_open_or_create(j.cx, j.f.dir, &again, &is_new));
    assert_false(is_new);
    assert_str(receipt_key_id(again), receipt_key_id(j.key));
    receipt_key_close(again);
    assert_ok(os_file_remove(j.cx, in_dir(&j, "receipt-ed25519.pub.pem"), OS_MISSING_FAILS));
    assert_ok(receipt_key_open_or_create(j.cx, j.f.dir, &again, &is_new));
    receipt_key_close(again);
    assert_ok(os_file_read(j.cx, in_dir(&j, "receipt-ed25519.pub.pem"), 4096, &pem));
    assert_str(pem, PEM(&j));
    test_journal_close(&j);
}

static void test_bad_keys_are_refused(void **state)
{
    static const struct {
        const char *name, *content;
        unsigned    mode;
        enum status status;
        const char *says;
    } cases[] = {
        { "receipt-ed25519.pem", "rubbish", 0600, ST_INVALID, "receipt-ed25519.pem" },
        { "receipt-ed25519.pem", NULL, 0644, ST_DENIED, "chmod" },
        { "receipt-ed25519.pub.pem", "rubbish", 0644, ST_CORRUPT, "not the public half" },
        { "receipt-ed25519.pem", "", 0600, ST_INVALID, "receipt-ed25519.pem" },
    };
    struct test_journal j;
    struct receipt_key *key;
    bool                is_new;

    test_journal_open(&j);
    for (size_t i = 0; i < CASES(cases); i++) {
        str path = in_dir(&j, cases[i].name), kept;

        assert_ok(os_file_read(j.cx, path, 4096, &kept));
        assert_ok(os_file_put(j.cx, path, cases[i].content ? str_of(cases[i].content) : kept,
                              OS_REPLACE, cases[i].mode));
        assert_int_equal(receipt_key_open_or_create(j.cx, j.f.dir, &key, &is_new), cases[i].status);
        assert_says(j.cx, cases[i].says);
        assert_false(str_has(err_text(j.cx->err), S("rubbish")));
        assert_ok(os_file_put(j.cx, path, kept, OS_REPLACE, 0600));
    }
    assert_ok(os_file_remove(j.cx, in_dir(&j, "receipt-ed25519.pem"), OS_MISSING_FAILS));
    assert_int_equal(receipt_key_open_or_create(j.cx, j.f.dir, &key, &is_new), ST_CORRUPT);
    assert_says(j.cx, "gone but its public half is there");
    assert_int_equal(receipt_key_open_or_create(j.cx, in_dir(&j, "no-such-folder"), &key, &is_new),
                     ST_NOT_FOUND);
    test_journal_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_receipt_proves_itself_with_the_public_key_alone),
        cmocka_unit_test(test_a_receipt_says_everything_also_what_was_not_done),
        cmocka_unit_test(test_a_failure_says_which_part),
        cmocka_unit_test(test_a_forger_needs_the_private_key),
        cmocka_unit_test(test_receipts_are_chained_per_product_and_anchored),
        cmocka_unit_test(test_every_damage_of_the_chain_is_found),
        cmocka_unit_test(test_a_key_is_made_once_private_and_read_again),
        cmocka_unit_test(test_bad_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
