/*
 * cast_text_test.c - arrow_value_text prints every value as the engine's own cast does.
 */
#include "arrow/arrow.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "support/test_ctx.h"
#include "support/test_engine.h"

enum { TEXT_MAX = 1 << 20 };

/* Compares columns 2i and 2i + 1 of every row: a value and its cast. */
static size_t compare_pairs(struct test_engine *t, const char *sql, size_t *failed)
{
    struct engine_statement statement = { .sql = str_of(sql) };
    struct engine_result   *result    = NULL;
    struct ArrowArray       batch     = { 0 };
    struct buf              text      = BUF_INIT(TEXT_MAX);
    size_t                  count     = 0;
    bool                    more      = true;

    if (engine_query(t->conn, &t->cx, &statement, &result) != ST_OK) {
        fail_msg("%s: %s", sql, t->err.text);
    }
    for (;;) {
        assert_int_equal(engine_result_next(result, &t->cx, &batch, &more), ST_OK);
        if (!more) {
            break;
        }
        for (size_t row = 0; row < (size_t)batch.length; row++) {
            for (size_t c = 0; c + 1 < engine_result_schema(result)->count; c += 2) {
                const struct arrow_type *type = engine_result_type(result);
                struct arrow_cell        cell = arrow_cell_of(type, &batch, c, row);
                struct arrow_cell        cast = arrow_cell_of(type, &batch, c + 1, row);
                str                      want = arrow_is_null(cast) ? S("NULL") : arrow_str(cast);

                buf_reset(&text);
                arrow_value_text(&text, cell);
                count++;
                if (!str_eq(buf_view(&text), want)) {
                    (*failed)++;
                    print_error("%.60s: " STR_FMT " (" STR_FMT ") is \"" STR_FMT
                                "\", the engine says \"" STR_FMT "\"\n",
                                sql, STR_ARG(engine_result_schema(result)->columns[c].name),
                                STR_ARG(engine_result_schema(result)->columns[c].type),
                                STR_ARG(buf_view(&text)), STR_ARG(want));
                }
            }
        }
        arrow_array_release(&batch);
    }
    engine_result_close(result);
    buf_release(&text);
    return count;
}

/*
 * Every type the engine has, with its least value, its greatest and NULL. Not compared: GEOMETRY, which
 * we print as the blob it is, and TIMESTAMPTZ, whose greatest value the engine prints wrong by 1 ms.
 */
static void every_type_of_the_engine(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = test_engine_open(&t, NULL);
    struct engine_statement statement = { .sql = S("SELECT column_name FROM (DESCRIBE FROM "
                                                   "test_all_types()) WHERE column_type NOT IN "
                                                   "('GEOMETRY', 'TIMESTAMP WITH TIME ZONE')") };
    struct engine_table     names;
    size_t                  failed = 0, count = 0;

    assert_int_equal(engine_rows(t.conn, cx, &statement, &names), ST_OK);
    for (size_t i = 0; i < names.rows; i++) {
        struct buf sql = BUF_INIT(1000);

        buf_add(&sql, S("SELECT "));
        engine_quote_ident(&sql, engine_cell(&names, i, 0));
        buf_add(&sql, S(", CAST("));
        engine_quote_ident(&sql, engine_cell(&names, i, 0));
        buf_add(&sql, S(" AS VARCHAR) FROM test_all_types()"));
        buf_add_char(&sql, '\0');
        count += compare_pairs(&t, sql.ptr, &failed);
        buf_release(&sql);
    }
    assert_true(count > 150);
    assert_int_equal(failed, 0);
    test_engine_close(&t);
}

