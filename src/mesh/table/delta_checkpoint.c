/*
 * delta_checkpoint.c - all that a log says until a version, as one Parquet file (PROTOCOL.md, Checkpoints,
 * V1 spec with the classic name).
 *
 * The rows are written as JSON, as in the log, and the engine makes a file of them: under a name of its
 * own beside the data, for a reader must not see it grow. Its bytes are the engine's; what is compared
 * are its rows.
 */
#include "table/delta_int.h"

#include "table/table_engine_sql.h"
#include "table/table_sql.h"

enum { SQL_MAX = 64 << 10 };

/* How long a checkpoint names removed files: delta.deletedFileRetentionDuration, where no table sets it. */
static const int64_t tombstones_us = INT64_C(7) * 24 * 3600 * 1000000;

/* The columns of a checkpoint, as the engine's JSON reader wants them. */
static const char action_types[] =
    "[{\"txn\":{\"appId\":\"VARCHAR\",\"version\":\"BIGINT\"},"
    "\"add\":{\"path\":\"VARCHAR\",\"partitionValues\":\"MAP(VARCHAR,VARCHAR)\",\"size\":"
    "\"BIGINT\","
    "\"modificationTime\":\"BIGINT\",\"dataChange\":\"BOOLEAN\",\"stats\":\"VARCHAR\","
    "\"tags\":\"MAP(VARCHAR,VARCHAR)\"},"
    "\"remove\":{\"path\":\"VARCHAR\",\"deletionTimestamp\":\"BIGINT\",\"dataChange\":\"BOOLEAN\","
    "\"extendedFileMetadata\":\"BOOLEAN\",\"partitionValues\":\"MAP(VARCHAR,VARCHAR)\","
    "\"size\":\"BIGINT\"},"
    "\"metaData\":{\"id\":\"VARCHAR\",\"name\":\"VARCHAR\",\"description\":\"VARCHAR\","
    "\"format\":{\"provider\":\"VARCHAR\",\"options\":\"MAP(VARCHAR,VARCHAR)\"},"
    "\"schemaString\":\"VARCHAR\",\"partitionColumns\":[\"VARCHAR\"],\"createdTime\":\"BIGINT\","
    "\"configuration\":\"MAP(VARCHAR,VARCHAR)\"},"
    "\"protocol\":{\"minReaderVersion\":\"INTEGER\",\"minWriterVersion\":\"INTEGER\","
    "\"readerFeatures\":[\"VARCHAR\"],\"writerFeatures\":[\"VARCHAR\"]}}]";

struct checkpoint {
    str publish_id; /* of the snapshot */
    str actions;    /* JSON array      */
};

str delta_log_key(struct arena *a, str address, const char *name)
{
    str folder = table_folder(a, address);

    return arena_printf(a, STR_FMT "_delta_log/%s", STR_ARG(folder), name);
}

str delta_checkpoint_key(struct arena *a, str address, int64_t version)
{
    str folder = table_folder(a, address);

    return arena_printf(a, STR_FMT "_delta_log/%020lld.checkpoint.parquet", STR_ARG(folder),
                        (long long)version);
}

/* ------------------------------------------------------------------------- rows */

static enum status write_tombstones(struct ctx *cx, struct json_writer *w,
                                    const struct delta_state *state)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_TOMBSTONES],
                 DB_ARGS(db_text(state->snapshot.address), db_i64(state->snapshot.number),
                         db_i64(state->snapshot.made_us - tombstones_us)),
                 &rows));
    for (;;) {
        struct table_file    file;
        struct delta_removal how = { 0 };

        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            return ST_OK;
        }
        file      = (struct table_file){ .key       = db_text_dup(rows, cx, 0),
                                         .bytes     = (uint64_t)db_col_i64(rows, 1),
                                         .partition = db_text_dup(rows, cx, 3) };
        how.at_us = db_col_i64(rows, 2);
        TRY(delta_write_remove(cx, w, state, &file, &how));
    }
}

