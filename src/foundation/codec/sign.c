/*
 * sign.c - Ed25519 over OpenSSL's raw keys.
 *
 * The two DER forms of RFC 8410 have a fixed length and a fixed prefix for Ed25519, so PEM is a
 * constant prefix, 32 bytes and base64: read strictly, written the same everywhere, and no parser
 * sees a private key. This is what `openssl genpkey -algorithm ed25519` writes too; PKCS#8 with
 * attributes or a public half inside, and encrypted keys, are refused.
 */
#include "codec/sign.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/digest.h"

enum { DER_MAX = 64 };

struct sign_key {
    EVP_PKEY *pkey;
    bool      is_private;
};

struct pem_form {
    str first, last; /* lines */
    str prefix;      /* DER before the 32 bytes */
};

static const struct pem_form form_private = {
    .first  = STR_INIT("-----BEGIN PRIVATE KEY-----"),
    .last   = STR_INIT("-----END PRIVATE KEY-----"),
    .prefix = STR_INIT("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"),
};
static const struct pem_form form_public = {
    .first  = STR_INIT("-----BEGIN PUBLIC KEY-----"),
    .last   = STR_INIT("-----END PUBLIC KEY-----"),
    .prefix = STR_INIT("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"),
};

static void must(int ok)
{
    if (ok != 1) {
        BUG("OpenSSL could not handle an Ed25519 key");
    }
}

void sign_wipe(str secret)
{
    if (secret.len) {
        OPENSSL_cleanse(unconst(secret.ptr), secret.len);
    }
}

/* ---- making keys ---- */

static struct sign_key *wrap(EVP_PKEY *pkey, bool is_private)
{
    struct sign_key *key = calloc(1, sizeof *key);

    must(key != NULL);
    key->pkey       = pkey;
    key->is_private = is_private;
    return key;
}

enum status sign_key_from_seed(struct ctx *cx, const uint8_t seed[SIGN_SEED_BYTES],
                               struct sign_key **out)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_BYTES);

    if (!pkey) {
        return FAIL(cx, INTERNAL, "OpenSSL cannot make an Ed25519 key");
    }
    *out = wrap(pkey, true);
    return ST_OK;
}

enum status sign_key_from_public(struct ctx *cx, const uint8_t raw[SIGN_PUBLIC_BYTES],
                                 struct sign_key **out)
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, SIGN_PUBLIC_BYTES);

    if (!pkey) {
        return FAIL(cx, INVALID, "these 32 bytes are no Ed25519 public key");
    }
    *out = wrap(pkey, false);
    return ST_OK;
}

enum status sign_key_new(struct ctx *cx, struct sign_key **out)
{
    uint8_t     seed[SIGN_SEED_BYTES];
    enum status st;

    cx->env->random(cx->env, seed, sizeof seed);
    st = sign_key_from_seed(cx, seed, out);
    OPENSSL_cleanse(seed, sizeof seed);
    return st;
}

void sign_key_free(struct sign_key *key)
{
    if (key) {
        EVP_PKEY_free(key->pkey); /* wipes the private bytes */
        free(key);
    }
}

bool sign_key_is_private(const struct sign_key *key)
{
    return key->is_private;
}

/* ---- DER and PEM ---- */

/* Prefix and 32 bytes, in `der`. */
static str der_of(const struct pem_form *form, const struct sign_key *key, char der[DER_MAX])
{
    unsigned char *raw = (unsigned char *)der + form->prefix.len;
    size_t         len = SIGN_PUBLIC_BYTES;

    memcpy(der, form->prefix.ptr, form->prefix.len);
    if (form == &form_private) {
        must(EVP_PKEY_get_raw_private_key(key->pkey, raw, &len));
    } else {
        must(EVP_PKEY_get_raw_public_key(key->pkey, raw, &len));
    }
    return (str){ der, form->prefix.len + len };
}

str sign_key_id(struct ctx *cx, const struct sign_key *key)
{
    char der[DER_MAX];

    return str_sub(digest_hex(cx, sha256_of(der_of(&form_public, key, der))), 0, SIGN_KEY_ID_LEN);
}

/* 48 bytes of DER (private) fill one line of base64, 44 (public) less: a PEM here has three lines. */
static str pem_of(struct ctx *cx, const struct pem_form *form, const struct sign_key *key)
{
    char der[DER_MAX];
    str  body = base64_encode(cx, BASE64_STANDARD, der_of(form, key, der));
    str  pem = arena_printf(cx->arena, STR_FMT "\n" STR_FMT "\n" STR_FMT "\n", STR_ARG(form->first),
                            STR_ARG(body), STR_ARG(form->last));

    OPENSSL_cleanse(der, sizeof der);
    sign_wipe(body);
    return pem;
}

