/*
 * rows.c - the rows of a publish as files of its table, and what they take the place of.
 *
 *   full        one file, or one for each partition; nothing is kept
 *   append      ... beside the parent's files; many small ones of them become one
 *   partitions  ... in place of the parent's files of the same partitions
 *   merge       ... and of its files with one of their keys, whose other rows are written anew
 *
 * Files are immutable, so a row is replaced by writing its file again without it.
 */
#include "publish/publish_int.h"

#include "base/map.h"
#include "codec/json.h"
#include "publish/publish_engine_sql.h"

enum {
    STATEMENT_MAX  = ENGINE_SQL_MAX,
    PARTITIONS_MAX = 10000, /* of one run: each is a file */
};

/* An append that finds this many files smaller than that in one partition writes them as one. */
enum { SMALL_FILES = 16, SMALL_BYTES = 8 << 20 };

/* ------------------------------------------------------------------------- files */

static enum status add_file(struct publish_job *job, struct staged_table *s,
                            const struct rows_select *select, str partition)
{
    struct ctx        *cx    = job->cx;
    struct table_write write = {
        .columns   = &s->columns,
        .select    = select->sql,
        .args      = select->args,
        .arg_count = select->arg_count,
        .key = table_key(cx->arena, s->table->address, job->publish_id, (unsigned)s->files.count),
    };
    struct table_file file;

    TRY(table_write(cx, job->env->blob, job->conn, &write, &file));
    file.partition = partition;
    vec_push(cx->arena, &s->files, file);
    job->result->bytes += staged_is_view(s) ? 0 : file.bytes;
    return ST_OK;
}

/* "t"."a" = "u"."a" AND …, for the columns of the primary key. */
static void add_key_match(struct buf *sql, const struct project_table *table)
{
    for (size_t i = 0; i < table->key_count; i++) {
        buf_add(sql, i ? S(" AND o.") : S(" ON o."));
        engine_quote_ident(sql, table->keys[i]->name);
        buf_add(sql, S(" = n."));
        engine_quote_ident(sql, table->keys[i]->name);
    }
}

static enum status relation_of(struct publish_job *job, const struct staged_table *s,
                               const struct table_file *files, size_t count, bool has_file_name,
                               str *out)
{
    struct table_read read = { .columns       = &s->columns,
                               .files         = files,
                               .count         = count,
                               .is_exact      = s->is_exact,
                               .has_file_name = has_file_name };

    return table_relation(job->cx, job->env->blob, &read, out);
}

/* ------------------------------------------------------------------------- partitions */

static void add_rows_name(struct buf *sql, const struct publish_job *job,
                          const struct staged_table *s)
{
    engine_quote_ident(sql, job->schema);
    buf_add_char(sql, '.');
    engine_quote_ident(sql,
                       arena_printf(job->cx->arena, "rows of " STR_FMT, STR_ARG(s->table->name)));
}

static void add_casted(struct buf *sql, const struct project_column *c)
{
    buf_add(sql, S("CAST("));
    engine_quote_ident(sql, c->name);
    buf_printf(sql, " AS " STR_FMT ")", STR_ARG(c->type_text));
}

/* Has the rows lie in the engine, in the types that they will have. */
static enum status make_rows(struct publish_job *job, const struct staged_table *s,
                             const struct rows_select *select)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct engine_statement statement = { .args = select->args, .arg_count = select->arg_count };
    struct engine_table     none;

    buf_printf(&sql, "%s ", publish_engine_sql[PUBLISH_ENGINE_SQL_ROWS_MAKE].text);
    add_rows_name(&sql, job, s);
    buf_add(&sql, S(" AS SELECT "));
    for (size_t i = 0; i < s->table->column_count; i++) {
        buf_add(&sql, i ? S(", ") : STR_NONE);
        add_casted(&sql, &s->table->columns[i]);
        buf_add(&sql, S(" AS "));
        engine_quote_ident(&sql, s->table->columns[i].name);
    }
    buf_printf(&sql, " FROM (" STR_FMT ") AS built", STR_ARG(select->sql));
    TRY(buf_take(&sql, job->cx, "the statement that keeps rows", &statement.sql));
    return engine_rows(job->conn, job->cx, &statement, &none);
}

