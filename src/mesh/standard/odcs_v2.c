/*
 * odcs_v2.c - data contracts of ODCS v2.2 (2023, 2024), read into the structs of v3.
 *
 * The mapping follows the list of changes of v3.0.0: uuid is id, quantumName dataProduct, dataset
 * schema, columns properties, isNullable the opposite of required, stakeholders the team, a tool's
 * quality check a custom rule, the three product channels support. Every value keeps its place.
 * What v3 dropped (connection fields, clustering, earlier names) is checked and forgotten: who needs
 * servers raises the document. All objects are open; nothing here is ever written.
 *
 * v2.2.0 had no schema and is read as v2.2.1.
 */
#include "standard/odcs_int.h"

#include <string.h>

/* ---- quality, SLA, people, price ---- */

static const struct std_field custom_fields[] = {
    STD_F(struct std_custom, property, "property", STD_STRING, STD_HELP("name of the property")),
    STD_F(struct std_custom, value, "value", STD_MAPPING, STD_HELP("its value")),
};
static const struct std_shape shape_custom = STD_SHAPE(
    struct std_custom, "custom property", custom_fields, .closed_since = STD_NEVER_CLOSED);

static void finish_quality(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odcs_quality *q = made;

    (void)r;
    (void)map;
    q->type = ODCS_QUALITY_CUSTOM; /* a check of another tool */
}

#define Q(member, key, kind, ...) STD_F(struct odcs_quality, member, key, kind, __VA_ARGS__)
#define Q_FORGOTTEN(key, help)    Q(name, key, STD_STRING, .store = STD_UNKEPT, STD_HELP(help))

static const struct std_field quality_fields[] = {
    Q(name, "code", STD_STRING, STD_HELP("name of the rule")),
    Q(method, "templateName", STD_STRING, STD_ALWAYS, STD_HELP("the tool's template")),
    Q(description, "description", STD_STRING, STD_HELP("what the rule means")),
    Q(engine, "toolName", STD_STRING, STD_ALWAYS, STD_HELP("the tool that runs it")),
    Q(implementation, "toolRuleName", STD_STRING, .store = STD_AS_NODE,
      STD_HELP("the tool's name of the rule")),
    Q(dimension, "dimension", STD_STRING, STD_HELP("which side of quality it speaks of")),
    Q_FORGOTTEN("columns", "columns it looks at"),
    Q_FORGOTTEN("column", "the column it looks at"),
    Q_FORGOTTEN("type", "dataQuality or reconciliation"),
    Q(severity, "severity", STD_STRING, STD_HELP("how bad a failure is")),
    Q(business_impact, "businessImpact", STD_STRING, STD_HELP("what a failure means")),
    Q(schedule, "scheduleCronExpression", STD_STRING, STD_HELP("when it runs")),
    Q(custom, "customProperties", STD_ITEMS, .shape = &shape_custom,
      STD_HELP("what the tool needs")),
};
#undef Q_FORGOTTEN
#undef Q
static const struct std_shape shape_quality =
    STD_SHAPE(struct odcs_quality, "quality rule", quality_fields, .closed_since = STD_NEVER_CLOSED,
              .finish = finish_quality);

/* v2.2.1 has texts only, v2.2.2 numbers too. */
#define SLA_VALUE(member, key, ...)                                                                \
    STD_F(struct odcs_sla, member, key, STD_STRING, .store = STD_AS_NODE, __VA_ARGS__),            \
        STD_F(struct odcs_sla, member, key, STD_NUM, .since = ODCS_2_2_2, .store = STD_AS_NODE,    \
              __VA_ARGS__)

static const struct std_field sla_fields[] = {
    STD_F(struct odcs_sla, property, "property", STD_STRING, STD_ALWAYS,
          STD_HELP("latency, frequency, retention …")),
    SLA_VALUE(value, "value", STD_ALWAYS, STD_HELP("the agreed value")),
    SLA_VALUE(value_ext, "valueExt", STD_HELP("a second value")),
    STD_F(struct odcs_sla, unit, "unit", STD_STRING, STD_HELP("d, y …")),
    STD_F(struct odcs_sla, element, "column", STD_STRING, STD_HELP("table.column it speaks of")),
    STD_F(struct odcs_sla, driver, "driver", STD_STRING,
          STD_HELP("regulatory, analytics, operational")),
};
static const struct std_shape shape_sla =
    STD_SHAPE(struct odcs_sla, "SLA property", sla_fields, .closed_since = STD_NEVER_CLOSED);

