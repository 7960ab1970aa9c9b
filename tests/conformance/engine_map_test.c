/*
 * engine_map_test.c - functions of a caller's own in SQL, over each implementation: values of every
 * form, arguments read once, nothing that a value can break.
 */
#include "engine/engine.h"

#include "test.h"

#include <stdatomic.h>

#include "engine/engine_faulty.h"
#include "support/test_engine.h"

struct implementation {
    const char *name;
    bool        is_decorated;
};

static const struct implementation implementations[] = {
    { "duckdb", false },
    { "faulty", true },
};

static const struct implementation *under_test;

static struct ctx *open_plain(struct test_engine *t)
{
    struct engine_options options = { .threads = 2 };
    struct ctx           *cx      = test_engine_ctx(t);

    if (engine_duckdb_open(cx, &options, &t->engine) != ST_OK) {
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

/* What the maps of the tests count and are told. */
struct map_seen {
    atomic_int binds, enters, leaves, calls;
};

struct map_bound {
    str      suffix;
    uint64_t wanted; /* which answer a value of that length gets */
};

static enum status bind_map(struct ctx *cx, void *state, const str *args, const void **out)
{
    struct map_seen  *seen  = state;
    struct map_bound *bound = ARENA_NEW(cx->arena, struct map_bound);

    atomic_fetch_add(&seen->binds, 1);
    if (!str_to_u64(args[1], &bound->wanted)) {
        return FAIL(cx, INVALID, "\"" STR_FMT "\" is not a number", STR_ARG(args[1]));
    }
    bound->suffix = args[0];
    *out          = bound;
    return ST_OK;
}

static void enter_map(struct engine_call *call)
{
    struct map_seen *seen = call->state;

    atomic_fetch_add(&seen->enters, 1);
    call->turn = seen;
}

static void leave_map(struct engine_call *call)
{
    struct map_seen *seen = call->turn;

    atomic_fetch_add(&seen->leaves, 1);
}

/* Value and suffix; NULL, bad UTF-8, an overfull buffer or a slice for values of the wanted length. */
static bool join(const struct engine_call *call, str value, struct buf *scratch, str *out)
{
    const struct map_bound *bound = call->bound;
    struct map_seen        *seen  = call->turn;

    atomic_fetch_add(&seen->calls, 1);
    if (scratch->len > 0) {
        BUG("the scratch buffer is not empty");
    }
    if (value.len == bound->wanted && str_eq(bound->suffix, S("null"))) {
        return false;
    }
    if (value.len == bound->wanted && str_eq(bound->suffix, S("bad"))) {
        *out = S("\xff\xfe");
        return true;
    }
    if (value.len == bound->wanted && str_eq(bound->suffix, S("over"))) {
        buf_add_n(scratch, 'x', value.len + ENGINE_SCRATCH_SPARE + 1);
        *out = buf_view(scratch);
        return true;
    }
    if (value.len == bound->wanted) {
        *out = str_from(value, 1);
        return true;
    }
    buf_add(scratch, value);
    buf_add(scratch, bound->suffix);
    *out = buf_view(scratch);
    return true;
}

static bool negate(const struct engine_call *call, int64_t value, int64_t *out)
{
    *out = value == INT64_MIN ? 0 : -value;
    return value != 13;
}

static const struct engine_function map_join = {
    .name           = STR_INIT("weft_join"),
    .argument_count = 2,
    .bind           = bind_map,
    .enter          = enter_map,
    .leave          = leave_map,
    .map_text       = join,
};

static void own_maps_run_in_sql(void **state)
{
    static const struct {
        const char *sql, *result; /* NULL: NULL */
    } cases[] = {
        { "weft_join('abc', '-x', '0')", "abc-x" },
        { "weft_join('', '', '9')", "" },
        { "weft_join('', 'é', '9')", "é" },
        { "system.main.weft_join('abc', '-x', '3')", "bc" },
        { "weft_join('abc', lower('-X'), '1' || '0')", "abc-x" },
        { "weft_join(repeat('long ', 10), '', '0')",
          "long long long long long long long long long long " },
        { "weft_join(NULL, 'x', '0')", NULL },
        { "weft_join('abc', NULL, '0')", NULL },
        { "weft_join('abc', 'null', '3')", NULL },
        { "weft_join('abc', 'bad', '3')", NULL },
        { "weft_join('abc', 'over', '3')", NULL },
        { "length(weft_join(repeat('é', 1000000), 'x', '0'))", "1000001" },
        { "weft_join('a' || chr(0) || 'b', '', '0') = 'a' || chr(0) || 'b'", "true" },
        { "weft_negate(5)", "-5" },
        { "weft_negate(-9223372036854775808)", "0" },
        { "weft_negate(13)", NULL },
        { "weft_negate(NULL)", NULL },
    };
    struct map_seen        seen  = { 0 };
    struct engine_function texts = map_join;
    struct engine_function whole = { .name = S("weft_negate"), .map_integer = negate };
    struct test_engine     t;
    struct ctx            *cx = open_plain(&t);

    texts.state = &seen;
    assert_status(&t, engine_register_function(t.engine, cx, &texts), ST_OK);
    assert_status(&t, engine_register_function(t.engine, cx, &whole), ST_OK);
    assert_status(&t, engine_register_function(t.engine, cx, &whole), ST_CONFLICT);
    for (size_t i = 0; i < CASES(cases); i++) {
        str sql = arena_printf(cx->arena, "SELECT %s", cases[i].sql);
        str got = one(&t, arena_cstr(cx->arena, sql));

        if (!str_eq(got, str_of(cases[i].result)) || !got.ptr != !cases[i].result) {
            fail_msg("%s gave \"" STR_FMT "\"", cases[i].sql, STR_ARG(got));
        }
    }
    assert_int_equal(atomic_load(&seen.enters), atomic_load(&seen.leaves));
    test_engine_close(&t);
}

/* The forms in which the engine keeps a vector: flat, constant, dictionary, with NULLs between. */
static void own_maps_take_every_form_of_a_vector(void **state)
{
    struct map_seen        seen  = { 0 };
    struct engine_function texts = map_join;
    struct engine_function whole = { .name = S("weft_negate"), .map_integer = negate };
    struct test_engine     t;
    struct ctx            *cx = open_plain(&t);

    texts.state = &seen;
    assert_status(&t, engine_register_function(t.engine, cx, &texts), ST_OK);
    assert_status(&t, engine_register_function(t.engine, cx, &whole), ST_OK);
    assert_status(&t,
                  engine_exec(t.conn, cx,
                              S("CREATE TABLE many AS SELECT i, CASE WHEN i % 5 = 0 THEN NULL ELSE "
                                "repeat('v', (i % 40)::INTEGER) END AS v, 'the same' AS c, "
                                "CASE WHEN i % 7 = 0 THEN 'rare' ELSE 'word of a dictionary' END "
                                "AS d FROM range(100000) AS r(i)")),
                  ST_OK);
    assert_str(one(&t, "SELECT count(*) FROM many WHERE weft_join(v, '+', '999') "
                       "IS DISTINCT FROM v || '+'"),
               "0");
    assert_str(one(&t, "SELECT count(*) FROM many WHERE weft_join(v, '+', '3') IS DISTINCT FROM "
                       "CASE WHEN length(v) = 3 THEN 'vv' ELSE v || '+' END"),
               "0");
    assert_str(one(&t, "SELECT count(*) FROM many WHERE weft_join(c, '+', '0') <> 'the same+'"),
               "0");
    assert_str(one(&t, "SELECT count(*) FROM many WHERE weft_join(d, '+', '0') <> d || '+'"), "0");
    assert_str(one(&t, "SELECT count(*) FROM (SELECT d FROM many ORDER BY i DESC) "
                       "WHERE weft_join(d, '+', '0') <> d || '+'"),
               "0");
    assert_str(one(&t, "SELECT count(*) FROM many a JOIN (VALUES (0, 'x'), (1, NULL), (2, 'zz')) "
                       "b(k, w) ON a.i % 3 = b.k WHERE weft_join(w, '+', '0') "
                       "IS DISTINCT FROM w || '+'"),
               "0");
    assert_str(one(&t, "SELECT sum(weft_negate(i)) FROM many"), "-4999949987");
    assert_str(one(&t, "SELECT count(*) FROM many WHERE weft_negate(i) IS NULL"), "1");
    assert_int_equal(atomic_load(&seen.enters), atomic_load(&seen.leaves));
    assert_true(atomic_load(&seen.enters) >= 100000 / 2048);
    test_engine_close(&t);
}

static void arguments_of_own_maps_are_constants_read_once(void **state)
{
    static const struct {
        const char *sql, *text;
    } refused[] = {
        { "SELECT weft_join('a', x, '0') FROM (VALUES ('y'), ('z')) v(x)", "must be a constant" },
        { "SELECT weft_join('a', 'b', random()::VARCHAR)", "must be a constant" },
        { "SELECT weft_join('a', 'b', 'many')", "weft_join: \"many\" is not a number" },
        { "SELECT weft_join('a', CAST('no' AS INTEGER)::VARCHAR, '0')", "argument 2 has no value" },
        { "SELECT weft_join('a', repeat('x', 5000), '0')", "longer than 4096 bytes" },
        { "SELECT weft_join('a', 'b')", "weft_join" },
        { "SELECT weft_join('a', 'b', '0', 'c')", "weft_join" },
    };
    struct map_seen         seen  = { 0 };
    struct engine_function  texts = map_join;
    struct test_engine      t;
    struct ctx             *cx       = open_plain(&t);
    struct engine_prepared *prepared = NULL;
    struct engine_table     table;
    int                     binds;

    texts.state = &seen;
    assert_status(&t, engine_register_function(t.engine, cx, &texts), ST_OK);
    for (size_t i = 0; i < CASES(refused); i++) {
        struct engine_statement statement = sql(refused[i].sql);

        assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_INVALID);
        if (!str_has(err_text(&t.err), str_of(refused[i].text))) {
            fail_msg("%s says %s", refused[i].sql, t.err.text);
        }
    }
    assert_status(&t,
                  engine_prepare(t.conn, cx,
                                 S("SELECT count(*) FROM range($1) r(i) WHERE "
                                   "weft_join(i::VARCHAR, '+', '0') LIKE '%+'"),
                                 &prepared),
                  ST_OK);
    binds = atomic_load(&seen.binds);
    for (int64_t i = 1; i <= 3; i++) {
        struct engine_value     arg       = ENGINE_ARG_I64(i * 10000);
        struct engine_statement statement = { .prepared = prepared, .args = &arg, .arg_count = 1 };

        assert_status(&t, engine_rows(t.conn, cx, &statement, &table), ST_OK);
    }
    assert_str(engine_cell(&table, 0, 0), "30000");
    assert_true(atomic_load(&seen.binds) - binds <= 6); /* per statement at most, never per value */
    engine_prepared_close(prepared);
    test_engine_close(&t);
}

/*
 * Of a column kept as a dictionary the engine asks for each entry, not for each row: the pure answer of
 * a map may be used again, and it is not held to be one that can fail.
 */
static void a_dictionary_is_mapped_by_its_entries(void **state)
{
    struct map_seen        seen  = { 0 };
    struct engine_function texts = map_join;
    struct test_engine     t;
    struct ctx            *cx = open_plain(&t);

    texts.state = &seen;
    assert_status(&t, engine_register_function(t.engine, cx, &texts), ST_OK);
    assert_status(&t,
                  engine_exec(t.conn, cx,
                              S("ATTACH ':memory:' AS z (COMPRESS true); CREATE TABLE z.t AS "
                                "SELECT 'word number ' || i % 9 AS w FROM range(200000) r(i); "
                                "CHECKPOINT z")),
                  ST_OK);
    assert_str(one(&t, "SELECT count(DISTINCT weft_join(w, '+', '99')) FROM z.t"), "9");
    assert_true(atomic_load(&seen.calls) < 20000);
    assert_int_equal(atomic_load(&seen.enters), atomic_load(&seen.leaves));
    test_engine_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_maps_run_in_sql),
        cmocka_unit_test(own_maps_take_every_form_of_a_vector),
        cmocka_unit_test(arguments_of_own_maps_are_constants_read_once),
        cmocka_unit_test(a_dictionary_is_mapped_by_its_entries),
    };
    int failed = 0;

    for (size_t i = 0; i < CASES(implementations); i++) {
        under_test = &implementations[i];
        failed += cmocka_run_group_tests_name(under_test->name, tests, NULL, NULL);
    }
    return failed;
}
