/*
 * build.c - tree nodes of our own: what stands in place of a table's name.
 *
 * Paths, names and types go into the tree as values; the printer quotes them, and the proof reads them
 * back.
 */
#include "guard/guard_int.h"

#include <assert.h>

/* Far above GUARD_FILES_MAX paths of usual length; a buffer needs some bound. */
#define RELATION_BYTES_MAX ((size_t)1 << 30)

/* ---- expressions ---- */

struct json *guard_build_expr(struct arena *a, str class, str type)
{
    struct json *e = json_new_object(a);

    json_set(a, e, S("class"), json_new_str(a, class));
    json_set(a, e, S("type"), json_new_str(a, type));
    json_set(a, e, S("alias"), json_new_str(a, S("")));
    json_set(a, e, S("query_location"), json_new_u64(a, GUARD_NOWHERE));
    return e;
}

struct json *guard_build_type(struct arena *a, str id)
{
    struct json *type = json_new_object(a);

    json_set(a, type, S("id"), json_new_str(a, id));
    json_set(a, type, S("type_info"), json_new_null(a));
    return type;
}

static struct json *new_constant(struct arena *a, str type, struct json *content)
{
    struct json *e     = guard_build_expr(a, S("CONSTANT"), S("VALUE_CONSTANT"));
    struct json *value = json_new_object(a);

    json_set(a, value, S("type"), guard_build_type(a, type));
    json_set(a, value, S("is_null"), json_new_bool(a, content == NULL));
    if (content) {
        json_set(a, value, S("value"), content);
    }
    json_set(a, e, S("value"), value);
    return e;
}

struct json *guard_build_text(struct arena *a, str text)
{
    return new_constant(a, S("VARCHAR"), json_new_str(a, text));
}

struct json *guard_build_cast(struct arena *a, struct json *child, struct json *type)
{
    struct json *e = guard_build_expr(a, S("CAST"), S("OPERATOR_CAST"));

    json_set(a, e, S("child"), child);
    json_set(a, e, S("cast_type"), type);
    json_set(a, e, S("try_cast"), json_new_bool(a, false));
    return e;
}

static struct json *new_bool(struct arena *a, bool truth)
{
    return guard_build_cast(a, guard_build_text(a, truth ? S("t") : S("f")),
                            guard_build_type(a, S("BOOLEAN")));
}

struct json *guard_build_int(struct arena *a, int64_t n)
{
    bool is_small = n >= INT32_MIN && n <= INT32_MAX;

    return new_constant(a, is_small ? S("INTEGER") : S("BIGINT"), json_new_i64(a, n));
}

struct json *guard_build_column(struct arena *a, str name)
{
    struct json *e     = guard_build_expr(a, S("COLUMN_REF"), S("COLUMN_REF"));
    struct json *names = json_new_array(a);

    json_append(a, names, json_new_str(a, name));
    json_set(a, e, S("column_names"), names);
    return e;
}

struct json *guard_build_call(struct arena *a, str schema, str name, struct json *args)
{
    struct json *e      = guard_build_expr(a, S("FUNCTION"), S("FUNCTION"));
    struct json *orders = json_new_object(a);

    json_set(a, orders, S("type"), json_new_str(a, S("ORDER_MODIFIER")));
    json_set(a, orders, S("orders"), json_new_array(a));
    json_set(a, e, S("function_name"), json_new_str(a, name));
    json_set(a, e, S("schema"), json_new_str(a, schema));
    json_set(a, e, S("children"), args);
    json_set(a, e, S("filter"), json_new_null(a));
    json_set(a, e, S("order_bys"), orders);
    json_set(a, e, S("distinct"), json_new_bool(a, false));
    json_set(a, e, S("is_operator"), json_new_bool(a, false));
    json_set(a, e, S("export_state"), json_new_bool(a, false));
    json_set(a, e, S("catalog"), json_new_str(a, S("")));
    return e;
}

struct json *guard_build_null(struct arena *a)
{
    return new_constant(a, S("NULL"), NULL);
}

/* name = value, the engine's form of a named argument */
static struct json *new_named(struct arena *a, str name, struct json *value)
{
    struct json *e = guard_build_expr(a, S("COMPARISON"), S("COMPARE_EQUAL"));

    json_set(a, e, S("left"), guard_build_column(a, name));
    json_set(a, e, S("right"), value);
    return e;
}

