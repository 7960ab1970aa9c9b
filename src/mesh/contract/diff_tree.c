/*
 * diff_tree.c - the walk over two trees: which members and entries belong together, and what differs.
 *
 * Entries of a list are paired in passes: by id, then by each key of their shape. Of the pairs, the
 * longest run that keeps its order stays where it is; the others are moved. Changes below one step
 * stand together in the result, which is what diff_apply.c relies on.
 */
#include "contract/diff_int.h"

enum { INDEX_FROM = 16, SELECTOR_MAX = 64 };

const struct diff_level *diff_around(const struct diff_walk *w, enum diff_shape_id shape)
{
    for (size_t i = w->level_count; i > 0; i--) {
        if (w->levels[i - 1].shape == shape) {
            return &w->levels[i - 1];
        }
    }
    return NULL;
}

static struct map *index_of(struct diff_walk *w, const struct yaml_node *list, str key)
{
    struct diff_index *index;

    for (size_t i = 0; i < DIFF_INDEXES; i++) {
        if (w->indexes[i].list == list) {
            return &w->indexes[i].by_text;
        }
    }
    index  = &w->indexes[w->next_index++ % DIFF_INDEXES];
    *index = (struct diff_index){ .list = list };
    for (size_t i = list->count; i > 0; i--) { /* of equal ones the first */
        struct yaml_node *entry = list->items[i - 1];
        str text = key.len ? yaml_text_or(yaml_get(entry, key), STR_NONE) : entry->text;

        if (text.len) {
            map_put(&index->by_text, w->cx->arena, text, entry);
        }
    }
    return &index->by_text;
}

const struct yaml_node *diff_find(struct diff_walk *w, const struct yaml_node *list, str key,
                                  str text)
{
    return list && list->kind == YAML_LIST && text.len ? map_get(index_of(w, list, key), text)
                                                       : NULL;
}

/* ---- one change ---------------------------------------------------------------------------- */

static bool is_silent(str name)
{
    return str_eq(name, S("schema")) || str_eq(name, S("properties")) ||
           str_eq(name, S("logicalTypeOptions"));
}

/* Entries of a silent list are called by their names alone: "orders.amount". */
static void add_place_step(const struct diff_walk *w, size_t i, struct buf *place)
{
    const struct diff_step *s = &w->steps[i];

    if (!s->is_entry) {
        if (!is_silent(s->name) || i + 1 == w->depth) {
            buf_printf(place, "%s" STR_FMT, place->len ? "." : "", STR_ARG(s->name));
        }
    } else if (is_silent(w->steps[i - 1].name)) {
        buf_printf(place, "%s" STR_FMT, place->len ? "." : "", STR_ARG(s->label));
    } else {
        buf_printf(place, "[" STR_FMT "]", STR_ARG(s->label));
    }
}

static enum status set_paths(struct diff_walk *w, struct diff_change *c)
{
    struct buf path  CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct buf ids   CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct buf place CLEANUP(buf_release) = BUF_INIT(1 << 20);
    bool             has_id               = false;

    for (size_t i = 0; i < w->depth; i++) {
        const struct diff_step *s = &w->steps[i];

        if (s->is_entry) {
            buf_printf(&path, "[" STR_FMT "]", STR_ARG(s->name));
            buf_printf(&ids, "/" STR_FMT, STR_ARG(s->id.len ? s->id : s->label));
            has_id = has_id || s->id.len > 0;
        } else {
            buf_printf(&path, "/" STR_FMT, STR_ARG(s->name));
            buf_printf(&ids, "/" STR_FMT, STR_ARG(s->name));
            c->field   = s->name;
            c->section = i == 0 ? s->name : c->section;
        }
        add_place_step(w, i, &place);
    }
    TRY(buf_take(&path, w->cx, "the path of a change", &c->path));
    TRY(buf_take(&place, w->cx, "the path of a change", &c->place));
    return has_id ? buf_take(&ids, w->cx, "the path of a change", &c->id_path) : ST_OK;
}

