/*
 * walk.c - the second pass: query nodes and expressions, by scope.
 *
 * Common table expressions follow the engine (tried on GUARD_ENGINE_VERSION, tests/unit/guard has the
 * table): a body sees the ones written before it and those of the queries around, never itself unless
 * it is recursive, and only unqualified names can mean one. After the walk no name is left that the
 * engine could take for anything but a common table expression: every other relation was replaced.
 */
#include "guard/guard_int.h"

uint64_t guard_multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t guard_walk_exprs(struct guard_walk *w, const struct guard_scope *scope, struct json *list)
{
    uint64_t size = 1;

    for (size_t i = 0; i < list->count && w->st == ST_OK; i++) {
        size = guard_multiply(size, guard_walk_expr(w, scope, list->items[i]));
    }
    return size;
}

static uint64_t walk_member(struct guard_walk *w, const struct guard_scope *scope,
                            struct json *object, str name)
{
    struct json *v = json_get(object, name);

    return json_is(v, JSON_OBJECT) ? guard_walk_expr(w, scope, v) : 1;
}

static void walk_orders(struct guard_walk *w, const struct guard_scope *scope, struct json *orders)
{
    for (size_t i = 0; i < orders->count; i++) {
        (void)walk_member(w, scope, orders->items[i], S("expression"));
    }
}

void guard_walk_condition(struct guard_walk *w, const struct guard_scope *scope, struct json *expr,
                          enum guard_clause clause)
{
    bool was_condition = w->is_condition, was_pushed = w->is_pushed;

    w->is_condition = clause == GUARD_IN_WHERE;
    w->is_pushed    = true;
    (void)guard_walk_expr(w, scope, expr);
    w->is_condition = was_condition;
    w->is_pushed    = was_pushed;
}

static void walk_clause(struct guard_walk *w, const struct guard_scope *scope, struct json *node,
                        str name, enum guard_clause clause)
{
    struct json *v = json_get(node, name);

    if (json_is(v, JSON_OBJECT)) {
        guard_walk_condition(w, scope, v, clause);
    }
}

void guard_note_revealing(struct guard_walk *w)
{
    w->is_revealing       = true;
    w->is_revealing_early = w->is_revealing_early || w->is_pushed;
}

/* ---- common table expressions ---- */

/* Walks the bodies and returns the scope with all names, newest first. */
static const struct guard_cte *walk_ctes(struct guard_walk *w, const struct guard_scope *scope,
                                         struct json *node)
{
    const struct json      *map  = json_path(node, S("/cte_map/map"));
    const struct guard_cte *ctes = scope->ctes;

    for (size_t i = 0; i < map->count && w->st == ST_OK; i++) {
        struct json       *entry = map->items[i];
        str                name  = json_text_or(json_get(entry, S("key")), S(""));
        struct guard_scope inner = { scope->frame, ctes, scope->lambdas };
        struct guard_cte  *cte   = ARENA_NEW(w->cx->arena, struct guard_cte);

        for (size_t at = 0; at < name.len; at++) {
            /* A name with these could be a file for an engine that does not find the expression. */
            if (str_has(S("./\\:*?[]'"), str_sub(name, at, 1))) {
                guard_refuse(w, guard_at(w, entry), S("guard.name"), S("use letters, digits and _"),
                             "the name \"" STR_FMT "\" of a common table expression has a \"%c\"",
                             STR_ARG(name), name.ptr[at]);
                break;
            }
        }
        guard_walk_node(w, &inner, json_path(entry, S("/value/query/node")));
        *cte = (struct guard_cte){ ctes, name };
        ctes = cte;
    }
    return ctes;
}

/* ---- names of select items ---- */

