/*
 * relations.c - relationships: every key that is there is found in the other table.
 *
 * A key with a NULL in it points nowhere and is left out, as in SQL. A relationship to a table that
 * is not at hand, or written as a path of ids that no table has, is not evaluated.
 */
#include "quality/quality_int.h"

enum { RELATION_COLUMNS_MAX = 32 };

/* "customers.id", "schema/customers/properties/id", "x.yaml#/schema/…" into table and column. */
static bool read_reference(str text, str *table, str *column)
{
    str head, before;

    if (str_split(text, '#', &before, &head))
        text = head;
    if (str_starts(text, S("/")))
        text = str_from(text, 1);
    if (str_starts(text, S("schema/"))) {
        str rest = str_from(text, sizeof("schema/") - 1), word;
        return str_cut(&rest, '/', table) && str_cut(&rest, '/', &word) &&
               str_eq(word, S("properties")) && str_cut(&rest, '/', column) && rest.ptr == NULL;
    }
    return str_split(text, '.', table, column) && !str_has(*column, S("."));
}

static bool has_column(const struct quality_column *columns, size_t count, str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(columns[i].name, name))
            return true;
    return false;
}

/* The relation of table `name` when it has `column`. */
static bool find_target(const struct quality_subject *s, str name, str column, str *relation)
{
    if (str_eq(name, s->table)) {
        *relation = s->relation;
        return has_column(s->columns, s->column_count, column);
    }
    for (size_t i = 0; i < s->other_count; i++)
        if (str_eq(s->others[i].name, name)) {
            *relation = s->others[i].relation;
            return has_column(s->others[i].columns, s->others[i].column_count, column);
        }
    return false;
}

struct relation {
    const str *from, *to; /* columns here, references there */
    size_t     count;
};

/*
 * The condition: the key is there, and the other table has no such key. Columns of this row are
 * qualified with the alias that lone checks give the relation.
 */
static void set_relation(struct ctx *cx, struct quality_plan *plan, struct check *c,
                         const struct relation *r)
{
    str parts[RELATION_COLUMNS_MAX], there[RELATION_COLUMNS_MAX];
    str table = STR_NONE, first = STR_NONE, column, relation = STR_NONE;

    for (size_t i = 0; i < r->count; i++) {
        size_t at;
        if (!read_reference(r->to[i], &table, &column) || (i > 0 && !str_eq(table, first)) ||
            !find_target(plan->subject, table, column, &relation)) {
            check_give_up(c, arena_printf(cx->arena,
                                          "what it points to, \"" STR_FMT "\", is not at hand",
                                          STR_ARG(r->to[i])));
            return;
        }
        if (!plan_find_column(plan, r->from[i], &at)) {
            check_give_up(c, S("its column is missing"));
            return;
        }
        first    = table;
        parts[i] = sqlb(cx, "\"weft o\".%i = \"weft s\".%i", column, r->from[i]);
        there[i] = sqlb(cx, "\"weft s\".%i IS NOT NULL", r->from[i]);
    }
    c->bad    = sqlb(cx, "%q AND NOT EXISTS (SELECT 1 FROM %q AS \"weft o\" WHERE %q)",
                     sqlb_join(cx, there, r->count, S(" AND ")), relation,
                     sqlb_join(cx, parts, r->count, S(" AND ")));
    c->phrase = arena_printf(cx->arena, "have no counterpart in \"" STR_FMT "\"", STR_ARG(table));
    c->head.threshold = arena_printf(cx->arena, "foreignKey " STR_FMT, STR_ARG(r->to[0]));
}

static void derive_relation(struct ctx *cx, struct quality_plan *plan, const struct relation *r)
{
    str           path = sqlb_join(cx, r->from, r->count, S(", "));
    struct check *c    = check_add(cx, plan, r->count == 1 ? path : STR_NONE, S("relationship"));

    c->head.column    = path;
    c->head.dimension = S("consistency");
    c->head.how       = QUALITY_BY_QUERY;
    c->is_lone        = true;
    c->shown          = r->from;
    c->shown_count    = r->count;
    set_relation(cx, plan, c, r);
}

static bool is_foreign_key(const struct odcs_relationship *r)
{
    return !std_is_set(r->type) || str_eq(r->type.v, S("foreignKey"));
}

void derive_property_relations(const struct place *p)
{
    for (size_t i = 0; i < p->property->relationships.count; i++) {
        const struct odcs_relationship *r    = &p->property->relationships.items[i];
        str                            *from = arena_array(p->cx->arena, 1, sizeof(str));
        str                            *to   = arena_array(p->cx->arena, 1, sizeof(str));

        if (!is_foreign_key(r) || r->to.count != 1)
            continue;
        from[0] = p->path;
        to[0]   = r->to.items[0].v;
        derive_relation(p->cx, p->plan, &(struct relation){ from, to, 1 });
    }
}

void derive_object_relations(struct ctx *cx, struct quality_plan *plan)
{
    const struct odcs_relationships *list = &plan->subject->object->relationships;

    for (size_t i = 0; i < list->count; i++) {
        const struct odcs_relationship *r     = &list->items[i];
        size_t                          count = r->from.count;
        str                            *from  = arena_array(cx->arena, count, sizeof(str));
        str                            *to    = arena_array(cx->arena, count, sizeof(str));
        str                             table, column;

        if (!is_foreign_key(r) || count == 0 || count != r->to.count ||
            count > RELATION_COLUMNS_MAX)
            continue;
        for (size_t k = 0; k < count; k++) {
            from[k] =
                read_reference(r->from.items[k].v, &table, &column) ? column : r->from.items[k].v;
            to[k] = r->to.items[k].v;
        }
        derive_relation(cx, plan, &(struct relation){ from, to, count });
    }
}
