/*
 * err.c - the status table and the bounded message.
 */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

struct status_row {
    int  http, exit;
    char slug[20];
};

static const struct status_row rows[] = {
#define X(name, http, exit, slug) [ST_##name] = { http, exit, slug },
    STATUS_TABLE(X)
#undef X
};

int status_exit_code(enum status st)
{
    return rows[st].exit;
}

int status_http_code(enum status st)
{
    return rows[st].http;
}

str status_slug(enum status st)
{
    return str_of(rows[st].slug);
}

/* How many bytes the UTF-8 character with this first byte has. */
static size_t char_len(unsigned char first)
{
    return first < 0xC0U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
}

/* Cuts at the last whole UTF-8 character, so that a cut message is valid text when the whole was. */
static void set_len(struct err *e, int wanted)
{
    size_t len = wanted < 0 ? 0 : (size_t)wanted;

    if (len >= sizeof e->text) {
        size_t last = sizeof e->text - 2;

        while (last > 0 && ((unsigned char)e->text[last] & 0xC0U) == 0x80U) {
            last--;
        }
        len = last + char_len((unsigned char)e->text[last]);
        len = len < sizeof e->text ? len : last;
    }
    e->text[len] = '\0';
    e->len       = len;
}

enum status err_set(struct err *e, enum status code, const char *file, int line, const char *fmt,
                    ...)
{
    va_list args;

    e->code = code;
    e->file = file;
    e->line = line;
    va_start(args, fmt);
    set_len(e, vsnprintf(e->text, sizeof e->text, fmt, args));
    va_end(args);
    return code;
}

enum status err_wrap(struct err *e, const char *fmt, ...)
{
    char    old[ERR_TEXT_BYTES];
    va_list args;
    int     len;

    memcpy(old, e->text, e->len + 1);
    va_start(args, fmt);
    len = vsnprintf(e->text, sizeof e->text, fmt, args);
    va_end(args);
    set_len(e, len);
    return err_add(e, ": %s", old);
}

enum status err_add(struct err *e, const char *fmt, ...)
{
    va_list args;
    int     len;

    va_start(args, fmt);
    len = vsnprintf(e->text + e->len, sizeof e->text - e->len, fmt, args);
    va_end(args);
    set_len(e, len < 0 ? (int)e->len : (int)e->len + len);
    return e->code;
}

void err_clear(struct err *e)
{
    *e = (struct err){ .code = ST_OK };
}

str err_text(const struct err *e)
{
    return (str){ e->text, e->len };
}
