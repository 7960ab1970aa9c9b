/*
 * source.h - operational systems that products read: files, and tables of PostgreSQL.
 *
 * A source is opened for one publish (or one look by `weft new`), says exactly what it is going to
 * read (files with size, time and SHA-256; or one snapshot of a database), hands the rows to the
 * engine, and can prove afterwards that nothing moved in the meantime.
 *
 * Files     CSV, JSON, NDJSON and Parquet, by path or glob (os_glob_match: `*`, `?`, `**`), Hive
 *           partitions in the path, gzip and zstd. They are read by the engine itself: `source_call`
 *           gives the table function and its constant arguments, to be put in place of
 *           `source.<table>`; its columns have their physical names, which the reader of the call
 *           turns into names, with a cast to the declared type. Several files are united by column
 *           name: a column that one of them lacks is NULL there, one that all lack is an error.
 *           Columns of a file that nobody declared are left out.
 * Database  one REPEATABLE READ, READ ONLY transaction from source_open to source_close, so that all
 *           tables come from one state; rows are streamed into a table of the engine. README.md has the
 *           table of types. A value that the engine's type cannot hold exactly is an error.
 * Reach     a path must lie below one of `allowed_dirs` after links are resolved; a server must be on
 *           `allowed_servers`. Else ST_DENIED names what to write into mesh.yaml.
 * Secrets   the password is a struct secret; it appears in no message, and not in the process table.
 * Threads   one thread at a time.
 * Errors    ST_NOT_FOUND (no file matches, no such table or column), ST_DENIED, ST_INVALID (not the
 *           format, wrong type: with file and row where known), ST_CONFLICT (changed while read),
 *           ST_UNAVAILABLE (server gone), ST_LIMIT, ST_TIMEOUT, ST_CANCELLED, ST_UNSUPPORTED.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "base/buf.h"
#include "base/vec.h"

struct engine_conn;
struct secret;
struct source;

enum {
    SOURCE_FILES_MAX    = 100000, /* files one table may match */
    SOURCE_COLUMNS_MAX  = 10000,
    SOURCE_SAMPLE_BYTES = 256 << 20, /* files up to this are sampled whole */
    SOURCE_CELL_MAX     = 256 << 20  /* bytes of one row of a database */
};

enum source_kind { SOURCE_FILES, SOURCE_POSTGRES };

enum source_format { SOURCE_BY_SUFFIX, SOURCE_CSV, SOURCE_JSON, SOURCE_NDJSON, SOURCE_PARQUET };

enum source_choice { SOURCE_AUTO, SOURCE_YES, SOURCE_NO };

struct source_options {
    enum source_kind kind;

    /* files */
    str                root; /* relative paths start here                              */
    str                path; /* of the server; may hold a glob, or {object} for a table's name */
    enum source_format format;
    str                delimiter, quote, escape, comment; /* empty = detected      */
    str                encoding, compression, decimal;    /* empty = default       */
    str                date_format, timestamp_format;     /* strftime              */
    const str         *null_texts;
    size_t             null_text_count;
    enum source_choice header, hive;
    enum source_choice strict; /* SOURCE_NO: CSV that breaks RFC 4180 is read as far as it can be */
    int64_t            skip;
    const str         *allowed_dirs; /* absolute */
    size_t             allowed_dir_count;

    /* PostgreSQL */
    str                  host, port, database, schema, user;
    const struct secret *password;        /* or NULL */
    const str           *allowed_servers; /* "host" or "host:port" */
    size_t               allowed_server_count;
};

/* A column as the contract of the source declares it. */
struct source_column {
    str name;          /* in the engine                            */
    str physical_name; /* in the source; empty = name              */
    str type;          /* the engine's type text; empty = detected */
};

struct source_table {
    str                         name;          /* source.<name>                    */
    str                         physical_name; /* file path or database table; may be empty */
    const struct source_column *columns;       /* none = all, detected             */
    size_t                      column_count;
};

