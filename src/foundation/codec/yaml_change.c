/*
 * yaml_change.c - changes of trees as splices, each proved by reading the result again.
 *
 * What the text should say after the change is built first, as a tree: a copy of the old one along the
 * path, everything else shared. Then the splice is made and read; both trees must be equal.
 */
#include "codec/yaml_change.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/yaml_int.h"

enum { FLOW_MAX_BYTES = 1 << 20, FLOW_DEPTH_MAX = 32, STEPS_MAX = 64 };

struct yaml_node *yaml_value_string(struct ctx *cx, str text)
{
    struct yaml_node *node = ARENA_NEW(cx->arena, struct yaml_node);

    node->kind = YAML_STRING;
    node->text = text;
    return node;
}

struct yaml_node *yaml_value_pair(struct ctx *cx, const str keys[2],
                                  struct yaml_node *const values[2])
{
    struct yaml_node *node = ARENA_NEW(cx->arena, struct yaml_node);

    node->kind    = YAML_MAP;
    node->count   = 2;
    node->members = arena_array(cx->arena, 2, sizeof *node->members);
    for (size_t i = 0; i < 2; i++) {
        node->members[i].key   = keys[i];
        node->members[i].value = values[i];
    }
    return node;
}

/* ---- values as text ---- */

static str scalar_text(struct ctx *cx, const struct yaml_node *node, enum yaml_style style,
                       enum yaml_context context)
{
    struct yaml_scalar value = { .kind = node->kind };

    switch (node->kind) {
    case YAML_BOOL: value.truth = node->truth; break;
    case YAML_INT: value.integer = node->integer; break;
    case YAML_FLOAT:
        if (node->text.len) {
            return node->text; /* the digits as a person wrote them */
        }
        value.real = node->real;
        break;
    case YAML_STRING: value.text = node->text; break;
    case YAML_NULL:
    case YAML_LIST:
    case YAML_MAP: break;
    }
    return yaml_scalar_text(cx, value, style, context);
}

static void add_flow(struct ctx *cx, struct buf *out, const struct yaml_node *node,
                     enum yaml_style style, unsigned depth)
{
    bool is_list = node->kind == YAML_LIST;

    if (node->kind != YAML_LIST && node->kind != YAML_MAP) {
        buf_add(out, scalar_text(cx, node, style, YAML_IN_FLOW));
        return;
    }
    if (depth > FLOW_DEPTH_MAX) {
        out->is_over = true;
        return;
    }
    buf_add(out, is_list ? S("[") : S("{"));
    for (size_t i = 0; i < node->count; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        if (!is_list) {
            buf_add(out, scalar_text(cx, yaml_value_string(cx, node->members[i].key), style,
                                     YAML_IN_FLOW));
            buf_add(out, S(": "));
        }
        add_flow(cx, out, is_list ? node->items[i] : node->members[i].value, style, depth + 1);
    }
    buf_add(out, is_list ? S("]") : S("}"));
}

static bool is_scalar(const struct yaml_node *node)
{
    return node->kind != YAML_LIST && node->kind != YAML_MAP;
}

/* The value on one line. */
static enum status value_text(struct ctx *cx, const struct yaml_source *source,
                              const struct yaml_node *value, enum yaml_context context, str *out)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT(FLOW_MAX_BYTES);

    if (is_scalar(value)) {
        buf_add(&text, scalar_text(cx, value, yaml_style_of(source), context));
    } else {
        add_flow(cx, &text, value, yaml_style_of(source), 0);
    }
    return buf_take(&text, cx, "a value in flow style (FLOW_MAX_BYTES, FLOW_DEPTH_MAX)", out);
}

/* ---- the place of a change ---- */

struct place {
    struct yaml_source      source;
    struct yaml_node       *owner;            /* the map or list around it; NULL: the root itself */
    struct yaml_node       *node;             /* NULL: a member that is not there yet             */
    size_t                  index;            /* of the node in its owner                         */
    str                     key;              /* the last step, when the owner is a map           */
    const struct yaml_node *trail[STEPS_MAX]; /* from the root to the owner             */
    size_t                  depth;
};

