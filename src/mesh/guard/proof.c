/*
 * proof.c - the printed text means the approved tree, or it does not leave this module.
 *
 * A printer may have faults, and a text may be read otherwise than it was meant; so the text is parsed
 * again and must give the approved tree: every member, every value; only
 * positions differ. Two things are equal though they look different: VALUES, which is read back with
 * one more SELECT * around it, and the order of lists that have none in the engine (parameters, and
 * what stands behind a star).
 */
#include "guard/guard_int.h"

#include <stdlib.h>

/* Entries of a list without order are looked for one by one; a longer list must keep its order. */
enum { UNORDERED_MAX = 500 };

struct pair {
    struct arena *a;
    VEC(struct guard_place) places;
};

static bool is_equal(struct pair *p, const struct json *x, const struct json *y);

static str text_of(const struct json *object, str name)
{
    return json_text_or(json_get(object, name), S(""));
}

static bool is_location(str name)
{
    return str_eq(name, S("query_location"));
}

static bool is_plain_star(const struct json *star)
{
    static const str empty[] = { STR_INIT("exclude_list"), STR_INIT("replace_list"),
                                 STR_INIT("qualified_exclude_list"), STR_INIT("rename_list") };

    for (size_t i = 0; i < COUNT_OF(empty); i++) {
        const struct json *list = json_get(star, empty[i]);

        if (!list || list->count != 0) {
            return false;
        }
    }
    return str_eq(text_of(star, S("class")), S("STAR")) &&
           text_of(star, S("relation_name")).len == 0 && text_of(star, S("alias")).len == 0 &&
           !json_truth_or(json_get(star, S("columns")), true) &&
           json_is(json_get(star, S("expr")), JSON_NULL);
}

/* True when a node has no clause but its select list and FROM. */
static bool is_bare_select(const struct json *node)
{
    static const str nulls[] = { STR_INIT("where_clause"), STR_INIT("having"), STR_INIT("sample"),
                                 STR_INIT("qualify") };
    static const str lists[] = { STR_INIT("modifiers"), STR_INIT("group_expressions"),
                                 STR_INIT("group_sets") };

    for (size_t i = 0; i < COUNT_OF(nulls); i++) {
        if (!json_is(json_get(node, nulls[i]), JSON_NULL)) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const struct json *list = json_get(node, lists[i]);

        if (!list || list->count != 0) {
            return false;
        }
    }
    const struct json *ctes = json_path(node, S("/cte_map/map"));
    return str_eq(text_of(node, S("type")), S("SELECT_NODE")) && ctes && ctes->count == 0 &&
           str_eq(text_of(node, S("aggregate_handling")), S("STANDARD_HANDLING"));
}

/*
 * (SELECT * FROM (VALUES ...) AS valueslist) AS valueslist is what (VALUES ...) AS valueslist is
 * read back as. Returns the VALUES inside, or NULL when `ref` is anything else.
 */
static const struct json *unwrap_values(const struct json *ref, str alias)
{
    const struct json *node  = json_path(ref, S("/subquery/node"));
    const struct json *names = json_get(ref, S("column_name_alias"));
    const struct json *items = json_get(node, S("select_list"));
    const struct json *from  = json_get(node, S("from_table"));

    if (!str_eq(text_of(ref, S("type")), S("SUBQUERY")) ||
        !str_eq(text_of(ref, S("alias")), alias) ||
        !json_is(json_get(ref, S("sample")), JSON_NULL) || !names || names->count != 0 || !items ||
        items->count != 1 || !is_plain_star(items->items[0]) || !is_bare_select(node) ||
        !str_eq(text_of(from, S("type")), S("EXPRESSION_LIST")) ||
        !str_eq(text_of(from, S("alias")), alias)) {
        return NULL;
    }
    return from;
}

