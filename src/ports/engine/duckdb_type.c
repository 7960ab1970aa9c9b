/*
 * duckdb_type.c - the engine's types as text, and what Arrow can hold of them.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>

enum { TYPE_TEXT_MAX = 1 << 20 };

struct type_row {
    int  id; /* duckdb_type */
    char name[26];
};

static const struct type_row simple_types[] = {
    { DUCKDB_TYPE_BOOLEAN, "BOOLEAN" },
    { DUCKDB_TYPE_TINYINT, "TINYINT" },
    { DUCKDB_TYPE_SMALLINT, "SMALLINT" },
    { DUCKDB_TYPE_INTEGER, "INTEGER" },
    { DUCKDB_TYPE_BIGINT, "BIGINT" },
    { DUCKDB_TYPE_UTINYINT, "UTINYINT" },
    { DUCKDB_TYPE_USMALLINT, "USMALLINT" },
    { DUCKDB_TYPE_UINTEGER, "UINTEGER" },
    { DUCKDB_TYPE_UBIGINT, "UBIGINT" },
    { DUCKDB_TYPE_HUGEINT, "HUGEINT" },
    { DUCKDB_TYPE_UHUGEINT, "UHUGEINT" },
    { DUCKDB_TYPE_BIGNUM, "BIGNUM" },
    { DUCKDB_TYPE_FLOAT, "FLOAT" },
    { DUCKDB_TYPE_DOUBLE, "DOUBLE" },
    { DUCKDB_TYPE_DATE, "DATE" },
    { DUCKDB_TYPE_TIME, "TIME" },
    { DUCKDB_TYPE_TIME_NS, "TIME_NS" },
    { DUCKDB_TYPE_TIME_TZ, "TIME WITH TIME ZONE" },
    { DUCKDB_TYPE_TIMESTAMP, "TIMESTAMP" },
    { DUCKDB_TYPE_TIMESTAMP_S, "TIMESTAMP_S" },
    { DUCKDB_TYPE_TIMESTAMP_MS, "TIMESTAMP_MS" },
    { DUCKDB_TYPE_TIMESTAMP_NS, "TIMESTAMP_NS" },
    { DUCKDB_TYPE_TIMESTAMP_TZ, "TIMESTAMP WITH TIME ZONE" },
    { DUCKDB_TYPE_INTERVAL, "INTERVAL" },
    { DUCKDB_TYPE_VARCHAR, "VARCHAR" },
    { DUCKDB_TYPE_BLOB, "BLOB" },
    { DUCKDB_TYPE_BIT, "BIT" },
    { DUCKDB_TYPE_UUID, "UUID" },
    { DUCKDB_TYPE_GEOMETRY, "GEOMETRY" },
    { DUCKDB_TYPE_VARIANT, "VARIANT" },
    { DUCKDB_TYPE_SQLNULL, "NULL" },
};

static void add_type(struct buf *out, duckdb_logical_type type);

/* A child type, and its end. */
static void add_child(struct buf *out, duckdb_logical_type child)
{
    add_type(out, child);
    duckdb_destroy_logical_type(&child);
}

static void add_enum(struct buf *out, duckdb_logical_type type)
{
    uint32_t count = duckdb_enum_dictionary_size(type);

    buf_add(out, S("ENUM("));
    for (uint32_t i = 0; i < count && !out->is_over; i++) {
        char *value = duckdb_enum_dictionary_value(type, i);

        buf_add(out, i > 0 ? S(", ") : S(""));
        engine_quote_text(out, str_of(value));
        duckdb_free(value);
    }
    buf_add_char(out, ')');
}

/* Names are always quoted: whether a word is reserved changes between versions of the engine. */
static void add_field(struct buf *out, size_t index, char *name, duckdb_logical_type child)
{
    buf_add(out, index > 0 ? S(", ") : S(""));
    if (name && name[0]) {
        engine_quote_ident(out, str_of(name));
        buf_add_char(out, ' ');
    }
    duckdb_free(name);
    add_child(out, child);
}

static void add_struct(struct buf *out, duckdb_logical_type type)
{
    idx_t count = duckdb_struct_type_child_count(type);

    buf_add(out, S("STRUCT("));
    for (idx_t i = 0; i < count; i++) {
        add_field(out, i, duckdb_struct_type_child_name(type, i),
                  duckdb_struct_type_child_type(type, i));
    }
    buf_add_char(out, ')');
}

static void add_union(struct buf *out, duckdb_logical_type type)
{
    idx_t count = duckdb_union_type_member_count(type);

    buf_add(out, S("UNION("));
    for (idx_t i = 0; i < count; i++) {
        add_field(out, i, duckdb_union_type_member_name(type, i),
                  duckdb_union_type_member_type(type, i));
    }
    buf_add_char(out, ')');
}

