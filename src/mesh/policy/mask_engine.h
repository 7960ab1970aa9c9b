/*
 * mask_engine.h - the masks as SQL functions of an engine.
 *
 * The names stand in catalog "system", schema "main", where no SQL can replace them; a tree must name
 * all three parts. They are for trees that the guard makes: none is on the list of functions that a
 * person may call, for who can call a keyed mask can try values.
 */
#ifndef POLICY_MASK_ENGINE_H
#define POLICY_MASK_ENGINE_H

#include "policy/mask_keys.h"

struct engine;

/*
 * Registers every one of policy_mask_functions with the engine. `ring` must outlive it and may serve
 * several engines. ST_CONFLICT when a name is taken; what was registered before it then stays.
 */
NODISCARD enum status mask_register(struct engine *e, struct ctx *cx, struct mask_ring *ring);

#endif
