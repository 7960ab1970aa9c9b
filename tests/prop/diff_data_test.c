/*
 * diff_data_test.c - a difference is breaking exactly where rows that kept the old contract break the new one.
 *
 * 500 pairs of generated contracts. The judge is the engine, through the checks that quality derives from
 * each contract: values of a pool that is denser and wider than all bounds, each in a row of its own; small
 * tables for keys; tables with k odd values among ten rows for quality rules. The seed is printed (WEFT_SEED).
 */
#include "contract/diff.h"

#include "test.h"

#include <stdlib.h>

#include "codec/yaml.h"
#include "contract/coltype.h"
#include "engine/engine_duckdb.h"
#include "quality/quality.h"
#include "support/test_ctx.h"

enum { VALUE_PAIRS = 360, KEY_PAIRS = 70, RULE_PAIRS = 70, WORDS = 10, TEXT_MAX = 1 << 16 };

struct world {
    struct engine            *engine;
    struct engine_conn       *conn;
    struct quality_functions *functions;
    struct test_ctx           t;
    struct ctx               *cx;
    uint64_t                  seed;
    size_t                    breaking, harmless;
    bool                      was_kept; /* some table kept the old contract */
};

static size_t below(struct world *w, size_t n)
{
    return test_random_below(&w->t.random, n);
}

static bool one_in(struct world *w, size_t n)
{
    return below(w, n) == 0;
}

static void exec(struct world *w, str sql)
{
    if (engine_exec(w->conn, w->cx, sql) != ST_OK) {
        fail_msg("%s\n" STR_FMT, w->t.err.text, STR_ARG(sql));
    }
}

static struct engine_table rows_of(struct world *w, str sql)
{
    struct engine_statement query = { .sql = sql };
    struct engine_table     table;

    if (engine_rows(w->conn, w->cx, &query, &table) != ST_OK) {
        fail_msg("%s\n" STR_FMT, w->t.err.text, STR_ARG(sql));
    }
    return table;
}

/* ---- contracts and their difference ---- */

static const struct odcs_contract *read_contract(struct world *w, str properties, str rules)
{
    struct odcs_contract *made  = NULL;
    struct diags          diags = { 0 };
    struct diag_text      text  = { .name = S("c") };

    text.bytes =
        arena_printf(w->cx->arena,
                     "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\n"
                     "status: active\nschema:\n  - name: t\n    properties:\n" STR_FMT STR_FMT,
                     STR_ARG(properties), STR_ARG(rules));
    if (odcs_read(w->cx, &text, STD_STRICT, &diags, &made) != ST_OK || diags.errors || !made) {
        fail_msg("seed %llu: " STR_FMT "\n" STR_FMT, (unsigned long long)w->seed,
                 STR_ARG(diags.list.count ? diags.list.items[0].message : S("-")),
                 STR_ARG(text.bytes));
    }
    return made;
}

static struct difference difference_of(struct world *w, const struct odcs_contract *a,
                                       const struct odcs_contract *b)
{
    struct difference d;

    assert_int_equal(diff_trees(w->cx, DIFF_CONTRACT, a->root, b->root, &d), ST_OK);
    return d;
}

/* The diff's word against what the rows say. */
static void agree(struct world *w, const struct difference *d, bool breaks, str a, str b,
                  str witness)
{
    bool says = false;

    for (size_t i = 0; i < d->list.count; i++) {
        const struct diff_change *c = &d->list.items[i];

        if (c->effect == DIFF_UNKNOWN) {
            fail_msg("seed %llu: unknown " STR_FMT, (unsigned long long)w->seed,
                     STR_ARG(diff_sentence(w->cx, c)));
        }
        says = says || c->impact == DIFF_MAJOR;
    }
    if (says != breaks) {
        fail_msg("seed %llu: the diff says %s, rows say %s (" STR_FMT ")\n" STR_FMT "\n" STR_FMT
                 "\n" STR_FMT,
                 (unsigned long long)w->seed, says ? "breaking" : "harmless",
                 breaks ? "breaking" : "harmless", STR_ARG(witness),
                 STR_ARG(d->list.count ? diff_sentence(w->cx, diff_deciding(d)) : S("no change")),
                 STR_ARG(a), STR_ARG(b));
    }
    *(says ? &w->breaking : &w->harmless) += 1;
}

