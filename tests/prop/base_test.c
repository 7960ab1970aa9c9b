/*
 * base_test.c - the arena and the map against models that are too simple to be wrong.
 */
#include "base/map.h"

#include "test.h"

#include <string.h>

#include "support/test_ctx.h"

enum { STEPS = 20000, LIVE_MAX = 4000, DEPTH_MAX = 8, KEYS = 3000 };

/* ---- arena: blocks that are live keep their bytes, whatever is allocated and rewound ---- */

struct block {
    unsigned char *at;
    size_t         size;
    unsigned char  fill;
};

static struct block live[LIVE_MAX];

static void check_block(const struct block *b)
{
    for (size_t i = 0; i < b->size; i++) {
        if (b->at[i] != b->fill) {
            fail_msg("a block of %zu bytes lost byte %zu", b->size, i);
        }
    }
}

static size_t some_size(struct test_random *r)
{
    static const size_t below[] = { 1, 20, 200, 5000, 40000 };

    return test_random_below(r, below[test_random_below(r, 5)] + 1);
}

static void live_blocks_keep_their_bytes(void **state)
{
    struct test_random r = { 11 };
    struct arena      *a = arena_new("test", (size_t)1 << 30);
    struct arena_mark  marks[DEPTH_MAX];
    size_t             counts[DEPTH_MAX], depth = 0, count = 0;

    for (int step = 0; step < STEPS; step++) {
        size_t what = test_random_below(&r, 100);

        if (what < 3 && depth < DEPTH_MAX) {
            marks[depth]    = arena_mark(a);
            counts[depth++] = count;
        } else if (what < 6 && depth > 0) {
            depth = test_random_below(&r, depth);
            for (size_t i = counts[depth]; i < count; i++) {
                check_block(&live[i]);
            }
            count = counts[depth];
            arena_rewind(a, marks[depth]);
        } else if (count < LIVE_MAX) {
            struct block b = { NULL, some_size(&r), (unsigned char)test_random_next(&r) };

            b.at = arena_alloc(a, b.size);
            for (size_t i = 0; i < b.size; i++) {
                assert_int_equal(b.at[i], 0);
            }
            memset(b.at, b.fill, b.size);
            live[count++] = b;
        } else {
            depth = count = 0;
            arena_free(a);
            a = arena_new("test", (size_t)1 << 30);
        }
    }
    for (size_t i = 0; i < count; i++) {
        check_block(&live[i]);
    }
    arena_free(a);
}

/* ---- map: the same as a list that is searched ---- */

static void a_map_is_an_ordered_list(void **state)
{
    struct test_ctx  t;
    struct ctx      *cx = test_ctx_init(&t, 5);
    struct map       m  = { 0 };
    struct map_entry model[KEYS];
    size_t           count = 0;
    int              values[8];

    assert_null(map_get(&m, S("x")));
    assert_false(map_has(&m, S("")));
    for (int step = 0; step < 6 * KEYS; step++) {
        str   key = arena_printf(cx->arena, "%zu", test_random_below(&t.random, KEYS));
        void *value =
            test_random_below(&t.random, 9) ? &values[test_random_below(&t.random, 8)] : NULL;
        void  *had = NULL;
        size_t at;

        key.len = step % 50 ? key.len : 0; /* the empty key is a key */
        for (at = 0; at < count && !str_eq(model[at].key, key); at++) {
        }
        assert_int_equal(map_has(&m, key), at < count);
        assert_ptr_equal(map_get(&m, key), at < count ? model[at].value : NULL);
        if (at < count) {
            had = model[at].value;
        } else {
            model[count++].key = key;
        }
        model[at].value = value;
        assert_ptr_equal(map_put(&m, cx->arena, key, value), had);
        assert_int_equal(m.count, count);
    }
    for (size_t i = 0; i < count; i++) { /* in the order of insertion, with the first key's bytes */
        assert_ptr_equal(m.entries[i].key.ptr, model[i].key.ptr);
        assert_ptr_equal(m.entries[i].value, model[i].value);
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_blocks_keep_their_bytes),
        cmocka_unit_test(a_map_is_an_ordered_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
