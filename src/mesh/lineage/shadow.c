/*
 * shadow.c - the catalog of empty tables, filled as tables are needed.
 */
#include "lineage/lineage_int.h"

#include "engine/engine_duckdb.h"

#include <stdlib.h>

enum { SHADOW_SQL_MAX = 4 << 20, SHADOW_ARENA_BYTES = 1 << 30 };
#define SHADOW_MEMORY (1ULL << 30)

struct lineage_shadow *lineage_shadow_new(void)
{
    struct lineage_shadow *shadow = calloc(1, sizeof(*shadow));

    if (!shadow) {
        BUG("out of memory: shadow catalog");
    }
    shadow->arena = arena_new("shadow catalog", SHADOW_ARENA_BYTES);
    return shadow;
}

enum status lineage_shadow_conn(struct lineage_shadow *shadow, struct ctx *cx,
                                struct engine_conn **out)
{
    const struct engine_options options = { .threads = 1, .memory_limit = SHADOW_MEMORY };
    enum status                 st      = ST_OK;

    if (!shadow->engine) {
        st = engine_duckdb_open(cx, &options, &shadow->engine);
    }
    if (st == ST_OK && !shadow->conn) {
        st = engine_connect(shadow->engine, cx, &shadow->conn);
    }
    *out = shadow->conn;
    return st == ST_OK ? ST_OK : err_wrap(cx->err, "open the shadow catalog");
}

void lineage_shadow_close(struct lineage_shadow *shadow)
{
    if (!shadow) {
        return;
    }
    engine_disconnect(shadow->conn);
    engine_close(shadow->engine);
    arena_free(shadow->arena);
    free(shadow);
}

/* ---- names ---- */

static void add_name(struct buf *sql, const struct lineage_table *table, size_t parts)
{
    engine_quote_ident(sql, table->catalog);
    if (parts > 1) {
        buf_add_char(sql, '.');
        engine_quote_ident(sql, table->schema);
    }
    if (parts > 2) {
        buf_add_char(sql, '.');
        engine_quote_ident(sql, table->table);
    }
}

static str key_of(struct arena *a, const struct lineage_table *table, size_t parts)
{
    struct buf key CLEANUP(buf_release) = BUF_INIT(SHADOW_SQL_MAX);

    add_name(&key, table, parts);
    return arena_dup(a, buf_view(&key));
}

const struct lineage_entry *lineage_shadow_find(const struct lineage_shadow *shadow,
                                                struct arena                *scratch,
                                                const struct lineage_table  *table)
{
    return map_get(&shadow->tables, key_of(scratch, table, 3));
}

bool lineage_shadow_has(const struct lineage_shadow *shadow, const struct lineage_table *table)
{
    struct arena *scratch CLEANUP(arena_cleanup) = arena_new("shadow key", SHADOW_SQL_MAX);

    return lineage_shadow_find(shadow, scratch, table) != NULL;
}

/* ---- statements ---- */

static enum status run(struct lineage_shadow *shadow, struct ctx *cx, struct buf *sql)
{
    struct engine_conn *conn;
    str                 text;

    TRY(buf_take(sql, cx, "the columns of a table", &text));
    TRY(lineage_shadow_conn(shadow, cx, &conn));
    return engine_exec(conn, cx, text);
}

/* The catalog (parts 1) or schema (parts 2) of a table, when it is new. */
static enum status put_space(struct lineage_shadow *shadow, struct ctx *cx,
                             const struct lineage_table *table, size_t parts)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(SHADOW_SQL_MAX);
    str            key                  = key_of(cx->arena, table, parts);

    if (map_has(&shadow->spaces, key)) {
        return ST_OK;
    }
    buf_add(&sql, str_of(lineage_engine_sql[parts == 1 ? LINEAGE_ENGINE_SQL_ATTACH
                                                       : LINEAGE_ENGINE_SQL_CREATE_SCHEMA]
                             .text));
    buf_add_char(&sql, ' ');
    add_name(&sql, table, parts);
    TRY(run(shadow, cx, &sql));
    key = arena_dup(shadow->arena, key);
    map_put(&shadow->spaces, shadow->arena, key, shadow);
    return ST_OK;
}