static struct json *new_star(struct arena *a)
{
    struct json *e = guard_build_expr(a, S("STAR"), S("STAR"));

    json_set(a, e, S("relation_name"), json_new_str(a, S("")));
    json_set(a, e, S("exclude_list"), json_new_array(a));
    json_set(a, e, S("replace_list"), json_new_array(a));
    json_set(a, e, S("columns"), json_new_bool(a, false));
    json_set(a, e, S("expr"), json_new_null(a));
    json_set(a, e, S("qualified_exclude_list"), json_new_array(a));
    json_set(a, e, S("rename_list"), json_new_array(a));
    return e;
}

static void set_alias(struct arena *a, struct json *expr, str alias)
{
    json_set(a, expr, S("alias"), json_new_str(a, alias));
}

static struct json *new_value(struct arena *a, const struct guard_value *v)
{
    struct json *items = json_new_array(a);

    switch (v->kind) {
    case GUARD_NULL: return guard_build_null(a);
    case GUARD_BOOL: return new_bool(a, v->boolean);
    case GUARD_INT: return guard_build_int(a, v->integer);
    case GUARD_DOUBLE: {
        char room[JSON_NUMBER_ROOM];

        return guard_build_cast(a,
                                guard_build_text(a, arena_dup(a, json_number_text(v->real, room))),
                                guard_build_type(a, S("DOUBLE")));
    }
    case GUARD_TEXT: return guard_build_text(a, v->text);
    case GUARD_LIST:
    case GUARD_STRUCT:
        for (size_t i = 0; i < v->count; i++) {
            struct json *item = new_value(a, &v->items[i]);

            if (v->kind == GUARD_STRUCT) {
                set_alias(a, item, v->names[i]);
            }
            json_append(a, items, item);
        }
        return guard_build_call(
            a, S("main"), v->kind == GUARD_STRUCT ? S("struct_pack") : S("list_value"), items);
    }
    BUG("value kind");
}

/* ---- table references ---- */

static struct json *new_ref(struct arena *a, str type)
{
    struct json *ref = json_new_object(a);

    json_set(a, ref, S("type"), json_new_str(a, type));
    json_set(a, ref, S("alias"), json_new_str(a, S("")));
    json_set(a, ref, S("sample"), json_new_null(a));
    json_set(a, ref, S("query_location"), json_new_u64(a, GUARD_NOWHERE));
    return ref;
}

static struct json *new_table_function(struct arena *a, struct json *call)
{
    struct json *ref = new_ref(a, S("TABLE_FUNCTION"));

    json_set(a, ref, S("function"), call);
    json_set(a, ref, S("column_name_alias"), json_new_array(a));
    json_set(a, ref, S("with_ordinality"), json_new_str(a, S("WITHOUT_ORDINALITY")));
    return ref;
}

static struct json *new_base_table(struct arena *a, const struct guard_relation *r)
{
    struct json *ref = new_ref(a, S("BASE_TABLE"));

    json_set(a, ref, S("schema_name"), json_new_str(a, r->schema));
    json_set(a, ref, S("table_name"), json_new_str(a, r->table));
    json_set(a, ref, S("column_name_alias"), json_new_array(a));
    json_set(a, ref, S("catalog_name"), json_new_str(a, r->catalog));
    json_set(a, ref, S("at_clause"), json_new_null(a));
    return ref;
}

/*
 * A nested constant, as one JSON text cast to `type`: a list of paths or a schema would else be
 * thousands of nodes, each printed and proved (five times the cost of a whole query of TPC-H).
 */
static struct json *new_from_json(struct arena *a, struct buf *text, str type)
{
    if (text->is_over) {
        BUG("a relation beyond its limits");
    }
    struct json *json = guard_build_text(a, arena_dup(a, buf_view(text)));
    return guard_build_cast(a, guard_build_cast(a, json, guard_type_tree(a, S("JSON"))),
                            guard_type_tree(a, type));
}

static struct json *new_file_list(struct arena *a, const struct guard_relation *r)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(RELATION_BYTES_MAX);
    struct json_writer w;

    json_w_init(&w, &text, JSON_COMPACT);
    json_w_array_begin(&w);
    for (size_t i = 0; i < r->file_count; i++) {
        json_w_str(&w, r->files[i]);
    }
    json_w_array_end(&w);
    return new_from_json(a, &text, S("VARCHAR[]"));
}

