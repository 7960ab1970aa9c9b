/*
 * run.c - publishing several products: each when its upstream products are done, a few at a time.
 *
 * Each worker thread takes the next product that is ready, gives it an arena, a context and a store
 * connection of its own, and works through the steps. A product whose upstream failed is stopped.
 */
#include "publish/publish_int.h"

#include "base/id.h"
#include "os/clock.h"
#include "os/thread.h"
#include "publish/publish_engine_sql.h"

enum item_state { ITEM_WAITING, ITEM_RUNNING, ITEM_ENDED };

struct item {
    struct project_product        *product;
    struct publish_product_result *result;
    enum item_state                state;
};

struct run {
    const struct publish_env *env;
    const struct ctx         *parent;
    struct item              *items;
    size_t                    count, ended;
    struct os_mutex           lock; /* guards states and `ended` */
    struct os_cond            changed;
};

/* ------------------------------------------------------------------------- one product */

void job_report(struct publish_job *job, enum publish_phase phase, str table)
{
    struct publish_progress now = {
        .product    = job->product,
        .phase      = phase,
        .table      = table,
        .percent    = -1,
        .rows       = job->result->rows,
        .bytes      = job->result->bytes,
        .elapsed_us = ctx_now_us(job->cx) - job->started_us,
    };

    if (job->env->progress) {
        job->env->progress(job->env->progress_arg, &now);
    }
}

/* A table that comes back has none of its rows, but its ids: they are given once. */
static enum status pin_gone(struct publish_job *job, struct staged_table *s)
{
    struct table_gone gone;
    enum status       st = table_gone_at(job->cx, s->table->address, &gone);

    if (st == ST_NOT_FOUND) {
        err_clear(job->cx->err);
        return ST_OK;
    }
    if (st == ST_OK) {
        s->parent = gone.last;
    }
    return st;
}

/* What is live now: parents of appended tables and of field ids. */
static enum status pin_parents(struct publish_job *job)
{
    for (size_t i = 0; i < job->plan.tables.count; i++) {
        const struct publish_table_plan *t  = &job->plan.tables.items[i];
        struct staged_table              s  = { .port = t->port, .table = t->table };
        enum status                      st = table_head(job->cx, t->table->address, &s.parent);

        if (st == ST_OK) {
            s.has_parent = t->table->material != PROJECT_MATERIAL_FULL && s.parent.view.len == 0 &&
                           !job->env->is_full;
            TRY(table_files_of(job->cx, s.parent.id, &s.parent_files));
            TRY(table_is_exact(job->cx, &s.parent.columns, s.parent.parent, &s.parent_is_exact));
        } else if (st == ST_NOT_FOUND) {
            err_clear(job->cx->err);
            TRY(pin_gone(job, &s));
        } else {
            return st;
        }
        vec_push(job->cx->arena, &job->staged, s);
    }
    return ST_OK;
}

/* An input that went after the product was planned cannot be read. */
static enum status check_there(struct publish_job *job)
{
    for (size_t i = 0; i < job->inputs.tables.count; i++) {
        const struct bound_table *t = &job->inputs.tables.items[i];

        if (!t->is_published) {
            return FAIL(job->cx, CONFLICT, "input " STR_FMT " went away meanwhile; plan again",
                        STR_ARG(t->table->address));
        }
    }
    return ST_OK;
}

/* Everything that is read from the store, at one moment. */
static enum status pin(struct publish_job *job)
{
    struct publish_inputs known = job->plan.inputs;

    TRY(inputs_bind(job->cx, job->env, job->product, &job->result->diags, &job->inputs));
    TRY(check_there(job));
    TRY(inputs_list(job->cx, job->product, &job->inputs, &known, &job->plan.inputs));
    return pin_parents(job);
}

static enum status read_and_build(struct publish_job *job)
{
    job_report(job, PUBLISH_READING, STR_NONE);
    TRY(db_begin(job->db, job->cx, DB_READ));
    TRY(db_end(job->cx, pin(job)));
    TRY(engine_connect(job->env->engine, job->cx, &job->conn));
    TRY(job_build(job));
    TRY(inputs_check(job->cx, &job->inputs));
    TRY(job_check(job));
    TRY(job_drop_views(job));
    return job_commit(job);
}

/* The files are there already: they are checked as if they had been built. */
static enum status restore(struct publish_job *job)
{
    job_report(job, PUBLISH_READING, STR_NONE);
    TRY(db_begin(job->db, job->cx, DB_READ));
    TRY(db_end(job->cx, job_restore(job)));
    TRY(engine_connect(job->env->engine, job->cx, &job->conn));
    TRY(job_check(job));
    return job_commit(job);
}

