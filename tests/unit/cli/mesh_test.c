/*
 * mesh_test.c - a published mesh as its doors see it: reasons of plans, names and records of queries,
 * pages of the catalog. One mesh for all tests, in their order.
 */
#include "support/test_mesh.h"

#include "test.h"

#include "catalog/catalog.h"
#include "engine/engine_duckdb.h"
#include "engine/engine_faulty.h"
#include "journal/journal.h"
#include "os/dir.h"
#include "query/query.h"
#include "support/test_dir.h"

static struct test_dir  d;
static struct ctx      *cx;
static struct test_mesh m;

static void must(enum status st)
{
    if (st != ST_OK) {
        fail_msg("%s", d.err.text);
    }
}

/* The project is read anew, for documents changed. */
static void reopen(void)
{
    test_mesh_close(&m);
    must(test_mesh_open(cx, d.path, &m));
}

static void publish(void)
{
    struct publish_run_result result;

    must(test_mesh_publish(cx, &m, &result));
    publish_result_free(&result);
}

static int open_all(void **state)
{
    cx        = test_dir_init(&d);
    cx->actor = S("tester");
    must(test_mesh_write(cx, d.path));
    must(test_mesh_open(cx, d.path, &m));
    return 0;
}

static int close_all(void **state)
{
    test_mesh_close(&m);
    test_dir_release(&d);
    return 0;
}

/* ---- plans ---- */

static struct publish_plan plan(size_t product, bool is_upstream_new)
{
    struct diags        diags = { 0 };
    struct publish_plan made;

    must(db_begin(m.mesh.db, cx, DB_READ));
    must(db_end(
        cx, publish_plan_product(cx, &m.env, m.products[product], is_upstream_new, &diags, &made)));
    return made;
}

static void assert_plan(struct publish_plan p, enum publish_verdict verdict, const char *reason)
{
    if (p.verdict != verdict || !str_has(p.reason, str_of(reason))) {
        fail_msg("verdict %d, \"" STR_FMT "\" instead of \"%s\"", p.verdict, STR_ARG(p.reason),
                 reason);
    }
}

enum { ORDERS, ACTIVITY };

#define ORDERS_DIR "domains/sales/orders/"

static void plans_say_why(void **state)
{
    struct publish_plan first, second;

    assert_int_equal(m.count, 2);
    assert_plan(plan(ORDERS, false), PUBLISH_READY, "never published");
    assert_plan(plan(ACTIVITY, true), PUBLISH_READY, "never published");
    assert_plan(plan(ACTIVITY, false), PUBLISH_REFUSED, "errors"); /* its input is not there */
    publish();
    first = plan(ORDERS, false);
    assert_plan(first, PUBLISH_UNCHANGED, "those of the last publish");
    assert_plan(plan(ACTIVITY, false), PUBLISH_UNCHANGED, "those of the last publish");
    assert_plan(plan(ACTIVITY, true), PUBLISH_READY,
                "an upstream product is published in this run");
    m.env.is_full = true;
    assert_plan(plan(ORDERS, false), PUBLISH_READY, "--full");
    m.env.is_full = false;
    must(test_mesh_grow(cx, d.path, 1));
    second = plan(ORDERS, false);
    assert_plan(second, PUBLISH_READY, "data/orders.csv changed");
    assert_false(str_eq(first.fingerprint, second.fingerprint));
    publish();
    assert_plan(plan(ACTIVITY, false), PUBLISH_UNCHANGED, "");
}

/* Only one of the two is published, so the other one's input has moved. */
static void a_new_snapshot_upstream_is_a_reason(void **state)
{
    struct publish_run_result result;

    must(test_mesh_grow(cx, d.path, 2));
    must(publish_run(cx, &m.env, m.products, 1, &result));
    assert_int_equal(result.done, 1);
    publish_result_free(&result);
    must(test_mesh_grow(cx, d.path, 1)); /* events as they were */
    assert_plan(plan(ACTIVITY, false), PUBLISH_READY, "has a new snapshot");
    must(test_mesh_grow(cx, d.path, 2));
    publish();
}

