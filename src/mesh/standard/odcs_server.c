/*
 * odcs_server.c - servers of a contract: which fields each type has and needs, by version.
 */
#include "standard/odcs_int.h"

#include <string.h>

/*
 * Fields as words in one text; a field that came later (encoding, workgroup, stream) is bounded by
 * its own row in server_fields. A type whose needs changed has one row per range of versions.
 */
struct server_type {
    str     name;
    uint8_t since, until;
    str     needed, also;
};

#define T(name, since, until, needed, also)                                                        \
    {                                                                                              \
        STR_INIT(name), since, until, STR_INIT(needed), STR_INIT(also)                             \
    }

static const struct server_type types[] = {
    T("api", 0, 0, "location", ""),
    T("athena", 0, ODCS_3_0_1, "staging_dir schema", "stagingDir catalog regionName"),
    T("athena", ODCS_3_0_2, ODCS_3_1_0, "stagingDir schema", "catalog regionName"),
    T("athena", ODCS_3_2_0, 0, "schema", "stagingDir catalog regionName workgroup"),
    T("azure", 0, 0, "location format", "delimiter encoding"),
    T("bigquery", 0, 0, "project dataset", ""),
    T("btrieve", ODCS_3_2_0, 0, "host database", "port"),
    T("clickhouse", 0, 0, "host port database", ""),
    T("cloudsql", 0, 0, "host port database schema", ""),
    T("custom", 0, 0, "",
      "account catalog database dataset delimiter encoding endpointUrl format host location path "
      "port "
      "project region regionName schema serviceName stagingDir stream warehouse"),
    T("databricks", 0, 0, "catalog schema", "host"),
    T("db2", 0, 0, "host port database", "schema"),
    T("denodo", 0, 0, "host port", "database"),
    T("dremio", 0, 0, "host port", "schema"),
    T("duckdb", 0, 0, "database", "schema"),
    T("exasol", ODCS_3_2_0, 0, "host", "port schema"),
    T("fastobjects", ODCS_3_2_0, 0, "database", "host port"),
    T("glue", 0, 0, "account database", "location format encoding"),
    T("hana", ODCS_3_2_0, 0, "host", "port database schema"),
    T("hive", ODCS_3_1_0, 0, "host database", "port"),
    T("iceberg", ODCS_3_2_0, 0, "catalog catalogUrl", "namespace warehouse"),
    T("impala", ODCS_3_1_0, 0, "host database", "port"),
    T("informix", 0, 0, "host database", "port"),
    T("ingres", ODCS_3_2_0, 0, "database host", "port"),
    T("kafka", 0, 0, "host", "format encoding"),
    T("kinesis", 0, 0, "", "region format encoding"),
    T("local", 0, 0, "path format", "encoding"),
    T("mysql", 0, 0, "host port database", ""),
    T("oracle", 0, 0, "host port serviceName", ""),
    T("poet", ODCS_3_2_0, 0, "database", "host port"),
    T("postgres", 0, 0, "host port database schema", ""),
    T("postgresql", 0, 0, "host port database schema", ""),
    T("presto", 0, 0, "host", "catalog schema"),
    T("pubsub", 0, 0, "project", ""),
    T("redshift", 0, 0, "database schema", "host region account"),
    T("s3", 0, 0, "location", "endpointUrl format delimiter encoding"),
    T("sftp", 0, 0, "location", "format delimiter encoding"),
    T("snowflake", 0, 0, "account database schema", "host port warehouse"),
    T("sqlserver", 0, 0, "host database schema", "port"),
    T("synapse", 0, 0, "host port database", ""),
    T("teradata", ODCS_3_2_0, 0, "host", "port database"),
    T("trino", 0, 0, "host port catalog schema", ""),
    T("vectorwise", ODCS_3_2_0, 0, "database host", "port"),
    T("versant", ODCS_3_2_0, 0, "database", "host port"),
    T("vertica", 0, 0, "host port database schema", ""),
    T("zen", ODCS_3_1_0, 0, "host database", "port"),
};
#undef T

#define W(word, since)                                                                             \
    {                                                                                              \
        STR_INIT(word), since                                                                      \
    }
