/*
 * guard.h - every piece of SQL that a person wrote becomes safe here, or is refused.
 *
 * The way of a text: parsed by the guard's own engine instance, which holds nothing and runs
 * nothing (`json_serialize_sql` with a bound parameter) -> an exhaustive walk over an allow-list of
 * nodes, members, functions and types -> table names handed to the caller's resolver and replaced by
 * what it answers -> printed -> parsed again and compared with the approved tree. Only
 * a text that gives the same tree leaves this module, as `guard_approved.sql`. Anything unknown is
 * refused: the lists are pinned to the engine's version (GUARD_ENGINE_VERSION).
 *
 * What an approved text can do: read the relations the resolver named, compute, return rows. What it
 * cannot do: touch a file, the network, a setting, a secret, the catalog, a sequence or another
 * relation; call a function with an unbounded result; be more than one SELECT.
 *
 * Findings  go into a struct diags with place in the person's text. An unknown relation and a hidden
 *           one give the same text; the candidates of "did you mean" come from the resolver only.
 * Lifetime  results live in cx->arena.
 * Threads   any thread may call any function on one struct guard; a lock guards the cache and the
 *           parsing connection. A resolver is called on the caller's thread, without the lock.
 * Errors    ST_INVALID (refused; the findings say why), ST_LIMIT, ST_NOT_FOUND never (an unknown
 *           relation is a finding), and what the engine and the resolver return.
 */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include "base/ctx.h"
#include "base/diag.h"
#include "policy/policy.h"

struct policy_decision; /* policy/policy.h */

#define GUARD_ENGINE_VERSION                                                                       \
    "v1.5.5" /* the lists of nodes and functions are reviewed for this one */

/* Limits of one text; going over one is ST_LIMIT with its name. */
enum {
    GUARD_TEXT_BYTES_MAX = 1 << 20,    /* the person's text                                    */
    GUARD_TREE_BYTES_MAX = 64 << 20,   /* its tree as JSON                                     */
    GUARD_NODES_MAX      = 200000,     /* objects of the tree, before relations are put in     */
    GUARD_DEPTH_MAX      = 1000,       /* levels of nesting of the tree                        */
    GUARD_TABLES_MAX     = 200,        /* relations named, each mention counted                */
    GUARD_VIEWS_MAX      = 8,          /* views inside one another                             */
    GUARD_FILES_MAX      = 100000,     /* files of one relation                                */
    GUARD_REPEAT_MAX     = 1000,       /* constant sizes: repeat, bar, widths of format        */
    GUARD_PAD_MAX        = 10000,      /* ... lpad, rpad, list_resize, array types, top-n      */
    GUARD_RANGE_MAX      = 1000000,    /* ... items of range and generate_series as a value    */
    GUARD_ROWS_MAX       = 1000000000, /* ... rows of range and generate_series as a table     */
    GUARD_AMPLIFY_MAX    = 10000000,   /* product of the sizes of calls inside one another     */
    GUARD_CACHE_BYTES    = 32 << 20,   /* approved texts kept                                  */
    GUARD_CACHE_ENTRIES  = 1024
};

/* What the text is for; decides on parameters and placeholders. */
enum guard_use {
    GUARD_QUERY, /* a person's query: no parameters                                              */
    GUARD_BUILD, /* product SQL and steps: `$from` and `$to` may stand for values; `error` may be
                    called; volatile functions are a warning, for the build is not reproducible   */
    GUARD_CHECK  /* an SQL check: exactly one output column                                      */
};

/* A relation as a person named it. Parts that were not given are empty. */
struct guard_name {
    str             catalog, schema, table;
    bool            has_version; /* AT (VERSION => version) stood there */
    int64_t         version;
    struct diag_pos pos;
};

/* One column of a relation. */
struct guard_column {
    int32_t field_id; /* GUARD_PARQUET: the id in the files                                   */
    str     name;
    str     type;        /* as the engine writes it: "DECIMAL(10,2)", "STRUCT(a INTEGER)"        */
    bool    has_default; /* value of the column in files that lack it; else NULL                 */
    str     default_text;
    str     physical_name; /* GUARD_CALL: its name in the function's result; empty = name        */
};

/* A constant, for arguments of table functions. */
enum guard_value_kind {
    GUARD_NULL,
    GUARD_BOOL,
    GUARD_INT,
    GUARD_DOUBLE,
    GUARD_TEXT,
    GUARD_LIST,  /* items                          */
    GUARD_STRUCT /* items with names               */
};
struct guard_value {
    enum guard_value_kind     kind;
    bool                      boolean;
    int64_t                   integer;
    double                    real;
    str                       text;
    const struct guard_value *items;
    const str                *names; /* GUARD_STRUCT */
    size_t                    count;
};
struct guard_arg {
    str                name; /* empty: a positional argument */
    struct guard_value value;
};

enum guard_relation_kind {
    GUARD_PARQUET, /* our own files, read by field id; `columns` and `files`                     */
    GUARD_TABLE,   /* a table of the target engine instance: catalog.schema.table                */
    GUARD_CALL,    /* a table function with constant arguments: sources                          */
    GUARD_VIEW     /* a SELECT of its own, approved in the same walk: `view`                     */
};

/*
 * The text of a view, and what names in it mean: only `resolver` answers, so a view shows what its own
 * product may read, whoever reads the view. It is a query (no parameters, no error()), sees nothing of the
 * text around, and may read views. What is refused in it is never told: the finding stands at the view's
 * name and says only that it cannot be read.
 */
struct guard_view {
    struct diag_text       text;
    struct guard_resolver *resolver;
};

