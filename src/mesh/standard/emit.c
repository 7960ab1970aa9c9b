/*
 * emit.c - writes a typed struct as YAML by its table: the fields that are set, in table order.
 *
 * An item of a list (a column, a port, a server) stands on one line, `- {name: …, …}`, when it fits
 * into LINE_MAX_LEN bytes and has no text of several lines; else its fields stand on lines of their
 * own. So a contract has one line per column, and a change of a column is a change of one line.
 */
#include "standard/std_int.h"

#include <string.h>

enum { DEPTH_MAX = 64, LINE_MAX_LEN = 160 };

struct raw_list {
    const void *items;
    size_t      count;
};

static void emit_shape(struct buf *out, const struct std_shape *shape, const void *made,
                       unsigned depth, bool is_item);
static bool has_anything(const struct std_shape *shape, const void *made, unsigned depth);
static bool add_line(struct buf *line, const struct std_shape *shape, const void *made,
                     unsigned depth);

static void get(const void *made, const struct std_field *f, void *value, size_t size)
{
    memcpy(value, (const char *)made + f->offset, size);
}

/* ---- scalars ---- */

static void add_quoted(struct buf *out, str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            buf_printf(out, "\\%c", c);
        } else if (c == '\n') {
            buf_add(out, S("\\n"));
        } else if (c == '\t') {
            buf_add(out, S("\\t"));
        } else if (c < 0x20 || c == 0x7F) {
            buf_printf(out, "\\x%02X", c);
        } else if ((c == 0xC2 || c == 0xE2 || c == 0xEF) && i + 2 < text.len + (c == 0xC2)) {
            /* line and paragraph separators, next line, byte order mark read back only escaped */
            str      rest = str_from(text, i);
            uint32_t code = 0;

            if (str_starts(rest, S("\xC2\x85"))) {
                code = 0x85;
            } else if (str_starts(rest, S("\xE2\x80\xA8"))) {
                code = 0x2028;
            } else if (str_starts(rest, S("\xE2\x80\xA9"))) {
                code = 0x2029;
            } else if (str_starts(rest, S("\xEF\xBB\xBF"))) {
                code = 0xFEFF;
            }
            if (code) {
                buf_printf(out, "\\u%04X", code);
                i += code == 0x85 ? 1 : 2;
            } else {
                buf_add_char(out, (char)c);
            }
        } else {
            buf_add_char(out, (char)c);
        }
    }
    buf_add_char(out, '"');
}

/* True for a byte that may stand in a bare text at `i`. */
static bool is_bare(str text, size_t i)
{
    unsigned char c       = (unsigned char)text.ptr[i];
    bool          is_last = i + 1 == text.len;

    if (c < 0x20 || c >= 0x7F || str_has(S("#,[]{}&*!|>'\"%@`\\"), str_sub(text, i, 1))) {
        return false;
    }
    return !(c == ':' && (is_last || text.ptr[i + 1] == ' ')) && !(c == ' ' && is_last);
}

/* Words that other readers of YAML take for booleans or nothing. */
static bool is_loaded_word(str text)
{
    static const str words[] = { STR_INIT("yes"),  STR_INIT("no"),   STR_INIT("on"),
                                 STR_INIT("off"),  STR_INIT("y"),    STR_INIT("n"),
                                 STR_INIT("null"), STR_INIT("true"), STR_INIT("false") };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_nocase(text, words[i])) {
            return true;
        }
    }
    return false;
}

/* "1.0.0": no reader of YAML takes three numbers for one, so a version needs no quotes. */
static bool is_version(str text)
{
    size_t   numbers = 0;
    uint64_t number;
    str      part;

    while (str_cut(&text, '.', &part)) {
        if (!str_to_u64(part, &number)) {
            return false;
        }
        numbers++;
    }
    return numbers == 3;
}

/* True when the text may stand bare, also inside [ ] and { }, and reads back as this string. */
static bool is_plain(str text)
{
    struct yaml_node typed = { 0 };

    if (is_version(text)) {
        return true;
    }
    if (text.len == 0 || !(char_is_alpha(text.ptr[0]) || text.ptr[0] == '_' || text.ptr[0] == '/' ||
                           (text.ptr[0] == '$' && text.len > 1))) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_bare(text, i)) {
            return false;
        }
    }
    yaml_type_plain(text, &typed);
    return typed.kind == YAML_STRING && !is_loaded_word(text);
}

static void add_text(struct buf *out, str text)
{
    if (is_plain(text)) {
        buf_add(out, text);
    } else {
        add_quoted(out, text);
    }
}

