/*
 * delta_actions.c - the actions of one version: what changed from one snapshot to the next.
 *
 * Files are told apart by their keys alone, whatever kind of publish it was: those that the snapshot
 * before held and this one does not are removed, the others are added. All times are those of the
 * store's rows.
 */
#include "table/delta_int.h"

#include "base/map.h"
#include "table/table_sql.h"

enum { MS = 1000 /* microseconds */ };

/* ------------------------------------------------------------------------- a table at one version */

struct feature {
    unsigned bit; /* 0: every table of features has it, for writers made for older protocols do */
    bool     is_of_readers;
    str      name;
};

/* In the order in which they are listed. */
static const struct feature features_known[] = {
    { 0, false, STR_INIT("appendOnly") },
    { 0, false, STR_INIT("invariants") },
    { DELTA_COLUMN_MAPPING, true, STR_INIT("columnMapping") },
    { DELTA_TIMESTAMP_NTZ, true, STR_INIT("timestampNtz") },
    { DELTA_VIEW, true, STR_INIT("weftView") },
};

static void write_features(struct json_writer *w, str name, unsigned features, bool is_of_readers)
{
    json_w_key(w, name);
    json_w_array_begin(w);
    for (size_t i = 0; i < COUNT_OF(features_known); i++) {
        const struct feature *f = &features_known[i];

        if (is_of_readers ? f->is_of_readers && (features & f->bit)
                          : f->bit == 0 || (features & f->bit)) {
            json_w_str(w, f->name);
        }
    }
    json_w_array_end(w);
}

static enum status protocol_text(struct ctx *cx, unsigned features, str *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(4096);
    struct json_writer w;

    json_w_init(&w, &text, JSON_COMPACT);
    json_w_object_begin(&w);
    json_w_member_i64(&w, S("minReaderVersion"), features ? 3 : 1);
    json_w_member_i64(&w, S("minWriterVersion"), features ? 7 : 2);
    if (features) {
        write_features(&w, S("readerFeatures"), features, true);
        write_features(&w, S("writerFeatures"), features, false);
    }
    json_w_object_end(&w);
    return buf_take(&text, cx, "the protocol of a Delta table", out);
}

/* What columns of this and of earlier snapshots ask for: a feature stays once it was needed. */
static enum status features_until(struct ctx *cx, const struct table_snapshot *s, unsigned *out)
{
    unsigned             made                     = s->view.len > 0 ? DELTA_VIEW : 0;
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_COLUMNS_UNTIL],
                 DB_ARGS(db_text(s->address), db_i64(s->number)), &rows));
    for (;;) {
        struct table_columns columns;
        unsigned             features;

        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        TRY(table_columns_read(cx, db_text_dup(rows, cx, 0), &columns));
        TRY(delta_features(cx, &columns, &features));
        made |= features;
    }
    *out = made;
    return ST_OK;
}

static void write_configuration(struct ctx *cx, struct json_writer *w,
                                const struct table_columns *columns, unsigned features)
{
    json_w_key(w, S("configuration"));
    json_w_object_begin(w);
    if (features & DELTA_COLUMN_MAPPING) {
        json_w_member_str(w, S("delta.columnMapping.mode"), S("name"));
        json_w_member_str(w, S("delta.columnMapping.maxColumnId"),
                          arena_printf(cx->arena, "%d", columns->last_id));
    }
    json_w_object_end(w);
}

/* Whether all rows of a file have one value in each of these columns, of which readers make the same. */
static enum status is_partition(struct ctx *cx, const struct table_file *file,
                                const struct table_about *about, bool *out)
{
    struct json *values = NULL;
    bool         fits;

    if (file->partition.len > 0) {
        TRY(json_read(cx, file->partition, "the partition of a file", NULL, &values));
    }
    fits = (values ? values->count : 0) == about->partitions.count;
    for (size_t i = 0; fits && i < about->partitions.count; i++) {
        const struct json *value = json_get(values, about->partitions.items[i]);

        fits = value && !(json_is(value, JSON_STRING) && value->text.len == 0);
    }
    *out = fits;
    return ST_OK;
}

/*
 * Files hold all their columns, so partitions are a help to readers and no more. They are told when every
 * file of the version has them: a rollback may bring back files of another partitioning, and an empty
 * text would be read as NULL (PROTOCOL.md, Partition Value Serialization).
 */
