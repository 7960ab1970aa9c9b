/*
 * store.c - a publish's own rows, its receipt, and its history.
 */
#include "publish/publish_int.h"

#include "engine/engine_duckdb.h"
#include "publish/publish_migrations.h"
#include "publish/publish_sql.h"

/* ------------------------------------------------------------------------- receipt */

static struct receipt_document document_of(const struct project_doc *doc)
{
    return doc ? (struct receipt_document){ doc->text.name, str_of(doc->sha256) }
               : (struct receipt_document){ 0 };
}

static const struct receipt_column *receipt_columns(struct arena               *a,
                                                    const struct project_table *table)
{
    struct receipt_column *columns = arena_array(a, table->column_count, sizeof *columns);

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = (struct receipt_column){
            .name        = table->columns[i].name,
            .type        = table->columns[i].type_text,
            .is_required = std_is_true(table->columns[i].property->required),
        };
    }
    return columns;
}

/* Of what the publish added; digests of several files are in the list of files. */
static str digest_of(const struct staged_table *s)
{
    return s->files.count == 1 ? s->files.items[0].row_digest : STR_NONE;
}

static enum status receipt_table_of(struct publish_job *job, const struct staged_table *s,
                                    const struct table_snapshot *snapshot,
                                    struct receipt_table        *out)
{
    struct table_files   files;
    struct receipt_file *made;

    TRY(table_files_of(job->cx, snapshot->id, &files));
    made = arena_array(job->cx->arena, files.list.count, sizeof *made);
    for (size_t i = 0; i < files.list.count; i++) {
        const struct table_file *f = &files.list.items[i];

        made[i] = (struct receipt_file){ .path       = f->key,
                                         .bytes      = (int64_t)f->bytes,
                                         .rows       = (int64_t)f->rows,
                                         .sha256     = f->sha256,
                                         .row_digest = f->row_digest };
    }
    *out = (struct receipt_table){
        .name            = s->table->name,
        .address         = s->table->address,
        .snapshot_id     = snapshot->id,
        .snapshot_number = snapshot->number,
        .sql             = document_of(s->table->sql),
        .copy_of         = project_copy_name(job->cx->arena, s->table),
        .is_view         = staged_is_view(s),
        .rows            = (int64_t)snapshot->rows,
        .bytes           = (int64_t)snapshot->bytes,
        .row_digest      = digest_of(s),
        .columns         = receipt_columns(job->cx->arena, s->table),
        .column_count    = s->table->column_count,
        .files           = made,
        .file_count      = files.list.count,
    };
    return ST_OK;
}

static enum status receipt_ports(struct publish_job *job, const struct table_snapshot *snapshots,
                                 struct receipt *r)
{
    size_t               count = 0;
    struct receipt_port *ports = arena_array(job->cx->arena, job->plan.ports.count, sizeof *ports);

    for (size_t i = 0; i < job->plan.ports.count; i++) {
        const struct project_port *p = job->plan.ports.items[i].port;
        struct receipt_table *tables = arena_array(job->cx->arena, p->table_count, sizeof *tables);
        struct receipt_port  *made   = &ports[count];

        if (job->plan.ports.items[i].is_ended) {
            continue;
        }
        *made = (struct receipt_port){ .name        = p->name,
                                       .version     = p->version,
                                       .contract_id = p->contract->id.v,
                                       .contract    = document_of(p->doc),
                                       .tables      = tables };
        for (size_t k = 0; k < job->staged.count; k++) {
            if (job->staged.items[k].port == p) {
                TRY(receipt_table_of(job, &job->staged.items[k], &snapshots[k],
                                     &tables[made->table_count++]));
            }
        }
        count++;
    }
    r->ports.items = ports;
    r->ports.count = count;
    return ST_OK;
}

static void receipt_inputs(struct publish_job *job, struct receipt *r)
{
    const struct publish_inputs *inputs = &job->plan.inputs;
    struct receipt_input *made  = arena_array(job->cx->arena, inputs->list.count, sizeof *made);
    size_t                count = 0;

    for (size_t i = 0; i < inputs->list.count; i++) {
        const struct publish_input *in = &inputs->list.items[i];

        if (!str_eq(in->kind, S("document"))) {
            made[count++] = (struct receipt_input){ .kind        = in->kind,
                                                    .name        = in->name,
                                                    .snapshot    = in->snapshot,
                                                    .bytes       = (int64_t)in->bytes,
                                                    .sha256      = in->sha256,
                                                    .modified_us = in->mtime_us };
        }
    }
    r->inputs.items = made;
    r->inputs.count = count;
}

