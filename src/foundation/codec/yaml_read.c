/*
 * yaml_read.c - libyaml's events become a tree.
 *
 * libyaml scans and parses; everything it does not know is done here: byte positions, the types of
 * YAML 1.2, duplicate keys, aliases, limits, and findings that say what to do. Open collections are
 * frames on a stack of ours, so nothing recurses.
 */
#include "codec/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/utf8.h"
#include "codec/yaml_int.h"

const struct yaml_limits yaml_limits_default = {
    .size_bytes   = (size_t)8 << 20,
    .depth        = 64,
    .nodes        = 500000,
    .scalar_bytes = (size_t)1 << 20,
};

enum { LINEAR_MEMBERS = 16, CHECK_EVERY = 1024, SHOWN_MAX = 100 };

struct anchor {
    struct yaml_node *node; /* NULL while its value is still open */
};

/* An open collection. */
struct frame {
    struct yaml_node  *node;
    struct anchor     *anchor; /* or NULL */
    struct yaml_member member; /* of a map: the key that waits for its value */
    bool               has_key;
    size_t             cap;
    struct map         seen; /* keys to their diag_pos; filled above LINEAR_MEMBERS */
    size_t             end;  /* of what was added last */
};

struct reader {
    struct ctx               *cx;
    const struct diag_text   *text;
    const struct yaml_limits *limits;
    struct diags             *diags;
    struct yaml_places        places;
    VEC(struct frame) stack;
    struct map        anchors;
    size_t            nodes, events;
    struct yaml_node *root;
    bool              is_done;
};

/* What a finding says besides its message. */
struct finding {
    str             rule;
    struct diag_pos pos;
    str             hint;
};

/* ---- findings ---- */

/* A finding after which reading cannot go on: also the error of the whole. */
static enum status stop(struct reader *r, enum status code, struct finding f, const char *message)
{
    diag_add(r->diags, r->cx, DIAG_ERROR, r->text, f.pos, f.rule, f.hint, "%s", message);
    return err_set(r->cx->err, code, __FILE__, __LINE__, STR_FMT ":%u:%u: %s",
                   STR_ARG(r->text->name), f.pos.line, f.pos.column, message);
}

static enum status stop_limit(struct reader *r, struct diag_pos pos, const char *what, size_t limit)
{
    str text = arena_printf(r->cx->arena, "%s is over the limit of %zu%c", what, limit, '\0');

    return stop(r, ST_LIMIT, (struct finding){ .rule = S("yaml.limit"), .pos = pos }, text.ptr);
}

struct advice {
    const char *problem; /* what libyaml says */
    str         hint;
};

static const struct advice advices[] = {
    { "mapping values are not allowed",
      STR_INIT("quote the value when it contains \": \", or check the indentation") },
    { "could not find expected ':'", STR_INIT("write \"key: value\"; a key stands on one line") },
    { "did not find expected key",
      STR_INIT("indent the line like its neighbours; quote text behind a quoted value") },
    { "did not find expected '-' indicator",
      STR_INIT("indent the line like the other items, or begin it with \"- \"") },
    { "found unexpected end of stream", STR_INIT("close the quote") },
    { "did not find expected ',' or ']'", STR_INIT("close the list with \"]\"") },
    { "did not find expected ',' or '}'", STR_INIT("close the map with \"}\"") },
    { "did not find expected node content", STR_INIT("a value is missing here") },
    { "found character that cannot start any token",
      STR_INIT("quote text that begins with @, ` or %") },
    { "block sequence entries are not allowed", STR_INIT("begin the list on a line of its own") },
    { "did not find expected alphabetic or numeric",
      STR_INIT("quote text that begins with & or *") },
    { "found unknown escape character", STR_INIT("write a backslash twice, or use single quotes") },
    { "control characters are not allowed",
      STR_INIT("write it as an escape in double quotes: \"\\u0007\"") },
};

static str advice_for(const char *problem)
{
    for (size_t i = 0; i < COUNT_OF(advices); i++) {
        if (strstr(problem, advices[i].problem)) {
            return advices[i].hint;
        }
    }
    return STR_NONE;
}

