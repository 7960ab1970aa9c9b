/*
 * policy.h - from policies as a person wrote them to decisions, filters and masks. Pure.
 *
 * The way of a policy: document (standard/own_policy.h) -> compiled set (policy_compile; immutable,
 * one per change) -> a table's labels bound to the set once (policy_target_bind) -> a decision per
 * principal and purpose (policy_decide). docs/policies.md is the language; this module is its
 * meaning. It does no I/O, knows no engine and writes no SQL: filters are typed expressions and masks
 * are named, which guard/ turns into tree nodes.
 *
 * Unknown   tests have three values. What is unknown never opens: false for allow and for exceptions,
 *           true for `when` of every other policy, false for a row.
 * Lifetime  a set, its subjects and the targets bound to it live in the arena of the cx that made
 *           them, and borrow from the documents; make one arena per set ("policy generation").
 * Threads   everything is immutable once made: any thread may decide.
 * Errors    faults of documents are findings in diags; the set is then not made (ST_INVALID).
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/ctx.h"
#include "base/diag.h"

/* Limits; going over one is a finding with its name. */
enum {
    POLICY_RULES_MAX      = 100000, /* policies of a mesh                                       */
    POLICY_PRINCIPALS_MAX = 100000,
    POLICY_TESTS_MAX      = 64,   /* entries of one condition                                 */
    POLICY_ALTERNATIVES   = 16,   /* mappings of one list in when, unless or rows             */
    POLICY_VALUES_MAX     = 1000, /* values of one "one of"                                   */
    POLICY_LAYERS_MAX     = 8     /* masks with exceptions by row on one column               */
};

/* ---- what is compiled -------------------------------------------------------------------------- */

/* A document and where it holds: `domain` is empty for the whole mesh. */
struct policy_source {
    const struct diag_text *text;
    str                     domain;
};

/* What the set must know of the mesh beside its policies. */
struct policy_purpose {
    str name, parent; /* parent empty = top */
};
struct policy_member { /* of a domain's team */
    str domain, name, role;
};
struct policy_mesh {
    const struct policy_purpose *purposes;
    size_t                       purpose_count;
    const str                   *domains;
    size_t                       domain_count;
    const struct policy_member  *members;
    size_t                       member_count;
};

struct policy_set;

/*
 * Compiles documents of the kinds Policy, Principals and PolicyTest (others are a finding). All
 * findings at once; *out is made only when there is no error among them. Warnings tell of policies
 * that can never apply, contradict themselves, or are always covered.
 */
NODISCARD enum status policy_compile(struct ctx *cx, const struct policy_source *sources,
                                     size_t count, const struct policy_mesh *mesh,
                                     struct diags *diags, struct policy_set **out);

/* What a rule does. */
enum policy_action {
    POLICY_ALLOW_READ,
    POLICY_DENY_READ,
    POLICY_DENY_COLUMN,
    POLICY_DENY_PROJECTION,
    POLICY_ROWS,
    POLICY_MASK
};

/* One policy, for lists and explanations. */
struct policy_rule {
    str                     name, domain, because; /* domain empty = global */
    enum policy_action      action;
    const struct diag_text *text;
    struct diag_pos         at;
    size_t                  index; /* in the set */
};
size_t                    policy_rule_count(const struct policy_set *set);
const struct policy_rule *policy_rule_at(const struct policy_set *set, size_t index);
const char               *policy_action_name(enum policy_action action); /* "deny: column" */

/* SHA-256 (hex) over what was compiled: two sets with one fingerprint decide alike. */
str policy_fingerprint(const struct policy_set *set);

/* ---- who asks ----------------------------------------------------------------------------------- */

enum policy_kind { POLICY_USER, POLICY_SERVICE, POLICY_AGENT, POLICY_PRODUCT };

struct policy_subject; /* a principal, resolved against one set */

/* A user, service or agent by name, or a member of a domain's team; ST_NOT_FOUND otherwise. */
NODISCARD enum status policy_subject_named(struct ctx *cx, const struct policy_set *set, str name,
                                           const struct policy_subject **out);
/* The product `domain`.`product` as a principal; the set need not know it. */
NODISCARD enum status policy_subject_product(struct ctx *cx, const struct policy_set *set,
                                             str domain, str product,
                                             const struct policy_subject **out);
/* Exempt from everything: who owns the folder of a local mesh. */
const struct policy_subject *policy_subject_operator(const struct policy_set *set);

