/*
 * backup_test.c - a backup or a restore that is killed, or meets a power loss, at any moment can be done again,
 * and a folder that says it is a backup is one.
 *
 * WEFT_CRASH_KILLS=1 makes the loops meet every write point; without it they take every few.
 */
#include "support/test_mesh_check.h"

#include <stdlib.h>

#include "backup/backup.h"
#include "os/powerloss.h"
#include "support/counted_vfs.h"
#include "support/test_crash.h"
#include "support/test_dir.h"
#include "test.h"

enum {
    POINTS_MAX  = 4000,
    USUAL_STEP  = 13, /* of a usual run: most points are pages of the store's copy */
    GROW_ROUNDS = 8,  /* crashes between two publishes                             */
    ARENA_BYTES = 256 << 20
};

/* Folders of one loop: the mesh that lives, its backup, a mesh to restore into. */
static struct {
    str      live, saved, back, shadow;
    uint64_t round; /* growths of the sources */
} on;

static struct test_dir dir;

/* ------------------------------------------------------------------------- in a child */

static void child_ctx(struct ctx *cx, struct err *err)
{
    *cx = (struct ctx){
        .arena = arena_new("child", ARENA_BYTES), .err = err, .env = os_env(), .actor = S("tester")
    };
}

static enum status said(struct ctx *cx, enum status st)
{
    if (st != ST_OK) {
        print_error("%s\n", cx->err->text);
    }
    return st;
}

static enum status publish_once(struct ctx *cx)
{
    struct publish_run_result run = { 0 };
    struct test_mesh          m;
    enum status               st;

    TRY(test_mesh_grow(cx, on.live, on.round));
    TRY(test_mesh_open(cx, on.live, &m));
    st = test_mesh_publish(cx, &m, &run);
    publish_result_free(&run);
    test_mesh_close(&m);
    return st;
}

static enum status publish_work(void)
{
    struct err err = { 0 };
    struct ctx cx;

    child_ctx(&cx, &err);
    return said(&cx, publish_once(&cx));
}

static struct backup_state state_of(struct cli *cli, struct cli_mesh *mesh)
{
    return (struct backup_state){ .project     = mesh->project,
                                  .db          = mesh->db,
                                  .store_path  = mesh->store.path,
                                  .blob        = mesh->blob,
                                  .program     = S("weft test"),
                                  .migrate     = cli_store_migrate,
                                  .migrate_arg = cli };
}

/* One of the two, on the mesh in `root`. */
static enum status with_mesh(str root, unsigned parts,
                             enum status (*call)(struct ctx *, const struct backup_state *, str,
                                                 struct backup_report *))
{
    struct err           err = { 0 };
    struct ctx           cx;
    struct cli           cli  = { .cx = &cx };
    struct cli_mesh      mesh = { 0 };
    struct backup_report report;
    enum status          st;

    child_ctx(&cx, &err);
    cli.args.dir = root;
    TRY(said(&cx, cli_mesh_open(&cli, parts, &mesh)));
    struct backup_state state = state_of(&cli, &mesh);
    st                        = said(&cx, call(&cx, &state, on.saved, &report));
    cli_mesh_close(&mesh);
    return st;
}

static enum status backup_work(void)
{
    return with_mesh(on.live, CLI_MESH_WRITE | CLI_MESH_KEY, backup_make);
}

static enum status restore_work(void)
{
    return with_mesh(on.back, CLI_MESH_STORE | CLI_MESH_OBJECTS, backup_restore);
}

/* ------------------------------------------------------------------------- in the parent */

static struct ctx parent_cx;
static struct err parent_err;

static void must(enum status st)
{
    if (st != ST_OK) {
        BUG(parent_err.text);
    }
}

static void empty_back(void)
{
    must(os_dir_remove_all(&parent_cx, on.back));
    must(test_mesh_write(&parent_cx, on.back));
}

/* What the mesh in `root` shows, which must be whole. */
static struct test_mesh_state look(str root)
{
    struct test_mesh_state now;
    str                    problem = test_mesh_problem(&parent_cx, root, &now);

    if (problem.len > 0) {
        print_error("%.*s\n", STR_ARG(problem));
    }
    assert_int_equal(problem.len, 0);
    return now;
}

static bool is_backup(void)
{
    bool is_there;

    must(os_file_exists(&parent_cx, os_path_join(parent_cx.arena, on.saved, S("backup.json")),
                        &is_there));
    return is_there;
}

/* The backup is a whole state, not older than `least` and not newer than the mesh. */
static struct test_mesh_state restore_all(int64_t least)
{
    struct test_mesh_state live = look(on.live), back;

    empty_back();
    assert_true(test_crash_child(restore_work, 0, TEST_WHOLE_WRITES));
    back = look(on.back);
    assert_true(back.sequence[0] >= least && back.sequence[0] <= live.sequence[0]);
    assert_int_equal(back.leases, 0);
    return back;
}

static uint64_t step_of(uint64_t usual)
{
    return getenv("WEFT_CRASH_KILLS") ? 1 : usual;
}

static void start(void)
{
    must(test_mesh_write(&parent_cx, on.live));
    on.round = 0;
    assert_true(test_crash_child(publish_work, 0, TEST_WHOLE_WRITES));
}

