/*
 * yaml_edit.c - splices into the bytes a person wrote.
 *
 * Everything here trusts the offsets of the tree and looks at the bytes around them only to decide
 * whether a splice is safe. What is odd (aliases, anchors, `? key`, a key behind a tag) is refused
 * rather than guessed.
 */
#include "codec/yaml_edit.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/yaml_int.h"

#define EDITED_MAX_BYTES ((size_t)64 << 20)

/* ---- where a node stands ---- */

/* Looks for `target` below `at`. Below an alias nothing is looked for: that belongs to its anchor. */
static struct yaml_where locate(const struct yaml_node *at, const struct yaml_node *target,
                                struct yaml_where around)
{
    around.is_shared |= at->is_alias || at->is_anchored;
    if (at == target) {
        around.is_found = true;
        return around;
    }
    around.is_flow |= at->style == YAML_FLOW;
    for (size_t i = 0; !at->is_alias && i < at->count; i++) {
        const struct yaml_node *child = at->kind == YAML_LIST ? at->items[i] : at->members[i].value;
        struct yaml_where       found = locate(child, target, around);

        if (found.is_found) {
            return found;
        }
    }
    return (struct yaml_where){ 0 };
}

/* libyaml breaks lines at a lone CR and at three characters of Unicode; the edits know LF and CRLF. */
static bool has_odd_breaks(str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == '\r' && (i + 1 == bytes.len || bytes.ptr[i + 1] != '\n')) {
            return true;
        }
    }
    return str_has(bytes, S("\xC2\x85")) || str_has(bytes, S("\xE2\x80\xA8")) ||
           str_has(bytes, S("\xE2\x80\xA9"));
}

/* A bare text swallows a line of blanks below it; behind a quoted one the parser refuses a tab there. */
static bool has_tab_line(str bytes)
{
    str rest = bytes, line;

    while (str_cut(&rest, '\n', &line)) {
        if (str_trim(line).len == 0 && str_has(line, S("\t"))) {
            return true;
        }
    }
    return str_trim(rest).len == 0 && str_has(rest, S("\t"));
}

/* Keys written as "? key", anywhere: nobody writes contracts so, and every rule of place has exceptions for it. */
static bool has_question_key(str bytes)
{
    str  rest     = bytes, line;
    bool is_there = false;

    while (!is_there && str_cut(&rest, '\n', &line)) {
        str text = str_trim(line);

        while (str_starts(text, S("- "))) {
            text = str_trim(str_from(text, 2));
        }
        is_there = str_eq(text, S("?")) || str_starts(text, S("? ")) || str_starts(text, S("?\t"));
    }
    return is_there || str_has(bytes, S("{?")) || str_has(bytes, S("{ ?")) ||
           str_has(bytes, S("[?")) || str_has(bytes, S("[ ?")) || str_has(bytes, S(", ? "));
}

enum status yaml_find_place(struct ctx *cx, const struct yaml_source *source,
                            const struct yaml_node *node, struct yaml_where *out)
{
    struct yaml_where found = locate(source->root, node, (struct yaml_where){ 0 });

    if (!found.is_found) {
        return FAIL(cx, INVALID, "the value to edit is not in the document");
    }
    if (found.is_shared) {
        return FAIL(cx, UNSUPPORTED,
                    "line %u: the value has an anchor or stands at an alias; edit it by hand",
                    node->pos.line);
    }
    if (has_odd_breaks(source->bytes)) {
        return FAIL(cx, UNSUPPORTED,
                    "the text breaks lines otherwise than with LF or CRLF; edit it by hand");
    }
    if (has_tab_line(source->bytes)) {
        return FAIL(cx, UNSUPPORTED, "the text has an empty line with a tab; take it away first");
    }
    if (has_question_key(source->bytes)) {
        return FAIL(cx, UNSUPPORTED, "the text has a key behind \"?\"; edit it by hand");
    }
    *out = found;
    return ST_OK;
}

/* ---- lines ---- */

size_t yaml_line_start(str bytes, size_t at)
{
    while (at > 0 && bytes.ptr[at - 1] != '\n') {
        at--;
    }
    return at == 0 && str_starts(bytes, S("\xEF\xBB\xBF")) ? 3 : at;
}

