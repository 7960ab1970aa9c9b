/*
 * diag.c - collecting findings.
 */
#include "base/diag.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SHOWN_MAX = 400, LINE_BEFORE_MAX = 300, MESSAGE_MAX = 2048 };

static bool is_inside_char(str bytes, size_t at)
{
    return at < bytes.len && ((unsigned char)bytes.ptr[at] & 0xC0U) == 0x80U;
}

/*
 * The line around an offset. Of a long one only the part near the offset, between characters;
 * *skipped is what was left out before it. A file may be one line of many megabytes, and each
 * finding asks: the scans go by words of the machine and stop where nothing more is shown.
 */
static str line_around(str bytes, size_t offset, size_t *skipped)
{
    size_t      from = 0, to, start;
    const char *hit;

    offset = offset < bytes.len ? offset : bytes.len;
    hit    = offset ? memrchr(bytes.ptr, '\n', offset) : NULL;
    start  = hit ? (size_t)(hit - bytes.ptr) + 1 : 0;
    from   = start;
    if (offset - start > LINE_BEFORE_MAX) {
        for (from = offset - LINE_BEFORE_MAX; from < offset && is_inside_char(bytes, from);) {
            from++;
        }
    }
    to  = bytes.len - from > LINE_SHOWN_MAX ? from + LINE_SHOWN_MAX : bytes.len;
    hit = to > offset ? memchr(bytes.ptr + offset, '\n', to - offset) : NULL;
    if (hit) {
        to = (size_t)(hit - bytes.ptr);
    }
    while (to > offset && is_inside_char(bytes, to)) {
        to--;
    }
    if (to > from && bytes.ptr[to - 1] == '\r') {
        to--;
    }
    *skipped = from - start;
    return str_sub(bytes, from, to - from);
}

struct diag_pos diag_pos_at(str bytes, size_t offset, size_t len)
{
    struct diag_pos pos = { .line = 1, .column = 1, .len = (uint32_t)len };

    size_t line = 0; /* where it begins */

    offset = offset < bytes.len ? offset : bytes.len;
    while (line < offset) {
        const char *hit = memchr(bytes.ptr + line, '\n', offset - line);

        if (!hit) {
            break;
        }
        line = (size_t)(hit - bytes.ptr) + 1;
        pos.line++;
    }
    pos.column = (uint32_t)(offset - line) + 1;
    pos.offset = (uint32_t)offset;
    return pos;
}

/* What of a printed message is in the buffer, without a character that was cut in two. */
static str whole_chars(str message)
{
    size_t len = message.len;

    if (len < MESSAGE_MAX) {
        return message;
    }
    len = MESSAGE_MAX - 1;
    if ((unsigned char)message.ptr[len - 1] < 0x80U) {
        return (str){ message.ptr, len };
    }
    while (len > 0 && is_inside_char(message, len - 1)) {
        len--;
    }
    return (str){ message.ptr, len ? len - 1 : 0 };
}

void diag_add(struct diags *d, struct ctx *cx, enum diag_severity severity,
              const struct diag_text *text, struct diag_pos pos, str rule, str hint,
              const char *fmt, ...)
{
    struct diag made = { .severity = severity, .rule = rule, .hint = hint, .pos = pos };
    va_list     args;
    char        message[MESSAGE_MAX];
    int         len;
    size_t      skipped;

    d->errors += severity == DIAG_ERROR;
    d->warnings += severity == DIAG_WARNING;
    if (d->list.count >= DIAG_MAX) {
        return;
    }
    va_start(args, fmt);
    len = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    len          = len < 0 ? 0 : len;
    made.message = arena_dup(cx->arena, whole_chars((str){ message, (size_t)len }));
    if (text) {
        made.file = text->name;
        if (pos.line != 0) {
            made.line_text    = line_around(text->bytes, pos.offset, &skipped);
            made.line_skipped = (uint32_t)skipped;
        }
    }
    vec_push(cx->arena, &d->list, made);
}
