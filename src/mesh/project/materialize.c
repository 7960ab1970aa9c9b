/*
 * materialize.c - how a table is made and kept: its weft. keys, its primary key, its partition columns.
 */
#include "project/project_int.h"

#include "standard/keys.h"

static const struct project_column *find_column(const struct project_table *table, str name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (str_eq(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* ---- columns by a position that the contract gives ---- */

struct ordered {
    const struct project_column **items;
    size_t                        count;
    int64_t                      *positions;
};

/* Behind all columns of a lower or the same position; -1, or none, comes in the contract's order. */
static void insert(struct ordered *list, const struct project_column *column, int64_t position)
{
    size_t at = list->count;

    while (at > 0 && list->positions[at - 1] > position) {
        list->items[at]     = list->items[at - 1];
        list->positions[at] = list->positions[at - 1];
        at--;
    }
    list->items[at]     = column;
    list->positions[at] = position;
    list->count++;
}

static int64_t position_of(struct std_int position)
{
    return std_is_set(position) ? position.v : -1;
}

static void read_orders(struct ctx *cx, struct project_table *table)
{
    size_t         n     = table->column_count;
    struct ordered keys  = { arena_array(cx->arena, n, sizeof *keys.items), 0,
                             arena_array(cx->arena, n, sizeof *keys.positions) };
    struct ordered parts = { arena_array(cx->arena, n, sizeof *parts.items), 0,
                             arena_array(cx->arena, n, sizeof *parts.positions) };

    for (size_t i = 0; i < n; i++) {
        const struct project_column *c = &table->columns[i];

        if (std_is_true(c->property->primary_key)) {
            insert(&keys, c, position_of(c->property->primary_key_position));
        }
        if (std_is_true(c->property->partitioned)) {
            insert(&parts, c, position_of(c->property->partition_key_position));
        }
    }
    table->keys            = keys.items;
    table->key_count       = keys.count;
    table->partitions      = parts.items;
    table->partition_count = parts.count;
}

/* Values of these types are few and have one text each. */
static bool can_partition(const struct coltype *type)
{
    switch ((int)type->kind) {
    case COLTYPE_BOOLEAN:
    case COLTYPE_TINYINT:
    case COLTYPE_SMALLINT:
    case COLTYPE_INTEGER:
    case COLTYPE_BIGINT:
    case COLTYPE_DATE:
    case COLTYPE_VARCHAR: return true;
    default: return false;
    }
}

/* A contract that came from elsewhere may have what we cannot do; then the rows lie together. */
static void check_partitions(struct product_load *load, const struct project_port *port,
                             struct project_table *table)
{
    bool   is_needed = table->material == PROJECT_MATERIAL_PARTITIONS;
    size_t fitting   = 0;

    for (size_t i = 0; i < table->partition_count; i++) {
        const struct project_column *c = table->partitions[i];

        if (!can_partition(c->type)) {
            REPORT(
                load, is_needed ? DIAG_ERROR : DIAG_WARNING, port->doc, c->property->partitioned.at,
                "build.partition-type", S("partition by a date, a text, an integer or a boolean"),
                "table \"" STR_FMT "\" cannot be partitioned by \"" STR_FMT "\", which is " STR_FMT,
                STR_ARG(table->name), STR_ARG(c->name), STR_ARG(c->type_text));
        } else {
            fitting++;
        }
    }
    table->partition_count = fitting == table->partition_count ? fitting : 0;
}

/* ---- keys ---- */

static void read_lookback(struct product_load *load, const struct project_port *port,
                          const struct std_incremental *inc, const struct project_column *column,
                          struct project_table *table)
{
    if (inc->lookback_us == 0) {
        return;
    }
    table->lookback_us = inc->lookback_us;
    if (table->material == PROJECT_MATERIAL_APPEND) {
        REPORT(load, DIAG_ERROR, port->doc, inc->lookback_text.at, "build.lookback",
               S("leave it out: an append would add the rows it reads again a second time"),
               "table \"" STR_FMT "\" cannot look back", STR_ARG(table->name));
    } else if (column && column->type->kind != COLTYPE_DATE &&
               column->type->kind != COLTYPE_TIMESTAMP &&
               column->type->kind != COLTYPE_TIMESTAMP_TZ) {
        REPORT(load, DIAG_ERROR, port->doc, inc->lookback_text.at, "build.lookback",
               S("leave it out, or name a column with a date or a time"),
               "table \"" STR_FMT "\" cannot look back in \"" STR_FMT "\", which is " STR_FMT,
               STR_ARG(table->name), STR_ARG(column->name), STR_ARG(column->type_text));
    }
}

static void read_incremental(struct product_load *load, const struct project_port *port,
                             const struct std_incremental *inc, struct project_table *table)
{
    const struct project_column *column = find_column(table, inc->column.v);

    table->incremental_column = inc->column.v;
    if (table->material == PROJECT_MATERIAL_FULL) {
        REPORT(load, DIAG_ERROR, port->doc, inc->column.at, "build.incremental",
               S("write weft.materialization: append, partitions or merge"),
               "table \"" STR_FMT "\" is incremental but replaced by each publish",
               STR_ARG(table->name));
    }
    if (!column) {
        REPORT(load, DIAG_ERROR, port->doc, inc->column.at, "build.incremental-column",
               S("name the column with the time of a row"),
               "table \"" STR_FMT "\" has no column \"" STR_FMT "\"", STR_ARG(table->name),
               STR_ARG(inc->column.v));
    }
    read_lookback(load, port, inc, column, table);
}

/* A view has no rows of its own that something could be done to. */
static void refuse_materialization(struct product_load *load, const struct project_port *port,
                                   const struct project_table *table)
{
    static const enum std_key keys[]  = { STD_KEY_MATERIALIZATION, STD_KEY_INCREMENTAL };
    const struct std_customs *lists[] = { &table->object->custom, &port->contract->custom };
    const struct std_custom  *found;

    for (size_t i = 0; i < COUNT_OF(keys) * COUNT_OF(lists); i++) {
        str name = std_key_info(keys[i / COUNT_OF(lists)])->name;

        found = std_custom_find(lists[i % COUNT_OF(lists)], name);
        if (found) {
            REPORT(load, DIAG_ERROR, port->doc, found->at, "build.view-keys",
                   S("leave it out, or write it at the tables that are built"),
                   "table \"" STR_FMT "\" is a view and keeps no rows: " STR_FMT
                   " has no meaning for it",
                   STR_ARG(table->name), STR_ARG(name));
        }
    }
}

static enum project_material material_of(str word)
{
    static const struct {
        const char           *word;
        enum project_material material;
    } words[] = { { "append", PROJECT_MATERIAL_APPEND },
                  { "partitions", PROJECT_MATERIAL_PARTITIONS },
                  { "merge", PROJECT_MATERIAL_MERGE } };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(word, str_of(words[i].word))) {
            return words[i].material;
        }
    }
    return PROJECT_MATERIAL_FULL;
}

/* What takes the place of something needs a way to say of what. */
static void check_material(struct product_load *load, const struct project_port *port,
                           const struct project_table *table)
{
    if (table->material == PROJECT_MATERIAL_MERGE && table->key_count == 0) {
        REPORT(load, DIAG_ERROR, port->doc, table->object->name.at, "build.merge-key",
               S("write primaryKey: true at the columns that say which row is which"),
               "table \"" STR_FMT "\" is merged but has no primary key", STR_ARG(table->name));
    }
    if (table->material == PROJECT_MATERIAL_PARTITIONS && table->partition_count == 0) {
        REPORT(load, DIAG_ERROR, port->doc, table->object->name.at, "build.partition-columns",
               S("write partitioned: true at the columns that rows are put apart by"),
               "table \"" STR_FMT "\" is replaced by partitions but has no partition column",
               STR_ARG(table->name));
    }
}

void product_table_keys(struct product_load *load, const struct project_port *port,
                        struct project_table *table)
{
    const struct std_customs *near = &table->object->custom, *far = &port->contract->custom;
    struct std_incremental    inc;
    str                       build = std_key_word(STD_KEY_BUILD, near, far);

    if (str_eq(build, S("view"))) {
        table->build = PROJECT_BUILD_VIEW;
        refuse_materialization(load, port, table);
        return;
    }
    if (str_eq(build, S("delivered"))) {
        table->build = PROJECT_BUILD_DELIVERED;
    }
    table->material = material_of(std_key_word(STD_KEY_MATERIALIZATION, near, far));
    read_orders(load->cx, table);
    check_partitions(load, port, table);
    check_material(load, port, table);
    if (std_incremental_of(load->cx, near, far, &inc)) {
        read_incremental(load, port, &inc, table);
    }
}