/* ---- values of one column ---- */

enum kind {
    KIND_INT,
    KIND_DECIMAL,
    KIND_DOUBLE,
    KIND_TEXT,
    KIND_DATE,
    KIND_BOOL,
    KIND_LIST,
    KINDS
};

static const struct pool {
    const char *logical, *types[3], *formats[3]; /* variants: physicalType, or format */
    const char *type, *values; /* of the pool: its type, and a SELECT of all values */
} pools[KINDS] = {
    [KIND_INT]     = { "integer",
                       { NULL, NULL, NULL },
                       { NULL, "i8", "i16" },
                       "BIGINT",
                       "SELECT range AS v FROM range(-45, 70) UNION ALL SELECT unnest([-128, -129, "
                           "127, 128, "
                           "32767, 32768, -32768, -32769, 9223372036854775807, -9223372036854775808])" },
    [KIND_DECIMAL] = { "number",
                       { "DECIMAL(6,2)", "DECIMAL(8,3)", "DECIMAL(4,1)" },
                       { NULL, NULL, NULL },
                       "DECIMAL(12,4)",
                       "SELECT range / 100.0 AS v FROM range(-1200, 1900) UNION ALL SELECT range / "
                       "4.0 + d FROM "
                       "range(-48, 76), (SELECT unnest([0.001, -0.001]) AS d) UNION ALL SELECT "
                       "unnest([999.9, "
                       "1000, 9999.99, 10000, 99999.999, -999.9, -1000, -9999.99, -10000, "
                       "-99999.999])" },
    [KIND_DOUBLE]  = { "number",
                       { NULL, NULL, NULL },
                       { NULL, NULL, NULL },
                       "DOUBLE",
                       "SELECT range / 8.0 AS v FROM range(-96, 150) UNION ALL SELECT range / 4.0 + "
                        "d FROM "
                        "range(-48, 76), (SELECT unnest([1e-7, -1e-7]) AS d) UNION ALL SELECT "
                        "unnest(['nan'::DOUBLE, 1e300, -1e300])" },
    [KIND_TEXT]    = { "string",
                       { NULL, NULL, NULL },
                       { NULL, NULL, NULL },
                       "VARCHAR",
                       "SELECT repeat('x', range) AS v FROM range(0, 15) UNION ALL SELECT 'w' || "
                          "repeat('o', "
                          "range) FROM range(0, 10) UNION ALL SELECT repeat('\xC3\xA4', range) FROM "
                          "range(1, 15)" },
    [KIND_DATE]    = { "date",
                       { NULL, NULL, NULL },
                       { NULL, NULL, NULL },
                       "DATE",
                       "SELECT DATE '2024-01-01' + range::INTEGER AS v FROM range(-45, 70)" },
    [KIND_BOOL]    = { "boolean",
                       { NULL, NULL, NULL },
                       { NULL, NULL, NULL },
                       "BOOLEAN",
                       "SELECT unnest([true, false]) AS v" },
    [KIND_LIST]    = { "array",
                       { NULL, NULL, NULL },
                       { NULL, NULL, NULL },
                       "BIGINT[]",
                       "WITH lists AS (SELECT n, [n + range for range in range(0, c)] AS l FROM "
                          "(SELECT "
                          "unnest(range(-45, 70)) AS n), (SELECT unnest(range(0, 11)) AS c)) SELECT l AS "
                          "v FROM "
                          "lists UNION ALL SELECT [n] || l FROM lists UNION ALL SELECT l || [NULL] FROM "
                          "lists UNION "
                          "ALL SELECT l || [NULL, NULL] FROM lists" },
};

struct column {
    enum kind kind;
    size_t    variant;
    bool      required, distinct, item_required;
    bool      has_low, has_high, has_over, has_under, has_step, has_least, has_most;
    int       low, high, over, under, step, least, most; /* numbers in quarters, or days */
    unsigned  words;                                     /* a bit per word; 0: no enum   */
};

static void make_pools(struct world *w)
{
    for (size_t k = 0; k < KINDS; k++) {
        exec(w, arena_printf(
                    w->cx->arena,
                    "CREATE TABLE pool%zu AS SELECT row_number() OVER () AS rid, v::%s AS v FROM "
                    "(%s UNION ALL SELECT NULL)",
                    k, pools[k].type, pools[k].values));
    }
}

