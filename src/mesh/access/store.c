/*
 * store.c - the set in force, as rows.
 */
#include "access/access_int.h"

#include "access/access_migrations.h"
#include "access/access_sql.h"
#include "journal/journal.h"

enum status access_in_force(struct ctx *cx, struct access_in_force *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &access_sql[ACCESS_SQL_SET_NEWEST], DB_NO_ARGS, &row));
    *out = (struct access_in_force){ 0 };
    if (row) {
        *out = (struct access_in_force){ .seq         = db_col_i64(row, 0),
                                         .fingerprint = db_text_dup(row, cx, 1),
                                         .actor       = db_text_dup(row, cx, 2),
                                         .since_us    = db_col_i64(row, 3) };
    }
    return ST_OK;
}

enum status access_stored(struct ctx *cx, struct access_in_force *out,
                          struct access_documents *out_documents)
{
    struct access_documents made                     = { 0 };
    struct db_rows *rows    CLEANUP(db_rows_cleanup) = NULL;
    bool                    has_row;

    TRY(access_in_force(cx, out));
    TRY(db_query(cx, &access_sql[ACCESS_SQL_DOCUMENT_LIST], DB_ARGS(db_i64(out->seq)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct access_document){
                     .text   = { .name  = db_text_dup(rows, cx, 0),
                                 .bytes = arena_dup(cx->arena, db_col_blob(rows, 3)) },
                     .domain = db_text_dup(rows, cx, 1),
                     .sha256 = db_text_dup(rows, cx, 2) });
    }
    *out_documents = made;
    return ST_OK;
}

/* ---- bringing into force ---- */

static const struct access_document *find(const struct access_documents *list, str path)
{
    for (size_t i = 0; i < list->list.count; i++) {
        if (str_eq(list->list.items[i].text.name, path)) {
            return &list->list.items[i];
        }
    }
    return NULL;
}

/* Paths that the first list has and the second has not, or has otherwise. */
static struct json *paths_beyond(struct arena *a, const struct access_documents *these,
                                 const struct access_documents *others)
{
    struct json *paths = json_new_array(a);

    for (size_t i = 0; i < these->list.count; i++) {
        const struct access_document *d     = &these->list.items[i];
        const struct access_document *other = find(others, d->text.name);

        if (!other || !str_eq(other->sha256, d->sha256)) {
            json_append(a, paths, json_new_str(a, d->text.name));
        }
    }
    return paths;
}

static enum status tell(struct ctx *cx, str fingerprint, const struct access_documents *before,
                        const struct access_documents *now)
{
    struct json *details = json_new_object(cx->arena);

    json_set(cx->arena, details, S("fingerprint"), json_new_str(cx->arena, fingerprint));
    json_set(cx->arena, details, S("now"), paths_beyond(cx->arena, now, before));
    json_set(cx->arena, details, S("before"), paths_beyond(cx->arena, before, now));
    return journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_POLICY_CHANGED, .details = details }, NULL);
}

enum status access_store(struct ctx *cx, str fingerprint, const struct access_documents *documents)
{
    struct access_in_force  newest;
    struct access_documents before;
    int64_t                 seq;

    TRY(access_stored(cx, &newest, &before));
    if (str_eq(newest.fingerprint, fingerprint)) { /* another process was faster */
        return ST_OK;
    }
    seq = newest.seq + 1;
    TRY(db_run(
        cx, &access_sql[ACCESS_SQL_SET_PUT],
        DB_ARGS(db_i64(seq), db_text(fingerprint), db_text(cx->actor), db_i64(ctx_now_us(cx)))));
    for (size_t i = 0; i < documents->list.count; i++) {
        const struct access_document *d = &documents->list.items[i];

        TRY(db_run(cx, &access_sql[ACCESS_SQL_TEXT_PUT],
                   DB_ARGS(db_text(d->sha256), db_blob(d->text.bytes))));
        TRY(db_run(
            cx, &access_sql[ACCESS_SQL_DOCUMENT_PUT],
            DB_ARGS(db_i64(seq), db_text(d->text.name), db_text(d->domain), db_text(d->sha256))));
    }
    return tell(cx, fingerprint, &before, documents);
}

struct db_module access_schema(void)
{
    return (struct db_module){ "access", access_migrations, access_migration_count };
}