static const struct std_word type_words[] = {
    W("api", 0),
    W("athena", 0),
    W("azure", 0),
    W("bigquery", 0),
    W("btrieve", ODCS_3_2_0),
    W("clickhouse", 0),
    W("cloudsql", 0),
    W("custom", 0),
    W("databricks", 0),
    W("db2", 0),
    W("denodo", 0),
    W("dremio", 0),
    W("duckdb", 0),
    W("exasol", ODCS_3_2_0),
    W("fastobjects", ODCS_3_2_0),
    W("glue", 0),
    W("hana", ODCS_3_2_0),
    W("hive", ODCS_3_1_0),
    W("iceberg", ODCS_3_2_0),
    W("impala", ODCS_3_1_0),
    W("informix", 0),
    W("ingres", ODCS_3_2_0),
    W("kafka", 0),
    W("kinesis", 0),
    W("local", 0),
    W("mysql", 0),
    W("oracle", 0),
    W("poet", ODCS_3_2_0),
    W("postgres", 0),
    W("postgresql", 0),
    W("presto", 0),
    W("pubsub", 0),
    W("redshift", 0),
    W("s3", 0),
    W("sftp", 0),
    W("snowflake", 0),
    W("sqlserver", 0),
    W("synapse", 0),
    W("teradata", ODCS_3_2_0),
    W("trino", 0),
    W("vectorwise", ODCS_3_2_0),
    W("versant", ODCS_3_2_0),
    W("vertica", 0),
    W("zen", ODCS_3_1_0),
};
#undef W
static const struct std_words server_types = { type_words, COUNT_OF(type_words) };

static const struct server_type *type_find(str name, uint8_t version)
{
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(types[i].name, name) && types[i].since <= version &&
            (types[i].until == 0 || version <= types[i].until)) {
            return &types[i];
        }
    }
    return NULL;
}

static bool has_word(str words, str word)
{
    str part;

    while (str_cut(&words, ' ', &part)) {
        if (str_eq(part, word)) {
            return true;
        }
    }
    return false;
}

/* Fields of every server stand in front of `account`. */
static bool is_common(const struct std_field *field)
{
    return field->offset < offsetof(struct odcs_server, account) ||
           field->offset >= offsetof(struct odcs_server, roles);
}

static enum std_here server_here(const struct std_reader *r, const struct yaml_node *map,
                                 const struct std_field *field)
{
    const struct server_type *type;

    if (is_common(field)) {
        return STD_HERE;
    }
    type = type_find(std_member_text(map, S("type")), r->version);
    if (!type) {
        return STD_HERE; /* the type is a finding of its own */
    }
    if (has_word(type->needed, field->name)) {
        return STD_HERE_NEEDED;
    }
    return has_word(type->also, field->name) ? STD_HERE : STD_NOT_HERE;
}

/* v3.0: closed lists for three types, and duckdb's schema is an integer there. */
static void check_oldest(struct std_reader *r, const struct yaml_node *map,
                         const struct odcs_server *s)
{
    static const str        formats[] = { STR_INIT("parquet"), STR_INIT("delta"), STR_INIT("json"),
                                          STR_INIT("csv") };
    static const str        delimiters[] = { STR_INIT("new_line"), STR_INIT("array") };
    const struct yaml_node *schema       = yaml_get(map, S("schema"));
    bool                    is_duckdb    = str_eq(s->type.v, S("duckdb"));
    bool                    has_lists =
        str_eq(s->type.v, S("azure")) || str_eq(s->type.v, S("s3")) || str_eq(s->type.v, S("sftp"));
    bool is_known = false;

    if (schema && s->schema.at.line && is_duckdb != (schema->kind != YAML_STRING) &&
        server_here(r, map,
                    &(struct std_field){ .name   = STR_INIT("schema"),
                                         .offset = offsetof(struct odcs_server, schema) }) !=
            STD_NOT_HERE) {
        std_report(r, STD_RULE_TYPE, schema->pos, STR_NONE,
                   "expected %s for \"schema\" in v3.0, found " STR_FMT,
                   is_duckdb ? "an integer" : "a string", STR_ARG(yaml_kind_name(schema->kind)));
    }
    if (!has_lists) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        is_known = is_known || str_eq(s->format.v, formats[i]);
    }
    if (std_is_set(s->format) && !is_known) {
        std_report(r, STD_RULE_VALUE, s->format.at, S("one of parquet, delta, json, csv"),
                   "unknown value \"" STR_FMT "\" for \"format\"", STR_ARG(s->format.v));
    }
    if (std_is_set(s->delimiter) && !str_eq(s->delimiter.v, delimiters[0]) &&
        !str_eq(s->delimiter.v, delimiters[1])) {
        std_report(r, STD_RULE_VALUE, s->delimiter.at, S("one of new_line, array"),
                   "unknown value \"" STR_FMT "\" for \"delimiter\"", STR_ARG(s->delimiter.v));
    }
}