struct source_file {
    str      path;  /* absolute, links resolved        */
    str      shown; /* as a person knows it, from root */
    uint64_t bytes;
    int64_t  mtime_us;
    str      sha256; /* empty until source_hash        */
};

struct source_files {
    VEC(struct source_file) list; /* sorted by path */
};

/* A table function call with constant arguments. */
enum source_value_kind {
    SOURCE_V_BOOL,
    SOURCE_V_INT,
    SOURCE_V_TEXT,
    SOURCE_V_LIST,
    SOURCE_V_STRUCT
};
struct source_value {
    enum source_value_kind     kind;
    bool                       boolean;
    int64_t                    integer;
    str                        text;
    const struct source_value *items;
    const str                 *names; /* SOURCE_V_STRUCT */
    size_t                     count;
};
struct source_arg {
    str                 name; /* empty: positional */
    struct source_value value;
};
struct source_call {
    str                         function; /* "read_csv" */
    const struct source_arg    *args;
    size_t                      arg_count;
    const struct source_column *columns; /* declared ones, or all; every name and type is set */
    size_t                      column_count;
};

/* What a call reads: a table and the files that source_list gave for it. */
struct source_reading {
    const struct source_table *table;
    const struct source_files *files;
};

/* Where a database's rows go: a table that is made there. */
struct source_target {
    struct engine_conn *conn;
    str                 schema, name;
};

struct source_columns {
    VEC(struct source_column) list;
};

/*
 * Opens; for a database connects (30 s at most) and begins the transaction. Texts of `options` must
 * outlive the source. Closed with cx->arena too if forgotten.
 */
NODISCARD enum status source_open(struct ctx *cx, const struct source_options *options,
                                  struct source **out);
void                  source_close(struct source *s); /* NULL is fine */

enum source_kind source_kind_of(const struct source *s);

/* What a table reads, with size and time; for a database an empty list. */
NODISCARD enum status source_list(struct source *s, struct ctx *cx,
                                  const struct source_table *table, struct source_files *out);

/* The SHA-256 of one file, streamed; ST_CONFLICT when size or time is not as listed. */
NODISCARD enum status source_hash(struct source *s, struct ctx *cx, struct source_file *file);

/* ST_CONFLICT naming the file when one of them has another size, time or content than listed. */
NODISCARD enum status source_check(struct source *s, struct ctx *cx,
                                   const struct source_files *files);

/*
 * The call that reads these files with the declared columns and types. Files only. `conn` looks into
 * the files: a declared column that no file has is ST_NOT_FOUND with the nearest right word, a type
 * that its values cannot be cast to is ST_INVALID.
 */
NODISCARD enum status source_call_of(struct source *s, struct ctx *cx, struct engine_conn *conn,
                                     const struct source_reading *what, struct source_call *out);

/*
 * Streams a database's table into a new table of the engine with the declared columns (or all).
 * *rows counts them. All rows or none: after a failure the new table does not exist.
 */
NODISCARD enum status source_load(struct source *s, struct ctx *cx,
                                  const struct source_table *table, const struct source_target *to,
                                  uint64_t *rows);

/*
 * Columns with the types that the source has, for `weft new` and for contracts that leave types
 * open: files are sampled by the engine (all rows of up to SOURCE_SAMPLE_BYTES, a million rows of
 * larger ones), a database's catalog is asked (`conn` may be NULL). `name` is that in the source.
 */
NODISCARD enum status source_columns(struct source *s, struct ctx *cx,
                                     const struct source_table *table, struct engine_conn *conn,
                                     struct source_columns *out);

/* Columns that make the primary key in the database, in its order; none for files. */
NODISCARD enum status source_keys(struct source *s, struct ctx *cx,
                                  const struct source_table *table, struct source_columns *out);

/* ------------------------------------------------------------------------- for callers without guard */

/* The call as text of the engine's SQL: "read_csv(['/a.csv'], header = true)". */
void source_call_text(const struct source_call *call, struct buf *out);

#endif
