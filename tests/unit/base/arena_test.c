/*
 * arena_test.c - memory by lifetime: alignment, limits, deferred calls, marks; vectors in it.
 */
#include "base/arena.h"

#include "test.h"

#include <string.h>

#include "base/vec.h"

static void blocks_are_zero_aligned_and_apart(void **state)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 4095, 4096, 4097, 16384, 100000 };
    struct arena       *a       = arena_new("test", 1U << 24);
    unsigned char      *blocks[CASES(sizes)];

    for (size_t i = 0; i < CASES(sizes); i++) {
        blocks[i] = arena_alloc(a, sizes[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(blocks[i][k], 0);
        }
        memset(blocks[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < CASES(sizes); i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            assert_int_equal(blocks[i][k], i + 1);
        }
    }
    assert_ptr_not_equal(arena_alloc(a, 0), arena_alloc(a, 0));
    arena_free(a);
    arena_free(NULL);
}

static void texts_are_copied_with_a_nul(void **state)
{
    struct arena *a   = arena_new("test", 1U << 20);
    str           dup = arena_dup(a, S("a\0b"));

    assert_int_equal(dup.len, 3);
    assert_memory_equal(dup.ptr, "a\0b\0", 4);
    assert_string_equal(arena_cstr(a, STR_NONE), "");
    assert_non_null(arena_dup(a, STR_NONE).ptr);
    assert_true(str_eq(arena_concat(a, S("ab"), S("c")), S("abc")));
    assert_true(str_eq(arena_concat(a, STR_NONE, STR_NONE), S("")));
    assert_true(str_eq(arena_printf(a, "%s-%05d", "x", 42), S("x-00042")));
    assert_int_equal(arena_printf(a, "%*s", 20000, "").len, 20000);
    arena_free(a);
}

static void going_over_the_limit_marks(void **state)
{
    struct arena *a = arena_new("small", 1000);

    arena_alloc(a, 900);
    assert_false(arena_is_over(a));
    arena_alloc(a, 200);
    assert_true(arena_is_over(a));
    assert_true(arena_used(a) >= 1100);
    assert_int_equal(arena_limit(a), 1000);
    assert_string_equal(arena_name(a), "small");
    arena_free(a);
}

static char calls[16];
static void note(void *letter)
{
    strncat(calls, letter, 1);
}

static void deferred_calls_run_last_first(void **state)
{
    struct arena     *a = arena_new("test", 1U << 20);
    struct arena_mark mark;
    char              letters[] = "abcd";

    calls[0] = '\0';
    arena_defer(a, note, &letters[0]);
    mark = arena_mark(a);
    arena_defer(a, note, &letters[1]);
    arena_alloc(a, 50000); /* in another chunk */
    arena_defer(a, note, &letters[2]);
    arena_rewind(a, mark);
    assert_string_equal(calls, "cb");
    arena_rewind(a, mark);
    arena_defer(a, note, &letters[3]);
    assert_string_equal(calls, "cb");
    arena_free(a);
    assert_string_equal(calls, "cbda");
}

static void rewinding_keeps_what_was_before(void **state)
{
    struct arena *a = arena_new("test", 1U << 20);

    for (size_t size = 1; size < 40000; size = size * 3 + 1) {
        str               kept = arena_dup(a, S("kept"));
        struct arena_mark mark = arena_mark(a);
        size_t            used = arena_used(a);

        for (int i = 0; i < 3; i++) {
            memset(arena_alloc(a, size), 0xEE, size);
        }
        arena_rewind(a, mark);
        assert_int_equal(arena_used(a), used);
        assert_true(str_eq(kept, S("kept")));
        assert_int_equal(*(char *)arena_alloc(a, 1), 0); /* zeroed again */
    }
    arena_free(a);
}

static void rewinding_to_nothing_frees_all(void **state)
{
    struct arena     *a    = arena_new("test", 1U << 20);
    struct arena_mark mark = arena_mark(a);

    arena_alloc(a, 10);
    arena_alloc(a, 100000);
    arena_rewind(a, mark);
    assert_int_equal(arena_used(a), 0);
    arena_alloc(a, 10);
    arena_free(a);
}

static void vectors_grow_and_copy_their_own_items(void **state)
{
    struct arena *a = arena_new("test", 1U << 20);
    VEC(int) v      = { 0 };

    vec_push(a, &v, 7);
    for (int i = 1; i < 1000; i++) {
        vec_push(a, &v, v.items[0] + i); /* the item is read from the grown block */
    }
    assert_int_equal(v.count, 1000);
    assert_true(v.cap >= 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(v.items[i], 7 + i);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zero_aligned_and_apart),
        cmocka_unit_test(texts_are_copied_with_a_nul),
        cmocka_unit_test(going_over_the_limit_marks),
        cmocka_unit_test(deferred_calls_run_last_first),
        cmocka_unit_test(rewinding_keeps_what_was_before),
        cmocka_unit_test(rewinding_to_nothing_frees_all),
        cmocka_unit_test(vectors_grow_and_copy_their_own_items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
