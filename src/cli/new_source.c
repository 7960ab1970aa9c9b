/*
 * new_source.c - inferring a contract from the data itself.
 *
 * Types come from the source port, which reads all rows of files of ordinary size. Then one query
 * counts rows and nulls of every column, a second looks for a key among the columns whose names and
 * counts make them likely, a third lists the values of short, repetitive text columns. What is
 * inferred held for every row that was read.
 */
#include "cli/new_source.h"

#include "base/map.h"
#include "cli/cli_engine_sql.h"
#include "engine/engine_duckdb.h"
#include "os/dir.h"
#include "os/secret.h"

enum { KEY_CANDIDATES_MAX = 4, ENUM_ROWS_MIN = 50, ENUM_LEN_MAX = 60, SQL_MAX = 8 << 20 };

/* What is open while one source is looked at. */
struct looking {
    struct cli         *cli;
    struct source      *source;
    struct engine      *engine;
    struct engine_conn *conn;
    str                 relation; /* engine SQL */
    struct look        *out;
};

/* ------------------------------------------------------------------------- options */

/* postgres://user@host:port/database/schema.table; a password in it is refused. */
static enum status parse_postgres(struct cli *cli, str url, struct look *out)
{
    str rest = str_from(url, str_starts(url, S("postgresql://")) ? 13 : 11);
    str authority, path, user = STR_NONE, host, port = S("5432"), database, table;

    if (!str_split(rest, '/', &authority, &path) || !str_split(path, '/', &database, &table)) {
        return FAIL(cli->cx, INVALID,
                    "write postgres://USER@HOST:PORT/DATABASE/SCHEMA.TABLE for a table");
    }
    if (str_split(authority, '@', &user, &authority) && str_has(user, S(":"))) {
        return FAIL(cli->cx, INVALID,
                    "a password does not belong on a command line; set PGPASSWORD instead");
    }
    host = authority;
    str_split(authority, ':', &host, &port);
    out->is_postgres = true;
    out->user        = user;
    out->host        = host;
    out->port        = port;
    out->database    = database;
    out->schema      = S("public");
    out->table       = table;
    str_split(table, '.', &out->schema, &out->table);
    return ST_OK;
}

static enum status open_postgres(struct looking *l, struct source_options *o)
{
    struct secret *password;
    enum status    st;
    str           *server = ARENA_NEW(l->cli->cx->arena, str);

    TRY(parse_postgres(l->cli, o->path, l->out));
    *server                 = l->out->host;
    o->kind                 = SOURCE_POSTGRES;
    o->host                 = l->out->host;
    o->port                 = l->out->port;
    o->database             = l->out->database;
    o->schema               = l->out->schema;
    o->user                 = l->out->user;
    o->allowed_servers      = server;
    o->allowed_server_count = 1;
    st                      = secret_from_env(l->cli->cx, S("PGPASSWORD"), &password);
    if (st == ST_OK) {
        o->password = password;
    } else {
        err_clear(l->cli->cx->err);
    }
    return source_open(l->cli->cx, o, &l->source);
}

bool new_source_is_pattern(str path)
{
    return str_has(path, S("*")) || str_has(path, S("?")) || str_has(path, S("["));
}

str new_source_dir(str path)
{
    str dir = os_path_parent(path);

    while (new_source_is_pattern(dir)) {
        dir = os_path_parent(dir);
    }
    return dir;
}

/* The path from the product's folder to a file of the mesh; absolute for files elsewhere. */
static str relative_path(struct arena *a, str root, str product_dir, str path)
{
    struct buf up   = BUF_INIT(OS_PATH_MAX);
    str        rest = product_dir, part, made;

    if (!os_path_is_below(path, root)) {
        return path;
    }
    while (str_cut(&rest, '/', &part)) {
        buf_add(&up, S("../"));
    }
    buf_add(&up, str_from(path, root.len + 1));
    made = arena_dup(a, buf_view(&up));
    buf_release(&up);
    return made;
}

