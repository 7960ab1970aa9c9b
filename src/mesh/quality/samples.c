/*
 * samples.c - the first bad rows of the checks that failed.
 *
 * Key columns first, then the offending ones. A column that must not be shown is not even read: its
 * place in the SELECT is the constant ***.
 */
#include "quality/quality_int.h"

#include "base/utf8.h"
#include "engine/engine.h"

enum {
    SAMPLE_VALUE_MAX   = 200, /* bytes of one value shown */
    SAMPLE_COLUMNS_MAX = 64,
};

/* A column without a declaration may hold anything: it is not shown. */
static bool is_hidden(const struct quality_plan *plan, str column)
{
    const struct odcs_property *property =
        odcs_property_find(&plan->subject->object->properties, column);

    return property == NULL || derive_is_sensitive(property);
}

static bool is_among(const str *names, size_t count, str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

/* Key columns, then the check's own. */
static size_t collect_shown(const struct quality_plan *plan, const struct check *c, str *names)
{
    const str *lists[]  = { plan->key_columns, c->shown };
    size_t     counts[] = { plan->key_column_count, c->shown_count };
    size_t     count    = 0;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < counts[k] && count < SAMPLE_COLUMNS_MAX; i++)
            if (!is_among(names, count, lists[k][i]))
                names[count++] = lists[k][i];
    return count;
}

static str shown_value(struct ctx *cx, const struct quality_plan *plan, str column)
{
    if (is_hidden(plan, column))
        return sqlb(cx, "%t", S("***"));
    return sqlb(cx, "CAST(%i AS VARCHAR)", column);
}

static str rows_sql(struct ctx *cx, const struct quality_plan *plan, const struct check *c,
                    struct quality_sample *sample)
{
    str *names  = arena_array(cx->arena, SAMPLE_COLUMNS_MAX, sizeof(str));
    str *values = arena_array(cx->arena, SAMPLE_COLUMNS_MAX, sizeof(str));

    sample->columns      = names;
    sample->column_count = collect_shown(plan, c, names);
    for (size_t i = 0; i < sample->column_count; i++)
        values[i] = shown_value(cx, plan, names[i]);
    return sqlb(cx, "SELECT %q FROM %q AS \"weft s\" WHERE %q LIMIT %u",
                sqlb_join(cx, values, sample->column_count, S(", ")), plan->subject->relation,
                c->bad, (uint64_t)QUALITY_SAMPLE_ROWS);
}

/* The keys that occur most often, and how often. */
static str keys_sql(struct ctx *cx, const struct quality_plan *plan, const struct check *c,
                    struct quality_sample *sample)
{
    const str *shown  = c->shown_count > 0 ? c->shown : plan->key_columns;
    size_t     count  = c->shown_count > 0 ? c->shown_count : plan->key_column_count;
    str       *names  = arena_array(cx->arena, count + 1, sizeof(str));
    str       *values = arena_array(cx->arena, count + 1, sizeof(str));
    str        keys   = sqlb_join(cx, c->keys, c->key_count, S(", "));

    for (size_t i = 0; i < count; i++) {
        names[i]  = shown[i];
        values[i] = is_hidden(plan, shown[i]) || i >= c->key_count
                        ? sqlb(cx, "%t", S("***"))
                        : sqlb(cx, "CAST(%q AS VARCHAR)", c->keys[i]);
    }
    names[count]         = S("rows");
    values[count]        = S("CAST(count(*) AS VARCHAR)");
    sample->columns      = names;
    sample->column_count = count + 1;
    return sqlb(cx,
                "SELECT %q FROM %q GROUP BY %q HAVING count(*) > 1 ORDER BY count(*) DESC, %q "
                "LIMIT %u",
                sqlb_join(cx, values, count + 1, S(", ")), plan->subject->relation, keys, keys,
                (uint64_t)QUALITY_SAMPLE_ROWS);
}

static str cut_value(struct ctx *cx, str value)
{
    if (value.len <= SAMPLE_VALUE_MAX)
        return value;
    return arena_concat(cx->arena, utf8_cut(value, SAMPLE_VALUE_MAX), S("…"));
}

static bool has_rows(const struct check *c, const struct quality_result *r)
{
    return (r->outcome == QUALITY_FAIL || r->outcome == QUALITY_WARN) && c->bad_count > 0 &&
           (c->measure == MEASURE_BAD || c->measure == MEASURE_KEYS);
}

static enum status add_sample(struct ctx *cx, const struct quality_plan *plan,
                              struct engine_conn *conn, const struct check *c,
                              struct quality_samples *out)
{
    struct quality_sample   sample = { .check_id = c->head.id };
    struct engine_table     table;
    str                     sql       = c->measure == MEASURE_KEYS ? keys_sql(cx, plan, c, &sample)
                                                                   : rows_sql(cx, plan, c, &sample);
    struct engine_statement statement = { .sql = sql };
    enum status             st        = engine_rows(conn, cx, &statement, &table);

    if (st == ST_CANCELLED || st == ST_TIMEOUT)
        return st;
    if (st != ST_OK || table.columns != sample.column_count)
        return ST_OK; /* no rows to show; the result stands */
    for (size_t i = 0; i < table.rows * table.columns; i++)
        table.cells[i] = cut_value(cx, table.cells[i]);
    sample.values    = table.cells;
    sample.row_count = table.rows;
    vec_push(cx->arena, &out->list, sample);
    return ST_OK;
}

enum status quality_samples(struct ctx *cx, const struct quality_plan *plan,
                            struct engine_conn *conn, const struct quality_results *results,
                            struct quality_samples *out)
{
    struct quality_samples samples = { 0 };

    for (size_t i = 0; i < results->list.count; i++) {
        const struct quality_result *r = &results->list.items[i];
        const struct check          *c = &plan->checks.items[r->check];

        TRY(ctx_check(cx));
        if (has_rows(c, r))
            TRY(add_sample(cx, plan, conn, c, &samples));
    }
    *out = samples;
    return ST_OK;
}
