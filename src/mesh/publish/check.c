/*
 * check.c - the contract's checks on the files that were built, never on the live ones.
 */
#include "publish/publish_int.h"

#include "table/stats.h"

/* ------------------------------------------------------------------------- names in sql rules */

/* A rule names tables of its own product and major by their names alone. */
struct check_resolver {
    struct guard_resolver base; /* first: downcast by address */
    struct publish_job   *job;
    unsigned              major;
};

struct table_file *job_staged_files(struct arena *a, const struct staged_table *s, size_t *count)
{
    size_t             kept  = s->has_parent ? s->parent_files.list.count : 0;
    struct table_file *files = arena_array(a, kept + s->files.count, sizeof *files);

    for (size_t i = 0; i < kept; i++) {
        files[i] = s->parent_files.list.items[i];
    }
    for (size_t i = 0; i < s->files.count; i++) {
        files[kept + i] = s->files.items[i];
    }
    *count = kept + s->files.count;
    return files;
}

static enum status staged_parquet(struct publish_job *job, struct ctx *cx,
                                  const struct staged_table *s, struct guard_relation *out)
{
    size_t               count;
    struct table_file   *files   = job_staged_files(job->cx->arena, s, &count);
    str                 *paths   = arena_array(cx->arena, count, sizeof *paths);
    struct guard_column *columns = arena_array(cx->arena, s->columns.list.count, sizeof *columns);

    for (size_t i = 0; i < count; i++) {
        TRY(blob_local_path(job->env->blob, cx, files[i].key, &paths[i]));
    }
    for (size_t i = 0; i < s->columns.list.count; i++) {
        const struct table_column *c = &s->columns.list.items[i];

        columns[i] =
            (struct guard_column){ .field_id = c->field_id, .name = c->name, .type = c->type };
    }
    *out = (struct guard_relation){ .kind         = GUARD_PARQUET,
                                    .key          = s->table->address,
                                    .columns      = columns,
                                    .column_count = s->columns.list.count,
                                    .files        = paths,
                                    .file_count   = count,
                                    .is_exact     = s->is_exact };
    for (size_t i = 0; i < count; i++) {
        out->row_count += files[i].rows;
    }
    return ST_OK;
}

static enum status resolve_staged(struct guard_resolver *base, struct ctx *cx,
                                  const struct guard_name *name, struct guard_relation *out)
{
    struct check_resolver *r = container_of(base, struct check_resolver, base);

    for (size_t i = 0; i < r->job->staged.count && name->schema.len == 0; i++) {
        const struct staged_table *s = &r->job->staged.items[i];

        if (s->port->major == r->major && str_eq(s->table->name, name->table)) {
            return staged_parquet(r->job, cx, s, out);
        }
    }
    return FAIL(cx, NOT_FOUND, "a rule can name the tables of its own product");
}

/* ------------------------------------------------------------------------- checks */

static enum status file_stats(struct ctx *cx, const struct table_file *file,
                              struct quality_file_stats *out)
{
    struct table_stats           stats;
    struct quality_column_stats *columns;

    TRY(table_stats_read(cx, file->stats, &stats));
    columns = arena_array(cx->arena, stats.list.count, sizeof *columns);
    for (size_t i = 0; i < stats.list.count; i++) {
        const struct table_stat *s = &stats.list.items[i];

        columns[i] = (struct quality_column_stats){ .column         = s->column,
                                                    .has_null_count = s->has_null_count,
                                                    .has_bounds     = s->has_bounds,
                                                    .may_have_nan   = s->may_have_nan,
                                                    .null_count     = s->null_count,
                                                    .min            = s->min,
                                                    .max            = s->max };
    }
    *out = (struct quality_file_stats){ .row_count    = file->rows,
                                        .columns      = columns,
                                        .column_count = stats.list.count };
    return ST_OK;
}

enum status check_stats_of(struct ctx *cx, const struct table_file *files, size_t count,
                           const struct quality_file_stats **out)
{
    struct quality_file_stats *made = arena_array(cx->arena, count, sizeof *made);

    for (size_t i = 0; i < count; i++) {
        TRY(file_stats(cx, &files[i], &made[i]));
    }
    *out = made;
    return ST_OK;
}

static const struct quality_column *quality_columns(struct arena               *a,
                                                    const struct table_columns *columns)
{
    struct quality_column *made = arena_array(a, columns->list.count, sizeof *made);

    for (size_t i = 0; i < columns->list.count; i++) {
        made[i] =
            (struct quality_column){ columns->list.items[i].name, columns->list.items[i].type };
    }
    return made;
}

