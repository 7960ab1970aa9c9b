/*
 * proc_test.c - this process and other programs.
 */
#include "os/proc.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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

static void the_process_knows_itself(void **state)
{
    unsigned before = os_umask_set(022);

    assert_int_equal(os_process_id(), (uint64_t)getpid());
    assert_true(os_cpu_count() >= 1);
    assert_true(os_host_name(cx).len > 0);
    assert_true(os_user_name(cx).len > 0);
    assert_int_equal(os_umask_set(before), 022);
    assert_true(os_cpu_us() > 0);
    assert_true(os_memory_peak() > 1U << 20);
}

static void a_file_is_no_terminal(void **state)
{
    int kept = dup(STDERR_FILENO);
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    (void)dup2(fds[1], STDERR_FILENO);
    bool     is_terminal = os_is_terminal(OS_STDERR);
    unsigned width       = os_terminal_width(OS_STDERR);
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
    (void)close(fds[0]);
    (void)close(fds[1]);
    assert_false(is_terminal);
    assert_int_equal(width, 0);
}

static void environment_variables_are_found_by_name(void **state)
{
    str value = S("untouched");

    (void)setenv("WEFT_TEST_VALUE", "one", 1);
    assert_true(os_env_get(S("WEFT_TEST_VALUE"), &value));
    assert_true(str_eq(value, S("one")));
    (void)unsetenv("WEFT_TEST_VALUE");
    assert_false(os_env_get(S("WEFT_TEST_VALUE"), &value));
    assert_false(os_env_get(S(""), &value));
    assert_false(os_env_get((str){ "A\0B", 3 }, &value));
    assert_true(str_eq(value, S("one")));
}

static enum status sh(const char *script, struct os_command cmd, struct os_run_result *out)
{
    const str args[] = { S("sh"), S("-c"), str_of(script) };

    cmd.args  = args;
    cmd.count = 3;
    return os_run(cx, &cmd, out);
}

