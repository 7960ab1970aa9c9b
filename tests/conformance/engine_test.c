/*
 * engine_test.c - what every engine must do, run over each implementation: DuckDB, and DuckDB behind
 * the decorator with its fault switched off.
 */
#include "engine/engine.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine_faulty.h"
#include "os/dir.h"
#include "os/thread.h"
#include "support/test_engine.h"

enum { SLOW_START_US = 30000 };

struct implementation {
    const char *name;
    bool        is_decorated;
};

static const struct implementation implementations[] = {
    { "duckdb", false },
    { "faulty", true },
};

static const struct implementation *under_test;

static struct ctx *open_with(struct test_engine *t, const struct engine_options *options)
{
    struct ctx *cx = test_engine_ctx(t);

    if (engine_duckdb_open(cx, options, &t->engine) != ST_OK) {
        fail_msg("open: %s", t->err.text);
    }
    if (under_test->is_decorated) {
        t->engine = engine_faulty_take(t->engine, (struct engine_fault){ 0 });
    }
    if (engine_connect(t->engine, cx, &t->conn) != ST_OK) {
        fail_msg("connect: %s", t->err.text);
    }
    return cx;
}

static struct ctx *open_plain(struct test_engine *t)
{
    return open_with(t, &(struct engine_options){ .threads = 2 });
}

#define assert_status(t, expr, wanted)                                                             \
    do {                                                                                           \
        enum status got_ = (expr);                                                                 \
        if (got_ != (wanted)) {                                                                    \
            fail_msg("%s:%d: %s gave " STR_FMT ": %s", __FILE__, __LINE__, #expr,                  \
                     STR_ARG(status_slug(got_)), (t)->err.text);                                   \
        }                                                                                          \
    } while (0)

static struct engine_statement sql(const char *text)
{
    return (struct engine_statement){ .sql = str_of(text) };
}

/* The only cell of a result, as text. */
static str one(struct test_engine *t, const char *text)
{
    struct engine_statement statement = sql(text);
    struct engine_table     table     = { 0 };

    assert_status(t, engine_rows(t->conn, &t->cx, &statement, &table), ST_OK);
    assert_int_equal(table.rows, 1);
    assert_int_equal(table.columns, 1);
    return engine_cell(&table, 0, 0);
}

static void assert_str(str got, const char *wanted)
{
    if (!str_eq(got, str_of(wanted))) {
        fail_msg("\"" STR_FMT "\" is not \"%s\"", STR_ARG(got), wanted);
    }
}

/* Reads a stream to its end; returns its outcome and counts the rows that came. */
static enum status drain(struct test_engine *t, struct engine_result *result, uint64_t *rows)
{
    struct ArrowArray batch = { 0 };
    bool              more  = true;
    enum status       st;

    *rows = 0;
    for (;;) {
        st = engine_result_next(result, &t->cx, &batch, &more);
        if (st != ST_OK || !more) {
            return st;
        }
        *rows += (uint64_t)batch.length;
        arrow_array_release(&batch);
    }
}

static enum status run(struct test_engine *t, const struct engine_statement *statement,
                       uint64_t *rows)
{
    struct engine_result *result = NULL;
    enum status           st     = engine_query(t->conn, &t->cx, statement, &result);

    if (st == ST_OK) {
        st = drain(t, result, rows);
        engine_result_close(result);
    }
    return st;
}

/* ------------------------------------------------------------------------- statements */

static void rows_come_as_text(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    struct engine_statement statement = sql("SELECT i, i = 2 AS b, CASE WHEN i = 1 THEN 'x' END "
                                            "FROM range(3) AS r(i) ORDER BY i");
    struct engine_table     table;

    assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_OK);
    assert_int_equal(table.rows, 3);
    assert_int_equal(table.columns, 3);
    assert_str(engine_cell(&table, 2, 0), "2");
    assert_str(engine_cell(&table, 2, 1), "true");
    assert_str(engine_cell(&table, 1, 2), "x");
    assert_null(engine_cell(&table, 0, 2).ptr);
    test_engine_close(&t);
}

static void parameters_of_every_kind_are_bound(void **state)
{
    struct test_engine        t;
    struct ctx               *cx      = open_plain(&t);
    const str                 items[] = { STR_INIT("a"), { NULL, 0 }, STR_INIT("c'd") };
    const struct engine_value args[]  = {
        { .kind = ENGINE_NULL },    { .kind = ENGINE_BOOL, .boolean = true },
        ENGINE_ARG_I64(-5),         { .kind = ENGINE_F64, .f64 = 1.5 },
        ENGINE_ARG_TEXT(S("it's")), ENGINE_ARG_LIST(items, 3),
    };
    struct engine_statement statement = { .sql       = S("SELECT $1, $2, $3, $4, $5, $6"),
                                          .args      = args,
                                          .arg_count = CASES(args) };
    struct engine_table     table;

    assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_OK);
    assert_null(engine_cell(&table, 0, 0).ptr);
    assert_str(engine_cell(&table, 0, 1), "true");
    assert_str(engine_cell(&table, 0, 2), "-5");
    assert_str(engine_cell(&table, 0, 3), "1.5");
    assert_str(engine_cell(&table, 0, 4), "it's");
    assert_str(engine_cell(&table, 0, 5), "[a, NULL, 'c\\'d']");

    statement.arg_count = 2;
    assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_INVALID);
    test_engine_close(&t);
}

