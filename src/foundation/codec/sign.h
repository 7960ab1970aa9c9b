/*
 * sign.h - Ed25519 signatures (RFC 8032) and their keys in PEM (RFC 8410: PKCS#8 and SPKI).
 *
 * A struct sign_key holds a public key and perhaps its private half. Private bytes are wiped when
 * the key is freed; PEM texts of private keys are wiped by sign_wipe when the caller is done.
 *
 * Errors    ST_INVALID for a PEM that is not an Ed25519 key (never with its content), ST_DENIED for
 *           a signature that does not fit, ST_UNSUPPORTED for signing without the private half.
 * Threads   a key is read-only after it was made; any thread may use it.
 */
#ifndef CODEC_SIGN_H
#define CODEC_SIGN_H

#include "base/ctx.h"

enum { SIGN_BYTES = 64, SIGN_SEED_BYTES = 32, SIGN_PUBLIC_BYTES = 32, SIGN_KEY_ID_LEN = 16 };
enum { SIGN_PEM_MAX_BYTES = 4096 };

typedef struct {
    uint8_t bytes[SIGN_BYTES];
} signature;

struct sign_key; /* heap; one owner */

/* A new pair from the context's randomness. */
NODISCARD enum status sign_key_new(struct ctx *cx, struct sign_key **out);
/* From the 32 bytes of RFC 8032's private key, or of its public key. */
NODISCARD enum status sign_key_from_seed(struct ctx *cx, const uint8_t seed[SIGN_SEED_BYTES],
                                         struct sign_key **out);
NODISCARD enum status sign_key_from_public(struct ctx *cx, const uint8_t raw[SIGN_PUBLIC_BYTES],
                                           struct sign_key **out);
/* From PEM: "PRIVATE KEY" gives both halves, "PUBLIC KEY" the public one. One block, nothing else. */
NODISCARD enum status sign_key_from_pem(struct ctx *cx, str pem, struct sign_key **out);
void                  sign_key_free(struct sign_key *key); /* NULL is fine */

static inline void sign_key_cleanup(struct sign_key **key)
{
    sign_key_free(*key);
}

bool sign_key_is_private(const struct sign_key *key);

/* The first 16 hex digits of SHA-256 over the SPKI bytes, in cx->arena. */
str sign_key_id(struct ctx *cx, const struct sign_key *key);

/* PEM in cx->arena. The private one is a secret: sign_wipe it after use. */
NODISCARD enum status sign_public_pem(struct ctx *cx, const struct sign_key *key, str *out);
NODISCARD enum status sign_private_pem(struct ctx *cx, const struct sign_key *key, str *out);

NODISCARD enum status sign_make(struct ctx *cx, const struct sign_key *key, str message,
                                signature *out);
/* ST_OK only when the signature is right. */
NODISCARD enum status sign_verify(struct ctx *cx, const struct sign_key *key, str message,
                                  const signature *s);

/* Overwrites memory of ours that held a secret; not optimised away. */
void sign_wipe(str secret);

#endif
