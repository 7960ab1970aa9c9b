/*
 * postgres_test.c - tables of a real PostgreSQL: every type, every refusal, and a server that dies.
 */
#include "source/source.h"

#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/secret.h"
#include "support/test_engine.h"
#include "support/test_postgres.h"

#define PASSWORD "pa55 'w\\ord-8c1f"

static const char schema_sql[] =
    "CREATE USER reader PASSWORD '"
    "pa55 ''w\\ord-8c1f"
    "';\n"
    "CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO reader;\n"
    "CREATE TYPE shop.mood AS ENUM ('good', 'so so');\n"
    "CREATE DOMAIN shop.price AS numeric(10,2) CHECK (VALUE >= 0);\n"
    "CREATE TABLE shop.every (\n"
    "  \"Order Id\" int PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8,\n"
    "  n numeric(12,3), nu numeric, wide numeric(60,2), p shop.price, t text, c char(3), v "
    "varchar(10),\n"
    "  d date, ts timestamp, tz timestamptz, ti time, u uuid, j json, jb jsonb, m shop.mood,\n"
    "  by bytea, ai int[], at text[], an numeric(5,1)[], iv interval, net inet, mo money);\n"
    "INSERT INTO shop.every VALUES\n"
    " (1, true, -32768, 9223372036854775807, 1.5, 0.1, 123456789.125, 1.000000001, 12345.67, "
    "9.90,\n"
    "  E'tab\\t line\\n back\\\\ \"q\" ü', 'ab', 'v', '2020-02-29', '2020-02-29 23:59:59.123456',\n"
    "  '2020-02-29 23:59:59+02', '24:00:00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"a\": "
    "[1]}',\n"
    "  '{\"b\":null}', 'so so', '\\x00ff5c27', '{1,NULL,3}', "
    "'{\"a\\\"b\",NULL,\"NULL\",\"\",\"c\\\\d\",\"x,y}\"}',\n"
    "  '{1.5,2}', '1 day 2 hours', '10.0.0.1', 1234.5),\n"
    " (2, NULL, NULL, NULL, 'NaN', '-Infinity', NULL, NULL, NULL, NULL, '', NULL, NULL, "
    "'0044-03-15 BC',\n"
    "  '0044-03-15 10:00:00 BC', 'infinity', NULL, NULL, NULL, NULL, NULL, '', '{}', NULL, NULL, "
    "NULL, NULL, NULL);\n"
    "CREATE TABLE shop.numbers (n numeric); INSERT INTO shop.numbers VALUES (1), (1.0000000001);\n"
    "CREATE TABLE shop.nan (n numeric); INSERT INTO shop.nan VALUES ('NaN');\n"
    "CREATE TABLE shop.deep (a int[]); INSERT INTO shop.deep VALUES ('{{1,2},{3,4}}');\n"
    "CREATE TABLE shop.texts (id int, x text); INSERT INTO shop.texts VALUES (1, '7'), (2, 'no');\n"
    "CREATE TABLE shop.hidden (x int);\n"
    "CREATE TABLE shop.partly (x int, y int); INSERT INTO shop.partly VALUES (1, 2);\n"
    "CREATE TABLE shop.\"odd \"\" name\" (\"a \"\" b\" int, \"x\\y\" int);\n"
    "INSERT INTO shop.\"odd \"\" name\" VALUES (1, 2);\n"
    "CREATE TABLE shop.keyed (a int, b int, c int, PRIMARY KEY (c, a));\n"
    "CREATE VIEW shop.seen AS SELECT count(*) AS n FROM shop.keyed;\n"
    "CREATE TABLE shop.big AS SELECT i AS id, repeat('x', 1000) AS x FROM generate_series(1, "
    "100000) i;\n"
    "CREATE VIEW shop.slow AS SELECT i AS id, repeat('x', 2000) || pg_sleep(0.01)::text AS x FROM "
    "generate_series(1, 100000) i;\n"
    "GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader;\n"
    "REVOKE SELECT ON shop.hidden FROM reader;\n"
    "REVOKE SELECT ON shop.partly FROM reader; GRANT SELECT (x) ON shop.partly TO reader;\n";

