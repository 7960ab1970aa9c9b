/*
 * quality_test.c - for random tables, contracts and statistics, every planned check finds what a naive
 * query of its own finds.
 *
 * The oracle is one plain SQL query per check, written here without the module. Statistics given to
 * the plan are true but loose: null counts exact or missing, bounds the real ones or wider.
 */
#include "quality/quality.h"

#include <stdlib.h>

#include "base/buf.h"
#include "engine/engine_duckdb.h"
#include "standard/odcs.h"
#include "support/test_ctx.h"
#include "test.h"

enum { ROUNDS = 60 };

struct oracle {
    str id, sql; /* the number of bad rows or keys */
};

struct world {
    struct test_ctx           t;
    struct ctx               *cx;
    struct engine            *engine;
    struct engine_conn       *conn;
    struct quality_functions *functions;
    struct test_random        random;
    struct buf                contract;
    VEC(struct oracle) oracles;
};

static size_t below(struct world *w, size_t n)
{
    return test_random_below(&w->random, n);
}

static str text_of(struct world *w, const char *sql)
{
    struct engine_statement query = { .sql = str_of(sql) };
    struct engine_table     table;

    if (engine_rows(w->conn, w->cx, &query, &table) != ST_OK)
        fail_msg("%s\n%s", w->t.err.text, sql);
    return engine_cell(&table, 0, 0);
}

/* Columns of the random table: what a value is made of, and how its rules are written. */
static const struct column {
    const char *name, *logical, *make; /* SQL over a random r, a spread $n and the row i */
    const char *min_sql, *max_sql;     /* statistics, as text                              */
} columns[] = {
    { "i", "integer", "(r % $n)::INTEGER", "min(i)::VARCHAR", "max(i)::VARCHAR" },
    { "d", "number", "((r % $n) / 4.0)::DECIMAL(9,2)", "min(d)::VARCHAR", "max(d)::VARCHAR" },
    { "f", "number",
      "(CASE r % 17 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE ELSE "
      "(r % $n) / 8.0 END)",
      "max(NULL)", "max(NULL)" },
    { "s", "string",
      "['', 'a', 'Abc', '\xC3\xA4\xC3\xB6', '\xF0\x9F\x98\x80x', 'long text', 'x1']"
      "[(r % $n % 7)::INTEGER + 1]",
      "max(NULL)", "max(NULL)" },
    { "t", "string", "'k' || (r % $n)", "max(NULL)", "max(NULL)" },
    { "c", "integer", "(i + (r % $n) // 1000000)::BIGINT", "min(c)::VARCHAR", "max(c)::VARCHAR" },
    { "y", "date", "(DATE '2020-01-01' + (r % $n)::INTEGER)", "min(y)::VARCHAR",
      "max(y)::VARCHAR" },
};

static void make_table(struct world *w)
{
    struct buf sql  = BUF_INIT(1 << 16);
    size_t     rows = below(w, 4) == 0 ? below(w, 3) : below(w, 300);

    buf_add(&sql, S("CREATE OR REPLACE TABLE t AS SELECT "));
    for (size_t k = 0; k < CASES(columns); k++) {
        size_t spread = 1 + below(w, below(w, 2) ? 5 : 400);
        size_t nulls  = below(w, 3) == 0 ? 1 + below(w, 5) : 1000000007;
        str    make   = str_of(columns[k].make);
        size_t at     = make.len;
        bool   has_n  = str_find(make, S("$n"), &at);
        buf_printf(&sql, "%sCASE WHEN (r // 7) %% %zu = 0 THEN NULL ELSE %.*s", k > 0 ? ", " : "",
                   nulls, STR_ARG(str_sub(make, 0, at)));
        buf_printf(&sql, "%zu%.*s END AS %s", spread, STR_ARG(str_from(make, has_n ? at + 2 : at)),
                   columns[k].name);
    }
    buf_printf(&sql, " FROM (SELECT i, (hash(i + %zu) >> 20)::BIGINT AS r FROM range(%zu) t(i))",
               below(w, 1000000), rows);
    if (engine_exec(w->conn, w->cx, buf_view(&sql)) != ST_OK)
        fail_msg("%s", w->t.err.text);
    buf_release(&sql);
}