static void write_one(struct json_writer *w, str name, str object)
{
    json_w_object_begin(w);
    json_w_key(w, name);
    json_w_raw(w, object);
    json_w_object_end(w);
}

static enum status read_checkpoint(struct ctx *cx, str address, int64_t version,
                                   struct checkpoint *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(DELTA_TEXT_MAX);
    struct checkpoint  made                 = { 0 };
    struct delta_state state;
    struct json_writer w;

    TRY(delta_state_read(cx, address, version, &state));
    made.publish_id = state.snapshot.publish_id;
    json_w_init(&w, &text, JSON_COMPACT);
    json_w_array_begin(&w);
    write_one(&w, S("protocol"), state.protocol);
    write_one(&w, S("metaData"), state.meta);
    for (size_t i = 0; i < state.files.list.count; i++) {
        TRY(delta_write_add(cx, &w, &state, &state.files.list.items[i], DELTA_ADD_KEPT));
    }
    TRY(write_tombstones(cx, &w, &state));
    json_w_array_end(&w);
    TRY(buf_take(&text, cx, "the rows of a checkpoint", &made.actions));
    *out = made;
    return ST_OK;
}

/* ------------------------------------------------------------------------- comparing */

static enum status count_differences(struct ctx *cx, struct engine_conn *conn,
                                     const struct checkpoint *checkpoint, str path, bool *out)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_value     args[]               = { ENGINE_ARG_TEXT(checkpoint->actions),
                                                     ENGINE_ARG_TEXT(str_of(action_types)) };
    struct engine_statement statement            = { .args = args, .arg_count = COUNT_OF(args) };
    struct engine_table     rows;

    buf_printf(&sql, "%s read_parquet([", table_engine_sql[TABLE_ENGINE_SQL_DIFFERENCE_BEGIN].text);
    engine_quote_text(&sql, path);
    buf_printf(&sql, "], hive_partitioning = false) %s",
               table_engine_sql[TABLE_ENGINE_SQL_DIFFERENCE_END].text);
    TRY(buf_take(&sql, cx, "a comparison", &statement.sql));
    TRY(engine_rows(conn, cx, &statement, &rows));
    *out = rows.rows == 1 && str_eq(engine_cell(&rows, 0, 0), S("0"));
    return ST_OK;
}

static enum status compare(struct ctx *cx, const struct delta_place *place,
                           const struct checkpoint *checkpoint, str key)
{
    struct engine_conn *conn;
    bool                is_same = false;
    enum status         st;
    str                 path;

    if (!place->engine) {
        return ST_OK;
    }
    TRY(blob_local_path(place->blob, cx, key, &path));
    TRY(engine_connect(place->engine, cx, &conn));
    st = count_differences(cx, conn, checkpoint, path, &is_same);
    engine_disconnect(conn);
    if (st == ST_INVALID || st == ST_CORRUPT) { /* it has other columns, or is no Parquet file */
        err_clear(cx->err);
        st = ST_OK;
    }
    TRY(st);
    return is_same ? ST_OK
                   : FAIL(cx, CONFLICT, "\"" STR_FMT "\" is not what weft writes", STR_ARG(key));
}

enum status delta_checkpoint_check(struct ctx *cx, const struct delta_place *place, str address,
                                   int64_t version)
{
    struct checkpoint checkpoint;

    TRY(read_checkpoint(cx, address, version, &checkpoint));
    return compare(cx, place, &checkpoint, delta_checkpoint_key(cx->arena, address, version));
}

/* ------------------------------------------------------------------------- writing */

static enum status copy_rows(struct ctx *cx, struct engine_conn *conn,
                             const struct checkpoint *checkpoint, str path)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_value     args[]               = { ENGINE_ARG_TEXT(checkpoint->actions),
                                                     ENGINE_ARG_TEXT(str_of(action_types)) };
    struct engine_statement statement            = { .args = args, .arg_count = COUNT_OF(args) };
    struct engine_table     rows;

    buf_printf(&sql, "%s ", table_engine_sql[TABLE_ENGINE_SQL_CHECKPOINT_WRITE].text);
    engine_quote_text(&sql, path);
    buf_add(&sql, S(" (FORMAT parquet)"));
    TRY(buf_take(&sql, cx, "the statement that writes a checkpoint", &statement.sql));
    return engine_rows(conn, cx, &statement, &rows);
}

