/*
 * migrate_test.c - a store of an earlier version whose migration is killed, or meets a power loss, at any
 * write point is either still the old store or the new one, and the next program that opens it goes on.
 *
 * Each store of tests/data/stores is opened as `weft publish` opens it. WEFT_CRASH_KILLS=1 makes the loops
 * meet every write point; without it they take every few.
 */
#include "cli/mesh.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/dir.h"
#include "os/powerloss.h"
#include "os/proc.h"
#include "registry/registry.h"
#include "support/counted_vfs.h"
#include "support/test_crash.h"
#include "support/test_dir.h"
#include "test.h"

#define STORES WEFT_TEST_ROOT "/tests/data/stores"

enum { POINTS_MAX = 4000, USUAL_STEP = 5, ARENA_BYTES = 256 << 20, STORE_PUBLISHES = 6 };

static struct {
    str root, shadow;
} on;

static struct test_dir dir;
static struct ctx      cx;
static struct err      err;

static void must(enum status st)
{
    if (st != ST_OK) {
        BUG(err.text);
    }
}

/* ------------------------------------------------------------------------- in a child */

/* Opens the store, and so migrates it. */
static enum status open_work(void)
{
    struct cli      cli  = { .cx = &cx, .args = { .dir = on.root } };
    struct cli_mesh mesh = { 0 };

    TRY(cli_mesh_open(&cli, CLI_MESH_WRITE | CLI_MESH_ACCESS, &mesh));
    cli_mesh_close(&mesh);
    return ST_OK;
}

/* A command of the program, without its words. */
static enum status run_program(const char *verb, const char *option)
{
    char *args[] = { arena_cstr(cx.arena, S("weft")), arena_cstr(cx.arena, str_of(verb)),
                     arena_cstr(cx.arena, str_of(option)), arena_cstr(cx.arena, S("-C")),
                     arena_cstr(cx.arena, on.root) };

    if (!freopen("/dev/null", "w", stdout)) {
        return ST_INTERNAL;
    }
    return cli_main(COUNT_OF(args), args) == 0 ? ST_OK : ST_CORRUPT;
}

static enum status doctor_work(void)
{
    return run_program("doctor", "--json");
}

static enum status publish_work(void)
{
    return run_program("publish", "--all");
}

static enum status read_history(struct db *db, struct publish_records *out)
{
    TRY(db_begin(db, &cx, DB_READ));
    return db_end(&cx, publish_history(&cx, STR_NONE, 100, out));
}

/* Nothing of the history is lost. */
static enum status history_work(void)
{
    struct cli             cli     = { .cx = &cx, .args = { .dir = on.root } };
    struct cli_mesh        mesh    = { 0 };
    struct publish_records records = { 0 };

    TRY(cli_mesh_open(&cli, CLI_MESH_STORE, &mesh));
    TRY(read_history(mesh.db, &records));
    cli_mesh_close(&mesh);
    return records.list.count == STORE_PUBLISHES ? ST_OK : ST_CORRUPT;
}

/* ------------------------------------------------------------------------- in the parent */

static void unpack(const char *store)
{
    const str            args[] = { S("tar"), S("xzf"), str_of(store),
                                    S("-C"),  on.root,  S("--strip-components=1") };
    struct os_command    tar    = { .args = args, .count = COUNT_OF(args) };
    struct os_run_result result;

    must(os_dir_remove_all(&cx, on.root));
    must(os_dir_make_all(&cx, on.root, 0700));
    must(os_run(&cx, &tar, &result));
    assert_int_equal(result.exit_code, 0);
}

/* A child that opens the store and is killed at its point `n`; then the power goes when `is_loss`. */
static bool crash(uint64_t n, bool is_loss)
{
    struct powerloss *recorder = NULL;
    bool              has_ended;

    if (is_loss) {
        must(powerloss_start(&cx, on.root, on.shadow, &recorder));
    }
    has_ended = test_crash_child(open_work, n, n % 2 ? TEST_TORN_WRITE : TEST_WHOLE_WRITES);
    powerloss_stop(recorder);
    if (is_loss) {
        must(powerloss_drop(&cx, on.root, on.shadow, n % 4 ? POWERLOSS_MIX : POWERLOSS_DROP, n));
    }
    return has_ended;
}

static void migrate_loop(const char *store, bool is_loss, uint64_t step)
{
    bool     has_ended = false;
    uint64_t crashes   = 0;

    for (uint64_t n = 1; !has_ended; n += step) {
        struct arena_mark mark = arena_mark(cx.arena);

        unpack(store);
        has_ended = crash(n, is_loss);
        assert_true(test_crash_child(open_work, 0, TEST_WHOLE_WRITES));
        assert_true(test_crash_child(history_work, 0, TEST_WHOLE_WRITES));
        assert_true(test_crash_child(doctor_work, 0, TEST_WHOLE_WRITES));
        crashes += !has_ended;
        assert_true(n < POINTS_MAX);
        arena_rewind(cx.arena, mark);
    }
    assert_true(test_crash_child(publish_work, 0, TEST_WHOLE_WRITES));
    print_message("%llu crashes\n", (unsigned long long)crashes);
    assert_true(crashes > 3);
}

static void all_stores(bool is_loss, uint64_t step)
{
    struct os_entries list;

    must(os_dir_list(&cx, S(STORES), 1000, &list));
    for (size_t i = 0; i < list.list.count; i++) {
        str path = os_path_join(cx.arena, S(STORES), list.list.items[i].path);

        if (str_ends(path, S(".tar.gz"))) {
            migrate_loop(arena_cstr(cx.arena, path), is_loss, step);
        }
    }
}

/* ------------------------------------------------------------------------- tests */

static uint64_t step_of(uint64_t usual)
{
    return getenv("WEFT_CRASH_KILLS") ? 1 : usual;
}

static void a_killed_migration_leaves_a_store_that_opens(void **state)
{
    all_stores(false, step_of(USUAL_STEP));
}

static void a_migration_that_met_a_power_loss_leaves_a_store_that_opens(void **state)
{
    all_stores(true, step_of(2 * USUAL_STEP));
}

static int setup(void **state)
{
    (void)state;
    (void)test_dir_init(&dir);
    cx = (struct ctx){
        .arena = arena_new("test", ARENA_BYTES), .err = &err, .env = os_env(), .actor = S("tester")
    };
    on.root   = os_path_join(cx.arena, dir.path, S("mesh"));
    on.shadow = os_path_join(cx.arena, dir.path, S("shadow"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    arena_free(cx.arena);
    return 0;
}

/* crash_migrate [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_killed_migration_leaves_a_store_that_opens),
        T(a_migration_that_met_a_power_loss_leaves_a_store_that_opens),
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    counted_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
