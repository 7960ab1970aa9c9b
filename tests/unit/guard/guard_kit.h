/*
 * guard_kit.h - what the tests of the guard share: a mesh of stand-in tables, and a guard on it.
 */
#ifndef GUARD_KIT_H
#define GUARD_KIT_H

#include "guard/guard.h"

struct kit {
    struct ctx            cx;
    struct err            err;
    struct guard         *guard;
    struct guard_resolver resolver;
    struct diags          findings;
};

/* Opens the guard once per process; every call of kit_reset gives a fresh arena. */
void kit_open(struct kit *kit);
void kit_close(struct kit *kit);
void kit_reset(struct kit *kit);

/* Approves; the findings are in kit->findings, the outcome is returned. */
enum status kit_approve(struct kit *kit, enum guard_use use, str sql, struct guard_approved *out);

/* The first error's rule, or "". */
str kit_rule(const struct kit *kit);

/* A data file of the tests, whole. */
enum { KIT_FILE_MAX = 1 << 20 };
str kit_read(struct ctx *cx, const char *path);

#endif
