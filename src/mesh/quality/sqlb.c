/*
 * sqlb.c - the builder.
 */
#include "quality/sqlb.h"

#include <stdarg.h>

#include "base/buf.h"
#include "engine/engine.h"

static str take(struct ctx *cx, struct buf *b)
{
    str made = b->is_over ? STR_NONE : arena_dup(cx->arena, buf_view(b));

    buf_release(b);
    return made;
}

str sqlb(struct ctx *cx, const char *template, ...)
{
    struct buf b = BUF_INIT(ENGINE_SQL_MAX);
    va_list    args;

    va_start(args, template);
    for (const char *at = template; *at != '\0'; at++) {
        if (*at != '%') {
            buf_add_char(&b, *at);
            continue;
        }
        at++;
        if (*at == 'i')
            engine_quote_ident(&b, va_arg(args, str));
        else if (*at == 't')
            engine_quote_text(&b, va_arg(args, str));
        else if (*at == 'q')
            buf_add(&b, va_arg(args, str));
        else if (*at == 'u')
            buf_printf(&b, "%llu", (unsigned long long)va_arg(args, uint64_t));
        else if (*at == '%')
            buf_add_char(&b, '%');
        else
            BUG("unknown conversion in an SQL template");
    }
    va_end(args);
    return take(cx, &b);
}

str sqlb_join(struct ctx *cx, const str *parts, size_t count, str between)
{
    struct buf b = BUF_INIT(ENGINE_SQL_MAX);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_add(&b, between);
        buf_add(&b, parts[i]);
    }
    return take(cx, &b);
}
