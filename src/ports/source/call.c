/*
 * call.c - the constant arguments of a table function, and the call as text.
 */
#include "engine/engine.h"

#include "source/source_int.h"

static struct source_value text_value(str text)
{
    return (struct source_value){ .kind = SOURCE_V_TEXT, .text = text };
}

static void add(struct ctx *cx, struct source_args *args, str name, struct source_value value)
{
    vec_push(cx->arena, &args->list, (struct source_arg){ .name = name, .value = value });
}

void call_add_text(struct ctx *cx, struct source_args *args, str name, str text)
{
    if (text.len > 0) {
        add(cx, args, name, text_value(text));
    }
}

void call_add_bool(struct ctx *cx, struct source_args *args, str name, bool value)
{
    add(cx, args, name, (struct source_value){ .kind = SOURCE_V_BOOL, .boolean = value });
}

void call_add_int(struct ctx *cx, struct source_args *args, str name, int64_t value)
{
    add(cx, args, name, (struct source_value){ .kind = SOURCE_V_INT, .integer = value });
}

void call_add_texts(struct ctx *cx, struct source_args *args, str name, const str *texts,
                    size_t count)
{
    struct source_value *items = arena_array(cx->arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i] = text_value(texts[i]);
    }
    add(cx, args, name,
        (struct source_value){ .kind = SOURCE_V_LIST, .items = items, .count = count });
}

void call_add_types(struct ctx *cx, struct source_args *args, str name,
                    const struct source_columns *columns)
{
    size_t               count = columns->list.count;
    struct source_value *items = arena_array(cx->arena, count, sizeof *items);
    str                 *names = arena_array(cx->arena, count, sizeof *names);

    if (count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = source_column_physical(&columns->list.items[i]);
        items[i] = text_value(columns->list.items[i].type);
    }
    add(cx, args, name,
        (struct source_value){
            .kind = SOURCE_V_STRUCT, .items = items, .names = names, .count = count });
}

/* ------------------------------------------------------------------------- as text */

static void add_value(struct buf *out, const struct source_value *v)
{
    switch (v->kind) {
    case SOURCE_V_BOOL: buf_add(out, v->boolean ? S("true") : S("false")); return;
    case SOURCE_V_INT: buf_printf(out, "%lld", (long long)v->integer); return;
    case SOURCE_V_TEXT: engine_quote_text(out, v->text); return;
    case SOURCE_V_LIST:
    case SOURCE_V_STRUCT: break;
    }
    buf_add_char(out, v->kind == SOURCE_V_LIST ? '[' : '{');
    for (size_t i = 0; i < v->count; i++) {
        buf_add(out, i > 0 ? S(", ") : S(""));
        if (v->kind == SOURCE_V_STRUCT) {
            engine_quote_ident(out, v->names[i]);
            buf_add(out, S(": "));
        }
        add_value(out, &v->items[i]);
    }
    buf_add_char(out, v->kind == SOURCE_V_LIST ? ']' : '}');
}

void source_call_text(const struct source_call *call, struct buf *out)
{
    buf_add(out, call->function);
    buf_add_char(out, '(');
    for (size_t i = 0; i < call->arg_count; i++) {
        buf_add(out, i > 0 ? S(", ") : S(""));
        if (call->args[i].name.len > 0) {
            engine_quote_ident(out, call->args[i].name);
            buf_add(out, S(" = "));
        }
        add_value(out, &call->args[i].value);
    }
    buf_add_char(out, ')');
}
