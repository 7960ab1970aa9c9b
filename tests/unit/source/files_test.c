/*
 * files_test.c - files as sources: what is found, what is refused, and that the engine reads it whole.
 */
#include "source/source.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/dir.h"
#include "support/test_ctx.h"
#include "support/test_engine.h"

struct fixture {
    struct test_engine t;
    struct ctx        *cx;
    str                dir; /* real path; below it "in" is allowed, "out" is not */
    str                in;
    str                allowed; /* = in */
};

static int setup(void **state)
{
    static struct fixture f;
    struct engine_options options = { .threads = 2 };
    str                   temp;

    test_engine_ctx(&f.t);
    f.cx = &f.t.cx;
    assert_int_equal(os_dir_make_temp(f.cx, S("."), S("source-"), &temp), ST_OK);
    assert_int_equal(os_file_real(f.cx, temp, &f.dir), ST_OK);
    f.in      = os_path_join(f.cx->arena, f.dir, S("in"));
    f.allowed = f.in;
    assert_int_equal(os_dir_make(f.cx, f.in, 0755), ST_OK);
    assert_int_equal(os_dir_make(f.cx, os_path_join(f.cx->arena, f.dir, S("out")), 0755), ST_OK);
    options.allowed_dirs      = &f.dir;
    options.allowed_dir_count = 1;
    assert_int_equal(engine_duckdb_open(f.cx, &options, &f.t.engine), ST_OK);
    assert_int_equal(engine_connect(f.t.engine, f.cx, &f.t.conn), ST_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(os_dir_remove_all(f->cx, f->dir), ST_OK);
    test_engine_close(&f->t);
    return 0;
}

/* ------------------------------------------------------------------------- builders */

static str path_of(struct fixture *f, const char *name)
{
    return os_path_join(f->cx->arena, f->in, str_of(name));
}

static void put_bytes(struct fixture *f, const char *name, str bytes)
{
    str path = path_of(f, name);

    assert_int_equal(os_dir_make_all(f->cx, os_path_parent(path), 0755), ST_OK);
    assert_int_equal(os_file_put(f->cx, path, bytes, OS_REPLACE, 0644), ST_OK);
}

static void put(struct fixture *f, const char *name, const char *text)
{
    put_bytes(f, name, str_of(text));
}

static void run_sql(struct fixture *f, const char *sql)
{
    if (engine_exec(f->t.conn, f->cx, str_of(sql)) != ST_OK) {
        fail_msg("%s: %s", sql, f->t.err.text);
    }
}

/* Writes a query's rows to a file below "in". */
static void copy_to(struct fixture *f, const char *query, const char *name, const char *options)
{
    char sql[2000];

    snprintf(sql, sizeof sql, "COPY (%s) TO '" STR_FMT "/%s' (%s)", query, STR_ARG(f->in), name,
             options);
    run_sql(f, sql);
}

static struct source_options options_of(struct fixture *f, const char *path)
{
    return (struct source_options){ .kind              = SOURCE_FILES,
                                    .root              = f->in,
                                    .path              = str_of(path),
                                    .allowed_dirs      = &f->allowed,
                                    .allowed_dir_count = 1 };
}

/* ------------------------------------------------------------------------- reading */

/* All rows of a call as text: cells by '|', rows by ';', NULL as ~; or the failure in *st. */
static str read_call(struct fixture *f, const struct source_call *call, enum status *st)
{
    struct buf          sql                  = BUF_INIT(1 << 20);
    struct buf text     CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct engine_table rows;
    str                 made;

    buf_add(&sql, S("SELECT "));
    for (size_t i = 0; i < call->column_count; i++) {
        buf_add(&sql, i > 0 ? S(", CAST(") : S("CAST("));
        engine_quote_ident(&sql, call->columns[i].physical_name);
        buf_add(&sql, S(" AS "));
        buf_add(&sql, call->columns[i].type);
        buf_add(&sql, S(") AS "));
        engine_quote_ident(&sql, call->columns[i].name);
    }
    buf_add(&sql, S(" FROM "));
    source_call_text(call, &sql);
    *st = engine_rows(f->t.conn, f->cx, &(struct engine_statement){ .sql = buf_view(&sql) }, &rows);
    buf_release(&sql);
    if (*st != ST_OK) {
        return STR_NONE;
    }
    for (size_t r = 0; r < rows.rows; r++) {
        buf_add(&text, r > 0 ? S(";") : S(""));
        for (size_t c = 0; c < rows.columns; c++) {
            str cell = engine_cell(&rows, r, c);

            buf_add(&text, c > 0 ? S("|") : S(""));
            buf_add(&text, cell.ptr ? cell : S("~"));
        }
    }
    assert_int_equal(buf_take(&text, f->cx, "rows", &made), ST_OK);
    return made;
}

static enum status open_call(struct fixture *f, const struct source_options *options,
                             const struct source_table *table, struct source_call *out)
{
    struct source        *s;
    struct source_files   files;
    struct source_reading what = { .table = table, .files = &files };
    enum status           st;

    st = source_open(f->cx, options, &s);
    if (st == ST_OK) {
        st = source_list(s, f->cx, table, &files);
    }
    return st == ST_OK ? source_call_of(s, f->cx, f->t.conn, &what, out) : st;
}

/* "name:type,name:type", and "name=physical:type". */
static size_t parse_columns(struct fixture *f, const char *text, struct source_column *out)
{
    str    rest  = str_of(text), item;
    size_t count = 0;

    while (rest.len > 0 && str_cut(&rest, ',', &item)) {
        struct source_column c = { .name = item };

        str_split(item, ':', &c.name, &c.type);
        str_split(c.name, '=', &c.name, &c.physical_name);
        for (size_t i = 0; i < c.type.len; i++) { /* ';' stands for ',' inside a type */
            if (c.type.ptr[i] == ';') {
                char *own = arena_cstr(f->cx->arena, c.type);

                own[i] = ',';
                c.type = str_of(own);
            }
        }
        out[count++] = c;
    }
    return count;
}

/* ------------------------------------------------------------------------- rows */

struct read_case {
    const char *file, *bytes; /* bytes NULL: the file is there already */
    size_t      len;          /* of bytes; 0 = strlen                  */
    const char *columns, *want;
};

static void rows_of_every_form_of_csv_and_json(void **state)
{
    static const struct read_case cases[] = {
        { "plain.csv", "a,b\n1,x\n2,y\n", 0, "", "1|x;2|y" },
        { "typed.csv", "a,b\n1,2020-01-02\n", 0, "a:DOUBLE,b:VARCHAR", "1.0|2020-01-02" },
        { "renamed.csv", "Full Name,IATA Code\nann,AA\n", 0,
          "code=IATA Code:VARCHAR,name=Full Name:VARCHAR", "AA|ann" },
        { "case.csv", "ID,Name\n1,x\n", 0, "id:INTEGER,name:VARCHAR", "1|x" },
        { "extra.csv", "a,junk,b\n1,no number,2\n", 0, "b:INTEGER", "2" },
        { "quoted.csv", "a,b\n1,\"x, \"\"y\"\"\nz\"\n", 0, "a:INTEGER,b:VARCHAR", "1|x, \"y\"\nz" },
        { "bom.csv",
          "\xEF\xBB\xBF"
          "a,b\r\n1,x\r\n",
          0, "a:INTEGER,b:VARCHAR", "1|x" },
        { "semi.csv", "a;b\n1,5;x\n", 0, "a:VARCHAR,b:VARCHAR", "1,5|x" },
        { "tabs.tsv", "a\tb\n1\tx\n", 0, "a:INTEGER,b:VARCHAR", "1|x" },
        { "head.csv", "a,b\n", 0, "a:INTEGER,b:DATE", "" },
        { "texts.csv", "city,name\nbern,ann\n", 0, "city:VARCHAR,name:VARCHAR", "bern|ann" },
        { "one.csv", "city\nbern\nbasel\n", 0, "city:VARCHAR", "bern;basel" },
        { "nested.csv", "l,s\n\"[1, 2]\",\"{'x': 1}\"\n", 0, "l:INTEGER[],s:STRUCT(x INTEGER)",
          "[1, 2]|{'x': 1}" },
        { "decimal.csv", "v\n1.25\n", 0, "v:DECIMAL(10;2)", "1.25" },
        { "star*q?[x].csv", "a\n1\n", 0, "a:INTEGER", "1" },
        { "folder[1]/a b'c.csv", "a\n7\n", 0, "a:INTEGER", "7" },
        { "list.json", "[{\"a\": 1, \"b\": {\"c\": \"x\"}}, {\"a\": 2}]", 0,
          "a:BIGINT,b:STRUCT(c VARCHAR)", "1|{'c': x};2|~" },
        { "lines.ndjson", "{\"a\": 1}\n{\"a\": null, \"z\": 3}\n", 0, "a:BIGINT", "1;~" },
        { "lines.jsonl", "{\"The A\": 1}\n", 0, "a=The A:BIGINT", "1" },
        { "late.json", "{\"a\": 1}\n{\"a\": 2, \"b\": \"2020-01-01\"}\n", 0, "b:DATE",
          "~;2020-01-01" },
        { "k=1/hive.csv", "a\n5\n", 0, "a:INTEGER,k:SMALLINT", "5|1" },
        { "k=1/hive.ndjson", "{\"a\": 5}\n", 0, "k:VARCHAR,a:INTEGER", "1|5" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < CASES(cases); i++) {
        struct source_column  columns[10];
        struct source_table   table   = { .name = S("t"), .columns = columns };
        struct source_options options = options_of(f, cases[i].file);
        struct source_call    call;
        enum status           st;
        str                   rows;

        put(f, cases[i].file, cases[i].bytes);
        if (strchr(cases[i].file, '*')) {
            options.path = S("star[q[x].csv"); /* not a pattern: no such file */
            assert_int_equal(open_call(f, &options, &table, &call), ST_NOT_FOUND);
            options.path = S("star*.csv");
        }
        table.column_count = parse_columns(f, cases[i].columns, columns);
        st                 = open_call(f, &options, &table, &call);
        if (st != ST_OK) {
            fail_msg("%s: %s", cases[i].file, f->t.err.text);
        }
        rows = read_call(f, &call, &st);
        if (st != ST_OK || !str_eq(rows, str_of(cases[i].want))) {
            fail_msg("%s: \"" STR_FMT "\" is not \"%s\" %s", cases[i].file, STR_ARG(rows),
                     cases[i].want, st == ST_OK ? "" : f->t.err.text);
        }
    }
}

static void compressed_files_and_parquet(void **state)
{
    static const struct {
        const char *name, *options;
    } files[] = {
        { "c.csv.gz", "FORMAT csv, HEADER, COMPRESSION gzip" },
        { "c.csv.zst", "FORMAT csv, HEADER, COMPRESSION zstd" },
        { "c.ndjson.gz", "FORMAT json, COMPRESSION gzip" },
        { "c.json.zst", "FORMAT json, ARRAY true, COMPRESSION zstd" },
        { "c.parquet", "FORMAT parquet" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < CASES(files); i++) {
        struct source_column  columns[3];
        struct source_table   table   = { .name = S("t"), .columns = columns };
        struct source_options options = options_of(f, files[i].name);
        struct source_call    call;
        enum status           st;
        str                   rows;

        copy_to(f, "SELECT 1 AS a, 'x' AS \"The B\" UNION ALL SELECT 2, 'ü'", files[i].name,
                files[i].options);
        table.column_count = parse_columns(f, "b=The B:VARCHAR,a:BIGINT", columns);
        st                 = open_call(f, &options, &table, &call);
        if (st != ST_OK) {
            fail_msg("%s: %s", files[i].name, f->t.err.text);
        }
        rows = read_call(f, &call, &st);
        if (!str_eq(rows, S("x|1;ü|2"))) {
            fail_msg("%s: " STR_FMT " %s", files[i].name, STR_ARG(rows), f->t.err.text);
        }
    }
}

/* The engine's own detection looks at the first rows only and then takes quotes for data. */
static void quotes_that_come_late_are_quotes(void **state)
{
    struct fixture       *f       = *state;
    struct source_options options = options_of(f, "quotes.csv");
    struct source_column  columns[2];
    struct source_table   table = { .name = S("t"), .columns = columns };
    struct source_call    call;
    enum status           st;
    struct buf            text = BUF_INIT(4 << 20);
    str                   rows;

    buf_add(&text, S("a,b\n"));
    for (int i = 0; i < 60000; i++) {
        buf_printf(&text, "%d,x\n", i);
    }
    buf_add(&text, S("60000,\"hello world\"\n"));
    put_bytes(f, "quotes.csv", buf_view(&text));
    buf_release(&text);
    table.column_count = parse_columns(f, "a:INTEGER,b:VARCHAR", columns);
    assert_int_equal(open_call(f, &options, &table, &call), ST_OK);
    rows = read_call(f, &call, &st);
    assert_int_equal(st, ST_OK);
    assert_true(str_ends(rows, S(";60000|hello world")));
}

static void several_files_are_united_by_column_name(void **state)
{
    struct fixture       *f       = *state;
    struct source_options options = options_of(f, "many/**/{object}-*.csv");
    struct source_column  columns[5];
    struct source_table table = { .name = S("t"), .physical_name = S("part"), .columns = columns };
    struct source_call  call;
    enum status         st;
    str                 rows;

    put(f, "many/m=1/part-1.csv", "a,b\n1,2\n");
    put(f, "many/m=2/part-2.csv", "c,b,a\n5,4,3\n");
    put(f, "many/m=2/other-2.csv", "z\n1\n");
    table.column_count = parse_columns(f, "a:INTEGER,b:INTEGER,c:INTEGER,m:INTEGER", columns);
    assert_int_equal(open_call(f, &options, &table, &call), ST_OK);
    rows = read_call(f, &call, &st);
    assert_true(str_eq(rows, S("1|2|~|1;3|4|5|2")));
    options.hive = SOURCE_NO;
    assert_int_equal(open_call(f, &options, &table, &call), ST_NOT_FOUND);
    assert_non_null(strstr(f->t.err.text, "no column \"m\""));
}

/* ------------------------------------------------------------------------- refusals */

static void what_cannot_be_read_is_refused_with_its_name(void **state)
{
    static const struct {
        const char *path, *columns;
        enum status want;
        const char *says;
    } cases[] = {
        { "none.csv", "", ST_NOT_FOUND, "none.csv" },
        { "none*.csv", "", ST_NOT_FOUND, "no file matches \"none*.csv\"" },
        { "nowhere/*.csv", "", ST_NOT_FOUND, "nowhere" },
        { "sub", "", ST_INVALID, "is not a file" },
        { "../out/secret.csv", "", ST_DENIED, "allowed: paths: in mesh.yaml" },
        { "link.csv", "", ST_DENIED, "\"link.csv\" lies in " },
        { "linked/*.csv", "", ST_DENIED, "allowed: paths: in mesh.yaml" },
        { "/etc/*", "", ST_DENIED, "\"/etc\"" },
        { "sub/x.xlsx", "", ST_UNSUPPORTED, "the format of \"sub/x.xlsx\"" },
        { "sub/x.csv", "naem:VARCHAR", ST_NOT_FOUND,
          "\"sub/x.csv\" has no column \"naem\"; did you mean \"name\"?" },
        { "sub/x.csv", "name:VARCHAR) FROM x", ST_INVALID, "is no type" },
        { "sub/zero.csv", "name:VARCHAR", ST_NOT_FOUND, "no column \"name\"" },
        { "sub/zero.ndjson", "name:VARCHAR", ST_NOT_FOUND, "no column \"name\"" },
        { "sub/*", "", ST_UNSUPPORTED, "the format" },
        { "mix/*", "", ST_INVALID, "has another format than" },
        { "sub/fake.parquet", "", ST_INVALID, "arquet" },
        { "sub/d.parquet", "d:INTEGER", ST_INVALID, "column \"d\" as INTEGER" },
        { "sub/d.parquet", "e:DATE", ST_NOT_FOUND, "has no column \"e\"" },
        { "", "", ST_INVALID, "has no path" },
    };
    struct fixture *f = *state;

    put(f, "sub/x.csv", "id,name\n1,x\n");
    put(f, "sub/x.xlsx", "");
    put(f, "sub/zero.csv", "");
    put(f, "sub/zero.ndjson", "");
    put(f, "sub/fake.parquet", "id,name\n1,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    put(f, "mix/a.csv", "a\n1\n");
    put(f, "mix/b.json", "[]");
    put(f, "../out/secret.csv", "a\n1\n");
    copy_to(f, "SELECT DATE '2020-01-01' AS d", "sub/d.parquet", "FORMAT parquet");
    assert_int_equal(symlink("../out/secret.csv", arena_cstr(f->cx->arena, path_of(f, "link.csv"))),
                     0);
    assert_int_equal(symlink("../out", arena_cstr(f->cx->arena, path_of(f, "linked"))), 0);
    for (size_t i = 0; i < CASES(cases); i++) {
        struct source_column  columns[5];
        struct source_table   table   = { .name = S("t"), .columns = columns };
        struct source_options options = options_of(f, cases[i].path);
        struct source_call    call;
        enum status           st;

        err_clear(f->cx->err);
        table.column_count = parse_columns(f, cases[i].columns, columns);
        st                 = open_call(f, &options, &table, &call);
        if (st != cases[i].want || !strstr(f->t.err.text, cases[i].says)) {
            fail_msg("%s (%s): status %d: %s", cases[i].path, cases[i].columns, (int)st,
                     f->t.err.text);
        }
    }
}

static void a_wrong_value_is_named_with_its_row(void **state)
{
    static const struct {
        const char *file, *bytes, *says;
    } cases[] = {
        { "bad.csv", "a,b\n1,x\nno,y\n", "Line: 3" },
        { "bad.ndjson", "{\"a\": 1}\n{\"a\": \"no\"}\n", "line 2" },
        { "short.csv", "a,b\n1,x\n2\n", "another number of columns" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < CASES(cases); i++) {
        struct source_column  columns[2];
        struct source_table   table   = { .name = S("t"), .columns = columns };
        struct source_options options = options_of(f, cases[i].file);
        struct source_call    call;
        enum status           st;

        put(f, cases[i].file, cases[i].bytes);
        table.column_count = parse_columns(f, "a:INTEGER", columns);
        st                 = open_call(f, &options, &table, &call);
        if (st == ST_OK) {
            read_call(f, &call, &st);
        }
        if (st != ST_INVALID || !strstr(f->t.err.text, cases[i].says)) {
            fail_msg("%s: status %d: %s", cases[i].file, (int)st, f->t.err.text);
        }
    }
}

/* ------------------------------------------------------------------------- change */

static void a_file_that_changes_while_it_is_read_is_noticed(void **state)
{
    struct fixture       *f       = *state;
    struct source_options options = options_of(f, "moving.csv");
    struct source_table   table   = { .name = S("t") };
    struct source        *s;
    struct source_files   files, listed;
    str                   path = path_of(f, "moving.csv");

    put(f, "moving.csv", "a\n1\n");
    assert_int_equal(source_open(f->cx, &options, &s), ST_OK);
    assert_int_equal(source_list(s, f->cx, &table, &files), ST_OK);
    assert_int_equal(files.list.count, 1);
    assert_true(str_eq(files.list.items[0].shown, S("moving.csv")));
    assert_int_equal(files.list.items[0].bytes, 4);
    assert_int_equal(source_hash(s, f->cx, &files.list.items[0]), ST_OK);
    assert_int_equal(files.list.items[0].sha256.len, 64);
    assert_int_equal(source_check(s, f->cx, &files), ST_OK);

    put(f, "moving.csv", "a\n12\n");
    assert_int_equal(source_check(s, f->cx, &files), ST_CONFLICT);
    assert_non_null(strstr(f->t.err.text, "its size"));
    usleep(10000);
    put(f, "moving.csv", "a\n2\n");
    assert_int_equal(source_check(s, f->cx, &files), ST_CONFLICT);
    assert_non_null(strstr(f->t.err.text, "its time"));
    /* same size, same time, other content */
    assert_int_equal(source_list(s, f->cx, &table, &listed), ST_OK);
    listed.list.items[0].sha256 = files.list.items[0].sha256;
    assert_int_equal(source_check(s, f->cx, &listed), ST_CONFLICT);
    assert_non_null(strstr(f->t.err.text, "its content"));

    assert_int_equal(os_file_remove(f->cx, path, OS_MISSING_FAILS), ST_OK);
    assert_int_equal(source_check(s, f->cx, &listed), ST_CONFLICT);
    assert_non_null(strstr(f->t.err.text, "removed"));
    assert_int_equal(symlink("../out/secret.csv", arena_cstr(f->cx->arena, path)), 0);
    assert_int_not_equal(source_check(s, f->cx, &listed), ST_OK);
    source_close(s);
}

/* ------------------------------------------------------------------------- types of strangers' files */

/* Sum of hashes of rows: equal for equal rows in any order. */
static str digest_of(struct fixture *f, str from)
{
    struct buf          sql = BUF_INIT(1 << 20);
    struct engine_table rows;

    buf_add(&sql, S("SELECT count(*)::VARCHAR || ' ' || coalesce(sum(hash(t::VARCHAR)), 0) FROM "));
    buf_add(&sql, from);
    buf_add(&sql, S(" t"));
    if (engine_rows(f->t.conn, f->cx, &(struct engine_statement){ .sql = buf_view(&sql) }, &rows) !=
        ST_OK) {
        fail_msg(STR_FMT ": %s", STR_ARG(buf_view(&sql)), f->t.err.text);
    }
    buf_release(&sql);
    return engine_cell(&rows, 0, 0);
}

static void public_csv_files_are_read_whole_as_the_engine_reads_them(void **state)
{
    static const char *const names[] = { "penguins",        "titanic",      "superstore",
                                         "airports-world",  "stocks",       "elements",
                                         "seattle-weather", "world-cities", "us-employment",
                                         "gapminder",       "penguins-raw", "auto-mpg" };
    struct fixture          *f       = *state;
    const char              *deps    = getenv("WEFT_DEPS");
    str                      data;

    data = arena_printf(f->cx->arena, "%s/data/csv", deps ? deps : WEFT_TEST_ROOT "/.deps");
    for (size_t i = 0; i < CASES(names); i++) {
        struct source_options options = options_of(f, "public.csv");
        struct source_table   table   = { .name = S("t") };
        struct source        *s;
        struct source_columns columns;
        struct source_call    call;
        struct buf            text = BUF_INIT(1 << 20);
        str bytes, path = arena_printf(f->cx->arena, STR_FMT "/%s.csv", STR_ARG(data), names[i]);

        if (os_file_read(f->cx, path, 16 << 20, &bytes) != ST_OK) {
            fail_msg("%s (run make deps)", f->t.err.text);
        }
        put_bytes(f, "public.csv", bytes);
        assert_int_equal(source_open(f->cx, &options, &s), ST_OK);
        if (source_columns(s, f->cx, &table, f->t.conn, &columns) != ST_OK) {
            fail_msg("%s: %s", names[i], f->t.err.text);
        }
        assert_true(columns.list.count > 1);
        table.columns      = columns.list.items;
        table.column_count = columns.list.count;
        if (open_call(f, &options, &table, &call) != ST_OK) {
            fail_msg("%s: %s", names[i], f->t.err.text);
        }
        assert_int_equal(call.column_count, columns.list.count);
        source_call_text(&call, &text);
        str ours   = digest_of(f, buf_view(&text));
        str plain  = arena_printf(f->cx->arena, "read_csv('" STR_FMT "', sample_size = -1)",
                                  STR_ARG(path_of(f, "public.csv")));
        str theirs = digest_of(f, plain);
        if (!str_eq(ours, theirs)) {
            fail_msg("%s: " STR_FMT ": " STR_FMT " is not " STR_FMT, names[i],
                     STR_ARG(buf_view(&text)), STR_ARG(ours), STR_ARG(theirs));
        }
        buf_release(&text);
    }
}

static void types_are_those_of_all_rows(void **state)
{
    struct fixture       *f       = *state;
    struct source_options options = options_of(f, "long.csv");
    struct source_table   table   = { .name = S("t") };
    struct source        *s;
    struct source_columns columns;
    struct buf            text = BUF_INIT(4 << 20);

    buf_add(&text, S("a,b\n"));
    for (int i = 0; i < 60000; i++) {
        buf_printf(&text, "%d,%d\n", i, i);
    }
    buf_add(&text, S("1.5,n/a\n"));
    put_bytes(f, "long.csv", buf_view(&text));
    buf_release(&text);
    assert_int_equal(source_open(f->cx, &options, &s), ST_OK);
    assert_int_equal(source_columns(s, f->cx, &table, f->t.conn, &columns), ST_OK);
    assert_int_equal(columns.list.count, 2);
    assert_true(str_eq(columns.list.items[0].type, S("DOUBLE")));
    assert_true(str_eq(columns.list.items[1].type, S("VARCHAR")));
    assert_int_equal(source_keys(s, f->cx, &table, &columns), ST_OK);
    assert_int_equal(columns.list.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_every_form_of_csv_and_json),
        cmocka_unit_test(compressed_files_and_parquet),
        cmocka_unit_test(quotes_that_come_late_are_quotes),
        cmocka_unit_test(several_files_are_united_by_column_name),
        cmocka_unit_test(what_cannot_be_read_is_refused_with_its_name),
        cmocka_unit_test(a_wrong_value_is_named_with_its_row),
        cmocka_unit_test(a_file_that_changes_while_it_is_read_is_noticed),
        cmocka_unit_test(public_csv_files_are_read_whole_as_the_engine_reads_them),
        cmocka_unit_test(types_are_those_of_all_rows),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