static void receipt_steps(struct publish_job *job, struct receipt *r)
{
    size_t                   count = job->plan.steps.count;
    struct receipt_document *steps = arena_array(job->cx->arena, count, sizeof *steps);

    for (size_t i = 0; i < count; i++) {
        steps[i] = document_of(job->plan.steps.items[i]->sql);
    }
    r->steps.items = steps;
    r->steps.count = count;
}

static size_t count_checks(const struct publish_job *job)
{
    size_t count = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        count += job->staged.items[i].checks.list.count;
    }
    return count;
}

static void receipt_checks(struct publish_job *job, struct receipt *r)
{
    struct receipt_check *made  = arena_array(job->cx->arena, count_checks(job), sizeof *made);
    size_t                count = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        const struct staged_table *s = &job->staged.items[i];

        for (size_t k = 0; k < s->checks.list.count; k++) {
            const struct quality_result *q = &s->checks.list.items[k];

            made[count++] = (struct receipt_check){
                .address   = s->table->address,
                .id        = q->id,
                .name      = q->name,
                .columns   = q->column,
                .dimension = q->dimension,
                .severity  = quality_severity_name(q->severity),
                .outcome   = quality_outcome_name(q->outcome),
                .measured  = q->measured_text,
                .threshold = q->threshold,
                .bad_rows  = q->has_bad_count ? (int64_t)q->bad_count : -1,
            };
        }
    }
    r->checks.items = made;
    r->checks.count = count;
}

static enum status build_receipt(struct publish_job *job, const struct table_snapshot *snapshots,
                                 struct receipt *out)
{
    static const str builds[]    = { [PROJECT_BUILD_SQL]       = STR_INIT("sql"),
                                     [PROJECT_BUILD_VIEW]      = STR_INIT("view"),
                                     [PROJECT_BUILD_DELIVERED] = STR_INIT("delivered") };
    static const str materials[] = {
        [PROJECT_MATERIAL_FULL]       = STR_INIT("full"),
        [PROJECT_MATERIAL_APPEND]     = STR_INIT("append"),
        [PROJECT_MATERIAL_PARTITIONS] = STR_INIT("partitions"),
        [PROJECT_MATERIAL_MERGE]      = STR_INIT("merge"),
    };
    /* Nothing is built when the sunset of every major has come. */
    static const struct project_table nothing = { 0 };
    const struct project_table *first = job->staged.count ? job->staged.items[0].table : &nothing;
    struct receipt              r     = {
                         .mesh            = job->env->project->name,
                         .product_id      = job->product->id,
                         .domain          = job->product->domain,
                         .product         = job->product->name,
                         .publish_id      = job->publish_id,
                         .build           = builds[first->build],
                         .materialization = materials[first->material],
                         .engine          = arena_printf(job->cx->arena, "duckdb " STR_FMT,
                                                         STR_ARG(str_from(engine_duckdb_version(), 1))),
                         .weft            = job->env->program,
                         .started_us      = job->started_us,
                         .fingerprint     = job->plan.fingerprint,
                         .rollback_of     = job->rollback_of,
                         .descriptor      = document_of(job->product->doc),
    };

    TRY(receipt_ports(job, snapshots, &r));
    receipt_inputs(job, &r);
    receipt_steps(job, &r);
    receipt_checks(job, &r);
    *out = r;
    return ST_OK;
}

/* ------------------------------------------------------------------------- rows */

static enum status put_inputs(struct publish_job *job)
{
    for (size_t i = 0; i < job->plan.inputs.list.count; i++) {
        const struct publish_input *in = &job->plan.inputs.list.items[i];

        TRY(db_run(job->cx, &publish_sql[PUBLISH_SQL_INPUT_PUT],
                   DB_ARGS(db_text(job->publish_id), db_i64((int64_t)i), db_text(in->kind),
                           db_text(in->name), db_text(in->snapshot), db_i64((int64_t)in->bytes),
                           db_i64(in->mtime_us), db_text(in->sha256))));
    }
    return ST_OK;
}