/* A step of a pointer without its escapes. */
static str unescape(struct ctx *cx, str step)
{
    char  *text = arena_alloc(cx->arena, step.len);
    size_t len  = 0;

    for (size_t i = 0; i < step.len; i++) {
        bool is_escape = step.ptr[i] == '~' && i + 1 < step.len &&
                         (step.ptr[i + 1] == '0' || step.ptr[i + 1] == '1');

        text[len++] = !is_escape ? step.ptr[i] : step.ptr[i + 1] == '0' ? '~' : '/';
        i += is_escape;
    }
    return (str){ text, len };
}

static bool index_of(const struct yaml_node *owner, str key, size_t *out)
{
    uint64_t number;

    if (owner->kind == YAML_LIST) {
        if (!str_to_u64(key, &number) || number >= owner->count) {
            return false;
        }
        *out = (size_t)number;
        return true;
    }
    for (size_t i = 0; owner->kind == YAML_MAP && i < owner->count; i++) {
        if (str_eq(owner->members[i].key, key)) {
            *out = i;
            return true;
        }
    }
    return false;
}

static struct yaml_node *child(const struct yaml_node *owner, size_t index)
{
    return owner->kind == YAML_LIST ? owner->items[index] : owner->members[index].value;
}

static enum status lacks(struct ctx *cx, str pointer)
{
    return FAIL(cx, NOT_FOUND, "the document has no \"" STR_FMT "\"",
                STR_ARG(utf8_cut(pointer, 200)));
}

static enum status read_tree(struct ctx *cx, str bytes, struct yaml_node **out)
{
    struct diag_text text  = { .name = S("document"), .bytes = bytes };
    struct diags     diags = { 0 };

    TRY(yaml_read(cx, &text, NULL, &diags, out));
    return diags.errors == 0 ? ST_OK
                             : FAIL(cx, INVALID, "the document has errors; repair them first");
}

/* Walks to the place; the last step may be missing when its owner is a map. */
static enum status find(struct ctx *cx, str bytes, str pointer, struct place *out)
{
    struct place      p = { .source.bytes = bytes };
    struct yaml_node *root;
    str               rest = pointer.len ? str_from(pointer, 1) : pointer, step;

    if (pointer.len && pointer.ptr[0] != '/') {
        return lacks(cx, pointer);
    }
    TRY(read_tree(cx, bytes, &root));
    p.source.root = root;
    p.node        = root;
    while (pointer.len && str_cut(&rest, '/', &step)) {
        if (!p.node || p.depth == STEPS_MAX || is_scalar(p.node)) {
            return lacks(cx, pointer);
        }
        p.owner            = p.node;
        p.trail[p.depth++] = p.owner;
        p.key              = unescape(cx, step);
        p.node             = index_of(p.owner, p.key, &p.index) ? child(p.owner, p.index) : NULL;
    }
    if (!p.node && (!p.owner || p.owner->kind != YAML_MAP)) {
        return lacks(cx, pointer);
    }
    *out = p;
    return ST_OK;
}

/* ---- the tree meant ---- */

/* The owner with `value` at the place; value NULL: without what stands there. */
static struct yaml_node *owner_meant(struct ctx *cx, const struct place *p,
                                     const struct yaml_node *value)
{
    struct yaml_node *made   = ARENA_NEW(cx->arena, struct yaml_node);
    size_t            count  = p->owner->count + (p->node == NULL);
    bool              is_map = p->owner->kind == YAML_MAP;
    size_t            at     = p->node ? p->index : p->owner->count;

    *made         = *p->owner;
    made->items   = is_map ? NULL : arena_array(cx->arena, count, sizeof *made->items);
    made->members = is_map ? arena_array(cx->arena, count, sizeof *made->members) : NULL;
    made->count   = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == at && !value) {
            continue;
        }
        if (is_map) {
            made->members[made->count] =
                i < p->owner->count ? p->owner->members[i] : (struct yaml_member){ .key = p->key };
            if (i == at) {
                made->members[made->count].value = unconst(value);
            }
        } else {
            made->items[made->count] = i == at ? unconst(value) : p->owner->items[i];
        }
        made->count++;
    }
    return made;
}

