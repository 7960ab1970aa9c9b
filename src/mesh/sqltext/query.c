/*
 * query.c - query nodes, their modifiers and table references as text.
 */
#include "sqltext/sqltext_int.h"

/* ---- table references ---- */

static void print_ref(struct printer *p, const struct json *v);

static void print_column_names(struct printer *p, const struct json *v)
{
    if (count_of(v, S("column_name_alias")) > 0) {
        add(p, S("("));
        sqltext_put_names(p, json_get(v, S("column_name_alias")));
        add(p, S(")"));
    }
}

static void print_seed(struct printer *p, const struct json *sample, str before)
{
    int64_t seed = json_i64_or(json_get(sample, S("seed")), -1);

    if (seed >= 0) {
        add(p, before);
        buf_printf(&p->out, "%lld)", (long long)seed);
    }
}

static void print_ref_sample(struct printer *p, const struct json *sample)
{
    if (json_is(sample, JSON_OBJECT)) {
        add(p, S(" TABLESAMPLE "));
        sqltext_put_word(p, text_of(sample, S("method")));
        add(p, S("("));
        sqltext_put_value(p, json_get(sample, S("sample_size")));
        add(p, is_true(sample, S("is_percentage")) ? S(" PERCENT)") : S(" ROWS)"));
        print_seed(p, sample, S("REPEATABLE ("));
    }
}

/* Alias, names of columns and sample: what may stand behind a reference. */
static void print_ref_tail(struct printer *p, const struct json *v)
{
    sqltext_put_alias(p, text_of(v, S("alias")));
    print_column_names(p, v);
    print_ref_sample(p, json_get(v, S("sample")));
}

static void print_base_table(struct printer *p, const struct json *v)
{
    const struct json *at = json_get(v, S("at_clause"));

    sqltext_put_space(p, text_of(v, S("catalog_name")), text_of(v, S("schema_name")));
    sqltext_put_name(p, json_get(v, S("table_name")));
    sqltext_put_alias(p, text_of(v, S("alias")));
    print_column_names(p, v);
    if (json_is(at, JSON_OBJECT)) {
        add(p, S(" AT ("));
        sqltext_put_name(p, json_get(at, S("unit")));
        sqltext_put_maybe(p, S(" => "), json_get(at, S("expr")), S(")"));
    }
    print_ref_sample(p, json_get(v, S("sample")));
}

static void print_join_word(struct printer *p, const struct json *v)
{
    str type = text_of(v, S("ref_type"));

    if (str_eq(type, S("NATURAL")) || str_eq(type, S("ASOF")) || str_eq(type, S("POSITIONAL")) ||
        str_eq(type, S("CROSS"))) {
        add(p, type);
        add(p, S(" "));
    }
    if (!str_eq(type, S("POSITIONAL")) && !str_eq(type, S("CROSS"))) {
        sqltext_put_word(p, text_of(v, S("join_type")));
        add(p, S(" "));
    }
    add(p, S("JOIN "));
}

/*
 * A comma is a CROSS JOIN without a place; it binds weaker than JOIN, so they are not the same. A
 * join on the right of one without a condition needs brackets.
 */
static void print_join(struct printer *p, const struct json *v)
{
    const struct json *right    = json_get(v, S("right"));
    bool               is_comma = str_eq(text_of(v, S("ref_type")), S("CROSS")) && !has_place(v);
    bool               has_condition =
        count_of(v, S("using_columns")) > 0 || json_is(json_get(v, S("condition")), JSON_OBJECT);
    bool needs_brackets =
        !p->is_name && !is_comma && !has_condition && str_eq(text_of(right, S("type")), S("JOIN"));

    print_ref(p, json_get(v, S("left")));
    add(p, S(" "));
    if (is_comma) {
        add(p, S(", "));
    } else {
        print_join_word(p, v);
    }
    add(p, needs_brackets ? S("(") : S(""));
    print_ref(p, right);
    add(p, needs_brackets ? S(")") : S(""));
    sqltext_put_maybe(p, S(" ON ("), json_get(v, S("condition")), S(")"));
    if (count_of(v, S("using_columns")) > 0) {
        add(p, S(" USING ("));
        sqltext_put_names(p, json_get(v, S("using_columns")));
        add(p, S(")"));
    }
}