struct fixture {
    struct test_engine   t;
    struct ctx          *cx;
    struct test_postgres pg;
    str                  allowed;
};

static int setup(void **state)
{
    static struct fixture f;

    f.cx = test_engine_open(&f.t, NULL);
    test_postgres_start(&f.pg, f.cx);
    test_postgres_sql(&f.pg, f.cx, schema_sql);
    f.allowed =
        arena_printf(f.cx->arena, STR_FMT ":" STR_FMT, STR_ARG(f.pg.host), STR_ARG(f.pg.port));
    assert_int_equal(engine_exec(f.t.conn, f.cx, S("CREATE SCHEMA s")), ST_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    test_postgres_stop(&f->pg, f->cx);
    test_engine_close(&f->t);
    return 0;
}

static struct source_options options_of(struct fixture *f)
{
    return (struct source_options){ .kind                 = SOURCE_POSTGRES,
                                    .host                 = f->pg.host,
                                    .port                 = f->pg.port,
                                    .database             = S("postgres"),
                                    .schema               = S("shop"),
                                    .user                 = S("reader"),
                                    .password             = secret_make(f->cx->arena, S(PASSWORD)),
                                    .allowed_servers      = &f->allowed,
                                    .allowed_server_count = 1 };
}

static struct source *open_source(struct fixture *f)
{
    struct source_options options = options_of(f);
    struct source        *s;

    if (source_open(f->cx, &options, &s) != ST_OK) {
        fail_msg("%s", f->t.err.text);
    }
    return s;
}

static struct source_target target_of(struct fixture *f)
{
    return (struct source_target){ .conn = f->t.conn, .schema = S("s"), .name = S("made") };
}

/* Rows as text: cells by '|', rows by ';', NULL as ~. */
static str rows_of(struct fixture *f, const char *sql)
{
    struct engine_table rows;
    struct buf text     CLEANUP(buf_release) = BUF_INIT(1 << 20);
    str                 made;

    if (engine_rows(f->t.conn, f->cx, &(struct engine_statement){ .sql = str_of(sql) }, &rows) !=
        ST_OK) {
        fail_msg("%s: %s", sql, f->t.err.text);
    }
    for (size_t i = 0; i < rows.rows * rows.columns; i++) {
        str cell = rows.cells[i];

        buf_add(&text, i == 0 ? S("") : i % rows.columns == 0 ? S(";") : S("|"));
        buf_add(&text, cell.ptr ? cell : S("~"));
    }
    assert_int_equal(buf_take(&text, f->cx, "rows", &made), ST_OK);
    return made;
}

static void assert_rows(struct fixture *f, const char *sql, const char *want)
{
    str rows = rows_of(f, sql);

    if (!str_eq(rows, str_of(want))) {
        fail_msg("%s:\n" STR_FMT "\nis not\n%s", sql, STR_ARG(rows), want);
    }
}

static void assert_no_table(struct fixture *f)
{
    assert_rows(f, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 's'", "0");
}

/* ------------------------------------------------------------------------- reading */

static void every_type_arrives_as_documented(void **state)
{
    struct fixture      *f     = *state;
    struct source       *s     = open_source(f);
    struct source_table  table = { .name = S("every") };
    struct source_target to    = target_of(f);
    uint64_t             rows  = 0;

    if (source_load(s, f->cx, &table, &to, &rows) != ST_OK) {
        fail_msg("%s", f->t.err.text);
    }
    assert_int_equal(rows, 2);
    assert_rows(
        f,
        "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_index) FROM "
        "duckdb_columns() WHERE schema_name = 's'",
        "Order Id INTEGER, b BOOLEAN, i2 SMALLINT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, "
        "n DECIMAL(12,3), nu DECIMAL(38,9), wide VARCHAR, p DECIMAL(10,2), t VARCHAR, "
        "c VARCHAR, v VARCHAR, d DATE, ts TIMESTAMP, tz TIMESTAMP WITH TIME ZONE, ti TIME, "
        "u UUID, j JSON, jb JSON, m VARCHAR, by BLOB, ai INTEGER[], at VARCHAR[], "
        "an DECIMAL(5,1)[], iv VARCHAR, net VARCHAR, mo DECIMAL(19,2)");
    assert_rows(
        f, "SELECT COLUMNS(*)::VARCHAR FROM s.made ORDER BY 1",
        "1|true|-32768|9223372036854775807|1.5|0.1|123456789.125|1.000000001|12345.67|9.90|"
        "tab\t line\n back\\ \"q\" ü|ab |v|2020-02-29|2020-02-29 23:59:59.123456|"
        "2020-02-29 21:59:59+00|24:00:00|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|{\"a\": [1]}|"
        "{\"b\": null}|so so|\\x00\\xFF\\x5C\\x27|[1, NULL, 3]|"
        "['a\"b', NULL, 'NULL', '', c\\d, 'x,y}']|[1.5, 2.0]|P1DT2H|10.0.0.1|1234.50;"
        "2|~|~|~|nan|-inf|~|~|~|~||~|~|0044-03-15 (BC)|0044-03-15 (BC) 10:00:00|infinity|~|~"
        "|~|~|~||[]|~|~|~|~|~");
    source_close(s);
    assert_int_equal(engine_exec(f->t.conn, f->cx, S("DROP TABLE s.made")), ST_OK);
}

static void declared_columns_are_renamed_and_cast(void **state)
{
    static const struct source_column columns[] = {
        { STR_INIT("total"), STR_INIT("n"), STR_INIT("DOUBLE") },
        { STR_INIT("order_id"), STR_INIT("Order Id"), STR_INIT("BIGINT") },
        { STR_INIT("tags"), STR_INIT("at"), STR_INIT("VARCHAR") },
    };
    struct fixture     *f     = *state;
    struct source      *s     = open_source(f);
    struct source_table table = {
        .name = S("orders"), .physical_name = S("shop.every"), .columns = columns, .column_count = 3
    };
    struct source_target to = target_of(f);
    uint64_t             rows;

    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_OK);
    assert_rows(f, "SELECT * FROM s.made ORDER BY order_id",
                "123456789.125|1|{\"a\\\"b\",NULL,\"NULL\",\"\",\"c\\\\d\",\"x,y}\"};~|2|~");
    source_close(s);
    assert_int_equal(engine_exec(f->t.conn, f->cx, S("DROP TABLE s.made")), ST_OK);
}

static void odd_names_keys_and_views(void **state)
{
    struct fixture       *f     = *state;
    struct source        *s     = open_source(f);
    struct source_table   odd   = { .name = S("odd"), .physical_name = S("odd \" name") };
    struct source_table   keyed = { .name = S("keyed") }, seen = { .name = S("seen") };
    struct source_target  to = target_of(f);
    struct source_columns columns;
    struct source_files   files;
    uint64_t              rows;

    assert_int_equal(source_load(s, f->cx, &odd, &to, &rows), ST_OK);
    assert_rows(f, "SELECT \"a \"\" b\", \"x\\y\" FROM s.made", "1|2");
    assert_int_equal(engine_exec(f->t.conn, f->cx, S("DROP TABLE s.made")), ST_OK);
    assert_int_equal(source_keys(s, f->cx, &keyed, &columns), ST_OK);
    assert_int_equal(columns.list.count, 2);
    assert_true(str_eq(columns.list.items[0].name, S("c")));
    assert_true(str_eq(columns.list.items[1].name, S("a")));
    assert_int_equal(source_columns(s, f->cx, &seen, NULL, &columns), ST_OK);
    assert_int_equal(columns.list.count, 1);
    assert_true(str_eq(columns.list.items[0].type, S("BIGINT")));
    assert_int_equal(source_keys(s, f->cx, &seen, &columns), ST_OK);
    assert_int_equal(columns.list.count, 0);
    assert_int_equal(source_list(s, f->cx, &seen, &files), ST_OK);
    assert_int_equal(files.list.count, 0);
    assert_int_equal(source_check(s, f->cx, &files), ST_OK);
    source_close(s);
}

static void all_tables_come_from_one_state(void **state)
{
    struct fixture      *f     = *state;
    struct source       *s     = open_source(f);
    struct source_table  table = { .name = S("keyed") };
    struct source_target to    = target_of(f);
    uint64_t             rows  = 99;

    test_postgres_sql(&f->pg, f->cx, "INSERT INTO shop.keyed VALUES (1, 2, 3)");
    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_OK);
    assert_int_equal(rows, 0); /* committed after the source was opened */
    source_close(s);
    assert_int_equal(engine_exec(f->t.conn, f->cx, S("DROP TABLE s.made")), ST_OK);
    test_postgres_sql(&f->pg, f->cx, "TRUNCATE shop.keyed");
}