/* True when only blanks and tabs stand between the start of the line and `offset`, which is a tab. */
static bool is_indenting_tab(str bytes, size_t offset)
{
    if (offset >= bytes.len || bytes.ptr[offset] != '\t') {
        return false;
    }
    while (offset > 0 && bytes.ptr[offset - 1] != '\n') {
        offset--;
        if (bytes.ptr[offset] != ' ' && bytes.ptr[offset] != '\t') {
            return false;
        }
    }
    return true;
}

/* libyaml gave up: its message, the place, what it was in the middle of, and our advice. */
static enum status stop_syntax(struct reader *r, const yaml_parser_t *parser)
{
    const char    *problem = parser->problem ? parser->problem : "the text is no YAML";
    size_t         offset, context;
    struct finding f = { .rule = S("yaml.syntax"), .hint = advice_for(problem) };
    str            message;

    if (parser->error == YAML_MEMORY_ERROR) {
        BUG("out of memory in libyaml");
    }
    if (parser->error == YAML_READER_ERROR) {
        offset = r->places.skipped + parser->problem_offset;
    } else {
        offset = yaml_places_offset(&r->places, parser->problem_mark.index);
    }
    f.pos = yaml_places_pos(&r->places, offset, 1);
    if (is_indenting_tab(r->places.bytes, offset)) {
        f.rule = S("yaml.tab");
        f.hint = S("indent with spaces");
        return stop(r, ST_INVALID, f, "a tab cannot indent YAML");
    }
    context = yaml_places_offset(&r->places, parser->context_mark.index);
    if (parser->context && parser->error != YAML_READER_ERROR) {
        message = arena_printf(r->cx->arena, "%s, %s that begins on line %u%c", problem,
                               parser->context, yaml_places_pos(&r->places, context, 0).line, '\0');
    } else {
        message = arena_printf(r->cx->arena, "%s%c", problem, '\0');
    }
    return stop(r, ST_INVALID, f, message.ptr);
}

/* ---- where a value stands ---- */

/* Length of the line break at `at`, as libyaml sees them (YAML 1.1): also NEL, LS and PS; or 0. */
static size_t break_len(str bytes, size_t at)
{
    str rest = str_from(bytes, at);

    if (str_starts(rest, S("\n")) || str_starts(rest, S("\r"))) {
        return 1;
    }
    if (str_starts(rest, S("\xC2\x85"))) {
        return 2;
    }
    return str_starts(rest, S("\xE2\x80\xA8")) || str_starts(rest, S("\xE2\x80\xA9")) ? 3 : 0;
}

static size_t blank_len(str bytes, size_t at)
{
    return bytes.ptr[at] == ' ' || bytes.ptr[at] == '\t' ? 1 : break_len(bytes, at);
}

/* Behind blanks, comments and line breaks. */
static size_t skip_blanks(str bytes, size_t at, size_t end)
{
    while (at < end && (bytes.ptr[at] == '#' || blank_len(bytes, at))) {
        if (bytes.ptr[at] != '#') {
            at += blank_len(bytes, at);
            continue;
        }
        while (at < end && !break_len(bytes, at)) {
            at++;
        }
    }
    return at < end ? at : end;
}

/* Behind `count` properties (anchor, tag) and the blanks, comments and line breaks after them. */
static size_t skip_properties(str bytes, size_t at, size_t end, int count)
{
    while (count-- > 0) {
        while (at < end && !blank_len(bytes, at)) {
            at++;
        }
        at = skip_blanks(bytes, at, end);
    }
    return at;
}

/* The end of `[from, end)` without its last line break; *is_blank when the last line is spaces. */
static size_t drop_break(str bytes, size_t from, size_t end, bool *is_blank)
{
    size_t at;

    if (end > from && bytes.ptr[end - 1] == '\n') {
        end--;
    }
    if (end > from && bytes.ptr[end - 1] == '\r') {
        end--;
    }
    at = end;
    while (at > from && bytes.ptr[at - 1] == ' ') {
        at--;
    }
    *is_blank = at > from && (bytes.ptr[at - 1] == '\n' || bytes.ptr[at - 1] == '\r');
    return end;
}

