/*
 * clock.c - the kernel's clocks and random source.
 */
#include "os/clock.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>

enum { SLEEP_SLICE_US = 20000 }; /* how late a cancel may be seen */

static int64_t clock_us(clockid_t id)
{
    struct timespec now;

    if (clock_gettime(id, &now) != 0) {
        BUG("the system has no clock");
    }
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t real_now(const struct env *env)
{
    (void)env;
    return clock_us(CLOCK_REALTIME);
}

static int64_t real_monotonic(const struct env *env)
{
    (void)env;
    return clock_us(CLOCK_MONOTONIC);
}

static void real_random(const struct env *env, void *bytes, size_t len)
{
    char *to = bytes;

    (void)env;
    while (len > 0) {
        ssize_t got = getrandom(to, len, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            BUG("the system has no random source");
        }
        to += got;
        len -= (size_t)got;
    }
}

const struct env *os_env(void)
{
    static const struct env real = {
        .now_us       = real_now,
        .monotonic_us = real_monotonic,
        .random       = real_random,
    };

    return &real;
}

enum status os_sleep(struct ctx *cx, int64_t us)
{
    int64_t until = clock_us(CLOCK_MONOTONIC) + us;

    for (;;) {
        int64_t         left = until - clock_us(CLOCK_MONOTONIC);
        int64_t         most = ctx_left_us(cx) < SLEEP_SLICE_US ? ctx_left_us(cx) : SLEEP_SLICE_US;
        struct timespec ts;

        TRY(ctx_check(cx));
        if (left <= 0) {
            return ST_OK;
        }
        left = left < most ? left : most;
        ts   = (struct timespec){ left / 1000000, left % 1000000 * 1000 };
        (void)nanosleep(&ts, NULL); /* an early end only starts the loop again */
    }
}

int64_t os_cpu_us(void)
{
    return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t os_memory_peak(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}
