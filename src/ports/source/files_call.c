/*
 * files_call.c - the engine's table function for a list of files, and the columns it gives.
 *
 * Paths are those without links. The engine reads "*", "?" and "[" of a path as a pattern, so in the
 * name of a file they are put into brackets, which stand for themselves.
 */
#include "engine/engine.h"

#include <assert.h>

#include "os/path.h"
#include "source/source_engine_sql.h"
#include "source/source_int.h"

enum { CALL_TEXT_MAX = ENGINE_SQL_MAX, SAMPLE_ROWS = 1 << 20 };

/* One look at files: which call, with what is known so far. */
struct look {
    struct source             *s;
    struct ctx                *cx;
    struct engine_conn        *conn;
    const struct source_table *table;
    const struct source_files *files;
    enum source_format         format;
    bool                       has_hive;
    struct source_columns      hive_keys;
    enum source_choice         header; /* CSV */
    str                        quote;  /* CSV; empty = detected */
};

/* ------------------------------------------------------------------------- arguments */

static str escape_path(struct ctx *cx, str path)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(OS_PATH_MAX * 3);

    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];

        if (c == '*' || c == '?' || c == '[') {
            buf_add_char(&out, '[');
            buf_add_char(&out, c);
            buf_add_char(&out, ']');
        } else {
            buf_add_char(&out, c);
        }
    }
    return arena_dup(cx->arena, buf_view(&out));
}

static void add_paths(const struct look *l, struct source_args *args)
{
    size_t count = l->files->list.count;
    str   *paths = arena_array(l->cx->arena, count, sizeof *paths);

    for (size_t i = 0; i < count; i++) {
        paths[i] = escape_path(l->cx, l->files->list.items[i].path);
    }
    call_add_texts(l->cx, args, S(""), paths, count);
}

static int64_t sample_rows(const struct look *l)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < l->files->list.count; i++) {
        bytes += l->files->list.items[i].bytes;
    }
    return bytes <= SOURCE_SAMPLE_BYTES ? -1 : SAMPLE_ROWS;
}

static void add_csv_dialect(const struct look *l, struct source_args *args)
{
    const struct source_options *o = &l->s->options;
    bool has_tabs = o->delimiter.len == 0 && str_has(l->files->list.items[0].shown, S(".tsv"));

    call_add_text(l->cx, args, S("delim"), has_tabs ? S("\t") : o->delimiter);
    call_add_text(l->cx, args, S("quote"), l->quote);
    call_add_text(l->cx, args, S("escape"), o->escape);
    call_add_text(l->cx, args, S("comment"), o->comment);
    call_add_text(l->cx, args, S("encoding"), o->encoding);
    call_add_text(l->cx, args, S("decimal_separator"), o->decimal);
    if (o->null_text_count > 0) {
        call_add_texts(l->cx, args, S("nullstr"), o->null_texts, o->null_text_count);
    }
    if (l->header != SOURCE_AUTO) {
        call_add_bool(l->cx, args, S("header"), l->header == SOURCE_YES);
    }
    if (o->strict != SOURCE_AUTO) {
        call_add_bool(l->cx, args, S("strict_mode"), o->strict == SOURCE_YES);
    }
    if (o->skip > 0) {
        call_add_int(l->cx, args, S("skip"), o->skip);
    }
}

/* Everything but columns and types. */
static void add_base(const struct look *l, struct source_args *args)
{
    const struct source_options *o = &l->s->options;

    add_paths(l, args);
    call_add_bool(l->cx, args, S("hive_partitioning"), l->has_hive);
    if (l->files->list.count > 1) {
        call_add_bool(l->cx, args, S("union_by_name"), true);
    }
    if (l->format == SOURCE_PARQUET) {
        return;
    }
    call_add_text(l->cx, args, S("compression"), o->compression);
    call_add_text(l->cx, args, S("dateformat"), o->date_format);
    call_add_text(l->cx, args, S("timestampformat"), o->timestamp_format);
    if (l->format == SOURCE_CSV) {
        add_csv_dialect(l, args);
    } else if (l->format == SOURCE_NDJSON) {
        call_add_text(l->cx, args, S("format"), S("newline_delimited"));
    }
}

static str function_of(enum source_format format)
{
    return format == SOURCE_CSV       ? S("read_csv")
           : format == SOURCE_PARQUET ? S("read_parquet")
                                      : S("read_json");
}

/* ------------------------------------------------------------------------- looking */

