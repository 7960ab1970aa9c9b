/*
 * publish_int.h - what the steps of a publish share. Only for this folder.
 */
#ifndef PUBLISH_PUBLISH_INT_H
#define PUBLISH_PUBLISH_INT_H

#include "os/lock.h"
#include "os/path.h"
#include "publish/publish.h"
#include "query/query.h"
#include "source/source.h"
#include "table/write.h"

#define PUBLISH_BUILD_SCHEMA_PREFIX "build_"

/* A source's table, opened and listed. */
struct bound_source {
    const struct project_input *input;
    const struct project_table *table;
    struct source              *source;
    struct source_table         wanted;
    struct source_files         files;
    struct guard_relation       relation; /* how a build reads it */
};

/* An upstream table at the snapshot that this publish reads. */
struct bound_table {
    const struct project_input *input;
    const struct project_table *table;
    bool                        is_published;
    bool                        is_as_written; /* its published contract is the one in the files */
    int64_t                     gone_us;       /* it was, and went then; 0 = not so */
    struct table_snapshot       snapshot;
    struct query_tables         under; /* of a view: all that is read through it */
    struct guard_relation       relation;
    str                         decision; /* of the policies, as text; empty: everything is given */
    const struct policy_decision *shadow; /* what of it the shadow catalog must know              */
};

struct bound_inputs {
    VEC(struct bound_source) sources;
    VEC(struct bound_table) tables;
};

/* Where names of product SQL lead: to empty shadow tables, or to data. */
enum resolve_mode { RESOLVE_SHADOW, RESOLVE_DATA };

struct product_resolver {
    struct guard_resolver         base; /* first: downcast by address */
    const struct publish_env     *env;
    const struct project_product *product;
    const struct bound_inputs    *inputs;
    enum resolve_mode             mode;
    bool     is_view; /* the SQL of a view: reads tables of other products only */
    unsigned major;   /* whose steps are meant        */
    str      schema;  /* of steps in the build engine */
};

/* The publish of one product, from its first step to its last. */
struct publish_job {
    struct ctx                    *cx;
    const struct publish_env      *env;
    struct project_product        *product;
    struct db                     *db;
    struct publish_product_result *result;
    struct publish_plan            plan;
    struct bound_inputs            inputs;
    struct engine_conn            *conn;
    struct os_lock                *lock;
    str                            publish_id, schema;
    str                            rollback_of; /* id of the publish that a rollback goes back to */
    int64_t                        started_us;
    bool                           has_lease;
    bool                           is_unclear; /* nobody knows whether the COMMIT happened */
    VEC(struct staged_table) staged;
};

/* One table that was built and is not live yet. */
struct staged_table {
    const struct project_port  *port;
    const struct project_table *table;
    struct table_columns        columns;
    VEC(struct table_file) files; /* new; of a view for its checks only, and removed then */
    uint64_t               rows;  /* that its SQL gave                                  */
    struct table_view      view;
    bool                   has_parent; /* it keeps files of this snapshot */
    struct table_snapshot  parent;
    struct table_files     parent_files; /* that it keeps                                 */
    struct table_files     dropped;      /* ... and those it does not                     */
    bool                   parent_is_exact, is_exact; /* table_is_exact; with the new file */
    struct quality_results checks;
    struct quality_samples samples;
};

static inline bool staged_is_view(const struct staged_table *s)
{
    return s->table->build == PROJECT_BUILD_VIEW;
}

/* ---- sources.c ---- */

/* Opens and lists everything the product reads; upstream snapshots are those of cx->tx. */
NODISCARD enum status inputs_bind(struct ctx *cx, const struct publish_env *env,
                                  const struct project_product *product, struct diags *diags,
                                  struct bound_inputs *out);

/* What was bound, as rows to compare and to keep. `hash` = take SHA-256 of files now. */
NODISCARD enum status inputs_list(struct ctx *cx, const struct project_product *product,
                                  struct bound_inputs *inputs, const struct publish_inputs *known,
                                  struct publish_inputs *out);

/* ST_CONFLICT when a source file is not what it was when it was listed. */
NODISCARD enum status inputs_check(struct ctx *cx, struct bound_inputs *inputs);

/* Databases into tables of the build; files into calls. */
NODISCARD enum status inputs_load(struct publish_job *job);

void inputs_close(struct bound_inputs *inputs);

/* ---- govern.c ---- */

