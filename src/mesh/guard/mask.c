/*
 * mask.c - what the policies decided about a relation, as nodes of the tree.
 *
 * Every function is called as system.main.name, which no person's macro can shadow. Attributes of the
 * principal are literals already. No mask fails for any value: a coarse one that could overflow stands
 * in TRY, so no value can get into a message.
 */
#include "guard/guard_int.h"

#define OWN_CATALOG "system"

/* ---- small parts ---- */

static struct json *list_of(struct arena *a, struct json *first, struct json *second)
{
    struct json *list = json_new_array(a);

    json_append(a, list, first);
    if (second) {
        json_append(a, list, second);
    }
    return list;
}

static struct json *call(struct arena *a, str name, struct json *args)
{
    struct json *e = guard_build_call(a, S("main"), name, args);

    json_set(a, e, S("catalog"), json_new_str(a, S(OWN_CATALOG)));
    return e;
}

/* An arithmetic operator of the engine, for which no other can stand. */
static struct json *arithmetic(struct arena *a, str name, struct json *left, struct json *right)
{
    struct json *e = guard_build_call(a, S(""), name, list_of(a, left, right));

    json_set(a, e, S("is_operator"), json_new_bool(a, true));
    return e;
}

static struct json *operation(struct arena *a, str type, struct json *children)
{
    struct json *e = guard_build_expr(a, S("OPERATOR"), type);

    json_set(a, e, S("children"), children);
    return e;
}

static struct json *compare(struct arena *a, str type, struct json *left, struct json *right)
{
    struct json *e = guard_build_expr(a, S("COMPARISON"), type);

    json_set(a, e, S("left"), left);
    json_set(a, e, S("right"), right);
    return e;
}

static struct json *boolean(struct arena *a, bool truth)
{
    return guard_build_cast(a, guard_build_text(a, truth ? S("t") : S("f")),
                            guard_build_type(a, S("BOOLEAN")));
}

static struct json *type_of(struct arena *a, const struct guard_relation *r, size_t column)
{
    struct json *type = guard_type_tree(a, r->columns[column].type);

    if (!type) {
        BUG("a column of a relation has a type that is not on the list");
    }
    return type;
}

static struct json *cast_to_column(struct arena *a, const struct guard_relation *r, size_t column,
                                   struct json *value)
{
    return guard_build_cast(a, value, type_of(a, r, column));
}

struct json *guard_mask_case(struct arena *a, struct json *when, struct json *then,
                             struct json *otherwise)
{
    struct json *e      = guard_build_expr(a, S("CASE"), S("CASE_EXPR"));
    struct json *check  = json_new_object(a);
    struct json *checks = json_new_array(a);

    json_set(a, check, S("when_expr"), when);
    json_set(a, check, S("then_expr"), then);
    json_append(a, checks, check);
    json_set(a, e, S("case_checks"), checks);
    json_set(a, e, S("else_expr"), otherwise);
    return e;
}

/* ---- rows ---- */

struct rows {
    struct arena                *a;
    const struct guard_relation *r;
};

static struct json *literal(struct rows *x, const struct policy_expr *e, size_t i)
{
    struct json *text = guard_build_text(x->a, e->values[i].text);

    return str_eq(x->r->columns[e->column].type, S("VARCHAR"))
               ? text
               : cast_to_column(x->a, x->r, e->column, text);
}

/* How each test is written; exactly one of the three names is set. */
static const struct {
    const char *comparison, *function, *operation;
} tests[] = {
    [POLICY_EQ]          = { .comparison = "COMPARE_EQUAL" },
    [POLICY_NE]          = { .comparison = "COMPARE_NOTEQUAL" },
    [POLICY_LT]          = { .comparison = "COMPARE_LESSTHAN" },
    [POLICY_LE]          = { .comparison = "COMPARE_LESSTHANOREQUALTO" },
    [POLICY_GT]          = { .comparison = "COMPARE_GREATERTHAN" },
    [POLICY_GE]          = { .comparison = "COMPARE_GREATERTHANOREQUALTO" },
    [POLICY_IN]          = { .operation = "COMPARE_IN" },
    [POLICY_NOT_IN]      = { .operation = "COMPARE_NOT_IN" },
    [POLICY_STARTS_WITH] = { .function = "starts_with" },
    [POLICY_ENDS_WITH]   = { .function = "ends_with" },
    [POLICY_CONTAINS]    = { .function = "contains" },
    [POLICY_IS_NULL]     = { .operation = "OPERATOR_IS_NULL" },
    [POLICY_NOT_NULL]    = { .operation = "OPERATOR_IS_NOT_NULL" },
};