/* Begins a statement that goes on with a call. */
static void add_statement(struct buf *out, enum source_engine_sql_id id)
{
    buf_add(out, str_of(source_engine_sql[id].text));
    buf_add_char(out, ' ');
}

/* The engine's failure without the statement behind it; a damaged file is wrong input here. */
static enum status explain(const struct look *l)
{
    str    text = arena_dup(l->cx->arena, err_text(l->cx->err));
    size_t at;

    if (str_find(text, S("\n\nLINE "), &at)) {
        text = str_sub(text, 0, at);
    }
    return err_set(l->cx->err, l->cx->err->code == ST_CORRUPT ? ST_INVALID : l->cx->err->code,
                   __FILE__, __LINE__, "\"" STR_FMT "\"%s: " STR_FMT,
                   STR_ARG(l->files->list.items[0].shown),
                   l->files->list.count > 1 ? " and others" : "", STR_ARG(text));
}

static enum status describe(const struct look *l, const struct source_args *args,
                            struct source_columns *out)
{
    struct source_call    call = { .function  = function_of(l->format),
                                   .args      = args->list.items,
                                   .arg_count = args->list.count };
    struct source_columns made = { 0 };
    struct engine_schema  schema;
    struct buf text       CLEANUP(buf_release) = BUF_INIT(CALL_TEXT_MAX);

    add_statement(&text, SOURCE_ENGINE_SQL_ALL_OF);
    source_call_text(&call, &text);
    TRY(buf_check(&text, l->cx, "the list of files"));
    if (engine_describe(l->conn, l->cx, buf_view(&text), &schema) != ST_OK) {
        return explain(l);
    }
    if (schema.count > SOURCE_COLUMNS_MAX) {
        return FAIL(l->cx, LIMIT, "the files have %zu columns; a table has at most %d",
                    schema.count, SOURCE_COLUMNS_MAX);
    }
    for (size_t i = 0; i < schema.count; i++) {
        vec_push(l->cx->arena, &made.list,
                 (struct source_column){ .name          = schema.columns[i].name,
                                         .physical_name = schema.columns[i].name,
                                         .type          = schema.columns[i].type });
    }
    *out = made;
    return ST_OK;
}

/* The columns the files have, their types detected on `rows` rows (-1 = all). */
static enum status detect(const struct look *l, int64_t rows, struct source_columns *out)
{
    struct source_args args = { 0 };

    add_base(l, &args);
    if (l->format != SOURCE_PARQUET) {
        call_add_int(l->cx, &args, S("sample_size"), rows);
    }
    TRY(describe(l, &args, out));
    if (l->format != SOURCE_CSV && l->format != SOURCE_PARQUET && out->list.count == 1 &&
        str_eq(out->list.items[0].name, S("json"))) {
        bool is_empty = true;

        for (size_t i = 0; i < l->files->list.count; i++) {
            is_empty = is_empty && l->files->list.items[i].bytes == 0;
        }
        out->list.count = is_empty ? 0 : 1;
    }
    return ST_OK;
}

/*
 * Without a quote in its sample the engine takes every later quote for data. So where none was seen
 * the quote is set to that of RFC 4180.
 */
static enum status detect_quote(struct look *l)
{
    str                 path = escape_path(l->cx, l->files->list.items[0].path);
    struct engine_table rows;
    struct source_args  args                 = { 0 };
    struct source_call  call                 = { .function = S("sniff_csv") };
    struct buf text     CLEANUP(buf_release) = BUF_INIT(CALL_TEXT_MAX);

    call_add_text(l->cx, &args, S(""), path);
    call_add_text(l->cx, &args, S("compression"), l->s->options.compression);
    add_csv_dialect(l, &args);
    call.args      = args.list.items;
    call.arg_count = args.list.count;
    add_statement(&text, SOURCE_ENGINE_SQL_QUOTE_OF);
    source_call_text(&call, &text);
    if (engine_rows(l->conn, l->cx, &(struct engine_statement){ .sql = buf_view(&text) }, &rows) !=
        ST_OK) {
        return explain(l);
    }
    if (rows.rows == 1 && str_eq(engine_cell(&rows, 0, 0), S("(empty)"))) {
        l->quote = S("\"");
    }
    return ST_OK;
}

