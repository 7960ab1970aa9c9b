/*
 * run.c - other programs: started without a shell, fed from memory, read until they end.
 */
#include "os/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/os_calls.h"
#include "os/os_int.h"

enum {
    NO_FD       = -1,
    POLL_MS     = 20, /* how late a cancel may be seen */
    PIECE       = 64 << 10,
    SIGNAL_BASE = 128, /* exit codes of programs that a signal ended, as shells say them */
};

struct run {
    const char *name; /* args[0], for messages */
    pid_t       pid;
    int         watch; /* a pidfd: readable when the program has ended */
    int         output, errors;
};

struct pipes {
    int input;
    int output[2], errors[2];
};

static void close_pipes(struct pipes *p)
{
    sys_close(p->input);
    for (int i = 0; i < 2; i++) {
        sys_close(p->output[i]);
        sys_close(p->errors[i]);
    }
}

/* Standard input comes from memory, so that nobody waits for a program that does not read it. */
static int open_input(str input, int *fd)
{
    int error;

    if (input.len == 0) {
        return sys_open("/dev/null", O_RDONLY, 0, fd);
    }
    *fd = memfd_create("input", MFD_CLOEXEC);
    if (*fd < 0) {
        return errno;
    }
    error = sys_write_all(*fd, input.ptr, input.len);
    return error != 0 ? error : lseek(*fd, 0, SEEK_SET) == 0 ? 0 : errno;
}

static int open_pipes(str input, struct pipes *p)
{
    int error = open_input(input, &p->input);

    if (error != 0) {
        return error;
    }
    if (pipe2(p->output, O_CLOEXEC) != 0 || pipe2(p->errors, O_CLOEXEC) != 0) {
        return errno;
    }
    /* Only our ends: the program's must behave as usual. */
    if (fcntl(p->output[0], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(p->errors[0], F_SETFL, O_NONBLOCK) != 0) {
        return errno;
    }
    return 0;
}

/* A process group of its own, so that it can be killed with its children; default signals. */
static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, defaults;
    int      error;

    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGINT);
    (void)sigaddset(&defaults, SIGTERM);
    (void)sigaddset(&defaults, SIGPIPE);
    error = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF);
    error = error != 0 ? error : posix_spawnattr_setpgroup(attr, 0);
    error = error != 0 ? error : posix_spawnattr_setsigmask(attr, &none);
    return error != 0 ? error : posix_spawnattr_setsigdefault(attr, &defaults);
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct pipes *p, const char *dir)
{
    int error = posix_spawn_file_actions_adddup2(actions, p->input, STDIN_FILENO);

    error =
        error != 0 ? error : posix_spawn_file_actions_adddup2(actions, p->output[1], STDOUT_FILENO);
    error =
        error != 0 ? error : posix_spawn_file_actions_adddup2(actions, p->errors[1], STDERR_FILENO);
    if (error == 0 && dir) {
        error = posix_spawn_file_actions_addchdir_np(actions, dir);
    }
    return error;
}

static int spawn(char *const *args, const struct pipes *p, const char *dir, pid_t *pid)
{
    posix_spawnattr_t          attr;
    posix_spawn_file_actions_t actions;
    int                        error = sys_announce(OS_SPAWN);

    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attr);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        (void)posix_spawnattr_destroy(&attr);
        return error;
    }
    error = set_attributes(&attr);
    error = error != 0 ? error : set_actions(&actions, p, dir);
    error = error != 0 ? error : posix_spawnp(pid, args[0], &actions, &attr, args, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attr);
    return error;
}

/* Reads what is there; the pipe is closed and *fd forgotten at its end. */
static int drain(int *fd, struct buf *to, size_t keep)
{
    while (*fd != NO_FD) {
        char   rest[512];
        size_t left  = keep > to->len ? keep - to->len : 0;
        size_t want  = left < PIECE ? left : PIECE;
        char  *room  = want > 0 ? buf_reserve(to, want) : rest;
        size_t got   = 0;
        int    error = room ? sys_read(*fd, room, want > 0 ? want : sizeof rest, &got) : ENOBUFS;

        if (error == EAGAIN) {
            return 0;
        }
        if (error != 0) {
            return error;
        }
        if (got == 0) {
            sys_close(*fd);
            *fd = NO_FD;
        } else if (want > 0) {
            buf_commit(to, got);
        } else if (to->max == keep) {
            return ENOBUFS; /* output has a limit; of errors the rest is thrown away */
        }
    }
    return 0;
}

static enum status check_time(struct ctx *cx, const struct run *r, const struct os_command *cmd,
                              int64_t started_us)
{
    TRY(ctx_check(cx));
    if (cmd->timeout_us > 0 && cx->env->monotonic_us(cx->env) - started_us > cmd->timeout_us) {
        return FAIL(cx, TIMEOUT, "\"%s\" ran longer than %lld ms and was ended", r->name,
                    (long long)(cmd->timeout_us / 1000));
    }
    return ST_OK;
}