static enum status make_file(struct ctx *cx, const struct delta_place *place,
                             const struct checkpoint *checkpoint, str temp, str key)
{
    struct engine_conn *conn;
    enum status         st;
    str                 path;

    TRY(blob_delete(place->blob, cx, temp)); /* of one that was killed */
    TRY(blob_reserve(place->blob, cx, temp, &path));
    TRY(engine_connect(place->engine, cx, &conn));
    st = copy_rows(cx, conn, checkpoint, path);
    engine_disconnect(conn);
    TRY(st);
    return blob_put_file(place->blob, cx, key, path, NULL);
}

/* Goes on when the operation was cancelled or is late: nothing shall be left beside the data. */
static enum status remove_temp(struct ctx *cx, const struct delta_place *place, str temp)
{
    struct err err   = { 0 };
    struct ctx quiet = *cx;

    quiet.err         = &err;
    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    return blob_delete(place->blob, &quiet, temp);
}

enum status delta_checkpoint_write(struct ctx *cx, const struct delta_place *place, str address,
                                   int64_t version)
{
    str               key    = delta_checkpoint_key(cx->arena, address, version);
    str               folder = table_folder(cx->arena, address);
    struct checkpoint checkpoint;
    enum status       st;
    str               temp;

    TRY(read_checkpoint(cx, address, version, &checkpoint));
    temp = arena_printf(cx->arena, STR_FMT "data/" STR_FMT "/checkpoint.parquet", STR_ARG(folder),
                        STR_ARG(checkpoint.publish_id));
    st   = make_file(cx, place, &checkpoint, temp, key);
    if (st == ST_CONFLICT) {
        err_clear(cx->err);
        st = compare(cx, place, &checkpoint, key);
    }
    if (st != ST_OK) {
        ignore(remove_temp(cx, place, temp), "garbage is swept later");
        return st;
    }
    return blob_delete(place->blob, cx, temp);
}

/* The number of rows of the file that is there. */
static enum status count_rows(struct ctx *cx, const struct delta_place *place, str key, str *out)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_statement statement            = { 0 };
    struct engine_table     rows;
    struct engine_conn     *conn;
    enum status             st;
    str                     path;

    TRY(blob_local_path(place->blob, cx, key, &path));
    buf_printf(&sql, "%s read_parquet([", table_engine_sql[TABLE_ENGINE_SQL_CHECKPOINT_SIZE].text);
    engine_quote_text(&sql, path);
    buf_add(&sql, S("], hive_partitioning = false)"));
    TRY(buf_take(&sql, cx, "a count", &statement.sql));
    TRY(engine_connect(place->engine, cx, &conn));
    st = engine_rows(conn, cx, &statement, &rows);
    engine_disconnect(conn);
    TRY(st);
    *out = rows.rows == 1 ? engine_cell(&rows, 0, 0) : S("0");
    return ST_OK;
}

enum status delta_last_checkpoint_text(struct ctx *cx, const struct delta_place *place, str address,
                                       int64_t version, str *out)
{
    str                key = delta_checkpoint_key(cx->arena, address, version);
    struct delta_state state;
    struct blob_info   info;
    str                size;

    TRY(delta_state_read(cx, address, version, &state));
    TRY(blob_stat(place->blob, cx, key, &info));
    TRY(count_rows(cx, place, key, &size));
    *out = arena_printf(
        cx->arena,
        "{\"version\":%lld,\"size\":" STR_FMT ",\"sizeInBytes\":%llu,\"numOfAddFiles\":%zu}",
        (long long)version, STR_ARG(size), (unsigned long long)info.size, state.files.list.count);
    return ST_OK;
}
