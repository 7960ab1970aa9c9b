/*
 * odcs_property.c - schema objects and their properties: logical types, options, enums, keys.
 *
 * Which options, and whether properties, items and map may stand, depends on logicalType. A property
 * in a list needs a name; items, map.key and map.value do not.
 */
#include "standard/odcs_int.h"

#include <string.h>

#define W(word, since)                                                                             \
    {                                                                                              \
        STR_INIT(word), since                                                                      \
    }
/* In the order of enum odcs_logical. */
static const struct std_word logical_words[] = {
    W("string", 0),
    W("date", 0),
    W("timestamp", ODCS_3_1_0),
    W("time", ODCS_3_1_0),
    W("number", 0),
    W("integer", 0),
    W("object", 0),
    W("array", 0),
    W("boolean", 0),
    W("map", ODCS_3_2_0),
    W("vector", ODCS_3_2_0),
};
static const struct std_word integer_words[] = { W("i8", 0),  W("i16", 0),  W("i32", 0),
                                                 W("i64", 0), W("i128", 0), W("u8", 0),
                                                 W("u16", 0), W("u32", 0),  W("u64", 0),
                                                 W("u128", 0) };
static const struct std_word number_words[]  = { W("f32", 0), W("f64", 0) };
static const struct std_word element_words[] = { W("bfloat16", 0), W("binary", 0),  W("float16", 0),
                                                 W("float32", 0),  W("float64", 0), W("int8", 0),
                                                 W("uint8", 0) };
static const struct std_word metric_words[]  = { W("cosine", 0), W("dotProduct", 0),
                                                 W("euclidean", 0), W("hamming", 0),
                                                 W("manhattan", 0) };
static const struct std_word semantic_words[] = { W("column", 0), W("measure", 0),
                                                  W("dimension", 0) };
static const struct std_word relation_words[] = { W("foreignKey", 0) };
#undef W

static const struct std_words logical_types  = { logical_words, COUNT_OF(logical_words) };
static const struct std_words integer_forms  = { integer_words, COUNT_OF(integer_words) };
static const struct std_words number_forms   = { number_words, COUNT_OF(number_words) };
static const struct std_words element_types  = { element_words, COUNT_OF(element_words) };
static const struct std_words distances      = { metric_words, COUNT_OF(metric_words) };
static const struct std_words semantics      = { semantic_words, COUNT_OF(semantic_words) };
static const struct std_words relation_types = { relation_words, COUNT_OF(relation_words) };

enum odcs_logical odcs_logical_of(str text)
{
    for (size_t i = 0; i < COUNT_OF(logical_words); i++) {
        if (str_eq(text, logical_words[i].text)) {
            return (enum odcs_logical)(i + 1);
        }
    }
    return ODCS_NONE;
}

str odcs_logical_name(enum odcs_logical logical)
{
    return logical == ODCS_NONE ? STR_NONE : logical_words[logical - 1].text;
}

/* ---- logicalTypeOptions, one table per group of types ---- */

#define O(member, key, kind, ...) STD_F(struct odcs_options, member, key, kind, __VA_ARGS__)
#define RANGE(kind_, help_)                                                                        \
    O(minimum, "minimum", kind_, .store = STD_AS_NODE, STD_HELP("smallest " help_)),               \
        O(maximum, "maximum", kind_, .store = STD_AS_NODE, STD_HELP("largest " help_)),            \
        O(exclusive_minimum, "exclusiveMinimum", STD_BOOL, .until = ODCS_3_0_2,                    \
          .store = STD_AS_NODE, STD_HELP("the minimum itself is not allowed")),                    \
        O(exclusive_maximum, "exclusiveMaximum", STD_BOOL, .until = ODCS_3_0_2,                    \
          .store = STD_AS_NODE, STD_HELP("the maximum itself is not allowed")),                    \
        O(exclusive_minimum, "exclusiveMinimum", kind_, .since = ODCS_3_1_0, .store = STD_AS_NODE, \
          STD_HELP("values are above this " help_)),                                               \
        O(exclusive_maximum, "exclusiveMaximum", kind_, .since = ODCS_3_1_0, .store = STD_AS_NODE, \
          STD_HELP("values are below this " help_))

