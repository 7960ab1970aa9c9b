/*
 * std_int.h - the tables that describe documents, and the reader that walks them.
 *
 * A shape describes one kind of object: its fields, from which version it is closed, and hooks for
 * what a flat table cannot say. Several rows may share a name: the first whose version range and
 * kind fit the value is used, so a field that changed its type has one row per type.
 *
 * Versions are small numbers of the standard at hand (1 = oldest); 0 means "no bound".
 */
#ifndef STANDARD_STD_INT_H
#define STANDARD_STD_INT_H

#include "codec/yaml.h"
#include "standard/keys.h"

enum { STD_MEMORY_MAX = 256 << 20 }; /* bytes of structs one document may become */

enum std_kind {
    STD_STRING,
    STD_BOOL,
    STD_INT,
    STD_NUM,
    STD_SCALAR, /* string, number, boolean or null */
    STD_ANY,
    STD_MAPPING,  /* any mapping, kept as a node */
    STD_SEQUENCE, /* any list, kept as a node */
    STD_PAIR,     /* list of two distinct numbers */
    STD_STRINGS,  /* list of strings */
    STD_ONE,      /* a bare string, stored like STD_STRINGS */
    STD_ANYS,     /* list of anything */
    STD_OBJECT,   /* embedded struct */
    STD_POINTER,  /* pointer to a struct */
    STD_ITEMS,    /* list of structs */
    STD_DICT      /* mapping from names to structs; stored as a list, the name first */
};

/* How the value is kept in the struct. */
enum std_store {
    STD_NATURAL,
    STD_AS_NODE,
    STD_AS_TEXT,
    STD_UNKEPT /* checked and forgotten: a scalar or a list of strings without a place */
};

enum std_format {
    STD_FREE,
    STD_FORMAT_ID,        /* StableId of ODCS, by version */
    STD_FORMAT_REFERENCE, /* shorthand or full reference, by version */
    STD_FORMAT_DATE,
    STD_FORMAT_DATE_TIME,
    STD_FORMAT_NAME, /* our names */
    STD_FORMAT_DURATION,
    STD_FORMAT_SIZE,
    STD_FORMAT_VARIABLE,
    STD_FORMAT_VERSION /* v2.2.2, whatever follows */
};

struct std_word {
    str     text;
    uint8_t since;
};

struct std_words {
    const struct std_word *items;
    size_t                 count;
};

struct std_shape;
struct std_reader;

struct std_field {
    str             name;
    enum std_kind   kind;
    enum std_store  store;
    enum std_format format;
    uint8_t         since, until;               /* first and last version that has it */
    uint8_t         needed_since, needed_until; /* required in these; needed_since 0: never */
    uint8_t         old_since;                  /* deprecated from this version on */
    bool            is_distinct;                /* no two equal items */
    bool            is_positive;                /* number above 0 */
    bool            has_least;
    int64_t         least; /* smallest integer, or fewest items */
    size_t          offset;
    const struct std_shape *shape;
    /* Chooses the shape by the mapping the field stands in; NULL: nothing is known of the value. */
    const struct std_shape *(*pick)(struct std_reader *r, const struct yaml_node *owner,
                                    const struct yaml_node *value);
    const struct std_words *words;
    const struct std_words
        *text_words; /* the text of the standard allows them, its schema does not */
    str  help;
};

#define STD_ALWAYS .needed_since = 1, .needed_until = 255
#define STD_F(type, member, key, kind_, ...)                                                       \
    {                                                                                              \
        .name = STR_INIT(key), .kind = (kind_), .offset = offsetof(type, member), __VA_ARGS__      \
    }
#define STD_HELP(text) .help = STR_INIT(text)
#define STD_LEAST(n)   .has_least = true, .least = (n)

enum std_here {
    STD_HERE,
    STD_HERE_NEEDED,
    STD_NOT_HERE /* refused when the shape is closed, else read without findings */
};

enum { STD_NEVER_CLOSED = 255 };

struct std_shape {
    str                     name; /* as a person would call it: "server" */
    size_t                  size;
    size_t                  at; /* offset of its struct diag_pos */
    const struct std_field *fields;
    size_t                  count;
    uint8_t                 closed_since; /* first version that refuses unknown fields */
    bool                    is_loose;     /* fills what fits, reports nothing */
    bool                    is_tall;      /* written on several lines, also when one would do */
    bool                    keeps_place;  /* customProperties entries: place is their owner's */
    unsigned                place;        /* enum std_place of its customProperties */
    enum std_here (*here)(const struct std_reader *r, const struct yaml_node *map,
                          const struct std_field *field);
    void (*finish)(struct std_reader *r, const struct yaml_node *map, void *made);
};