/* Behind the line's break; bytes.len when the last line has none. */
size_t yaml_next_line(str bytes, size_t at)
{
    while (at < bytes.len && bytes.ptr[at] != '\n') {
        at++;
    }
    return at < bytes.len ? at + 1 : at;
}

str yaml_line_break(str bytes)
{
    size_t at;

    return str_find_char(bytes, '\n', &at) && at > 0 && bytes.ptr[at - 1] == '\r' ? S("\r\n")
                                                                                  : S("\n");
}

/* The rest of the line from `at`, without its break. */
str yaml_rest_of_line(str bytes, size_t at)
{
    str rest = str_sub(bytes, at, yaml_next_line(bytes, at) - at);

    while (rest.len && (rest.ptr[rest.len - 1] == '\n' || rest.ptr[rest.len - 1] == '\r')) {
        rest.len--;
    }
    return rest;
}

bool yaml_is_blank_or_comment(str rest)
{
    str trimmed = str_trim(rest);

    return trimmed.len == 0 || (trimmed.ptr[0] == '#' && trimmed.len < rest.len);
}

/* ---- replacing ---- */

/* What stands behind "|" or ">" and its indicators on the line: nothing, or a comment. */
static str header_rest(str bytes, const struct yaml_node *node)
{
    str    line = yaml_rest_of_line(bytes, node->pos.offset);
    size_t at   = 1;

    while (at < line.len &&
           (line.ptr[at] == '+' || line.ptr[at] == '-' || char_is_digit(line.ptr[at]))) {
        at++;
    }
    return str_from(line, at);
}

/* A comment there, with the blank before it. */
static str header_comment(str bytes, const struct yaml_node *node)
{
    str rest = header_rest(bytes, node);

    return str_trim(rest).len ? rest : STR_NONE;
}

/* The indentation of a block scalar's first line of text; 0 when it has none. */
static size_t content_indent(str bytes, const struct yaml_node *node)
{
    size_t at = yaml_next_line(bytes, node->pos.offset);

    while (at < node->end) {
        str    line  = yaml_rest_of_line(bytes, at);
        size_t count = 0;

        while (count < line.len && line.ptr[count] == ' ') {
            count++;
        }
        if (count < line.len) {
            return count;
        }
        at = yaml_next_line(bytes, at);
    }
    return 0;
}

/* Texts whose lines can stand in a literal as they are, with no indicator but perhaps "-". */
static bool can_be_literal(str text)
{
    str rest = str_ends(text, S("\n")) ? str_sub(text, 0, text.len - 1) : text;
    str line;

    if (rest.len == 0 || rest.ptr[0] == ' ' || rest.ptr[0] == '\n') {
        return false;
    }
    while (str_cut(&rest, '\n', &line)) {
        if (!yaml_is_printable(line) || str_ends(line, S(" "))) {
            return false;
        }
        if (line.len == 0 && rest.ptr == NULL) { /* ends in more than one line break */
            return false;
        }
    }
    return true;
}

static str literal_text(struct ctx *cx, str bytes, const struct yaml_node *node, str text)
{
    CLEANUP(buf_release) struct buf out    = BUF_INIT(EDITED_MAX_BYTES);
    size_t                          indent = content_indent(bytes, node);
    bool                            is_cut = !str_ends(text, S("\n"));
    str                             rest   = is_cut ? text : str_sub(text, 0, text.len - 1);
    str                             line, eol = yaml_line_break(bytes);

    buf_add(&out, is_cut ? S("|-") : S("|"));
    buf_add(&out, header_comment(bytes, node));
    while (str_cut(&rest, '\n', &line)) {
        buf_add(&out, eol);
        buf_add_n(&out, ' ', line.len ? indent : 0);
        buf_add(&out, line);
    }
    return arena_dup(cx->arena, buf_view(&out));
}

/* The mark of an item, not the end of a text. */
static bool is_dash(str bytes, size_t at)
{
    return bytes.ptr[at] == '-' && (at == 0 || str_has(S(" \t\r\n"), str_sub(bytes, at - 1, 1)));
}

/* A value that is not written (`key:`) stands behind ":" or "-" and needs a blank before it. */
static enum status fill_nothing(struct ctx *cx, str bytes, const struct yaml_node *node,
                                struct yaml_edit *edit)
{
    size_t at = node->pos.offset;

