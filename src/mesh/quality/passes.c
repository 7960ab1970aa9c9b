/*
 * passes.c - counts the open checks of a plan in the cheapest passes.
 *
 *   values   a text column with few distinct values: GROUP BY it once and test each value once
 *   scan     all other conditions on rows: one query of filtered counts
 *   keys     one pass per key: first the test for a clustered key (each key above the one before it,
 *            in reading order: unique, nothing to hash), which stops at the first row that is not;
 *            then GROUP BY
 *   queries  relationships and sql rules, one each
 *
 * Distinct counts never ride in the scan. A query that fails takes only its own checks down: a
 * shared one is run again check by check.
 */
#include "quality/quality_int.h"

#include <string.h>

#include "engine/engine.h"
#include "guard/guard.h"

enum {
    SCAN_CHECKS_MAX = 400,   /* filtered counts in one query                                    */
    SAMPLE_ROWS     = 20000, /* read to guess how many values a column has                      */
    VALUES_MAX      = 2000,  /* distinct ones among them: more are scanned                      */
    VALUES_ROWS_MIN = 50000, /* smaller tables are simply scanned                               */
    VALUES_COLUMNS  = 64,    /* columns looked at by values                                     */
};

struct run {
    struct ctx          *cx;
    struct quality_plan *plan;
    struct engine_conn  *conn;
};

/* ------------------------------------------------------------------------- queries */

/* True for what ends the run; else one check could not be answered. */
static bool is_fatal(enum status st)
{
    return st == ST_CANCELLED || st == ST_TIMEOUT || st == ST_UNAVAILABLE || st == ST_CORRUPT ||
           st == ST_INTERNAL || st == ST_CONFLICT;
}

static enum status query(struct run *r, str sql, uint64_t row_limit, struct engine_table *out)
{
    struct engine_statement statement = { .sql = sql, .row_limit = row_limit };

    r->plan->statements++;
    return engine_rows(r->conn, r->cx, &statement, out);
}

/* One row of counts. */
static enum status query_counts(struct run *r, str sql, uint64_t *counts, size_t count)
{
    struct engine_table table;

    TRY(query(r, sql, 0, &table));
    if (table.rows != 1 || table.columns != count)
        return FAIL(r->cx, INTERNAL, "a query of %zu counts gave %zu rows of %zu columns", count,
                    table.rows, table.columns);
    for (size_t i = 0; i < count; i++)
        if (!str_to_u64(engine_cell(&table, 0, i), &counts[i]))
            return FAIL(r->cx, INTERNAL, "a count is no number");
    return ST_OK;
}

/* What a person may see of a failed query: the engine's own text may hold data. */
static void mark_failed(struct run *r, struct check *c, enum status st)
{
    c->state        = STATE_FAILED_QUERY;
    c->head.failure = st;
    c->reason = arena_printf(r->cx->arena, "its query failed: " STR_FMT, STR_ARG(status_slug(st)));
}

static int64_t now_us(const struct run *r)
{
    return r->cx->env->monotonic_us(r->cx->env);
}

/* ------------------------------------------------------------------------- shared counts */

bool check_is_fusable(const struct check *c)
{
    return c->state == STATE_OPEN && c->measure == MEASURE_BAD && !c->is_lone;
}

static size_t counts_of(const struct check *c)
{
    return c->unknown.len > 0 ? 2 : 1;
}

str passes_aggregates(struct ctx *cx, const struct quality_plan *plan, const size_t *picked,
                      size_t count)
{
    str   *parts = arena_array(cx->arena, 2 * count, sizeof(str));
    size_t n     = 0;

    for (size_t i = 0; i < count; i++) {
        const struct check *c = &plan->checks.items[picked[i]];
        parts[n++]            = sqlb(cx, "count(*) FILTER (WHERE %q)", c->bad);
        if (c->unknown.len > 0)
            parts[n++] = sqlb(cx, "count(*) FILTER (WHERE %q)", c->unknown);
    }
    return sqlb_join(cx, parts, n, S(", "));
}

void passes_take(struct quality_plan *plan, const size_t *picked, size_t count,
                 const uint64_t *counts)
{
    plan->has_row_count = true;
    plan->row_count     = *counts++;
    for (size_t i = 0; i < count; i++) {
        struct check *c = &plan->checks.items[picked[i]];
        c->state        = STATE_COUNTED;
        c->head.how     = QUALITY_BY_SCAN;
        c->bad_count    = *counts++;
        if (c->unknown.len > 0)
            c->unknown_count = *counts++;
    }
}

