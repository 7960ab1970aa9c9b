/*
 * cache.c - approved texts by (text, use, scope, epoch), least recently used ones dropped first.
 *
 * Each entry owns an arena with a whole copy; a hit copies into the caller's arena. The caller holds
 * the guard's lock.
 */
#include "guard/guard_int.h"

#include <stdlib.h>

enum { BUCKETS = 2048 };

struct entry {
    struct arena         *arena;
    struct entry         *chain; /* of its bucket                     */
    struct entry         *newer, *older;
    uint64_t              hash;
    str                   sql, scope;
    enum guard_use        use;
    uint64_t              epoch;
    size_t                bytes;
    struct guard_approved approved;
};

struct guard_cache {
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t        count, bytes;
};

struct guard_cache *guard_cache_new(void)
{
    struct guard_cache *cache = calloc(1, sizeof(*cache));

    if (!cache) {
        BUG("out of memory: guard cache");
    }
    return cache;
}

static void unlink_entry(struct guard_cache *cache, struct entry *e)
{
    *(e->newer ? &e->newer->older : &cache->newest) = e->older;
    *(e->older ? &e->older->newer : &cache->oldest) = e->newer;
    e->newer = e->older = NULL;
}

static void link_newest(struct guard_cache *cache, struct entry *e)
{
    e->older = cache->newest;
    if (cache->newest) {
        cache->newest->newer = e;
    } else {
        cache->oldest = e;
    }
    cache->newest = e;
}

static void drop(struct guard_cache *cache, struct entry *e)
{
    struct entry **at = &cache->buckets[e->hash % BUCKETS];

    while (*at != e) {
        at = &(*at)->chain;
    }
    *at = e->chain;
    unlink_entry(cache, e);
    cache->count--;
    cache->bytes -= e->bytes;
    arena_free(e->arena);
    free(e);
}

void guard_cache_free(struct guard_cache *cache)
{
    while (cache && cache->oldest) {
        drop(cache, cache->oldest);
    }
    free(cache);
}

/* ---- copies ---- */

static struct guard_table copy_table(struct arena *a, const struct guard_table *t)
{
    struct guard_table copy    = *t;
    str               *columns = arena_array(a, t->column_count, sizeof(*columns));

    copy.name.catalog = arena_dup(a, t->name.catalog);
    copy.name.schema  = arena_dup(a, t->name.schema);
    copy.name.table   = arena_dup(a, t->name.table);
    copy.key          = arena_dup(a, t->key);
    copy.through      = arena_dup(a, t->through);
    copy.catalog      = arena_dup(a, t->catalog);
    copy.schema       = arena_dup(a, t->schema);
    copy.table        = arena_dup(a, t->table);
    for (size_t i = 0; i < t->column_count; i++) {
        columns[i] = arena_dup(a, t->columns[i]);
    }
    copy.columns = columns;
    return copy;
}

static struct guard_approved copy_approved(struct arena *a, const struct guard_approved *from)
{
    struct guard_approved copy   = *from;
    struct guard_table   *tables = arena_array(a, from->table_count, sizeof(*tables));
    struct guard_place   *places = arena_array(a, from->place_count, sizeof(*places));

    for (size_t i = 0; i < from->table_count; i++) {
        tables[i] = copy_table(a, &from->tables[i]);
    }
    for (size_t i = 0; i < from->place_count; i++) {
        places[i] = from->places[i];
    }
    copy.sql         = arena_dup(a, from->sql);
    copy.volatile_by = arena_dup(a, from->volatile_by);
    copy.tables      = tables;
    copy.places      = places;
    return copy;
}

/* ---- look-up ---- */

static uint64_t hash_of(const struct guard_request *rq)
{
    return str_hash(rq->text.bytes, rq->epoch ^ ((uint64_t)rq->use << 60)) ^
           str_hash(rq->scope, rq->epoch + 1);
}

static struct entry *find(struct guard_cache *cache, const struct guard_request *rq, uint64_t hash)
{
    for (struct entry *e = cache->buckets[hash % BUCKETS]; e; e = e->chain) {
        if (e->hash == hash && e->use == rq->use && e->epoch == rq->epoch &&
            str_eq(e->sql, rq->text.bytes) && str_eq(e->scope, rq->scope)) {
            return e;
        }
    }
    return NULL;
}

bool guard_cache_get(struct guard_cache *cache, struct arena *a, const struct guard_request *rq,
                     struct guard_approved *out)
{
    struct entry *e = find(cache, rq, hash_of(rq));

    if (!e) {
        return false;
    }
    unlink_entry(cache, e);
    link_newest(cache, e);
    *out           = copy_approved(a, &e->approved);
    out->is_cached = true;
    return true;
}

void guard_cache_put(struct guard_cache *cache, const struct guard_request *rq,
                     const struct guard_approved *approved)
{
    uint64_t hash = hash_of(rq);

    if (find(cache, rq, hash)) {
        return; /* another thread was faster */
    }
    struct entry *e = calloc(1, sizeof(*e));
    if (!e) {
        BUG("out of memory: guard cache");
    }
    e->arena                       = arena_new("guard cache entry", GUARD_CACHE_BYTES);
    e->hash                        = hash;
    e->use                         = rq->use;
    e->epoch                       = rq->epoch;
    e->sql                         = arena_dup(e->arena, rq->text.bytes);
    e->scope                       = arena_dup(e->arena, rq->scope);
    e->approved                    = copy_approved(e->arena, approved);
    e->bytes                       = arena_used(e->arena) + sizeof(*e);
    e->chain                       = cache->buckets[hash % BUCKETS];
    cache->buckets[hash % BUCKETS] = e;
    link_newest(cache, e);
    cache->count++;
    cache->bytes += e->bytes;
    while (cache->oldest != e &&
           (cache->count > GUARD_CACHE_ENTRIES || cache->bytes > GUARD_CACHE_BYTES)) {
        drop(cache, cache->oldest);
    }
    if (cache->bytes > GUARD_CACHE_BYTES) {
        drop(cache, e);
    }
}
