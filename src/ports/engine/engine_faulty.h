/*
 * engine_faulty.h - a decorator that fails on purpose, for tests.
 *
 * It counts every call of the port that can fail (connect, exec, query, next, append …) on one
 * engine and all its connections; the n-th fails with the wanted status instead of reaching the
 * inner engine, or after it did (a COMMIT whose answer is lost).
 */
#ifndef ENGINE_ENGINE_FAULTY_H
#define ENGINE_ENGINE_FAULTY_H

#include "engine/engine.h"

enum engine_fault_mode { ENGINE_FAULT_ONCE, ENGINE_FAULT_FOREVER };
enum engine_fault_side { ENGINE_FAULT_BEFORE, ENGINE_FAULT_AFTER };

struct engine_fault {
    uint64_t               at;   /* number of the call that fails, from 1; 0 = none */
    enum engine_fault_mode mode; /* FOREVER: that call and all later ones           */
    enum engine_fault_side side;
    enum status            status;   /* ST_OK = ST_UNAVAILABLE                          */
    int64_t                delay_us; /* before every call; ends early on cancel         */
};

/* Decorates `inner`, which is closed with it. */
struct engine *engine_faulty_take(struct engine *inner, struct engine_fault fault);

/* Sets another fault and counts from zero again; no call may run meanwhile. */
void engine_faulty_set(struct engine *faulty, struct engine_fault fault);

/* Calls counted so far. */
uint64_t engine_faulty_calls(const struct engine *faulty);

#endif