/* The same over the values of one column and how often each occurs. */
static str value_aggregates(struct run *r, const size_t *picked, size_t count)
{
    static const char template[] = "CAST(coalesce(sum(\"weft n\") FILTER (WHERE %q), 0) AS BIGINT)";
    str   *parts                 = arena_array(r->cx->arena, 2 * count, sizeof(str));
    size_t n                     = 0;

    for (size_t i = 0; i < count; i++) {
        const struct check *c = &r->plan->checks.items[picked[i]];
        parts[n++]            = sqlb(r->cx, template, c->bad);
        if (c->unknown.len > 0)
            parts[n++] = sqlb(r->cx, template, c->unknown);
    }
    return sqlb_join(r->cx, parts, n, S(", "));
}

struct pass {
    const size_t      *picked; /* indexes of checks, all fusable                  */
    size_t             count;
    enum quality_class how; /* BY_VALUES of `column`, or BY_SCAN               */
    str                column;
};

static str pass_sql(struct run *r, const struct pass *pass)
{
    str relation = r->plan->subject->relation;

    if (pass->how == QUALITY_BY_SCAN)
        return sqlb(r->cx, "SELECT count(*), %q FROM %q",
                    passes_aggregates(r->cx, r->plan, pass->picked, pass->count), relation);
    return sqlb(r->cx,
                "SELECT CAST(coalesce(sum(\"weft n\"), 0) AS BIGINT), %q FROM "
                "(SELECT %i, count(*) AS \"weft n\" FROM %q GROUP BY %i)",
                value_aggregates(r, pass->picked, pass->count), pass->column, relation,
                pass->column);
}

static void take_counts(struct quality_plan *plan, const struct pass *pass, const uint64_t *counts)
{
    passes_take(plan, pass->picked, pass->count, counts);
    for (size_t i = 0; i < pass->count; i++)
        plan->checks.items[pass->picked[i]].head.how = pass->how;
}

static enum status run_pass(struct run *r, const struct pass *pass)
{
    size_t    count = 1;
    int64_t   start = now_us(r);
    uint64_t *counts;

