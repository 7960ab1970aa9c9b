/*
 * withdraw_test.c - which majors are withdrawn when, over a real store and a clock of its own.
 */
#include "retention/retention.h"

#include "support/test_db.h"

#include "blob/blob_memory.h"
#include "journal/journal.h"
#include "publish/publish.h"
#include "registry/registry.h"
#include "search/search.h"
#include "table/delta.h"

static struct test_db       f;
static struct ctx          *cx;
static struct db           *db;
static struct project       project;
static struct retention_env env;
static const char *const    old_document = "d1";

static int set_up(void **state)
{
    struct db_module modules[] = { journal_schema(), registry_schema(), table_schema(),
                                   search_schema(), publish_schema() };

    test_db_init(&f);
    cx                = f.cx;
    db                = test_db_open(&f, DB_MODE_CREATE);
    project           = (struct project){ .root = f.dir };
    project.state_dir = os_path_join(cx->arena, f.dir, S("state"));
    env = (struct retention_env){ .project = &project, .db = db, .blob = blob_memory_new(1 << 20) };
    assert_ok(db_migrate(db, cx, modules, COUNT_OF(modules), NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    assert_ok(registry_put_document(cx, str_of(old_document), S("x")));
    assert_ok(db_commit(cx));
    return 0;
}

static int tear_down(void **state)
{
    blob_close(env.blob);
    db_close(db);
    test_db_release(&f);
    return 0;
}

/* ------------------------------------------------------------------------- a mesh of one product */

static void put_table(const char *address, const char *port)
{
    struct table_shape    shape = { S("id"), S("BIGINT") };
    struct table_columns  columns;
    struct table_commit   c = { .address    = str_of(address),
                                .product_id = S("p1"),
                                .port       = str_of(port),
                                .publish_id = S("run"),
                                .columns    = &columns };
    struct table_snapshot made;

    assert_ok(table_assign_ids(cx, NULL, &shape, 1, &columns));
    assert_ok(table_commit(cx, &c, &made));
}

static void put_port(const char *name, unsigned major, const struct life *life, const char *publish)
{
    struct registry_port p = { .product_id = S("p1"),
                               .name       = str_of(name),
                               .major      = major,
                               .version    = arena_printf(cx->arena, "%u.0.0", major),
                               .document   = str_of(old_document),
                               .publish_id = str_of(publish),
                               .life       = *life };

    assert_ok(registry_put_port(cx, &p));
}

/* Major 1 with this life, of an older publish when it is gone, and major 2, which never ends. */
static void put_product(const struct life *life, bool is_gone)
{
    struct life             endless = { 0 };
    struct registry_product p       = {
              .id = S("p1"), .domain = S("sales"), .name = S("orders"), .document = str_of(old_document)
    };
    struct registry_domain d = { .name = S("sales"), .document = str_of(old_document) };
    enum registry_change   change;

    assert_ok(db_begin(db, cx, DB_WRITE));
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_ok(registry_put_product(cx, &p, &change));
    put_port("orders", 1, life, is_gone ? "before" : "run");
    put_port("orders", 2, &endless, "run");
    put_table("sales.orders_v1.orders", "orders");
    put_table("sales.orders_v1.lines", "orders");
    put_table("sales.orders_v2.orders", "orders");
    assert_ok(registry_mark_published(cx, S("p1"), S("run")));
    assert_ok(db_commit(cx));
}

static struct retention_withdrawals withdraw(void)
{
    struct retention_withdrawals made;

    if (retention_withdraw(cx, &env, &made) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return made;
}

static size_t count_live(void)
{
    struct table_snapshots heads;

    assert_ok(db_begin(db, cx, DB_READ));
    assert_ok(db_end(cx, table_heads_of(cx, S("p1"), &heads)));
    return heads.list.count;
}

static size_t count_events(struct journal_page *out)
{
    struct journal_filter filter = { .kind = S("port.withdrawn") };

    assert_ok(db_begin(db, cx, DB_READ));
    assert_ok(db_end(cx, journal_list(cx, &filter, out)));
    return out->count;
}

/* ------------------------------------------------------------------------- what is due */

enum { NOW = 1000000 };

static const struct due_case {
    const char *name;
    struct life life;
    bool        is_gone, is_due;
} due_cases[] = {
    { "an endless major", { .has_sunset = false }, false, false },
    { "a deprecated one", { .is_marked = true }, false, false },
    { "one whose support has ended", { .has_support = true, .support_us = 1 }, false, false },
    { "a moment before its sunset", { .has_sunset = true, .sunset_us = NOW + 1 }, false, false },
    { "at its sunset", { .has_sunset = true, .sunset_us = NOW }, false, true },
    { "after its sunset", { .has_sunset = true, .sunset_us = NOW - 1 }, false, true },
    { "not in the documents any more", { .has_sunset = false }, true, true },
    { "... but it was promised", { .has_sunset = true, .sunset_us = NOW + 1 }, true, false },
    { "... until now", { .has_sunset = true, .sunset_us = NOW }, true, true },
};

static void a_major_is_withdrawn_when_it_is_due(void **state)
{
    for (size_t i = 0; i < CASES(due_cases); i++) {
        const struct due_case       *c = &due_cases[i];
        struct retention_withdrawals made;

        if (i > 0) {
            (void)tear_down(state);
            (void)set_up(state);
        }
        put_product(&c->life, c->is_gone);
        f.t.now_us = NOW;
        made       = withdraw();
        if (made.list.count != c->is_due || count_live() != (c->is_due ? 1 : 3)) {
            fail_msg("%s: %zu withdrawn", c->name, made.list.count);
        }
        assert_int_equal(withdraw().list.count, 0); /* once */
    }
}

static void a_withdrawal_is_told_in_full(void **state)
{
    struct life                  life = { .has_sunset = true, .sunset_us = NOW };
    struct retention_withdrawals made;
    struct journal_page          events;
    struct registry_port         port;
    struct table_gones           gone;

    put_product(&life, false);
    f.t.now_us = NOW + 5;
    made       = withdraw();
    assert_int_equal(made.list.count, 1);
    assert_str(made.list.items[0].address, S("sales.orders_v1"));
    assert_str(made.list.items[0].port, S("orders"));
    assert_str(made.list.items[0].version, S("1.0.0"));
    assert_str(made.list.items[0].successor, S("sales.orders_v2"));
    assert_true(made.list.items[0].has_sunset);
    assert_int_equal(made.list.items[0].tables, 2);
    assert_int_equal(made.list.items[0].why_not.len, 0);
    assert_int_equal(count_events(&events), 1);
    assert_str(events.items[0].subject, S("sales.orders_v1"));
    assert_str(
        events.items[0].details,
        S("{\"port\":\"orders\",\"sunset\":\"1970-01-01T00:00:01Z\",\"tables\":[\"sales.orders_v1."
          "lines\",\"sales.orders_v1.orders\"],\"version\":\"1.0.0\"}"));
    assert_ok(db_begin(db, cx, DB_READ));
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_int_equal(port.withdrawn_us, NOW + 5);
    assert_ok(table_gone_of(cx, S("p1"), &gone));
    assert_int_equal(gone.list.count, 2);
    assert_int_equal(gone.list.items[0].gone_us, NOW + 5);
    assert_ok(db_commit(cx));
}

/* The tables of a port may go by another port's name now: then they are not its own to take away. */
static void a_port_without_tables_goes_without_a_word(void **state)
{
    struct life         endless = { 0 };
    struct journal_page events;

    put_product(&endless, false);
    assert_ok(db_begin(db, cx, DB_WRITE));
    put_port("old_name", 2, &endless, "before");
    assert_ok(db_commit(cx));
    assert_int_equal(withdraw().list.count, 0);
    assert_int_equal(count_live(), 3);
    assert_int_equal(count_events(&events), 0);
}

static void a_product_that_is_being_published_is_left(void **state)
{
    struct life                  life = { .has_sunset = true, .sunset_us = NOW };
    struct retention_withdrawals made;
    struct os_lock              *lock;

    put_product(&life, false);
    f.t.now_us = NOW;
    assert_ok(publish_lock(cx, &project, S("p1"), &lock));
    made = withdraw();
    assert_int_equal(made.list.count, 1);
    assert_str(made.list.items[0].why_not, S("its product is being published"));
    assert_int_equal(count_live(), 3);
    os_lock_close(lock);
    made = withdraw();
    assert_int_equal(made.list.items[0].why_not.len, 0);
    assert_int_equal(count_live(), 1);
}

/* A crash between the store and the logs: the next tick takes away what was left. */
static void what_was_left_of_a_log_goes_the_next_time(void **state)
{
    static const char *const keys[] = {
        "sales/orders/orders/v1/_delta_log/00000000000000000000.json",
        "sales/orders/orders/v1/_delta_log/00000000000000000001.json"
    };
    struct life life = { .has_sunset = true, .sunset_us = NOW };
    bool        has_log;

    put_product(&life, false);
    f.t.now_us = NOW;
    assert_int_equal(withdraw().list.count, 1);
    for (size_t i = 0; i < CASES(keys); i++) {
        assert_ok(blob_put_bytes(env.blob, cx, str_of(keys[i]), S("{}")));
    }
    assert_int_equal(withdraw().list.count, 0);
    assert_ok(delta_has_log(cx, env.blob, S("sales.orders_v1.orders"), &has_log));
    assert_false(has_log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(a_major_is_withdrawn_when_it_is_due),       T(a_withdrawal_is_told_in_full),
        T(a_port_without_tables_goes_without_a_word), T(a_product_that_is_being_published_is_left),
        T(what_was_left_of_a_log_goes_the_next_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
