/*
 * odps.c - data products: tables of ODPS v0.9.0, v1.0.0, v1.1.0; reading a product.
 *
 * All objects are closed in all versions, ids have no pattern, and context is an object only; so
 * the common parts have tables of their own here.
 */
#include "standard/odps.h"

#include "base/map.h"
#include "standard/std_int.h"

/* ---- common parts as ODPS has them ---- */

static void finish_custom(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct std_custom *entry = made;

    (void)map;
    if (str_starts(entry->property.v, S("weft."))) {
        std_check_key(r, entry, entry->property.at);
    }
}

#define ID(type, first)                                                                            \
    STD_F(type, id, "id", STD_STRING, .since = (first),                                            \
          STD_HELP("stable name that survives renaming"))

static const struct std_field custom_fields[] = {
    ID(struct std_custom, ODPS_1_1_0),
    STD_F(struct std_custom, property, "property", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the property")),
    STD_F(struct std_custom, value, "value", STD_ANY, STD_ALWAYS,
          STD_HELP("its value, of any kind")),
    STD_F(struct std_custom, description, "description", STD_STRING, STD_HELP("what it means")),
    STD_F(struct std_custom, vendor, "vendor", STD_STRING, .since = ODPS_1_1_0,
          STD_HELP("whose property it is")),
};
static const struct std_shape shape_custom =
    STD_SHAPE(struct std_custom, "custom property", custom_fields, .keeps_place = true,
              .finish = finish_custom);

/* A closed list in v0.9.0 only. */
static const struct std_word  definition_words[] = { { STR_INIT("businessDefinition"), 0 },
                                                     { STR_INIT("transformationImplementation"), 0 },
                                                     { STR_INIT("videoTutorial"), 0 },
                                                     { STR_INIT("tutorial"), 0 },
                                                     { STR_INIT("implementation"), 0 } };
static const struct std_words definition_types   = { definition_words, COUNT_OF(definition_words) };

static const struct std_field definition_fields[] = {
    ID(struct std_definition, ODPS_1_1_0),
    STD_F(struct std_definition, type, "type", STD_STRING, STD_ALWAYS, .until = ODPS_0_9_0,
          .words = &definition_types, STD_HELP("what kind of definition")),
    STD_F(struct std_definition, type, "type", STD_STRING, STD_ALWAYS, .since = ODPS_1_0_0,
          STD_HELP("what kind of definition: businessDefinition, implementation …")),
    STD_F(struct std_definition, url, "url", STD_STRING, STD_ALWAYS,
          STD_HELP("where the definition stands")),
    STD_F(struct std_definition, description, "description", STD_STRING,
          STD_HELP("what is found there")),
};
static const struct std_shape shape_definition =
    STD_SHAPE(struct std_definition, "authoritative definition", definition_fields);

#define TAGS(type, first)                                                                          \
    STD_F(type, tags, "tags", STD_STRINGS, .since = (first), STD_HELP("labels"))
#define CUSTOM(type, first)                                                                        \
    STD_F(type, custom, "customProperties", STD_ITEMS, .since = (first), .shape = &shape_custom,   \
          STD_HELP("what the standard has no field for; ours begin with weft."))
#define DEFINITIONS(type, first)                                                                   \
    STD_F(type, definitions, "authoritativeDefinitions", STD_ITEMS, .since = (first),              \
          .shape = &shape_definition, STD_HELP("links to definitions kept elsewhere"))
#define COMMON(type, first) TAGS(type, first), CUSTOM(type, first), DEFINITIONS(type, first)

static const struct std_field description_fields[] = {
    STD_F(struct std_description, purpose, "purpose", STD_STRING,
          STD_HELP("what the product is for")),
    STD_F(struct std_description, limitations, "limitations", STD_STRING,
          STD_HELP("technical, legal and other limits")),
    STD_F(struct std_description, usage, "usage", STD_STRING, STD_HELP("how to use it")),
    DEFINITIONS(struct std_description, 0),
    CUSTOM(struct std_description, 0),
};
static const struct std_shape shape_description =
    STD_SHAPE(struct std_description, "description", description_fields);

static const struct std_field support_fields[] = {
    ID(struct std_support, ODPS_1_1_0),
    STD_F(struct std_support, channel, "channel", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the channel")),
    STD_F(struct std_support, url, "url", STD_STRING, STD_ALWAYS, STD_HELP("where to reach it")),
    STD_F(struct std_support, description, "description", STD_STRING, STD_HELP("what it is for")),
    STD_F(struct std_support, tool, "tool", STD_STRING, STD_HELP("email, slack, teams, ticket …")),
    STD_F(struct std_support, scope, "scope", STD_STRING,
          STD_HELP("interactive, announcements, issues")),
    STD_F(struct std_support, invitation_url, "invitationUrl", STD_STRING, STD_HELP("how to join")),
    COMMON(struct std_support, 0),
};
static const struct std_shape shape_support =
    STD_SHAPE(struct std_support, "support channel", support_fields);

static const struct std_field member_fields[] = {
    ID(struct std_member, ODPS_1_1_0),
    STD_F(struct std_member, username, "username", STD_STRING, .needed_since = ODPS_1_0_0,
          .needed_until = 255, STD_HELP("user name or e-mail")),
    STD_F(struct std_member, name, "name", STD_STRING, STD_HELP("the person's name")),
    STD_F(struct std_member, description, "description", STD_STRING, STD_HELP("about the person")),
    STD_F(struct std_member, role, "role", STD_STRING, STD_HELP("owner, data steward …")),
    STD_F(struct std_member, date_in, "dateIn", STD_STRING, .format = STD_FORMAT_DATE,
          STD_HELP("first day in the team")),
    STD_F(struct std_member, date_out, "dateOut", STD_STRING, .format = STD_FORMAT_DATE,
          STD_HELP("last day in the team")),
    STD_F(struct std_member, replaced_by, "replacedByUsername", STD_STRING,
          STD_HELP("who took over")),
    COMMON(struct std_member, 0),
};
static const struct std_shape shape_member =
    STD_SHAPE(struct std_member, "team member", member_fields);

static const struct std_field team_fields[] = {
    STD_F(struct std_team, name, "name", STD_STRING, STD_HELP("name of the team")),
    STD_F(struct std_team, description, "description", STD_STRING, STD_HELP("about the team")),
    STD_F(struct std_team, members, "members", STD_ITEMS, .shape = &shape_member,
          STD_HELP("who belongs to it")),
    COMMON(struct std_team, 0),
};
static const struct std_shape shape_team = STD_SHAPE(struct std_team, "team", team_fields);

static const struct std_field synonym_fields[] = {
    ID(struct std_synonym, 0),
    STD_F(struct std_synonym, synonym, "synonym", STD_STRING, STD_ALWAYS,
          STD_HELP("the other word")),
    STD_F(struct std_synonym, description, "description", STD_STRING, STD_HELP("when it is used")),
    STD_F(struct std_synonym, locale, "locale", STD_STRING, STD_HELP("language, BCP 47")),
    STD_F(struct std_synonym, source, "source", STD_STRING, STD_HELP("where it comes from")),
    STD_F(struct std_synonym, status, "status", STD_STRING, STD_HELP("active, deprecated …")),
    CUSTOM(struct std_synonym, 0),
};
static const struct std_shape shape_synonym =
    STD_SHAPE(struct std_synonym, "synonym", synonym_fields);

static const struct std_field statement_fields[] = {
    ID(struct std_statement, 0),
    STD_F(struct std_statement, question, "question", STD_STRING, STD_ALWAYS,
          STD_HELP("a question the product answers")),
    STD_F(struct std_statement, answer, "answer", STD_STRING, STD_HELP("its verified answer")),
    COMMON(struct std_statement, 0),
};
static const struct std_shape shape_statement =
    STD_SHAPE(struct std_statement, "verified statement", statement_fields);

static const struct std_field constraint_fields[] = {
    ID(struct std_statement, 0),
    STD_F(struct std_statement, constraint, "constraint", STD_STRING, STD_ALWAYS,
          STD_HELP("what must not be done with the data")),
    COMMON(struct std_statement, 0),
};
static const struct std_shape shape_constraint =
    STD_SHAPE(struct std_statement, "constraint", constraint_fields);

static const struct std_field context_fields[] = {
    STD_F(struct std_context, instructions, "instructions", STD_STRING,
          STD_HELP("how a person or a model should read the data")),
    STD_F(struct std_context, statements, "verifiedStatements", STD_ITEMS,
          .shape = &shape_statement, STD_HELP("questions and verified answers")),
    STD_F(struct std_context, constraints, "constraints", STD_ITEMS, .shape = &shape_constraint,
          STD_HELP("what must not be done")),
};
static const struct std_shape shape_context =
    STD_SHAPE(struct std_context, "context", context_fields);

/* ---- ports ---- */

static const struct std_field sbom_fields[] = {
    ID(struct odps_sbom, ODPS_1_1_0),
    STD_F(struct odps_sbom, type, "type", STD_STRING, STD_HELP("external")),
    STD_F(struct odps_sbom, url, "url", STD_STRING, .needed_since = 1, .needed_until = ODPS_1_0_0,
          STD_HELP("where the bill of materials is")),
    COMMON(struct odps_sbom, ODPS_1_1_0),
};
static const struct std_shape shape_sbom = STD_SHAPE(struct odps_sbom, "sbom", sbom_fields);

static const struct std_field input_contract_fields[] = {
    STD_F(struct odps_input_contract, id, "id", STD_STRING, STD_ALWAYS,
          STD_HELP("id of a contract")),
    STD_F(struct odps_input_contract, version, "version", STD_STRING, STD_ALWAYS,
          STD_HELP("version of that contract")),
};
static const struct std_shape shape_input_contract =
    STD_SHAPE(struct odps_input_contract, "input contract", input_contract_fields);

#define DEPRECATED(type)                                                                           \
    STD_F(type, deprecated, "deprecated", STD_BOOL, .since = ODPS_1_1_0,                           \
          STD_HELP("not for new use"))

static const struct std_field input_fields[] = {
    ID(struct odps_input_port, ODPS_1_1_0),
    STD_F(struct odps_input_port, name, "name", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the port")),
    STD_F(struct odps_input_port, version, "version", STD_STRING, .needed_since = 1,
          .needed_until = ODPS_1_0_0, STD_HELP("version of the port")),
    STD_F(struct odps_input_port, contract_id, "contractId", STD_STRING, .needed_since = 1,
          .needed_until = ODPS_1_0_0, STD_HELP("id of the contract of what is read")),
    DEPRECATED(struct odps_input_port),
    COMMON(struct odps_input_port, ODPS_1_0_0),
};
static const struct std_shape shape_input =
    STD_SHAPE(struct odps_input_port, "input port", input_fields, .place = STD_AT_PORT);

static const struct std_field output_fields[] = {
    ID(struct odps_output_port, ODPS_1_1_0),
    STD_F(struct odps_output_port, name, "name", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the port")),
    STD_F(struct odps_output_port, description, "description", STD_STRING,
          STD_HELP("what it serves")),
    STD_F(struct odps_output_port, type, "type", STD_STRING, STD_HELP("tables …")),
    STD_F(struct odps_output_port, version, "version", STD_STRING, .needed_since = 1,
          .needed_until = ODPS_1_0_0, STD_HELP("version of the port")),
    STD_F(struct odps_output_port, contract_id, "contractId", STD_STRING,
          STD_HELP("id of the contract it keeps")),
    DEPRECATED(struct odps_output_port),
    STD_F(struct odps_output_port, sbom, "sbom", STD_ITEMS, .shape = &shape_sbom,
          STD_HELP("bill of materials")),
    STD_F(struct odps_output_port, input_contracts, "inputContracts", STD_ITEMS,
          .shape = &shape_input_contract, STD_HELP("what the port is made of")),
    STD_F(struct odps_output_port, synonyms, "synonyms", STD_ITEMS, .since = ODPS_1_1_0,
          .shape = &shape_synonym, STD_HELP("other names")),
    STD_F(struct odps_output_port, context, "context", STD_OBJECT, .since = ODPS_1_1_0,
          .shape = &shape_context, STD_HELP("how to read the data")),
    COMMON(struct odps_output_port, ODPS_1_0_0),
};
static const struct std_shape shape_output =
    STD_SHAPE(struct odps_output_port, "output port", output_fields, .place = STD_AT_PORT);

static const struct std_field management_fields[] = {
    ID(struct odps_management_port, ODPS_1_1_0),
    STD_F(struct odps_management_port, name, "name", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the port")),
    STD_F(struct odps_management_port, content, "content", STD_STRING, STD_ALWAYS,
          STD_HELP("discoverability, observability, control, dictionary")),
    STD_F(struct odps_management_port, type, "type", STD_STRING,
          STD_HELP("rest (default) or topic")),
    STD_F(struct odps_management_port, url, "url", STD_STRING, STD_HELP("where it is")),
    STD_F(struct odps_management_port, channel, "channel", STD_STRING, STD_HELP("which channel")),
    STD_F(struct odps_management_port, description, "description", STD_STRING,
          STD_HELP("what it does")),
    DEPRECATED(struct odps_management_port),
    COMMON(struct odps_management_port, 0),
};
static const struct std_shape shape_management =
    STD_SHAPE(struct odps_management_port, "management port", management_fields);

/* ---- the root ---- */

static const struct std_word  version_words[] = { { STR_INIT("v1.1.0"), ODPS_1_1_0 },
                                                  { STR_INIT("v1.0.0"), ODPS_1_0_0 },
                                                  { STR_INIT("v0.9.0"), 0 } };
static const struct std_word  kind_words[]    = { { STR_INIT("DataProduct"), 0 } };
static const struct std_words versions        = { version_words, COUNT_OF(version_words) };
static const struct std_words kinds           = { kind_words, COUNT_OF(kind_words) };

static const str          version_names[] = { STR_INIT(""), STR_INIT("v0.9.0"), STR_INIT("v1.0.0"),
                                              STR_INIT("v1.1.0") };
const struct std_standard odps_standard   = { STR_INIT("ODPS"), version_names, ODPS_1_1_0 };

static uint8_t version_of(const struct yaml_node *root)
{
    str text = std_member_text(root, S("apiVersion"));

    for (size_t v = ODPS_0_9_0; v <= ODPS_1_1_0; v++) {
        if (str_eq(text, version_names[v])) {
            return (uint8_t)v;
        }
    }
    return ODPS_UNKNOWN;
}

/* A port's key is name and version; `version` may be missing. */
static void check_port(struct std_reader *r, struct map *seen, const struct std_str *name,
                       const struct std_str *version)
{
    str key =
        arena_printf(r->cx->arena, STR_FMT "\n" STR_FMT, STR_ARG(name->v), STR_ARG(version->v));

    if (std_is_set(*name) && map_put(seen, r->cx->arena, key, r)) {
        std_report(r, STD_RULE_SAME_PORT, name->at, S("raise the version or rename it"),
                   "port \"" STR_FMT "\" %s" STR_FMT " stands there twice", STR_ARG(name->v),
                   version->v.len ? "version " : "without a version", STR_ARG(version->v));
    }
}

static void finish_product(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odps_product *p       = made;
    struct map           inputs  = { 0 };
    struct map           outputs = { 0 };

    p->version_known = (enum odps_version)version_of(map);
    for (size_t i = 0; i < p->input_ports.count; i++) {
        check_port(r, &inputs, &p->input_ports.items[i].name, &p->input_ports.items[i].version);
    }
    for (size_t i = 0; i < p->output_ports.count; i++) {
        check_port(r, &outputs, &p->output_ports.items[i].name, &p->output_ports.items[i].version);
    }
}

#define P(member, key, kind, ...) STD_F(struct odps_product, member, key, kind, __VA_ARGS__)

static const struct std_field product_fields[] = {
    P(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions,
      STD_HELP("version of the standard: v1.0.0")),
    P(kind, "kind", STD_STRING, STD_ALWAYS, .words = &kinds, STD_HELP("DataProduct")),
    P(id, "id", STD_STRING, STD_ALWAYS, STD_HELP("identity of the product; never changes")),
    P(name, "name", STD_STRING, STD_HELP("name of the product")),
    P(version, "version", STD_STRING, STD_HELP("version of the product")),
    P(status, "status", STD_STRING, .needed_since = 1, .needed_until = ODPS_1_0_0,
      STD_HELP("proposed, draft, active, deprecated, retired")),
    P(type, "type", STD_STRING, .since = ODPS_1_1_0,
      STD_HELP("sourceAligned, aggregate, consumerAligned")),
    P(domain, "domain", STD_STRING, STD_HELP("domain it belongs to")),
    P(tenant, "tenant", STD_STRING, STD_HELP("organisation it belongs to")),
    P(deprecated, "deprecated", STD_BOOL, .since = ODPS_1_1_0, STD_HELP("not for new use")),
    P(tags, "tags", STD_STRINGS, STD_HELP("labels")),
    P(description, "description", STD_OBJECT, .shape = &shape_description,
      STD_HELP("purpose, limitations, usage")),
    P(context, "context", STD_OBJECT, .since = ODPS_1_1_0, .shape = &shape_context,
      STD_HELP("how to read the data")),
    P(input_ports, "inputPorts", STD_ITEMS, .shape = &shape_input, STD_HELP("what it reads")),
    P(output_ports, "outputPorts", STD_ITEMS, .shape = &shape_output, STD_HELP("what it serves")),
    P(management_ports, "managementPorts", STD_ITEMS, .shape = &shape_management,
      STD_HELP("how it is managed")),
    P(support, "support", STD_ITEMS, .shape = &shape_support, STD_HELP("where to get help")),
    P(team, "team", STD_OBJECT, .since = ODPS_1_0_0, .shape = &shape_team,
      STD_HELP("who answers for it")),
    P(team.members, "team", STD_ITEMS, .until = ODPS_0_9_0, .shape = &shape_member,
      STD_HELP("who answers for it")),
    P(synonyms, "synonyms", STD_ITEMS, .since = ODPS_1_1_0, .shape = &shape_synonym,
      STD_HELP("other names")),
    P(created, "productCreatedTs", STD_STRING, .format = STD_FORMAT_DATE_TIME,
      STD_HELP("when it was made")),
    DEFINITIONS(struct odps_product, 0),
    CUSTOM(struct odps_product, 0),
};
#undef P

const struct std_shape odps_shape_product =
    STD_SHAPE(struct odps_product, "product", product_fields, .place = STD_AT_PRODUCT,
              .finish = finish_product);

enum status odps_read(struct ctx *cx, const struct diag_text *text, enum std_profile profile,
                      struct diags *diags, struct odps_product **out)
{
    struct std_document     what = { .standard   = &odps_standard,
                                     .shape      = &odps_shape_product,
                                     .version_of = version_of,
                                     .profile    = profile };
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    if (made) {
        ((struct odps_product *)made)->root = root;
    }
    *out = made;
    return ST_OK;
}

void odps_emit(const struct odps_product *p, struct buf *out)
{
    std_emit(&odps_shape_product, p, out);
}

str odps_version_name(enum odps_version v)
{
    return version_names[v];
}