static struct json *build_test(struct rows *x, const struct policy_expr *e)
{
    struct json *column = guard_build_column(x->a, x->r->columns[e->column].name);
    struct json *args;

    if (tests[e->op].comparison) {
        return compare(x->a, str_of(tests[e->op].comparison), column, literal(x, e, 0));
    }
    args = list_of(x->a, column, NULL);
    for (size_t i = 0; i < e->value_count; i++) {
        json_append(x->a, args, literal(x, e, i));
    }
    return tests[e->op].function ? call(x->a, str_of(tests[e->op].function), args)
                                 : operation(x->a, str_of(tests[e->op].operation), args);
}

static struct json *build_rows(struct rows *x, const struct policy_expr *e)
{
    struct json *all, *items;

    switch (e->op) {
    case POLICY_TRUE: return boolean(x->a, true);
    case POLICY_FALSE: return boolean(x->a, false);
    case POLICY_AND:
    case POLICY_OR:
        if (e->item_count == 0) {
            return boolean(x->a, e->op == POLICY_AND);
        }
        if (e->item_count == 1) {
            return build_rows(x, &e->items[0]);
        }
        items = json_new_array(x->a);
        for (size_t i = 0; i < e->item_count; i++) {
            json_append(x->a, items, build_rows(x, &e->items[i]));
        }
        all = guard_build_expr(x->a, S("CONJUNCTION"),
                               e->op == POLICY_AND ? S("CONJUNCTION_AND") : S("CONJUNCTION_OR"));
        json_set(x->a, all, S("children"), items);
        return all;
    case POLICY_EQ:
    case POLICY_NE:
    case POLICY_LT:
    case POLICY_LE:
    case POLICY_GT:
    case POLICY_GE:
    case POLICY_IN:
    case POLICY_NOT_IN:
    case POLICY_STARTS_WITH:
    case POLICY_ENDS_WITH:
    case POLICY_CONTAINS:
    case POLICY_IS_NULL:
    case POLICY_NOT_NULL: return build_test(x, e);
    }
    BUG("row test");
}

struct json *guard_mask_rows(struct arena *a, const struct guard_relation *r)
{
    struct rows x = { a, r };

    return r->decision && r->decision->rows ? build_rows(&x, r->decision->rows) : NULL;
}

/* ---- masks ---- */

struct masking {
    struct arena                *a;
    const struct guard_relation *r;
    size_t                       column;
    const struct policy_mask    *mask;
    struct json                 *value; /* what is masked */
};

static bool is_type(const struct masking *m, str prefix)
{
    return str_starts(m->r->columns[m->column].type, prefix);
}

static struct json *mask_null(struct masking *m)
{
    return cast_to_column(m->a, m->r, m->column, guard_build_null(m->a));
}

static struct json *mask_constant(struct masking *m)
{
    return cast_to_column(m->a, m->r, m->column, guard_build_text(m->a, m->mask->text));
}

/* The value of a type that says nothing; NULL for types with parts. */
static const struct {
    str type, text;
} defaults[] = {
    { STR_INIT("VARCHAR"), STR_INIT("") },
    { STR_INIT("BOOLEAN"), STR_INIT("false") },
    { STR_INIT("DATE"), STR_INIT("1970-01-01") },
    { STR_INIT("TIMESTAMP"), STR_INIT("1970-01-01 00:00:00") },
    { STR_INIT("TIME"), STR_INIT("00:00:00") },
    { STR_INIT("UUID"), STR_INIT("00000000-0000-0000-0000-000000000000") },
    { STR_INIT("BLOB"), STR_INIT("") },
    { STR_INIT("TINYINT"), STR_INIT("0") },
    { STR_INIT("SMALLINT"), STR_INIT("0") },
    { STR_INIT("INTEGER"), STR_INIT("0") },
    { STR_INIT("BIGINT"), STR_INIT("0") },
    { STR_INIT("HUGEINT"), STR_INIT("0") },
    { STR_INIT("UTINYINT"), STR_INIT("0") },
    { STR_INIT("USMALLINT"), STR_INIT("0") },
    { STR_INIT("UINTEGER"), STR_INIT("0") },
    { STR_INIT("UBIGINT"), STR_INIT("0") },
    { STR_INIT("DECIMAL"), STR_INIT("0") },
    { STR_INIT("FLOAT"), STR_INIT("0") },
    { STR_INIT("DOUBLE"), STR_INIT("0") },
};

static struct json *mask_default(struct masking *m)
{
    str type = m->r->columns[m->column].type;

