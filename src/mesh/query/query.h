/*
 * query.h - from a person's SQL to rows: the one way that every door takes.
 *
 * text → guard (allow-list walk, names resolved to published tables, printed and proved) → prepared
 * and streamed under deadline, row and byte limits. All tables of a query come from one moment of the
 * store; a product's tables from one publish. The journal gets `query.started` before the first row
 * and `query.ended` after the last.
 *
 * Ends      a table whose major is deprecated is read with a warning among the findings, once per table; one
 *           that was withdrawn is refused with the day and what stands in its place, but for readers who may
 *           not know of it, to whom it never was.
 * Names     domain.product.table is the newest active major, domain.product_v2.table that one;
 *           AT (VERSION => n) an older snapshot. What was never published does not exist.
 * Views     the SELECT that was published, over the newest snapshots of its inputs; these are read under
 *           the policies of the view's product, the view under those of the reader.
 * Threads   one stream belongs to one thread; the struct query_env may be shared.
 * Errors    ST_INVALID (refused; findings say why), ST_LIMIT, ST_TIMEOUT, ST_CANCELLED, and those of
 *           the engine. A stream that failed never ends cleanly.
 */
#ifndef QUERY_QUERY_H
#define QUERY_QUERY_H

#include "access/access.h"
#include "base/diag.h"
#include "blob/blob.h"
#include "db/db.h"
#include "engine/engine.h"
#include "guard/guard.h"
#include "project/names.h"

struct query_env {
    struct db           *db;
    struct blob         *blob;
    struct guard        *guard;
    struct engine       *engine; /* for persons' SQL: its allowed folder is the object store */
    const struct access *access;
    struct access_reader reader; /* who asks, and why */
};

struct query_request {
    str      sql;
    str      name;       /* shown in findings: "query", or a file */
    uint64_t row_limit;  /* 0 = none */
    uint64_t byte_limit; /* 0 = none */
};

/* A table that a query reads: because its text names it, or through a view. */
struct query_table {
    str     address, snapshot;
    str     through; /* address of the view in whose SELECT it stands; or empty */
    int64_t number;
    const struct policy_decision *decision; /* NULL: everything */
    const struct policy_object   *object;   /* what was decided about; NULL with the operator */
};

struct query_tables {
    VEC(struct query_table) list;
};

struct query_stream {
    struct engine_conn   *conn;
    struct engine_result *result;
    struct access_reader  reader;
    struct guard_approved approved;
    struct query_tables   tables;
    uint64_t              rows, bytes;
    int64_t               started_us;
    str                   event; /* id of query.started */
};

/* Approves, prepares, writes query.started, and starts. On failure there is nothing to close. */
NODISCARD enum status query_open(struct ctx *cx, const struct query_env *env,
                                 const struct query_request *rq, struct diags *findings,
                                 struct query_stream *out);

/* As engine_result_next; counts rows and bytes. */
NODISCARD enum status query_next(struct ctx *cx, struct query_stream *stream,
                                 struct ArrowArray *out, bool *has_more);

/* Ends the stream and writes query.ended with `outcome` (of the last query_next, or of the reader). */
NODISCARD enum status query_close(struct ctx *cx, const struct query_env *env,
                                  struct query_stream *stream, enum status outcome);

/*
 * Writes the rows of a query to a Parquet file, by the engine itself. Same route, same journal; the
 * folder of `path` must be one that the engine may write to. The file is whole or not there when the
 * caller moves it into place.
 */
NODISCARD enum status query_to_parquet(struct ctx *cx, const struct query_env *env,
                                       const struct query_request *rq, str path,
                                       struct diags *findings, uint64_t *out_rows);

/* ---- whole tables ---- */

enum { QUERY_EXPORT_TABLES_MAX = 5000 };

/* A table in a file that query_export wrote: "schema"."table" there. */
struct query_exported {
    str      address; /* domain.product_v2.table */
    str      schema;  /* the product as it was asked for: "product", or "product_v2" for a major */
    str      table;
    uint64_t rows;
};

struct query_exports {
    VEC(struct query_exported) list;
};

struct query_export_request {
    /*
     * domain, domain.product, domain.product.table; a port's name may stand for its tables. Without a major
     * the newest one of each table, as in a query. None: all that the reader may see.
     */
    const str *wanted;
    size_t     wanted_count;
    str        path;      /* of the new file; its folder must be one that the engine may write to */
    uint64_t   row_limit; /* of each table; 0 = none */
};

/*
 * Writes whole tables into a new DuckDB file, by the engine itself, with the types that were published.
 * Same route as a query: all tables of one moment of the store, under the reader's policies (of a view
 * the rows it gives); each a query of its own in the journal. What the reader may not see is left out,
 * as if it were not there. The file is whole or worthless: the caller moves it into place, or removes it
 * and the ".wal" that may lie beside it.
 *
 * Errors as of query_open; ST_NOT_FOUND for a name with the nearest visible one; ST_INVALID when products of
 * two domains have one name, which would be one schema.
 */
NODISCARD enum status query_export(struct ctx *cx, const struct query_env *env,
                                   const struct query_export_request *rq, struct diags *findings,
                                   struct query_exports *out);

/* ---- names ---- */

/*
 * The product and the live snapshot that domain.product.table (of the newest major that has the table) or
 * domain.product_v2.table means. In cx->tx; ST_NOT_FOUND. Says nothing of who may read it.
 */
NODISCARD enum status query_find_table(struct ctx *cx, str address,
                                       struct registry_product *out_product,
                                       struct table_snapshot   *out);
/*
 * What stands for a snapshot in a text, without what its reader is given of it: its files, or the SELECT of
 * a view. All that a view reads is bound here too, in cx->tx: the newest snapshots of its inputs, each
 * under what the policies give the view's product, and listed in `under`. Of `env` blob and access are
 * used. ST_INVALID, without names of inputs, when a view cannot be read at present.
 */
NODISCARD enum status query_relation(struct ctx *cx, const struct query_env *env,
                                     const struct table_snapshot *snapshot,
                                     struct query_tables *under, struct guard_relation *out);
/* ---- ends of majors ---- */

/* What a reader may be told of the life of a table's major. */
struct query_life {
    struct life     life;
    enum life_stage stage; /* now */
    str             text; /* life_text: "deprecated, sunset 2027-01-31 (33 days left)"; or empty  */
    str successor;        /* what to read in its place, of one that ends; empty: nothing is known */
};

/* Of a snapshot that is live. Of `env` access and reader are used; in cx->tx. */
NODISCARD enum status query_life_of(struct ctx *cx, const struct query_env *env,
                                    const struct registry_product *product,
                                    const struct table_snapshot *snapshot, struct query_life *out);
/*
 * What the reader may read in place of `of`: the same table in the newest active major, or that major's
 * address when it has none of that name (or of->table is empty). Empty when there is nothing.
 */
NODISCARD enum status query_successor(struct ctx *cx, const struct query_env *env,
                                      const struct registry_product *product,
                                      const struct address *of, str *out);
/* Whether the reader may read a snapshot, live or not, and so may be told of it. */
NODISCARD enum status query_may_know(struct ctx *cx, const struct query_env *env,
                                     const struct registry_product *product,
                                     const struct table_snapshot *snapshot, bool *out);

/* The table as policies see it. */
NODISCARD enum status query_object_of(struct ctx *cx, const struct access *access,
                                      const struct registry_product *product,
                                      const struct table_snapshot   *snapshot,
                                      struct policy_object          *out);

#endif