enum status sign_public_pem(struct ctx *cx, const struct sign_key *key, str *out)
{
    *out = pem_of(cx, &form_public, key);
    return ST_OK;
}

enum status sign_private_pem(struct ctx *cx, const struct sign_key *key, str *out)
{
    if (!key->is_private) {
        return FAIL(cx, UNSUPPORTED, "the key has no private half");
    }
    *out = pem_of(cx, &form_private, key);
    return ST_OK;
}

/* The base64 between the two lines of `form`, without line breaks, in `body`; false when not so. */
static bool cut_body(const struct pem_form *form, str pem, char body[SIGN_PEM_MAX_BYTES], str *out)
{
    size_t len = 0;

    pem = str_trim(pem);
    if (pem.len < form->first.len + form->last.len || !str_starts(pem, form->first) ||
        !str_ends(pem, form->last)) {
        return false;
    }
    pem = str_sub(pem, form->first.len, pem.len - form->first.len - form->last.len);
    for (size_t i = 0; i < pem.len; i++) {
        if (pem.ptr[i] != '\n' && pem.ptr[i] != '\r') {
            body[len++] = pem.ptr[i];
        }
    }
    *out = (str){ body, len };
    return true;
}

static enum status from_der(struct ctx *cx, const struct pem_form *form, str der,
                            struct sign_key **out)
{
    const uint8_t *raw = (const uint8_t *)der.ptr + form->prefix.len;

    if (der.len != form->prefix.len + SIGN_SEED_BYTES || !str_starts(der, form->prefix)) {
        return FAIL(cx, INVALID, "the PEM block is no plain Ed25519 key (RFC 8410)");
    }
    return form == &form_private ? sign_key_from_seed(cx, raw, out)
                                 : sign_key_from_public(cx, raw, out);
}

enum status sign_key_from_pem(struct ctx *cx, str pem, struct sign_key **out)
{
    const struct pem_form *form = &form_private;
    char                   body[SIGN_PEM_MAX_BYTES];
    str                    text, der = STR_NONE;
    enum status            st;

    if (pem.len > SIGN_PEM_MAX_BYTES) {
        return FAIL(cx, LIMIT, "a key file of %zu bytes is over the limit of %d", pem.len,
                    SIGN_PEM_MAX_BYTES);
    }
    if (!cut_body(form, pem, body, &text)) {
        form = &form_public;
        if (!cut_body(form, pem, body, &text)) {
            return FAIL(cx, INVALID,
                        "the key is not one PEM block \"PRIVATE KEY\" or \"PUBLIC KEY\"");
        }
    }
    st = base64_decode(cx, BASE64_STANDARD, text, &der);
    if (st == ST_OK) {
        st = from_der(cx, form, der, out);
    } else {
        st = FAIL(cx, INVALID, "the PEM block is not base64");
    }
    sign_wipe(der);
    OPENSSL_cleanse(body, sizeof body);
    return st;
}

/* ---- signatures ---- */

enum status sign_make(struct ctx *cx, const struct sign_key *key, str message, signature *out)
{
    signature   made;
    size_t      len = sizeof made.bytes;
    EVP_MD_CTX *md;
    int         ok;

    if (!key->is_private) {
        return FAIL(cx, UNSUPPORTED, "the key has no private half to sign with");
    }
    md = EVP_MD_CTX_new();
    ok = md && EVP_DigestSignInit(md, NULL, NULL, NULL, key->pkey) == 1 &&
         EVP_DigestSign(md, made.bytes, &len,
                        (const unsigned char *)(message.len ? message.ptr : ""), message.len) == 1;
    EVP_MD_CTX_free(md);
    if (!ok || len != SIGN_BYTES) {
        return FAIL(cx, INTERNAL, "OpenSSL could not sign");
    }
    *out = made;
    return ST_OK;
}

enum status sign_verify(struct ctx *cx, const struct sign_key *key, str message, const signature *s)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    int         ok;

    must(md != NULL);
    /* A wrong signature may answer 0 or a negative number. */
    ok =
        EVP_DigestVerifyInit(md, NULL, NULL, NULL, key->pkey) == 1 &&
        EVP_DigestVerify(md, s->bytes, sizeof s->bytes,
                         (const unsigned char *)(message.len ? message.ptr : ""), message.len) == 1;
    EVP_MD_CTX_free(md);
    if (!ok) {
        return FAIL(cx, DENIED, "the signature does not fit the text and key \"" STR_FMT "\"",
                    STR_ARG(sign_key_id(cx, key)));
    }
    return ST_OK;
}
