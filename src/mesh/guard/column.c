/*
 * column.c - columns and stars: qualified names follow the aliases that the rewriting gave.
 *
 * The engine reads "a.b.c" as catalog.schema.table, schema.table, table, then column with fields, in
 * this order, from the inner query outward. A relation stands behind one alias after the rewriting,
 * so the parts before its column become that alias. Which columns are touched is told from above: a
 * name that could be a column of two relations counts for both.
 */
#include "guard/guard_int.h"

/* Names that the engine turns into calls when no column has them. */
static const struct {
    str  name;
    bool is_volatile; /* else refused */
} keywords[] = {
    { STR_INIT("current_date"), true },      { STR_INIT("current_time"), true },
    { STR_INIT("current_timestamp"), true }, { STR_INIT("localtime"), true },
    { STR_INIT("localtimestamp"), true },    { STR_INIT("current_catalog"), false },
    { STR_INIT("current_role"), false },     { STR_INIT("current_schema"), false },
    { STR_INIT("current_user"), false },     { STR_INIT("session_user"), false },
};

#define NO_COLUMN SIZE_MAX

/* The column of that name that exists for the reader. */
static size_t find_column(const struct guard_relation *r, str name)
{
    for (size_t i = 0; i < r->column_count; i++) {
        if (str_eq_nocase(r->columns[i].name, name) && !guard_column_is_hidden(r, i)) {
            return i;
        }
    }
    return NO_COLUMN;
}

static void touch(struct guard_touched *touched, str name)
{
    size_t i = find_column(&touched->relation, name);

    if (i == NO_COLUMN) {
        /* The relation as a value, a field, or columns that are not known yet. */
        touched->table.is_whole = true;
    } else {
        touched->columns[i] = true;
    }
}

static bool has_column(const struct guard_touched *touched, str name)
{
    return touched->relation.column_count == 0 ||
           find_column(&touched->relation, name) != NO_COLUMN;
}

/* ---- columns that may be used but not shown ---- */

static void refuse_projection(struct guard_walk *w, const struct json *expr, str name)
{
    guard_refuse(w, guard_at(w, expr), S("guard.projection"),
                 S("use it in WHERE or ON, or count it"),
                 "column \"" STR_FMT "\" may be used in conditions only", STR_ARG(name));
}

/* `name` is a column of the relation, or means its whole row. */
static void check_projection(struct guard_walk *w, const struct json *expr,
                             const struct guard_touched *touched, str name)
{
    const struct guard_relation *r = &touched->relation;
    size_t                       i = find_column(r, name);

    if (i == NO_COLUMN) {
        for (size_t k = 0; k < r->column_count; k++) {
            if (guard_column_is_unprojected(r, k)) {
                refuse_projection(w, expr, r->columns[k].name);
                return;
            }
        }
    } else if (!w->is_condition && guard_column_is_unprojected(r, i)) {
        refuse_projection(w, expr, r->columns[i].name);
    }
}

/* An unqualified name: the innermost query that has such a column, or such a table, is meant. */
static void check_name_projection(struct guard_walk *w, const struct guard_scope *scope,
                                  const struct json *expr, str name)
{
    bool found = false;

    for (const struct guard_frame *f = scope->frame; f && !found; f = f->outer) {
        for (size_t i = 0; i < f->sources.count; i++) {
            const struct guard_touched *touched = f->sources.items[i].touched;

            if (touched &&
                (has_column(touched, name) || str_eq_nocase(f->sources.items[i].alias, name))) {
                check_projection(w, expr, touched, name);
                found = true;
            }
        }
    }
}

/* How many leading parts of a column name are the written name of `s`; 0 = none. */
static size_t match_parts(const struct guard_source *s, const struct json *parts)
{
    str    name[3];
    size_t given = 0, skip;

    if (s->catalog.len > 0) {
        name[given++] = s->catalog;
    }
    if (s->schema.len > 0) {
        name[given++] = s->schema;
    }
    name[given++] = s->alias;
    for (skip = 0; skip < given; skip++) {
        size_t count = given - skip, i = 0;

        while (i < count && i < parts->count &&
               str_eq_nocase(parts->items[i]->text, name[skip + i])) {
            i++;
        }
        if (i == count) {
            return count;
        }
    }
    return 0;
}