/* The root with `made` in place of the last node of the trail. */
static const struct yaml_node *root_meant(struct ctx *cx, const struct place *p,
                                          const struct yaml_node *made)
{
    for (size_t level = p->depth - 1; level > 0; level--) {
        const struct yaml_node *around = p->trail[level - 1];
        struct place            up = { .owner = unconst(around), .node = unconst(p->trail[level]) };

        while (child(around, up.index) != p->trail[level]) {
            up.index++;
        }
        made = owner_meant(cx, &up, made);
    }
    return made;
}

/* Applies the edit; the result must read as `meant`. */
static enum status finish(struct ctx *cx, const struct place *p, struct yaml_edit *edit,
                          const struct yaml_node *meant, str *out)
{
    struct yaml_node *again;
    str               made;

    TRY(yaml_edits_apply(cx, p->source.bytes, edit, 1, &made));
    if (read_tree(cx, made, &again) != ST_OK || !yaml_equal(again, meant)) {
        return FAIL(cx, UNSUPPORTED,
                    "line %u: the text cannot be changed here alone; edit it by hand",
                    p->node ? p->node->pos.line : p->owner->pos.line);
    }
    *out = made;
    return ST_OK;
}

/* ---- splices ---- */

/* True when a comment may stand in the bytes: a "#" behind a blank, wherever it is. */
static bool may_hold_comment(str bytes)
{
    return str_has(bytes, S(" #")) || str_has(bytes, S("\n#")) || str_has(bytes, S("\t#"));
}

/* Flow text in place of a member's or item's value that is a list, a map, or becomes one. */
static enum status exchange(struct ctx *cx, const struct place *p, str text, struct yaml_edit *out)
{
    str    bytes = p->source.bytes;
    size_t from = p->node->pos.offset, end = p->node->end, column;

    if (p->node->style == YAML_LITERAL || p->node->style == YAML_FOLDED || p->node->is_tagged ||
        p->owner == NULL) {
        return FAIL(cx, UNSUPPORTED, "line %u: this value cannot be replaced by a list or a map",
                    p->node->pos.line);
    }
    if (p->owner->kind == YAML_MAP) {
        const struct yaml_member *m = &p->owner->members[p->index];

        TRY(yaml_check_key(cx, &p->source, p->owner, m, &column));
        from = m->key_end;
        while (from < bytes.len && (bytes.ptr[from] == ' ' || bytes.ptr[from] == '\t')) {
            from++;
        }
        from++; /* the colon */
        text = arena_concat(cx->arena, S(" "), text);
        end  = end > from ? end : from;
    }
    if (may_hold_comment(str_sub(bytes, from, end - from))) {
        return FAIL(cx, UNSUPPORTED,
                    "line %u: comments stand inside of this value; edit it by hand",
                    p->node->pos.line);
    }
    *out = (struct yaml_edit){ .offset = from, .len = end - from, .text = text };
    return ST_OK;
}

/* The bytes of member or item `index`: where it begins, where its value ends. */
static void span_of(const struct yaml_node *owner, size_t index, size_t *start, size_t *end)
{
    *start = owner->kind == YAML_LIST ? owner->items[index]->pos.offset
                                      : owner->members[index].key_pos.offset;
    *end   = child(owner, index)->end;
    if (owner->kind == YAML_MAP && *end < owner->members[index].key_end) {
        *end = owner->members[index].key_end;
    }
}

/* From it to the next one; the last one from the end of the one before. */
static struct yaml_edit cut_flow(const struct place *p)
{
    size_t start, end, other, unused;

    span_of(p->owner, p->index, &start, &end);
    if (p->index + 1 < p->owner->count) {
        span_of(p->owner, p->index + 1, &other, &unused);
        return (struct yaml_edit){ .offset = start, .len = other - start };
    }
    span_of(p->owner, p->index - 1, &unused, &other);
    return (struct yaml_edit){ .offset = other, .len = end - other };
}

