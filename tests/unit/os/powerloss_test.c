/*
 * powerloss_test.c - the simulation itself: what is synced stays, all else goes; and a put that
 * forgets a sync is found out by it, while os_file_put passes at every point of a crash.
 */
#include "os/powerloss.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/os_calls.h"
#include "support/test_crash.h"
#include "support/test_dir.h"
#include "test.h"

static struct test_dir   dir;
static struct ctx       *cx;
static struct powerloss *recorder;

static str root(void)
{
    return test_dir_path(&dir, "root");
}

static str shadow(void)
{
    return test_dir_path(&dir, "shadow");
}

static int setup(void **state)
{
    (void)state;
    cx = test_dir_init(&dir);
    assert_int_equal(os_dir_make(cx, root(), 0755), ST_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    return 0;
}

static const char *at(const char *name)
{
    return arena_cstr(cx->arena, os_path_join(cx->arena, root(), str_of(name)));
}

static void start(void)
{
    assert_int_equal(powerloss_start(cx, root(), shadow(), &recorder), ST_OK);
}

static void drop(void)
{
    powerloss_stop(recorder);
    if (powerloss_drop(cx, root(), shadow(), POWERLOSS_DROP, 0) != ST_OK) {
        fail_msg("%s", dir.err.text);
    }
}

/* Writes as another program does: no sync. */
static void write_raw(const char *name, const char *content)
{
    int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    (void)close(fd);
}

static void sync_raw(const char *name)
{
    struct os_file *f;

    assert_int_equal(os_file_open(cx, str_of(at(name)), &f), ST_OK);
    assert_int_equal(os_file_sync(cx, f), ST_OK);
    os_file_close(f);
}

static void assert_content(const char *name, const char *want)
{
    str         got;
    enum status st = os_file_read(cx, str_of(at(name)), 1U << 20, &got);

    if (!want) {
        assert_int_equal(st, ST_NOT_FOUND);
        return;
    }
    assert_int_equal(st, ST_OK);
    assert_string_equal(arena_cstr(cx->arena, got), want);
}

static void what_was_there_at_the_start_is_durable(void **state)
{
    test_dir_write(&dir, "root/a/b", S("old"));
    start();
    drop();
    assert_content("a/b", "old");
}

static void unsynced_files_and_names_are_lost(void **state)
{
    start();
    write_raw("nothing", "x");
    write_raw("content", "x");
    sync_raw("content");
    drop();
    assert_content("nothing", NULL);
    assert_content("content", NULL); /* its name was not synced */
}

static void a_synced_name_without_synced_content_is_empty(void **state)
{
    start();
    write_raw("f", "x");
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    drop();
    assert_content("f", "");
}

static void both_synced_is_kept_as_it_was_at_the_sync(void **state)
{
    start();
    write_raw("f", "first");
    sync_raw("f");
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    write_raw("f", "second, not synced");
    drop();
    assert_content("f", "first");
}

static void an_unsynced_removal_comes_back(void **state)
{
    test_dir_write(&dir, "root/f", S("old"));
    test_dir_write(&dir, "root/g", S("old"));
    start();
    assert_int_equal(os_file_remove(cx, str_of(at("f")), OS_MISSING_FAILS), ST_OK);
    write_raw("h", "takes the inode of f, were it free");
    drop();
    assert_content("f", "old");
    assert_content("h", NULL);
    start();
    assert_int_equal(os_file_remove(cx, str_of(at("g")), OS_MISSING_FAILS), ST_OK);
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    drop();
    assert_content("g", NULL);
}

static void a_rename_keeps_content_and_needs_its_folder_synced(void **state)
{
    start();
    write_raw("a", "new");
    sync_raw("a");
    assert_int_equal(rename(at("a"), at("b")), 0);
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    assert_int_equal(rename(at("b"), at("c")), 0);
    drop();
    assert_content("b", "new");
    assert_content("c", NULL);
}

static void hard_links_stay_one_file(void **state)
{
    struct os_info a, b;

    start();
    write_raw("a", "x");
    sync_raw("a");
    assert_int_equal(link(at("a"), at("b")), 0);
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    drop();
    assert_int_equal(os_file_info(cx, str_of(at("a")), OS_FOLLOW, &a), ST_OK);
    assert_int_equal(os_file_info(cx, str_of(at("b")), OS_FOLLOW, &b), ST_OK);
    assert_int_equal(a.inode, b.inode);
    assert_content("b", "x");
}

static void a_new_folder_needs_its_parent_synced(void **state)
{
    start();
    assert_int_equal(os_dir_make(cx, str_of(at("d")), 0755), ST_OK);
    write_raw("d/f", "x");
    sync_raw("d/f");
    assert_int_equal(os_dir_sync(cx, str_of(at("d"))), ST_OK);
    drop();
    assert_content("d/f", NULL);
    start();
    assert_int_equal(os_dir_make_all(cx, str_of(at("d/e")), 0700), ST_OK);
    assert_int_equal(os_file_put(cx, str_of(at("d/e/f")), S("x"), OS_NEW, 0600), ST_OK);
    drop();
    assert_content("d/e/f", "x");
    struct os_info info;
    assert_int_equal(os_file_info(cx, str_of(at("d/e")), OS_FOLLOW, &info), ST_OK);
    assert_int_equal(info.mode, 0700);
    assert_int_equal(os_file_info(cx, str_of(at("d/e/f")), OS_FOLLOW, &info), ST_OK);
    assert_int_equal(info.mode, 0600);
}

static void announced_syncs_of_others_count(void **state)
{
    struct os_event file = { .call = OS_SYNC, .fd = -1 };
    struct os_event folder;

    start();
    write_raw("db", "pages");
    file.path   = at("db");
    folder      = file;
    folder.path = at(".");
    assert_int_equal(os_calls_before(&file), 0);
    (void)os_calls_after(&file, 0);
    (void)os_calls_after(&folder, 0);
    drop();
    assert_content("db", "pages");
}

static void a_failed_sync_keeps_nothing(void **state)
{
    struct os_event file = { .call = OS_SYNC, .fd = -1 };

    start();
    write_raw("f", "x");
    assert_int_equal(os_dir_sync(cx, root()), ST_OK);
    file.path = at("f");
    (void)os_calls_after(&file, 5);
    drop();
    assert_content("f", "");
}

static void syncs_outside_the_tree_are_not_noted(void **state)
{
    start();
    assert_int_equal(os_dir_sync(cx, S("/tmp")), ST_OK);
    drop();
}

static void the_shadow_must_be_outside_of_the_tree(void **state)
{
    assert_int_equal(powerloss_start(cx, root(), str_of(at("shadow")), &recorder), ST_INVALID);
    assert_int_equal(powerloss_start(cx, test_dir_path(&dir, "no"), shadow(), &recorder),
                     ST_NOT_FOUND);
}

/* By chance either way, never a mixture within a block, and the same for the same seed. */
static void a_mix_keeps_or_loses_each_unsynced_thing(void **state)
{
    bool lost = false, kept = false;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        str got;

        test_dir_write(&dir, "root/f", S("old"));
        start();
        write_raw("f", "new");
        write_raw("g", "more");
        powerloss_stop(recorder);
        assert_int_equal(powerloss_drop(cx, root(), shadow(), POWERLOSS_MIX, seed), ST_OK);
        assert_int_equal(os_file_read(cx, str_of(at("f")), 100, &got), ST_OK);
        if (str_eq(got, S("new"))) {
            kept = true;
        } else {
            assert_true(str_eq(got, S("old")));
            lost = true;
        }
        ignore(os_file_remove(cx, str_of(at("g")), OS_MISSING_OK), "it may be lost");
    }
    assert_true(lost && kept);
}

