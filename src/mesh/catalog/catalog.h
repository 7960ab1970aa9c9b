/*
 * catalog.h - everything a product's page shows, gathered from the rooms that know it.
 *
 * Reads in cx->tx; results live in cx->arena. What was never published is not in the catalog, nor what the
 * reader may not read: tables and columns alike. A major that was withdrawn is told to those who may read what it was. Checks and inputs are shown to the operator only.
 */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "publish/publish.h"
#include "query/query.h"
#include "registry/registry.h"
#include "search/search.h"
#include "table/table.h"

/* For whom. `access` NULL: the operator. */
struct catalog_view {
    const struct access *access;
    struct access_reader reader;
};

/* A column as its contract describes it; description and flags are of the published document. */
struct catalog_column {
    str  name, type, description, classification;
    bool is_required, is_unique, is_key;
};

struct catalog_table {
    struct table_snapshot  snapshot;
    str                    name, address, description;
    str                    sql;     /* the file that built it; empty: a copy, or delivered */
    str                    copy_of; /* "source.orders"; else empty                         */
    struct catalog_column *columns;
    size_t                 column_count;
    struct query_life      life; /* of its major */
};

/* A major. One that was withdrawn (port.withdrawn_us) has no tables. */
struct catalog_port {
    struct registry_port port;
    VEC(struct catalog_table) tables;
    str successor; /* address of the major to read in place of one that ends or is withdrawn; or empty */
};

struct catalog_product {
    struct registry_product product;
    VEC(struct catalog_port) ports;
    struct publish_record last; /* zero when it was never published */
    struct publish_inputs inputs;
    struct publish_checks checks;
};

/* All products with a table that the reader may read, and these tables, in the order of the products. */
NODISCARD enum status catalog_list(struct ctx *cx, const struct catalog_view *view,
                                   struct registry_products *out,
                                   struct table_snapshots   *out_heads);

/* What the view may be told of the life of a live table's major. */
NODISCARD enum status catalog_life(struct ctx *cx, const struct catalog_view *view,
                                   const struct registry_product *product,
                                   const struct table_snapshot *head, struct query_life *out);

struct catalog_domain {
    struct registry_domain   domain;
    struct registry_team     team;
    struct registry_products products; /* of this domain, by name */
};

/* Of the domain's products that were published; ST_NOT_FOUND when none was. */
NODISCARD enum status catalog_domain(struct ctx *cx, const struct catalog_view *view, str name,
                                     struct catalog_domain *out);

/* By address (with or without a major), by alias, or by id. ST_NOT_FOUND with the nearest right one. */
NODISCARD enum status catalog_product(struct ctx *cx, const struct catalog_view *view, str address,
                                      struct catalog_product *out);

/*
 * Entries of the index that have all of the words, best first, and at most `limit`; what the reader may
 * not know is left out before anything is counted. When there is none, *out_nearest is a search that finds
 * something for this reader and differs by slips of the pen, or empty. ST_INVALID for no words.
 */
NODISCARD enum status catalog_search(struct ctx *cx, const struct catalog_view *view, str words,
                                     size_t limit, struct search_hits *out, str *out_nearest);

#endif