/*
 * libyaml's block scalars end at the start of the line after them. Ours end before the last line
 * break, and without blank lines below unless "+" keeps those. A last line of spaces may be content
 * when the text ends with one; then only empty lines are dropped.
 */
static size_t trim_block(str bytes, size_t from, size_t end, str text)
{
    size_t header  = from + 1;
    bool   is_kept = false, is_blank, ends_in_space;
    str    body    = str_ends(text, S("\n")) ? str_sub(text, 0, text.len - 1) : text;

    while (header < end && strchr("+-0123456789", bytes.ptr[header])) {
        is_kept |= bytes.ptr[header++] == '+';
    }
    if (text.len == 0) {
        return header;
    }
    ends_in_space = str_ends(body, S(" ")) || str_ends(body, S("\t"));
    end           = drop_break(bytes, header, end, &is_blank);
    while (!is_kept && is_blank) {
        size_t line = end;

        while (bytes.ptr[line - 1] == ' ') {
            line--;
        }
        if (line < end && ends_in_space) {
            break;
        }
        end = drop_break(bytes, header, line, &is_blank);
    }
    return end;
}

static int count_properties(const unsigned char *anchor, const unsigned char *tag)
{
    return (anchor != NULL) + (tag != NULL);
}

/* Sets pos and end of a scalar, an alias or the opening of a collection. */
static void set_extent(struct reader *r, struct yaml_node *node, const yaml_event_t *event,
                       int properties)
{
    size_t from = yaml_places_offset(&r->places, event->start_mark.index);
    size_t end  = yaml_places_offset(&r->places, event->end_mark.index);
    /* A block collection's event ends at its own start: look further for its first child. */
    size_t limit = event->type == YAML_SCALAR_EVENT ? end : r->places.bytes.len;

    from = skip_properties(r->places.bytes, from, limit, properties);
    if (node->style == YAML_LITERAL || node->style == YAML_FOLDED) {
        end = trim_block(r->places.bytes, from, end, node->text);
    }
    end       = end > from ? end : from;
    node->end = (uint32_t)end;
    node->pos = yaml_places_pos(&r->places, from, end - from);
}

/* ---- tags ---- */

enum tag { TAG_NONE, TAG_STR, TAG_INT, TAG_FLOAT, TAG_BOOL, TAG_NULL, TAG_MAP, TAG_SEQ, TAG_OTHER };

static enum tag tag_of(const unsigned char *text)
{
    static const struct {
        str      name;
        enum tag tag;
    } known[] = {
        { STR_INIT("str"), TAG_STR },     { STR_INIT("int"), TAG_INT },
        { STR_INIT("float"), TAG_FLOAT }, { STR_INIT("bool"), TAG_BOOL },
        { STR_INIT("null"), TAG_NULL },   { STR_INIT("map"), TAG_MAP },
        { STR_INIT("seq"), TAG_SEQ },
    };
    const str prefix = S("tag:yaml.org,2002:");
    str       tag    = str_of((const char *)text);

    if (tag.ptr == NULL) {
        return TAG_NONE;
    }
    if (str_eq(tag, S("!"))) {
        return TAG_STR;
    }
    for (size_t i = 0; str_starts(tag, prefix) && i < COUNT_OF(known); i++) {
        if (str_eq(str_from(tag, prefix.len), known[i].name)) {
            return known[i].tag;
        }
    }
    return TAG_OTHER;
}

static void refuse_tag(struct reader *r, struct diag_pos pos, const unsigned char *tag,
                       const char *why)
{
    diag_add(r->diags, r->cx, DIAG_ERROR, r->text, pos, S("yaml.tag"), S("leave the tag out"),
             "tag \"" STR_FMT "\" %s", STR_ARG(utf8_cut(str_of((const char *)tag), SHOWN_MAX)),
             why);
}