static void expect(struct world *w, str id, str sql)
{
    vec_push(w->cx->arena, &w->oracles, (struct oracle){ id, sql });
}

#define TEXT(...) arena_printf(w->cx->arena, __VA_ARGS__)

static void add_keys(struct world *w, const char *c)
{
    if (below(w, 2)) {
        buf_add(&w->contract, S("        required: true\n"));
        expect(w, TEXT("t.%s.required", c), TEXT("SELECT count(*) FROM t WHERE %s IS NULL", c));
    }
    if (below(w, 3) == 0) {
        buf_add(&w->contract, S("        unique: true\n"));
        expect(
            w, TEXT("t.%s.unique", c),
            TEXT("SELECT count(*) FROM (SELECT %s, count(*) AS n FROM t GROUP BY %s) x WHERE n > 1",
                 c, c));
    }
}

/* Bounds with the odd fraction; in the oracle everything is compared as DOUBLE, exact at this size. */
static void add_ranges(struct world *w, const char *c, struct buf *options)
{
    double low = (double)below(w, 40) / 4.0 - 2.0, high = (double)below(w, 400) / 4.0;

    if (below(w, 2)) {
        buf_printf(options, "minimum: %g, ", low);
        expect(w, TEXT("t.%s.minimum", c),
               TEXT("SELECT count(*) FROM t WHERE %s IS NOT NULL AND NOT (%s::DOUBLE >= %g AND NOT "
                    "isnan(%s::DOUBLE))",
                    c, c, low, c));
    }
    if (below(w, 2)) {
        buf_printf(options, "exclusiveMaximum: %g, ", high);
        expect(w, TEXT("t.%s.exclusiveMaximum", c),
               TEXT("SELECT count(*) FROM t WHERE NOT (%s::DOUBLE < %g)", c, high));
    }
    if (below(w, 3) == 0 && c[0] != 'f') {
        buf_add(options, S("multipleOf: 0.5, "));
        expect(
            w, TEXT("t.%s.multipleOf", c),
            TEXT("SELECT count(*) FROM t WHERE (%s * 2)::DOUBLE <> floor((%s * 2)::DOUBLE)", c, c));
    }
}

static void add_dates(struct world *w, const char *c, struct buf *options)
{
    size_t day = below(w, 400);
    str    low = text_of(
        w, arena_cstr(w->cx->arena, TEXT("SELECT (DATE '2020-01-01' + %zu)::VARCHAR", day)));

    buf_printf(options, "minimum: '%.*s', ", STR_ARG(low));
    expect(
        w, TEXT("t.%s.minimum", c),
        TEXT("SELECT count(*) FROM t WHERE datediff('day', DATE '2020-01-01', %s) < %zu", c, day));
}

static void add_texts(struct world *w, const char *c, struct buf *options)
{
    size_t min = below(w, 4), max = below(w, 6);

    buf_printf(options, "minLength: %zu, maxLength: %zu, ", min, max);
    if (min > 0)
        expect(w, TEXT("t.%s.minLength", c),
               TEXT("SELECT count(*) FROM t WHERE len(string_split(%s, '')) < %zu AND %s <> '' OR "
                    "%s = ''",
                    c, min, c, c));
    expect(w, TEXT("t.%s.maxLength", c),
           TEXT("SELECT count(*) FROM t WHERE %s <> '' AND len(string_split(%s, '')) > %zu", c, c,
                max));
    if (below(w, 2)) {
        bool is_slow = below(w, 2) == 0;
        buf_add(options, is_slow ? S("pattern: '^(?=a)', ") : S("pattern: '^a', "));
        expect(w, TEXT("t.%s.pattern", c),
               TEXT("SELECT count(*) FROM t WHERE left(%s, 1) <> 'a'", c));
    }
}

