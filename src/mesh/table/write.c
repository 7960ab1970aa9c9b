/*
 * write.c - Parquet files written by the engine, under their final names.
 */
#include "table/write.h"

#include "codec/json.h"
#include "contract/coltype.h"
#include "table/table_engine_sql.h"

enum { COPY_SQL_MAX = ENGINE_SQL_MAX, STATS_JSON_MAX = 64 << 20 };

str table_folder(struct arena *a, str address)
{
    str domain, product, table, base, major, rest;

    if (!str_split(address, '.', &domain, &rest) || !str_split(rest, '.', &product, &table) ||
        !str_rsplit(product, '_', &base, &major)) {
        BUG("table_folder: the address has no major");
    }
    return arena_printf(a, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT "/", STR_ARG(domain),
                        STR_ARG(base), STR_ARG(table), STR_ARG(major));
}

str table_key(struct arena *a, str address, str publish_id, unsigned part)
{
    str folder = table_folder(a, address);

    return arena_printf(a, STR_FMT "data/" STR_FMT "/part-%05u.parquet", STR_ARG(folder),
                        STR_ARG(publish_id), part);
}

/* ------------------------------------------------------------------------- field ids */

struct field_ids {
    struct ctx                 *cx;
    const struct table_columns *columns;
    struct buf                 *out;
};

static int32_t nested_id(const struct field_ids *f, str path)
{
    for (size_t i = 0; i < f->columns->nested.count; i++) {
        if (str_eq(f->columns->nested.items[i].path, path)) {
            return f->columns->nested.items[i].id;
        }
    }
    BUG("field_ids: a nested field has no id");
}

static void add_ids(struct field_ids *f, str path, int32_t id, const struct coltype *t);

/* One child: its name in the file, and what is below it. */
static void add_child(struct field_ids *f, str parent, str name, const struct coltype *t)
{
    str path = arena_printf(f->cx->arena, STR_FMT "\x1f" STR_FMT, STR_ARG(parent), STR_ARG(name));

    buf_add(f->out, S(", "));
    engine_quote_ident(f->out, name);
    buf_add(f->out, S(": "));
    add_ids(f, path, nested_id(f, path), t);
}

/* An id alone, or {__duckdb_field_id: id, child: …} for a nested type. */
static void add_ids(struct field_ids *f, str path, int32_t id, const struct coltype *t)
{
    bool is_struct = t->kind == COLTYPE_STRUCT, is_map = t->kind == COLTYPE_MAP;

    if (!is_struct && !is_map && t->kind != COLTYPE_LIST) {
        buf_printf(f->out, "%d", id);
        return;
    }
    buf_printf(f->out, "{__duckdb_field_id: %d", id);
    for (size_t i = 0; is_struct && i < t->count; i++) {
        add_child(f, path, t->names[i], t->children[i]);
    }
    if (is_map) {
        add_child(f, path, S("key"), t->children[0]);
        add_child(f, path, S("value"), t->children[1]);
    } else if (!is_struct) {
        add_child(f, path, S("element"), t->children[0]);
    }
    buf_add_char(f->out, '}');
}

static enum status add_field_ids(struct ctx *cx, const struct table_columns *columns,
                                 struct buf *out)
{
    struct field_ids f = { cx, columns, out };

    buf_add(out, S("FIELD_IDS {"));
    for (size_t i = 0; i < columns->list.count; i++) {
        const struct table_column *c = &columns->list.items[i];
        const struct coltype      *type;

        TRY(coltype_parse(cx, c->type, &type));
        buf_add(out, i ? S(", ") : S(""));
        engine_quote_ident(out, c->name);
        buf_add(out, S(": "));
        add_ids(&f, c->name, c->field_id, type);
    }
    buf_add_char(out, '}');
    return ST_OK;
}

/* ------------------------------------------------------------------------- writing */

/* COPY (SELECT CAST(…) …) TO '<path>' (…): names quoted, types in the engine's own spelling. */
static enum status copy_sql(struct ctx *cx, const struct table_write *write, str path, str *out)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(COPY_SQL_MAX);

    buf_add(&sql, S("COPY (SELECT "));
    for (size_t i = 0; i < write->columns->list.count; i++) {
        const struct table_column *c = &write->columns->list.items[i];

        buf_add(&sql, i ? S(", CAST(built.") : S("CAST(built."));
        engine_quote_ident(&sql, c->name);
        buf_printf(&sql, " AS " STR_FMT ") AS ", STR_ARG(c->type));
        engine_quote_ident(&sql, c->name);
    }
    buf_printf(&sql, " FROM (" STR_FMT ") AS built) TO ", STR_ARG(write->select));
    engine_quote_text(&sql, path);
    buf_add(&sql, S(" (FORMAT parquet, RETURN_STATS true, "));
    TRY(add_field_ids(cx, write->columns, &sql));
    buf_add_char(&sql, ')');
    return buf_take(&sql, cx, "the statement that writes a table", out);
}

/* The column of RETURN_STATS with that name, as the cell of row 0. */
static bool find_cell(const struct engine_schema *schema, const struct arrow_type *type,
                      const struct ArrowArray *batch, str name, struct arrow_cell *out)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (str_eq(schema->columns[i].name, name)) {
            *out = arrow_cell_of(type, batch, i, 0);
            return !arrow_is_null(*out);
        }
    }
    return false;
}

static enum status take_stats(struct ctx *cx, struct engine_result *result, struct table_file *file)
{
    struct ArrowArray batch                = { 0 };
    struct buf json   CLEANUP(buf_release) = BUF_INIT(STATS_JSON_MAX);
    struct arrow_cell count, size, stats;
    bool              has_more;
    enum status       st;