/* {field id: {name, type, default_value}}: columns by field id, whatever the files call them. */
static struct json *new_parquet_schema(struct arena *a, const struct guard_relation *r)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(RELATION_BYTES_MAX);
    struct json_writer w;

    json_w_init(&w, &text, JSON_COMPACT);
    json_w_object_begin(&w);
    for (size_t i = 0; i < r->column_count; i++) {
        const struct guard_column *c = &r->columns[i];

        json_w_key(&w, arena_printf(a, "%d", (int)c->field_id));
        json_w_object_begin(&w);
        json_w_member_str(&w, S("name"), c->name);
        json_w_member_str(&w, S("type"), c->type);
        if (c->has_default) {
            json_w_member_str(&w, S("default_value"), c->default_text);
        } else {
            json_w_member_null(&w, S("default_value"));
        }
        json_w_object_end(&w);
    }
    json_w_object_end(&w);
    return new_from_json(
        a, &text, S("MAP(INTEGER, STRUCT(name VARCHAR, type VARCHAR, default_value VARCHAR))"));
}

static struct json *new_parquet(struct arena *a, const struct guard_relation *r)
{
    struct json *args = json_new_array(a);

    assert(r->column_count > 0);
    json_append(a, args, new_file_list(a, r));
    if (!r->is_exact) {
        json_append(a, args, new_named(a, S("schema"), new_parquet_schema(a, r)));
    }
    if (!r->is_exact && r->row_count > 0 && r->row_count <= INT64_MAX) {
        json_append(
            a, args,
            new_named(a, S("explicit_cardinality"), guard_build_int(a, (int64_t)r->row_count)));
    }
    /* A folder named a=b above the files is not a column. */
    json_append(a, args, new_named(a, S("hive_partitioning"), new_bool(a, false)));
    return new_table_function(a, guard_build_call(a, S(""), S("read_parquet"), args));
}

static struct json *new_source_call(struct arena *a, const struct guard_relation *r)
{
    struct json *args = json_new_array(a);

    for (size_t i = 0; i < r->arg_count; i++) {
        struct json *value = new_value(a, &r->args[i].value);

        json_append(a, args,
                    r->args[i].name.len > 0 ? new_named(a, r->args[i].name, value) : value);
    }
    return new_table_function(a, guard_build_call(a, S(""), r->function, args));
}

/* ---- queries ---- */

struct json *guard_build_select(struct arena *a, struct json *select_list, struct json *from)
{
    static const str nulls[] = { STR_INIT("where_clause"), STR_INIT("having"), STR_INIT("sample"),
                                 STR_INIT("qualify") };
    struct json     *node = json_new_object(a), *ctes = json_new_object(a);

    json_set(a, ctes, S("map"), json_new_array(a));
    json_set(a, node, S("type"), json_new_str(a, S("SELECT_NODE")));
    json_set(a, node, S("modifiers"), json_new_array(a));
    json_set(a, node, S("cte_map"), ctes);
    json_set(a, node, S("select_list"), select_list);
    json_set(a, node, S("from_table"), from ? from : new_ref(a, S("EMPTY")));
    json_set(a, node, S("group_expressions"), json_new_array(a));
    json_set(a, node, S("group_sets"), json_new_array(a));
    json_set(a, node, S("aggregate_handling"), json_new_str(a, S("STANDARD_HANDLING")));
    for (size_t i = 0; i < COUNT_OF(nulls); i++) {
        json_set(a, node, nulls[i], json_new_null(a));
    }
    return node;
}

/* A column of a source, under the name and with the type that the relation says. */
static struct json *new_source_column(struct arena *a, const struct guard_column *c)
{
    struct json *type = c->type.len > 0 ? guard_type_tree(a, c->type) : NULL;
    struct json *item =
        guard_build_column(a, c->physical_name.len > 0 ? c->physical_name : c->name);

    if (type) {
        item = guard_build_cast(a, item, type);
    }
    set_alias(a, item, c->name);
    return item;
}

static struct json *new_statement(struct arena *a, struct json *node)
{
    struct json *statement = json_new_object(a);

    json_set(a, statement, S("node"), node);
    json_set(a, statement, S("named_param_map"), json_new_array(a));
    return statement;
}

static struct json *new_subquery(struct arena *a, struct json *node, str alias)
{
    struct json *ref = new_ref(a, S("SUBQUERY"));

