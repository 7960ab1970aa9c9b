/*
 * mask_hash.c - keyed hashes.
 */
#include <string.h>

#include "policy/mask.h"
#include "policy/mask_keys.h"

enum { INTEGER_BYTES = 8, BYTE_BITS = 8 };

bool mask_hash(const struct mask_call *call, str value, struct buf *scratch, str *out)
{
    static const char digits[] = "0123456789abcdef";
    char             *to;
    digest            d;

    if (!call->key || (to = buf_reserve(scratch, MASK_HASH_LEN)) == NULL) {
        return false;
    }
    d = hmac_of(call->key->text, value);
    for (size_t i = 0; i < MASK_HASH_LEN / 2; i++) {
        to[2 * i]     = digits[d.bytes[i] >> 4U];
        to[2 * i + 1] = digits[d.bytes[i] & 0xFU];
    }
    buf_commit(scratch, MASK_HASH_LEN);
    *out = buf_view(scratch);
    return true;
}

/* Eight bytes, the highest first, so that the hash is the same on every machine. */
bool mask_hash_int(const struct mask_call *call, int64_t value, int64_t *out)
{
    char     bytes[INTEGER_BYTES];
    uint64_t number = 0;
    digest   d;

    if (!call->key) {
        return false;
    }
    for (size_t i = 0; i < INTEGER_BYTES; i++) {
        bytes[i] = (char)(unsigned char)((uint64_t)value >> ((INTEGER_BYTES - 1 - i) * BYTE_BITS));
    }
    d = hmac_of(call->key->integer, (str){ bytes, INTEGER_BYTES });
    for (size_t i = 0; i < INTEGER_BYTES; i++) {
        number = number << BYTE_BITS | d.bytes[i];
    }
    *out = (int64_t)(number & INT64_MAX);
    return true;
}