static enum status drop_rows(struct publish_job *job, const struct staged_table *s)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    str            text;

    buf_printf(&sql, "%s ", publish_engine_sql[PUBLISH_ENGINE_SQL_ROWS_DROP].text);
    add_rows_name(&sql, job, s);
    TRY(buf_take(&sql, job->cx, "a statement", &text));
    return engine_exec(job->conn, job->cx, text);
}

static enum status list_partitions(struct publish_job *job, const struct staged_table *s,
                                   struct engine_table *out)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct engine_statement statement            = { 0 };

    buf_add(&sql, S("SELECT "));
    for (size_t i = 0; i < s->table->partition_count; i++) {
        buf_add(&sql, i ? S(", CAST(p") : S("CAST(p"));
        buf_printf(&sql, "%zu AS VARCHAR)", i);
    }
    buf_add(&sql, S(" FROM (SELECT DISTINCT "));
    for (size_t i = 0; i < s->table->partition_count; i++) {
        buf_add(&sql, i ? S(", ") : STR_NONE);
        engine_quote_ident(&sql, s->table->partitions[i]->name);
        buf_printf(&sql, " AS p%zu", i);
    }
    buf_add(&sql, S(" FROM "));
    add_rows_name(&sql, job, s);
    buf_printf(&sql, ") ORDER BY ALL LIMIT %d", PARTITIONS_MAX + 1);
    TRY(buf_take(&sql, job->cx, "a statement", &statement.sql));
    TRY(engine_rows(job->conn, job->cx, &statement, out));
    if (out->rows > PARTITIONS_MAX) {
        return FAIL(job->cx, LIMIT,
                    "the rows lie in more than %d partitions; partition by something coarser, or "
                    "let the SQL give fewer at a time",
                    PARTITIONS_MAX);
    }
    return ST_OK;
}

/* {"column": "value", …}: what all rows of a file have. */
static enum status partition_text(struct publish_job *job, const struct staged_table *s,
                                  const struct engine_table *values, size_t row, str *out)
{
    struct arena *a    = job->cx->arena;
    struct json  *made = json_new_object(a);

    for (size_t i = 0; i < s->table->partition_count; i++) {
        str value = engine_cell(values, row, i);

        json_set(a, made, s->table->partitions[i]->name,
                 value.ptr ? json_new_str(a, value) : json_new_null(a));
    }
    return json_canonical(job->cx, made, out);
}

static enum status write_partition(struct publish_job *job, struct staged_table *s,
                                   const struct engine_table *values, size_t row)
{
    struct buf sql       CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct rows_select   select               = { 0 };
    struct engine_value *args =
        arena_array(job->cx->arena, s->table->partition_count, sizeof *args);
    str partition;

    buf_add(&sql, S("SELECT * FROM "));
    add_rows_name(&sql, job, s);
    for (size_t i = 0; i < s->table->partition_count; i++) {
        const struct project_column *c     = s->table->partitions[i];
        str                          value = engine_cell(values, row, i);

        buf_add(&sql, i ? S(" AND ") : S(" WHERE "));
        engine_quote_ident(&sql, c->name);
        if (value.ptr) {
            args[select.arg_count++] = ENGINE_ARG_TEXT(value);
            buf_printf(&sql, " = CAST($%zu AS " STR_FMT ")", select.arg_count,
                       STR_ARG(c->type_text));
        } else {
            buf_add(&sql, S(" IS NULL"));
        }
    }
    select.args = args;
    TRY(buf_take(&sql, job->cx, "a statement", &select.sql));
    TRY(partition_text(job, s, values, row, &partition));
    return add_file(job, s, &select, partition);
}

static enum status write_partitions(struct publish_job *job, struct staged_table *s,
                                    const struct rows_select *select)
{
    struct engine_table values;

    TRY(make_rows(job, s, select));
    TRY(list_partitions(job, s, &values));
    for (size_t i = 0; i < values.rows; i++) {
        TRY(write_partition(job, s, &values, i));
    }
    return drop_rows(job, s);
}