static void maybe(struct world *w, bool *has, int *value, int from, int to)
{
    *has   = one_in(w, 3);
    *value = from + (int)below(w, (size_t)(to - from + 1));
}

static void roll_facets(struct world *w, struct column *c)
{
    maybe(w, &c->has_low, &c->low, -8, 16);
    maybe(w, &c->has_over, &c->over, -8, 16);
    maybe(w, &c->has_high, &c->high, 10, 50);
    maybe(w, &c->has_under, &c->under, 10, 50);
    maybe(w, &c->has_step, &c->step, 1, 6);
    maybe(w, &c->has_least, &c->least, 0, 4);
    maybe(w, &c->has_most, &c->most, 2, 9);
    c->required      = one_in(w, 3);
    c->distinct      = one_in(w, 3);
    c->item_required = one_in(w, 3);
    c->words         = one_in(w, 4) ? 1 + (unsigned)below(w, (1u << WORDS) - 1) : 0;
}

/* One facet of a column, another way. */
static void change_facet(struct world *w, struct column *c)
{
    struct column other = *c;

    roll_facets(w, &other);
    switch (below(w, 12)) {
    case 0:
        c->has_low = other.has_low;
        c->low     = other.low;
        return;
    case 1:
        c->has_over = other.has_over;
        c->over     = other.over;
        return;
    case 2:
        c->has_high = other.has_high;
        c->high     = other.high;
        return;
    case 3:
        c->has_under = other.has_under;
        c->under     = other.under;
        return;
    case 4:
        c->has_step = other.has_step;
        c->step     = other.step;
        return;
    case 5:
        c->has_least = other.has_least;
        c->least     = other.least;
        return;
    case 6:
        c->has_most = other.has_most;
        c->most     = other.most;
        return;
    case 7: c->required = !c->required; return;
    case 8: c->distinct = !c->distinct; return;
    case 9: c->item_required = !c->item_required; return;
    case 10: c->words = other.words; return;
    default: c->words ^= c->words ? 1u << below(w, WORDS) : 0; return;
    }
}

static bool is_ordered(enum kind kind)
{
    return kind == KIND_INT || kind == KIND_DECIMAL || kind == KIND_DOUBLE || kind == KIND_DATE;
}

static void add_value(struct buf *out, enum kind kind, int n)
{
    static const int days[] = { 31, 29, 31, 30 };
    int month = 0, day = n + 40; /* from 2023-11-22, so that none is before January 2024 */

    switch ((int)kind) {
    case KIND_INT: buf_printf(out, "%d", n); return;
    case KIND_DECIMAL:
    case KIND_DOUBLE: buf_printf(out, "%.2f", n / 4.0); return;
    default: break;
    }
    day = n;
    if (day < 0) {
        buf_printf(out, "'2023-12-%02d'", 32 + day);
        return;
    }
    while (day >= days[month]) {
        day -= days[month++];
    }
    buf_printf(out, "'2024-%02d-%02d'", month + 1, day + 1);
}

static void add_bound(struct buf *out, enum kind kind, const char *name, bool has, int value)
{
    if (has) {
        buf_printf(out, "%s: ", name);
        add_value(out, kind, value);
        buf_add(out, S(", "));
    }
}

static void add_bounds(struct buf *out, const struct column *c)
{
    add_bound(out, c->kind, "minimum", c->has_low, c->low);
    add_bound(out, c->kind, "exclusiveMinimum", c->has_over, c->over);
    add_bound(out, c->kind, "maximum", c->has_high, c->high);
    add_bound(out, c->kind, "exclusiveMaximum", c->has_under, c->under);
    if (c->kind != KIND_DATE) {
        add_bound(out, c->kind, "multipleOf", c->has_step, c->step);
    }
}

/* Of items: always some numbers in a row, for a list and its items are judged each by itself. */
static void add_item_bounds(struct buf *out, const struct column *c)
{
    add_bound(out, KIND_INT, "minimum", c->has_low, c->low);
    add_bound(out, KIND_INT, "maximum", c->has_high, c->high + 18);
}

