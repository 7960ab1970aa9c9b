/*
 * policy_int.h - what the files of this module share: compiled rules, subjects, bound targets.
 *
 * Names are resolved while documents are compiled: attributes become slots, values become atoms
 * (small integers: equal texts, equal atoms). What a decision does is compare integers.
 */
#ifndef POLICY_POLICY_INT_H
#define POLICY_POLICY_INT_H

#include "base/map.h"
#include "codec/yaml.h"
#include "contract/coltype.h"
#include "policy/policy.h"

struct own_applies;
struct own_policy;
struct own_policy_test;
struct own_principals;

/* ---- three-valued logic: AND is the least, OR the greatest ---------------------------------------- */

enum truth { IS_FALSE, IS_UNKNOWN, IS_TRUE };

static inline enum truth truth_of(bool holds)
{
    return holds ? IS_TRUE : IS_FALSE;
}
static inline enum truth truth_not(enum truth t)
{
    return (enum truth)(IS_TRUE - t);
}
static inline enum truth truth_and(enum truth a, enum truth b)
{
    return a < b ? a : b;
}
static inline enum truth truth_or(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

/* ---- values (value.c) ------------------------------------------------------------------------------ */

enum value_type { VALUE_TEXT, VALUE_INTEGER, VALUE_NUMBER, VALUE_BOOLEAN, VALUE_DATE };

/* Atoms that are no text. */
enum { ATOM_NONE, ATOM_UNKNOWN, ATOM_FIRST };

struct value {
    enum value_type type;
    uint32_t        atom;    /* ATOM_NONE: no document has this text    */
    str             text;    /* one spelling per value                  */
    int64_t         integer; /* INTEGER, BOOLEAN; DATE: days since 1970 */
    double          number;  /* INTEGER, NUMBER                         */
    str             scope;   /* of a team's role: the domain it counts in; else empty */
};

/* False when `text` is no value of that type. The atom is left ATOM_NONE. */
bool value_parse(struct arena *a, enum value_type type, str text, struct value *out);
/* <0, 0, >0; both are of one type, or both numbers. */
int value_cmp(const struct value *a, const struct value *b);
str value_type_name(enum value_type type);

/* A role of a team counts for the tables of its domain only. */
static inline bool value_counts_in(const struct value *v, str domain)
{
    return v->scope.len == 0 || str_eq(v->scope, domain);
}

/* Texts and their atoms. */
struct atoms {
    struct map map;
};
uint32_t atoms_intern(struct atoms *atoms, struct arena *a, str text);
uint32_t atoms_find(const struct atoms *atoms, str text);

/* ---- what is tested of a principal ------------------------------------------------------------------ */

enum {
    SLOT_NAME,
    SLOT_KIND,
    SLOT_ROLE,
    SLOT_GROUP,
    SLOT_DOMAIN,
    SLOT_PURPOSE, /* of the request; for the index only */
    SLOT_FIRST    /* attributes of the Principals documents follow */
};

struct slot {
    str             name;
    enum value_type type;
    bool            is_list;
};

struct slot_values {
    const struct value *items;
    size_t              count;
    bool                is_known; /* false: the principal lacks the attribute */
};

struct policy_subject {
    const struct policy_set  *set;
    str                       name, scope;
    enum policy_kind          kind;
    bool                      is_operator;
    const struct slot_values *slots; /* one per slot of the set */
    const uint32_t           *atoms; /* the same for slots with one value; ATOM_UNKNOWN: lacking */
};

struct purpose {
    str             name;
    struct purpose *wider;
    struct value   *chain; /* itself, then wider and wider */
    size_t          depth;
};

/* Who asks what, with names looked up. */
struct asking {
    const struct policy_subject *subject;
    const struct purpose        *purpose; /* NULL: none, or one that is not known */
    int64_t                      time_us;
    str                          domain; /* of the table: roles of its team count */
};

/* ---- tests and conditions (test.c, condition.c) ------------------------------------------------------- */

struct test {
    enum policy_op  op;
    size_t          slot;   /* of a principal's test                */
    str             name;   /* of a column's or a field's test      */
    struct value   *values; /* of principals: sorted by atom        */
    size_t          count;
    bool            is_ref; /* compared with the subject's slot `ref` */
    size_t          ref;
    struct diag_pos at;
};
struct tests { /* all hold */
    struct test *items;
    size_t       count;
};
struct choice { /* one of them holds; none: nothing is asked */
    struct tests *items;
    size_t        count;
};

struct window {
    int64_t from_us, until_us; /* INT64_MIN, INT64_MAX: open           */
    bool    has_hours;
    int64_t open_us, close_us; /* of a day; close before open: over midnight */
    bool    has_days;
    bool    days[7]; /* Monday first */
};

struct clause { /* all hold */
    struct choice   principal;
    struct value   *purposes; /* one of */
    size_t          purpose_count;
    struct window  *time;
    struct choice   row;
    struct diag_pos at;
};
struct condition { /* one of them holds */
    struct clause *items;
    size_t         count;
};

/* What a test is about. */
enum test_of { TEST_PRINCIPAL, TEST_COLUMN, TEST_FIELD, TEST_LEVEL };

enum truth choice_holds(const struct choice *choice, const struct asking *q);
/* Without `row`. */
enum truth clause_holds(const struct clause *clause, const struct asking *q);
/* OR of the clauses that have no `row`; IS_FALSE for none. */
enum truth condition_holds(const struct condition *condition, const struct asking *q);
bool       window_holds(const struct window *w, int64_t time_us);
/* The next moment after time_us at which window_holds may change; INT64_MAX: never. */
int64_t window_next(const struct window *w, int64_t time_us);
/* A test of a text that may be absent: a field, a level. */
enum truth test_holds_text(const struct test *t, const struct value *value);

/* ---- rules ------------------------------------------------------------------------------------------------ */

struct pattern { /* an empty part is any */
    str             domain, product, table;
    unsigned        major; /* 0 = every major */
    struct diag_pos at;
};
struct selector {      /* of columns */
    const str   *tags; /* lower case */
    size_t       tag_count;
    const str   *names;
    size_t       name_count;
    struct test *level; /* or NULL */
    struct tests fields;
};
struct applies {
    const struct pattern *patterns;
    size_t                pattern_count;
    const str            *tags; /* lower case */
    size_t                tag_count;
    struct tests          fields;
    struct selector       columns;
};

struct rule {
    struct policy_rule about; /* first: policy_rule_at gives it out */
    struct applies     applies;
    struct condition   when, unless;
    struct choice      rows;
    struct policy_mask mask;
    bool               has_time;
};

/* Does the rule hold for who asks? Exceptions by row are not looked at. */
bool rule_holds(const struct rule *rule, const struct asking *q);

/* ---- the set ------------------------------------------------------------------------------------------------ */

struct ids {
    VEC(uint32_t) list;
};

/* A principal as declared. */
struct principal {
    str                     name;
    enum policy_kind        kind;
    bool                    is_declared;
    const struct diag_text *text;
    struct diag_pos         at;
    struct slot_values     *slots;
    struct ids              groups; /* indexes of groups, those above included */
    VEC(struct value) roles;
    VEC(struct value) domains;
};

struct group {
    str                     name;
    const struct diag_text *text;
    struct diag_pos         at;
    const struct own_group *own;
    uint32_t                index;
    struct ids              above; /* groups that have it as a member */
    unsigned                mark;  /* of the walk that finds circles  */
};

struct policy_set {
    struct atoms               atoms;
    struct slot               *slots;
    size_t                     slot_count;
    struct map                 slot_names; /* to struct slot */
    struct map                 purposes;   /* to struct purpose */
    struct map                 domains;    /* to anything */
    struct map                 principals; /* to struct principal */
    struct map                 groups;     /* to struct group */
    struct map                 roles;      /* roles that somebody has */
    str                       *names;      /* of principals, sorted */
    size_t                     name_count;
    struct rule              **rules; /* by domain and name */
    size_t                     rule_count;
    struct policy_expectation *expectations;
    size_t                     expectation_count;
    str                        fingerprint;
    struct policy_subject      operator_subject;
    struct map by_table, by_domain, by_tag; /* to struct ids: where a bind looks for rules */
    struct ids everywhere;
};

/* ---- compiling ------------------------------------------------------------------------------------------- */

struct compiler {
    struct ctx               *cx;
    struct diags             *diags;
    struct policy_set        *set;
    const struct policy_mesh *mesh;
    const struct diag_text   *text;   /* of the document at hand */
    str                       domain; /* it holds in             */
    VEC(struct rule *) rules;
    VEC(struct slot) slots;
    VEC(struct policy_expectation) expectations;
    VEC(str) names;
};

void compiler_error(struct compiler *c, struct diag_pos at, str rule, str hint, const char *fmt,
                    ...) PRINTF(5, 6);
void compiler_warn(struct compiler *c, const struct rule *rule, const char *fmt, ...) PRINTF(3, 4);
/* "did you mean …?" among the keys of a map, or `otherwise`. */
str compiler_nearest(struct compiler *c, str word, const struct map *among, str otherwise);
/* Room for a list of at most `max`; 0 and a finding when it is longer. */
size_t compiler_count(struct compiler *c, const struct yaml_node *node, size_t max,
                      const char *limit);

/* test.c: a mapping of tests; a mapping or a list of them; one test. */
void tests_read(struct compiler *c, enum test_of of, const struct yaml_node *node,
                struct tests *out);
void choice_read(struct compiler *c, enum test_of of, const struct yaml_node *node,
                 struct choice *out);
bool test_read(struct compiler *c, enum test_of of, const struct yaml_member *m, struct test *out);

/* condition.c: which condition is read decides where `row` may stand. */
enum condition_of { CONDITION_WHEN, CONDITION_UNLESS, CONDITION_UNLESS_OF_MASK };
void condition_read(struct compiler *c, enum condition_of of, const struct yaml_node *node,
                    struct condition *out);

/* applies.c */
void applies_read(struct compiler *c, const struct own_policy *policy, struct rule *rule);
/* Does the rule target the table; which columns does it select? */
bool applies_to_object(const struct rule *rule, const struct policy_object *object);
bool applies_to_column(const struct rule *rule, const struct policy_column *column);
/* True when the policy names this table exactly: columns it names exactly must be there. */
bool applies_by_name(const struct rule *rule, const struct policy_object *object);
/* True when `tag` is `wanted` or lies below it; upper and lower case are one. */
bool applies_tag_fits(str tag, str wanted);
/* `*` stands for any run of characters; upper and lower case are one. */
bool applies_name_fits(str name, str pattern);

/* effect.c: rows or mask of a policy. */
void effect_read(struct compiler *c, const struct own_policy *policy, struct rule *rule);
/* 0 = strictest; masks of one strength that differ give NULL. */
unsigned effect_strength(enum policy_mask_kind kind);
bool     effect_equal(const struct policy_mask *a, const struct policy_mask *b);

/* principals.c: documents first, then teams, then who is in which group. */
void principals_begin(struct compiler *c);
void principals_declare(struct compiler *c, const struct own_principals *own);
void principals_fill(struct compiler *c, const struct own_principals *own);
void principals_finish(struct compiler *c);

/* expect.c */
void expect_read(struct compiler *c, const struct own_policy_test *own);

/* lint.c: warnings about a whole set. */
void lint_set(struct compiler *c);

/* ---- bound targets ------------------------------------------------------------------------------------------ */

/*
 * Of rules of one kind of access, those that may hold for who asks. Rules that test the same slots
 * by equality share a table; its key is the tuple of atoms they ask for.
 */
enum { INDEX_SLOTS_MAX = 5 };
struct index_entry {
    uint32_t           atoms[INDEX_SLOTS_MAX];
    uint32_t           next;     /* index + 1                                           */
    uint32_t           order;    /* place of the rule in the set                        */
    bool               is_exact; /* the rule asks for nothing but this key: no look at it */
    const struct rule *rule;
};
struct index_table { /* small, and what a look-up reads stands together */
    uint16_t  slots[INDEX_SLOTS_MAX];
    uint16_t  slot_count;
    bool      has_several; /* the last slot may have several values */
    uint32_t  head_mask;
    uint32_t *heads; /* index + 1 */
    VEC(struct index_entry) entries;
};
struct index {
    VEC(const struct rule *) always; /* no test by equality: looked at each time */
    VEC(struct index_table) tables;
};
/* `rules` in the order of the set. */
void index_build(struct ctx *cx, const struct policy_set *set, const struct rule *const *rules,
                 size_t count, struct index *out);
/* The first rule (by its place in the set) that holds; NULL for none. Allocates nothing. */
const struct rule *index_first(const struct index *index, const struct asking *q);

enum column_class {
    CLASS_TEXT,
    CLASS_INTEGER,
    CLASS_DECIMAL,
    CLASS_FLOAT,
    CLASS_BOOLEAN,
    CLASS_DATE,
    CLASS_TIMESTAMP,
    CLASS_UUID,
    CLASS_OTHER
};

struct column {
    str name;
    enum column_class class;
    const struct coltype *type; /* NULL: the type is not known */
};

/* A rule at a table. */
struct bound {
    const struct rule *rule;
    const bool        *columns; /* selected ones; NULL for rules about the table */
    bool               is_misfit;
};

struct policy_target {
    const struct policy_set *set;
    str                      domain, address;
    bool                     is_open;
    struct column           *columns;
    size_t                   column_count;
    struct bound            *rules; /* in the order of the set */
    size_t                   rule_count;
    struct index             denies, allows, misfits;
    VEC(str) problems;
};

/* The place of a column by name, upper and lower case being one; false when it is not there. */
bool target_column(const struct policy_target *target, str name, size_t *out);

/* fit.c: what goes with which type. */
void fit_column(struct ctx *cx, const struct policy_column *from, struct column *out);
bool fit_value(const struct column *column, str text);
/* Can the test be made on the column? Values of the principal are looked at when it asks. */
bool fit_test(const struct policy_set *set, const struct column *column, const struct test *test);
bool fit_mask(const struct column *column, const struct policy_mask *mask);

struct asking asking_of(const struct policy_target *target, const struct policy_request *rq);

/* ---- deciding (rows.c, layers.c) ------------------------------------------------------------------------------ */

/* One decision being made. `is_used` is set for rules that changed the answer. */
struct deciding {
    struct ctx                 *cx;
    const struct policy_target *target;
    struct asking               q;
    bool                       *holds, *is_used; /* one per bound rule */
};

/* rows.c: expressions; never NULL. What is unknown is POLICY_FALSE. */
const struct policy_expr *rows_of_choice(struct deciding *d, const struct choice *choice);
const struct policy_expr *rows_and(struct ctx *cx, const struct policy_expr *a,
                                   const struct policy_expr *b);
const struct policy_expr *rows_or(struct ctx *cx, const struct policy_expr *a,
                                  const struct policy_expr *b);

/* layers.c: all masks of one column, strictest first. */
void layers_of_column(struct deciding *d, size_t column, struct policy_column_decision *out);

#endif
