/*
 * schema.c - columns and types: what the contract declares against what the staged table has.
 *
 * Answered from the table's schema when the plan is made; no data is read.
 */
#include "quality/quality_int.h"

/* Which engine types a logical type may have. */
static bool logical_fits(enum odcs_logical logical, const struct valtype *type)
{
    switch (logical) {
    case ODCS_NONE: return true;
    case ODCS_STRING:
        return type->kind == VALTYPE_TEXT || type->kind == VALTYPE_UUID ||
               type->kind == VALTYPE_ENUM || type->kind == VALTYPE_BLOB ||
               str_eq(type->text, S("JSON"));
    case ODCS_DATE: return type->kind == VALTYPE_DATE;
    case ODCS_TIMESTAMP:
        return type->kind == VALTYPE_TIMESTAMP || type->kind == VALTYPE_TIMESTAMP_TZ;
    case ODCS_TIME: return type->kind == VALTYPE_TIME;
    case ODCS_NUMBER: return valtype_is_number(type);
    case ODCS_INTEGER:
        return type->kind == VALTYPE_INT || (type->kind == VALTYPE_DECIMAL && type->scale == 0);
    case ODCS_OBJECT:
        return type->kind == VALTYPE_STRUCT || type->kind == VALTYPE_MAP ||
               str_eq(type->text, S("JSON"));
    case ODCS_ARRAY: return type->kind == VALTYPE_LIST;
    case ODCS_BOOLEAN: return type->kind == VALTYPE_BOOL;
    case ODCS_MAP: return type->kind == VALTYPE_MAP;
    case ODCS_VECTOR: return type->kind == VALTYPE_LIST && valtype_is_number(&type->children[0]);
    }
    BUG("unknown logical type");
}

static void settle_schema(struct check *c, bool is_right)
{
    c->measure        = MEASURE_NOTHING;
    c->state          = STATE_COUNTED;
    c->bad_count      = is_right ? 0 : 1;
    c->head.how       = QUALITY_BY_SCHEMA;
    c->head.unit      = STR_NONE;
    c->head.dimension = S("conformity");
    c->shown_count    = 0;
}

/* Physical types that are the same word in every system; others are not judged. */
static const struct {
    str words; /* lower case, blank-separated; "_" stands for a blank */
    str engine;
} physical_types[] = {
    { STR_INIT("tinyint int1"), STR_INIT("TINYINT") },
    { STR_INIT("smallint int2"), STR_INIT("SMALLINT") },
    { STR_INIT("integer int int4"), STR_INIT("INTEGER") },
    { STR_INIT("bigint int8 long"), STR_INIT("BIGINT") },
    { STR_INIT("double double_precision float8"), STR_INIT("DOUBLE") },
    { STR_INIT("varchar text string"), STR_INIT("VARCHAR") },
    { STR_INIT("boolean bool"), STR_INIT("BOOLEAN") },
    { STR_INIT("date"), STR_INIT("DATE") },
};

static str physical_engine_type(str physical)
{
    str head = physical, rest, words, word;

    ignore(str_split(physical, '(', &head, &rest) ? ST_OK : ST_OK, "a type without parameters");
    head = str_trim(head);
    for (size_t i = 0; i < COUNT_OF(physical_types); i++) {
        words = physical_types[i].words;
        while (str_cut(&words, ' ', &word))
            if (str_eq_nocase(word, head) ||
                (str_eq(word, S("double_precision")) && str_eq_nocase(head, S("double precision"))))
                return physical_types[i].engine;
    }
    return STR_NONE;
}

/* A warning: the contract's physical type may be the one of the source, not of what is published. */
static void derive_physical(const struct place *p)
{
    str           physical = std_text(p->property->physical_type, STR_NONE);
    str           expected = physical_engine_type(physical);
    struct check *c;

    if (expected.len == 0)
        return;
    c                 = check_add_at(p, S("physicalType"));
    c->head.severity  = QUALITY_WARNING;
    c->head.threshold = physical;
    settle_schema(c, str_eq(expected, p->type->text));
    c->reason = arena_printf(
        p->cx->arena, "column \"" STR_FMT "\" is " STR_FMT ", the contract says \"" STR_FMT "\"",
        STR_ARG(p->path), STR_ARG(p->type->text), STR_ARG(physical));
}

void derive_type(const struct place *p)
{
    struct check *c       = check_add_at(p, S("type"));
    str           logical = odcs_logical_name(p->property->logical);

    if (p->property->logical != ODCS_NONE)
        c->head.threshold = logical;
    settle_schema(c, logical_fits(p->property->logical, p->type));
    c->reason = arena_printf(p->cx->arena,
                             "column \"" STR_FMT "\" is " STR_FMT ", the contract says " STR_FMT
                             "; cast it in the SQL or change the contract",
                             STR_ARG(p->path), STR_ARG(p->type->text), STR_ARG(logical));
    derive_physical(p);
}

void derive_missing_column(struct ctx *cx, struct quality_plan *plan, str path)
{
    struct check *c = check_add(cx, plan, path, S("type"));

    settle_schema(c, false);
    c->reason = arena_printf(cx->arena, "column \"" STR_FMT "\" is missing", STR_ARG(path));
}

void derive_undeclared(struct ctx *cx, struct quality_plan *plan, str name)
{
    struct check *c = check_add(cx, plan, name, S("undeclared"));

    settle_schema(c, false);
    c->reason = arena_printf(cx->arena,
                             "column \"" STR_FMT "\" is not in the contract; add it there or leave "
                             "it out of the SQL",
                             STR_ARG(name));
}
