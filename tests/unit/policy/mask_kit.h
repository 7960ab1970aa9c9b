/*
 * mask_kit.h - one mask over one value, or over a table of cases; a ring with keys of tests.
 */
#ifndef UNIT_POLICY_MASK_KIT_H
#define UNIT_POLICY_MASK_KIT_H

#include "policy/mask_keys.h"

struct mask_case {
    const char *value, *mask;
};

struct mask_kit {
    struct err        err;
    struct ctx        cx;
    struct buf        scratch;
    struct mask_ring *ring;
};

/* An empty ring. */
void mask_kit_init(struct mask_kit *kit);
void mask_kit_release(struct mask_kit *kit);

/* A snapshot in which key id number i is `ids`[i], its bytes 32 times its first letter. */
struct mask_keys *mask_kit_keys(struct mask_kit *kit, const char *mesh_id, const char *const *ids,
                                size_t count);

/* The mask of one value, valid until the next call; ptr NULL is NULL. `argument` may be NULL. */
str mask_kit_run(struct mask_kit *kit, const char *name, const char *argument, str value);

/* The hash of a number; INT64_MIN is NULL. */
int64_t mask_kit_number(struct mask_kit *kit, const char *key_id, int64_t value);

/* All cases of a mask; fails the test at the first that is not as the table says. */
void mask_check(const char *name, const char *argument, const struct mask_case *cases,
                size_t count);

#endif
