/*
 * coltype_test.c - column types: parse, print, publish, widen, and to and from contracts.
 */
#include "contract/coltype.h"

#include "support/test_ctx.h"
#include "test.h"

#include <string.h>

static const struct coltype *parse(struct ctx *cx, const char *text)
{
    const struct coltype *t = NULL;

    if (coltype_parse(cx, str_of(text), &t) != ST_OK) {
        fail_msg("%s: " STR_FMT, text, STR_ARG(err_text(cx->err)));
    }
    return t;
}

static void types_are_parsed_and_printed(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: no type */
    } cases[] = {
        { "BIGINT", "BIGINT" },
        { " int ", "INTEGER" },
        { "text", "VARCHAR" },
        { "varchar(20)", "VARCHAR" },
        { "DECIMAL(10,2)", "DECIMAL(10,2)" },
        { "numeric(5)", "DECIMAL(5,0)" },
        { "decimal", "DECIMAL(18,3)" },
        { "timestamp with time zone", "TIMESTAMP WITH TIME ZONE" },
        { "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE" },
        { "double precision", "DOUBLE" },
        { "character varying(3)", "VARCHAR" },
        { "timestamp(3)", "TIMESTAMP_MS" },
        { "STRUCT(a INTEGER, \"b c\" VARCHAR[])", "STRUCT(\"a\" INTEGER, \"b c\" VARCHAR[])" },
        { "MAP(VARCHAR, STRUCT(x DOUBLE)[])", "MAP(VARCHAR, STRUCT(\"x\" DOUBLE)[])" },
        { "FLOAT[3][]", "FLOAT[3][]" },
        { "ENUM('a', 'it''s')", "ENUM('a', 'it''s')" },
        { "\"NULL\"", "\"NULL\"" },
        { "STRUCT(\"x\"\"y\" DATE)", "STRUCT(\"x\"\"y\" DATE)" },
        { "", NULL },
        { "strng", NULL },
        { "DECIMAL(39,0)", NULL },
        { "DECIMAL(5,6)", NULL },
        { "DECIMAL(0)", NULL },
        { "INTEGER[", NULL },
        { "INTEGER[0]", NULL },
        { "STRUCT()", NULL },
        { "STRUCT(a)", NULL },
        { "ENUM(a)", NULL },
        { "ENUM('a)", NULL },
        { "MAP(VARCHAR)", NULL },
        { "INTEGER; DROP TABLE x", NULL },
        { "UNION(a INTEGER)", NULL },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx       t;
        struct ctx           *cx   = test_ctx_init(&t, 1);
        const struct coltype *type = NULL;
        enum status           st   = coltype_parse(cx, str_of(cases[i].text), &type);

        assert_int_equal(st, cases[i].want ? ST_OK : ST_INVALID);
        if (type && !str_eq(coltype_text(cx, type), str_of(cases[i].want))) {
            fail_msg("%s prints as " STR_FMT, cases[i].text, STR_ARG(coltype_text(cx, type)));
        }
        test_ctx_release(&t);
    }
}

static void deep_types_meet_a_limit(void **state)
{
    static const char *const parts[] = { "STRUCT(a ", "MAP(INTEGER, ", "[]" };

    for (size_t k = 0; k < CASES(parts); k++) {
        struct test_ctx       t;
        struct ctx           *cx   = test_ctx_init(&t, 1);
        struct buf            text = BUF_INIT(1 << 20);
        const struct coltype *type;

        buf_add(&text, parts[k][0] == '[' ? S("INTEGER") : S(""));
        for (int i = 0; i < 5000; i++) {
            buf_add(&text, str_of(parts[k]));
        }
        assert_int_equal(coltype_parse(cx, buf_view(&text), &type), ST_LIMIT);
        buf_release(&text);
        test_ctx_release(&t);
    }
}

static void unpublishable_types_name_the_cast(void **state)
{
    static const struct {
        const char *type, *cast, *path; /* cast NULL: publishable */
    } cases[] = {
        { "INTEGER", NULL, NULL },
        { "STRUCT(a TIMESTAMP[], b MAP(VARCHAR, DATE))", NULL, NULL },
        { "HUGEINT", "DECIMAL(38,0)", "" },
        { "UBIGINT", "DECIMAL(20,0)", "" },
        { "TIME", "VARCHAR", "" },
        { "INTERVAL", "VARCHAR", "" },
        { "STRUCT(a STRUCT(b UBIGINT)[])", "DECIMAL(20,0)", "a.element.b" },
        { "MAP(VARCHAR, TIME)", "VARCHAR", "value" },
        { "ENUM('a')", NULL, NULL },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx t;
        struct ctx     *cx   = test_ctx_init(&t, 1);
        str             cast = STR_NONE, path = STR_NONE;
        bool            ok = coltype_publishable(cx, parse(cx, cases[i].type), &cast, &path);

        assert_int_equal(ok, cases[i].cast == NULL);
        if (!ok) {
            assert_true(str_eq(cast, str_of(cases[i].cast)));
            assert_true(str_eq(path, str_of(cases[i].path)));
        }
        test_ctx_release(&t);
    }
}