static void add_rules(struct world *w, const char *c)
{
    buf_add(&w->contract, S("        quality:\n          - {metric: nullValues, mustBe: 0}\n"
                            "          - {metric: duplicateValues, mustBe: 0}\n"
                            "          - {metric: missingValues, mustBe: 0, arguments: "
                            "{missingValues: ['1', '', '2020-01-02']}}\n"));
    expect(w, TEXT("t.%s.nullValues", c), TEXT("SELECT count(*) - count(%s) FROM t", c));
    expect(w, TEXT("t.%s.duplicateValues", c),
           TEXT("SELECT count(*) FROM (SELECT %s FROM t GROUP BY %s HAVING count(*) > 1)", c, c));
    expect(w, TEXT("t.%s.missingValues", c),
           TEXT("SELECT count(*) FROM t WHERE %s IS NULL OR replace(%s::VARCHAR, '.00', '') IN "
                "('1', '1.0', '', '2020-01-02')",
                c, c));
}

static void make_contract(struct world *w)
{
    buf_reset(&w->contract);
    w->oracles.count = 0;
    buf_add(&w->contract, S("apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\n"
                            "status: active\nschema:\n  - name: t\n    properties:\n"));
    for (size_t k = 0; k < CASES(columns); k++) {
        const char *c       = columns[k].name;
        struct buf  options = BUF_INIT(4096);
        bool        is_text = str_eq(str_of(columns[k].logical), S("string"));
        buf_printf(&w->contract, "      - name: %s\n        logicalType: %s\n", c,
                   columns[k].logical);
        add_keys(w, c);
        if (is_text)
            add_texts(w, c, &options);
        else if (c[0] == 'y')
            add_dates(w, c, &options);
        else
            add_ranges(w, c, &options);
        buf_printf(&w->contract, "        logicalTypeOptions: {%.*s}\n",
                   STR_ARG(buf_view(&options)));
        if (below(w, 2))
            add_rules(w, c);
        buf_release(&options);
    }
    buf_add(&w->contract, S("    quality:\n      - {metric: duplicateValues, mustBe: 0, arguments: "
                            "{properties: [i, s]}}\n"));
    expect(
        w, S("t.duplicateValues"),
        S("SELECT count(*) FROM (SELECT i, s, count(*) AS n FROM t GROUP BY ALL) x WHERE n > 1"));
}

/* True statistics, sometimes loose, sometimes none. */
static void make_statistics(struct world *w, struct quality_file_stats *file)
{
    struct quality_column_stats *stats = arena_array(w->cx->arena, CASES(columns), sizeof(*stats));
    bool                         is_wide = below(w, 3) == 0;

    assert_true(str_to_u64(text_of(w, "SELECT count(*) FROM t"), &file->row_count));
    for (size_t k = 0; k < CASES(columns); k++) {
        str min =
            text_of(w, arena_cstr(w->cx->arena, TEXT("SELECT %s FROM t", columns[k].min_sql)));
        str max =
            text_of(w, arena_cstr(w->cx->arena, TEXT("SELECT %s FROM t", columns[k].max_sql)));
        stats[k]  = (struct quality_column_stats){ .column         = str_of(columns[k].name),
                                                   .has_null_count = below(w, 4) > 0,
                                                   .has_bounds = min.ptr != NULL && below(w, 4) > 0,
                                                   .may_have_nan = true,
                                                   .min          = min,
                                                   .max          = max };
        str nulls = text_of(w, arena_cstr(w->cx->arena, TEXT("SELECT count(*) - count(%s) FROM t",
                                                             columns[k].name)));
        assert_true(str_to_u64(nulls, &stats[k].null_count));
        if (is_wide && stats[k].has_bounds && columns[k].name[0] != 'y') {
            stats[k].min = S("-1000");
            stats[k].max = S("1000000000");
        }
    }
    file->columns      = stats;
    file->column_count = CASES(columns);
}

