/*
 * arrow_dump.c - runs one SELECT in the engine and writes the rows as an Arrow IPC stream to stdout.
 *
 * usage: arrow_dump SQL
 */
#include "arrow/arrow_ipc.h"

#include <stdio.h>

#include "support/test_engine.h"

static enum status write_out(void *state, struct ctx *cx, str bytes)
{
    if (fwrite(bytes.ptr, 1, bytes.len, state) != bytes.len) {
        return FAIL(cx, UNAVAILABLE, "could not write to standard output");
    }
    return ST_OK;
}

static enum status copy_batches(struct ctx *cx, struct engine_result *result,
                                struct arrow_ipc_writer *writer)
{
    struct ArrowArray batch = { 0 };
    bool              more  = true;
    enum status       st    = ST_OK;

    while (st == ST_OK) {
        TRY(engine_result_next(result, cx, &batch, &more));
        if (!more) {
            return arrow_ipc_finish(writer, cx);
        }
        st = arrow_ipc_write(writer, cx, &batch);
        arrow_array_release(&batch);
    }
    return st;
}

static enum status dump(struct ctx *cx, struct engine_conn *conn, const char *sql)
{
    struct engine_statement  statement = { .sql = str_of(sql) };
    struct arrow_sink        sink      = { write_out, stdout };
    struct arrow_ipc_writer *writer    = NULL;
    struct engine_result    *result    = NULL;
    enum status              st;

    TRY(engine_query(conn, cx, &statement, &result));
    st = arrow_ipc_open(cx, engine_result_arrow(result), sink, &writer);
    if (st == ST_OK) {
        st = copy_batches(cx, result, writer);
    }
    arrow_ipc_close(writer);
    engine_result_close(result);
    return st;
}

int main(int argc, char **argv)
{
    struct test_engine t;
    enum status        st;

    if (argc != 2) {
        fputs("usage: arrow_dump SQL\n", stderr);
        return 2;
    }
    test_engine_open(&t, NULL);
    st = dump(&t.cx, t.conn, argv[1]);
    if (st != ST_OK) {
        fprintf(stderr, "%s\n", t.err.text);
    }
    test_engine_close(&t);
    return status_exit_code(st);
}
