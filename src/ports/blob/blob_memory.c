/*
 * blob_memory.c - objects in a sorted array behind one lock.
 */
#include "blob/blob_memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "os/thread.h"

enum { PIECE = 64 << 10 };

struct object {
    char  *key; /* one block: the key's bytes, then the content's */
    size_t key_len;
    size_t size;
};

struct blob_memory {
    struct blob     base;
    struct os_mutex mutex; /* guards all below */
    uint64_t        max_bytes, used;
    struct object  *objects; /* sorted by key */
    size_t          count, cap;
};

static const struct blob_ops blob_memory_ops;

static struct blob_memory *memory_of(struct blob *b)
{
    assert(b->ops == &blob_memory_ops);
    return container_of(b, struct blob_memory, base);
}

static str key_of(const struct object *o)
{
    return (str){ o->key, o->key_len };
}

static str content_of(const struct object *o)
{
    return (str){ o->key + o->key_len, o->size };
}

/* The first object whose key is not before `key`. */
static size_t lower_bound(const struct blob_memory *m, str key)
{
    size_t from = 0, to = m->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (str_cmp(key_of(&m->objects[middle]), key) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

static const struct object *find(const struct blob_memory *m, str key)
{
    size_t at = lower_bound(m, key);

    return at < m->count && str_eq(key_of(&m->objects[at]), key) ? &m->objects[at] : NULL;
}

static enum status fail_missing(struct ctx *cx, str key)
{
    return FAIL(cx, NOT_FOUND, "object \"" STR_FMT "\" does not exist", STR_ARG(key));
}

static enum status memory_get_range(struct blob *b, struct ctx *cx, str key, uint64_t offset,
                                    size_t max, str *out)
{
    struct blob_memory  *m = memory_of(b);
    const struct object *o;
    str                  content;

    OS_GUARD(&m->mutex);
    o = find(m, key);
    if (!o) {
        return fail_missing(cx, key);
    }
    content = content_of(o);
    content = offset < content.len ? str_sub(content, (size_t)offset, max) : S("");
    *out    = arena_dup(cx->arena, content);
    return ST_OK;
}

/* ST_CONFLICT when the key, a part of it, or something below it is an object. */
static enum status check_free(const struct blob_memory *m, struct ctx *cx, str key)
{
    str    folder = arena_concat(cx->arena, key, S("/"));
    size_t at     = lower_bound(m, folder);

    if (find(m, key) || (at < m->count && str_starts(key_of(&m->objects[at]), folder))) {
        return FAIL(cx, CONFLICT, "object \"" STR_FMT "\" exists already", STR_ARG(key));
    }
    for (size_t i = 1; i < key.len; i++) {
        if (key.ptr[i] == '/' && find(m, str_sub(key, 0, i))) {
            return FAIL(cx, CONFLICT,
                        "object \"" STR_FMT "\" cannot be made: a part of its key is "
                        "an object itself",
                        STR_ARG(key));
        }
    }
    return ST_OK;
}

static void *must_have(void *memory)
{
    if (!memory) {
        BUG("out of memory for objects");
    }
    return memory;
}

static void insert(struct blob_memory *m, str key, str content)
{
    size_t        at = lower_bound(m, key);
    struct object o  = { must_have(malloc(key.len + content.len)), key.len, content.len };

    memcpy(o.key, key.ptr, key.len);
    if (content.len > 0) {
        memcpy(o.key + key.len, content.ptr, content.len);
    }
    if (m->count == m->cap) {
        m->cap     = m->cap ? m->cap * 2 : 16;
        m->objects = must_have(reallocarray(m->objects, m->cap, sizeof *m->objects));
    }
    memmove(&m->objects[at + 1], &m->objects[at], (m->count - at) * sizeof *m->objects);
    m->objects[at] = o;
    m->count++;
    m->used += content.len;
}

static enum status fail_full(struct ctx *cx, const struct blob_memory *m)
{
    return FAIL(cx, UNAVAILABLE, "no space left: the store holds at most %llu bytes",
                (unsigned long long)m->max_bytes);
}

static enum status read_body(struct blob_memory *m, struct ctx *cx, struct blob_source *body,
                             struct buf *to)
{
    size_t got;

    do {
        char piece[PIECE];

        TRY(body->read(body, cx, piece, sizeof piece, &got));
        buf_add(to, (str){ piece, got });
        if (to->is_over) {
            return fail_full(cx, m);
        }
    } while (got > 0);
    return ST_OK;
}

/* Under the lock, and only for a moment. */
static enum status check_free_now(struct blob_memory *m, struct ctx *cx, str key)
{
    OS_GUARD(&m->mutex);
    return check_free(m, cx, key);
}

static enum status memory_put(struct blob *b, struct ctx *cx, str key, struct blob_source *body)
{
    struct blob_memory             *m       = memory_of(b);
    CLEANUP(buf_release) struct buf content = BUF_INIT((size_t)m->max_bytes);

    TRY(check_free_now(m, cx, key));
    TRY(read_body(m, cx, body, &content)); /* not under the lock: a body may take its time */
    OS_GUARD(&m->mutex);
    TRY(check_free(m, cx, key));
    if (content.len > m->max_bytes - m->used) {
        return fail_full(cx, m);
    }
    insert(m, key, buf_view(&content));
    return ST_OK;
}

static enum status memory_stat(struct blob *b, struct ctx *cx, str key, struct blob_info *out)
{
    struct blob_memory  *m = memory_of(b);
    const struct object *o;

    OS_GUARD(&m->mutex);
    o = find(m, key);
    if (!o) {
        return fail_missing(cx, key);
    }
    *out = (struct blob_info){ o->size };
    return ST_OK;
}

static enum status memory_list(struct blob *b, struct ctx *cx, str prefix, str after, size_t limit,
                               struct blob_page *out)
{
    struct blob_memory *m       = memory_of(b);
    VEC(struct blob_item) found = { 0 };
    bool   has_more             = false;
    size_t i;

    OS_GUARD(&m->mutex);
    i = lower_bound(m, str_cmp(after, prefix) > 0 ? after : prefix);
    for (; i < m->count && str_starts(key_of(&m->objects[i]), prefix); i++) {
        if (str_cmp(key_of(&m->objects[i]), after) <= 0) {
            continue;
        }
        if (found.count == limit) {
            has_more = true;
            break;
        }
        vec_push(
            cx->arena, &found,
            (struct blob_item){ arena_dup(cx->arena, key_of(&m->objects[i])), m->objects[i].size });
    }
    *out = (struct blob_page){ found.items, found.count, has_more };
    return ST_OK;
}

static enum status memory_delete(struct blob *b, struct ctx *cx, str key)
{
    struct blob_memory *m = memory_of(b);
    size_t              at;

    (void)cx;
    OS_GUARD(&m->mutex);
    if (!find(m, key)) {
        return ST_OK;
    }
    at = lower_bound(m, key);
    m->used -= m->objects[at].size;
    free(m->objects[at].key);
    m->count--;
    memmove(&m->objects[at], &m->objects[at + 1], (m->count - at) * sizeof *m->objects);
    return ST_OK;
}

static void memory_close(struct blob *b)
{
    struct blob_memory *m = memory_of(b);

    for (size_t i = 0; i < m->count; i++) {
        free(m->objects[i].key);
    }
    free(m->objects);
    os_mutex_release(&m->mutex);
    free(m);
}

/* No local files: the wrapper answers for local_path, reserve and seal. */
static const struct blob_ops blob_memory_ops = {
    .name      = "memory",
    .get_range = memory_get_range,
    .put       = memory_put,
    .stat      = memory_stat,
    .list      = memory_list,
    .delete    = memory_delete,
    .close     = memory_close,
};

struct blob *blob_memory_new(uint64_t max_bytes)
{
    struct blob_memory *m = must_have(calloc(1, sizeof *m));

    m->base      = (struct blob){ &blob_memory_ops, 0 };
    m->max_bytes = max_bytes;
    os_mutex_init(&m->mutex, LOCK_BLOB_MEMORY);
    return &m->base;
}
