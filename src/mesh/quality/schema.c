/*
 * schema.c - columns, types and formats: what the contract declares against what the table has.
 *
 * Columns and types are answered from the table's schema when the plan is made; no data is read.
 * ODCS says a format is extra context, so a text that breaks it is a warning; a number outside of
 * its width is an error. Formats of dates say how to write them: no matter of typed columns.
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

    ignore(str_split(physical, '(', &head, &rest) ? ST_OK : ST_NOT_FOUND,
           "a type without parameters");
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

/* ------------------------------------------------------------------------- formats */

/* ECMA-262, as a contract would have them. */
static const struct {
    str name, pattern;
} text_formats[] = {
    { STR_INIT("uuid"), STR_INIT("^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-"
                                 "[0-9A-Fa-f]{12}$") },
    { STR_INIT("email"), STR_INIT("^[^@\\s]+@[^@\\s.]+(?:\\.[^@\\s.]+)+$") },
    { STR_INIT("uri"), STR_INIT("^[A-Za-z][A-Za-z0-9+.\\-]*:[^\\s]+$") },
    { STR_INIT("hostname"), STR_INIT("^(?:[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?\\.)*"
                                     "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,61}[A-Za-z0-9])?$") },
    { STR_INIT("ipv4"), STR_INIT("^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}"
                                 "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)$") },
    { STR_INIT("ipv6"),
      STR_INIT("^(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|"
               "(?:[0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|"
               "(?:[0-9A-Fa-f]{1,4}:){1,5}(?::[0-9A-Fa-f]{1,4}){1,2}|"
               "(?:[0-9A-Fa-f]{1,4}:){1,4}(?::[0-9A-Fa-f]{1,4}){1,3}|"
               "(?:[0-9A-Fa-f]{1,4}:){1,3}(?::[0-9A-Fa-f]{1,4}){1,4}|"
               "(?:[0-9A-Fa-f]{1,4}:){1,2}(?::[0-9A-Fa-f]{1,4}){1,5}|"
               "[0-9A-Fa-f]{1,4}:(?::[0-9A-Fa-f]{1,4}){1,6}|:(?::[0-9A-Fa-f]{1,4}){1,7}|::)$") },
    { STR_INIT("date"), STR_INIT("^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$") },
    { STR_INIT("date-time"),
      STR_INIT("^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])[Tt ](?:[01]\\d|2[0-3]):[0-5]\\d:"
               "(?:[0-5]\\d|60)(?:\\.\\d+)?(?:[Zz]|[+\\-](?:[01]\\d|2[0-3]):[0-5]\\d)$") },
    { STR_INIT("time"), STR_INIT("^(?:[01]\\d|2[0-3]):[0-5]\\d:(?:[0-5]\\d|60)(?:\\.\\d+)?"
                                 "(?:[Zz]|[+\\-](?:[01]\\d|2[0-3]):[0-5]\\d)?$") },
};

static const struct {
    str name, low, high;
} integer_formats[] = {
    { STR_INIT("i8"), STR_INIT("-128"), STR_INIT("127") },
    { STR_INIT("i16"), STR_INIT("-32768"), STR_INIT("32767") },
    { STR_INIT("i32"), STR_INIT("-2147483648"), STR_INIT("2147483647") },
    { STR_INIT("i64"), STR_INIT("-9223372036854775808"), STR_INIT("9223372036854775807") },
    { STR_INIT("i128"), STR_INIT("-170141183460469231731687303715884105728"),
      STR_INIT("170141183460469231731687303715884105727") },
    { STR_INIT("u8"), STR_INIT("0"), STR_INIT("255") },
    { STR_INIT("u16"), STR_INIT("0"), STR_INIT("65535") },
    { STR_INIT("u32"), STR_INIT("0"), STR_INIT("4294967295") },
    { STR_INIT("u64"), STR_INIT("0"), STR_INIT("18446744073709551615") },
    { STR_INIT("u128"), STR_INIT("0"), STR_INIT("340282366920938463463374607431768211455") },
};

static struct check *add_format(const struct place *p, str format)
{
    struct check *c = check_add_at(p, S("format"));

    c->head.dimension = S("conformity");
    c->head.threshold = arena_printf(p->cx->arena, "format " STR_FMT, STR_ARG(format));
    c->phrase = arena_printf(p->cx->arena, "are no " STR_FMT " in \"" STR_FMT "\"", STR_ARG(format),
                             STR_ARG(p->path));
    return c;
}

static void derive_text_format(const struct place *p, str format)
{
    struct check *c = add_format(p, format);
    str           bad, unknown;

    c->head.severity = QUALITY_WARNING;
    if (p->type->kind == VALTYPE_UUID && str_eq(format, S("uuid"))) {
        c->measure  = MEASURE_NOTHING;
        c->state    = STATE_COUNTED;
        c->head.how = QUALITY_BY_SCHEMA;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(text_formats); i++)
        if (str_eq_nocase(text_formats[i].name, format)) {
            if (pattern_conditions(p, c, text_formats[i].pattern, &bad, &unknown))
                check_set_bad(p, c, bad, unknown);
            return;
        }
    check_give_up(
        c, arena_printf(p->cx->arena, "format \"" STR_FMT "\" is not checked", STR_ARG(format)));
}

/* Nothing to count when the column's own type is no wider. */
static void derive_integer_format(const struct place *p, str format)
{
    struct check *c;
    int           low, high;

    for (size_t i = 0; i < COUNT_OF(integer_formats); i++) {
        str from = integer_formats[i].low, to = integer_formats[i].high, low_sql, high_sql;
        if (!str_eq(integer_formats[i].name, format))
            continue;
        c = add_format(p, format);
        if (p->type->kind == VALTYPE_INT && valtype_compare(p->type, p->type->low, from, &low) &&
            valtype_compare(p->type, p->type->high, to, &high) && low >= 0 && high <= 0) {
            c->measure  = MEASURE_NOTHING;
            c->state    = STATE_COUNTED;
            c->head.how = QUALITY_BY_SCHEMA;
        } else if (valtype_is_number(p->type) && valtype_literal(p->cx, p->type, from, &low_sql) &&
                   valtype_literal(p->cx, p->type, to, &high_sql)) {
            check_set_bad(p, c,
                          sqlb(p->cx, "%q < %q OR %q > %q", p->expr, low_sql, p->expr, high_sql),
                          STR_NONE);
        } else {
            check_give_up(c, S("the column is no number"));
        }
        return;
    }
}

void derive_format(const struct place *p)
{
    const struct std_str *format = &p->property->options.format;

    if (!std_is_set(*format))
        return;
    if (p->property->logical == ODCS_INTEGER || p->property->logical == ODCS_NUMBER)
        derive_integer_format(p, format->v);
    else if (p->property->logical == ODCS_STRING || p->property->logical == ODCS_NONE)
        derive_text_format(p, format->v);
}
