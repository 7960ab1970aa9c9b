/*
 * equal_test.c - what the guard approves gives what the engine gives by itself: the same names, types
 * and rows. The accepted texts, the 22 queries of TPC-H over Parquet files read by field id, and the
 * queries of TPC-DS.
 */
#include "guard/guard.h"

#include "test.h"

#include "guard_kit.h"
#include "support/test_dir.h"
#include "support/test_engine.h"

#include <stdio.h>
#include <stdlib.h>

static struct kit         kit;
static struct test_dir    dir;
static struct test_engine t;

static int open_all(void **state)
{
    (void)test_dir_init(&dir);
    const struct engine_options options = { .threads           = 2,
                                            .allowed_dirs      = &dir.path,
                                            .allowed_dir_count = 1 };

    (void)test_engine_open(&t, &options);
    kit_open(&kit);
    return 0;
}

static int close_all(void **state)
{
    kit_close(&kit);
    test_engine_close(&t);
    test_dir_release(&dir);
    return 0;
}

static void run(str sql)
{
    if (engine_exec(t.conn, &t.cx, sql) != ST_OK) {
        fail_msg("%s: %.*s", t.err.text, STR_ARG(sql));
    }
}

static void run_file(const char *path)
{
    run(kit_read(&t.cx, path));
}

/* ---- comparing ---- */

static int by_text(const void *left, const void *right)
{
    return str_cmp(*(const str *)left, *(const str *)right);
}

/* Each row as one text, sorted: the order of rows is not promised where nothing asks for one. */
static str *rows_of(struct ctx *cx, str sql, size_t *count)
{
    const struct engine_statement statement = { .sql = sql };
    struct engine_table           table;

    if (engine_rows(t.conn, cx, &statement, &table) != ST_OK) {
        fail_msg("%s: %.*s", cx->err->text, STR_ARG(sql));
    }
    str *rows = arena_array(cx->arena, table.rows, sizeof(*rows));
    for (size_t r = 0; r < table.rows; r++) {
        struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);

        for (size_t c = 0; c < table.columns; c++) {
            str cell = engine_cell(&table, r, c);

            buf_printf(&b, "%s|" STR_FMT, cell.ptr ? "v" : "n", STR_ARG(cell));
        }
        rows[r] = arena_dup(cx->arena, buf_view(&b));
    }
    if (table.rows > 1) {
        qsort(rows, table.rows, sizeof(*rows), by_text);
    }
    *count = table.rows;
    return rows;
}

static void assert_same_schema(struct ctx *cx, str plain, str approved)
{
    struct engine_schema x, y;

    if (engine_describe(t.conn, cx, plain, &x) != ST_OK ||
        engine_describe(t.conn, cx, approved, &y) != ST_OK) {
        fail_msg("%s: %.*s", cx->err->text, STR_ARG(plain));
    }
    assert_int_equal(x.count, y.count);
    for (size_t i = 0; i < x.count; i++) {
        if (!str_eq(x.columns[i].name, y.columns[i].name) ||
            !str_eq(x.columns[i].type, y.columns[i].type)) {
            fail_msg("column %zu: %.*s %.*s, governed %.*s %.*s in %.*s", i,
                     STR_ARG(x.columns[i].name), STR_ARG(x.columns[i].type),
                     STR_ARG(y.columns[i].name), STR_ARG(y.columns[i].type), STR_ARG(plain));
        }
    }
}

/* Returns the number of rows. */
static size_t assert_same(str plain, str approved)
{
    struct err err;
    struct ctx cx = t.cx;
    size_t     x_count, y_count;

    cx.arena = arena_new("compare", (size_t)256 << 20);
    cx.err   = &err;
    assert_same_schema(&cx, plain, approved);
    str *x = rows_of(&cx, plain, &x_count), *y = rows_of(&cx, approved, &y_count);
    if (x_count != y_count) {
        fail_msg("%zu rows, governed %zu: %.*s", x_count, y_count, STR_ARG(plain));
    }
    for (size_t i = 0; i < x_count; i++) {
        if (!str_eq(x[i], y[i])) {
            fail_msg("%.*s\n   plain    %.*s\n   governed %.*s", STR_ARG(plain), STR_ARG(x[i]),
                     STR_ARG(y[i]));
        }
    }
    arena_free(cx.arena);
    return x_count;
}