static enum status staged_relation(struct publish_job *job, const struct staged_table *s, str *out)
{
    struct table_read read = { .columns = &s->columns, .is_exact = s->is_exact };

    read.files = job_staged_files(job->cx->arena, s, &read.count);
    return table_relation(job->cx, job->env->blob, &read, out);
}

/* Tables that rules may name besides the one they stand at: siblings of the same major. */
static enum status sibling_tables(struct publish_job *job, const struct staged_table *of,
                                  struct quality_subject *subject)
{
    struct quality_table *others = arena_array(job->cx->arena, job->staged.count, sizeof *others);
    size_t                count  = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        const struct staged_table *s = &job->staged.items[i];

        if (s == of || s->port->major != of->port->major) {
            continue;
        }
        others[count] = (struct quality_table){
            .name         = s->table->name,
            .columns      = quality_columns(job->cx->arena, &s->columns),
            .column_count = s->columns.list.count,
        };
        TRY(staged_relation(job, s, &others[count].relation));
        count++;
    }
    subject->others      = others;
    subject->other_count = count;
    return ST_OK;
}

static enum status check_table(struct publish_job *job, struct staged_table *s)
{
    struct check_resolver  resolver = { .base  = { .resolve = resolve_staged },
                                        .job   = job,
                                        .major = s->port->major };
    size_t                 count;
    struct table_file     *files = job_staged_files(job->cx->arena, s, &count);
    struct quality_plan   *plan;
    struct quality_subject subject = {
        .object       = s->table->object,
        .table        = s->table->name,
        .columns      = quality_columns(job->cx->arena, &s->columns),
        .column_count = s->columns.list.count,
        .file_count   = count,
        .guard        = job->env->guard,
        .resolver     = &resolver.base,
        .functions    = job->env->functions,
    };

    job_report(job, PUBLISH_CHECKING, s->table->address);
    TRY(check_stats_of(job->cx, files, count, &subject.files));
    TRY(staged_relation(job, s, &subject.relation));
    TRY(sibling_tables(job, s, &subject));
    TRY(quality_plan(job->cx, &subject, &plan));
    TRY(quality_run(job->cx, plan, job->conn, &s->checks));
    if (s->checks.failed + s->checks.warned > 0) {
        TRY(quality_samples(job->cx, plan, job->conn, &s->checks, &s->samples));
    }
    return ST_OK;
}

/* Results of one outcome over all tables: how many, and the first. */
static size_t count_outcome(struct publish_job *job, enum quality_outcome outcome,
                            const struct quality_result **first)
{
    size_t count = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        const struct quality_results *results = &job->staged.items[i].checks;

        for (size_t k = 0; k < results->list.count; k++) {
            if (results->list.items[k].outcome == outcome) {
                *first = count == 0 ? &results->list.items[k] : *first;
                count++;
            }
        }
    }
    return count;
}

/* A check that has no answer forbids the publish, too; that is not the fault of the data. */
static enum status judge_results(struct publish_job *job)
{
    const struct quality_result *first;
    size_t                       failed = count_outcome(job, QUALITY_FAIL, &first);
    const struct quality_result *unanswered;
    size_t                       errored = count_outcome(job, QUALITY_ERRORED, &unanswered);

    if (failed > 0) {
        return FAIL(job->cx, INVALID,
                    "%zu of the contract's checks failed, the first one " STR_FMT
                    "; the live data stays as it was",
                    failed, STR_ARG(first->id));
    }
    if (errored > 0) {
        return err_set(job->cx->err, unanswered->failure, __FILE__, __LINE__,
                       "%zu of the contract's checks could not be answered, the first one " STR_FMT
                       " (" STR_FMT "); the live data stays as it was",
                       errored, STR_ARG(unanswered->id), STR_ARG(unanswered->message));
    }
    return ST_OK;
}

/* New ones; a view has none. */
static uint64_t staged_bytes(const struct staged_table *s)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < s->files.count && !staged_is_view(s); i++) {
        bytes += s->files.items[i].bytes;
    }
    return bytes;
}

enum status job_check(struct publish_job *job)
{
    for (size_t i = 0; i < job->staged.count; i++) {
        struct staged_table *s = &job->staged.items[i];

        TRY(check_table(job, s));
        vec_push(job->cx->arena, &job->result->tables,
                 (struct publish_table_result){ .address = s->table->address,
                                                .rows    = s->rows,
                                                .bytes   = staged_bytes(s),
                                                .checks  = s->checks,
                                                .samples = s->samples });
    }
    return judge_results(job);
}
