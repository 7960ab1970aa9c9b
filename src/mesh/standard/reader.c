/*
 * reader.c - walks any document by its table, fills the struct and reports everything at once.
 */
#include "standard/std_int.h"

#include <string.h>

enum { NAMES_MAX = 128 }; /* more than any shape has fields */

/* Where a list of structs is kept: STD_LIST of any type has this layout. */
struct raw_list {
    void  *items;
    size_t count;
};

void *std_room(struct std_reader *r, size_t count, size_t size)
{
    if (r->status != ST_OK) {
        return NULL;
    }
    if (size != 0 && count > ((size_t)STD_MEMORY_MAX - r->bytes) / size) {
        std_report(r, STD_RULE_LIMIT, (struct diag_pos){ 0 }, S("split the document"),
                   "the document has too many entries: over %d MiB in memory (STD_MEMORY_MAX)",
                   STD_MEMORY_MAX >> 20);
        r->status = FAIL(r->cx, LIMIT, STR_FMT ": too many entries (STD_MEMORY_MAX, %d MiB)",
                         STR_ARG(r->text->name), STD_MEMORY_MAX >> 20);
        return NULL;
    }
    r->bytes += count * size;
    r->status = ctx_check(r->cx);
    return r->status == ST_OK ? arena_array(r->cx->arena, count, size) : NULL;
}

str std_member_text(const struct yaml_node *map, str key)
{
    return yaml_text_or(yaml_get(map, key), STR_NONE);
}

str std_version_name(const struct std_reader *r, uint8_t version)
{
    return version <= r->standard->newest ? r->standard->versions[version] : STR_NONE;
}

bool std_field_is_in(const struct std_field *field, uint8_t version)
{
    return field->since <= version && (field->until == 0 || version <= field->until);
}

static bool is_closed(const struct std_reader *r, const struct std_shape *shape)
{
    return !shape->is_loose && r->version >= shape->closed_since;
}

static enum std_here place_of(const struct std_reader *r, const struct std_shape *shape,
                              const struct yaml_node *map, const struct std_field *field)
{
    return shape->here ? shape->here(r, map, field) : STD_HERE;
}

/* ---- reading one value ------------------------------------------------------------------------ */

static void put(void *made, const struct std_field *field, const void *value, size_t size)
{
    memcpy((char *)made + field->offset, value, size);
}

static void read_strings(struct std_reader *r, const struct std_field *field,
                         const struct yaml_node *node, void *made)
{
    struct std_strs list  = { .at = node->pos, .is_list = field->kind == STD_STRINGS };
    size_t          count = list.is_list ? node->count : 1;

    list.items = std_room(r, count, sizeof *list.items);
    if (!list.items) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = list.is_list ? node->items[i] : node;

        if (item->kind != YAML_STRING) {
            std_report(r, STD_RULE_TYPE, item->pos, S("quote it to make it a string"),
                       "expected a string in \"" STR_FMT "\", found " STR_FMT, STR_ARG(field->name),
                       STR_ARG(yaml_kind_name(item->kind)));
            continue;
        }
        std_check_text(r, field, item);
        list.items[list.count++] = (struct std_str){ item->text, item->pos };
    }
    put(made, field, &list, sizeof list);
}

static void read_anys(struct std_reader *r, const struct std_field *field,
                      const struct yaml_node *node, void *made)
{
    struct std_any *items = std_room(r, node->count, sizeof *items);
    struct raw_list list  = { items, node->count };

    if (!items) {
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        items[i] = (struct std_any){ node->items[i], node->items[i]->pos };
    }
    put(made, field, &list, sizeof list);
}

static void read_items(struct std_reader *r, const struct std_field *field,
                       const struct yaml_node *node, void *made)
{
    char           *items = std_room(r, node->count, field->shape->size);
    struct raw_list list  = { items, node->count };

    if (!items) {
        return;
    }
    for (size_t i = 0; i < node->count && r->status == ST_OK; i++) {
        std_read_shape(r, field->shape, node->items[i], items + i * field->shape->size);
    }
    put(made, field, &list, sizeof list);
}

