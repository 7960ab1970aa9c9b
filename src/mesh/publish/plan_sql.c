/*
 * plan_sql.c - product SQL made safe and bound against declared types, before any row is read.
 *
 * Inputs go into the shadow catalog with the columns their contracts declare; steps follow in the
 * order in which they read each other; then each table's SELECT is planned and its columns compared
 * with the contract's.
 */
#include "publish/publish_int.h"

#include "os/thread.h"

struct sql_plan {
    struct ctx               *cx;
    const struct publish_env *env;
    struct diags             *diags;
    struct publish_plan      *plan;
    struct product_resolver   resolver;
};

static enum status put_columns(struct sql_plan *p, const struct lineage_table *place,
                               const struct project_table *table)
{
    struct lineage_column *columns =
        arena_array(p->cx->arena, table->column_count, sizeof *columns);

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = (struct lineage_column){ table->columns[i].name, table->columns[i].type_text };
    }
    return lineage_shadow_put(p->env->shadow, p->cx, place, columns, table->column_count);
}

static enum status put_inputs(struct sql_plan *p, const struct bound_inputs *inputs)
{
    for (size_t i = 0; i < inputs->sources.count; i++) {
        const struct project_table *t = inputs->sources.items[i].table;
        struct lineage_table        place =
            shadow_place(p->cx->arena, p->plan->product, "source", t->name);

        TRY(put_columns(p, &place, t));
    }
    for (size_t i = 0; i < inputs->tables.count; i++) {
        const struct bound_table  *t     = &inputs->tables.items[i];
        const struct project_port *port  = t->input->upstream;
        struct lineage_table       place = {
                  .catalog = port->product->domain,
                  .schema = arena_printf(p->cx->arena, STR_FMT "_v%u", STR_ARG(port->product->name),
                                         port->major),
                  .table  = t->table->name,
        };

        TRY(put_columns(p, &place, t->table));
    }
    return ST_OK;
}

/* Refusals are findings already: the plan goes on to find more. */
static enum status tolerate(struct sql_plan *p, enum status st)
{
    if (st == ST_INVALID || st == ST_LIMIT) {
        err_clear(p->cx->err);
        return ST_OK;
    }
    return st;
}

static enum status approve(struct sql_plan *p, const struct diag_text *text,
                           struct guard_approved *out, bool *is_approved)
{
    struct guard_request rq = { .text     = *text,
                                .use      = p->resolver.is_view ? GUARD_QUERY : GUARD_BUILD,
                                .resolver = &p->resolver.base };
    enum status          st = guard_approve(p->env->guard, p->cx, &rq, p->diags, out);

    *is_approved = st == ST_OK;
    return tolerate(p, st);
}

/* ------------------------------------------------------------------------- steps */

enum step_mark { STEP_NEW, STEP_OPEN, STEP_DONE };

struct step_plan {
    const struct project_step *step;
    struct guard_approved      approved;
    bool                       is_approved;
    enum step_mark             mark;
};

struct step_plans {
    VEC(struct step_plan) list;
};

static enum status plan_step(struct sql_plan *p, struct step_plan *s)
{
    struct lineage_plan  out;
    struct lineage_table place =
        shadow_place(p->cx->arena, p->plan->product, "step", s->step->name);
    enum status st =
        lineage_plan_sql(p->env->shadow, p->cx, &s->step->sql->text, &s->approved, p->diags, &out);

    if (st != ST_OK) {
        return tolerate(p, st);
    }
    vec_push(p->cx->arena, &p->plan->steps, s->step);
    return lineage_shadow_put(p->env->shadow, p->cx, &place, out.columns, out.column_count);
}

/* A step after the steps that it reads; a circle is a finding. */
static enum status visit_step(struct sql_plan *p, struct step_plans *all, struct step_plan *s)
{
    if (s->mark == STEP_DONE || !s->is_approved) {
        return ST_OK;
    }
    if (s->mark == STEP_OPEN) {
        diag_add(p->diags, p->cx, DIAG_ERROR, &s->step->sql->text, (struct diag_pos){ 0 },
                 S("build.step-cycle"), STR_NONE, "step \"" STR_FMT "\" reads itself in a circle",
                 STR_ARG(s->step->name));
        return ST_OK;
    }
    s->mark = STEP_OPEN;
    for (size_t i = 0; i < s->approved.table_count; i++) {
        for (size_t k = 0; k < all->list.count; k++) {
            if (str_eq(all->list.items[k].step->name, s->approved.tables[i].key)) {
                TRY(visit_step(p, all, &all->list.items[k]));
            }
        }
    }
    s->mark = STEP_DONE;
    return plan_step(p, s);
}

