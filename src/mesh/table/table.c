/*
 * table.c - snapshots in the metadata store.
 */
#include "table/table.h"

#include "base/id.h"
#include "base/time.h"
#include "contract/coltype.h"
#include "table/table_migrations.h"
#include "table/table_sql.h"

/* The columns of every statement that gives snapshots, in their order. */
enum {
    COL_ID,
    COL_ADDRESS,
    COL_NUMBER,
    COL_PUBLISH,
    COL_PARENT,
    COL_COLUMNS,
    COL_ROWS,
    COL_BYTES,
    COL_MADE,
    COL_PRODUCT,
    COL_PORT,
    COL_VIEW,
    COL_FORGOTTEN,
    COL_ABOUT,
    COL_GONE /* of tables that are gone only */
};

static enum status read_snapshot(const struct db_rows *row, struct ctx *cx,
                                 struct table_snapshot *out)
{
    struct table_snapshot s = {
        .id           = db_text_dup(row, cx, COL_ID),
        .address      = db_text_dup(row, cx, COL_ADDRESS),
        .publish_id   = db_text_dup(row, cx, COL_PUBLISH),
        .parent       = db_text_dup(row, cx, COL_PARENT),
        .product_id   = db_text_dup(row, cx, COL_PRODUCT),
        .port         = db_text_dup(row, cx, COL_PORT),
        .view         = db_text_dup(row, cx, COL_VIEW),
        .number       = db_col_i64(row, COL_NUMBER),
        .rows         = (uint64_t)db_col_i64(row, COL_ROWS),
        .bytes        = (uint64_t)db_col_i64(row, COL_BYTES),
        .made_us      = db_col_i64(row, COL_MADE),
        .forgotten_us = db_col_i64(row, COL_FORGOTTEN),
        .about        = db_text_dup(row, cx, COL_ABOUT),
    };

    TRY(table_columns_read(cx, db_text_dup(row, cx, COL_COLUMNS), &s.columns));
    *out = s;
    return ST_OK;
}

static enum status one_snapshot(struct ctx *cx, enum table_sql_id id, const struct db_value *args,
                                size_t count, struct table_snapshot *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &table_sql[id], args, count, &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "no such snapshot");
    }
    return read_snapshot(row, cx, out);
}

static enum status many_snapshots(struct ctx *cx, enum table_sql_id id, const struct db_value *args,
                                  size_t count, struct table_snapshots *out)
{
    struct table_snapshots made                     = { 0 };
    struct db_rows *rows   CLEANUP(db_rows_cleanup) = NULL;
    bool                   has_row;

    TRY(db_query(cx, &table_sql[id], args, count, &rows));
    for (;;) {
        struct table_snapshot s;

        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        TRY(read_snapshot(rows, cx, &s));
        vec_push(cx->arena, &made.list, s);
    }
    *out = made;
    return ST_OK;
}

enum status table_head(struct ctx *cx, str address, struct table_snapshot *out)
{
    enum status st = one_snapshot(cx, TABLE_SQL_HEAD_GET, DB_ARGS(db_text(address)), out);

    if (st == ST_NOT_FOUND) {
        return FAIL(cx, NOT_FOUND, "table \"" STR_FMT "\" was never published", STR_ARG(address));
    }
    return st;
}

enum status table_at(struct ctx *cx, str address, int64_t number, struct table_snapshot *out)
{
    enum status st = one_snapshot(cx, TABLE_SQL_SNAPSHOT_BY_NUMBER,
                                  DB_ARGS(db_text(address), db_i64(number)), out);

    if (st == ST_NOT_FOUND) {
        return FAIL(cx, NOT_FOUND,
                    "table \"" STR_FMT "\" has no snapshot %lld; `weft history` lists them",
                    STR_ARG(address), (long long)number);
    }
    if (st == ST_OK && out->forgotten_us > 0) {
        return FAIL(cx, NOT_FOUND,
                    "snapshot %lld of table \"" STR_FMT "\" is history: its files went on " STR_FMT
                    " (weft.history)",
                    (long long)number, STR_ARG(address),
                    STR_ARG(time_text(cx->arena, out->forgotten_us)));
    }
    return st;
}

enum status table_of_publish(struct ctx *cx, str address, str publish_id,
                             struct table_snapshot *out)
{
    enum status st = one_snapshot(cx, TABLE_SQL_SNAPSHOT_BY_PUBLISH,
                                  DB_ARGS(db_text(address), db_text(publish_id)), out);

