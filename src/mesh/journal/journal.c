/*
 * journal.c - events: kinds, append, read.
 */
#include "journal/journal.h"

#include <assert.h>

#include "base/id.h"
#include "codec/digest.h"
#include "db/db.h"
#include "journal/journal_int.h"
#include "journal/journal_migrations.h"
#include "journal/journal_sql.h"

struct kind_row {
    str text, doc;
};

static const struct kind_row kinds[] = {
#define X(name, text, doc) [JOURNAL_##name] = { STR_INIT(text), STR_INIT(doc) },
    JOURNAL_KIND_TABLE(X)
#undef X
};

str journal_kind_text(enum journal_kind kind)
{
    assert((size_t)kind < COUNT_OF(kinds));
    return kinds[kind].text;
}

str journal_kind_doc(enum journal_kind kind)
{
    assert((size_t)kind < COUNT_OF(kinds));
    return kinds[kind].doc;
}

bool journal_kind_parse(str text, enum journal_kind *out)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq(kinds[i].text, text)) {
            *out = (enum journal_kind)i;
            return true;
        }
    }
    return false;
}

struct db_module journal_schema(void)
{
    return (struct db_module){ "journal", journal_migrations, journal_migration_count };
}

/* ---- hash ---- */

static enum status parse_details(struct ctx *cx, str details, struct json **out)
{
    str again;

    TRY(json_read(cx, details, "details", NULL, out));
    if (!json_is(*out, JSON_OBJECT)) {
        return FAIL(cx, INVALID, "details are not an object");
    }
    TRY(json_canonical(cx, *out, &again));
    if (!str_eq(again, details)) {
        return FAIL(cx, INVALID, "details are not in canonical form");
    }
    return ST_OK;
}

enum status journal_hash(struct ctx *cx, const struct journal_record *r, str *out)
{
    struct arena *a     = cx->arena;
    struct json  *event = json_new_object(a);
    struct json  *details;
    str           text;

    TRY(parse_details(cx, r->details, &details));
    json_set(a, event, S("seq"), json_new_i64(a, r->seq));
    json_set(a, event, S("id"), json_new_str(a, r->id));
    json_set(a, event, S("time_us"), json_new_i64(a, r->time_us));
    json_set(a, event, S("kind"), json_new_str(a, r->kind));
    json_set(a, event, S("actor"), json_new_str(a, r->actor));
    json_set(a, event, S("purpose"), json_new_str(a, r->purpose));
    json_set(a, event, S("subject"), json_new_str(a, r->subject));
    json_set(a, event, S("details"), details);
    json_set(a, event, S("previous"), json_new_str(a, r->previous));
    TRY(json_canonical(cx, event, &text));
    *out = digest_hex(cx, sha256_of(text));
    return ST_OK;
}

/* ---- append ---- */

enum status journal_head(struct ctx *cx, struct journal_link *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_EVENT_LAST], DB_NO_ARGS, &row));
    *out = row == NULL ? (struct journal_link){ 0 }
                       : (struct journal_link){ .seq  = db_col_i64(row, 0),
                                                .id   = db_col_text(row, 1),
                                                .hash = db_col_text(row, 2) };
    return ST_OK;
}

static enum status check_text(struct ctx *cx, const char *what, str text)
{
    if (text.len > JOURNAL_TEXT_MAX) {
        return FAIL(cx, LIMIT, "the %s of an event has %zu bytes: the limit is %d", what, text.len,
                    JOURNAL_TEXT_MAX);
    }
    return ST_OK;
}

static enum status make_details(struct ctx *cx, const struct json *details, str *out)
{
    if (details == NULL) {
        *out = S("{}");
        return ST_OK;
    }
    TRY(json_canonical(cx, details, out));
    if (out->len > (size_t)JOURNAL_DETAILS_MAX) {
        return FAIL(cx, LIMIT, "the details of an event have %zu bytes: the limit is %d", out->len,
                    JOURNAL_DETAILS_MAX);
    }
    return ST_OK;
}

static enum status make_record(struct ctx *cx, const struct journal_event *event,
                               struct journal_record *out)
{
    struct journal_record r = {
        .time_us = ctx_now_us(cx),
        .kind    = journal_kind_text(event->kind),
        .actor   = cx->actor,
        .purpose = cx->purpose,
        .subject = event->subject,
    };
    struct journal_link last;

    if (cx->actor.len == 0) {
        return FAIL(cx, INVALID, "an event needs an actor");
    }
    TRY(check_text(cx, "actor", r.actor));
    TRY(check_text(cx, "purpose", r.purpose));
    TRY(check_text(cx, "subject", r.subject));
    TRY(make_details(cx, event->details, &r.details));
    TRY(journal_head(cx, &last));
    r.seq      = last.seq + 1;
    r.previous = last.hash;
    r.id       = id_new(cx);
    TRY(journal_hash(cx, &r, &r.hash));
    *out = r;
    return ST_OK;
}