static enum status plan_steps(struct sql_plan *p, unsigned major)
{
    struct step_plans all = { 0 };

    p->resolver.major = major;
    for (size_t i = 0; i < p->plan->product->steps.count; i++) {
        struct step_plan s = { .step = &p->plan->product->steps.items[i] };

        if (s.step->major == major) {
            TRY(approve(p, &s.step->sql->text, &s.approved, &s.is_approved));
            vec_push(p->cx->arena, &all.list, s);
        }
    }
    for (size_t i = 0; i < all.list.count; i++) {
        TRY(visit_step(p, &all, &all.list.items[i]));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- tables */

static const struct lineage_column *find_output(const struct lineage_plan *plan, str name)
{
    for (size_t i = 0; i < plan->column_count; i++) {
        if (str_eq_nocase(plan->columns[i].name, name)) {
            return &plan->columns[i];
        }
    }
    return NULL;
}

static str nearest_output(struct sql_plan *p, const struct lineage_plan *plan, str name)
{
    str *names = arena_array(p->cx->arena, plan->column_count, sizeof *names);
    str  near;

    for (size_t i = 0; i < plan->column_count; i++) {
        names[i] = plan->columns[i].name;
    }
    near = str_nearest(name, names, plan->column_count);
    return near.len ? arena_printf(p->cx->arena, "the SELECT gives \"" STR_FMT "\"", STR_ARG(near))
                    : S("give it a name with AS");
}

static enum status compare_column(struct sql_plan *p, const struct publish_table_plan *t,
                                  const struct project_column *declared,
                                  const struct lineage_plan   *plan)
{
    const struct lineage_column *built = find_output(plan, declared->name);
    const struct coltype        *type;

    if (!built) {
        diag_add(p->diags, p->cx, DIAG_ERROR, &t->port->doc->text, declared->property->name.at,
                 S("build.column-missing"), nearest_output(p, plan, declared->name),
                 "the SQL of table \"" STR_FMT "\" gives no column \"" STR_FMT "\"",
                 STR_ARG(t->table->name), STR_ARG(declared->name));
        return ST_OK;
    }
    if (coltype_parse(p->cx, built->type, &type) != ST_OK) {
        err_clear(p->cx->err);
    } else if (coltype_widens(type, declared->type)) {
        return ST_OK;
    }
    diag_add(p->diags, p->cx, DIAG_ERROR, &t->port->doc->text, declared->property->at,
             S("build.column-type"),
             arena_printf(p->cx->arena,
                          "write CAST(\xe2\x80\xa6 AS " STR_FMT ") AS " STR_FMT
                          " in the SQL, or declare the type that is built",
                          STR_ARG(declared->type_text), STR_ARG(declared->name)),
             "column \"" STR_FMT "\" is declared " STR_FMT " but the SQL gives " STR_FMT,
             STR_ARG(declared->name), STR_ARG(declared->type_text), STR_ARG(built->type));
    return ST_OK;
}

static void report_undeclared(struct sql_plan *p, const struct publish_table_plan *t,
                              const struct diag_text *text, const struct lineage_plan *plan)
{
    for (size_t i = 0; i < plan->column_count; i++) {
        bool is_declared = false;

        for (size_t k = 0; k < t->table->column_count; k++) {
            is_declared =
                is_declared || str_eq_nocase(t->table->columns[k].name, plan->columns[i].name);
        }
        if (!is_declared) {
            diag_add(p->diags, p->cx, DIAG_ERROR, text, (struct diag_pos){ 0 },
                     S("build.column-undeclared"), S("add it to the contract, or leave it out"),
                     "the SQL gives column \"" STR_FMT "\", which the contract of table \"" STR_FMT
                     "\" does not have",
                     STR_ARG(plan->columns[i].name), STR_ARG(t->table->name));
        }
    }
}

/* ------------------------------------------------------------------------- copies */

static const struct project_column *find_column(const struct project_table *table, str name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (str_eq_nocase(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static void report_not_in_source(struct sql_plan *p, const struct publish_table_plan *t,
                                 const struct project_column *declared)
{
    const struct project_table *source = t->table->copy_of;
    str *names = arena_array(p->cx->arena, source->column_count, sizeof *names);
    str  near;

    for (size_t i = 0; i < source->column_count; i++) {
        names[i] = source->columns[i].name;
    }
    near = str_nearest(declared->name, names, source->column_count);
    diag_add(p->diags, p->cx, DIAG_ERROR, &t->port->doc->text, declared->property->name.at,
             S("build.column-missing"),
             near.len ? arena_printf(p->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
                      : arena_printf(p->cx->arena,
                                     "write " STR_FMT "/" STR_FMT ".sql: one SELECT that gives it",
                                     STR_ARG(t->port->dir), STR_ARG(t->table->name)),
             "table \"" STR_FMT "\" is a copy of source." STR_FMT ", which has no column \"" STR_FMT
             "\"",
             STR_ARG(t->table->name), STR_ARG(source->name), STR_ARG(declared->name));
}

/* A table without SQL has no text to point at: what does not fit is said of the contract. */
static void compare_copy(struct sql_plan *p, const struct publish_table_plan *t)
{
    const struct project_table *source = t->table->copy_of;

    for (size_t i = 0; i < t->table->column_count; i++) {
        const struct project_column *declared = &t->table->columns[i];
        const struct project_column *given    = find_column(source, declared->name);

        if (!given) {
            report_not_in_source(p, t, declared);
        } else if (!coltype_widens(given->type, declared->type)) {
            diag_add(p->diags, p->cx, DIAG_ERROR, &t->port->doc->text, declared->property->at,
                     S("build.column-type"),
                     arena_printf(p->cx->arena,
                                  "declare the type of the source, or write " STR_FMT "/" STR_FMT
                                  ".sql with CAST(" STR_FMT " AS " STR_FMT ") AS " STR_FMT,
                                  STR_ARG(t->port->dir), STR_ARG(t->table->name),
                                  STR_ARG(declared->name), STR_ARG(declared->type_text),
                                  STR_ARG(declared->name)),
                     "column \"" STR_FMT "\" is declared " STR_FMT " but source." STR_FMT
                     " has " STR_FMT,
                     STR_ARG(declared->name), STR_ARG(declared->type_text), STR_ARG(source->name),
                     STR_ARG(given->type_text));
        }
    }
}

static enum status plan_table(struct sql_plan *p, const struct publish_table_plan *t)
{
    size_t                errors = p->diags->errors;
    struct guard_approved approved;
    struct lineage_plan   out;
    struct diag_text      text = { .name  = t->table->sql ? t->table->sql->text.name
                                                          : t->port->doc->text.name,
                                   .bytes = t->table->sql_text };
    bool                  is_approved;
    enum status           st;

    if (t->table->build == PROJECT_BUILD_DELIVERED || t->table->sql_text.len == 0) {
        return ST_OK;
    }
    if (t->table->copy_of) {
        compare_copy(p, t);
    }
    if (p->diags->errors > errors) {
        return ST_OK;
    }
    TRY(approve(p, &text, &approved, &is_approved));
    if (!is_approved) {
        return ST_OK;
    }
    st = lineage_plan_sql(p->env->shadow, p->cx, &text, &approved, p->diags, &out);
    if (st != ST_OK) {
        return tolerate(p, st);
    }
    for (size_t i = 0; i < t->table->column_count; i++) {
        TRY(compare_column(p, t, &t->table->columns[i], &out));
    }
    report_undeclared(p, t, &text, &out);
    return ST_OK;
}

enum status plan_sql(struct ctx *cx, const struct publish_env *env, struct bound_inputs *inputs,
                     struct diags *diags, struct publish_plan *plan)
{
    struct sql_plan p = { .cx = cx, .env = env, .diags = diags, .plan = plan };

    OS_GUARD(env->shadow_lock);
    TRY(inputs_govern_shadow(cx, env, plan->product, inputs));
    resolver_init(&p.resolver, env, plan->product, inputs, RESOLVE_SHADOW);
    TRY(put_inputs(&p, inputs));
    for (size_t i = 0; i < plan->product->ports.count; i++) {
        bool is_first = true;

        for (size_t k = 0; k < i; k++) {
            is_first = is_first &&
                       plan->product->ports.items[k]->major != plan->product->ports.items[i]->major;
        }
        if (is_first) {
            TRY(plan_steps(&p, plan->product->ports.items[i]->major));
        }
    }
    for (size_t i = 0; i < plan->tables.count; i++) {
        p.resolver.major   = plan->tables.items[i].port->major;
        p.resolver.is_view = plan->tables.items[i].table->build == PROJECT_BUILD_VIEW;
        TRY(plan_table(&p, &plan->tables.items[i]));
    }
    return ST_OK;
}