static enum status check_columns(struct ctx *cx, const struct lineage_table *table,
                                 const struct lineage_column *columns, size_t count)
{
    if (count == 0 || count > LINEAGE_COLUMNS_MAX) {
        return FAIL(cx, LIMIT,
                    "table \"" STR_FMT "\" has %zu columns; 1 to %d are possible "
                    "(LINEAGE_COLUMNS_MAX)",
                    STR_ARG(table->table), count, LINEAGE_COLUMNS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!guard_type_is_allowed(columns[i].type)) {
            return FAIL(cx, INVALID,
                        "column \"" STR_FMT "\" of table \"" STR_FMT "\" has type \"" STR_FMT
                        "\", which is not available",
                        STR_ARG(columns[i].name), STR_ARG(table->table), STR_ARG(columns[i].type));
        }
    }
    return ST_OK;
}

static bool is_same(const struct lineage_entry *entry, const struct lineage_column *columns,
                    size_t count)
{
    if (entry->column_count != count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(entry->columns[i].name, columns[i].name) ||
            !str_eq(entry->columns[i].type, columns[i].type)) {
            return false;
        }
    }
    return true;
}

static void remember(struct lineage_shadow *shadow, str key, const struct lineage_column *columns,
                     size_t count)
{
    struct arena          *a     = shadow->arena;
    struct lineage_entry  *entry = ARENA_NEW(a, struct lineage_entry);
    struct lineage_column *copy  = arena_array(a, count, sizeof(*copy));

    for (size_t i = 0; i < count; i++) {
        copy[i] =
            (struct lineage_column){ arena_dup(a, columns[i].name), arena_dup(a, columns[i].type) };
    }
    *entry = (struct lineage_entry){ copy, count };
    map_put(&shadow->tables, a, arena_dup(a, key), entry);
}

enum status lineage_shadow_put(struct lineage_shadow *shadow, struct ctx *cx,
                               const struct lineage_table  *table,
                               const struct lineage_column *columns, size_t column_count)
{
    struct buf sql              CLEANUP(buf_release) = BUF_INIT(SHADOW_SQL_MAX);
    str                         key                  = key_of(cx->arena, table, 3);
    const struct lineage_entry *entry                = map_get(&shadow->tables, key);

    if (entry && is_same(entry, columns, column_count)) {
        return ST_OK;
    }
    TRY(check_columns(cx, table, columns, column_count));
    if (shadow->tables.count >= LINEAGE_TABLES_MAX) {
        return FAIL(cx, LIMIT, "more than %d tables (LINEAGE_TABLES_MAX)", LINEAGE_TABLES_MAX);
    }
    TRY(put_space(shadow, cx, table, 1));
    TRY(put_space(shadow, cx, table, 2));
    buf_add(&sql, str_of(lineage_engine_sql[LINEAGE_ENGINE_SQL_CREATE_TABLE].text));
    buf_add_char(&sql, ' ');
    add_name(&sql, table, 3);
    for (size_t i = 0; i < column_count; i++) {
        buf_add(&sql, i == 0 ? S(" (") : S(", "));
        engine_quote_ident(&sql, columns[i].name);
        buf_add_char(&sql, ' ');
        buf_add(&sql, columns[i].type); /* on the guard's list: a type text and nothing else */
    }
    buf_add_char(&sql, ')');
    enum status st = run(shadow, cx, &sql);
    if (st != ST_OK) {
        return err_wrap(cx->err, "plan table \"" STR_FMT "\"", STR_ARG(table->table));
    }
    remember(shadow, key, columns, column_count);
    return ST_OK;
}