static void note_place(struct pair *p, const struct json *x, const struct json *y)
{
    int64_t written = json_i64_or(json_get(x, S("query_location")), -1);
    int64_t printed = json_i64_or(json_get(y, S("query_location")), -1);

    if (written < 0 || printed < 0 || written > UINT32_MAX || printed > UINT32_MAX) {
        return; /* GUARD_NOWHERE does not fit int64 */
    }
    vec_push(p->a, &p->places, (struct guard_place){ (uint32_t)printed, (uint32_t)written });
}

static bool has_no_order(str member)
{
    static const str members[] = { STR_INIT("named_param_map"), STR_INIT("exclude_list"),
                                   STR_INIT("replace_list"), STR_INIT("rename_list"),
                                   STR_INIT("qualified_exclude_list") };

    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (str_eq(member, members[i])) {
            return true;
        }
    }
    return false;
}

/*
 * Lists that the engine keeps as hash tables, so nothing stands twice: the same entries in any order.
 * Entries with a text as key are compared only with those of that key.
 */
static bool is_equal_set(struct pair *p, const struct json *x, const struct json *y)
{
    if (!json_is(x, JSON_ARRAY) || !json_is(y, JSON_ARRAY) || x->count != y->count) {
        return false;
    }
    if (x->count > UNORDERED_MAX) {
        return is_equal(p, x, y);
    }
    for (size_t i = 0; i < x->count; i++) {
        bool found = false;

        for (size_t j = 0; j < y->count && !found; j++) {
            found = str_eq(text_of(x->items[i], S("key")), text_of(y->items[j], S("key"))) &&
                    is_equal(p, x->items[i], y->items[j]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool is_equal_object(struct pair *p, const struct json *x, const struct json *y)
{
    if (x->count != y->count) {
        return false;
    }
    for (size_t i = 0; i < x->count; i++) {
        str                key  = x->members[i].key;
        const struct json *left = x->members[i].value;
        /* The serialiser keeps one order; nodes of our own may have another. */
        const struct json *right =
            str_eq(y->members[i].key, key) ? y->members[i].value : json_get(y, key);

        if (is_location(key)) {
            if (!right) {
                return false;
            }
            continue;
        }
        bool same = has_no_order(key) ? is_equal_set(p, left, right) : is_equal(p, left, right);
        if (!same) {
            return false;
        }
    }
    note_place(p, x, y);
    return true;
}

static bool is_equal(struct pair *p, const struct json *x, const struct json *y)
{
    if (!x || !y || x->kind != y->kind) {
        return false;
    }
    if (x->kind == JSON_ARRAY) {
        for (size_t i = 0; i < x->count && x->count == y->count; i++) {
            if (!is_equal(p, x->items[i], y->items[i])) {
                return false;
            }
        }
        return x->count == y->count;
    }
    if (x->kind != JSON_OBJECT) {
        return json_equal(x, y, NULL);
    }
    if (str_eq(text_of(x, S("type")), S("EXPRESSION_LIST"))) {
        const struct json *inside = unwrap_values(y, text_of(x, S("alias")));

        y = inside ? inside : y;
    }
    return is_equal_object(p, x, y);
}

static int by_printed(const void *left, const void *right)
{
    const struct guard_place *l = left, *r = right;

    return (l->printed > r->printed) - (l->printed < r->printed);
}

bool guard_proof_equal(struct arena *a, const struct json *approved, const struct json *printed,
                       struct guard_approved *out)
{
    struct pair p = { .a = a };

    if (!is_equal(&p, approved, printed)) {
        return false;
    }
    if (p.places.count > 1) {
        qsort(p.places.items, p.places.count, sizeof(*p.places.items), by_printed);
    }
    out->places      = p.places.items;
    out->place_count = p.places.count;
    return true;
}

uint32_t guard_written_at(const struct guard_approved *approved, uint32_t printed)
{
    size_t low = 0, high = approved->place_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (approved->places[middle].printed <= printed) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? 0 : approved->places[low - 1].written;
}