static void add_options(struct buf *out, const struct column *c)
{
    const char *format = pools[c->kind].formats[c->variant];

    buf_add(out, S(", logicalTypeOptions: {"));
    if (format) {
        buf_printf(out, "format: %s, ", format);
    }
    if (is_ordered(c->kind)) {
        add_bounds(out, c);
    }
    if (c->kind == KIND_TEXT) {
        buf_printf(out, c->has_least ? "minLength: %d, " : "", c->least);
        buf_printf(out, c->has_most ? "maxLength: %d, " : "", c->most);
    }
    if (c->kind == KIND_LIST) {
        buf_printf(out, c->has_least ? "minItems: %d, " : "", c->least);
        buf_printf(out, c->has_most ? "maxItems: %d, " : "", c->most);
        buf_add(out, c->distinct ? S("uniqueItems: true") : STR_NONE);
    }
    buf_add(out, S("}"));
}

static void add_words(struct buf *out, const struct column *c)
{
    buf_add(out, S(", enum: ["));
    for (unsigned i = 0; i < (c->kind == KIND_BOOL ? 2u : WORDS); i++) {
        bool is_in =
            c->kind == KIND_BOOL ? (c->words % 4 == 0 || c->words >> i & 1u) : c->words >> i & 1u;

        if (!is_in) {
            continue;
        }
        buf_add(out, S("{value: "));
        if (c->kind == KIND_BOOL) {
            buf_add(out, i ? S("true") : S("false"));
        } else if (c->kind == KIND_TEXT) {
            buf_add_char(out, 'w');
            buf_add_n(out, 'o', i);
        } else {
            add_value(out, c->kind, (int)i * 4 - 4);
        }
        buf_add(out, S("}, "));
    }
    buf_add_char(out, ']');
}

static str column_text(struct world *w, const struct column *c, const char *name)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
    const char    *physical             = pools[c->kind].types[c->variant];

    buf_printf(&out, "      - {name: %s, logicalType: %s, required: %s", name,
               pools[c->kind].logical, c->required ? "true" : "false");
    if (physical) {
        buf_printf(&out, ", physicalType: '%s'", physical);
    }
    if (c->kind != KIND_BOOL) {
        add_options(&out, c);
    }
    if (c->words && c->kind != KIND_LIST) {
        add_words(&out, c);
    }
    if (c->kind == KIND_LIST) {
        buf_printf(&out, ", items: {logicalType: integer, required: %s, logicalTypeOptions: {",
                   c->item_required ? "true" : "false");
        add_item_bounds(&out, c);
        buf_add(&out, S("}}"));
    }
    buf_add(&out, S("}\n"));
    return arena_dup(w->cx->arena, buf_view(&out));
}

/* For each value of the pool: does a row with it keep the column's rules? Rows by rid. */
static bool *keeps(struct world *w, const struct column *c, size_t *count)
{
    const struct odcs_contract *contract = read_contract(w, column_text(w, c, "x"), STR_NONE);
    const struct coltype       *type;
    struct quality_column       column  = { .name = S("x") };
    struct quality_subject      subject = { .object       = &contract->schema.items[0],
                                            .table        = S("t"),
                                            .columns      = &column,
                                            .column_count = 1,
                                            .functions    = w->functions };
    struct quality_plan        *plan;
    struct engine_table         rows;
    bool                       *made;
    str                         sql, relation;

    assert_int_equal(coltype_of_property(w->cx, &subject.object->properties.items[0], &type),
                     ST_OK);
    column.type = coltype_text(w->cx, type);
    relation =
        arena_printf(w->cx->arena,
                     "(SELECT rid, TRY_CAST(v AS " STR_FMT ") AS x, TRY_CAST(TRY_CAST(v AS " STR_FMT
                     ") AS %s) IS DISTINCT FROM v AS lost FROM pool%d)",
                     STR_ARG(column.type), STR_ARG(column.type), pools[c->kind].type, (int)c->kind);
    subject.relation = relation;
    assert_int_equal(quality_plan(w->cx, &subject, &plan), ST_OK);
    assert_int_equal(quality_fused_sql(w->cx, plan, relation, &sql), ST_OK);
    assert_true(sql.len == 0 || str_starts(sql, S("SELECT count(*), ")));
    rows = rows_of(
        w, sql.len ? arena_printf(w->cx->arena,
                                  "SELECT bool_or(lost), " STR_FMT " GROUP BY rid ORDER BY rid",
                                  STR_ARG(str_from(sql, sizeof("SELECT count(*), ") - 1)))
                   : arena_printf(w->cx->arena, "SELECT lost FROM " STR_FMT " ORDER BY rid",
                                  STR_ARG(relation)));
    made = arena_array(w->cx->arena, rows.rows, sizeof *made);
    for (size_t i = 0; i < rows.rows; i++) {
        made[i] = str_eq(engine_cell(&rows, i, 0), S("false"));
        for (size_t k = 1; k < rows.columns; k++) {
            made[i] = made[i] && str_eq(engine_cell(&rows, i, k), S("0"));
        }
    }
    *count = rows.rows;
    return made;
}