/* Whole lines; a first member behind "- " gives its place to the second. */
static enum status cut_block(struct ctx *cx, const struct place *p, struct yaml_edit *out)
{
    str    bytes = p->source.bytes;
    size_t start, end, line, next = 0, column;
    bool   is_list = p->owner->kind == YAML_LIST;
    str    before;

    span_of(p->owner, p->index, &start, &end);
    line   = yaml_line_start(bytes, start);
    before = str_trim(str_sub(bytes, line, start - line));
    if (!is_list) {
        TRY(yaml_check_key(cx, &p->source, p->owner, &p->owner->members[p->index], &column));
    }
    if (!yaml_is_blank_or_comment(yaml_rest_of_line(bytes, end))) {
        return FAIL(cx, UNSUPPORTED, "line %u: other text stands behind it; edit it by hand",
                    p->node->pos.line);
    }
    if (str_eq(before, is_list ? S("-") : STR_NONE)) {
        *out = (struct yaml_edit){ .offset = line, .len = yaml_next_line(bytes, end) - line };
        return ST_OK;
    }
    if (is_list || p->index + 1 == p->owner->count) {
        return FAIL(cx, UNSUPPORTED, "line %u: it does not stand on lines of its own",
                    p->node->pos.line);
    }
    span_of(p->owner, p->index + 1, &next, &end);
    if (may_hold_comment(str_sub(bytes, start, next - start))) {
        return FAIL(cx, UNSUPPORTED, "line %u: a comment stands behind it; edit it by hand",
                    p->node->pos.line);
    }
    *out = (struct yaml_edit){ .offset = start, .len = next - start };
    return ST_OK;
}

/* ---- a new item ---- */

/* A map in the manner of a block list: its members on lines of their own below the first. */
static enum status block_item(struct ctx *cx, const struct yaml_source *source,
                              const struct yaml_node *map, str indent, str eol, str *out)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT(FLOW_MAX_BYTES);

    for (size_t i = 0; i < map->count; i++) {
        str value;

        TRY(value_text(cx, source, map->members[i].value, YAML_IN_BLOCK, &value));
        if (i) {
            buf_add(&text, eol);
            buf_add(&text, indent);
            buf_add(&text, S("  "));
        }
        buf_add(&text, yaml_quote(cx, map->members[i].key));
        buf_add(&text, S(": "));
        buf_add(&text, value);
    }
    return buf_take(&text, cx, "a new item (FLOW_MAX_BYTES)", out);
}

static size_t indentation(str line)
{
    size_t count = 0;

    while (count < line.len && line.ptr[count] == ' ') {
        count++;
    }
    return count;
}

static enum status append_block(struct ctx *cx, const struct place *p,
                                const struct yaml_node *value, struct yaml_edit *out)
{
    str                     bytes = p->source.bytes, eol = yaml_line_break(bytes), indent, text;
    const struct yaml_node *last   = p->node->items[p->node->count - 1];
    const struct yaml_node *leaf   = yaml_last_leaf(last);
    size_t                  line   = yaml_line_start(bytes, last->pos.offset);
    size_t                  at     = yaml_next_line(bytes, last->end);
    str                     before = str_sub(bytes, line, last->pos.offset - line);

    if (!str_eq(str_trim(before), S("-")) ||
        !yaml_is_blank_or_comment(yaml_rest_of_line(bytes, last->end)) ||
        (at == last->end && (leaf->style == YAML_LITERAL || leaf->style == YAML_FOLDED))) {
        return FAIL(cx, UNSUPPORTED, "line %u: no line can be put behind the last item",
                    last->pos.line);
    }
    indent = str_sub(before, 0, indentation(before));
    if (value->kind == YAML_MAP && value->count && last->style == YAML_BLOCK) {
        TRY(block_item(cx, &p->source, value, indent, eol, &text));
    } else if (is_scalar(value)) {
        text = scalar_text(cx, value, is_scalar(last) ? last->style : YAML_PLAIN, YAML_IN_BLOCK);
    } else {
        TRY(value_text(cx, &p->source, value, YAML_IN_FLOW, &text));
    }
    text = arena_printf(cx->arena, STR_FMT "- " STR_FMT, STR_ARG(indent), STR_ARG(text));
    text = at > 0 && bytes.ptr[at - 1] == '\n' ? arena_concat(cx->arena, text, eol)
                                               : arena_concat(cx->arena, eol, text);
    *out = (struct yaml_edit){ .offset = at, .text = text };
    return ST_OK;
}