static void drop_schema(struct publish_job *job)
{
    struct err err   = { 0 };
    struct ctx quiet = *job->cx;
    struct buf sql   = BUF_INIT(4096);

    quiet.err         = &err;
    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    buf_printf(&sql, "%s ", publish_engine_sql[PUBLISH_ENGINE_SQL_SCHEMA_DROP].text);
    engine_quote_ident(&sql, job->schema);
    buf_add(&sql, S(" CASCADE"));
    ignore(engine_exec(job->conn, &quiet, arena_dup(quiet.arena, buf_view(&sql))),
           "the instance is in memory and ends with the process");
    buf_release(&sql);
}

static enum status build_product(struct publish_job *job)
{
    enum status st;
    str         id = id_new(job->cx);

    job->publish_id         = id;
    job->result->publish_id = id;
    job->schema = arena_printf(job->cx->arena, PUBLISH_BUILD_SCHEMA_PREFIX STR_FMT, STR_ARG(id));
    st          = job_lease(job);
    if (st == ST_OK) {
        st = job->rollback_of.len > 0 ? restore(job) : read_and_build(job);
    }
    if (st == ST_OK) {
        job_write_logs(job);
    } else {
        job_abandon(job, st);
    }
    if (job->conn) {
        drop_schema(job);
        engine_disconnect(job->conn);
    }
    inputs_close(&job->inputs);
    os_lock_close(job->lock);
    return st;
}

static enum status plan_in_transaction(struct publish_job *job)
{
    TRY(db_begin(job->db, job->cx, DB_READ));
    if (job->env->rollback.len > 0) {
        return db_end(job->cx, job_plan_rollback(job));
    }
    return db_end(job->cx, publish_plan_product(job->cx, job->env, job->product, false,
                                                &job->result->diags, &job->plan));
}

static enum status publish_product(struct publish_job *job)
{
    enum status (*open_store)(struct ctx *, const struct db_options *, struct db **) =
        job->env->open_store ? job->env->open_store : db_open;

    TRY(open_store(job->cx, &job->env->store, &job->db));
    TRY(plan_in_transaction(job));
    switch (job->plan.verdict) {
    case PUBLISH_UNCHANGED:
        job->result->outcome = PUBLISH_SKIPPED;
        job->result->message = job->plan.reason;
        job_heal_logs(job);
        return ST_OK;
    case PUBLISH_REFUSED:
    case PUBLISH_BLOCKED:
        return err_set(job->cx->err, job->plan.status, __FILE__, __LINE__, STR_FMT,
                       STR_ARG(job->plan.reason));
    case PUBLISH_READY: break;
    }
    TRY(build_product(job));
    job->result->outcome = PUBLISH_DONE;
    job->result->message = job->plan.reason;
    return ST_OK;
}

/* Works on one product with everything of its own; the result keeps the arena. */
static void run_item(struct run *run, struct item *item)
{
    struct err         err = { 0 };
    struct ctx         cx  = *run->parent;
    struct publish_job job = {
        .cx = &cx, .env = run->env, .product = item->product, .result = item->result
    };
    enum status st;

    item->result->arena = arena_new("publish of a product", PUBLISH_ARENA_BYTES);
    cx.arena            = item->result->arena;
    cx.err              = &err;
    cx.tx               = NULL;
    job.started_us      = ctx_now_us(&cx);
    st                  = publish_product(&job);
    db_close(job.db);
    if (st != ST_OK) {
        item->result->outcome = st == ST_CANCELLED ? PUBLISH_STOPPED : PUBLISH_FAILED;
        item->result->status  = st;
        item->result->message = arena_dup(cx.arena, err_text(&err));
    }
    item->result->elapsed_us = ctx_now_us(&cx) - job.started_us;
    job_report(&job, PUBLISH_ENDED, STR_NONE);
}

/* ------------------------------------------------------------------------- the queue */

static struct item *item_of(struct run *run, const struct project_product *product)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].product == product) {
            return &run->items[i];
        }
    }
    return NULL;
}

static void stop_item(struct run *run, struct item *item, str why)
{
    item->result->outcome = PUBLISH_STOPPED;
    item->result->status  = ST_CANCELLED;
    item->result->message = why;
    item->state           = ITEM_ENDED;
    run->ended++;
}