static enum status emit(struct diff_walk *w, enum diff_kind kind, enum diff_law law,
                        const struct yaml_node *before, const struct yaml_node *after)
{
    struct diff_change c = { .kind = kind, .before = before, .after = after, .depth = w->depth };
    struct diff_step  *steps = arena_array(w->cx->arena, w->depth, sizeof *steps);

    for (size_t i = 0; i < w->depth; i++) {
        steps[i] = w->steps[i];
    }
    c.steps     = steps;
    c.takes     = kind == DIFF_REMOVED ? w->takes : 0;
    c.before_at = before ? before->pos : (struct diag_pos){ 0 };
    c.after_at  = after ? after->pos : (struct diag_pos){ 0 };
    TRY(ctx_check(w->cx));
    TRY(set_paths(w, &c));
    diff_judge(w, law, &c);
    vec_push(w->cx->arena, &w->out->list, c);
    w->out->impact = c.impact > w->out->impact ? c.impact : w->out->impact;
    return ST_OK;
}

/* A value that is there on one side, or differs. */
static enum status emit_value(struct diff_walk *w, enum diff_law law,
                              const struct yaml_node *before, const struct yaml_node *after)
{
    if (before && after && diff_equal(w->cx, before, after)) {
        return ST_OK;
    }
    return emit(w, !before ? DIFF_ADDED : !after ? DIFF_REMOVED : DIFF_CHANGED, law, before, after);
}

/* ---- steps and levels ------------------------------------------------------------------------ */

static enum status push_step(struct diff_walk *w, struct diff_step step)
{
    if (w->depth >= COUNT_OF(w->steps)) {
        return FAIL(w->cx, LIMIT,
                    "the documents are nested deeper than %d levels (DIFF_LEVELS_MAX)",
                    (int)DIFF_LEVELS_MAX);
    }
    w->steps[w->depth++] = step;
    return ST_OK;
}

static enum status push_level(struct diff_walk *w, struct diff_level level)
{
    if (w->level_count >= COUNT_OF(w->levels)) {
        return FAIL(w->cx, LIMIT,
                    "the documents are nested deeper than %d levels (DIFF_LEVELS_MAX)",
                    (int)DIFF_LEVELS_MAX);
    }
    w->levels[w->level_count++] = level;
    return ST_OK;
}

static enum status compare_map(struct diff_walk *w, enum diff_shape_id shape,
                               const struct yaml_node *before, const struct yaml_node *after);
static enum status compare_list(struct diff_walk *w, const struct diff_field *field,
                                const struct yaml_node *before, const struct yaml_node *after);

/* ---- mappings --------------------------------------------------------------------------------- */

static bool is_or_none(const struct yaml_node *node, enum yaml_kind kind)
{
    return !node || node->kind == kind;
}

/* A member of a mapping; `field` is NULL for one the standards do not have. */
static enum status compare_member(struct diff_walk *w, const struct diff_field *field,
                                  const struct yaml_node *before, const struct yaml_node *after)
{
    enum diff_form form   = field ? field->form : FORM_VALUE;
    enum yaml_kind kind   = form == FORM_MAP ? YAML_MAP : YAML_LIST;
    bool           is_one = !before || !after;
    bool           fits = form != FORM_VALUE && is_or_none(before, kind) && is_or_none(after, kind);

    if (!fits || (is_one && (field->is_whole || (before ? before : after)->count == 0))) {
        return emit_value(w, field ? field->law : LAW_WORDS, before, after);
    }
    return form == FORM_MAP ? compare_map(w, field->child, before, after)
                            : compare_list(w, field, before, after);
}

/* Members of a mapping by name, also when there are many. */
struct members {
    const struct yaml_node *map;
    struct map              index;
};

static struct members members_of(struct ctx *cx, const struct yaml_node *map)
{
    struct members m = { .map = map };

    for (size_t i = 0; map && map->count > INDEX_FROM && i < map->count; i++) {
        map_put(&m.index, cx->arena, map->members[i].key, map->members[i].value);
    }
    return m;
}

static const struct yaml_node *member_get(const struct members *m, str name)
{
    return m->index.count ? map_get(&m->index, name) : yaml_get(m->map, name);
}

static bool is_key_of_entry(const struct diff_walk *w, enum diff_shape_id shape, str name)
{
    const char *key = diff_shape(shape)->keys[0];

    return key && str_eq(str_of(key), name) && w->depth >= 2 && w->steps[w->depth - 2].is_entry;
}

