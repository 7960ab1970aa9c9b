/*
 * new_source.h - looking at data nobody described: columns, types, keys, enums. Only for this folder.
 */
#ifndef CLI_NEW_SOURCE_H
#define CLI_NEW_SOURCE_H

#include "cli/new.h"
#include "source/source.h"

enum { LOOK_ENUM_MAX = 12 };

/* One column as the data shows it. */
struct look_column {
    str                   physical; /* its name in the source */
    str                   name;     /* derived                */
    const struct coltype *type;     /* of the source          */
    const struct coltype *published;
    bool                  is_required, is_key;
    str                   enum_values[LOOK_ENUM_MAX];
    size_t                enum_count;
};

struct look {
    bool                is_postgres;
    str                 path;   /* as written into the contract, relative to the product's folder */
    str                 format; /* "csv" … */
    str                 host, port, database, schema, table, user;
    struct look_column *columns;
    size_t              column_count;
    uint64_t            rows;
    const str          *null_texts; /* that the types rely on; none when they do not */
    size_t              null_text_count;
    bool                is_loose; /* CSV that breaks RFC 4180: read as far as it can be */
};

/* Whether a path means many files, "days/2026-*.csv", and the folder above its first such part. */
bool new_source_is_pattern(str path);
str  new_source_dir(str path);

/* Reads the whole source once. ST_DENIED when it lies outside of what mesh.yaml allows. */
NODISCARD enum status look_at(struct cli *cli, const struct new_product_request *rq,
                              str product_dir, struct look *out);

#endif
