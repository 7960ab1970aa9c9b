/*
 * expr.c - expressions as text.
 */
#include "sqltext/sqltext_int.h"

/* ---- operators ---- */

/* Operators and calls whose children stand between fixed words. */
static const struct form {
    str    type;
    size_t min, max; /* children; max 0: any number */
    str    head, first, between, tail;
} forms[] = {
    { STR_INIT("OPERATOR_NOT"), 1, 1, STR_INIT("(NOT "), STR_INIT(""), STR_INIT(""),
      STR_INIT(")") },
    { STR_INIT("OPERATOR_IS_NULL"), 1, 1, STR_INIT("("), STR_INIT(""), STR_INIT(""),
      STR_INIT(" IS NULL)") },
    { STR_INIT("OPERATOR_IS_NOT_NULL"), 1, 1, STR_INIT("("), STR_INIT(""), STR_INIT(""),
      STR_INIT(" IS NOT NULL)") },
    { STR_INIT("COMPARE_IN"), 2, 0, STR_INIT("("), STR_INIT(" IN ("), STR_INIT(", "),
      STR_INIT("))") },
    { STR_INIT("COMPARE_NOT_IN"), 2, 0, STR_INIT("("), STR_INIT(" NOT IN ("), STR_INIT(", "),
      STR_INIT("))") },
    { STR_INIT("OPERATOR_COALESCE"), 1, 0, STR_INIT("COALESCE("), STR_INIT(", "), STR_INIT(", "),
      STR_INIT(")") },
    { STR_INIT("ARRAY_CONSTRUCTOR"), 0, 0, STR_INIT("(ARRAY["), STR_INIT(", "), STR_INIT(", "),
      STR_INIT("])") },
    { STR_INIT("ARRAY_EXTRACT"), 2, 2, STR_INIT(""), STR_INIT("["), STR_INIT(""), STR_INIT("]") },
    { STR_INIT("GROUPING_FUNCTION"), 0, 0, STR_INIT("GROUPING("), STR_INIT(", "), STR_INIT(", "),
      STR_INIT(")") },
    { STR_INIT("OPERATOR_TRY"), 1, 1, STR_INIT("TRY("), STR_INIT(""), STR_INIT(""), STR_INIT(")") },
    { STR_INIT("OPERATOR_UNPACK"), 1, 1, STR_INIT("UNPACK("), STR_INIT(""), STR_INIT(""),
      STR_INIT(")") },
};

static void print_form(struct printer *p, const struct form *form, const struct json *children)
{
    if (children->count < form->min || (form->max > 0 && children->count > form->max)) {
        p->is_refused = true;
    }
    add(p, form->head);
    for (size_t i = 0; i < children->count; i++) {
        add(p, i == 1 ? form->first : i > 1 ? form->between : S(""));
        sqltext_put_expr(p, children->items[i]);
    }
    add(p, form->tail);
}

/* One bound of x[a:b]; the constant [] stands for none. */
static void print_bound(struct printer *p, const struct json *bound, str none)
{
    size_t start = p->out.len;

    sqltext_put_expr(p, bound);
    if (!p->out.is_over && str_eq(str_from(buf_view(&p->out), start), S("[]"))) {
        p->out.len = start;
        add(p, none);
    }
}

static void print_slice(struct printer *p, const struct json *children)
{
    bool has_step = children->count == 4;

    if (children->count != 3 && !has_step) {
        p->is_refused = true;
        return;
    }
    sqltext_put_expr(p, children->items[0]);
    add(p, S("["));
    print_bound(p, children->items[1], S(""));
    add(p, S(":"));
    print_bound(p, children->items[2], has_step ? S("-") : S(""));
    if (has_step) {
        add(p, S(":"));
        sqltext_put_expr(p, children->items[3]);
    }
    add(p, S("]"));
}

/* (row).field; in the name of a column the engine keeps the quotes of the text doubled. */
static void print_field(struct printer *p, const struct json *children)
{
    const struct json *field = json_path(json_item(children, 1), S("/value/value"));
    str                name  = json_text_or(field, S(""));
    size_t             at;

    if (children->count != 2 || (p->is_name && str_find_char(name, '\'', &at))) {
        p->is_refused = true;
        return;
    }
    add(p, S("("));
    sqltext_put_expr(p, children->items[0]);
    add(p, S(")."));
    sqltext_put_identifier(p, name);
}