/* Any tree in one line. */
static void add_node(struct buf *out, const struct yaml_node *n, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        buf_add(out, S("null"));
        return;
    }
    switch (n->kind) {
    case YAML_NULL: buf_add(out, S("null")); return;
    case YAML_BOOL: buf_add(out, n->truth ? S("true") : S("false")); return;
    case YAML_INT:
    case YAML_FLOAT: buf_add(out, n->text); return;
    case YAML_STRING: add_text(out, n->text); return;
    case YAML_LIST:
        buf_add_char(out, '[');
        for (size_t i = 0; i < n->count; i++) {
            buf_add(out, i ? S(", ") : STR_NONE);
            add_node(out, n->items[i], depth + 1);
        }
        buf_add_char(out, ']');
        return;
    case YAML_MAP:
        buf_add_char(out, '{');
        for (size_t i = 0; i < n->count; i++) {
            buf_add(out, i ? S(", ") : STR_NONE);
            add_text(out, n->members[i].key);
            buf_add(out, S(": "));
            add_node(out, n->members[i].value, depth + 1);
        }
        buf_add_char(out, '}');
        return;
    }
    BUG("kind of a node");
}

/* ---- fields ---- */

static bool list_is_set(const struct std_field *f, const void *made)
{
    struct raw_list list;

    get(made, f, &list, sizeof list);
    return list.count > 0;
}

static bool strings_are_set(const struct std_field *f, const void *made)
{
    struct std_strs list;

    get(made, f, &list, sizeof list);
    return std_is_set(list) && list.is_list == (f->kind == STD_STRINGS);
}

/*
 * A number kept as text: written bare, its caret is as long as the text (quotes would count). One made
 * by the program has no caret; it is a number unless only old versions have it so.
 */
static bool was_bare_integer(const struct std_field *f, struct std_str text)
{
    struct yaml_node typed = { 0 };

    yaml_type_plain(text.v, &typed);
    return std_is_set(text) && std_kind_fits(STD_INT, &typed) &&
           (text.at.len == text.v.len || (text.at.len == 0 && f->until == 0));
}

/* True when this row of the table has something to write. */
static bool is_set(const struct std_field *f, const void *made, unsigned depth)
{
    struct std_any  any;
    struct std_str  text;
    struct std_bool truth;
    struct std_int  integer;
    struct std_num  number;
    const void     *pointer;

    if (f->store == STD_UNKEPT) {
        return false;
    }
    if (f->store == STD_AS_NODE || f->kind == STD_ANY || f->kind == STD_SCALAR ||
        f->kind == STD_MAPPING || f->kind == STD_SEQUENCE || f->kind == STD_PAIR) {
        get(made, f, &any, sizeof any);
        return any.node && std_kind_fits(f->kind, any.node);
    }
    switch (f->kind) {
    case STD_STRING: get(made, f, &text, sizeof text); return std_is_set(text);
    case STD_BOOL: get(made, f, &truth, sizeof truth); return std_is_set(truth);
    case STD_INT:
        get(made, f, &text, sizeof text);
        if (f->store == STD_AS_TEXT) {
            return was_bare_integer(f, text);
        }
        get(made, f, &integer, sizeof integer);
        return std_is_set(integer);
    case STD_NUM: get(made, f, &number, sizeof number); return std_is_set(number);
    case STD_STRINGS:
    case STD_ONE: return strings_are_set(f, made);
    case STD_ANYS:
    case STD_ITEMS:
    case STD_DICT: return list_is_set(f, made);
    case STD_OBJECT:
        return (f->shape || f->pick) && depth < DEPTH_MAX &&
               has_anything(f->shape, (const char *)made + f->offset, depth + 1);
    case STD_POINTER: get(made, f, &pointer, sizeof pointer); return pointer != NULL;
    case STD_SCALAR:
    case STD_ANY:
    case STD_MAPPING:
    case STD_SEQUENCE:
    case STD_PAIR: break;
    }
    return false;
}

static bool has_anything(const struct std_shape *shape, const void *made, unsigned depth)
{
    for (size_t i = 0; shape && i < shape->count; i++) {
        if (is_set(&shape->fields[i], made, depth)) {
            return true;
        }
    }
    return false;
}

static void indent(struct buf *out, unsigned depth)
{
    buf_add_n(out, ' ', 2 * (size_t)depth);
}

static void emit_strings(struct buf *out, const struct std_strs *list)
{
    if (!list->is_list && list->count == 1) {
        add_text(out, list->items[0].v);
        return;
    }
    buf_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        add_text(out, list->items[i].v);
    }
    buf_add_char(out, ']');
}

static void emit_anys(struct buf *out, const struct raw_list *list)
{
    const struct std_any *items = list->items;

    buf_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        add_node(out, items[i].node, 0);
    }
    buf_add_char(out, ']');
}