    for (size_t i = 0; i < pass->count; i++)
        count += counts_of(&r->plan->checks.items[pass->picked[i]]);
    counts          = arena_array(r->cx->arena, count, sizeof(*counts));
    str         sql = pass_sql(r, pass);
    enum status st  = sql.len > 0 ? query_counts(r, sql, counts, count) : ST_LIMIT;
    int64_t     us  = now_us(r) - start;
    for (size_t i = 0; i < pass->count; i++)
        r->plan->checks.items[pass->picked[i]].cost_us += us / (int64_t)pass->count;
    if (st == ST_OK) {
        take_counts(r->plan, pass, counts);
        return ST_OK;
    }
    if (is_fatal(st))
        return st;
    if (pass->count == 1) {
        mark_failed(r, &r->plan->checks.items[pass->picked[0]], st);
        return ST_OK;
    }
    for (size_t i = 0; i < pass->count; i++) {
        struct pass one = { &pass->picked[i], 1, pass->how, pass->column };
        TRY(run_pass(r, &one));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- by values */

struct value_columns {
    str    names[VALUES_COLUMNS];
    bool   is_few[VALUES_COLUMNS];
    size_t count;
};

static bool has_name(const struct value_columns *v, str name, size_t *at)
{
    for (*at = 0; *at < v->count; (*at)++)
        if (str_eq(v->names[*at], name))
            return true;
    return false;
}

/* Text columns that have a condition: the others are cheaper in the scan. */
static void collect_value_columns(const struct quality_plan *plan, struct value_columns *v)
{
    size_t at;

    v->count = 0;
    for (size_t i = 0; i < plan->checks.count && v->count < VALUES_COLUMNS; i++) {
        const struct check *c = &plan->checks.items[i];
        if (check_is_fusable(c) && c->type != NULL && c->type->kind == VALTYPE_TEXT &&
            !has_name(v, c->column, &at))
            v->names[v->count++] = c->column;
    }
}

/* How many values each column has among the first rows. */
static enum status sample_columns(struct run *r, struct value_columns *v)
{
    str      parts[VALUES_COLUMNS], names[VALUES_COLUMNS];
    uint64_t counts[VALUES_COLUMNS];

    for (size_t i = 0; i < v->count; i++) {
        names[i] = sqlb(r->cx, "%i", v->names[i]);
        parts[i] = sqlb(r->cx, "count(DISTINCT %i)", v->names[i]);
    }
    str sql =
        sqlb(r->cx, "SELECT %q FROM (SELECT %q FROM %q LIMIT %u)",
             sqlb_join(r->cx, parts, v->count, S(", ")), sqlb_join(r->cx, names, v->count, S(", ")),
             r->plan->subject->relation, (uint64_t)SAMPLE_ROWS);
    enum status st = query_counts(r, sql, counts, v->count);
    if (st != ST_OK)
        return is_fatal(st) ? st : ST_OK; /* then nothing is few, and the scan tells */
    for (size_t i = 0; i < v->count; i++)
        v->is_few[i] = counts[i] <= VALUES_MAX;
    return ST_OK;
}

static enum status run_values(struct run *r)
{
    struct value_columns v      = { 0 };
    size_t              *picked = arena_array(r->cx->arena, r->plan->checks.count, sizeof(size_t));

    if (r->plan->has_row_count && r->plan->row_count < VALUES_ROWS_MIN)
        return ST_OK;
    collect_value_columns(r->plan, &v);
    if (v.count == 0)
        return ST_OK;
    TRY(sample_columns(r, &v));
    for (size_t k = 0; k < v.count; k++) {
        struct pass pass = { picked, 0, QUALITY_BY_VALUES, v.names[k] };
        for (size_t i = 0; v.is_few[k] && i < r->plan->checks.count; i++) {
            const struct check *c = &r->plan->checks.items[i];
            if (check_is_fusable(c) && c->type != NULL && str_eq(c->column, v.names[k]))
                picked[pass.count++] = i;
        }
        if (pass.count > 0)
            TRY(run_pass(r, &pass));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- by scan */

static enum status run_scan(struct run *r)
{
    size_t     *picked = arena_array(r->cx->arena, SCAN_CHECKS_MAX, sizeof(size_t));
    struct pass pass   = { picked, 0, QUALITY_BY_SCAN, STR_NONE };

    for (size_t i = 0; i < r->plan->checks.count; i++) {
        if (check_is_fusable(&r->plan->checks.items[i]))
            picked[pass.count++] = i;
        if (pass.count == SCAN_CHECKS_MAX || (pass.count > 0 && i + 1 == r->plan->checks.count)) {
            TRY(run_pass(r, &pass));
            pass.count = 0;
        }
    }
    if (r->plan->has_row_count)
        return ST_OK;
    TRY(query_counts(r, sqlb(r->cx, "SELECT count(*) FROM %q", r->plan->subject->relation),
                     &r->plan->row_count, 1));
    r->plan->has_row_count = true;
    return ST_OK;
}

static void settle_row_counts(struct quality_plan *plan)
{
    for (size_t i = 0; i < plan->checks.count; i++) {
        struct check *c = &plan->checks.items[i];
        if (c->state == STATE_OPEN && c->measure == MEASURE_ROWS) {
            c->state    = STATE_COUNTED;
            c->head.how = QUALITY_BY_SCAN;
        }
    }
}

/* ------------------------------------------------------------------------- by keys */

/*
 * (a, b) above the row before it, written out, for the engine compares rows of values slowly. NULL in
 * a key and the first row give NULL.
 */
static str rises(struct run *r, const struct check *c)
{
    str order = STR_NONE;

    for (size_t i = c->key_count; i-- > 0;) {
        str above = sqlb(r->cx, "%q > lag(%q) OVER ()", c->keys[i], c->keys[i]);
        order     = order.len == 0 ? above
                                   : sqlb(r->cx, "(%q OR (%q = lag(%q) OVER () AND %q))", above,
                                          c->keys[i], c->keys[i], order);
    }
    return order;
}

/* *is_unique is true when the keys rise from row to row, as they are read. */
static enum status test_clustered(struct run *r, const struct check *c, bool *is_unique)
{
    struct engine_table table;

    TRY(query(r,
              sqlb(r->cx, "SELECT 1 FROM (SELECT %q AS ok FROM %q) WHERE ok IS NOT TRUE LIMIT 2",
                   rises(r, c), r->plan->subject->relation),
              2, &table));
    *is_unique = table.rows <= 1; /* the first row has none before it */
    return ST_OK;
}

static enum status group_keys(struct run *r, struct check *c)
{
    str      keys = sqlb_join(r->cx, c->keys, c->key_count, S(", "));
    uint64_t counts[2];

    TRY(query_counts(
        r,
        sqlb(r->cx,
             "SELECT count(*), CAST(coalesce(sum(\"weft n\"), 0) AS BIGINT) FROM "
             "(SELECT count(*) AS \"weft n\" FROM %q GROUP BY %q) WHERE \"weft n\" > 1",
             r->plan->subject->relation, keys),
        counts, 2));
    c->bad_count = counts[0];
    c->bad_rows  = counts[1];
    return ST_OK;
}

static enum status count_keys(struct run *r, struct check *c)
{
    bool    is_unique = false;
    int64_t start     = now_us(r);

    if (c->keys_are_ordered)
        TRY(test_clustered(r, c, &is_unique));
    if (!is_unique)
        TRY(group_keys(r, c));
    c->state    = STATE_COUNTED;
    c->head.how = QUALITY_BY_KEYS;
    c->cost_us  = now_us(r) - start;
    return ST_OK;
}

static bool same_keys(const struct check *a, const struct check *b)
{
    if (a->measure != MEASURE_KEYS || a->key_count != b->key_count)
        return false;
    for (size_t i = 0; i < a->key_count; i++)
        if (!str_eq(a->keys[i], b->keys[i]))
            return false;
    return true;
}

/* The answer of an earlier check on the same key. */
static bool copy_keys(const struct quality_plan *plan, size_t index)
{
    struct check *c = &plan->checks.items[index];

    for (size_t i = 0; i < index; i++) {
        const struct check *other = &plan->checks.items[i];
        if (other->state == STATE_COUNTED && same_keys(other, c)) {
            c->state     = STATE_COUNTED;
            c->head.how  = QUALITY_BY_KEYS;
            c->bad_count = other->bad_count;
            c->bad_rows  = other->bad_rows;
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------- by queries */

static enum status count_lone(struct run *r, struct check *c)
{
    return query_counts(r,
                        sqlb(r->cx, "SELECT count(*) FROM %q AS \"weft s\" WHERE %q",
                             r->plan->subject->relation, c->bad),
                        &c->bad_count, 1);
}

/* A rule that cannot be asked is no rule that was kept: it ends like a query that failed. */
static void refuse_rule(struct check *c, str reason)
{
    check_give_up(c, reason);
    c->state        = STATE_FAILED_QUERY;
    c->head.failure = ST_INVALID;
}

/* The first finding says what is wrong with a person's SQL; it speaks of the SQL, not of data. */
static str refusal(const struct run *r, const struct diags *findings)
{
    str why = findings->list.count > 0 ? findings->list.items[0].message : err_text(r->cx->err);

    return arena_printf(r->cx->arena, "its query is refused: " STR_FMT, STR_ARG(why));
}

static enum status ask_rule(struct run *r, struct check *c)
{
    const struct quality_subject *s        = r->plan->subject;
    struct diags                  findings = { 0 };
    struct diag_text              text     = { c->head.id, c->query };
    struct guard_approved         approved;
    struct engine_table           table;
    struct guard_placeholders     names = { c->object, c->property };
    enum status                   st    = guard_fill(r->cx, &text, &names, &findings, &text.bytes);

    if (st == ST_OK) {
        struct guard_request rq = { .text = text, .use = GUARD_CHECK, .resolver = s->resolver };
        st                      = guard_approve(s->guard, r->cx, &rq, &findings, &approved);
    }
    if (st == ST_INVALID || st == ST_LIMIT || st == ST_UNSUPPORTED) {
        refuse_rule(c, refusal(r, &findings));
        return ST_OK;
    }
    TRY(st);
    TRY(query(r, approved.sql, 2, &table));
    if (table.rows != 1 || table.columns != 1)
        refuse_rule(c, S("its query must give one row with one value"));
    else
        c->value = engine_cell(&table, 0, 0);
    return ST_OK;
}

/* One check by a query of its own. */
static enum status run_single(struct run *r, size_t index)
{
    struct check *c     = &r->plan->checks.items[index];
    int64_t       start = now_us(r);
    enum status   st;

    if (c->measure == MEASURE_KEYS)
        st = copy_keys(r->plan, index) ? ST_OK : count_keys(r, c);
    else if (c->measure == MEASURE_NUMBER)
        st = ask_rule(r, c);
    else
        st = count_lone(r, c);
    c->cost_us = now_us(r) - start;
    if (st != ST_OK && is_fatal(st))
        return st;
    if (st != ST_OK)
        mark_failed(r, c, st);
    else if (c->state == STATE_OPEN)
        c->state = STATE_COUNTED;
    return ST_OK;
}

enum status passes_run(struct ctx *cx, struct quality_plan *plan, struct engine_conn *conn)
{
    struct run r = { cx, plan, conn };

    TRY(run_values(&r));
    TRY(run_scan(&r));
    settle_row_counts(plan);
    for (size_t i = 0; i < plan->checks.count; i++) {
        TRY(ctx_check(cx));
        if (plan->checks.items[i].state == STATE_OPEN)
            TRY(run_single(&r, i));
    }
    return ST_OK;
}