#define STD_SHAPE(type, name_, table, ...)                                                         \
    {                                                                                              \
        .name = STR_INIT(name_), .size = sizeof(type), .at = offsetof(type, at),                   \
        .fields = (table), .count = COUNT_OF(table), __VA_ARGS__                                   \
    }

/* A standard: how its versions are called. Index 0 is unused. */
struct std_standard {
    str        name;
    const str *versions;
    size_t     newest;
};

struct std_reader {
    struct ctx                *cx;
    const struct diag_text    *text;
    struct diags              *diags; /* NULL: nothing is reported */
    enum std_profile           profile;
    const struct std_standard *standard;
    uint8_t                    version;
    unsigned                   place;
    unsigned                   quiet;  /* > 0: inside something loose */
    size_t                     bytes;  /* of structs made */
    enum status                status; /* not ST_OK: the walk ends */
};

/* ---- rules ---- */

#define STD_RULE_TABLE(X) STD_RULES_FIELDS(X) STD_RULES_ODCS(X) STD_RULES_OTHER(X)

/* id, slug, strict, schema, text, help */
#define STD_RULES_FIELDS(X)                                                                        \
    X(DOCUMENT, "document", ERROR, ERROR, ERROR, "the document is one mapping")                    \
    X(LIMIT, "limit", ERROR, ERROR, ERROR, "a document may not grow beyond the named limit")       \
    X(UNKNOWN_FIELD, "unknown-field", ERROR, ERROR, ERROR, "only fields of the standard")          \
    X(NEWER_FIELD, "newer-field", ERROR, ERROR, ERROR,                                             \
      "a field that came with a later version needs that apiVersion")                              \
    X(NEWER_OPEN, "newer-field-ignored", WARN, OFF, WARN,                                          \
      "v2.2 and v3.0 let unknown fields pass in open objects; a later version's has no effect")    \
    X(MISPLACED, "misplaced-field", ERROR, ERROR, ERROR,                                           \
      "a field that stands only with another type or level")                                       \
    X(MISSING_FIELD, "missing-field", ERROR, ERROR, ERROR, "required fields are there")            \
    X(DEPRECATED, "deprecated-field", INFO, OFF, INFO, "the standard has a newer form")            \
    X(TYPE, "wrong-type", ERROR, ERROR, ERROR, "the value has the type of its field")              \
    X(VALUE, "unknown-value", ERROR, ERROR, ERROR, "the value is one of a closed list")            \
    X(PATTERN, "pattern", ERROR, ERROR, ERROR, "the text has the form of its field")               \
    X(RANGE, "range", ERROR, ERROR, ERROR, "the number or the length is in its bounds")            \
    X(DUPLICATE, "duplicate-item", ERROR, ERROR, ERROR, "the entries of this list differ")         \
    X(FORMAT, "format", WARN, OFF, WARN,                                                           \
      "dates and times are ISO 8601; the schema names the format but does not assert it")