/* The written parts before a column in EXCLUDE or RENAME: catalog, schema, table. */
static struct json *parts_before(struct arena *a, const struct json *name)
{
    static const str levels[] = { STR_INIT("catalog"), STR_INIT("schema"), STR_INIT("table") };
    struct json     *parts    = json_new_array(a);

    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        str part = json_text_or(json_get(name, levels[i]), S(""));

        if (part.len > 0) {
            json_append(a, parts, json_new_str(a, part));
        }
    }
    return parts;
}

/* EXCLUDE (t.a) leaves out the column of t alone: that of another table with the same name stays. */
static bool is_excluded(struct arena *a, const struct json *star, const struct guard_source *source,
                        str name)
{
    const struct json *names     = json_get(star, S("exclude_list"));
    const struct json *qualified = json_get(star, S("qualified_exclude_list"));
    bool               found     = false;

    for (size_t i = 0; i < names->count && !found; i++) {
        found = str_eq_nocase(names->items[i]->text, name);
    }
    for (size_t i = 0; i < qualified->count && !found; i++) {
        const struct json *parts = parts_before(a, qualified->items[i]);

        found =
            str_eq_nocase(json_text_or(json_get(qualified->items[i], S("column")), S("")), name) &&
            parts->count > 0 && match_parts(source, parts) == parts->count;
    }
    return found;
}

/* A star shows everything that it does not exclude; `star` NULL: everything is shown. */
static void check_all_projection(struct guard_walk *w, const struct json *star,
                                 const struct guard_source *source)
{
    const struct guard_relation *r = &source->touched->relation;

    for (size_t i = 0; i < r->column_count; i++) {
        str name = r->columns[i].name;

        if (guard_column_is_unprojected(r, i) &&
            !(star && is_excluded(w->cx->arena, star, source, name))) {
            guard_refuse(w, star ? guard_at(w, star) : GUARD_NOWHERE, S("guard.projection"),
                         arena_printf(w->cx->arena, "write * EXCLUDE (" STR_FMT ")", STR_ARG(name)),
                         "column \"" STR_FMT "\" may be used in conditions only", STR_ARG(name));
        }
    }
}

static void show_all(struct guard_walk *w, const struct guard_frame *frame, const struct json *star)
{
    guard_touch_all(frame);
    for (size_t i = 0; frame && i < frame->sources.count; i++) {
        if (frame->sources.items[i].touched) {
            check_all_projection(w, star, &frame->sources.items[i]);
        }
    }
}

void guard_show_all(struct guard_walk *w, const struct guard_frame *frame)
{
    show_all(w, frame, NULL);
}

void guard_touch_all(const struct guard_frame *frame)
{
    for (size_t i = 0; frame && i < frame->sources.count; i++) {
        if (frame->sources.items[i].touched) {
            frame->sources.items[i].touched->table.is_whole = true;
        }
    }
}

void guard_touch_name(const struct guard_scope *scope, str name)
{
    for (const struct guard_frame *f = scope->frame; f; f = f->outer) {
        for (size_t i = 0; i < f->sources.count; i++) {
            struct guard_touched *touched = f->sources.items[i].touched;

            if (touched &&
                (has_column(touched, name) || str_eq_nocase(f->sources.items[i].alias, name))) {
                touch(touched, name);
            }
        }
    }
}

struct match {
    const struct guard_source *source;
    size_t                     parts;
    bool                       is_ambiguous;
};

static struct match find_source(const struct guard_scope *scope, const struct json *parts)
{
    struct match best = { 0 };

    for (const struct guard_frame *f = scope->frame; f && !best.source; f = f->outer) {
        for (size_t i = 0; i < f->sources.count; i++) {
            size_t n = match_parts(&f->sources.items[i], parts);

            if (n > best.parts) {
                best = (struct match){ &f->sources.items[i], n, false };
            } else if (n > 0 && n == best.parts) {
                best.is_ambiguous = true;
            }
        }
    }
    return best;
}

static bool is_lambda_name(const struct guard_scope *scope, str name)
{
    for (const struct guard_lambda *l = scope->lambdas; l; l = l->outer) {
        if (str_eq_nocase(l->name, name)) {
            return true;
        }
    }
    return false;
}