enum status journal_append(struct ctx *cx, const struct journal_event *event,
                           struct journal_link *out)
{
    struct journal_record r  = { 0 };
    enum status           st = make_record(cx, event, &r);

    if (st != ST_OK) {
        str kind = journal_kind_text(event->kind);
        return err_wrap(cx->err, "event \"" STR_FMT "\"", STR_ARG(kind));
    }
    TRY(db_run(cx, &journal_sql[JOURNAL_SQL_EVENT_PUT],
               DB_ARGS(db_i64(r.seq), db_text(r.id), db_i64(r.time_us), db_text(r.kind),
                       db_text(r.actor), db_text(r.purpose), db_text(r.subject), db_text(r.details),
                       db_text(r.previous), db_text(r.hash))));
    TRY(db_run(cx, &journal_sql[JOURNAL_SQL_HEAD_PUT], DB_ARGS(db_i64(r.seq), db_text(r.hash))));
    if (out != NULL) {
        *out = (struct journal_link){ .seq = r.seq, .id = r.id, .hash = r.hash };
    }
    return ST_OK;
}

/* ---- read ---- */

struct journal_record journal_record_view(const struct db_rows *row)
{
    return (struct journal_record){
        .seq      = db_col_i64(row, 0),
        .time_us  = db_col_i64(row, 1),
        .id       = db_col_text(row, 2),
        .kind     = db_col_text(row, 3),
        .actor    = db_col_text(row, 4),
        .purpose  = db_col_text(row, 5),
        .subject  = db_col_text(row, 6),
        .details  = db_col_text(row, 7),
        .previous = db_col_text(row, 8),
        .hash     = db_col_text(row, 9),
    };
}

static struct journal_record record_dup(struct arena *a, struct journal_record r)
{
    r.id       = arena_dup(a, r.id);
    r.kind     = arena_dup(a, r.kind);
    r.actor    = arena_dup(a, r.actor);
    r.purpose  = arena_dup(a, r.purpose);
    r.subject  = arena_dup(a, r.subject);
    r.details  = arena_dup(a, r.details);
    r.previous = arena_dup(a, r.previous);
    r.hash     = arena_dup(a, r.hash);
    return r;
}

enum status journal_get(struct ctx *cx, int64_t seq, struct journal_record *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_EVENT_GET], DB_ARGS(db_i64(seq)), &row));
    if (row == NULL) {
        return FAIL(cx, NOT_FOUND, "the journal has no event %lld", (long long)seq);
    }
    *out = journal_record_view(row);
    return ST_OK;
}

static const struct db_stmt *list_statement(const struct journal_filter *f)
{
    if (f->subject.len > 0 && !f->is_prefix) {
        return &journal_sql[JOURNAL_SQL_EVENT_LIST_OF_SUBJECT];
    }
    return &journal_sql[f->kind.len > 0 ? JOURNAL_SQL_EVENT_LIST_OF_KIND : JOURNAL_SQL_EVENT_LIST];
}

enum status journal_list(struct ctx *cx, const struct journal_filter *filter,
                         struct journal_page *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    struct journal_page  page                     = { 0 };
    size_t               limit   = filter->limit > 0 ? filter->limit : JOURNAL_LIST_USUAL;
    bool                 has_row = false;

    if (limit > JOURNAL_LIST_MAX) {
        return FAIL(cx, LIMIT, "a page of %zu events: the limit is %d", limit, JOURNAL_LIST_MAX);
    }
    TRY(db_query(cx, list_statement(filter),
                 DB_ARGS(db_i64(filter->before_seq > 0 ? filter->before_seq : INT64_MAX),
                         db_text(filter->kind), db_text(filter->subject),
                         db_i64(filter->is_prefix ? 1 : 0), db_text(filter->actor),
                         db_i64(filter->since_us != 0 ? filter->since_us : INT64_MIN),
                         db_i64(filter->until_us != 0 ? filter->until_us : INT64_MAX),
                         db_i64((int64_t)limit + 1)),
                 &rows));
    page.items = arena_array(cx->arena, limit, sizeof *page.items);
    TRY(db_next(rows, cx, &has_row));
    while (has_row && page.count < limit) {
        page.items[page.count++] = record_dup(cx->arena, journal_record_view(rows));
        TRY(db_next(rows, cx, &has_row));
    }
    page.next_cursor = has_row ? page.items[page.count - 1].seq : 0;
    *out             = page;
    return ST_OK;
}
