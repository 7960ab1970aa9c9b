/*
 * sign_fuzz.c - a text is one Ed25519 key in PEM or is refused; a key writes the PEM that it reads.
 */
#include "codec/sign.h"

#include <stdlib.h>

#include "support/test_ctx.h"

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static void use_key(struct ctx *cx, struct sign_key *key)
{
    CLEANUP(sign_key_cleanup) struct sign_key *again      = NULL;
    bool                                       is_private = sign_key_is_private(key);
    signature                                  made;
    str                                        pem;

    must((is_private ? sign_private_pem(cx, key, &pem) : sign_public_pem(cx, key, &pem)) == ST_OK);
    must(sign_key_from_pem(cx, pem, &again) == ST_OK);
    must(sign_key_is_private(again) == is_private);
    must(str_eq(sign_key_id(cx, key), sign_key_id(cx, again)));
    if (is_private) {
        must(sign_make(cx, key, S("text"), &made) == ST_OK);
        must(sign_verify(cx, again, S("text"), &made) == ST_OK);
        must(sign_verify(cx, again, S("other"), &made) == ST_DENIED);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx  t;
    struct ctx      *cx  = test_ctx_init(&t, 1);
    struct sign_key *key = NULL;

    if (sign_key_from_pem(cx, (str){ (const char *)data, size }, &key) == ST_OK) {
        use_key(cx, key);
    }
    sign_key_free(key);
    test_ctx_release(&t);
    return 0;
}
