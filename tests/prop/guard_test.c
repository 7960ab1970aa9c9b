/*
 * guard_test.c - properties of the guard over generated queries.
 *
 * A small grammar makes queries over two tables; names are qualified at random, queries nest, common
 * table expressions shadow. Each must be approved and give what the engine gives by itself. The same
 * query with one forbidden piece put in somewhere must be refused. The seed of a failure is printed.
 */
#include "guard/guard.h"

#include "test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "support/test_ctx.h"
#include "support/test_engine.h"

enum { QUERIES = 160, DEPTH_MAX = 4 };

static struct test_engine t;
static struct guard      *guard;

static const struct guard_column columns[] = {
    { .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .name = STR_INIT("name"), .type = STR_INIT("VARCHAR") },
    { .name = STR_INIT("n"), .type = STR_INIT("INTEGER") },
};

static enum status resolve(struct guard_resolver *resolver, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    (void)resolver;
    if (!str_eq(name->catalog, S("d")) ||
        (!str_eq(name->table, S("a")) && !str_eq(name->table, S("b")))) {
        return FAIL(cx, NOT_FOUND, "no such table");
    }
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = name->table,
                                    .columns      = columns,
                                    .column_count = COUNT_OF(columns),
                                    .catalog      = S("d"),
                                    .schema       = S("p"),
                                    .table        = name->table };
    return ST_OK;
}

static struct guard_resolver resolver = { .resolve = resolve };

/* ---- the generator ---- */

struct maker {
    struct test_random random;
    struct buf        *out;
    const char        *poison; /* put in at the next chance, then NULL */
    unsigned           depth;
};

static size_t pick(struct maker *m, size_t below)
{
    return test_random_below(&m->random, below);
}

static void add(struct maker *m, const char *text)
{
    buf_add(m->out, str_of(text));
}

static void add_query(struct maker *m);

/* An expression over the table known as `table` ("" = unqualified), of type BIGINT. */
static void add_number(struct maker *m, const char *table)
{
    static const char *const names[] = { "id", "n" };

    if (m->poison && pick(m, 6) == 0) {
        add(m, m->poison);
        m->poison = NULL;
        return;
    }
    switch (m->depth > DEPTH_MAX ? pick(m, 3) : pick(m, 9)) {
    case 0:
    case 1: buf_printf(m->out, "%s%s", table, names[pick(m, 2)]); return;
    case 2: buf_printf(m->out, "%zu", pick(m, 10)); return;
    case 3:
        add(m, "(");
        add_number(m, table);
        add(m, pick(m, 2) == 0 ? " + " : " - ");
        add_number(m, table);
        add(m, ")");
        return;
    case 4:
        add(m, "coalesce(");
        add_number(m, table);
        add(m, ", 1)");
        return;
    case 5:
        buf_printf(m->out, "CASE WHEN %sid > %zu IS TRUE THEN 1 ELSE ", table, pick(m, 9));
        add_number(m, table);
        add(m, " END");
        return;
    case 6:
        add(m, "length(upper(");
        buf_printf(m->out, "%sname))", table);
        return;
    case 7:
        add(m, "CAST(");
        add_number(m, table);
        add(m, " AS BIGINT)");
        return;
    default:
        add(m, "(SELECT count(*) FROM (");
        m->depth++;
        add_query(m);
        m->depth--;
        add(m, ") AS q)");
        return;
    }
}

/* A condition; the outer table stays reachable from inside. */
static void add_condition(struct maker *m, const char *table)
{
    switch (m->depth > DEPTH_MAX ? 0 : pick(m, 4)) {
    case 0:
        add_number(m, table);
        add(m, " > ");
        add_number(m, table);
        return;
    case 1:
        buf_printf(m->out, "EXISTS (SELECT 1 FROM d.p.b AS inside WHERE inside.id = %sid AND ",
                   table);
        m->depth++;
        add_number(m, "inside.");
        m->depth--;
        add(m, " < 5)");
        return;
    case 2:
        buf_printf(m->out, "%sid IN (SELECT d.p.b.id FROM d.p.b WHERE d.p.b.n >= %zu)", table,
                   pick(m, 5));
        return;
    default:
        buf_printf(m->out, "%sname LIKE 'n%%' AND ", table);
        add_number(m, table);
        add(m, " IS NOT NULL");
        return;
    }
}