static struct guard_approved approve(struct guard_resolver *resolver, str sql)
{
    struct guard_approved      a  = { 0 };
    const struct guard_request rq = { .text = { S("query"), sql }, .resolver = resolver };

    kit_reset(&kit);
    if (guard_approve(kit.guard, &kit.cx, &rq, &kit.findings, &a) != ST_OK) {
        fail_msg("refused: %.*s\n   %s", STR_ARG(sql), kit.err.text);
    }
    return a;
}

/* ---- accepted texts ---- */

static void accepted_texts_give_what_the_engine_gives(void **state)
{
    size_t count = 0;
    str    rest, line;

    run_file(WEFT_TEST_ROOT "/tests/data/guard/items.sql");
    rest = kit_read(&t.cx, WEFT_TEST_ROOT "/tests/data/guard/accepted.txt");
    while (str_cut(&rest, '\n', &line)) {
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        (void)assert_same(line, approve(&kit.resolver, line).sql);
        count++;
    }
    assert_true(count >= 90);
}

/* ---- TPC ---- */

struct tpc_table {
    str                  name;
    struct guard_column *columns;
    size_t               column_count;
    str                  file; /* empty: a table of the engine */
};

struct tpc {
    struct guard_resolver resolver; /* first */
    struct tpc_table      tables[32];
    size_t                count;
    size_t                mentions;
};

static enum status tpc_resolve(struct guard_resolver *resolver, struct ctx *cx,
                               const struct guard_name *name, struct guard_relation *out)
{
    struct tpc *tpc = (struct tpc *)resolver;

    for (size_t i = 0; i < tpc->count; i++) {
        struct tpc_table *table = &tpc->tables[i];

        if (str_eq_nocase(name->table, table->name)) {
            tpc->mentions++;
            *out =
                (struct guard_relation){ .kind = table->file.len > 0 ? GUARD_PARQUET : GUARD_TABLE,
                                         .key  = table->name,
                                         .columns      = table->columns,
                                         .column_count = table->column_count,
                                         .files        = &table->file,
                                         .file_count   = 1,
                                         .catalog      = S("memory"),
                                         .schema       = S("main"),
                                         .table        = table->name };
            return ST_OK;
        }
    }
    return FAIL(cx, NOT_FOUND, "no table");
}

static void list_columns(struct tpc_table *table)
{
    struct engine_schema schema;
    str sql = arena_printf(t.cx.arena, "SELECT * FROM " STR_FMT, STR_ARG(table->name));

    assert_int_equal(engine_describe(t.conn, &t.cx, sql, &schema), ST_OK);
    table->columns      = arena_array(t.cx.arena, schema.count, sizeof(*table->columns));
    table->column_count = schema.count;
    for (size_t i = 0; i < schema.count; i++) {
        table->columns[i] = (struct guard_column){ .field_id = (int32_t)(i + 1),
                                                   .name     = schema.columns[i].name,
                                                   .type     = schema.columns[i].type };
    }
}

static void list_tables(struct tpc *tpc)
{
    const struct engine_statement all = {
        .sql =
            S("SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory' ORDER BY 1")
    };
    struct engine_table names;

    *tpc = (struct tpc){ .resolver = { .resolve = tpc_resolve } };
    assert_int_equal(engine_rows(t.conn, &t.cx, &all, &names), ST_OK);
    assert_true(names.rows <= COUNT_OF(tpc->tables));
    for (size_t i = 0; i < names.rows; i++) {
        tpc->tables[i].name = engine_cell(&names, i, 0);
        list_columns(&tpc->tables[i]);
    }
    tpc->count = names.rows;
}