static void check_port(struct std_reader *r, const struct odcs_server *s)
{
    uint64_t port = 0;

    if (!std_is_set(s->port) || std_has_variable(s->port.v)) {
        return;
    }
    if (!str_to_u64(s->port.v, &port) || port < 1 || port > 65535) {
        std_report(r, STD_RULE_PORT_VALUE, s->port.at, S("1 to 65535, or ${NAME}"),
                   "\"" STR_FMT "\" is no port", STR_ARG(s->port.v));
    }
}

/* A text anywhere in a server that looks like user:password@, and custom secrets in clear. */
static void check_secrets(struct std_reader *r, const struct yaml_node *map,
                          const struct odcs_server *s)
{
    str value;

    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_node *v = map->members[i].value;

        if (v->kind == YAML_STRING && std_has_broken_variable(v->text)) {
            std_report(r, STD_RULE_VARIABLE_FORM, v->pos, S("write ${NAME} or ${NAME:-default}"),
                       "\"" STR_FMT "\" of field \"" STR_FMT "\" is no variable",
                       STR_ARG(str_sub(v->text, 0, 200)), STR_ARG(map->members[i].key));
        }
        if (v->kind == YAML_STRING && std_is_literal_secret(v->text)) {
            std_report(r, STD_RULE_SECRET, v->pos, S("write ${NAME} in place of the password"),
                       "field \"" STR_FMT "\" holds a password", STR_ARG(map->members[i].key));
        } else if (v->kind <= YAML_STRING && v->kind != YAML_NULL &&
                   std_is_secret_name(map->members[i].key) && !std_is_variable(v->text)) {
            std_report(r, STD_RULE_SECRET, v->pos, S("write ${NAME} in place of the secret"),
                       "field \"" STR_FMT "\" holds a secret", STR_ARG(map->members[i].key));
        }
    }
    for (size_t i = 0; i < s->custom.count; i++) {
        const struct std_custom *c       = &s->custom.items[i];
        bool                     is_text = std_any_text(c->value, &value);

        if (is_text && ((std_is_secret_name(c->property.v) && !std_is_variable(value)) ||
                        std_is_literal_secret(value))) {
            std_report(r, STD_RULE_SECRET, c->value.at, S("write ${NAME} in place of the secret"),
                       "custom property \"" STR_FMT "\" holds a secret", STR_ARG(c->property.v));
        }
    }
}

static void finish_server(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct odcs_server *s = made;

    if (r->version <= ODCS_3_0_2) {
        check_oldest(r, map, s);
    }
    if (str_eq(s->type.v, S("sftp")) && std_is_set(s->location) &&
        !str_starts(s->location.v, S("sftp://"))) {
        std_report(r, STD_RULE_PATTERN, s->location.at, STR_NONE,
                   "\"location\" of a server of type sftp begins with sftp://");
    }
    check_port(r, s);
    check_secrets(r, map, s);
}

