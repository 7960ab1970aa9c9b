/*
 * rules.c - the quality rules of a contract: library metrics, sql, text, custom.
 *
 * Semantics are those of the standard with the choices of standards 2.8: missing is NULL or listed;
 * invalid leaves missing values out; duplicateValues counts distinct keys that occur more than once;
 * a pattern is searched; percent is of all rows, and is ignored for duplicates and row counts.
 */
#include "quality/quality_int.h"

#include "codec/yaml.h"

static const struct {
    str short_form, name;
} dimensions[] = {
    { STR_INIT("ac"), STR_INIT("accuracy") },   { STR_INIT("cp"), STR_INIT("completeness") },
    { STR_INIT("cf"), STR_INIT("conformity") }, { STR_INIT("cs"), STR_INIT("consistency") },
    { STR_INIT("cv"), STR_INIT("coverage") },   { STR_INIT("tm"), STR_INIT("timeliness") },
    { STR_INIT("uq"), STR_INIT("uniqueness") },
};

static str dimension_of(str text)
{
    for (size_t i = 0; i < COUNT_OF(dimensions); i++)
        if (str_eq_nocase(text, dimensions[i].short_form))
            return dimensions[i].name;
    return text;
}

static void read_threshold(const struct odcs_quality *rule, struct threshold *out)
{
    *out = (struct threshold){ .op = rule->op, .low = rule->low.v, .high = rule->high.v };
    if (rule->op == ODCS_MUST_BE || rule->op == ODCS_MUST_NOT_BE) {
        if (!std_any_text(rule->operand, &out->operand))
            out->operand = STR_NONE;
        out->is_number = yaml_number(rule->operand.node, &out->low);
    }
    out->is_percent = str_eq_nocase(rule->unit.v, S("percent"));
}

static str kind_of(const struct odcs_quality *rule)
{
    switch (rule->type) {
    case ODCS_QUALITY_LIBRARY:
        return rule->metric == ODCS_METRIC_NONE ? S("library") : odcs_metric_name(rule->metric);
    case ODCS_QUALITY_TEXT: return S("text");
    case ODCS_QUALITY_SQL: return S("sql");
    case ODCS_QUALITY_CUSTOM: return S("custom");
    }
    BUG("unknown type of rule");
}

/* A check with what does not depend on the rule's type. */
static struct check *add_rule(struct ctx *cx, struct quality_plan *plan, str path,
                              const struct odcs_quality *rule)
{
    struct check *c = check_add_named(cx, plan, path, kind_of(rule), std_text(rule->id, STR_NONE));

    c->head.name      = std_text(rule->name, std_text(rule->id, c->head.kind));
    c->head.severity  = quality_severity_of(std_text(rule->severity, STR_NONE));
    c->head.dimension = dimension_of(std_text(rule->dimension, STR_NONE));
    read_threshold(rule, &c->limit);
    if (c->limit.op == ODCS_OP_NONE && rule->type == ODCS_QUALITY_LIBRARY &&
        rule->metric != ODCS_METRIC_ROW_COUNT) {
        c->limit.op        = ODCS_MUST_BE; /* v3.0.2 needs no operator: none is allowed */
        c->limit.operand   = S("0");
        c->limit.is_number = true;
    }
    c->head.threshold = threshold_text(cx, &c->limit);
    if (c->limit.is_percent)
        c->head.unit = S("percent");
    return c;
}

/* ------------------------------------------------------------------------- library metrics */

static size_t list_texts(struct ctx *cx, struct std_any list, str **out)
{
    size_t kept = 0;

    *out = NULL;
    if (list.node == NULL || list.node->kind != YAML_LIST)
        return 0;
    *out = arena_array(cx->arena, list.node->count, sizeof(str));
    for (size_t i = 0; i < list.node->count; i++) {
        struct std_any item = { .node = list.node->items[i], .at = list.at };
        if (std_any_text(item, &(*out)[kept]))
            kept++;
    }
    return kept;
}

/* NULL or one of the listed values. */
static str missing_condition(const struct place *p, const struct odcs_quality *rule)
{
    str   *values;
    size_t count = list_texts(p->cx, rule->arguments.missing_values, &values);

    if (count == 0)
        return sqlb(p->cx, "%q IS NULL", p->expr);
    return sqlb(p->cx, "(%q IS NULL OR %q)", p->expr, place_in_list(p, values, count));
}