/* Writes a table with field ids, its columns under other names, so that only ids can match. */
static void write_parquet(struct tpc_table *table)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(1 << 16);
    str            text;

    table->file = os_path_join(t.cx.arena, dir.path,
                               arena_printf(t.cx.arena, STR_FMT ".parquet", STR_ARG(table->name)));
    buf_add(&sql, S("COPY (SELECT "));
    for (size_t i = 0; i < table->column_count; i++) {
        buf_printf(&sql, "%s" STR_FMT " AS c%zu", i > 0 ? ", " : "",
                   STR_ARG(table->columns[i].name), i);
    }
    buf_printf(&sql, " FROM " STR_FMT ") TO ", STR_ARG(table->name));
    engine_quote_text(&sql, table->file);
    buf_add(&sql, S(" (FORMAT parquet, FIELD_IDS {"));
    for (size_t i = 0; i < table->column_count; i++) {
        buf_printf(&sql, "%sc%zu: %zu", i > 0 ? ", " : "", i, i + 1);
    }
    buf_add(&sql, S("})"));
    assert_int_equal(buf_take(&sql, &t.cx, "test", &text), ST_OK);
    run(text);
}

static void drop_tables(struct tpc *tpc)
{
    for (size_t i = 0; i < tpc->count; i++) {
        run(arena_printf(t.cx.arena, "DROP TABLE " STR_FMT, STR_ARG(tpc->tables[i].name)));
    }
}

static void tpch_over_parquet_equals_the_plain_queries(void **state)
{
    struct tpc tpc;
    size_t     with_rows = 0;

    run_file(WEFT_TEST_ROOT "/tests/data/tpch/schema.sql");
    run_file(WEFT_TEST_ROOT "/tests/data/tpch/fill.sql");
    list_tables(&tpc);
    assert_int_equal(tpc.count, 8);
    for (size_t i = 0; i < tpc.count; i++) {
        write_parquet(&tpc.tables[i]);
    }
    for (int q = 1; q <= 22; q++) {
        char path[256];

        snprintf(path, sizeof(path), "%s/tests/data/tpch/q%02d.sql", WEFT_TEST_ROOT, q);
        str                   sql = kit_read(&t.cx, path);
        struct guard_approved a   = approve(&tpc.resolver, sql);

        assert_false(str_has(a.sql, S("memory.main")));
        with_rows += assert_same(sql, a.sql) > 0;
    }
    assert_true(with_rows >= 20);
    drop_tables(&tpc);
}

/* Some rows of every type, so that joins and filters meet values. */
static void fill_by_type(const struct tpc_table *table)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(1 << 16);
    str            text;

    buf_printf(&sql, "INSERT INTO " STR_FMT " SELECT ", STR_ARG(table->name));
    for (size_t i = 0; i < table->column_count; i++) {
        str type = table->columns[i].type;

        buf_add(&sql, i > 0 ? S(", ") : S(""));
        if (str_eq(type, S("VARCHAR"))) {
            buf_printf(&sql, "chr(65 + (i %% 3)::INT)");
        } else if (str_eq(type, S("DATE"))) {
            buf_printf(&sql, "DATE '2000-01-01' + i::INT");
        } else {
            buf_printf(&sql, "(i %% %zu)::" STR_FMT, i % 7 + 3, STR_ARG(type));
        }
    }
    buf_add(&sql, S(" FROM range(40) r(i)"));
    assert_int_equal(buf_take(&sql, &t.cx, "test", &text), ST_OK);
    run(text);
}