/* What a tagged scalar must be; YAML_LIST for the tags of collections, which no scalar is. */
static enum yaml_kind kind_of_tag(enum tag tag)
{
    switch (tag) {
    case TAG_STR:
    case TAG_NONE:
    case TAG_OTHER: return YAML_STRING;
    case TAG_INT: return YAML_INT;
    case TAG_FLOAT: return YAML_FLOAT;
    case TAG_BOOL: return YAML_BOOL;
    case TAG_NULL: return YAML_NULL;
    case TAG_MAP:
    case TAG_SEQ: return YAML_LIST;
    }
    BUG("yaml_read: no such tag");
}

static void copy_value(struct yaml_node *node, const struct yaml_node *typed)
{
    node->kind = typed->kind;
    if (typed->kind == YAML_BOOL) {
        node->truth = typed->truth;
    } else if (typed->kind == YAML_INT) {
        node->integer = typed->integer;
    } else if (typed->kind == YAML_FLOAT) {
        node->real = typed->real;
    }
}

/* Types a scalar by its tag, or by the core schema. */
static void set_type(struct reader *r, struct yaml_node *node, const yaml_event_t *event)
{
    const unsigned char *text    = event->data.scalar.tag;
    enum tag             tag     = tag_of(text);
    bool                 is_free = tag == TAG_NONE || tag == TAG_OTHER;
    struct yaml_node     typed   = { 0 };

    node->kind = YAML_STRING;
    if (tag != TAG_STR && (node->style == YAML_PLAIN || !is_free)) {
        yaml_type_plain(node->text, &typed);
        copy_value(node, &typed);
    }
    if (tag == TAG_FLOAT && node->kind == YAML_INT) {
        node->kind = YAML_FLOAT;
        node->real = (double)typed.integer;
    }
    if (tag == TAG_OTHER) {
        refuse_tag(r, node->pos, text, "is not known");
    } else if (!is_free && node->kind != kind_of_tag(tag)) {
        refuse_tag(r, node->pos, text, "does not fit the value");
    }
}

/* ---- building ---- */

static struct frame *top(struct reader *r)
{
    return r->stack.count ? &r->stack.items[r->stack.count - 1] : NULL;
}

static bool awaits_key(struct reader *r)
{
    const struct frame *f = top(r);

    return f && f->node->kind == YAML_MAP && !f->has_key;
}

static enum status count_nodes(struct reader *r, struct diag_pos pos, size_t more)
{
    if (more > r->limits->nodes - r->nodes) {
        return stop_limit(r, pos, "the number of values, aliases expanded,", r->limits->nodes);
    }
    r->nodes += more;
    return ST_OK;
}

static void name_anchor(struct reader *r, const unsigned char *name, struct yaml_node *node,
                        struct anchor **out)
{
    struct anchor *made = ARENA_NEW(r->cx->arena, struct anchor);

    made->node = node;
    map_put(&r->anchors, r->cx->arena, arena_dup(r->cx->arena, str_of((const char *)name)), made);
    *out = made;
}

/* Where this key stands already, or NULL. */
static const struct diag_pos *find_seen(const struct frame *f, str key)
{
    const struct yaml_member *member;

    if (f->node->count > LINEAR_MEMBERS) {
        return map_get(&f->seen, key);
    }
    member = yaml_member(f->node, key);
    return member ? &member->key_pos : NULL;
}

static void remember(struct reader *r, struct frame *f)
{
    size_t count = f->node->count;
    size_t from  = count == LINEAR_MEMBERS + 1 ? 0 : count - 1;

    for (size_t i = from; count > LINEAR_MEMBERS && i < count; i++) {
        struct diag_pos *place = ARENA_NEW(r->cx->arena, struct diag_pos);

        *place = f->node->members[i].key_pos;
        map_put(&f->seen, r->cx->arena, f->node->members[i].key, place);
    }
}