static void describe_tells_names_and_types_and_runs_nothing(void **state)
{
    struct test_engine   t;
    struct ctx          *cx = open_plain(&t);
    struct engine_schema schema;

    assert_status(
        &t,
        engine_describe(t.conn, cx,
                        S("SELECT error('run') AS e, 1 AS a, 2 AS a, 1.5::DECIMAL(4,2) AS d, "
                          "{'x y': [1]} AS s, MAP {'k': 1::TINYINT} AS m, "
                          "'v'::ENUM('v', 'it''s') AS n, '{}'::JSON AS j, row(1, 'x') AS u, "
                          "array_value(1, 2) AS f, now() AS t"),
                        &schema),
        ST_OK);
    assert_int_equal(schema.count, 11);
    assert_str(schema.columns[1].name, "a");
    assert_str(schema.columns[2].name, "a");
    assert_str(schema.columns[3].type, "DECIMAL(4,2)");
    assert_str(schema.columns[4].type, "STRUCT(\"x y\" INTEGER[])");
    assert_str(schema.columns[5].type, "MAP(VARCHAR, TINYINT)");
    assert_str(schema.columns[6].type, "ENUM('v', 'it''s')");
    assert_str(schema.columns[7].type, "JSON");
    assert_str(schema.columns[8].type, "STRUCT(INTEGER, VARCHAR)");
    assert_str(schema.columns[9].type, "INTEGER[2]");
    assert_str(schema.columns[10].type, "TIMESTAMP WITH TIME ZONE");
    test_engine_close(&t);
}

/* Every type text can be used in a CAST and comes back the same. */
static void type_texts_are_types(void **state)
{
    struct test_engine   t;
    struct ctx          *cx = open_plain(&t);
    struct engine_schema schema;

    assert_status(&t, engine_describe(t.conn, cx, S("FROM test_all_types()"), &schema), ST_OK);
    assert_true(schema.count > 50);
    for (size_t i = 0; i < schema.count; i++) {
        struct engine_schema again;
        str                  text = arena_printf(cx->arena, "SELECT CAST(NULL AS " STR_FMT ")",
                                                 STR_ARG(schema.columns[i].type));

        if (schema.columns[i].type.len > 10000) {
            continue; /* an ENUM of 70,000 names */
        }
        assert_status(&t, engine_describe(t.conn, cx, text, &again), ST_OK);
        assert_true(str_eq(again.columns[0].type, schema.columns[i].type));
    }
    test_engine_close(&t);
}

static void prepared_statements_run_again(void **state)
{
    struct test_engine      t;
    struct ctx             *cx       = open_plain(&t);
    struct engine_prepared *prepared = NULL;
    struct engine_value     arg;
    struct engine_statement statement = { .args = &arg, .arg_count = 1 };
    struct engine_table     table;

    assert_status(&t, engine_prepare(t.conn, cx, S("SELECT $1::BIGINT + 1 AS n"), &prepared),
                  ST_OK);
    assert_int_equal(engine_prepared_schema(prepared)->count, 1);
    assert_str(engine_prepared_schema(prepared)->columns[0].name, "n");
    assert_str(engine_prepared_schema(prepared)->columns[0].type, "BIGINT");
    statement.prepared = prepared;
    for (int64_t i = 0; i < 3; i++) {
        arg = ENGINE_ARG_I64(i);
        assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_OK);
        assert_int_equal(engine_cell(&table, 0, 0).ptr[0], '1' + i);
    }
    engine_prepared_close(prepared);
    test_engine_close(&t);
}

static void exec_runs_all_statements_and_stops_at_the_first_failure(void **state)
{
    struct test_engine t;
    struct ctx        *cx = open_plain(&t);

    assert_status(&t,
                  engine_exec(t.conn, cx,
                              S("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1);"
                                "INSERT INTO t VALUES (2)")),
                  ST_OK);
    assert_str(one(&t, "SELECT sum(a) FROM t"), "3");
    assert_status(&t,
                  engine_exec(t.conn, cx,
                              S("INSERT INTO t VALUES (4); SELECT error('x'); "
                                "INSERT INTO t VALUES (8)")),
                  ST_INVALID);
    assert_str(one(&t, "SELECT sum(a) FROM t"), "7");
    assert_status(&t, engine_exec(t.conn, cx, S("")), ST_OK);
    test_engine_close(&t);
}

struct failure_case {
    const char *sql;
    enum status status;
    const char *text;
};