static void tpcds_equals_the_plain_queries(void **state)
{
    struct tpc tpc;

    run_file(WEFT_TEST_ROOT "/tests/data/tpcds/schema.sql");
    list_tables(&tpc);
    assert_int_equal(tpc.count, 24);
    for (size_t i = 0; i < tpc.count; i++) {
        fill_by_type(&tpc.tables[i]);
    }
    for (int q = 1; q <= 99; q++) {
        char path[256];

        snprintf(path, sizeof(path), "%s/tests/data/tpcds/q%02d.sql", WEFT_TEST_ROOT, q);
        str sql = kit_read(&t.cx, path);

        (void)assert_same(sql, approve(&tpc.resolver, sql).sql);
    }
    drop_tables(&tpc);
}

/* ---- relations ---- */

static const struct guard_column small[] = {
    { .field_id = 1, .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .field_id = 2,
      .name     = STR_INIT("odd \"name"),
      .type     = STR_INIT("STRUCT(\"a\" INTEGER, \"b\" VARCHAR[])") },
    { .field_id     = 9,
      .name         = STR_INIT("added"),
      .type         = STR_INIT("DECIMAL(10,2)"),
      .has_default  = true,
      .default_text = STR_INIT("1.50") },
};
static struct guard_relation relation;

static enum status fixed_resolve(struct guard_resolver *resolver, struct ctx *cx,
                                 const struct guard_name *name, struct guard_relation *out)
{
    *out = relation;
    return ST_OK;
}

static struct guard_resolver fixed = { .resolve = fixed_resolve };

static void a_relation_without_files_is_empty_and_typed(void **state)
{
    relation = (struct guard_relation){
        .kind = GUARD_PARQUET, .key = S("x"), .columns = small, .column_count = COUNT_OF(small)
    };
    struct guard_approved a = approve(&fixed, S("SELECT * FROM x"));
    struct engine_schema  schema;
    size_t                count;

    assert_int_equal(engine_describe(t.conn, &t.cx, a.sql, &schema), ST_OK);
    for (size_t i = 0; i < COUNT_OF(small); i++) {
        assert_true(str_eq(schema.columns[i].name, small[i].name));
        if (!str_eq(schema.columns[i].type, small[i].type)) {
            fail_msg("%.*s, not %.*s", STR_ARG(schema.columns[i].type), STR_ARG(small[i].type));
        }
    }
    (void)rows_of(&t.cx, a.sql, &count);
    assert_int_equal(count, 0);
}

static void added_columns_have_their_default_in_old_files(void **state)
{
    str            file                 = test_dir_path(&dir, "it's.parquet");
    struct buf sql CLEANUP(buf_release) = BUF_INIT(4096);
    size_t         count;

    buf_add(&sql, S("COPY (SELECT 7::BIGINT AS old, {'a': 1, 'b': ['x']} AS s) TO "));
    engine_quote_text(&sql, file);
    buf_add(&sql,
            S(" (FORMAT parquet, FIELD_IDS {old: 1, s: {__duckdb_field_id: 2, a: 3, b: 4}})"));
    run(buf_view(&sql));
    relation  = (struct guard_relation){ .kind         = GUARD_PARQUET,
                                         .key          = S("x"),
                                         .columns      = small,
                                         .column_count = COUNT_OF(small),
                                         .files        = &file,
                                         .file_count   = 1 };
    str *rows = rows_of(&t.cx, approve(&fixed, S("SELECT id, added FROM x")).sql, &count);
    assert_int_equal(count, 1);
    assert_true(str_eq(rows[0], S("v|7v|1.50")));
}