static const struct std_field string_options[] = {
    O(min_length, "minLength", STD_INT, STD_LEAST(0), STD_HELP("fewest characters")),
    O(max_length, "maxLength", STD_INT, STD_LEAST(0), STD_HELP("most characters")),
    O(pattern, "pattern", STD_STRING, STD_HELP("regular expression, ECMA-262")),
    O(format, "format", STD_STRING, STD_HELP("email, uuid, uri …")),
};
static const struct std_field date_options[] = {
    O(format, "format", STD_STRING, STD_HELP("how it is written: yyyy-MM-dd")),
    RANGE(STD_STRING, "date"),
};
static const struct std_field time_options[] = {
    O(format, "format", STD_STRING, STD_HELP("how it is written: yyyy-MM-dd HH:mm:ss")),
    RANGE(STD_STRING, "time"),
    O(timezone, "timezone", STD_BOOL, STD_HELP("true: a moment in time, with zone")),
    O(default_timezone, "defaultTimezone", STD_STRING, STD_HELP("zone of values without one")),
};
static const struct std_field integer_options[] = {
    O(multiple_of, "multipleOf", STD_NUM, .is_positive = true,
      STD_HELP("values are multiples of it")),
    RANGE(STD_NUM, "number"),
    O(format, "format", STD_STRING, .words = &integer_forms, STD_HELP("i8 … i128, u8 … u128")),
};
static const struct std_field number_options[] = {
    O(multiple_of, "multipleOf", STD_NUM, .is_positive = true,
      STD_HELP("values are multiples of it")),
    RANGE(STD_NUM, "number"),
    O(format, "format", STD_STRING, .words = &number_forms, STD_HELP("f32 or f64")),
};
static const struct std_field object_options[] = {
    O(min_properties, "minProperties", STD_INT, STD_LEAST(0), STD_HELP("fewest properties")),
    O(max_properties, "maxProperties", STD_INT, STD_LEAST(0), STD_HELP("most properties")),
    O(required, "required", STD_STRINGS, STD_LEAST(1), .is_distinct = true,
      STD_HELP("properties that must be there")),
};
static const struct std_field array_options[] = {
    O(min_items, "minItems", STD_INT, STD_LEAST(0), STD_HELP("fewest items")),
    O(max_items, "maxItems", STD_INT, STD_LEAST(0), STD_HELP("most items")),
    O(unique_items, "uniqueItems", STD_BOOL, STD_HELP("items differ from each other")),
};
static const struct std_field vector_options[] = {
    O(dimensions, "dimensions", STD_INT, STD_ALWAYS, STD_LEAST(1), STD_HELP("how many numbers")),
    O(element_type, "elementType", STD_STRING, .words = &element_types,
      STD_HELP("type of a number")),
    O(distance_metric, "distanceMetric", STD_STRING, .words = &distances,
      STD_HELP("how vectors are compared")),
    O(embedding_model, "embeddingModel", STD_STRING, STD_HELP("model that made it")),
    O(embedding_model_version, "embeddingModelVersion", STD_STRING, STD_HELP("its version")),
    O(normalized, "normalized", STD_BOOL, STD_HELP("length is 1")),
};
#define OPTIONS(table, what, ...)                                                                  \
    STD_SHAPE(struct odcs_options, "options of " what, table, ##__VA_ARGS__)
static const struct std_shape options_shapes[] = {
    [ODCS_STRING]    = OPTIONS(string_options, "a string"),
    [ODCS_DATE]      = OPTIONS(date_options, "a date"),
    [ODCS_TIMESTAMP] = OPTIONS(time_options, "a timestamp"),
    [ODCS_TIME]      = OPTIONS(time_options, "a time"),
    [ODCS_NUMBER]    = OPTIONS(number_options, "a number"),
    [ODCS_INTEGER]   = OPTIONS(integer_options, "an integer"),
    [ODCS_OBJECT]    = OPTIONS(object_options, "an object"),
    [ODCS_ARRAY]     = OPTIONS(array_options, "an array"),
    [ODCS_VECTOR]    = OPTIONS(vector_options, "a vector"),
};
/* All options, for writing and for the printed schema. */
static const struct std_field all_options[] = {
    O(format, "format", STD_STRING, STD_HELP("form of the values, by logicalType")),
    O(min_length, "minLength", STD_INT, STD_LEAST(0), STD_HELP("fewest characters")),
    O(max_length, "maxLength", STD_INT, STD_LEAST(0), STD_HELP("most characters")),
    O(pattern, "pattern", STD_STRING, STD_HELP("regular expression, ECMA-262")),
    O(minimum, "minimum", STD_SCALAR, STD_HELP("smallest value")),
    O(maximum, "maximum", STD_SCALAR, STD_HELP("largest value")),
    O(exclusive_minimum, "exclusiveMinimum", STD_SCALAR, STD_HELP("values are above it")),
    O(exclusive_maximum, "exclusiveMaximum", STD_SCALAR, STD_HELP("values are below it")),
    O(multiple_of, "multipleOf", STD_NUM, .is_positive = true,
      STD_HELP("values are multiples of it")),
    O(min_items, "minItems", STD_INT, STD_LEAST(0), STD_HELP("fewest items")),
    O(max_items, "maxItems", STD_INT, STD_LEAST(0), STD_HELP("most items")),
    O(unique_items, "uniqueItems", STD_BOOL, STD_HELP("items differ from each other")),
    O(min_properties, "minProperties", STD_INT, STD_LEAST(0), STD_HELP("fewest properties")),
    O(max_properties, "maxProperties", STD_INT, STD_LEAST(0), STD_HELP("most properties")),
    O(required, "required", STD_STRINGS, STD_LEAST(1), STD_HELP("properties that must be there")),
    O(timezone, "timezone", STD_BOOL, STD_HELP("true: a moment in time, with zone")),
    O(default_timezone, "defaultTimezone", STD_STRING, STD_HELP("zone of values without one")),
    O(dimensions, "dimensions", STD_INT, STD_LEAST(1), STD_HELP("how many numbers a vector has")),
    O(element_type, "elementType", STD_STRING, .words = &element_types,
      STD_HELP("type of a number")),
    O(distance_metric, "distanceMetric", STD_STRING, .words = &distances,
      STD_HELP("how vectors are compared")),
    O(embedding_model, "embeddingModel", STD_STRING, STD_HELP("model that made it")),
    O(embedding_model_version, "embeddingModelVersion", STD_STRING, STD_HELP("its version")),
    O(normalized, "normalized", STD_BOOL, STD_HELP("length is 1")),
};
static const struct std_shape options_all =
    STD_SHAPE(struct odcs_options, "options", all_options, .is_loose = true);
#undef OPTIONS
#undef O

static const struct std_shape *pick_options(struct std_reader *r, const struct yaml_node *owner,
                                            const struct yaml_node *value)
{
    const struct yaml_node *type    = yaml_get(owner, S("logicalType"));
    enum odcs_logical       logical = odcs_logical_of(yaml_text_or(type, STR_NONE));

    if (!type) {
        if (value->count) {
            std_report(r, STD_RULE_OPTIONS_UNTYPED, value->pos, S("add logicalType"),
                       "logicalTypeOptions need a logicalType beside them");
        }
        return &options_all;
    }
    if (logical == ODCS_NONE) {
        return NULL; /* the type is a finding of its own */
    }
    if (logical == ODCS_BOOLEAN || logical == ODCS_MAP) {
        if (value->count) {
            std_report(r, STD_RULE_OPTIONS_USELESS, value->pos, S("remove them"),
                       "logicalType " STR_FMT " has no options", STR_ARG(type->text));
        }
        return NULL;
    }
    return &options_shapes[logical];
}

/* ---- relationships ---- */

static void finish_relationship(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct odcs_relationship *x           = made;
    const struct yaml_member       *description = yaml_member(map, S("description"));

    if (description) {
        std_report(r, STD_RULE_RELATION_DESCRIPTION, description->key_pos,
                   S("write it under customProperties"),
                   "a relationship has no field \"description\" but in an example of the text");
    }
    if (!std_is_set(x->from) || !std_is_set(x->to)) {
        return;
    }
    if (x->from.is_list != x->to.is_list) {
        std_report(r, STD_RULE_RELATION_MIXED, x->to.at, S("make both one reference or both lists"),
                   "\"from\" and \"to\" of a relationship have different forms");
    } else if (x->from.count != x->to.count) {
        std_report(r, STD_RULE_RELATION_LENGTH, x->to.at, S("name as many on both sides"),
                   "\"from\" names %zu properties and \"to\" %zu", x->from.count, x->to.count);
    }
}

#define REL(member, key, kind, ...) STD_F(struct odcs_relationship, member, key, kind, __VA_ARGS__)
#define REL_ROWS                                                                                   \
    REL(id, "id", STD_STRING, .since = ODCS_3_2_0, STD_HELP("name of the relationship")),          \
        REL(type, "type", STD_STRING, .words = &relation_types, STD_HELP("foreignKey")),           \
        REL(to, "to", STD_ONE, STD_ALWAYS, .format = STD_FORMAT_REFERENCE,                         \
            STD_HELP("the property it points to")),                                                \
        REL(to, "to", STD_STRINGS, STD_ALWAYS, STD_LEAST(1), .format = STD_FORMAT_REFERENCE,       \
            STD_HELP("the properties it points to")),                                              \
        REL(id, "description", STD_ANY, .store = STD_UNKEPT, STD_HELP("what it means")),           \
        ODCS_CUSTOM(struct odcs_relationship, 0)

static const struct std_field property_relation_fields[] = { REL_ROWS };
static const struct std_field object_relation_fields[]   = {
    REL(from, "from", STD_ONE, STD_ALWAYS, .format = STD_FORMAT_REFERENCE,
          STD_HELP("the property it starts at")),
    REL(from, "from", STD_STRINGS, STD_ALWAYS, STD_LEAST(1), .format = STD_FORMAT_REFERENCE,
          STD_HELP("the properties it starts at")),
    REL_ROWS,
};
#undef REL
#undef REL_ROWS

static const struct std_shape shape_property_relation =
    STD_SHAPE(struct odcs_relationship, "relationship of a property (it starts there: no \"from\")",
              property_relation_fields, .finish = finish_relationship);
static const struct std_shape shape_object_relation =
    STD_SHAPE(struct odcs_relationship, "relationship", object_relation_fields,
              .finish = finish_relationship);

/* ---- enums and maps ---- */

static const struct std_field enum_fields[] = {
    STD_F(struct odcs_enum_value, value, "value", STD_SCALAR, STD_ALWAYS,
          STD_HELP("an allowed value")),
    STD_F(struct odcs_enum_value, label, "label", STD_STRING, STD_HELP("its name for people")),
    ODCS_ID(struct odcs_enum_value),
    STD_F(struct odcs_enum_value, description, "description", STD_STRING,
          STD_HELP("what it means")),
    ODCS_TAGS(struct odcs_enum_value, 0),
    ODCS_CUSTOM(struct odcs_enum_value, 0),
    ODCS_DEFINITIONS(struct odcs_enum_value, 0),
};
static const struct std_shape shape_enum =
    STD_SHAPE(struct odcs_enum_value, "enum value", enum_fields);

static const struct std_field map_fields[] = {
    STD_F(struct odcs_map, key, "key", STD_POINTER, STD_ALWAYS, .shape = &odcs_shape_item,
          STD_HELP("type of the keys")),
    STD_F(struct odcs_map, value, "value", STD_POINTER, STD_ALWAYS, .shape = &odcs_shape_item,
          STD_HELP("type of the values")),
};
static const struct std_shape shape_map = STD_SHAPE(struct odcs_map, "map", map_fields);

static bool value_fits(enum odcs_logical logical, const struct yaml_node *v)
{
    int64_t integer;

    switch (logical) {
    case ODCS_NONE: return v->kind != YAML_NULL;
    case ODCS_STRING:
    case ODCS_DATE:
    case ODCS_TIMESTAMP:
    case ODCS_TIME: return v->kind == YAML_STRING;
    case ODCS_NUMBER: return v->kind == YAML_INT || v->kind == YAML_FLOAT;
    case ODCS_INTEGER: return std_node_integer(v, &integer);
    case ODCS_BOOLEAN: return v->kind == YAML_BOOL;
    case ODCS_OBJECT:
    case ODCS_ARRAY:
    case ODCS_MAP:
    case ODCS_VECTOR: return false;
    }
    BUG("logical type");
}

static void check_enum(struct std_reader *r, const struct odcs_property *p)
{
    struct yaml_node **values;
    size_t             count = 0, at;

    if (!r->diags || r->quiet || p->enum_values.count == 0) {
        return;
    }
    values = arena_array(r->cx->arena, p->enum_values.count, sizeof *values);
    for (size_t i = 0; i < p->enum_values.count; i++) {
        const struct yaml_node *v = p->enum_values.items[i].value.node;

        if (!v) {
            continue;
        }
        if (!value_fits(p->logical, v)) {
            std_report(r, STD_RULE_ENUM_TYPE, v->pos, STR_NONE,
                       "enum value is " STR_FMT ", but the property is %s" STR_FMT,
                       STR_ARG(yaml_kind_name(v->kind)),
                       p->logical ? "of logicalType " : "a scalar",
                       STR_ARG(odcs_logical_name(p->logical)));
        }
        values[count++] = unconst(v);
    }
    if (std_find_duplicate(r, values, count, &at)) {
        std_report(r, STD_RULE_ENUM_SAME, values[at]->pos, S("remove one of them"),
                   "enum value \"" STR_FMT "\" stands there twice", STR_ARG(values[at]->text));
    }
}

/* ---- properties ---- */

static void check_order(struct std_reader *r, const struct odcs_options *o)
{
    const struct std_int *pairs[][2] = { { &o->min_length, &o->max_length },
                                         { &o->min_items, &o->max_items },
                                         { &o->min_properties, &o->max_properties } };
    double                low = 0, high = 0;

    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (std_is_set(*pairs[i][0]) && std_is_set(*pairs[i][1]) &&
            pairs[i][0]->v > pairs[i][1]->v) {
            std_report(r, STD_RULE_OPTIONS_ORDER, pairs[i][0]->at, STR_NONE,
                       "the minimum %lld is above the maximum %lld: no value fits",
                       (long long)pairs[i][0]->v, (long long)pairs[i][1]->v);
        }
    }
    if (yaml_number(o->minimum.node, &low) && yaml_number(o->maximum.node, &high) && low > high) {
        std_report(r, STD_RULE_OPTIONS_ORDER, o->minimum.at, STR_NONE,
                   "the minimum " STR_FMT " is above the maximum " STR_FMT ": no value fits",
                   STR_ARG(o->minimum.node->text), STR_ARG(o->maximum.node->text));
    }
}