/* ------------------------------------------------------------------------- refusals */

static void what_cannot_be_loaded_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *table, *column, *type;
        enum status want;
        const char *says;
    } cases[] = {
        { "evry", "", "", ST_NOT_FOUND, "has no table \"shop.evry\"; did you mean \"every\"?" },
        { "nowhere.x", "", "", ST_NOT_FOUND, "has no table \"nowhere.x\"" },
        { "every", "orderid", "", ST_NOT_FOUND, "has no column \"orderid\"" },
        { "texts", "x", "VARCHAR); DROP TABLE t", ST_INVALID, "is no type" },
        { "hidden", "", "", ST_DENIED, "may read no column of \"shop.hidden\"" },
        { "partly", "y", "", ST_DENIED, "may not read column \"y\"" },
        { "texts", "x", "INTEGER", ST_INVALID, "row 2 of \"shop.texts\"" },
        { "numbers", "", "", ST_INVALID,
          "row 2 of \"shop.numbers\", column \"n\": a number has 10 digits behind the point, its "
          "column "
          "holds 9; declare the column as DOUBLE or as DECIMAL(38,10)" },
        { "nan", "", "", ST_INVALID, "NaN cannot be a DECIMAL" },
        { "deep", "", "", ST_UNSUPPORTED, "an array of arrays" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < CASES(cases); i++) {
        struct source       *s      = open_source(f);
        struct source_column column = { .name = str_of(cases[i].column),
                                        .type = str_of(cases[i].type) };
        struct source_table  table  = { .name         = str_of(cases[i].table),
                                        .columns      = &column,
                                        .column_count = column.name.len > 0 ? 1 : 0 };
        struct source_target to     = target_of(f);
        uint64_t             rows   = 77;
        enum status          st     = source_load(s, f->cx, &table, &to, &rows);

        if (st != cases[i].want || !strstr(f->t.err.text, cases[i].says)) {
            fail_msg("%s.%s: status %d: %s", cases[i].table, cases[i].column, (int)st,
                     f->t.err.text);
        }
        assert_int_equal(rows, 77);
        source_close(s);
        assert_no_table(f);
    }
}

