/*
 * fixture.h - a contract, a table with data in it, and the checks run over it.
 */
#ifndef UNIT_QUALITY_FIXTURE_H
#define UNIT_QUALITY_FIXTURE_H

#include "engine/engine_duckdb.h"
#include "quality/quality.h"
#include "standard/odcs.h"
#include "support/test_ctx.h"

struct fixture {
    struct test_ctx           t;
    struct ctx               *cx;
    struct engine            *engine;
    struct engine_conn       *conn;
    struct quality_functions *functions;
    struct quality_subject    subject;
    struct quality_plan      *plan;
    struct quality_results    results;
};

/* An engine with our functions; fails the test when something is wrong. */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);

/* Creates table `t` from a SELECT and reads its columns into the subject. */
void fixture_data(struct fixture *f, const char *select);

/* Reads the schema object `t`; `body` is the YAML behind "- name: t", indented by four. */
void fixture_contract(struct fixture *f, const char *body);

/* Plans and runs. */
void fixture_run(struct fixture *f);

/* "a.required fail 1, a.unique pass 0, …" without passed type checks and without "t."; arena. */
const char *fixture_summary(struct fixture *f);

/* The result of that id without "t.", or NULL. */
const struct quality_result *fixture_result(struct fixture *f, const char *id);

#endif