    while (at > 0 && (bytes.ptr[at - 1] == ' ' || bytes.ptr[at - 1] == '\t')) {
        at--;
    }
    if (at == 0 || !(bytes.ptr[at - 1] == ':' || is_dash(bytes, at - 1))) {
        return FAIL(cx, UNSUPPORTED, "line %u: there is no place for the value; edit it by hand",
                    node->pos.line);
    }
    edit->offset = at;
    edit->text   = arena_concat(cx->arena, S(" "), edit->text);
    return ST_OK;
}

enum status yaml_edit_replace(struct ctx *cx, const struct yaml_source *source,
                              const struct yaml_node *node, struct yaml_scalar value,
                              struct yaml_edit *out)
{
    struct yaml_where where    = { 0 };
    struct yaml_edit  edit     = { 0 };
    bool              is_block = node->style == YAML_LITERAL || node->style == YAML_FOLDED;

    TRY(yaml_find_place(cx, source, node, &where));
    if (node->kind == YAML_LIST || node->kind == YAML_MAP || node->is_tagged) {
        return FAIL(cx, UNSUPPORTED, "line %u: " STR_FMT " cannot be replaced by a scalar",
                    node->pos.line,
                    STR_ARG(node->is_tagged ? S("a tagged value") : yaml_kind_name(node->kind)));
    }
    if (is_block && str_starts(header_rest(source->bytes, node), S("#"))) {
        return FAIL(cx, UNSUPPORTED, "line %u: no blank stands before the comment; edit it by hand",
                    node->pos.line);
    }
    edit = (struct yaml_edit){ .offset = node->pos.offset, .len = node->end - node->pos.offset };
    if (node->style == YAML_LITERAL && value.kind == YAML_STRING && can_be_literal(value.text) &&
        content_indent(source->bytes, node) > 0 && node->end < source->bytes.len) {
        edit.text = literal_text(cx, source->bytes, node, value.text);
        *out      = edit;
        return ST_OK;
    }
    edit.text =
        yaml_scalar_text(cx, value, node->style == YAML_PLAIN ? yaml_style_of(source) : node->style,
                         where.is_flow ? YAML_IN_FLOW : YAML_IN_BLOCK);
    if (is_block) {
        size_t start = yaml_line_start(source->bytes, node->pos.offset);

        if (str_trim(str_sub(source->bytes, start, node->pos.offset - start)).len == 0) {
            return FAIL(cx, UNSUPPORTED,
                        "line %u: the text stands alone on its line; edit it by hand",
                        node->pos.line);
        }
        edit.text = arena_concat(cx->arena, edit.text, header_comment(source->bytes, node));
    }
    if (edit.len == 0) {
        TRY(fill_nothing(cx, source->bytes, node, &edit));
    }
    *out = edit;
    return ST_OK;
}

/* ---- keys ---- */

/* A key on one line, with nothing but indentation and "- " before it where the map is a block. */
enum status yaml_check_key(struct ctx *cx, const struct yaml_source *source,
                           const struct yaml_node *map, const struct yaml_member *member,
                           size_t *column)
{
    size_t start  = yaml_line_start(source->bytes, member->key_pos.offset);
    str    before = str_sub(source->bytes, start, member->key_pos.offset - start);
    bool   is_odd = member->has_key_properties || member->key_style == YAML_LITERAL ||
                  member->key_style == YAML_FOLDED ||
                  member->key_end != member->key_pos.offset + member->key_pos.len;

    for (size_t i = 0; map->style == YAML_BLOCK && i < before.len; i++) {
        is_odd |= before.ptr[i] != ' ' && before.ptr[i] != '-';
    }
    if (map->style == YAML_FLOW) {
        is_odd |= str_has(before, S("?"));
    }
    if (is_odd) {
        return FAIL(cx, UNSUPPORTED,
                    "line %u: key \"" STR_FMT "\" is written in an unusual way; edit it by hand",
                    member->key_pos.line, STR_ARG(utf8_cut(member->key, 100)));
    }
    *column = before.len;
    return ST_OK;
}

static str key_text(struct ctx *cx, str key, enum yaml_style style, enum yaml_context context)
{
    struct yaml_scalar scalar = { .kind = YAML_STRING, .text = key };

    return yaml_scalar_text(cx, scalar, style, context);
}

static enum yaml_context inside_of(const struct yaml_node *map)
{
    return map->style == YAML_FLOW ? YAML_IN_FLOW : YAML_IN_BLOCK;
}