/* Metrics that count rows of a table mean nothing on a property, and the other way round. */
static void check_metrics(struct std_reader *r, const struct odcs_qualities *list, bool is_property)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct odcs_quality *q           = &list->items[i];
        bool                       of_object   = q->metric == ODCS_METRIC_ROW_COUNT;
        bool                       of_property = q->metric != ODCS_METRIC_NONE && !of_object &&
                           q->metric != ODCS_METRIC_DUPLICATE_VALUES;

        if (is_property ? of_object : of_property) {
            std_report(r, STD_RULE_METRIC_PLACE, q->at,
                       is_property ? S("move the rule to the schema object")
                                   : S("move the rule to a property"),
                       "metric " STR_FMT " does not belong on a %s",
                       STR_ARG(odcs_metric_name(q->metric)),
                       is_property ? "property" : "schema object");
        }
    }
}

static void finish_property(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odcs_property *p     = made;
    struct std_texts      names = { p->properties.items, p->properties.count,
                                    sizeof *p->properties.items, offsetof(struct odcs_property, name),
                                    "property" };
    struct std_texts      ids   = names;

    (void)map;
    p->logical = odcs_logical_of(p->logical_text.v);
    if (p->logical == ODCS_VECTOR && !std_is_set(p->options)) {
        std_report(r, STD_RULE_VECTOR_OPTIONS, p->logical_text.at,
                   S("add logicalTypeOptions: {dimensions: n}"), "a vector needs its dimensions");
    }
    ids.offset = offsetof(struct odcs_property, id);
    ids.what   = "id";
    std_check_distinct(r, STD_RULE_SAME_NAME, &names);
    std_check_distinct(r, STD_RULE_SAME_ID, &ids);
    check_enum(r, p);
    check_order(r, &p->options);
    check_metrics(r, &p->quality, true);
}