static void print_derived(struct printer *p, const struct json *v)
{
    add(p, S("("));
    sqltext_put_statement(p, json_get(v, S("subquery")));
    add(p, S(")"));
    print_ref_tail(p, v);
}

static void print_table_function(struct printer *p, const struct json *v)
{
    sqltext_put_expr(p, json_get(v, S("function")));
    add(p, str_eq(text_of(v, S("with_ordinality")), S("WITH_ORDINALITY")) ? S(" WITH ORDINALITY")
                                                                          : S(""));
    print_ref_tail(p, v);
}

static void print_row(struct printer *p, const struct json *row)
{
    add(p, S("("));
    sqltext_put_exprs(p, row);
    add(p, S(")"));
}

static void print_values(struct printer *p, const struct json *v)
{
    add(p, S("(VALUES "));
    sqltext_put_items(p, json_get(v, S("values")), S(", "), print_row);
    add(p, S(")"));
    print_ref_tail(p, v);
}

/* ---- pivots ---- */

/* One name, or several between brackets. */
static void print_name_group(struct printer *p, const struct json *names)
{
    bool is_one = json_is(names, JSON_ARRAY) && names->count == 1;

    add(p, is_one ? S("") : S("("));
    sqltext_put_names(p, names);
    add(p, is_one ? S("") : S(")"));
}

static void print_pivot_entry(struct printer *p, const struct json *v)
{
    const struct json *values = json_get(v, S("values"));
    bool               is_one = json_is(values, JSON_ARRAY) && values->count == 1;

    if (json_is(json_get(v, S("star_expr")), JSON_OBJECT)) {
        sqltext_put_expr(p, json_get(v, S("star_expr")));
    } else {
        add(p, is_one ? S("") : S("("));
        sqltext_put_items(p, values, S(", "), sqltext_put_value);
        add(p, is_one ? S("") : S(")"));
    }
    sqltext_put_alias(p, text_of(v, S("alias")));
}

static void print_pivot_column(struct printer *p, const struct json *v)
{
    if (count_of(v, S("unpivot_names")) > 0) {
        print_name_group(p, json_get(v, S("unpivot_names")));
    } else if (count_of(v, S("pivot_expressions")) > 0) {
        print_row(p, json_get(v, S("pivot_expressions")));
    }
    add(p, S(" IN ("));
    sqltext_put_items(p, json_get(v, S("entries")), S(", "), print_pivot_entry);
    add(p, S(")"));
}

static void print_pivot(struct printer *p, const struct json *v)
{
    print_ref(p, json_get(v, S("source")));
    if (count_of(v, S("aggregates")) > 0) {
        add(p, S(" PIVOT ("));
        sqltext_put_items(p, json_get(v, S("aggregates")), S(", "), sqltext_put_named_expr);
    } else {
        add(p, is_true(v, S("include_nulls")) ? S(" UNPIVOT INCLUDE NULLS (") : S(" UNPIVOT ("));
        print_name_group(p, json_get(v, S("unpivot_names")));
    }
    add(p, S(" FOR "));
    sqltext_put_items(p, json_get(v, S("pivots")), S(" "), print_pivot_column);
    if (count_of(v, S("groups")) > 0) {
        add(p, S(" GROUP BY "));
        sqltext_put_names(p, json_get(v, S("groups")));
    }
    add(p, S(")"));
    sqltext_put_alias(p, text_of(v, S("alias")));
    print_column_names(p, v);
}

static void print_ref(struct printer *p, const struct json *v)
{
    static const struct row rows[] = {
        { STR_INIT("SUBQUERY"), print_derived },
        { STR_INIT("JOIN"), print_join },
        { STR_INIT("TABLE_FUNCTION"), print_table_function },
        { STR_INIT("BASE_TABLE"), print_base_table },
        { STR_INIT("EMPTY"), sqltext_put_nothing },
        { STR_INIT("EXPRESSION_LIST"), print_values },
        { STR_INIT("PIVOT"), print_pivot },
    };

    sqltext_put_row(p, rows, COUNT_OF(rows), text_of(v, S("type")), v);
}