static const char *const values[] = {
    /* numbers */
    "1::TINYINT",
    "(-128)::TINYINT",
    "255::UTINYINT",
    "0::HUGEINT",
    "(-1)::HUGEINT",
    "170141183460469231731687303715884105727::HUGEINT",
    "1::UHUGEINT",
    "0::BIGNUM",
    "(-1)::BIGNUM",
    "256::BIGNUM",
    "(-256)::BIGNUM",
    "1000000000::BIGNUM",
    "18446744073709551616::BIGNUM",
    "0.5::DECIMAL(2,2)",
    "(-0.05)::DECIMAL(3,2)",
    "(-0.5)::DECIMAL(2,2)",
    "5::DECIMAL(4,0)",
    "0::DECIMAL(38,38)",
    "(-1)::DECIMAL(38,37)",
    "0::DECIMAL(10,2)",
    "123456.78::DECIMAL(18,3)",
    "'nan'::DOUBLE",
    "'-nan'::DOUBLE",
    "'inf'::FLOAT",
    "'-inf'::DOUBLE",
    "0.0::DOUBLE",
    "-0.0::DOUBLE",
    "1e15::DOUBLE",
    "1e16::DOUBLE",
    "123456789012345678::DOUBLE",
    "0.1::FLOAT",
    "16777217::FLOAT",
    "1e-4::FLOAT",
    "1e-5::DOUBLE",
    "3.4028235e38::FLOAT",
    "1e-45::FLOAT",
    "5e-324::DOUBLE",
    "1.7976931348623157e308::DOUBLE",
    "2.2250738585072014e-308::DOUBLE",
    "100::DOUBLE",
    "1.5e300::DOUBLE",
    "0.30000000000000004::DOUBLE",
    "9007199254740993::DOUBLE",
    /* dates and times */
    "DATE '0001-01-01'",
    "DATE '0044-03-15 (BC)'",
    "DATE 'infinity'",
    "DATE '-infinity'",
    "DATE '10000-01-01'",
    "DATE '1969-12-31'",
    "TIMESTAMP '0044-03-15 (BC) 10:00:00'",
    "TIMESTAMP '1969-12-31 23:59:59.999999'",
    "TIMESTAMP 'infinity'",
    "TIMESTAMPTZ '-infinity'",
    "TIMESTAMP_S '1900-01-01 00:00:01'",
    "TIMESTAMP_MS '1900-01-01 00:00:00.120'",
    "TIMESTAMP_NS '2020-01-01 00:00:00.000000001'",
    "TIMESTAMP_MS 'infinity'",
    "TIMESTAMPTZ '2020-06-01 10:11:12.5+02'",
    "TIMESTAMPTZ '0001-01-01 (BC) 00:00:00+00'",
    "TIMESTAMPTZ '0044-03-15 (BC) 10:00:00+00'",
    "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
    "TIME '10:11:12.100'",
    "TIME '24:00:00'",
    "'10:11:12.123456789'::TIME_NS",
    "'10:11:12+02'::TIMETZ",
    "'10:11:12.5-02:30'::TIMETZ",
    "'10:11:12.5-02:30:15'::TIMETZ",
    "INTERVAL '1 year 2 months 3 days 04:05:06.789'",
    "INTERVAL '-1 year -2 months -3 days -04:05:06.789'",
    "INTERVAL '-00:00:00.5'",
    "INTERVAL '100 hours'",
    "INTERVAL '1 month -1 day'",
    "INTERVAL '-13 months'",
    "INTERVAL '0 days'",
    "INTERVAL '1 month -1 microsecond'",
    "INTERVAL '1 microsecond'",
    /* bytes and names */
    "'\\x00abc\\x7F\\x80\"\\x5C'::BLOB",
    "'a''b'::BLOB",
    "''::BLOB",
    "'0'::BIT",
    "'11111111'::BIT",
    "'111111110'::BIT",
    "uuid()",
    "'a b'::ENUM('x', 'a b')",
    "true",
    "NULL",
    "''",
    "'NULL'",
    "'{\"a\": 1}'::JSON",
    /* nested */
    "[1, NULL, 3]",
    "[]::INTEGER[]",
    "[[1], NULL, []]",
    "['a b', 'a,b', '', ' a', 'null', 'it''s']",
    "['a''b,\\c']",
    "['[', ']', '{', '}', '(', ')', '=', ':', '\"', '\\']",
    "['a\tb', 'b\n']",
    "[TIME '10:00:00', NULL]",
    "[DATE '2020-01-01', DATE '0044-03-15 (BC)']",
    "['\\x00\\xAA'::BLOB, 'a,b'::BLOB, ''::BLOB]",
    "[INTERVAL '1 day', INTERVAL '1 day 2 hours']",
    "['x'::ENUM('x', 'a,b'), 'a,b']",
    "['{\"a\": 1}'::JSON, NULL]",
    "{'j': '{\"a\": 1}'::JSON}",
    "array_value('[1]'::JSON)",
    "MAP {'[1]'::JSON: '[1]'::JSON}",
    "[['[1]'::JSON]]",
    "{'a': ['[1]'::JSON]}",
    "{'a b': 1, 'it''s': 'x,y', 'n': NULL}",
    "{'a': {'b': 'null'}}",
    "row('a,b', NULL)",
    "row(1, row(2, 'x'))",
    "{'x': row(1, 2)}",
    "[row('a b', '(c)')]",
    "MAP {'a': 1, 'b c,': NULL}",
    "MAP {}",
    "MAP {1: [1, 2]}",
    "MAP {'k': MAP {'x': 'y,z'}}",
    "union_value(a := 'x,y')",
    "[union_value(a := 'x,y')]",
    "union_value(a := NULL::INTEGER)",
    "[NULL::UNION(a INTEGER, b VARCHAR), union_value(a := 1)]",
    "[union_value(l := [1, 2])]",
    "array_value(1, 2, NULL)",
    "array_value(array_value('a,b'), array_value('c'))",
    "['1'::BIT]",
    "[1::UHUGEINT]",
    "['10:11:12+02'::TIMETZ]",
    "[1.5::DECIMAL(4,2)]",
    "[1::BIGNUM, NULL]",
    "['nan'::DOUBLE]",
    "[uuid()]",
    "[true, false, NULL]",
};

