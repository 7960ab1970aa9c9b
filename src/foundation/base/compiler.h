/*
 * compiler.h - the few compiler attributes this program relies on, under names that read well.
 *
 * Works with gcc and clang. Nothing here generates code by itself except CLEANUP.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#define NODISCARD __attribute__((warn_unused_result))
#define NORETURN  __attribute__((noreturn))
/* `nonnull` belongs to it: gcc's -Wformat=2 with UBSan otherwise reports a false "null format". */
#define PRINTF(fmt_index, first_arg)                                                               \
    __attribute__((format(printf, fmt_index, first_arg), nonnull(fmt_index)))
#define CLEANUP(fn)                     __attribute__((cleanup(fn)))
#define UNUSED                          __attribute__((unused))
#define COUNT_OF(a)                     (sizeof(a) / sizeof((a)[0]))

/* The object that embeds `member` at `ptr`; callers check the object's ops first. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Stops the process: an invariant of this program does not hold. Never for bad input. */
NORETURN void bug_stop(const char *file, int line, const char *what);
#define BUG(what) bug_stop(__FILE__, __LINE__, (what))

/* Drops const for the few library calls that ask for a mutable pointer and do not write. */
static inline void *unconst(const void *ptr)
{
    union {
        const void *in;
        void       *out;
    } u = { .in = ptr };
    return u.out;
}

#endif
