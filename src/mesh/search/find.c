/*
 * find.c - the entries that have some words, best first, and only those that the reader may know.
 */
#include "search/search_int.h"

#include "base/map.h"
#include "project/names.h"
#include "search/search_sql.h"

/*
 * One way to match; the ways are tried in order until there are enough hits. Each gives its entries in the
 * order of their ids, which is that of their rank, so nothing has to be sorted and the rest is not read.
 * One word must be in a column of the entry's own: for the words of its product or table alone these are
 * found, not everything that stands in them.
 */
struct way {
    enum search_sql_id sql;
    const char        *own;
    enum search_end    end;
};
static const struct way ways[] = {
    { SEARCH_SQL_FIND_NAME, "", SEARCH_WHOLE },
    { SEARCH_SQL_FIND_NAME, "", SEARCH_LAST_BEGINS },
    { SEARCH_SQL_FIND_PATH, "name title", SEARCH_WHOLE },
    { SEARCH_SQL_FIND_PATH, "name title", SEARCH_LAST_BEGINS },
    { SEARCH_SQL_FIND_TEXT, "labels about", SEARCH_WHOLE },
    { SEARCH_SQL_FIND_TEXT, "labels about", SEARCH_LAST_BEGINS },
    { SEARCH_SQL_FIND_PATH, "name title", SEARCH_ALL_BEGIN },
    { SEARCH_SQL_FIND_TEXT, "labels about", SEARCH_ALL_BEGIN },
};

struct finder {
    struct ctx                 *cx;
    const struct search_reader *reader;
    size_t                      limit;
    struct map                  seen; /* ids that are among the hits */
    struct search_hits         *hits;
};

/* ------------------------------------------------------------------------- one hit */

static struct search_entry read_entry(const struct db_rows *row, struct ctx *cx)
{
    return (struct search_entry){ .id         = db_col_i64(row, 0),
                                  .kind       = search_kind_of_id(db_col_i64(row, 0)),
                                  .product_id = db_text_dup(row, cx, 1),
                                  .address    = db_text_dup(row, cx, 2),
                                  .column     = db_text_dup(row, cx, 3),
                                  .status     = db_text_dup(row, cx, 4),
                                  .name       = db_text_dup(row, cx, 5),
                                  .title      = db_text_dup(row, cx, 6),
                                  .path       = db_text_dup(row, cx, 7),
                                  .labels     = db_text_dup(row, cx, 8),
                                  .about      = db_text_dup(row, cx, 9) };
}

/* The index cuts a line out of one field and marks the cuts; which field that is it does not say. */
static void tell_place(const struct search_entry *e, str line, struct search_hit *out)
{
    const struct {
        const char *name;
        str         text;
    } fields[] = { { "name", e->name },
                   { "title", e->title },
                   { "labels", e->labels },
                   { "about", e->about },
                   { "path", e->path } };
    str cut    = S("…");
    str inner  = line;

    if (str_starts(inner, cut)) {
        inner = str_from(inner, cut.len);
    }
    if (str_ends(inner, cut)) {
        inner = str_sub(inner, 0, inner.len - cut.len);
    }
    out->field = S("name");
    out->line  = line.len > 0 ? line : e->name;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (str_has(fields[i].text, inner)) {
            out->field = str_of(fields[i].name);
            return;
        }
    }
}

static str id_key(struct arena *a, int64_t id)
{
    return arena_dup(a, (str){ (const char *)&id, sizeof id });
}

/* Takes the row of a query among the hits when the reader may know it and does not have it yet. */
static enum status see(struct finder *f, const struct db_rows *row)
{
    struct arena_mark mark  = arena_mark(f->cx->arena);
    struct search_hit hit   = { .entry = read_entry(row, f->cx) };
    str               key   = id_key(f->cx->arena, hit.entry.id);
    bool              known = false;

    if (!map_has(&f->seen, key)) {
        TRY(f->reader->may_know(f->reader->arg, f->cx, &hit.entry, &known));
    }
    if (!known) {
        arena_rewind(f->cx->arena, mark);
        return ST_OK;
    }
    if (f->hits->list.count == f->limit) {
        f->hits->has_more = true;
        return ST_OK;
    }
    tell_place(&hit.entry, db_text_dup(row, f->cx, 10), &hit);
    (void)map_put(&f->seen, f->cx->arena, key, f->hits);
    vec_push(f->cx->arena, &f->hits->list, hit);
    return ST_OK;
}

static enum status run(struct finder *f, enum search_sql_id id, str match)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(f->cx, &search_sql[id], DB_ARGS(db_text(match)), &rows));
    while (!f->hits->has_more) {
        TRY(db_next(rows, f->cx, &has_row));
        if (!has_row) {
            break;
        }
        TRY(see(f, rows));
    }
    return ST_OK;
}

/* One word may be an address; paths have no majors. */
static str path_of(struct arena *a, const struct search_words *words)
{
    str            name = search_words_name(a, words);
    struct address address;

    if (words->count == 1 && address_parse(name, &address) && address.major > 0) {
        return arena_printf(a, STR_FMT "." STR_FMT "%s" STR_FMT, STR_ARG(address.domain),
                            STR_ARG(address.product), address.table.len ? "." : "",
                            STR_ARG(address.table));
    }
    return name;
}

static enum status find(struct ctx *cx, const struct search_words *words, size_t limit,
                        const struct search_reader *reader, struct search_hits *out)
{
    struct search_hits made = { 0 };
    struct finder      f    = { .cx = cx, .reader = reader, .limit = limit, .hits = &made };

    TRY(run(&f, SEARCH_SQL_FIND_ADDRESS, path_of(cx->arena, words)));
    TRY(run(&f, SEARCH_SQL_FIND_WHOLE, search_words_name(cx->arena, words)));
    for (size_t i = 0; i < COUNT_OF(ways) && !made.has_more; i++) {
        TRY(run(&f, ways[i].sql,
                search_words_match(cx->arena, words, str_of(ways[i].own), ways[i].end)));
    }
    *out = made;
    return ST_OK;
}

enum status search_names_have(struct ctx *cx, str word, const struct search_reader *reader,
                              bool *out)
{
    struct search_words words = { .items = { word }, .count = 1 };
    struct search_hits  made  = { 0 };
    struct finder       f     = { .cx = cx, .reader = reader, .limit = 0, .hits = &made };

    TRY(run(&f, SEARCH_SQL_FIND_NAME,
            search_words_match(cx->arena, &words, STR_NONE, SEARCH_WHOLE)));
    *out = made.has_more;
    return ST_OK;
}

enum status search_find(struct ctx *cx, str words, size_t limit, const struct search_reader *reader,
                        struct search_hits *out)
{
    struct search_words parts;
    enum status         st;

    TRY(search_words_read(cx, words, &parts));
    st = find(cx, &parts, limit, reader, out);
    return st == ST_CORRUPT ? search_fail_damaged(cx) : st;
}