static str format_of(str path)
{
    static const struct {
        str suffix, format;
    } known[] = { { STR_INIT(".parquet"), STR_INIT("parquet") },
                  { STR_INIT(".ndjson"), STR_INIT("ndjson") },
                  { STR_INIT(".jsonl"), STR_INIT("ndjson") },
                  { STR_INIT(".json"), STR_INIT("json") } };

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (str_has(path, known[i].suffix)) {
            return known[i].format;
        }
    }
    return S("csv");
}

/* Texts that files of the world write for "no value"; kept in weft.lock when they change a type. */
static const str null_texts[] = { STR_INIT(""),    STR_INIT("NA"),   STR_INIT("N/A"),
                                  STR_INIT("n/a"), STR_INIT("NULL"), STR_INIT("null"),
                                  STR_INIT("NaN"), STR_INIT("\\N") };

static enum status open_files(struct looking *l, const struct new_product_request *rq,
                              str product_dir, struct source_options *o)
{
    str *dir = ARENA_NEW(l->cli->cx->arena, str);

    *dir                 = new_source_dir(rq->from);
    o->kind              = SOURCE_FILES;
    o->allowed_dirs      = dir;
    o->allowed_dir_count = 1;
    l->out->format       = format_of(rq->from);
    l->out->path         = relative_path(l->cli->cx->arena, rq->root, product_dir, rq->from);
    return source_open(l->cli->cx, o, &l->source);
}

static enum status open_engine(struct looking *l, const struct new_product_request *rq)
{
    str                   dir     = new_source_dir(rq->from);
    struct engine_options options = { .allowed_dirs = &dir, .allowed_dir_count = 1 };

    if (l->out->is_postgres) {
        options.allowed_dir_count = 0;
    }
    TRY(engine_duckdb_open(l->cli->cx, &options, &l->engine));
    return engine_connect(l->engine, l->cli->cx, &l->conn);
}

/* ------------------------------------------------------------------------- columns */

/* Derived names are unique: a second "total" becomes "total_2". */
static str unique_name(struct looking *l, struct map *seen, str physical)
{
    str name = name_derive(l->cli->cx->arena, physical);
    str base = name;

    for (unsigned n = 2; map_has(seen, name); n++) {
        name = arena_printf(l->cli->cx->arena, STR_FMT "_%u", STR_ARG(str_sub(base, 0, 56)), n);
    }
    map_put(seen, l->cli->cx->arena, name, l);
    return name;
}

static enum status take_columns(struct looking *l, const struct source_columns *found)
{
    struct map seen = { 0 };

    l->out->columns = arena_array(l->cli->cx->arena, found->list.count, sizeof *l->out->columns);
    l->out->column_count = found->list.count;
    for (size_t i = 0; i < found->list.count; i++) {
        const struct source_column *from = &found->list.items[i];
        struct look_column         *c    = &l->out->columns[i];
        str                         cast, path;

        c->physical = from->physical_name.len ? from->physical_name : from->name;
        c->name     = unique_name(l, &seen, c->physical);
        TRY(coltype_parse(l->cli->cx, from->type, &c->type));
        c->published = coltype_stored(l->cli->cx, c->type);
        if (!coltype_publishable(l->cli->cx, c->type, &cast, &path)) {
            c->published = coltype_simple(COLTYPE_VARCHAR);
            if (path.len == 0) {
                TRY(coltype_parse(l->cli->cx, cast, &c->published));
            }
        }
    }
    return ST_OK;
}

/* The rows as a relation of the engine: the files themselves, or a table the rows are copied to. */
static enum status make_relation(struct looking *l, const struct source_table *table)
{
    struct buf sql        CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct source_files   files;
    struct source_reading reading = { .table = table, .files = &files };
    struct source_call    call;
    uint64_t              rows;

