/*
 * shape.c - the first pass: a tree has no node, member or choice that is not in shapes.def.
 *
 * What passes has every member it must have, of the right kind; the second pass relies on it. Depth
 * is bounded where the JSON is read, the number of nodes here.
 */
#include "guard/guard_int.h"

#include <math.h>
#include <string.h>

enum want {
    WANT_TEXT,    /* any text                                     */
    WANT_NO_TEXT, /* the empty text                               */
    WANT_NAME,    /* a text that is a name in the query: noted    */
    WANT_TEXTS,   /* a list of texts                              */
    WANT_BOOL,
    WANT_FALSE,
    WANT_COUNT, /* a whole number                               */
    WANT_MAYBE_COUNT,
    WANT_COUNTS,    /* a list of lists of whole numbers             */
    WANT_NONE,      /* null                                         */
    WANT_EMPTY,     /* the empty list                               */
    WANT_CHOICE,    /* one of the texts in `choices`                */
    WANT_ONE,       /* an object of `family`                        */
    WANT_MAYBE,     /* the same, or null                            */
    WANT_LIST,      /* a list of them                               */
    WANT_ROWS,      /* a list of lists of them                      */
    WANT_LITERAL,   /* what a constant holds; absent for NULL       */
    WANT_TYPE_ID,   /* an id on the list of types                   */
    WANT_TYPE_NAME, /* of a type that only the binder knows: json   */
    WANT_ARRAY_SIZE
};

struct member {
    str               name;
    enum want         want;
    enum guard_family family;
    const char       *choices;
};

struct shape {
    const struct member *members;
    size_t               count;
    const char          *refused; /* NULL when the shape is allowed */
    str                  tag;
    enum guard_family    family;
    enum guard_node      node;
};

#define M(name_, want_)                                                                            \
    {                                                                                              \
        STR_INIT(name_), WANT_##want_, GUARD_EXPR, NULL                                            \
    }
#define O(name_, want_, family_)                                                                   \
    {                                                                                              \
        STR_INIT(name_), WANT_##want_, GUARD_##family_, NULL                                       \
    }
#define C(name_, choices_)                                                                         \
    {                                                                                              \
        STR_INIT(name_), WANT_CHOICE, GUARD_EXPR, choices_                                         \
    }
#define LIST_OF(...)                                                                               \
    (const struct member[])                                                                        \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define SHAPE(family_, tag_, node_, ...)                                                           \
    { LIST_OF(__VA_ARGS__),                                                                        \
      sizeof(LIST_OF(__VA_ARGS__)) / sizeof(struct member),                                        \
      NULL,                                                                                        \
      STR_INIT(tag_),                                                                              \
      GUARD_##family_,                                                                             \
      GN_##node_ },
#define REFUSED(family_, tag_, why_) { NULL, 0, why_, STR_INIT(tag_), GUARD_##family_, GN_OTHER },
static const struct shape shapes[] = {
#include "guard/shapes.def"
};
#undef M
#undef O
#undef C
#undef SHAPE
#undef REFUSED

static bool check_object(struct guard_walk *w, enum guard_family family, const struct json *v);

static const struct shape *find_shape(enum guard_family family, str tag)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        if (shapes[i].family == family && (shapes[i].tag.len == 0 || str_eq(shapes[i].tag, tag))) {
            return &shapes[i];
        }
    }
    return NULL;
}

static str tag_of(enum guard_family family, const struct json *v)
{
    return json_text_or(json_get(v, family == GUARD_EXPR ? S("class") : S("type")), S(""));
}

enum guard_node guard_node_of(const struct json *object, enum guard_family family)
{
    const struct shape *shape = find_shape(family, tag_of(family, object));

    if (!shape || shape->refused) {
        BUG("a node that did not pass the shape check");
    }
    return shape->node;
}

/* ---- members ---- */

static bool bad(struct guard_walk *w, const struct member *m, const char *what)
{
    guard_refuse(w, w->at, S("guard.tree"), S(""),
                 "this part of the query is not supported (\"" STR_FMT "\" %s)", STR_ARG(m->name),
                 what);
    return false;
}

static bool is_count(const struct json *v)
{
    return json_is(v, JSON_I64) || json_is(v, JSON_U64);
}

