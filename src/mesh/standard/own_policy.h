/*
 * own_policy.h - our own kinds about who sees what: Policy, Principals and PolicyTest, weft/v1.
 *
 * Read by the same tables and reader as the standards; rules of std.h hold. What a table cannot say
 * (tests, conditions, row filters, masks) is kept as the node that was read: policy/ gives it its
 * meaning and reports what it does not understand. docs/policies.md is the language.
 */
#ifndef STANDARD_OWN_POLICY_H
#define STANDARD_OWN_POLICY_H

#include "standard/std.h"

struct own_columns { /* which columns: those for which all of these hold */
    struct std_strs tag, name;
    struct std_any  classification; /* a test              */
    struct std_any  contract;       /* a mapping of tests  */
    struct diag_pos at;
};

struct own_applies {
    struct std_strs    tables, tag;
    struct std_any     contract; /* a mapping of tests */
    struct own_columns columns;
    struct diag_pos    at;
};

/* Exactly one of allow, deny, rows and mask is set. */
struct own_policy {
    struct std_str          api_version, kind, name, description, because;
    struct own_applies      applies;
    struct std_str          allow; /* read                     */
    struct std_str          deny;  /* read, column, projection */
    struct std_any          rows;  /* a mapping of tests, or a list of them      */
    struct std_any          mask;  /* null, a word, or a mapping with one member */
    struct std_any          when, unless;
    const struct yaml_node *root;
    struct diag_pos         at;
};

struct own_attribute {
    struct std_str  name, type, description;
    struct diag_pos at;
};

struct own_group {
    struct std_str  name, description;
    struct std_strs members; /* names of principals */
    struct std_strs groups;  /* groups whose members are members */
    struct diag_pos at;
};

struct own_principal {
    struct std_str  name, kind, description; /* kind: user (default), service, agent */
    struct std_strs roles;
    struct std_any  attributes; /* a mapping from attribute to value */
    struct diag_pos at;
};

struct own_principals {
    struct std_str api_version, kind, description;
    STD_LIST(struct own_attribute) attributes;
    STD_LIST(struct own_group) groups;
    STD_LIST(struct own_principal) principals;
    const struct yaml_node *root;
    struct diag_pos         at;
};

struct own_expectation {
    struct std_str  as, purpose, table, rows; /* rows: all, some */
    struct std_bool read;
    struct std_strs masked, clear, hidden, unprojected;
    struct diag_pos at;
};

struct own_policy_test {
    struct std_str api_version, kind, name, description;
    STD_LIST(struct own_expectation) expect;
    const struct yaml_node *root;
    struct diag_pos         at;
};

/* As own_mesh_read. */
NODISCARD enum status own_policy_read(struct ctx *cx, const struct diag_text *text,
                                      struct diags *diags, struct own_policy **out);
NODISCARD enum status own_principals_read(struct ctx *cx, const struct diag_text *text,
                                          struct diags *diags, struct own_principals **out);
NODISCARD enum status own_policy_test_read(struct ctx *cx, const struct diag_text *text,
                                           struct diags *diags, struct own_policy_test **out);

#endif