    TRY(engine_result_next(result, cx, &batch, &has_more));
    if (!has_more || batch.length < 1 ||
        !find_cell(engine_result_schema(result), engine_result_type(result), &batch, S("count"),
                   &count) ||
        !find_cell(engine_result_schema(result), engine_result_type(result), &batch,
                   S("file_size_bytes"), &size)) {
        arrow_array_release(&batch);
        return FAIL(cx, INTERNAL, "the engine gave no statistics of the file it wrote");
    }
    file->rows  = (uint64_t)arrow_i64(count);
    file->bytes = (uint64_t)arrow_i64(size);
    if (find_cell(engine_result_schema(result), engine_result_type(result), &batch,
                  S("column_statistics"), &stats)) {
        arrow_value_json(&json, stats);
    } else {
        buf_add(&json, S("{}"));
    }
    st = buf_take(&json, cx, "statistics of a file", &file->stats);
    arrow_array_release(&batch);
    return st;
}

enum status table_write(struct ctx *cx, struct blob *blob, struct engine_conn *conn,
                        const struct table_write *write, struct table_file *out)
{
    struct table_file       file      = { .key = write->key };
    struct engine_result   *result    = NULL;
    struct engine_statement statement = { .args = write->args, .arg_count = write->arg_count };
    enum status             st;
    str                     path;

    TRY(blob_reserve(blob, cx, write->key, &path));
    TRY(copy_sql(cx, write, path, &statement.sql));
    TRY(engine_query(conn, cx, &statement, &result));
    st = take_stats(cx, result, &file);
    engine_result_close(result);
    TRY(st);
    *out = file;
    return ST_OK;
}

/* ------------------------------------------------------------------------- reading back */

static void add_schema(struct buf *sql, const struct table_read *read)
{
    uint64_t rows = 0;

    buf_add(sql, S(", schema = MAP {"));
    for (size_t i = 0; i < read->columns->list.count; i++) {
        const struct table_column *c = &read->columns->list.items[i];

        buf_printf(sql, "%s%d: {name: ", i ? ", " : "", c->field_id);
        engine_quote_text(sql, c->name);
        buf_add(sql, S(", type: "));
        engine_quote_text(sql, c->type);
        buf_add(sql, S(", default_value: NULL}"));
    }
    for (size_t i = 0; i < read->count; i++) {
        rows += read->files[i].rows;
    }
    buf_printf(sql, "}, explicit_cardinality = %llu", (unsigned long long)rows);
}

enum status table_relation(struct ctx *cx, struct blob *blob, const struct table_read *read,
                           str *out)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);

    buf_add(&sql, S("read_parquet(["));
    for (size_t i = 0; i < read->count; i++) {
        str path;

        TRY(blob_local_path(blob, cx, read->files[i].key, &path));
        buf_add(&sql, i ? S(", ") : S(""));
        engine_quote_text(&sql, path);
    }
    buf_add_char(&sql, ']');
    if (!read->is_exact) {
        add_schema(&sql, read);
    }
    if (read->has_file_name) {
        buf_add(&sql, S(", filename = '" TABLE_FILE_NAME "'"));
    }
    /* A folder named a=b above the mesh is not a column. */
    buf_add(&sql, S(", hive_partitioning = false)"));
    return buf_take(&sql, cx, "the list of a table's files", out);
}

/* Count and digest of the rows of one file, through the same relation that readers use. */
static enum status digest_rows(struct ctx *cx, struct blob *blob, struct engine_conn *conn,
                               const struct table_columns *columns, struct table_file *file)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);
    struct engine_statement statement            = { 0 };
    struct table_read       read = { .columns = columns, .files = file, .count = 1 };
    struct engine_table     rows;
    str                     relation;
    uint64_t                count;

    TRY(table_is_exact(cx, columns, STR_NONE, &read.is_exact));
    TRY(table_relation(cx, blob, &read, &relation));
    buf_add(&sql, str_of(table_engine_sql[TABLE_ENGINE_SQL_ROW_DIGEST].text));
    buf_add_char(&sql, ' ');
    buf_add(&sql, relation);
    buf_add(&sql, S(" AS r"));
    TRY(buf_take(&sql, cx, "the digest of rows", &statement.sql));
    TRY(engine_rows(conn, cx, &statement, &rows));
    if (rows.rows != 1 || rows.columns != 2 || !str_to_u64(engine_cell(&rows, 0, 0), &count) ||
        count != file->rows) {
        return FAIL(cx, CORRUPT,
                    "file \"" STR_FMT "\" does not hold the %llu rows that were written to it",
                    STR_ARG(file->key), (unsigned long long)file->rows);
    }
    file->row_digest = engine_cell(&rows, 0, 1);
    return ST_OK;
}

enum status table_seal(struct ctx *cx, struct blob *blob, struct engine_conn *conn,
                       const struct table_columns *columns, struct table_file *files, size_t count)
{
    struct blob_sum *sums = arena_array(cx->arena, count, sizeof *sums);
    str             *keys = arena_array(cx->arena, count, sizeof *keys);

    for (size_t i = 0; i < count; i++) {
        keys[i] = files[i].key;
    }
    TRY(blob_seal(blob, cx, keys, count, sums));
    for (size_t i = 0; i < count; i++) {
        if (sums[i].size != files[i].bytes) {
            return FAIL(cx, CORRUPT, "file \"" STR_FMT "\" has %llu bytes; %llu were written",
                        STR_ARG(files[i].key), (unsigned long long)sums[i].size,
                        (unsigned long long)files[i].bytes);
        }
        files[i].sha256 = digest_hex(cx, sums[i].sha256);
        TRY(digest_rows(cx, blob, conn, columns, &files[i]));
    }
    return ST_OK;
}