static void add_member(struct reader *r, struct frame *f, struct yaml_node *value)
{
    struct yaml_member    *member = &f->member;
    const struct diag_pos *first  = find_seen(f, member->key);

    f->has_key = false;
    if (first) {
        diag_add(r->diags, r->cx, DIAG_ERROR, r->text, member->key_pos, S("yaml.duplicate-key"),
                 S("remove one of the two"),
                 "key \"" STR_FMT "\" stands twice in this map, first on line %u column %u",
                 STR_ARG(utf8_cut(member->key, SHOWN_MAX)), first->line, first->column);
        return;
    }
    member->value = value;
    f->node->members =
        vec_grow(r->cx->arena, f->node->members, f->node->count, &f->cap, sizeof *f->node->members);
    f->node->members[f->node->count++] = *member;
    remember(r, f);
}

/* A finished value goes to the collection around it, or is the root. */
static void deliver(struct reader *r, struct yaml_node *value)
{
    struct frame *f = top(r);

    if (!f) {
        r->root = value;
        return;
    }
    f->end = value->end;
    f->node->total += value->total;
    if (f->node->height < value->height + 1) {
        f->node->height = value->height + 1;
    }
    if (f->node->kind == YAML_MAP) {
        add_member(r, f, value);
        return;
    }
    f->node->items =
        vec_grow(r->cx->arena, f->node->items, f->node->count, &f->cap, sizeof(struct yaml_node *));
    f->node->items[f->node->count++] = value;
}

static enum status take_key(struct reader *r, const struct yaml_node *key)
{
    struct frame *f = top(r);

    if (key->kind == YAML_LIST || key->kind == YAML_MAP) {
        return stop(r, ST_INVALID, (struct finding){ .rule = S("yaml.key"), .pos = key->pos },
                    "a key must be a scalar, not a list or a map");
    }
    if (key->kind == YAML_NULL && key->text.len == 0) {
        diag_add(r->diags, r->cx, DIAG_ERROR, r->text, key->pos, S("yaml.key"),
                 S("write \"key: value\""), "a key is missing");
    }
    if (key->style == YAML_PLAIN && str_eq(key->text, S("<<"))) {
        diag_add(r->diags, r->cx, DIAG_WARNING, r->text, key->pos, S("yaml.merge-key"),
                 S("write the members out"), "YAML 1.2 has no merge keys; \"<<\" is read as a key");
    }
    f->member = (struct yaml_member){
        .key                = key->text,
        .key_pos            = key->pos,
        .key_style          = key->style,
        .key_end            = key->end,
        .has_key_properties = key->is_alias || key->is_anchored || key->is_tagged,
    };
    f->has_key = true;
    f->end     = key->end;
    return ST_OK;
}

/* ---- events ---- */

static enum yaml_style style_of(yaml_scalar_style_t style)
{
    switch ((int)style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: return YAML_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return YAML_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE: return YAML_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE: return YAML_FOLDED;
    default: return YAML_PLAIN;
    }
}

static enum status on_scalar(struct reader *r, const yaml_event_t *event)
{
    const unsigned char *name = event->data.scalar.anchor;
    struct yaml_node    *node = ARENA_NEW(r->cx->arena, struct yaml_node);
    struct anchor       *anchor;

    node->style       = style_of(event->data.scalar.style);
    node->is_anchored = name != NULL;
    node->is_tagged   = event->data.scalar.tag != NULL;
    node->total       = 1;
    node->height      = 1;
    node->text        = (str){ (const char *)event->data.scalar.value, event->data.scalar.length };
    set_extent(r, node, event, count_properties(name, event->data.scalar.tag));
    if (node->text.len > r->limits->scalar_bytes) {
        return stop_limit(r, node->pos, "the length of a scalar in bytes", r->limits->scalar_bytes);
    }
    node->text = arena_dup(r->cx->arena, node->text);
    set_type(r, node, event);
    if (name) {
        name_anchor(r, name, node, &anchor);
    }
    if (awaits_key(r)) {
        return take_key(r, node);
    }
    TRY(count_nodes(r, node->pos, 1));
    deliver(r, node);
    return ST_OK;
}