static bool is_choice(const char *choices, str text)
{
    str rest = str_of(choices), head;

    while (str_cut(&rest, '|', &head)) {
        if (str_eq(head, text)) {
            return true;
        }
    }
    return false;
}

static void note_name(struct guard_walk *w, str name)
{
    if (name.len > 0) {
        guard_name_uses(w, name)[0]++;
    }
}

static bool check_counts(const struct json *v)
{
    if (!json_is(v, JSON_ARRAY)) {
        return false;
    }
    for (size_t i = 0; i < v->count; i++) {
        const struct json *row = v->items[i];

        for (size_t j = 0; j < (json_is(row, JSON_ARRAY) ? row->count : 0); j++) {
            if (!is_count(row->items[j])) {
                return false;
            }
        }
        if (!json_is(row, JSON_ARRAY)) {
            return false;
        }
    }
    return true;
}

static bool check_texts(const struct json *v)
{
    if (!json_is(v, JSON_ARRAY)) {
        return false;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (!json_is(v->items[i], JSON_STRING)) {
            return false;
        }
    }
    return true;
}

/* A literal as the parser makes them: a scalar, or a 128-bit number in two halves. */
static bool check_literal(struct guard_walk *w, const struct member *m, const struct json *v)
{
    if (!v || json_is(v, JSON_BOOL) || json_is(v, JSON_STRING) || is_count(v)) {
        return true;
    }
    if (json_is(v, JSON_DOUBLE)) {
        return isfinite(v->real) || bad(w, m, "is a number that is too large");
    }
    if (json_is(v, JSON_OBJECT) && v->count == 2 && is_count(json_get(v, S("upper"))) &&
        is_count(json_get(v, S("lower")))) {
        return true;
    }
    const struct json *children = json_get(v, S("children")); /* the bounds of x[:] */
    if (json_is(v, JSON_OBJECT) && v->count == 1 && json_is(children, JSON_ARRAY) &&
        children->count == 0) {
        return true;
    }
    return bad(w, m, "is a constant of an unknown kind");
}

static bool check_list(struct guard_walk *w, const struct member *m, const struct json *v)
{
    bool ok = true;

    if (!json_is(v, JSON_ARRAY)) {
        return bad(w, m, "is not a list");
    }
    for (size_t i = 0; i < v->count; i++) {
        ok = check_object(w, m->family, v->items[i]) && ok;
    }
    return ok;
}

static bool check_rows(struct guard_walk *w, const struct member *m, const struct json *v)
{
    bool ok = true;

    if (!json_is(v, JSON_ARRAY)) {
        return bad(w, m, "is not a list");
    }
    for (size_t i = 0; i < v->count; i++) {
        ok = check_list(w, m, v->items[i]) && ok;
    }
    return ok;
}

static bool check_type_id(struct guard_walk *w, str id)
{
    if (guard_type_id_is_allowed(id)) {
        return true;
    }
    guard_refuse(w, w->at, S("guard.type"), S(""), "type " STR_FMT " is not available",
                 STR_ARG(id));
    return false;
}

static bool check_type_name(struct guard_walk *w, str name)
{
    if (str_eq_nocase(name, S("json"))) {
        return true;
    }
    guard_refuse(w, w->at, S("guard.type"), S(""),
                 "type \"" STR_FMT "\" is not available: only the engine's own types are",
                 STR_ARG(name));
    return false;
}

static bool check_array_size(struct guard_walk *w, const struct json *v)
{
    if (json_i64_or(v, -1) >= 0 && json_i64_or(v, -1) <= GUARD_PAD_MAX) {
        return true;
    }
    guard_refuse(w, w->at, S("guard.size"), S(""),
                 "an array type may have at most %d items (GUARD_PAD_MAX)", GUARD_PAD_MAX);
    return false;
}

