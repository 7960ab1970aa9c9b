/*
 * bench_checks.c - the checks of one contract on one Parquet file, without a publish around them.
 *
 * usage: bench_checks CONTRACT FILE
 *
 * Nothing is known of the file but its columns: no statistics, so every rule reads data. Prints how
 * many checks there are and passed, and the time of planning and running, as JSON.
 */
#include <stdio.h>

#include "base/buf.h"
#include "engine/engine_duckdb.h"
#include "guard/guard.h"
#include "os/clock.h"
#include "os/file.h"
#include "quality/quality.h"
#include "standard/odcs.h"

enum { CONTRACT_MAX = 1 << 20, ARENA_MAX = 256 << 20, SQL_MAX = 1 << 16 };

/* The one table is a view of the file in the engine. */
static enum status resolve(struct guard_resolver *resolver, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    (void)resolver;
    (void)cx;
    *out = (struct guard_relation){ .kind    = GUARD_TABLE,
                                    .key     = name->table,
                                    .catalog = S("memory"),
                                    .schema  = S("main"),
                                    .table   = name->table };
    return ST_OK;
}

static enum status make_view(struct ctx *cx, struct engine_conn *conn, str path,
                             struct quality_subject *subject)
{
    struct buf sql         CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    struct engine_schema   schema;
    struct quality_column *columns;
    str                    text;

    buf_printf(&sql, "CREATE VIEW " STR_FMT " AS SELECT * FROM read_parquet(",
               STR_ARG(subject->table));
    engine_quote_text(&sql, path);
    buf_add_char(&sql, ')');
    TRY(buf_take(&sql, cx, "a view", &text));
    TRY(engine_exec(conn, cx, text));
    text = arena_printf(cx->arena, "FROM " STR_FMT, STR_ARG(subject->table));
    TRY(engine_describe(conn, cx, text, &schema));
    columns = arena_array(cx->arena, schema.count, sizeof *columns);
    for (size_t i = 0; i < schema.count; i++) {
        columns[i] = (struct quality_column){ schema.columns[i].name, schema.columns[i].type };
    }
    subject->relation     = subject->table;
    subject->columns      = columns;
    subject->column_count = schema.count;
    return ST_OK;
}

static enum status read_contract(struct ctx *cx, str path, struct odcs_contract **out)
{
    struct diags     findings = { 0 };
    struct diag_text text     = { .name = path };

    TRY(os_file_read(cx, path, CONTRACT_MAX, &text.bytes));
    TRY(odcs_read(cx, &text, STD_TEXT, &findings, out));
    if (*out == NULL || findings.errors > 0 || (*out)->schema.count != 1) {
        return FAIL(cx, INVALID, "the contract has errors");
    }
    return ST_OK;
}

static enum status run(struct ctx *cx, struct engine *engine, struct quality_subject *subject,
                       str path)
{
    struct engine_conn    *conn = NULL;
    struct quality_plan   *plan;
    struct quality_results results = { 0 };
    int64_t                start   = cx->env->monotonic_us(cx->env);
    enum status            st;

    TRY(engine_connect(engine, cx, &conn));
    st = make_view(cx, conn, path, subject);
    if (st == ST_OK) {
        st = quality_plan(cx, subject, &plan);
    }
    if (st == ST_OK) {
        st = quality_run(cx, plan, conn, &results);
    }
    engine_disconnect(conn);
    TRY(st);
    printf("{\"checks\": %zu, \"passed\": %zu, \"statements\": %zu, \"elapsed_us\": %lld}\n",
           results.list.count, results.passed, results.statements,
           (long long)(cx->env->monotonic_us(cx->env) - start));
    for (size_t i = 0; i < results.list.count; i++) {
        const struct quality_result *r = &results.list.items[i];

        if (r->outcome != QUALITY_PASS) {
            fprintf(stderr, STR_FMT ": " STR_FMT "\n", STR_ARG(r->id), STR_ARG(r->message));
        }
    }
    return ST_OK;
}

static enum status measure(struct ctx *cx, str contract_path, str path)
{
    struct guard_resolver     resolver  = { .resolve = resolve };
    struct quality_subject    subject   = { .resolver = &resolver };
    struct engine_options     options   = { .allowed_paths = &path, .allowed_path_count = 1 };
    struct quality_functions *functions = NULL;
    struct odcs_contract     *contract;
    struct engine            *engine = NULL;
    struct guard             *guard  = NULL;
    enum status               st;

    TRY(read_contract(cx, contract_path, &contract));
    TRY(guard_open(cx, &guard));
    st = engine_duckdb_open(cx, &options, &engine);
    if (st == ST_OK) {
        st = quality_functions_open(cx, engine, &functions);
    }
    if (st == ST_OK) {
        subject.object    = &contract->schema.items[0];
        subject.table     = contract->schema.items[0].name.v;
        subject.guard     = guard;
        subject.functions = functions;
        st                = run(cx, engine, &subject, path);
    }
    engine_close(engine);
    quality_functions_close(functions);
    guard_close(guard);
    return st;
}

int main(int argc, char **argv)
{
    struct err  err = { 0 };
    struct ctx  cx  = { .arena = arena_new("bench", ARENA_MAX), .err = &err, .env = os_env() };
    enum status st;

    if (argc != 3) {
        fputs("usage: bench_checks CONTRACT FILE\n", stderr);
        return 2;
    }
    st = measure(&cx, str_of(argv[1]), str_of(argv[2]));
    if (st != ST_OK) {
        fprintf(stderr, "bench_checks: " STR_FMT "\n", STR_ARG(err_text(&err)));
    }
    arena_free(cx.arena);
    return st == ST_OK ? 0 : 1;
}
