/*
 * mask_keys.h - the keys of the keyed masks, in memory.
 *
 * A struct mask_keys is a snapshot that never changes. A struct mask_ring holds the one in force and
 * is what the engine's functions look into, once for each run of values; so keys are rotated while
 * queries run: a run that has begun ends with the key it found, the next one finds the new snapshot.
 * The last to let go of an old snapshot wipes it. A key id that is not in the ring gives NULL for
 * every value.
 *
 * The 32 bytes given are not used themselves. From each follow two keys, one for texts and one for
 * numbers, bound to the mesh and to the key id:
 *
 *     HMAC-SHA-256(bytes, "weft mask text\n<mesh id>\n<key id>")      … "weft mask integer\n…"
 *
 * Prepared they lie in pages that are locked into memory where the limits allow it, left out of core
 * files and wiped (os/secret.h). No key is in SQL text, plans, messages or logs; key ids are.
 *
 * Threads   a snapshot is immutable; any thread may use a ring.
 */
#ifndef POLICY_MASK_KEYS_H
#define POLICY_MASK_KEYS_H

#include "codec/digest.h"
#include "policy/mask.h"

struct mask_keys;
struct mask_ring;
struct secret;

enum { MASK_KEY_BYTES = 32, MASK_KEYS_MAX = 64, MASK_MESH_ID_MAX = 256 };

/* A key of a snapshot. */
struct mask_key {
    str                    id;
    const struct hmac_key *text, *integer;
    struct mask_keys      *keys; /* where it stands */
};

struct mask_key_source {
    str                  id;
    const struct secret *bytes; /* MASK_KEY_BYTES of them */
};

/*
 * A snapshot of `count` keys; nothing of the sources is kept. ST_INVALID for a mesh id that is empty
 * or too long, a key id that is not valid or there twice, a key of another length; ST_LIMIT over
 * MASK_KEYS_MAX.
 */
NODISCARD enum status mask_keys_new(struct ctx *cx, str mesh_id,
                                    const struct mask_key_source *sources, size_t count,
                                    struct mask_keys **out);
void                  mask_keys_free(struct mask_keys *keys); /* NULL is fine */

/* An empty ring: no key id is known. */
struct mask_ring *mask_ring_new(void);
/* After all engines that have its functions are closed. NULL is fine. */
void mask_ring_free(struct mask_ring *ring);

/* Puts `keys` (NULL: none) in force and takes it over. */
void mask_ring_take(struct mask_ring *ring, struct mask_keys *keys);
bool mask_ring_has(struct mask_ring *ring, str key_id);

/* The key of that id, which stays until it is returned, whatever the ring does; NULL: not there. */
const struct mask_key *mask_key_acquire(struct mask_ring *ring, str key_id);
void                   mask_key_return(const struct mask_key *key); /* NULL is fine */

#endif