static enum status put_result(struct publish_job *job, const struct staged_table *s,
                              size_t position, const struct quality_result *q)
{
    return db_run(
        job->cx, &publish_sql[PUBLISH_SQL_RESULT_PUT],
        DB_ARGS(db_text(job->publish_id), db_i64((int64_t)position), db_text(s->table->address),
                db_text(q->id), db_text(q->name), db_text(q->column), db_text(q->dimension),
                db_text(quality_severity_name(q->severity)),
                db_text(quality_outcome_name(q->outcome)), db_text(q->measured_text),
                db_text(q->threshold), q->has_bad_count ? db_i64((int64_t)q->bad_count) : db_null(),
                db_text(q->message)));
}

static enum status put_results(struct publish_job *job)
{
    size_t position = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        const struct staged_table *s = &job->staged.items[i];

        for (size_t k = 0; k < s->checks.list.count; k++) {
            TRY(put_result(job, s, position++, &s->checks.list.items[k]));
        }
    }
    return ST_OK;
}

static size_t count_warnings(const struct publish_job *job)
{
    size_t count = 0;

    for (size_t i = 0; i < job->staged.count; i++) {
        count += job->staged.items[i].checks.warned;
    }
    return count;
}

enum status store_put(struct publish_job *job, const struct table_snapshot *snapshots)
{
    struct ctx           *cx = job->cx;
    struct receipt        r;
    struct receipt_link   link;
    const struct db_rows *last;

    TRY(build_receipt(job, snapshots, &r));
    TRY(receipt_append(cx, job->env->key, &r, &link));
    TRY(db_query_one(cx, &publish_sql[PUBLISH_SQL_PUBLISH_LAST_SEQ],
                     DB_ARGS(db_text(job->product->id)), &last));
    job->result->sequence       = (last ? db_col_i64(last, 0) : 0) + 1;
    job->result->receipt_sha256 = link.sha256;
    TRY(db_run(cx, &publish_sql[PUBLISH_SQL_PUBLISH_PUT],
               DB_ARGS(db_text(job->publish_id), db_text(job->product->id),
                       db_i64(job->result->sequence), db_text(job->plan.fingerprint),
                       db_i64(job->started_us), db_i64(ctx_now_us(cx)), db_text(cx->actor),
                       db_i64((int64_t)job->result->rows), db_i64((int64_t)job->result->bytes),
                       db_i64((int64_t)count_checks(job)), db_i64((int64_t)count_warnings(job)),
                       db_text(link.sha256), db_text_or_null(job->rollback_of))));
    TRY(put_inputs(job));
    return put_results(job);
}

enum status store_was_committed(struct ctx *cx, str publish_id, bool *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &publish_sql[PUBLISH_SQL_PUBLISH_GET], DB_ARGS(db_text(publish_id)),
                     &row));
    *out = row != NULL;
    return ST_OK;
}

/* ------------------------------------------------------------------------- history */

static struct publish_record record_of(struct ctx *cx, const struct db_rows *row)
{
    return (struct publish_record){ .id           = db_text_dup(row, cx, 0),
                                    .product_id   = db_text_dup(row, cx, 1),
                                    .seq          = db_col_i64(row, 2),
                                    .fingerprint  = db_text_dup(row, cx, 3),
                                    .started_us   = db_col_i64(row, 4),
                                    .committed_us = db_col_i64(row, 5),
                                    .actor        = db_text_dup(row, cx, 6),
                                    .rows         = (uint64_t)db_col_i64(row, 7),
                                    .bytes        = (uint64_t)db_col_i64(row, 8),
                                    .checks       = db_col_i64(row, 9),
                                    .warnings     = db_col_i64(row, 10),
                                    .receipt_hash = db_text_dup(row, cx, 11),
                                    .rollback_of  = db_text_dup(row, cx, 12) };
}

enum status publish_of_product(struct ctx *cx, str product_id, str wanted,
                               struct publish_record *out)
{
    const struct db_rows *row;
    int64_t               seq = 0;