static enum status append_flow(struct ctx *cx, const struct place *p, const struct yaml_node *value,
                               struct yaml_edit *out)
{
    const struct yaml_node *last  = p->node->count ? p->node->items[p->node->count - 1] : NULL;
    str                     bytes = p->source.bytes, text, before;
    size_t                  line;

    TRY(value_text(cx, &p->source, value, YAML_IN_FLOW, &text));
    if (!last) {
        *out = (struct yaml_edit){ .offset = p->node->pos.offset + 1, .text = text };
        return ST_OK;
    }
    line   = yaml_line_start(bytes, last->pos.offset);
    before = str_sub(bytes, line, last->pos.offset - line);
    if (str_trim(before).len == 0 && before.len) { /* one item per line */
        text = arena_printf(cx->arena, "," STR_FMT STR_FMT STR_FMT, STR_ARG(yaml_line_break(bytes)),
                            STR_ARG(before), STR_ARG(text));
    } else {
        text = arena_concat(cx->arena, S(", "), text);
    }
    *out = (struct yaml_edit){ .offset = last->end, .text = text };
    return ST_OK;
}

enum status yaml_change_append(struct ctx *cx, str bytes, str pointer,
                               const struct yaml_node *value, str *out)
{
    struct place      p = { 0 }, inside;
    struct yaml_where where;
    struct yaml_edit  edit;

    TRY(find(cx, bytes, pointer, &p));
    if (!p.node || p.node->kind != YAML_LIST) {
        return p.node ? FAIL(cx, UNSUPPORTED, "line %u: an item cannot join " STR_FMT,
                             p.node->pos.line, STR_ARG(yaml_kind_name(p.node->kind)))
                      : lacks(cx, pointer);
    }
    if (p.depth == STEPS_MAX) {
        return FAIL(cx, LIMIT, "more than %d levels (STEPS_MAX)", STEPS_MAX);
    }
    TRY(yaml_find_place(cx, &p.source, p.node, &where));
    TRY(p.node->style == YAML_FLOW ? append_flow(cx, &p, value, &edit)
                                   : append_block(cx, &p, value, &edit));
    inside                       = p;
    inside.owner                 = p.node;
    inside.node                  = NULL;
    inside.trail[inside.depth++] = p.node;
    return finish(cx, &inside, &edit, root_meant(cx, &inside, owner_meant(cx, &inside, value)),
                  out);
}

/* ---- removing ---- */

enum status yaml_change_remove(struct ctx *cx, str bytes, str pointer, str *out)
{
    struct place      p = { 0 };
    struct yaml_where where;
    struct yaml_edit  edit;
    str               parent, step;

    TRY(find(cx, bytes, pointer, &p));
    if (!p.node || !p.owner) {
        return lacks(cx, pointer);
    }
    if (p.owner->count == 1 && str_rsplit(pointer, '/', &parent, &step)) {
        struct yaml_node empty = { .kind = p.owner->kind };

        return yaml_change_set(cx, bytes, parent, &empty, out);
    }
    TRY(yaml_find_place(cx, &p.source, p.node, &where));
    if (p.owner->style == YAML_FLOW) {
        edit = cut_flow(&p);
    } else {
        TRY(cut_block(cx, &p, &edit));
    }
    if (p.owner->style == YAML_FLOW && may_hold_comment(str_sub(bytes, edit.offset, edit.len))) {
        return FAIL(cx, UNSUPPORTED, "line %u: a comment stands behind it; edit it by hand",
                    p.node->pos.line);
    }
    return finish(cx, &p, &edit, root_meant(cx, &p, owner_meant(cx, &p, NULL)), out);
}

/* ---- setting ---- */

