/*
 * casts.c - casts that nobody wrote: values that are compared or put beside each other get one type.
 *
 * `amount < 0.000…1` casts the column, and that fails for a large amount: a condition that the engine tries on a
 * hidden row would tell of it. So each place where the engine makes one type of several is revealing, unless it
 * is shown here that no such cast can fail: the types are the same, or wide enough for all of them.
 *
 * What the engine makes of types: its documentation, "Implicit casts"; tests/unit/guard/mask_test.c.
 */
#include "guard/guard_int.h"

enum { DECIMAL_DIGITS_MAX = 38, TYPE_ROOM = 64 };

enum operand_kind {
    OPERAND_OTHER,   /* nothing is known of it                                */
    OPERAND_CONST,   /* NULL, or a text: it is cast itself, before any row    */
    OPERAND_WHOLE,   /* a whole number as written                             */
    OPERAND_NUMBER,  /* of a type with digits before and behind the point     */
    OPERAND_FLOAT,   /* every number fits                                     */
    OPERAND_OF_TYPE, /* a column or constant of `type`                        */
};

struct operand {
    enum operand_kind kind;
    bool              is_constant;
    str               type;
    int64_t           before, behind; /* digits */
};

static const struct {
    str     type;
    int64_t digits; /* 0: a floating-point number */
} numbers[] = {
    { STR_INIT("TINYINT"), 3 },   { STR_INIT("SMALLINT"), 5 }, { STR_INIT("INTEGER"), 10 },
    { STR_INIT("BIGINT"), 19 },   { STR_INIT("UTINYINT"), 3 }, { STR_INIT("USMALLINT"), 5 },
    { STR_INIT("UINTEGER"), 10 }, { STR_INIT("FLOAT"), 0 },    { STR_INIT("DOUBLE"), 0 },
};

/* ---- types ---- */

/* "DECIMAL(p,s)"; false for any other text. */
static bool read_decimal(str type, int64_t *before, int64_t *behind)
{
    uint64_t width, scale;
    str      head, tail, p, s;

    if (!str_split(type, '(', &head, &tail) || !str_eq_nocase(head, S("DECIMAL")) ||
        !str_split(tail, ',', &p, &s) || s.len < 2 || !str_to_u64(str_trim(p), &width) ||
        !str_to_u64(str_trim(str_sub(s, 0, s.len - 1)), &scale) || width > DECIMAL_DIGITS_MAX ||
        scale > width) {
        return false;
    }
    *before = (int64_t)(width - scale);
    *behind = (int64_t)scale;
    return true;
}

static struct operand operand_of_type(str type, bool is_constant)
{
    struct operand made = { .kind = OPERAND_OF_TYPE, .is_constant = is_constant, .type = type };

    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (str_eq_nocase(type, numbers[i].type)) {
            made.kind   = numbers[i].digits ? OPERAND_NUMBER : OPERAND_FLOAT;
            made.before = numbers[i].digits;
        }
    }
    if (read_decimal(type, &made.before, &made.behind)) {
        made.kind = OPERAND_NUMBER;
    }
    return made;
}

/* The type of a constant's tree as our columns write it; empty for types with more to them. */
static str type_text(struct arena *a, const struct json *type)
{
    str                id   = json_text_or(json_get(type, S("id")), S(""));
    const struct json *info = json_get(type, S("type_info"));

    if (str_eq(id, S("DECIMAL")) && json_is(info, JSON_OBJECT)) {
        return arena_printf(a, "DECIMAL(%lld,%lld)",
                            (long long)json_i64_or(json_get(info, S("width")), -1),
                            (long long)json_i64_or(json_get(info, S("scale")), -1));
    }
    return json_is(info, JSON_OBJECT) ? STR_NONE : id;
}

/* ---- operands ---- */

static struct operand operand_of_constant(struct arena *a, const struct json *expr)
{
    const struct json *value = json_get(expr, S("value"));
    str                type  = type_text(a, json_get(value, S("type")));
    struct operand     made  = operand_of_type(type, true);

