/*
 * digest.c - SHA-256 and HMAC over OpenSSL's EVP.
 */
#include "codec/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
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
