/*
 * query_many.c - answers queries on one mesh, one after the other, as `weft query -o arrow` does.
 *
 * usage: query_many MESH SECONDS ROWS
 *
 * A request on standard input is a line "PRINCIPAL<tab>PURPOSE<tab>BYTES" (purpose may be empty) and
 * that many bytes of SQL. An answer on standard output is a line "OUTCOME BYTES" and that many bytes:
 *
 *   rows     an Arrow IPC stream
 *   refused  before a row was read; a line for each finding, "RULE<tab>MESSAGE<tab>HINT"
 *   failed   while rows were read; the message as the reader gets it
 *   limit    a limit of time, memory, rows or bytes was met; the message
 *
 * Each query has SECONDS, ROWS and BYTES of the answer at most.
 */
#include "cli/mesh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow/arrow_ipc.h"
#include "os/clock.h"

enum {
    BYTES       = 256 << 20,
    LINE_ROOM   = 1024,
    SQL_ROOM    = 1 << 20,
    MESH_ARENA  = 1 << 29,
    QUERY_ARENA = 1 << 28,
};

static const char SPACE[] = "512MB";

struct request {
    char *principal, *purpose;
    str   sql;
};

struct limits {
    int64_t  seconds;
    uint64_t rows;
};

/* ---- rows ---- */

static enum status write_out(void *state, struct ctx *cx, str bytes)
{
    buf_add(state, bytes);
    return buf_check(state, cx, "the answer");
}

static enum status copy_batches(struct ctx *cx, struct query_stream *stream,
                                struct arrow_ipc_writer *writer)
{
    for (;;) {
        struct ArrowArray batch = { 0 };
        bool              has_more;
        enum status       st;

        TRY(query_next(cx, stream, &batch, &has_more));
        if (!has_more) {
            return arrow_ipc_finish(writer, cx);
        }
        st = arrow_ipc_write(writer, cx, &batch);
        arrow_array_release(&batch);
        TRY(st);
    }
}

static enum status copy_rows(struct ctx *cx, struct query_stream *stream, struct buf *out)
{
    struct arrow_sink        sink   = { write_out, out };
    struct arrow_ipc_writer *writer = NULL;
    enum status st = arrow_ipc_open(cx, engine_result_arrow(stream->result), sink, &writer);

    if (st == ST_OK) {
        st = copy_batches(cx, stream, writer);
    }
    arrow_ipc_close(writer);
    return st;
}

/* ---- one query ---- */

static void add_findings(struct buf *out, const struct diags *findings)
{
    for (size_t i = 0; i < findings->list.count; i++) {
        const struct diag *d = &findings->list.items[i];

        buf_printf(out, STR_FMT "\t" STR_FMT "\t" STR_FMT "\n", STR_ARG(d->rule),
                   STR_ARG(d->message), STR_ARG(d->hint));
    }
}

static const char *outcome_of(enum status st, const struct diags *findings)
{
    return st == ST_OK                                                ? "rows"
           : findings->errors > 0                                     ? "refused"
           : st == ST_LIMIT || st == ST_TIMEOUT || st == ST_CANCELLED ? "limit"
                                                                      : "failed";
}

static enum status answer(struct ctx *cx, struct cli_mesh *mesh, const struct request *request,
                          uint64_t rows, struct diags *findings, struct buf *out)
{
    struct query_request rq = {
        .sql = request->sql, .name = S("query"), .row_limit = rows, .byte_limit = BYTES
    };
    struct query_env    env = cli_query_env(mesh);
    struct query_stream stream;
    enum status         st;

    TRY(access_reader_named(cx, mesh->access, str_of(request->principal), str_of(request->purpose),
                            &env.reader));
    cx->purpose = str_of(request->purpose);
    TRY(query_open(cx, &env, &rq, findings, &stream));
    st = copy_rows(cx, &stream, out);
    if (st == ST_OK) {
        return query_close(cx, &env, &stream, st);
    }
    ignore(query_close(cx, &env, &stream, st), "the query's own failure is the answer");
    return st;
}

static void answer_and_print(struct ctx *around, struct cli_mesh *mesh,
                             const struct request *request, const struct limits *limits)
{
    struct err   err      = { 0 };
    struct ctx   cx       = *around;
    struct diags findings = { 0 };
    struct buf   out      = BUF_INIT(2 * BYTES);
    enum status  st;

    cx.arena       = arena_new("query", QUERY_ARENA);
    cx.err         = &err;
    cx.deadline_us = cx.env->monotonic_us(cx.env) + limits->seconds * INT64_C(1000000);
    st             = answer(&cx, mesh, request, limits->rows, &findings, &out);
    if (st != ST_OK) {
        buf_reset(&out);
        add_findings(&out, &findings);
        buf_add(&out, err_text(&err));
    }
    printf("%s %zu\n", outcome_of(st, &findings), out.len);
    fwrite(out.ptr, 1, out.len, stdout);
    fflush(stdout);
    buf_release(&out);
    arena_free(cx.arena);
}

/* ---- requests ---- */

/* False at the end of the input, and for what is no request. */
static bool read_request(char *line, char *sql, struct request *out)
{
    char         *tab, *second;
    unsigned long bytes;

    if (!fgets(line, LINE_ROOM, stdin) || !(tab = strchr(line, '\t')) ||
        !(second = strchr(tab + 1, '\t'))) {
        return false;
    }
    *tab    = '\0';
    *second = '\0';
    bytes   = strtoul(second + 1, NULL, 10);
    if (bytes > SQL_ROOM || fread(sql, 1, bytes, stdin) != bytes) {
        return false;
    }
    *out = (struct request){ line, tab + 1, { sql, bytes } };
    return true;
}

static enum status serve(struct ctx *cx, const char *folder, const struct limits *limits)
{
    struct cli      cli  = { .cx = cx };
    struct cli_mesh mesh = { 0 };
    char            line[LINE_ROOM];
    char           *sql = arena_alloc(cx->arena, SQL_ROOM);
    struct request  request;

    cli.args.dir    = str_of(folder);
    cli.args.memory = str_of(SPACE);
    TRY(cli_mesh_open(&cli, CLI_MESH_STORE | CLI_MESH_QUERY | CLI_MESH_ACCESS, &mesh));
    while (read_request(line, sql, &request)) {
        answer_and_print(cx, &mesh, &request, limits);
    }
    cli_mesh_close(&mesh);
    return ST_OK;
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    struct ctx cx  = {
         .arena = arena_new("mesh", MESH_ARENA), .err = &err, .env = os_env(), .actor = S("operator")
    };
    struct limits limits;
    enum status   st;

    if (argc != 4) {
        fputs("usage: query_many MESH SECONDS ROWS\n", stderr);
        return 2;
    }
    limits = (struct limits){ (int64_t)strtol(argv[2], NULL, 10), strtoull(argv[3], NULL, 10) };
    st     = serve(&cx, argv[1], &limits);
    if (st != ST_OK) {
        fprintf(stderr, "query_many: %s\n", err.text);
    }
    arena_free(cx.arena);
    return status_exit_code(st);
}
