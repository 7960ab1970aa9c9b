/*
 * functions_test.c - the list of functions is the engine's list, reviewed; types; placeholders.
 */
#include "guard/guard.h"

#include "test.h"

#include "guard/guard_int.h"
#include "support/test_engine.h"

static struct test_engine t;

static int open_engine(void **state)
{
    (void)test_engine_open(&t, NULL);
    return 0;
}

static int close_engine(void **state)
{
    test_engine_close(&t);
    return 0;
}

static bool is_internal(str name)
{
    return str_starts(name, S("icu_collate_")) || str_starts(name, S("__internal_"));
}

/* A function that is not reviewed is refused; this says so when an engine update brings one. */
static void every_function_of_the_engine_was_reviewed(void **state)
{
    const struct engine_statement all = {
        .sql = S("SELECT DISTINCT lower(function_name) FROM duckdb_functions() "
                 "WHERE function_type IN ('scalar', 'aggregate', 'macro')")
    };
    struct engine_table names;
    size_t              missing = 0;

    assert_int_equal(engine_rows(t.conn, &t.cx, &all, &names), ST_OK);
    for (size_t i = 0; i < names.rows; i++) {
        str name = engine_cell(&names, i, 0);

        if (!is_internal(name) && !guard_function_find(name)) {
            print_error("not reviewed: %.*s\n", STR_ARG(name));
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

static void no_entry_of_the_list_is_dead(void **state)
{
    struct engine_table found;

    for (size_t i = 0; i < guard_function_count(); i++) {
        const struct guard_function  *f      = guard_function_at(i);
        const struct engine_value     args[] = { ENGINE_ARG_TEXT(f->name) };
        const struct engine_statement one    = {
               .sql  = S("SELECT count(*) FROM duckdb_functions() WHERE lower(function_name) = $1"),
               .args = args,
               .arg_count = 1
        };

        if (i % 16 == 0 && i > 0) {
            assert_true(str_cmp(guard_function_at(i - 1)->name, f->name) < 0);
        }
        if (i % 8 == 0) { /* a sample: each look-up walks the engine's whole list */
            assert_int_equal(engine_rows(t.conn, &t.cx, &one, &found), ST_OK);
            assert_false(str_eq(engine_cell(&found, 0, 0), S("0")));
        }
    }
}

static void the_list_is_sorted_and_found(void **state)
{
    for (size_t i = 0; i < guard_function_count(); i++) {
        const struct guard_function *f = guard_function_at(i);

        assert_ptr_equal(guard_function_find(f->name), f);
        assert_true(f->check != GUARD_ARG_SIZE || (f->argument > 0 && f->bound > 0));
        if (f->klass > GUARD_FN_BUILD) {
            assert_true(guard_class_reason(f->klass)[0] != '\0');
        }
    }
    assert_null(guard_function_find(S("")));
    assert_null(guard_function_find(S("zzz")));
}

static void functions_are_allowed_by_use(void **state)
{
    static const struct {
        const char *name;
        bool        in_query, in_build;
    } cases[] = {
        { "upper", true, true },     { "random", true, true },     { "error", false, true },
        { "nextval", false, false }, { "read_csv", false, false }, { "stats", false, false },
        { "Upper", false, false },   { "", false, false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(guard_function_is_allowed(str_of(cases[i].name), GUARD_QUERY),
                         cases[i].in_query);
        assert_int_equal(guard_function_is_allowed(str_of(cases[i].name), GUARD_BUILD),
                         cases[i].in_build);
    }
}

static void types_are_a_closed_grammar(void **state)
{
    static const struct {
        const char *type;
        bool        ok;
    } cases[] = {
        { "INTEGER", true },
        { "bigint", true },
        { "DECIMAL(10,2)", true },
        { "DECIMAL", true },
        { "DECIMAL(38, 38)", true },
        { "VARCHAR", true },
        { "VARCHAR(10)", true },
        { "TIMESTAMP WITH TIME ZONE", true },
        { "TIME WITH TIME ZONE", true },
        { "TIMESTAMPTZ", true },
        { "INTEGER[]", true },
        { "INTEGER[3]", true },
        { "INTEGER[][2][]", true },
        { "STRUCT(a INTEGER, \"b c\" VARCHAR[])", true },
        { "STRUCT(\"x\"\"y\" INTEGER)", true },
        { "MAP(VARCHAR, STRUCT(a INTEGER))", true },
        { "UNION(a INTEGER, b VARCHAR)", true },
        { "JSON", true },
        { "JSON[]", true },
        { "UUID", true },
        { "HUGEINT", true },
        { "", false },
        { "x", false },
        { "ENUM('a')", false },
        { "DECIMAL(39,2)", false },
        { "DECIMAL(0)", false },
        { "DECIMAL(5,6)", false },
        { "INTEGER[", false },
        { "INTEGER[]]", false },
        { "INTEGER[0]", false },
        { "INTEGER[100000]", false },
        { "INTEGER DEFAULT 1", false },
        { "INTEGER); DROP TABLE x; --", false },
        { "STRUCT(a)", false },
        { "STRUCT()", false },
        { "STRUCT(a INTEGER", false },
        { "MAP(VARCHAR)", false },
        { "INTEGER, b INTEGER", false },
        { "INTEGER PRIMARY KEY", false },
        { "GEOMETRY", false },
        { "main.INTEGER", false },
        { "\"INTEGER\"", false },
        { "VARCHAR COLLATE nocase", false },
        { "INTEGER NOT NULL", false },
        { "1", false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        if (guard_type_is_allowed(str_of(cases[i].type)) != cases[i].ok) {
            fail_msg("%s", cases[i].type);
        }
    }
    struct buf deep CLEANUP(buf_release) = BUF_INIT(4096);
    for (int i = 0; i < 40; i++) {
        buf_add(&deep, S("STRUCT(a "));
    }
    assert_false(guard_type_is_allowed(buf_view(&deep)));
}

/* Every type of the list is one the engine knows under that name. */
static void allowed_types_are_the_engines(void **state)
{
    static const char *const types[] = { "BOOL",
                                         "TINYINT",
                                         "SMALLINT",
                                         "INT",
                                         "HUGEINT",
                                         "UTINYINT",
                                         "USMALLINT",
                                         "UINTEGER",
                                         "UBIGINT",
                                         "UHUGEINT",
                                         "REAL",
                                         "DOUBLE",
                                         "TEXT",
                                         "BLOB",
                                         "BIT",
                                         "DATE",
                                         "TIME",
                                         "TIME_NS",
                                         "TIMESTAMPTZ",
                                         "TIMESTAMP_S",
                                         "TIMESTAMP_MS",
                                         "TIMESTAMP_NS",
                                         "DATETIME",
                                         "INTERVAL",
                                         "UUID",
                                         "BIGNUM",
                                         "BYTEA",
                                         "JSON",
                                         "TIME WITH TIME ZONE",
                                         "UNION(a INTEGER)",
                                         "NUMERIC(4)" };

    for (size_t i = 0; i < CASES(types); i++) {
        struct engine_schema schema;
        str                  sql = arena_printf(t.cx.arena, "SELECT CAST(NULL AS %s)", types[i]);

        assert_true(guard_type_is_allowed(str_of(types[i])));
        assert_int_equal(engine_describe(t.conn, &t.cx, sql, &schema), ST_OK);
        assert_true(guard_type_is_allowed(schema.columns[0].type));
    }
}

static void placeholders_become_quoted_names(void **state)
{
    static const struct {
        const char *in, *object, *property, *out; /* out NULL: refused */
    } cases[] = {
        { "SELECT count(*) FROM {object} WHERE {property} IS NULL", "items", "id",
          "SELECT count(*) FROM \"items\" WHERE \"id\" IS NULL" },
        { "SELECT count(${column}) FROM ${table}", "items", "id",
          "SELECT count(\"id\") FROM \"items\"" },
        { "SELECT {Field} FROM {model}", "a b", "x\"y", "SELECT \"x\"\"y\" FROM \"a b\"" },
        { "SELECT '{object}', \"{object}\", E'\\'{object}', $${object}$$, $a${object}$a$ FROM "
          "{object}",
          "t", "c",
          "SELECT '{object}', \"{object}\", E'\\'{object}', $${object}$$, $a${object}$a$ FROM "
          "\"t\"" },
        { "SELECT 1 -- {nothing}\n/* {x} /* {y} */ {z} */ FROM {table}", "t", "c",
          "SELECT 1 -- {nothing}\n/* {x} /* {y} */ {z} */ FROM \"t\"" },
        { "SELECT {'a': 1}, {a: 2}, 'it''s {object}' FROM {object}", "t", "c",
          "SELECT {'a': 1}, {a: 2}, 'it''s {object}' FROM \"t\"" },
        { "SELECT {property} FROM {object}", "t", "", NULL },
        { "SELECT {thing} FROM {object}", "t", "c", NULL },
        { "SELECT '{unclosed", "t", "c", "SELECT '{unclosed" },
        { "", "t", "c", "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        const struct diag_text          text     = { S("rule"), str_of(cases[i].in) };
        const struct guard_placeholders names    = { str_of(cases[i].object),
                                                     str_of(cases[i].property) };
        struct diags                    findings = { 0 };
        str                             out;

        enum status st = guard_fill(&t.cx, &text, &names, &findings, &out);
        assert_int_equal(st, cases[i].out ? ST_OK : ST_INVALID);
        assert_int_equal(findings.errors, cases[i].out ? 0 : 1);
        if (cases[i].out) {
            assert_true(str_eq(out, str_of(cases[i].out)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_of_the_engine_was_reviewed),
        cmocka_unit_test(no_entry_of_the_list_is_dead),
        cmocka_unit_test(the_list_is_sorted_and_found),
        cmocka_unit_test(functions_are_allowed_by_use),
        cmocka_unit_test(types_are_a_closed_grammar),
        cmocka_unit_test(allowed_types_are_the_engines),
        cmocka_unit_test(placeholders_become_quoted_names),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
