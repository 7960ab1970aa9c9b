/*
 * blob_test.c - what every blob store has in common, run against each implementation.
 */
#include "blob/blob_faulty.h"
#include "blob/blob_file.h"
#include "blob/blob_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/thread.h"
#include "support/test_dir.h"
#include "test.h"

enum { STORE_BYTES = 256 << 20, THREADS = 4, KEYS = 25 };

static struct test_dir dir;
static struct ctx     *cx;
static struct blob    *store;

struct implementation {
    const char *name;
    struct blob *(*open)(void);
    bool has_local;
};

static struct blob *open_file(void)
{
    struct blob *b = NULL;

    assert_int_equal(blob_file_open(cx, test_dir_path(&dir, "objects"), &b), ST_OK);
    return b;
}

static struct blob *open_memory(void)
{
    return blob_memory_new(STORE_BYTES);
}

static struct blob *open_faulty_file(void)
{
    return blob_faulty_take(open_file(), (struct blob_fault){ 0 });
}

static struct blob *open_faulty_memory(void)
{
    return blob_faulty_take(open_memory(), (struct blob_fault){ 0 });
}

static const struct implementation implementations[] = {
    { "file", open_file, true },
    { "memory", open_memory, false },
    { "faulty file", open_faulty_file, true },
    { "faulty memory", open_faulty_memory, false },
};

static const struct implementation *impl; /* the one under test */

static int setup(void **state)
{
    (void)state;
    cx    = test_dir_init(&dir);
    store = impl->open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    blob_close(store);
    test_dir_release(&dir);
    return 0;
}

static void put(const char *key, const char *content)
{
    if (blob_put_bytes(store, cx, str_of(key), str_of(content)) != ST_OK) {
        fail_msg("%s: %s", key, dir.err.text);
    }
}

static void assert_content(const char *key, const char *want)
{
    str         got;
    enum status st = blob_get(store, cx, str_of(key), &got);

    if (!want) {
        assert_int_equal(st, ST_NOT_FOUND);
        return;
    }
    assert_int_equal(st, ST_OK);
    assert_string_equal(arena_cstr(cx->arena, got), want);
}

static void what_was_put_is_got(void **state)
{
    static const size_t sizes[] = { 0, 1, 1000, 65536, 1 << 20, (1 << 20) + 1, 3 << 20 };

    for (size_t i = 0; i < CASES(sizes); i++) {
        str   key   = arena_printf(cx->arena, "sizes/%zu", sizes[i]);
        char *bytes = arena_alloc(cx->arena, sizes[i]);
        str   got;

        for (size_t k = 0; k < sizes[i]; k++) {
            bytes[k] = (char)(k * 7 + k / 251);
        }
        assert_int_equal(blob_put_bytes(store, cx, key, (str){ bytes, sizes[i] }), ST_OK);
        assert_int_equal(blob_get(store, cx, key, &got), ST_OK);
        assert_int_equal(got.len, sizes[i]);
        assert_memory_equal(got.ptr, bytes, sizes[i]);
    }
}

static void a_key_is_put_once(void **state)
{
    put("a/b", "one");
    assert_int_equal(blob_put_bytes(store, cx, S("a/b"), S("two")), ST_CONFLICT);
    assert_true(str_has(err_text(cx->err), S("object \"a/b\" exists already")));
    assert_content("a/b", "one");
}

static void a_key_is_not_the_folder_of_another(void **state)
{
    put("a/b", "x");
    assert_int_equal(blob_put_bytes(store, cx, S("a"), S("x")), ST_CONFLICT);
    assert_int_equal(blob_put_bytes(store, cx, S("a/b/c"), S("x")), ST_CONFLICT);
    assert_int_equal(blob_put_bytes(store, cx, S("a/b/c/d"), S("x")), ST_CONFLICT);
    assert_content("a", NULL);
    assert_content("a/b/c", NULL);
    assert_content("a/b", "x");
}

