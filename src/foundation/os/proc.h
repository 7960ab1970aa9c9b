/*
 * proc.h - this process, its user and terminal, its signals, and other programs.
 *
 * Threads   any thread, except os_signals_install and os_umask_set (main thread, at the start).
 */
#ifndef OS_PROC_H
#define OS_PROC_H

#include "base/ctx.h"
#include "os/file.h"

enum { OS_RUN_ARGS_MAX = 64, OS_RUN_OUTPUT_MAX = 16 << 20 };

uint64_t os_process_id(void);

/* The value of an environment variable; false when it is not set. Lives as long as the process. */
bool os_env_get(str name, str *out);

/* Processors this process may use, at least 1. */
unsigned os_cpu_count(void);

/* The name of this machine, and of the user ("uid 1234" when the system has no name for it). */
str os_host_name(struct ctx *cx);
str os_user_name(struct ctx *cx);

bool os_is_terminal(enum os_std stream);
/* Columns of the terminal; 0 when it is none or does not tell. */
unsigned os_terminal_width(enum os_std stream);

/* Permission bits that new files do not get; returns those before. */
unsigned os_umask_set(unsigned bits);

/*
 * From now on SIGINT, SIGTERM and SIGHUP set os_cancel_flag once (a second one ends the process as
 * usual) unless they were ignored before; SIGPIPE and SIGXFSZ are ignored: a write to a closed pipe
 * gives ST_CANCELLED, one beyond the limit of a file's size ST_LIMIT.
 */
NODISCARD enum status os_signals_install(struct ctx *cx);
const atomic_bool    *os_cancel_flag(void);

/* No core file and no reading of this process by others of the same user: it holds secrets. */
NODISCARD enum status os_core_disable(struct ctx *cx);

/* --- other programs --- */

struct os_command {
    const str *args;       /* args[0] is the program: a path, or a name looked up in PATH       */
    size_t     count;      /* 1..OS_RUN_ARGS_MAX                                                 */
    str        dir;        /* its working directory; empty = ours                                */
    str        input;      /* its standard input                                                 */
    size_t     max_output; /* bytes of standard output; 0 = OS_RUN_OUTPUT_MAX; more is ST_LIMIT  */
    int64_t    timeout_us; /* 0 = the deadline of cx alone                                       */
};

struct os_run_result {
    int exit_code; /* 128 + n when signal n ended it                            */
    str output;    /* standard output                                           */
    str errors;    /* the first OS_RUN_ERRORS_MAX bytes of standard error       */
};

enum { OS_RUN_ERRORS_MAX = 4096 };

/*
 * Runs a program without a shell and waits for its end. A program that runs over its time, over its
 * output or is cancelled is killed with its process group (ST_TIMEOUT, ST_LIMIT, ST_CANCELLED). A
 * program that ends with a code other than 0 is ST_OK: look at exit_code. ST_NOT_FOUND when there
 * is no such program.
 */
NODISCARD enum status os_run(struct ctx *cx, const struct os_command *cmd,
                             struct os_run_result *out);

#endif