/* ---- query nodes ---- */

static void print_node(struct printer *p, const struct json *v);

static void print_cte(struct printer *p, const struct json *entry)
{
    const struct json *cte          = json_get(entry, S("value"));
    str                materialized = text_of(cte, S("materialized"));

    sqltext_put_name(p, json_get(entry, S("key")));
    if (count_of(cte, S("aliases")) > 0) {
        add(p, S(" ("));
        sqltext_put_names(p, json_get(cte, S("aliases")));
        add(p, S(")"));
    }
    add(p, str_eq(materialized, S("CTE_MATERIALIZE_ALWAYS"))  ? S(" AS MATERIALIZED (")
           : str_eq(materialized, S("CTE_MATERIALIZE_NEVER")) ? S(" AS NOT MATERIALIZED (")
                                                              : S(" AS ("));
    sqltext_put_statement(p, json_get(cte, S("query")));
    add(p, S(")"));
}

static void print_ctes(struct printer *p, const struct json *node)
{
    const struct json *map          = json_path(node, S("/cte_map/map"));
    bool               is_recursive = false;

    if (!json_is(map, JSON_ARRAY)) {
        p->is_refused = true;
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        is_recursive =
            is_recursive ||
            str_eq(json_text_or(json_path(map->items[i], S("/value/query/node/type")), S("")),
                   S("RECURSIVE_CTE_NODE"));
    }
    if (map->count > 0) {
        add(p, is_recursive ? S("WITH RECURSIVE ") : S("WITH "));
        sqltext_put_items(p, map, S(", "), print_cte);
    }
}

static void print_order_modifier(struct printer *p, const struct json *v)
{
    add(p, S(" ORDER BY "));
    sqltext_put_orders(p, json_get(v, S("orders")));
}

static void print_limit(struct printer *p, const struct json *v)
{
    sqltext_put_maybe(p, S(" LIMIT "), json_get(v, S("limit")), S(""));
    sqltext_put_maybe(p, S(" OFFSET "), json_get(v, S("offset")), S(""));
}

static void print_limit_percent(struct printer *p, const struct json *v)
{
    sqltext_put_maybe(p, S(" LIMIT ("), json_get(v, S("limit")), S(") %"));
    sqltext_put_maybe(p, S(" OFFSET "), json_get(v, S("offset")), S(""));
}

/* DISTINCT stands elsewhere: print_distinct. */
static void print_modifier(struct printer *p, const struct json *v)
{
    static const struct row rows[] = {
        { STR_INIT("ORDER_MODIFIER"), print_order_modifier },
        { STR_INIT("LIMIT_MODIFIER"), print_limit },
        { STR_INIT("LIMIT_PERCENT_MODIFIER"), print_limit_percent },
        { STR_INIT("DISTINCT_MODIFIER"), sqltext_put_nothing },
    };

    sqltext_put_row(p, rows, COUNT_OF(rows), text_of(v, S("type")), v);
}

static void print_modifiers(struct printer *p, const struct json *node)
{
    sqltext_put_items(p, json_get(node, S("modifiers")), S(""), print_modifier);
}

/* Stands behind SELECT, not with the other modifiers. */
static void print_distinct(struct printer *p, const struct json *node)
{
    const struct json *modifiers = json_get(node, S("modifiers"));

    for (size_t i = 0; i < count_of(node, S("modifiers")); i++) {
        const struct json *m = modifiers->items[i];

        if (!str_eq(text_of(m, S("type")), S("DISTINCT_MODIFIER"))) {
            continue;
        }
        add(p, S("DISTINCT "));
        if (count_of(m, S("distinct_on_targets")) > 0) {
            add(p, S("ON ("));
            sqltext_put_exprs(p, json_get(m, S("distinct_on_targets")));
            add(p, S(") "));
        }
    }
}

/* The expressions of one grouping set, by their numbers. */
static void print_group_set(struct printer *p, const struct json *set, const struct json *exprs)
{
    for (size_t i = 0; i < set->count; i++) {
        int64_t index = json_i64_or(set->items[i], -1);

        add(p, i > 0 ? S(", ") : S(""));
        sqltext_put_expr(p, index >= 0 ? json_item(exprs, (size_t)index) : NULL);
    }
}