    if (json_truth_or(json_get(value, S("is_null")), false) || str_eq(type, S("VARCHAR"))) {
        made.kind = OPERAND_CONST;
    } else if (made.kind == OPERAND_NUMBER && made.behind == 0) {
        made.kind = OPERAND_WHOLE;
    }
    return made;
}

/* What is known of the type of an expression; empty when nothing is. */
static str known_type(struct guard_walk *w, const struct guard_scope *scope,
                      const struct json *expr, enum guard_node node)
{
    const struct json *child = json_get(expr, S("child"));

    if (node == GN_COLUMN) {
        return guard_column_type(scope, json_get(expr, S("column_names")));
    }
    return node == GN_CAST && guard_node_of(child, GUARD_EXPR) == GN_CONSTANT
               ? type_text(w->cx->arena, json_get(expr, S("cast_type")))
               : STR_NONE;
}

static struct operand operand_of(struct guard_walk *w, const struct guard_scope *scope,
                                 const struct json *expr)
{
    enum guard_node node = guard_node_of(expr, GUARD_EXPR);
    str             type;

    if (node == GN_CONSTANT) {
        return operand_of_constant(w->cx->arena, expr);
    }
    type = known_type(w, scope, expr, node);
    return type.len > 0 ? operand_of_type(type, node == GN_CAST)
                        : (struct operand){ .kind = OPERAND_OTHER };
}

/* ---- one type for all ---- */

struct operands {
    VEC(struct operand) list;
};

static size_t count_kind(const struct operands *all, enum operand_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < all->list.count; i++) {
        count += all->list.items[i].kind == kind;
    }
    return count;
}

/* All of one type; or times and constant days, which become times before any row. */
static bool is_one_type(const struct operands *all)
{
    const struct operand *first  = NULL;
    bool                  is_one = true, is_time = true;

    for (size_t i = 0; i < all->list.count; i++) {
        const struct operand *o = &all->list.items[i];

        if (o->kind == OPERAND_CONST) {
            continue;
        }
        first   = first ? first : o;
        is_one  = is_one && o->type.len > 0 && str_eq_nocase(o->type, first->type);
        is_time = is_time && (str_eq_nocase(o->type, S("TIMESTAMP")) ||
                              (o->is_constant && str_eq_nocase(o->type, S("DATE"))));
    }
    return is_one || is_time;
}

/* Whether a DECIMAL has room for all digits of all. */
static bool has_room(const struct operands *all)
{
    int64_t before = 0, behind = 0;

    for (size_t i = 0; i < all->list.count; i++) {
        const struct operand *o = &all->list.items[i];

        before = o->before > before ? o->before : before;
        behind = o->behind > behind ? o->behind : behind;
    }
    return before + behind <= DECIMAL_DIGITS_MAX;
}

static bool is_safe(const struct operands *all)
{
    size_t constants = count_kind(all, OPERAND_CONST), wholes = count_kind(all, OPERAND_WHOLE);
    size_t others = count_kind(all, OPERAND_OTHER), rest = all->list.count - constants;

    if (rest <= 1) {
        return true;
    }
    if (others > 0) { /* a whole number takes the type of what stands beside it */
        return others == 1 && rest == 1 + wholes;
    }
    if (count_kind(all, OPERAND_OF_TYPE) > 0) {
        return is_one_type(all);
    }
    return count_kind(all, OPERAND_FLOAT) > 0 || has_room(all);
}

void guard_check_unified(struct guard_walk *w, const struct guard_scope *scope,
                         const struct json *const *values, size_t count)
{
    struct operands all = { 0 };

    for (size_t i = 0; i < count; i++) {
        if (json_is(values[i], JSON_OBJECT)) {
            vec_push(w->cx->arena, &all.list, operand_of(w, scope, values[i]));
        }
    }
    if (!is_safe(&all)) {
        guard_note_revealing(w);
    }
}