str              policy_subject_name(const struct policy_subject *subject);
enum policy_kind policy_subject_kind(const struct policy_subject *subject);
bool             policy_subject_is_operator(const struct policy_subject *subject);
/* Everything that decisions depend on, as one short text: a cache key ("ana#<hash>"). */
str policy_subject_scope(const struct policy_subject *subject);
/* Names of all declared principals, sorted. */
const str *policy_principals(const struct policy_set *set, size_t *count);
/* True when mesh.yaml has the purpose. */
bool policy_purpose_is_known(const struct policy_set *set, str purpose);

/* ---- what is asked about ------------------------------------------------------------------------ */

enum policy_level {
    POLICY_UNCLASSIFIED,
    POLICY_PUBLIC,
    POLICY_INTERNAL,
    POLICY_CONFIDENTIAL,
    POLICY_RESTRICTED
};
/* False for a text that is no level. */
bool policy_level_parse(str text, enum policy_level *out);

struct policy_field { /* of a contract: "status" = "active", "criticalDataElement" = "true" */
    str name, value;
};
struct policy_column {
    str                        name, type; /* the engine's spelling: "DECIMAL(10,2)" */
    enum policy_level          level;
    const str                 *tags;
    size_t                     tag_count;
    const struct policy_field *fields;
    size_t                     field_count;
};
struct policy_object {
    str                         domain, product, table;
    unsigned                    major;
    bool                        is_open; /* weft.access: open */
    const str                  *tags;    /* of product, contract and table */
    size_t                      tag_count;
    const struct policy_field  *fields; /* of the contract */
    size_t                      field_count;
    const struct policy_column *columns;
    size_t                      column_count;
};

/*
 * A table bound to a set: its names and labels looked up once, row tests and masks checked against
 * its columns. A policy that does not fit (a column that is not there) does not fail here: it closes
 * the table for those it applies to. Copies what it needs of `object`.
 */
struct policy_target;
NODISCARD enum status policy_target_bind(struct ctx *cx, const struct policy_set *set,
                                         const struct policy_object *object,
                                         struct policy_target      **out);
/* What does not fit, for the operator: "policy p: table t has no column c". */
const str *policy_target_problems(const struct policy_target *target, size_t *count);

/* ---- decisions ----------------------------------------------------------------------------------- */

struct policy_request {
    const struct policy_subject *subject;
    str                          purpose; /* empty = none was given */
    int64_t                      time_us; /* UTC */
};

enum policy_reason {
    POLICY_BY_RULE,     /* allowed or denied by `by`                                   */
    POLICY_OPEN,        /* the contract says weft.access: open                         */
    POLICY_OWN_DOMAIN,  /* the port belongs to the principal's domain                  */
    POLICY_OPERATOR,    /* exempt                                                      */
    POLICY_NO_GRANT,    /* nothing allows it                                           */
    POLICY_DOES_NOT_FIT /* `by` applies and cannot be applied to this table            */
};

struct policy_access {
    bool                      may_read;
    enum policy_reason        reason;
    const struct policy_rule *by; /* or NULL */
};

/* May the subject read the table? Allocates nothing; below a microsecond at 10,000 rules. */
struct policy_access policy_may_read(const struct policy_target  *target,
                                     const struct policy_request *rq);

/* A test of a row, attributes of the principal already put in as literals. */
enum policy_op {
    POLICY_TRUE,
    POLICY_FALSE,
    POLICY_AND, /* items */
    POLICY_OR,  /* items */
    POLICY_EQ,  /* column and values[0] */
    POLICY_NE,
    POLICY_LT,
    POLICY_LE,
    POLICY_GT,
    POLICY_GE,
    POLICY_IN, /* column and values */
    POLICY_NOT_IN,
    POLICY_STARTS_WITH,
    POLICY_ENDS_WITH,
    POLICY_CONTAINS,
    POLICY_IS_NULL,
    POLICY_NOT_NULL
};
/* A literal: `text` is its spelling, to be cast to the column's type. */
struct policy_value {
    str text;
};
struct policy_expr {
    enum policy_op             op;
    size_t                     column; /* index into the object's columns */
    const struct policy_value *values;
    size_t                     value_count;
    const struct policy_expr  *items;
    size_t                     item_count;
};

/* Strictest first: the order of enum policy_mask_kind is the documented order. */
enum policy_mask_kind {
    POLICY_MASK_NULL,
    POLICY_MASK_CONSTANT, /* text */
    POLICY_MASK_DEFAULT,
    POLICY_MASK_REDACT,
    POLICY_MASK_HASH,
    POLICY_MASK_EMAIL,
    POLICY_MASK_FIRST, /* number = n */
    POLICY_MASK_LAST,
    POLICY_MASK_REGEX, /* text = pattern, replacement */
    POLICY_MASK_ZIP3,
    POLICY_MASK_IP,
    POLICY_MASK_DATE,  /* text = year, quarter, month, week, day */
    POLICY_MASK_ROUND, /* text = the number as written */
    POLICY_MASK_BUCKET
};
struct policy_mask {
    enum policy_mask_kind kind;
    str                   text, replacement;
    int64_t               number;
};
const char *policy_mask_name(enum policy_mask_kind kind); /* "email" */