static void print_operator(struct printer *p, const struct json *v)
{
    const struct json *children = json_get(v, S("children"));
    str                type     = text_of(v, S("type"));

    if (!json_is(children, JSON_ARRAY)) {
        p->is_refused = true;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (str_eq(type, forms[i].type)) {
            print_form(p, &forms[i], children);
            return;
        }
    }
    if (str_eq(type, S("ARRAY_SLICE"))) {
        print_slice(p, children);
    } else if (str_eq(type, S("STRUCT_EXTRACT"))) {
        print_field(p, children);
    } else {
        p->is_refused = true;
    }
}

/* ---- expressions ---- */

static void print_between(struct printer *p, const struct json *v)
{
    add(p, S("("));
    sqltext_put_expr(p, json_get(v, S("input")));
    add(p, S(" "));
    add(p, sqltext_word_of(p, v, S("type")));
    add(p, S(" "));
    sqltext_put_expr(p, json_get(v, S("lower")));
    add(p, S(" AND "));
    sqltext_put_expr(p, json_get(v, S("upper")));
    add(p, S(")"));
}

/* The blank after CASE and the one before WHEN are the engine's. */
static void print_when(struct printer *p, const struct json *v)
{
    add(p, S(" WHEN ("));
    sqltext_put_expr(p, json_get(v, S("when_expr")));
    add(p, S(") THEN ("));
    sqltext_put_expr(p, json_get(v, S("then_expr")));
    add(p, S(")"));
}

static void print_case(struct printer *p, const struct json *v)
{
    add(p, S("CASE "));
    sqltext_put_items(p, json_get(v, S("case_checks")), S(""), print_when);
    add(p, S(" ELSE "));
    sqltext_put_expr(p, json_get(v, S("else_expr")));
    add(p, S(" END"));
}

/* In the name of a column the engine writes the types of its parser's own casts plainly. */
static void print_cast_to(struct printer *p, const struct json *v, bool is_own)
{
    bool is_name = p->is_name;

    add(p, is_true(v, S("try_cast")) ? S("TRY_CAST(") : S("CAST("));
    sqltext_put_expr(p, json_get(v, S("child")));
    add(p, S(" AS "));
    p->is_name = is_name && !is_own;
    sqltext_put_type(p, json_get(v, S("cast_type")));
    p->is_name = is_name;
    add(p, S(")"));
}

/* A written cast has a place, but for TYPE 'text'. */
static void print_cast(struct printer *p, const struct json *v)
{
    str class = text_of(json_get(v, S("child")), S("class"));

    print_cast_to(p, v, !has_place(v) && !str_eq(class, S("CONSTANT")));
}

/* INTERVAL n unit is a call around a cast that the parser made: both have one place, or none. */
static bool is_own_cast(const struct json *call, const struct json *argument)
{
    return str_eq(text_of(argument, S("class")), S("CAST")) &&
           (!has_place(call) || json_equal(json_get(call, S("query_location")),
                                           json_get(argument, S("query_location")), NULL));
}

static void print_collate(struct printer *p, const struct json *v)
{
    sqltext_put_expr(p, json_get(v, S("child")));
    add(p, S(" COLLATE "));
    sqltext_put_name(p, json_get(v, S("collation")));
}

static void print_column(struct printer *p, const struct json *v)
{
    sqltext_put_items(p, json_get(v, S("column_names")), S("."), sqltext_put_name);
}

static void print_comparison(struct printer *p, const struct json *v)
{
    add(p, S("("));
    sqltext_put_expr(p, json_get(v, S("left")));
    add(p, S(" "));
    add(p, sqltext_word_of(p, v, S("type")));
    add(p, S(" "));
    sqltext_put_expr(p, json_get(v, S("right")));
    add(p, S(")"));
}

static void print_conjunction(struct printer *p, const struct json *v)
{
    str between = str_eq(sqltext_word_of(p, v, S("type")), S("OR")) ? S(" OR ") : S(" AND ");

    p->is_refused = p->is_refused || count_of(v, S("children")) == 0;
    add(p, S("("));
    sqltext_put_items(p, json_get(v, S("children")), between, sqltext_put_expr);
    add(p, S(")"));
}

static void print_constant(struct printer *p, const struct json *v)
{
    sqltext_put_value(p, json_get(v, S("value")));
}

static void print_order(struct printer *p, const struct json *v)
{
    sqltext_put_expr(p, json_get(v, S("expression")));
    add(p, sqltext_word_of(p, v, S("type")));
    add(p, sqltext_word_of(p, v, S("null_order")));
}

void sqltext_put_orders(struct printer *p, const struct json *orders)
{
    sqltext_put_items(p, orders, S(", "), print_order);
}

