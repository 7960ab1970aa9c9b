/*
 * engine.h - the query engine: SQL in, a stream of Arrow batches out.
 *
 * An engine is one instance with an in-memory database of its own, locked down when it is opened:
 * no external access beyond the allowed folders and paths, no extension installed or loaded by
 * itself, no unsigned one, no setting changed any more. Two implementations: DuckDB in process
 * (engine_duckdb.h), and a decorator that fails on purpose (engine_faulty.h);
 * tests/conformance/engine_test.c and engine_map_test.c say what "the same" is.
 *
 * This port runs SQL, it does not judge it: text a person wrote goes through mesh/guard first, for
 * merely preparing some statements evaluates them.
 *
 * Cancel    every call that takes cx ends soon (usually 1 ms, at most 100 ms unless one vector
 *           operation runs longer) after cx->cancel is set or cx->deadline_us has passed, with
 *           ST_CANCELLED or ST_TIMEOUT; the connection can be used afterwards. engine_interrupt
 *           from another thread has the effect of cancel for the call that runs.
 * Errors    ST_INVALID (the SQL or its data; text cannot be cast, constraint, error()), ST_NOT_FOUND
 *           (file or catalog entry named at run time), ST_LIMIT (memory, temp space, row or byte
 *           limit; names the setting), ST_DENIED (outside the allowed folders), ST_UNAVAILABLE
 *           (disk full, read or write error), ST_CANCELLED, ST_TIMEOUT, ST_CORRUPT, ST_INTERNAL.
 *           The text is the engine's own and MAY CONTAIN DATA AND PATHS: it is for the operator;
 *           doors for others answer with the status alone.
 * Limits    statement text ENGINE_SQL_MAX bytes, without NUL.
 * Threads   an engine may be used by any thread; a connection, its result and its appender by one
 *           thread at a time, except engine_interrupt and engine_progress: any thread, any time
 *           between open and close.
 * Lifetime  close results, appenders and prepared statements, then connections, then the engine
 *           (asserted). All closes accept NULL.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/buf.h"
#include "arrow/arrow.h"

struct engine;
struct engine_conn;
struct engine_result;
struct engine_prepared;
struct engine_appender;

enum {
    ENGINE_SQL_MAX  = 16 << 20, /* bytes of one statement text                   */
    ENGINE_ARGS_MAX = 1024,     /* parameters of one statement                   */
    ENGINE_ROWS_MAX = 1000000,  /* rows of engine_rows when row_limit is not set */
};

struct engine_options {
    unsigned   threads;      /* 0 = one per core                                          */
    uint64_t   memory_limit; /* bytes; 0 = ENGINE_MEMORY_DEFAULT; of the buffer manager    */
    str        temp_dir;     /* existing folder; a private one is made in it for spilling,
                                     encrypted; empty = no spilling                             */
    uint64_t   temp_limit;   /* bytes of spilled data; 0 = the engine's default            */
    const str *allowed_dirs; /* what SQL may read and write; nothing else                  */
    size_t     allowed_dir_count;
    const str *allowed_paths; /* single files                                               */
    size_t     allowed_path_count;
    const str *extensions; /* signed extension files, loaded in this order at open       */
    size_t     extension_count;
};

#define ENGINE_MEMORY_DEFAULT (512ULL << 20)

/* A parameter. Zero is NULL. */
enum engine_value_kind {
    ENGINE_NULL,
    ENGINE_BOOL,
    ENGINE_I64,
    ENGINE_F64,
    ENGINE_TEXT,
    ENGINE_TEXT_LIST, /* a LIST of VARCHAR; an item whose ptr is NULL is NULL */
};

struct engine_value {
    enum engine_value_kind kind;
    union {
        bool    boolean;
        int64_t i64;
        double  f64;
        str     text;
        struct {
            const str *items;
            size_t     count;
        } list;
    };
};

#define ENGINE_ARG_TEXT(s) ((struct engine_value){ .kind = ENGINE_TEXT, .text = (s) })
#define ENGINE_ARG_I64(n)  ((struct engine_value){ .kind = ENGINE_I64, .i64 = (n) })
#define ENGINE_ARG_LIST(i, n)                                                                      \
    ((struct engine_value){ .kind = ENGINE_TEXT_LIST, .list = { (i), (n) } })

