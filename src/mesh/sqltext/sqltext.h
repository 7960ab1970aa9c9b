/*
 * sqltext.h - the engine's syntax trees as SQL.
 *
 * A tree is what the engine's `json_serialize_sql` gives for a text, or nodes of our own put into it.
 * Names are quoted unless they are plain words, texts always; whatever is not known, or has no text
 * that could be read back, is refused. That the text means the tree is for the caller to prove: have
 * the engine parse it, and compare (mesh/guard does).
 *
 * Lifetime  results live in cx->arena.
 * Threads   any thread; no state.
 * Errors    ST_INVALID (a part of the tree has no text), ST_LIMIT (the text has over 256 MiB).
 */
#ifndef SQLTEXT_SQLTEXT_H
#define SQLTEXT_SQLTEXT_H

#include "base/ctx.h"

struct json; /* codec/json.h */

/* The text of a statement {node, named_param_map}. */
NODISCARD enum status sqltext_query(struct ctx *cx, const struct json *statement, str *out);

/* The name that the engine gives to a select item without an alias; not to be read again. */
NODISCARD enum status sqltext_name(struct ctx *cx, const struct json *expr, str *out);

/* True for a keyword of the engine, of any category; case does not matter. */
bool sqltext_is_keyword(str word);

#endif