static void missing_objects_are_not_found(void **state)
{
    struct blob_info info     = { 77 };
    bool             is_there = true;
    str              got      = S("untouched");

    put("a/b", "x");
    assert_int_equal(blob_get(store, cx, S("none"), &got), ST_NOT_FOUND);
    assert_true(str_has(err_text(cx->err), S("object \"none\" does not exist")));
    assert_int_equal(blob_get(store, cx, S("a"), &got), ST_NOT_FOUND);
    assert_int_equal(blob_get_range(store, cx, S("none"), 0, 1, &got), ST_NOT_FOUND);
    assert_true(str_eq(got, S("untouched")));
    assert_int_equal(blob_stat(store, cx, S("none"), &info), ST_NOT_FOUND);
    assert_int_equal(info.size, 77);
    assert_int_equal(blob_exists(store, cx, S("none"), &is_there), ST_OK);
    assert_false(is_there);
    assert_int_equal(blob_exists(store, cx, S("a/b"), &is_there), ST_OK);
    assert_true(is_there);
    assert_int_equal(blob_stat(store, cx, S("a/b"), &info), ST_OK);
    assert_int_equal(info.size, 1);
}

static void ranges_end_where_the_object_ends(void **state)
{
    static const struct {
        uint64_t    offset;
        size_t      len;
        const char *want;
    } cases[] = {
        { 0, 10, "0123456789" }, { 0, 3, "012" }, { 3, 4, "3456" },      { 8, 10, "89" },
        { 10, 5, "" },           { 11, 5, "" },   { UINT64_MAX, 5, "" }, { 0, 0, "" },
    };

    put("r", "0123456789");
    for (size_t i = 0; i < CASES(cases); i++) {
        str got;

        assert_int_equal(blob_get_range(store, cx, S("r"), cases[i].offset, cases[i].len, &got),
                         ST_OK);
        assert_true(str_eq(got, str_of(cases[i].want)));
    }
    str got;
    assert_int_equal(blob_get_range(store, cx, S("r"), 0, BLOB_GET_MAX + 1U, &got), ST_LIMIT);
}

static void keys_are_checked_by_every_function(void **state)
{
    static char      long_segment[BLOB_SEGMENT_MAX + 3];
    static char      long_key[2 * BLOB_KEY_MAX];
    struct blob_info info;
    str              got;

    memset(long_segment, 'a', sizeof long_segment);
    for (size_t i = 0; i < sizeof long_key; i++) {
        long_key[i] = i % 2 ? '/' : 'a';
    }
    const str bad[] = {
        S(""),
        S("/"),
        S("/a"),
        S("a/"),
        S("a//b"),
        S("."),
        S(".."),
        S("a/../b"),
        S("a/./b"),
        S("../a"),
        S("a\0b"),
        S("a\nb"),
        S("\x7f"),
        S("\xff"),
        S("\xc0\x80"),
        S("\xed\xa0\x80"),
        S(".weft-temp"),
        S(".weft-temp/x"),
        { long_segment, BLOB_SEGMENT_MAX + 1 },
        { long_key, BLOB_KEY_MAX + 1 },
    };

    for (size_t i = 0; i < CASES(bad); i++) {
        assert_int_equal(blob_get(store, cx, bad[i], &got), ST_INVALID);
        assert_int_equal(blob_get_range(store, cx, bad[i], 0, 1, &got), ST_INVALID);
        assert_int_equal(blob_put_bytes(store, cx, bad[i], S("x")), ST_INVALID);
        assert_int_equal(blob_stat(store, cx, bad[i], &info), ST_INVALID);
        assert_int_equal(blob_delete(store, cx, bad[i]), ST_INVALID);
        assert_int_equal(blob_local_path(store, cx, bad[i], &got), ST_INVALID);
        assert_int_equal(blob_reserve(store, cx, bad[i], &got), ST_INVALID);
    }
    const str good[] = {
        S("a"),
        S("..."),
        S("é/ü"),
        S("a b/c"),
        S(".hidden"),
        S("a/.weft-temp"),
        { long_segment, BLOB_SEGMENT_MAX },
        { long_key, BLOB_KEY_MAX - 1 },
    };
    for (size_t i = 0; i < CASES(good); i++) {
        if (blob_key_check(cx, good[i]) != ST_OK) {
            fail_msg("%s", dir.err.text);
        }
    }
}

static void the_longest_keys_work(void **state)
{
    char key[BLOB_KEY_MAX];
    str  got;

    memset(key, 'k', sizeof key);
    key[255] = '/';
    key[511] = 'e';
    assert_int_equal(blob_put_bytes(store, cx, (str){ key, 511 }, S("x")), ST_OK);
    assert_int_equal(blob_get(store, cx, (str){ key, 511 }, &got), ST_OK);
    for (size_t i = 1; i < BLOB_KEY_MAX; i += 2) {
        key[i] = '/';
    }
    assert_int_equal(blob_put_bytes(store, cx, (str){ key, 511 }, S("deep")), ST_OK);
    struct blob_page page;
    assert_int_equal(blob_list(store, cx, S(""), S(""), 0, &page), ST_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.items[0].key.len, 511);
}

