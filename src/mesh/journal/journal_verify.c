/*
 * journal_verify.c - walks the chain of events and names the first broken link.
 */
#include "journal/journal_int.h"

#include <string.h>

#include "codec/digest.h"
#include "db/db.h"
#include "journal/journal_sql.h"

/* What is known of the chain so far; text is copied, for each event's memory is given back. */
struct walk {
    const struct journal_link *anchor;
    int64_t                    seq; /* of the last whole event */
    char                       hash[SHA256_HEX];
    size_t                     hash_len; /* 0 before the first */
    const char                *wrong;    /* of the event at hand */
};

enum status journal_break(struct ctx *cx, struct journal_report *out, const char *chain,
                          int64_t seq, const char *what)
{
    out->broken_seq = seq;
    out->what       = arena_printf(cx->arena, "%s %lld %s", chain, (long long)seq, what);
    return FAIL(cx, CORRUPT, "the chain is broken: " STR_FMT, STR_ARG(out->what));
}

static str last_hash(const struct walk *w)
{
    return (str){ w->hash, w->hash_len };
}

/* NULL when the event is whole and follows the last one. */
static const char *judge(struct ctx *cx, const struct walk *w, const struct journal_record *r)
{
    const struct journal_link *anchor = w->anchor;
    str                        hash;

    if (!str_eq(r->previous, last_hash(w))) {
        return w->seq == 0 ? "is not the first one: events before it were removed"
                           : "does not follow the one before it: that one was changed or replaced";
    }
    if (journal_hash(cx, r, &hash) != ST_OK) {
        return "cannot be hashed: a field was damaged";
    }
    if (!str_eq(hash, r->hash)) {
        return "has another content than its hash: it was changed";
    }
    if (anchor != NULL && r->seq == anchor->seq &&
        (!str_eq(r->hash, anchor->hash) || (anchor->id.len > 0 && !str_eq(r->id, anchor->id)))) {
        return "is not the one that was anchored: the chain was rewritten";
    }
    return NULL;
}

static void look_at(struct ctx *cx, struct walk *w, const struct journal_record *r)
{
    struct err        own   = { 0 };
    struct err       *outer = cx->err;
    struct arena_mark mark  = arena_mark(cx->arena);

    cx->err  = &own; /* a field that cannot be hashed is a finding */
    w->wrong = r->seq != w->seq + 1 ? "is missing" : judge(cx, w, r);
    cx->err  = outer;
    arena_rewind(cx->arena, mark);
    if (w->wrong == NULL) {
        w->seq      = r->seq;
        w->hash_len = r->hash.len < sizeof w->hash ? r->hash.len : sizeof w->hash;
        memcpy(w->hash, r->hash.ptr, w->hash_len);
    }
}

/* The end of the chain: nothing may have been cut off. */
static enum status check_end(struct ctx *cx, const struct walk *w, struct journal_report *out)
{
    const struct db_rows *head;
    int64_t               seq  = 0;
    str                   hash = S("");

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_HEAD_GET], DB_NO_ARGS, &head));
    if (head != NULL) {
        seq  = db_col_i64(head, 0);
        hash = db_col_text(head, 1);
    }
    if (seq > w->seq || (w->anchor != NULL && w->anchor->seq > w->seq)) {
        return journal_break(cx, out, "event", w->seq + 1,
                             "is missing: the end of the journal was cut off");
    }
    if (seq != w->seq || !str_eq(hash, last_hash(w))) {
        return journal_break(cx, out, "event", w->seq,
                             "is not the end that the journal noted: it was changed or added");
    }
    return ST_OK;
}

enum status journal_verify(struct ctx *cx, const struct journal_link *anchor,
                           struct journal_report *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    struct walk          w                        = { .anchor = anchor };
    bool                 has_row                  = false;

    TRY(db_query(cx, &journal_sql[JOURNAL_SQL_EVENT_WALK], DB_NO_ARGS, &rows));
    TRY(db_next(rows, cx, &has_row));
    *out = (struct journal_report){ 0 };
    while (has_row) {
        struct journal_record r = journal_record_view(rows);

        look_at(cx, &w, &r);
        if (w.wrong != NULL) {
            return journal_break(cx, out, "event", w.seq + 1, w.wrong);
        }
        out->count++;
        TRY(db_next(rows, cx, &has_row));
    }
    out->head = arena_dup(cx->arena, last_hash(&w));
    return check_end(cx, &w, out);
}
