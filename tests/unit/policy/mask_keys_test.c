/*
 * mask_keys_test.c - keyed hashes against values computed elsewhere, and the ring: what is refused, what
 * happens without a key, rotation beside readers.
 */
#include "policy/mask_keys.h"

#include "test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "mask_kit.h"
#include "os/secret.h"

enum { READERS = 3, ROTATIONS = 2000, LONG = 1 << 20 };

static const char *const one_key[]  = { "k1" };
static const char *const two_keys[] = { "k1", "m2" };

/* Computed with Python's hmac by the formula of mask_keys.h: key "kkkk…", mesh "mesh-1", id "k1". */
static void hashes_are_those_of_the_formula(void **state)
{
    static const struct mask_case texts[] = {
        { "ada", "f08f58a2daddc9055de8f520ff2d38eb" },
        { "", "7290a2848e2a387ed5daed6bf7f6e9bd" },
        { "42", "d9168d0eb9ce15865f298af91430558f" },
    };
    static const struct {
        int64_t value, hash;
    } numbers[] = {
        { 42, 384534069630410100 },
        { -1, 7808107891250529174 },
        { 0, 429069681095955645 },
        { INT64_MIN, 7906357550943192928 },
    };
    struct mask_kit kit;
    char           *text;

    mask_kit_init(&kit);
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", one_key, 1));
    for (size_t i = 0; i < CASES(texts); i++) {
        assert_true(str_eq(mask_kit_run(&kit, "weft_mask_hash", "k1", str_of(texts[i].value)),
                           str_of(texts[i].mask)));
    }
    for (size_t i = 0; i < CASES(numbers); i++) {
        assert_int_equal(mask_kit_number(&kit, "k1", numbers[i].value), numbers[i].hash);
    }
    text = arena_alloc(kit.cx.arena, LONG);
    memset(text, 'x', LONG);
    assert_true(str_eq(mask_kit_run(&kit, "weft_mask_hash", "k1", (str){ text, LONG }),
                       S("bfa5618cda21b860c683d77f19b5cac0")));
    mask_kit_release(&kit);
}

static void key_mesh_and_key_id_all_change_the_hash(void **state)
{
    static const char *const other_id[] = { "k9" };
    struct mask_kit          kit;
    str                      hashes[4];

    mask_kit_init(&kit);
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", two_keys, 2));
    hashes[0] = arena_dup(kit.cx.arena, mask_kit_run(&kit, "weft_mask_hash", "k1", S("ada")));
    hashes[1] = arena_dup(kit.cx.arena, mask_kit_run(&kit, "weft_mask_hash", "m2", S("ada")));
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-2", one_key, 1));
    hashes[2] = arena_dup(kit.cx.arena, mask_kit_run(&kit, "weft_mask_hash", "k1", S("ada")));
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", other_id, 1)); /* the same bytes */
    hashes[3] = arena_dup(kit.cx.arena, mask_kit_run(&kit, "weft_mask_hash", "k9", S("ada")));
    for (size_t i = 0; i < CASES(hashes); i++) {
        assert_int_equal(hashes[i].len, MASK_HASH_LEN);
        for (size_t k = 0; k < i; k++) {
            assert_false(str_eq(hashes[i], hashes[k]));
        }
    }
    mask_kit_release(&kit);
}

static void without_its_key_every_value_is_null(void **state)
{
    struct mask_kit kit;

    mask_kit_init(&kit);
    assert_false(mask_ring_has(kit.ring, S("k1")));
    assert_null(mask_kit_run(&kit, "weft_mask_hash", "k1", S("ada")).ptr);
    assert_true(mask_kit_number(&kit, "k1", 42) == INT64_MIN);
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", one_key, 1));
    assert_true(mask_ring_has(kit.ring, S("k1")));
    assert_false(mask_ring_has(kit.ring, S("K1")));
    assert_null(mask_kit_run(&kit, "weft_mask_hash", "k", S("ada")).ptr);
    assert_null(mask_kit_run(&kit, "weft_mask_hash", "k12", S("ada")).ptr);
    assert_non_null(mask_kit_run(&kit, "weft_mask_hash", "k1", S("ada")).ptr);
    mask_ring_take(kit.ring, NULL);
    assert_null(mask_kit_run(&kit, "weft_mask_hash", "k1", S("ada")).ptr);
    mask_kit_release(&kit);
}

