/*
 * from.c - FROM clauses: what they offer, and the relations put in place of names.
 *
 * A FROM clause is walked in steps, since columns anywhere in the query may name what stands in it:
 * collect the sources, settle their aliases, walk conditions and subqueries, and only at the very end
 * of the query node put the relations in place, so that no walker ever sees a tree of our own.
 */
#include "guard/guard_int.h"

/* ---- relations ---- */

static str text_of(const struct json *object, str name)
{
    return json_text_or(json_get(object, name), S(""));
}

static bool is_cte(const struct guard_scope *scope, str name)
{
    for (const struct guard_cte *c = scope->ctes; c; c = c->outer) {
        if (str_eq_nocase(c->name, name)) {
            return true;
        }
    }
    return false;
}

static str written_name(struct guard_walk *w, const struct guard_name *n)
{
    str name = n->table;

    if (n->schema.len > 0) {
        name = arena_printf(w->cx->arena, STR_FMT "." STR_FMT, STR_ARG(n->schema), STR_ARG(name));
    }
    if (n->catalog.len > 0) {
        name = arena_printf(w->cx->arena, STR_FMT "." STR_FMT, STR_ARG(n->catalog), STR_ARG(name));
    }
    return name;
}

/* Reads AT (VERSION => n); false when refused. */
static bool read_version(struct guard_walk *w, struct json *ref, struct guard_name *name)
{
    const struct json *at = json_get(ref, S("at_clause"));
    int64_t            version;

    if (!json_is(at, JSON_OBJECT)) {
        return true;
    }
    if (!str_eq(text_of(at, S("unit")), S("VERSION")) ||
        !guard_constant_int(json_get(at, S("expr")), &version) || version < 0) {
        guard_refuse(w, guard_at(w, ref), S("guard.version"), S("write AT (VERSION => 3)"),
                     "AT takes the number of a snapshot");
        return false;
    }
    name->has_version = true;
    name->version     = version;
    return true;
}

static size_t part_count(str name)
{
    size_t n = 1;

    for (size_t i = 0; i < name.len; i++) {
        n += name.ptr[i] == '.';
    }
    return n;
}

/* The candidate nearest to a name that may lack its first parts; whole, for the hint. */
static str nearest_table(str written, const str *candidates, size_t count)
{
    str near = STR_NONE, near_tail = STR_NONE;

    for (size_t i = 0; i < count; i++) {
        str tail = candidates[i], head, rest;

        while (part_count(tail) > part_count(written) && str_split(tail, '.', &head, &rest)) {
            tail = rest;
        }
        if (str_nearest(written, &tail, 1).len > 0 &&
            (near.len == 0 ||
             str_distance(written, tail, 64) < str_distance(written, near_tail, 64))) {
            near      = candidates[i];
            near_tail = tail;
        }
    }
    return near;
}