/* One item of a list behind its "- ". */
static void emit_item(struct buf *out, const struct std_shape *shape, const void *item,
                      unsigned depth)
{
    size_t          indented = 2 * (size_t)depth;
    struct buf line CLEANUP(buf_release) =
        BUF_INIT(indented < LINE_MAX_LEN ? LINE_MAX_LEN - indented : 0);

    if (!shape->is_tall && add_line(&line, shape, item, depth) && !line.is_over) {
        buf_add(out, buf_view(&line));
        buf_add_char(out, '\n');
    } else {
        emit_shape(out, shape, item, depth, true);
    }
}

/* Lists and mappings of structs: what follows "key:" on lines of their own. */
static void emit_structs(struct buf *out, const struct std_field *f, const void *made,
                         unsigned depth)
{
    struct raw_list list;

    get(made, f, &list, sizeof list);
    buf_add_char(out, '\n');
    for (size_t i = 0; i < list.count; i++) {
        const char *item = (const char *)list.items + i * f->shape->size;

        if (f->kind == STD_ITEMS) {
            indent(out, depth + 1);
            buf_add(out, S("- "));
            emit_item(out, f->shape, item, depth + 2);
        } else {
            struct std_str name;

            memcpy(&name, item, sizeof name);
            indent(out, depth + 1);
            add_text(out, name.v);
            buf_add(out, S(":\n"));
            emit_shape(out, f->shape, item, depth + 2, false);
        }
    }
}

/* A text of several lines as a literal block, when that keeps every byte; else quoted. */
static void emit_text(struct buf *out, str text, unsigned depth)
{
    bool is_block = text.len > 1 && str_has(text, S("\n")) && text.ptr[0] != ' ' &&
                    text.ptr[0] != '\n' && text.ptr[text.len - 1] == '\n' &&
                    text.ptr[text.len - 2] != '\n';
    str line;

    for (size_t i = 0; i < text.len && is_block; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        is_block = (c >= 0x20 && c < 0x7F) || c == '\n';
    }
    if (!is_block) {
        add_text(out, text);
        return;
    }
    buf_add_char(out, '|');
    text.len--;
    while (str_cut(&text, '\n', &line)) {
        buf_add_char(out, '\n');
        if (line.len) {
            indent(out, depth + 1);
        }
        buf_add(out, line);
    }
}

static void emit_scalar(struct buf *out, const struct std_field *f, const void *made,
                        unsigned depth)
{
    struct std_str  text;
    struct std_bool truth;
    struct std_int  integer;
    struct std_num  number;

    if (f->kind == STD_BOOL) {
        get(made, f, &truth, sizeof truth);
        buf_add(out, truth.v ? S("true") : S("false"));
    } else if (f->kind == STD_INT && f->store == STD_NATURAL) {
        get(made, f, &integer, sizeof integer);
        buf_printf(out, "%lld", (long long)integer.v);
    } else if (f->kind == STD_NUM) {
        get(made, f, &number, sizeof number);
        buf_add(out, number.text);
    } else {
        get(made, f, &text, sizeof text);
        if (f->kind == STD_INT) {
            buf_add(out, text.v);
        } else {
            emit_text(out, text.v, depth);
        }
    }
}

/* A value that stands behind its key, whatever the form of the rest. */
static void emit_value(struct buf *out, const struct std_field *f, const void *made, unsigned depth)
{
    struct std_any  any;
    struct std_strs strings;
    struct raw_list list;

    if (f->kind == STD_STRINGS || f->kind == STD_ONE) {
        get(made, f, &strings, sizeof strings);
        emit_strings(out, &strings);
    } else if (f->kind == STD_ANYS) {
        get(made, f, &list, sizeof list);
        emit_anys(out, &list);
    } else if (f->store == STD_AS_NODE || f->kind == STD_ANY || f->kind == STD_SCALAR ||
               f->kind == STD_MAPPING || f->kind == STD_SEQUENCE || f->kind == STD_PAIR) {
        get(made, f, &any, sizeof any);
        add_node(out, any.node, 0);
    } else {
        emit_scalar(out, f, made, depth);
    }
}

static void emit_field(struct buf *out, const struct std_field *f, const void *made, unsigned depth)
{
    const void *pointer = (const char *)made + f->offset;

    buf_add(out, f->name);
    buf_add_char(out, ':');
    if (f->kind == STD_ITEMS || f->kind == STD_DICT) {
        emit_structs(out, f, made, depth);
        return;
    }
    if (f->kind == STD_OBJECT || f->kind == STD_POINTER) {
        if (f->kind == STD_POINTER) {
            get(made, f, &pointer, sizeof pointer);
        }
        if (!has_anything(f->shape, pointer, depth)) {
            buf_add(out, S(" {}\n"));
            return;
        }
        buf_add_char(out, '\n');
        emit_shape(out, f->shape, pointer, depth + 1, false);
        return;
    }
    buf_add_char(out, ' ');
    emit_value(out, f, made, depth);
    buf_add_char(out, '\n');
}