/* True when the rewriting could change how an item without a name is called. */
static bool is_sensitive(const struct json *v)
{
    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count; i++) {
            if (is_sensitive(v->items[i])) {
                return true;
            }
        }
        return false;
    }
    if (!json_is(v, JSON_OBJECT)) {
        return false;
    }
    str class = json_text_or(json_get(v, S("class")), S(""));
    if (str_eq(class, S("SUBQUERY")) || str_eq(class, S("CONSTANT")) ||
        str_eq(class, S("PARAMETER")) || str_eq(class, S("CAST")) ||
        (str_eq(class, S("COLUMN_REF")) && json_get(v, S("column_names"))->count > 1)) {
        return true;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (is_sensitive(v->members[i].value)) {
            return true;
        }
    }
    return false;
}

static bool has_class(const struct json *v, str class)
{
    bool found = false;

    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_class(v->items[i], class);
        }
    } else if (json_is(v, JSON_OBJECT)) {
        found = str_eq(json_text_or(json_get(v, S("class")), S("")), class);
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_class(v->members[i].value, class);
        }
    }
    return found;
}

/* A column is called after its last part, which changes when it is the row of a renamed table. */
static void walk_column_item(struct guard_walk *w, const struct guard_scope *scope,
                             struct json *item, bool is_named)
{
    const struct json *parts = json_get(item, S("column_names"));
    str                name  = parts->count > 0 ? parts->items[parts->count - 1]->text : S("");

    guard_walk_column(w, scope, item);
    if (!is_named && parts->count > 0 && !str_eq(parts->items[parts->count - 1]->text, name)) {
        json_set(w->cx->arena, item, S("alias"), json_new_str(w->cx->arena, name));
    }
}

/*
 * An item without a name is called after its text, and the text changes with the rewriting: file
 * paths would show. So it gets the name that the text of the person would have had.
 */
static void walk_select_item(struct guard_walk *w, const struct guard_scope *scope,
                             struct json *item)
{
    size_t          changes  = w->changes;
    enum guard_node kind     = guard_node_of(item, GUARD_EXPR);
    bool            is_named = json_text_or(json_get(item, S("alias")), S("")).len > 0;
    struct json    *original = NULL;

    if (kind == GN_COLUMN) {
        walk_column_item(w, scope, item, is_named);
        return;
    }
    if (!is_named && is_sensitive(item)) {
        original = json_dup(w->cx->arena, item);
    }
    (void)guard_walk_expr(w, scope, item);
    if (!original || w->changes == changes) {
        return;
    }
    if (kind == GN_STAR || has_class(item, S("STAR"))) {
        if (has_class(item, S("SUBQUERY"))) {
            guard_refuse(w, guard_at(w, item), S("guard.name"), S("compute it beside the star"),
                         "a subquery inside a star expression would give its text as a name");
        }
        return;
    }
    vec_push(w->cx->arena, &w->unnamed, (struct guard_unnamed){ item, original });
}

/* ---- query nodes ---- */

static void walk_modifiers(struct guard_walk *w, const struct guard_scope *scope,
                           struct json *modifiers)
{
    for (size_t i = 0; i < modifiers->count && w->st == ST_OK; i++) {
        struct json *m = modifiers->items[i];

        switch ((int)guard_node_of(m, GUARD_MODIFIER)) {
        case GN_LIMIT:
        case GN_LIMIT_PERCENT:
            (void)walk_member(w, scope, m, S("limit"));
            (void)walk_member(w, scope, m, S("offset"));
            break;
        case GN_ORDER: walk_orders(w, scope, json_get(m, S("orders"))); break;
        case GN_DISTINCT:
            (void)guard_walk_exprs(w, scope, json_get(m, S("distinct_on_targets")));
            break;
        default: BUG("modifier");
        }
    }
}

static void note_sample(struct guard_walk *w, const struct json *sample)
{
    if (json_is(sample, JSON_OBJECT) && json_i64_or(json_get(sample, S("seed")), -1) < 0) {
        w->is_volatile = true;
        w->volatile_by = S("sample");
    }
}

