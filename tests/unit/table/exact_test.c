/*
 * exact_test.c - when the files of a table may be read as they are.
 */
#include "table/table.h"

#include "support/test_db.h"

static struct test_db f;
static struct ctx    *cx;
static struct db     *db;

static int set_up(void **state)
{
    struct db_module schema = table_schema();

    test_db_init(&f);
    cx = f.cx;
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_migrate(db, cx, &schema, 1, NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(cx);
    db_close(db);
    test_db_release(&f);
    return 0;
}

static struct table_columns columns_of(const char *name, const char *type)
{
    struct table_shape   shape = { str_of(name), str_of(type) };
    struct table_columns made;

    assert_ok(table_assign_ids(cx, NULL, &shape, 1, &made));
    return made;
}

static struct table_snapshot commit(const char *key, const struct table_columns *columns,
                                    const struct table_snapshot *parent)
{
    struct table_file     file = { .key = str_of(key), .bytes = 1, .rows = 1, .stats = S("{}") };
    struct table_commit   c    = { .address    = S("d.p_v1.t"),
                                   .product_id = S("p"),
                                   .port       = S("t"),
                                   .publish_id = str_of(key),
                                   .columns    = columns,
                                   .files      = &file,
                                   .file_count = 1,
                                   .parent     = parent };
    struct table_snapshot made;

    assert_ok(table_commit(cx, &c, &made));
    return made;
}

static bool is_exact(const struct table_columns *columns, str parent)
{
    bool exact;

    assert_ok(table_is_exact(cx, columns, parent, &exact));
    return exact;
}

static void only_types_that_parquet_keeps(void **state)
{
    static const struct {
        const char *type;
        bool        is_exact;
    } cases[] = {
        { "BIGINT", true },
        { "DECIMAL(15,2)", true },
        { "TIMESTAMP WITH TIME ZONE", true },
        { "STRUCT(a INTEGER, b VARCHAR[])", true },
        { "MAP(VARCHAR, DATE)", true },
        { "HUGEINT", false },
        { "TIMESTAMP_S", false },
        { "ENUM('a', 'b')", false },
        { "INTEGER[3]", false },
        { "STRUCT(a INTEGER, b HUGEINT[])", false },
        { "MAP(VARCHAR, TIMESTAMP_MS)", false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct table_columns columns = { 0 };

        vec_push(cx->arena, &columns.list,
                 (struct table_column){ S("x"), str_of(cases[i].type), 1 });

        if (is_exact(&columns, STR_NONE) != cases[i].is_exact) {
            fail_msg("%s", cases[i].type);
        }
    }
}

static void an_appended_line_must_have_the_same_columns_all_along(void **state)
{
    struct table_columns  one = columns_of("a", "BIGINT"), other = columns_of("b", "BIGINT");
    struct table_snapshot first   = commit("k1", &one, NULL);
    struct table_snapshot second  = commit("k2", &one, &first);
    struct table_snapshot changed = commit("k3", &other, &second);
    struct table_snapshot back    = commit("k4", &one, &changed);

    assert_true(is_exact(&one, first.id));
    assert_true(is_exact(&one, second.id));
    assert_true(is_exact(&second.columns, second.parent));
    assert_false(is_exact(&other, second.id));
    assert_false(is_exact(&changed.columns, changed.parent));
    assert_false(is_exact(&one, back.id)); /* it still holds the file of `changed` */
    assert_false(is_exact(&one, S("nowhere")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_types_that_parquet_keeps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_appended_line_must_have_the_same_columns_all_along,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
