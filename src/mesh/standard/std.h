/*
 * std.h - what all documents share: values with positions, profiles, findings, common parts.
 *
 * Every document kind (ODCS, ODPS, our own) is described by tables of fields; one reader walks a
 * document by its table, fills a typed struct and reports every finding at once. The structs stand
 * in odcs.h, odps.h and own.h; this file has the small types they are made of.
 *
 * Values    a scalar keeps the place it was read from. Zero is "absent"; ask with std_is_set.
 * Lists     STD_LIST(type) is {items, count}; a missing list is empty. `at` of its owner tells where.
 * Lifetime  everything lives in the cx->arena of the read; strings may point into the text read.
 * Variables `${NAME}` stays in the values as written; resolving is a separate step (variables.h).
 * Threads   all functions are pure apart from cx; a document that was read is never changed.
 * Limits    those of codec/yaml.h (size, depth, nodes), and DIAG_MAX findings.
 */
#ifndef STANDARD_STD_H
#define STANDARD_STD_H

#include "base/buf.h"
#include "base/diag.h"

struct yaml_node;

/* ---- values ---------------------------------------------------------------------------------- */

struct std_str {
    str             v; /* as written, after YAML quoting */
    struct diag_pos at;
};

struct std_bool {
    bool            v;
    struct diag_pos at;
};

struct std_int {
    int64_t         v;
    struct diag_pos at;
};

struct std_num {
    double          v;
    str             text; /* the digits as written, for exact comparison */
    struct diag_pos at;
};

/* A value of any kind: kept as the node that was read. */
struct std_any {
    const struct yaml_node *node; /* NULL = absent */
    struct diag_pos         at;
};

#define STD_LIST(type)                                                                             \
    struct {                                                                                       \
        type  *items;                                                                              \
        size_t count;                                                                              \
    }

struct std_strs {
    struct std_str *items;
    size_t          count;
    struct diag_pos at;
    bool            is_list; /* false when one bare string was written */
};

/* True when the value stood in the document. Works for every struct with `at`. */
#define std_is_set(value) ((value).at.line != 0)

/* The text, or `otherwise` when absent. */
static inline str std_text(struct std_str s, str otherwise)
{
    return std_is_set(s) ? s.v : otherwise;
}

static inline bool std_is_true(struct std_bool b)
{
    return std_is_set(b) && b.v;
}

/* A value made by the program (for std_emit): set, without a place. */
struct std_str  std_str_made(str v);
struct std_bool std_bool_made(bool v);
struct std_int  std_int_made(int64_t v);
/* `text` are the digits to write. */
struct std_num std_num_made(double v, str text);

/* A string, and a value typed as YAML types it plain (number, true, null), in cx->arena. */
struct std_any std_any_made(struct ctx *cx, str text);
struct std_any std_any_plain(struct ctx *cx, str text);

/* Text of a scalar `any`; false when it is absent, null, a list or a mapping. */
bool std_any_text(struct std_any any, str *out);

/* ---- parts used by both standards ------------------------------------------------------------ */

/* customProperties[]: what a standard lacks. Those named "weft." are ours (keys.h). */
struct std_custom {
    struct std_str  id, property, description, vendor;
    struct std_any  value;
    struct diag_pos at;
};
struct std_customs {
    struct std_custom *items;
    size_t             count;
};

struct std_definition { /* authoritativeDefinitions[] */
    struct std_str  id, url, type, description;
    struct diag_pos at;
};
struct std_definitions {
    struct std_definition *items;
    size_t                 count;
};

struct std_description {
    struct std_str         purpose, usage, limitations;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct std_support {
    struct std_str         id, channel, url, description, tool, scope, invitation_url;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct std_member {
    struct std_str         id, username, name, description, role, date_in, date_out, replaced_by;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct std_team {
    struct std_str id, name, description;
    STD_LIST(struct std_member) members; /* also of the deprecated form: team as a list */
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct std_role {
    struct std_str     id, role, description, access, first_approvers, second_approvers;
    struct std_customs custom;
    struct diag_pos    at;
};

struct std_synonym {
    struct std_str     id, synonym, description, locale, source, status;
    struct std_customs custom;
    struct diag_pos    at;
};

struct std_statement { /* context: a verified statement or a constraint */
    struct std_str         id, question, answer, constraint;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct std_context {
    struct std_str text; /* the short form: only a string */
    struct std_str instructions;
    STD_LIST(struct std_statement) statements;
    STD_LIST(struct std_statement) constraints;
    struct diag_pos at;
};

/* ---- reading --------------------------------------------------------------------------------- */

/*
 * How strict a reader is where the text of a standard and its JSON Schema disagree; docs/standards.md
 * lists each rule with its severity in each profile.
 *   text    what the standard's text allows
 *   schema  errors exactly where the official JSON Schema of the version refuses
 *   strict  schema plus rules that keep people from harm (default)
 */
enum std_profile { STD_STRICT, STD_SCHEMA, STD_TEXT };

/* "text", "schema", "strict". */
bool std_profile_parse(str name, enum std_profile *out);

/* A named rule that is not about one field alone. `severity` in order of enum std_profile. */
enum std_level { STD_OFF, STD_INFO, STD_WARN, STD_ERROR };
struct std_rule {
    str            id;
    enum std_level level[3];
    str            help;
};

/* All rules, for docs and `--help`. */
const struct std_rule *std_rules(size_t *count);

/*
 * Guesses what a document is from its `kind`: "DataContract", "DataProduct", "Mesh", "Domain",
 * "Policy", "Principals", "PolicyTest"; false when the text has none. Reads only the top level,
 * reports nothing.
 */
NODISCARD bool std_kind_of(struct ctx *cx, const struct diag_text *text, str *out);

/* ---- printing -------------------------------------------------------------------------------- */

/*
 * JSON Schema (2019-09) of "mesh", "domain", "policy", "principals", "policytest", "odcs" or "odps"
 * (newest version), made from the tables.
 * ST_NOT_FOUND with the known kinds for other names.
 */
NODISCARD enum status std_schema_json(struct ctx *cx, str kind, struct buf *out);

/* docs/keys.md: the table of `weft.` keys, and docs' table of rules. */
void std_keys_markdown(struct buf *out);
void std_rules_markdown(struct buf *out);

#endif
