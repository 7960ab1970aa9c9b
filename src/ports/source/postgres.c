/*
 * postgres.c - connecting, the transaction, and statements whose rows fit into memory.
 *
 * Everything runs on libpq's non-blocking calls; only the name of the host is looked up in one go.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <string.h>

#include "os/secret.h"
#include "source/postgres_int.h"

enum { CONNECT_SECONDS = 30, POLL_MS = 20, ARGS_MAX = 4, CELLS_MAX = 1000000 };

static const char default_port[] = "5432";

struct postgres *postgres_of(struct source *s)
{
    return container_of(s, struct postgres, base);
}

/* ------------------------------------------------------------------------- waiting */

static enum status poll_once(struct postgres *p, struct ctx *cx, short events)
{
    struct pollfd fd = { .fd = PQsocket(p->conn), .events = events };

    if (fd.fd < 0) {
        return postgres_fail(p, cx, NULL);
    }
    ignore(poll(&fd, 1, POLL_MS) < 0 ? ST_UNAVAILABLE : ST_OK,
           "a signal ends it early, and the library sees what is wrong with the socket");
    return ST_OK;
}

enum status postgres_wait(struct postgres *p, struct ctx *cx)
{
    enum status st = ctx_check(cx);

    if (st == ST_OK) {
        st = poll_once(p, cx, POLLIN);
    }
    if (st == ST_OK && !PQconsumeInput(p->conn)) {
        st           = postgres_fail(p, cx, NULL);
        p->is_broken = true;
    }
    if (st == ST_CANCELLED || st == ST_TIMEOUT) {
        postgres_abandon(p);
    }
    return st;
}

void postgres_abandon(struct postgres *p)
{
    PGcancel *cancel = p->is_broken ? NULL : PQgetCancel(p->conn);
    char      unused[256];

    if (cancel) {
        PQcancel(cancel, unused, sizeof unused);
        PQfreeCancel(cancel);
    }
    p->is_broken = true;
}

static enum status check_usable(struct postgres *p, struct ctx *cx)
{
    TRY(ctx_check(cx));
    if (p->is_broken) {
        return FAIL(cx, UNAVAILABLE, "the connection to PostgreSQL at " STR_FMT " is lost",
                    STR_ARG(p->server));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- statements */

enum status postgres_send(struct postgres *p, struct ctx *cx, str sql)
{
    TRY(check_usable(p, cx));
    if (!PQsendQuery(p->conn, arena_cstr(cx->arena, sql))) {
        return postgres_fail(p, cx, NULL);
    }
    return ST_OK;
}

enum status postgres_next_result(struct postgres *p, struct ctx *cx, struct pg_result **out)
{
    while (PQisBusy(p->conn)) {
        TRY(postgres_wait(p, cx));
    }
    *out = PQgetResult(p->conn);
    return ST_OK;
}

/* Copies the rows of a result. */
static enum status copy_rows(struct ctx *cx, const PGresult *result, struct postgres_rows *out)
{
    struct postgres_rows made = { .rows    = (size_t)PQntuples(result),
                                  .columns = (size_t)PQnfields(result) };

    if (made.rows * made.columns > CELLS_MAX) {
        return FAIL(cx, LIMIT, "the server's catalog gave more than %d values", CELLS_MAX);
    }
    made.cells = arena_array(cx->arena, made.rows * made.columns, sizeof *made.cells);
    for (size_t i = 0; i < made.rows * made.columns; i++) {
        int row = (int)(i / made.columns), column = (int)(i % made.columns);

        if (!PQgetisnull(result, row, column)) {
            made.cells[i] = arena_dup(cx->arena, (str){ PQgetvalue(result, row, column),
                                                        (size_t)PQgetlength(result, row, column) });
        }
    }
    *out = made;
    return ST_OK;
}

/* Reads all results of what was sent; the rows are those of the first. */
static enum status collect(struct postgres *p, struct ctx *cx, struct postgres_rows *out)
{
    struct postgres_rows rows  = { 0 };
    enum status          first = ST_OK;
    PGresult            *result;

    for (bool is_first = true;; is_first = false) {
        TRY(postgres_next_result(p, cx, &result));
        if (!result) {
            break;
        }
        if (PQresultStatus(result) != PGRES_TUPLES_OK &&
            PQresultStatus(result) != PGRES_COMMAND_OK) {
            first = postgres_fail(p, cx, result);
        } else if (is_first) {
            first = copy_rows(cx, result, &rows);
        }
        PQclear(result);
    }
    TRY(first);
    *out = rows;
    return ST_OK;
}

enum status postgres_query(struct postgres *p, struct ctx *cx, enum source_sql_id id,
                           const struct postgres_args *args, struct postgres_rows *out)
{
    const char *values[POSTGRES_ARGS_MAX];

    TRY(check_usable(p, cx));
    for (size_t i = 0; i < POSTGRES_ARGS_MAX; i++) {
        str value = args->values[i];

        if (value.len > 0 && memchr(value.ptr, '\0', value.len)) {
            return FAIL(cx, INVALID, "a name with a NUL byte");
        }
        values[i] = arena_cstr(cx->arena, value);
    }
    if (!PQsendQueryParams(p->conn, source_sql[id].text, source_sql[id].params, NULL, values, NULL,
                           NULL, 0)) {
        return postgres_fail(p, cx, NULL);
    }
    return collect(p, cx, out);
}

/* ------------------------------------------------------------------------- opening */

static enum status check_options(struct ctx *cx, const struct source_options *o, str server)
{
    struct {
        const char *what;
        str         value;
    } needed[] = { { "host", o->host }, { "database", o->database }, { "user", o->user } };

    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (needed[i].value.len == 0) {
            return FAIL(cx, INVALID, "a PostgreSQL server needs a %s", needed[i].what);
        }
    }
    for (size_t i = 0; i < o->allowed_server_count; i++) {
        if (str_eq(o->allowed_servers[i], o->host) || str_eq(o->allowed_servers[i], server)) {
            return ST_OK;
        }
    }
    return FAIL(cx, DENIED,
                "server \"" STR_FMT
                "\" is not one this mesh may read; add it to allowed: servers: in "
                "mesh.yaml",
                STR_ARG(server));
}

/* The password is wiped from our copy at once; the library keeps its own until the close. */
static PGconn *connect_start(struct postgres *p, struct ctx *cx, str port)
{
    const struct source_options *o        = &p->base.options;
    str                          secret   = o->password ? secret_reveal(o->password) : STR_NONE;
    char                        *password = arena_alloc(cx->arena, secret.len + 1);
    const char *const            names[]  = {
        "host", "port", "dbname", "user", "client_encoding", "application_name", "password", NULL
    };
    const char *const values[] = { arena_cstr(cx->arena, o->host),
                                   arena_cstr(cx->arena, port),
                                   arena_cstr(cx->arena, o->database),
                                   arena_cstr(cx->arena, o->user),
                                   "UTF8",
                                   "weft",
                                   secret.len > 0 ? password : NULL,
                                   NULL };
    PGconn           *conn;

    if (secret.len > 0) {
        memcpy(password, secret.ptr, secret.len);
    }
    conn = PQconnectStartParams(names, values, 0);
    explicit_bzero(password, secret.len);
    return conn;
}

static void drop_notice(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

/* Drives the connection until it stands; the context's deadline is set by the caller. */
static enum status connect_finish(struct postgres *p, struct ctx *cx)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    if (PQstatus(p->conn) == CONNECTION_BAD) {
        return postgres_fail(p, cx, NULL);
    }
    while (state != PGRES_POLLING_OK) {
        struct pollfd fd = { .fd     = PQsocket(p->conn),
                             .events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT };

        TRY(ctx_check(cx));
        if (poll(&fd, 1, POLL_MS) > 0) {
            state = PQconnectPoll(p->conn);
        }
        if (state == PGRES_POLLING_FAILED) {
            return postgres_fail(p, cx, NULL);
        }
    }
    return ST_OK;
}

static enum status connect_to(struct postgres *p, struct ctx *cx, str port)
{
    struct ctx  bounded = *cx;
    int64_t     now     = cx->env->monotonic_us(cx->env);
    int64_t     limit   = now + CONNECT_SECONDS * INT64_C(1000000);
    enum status st;