static void a_declared_type_allows_what_the_default_refuses(void **state)
{
    static const struct source_column column = { .name = STR_INIT("n"),
                                                 .type = STR_INIT("DOUBLE") };
    struct fixture                   *f      = *state;
    struct source                    *s      = open_source(f);
    struct source_table  table = { .name = S("nan"), .columns = &column, .column_count = 1 };
    struct source_target to    = target_of(f);
    uint64_t             rows;

    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_OK);
    assert_rows(f, "SELECT n FROM s.made", "nan");
    source_close(s);
    assert_int_equal(engine_exec(f->t.conn, f->cx, S("DROP TABLE s.made")), ST_OK);
}

static void servers_that_do_not_let_us_in_are_named_without_the_password(void **state)
{
    static const struct {
        const char *what;
        enum status want;
        const char *says;
    } cases[] = {
        { "password", ST_DENIED, "password authentication failed for user \"reader\"" },
        { "none", ST_DENIED, "no password supplied" },
        { "database", ST_NOT_FOUND, "database \"nowhere\" does not exist" },
        { "port", ST_UNAVAILABLE, "PostgreSQL at 127.0.0.1:1: " },
        { "server", ST_DENIED, "add it to allowed: servers: in mesh.yaml" },
        { "user", ST_INVALID, "needs a user" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < CASES(cases); i++) {
        struct source_options options = options_of(f);
        struct source        *s;
        str                   what  = str_of(cases[i].what);
        str                   other = S("127.0.0.1");
        enum status           st;

        options.allowed_servers = &other;
        if (str_eq(what, S("password"))) {
            options.password = secret_make(f->cx->arena, S("wr0ng-" PASSWORD));
        } else if (str_eq(what, S("none"))) {
            options.password = NULL;
        } else if (str_eq(what, S("database"))) {
            options.database = S("nowhere");
        } else if (str_eq(what, S("port"))) {
            options.port = S("1");
        } else if (str_eq(what, S("server"))) {
            other = S("db.example.com");
        } else {
            options.user = S("");
        }
        st = source_open(f->cx, &options, &s);
        if (st != cases[i].want || !strstr(f->t.err.text, cases[i].says)) {
            fail_msg("%s: status %d: %s", cases[i].what, (int)st, f->t.err.text);
        }
        assert_null(strstr(f->t.err.text, "8c1f"));
    }
}

/* ------------------------------------------------------------------------- ends in the middle */

static void a_deadline_ends_a_slow_table(void **state)
{
    struct fixture      *f     = *state;
    struct source       *s     = open_source(f);
    struct source_table  table = { .name = S("slow") };
    struct source_target to    = target_of(f);
    int64_t              begin = f->cx->env->monotonic_us(f->cx->env), took;
    uint64_t             rows;
    enum status          st;

    f->cx->deadline_us = begin + 300000;
    st                 = source_load(s, f->cx, &table, &to, &rows);
    f->cx->deadline_us = 0;
    took               = f->cx->env->monotonic_us(f->cx->env) - begin;
    assert_int_equal(st, ST_TIMEOUT);
    assert_true(took < 2000000);
    assert_no_table(f);
    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_UNAVAILABLE);
    source_close(s);
}