static enum status write_partition_columns(struct ctx *cx, struct json_writer *w,
                                           const struct table_about *about,
                                           const struct table_files *files)
{
    bool fits = true;

    for (size_t i = 0; fits && about->partitions.count > 0 && i < files->list.count; i++) {
        TRY(is_partition(cx, &files->list.items[i], about, &fits));
    }
    json_w_key(w, S("partitionColumns"));
    json_w_array_begin(w);
    for (size_t i = 0; fits && i < about->partitions.count; i++) {
        json_w_str(w, about->partitions.items[i]);
    }
    json_w_array_end(w);
    return ST_OK;
}

static enum status meta_text(struct ctx *cx, const struct delta_state *state, unsigned features,
                             str *out)
{
    const struct table_snapshot *s                    = &state->snapshot;
    struct buf text              CLEANUP(buf_release) = BUF_INIT(DELTA_TEXT_MAX);
    struct json_writer           w;
    const struct db_rows        *identity;
    struct table_about           about;
    str                          schema;

    TRY(db_query_one(cx, &table_sql[TABLE_SQL_IDENTITY_GET], DB_ARGS(db_text(s->address)),
                     &identity));
    if (!identity) {
        return FAIL(cx, CORRUPT, "the store does not say who table \"" STR_FMT "\" is",
                    STR_ARG(s->address));
    }
    TRY(table_about_read(cx, s->about, &about));
    TRY(delta_schema_text(cx, &s->columns, &about, features, &schema));
    json_w_init(&w, &text, JSON_COMPACT);
    json_w_object_begin(&w);
    json_w_member_str(&w, S("id"), db_col_text(identity, 0));
    json_w_member_str(&w, S("name"), s->address);
    if (about.description.len > 0) {
        json_w_member_str(&w, S("description"), about.description);
    }
    json_w_key(&w, S("format"));
    json_w_raw(&w, S("{\"provider\":\"parquet\",\"options\":{}}"));
    json_w_member_str(&w, S("schemaString"), schema);
    TRY(write_partition_columns(cx, &w, &about, &state->files));
    json_w_member_i64(&w, S("createdTime"), db_col_i64(identity, 1) / MS);
    write_configuration(cx, &w, &s->columns, features);
    json_w_object_end(&w);
    return buf_take(&text, cx, "what a Delta log says of a table", out);
}

enum status delta_state_read(struct ctx *cx, str address, int64_t number, struct delta_state *out)
{
    struct delta_state made = { 0 };
    unsigned           features;

    TRY(table_at(cx, address, number, &made.snapshot));
    TRY(table_files_of(cx, made.snapshot.id, &made.files));
    TRY(features_until(cx, &made.snapshot, &features));
    TRY(protocol_text(cx, features, &made.protocol));
    TRY(meta_text(cx, &made, features, &made.meta));
    *out = made;
    return ST_OK;
}

/* ------------------------------------------------------------------------- actions */