static enum status compare_named(struct diff_walk *w, enum diff_shape_id shape, str name,
                                 const struct yaml_node *before, const struct yaml_node *after)
{
    const struct diff_field *field = diff_field(shape, name);
    enum status              st;

    TRY(push_step(w, (struct diff_step){ .name = name }));
    if (field && before && after && is_key_of_entry(w, shape, name) &&
        !diff_equal(w->cx, before, after)) {
        st = emit(w, DIFF_RENAMED, field->law, before, after);
    } else {
        st = compare_member(w, field, before, after);
    }
    w->depth--;
    return st;
}

static enum status compare_map(struct diff_walk *w, enum diff_shape_id shape,
                               const struct yaml_node *before, const struct yaml_node *after)
{
    struct members old = members_of(w->cx, before), now = members_of(w->cx, after);
    size_t         takes = w->takes;

    TRY(push_level(w, (struct diff_level){ shape, before, after }));
    w->takes = after ? 0 : takes + 1;
    for (size_t i = 0; before && i < before->count; i++) {
        str name = before->members[i].key;

        TRY(compare_named(w, shape, name, before->members[i].value, member_get(&now, name)));
    }
    for (size_t i = 0; after && i < after->count; i++) {
        if (!member_get(&old, after->members[i].key)) {
            TRY(compare_named(w, shape, after->members[i].key, NULL, after->members[i].value));
        }
    }
    w->takes = takes;
    w->level_count--;
    return ST_OK;
}

/* ---- lists: who belongs to whom ----------------------------------------------------------------- */

/* "1.4.2" gives "1": ports of one major are the same port. */
static str major_of(str version)
{
    str head = version, rest;

    return str_split(version, '.', &head, &rest) ? head : version;
}

static void add_part(struct ctx *cx, const struct yaml_node *entry, str name, struct buf *key,
                     bool *has_any)
{
    bool                    is_major = str_eq(name, S("major"));
    const struct yaml_node *part     = yaml_get(entry, is_major ? S("version") : name);

    *has_any = *has_any || (part && !is_major);
    if (part) {
        buf_add(key, is_major ? major_of(part->text) : diff_canonical(cx, part));
    }
    buf_add_char(key, '\x1f');
}

/*
 * The text by which pass `pass` finds an entry; empty when it has none. Pass 0 is by id, the last one by
 * all that an entry says: those without any name.
 */
static enum status key_of(struct ctx *cx, const struct diff_field *field,
                          const struct yaml_node *entry, size_t pass, str *out)
{
    const struct diff_shape *shape                = diff_shape(field->child);
    struct buf key           CLEANUP(buf_release) = BUF_INIT(32 << 20);
    bool                     has_any              = false;
    str                      names, name;

    if (field->form == FORM_SET || pass > 3 || (pass > 0 && !shape->keys[pass - 1])) {
        *out = diff_canonical(cx, entry);
        return ST_OK;
    }
    names = pass == 0 ? S("id") : str_of(shape->keys[pass - 1]);
    while (entry->kind == YAML_MAP && str_cut(&names, '+', &name)) {
        add_part(cx, entry, name, &key, &has_any);
    }
    *out = STR_NONE;
    return has_any ? buf_take(&key, cx, "the name of an entry", out) : ST_OK;
}

static size_t pass_count(const struct diff_field *field)
{
    size_t keys = 0;

    while (field->form == FORM_LIST && keys < 3 && diff_shape(field->child)->keys[keys]) {
        keys++;
    }
    return field->form == FORM_SET ? 1 : 2 + keys;
}

/* For each entry: 1 + the index of its other half; 0 = it has none. */
struct pairing {
    size_t *old_to_new, *new_to_old;
};

/* Entries of one key that wait for their other half, in the order of the list. */
struct waiting {
    size_t          index;
    struct waiting *next, *last;
};

static enum status gather(struct ctx *cx, const struct diff_field *field,
                          const struct yaml_node *list, size_t pass, const size_t *taken,
                          struct map *out)
{
    for (size_t i = 0; list && i < list->count; i++) {
        struct waiting *entry, *first;
        str             key;

        if (taken[i]) {
            continue;
        }
        TRY(key_of(cx, field, list->items[i], pass, &key));
        if (key.len == 0) {
            continue;
        }
        entry  = ARENA_NEW(cx->arena, struct waiting);
        *entry = (struct waiting){ .index = i };
        first  = map_get(out, key);
        if (first) {
            first->last->next = entry;
            first->last       = entry;
        } else {
            entry->last = entry;
            map_put(out, cx->arena, key, entry);
        }
    }
    return ST_OK;
}

