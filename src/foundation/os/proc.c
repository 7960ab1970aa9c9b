/*
 * proc.c - this process: who and where it is, its terminal, its signals.
 */
#include "os/proc.h"

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os_int.h"

enum { ENV_NAME_MAX = 255, USER_BYTES = 4096, HOST_BYTES = 256 };

/* Set by the signal handler, read by every operation: the one thing a handler may touch. */
static atomic_bool cancel_flag;

uint64_t os_process_id(void)
{
    return (uint64_t)getpid();
}

bool os_env_get(str name, str *out)
{
    char        text[ENV_NAME_MAX + 1];
    const char *value;

    if (name.len == 0 || name.len > ENV_NAME_MAX || memchr(name.ptr, '\0', name.len)) {
        return false;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    value          = getenv(text);
    if (!value) {
        return false;
    }
    *out = str_of(value);
    return true;
}

unsigned os_cpu_count(void)
{
    cpu_set_t set;
    int       count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return count > 0 ? (unsigned)count : 1;
}

str os_host_name(struct ctx *cx)
{
    char name[HOST_BYTES] = { 0 };

    if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') {
        return S("localhost");
    }
    return arena_dup(cx->arena, str_of(name));
}

str os_user_name(struct ctx *cx)
{
    char           room[USER_BYTES];
    struct passwd  entry;
    struct passwd *found = NULL;
    uid_t          uid   = geteuid();

    if (getpwuid_r(uid, &entry, room, sizeof room, &found) != 0 || !found) {
        return arena_printf(cx->arena, "uid %lu", (unsigned long)uid);
    }
    return arena_dup(cx->arena, str_of(found->pw_name));
}

bool os_is_terminal(enum os_std stream)
{
    return isatty((int)stream) == 1; /* the enum counts as the descriptors do */
}

unsigned os_terminal_width(enum os_std stream)
{
    struct winsize size;

    if (ioctl((int)stream, TIOCGWINSZ, &size) != 0) {
        return 0;
    }
    return size.ws_col;
}

unsigned os_umask_set(unsigned bits)
{
    return (unsigned)umask((mode_t)bits);
}

static void on_signal(int signal_number)
{
    (void)signal_number;
    atomic_store_explicit(&cancel_flag, true, memory_order_relaxed);
}

/* Who started us may have said that a signal is nothing to us: nohup, a shell's background job. */
static bool cancel_on(int number)
{
    /* SA_RESETHAND: the second Ctrl-C ends a program that does not listen. */
    struct sigaction stop = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    struct sigaction before;

    (void)sigemptyset(&stop.sa_mask);
    return sigaction(number, NULL, &before) == 0 &&
           (before.sa_handler == SIG_IGN || sigaction(number, &stop, NULL) == 0);
}

enum status os_signals_install(struct ctx *cx)
{
    struct sigaction nothing = { .sa_handler = SIG_IGN };

    (void)sigemptyset(&nothing.sa_mask);
    /* A reader that has gone and a file that may not grow are errors of the write. */
    if (!cancel_on(SIGINT) || !cancel_on(SIGTERM) || !cancel_on(SIGHUP) ||
        sigaction(SIGPIPE, &nothing, NULL) != 0 || sigaction(SIGXFSZ, &nothing, NULL) != 0) {
        return FAIL(cx, INTERNAL, "could not install signal handlers: %s", os_reason(errno));
    }
    return ST_OK;
}

const atomic_bool *os_cancel_flag(void)
{
    return &cancel_flag;
}

enum status os_core_disable(struct ctx *cx)
{
    struct rlimit none = { 0, 0 };

    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) != 0) {
        return FAIL(cx, INTERNAL, "could not switch off core files: %s", os_reason(errno));
    }
    return ST_OK;
}
