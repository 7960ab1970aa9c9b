/*
 * logs.c - the Delta logs of a product's tables, after its commit.
 *
 * What is live is live whether its log could be written or not: failures are told in the result and
 * are no failure of the publish. A log that another program wrote to is an alarm: the journal keeps it.
 */
#include "publish/publish_int.h"

#include "table/delta.h"

struct alarm {
    str address, why;
};

struct log_run {
    struct publish_job *job;
    struct delta_place  place;
    bool                is_healing; /* only what is behind */
    VEC(struct alarm) alarms;
};

/* The first failure is told, but nothing comes before a foreign writer. */
static void note_failure(struct log_run *run, enum status st, str address)
{
    struct publish_product_result *r = run->job->result;
    str why                          = arena_dup(run->job->cx->arena, err_text(run->job->cx->err));

    if (r->log_status == ST_OK || (st == ST_CONFLICT && r->log_status != ST_CONFLICT)) {
        r->log_status  = st;
        r->log_message = why;
    }
    if (st == ST_CONFLICT) {
        vec_push(run->job->cx->arena, &run->alarms, (struct alarm){ address, why });
    }
    err_clear(run->job->cx->err);
}

static enum status write_one(struct log_run *run, str address)
{
    struct ctx *cx        = run->job->cx;
    bool        is_behind = true;
    size_t      written;

    if (run->is_healing) {
        TRY(delta_is_behind(cx, &run->place, address, &is_behind));
    }
    return is_behind ? delta_write(cx, &run->place, address, DELTA_NEWEST, &written) : ST_OK;
}

/* Tables that this publish took away have no log either; what cannot be removed is garbage for the doctor. */
static void remove_logs(struct log_run *run)
{
    const struct publish_plan *plan = &run->job->plan;

    for (size_t i = 0; i < plan->removed.count && !run->is_healing; i++) {
        enum status st = delta_remove(run->job->cx, run->place.blob, plan->removed.items[i]);

        if (st != ST_OK) {
            note_failure(run, st, plan->removed.items[i]);
        }
    }
}

static enum status write_all(struct log_run *run)
{
    struct table_snapshots heads;

    TRY(table_heads_of(run->job->cx, run->job->product->id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        enum status st = write_one(run, heads.list.items[i].address);

        if (st != ST_OK) {
            note_failure(run, st, heads.list.items[i].address);
        }
    }
    remove_logs(run);
    return ST_OK;
}

static enum status sound(struct log_run *run)
{
    struct ctx *cx = run->job->cx;

    for (size_t i = 0; i < run->alarms.count; i++) {
        struct json *details = json_new_object(cx->arena);

        json_set(cx->arena, details, S("why"), json_new_str(cx->arena, run->alarms.items[i].why));
        TRY(journal_append(cx,
                           &(struct journal_event){ .kind    = JOURNAL_LOG_FOREIGN,
                                                    .subject = run->alarms.items[i].address,
                                                    .details = details },
                           NULL));
    }
    return ST_OK;
}

static enum status run_logs(struct log_run *run)
{
    struct publish_job *job = run->job;

    TRY(db_begin(job->db, job->cx, DB_READ));
    TRY(db_end(job->cx, write_all(run)));
    if (run->alarms.count == 0) {
        return ST_OK;
    }
    TRY(db_begin(job->db, job->cx, DB_WRITE));
    return db_end(job->cx, sound(run));
}

static void write_logs(struct publish_job *job, bool is_healing)
{
    struct log_run run = { .job        = job,
                           .place      = { job->env->blob, job->env->engine },
                           .is_healing = is_healing };
    enum status    st  = run_logs(&run);

    if (st != ST_OK) {
        note_failure(&run, st, job->product->address);
    }
}

void job_write_logs(struct publish_job *job)
{
    write_logs(job, false);
}

void job_heal_logs(struct publish_job *job)
{
    write_logs(job, true);
}