/* Files of exactly the columns are read as they are; a folder a=b above them is no column. */
static void exact_files_are_read_without_a_schema(void **state)
{
    static const struct guard_column columns[] = {
        { .field_id = 1, .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
        { .field_id = 2, .name = STR_INIT("t"), .type = STR_INIT("VARCHAR") },
    };
    static const char *const copies[] = { "COPY (SELECT 1::BIGINT AS id, 'x' AS t) TO ",
                                          "COPY (SELECT 2::BIGINT AS id, 'y' AS t) TO " };
    str                      files[COUNT_OF(copies)];
    size_t                   count;

    test_dir_write(&dir, "a=b/keep", S(""));
    for (size_t i = 0; i < COUNT_OF(copies); i++) {
        struct buf sql CLEANUP(buf_release) = BUF_INIT(4096);

        files[i] = test_dir_path(&dir, i ? "a=b/1.parquet" : "a=b/0.parquet");
        buf_add(&sql, str_of(copies[i]));
        engine_quote_text(&sql, files[i]);
        buf_add(&sql, S(" (FORMAT parquet, FIELD_IDS {id: 1, t: 2})"));
        run(buf_view(&sql));
    }
    for (unsigned exact = 0; exact < 2; exact++) {
        relation                   = (struct guard_relation){ .kind         = GUARD_PARQUET,
                                                              .key          = S("x"),
                                                              .columns      = columns,
                                                              .column_count = COUNT_OF(columns),
                                                              .files        = files,
                                                              .file_count   = COUNT_OF(files),
                                                              .is_exact     = exact == 1,
                                                              .row_count    = 5000000000 };
        struct guard_approved a    = approve(&fixed, S("SELECT * FROM x ORDER BY id"));
        str                  *rows = rows_of(&t.cx, a.sql, &count);

        assert_int_equal(str_has(a.sql, S("schema")), exact == 0);
        assert_int_equal(str_has(a.sql, S("5000000000")), exact == 0);
        assert_int_equal(count, 2);
        assert_true(str_eq(rows[0], S("v|1v|x")));
        assert_true(str_eq(rows[1], S("v|2v|y")));
    }
}

static void sources_are_calls_with_constant_arguments(void **state)
{
    static const struct guard_value paths[1] = { { .kind = GUARD_TEXT } };
    static const str                names[]  = { STR_INIT("id"), STR_INIT("x y") };
    static const struct guard_value types[]  = { { .kind = GUARD_TEXT, .text = STR_INIT("BIGINT") },
                                                 { .kind = GUARD_TEXT,
                                                   .text = STR_INIT("VARCHAR") } };
    struct guard_value              path     = paths[0];
    size_t                          count;

    test_dir_write(&dir, "a'b.csv", S("id;x y\n1;one\n2;\n"));
    path.text                     = test_dir_path(&dir, "a'b.csv");
    const struct guard_arg args[] = {
        { .value = { .kind = GUARD_LIST, .items = &path, .count = 1 } },
        { .name  = S("columns"),
          .value = { .kind = GUARD_STRUCT, .items = types, .names = names, .count = 2 } },
        { .name = S("header"), .value = { .kind = GUARD_BOOL, .boolean = true } },
        { .name = S("delim"), .value = { .kind = GUARD_TEXT, .text = S(";") } },
        { .name = S("skip"), .value = { .kind = GUARD_INT, .integer = 0 } },
        { .name = S("auto_detect"), .value = { .kind = GUARD_BOOL, .boolean = false } },
    };
    relation                   = (struct guard_relation){ .kind      = GUARD_CALL,
                                                          .key       = S("x"),
                                                          .function  = S("read_csv"),
                                                          .args      = args,
                                                          .arg_count = COUNT_OF(args) };
    struct guard_approved a    = approve(&fixed, S("SELECT id, \"x y\" FROM source.x"));
    str                  *rows = rows_of(&t.cx, a.sql, &count);
    assert_int_equal(count, 2);
    assert_true(str_eq(rows[0], S("v|1v|one")));
    assert_true(str_eq(rows[1], S("v|2n|")));
    assert_true(a.tables[0].is_whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tpch_over_parquet_equals_the_plain_queries),
        cmocka_unit_test(tpcds_equals_the_plain_queries),
        cmocka_unit_test(accepted_texts_give_what_the_engine_gives),
        cmocka_unit_test(a_relation_without_files_is_empty_and_typed),
        cmocka_unit_test(added_columns_have_their_default_in_old_files),
        cmocka_unit_test(exact_files_are_read_without_a_schema),
        cmocka_unit_test(sources_are_calls_with_constant_arguments),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