static void read_dict(struct std_reader *r, const struct std_field *field,
                      const struct yaml_node *node, void *made)
{
    char           *items = std_room(r, node->count, field->shape->size);
    struct raw_list list  = { items, node->count };

    if (!items) {
        return;
    }
    for (size_t i = 0; i < node->count && r->status == ST_OK; i++) {
        const struct yaml_member *m    = &node->members[i];
        char                     *item = items + i * field->shape->size;
        struct std_str            name = { m->key, m->key_pos };
        struct yaml_node          key  = { .kind = YAML_STRING, .text = m->key, .pos = m->key_pos };

        std_check_text(r, field, &key);
        std_read_shape(r, field->shape, m->value, item);
        memcpy(item, &name, sizeof name);
    }
    put(made, field, &list, sizeof list);
}

static void read_object(struct std_reader *r, const struct std_field *field,
                        const struct yaml_node *owner, const struct yaml_node *node, void *made)
{
    const struct std_shape *shape = field->pick ? field->pick(r, owner, node) : field->shape;
    char                   *place = (char *)made + field->offset;

    if (!shape) {
        return;
    }
    if (field->kind == STD_POINTER) {
        void *fresh = std_room(r, 1, shape->size);

        if (!fresh) {
            return;
        }
        put(made, field, &fresh, sizeof fresh);
        place = fresh;
    }
    std_read_shape(r, shape, node, place);
}

static void read_int(struct std_reader *r, const struct std_field *field,
                     const struct yaml_node *node, void *made)
{
    struct std_int value = { .at = node->pos };

    if (!std_node_integer(node, &value.v)) {
        value.v = node->real < 0 ? INT64_MIN : INT64_MAX;
    }
    if (field->has_least && value.v < field->least) {
        std_report(r, STD_RULE_RANGE, node->pos, STR_NONE,
                   "\"" STR_FMT "\" is at least %lld, found " STR_FMT, STR_ARG(field->name),
                   (long long)field->least, STR_ARG(node->text));
    }
    put(made, field, &value, sizeof value);
}

static void read_num(struct std_reader *r, const struct std_field *field,
                     const struct yaml_node *node, void *made)
{
    struct std_num value = { .text = node->text, .at = node->pos };

    if (yaml_number(node, &value.v) && field->is_positive && !(value.v > 0)) {
        std_report(r, STD_RULE_RANGE, node->pos, STR_NONE,
                   "\"" STR_FMT "\" is above 0, found " STR_FMT, STR_ARG(field->name),
                   STR_ARG(node->text));
    }
    put(made, field, &value, sizeof value);
}

static void read_pair(struct std_reader *r, const struct std_field *field,
                      const struct yaml_node *node)
{
    double low = 0, high = 0;

    if (node->count != 2) {
        std_report(r, STD_RULE_RANGE, node->pos, S("write [low, high]"),
                   "\"" STR_FMT "\" has two numbers, found %zu entries", STR_ARG(field->name),
                   node->count);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!yaml_number(node->items[i], i ? &high : &low)) {
            std_report(r, STD_RULE_TYPE, node->items[i]->pos, STR_NONE,
                       "expected a number in \"" STR_FMT "\", found " STR_FMT, STR_ARG(field->name),
                       STR_ARG(yaml_kind_name(node->items[i]->kind)));
            return;
        }
    }
    if (std_node_equal(node->items[0], node->items[1])) {
        std_report(r, STD_RULE_DUPLICATE, node->pos, S("use mustBe or mustNotBe for one number"),
                   "the two numbers of \"" STR_FMT "\" are equal", STR_ARG(field->name));
    } else if (low > high) {
        std_report(r, STD_RULE_BETWEEN_ORDER, node->pos, S("write [low, high]"),
                   "the first number of \"" STR_FMT "\" is above the second", STR_ARG(field->name));
    }
}

static void check_list(struct std_reader *r, const struct std_field *field,
                       const struct yaml_node *node)
{
    size_t at;

    if (field->has_least && node->count < (size_t)field->least) {
        std_report(r, STD_RULE_RANGE, node->pos, S("add an entry or remove the field"),
                   "\"" STR_FMT "\" has at least %lld entries, found %zu", STR_ARG(field->name),
                   (long long)field->least, node->count);
    }
    if (field->is_distinct && std_find_duplicate(r, node->items, node->count, &at)) {
        std_report(r, STD_RULE_DUPLICATE, node->items[at]->pos, S("remove one of them"),
                   "entry %zu of \"" STR_FMT "\" stands there twice", at + 1, STR_ARG(field->name));
    }
}