static void every_odd_value(void **state)
{
    struct test_engine t;
    size_t             failed = 0;

    test_engine_open(&t, NULL);
    for (size_t i = 0; i < CASES(values); i++) {
        char sql[400];

        snprintf(sql, sizeof sql, "SELECT v, CAST(v AS VARCHAR) FROM (SELECT %s AS v)", values[i]);
        compare_pairs(&t, sql, &failed);
        /* The same below an offset: as the second of three list items. */
        snprintf(sql, sizeof sql,
                 "SELECT v, CAST(v AS VARCHAR) FROM (SELECT [NULL, x, x] AS v "
                 "FROM (SELECT %s AS x))",
                 values[i]);
        compare_pairs(&t, sql, &failed);
    }
    assert_int_equal(failed, 0);
    test_engine_close(&t);
}

/* The fewest digits of a number, over random bits and the borders between powers of two. */
static void doubles_and_floats(void **state)
{
    struct test_engine t;
    struct test_random random = { 42 };
    size_t             failed = 0;
    struct buf         sql    = BUF_INIT((size_t)8 << 20);

    test_engine_open(&t, NULL);
    buf_add(
        &sql,
        S("SELECT d, d::VARCHAR, f, f::VARCHAR FROM (SELECT d, d::FLOAT AS f FROM (VALUES (0e0)"));
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random_next(&random);
        double   d;

        memcpy(&d, &bits, sizeof d);
        if (i % 3 == 1) {
            d = ldexp(1.0, (int)(bits % 250) - 125);
        } else if (i % 3 == 2) {
            d = (double)(int64_t)(bits % 100000000000ULL) / 1000.0;
        }
        if (isfinite(d) && (i % 3 != 0 || fabs(d) < 3e38)) {
            buf_printf(&sql, ",(%.17e)", d);
        }
    }
    /* The engine prints a few powers of two as their double (2^81 as 2^82): not followed. */
    buf_add(&sql, S(") AS v(d)) WHERE d::VARCHAR::DOUBLE = d"));
    buf_add_char(&sql, '\0');
    compare_pairs(&t, sql.ptr, &failed);
    assert_int_equal(failed, 0);
    buf_release(&sql);
    test_engine_close(&t);
}

struct json_case {
    const char *sql, *json;
};

static const struct json_case json_cases[] = {
    { "NULL", "null" },
    { "true", "true" },
    { "9007199254740993", "9007199254740993" },
    { "170141183460469231731687303715884105727::HUGEINT",
      "170141183460469231731687303715884105727" },
    { "0.5::DECIMAL(2,2)", "0.50" },
    { "(-0.05)::DECIMAL(2,2)", "-0.05" },
    { "1.50::DECIMAL(4,2)", "1.50" },
    { "1e20::DOUBLE", "1e+20" },
    { "'nan'::DOUBLE", "null" },
    { "'-inf'::FLOAT", "null" },
    { "'a\"b\\\n\x01'", "\"a\\\"b\\\\\\n\\u0001\"" },
    { "'é'", "\"é\"" },
    { "'{\"a\": 1}'::JSON", "{\"a\": 1}" },
    { "'x'::ENUM('x', 'y')", "\"x\"" },
    { "DATE '2026-11-23'", "\"2026-11-23\"" },
    { "DATE '0001-12-31 (BC)'", "\"0000-12-31\"" },
    { "DATE '0044-03-15 (BC)'", "\"-0043-03-15\"" },
    { "DATE 'infinity'", "\"infinity\"" },
    { "TIMESTAMP '2026-11-23 22:14:05.5'", "\"2026-11-23T22:14:05.5\"" },
    { "TIMESTAMPTZ '2026-11-23 22:14:05+00'", "\"2026-11-23T22:14:05Z\"" },
    { "TIMESTAMP '1969-12-31 23:59:59.999999'", "\"1969-12-31T23:59:59.999999\"" },
    { "TIME '10:11:12.100'", "\"10:11:12.1\"" },
    { "INTERVAL '1 year 2 months 3 days 04:05:06.5'", "\"P1Y2M3DT4H5M6.500000S\"" },
    { "INTERVAL '0 days'", "\"PT0S\"" },
    { "INTERVAL '-00:00:00.5'", "\"PT-0.500000S\"" },
    { "INTERVAL '3 days'", "\"P3D\"" },
    { "INTERVAL '2 hours'", "\"PT2H\"" },
    { "''::BLOB", "\"\"" },
    { "'f'::BLOB", "\"Zg==\"" },
    { "'fo'::BLOB", "\"Zm8=\"" },
    { "'foo'::BLOB", "\"Zm9v\"" },
    { "'\\xFB\\xFF\\xFE'::BLOB", "\"+//+\"" },
    { "'101'::BIT", "\"101\"" },
    { "'00000000-0000-0000-0000-00000000000a'::UUID", "\"00000000-0000-0000-0000-00000000000a\"" },
    { "[1, NULL]", "[1,null]" },
    { "{'a': 1, 'b\"': [true]}", "{\"a\":1,\"b\\\"\":[true]}" },
    { "row(1, 'x')", "[1,\"x\"]" },
    { "MAP {'k': 1, 'l': NULL}", "[{\"key\":\"k\",\"value\":1},{\"key\":\"l\",\"value\":null}]" },
    { "union_value(a := 'x')", "\"x\"" },
    { "array_value(1, 2)", "[1,2]" },
};

