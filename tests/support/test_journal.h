/*
 * test_journal.h - a store with the journal's schema, a signing key, and receipts to sign.
 */
#ifndef SUPPORT_TEST_JOURNAL_H
#define SUPPORT_TEST_JOURNAL_H

#include "support/test_db.h"

#include "journal/receipt.h"

struct test_journal {
    struct test_db      f;
    struct ctx         *cx;
    struct db          *db;
    struct receipt_key *key;
};

static inline void test_journal_open_at(struct test_journal *j, str path)
{
    struct db_module schema = journal_schema();
    bool             is_new;

    test_db_init(&j->f);
    j->cx = j->f.cx;
    if (path.len > 0) {
        j->f.path = path;
    }
    j->db = test_db_open(&j->f, DB_MODE_CREATE);
    assert_ok(db_migrate(j->db, j->cx, &schema, 1, NULL));
    assert_ok(receipt_key_open_or_create(j->cx, j->f.dir, &j->key, &is_new));
}

static inline void test_journal_open(struct test_journal *j)
{
    test_journal_open_at(j, STR_NONE);
}

static inline void test_journal_close(struct test_journal *j)
{
    receipt_key_close(j->key);
    db_close(j->db);
    test_db_release(&j->f);
}

#define TEST_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* A receipt with one of everything. */
static inline struct receipt test_receipt(str product_id, str publish_id)
{
    static const struct receipt_column columns[] = { { STR_INIT("id"), STR_INIT("BIGINT"), true },
                                                     { STR_INIT("name"), STR_INIT("VARCHAR"),
                                                       false } };
    static const struct receipt_file   files[]   = {
        { STR_INIT("sales/orders/orders/v1/data/x/0.parquet"), 1234, 100, STR_INIT(TEST_HASH),
              STR_INIT("ab12") },
        { STR_INIT("sales/orders/orders/v1/data/x/1.parquet"), 99, 7, STR_INIT(TEST_HASH),
              STR_INIT("") }
    };
    static const struct receipt_table tables[] = { {
        .name            = STR_INIT("orders"),
        .address         = STR_INIT("sales.orders.orders"),
        .snapshot_id     = STR_INIT("0193577e-0000-7000-8000-000000000001"),
        .snapshot_number = 3,
        .sql             = { STR_INIT("orders.sql"), STR_INIT(TEST_HASH) },
        .rows            = 107,
        .bytes           = 1333,
        .columns         = columns,
        .column_count    = 2,
        .files           = files,
        .file_count      = 2,
    } };
    static const struct receipt_port  ports[]  = { {
          .name        = STR_INIT("orders"),
          .version     = STR_INIT("1.2.0"),
          .contract_id = STR_INIT("sales-orders"),
          .contract    = { STR_INIT("orders.odcs.yaml"), STR_INIT(TEST_HASH) },
          .tables      = tables,
          .table_count = 1,
    } };
    static const struct receipt_input inputs[] = {
        { STR_INIT("file"), STR_INIT("data/or\xc3\xa4nge \"1\".csv"), STR_INIT(""), 10,
          STR_INIT(TEST_HASH), 1763900000000000 }
    };
    static const struct receipt_check checks[] = {
        { STR_INIT("sales.orders.orders"), STR_INIT("orders.id.unique"), STR_INIT("id is unique"),
          STR_INIT("id"), STR_INIT("uniqueness"), STR_INIT("error"), STR_INIT("pass"),
          STR_INIT("0"), STR_INIT("= 0"), 0 }
    };
    static const struct receipt_document steps[] = { { STR_INIT("steps/clean.sql"),
                                                       STR_INIT(TEST_HASH) } };

    return (struct receipt){
        .mesh            = S("shop"),
        .product_id      = product_id,
        .domain          = S("sales"),
        .product         = S("orders"),
        .publish_id      = publish_id,
        .build           = S("sql"),
        .materialization = S("full"),
        .engine          = S("duckdb 1.5.5"),
        .weft            = S("0.1.0"),
        .started_us      = 1763899999000000,
        .fingerprint     = S(TEST_HASH),
        .descriptor      = { S("product.odps.yaml"), S(TEST_HASH) },
        .steps           = { steps, 1 },
        .ports           = { ports, 1 },
        .inputs          = { inputs, 1 },
        .checks          = { checks, 1 },
    };
}

/* Appends `count` receipts to each of two products, in one transaction each. */
static inline void test_journal_fill(struct test_journal *j, int count)
{
    for (int i = 1; i <= count * 2; i++) {
        struct receipt r = test_receipt(i % 2 ? S("product-a") : S("product-b"),
                                        arena_printf(j->cx->arena, "publish-%d", i));
        struct receipt_link link;

        j->f.t.now_us += 1000003;
        assert_ok(db_begin(j->db, j->cx, DB_WRITE));
        assert_ok(receipt_append(j->cx, j->key, &r, &link));
        assert_ok(db_commit(j->cx));
    }
}

/* Writes past the triggers, as somebody with the file in his hands would. */
static inline void test_journal_tamper(struct test_journal *j, const char *sql)
{
    static const struct db_stmt drop[] = {
        { "d1", "DROP TRIGGER IF EXISTS event_no_update", 0 },
        { "d2", "DROP TRIGGER IF EXISTS event_no_delete", 0 },
        { "d3", "DROP TRIGGER IF EXISTS event_in_order", 0 },
        { "d4", "DROP TRIGGER IF EXISTS journal_head_in_order", 0 },
        { "d5", "DROP TRIGGER IF EXISTS journal_head_no_delete", 0 },
        { "d6", "DROP TRIGGER IF EXISTS receipt_no_update", 0 },
        { "d7", "DROP TRIGGER IF EXISTS receipt_no_delete", 0 },
        { "d8", "PRAGMA defer_foreign_keys = ON", 0 },
    };
    struct db_stmt *stmt =
        ARENA_NEW(j->cx->arena, struct db_stmt); /* statements are kept by address */

    *stmt = (struct db_stmt){ "tamper", sql, 0 };
    for (size_t i = 0; i < CASES(drop); i++) {
        assert_ok(db_run(j->cx, &drop[i], DB_NO_ARGS));
    }
    if (db_run(j->cx, stmt, DB_NO_ARGS) != ST_OK) {
        fail_msg("%s", j->f.t.err.text);
    }
}

#endif