/* Collects both streams until the program has ended or must end. */
static enum status collect(struct ctx *cx, struct run *r, const struct os_command *cmd,
                           struct buf *output, struct buf *errors)
{
    int64_t started_us = cx->env->monotonic_us(cx->env);
    bool    has_ended  = false;

    while (!has_ended) {
        struct pollfd fds[] = { { r->watch, POLLIN, 0 },
                                { r->output, POLLIN, 0 },
                                { r->errors, POLLIN, 0 } };
        int           error;

        TRY(check_time(cx, r, cmd, started_us));
        if (poll(fds, COUNT_OF(fds), POLL_MS) < 0 && errno != EINTR) {
            return OS_FAIL(cx, "wait for", str_of(r->name), errno);
        }
        /* Before reading: when it has ended, all that it wrote is there. */
        has_ended = (fds[0].revents & POLLIN) != 0;
        error     = drain(&r->output, output, output->max);
        if (error == ENOBUFS) {
            return FAIL(cx, LIMIT, "\"%s\" wrote more than %zu bytes and was ended", r->name,
                        output->max);
        }
        error = error != 0 ? error : drain(&r->errors, errors, OS_RUN_ERRORS_MAX);
        if (error != 0) {
            return OS_FAIL(cx, "read the output of", str_of(r->name), error);
        }
    }
    return ST_OK;
}

static int wait_for(pid_t pid)
{
    int   wait_status = 0;
    pid_t got;

    do {
        got = waitpid(pid, &wait_status, 0);
    } while (got < 0 && errno == EINTR);
    if (WIFSIGNALED(wait_status)) {
        return SIGNAL_BASE + WTERMSIG(wait_status);
    }
    return WEXITSTATUS(wait_status);
}

static char **cstr_args(struct ctx *cx, const struct os_command *cmd)
{
    char **args = arena_array(cx->arena, cmd->count + 1, sizeof *args);

    for (size_t i = 0; i < cmd->count; i++) {
        args[i] = arena_cstr(cx->arena, cmd->args[i]);
    }
    return args;
}

static enum status start(struct ctx *cx, const struct os_command *cmd, struct run *out)
{
    struct pipes p    = { NO_FD, { NO_FD, NO_FD }, { NO_FD, NO_FD } };
    const char  *dir  = cmd->dir.len > 0 ? arena_cstr(cx->arena, cmd->dir) : NULL;
    char       **args = cstr_args(cx, cmd);
    pid_t        pid  = 0;
    int          error;

    error = open_pipes(cmd->input, &p);
    error = error != 0 ? error : spawn(args, &p, dir, &pid);
    if (error == 0) {
        *out        = (struct run){ args[0], pid, pidfd_open(pid, 0), p.output[0], p.errors[0] };
        p.output[0] = p.errors[0] = NO_FD;
    }
    close_pipes(&p);
    return error == 0 ? ST_OK : OS_FAIL(cx, "run", cmd->args[0], error);
}

enum status run_capture(struct ctx *cx, const struct os_command *cmd, struct buf *output,
                        struct buf *errors, int *exit_code)
{
    struct run  r;
    enum status st;
    int         code;

    if (cmd->count == 0 || cmd->count > OS_RUN_ARGS_MAX) {
        return FAIL(cx, INVALID, "a command has %zu words; 1 to %d are allowed", cmd->count,
                    OS_RUN_ARGS_MAX);
    }
    TRY(ctx_check(cx));
    TRY(start(cx, cmd, &r));
    st = collect(cx, &r, cmd, output, errors);
    if (st != ST_OK) {
        (void)kill(-r.pid, SIGKILL);
    }
    code = wait_for(r.pid);
    sys_close(r.watch);
    sys_close(r.output);
    sys_close(r.errors);
    TRY(st);
    *exit_code = code;
    return ST_OK;
}

enum status os_run(struct ctx *cx, const struct os_command *cmd, struct os_run_result *out)
{
    CLEANUP(buf_release)
    struct buf output = BUF_INIT(cmd->max_output > 0 ? cmd->max_output : OS_RUN_OUTPUT_MAX);
    CLEANUP(buf_release) struct buf errors = BUF_INIT(OS_RUN_ERRORS_MAX + 1);
    struct os_run_result            result = { 0 };

    TRY(run_capture(cx, cmd, &output, &errors, &result.exit_code));
    TRY(buf_take(&output, cx, "output of a program", &result.output));
    TRY(buf_take(&errors, cx, "errors of a program", &result.errors));
    *out = result;
    return ST_OK;
}