static enum status pair_by(struct ctx *cx, const struct diff_field *field, size_t pass,
                           const struct yaml_node *const lists[2], struct pairing *p)
{
    struct map  waiting = { 0 };
    enum status st      = gather(cx, field, lists[0], pass, p->old_to_new, &waiting);

    TRY(st);
    for (size_t i = 0; lists[1] && i < lists[1]->count; i++) {
        struct waiting *first;
        str             key;

        if (p->new_to_old[i]) {
            continue;
        }
        TRY(key_of(cx, field, lists[1]->items[i], pass, &key));
        first = key.len ? map_get(&waiting, key) : NULL;
        if (first) {
            p->new_to_old[i]            = first->index + 1;
            p->old_to_new[first->index] = i + 1;
            if (first->next) {
                first->next->last = first->last;
            }
            map_put(&waiting, cx->arena, key, first->next);
        }
    }
    return ST_OK;
}

/*
 * The pairs that keep their order: of all runs of rising indices the longest, by patience sorting.
 * stays[i] tells it of the i-th entry of the new list.
 */
static bool *keep_order(struct ctx *cx, const size_t *new_to_old, size_t count)
{
    bool   *stays = arena_array(cx->arena, count, sizeof *stays);
    size_t *tops = arena_array(cx->arena, count + 1, sizeof *tops); /* 1 + entry on top of a pile */
    size_t *below = arena_array(cx->arena, count, sizeof *below);
    size_t  piles = 0;

    for (size_t i = 0; i < count; i++) {
        size_t low = 0, high = piles;

        stays[i] = false;
        if (!new_to_old[i]) {
            continue;
        }
        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (new_to_old[tops[middle] - 1] < new_to_old[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        below[i]  = low > 0 ? tops[low - 1] : 0;
        tops[low] = i + 1;
        piles     = low == piles ? piles + 1 : piles;
    }
    for (size_t at = piles ? tops[piles - 1] : 0; at > 0; at = below[at - 1]) {
        stays[at - 1] = true;
    }
    return stays;
}

/* ---- lists: what differs -------------------------------------------------------------------------- */

static str selector_of(struct ctx *cx, const struct diff_shape *shape,
                       const struct yaml_node *entry, str *label)
{
    str made = STR_NONE, names = str_of(shape->keys[0]), name;

    while (entry->kind == YAML_MAP && str_cut(&names, '+', &name)) {
        const struct yaml_node *part = yaml_get(entry, name);

        if (!part || part->kind == YAML_LIST || part->kind == YAML_MAP ||
            part->text.len > SELECTOR_MAX) {
            continue;
        }
        made   = made.len ? arena_printf(cx->arena, STR_FMT "," STR_FMT "=" STR_FMT, STR_ARG(made),
                                         STR_ARG(name), STR_ARG(part->text))
                          : arena_printf(cx->arena, STR_FMT "=" STR_FMT, STR_ARG(name),
                                         STR_ARG(part->text));
        *label = label->len ? arena_printf(cx->arena, STR_FMT " " STR_FMT, STR_ARG(*label),
                                           STR_ARG(part->text))
                            : part->text;
    }
    return made;
}

/* What an entry is called: by its first key, a rule without a name by its id or metric, else its place. */
static struct diff_step entry_step(struct ctx *cx, const struct diff_field *field,
                                   const struct yaml_node *entry, size_t before, size_t after)
{
    static const str others[] = { STR_INIT("id"), STR_INIT("metric"), STR_INIT("rule"),
                                  STR_INIT("type") };
    struct diff_step step     = { .is_entry = true, .before = before, .after = after };

    if (field->form == FORM_SET) {
        step.label = diff_value_text(cx, entry, SELECTOR_MAX);
        step.name  = step.label;
        return step;
    }
    step.id   = yaml_text_or(yaml_get(entry, S("id")), STR_NONE);
    step.name = selector_of(cx, diff_shape(field->child), entry, &step.label);
    for (size_t i = 0; i < COUNT_OF(others) && step.name.len == 0; i++) {
        str text = yaml_text_or(yaml_get(entry, others[i]), STR_NONE);

        if (text.len && text.len <= SELECTOR_MAX) {
            step.label = text;
            step.name =
                arena_printf(cx->arena, STR_FMT "=" STR_FMT, STR_ARG(others[i]), STR_ARG(text));
        }
    }
    if (step.name.len == 0) {
        step.name  = arena_printf(cx->arena, "%zu", before ? before - 1 : after - 1);
        step.label = arena_printf(cx->arena, "%zu", before ? before : after);
    }
    return step;
}

static enum diff_law element_law(const struct diff_field *field)
{
    return field->form == FORM_SET ? field->law : diff_shape(field->child)->element;
}

/* Two entries that belong together; a moved one first says so. */
static enum status compare_pair(struct diff_walk *w, const struct diff_field *field,
                                const struct yaml_node *before, const struct yaml_node *after,
                                bool is_moved)
{
    if (is_moved) {
        TRY(emit(w, DIFF_MOVED, element_law(field), before, after));
    }
    if (field->form == FORM_LIST && before->kind == YAML_MAP && after->kind == YAML_MAP) {
        return compare_map(w, field->child, before, after);
    }
    return emit_value(w, element_law(field), before, after);
}

static enum status compare_entries(struct diff_walk *w, const struct diff_field *field,
                                   const struct yaml_node *const lists[2], const struct pairing *p,
                                   const bool *stays)
{
    enum diff_law law = element_law(field);

    for (size_t i = 0; lists[0] && i < lists[0]->count; i++) {
        const struct yaml_node *entry = lists[0]->items[i];
        size_t                  now   = p->old_to_new[i];

        TRY(push_step(w, entry_step(w->cx, field, entry, i + 1, now)));
        TRY(now ? compare_pair(w, field, entry, lists[1]->items[now - 1], !stays[now - 1])
                : emit(w, DIFF_REMOVED, law, entry, NULL));
        w->depth--;
    }
    for (size_t i = 0; lists[1] && i < lists[1]->count; i++) {
        if (!p->new_to_old[i]) {
            TRY(push_step(w, entry_step(w->cx, field, lists[1]->items[i], 0, i + 1)));
            TRY(emit(w, DIFF_ADDED, law, NULL, lists[1]->items[i]));
            w->depth--;
        }
    }
    return ST_OK;
}

static enum status compare_list(struct diff_walk *w, const struct diff_field *field,
                                const struct yaml_node *before, const struct yaml_node *after)
{
    const struct yaml_node *const lists[2] = { before, after };
    size_t                        old = before ? before->count : 0, now = after ? after->count : 0;
    size_t                        takes = w->takes;
    struct pairing                p     = { arena_array(w->cx->arena, old, sizeof *p.old_to_new),
                                            arena_array(w->cx->arena, now, sizeof *p.new_to_old) };

    for (size_t i = 0; i < old; i++) {
        p.old_to_new[i] = 0;
    }
    for (size_t i = 0; i < now; i++) {
        p.new_to_old[i] = 0;
    }
    for (size_t pass = 0; before && after && pass < pass_count(field); pass++) {
        TRY(pair_by(w->cx, field, pass, lists, &p));
    }
    w->takes = after ? 0 : takes + 1;
    TRY(compare_entries(w, field, lists, &p, keep_order(w->cx, p.new_to_old, now)));
    w->takes = takes;
    return ST_OK;
}

/* ---- documents -------------------------------------------------------------------------------------- */

enum status diff_trees(struct ctx *cx, enum diff_document document, const struct yaml_node *before,
                       const struct yaml_node *after, struct difference *out)
{
    struct difference made = { .document = document };
    struct diff_walk *w    = ARENA_NEW(cx->arena, struct diff_walk);

    *w = (struct diff_walk){ .cx = cx, .out = &made };
    if (before->kind != YAML_MAP || after->kind != YAML_MAP) {
        return FAIL(cx, INVALID, "only documents that are mappings can be compared");
    }
    TRY(compare_map(w, document == DIFF_CONTRACT ? SHAPE_CONTRACT : SHAPE_PRODUCT, before, after));
    *out = made;
    return ST_OK;
}

const struct diff_change *diff_deciding(const struct difference *d)
{
    for (size_t i = 0; i < d->list.count && d->impact > DIFF_NONE; i++) {
        if (d->list.items[i].impact == d->impact) {
            return &d->list.items[i];
        }
    }
    return NULL;
}

size_t diff_count(const struct difference *d, enum diff_impact impact)
{
    size_t count = 0;

    for (size_t i = 0; i < d->list.count; i++) {
        count += d->list.items[i].impact == impact;
    }
    return count;
}
