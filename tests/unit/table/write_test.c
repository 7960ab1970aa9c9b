/*
 * write_test.c - Parquet files made by the real engine: ids at every level, rows, digests, damage.
 */
#include "table/write.h"

#include "test.h"

#include "blob/blob_file.h"
#include "os/dir.h"
#include "support/test_dir.h"
#include "support/test_engine.h"
#include "table/stats.h"

#define ADDRESS "sales.orders_v2.orders"

struct fixture {
    struct test_dir     dir;
    struct ctx         *cx;
    struct engine      *engine;
    struct engine_conn *conn;
    struct blob        *blob;
    unsigned            part;
};

static struct fixture f;

static void must(enum status st)
{
    if (st != ST_OK) {
        fail_msg("%s", f.dir.err.text);
    }
}

static int open_all(void **state)
{
    struct engine_options options = { .threads           = 2,
                                      .allowed_dirs      = &f.dir.path,
                                      .allowed_dir_count = 1 };

    f.cx = test_dir_init(&f.dir);
    must(blob_file_open(f.cx, f.dir.path, &f.blob));
    must(engine_duckdb_open(f.cx, &options, &f.engine));
    must(engine_connect(f.engine, f.cx, &f.conn));
    return 0;
}

static int close_all(void **state)
{
    engine_disconnect(f.conn);
    engine_close(f.engine);
    blob_close(f.blob);
    test_dir_release(&f.dir);
    return 0;
}

static struct table_columns columns_of(const struct table_columns *before,
                                       const struct table_shape *shape, size_t count)
{
    struct table_columns made;

    must(table_assign_ids(f.cx, before, shape, count, &made));
    return made;
}

static enum status write(const struct table_columns *columns, const char *select,
                         struct table_file *out)
{
    struct table_write w = { .key     = table_key(f.cx->arena, S(ADDRESS), S("run"), f.part++),
                             .columns = columns,
                             .select  = str_of(select) };

    return table_write(f.cx, f.blob, f.conn, &w, out);
}

static struct table_file sealed(const struct table_columns *columns, const char *select)
{
    struct table_file file;

    must(write(columns, select, &file));
    must(table_seal(f.cx, f.blob, f.conn, columns, &file, 1));
    return file;
}

static struct engine_table rows_of(str sql)
{
    struct engine_statement statement = { .sql = sql };
    struct engine_table     rows;

    must(engine_rows(f.conn, f.cx, &statement, &rows));
    return rows;
}

static void keys_follow_the_address(void **state)
{
    assert_true(str_eq(table_key(f.cx->arena, S("sales.orders_v12.order_lines"), S("0193"), 7),
                       S("sales/orders/order_lines/v12/data/0193/part-00007.parquet")));
}

static const struct table_shape nested[] = {
    { STR_INIT("id"), STR_INIT("BIGINT") },
    { STR_INIT("s \"odd\""), STR_INIT("STRUCT(x INTEGER, \"y z\" STRUCT(w VARCHAR)[])") },
    { STR_INIT("m"), STR_INIT("MAP(VARCHAR, DOUBLE[])") },
    { STR_INIT("l"), STR_INIT("INTEGER[][]") },
    { STR_INIT("a"), STR_INIT("FLOAT[]") }, /* an array becomes a list */
};

/* Every field of the file has the id that was given to it, and no two have one. */
static void ids_stand_in_the_file_at_every_level(void **state)
{
    struct table_columns c = columns_of(NULL, nested, CASES(nested));
    struct table_file    file =
        sealed(&c, "SELECT 1 AS id, {'x': 1, 'y z': [{'w': 'v'}]} AS \"s \"\"odd\"\"\","
                   " MAP {'k': [1.5]} AS m, [[1], [2, 3]] AS l, [1, 2, 3]::FLOAT[3] AS a");
    struct engine_table rows;
    str                 path;

    must(blob_local_path(f.blob, f.cx, file.key, &path));
    rows = rows_of(arena_printf(f.cx->arena,
                                "SELECT count(DISTINCT field_id), count(field_id), min(field_id), "
                                "max(field_id) FROM parquet_schema('" STR_FMT "')",
                                STR_ARG(path)));
    assert_true(str_eq(engine_cell(&rows, 0, 0), engine_cell(&rows, 0, 1)));
    assert_true(str_eq(engine_cell(&rows, 0, 1),
                       arena_printf(f.cx->arena, "%zu", c.list.count + c.nested.count)));
    assert_true(str_eq(engine_cell(&rows, 0, 2), S("1")));
    assert_true(str_eq(engine_cell(&rows, 0, 3), arena_printf(f.cx->arena, "%d", c.last_id)));
    rows = rows_of(arena_printf(
        f.cx->arena, "SELECT field_id FROM parquet_schema('" STR_FMT "') WHERE name = 'w'",
        STR_ARG(path)));
    assert_int_equal(rows.rows, 1);
    for (size_t i = 0; i < c.nested.count; i++) {
        if (str_ends(c.nested.items[i].path, S("\x1f"
                                               "w"))) {
            assert_true(str_eq(engine_cell(&rows, 0, 0),
                               arena_printf(f.cx->arena, "%d", c.nested.items[i].id)));
        }
    }
}

