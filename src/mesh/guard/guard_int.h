/*
 * guard_int.h - what the files of the guard share. Not for others.
 *
 * One approval is one `struct guard_walk`: the tree is checked against the shapes (shape.c), then
 * walked by scope and rewritten in place (walk.c, from.c, column.c, function.c), then
 * printed and proved (proof.c). Walkers return nothing: a refusal is a finding and the walk goes on
 * to find more; a failure that ends everything is kept in `st`.
 */
#ifndef GUARD_GUARD_INT_H
#define GUARD_GUARD_INT_H

#include "base/map.h"
#include "codec/json.h"
#include "engine/engine.h"
#include "guard/guard.h"

/* ---- functions.c: the list of functions ---- */

enum guard_class {
    GUARD_FN_LEAKPROOF,
    GUARD_FN_PURE,
    GUARD_FN_VOLATILE,
    GUARD_FN_BUILD,
    GUARD_FN_STATE,
    GUARD_FN_SETTING,
    GUARD_FN_CATALOG,
    GUARD_FN_CODE,
    GUARD_FN_WAIT,
    GUARD_FN_INTERNAL /* from STATE on: refused */
};
enum guard_check {
    GUARD_ARG_NONE,
    GUARD_ARG_SIZE,
    GUARD_ARG_RANGE,
    GUARD_ARG_FORMAT,
    GUARD_ARG_AGGREGATE,
    GUARD_ARG_LAMBDA,
    GUARD_ARG_FEW
};
struct guard_function {
    str              name;
    enum guard_class klass;
    enum guard_check check;
    unsigned         argument; /* from 1 */
    uint64_t         bound;
};

const struct guard_function *guard_function_find(str name); /* lower case; NULL when not listed */
size_t                       guard_function_count(void);
const struct guard_function *guard_function_at(size_t index);
const char                  *guard_class_reason(enum guard_class klass); /* why it is refused */
bool                         guard_table_function_is_allowed(str name);

/* ---- types.c: the list of types ---- */

bool guard_type_id_is_allowed(str id);
/* The engine's tree for a type text; NULL when it is not allowed. */
struct json *guard_type_tree(struct arena *a, str text);

/* ---- shape.c: what a tree may be made of ---- */

enum guard_family {
    GUARD_EXPR,
    GUARD_NODE,
    GUARD_REF,
    GUARD_MODIFIER,
    GUARD_STATEMENT,
    GUARD_PARAM,
    GUARD_CTE_MAP,
    GUARD_CTE_ENTRY,
    GUARD_CTE,
    GUARD_ORDER,
    GUARD_WHEN,
    GUARD_SAMPLE,
    GUARD_AT,
    GUARD_PIVOT_COLUMN,
    GUARD_PIVOT_ENTRY,
    GUARD_REPLACE,
    GUARD_RENAME,
    GUARD_QUALIFIED,
    GUARD_VALUE,
    GUARD_TYPE,
    GUARD_TYPE_INFO,
    GUARD_TYPE_CHILD
};

/* Every kind of node a person's tree may have; the walkers switch over it. */
enum guard_node {
    /* expressions */
    GN_BETWEEN,
    GN_CASE,
    GN_CAST,
    GN_COLLATE,
    GN_COLUMN,
    GN_COMPARISON,
    GN_CONJUNCTION,
    GN_CONSTANT,
    GN_FUNCTION,
    GN_LAMBDA,
    GN_OPERATOR,
    GN_PARAMETER,
    GN_POSITION,
    GN_STAR,
    GN_SUBQUERY,
    GN_WINDOW,
    /* query nodes */
    GN_SELECT,
    GN_SET_OPERATION,
    GN_RECURSIVE,
    /* table references */
    GN_BASE_TABLE,
    GN_JOIN,
    GN_DERIVED,
    GN_TABLE_FUNCTION,
    GN_EMPTY,
    GN_VALUES,
    GN_PIVOT,
    /* modifiers */
    GN_LIMIT,
    GN_LIMIT_PERCENT,
    GN_ORDER,
    GN_DISTINCT,
    GN_OTHER /* helper objects: an order, a sample, a type ... */
};

