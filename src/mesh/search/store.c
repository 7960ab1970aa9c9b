/*
 * store.c - the entries of the index, and its words, as rows of the store.
 */
#include "search/search_int.h"

#include "base/map.h"
#include "search/search_migrations.h"
#include "search/search_sql.h"

#include <stdlib.h>

/*
 * Which words are taken from documents, and how entries rank. A store whose index was made by another
 * reading is read anew when it is opened: raise it when entries.c changes.
 */
enum { READING = 1 };

/* An id is kind, length of name, and a number within these: 2, 6 and 40 bits. */
enum { KIND_SHIFT = 46, LENGTH_SHIFT = 40, LENGTH_MAX = 63 };

struct search_rank search_rank_of(const struct search_entry *e)
{
    int64_t length = e->name.len < LENGTH_MAX ? (int64_t)e->name.len : LENGTH_MAX;
    int64_t first  = (int64_t)e->kind << KIND_SHIFT | length << LENGTH_SHIFT;

    return (struct search_rank){ first, first + ((int64_t)1 << LENGTH_SHIFT) - 1 };
}

enum search_kind search_kind_of_id(int64_t id)
{
    return (enum search_kind)(id >> KIND_SHIFT & 3);
}

/* ------------------------------------------------------------------------- one scope */

/* The entries of one product, or of one domain: then `product_id` is empty. */
struct scope {
    str                   product_id, domain;
    struct search_entries wanted, kept; /* kept: in the index now */
};

static enum status read_kept(struct ctx *cx, struct scope *s)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &search_sql[SEARCH_SQL_ENTRY_LIST],
                 DB_ARGS(db_text(s->product_id), db_text(s->domain)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            return ST_OK;
        }
        vec_push(cx->arena, &s->kept.list,
                 (struct search_entry){ .id         = db_col_i64(rows, 0),
                                        .kind       = search_kind_of_id(db_col_i64(rows, 0)),
                                        .product_id = s->product_id,
                                        .address    = db_text_dup(rows, cx, 1),
                                        .column     = db_text_dup(rows, cx, 2),
                                        .status     = db_text_dup(rows, cx, 3),
                                        .name       = db_text_dup(rows, cx, 4),
                                        .title      = db_text_dup(rows, cx, 5),
                                        .path       = db_text_dup(rows, cx, 6),
                                        .labels     = db_text_dup(rows, cx, 7),
                                        .about      = db_text_dup(rows, cx, 8) });
    }
}

static bool is_same(const struct search_entry *a, const struct search_entry *b)
{
    return a->kind == b->kind && str_eq(a->status, b->status) && str_eq(a->name, b->name) &&
           str_eq(a->title, b->title) && str_eq(a->path, b->path) && str_eq(a->labels, b->labels) &&
           str_eq(a->about, b->about);
}

static str key_of(struct arena *a, const struct search_entry *e)
{
    return arena_printf(a, STR_FMT "\x1f" STR_FMT, STR_ARG(e->address), STR_ARG(e->column));
}

/* What must go and what must come; an entry that says the same stays as it is. */
static void compare(struct ctx *cx, const struct scope *s, struct search_entries *out_old,
                    struct search_entries *out_new)
{
    struct map kept = { 0 }, same = { 0 };

    for (size_t i = 0; i < s->kept.list.count; i++) {
        (void)map_put(&kept, cx->arena, key_of(cx->arena, &s->kept.list.items[i]),
                      &s->kept.list.items[i]);
    }
    for (size_t i = 0; i < s->wanted.list.count; i++) {
        str                        key = key_of(cx->arena, &s->wanted.list.items[i]);
        const struct search_entry *was = map_get(&kept, key);

        if (was && is_same(was, &s->wanted.list.items[i])) {
            (void)map_put(&same, cx->arena, key, &s->wanted.list.items[i]);
        } else {
            vec_push(cx->arena, &out_new->list, s->wanted.list.items[i]);
        }
    }
    for (size_t i = 0; i < s->kept.list.count; i++) {
        if (!map_has(&same, key_of(cx->arena, &s->kept.list.items[i]))) {
            vec_push(cx->arena, &out_old->list, s->kept.list.items[i]);
        }
    }
}

