/*
 * buf.h - the one growing byte buffer.
 *
 * A buf is made with the size it may never exceed. Errors are sticky: after an append that did not
 * fit, further appends do nothing, and buf_check (or buf_take) reports ST_LIMIT once at the end.
 * A buf owns its memory; release it with buf_release (CLEANUP(buf_release) works).
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/ctx.h"

struct buf {
    char  *ptr;
    size_t len, cap, max;
    bool   is_over;
};

#define BUF_INIT(max_bytes)                                                                        \
    {                                                                                              \
        .max = (max_bytes)                                                                         \
    }

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
void buf_reset(struct buf *b); /* empty again, memory kept, error forgotten */

void buf_add(struct buf *b, str s);
void buf_add_char(struct buf *b, char c);
void buf_add_n(struct buf *b, char c, size_t count);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_add_hex(struct buf *b, const void *bytes, size_t len); /* lower case */

/* Room for `len` more bytes to be written by the caller, or NULL (then over the limit). */
char *buf_reserve(struct buf *b, size_t len);
void  buf_commit(struct buf *b, size_t len);

str buf_view(const struct buf *b);

/* ST_LIMIT with `what` in the message when something did not fit. */
NODISCARD enum status buf_check(const struct buf *b, struct ctx *cx, const char *what);

/* A copy of the content in cx->arena, and the buffer empty; ST_LIMIT as buf_check. */
NODISCARD enum status buf_take(struct buf *b, struct ctx *cx, const char *what, str *out);

#endif
