/*
 * build.c - from approved SQL to checked files.
 */
#include "publish/publish_int.h"

#include "base/time.h"
#include "publish/publish_engine_sql.h"

enum { STATEMENT_MAX = ENGINE_SQL_MAX };

/* ------------------------------------------------------------------------- approving */

static enum status approve(struct publish_job *job, unsigned major, enum guard_use use,
                           const struct diag_text *text, struct guard_approved *out)
{
    struct product_resolver resolver;
    struct guard_request    rq       = { .text = *text, .use = use };
    struct diags            findings = { 0 };
    enum status             st;

    resolver_init(&resolver, job->env, job->product, &job->inputs, RESOLVE_DATA);
    resolver.major   = major;
    resolver.schema  = job->schema;
    resolver.is_view = use == GUARD_QUERY;
    rq.resolver      = &resolver.base;
    st               = guard_approve(job->env->guard, job->cx, &rq, &findings, out);
    if (st != ST_OK) {
        for (size_t i = 0; i < findings.list.count; i++) {
            vec_push(job->cx->arena, &job->result->diags.list, findings.list.items[i]);
        }
        job->result->diags.errors += findings.errors;
    }
    return st;
}

static enum status make_schema(struct publish_job *job)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    str            text;

    buf_add(&sql, str_of(publish_engine_sql[PUBLISH_ENGINE_SQL_SCHEMA_MAKE].text));
    buf_add_char(&sql, ' ');
    engine_quote_ident(&sql, job->schema);
    TRY(buf_take(&sql, job->cx, "a statement", &text));
    return engine_exec(job->conn, job->cx, text);
}

static enum status build_step(struct publish_job *job, const struct project_step *step)
{
    struct buf sql        CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct guard_approved approved;
    str                   text;