    if (st == ST_NOT_FOUND) {
        return FAIL(cx, NOT_FOUND, "publish " STR_FMT " gave no table \"" STR_FMT "\"",
                    STR_ARG(publish_id), STR_ARG(address));
    }
    return st;
}

enum status table_heads_of(struct ctx *cx, str product_id, struct table_snapshots *out)
{
    return many_snapshots(cx, TABLE_SQL_HEAD_LIST, DB_ARGS(db_text(product_id)), out);
}

enum status table_heads_all(struct ctx *cx, struct table_snapshots *out)
{
    return many_snapshots(cx, TABLE_SQL_HEAD_ALL, DB_NO_ARGS, out);
}

enum status table_history(struct ctx *cx, str address, int64_t limit, struct table_snapshots *out)
{
    return many_snapshots(cx, TABLE_SQL_SNAPSHOT_LIST, DB_ARGS(db_text(address), db_i64(limit)),
                          out);
}

enum status table_gone_at(struct ctx *cx, str address, struct table_gone *out)
{
    const struct db_rows *row;
    struct table_gone     gone;

    TRY(db_query_one(cx, &table_sql[TABLE_SQL_GONE_GET], DB_ARGS(db_text(address)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "table \"" STR_FMT "\" did not go", STR_ARG(address));
    }
    gone.gone_us = db_col_i64(row, COL_GONE);
    TRY(read_snapshot(row, cx, &gone.last));
    *out = gone;
    return ST_OK;
}

enum status table_gone_of(struct ctx *cx, str product_id, struct table_gones *out)
{
    struct table_gones   made                     = { 0 };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_GONE_LIST], DB_ARGS(db_text(product_id)), &rows));
    for (;;) {
        struct table_gone gone;

        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        gone.gone_us = db_col_i64(rows, COL_GONE);
        TRY(read_snapshot(rows, cx, &gone.last));
        vec_push(cx->arena, &made.list, gone);
    }
    *out = made;
    return ST_OK;
}

static enum status many_files(struct ctx *cx, enum table_sql_id id, const struct db_value *args,
                              size_t count, struct table_files *out)
{
    struct table_files   made                     = { 0 };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[id], args, count, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct table_file){
                     .key        = db_text_dup(rows, cx, 0),
                     .bytes      = (uint64_t)db_col_i64(rows, 1),
                     .rows       = (uint64_t)db_col_i64(rows, 2),
                     .sha256     = db_text_dup(rows, cx, 3),
                     .row_digest = db_text_dup(rows, cx, 4),
                     .stats      = db_text_dup(rows, cx, 5),
                     .partition  = db_text_dup(rows, cx, 6),
                     .made_us    = db_col_i64(rows, 7),
                 });
    }
    *out = made;
    return ST_OK;
}

enum status table_files_of(struct ctx *cx, str snapshot_id, struct table_files *out)
{
    return many_files(cx, TABLE_SQL_SNAPSHOT_FILES, DB_ARGS(db_text(snapshot_id)), out);
}

enum status table_files_all(struct ctx *cx, struct table_files *out)
{
    return many_files(cx, TABLE_SQL_FILE_ALL, DB_NO_ARGS, out);
}

enum status table_file_known(struct ctx *cx, str key, bool *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &table_sql[TABLE_SQL_FILE_KNOWN], DB_ARGS(db_text(key)), &row));
    *out = row != NULL;
    return ST_OK;
}

enum status table_view_inputs(struct ctx *cx, str snapshot_id, struct table_addresses *out)
{
    struct table_addresses made                     = { 0 };
    struct db_rows *rows   CLEANUP(db_rows_cleanup) = NULL;
    bool                   has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_VIEW_INPUTS], DB_ARGS(db_text(snapshot_id)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list, db_text_dup(rows, cx, 0));
    }
    *out = made;
    return ST_OK;
}