/* Puts on each upstream table what the policies give the product of it; ST_DENIED when nothing. */
NODISCARD enum status inputs_govern(struct ctx *cx, const struct publish_env *env,
                                    const struct project_product *product,
                                    struct bound_inputs          *inputs);
/* The same for the empty tables of the shadow catalog, by contracts as written. */
NODISCARD enum status inputs_govern_shadow(struct ctx *cx, const struct publish_env *env,
                                           const struct project_product *product,
                                           struct bound_inputs          *inputs);
/* Decisions as rows of the list of inputs; of tables that are gone there are none. */
void inputs_list_policies(struct ctx *cx, const struct bound_inputs *inputs,
                          struct publish_inputs *out);

/* ---- resolve.c ---- */

void resolver_init(struct product_resolver *r, const struct publish_env *env,
                   const struct project_product *product, const struct bound_inputs *inputs,
                   enum resolve_mode mode);

/* The place of a table in the shadow catalog. */
struct lineage_table shadow_place(struct arena *a, const struct project_product *product,
                                  const char *kind, str table);

/* ---- plan_sql.c ---- */

/* Makes steps and SQL of a product safe and binds them against declared types. */
NODISCARD enum status plan_sql(struct ctx *cx, const struct publish_env *env,
                               struct bound_inputs *inputs, struct diags *diags,
                               struct publish_plan *plan);

/* ---- plan.c ---- */

/* What a rollback to `record` would do: today's documents, and the inputs of the last publish. */
NODISCARD enum status plan_rollback(struct ctx *cx, const struct publish_env *env,
                                    struct project_product      *product,
                                    const struct publish_record *record, struct diags *diags,
                                    struct publish_plan *out);

/* ---- versions.c ---- */

NODISCARD enum status plan_versions(struct ctx *cx, const struct publish_env *env,
                                    struct diags *diags, struct publish_plan *plan);

/* ---- build.c ---- */

NODISCARD enum status job_build(struct publish_job *job);
/* Views have no bytes: their files go when they were checked. */
NODISCARD enum status job_drop_views(struct publish_job *job);

/* ---- rows.c ---- */

/* A SELECT that was approved, with its parameters. */
struct rows_select {
    str                        sql;
    const struct engine_value *args;
    size_t                     arg_count;
};

/*
 * Writes the rows of the SELECT into new files of the table: one, or one for each partition. Then what
 * they take the place of goes: files of the parent are dropped, and what is left of them is written anew.
 */
NODISCARD enum status rows_write(struct publish_job *job, struct staged_table *s,
                                 const struct rows_select *select);

/* ---- rollback.c ---- */

/* Finds and plans what env->rollback asks for; the store of cx->tx is read. */
NODISCARD enum status job_plan_rollback(struct publish_job *job);
/* Stages the files of that publish as they are. */
NODISCARD enum status job_restore(struct publish_job *job);

/* ---- check.c ---- */

/* All files of the state that would be live: those of the parent that it keeps, then the new ones. */
struct table_file *job_staged_files(struct arena *a, const struct staged_table *s, size_t *count);

NODISCARD enum status job_check(struct publish_job *job);
/* What the writer knows of the columns of these files, as checks ask for it; in cx->arena. */
NODISCARD enum status check_stats_of(struct ctx *cx, const struct table_file *files, size_t count,
                                     const struct quality_file_stats **out);

/* ---- commit.c ---- */

NODISCARD enum status job_lease(struct publish_job *job);
NODISCARD enum status job_commit(struct publish_job *job);
/*
 * After a failure: the lease goes, staged files go unless they are to be kept, the journal hears.
 * When nobody knows whether the publish was committed nothing is touched: its files may be live.
 */
void job_abandon(struct publish_job *job, enum status st);

/* ---- logs.c ---- */

/* Writes the Delta logs of the product's tables; the result says what failed. */
void job_write_logs(struct publish_job *job);
/* The same for a product that is not published now, when an earlier publish left a log behind. */
void job_heal_logs(struct publish_job *job);

/* ---- store.c ---- */

/* The publish, its inputs and results, and the signed receipt, in the open transaction. */
NODISCARD enum status store_put(struct publish_job *job, const struct table_snapshot *snapshots);
NODISCARD enum status store_was_committed(struct ctx *cx, str publish_id, bool *out);

/* Progress, when somebody listens. */
void job_report(struct publish_job *job, enum publish_phase phase, str table);

#endif
