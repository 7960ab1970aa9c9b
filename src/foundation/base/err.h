/*
 * err.h - every outcome a function can have, and the message that explains it.
 *
 * One table gives each outcome its HTTP status, exit code and public slug; nothing else maps them.
 * The message goes into the struct err of the context once, where the cause is known; callers add
 * meaning with err_wrap. Reporting never allocates: text that does not fit is cut at a character.
 *
 * Wording: lower case, no full stop, quote names, give the reason and what to do; "could not" when
 * it may work another time, "cannot" when it never will. Never a secret, never a row's value for a
 * reader without rights.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#include "base/str.h"

#define STATUS_TABLE(X)                                                                            \
    X(OK, 200, 0, "ok")                                                                            \
    X(INVALID, 400, 2, "invalid")                                                                  \
    X(UNAUTHENTICATED, 401, 4, "unauthenticated")                                                  \
    X(DENIED, 403, 4, "denied")                                                                    \
    X(NOT_FOUND, 404, 3, "not_found")                                                              \
    X(CONFLICT, 409, 5, "conflict")                                                                \
    X(LIMIT, 413, 6, "limit")                                                                      \
    X(UNSUPPORTED, 501, 7, "unsupported")                                                          \
    X(UNAVAILABLE, 503, 8, "unavailable")                                                          \
    X(TIMEOUT, 504, 8, "timeout")                                                                  \
    X(CANCELLED, 499, 8, "cancelled")                                                              \
    X(CORRUPT, 500, 9, "corrupt")                                                                  \
    X(INTERNAL, 500, 9, "internal")

enum status {
#define X(name, http, exit, slug) ST_##name,
    STATUS_TABLE(X)
#undef X
};

enum { ERR_TEXT_BYTES = 496 };

struct err {
    enum status code;
    const char *file;
    int         line;
    size_t      len;
    char        text[ERR_TEXT_BYTES];
};

int status_exit_code(enum status st);
int status_http_code(enum status st);
str status_slug(enum status st);

/* Records the outcome and returns its code; keeps nothing of an earlier message. */
enum status err_set(struct err *e, enum status code, const char *file, int line, const char *fmt,
                    ...) PRINTF(5, 6);

/* Puts "<text>: " before the message and returns its code. */
enum status err_wrap(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Appends text, for a hint that only the caller knows. */
enum status err_add(struct err *e, const char *fmt, ...) PRINTF(2, 3);

void err_clear(struct err *e);
str  err_text(const struct err *e);

/* For `return`: FAIL(cx, NOT_FOUND, "data product \"" STR_FMT "\" does not exist", STR_ARG(id)) */
#define FAIL(cx, name, ...)                                                                        \
    ((void)err_set((cx)->err, ST_##name, __FILE__, __LINE__, __VA_ARGS__), (enum status)ST_##name)

/* The only macro that hides a return; always alone on its line. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        enum status try_st_ = (expr);                                                              \
        if (try_st_ != ST_OK) {                                                                    \
            return try_st_;                                                                        \
        }                                                                                          \
    } while (0)

/* Drops an outcome on purpose; `why` is for the reader. */
static inline void ignore(enum status st, const char *why)
{
    (void)st;
    (void)why;
}

#endif
