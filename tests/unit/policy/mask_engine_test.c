/*
 * mask_engine_test.c - the masks in SQL: every one of the list, in plans, beside a rotation, and what
 * must not be seen of the keys.
 */
#include "policy/mask_engine.h"

#include "test.h"

#include <string.h>

#include "codec/base64.h"
#include "mask_kit.h"
#include "os/file.h"
#include "os/secret.h"
#include "support/test_engine.h"

/* Printable, so that it would be seen in a text as it is too. */
#define KEY_BYTES "Zq8!kT5#vR2@mW9$pL4%xN7^cH3&bJ6*"

static struct test_engine t;
static struct mask_ring  *ring;

static struct mask_keys *keys_of(const char *mesh_id)
{
    struct mask_key_source source = { S("k1"), secret_make(t.cx.arena, S(KEY_BYTES)) };
    struct mask_keys      *keys   = NULL;

    assert_int_equal(mask_keys_new(&t.cx, str_of(mesh_id), &source, 1, &keys), ST_OK);
    return keys;
}

static int open_engine(void **state)
{
    ring = mask_ring_new();
    (void)test_engine_open(&t, NULL);
    if (mask_register(t.engine, &t.cx, ring) != ST_OK) {
        BUG(t.err.text);
    }
    mask_ring_take(ring, keys_of("mesh-1"));
    return 0;
}

static int close_engine(void **state)
{
    test_engine_close(&t);
    mask_ring_free(ring);
    return 0;
}

static enum status rows_of(const char *text, struct engine_table *out)
{
    struct engine_statement statement = { .sql = str_of(text) };

    return engine_rows(t.conn, &t.cx, &statement, out);
}

static str one(const char *text)
{
    struct engine_table table;

    if (rows_of(text, &table) != ST_OK || table.rows != 1 || table.columns != 1) {
        fail_msg("%s: %s", text, t.err.text);
    }
    return engine_cell(&table, 0, 0);
}

static void assert_one(const char *text, const char *wanted)
{
    str got = one(text);

    if (!got.ptr != !wanted || !str_eq(got, str_of(wanted))) {
        fail_msg("%s gave \"" STR_FMT "\", not \"%s\"", text, STR_ARG(got), wanted ? wanted : "");
    }
}

static void every_mask_of_the_list_is_a_function_of_the_system(void **state)
{
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        const struct mask_function *f    = &policy_mask_functions[i];
        const char                 *type = f->map_text ? "VARCHAR" : "BIGINT";
        const char                 *rest = f->argument == MASK_PLAIN ? "" : ", VARCHAR";
        struct buf wanted           CLEANUP(buf_release) = BUF_INIT(100);
        str                         sql                  = arena_printf(t.cx.arena,
                                                                        "SELECT concat(database_name, '.', schema_name, ' ', return_type, ' "
                                                                                                                 "', parameter_types::VARCHAR) "
                                                                                                                 "FROM duckdb_functions() WHERE function_name = '" STR_FMT "'",
                                                                        STR_ARG(f->name));

        assert_true(!f->map_text != !f->map_integer && f->help[0] != '\0');
        assert_ptr_equal(mask_function_find(f->name), f);
        buf_printf(&wanted, "system.main %s [%s%s]", type, type, rest);
        assert_one(arena_cstr(t.cx.arena, sql), arena_cstr(t.cx.arena, buf_view(&wanted)));
    }
    assert_null(mask_function_find(S("weft_mask")));
    assert_int_equal(mask_register(t.engine, &t.cx, ring), ST_CONFLICT);
}

static void the_readme_shows_every_mask(void **state)
{
    str text;

    assert_int_equal(
        os_file_read(&t.cx, S(WEFT_TEST_ROOT "/src/mesh/policy/README.md"), 1 << 20, &text), ST_OK);
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        const struct mask_function *f         = &policy_mask_functions[i];
        static const char *const    endings[] = {
            [MASK_PLAIN] = "(v)`", [MASK_KEEP] = "(v, 'n')`", [MASK_BY_KEY_ID] = "(v, 'key id')`"
        };
        str call =
            arena_printf(t.cx.arena, "`" STR_FMT "%s", STR_ARG(f->name), endings[f->argument]);

        assert_true(str_has(text, call));
    }
}