static const struct table_shape plain[] = {
    { STR_INIT("id"), STR_INIT("BIGINT") },
    { STR_INIT("x \"y\".z"), STR_INIT("DOUBLE") },
    { STR_INIT("t"), STR_INIT("VARCHAR") },
};

#define SELECT_PLAIN(order)                                                                        \
    "SELECT i AS id, i / 2 AS \"x \"\"y\"\".z\", CASE WHEN i % 3 = 0 THEN 'm' || i END AS t"       \
    " FROM range(1000) r(i) ORDER BY " order

static void rows_bytes_and_statistics_are_told(void **state)
{
    struct table_columns c    = columns_of(NULL, plain, CASES(plain));
    struct table_file    file = sealed(&c, SELECT_PLAIN("i"));
    struct table_stats   stats;
    struct engine_table  rows;
    str                  relation;

    assert_int_equal(file.rows, 1000);
    assert_true(file.bytes > 1000);
    assert_int_equal(file.sha256.len, 64);
    must(table_stats_read(f.cx, file.stats, &stats));
    assert_int_equal(stats.list.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct table_stat *s = &stats.list.items[i];

        if (str_eq(s->column, S("id"))) {
            assert_true(s->has_bounds && str_eq(s->min, S("0")) && str_eq(s->max, S("999")));
            assert_true(s->has_null_count && s->null_count == 0);
        } else if (str_eq(s->column, S("t"))) {
            assert_int_equal(s->null_count, 666);
        } else {
            assert_true(str_eq(s->column, plain[1].name));
            assert_false(s->may_have_nan);
        }
    }
    for (int is_exact = 0; is_exact < 2; is_exact++) { /* by field id, and as the file says */
        struct table_read read = { &c, &file, 1, is_exact, false };

        must(table_relation(f.cx, f.blob, &read, &relation));
        rows = rows_of(arena_printf(f.cx->arena, "SELECT count(*), sum(id), count(t) FROM " STR_FMT,
                                    STR_ARG(relation)));
        assert_true(str_eq(engine_cell(&rows, 0, 0), S("1000")));
        assert_true(str_eq(engine_cell(&rows, 0, 1), S("499500")));
        assert_true(str_eq(engine_cell(&rows, 0, 2), S("334")));
    }
}

static void the_digest_is_of_the_rows_in_any_order(void **state)
{
    static const struct {
        const char *select;
        bool        same;
    } cases[] = {
        { SELECT_PLAIN("i DESC"), true },
        { SELECT_PLAIN("hash(i)"), true },
        { SELECT_PLAIN("i LIMIT 999"), false },
        { "SELECT * REPLACE (CASE WHEN id = 7 THEN 8 ELSE id END AS id) FROM (" SELECT_PLAIN(
              "i") ")",
          false },
        { "SELECT * REPLACE (CASE WHEN id = 6 THEN NULL ELSE t END AS t) FROM (" SELECT_PLAIN(
              "i") ")",
          false },
    };
    struct table_columns c     = columns_of(NULL, plain, CASES(plain));
    str                  first = sealed(&c, SELECT_PLAIN("i")).row_digest;

    assert_true(first.len > 1);
    for (size_t i = 0; i < CASES(cases); i++) {
        str other = sealed(&c, cases[i].select).row_digest;

        if (str_eq(first, other) != cases[i].same) {
            fail_msg("%s", cases[i].select);
        }
    }
}

static void no_rows_are_a_file_too(void **state)
{
    struct table_columns c    = columns_of(NULL, plain, CASES(plain));
    struct table_file    file = sealed(&c, SELECT_PLAIN("i LIMIT 0"));

    assert_int_equal(file.rows, 0);
    assert_true(str_eq(file.row_digest, S("0")));
}