static enum std_here nested_here(const struct yaml_node *map, const struct std_field *field,
                                 bool is_item)
{
    const struct yaml_node *type    = yaml_get(map, S("logicalType"));
    enum odcs_logical       logical = odcs_logical_of(yaml_text_or(type, STR_NONE));

    if (field->offset == offsetof(struct odcs_property, map)) {
        return logical == ODCS_MAP ? STD_HERE_NEEDED : STD_NOT_HERE;
    }
    if (field->offset == offsetof(struct odcs_property, properties)) {
        return is_item || !type || logical == ODCS_OBJECT ? STD_HERE : STD_NOT_HERE;
    }
    if (field->offset == offsetof(struct odcs_property, items)) {
        return !type || logical == ODCS_ARRAY ? STD_HERE : STD_NOT_HERE;
    }
    return STD_HERE;
}

static enum std_here property_here(const struct std_reader *r, const struct yaml_node *map,
                                   const struct std_field *field)
{
    (void)r;
    if (field->offset == offsetof(struct odcs_property, name)) {
        return STD_HERE_NEEDED;
    }
    return nested_here(map, field, false);
}

static enum std_here item_here(const struct std_reader *r, const struct yaml_node *map,
                               const struct std_field *field)
{
    /* since v3.1.0 the base of a property is closed by itself, which takes this freedom away */
    return nested_here(map, field, r->version <= ODCS_3_0_2);
}

