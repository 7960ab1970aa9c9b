/*
 * vec.c - growth of arena arrays.
 */
#include "base/vec.h"

#include <string.h>

enum { FIRST_CAP = 8 };

void *vec_grow(struct arena *a, void *items, size_t count, size_t *cap, size_t size)
{
    size_t wider;
    void  *grown;

    if (count < *cap) {
        return items;
    }
    if (__builtin_mul_overflow(*cap, (size_t)2, &wider)) {
        BUG("vec_grow: capacity overflow");
    }
    wider = wider ? wider : FIRST_CAP;
    grown = arena_array(a, wider, size);
    if (count) {
        memcpy(grown, items, count * size);
    }
    *cap = wider;
    return grown;
}