static const struct std_field price_fields[] = {
    STD_F(struct odcs_price, unit, "priceAmount", STD_STRING, .until = ODCS_2_2_1,
          .store = STD_UNKEPT, STD_HELP("how much")),
    STD_F(struct odcs_price, amount, "priceAmount", STD_NUM, .since = ODCS_2_2_2,
          STD_HELP("how much")),
    STD_F(struct odcs_price, currency, "priceCurrency", STD_STRING, STD_HELP("USD, EUR …")),
    STD_F(struct odcs_price, unit, "priceUnit", STD_STRING, STD_HELP("per megabyte …")),
};
static const struct std_shape shape_price =
    STD_SHAPE(struct odcs_price, "price", price_fields, .closed_since = STD_NEVER_CLOSED);

static const struct std_field member_fields[] = {
    STD_F(struct std_member, username, "username", STD_STRING, STD_HELP("user name or e-mail")),
    STD_F(struct std_member, role, "role", STD_STRING, STD_HELP("owner, data steward …")),
    STD_F(struct std_member, date_in, "dateIn", STD_STRING, STD_HELP("first day")),
    STD_F(struct std_member, date_out, "dateOut", STD_STRING, STD_HELP("last day")),
    STD_F(struct std_member, replaced_by, "replacedByUsername", STD_STRING,
          STD_HELP("who took over")),
};
static const struct std_shape shape_member =
    STD_SHAPE(struct std_member, "stakeholder", member_fields, .closed_since = STD_NEVER_CLOSED);

static const struct std_field role_fields[] = {
    STD_F(struct std_role, role, "role", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the role that gives access")),
    STD_F(struct std_role, access, "access", STD_STRING, STD_ALWAYS, STD_HELP("read, write …")),
    STD_F(struct std_role, first_approvers, "firstLevelApprovers", STD_STRING,
          STD_HELP("who approves first")),
    STD_F(struct std_role, second_approvers, "secondLevelApprovers", STD_STRING,
          STD_HELP("who approves then")),
};
static const struct std_shape shape_role =
    STD_SHAPE(struct std_role, "role", role_fields, .closed_since = STD_NEVER_CLOSED);

/* ---- tables and columns ---- */

/* v2.2 leaves logicalType to the writer: words that were in use, and what v3 calls them. */
static enum odcs_logical logical_of(str text)
{
    static const struct {
        str               word;
        enum odcs_logical logical;
    } words[] = {
        { STR_INIT("string"), ODCS_STRING },      { STR_INIT("text"), ODCS_STRING },
        { STR_INIT("varchar"), ODCS_STRING },     { STR_INIT("char"), ODCS_STRING },
        { STR_INIT("date"), ODCS_DATE },          { STR_INIT("timestamp"), ODCS_TIMESTAMP },
        { STR_INIT("datetime"), ODCS_TIMESTAMP }, { STR_INIT("time"), ODCS_TIME },
        { STR_INIT("number"), ODCS_NUMBER },      { STR_INIT("numeric"), ODCS_NUMBER },
        { STR_INIT("decimal"), ODCS_NUMBER },     { STR_INIT("double"), ODCS_NUMBER },
        { STR_INIT("float"), ODCS_NUMBER },       { STR_INIT("integer"), ODCS_INTEGER },
        { STR_INIT("int"), ODCS_INTEGER },        { STR_INIT("long"), ODCS_INTEGER },
        { STR_INIT("boolean"), ODCS_BOOLEAN },
    };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_nocase(text, words[i].word)) {
            return words[i].logical;
        }
    }
    return ODCS_NONE;
}

