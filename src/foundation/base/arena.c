/*
 * arena.c - chunks of memory freed together.
 *
 * Chunks hang in a list, newest first. Blocks over a quarter of a chunk get a chunk of their own.
 * A mark remembers the newest chunk, its fill and the newest deferred call; rewinding pops what is
 * newer. The emulation with one malloc per block uses the same list with one block per chunk.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { CHUNK_BYTES = 16384, ALIGN = 16, REDZONE = 16 };

struct chunk {
    struct chunk *older;
    size_t        size, used;
    _Alignas(16) unsigned char bytes[];
};

struct deferred {
    struct deferred *older;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    const char      *name;
    size_t           limit, total;
    struct chunk    *chunks;
    struct deferred *deferred;
    bool             is_over;
};

NORETURN static void out_of_memory(const char *name, size_t size)
{
    fprintf(stderr, "weft: out of memory: arena \"%s\" needs %zu more bytes\n", name, size);
    abort();
}

struct arena *arena_new(const char *name, size_t limit)
{
    struct arena *a = calloc(1, sizeof *a);

    if (!a) {
        out_of_memory(name, sizeof *a);
    }
    a->name  = name;
    a->limit = limit;
    return a;
}

static void run_deferred(struct arena *a, const struct deferred *until)
{
    while (a->deferred && a->deferred != until) {
        struct deferred *d = a->deferred;

        a->deferred = d->older;
        d->fn(d->arg);
    }
}

static void drop_chunk(struct arena *a)
{
    struct chunk *c = a->chunks;

    a->chunks = c->older;
    UNPOISON(c->bytes, c->size);
    free(c);
}

void arena_free(struct arena *a)
{
    if (!a) {
        return;
    }
    run_deferred(a, NULL);
    while (a->chunks) {
        drop_chunk(a);
    }
    free(a);
}

static struct chunk *push_chunk(struct arena *a, size_t size)
{
    struct chunk *c = malloc(sizeof *c + size);

    if (!c) {
        out_of_memory(a->name, size);
    }
    c->older  = a->chunks;
    c->size   = size;
    c->used   = 0;
    a->chunks = c;
    POISON(c->bytes, c->size);
    return c;
}

static void account(struct arena *a, size_t size)
{
    if (__builtin_add_overflow(a->total, size, &a->total)) {
        out_of_memory(a->name, size);
    }
    if (a->total > a->limit) {
        a->is_over = true;
        if (a->total / ARENA_HARD_FACTOR > a->limit) {
            fprintf(stderr, "weft: arena \"%s\" is far over its limit of %zu bytes\n", a->name,
                    a->limit);
            abort();
        }
    }
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct chunk *c = a->chunks;
    size_t        need;
    void         *block;

    if (size > SIZE_MAX - 2 * (ALIGN + REDZONE)) {
        out_of_memory(a->name, size);
    }
    need = (size + ALIGN - 1) / ALIGN * ALIGN;
#ifdef ARENA_ASAN
    need += REDZONE;
#endif
    if (need == 0) {
        need = ALIGN;
    }
    account(a, need);
#ifdef WEFT_ARENA_MALLOC
    c = push_chunk(a, need);
#else
    if (!c || c->size - c->used < need) {
        c = push_chunk(a, need > CHUNK_BYTES / 4 ? need : CHUNK_BYTES);
    }
#endif
    block = c->bytes + c->used;
    c->used += need;
    UNPOISON(block, size);
    memset(block, 0, size);
    return block;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        out_of_memory(a->name, SIZE_MAX);
    }
    return arena_alloc(a, bytes);
}

str arena_dup(struct arena *a, str s)
{
    return (str){ arena_cstr(a, s), s.len };
}

char *arena_cstr(struct arena *a, str s)
{
    char *copy = arena_alloc(a, s.len + 1);

    if (s.len) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

str arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    int     len;
    char   *text;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        BUG("arena_printf: format cannot be printed");
    }
    text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return (str){ text, (size_t)len };
}

str arena_concat(struct arena *a, str x, str y)
{
    char *joined = arena_alloc(a, x.len + y.len + 1);

    if (x.len) {
        memcpy(joined, x.ptr, x.len);
    }
    if (y.len) {
        memcpy(joined + x.len, y.ptr, y.len);
    }
    return (str){ joined, x.len + y.len };
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct deferred *d = ARENA_NEW(a, struct deferred);

    *d          = (struct deferred){ .older = a->deferred, .fn = fn, .arg = arg };
    a->deferred = d;
}

struct arena_mark arena_mark(struct arena *a)
{
    return (struct arena_mark){
        .chunk    = a->chunks,
        .used     = a->chunks ? a->chunks->used : 0,
        .deferred = a->deferred,
        .total    = a->total,
    };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
    run_deferred(a, mark.deferred);
    while (a->chunks && a->chunks != mark.chunk) {
        drop_chunk(a);
    }
    if (a->chunks) {
        a->chunks->used = mark.used;
        POISON(a->chunks->bytes + mark.used, a->chunks->size - mark.used);
    }
    a->total = mark.total;
}

bool arena_is_over(const struct arena *a)
{
    return a->is_over;
}

size_t arena_used(const struct arena *a)
{
    return a->total;
}

size_t arena_limit(const struct arena *a)
{
    return a->limit;
}

const char *arena_name(const struct arena *a)
{
    return a->name;
}
