/*
 * buf.c - appends with a hard maximum.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}

void buf_release(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
    b->len     = 0;
    b->is_over = false;
}

static size_t next_cap(const struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : FIRST_BYTES;

    while (cap < need) {
        cap = cap > b->max / 2 ? b->max : cap * 2;
    }
    return cap;
}

/* Room for `len` bytes of content and `spare` (0 or 1) behind, which count for no limit. */
static char *reserve(struct buf *b, size_t len, size_t spare)
{
    char  *grown;
    size_t cap;

    if (b->is_over || len > b->max - b->len) {
        b->is_over = true;
        return NULL;
    }
    if (b->ptr && len + spare <= b->cap - b->len) {
        return b->ptr + b->len;
    }
    cap   = next_cap(b, b->len + len) + spare;
    grown = realloc(b->ptr, cap);
    if (!grown) {
        fprintf(stderr, "weft: out of memory: a buffer needs %zu bytes\n", cap);
        abort();
    }
    b->ptr = grown;
    b->cap = cap;
    return b->ptr + b->len;
}

char *buf_reserve(struct buf *b, size_t len)
{
    return reserve(b, len, 0);
}

void buf_commit(struct buf *b, size_t len)
{
    b->len += len;
}

void buf_add(struct buf *b, str s)
{
    char *room = buf_reserve(b, s.len);

    if (room && s.len) {
        memcpy(room, s.ptr, s.len);
        b->len += s.len;
    }
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, (str){ &c, 1 });
}

void buf_add_n(struct buf *b, char c, size_t count)
{
    char *room = buf_reserve(b, count);

    if (room) {
        memset(room, c, count);
        b->len += count;
    }
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    int     len;
    char   *room;

    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        BUG("buf_printf: format cannot be printed");
    }
    room = reserve(b, (size_t)len, 1);
    if (room) {
        vsnprintf(room, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

void buf_add_hex(struct buf *b, const void *bytes, size_t len)
{
    static const char    digits[] = "0123456789abcdef";
    const unsigned char *in       = bytes;

    for (size_t i = 0; i < len; i++) {
        buf_add_char(b, digits[in[i] >> 4]);
        buf_add_char(b, digits[in[i] & 15]);
    }
}

str buf_view(const struct buf *b)
{
    return (str){ b->ptr, b->len };
}

enum status buf_check(const struct buf *b, struct ctx *cx, const char *what)
{
    if (b->is_over) {
        return FAIL(cx, LIMIT, "%s is larger than %zu bytes", what, b->max);
    }
    return ST_OK;
}

enum status buf_take(struct buf *b, struct ctx *cx, const char *what, str *out)
{
    TRY(buf_check(b, cx, what));
    *out = arena_dup(cx->arena, buf_view(b));
    buf_reset(b);
    return ST_OK;
}
