/*
 * mask_keys.c - snapshots of keys, counted by those who use them; the ring.
 *
 * The ring's lock is held only to read or change the pointer and a count: a leaf, taken once for a
 * run of some thousand values.
 */
#include "policy/mask_keys.h"

#include <stdatomic.h>
#include <string.h>

#include "os/secret.h"
#include "os/thread.h"
#include "policy/mask_int.h"

enum {
    KEYS_ARENA_BYTES = 64 << 10,
};

struct mask_keys {
    struct arena   *arena; /* holds this struct too */
    atomic_uint     holders;
    size_t          count;
    struct mask_key list[MASK_KEYS_MAX];
};

struct mask_ring {
    struct arena     *arena;
    struct os_mutex   lock; /* of keys, and of taking hold of them */
    struct mask_keys *keys; /* or NULL */
    struct mask_seat  seats[POLICY_MASK_COUNT];
};

/* ------------------------------------------------------------------------- snapshots */

/* Both keys of one id, in the order of the pages: text, integer. */
struct key_pair {
    struct hmac_key text, integer;
};

static void derive(struct hmac_key *out, const struct hmac_key *root, str label)
{
    digest d = hmac_of(root, label);

    hmac_key_init(out, (str){ (const char *)d.bytes, SHA256_BYTES });
    explicit_bzero(&d, sizeof d);
}

static void derive_pair(struct arena *arena, str mesh_id, const struct mask_key_source *source,
                        struct key_pair *out)
{
    struct hmac_key root;
    str             tail =
        arena_printf(arena, "\n" STR_FMT "\n" STR_FMT, STR_ARG(mesh_id), STR_ARG(source->id));

    hmac_key_init(&root, secret_reveal(source->bytes));
    derive(&out->text, &root, arena_concat(arena, S("weft mask text"), tail));
    derive(&out->integer, &root, arena_concat(arena, S("weft mask integer"), tail));
    explicit_bzero(&root, sizeof root);
}

static enum status check_source(struct ctx *cx, const struct mask_key_source *sources, size_t at)
{
    const struct mask_key_source *source = &sources[at];

    if (!mask_key_id_is_valid(source->id)) {
        return FAIL(cx, INVALID,
                    "mask key %zu: a key id has 1 to %d letters, digits, \"-\", \"_\" or \".\"",
                    at + 1, MASK_KEY_ID_MAX);
    }
    if (secret_reveal(source->bytes).len != MASK_KEY_BYTES) {
        return FAIL(cx, INVALID, "mask key \"" STR_FMT "\" must have %d bytes, not %zu",
                    STR_ARG(source->id), MASK_KEY_BYTES, secret_reveal(source->bytes).len);
    }
    for (size_t i = 0; i < at; i++) {
        if (str_eq(sources[i].id, source->id)) {
            return FAIL(cx, INVALID, "mask key \"" STR_FMT "\" is given twice",
                        STR_ARG(source->id));
        }
    }
    return ST_OK;
}

static enum status check_sources(struct ctx *cx, str mesh_id, const struct mask_key_source *sources,
                                 size_t count)
{
    if (mesh_id.len == 0 || mesh_id.len > MASK_MESH_ID_MAX) {
        return FAIL(cx, INVALID,
                    "the id of the mesh that mask keys belong to has %zu bytes, "
                    "it must have 1 to %d",
                    mesh_id.len, MASK_MESH_ID_MAX);
    }
    if (count > MASK_KEYS_MAX) {
        return FAIL(cx, LIMIT, "more than %d mask keys; retire old ones", MASK_KEYS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(check_source(cx, sources, i));
    }
    return ST_OK;
}

enum status mask_keys_new(struct ctx *cx, str mesh_id, const struct mask_key_source *sources,
                          size_t count, struct mask_keys **out)
{
    struct arena     *arena;
    struct mask_keys *keys;
    struct key_pair  *pairs;
    struct secret    *pages;

    TRY(check_sources(cx, mesh_id, sources, count));
    arena       = arena_new("mask keys", KEYS_ARENA_BYTES);
    keys        = ARENA_NEW(arena, struct mask_keys);
    keys->arena = arena;
    keys->count = count;
    atomic_init(&keys->holders, 1);
    pairs = arena_array(arena, count, sizeof *pairs);
    for (size_t i = 0; i < count; i++) {
        derive_pair(arena, mesh_id, &sources[i], &pairs[i]);
    }
    pages = secret_make(arena, (str){ (const char *)pairs, count * sizeof *pairs });
    explicit_bzero(pairs, count * sizeof *pairs);
    pairs = unconst(secret_reveal(pages).ptr); /* a page begins there: aligned */
    for (size_t i = 0; i < count; i++) {
        keys->list[i] = (struct mask_key){ .id      = arena_dup(arena, sources[i].id),
                                           .text    = &pairs[i].text,
                                           .integer = &pairs[i].integer,
                                           .keys    = keys };
    }
    *out = keys;
    return ST_OK;
}

void mask_keys_free(struct mask_keys *keys)
{
    if (keys && atomic_fetch_sub_explicit(&keys->holders, 1, memory_order_acq_rel) == 1) {
        arena_free(keys->arena); /* wipes the pages */
    }
}

static const struct mask_key *find_key(const struct mask_keys *keys, str id)
{
    for (size_t i = 0; keys && i < keys->count; i++) {
        if (str_eq(keys->list[i].id, id)) {
            return &keys->list[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------- the ring */

struct mask_ring *mask_ring_new(void)
{
    struct arena     *arena = arena_new("mask ring", KEYS_ARENA_BYTES);
    struct mask_ring *ring  = ARENA_NEW(arena, struct mask_ring);

    ring->arena = arena;
    os_mutex_init(&ring->lock, LOCK_LEAF);
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        ring->seats[i] = (struct mask_seat){ &policy_mask_functions[i], ring };
    }
    return ring;
}

void mask_ring_free(struct mask_ring *ring)
{
    if (ring) {
        mask_keys_free(ring->keys);
        os_mutex_release(&ring->lock);
        arena_free(ring->arena);
    }
}

void mask_ring_take(struct mask_ring *ring, struct mask_keys *keys)
{
    struct mask_keys *old;

    os_mutex_lock(&ring->lock);
    old        = ring->keys;
    ring->keys = keys;
    os_mutex_unlock(&ring->lock);
    mask_keys_free(old);
}

const struct mask_key *mask_key_acquire(struct mask_ring *ring, str key_id)
{
    const struct mask_key *key;

    OS_GUARD(&ring->lock);
    key = find_key(ring->keys, key_id);
    if (key) {
        atomic_fetch_add_explicit(&key->keys->holders, 1, memory_order_relaxed);
    }
    return key;
}

void mask_key_return(const struct mask_key *key)
{
    if (key) {
        mask_keys_free(key->keys);
    }
}

bool mask_ring_has(struct mask_ring *ring, str key_id)
{
    OS_GUARD(&ring->lock);
    return find_key(ring->keys, key_id) != NULL;
}

struct mask_seat *mask_ring_seat(struct mask_ring *ring, size_t index)
{
    return &ring->seats[index];
}