/* "a b c": the keys of all pages of `limit`. */
static const char *listed(const char *prefix, const char *after, size_t limit)
{
    struct blob_page page = { .has_more = true };
    str              all  = STR_NONE;
    str              last = str_of(after);

    while (page.has_more) {
        assert_int_equal(blob_list(store, cx, str_of(prefix), last, limit, &page), ST_OK);
        for (size_t i = 0; i < page.count; i++) {
            all  = arena_printf(cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(all), all.len ? " " : "",
                                STR_ARG(page.items[i].key));
            last = page.items[i].key;
        }
        assert_true(page.count > 0 || !page.has_more);
    }
    return arena_cstr(cx->arena, all);
}

/* "." comes before "/" and "0" after it: a listing by folders alone would be in another order. */
static void lists_are_in_byte_order_whatever_the_page(void **state)
{
    static const struct {
        const char *prefix, *after, *want;
    } cases[] = {
        { "", "", "a.b a/b/c a/b0 a/c a0 b é" },
        { "a", "", "a.b a/b/c a/b0 a/c a0" },
        { "a/", "", "a/b/c a/b0 a/c" },
        { "a/b", "", "a/b/c a/b0" },
        { "", "a/b/c", "a/b0 a/c a0 b é" },
        { "", "a/b", "a/b/c a/b0 a/c a0 b é" },
        { "", "a/", "a/b/c a/b0 a/c a0 b é" },
        { "a/", "a/b0", "a/c" },
        { "a/", "b", "" },
        { "a/", "A", "a/b/c a/b0 a/c" },
        { "x", "", "" },
        { "", "z", "é" },
        { "../", "", "" },
        { "/", "", "" },
    };

    put("b", "1");
    put("a/c", "22");
    put("a/b0", "333");
    put("a/b/c", "4444");
    put("a.b", "55555");
    put("a0", "");
    put("é", "");
    for (size_t i = 0; i < CASES(cases); i++) {
        for (size_t limit = 0; limit < 4; limit++) {
            const char *got = listed(cases[i].prefix, cases[i].after, limit);

            if (strcmp(got, cases[i].want) != 0) {
                fail_msg("prefix %s after %s by %d: %s", cases[i].prefix, cases[i].after,
                         (int)limit, got);
            }
        }
    }
}

static void listed_sizes_are_right_and_an_exact_page_has_no_more(void **state)
{
    struct blob_page page;

    put("a", "1");
    put("b", "22");
    assert_int_equal(blob_list(store, cx, S(""), S(""), 2, &page), ST_OK);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.items[1].size, 2);
    assert_false(page.has_more);
    assert_int_equal(blob_list(store, cx, S(""), S(""), 1, &page), ST_OK);
    assert_true(page.has_more);
}

static void a_deleted_object_is_gone_and_its_key_free(void **state)
{
    put("a/b", "one");
    put("a/c", "other");
    assert_int_equal(blob_delete(store, cx, S("a/b")), ST_OK);
    assert_content("a/b", NULL);
    assert_content("a/c", "other");
    assert_string_equal(listed("", "", 0), "a/c");
    assert_int_equal(blob_delete(store, cx, S("a/b")), ST_OK);
    assert_int_equal(blob_delete(store, cx, S("a")), ST_OK);
    put("a/b", "two");
    assert_content("a/b", "two");
}

/* A body in pieces of seven bytes that fails after `fail_after` of them. */
struct piecewise {
    struct blob_source base;
    int                pieces, fail_after;
};

static enum status read_piece(struct blob_source *s, struct ctx *c, void *to, size_t cap,
                              size_t *got)
{
    struct piecewise *p = container_of(s, struct piecewise, base);

    assert_true(cap >= 7);
    if (p->pieces == p->fail_after) {
        return FAIL(c, CORRUPT, "the body is broken");
    }
    *got = p->pieces++ < 100 ? 7 : 0;
    memcpy(to, "1234567", *got);
    return ST_OK;
}

static void a_body_in_pieces_is_put_whole_and_summed_up(void **state)
{
    struct piecewise body = { { read_piece }, 0, -1 };
    struct blob_sum  sum;
    str              got;

    assert_int_equal(blob_put(store, cx, S("p"), &body.base, &sum), ST_OK);
    assert_int_equal(blob_get(store, cx, S("p"), &got), ST_OK);
    assert_int_equal(got.len, 700);
    assert_int_equal(sum.size, 700);
    assert_true(digest_eq(sum.sha256, sha256_of(got)));
}