    if (l->out->is_postgres) {
        struct source_target to = { l->conn, S("main"), S("looked_at") };

        l->relation = S("main.looked_at");
        return source_load(l->source, l->cli->cx, table, &to, &rows);
    }
    TRY(source_list(l->source, l->cli->cx, table, &files));
    TRY(source_call_of(l->source, l->cli->cx, l->conn, &reading, &call));
    source_call_text(&call, &sql);
    return buf_take(&sql, l->cli->cx, "a call", &l->relation);
}

/* ------------------------------------------------------------------------- counting */

static enum status run_sql(struct looking *l, struct buf *sql, struct engine_table *out)
{
    struct engine_statement statement = { 0 };

    buf_add(sql, S(" FROM "));
    buf_add(sql, l->relation);
    TRY(buf_take(sql, l->cli->cx, "a query", &statement.sql));
    return engine_rows(l->conn, l->cli->cx, &statement, out);
}

static void add_template(struct buf *sql, int id, str column)
{
    buf_add(sql, S(", "));
    buf_add(sql, str_of(cli_engine_sql[id].text));
    engine_quote_ident(sql, column);
    buf_add_char(sql, ')');
}

static str column_name(const struct looking *l, size_t i)
{
    return l->out->columns[i].physical;
}

/* Rows, and for each column values that are not null and about how many distinct ones. */
static enum status count_values(struct looking *l, uint64_t *distinct)
{
    struct buf sql      CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_table rows;

    buf_add(&sql, str_of(cli_engine_sql[CLI_ENGINE_SQL_COUNT_ROWS].text));
    for (size_t i = 0; i < l->out->column_count; i++) {
        add_template(&sql, CLI_ENGINE_SQL_COUNT_VALUES, column_name(l, i));
        add_template(&sql, CLI_ENGINE_SQL_COUNT_DISTINCT, column_name(l, i));
    }
    TRY(run_sql(l, &sql, &rows));
    ignore(str_to_u64(engine_cell(&rows, 0, 0), &l->out->rows) ? ST_OK : ST_INTERNAL,
           "a count is a number");
    for (size_t i = 0; i < l->out->column_count; i++) {
        uint64_t values = 0;

        ignore(str_to_u64(engine_cell(&rows, 0, 1 + 2 * i), &values) ? ST_OK : ST_INTERNAL,
               "a count is a number");
        distinct[i] = 0;
        ignore(str_to_u64(engine_cell(&rows, 0, 2 + 2 * i), &distinct[i]) ? ST_OK : ST_INTERNAL,
               "a count is a number");
        l->out->columns[i].is_required = l->out->rows > 0 && values == l->out->rows;
    }
    return ST_OK;
}

static bool may_be_key(const struct look_column *c)
{
    bool is_name = str_eq(c->name, S("id")) || str_ends(c->name, S("_id")) ||
                   str_ends(c->name, S("_key")) || str_ends(c->name, S("_no")) ||
                   str_ends(c->name, S("code")) || str_eq(c->name, S("key")) ||
                   str_ends(c->name, S("_number")) || str_eq(c->name, S("uuid")) ||
                   str_eq(c->name, S("name")) || str_eq(c->name, S("tailnum")) ||
                   str_eq(c->name, S("faa")) || str_eq(c->name, S("carrier"));

    return is_name && c->is_required && c->type->kind != COLTYPE_FLOAT &&
           c->type->kind != COLTYPE_DOUBLE && c->type->count == 0;
}

/* A column is the key when every row has another value in it; exact, one column at a time. */
static enum status find_key(struct looking *l, const uint64_t *distinct)
{
    size_t tried = 0;

