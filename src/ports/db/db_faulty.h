/*
 * db_faulty.h - a decorator of the metadata store that fails on purpose, for tests.
 *
 * It counts every call of the port that can fail (begin, commit, run, query, next, script, copy, check,
 * reopen); the n-th fails with the wanted status instead of reaching the inner store, or after it
 * did. A failed commit is an unclear one: BEFORE it did not happen, AFTER it did, and the caller
 * cannot tell but by db_reopen and looking.
 */
#ifndef DB_DB_FAULTY_H
#define DB_DB_FAULTY_H

#include "db/db.h"

enum db_fault_mode { DB_FAULT_ONCE, DB_FAULT_FOREVER };
enum db_fault_side { DB_FAULT_BEFORE, DB_FAULT_AFTER };
enum db_fault_only { DB_FAULT_ANY, DB_FAULT_COMMITS };

struct db_fault {
    uint64_t           at;   /* number of the call that fails, from 1; 0 = none    */
    enum db_fault_mode mode; /* FOREVER: that call and all later ones              */
    enum db_fault_side side;
    uint64_t          *count;  /* counts here, over several stores; NULL = own    */
    enum db_fault_only only;   /* COMMITS: `at` counts commits alone                 */
    enum status        status; /* ST_OK = ST_UNAVAILABLE                             */
};

/* Decorates `inner`, which no transaction may be open on and which is closed with it. */
struct db *db_faulty_take(struct db *inner, struct db_fault fault);

/* Sets another fault and counts from zero again. */
void db_faulty_set(struct db *faulty, struct db_fault fault);

/* Calls counted so far (of the kind `only` says). */
uint64_t db_faulty_calls(const struct db *faulty);

#endif