static void a_body_that_fails_leaves_nothing(void **state)
{
    static const int points[] = { 0, 1, 100 };

    for (size_t i = 0; i < CASES(points); i++) {
        struct piecewise body = { { read_piece }, 0, points[i] };
        struct blob_sum  sum  = { 77, { { 0 } } };

        assert_int_equal(blob_put(store, cx, S("p"), &body.base, &sum), ST_CORRUPT);
        assert_int_equal(sum.size, 77);
        assert_content("p", NULL);
    }
    assert_string_equal(listed("", "", 0), "");
    put("p", "now");
}

static void a_file_is_put_with_its_sum(void **state)
{
    struct blob_sum sum;

    test_dir_write(&dir, "in.csv", S("a,b\n1,2\n"));
    assert_int_equal(blob_put_file(store, cx, S("in"), test_dir_path(&dir, "in.csv"), &sum), ST_OK);
    assert_content("in", "a,b\n1,2\n");
    assert_int_equal(sum.size, 8);
    assert_true(digest_eq(sum.sha256, sha256_of(S("a,b\n1,2\n"))));
    assert_int_equal(blob_put_file(store, cx, S("x"), test_dir_path(&dir, "none"), NULL),
                     ST_NOT_FOUND);
}

static void cancel_and_deadline_end_every_call(void **state)
{
    atomic_bool      cancel = true;
    struct blob_info info;
    struct blob_page page;
    str              got;

    put("a", "x");
    cx->cancel = &cancel;
    assert_int_equal(blob_get(store, cx, S("a"), &got), ST_CANCELLED);
    assert_int_equal(blob_put_bytes(store, cx, S("b"), S("x")), ST_CANCELLED);
    assert_int_equal(blob_list(store, cx, S(""), S(""), 0, &page), ST_CANCELLED);
    assert_int_equal(blob_delete(store, cx, S("a")), ST_CANCELLED);
    cx->cancel      = NULL;
    cx->deadline_us = 1;
    assert_int_equal(blob_stat(store, cx, S("a"), &info), ST_TIMEOUT);
    cx->deadline_us = 0;
    assert_content("a", "x");
    assert_content("b", NULL);
}

static void local_files_are_for_those_who_have_them(void **state)
{
    struct blob_sum sum;
    const str       key = S("t/data/x.parquet");
    str             path, wanted, got;

    assert_int_equal((blob_caps(store) & (unsigned)BLOB_CAN_LOCAL) != 0, impl->has_local);
    if (!impl->has_local) {
        assert_int_equal(blob_local_path(store, cx, key, &path), ST_UNSUPPORTED);
        assert_int_equal(blob_reserve(store, cx, key, &path), ST_UNSUPPORTED);
        assert_int_equal(blob_seal(store, cx, &key, 1, &sum), ST_UNSUPPORTED);
        return;
    }
    assert_int_equal(blob_seal(store, cx, &key, 1, &sum), ST_NOT_FOUND);
    assert_int_equal(blob_local_path(store, cx, key, &wanted), ST_OK);
    assert_int_equal(blob_reserve(store, cx, key, &path), ST_OK);
    assert_true(os_path_is_absolute(path));
    assert_true(str_eq(path, wanted));
    assert_int_equal(os_file_put(cx, path, S("rows"), OS_NEW, 0), ST_OK);
    assert_int_equal(blob_seal(store, cx, &key, 1, &sum), ST_OK);
    assert_int_equal(sum.size, 4);
    assert_true(digest_eq(sum.sha256, sha256_of(S("rows"))));
    assert_int_equal(blob_get(store, cx, key, &got), ST_OK);
    assert_true(str_eq(got, S("rows")));
    assert_int_equal(blob_reserve(store, cx, key, &path), ST_CONFLICT);
    assert_int_equal(blob_reserve(store, cx, S("t/data/x.parquet/y"), &path), ST_CONFLICT);
}

struct racer {
    struct blob *store;
    int          number;
    int          won;
    bool         is_wrong;
};

