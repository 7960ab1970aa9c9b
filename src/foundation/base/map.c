/*
 * map.c - open addressing over an insertion-ordered array.
 */
#include "base/map.h"

#include "base/vec.h"

enum { FIRST_SLOTS = 16 };

/* The slot of `key`, or the free slot where it belongs. */
static size_t probe(const struct map *m, str key)
{
    size_t at = (size_t)str_hash(key, m->seed) & (m->slot_count - 1);

    while (m->slots[at] != 0 && !str_eq(m->entries[m->slots[at] - 1].key, key)) {
        at = (at + 1) & (m->slot_count - 1);
    }
    return at;
}

static void rehash(struct map *m, struct arena *a)
{
    if (m->seed == 0) {
        m->seed = (uint64_t)(uintptr_t)m ^ ((uint64_t)(uintptr_t)a << 17) ^ 0x9e3779b97f4a7c15ULL;
    }
    m->slot_count = m->slot_count ? m->slot_count * 2 : FIRST_SLOTS;
    m->slots      = arena_array(a, m->slot_count, sizeof *m->slots);
    for (size_t i = 0; i < m->count; i++) {
        m->slots[probe(m, m->entries[i].key)] = (uint32_t)(i + 1);
    }
}

void *map_get(const struct map *m, str key)
{
    size_t at;

    if (m->slot_count == 0) {
        return NULL;
    }
    at = probe(m, key);
    return m->slots[at] ? m->entries[m->slots[at] - 1].value : NULL;
}

bool map_has(const struct map *m, str key)
{
    return m->slot_count != 0 && m->slots[probe(m, key)] != 0;
}

void *map_put(struct map *m, struct arena *a, str key, void *value)
{
    size_t at;

    if (m->slot_count == 0 || m->count + 1 > m->slot_count / 4 * 3) {
        rehash(m, a);
    }
    at = probe(m, key);
    if (m->slots[at] != 0) {
        struct map_entry *entry = &m->entries[m->slots[at] - 1];
        void             *old   = entry->value;

        entry->value = value;
        return old;
    }
    m->entries             = vec_grow(a, m->entries, m->count, &m->cap, sizeof *m->entries);
    m->entries[m->count++] = (struct map_entry){ .key = key, .value = value };
    m->slots[at]           = (uint32_t)m->count;
    return NULL;
}
