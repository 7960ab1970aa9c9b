/*
 * receipt_fuzz.c - receipts from strangers: never a crash, never a proof without the private key.
 *
 * The corpus holds receipts signed with the key of seed 00 01 … 1f, and damaged ones. Whatever is
 * accepted must have exactly one form, so a byte more must be refused.
 */
#include "journal/receipt.h"

#include "codec/sign.h"
#include "os/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_MAX = 256 << 20 };

static str public_pem(struct ctx *cx)
{
    uint8_t          seed[SIGN_SEED_BYTES];
    struct sign_key *key;
    str              pem;

    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    if (sign_key_from_seed(cx, seed, &key) != ST_OK || sign_public_pem(cx, key, &pem) != ST_OK) {
        BUG("the key of the corpus");
    }
    sign_key_free(key);
    return pem;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena         *arena    = arena_new("fuzz", ARENA_MAX);
    struct err            err      = { .code = ST_OK };
    struct ctx            cx       = { .arena = arena, .err = &err, .env = os_env() };
    str                   document = { (const char *)data, size };
    str                   pem      = public_pem(&cx);
    struct receipt_report report;
    enum status           st = receipt_verify(&cx, document, pem, &report);

    if ((st == ST_OK) != (report.failed == RECEIPT_WHOLE)) {
        BUG("status and report differ");
    }
    if (st == ST_OK) {
        if (receipt_verify(&cx, arena_concat(arena, document, S(" ")), pem, NULL) == ST_OK) {
            BUG("two forms of one receipt");
        }
    } else if (err_text(&err).len == 0) {
        BUG("a refusal without a reason");
    }
    /* The same bytes as a key. */
    if (receipt_verify(&cx, S("{}\n"), document, &report) == ST_OK) {
        BUG("an empty receipt was proven");
    }
    arena_free(arena);
    return 0;
}