static void widening_loses_nothing(void **state)
{
    static const struct {
        const char *from, *to;
        bool        widens;
    } cases[] = {
        { "INTEGER", "BIGINT", true },
        { "BIGINT", "INTEGER", false },
        { "UINTEGER", "INTEGER", false },
        { "UINTEGER", "BIGINT", true },
        { "INTEGER", "UBIGINT", false },
        { "INTEGER", "DOUBLE", true },
        { "BIGINT", "DOUBLE", false },
        { "SMALLINT", "FLOAT", true },
        { "INTEGER", "FLOAT", false },
        { "BIGINT", "DECIMAL(19,0)", true },
        { "BIGINT", "DECIMAL(19,1)", false },
        { "DECIMAL(5,2)", "DECIMAL(6,3)", true },
        { "DECIMAL(5,2)", "DECIMAL(5,3)", false },
        { "FLOAT", "DOUBLE", true },
        { "DATE", "TIMESTAMP", true },
        { "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", false },
        { "VARCHAR", "BLOB", false },
        { "ENUM('a')", "ENUM('a','b')", true },
        { "ENUM('a','b')", "ENUM('a')", false },
        { "INTEGER[]", "BIGINT[]", true },
        { "FLOAT[3]", "FLOAT[]", true },
        { "FLOAT[3]", "FLOAT[4]", false },
        { "STRUCT(a INTEGER)", "STRUCT(a BIGINT)", true },
        { "STRUCT(a INTEGER)", "STRUCT(b BIGINT)", false },
        { "STRUCT(a INTEGER)", "STRUCT(a INTEGER, b INTEGER)", false },
        { "\"NULL\"", "VARCHAR", true },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_ctx t;
        struct ctx     *cx = test_ctx_init(&t, 1);

        if (coltype_widens(parse(cx, cases[i].from), parse(cx, cases[i].to)) != cases[i].widens) {
            fail_msg("%s to %s", cases[i].from, cases[i].to);
        }
        test_ctx_release(&t);
    }
}

static void stored_types_are_publishable(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    assert_true(str_eq(
        coltype_text(cx, coltype_stored(cx, parse(cx, "STRUCT(a UTINYINT, b ENUM('x')[3])"))),
        S("STRUCT(\"a\" SMALLINT, \"b\" VARCHAR[])")));
    assert_true(str_eq(coltype_text(cx, coltype_stored(cx, parse(cx, "DATE"))), S("DATE")));
    test_ctx_release(&t);
}

/* Each type becomes a property that gives the same type back. */
static void properties_give_their_type_back(void **state)
{
    static const char *const types[] = {
        "BOOLEAN",
        "TINYINT",
        "BIGINT",
        "UINTEGER",
        "HUGEINT",
        "FLOAT",
        "DOUBLE",
        "DECIMAL(12,4)",
        "VARCHAR",
        "UUID",
        "BLOB",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "TIMESTAMP WITH TIME ZONE",
        "TIMESTAMP_NS",
        "JSON",
        "ENUM('a','b')",
        "INTEGER[]",
        "FLOAT[8]",
        "STRUCT(a INTEGER, b STRUCT(c DATE)[])",
        "MAP(VARCHAR, DECIMAL(3,1))",
    };

    for (size_t i = 0; i < CASES(types); i++) {
        struct test_ctx       t;
        struct ctx           *cx   = test_ctx_init(&t, 1);
        struct odcs_property  p    = { 0 };
        const struct coltype *back = NULL;

        coltype_logical(cx, parse(cx, types[i]), &p);
        assert_int_equal(coltype_of_property(cx, &p, &back), ST_OK);
        assert_true(coltype_equal(back, parse(cx, types[i])));
        assert_true(p.logical != ODCS_NONE);
        test_ctx_release(&t);
    }
}

static void properties_without_a_type_are_refused(void **state)
{
    struct test_ctx       t;
    struct ctx           *cx  = test_ctx_init(&t, 1);
    struct odcs_property  p   = { .name = std_str_made(S("x")) };
    const struct coltype *out = NULL;

    assert_int_equal(coltype_of_property(cx, &p, &out), ST_NOT_FOUND);
    p.logical = ODCS_ARRAY;
    assert_int_equal(coltype_of_property(cx, &p, &out), ST_NOT_FOUND);
    p.logical = ODCS_VECTOR;
    assert_int_equal(coltype_of_property(cx, &p, &out), ST_INVALID);
    p.physical_type = std_str_made(S("NUMBER(38)")); /* not ours: the logical type counts */
    p.logical       = ODCS_DATE;
    assert_int_equal(coltype_of_property(cx, &p, &out), ST_OK);
    assert_int_equal(out->kind, COLTYPE_DATE);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_parsed_and_printed),
        cmocka_unit_test(deep_types_meet_a_limit),
        cmocka_unit_test(unpublishable_types_name_the_cast),
        cmocka_unit_test(widening_loses_nothing),
        cmocka_unit_test(stored_types_are_publishable),
        cmocka_unit_test(properties_give_their_type_back),
        cmocka_unit_test(properties_without_a_type_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