static enum status check_new_key(struct ctx *cx, const struct yaml_node *map, str key)
{
    enum { IMPLICIT_KEY_MAX = 500 }; /* characters may double in quotes; YAML allows 1024 */

    if (yaml_member(map, key)) {
        return FAIL(cx, CONFLICT, "key \"" STR_FMT "\" stands in the map already",
                    STR_ARG(utf8_cut(key, 100)));
    }
    if (key.len > IMPLICIT_KEY_MAX || !yaml_is_printable(key)) {
        return FAIL(cx, UNSUPPORTED, "a key must be printable and at most %d bytes long",
                    IMPLICIT_KEY_MAX);
    }
    return ST_OK;
}

enum status yaml_edit_rename(struct ctx *cx, const struct yaml_source *source,
                             const struct yaml_node *map, const str names[2], struct yaml_edit *out)
{
    const struct yaml_member *member = yaml_member(map, names[0]);
    struct yaml_where         where  = { 0 };
    size_t                    column = 0;

    TRY(yaml_find_place(cx, source, map, &where));
    if (!member) {
        return FAIL(cx, NOT_FOUND, "the map has no key \"" STR_FMT "\"",
                    STR_ARG(utf8_cut(names[0], 100)));
    }
    TRY(check_new_key(cx, map, names[1]));
    TRY(yaml_check_key(cx, source, map, member, &column));
    *out = (struct yaml_edit){
        .offset = member->key_pos.offset,
        .len    = member->key_pos.len,
        .text   = key_text(cx, names[1], member->key_style, inside_of(map)),
    };
    return ST_OK;
}

/* ---- inserting ---- */

/* `key: value` in the manner of the neighbour, which is NULL in an empty map. */
static str member_text(struct ctx *cx, const struct yaml_source *source,
                       const struct yaml_insert *what, const struct yaml_member *neighbour)
{
    enum yaml_style   style   = neighbour ? neighbour->key_style : yaml_style_of(source);
    enum yaml_context context = inside_of(what->map);

    return arena_printf(cx->arena, STR_FMT ": " STR_FMT,
                        STR_ARG(key_text(cx, what->key, style, context)),
                        STR_ARG(what->text.len ? what->text
                                               : yaml_scalar_text(cx, what->value,
                                                                  yaml_style_of(source), context)));
}

const struct yaml_node *yaml_last_leaf(const struct yaml_node *node)
{
    while (node->count && !node->is_alias) {
        node = node->kind == YAML_LIST ? node->items[node->count - 1]
                                       : node->members[node->count - 1].value;
    }
    return node;
}

static enum status insert_in_block(struct ctx *cx, const struct yaml_source *source,
                                   const struct yaml_insert *what, const struct yaml_member *after,
                                   struct yaml_edit *out)
{
    const struct yaml_node *leaf;
    str                     eol    = yaml_line_break(source->bytes);
    size_t                  column = 0, at;
    str                     text, indent;
    char                   *blanks;

    assert(after); /* a block map is never empty */
    leaf = yaml_last_leaf(after->value);
    TRY(yaml_check_key(cx, source, what->map, after, &column));
    at = yaml_next_line(source->bytes, after->value->end);
    if (!yaml_is_blank_or_comment(yaml_rest_of_line(source->bytes, after->value->end)) ||
        (at == after->value->end && (leaf->style == YAML_LITERAL || leaf->style == YAML_FOLDED))) {
        return FAIL(cx, UNSUPPORTED, "line %u: no line can be put behind \"" STR_FMT "\"",
                    after->key_pos.line, STR_ARG(utf8_cut(after->key, 100)));
    }
    blanks = arena_alloc(cx->arena, column);
    memset(blanks, ' ', column);
    indent = (str){ blanks, column };
    text   = arena_concat(cx->arena, indent, member_text(cx, source, what, after));
    if (at > 0 && source->bytes.ptr[at - 1] == '\n') {
        text = arena_concat(cx->arena, text, eol);
    } else {
        text = arena_concat(cx->arena, eol, text);
    }
    *out = (struct yaml_edit){ .offset = at, .text = text };
    return ST_OK;
}

static enum status insert_in_flow(struct ctx *cx, const struct yaml_source *source,
                                  const struct yaml_insert *what, const struct yaml_member *after,
                                  struct yaml_edit *out)
{
    str    text = member_text(cx, source, what, after), before;
    size_t start;