static enum status write_files(struct publish_job *job, struct staged_table *s,
                               const struct rows_select *select)
{
    return s->table->partition_count > 0 ? write_partitions(job, s, select)
                                         : add_file(job, s, select, STR_NONE);
}

/* ------------------------------------------------------------------------- what they replace */

/* Takes the files that `is_dropped` marks, an item for each, from those that the parent gives. */
static void drop_files(struct publish_job *job, struct staged_table *s, const bool *is_dropped)
{
    struct table_files kept = { 0 };

    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        const struct table_file *f = &s->parent_files.list.items[i];

        if (is_dropped[i]) {
            vec_push(job->cx->arena, &s->dropped.list, *f);
        } else {
            vec_push(job->cx->arena, &kept.list, *f);
        }
    }
    s->parent_files = kept;
}

/* Files written when the table was not partitioned, or by other columns, are of no partition of today. */
static enum status check_partitioning(struct publish_job *job, const struct staged_table *s)
{
    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        str          text = s->parent_files.list.items[i].partition;
        struct json *was  = NULL;
        bool         is_same;

        if (text.len > 0) {
            TRY(json_read(job->cx, text, "the partition of a file", NULL, &was));
        }
        is_same = (was ? was->count : 0) == s->table->partition_count;
        for (size_t k = 0; is_same && k < s->table->partition_count; k++) {
            is_same = json_get(was, s->table->partitions[k]->name) != NULL;
        }
        if (!is_same) {
            return FAIL(job->cx, INVALID,
                        "table " STR_FMT
                        " was partitioned by other columns; publish it once with --full",
                        STR_ARG(s->table->address));
        }
    }
    return ST_OK;
}

static void replace_partitions(struct publish_job *job, struct staged_table *s, size_t first)
{
    bool      *is_dropped = arena_array(job->cx->arena, s->parent_files.list.count, sizeof(bool));
    struct map written    = { 0 };

    for (size_t i = first; i < s->files.count; i++) {
        map_put(&written, job->cx->arena, s->files.items[i].partition, &s->files.items[i]);
    }
    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        is_dropped[i] = map_get(&written, s->parent_files.list.items[i].partition) != NULL;
    }
    drop_files(job, s, is_dropped);
}

/* Marks the parent's files that hold a key of the new rows. */
static enum status find_touched(struct publish_job *job, const struct staged_table *s, str fresh,
                                bool *is_touched)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct engine_statement statement            = { 0 };
    struct engine_table     found;
    struct map              paths = { 0 };
    str                     old;

    TRY(relation_of(job, s, s->parent_files.list.items, s->parent_files.list.count, true, &old));
    buf_printf(&sql,
               "SELECT DISTINCT o.\"" TABLE_FILE_NAME "\" FROM " STR_FMT " AS o SEMI JOIN " STR_FMT
               " AS n",
               STR_ARG(old), STR_ARG(fresh));
    add_key_match(&sql, s->table);
    TRY(buf_take(&sql, job->cx, "a statement", &statement.sql));
    TRY(engine_rows(job->conn, job->cx, &statement, &found));
    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        str path;

        TRY(blob_local_path(job->env->blob, job->cx, s->parent_files.list.items[i].key, &path));
        map_put(&paths, job->cx->arena, path, &is_touched[i]);
    }
    for (size_t i = 0; i < found.rows; i++) {
        bool *mark = map_get(&paths, engine_cell(&found, i, 0));

        if (!mark) {
            return FAIL(job->cx, INTERNAL, "the engine read a file that was not given to it");
        }
        *mark = true;
    }
    return ST_OK;
}

/* A file without rows is no use to anybody. */
static enum status remove_if_empty(struct publish_job *job, struct staged_table *s, size_t first)
{
    if (s->files.count != first + 1 || s->files.items[first].rows > 0) {
        return ST_OK;
    }
    TRY(blob_delete(job->env->blob, job->cx, s->files.items[first].key));
    s->files.count = first;
    return ST_OK;
}