/* An argument; its alias is its name. */
static void print_argument(struct printer *p, const struct json *v)
{
    str name = text_of(v, S("alias"));

    if (name.len > 0) {
        sqltext_put_identifier(p, name);
        add(p, S(" := "));
    }
    sqltext_put_expr(p, v);
}

/* True for a name of operator signs only. */
static bool is_sign(str name)
{
    size_t at;

    for (size_t i = 0; i < name.len; i++) {
        if (!str_find_char(S("+-*/<>=~!@#%^&|`?"), name.ptr[i], &at)) {
            return false;
        }
    }
    return name.len > 0;
}

/* Returns false when it is no operator of one or two sides. */
static bool print_sign(struct printer *p, const struct json *v)
{
    const str          postfix    = S("__postfix");
    const struct json *children   = json_get(v, S("children"));
    str                name       = text_of(v, S("function_name"));
    bool               is_postfix = str_ends(name, postfix);

    if (is_postfix) {
        name = str_sub(name, 0, name.len - postfix.len);
    }
    if (!is_true(v, S("is_operator")) || !is_sign(name) || !json_is(children, JSON_ARRAY)) {
        return false;
    }
    if (children->count == 1) {
        add(p, is_postfix ? S("((") : name);
        add(p, is_postfix ? S("") : S("("));
        sqltext_put_expr(p, children->items[0]);
        add(p, S(")"));
        add(p, is_postfix ? name : S(""));
        add(p, is_postfix ? S(")") : S(""));
    } else if (children->count == 2) {
        add(p, S("("));
        sqltext_put_expr(p, children->items[0]);
        add(p, S(" "));
        add(p, name);
        add(p, S(" "));
        sqltext_put_expr(p, children->items[1]);
        add(p, S(")"));
    }
    return children->count == 1 || children->count == 2;
}

static void print_function(struct printer *p, const struct json *v)
{
    const struct json *orders   = json_path(v, S("/order_bys/orders"));
    const struct json *children = json_get(v, S("children"));

    if (print_sign(p, v)) {
        return;
    }
    sqltext_put_space(p, text_of(v, S("catalog")), text_of(v, S("schema")));
    sqltext_put_name(p, json_get(v, S("function_name")));
    add(p, is_true(v, S("distinct")) ? S("(DISTINCT ") : S("("));
    if (json_is(children, JSON_ARRAY) && children->count == 1 &&
        is_own_cast(v, children->items[0])) {
        print_cast_to(p, children->items[0], true);
    } else {
        sqltext_put_items(p, children, S(", "), print_argument);
    }
    if (!json_is(orders, JSON_ARRAY) || orders->count > 0) {
        add(p, children && children->count == 0 ? S(") WITHIN GROUP (") : S(""));
        add(p, S(" ORDER BY "));
        sqltext_put_orders(p, orders);
    }
    add(p, S(")"));
    sqltext_put_maybe(p, S(" FILTER (WHERE "), json_get(v, S("filter")), S(")"));
}

static void print_lambda(struct printer *p, const struct json *v)
{
    add(p, S("("));
    sqltext_put_expr(p, json_get(v, S("lhs")));
    add(p, S(" -> "));
    sqltext_put_expr(p, json_get(v, S("expr")));
    add(p, S(")"));
}

static void print_parameter(struct printer *p, const struct json *v)
{
    str name = text_of(v, S("identifier"));

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        p->is_refused = p->is_refused || (!char_is_alpha(c) && !char_is_digit(c) && c != '_');
    }
    p->is_refused = p->is_refused || name.len == 0;
    add(p, S("$"));
    add(p, name);
}

static void print_position(struct printer *p, const struct json *v)
{
    buf_printf(&p->out, "#%lld", (long long)json_i64_or(json_get(v, S("index")), -1));
}

static void print_subquery(struct printer *p, const struct json *v)
{
    str type = text_of(v, S("subquery_type"));

    if (str_eq(type, S("ANY"))) {
        add(p, S("("));
        sqltext_put_expr(p, json_get(v, S("child")));
        add(p, S(" "));
        add(p, sqltext_word_of(p, v, S("comparison_type")));
        add(p, S(" ANY("));
        sqltext_put_statement(p, json_get(v, S("subquery")));
        add(p, S("))"));
        return;
    }
    add(p, str_eq(type, S("EXISTS"))       ? S("EXISTS(")
           : str_eq(type, S("NOT_EXISTS")) ? S("NOT EXISTS(")
                                           : S("("));
    sqltext_put_statement(p, json_get(v, S("subquery")));
    add(p, S(")"));
}

/* ---- stars ---- */

