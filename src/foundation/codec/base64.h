/*
 * base64.h - RFC 4648, strict: one text for one value.
 *
 * Standard form has padding, URL form has none. Decoding refuses white space, wrong padding, letters
 * of the other form and bits that are not zero behind the last byte.
 */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/ctx.h"

enum base64_form { BASE64_STANDARD, BASE64_URL };

/* In cx->arena. */
str base64_encode(struct ctx *cx, enum base64_form form, str bytes);

/* ST_INVALID names the offset of the first wrong character. */
NODISCARD enum status base64_decode(struct ctx *cx, enum base64_form form, str text, str *out);

#endif