static void walk_select(struct guard_walk *w, const struct guard_scope *outer, struct json *node)
{
    struct guard_frame frame = { .outer = outer->frame };
    struct guard_scope scope = { &frame, walk_ctes(w, outer, node), outer->lambdas };
    struct json       *from  = json_get(node, S("from_table"));
    struct json       *items = json_get(node, S("select_list"));

    guard_collect_sources(w, &scope, &frame, from);
    guard_settle_aliases(w, &frame);
    guard_walk_ref(w, &scope, from);
    for (size_t i = 0; i < items->count && w->st == ST_OK; i++) {
        walk_select_item(w, &scope, items->items[i]);
    }
    walk_clause(w, &scope, node, S("where_clause"), GUARD_IN_WHERE);
    (void)guard_walk_exprs(w, &scope, json_get(node, S("group_expressions")));
    walk_clause(w, &scope, node, S("qualify"), GUARD_IN_HAVING);
    frame.outputs = items;
    walk_clause(w, &scope, node, S("having"), GUARD_IN_HAVING);
    if (json_is(json_get(node, S("having")), JSON_OBJECT) ||
        json_is(json_get(node, S("qualify")), JSON_OBJECT)) {
        w->is_revealing_early = true; /* what it groups or partitions by is pushed with it */
    }
    walk_modifiers(w, &scope, json_get(node, S("modifiers")));
    note_sample(w, json_get(node, S("sample")));
    guard_keep_relations(w, &frame);
}

static void walk_set_operation(struct guard_walk *w, const struct guard_scope *outer,
                               struct json *node)
{
    struct guard_scope scope = { outer->frame, walk_ctes(w, outer, node), outer->lambdas };

    guard_note_revealing(w); /* columns of both sides get one type */
    guard_walk_node(w, &scope, json_get(node, S("left")));
    guard_walk_node(w, &scope, json_get(node, S("right")));
    walk_modifiers(w, &scope, json_get(node, S("modifiers")));
}

static void walk_recursive(struct guard_walk *w, const struct guard_scope *outer, struct json *node)
{
    struct guard_scope scope  = { outer->frame, walk_ctes(w, outer, node), outer->lambdas };
    struct guard_cte   self   = { scope.ctes, json_text_or(json_get(node, S("cte_name")), S("")) };
    struct guard_scope inside = { scope.frame, &self, scope.lambdas };

    guard_note_revealing(w);
    guard_walk_node(w, &scope, json_get(node, S("left")));
    guard_walk_node(w, &inside, json_get(node, S("right")));
    walk_modifiers(w, &inside, json_get(node, S("modifiers")));
}

void guard_walk_node(struct guard_walk *w, const struct guard_scope *scope, struct json *node)
{
    if (w->st != ST_OK || (w->st = ctx_check(w->cx)) != ST_OK) {
        return;
    }
    bool was_condition = w->is_condition, was_pushed = w->is_pushed;

    w->selects++;
    w->is_condition = w->is_pushed = false;
    switch ((int)guard_node_of(node, GUARD_NODE)) {
    case GN_SELECT: walk_select(w, scope, node); break;
    case GN_SET_OPERATION: walk_set_operation(w, scope, node); break;
    case GN_RECURSIVE: walk_recursive(w, scope, node); break;
    default: BUG("query node");
    }
    w->is_condition = was_condition;
    w->is_pushed    = was_pushed;
}

/* ---- expressions ---- */

static uint64_t walk_case(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    struct json        *checks  = json_get(expr, S("case_checks"));
    const struct json **results = arena_array(w->cx->arena, checks->count + 1, sizeof(*results));
    uint64_t            size;

    for (size_t i = 0; i < checks->count; i++) {
        results[i] = json_get(checks->items[i], S("then_expr"));
    }
    results[checks->count] = json_get(expr, S("else_expr"));
    guard_check_unified(w, scope, results, checks->count + 1);
    size = walk_member(w, scope, expr, S("else_expr"));
    for (size_t i = 0; i < checks->count; i++) {
        size = larger(size, walk_member(w, scope, checks->items[i], S("when_expr")));
        size = larger(size, walk_member(w, scope, checks->items[i], S("then_expr")));
    }
    return size;
}

