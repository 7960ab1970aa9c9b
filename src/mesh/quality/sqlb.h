/*
 * sqlb.h - the only place where SQL for checks is put together.
 *
 * Text is made from a literal template. What goes into it is an identifier, which is quoted, a value,
 * which becomes a text literal, a count, or SQL that came out of this builder (or is the trusted
 * relation of the subject). There is no way to put a person's text in unquoted.
 *
 *   %i  str, an identifier      "a ""b"""
 *   %t  str, a text literal     'it''s'
 *   %q  str, SQL made here
 *   %u  uint64_t
 */
#ifndef QUALITY_SQLB_H
#define QUALITY_SQLB_H

#include "base/ctx.h"

/* In cx->arena; the empty str when it would be longer than the engine takes. */
str sqlb(struct ctx *cx, const char *template, ...);

/* The parts with `between` between them; empty as above. */
str sqlb_join(struct ctx *cx, const str *parts, size_t count, str between);

#endif
