/*
 * test_crash.h - work in a child process that is killed at its n-th write point.
 */
#ifndef SUPPORT_TEST_CRASH_H
#define SUPPORT_TEST_CRASH_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os_calls.h"

enum test_tear { TEST_WHOLE_WRITES, TEST_TORN_WRITE };

/*
 * Runs `work` in a child that is killed before its write point `n` (0: never). True when it ended
 * with ST_OK, false when it was killed; anything else stops the test program.
 */
static inline bool test_crash_child(enum status (*work)(void), uint64_t n, enum test_tear tear)
{
    int   how   = 0;
    pid_t child = fork();

    if (child == 0) {
        struct os_crash crash = OS_CRASH(.at = n, .torn = tear == TEST_TORN_WRITE);

        os_calls_push(&crash.calls);
        _exit(work() == ST_OK ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &how, 0) != child) {
        BUG("a child process is needed");
    }
    if (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL) {
        return false;
    }
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0) {
        BUG("the work failed without a crash");
    }
    return true;
}

#endif