/* Does some value keep the old column, and one of these break the new one? */
static bool breaks_values(struct world *w, const struct column *a, const struct column *b,
                          bool *is_possible, str *witness)
{
    size_t      count, other;
    const bool *old = keeps(w, a, &count), *now = keeps(w, b, &other);

    assert_int_equal(count, other);
    *is_possible = false;
    for (size_t i = 0; i < count; i++) {
        *is_possible = *is_possible || old[i];
        if (old[i] && !now[i]) {
            struct engine_table row = rows_of(
                w, arena_printf(w->cx->arena,
                                "SELECT v::VARCHAR FROM pool%d ORDER BY rid OFFSET %zu LIMIT 1",
                                (int)a->kind, i));

            *witness     = engine_cell(&row, 0, 0).ptr ? engine_cell(&row, 0, 0) : S("NULL");
            *is_possible = true;
            return true;
        }
    }
    return false;
}

/* A type is a promise of its own (docs/differences.md): where it changes, nothing else narrows the values. */
static void change_type(struct world *w, struct column *a, struct column *b)
{
    *a = (struct column){ .kind = a->kind, .variant = below(w, 3), .required = a->required };
    *b = *a;
    b->variant = below(w, 3);
}

static void pair_of_columns(struct world *w)
{
    struct column a = { .kind = (enum kind)below(w, KINDS) }, b;
    bool          is_possible, breaks;
    str           old, now, witness = STR_NONE;

    do {
        roll_facets(w, &a);
        b = a;
        if (a.kind <= KIND_DECIMAL && one_in(w, 6)) {
            change_type(w, &a, &b);
        }
        for (size_t n = 1 + below(w, 3); n > 0 && a.variant == b.variant; n--) {
            change_facet(w, &b);
        }
        breaks = breaks_values(w, &a, &b, &is_possible, &witness);
    } while (!is_possible); /* a contract that no row can keep: there is nothing to break */
    old = column_text(w, &a, "x");
    now = column_text(w, &b, "x");
    if (one_in(w, 8)) { /* a column goes: every row breaks */
        old    = arena_concat(w->cx->arena, old, S("      - {name: y, logicalType: integer}\n"));
        breaks = true;
    } else if (one_in(w, 8)) { /* one comes, null in every row so far */
        bool is_needed = one_in(w, 2);

        now =
            arena_concat(w->cx->arena, now,
                         is_needed ? S("      - {name: y, logicalType: integer, required: true}\n")
                                   : S("      - {name: y, logicalType: integer}\n"));
        breaks = breaks || is_needed;
    }
    {
        struct difference d =
            difference_of(w, read_contract(w, old, STR_NONE), read_contract(w, now, STR_NONE));

        agree(w, &d, breaks, old, now, witness);
    }
}

/* ---- whole tables ---- */

/* Whether the rows of a table keep a contract: no check of severity error fails. */
static bool table_keeps(struct world *w, const struct odcs_contract *contract, str relation)
{
    static const struct quality_column columns[] = { { STR_INIT("k"), STR_INIT("BIGINT") },
                                                     { STR_INIT("l"), STR_INIT("BIGINT") },
                                                     { STR_INIT("q"), STR_INIT("VARCHAR") } };
    struct quality_subject             subject   = { .object       = &contract->schema.items[0],
                                                     .table        = S("t"),
                                                     .columns      = columns,
                                                     .column_count = CASES(columns),
                                                     .relation     = relation,
                                                     .functions    = w->functions };
    struct quality_plan               *plan;
    struct quality_results             results;

    assert_int_equal(quality_plan(w->cx, &subject, &plan), ST_OK);
    if (quality_run(w->cx, plan, w->conn, &results) != ST_OK) {
        fail_msg("seed %llu: %s\n" STR_FMT, (unsigned long long)w->seed, w->t.err.text,
                 STR_ARG(relation));
    }
    for (size_t i = 0; i < results.list.count; i++) {
        if (results.list.items[i].outcome == QUALITY_ERRORED) {
            fail_msg("seed %llu: " STR_FMT ": " STR_FMT, (unsigned long long)w->seed,
                     STR_ARG(results.list.items[i].id), STR_ARG(results.list.items[i].message));
        }
    }
    return results.failed == 0;
}