    if (bounded.deadline_us == 0 || bounded.deadline_us > limit) {
        bounded.deadline_us = limit;
    }
    p->conn = connect_start(p, cx, port);
    if (!p->conn) {
        BUG("PQconnectStartParams: no memory");
    }
    PQsetNoticeReceiver(p->conn, drop_notice, NULL);
    st = connect_finish(p, &bounded);
    if (st == ST_TIMEOUT && bounded.deadline_us != cx->deadline_us) {
        return FAIL(cx, UNAVAILABLE, "PostgreSQL at " STR_FMT " did not answer within %d seconds",
                    STR_ARG(p->server), CONNECT_SECONDS);
    }
    return st;
}

static enum status begin(struct postgres *p, struct ctx *cx)
{
    int64_t              left_ms = ctx_left_us(cx) / 1000 + 1;
    struct postgres_args none = { 0 }, limit = { { S("0") } };
    struct postgres_rows rows;

    if (left_ms < INT32_MAX) {
        limit.values[0] = arena_printf(cx->arena, "%lld", (long long)left_ms);
    }
    TRY(postgres_query(p, cx, SOURCE_SQL_BEGIN, &none, &rows));
    return postgres_query(p, cx, SOURCE_SQL_SETTINGS, &limit, &rows);
}

static void postgres_close(struct source *s)
{
    struct postgres *p = postgres_of(s);

    if (p->conn) {
        PQfinish(p->conn);
        p->conn = NULL;
    }
}

static const struct source_ops postgres_ops = {
    .kind    = SOURCE_POSTGRES,
    .load    = postgres_load,
    .columns = postgres_columns,
    .keys    = postgres_keys,
    .close   = postgres_close,
};

enum status source_postgres_open(struct ctx *cx, const struct source_options *options,
                                 struct source **out)
{
    struct postgres *p    = ARENA_NEW(cx->arena, struct postgres);
    str              port = options->port.len > 0 ? options->port : str_of(default_port);
    enum status      st;

    p->base   = (struct source){ .ops = &postgres_ops, .options = *options };
    p->server = arena_printf(cx->arena, STR_FMT ":" STR_FMT, STR_ARG(options->host), STR_ARG(port));
    TRY(check_options(cx, options, p->server));
    st = connect_to(p, cx, port);
    if (st == ST_OK) {
        st = begin(p, cx);
    }
    if (st != ST_OK) {
        postgres_close(&p->base);
        return st;
    }
    *out = &p->base;
    return ST_OK;
}
