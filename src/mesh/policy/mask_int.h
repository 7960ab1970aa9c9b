/*
 * mask_int.h - what the ring keeps for the engine's functions.
 */
#ifndef POLICY_MASK_INT_H
#define POLICY_MASK_INT_H

#include "policy/mask_keys.h"

/* The state of one SQL function; lives in the ring. */
struct mask_seat {
    const struct mask_function *function;
    struct mask_ring           *ring;
};

struct mask_seat *mask_ring_seat(struct mask_ring *ring, size_t index);

#endif
