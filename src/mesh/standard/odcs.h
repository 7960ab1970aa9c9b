/*
 * odcs.h - Open Data Contract Standard v2.2.0 to v3.2.0: text to a typed contract.
 *
 * Field names follow v3 of the standard in snake_case; `custom` is customProperties, `definitions` is
 * authoritativeDefinitions. apiVersion decides which fields a document may use. Documents of v2.2 are
 * read only: their fields fill the same structs (odcs_v2.c), and nothing writes them. Rules of std.h
 * (lifetime, positions, threads) hold.
 */
#ifndef STANDARD_ODCS_H
#define STANDARD_ODCS_H

#include "standard/std.h"

enum odcs_version {
    ODCS_UNKNOWN,
    ODCS_2_2_1, /* and v2.2.0, which had no schema of its own */
    ODCS_2_2_2,
    ODCS_3_0_0,
    ODCS_3_0_1,
    ODCS_3_0_2,
    ODCS_3_1_0,
    ODCS_3_2_0
};

enum odcs_logical {
    ODCS_NONE, /* logicalType is missing (or wrong, then there is a finding) */
    ODCS_STRING,
    ODCS_DATE,
    ODCS_TIMESTAMP,
    ODCS_TIME,
    ODCS_NUMBER,
    ODCS_INTEGER,
    ODCS_OBJECT,
    ODCS_ARRAY,
    ODCS_BOOLEAN,
    ODCS_MAP,
    ODCS_VECTOR
};

/* logicalTypeOptions of all types; which may be set depends on the logical type. */
struct odcs_options {
    struct std_int  min_length, max_length;
    struct std_str  pattern; /* ECMA-262 */
    struct std_str  format;
    struct std_any  minimum, maximum; /* number, or text for date, timestamp, time */
    struct std_any  exclusive_minimum, exclusive_maximum; /* value; v3.0: boolean */
    struct std_num  multiple_of;
    struct std_int  min_items, max_items;
    struct std_bool unique_items;
    struct std_int  min_properties, max_properties;
    struct std_strs required;
    struct std_bool timezone;
    struct std_str  default_timezone;
    struct std_int  dimensions;
    struct std_str  element_type, distance_metric, embedding_model, embedding_model_version;
    struct std_bool normalized;
    struct diag_pos at;
};