static void check_keyword(struct guard_walk *w, const struct json *expr, str name)
{
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        if (!str_eq_nocase(name, keywords[i].name)) {
            continue;
        }
        if (keywords[i].is_volatile) {
            w->is_volatile = true;
            w->volatile_by = keywords[i].name;
        } else {
            guard_refuse(w, guard_at(w, expr), S("guard.function"), S(""),
                         "\"" STR_FMT "\" is not available: it tells about the engine",
                         STR_ARG(name));
        }
    }
}

static void qualify(struct guard_walk *w, struct json *expr, struct json *parts, struct match m)
{
    if (m.is_ambiguous) {
        guard_refuse(w, guard_at(w, expr), S("guard.ambiguous"),
                     S("give the tables aliases in FROM"),
                     "\"" STR_FMT "\" could be more than one table of this query",
                     STR_ARG(parts->items[0]->text));
        return;
    }
    if (m.parts == parts->count && m.parts > 1) {
        return; /* a name without column: the engine's message is right */
    }
    if (m.source->touched) {
        str column = m.parts < parts->count ? parts->items[m.parts]->text : S("");

        touch(m.source->touched, column);
        check_projection(w, expr, m.source->touched, column);
    }
    if (m.parts == 1 && str_eq(m.source->printed, m.source->alias)) {
        return;
    }
    w->changes++;
    for (size_t i = 1; i < m.parts; i++) {
        json_remove_at(parts, 0);
    }
    parts->items[0] = json_new_str(w->cx->arena, m.source->printed);
}

/* HAVING and ORDER BY prefer an alias of the select list to a table's row; other clauses do not. */
static bool is_output(const struct guard_scope *scope, str name)
{
    const struct json *items = scope->frame ? scope->frame->outputs : NULL;

    for (size_t i = 0; items && i < items->count; i++) {
        if (str_eq_nocase(json_text_or(json_get(items->items[i], S("alias")), S("")), name)) {
            return true;
        }
    }
    return false;
}

/* Of the innermost query that has such a column, when only one of its relations can mean it. */
static str type_of_name(const struct guard_scope *scope, str name)
{
    str type = STR_NONE;

    for (const struct guard_frame *f = scope->frame; f && type.len == 0; f = f->outer) {
        for (size_t i = 0; i < f->sources.count; i++) {
            const struct guard_touched *touched = f->sources.items[i].touched;
            size_t                      at;

            if (!touched || touched->relation.column_count == 0) {
                return STR_NONE; /* a derived table may have it */
            }
            at = find_column(&touched->relation, name);
            if (at != NO_COLUMN && type.len > 0) {
                return STR_NONE;
            }
            type = at != NO_COLUMN ? touched->relation.columns[at].type : type;
        }
    }
    return type;
}

str guard_column_type(const struct guard_scope *scope, const struct json *parts)
{
    struct match m;
    size_t       at;

    if (parts->count == 1) {
        str name = parts->items[0]->text;

        return is_lambda_name(scope, name) || is_output(scope, name) ? STR_NONE
                                                                     : type_of_name(scope, name);
    }
    m = find_source(scope, parts);
    if (!m.source || m.is_ambiguous || !m.source->touched || m.parts + 1 != parts->count) {
        return STR_NONE;
    }
    at = find_column(&m.source->touched->relation, parts->items[m.parts]->text);
    return at == NO_COLUMN ? STR_NONE : m.source->touched->relation.columns[at].type;
}

void guard_walk_column(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    struct json *parts = json_get(expr, S("column_names"));

    if (parts->count == 0) {
        guard_refuse(w, guard_at(w, expr), S("guard.tree"), S(""), "a column without a name");
        return;
    }
    str first = parts->items[0]->text, last = parts->items[parts->count - 1]->text;
    if (is_lambda_name(scope, first)) {
        return;
    }
    if (str_eq_nocase(first, S("rowid")) || str_eq_nocase(last, S("rowid"))) {
        guard_refuse(w, guard_at(w, expr), S("guard.rowid"), S("use a key of the table"),
                     "\"rowid\" is not available: it is no column of a data product");
        return;
    }
    struct match m = find_source(scope, parts);
    if (m.source && (m.parts > 1 || parts->count > 1)) {
        qualify(w, expr, parts, m);
        return;
    }
    if (m.source && !str_eq(m.source->printed, m.source->alias) && !is_output(scope, first) &&
        !(m.source->touched && has_column(m.source->touched, first))) {
        qualify(w, expr, parts, m); /* the whole row of a table that was renamed */
        return;
    }
    if (parts->count == 1) {
        check_keyword(w, expr, first);
    }
    guard_touch_name(scope, first);
    check_name_projection(w, scope, expr, first);
}