/* What to run: one statement with $1 … bound in order. */
struct engine_statement {
    str                        sql;
    struct engine_prepared    *prepared; /* used instead of sql when set                       */
    const struct engine_value *args;
    size_t                     arg_count;
    uint64_t                   row_limit;  /* 0 = none; one row more ends the stream: ST_LIMIT   */
    uint64_t                   byte_limit; /* 0 = none; of Arrow buffers                         */
};

struct engine_column {
    str name; /* as the engine gives it; two columns may have one name                         */
    str type; /* the engine's type text: DECIMAL(12,2), STRUCT("a" INTEGER, "b" VARCHAR[])       */
};

struct engine_schema {
    size_t                count;
    struct engine_column *columns;
};

/* Rows read whole as text, for small metadata results. */
struct engine_table {
    size_t columns, rows;
    str   *cells; /* rows * columns, row by row; ptr == NULL is NULL */
};

static inline str engine_cell(const struct engine_table *t, size_t row, size_t column)
{
    return t->cells[row * t->columns + column];
}

struct engine_progress {
    double   percent;   /* of the running statement, 0 .. 100; -1 = not known     */
    uint64_t rows_done; /* source rows the engine has read so far; 0 = not known  */
    uint64_t rows_sent; /* rows this connection's running result has delivered    */
};

/* ------------------------------------------------------------------------- life cycle */

void engine_close(struct engine *e);

/* A connection: transaction, temporary tables and search path of its own; one running statement. */
NODISCARD enum status engine_connect(struct engine *e, struct ctx *cx, struct engine_conn **out);
void                  engine_disconnect(struct engine_conn *conn);

/* ------------------------------------------------------------------------- running SQL */

/*
 * Runs our own statements (one or more, separated by ';') to their end, rows dropped. After a
 * failure the statements before the failing one have happened, unless a transaction was open.
 * ST_CONFLICT while a result of this connection is open (here and in all that follow).
 */
NODISCARD enum status engine_exec(struct engine_conn *conn, struct ctx *cx, str sql);

/*
 * Starts one statement and streams its result: the first batch is there long before the last.
 * A failure in the middle of the stream is reported by engine_result_next.
 */
NODISCARD enum status engine_query(struct engine_conn *conn, struct ctx *cx,
                                   const struct engine_statement *statement,
                                   struct engine_result         **out);

/* Runs one statement and reads all its rows as text into cx->arena; bounded by ENGINE_ROWS_MAX. */
NODISCARD enum status engine_rows(struct engine_conn *conn, struct ctx *cx,
                                  const struct engine_statement *statement,
                                  struct engine_table           *out);

/* Names and types of the columns a statement would give, in cx->arena; nothing is run. */
NODISCARD enum status engine_describe(struct engine_conn *conn, struct ctx *cx, str sql,
                                      struct engine_schema *out);

/* Parses and binds once, to be run many times on this connection. */
NODISCARD enum status engine_prepare(struct engine_conn *conn, struct ctx *cx, str sql,
                                     struct engine_prepared **out);
/* Lives as long as the prepared statement. A parameter may leave a column type "UNKNOWN". */
const struct engine_schema *engine_prepared_schema(const struct engine_prepared *prepared);
void                        engine_prepared_close(struct engine_prepared *prepared);

/* ------------------------------------------------------------------------- results */

/* Columns; live as long as the result. */
const struct engine_schema *engine_result_schema(const struct engine_result *result);

/* The decoded type of the batches (a struct with one child per column), for arrow_cell_of. */
const struct arrow_type *engine_result_type(const struct engine_result *result);

/* The same as the Arrow C schema, borrowed. */
const struct ArrowSchema *engine_result_arrow(const struct engine_result *result);

/*
 * The next batch (at most a few thousand rows), moved to the caller, who releases it; a batch may
 * outlive the result and the engine. *has_more is false, and *out zero, at the end. After an error or
 * the end every further call gives the same answer.
 */
NODISCARD enum status engine_result_next(struct engine_result *result, struct ctx *cx,
                                         struct ArrowArray *out, bool *has_more);

/* Ends the stream, also in the middle. */
void engine_result_close(struct engine_result *result);

/* ------------------------------------------------------------------------- from other threads */

struct engine_progress engine_progress(struct engine_conn *conn);

/* Ends the call that runs on this connection with ST_CANCELLED; nothing when none runs. */
void engine_interrupt(struct engine_conn *conn);

/* ------------------------------------------------------------------------- bulk input */