#define STD_RULES_ODCS(X)                                                                          \
    X(VERSION_OLD, "version-read-only", INFO, OFF, INFO,                                           \
      "documents of v2.2 are read, never written: raise them to v3 to edit them")                  \
    X(SCHEMA_MISSING, "schema-missing", WARN, OFF, ERROR,                                          \
      "the text requires `schema`, the JSON Schema does not")                                      \
    X(OBJECT_TYPE, "object-type", ERROR, ERROR, OFF,                                               \
      "logicalType of a schema object is `object`; examples of the text use others")               \
    X(OPTIONS_UNTYPED, "options-untyped", ERROR, ERROR, WARN,                                      \
      "logicalTypeOptions need a logicalType")                                                     \
    X(OPTIONS_USELESS, "options-unused", WARN, OFF, WARN, "this logicalType has no options")       \
    X(OPTIONS_ORDER, "options-order", WARN, OFF, WARN, "a minimum is not above its maximum")       \
    X(VECTOR_OPTIONS, "vector-options", ERROR, OFF, ERROR, "a vector says its dimensions")         \
    X(ENUM_SAME, "enum-duplicate", ERROR, OFF, ERROR, "a value stands once in an enum")            \
    X(ENUM_TYPE, "enum-type", ERROR, OFF, ERROR,                                                   \
      "values of an enum fit the logicalType and are not null")                                    \
    X(OPERATOR_MISSING, "quality-operator-missing", ERROR, ERROR, WARN,                            \
      "a library or sql rule has an operator (mustBe …)")                                          \
    X(OPERATOR_SEVERAL, "quality-operator-several", ERROR, ERROR, WARN,                            \
      "a rule has exactly one operator")                                                           \
    X(OPERATOR_OLD, "quality-operator-v3.0", WARN, OFF, WARN,                                      \
      "v3.0 does not ask for exactly one operator; without it a rule cannot be checked")           \
    X(DIMENSION_SHORT, "quality-dimension-short", ERROR, ERROR, OFF,                               \
      "the text also has short names of dimensions (ac, cp, cf, cs, cv, tm, uq)")                  \
    X(BETWEEN_ORDER, "quality-between-order", WARN, OFF, WARN,                                     \
      "bounds stand in order: [low, high]")                                                        \
    X(METRIC_PLACE, "quality-metric-level", WARN, OFF, WARN,                                       \
      "rowCount stands on a schema object; null, missing and invalid values on a property")        \
    X(METRIC_ARGUMENTS, "quality-arguments", WARN, OFF, WARN,                                      \
      "missingValues and invalidValues say which values")                                          \
    X(REFERENCE, "reference", ERROR, ERROR, OFF,                                                   \
      "a reference is object.property or a path schema/<id>/properties/<id>")                      \
    X(RELATION_MIXED, "relationship-mixed", ERROR, ERROR, ERROR,                                   \
      "from and to are both one reference or both lists")                                          \
    X(RELATION_DESCRIPTION, "relationship-description", ERROR, ERROR, OFF,                         \
      "an example of the text gives a relationship a description; the schema has no such field")   \
    X(RELATION_LENGTH, "relationship-length", ERROR, OFF, ERROR,                                   \
      "lists of from and to have the same length")                                                 \
    X(TARGET, "reference-target", ERROR, OFF, ERROR,                                               \
      "what a reference names is there; without a file it is in the same contract")                \
    X(ELSEWHERE, "reference-object", WARN, OFF, WARN,                                              \
      "object.property speaks of an object of the same contract")                                  \
    X(VARIABLE_FORM, "variable-form", WARN, OFF, WARN,                                             \
      "a variable is ${NAME} or ${NAME:-default}; anything else is taken as it stands")            \
    X(PORT_VALUE, "port-value", ERROR, OFF, ERROR,                                                 \
      "a port is 1 to 65535 or a text with a variable")                                            \
    X(SLA_DATE, "sla-date", WARN, OFF, WARN,                                                       \
      "endOfSupport and endOfLife are a date or a time; any other value ends nothing")             \
    X(SLA_ORDER, "sla-order", WARN, OFF, WARN, "life does not end before support does")            \
    X(SLA_PART, "sla-part", WARN, OFF, WARN,                                                       \
      "a contract ends as a whole: endOfSupport and endOfLife of an element end nothing")          \
    X(SLA_TWICE, "sla-twice", WARN, OFF, WARN, "support and life end once; the first date holds")  \
    X(SAME_ID, "duplicate-id", ERROR, OFF, ERROR, "an id stands once in its list")                 \
    X(SAME_NAME, "duplicate-name", ERROR, OFF, ERROR,                                              \
      "objects of a contract, properties of an object and servers have different names")

#define STD_RULES_OTHER(X)                                                                         \
    X(SAME_PORT, "duplicate-port", ERROR, OFF, ERROR, "name and version of a port stand once")     \
    X(SECRET, "literal-secret", ERROR, OFF, ERROR,                                                 \
      "secrets are named as ${NAME}, never written into a document")                               \
    X(KEY_UNKNOWN, "weft-key-unknown", ERROR, OFF, ERROR, "a `weft.` key is one of docs/keys.md")  \
    X(KEY_PLACE, "weft-key-place", ERROR, OFF, ERROR,                                              \
      "a `weft.` key stands where it has an effect")                                               \
    X(KEY_VALUE, "weft-key-value", ERROR, OFF, ERROR, "a `weft.` key has a value of its type")     \
    X(ONE_SOURCE, "secret-source", ERROR, ERROR, ERROR,                                            \
      "a secret comes from exactly one of env, file, command")                                     \
    X(ONE_EFFECT, "policy-effect", ERROR, ERROR, ERROR,                                            \
      "a policy has exactly one of allow, deny, rows, mask")