static bool breaks_table(struct world *w, const struct odcs_contract *a,
                         const struct odcs_contract *b, str relation, str *witness)
{
    bool keeps_old = table_keeps(w, a, relation);

    w->was_kept = w->was_kept || keeps_old;
    if (keeps_old && !table_keeps(w, b, relation)) {
        *witness = relation;
        return true;
    }
    return false;
}

static const char *flag(bool is)
{
    return is ? "true" : "false";
}

struct keys {
    bool key[2], required[2], unique[2];
};

static str keys_text(struct world *w, const struct keys *k)
{
    str made = STR_NONE;

    for (size_t i = 0; i < 2; i++) {
        made = arena_concat(
            w->cx->arena, made,
            arena_printf(w->cx->arena,
                         "      - {name: %s, logicalType: integer, primaryKey: %s, required: %s, "
                         "unique: %s}\n",
                         i ? "l" : "k", flag(k->key[i]), flag(k->required[i]), flag(k->unique[i])));
    }
    return arena_concat(w->cx->arena, made, S("      - {name: q, logicalType: string}\n"));
}

static void roll_keys(struct world *w, struct keys *k)
{
    for (size_t i = 0; i < 2; i++) {
        k->key[i]      = one_in(w, 2);
        k->required[i] = one_in(w, 3);
        k->unique[i]   = one_in(w, 4);
    }
}

static void pair_of_keys(struct world *w)
{
    static const char *const tables[] = {
        "(1, 1)",
        "(1, NULL)",
        "(NULL, 1)",
        "(NULL, NULL)",
        "(1, 1), (1, 1)",
        "(1, 1), (1, 2)",
        "(1, 1), (2, 1)",
        "(1, NULL), (2, NULL)",
        "(NULL, 1), (NULL, 2)",
        "(1, NULL), (1, NULL)",
        "(NULL, NULL), (NULL, NULL)",
    };
    struct keys                 old, now;
    const struct odcs_contract *a, *b;
    struct difference           d;
    bool                        breaks  = false;
    str                         witness = STR_NONE;

    roll_keys(w, &old);
    roll_keys(w, &now);
    a = read_contract(w, keys_text(w, &old), STR_NONE);
    b = read_contract(w, keys_text(w, &now), STR_NONE);
    for (size_t i = 0; i < CASES(tables) && !breaks; i++) {
        breaks = breaks_table(
            w, a, b,
            arena_printf(
                w->cx->arena,
                "(SELECT k::BIGINT AS k, l::BIGINT AS l, 'x' AS q FROM (VALUES %s) v(k, l))",
                tables[i]),
            &witness);
    }
    d = difference_of(w, a, b);
    agree(w, &d, breaks, keys_text(w, &old), keys_text(w, &now), witness);
}

/* ---- quality rules ---- */

enum slot { SLOT_NULLS, SLOT_MISSING, SLOT_INVALID, SLOT_DUPLICATES, SLOT_ROWS, SLOTS };

struct rule {
    enum slot slot;
    bool      is_there, only_warns, is_percent, is_required;
    size_t    op;
    int       low;
    unsigned  words; /* of the argument: w0 … w3 */
};

static void roll_rule(struct world *w, struct rule *r)
{
    r->is_there    = !one_in(w, 5);
    r->only_warns  = one_in(w, 4);
    r->is_percent  = r->slot <= SLOT_INVALID && one_in(w, 4);
    r->is_required = one_in(w, 5);
    r->op          = below(w, 5);
    r->low         = (int)below(w, 5);
    r->words       = 1 + (unsigned)below(w, 15);
}

static str list_of(struct world *w, unsigned words, bool with_rest)
{
    str made = with_rest ? S("z") : STR_NONE;

    for (unsigned i = 0; i < 4; i++) {
        if (words >> i & 1u) {
            made =
                arena_printf(w->cx->arena, STR_FMT "%sw%u", STR_ARG(made), made.len ? ", " : "", i);
        }
    }
    return made;
}