/* Types that come back from a Parquet file as what they were. */
static bool is_kept(const struct coltype *t)
{
    static const bool kept[] = {
        [COLTYPE_BOOLEAN] = true,   [COLTYPE_TINYINT] = true,      [COLTYPE_SMALLINT] = true,
        [COLTYPE_INTEGER] = true,   [COLTYPE_BIGINT] = true,       [COLTYPE_FLOAT] = true,
        [COLTYPE_DOUBLE] = true,    [COLTYPE_DECIMAL] = true,      [COLTYPE_VARCHAR] = true,
        [COLTYPE_BLOB] = true,      [COLTYPE_DATE] = true,         [COLTYPE_TIME] = true,
        [COLTYPE_TIMESTAMP] = true, [COLTYPE_TIMESTAMP_TZ] = true, [COLTYPE_UUID] = true,
        [COLTYPE_STRUCT] = true,    [COLTYPE_LIST] = true,         [COLTYPE_MAP] = true,
    };
    bool is_nested = t->kind == COLTYPE_STRUCT || t->kind == COLTYPE_LIST || t->kind == COLTYPE_MAP;

    if ((size_t)t->kind >= COUNT_OF(kept) || !kept[t->kind]) {
        return false;
    }
    for (size_t i = 0; is_nested && i < t->count; i++) {
        if (!is_kept(t->children[i])) {
            return false;
        }
    }
    return true;
}

enum status table_is_exact(struct ctx *cx, const struct table_columns *columns, str parent,
                           bool *out)
{
    const struct db_rows *row;
    str                   text;

    for (size_t i = 0; i < columns->list.count; i++) {
        const struct coltype *type;

        TRY(coltype_parse(cx, columns->list.items[i].type, &type));
        if (!is_kept(type)) {
            *out = false;
            return ST_OK;
        }
    }
    if (parent.len == 0) {
        *out = true;
        return ST_OK;
    }
    TRY(table_columns_text(cx, columns, &text));
    TRY(db_query_one(cx, &table_sql[TABLE_SQL_SNAPSHOT_LINE],
                     DB_ARGS(db_text(parent), db_text(text)), &row));
    *out = row != NULL;
    return ST_OK;
}

/* A state that was forgotten since it was chosen as a parent has no files to keep. */
static enum status check_parent(struct ctx *cx, const struct table_snapshot *parent)
{
    struct table_files files;
    uint64_t           rows = 0;

    TRY(table_files_of(cx, parent->id, &files));
    for (size_t i = 0; i < files.list.count; i++) {
        rows += files.list.items[i].rows;
    }
    if (rows != parent->rows) {
        return FAIL(cx, CONFLICT, "the files of snapshot %lld of " STR_FMT " went away meanwhile",
                    (long long)parent->number, STR_ARG(parent->address));
    }
    return ST_OK;
}

static enum status keep_files(struct ctx *cx, const struct table_commit *commit, str snapshot_id)
{
    if (!commit->parent) {
        return ST_OK;
    }
    TRY(check_parent(cx, commit->parent));
    TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_FILES_COPY],
               DB_ARGS(db_text(commit->parent->id), db_text(snapshot_id))));
    for (size_t i = 0; i < commit->dropped_count; i++) {
        TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_FILE_DROP],
                   DB_ARGS(db_text(snapshot_id), db_text(commit->dropped[i].key))));
    }
    return ST_OK;
}

static enum status put_files(struct ctx *cx, const struct table_commit *commit,
                             const struct table_snapshot *s)
{
    for (size_t i = 0; i < commit->file_count; i++) {
        const struct table_file *f = &commit->files[i];
        const struct db_rows    *row;

        TRY(db_query_one(cx, &table_sql[TABLE_SQL_FILE_PUT],
                         DB_ARGS(db_text(f->key), db_i64((int64_t)f->bytes),
                                 db_i64((int64_t)f->rows), db_text(f->sha256),
                                 db_text(f->row_digest), db_text(f->stats),
                                 db_text_or_null(f->partition), db_i64(s->made_us)),
                         &row));
        if (!row) {
            return FAIL(cx, INTERNAL, "data file \"" STR_FMT "\" got no number", STR_ARG(f->key));
        }
        TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_FILE_PUT],
                   DB_ARGS(db_text(s->id), db_i64(db_col_i64(row, 0)))));
    }
    return ST_OK;
}

static enum status put_view(struct ctx *cx, const struct table_view *view, str snapshot_id)
{
    for (size_t i = 0; i < view->inputs.list.count; i++) {
        TRY(db_run(cx, &table_sql[TABLE_SQL_VIEW_INPUT_PUT],
                   DB_ARGS(db_text(snapshot_id), db_i64((int64_t)i),
                           db_text(view->inputs.list.items[i]))));
    }
    return ST_OK;
}

static enum status next_number(struct ctx *cx, str address, int64_t *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &table_sql[TABLE_SQL_SNAPSHOT_LAST_NUMBER], DB_ARGS(db_text(address)),
                     &row));
    *out = (row ? db_col_i64(row, 0) : 0) + 1;
    return ST_OK;
}

static enum status put_snapshot(struct ctx *cx, const struct table_snapshot *s)
{
    str columns;

