/*
 * blob_file_test.c - what only the file store has: its folder, its temporary files, seal, and what
 * a failing system call leaves behind. tests/crash/blob_test.c has crashes and power loss.
 */
#include "blob/blob_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os_calls.h"
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

static const char *cstr(str s)
{
    return arena_cstr(cx->arena, s);
}

static struct blob *open_store(void)
{
    struct blob *b = NULL;

    if (blob_file_open(cx, at("root/objects"), &b) != ST_OK) {
        fail_msg("%s", dir.err.text);
    }
    return b;
}

static void a_store_makes_its_folder_or_says_why_not(void **state)
{
    struct blob *b = open_store();
    bool         is_there;

    assert_int_equal(os_file_exists(cx, at("root/objects"), &is_there), ST_OK);
    assert_true(is_there);
    blob_close(b);
    test_dir_write(&dir, "file", S("x"));
    assert_int_equal(blob_file_open(cx, at("file"), &b), ST_CONFLICT);
    assert_int_equal(blob_file_open(cx, at("file/below"), &b), ST_CONFLICT);
}

static void links_and_folders_are_no_objects(void **state)
{
    struct blob     *b = open_store();
    struct blob_page page;
    str              got;

    test_dir_write(&dir, "outside", S("secret"));
    assert_int_equal(symlink(cstr(at("outside")), cstr(at("root/objects/link"))), 0);
    assert_int_equal(blob_get(b, cx, S("link"), &got), ST_NOT_FOUND);
    assert_int_equal(blob_put_bytes(b, cx, S("link"), S("x")), ST_CONFLICT);
    assert_int_equal(blob_list(b, cx, S(""), S(""), 0, &page), ST_OK);
    assert_int_equal(page.count, 0);
    blob_close(b);
}

static void old_temporary_files_are_swept_at_open(void **state)
{
    static const char *const old     = "root/objects/.weft-temp/.weft-0123456789abcdef.tmp";
    static const char *const young   = "root/objects/.weft-temp/.weft-1123456789abcdef.tmp";
    static const char *const other   = "root/objects/.weft-temp/notes.txt";
    struct timespec          past[2] = { { 1000000, 0 }, { 1000000, 0 } };
    bool                     is_there;

    test_dir_write(&dir, old, S("x"));
    test_dir_write(&dir, young, S("x"));
    test_dir_write(&dir, other, S("x"));
    assert_int_equal(utimensat(AT_FDCWD, cstr(at(old)), past, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, cstr(at(other)), past, 0), 0);
    blob_close(open_store());
    assert_int_equal(os_file_exists(cx, at(old), &is_there), ST_OK);
    assert_false(is_there);
    assert_int_equal(os_file_exists(cx, at(young), &is_there), ST_OK);
    assert_true(is_there);
    assert_int_equal(os_file_exists(cx, at(other), &is_there), ST_OK);
    assert_true(is_there);
}

static void temporary_files_are_not_among_the_objects(void **state)
{
    struct blob     *b = open_store();
    struct blob_page page;

    assert_int_equal(blob_put_bytes(b, cx, S("t/a"), S("x")), ST_OK);
    test_dir_write(&dir, "root/objects/.weft-temp/.weft-0123456789abcdef.tmp", S("x"));
    assert_int_equal(blob_list(b, cx, S(""), S(""), 0, &page), ST_OK);
    assert_int_equal(page.count, 1);
    blob_close(b);
}

/* Appends a byte to the file of a key whenever a sync is seen: a writer that is still at work. */
struct busy_writer {
    struct os_calls calls;
    const char     *path;
};

static void write_more(struct os_calls *c, const struct os_event *ev, int error)
{
    struct busy_writer *w = container_of(c, struct busy_writer, calls);

    if (ev->call == OS_SYNC && error == 0) {
        int fd = open(w->path, O_WRONLY | O_APPEND);

        assert_int_equal(write(fd, "x", 1), 1);
        (void)close(fd);
    }
}

