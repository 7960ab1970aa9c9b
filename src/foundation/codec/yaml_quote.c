/*
 * yaml_quote.c - scalars as text that reads back as the same value.
 *
 * Plain text is used only where no reader can take it for something else: not for what the core
 * schema types, not for the words that YAML 1.1 took for booleans, not inside brackets.
 */
#include <math.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "codec/yaml_int.h"

enum { QUOTED_MAX_BYTES = 8 << 20 };

/* Characters that libyaml reads as they are and that break no line. */
static bool is_printable(uint32_t c)
{
    return (c >= 0x20 && c <= 0x7E) ||
           (c >= 0xA0 && c <= 0xFFFD && c != 0x2028 && c != 0x2029 && c != 0xFEFF) || c >= 0x10000;
}

bool yaml_is_printable(str text)
{
    uint32_t c;

    while (text.len) {
        if (!utf8_next(&text, &c) || !is_printable(c)) {
            return false;
        }
    }
    return true;
}

static bool is_old_boolean(str text)
{
    static const str old[] = { STR_INIT("yes"), STR_INIT("no"), STR_INIT("on"),
                               STR_INIT("off"), STR_INIT("y"),  STR_INIT("n") };

    for (size_t i = 0; i < COUNT_OF(old); i++) {
        if (str_eq_nocase(text, old[i])) {
            return true;
        }
    }
    return false;
}

static bool can_be_plain(str text)
{
    struct yaml_node typed = { 0 };
    size_t           at;

    if (text.len == 0 || is_old_boolean(text) || !yaml_is_printable(text)) {
        return false;
    }
    yaml_type_plain(text, &typed);
    if (typed.kind != YAML_STRING || str_find_char(S("-?:,[]{}#&*!|>'\"%@` ="), text.ptr[0], &at)) {
        return false;
    }
    return !str_ends(text, S(" ")) && !str_ends(text, S(":")) && !str_has(text, S(": ")) &&
           !str_has(text, S(" #")) && !str_starts(text, S("...")) && !str_starts(text, S("<<"));
}

static void put_escaped(struct buf *out, uint32_t c)
{
    switch (c) {
    case '"': buf_add(out, S("\\\"")); return;
    case '\\': buf_add(out, S("\\\\")); return;
    case '\n': buf_add(out, S("\\n")); return;
    case '\r': buf_add(out, S("\\r")); return;
    case '\t': buf_add(out, S("\\t")); return;
    default:
        if (is_printable(c)) {
            utf8_add(out, c);
        } else {
            buf_printf(out, "\\u%04x", (unsigned)c);
        }
    }
}

static str quote_double(struct ctx *cx, str text)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT((size_t)QUOTED_MAX_BYTES * 6 + 2);
    uint32_t                        c;

    buf_add_char(&out, '"');
    while (utf8_next(&text, &c)) {
        put_escaped(&out, c);
    }
    buf_add_char(&out, '"');
    return arena_dup(cx->arena, buf_view(&out));
}

static str quote_single(struct ctx *cx, str text)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT((size_t)QUOTED_MAX_BYTES * 2 + 2);
    str                             part;

    buf_add_char(&out, '\'');
    for (bool is_first = true; str_cut(&text, '\'', &part); is_first = false) {
        buf_add(&out, is_first ? S("") : S("''"));
        buf_add(&out, part);
    }
    buf_add_char(&out, '\'');
    return arena_dup(cx->arena, buf_view(&out));
}

/* Letters, digits and a few marks: plain also inside [ ] and { }. */
static bool is_word(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '_' && c != '.' && c != '-' &&
            c != '/') {
            return false;
        }
    }
    return text.len > 0 && char_is_alpha(text.ptr[0]) && can_be_plain(text);
}

static str string_text(struct ctx *cx, str text, enum yaml_style style, enum yaml_context context)
{
    if (style != YAML_DOUBLE && style != YAML_SINGLE && context == YAML_IN_FLOW && is_word(text)) {
        return arena_dup(cx->arena, text);
    }
    if (style == YAML_SINGLE && yaml_is_printable(text)) {
        return quote_single(cx, text);
    }
    if (style != YAML_DOUBLE && style != YAML_SINGLE && context == YAML_IN_BLOCK) {
        if (can_be_plain(text)) {
            return arena_dup(cx->arena, text);
        }
        if ((str_has(text, S("\"")) || str_has(text, S("\\"))) && !str_has(text, S("'")) &&
            yaml_is_printable(text)) {
            return quote_single(cx, text);
        }
    }
    return quote_double(cx, text);
}

static str float_text(struct ctx *cx, double real)
{
    char   room[JSON_NUMBER_ROOM];
    str    text;
    size_t at;

    if (isnan(real)) {
        return S(".nan");
    }
    if (isinf(real)) {
        return real < 0 ? S("-.inf") : S(".inf");
    }
    text = arena_dup(cx->arena, json_number_text(real, room));
    /* "3" would be an integer. */
    if (!str_find_char(text, '.', &at) && !str_find_char(text, 'e', &at)) {
        text = arena_concat(cx->arena, text, S(".0"));
    }
    return text;
}

str yaml_scalar_text(struct ctx *cx, struct yaml_scalar value, enum yaml_style style,
                     enum yaml_context context)
{
    switch (value.kind) {
    case YAML_NULL: return S("null");
    case YAML_BOOL: return value.truth ? S("true") : S("false");
    case YAML_INT: return arena_printf(cx->arena, "%lld", (long long)value.integer);
    case YAML_FLOAT: return float_text(cx, value.real);
    case YAML_STRING: return string_text(cx, value.text, style, context);
    case YAML_LIST:
    case YAML_MAP: break;
    }
    BUG("yaml_scalar_text: not a scalar");
}

str yaml_quote(struct ctx *cx, str text)
{
    return string_text(cx, text, YAML_PLAIN, YAML_IN_BLOCK);
}
