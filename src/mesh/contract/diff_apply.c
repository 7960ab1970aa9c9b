/*
 * diff_apply.c - the second tree from the first one and the changes between them.
 *
 * The steps of the changes are a trie written in order: changes that share a step stand together. Each
 * level of the tree is built anew from the old one and the runs of changes that touch it; what no change
 * touches is shared with the old tree.
 */
#include "contract/diff_int.h"

/* Changes [from, to) of the list, which all go through the node at `depth` steps. */
struct run {
    struct ctx               *cx;
    const struct diff_change *list;
    size_t                    from, to, depth;
};

static enum status misfit(struct ctx *cx, const struct diff_change *c)
{
    return FAIL(cx, INVALID, "the change at " STR_FMT " does not fit this document",
                STR_ARG(c->path));
}

static bool same_step(const struct diff_step *a, const struct diff_step *b)
{
    return a->is_entry == b->is_entry &&
           (a->is_entry ? a->before == b->before && a->after == b->after
                        : str_eq(a->name, b->name));
}

/* Cuts the changes below one step off the front of the run. */
static bool cut_run(struct run *rest, struct run *head)
{
    const struct diff_step *step;
    size_t                  at = rest->from;

    if (at == rest->to) {
        return false;
    }
    step = &rest->list[at].steps[rest->depth];
    while (at < rest->to && same_step(step, &rest->list[at].steps[rest->depth])) {
        at++;
    }
    *head    = *rest;
    head->to = at;
    head->depth++;
    rest->from = at;
    return true;
}

static enum status apply_value(struct run r, const struct yaml_node *before,
                               const struct yaml_node **out);

/* A container that a removal emptied and that the other document does not have. */
static bool goes_too(const struct run *r)
{
    for (size_t i = r->from; i < r->to; i++) {
        const struct diff_change *c = &r->list[i];

        if (c->kind == DIFF_REMOVED && c->depth - r->depth <= c->takes) {
            return true;
        }
    }
    return false;
}

static struct yaml_node *new_container(struct ctx *cx, const struct yaml_node *before,
                                       enum yaml_kind kind)
{
    struct yaml_node *made = ARENA_NEW(cx->arena, struct yaml_node);

    *made = before ? *before : (struct yaml_node){ .kind = kind, .style = YAML_BLOCK };
    return made;
}

static enum status apply_map(struct run r, const struct yaml_node *before,
                             const struct yaml_node **out)
{
    struct yaml_node *made = new_container(r.cx, before, YAML_MAP);
    struct map        kept = { 0 };
    struct run        head;

    if (before && before->kind != YAML_MAP) {
        return misfit(r.cx, &r.list[r.from]);
    }
    for (size_t i = 0; before && i < before->count; i++) {
        map_put(&kept, r.cx->arena, before->members[i].key, before->members[i].value);
    }
    while (cut_run(&r, &head)) {
        str                     name  = head.list[head.from].steps[head.depth - 1].name;
        const struct yaml_node *value = NULL;

        TRY(apply_value(head, map_get(&kept, name), &value));
        map_put(&kept, r.cx->arena, name, unconst(value));
    }
    made->members = arena_array(r.cx->arena, kept.count, sizeof *made->members);
    made->count   = 0;
    for (size_t i = 0; i < kept.count; i++) {
        if (kept.entries[i].value) {
            made->members[made->count++] =
                (struct yaml_member){ .key = kept.entries[i].key, .value = kept.entries[i].value };
        }
    }
    *out = made;
    return ST_OK;
}

/* A list while it is rebuilt: what became of each old entry, and what has a place of its own. */
struct rebuilt {
    const struct yaml_node **old; /* NULL: gone or placed */
    size_t                   old_count;
    const struct yaml_node **placed; /* by new index; NULL: for the old ones, in their order */
    size_t                   placed_cap, count;
};

static enum status place(struct run *r, struct rebuilt *l, size_t after,
                         const struct yaml_node *value)
{
    if (after == 0 || after > l->placed_cap || l->placed[after - 1] || !value) {
        return misfit(r->cx, &r->list[r->from]);
    }
    l->placed[after - 1] = value;
    return ST_OK;
}

static enum status apply_entry(struct run r, struct rebuilt *l)
{
    const struct diff_change *first    = &r.list[r.from];
    const struct diff_step   *step     = &first->steps[r.depth - 1];
    bool                      is_moved = first->depth == r.depth && first->kind == DIFF_MOVED;
    const struct yaml_node   *value    = NULL;

    if (step->before > l->old_count) {
        return misfit(r.cx, first);
    }
    value = step->before ? l->old[step->before - 1] : NULL;
    r.from += is_moved ? 1 : 0;
    if (r.from < r.to) {
        TRY(apply_value(r, value, &value));
    }
    if (step->before) {
        l->old[step->before - 1] = is_moved ? NULL : value;
        l->count -= !is_moved && !value;
    } else {
        l->count++;
    }
    return step->before && !is_moved ? ST_OK : place(&r, l, step->after, value);
}

static enum status apply_list(struct run r, const struct yaml_node *before,
                              const struct yaml_node **out)
{
    struct yaml_node *made = new_container(r.cx, before, YAML_LIST);
    size_t            old = before ? before->count : 0, next = 0;
    struct rebuilt    l = { .old_count = old, .count = old };
    struct run        head;

    if (before && before->kind != YAML_LIST) {
        return misfit(r.cx, &r.list[r.from]);
    }
    l.placed_cap = old + (r.to - r.from);
    l.old        = arena_array(r.cx->arena, old, sizeof *l.old);
    l.placed     = arena_array(r.cx->arena, l.placed_cap, sizeof *l.placed);
    for (size_t i = 0; i < old; i++) {
        l.old[i] = before->items[i];
    }
    for (size_t i = 0; i < l.placed_cap; i++) {
        l.placed[i] = NULL;
    }
    while (cut_run(&r, &head)) {
        TRY(apply_entry(head, &l));
    }
    made->items = arena_array(r.cx->arena, l.count, sizeof *made->items);
    made->count = l.count;
    for (size_t i = 0; i < l.count; i++) {
        const struct yaml_node *entry = l.placed[i];

        while (!entry && next < old) {
            entry = l.old[next++];
        }
        if (!entry) {
            return FAIL(r.cx, INVALID, "the changes of a list do not fit this document");
        }
        made->items[i] = unconst(entry);
    }
    *out = made;
    return ST_OK;
}

/* The value at the run's depth: replaced, gone (NULL), or changed below. */
static enum status apply_value(struct run r, const struct yaml_node *before,
                               const struct yaml_node **out)
{
    const struct diff_change *first = &r.list[r.from];

    if (first->depth == r.depth) {
        if (r.to - r.from != 1 || first->kind == DIFF_MOVED ||
            (before != NULL) != (first->before != NULL)) {
            return misfit(r.cx, first);
        }
        *out = first->after;
        return ST_OK;
    }
    TRY(first->steps[r.depth].is_entry ? apply_list(r, before, out) : apply_map(r, before, out));
    if ((*out)->count == 0 && goes_too(&r)) {
        *out = NULL;
    }
    return ST_OK;
}

enum status diff_apply(struct ctx *cx, const struct yaml_node *before, const struct difference *d,
                       const struct yaml_node **out)
{
    const struct yaml_node *made = before;

    if (d->list.count > 0) {
        TRY(apply_map((struct run){ cx, d->list.items, 0, d->list.count, 0 }, before, &made));
    }
    *out = made;
    return ST_OK;
}