static uint64_t walk_subquery(struct guard_walk *w, const struct guard_scope *scope,
                              struct json *expr)
{
    w->changes++; /* its text as a name would change with the relations inside */
    if (str_eq(json_text_or(json_get(expr, S("subquery_type")), S("")), S("ANY"))) {
        guard_note_revealing(w); /* a column of its answer is compared, of a type not known here */
    }
    guard_walk_node(w, scope, json_path(expr, S("/subquery/node")));
    return walk_member(w, scope, expr, S("child"));
}

static uint64_t walk_collate(struct guard_walk *w, const struct guard_scope *scope,
                             struct json *expr)
{
    str  name     = json_text_or(json_get(expr, S("collation")), S(""));
    bool is_plain = name.len > 0 && name.len <= 64;

    /* nocase, noaccent, nfc, a language, or several joined by dots: letters, _ and . only */
    for (size_t i = 0; i < name.len; i++) {
        is_plain =
            is_plain && (char_is_alpha(name.ptr[i]) || name.ptr[i] == '_' || name.ptr[i] == '.');
    }
    if (!is_plain) {
        guard_refuse(w, guard_at(w, expr), S("guard.collation"), S(""),
                     "collation \"" STR_FMT "\" is not available", STR_ARG(name));
    }
    return walk_member(w, scope, expr, S("child"));
}

/* `$from` and `$to` of product SQL become the parameters 1 and 2; nothing else is one. */
static void walk_parameter(struct guard_walk *w, struct json *expr)
{
    str  name    = json_text_or(json_get(expr, S("identifier")), S(""));
    bool is_from = str_eq(name, S("from")), is_to = str_eq(name, S("to"));

    if (w->rq->use != GUARD_BUILD || (!is_from && !is_to)) {
        guard_refuse(w, guard_at(w, expr), S("guard.parameter"), S(""),
                     w->rq->use == GUARD_BUILD
                         ? "parameter \"" STR_FMT "\" is not known: only $from and $to are"
                         : "parameter \"" STR_FMT "\": parameters are not allowed here",
                     STR_ARG(name));
        return;
    }
    w->uses_from = w->uses_from || is_from;
    w->uses_to   = w->uses_to || is_to;
    w->changes++;
    vec_push(w->cx->arena, &w->parameters, (struct guard_parameter){ expr });
}

/*
 * Constants that have no text of their own: TRUE and FALSE are read back as casts of a text, a DOUBLE as
 * a DECIMAL, a DECIMAL without fraction as an INTEGER. Each becomes the cast it means; its name stays.
 */
static void become_cast(struct guard_walk *w, struct json *expr, str text, struct json *type)
{
    struct arena *a    = w->cx->arena;
    struct json  *cast = guard_build_cast(a, guard_build_text(a, text), type);

    json_set(a, cast, S("alias"), json_get(expr, S("alias")));
    json_set(a, cast, S("query_location"), json_get(expr, S("query_location")));
    *expr = *cast;
    w->changes++;
}

static str decimal_text(struct arena *a, const struct json *value)
{
    return json_is(value, JSON_I64) ? arena_printf(a, "%lld", (long long)value->i64) : S("");
}

static void walk_constant(struct guard_walk *w, struct json *expr)
{
    struct arena      *a     = w->cx->arena;
    const struct json *value = json_path(expr, S("/value/value"));
    struct json       *type  = json_path(expr, S("/value/type"));
    str                id    = json_text_or(json_get(type, S("id")), S(""));
    double             number;

    if (!value) {
        return;
    }
    if (str_eq(id, S("BOOLEAN")) && json_is(value, JSON_BOOL)) {
        become_cast(w, expr, value->truth ? S("t") : S("f"), guard_build_type(a, id));
    } else if (str_eq(id, S("DOUBLE")) && json_number(value, &number)) {
        char room[JSON_NUMBER_ROOM];

        become_cast(w, expr, arena_dup(a, json_number_text(number, room)), guard_build_type(a, id));
    } else if (str_eq(id, S("DECIMAL")) &&
               json_i64_or(json_path(type, S("/type_info/scale")), 1) == 0) {
        str text = decimal_text(a, value);

        if (text.len > 0) {
            become_cast(w, expr, text, type);
        }
    }
}

