/*
 * test_postgres.h - a real PostgreSQL server that belongs to one test program.
 *
 *     static struct test_postgres pg;
 *     test_postgres_start(&pg, cx);           in the group's setup; stops the program when it fails
 *     test_postgres_sql(&pg, cx, "CREATE TABLE …");
 *     test_postgres_stop(&pg, cx);            in the teardown; it also stops by itself when the
 *                                             program ends in any other way
 *
 * tests/support/pg does the work; scripts call it directly.
 */
#ifndef SUPPORT_TEST_POSTGRES_H
#define SUPPORT_TEST_POSTGRES_H

#include <stdio.h>

#include "os/dir.h"
#include "os/proc.h"

struct test_postgres {
    str dir;                 /* of pg.json          */
    str host, port, sockets; /* TCP; folder of the socket */
};

/* Runs tests/support/pg; its standard output. */
static inline str test_postgres_run(struct test_postgres *pg, struct ctx *cx, const char *verb,
                                    str more, str input)
{
    str               owner = arena_printf(cx->arena, "%llu", (unsigned long long)os_process_id());
    bool              is_start = str_eq(str_of(verb), S("start"));
    str               args[]   = { S(WEFT_TEST_ROOT "/tests/support/pg"), str_of(verb), pg->dir,
                   is_start ? S("--owner") : more, owner };
    struct os_command command  = { .args  = args,
                                   .count = is_start       ? 5
                                            : more.len > 0 ? 4
                                                           : 3,
                                   .input = input };
    struct os_run_result result;

    if (os_run(cx, &command, &result) != ST_OK) {
        BUG(cx->err->text);
    }
    if (result.exit_code != 0) {
        (void)fprintf(stderr, STR_FMT STR_FMT "\n", STR_ARG(result.output), STR_ARG(result.errors));
        BUG("tests/support/pg failed");
    }
    return result.output;
}

static inline void test_postgres_start(struct test_postgres *pg, struct ctx *cx)
{
    str line, parent = S("/tmp");

    (void)os_env_get(S("TMPDIR"), &parent);
    *pg = (struct test_postgres){ 0 };
    if (os_dir_make_temp(cx, parent, S("weft-test-"), &pg->dir) != ST_OK) {
        BUG(cx->err->text);
    }
    line = str_trim(test_postgres_run(pg, cx, "start", S(""), S("")));
    if (!str_cut(&line, ' ', &pg->host) || !str_cut(&line, ' ', &pg->port)) {
        BUG("tests/support/pg start printed no address");
    }
    pg->sockets = line;
}

/* As the superuser, in database "postgres". */
static inline void test_postgres_sql(struct test_postgres *pg, struct ctx *cx, const char *sql)
{
    test_postgres_run(pg, cx, "sql", S("postgres"), str_of(sql));
}

/* The server dies as in a crash; it does not come back. */
static inline void test_postgres_kill(struct test_postgres *pg, struct ctx *cx)
{
    test_postgres_run(pg, cx, "kill", S(""), S(""));
}

static inline void test_postgres_stop(struct test_postgres *pg, struct ctx *cx)
{
    test_postgres_run(pg, cx, "stop", S(""), S(""));
    if (os_dir_remove_all(cx, pg->dir) != ST_OK) {
        BUG(cx->err->text);
    }
}

#endif