static bool check_member(struct guard_walk *w, const struct member *m, const struct json *v)
{
    switch (m->want) {
    case WANT_NAME:
        note_name(w, json_text_or(v, S("")));
        return json_is(v, JSON_STRING) || bad(w, m, "is not a text");
    case WANT_TEXT: return json_is(v, JSON_STRING) || bad(w, m, "is not a text");
    case WANT_NO_TEXT:
        return (json_is(v, JSON_STRING) && v->text.len == 0) || bad(w, m, "is given");
    case WANT_TEXTS: return check_texts(v) || bad(w, m, "is not a list of texts");
    case WANT_BOOL: return json_is(v, JSON_BOOL) || bad(w, m, "is not true or false");
    case WANT_FALSE: return (json_is(v, JSON_BOOL) && !v->truth) || bad(w, m, "is given");
    case WANT_COUNT: return is_count(v) || bad(w, m, "is not a whole number");
    case WANT_MAYBE_COUNT:
        return is_count(v) || json_is(v, JSON_NULL) || bad(w, m, "is not a whole number");
    case WANT_COUNTS: return check_counts(v) || bad(w, m, "is not a list of numbers");
    case WANT_NONE: return json_is(v, JSON_NULL) || bad(w, m, "is given");
    case WANT_EMPTY: return (json_is(v, JSON_ARRAY) && v->count == 0) || bad(w, m, "is given");
    case WANT_CHOICE:
        return is_choice(m->choices, json_text_or(v, S(""))) || bad(w, m, "is not on the list");
    case WANT_MAYBE: return json_is(v, JSON_NULL) || check_object(w, m->family, v);
    case WANT_ONE: return check_object(w, m->family, v);
    case WANT_LIST: return check_list(w, m, v);
    case WANT_ROWS: return check_rows(w, m, v);
    case WANT_LITERAL: return check_literal(w, m, v);
    case WANT_TYPE_ID: return check_type_id(w, json_text_or(v, S("")));
    case WANT_TYPE_NAME: return check_type_name(w, json_text_or(v, S("")));
    case WANT_ARRAY_SIZE: return check_array_size(w, v);
    }
    BUG("member kind");
}

/* ---- objects ---- */

static const struct member *find_member(const struct shape *shape, str name)
{
    for (size_t i = 0; i < shape->count; i++) {
        if (str_eq(shape->members[i].name, name)) {
            return &shape->members[i];
        }
    }
    return NULL;
}

static bool check_members(struct guard_walk *w, const struct shape *shape, const struct json *v)
{
    bool ok = true;

    for (size_t i = 0; i < v->count; i++) {
        if (!find_member(shape, v->members[i].key)) {
            guard_refuse(w, w->at, S("guard.tree"), S(""),
                         "this part of the query is not supported (unknown member \"" STR_FMT "\")",
                         STR_ARG(v->members[i].key));
            return false;
        }
    }
    for (size_t i = 0; i < shape->count && w->st == ST_OK; i++) {
        const struct json *value = json_get(v, shape->members[i].name);

        if (!value && shape->members[i].want != WANT_LITERAL) {
            return bad(w, &shape->members[i], "is missing");
        }
        ok = check_member(w, &shape->members[i], value) && ok;
    }
    return ok;
}

static bool check_object(struct guard_walk *w, enum guard_family family, const struct json *v)
{
    uint64_t            at    = w->at;
    str                 tag   = tag_of(family, v);
    const struct shape *shape = find_shape(family, tag);

    if (++w->nodes > GUARD_NODES_MAX) {
        w->st = FAIL(w->cx, LIMIT, "the query has more than %d parts (GUARD_NODES_MAX)",
                     GUARD_NODES_MAX);
        return false;
    }
    if (!json_is(v, JSON_OBJECT) || !shape) {
        guard_refuse(w, at, S("guard.tree"), S(""),
                     "this part of the query is not supported (kind \"" STR_FMT "\")",
                     STR_ARG(tag));
        return false;
    }
    w->at   = guard_at(w, v);
    bool ok = !shape->refused && check_members(w, shape, v);
    if (shape->refused) {
        guard_refuse(w, w->at, family == GUARD_TYPE_INFO ? S("guard.type") : S("guard.statement"),
                     S(""), "not allowed: %s", shape->refused);
    }
    w->at = at;
    return ok;
}

bool guard_shape_check(struct guard_walk *w, const struct json *statement)
{
    w->at = GUARD_NOWHERE;
    return check_object(w, GUARD_STATEMENT, statement) && w->st == ST_OK;
}
