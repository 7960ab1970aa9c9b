/*
 * quality.h - what a contract says about data, checked on one table in as few passes as possible.
 *
 * A subject is one schema object of a contract (ODCS) together with the staged table that claims to
 * follow it. `quality_plan` derives every check the contract implies (columns, types, required,
 * unique, primary key, enum, lengths, patterns, ranges, relationships, library and sql rules) and
 * decides how each will be answered: from the schema or the statistics of the files where these
 * prove it, from the counts of a column's values, in one shared scan, by a pass over keys, by a
 * query of its own. `quality_run` does it; `quality_samples` shows the first bad rows of a check.
 *
 * Proof       bounds in statistics only ever prove a pass, null and row counts are exact. What they
 *             do not answer is counted in the data.
 * Honesty     a check that could not be answered is NOT_EVALUATED with the reason, never PASS; one
 *             whose query failed is ERROR. The others go on.
 * Rows        the unit of every count of bad rows; duplicateValues, unique and primaryKey count
 *             distinct keys that occur more than once, NULLs being one key (standards: ODCS 2.8).
 * Secrecy     messages never hold a value of the table. Samples show values only of columns that
 *             are neither confidential nor restricted nor tagged as personal data; else `***`.
 * Memory      plan, results and samples live in the arena of the context that made them; a plan
 *             borrows from its subject, which must live as long.
 * Threads     a plan may be run by one thread at a time.
 * Errors      ST_INVALID (a subject that contradicts itself), ST_LIMIT (QUALITY_CHECKS_MAX, the
 *             arena), ST_CANCELLED and ST_TIMEOUT from the context. A failing check is no error.
 */
#ifndef QUALITY_QUALITY_H
#define QUALITY_QUALITY_H

#include "base/ctx.h"
#include "base/vec.h"

struct engine;
struct engine_conn;
struct guard;
struct guard_resolver;
struct odcs_object;
struct quality_functions;

enum {
    QUALITY_CHECKS_MAX  = 20000, /* checks of one table                               */
    QUALITY_DEPTH_MAX   = 8,     /* nesting of structs and lists that is looked into  */
    QUALITY_SAMPLE_ROWS = 5,     /* bad rows shown per check                          */
    QUALITY_ENUM_MAX    = 10000, /* values of one enum or validValues                 */
};

/* One column of the staged table; `type` as the engine spells it: "STRUCT(a INTEGER)[]". */
struct quality_column {
    str name;
    str type;
};

/* What the Parquet writer knows of one column of one file. Text as RETURN_STATS gives it. */
struct quality_column_stats {
    str      column; /* a top-level column's name                          */
    bool     has_null_count, has_bounds;
    bool     may_have_nan; /* true when unknown; only read for floating point    */
    uint64_t null_count;
    str      min, max; /* bounds: min may be below, max above the real ones  */
};

struct quality_file_stats {
    uint64_t                           row_count;
    const struct quality_column_stats *columns;
    size_t                             column_count;
};

/* A table that relationships may point to: of the same product, or an input. */
struct quality_table {
    str                          name;     /* as relationships write it                    */
    str                          relation; /* engine SQL, as quality_subject.relation      */
    const struct quality_column *columns;
    size_t                       column_count;
};

struct quality_subject {
    const struct odcs_object *object;

    str                          table;   /* its published name                           */
    const struct quality_column *columns; /* of the staged table, in its order            */
    size_t                       column_count;

    /*
     * What stands after FROM: a quoted table name, or read_parquet([...], schema = ...) whose texts
     * were quoted by engine_quote_*. Without parameters; trusted.
     */
    str relation;

    /* Statistics of all files of the relation, or none (file_count 0: nothing is known). */
    const struct quality_file_stats *files;
    size_t                           file_count;

    const struct quality_table *others;
    size_t                      other_count;

    /* For sql rules: who approves them, and what names mean in them. NULL: they are not evaluated. */
    struct guard          *guard;
    struct guard_resolver *resolver;

    /* For patterns that the engine's own regular expressions cannot match. NULL: not evaluated. */
    struct quality_functions *functions;
};

enum quality_severity { QUALITY_INFO, QUALITY_WARNING, QUALITY_ERROR };

enum quality_outcome {
    QUALITY_PASS,
    QUALITY_WARN,          /* failed, and its severity is info or warning   */
    QUALITY_FAIL,          /* failed, severity error                        */
    QUALITY_NOT_EVALUATED, /* message says why                              */
    QUALITY_ERRORED,       /* its query failed; message says how, no values */
};

/* How the plan answers a check, cheapest first. */
enum quality_class {
    QUALITY_BY_SCHEMA,   /* columns and types                                          */
    QUALITY_BY_METADATA, /* proved by the statistics of the files                      */
    QUALITY_BY_VALUES,   /* counts of the distinct values of a low-cardinality column  */
    QUALITY_BY_SCAN,     /* in the shared scan                                         */
    QUALITY_BY_KEYS,     /* a pass over a key                                          */
    QUALITY_BY_QUERY,    /* a query of its own: relationships, sql rules               */
    QUALITY_BY_NOBODY,   /* text, custom, and what cannot be evaluated                 */
};

