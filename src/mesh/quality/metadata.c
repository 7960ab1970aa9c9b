/*
 * metadata.c - what the statistics of the files answer without reading a row.
 *
 * Null counts and row counts are exact and settle their checks either way. Bounds only prove: min
 * may lie below the smallest value and max above the largest (long texts are cut, deleted rows still
 * count), so a bound that fails says nothing and the check stays open.
 */
#include "quality/quality_int.h"

static const struct quality_column_stats *stats_of(const struct quality_file_stats *file,
                                                   str                              column)
{
    for (size_t i = 0; i < file->column_count; i++)
        if (str_eq(file->columns[i].column, column))
            return &file->columns[i];
    return NULL;
}

/* True when every value of the file lies on the right side of the check's bound. */
static bool file_proves_bound(const struct check *c, const struct quality_file_stats *file)
{
    const struct quality_column_stats *s      = stats_of(file, c->column);
    bool                               is_low = c->proof == PROOF_LOW || c->proof == PROOF_LOW_OPEN;
    bool is_open = c->proof == PROOF_LOW_OPEN || c->proof == PROOF_HIGH_OPEN;
    int  order;

    if (file->row_count == 0)
        return true;
    if (s == NULL)
        return false;
    if (s->has_null_count && s->null_count == file->row_count)
        return true;
    /* A FLOAT's shortest text is not the value it is compared by: only DOUBLE is exact. */
    if (c->type->kind == VALTYPE_FLOAT && (s->may_have_nan || !str_eq(c->type->text, S("DOUBLE"))))
        return false;
    if (!s->has_bounds || !valtype_compare(c->type, is_low ? s->min : s->max, c->bound, &order))
        return false;
    if (!is_low)
        order = -order;
    return is_open ? order > 0 : order >= 0;
}

static bool prove_bound(const struct quality_subject *s, const struct check *c)
{
    for (size_t i = 0; i < s->file_count; i++)
        if (!file_proves_bound(c, &s->files[i]))
            return false;
    return true;
}

static bool count_nulls(const struct quality_subject *s, const struct check *c, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < s->file_count; i++) {
        const struct quality_column_stats *stats = stats_of(&s->files[i], c->column);
        if (s->files[i].row_count == 0)
            continue;
        if (stats == NULL || !stats->has_null_count)
            return false;
        *out += stats->null_count;
    }
    return true;
}

static void settle(struct check *c, uint64_t bad)
{
    c->state     = STATE_COUNTED;
    c->bad_count = bad;
    c->head.how  = QUALITY_BY_METADATA;
}

void metadata_settle(struct quality_plan *plan)
{
    const struct quality_subject *s = plan->subject;
    uint64_t                      nulls;

    if (s->file_count == 0)
        return;
    plan->has_row_count = true;
    for (size_t i = 0; i < s->file_count; i++)
        plan->row_count += s->files[i].row_count;
    for (size_t i = 0; i < plan->checks.count; i++) {
        struct check *c = &plan->checks.items[i];
        if (c->state != STATE_OPEN)
            continue;
        if (c->measure == MEASURE_ROWS)
            settle(c, 0);
        if (c->measure != MEASURE_BAD || c->proof == PROOF_NONE || c->type == NULL ||
            !valtype_is_scalar(c->type))
            continue;
        if (c->proof == PROOF_NULLS ? count_nulls(s, c, &nulls) : prove_bound(s, c))
            settle(c, c->proof == PROOF_NULLS ? nulls : 0);
    }
}
