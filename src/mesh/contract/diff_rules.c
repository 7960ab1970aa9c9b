/*
 * diff_rules.c - every field of ODCS and ODPS, and by which law a change of it is judged.
 *
 * The first table is the standards' own list of fields (ODCS v3.0.2 to v3.2.0, ODPS v1.0.0 and v1.1.0); a
 * test walks the published schemas and finds none missing. The second says what each law means in words: it
 * is printed into docs/differences.md.
 */
#include "contract/diff_int.h"

/* clang-format off */
#define V(name, law)              { STR_INIT(name), FORM_VALUE, LAW_##law, SHAPE_NONE, false }
#define SET(name, law)            { STR_INIT(name), FORM_SET, LAW_##law, SHAPE_NONE, false }
#define MAP(name, law, child)     { STR_INIT(name), FORM_MAP, LAW_##law, SHAPE_##child, false }
#define LIST(name, law, child)    { STR_INIT(name), FORM_LIST, LAW_##law, SHAPE_##child, false }
#define WHOLE(name, form, law, child) { STR_INIT(name), form, LAW_##law, SHAPE_##child, true }

#define CUSTOM      LIST("customProperties", CUSTOM, CUSTOM)
#define DEFINITIONS LIST("authoritativeDefinitions", WORDS, DEFINITION)