static void refuse_unknown(struct guard_walk *w, uint64_t at, const struct guard_name *name)
{
    struct guard_resolver *resolver   = w->rq->resolver;
    const str             *candidates = NULL;
    size_t                 count      = 0;
    str                    written = written_name(w, name), near = STR_NONE, hint = S("");

    if (resolver->candidates) {
        w->st = resolver->candidates(resolver, w->cx, name, &candidates, &count);
        near  = nearest_table(written, candidates, w->st == ST_OK ? count : 0);
    }
    if (near.len > 0) {
        hint = arena_printf(w->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    guard_refuse(w, at, S("guard.table"), hint, "table \"" STR_FMT "\" does not exist",
                 STR_ARG(written));
}

static struct guard_touched *find_touched(struct guard_walk *w, const struct guard_name *name,
                                          str key)
{
    for (size_t i = 0; i < w->touched.count; i++) {
        const struct guard_table *t = &w->touched.items[i].it->table;

        if (w->touched.items[i].it->inside == w->view && str_eq(t->key, key) &&
            t->name.has_version == name->has_version &&
            (!name->has_version || t->name.version == name->version)) {
            return w->touched.items[i].it;
        }
    }
    return NULL;
}

/* ---- views ---- */

/*
 * A view is a SELECT of another product in the middle of a person's text. It is parsed, checked and walked
 * like a text of its own, with nothing around it in scope and its own resolver, while all limits and what
 * is known about failing expressions go on. The tree then stands in front of the whole text as a common
 * table expression under a name that nothing else has. It must stand there and not where it is named: a
 * subquery in FROM sees the columns of its neighbours, so a column that the view's product lost would be
 * taken from the reader's text.
 */
static size_t depth_of(const struct guard_touched *view)
{
    size_t depth = 0;

    for (; view; view = view->inside) {
        depth++;
    }
    return depth;
}

static bool is_open(const struct guard_touched *view)
{
    for (const struct guard_touched *v = view->inside; v; v = v->inside) {
        if (str_eq(v->table.key, view->table.key)) {
            return true;
        }
    }
    return false;
}

static struct json *walk_text(struct guard_walk *w)
{
    const struct guard_scope nothing   = { 0 };
    struct json             *statement = json_path(guard_parse(w), S("/statements/0"));
    struct json             *node      = json_get(statement, S("node"));

    if (statement && guard_shape_check(w, statement)) {
        w->at = GUARD_NOWHERE;
        /* Its columns are cast, and a cast may fail once an input's type was widened. */
        guard_note_revealing(w);
        guard_walk_node(w, &nothing, node);
    }
    return w->st == ST_OK && w->refusals == 0 ? node : NULL;
}

static void refuse_view(struct guard_walk *w, uint64_t at, const struct guard_touched *view)
{
    guard_refuse(w, at, S("guard.view"), S("its owner is told why by weft plan"),
                 "view \"" STR_FMT "\" cannot be read at present", STR_ARG(view->table.key));
}

static void walk_view(struct guard_walk *w, uint64_t at, struct guard_touched *view)
{
    const struct guard_view   *what   = view->relation.view;
    const struct guard_request rq     = { .text     = what->text,
                                          .use      = GUARD_QUERY,
                                          .resolver = what->resolver };
    const struct guard_walk    around = *w;
    const struct err           before = *w->cx->err;
    struct diags               untold = { 0 };

    if (depth_of(view) > GUARD_VIEWS_MAX) {
        w->st = FAIL(w->cx, LIMIT, "views lie more than %d deep in one another (GUARD_VIEWS_MAX)",
                     GUARD_VIEWS_MAX);
        return;
    }
    if (is_open(view)) {
        refuse_view(w, at, view);
        return;
    }
    w->rq           = &rq;
    w->findings     = &untold;
    w->refusals     = 0;
    w->view         = view;
    w->is_condition = w->is_pushed = false;
    view->node                     = walk_text(w);
    w->rq                          = around.rq;
    w->findings                    = around.findings;
    w->refusals                    = around.refusals;
    w->view                        = around.view;
    w->is_condition                = around.is_condition;
    w->is_pushed                   = around.is_pushed;
    w->at                          = around.at;
    if (w->st == ST_OK && !view->node) {
        *w->cx->err = before; /* what was refused inside is nobody's business outside */
        refuse_view(w, at, view);
    }
}

/* Asks the resolver; NULL when refused or failed. */
static struct guard_touched *resolve(struct guard_walk *w, struct json *ref,
                                     const struct guard_name *name)
{
    struct guard_relation relation = { 0 };
    uint64_t              at       = guard_at(w, ref);

    if (++w->mentions > GUARD_TABLES_MAX) {
        w->st = FAIL(w->cx, LIMIT, "the query names more than %d tables (GUARD_TABLES_MAX)",
                     GUARD_TABLES_MAX);
        return NULL;
    }
    enum status st = w->rq->resolver->resolve(w->rq->resolver, w->cx, name, &relation);
    if (st == ST_NOT_FOUND) {
        refuse_unknown(w, at, name);
        return NULL;
    }
    if (st == ST_INVALID || st == ST_DENIED || st == ST_CONFLICT) {
        guard_refuse(w, at, S("guard.table"), S(""), STR_FMT, STR_ARG(err_text(w->cx->err)));
        return NULL;
    }
    if (st != ST_OK) {
        w->st = st;
        return NULL;
    }
    if (relation.file_count > GUARD_FILES_MAX) {
        w->st =
            FAIL(w->cx, LIMIT, "a table has %zu files; at most %d are possible (GUARD_FILES_MAX)",
                 relation.file_count, GUARD_FILES_MAX);
        return NULL;
    }
    struct guard_touched *touched = find_touched(w, name, relation.key);
    if (!touched) {
        touched        = ARENA_NEW(w->cx->arena, struct guard_touched);
        touched->table = (struct guard_table){ .name = *name, .key = relation.key };
        if (relation.kind == GUARD_TABLE) {
            touched->table.catalog = relation.catalog;
            touched->table.schema  = relation.schema;
            touched->table.table   = relation.table;
        }
        touched->relation = relation;
        touched->inside   = w->view;
        touched->columns  = arena_array(w->cx->arena, relation.column_count, sizeof(bool));
        vec_push(w->cx->arena, &w->touched, (struct guard_touched_ref){ touched });
        if (relation.kind == GUARD_VIEW) {
            walk_view(w, at, touched);
        }
    }
    return touched;
}

/* t (a, b): other names for columns. What is told of columns by their names is not true any more. */
static void check_renaming(struct guard_walk *w, const struct json *ref,
                           struct guard_touched *touched)
{
    if (json_get(ref, S("column_name_alias"))->count == 0) {
        return;
    }
    touched->table.is_whole = true;
    if (guard_has_unprojected(&touched->relation)) {
        guard_refuse(w, guard_at(w, ref), S("guard.projection"),
                     S("name columns in the select list"),
                     "a table with a column for conditions only takes no list of column names");
    }
}

static void collect_base(struct guard_walk *w, const struct guard_scope *scope,
                         struct guard_frame *frame, struct json *ref)
{
    str                 table  = text_of(ref, S("table_name"));
    str                 alias  = text_of(ref, S("alias"));
    struct guard_name   name   = { .catalog = text_of(ref, S("catalog_name")),
                                   .schema  = text_of(ref, S("schema_name")),
                                   .table   = table,
                                   .pos     = guard_pos(w, guard_at(w, ref)) };
    struct guard_source source = { .alias    = alias.len > 0 ? alias : table,
                                   .is_named = alias.len > 0,
                                   .ref      = ref };

    source.printed = source.alias;
    if (name.schema.len == 0 && name.catalog.len == 0 && is_cte(scope, table)) {
        if (json_is(json_get(ref, S("at_clause")), JSON_OBJECT)) {
            guard_refuse(w, guard_at(w, ref), S("guard.version"), S(""),
                         "\"" STR_FMT "\" is part of this query and has no versions",
                         STR_ARG(table));
        }
        vec_push(w->cx->arena, &frame->sources, source);
        return;
    }
    if (!read_version(w, ref, &name)) {
        return;
    }
    source.touched = resolve(w, ref, &name);
    if (!source.touched) {
        /* Keeps its place, so that columns of it are not found to be wrong as well. */
        vec_push(w->cx->arena, &frame->sources, source);
        return;
    }
    check_renaming(w, ref, source.touched);
    if (!source.is_named) {
        source.catalog = name.catalog;
        source.schema  = name.schema;
    }
    w->changes++;
    vec_push(w->cx->arena, &frame->sources, source);
}

void guard_collect_sources(struct guard_walk *w, const struct guard_scope *scope,
                           struct guard_frame *frame, struct json *ref)
{
    str                 alias  = text_of(ref, S("alias"));
    struct guard_source source = { .alias = alias, .printed = alias, .is_named = true, .ref = ref };

    if (w->st != ST_OK) {
        return;
    }
    switch ((int)guard_node_of(ref, GUARD_REF)) {
    case GN_BASE_TABLE: collect_base(w, scope, frame, ref); return;
    case GN_JOIN:
        guard_collect_sources(w, scope, frame, json_get(ref, S("left")));
        guard_collect_sources(w, scope, frame, json_get(ref, S("right")));
        return;
    case GN_PIVOT: /* its source is visible inside only: guard_walk_ref */
    case GN_DERIVED:
    case GN_TABLE_FUNCTION:
    case GN_VALUES: vec_push(w->cx->arena, &frame->sources, source); return;
    case GN_EMPTY: return;
    default: BUG("table reference");
    }
}

/* ---- aliases ---- */

str guard_fresh_name(struct guard_walk *w, str base)
{
    for (unsigned n = 1;; n++) {
        str     name = arena_printf(w->cx->arena, STR_FMT "_%u", STR_ARG(base), n);
        size_t *uses = guard_name_uses(w, name);

        if (*uses == 0) {
            *uses = 1;
            return name;
        }
    }
}

/*
 * A relation keeps its last name as alias while nothing else in the whole text has that name; else a
 * column that reaches out of a subquery could be caught by the other one.
 */
void guard_settle_aliases(struct guard_walk *w, struct guard_frame *frame)
{
    for (size_t i = 0; i < frame->sources.count; i++) {
        struct guard_source *source = &frame->sources.items[i];

        if (!source->is_named && source->touched && *guard_name_uses(w, source->alias) > 1) {
            source->printed = guard_fresh_name(w, source->alias);
        }
    }
}

/* ---- conditions, subqueries, arguments ---- */

static void walk_values(struct guard_walk *w, const struct guard_scope *scope, struct json *ref)
{
    const struct json  *rows   = json_get(ref, S("values"));
    const struct json **column = arena_array(w->cx->arena, rows->count, sizeof(*column));

    for (size_t k = 0; rows->count > 0 && k < rows->items[0]->count; k++) {
        for (size_t i = 0; i < rows->count; i++) {
            column[i] = k < rows->items[i]->count ? rows->items[i]->items[k] : NULL;
        }
        guard_check_unified(w, scope, column, rows->count);
    }
    for (size_t i = 0; i < rows->count; i++) {
        (void)guard_walk_exprs(w, scope, rows->items[i]);
    }
}

static void walk_pivot_columns(struct guard_walk *w, const struct guard_scope *scope,
                               struct json *ref)
{
    const struct json *pivots = json_get(ref, S("pivots"));

    for (size_t i = 0; i < pivots->count; i++) {
        const struct json *entries = json_get(pivots->items[i], S("entries"));

        (void)guard_walk_exprs(w, scope, json_get(pivots->items[i], S("pivot_expressions")));
        for (size_t j = 0; j < entries->count; j++) {
            struct json *star = json_get(entries->items[j], S("star_expr"));

            if (json_is(star, JSON_OBJECT)) {
                (void)guard_walk_expr(w, scope, star);
            }
        }
    }
}

static bool has_subquery(const struct json *v)
{
    bool found = false;

    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_subquery(v->items[i]);
        }
    } else if (json_is(v, JSON_OBJECT)) {
        found = str_eq(text_of(v, S("class")), S("SUBQUERY"));
        for (size_t i = 0; i < v->count && !found; i++) {
            found = has_subquery(v->members[i].value);
        }
    }
    return found;
}