    if (!str_to_i64(wanted, &seq)) {
        seq = 0;
    }
    TRY(db_query_one(cx, &publish_sql[PUBLISH_SQL_PUBLISH_OF_PRODUCT],
                     DB_ARGS(db_text(product_id), db_text(wanted), db_i64(seq)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "the product has no publish \"" STR_FMT "\"", STR_ARG(wanted));
    }
    *out = record_of(cx, row);
    return ST_OK;
}

enum status publish_history(struct ctx *cx, str product_id, int64_t limit,
                            struct publish_records *out)
{
    struct publish_records made                     = { 0 };
    struct db_rows *rows   CLEANUP(db_rows_cleanup) = NULL;
    bool                   has_row;

    if (product_id.len) {
        TRY(db_query(cx, &publish_sql[PUBLISH_SQL_PUBLISH_LIST],
                     DB_ARGS(db_text(product_id), db_i64(limit)), &rows));
    } else {
        TRY(db_query(cx, &publish_sql[PUBLISH_SQL_PUBLISH_RECENT], DB_ARGS(db_i64(limit)), &rows));
    }
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list, record_of(cx, rows));
    }
    *out = made;
    return ST_OK;
}

enum status publish_inputs_of(struct ctx *cx, str publish_id, struct publish_inputs *out)
{
    struct publish_inputs made                     = { 0 };
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    bool                  has_row;

    TRY(db_query(cx, &publish_sql[PUBLISH_SQL_INPUT_LIST], DB_ARGS(db_text(publish_id)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct publish_input){ .kind     = db_text_dup(rows, cx, 0),
                                         .name     = db_text_dup(rows, cx, 1),
                                         .snapshot = db_text_dup(rows, cx, 2),
                                         .bytes    = (uint64_t)db_col_i64(rows, 3),
                                         .mtime_us = db_col_i64(rows, 4),
                                         .sha256   = db_text_dup(rows, cx, 5) });
    }
    *out = made;
    return ST_OK;
}

enum status publish_checks_of(struct ctx *cx, str publish_id, struct publish_checks *out)
{
    struct publish_checks made                     = { 0 };
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    bool                  has_row;

    TRY(db_query(cx, &publish_sql[PUBLISH_SQL_RESULT_LIST], DB_ARGS(db_text(publish_id)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct publish_check){ .address   = db_text_dup(rows, cx, 0),
                                         .id        = db_text_dup(rows, cx, 1),
                                         .name      = db_text_dup(rows, cx, 2),
                                         .columns   = db_text_dup(rows, cx, 3),
                                         .dimension = db_text_dup(rows, cx, 4),
                                         .severity  = db_text_dup(rows, cx, 5),
                                         .outcome   = db_text_dup(rows, cx, 6),
                                         .measured  = db_text_dup(rows, cx, 7),
                                         .threshold = db_text_dup(rows, cx, 8),
                                         .bad_rows  = db_col_i64(rows, 9),
                                         .message   = db_text_dup(rows, cx, 10) });
    }
    *out = made;
    return ST_OK;
}

enum status publish_leases_all(struct ctx *cx, struct publish_leases *out)
{
    struct publish_leases made                     = { 0 };
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    bool                  has_row;

    TRY(db_query(cx, &publish_sql[PUBLISH_SQL_LEASE_LIST], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct publish_lease){ .product_id = db_text_dup(rows, cx, 0),
                                         .publish_id = db_text_dup(rows, cx, 1),
                                         .host       = db_text_dup(rows, cx, 2),
                                         .process    = db_col_i64(rows, 3),
                                         .started_us = db_col_i64(rows, 4),
                                         .alive_us   = db_col_i64(rows, 5) });
    }
    *out = made;
    return ST_OK;
}

enum status publish_lease_drop(struct ctx *cx, const struct publish_lease *lease)
{
    return db_run(cx, &publish_sql[PUBLISH_SQL_LEASE_DROP],
                  DB_ARGS(db_text(lease->product_id), db_text(lease->publish_id)));
}

struct db_module publish_schema(void)
{
    return (struct db_module){ "publish", publish_migrations, publish_migration_count };
}