static void changed_documents_are_a_reason(void **state)
{
    str path = S(ORDERS_DIR "orders.sql"), contract = S(ORDERS_DIR "orders.odcs.yaml"), bytes;

    must(test_mesh_put(
        cx, d.path, path,
        S("-- the same rows\nSELECT id, customer, amount, id % 2 AS half FROM source.orders\n")));
    reopen();
    assert_plan(plan(ORDERS, false), PUBLISH_READY, ORDERS_DIR "orders.sql changed");
    must(os_file_read(cx, test_dir_path(&d, contract.ptr), 1 << 20, &bytes));
    must(test_mesh_put(cx, d.path, contract,
                       arena_concat(cx->arena, bytes, S("description: {purpose: more words}\n"))));
    reopen();
    assert_plan(plan(ORDERS, false), PUBLISH_REFUSED, "errors");
    assert_int_equal(plan(ORDERS, false).bumps.count, 1);
    assert_true(str_eq(plan(ORDERS, false).bumps.items[0].right, S("1.0.1")));
    must(test_mesh_put(cx, d.path, contract, bytes));
    must(test_mesh_put(cx, d.path, S(ORDERS_DIR "more.sql"), S("SELECT 1")));
    reopen();
    publish();
    must(os_file_remove(cx, test_dir_path(&d, ORDERS_DIR "more.sql"), OS_MISSING_FAILS));
    reopen();
    assert_plan(plan(ORDERS, false), PUBLISH_READY, ORDERS_DIR "more.sql is gone");
    publish();
}

/* ---- queries ---- */

static struct query_env query_env(void)
{
    struct query_env env = cli_query_env(&m.mesh);

    env.engine = m.mesh.build;
    return env;
}

/* The last event of a kind; its details. */
static struct json *last_event(const char *kind, str *out_id)
{
    struct journal_filter filter = { .kind = str_of(kind), .limit = 1 };
    struct journal_page   page;
    struct json          *details;

    must(db_begin(m.mesh.db, cx, DB_READ));
    must(db_end(cx, journal_list(cx, &filter, &page)));
    assert_int_equal(page.count, 1);
    must(json_read(cx, page.items[0].details, "details", NULL, &details));
    if (out_id) {
        *out_id = page.items[0].id;
    }
    return details;
}

static str member(const struct json *object, const char *name)
{
    return json_text_or(json_get(object, str_of(name)), S(""));
}

/* Reads all rows; the outcome is the first failure's. */
static enum status run(const char *sql, struct diags *findings, struct query_stream *stream)
{
    struct query_env     env = query_env();
    struct query_request rq  = { .sql = str_of(sql), .name = S("query") };
    enum status          st;
    bool                 has_more = true;

    TRY(query_open(cx, &env, &rq, findings, stream));
    do {
        struct ArrowArray batch = { 0 };

        st = query_next(cx, stream, &batch, &has_more);
        arrow_array_release(&batch);
    } while (st == ST_OK && has_more);
    must(query_close(cx, &env, stream, st));
    return st;
}