/* --- the point of it all: a crash at every write point, then the loss --- */

/* What many programs do: write beside, rename; no sync of file or folder. */
static enum status careless_put(void)
{
    write_raw("temp", "new");
    return rename(at("temp"), at("f")) == 0 ? ST_OK : ST_INTERNAL;
}

static enum status careful_put(void)
{
    return os_file_put(cx, str_of(at("f")), S("new"), OS_REPLACE, 0);
}

/* The content after a crash at point n and a power loss; *acknowledged when the put had ended. */
static str after_crash(enum status (*put)(void), uint64_t n, uint64_t seed, bool *acknowledged)
{
    str got;

    test_dir_write(&dir, "root/f", S("old"));
    start();
    *acknowledged = test_crash_child(put, n, seed % 2 == 1 ? TEST_TORN_WRITE : TEST_WHOLE_WRITES);
    powerloss_stop(recorder);
    assert_int_equal(
        powerloss_drop(cx, root(), shadow(), seed == 0 ? POWERLOSS_DROP : POWERLOSS_MIX, seed),
        ST_OK);
    assert_int_equal(os_file_read(cx, str_of(at("f")), 100, &got), ST_OK);
    return got;
}

static void a_put_without_syncs_is_found_out(void **state)
{
    bool acknowledged;
    str  got = after_crash(careless_put, 1000, 0, &acknowledged);

    assert_true(acknowledged);
    assert_false(str_eq(got, S("new"))); /* acknowledged and lost */
}