static enum status want_product(struct ctx *cx, const struct registry_product *product,
                                struct scope *out)
{
    out->product_id = product->id;
    return search_entries_of(cx, product, &out->wanted);
}

static enum status want_domain(struct ctx *cx, const struct registry_domain *domain,
                               struct scope *out)
{
    out->domain = domain->name;
    return search_entry_of_domain(cx, domain, &out->wanted);
}

/* ------------------------------------------------------------------------- writing */

static enum status run_all(struct ctx *cx, const enum search_sql_id *ids, size_t count,
                           const struct db_value *args, size_t arg_count)
{
    for (size_t i = 0; i < count; i++) {
        TRY(db_run(cx, &search_sql[ids[i]], args, arg_count));
    }
    return ST_OK;
}

static enum status put_entry(struct ctx *cx, const struct search_entry *e, int64_t *out_id)
{
    struct search_rank    rank = search_rank_of(e);
    const struct db_rows *row;

    TRY(db_query_one(cx, &search_sql[SEARCH_SQL_ENTRY_PUT],
                     DB_ARGS(db_i64(rank.first), db_i64(rank.last), db_text(e->product_id),
                             db_text(e->address), db_text(e->column), db_text(e->status),
                             db_text(e->name), db_text(e->title), db_text(e->path),
                             db_text(e->labels), db_text(e->about)),
                     &row));
    *out_id = db_col_i64(row, 0);
    return ST_OK;
}

static int by_rank(const void *a, const void *b)
{
    int64_t x = search_rank_of(a).first, y = search_rank_of(b).first;

    return (x > y) - (x < y);
}

/* In the order of ids, for the index begins a new piece whenever one is lower than that before it. */
static enum status write_changes(struct ctx *cx, const struct search_entries *old,
                                 struct search_entries *new)
{
    static const enum search_sql_id drops[] = { SEARCH_SQL_NAME_DROP, SEARCH_SQL_PATH_DROP,
                                                SEARCH_SQL_TEXT_DROP, SEARCH_SQL_ENTRY_DROP };
    static const enum search_sql_id puts[]  = { SEARCH_SQL_NAME_PUT, SEARCH_SQL_PATH_PUT,
                                                SEARCH_SQL_TEXT_PUT };

    for (size_t i = 0; i < old->list.count; i++) {
        TRY(run_all(cx, drops, COUNT_OF(drops), DB_ARGS(db_i64(old->list.items[i].id))));
    }
    if (new->list.count > 0) {
        qsort(new->list.items, new->list.count, sizeof *new->list.items, by_rank);
    }
    for (size_t i = 0; i < new->list.count; i++) {
        int64_t id;

        TRY(put_entry(cx, &new->list.items[i], &id));
        TRY(run_all(cx, puts, COUNT_OF(puts), DB_ARGS(db_i64(id))));
    }
    return ST_OK;
}

static enum status bring_up(struct ctx *cx, struct scope *s)
{
    struct search_entries old = { 0 }, new = { 0 };

    TRY(read_kept(cx, s));
    compare(cx, s, &old, &new);
    return write_changes(cx, &old, &new);
}

enum status search_fail_damaged(struct ctx *cx)
{
    err_clear(cx->err); /* it says to restore the store, but the index is derived */
    return FAIL(cx, CORRUPT, "the search index is damaged; weft doctor --repair makes it anew");
}

static enum status bring_up_both(struct ctx *cx, const struct registry_domain *domain,
                                 const struct registry_product *product)
{
    struct scope of_domain = { 0 }, of_product = { 0 };

    TRY(want_domain(cx, domain, &of_domain));
    TRY(want_product(cx, product, &of_product));
    TRY(bring_up(cx, &of_domain));
    return bring_up(cx, &of_product);
}

enum status search_put_product(struct ctx *cx, str product_id)
{
    struct registry_product product;
    struct registry_domain  domain;
    enum status             st;