static void set_invalid(const struct place *p, struct check *c, const struct odcs_quality *rule)
{
    str   *values, bad = STR_NONE, unknown = STR_NONE, by_pattern;
    size_t count = list_texts(p->cx, rule->arguments.valid_values, &values);
    str    there = sqlb(p->cx, "NOT %q", missing_condition(p, rule));

    if (rule->arguments.valid_values.node != NULL)
        bad = sqlb(p->cx, "NOT (%q)", place_in_list(p, values, count));
    if (std_is_set(rule->arguments.pattern)) {
        if (!pattern_conditions(p, c, rule->arguments.pattern.v, &by_pattern, &unknown))
            return;
        bad = bad.len == 0 ? by_pattern : sqlb(p->cx, "(%q OR %q)", bad, by_pattern);
    }
    if (bad.len == 0) {
        check_give_up(c, S("invalidValues needs validValues or a pattern"));
        return;
    }
    c->phrase = arena_printf(p->cx->arena, "are invalid in \"" STR_FMT "\"", STR_ARG(p->path));
    check_set_bad(p, c, sqlb(p->cx, "%q AND %q", there, bad),
                  unknown.len == 0 ? unknown : sqlb(p->cx, "%q AND %q", there, unknown));
}

static void set_duplicates(struct ctx *cx, struct check *c, const str *keys, size_t count)
{
    c->measure          = MEASURE_KEYS;
    c->keys             = keys;
    c->key_count        = count;
    c->limit.is_percent = false;
    c->head.unit        = S("keys");
    c->phrase           = S("occur more than once");
    c->head.threshold   = threshold_text(cx, &c->limit);
}

static void set_row_count(struct ctx *cx, struct check *c)
{
    c->measure          = MEASURE_ROWS;
    c->limit.is_percent = false;
    c->head.unit        = S("rows");
    c->head.threshold   = threshold_text(cx, &c->limit);
    if (c->limit.op == ODCS_OP_NONE)
        check_give_up(c, S("it has no operator to compare the row count with"));
}

static bool is_in_list(const struct place *p)
{
    for (; p != NULL; p = p->up)
        if (p->list.len > 0)
            return true;
    return false;
}

static void derive_library(const struct place *p, const struct odcs_quality *rule)
{
    struct ctx   *cx = p->cx;
    struct check *c  = add_rule(cx, p->plan, p->path, rule);
    str          *keys;

    check_set_place(p, c);
    switch (rule->metric) {
    case ODCS_METRIC_NONE: check_give_up(c, S("its metric is not known")); break;
    case ODCS_METRIC_NULL_VALUES:
        c->phrase = arena_printf(cx->arena, "have no value in \"" STR_FMT "\"", STR_ARG(p->path));
        c->proof  = p->up == NULL ? PROOF_NULLS : PROOF_NONE;
        check_set_bad(p, c, sqlb(cx, "%q IS NULL", p->expr), STR_NONE);
        break;
    case ODCS_METRIC_MISSING_VALUES:
        c->phrase = arena_printf(cx->arena, "are missing in \"" STR_FMT "\"", STR_ARG(p->path));
        check_set_bad(p, c, missing_condition(p, rule), STR_NONE);
        break;
    case ODCS_METRIC_INVALID_VALUES: set_invalid(p, c, rule); break;
    case ODCS_METRIC_DUPLICATE_VALUES:
        keys    = arena_array(cx->arena, 1, sizeof(str));
        keys[0] = p->expr;
        set_duplicates(cx, c, keys, 1);
        c->keys_are_ordered = valtype_is_scalar(p->type);
        if (is_in_list(p))
            check_give_up(c, S("uniqueness of values inside lists is not checked"));
        break;
    case ODCS_METRIC_ROW_COUNT: set_row_count(cx, c); break;
    }
}

/* ------------------------------------------------------------------------- other types */

