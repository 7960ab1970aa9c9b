/*
 * arena.h - memory by lifetime.
 *
 * An arena is a growing block of memory that is freed as a whole. Arenas are named by lifetime
 * (process, operation, scratch ...). Allocation never returns NULL: when the system has no memory
 * the process stops with the arena's name.
 *
 * Limit     every arena has a byte limit. It is soft: an allocation over it succeeds and marks the
 *           arena, and `ctx_check` turns the mark into ST_LIMIT. At ARENA_HARD_FACTOR times the
 *           limit the process stops, for then a loop forgot to check.
 * Cleanup   `arena_defer` runs a function when the arena (or a rewind over it) frees its memory,
 *           last registered first: for statements, results and file descriptors.
 * Threads   one arena belongs to one thread at a time.
 * Debug     with WEFT_ARENA_MALLOC every allocation is one malloc, so that ASan sees each overrun;
 *           otherwise unused bytes of chunks are poisoned under ASan.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

enum { ARENA_HARD_FACTOR = 4 };

struct arena;
struct arena_mark {
    void  *chunk;
    size_t used;
    void  *deferred;
    size_t total;
};

/* `name` is a literal; `limit` in bytes. */
struct arena *arena_new(const char *name, size_t limit);
void          arena_free(struct arena *a); /* NULL is fine */

/* Zeroed memory aligned for any type; `size` 0 gives a valid, unique pointer. */
void *arena_alloc(struct arena *a, size_t size);
/* Zeroed array; the multiplication is checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

str   arena_dup(struct arena *a, str s);
char *arena_cstr(struct arena *a, str s); /* NUL-terminated copy, for C libraries */
str   arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
str   arena_concat(struct arena *a, str x, str y);

/* Run fn(arg) when the memory goes away. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);

/* Scratch inside an operation: what was allocated after the mark is freed by the rewind. */
struct arena_mark arena_mark(struct arena *a);
void              arena_rewind(struct arena *a, struct arena_mark mark);

bool        arena_is_over(const struct arena *a);
size_t      arena_used(const struct arena *a);
size_t      arena_limit(const struct arena *a);
const char *arena_name(const struct arena *a);

static inline void arena_cleanup(struct arena **a)
{
    arena_free(*a);
}

#endif