/* A lambda where no function takes one is the operator of JSON: value -> path. */
static uint64_t walk_arrow(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    return larger(walk_member(w, scope, expr, S("lhs")), walk_member(w, scope, expr, S("expr")));
}

static uint64_t walk_cast(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    if (json_is(json_get(expr, S("query_location")), JSON_U64) &&
        str_eq(json_text_or(json_path(expr, S("/child/function_name")), S("")), S("trunc"))) {
        w->changes++; /* the parser's form of INTERVAL n unit: its types print otherwise */
    }
    if (!str_eq(json_text_or(json_path(expr, S("/child/class")), S("")), S("CONSTANT"))) {
        guard_note_revealing(w); /* a cast that fails shows the value */
    }
    return walk_member(w, scope, expr, S("child"));
}

static uint64_t walk_pair(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    const struct json *values[] = { json_get(expr, S("left")), json_get(expr, S("right")) };

    guard_check_unified(w, scope, values, COUNT_OF(values));
    return larger(walk_member(w, scope, expr, S("left")), walk_member(w, scope, expr, S("right")));
}

static void check_between(struct guard_walk *w, const struct guard_scope *scope,
                          const struct json *expr)
{
    const struct json *values[] = { json_get(expr, S("input")), json_get(expr, S("lower")),
                                    json_get(expr, S("upper")) };

    guard_check_unified(w, scope, values, COUNT_OF(values));
}

static uint64_t walk_operator(struct guard_walk *w, const struct guard_scope *scope,
                              struct json *expr)
{
    str          type     = json_text_or(json_get(expr, S("type")), S(""));
    struct json *children = json_get(expr, S("children"));

    if (str_starts(type, S("ARRAY_")) || str_eq(type, S("STRUCT_EXTRACT"))) {
        guard_note_revealing(w);
    } else {
        guard_check_unified(w, scope, (const struct json *const *)children->items, children->count);
    }
    return guard_walk_exprs(w, scope, children);
}

uint64_t guard_walk_expr(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    if (w->st != ST_OK) {
        return 1;
    }
    switch (guard_node_of(expr, GUARD_EXPR)) {
    case GN_BETWEEN:
        check_between(w, scope, expr);
        return larger(walk_member(w, scope, expr, S("input")),
                      larger(walk_member(w, scope, expr, S("lower")),
                             walk_member(w, scope, expr, S("upper"))));
    case GN_CASE: return walk_case(w, scope, expr);
    case GN_CAST: return walk_cast(w, scope, expr);
    case GN_COLLATE: return walk_collate(w, scope, expr);
    case GN_COLUMN: guard_walk_column(w, scope, expr); return 1;
    case GN_COMPARISON: return walk_pair(w, scope, expr);
    case GN_CONJUNCTION: (void)guard_walk_exprs(w, scope, json_get(expr, S("children"))); return 1;
    case GN_CONSTANT: walk_constant(w, expr); return 1;
    case GN_FUNCTION: return guard_walk_function(w, scope, expr);
    case GN_LAMBDA: return walk_arrow(w, scope, expr);
    case GN_OPERATOR: return walk_operator(w, scope, expr);
    case GN_PARAMETER: walk_parameter(w, expr); return 1;
    case GN_POSITION: guard_show_all(w, scope->frame); return 1; /* #2: any column of FROM */
    case GN_STAR: guard_walk_star(w, scope, expr); return 1;
    case GN_SUBQUERY: return walk_subquery(w, scope, expr);
    case GN_WINDOW: return guard_walk_window(w, scope, expr);
    case GN_SELECT:
    case GN_SET_OPERATION:
    case GN_RECURSIVE:
    case GN_BASE_TABLE:
    case GN_JOIN:
    case GN_DERIVED:
    case GN_TABLE_FUNCTION:
    case GN_EMPTY:
    case GN_VALUES:
    case GN_PIVOT:
    case GN_LIMIT:
    case GN_LIMIT_PERCENT:
    case GN_ORDER:
    case GN_DISTINCT:
    case GN_OTHER: break;
    }
    BUG("expression");
}
