/*
 * publish.h - plan and publish: the one use case that joins the rooms of the mesh.
 *
 * A publish takes one product from its files to a live, proven state: understand the documents,
 * make the SQL safe, plan it against declared types, read inputs of one moment, build into new
 * files, check these files, and move the heads of all its tables in one transaction together with
 * registry rows, results and the signed receipt. Whatever fails before that transaction leaves the
 * live product as it was; the new files are then garbage.
 *
 *   planned -> leased -> inputs pinned -> built -> sealed -> inputs still the same -> checked -> committed
 *
 * Then the Delta logs of its tables are written, which follow from the commit (table/delta.h). A log that cannot
 * be written is said and not more: the publish is live, and the next one, or the doctor, writes it.
 *
 * A rollback is a publish whose files are those of an older one: nothing is read or built, but today's contract
 * is checked on them, and it has a number and a receipt like every other.
 *
 * A view goes the same way but for its bytes: its rows are built to be checked and then removed, and what is
 * committed is a snapshot without files that names the SQL (query.h evaluates it).
 *
 * Threads   publish_run works on several products at a time, each on a thread of its own with its
 *           own store connection; the struct publish_env is shared and only read.
 * Lifetime  results live in the arenas of struct publish_run_result, freed by publish_result_free.
 * Errors    a product's failure is part of the result, with status, message and findings; the
 *           call itself fails only when nothing could be done at all.
 */
#ifndef PUBLISH_PUBLISH_H
#define PUBLISH_PUBLISH_H

#include "base/diag.h"
#include "access/access.h"
#include "blob/blob.h"
#include "db/db.h"
#include "engine/engine.h"
#include "guard/guard.h"
#include "journal/receipt.h"
#include "lineage/lineage.h"
#include "os/lock.h"
#include "project/project.h"
#include "quality/quality.h"
#include "contract/diff.h"

enum { PUBLISH_JOBS_MAX = 16, PUBLISH_ARENA_BYTES = 1 << 30 };

/* A file that somebody else's job brings for a delivered table. */
struct publish_delivery {
    str table; /* empty: the only delivered table */
    str path;  /* absolute */
};

/* What happens while it happens. `percent` is the engine's, -1 when it does not know. */
enum publish_phase {
    PUBLISH_WAITING,
    PUBLISH_READING,
    PUBLISH_BUILDING,
    PUBLISH_SEALING,
    PUBLISH_CHECKING,
    PUBLISH_COMMITTING,
    PUBLISH_ENDED
};

struct publish_progress {
    const struct project_product *product;
    enum publish_phase            phase;
    str                           table;
    double                        percent;
    uint64_t                      rows, bytes;
    int64_t                       elapsed_us;
};

struct os_mutex;

struct publish_env {
    struct project   *project;
    struct db_options store;
    /* How each worker opens the store; NULL = db_open (tests give one that fails on purpose). */
    enum status (*open_store)(struct ctx *, const struct db_options *, struct db **);
    struct blob              *blob;
    struct receipt_key       *key;
    struct guard             *guard;
    const struct access      *access; /* products read under the policies in force */
    struct lineage_shadow    *shadow;
    struct os_mutex          *shadow_lock; /* rank LOCK_SHADOW; guards `shadow` */
    struct engine            *engine;      /* for builds and checks */
    struct quality_functions *functions;   /* registered with `engine` */
    /*
     * A plan may come without `engine`: this opens it when published rows have to be asked, and sets both
     * members. NULL: rows are not asked, and what a text does not tell counts as breaking.
     */
    enum status (*need_engine)(void *arg, struct ctx *cx, struct publish_env *env);
    void *need_engine_arg;
    str   program; /* "weft 0.1.0" */

    const struct publish_delivery *deliveries;
    size_t                         delivery_count;
    /* Makes the data of this publish (number or id) live again, in place of a build; of one product. */
    str      rollback;
    bool     is_full; /* build also what did not change  */
    bool     is_kept; /* keep staged files of a refusal  */
    unsigned jobs;

    void (*progress)(void *arg, const struct publish_progress *now); /* any thread; or NULL */
    void *progress_arg;
};

/* ------------------------------------------------------------------------- plan */

enum publish_verdict {
    PUBLISH_UNCHANGED, /* nothing to do                          */
    PUBLISH_READY,     /* would be published                     */
    PUBLISH_REFUSED,   /* its documents or SQL have errors       */
    PUBLISH_BLOCKED    /* an upstream product is refused         */
};

/* A version that is not what the changes ask for. */
struct publish_bump {
    const struct project_port *port;
    enum diff_impact           impact;
    str                        published, written, right;
};

struct publish_port_plan {
    const struct project_port *port;
    bool                       is_new;       /* this major was never published */
    bool                       is_ended;     /* its sunset has come: nothing is built for it */
    int64_t                    withdrawn_us; /* since when it is served no longer; 0 = it is */
    str                        published;    /* version; empty when new */
    struct difference          difference;
    enum diff_impact impact; /* of the difference, or what published rows made of it      */
    str              rows;   /* what they said: "3 rows keep it"; empty: not asked        */
};

struct publish_table_plan {
    const struct project_port  *port;
    const struct project_table *table;
    size_t                      checks;
};

/* One thing a publish reads. */
struct publish_input {
    str      kind;     /* "document", "file", "table", "postgres", "policy" */
    str      name;     /* path, address, or source relation       */
    str      snapshot; /* of a table                               */
    uint64_t bytes;
    int64_t  mtime_us;
    str      sha256;
};

struct publish_inputs {
    VEC(struct publish_input) list;
};