/* A child that is killed at its point `n`, and then the power goes when `is_loss`. */
static bool crash(enum status (*work)(void), str root, uint64_t n, bool is_loss)
{
    struct powerloss *recorder = NULL;
    bool              has_ended;

    if (is_loss) {
        must(os_dir_make_all(&parent_cx, root, 0700));
        must(powerloss_start(&parent_cx, root, on.shadow, &recorder));
    }
    has_ended = test_crash_child(work, n, n % 2 ? TEST_TORN_WRITE : TEST_WHOLE_WRITES);
    powerloss_stop(recorder);
    if (is_loss) {
        must(
            powerloss_drop(&parent_cx, root, on.shadow, n % 4 ? POWERLOSS_MIX : POWERLOSS_DROP, n));
    }
    return has_ended;
}

static void backup_loop(bool is_loss, uint64_t step)
{
    int64_t  least     = 0; /* publishes that an ended backup holds */
    bool     has_ended = false;
    uint64_t crashes   = 0;

    start();
    for (uint64_t n = 1; !has_ended; n += step) {
        struct arena_mark mark = arena_mark(parent_cx.arena);

        if (crashes % GROW_ROUNDS == 0) {
            on.round++;
            assert_true(test_crash_child(publish_work, 0, TEST_WHOLE_WRITES));
        }
        has_ended = crash(backup_work, on.saved, n, is_loss);
        if (is_backup()) {
            (void)restore_all(least);
        }
        assert_true(test_crash_child(backup_work, 0, TEST_WHOLE_WRITES));
        least = restore_all(look(on.live).sequence[0]).sequence[0];
        crashes += !has_ended;
        assert_true(n < POINTS_MAX);
        arena_rewind(parent_cx.arena, mark);
    }
    print_message("%llu crashes\n", (unsigned long long)crashes);
    assert_true(crashes > 3);
}

static void restore_loop(bool is_loss, uint64_t step)
{
    bool     has_ended = false;
    uint64_t crashes   = 0;
    bool     is_there;

    start();
    assert_true(test_crash_child(backup_work, 0, TEST_WHOLE_WRITES));
    for (uint64_t n = 1; !has_ended; n += step) {
        struct arena_mark mark = arena_mark(parent_cx.arena);

        empty_back();
        has_ended = crash(restore_work, on.back, n, is_loss);
        must(test_mesh_write(&parent_cx, on.back)); /* documents were not synced; git has them */
        must(os_file_exists(
            &parent_cx, os_path_join(parent_cx.arena, on.back, S(".weft/registry.db")), &is_there));
        if (!is_there) {
            assert_true(test_crash_child(restore_work, 0, TEST_WHOLE_WRITES));
        }
        assert_int_equal(look(on.back).sequence[0], 1);
        crashes += !has_ended;
        assert_true(n < POINTS_MAX);
        arena_rewind(parent_cx.arena, mark);
    }
    print_message("%llu crashes\n", (unsigned long long)crashes);
    assert_true(crashes > 3);
}

/* ------------------------------------------------------------------------- tests */

static int setup(void **state)
{
    (void)state;
    (void)test_dir_init(&dir);
    parent_cx = (struct ctx){ .arena = arena_new("parent", ARENA_BYTES),
                              .err   = &parent_err,
                              .env   = os_env(),
                              .actor = S("tester") };
    on.live   = os_path_join(parent_cx.arena, dir.path, S("live"));
    on.saved  = os_path_join(parent_cx.arena, dir.path, S("saved"));
    on.back   = os_path_join(parent_cx.arena, dir.path, S("back"));
    on.shadow = os_path_join(parent_cx.arena, dir.path, S("shadow"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    arena_free(parent_cx.arena);
    return 0;
}

static void a_killed_backup_can_be_made_again(void **state)
{
    backup_loop(false, step_of(USUAL_STEP));
}

static void a_backup_that_met_a_power_loss_can_be_made_again(void **state)
{
    backup_loop(true, step_of(2 * USUAL_STEP));
}

static void a_killed_restore_can_be_done_again(void **state)
{
    restore_loop(false, step_of(USUAL_STEP));
}

static void a_restore_that_met_a_power_loss_can_be_done_again(void **state)
{
    restore_loop(true, step_of(2 * USUAL_STEP));
}

/* Publishes go on in another process; every backup is of one moment. */
static void a_backup_under_load_is_of_one_moment(void **state)
{
    enum { BACKUPS = 4, PUBLISHES = 8 };
    pid_t   publisher;
    int     how   = 0;
    int64_t least = 0;

    start();
    publisher = fork();
    assert_true(publisher >= 0);
    if (publisher == 0) {
        for (int i = 0; i < PUBLISHES; i++) {
            on.round++;
            if (publish_work() != ST_OK) {
                _exit(1);
            }
        }
        _exit(0);
    }
    for (int i = 0; i < BACKUPS; i++) {
        assert_true(test_crash_child(backup_work, 0, TEST_WHOLE_WRITES));
        empty_back();
        assert_true(test_crash_child(restore_work, 0, TEST_WHOLE_WRITES));
        struct test_mesh_state back = look(on.back);
        assert_true(back.sequence[0] >= least);
        least = back.sequence[0];
    }
    assert_int_equal(waitpid(publisher, &how, 0), publisher);
    assert_int_equal(how, 0);
    assert_true(test_crash_child(backup_work, 0, TEST_WHOLE_WRITES));
    assert_int_equal(restore_all(0).sequence[0], PUBLISHES + 1);
}

/* crash_backup [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_killed_backup_can_be_made_again),
        T(a_backup_that_met_a_power_loss_can_be_made_again),
        T(a_killed_restore_can_be_done_again),
        T(a_restore_that_met_a_power_loss_can_be_done_again),
        T(a_backup_under_load_is_of_one_moment),
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    counted_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
