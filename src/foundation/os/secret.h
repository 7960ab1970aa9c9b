/*
 * secret.h - bytes that must never be seen: passwords, keys, tokens.
 *
 * A struct secret is opaque: it has no text to print, log or put into a message by accident. Its
 * bytes lie in pages of their own that are locked into memory (where the limits of the user allow
 * it), left out of core files, and wiped when the arena goes. secret_reveal is the only way to the
 * bytes: look for that name to find every use.
 *
 * Messages name where a secret comes from, never what it is.
 *
 * Lifetime  lives in the arena given; wiped with it, or earlier by secret_wipe.
 * Threads   immutable after it is made; any thread may read.
 */
#ifndef OS_SECRET_H
#define OS_SECRET_H

#include "base/ctx.h"

enum { SECRET_MAX = 65536 };

struct secret;

/* Copies `bytes` (at most SECRET_MAX, asserted); the caller wipes his copy. */
struct secret *secret_make(struct arena *arena, str bytes);

/* The bytes, borrowed. Hand them to the one call that needs them and keep no copy. */
str secret_reveal(const struct secret *s);

/* Forgets the bytes now; secret_reveal then gives the empty str. */
void secret_wipe(struct secret *s);

/* In constant time for secrets of one length. */
bool secret_eq(const struct secret *a, const struct secret *b);

/* From an environment variable; ST_NOT_FOUND when it is not set, ST_INVALID when it is empty. */
NODISCARD enum status secret_from_env(struct ctx *cx, str name, struct secret **out);

/*
 * From a file; one line feed (or CR LF) at the end is not part of it. ST_DENIED when group or
 * others have any right on it (the message says which chmod to run) or it belongs to somebody else
 * than this user or root; ST_INVALID when it is empty or not a regular file, ST_LIMIT over
 * SECRET_MAX.
 */
NODISCARD enum status secret_from_file(struct ctx *cx, str path, struct secret **out);

/*
 * From the standard output of a program (no shell), as secret_from_file on the line end. Its
 * standard error is not shown, for it may hold the secret. A code other than 0 is ST_UNAVAILABLE.
 */
NODISCARD enum status secret_from_command(struct ctx *cx, const str *args, size_t count,
                                          struct secret **out);

#endif