struct publish_plan {
    struct project_product *product;
    enum publish_verdict    verdict;
    str                     reason; /* why it is skipped or what made it necessary */
    enum status             status; /* of a refusal: what kind of failure it is    */
    VEC(struct publish_port_plan) ports;
    bool is_for_upstream; /* ready only for what an upstream product publishes in this run */
    VEC(struct publish_table_plan) tables;
    VEC(struct publish_bump) bumps;
    VEC(str) removed;                       /* addresses that would be served no longer */
    VEC(const struct project_step *) steps; /* in the order in which they build */
    struct publish_inputs inputs;
    str                   fingerprint;
};

/*
 * What a publish of `product` would do, touching nothing. Findings go to `diags`. The store of
 * cx->tx is read; it may be one nothing was ever published to. `is_upstream_new` tells that an
 * upstream product will be published in the same run.
 */
NODISCARD enum status publish_plan_product(struct ctx *cx, const struct publish_env *env,
                                           struct project_product *product, bool is_upstream_new,
                                           struct diags *diags, struct publish_plan *out);

/* ------------------------------------------------------------------------- trial */

/* One major of a port, as its address has it. */
struct publish_trial_port {
    str      domain, product;
    unsigned major;
};

/* A table of the other contract: what its checks find in the rows that are live now. */
struct publish_trial_table {
    str                    address;
    str                    note; /* why there was nothing to try; else empty */
    uint64_t               rows;
    struct quality_results checks;
    struct quality_samples samples; /* of what failed; values that must not be shown are hidden */
};

struct publish_trial {
    VEC(struct publish_trial_table) tables;
    size_t tried, failed, unanswered; /* tables; checks of severity error over all of them */
};

/*
 * Runs the checks that `contract` implies on the rows of the port that are published now; a column that
 * they lack reads as null. Nothing is written. Of `env` engine, functions, guard, blob and access are
 * used; runs in cx->tx. A failing check is no error: look at out->failed. Rows of views are not made.
 */
NODISCARD enum status publish_try_contract(struct ctx *cx, const struct publish_env *env,
                                           const struct publish_trial_port *port,
                                           const struct odcs_contract      *contract,
                                           struct publish_trial            *out);

/* ------------------------------------------------------------------------- publish */

enum publish_outcome {
    PUBLISH_DONE,
    PUBLISH_SKIPPED,
    PUBLISH_FAILED,  /* refused or broken: status and message      */
    PUBLISH_STOPPED, /* an upstream product failed, or cancelled    */
};

struct publish_table_result {
    str                    address;
    uint64_t               rows, bytes;
    int64_t                snapshot_number;
    struct quality_results checks;
    struct quality_samples samples;
};

struct publish_product_result {
    const struct project_product *product;
    enum publish_outcome          outcome;
    enum status                   status;
    str                           message;
    struct diags                  diags;
    VEC(struct publish_table_result) tables;
    str      publish_id, receipt_sha256;
    int64_t  sequence;
    uint64_t rows, bytes;
    int64_t  elapsed_us;
    enum status
        log_status; /* of the Delta logs, written when it was live: that failing fails nothing */
    str log_message;
    struct arena *arena;
};

struct publish_run_result {
    struct publish_product_result *items; /* in the order of `products` */
    size_t                         count;
    size_t                         done, skipped, failed, stopped;
};

/* Publishes products, which are in dependency order, `env->jobs` at a time. */
NODISCARD enum status publish_run(struct ctx *cx, const struct publish_env *env,
                                  struct project_product *const *products, size_t count,
                                  struct publish_run_result *out);
void                  publish_result_free(struct publish_run_result *result);

/* ------------------------------------------------------------------------- history */

struct publish_record {
    str      id, product_id, fingerprint, actor, receipt_hash;
    str      rollback_of; /* the publish whose data it made live again; empty = none */
    int64_t  seq, started_us, committed_us;
    uint64_t rows, bytes;
    int64_t  checks, warnings;
};

struct publish_records {
    VEC(struct publish_record) list;
};

/* Newest first; `product_id` empty = of the whole mesh. Runs in cx->tx. */
NODISCARD enum status publish_history(struct ctx *cx, str product_id, int64_t limit,
                                      struct publish_records *out);
/* By its number within the product ("3") or its id; ST_NOT_FOUND. */
NODISCARD enum status publish_of_product(struct ctx *cx, str product_id, str wanted,
                                         struct publish_record *out);
NODISCARD enum status publish_inputs_of(struct ctx *cx, str publish_id, struct publish_inputs *out);

/* ------------------------------------------------------------------------- records */

struct publish_check {
    str     address, id, name, columns, dimension, severity, outcome, measured, threshold, message;
    int64_t bad_rows; /* -1: not counted */
};
struct publish_checks {
    VEC(struct publish_check) list;
};
NODISCARD enum status publish_checks_of(struct ctx *cx, str publish_id, struct publish_checks *out);

/* A publish that runs, or was killed while it ran. */
struct publish_lease {
    str     product_id, publish_id, host;
    int64_t process, started_us, alive_us;
};
struct publish_leases {
    VEC(struct publish_lease) list;
};
NODISCARD enum status publish_leases_all(struct ctx *cx, struct publish_leases *out);
/* Forgets a lease whose holder is dead: whoever can take its lock file knows. */
NODISCARD enum status publish_lease_drop(struct ctx *cx, const struct publish_lease *lease);
/* Nobody else publishes the product while this is held; ST_CONFLICT when somebody does. */
NODISCARD enum status publish_lock(struct ctx *cx, const struct project *project, str product_id,
                                   struct os_lock **out);
/* The lock file that a running publish of the product holds. */
str publish_lock_path(struct ctx *cx, const struct project *project, str product_id);

/* The schema of this module, for db_migrate. */
struct db_module publish_schema(void);

#endif