static bool are_scalars(const struct yaml_node *list)
{
    for (size_t i = 0; list->kind == YAML_LIST && i < list->count; i++) {
        if (!is_scalar(list->items[i])) {
            return false;
        }
    }
    return list->kind == YAML_LIST && list->count > 0;
}

/* How many items of `old` stay, in order, at the beginning of `made`; stays[i] marks them. */
static size_t common_items(const struct yaml_node *old, const struct yaml_node *made, bool *stays)
{
    size_t count = 0;

    for (size_t i = 0; i < old->count; i++) {
        stays[i] = count < made->count && yaml_equal(old->items[i], made->items[count]);
        count += stays[i];
    }
    return count;
}

/* A list of scalars: what goes goes, what is new joins at the end, the other lines stay. */
static enum status set_items(struct ctx *cx, const struct place *p, str pointer,
                             const struct yaml_node *value, str *out)
{
    bool  *stays = arena_array(cx->arena, p->node->count, sizeof *stays);
    size_t kept  = common_items(p->node, value, stays);
    str    bytes = p->source.bytes;

    if (kept == 0) {
        return FAIL(cx, UNSUPPORTED, "nothing of the list stays");
    }
    for (size_t i = p->node->count; i-- > 0;) {
        if (!stays[i]) {
            TRY(yaml_change_remove(
                cx, bytes, arena_printf(cx->arena, STR_FMT "/%zu", STR_ARG(pointer), i), &bytes));
        }
    }
    for (size_t i = kept; i < value->count; i++) {
        TRY(yaml_change_append(cx, bytes, pointer, value->items[i], &bytes));
    }
    *out = bytes;
    return ST_OK;
}

static enum status insert(struct ctx *cx, const struct place *p, const struct yaml_node *value,
                          struct yaml_edit *out)
{
    bool               is_flow = p->owner->style == YAML_FLOW;
    struct yaml_insert what    = { .map = p->owner, .key = p->key };

    TRY(value_text(cx, &p->source, value, is_flow ? YAML_IN_FLOW : YAML_IN_BLOCK, &what.text));
    return yaml_edit_insert(cx, &p->source, &what, out);
}

static enum status replace(struct ctx *cx, const struct place *p, const struct yaml_node *value,
                           struct yaml_edit *out)
{
    struct yaml_scalar scalar = { .kind = value->kind };
    struct yaml_where  where;
    str                text;

    TRY(yaml_find_place(cx, &p->source, p->node, &where));
    if (!is_scalar(p->node) || !is_scalar(value)) {
        TRY(value_text(cx, &p->source, value, where.is_flow ? YAML_IN_FLOW : YAML_IN_BLOCK, &text));
        return exchange(cx, p, text, out);
    }
    switch (value->kind) {
    case YAML_BOOL: scalar.truth = value->truth; break;
    case YAML_INT: scalar.integer = value->integer; break;
    case YAML_FLOAT: scalar.real = value->real; break;
    case YAML_STRING: scalar.text = value->text; break;
    case YAML_NULL:
    case YAML_LIST:
    case YAML_MAP: break;
    }
    return yaml_edit_replace(cx, &p->source, p->node, scalar, out);
}

enum status yaml_change_set(struct ctx *cx, str bytes, str pointer, const struct yaml_node *value,
                            str *out)
{
    struct place     p = { 0 };
    struct yaml_edit edit;
    struct err       unheard = { 0 };
    struct ctx       quiet   = *cx;

    TRY(find(cx, bytes, pointer, &p));
    if (!p.owner) {
        return FAIL(cx, UNSUPPORTED, "the document as a whole cannot be replaced");
    }
    if (p.node && yaml_equal(p.node, value)) {
        *out = bytes;
        return ST_OK;
    }
    quiet.err = &unheard;
    if (p.node && are_scalars(p.node) && are_scalars(value) &&
        set_items(&quiet, &p, pointer, value, out) == ST_OK) {
        return ST_OK;
    }
    TRY(p.node ? replace(cx, &p, value, &edit) : insert(cx, &p, value, &edit));
    return finish(cx, &p, &edit, root_meant(cx, &p, owner_meant(cx, &p, value)), out);
}