/* The kind of an object that passed guard_shape_check. */
enum guard_node guard_node_of(const struct json *object, enum guard_family family);

/* ---- one approval ---- */

/* A relation the text reads, collected once per key and version. */
struct guard_touched {
    struct guard_table          table;
    struct guard_relation       relation;
    bool                       *columns; /* by index into relation.columns */
    const struct guard_touched *inside;  /* the view in whose text it stands; or NULL */
    struct json                *node;    /* GUARD_VIEW: its text as walked            */
};

/* Pointers that stay when their list grows. */
struct guard_touched_ref {
    struct guard_touched *it;
};
struct guard_parameter {
    struct json *node;
};

/* A select item that needs the name it would have had without the rewriting. */
struct guard_unnamed {
    struct json *item;
    struct json *original;
};

/* Something a FROM clause offers. */
struct guard_source {
    str          alias;           /* what a column may be qualified with                          */
    str          catalog, schema; /* as written, of a relation without alias of its own   */
    str          printed;         /* the alias in the text that runs                              */
    bool         is_named;        /* the person gave the alias                                  */
    struct json *ref;
    struct guard_touched
        *touched; /* NULL: not a relation                                         */
};

struct guard_walk {
    struct ctx                 *cx;
    struct guard               *guard;
    const struct guard_request *rq;
    struct diags               *findings;
    enum status                 st; /* first failure that ends the call */
    size_t                      refusals;
    size_t                      nodes;
    uint64_t                    at;    /* location of the node around, for findings */
    const struct guard_touched *view;  /* the view whose text is walked; NULL: the person's own */
    struct map                  names; /* how often a name or alias is given: guard_name_uses */
    VEC(struct guard_touched_ref) touched;
    VEC(struct guard_unnamed) unnamed;
    VEC(struct guard_source) placed; /* relations, where they stand */
    size_t mentions;                 /* relations named */
    size_t changes;                  /* nodes rewritten so far */
    bool   is_volatile;
    bool   is_revealing; /* something in the text may fail with a value in its message     */
    size_t selects;      /* query nodes so far: an outer one can push its conditions down  */
    bool   is_condition; /* inside WHERE, ON or a filter, where unprojected columns may be */
    bool   is_pushed;    /* ... or HAVING, QUALIFY: the engine may try it before a row filter */
    bool   is_revealing_early; /* something that reveals stands where the engine may push it */
    str    volatile_by;
    bool   uses_from, uses_to;
    struct json *from_node, *to_node;
    VEC(struct guard_parameter) parameters;
};

enum { GUARD_REFUSALS_MAX = 50 };
#define GUARD_NOWHERE UINT64_MAX

/* Adds a finding at the byte offset `at` (GUARD_NOWHERE: the text as a whole). */
void guard_refuse(struct guard_walk *w, uint64_t at, str rule, str hint, const char *fmt, ...)
    PRINTF(5, 6);
void guard_warn(struct guard_walk *w, uint64_t at, str rule, str hint, const char *fmt, ...)
    PRINTF(5, 6);
struct diag_pos guard_pos(const struct guard_walk *w, uint64_t at);
/* query_location of a node, or the nearest one around it. */
uint64_t guard_at(const struct guard_walk *w, const struct json *node);

/* The counter of a table name, alias or name of a common table expression; case does not matter. */
size_t *guard_name_uses(struct guard_walk *w, str name);

/* The whole document {error, statements: [one]} of w->rq's text; NULL when refused or failed. */
struct json *guard_parse(struct guard_walk *w);

/* Checks a whole statement; false when something was refused or failed. Collects w->names. */
bool guard_shape_check(struct guard_walk *w, const struct json *statement);