static void check_results(struct world *w, const struct quality_results *results, unsigned round)
{
    for (size_t i = 0; i < w->oracles.count; i++) {
        const struct quality_result *found = NULL;
        uint64_t                     wanted;
        str text = text_of(w, arena_cstr(w->cx->arena, w->oracles.items[i].sql));

        assert_true(str_to_u64(text, &wanted));
        for (size_t k = 0; k < results->list.count; k++)
            if (str_eq(results->list.items[k].id, w->oracles.items[i].id))
                found = &results->list.items[k];
        if (found == NULL)
            fail_msg("round %u: no check %.*s", round, STR_ARG(w->oracles.items[i].id));
        bool is_right = found->bad_count == wanted &&
                        found->outcome == (wanted == 0 ? QUALITY_PASS : QUALITY_FAIL);
        if (!is_right && found->how == QUALITY_BY_METADATA && found->outcome == QUALITY_PASS)
            is_right = wanted == 0;
        if (!is_right)
            fail_msg("round %u: %.*s by %.*s: %llu, the oracle says %llu\n%.*s\n%.*s", round,
                     STR_ARG(found->id), STR_ARG(quality_class_name(found->how)),
                     (unsigned long long)found->bad_count, (unsigned long long)wanted,
                     STR_ARG(w->oracles.items[i].sql), STR_ARG(buf_view(&w->contract)));
    }
}

static void run_round(struct world *w, unsigned round)
{
    struct quality_file_stats file    = { 0 };
    struct quality_subject    subject = { .table     = S("t"),
                                          .relation  = S("t"),
                                          .functions = w->functions };
    struct engine_schema      schema;
    struct diags              findings = { 0 };
    struct odcs_contract     *contract = NULL;
    struct quality_plan      *plan;
    struct quality_results    results;

    make_table(w);
    make_contract(w);
    struct diag_text text = { S("contract"), arena_dup(w->cx->arena, buf_view(&w->contract)) };
    assert_int_equal(odcs_read(w->cx, &text, STD_TEXT, &findings, &contract), ST_OK);
    assert_non_null(contract);
    assert_int_equal(engine_describe(w->conn, w->cx, S("SELECT * FROM t"), &schema), ST_OK);
    struct quality_column *list = arena_array(w->cx->arena, schema.count, sizeof(*list));
    for (size_t i = 0; i < schema.count; i++)
        list[i] = (struct quality_column){ schema.columns[i].name, schema.columns[i].type };
    subject.object       = &contract->schema.items[0];
    subject.columns      = list;
    subject.column_count = schema.count;
    if (below(w, 3) > 0) {
        make_statistics(w, &file);
        subject.files      = &file;
        subject.file_count = 1;
    }
    assert_int_equal(quality_plan(w->cx, &subject, &plan), ST_OK);
    assert_int_equal(quality_run(w->cx, plan, w->conn, &results), ST_OK);
    check_results(w, &results, round);
}

static void planned_checks_equal_naive_queries(void **state)
{
    struct world          w       = { .contract = BUF_INIT(1 << 20) };
    struct engine_options options = { .threads = 2 };
    const char           *seed    = getenv("WEFT_SEED");

    w.cx           = test_ctx_init(&w.t, 1);
    w.random.state = seed != NULL ? strtoull(seed, NULL, 10) : 20261123;
    print_message("seed %llu\n", (unsigned long long)w.random.state);
    assert_int_equal(engine_duckdb_open(w.cx, &options, &w.engine), ST_OK);
    assert_int_equal(quality_functions_open(w.cx, w.engine, &w.functions), ST_OK);
    assert_int_equal(engine_connect(w.engine, w.cx, &w.conn), ST_OK);
    for (unsigned round = 0; round < ROUNDS; round++)
        run_round(&w, round);
    engine_disconnect(w.conn);
    engine_close(w.engine);
    quality_functions_close(w.functions);
    buf_release(&w.contract);
    test_ctx_release(&w.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planned_checks_equal_naive_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
