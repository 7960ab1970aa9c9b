/*
 * clock.h - the real clock and the real randomness behind base/ctx.h.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include "base/ctx.h"

/* CLOCK_REALTIME, CLOCK_MONOTONIC and the kernel's random source. Any thread. */
const struct env *os_env(void);

/* Sleeps `us`, or until the deadline or cancel of `cx`: then ctx_check's status. */
NODISCARD enum status os_sleep(struct ctx *cx, int64_t us);

/* CPU time of this process so far. */
int64_t os_cpu_us(void);

/* The most memory this process ever had resident, in bytes. */
uint64_t os_memory_peak(void);

#endif