static bool add_nested(struct buf *out, duckdb_logical_type type)
{
    switch ((int)duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_DECIMAL:
        buf_printf(out, "DECIMAL(%u,%u)", duckdb_decimal_width(type), duckdb_decimal_scale(type));
        return true;
    case DUCKDB_TYPE_ENUM: add_enum(out, type); return true;
    case DUCKDB_TYPE_LIST:
        add_child(out, duckdb_list_type_child_type(type));
        buf_add(out, S("[]"));
        return true;
    case DUCKDB_TYPE_ARRAY:
        add_child(out, duckdb_array_type_child_type(type));
        buf_printf(out, "[%llu]", (unsigned long long)duckdb_array_type_array_size(type));
        return true;
    case DUCKDB_TYPE_STRUCT: add_struct(out, type); return true;
    case DUCKDB_TYPE_UNION: add_union(out, type); return true;
    case DUCKDB_TYPE_MAP:
        buf_add(out, S("MAP("));
        add_child(out, duckdb_map_type_key_type(type));
        buf_add(out, S(", "));
        add_child(out, duckdb_map_type_value_type(type));
        buf_add_char(out, ')');
        return true;
    default: return false;
    }
}

/* True when the type is the built-in JSON: VARCHAR under another name. */
static bool is_json(duckdb_logical_type type)
{
    char *alias = duckdb_logical_type_get_alias(type);
    bool  is    = alias && duckdb_get_type_id(type) == DUCKDB_TYPE_VARCHAR &&
              str_eq(str_of(alias), S("JSON"));

    duckdb_free(alias);
    return is;
}

static void add_type(struct buf *out, duckdb_logical_type type)
{
    int id = type ? (int)duckdb_get_type_id(type) : (int)DUCKDB_TYPE_INVALID;

    if (type && is_json(type)) {
        buf_add(out, S("JSON"));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(simple_types); i++) {
        if (simple_types[i].id == id) {
            buf_add(out, str_of(simple_types[i].name));
            return;
        }
    }
    if (!type || !add_nested(out, type)) {
        buf_add(out, S("UNKNOWN"));
    }
}

str duck_type_text(struct arena *a, duckdb_logical_type type)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(TYPE_TEXT_MAX);

    add_type(&text, type);
    if (text.is_over) {
        return S("ENUM"); /* more values than a text can reasonably list */
    }
    return arena_dup(a, buf_view(&text));
}

/* ------------------------------------------------------------------------- Arrow */

/* The child number `index`, to be destroyed; NULL behind the last one. */
static duckdb_logical_type child_of(duckdb_logical_type type, idx_t index)
{
    switch ((int)duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST: return index == 0 ? duckdb_list_type_child_type(type) : NULL;
    case DUCKDB_TYPE_ARRAY: return index == 0 ? duckdb_array_type_child_type(type) : NULL;
    case DUCKDB_TYPE_MAP:
        if (index == 0) {
            return duckdb_map_type_key_type(type);
        }
        return index == 1 ? duckdb_map_type_value_type(type) : NULL;
    case DUCKDB_TYPE_STRUCT:
        return index < duckdb_struct_type_child_count(type)
                   ? duckdb_struct_type_child_type(type, index)
                   : NULL;
    case DUCKDB_TYPE_UNION:
        return index < duckdb_union_type_member_count(type)
                   ? duckdb_union_type_member_type(type, index)
                   : NULL;
    default: return NULL;
    }
}

static enum duck_arrow_form own_form(duckdb_logical_type type)
{
    switch ((int)duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_UHUGEINT: /* plain Arrow reads it as a signed decimal */
    case DUCKDB_TYPE_TIME_TZ:  /* … drops the offset                       */
    case DUCKDB_TYPE_BIT: /* … cannot tell it from bytes              */ return DUCK_ARROW_LOSSLESS;
    case DUCKDB_TYPE_VARIANT:
    case DUCKDB_TYPE_ANY:
    case DUCKDB_TYPE_INVALID: return DUCK_ARROW_NEVER;
    default: return DUCK_ARROW_PLAIN;
    }
}

enum duck_arrow_form duck_arrow_form(duckdb_logical_type type)
{
    enum duck_arrow_form worst = own_form(type);
    duckdb_logical_type  child;

    for (idx_t i = 0; (child = child_of(type, i)) != NULL; i++) {
        enum duck_arrow_form form = duck_arrow_form(child);

        worst = form > worst ? form : worst;
        duckdb_destroy_logical_type(&child);
    }
    return worst;
}

void duck_annotate(struct arrow_type *type, duckdb_logical_type logical)
{
    struct arrow_type  *parent = type;
    duckdb_logical_type child;

    if (is_json(logical)) {
        type->logical = S("json");
    }
    if (type->kind == ARROW_MAP) {
        parent = &type->children[0]; /* the entries */
    }
    for (idx_t i = 0; i < parent->child_count && (child = child_of(logical, i)) != NULL; i++) {
        duck_annotate(&parent->children[i], child);
        duckdb_destroy_logical_type(&child);
    }
}