/* The findings about a value that has no place in the struct. */
static void check_unkept(struct std_reader *r, const struct std_field *field,
                         const struct yaml_node *node)
{
    struct std_field anywhere = *field;
    struct std_strs  strings;

    anywhere.offset = 0;
    if (field->kind == STD_STRINGS) {
        read_strings(r, &anywhere, node, &strings);
    } else if (field->kind == STD_STRING) {
        std_check_text(r, field, node);
    }
}

/* Values kept as a node or a text: small, but for each kind. */
static bool read_kept(struct std_reader *r, const struct std_field *field,
                      const struct yaml_node *node, void *made)
{
    struct std_any any  = { node, node->pos };
    struct std_str text = { node->text, node->pos };

    if (field->store == STD_UNKEPT) {
        check_unkept(r, field, node);
        return true;
    }
    if (field->store == STD_AS_TEXT) {
        put(made, field, &text, sizeof text);
        return true;
    }
    if (field->kind == STD_PAIR) {
        read_pair(r, field, node);
    }
    if (field->store == STD_AS_NODE || field->kind == STD_ANY || field->kind == STD_SCALAR ||
        field->kind == STD_MAPPING || field->kind == STD_SEQUENCE || field->kind == STD_PAIR) {
        put(made, field, &any, sizeof any);
        return true;
    }
    return false;
}

/* Stores a value that fits the field's kind. */
static void read_value(struct std_reader *r, const struct std_field *field,
                       const struct yaml_node *owner, const struct yaml_node *node, void *made)
{
    struct std_bool truth = { node->kind == YAML_BOOL && node->truth, node->pos };
    struct std_str  text  = { node->text, node->pos };

    if (node->kind == YAML_LIST) {
        check_list(r, field, node);
    }
    if (read_kept(r, field, node, made)) {
        return;
    }
    switch (field->kind) {
    case STD_STRING:
        std_check_text(r, field, node);
        put(made, field, &text, sizeof text);
        return;
    case STD_BOOL: put(made, field, &truth, sizeof truth); return;
    case STD_INT: read_int(r, field, node, made); return;
    case STD_NUM: read_num(r, field, node, made); return;
    case STD_STRINGS:
    case STD_ONE: read_strings(r, field, node, made); return;
    case STD_ANYS: read_anys(r, field, node, made); return;
    case STD_ITEMS: read_items(r, field, node, made); return;
    case STD_DICT: read_dict(r, field, node, made); return;
    case STD_OBJECT:
    case STD_POINTER: read_object(r, field, owner, node, made); return;
    case STD_SCALAR:
    case STD_ANY:
    case STD_MAPPING:
    case STD_SEQUENCE:
    case STD_PAIR: return; /* kept above */
    }
    BUG("kind of a field");
}

/* ---- findings about fields -------------------------------------------------------------------- */