/* SELECT of three columns id, name, n from one table, however it is named. */
static void add_query(struct maker *m)
{
    static const struct {
        const char *from, *prefix;
    } sources[] = {
        { "d.p.a", "d.p.a." }, { "d.p.a", "p.a." },        { "d.p.b", "" },   { "d.p.a", "a." },
        { "d.p.b x", "x." },   { "(FROM d.p.a) y", "y." }, { "d.p.b", "b." },
    };
    size_t s       = pick(m, COUNT_OF(sources));
    bool   has_cte = m->depth <= DEPTH_MAX && pick(m, 4) == 0;

    if (has_cte) {
        add(m, "WITH x AS (");
        m->depth++;
        add_query(m);
        m->depth--;
        add(m, ") ");
    }
    const char *prefix = has_cte ? "x." : sources[s].prefix;
    add(m, "SELECT ");
    m->depth++;
    add_number(m, prefix);
    buf_printf(m->out, " AS id, %sname AS name, ", prefix);
    add_number(m, prefix);
    buf_printf(m->out, " AS n FROM %s WHERE ", has_cte ? "x" : sources[s].from);
    add_condition(m, prefix);
    m->depth--;
    if (m->depth <= DEPTH_MAX && pick(m, 6) == 0) {
        add(m, " UNION ALL (");
        m->depth += 2;
        add_query(m);
        m->depth -= 2;
        add(m, ")");
    }
}

static str make(struct ctx *cx, uint64_t seed, const char *poison, bool *is_poisoned)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct maker m                    = { .random = { seed }, .out = &b, .poison = poison };
    str          text;

    add_query(&m);
    *is_poisoned = poison && !m.poison;
    if (buf_take(&b, cx, "query", &text) != ST_OK) {
        BUG("a generated query is too long");
    }
    return text;
}

/* ---- properties ---- */

static enum status approve(struct ctx *cx, str sql, struct guard_approved *out)
{
    struct diags               findings = { 0 };
    const struct guard_request rq       = { .text = { S("query"), sql }, .resolver = &resolver };

    return guard_approve(guard, cx, &rq, &findings, out);
}

static struct ctx fresh(struct err *err)
{
    struct ctx cx = t.cx;

    cx.arena = arena_new("query", (size_t)256 << 20);
    cx.err   = err;
    return cx;
}

/* An order-free digest of names, types and rows. */
static str digest(struct ctx *cx, str sql)
{
    struct engine_schema          schema;
    struct engine_table           rows;
    struct buf b                  CLEANUP(buf_release) = BUF_INIT(1 << 20);
    const struct engine_statement statement            = { .sql = sql };
    uint64_t                      sum                  = 0;

    if (engine_describe(t.conn, cx, sql, &schema) != ST_OK ||
        engine_rows(t.conn, cx, &statement, &rows) != ST_OK) {
        fail_msg("%s: %.*s", cx->err->text, STR_ARG(sql));
    }
    for (size_t r = 0; r < rows.rows; r++) {
        uint64_t row = 1;

        for (size_t c = 0; c < rows.columns; c++) {
            str cell = engine_cell(&rows, r, c);

            row = row * 31 + (cell.ptr ? str_hash(cell, c) : 7);
        }
        sum += row;
    }
    for (size_t c = 0; c < schema.count; c++) {
        buf_printf(&b, "%.*s %.*s,", STR_ARG(schema.columns[c].name),
                   STR_ARG(schema.columns[c].type));
    }
    buf_printf(&b, "%zu rows %llu", rows.rows, (unsigned long long)sum);
    return arena_dup(cx->arena, buf_view(&b));
}