/* Two files of one table, the older without a column and with another order, read by id. */
static void files_of_older_columns_are_read_by_id(void **state)
{
    static const struct table_shape old[] = { { STR_INIT("b"), STR_INIT("VARCHAR") },
                                              { STR_INIT("a"), STR_INIT("INTEGER") } };
    static const struct table_shape now[] = { { STR_INIT("a"), STR_INIT("BIGINT") },
                                              { STR_INIT("c"), STR_INIT("DATE") },
                                              { STR_INIT("b"), STR_INIT("VARCHAR") } };
    struct table_columns first = columns_of(NULL, old, 2), second = columns_of(&first, now, 3);
    struct table_file    files[2] = {
        sealed(&first, "SELECT 'x' AS b, 1 AS a"),
        sealed(&second, "SELECT 2 AS a, DATE '2024-01-01' AS c, 'y' AS b"),
    };
    struct engine_table rows;
    str                 relation;

    must(table_relation(f.cx, f.blob, &(struct table_read){ &second, files, 2, false, false },
                        &relation));
    rows = rows_of(
        arena_printf(f.cx->arena, "SELECT a, c, b FROM " STR_FMT " ORDER BY a", STR_ARG(relation)));
    assert_int_equal(rows.rows, 2);
    assert_true(str_eq(engine_cell(&rows, 0, 0), S("1")));
    assert_null(engine_cell(&rows, 0, 1).ptr);
    assert_true(str_eq(engine_cell(&rows, 0, 2), S("x")));
    assert_true(str_eq(engine_cell(&rows, 1, 1), S("2024-01-01")));
}

static void a_cast_that_fails_writes_no_table(void **state)
{
    struct table_columns c    = columns_of(NULL, plain, CASES(plain));
    struct table_file    file = { .rows = 77 };

    assert_int_equal(write(&c, "SELECT 'abc' AS id, 1 AS \"x \"\"y\"\".z\", '' AS t", &file),
                     ST_INVALID);
    assert_int_equal(file.rows, 77);
    assert_int_equal(write(&c, "SELECT 1 AS id, '' AS t", &file),
                     ST_INVALID); /* a column is missing */
}

/* What is found between writing and sealing: other bytes, fewer bytes, no file, other rows. */
static void a_damaged_file_is_found(void **state)
{
    struct table_columns  c = columns_of(NULL, plain, CASES(plain));
    struct table_file     file;
    str                   path, bytes;
    struct os_out_options o;
    struct os_out        *out;

    for (int damage = 0; damage < 4; damage++) {
        must(write(&c, SELECT_PLAIN("i"), &file));
        must(blob_local_path(f.blob, f.cx, file.key, &path));
        must(os_file_read(f.cx, path, 1 << 20, &bytes));
        if (damage == 3) {
            file.rows++;
        } else {
            char *changed = arena_cstr(f.cx->arena, bytes);

            changed[bytes.len / 2] ^= 0x55;
            changed[bytes.len - 9] ^= 0x55; /* in the footer */
            bytes = (str){ changed, damage == 0 ? bytes.len : damage == 1 ? bytes.len - 1 : 0 };
            o     = (struct os_out_options){ .path = path, .target = OS_REPLACE };
            must(os_out_open(f.cx, &o, &out));
            must(os_out_write(f.cx, out, bytes));
            must(os_out_commit(f.cx, out));
        }
        if (table_seal(f.cx, f.blob, f.conn, &c, &file, 1) == ST_OK) {
            fail_msg("damage %d was not found", damage);
        }
        if (damage) {
            assert_int_equal(f.dir.err.code, ST_CORRUPT);
        }
    }
    file.key = S("sales/orders/orders/v2/data/run/part-99999.parquet");
    assert_int_equal(table_seal(f.cx, f.blob, f.conn, &c, &file, 1), ST_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_follow_the_address),
        cmocka_unit_test(ids_stand_in_the_file_at_every_level),
        cmocka_unit_test(rows_bytes_and_statistics_are_told),
        cmocka_unit_test(the_digest_is_of_the_rows_in_any_order),
        cmocka_unit_test(no_rows_are_a_file_too),
        cmocka_unit_test(files_of_older_columns_are_read_by_id),
        cmocka_unit_test(a_cast_that_fails_writes_no_table),
        cmocka_unit_test(a_damaged_file_is_found),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