    if (source->bytes.ptr[what->map->pos.offset] != '{') {
        return FAIL(cx, UNSUPPORTED, "line %u: a pair without braces has no room for another key",
                    what->map->pos.line);
    }
    if (!after) {
        *out = (struct yaml_edit){ .offset = what->map->pos.offset + 1, .text = text };
        return ST_OK;
    }
    start  = yaml_line_start(source->bytes, after->key_pos.offset);
    before = str_sub(source->bytes, start, after->key_pos.offset - start);
    if (before.len && str_trim(before).len == 0) { /* one member per line */
        before = arena_concat(cx->arena, yaml_line_break(source->bytes), before);
        text   = arena_concat(cx->arena, before, text);
    } else {
        text = arena_concat(cx->arena, S(" "), text);
    }
    *out = (struct yaml_edit){ .offset = after->value->end,
                               .text   = arena_concat(cx->arena, S(","), text) };
    return ST_OK;
}

enum status yaml_edit_insert(struct ctx *cx, const struct yaml_source *source,
                             const struct yaml_insert *what, struct yaml_edit *out)
{
    const struct yaml_node   *map   = what->map;
    const struct yaml_member *after = NULL;
    struct yaml_where         where = { 0 };

    TRY(yaml_find_place(cx, source, map, &where));
    if (map->kind != YAML_MAP) {
        return FAIL(cx, UNSUPPORTED, "line %u: a key cannot be put into " STR_FMT, map->pos.line,
                    STR_ARG(yaml_kind_name(map->kind)));
    }
    TRY(check_new_key(cx, map, what->key));
    if (what->after.len) {
        after = yaml_member(map, what->after);
        if (!after) {
            return FAIL(cx, NOT_FOUND, "the map has no key \"" STR_FMT "\"",
                        STR_ARG(utf8_cut(what->after, 100)));
        }
    } else if (map->count) {
        after = &map->members[map->count - 1];
    }
    if (map->style == YAML_FLOW) {
        return insert_in_flow(cx, source, what, after, out);
    }
    return insert_in_block(cx, source, what, after, out);
}

/* ---- applying ---- */

/* An insertion goes before what replaces the bytes at its place. */
static bool comes_after(const struct yaml_edit *a, const struct yaml_edit *b)
{
    return a->offset != b->offset ? a->offset > b->offset : a->len > 0 && b->len == 0;
}

/* Stable: insertions at one place keep their order. Edits come from findings, so they are few. */
static void sort_edits(struct yaml_edit *edits, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct yaml_edit moving = edits[i];
        size_t           at     = i;

        while (at > 0 && comes_after(&edits[at - 1], &moving)) {
            edits[at] = edits[at - 1];
            at--;
        }
        edits[at] = moving;
    }
}

enum status yaml_edits_apply(struct ctx *cx, str bytes, struct yaml_edit *edits, size_t count,
                             str *out)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT(EDITED_MAX_BYTES);
    size_t                          at   = 0;

    sort_edits(edits, count);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_edit *e = &edits[i];

        if (e->offset < at) {
            return FAIL(cx, CONFLICT, "two edits overlap at byte %zu", e->offset);
        }
        if (e->offset > bytes.len || e->len > bytes.len - e->offset) {
            return FAIL(cx, INVALID, "an edit at byte %zu is outside of the text", e->offset);
        }
        buf_add(&text, str_sub(bytes, at, e->offset - at));
        buf_add(&text, e->text);
        at = e->offset + e->len;
    }
    buf_add(&text, str_from(bytes, at));
    return buf_take(&text, cx, "the edited text", out);
}

/* ---- one value, read again ---- */

/* What an edit is meant to do to a tree. */
struct intent {
    const struct yaml_node *target; /* the scalar replaced, or the map that grows */
    bool                    is_insert;
    str                     key; /* of the insertion */
    struct yaml_scalar      value;
};

static bool holds(const struct yaml_node *node, const struct yaml_scalar *value)
{
    if (node->kind != value->kind) {
        return false;
    }
    switch (value->kind) {
    case YAML_NULL: return true;
    case YAML_BOOL: return node->truth == value->truth;
    case YAML_INT: return node->integer == value->integer;
    case YAML_FLOAT:
        return isnan(node->real) ? isnan(value->real)
                                 : !(node->real < value->real) && !(node->real > value->real);
    case YAML_STRING: return str_eq(node->text, value->text);
    case YAML_LIST:
    case YAML_MAP: return false;
    }
    BUG("yaml_edit: no such kind");
}

