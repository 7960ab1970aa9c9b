/*
 * map.h - a hash map from str to pointer, inside an arena.
 *
 * Keys are borrowed: their bytes must live as long as the map. Entries keep the order in which they
 * were added; nothing is ever removed. Hashes are seeded per map, so hostile keys cannot pile up.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_entry {
    str   key;
    void *value;
};

struct map {
    struct map_entry *entries; /* in order of insertion */
    size_t            count;
    size_t            cap;
    uint32_t         *slots; /* index + 1 into entries; 0 = free */
    size_t            slot_count;
    uint64_t          seed;
};

/* The value, or NULL. */
void *map_get(const struct map *m, str key);
bool  map_has(const struct map *m, str key);

/* Adds or replaces; returns the value that was there before, or NULL. */
void *map_put(struct map *m, struct arena *a, str key, void *value);

#endif
