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

/*
 * A key prepared once for many messages: both halves of RFC 2104 after their first block, so that a
 * short message costs two blocks, no allocation and no look-up in the library. Plain data, as secret
 * as the key: keep it in locked memory and wipe it. Any thread may read it.
 */
struct hmac_key {
    uint32_t inner[8], outer[8];
};

void hmac_key_init(struct hmac_key *out, str key);
/* Equal to hmac_sha256; leaves nothing of the key on the stack. */
digest hmac_of(const struct hmac_key *key, str message);

/* 64 lower-case hex digits in cx->arena, and back (exactly 64, lower case). */
str            digest_hex(struct ctx *cx, digest d);
NODISCARD bool digest_parse_hex(str hex, digest *out);

/* In constant time. */
bool digest_eq(digest a, digest b);

#endif