/* True when `made` is `old` with the intent done and nothing else changed. */
static bool is_as_meant(const struct intent *in, const struct yaml_node *old,
                        const struct yaml_node *made)
{
    bool grows = old == in->target && in->is_insert;

    if (old == in->target && !in->is_insert) {
        return holds(made, &in->value);
    }
    if (old->kind != made->kind || old->count + grows != made->count) {
        return false;
    }
    if (old->kind != YAML_LIST && old->kind != YAML_MAP) {
        return yaml_equal(old, made);
    }
    for (size_t i = 0; i < old->count; i++) {
        bool is_map = old->kind == YAML_MAP;

        if (is_map && !str_eq(old->members[i].key, made->members[i].key)) {
            return false;
        }
        if (!is_as_meant(in, is_map ? old->members[i].value : old->items[i],
                         is_map ? made->members[i].value : made->items[i])) {
            return false;
        }
    }
    return !grows || (str_eq(made->members[old->count].key, in->key) &&
                      holds(made->members[old->count].value, &in->value));
}

/* The last step of a pointer, unescaped; the rest in *parent. */
static str last_step(struct ctx *cx, str pointer, str *parent)
{
    CLEANUP(buf_release) struct buf key = BUF_INIT(EDITED_MAX_BYTES);
    str                             step;

    if (!str_rsplit(pointer, '/', parent, &step)) {
        *parent = STR_NONE;
        step    = pointer;
    }
    for (size_t i = 0; i < step.len; i++) {
        char c = step.ptr[i];

        if (c == '~' && i + 1 < step.len && (step.ptr[i + 1] == '0' || step.ptr[i + 1] == '1')) {
            c = step.ptr[++i] == '0' ? '~' : '/';
        }
        buf_add_char(&key, c);
    }
    return arena_dup(cx->arena, buf_view(&key));
}

static enum status make_edit(struct ctx *cx, const struct yaml_source *source, str pointer,
                             struct intent *in, struct yaml_edit *out)
{
    struct yaml_insert insert;
    str                parent = STR_NONE;

    in->target = yaml_path(source->root, pointer);
    if (in->target && holds(in->target, &in->value)) {
        *out = (struct yaml_edit){ .text = STR_NONE }; /* it is there: no byte changes */
        return ST_OK;
    }
    if (in->target) {
        return yaml_edit_replace(cx, source, in->target, in->value, out);
    }
    in->key       = last_step(cx, pointer, &parent);
    in->target    = yaml_path(source->root, parent);
    in->is_insert = true;
    if (!in->target || pointer.len == 0 || pointer.ptr[0] != '/') {
        return FAIL(cx, NOT_FOUND, "the document has no \"" STR_FMT "\"",
                    STR_ARG(utf8_cut(parent.len ? parent : pointer, 200)));
    }
    insert = (struct yaml_insert){ .map = in->target, .key = in->key, .value = in->value };
    return yaml_edit_insert(cx, source, &insert, out);
}

enum status yaml_edit_set(struct ctx *cx, str bytes, str pointer, struct yaml_scalar value,
                          str *out)
{
    struct diag_text  text  = { .name = S("document"), .bytes = bytes };
    struct diags      diags = { 0 };
    struct intent     in    = { .value = value };
    struct yaml_node *root, *again;
    struct yaml_edit  edit = { 0 };
    str               made;

    TRY(yaml_read(cx, &text, NULL, &diags, &root));
    TRY(make_edit(cx, &(struct yaml_source){ .bytes = bytes, .root = root }, pointer, &in, &edit));
    TRY(yaml_edits_apply(cx, bytes, &edit, 1, &made));
    text.bytes = made;
    if (yaml_read(cx, &text, NULL, &diags, &again) != ST_OK || !is_as_meant(&in, root, again)) {
        return FAIL(cx, UNSUPPORTED,
                    "\"" STR_FMT
                    "\" stands where the text cannot be changed alone; edit it by hand",
                    STR_ARG(utf8_cut(pointer, 200)));
    }
    *out = made;
    return ST_OK;
}