static str rule_text(struct world *w, const struct rule *r)
{
    static const char *const metrics[] = { "nullValues", "missingValues", "invalidValues",
                                           "duplicateValues", "rowCount" };
    static const char *const ops[]     = { "mustBeLessThan", "mustBeLessOrEqualTo", "mustBe",
                                           "mustBeGreaterOrEqualTo", "mustBeBetween" };
    int                      low       = r->is_percent ? 5 + 10 * r->low : r->low;
    str                      limit     = r->op == 4
                                             ? arena_printf(w->cx->arena, "[%d, %d]", low, low + (r->is_percent ? 20 : 2))
                                             : arena_printf(w->cx->arena, "%d", low);
    str                      arguments = r->slot == SLOT_MISSING
                                             ? arena_printf(w->cx->arena, ", arguments: {missingValues: [" STR_FMT "]}",
                                                            STR_ARG(list_of(w, r->words, false)))
                                         : r->slot == SLOT_INVALID
                                             ? arena_printf(w->cx->arena, ", arguments: {validValues: [" STR_FMT "]}",
                                                            STR_ARG(list_of(w, r->words, true)))
                                             : STR_NONE;

    return r->is_there ? arena_printf(w->cx->arena,
                                      "quality: [{name: r, metric: %s, %s: " STR_FMT
                                      ", severity: %s%s" STR_FMT "}]",
                                      metrics[r->slot], ops[r->op], STR_ARG(limit),
                                      r->only_warns ? "warning" : "error",
                                      r->is_percent ? ", unit: percent" : "", STR_ARG(arguments))
                       : S("quality: []");
}

static str rule_columns(struct world *w, const struct rule *r)
{
    return arena_printf(
        w->cx->arena,
        "      - {name: k, logicalType: integer}\n      - {name: l, logicalType: integer}\n"
        "      - {name: q, logicalType: string, required: %s, " STR_FMT "}\n",
        flag(r->is_required), STR_ARG(r->slot == SLOT_ROWS ? S("quality: []") : rule_text(w, r)));
}

/* n rows whose q is `rest`, but k of them `odd` (SQL over the row's number i). */
static str rule_table(struct world *w, size_t n, size_t k, const char *odd, const char *rest)
{
    return arena_printf(
        w->cx->arena,
        "(SELECT i AS k, i AS l, CASE WHEN i < %zu THEN %s ELSE %s END::VARCHAR AS q FROM "
        "range(%zu) r(i))",
        k, odd, rest, n);
}

static str with_null(struct world *w, str table)
{
    return arena_printf(w->cx->arena, "(SELECT * FROM " STR_FMT " UNION ALL SELECT -1, -1, NULL)",
                        STR_ARG(table));
}

/* A table, and the same with one null more. */
static bool breaks_both(struct world *w, const struct odcs_contract *a,
                        const struct odcs_contract *b, str table, str *witness)
{
    return breaks_table(w, a, b, table, witness) ||
           breaks_table(w, a, b, with_null(w, table), witness);
}

/* k odd values among n rows: all counts and shares that rules name, few among many, all of them. */
static bool breaks_odd(struct world *w, const struct odcs_contract *a,
                       const struct odcs_contract *b, const char *odd, str *witness)
{
    static const size_t sizes[][2] = { { 1, 1 },    { 3, 3 },      { 1000, 1 },
                                       { 1000, 3 }, { 1000, 100 }, { 1000, 300 } };
    bool                breaks     = false;

    for (size_t k = 0; k <= 14 && !breaks; k++) {
        breaks = breaks_both(w, a, b, rule_table(w, 20, k, odd, "'z'"), witness);
    }
    for (size_t i = 0; i < CASES(sizes) && !breaks; i++) {
        breaks = breaks_both(w, a, b, rule_table(w, sizes[i][0], sizes[i][1], odd, "'z'"), witness);
    }
    return breaks;
}