/* A pivot sees all of its source, and gives columns that are named after values and expressions. */
static void walk_pivot(struct guard_walk *w, const struct guard_scope *outer, struct json *ref)
{
    struct guard_frame frame  = { .outer = outer->frame };
    struct guard_scope scope  = { &frame, outer->ctes, outer->lambdas };
    struct json       *source = json_get(ref, S("source"));

    if (has_subquery(json_get(ref, S("aggregates"))) || has_subquery(json_get(ref, S("pivots")))) {
        guard_refuse(w, guard_at(w, ref), S("guard.pivot"), S("compute it before the pivot"),
                     "a subquery inside PIVOT is not supported");
        return;
    }
    guard_collect_sources(w, outer, &frame, source);
    guard_settle_aliases(w, &frame);
    guard_walk_ref(w, &scope, source);
    guard_show_all(w, &frame);
    (void)guard_walk_exprs(w, &scope, json_get(ref, S("aggregates")));
    walk_pivot_columns(w, &scope, ref);
    guard_keep_relations(w, &frame);
}

/* Columns that a join compares by their names may have two types. */
static void note_compared(struct guard_walk *w)
{
    w->is_revealing       = true;
    w->is_revealing_early = true;
}

static void walk_join(struct guard_walk *w, const struct guard_scope *scope, struct json *ref)
{
    struct json *condition   = json_get(ref, S("condition"));
    const struct json *using = json_get(ref, S("using_columns"));

    guard_walk_ref(w, scope, json_get(ref, S("left")));
    guard_walk_ref(w, scope, json_get(ref, S("right")));
    if (json_is(condition, JSON_OBJECT)) {
        guard_walk_condition(w, scope, condition, GUARD_IN_WHERE);
    }
    for (size_t i = 0; i < using->count; i++) {
        guard_touch_name(scope, using->items[i]->text);
    }
    if (using->count > 0) {
        note_compared(w);
    }
    if (str_eq(text_of(ref, S("ref_type")), S("NATURAL"))) {
        guard_touch_all(scope->frame);
        note_compared(w);
    }
}

