/*
 * source_postgres_test.c - every kind of source gives the same rows and refuses alike: files of each
 * format, and a real PostgreSQL.
 */
#include "source/source.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#include "os/secret.h"
#include "support/test_engine.h"
#include "support/test_postgres.h"

/* One text that both SQL dialects read. */
#define ROWS_SQL                                                                                   \
    "SELECT CAST(id AS integer) AS \"Id\", CAST(name AS varchar) AS name, CAST(day AS date) AS "   \
    "day, "                                                                                        \
    "CAST(since AS timestamp) AS since, CAST(amount AS numeric(12,2)) AS amount, "                 \
    "CAST(ratio AS double precision) AS ratio, CAST(ok AS boolean) AS ok, "                        \
    "CAST(big AS bigint) AS big FROM (VALUES "                                                     \
    "(1, 'plain', '2020-02-29', '2020-02-29 23:59:59.123456', '1.25', '0.1', 'true', "             \
    "'9223372036854775807'), "                                                                     \
    "(2, 'a \"quote\", a comma;' || chr(10) || 'a line', '1900-01-01', '1969-12-31 00:00:00', "    \
    "'-9999999999.99', '1e300', 'false', '-1'), "                                                  \
    "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "                                              \
    "(4, 'ümlaut ☃', '9999-12-31', '2020-01-01 00:00:00.5', '0', '-0.5', 'true', '0')"          \
    ") AS v (id, name, day, since, amount, ratio, ok, big)"

static const struct source_column columns[] = {
    { STR_INIT("big"), STR_INIT(""), STR_INIT("BIGINT") },
    { STR_INIT("order_id"), STR_INIT("Id"), STR_INIT("INTEGER") },
    { STR_INIT("name"), STR_INIT(""), STR_INIT("VARCHAR") },
    { STR_INIT("day"), STR_INIT(""), STR_INIT("DATE") },
    { STR_INIT("since"), STR_INIT(""), STR_INIT("TIMESTAMP") },
    { STR_INIT("amount"), STR_INIT(""), STR_INIT("DECIMAL(12,2)") },
    { STR_INIT("ratio"), STR_INIT(""), STR_INIT("DOUBLE") },
    { STR_INIT("ok"), STR_INIT(""), STR_INIT("BOOLEAN") },
};

struct kind {
    const char      *name, *suffix, *copy; /* COPY's options that make the file */
    enum source_kind kind;
};

static const struct kind kinds[] = {
    { "csv", ".csv", "FORMAT csv, HEADER", SOURCE_FILES },
    { "csv.gz", ".csv.gz", "FORMAT csv, HEADER, COMPRESSION gzip", SOURCE_FILES },
    { "tsv", ".tsv", "FORMAT csv, HEADER, DELIMITER '\t'", SOURCE_FILES },
    { "json", ".json", "FORMAT json, ARRAY true", SOURCE_FILES },
    { "ndjson.zst", ".ndjson.zst", "FORMAT json, COMPRESSION zstd", SOURCE_FILES },
    { "parquet", ".parquet", "FORMAT parquet", SOURCE_FILES },
    { "postgres", "", "", SOURCE_POSTGRES },
};

struct fixture {
    struct test_engine   t;
    struct ctx          *cx;
    struct test_postgres pg;
    str                  dir;
};

static void run_sql(struct fixture *f, const char *sql)
{
    if (engine_exec(f->t.conn, f->cx, str_of(sql)) != ST_OK) {
        fail_msg("%s: %s", sql, f->t.err.text);
    }
}