static void set_sql(struct check *c, const struct quality_plan *plan,
                    const struct odcs_quality *rule, const struct place *p)
{
    c->measure          = MEASURE_NUMBER;
    c->head.how         = QUALITY_BY_QUERY;
    c->query            = std_text(rule->query, STR_NONE);
    c->object           = plan->subject->table;
    c->property         = p != NULL ? p->property->name.v : STR_NONE;
    c->limit.is_percent = false;
    c->head.unit        = std_text(rule->unit, STR_NONE);
    if (c->query.len == 0)
        check_give_up(c, S("it has no query"));
    else if (c->limit.op == ODCS_OP_NONE)
        check_give_up(c, S("it has no operator to compare the query's value with"));
    else if (plan->subject->guard == NULL || plan->subject->resolver == NULL)
        check_give_up(c, S("sql rules are not run here"));
}

static void set_custom(struct ctx *cx, struct check *c, const struct odcs_quality *rule)
{
    c->measure        = MEASURE_NOTHING;
    c->head.threshold = STR_NONE;
    c->head.unit      = STR_NONE;
    if (rule->type == ODCS_QUALITY_TEXT)
        check_give_up(c, S("it is a text for people"));
    else
        check_give_up(c, arena_printf(cx->arena, "it is a rule for \"" STR_FMT "\"",
                                      STR_ARG(std_text(rule->engine, S("another engine")))));
}

void derive_property_rules(const struct place *p)
{
    for (size_t i = 0; i < p->property->quality.count; i++) {
        const struct odcs_quality *rule = &p->property->quality.items[i];
        struct check              *c;

        if (rule->type == ODCS_QUALITY_LIBRARY) {
            derive_library(p, rule);
            continue;
        }
        c = add_rule(p->cx, p->plan, p->path, rule);
        check_set_place(p, c);
        if (rule->type == ODCS_QUALITY_SQL)
            set_sql(c, p->plan, rule, p);
        else
            set_custom(p->cx, c, rule);
    }
}

void derive_lost_rules(struct ctx *cx, struct quality_plan *plan, str path,
                       const struct odcs_property *property)
{
    for (size_t i = 0; i < property->quality.count; i++) {
        const struct odcs_quality *rule = &property->quality.items[i];
        struct check              *c    = add_rule(cx, plan, path, rule);

        check_give_up(c, S("its column is missing"));
    }
}

/* ------------------------------------------------------------------------- table level */

static void set_table_duplicates(struct ctx *cx, struct quality_plan *plan, struct check *c,
                                 const struct odcs_quality *rule)
{
    const struct std_strs *names = &rule->arguments.properties;
    str                   *keys  = arena_array(cx->arena, names->count, sizeof(str));
    str                   *shown = arena_array(cx->arena, names->count, sizeof(str));
    size_t                 at;

    set_duplicates(cx, c, keys, names->count);
    c->keys_are_ordered = true;
    c->shown            = shown;
    c->shown_count      = names->count;
    if (names->count == 0)
        check_give_up(c, S("duplicateValues of a table needs properties"));
    for (size_t i = 0; i < names->count; i++) {
        shown[i] = names->items[i].v;
        keys[i]  = sqlb(cx, "%i", shown[i]);
        if (!plan_find_column(plan, shown[i], &at))
            check_give_up(
                c, arena_printf(cx->arena, "column \"" STR_FMT "\" is missing", STR_ARG(shown[i])));
        else if (!valtype_is_scalar(plan->types[at]))
            c->keys_are_ordered = false;
    }
    c->head.column = sqlb_join(cx, shown, names->count, S(", "));
}

static void derive_table_rule(struct ctx *cx, struct quality_plan *plan,
                              const struct odcs_quality *rule)
{
    struct check *c = add_rule(cx, plan, STR_NONE, rule);

    if (rule->type == ODCS_QUALITY_SQL)
        set_sql(c, plan, rule, NULL);
    else if (rule->type != ODCS_QUALITY_LIBRARY)
        set_custom(cx, c, rule);
    else if (rule->metric == ODCS_METRIC_ROW_COUNT)
        set_row_count(cx, c);
    else if (rule->metric == ODCS_METRIC_DUPLICATE_VALUES)
        set_table_duplicates(cx, plan, c, rule);
    else
        check_give_up(c, S("this metric is for properties, not for a table"));
}

void derive_object_rules(struct ctx *cx, struct quality_plan *plan)
{
    const struct odcs_qualities *rules = &plan->subject->object->quality;

    for (size_t i = 0; i < rules->count; i++)
        derive_table_rule(cx, plan, &rules->items[i]);
}