static void print_groups(struct printer *p, const struct json *node)
{
    const struct json *sets  = json_get(node, S("group_sets"));
    size_t             count = count_of(node, S("group_sets"));

    if (count == 0) {
        add(p, str_eq(text_of(node, S("aggregate_handling")), S("FORCE_AGGREGATES"))
                   ? S(" GROUP BY ALL")
                   : S(""));
        return;
    }
    add(p, count > 1 ? S(" GROUP BY GROUPING SETS (") : S(" GROUP BY "));
    for (size_t i = 0; i < count; i++) {
        const struct json *set          = sets->items[i];
        bool               has_brackets = count > 1 || !json_is(set, JSON_ARRAY) || set->count == 0;

        p->is_refused = p->is_refused || !json_is(set, JSON_ARRAY);
        add(p, i > 0 ? S(",") : S(""));
        add(p, has_brackets ? S("(") : S(""));
        if (!p->is_refused) {
            print_group_set(p, set, json_get(node, S("group_expressions")));
        }
        add(p, has_brackets ? S(")") : S(""));
    }
    add(p, count > 1 ? S(")") : S(""));
}

static void print_select_sample(struct printer *p, const struct json *sample)
{
    if (json_is(sample, JSON_OBJECT)) {
        add(p, S(" USING SAMPLE "));
        sqltext_put_value(p, json_get(sample, S("sample_size")));
        add(p, is_true(sample, S("is_percentage")) ? S("% (") : S(" ("));
        sqltext_put_word(p, text_of(sample, S("method")));
        if (json_i64_or(json_get(sample, S("seed")), -1) >= 0) {
            print_seed(p, sample, S(", "));
        } else {
            add(p, S(")"));
        }
    }
}

static void print_select(struct printer *p, const struct json *v)
{
    const struct json *from = json_get(v, S("from_table"));

    print_ctes(p, v);
    add(p, S("SELECT "));
    print_distinct(p, v);
    sqltext_put_items(p, json_get(v, S("select_list")), S(", "), sqltext_put_named_expr);
    add(p, str_eq(text_of(from, S("type")), S("EMPTY")) ? S("") : S(" FROM "));
    print_ref(p, from);
    sqltext_put_maybe(p, S(" WHERE "), json_get(v, S("where_clause")), S(""));
    print_groups(p, v);
    sqltext_put_maybe(p, S(" HAVING "), json_get(v, S("having")), S(""));
    sqltext_put_maybe(p, S(" QUALIFY "), json_get(v, S("qualify")), S(""));
    print_select_sample(p, json_get(v, S("sample")));
    print_modifiers(p, v);
}

static void print_set_operation(struct printer *p, const struct json *v)
{
    print_ctes(p, v);
    add(p, S("("));
    print_node(p, json_get(v, S("left")));
    add(p, S(") "));
    add(p, sqltext_word_of(p, v, S("setop_type")));
    add(p, is_true(v, S("setop_all")) ? S(" ALL") : S(""));
    add(p, str_eq(text_of(v, S("setop_type")), S("UNION_BY_NAME")) ? S(" BY NAME") : S(""));
    add(p, S(" ("));
    print_node(p, json_get(v, S("right")));
    add(p, S(")"));
    print_modifiers(p, v);
}

static void print_recursive(struct printer *p, const struct json *v)
{
    print_ctes(p, v);
    add(p, S("("));
    print_node(p, json_get(v, S("left")));
    add(p, is_true(v, S("union_all")) ? S(") UNION  ALL (") : S(") UNION ("));
    print_node(p, json_get(v, S("right")));
    add(p, S(")"));
}

static void print_node(struct printer *p, const struct json *v)
{
    static const struct row rows[] = {
        { STR_INIT("SELECT_NODE"), print_select },
        { STR_INIT("SET_OPERATION_NODE"), print_set_operation },
        { STR_INIT("RECURSIVE_CTE_NODE"), print_recursive },
    };

    sqltext_put_row(p, rows, COUNT_OF(rows), text_of(v, S("type")), v);
}

void sqltext_put_statement(struct printer *p, const struct json *statement)
{
    print_node(p, json_get(statement, S("node")));
}