/*
 * Appends rows to a table that exists. Values are text, cast by the engine to the column's type; a
 * str with ptr NULL is NULL. Rows become visible at engine_append_end, all or none; a close before
 * it drops them. An appender is a transaction of its own: ST_CONFLICT inside one of the caller,
 * which can then only be rolled back. A failed row ends the appender: only close is left.
 */
NODISCARD enum status engine_append_begin(struct engine_conn *conn, struct ctx *cx, str schema,
                                          str table, struct engine_appender **out);
NODISCARD enum status engine_append_text(struct engine_appender *appender, struct ctx *cx,
                                         const str *values, size_t count);
NODISCARD enum status engine_append_end(struct engine_appender *appender, struct ctx *cx);
void                  engine_append_close(struct engine_appender *appender);

/* ------------------------------------------------------------------------- own functions */

enum engine_truth { ENGINE_FALSE, ENGINE_TRUE, ENGINE_UNKNOWN /* NULL */ };

/*
 * A test of a text value: SQL `name(value)` or `name(value, argument)`, VARCHAR to BOOLEAN, in
 * catalog "system", schema "main". NULL in gives NULL without a call. `test` runs on any of the
 * engine's threads, several at a time; `state` must outlive the engine.
 */
struct engine_text_predicate {
    str  name;
    bool has_argument;
    enum engine_truth (*test)(void *state, str value, str argument);
    void *state;
};

/*
 * Names of registered functions begin so, as no function of an engine does: only another one that was
 * registered can have the same name.
 */
#define ENGINE_FUNCTION_PREFIX "weft_"

/* ST_CONFLICT when the name is taken, ST_INVALID without the prefix. It cannot be taken back. */
NODISCARD enum status engine_register_text_predicate(struct engine *e, struct ctx *cx,
                                                     const struct engine_text_predicate *predicate);

enum { ENGINE_FUNCTION_ARGS_MAX = 4, ENGINE_FUNCTION_ARG_BYTES = 4096 };

/* What the callbacks of a function get: one place of its call in a plan. */
struct engine_call {
    void       *state; /* of the function                                            */
    const void *bound; /* what `bind` made of the constant arguments; NULL without   */
    void       *turn;  /* what `enter` put there for this run of values; else NULL   */
};

/*
 * A function of a value: SQL `name(value [, argument …])` in catalog "system", schema "main"; VARCHAR
 * to VARCHAR with map_text, BIGINT to BIGINT with map_integer (one of the two is set). The arguments
 * are VARCHAR and constant: they are read once, when the statement is bound. One that is not
 * constant is refused there (ST_INVALID), so is one that `bind` refuses, with its message.
 *
 * NULL in, as value or as argument, gives NULL without a call. A map must be pure, must not block
 * and cannot fail: it answers every value, or false for NULL. Equal values may be asked for once
 * only. Its text may lie in the value, in `scratch` (empty at each call, its limit the value's
 * length and ENGINE_SCRATCH_SPARE bytes), in what is bound or in static memory; text that is no
 * UTF-8 or did not fit becomes NULL.
 *
 * Callbacks run on any of the engine's threads, several at a time; `state` must outlive the engine.
 */
struct engine_function {
    str    name;
    size_t argument_count; /* at most ENGINE_FUNCTION_ARGS_MAX; 0 = no bind */
    enum status (*bind)(struct ctx *cx, void *state, const str *args, const void **out);
    /* Around each run of up to a few thousand values: for what is looked up once a run. Or NULL. */
    void (*enter)(struct engine_call *call);
    void (*leave)(struct engine_call *call);
    bool (*map_text)(const struct engine_call *call, str value, struct buf *scratch, str *out);
    bool (*map_integer)(const struct engine_call *call, int64_t value, int64_t *out);
    void *state;
};

#define ENGINE_SCRATCH_SPARE ((size_t)4096)

/*
 * ST_CONFLICT when the name is taken, ST_INVALID without the prefix. It cannot be taken back. The
 * context of `bind` has an arena that lives as long as the plan, and an err; nothing else.
 */
NODISCARD enum status engine_register_function(struct engine *e, struct ctx *cx,
                                               const struct engine_function *function);

/* ------------------------------------------------------------------------- quoting */

/*
 * The only two ways a name or a value gets into SQL text; everything else is a bound parameter.
 * An identifier comes out in double quotes, a text as a '…' literal, quotes doubled. NUL bytes are
 * refused where the text is run.
 */
void engine_quote_ident(struct buf *out, str name);
void engine_quote_text(struct buf *out, str text);

#endif