    TRY(table_columns_text(cx, &s->columns, &columns));
    TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_PUT],
               DB_ARGS(db_text(s->id), db_text(s->address), db_i64(s->number),
                       db_text(s->publish_id), db_text_or_null(s->parent), db_text(columns),
                       db_i64((int64_t)s->rows), db_i64((int64_t)s->bytes), db_i64(s->made_us),
                       db_text_or_null(s->view), db_text_or_null(s->about))));
    return db_run(cx, &table_sql[TABLE_SQL_IDENTITY_PUT],
                  DB_ARGS(db_text(s->address), db_text(s->id), db_i64(s->made_us)));
}

enum status table_commit(struct ctx *cx, const struct table_commit *commit,
                         struct table_snapshot *out)
{
    struct table_snapshot s = {
        .id         = id_new(cx),
        .address    = commit->address,
        .publish_id = commit->publish_id,
        .parent     = commit->parent ? commit->parent->id : STR_NONE,
        .product_id = commit->product_id,
        .port       = commit->port,
        .columns    = *commit->columns,
        .rows       = commit->parent ? commit->parent->rows : 0,
        .bytes      = commit->parent ? commit->parent->bytes : 0,
        .made_us    = ctx_now_us(cx),
    };

    for (size_t i = 0; i < commit->file_count; i++) {
        s.rows += commit->files[i].rows;
        s.bytes += commit->files[i].bytes;
    }
    for (size_t i = 0; i < commit->dropped_count; i++) {
        s.rows -= commit->dropped[i].rows;
        s.bytes -= commit->dropped[i].bytes;
    }
    if (commit->view) {
        s.view = commit->view->sql;
        s.rows = commit->view->rows;
    }
    TRY(commit->about ? table_about_text(cx, commit->about, &s.about) : ST_OK);
    TRY(next_number(cx, commit->address, &s.number));
    TRY(put_snapshot(cx, &s));
    TRY(keep_files(cx, commit, s.id));
    TRY(put_files(cx, commit, &s));
    TRY(commit->view ? put_view(cx, commit->view, s.id) : ST_OK);
    TRY(db_run(cx, &table_sql[TABLE_SQL_HEAD_PUT],
               DB_ARGS(db_text(s.address), db_text(s.product_id), db_text(s.port), db_text(s.id))));
    TRY(db_run(cx, &table_sql[TABLE_SQL_GONE_DROP], DB_ARGS(db_text(s.address))));
    *out = s;
    return ST_OK;
}

enum status table_remove(struct ctx *cx, str address)
{
    TRY(db_run(cx, &table_sql[TABLE_SQL_GONE_PUT],
               DB_ARGS(db_text(address), db_i64(ctx_now_us(cx)))));
    return db_run(cx, &table_sql[TABLE_SQL_HEAD_REMOVE], DB_ARGS(db_text(address)));
}

/* ---- forgetting ---- */

struct id_list {
    VEC(str) list;
};

static enum status superseded(struct ctx *cx, str address, int64_t before_us, struct id_list *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_SNAPSHOT_SUPERSEDED],
                 DB_ARGS(db_text(address), db_i64(before_us)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            return ST_OK;
        }
        vec_push(cx->arena, &out->list, db_text_dup(rows, cx, 0));
    }
}

enum status table_forget(struct ctx *cx, str address, int64_t before_us, size_t *count)
{
    struct id_list ids = { 0 };

    TRY(superseded(cx, address, before_us, &ids));
    for (size_t i = 0; i < ids.list.count; i++) {
        TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_FILES_DROP],
                   DB_ARGS(db_text(ids.list.items[i]))));
        TRY(db_run(cx, &table_sql[TABLE_SQL_SNAPSHOT_FORGET],
                   DB_ARGS(db_text(ids.list.items[i]), db_i64(ctx_now_us(cx)))));
    }
    *count += ids.list.count;
    return ST_OK;
}

enum status table_drop_free(struct ctx *cx, struct table_free_files *out)
{
    struct table_free_files made                     = { 0 };
    struct db_rows *rows    CLEANUP(db_rows_cleanup) = NULL;
    bool                    has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_FILE_DROP_FREE], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct table_free_file){ .key   = db_text_dup(rows, cx, 0),
                                           .bytes = (uint64_t)db_col_i64(rows, 1) });
    }
    *out = made;
    return ST_OK;
}

struct db_module table_schema(void)
{
    return (struct db_module){ "table", table_migrations, table_migration_count };
}
