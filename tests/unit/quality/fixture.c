/*
 * fixture.c - see fixture.h.
 */
#include "fixture.h"

#include <string.h>

#include "test.h"

static void must(struct fixture *f, enum status st)
{
    if (st != ST_OK)
        fail_msg("%s", f->t.err.text);
}

void fixture_open(struct fixture *f)
{
    struct engine_options options = { .threads = 2 };

    memset(f, 0, sizeof(*f));
    f->cx = test_ctx_init(&f->t, 1);
    must(f, engine_duckdb_open(f->cx, &options, &f->engine));
    must(f, quality_functions_open(f->cx, f->engine, &f->functions));
    must(f, engine_connect(f->engine, f->cx, &f->conn));
    f->subject.table     = S("t");
    f->subject.relation  = S("\"t\"");
    f->subject.functions = f->functions;
}

void fixture_close(struct fixture *f)
{
    engine_disconnect(f->conn);
    engine_close(f->engine);
    quality_functions_close(f->functions);
    test_ctx_release(&f->t);
}

void fixture_data(struct fixture *f, const char *select)
{
    struct engine_schema   schema;
    struct quality_column *columns;

    must(f, engine_exec(f->conn, f->cx,
                        arena_printf(f->cx->arena, "CREATE OR REPLACE TABLE t AS %s", select)));
    must(f, engine_describe(f->conn, f->cx, S("SELECT * FROM t"), &schema));
    columns = arena_array(f->cx->arena, schema.count, sizeof(*columns));
    for (size_t i = 0; i < schema.count; i++)
        columns[i] = (struct quality_column){ schema.columns[i].name, schema.columns[i].type };
    f->subject.columns      = columns;
    f->subject.column_count = schema.count;
}

void fixture_contract(struct fixture *f, const char *body)
{
    struct diags          findings = { 0 };
    struct odcs_contract *contract = NULL;
    struct diag_text      text     = { .name = S("t.odcs.yaml") };

    text.bytes = arena_printf(f->cx->arena,
                              "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\n"
                              "status: active\nschema:\n  - name: t\n%s",
                              body);
    must(f, odcs_read(f->cx, &text, STD_TEXT, &findings, &contract));
    for (size_t i = 0; i < findings.list.count; i++)
        if (findings.list.items[i].severity == DIAG_ERROR)
            print_message("contract, line %u: %.*s\n%.*s\n", findings.list.items[i].pos.line,
                          STR_ARG(findings.list.items[i].message),
                          STR_ARG(findings.list.items[i].line_text));
    assert_non_null(contract);
    assert_int_equal(findings.errors, 0);
    f->subject.object = &contract->schema.items[0];
}

void fixture_run(struct fixture *f)
{
    must(f, quality_plan(f->cx, &f->subject, &f->plan));
    must(f, quality_run(f->cx, f->plan, f->conn, &f->results));
}

static str short_id(str id)
{
    return str_starts(id, S("t.")) ? str_from(id, 2) : id;
}

const char *fixture_summary(struct fixture *f)
{
    struct buf  b = BUF_INIT(1 << 20);
    const char *text;

    for (size_t i = 0; i < f->results.list.count; i++) {
        const struct quality_result *r = &f->results.list.items[i];
        if (str_eq(r->kind, S("type")) && r->outcome == QUALITY_PASS)
            continue;
        if (b.len > 0)
            buf_add(&b, S(", "));
        buf_printf(&b, "%.*s %.*s", STR_ARG(short_id(r->id)),
                   STR_ARG(quality_outcome_name(r->outcome)));
        if (r->has_bad_count && r->outcome != QUALITY_NOT_EVALUATED)
            buf_printf(&b, " %llu", (unsigned long long)r->bad_count);
    }
    text = arena_cstr(f->cx->arena, buf_view(&b));
    buf_release(&b);
    return text;
}

const struct quality_result *fixture_result(struct fixture *f, const char *id)
{
    for (size_t i = 0; i < f->results.list.count; i++)
        if (str_eq(short_id(f->results.list.items[i].id), str_of(id)))
            return &f->results.list.items[i];
    return NULL;
}