static void put_survives_a_crash_at_every_point(void **state)
{
    uint64_t n            = 1;
    bool     acknowledged = false;

    for (; !acknowledged; n++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            str got = after_crash(careful_put, n, seed, &acknowledged);

            if (acknowledged) {
                assert_true(str_eq(got, S("new")));
            } else {
                assert_true(str_eq(got, S("old")) || str_eq(got, S("new")));
            }
        }
        assert_true(n < 50);
    }
    assert_true(n > 5); /* create, write, sync, rename, sync */
}

/* As a program under test is told: by its environment, read once by main. */
static int put_as_told(const char *crash_at)
{
    int   how;
    pid_t child = fork();

    if (child == 0) {
        (void)setenv("WEFT_POWERLOSS_ROOT", arena_cstr(cx->arena, root()), 1);
        (void)setenv("WEFT_POWERLOSS_SHADOW", arena_cstr(cx->arena, shadow()), 1);
        (void)setenv("WEFT_CRASH_AT", crash_at, 1);
        os_testing_start();
        _exit(careful_put() == ST_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    return how;
}

static void a_program_is_told_by_its_environment(void **state)
{
    int how;

    start();
    powerloss_stop(recorder);
    how = put_as_told("2");
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    assert_content("f", NULL);
    how = put_as_told("1000");
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    assert_int_equal(powerloss_drop(cx, root(), shadow(), POWERLOSS_DROP, 0), ST_OK);
    assert_content("f", "new"); /* its syncs were recorded */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(what_was_there_at_the_start_is_durable),
        T(unsynced_files_and_names_are_lost),
        T(a_synced_name_without_synced_content_is_empty),
        T(both_synced_is_kept_as_it_was_at_the_sync),
        T(an_unsynced_removal_comes_back),
        T(a_rename_keeps_content_and_needs_its_folder_synced),
        T(hard_links_stay_one_file),
        T(a_new_folder_needs_its_parent_synced),
        T(announced_syncs_of_others_count),
        T(a_failed_sync_keeps_nothing),
        T(syncs_outside_the_tree_are_not_noted),
        T(the_shadow_must_be_outside_of_the_tree),
        T(a_mix_keeps_or_loses_each_unsynced_thing),
        T(a_put_without_syncs_is_found_out),
        T(put_survives_a_crash_at_every_point),
        T(a_program_is_told_by_its_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
