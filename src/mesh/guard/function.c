/*
 * function.c - calls: allowed by name, with bounded sizes where a call can multiply its input.
 *
 * The size that guard_walk_expr answers bounds one value: repeat('x', 100) gives 100, and sizes of
 * calls inside one another multiply. What queries inside one another can multiply is bounded by the
 * memory of the process that runs them, not here.
 */
#include "guard/guard_int.h"

static str text_of(const struct json *object, str name)
{
    return json_text_or(json_get(object, name), S(""));
}

/* The engine's own name space, however written. */
static bool is_own_space(struct guard_walk *w, const struct json *expr, str name)
{
    str schema = text_of(expr, S("schema")), catalog = text_of(expr, S("catalog"));

    if ((catalog.len == 0 || str_eq_nocase(catalog, S("system"))) &&
        (schema.len == 0 || str_eq_nocase(schema, S("main")) ||
         str_eq_nocase(schema, S("pg_catalog")))) {
        return true;
    }
    str hint = catalog.len > 0 ? S("")
                               : arena_printf(w->cx->arena, "write " STR_FMT "(" STR_FMT ", ...)",
                                              STR_ARG(name), STR_ARG(schema));
    guard_refuse(w, guard_at(w, expr), S("guard.function"), hint,
                 "function \"" STR_FMT "\" of \"" STR_FMT "%s" STR_FMT "\" is not available",
                 STR_ARG(name), STR_ARG(catalog), catalog.len > 0 ? "." : "", STR_ARG(schema));
    return false;
}

