/*
 * text.c - row filters and masks in words, for explanations. Never for the engine.
 */
#include "base/buf.h"
#include "policy/policy_int.h"

enum { TEXT_MAX = 1 << 16, VALUES_SHOWN = 20 };

static const char *const words[] = { "true",          "false",       " and ",      " or ",
                                     " = ",           " != ",        " < ",        " <= ",
                                     " > ",           " >= ",        " in ",       " not in ",
                                     " starts with ", " ends with ", " contains ", " is null",
                                     " is not null" };

/* 'it''s' */
static void add_quoted(struct buf *out, str text)
{
    buf_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        buf_add_n(out, text.ptr[i], text.ptr[i] == '\'' ? 2 : 1);
    }
    buf_add_char(out, '\'');
}

static void add_values(struct buf *out, const struct policy_expr *e)
{
    bool is_list = e->op == POLICY_IN || e->op == POLICY_NOT_IN;

    buf_add(out, is_list ? S("(") : S(""));
    for (size_t i = 0; i < e->value_count && i < VALUES_SHOWN; i++) {
        buf_add(out, i ? S(", ") : S(""));
        add_quoted(out, e->values[i].text);
    }
    if (e->value_count > VALUES_SHOWN) {
        buf_printf(out, ", … %zu more", e->value_count - VALUES_SHOWN);
    }
    buf_add(out, is_list ? S(")") : S(""));
}

static void add_expr(struct buf *out, const struct policy_expr *e, const struct policy_object *o)
{
    if (e->op == POLICY_TRUE || e->op == POLICY_FALSE) {
        buf_add(out, str_of(words[e->op]));
        return;
    }
    if (e->op != POLICY_AND && e->op != POLICY_OR) {
        buf_add(out, e->column < o->column_count ? o->columns[e->column].name : S("?"));
        buf_add(out, str_of(words[e->op]));
        add_values(out, e);
        return;
    }
    for (size_t i = 0; i < e->item_count; i++) {
        bool is_group = e->items[i].op == POLICY_AND || e->items[i].op == POLICY_OR;

        buf_add(out, i ? str_of(words[e->op]) : S(""));
        buf_add(out, is_group ? S("(") : S(""));
        add_expr(out, &e->items[i], o);
        buf_add(out, is_group ? S(")") : S(""));
    }
}

static str finish(struct buf *out, struct ctx *cx)
{
    str text = arena_dup(cx->arena, buf_view(out));

    if (out->is_over) {
        text = arena_concat(cx->arena, text, S(" …"));
    }
    buf_release(out);
    return text;
}

str policy_expr_text(struct ctx *cx, const struct policy_expr *expr,
                     const struct policy_object *object)
{
    struct buf out = BUF_INIT(TEXT_MAX);

    add_expr(&out, expr, object);
    return finish(&out, cx);
}

str policy_mask_text(struct ctx *cx, const struct policy_mask *mask)
{
    struct buf out  = BUF_INIT(TEXT_MAX);
    str        name = str_of(policy_mask_name(mask->kind));

    buf_add(&out, name);
    if (mask->kind == POLICY_MASK_FIRST || mask->kind == POLICY_MASK_LAST) {
        buf_printf(&out, ": %lld", (long long)mask->number);
    } else if (mask->kind == POLICY_MASK_REGEX) {
        buf_add(&out, S(": "));
        add_quoted(&out, mask->text);
        buf_add(&out, S(" by "));
        add_quoted(&out, mask->replacement);
    } else if (mask->kind == POLICY_MASK_CONSTANT) {
        buf_add(&out, S(": "));
        add_quoted(&out, mask->text);
    } else if (mask->text.len) {
        buf_printf(&out, ": " STR_FMT, STR_ARG(mask->text));
    }
    return finish(&out, cx);
}