static enum status on_alias(struct reader *r, const yaml_event_t *event)
{
    str                  name   = str_of((const char *)event->data.alias.anchor);
    const struct anchor *anchor = map_get(&r->anchors, name);
    struct yaml_node     here   = { 0 }, *node;
    char                 message[256];
    struct finding       f = { .rule = S("yaml.alias") };

    set_extent(r, &here, event, 0);
    f.pos = here.pos;
    if (!anchor || !anchor->node) {
        snprintf(message, sizeof message, "alias \"" STR_FMT "\" %s",
                 STR_ARG(utf8_cut(name, SHOWN_MAX)),
                 anchor ? "stands inside the value that it names" : "has no anchor before it");
        return stop(r, ST_INVALID, f, message);
    }
    if (r->stack.count + anchor->node->height > r->limits->depth) {
        return stop_limit(r, f.pos, "the depth, aliases expanded,", r->limits->depth);
    }
    node              = ARENA_NEW(r->cx->arena, struct yaml_node);
    *node             = *anchor->node;
    node->pos         = here.pos;
    node->end         = here.end;
    node->is_alias    = true;
    node->is_anchored = false;
    node->is_tagged   = false;
    if (awaits_key(r)) {
        return take_key(r, node);
    }
    TRY(count_nodes(r, f.pos, node->total));
    deliver(r, node);
    return ST_OK;
}

/* What the two start events share. */
struct opening {
    enum yaml_kind       kind;
    enum yaml_style      style;
    const unsigned char *anchor, *tag;
};

static enum status open_collection(struct reader *r, const yaml_event_t *event, struct opening o)
{
    struct yaml_node *node = ARENA_NEW(r->cx->arena, struct yaml_node);
    struct frame      f    = { .node = node };
    enum tag          tag  = tag_of(o.tag);

    node->kind        = o.kind;
    node->style       = o.style;
    node->is_anchored = o.anchor != NULL;
    node->is_tagged   = o.tag != NULL;
    node->total       = 1;
    node->height      = 1;
    set_extent(r, node, event, count_properties(o.anchor, o.tag));
    f.end = node->pos.offset;
    if (awaits_key(r)) {
        return take_key(r, node);
    }
    if (r->stack.count >= r->limits->depth) {
        return stop_limit(r, node->pos, "the depth", r->limits->depth);
    }
    TRY(count_nodes(r, node->pos, 1));
    if (tag != TAG_NONE && tag != (o.kind == YAML_MAP ? TAG_MAP : TAG_SEQ) &&
        !str_eq(str_of((const char *)o.tag), S("!"))) {
        refuse_tag(r, node->pos, o.tag,
                   tag == TAG_OTHER ? "is not known" : "does not fit the value");
    }
    if (o.anchor) {
        name_anchor(r, o.anchor, NULL, &f.anchor);
    }
    vec_push(r->cx->arena, &r->stack, f);
    return ST_OK;
}

static enum status on_map(struct reader *r, const yaml_event_t *event)
{
    bool is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;

    return open_collection(r, event,
                           (struct opening){ .kind   = YAML_MAP,
                                             .style  = is_flow ? YAML_FLOW : YAML_BLOCK,
                                             .anchor = event->data.mapping_start.anchor,
                                             .tag    = event->data.mapping_start.tag });
}

static enum status on_list(struct reader *r, const yaml_event_t *event)
{
    bool is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;

    return open_collection(r, event,
                           (struct opening){ .kind   = YAML_LIST,
                                             .style  = is_flow ? YAML_FLOW : YAML_BLOCK,
                                             .anchor = event->data.sequence_start.anchor,
                                             .tag    = event->data.sequence_start.tag });
}

/*
 * Only a closing bracket has an end of its own: a block collection, and the pair without braces in
 * `[a: 1]`, end with their last child.
 */