static str nearest_function(const struct guard_walk *w, str name)
{
    str near = STR_NONE;

    for (size_t i = 0; i < guard_function_count(); i++) {
        const struct guard_function *f    = guard_function_at(i);
        str                          best = str_nearest(name, &f->name, 1);

        if (best.len > 0 && f->klass < GUARD_FN_BUILD &&
            (near.len == 0 || str_distance(name, best, 8) < str_distance(name, near, 8))) {
            near = best;
        }
    }
    return near.len == 0
               ? S("")
               : arena_printf(w->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
}

/* The function of a call; NULL when it was refused. */
static const struct guard_function *find(struct guard_walk *w, const struct json *expr)
{
    str name = text_of(expr, S("function_name"));

    if (!is_own_space(w, expr, name)) {
        return NULL;
    }
    const struct guard_function *f = guard_function_find(name);
    if (!f) {
        guard_refuse(w, guard_at(w, expr), S("guard.function"), nearest_function(w, name),
                     "function \"" STR_FMT "\" is not available", STR_ARG(name));
        return NULL;
    }
    if (!guard_function_is_allowed(name, w->rq->use)) {
        guard_refuse(w, guard_at(w, expr), S("guard.function"), S(""),
                     "function \"" STR_FMT "\" is not available: %s", STR_ARG(name),
                     guard_class_reason(f->klass));
        return NULL;
    }
    return f;
}

static void note_class(struct guard_walk *w, const struct guard_function *f, size_t arguments)
{
    if (f->klass == GUARD_FN_VOLATILE && (f->check != GUARD_ARG_FEW || arguments <= f->argument)) {
        w->is_volatile = true;
        w->volatile_by = f->name;
    }
    if (f->klass != GUARD_FN_LEAKPROOF) {
        guard_note_revealing(w);
    }
}

static void refuse_size(struct guard_walk *w, const struct json *expr,
                        const struct guard_function *f, uint64_t bound)
{
    guard_refuse(w, guard_at(w, expr), S("guard.size"), S(""),
                 "argument %u of \"" STR_FMT "\" must be a whole constant of at most %llu",
                 f->argument, STR_ARG(f->name), (unsigned long long)bound);
}

static uint64_t check_size(struct guard_walk *w, const struct json *expr,
                           const struct guard_function *f, const struct json *args)
{
    int64_t n;

    if (args->count < f->argument) {
        return 1;
    }
    if (!guard_constant_int(args->items[f->argument - 1], &n) || n > (int64_t)f->bound) {
        refuse_size(w, expr, f, f->bound);
        return 1;
    }
    return n < 1 ? 1 : (uint64_t)n;
}

static uint64_t check_range(struct guard_walk *w, const struct json *expr, const struct json *args,
                            uint64_t bound)
{
    str      name = text_of(expr, S("function_name"));
    uint64_t items;

    if (!guard_range_items(w->cx, args, &items)) {
        guard_refuse(w, guard_at(w, expr), S("guard.size"),
                     S("for a calendar write DATE '2024-01-01' and INTERVAL 1 DAY"),
                     "the arguments of \"" STR_FMT "\" must be constants", STR_ARG(name));
        return 1;
    }
    if (items > bound) {
        guard_refuse(w, guard_at(w, expr), S("guard.size"), S(""),
                     "\"" STR_FMT "\" would give %llu items; at most %llu are allowed",
                     STR_ARG(name), (unsigned long long)items, (unsigned long long)bound);
        return 1;
    }
    return items < 1 ? 1 : items;
}

static uint64_t check_format(struct guard_walk *w, const struct json *expr,
                             const struct guard_function *f, const struct json *args)
{
    str      format;
    uint64_t width = 0;

    if (args->count == 0) {
        return 1;
    }
    if (!guard_constant_text(args->items[0], &format) || !guard_format_width(format, &width)) {
        guard_refuse(w, guard_at(w, expr), S("guard.size"), S(""),
                     "the format of \"" STR_FMT "\" must be a constant text with constant widths",
                     STR_ARG(f->name));
        return 1;
    }
    if (width > f->bound) {
        guard_refuse(w, guard_at(w, expr), S("guard.size"), S(""),
                     "a width in the format of \"" STR_FMT "\" is over %llu", STR_ARG(f->name),
                     (unsigned long long)f->bound);
    }
    return width < 1 ? 1 : width;
}

/* list_aggregate(list, 'sum'): the name is a call in disguise. */
static void check_aggregate(struct guard_walk *w, const struct json *expr,
                            const struct guard_function *f, const struct json *args)
{
    str name;

    if (args->count < f->argument) {
        return;
    }
    if (!guard_constant_text(args->items[f->argument - 1], &name)) {
        guard_refuse(w, guard_at(w, expr), S("guard.function"), S(""),
                     "argument %u of \"" STR_FMT "\" must be the constant name of an aggregate",
                     f->argument, STR_ARG(f->name));
        return;
    }
    const struct guard_function *inner = guard_function_find(name);
    if (!inner || inner->klass > GUARD_FN_PURE || inner->check != GUARD_ARG_NONE) {
        if (!inner || args->count > f->argument || inner->klass > GUARD_FN_PURE) {
            guard_refuse(w, guard_at(w, expr), S("guard.function"), S(""),
                         "aggregate \"" STR_FMT "\" is not available inside \"" STR_FMT "\"",
                         STR_ARG(name), STR_ARG(f->name));
        }
    }
}

/* Names of a lambda: x, or (x, i); false when it is an expression, then the arrow is JSON's. */
static bool lambda_scope(struct guard_walk *w, const struct guard_scope *scope,
                         const struct json *lhs, struct guard_scope *out)
{
    const struct json *children  = json_get(lhs, S("children"));
    const struct json *single[1] = { lhs };
    bool               is_row    = str_eq(text_of(lhs, S("function_name")), S("row"));
    size_t             count     = is_row ? children->count : 1;

    *out = *scope;
    for (size_t i = 0; i < count; i++) {
        const struct json *names =
            json_get(is_row ? children->items[i] : single[0], S("column_names"));
        struct guard_lambda *lambda = ARENA_NEW(w->cx->arena, struct guard_lambda);

        if (!names || names->count != 1) {
            return false;
        }
        *lambda      = (struct guard_lambda){ out->lambdas, names->items[0]->text };
        out->lambdas = lambda;
    }
    return true;
}

static uint64_t walk_lambda_arguments(struct guard_walk *w, const struct guard_scope *scope,
                                      struct json *args)
{
    uint64_t size = 1;

    for (size_t i = 0; i < args->count; i++) {
        struct json       *arg = args->items[i];
        struct guard_scope body;
        bool               is_lambda = guard_node_of(arg, GUARD_EXPR) == GN_LAMBDA &&
                         lambda_scope(w, scope, json_get(arg, S("lhs")), &body);

        size = guard_multiply(size, is_lambda ? guard_walk_expr(w, &body, json_get(arg, S("expr")))
                                              : guard_walk_expr(w, scope, arg));
    }
    return size;
}

/* What the call itself multiplies its input by. */
static uint64_t check_call(struct guard_walk *w, const struct json *expr,
                           const struct guard_function *f, const struct json *args)
{
    switch (f->check) {
    case GUARD_ARG_SIZE: return check_size(w, expr, f, args);
    case GUARD_ARG_RANGE: return check_range(w, expr, args, f->bound);
    case GUARD_ARG_FORMAT: return check_format(w, expr, f, args);
    case GUARD_ARG_AGGREGATE: check_aggregate(w, expr, f, args); return 1;
    case GUARD_ARG_NONE:
    case GUARD_ARG_LAMBDA:
    case GUARD_ARG_FEW: return 1;
    }
    BUG("argument check");
}

/* Aggregates that tell how many values there are and none of them. */
static bool is_counting(const struct guard_function *f)
{
    return str_eq(f->name, S("count")) || str_eq(f->name, S("approx_count_distinct"));
}

static uint64_t walk_call(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    const struct guard_function *f    = find(w, expr);
    struct json                 *args = json_get(expr, S("children"));
    uint64_t                     size = 1;

    if (f) {
        note_class(w, f, args->count);
        size = check_call(w, expr, f, args);
    }
    bool was_condition = w->is_condition;
    w->is_condition    = was_condition || (f && is_counting(f));
    uint64_t inner     = f && f->check == GUARD_ARG_LAMBDA ? walk_lambda_arguments(w, scope, args)
                                                           : guard_walk_exprs(w, scope, args);
    w->is_condition    = was_condition;
    size               = guard_multiply(size, inner);
    if (size > GUARD_AMPLIFY_MAX) {
        guard_refuse(w, guard_at(w, expr), S("guard.size"), S(""),
                     "calls inside one another would give values of %llu items; at most %d are "
                     "allowed (GUARD_AMPLIFY_MAX)",
                     (unsigned long long)size, GUARD_AMPLIFY_MAX);
        return 1;
    }
    return size;
}

static void walk_optional(struct guard_walk *w, const struct guard_scope *scope, struct json *expr,
                          str name)
{
    struct json *v = json_get(expr, name);

    if (json_is(v, JSON_OBJECT)) {
        (void)guard_walk_expr(w, scope, v);
    }
}

static void walk_filter(struct guard_walk *w, const struct guard_scope *scope, struct json *expr,
                        str name)
{
    struct json *v = json_get(expr, name);

    if (json_is(v, JSON_OBJECT)) {
        guard_walk_condition(w, scope, v, GUARD_IN_WHERE);
    }
}

static void walk_order_list(struct guard_walk *w, const struct guard_scope *scope,
                            const struct json *orders)
{
    for (size_t i = 0; orders && i < orders->count; i++) {
        (void)guard_walk_expr(w, scope, json_get(orders->items[i], S("expression")));
    }
}

uint64_t guard_walk_function(struct guard_walk *w, const struct guard_scope *scope,
                             struct json *expr)
{
    uint64_t size = walk_call(w, scope, expr);

    walk_filter(w, scope, expr, S("filter"));
    walk_order_list(w, scope, json_path(expr, S("/order_bys/orders")));
    return size;
}

uint64_t guard_walk_window(struct guard_walk *w, const struct guard_scope *scope, struct json *expr)
{
    uint64_t size = walk_call(w, scope, expr);

    (void)guard_walk_exprs(w, scope, json_get(expr, S("partitions")));
    walk_order_list(w, scope, json_get(expr, S("orders")));
    walk_order_list(w, scope, json_get(expr, S("arg_orders")));
    walk_optional(w, scope, expr, S("start_expr"));
    walk_optional(w, scope, expr, S("end_expr"));
    walk_optional(w, scope, expr, S("offset_expr"));
    walk_optional(w, scope, expr, S("default_expr"));
    walk_filter(w, scope, expr, S("filter_expr"));
    return size;
}

void guard_walk_table_function(struct guard_walk *w, const struct guard_scope *scope,
                               struct json *ref)
{
    struct json *call = json_get(ref, S("function"));
    str          name = text_of(call, S("function_name"));
    struct json *args = json_get(call, S("children"));

    if (!str_eq(text_of(call, S("class")), S("FUNCTION"))) {
        guard_refuse(w, guard_at(w, ref), S("guard.function"), S(""),
                     "this table function is not available");
        return;
    }
    if (!is_own_space(w, call, name)) {
        return;
    }
    if (!guard_table_function_is_allowed(name)) {
        guard_refuse(w, guard_at(w, ref), S("guard.function"),
                     S("read the tables of the mesh by their address, sources by their port"),
                     "table function \"" STR_FMT "\" is not available", STR_ARG(name));
        return;
    }
    if (str_eq(name, S("range")) || str_eq(name, S("generate_series"))) {
        (void)check_range(w, call, args, GUARD_ROWS_MAX);
    } else if (str_eq(name, S("repeat"))) {
        const struct guard_function rows = { .name = name, .argument = 2, .bound = GUARD_ROWS_MAX };

        (void)check_size(w, call, &rows, args);
    }
    (void)guard_walk_exprs(w, scope, args);
}
