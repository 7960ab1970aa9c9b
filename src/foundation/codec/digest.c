/*
 * digest.c - SHA-256 and HMAC over OpenSSL.
 *
 * The EVP calls, but for prepared keys: their contexts allocate, keep key material in heap memory of
 * the library and cost 440-650 ns a short message even when kept; the plain SHA-256 functions, whose
 * state is a struct of ours, cost 200-280 ns. OpenSSL 3 calls them deprecated, hence the level below.
 */
#define OPENSSL_API_COMPAT 0x10100000L
#include "codec/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* The public type hides that it is an EVP_MD_CTX. */
static EVP_MD_CTX *md_of(struct sha256 *h)
{
    return (EVP_MD_CTX *)(void *)h;
}

static void must(int ok)
{
    if (ok != 1) {
        BUG("OpenSSL could not compute SHA-256");
    }
}

struct sha256 *sha256_new(void)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();

    must(md != NULL);
    must(EVP_DigestInit_ex(md, EVP_sha256(), NULL));
    return (struct sha256 *)(void *)md;
}

void sha256_free(struct sha256 *h)
{
    EVP_MD_CTX_free(md_of(h));
}

void sha256_add(struct sha256 *h, str bytes)
{
    if (bytes.len) {
        must(EVP_DigestUpdate(md_of(h), bytes.ptr, bytes.len));
    }
}

digest sha256_finish(struct sha256 *h)
{
    digest       out;
    unsigned int len = 0;

    must(EVP_DigestFinal_ex(md_of(h), out.bytes, &len));
    must(len == SHA256_BYTES);
    must(EVP_DigestInit_ex(md_of(h), EVP_sha256(), NULL));
    return out;
}

digest sha256_of(str bytes)
{
    digest       out;
    unsigned int len = 0;

    must(EVP_Digest(bytes.len ? bytes.ptr : "", bytes.len, out.bytes, &len, EVP_sha256(), NULL));
    must(len == SHA256_BYTES);
    return out;
}

digest hmac_sha256(str key, str message)
{
    digest       out;
    unsigned int len = 0;

    if (key.len > INT32_MAX) {
        BUG("hmac_sha256: the key is over 2 GiB");
    }
    must(HMAC(EVP_sha256(), key.len ? key.ptr : "", (int)key.len,
              (const unsigned char *)(message.len ? message.ptr : ""), message.len, out.bytes,
              &len) != NULL);
    must(len == SHA256_BYTES);
    return out;
}

/* ------------------------------------------------------------------------- prepared keys */

enum {
    BLOCK_BYTES = SHA256_CBLOCK,
    BLOCK_BITS  = BLOCK_BYTES * 8,
    INNER_PAD   = 0x36,
    OUTER_PAD   = 0x5c
};

_Static_assert(sizeof(((SHA256_CTX *)0)->h) == sizeof(((struct hmac_key *)0)->inner),
               "the state of SHA-256 is eight words");

/* The state after the one block that is the padded key. */
static void absorb_pad(uint32_t state[8], const uint8_t block[BLOCK_BYTES], uint8_t pad)
{
    uint8_t    padded[BLOCK_BYTES];
    SHA256_CTX sha;

    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        padded[i] = block[i] ^ pad;
    }
    must(SHA256_Init(&sha));
    must(SHA256_Update(&sha, padded, BLOCK_BYTES));
    memcpy(state, sha.h, sizeof sha.h);
    explicit_bzero(padded, sizeof padded);
    explicit_bzero(&sha, sizeof sha);
}

void hmac_key_init(struct hmac_key *out, str key)
{
    uint8_t block[BLOCK_BYTES] = { 0 };

    if (key.len > BLOCK_BYTES) {
        digest d = sha256_of(key);

        memcpy(block, d.bytes, SHA256_BYTES);
        explicit_bzero(&d, sizeof d);
    } else if (key.len > 0) {
        memcpy(block, key.ptr, key.len);
    }
    absorb_pad(out->inner, block, INNER_PAD);
    absorb_pad(out->outer, block, OUTER_PAD);
    explicit_bzero(block, sizeof block);
}

/* As if the block of the padded key had just been added. */
static void resume(SHA256_CTX *sha, const uint32_t state[8])
{
    memcpy(sha->h, state, sizeof sha->h);
    sha->Nl     = BLOCK_BITS;
    sha->Nh     = 0;
    sha->num    = 0;
    sha->md_len = SHA256_BYTES;
}

digest hmac_of(const struct hmac_key *key, str message)
{
    SHA256_CTX sha;
    digest     out;

    resume(&sha, key->inner);
    if (message.len > 0) {
        must(SHA256_Update(&sha, message.ptr, message.len));
    }
    must(SHA256_Final(out.bytes, &sha));
    resume(&sha, key->outer);
    must(SHA256_Update(&sha, out.bytes, SHA256_BYTES));
    must(SHA256_Final(out.bytes, &sha));
    explicit_bzero(&sha, sizeof sha);
    return out;
}

str digest_hex(struct ctx *cx, digest d)
{
    static const char digits[] = "0123456789abcdef";
    char             *text     = arena_alloc(cx->arena, SHA256_HEX);

    for (size_t i = 0; i < SHA256_BYTES; i++) {
        text[2 * i]     = digits[d.bytes[i] >> 4];
        text[2 * i + 1] = digits[d.bytes[i] & 15];
    }
    return (str){ text, SHA256_HEX };
}

static int hex_value(char c)
{
    if (char_is_digit(c)) {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_parse_hex(str hex, digest *out)
{
    digest made;

    if (hex.len != SHA256_HEX) {
        return false;
    }
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = hex_value(hex.ptr[2 * i]), low = hex_value(hex.ptr[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        made.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = made;
    return true;
}

bool digest_eq(digest a, digest b)
{
    return CRYPTO_memcmp(a.bytes, b.bytes, SHA256_BYTES) == 0;
}