/*
 * What stands in place of a name. `columns` is the relation's whole row type in order, for every
 * kind; for GUARD_TABLE and GUARD_CALL it may be empty when the columns are not known yet (then
 * touched columns cannot be told). Columns of GUARD_CALL are renamed and cast to their type, those of
 * GUARD_VIEW taken by name and cast.
 *
 * `decision` is what the policies say to the reader about this relation; its columns are those of
 * `columns`, in the same order. Rows and masks are put into the subquery, hidden columns do not exist
 * for the text, unprojected ones may stand in conditions only. NULL: everything as it is.
 */
struct guard_relation {
    enum guard_relation_kind   kind;
    str                        key; /* the caller's name for it, one per relation; comes back     */
    const struct guard_column *columns;
    size_t                     column_count;
    const str                 *files; /* GUARD_PARQUET; none = an empty relation of these columns */
    size_t                     file_count;
    /*
     * GUARD_PARQUET: every file has exactly these columns (names, types, order). They are then read
     * as they are, with the statistics by which the engine orders joins; else by field id, and
     * `row_count` (0: unknown) is all that it knows of them.
     */
    bool                     is_exact;
    uint64_t                 row_count;
    str                      catalog, schema, table; /* GUARD_TABLE                             */
    str                      function;               /* GUARD_CALL, e.g. "read_csv"             */
    const struct guard_arg  *args;
    size_t                   arg_count;
    const struct guard_view *view; /* GUARD_VIEW                                             */
    const struct policy_decision *decision;
    str mask_key; /* id of the key of hashes in force; empty = there is none */
};

/*
 * Who answers what a name means. `resolve` returns ST_NOT_FOUND for an unknown and for a hidden
 * name alike (then the message of cx->err is not shown); ST_INVALID, ST_DENIED, ST_CONFLICT with a
 * message become a finding at the name; any other status ends the call. `candidates` gives names as
 * a person would write them, for "did you mean"; it may be NULL.
 */
struct guard_resolver {
    enum status (*resolve)(struct guard_resolver *, struct ctx *, const struct guard_name *,
                           struct guard_relation *out);
    enum status (*candidates)(struct guard_resolver *, struct ctx *, const struct guard_name *,
                              const str **out, size_t *out_count);
};

struct guard_request {
    struct diag_text       text; /* its name (file, "query") and the SQL                          */
    enum guard_use         use;
    struct guard_resolver *resolver;
    /*
     * The cache keeps results by (text, use, scope, epoch). `scope` says for whom and where the
     * resolver answers, `epoch` changes whenever its answers may; an empty scope is never cached.
     */
    str      scope;
    uint64_t epoch;
};

/* A relation the text reads. */
struct guard_table {
    struct guard_name name; /* as given, first mention */
    str               key;  /* from guard_relation     */
    str through; /* key of the view in whose text the name stands; empty: in the person's own */
    str catalog, schema, table; /* GUARD_TABLE: from guard_relation; else empty      */
    const str *columns;         /* columns touched, in the order of the relation ...              */
    size_t     column_count;
    bool       is_whole; /* ... or all that there are (a star, an unknown reach)           */
};

/* Where a piece of the printed text came from in the person's. Sorted by `printed`. */
struct guard_place {
    uint32_t printed, written; /* byte offsets */
};

struct guard_approved {
    str                       sql;    /* the only text that may reach an engine                   */
    const struct guard_table *tables; /* each relation (by key and version) once                  */
    size_t                    table_count;
    const struct guard_place *places;
    size_t                    place_count;
    bool                      is_volatile; /* the rows may differ from run to run ...             */
    str                       volatile_by; /* ... because of this function                        */
    bool                      is_leakproof; /* every function in it is                            */
    unsigned                  from_index, to_index; /* the parameter ($1 or $2) that takes the value
                                                       of `$from`, `$to`; 0 = not used (GUARD_BUILD) */
    bool                      is_cached; /* came from the cache                                 */
};

struct guard;

/*
 * ST_UNSUPPORTED when the engine's version differs. The parsing instance (about 10 ms, 30 MB) is opened
 * for the first text that is not in the cache.
 */
NODISCARD enum status guard_open(struct ctx *cx, struct guard **out);
void                  guard_close(struct guard *g); /* NULL is fine */

/*
 * Approve a text or say why not. On refusal the result is ST_INVALID (or ST_LIMIT), *out is
 * untouched, and `findings` has at least one error. Warnings may be added on success.
 * Cost: about 1 ms for a query of TPC-H; < 50 us from the cache.
 */
NODISCARD enum status guard_approve(struct guard *g, struct ctx *cx, const struct guard_request *rq,
                                    struct diags *findings, struct guard_approved *out);

/* The offset in the person's text for an offset in the printed one (the nearest place before it). */
uint32_t guard_written_at(const struct guard_approved *approved, uint32_t printed);

/* Names for the placeholders of an ODCS SQL rule; empty ones are not allowed in the text. */
struct guard_placeholders {
    str object;   /* {object}, ${object}, ${table}, {table}, {model}                              */
    str property; /* {property}, ${property}, ${column}, {column}, {field}; empty at table level  */
};

/*
 * Puts quoted identifiers in place of the placeholders of an SQL rule, outside string literals and
 * comments. A placeholder that has no value, or is not known, is a finding and ST_INVALID.
 */
NODISCARD enum status guard_fill(struct ctx *cx, const struct diag_text *text,
                                 const struct guard_placeholders *names, struct diags *findings,
                                 str *out);

/* True when the engine function (lower case, unqualified) is on the allow-list for `use`. */
bool guard_function_is_allowed(str name, enum guard_use use);

/* True for a type text that a person may cast to; also the types our columns may have. */
bool guard_type_is_allowed(str type);

#endif