#define P(member, key, kind, ...) STD_F(struct odcs_property, member, key, kind, __VA_ARGS__)

static const struct std_field property_fields[] = {
    ODCS_ID(struct odcs_property),
    P(name, "name", STD_STRING, STD_HELP("name of the column")),
    P(logical_text, "logicalType", STD_STRING, .words = &logical_types,
      STD_HELP("what kind of value")),
    P(options, "logicalTypeOptions", STD_OBJECT, .pick = pick_options, .shape = &options_all,
      STD_HELP("limits and form of the values, by logicalType")),
    P(physical_type, "physicalType", STD_STRING, STD_HELP("the type in the store: DECIMAL(10,2)")),
    P(physical_name, "physicalName", STD_STRING, .since = ODCS_3_0_2,
      STD_HELP("what the source calls it")),
    P(business_name, "businessName", STD_STRING, STD_HELP("name for people")),
    P(description, "description", STD_STRING, STD_HELP("what it means")),
    P(deprecated, "deprecated", STD_BOOL, .since = ODCS_3_2_0, STD_HELP("not for new use")),
    P(primary_key, "primaryKey", STD_BOOL, STD_HELP("part of the primary key")),
    P(primary_key_position, "primaryKeyPosition", STD_INT,
      STD_HELP("its place in the key, from 1")),
    P(required, "required", STD_BOOL, STD_HELP("never null")),
    P(unique, "unique", STD_BOOL, STD_HELP("no value twice")),
    P(enum_values, "enum", STD_ITEMS, .since = ODCS_3_2_0, STD_LEAST(1), .is_distinct = true,
      .shape = &shape_enum, STD_HELP("the allowed values")),
    P(semantic_type, "semanticType", STD_STRING, .since = ODCS_3_2_0, .words = &semantics,
      STD_HELP("column, measure or dimension")),
    P(partitioned, "partitioned", STD_BOOL, STD_HELP("the data is partitioned by it")),
    P(partition_key_position, "partitionKeyPosition", STD_INT,
      STD_HELP("its place in the partition key, from 1")),
    P(classification, "classification", STD_STRING,
      STD_HELP("public, internal, confidential, restricted")),
    P(encrypted_name, "encryptedName", STD_STRING,
      STD_HELP("the property with the encrypted value")),
    P(critical, "criticalDataElement", STD_BOOL, STD_HELP("the business depends on it")),
    P(transform_sources, "transformSourceObjects", STD_STRINGS, STD_HELP("what it is made of")),
    P(transform_logic, "transformLogic", STD_STRING, STD_HELP("how it is made")),
    P(transform_description, "transformDescription", STD_STRING,
      STD_HELP("how it is made, in words")),
    P(examples, "examples", STD_ANYS, STD_HELP("sample values")),
    P(map, "map", STD_OBJECT, .since = ODCS_3_2_0, .shape = &shape_map,
      STD_HELP("types of key and value (logicalType: map)")),
    P(items, "items", STD_POINTER, .shape = &odcs_shape_item,
      STD_HELP("type of the items (logicalType: array)")),
    P(properties, "properties", STD_ITEMS, .shape = &odcs_shape_property,
      STD_HELP("nested properties (logicalType: object)")),
    P(relationships, "relationships", STD_ITEMS, .since = ODCS_3_1_0,
      .shape = &shape_property_relation, STD_HELP("what it points to")),
    P(quality, "quality", STD_ITEMS, .shape = &odcs_shape_quality,
      STD_HELP("rules its values keep")),
    P(synonyms, "synonyms", STD_ITEMS, .since = ODCS_3_2_0, .shape = &std_shape_synonym,
      STD_HELP("other names")),
    ODCS_TAGS(struct odcs_property, 0),
    ODCS_DEFINITIONS(struct odcs_property, 0),
    ODCS_CUSTOM(struct odcs_property, 0),
};
#undef P