void guard_walk_ref(struct guard_walk *w, const struct guard_scope *scope, struct json *ref)
{
    const struct json *sample = json_get(ref, S("sample"));

    if (w->st != ST_OK) {
        return;
    }
    if (json_is(sample, JSON_OBJECT) && json_i64_or(json_get(sample, S("seed")), -1) < 0) {
        w->is_volatile = true;
        w->volatile_by = S("sample");
    }
    switch ((int)guard_node_of(ref, GUARD_REF)) {
    case GN_BASE_TABLE:
    case GN_EMPTY: return;
    case GN_JOIN: walk_join(w, scope, ref); return;
    case GN_DERIVED: guard_walk_node(w, scope, json_path(ref, S("/subquery/node"))); return;
    case GN_TABLE_FUNCTION: guard_walk_table_function(w, scope, ref); return;
    case GN_VALUES: walk_values(w, scope, ref); return;
    case GN_PIVOT: walk_pivot(w, scope, ref); return;
    default: BUG("table reference");
    }
}

void guard_keep_relations(struct guard_walk *w, const struct guard_frame *frame)
{
    for (size_t i = 0; i < frame->sources.count; i++) {
        if (frame->sources.items[i].touched) {
            vec_push(w->cx->arena, &w->placed, frame->sources.items[i]);
        }
    }
}