static int setup(void **state)
{
    static struct fixture f;
    struct engine_options options = { .threads = 2, .allowed_dir_count = 1 };
    char                  sql[4000];

    f.cx = test_engine_ctx(&f.t);
    test_postgres_start(&f.pg, f.cx);
    test_postgres_sql(&f.pg, f.cx, "CREATE TABLE rows AS " ROWS_SQL);
    assert_int_equal(os_file_real(f.cx, f.pg.dir, &f.dir), ST_OK);
    options.allowed_dirs = &f.dir;
    assert_int_equal(engine_duckdb_open(f.cx, &options, &f.t.engine), ST_OK);
    assert_int_equal(engine_connect(f.t.engine, f.cx, &f.t.conn), ST_OK);
    run_sql(&f, "CREATE TABLE rows AS " ROWS_SQL);
    for (size_t i = 0; i < CASES(kinds); i++) {
        if (kinds[i].kind == SOURCE_FILES) {
            snprintf(sql, sizeof sql, "COPY rows TO '" STR_FMT "/rows%s' (%s)", STR_ARG(f.dir),
                     kinds[i].suffix, kinds[i].copy);
            run_sql(&f, sql);
        }
    }
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

static struct source *open_kind(struct fixture *f, const struct kind *k)
{
    struct source_options options = {
        .kind                 = k->kind,
        .root                 = f->dir,
        .path                 = arena_printf(f->cx->arena, "{object}%s", k->suffix),
        .allowed_dirs         = &f->dir,
        .allowed_dir_count    = 1,
        .host                 = f->pg.sockets,
        .port                 = f->pg.port,
        .database             = S("postgres"),
        .user                 = S("postgres"),
        .allowed_servers      = &f->pg.sockets,
        .allowed_server_count = 1,
    };
    struct source *s;

    if (source_open(f->cx, &options, &s) != ST_OK) {
        fail_msg("%s: %s", k->name, f->t.err.text);
    }
    assert_int_equal(source_kind_of(s), k->kind);
    return s;
}

/* Makes table "got" of what the source gives. */
static enum status load(struct fixture *f, struct source *s, const struct source_table *table)
{
    struct source_target  to = { .conn = f->t.conn, .schema = S("main"), .name = S("got") };
    struct source_files   files;
    struct source_reading what = { .table = table, .files = &files };
    struct source_call    call;
    struct buf            sql = BUF_INIT(1 << 20);
    uint64_t              rows;
    enum status           st;

    run_sql(f, "DROP TABLE IF EXISTS got");
    TRY(source_list(s, f->cx, table, &files));
    if (source_kind_of(s) == SOURCE_POSTGRES) {
        return source_load(s, f->cx, table, &to, &rows);
    }
    TRY(source_call_of(s, f->cx, f->t.conn, &what, &call));
    buf_add(&sql, S("CREATE TABLE got AS SELECT "));
    for (size_t i = 0; i < call.column_count; i++) {
        buf_add(&sql, i > 0 ? S(", CAST(") : S("CAST("));
        engine_quote_ident(&sql, call.columns[i].physical_name);
        buf_printf(&sql, " AS " STR_FMT ") AS ", STR_ARG(call.columns[i].type));
        engine_quote_ident(&sql, call.columns[i].name);
    }
    buf_add(&sql, S(" FROM "));
    source_call_text(&call, &sql);
    st = engine_exec(f->t.conn, f->cx, buf_view(&sql));
    buf_release(&sql);
    return st;
}

static void every_kind_gives_the_same_rows(void **state)
{
    struct fixture     *f     = *state;
    struct source_table table = { .name          = S("t"),
                                  .physical_name = S("rows"),
                                  .columns       = columns,
                                  .column_count  = CASES(columns) };

    for (size_t i = 0; i < CASES(kinds); i++) {
        struct source          *s = open_kind(f, &kinds[i]);
        struct engine_table     rows;
        struct engine_statement same = {
            .sql = S(
                "WITH want AS (SELECT big, \"Id\", name, day, since, amount, ratio, ok FROM rows) "
                "SELECT (SELECT count(*) FROM got), "
                "(SELECT count(*) FROM (FROM got EXCEPT ALL FROM want)), "
                "(SELECT string_agg(column_name || ' ' || data_type, ',' ORDER BY column_index) "
                "FROM duckdb_columns() WHERE table_name = 'got')")
        };

        if (load(f, s, &table) != ST_OK || engine_rows(f->t.conn, f->cx, &same, &rows) != ST_OK) {
            fail_msg("%s: %s", kinds[i].name, f->t.err.text);
        }
        if (!str_eq(engine_cell(&rows, 0, 0), S("4")) ||
            !str_eq(engine_cell(&rows, 0, 1), S("0"))) {
            fail_msg("%s: other rows", kinds[i].name);
        }
        if (!str_eq(engine_cell(&rows, 0, 2),
                    S("big BIGINT,order_id INTEGER,name VARCHAR,day DATE,since TIMESTAMP,"
                      "amount DECIMAL(12,2),ratio DOUBLE,ok BOOLEAN"))) {
            fail_msg("%s: " STR_FMT, kinds[i].name, STR_ARG(engine_cell(&rows, 0, 2)));
        }
        source_close(s);
        source_close(s); /* twice is fine */
    }
}

static void every_kind_names_what_is_missing(void **state)
{
    static const struct source_column wrong     = { .name = STR_INIT("naem"),
                                                    .type = STR_INIT("VARCHAR") };
    struct fixture                   *f         = *state;
    struct source_table               no_column = {
                      .name = S("t"), .physical_name = S("rows"), .columns = &wrong, .column_count = 1
    };
    struct source_table no_table = { .name = S("t"), .physical_name = S("rowz") };

    for (size_t i = 0; i < CASES(kinds); i++) {
        struct source *s = open_kind(f, &kinds[i]);

        assert_int_equal(load(f, s, &no_column), ST_NOT_FOUND);
        if (!strstr(f->t.err.text, "no column \"naem\"; did you mean \"name\"?")) {
            fail_msg("%s: %s", kinds[i].name, f->t.err.text);
        }
        assert_int_equal(load(f, s, &no_table), ST_NOT_FOUND);
        assert_non_null(strstr(f->t.err.text, "rowz"));
        source_close(s);
    }
}

static void every_kind_tells_its_columns(void **state)
{
    struct fixture     *f     = *state;
    struct source_table table = { .name = S("t"), .physical_name = S("rows") };

    for (size_t i = 0; i < CASES(kinds); i++) {
        struct source        *s = open_kind(f, &kinds[i]);
        struct source_columns found;

        if (source_columns(s, f->cx, &table, f->t.conn, &found) != ST_OK) {
            fail_msg("%s: %s", kinds[i].name, f->t.err.text);
        }
        assert_int_equal(found.list.count, CASES(columns));
        assert_true(str_eq(found.list.items[0].name, S("Id")));
        assert_true(str_eq(found.list.items[2].type, S("DATE")));
        assert_true(str_eq(found.list.items[6].type, S("BOOLEAN")));
        source_close(s);
    }
}

static void every_kind_ends_at_a_cancel(void **state)
{
    struct fixture     *f      = *state;
    struct source_table table  = { .name = S("t"), .physical_name = S("rows") };
    atomic_bool         cancel = true;

    for (size_t i = 0; i < CASES(kinds); i++) {
        struct source        *s = open_kind(f, &kinds[i]);
        struct source_files   files;
        struct source_columns found;

        assert_int_equal(source_list(s, f->cx, &table, &files), ST_OK);
        f->cx->cancel = &cancel;
        assert_int_equal(source_list(s, f->cx, &table, &files), ST_CANCELLED);
        assert_int_equal(source_columns(s, f->cx, &table, f->t.conn, &found), ST_CANCELLED);
        if (kinds[i].kind == SOURCE_FILES) {
            assert_int_equal(source_check(s, f->cx, &files), ST_CANCELLED);
        }
        f->cx->cancel = NULL;
        source_close(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_gives_the_same_rows),
        cmocka_unit_test(every_kind_names_what_is_missing),
        cmocka_unit_test(every_kind_tells_its_columns),
        cmocka_unit_test(every_kind_ends_at_a_cancel),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
