/*
 * mask_kit.c - see mask_kit.h.
 */
#include "mask_kit.h"

#include "test.h"

#include <string.h>

#include "os/secret.h"

enum { SCRATCH_MAX = 8 << 20, KEYS_OF_TESTS = MASK_KEYS_MAX + 1 };

void mask_kit_init(struct mask_kit *kit)
{
    *kit    = (struct mask_kit){ .ring = mask_ring_new() };
    kit->cx = (struct ctx){ .arena = arena_new("test", SCRATCH_MAX), .err = &kit->err };
    buf_init(&kit->scratch, SCRATCH_MAX);
}

void mask_kit_release(struct mask_kit *kit)
{
    mask_ring_free(kit->ring);
    buf_release(&kit->scratch);
    arena_free(kit->cx.arena);
}

struct mask_keys *mask_kit_keys(struct mask_kit *kit, const char *mesh_id, const char *const *ids,
                                size_t count)
{
    struct mask_key_source sources[KEYS_OF_TESTS];
    struct mask_keys      *keys = NULL;
    char                   bytes[MASK_KEY_BYTES];

    for (size_t i = 0; i < count; i++) {
        memset(bytes, ids[i][0], sizeof bytes);
        sources[i].id    = str_of(ids[i]);
        sources[i].bytes = secret_make(kit->cx.arena, (str){ bytes, sizeof bytes });
    }
    if (mask_keys_new(&kit->cx, str_of(mesh_id), sources, count, &keys) != ST_OK) {
        fail_msg("keys: %s", kit->err.text);
    }
    return keys;
}

str mask_kit_run(struct mask_kit *kit, const char *name, const char *argument, str value)
{
    const struct mask_function *f    = mask_function_find(str_of(name));
    struct mask_args            args = { 0 };
    struct mask_call            call = { .args = &args };
    str                         out  = STR_NONE;
    bool                        has_value;

    assert_non_null(f);
    if (mask_args_read(&kit->cx, f, str_of(argument), &args) != ST_OK) {
        fail_msg("%s: %s", name, kit->err.text);
    }
    if (f->argument == MASK_BY_KEY_ID) {
        call.key = mask_key_acquire(kit->ring, args.key_id);
    }
    buf_reset(&kit->scratch);
    kit->scratch.max = value.len + MASK_SCRATCH_SPARE;
    has_value        = f->map_text(&call, value, &kit->scratch, &out);
    mask_key_return(call.key);
    assert_false(kit->scratch.is_over);
    return has_value ? (out.ptr ? out : S("")) : STR_NONE;
}

int64_t mask_kit_number(struct mask_kit *kit, const char *key_id, int64_t value)
{
    struct mask_args args      = { .key_id = str_of(key_id) };
    struct mask_call call      = { &args, mask_key_acquire(kit->ring, args.key_id) };
    int64_t          out       = 0;
    bool             has_value = mask_hash_int(&call, value, &out);

    mask_key_return(call.key);
    return has_value ? out : INT64_MIN;
}

void mask_check(const char *name, const char *argument, const struct mask_case *cases, size_t count)
{
    struct mask_kit kit;

    mask_kit_init(&kit);
    for (size_t i = 0; i < count; i++) {
        str got = mask_kit_run(&kit, name, argument, str_of(cases[i].value));

        if (!got.ptr || !str_eq(got, str_of(cases[i].mask))) {
            fail_msg("%s of \"%s\" is \"" STR_FMT "\", not \"%s\"", name, cases[i].value,
                     STR_ARG(got), cases[i].mask);
        }
    }
    mask_kit_release(&kit);
}
