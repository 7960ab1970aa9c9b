/*
 * access_int.h - what the files of this folder share. Not for others.
 */
#ifndef ACCESS_ACCESS_INT_H
#define ACCESS_ACCESS_INT_H

#include "access/access.h"
#include "os/thread.h"

struct access_known;

struct access {
    struct arena        *arena; /* of the operation, or of the policy generation of a node       */
    struct policy_set   *set;   /* never NULL: an empty one when nothing was ever right         */
    bool                 is_behind, is_closed;
    str                  keys_dir; /* absolute */
    str                  mask_key; /* id of the key in force; empty = none                        */
    struct mask_ring    *ring;
    struct access_known *known; /* never NULL once it is open */
};

/* What was read of published documents, with the project's own; in the arena, until access_known_free. */
struct access_known *access_known_new(struct arena *a, const struct project *project);
void                 access_known_free(struct access_known *known); /* NULL is fine */

/* A published document by the hash of its bytes; lives as long as the struct access. In cx->tx. */
NODISCARD enum status access_contract(struct ctx *cx, const struct access *access, str sha256,
                                      const struct odcs_contract **out);
NODISCARD enum status access_product(struct ctx *cx, const struct access *access, str sha256,
                                     const struct odps_product **out);

/* The documents of the newest set in the store, in cx->arena; seq 0 when there is none. */
struct access_document {
    struct diag_text text;
    str              domain, sha256;
};
struct access_documents {
    VEC(struct access_document) list;
};
NODISCARD enum status access_stored(struct ctx *cx, struct access_in_force *out,
                                    struct access_documents *out_documents);
/* Brings a set into force and journals what changed. In the open write transaction. */
NODISCARD enum status access_store(struct ctx *cx, str fingerprint,
                                   const struct access_documents *documents);

#endif
