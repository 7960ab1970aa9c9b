/*
 * odcs_quality.c - quality rules: which fields go with which type, and exactly one operator.
 *
 * Since v3.1.0 a rule is closed, and the branches add up as in the JSON Schema: `type: library` or
 * any `metric` opens the library fields, `type: sql` the query, `type: custom` engine and
 * implementation. v3.0.2 is open: no `type` means library, and only library types its operators.
 */
#include "standard/odcs_int.h"

#include <string.h>

struct branches {
    bool library, sql, custom;
};

static struct branches branches_of(const struct std_reader *r, const struct yaml_node *map)
{
    const struct yaml_node *type   = yaml_get(map, S("type"));
    const struct yaml_node *metric = yaml_get(map, S("metric"));
    str                     text   = yaml_text_or(type, STR_NONE);
    struct branches         b      = { str_eq(text, S("library")), str_eq(text, S("sql")),
                                       str_eq(text, S("custom")) };

    if (r->version <= ODCS_3_0_2) {
        b.library = b.library || !type;
    } else {
        b.library = b.library || (metric && metric->kind == YAML_STRING);
    }
    return b;
}

/* Rows of quality_fields that belong to a branch are marked by where they are kept. */
static bool is_operator(const struct std_field *f)
{
    return f->offset >= offsetof(struct odcs_quality, must_be) &&
           f->offset <= offsetof(struct odcs_quality, not_between);
}

static enum std_here quality_here(const struct std_reader *r, const struct yaml_node *map,
                                  const struct std_field *field)
{
    struct branches b   = branches_of(r, map);
    bool            old = r->version <= ODCS_3_0_2;

    if (is_operator(field)) {
        return b.library || (b.sql && !old) ? STD_HERE : STD_NOT_HERE;
    }
    if (field->offset == offsetof(struct odcs_quality, metric_text)) {
        return b.library ? STD_HERE_NEEDED : STD_HERE;
    }
    if (field->offset == offsetof(struct odcs_quality, rule)) {
        return !b.library ? STD_NOT_HERE : old ? STD_HERE_NEEDED : STD_HERE;
    }
    if (field->offset == offsetof(struct odcs_quality, arguments)) {
        return b.library ? STD_HERE : STD_NOT_HERE;
    }
    if (field->offset == offsetof(struct odcs_quality, query)) {
        return b.sql ? STD_HERE_NEEDED : STD_NOT_HERE;
    }
    if (field->offset == offsetof(struct odcs_quality, engine) ||
        field->offset == offsetof(struct odcs_quality, implementation)) {
        return b.custom ? STD_HERE_NEEDED : STD_NOT_HERE;
    }
    return STD_HERE;
}

#define W(word)                                                                                    \
    {                                                                                              \
        STR_INIT(word), 0                                                                          \
    }
static const struct std_word dimension_words[] = { W("accuracy"),   W("completeness"),
                                                   W("conformity"), W("consistency"),
                                                   W("coverage"),   W("timeliness"),
                                                   W("uniqueness") };
static const struct std_word type_words[]      = { W("library"), W("text"), W("sql"), W("custom") };
static const struct std_word metric_words[]    = { W("nullValues"), W("missingValues"),
                                                   W("invalidValues"), W("duplicateValues"),
                                                   W("rowCount") };
/* The short names of docs/data-quality.md. */
static const struct std_word short_words[] = { W("ac"), W("cp"), W("cf"), W("cs"),
                                               W("cv"), W("tm"), W("uq") };
#undef W
static const struct std_words short_dimensions   = { short_words, COUNT_OF(short_words) };
static const struct std_words quality_dimensions = { dimension_words, COUNT_OF(dimension_words) };
static const struct std_words quality_types      = { type_words, COUNT_OF(type_words) };
static const struct std_words quality_metrics    = { metric_words, COUNT_OF(metric_words) };

/* ---- what the fields mean together ---- */

enum odcs_metric odcs_metric_of(str text)
{
    for (size_t i = 0; i < COUNT_OF(metric_words); i++) {
        if (str_eq_nocase(text, metric_words[i].text)) {
            return (enum odcs_metric)(i + 1);
        }
    }
    /* spellings of v3.0 documents */
    if (str_eq_nocase(text, S("duplicateCount")) || str_eq_nocase(text, S("unique"))) {
        return ODCS_METRIC_DUPLICATE_VALUES;
    }
    if (str_eq_nocase(text, S("nullCheck")) || str_eq_nocase(text, S("nullCount"))) {
        return ODCS_METRIC_NULL_VALUES;
    }
    return str_eq_nocase(text, S("validValues")) ? ODCS_METRIC_INVALID_VALUES : ODCS_METRIC_NONE;
}

str odcs_metric_name(enum odcs_metric metric)
{
    return metric == ODCS_METRIC_NONE ? STR_NONE : metric_words[metric - 1].text;
}