static void masks_run_in_sql(void **state)
{
    static const struct mask_case cases[] = {
        { "weft_mask_redact('Ada 9')", "Xxx 0" },
        { "weft_mask_first('4111111111111111', '4')", "4111************" },
        { "weft_mask_last('4111111111111111', '4')", "************1111" },
        { "weft_mask_last('411', '4')", "***" },
        { "weft_mask_email('ada@example.org')", "x@example.org" },
        { "weft_mask_zip3('94110')", "94100" },
        { "weft_mask_ip('2001:db8:7::1')", "2001:db8:7::" },
        { "weft_mask_redact(NULL)", NULL },
        { "weft_mask_hash(NULL, 'k1')", NULL },
        { "weft_mask_hash('ada', NULL)", NULL },
        { "weft_mask_hash('ada', 'k2')", NULL },
        { "weft_mask_hash_int(5, 'k2')", NULL },
        { "length(weft_mask_hash('ada', 'k1'))", "32" },
        { "weft_mask_hash('ada', 'k1') = weft_mask_hash('a' || 'da', 'k' || '1')", "true" },
        { "weft_mask_hash_int(-5, 'k1') >= 0", "true" },
        { "weft_mask_hash_int(5, 'k1')::VARCHAR = weft_mask_hash('5', 'k1')", "false" },
        { "length(weft_mask_redact(repeat('é', 1000000)))", "1000000" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        str sql = arena_printf(t.cx.arena, "SELECT %s", cases[i].value);

        assert_one(arena_cstr(t.cx.arena, sql), cases[i].mask);
        sql = arena_printf(t.cx.arena, "SELECT system.main.%s", cases[i].value);
        if (str_starts(str_of(cases[i].value), S("weft"))) {
            assert_one(arena_cstr(t.cx.arena, sql), cases[i].mask);
        }
    }
}

static void bad_arguments_are_refused_when_the_statement_is_bound(void **state)
{
    static const struct mask_case cases[] = {
        { "SELECT weft_mask_first('a', '-1')", "must be 0 to 1000, not \"-1\"" },
        { "SELECT weft_mask_first('a', '1001')", "must be 0 to 1000" },
        { "SELECT weft_mask_last('a', '1 ')", "must be 0 to 1000" },
        { "SELECT weft_mask_last('a', '')", "must be 0 to 1000" },
        { "SELECT weft_mask_first('a', n::VARCHAR) FROM range(3) r(n)", "must be a constant" },
        { "SELECT weft_mask_hash('a', '')", "a key id has 1 to 64" },
        { "SELECT weft_mask_hash('a', 'k 1')", "a key id has 1 to 64" },
        { "SELECT weft_mask_hash('a', repeat('k', 65))", "a key id has 1 to 64" },
        { "SELECT weft_mask_hash('a', v) FROM (VALUES ('k1'), ('k2')) r(v)", "must be a constant" },
        { "SELECT weft_mask_hash_int(1, 'k''1')", "a key id has 1 to 64" },
    };
    struct engine_schema schema;

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(engine_describe(t.conn, &t.cx, str_of(cases[i].value), &schema),
                         ST_INVALID);
        if (!str_has(err_text(&t.err), str_of(cases[i].mask))) {
            fail_msg("%s says %s", cases[i].value, t.err.text);
        }
    }
}

/* No value makes an error, whatever stands around the mask. */
static void no_value_makes_an_error(void **state)
{
    assert_int_equal(
        engine_exec(t.conn, &t.cx,
                    S("CREATE TABLE odd AS SELECT CASE i % 10 WHEN 0 THEN '' WHEN 1 THEN chr(0) "
                      "WHEN 2 THEN '@' WHEN 3 THEN repeat('é', 5000) WHEN 4 THEN NULL WHEN 5 THEN "
                      "'a@' || i WHEN 6 THEN i || '.1.1.1' WHEN 7 THEN ':' || i ELSE chr((i * 37 % "
                      "50000 + 1)::INTEGER) END AS v, i FROM range(50000) r(i)")),
        ST_OK);
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        const struct mask_function *f        = &policy_mask_functions[i];
        const char                 *argument = f->argument == MASK_PLAIN  ? ""
                                               : f->argument == MASK_KEEP ? ", '3'"
                                                                          : ", 'k1'";
        str                         sql      = arena_printf(
            t.cx.arena, "SELECT count(*) FROM odd WHERE system.main." STR_FMT "(%s%s) IS NULL",
            STR_ARG(f->name), f->map_text ? "v" : "i * 1000003 - 9", argument);

        assert_one(arena_cstr(t.cx.arena, sql), f->map_text ? "5000" : "0");
    }
}