    job_report(job, PUBLISH_BUILDING, step->name);
    TRY(approve(job, step->major, GUARD_BUILD, &step->sql->text, &approved));
    buf_add(&sql, str_of(publish_engine_sql[PUBLISH_ENGINE_SQL_STEP_MAKE].text));
    buf_add_char(&sql, ' ');
    engine_quote_ident(&sql, job->schema);
    buf_add_char(&sql, '.');
    engine_quote_ident(&sql, step->name);
    buf_add(&sql, S(" AS "));
    buf_add(&sql, approved.sql);
    TRY(buf_take(&sql, job->cx, "a step", &text));
    if (engine_exec(job->conn, job->cx, text) != ST_OK) {
        return err_wrap(job->cx->err, "step \"" STR_FMT "\"", STR_ARG(step->name));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- incremental runs */

static const struct project_column *incremental_column(const struct staged_table *s)
{
    for (size_t i = 0; i < s->table->column_count; i++) {
        if (str_eq(s->table->columns[i].name, s->table->incremental_column)) {
            return &s->table->columns[i];
        }
    }
    BUG("incremental_column: the project names a column");
}

/* A value before all others of the column's type: what $from is on the first run. */
static str least_value(const struct staged_table *s)
{
    switch ((int)incremental_column(s)->type->kind) {
    case COLTYPE_DATE:
    case COLTYPE_TIMESTAMP:
    case COLTYPE_TIMESTAMP_TZ: return S("-infinity");
    case COLTYPE_VARCHAR: return S("");
    default: return S("-9223372036854775808");
    }
}

/* The newest value that is published, less the time to look back, as text; empty when the table is empty or new. */
static enum status newest_value(struct publish_job *job, const struct staged_table *s, str *out)
{
    struct buf sql          CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);
    struct engine_statement statement            = { 0 };
    struct engine_table     rows;
    struct table_read       read;
    str                     relation;

    *out = STR_NONE;
    if (!s->has_parent || s->parent_files.list.count == 0) {
        return ST_OK;
    }
    read = (struct table_read){ .columns  = &s->parent.columns,
                                .files    = s->parent_files.list.items,
                                .count    = s->parent_files.list.count,
                                .is_exact = s->parent_is_exact };
    TRY(table_relation(job->cx, job->env->blob, &read, &relation));
    buf_add(&sql, str_of(publish_engine_sql[PUBLISH_ENGINE_SQL_GREATEST_VALUE].text));
    engine_quote_ident(&sql, s->table->incremental_column);
    buf_add_char(&sql, ')');
    if (s->table->lookback_us > 0) {
        buf_printf(&sql, " - to_microseconds(%lld)", (long long)s->table->lookback_us);
    }
    buf_printf(&sql, " AS " STR_FMT ") AS VARCHAR) FROM ",
               STR_ARG(incremental_column(s)->type_text));
    buf_add(&sql, relation);
    TRY(buf_take(&sql, job->cx, "a statement", &statement.sql));
    TRY(engine_rows(job->conn, job->cx, &statement, &rows));
    *out = rows.rows == 1 ? engine_cell(&rows, 0, 0) : STR_NONE;
    return ST_OK;
}

/*
 * $from is the newest published value of the incremental column less the time to look back, on the first
 * run a value before all others; $to is the time of this run. Rows after $from, up to $to, are new.
 */
static enum status bind_range(struct publish_job *job, const struct staged_table *s,
                              const struct guard_approved *approved, struct engine_value args[2],
                              size_t *count)
{
    str newest;

    *count = 0;
    if (approved->from_index == 0 && approved->to_index == 0) {
        return ST_OK;
    }
    if (s->table->incremental_column.len == 0) {
        return FAIL(job->cx, INVALID,
                    "the SQL of table \"" STR_FMT "\" uses $from or $to, but its contract has no "
                    "weft.incremental: {column: NAME}",
                    STR_ARG(s->table->name));
    }
    TRY(newest_value(job, s, &newest));
    for (unsigned i = 1; i <= 2; i++) {
        if (approved->from_index == i) {
            args[(*count)++] = ENGINE_ARG_TEXT(newest.ptr ? newest : least_value(s));
        } else if (approved->to_index == i) {
            args[(*count)++] = ENGINE_ARG_TEXT(time_text(job->cx->arena, job->started_us));
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- tables */

/* A delivered table is a plain copy of the files that were brought. */
static enum status delivered_sql(struct publish_job *job, const struct staged_table *s, str *out)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(STATEMENT_MAX);

    buf_add(&sql, S("SELECT "));
    for (size_t i = 0; i < s->table->column_count; i++) {
        buf_add(&sql, i ? S(", ") : S(""));
        engine_quote_ident(&sql, s->table->columns[i].name);
    }
    buf_add(&sql, S(" FROM source."));
    engine_quote_ident(&sql, s->table->name);
    return buf_take(&sql, job->cx, "a statement", out);
}

static enum status assign_columns(struct publish_job *job, struct staged_table *s)
{
    struct table_shape *shape = arena_array(job->cx->arena, s->table->column_count, sizeof *shape);
    str                 now, before;

    for (size_t i = 0; i < s->table->column_count; i++) {
        shape[i] =
            (struct table_shape){ s->table->columns[i].name, s->table->columns[i].type_text };
    }
    TRY(table_assign_ids(job->cx, s->parent.id.len ? &s->parent.columns : NULL, shape,
                         s->table->column_count, &s->columns));
    TRY(table_is_exact(job->cx, &s->columns, STR_NONE, &s->is_exact));
    if (s->is_exact && s->has_parent) {
        TRY(table_columns_text(job->cx, &s->columns, &now));
        TRY(table_columns_text(job->cx, &s->parent.columns, &before));
        s->is_exact = s->parent_is_exact && str_eq(now, before);
    }
    return ST_OK;
}

/*
 * What its SQL names, in the order of the input ports: there a name without a major means the same table
 * when the view is read as it means now.
 */
static void note_view_inputs(struct publish_job *job, const struct guard_approved *approved,
                             struct staged_table *s)
{
    for (size_t i = 0; i < job->inputs.tables.count; i++) {
        str  address  = job->inputs.tables.items[i].table->address;
        bool is_named = false;

        for (size_t k = 0; k < approved->table_count; k++) {
            const struct guard_table *t = &approved->tables[k];

            is_named = is_named || (t->through.len == 0 && str_eq(t->key, address));
        }
        if (is_named) {
            vec_push(job->cx->arena, &s->view.inputs.list, address);
        }
    }
    s->view.sql = str_of(s->table->sql->sha256);
}

static enum status build_table(struct publish_job *job, struct staged_table *s)
{
    struct guard_approved approved;
    struct engine_value   args[2];
    struct diag_text      text   = { .bytes = s->table->sql_text };
    struct rows_select    select = { .args = args };

    job_report(job, PUBLISH_BUILDING, s->table->address);
    text.name = s->table->sql ? s->table->sql->text.name : s->table->address;
    if (s->table->build == PROJECT_BUILD_DELIVERED) {
        TRY(delivered_sql(job, s, &text.bytes));
    }
    TRY(assign_columns(job, s));
    TRY(approve(job, s->port->major, staged_is_view(s) ? GUARD_QUERY : GUARD_BUILD, &text,
                &approved));
    TRY(bind_range(job, s, &approved, args, &select.arg_count));
    select.sql = approved.sql;
    if (rows_write(job, s, &select) != ST_OK) {
        return err_wrap(job->cx->err, "build " STR_FMT, STR_ARG(s->table->address));
    }
    job->result->rows += s->rows;
    if (staged_is_view(s)) {
        note_view_inputs(job, &approved, s);
        s->view.rows = s->rows;
    }
    return ST_OK;
}

enum status job_drop_views(struct publish_job *job)
{
    for (size_t i = 0; i < job->staged.count; i++) {
        if (staged_is_view(&job->staged.items[i])) {
            TRY(blob_delete(job->env->blob, job->cx, job->staged.items[i].files.items[0].key));
        }
    }
    return ST_OK;
}

static enum status seal_all(struct publish_job *job)
{
    for (size_t i = 0; i < job->staged.count; i++) {
        struct staged_table *s = &job->staged.items[i];

        if (staged_is_view(s)) {
            continue;
        }
        job_report(job, PUBLISH_SEALING, s->table->address);
        TRY(table_seal(job->cx, job->env->blob, job->conn, &s->columns, s->files.items,
                       s->files.count));
    }
    return ST_OK;
}

enum status job_build(struct publish_job *job)
{
    TRY(make_schema(job));
    TRY(inputs_load(job));
    for (size_t i = 0; i < job->plan.steps.count; i++) {
        TRY(build_step(job, job->plan.steps.items[i]));
    }
    for (size_t i = 0; i < job->staged.count; i++) {
        TRY(build_table(job, &job->staged.items[i]));
    }
    return seal_all(job);
}