static enum status check_formats(struct look *l)
{
    for (size_t i = 0; i < l->files->list.count; i++) {
        const struct source_file *file   = &l->files->list.items[i];
        enum source_format        format = files_format_of(&l->s->options, file->shown);

        if (i == 0) {
            l->format = format;
        }
        if (format != l->format) {
            return FAIL(l->cx, INVALID,
                        "\"" STR_FMT "\" has another format than \"" STR_FMT "\"; the files of a "
                        "table have one format",
                        STR_ARG(file->shown), STR_ARG(l->files->list.items[0].shown));
        }
    }
    return ST_OK;
}

static enum status check_types(const struct look *l)
{
    for (size_t i = 0; i < l->table->column_count; i++) {
        const struct source_column *c = &l->table->columns[i];

        if (c->type.len > 0 && !source_type_is_plain(c->type)) {
            return FAIL(l->cx, INVALID, "the type of column \"" STR_FMT "\" is no type: " STR_FMT,
                        STR_ARG(c->name), STR_ARG(c->type));
        }
    }
    return ST_OK;
}

static enum status look_begin(struct look *l)
{
    const struct source_options *o = &l->s->options;

    assert(l->files->list.count > 0 && l->conn);
    TRY(check_formats(l));
    TRY(check_types(l));
    l->header = o->header;
    l->quote  = o->quote;
    if (o->hive != SOURCE_NO) {
        files_hive_keys(l->cx, l->files, &l->hive_keys);
        l->has_hive = l->hive_keys.list.count > 0;
        if (o->hive == SOURCE_YES && !l->has_hive) {
            return FAIL(l->cx, INVALID,
                        "\"" STR_FMT "\" has no folder of the form key=value, or another one than "
                        "the other files",
                        STR_ARG(l->files->list.items[0].shown));
        }
    }
    if (l->format == SOURCE_CSV && l->quote.len == 0) {
        TRY(detect_quote(l));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- declared columns */

static const struct source_column *find_missing(const struct source_table   *table,
                                                const struct source_columns *found)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!source_column_find(found, source_column_physical(&table->columns[i]))) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static enum status fail_missing(const struct look *l, const struct source_column *missing,
                                const struct source_columns *found)
{
    str  name  = source_column_physical(missing);
    str  first = found->list.count == 1 ? found->list.items[0].physical_name : S("");
    bool many  = l->files->list.count > 1;

    if (l->format == SOURCE_CSV && l->s->options.delimiter.len == 0 &&
        (str_has(first, S(",")) || str_has(first, S(";")) || str_has(first, S("\t")))) {
        return FAIL(l->cx, INVALID,
                    "\"" STR_FMT "\" has rows with another number of columns than its first line "
                    "(" STR_FMT "), so its delimiter cannot be told; correct these rows",
                    STR_ARG(l->files->list.items[0].shown), STR_ARG(first));
    }
    return FAIL(l->cx, NOT_FOUND, "%s\"" STR_FMT "\"%s no column \"" STR_FMT "\"" STR_FMT,
                many ? "files " : "", STR_ARG(l->files->list.items[0].shown),
                many ? " and others have" : " has", STR_ARG(name),
                STR_ARG(source_hint(l->cx, name, found)));
}

/*
 * Finds what the declared columns are in the files. A header is what makes their names: when
 * detection saw none but with a header the names are right, then there is one. Keys of JSON that
 * come late are looked for in all rows before they are missing.
 */
static enum status resolve(struct look *l, struct source_columns *found)
{
    const struct source_column *missing;

    TRY(detect(l, sample_rows(l), found));
    missing = find_missing(l->table, found);
    if (missing && l->format == SOURCE_CSV && l->header == SOURCE_AUTO) {
        struct source_columns with_header;

        l->header = SOURCE_YES;
        TRY(detect(l, sample_rows(l), &with_header));
        if (!find_missing(l->table, &with_header)) {
            *found = with_header;
            return ST_OK;
        }
        l->header = SOURCE_AUTO;
    }
    if (missing && l->format != SOURCE_CSV && l->format != SOURCE_PARQUET && sample_rows(l) != -1) {
        TRY(detect(l, -1, found));
        missing = find_missing(l->table, found);
    }
    return missing ? fail_missing(l, missing, found) : ST_OK;
}

/* Declared columns in their order, every name and type set; all columns when none are declared. */
static void complete(const struct look *l, const struct source_columns *found,
                     struct source_columns *out)
{
    struct source_columns made = { 0 };

