/*
 * diff_text.c - values and changes as text: canonical for comparing, short for people.
 */
#include "contract/diff_int.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "codec/json.h"

enum { CANONICAL_MAX = 32 << 20, VALUE_SHOWN = 60 };

/* ---- equality -------------------------------------------------------------------------------- */

/* Digits of any length as they are, so that integers beyond int64 are told apart. */
static bool is_plain_integer(str text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');

    for (size_t i = at; i < text.len; i++) {
        if (!char_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return text.len > at;
}

static void add_number(const struct yaml_node *node, struct buf *out)
{
    char room[JSON_NUMBER_ROOM];

    if (node->kind == YAML_INT) {
        buf_printf(out, "%lld", (long long)node->integer);
    } else if (!isfinite(node->real) || is_plain_integer(node->text)) {
        buf_add(out, node->text);
    } else if (node->real == floor(node->real) && fabs(node->real) < 9e15) {
        buf_printf(out, "%lld", (long long)node->real);
    } else {
        buf_add(out, json_number_text(node->real, room));
    }
}

static int by_key(const void *a, const void *b)
{
    return str_cmp(((const struct yaml_member *)a)->key, ((const struct yaml_member *)b)->key);
}

static void add_canonical(struct ctx *cx, const struct yaml_node *node, struct buf *out);

static void add_members(struct ctx *cx, const struct yaml_node *node, struct buf *out)
{
    struct yaml_member *sorted = arena_array(cx->arena, node->count, sizeof *sorted);
    struct json_writer  w;

    for (size_t i = 0; i < node->count; i++) {
        sorted[i] = node->members[i];
    }
    qsort(sorted, node->count, sizeof *sorted, by_key);
    buf_add_char(out, '{');
    for (size_t i = 0; i < node->count && !out->is_over; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        json_w_init(&w, out, JSON_COMPACT);
        json_w_str(&w, sorted[i].key);
        buf_add(out, S(": "));
        add_canonical(cx, sorted[i].value, out);
    }
    buf_add_char(out, '}');
}

static void add_canonical(struct ctx *cx, const struct yaml_node *node, struct buf *out)
{
    struct json_writer w;

    switch (node->kind) {
    case YAML_NULL: buf_add(out, S("null")); return;
    case YAML_BOOL: buf_add(out, node->truth ? S("true") : S("false")); return;
    case YAML_INT:
    case YAML_FLOAT: add_number(node, out); return;
    case YAML_STRING:
        json_w_init(&w, out, JSON_COMPACT);
        json_w_str(&w, node->text);
        return;
    case YAML_LIST:
        buf_add_char(out, '[');
        for (size_t i = 0; i < node->count && !out->is_over; i++) {
            buf_add(out, i ? S(", ") : STR_NONE);
            add_canonical(cx, node->items[i], out);
        }
        buf_add_char(out, ']');
        return;
    case YAML_MAP: add_members(cx, node, out); return;
    }
    BUG("kind of a node");
}

str diff_canonical(struct ctx *cx, const struct yaml_node *node)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(CANONICAL_MAX);

    add_canonical(cx, node, &text);
    return arena_dup(cx->arena, buf_view(&text));
}

static bool is_number(const struct yaml_node *node)
{
    return node->kind == YAML_INT || node->kind == YAML_FLOAT;
}

static bool equal_scalars(struct ctx *cx, const struct yaml_node *a, const struct yaml_node *b)
{
    if (a->kind == YAML_STRING) {
        return str_eq(a->text, b->text);
    }
    return str_eq(a->text, b->text) || str_eq(diff_canonical(cx, a), diff_canonical(cx, b));
}

static bool equal_maps(struct ctx *cx, const struct yaml_node *a, const struct yaml_node *b)
{
    struct map index = { 0 };

    for (size_t i = 0; i < b->count; i++) {
        map_put(&index, cx->arena, b->members[i].key, b->members[i].value);
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct yaml_node *other = map_get(&index, a->members[i].key);

        if (!other || !diff_equal(cx, a->members[i].value, other)) {
            return false;
        }
    }
    return true;
}

bool diff_equal(struct ctx *cx, const struct yaml_node *a, const struct yaml_node *b)
{
    if (a == b) {
        return true;
    }
    if ((a->kind != b->kind && !(is_number(a) && is_number(b))) || a->count != b->count) {
        return false;
    }
    if (a->kind == YAML_MAP) {
        return equal_maps(cx, a, b);
    }
    if (a->kind != YAML_LIST) {
        return equal_scalars(cx, a, b);
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!diff_equal(cx, a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}

/* ---- for people -------------------------------------------------------------------------------- */

static str cut(struct ctx *cx, str text, size_t max)
{
    str      rest  = text;
    size_t   count = 0;
    uint32_t cp;

    while (count < max && rest.len && utf8_next(&rest, &cp)) {
        count++;
    }
    return rest.len == 0
               ? text
               : arena_printf(cx->arena, STR_FMT "…", (int)(text.len - rest.len), text.ptr);
}

/* One line: what would break it is a blank. */
static str one_line(struct ctx *cx, str text)
{
    char *made = arena_array(cx->arena, text.len + 1, 1);

    for (size_t i = 0; i < text.len; i++) {
        made[i] = (unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f ? ' ' : text.ptr[i];
    }
    return (str){ made, text.len };
}

str diff_value_text(struct ctx *cx, const struct yaml_node *value, size_t max)
{
    str text;

    if (!value) {
        return S("nothing");
    }
    text = value->kind == YAML_LIST || value->kind == YAML_MAP ? diff_canonical(cx, value)
                                                               : value->text;
    if (value->kind == YAML_STRING && text.len == 0) {
        text = S("\"\"");
    }
    /* What is shown is a few words: the rest of a long text is not even looked at. */
    text = str_sub(text, 0, 8 * max + 64);
    return cut(cx, one_line(cx, text), max);
}

str diff_kind_name(enum diff_kind kind)
{
    static const str names[] = { [DIFF_ADDED]   = STR_INIT("added"),
                                 [DIFF_REMOVED] = STR_INIT("removed"),
                                 [DIFF_CHANGED] = STR_INIT("changed"),
                                 [DIFF_RENAMED] = STR_INIT("renamed"),
                                 [DIFF_MOVED]   = STR_INIT("moved") };

    return names[kind];
}

str diff_effect_name(enum diff_effect effect)
{
    static const str names[] = {
        [DIFF_WORDS] = STR_INIT("words"),   [DIFF_SAME] = STR_INIT("same"),
        [DIFF_LOOSER] = STR_INIT("looser"), [DIFF_TIGHTER] = STR_INIT("tighter"),
        [DIFF_MIXED] = STR_INIT("mixed"),   [DIFF_UNKNOWN] = STR_INIT("unknown")
    };

    return names[effect];
}

str diff_impact_name(enum diff_impact impact)
{
    static const str names[] = { [DIFF_NONE]      = STR_INIT("none"),
                                 [DIFF_PATCH]     = STR_INIT("patch"),
                                 [DIFF_MINOR]     = STR_INIT("minor"),
                                 [DIFF_UNCERTAIN] = STR_INIT("uncertain"),
                                 [DIFF_MAJOR]     = STR_INIT("major") };

    return names[impact];
}

static bool is_shown(const struct yaml_node *value)
{
    return value && value->kind != YAML_MAP;
}

str diff_sentence(struct ctx *cx, const struct diff_change *c)
{
    str what = STR_NONE, old = diff_value_text(cx, c->before, VALUE_SHOWN);
    str now = diff_value_text(cx, c->after, VALUE_SHOWN);

    switch (c->kind) {
    case DIFF_ADDED:
        what = is_shown(c->after) ? arena_printf(cx->arena, " added: " STR_FMT, STR_ARG(now))
                                  : S(" added");
        break;
    case DIFF_REMOVED:
        what = is_shown(c->before) ? arena_printf(cx->arena, " removed: " STR_FMT, STR_ARG(old))
                                   : S(" removed");
        break;
    case DIFF_RENAMED:
    case DIFF_CHANGED:
        what = arena_printf(cx->arena, ": " STR_FMT " → " STR_FMT, STR_ARG(old), STR_ARG(now));
        break;
    case DIFF_MOVED:
        what = arena_printf(cx->arena, " moved from place %zu to %zu",
                            c->steps[c->depth - 1].before, c->steps[c->depth - 1].after);
        break;
    }
    return arena_printf(cx->arena, STR_FMT STR_FMT "%s" STR_FMT, STR_ARG(c->place), STR_ARG(what),
                        c->why.len ? "; " : "", STR_ARG(c->why));
}

/* ---- versions ------------------------------------------------------------------------------------ */

/* "v1.2.3", "1.2", "1", "1.2.0-rc1": missing parts are 0, what stands behind - or + does not count. */
static bool read_version(str text, uint64_t parts[3])
{
    str    part;
    size_t end = 0;

    text = str_starts(text, S("v")) ? str_from(text, 1) : text;
    while (end < text.len && text.ptr[end] != '-' && text.ptr[end] != '+') {
        end++;
    }
    text = str_sub(text, 0, end);
    for (size_t i = 0; i < 3; i++) {
        parts[i] = 0;
        if (text.ptr && str_cut(&text, '.', &part) && !str_to_u64(part, &parts[i])) {
            return false;
        }
    }
    return text.ptr == NULL;
}

str diff_next_version(struct ctx *cx, str version, enum diff_impact impact)
{
    uint64_t v[3];

    if (version.len == 0 || !read_version(version, v)) {
        return STR_NONE;
    }
    if (impact >= DIFF_UNCERTAIN) {
        v[0]++;
        v[1] = v[2] = 0;
    } else if (impact == DIFF_MINOR) {
        v[1]++;
        v[2] = 0;
    } else if (impact == DIFF_PATCH) {
        v[2]++;
    }
    return arena_printf(cx->arena, "%llu.%llu.%llu", (unsigned long long)v[0],
                        (unsigned long long)v[1], (unsigned long long)v[2]);
}