/* What the dropped files hold besides the new rows' keys, in new files. */
static enum status write_rest(struct publish_job *job, struct staged_table *s, str fresh)
{
    struct buf sql     CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct rows_select select               = { 0 };
    size_t             first                = s->files.count;
    str                old;

    if (s->dropped.list.count == 0) {
        return ST_OK;
    }
    TRY(relation_of(job, s, s->dropped.list.items, s->dropped.list.count, false, &old));
    buf_printf(&sql, "SELECT o.* FROM " STR_FMT " AS o ANTI JOIN " STR_FMT " AS n", STR_ARG(old),
               STR_ARG(fresh));
    add_key_match(&sql, s->table);
    TRY(buf_take(&sql, job->cx, "a statement", &select.sql));
    TRY(write_files(job, s, &select));
    return remove_if_empty(job, s, first);
}

static enum status replace_keys(struct publish_job *job, struct staged_table *s)
{
    bool *is_touched = arena_array(job->cx->arena, s->parent_files.list.count, sizeof(bool));
    str   fresh;

    if (s->parent_files.list.count == 0 || s->files.count == 0) {
        return ST_OK;
    }
    TRY(relation_of(job, s, s->files.items, s->files.count, false, &fresh));
    TRY(find_touched(job, s, fresh, is_touched));
    drop_files(job, s, is_touched);
    return write_rest(job, s, fresh);
}

/* ------------------------------------------------------------------------- small files */

/* Marks the parent's files that are small, in partitions with many such; false when there are none. */
static bool find_small(struct publish_job *job, const struct staged_table *s, bool *is_small)
{
    struct map counts = { 0 };
    bool       is_any = false;

    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        const struct table_file *f     = &s->parent_files.list.items[i];
        size_t                  *count = map_get(&counts, f->partition);

        if (f->bytes < SMALL_BYTES) {
            if (!count) {
                count = ARENA_NEW(job->cx->arena, size_t);
                map_put(&counts, job->cx->arena, f->partition, count);
            }
            ++*count;
        }
    }
    for (size_t i = 0; i < s->parent_files.list.count; i++) {
        const struct table_file *f     = &s->parent_files.list.items[i];
        const size_t            *count = map_get(&counts, f->partition);

        is_small[i] = f->bytes < SMALL_BYTES && *count >= SMALL_FILES;
        is_any      = is_any || is_small[i];
    }
    return is_any;
}

/* The same rows in fewer files, so that a table that grows by little stays quick to read. */
static enum status compact(struct publish_job *job, struct staged_table *s)
{
    bool *is_small = arena_array(job->cx->arena, s->parent_files.list.count, sizeof(bool));
    struct rows_select select = { 0 };
    str                old;

    if (!find_small(job, s, is_small)) {
        return ST_OK;
    }
    drop_files(job, s, is_small);
    TRY(relation_of(job, s, s->dropped.list.items, s->dropped.list.count, false, &old));
    select.sql = arena_printf(job->cx->arena, "SELECT * FROM " STR_FMT, STR_ARG(old));
    return write_files(job, s, &select);
}

/* ------------------------------------------------------------------------- the whole */

static enum status replace(struct publish_job *job, struct staged_table *s)
{
    switch (s->table->material) {
    case PROJECT_MATERIAL_FULL: return ST_OK;
    case PROJECT_MATERIAL_APPEND: return compact(job, s);
    case PROJECT_MATERIAL_PARTITIONS: replace_partitions(job, s, 0); return ST_OK;
    case PROJECT_MATERIAL_MERGE: return replace_keys(job, s);
    }
    BUG("replace: unknown materialization");
}

enum status rows_write(struct publish_job *job, struct staged_table *s,
                       const struct rows_select *select)
{
    if (s->has_parent && s->table->material == PROJECT_MATERIAL_PARTITIONS) {
        TRY(check_partitioning(job, s));
    }
    TRY(write_files(job, s, select));
    for (size_t i = 0; i < s->files.count; i++) {
        s->rows += s->files.items[i].rows;
    }
    return s->has_parent ? replace(job, s) : ST_OK;
}