static void a_held_key_outlives_its_snapshot(void **state)
{
    struct mask_kit        kit;
    const struct mask_key *key;
    digest                 before;

    mask_kit_init(&kit);
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", one_key, 1));
    key    = mask_key_acquire(kit.ring, S("k1"));
    before = hmac_of(key->text, S("ada"));
    mask_ring_take(kit.ring, NULL);
    assert_null(mask_key_acquire(kit.ring, S("k1")));
    assert_true(digest_eq(before, hmac_of(key->text, S("ada"))));
    mask_key_return(key);
    mask_key_return(NULL);
    mask_kit_release(&kit);
}

static void bad_keys_are_refused_without_their_bytes(void **state)
{
    static const struct {
        const char *mesh, *id, *other;
        size_t      len;
        const char *text;
    } cases[] = {
        { "", "k1", "k2", 32, "id of the mesh" },
        { "m", "", "k2", 32, "mask key 1: a key id has" },
        { "m", "k 1", "k2", 32, "mask key 1: a key id has" },
        { "m", "k'1", "k2", 32, "mask key 1: a key id has" },
        { "m", "k\xc3\xa4", "k2", 32, "mask key 1: a key id has" },
        { "m", "k1", "k1", 32, "mask key \"k1\" is given twice" },
        { "m", "k1", "k2", 31, "mask key \"k1\" must have 32 bytes, not 31" },
        { "m", "k1", "k2", 33, "mask key \"k1\" must have 32 bytes, not 33" },
        { "m", "k1", "k2", 0, "mask key \"k1\" must have 32 bytes, not 0" },
    };
    struct mask_kit kit;
    char            bytes[64];

    mask_kit_init(&kit);
    memset(bytes, 'Q', sizeof bytes);
    for (size_t i = 0; i < CASES(cases); i++) {
        struct mask_key_source sources[] = {
            { str_of(cases[i].id), secret_make(kit.cx.arena, (str){ bytes, cases[i].len }) },
            { str_of(cases[i].other), secret_make(kit.cx.arena, (str){ bytes, MASK_KEY_BYTES }) },
        };
        struct mask_keys *keys = NULL;

        assert_int_equal(mask_keys_new(&kit.cx, str_of(cases[i].mesh), sources, 2, &keys),
                         ST_INVALID);
        assert_null(keys);
        if (!str_has(err_text(&kit.err), str_of(cases[i].text)) ||
            str_has(err_text(&kit.err), S("QQQ"))) {
            fail_msg("case %zu says %s", i, kit.err.text);
        }
    }
    mask_kit_release(&kit);
}

static void the_number_of_keys_is_bounded(void **state)
{
    struct mask_key_source sources[MASK_KEYS_MAX + 1];
    struct mask_keys      *keys = NULL;
    struct mask_kit        kit;
    char                   bytes[MASK_KEY_BYTES] = { 1 };
    struct secret         *secret;

    mask_kit_init(&kit);
    secret = secret_make(kit.cx.arena, (str){ bytes, sizeof bytes });
    for (size_t i = 0; i <= MASK_KEYS_MAX; i++) {
        sources[i] = (struct mask_key_source){ arena_printf(kit.cx.arena, "k%zu", i), secret };
    }
    assert_int_equal(mask_keys_new(&kit.cx, S("m"), sources, MASK_KEYS_MAX + 1, &keys), ST_LIMIT);
    assert_int_equal(mask_keys_new(&kit.cx, S("m"), sources, MASK_KEYS_MAX, &keys), ST_OK);
    mask_keys_free(keys);
    assert_int_equal(mask_keys_new(&kit.cx, S("m"), sources, 0, &keys), ST_OK);
    mask_keys_free(keys);
    mask_keys_free(NULL);
    mask_kit_release(&kit);
}

