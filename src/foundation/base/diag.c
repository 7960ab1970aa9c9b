/*
 * diag.c - collecting findings.
 */
#include "base/diag.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SHOWN_MAX = 400 };

static str line_around(str bytes, size_t offset)
{
    size_t from, to;

    if (offset > bytes.len) {
        offset = bytes.len;
    }
    from = offset;
    while (from > 0 && bytes.ptr[from - 1] != '\n') {
        from--;
    }
    to = offset;
    while (to < bytes.len && bytes.ptr[to] != '\n' && to - from < LINE_SHOWN_MAX) {
        to++;
    }
    if (to > from && bytes.ptr[to - 1] == '\r') {
        to--;
    }
    return str_sub(bytes, from, to - from);
}

struct diag_pos diag_pos_at(str bytes, size_t offset, size_t len)
{
    struct diag_pos pos = { .line = 1, .column = 1, .len = (uint32_t)len };

    if (offset > bytes.len) {
        offset = bytes.len;
    }
    for (size_t i = 0; i < offset; i++) {
        pos.column++;
        if (bytes.ptr[i] == '\n') {
            pos.line++;
            pos.column = 1;
        }
    }
    pos.offset = (uint32_t)offset;
    return pos;
}

void diag_add(struct diags *d, struct ctx *cx, enum diag_severity severity,
              const struct diag_text *text, struct diag_pos pos, str rule, str hint,
              const char *fmt, ...)
{
    struct diag made = { .severity = severity, .rule = rule, .hint = hint, .pos = pos };
    va_list     args;
    char        message[2048];
    int         len;

    d->errors += severity == DIAG_ERROR;
    d->warnings += severity == DIAG_WARNING;
    if (d->list.count >= DIAG_MAX) {
        return;
    }
    va_start(args, fmt);
    len = vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    len          = len < 0 ? 0 : len;
    made.message = arena_dup(
        cx->arena, (str){ message, (size_t)len < sizeof message ? (size_t)len : sizeof message - 1 });
    if (text) {
        made.file = text->name;
        if (pos.line != 0) {
            made.line_text = line_around(text->bytes, pos.offset);
        }
    }
    vec_push(cx->arena, &d->list, made);
}
