/*
 * arrow.h - columns in memory: the Arrow C data interface, its types, and its values as text.
 *
 * The two structs ArrowSchema and ArrowArray are the frozen binary interface of
 * https://arrow.apache.org/docs/format/CDataInterface.html, with the names and the guard that page
 * asks for. Everything else here reads them: `arrow_type_read` decodes the format strings once per
 * result into a tree of struct arrow_type, and the cell functions take that tree.
 *
 * Result of a query: a schema of format "+s" (one child per column) and batches that are struct
 * arrays: row r of column c is `arrow_cell_of(type, batch, c, r)`, r = 0 .. batch->length - 1.
 *
 * Lifetime  who holds an ArrowSchema or ArrowArray releases it (arrow_schema_release,
 *           arrow_array_release; both accept a released or zero one). A struct arrow_type lives in
 *           the arena it was read into and does not need the schema any more.
 * Trust     arrays come from an engine in this process: offsets are believed. Format strings are
 *           not, an unknown one is ST_UNSUPPORTED.
 * Threads   pure functions; a batch may be read by many threads.
 */
#ifndef ARROW_ARROW_H
#define ARROW_ARROW_H

#include "base/buf.h"

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
    const char          *format;
    const char          *name;
    const char          *metadata;
    int64_t              flags;
    int64_t              n_children;
    struct ArrowSchema **children;
    struct ArrowSchema  *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t             length;
    int64_t             null_count;
    int64_t             offset;
    int64_t             n_buffers;
    int64_t             n_children;
    const void        **buffers;
    struct ArrowArray **children;
    struct ArrowArray  *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

/* The pull interface of the same specification; libraries that share the guard expect it here. */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */
#endif /* ARROW_C_DATA_INTERFACE */

enum { ARROW_DEPTH_MAX = 64 }; /* nesting of types */

enum arrow_kind {
    ARROW_NULL,
    ARROW_BOOL,
    ARROW_INT,     /* width 1 2 4 8 16 bytes, signed   */
    ARROW_UINT,    /* width 1 2 4 8 16 bytes           */
    ARROW_FLOAT,   /* width 4 8                        */
    ARROW_DECIMAL, /* width 4 8 16, precision, scale   */
    ARROW_BIGNUM,  /* an integer of any length         */
    ARROW_TEXT,    /* UTF-8                            */
    ARROW_BINARY,
    ARROW_UUID,      /* 16 bytes                         */
    ARROW_BIT,       /* a string of bits                 */
    ARROW_DATE,      /* days since 1970                  */
    ARROW_TIME,      /* since midnight, in `unit`        */
    ARROW_TIME_TZ,   /* time of day with an offset       */
    ARROW_TIMESTAMP, /* since 1970 in `unit`             */
    ARROW_INTERVAL,  /* months, days, nanoseconds        */
    ARROW_LIST,
    ARROW_FIXED_LIST, /* `width` items in each           */
    ARROW_STRUCT,
    ARROW_MAP, /* children[0] is the entry struct of key and value */
    ARROW_UNION,
};

/* How the values of a variable-length type are found. */
enum arrow_layout { ARROW_FIXED, ARROW_OFFSET32, ARROW_OFFSET64, ARROW_VIEW };

struct arrow_type {
    enum arrow_kind    kind;
    enum arrow_layout  layout;
    str                name;
    str                logical; /* extension or logical name: "json", "enum"; or empty     */
    str                zone;    /* of a timestamp; empty = without zone                     */
    uint32_t           width;
    uint32_t           unit; /* digits after the second: 0, 3, 6, 9                      */
    int32_t            precision, scale;
    bool               is_nullable;
    struct arrow_type *dictionary; /* values are indexes (`kind`, `width`) into this, or NULL  */
    struct arrow_type *children;
    size_t             child_count;
    const int8_t      *union_codes; /* of ARROW_UNION: type code of each child                  */
};

/* Both set the struct to zero; a struct that was released or never filled is fine. */
void arrow_schema_release(struct ArrowSchema *schema);
void arrow_array_release(struct ArrowArray *array);

/*
 * Decodes a schema into cx->arena, names copied. ST_UNSUPPORTED for a format no value can be read
 * from, ST_LIMIT beyond ARROW_DEPTH_MAX.
 */
NODISCARD enum status arrow_type_read(struct ctx *cx, const struct ArrowSchema *schema,
                                      struct arrow_type *out);

/*
 * One value: a row of an array of this type. `row` counts from 0 without the array's offset, as
 * seen by the reader of the batch.
 */
struct arrow_cell {
    const struct arrow_type *type;
    const struct ArrowArray *array;
    size_t                   row;
};

/* The cell of column `column` in row `row` of a batch; `type` is the type of the batch (struct). */
struct arrow_cell arrow_cell_of(const struct arrow_type *type, const struct ArrowArray *batch,
                                size_t column, size_t row);

bool arrow_is_null(struct arrow_cell cell);

/*
 * Into nested values: field `index` of a struct; number of items of a list, fixed list or map and
 * one of them (of a map: a struct of key and value); the member that a union holds.
 */
struct arrow_cell arrow_field(struct arrow_cell cell, size_t index);
size_t            arrow_item_count(struct arrow_cell cell);
struct arrow_cell arrow_item(struct arrow_cell cell, size_t index);
struct arrow_cell arrow_member(struct arrow_cell cell);

/* Typed readers of a cell that is not null; asking for another kind is a bug. */
bool    arrow_bool(struct arrow_cell cell);
int64_t arrow_i64(struct arrow_cell cell); /* INT, UINT (the low 64 bits), DATE, TIME, TIMESTAMP */
double  arrow_f64(struct arrow_cell cell); /* INT, UINT, FLOAT, DECIMAL: rounded when needed     */
str     arrow_str(struct arrow_cell cell); /* TEXT (ENUM too), BINARY; borrowed              */

/* Bytes of the buffers that the rows of this array use, without padding: for limits. O(nodes). */
size_t arrow_bytes(const struct arrow_type *type, const struct ArrowArray *array);

/*
 * Appends the value as DuckDB's CAST(x AS VARCHAR) prints it (differentially tested), so that the
 * text means the same wherever it was made; NULL inside lists and structs is printed NULL, and a
 * cell that is itself null appends "NULL": callers that tell them apart ask arrow_is_null first.
 * Timestamps with zone are printed in UTC: "2026-11-23 22:14:05.5+00". Not as the engine: a geometry
 * is printed as the blob it is.
 */
void arrow_value_text(struct buf *out, struct arrow_cell cell);

/*
 * Appends the value as one JSON value:
 *   null, NaN and infinities      null
 *   booleans                      true, false
 *   integers, decimals, floats    numbers with every digit (64 bit and wider too: a reader that
 *                                 uses doubles must know)
 *   text, enum, uuid, bit, time   strings, as arrow_value_text prints them
 *   columns of logical type json  the JSON text as it stands
 *   date                          "2026-11-23"; infinite ones "infinity", "-infinity"
 *   timestamp                     RFC 3339: "2026-11-23T22:14:05.5Z" with zone, without Z when the
 *                                 type has none
 *   interval                      ISO 8601 duration: "P1Y2M3DT4H5M6.5S"
 *   binary                        base64 (RFC 4648, 4) string
 *   list, fixed list              array
 *   struct                        object, fields in order; a tuple (fields without name) an array
 *   map                           array of {"key": …, "value": …}, since keys need not be text
 *   union                         the value of the member
 */
void arrow_value_json(struct buf *out, struct arrow_cell cell);

#endif