    for (size_t i = 0; i < COUNT_OF(defaults) && !str_has(type, S("[")); i++) {
        if (str_starts(type, defaults[i].type)) {
            return cast_to_column(m->a, m->r, m->column, guard_build_text(m->a, defaults[i].text));
        }
    }
    return mask_null(m);
}

/* The C functions of policy/mask.h: text to text with constant arguments. */
static struct json *mask_text(struct masking *m, str function, str argument)
{
    return call(m->a, function,
                list_of(m->a, m->value, argument.ptr ? guard_build_text(m->a, argument) : NULL));
}

static struct json *mask_redact(struct masking *m)
{
    return mask_text(m, S("weft_mask_redact"), STR_NONE);
}

static struct json *mask_email(struct masking *m)
{
    return mask_text(m, S("weft_mask_email"), STR_NONE);
}

static struct json *mask_zip3(struct masking *m)
{
    return mask_text(m, S("weft_mask_zip3"), STR_NONE);
}

static struct json *mask_ip(struct masking *m)
{
    return mask_text(m, S("weft_mask_ip"), STR_NONE);
}

static str number_text(const struct masking *m)
{
    return arena_printf(m->a, "%lld", (long long)m->mask->number);
}

static struct json *mask_first(struct masking *m)
{
    return mask_text(m, S("weft_mask_first"), number_text(m));
}

static struct json *mask_last(struct masking *m)
{
    return mask_text(m, S("weft_mask_last"), number_text(m));
}

static struct json *mask_regex(struct masking *m)
{
    struct json *args = list_of(m->a, m->value, guard_build_text(m->a, m->mask->text));

    json_append(m->a, args, guard_build_text(m->a, m->mask->replacement));
    json_append(m->a, args, guard_build_text(m->a, S("g")));
    return call(m->a, S("regexp_replace"), args);
}

/* How many values a hash may take in a type narrower than the 63 bits it has. */
static const struct {
    str     type;
    int64_t values;
} widths[] = {
    { STR_INIT("TINYINT"), 1 << 7 },           { STR_INIT("UTINYINT"), 1 << 8 },
    { STR_INIT("SMALLINT"), 1 << 15 },         { STR_INIT("USMALLINT"), 1 << 16 },
    { STR_INIT("INTEGER"), INT64_C(1) << 31 }, { STR_INIT("UINTEGER"), INT64_C(1) << 32 },
};

static struct json *mask_hash(struct masking *m)
{
    struct json *hash;

    if (m->r->mask_key.len == 0) {
        return mask_null(m);
    }
    if (is_type(m, S("VARCHAR"))) {
        return mask_text(m, S("weft_mask_hash"), m->r->mask_key);
    }
    m->value = guard_build_cast(m->a, m->value, guard_build_type(m->a, S("BIGINT")));
    json_set(m->a, m->value, S("try_cast"), json_new_bool(m->a, true));
    hash = mask_text(m, S("weft_mask_hash_int"), m->r->mask_key);
    for (size_t i = 0; i < COUNT_OF(widths); i++) {
        if (str_eq(m->r->columns[m->column].type, widths[i].type)) {
            hash = arithmetic(m->a, S("%"), hash, guard_build_int(m->a, widths[i].values));
        }
    }
    return cast_to_column(m->a, m->r, m->column, hash);
}

/* A value that cannot be made coarse (out of range) reads as NULL. */
static struct json *quiet(struct masking *m, struct json *value)
{
    return operation(m->a, S("OPERATOR_TRY"),
                     list_of(m->a, cast_to_column(m->a, m->r, m->column, value), NULL));
}

static struct json *mask_date(struct masking *m)
{
    return quiet(m, call(m->a, S("date_trunc"),
                         list_of(m->a, guard_build_text(m->a, m->mask->text), m->value)));
}

static struct json *step(struct masking *m, str type)
{
    return guard_build_cast(m->a, guard_build_text(m->a, m->mask->text),
                            guard_build_type(m->a, type));
}

static bool is_whole_number(const struct masking *m)
{
    return !is_type(m, S("DECIMAL")) && !is_type(m, S("FLOAT")) && !is_type(m, S("DOUBLE"));
}

/* In 128 bits, where no whole number of 64 bits overflows. */
static struct json *wide(struct masking *m, struct json *value)
{
    return guard_build_cast(m->a, value, guard_build_type(m->a, S("HUGEINT")));
}

/* whole numbers: sign(v) * ((2 |v| + b) // 2b) * b; others: round(v / b) * b */
static struct json *mask_round(struct masking *m)
{
    struct arena *a = m->a;
    struct json  *steps;