    json_set(a, ref, S("alias"), json_new_str(a, alias));
    json_set(a, ref, S("subquery"), new_statement(a, node));
    json_set(a, ref, S("column_name_alias"), json_new_array(a));
    return ref;
}

/*
 * The view's own SELECT stands one level deeper: so the columns are those of the contract, and a UNION is
 * not read as the body of a recursion when the text around has one.
 */
struct json *guard_build_view(struct arena *a, const struct guard_relation *r, struct json *node)
{
    struct json *list = json_new_array(a), *entry = json_new_object(a), *cte = json_new_object(a);

    for (size_t i = 0; i < r->column_count; i++) {
        json_append(a, list, new_source_column(a, &r->columns[i]));
    }
    node = guard_build_select(a, list, new_subquery(a, node, S("v")));
    json_set(a, cte, S("aliases"), json_new_array(a));
    json_set(a, cte, S("query"), new_statement(a, node));
    json_set(a, cte, S("materialized"), json_new_str(a, S("CTE_MATERIALIZE_DEFAULT")));
    json_set(a, cte, S("key_targets"), json_new_array(a));
    json_set(a, entry, S("key"), json_new_str(a, r->table));
    json_set(a, entry, S("value"), cte);
    return entry;
}

static bool is_computed(const struct json *item)
{
    return !str_eq(json_text_or(json_get(item, S("class")), S("")), S("COLUMN_REF"));
}

/* The columns as the reader may see them: masks in place of values, hidden ones left out. */
static struct json *new_select_list(struct arena *a, const struct guard_relation *r,
                                    const struct json *guarded)
{
    struct json *list = json_new_array(a);

    for (size_t i = 0; i < r->column_count; i++) {
        struct json *item = r->kind == GUARD_CALL ? new_source_column(a, &r->columns[i])
                                                  : guard_build_column(a, r->columns[i].name);

        if (guard_column_is_hidden(r, i)) {
            continue;
        }
        item = guard_mask_column(a, r, i, item);
        if (guarded) {
            item = guard_mask_case(a, json_dup(a, guarded), item, guard_build_null(a));
        }
        set_alias(a, item, r->kind == GUARD_CALL || is_computed(item) ? r->columns[i].name : S(""));
        json_append(a, list, item);
    }
    if (r->column_count == 0) {
        json_append(a, list, new_star(a));
    }
    return list;
}

/* A table of no files: typed columns, no rows. */
static struct json *new_empty(struct arena *a, const struct guard_relation *r)
{
    struct json *list = json_new_array(a);

    for (size_t i = 0; i < r->column_count; i++) {
        struct json *type = guard_type_tree(a, r->columns[i].type);
        struct json *item;

        if (guard_column_is_hidden(r, i)) {
            continue;
        }
        if (!type) {
            BUG("a column of a relation has a type that is not on the list");
        }
        item = guard_build_cast(a, guard_build_null(a), type);
        set_alias(a, item, r->columns[i].name);
        json_append(a, list, item);
    }
    struct json *node = guard_build_select(a, list, NULL);
    json_set(a, node, S("where_clause"), new_bool(a, false));
    return node;
}

struct json *guard_build_relation(struct arena *a, const struct guard_relation *r, bool is_guarded)
{
    struct json *from = NULL, *rows = guard_mask_rows(a, r);

    switch (r->kind) {
    case GUARD_PARQUET:
        if (r->file_count == 0) {
            return new_empty(a, r);
        }
        from = new_parquet(a, r);
        break;
    case GUARD_TABLE:
    case GUARD_VIEW: from = new_base_table(a, r); break;
    case GUARD_CALL: from = new_source_call(a, r); break;
    }
    struct json *node =
        guard_build_select(a, new_select_list(a, r, is_guarded ? rows : NULL), from);
    if (rows) {
        json_set(a, node, S("where_clause"), rows);
    }
    return node;
}

void guard_build_derived(struct arena *a, struct json *ref, struct json *node, str alias)
{
    struct json *derived = new_subquery(a, node, alias);

    json_set(a, derived, S("sample"), json_get(ref, S("sample")));
    json_set(a, derived, S("query_location"), json_get(ref, S("query_location")));
    json_set(a, derived, S("column_name_alias"), json_get(ref, S("column_name_alias")));
    *ref = *derived;
}