str odcs_operator_name(enum odcs_operator op)
{
    static const str names[] = { STR_INIT(""),
                                 STR_INIT("mustBe"),
                                 STR_INIT("mustNotBe"),
                                 STR_INIT("mustBeGreaterThan"),
                                 STR_INIT("mustBeGreaterOrEqualTo"),
                                 STR_INIT("mustBeLessThan"),
                                 STR_INIT("mustBeLessOrEqualTo"),
                                 STR_INIT("mustBeBetween"),
                                 STR_INIT("mustNotBeBetween") };

    return names[op];
}

static struct std_num number_of(const struct yaml_node *node)
{
    struct std_num n = { .text = node->text, .at = node->pos };

    return yaml_number(node, &n.v) ? n : (struct std_num){ .text = STR_NONE };
}

static void take_bounds(struct odcs_quality *q, const struct std_any *pair)
{
    if (pair->node->kind == YAML_LIST && pair->node->count == 2) {
        struct std_num a = number_of(pair->node->items[0]);
        struct std_num b = number_of(pair->node->items[1]);

        q->low  = a.v <= b.v ? a : b;
        q->high = a.v <= b.v ? b : a;
    }
}

static void take_operator(struct odcs_quality *q, enum odcs_operator op)
{
    const struct std_num *numbers[] = { &q->greater_than, &q->greater_or_equal, &q->less_than,
                                        &q->less_or_equal };
    const struct std_any *any       = op == ODCS_MUST_BE ? &q->must_be : &q->must_not_be;

    q->op = op;
    if (op == ODCS_MUST_BE || op == ODCS_MUST_NOT_BE) {
        q->operand = *any;
        if (any->node->kind == YAML_INT || any->node->kind == YAML_FLOAT) {
            q->low = number_of(any->node);
        }
    } else if (op == ODCS_BETWEEN || op == ODCS_NOT_BETWEEN) {
        take_bounds(q, op == ODCS_BETWEEN ? &q->between : &q->not_between);
    } else {
        q->low = *numbers[op - ODCS_GREATER_THAN];
    }
}

/* How many operators are written, and where the second one stands. */
static size_t count_operators(const struct yaml_node *map, struct diag_pos *second)
{
    size_t count = 0;

    for (size_t i = 0; i < map->count; i++) {
        bool is_one = false;

        for (int op = ODCS_MUST_BE; op <= ODCS_NOT_BETWEEN; op++) {
            is_one |= str_eq(map->members[i].key, odcs_operator_name((enum odcs_operator)op));
        }
        count += is_one;
        if (is_one && count == 2) {
            *second = map->members[i].key_pos;
        }
    }
    return count;
}

/* Finds the operator that was read, and whether it is the only one written. */
static void find_operator(struct std_reader *r, const struct yaml_node *map, struct odcs_quality *q)
{
    const struct diag_pos places[] = { q->must_be.at,      q->must_not_be.at,
                                       q->greater_than.at, q->greater_or_equal.at,
                                       q->less_than.at,    q->less_or_equal.at,
                                       q->between.at,      q->not_between.at };
    struct branches       b        = branches_of(r, map);
    bool                  old      = r->version <= ODCS_3_0_2;
    struct diag_pos       second   = map->pos;
    size_t                written  = count_operators(map, &second);

    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i].line && q->op == ODCS_OP_NONE) {
            take_operator(q, (enum odcs_operator)(i + 1));
            q->op_at = places[i];
        }
    }
    if ((!b.library && !b.sql) || written == 1) {
        return;
    }
    if (written == 0) {
        std_report(r, old ? STD_RULE_OPERATOR_OLD : STD_RULE_OPERATOR_MISSING, map->pos,
                   S("add mustBe, mustBeLessThan, mustBeBetween …"),
                   "a quality rule of type %s needs an operator", b.sql ? "sql" : "library");
    } else {
        std_report(r, old ? STD_RULE_OPERATOR_OLD : STD_RULE_OPERATOR_SEVERAL, second,
                   S("write one rule for each"),
                   "a quality rule has exactly one operator, found %zu", written);
    }
}

static void check_arguments(struct std_reader *r, const struct odcs_quality *q)
{
    if (r->version <= ODCS_3_0_2) {
        return;
    }
    if (q->metric == ODCS_METRIC_MISSING_VALUES && !std_is_set(q->arguments.missing_values)) {
        std_report(r, STD_RULE_METRIC_ARGUMENTS, q->metric_text.at,
                   S("add arguments: {missingValues: [...]}"),
                   "missingValues without the list \"arguments.missingValues\" counts nulls only");
    }
    if (q->metric == ODCS_METRIC_INVALID_VALUES && !std_is_set(q->arguments.valid_values) &&
        !std_is_set(q->arguments.pattern)) {
        std_report(r, STD_RULE_METRIC_ARGUMENTS, q->metric_text.at,
                   S("add arguments: {validValues: [...]} or {pattern: ...}"),
                   "invalidValues needs \"arguments.validValues\" or \"arguments.pattern\"");
    }
}