    if (!is_whole_number(m)) {
        struct json *value = guard_build_cast(a, m->value, guard_build_type(a, S("DOUBLE")));

        steps = call(a, S("round"),
                     list_of(a, arithmetic(a, S("/"), value, step(m, S("DOUBLE"))), NULL));
        return quiet(m, arithmetic(a, S("*"), steps, step(m, S("DOUBLE"))));
    }
    struct json *twice =
        arithmetic(a, S("*"), call(a, S("abs"), list_of(a, wide(m, json_dup(a, m->value)), NULL)),
                   guard_build_int(a, 2));
    steps = arithmetic(a, S("//"), arithmetic(a, S("+"), twice, step(m, S("HUGEINT"))),
                       arithmetic(a, S("*"), step(m, S("HUGEINT")), guard_build_int(a, 2)));
    return quiet(m, arithmetic(a, S("*"), arithmetic(a, S("*"), steps, step(m, S("HUGEINT"))),
                               call(a, S("sign"), list_of(a, wide(m, m->value), NULL))));
}

/* The lower bound: v - (v mod b), of the floor of v where v has a fraction. */
static struct json *mask_bucket(struct masking *m)
{
    struct arena *a = m->a;

    if (is_type(m, S("FLOAT")) || is_type(m, S("DOUBLE"))) {
        struct json *steps = call(
            a, S("floor"), list_of(a, arithmetic(a, S("/"), m->value, step(m, S("DOUBLE"))), NULL));

        return quiet(m, arithmetic(a, S("*"), steps, step(m, S("DOUBLE"))));
    }
    struct json *whole =
        is_type(m, S("DECIMAL")) ? call(a, S("floor"), list_of(a, m->value, NULL)) : m->value;
    struct json *b    = step(m, S("HUGEINT"));
    struct json *rest = arithmetic(a, S("%"), wide(m, json_dup(a, whole)), b);

    rest = arithmetic(a, S("%"), arithmetic(a, S("+"), rest, json_dup(a, b)), json_dup(a, b));
    return quiet(m, arithmetic(a, S("-"), wide(m, whole), rest));
}

static struct json *(*const masks[])(struct masking *) = {
    [POLICY_MASK_NULL] = mask_null,       [POLICY_MASK_CONSTANT] = mask_constant,
    [POLICY_MASK_DEFAULT] = mask_default, [POLICY_MASK_REDACT] = mask_redact,
    [POLICY_MASK_HASH] = mask_hash,       [POLICY_MASK_EMAIL] = mask_email,
    [POLICY_MASK_FIRST] = mask_first,     [POLICY_MASK_LAST] = mask_last,
    [POLICY_MASK_REGEX] = mask_regex,     [POLICY_MASK_ZIP3] = mask_zip3,
    [POLICY_MASK_IP] = mask_ip,           [POLICY_MASK_DATE] = mask_date,
    [POLICY_MASK_ROUND] = mask_round,     [POLICY_MASK_BUCKET] = mask_bucket,
};

/* ---- columns ---- */

static const struct policy_column_decision *decision_of(const struct guard_relation *r,
                                                        size_t                       column)
{
    return r->decision && r->decision->columns ? &r->decision->columns[column] : NULL;
}

/* From the weakest mask outward: each holds but for the rows of its exception. */
struct json *guard_mask_column(struct arena *a, const struct guard_relation *r, size_t column,
                               struct json *clear)
{
    const struct policy_column_decision *d     = decision_of(r, column);
    struct rows                          x     = { a, r };
    struct json                         *shown = clear;

    for (size_t i = d ? d->layer_count : 0; i > 0; i--) {
        const struct policy_layer *layer = &d->layers[i - 1];
        struct masking             m     = { a, r, column, &layer->mask, json_dup(a, clear) };
        struct json               *value = masks[layer->mask.kind](&m);

        shown =
            layer->unless ? guard_mask_case(a, build_rows(&x, layer->unless), shown, value) : value;
    }
    return shown;
}

bool guard_column_is_hidden(const struct guard_relation *r, size_t column)
{
    const struct policy_column_decision *d = decision_of(r, column);

    return d && d->show == POLICY_HIDDEN;
}

bool guard_column_is_unprojected(const struct guard_relation *r, size_t column)
{
    const struct policy_column_decision *d = decision_of(r, column);

    return d && d->show == POLICY_UNPROJECTED;
}

bool guard_has_unprojected(const struct guard_relation *r)
{
    bool has = false;

    for (size_t i = 0; i < r->column_count && !has; i++) {
        has = guard_column_is_unprojected(r, i);
    }
    return has;
}