static void a_program_gives_output_errors_and_code(void **state)
{
    static const struct {
        const char *script, *input, *output, *errors;
        int         code;
    } cases[] = {
        { "echo out; echo err >&2; exit 3", "", "out\n", "err\n", 3 },
        { "cat", "hello", "hello", "", 0 },
        { "cat", "", "", "", 0 },
        { "exit 0", "nobody reads this", "", "", 0 },
        { "kill -9 $$", "", "", "", 137 },
        { "exec >&- 2>&-; sleep 0.05; exit 4", "", "", "", 4 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct os_run_result r;

        assert_int_equal(
            sh(cases[i].script, (struct os_command){ .input = str_of(cases[i].input) }, &r), ST_OK);
        assert_true(str_eq(r.output, str_of(cases[i].output)));
        assert_true(str_eq(r.errors, str_of(cases[i].errors)));
        assert_int_equal(r.exit_code, cases[i].code);
    }
}

static void arguments_are_no_shell_text(void **state)
{
    const str            args[] = { S("printf"), S("%s|"), S("a b"), S("$(id)"), S("'\";") };
    struct os_command    cmd    = { .args = args, .count = 5 };
    struct os_run_result r;

    assert_int_equal(os_run(cx, &cmd, &r), ST_OK);
    assert_true(str_eq(r.output, S("a b|$(id)|'\";|")));
}

static void a_program_runs_where_it_is_told(void **state)
{
    struct os_run_result r;

    assert_int_equal(sh("pwd", (struct os_command){ .dir = dir.path }, &r), ST_OK);
    assert_true(str_eq(str_trim(r.output), dir.path));
    assert_int_equal(sh("pwd", (struct os_command){ .dir = test_dir_path(&dir, "no") }, &r),
                     ST_NOT_FOUND);
}

static void missing_programs_and_bad_commands_are_refused(void **state)
{
    const str            none[] = { S("weft-no-such-program") };
    str                  many[OS_RUN_ARGS_MAX + 1];
    struct os_command    cmd = { .args = none, .count = 1 };
    struct os_run_result r;

    assert_int_equal(os_run(cx, &cmd, &r), ST_NOT_FOUND);
    assert_true(str_has(err_text(cx->err), S("could not run \"weft-no-such-program\"")));
    cmd.count = 0;
    assert_int_equal(os_run(cx, &cmd, &r), ST_INVALID);
    for (size_t i = 0; i < CASES(many); i++) {
        many[i] = S("true");
    }
    cmd = (struct os_command){ .args = many, .count = CASES(many) };
    assert_int_equal(os_run(cx, &cmd, &r), ST_INVALID);
    test_dir_write(&dir, "plain", S("not a program"));
    const str plain[] = { test_dir_path(&dir, "plain") };
    cmd               = (struct os_command){ .args = plain, .count = 1 };
    assert_int_equal(os_run(cx, &cmd, &r), ST_DENIED);
}

static void output_has_a_limit(void **state)
{
    struct os_run_result r;

    assert_int_equal(sh("printf 12345", (struct os_command){ .max_output = 5 }, &r), ST_OK);
    assert_int_equal(sh("printf 123456", (struct os_command){ .max_output = 5 }, &r), ST_LIMIT);
    assert_int_equal(sh("yes", (struct os_command){ .max_output = 1U << 20 }, &r), ST_LIMIT);
    assert_int_equal(sh("yes | head -c 100000 >&2", (struct os_command){ 0 }, &r), ST_OK);
    assert_int_equal(r.errors.len, OS_RUN_ERRORS_MAX);
}

/* The grandchild holds the pipe; it must go with the group, or the test waits for its minute. */
static void a_slow_program_ends_with_its_children(void **state)
{
    atomic_bool          cancel = true;
    struct os_run_result r;
    int64_t              start = cx->env->monotonic_us(cx->env);

    assert_int_equal(sh("sleep 60 & sleep 60", (struct os_command){ .timeout_us = 50000 }, &r),
                     ST_TIMEOUT);
    assert_true(str_has(err_text(cx->err), S("\"sh\" ran longer than 50 ms")));
    cx->deadline_us = cx->env->monotonic_us(cx->env) + 50000;
    assert_int_equal(sh("sleep 60", (struct os_command){ 0 }, &r), ST_TIMEOUT);
    cx->deadline_us = 0;
    cx->cancel      = &cancel;
    assert_int_equal(sh("sleep 60", (struct os_command){ 0 }, &r), ST_CANCELLED);
    cx->cancel = NULL;
    assert_true(cx->env->monotonic_us(cx->env) - start < 20 * 1000000);
}

static void a_background_child_does_not_hold_up_the_result(void **state)
{
    struct os_run_result r;
    int64_t              start = cx->env->monotonic_us(cx->env);

    assert_int_equal(sh("sleep 20 & echo done", (struct os_command){ 0 }, &r), ST_OK);
    assert_true(str_eq(r.output, S("done\n")));
    assert_true(cx->env->monotonic_us(cx->env) - start < 15 * 1000000);
}

static void a_program_gets_none_of_our_files(void **state)
{
    struct os_file      *f;
    struct os_run_result r;

    test_dir_write(&dir, "f", S("x"));
    assert_int_equal(os_file_open(cx, test_dir_path(&dir, "f"), &f), ST_OK);
    assert_int_equal(sh("ls -l /proc/self/fd", (struct os_command){ 0 }, &r), ST_OK);
    assert_false(str_has(r.output, S("weft-test-")));
}

/* In a child: the handler changes this process for good. */
static int signals_in_child(void)
{
    if (os_signals_install(cx) != ST_OK || atomic_load(os_cancel_flag())) {
        return 1;
    }
    (void)raise(SIGTERM);
    if (!atomic_load(os_cancel_flag())) {
        return 2;
    }
    cx->cancel = os_cancel_flag();
    if (ctx_check(cx) != ST_CANCELLED) {
        return 3;
    }
    (void)raise(SIGPIPE); /* ignored */
    (void)raise(SIGTERM); /* the second one ends the process */
    return 4;
}

static void the_first_signal_cancels_and_the_second_ends(void **state)
{
    int   how;
    pid_t child = fork();

    if (child == 0) {
        _exit(signals_in_child());
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
    assert_int_equal(WTERMSIG(how), SIGTERM);
}

static void core_files_are_switched_off(void **state)
{
    int   how;
    pid_t child = fork();

    if (child == 0) {
        _exit(os_core_disable(cx) == ST_OK && prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) == 0 ? 0
                                                                                              : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(the_process_knows_itself),
        T(a_file_is_no_terminal),
        T(environment_variables_are_found_by_name),
        T(a_program_gives_output_errors_and_code),
        T(arguments_are_no_shell_text),
        T(a_program_runs_where_it_is_told),
        T(missing_programs_and_bad_commands_are_refused),
        T(output_has_a_limit),
        T(a_slow_program_ends_with_its_children),
        T(a_background_child_does_not_hold_up_the_result),
        T(a_program_gets_none_of_our_files),
        T(the_first_signal_cancels_and_the_second_ends),
        T(core_files_are_switched_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