/* One mask of a column; it does not hold for rows where `unless` is true (NULL: it always holds). */
struct policy_layer {
    struct policy_mask        mask;
    const struct policy_expr *unless;
    const struct policy_rule *by;
};

enum policy_show {
    POLICY_CLEAR,
    POLICY_MASKED, /* layers, outermost (strictest) first; under the last one the value is clear */
    POLICY_UNPROJECTED, /* usable in conditions, never shown; may have layers too */
    POLICY_HIDDEN       /* does not exist */
};
struct policy_column_decision {
    enum policy_show           show;
    const struct policy_rule  *by; /* of UNPROJECTED and HIDDEN */
    const struct policy_layer *layers;
    size_t                     layer_count;
    bool                       is_conflict; /* two masks of one strength: NULL is given */
};

/* How one rule that targets the table fared, for explanations. */
enum policy_fate {
    POLICY_APPLIED,
    POLICY_WHEN_NOT_MET,
    POLICY_EXCEPTED, /* `unless` holds */
    POLICY_BEATEN    /* a stricter one decided */
};
struct policy_trace {
    const struct policy_rule *rule;
    enum policy_fate          fate;
};

struct policy_decision {
    struct policy_access                 access;
    const struct policy_expr            *rows;    /* NULL = all of them                          */
    const struct policy_column_decision *columns; /* one per column of the object; NULL when all
                                                     are clear                                   */
    const struct policy_rule           **applied; /* rules that changed the answer               */
    size_t                               applied_count;
    const struct policy_trace           *trace; /* every rule that targets the table or a column */
    size_t                               trace_count;
    bool
        has_time; /* the answer may change as time passes: not to be cached beyond valid_until_us */
    int64_t valid_until_us;
};

/* The whole answer, in cx->arena. When may_read is false nothing else is filled but trace. */
NODISCARD enum status policy_decide(struct ctx *cx, const struct policy_target *target,
                                    const struct policy_request *rq, struct policy_decision *out);

/* A text of `rows` and of masks as a person would write them: "region = 'EU' and …". */
str policy_expr_text(struct ctx *cx, const struct policy_expr *expr,
                     const struct policy_object *object);
str policy_mask_text(struct ctx *cx, const struct policy_mask *mask);

/* ---- expectations -------------------------------------------------------------------------------- */

/* One entry of a PolicyTest document. */
enum policy_rows_expected { POLICY_ROWS_ANY, POLICY_ROWS_ALL, POLICY_ROWS_SOME };
struct policy_expectation {
    str                       test, as, purpose, table;
    bool                      has_read, read;
    enum policy_rows_expected rows;
    const str                *masked, *clear, *hidden, *unprojected;
    size_t                    masked_count, clear_count, hidden_count, unprojected_count;
    const struct diag_text   *text;
    struct diag_pos           at;
};
const struct policy_expectation *policy_expectations(const struct policy_set *set, size_t *count);
/*
 * Compares a decision with an expectation: the first difference in words ("column email is clear"),
 * or an empty text. `decision` and `object` NULL: the table is not known.
 */
str policy_expectation_differs(struct ctx *cx, const struct policy_expectation *expected,
                               const struct policy_object   *object,
                               const struct policy_decision *decision);

/* ---- rights of roles on a mesh -------------------------------------------------------------------- */

/* What a principal may do beside reading data. rights.def has the table role x right. */
enum policy_right {
    POLICY_RIGHT_QUERY,   /* run queries on what it may read              */
    POLICY_RIGHT_CATALOG, /* see what it may know exists                  */
    POLICY_RIGHT_PUBLISH, /* publish products of its own domain           */
    POLICY_RIGHT_OPERATE, /* doctor, backup, keys, limits                 */
    POLICY_RIGHT_GOVERN,  /* explain and test policies for anybody        */
    POLICY_RIGHT_STEWARD, /* edit catalog texts and classification        */
    POLICY_RIGHT_AUDIT    /* read the journal, receipts and every history */
};
/* `domain` is the domain the act is about, or empty: roles of a team count for their own domain. */
bool policy_has_right(const struct policy_subject *subject, enum policy_right right, str domain);
const char *policy_right_name(enum policy_right right);

#endif
