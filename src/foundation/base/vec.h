/*
 * vec.h - a growing array inside an arena.
 *
 * `VEC(type)` declares the struct {items, count, cap}; zero is a valid empty vector. Growth doubles
 * and leaves the old block to the arena, so pointers to items do not survive a push.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type  *items;                                                                              \
        size_t count, cap;                                                                         \
    }

#define vec_push(arena, v, ...)                                                                    \
    ((v)->items = vec_grow((arena), (v)->items, (v)->count, &(v)->cap, sizeof *(v)->items),        \
     (v)->items[(v)->count++] = (__VA_ARGS__))

/* Room for one more item; for vec_push only. */
void *vec_grow(struct arena *a, void *items, size_t count, size_t *cap, size_t size);

#endif