static const struct std_field server_fields[] = {
    STD_F(struct odcs_server, id, "id", STD_STRING, .since = ODCS_3_1_0, .format = STD_FORMAT_ID,
          STD_HELP("stable name of the server")),
    STD_F(struct odcs_server, server, "server", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the server")),
    STD_F(struct odcs_server, type, "type", STD_STRING, STD_ALWAYS, .words = &server_types,
          STD_HELP("what kind of system it is")),
    STD_F(struct odcs_server, description, "description", STD_STRING, STD_HELP("about the server")),
    STD_F(struct odcs_server, environment, "environment", STD_STRING,
          STD_HELP("prod, dev …: chosen with -e")),
    STD_F(struct odcs_server, account, "account", STD_STRING, STD_HELP("account at the provider")),
    STD_F(struct odcs_server, catalog, "catalog", STD_STRING, STD_HELP("catalog")),
    STD_F(struct odcs_server, catalog_url, "catalogUrl", STD_STRING,
          STD_HELP("URL of the catalog")),
    STD_F(struct odcs_server, database, "database", STD_STRING, STD_HELP("database")),
    STD_F(struct odcs_server, dataset, "dataset", STD_STRING, STD_HELP("dataset")),
    STD_F(struct odcs_server, delimiter, "delimiter", STD_STRING,
          STD_HELP("between records of json: new_line or array; between fields of csv")),
    STD_F(struct odcs_server, encoding, "encoding", STD_STRING, .since = ODCS_3_2_0,
          STD_HELP("UTF-8, ISO-8859-1 …")),
    STD_F(struct odcs_server, endpoint_url, "endpointUrl", STD_STRING,
          STD_HELP("URL of the store")),
    STD_F(struct odcs_server, format, "format", STD_STRING,
          STD_HELP("parquet, delta, json, csv …")),
    STD_F(struct odcs_server, host, "host", STD_STRING, STD_HELP("host name")),
    STD_F(struct odcs_server, location, "location", STD_STRING, STD_HELP("URL of the data")),
    STD_F(struct odcs_server, name_space, "namespace", STD_STRING, STD_HELP("namespace")),
    STD_F(struct odcs_server, path, "path", STD_STRING, STD_HELP("path of files, globs allowed")),
    STD_F(struct odcs_server, port, "port", STD_INT, .store = STD_AS_TEXT, STD_HELP("port")),
    STD_F(struct odcs_server, port, "port", STD_STRING, .since = ODCS_3_2_0, STD_HELP("port")),
    STD_F(struct odcs_server, project, "project", STD_STRING, STD_HELP("project")),
    STD_F(struct odcs_server, region, "region", STD_STRING, STD_HELP("region")),
    STD_F(struct odcs_server, region_name, "regionName", STD_STRING, STD_HELP("region")),
    STD_F(struct odcs_server, schema, "schema", STD_INT, .until = ODCS_3_0_2, .store = STD_AS_TEXT,
          STD_HELP("schema")),
    STD_F(struct odcs_server, schema, "schema", STD_STRING, STD_HELP("schema")),
    STD_F(struct odcs_server, service_name, "serviceName", STD_STRING, STD_HELP("service")),
    STD_F(struct odcs_server, staging_dir, "stagingDir", STD_STRING, STD_HELP("staging folder")),
    STD_F(struct odcs_server, staging_dir_old, "staging_dir", STD_ANY, .until = ODCS_3_0_1,
          STD_HELP("required by a slip of the schema; write stagingDir too")),
    STD_F(struct odcs_server, stream, "stream", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("stream")),
    STD_F(struct odcs_server, warehouse, "warehouse", STD_STRING, STD_HELP("warehouse")),
    STD_F(struct odcs_server, workgroup, "workgroup", STD_STRING, .since = ODCS_3_2_0,
          STD_HELP("work group")),
    STD_F(struct odcs_server, roles, "roles", STD_ITEMS, .shape = &std_shape_role,
          STD_HELP("roles that give access to this server")),
    STD_F(struct odcs_server, custom, "customProperties", STD_ITEMS, .shape = &std_shape_custom,
          STD_HELP("what the standard has no field for; ours begin with weft.")),
};

const struct std_shape odcs_shape_server =
    STD_SHAPE(struct odcs_server, "server", server_fields, .closed_since = ODCS_3_1_0,
              .place = STD_AT_SERVER, .here = server_here, .finish = finish_server);

size_t odcs_server_type(size_t index, struct odcs_server_rule *out)
{
    if (index < COUNT_OF(types)) {
        *out = (struct odcs_server_rule){ types[index].name, types[index].needed, types[index].also,
                                          types[index].until == 0 };
    }
    return COUNT_OF(types);
}
