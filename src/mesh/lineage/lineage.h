/*
 * lineage.h - what a SELECT gives and reads, known before any row is read.
 *
 * The planning half: a shadow catalog is an engine instance in memory with one empty, typed table
 * for every table a mesh has or plans to have: one catalog per domain, one schema per product major
 * ("orders_v1"), sources and steps included. A text approved by the guard whose relations stand for
 * shadow tables (GUARD_TABLE) is bound against it. So a product can be planned before its upstream
 * products were ever built; no file is opened and no row exists.
 *
 * Lifetime  a shadow lives as long as its owner keeps it; tables are added when first needed.
 * Threads   one thread at a time.
 * Errors    ST_INVALID when a text does not bind: the finding has the place in the person's text.
 */
#ifndef LINEAGE_LINEAGE_H
#define LINEAGE_LINEAGE_H

#include "base/ctx.h"
#include "base/diag.h"
#include "guard/guard.h"

enum {
    LINEAGE_COLUMNS_MAX = 10000, /* columns of one table or result */
    LINEAGE_TABLES_MAX  = 200000 /* tables of one shadow           */
};

struct lineage_column {
    str name;
    str type; /* as the engine writes it: "DECIMAL(10,2)", "STRUCT(a INTEGER)[]" */
};

/* A table's place: the domain, the product's major ("orders_v1"), the table. */
struct lineage_table {
    str catalog, schema, table;
};

struct lineage_plan {
    const struct lineage_column *columns; /* output, in order                              */
    size_t                       column_count;
    const struct lineage_table  *inputs; /* shadow tables named, each once, sorted; one in a part of
                                             the text that nothing uses counts too */
    size_t                       input_count;
};

struct engine_conn; /* engine/engine.h */
struct lineage_shadow;

/* A catalog without tables; its engine (about 10 ms, 30 MB) is opened for the first of them. */
struct lineage_shadow *lineage_shadow_new(void);
void                   lineage_shadow_close(struct lineage_shadow *shadow); /* NULL is fine */

/*
 * Puts an empty table there, with catalog and schema when they are new. The same table with the same
 * columns again costs a look-up; with other columns it is replaced. Types must be on the guard's
 * list (ST_INVALID names the column).
 */
NODISCARD enum status lineage_shadow_put(struct lineage_shadow *shadow, struct ctx *cx,
                                         const struct lineage_table  *table,
                                         const struct lineage_column *columns, size_t column_count);
bool lineage_shadow_has(const struct lineage_shadow *shadow, const struct lineage_table *table);

/*
 * Says why an approved text does not bind on `conn`, whose failure is in cx->err: a finding with the
 * place in the person's text. Always returns ST_INVALID, or what ended the search for the reason.
 */
NODISCARD enum status lineage_explain(struct ctx *cx, struct engine_conn *conn,
                                      const struct diag_text      *text,
                                      const struct guard_approved *approved,
                                      struct diags                *findings);

/*
 * Binds an approved text against the shadow. `text` is what the person wrote, for findings: unknown
 * columns with the nearest right one, mismatched types. On failure *out is untouched.
 */
NODISCARD enum status lineage_plan_sql(struct lineage_shadow *shadow, struct ctx *cx,
                                       const struct diag_text      *text,
                                       const struct guard_approved *approved,
                                       struct diags *findings, struct lineage_plan *out);

#endif