const struct std_shape odcs_shape_property =
    STD_SHAPE(struct odcs_property, "property", property_fields, .place = STD_AT_PROPERTY,
              .here = property_here, .finish = finish_property);
const struct std_shape odcs_shape_item =
    STD_SHAPE(struct odcs_property, "item", property_fields, .place = STD_AT_PROPERTY,
              .here = item_here, .finish = finish_property);

/* ---- schema objects ---- */

static void finish_object(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct odcs_object *o     = made;
    struct std_texts          names = { o->properties.items, o->properties.count,
                                        sizeof *o->properties.items, offsetof(struct odcs_property, name),
                                        "property" };
    struct std_texts          ids   = names;

    (void)map;
    if (std_is_set(o->logical_text) && !str_eq(o->logical_text.v, S("object"))) {
        std_report(r, STD_RULE_OBJECT_TYPE, o->logical_text.at,
                   S("write object, or remove the field"),
                   "logicalType of a schema object is \"object\", found \"" STR_FMT "\"",
                   STR_ARG(o->logical_text.v));
    }
    ids.offset = offsetof(struct odcs_property, id);
    ids.what   = "id";
    std_check_distinct(r, STD_RULE_SAME_NAME, &names);
    std_check_distinct(r, STD_RULE_SAME_ID, &ids);
    check_metrics(r, &o->quality, false);
}