static void names_lead_to_published_tables_only(void **state)
{
    static const struct {
        const char *sql;
        int64_t     rows; /* -1: refused */
        const char *address;
    } cases[] = {
        { "SELECT * FROM sales.orders.orders", 306, "sales.orders_v1.orders" },
        { "SELECT id FROM sales.orders_v1.orders", 306, "sales.orders_v1.orders" },
        { "SELECT * FROM sales.orders.orders AT (VERSION => 1)", 300, "sales.orders_v1.orders" },
        { "SELECT * FROM sales.activity.log", 306, "sales.activity_v1.log" },
        { "SELECT * FROM sales.orders.totals", 17, "sales.orders_v1.totals" },
        { "SELECT * FROM sales.orders.orders AT (VERSION => 99)", -1, "" },
        { "SELECT * FROM sales.orders_v2.orders", -1, "" },
        { "SELECT * FROM sales.orders_v0.orders", -1, "" },
        { "SELECT * FROM sales.orders.order", -1, "" },
        { "SELECT * FROM sales.nothing.orders", -1, "" },
        { "SELECT * FROM nothing.orders.orders", -1, "" },
        { "SELECT * FROM orders", -1, "" },
        { "SELECT * FROM orders.orders", -1, "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct diags        findings = { 0 };
        struct query_stream stream   = { 0 };
        enum status         st       = run(cases[i].sql, &findings, &stream);

        if ((st == ST_OK) != (cases[i].rows >= 0)) {
            fail_msg("%s: %s", cases[i].sql, d.err.text);
        }
        if (st == ST_OK) {
            str                id;
            const struct json *started = last_event("query.started", &id);
            const struct json *ended   = last_event("query.ended", NULL);

            assert_int_equal(stream.rows, cases[i].rows);
            assert_int_equal(stream.tables.list.count, 1);
            assert_true(str_eq(stream.tables.list.items[0].address, str_of(cases[i].address)));
            assert_int_equal(json_get(started, S("tables"))->count, 1);
            assert_true(str_eq(member(ended, "event"), id));
            assert_true(str_eq(member(ended, "status"), S("ok")));
            assert_int_equal(json_i64_or(json_get(ended, S("rows")), -1), cases[i].rows);
            assert_true(json_i64_or(json_get(ended, S("bytes")), -1) > 0);
        } else {
            assert_true(findings.errors > 0);
            assert_true(
                str_eq(member(last_event("query.refused", NULL), "status"), status_slug(st)));
        }
    }
}

/* What is written, when the reader or the engine ends it in the middle. */
static void an_end_is_written_however_it_comes(void **state)
{
    static const char slow[] = "SELECT count(*) FROM sales.orders.orders a, sales.orders.orders b,"
                               " sales.orders.orders c, sales.orders.orders e";
    struct diags      findings = { 0 };
    struct query_stream stream;
    atomic_bool         cancel = false;
    str                 before, after;

    assert_int_equal(
        run("SELECT CAST(customer AS INTEGER) FROM sales.orders.orders", &findings, &stream),
        ST_INVALID);
    assert_true(str_eq(member(last_event("query.ended", &before), "status"), S("invalid")));
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 150000;
    assert_int_equal(run(slow, &findings, &stream), ST_TIMEOUT);
    cx->deadline_us = 0;
    assert_true(str_eq(member(last_event("query.ended", &after), "status"), S("timeout")));
    assert_false(str_eq(before, after));
    {
        struct query_env     env = query_env();
        struct query_request rq  = { .sql  = S("SELECT * FROM sales.orders.orders"),
                                     .name = S("query") };
        struct ArrowArray    batch;
        bool                 has_more;
        enum status          st;

        must(query_open(cx, &env, &rq, &findings, &stream));
        cx->cancel = &cancel;
        atomic_store(&cancel, true);
        st = query_next(cx, &stream, &batch, &has_more);
        assert_int_equal(st, ST_CANCELLED);
        must(query_close(cx, &env, &stream, st));
        cx->cancel = NULL;
    }
    assert_true(str_eq(member(last_event("query.ended", NULL), "status"), S("cancelled")));
}

/* What broke an engine may hold what somebody else read. */
static void a_broken_engine_says_why_to_the_operator_only(void **state)
{
    const str                   hidden  = S("the query failed; the operator can see why");
    const struct engine_options options = { .threads = 1, .memory_limit = (uint64_t)64 << 20 };
    struct query_env            env     = query_env();
    struct query_request rq = { .sql = S("SELECT * FROM sales.orders.orders"), .name = S("query") };
    struct diags         findings = { 0 };
    struct query_stream  stream;
    struct engine       *inner;

    must(engine_duckdb_open(cx, &options, &inner));
    env.engine = engine_faulty_take(
        inner,
        (struct engine_fault){ .at = 1, .mode = ENGINE_FAULT_FOREVER, .status = ST_INTERNAL });
    assert_int_equal(query_open(cx, &env, &rq, &findings, &stream), ST_INTERNAL);
    assert_false(str_has(err_text(cx->err), hidden));
    must(access_reader_named(cx, m.mesh.access, S("sales.activity"), STR_NONE, &env.reader));
    assert_int_equal(query_open(cx, &env, &rq, &findings, &stream), ST_INTERNAL);
    assert_true(str_eq(err_text(cx->err), hidden));
    err_clear(cx->err);
    engine_close(env.engine);
}

static void limits_end_a_query(void **state)
{
    struct query_env     env      = query_env();
    struct query_request rq       = { .sql       = S("SELECT * FROM sales.orders.orders"),
                                      .name      = S("query"),
                                      .row_limit = 10 };
    struct diags         findings = { 0 };
    struct query_stream  stream;
    bool                 has_more = true;
    enum status          st;

    must(query_open(cx, &env, &rq, &findings, &stream));
    do {
        struct ArrowArray batch = { 0 };

        st = query_next(cx, &stream, &batch, &has_more);
        arrow_array_release(&batch);
    } while (st == ST_OK && has_more);
    assert_int_equal(st, ST_LIMIT);
    must(query_close(cx, &env, &stream, st));
    assert_true(str_eq(member(last_event("query.ended", NULL), "status"), S("limit")));
}

/* ---- the catalog ---- */

static const struct catalog_view whole; /* as the operator sees it */

static void a_page_shows_what_is_published(void **state)
{
    static const char *const names[] = { "sales.orders", "sales.orders_v1", "sales.orders.totals" };

    for (size_t i = 0; i < CASES(names); i++) {
        struct catalog_product      page;
        const struct catalog_table *orders = NULL;

        must(db_begin(m.mesh.db, cx, DB_READ));
        must(db_end(cx, catalog_product(cx, &whole, str_of(names[i]), &page)));
        assert_true(str_eq(page.product.domain, S("sales")));
        assert_true(str_eq(page.product.name, S("orders")));
        assert_int_equal(page.ports.count, 1);
        assert_true(str_eq(page.ports.items[0].port.version, S("1.0.0")));
        assert_int_equal(page.ports.items[0].tables.count, 2);
        for (size_t k = 0; k < 2; k++) {
            const struct catalog_table *t = &page.ports.items[0].tables.items[k];

            orders = str_eq(t->name, S("orders")) ? t : orders;
        }
        assert_non_null(orders);
        assert_int_equal(orders->snapshot.rows, 306);
        assert_int_equal(orders->column_count, 4);
        assert_true(orders->columns[0].is_key && orders->columns[0].is_required);
        assert_false(orders->columns[2].is_key);
        assert_true(str_eq(orders->columns[2].type, S("BIGINT")));
        assert_true(page.last.id.len > 0);
        assert_true(page.inputs.list.count >= 5);
        assert_true(page.checks.list.count > 0);
    }
}

static void an_unknown_page_names_the_nearest(void **state)
{
    static const struct {
        const char *address, *says;
    } cases[] = {
        { "sales.order", "did you mean \"sales.orders\"?" },
        { "finance.ledger", "weft catalog list" },
        { "", "weft catalog list" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct catalog_product page;

        must(db_begin(m.mesh.db, cx, DB_READ));
        assert_int_equal(db_end(cx, catalog_product(cx, &whole, str_of(cases[i].address), &page)),
                         ST_NOT_FOUND);
        if (!str_has(err_text(&d.err), str_of(cases[i].says))) {
            fail_msg("%s", d.err.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_say_why),
        cmocka_unit_test(a_new_snapshot_upstream_is_a_reason),
        cmocka_unit_test(changed_documents_are_a_reason),
        cmocka_unit_test(names_lead_to_published_tables_only),
        cmocka_unit_test(an_end_is_written_however_it_comes),
        cmocka_unit_test(a_broken_engine_says_why_to_the_operator_only),
        cmocka_unit_test(limits_end_a_query),
        cmocka_unit_test(a_page_shows_what_is_published),
        cmocka_unit_test(an_unknown_page_names_the_nearest),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