static bool breaks_rule(struct world *w, enum slot slot, const struct odcs_contract *a,
                        const struct odcs_contract *b, str *witness)
{
    static const char *const odds[] = { "NULL", "'w0'", "'w1'", "'w2'", "'w3'", "'other'" };
    bool                     breaks = false;

    for (size_t o = 0;
         slot <= SLOT_INVALID && o < (slot == SLOT_NULLS ? 1 : CASES(odds)) && !breaks; o++) {
        breaks = breaks_odd(w, a, b, odds[o], witness);
    }
    for (size_t k = 0; slot == SLOT_DUPLICATES && k <= 14 && !breaks; k++) {
        breaks =
            breaks_both(w, a, b, rule_table(w, 28, 2 * k, "'d' || (i // 2)", "'u' || i"), witness);
    }
    for (size_t n = 0; slot == SLOT_ROWS && n <= 14 && !breaks; n++) {
        breaks = breaks_both(w, a, b, rule_table(w, n, 0, "NULL", "'z'"), witness);
    }
    return breaks;
}

/* Lists of which neither holds the other are unknown to the text: they are made to hold one another. */
static void nest_words(struct world *w, struct rule *now, const struct rule *old)
{
    now->words = one_in(w, 2) ? (now->words | old->words) : (now->words & old->words);
    now->words = now->words ? now->words : old->words;
}

static void pair_of_rules(struct world *w)
{
    struct rule                 old = { .slot = (enum slot)below(w, SLOTS) }, now;
    const struct odcs_contract *a, *b;
    struct difference           d;
    bool                        breaks;
    str                         witness = STR_NONE, rules[2] = { STR_NONE, STR_NONE };

    w->was_kept = false;
    roll_rule(w, &old);
    now = old;
    roll_rule(w, &now);
    now.is_percent = one_in(w, 2) ? old.is_percent : now.is_percent;
    nest_words(w, &now, &old);
    if (now.is_percent != old.is_percent) {
        now.words = old.words; /* both at once is unknown */
    }
    if (old.slot == SLOT_ROWS) {
        rules[0] = arena_printf(w->cx->arena, "    " STR_FMT "\n", STR_ARG(rule_text(w, &old)));
        rules[1] = arena_printf(w->cx->arena, "    " STR_FMT "\n", STR_ARG(rule_text(w, &now)));
    }
    a      = read_contract(w, rule_columns(w, &old), rules[0]);
    b      = read_contract(w, rule_columns(w, &now), rules[1]);
    breaks = breaks_rule(w, old.slot, a, b, &witness);
    if (!w->was_kept) { /* nothing keeps the old contract, so nothing can break */
        pair_of_rules(w);
        return;
    }
    d = difference_of(w, a, b);
    agree(w, &d, breaks, arena_concat(w->cx->arena, rule_columns(w, &old), rules[0]),
          arena_concat(w->cx->arena, rule_columns(w, &now), rules[1]), witness);
}

/* ---- all pairs ---- */

static void open_world(struct world *w)
{
    struct engine_options options = { .threads = 1 };

    w->cx = test_ctx_init(&w->t, 1);
    assert_int_equal(engine_duckdb_open(w->cx, &options, &w->engine), ST_OK);
    assert_int_equal(quality_functions_open(w->cx, w->engine, &w->functions), ST_OK);
    assert_int_equal(engine_connect(w->engine, w->cx, &w->conn), ST_OK);
    make_pools(w);
}

static void breaking_is_where_rows_break(void **state)
{
    static const struct {
        void (*make)(struct world *);
        size_t count;
    } families[]      = { { pair_of_columns, VALUE_PAIRS },
                          { pair_of_keys, KEY_PAIRS },
                          { pair_of_rules, RULE_PAIRS } };
    struct world w    = { 0 };
    const char  *seed = getenv("WEFT_SEED");

    open_world(&w);
    w.seed = seed ? strtoull(seed, NULL, 10) : 20261128;
    print_message("seed %llu\n", (unsigned long long)w.seed);
    for (size_t f = 0; f < CASES(families); f++) {
        for (size_t i = 0; i < families[f].count; i++, w.seed++) {
            struct arena_mark mark = arena_mark(w.cx->arena);

            w.t.random.state = w.seed;
            families[f].make(&w);
            arena_rewind(w.cx->arena, mark);
        }
    }
    print_message("%zu pairs: %zu breaking, %zu harmless\n", w.breaking + w.harmless, w.breaking,
                  w.harmless);
    assert_true(w.breaking > 100 && w.harmless > 100);
    engine_disconnect(w.conn);
    engine_close(w.engine);
    quality_functions_close(w.functions);
    test_ctx_release(&w.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breaking_is_where_rows_break),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