/* ---- scopes ---- */

struct guard_frame {
    const struct guard_frame *outer;
    VEC(struct guard_source) sources;
    const struct json
        *outputs; /* the select list while HAVING and ORDER BY are walked; else NULL */
};
struct guard_cte {
    const struct guard_cte *outer;
    str                     name;
};
struct guard_lambda {
    const struct guard_lambda *outer;
    str                        name;
};
struct guard_scope {
    const struct guard_frame  *frame;
    const struct guard_cte    *ctes;
    const struct guard_lambda *lambdas;
};

/* ---- walk.c ---- */

/* Walks one query node; the frame of `scope` is the outer one. */
void guard_walk_node(struct guard_walk *w, const struct guard_scope *scope, struct json *node);
/* Walks an expression; the answer bounds how many items or characters one value can grow to. */
uint64_t guard_walk_expr(struct guard_walk *w, const struct guard_scope *scope, struct json *expr);
/* Each of a list; the product of the answers. */
uint64_t guard_walk_exprs(struct guard_walk *w, const struct guard_scope *scope, struct json *list);
uint64_t guard_multiply(uint64_t a, uint64_t b); /* stops at the top */
/* Where a condition stands: WHERE, ON and filters may use unprojected columns, HAVING may not. */
enum guard_clause { GUARD_IN_WHERE, GUARD_IN_HAVING };
void guard_walk_condition(struct guard_walk *w, const struct guard_scope *scope, struct json *expr,
                          enum guard_clause clause);
/* Something that may fail with a value in its message stands here. */
void guard_note_revealing(struct guard_walk *w);

/* ---- from.c ---- */

/* Names of the relations and derived tables below `ref` go into `frame`. */
void guard_collect_sources(struct guard_walk *w, const struct guard_scope *scope,
                           struct guard_frame *frame, struct json *ref);
/* Aliases so that each source can be told apart. */
void guard_settle_aliases(struct guard_walk *w, struct guard_frame *frame);
/* Conditions, subqueries and arguments below `ref`. */
void guard_walk_ref(struct guard_walk *w, const struct guard_scope *scope, struct json *ref);
/* Remembers where the relations of a query node stand, to be put in place of the names ... */
void guard_keep_relations(struct guard_walk *w, const struct guard_frame *frame);
/* ... when the whole text was walked: only then is known whether something in it may fail. */
void guard_place_relations(struct guard_walk *w);
/* `base` with a number, as nothing in the whole text is called. */
str guard_fresh_name(struct guard_walk *w, str base);

/* Puts all views in front of the whole text, as common table expressions of the statement's `node`. */
void guard_place_views(struct guard_walk *w, struct json *node);

/* ---- column.c ---- */

void guard_walk_column(struct guard_walk *w, const struct guard_scope *scope, struct json *expr);
/* The type of the column of a relation that a name, not rewritten yet, means; empty when that is not sure. */
str  guard_column_type(const struct guard_scope *scope, const struct json *parts);
void guard_walk_star(struct guard_walk *w, const struct guard_scope *scope, struct json *expr);
void guard_touch_all(const struct guard_frame *frame);
/* As guard_touch_all; columns that may not be shown are refused. */
void guard_show_all(struct guard_walk *w, const struct guard_frame *frame);
void guard_touch_name(const struct guard_scope *scope, str name);

/* ---- casts.c ---- */

/* The engine makes one type of these expressions, which were not walked yet: revealing, unless that cannot fail. */
void guard_check_unified(struct guard_walk *w, const struct guard_scope *scope,
                         const struct json *const *values, size_t count);

/* ---- function.c ---- */

uint64_t guard_walk_function(struct guard_walk *w, const struct guard_scope *scope,
                             struct json *expr);
uint64_t guard_walk_window(struct guard_walk *w, const struct guard_scope *scope,
                           struct json *expr);