    if (l->table->column_count == 0) {
        *out = *found;
        return;
    }
    for (size_t i = 0; i < l->table->column_count; i++) {
        struct source_column        c  = l->table->columns[i];
        const struct source_column *at = source_column_find(found, source_column_physical(&c));

        c.physical_name = at->physical_name;
        c.type          = c.type.len > 0 ? c.type : at->type;
        vec_push(l->cx->arena, &made.list, c);
    }
    *out = made;
}

/*
 * The type of each column of the files: declared ones theirs, others as text, so that a value nobody
 * asked for cannot fail. Columns of the path and those of the files apart.
 */
static void split_types(const struct look *l, const struct source_columns *found,
                        const struct source_columns *wanted, struct source_columns *in_file,
                        struct source_columns *in_path)
{
    for (size_t i = 0; i < found->list.count; i++) {
        const struct source_column *at = &found->list.items[i];
        const struct source_column *w  = source_column_find(wanted, at->physical_name);
        struct source_column        c  = { .name          = at->physical_name,
                                           .physical_name = at->physical_name,
                                           .type          = w ? w->type : S("VARCHAR") };
        bool is_in_path = l->has_hive && source_column_find(&l->hive_keys, at->physical_name);

        if (is_in_path) {
            vec_push(l->cx->arena, &in_path->list, c);
        } else if (w || l->format == SOURCE_CSV) {
            vec_push(l->cx->arena, &in_file->list, c);
        }
    }
}

/* Casts columns `from` to `to` of the first row. */
static enum status try_casts(const struct look *l, const struct source_call *call, size_t from,
                             size_t to)
{
    struct engine_table rows;
    struct buf text     CLEANUP(buf_release) = BUF_INIT(CALL_TEXT_MAX);

    for (size_t i = from; i < to; i++) {
        buf_add(&text, i == from ? S("SELECT CAST(") : S(", CAST("));
        engine_quote_ident(&text, call->columns[i].physical_name);
        buf_add(&text, S(" AS "));
        buf_add(&text, call->columns[i].type);
        buf_add_char(&text, ')');
    }
    buf_add(&text, S(" FROM "));
    source_call_text(call, &text);
    buf_add(&text, S(" LIMIT 1"));
    TRY(buf_check(&text, l->cx, "the list of files"));
    return engine_rows(l->conn, l->cx, &(struct engine_statement){ .sql = buf_view(&text) }, &rows);
}

/* Rows of Parquet have types already: the first row shows whether they can be cast. */
static enum status check_casts(const struct look *l, const struct source_call *call)
{
    enum status all = try_casts(l, call, 0, call->column_count);

    for (size_t i = 0; all != ST_OK && i < call->column_count; i++) {
        if (try_casts(l, call, i, i + 1) != ST_OK) {
            return err_wrap(l->cx->err, "column \"" STR_FMT "\" as " STR_FMT,
                            STR_ARG(call->columns[i].name), STR_ARG(call->columns[i].type));
        }
    }
    return all;
}

/* ------------------------------------------------------------------------- results */

enum status files_call_of(struct source *s, struct ctx *cx, struct engine_conn *conn,
                          const struct source_reading *what, struct source_call *out)
{
    struct look l = { .s = s, .cx = cx, .conn = conn, .table = what->table, .files = what->files };
    struct source_args    args = { 0 };
    struct source_columns found, wanted, in_file = { 0 }, in_path = { 0 };
    struct source_call    call;

    TRY(look_begin(&l));
    TRY(resolve(&l, &found));
    complete(&l, &found, &wanted);
    split_types(&l, &found, &wanted, &in_file, &in_path);
    add_base(&l, &args);
    call_add_types(cx, &args, S("hive_types"), &in_path);
    if (l.format == SOURCE_CSV) {
        call_add_types(cx, &args, S("types"), &in_file);
    } else if (l.format != SOURCE_PARQUET) {
        call_add_types(cx, &args, S("columns"), &in_file);
    }
    call = (struct source_call){ .function     = function_of(l.format),
                                 .args         = args.list.items,
                                 .arg_count    = args.list.count,
                                 .columns      = wanted.list.items,
                                 .column_count = wanted.list.count };
    if (l.format == SOURCE_PARQUET) {
        TRY(check_casts(&l, &call));
    }
    *out = call;
    return ST_OK;
}

enum status files_columns(struct source *s, struct ctx *cx, const struct source_table *table,
                          struct engine_conn *conn, struct source_columns *out)
{
    struct source_files files;
    struct look         l = { .s = s, .cx = cx, .conn = conn, .table = table, .files = &files };

    TRY(source_list(s, cx, table, &files));
    TRY(look_begin(&l));
    return detect(&l, sample_rows(&l), out);
}