/* What /proc/self/smaps says of the pages at an address: its flags, or "" when nothing is mapped. */
static void flags_of(const void *address, char *out, size_t size)
{
    FILE         *maps = fopen("/proc/self/smaps", "r");
    char          line[512];
    unsigned long from, to, at = (unsigned long)(uintptr_t)address;
    bool          is_inside = false;

    assert_non_null(maps);
    out[0] = '\0';
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            is_inside = from <= at && at < to;
        } else if (is_inside && strncmp(line, "VmFlags:", 8) == 0) {
            snprintf(out, size, "%s", line);
        }
    }
    fclose(maps);
}

/* " dd" is what madvise(MADV_DONTDUMP) leaves; the pages are gone with the last holder. */
static void prepared_keys_are_kept_out_of_core_files(void **state)
{
    struct mask_kit        kit;
    const struct mask_key *key;
    const void            *text, *integer;
    char                   flags[512];

    mask_kit_init(&kit);
    mask_ring_take(kit.ring, mask_kit_keys(&kit, "mesh-1", two_keys, 2));
    key     = mask_key_acquire(kit.ring, S("m2"));
    text    = key->text;
    integer = key->integer;
    flags_of(text, flags, sizeof flags);
    assert_non_null(strstr(flags, " dd"));
    flags_of(integer, flags, sizeof flags);
    assert_non_null(strstr(flags, " dd"));
    mask_ring_take(kit.ring, NULL);
    flags_of(text, flags, sizeof flags);
    assert_non_null(strstr(flags, " dd"));
    mask_key_return(key);
    flags_of(text, flags, sizeof flags);
    assert_null(strstr(flags, " dd"));
    mask_kit_release(&kit);
}

struct reader {
    pthread_t         thread;
    struct mask_ring *ring;
    atomic_bool      *is_over;
    uint64_t          wrong;
};

/* Holds a key for some hashes, as a run of values does; all of one run must agree. */
static void *read_ring(void *arg)
{
    struct reader *r = arg;

    while (!atomic_load(r->is_over)) {
        const struct mask_key *key = mask_key_acquire(r->ring, S("k1"));

        if (key) {
            digest first = hmac_of(key->text, S("ada"));

            for (int i = 0; i < 20; i++) {
                r->wrong += !digest_eq(first, hmac_of(key->text, S("ada")));
            }
            mask_key_return(key);
        }
    }
    return NULL;
}

static void keys_are_rotated_beside_readers(void **state)
{
    struct reader   readers[READERS];
    atomic_bool     is_over = false;
    struct mask_kit kit;

    mask_kit_init(&kit);
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (struct reader){ .ring = kit.ring, .is_over = &is_over };
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_ring, &readers[i]), 0);
    }
    for (size_t i = 0; i < ROTATIONS; i++) {
        struct arena_mark mark = arena_mark(kit.cx.arena);

        mask_ring_take(kit.ring, mask_kit_keys(&kit, i % 2 ? "a" : "b", two_keys, 2));
        arena_rewind(kit.cx.arena, mark);
    }
    atomic_store(&is_over, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
        assert_int_equal(readers[i].wrong, 0);
    }
    mask_kit_release(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_formula),
        cmocka_unit_test(key_mesh_and_key_id_all_change_the_hash),
        cmocka_unit_test(without_its_key_every_value_is_null),
        cmocka_unit_test(a_held_key_outlives_its_snapshot),
        cmocka_unit_test(prepared_keys_are_kept_out_of_core_files),
        cmocka_unit_test(bad_keys_are_refused_without_their_bytes),
        cmocka_unit_test(the_number_of_keys_is_bounded),
        cmocka_unit_test(keys_are_rotated_beside_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
