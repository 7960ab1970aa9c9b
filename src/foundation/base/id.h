/*
 * id.h - UUID version 7 (RFC 9562, 5.7): ids that sort by the time they were made.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/ctx.h"

enum { ID_TEXT_LEN = 36 };

/* A new id as 36 characters of lower-case text in cx->arena, from the context's clock and random. */
str id_new(struct ctx *cx);

/* True for 8-4-4-4-12 lower-case hex digits. */
bool id_is_valid(str text);

#endif