static void on_end(struct reader *r, const yaml_event_t *event)
{
    struct frame      f    = *top(r);
    struct yaml_node *node = f.node;
    size_t            from = node->pos.offset;
    char              c    = from < r->places.bytes.len ? r->places.bytes.ptr[from] : '\0';

    r->stack.count--;
    if (node->style == YAML_FLOW && (c == '[' || c == '{')) {
        f.end     = yaml_places_offset(&r->places, event->end_mark.index);
        node->pos = yaml_places_pos(&r->places, from, f.end - from);
    } else if (node->kind == YAML_MAP && node->count) {
        node->pos.len = node->members[0].key_pos.len;
    } else {
        node->pos = yaml_places_pos(&r->places, from, 1);
    }
    node->end = (uint32_t)f.end;
    if (f.anchor) {
        f.anchor->node = node;
    }
    deliver(r, node);
}

static enum status on_document(struct reader *r, const yaml_event_t *event)
{
    size_t offset = yaml_places_offset(&r->places, event->start_mark.index);

    if (r->root) {
        diag_add(r->diags, r->cx, DIAG_ERROR, r->text, yaml_places_pos(&r->places, offset, 3),
                 S("yaml.documents"), S("keep one document per file"),
                 "a second document begins here; it is not read");
        r->is_done = true;
    }
    return ST_OK;
}

static enum status on_event(struct reader *r, const yaml_event_t *event)
{
    if (++r->events % CHECK_EVERY == 0) {
        TRY(ctx_check(r->cx));
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT: return on_scalar(r, event);
    case YAML_ALIAS_EVENT: return on_alias(r, event);
    case YAML_MAPPING_START_EVENT: return on_map(r, event);
    case YAML_SEQUENCE_START_EVENT: return on_list(r, event);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: on_end(r, event); return ST_OK;
    case YAML_DOCUMENT_START_EVENT: return on_document(r, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT: r->is_done = true; return ST_OK;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT: return ST_OK;
    }
    BUG("yaml_read: no such event");
}

static enum status read_events(struct reader *r, yaml_parser_t *parser)
{
    while (!r->is_done) {
        yaml_event_t event;
        enum status  st;

        if (!yaml_parser_parse(parser, &event)) {
            return stop_syntax(r, parser);
        }
        st = on_event(r, &event);
        yaml_event_delete(&event);
        TRY(st);
    }
    return ST_OK;
}

static enum status check_text(struct reader *r)
{
    str            bytes = r->text->bytes;
    size_t         at;
    struct finding f = { .rule = S("yaml.encoding"), .hint = S("save the file as UTF-8") };

    if (bytes.len > r->limits->size_bytes || bytes.len > UINT32_MAX) {
        return stop_limit(r, (struct diag_pos){ 0 }, "the size in bytes", r->limits->size_bytes);
    }
    if (!utf8_is_valid(bytes, &at)) {
        f.pos = diag_pos_at(bytes, at, 1);
        return stop(r, ST_INVALID, f, "the text is not UTF-8");
    }
    return ST_OK;
}

enum status yaml_read(struct ctx *cx, const struct diag_text *text,
                      const struct yaml_limits *limits, struct diags *d, struct yaml_node **out)
{
    struct reader r = {
        .cx = cx, .text = text, .limits = limits ? limits : &yaml_limits_default, .diags = d
    };
    CLEANUP(yaml_parser_delete) yaml_parser_t parser = { 0 };
    str                                       body;

    TRY(check_text(&r));
    yaml_places_init(&r.places, cx->arena, text->bytes);
    body = str_from(text->bytes, r.places.skipped);
    if (!yaml_parser_initialize(&parser)) {
        BUG("out of memory in libyaml");
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(body.len ? body.ptr : ""),
                                 body.len);
    TRY(read_events(&r, &parser));
    if (!r.root) {
        r.root         = ARENA_NEW(cx->arena, struct yaml_node);
        r.root->pos    = (struct diag_pos){ .line = 1, .column = 1 };
        r.root->total  = 1;
        r.root->height = 1;
    }
    *out = r.root;
    return ST_OK;
}
