/*
 * blob_test.c - an object that was acknowledged, by put or by seal, survives a crash at every write
 * point followed by a power loss.
 */
#include "blob/blob_file.h"

#include <stdio.h>

#include "os/powerloss.h"
#include "support/test_crash.h"
#include "support/test_dir.h"
#include "test.h"

static struct test_dir dir;
static struct ctx     *cx;

static int setup(void **state)
{
    (void)state;
    cx = test_dir_init(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    return 0;
}

static str at(const char *name)
{
    return test_dir_path(&dir, name);
}

static struct blob *open_store(void)
{
    struct blob *b = NULL;

    if (blob_file_open(cx, at("root/objects"), &b) != ST_OK) {
        fail_msg("%s", dir.err.text);
    }
    return b;
}

/* A caller that takes "it exists already" for "an earlier try has done it". */
static enum status put_or_find(void)
{
    struct blob *b;
    enum status  st;

    TRY(blob_file_open(cx, at("root/objects"), &b));
    st = blob_put_bytes(b, cx, S("t/v1/_manifest.json"), S("content"));
    blob_close(b);
    return st == ST_CONFLICT ? ST_OK : st;
}

static enum status seal_in_store(void)
{
    const str       key = S("t/v1/data/p=1/x.parquet");
    struct blob    *b;
    struct blob_sum sum;
    str             path;
    enum status     st;
    FILE           *f;

    TRY(blob_file_open(cx, at("root/objects"), &b));
    st = blob_reserve(b, cx, S("t/v1/data/p=1/x.parquet"), &path);
    if (st == ST_OK || st == ST_CONFLICT) { /* an earlier try may have left its file */
        ignore(blob_local_path(b, cx, key, &path), "the key is valid");
        f = fopen(arena_cstr(cx->arena, path), "w"); /* as the engine does: no sync at all */
        (void)fputs("content", f);
        (void)fclose(f);
        st = blob_seal(b, cx, &key, 1, &sum);
    }
    blob_close(b);
    return st;
}

static bool content_is(const char *key, const char *want)
{
    struct blob *b = open_store();
    str          got;
    enum status  st = blob_get(b, cx, str_of(key), &got);

    blob_close(b);
    return st == ST_OK && str_eq(got, str_of(want));
}

/*
 * A child dies at each write point in turn; another one does the work again, and its success is an
 * acknowledgement; then the power goes. What the first child left must not fool the second one: a
 * folder that is there need not be durable.
 */
static void survives_crash_and_loss(enum status (*work)(void), const char *key)
{
    bool ended = false;

    for (uint64_t n = 1; !ended; n++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct powerloss *p;

            assert_int_equal(os_dir_remove_all(cx, at("root")), ST_OK);
            assert_int_equal(os_dir_make(cx, at("root"), 0755), ST_OK);
            assert_int_equal(powerloss_start(cx, at("root"), at("shadow"), &p), ST_OK);
            ended = test_crash_child(work, n, seed == 1 ? TEST_TORN_WRITE : TEST_WHOLE_WRITES);
            if (!ended) {
                assert_true(test_crash_child(work, 0, TEST_WHOLE_WRITES));
            }
            powerloss_stop(p);
            assert_int_equal(powerloss_drop(cx, at("root"), at("shadow"),
                                            seed == 0 ? POWERLOSS_DROP : POWERLOSS_MIX, seed),
                             ST_OK);
            if (!content_is(key, "content")) {
                fail_msg("lost after a crash at point %d", (int)n);
            }
        }
        assert_true(n < 200);
    }
}

static void an_acknowledged_put_survives_crash_and_power_loss(void **state)
{
    survives_crash_and_loss(put_or_find, "t/v1/_manifest.json");
}

static void a_sealed_file_survives_crash_and_power_loss(void **state)
{
    survives_crash_and_loss(seal_in_store, "t/v1/data/p=1/x.parquet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(an_acknowledged_put_survives_crash_and_power_loss),
        T(a_sealed_file_survives_crash_and_power_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