    for (size_t i = 0; i < l->out->column_count && tried < KEY_CANDIDATES_MAX; i++) {
        struct buf sql      CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
        struct look_column *c                    = &l->out->columns[i];
        struct engine_table rows;
        uint64_t            exact = 0;

        /* The count of distinct values is an estimate; a third below the rows is no key. */
        if (!may_be_key(c) || distinct[i] < l->out->rows / 3) {
            continue;
        }
        tried++;
        buf_add(&sql, str_of(cli_engine_sql[CLI_ENGINE_SQL_EXACT_DISTINCT].text));
        buf_add_char(&sql, ' ');
        engine_quote_ident(&sql, c->physical);
        buf_add_char(&sql, ')');
        TRY(run_sql(l, &sql, &rows));
        if (str_to_u64(engine_cell(&rows, 0, 0), &exact) && exact == l->out->rows) {
            c->is_key = true;
            return ST_OK;
        }
    }
    return ST_OK;
}

static bool may_be_enum(const struct look *look, size_t i, const uint64_t *distinct)
{
    return look->columns[i].type->kind == COLTYPE_VARCHAR && look->rows >= ENUM_ROWS_MIN &&
           distinct[i] > 1 && distinct[i] <= LOOK_ENUM_MAX && !look->columns[i].is_key;
}

static enum status list_values(struct looking *l, struct look_column *c)
{
    struct buf sql      CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_table rows;

    buf_add(&sql, str_of(cli_engine_sql[CLI_ENGINE_SQL_LIST_VALUES].text));
    engine_quote_ident(&sql, c->physical);
    buf_add(&sql, S(") AS value"));
    TRY(run_sql(l, &sql, &rows));
    if (rows.rows > LOOK_ENUM_MAX + 1) {
        return ST_OK;
    }
    for (size_t i = 0; i < rows.rows; i++) {
        str value = engine_cell(&rows, i, 0);

        if (!value.ptr) {
            continue;
        }
        if (value.len > ENUM_LEN_MAX || value.len == 0 || c->enum_count == LOOK_ENUM_MAX) {
            c->enum_count = 0;
            return ST_OK;
        }
        c->enum_values[c->enum_count++] = value;
    }
    return ST_OK;
}

static void sort_values(struct look_column *c)
{
    for (size_t i = 1; i < c->enum_count; i++) {
        for (size_t k = i; k > 0 && str_cmp(c->enum_values[k], c->enum_values[k - 1]) < 0; k--) {
            str swap              = c->enum_values[k];
            c->enum_values[k]     = c->enum_values[k - 1];
            c->enum_values[k - 1] = swap;
        }
    }
}

static enum status mark_postgres_keys(struct looking *l, const struct source_table *table)
{
    struct source_columns keys;

    TRY(source_keys(l->source, l->cli->cx, table, &keys));
    for (size_t i = 0; i < keys.list.count; i++) {
        for (size_t k = 0; k < l->out->column_count; k++) {
            if (str_eq(l->out->columns[k].physical, keys.list.items[i].name)) {
                l->out->columns[k].is_key = true;
            }
        }
    }
    return ST_OK;
}

static bool is_same_types(const struct source_columns *a, const struct source_columns *b)
{
    for (size_t i = 0; i < a->list.count && i < b->list.count; i++) {
        if (!str_eq(a->list.items[i].type, b->list.items[i].type)) {
            return false;
        }
    }
    return a->list.count == b->list.count;
}

/* The engine lists what it tried when it finds no rows in a file; a person needs less. */
static enum status explain_csv(struct looking *l, str path)
{
    if (str_has(err_text(l->cli->cx->err), S("CSV parsing dialect"))) {
        return FAIL(l->cli->cx, INVALID,
                    "\"" STR_FMT
                    "\" cannot be read as CSV: no separator makes columns of it; is it "
                    "a text file, in UTF-8?",
                    STR_ARG(path));
    }
    return l->cli->cx->err->code;
}

/* The columns as the source has them; a CSV file that breaks RFC 4180 is read without that rule. */
static enum status find_plain_columns(struct looking *l, const struct source_table *table,
                                      struct source_options *o, struct source_columns *out)
{
    enum status    st = source_columns(l->source, l->cli->cx, table, l->conn, out);
    struct source *source;
    struct err     strictly = *l->cli->cx->err;