static void finish_quality(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odcs_quality *q = made;

    for (size_t i = 0; i < COUNT_OF(type_words); i++) {
        if (str_eq(q->type_text.v, type_words[i].text)) {
            q->type = (enum odcs_quality_type)i;
        }
    }
    q->metric = odcs_metric_of(std_is_set(q->metric_text) ? q->metric_text.v : q->rule.v);
    find_operator(r, map, q);
    check_arguments(r, q);
}

/* ---- tables ---- */

static const struct std_field arguments_fields[] = {
    STD_F(struct odcs_arguments, missing_values, "missingValues", STD_SEQUENCE,
          STD_HELP("values that count as missing")),
    STD_F(struct odcs_arguments, valid_values, "validValues", STD_SEQUENCE,
          STD_HELP("values that are valid")),
    STD_F(struct odcs_arguments, pattern, "pattern", STD_STRING,
          STD_HELP("regular expression of valid values, ECMA-262")),
    STD_F(struct odcs_arguments, properties, "properties", STD_STRINGS,
          STD_HELP("properties that form the key")),
};
static const struct std_shape shape_arguments =
    STD_SHAPE(struct odcs_arguments, "arguments", arguments_fields,
              .closed_since = STD_NEVER_CLOSED, .is_loose = true);

#define Q(member, key, kind, ...) STD_F(struct odcs_quality, member, key, kind, __VA_ARGS__)

static const struct std_field quality_fields[] = {
    ODCS_ID(struct odcs_quality),
    Q(name, "name", STD_STRING, STD_HELP("name of the rule")),
    Q(description, "description", STD_STRING, STD_HELP("what the rule means")),
    Q(type_text, "type", STD_STRING, .words = &quality_types,
      STD_HELP("library (default), text, sql or custom")),
    Q(metric_text, "metric", STD_STRING, .since = ODCS_3_1_0, .words = &quality_metrics,
      STD_HELP("what a library rule measures")),
    Q(rule, "rule", STD_STRING, .old_since = ODCS_3_1_0, STD_HELP("write \"metric\" instead")),
    Q(arguments, "arguments", STD_OBJECT, .since = ODCS_3_1_0, .shape = &shape_arguments,
      STD_HELP("what the metric needs; stands with a metric only")),
    Q(query, "query", STD_STRING, STD_HELP("SQL that returns one number or boolean (type: sql)")),
    Q(engine, "engine", STD_STRING, STD_HELP("who runs a custom rule (type: custom)")),
    Q(implementation, "implementation", STD_STRING, .store = STD_AS_NODE,
      STD_HELP("the engine's own text (type: custom)")),
    Q(implementation, "implementation", STD_MAPPING,
      STD_HELP("the engine's own text (type: custom)")),
    Q(must_be, "mustBe", STD_ANY, STD_HELP("operators stand with type library or sql")),
    Q(must_not_be, "mustNotBe", STD_ANY, STD_HELP("operators stand with type library or sql")),
    Q(greater_than, "mustBeGreaterThan", STD_NUM,
      STD_HELP("operators stand with type library or sql")),
    Q(greater_or_equal, "mustBeGreaterOrEqualTo", STD_NUM,
      STD_HELP("operators stand with type library or sql")),
    Q(less_than, "mustBeLessThan", STD_NUM, STD_HELP("operators stand with type library or sql")),
    Q(less_or_equal, "mustBeLessOrEqualTo", STD_NUM,
      STD_HELP("operators stand with type library or sql")),
    Q(between, "mustBeBetween", STD_PAIR, STD_HELP("operators stand with type library or sql")),
    Q(not_between, "mustNotBeBetween", STD_PAIR,
      STD_HELP("operators stand with type library or sql")),
    Q(unit, "unit", STD_STRING, STD_HELP("rows (default) or percent")),
    Q(dimension, "dimension", STD_STRING, .words = &quality_dimensions,
      .text_words = &short_dimensions, STD_HELP("which side of quality it speaks of")),
    Q(method, "method", STD_STRING, STD_HELP("a label: reconciliation …")),
    Q(severity, "severity", STD_STRING, STD_HELP("info, warning, error")),
    Q(business_impact, "businessImpact", STD_STRING, STD_HELP("what a failure means")),
    Q(schedule, "schedule", STD_STRING, STD_HELP("when it runs")),
    Q(scheduler, "scheduler", STD_STRING, STD_HELP("who runs it")),
    ODCS_TAGS(struct odcs_quality, 0),
    ODCS_DEFINITIONS(struct odcs_quality, 0),
    ODCS_CUSTOM(struct odcs_quality, 0),
};
#undef Q

const struct std_shape odcs_shape_quality =
    STD_SHAPE(struct odcs_quality, "quality rule", quality_fields, .closed_since = ODCS_3_1_0,
              .here = quality_here, .finish = finish_quality);