enum std_rule_id {
#define X(id, slug, strict, schema, text, help) STD_RULE_##id,
    STD_RULE_TABLE(X)
#undef X
        STD_RULE_COUNT
};

/* Adds a finding with the rule's severity in the reader's profile; nothing when it is off. */
void std_report(struct std_reader *r, enum std_rule_id rule, struct diag_pos at, str hint,
                const char *fmt, ...) PRINTF(5, 6);

/* ---- walking ---- */

/* Fills `made` (zeroed, shape->size bytes) from the node. */
void std_read_shape(struct std_reader *r, const struct std_shape *shape,
                    const struct yaml_node *node, void *made);

/* Zeroed memory that counts against STD_MEMORY_MAX; NULL (and a finding) when it is used up. */
void *std_room(struct std_reader *r, size_t count, size_t size);

/* The text of a member that is a string; empty otherwise. */
str std_member_text(const struct yaml_node *map, str key);

/* The version's name: "v3.1.0". */
str std_version_name(const struct std_reader *r, uint8_t version);

/* True when `field` exists in the reader's version. */
bool std_field_is_in(const struct std_field *field, uint8_t version);

/*
 * Reads the document: parses, asks `version_of` (0: unknown, then the newest) and walks `shape` into
 * `made`. *out_root is NULL when there is no mapping to walk.
 */
struct std_document {
    const struct std_standard *standard;
    const struct std_shape    *shape;
    uint8_t (*version_of)(const struct yaml_node *root);
    enum std_profile        profile;
    const struct std_shape *old_shape; /* of versions up to `old_until`, same struct; or NULL */
    uint8_t                 old_until;
};
NODISCARD enum status std_read_document(struct ctx *cx, const struct diag_text *text,
                                        const struct std_document *what, struct diags *diags,
                                        void **out_made, const struct yaml_node **out_root);

/* ---- values (value.c) ---- */

bool std_kind_fits(enum std_kind kind, const struct yaml_node *node);
/* "a string", "a list of strings" … */
str  std_kind_text(enum std_kind kind);
void std_check_text(struct std_reader *r, const struct std_field *field,
                    const struct yaml_node *node);
bool std_node_integer(const struct yaml_node *node, int64_t *out);
/* Equality as JSON Schema means it: members in any order, 1 equals 1.0. */
bool std_node_equal(const struct yaml_node *a, const struct yaml_node *b);
/* The index of the first item equal to an earlier one; false when all differ. O(n). */
bool std_find_duplicate(struct std_reader *r, struct yaml_node *const *items, size_t count,
                        size_t *out);
/* Finding `rule` for each text that stood before in this list of structs of `size` bytes. */
struct std_texts {
    const void *items;
    size_t      count, size, offset; /* of the struct std_str */
    const char *what;                /* "property" */
};
void std_check_distinct(struct std_reader *r, enum std_rule_id rule, const struct std_texts *texts);

bool std_reference_is_valid(str text, uint8_t odcs_version);
bool std_id_is_valid(str text, uint8_t odcs_version);

/* ---- shapes used by several documents (common.c) ---- */

extern const struct std_shape std_shape_custom, std_shape_definition, std_shape_description;
extern const struct std_shape std_shape_support, std_shape_member, std_shape_team, std_shape_role;
extern const struct std_shape std_shape_synonym, std_shape_context;
extern const struct std_shape odcs_shape_contract, odcs_shape_object, odcs_shape_property;
extern const struct std_shape odcs_shape_item, odcs_shape_quality, odcs_shape_server;
extern const struct std_shape odps_shape_product, own_shape_mesh, own_shape_domain;
extern const struct std_shape own_shape_policy, own_shape_principals, own_shape_policy_test;
extern const struct std_standard odcs_standard, odps_standard, own_standard;

/* Checks an entry of customProperties whose name begins with "weft." (keys.c). */
void std_check_key(struct std_reader *r, const struct std_custom *entry, struct diag_pos name_at);

/* Writes `made` as YAML by its shape (emit.c). */
void std_emit(const struct std_shape *shape, const void *made, struct buf *out);

#endif