struct odcs_enum_value {
    struct std_any         value; /* scalar or null */
    struct std_str         id, label, description;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

enum odcs_quality_type {
    ODCS_QUALITY_LIBRARY,
    ODCS_QUALITY_TEXT,
    ODCS_QUALITY_SQL,
    ODCS_QUALITY_CUSTOM
};

enum odcs_metric {
    ODCS_METRIC_NONE,
    ODCS_METRIC_NULL_VALUES,
    ODCS_METRIC_MISSING_VALUES,
    ODCS_METRIC_INVALID_VALUES,
    ODCS_METRIC_DUPLICATE_VALUES,
    ODCS_METRIC_ROW_COUNT
};

enum odcs_operator {
    ODCS_OP_NONE,
    ODCS_MUST_BE,     /* operand: any */
    ODCS_MUST_NOT_BE, /* operand: any */
    ODCS_GREATER_THAN,
    ODCS_GREATER_OR_EQUAL,
    ODCS_LESS_THAN,
    ODCS_LESS_OR_EQUAL,
    ODCS_BETWEEN,    /* low and high, inclusive */
    ODCS_NOT_BETWEEN /* outside of both, inclusive of neither */
};

struct odcs_arguments {
    struct std_any  missing_values; /* list */
    struct std_any  valid_values;   /* list */
    struct std_str  pattern;
    struct std_strs properties;
    struct diag_pos at;
};

struct odcs_quality {
    struct std_str         id, name, description, severity, dimension, unit, method;
    struct std_str         business_impact, schedule, scheduler;
    enum odcs_quality_type type;                         /* from `type`; library when missing */
    struct std_str         type_text, metric_text, rule; /* `rule`: the old name of metric */
    enum odcs_metric       metric; /* from metric, or rule (v3.0 spellings too) */
    struct odcs_arguments  arguments;
    struct std_any         must_be, must_not_be;
    struct std_num         greater_than, greater_or_equal, less_than, less_or_equal;
    struct std_any         between, not_between; /* lists of two numbers */
    enum odcs_operator     op;                   /* the one that is set */
    struct diag_pos        op_at;
    struct std_any         operand;   /* must_be, must_not_be */
    struct std_num         low, high; /* the number, or the two bounds in order */
    struct std_str         query;
    struct std_str         engine;
    struct std_any         implementation; /* string or mapping */
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};
struct odcs_qualities {
    struct odcs_quality *items;
    size_t               count;
};

struct odcs_relationship {
    struct std_str     id, type;
    struct std_strs    from, to; /* one reference or several */
    struct std_customs custom;
    struct diag_pos    at;
};
struct odcs_relationships {
    struct odcs_relationship *items;
    size_t                    count;
};

struct odcs_property;
struct odcs_properties {
    struct odcs_property *items;
    size_t                count;
};

struct odcs_map {
    struct odcs_property *key, *value;
    struct diag_pos       at;
};

struct odcs_property {
    struct std_str      id, name, physical_name, description, business_name;
    struct std_str      logical_text; /* logicalType as written */
    enum odcs_logical   logical;
    struct std_str      physical_type;
    struct odcs_options options;
    struct std_bool     required, unique, primary_key, partitioned, critical, deprecated;
    struct std_int      primary_key_position, partition_key_position; /* -1: none */
    struct std_str      classification, encrypted_name, semantic_type;
    struct std_strs     transform_sources;
    struct std_str      transform_logic, transform_description;
    STD_LIST(struct std_any) examples;
    STD_LIST(struct odcs_enum_value) enum_values;
    STD_LIST(struct std_synonym) synonyms;
    struct odcs_properties    properties; /* of an object */
    struct odcs_property     *items;      /* of an array; or NULL */
    struct odcs_map           map;        /* of a map */
    struct odcs_qualities     quality;
    struct odcs_relationships relationships;
    struct std_strs           tags;
    struct std_definitions    definitions;
    struct std_customs        custom;
    struct diag_pos           at;
};

struct odcs_object {
    struct std_str            id, name, physical_name, physical_type, logical_text, description;
    struct std_str            business_name, granularity;
    struct std_bool           deprecated;
    struct std_context        context;
    struct odcs_properties    properties;
    struct odcs_qualities     quality;
    struct odcs_relationships relationships;
    STD_LIST(struct std_synonym) synonyms;
    struct std_strs        tags;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

/* One struct for all server types; `type` decides which fields may be set. */
struct odcs_server {
    struct std_str id, server, type, description, environment;
    struct std_str account, catalog, catalog_url, database, dataset, delimiter, encoding;
    struct std_str endpoint_url, format, host, location, name_space, path, project, region;
    struct std_str region_name, schema, service_name, staging_dir, stream, warehouse;
    struct std_str workgroup;
    struct std_any staging_dir_old; /* "staging_dir", required by a slip of v3.0.0 and v3.0.1 */
    struct std_str port;            /* digits, or a text with a variable */
    STD_LIST(struct std_role) roles;
    struct std_customs custom;
    struct diag_pos    at;
};

struct odcs_sla {
    struct std_str         id, property, unit, element, driver, description, scheduler, schedule;
    struct std_any         value, value_ext;
    struct std_definitions definitions;
    struct std_customs     custom;
    struct diag_pos        at;
};

struct odcs_price {
    struct std_str  id, currency, unit;
    struct std_num  amount;
    struct diag_pos at;
};

struct odcs_contract {
    enum odcs_version      version_known; /* what apiVersion means to the reader */
    struct std_str         api_version, kind, id, name, version, status, tenant, domain;
    struct std_str         data_product, created, sla_default_element;
    struct std_description description;
    struct std_context     context;
    STD_LIST(struct odcs_server) servers;
    STD_LIST(struct odcs_object) schema;
    STD_LIST(struct std_role) roles;
    STD_LIST(struct odcs_sla) sla;
    STD_LIST(struct std_support) support;
    struct std_team         team;
    struct odcs_price       price;
    struct std_strs         tags;
    struct std_definitions  definitions;
    struct std_customs      custom;
    const struct yaml_node *root; /* the tree that was read; positions point into `text` */
    struct diag_pos         at;
};

/*
 * Reads `text` and adds every finding to `diags`.
 *
 * ST_OK means the reading was carried out, not that the contract is right: look at diags->errors.
 * *out holds what could be read, or NULL when the text is no YAML mapping (a finding says why).
 * Other results: ST_LIMIT, ST_CANCELLED, ST_TIMEOUT (of cx).
 */
NODISCARD enum status odcs_read(struct ctx *cx, const struct diag_text *text,
                                enum std_profile profile, struct diags *diags,
                                struct odcs_contract **out);

/*
 * Writes the fields that are set, in the order of the standard, as YAML that reads back equal. Written
 * are the fields as read (logical_text, type_text, metric_text …), not what was derived from them
 * (logical, type, metric, op). A team made by the program sets team.at.line, else it is written as the
 * old list of members.
 */
void odcs_emit(const struct odcs_contract *c, struct buf *out);

/* The object or property of that name, or NULL. */
const struct odcs_object   *odcs_object_find(const struct odcs_contract *c, str name);
const struct odcs_property *odcs_property_find(const struct odcs_properties *list, str name);

/*
 * Where a reference points (ODCS v3.1.0, "References"): `object.property.inner` by names, or
 * `[file#][/]schema/<id>/properties/<id>…` by ids; an element without an id is found by its name.
 */
struct odcs_target {
    str                       file;   /* before the "#"; empty: this contract                  */
    const struct odcs_object *object; /* NULL when it is not there                             */
    const struct odcs_property
        *property; /* the deepest one that is there; NULL: only the object  */
    str  missing;  /* the first step that is not there; empty when all are  */
};

/* The file of a reference: what stands before "#"; empty for references into the same contract. */
str odcs_reference_file(str text);

/* Looks a reference up in `c`, whatever its file says. Pure. */
struct odcs_target odcs_reference_find(const struct odcs_contract *c, str text);

/* The names (or ids, for a reference by ids) that could stand in place of target->missing. */
size_t odcs_reference_names(const struct odcs_contract *c, str text,
                            const struct odcs_target *target, str *names, size_t most);

/*
 * Calls `see` for every reference of the contract's relationships, `from` and `to`, at any depth, in
 * the order of the document.
 */
typedef void odcs_see_reference(void *arg, const struct std_str *reference);
void odcs_references_walk(const struct odcs_contract *c, odcs_see_reference *see, void *arg);

/* Service levels that the standard names (ODCS v3.1.0, "SLA"); by name or short form, in any case. */
enum odcs_service {
    ODCS_SERVICE_NONE,
    ODCS_AVAILABILITY,
    ODCS_THROUGHPUT,
    ODCS_ERROR_RATE,
    ODCS_GENERAL_AVAILABILITY,
    ODCS_END_OF_SUPPORT,
    ODCS_END_OF_LIFE,
    ODCS_RETENTION,
    ODCS_FREQUENCY,
    ODCS_LATENCY,
    ODCS_FRESHNESS,
    ODCS_TIME_TO_DETECT,
    ODCS_TIME_TO_NOTIFY,
    ODCS_TIME_TO_REPAIR,
    ODCS_SERVICE_COUNT
};
enum odcs_service odcs_service_of(str text);

/*
 * What says when support or life of the whole contract ends: the first entry of that service without an
 * element whose value is a date or a time (UTC where it has no offset; a date is its first moment).
 * NULL when there is none.
 */
const struct odcs_sla *odcs_sla_end(const struct odcs_contract *c, enum odcs_service service,
                                    int64_t *out_us);

str odcs_logical_name(enum odcs_logical logical);
str odcs_metric_name(enum odcs_metric metric);
/* Of `metric` or the older `rule`, in all spellings of the versions; NONE for other words. */
enum odcs_metric odcs_metric_of(str text);
str              odcs_operator_name(enum odcs_operator op);
str              odcs_version_name(enum odcs_version v);

/* True for versions that weft reads but does not edit: v2.2. */
bool odcs_version_is_read_only(enum odcs_version v);

#endif
