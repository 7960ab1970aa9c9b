/*
 * receipt.c - receipts in the store: append, read.
 */
#include "journal/receipt.h"

#include "codec/json.h"
#include "db/db.h"
#include "journal/journal_int.h"
#include "journal/journal_sql.h"

static struct receipt_link link_of(struct ctx *cx, const struct db_rows *row)
{
    return (struct receipt_link){
        .sequence   = db_col_i64(row, 0),
        .publish_id = db_text_dup(row, cx, 1),
        .sha256     = db_text_dup(row, cx, 2),
        .time_us    = db_col_i64(row, 3),
        .key_id     = db_text_dup(row, cx, 4),
    };
}

enum status receipt_head(struct ctx *cx, str product_id, struct receipt_link *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_RECEIPT_LIST],
                     DB_ARGS(db_text(product_id), db_i64(1)), &row));
    *out = row != NULL ? link_of(cx, row) : (struct receipt_link){ 0 };
    return ST_OK;
}

/* Sums over all tables of the publish. */
static void count_content(const struct receipt *r, int64_t *tables, int64_t *rows, int64_t *bytes)
{
    *tables = *rows = *bytes = 0;
    for (size_t i = 0; i < r->ports.count; i++) {
        const struct receipt_port *p = &r->ports.items[i];

        for (size_t k = 0; k < p->table_count; k++) {
            *tables += 1;
            *rows += p->tables[k].rows;
            *bytes += p->tables[k].bytes;
        }
    }
}

/* The event that anchors the receipt in the journal's chain. */
static enum status append_event(struct ctx *cx, const struct receipt *r,
                                const struct receipt_link *link, struct journal_link *out)
{
    struct arena        *a       = cx->arena;
    struct json         *details = json_new_object(a);
    struct journal_event event   = {
          .kind    = JOURNAL_PRODUCT_PUBLISHED,
          .subject = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(r->domain), STR_ARG(r->product)),
          .details = details,
    };
    int64_t tables, rows, bytes;

    count_content(r, &tables, &rows, &bytes);
    json_set(a, details, S("product_id"), json_new_str(a, r->product_id));
    json_set(a, details, S("publish"), json_new_str(a, r->publish_id));
    json_set(a, details, S("sequence"), json_new_i64(a, link->sequence));
    json_set(a, details, S("receipt"), json_new_str(a, link->sha256));
    json_set(a, details, S("tables"), json_new_i64(a, tables));
    json_set(a, details, S("rows"), json_new_i64(a, rows));
    json_set(a, details, S("bytes"), json_new_i64(a, bytes));
    return journal_append(cx, &event, out);
}

enum status receipt_append(struct ctx *cx, const struct receipt_key *key, const struct receipt *r,
                           struct receipt_link *out)
{
    struct receipt_link   previous, link;
    struct journal_link   event;
    const struct db_rows *row;
    str                   document;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_RECEIPT_OF_PUBLISH],
                     DB_ARGS(db_text(r->publish_id)), &row));
    if (row != NULL) {
        return FAIL(cx, CONFLICT, "publish \"" STR_FMT "\" has a receipt", STR_ARG(r->publish_id));
    }
    TRY(receipt_head(cx, r->product_id, &previous));
    TRY(receipt_build(cx, key, r, &previous, &document, &link));
    TRY(append_event(cx, r, &link, &event));
    TRY(db_run(cx, &journal_sql[JOURNAL_SQL_RECEIPT_PUT],
               DB_ARGS(db_text(r->product_id), db_i64(link.sequence), db_text(r->publish_id),
                       db_text(link.sha256), db_text(previous.sha256), db_text(link.key_id),
                       db_i64(link.time_us), db_i64(event.seq), db_blob(document))));
    *out = link;
    return ST_OK;
}

enum status receipt_get(struct ctx *cx, str publish_id, str *out_document)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_RECEIPT_DOCUMENT], DB_ARGS(db_text(publish_id)),
                     &row));
    if (row == NULL) {
        return FAIL(cx, NOT_FOUND, "there is no receipt of publish \"" STR_FMT "\"",
                    STR_ARG(publish_id));
    }
    *out_document = db_col_blob(row, 0);
    return ST_OK;
}

enum status receipt_list(struct ctx *cx, str product_id, size_t limit, struct receipt_link **out,
                         size_t *out_count)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    VEC(struct receipt_link) list                 = { 0 };
    bool has_row                                  = false;

    limit = limit > 0 ? limit : JOURNAL_LIST_USUAL;
    if (limit > JOURNAL_LIST_MAX) {
        return FAIL(cx, LIMIT, "a list of %zu receipts: the limit is %d", limit, JOURNAL_LIST_MAX);
    }
    TRY(db_query(cx, &journal_sql[JOURNAL_SQL_RECEIPT_LIST],
                 DB_ARGS(db_text(product_id), db_i64((int64_t)limit)), &rows));
    TRY(db_next(rows, cx, &has_row));
    while (has_row) {
        vec_push(cx->arena, &list, link_of(cx, rows));
        TRY(db_next(rows, cx, &has_row));
    }
    *out       = list.items;
    *out_count = list.count;
    return ST_OK;
}