/*
 * An object without a place, whose other form (the next row) is set, was read in that form: a team
 * that is a list. Programs that make the object form set its `at`.
 */
static bool is_other_form(const struct std_shape *shape, size_t i, const void *made, unsigned depth)
{
    const struct std_field *f = &shape->fields[i];
    struct diag_pos         at;

    if (f->kind != STD_OBJECT || !f->shape || i + 1 == shape->count ||
        !str_eq(f->name, shape->fields[i + 1].name)) {
        return false;
    }
    memcpy(&at, (const char *)made + f->offset + f->shape->at, sizeof at);
    return at.line == 0 && is_set(&shape->fields[i + 1], made, depth);
}

/* Rows of one name: the first that is set is written. */
static bool is_written(const struct std_shape *shape, size_t i, str last, const void *made,
                       unsigned depth)
{
    return !str_eq(shape->fields[i].name, last) && !is_other_form(shape, i, made, depth) &&
           is_set(&shape->fields[i], made, depth);
}

/* The first field of a list item stands behind its "- ". */
static void emit_shape(struct buf *out, const struct std_shape *shape, const void *made,
                       unsigned depth, bool is_item)
{
    str  last     = STR_NONE;
    bool is_first = is_item;

    for (size_t i = 0; i < shape->count && depth < 2 * DEPTH_MAX; i++) {
        if (!is_written(shape, i, last, made, depth)) {
            continue;
        }
        if (!is_first) {
            indent(out, depth);
        }
        emit_field(out, &shape->fields[i], made, depth);
        is_first = false;
        last     = shape->fields[i].name;
    }
    if (is_first) {
        buf_add(out, S("{}\n"));
    }
}

/* ---- on one line ---- */

static bool add_line_structs(struct buf *line, const struct std_field *f, const void *made,
                             unsigned depth)
{
    bool            is_list = f->kind == STD_ITEMS;
    struct raw_list list;

    get(made, f, &list, sizeof list);
    buf_add_char(line, is_list ? '[' : '{');
    for (size_t i = 0; i < list.count; i++) {
        const char    *item = (const char *)list.items + i * f->shape->size;
        struct std_str name;

        buf_add(line, i ? S(", ") : STR_NONE);
        if (!is_list) {
            memcpy(&name, item, sizeof name);
            add_text(line, name.v);
            buf_add(line, S(": "));
        }
        if (!add_line(line, f->shape, item, depth + 1)) {
            return false;
        }
    }
    buf_add_char(line, is_list ? ']' : '}');
    return true;
}

static bool has_several_lines(const struct std_field *f, const void *made)
{
    struct std_str text;

    if (f->kind != STD_STRING || f->store == STD_AS_NODE) {
        return false;
    }
    get(made, f, &text, sizeof text);
    return str_has(text.v, S("\n"));
}

static bool add_line_field(struct buf *line, const struct std_field *f, const void *made,
                           unsigned depth)
{
    const void *pointer = (const char *)made + f->offset;

    if (f->kind == STD_ITEMS || f->kind == STD_DICT) {
        return add_line_structs(line, f, made, depth);
    }
    if (f->kind == STD_OBJECT || f->kind == STD_POINTER) {
        if (f->kind == STD_POINTER) {
            get(made, f, &pointer, sizeof pointer);
        }
        return add_line(line, f->shape, pointer, depth + 1);
    }
    emit_value(line, f, made, depth);
    return !has_several_lines(f, made);
}

/* {a: 1, b: [x]}. False when this cannot stand on one line; `line` is bounded, so it ends early. */
static bool add_line(struct buf *line, const struct std_shape *shape, const void *made,
                     unsigned depth)
{
    str last = STR_NONE;

    if (depth > 2 * DEPTH_MAX) {
        return false;
    }
    buf_add_char(line, '{');
    for (size_t i = 0; i < shape->count; i++) {
        if (!is_written(shape, i, last, made, depth)) {
            continue;
        }
        buf_add(line, last.len ? S(", ") : STR_NONE);
        last = shape->fields[i].name;
        buf_add(line, last);
        buf_add(line, S(": "));
        if (!add_line_field(line, &shape->fields[i], made, depth) || line->is_over) {
            return false;
        }
    }
    buf_add_char(line, '}');
    return true;
}

void std_emit(const struct std_shape *shape, const void *made, struct buf *out)
{
    emit_shape(out, shape, made, 0, false);
}