static void generated_queries_give_what_the_engine_gives(void **state)
{
    for (uint64_t seed = 1; seed <= QUERIES; seed++) {
        struct err            err;
        struct ctx            cx = fresh(&err);
        struct guard_approved approved;
        bool                  ignored;
        str                   sql = make(&cx, seed, NULL, &ignored);

        if (approve(&cx, sql, &approved) != ST_OK) {
            fail_msg("seed %llu: %s: %.*s", (unsigned long long)seed, err.text, STR_ARG(sql));
        }
        str plain = digest(&cx, sql), governed = digest(&cx, approved.sql);
        if (!str_eq(plain, governed)) {
            fail_msg("seed %llu: %.*s, governed %.*s: %.*s", (unsigned long long)seed,
                     STR_ARG(plain), STR_ARG(governed), STR_ARG(sql));
        }
        arena_free(cx.arena);
    }
}

/* What was approved is approved again, over the same relations, as the same tree. */
static void approval_is_stable(void **state)
{
    for (uint64_t seed = 1; seed <= QUERIES / 4; seed++) {
        struct err            err;
        struct ctx            cx = fresh(&err);
        struct guard_approved first, second;
        bool                  ignored;
        str                   sql = make(&cx, seed, NULL, &ignored);

        assert_int_equal(approve(&cx, sql, &first), ST_OK);
        assert_int_equal(approve(&cx, sql, &second), ST_OK);
        assert_true(str_eq(first.sql, second.sql));
        assert_int_equal(first.table_count, second.table_count);
        arena_free(cx.arena);
    }
}

static void one_forbidden_piece_anywhere_refuses_the_query(void **state)
{
    static const char *const poisons[] = {
        "nextval('s')",
        "(SELECT max(id) FROM hidden)",
        "getvariable('x')",
        "length(stats(id))",
        "rowid",
        "(SELECT count(*) FROM read_csv('/etc/passwd'))",
        "length(repeat('x', 100000000))",
        "(SELECT count(*) FROM 'x.parquet')",
        "length(current_setting('threads'))",
        "$1",
        "length('a'::mood)",
        "(SELECT count(*) FROM duckdb_settings())",
        "temp.main.abs(1)",
        "(SELECT count(*) FROM d.p.c)",
    };
    size_t put = 0;

    for (uint64_t seed = 1; seed <= QUERIES; seed++) {
        struct err            err;
        struct ctx            cx       = fresh(&err);
        struct guard_approved approved = { 0 };
        bool                  is_poisoned;
        str sql = make(&cx, seed, poisons[seed % COUNT_OF(poisons)], &is_poisoned);

        if (is_poisoned) {
            put++;
            if (approve(&cx, sql, &approved) != ST_INVALID || approved.sql.len > 0) {
                fail_msg("seed %llu: approved: %.*s", (unsigned long long)seed, STR_ARG(sql));
            }
        }
        arena_free(cx.arena);
    }
    assert_true(put > QUERIES / 5);
}

static int open_all(void **state)
{
    (void)test_engine_open(&t, NULL);
    if (guard_open(&t.cx, &guard) != ST_OK ||
        engine_exec(
            t.conn, &t.cx,
            S("ATTACH ':memory:' AS d; CREATE SCHEMA d.p; CREATE TABLE d.p.a AS SELECT i AS id, "
              "'n' || i AS name, (i * 3 % 7)::INTEGER AS n FROM range(12) r(i); CREATE TABLE d.p.b "
              "AS SELECT i AS id, 'm' || i AS name, (i % 5)::INTEGER AS n FROM range(9) r(i)")) !=
            ST_OK) {
        BUG(t.err.text);
    }
    return 0;
}

static int close_all(void **state)
{
    guard_close(guard);
    test_engine_close(&t);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_queries_give_what_the_engine_gives),
        cmocka_unit_test(approval_is_stable),
        cmocka_unit_test(one_forbidden_piece_anywhere_refuses_the_query),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