/* A statement prepared once gives what the ring says when it runs, not when it was prepared. */
static void keys_are_rotated_under_a_prepared_statement(void **state)
{
    struct engine_prepared *prepared = NULL;
    struct engine_table     table;
    str                     before, after;

    assert_int_equal(engine_prepare(t.conn, &t.cx,
                                    S("SELECT min(system.main.weft_mask_hash(i::VARCHAR, 'k1')), "
                                      "count(system.main.weft_mask_hash_int(i, 'k1')) "
                                      "FROM range(10000) r(i)"),
                                    &prepared),
                     ST_OK);
    struct engine_statement statement = { .prepared = prepared };
    assert_int_equal(engine_rows(t.conn, &t.cx, &statement, &table), ST_OK);
    before = engine_cell(&table, 0, 0);
    assert_true(str_eq(engine_cell(&table, 0, 1), S("10000")));
    mask_ring_take(ring, keys_of("mesh-2"));
    assert_int_equal(engine_rows(t.conn, &t.cx, &statement, &table), ST_OK);
    after = engine_cell(&table, 0, 0);
    assert_false(str_eq(before, after));
    mask_ring_take(ring, NULL);
    assert_int_equal(engine_rows(t.conn, &t.cx, &statement, &table), ST_OK);
    assert_null(engine_cell(&table, 0, 0).ptr);
    assert_true(str_eq(engine_cell(&table, 0, 1), S("0")));
    mask_ring_take(ring, keys_of("mesh-1"));
    assert_int_equal(engine_rows(t.conn, &t.cx, &statement, &table), ST_OK);
    assert_true(str_eq(engine_cell(&table, 0, 0), before));
    engine_prepared_close(prepared);
}

/* A macro of the same name changes nothing for who names catalog and schema. */
static void macros_do_not_shadow_the_qualified_name(void **state)
{
    assert_int_equal(engine_exec(t.conn, &t.cx,
                                 S("CREATE MACRO weft_mask_redact(x) AS x; "
                                   "CREATE TEMP MACRO weft_mask_email(x) AS x")),
                     ST_OK);
    assert_one("SELECT system.main.weft_mask_redact('Ada')", "Xxx");
    assert_one("SELECT system.main.weft_mask_email('ada@example.org')", "x@example.org");
    assert_int_equal(
        engine_exec(t.conn, &t.cx, S("DROP MACRO weft_mask_redact; DROP MACRO weft_mask_email")),
        ST_OK);
}

/* ------------------------------------------------------------------------- what is not seen */

static void add_forms(struct buf *out, str bytes)
{
    struct buf hex CLEANUP(buf_release) = BUF_INIT(1000);

    buf_add(out, bytes);
    buf_add_char(out, '\n');
    buf_add_hex(&hex, bytes.ptr, bytes.len);
    buf_add(out, buf_view(&hex));
    buf_add_char(out, '\n');
    for (size_t i = 0; i < hex.len; i++) {
        buf_add_char(out, (char)(hex.ptr[i] >= 'a' ? hex.ptr[i] - 'a' + 'A' : hex.ptr[i]));
    }
    buf_add_char(out, '\n');
    buf_add(out, base64_encode(&t.cx, BASE64_STANDARD, bytes));
    buf_add_char(out, '\n');
}

