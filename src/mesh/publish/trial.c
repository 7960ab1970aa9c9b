/*
 * trial.c - would the rows that are published keep another contract?
 *
 * The checks that the other contract implies run on the files that are live now; nothing is built and nothing is
 * written. A column that is new in the contract reads as null, one that it no longer has is left where it
 * is, and so fails as undeclared: the same reading as docs/differences.md has.
 */
#include "publish/publish_int.h"

enum { RELATION_MAX = 64 << 20 };

/* A live table that the trial reads. */
struct tried_table {
    const struct odcs_object *object;
    str                       address, relation;
    struct table_snapshot     snapshot;
    struct table_files        files;
    struct quality_column    *columns;
    size_t                    column_count;
    bool                      is_there;
};

/* Names of sql rules lead to the live tables of the same port. */
struct trial_resolver {
    struct guard_resolver     base; /* first: downcast by address */
    const struct publish_env *env;
    const struct tried_table *tables;
    size_t                    count;
};

static enum status resolve_live(struct guard_resolver *base, struct ctx *cx,
                                const struct guard_name *name, struct guard_relation *out)
{
    struct trial_resolver *r     = container_of(base, struct trial_resolver, base);
    struct query_env       env   = { .blob = r->env->blob, .access = r->env->access };
    struct query_tables    under = { 0 };

    for (size_t i = 0; i < r->count && name->schema.len == 0; i++) {
        if (r->tables[i].is_there && str_eq(r->tables[i].object->name.v, name->table)) {
            return query_relation(cx, &env, &r->tables[i].snapshot, &under, out);
        }
    }
    return FAIL(cx, NOT_FOUND, "a rule can name the tables of its own product");
}

/* ------------------------------------------------------------------------- what is read */

static const struct table_column *find_column(const struct table_columns *columns, str name)
{
    for (size_t i = 0; i < columns->list.count; i++) {
        if (str_eq(columns->list.items[i].name, name)) {
            return &columns->list.items[i];
        }
    }
    return NULL;
}

/* The type that a column of the other contract would be stored as; text when it says none. */
static str stored_type(struct ctx *cx, const struct odcs_property *p)
{
    const struct coltype *type;
    struct err            unseen = { 0 };
    struct ctx            own    = *cx;

    own.err = &unseen;
    return coltype_of_property(&own, p, &type) == ST_OK ? coltype_text(cx, coltype_stored(cx, type))
                                                        : S("VARCHAR");
}

/* The published columns, and the new ones as nulls: (SELECT *, CAST(NULL AS …) AS "note" FROM …). */
static enum status add_columns(struct ctx *cx, struct tried_table *t)
{
    const struct odcs_properties *wanted               = &t->object->properties;
    size_t                        had                  = t->snapshot.columns.list.count;
    struct buf sql                CLEANUP(buf_release) = BUF_INIT(RELATION_MAX);

    t->columns = arena_array(cx->arena, had + wanted->count, sizeof *t->columns);
    for (size_t i = 0; i < had; i++) {
        const struct table_column *c = &t->snapshot.columns.list.items[i];

        t->columns[t->column_count++] = (struct quality_column){ c->name, c->type };
    }
    buf_add(&sql, S("(SELECT *"));
    for (size_t i = 0; i < wanted->count; i++) {
        const struct odcs_property *p = &wanted->items[i];
        str                         type;

        if (find_column(&t->snapshot.columns, p->name.v)) {
            continue;
        }
        type = stored_type(cx, p);
        buf_printf(&sql, ", CAST(NULL AS " STR_FMT ") AS ", STR_ARG(type));
        engine_quote_ident(&sql, p->name.v);
        t->columns[t->column_count++] = (struct quality_column){ p->name.v, type };
    }
    buf_printf(&sql, " FROM " STR_FMT ")", STR_ARG(t->relation));
    return t->column_count == had ? ST_OK
                                  : buf_take(&sql, cx, "the columns of a contract", &t->relation);
}

static enum status open_table(struct ctx *cx, const struct publish_env *env, struct tried_table *t)
{
    struct table_read read;
    enum status       st = table_head(cx, t->address, &t->snapshot);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    TRY(st);
    TRY(table_files_of(cx, t->snapshot.id, &t->files));
    t->is_there = t->snapshot.view.len == 0;
    if (!t->is_there) {
        return ST_OK;
    }
    read = (struct table_read){ .columns = &t->snapshot.columns,
                                .files   = t->files.list.items,
                                .count   = t->files.list.count };
    TRY(table_is_exact(cx, read.columns, t->snapshot.id, &read.is_exact));
    TRY(table_relation(cx, env->blob, &read, &t->relation));
    return add_columns(cx, t);
}