static void print_qualified(struct printer *p, const struct json *v)
{
    sqltext_put_space(p, text_of(v, S("catalog")), text_of(v, S("schema")));
    sqltext_put_space(p, text_of(v, S("table")), S(""));
    sqltext_put_name(p, json_get(v, S("column")));
}

static void print_replace(struct printer *p, const struct json *v)
{
    sqltext_put_expr(p, json_get(v, S("value")));
    add(p, S(" AS "));
    sqltext_put_name(p, json_get(v, S("key")));
}

static void print_rename(struct printer *p, const struct json *v)
{
    print_qualified(p, json_get(v, S("key")));
    add(p, S(" AS "));
    sqltext_put_name(p, json_get(v, S("value")));
}

static void print_exclude(struct printer *p, const struct json *v)
{
    size_t plain = count_of(v, S("exclude_list"));
    size_t whole = count_of(v, S("qualified_exclude_list"));

    if (plain + whole > 0) {
        add(p, S(" EXCLUDE ("));
        sqltext_put_names(p, json_get(v, S("exclude_list")));
        add(p, plain > 0 && whole > 0 ? S(", ") : S(""));
        sqltext_put_items(p, json_get(v, S("qualified_exclude_list")), S(", "), print_qualified);
        add(p, S(")"));
    }
}

static void print_star(struct printer *p, const struct json *v)
{
    if (!json_is(json_get(v, S("expr")), JSON_NULL)) {
        sqltext_put_maybe(p, S("COLUMNS("), json_get(v, S("expr")), S(")"));
        return;
    }
    add(p, is_true(v, S("columns")) ? S("COLUMNS(") : S(""));
    sqltext_put_space(p, text_of(v, S("relation_name")), S(""));
    add(p, S("*"));
    print_exclude(p, v);
    if (count_of(v, S("replace_list")) > 0) {
        add(p, S(" REPLACE ("));
        sqltext_put_items(p, json_get(v, S("replace_list")), S(", "), print_replace);
        add(p, S(")"));
    }
    if (count_of(v, S("rename_list")) > 0) {
        add(p, S(" RENAME ("));
        sqltext_put_items(p, json_get(v, S("rename_list")), S(", "), print_rename);
        add(p, S(")"));
    }
    add(p, is_true(v, S("columns")) ? S(")") : S(""));
}

/* ---- window functions ---- */

static const struct boundary {
    str  type, units, word;
    bool has_expr; /* an expression stands before the word */
} boundaries[] = {
    { STR_INIT("UNBOUNDED_PRECEDING"), STR_INIT(""), STR_INIT("UNBOUNDED PRECEDING"), false },
    { STR_INIT("UNBOUNDED_FOLLOWING"), STR_INIT(""), STR_INIT("UNBOUNDED FOLLOWING"), false },
    { STR_INIT("CURRENT_ROW_RANGE"), STR_INIT("RANGE"), STR_INIT("CURRENT ROW"), false },
    { STR_INIT("CURRENT_ROW_ROWS"), STR_INIT("ROWS"), STR_INIT("CURRENT ROW"), false },
    { STR_INIT("CURRENT_ROW_GROUPS"), STR_INIT("GROUPS"), STR_INIT("CURRENT ROW"), false },
    { STR_INIT("EXPR_PRECEDING_ROWS"), STR_INIT("ROWS"), STR_INIT(" PRECEDING"), true },
    { STR_INIT("EXPR_FOLLOWING_ROWS"), STR_INIT("ROWS"), STR_INIT(" FOLLOWING"), true },
    { STR_INIT("EXPR_PRECEDING_RANGE"), STR_INIT("RANGE"), STR_INIT(" PRECEDING"), true },
    { STR_INIT("EXPR_FOLLOWING_RANGE"), STR_INIT("RANGE"), STR_INIT(" FOLLOWING"), true },
    { STR_INIT("EXPR_PRECEDING_GROUPS"), STR_INIT("GROUPS"), STR_INIT(" PRECEDING"), true },
    { STR_INIT("EXPR_FOLLOWING_GROUPS"), STR_INIT("GROUPS"), STR_INIT(" FOLLOWING"), true },
};

static const struct boundary *boundary_of(struct printer *p, const struct json *v, str side)
{
    str type = text_of(v, side);

    for (size_t i = 0; i < COUNT_OF(boundaries); i++) {
        if (str_eq(type, boundaries[i].type)) {
            return &boundaries[i];
        }
    }
    p->is_refused = true;
    return NULL;
}

static void print_boundary(struct printer *p, const struct boundary *b, const struct json *expr)
{
    if (b->has_expr) {
        sqltext_put_expr(p, expr);
    }
    add(p, b->word);
}