/* Parts of the key and of the two that follow from it, raw, in hex and in base64; a line each. */
static void list_secrets(struct buf *out)
{
    static const char *const labels[] = { "weft mask text\nmesh-1\nk1",
                                          "weft mask integer\nmesh-1\nk1" };

    add_forms(out, S(KEY_BYTES));
    for (size_t i = 0; i < CASES(labels); i++) {
        digest         d                    = hmac_sha256(S(KEY_BYTES), str_of(labels[i]));
        struct buf all CLEANUP(buf_release) = BUF_INIT(1000);
        str            hex;

        add_forms(&all, (str){ (const char *)d.bytes, SHA256_BYTES });
        hex = buf_view(&all); /* without the raw form: it may hold a line feed */
        buf_add(out, str_from(hex, SHA256_BYTES + 1));
    }
}

static void assert_no_secret(const char *where, str text)
{
    struct buf secrets CLEANUP(buf_release) = BUF_INIT(4000);
    str                rest, line;

    list_secrets(&secrets);
    rest = buf_view(&secrets);
    while (str_cut(&rest, '\n', &line)) {
        if (line.len >= MASK_KEY_BYTES && str_has(text, str_sub(line, 0, 12))) {
            fail_msg("%s shows " STR_FMT, where, STR_ARG(line));
        }
    }
}

static void keys_are_in_no_plan_error_or_log(void **state)
{
    static const char *const texts[] = {
        "EXPLAIN SELECT weft_mask_hash(v, 'k1'), weft_mask_hash_int(i, 'k1') FROM odd",
        "EXPLAIN (FORMAT json) SELECT weft_mask_hash(v, 'k1') FROM odd",
        "EXPLAIN ANALYZE SELECT count(weft_mask_hash(v, 'k1')) FROM odd",
        "SELECT json_serialize_sql('SELECT weft_mask_hash(v, ''k1'') FROM odd')",
        "SELECT json_serialize_plan('SELECT weft_mask_hash(v, ''k1'') FROM odd')",
        "SELECT f::VARCHAR FROM duckdb_functions() f WHERE function_name LIKE 'weft_mask%'",
        "SELECT * FROM duckdb_prepared_statements()",
        "SELECT l::VARCHAR FROM duckdb_logs() l",
    };
    static const char *const errors[] = {
        "SELECT weft_mask_hash(v, 'k1')::INTEGER FROM odd",
        "SELECT error(weft_mask_hash('ada', 'k1'))",
        "SELECT weft_mask_hash('ada', 'k1', 'k1')",
        "SELECT weft_mask_hash('ada', v) FROM odd",
        "SELECT weft_mask_hash(nothing, 'k1') FROM odd",
    };
    size_t logs = 0;

    assert_int_equal(engine_exec(t.conn, &t.cx,
                                 S("CALL enable_logging(level = 'trace', storage = 'memory'); "
                                   "SELECT count(weft_mask_hash(v, 'k1')) FROM odd")),
                     ST_OK);
    for (size_t i = 0; i < CASES(texts); i++) {
        struct engine_table table;

        if (rows_of(texts[i], &table) != ST_OK) {
            fail_msg("%s: %s", texts[i], t.err.text);
        }
        for (size_t k = 0; k < table.rows * table.columns; k++) {
            assert_no_secret(texts[i], table.cells[k]);
            logs += i + 1 == CASES(texts) && str_has(table.cells[k], S("weft_mask_hash"));
        }
    }
    assert_true(logs > 0); /* the log was on */
    for (size_t i = 0; i < CASES(errors); i++) {
        struct engine_table table;

        assert_int_not_equal(rows_of(errors[i], &table), ST_OK);
        assert_no_secret(errors[i], err_text(&t.err));
    }
    assert_int_equal(engine_exec(t.conn, &t.cx, S("CALL disable_logging()")), ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mask_of_the_list_is_a_function_of_the_system),
        cmocka_unit_test(the_readme_shows_every_mask),
        cmocka_unit_test(masks_run_in_sql),
        cmocka_unit_test(bad_arguments_are_refused_when_the_statement_is_bound),
        cmocka_unit_test(no_value_makes_an_error),
        cmocka_unit_test(keys_are_rotated_under_a_prepared_statement),
        cmocka_unit_test(macros_do_not_shadow_the_qualified_name),
        cmocka_unit_test(keys_are_in_no_plan_error_or_log),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