/*
 * A condition of an outer query may be pushed into an inner one, select items with it. So only in a
 * text of one query node, without HAVING or QUALIFY, can what stands in its select list never be tried
 * on a row that a filter takes away.
 */
static bool needs_guard(const struct guard_walk *w)
{
    return w->is_revealing && (w->is_revealing_early || w->selects > 1);
}

void guard_place_relations(struct guard_walk *w)
{
    for (size_t i = 0; i < w->placed.count; i++) {
        const struct guard_source *source = &w->placed.items[i];

        guard_build_derived(
            w->cx->arena, source->ref,
            guard_build_relation(w->cx->arena, &source->touched->relation, needs_guard(w)),
            source->printed);
    }
}

/* Places of a view's text are none of the text around. */
static void forget_places(struct arena *a, struct json *v)
{
    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count; i++) {
            forget_places(a, v->items[i]);
        }
    } else if (json_is(v, JSON_OBJECT)) {
        for (size_t i = 0; i < v->count; i++) {
            if (str_eq(v->members[i].key, S("query_location"))) {
                v->members[i].value = json_new_u64(a, GUARD_NOWHERE);
            } else {
                forget_places(a, v->members[i].value);
            }
        }
    }
}

void guard_place_views(struct guard_walk *w, struct json *node)
{
    struct arena *a    = w->cx->arena;
    struct json  *ctes = json_get(node, S("cte_map")), *own = json_get(ctes, S("map"));
    struct json  *map = json_new_array(a);

    /* What a view reads was found after it, and must be written before it. */
    for (size_t i = w->touched.count; i > 0; i--) {
        struct guard_touched *t = w->touched.items[i - 1].it;

        if (t->relation.kind == GUARD_VIEW) {
            t->relation.catalog = t->relation.schema = S("");
            t->relation.table                        = guard_fresh_name(w, S("view"));
            forget_places(a, t->node);
            json_append(a, map, guard_build_view(a, &t->relation, t->node));
        }
    }
    if (map->count > 0) {
        for (size_t i = 0; i < own->count; i++) {
            json_append(a, map, own->items[i]);
        }
        json_set(a, ctes, S("map"), map);
    }
}
