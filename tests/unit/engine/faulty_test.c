/*
 * faulty_test.c - the decorator fails the call it was told to, and nothing leaks or hangs.
 */
#include "engine/engine_faulty.h"

#include "test.h"

#include "base/time.h"
#include "support/test_engine.h"

/* Everything the port can do, once; stops at the first failure and leaves nothing open. */
static enum status use_result(struct engine_result *result, struct ctx *cx)
{
    struct ArrowArray batch = { 0 };
    bool              more  = true;

    for (;;) {
        TRY(engine_result_next(result, cx, &batch, &more));
        if (!more) {
            return ST_OK;
        }
        arrow_array_release(&batch);
    }
}

static enum status use_appender(struct engine_appender *appender, struct ctx *cx)
{
    const str value = STR_INIT("1");

    TRY(engine_append_text(appender, cx, &value, 1));
    return engine_append_end(appender, cx);
}

static enum status use_prepared(struct engine_conn *conn, struct engine_prepared *prepared,
                                struct ctx *cx)
{
    struct engine_statement statement = { .prepared = prepared };
    struct engine_result   *result    = NULL;
    enum status             st;

    TRY(engine_query(conn, cx, &statement, &result));
    st = use_result(result, cx);
    engine_result_close(result);
    return st;
}

static enum status use_conn(struct engine_conn *conn, struct ctx *cx)
{
    struct engine_appender *appender = NULL;
    struct engine_prepared *prepared = NULL;
    enum status             st;

    TRY(engine_exec(conn, cx, S("CREATE OR REPLACE TABLE t (a INTEGER)")));
    TRY(engine_append_begin(conn, cx, S("main"), S("t"), &appender));
    st = use_appender(appender, cx);
    engine_append_close(appender);
    TRY(st);
    TRY(engine_prepare(conn, cx, S("SELECT a FROM t"), &prepared));
    st = use_prepared(conn, prepared, cx);
    engine_prepared_close(prepared);
    return st;
}

static enum engine_truth always(void *state, str value, str argument)
{
    return ENGINE_TRUE;
}

static bool same(const struct engine_call *call, str value, struct buf *scratch, str *out)
{
    *out = value;
    return true;
}

static enum status use_all(struct engine *e, struct ctx *cx)
{
    struct engine_text_predicate predicate = { .name = S("weft_always"), .test = always };
    struct engine_function       function  = { .name = S("weft_same"), .map_text = same };
    struct engine_conn          *conn      = NULL;
    enum status                  st;

    TRY(engine_register_text_predicate(e, cx, &predicate));
    TRY(engine_register_function(e, cx, &function));
    TRY(engine_connect(e, cx, &conn));
    st = use_conn(conn, cx);
    engine_disconnect(conn);
    return st;
}

static enum status run_with(struct ctx *cx, struct engine_fault fault, uint64_t *calls)
{
    static const struct engine_options plain = { .threads = 1 };
    struct engine                     *e     = NULL;
    enum status                        st;

    assert_int_equal(engine_duckdb_open(cx, &plain, &e), ST_OK);
    e      = engine_faulty_take(e, fault);
    st     = use_all(e, cx);
    *calls = engine_faulty_calls(e);
    engine_close(e);
    return st;
}

static void each_call_fails_in_turn_until_all_succeed(void **state)
{
    static const enum engine_fault_mode modes[] = { ENGINE_FAULT_ONCE, ENGINE_FAULT_FOREVER };
    static const enum engine_fault_side sides[] = { ENGINE_FAULT_BEFORE, ENGINE_FAULT_AFTER };
    struct test_engine                  t;
    struct ctx                         *cx = test_engine_ctx(&t);
    uint64_t                            all, calls;

    assert_int_equal(run_with(cx, (struct engine_fault){ 0 }, &all), ST_OK);
    assert_int_equal(all, 11);
    for (size_t m = 0; m < CASES(modes); m++) {
        for (size_t s = 0; s < CASES(sides); s++) {
            for (uint64_t n = 1; n <= all; n++) {
                struct engine_fault fault = { n, modes[m], sides[s], ST_LIMIT, 0 };

                assert_int_equal(run_with(cx, fault, &calls), ST_LIMIT);
                assert_int_equal(calls, n);
                assert_true(str_has(err_text(cx->err), S("injected fault")));
            }
        }
    }
    assert_int_equal(run_with(cx, (struct engine_fault){ .at = all + 1 }, &calls), ST_OK);
    arena_free(cx->arena);
}

static void a_lost_answer_leaves_the_work_done(void **state)
{
    struct test_engine      t;
    struct ctx             *cx = test_engine_ctx(&t);
    struct engine          *e  = NULL;
    struct engine_conn     *conn;
    struct engine_statement count = { .sql = S("SELECT count(*) FROM t") };
    struct engine_table     table;

    assert_int_equal(engine_duckdb_open(cx, &(struct engine_options){ .threads = 1 }, &e), ST_OK);
    e = engine_faulty_take(e, (struct engine_fault){ .at = 2, .side = ENGINE_FAULT_AFTER });
    assert_int_equal(engine_connect(e, cx, &conn), ST_OK);
    assert_int_equal(engine_exec(conn, cx, S("CREATE TABLE t AS SELECT 1")), ST_UNAVAILABLE);
    assert_int_equal(engine_rows(conn, cx, &count, &table), ST_OK);
    assert_true(str_eq(engine_cell(&table, 0, 0), S("1")));
    engine_disconnect(conn);
    engine_close(e);
    arena_free(cx->arena);
}

static void a_delay_ends_with_the_deadline(void **state)
{
    struct test_engine t;
    struct ctx        *cx = test_engine_ctx(&t);
    uint64_t           calls;

    cx->deadline_us = cx->env->monotonic_us(cx->env) + 500000;
    assert_int_equal(
        run_with(cx, (struct engine_fault){ .delay_us = 3600 * US_PER_SECOND }, &calls),
        ST_TIMEOUT);
    assert_int_equal(calls, 1);
    arena_free(cx->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_fails_in_turn_until_all_succeed),
        cmocka_unit_test(a_lost_answer_leaves_the_work_done),
        cmocka_unit_test(a_delay_ends_with_the_deadline),
    };
    return cmocka_run_group_tests_name("faulty", tests, NULL, NULL);
}