/* ---- stars ---- */

static bool is_plain_name(str name)
{
    bool ok = name.len > 0 && !char_is_digit(name.ptr[0]);

    for (size_t i = 0; i < name.len; i++) {
        ok = ok && (char_is_alpha(name.ptr[i]) || char_is_digit(name.ptr[i]) || name.ptr[i] == '_');
    }
    return ok;
}

/* The relation before the star: a plain name only, so that its safety is not a matter of quoting. */
static void walk_star_relation(struct guard_walk *w, const struct guard_scope *scope,
                               struct json *expr)
{
    str          name  = json_text_or(json_get(expr, S("relation_name")), S(""));
    struct json *parts = json_new_array(w->cx->arena);

    if (name.len == 0) {
        show_all(w, scope->frame, expr);
        return;
    }
    if (!is_plain_name(name)) {
        guard_refuse(w, guard_at(w, expr), S("guard.star"), S("give the table a plain alias"),
                     "the name before \".*\" may have letters, digits and _ only");
        return;
    }
    json_append(w->cx->arena, parts, json_new_str(w->cx->arena, name));
    struct match m = find_source(scope, parts);
    if (!m.source) {
        return; /* a struct column, or the engine's message */
    }
    if (m.is_ambiguous) {
        qualify(w, expr, parts, m);
        return;
    }
    if (m.source->touched) {
        m.source->touched->table.is_whole = true;
        check_all_projection(w, expr, m.source);
    }
    if (!str_eq(m.source->printed, name)) {
        w->changes++;
        json_set(w->cx->arena, expr, S("relation_name"),
                 json_new_str(w->cx->arena, m.source->printed));
    }
}

/* EXCLUDE (t.a), RENAME (p.t.a AS b): the same for names in parts. */
static void walk_star_name(struct guard_walk *w, const struct guard_scope *scope,
                           const struct json *star, struct json *name)
{
    struct json *parts = parts_before(w->cx->arena, name);

    if (parts->count == 0) {
        return;
    }
    struct match m = find_source(scope, parts);
    if (m.is_ambiguous) {
        guard_refuse(w, guard_at(w, star), S("guard.ambiguous"),
                     S("give the tables aliases in FROM"),
                     "a name in EXCLUDE or RENAME is ambiguous");
    } else if (m.source && m.parts == parts->count) {
        w->changes++;
        json_set(w->cx->arena, name, S("catalog"), json_new_str(w->cx->arena, S("")));
        json_set(w->cx->arena, name, S("schema"), json_new_str(w->cx->arena, S("")));
        json_set(w->cx->arena, name, S("table"), json_new_str(w->cx->arena, m.source->printed));
    }
}

void guard_walk_star(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    const struct json *replace = json_get(expr, S("replace_list"));
    const struct json *exclude = json_get(expr, S("qualified_exclude_list"));
    const struct json *rename  = json_get(expr, S("rename_list"));
    struct json       *inner   = json_get(expr, S("expr"));

    walk_star_relation(w, scope, expr);
    for (size_t i = 0; i < replace->count; i++) {
        (void)guard_walk_expr(w, scope, json_get(replace->items[i], S("value")));
    }
    for (size_t i = 0; i < exclude->count; i++) {
        walk_star_name(w, scope, expr, exclude->items[i]);
    }
    for (size_t i = 0; i < rename->count; i++) {
        walk_star_name(w, scope, expr, json_get(rename->items[i], S("key")));
    }
    if (json_is(inner, JSON_OBJECT)) {
        (void)guard_walk_expr(w, scope, inner); /* COLUMNS of a pattern, a list or a lambda */
    }
}