/* The truth of the first of these members that is a boolean; false when none is. */
static bool truth_of(const struct yaml_node *map, const str names[2], struct std_bool *out)
{
    for (size_t i = 0; i < 2; i++) {
        const struct yaml_node *n = yaml_get(map, names[i]);

        if (n && n->kind == YAML_BOOL) {
            *out = (struct std_bool){ n->truth, n->pos };
            return true;
        }
    }
    return false;
}

/* Fields that the examples use and the schema does not know: read, never refused. */
static enum std_here quietly(const struct std_reader *r, const struct yaml_node *map,
                             const struct std_field *field)
{
    (void)r;
    (void)map;
    return field->help.len == 0 ? STD_NOT_HERE : STD_HERE;
}

/* Older spellings of the examples (isPrimary, primary, nullable) stand beside those of the schema. */
static void finish_column(struct std_reader *r, const struct yaml_node *map, void *made)
{
    static const str      primary[]  = { STR_INIT("isPrimary"), STR_INIT("primary") };
    static const str      nullable[] = { STR_INIT("isNullable"), STR_INIT("nullable") };
    struct odcs_property *p          = made;
    struct std_bool       may_be_null;

    (void)r;
    p->logical = logical_of(p->logical_text.v);
    if (!std_is_set(p->primary_key)) {
        (void)truth_of(map, primary, &p->primary_key);
    }
    if (truth_of(map, nullable, &may_be_null)) {
        p->required = (struct std_bool){ !may_be_null.v, may_be_null.at };
    }
}

#define P(member, key, kind, ...) STD_F(struct odcs_property, member, key, kind, __VA_ARGS__)

static const struct std_field column_fields[] = {
    P(name, "column", STD_STRING, STD_ALWAYS, STD_HELP("name of the column")),
    P(logical_text, "logicalType", STD_STRING, STD_ALWAYS, STD_HELP("what kind of value")),
    P(physical_type, "physicalType", STD_STRING, STD_ALWAYS, STD_HELP("the type in the store")),
    P(business_name, "businessName", STD_STRING, STD_HELP("name for people")),
    P(description, "description", STD_STRING, STD_HELP("what it means")),
    P(primary_key, "isPrimaryKey", STD_STRING, .until = ODCS_2_2_1, .store = STD_UNKEPT,
      STD_HELP("part of the primary key")),
    P(primary_key, "isPrimaryKey", STD_BOOL, .since = ODCS_2_2_2,
      STD_HELP("part of the primary key")),
    P(primary_key_position, "primaryKeyPosition", STD_INT, STD_HELP("its place in the key")),
    P(required, "isNullable", STD_BOOL, .store = STD_UNKEPT, STD_HELP("may be null")),
    P(unique, "isUnique", STD_BOOL, STD_HELP("no value twice")),
    P(partitioned, "partitionStatus", STD_BOOL, STD_HELP("the data is partitioned by it")),
    P(partition_key_position, "partitionKeyPosition", STD_INT,
      STD_HELP("its place in the partition key")),
    P(partitioned, "clusterStatus", STD_BOOL, .store = STD_UNKEPT, STD_HELP("clustered by it")),
    P(partitioned, "clusterKeyPosition", STD_INT, .store = STD_UNKEPT,
      STD_HELP("its place in the cluster key")),
    P(classification, "classification", STD_STRING, STD_HELP("public, restricted …")),
    P(encrypted_name, "encryptedColumnName", STD_STRING,
      STD_HELP("the column with the encrypted value")),
    P(transform_sources, "transformSourceTables", STD_STRINGS, STD_HELP("what it is made of")),
    P(transform_logic, "transformLogic", STD_STRING, STD_HELP("how it is made")),
    P(transform_description, "transformDescription", STD_STRING,
      STD_HELP("how it is made, in words")),
    P(examples, "sampleValues", STD_STRINGS, .store = STD_UNKEPT, STD_HELP("sample values")),
    P(critical, "criticalDataElementStatus", STD_BOOL, STD_HELP("the business depends on it")),
    ODCS_TAGS(struct odcs_property, 0),
    ODCS_DEFINITIONS(struct odcs_property, 0),
    P(quality, "quality", STD_ITEMS, .shape = &shape_quality),
};
#undef P
static const struct std_shape shape_column =
    STD_SHAPE(struct odcs_property, "column", column_fields, .place = STD_AT_PROPERTY,
              .closed_since = STD_NEVER_CLOSED, .here = quietly, .finish = finish_column);

