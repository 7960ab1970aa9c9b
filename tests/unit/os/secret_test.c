/*
 * secret_test.c - secrets are taken only from safe places and cannot be seen.
 */
#include "os/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static str secret_file(str content, unsigned mode)
{
    str path = test_dir_path(&dir, "secret");

    assert_int_equal(os_file_put(cx, path, content, OS_REPLACE, mode), ST_OK);
    assert_int_equal(chmod(arena_cstr(cx->arena, path), (mode_t)mode), 0);
    return path;
}

static void a_secret_holds_its_bytes_until_it_is_wiped(void **state)
{
    struct secret *a     = secret_make(cx->arena, S("hunter2"));
    struct secret *b     = secret_make(cx->arena, S("hunter2"));
    struct secret *other = secret_make(cx->arena, S("hunter3"));
    struct secret *empty = secret_make(cx->arena, S(""));

    assert_true(str_eq(secret_reveal(a), S("hunter2")));
    assert_true(secret_eq(a, b));
    assert_false(secret_eq(a, other));
    assert_false(secret_eq(a, empty));
    assert_int_equal(secret_reveal(empty).len, 0);
    const char *bytes = secret_reveal(a).ptr;
    secret_wipe(a);
    assert_int_equal(secret_reveal(a).len, 0);
    assert_int_equal(bytes[0], 0);
}

/* "dd" in /proc/self/smaps is the kernel's word for memory left out of core files. */
static void a_secret_is_left_out_of_core_files(void **state)
{
    struct secret *s = secret_make(cx->arena, S("hunter2"));
    char           start[32];
    char           line[512];
    bool           is_in = false, is_excluded = false;
    FILE          *maps = fopen("/proc/self/smaps", "r");

    (void)snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)secret_reveal(s).ptr);
    while (fgets(line, sizeof line, maps)) {
        if (strncmp(line, start, strlen(start)) == 0) {
            is_in = true;
        } else if (is_in && strncmp(line, "VmFlags:", 8) == 0) {
            is_excluded = strstr(line, " dd") != NULL;
            break;
        }
    }
    (void)fclose(maps);
    assert_true(is_in);
    assert_true(is_excluded);
}

static void a_file_must_be_private(void **state)
{
    static const struct {
        unsigned    mode;
        enum status want;
    } cases[] = {
        { 0600, ST_OK },     { 0400, ST_OK },     { 0700, ST_OK },     { 0640, ST_DENIED },
        { 0644, ST_DENIED }, { 0606, ST_DENIED }, { 0601, ST_DENIED },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        str            path = secret_file(S("hunter2\n"), cases[i].mode);
        struct secret *s;

        assert_int_equal(secret_from_file(cx, path, &s), cases[i].want);
        if (cases[i].want == ST_OK) {
            assert_true(str_eq(secret_reveal(s), S("hunter2")));
        } else {
            assert_true(str_has(err_text(cx->err), S("run \"chmod 600 ")));
            assert_false(str_has(err_text(cx->err), S("hunter2")));
        }
    }
}

static void a_file_of_another_user_is_refused(void **state)
{
    str            path = secret_file(S("hunter2"), 0600);
    struct secret *s;

    if (chown(arena_cstr(cx->arena, path), 12345, (gid_t)-1) != 0) {
        skip(); /* only root can give files away */
    }
    assert_int_equal(secret_from_file(cx, path, &s), ST_DENIED);
    assert_true(str_has(err_text(cx->err), S("belongs to another user")));
}

static void one_line_end_is_not_part_of_the_secret(void **state)
{
    static const struct {
        str         content;
        str         want;
        enum status status;
    } cases[] = {
        { STR_INIT("a\n"), STR_INIT("a"), ST_OK },     { STR_INIT("a\r\n"), STR_INIT("a"), ST_OK },
        { STR_INIT("a\n\n"), STR_INIT("a\n"), ST_OK }, { STR_INIT(" a "), STR_INIT(" a "), ST_OK },
        { STR_INIT("a\0b"), STR_INIT("a\0b"), ST_OK }, { STR_INIT("\n"), STR_INIT(""), ST_INVALID },
        { STR_INIT(""), STR_INIT(""), ST_INVALID },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct secret *s;

        assert_int_equal(secret_from_file(cx, secret_file(cases[i].content, 0600), &s),
                         cases[i].status);
        if (cases[i].status == ST_OK) {
            assert_true(str_eq(secret_reveal(s), cases[i].want));
        }
    }
}

static void files_have_a_limit_and_must_be_files(void **state)
{
    char          *bytes = arena_alloc(cx->arena, SECRET_MAX + 1);
    struct secret *s;

    memset(bytes, 'x', SECRET_MAX + 1);
    assert_int_equal(secret_from_file(cx, secret_file((str){ bytes, SECRET_MAX }, 0600), &s),
                     ST_OK);
    assert_int_equal(secret_reveal(s).len, SECRET_MAX);
    assert_int_equal(secret_from_file(cx, secret_file((str){ bytes, SECRET_MAX + 1 }, 0600), &s),
                     ST_LIMIT);
    assert_int_equal(secret_from_file(cx, dir.path, &s), ST_INVALID);
    assert_int_equal(secret_from_file(cx, test_dir_path(&dir, "none"), &s), ST_NOT_FOUND);
}

static void environment_variables_are_named_when_missing(void **state)
{
    struct secret *s;

    (void)setenv("WEFT_TEST_SECRET", "hunter2", 1);
    assert_int_equal(secret_from_env(cx, S("WEFT_TEST_SECRET"), &s), ST_OK);
    assert_true(str_eq(secret_reveal(s), S("hunter2")));
    (void)setenv("WEFT_TEST_SECRET", "", 1);
    assert_int_equal(secret_from_env(cx, S("WEFT_TEST_SECRET"), &s), ST_INVALID);
    (void)unsetenv("WEFT_TEST_SECRET");
    assert_int_equal(secret_from_env(cx, S("WEFT_TEST_SECRET"), &s), ST_NOT_FOUND);
    assert_true(str_has(err_text(cx->err), S("\"WEFT_TEST_SECRET\"")));
}

static enum status from_script(const char *script, struct secret **out)
{
    const str args[] = { S("sh"), S("-c"), str_of(script) };

    return secret_from_command(cx, args, 3, out);
}

static void a_command_gives_its_output_and_shows_nothing(void **state)
{
    struct secret *s;

    assert_int_equal(from_script("echo hunter2", &s), ST_OK);
    assert_true(str_eq(secret_reveal(s), S("hunter2")));
    assert_int_equal(from_script("echo hunter2 >&2; echo hunter2; exit 2", &s), ST_UNAVAILABLE);
    assert_true(str_has(err_text(cx->err), S("ended with code 2")));
    assert_false(str_has(err_text(cx->err), S("hunter2")));
    assert_int_equal(from_script("true", &s), ST_INVALID);
    assert_int_equal(from_script("yes", &s), ST_LIMIT);
    assert_int_equal(secret_from_command(cx, NULL, 0, &s), ST_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_secret_holds_its_bytes_until_it_is_wiped),
        T(a_secret_is_left_out_of_core_files),
        T(a_file_must_be_private),
        T(a_file_of_another_user_is_refused),
        T(one_line_end_is_not_part_of_the_secret),
        T(files_have_a_limit_and_must_be_files),
        T(environment_variables_are_named_when_missing),
        T(a_command_gives_its_output_and_shows_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