static const struct failure_case failures[] = {
    { "SELEC 1", ST_INVALID, "syntax error" },
    { "", ST_INVALID, "" },
    { "SELECT 1; SELECT 2", ST_INVALID, "multiple" },
    { "SELECT 'x'::INTEGER", ST_INVALID, "Could not convert" },
    { "SELECT error('boom')", ST_INVALID, "boom" },
    { "SELECT a FROM range(1)", ST_INVALID, "\"a\"" },
    { "SELECT 9223372036854775807 + 1", ST_INVALID, "Overflow" },
    { "SELECT * FROM nothing", ST_NOT_FOUND, "nothing" },
    { "SELECT nothing(1)", ST_NOT_FOUND, "nothing" },
    { "CREATE TABLE range2 AS SELECT 1; ", ST_OK, "" },
    { "CREATE TABLE range2 (a INTEGER)", ST_CONFLICT, "already exists" },
    { "SELECT * FROM read_csv('/etc/passwd')", ST_DENIED, "/etc/passwd" },
    { "FROM '/etc/passwd'", ST_NOT_FOUND, "/etc/passwd" },
    { "COPY (SELECT 1) TO '/tmp/x.csv'", ST_DENIED, "/tmp/x.csv" },
    { "ATTACH '/tmp/x.db'", ST_DENIED, "" },
    { "LOAD '/tmp/x.duckdb_extension'", ST_DENIED, "" },
    { "INSTALL httpfs", ST_DENIED, "" },
    { "SET threads = 8", ST_INVALID, "locked" },
    { "SET memory_limit = '100GB'", ST_INVALID, "locked" },
    { "SELECT [1]::VARIANT AS v", ST_UNSUPPORTED, "\"v\"" },
};

static void failures_are_classified_and_explained(void **state)
{
    struct test_engine t;

    open_plain(&t);
    for (size_t i = 0; i < CASES(failures); i++) {
        struct engine_statement statement = sql(failures[i].sql);
        uint64_t                rows;
        enum status             st = run(&t, &statement, &rows);

        if (st != failures[i].status) {
            fail_msg("%s gave " STR_FMT ": %s", failures[i].sql, STR_ARG(status_slug(st)),
                     t.err.text);
        }
        if (st != ST_OK && !str_has(err_text(&t.err), str_of(failures[i].text))) {
            fail_msg("%s says %s", failures[i].sql, t.err.text);
        }
        assert_str(one(&t, "SELECT 42"), "42"); /* it still answers */
    }
    test_engine_close(&t);
}

static void sql_with_nul_or_too_long_is_refused(void **state)
{
    struct test_engine t;
    struct ctx        *cx   = open_plain(&t);
    char              *text = arena_alloc(cx->arena, (size_t)ENGINE_SQL_MAX + 1);

    assert_status(&t, engine_exec(t.conn, cx, (str){ "SELECT 1\0 garbage", 17 }), ST_INVALID);
    memset(text, ' ', (size_t)ENGINE_SQL_MAX + 1);
    assert_status(&t, engine_exec(t.conn, cx, (str){ text, (size_t)ENGINE_SQL_MAX + 1 }), ST_LIMIT);
    test_engine_close(&t);
}

static void quoting_survives_hostile_names(void **state)
{
    static const char *const names[] = { "a",      "a\"b",  "\"", "a'b", "x; DROP TABLE t; --",
                                         "é \n\t", "select" };
    struct test_engine       t;
    struct ctx              *cx = open_plain(&t);

    for (size_t i = 0; i < CASES(names); i++) {
        struct engine_statement statement;
        struct engine_schema    schema;
        struct engine_table     table;
        struct buf              text = BUF_INIT(1000);

        buf_add(&text, S("SELECT "));
        engine_quote_text(&text, str_of(names[i]));
        buf_add(&text, S(" AS "));
        engine_quote_ident(&text, str_of(names[i]));
        statement = (struct engine_statement){ .sql = buf_view(&text) };
        assert_status(&t, engine_describe(t.conn, cx, buf_view(&text), &schema), ST_OK);
        assert_str(schema.columns[0].name, names[i]);
        assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_OK);
        assert_str(engine_cell(&table, 0, 0), names[i]);
        buf_release(&text);
    }
    test_engine_close(&t);
}

/* ------------------------------------------------------------------------- streams */