/* The units are those of the end, unless it has none; the default frame is not written. */
static void print_frame(struct printer *p, const struct json *v, bool needs_blank)
{
    const struct boundary *start = boundary_of(p, v, S("start")),
                          *end   = boundary_of(p, v, S("end"));
    str  exclude                 = text_of(v, S("exclude_clause"));
    bool is_default, has_exclude = !str_eq(exclude, S("NO_OTHER"));

    if (!start || !end) {
        return;
    }
    is_default =
        str_eq(start->type, S("UNBOUNDED_PRECEDING")) && str_eq(end->type, S("CURRENT_ROW_RANGE"));
    if (!is_default || has_exclude) {
        str units = end->units.len > 0 ? end->units : start->units;

        add(p, needs_blank ? S(" ") : S(""));
        add(p, units.len > 0 ? units : S("ROWS"));
        add(p, S(" BETWEEN "));
        print_boundary(p, start, json_get(v, S("start_expr")));
        add(p, S(" AND "));
        print_boundary(p, end, json_get(v, S("end_expr")));
    }
    if (has_exclude) {
        add(p, S(" EXCLUDE "));
        sqltext_put_word(p, str_eq(exclude, S("CURRENT_ROW")) ? S("CURRENT ROW") : exclude);
    }
}

static void print_over(struct printer *p, const struct json *v)
{
    bool has_partitions = count_of(v, S("partitions")) > 0;
    bool has_orders     = count_of(v, S("orders")) > 0;

    add(p, S(") OVER ("));
    if (has_partitions) {
        add(p, S("PARTITION BY "));
        sqltext_put_exprs(p, json_get(v, S("partitions")));
    }
    if (has_orders) {
        add(p, has_partitions ? S(" ORDER BY ") : S("ORDER BY "));
        sqltext_put_orders(p, json_get(v, S("orders")));
    }
    print_frame(p, v, has_partitions || has_orders);
    add(p, S(")"));
}

/* The engine writes the name as it is: a keyword (first, last) stays without quotes. */
static void print_window_name(struct printer *p, const struct json *v)
{
    str name = text_of(v, S("function_name"));

    sqltext_put_space(p, text_of(v, S("catalog")), text_of(v, S("schema")));
    if (sqltext_is_keyword(name)) {
        add(p, name);
    } else {
        sqltext_put_identifier(p, name);
    }
}

static void print_window(struct printer *p, const struct json *v)
{
    print_window_name(p, v);
    add(p, S("("));
    if (count_of(v, S("children")) > 0) {
        add(p, is_true(v, S("distinct")) ? S("DISTINCT ") : S(""));
        sqltext_put_exprs(p, json_get(v, S("children")));
    }
    sqltext_put_maybe(p, S(", "), json_get(v, S("offset_expr")), S(""));
    sqltext_put_maybe(p, S(", "), json_get(v, S("default_expr")), S(""));
    if (count_of(v, S("arg_orders")) > 0) {
        add(p, S(" ORDER BY "));
        sqltext_put_orders(p, json_get(v, S("arg_orders")));
    }
    add(p, is_true(v, S("ignore_nulls")) ? S(" IGNORE NULLS") : S(""));
    sqltext_put_maybe(p, S(") FILTER (WHERE "), json_get(v, S("filter_expr")), S(""));
    print_over(p, v);
}

/* ---- the table ---- */

void sqltext_put_expr(struct printer *p, const struct json *v)
{
    static const struct row rows[] = {
        { STR_INIT("COLUMN_REF"), print_column },
        { STR_INIT("CONSTANT"), print_constant },
        { STR_INIT("FUNCTION"), print_function },
        { STR_INIT("COMPARISON"), print_comparison },
        { STR_INIT("CONJUNCTION"), print_conjunction },
        { STR_INIT("CAST"), print_cast },
        { STR_INIT("OPERATOR"), print_operator },
        { STR_INIT("SUBQUERY"), print_subquery },
        { STR_INIT("BETWEEN"), print_between },
        { STR_INIT("CASE"), print_case },
        { STR_INIT("STAR"), print_star },
        { STR_INIT("WINDOW"), print_window },
        { STR_INIT("COLLATE"), print_collate },
        { STR_INIT("LAMBDA"), print_lambda },
        { STR_INIT("PARAMETER"), print_parameter },
        { STR_INIT("POSITIONAL_REFERENCE"), print_position },
    };

    sqltext_put_row(p, rows, COUNT_OF(rows), text_of(v, S("class")), v);
}