static const struct diff_field contract_fields[] = {
    V("apiVersion", WORDS), V("kind", BREAKS), V("id", BREAKS), V("name", WORDS), V("version", VERSION),
    V("status", NOTICE), V("tenant", TERMS), V("domain", TERMS), V("dataProduct", WORDS),
    V("contractCreatedTs", WORDS), V("slaDefaultElement", TERMS), SET("tags", WORDS),
    MAP("description", WORDS, DESCRIPTION), MAP("context", WORDS, CONTEXT), LIST("servers", TERMS, SERVER),
    LIST("schema", GAIN, OBJECT), LIST("support", WORDS, SUPPORT), MAP("price", TERMS, PRICE),
    MAP("team", WORDS, TEAM), LIST("roles", TERMS, ROLE), LIST("slaProperties", SERVICE, SLA), DEFINITIONS, CUSTOM,
};
static const struct diff_field object_fields[] = {
    V("id", WORDS), V("name", BREAKS), V("logicalType", WORDS), V("physicalType", WORDS), V("physicalName", WORDS),
    V("businessName", WORDS), V("description", WORDS), V("dataGranularityDescription", WORDS),
    V("deprecated", NOTICE), MAP("context", WORDS, CONTEXT), LIST("properties", COLUMN, PROPERTY),
    LIST("relationships", RELATION, RELATION), LIST("quality", RULE, QUALITY), LIST("synonyms", WORDS, SYNONYM),
    SET("tags", NOTICE), DEFINITIONS, CUSTOM,
};
static const struct diff_field property_fields[] = {
    V("id", WORDS), V("name", BREAKS), V("logicalType", TYPE), V("physicalType", TYPE), V("physicalName", WORDS),
    MAP("logicalTypeOptions", WORDS, OPTIONS), V("businessName", WORDS), V("description", WORDS),
    V("deprecated", NOTICE), V("primaryKey", KEY), V("primaryKeyPosition", WORDS), V("required", REQUIRED),
    V("unique", UNIQUE), WHOLE("enum", FORM_LIST, ENUM, ENUM), V("semanticType", NOTICE), V("partitioned", WORDS),
    V("partitionKeyPosition", WORDS), V("classification", NOTICE), V("encryptedName", WORDS),
    V("criticalDataElement", NOTICE), SET("transformSourceObjects", WORDS), V("transformLogic", WORDS),
    V("transformDescription", WORDS), V("examples", WORDS), WHOLE("map", FORM_MAP, NARROWS, MAP),
    WHOLE("items", FORM_MAP, NARROWS, PROPERTY), LIST("properties", COLUMN, PROPERTY),
    LIST("relationships", RELATION, RELATION), LIST("quality", RULE, QUALITY), LIST("synonyms", WORDS, SYNONYM),
    SET("tags", NOTICE), DEFINITIONS, CUSTOM,
};
static const struct diff_field options_fields[] = {
    V("format", FORMAT), V("minLength", LENGTH_LEAST), V("maxLength", LENGTH_MOST), V("pattern", PATTERN),
    V("minimum", LOW), V("maximum", HIGH), V("exclusiveMinimum", LOW), V("exclusiveMaximum", HIGH),
    V("multipleOf", STEP), V("minItems", COUNT_LEAST), V("maxItems", COUNT_MOST), V("uniqueItems", DISTINCT),
    V("minProperties", COUNT_LEAST), V("maxProperties", COUNT_MOST), SET("required", NEEDED),
    V("timezone", TYPE), V("defaultTimezone", NOTICE), V("dimensions", TYPE), V("elementType", TYPE),
    V("distanceMetric", NOTICE), V("embeddingModel", BREAKS), V("embeddingModelVersion", BREAKS),
    V("normalized", PROMISE),
};
static const struct diff_field enum_fields[] = {
    V("value", ENUM), V("id", WORDS), V("label", WORDS), V("description", WORDS), SET("tags", WORDS),
    DEFINITIONS, CUSTOM,
};
static const struct diff_field map_fields[] = {
    WHOLE("key", FORM_MAP, NARROWS, PROPERTY), WHOLE("value", FORM_MAP, NARROWS, PROPERTY),
};
static const struct diff_field quality_fields[] = {
    V("id", WORDS), V("name", WORDS), V("description", WORDS), V("type", RULE), V("metric", RULE), V("rule", RULE),
    MAP("arguments", RULE, ARGUMENTS), V("query", RULE), V("engine", RULE), V("implementation", RULE),
    V("mustBe", RULE), V("mustNotBe", RULE), V("mustBeGreaterThan", RULE), V("mustBeGreaterOrEqualTo", RULE),
    V("mustBeLessThan", RULE), V("mustBeLessOrEqualTo", RULE), V("mustBeBetween", RULE), V("mustNotBeBetween", RULE),
    V("unit", RULE), V("severity", RULE), V("dimension", WORDS), V("method", WORDS), V("businessImpact", WORDS),
    V("schedule", WORDS), V("scheduler", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field arguments_fields[] = {
    V("missingValues", RULE), V("validValues", RULE), V("pattern", RULE), V("properties", RULE),
};
static const struct diff_field relation_fields[] = {
    V("id", WORDS), V("type", RELATION), V("from", RELATION), V("to", RELATION), CUSTOM,
};
static const struct diff_field server_fields[] = {
    V("id", WORDS), V("server", TERMS), V("type", TERMS), V("description", WORDS), V("environment", TERMS),
    V("account", TERMS), V("catalog", TERMS), V("catalogUrl", TERMS), V("database", TERMS), V("dataset", TERMS),
    V("delimiter", TERMS), V("encoding", TERMS), V("endpointUrl", TERMS), V("format", TERMS), V("host", TERMS),
    V("location", TERMS), V("namespace", TERMS), V("path", TERMS), V("project", TERMS), V("region", TERMS),
    V("regionName", TERMS), V("schema", TERMS), V("serviceName", TERMS), V("stagingDir", TERMS), V("stream", TERMS),
    V("warehouse", TERMS), V("workgroup", TERMS), V("port", TERMS), LIST("roles", TERMS, ROLE), CUSTOM,
};
static const struct diff_field sla_fields[] = {
    V("id", WORDS), V("property", TERMS), V("value", SERVICE), V("valueExt", TERMS), V("unit", SERVICE),
    V("element", TERMS), V("driver", WORDS), V("description", WORDS), V("scheduler", WORDS), V("schedule", WORDS),
    CUSTOM, DEFINITIONS,
};
static const struct diff_field role_fields[] = {
    V("id", WORDS), V("role", TERMS), V("description", WORDS), V("access", TERMS), V("firstLevelApprovers", TERMS),
    V("secondLevelApprovers", TERMS), CUSTOM,
};
static const struct diff_field price_fields[] = {
    V("id", WORDS), V("priceAmount", TERMS), V("priceCurrency", TERMS), V("priceUnit", TERMS),
};
static const struct diff_field support_fields[] = {
    V("id", WORDS), V("channel", WORDS), V("url", WORDS), V("description", WORDS), V("tool", WORDS), V("scope", WORDS),
    V("invitationUrl", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field team_fields[] = {
    V("id", WORDS), V("name", WORDS), V("description", WORDS), LIST("members", WORDS, MEMBER), SET("tags", WORDS),
    DEFINITIONS, CUSTOM,
};
static const struct diff_field member_fields[] = {
    V("id", WORDS), V("username", WORDS), V("name", WORDS), V("description", WORDS), V("role", WORDS),
    V("dateIn", WORDS), V("dateOut", WORDS), V("replacedByUsername", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field description_fields[] = {
    V("purpose", WORDS), V("usage", WORDS), V("limitations", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field context_fields[] = {
    V("instructions", WORDS), LIST("verifiedStatements", WORDS, STATEMENT), LIST("constraints", WORDS, CONSTRAINT),
};
static const struct diff_field statement_fields[] = {
    V("id", WORDS), V("question", WORDS), V("answer", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field constraint_fields[] = {
    V("id", WORDS), V("constraint", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field synonym_fields[] = {
    V("id", WORDS), V("synonym", WORDS), V("description", WORDS), V("locale", WORDS), V("source", WORDS),
    V("status", WORDS), CUSTOM,
};
static const struct diff_field custom_fields[] = {
    V("id", WORDS), V("property", CUSTOM), V("value", CUSTOM), V("description", WORDS), V("vendor", WORDS),
};
static const struct diff_field definition_fields[] = {
    V("id", WORDS), V("url", WORDS), V("type", WORDS), V("description", WORDS),
};
static const struct diff_field product_fields[] = {
    V("apiVersion", WORDS), V("kind", BREAKS), V("id", BREAKS), V("name", TERMS), V("version", VERSION),
    V("status", NOTICE), V("domain", TERMS), V("tenant", TERMS), V("type", WORDS), V("productCreatedTs", WORDS),
    V("deprecated", NOTICE), MAP("description", WORDS, DESCRIPTION), MAP("context", WORDS, CONTEXT),
    LIST("inputPorts", TERMS, INPUT), LIST("outputPorts", GAIN, OUTPUT), LIST("managementPorts", TERMS, MANAGEMENT),
    LIST("support", WORDS, SUPPORT), LIST("synonyms", WORDS, SYNONYM), MAP("team", WORDS, TEAM), SET("tags", WORDS),
    DEFINITIONS, CUSTOM,
};
static const struct diff_field input_fields[] = {
    V("id", WORDS), V("name", TERMS), V("version", TERMS), V("contractId", TERMS), V("deprecated", NOTICE),
    SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field output_fields[] = {
    V("id", WORDS), V("name", BREAKS), V("version", PORT), V("description", WORDS), V("type", GAIN),
    V("contractId", GAIN), V("deprecated", NOTICE), LIST("sbom", WORDS, SBOM),
    LIST("inputContracts", NOTICE, INPUT_CONTRACT), LIST("synonyms", WORDS, SYNONYM), MAP("context", WORDS, CONTEXT),
    SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field management_fields[] = {
    V("id", WORDS), V("name", TERMS), V("content", TERMS), V("type", TERMS), V("url", TERMS), V("channel", TERMS),
    V("description", WORDS), V("deprecated", NOTICE), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field sbom_fields[] = {
    V("id", WORDS), V("type", WORDS), V("url", WORDS), SET("tags", WORDS), DEFINITIONS, CUSTOM,
};
static const struct diff_field input_contract_fields[] = { V("id", NOTICE), V("version", NOTICE) };

#define ROOT(id, name, table)           [SHAPE_##id] = { STR_INIT(name), { NULL }, LAW_WORDS, table, COUNT_OF(table) }
#define PART(id, name, table, law, ...) [SHAPE_##id] = { STR_INIT(name), { __VA_ARGS__ }, LAW_##law, table, COUNT_OF(table) }

static const struct diff_shape shapes[SHAPE_COUNT] = {
    ROOT(CONTRACT, "contract", contract_fields),
    PART(OBJECT, "table", object_fields, GAIN, "name"),
    PART(PROPERTY, "column", property_fields, COLUMN, "name"),
    ROOT(OPTIONS, "options", options_fields),
    PART(ENUM, "enum value", enum_fields, ENUM, "value"),
    ROOT(MAP, "map", map_fields),
    PART(QUALITY, "quality rule", quality_fields, RULE, "name", "metric+rule+query+description", "metric+rule"),
    ROOT(ARGUMENTS, "arguments", arguments_fields),
    PART(RELATION, "relationship", relation_fields, RELATION, "from+to", "to", "from"),
    PART(SERVER, "server", server_fields, TERMS, "server"),
    PART(SLA, "SLA property", sla_fields, SERVICE, "property+element+driver", "property"),
    PART(ROLE, "role", role_fields, TERMS, "role"),
    ROOT(PRICE, "price", price_fields),
    PART(SUPPORT, "support channel", support_fields, WORDS, "channel"),
    ROOT(TEAM, "team", team_fields),
    PART(MEMBER, "team member", member_fields, WORDS, "username", "name"),
    ROOT(DESCRIPTION, "description", description_fields),
    ROOT(CONTEXT, "context", context_fields),
    PART(STATEMENT, "verified statement", statement_fields, WORDS, "question"),
    PART(CONSTRAINT, "constraint", constraint_fields, WORDS, "constraint"),
    PART(SYNONYM, "synonym", synonym_fields, WORDS, "synonym+locale", "synonym"),
    PART(CUSTOM, "custom property", custom_fields, CUSTOM, "property+vendor", "property"),
    PART(DEFINITION, "authoritative definition", definition_fields, WORDS, "url", "type"),
    ROOT(PRODUCT, "product", product_fields),
    PART(INPUT, "input port", input_fields, TERMS, "name+version", "name"),
    PART(OUTPUT, "output port", output_fields, GAIN, "name+version", "name+major"),
    PART(MANAGEMENT, "management port", management_fields, TERMS, "name"),
    PART(SBOM, "bill of materials", sbom_fields, WORDS, "url", "type"),
    PART(INPUT_CONTRACT, "input contract", input_contract_fields, NOTICE, "version"),
};

/* What a law says, for the docs: tighter, looser, and everything else. */
static const struct {
    const char *tighter, *looser, *other;
} laws[LAW_COUNT] = {
    [LAW_REQUIRED]     = { "a null was allowed", "a null is allowed now", "no null could stand there anyway: same" },
    [LAW_ENUM]         = { "a value that was allowed is not listed", "a value is listed that was not", "" },
    [LAW_LENGTH_LEAST] = { "raised or added", "lowered or removed", "other rules forbid these values anyway: same" },
    [LAW_LENGTH_MOST]  = { "lowered or added", "raised or removed", "other rules forbid these values anyway: same" },
    [LAW_PATTERN]      = { "added", "removed", "changed: unknown" },
    [LAW_LOW]          = { "raised or added", "lowered or removed",
                           "the other form says the same, or other rules forbid these values anyway: same" },
    [LAW_HIGH]         = { "lowered or added", "raised or removed",
                           "the other form says the same, or other rules forbid these values anyway: same" },
    [LAW_STEP]         = { "a multiple of the old one, or added", "the old one is a multiple of it, or removed",
                           "neither: both at once" },
    [LAW_COUNT_LEAST]  = { "raised or added", "lowered or removed", "" },
    [LAW_COUNT_MOST]   = { "lowered or added", "raised or removed", "" },
    [LAW_DISTINCT]     = { "an item could stand twice", "an item may stand twice now", "" },
    [LAW_TYPE]         = { "the old type holds values that the new one does not", "every old value has the same value in the new type",
                           "neither holds the other: both at once; another spelling: same" },
    [LAW_FORMAT]       = { "of a number or uuid: a narrower type; of other texts: added (only warns: minor)",
                           "a wider type; removed", "of a date or time: words" },
    [LAW_UNIQUE]       = { "a value could stand twice", "a value may stand twice now", "the primary key says it already: same" },
    [LAW_KEY]          = { "a null or a key that stands twice was allowed", "it is allowed now", "" },
    [LAW_NEEDED]       = { "a name is added", "a name is removed", "the field is required anyway: same" },
    [LAW_PROMISE]      = { "true", "false or removed", "" },
    [LAW_COLUMN]       = { "removed; or added so that a null breaks its rules (required, key, unique, a check)",
                           "added, and null keeps its rules", "" },
    [LAW_RULE]         = { "a measured value that passed fails now; severity raised to error; added",
                           "one that failed passes now; severity lowered to a warning; removed",
                           "metric, query, pattern or unit changed: unknown; rules that only warn, text, custom: minor at most" },
    [LAW_RELATION]     = { "added", "removed", "changed: unknown" },
    [LAW_NARROWS]      = { "added", "removed", "" },
    [LAW_SERVICE]      = { "promises more (minor)", "promises less (minor)", "neither is known: minor; added: patch" },
    [LAW_PORT]         = { "", "", "minor within a major; another major: major" },
    [LAW_CUSTOM]       = { "", "", "`weft.access`, `weft.history`: minor; other keys of ours say how it is made: none; others: patch" },
    [LAW_VERSION]      = { "", "", "no impact: it is the answer" },
    [LAW_WORDS]        = { "", "", "patch" },
    [LAW_NOTICE]       = { "", "", "minor" },
    [LAW_TERMS]        = { "", "", "added: patch; changed or removed: minor" },
    [LAW_GAIN]         = { "", "", "added: minor; changed or removed: major" },
    [LAW_BREAKS]       = { "", "", "major" },
};
/* clang-format on */

const struct diff_shape *diff_shape(enum diff_shape_id id)
{
    return &shapes[id];
}

const struct diff_field *diff_field(enum diff_shape_id shape, str name)
{
    for (size_t i = 0; i < shapes[shape].count; i++) {
        if (str_eq(shapes[shape].fields[i].name, name)) {
            return &shapes[shape].fields[i];
        }
    }
    return NULL;
}

static void law_cells(struct buf *out, enum diff_law law)
{
    buf_printf(out, " %s | %s | %s |\n", laws[law].tighter, laws[law].looser, laws[law].other);
}

void diff_rules_markdown(struct buf *out)
{
    buf_add(out, S("| in | field | tighter | looser | else |\n| --- | --- | --- | --- | --- |\n"));
    for (size_t s = 1; s < SHAPE_COUNT; s++) {
        const struct diff_shape *shape = &shapes[s];

        if (shape->keys[0]) {
            buf_printf(out, "| " STR_FMT " | *the whole* |", STR_ARG(shape->name));
            law_cells(out, shape->element);
        }
        for (size_t i = 0; i < shape->count; i++) {
            const struct diff_field *f = &shape->fields[i];

            if (f->form == FORM_VALUE || f->form == FORM_SET || f->is_whole) {
                buf_printf(out, "| " STR_FMT " | `" STR_FMT "` |", STR_ARG(shape->name),
                           STR_ARG(f->name));
                law_cells(out, f->law);
            }
        }
    }
}
