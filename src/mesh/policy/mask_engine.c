/*
 * mask_engine.c - between the engine's callbacks and the kernels.
 */
#include "policy/mask_engine.h"

#include "engine/engine.h"
#include "policy/mask_int.h"

_Static_assert((size_t)MASK_SCRATCH_SPARE <= ENGINE_SCRATCH_SPARE,
               "the engine gives the kernels their room");
_Static_assert((int)MASK_ARGUMENT_MAX <= (int)ENGINE_FUNCTION_ARGS_MAX,
               "the engine takes all arguments");

static const struct mask_args no_args;

static enum status bind_mask(struct ctx *cx, void *state, const str *args, const void **out)
{
    const struct mask_seat *seat = state;
    struct mask_args       *made = ARENA_NEW(cx->arena, struct mask_args);

    TRY(mask_args_read(cx, seat->function, args[0], made));
    *out = made;
    return ST_OK;
}

static void enter_mask(struct engine_call *call)
{
    const struct mask_seat *seat = call->state;
    const struct mask_args *args = call->bound;

    call->turn = unconst(mask_key_acquire(seat->ring, args->key_id));
}

static void leave_mask(struct engine_call *call)
{
    mask_key_return(call->turn);
}

static struct mask_call call_of(const struct engine_call *call)
{
    return (struct mask_call){ call->bound ? call->bound : &no_args, call->turn };
}

static bool map_text(const struct engine_call *call, str value, struct buf *scratch, str *out)
{
    const struct mask_seat *seat = call->state;
    struct mask_call        mask = call_of(call);

    return seat->function->map_text(&mask, value, scratch, out);
}

static bool map_integer(const struct engine_call *call, int64_t value, int64_t *out)
{
    const struct mask_seat *seat = call->state;
    struct mask_call        mask = call_of(call);

    return seat->function->map_integer(&mask, value, out);
}

enum status mask_register(struct engine *e, struct ctx *cx, struct mask_ring *ring)
{
    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        struct mask_seat           *seat     = mask_ring_seat(ring, i);
        const struct mask_function *f        = seat->function;
        struct engine_function      function = { .name           = f->name,
                                                 .argument_count = mask_argument_count(f),
                                                 .state          = seat };

        if (f->argument != MASK_PLAIN) {
            function.bind = bind_mask;
        }
        if (f->argument == MASK_BY_KEY_ID) {
            function.enter = enter_mask;
            function.leave = leave_mask;
        }
        if (f->map_text) {
            function.map_text = map_text;
        } else {
            function.map_integer = map_integer;
        }
        TRY(engine_register_function(e, cx, &function));
    }
    return ST_OK;
}