struct quality_result {
    str                   id;     /* contract's id, or table.column.rule: stable between runs  */
    str                   name;   /* contract's name, or the rule                              */
    str                   kind;   /* "required", "unique", "pattern", "nullValues", "sql" …    */
    str                   column; /* path "a.b", several joined by ", "; empty for the table   */
    str                   dimension; /* ODCS long form; empty when unknown                        */
    enum quality_severity severity;
    enum quality_outcome  outcome;
    enum status           failure; /* of QUALITY_ERRORED: what its query gave                    */
    enum quality_class    how;
    bool                  has_measured;
    double                measured;      /* what the threshold is compared with                  */
    str                   measured_text; /* the same, exact; empty without measured              */
    str                   threshold;     /* "mustBe 0", "maximum 100"                            */
    str                   unit;          /* "rows", "percent", "keys", "" (a sql rule's number)  */
    bool                  has_bad_count;
    uint64_t              bad_count; /* rows (keys for uniqueness) that break the rule           */
    uint64_t              row_count; /* rows looked at                                           */
    str                   message;   /* what was found, for a person; no SQL, no values          */
    int64_t               cost_us;   /* its share of the pass that answered it                   */
    uint32_t              check;     /* index into the plan                                      */
};

struct quality_results {
    VEC(struct quality_result) list; /* in the order of the contract */
    size_t   passed, warned, failed, not_evaluated, errored;
    size_t   statements; /* engine queries used */
    uint64_t row_count;  /* of the table        */
    int64_t  elapsed_us;
};

/* The first bad rows of one check: values as text, row by row; *** where not to be shown. */
struct quality_sample {
    str        check_id;
    const str *columns; /* key columns, then the offending ones                      */
    size_t     column_count;
    const str *values; /* row_count * column_count; ptr == NULL is SQL NULL          */
    size_t     row_count;
};

struct quality_samples {
    VEC(struct quality_sample) list;
};

struct quality_plan;

/*
 * Registers our test functions with an engine, once per engine; before its connections run plans
 * that use them. Close after the engine. ST_CONFLICT when it was done before. Any thread may plan
 * with one struct quality_functions.
 */
NODISCARD enum status quality_functions_open(struct ctx *cx, struct engine *engine,
                                             struct quality_functions **out);
void                  quality_functions_close(struct quality_functions *functions);

/* Names as results are stored and shown: "error", "pass" …, "metadata" …; static text. */
str quality_severity_name(enum quality_severity severity);
str quality_outcome_name(enum quality_outcome outcome);
str quality_class_name(enum quality_class how);

/* ODCS severity (free text) by the table of standards 2.8; empty and unknown words are error. */
enum quality_severity quality_severity_of(str odcs);

/*
 * Derives and plans all checks of `subject`. Pure: touches no data. Costs O(checks); a pattern or
 * bound that cannot be understood becomes a NOT_EVALUATED check, not a failure of the plan.
 */
NODISCARD enum status quality_plan(struct ctx *cx, const struct quality_subject *subject,
                                   struct quality_plan **out);

/* Number of checks; for `weft plan`. */
size_t quality_plan_count(const struct quality_plan *plan);

/* Id, kind, column, severity, threshold of check `index`; outcome is NOT_EVALUATED. */
struct quality_result quality_plan_check(const struct quality_plan *plan, size_t index);

/*
 * Runs the plan on `conn`, which must see the relation. Only a cancelled or late context, or a lost
 * engine, fails; *out is then untouched. The plan keeps what samples need.
 */
NODISCARD enum status quality_run(struct ctx *cx, struct quality_plan *plan,
                                  struct engine_conn *conn, struct quality_results *out);

/*
 * The first bad rows of every failed or warned check that has rows to show (not rowCount, not sql
 * rules), one query each, with the primary key's columns first.
 */
NODISCARD enum status quality_samples(struct ctx *cx, const struct quality_plan *plan,
                                      struct engine_conn           *conn,
                                      const struct quality_results *results,
                                      struct quality_samples       *out);

/*
 * Riding on a build: a SELECT over `relation` (engine SQL with the subject's columns) whose single
 * row of counts answers every check that one scan can answer. Empty *out when there is none.
 */
NODISCARD enum status quality_fused_sql(struct ctx *cx, const struct quality_plan *plan,
                                        str relation, str *out);

/*
 * Takes that row; the first count is that of all rows. The next quality_run will not scan again for
 * these checks. ST_INVALID when `count` is not the number of columns of that SELECT.
 */
NODISCARD enum status quality_fused_take(struct ctx *cx, struct quality_plan *plan,
                                         const uint64_t *counts, size_t count);

#endif