static void finish_table(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct odcs_object *o     = made;
    struct std_texts          names = { o->properties.items, o->properties.count,
                                        sizeof *o->properties.items, offsetof(struct odcs_property, name),
                                        "column" };

    (void)map;
    std_check_distinct(r, STD_RULE_SAME_NAME, &names);
}

#define B(member, key, kind, ...) STD_F(struct odcs_object, member, key, kind, __VA_ARGS__)

static const struct std_field table_fields[] = {
    B(name, "table", STD_STRING, STD_ALWAYS, STD_HELP("name of the table")),
    B(physical_name, "physicalName", STD_STRING, STD_HELP("what the source calls it")),
    B(name, "priorTableName", STD_STRING, .store = STD_UNKEPT, STD_HELP("its name before")),
    B(description, "description", STD_STRINGS, .until = ODCS_2_2_1, .store = STD_UNKEPT,
      STD_HELP("links to details")),
    B(description, "description", STD_STRING, .since = ODCS_2_2_2, STD_HELP("what a row is")),
    B(granularity, "dataGranularity", STD_STRING, STD_HELP("what one row stands for")),
    B(properties, "columns", STD_ITEMS, .shape = &shape_column, STD_HELP("the columns")),
    B(quality, "quality", STD_ITEMS, .shape = &shape_quality, STD_HELP("rules its rows keep")),
    ODCS_DEFINITIONS(struct odcs_object, 0),
    B(tags, "tags", STD_STRINGS),
};
#undef B
static const struct std_shape shape_table =
    STD_SHAPE(struct odcs_object, "table", table_fields, .place = STD_AT_OBJECT,
              .closed_since = STD_NEVER_CLOSED, .here = quietly, .finish = finish_table);

/* ---- the root ---- */

/* The three channels of v2.2 as support, each at its own place. */
static void take_channels(struct std_reader *r, const struct yaml_node *map,
                          struct odcs_contract *c)
{
    static const str    fields[] = { STR_INIT("productDl"), STR_INIT("productSlackChannel"),
                                     STR_INIT("productFeedbackUrl") };
    static const str    tools[]  = { STR_INIT("email"), STR_INIT("slack"), STR_INIT("other") };
    struct std_support *items    = std_room(r, COUNT_OF(fields), sizeof *items);

    for (size_t i = 0; items && i < COUNT_OF(fields); i++) {
        const struct yaml_node *n = yaml_get(map, fields[i]);
        struct std_support     *s = &items[c->support.count];

        if (!n || n->kind != YAML_STRING) {
            continue;
        }
        *s = (struct std_support){ .channel = { n->text, n->pos },
                                   .tool    = { tools[i], n->pos },
                                   .at      = n->pos };
        if (i == 2) {
            s->url = s->channel;
        }
        c->support.count++;
    }
    c->support.items = items;
}

static void check_password(struct std_reader *r, const struct yaml_node *map)
{
    const struct yaml_node *n = yaml_get(map, S("password"));

    if (n && n->kind == YAML_STRING && n->text.len && !str_starts(n->text, S("${"))) {
        std_report(r, STD_RULE_SECRET, n->pos, S("write ${NAME} in place of the password"),
                   "field \"password\" holds a password");
    }
}

static void finish_contract(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odcs_contract *c      = made;
    struct std_texts      tables = { c->schema.items, c->schema.count, sizeof *c->schema.items,
                                     offsetof(struct odcs_object, name), "table" };

    std_report(r, STD_RULE_VERSION_OLD, c->api_version.at.line ? c->api_version.at : map->pos,
               S("raise it to v3.2.0 to edit it"),
               "a contract of ODCS v2.2 is read, but no command changes it");
    std_check_distinct(r, STD_RULE_SAME_NAME, &tables);
    odcs_check_ends(r, c);
    check_password(r, map);
    take_channels(r, map, c);
}

