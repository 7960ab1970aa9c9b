/*
 * stats.h - what the Parquet writer knows of the columns of one file.
 */
#ifndef TABLE_STATS_H
#define TABLE_STATS_H

#include "table/table.h"

/* A column, or a field below one by its path (struct table_field). Bounds are text as the engine prints values; min may be below and max above. */
struct table_stat {
    str      column;
    bool     has_null_count, has_bounds, may_have_nan;
    uint64_t null_count;
    str      min, max;
};

struct table_stats {
    VEC(struct table_stat) list;
};

/* Reads table_file.stats. ST_CORRUPT when it is not ours. */
NODISCARD enum status table_stats_read(struct ctx *cx, str json, struct table_stats *out);

#endif