struct later {
    struct fixture *f;
    atomic_bool     cancel;
};

static void *cancel_later(void *arg)
{
    struct later *l = arg;

    usleep(200000);
    atomic_store(&l->cancel, true);
    return NULL;
}

static void a_cancel_ends_a_slow_table(void **state)
{
    struct fixture      *f     = *state;
    struct source       *s     = open_source(f);
    struct source_table  table = { .name = S("slow") };
    struct source_target to    = target_of(f);
    struct later         later = { .f = f };
    pthread_t            thread;
    uint64_t             rows;

    f->cx->cancel = &later.cancel;
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &later), 0);
    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_CANCELLED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    f->cx->cancel = NULL;
    assert_no_table(f);
    source_close(s);
}

static void *kill_later(void *arg)
{
    struct later *l     = arg;
    struct err    err   = { .code = ST_OK };
    struct arena *arena = arena_new("killer", 1 << 20);
    struct ctx    cx    = { .arena = arena, .err = &err, .env = os_env() };

    usleep(200000);
    test_postgres_kill(&l->f->pg, &cx);
    arena_free(arena);
    return NULL;
}

/* The last test: the server does not come back. */
static void a_server_that_dies_in_the_middle_leaves_nothing(void **state)
{
    struct fixture       *f       = *state;
    struct source        *s       = open_source(f), *other;
    struct source_table   table   = { .name = S("slow") };
    struct source_target  to      = target_of(f);
    struct source_options options = options_of(f);
    struct later          later   = { .f = f };
    pthread_t             thread;
    uint64_t              rows;
    enum status           st;

    assert_int_equal(pthread_create(&thread, NULL, kill_later, &later), 0);
    st = source_load(s, f->cx, &table, &to, &rows);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (st != ST_UNAVAILABLE) {
        fail_msg("status %d: %s", (int)st, f->t.err.text);
    }
    assert_no_table(f);
    assert_int_equal(source_load(s, f->cx, &table, &to, &rows), ST_UNAVAILABLE);
    source_close(s);
    assert_int_equal(source_open(f->cx, &options, &other), ST_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_arrives_as_documented),
        cmocka_unit_test(declared_columns_are_renamed_and_cast),
        cmocka_unit_test(odd_names_keys_and_views),
        cmocka_unit_test(all_tables_come_from_one_state),
        cmocka_unit_test(what_cannot_be_loaded_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_declared_type_allows_what_the_default_refuses),
        cmocka_unit_test(servers_that_do_not_let_us_in_are_named_without_the_password),
        cmocka_unit_test(a_deadline_ends_a_slow_table),
        cmocka_unit_test(a_cancel_ends_a_slow_table),
        cmocka_unit_test(a_server_that_dies_in_the_middle_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
