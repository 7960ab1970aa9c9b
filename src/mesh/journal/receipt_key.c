/*
 * receipt_key.c - the node's signing key on disk.
 *
 * The private file decides: it is made once, under a name that must be new, so of two processes that
 * start at once one makes it and the other reads it. The public file follows from it.
 */
#include "journal/receipt.h"

#include "codec/sign.h"
#include "journal/journal_int.h"
#include "os/file.h"
#include "os/secret.h"

enum { KEY_ARENA_MAX = 64 << 10 };

#define PRIVATE_NAME "receipt-ed25519.pem"
#define PUBLIC_NAME  "receipt-ed25519.pub.pem"

struct receipt_key {
    struct arena    *arena;
    struct sign_key *sign;
    str              id;
    str              public_pem;
};

void receipt_key_close(struct receipt_key *key)
{
    if (key != NULL) {
        sign_key_free(key->sign);
        arena_free(key->arena);
    }
}

str receipt_key_id(const struct receipt_key *key)
{
    return key->id;
}

str receipt_key_public_pem(const struct receipt_key *key)
{
    return key->public_pem;
}

const struct sign_key *receipt_key_sign(const struct receipt_key *key)
{
    return key->sign;
}

static enum status create(struct ctx *cx, str path, bool *is_new)
{
    struct sign_key *sign CLEANUP(sign_key_cleanup) = NULL;
    str                   pem;
    enum status           st;

    TRY(sign_key_new(cx, &sign));
    TRY(sign_private_pem(cx, sign, &pem));
    st = os_file_put(cx, path, pem, OS_NEW, 0600);
    sign_wipe(pem);
    *is_new = st == ST_OK;
    return st == ST_CONFLICT ? ST_OK : st;
}

static enum status load(struct ctx *cx, str path, struct sign_key **out)
{
    struct secret *pem;
    enum status    st;

    TRY(secret_from_file(cx, path, &pem));
    st = sign_key_from_pem(cx, secret_reveal(pem), out);
    secret_wipe(pem);
    if (st == ST_OK && !sign_key_is_private(*out)) {
        sign_key_free(*out);
        *out = NULL;
        st   = FAIL(cx, INVALID, "it holds no private key");
    }
    if (st != ST_OK) {
        return err_wrap(cx->err, "signing key \"" STR_FMT "\"", STR_ARG(path));
    }
    return ST_OK;
}

/* The public file says the same as the private one; a missing one is written. */
static enum status agree(struct ctx *cx, str path, str public_pem)
{
    str         found;
    enum status st = os_file_put(cx, path, public_pem, OS_NEW, 0644);

    if (st != ST_CONFLICT) {
        return st;
    }
    TRY(os_file_read(cx, path, SIGN_PEM_MAX_BYTES, &found));
    if (!str_eq(str_trim(found), str_trim(public_pem))) {
        return FAIL(cx, CORRUPT,
                    "\"" STR_FMT
                    "\" is not the public half of the signing key beside it: restore both from a "
                    "backup, for receipts are checked with them",
                    STR_ARG(path));
    }
    return ST_OK;
}

static enum status ensure_private(struct ctx *cx, str private_path, str public_path, bool *is_new)
{
    bool has_private, has_public;

    *is_new = false;
    TRY(os_file_exists(cx, private_path, &has_private));
    if (has_private) {
        return ST_OK;
    }
    TRY(os_file_exists(cx, public_path, &has_public));
    /* Looked at again: another process may have made both in between. */
    TRY(os_file_exists(cx, private_path, &has_private));
    if (has_public && !has_private) {
        return FAIL(cx, CORRUPT,
                    "the signing key \"" STR_FMT
                    "\" is gone but its public half is there: restore it from a backup",
                    STR_ARG(private_path));
    }
    return has_private ? ST_OK : create(cx, private_path, is_new);
}

enum status receipt_key_open_or_create(struct ctx *cx, str dir, struct receipt_key **out,
                                       bool *is_new)
{
    str                   private_path = os_path_join(cx->arena, dir, S(PRIVATE_NAME));
    str                   public_path  = os_path_join(cx->arena, dir, S(PUBLIC_NAME));
    struct receipt_key   *key;
    struct arena         *arena;
    struct sign_key *sign CLEANUP(sign_key_cleanup) = NULL;
    bool                  was_made;
    str                   pem;

    TRY(ensure_private(cx, private_path, public_path, &was_made));
    TRY(load(cx, private_path, &sign));
    TRY(sign_public_pem(cx, sign, &pem));
    TRY(agree(cx, public_path, pem));
    arena           = arena_new("receipt key", KEY_ARENA_MAX);
    key             = ARENA_NEW(arena, struct receipt_key);
    key->arena      = arena;
    key->id         = arena_dup(arena, sign_key_id(cx, sign));
    key->public_pem = arena_dup(arena, pem);
    key->sign       = sign;
    sign            = NULL;
    *is_new         = was_made;
    *out            = key;
    return ST_OK;
}
