/*
 * rollback.c - the data of an older publish becomes live again.
 *
 * The files are there: they are staged as they are, checked against today's contract, and committed as
 * new snapshots. What was read and how the documents looked then does not matter, only whether the data
 * keeps what is promised now. The inputs on record stay those of the last publish, so that the next one
 * builds anew only when something changed.
 */
#include "publish/publish_int.h"

enum status job_plan_rollback(struct publish_job *job)
{
    struct publish_record  wanted, live;
    struct publish_records last = { 0 };

    if (job->product->is_broken) {
        return FAIL(job->cx, INVALID, "its documents have errors");
    }
    TRY(publish_of_product(job->cx, job->product->id, job->env->rollback, &wanted));
    TRY(publish_history(job->cx, job->product->id, 1, &last));
    live = last.list.items[0];
    if (str_eq(wanted.id, live.id)) {
        return FAIL(job->cx, CONFLICT, "publish %lld is the live one", (long long)wanted.seq);
    }
    job->rollback_of = wanted.id;
    TRY(plan_rollback(job->cx, job->env, job->product, &wanted, &job->result->diags, &job->plan));
    if (job->plan.tables.count == 0) {
        return FAIL(job->cx, INVALID,
                    "the sunset of every major has come: there is nothing to go back to");
    }
    return ST_OK;
}

/* The first column in which the contract and the old data differ, in words; empty when none does. */
static str column_difference(struct arena *a, const struct project_table *table,
                             const struct table_columns *then)
{
    size_t both = table->column_count < then->list.count ? table->column_count : then->list.count;

    for (size_t i = 0; i < both; i++) {
        const struct project_column *c = &table->columns[i];
        const struct table_column   *t = &then->list.items[i];

        if (!str_eq(c->name, t->name)) {
            return arena_printf(a, "column %zu was \"" STR_FMT "\" and is \"" STR_FMT "\"", i + 1,
                                STR_ARG(t->name), STR_ARG(c->name));
        }
        if (!str_eq(c->type_text, t->type)) {
            return arena_printf(a, "column \"" STR_FMT "\" was " STR_FMT " and is " STR_FMT,
                                STR_ARG(c->name), STR_ARG(t->type), STR_ARG(c->type_text));
        }
    }
    if (both < table->column_count) {
        return arena_printf(a, "column \"" STR_FMT "\" is new", STR_ARG(table->columns[both].name));
    }
    return both < then->list.count ? arena_printf(a, "column \"" STR_FMT "\" is gone",
                                                  STR_ARG(then->list.items[both].name))
                                   : STR_NONE;
}

static enum status find_data(struct publish_job *job, struct staged_table *s)
{
    struct ctx *cx = job->cx;
    str         why;

    if (staged_is_view(s)) {
        return FAIL(cx, INVALID,
                    "table " STR_FMT " is a view, which has no data to go back to; publish its "
                    "older SQL",
                    STR_ARG(s->table->address));
    }
    if (table_of_publish(cx, s->table->address, job->rollback_of, &s->parent) != ST_OK) {
        return err_wrap(cx->err, "the data of that publish cannot be live again");
    }
    if (s->parent.forgotten_us > 0) {
        return FAIL(cx, NOT_FOUND,
                    "the data of that publish is gone: table " STR_FMT
                    " keeps its history for a time only (weft.history)",
                    STR_ARG(s->table->address));
    }
    why = s->parent.view.len > 0 ? S("it was a view")
                                 : column_difference(cx->arena, s->table, &s->parent.columns);
    if (why.len > 0) {
        return FAIL(cx, INVALID,
                    "the data of that publish does not have the columns of today's contract: "
                    "table " STR_FMT ", " STR_FMT
                    "; bring its documents back to those of that time and publish them",
                    STR_ARG(s->table->address), STR_ARG(why));
    }
    return table_files_of(cx, s->parent.id, &s->parent_files);
}

/* Field ids are never given again: the highest one stays what it is. */
static enum status keep_ids(struct publish_job *job, struct staged_table *s)
{
    struct table_snapshot live;
    enum status           st = table_head(job->cx, s->table->address, &live);

    s->columns = s->parent.columns;
    if (st == ST_NOT_FOUND) {
        struct table_gone gone;

        err_clear(job->cx->err);
        st   = table_gone_at(job->cx, s->table->address, &gone);
        live = st == ST_OK ? gone.last : live;
    }
    if (st == ST_NOT_FOUND) {
        err_clear(job->cx->err);
        return ST_OK;
    }
    if (st == ST_OK && live.columns.last_id > s->columns.last_id) {
        s->columns.last_id = live.columns.last_id;
    }
    return st;
}

static enum status stage(struct publish_job *job, struct staged_table *s)
{
    TRY(find_data(job, s));
    TRY(keep_ids(job, s));
    TRY(table_is_exact(job->cx, &s->columns, s->parent.id, &s->is_exact));
    s->has_parent = true;
    s->rows       = s->parent.rows;
    job->result->rows += s->parent.rows;
    job->result->bytes += s->parent.bytes;
    return ST_OK;
}

enum status job_restore(struct publish_job *job)
{
    for (size_t i = 0; i < job->plan.tables.count; i++) {
        const struct publish_table_plan *t = &job->plan.tables.items[i];
        struct staged_table              s = { .port = t->port, .table = t->table };

        TRY(stage(job, &s));
        vec_push(job->cx->arena, &job->staged, s);
    }
    return ST_OK;
}