static void a_file_that_changes_is_not_sealed(void **state)
{
    struct blob       *b       = open_store();
    struct busy_writer w       = { .calls = { .after = write_more } };
    struct blob_sum    sums[2] = { { 77, { { 0 } } } };
    const str          keys[]  = { S("t/a"), S("t/b") };
    str                path;

    assert_int_equal(blob_reserve(b, cx, keys[0], &path), ST_OK);
    assert_int_equal(blob_reserve(b, cx, keys[1], &path), ST_OK);
    test_dir_write(&dir, "root/objects/t/a", S("rows"));
    test_dir_write(&dir, "root/objects/t/b", S("rows"));
    w.path = cstr(path);
    os_calls_push(&w.calls);
    assert_int_equal(blob_seal(b, cx, keys, 2, sums), ST_CONFLICT);
    os_calls_pop(&w.calls);
    assert_true(str_has(err_text(cx->err), S("\"t/b\" was changed while it was sealed")));
    assert_int_equal(sums[0].size, 77);
    assert_int_equal(blob_seal(b, cx, keys, 2, sums), ST_OK);
    assert_int_equal(blob_seal(b, cx, keys, 0, sums), ST_OK);
    blob_close(b);
}

static void seal_syncs_each_folder_once(void **state)
{
    struct blob    *b      = open_store();
    struct os_fault count  = OS_FAULT(.is_only = true, .only = OS_SYNC);
    const str       keys[] = { S("t/p=1/a"), S("t/p=1/b"), S("t/p=2/c") };
    struct blob_sum sums[3];

    for (size_t i = 0; i < 3; i++) {
        str path;

        assert_int_equal(blob_reserve(b, cx, keys[i], &path), ST_OK);
        assert_int_equal(os_file_put(cx, path, keys[i], OS_NEW, 0), ST_OK);
    }
    os_calls_push(&count.calls);
    assert_int_equal(blob_seal(b, cx, keys, 3, sums), ST_OK);
    os_calls_pop(&count.calls);
    /* three files; p=1, p=2, t, the root and the folder that holds it */
    assert_int_equal(count.seen, 3 + 5);
    blob_close(b);
}

static void a_file_that_changes_is_not_put(void **state)
{
    struct blob *b = open_store();
    bool         is_there;

    test_dir_write(&dir, "in", S("12345"));
    struct busy_writer w = { .calls = { .after = write_more }, .path = cstr(at("in")) };
    assert_int_equal(blob_put_bytes(b, cx, S("warm/up"), S("x")), ST_OK);
    os_calls_push(&w.calls); /* making the new folder syncs, so the file grows before it is read */
    assert_int_equal(blob_put_file(b, cx, S("new/in"), at("in"), NULL), ST_CONFLICT);
    os_calls_pop(&w.calls);
    assert_true(str_has(err_text(cx->err), S("was changed while it was read")));
    assert_int_equal(blob_exists(b, cx, S("new/in"), &is_there), ST_OK);
    assert_false(is_there);
    blob_close(b);
}

/* --- faults --- */

static enum status put_in_store(void)
{
    struct blob *b;
    enum status  st;

    TRY(blob_file_open(cx, at("root/objects"), &b));
    st = blob_put_bytes(b, cx, S("t/v1/_manifest.json"), S("content"));
    blob_close(b);
    return st;
}

/* What a put may leave after a failure: nothing, or the whole object. */
static bool object_is_whole(bool *is_there)
{
    struct blob *b = open_store();
    str          got;
    enum status  st = blob_get(b, cx, S("t/v1/_manifest.json"), &got);

    blob_close(b);
    *is_there = st == ST_OK;
    return st == ST_NOT_FOUND || (st == ST_OK && str_eq(got, S("content")));
}

static void every_call_of_a_put_may_fail(void **state)
{
    static const int errors[] = { ENOSPC, EIO, EROFS, EACCES };
    bool             is_there;

    for (size_t e = 0; e < CASES(errors); e++) {
        for (int forever = 0; forever < 2; forever++) {
            for (uint64_t n = 1;; n++) {
                struct os_fault fault =
                    OS_FAULT(.at = n, .error = errors[e], .forever = forever == 1);
                enum status st;

                assert_int_equal(os_dir_remove_all(cx, at("root")), ST_OK);
                os_calls_push(&fault.calls);
                st = put_in_store();
                os_calls_pop(&fault.calls);
                assert_true(object_is_whole(&is_there));
                assert_true(st != ST_OK || is_there);
                assert_true(st == ST_OK || st == ST_UNAVAILABLE || st == ST_DENIED);
                if (fault.seen < n) {
                    assert_int_equal(st, ST_OK);
                    break;
                }
                assert_true(n < 200);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_store_makes_its_folder_or_says_why_not), T(links_and_folders_are_no_objects),
        T(old_temporary_files_are_swept_at_open),    T(temporary_files_are_not_among_the_objects),
        T(a_file_that_changes_is_not_sealed),        T(seal_syncs_each_folder_once),
        T(a_file_that_changes_is_not_put),           T(every_call_of_a_put_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
