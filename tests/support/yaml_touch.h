/*
 * yaml_touch.h - random changes of a YAML text, each looked at from outside: which lines differ, and
 * what does the text say now. Knows nothing of how yaml_change.c works.
 */
#ifndef SUPPORT_YAML_TOUCH_H
#define SUPPORT_YAML_TOUCH_H

#include "codec/yaml_change.h"
#include "support/test_ctx.h"

/* A value of the document: where it is, and the lines it stands on, its key's included (from 0). */
struct touch_place {
    str                     pointer;
    const struct yaml_node *node, *owner;
    size_t                  first, last;       /* its lines                        */
    size_t                  up_first, up_last; /* of the map or list it stands in  */
    size_t                  next;              /* the line of what takes its place behind "- " */
};

struct touch {
    struct test_ctx    *t;
    str                 bytes;
    struct yaml_node   *root;
    struct touch_place *places;
    size_t              count, cap;
    size_t             *lines; /* where each begins */
    size_t              line_count;
    size_t              done, refused;
};

/* The line of a byte, by bisection. */
static inline size_t touch_line_of(const struct touch *x, size_t at)
{
    size_t low = 0, high = x->line_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (x->lines[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static inline void touch_index_lines(struct touch *x)
{
    size_t count = 1;

    for (size_t i = 0; i < x->bytes.len; i++) {
        count += x->bytes.ptr[i] == '\n';
    }
    x->lines = arena_array(x->t->cx.arena, count, sizeof *x->lines);
    for (size_t i = 0; i < x->bytes.len; i++) {
        if (x->bytes.ptr[i] == '\n') {
            x->lines[++x->line_count] = i + 1;
        }
    }
    x->line_count++;
}

static inline str touch_step(struct ctx *cx, str pointer, str key)
{
    str made = arena_printf(cx->arena, STR_FMT "/", STR_ARG(pointer));

    for (size_t i = 0; i < key.len; i++) {
        str one = str_sub(key, i, 1);

        made = arena_concat(cx->arena, made,
                            str_eq(one, S("~"))   ? S("~0")
                            : str_eq(one, S("/")) ? S("~1")
                                                  : one);
    }
    return made;
}

static inline void touch_collect(struct touch *x, const struct touch_place *up)
{
    struct ctx *cx = &x->t->cx;

    for (size_t i = 0; i < up->node->count && !up->node->is_alias && x->count < x->cap; i++) {
        bool                      is_map = up->node->kind == YAML_MAP;
        const struct yaml_member *m      = is_map ? &up->node->members[i] : NULL;
        struct touch_place        p      = {
                        .node     = is_map ? m->value : up->node->items[i],
                        .owner    = up->node,
                        .up_first = up->first,
                        .up_last  = up->last,
        };

        p.pointer =
            touch_step(cx, up->pointer, is_map ? m->key : arena_printf(cx->arena, "%zu", i));
        p.first               = touch_line_of(x, is_map ? m->key_pos.offset : p.node->pos.offset);
        p.last                = touch_line_of(x, p.node->end);
        p.last                = p.last < p.first ? p.first : p.last;
        p.next                = is_map && i == 0 && up->node->count > 1
                                    ? touch_line_of(x, up->node->members[1].key_pos.offset)
                                    : p.last;
        x->places[x->count++] = p;
        touch_collect(x, &p);
    }
}

/* False when the text is no YAML, has errors or no values. */
static inline bool touch_init(struct touch *x, struct test_ctx *t, str bytes)
{
    struct diag_text   text  = { S("touched"), bytes };
    struct diags       diags = { 0 };
    struct touch_place root  = { 0 };

    *x = (struct touch){ .t = t, .bytes = bytes };
    touch_index_lines(x);
    root.last = touch_line_of(x, bytes.len);
    if (yaml_read(&t->cx, &text, NULL, &diags, &x->root) != ST_OK || diags.errors) {
        return false;
    }
    x->cap    = x->root->total;
    x->places = arena_array(t->cx.arena, x->cap, sizeof *x->places);
    root.node = x->root;
    touch_collect(x, &root);
    return x->count > 0;
}

static inline struct yaml_node *touch_value(struct touch *x)
{
    static const char *const texts[] = { "new",      "1",      "true",      "null",
                                         "\"a: b\"", "[a, 1]", "{k: [v]}",  "1.5",
                                         "'it''s'",  "[]",     "\"x\\ny\"", "\"# no comment\"" };
    struct diag_text  text  = { S("value"), str_of(texts[test_random_below(&x->t->random, 12)]) };
    struct diags      diags = { 0 };
    struct yaml_node *node  = NULL;

    return yaml_read(&x->t->cx, &text, NULL, &diags, &node) == ST_OK ? node : NULL;
}

/* True when every line but [first, last] stands in `made`, before and behind what changed. */
static inline bool touch_rest_stays(const struct touch *x, str made, size_t first, size_t last)
{
    size_t head = x->lines[first];
    str    tail = last + 1 < x->line_count ? str_from(x->bytes, x->lines[last + 1]) : STR_NONE;

    return made.len >= head + tail.len && str_starts(made, str_sub(x->bytes, 0, head)) &&
           str_ends(made, tail);
}

enum touch_kind { TOUCH_SET, TOUCH_REMOVE, TOUCH_APPEND, TOUCH_INSERT };

/* What is wrong with the outcome, or NULL. */
static inline const char *touch_check(struct touch *x, enum touch_kind kind,
                                      const struct touch_place *p, str pointer,
                                      const struct yaml_node *value, str made)
{
    struct diag_text  text  = { S("made"), made };
    struct diags      diags = { 0 };
    struct yaml_node *root, *now;
    bool              is_flow = (kind == TOUCH_REMOVE ? p->owner : p->node)->style == YAML_FLOW;
    bool              is_up   = kind == TOUCH_REMOVE && (p->owner->count == 1 || is_flow);
    size_t            least   = is_up ? p->up_first : p->first;
    size_t            most    = is_up ? p->up_last : kind == TOUCH_REMOVE ? p->next : p->last;

    if (yaml_read(&x->t->cx, &text, NULL, &diags, &root) != ST_OK || diags.errors) {
        return "the text is broken";
    }
    now = yaml_path(root, pointer);
    if (kind == TOUCH_APPEND) {
        now = now && now->count == p->node->count + 1 ? now->items[now->count - 1] : NULL;
    }
    if (kind != TOUCH_REMOVE && (!now || !yaml_equal(now, value))) {
        return "the text does not say the new value";
    }
    if (kind == TOUCH_REMOVE && root->total >= x->root->total) {
        return "nothing is gone";
    }
    if (!touch_rest_stays(x, made, least, most)) {
        return "lines changed that are not its own";
    }
    return NULL;
}

/* One random change; NULL when it did what it should or was refused, else what is wrong. */
static inline const char *touch_once(struct touch *x, str *pointer, str *made)
{
    const struct touch_place *p     = &x->places[test_random_below(&x->t->random, x->count)];
    enum touch_kind           kind  = (enum touch_kind)test_random_below(&x->t->random, 4);
    struct ctx               *cx    = &x->t->cx;
    struct yaml_node         *value = touch_value(x);
    enum status               st    = ST_INTERNAL;

    if ((kind == TOUCH_APPEND && p->node->kind != YAML_LIST) ||
        (kind == TOUCH_INSERT && p->node->kind != YAML_MAP)) {
        kind = TOUCH_SET;
    }
    *pointer = kind == TOUCH_INSERT ? touch_step(cx, p->pointer, S("brand new")) : p->pointer;
    switch (kind) {
    case TOUCH_SET:
    case TOUCH_INSERT: st = yaml_change_set(cx, x->bytes, *pointer, value, made); break;
    case TOUCH_REMOVE: st = yaml_change_remove(cx, x->bytes, *pointer, made); break;
    case TOUCH_APPEND: st = yaml_change_append(cx, x->bytes, *pointer, value, made); break;
    }
    x->done += st == ST_OK;
    x->refused += st == ST_UNSUPPORTED;
    if (st != ST_OK) {
        return st == ST_UNSUPPORTED ? NULL : "an unexpected refusal";
    }
    return touch_check(x, kind, p, *pointer, value, *made);
}

/* The value set to what it is; NULL when the text stays byte for byte. */
static inline const char *touch_noop(struct touch *x, const struct touch_place *p)
{
    str made = STR_NONE;

    return yaml_change_set(&x->t->cx, x->bytes, p->pointer, p->node, &made) == ST_OK &&
                   str_eq(made, x->bytes)
               ? NULL
               : "a value set to what it is changes the text";
}

#endif