#define B(member, key, kind, ...) STD_F(struct odcs_object, member, key, kind, __VA_ARGS__)

static const struct std_field object_fields[] = {
    ODCS_ID(struct odcs_object),
    B(name, "name", STD_STRING, STD_ALWAYS, STD_HELP("name of the table")),
    B(logical_text, "logicalType", STD_STRING, STD_HELP("object")),
    B(physical_name, "physicalName", STD_STRING, STD_HELP("what the source calls it")),
    B(physical_type, "physicalType", STD_STRING, STD_HELP("table, view, topic, file …")),
    B(business_name, "businessName", STD_STRING, STD_HELP("name for people")),
    B(description, "description", STD_STRING, STD_HELP("what a row is")),
    B(granularity, "dataGranularityDescription", STD_STRING, STD_HELP("what one row stands for")),
    B(deprecated, "deprecated", STD_BOOL, .since = ODCS_3_2_0, STD_HELP("not for new use")),
    B(context, "context", STD_OBJECT, .since = ODCS_3_2_0, .shape = &std_shape_context,
      STD_HELP("how to read the data")),
    B(context.text, "context", STD_STRING, .since = ODCS_3_2_0, STD_HELP("how to read the data")),
    B(properties, "properties", STD_ITEMS, .shape = &odcs_shape_property, STD_HELP("the columns")),
    B(relationships, "relationships", STD_ITEMS, .since = ODCS_3_1_0,
      .shape = &shape_object_relation, STD_HELP("foreign keys")),
    B(quality, "quality", STD_ITEMS, .shape = &odcs_shape_quality, STD_HELP("rules its rows keep")),
    B(synonyms, "synonyms", STD_ITEMS, .since = ODCS_3_2_0, .shape = &std_shape_synonym,
      STD_HELP("other names")),
    ODCS_TAGS(struct odcs_object, 0),
    ODCS_DEFINITIONS(struct odcs_object, 0),
    ODCS_CUSTOM(struct odcs_object, 0),
};
#undef B

const struct std_shape odcs_shape_object =
    STD_SHAPE(struct odcs_object, "schema object", object_fields, .place = STD_AT_OBJECT,
              .is_tall = true, .finish = finish_object);
