/*
 * digest.h - SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104).
 *
 * The library behind it stays in digest.c. A failure of the library (no memory, no provider) stops
 * the process: it is never bad input.
 *
 * Threads   values are plain data; a struct sha256 belongs to one thread.
 */
#ifndef CODEC_DIGEST_H
#define CODEC_DIGEST_H

#include "base/ctx.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

typedef struct {
    uint8_t bytes[SHA256_BYTES];
} digest;

/* An unfinished hash; heap, one owner (CLEANUP(sha256_cleanup) works). */
struct sha256;

struct sha256 *sha256_new(void);
void           sha256_free(struct sha256 *h); /* NULL is fine */
void           sha256_add(struct sha256 *h, str bytes);
/* The digest of what was added; the hash starts again from nothing. */
digest sha256_finish(struct sha256 *h);

static inline void sha256_cleanup(struct sha256 **h)
{
    sha256_free(*h);
}

digest sha256_of(str bytes);
digest hmac_sha256(str key, str message);

/* 64 lower-case hex digits in cx->arena, and back (exactly 64, lower case). */
str            digest_hex(struct ctx *cx, digest d);
NODISCARD bool digest_parse_hex(str hex, digest *out);

/* In constant time. */
bool digest_eq(digest a, digest b);

#endif