/* Puts the same keys as all others: exactly one may win each. */
static void race(void *arg)
{
    struct racer *r   = arg;
    struct err    err = { 0 };
    struct ctx    own = { .arena = arena_new("racer", 64U << 20), .err = &err, .env = os_env() };

    for (int i = 0; i < KEYS; i++) {
        str         key = arena_printf(own.arena, "race/%d/x", i);
        enum status st =
            blob_put_bytes(r->store, &own, key, arena_printf(own.arena, "%d", r->number));

        r->won += st == ST_OK ? 1 : 0;
        r->is_wrong = r->is_wrong || (st != ST_OK && st != ST_CONFLICT);
    }
    arena_free(own.arena);
}

static void of_many_writers_of_a_key_one_wins(void **state)
{
    struct os_thread *threads[THREADS];
    struct racer      racers[THREADS] = { 0 };
    int               won             = 0;

    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){ store, i, 0, false };
        assert_int_equal(os_thread_start(cx, race, &racers[i], &threads[i]), ST_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        os_thread_join(threads[i]);
        assert_false(racers[i].is_wrong);
        won += racers[i].won;
    }
    assert_int_equal(won, KEYS);
}

/* Each call of each function fails once, before and after it reached the store. */
static enum status one_of_each(struct blob *b)
{
    struct blob_page page;
    str              got;

    TRY(blob_put_bytes(b, cx, S("f/a"), S("x")));
    TRY(blob_get(b, cx, S("f/a"), &got));
    TRY(blob_list(b, cx, S("f/"), S(""), 0, &page));
    TRY(blob_delete(b, cx, S("f/a")));
    return ST_OK;
}

static void a_faulty_store_fails_as_told_and_leaves_outputs_alone(void **state)
{
    enum blob_fault_side sides[] = { BLOB_FAULT_BEFORE, BLOB_FAULT_AFTER };

    for (size_t s = 0; s < CASES(sides); s++) {
        for (uint64_t n = 1; n <= 6; n++) {
            struct blob_fault fault  = { .at = n, .side = sides[s] };
            struct blob      *faulty = blob_faulty_take(impl->open(), fault);
            enum status       st     = one_of_each(faulty);

            assert_int_equal(st, n <= 5 ? ST_UNAVAILABLE : ST_OK);
            assert_int_equal(blob_faulty_calls(faulty), n <= 5 ? n : 5);
            ignore(blob_delete(faulty, cx, S("f/a")), "it may not be there");
            blob_close(faulty);
        }
    }
    struct blob_fault forever = { .at = 2, .mode = BLOB_FAULT_FOREVER, .status = ST_DENIED };
    struct blob      *faulty  = blob_faulty_take(impl->open(), forever);
    struct blob_info  info    = { 77 };

    assert_int_equal(blob_put_bytes(faulty, cx, S("g"), S("x")), ST_OK);
    assert_int_equal(blob_stat(faulty, cx, S("g"), &info), ST_DENIED);
    assert_int_equal(blob_stat(faulty, cx, S("g"), &info), ST_DENIED);
    assert_int_equal(info.size, 77);
    blob_close(faulty);
    blob_close(NULL);
}

static void a_slow_store_ends_early_at_the_deadline(void **state)
{
    struct blob_fault delay = { .delay_us = 60 * 1000000 };
    struct blob      *slow  = blob_faulty_take(impl->open(), delay);
    struct blob_info  info;

    cx->deadline_us = cx->env->monotonic_us(cx->env) + 30000;
    assert_int_equal(blob_stat(slow, cx, S("g"), &info), ST_TIMEOUT);
    cx->deadline_us = 0;
    blob_close(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(what_was_put_is_got),
        T(a_key_is_put_once),
        T(a_key_is_not_the_folder_of_another),
        T(missing_objects_are_not_found),
        T(ranges_end_where_the_object_ends),
        T(keys_are_checked_by_every_function),
        T(the_longest_keys_work),
        T(lists_are_in_byte_order_whatever_the_page),
        T(listed_sizes_are_right_and_an_exact_page_has_no_more),
        T(a_deleted_object_is_gone_and_its_key_free),
        T(a_body_in_pieces_is_put_whole_and_summed_up),
        T(a_body_that_fails_leaves_nothing),
        T(a_file_is_put_with_its_sum),
        T(cancel_and_deadline_end_every_call),
        T(local_files_are_for_those_who_have_them),
        T(of_many_writers_of_a_key_one_wins),
        T(a_faulty_store_fails_as_told_and_leaves_outputs_alone),
        T(a_slow_store_ends_early_at_the_deadline),
    };
    int failed = 0;

    for (size_t i = 0; i < CASES(implementations); i++) {
        impl = &implementations[i];
        (void)printf("blob store: %s\n", impl->name);
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