static void report_unknown(struct std_reader *r, const struct std_shape *shape,
                           const struct yaml_node *map, const struct yaml_member *m)
{
    str    names[NAMES_MAX];
    size_t count = 0;
    str    near, hint;

    if (!r->diags || r->quiet || r->diags->list.count >= DIAG_MAX) {
        std_report(r, STD_RULE_UNKNOWN_FIELD, m->key_pos, STR_NONE, "unknown field");
        return;
    }
    for (size_t i = 0; i < shape->count && count < NAMES_MAX; i++) {
        const struct std_field *f = &shape->fields[i];

        if (std_field_is_in(f, r->version) && place_of(r, shape, map, f) != STD_NOT_HERE &&
            !yaml_get(map, f->name)) {
            names[count++] = f->name;
        }
    }
    near = str_nearest(m->key, names, count);
    hint = near.len ? arena_printf(r->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
           : str_starts(m->key, S("x-"))
               ? S("the standard has no extension keys here: write it under customProperties")
               : STR_NONE;
    std_report(r, STD_RULE_UNKNOWN_FIELD, m->key_pos, hint,
               "unknown field \"" STR_FMT "\" in " STR_FMT, STR_ARG(m->key), STR_ARG(shape->name));
}

/* The field exists, but in other versions only. */
static void report_version(struct std_reader *r, const struct std_shape *shape,
                           const struct yaml_member *m, const struct std_field *field)
{
    enum std_rule_id rule = is_closed(r, shape) ? STD_RULE_NEWER_FIELD : STD_RULE_NEWER_OPEN;
    str              now  = std_version_name(r, r->version);

    if (field->since > r->version) {
        str came = std_version_name(r, field->since);
        str hint = arena_printf(r->cx->arena, "raise apiVersion to " STR_FMT, STR_ARG(came));

        std_report(r, rule, m->key_pos, hint,
                   "field \"" STR_FMT "\" of " STR_FMT " is unknown in " STR_FMT
                   "; it came with " STR_FMT,
                   STR_ARG(m->key), STR_ARG(shape->name), STR_ARG(now), STR_ARG(came));
        return;
    }
    std_report(r, rule, m->key_pos, STR_NONE,
               "field \"" STR_FMT "\" of " STR_FMT " is gone in " STR_FMT, STR_ARG(m->key),
               STR_ARG(shape->name), STR_ARG(now));
}

/* No row of this name fits the value: says what all rows of this version would take. */
static void report_type(struct std_reader *r, const struct std_shape *shape,
                        const struct yaml_member *m)
{
    str want = STR_NONE, later = STR_NONE, hint = STR_NONE;

    for (size_t i = 0; i < shape->count; i++) {
        const struct std_field *f = &shape->fields[i];

        if (!str_eq(f->name, m->key)) {
            continue;
        }
        if (std_field_is_in(f, r->version)) {
            want = want.len ? arena_printf(r->cx->arena, STR_FMT " or " STR_FMT, STR_ARG(want),
                                           STR_ARG(std_kind_text(f->kind)))
                            : std_kind_text(f->kind);
        } else if (std_kind_fits(f->kind, m->value) && f->since > r->version) {
            later = std_version_name(r, f->since);
        }
    }
    if (later.len) {
        hint = arena_printf(r->cx->arena, "allowed from " STR_FMT " on: raise apiVersion",
                            STR_ARG(later));
    } else if (m->value->kind == YAML_NULL) {
        hint = S("give it a value or remove the field");
    } else if (m->value->kind < YAML_STRING && str_eq(want, S("a string"))) {
        hint = S("quote it to make it a string");
    }
    std_report(r, STD_RULE_TYPE, m->value->pos.line ? m->value->pos : m->key_pos, hint,
               "expected " STR_FMT " for \"" STR_FMT "\", found " STR_FMT, STR_ARG(want),
               STR_ARG(m->key), STR_ARG(yaml_kind_name(m->value->kind)));
}

/* ---- the walk ----------------------------------------------------------------------------------- */

struct match {
    const struct std_field *any;     /* first row of that name                    */
    const struct std_field *version; /* first row of that name in this version    */
    const struct std_field *fit;     /* first of those whose kind fits the value  */
};

static struct match match_field(const struct std_reader *r, const struct std_shape *shape,
                                const struct yaml_member *m)
{
    struct match found = { 0 };

    for (size_t i = 0; i < shape->count; i++) {
        const struct std_field *f = &shape->fields[i];

        if (!str_eq(f->name, m->key)) {
            continue;
        }
        found.any = found.any ? found.any : f;
        if (!std_field_is_in(f, r->version)) {
            continue;
        }
        found.version = found.version ? found.version : f;
        if (!found.fit && std_kind_fits(f->kind, m->value)) {
            found.fit = f;
        }
    }
    return found;
}

/* Fills without findings: the schema of the version lets this pass unseen. */
static void read_quietly(struct std_reader *r, const struct match *found,
                         const struct yaml_node *map, const struct yaml_member *m, void *made)
{
    if (found->fit) {
        r->quiet++;
        read_value(r, found->fit, map, m->value, made);
        r->quiet--;
    }
}

static void report_deprecated(struct std_reader *r, const struct yaml_member *m,
                              const struct std_field *field)
{
    if (field->old_since && r->version >= field->old_since) {
        std_report(r, STD_RULE_DEPRECATED, m->key_pos, field->help,
                   "\"" STR_FMT "\" is deprecated in this form since " STR_FMT, STR_ARG(m->key),
                   STR_ARG(std_version_name(r, field->old_since)));
    }
}

static void read_member(struct std_reader *r, const struct std_shape *shape,
                        const struct yaml_node *map, const struct yaml_member *m, void *made)
{
    struct match found = match_field(r, shape, m);

    if (!found.any) {
        if (is_closed(r, shape)) {
            report_unknown(r, shape, map, m);
        }
        return;
    }
    if (!found.version) {
        report_version(r, shape, m, found.any);
        return;
    }
    if (shape->is_loose) {
        read_quietly(r, &found, map, m, made);
        return;
    }
    if (place_of(r, shape, map, found.version) == STD_NOT_HERE) {
        if (is_closed(r, shape)) {
            std_report(r, STD_RULE_MISPLACED, m->key_pos, found.version->help,
                       "field \"" STR_FMT "\" cannot stand in this " STR_FMT, STR_ARG(m->key),
                       STR_ARG(shape->name));
        }
        read_quietly(r, &found, map, m, made);
        return;
    }
    if (!found.fit) {
        report_type(r, shape, m);
        return;
    }
    report_deprecated(r, m, found.fit);
    read_value(r, found.fit, map, m->value, made);
}

/* True when a row above it has the same name, in this version: rows of one name stand together. */
static bool is_second_row(const struct std_reader *r, const struct std_shape *shape, size_t row)
{
    return row > 0 && str_eq(shape->fields[row - 1].name, shape->fields[row].name) &&
           std_field_is_in(&shape->fields[row - 1], r->version);
}

static void check_needed(struct std_reader *r, const struct std_shape *shape,
                         const struct yaml_node *map)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct std_field *f = &shape->fields[i];
        bool                    needed =
            f->needed_since && r->version >= f->needed_since && r->version <= f->needed_until;

        if (!std_field_is_in(f, r->version) || is_second_row(r, shape, i) ||
            (!needed && !shape->here)) {
            continue;
        }
        needed = needed || place_of(r, shape, map, f) == STD_HERE_NEEDED;
        if (needed && !yaml_member(map, f->name)) {
            std_report(r, STD_RULE_MISSING_FIELD, map->pos, f->help,
                       "missing field \"" STR_FMT "\" in " STR_FMT, STR_ARG(f->name),
                       STR_ARG(shape->name));
        }
    }
}

