/*
 * blob_faulty.h - a decorator that fails on purpose, for tests.
 *
 * It counts every call of the port that can fail; the n-th fails with the wanted status instead of
 * reaching the inner store, or after it did (a put whose answer is lost). Reads of a put's body
 * pass unchanged.
 */
#ifndef BLOB_BLOB_FAULTY_H
#define BLOB_BLOB_FAULTY_H

#include "blob/blob.h"

enum blob_fault_mode { BLOB_FAULT_ONCE, BLOB_FAULT_FOREVER };
enum blob_fault_side { BLOB_FAULT_BEFORE, BLOB_FAULT_AFTER };

struct blob_fault {
    uint64_t             at;   /* number of the call that fails, from 1; 0 = none  */
    enum blob_fault_mode mode; /* FOREVER: that call and all later ones            */
    enum blob_fault_side side;
    enum status          status;   /* ST_OK = ST_UNAVAILABLE                           */
    int64_t              delay_us; /* before every call; ends early on cancel          */
};

/* Decorates `inner`, which is closed with it. Has the caps of `inner`. */
struct blob *blob_faulty_take(struct blob *inner, struct blob_fault fault);

/* Sets another fault and counts from zero again; no call may run meanwhile. */
void blob_faulty_set(struct blob *faulty, struct blob_fault fault);

/* Calls counted so far. */
uint64_t blob_faulty_calls(const struct blob *faulty);

#endif