static void json_forms_as_documented(void **state)
{
    struct test_engine t;
    struct ctx        *cx = test_engine_open(&t, NULL);

    for (size_t i = 0; i < CASES(json_cases); i++) {
        struct engine_result *result = NULL;
        struct ArrowArray     batch  = { 0 };
        struct buf            text   = BUF_INIT(TEXT_MAX);
        struct json          *tree   = NULL;
        bool                  more   = false;
        char                  sql[200];

        snprintf(sql, sizeof sql, "SELECT %s AS v", json_cases[i].sql);
        assert_int_equal(
            engine_query(t.conn, cx, &(struct engine_statement){ .sql = str_of(sql) }, &result),
            ST_OK);
        assert_int_equal(engine_result_next(result, cx, &batch, &more), ST_OK);
        assert_true(more);
        arrow_value_json(&text, arrow_cell_of(engine_result_type(result), &batch, 0, 0));
        if (!str_eq(buf_view(&text), str_of(json_cases[i].json))) {
            fail_msg("%s is " STR_FMT ", not %s", json_cases[i].sql, STR_ARG(buf_view(&text)),
                     json_cases[i].json);
        }
        assert_int_equal(json_read(cx, buf_view(&text), "a value", NULL, &tree), ST_OK);
        arrow_array_release(&batch);
        engine_result_close(result);
        buf_release(&text);
    }
    test_engine_close(&t);
}

static void json_of_every_type_is_json(void **state)
{
    struct test_engine      t;
    struct ctx             *cx        = test_engine_open(&t, NULL);
    struct engine_statement statement = { .sql = S("SELECT * EXCLUDE (geometry) FROM "
                                                   "test_all_types()") };
    struct engine_result   *result    = NULL;
    struct ArrowArray       batch     = { 0 };
    struct buf              text      = BUF_INIT(TEXT_MAX);
    bool                    more      = false;

    assert_int_equal(engine_query(t.conn, cx, &statement, &result), ST_OK);
    assert_int_equal(engine_result_next(result, cx, &batch, &more), ST_OK);
    for (size_t c = 0; c < engine_result_schema(result)->count; c++) {
        for (size_t row = 0; row < (size_t)batch.length; row++) {
            struct json *tree = NULL;

            buf_reset(&text);
            arrow_value_json(&text, arrow_cell_of(engine_result_type(result), &batch, c, row));
            if (json_read(cx, buf_view(&text), "a value", NULL, &tree) != ST_OK) {
                fail_msg(STR_FMT ": %s", STR_ARG(engine_result_schema(result)->columns[c].name),
                         t.err.text);
            }
        }
    }
    buf_release(&text);
    arrow_array_release(&batch);
    engine_result_close(result);
    test_engine_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_of_the_engine),   cmocka_unit_test(every_odd_value),
        cmocka_unit_test(doubles_and_floats),         cmocka_unit_test(json_forms_as_documented),
        cmocka_unit_test(json_of_every_type_is_json),
    };
    return cmocka_run_group_tests_name("cast_text", tests, NULL, NULL);
}