void     guard_walk_table_function(struct guard_walk *w, const struct guard_scope *scope,
                                   struct json *ref);

/* ---- bound.c: constants as bounds ---- */

/* The whole number an expression is, when it is a constant. */
bool guard_constant_int(const struct json *expr, int64_t *out);
/* The text an expression is, when it is a constant. */
bool guard_constant_text(const struct json *expr, str *out);
/* How many items range(args) gives; false when that cannot be told from constants. */
bool guard_range_items(struct ctx *cx, const struct json *args, uint64_t *out);
/* Highest width that a format text asks for; false for widths that come from arguments. */
bool guard_format_width(str format, uint64_t *out);

/* ---- build.c: nodes of our own ---- */

/*
 * With `is_guarded` every column of a relation with a row filter is a CASE of that filter: the person's
 * text holds something that fails with a value in its message, and the engine may try it first on rows
 * that the filter would take away.
 */
struct json *guard_build_relation(struct arena *a, const struct guard_relation *relation,
                                  bool is_guarded);
struct json *guard_build_expr(struct arena *a, str class, str type);
struct json *guard_build_text(struct arena *a, str text);
struct json *guard_build_null(struct arena *a);
struct json *guard_build_int(struct arena *a, int64_t n);
struct json *guard_build_column(struct arena *a, str name);
struct json *guard_build_cast(struct arena *a, struct json *child, struct json *type);
struct json *guard_build_call(struct arena *a, str schema, str name, struct json *args);
struct json *guard_build_type(struct arena *a, str id);
struct json *guard_build_select(struct arena *a, struct json *select_list, struct json *from);
/* An entry of a statement's map of common table expressions: the columns of a view from its `node`. */
struct json *guard_build_view(struct arena *a, const struct guard_relation *relation,
                              struct json *node);
/* Makes `ref` a derived table over `node`; alias, sample and column names of `ref` stay. */
void guard_build_derived(struct arena *a, struct json *ref, struct json *node, str alias);

/* ---- mask.c: policies as nodes ---- */

/* The condition of the rows that the reader sees; NULL = all. */
struct json *guard_mask_rows(struct arena *a, const struct guard_relation *relation);
/* The value of a column as the reader sees it, without alias; `clear` is the value itself. */
struct json *guard_mask_column(struct arena *a, const struct guard_relation *relation,
                               size_t column, struct json *clear);
struct json *guard_mask_case(struct arena *a, struct json *when, struct json *then,
                             struct json *otherwise);
bool         guard_column_is_hidden(const struct guard_relation *relation, size_t column);
bool         guard_column_is_unprojected(const struct guard_relation *relation, size_t column);
bool         guard_has_unprojected(const struct guard_relation *relation);

/* ---- instance.c: the parsing instance ---- */

struct guard_instance;
/* ST_UNSUPPORTED when the engine is of a version that the guard does not know. */
NODISCARD enum status guard_instance_check(struct ctx *cx);
NODISCARD enum status guard_instance_open(struct ctx *cx, struct guard_instance **out);
void                  guard_instance_close(struct guard_instance *instance);
/* The tree of a text, as JSON. One caller at a time. */
NODISCARD enum status guard_instance_parse(struct guard_instance *instance, struct ctx *cx, str sql,
                                           str *out_json);
/* ---- proof.c ---- */

/* True when both trees mean the same text; fills `places` (unsorted) with printed -> written. */
bool guard_proof_equal(struct arena *a, const struct json *approved, const struct json *printed,
                       struct guard_approved *out);

/* ---- cache.c ---- */

struct guard_cache;
struct guard_cache *guard_cache_new(void);
void                guard_cache_free(struct guard_cache *cache);
bool guard_cache_get(struct guard_cache *cache, struct arena *a, const struct guard_request *rq,
                     struct guard_approved *out);
void guard_cache_put(struct guard_cache *cache, const struct guard_request *rq,
                     const struct guard_approved *approved);

#endif
