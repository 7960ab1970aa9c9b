/*
 * search.c - the entries of the search index that a reader may know.
 *
 * Whether a table exists for a reader is decided once in a search, by the same function as everywhere
 * in the catalog; its columns, its product and its domain follow from that.
 */
#include "catalog/catalog_int.h"

#include "base/map.h"
#include "project/names.h"

/* What decisions are kept in, and what making one takes. */
#define KEPT_BYTES    ((size_t)256 << 20)
#define SCRATCH_BYTES ((size_t)256 << 20)

/* What exists of a table for the reader. */
struct shown {
    bool   is_known;
    str   *hidden; /* columns that do not */
    size_t hidden_count;
};

struct knowledge {
    const struct catalog_view *view;
    struct arena              *kept, *scratch;
    struct map                 tables;            /* by address: struct shown       */
    struct map                 products, domains; /* by id, by name: `yes` or `no`  */
};

static bool yes = true, no = false;

/* ------------------------------------------------------------------------- tables */

static struct shown *keep(struct arena *a, const struct table_snapshot *head,
                          const struct policy_decision *decision, bool is_known)
{
    struct shown *made  = ARENA_NEW(a, struct shown);
    size_t        count = head->columns.list.count;

    made->is_known = is_known;
    made->hidden   = arena_array(a, count, sizeof *made->hidden);
    for (size_t i = 0; decision->columns && i < count; i++) {
        if (decision->columns[i].show == POLICY_HIDDEN) {
            made->hidden[made->hidden_count++] = arena_dup(a, head->columns.list.items[i].name);
        }
    }
    return made;
}

/* `cx` is that of a scratch arena. */
static enum status decide(struct knowledge *k, struct ctx *cx,
                          const struct registry_product *product, const struct table_snapshot *head,
                          const struct shown **out)
{
    struct policy_decision decision = { 0 };
    struct shown          *made;
    bool                   is_known;

    TRY(catalog_decide(cx, k->view, product, head, &decision, &is_known));
    made = keep(k->kept, head, &decision, is_known);
    (void)map_put(&k->tables, k->kept, arena_dup(k->kept, head->address), made);
    *out = made;
    return ST_OK;
}

static enum status look_at_table(struct knowledge *k, struct ctx *cx, str product_id, str address,
                                 const struct shown **out)
{
    struct registry_product product;
    struct table_snapshot   head;

    *out = map_get(&k->tables, address);
    if (*out) {
        return ST_OK;
    }
    TRY(registry_product(cx, product_id, &product));
    TRY(table_head(cx, address, &head));
    return decide(k, cx, &product, &head, out);
}

static bool is_hidden(const struct shown *shown, str column)
{
    for (size_t i = 0; i < shown->hidden_count; i++) {
        if (str_eq(shown->hidden[i], column)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------- products and domains */

static void remember(struct knowledge *k, struct map *in, str key, bool is_known)
{
    (void)map_put(in, k->kept, arena_dup(k->kept, key), is_known ? &yes : &no);
}

/* A product is there for who may know one of its tables. */
static enum status knows_product(struct knowledge *k, struct ctx *cx, str id, bool *out)
{
    const bool             *before = map_get(&k->products, id);
    struct registry_product product;
    struct table_snapshots  heads;
    bool                    is_known = false;

    if (before) {
        *out = *before;
        return ST_OK;
    }
    TRY(registry_product(cx, id, &product));
    TRY(table_heads_of(cx, id, &heads));
    for (size_t i = 0; i < heads.list.count && !is_known; i++) {
        const struct shown *shown = map_get(&k->tables, heads.list.items[i].address);

        if (!shown) {
            TRY(decide(k, cx, &product, &heads.list.items[i], &shown));
        }
        is_known = shown->is_known;
    }
    remember(k, &k->products, id, is_known);
    *out = is_known;
    return ST_OK;
}

/* A domain is there for who may know one of its products. */
static enum status knows_domain(struct knowledge *k, struct ctx *cx, str name, bool *out)
{
    const bool              *before = map_get(&k->domains, name);
    struct registry_products all;
    bool                     is_known = false;

    if (before) {
        *out = *before;
        return ST_OK;
    }
    TRY(registry_products(cx, &all));
    for (size_t i = 0; i < all.list.count && !is_known; i++) {
        if (str_eq(all.list.items[i].domain, name)) {
            TRY(knows_product(k, cx, all.list.items[i].id, &is_known));
        }
    }
    remember(k, &k->domains, name, is_known);
    *out = is_known;
    return ST_OK;
}

/* ------------------------------------------------------------------------- the reader */

static enum status knows_table(struct knowledge *k, struct ctx *cx, const struct search_entry *e,
                               bool *out)
{
    const struct shown *shown;

    TRY(look_at_table(k, cx, e->product_id, e->address, &shown));
    *out = shown->is_known && !(e->kind == SEARCH_COLUMN && is_hidden(shown, e->column));
    return ST_OK;
}

static enum status knows(struct knowledge *k, struct ctx *cx, const struct search_entry *e,
                         bool *out)
{
    switch (e->kind) {
    case SEARCH_DOMAIN: return knows_domain(k, cx, e->address, out);
    case SEARCH_PRODUCT: return knows_product(k, cx, e->product_id, out);
    case SEARCH_TABLE:
    case SEARCH_COLUMN: return knows_table(k, cx, e, out);
    }
    BUG("an entry of no kind");
}

static enum status may_know(void *arg, struct ctx *cx, const struct search_entry *e, bool *out)
{
    struct knowledge *k       = arg;
    struct arena_mark mark    = arena_mark(k->scratch);
    struct ctx        scratch = *cx;
    enum status       st;

    if (catalog_is_operator(k->view)) {
        *out = true;
        return ST_OK;
    }
    scratch.arena = k->scratch;
    st            = knows(k, &scratch, e, out);
    arena_rewind(k->scratch, mark);
    return st;
}

enum status catalog_search(struct ctx *cx, const struct catalog_view *view, str words, size_t limit,
                           struct search_hits *out, str *out_nearest)
{
    struct arena *kept    CLEANUP(arena_cleanup) = arena_new("decisions of a search", KEPT_BYTES);
    struct arena *scratch CLEANUP(arena_cleanup) = arena_new("one decision", SCRATCH_BYTES);
    struct knowledge      k      = { .view = view, .kept = kept, .scratch = scratch };
    struct search_reader  reader = { may_know, &k };
    struct search_hits    hits;
    str                   nearest = STR_NONE;

    TRY(search_find(cx, words, limit, &reader, &hits));
    if (hits.list.count == 0) {
        TRY(search_nearest(cx, words, &reader, &nearest));
    }
    *out         = hits;
    *out_nearest = nearest;
    return ST_OK;
}