/* Waits for upstream products of this run: true when all ended well, stops the item when not. */
static bool is_ready(struct run *run, struct item *item)
{
    for (size_t i = 0; i < item->product->inputs.count; i++) {
        const struct project_input *in = item->product->inputs.items[i];
        struct item *upstream          = in->upstream ? item_of(run, in->upstream->product) : NULL;

        if (!upstream) {
            continue;
        }
        if (upstream->state != ITEM_ENDED) {
            return false;
        }
        if (upstream->result->outcome == PUBLISH_FAILED ||
            upstream->result->outcome == PUBLISH_STOPPED) {
            stop_item(run, item, S("an upstream product was not published"));
            return false;
        }
    }
    return true;
}

static struct item *next_ready(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct item *item = &run->items[i];

        if (item->state == ITEM_WAITING && is_ready(run, item)) {
            item->state = ITEM_RUNNING;
            return item;
        }
    }
    return NULL;
}

static bool is_cancelled(const struct run *run)
{
    return run->parent->cancel && atomic_load_explicit(run->parent->cancel, memory_order_relaxed);
}

static void stop_waiting(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].state == ITEM_WAITING) {
            stop_item(run, &run->items[i], S("cancelled"));
        }
    }
}

/* One worker: until everything has ended. */
static void work(void *arg)
{
    struct run   *run   = arg;
    struct arena *arena = arena_new("publish worker", 1 << 20);
    struct err    err   = { 0 };
    struct ctx    cx    = *run->parent;

    /* Waiting ends when a running product does, and that one sees a cancel itself. */
    cx.arena       = arena;
    cx.err         = &err;
    cx.cancel      = NULL;
    cx.deadline_us = 0;
    os_mutex_lock(&run->lock);
    while (run->ended < run->count) {
        struct item *item;

        if (is_cancelled(run)) {
            stop_waiting(run);
        }
        item = next_ready(run);
        if (item) {
            os_mutex_unlock(&run->lock);
            run_item(run, item);
            os_mutex_lock(&run->lock);
            item->state = ITEM_ENDED;
            run->ended++;
            os_cond_broadcast(&run->changed);
        } else if (run->ended < run->count) {
            ignore(os_cond_wait(&run->changed, &run->lock, &cx), "nothing can end it but a signal");
        }
    }
    os_cond_broadcast(&run->changed);
    os_mutex_unlock(&run->lock);
    arena_free(arena);
}

/* A thread that cannot be started is one worker less; this one is always there. */
static void run_workers(struct ctx *cx, struct run *run)
{
    struct os_thread *threads[PUBLISH_JOBS_MAX] = { 0 };
    size_t            wanted                    = run->env->jobs < 1 ? 1
                                                  : run->env->jobs > PUBLISH_JOBS_MAX ? PUBLISH_JOBS_MAX
                                                                                      : run->env->jobs;
    size_t            started                   = 1;

    wanted = wanted > run->count ? run->count : wanted;
    while (started < wanted && os_thread_start(cx, work, run, &threads[started]) == ST_OK) {
        started++;
    }
    err_clear(cx->err);
    work(run);
    for (size_t i = 1; i < started; i++) {
        os_thread_join(threads[i]);
    }
}

static void sum_up(struct publish_run_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        switch (result->items[i].outcome) {
        case PUBLISH_DONE: result->done++; break;
        case PUBLISH_SKIPPED: result->skipped++; break;
        case PUBLISH_FAILED: result->failed++; break;
        case PUBLISH_STOPPED: result->stopped++; break;
        }
    }
}

enum status publish_run(struct ctx *cx, const struct publish_env *env,
                        struct project_product *const *products, size_t count,
                        struct publish_run_result *out)
{
    struct publish_run_result made = { .count = count };
    struct run                run  = { .env = env, .parent = cx, .count = count };

    made.items = arena_array(cx->arena, count, sizeof *made.items);
    run.items  = arena_array(cx->arena, count, sizeof *run.items);
    for (size_t i = 0; i < count; i++) {
        made.items[i].product = products[i];
        run.items[i]          = (struct item){ .product = products[i], .result = &made.items[i] };
    }
    os_mutex_init(&run.lock, LOCK_PUBLISH);
    os_cond_init(&run.changed);
    run_workers(cx, &run);
    os_cond_release(&run.changed);
    os_mutex_release(&run.lock);
    sum_up(&made);
    *out = made;
    return ST_OK;
}

void publish_result_free(struct publish_run_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        arena_free(result->items[i].arena);
        result->items[i].arena = NULL;
    }
}