static void a_stream_gives_all_rows_in_order(void **state)
{
    struct test_engine      t;
    struct ctx             *cx = open_plain(&t);
    struct engine_statement statement =
        sql("SELECT i AS a, i::VARCHAR AS a FROM range(300000) AS r(i)");
    struct engine_result *result = NULL;
    struct ArrowArray     batch  = { 0 };
    int64_t               next   = 0;
    bool                  more;

    assert_status(&t, engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_int_equal(engine_result_schema(result)->count, 2);
    assert_str(engine_result_schema(result)->columns[1].name, "a");
    assert_str(engine_result_type(result)->children[1].name, "a");
    assert_string_equal(engine_result_arrow(result)->format, "+s");
    for (;;) {
        assert_status(&t, engine_result_next(result, cx, &batch, &more), ST_OK);
        if (!more) {
            break;
        }
        for (size_t row = 0; row < (size_t)batch.length; row++) {
            struct arrow_cell cell = arrow_cell_of(engine_result_type(result), &batch, 0, row);

            assert_int_equal(arrow_i64(cell), next++);
        }
        arrow_array_release(&batch);
    }
    assert_int_equal(next, 300000);
    assert_int_equal(engine_progress(t.conn).rows_sent, 300000);
    assert_status(&t, engine_result_next(result, cx, &batch, &more), ST_OK);
    assert_false(more);
    assert_null(batch.release);
    engine_result_close(result);
    test_engine_close(&t);
}

static void empty_results_have_columns_and_no_rows(void **state)
{
    static const char *const texts[] = { "SELECT 1 AS a WHERE false", "FROM range(0)",
                                         "CREATE TABLE e (a INTEGER)",
                                         "INSERT INTO e SELECT 1 WHERE false", "SELECT * FROM e" };
    struct test_engine       t;

    open_plain(&t);
    for (size_t i = 0; i < CASES(texts); i++) {
        struct engine_statement statement = sql(texts[i]);
        uint64_t                rows      = 0;

        assert_status(&t, run(&t, &statement, &rows), ST_OK);
        assert_true(rows <= 1); /* INSERT tells its count in a row */
    }
    test_engine_close(&t);
}

static void an_error_late_in_the_stream_is_reported(void **state)
{
    struct test_engine      t;
    struct ctx             *cx = open_plain(&t);
    struct engine_statement statement =
        sql("SELECT CASE WHEN i = 5000000 THEN error('late') ELSE i END "
            "FROM range(6000000) AS r(i)");
    struct engine_result *result = NULL;
    struct ArrowArray     batch  = { 0 };
    uint64_t              rows   = 0;
    bool                  more   = true;

    assert_status(&t, engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_status(&t, drain(&t, result, &rows), ST_INVALID);
    assert_true(rows > 1000000 && rows <= 5000000);
    assert_non_null(strstr(t.err.text, "late"));
    err_clear(&t.err);
    assert_status(&t, engine_result_next(result, cx, &batch, &more), ST_INVALID); /* and again */
    assert_non_null(strstr(t.err.text, "late"));
    engine_result_close(result);
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

static void one_result_at_a_time(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    struct engine_statement statement = sql("FROM range(1000000)");
    struct engine_result   *result    = NULL;
    struct engine_result   *second    = NULL;
    struct engine_schema    schema;
    uint64_t                rows;

    assert_status(&t, engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_status(&t, engine_query(t.conn, cx, &statement, &second), ST_CONFLICT);
    assert_status(&t, engine_exec(t.conn, cx, S("SELECT 1")), ST_CONFLICT);
    assert_status(&t, engine_describe(t.conn, cx, S("SELECT 1"), &schema), ST_CONFLICT);
    assert_status(&t, drain(&t, result, &rows), ST_OK);
    assert_int_equal(rows, 1000000);
    engine_result_close(result);
    assert_status(&t, engine_exec(t.conn, cx, S("SELECT 1")), ST_OK);
    test_engine_close(&t);
}

static void a_result_can_be_dropped_in_the_middle(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    struct engine_statement statement = sql("SELECT repeat('x', 100) FROM range(100000000)");
    struct engine_result   *result    = NULL;
    struct ArrowArray       batch     = { 0 };
    bool                    more;

    assert_status(&t, engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_status(&t, engine_result_next(result, cx, &batch, &more), ST_OK);
    engine_result_close(result);
    assert_int_equal(batch.length > 0, true); /* a batch outlives its result */
    arrow_array_release(&batch);
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

static void row_and_byte_limits_end_the_stream(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    struct engine_statement statement = sql("SELECT i, 'abc' FROM range(100000) AS r(i)");
    struct engine_table     table;
    uint64_t                rows;

    statement.row_limit = 100000;
    assert_status(&t, run(&t, &statement, &rows), ST_OK);
    statement.row_limit = 99999;
    assert_status(&t, run(&t, &statement, &rows), ST_LIMIT);
    assert_true(rows <= 99999);
    assert_non_null(strstr(t.err.text, "99999"));
    statement.row_limit  = 0;
    statement.byte_limit = 100000;
    assert_status(&t, run(&t, &statement, &rows), ST_LIMIT);
    assert_true(rows < 20000);
    statement.byte_limit = 10000000;
    assert_status(&t, run(&t, &statement, &rows), ST_OK);
    statement = sql("FROM range(1000001)");
    assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_LIMIT);
    test_engine_close(&t);
}

/* ------------------------------------------------------------------------- the end of patience */

/* Much more work than any test has time for, and nothing that one vector operation could do. */
static const char endless[] =
    "SELECT count(*) FROM range(10000000) AS a(i), range(10000000) AS b(j) "
    "WHERE (i * 7 + j * 13) % 1000003 = 1";

struct interrupter {
    struct engine_conn *conn;
    atomic_bool        *flag; /* set when there is one, else engine_interrupt */
    atomic_bool         stop;
};

static void interrupt_after_a_while(void *arg)
{
    struct interrupter *i   = arg;
    struct err          err = { .code = ST_OK };
    struct ctx cx = { .arena = arena_new("interrupter", 1 << 20), .err = &err, .env = os_env() };

    ignore(os_sleep(&cx, SLOW_START_US), "only a pause");
    while (!atomic_load(&i->stop)) {
        if (i->flag) {
            atomic_store(i->flag, true);
        } else {
            engine_interrupt(i->conn);
        }
        ignore(os_sleep(&cx, SLOW_START_US), "only a pause");
    }
    arena_free(cx.arena);
}

static void end_from_another_thread(struct test_engine *t, atomic_bool *flag)
{
    struct interrupter      i         = { .conn = t->conn, .flag = flag };
    struct engine_statement statement = sql(endless);
    struct os_thread       *thread    = NULL;
    uint64_t                rows;

    assert_status(t, os_thread_start(&t->cx, interrupt_after_a_while, &i, &thread), ST_OK);
    assert_status(t, run(t, &statement, &rows), ST_CANCELLED);
    atomic_store(&i.stop, true);
    os_thread_join(thread);
}

static void cancel_from_another_thread(void **state)
{
    struct test_engine t;
    atomic_bool        flag = false;

    open_plain(&t);
    t.cx.cancel = &flag;
    end_from_another_thread(&t, &flag);
    t.cx.cancel = NULL;
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

static void interrupt_from_another_thread(void **state)
{
    struct test_engine t;

    open_plain(&t);
    end_from_another_thread(&t, NULL);
    assert_str(one(&t, "SELECT 1"), "1");
    engine_interrupt(t.conn); /* nothing runs: no effect */
    assert_str(one(&t, "SELECT 2"), "2");
    test_engine_close(&t);
}

static void cancel_in_the_middle_of_a_stream(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    atomic_bool             flag      = false;
    struct engine_statement statement = sql("FROM range(100000000000)");
    struct engine_result   *result    = NULL;
    struct ArrowArray       batch     = { 0 };
    uint64_t                rows;
    bool                    more;

    cx->cancel = &flag;
    assert_status(&t, engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_status(&t, engine_result_next(result, cx, &batch, &more), ST_OK);
    arrow_array_release(&batch);
    atomic_store(&flag, true);
    assert_status(&t, drain(&t, result, &rows), ST_CANCELLED);
    atomic_store(&flag, false);
    assert_status(&t, drain(&t, result, &rows), ST_CANCELLED); /* it stays over */
    engine_result_close(result);
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

static void cancel_before_the_start(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    atomic_bool             flag      = true;
    struct engine_statement statement = sql("SELECT 1");
    struct engine_schema    schema;
    uint64_t                rows;

    cx->cancel = &flag;
    assert_status(&t, run(&t, &statement, &rows), ST_CANCELLED);
    assert_status(&t, engine_exec(t.conn, cx, S("CREATE TABLE never (a INTEGER)")), ST_CANCELLED);
    assert_status(&t, engine_describe(t.conn, cx, S("SELECT 1"), &schema), ST_CANCELLED);
    cx->cancel = NULL;
    assert_str(one(&t, "SELECT count(*) FROM duckdb_tables()"), "0");
    test_engine_close(&t);
}

static void the_deadline_ends_a_query_and_an_exec(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = open_plain(&t);
    struct engine_statement statement = sql(endless);
    uint64_t                rows;

    cx->deadline_us = cx->env->monotonic_us(cx->env) + 50000;
    assert_status(&t, run(&t, &statement, &rows), ST_TIMEOUT);
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 50000;
    assert_status(&t, engine_exec(t.conn, cx, str_of(endless)), ST_TIMEOUT);
    cx->deadline_us = 1; /* long gone */
    assert_status(&t, engine_exec(t.conn, cx, S("SELECT 1")), ST_TIMEOUT);
    cx->deadline_us = 0;
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

/* ------------------------------------------------------------------------- memory */

static const char big_group[] =
    "SELECT count(*) FROM (SELECT i, repeat('x', 40) || i AS s, count(*) "
    "FROM range(1500000) AS r(i) GROUP BY ALL)";

static void the_memory_limit_is_named(void **state)
{
    struct test_engine      t;
    struct engine_statement statement = sql(big_group);
    uint64_t                rows;

    open_with(&t, &(struct engine_options){ .threads = 2, .memory_limit = 40 << 20 });
    assert_status(&t, run(&t, &statement, &rows), ST_LIMIT);
    assert_non_null(strstr(t.err.text, "memory_limit"));
    assert_str(one(&t, "SELECT 1"), "1");
    test_engine_close(&t);
}

static void spilling_goes_into_a_private_folder_and_leaves_nothing(void **state)
{
    struct test_engine    outer, t;
    struct ctx           *cx      = test_engine_ctx(&outer);
    struct os_entries     entries = { 0 };
    struct os_info        info;
    struct engine_options options = { .threads = 2, .memory_limit = 40 << 20 };
    str                   folder, dead;

    assert_int_equal(os_dir_make_temp(cx, S("/tmp"), S("weft-engine-test-"), &options.temp_dir),
                     ST_OK);
    folder = options.temp_dir;
    dead   = arena_printf(cx->arena, STR_FMT "/engine-of-a-dead-process", STR_ARG(folder));
    assert_int_equal(os_dir_make(cx, dead, 0700), ST_OK);
    assert_int_equal(
        os_file_put(cx, arena_concat(cx->arena, dead, S("/rows")), S("x"), OS_NEW, 0600), ST_OK);

    open_with(&t, &options);
    assert_int_equal(os_dir_list(cx, folder, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 1); /* the dead one is gone */
    assert_int_equal(os_file_info(cx,
                                  arena_printf(cx->arena, STR_FMT "/" STR_FMT, STR_ARG(folder),
                                               STR_ARG(entries.list.items[0].path)),
                                  OS_NO_FOLLOW, &info),
                     ST_OK);
    assert_int_equal(info.mode, 0700);
    assert_str(one(&t, big_group), "1500000");
    test_engine_close(&t);

    entries = (struct os_entries){ 0 };
    assert_int_equal(os_dir_list(cx, folder, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 0);
    assert_int_equal(os_dir_remove_all(cx, folder), ST_OK);
    arena_free(cx->arena);
}

/* A second instance must not sweep away the folder of a living one. */
static void living_neighbours_keep_their_folders(void **state)
{
    struct test_engine    outer, a, b;
    struct ctx           *cx      = test_engine_ctx(&outer);
    struct os_entries     entries = { 0 };
    struct engine_options options = { .threads = 1 };

    assert_int_equal(os_dir_make_temp(cx, S("/tmp"), S("weft-engine-test-"), &options.temp_dir),
                     ST_OK);
    open_with(&a, &options);
    open_with(&b, &options);
    assert_int_equal(os_dir_list(cx, options.temp_dir, 10, &entries), ST_OK);
    assert_int_equal(entries.list.count, 2);
    test_engine_close(&b);
    test_engine_close(&a);
    assert_int_equal(os_dir_remove_all(cx, options.temp_dir), ST_OK);
    arena_free(cx->arena);
}

/* ------------------------------------------------------------------------- appender, functions */

static void appended_rows_are_cast_and_appear_together(void **state)
{
    struct test_engine      t;
    struct ctx             *cx       = open_plain(&t);
    struct engine_appender *appender = NULL;
    struct engine_conn     *other    = NULL;
    struct engine_statement count    = sql("SELECT count(*) FROM \"s x\".t");
    struct engine_table     table;
    const str               row[] = {
        STR_INIT("7"), STR_INIT("2026-11-23"), STR_INIT("1.50"), STR_INIT("[1, 2]"), { NULL, 0 }
    };

    assert_status(&t,
                  engine_exec(t.conn, cx,
                              S("CREATE SCHEMA \"s x\"; CREATE TABLE \"s x\".t (a INTEGER, "
                                "d DATE, m DECIMAL(9,2), l INTEGER[], n VARCHAR)")),
                  ST_OK);
    assert_status(&t, engine_connect(t.engine, cx, &other), ST_OK);
    assert_status(&t, engine_append_begin(t.conn, cx, S("s x"), S("t"), &appender), ST_OK);
    for (int i = 0; i < 300000; i++) {
        assert_int_equal(engine_append_text(appender, cx, row, 5), ST_OK);
    }
    assert_status(&t, engine_rows(other, cx, &count, &table), ST_OK);
    assert_str(engine_cell(&table, 0, 0), "0");
    assert_status(&t, engine_append_end(appender, cx), ST_OK);
    engine_append_close(appender);
    assert_status(&t, engine_rows(other, cx, &count, &table), ST_OK);
    assert_str(engine_cell(&table, 0, 0), "300000");
    assert_str(one(&t, "SELECT DISTINCT (a, d, m, l, n)::VARCHAR FROM \"s x\".t"),
               "(7, 2026-11-23, 1.50, [1, 2], NULL)");
    engine_disconnect(other);
    test_engine_close(&t);
}

static void a_bad_appended_row_leaves_nothing(void **state)
{
    struct test_engine      t;
    struct ctx             *cx       = open_plain(&t);
    struct engine_appender *appender = NULL;
    const str               good = STR_INIT("1"), bad = STR_INIT("x"), pair[] = { good, good };

    assert_status(&t, engine_exec(t.conn, cx, S("CREATE TABLE t (a INTEGER)")), ST_OK);
    assert_status(&t, engine_append_begin(t.conn, cx, S(""), S("t"), &appender), ST_OK);
    assert_status(&t, engine_exec(t.conn, cx, S("SELECT 1")), ST_CONFLICT);
    assert_status(&t, engine_append_text(appender, cx, &good, 1), ST_OK);
    assert_status(&t, engine_append_text(appender, cx, &bad, 1), ST_INVALID);
    assert_status(&t, engine_append_text(appender, cx, &good, 1), ST_INVALID);
    assert_status(&t, engine_append_end(appender, cx), ST_INVALID);
    engine_append_close(appender);
    assert_str(one(&t, "SELECT count(*) FROM t"), "0");

    assert_status(&t, engine_append_begin(t.conn, cx, S(""), S("t"), &appender), ST_OK);
    assert_status(&t, engine_append_text(appender, cx, &good, 1), ST_OK);
    engine_append_close(appender); /* without end: dropped */
    assert_str(one(&t, "SELECT count(*) FROM t"), "0");

    assert_status(&t, engine_append_begin(t.conn, cx, S(""), S("t"), &appender), ST_OK);
    assert_status(&t, engine_append_text(appender, cx, pair, 2), ST_INVALID);
    engine_append_close(appender);
    assert_status(&t, engine_append_begin(t.conn, cx, S(""), S("missing"), &appender),
                  ST_NOT_FOUND);
    assert_str(one(&t, "SELECT count(*) FROM t"), "0");
    test_engine_close(&t);
}

static enum engine_truth is_longer(void *arg, str value, str argument)
{
    atomic_int *calls = arg;

    atomic_fetch_add(calls, 1);
    if (str_eq(value, S("?"))) {
        return ENGINE_UNKNOWN;
    }
    return value.len > argument.len ? ENGINE_TRUE : ENGINE_FALSE;
}

static void own_predicates_run_in_sql(void **state)
{
    atomic_int                   calls = 0; /* before the engine has threads */
    struct test_engine           t;
    struct ctx                  *cx    = open_plain(&t);
    struct engine_text_predicate two   = { S("weft_longer"), true, is_longer, &calls };
    struct engine_text_predicate oneg  = { S("weft_any"), false, is_longer, &calls };
    struct engine_text_predicate taken = { S("lower"), false, is_longer, &calls };

    assert_status(&t, engine_register_text_predicate(t.engine, cx, &two), ST_OK);
    assert_status(&t, engine_register_text_predicate(t.engine, cx, &oneg), ST_OK);
    assert_status(&t, engine_register_text_predicate(t.engine, cx, &two), ST_CONFLICT);
    assert_status(&t, engine_register_text_predicate(t.engine, cx, &taken), ST_INVALID);
    assert_str(one(&t, "SELECT weft_longer('abc', 'ab')"), "true");
    assert_str(one(&t, "SELECT weft_longer('ab', 'ab')"), "false");
    assert_null(one(&t, "SELECT weft_longer('?', 'ab')").ptr);
    assert_null(one(&t, "SELECT weft_longer(NULL, 'ab')").ptr);
    assert_null(one(&t, "SELECT weft_longer('ab', NULL)").ptr);
    assert_str(one(&t, "SELECT system.main.weft_any('x')"), "true");
    assert_str(one(&t, "SELECT weft_any('')"), "false");
    /* Many rows, NULLs between, short texts (kept inside the vector) and long ones. */
    assert_str(
        one(&t,
            "SELECT (count(*) FILTER (r), count(*) FILTER (NOT r), count(*) FILTER (r IS NULL))"
            "::VARCHAR FROM (SELECT weft_longer(CASE WHEN i % 5 = 0 THEN NULL WHEN i % 2 = 0 THEN "
            "'short' ELSE repeat('long ', 10) END, 'twelve bytes') AS r FROM range(100000) AS "
            "x(i))"),
        "(40000, 40000, 20000)");
    assert_true(atomic_load(&calls) > 80000);
    test_engine_close(&t);
}

/* ------------------------------------------------------------------------- connections */

static void connections_have_transactions_of_their_own(void **state)
{
    struct test_engine  t;
    struct ctx         *cx    = open_plain(&t);
    struct engine_conn *other = NULL;

    assert_status(&t, engine_connect(t.engine, cx, &other), ST_OK);
    assert_status(
        &t,
        engine_exec(t.conn, cx, S("CREATE TABLE t (a INTEGER); BEGIN; INSERT INTO t VALUES (1)")),
        ST_OK);
    assert_status(&t,
                  engine_exec(other, cx,
                              S("CREATE TEMP TABLE x AS SELECT 1 / (SELECT count(*) = 0 FROM t)"
                                "::INTEGER")),
                  ST_OK);
    assert_status(&t, engine_exec(t.conn, cx, S("ROLLBACK")), ST_OK);
    assert_str(one(&t, "SELECT count(*) FROM t"), "0");
    engine_disconnect(other);
    engine_disconnect(NULL);
    engine_close(NULL);
    engine_result_close(NULL);
    engine_append_close(NULL);
    engine_prepared_close(NULL);
    test_engine_close(&t);
}

static void settings_are_as_promised(void **state)
{
    static const char *const settings[][2] = {
        { "threads", "2" },
        { "TimeZone", "UTC" },
        { "enable_external_access", "false" },
        { "lock_configuration", "true" },
        { "autoinstall_known_extensions", "false" },
        { "autoload_known_extensions", "false" },
        { "allow_community_extensions", "false" },
        { "allow_unsigned_extensions", "false" },
        { "allow_persistent_secrets", "false" },
        { "temp_file_encryption", "true" },
        { "temp_directory", "" },
        { "preserve_insertion_order", "true" },
        { "enable_progress_bar", "true" },
        { "enable_progress_bar_print", "false" },
        { "arrow_lossless_conversion", "false" },
        { "allowed_configs", "[]" },
        { "memory_limit", "512.0 MiB" },
    };
    struct test_engine t;

    open_plain(&t);
    for (size_t i = 0; i < CASES(settings); i++) {
        char text[120];

        snprintf(text, sizeof text, "SELECT current_setting('%s')::VARCHAR", settings[i][0]);
        assert_str(one(&t, text), settings[i][1]);
    }
    /* Built in: parquet, json, icu. */
    assert_str(
        one(&t,
            "SELECT count(DISTINCT function_name) FROM duckdb_functions() WHERE function_name IN "
            "('read_parquet', 'json_serialize_sql', 'icu_sort_key')"),
        "3");
    test_engine_close(&t);
}

static void only_allowed_folders_and_files_are_reachable(void **state)
{
    struct test_engine      outer, t;
    struct ctx             *cx      = test_engine_ctx(&outer);
    struct engine_options   options = { .threads            = 1,
                                        .allowed_dir_count  = 1,
                                        .allowed_path_count = 1 };
    struct engine_statement statement;
    uint64_t                rows;
    str                     root, dir, file, other;

    assert_int_equal(os_dir_make_temp(cx, S("/tmp"), S("weft-engine-test-"), &root), ST_OK);
    dir   = arena_concat(cx->arena, root, S("/it's [a] folder"));
    file  = arena_concat(cx->arena, root, S("/one.csv"));
    other = arena_concat(cx->arena, root, S("/other.csv"));
    assert_int_equal(os_dir_make(cx, dir, 0700), ST_OK);
    assert_int_equal(os_file_put(cx, file, S("a\n1\n"), OS_NEW, 0600), ST_OK);
    assert_int_equal(os_file_put(cx, other, S("a\n1\n"), OS_NEW, 0600), ST_OK);
    options.allowed_dirs  = &dir;
    options.allowed_paths = &file;
    open_with(&t, &options);

    statement = (struct engine_statement){ .sql = S("SELECT * FROM read_csv($1)"), .arg_count = 1 };
    statement.args = &ENGINE_ARG_TEXT(file);
    assert_status(&t, run(&t, &statement, &rows), ST_OK);
    assert_int_equal(rows, 1);
    statement.args = &ENGINE_ARG_TEXT(other);
    assert_status(&t, run(&t, &statement, &rows), ST_DENIED);
    statement.args = &ENGINE_ARG_TEXT(arena_concat(cx->arena, dir, S("/../other.csv")));
    assert_status(&t, run(&t, &statement, &rows), ST_DENIED);
    statement.args = &ENGINE_ARG_TEXT(arena_concat(cx->arena, dir, S("/none.csv")));
    assert_status(&t, run(&t, &statement, &rows), ST_NOT_FOUND);
    statement.sql  = S("COPY (SELECT 1) TO $1");
    statement.args = &ENGINE_ARG_TEXT(arena_concat(cx->arena, dir, S("/new.parquet")));
    assert_status(&t, run(&t, &statement, &rows), ST_OK);
    statement.args = &ENGINE_ARG_TEXT(arena_concat(cx->arena, root, S("/new.parquet")));
    assert_status(&t, run(&t, &statement, &rows), ST_DENIED);
    test_engine_close(&t);
    assert_int_equal(os_dir_remove_all(cx, root), ST_OK);
    arena_free(cx->arena);
}

static void relative_paths_and_missing_folders_are_refused(void **state)
{
    struct test_engine    t;
    struct ctx           *cx        = test_engine_ctx(&t);
    const str             relative  = STR_INIT("data");
    struct engine_options options[] = {
        { .allowed_dirs = &relative, .allowed_dir_count = 1 },
        { .allowed_paths = &relative, .allowed_path_count = 1 },
        { .temp_dir = S("tmp") },
        { .extensions = &relative, .extension_count = 1 },
    };
    struct engine_options missing = { .temp_dir = S("/nowhere/at/all") };

    for (size_t i = 0; i < CASES(options); i++) {
        assert_status(&t, engine_duckdb_open(cx, &options[i], &t.engine), ST_INVALID);
    }
    assert_status(&t, engine_duckdb_open(cx, &missing, &t.engine), ST_NOT_FOUND);
    arena_free(cx->arena);
}

#define ENGINE_TEST(fn) cmocka_unit_test(fn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(rows_come_as_text),
        ENGINE_TEST(parameters_of_every_kind_are_bound),
        ENGINE_TEST(describe_tells_names_and_types_and_runs_nothing),
        ENGINE_TEST(type_texts_are_types),
        ENGINE_TEST(prepared_statements_run_again),
        ENGINE_TEST(exec_runs_all_statements_and_stops_at_the_first_failure),
        ENGINE_TEST(failures_are_classified_and_explained),
        ENGINE_TEST(sql_with_nul_or_too_long_is_refused),
        ENGINE_TEST(quoting_survives_hostile_names),
        ENGINE_TEST(a_stream_gives_all_rows_in_order),
        ENGINE_TEST(empty_results_have_columns_and_no_rows),
        ENGINE_TEST(an_error_late_in_the_stream_is_reported),
        ENGINE_TEST(one_result_at_a_time),
        ENGINE_TEST(a_result_can_be_dropped_in_the_middle),
        ENGINE_TEST(row_and_byte_limits_end_the_stream),
        ENGINE_TEST(cancel_from_another_thread),
        ENGINE_TEST(interrupt_from_another_thread),
        ENGINE_TEST(cancel_in_the_middle_of_a_stream),
        ENGINE_TEST(cancel_before_the_start),
        ENGINE_TEST(the_deadline_ends_a_query_and_an_exec),
        ENGINE_TEST(the_memory_limit_is_named),
        ENGINE_TEST(spilling_goes_into_a_private_folder_and_leaves_nothing),
        ENGINE_TEST(living_neighbours_keep_their_folders),
        ENGINE_TEST(appended_rows_are_cast_and_appear_together),
        ENGINE_TEST(a_bad_appended_row_leaves_nothing),
        ENGINE_TEST(own_predicates_run_in_sql),
        ENGINE_TEST(connections_have_transactions_of_their_own),
        ENGINE_TEST(settings_are_as_promised),
        ENGINE_TEST(only_allowed_folders_and_files_are_reachable),
        ENGINE_TEST(relative_paths_and_missing_folders_are_refused),
    };
    int failed = 0;

    for (size_t i = 0; i < CASES(implementations); i++) {
        under_test = &implementations[i];
        failed += cmocka_run_group_tests_name(under_test->name, tests, NULL, NULL);
    }
    return failed;
}