/* The key below the folder of the table, as a relative URI (RFC 2396). */
static enum status path_of(struct ctx *cx, const struct delta_state *state,
                           const struct table_file *file, str *out)
{
    struct buf uri CLEANUP(buf_release) = BUF_INIT(4096);
    str            folder               = table_folder(cx->arena, state->snapshot.address);

    if (!str_starts(file->key, folder)) {
        return FAIL(cx, CORRUPT, "file \"" STR_FMT "\" does not lie in the folder of its table",
                    STR_ARG(file->key));
    }
    for (size_t i = folder.len; i < file->key.len; i++) {
        char c = file->key.ptr[i];

        if (char_is_alpha(c) || char_is_digit(c) || str_find_char(S("/-._~="), c, &(size_t){ 0 })) {
            buf_add_char(&uri, c);
        } else {
            buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
    return buf_take(&uri, cx, "the path of a file", out);
}

enum status delta_write_add(struct ctx *cx, struct json_writer *w, const struct delta_state *state,
                            const struct table_file *file, enum delta_add how)
{
    str path, stats;

    TRY(path_of(cx, state, file, &path));
    TRY(delta_stats_text(cx, &state->snapshot.columns, file, &stats));
    json_w_object_begin(w);
    json_w_key(w, S("add"));
    json_w_object_begin(w);
    json_w_member_str(w, S("path"), path);
    json_w_key(w, S("partitionValues"));
    json_w_raw(w, file->partition.len > 0 ? file->partition : S("{}"));
    json_w_member_u64(w, S("size"), file->bytes);
    json_w_member_i64(w, S("modificationTime"), file->made_us / MS);
    json_w_member_bool(w, S("dataChange"), how == DELTA_ADD_NEW);
    json_w_member_str(w, S("stats"), stats);
    json_w_object_end(w);
    json_w_object_end(w);
    return ST_OK;
}

enum status delta_write_remove(struct ctx *cx, struct json_writer *w,
                               const struct delta_state *state, const struct table_file *file,
                               const struct delta_removal *how)
{
    str path;

    TRY(path_of(cx, state, file, &path));
    json_w_object_begin(w);
    json_w_key(w, S("remove"));
    json_w_object_begin(w);
    json_w_member_str(w, S("path"), path);
    json_w_member_i64(w, S("deletionTimestamp"), how->at_us / MS);
    json_w_member_bool(w, S("dataChange"), how->is_change);
    json_w_member_bool(w, S("extendedFileMetadata"), true);
    json_w_key(w, S("partitionValues"));
    json_w_raw(w, file->partition.len > 0 ? file->partition : S("{}"));
    json_w_member_u64(w, S("size"), file->bytes);
    json_w_object_end(w);
    json_w_object_end(w);
    return ST_OK;
}

/* ------------------------------------------------------------------------- one version */

/* Files of `a` that are not among those of `b`. */
static struct table_files without(struct ctx *cx, const struct table_files *a,
                                  const struct table_files *b)
{
    struct table_files made = { 0 };
    struct map         held = { 0 };

    for (size_t i = 0; i < b->list.count; i++) {
        (void)map_put(&held, cx->arena, b->list.items[i].key, &b->list.items[i]);
    }
    for (size_t i = 0; i < a->list.count; i++) {
        if (!map_has(&held, a->list.items[i].key)) {
            vec_push(cx->arena, &made.list, a->list.items[i]);
        }
    }
    return made;
}

/* What Spark shows of a commit; values are texts there. */
static void write_metrics(struct ctx *cx, struct json_writer *w, const struct table_files *added,
                          const struct table_files *removed)
{
    uint64_t rows = 0, bytes = 0;

    for (size_t i = 0; i < added->list.count; i++) {
        rows += added->list.items[i].rows;
        bytes += added->list.items[i].bytes;
    }
    json_w_key(w, S("operationMetrics"));
    json_w_object_begin(w);
    json_w_member_str(w, S("numFiles"), arena_printf(cx->arena, "%zu", added->list.count));
    json_w_member_str(w, S("numRemovedFiles"), arena_printf(cx->arena, "%zu", removed->list.count));
    json_w_member_str(w, S("numOutputRows"),
                      arena_printf(cx->arena, "%llu", (unsigned long long)rows));
    json_w_member_str(w, S("numOutputBytes"),
                      arena_printf(cx->arena, "%llu", (unsigned long long)bytes));
    json_w_object_end(w);
}

/* The program's version is not in it: another one must write the same bytes. */
static void write_info(struct ctx *cx, struct json_writer *w, const struct delta_state *state,
                       const struct table_files *added, const struct table_files *removed)
{
    bool is_append = removed->list.count == 0;

    json_w_object_begin(w);
    json_w_key(w, S("commitInfo"));
    json_w_object_begin(w);
    json_w_member_i64(w, S("timestamp"), state->snapshot.made_us / MS);
    json_w_member_str(w, S("operation"), S("WRITE"));
    json_w_key(w, S("operationParameters"));
    json_w_object_begin(w);
    json_w_member_str(w, S("mode"), is_append ? S("Append") : S("Overwrite"));
    json_w_member_str(w, S("partitionBy"), S("[]"));
    json_w_object_end(w);
    json_w_member_bool(w, S("isBlindAppend"), is_append);
    write_metrics(cx, w, added, removed);
    json_w_key(w, S("tags"));
    json_w_object_begin(w);
    json_w_member_str(w, S("weft.publish"), state->snapshot.publish_id);
    json_w_member_str(w, S("weft.snapshot"), state->snapshot.id);
    json_w_object_end(w);
    json_w_member_str(w, S("engineInfo"), S("weft"));
    json_w_object_end(w);
    json_w_object_end(w);
}

static void write_named(struct buf *out, str name, str object)
{
    buf_printf(out, "{\"" STR_FMT "\":", STR_ARG(name));
    buf_add(out, object);
    buf_add(out, S("}\n"));
}

/* Version 0: the table is there, with the columns of its first snapshot and no rows. */
static void write_creation(struct buf *out, const struct delta_state *first)
{
    buf_printf(out,
               "{\"commitInfo\":{\"timestamp\":%lld,\"operation\":\"CREATE TABLE\","
               "\"operationParameters\":{\"partitionBy\":\"[]\"},\"isBlindAppend\":true,"
               "\"engineInfo\":\"weft\"}}\n",
               (long long)first->snapshot.made_us / MS);
    write_named(out, S("protocol"), first->protocol);
    write_named(out, S("metaData"), first->meta);
}

static enum status write_files(struct ctx *cx, struct buf *out, const struct delta_state *state,
                               const struct table_files *added, const struct table_files *removed)
{
    struct delta_removal how = { state->snapshot.made_us, true };

    for (size_t i = 0; i < removed->list.count; i++) {
        struct json_writer w;

        json_w_init(&w, out, JSON_COMPACT);
        TRY(delta_write_remove(cx, &w, state, &removed->list.items[i], &how));
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < added->list.count; i++) {
        struct json_writer w;

        json_w_init(&w, out, JSON_COMPACT);
        TRY(delta_write_add(cx, &w, state, &added->list.items[i], DELTA_ADD_NEW));
        buf_add_char(out, '\n');
    }
    return ST_OK;
}

/*
 * A file has one type for a column, and a version that keeps it must have the same (PROTOCOL.md,
 * Consistency Between Table Metadata and Data Files). What the engine widens as it reads, the log
 * cannot say without the feature typeWidening, which few readers have.
 */
static enum status check_types(struct ctx *cx, const struct delta_state *before,
                               const struct delta_state *now)
{
    for (size_t i = 0; i < now->snapshot.columns.list.count; i++) {
        const struct table_column *c = &now->snapshot.columns.list.items[i];

        for (size_t k = 0; k < before->snapshot.columns.list.count; k++) {
            const struct table_column *old = &before->snapshot.columns.list.items[k];

            if (old->field_id == c->field_id && !str_eq(old->type, c->type)) {
                return FAIL(cx, UNSUPPORTED,
                            "snapshot %lld of " STR_FMT " keeps files in which column \"" STR_FMT
                            "\" has type " STR_FMT ", not " STR_FMT
                            "; its Delta log ends before (a publish of all rows in a new major "
                            "has a log of its own)",
                            (long long)now->snapshot.number, STR_ARG(now->snapshot.address),
                            STR_ARG(c->name), STR_ARG(old->type), STR_ARG(c->type));
            }
        }
    }
    return ST_OK;
}

static enum status write_change(struct ctx *cx, struct buf *out, const struct delta_state *before,
                                const struct delta_state *now)
{
    struct table_files added   = without(cx, &now->files, &before->files);
    struct table_files removed = without(cx, &before->files, &now->files);
    struct json_writer w;

    TRY(added.list.count < now->files.list.count ? check_types(cx, before, now) : ST_OK);
    json_w_init(&w, out, JSON_COMPACT);
    write_info(cx, &w, now, &added, &removed);
    buf_add_char(out, '\n');
    if (!str_eq(before->protocol, now->protocol)) {
        write_named(out, S("protocol"), now->protocol);
    }
    if (!str_eq(before->meta, now->meta)) {
        write_named(out, S("metaData"), now->meta);
    }
    return write_files(cx, out, now, &added, &removed);
}

enum status delta_commit_text(struct ctx *cx, str address, int64_t version, str *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(DELTA_TEXT_MAX);
    struct delta_state before, now;

    TRY(delta_state_read(cx, address, version == 0 ? 1 : version, &now));
    if (version == 0) {
        write_creation(&text, &now);
        return buf_take(&text, cx, "a version of a Delta log", out);
    }
    before       = now; /* as version 0 left it */
    before.files = (struct table_files){ 0 };
    if (version > 1) {
        TRY(delta_state_read(cx, address, version - 1, &before));
    }
    TRY(write_change(cx, &text, &before, &now));
    return buf_take(&text, cx, "a version of a Delta log", out);
}