    if (st != ST_INVALID || l->out->is_postgres || !str_eq(l->out->format, S("csv"))) {
        return st;
    }
    o->strict = SOURCE_NO;
    TRY(source_open(l->cli->cx, o, &source));
    if (source_columns(source, l->cli->cx, table, l->conn, out) != ST_OK) {
        source_close(source);
        *l->cli->cx->err = strictly;
        return explain_csv(l, o->path);
    }
    err_clear(l->cli->cx->err);
    source_close(l->source);
    l->source        = source;
    l->out->is_loose = true;
    return ST_OK;
}

/*
 * Types of the columns. A CSV file is read twice: as it stands, and with the usual words for "no
 * value" as nulls; these stay in force only when they let a column have a better type.
 */
static enum status find_columns(struct looking *l, const struct source_table *table,
                                struct source_options *o, struct source_columns *out)
{
    struct source_columns plain, with_nulls;
    struct source        *source;

    TRY(find_plain_columns(l, table, o, &plain));
    *out = plain;
    if (l->out->is_postgres || !str_eq(l->out->format, S("csv"))) {
        return ST_OK;
    }
    o->null_texts      = null_texts;
    o->null_text_count = COUNT_OF(null_texts);
    TRY(source_open(l->cli->cx, o, &source));
    if (source_columns(source, l->cli->cx, table, l->conn, &with_nulls) != ST_OK ||
        is_same_types(&plain, &with_nulls)) {
        err_clear(l->cli->cx->err);
        source_close(source);
        return ST_OK;
    }
    source_close(l->source);
    l->source               = source;
    l->out->null_texts      = null_texts;
    l->out->null_text_count = COUNT_OF(null_texts);
    *out                    = with_nulls;
    return ST_OK;
}

static enum status look_around(struct looking *l, const struct new_product_request *rq,
                               struct source_options *o)
{
    struct source_table   table = { .name = rq->table, .physical_name = l->out->table };
    struct source_columns found;
    uint64_t             *distinct;

    TRY(find_columns(l, &table, o, &found));
    TRY(take_columns(l, &found));
    table.columns      = found.list.items;
    table.column_count = found.list.count;
    TRY(make_relation(l, &table));
    distinct = arena_array(l->cli->cx->arena, found.list.count, sizeof *distinct);
    TRY(count_values(l, distinct));
    if (l->out->rows == 0 && !l->out->is_postgres && !str_eq(l->out->format, S("parquet"))) {
        return FAIL(l->cli->cx, INVALID,
                    "\"" STR_FMT "\" has no rows, so nothing can be learned from it",
                    STR_ARG(rq->from));
    }
    TRY(l->out->is_postgres ? mark_postgres_keys(l, &table) : find_key(l, distinct));
    for (size_t i = 0; i < l->out->column_count; i++) {
        if (may_be_enum(l->out, i, distinct)) {
            TRY(list_values(l, &l->out->columns[i]));
            sort_values(&l->out->columns[i]);
        }
    }
    return ST_OK;
}

enum status look_at(struct cli *cli, const struct new_product_request *rq, str product_dir,
                    struct look *out)
{
    struct look           look = { 0 };
    struct looking        l    = { .cli = cli, .out = &look };
    struct source_options o    = { .root = rq->root, .path = rq->from };
    bool                  is_url =
        str_starts(rq->from, S("postgres://")) || str_starts(rq->from, S("postgresql://"));
    enum status st = is_url ? open_postgres(&l, &o) : open_files(&l, rq, product_dir, &o);

    if (st == ST_OK) {
        st = open_engine(&l, rq);
    }
    if (st == ST_OK) {
        st = look_around(&l, rq, &o);
    }
    source_close(l.source);
    engine_disconnect(l.conn);
    engine_close(l.engine);
    if (st == ST_OK) {
        *out = look;
    }
    return st;
}