static const struct std_word  kind_words[] = { { STR_INIT("DataContract"), 0 } };
static const struct std_words kinds        = { kind_words, COUNT_OF(kind_words) };

#define C(member, key, kind, ...) STD_F(struct odcs_contract, member, key, kind, __VA_ARGS__)
#define C_FORGOTTEN(key, help)    C(name, key, STD_STRING, .store = STD_UNKEPT, STD_HELP(help))

static const struct std_field contract_fields[] = {
    C(version, "version", STD_STRING, STD_ALWAYS, STD_HELP("version of the contract: 1.0.0")),
    C(kind, "kind", STD_STRING, STD_ALWAYS, .words = &kinds, STD_HELP("DataContract")),
    C(api_version, "apiVersion", STD_STRING, .format = STD_FORMAT_VERSION,
      STD_HELP("version of the standard: v2.2.2")),
    C(id, "uuid", STD_STRING, STD_ALWAYS, STD_HELP("identity of the contract; never changes")),
    C(status, "status", STD_STRING, STD_ALWAYS, STD_HELP("production, test, development")),
    C(domain, "datasetDomain", STD_STRING, STD_HELP("domain it belongs to")),
    C(data_product, "quantumName", STD_STRING, STD_ALWAYS, STD_HELP("name of the data product")),
    C(tenant, "tenant", STD_STRING, STD_HELP("organisation it belongs to")),
    C(tags, "tags", STD_STRINGS, STD_HELP("labels")),
    C(description, "description", STD_OBJECT, .shape = &std_shape_description,
      STD_HELP("purpose, usage, limitations")),
    C(name, "type", STD_STRING, STD_ALWAYS, .store = STD_UNKEPT, STD_HELP("tables")),
    C(name, "datasetName", STD_STRING, STD_ALWAYS, .store = STD_UNKEPT,
      STD_HELP("dataset of the store")),
    C_FORGOTTEN("datasetKind", "virtualDataset, managedDataset"),
    C_FORGOTTEN("userConsumptionMode", "analytical, operational"),
    C_FORGOTTEN("sourceSystem", "system of the data"),
    C_FORGOTTEN("sourcePlatform", "platform of the data"),
    C_FORGOTTEN("productSlackChannel", "where to get help"),
    C_FORGOTTEN("productFeedbackUrl", "where to get help"),
    C_FORGOTTEN("productDl", "where to get help"),
    C_FORGOTTEN("server", "server of the data"),
    C_FORGOTTEN("username", "who connects"),
    C_FORGOTTEN("password", "how to connect"),
    C_FORGOTTEN("driver", "how to connect"),
    C_FORGOTTEN("driverVersion", "how to connect"),
    C_FORGOTTEN("project", "project of the store"),
    C_FORGOTTEN("database", "database of the store"),
    C(schema, "dataset", STD_ITEMS, STD_ALWAYS, .shape = &shape_table, STD_HELP("the tables")),
    C(price, "price", STD_OBJECT, .shape = &shape_price, STD_HELP("what it costs")),
    C(team.members, "stakeholders", STD_ITEMS, .shape = &shape_member,
      STD_HELP("who answers for it")),
    C(roles, "roles", STD_ITEMS, .shape = &shape_role, STD_HELP("roles that give access")),
    C(sla_default_element, "slaDefaultColumn", STD_STRING, STD_HELP("column of the promises")),
    C(sla, "slaProperties", STD_ITEMS, .shape = &shape_sla, STD_HELP("what is promised")),
    C(created, "contractCreatedTs", STD_STRING),
    C(custom, "customProperties", STD_ITEMS, .shape = &std_shape_custom),
};
#undef C_FORGOTTEN
#undef C

const struct std_shape odcs_shape_contract_v2 =
    STD_SHAPE(struct odcs_contract, "contract of v2.2", contract_fields, .place = STD_AT_CONTRACT,
              .closed_since = STD_NEVER_CLOSED, .here = quietly, .finish = finish_contract);
