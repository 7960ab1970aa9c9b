/*
 * lineage_int.h - what the files of lineage share. Not for others.
 */
#ifndef LINEAGE_LINEAGE_INT_H
#define LINEAGE_LINEAGE_INT_H

#include "base/map.h"
#include "engine/engine.h"
#include "lineage/lineage.h"
#include "lineage/lineage_engine_sql.h"

/* A table of the shadow as it was put. */
struct lineage_entry {
    const struct lineage_column *columns;
    size_t                       column_count;
};

struct lineage_shadow {
    struct arena       *arena;
    struct engine      *engine; /* NULL until the first statement */
    struct engine_conn *conn;
    struct map          tables; /* quoted full name -> struct lineage_entry */
    struct map          spaces; /* quoted names of catalogs and schemas     */
};

/* Opens the engine at the first call. */
NODISCARD enum status lineage_shadow_conn(struct lineage_shadow *shadow, struct ctx *cx,
                                          struct engine_conn **out);

/* NULL when the table is not there. */
const struct lineage_entry *lineage_shadow_find(const struct lineage_shadow *shadow,
                                                struct arena                *scratch,
                                                const struct lineage_table  *table);

#endif