void std_read_shape(struct std_reader *r, const struct std_shape *shape,
                    const struct yaml_node *node, void *made)
{
    unsigned        place = r->place;
    struct diag_pos at    = node->pos;

    if (node->kind != YAML_MAP) {
        std_report(r, STD_RULE_TYPE, node->pos, STR_NONE,
                   "expected a mapping (" STR_FMT "), found " STR_FMT, STR_ARG(shape->name),
                   STR_ARG(yaml_kind_name(node->kind)));
        return;
    }
    at.line = at.line ? at.line : 1;
    memcpy((char *)made + shape->at, &at, sizeof at);
    if (!shape->keeps_place) {
        r->place = shape->place ? shape->place : STD_AT_OTHER;
    }
    for (size_t i = 0; i < node->count && r->status == ST_OK; i++) {
        read_member(r, shape, node, &node->members[i], made);
    }
    if (!shape->is_loose) {
        check_needed(r, shape, node);
    }
    if (shape->finish && r->status == ST_OK) {
        shape->finish(r, node, made);
    }
    r->place = place;
}

enum status std_read_document(struct ctx *cx, const struct diag_text *text,
                              const struct std_document *what, struct diags *diags, void **out_made,
                              const struct yaml_node **out_root)
{
    const struct std_shape *shape;
    struct yaml_node       *root = NULL;
    struct std_reader       r    = {
                 .cx = cx, .text = text, .diags = diags, .profile = what->profile, .standard = what->standard
    };
    enum status st = yaml_read(cx, text, NULL, diags, &root);

    *out_made = NULL;
    *out_root = NULL;
    if (st == ST_INVALID || st == ST_LIMIT) {
        TRY(ctx_check(cx)); /* a limit of the operation, not of the text */
        return ST_OK;       /* the finding says why */
    }
    TRY(st);
    if (root->kind != YAML_MAP) {
        std_report(&r, STD_RULE_DOCUMENT, root->pos, STR_NONE, "expected a mapping, found " STR_FMT,
                   STR_ARG(yaml_kind_name(root->kind)));
        return ST_OK;
    }
    r.version = what->version_of(root);
    if (r.version == 0) {
        r.version = (uint8_t)what->standard->newest;
    }
    shape     = what->old_shape && r.version <= what->old_until ? what->old_shape : what->shape;
    *out_made = std_room(&r, 1, shape->size);
    if (*out_made) {
        *out_root = root;
        std_read_shape(&r, shape, root, *out_made);
    }
    return r.status;
}