/* ------------------------------------------------------------------------- the trial */

static const struct quality_table *others_of(struct ctx *cx, const struct tried_table *tables,
                                             size_t count, const struct tried_table *of,
                                             size_t *out_count)
{
    struct quality_table *made = arena_array(cx->arena, count, sizeof *made);

    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (&tables[i] != of && tables[i].is_there) {
            made[(*out_count)++] = (struct quality_table){ .name         = tables[i].object->name.v,
                                                           .relation     = tables[i].relation,
                                                           .columns      = tables[i].columns,
                                                           .column_count = tables[i].column_count };
        }
    }
    return made;
}

/* An answer that a person cannot read from a text, and that was not given. */
static bool is_unanswered(const struct quality_result *r)
{
    return r->severity == QUALITY_ERROR &&
           (r->outcome == QUALITY_ERRORED ||
            (r->outcome == QUALITY_NOT_EVALUATED && !str_eq(r->kind, S("text")) &&
             !str_eq(r->kind, S("custom"))));
}

static enum status try_table(struct ctx *cx, const struct publish_env *env,
                             struct engine_conn *conn, struct trial_resolver *resolver,
                             const struct tried_table *t, struct publish_trial *out)
{
    struct publish_trial_table made = { .address = t->address, .rows = t->snapshot.rows };
    struct quality_plan       *plan;
    struct quality_subject     subject = { .object       = t->object,
                                           .table        = t->object->name.v,
                                           .columns      = t->columns,
                                           .column_count = t->column_count,
                                           .relation     = t->relation,
                                           .file_count   = t->files.list.count,
                                           .guard        = env->guard,
                                           .resolver     = &resolver->base,
                                           .functions    = env->functions };

    TRY(check_stats_of(cx, t->files.list.items, t->files.list.count, &subject.files));
    subject.others = others_of(cx, resolver->tables, resolver->count, t, &subject.other_count);
    TRY(quality_plan(cx, &subject, &plan));
    TRY(quality_run(cx, plan, conn, &made.checks));
    if (made.checks.failed > 0) {
        TRY(quality_samples(cx, plan, conn, &made.checks, &made.samples));
    }
    for (size_t i = 0; i < made.checks.list.count; i++) {
        out->unanswered += is_unanswered(&made.checks.list.items[i]);
    }
    out->failed += made.checks.failed;
    out->tried++;
    vec_push(cx->arena, &out->tables, made);
    return ST_OK;
}

static enum status try_tables(struct ctx *cx, const struct publish_env *env,
                              struct engine_conn *conn, struct trial_resolver *resolver,
                              struct publish_trial *out)
{
    for (size_t i = 0; i < resolver->count; i++) {
        const struct tried_table *t = &resolver->tables[i];

        if (t->is_there) {
            TRY(try_table(cx, env, conn, resolver, t, out));
        } else {
            struct publish_trial_table left = { .address = t->address };

            left.note = t->snapshot.view.len ? S("a view, whose rows are made when it is read")
                                             : S("no rows are published there");
            out->unanswered += t->snapshot.view.len > 0;
            vec_push(cx->arena, &out->tables, left);
        }
    }
    return ST_OK;
}

enum status publish_try_contract(struct ctx *cx, const struct publish_env *env,
                                 const struct publish_trial_port *port,
                                 const struct odcs_contract *contract, struct publish_trial *out)
{
    size_t                count    = contract->schema.count;
    struct tried_table   *tables   = arena_array(cx->arena, count, sizeof *tables);
    struct publish_trial  made     = { 0 };
    struct engine_conn   *conn     = NULL;
    struct trial_resolver resolver = {
        .base = { .resolve = resolve_live }, .env = env, .tables = tables, .count = count
    };
    enum status st;

    for (size_t i = 0; i < count; i++) {
        const struct odcs_object *object = &contract->schema.items[i];

        tables[i] =
            (struct tried_table){ .object  = object,
                                  .address = address_table(cx->arena, port->domain, port->product,
                                                           port->major, object->name.v) };
        TRY(open_table(cx, env, &tables[i]));
    }
    TRY(engine_connect(env->engine, cx, &conn));
    st = try_tables(cx, env, conn, &resolver, &made);
    engine_disconnect(conn);
    if (st == ST_OK) {
        *out = made;
    }
    return st;
}