    TRY(registry_product(cx, product_id, &product));
    TRY(registry_domain(cx, product.domain, &domain));
    st = bring_up_both(cx, &domain, &product);
    return st == ST_CORRUPT ? search_fail_damaged(cx) : st;
}

/* ------------------------------------------------------------------------- all of it */

/* Calls `see` for each domain and product with what its entries have to be. */
static enum status walk(struct ctx *cx, enum status (*see)(struct ctx *, struct scope *, void *arg),
                        void       *arg)
{
    struct registry_domains  domains;
    struct registry_products products;

    TRY(registry_domains(cx, &domains));
    TRY(registry_products(cx, &products));
    for (size_t i = 0; i < domains.list.count; i++) {
        struct scope s = { 0 };

        TRY(want_domain(cx, &domains.list.items[i], &s));
        TRY(see(cx, &s, arg));
    }
    for (size_t i = 0; i < products.list.count; i++) {
        struct arena_mark mark = arena_mark(cx->arena);
        struct scope      s    = { 0 };

        TRY(ctx_check(cx));
        TRY(want_product(cx, &products.list.items[i], &s));
        TRY(see(cx, &s, arg));
        arena_rewind(cx->arena, mark);
    }
    return ST_OK;
}

static enum status put_rows(struct ctx *cx, struct scope *s, void *arg)
{
    int64_t id;

    (void)arg;
    for (size_t i = 0; i < s->wanted.list.count; i++) {
        TRY(put_entry(cx, &s->wanted.list.items[i], &id));
    }
    return ST_OK;
}

enum status search_rebuild(struct ctx *cx)
{
    static const enum search_sql_id words[] = { SEARCH_SQL_NAME_REBUILD, SEARCH_SQL_PATH_REBUILD,
                                                SEARCH_SQL_TEXT_REBUILD };

    TRY(db_run(cx, &search_sql[SEARCH_SQL_ENTRY_DROP_ALL], DB_NO_ARGS));
    TRY(walk(cx, put_rows, NULL));
    TRY(run_all(cx, words, COUNT_OF(words), DB_NO_ARGS));
    return db_run(cx, &search_sql[SEARCH_SQL_STATE_PUT], DB_ARGS(db_i64(READING)));
}

enum status search_is_current(struct ctx *cx, bool *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &search_sql[SEARCH_SQL_STATE_GET], DB_NO_ARGS, &row));
    *out = row && db_col_i64(row, 0) == READING;
    return ST_OK;
}

/* ------------------------------------------------------------------------- checking */

struct count {
    size_t wrong, entries;
};

static enum status see_wrong(struct ctx *cx, struct scope *s, void *arg)
{
    struct count         *n   = arg;
    struct search_entries old = { 0 }, new = { 0 };

    TRY(read_kept(cx, s));
    compare(cx, s, &old, &new);
    n->wrong += old.list.count > new.list.count ? old.list.count : new.list.count;
    n->entries += s->kept.list.count;
    return ST_OK;
}

enum status search_check(struct ctx *cx, size_t *out_wrong)
{
    struct count          n = { 0 };
    const struct db_rows *row;

    TRY(walk(cx, see_wrong, &n));
    TRY(db_query_one(cx, &search_sql[SEARCH_SQL_ENTRY_COUNT], DB_NO_ARGS, &row));
    *out_wrong = n.wrong + (row ? (size_t)db_col_i64(row, 0) - n.entries : 0);
    return ST_OK;
}

enum status search_check_words(struct ctx *cx)
{
    static const enum search_sql_id checks[] = { SEARCH_SQL_NAME_CHECK, SEARCH_SQL_PATH_CHECK,
                                                 SEARCH_SQL_TEXT_CHECK };

    if (run_all(cx, checks, COUNT_OF(checks), DB_NO_ARGS) != ST_OK) {
        return err_wrap(cx->err, "the search index");
    }
    return ST_OK;
}

struct db_module search_schema(void)
{
    return (struct db_module){ "search", search_migrations, search_migration_count };
}
