/*
 * postgres_error.c - what the server or the client library says, as our outcomes.
 *
 * By SQLSTATE where there is one; a refused connection has none, then by words and by what the library
 * knows about the password.
 */
#include <libpq-fe.h>

#include "os/secret.h"
#include "source/postgres_int.h"

struct state_row {
    str         begins;
    enum status status;
};

static const struct state_row states[] = {
    { STR_INIT("42501"), ST_DENIED },      /* insufficient_privilege */
    { STR_INIT("28"), ST_DENIED },         /* authorization          */
    { STR_INIT("3D"), ST_NOT_FOUND },      /* database               */
    { STR_INIT("3F"), ST_NOT_FOUND },      /* schema                 */
    { STR_INIT("42P01"), ST_NOT_FOUND },   /* table                  */
    { STR_INIT("42703"), ST_NOT_FOUND },   /* column                 */
    { STR_INIT("57014"), ST_TIMEOUT },     /* statement_timeout      */
    { STR_INIT("55P03"), ST_UNAVAILABLE }, /* lock not available     */
    { STR_INIT("57P"), ST_UNAVAILABLE },   /* shutdown               */
    { STR_INIT("08"), ST_UNAVAILABLE },    /* connection             */
    { STR_INIT("53"), ST_UNAVAILABLE },    /* resources              */
    { STR_INIT("40"), ST_UNAVAILABLE },    /* conflict with recovery */
    { STR_INIT("XX"), ST_UNAVAILABLE },    /* internal, damaged data */
    { STR_INIT(""), ST_INVALID },
};

static enum status status_of_state(str state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        if (str_starts(state, states[i].begins)) {
            return states[i].status;
        }
    }
    return ST_INVALID;
}

static enum status status_of_connect(const PGconn *conn, str text)
{
    static const struct state_row words[] = {
        { STR_INIT("authentication failed"), ST_DENIED },
        { STR_INIT("no pg_hba.conf entry"), ST_DENIED },
        { STR_INIT("no password supplied"), ST_DENIED },
        { STR_INIT("is not permitted to log in"), ST_DENIED },
        { STR_INIT("permission denied"), ST_DENIED },
        { STR_INIT("does not exist"), ST_NOT_FOUND },
    };

    if (PQconnectionNeedsPassword(conn)) {
        return ST_DENIED;
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_has(text, words[i].begins)) {
            return words[i].status;
        }
    }
    return ST_UNAVAILABLE;
}

/* One line without "ERROR: "; never with the password in it. */
static str tidy(struct postgres *p, struct ctx *cx, const char *message)
{
    const struct secret *password = p->base.options.password;
    str                  text = str_trim(str_of(message)), line, made = S("");

    if (password && secret_reveal(password).len > 0 && str_has(text, secret_reveal(password))) {
        return S("(the server's message holds the password)");
    }
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, S("ERROR: ")) || str_starts(line, S("FATAL: "))) {
            line = str_trim(str_from(line, 7));
        }
        made = arena_printf(cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(made),
                            made.len > 0 && line.len > 0 ? "; " : "", STR_ARG(line));
    }
    return made.len > 0 ? made : S("no reason given");
}

enum status postgres_fail(struct postgres *p, struct ctx *cx, const struct pg_result *result)
{
    str         state = result ? str_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)) : S("");
    str         text;
    enum status st;

    if (result && state.len > 0) {
        text = tidy(p, cx, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        st   = status_of_state(state);
    } else {
        text = tidy(p, cx, result ? PQresultErrorMessage(result) : PQerrorMessage(p->conn));
        st   = status_of_connect(p->conn, text);
    }
    if (st == ST_UNAVAILABLE) {
        p->is_broken = true;
    }
    return err_set(cx->err, st, __FILE__, __LINE__, "PostgreSQL at " STR_FMT ": " STR_FMT,
                   STR_ARG(p->server), STR_ARG(text));
}
