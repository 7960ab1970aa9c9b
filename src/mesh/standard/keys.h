/*
 * keys.h - the `weft.` custom properties: one table of names, places, types and defaults.
 *
 * The table feeds the reader (an unknown key, a key in the wrong place or a value of a wrong type is
 * an error), docs/keys.md and these getters. A getter looks through the lists in the order given, the
 * nearest first (object, then contract), and falls back to the default of the table.
 */
#ifndef STANDARD_KEYS_H
#define STANDARD_KEYS_H

#include "standard/std.h"

enum std_place {
    STD_AT_CONTRACT = 1,
    STD_AT_OBJECT   = 2,
    STD_AT_PROPERTY = 4,
    STD_AT_SERVER   = 8,
    STD_AT_PRODUCT  = 16,
    STD_AT_PORT     = 32, /* input and output ports */
    STD_AT_OTHER    = 64  /* roles, team, support ...: no key stands there */
};

enum std_key {
    STD_KEY_BUILD,           /* sql | view | delivered                  */
    STD_KEY_MATERIALIZATION, /* full | append | partitions | merge      */
    STD_KEY_INCREMENTAL,     /* {column, lookback}                      */
    STD_KEY_ACCESS,          /* granted | open                          */
    STD_KEY_HISTORY,         /* duration, 30 days                       */
    STD_KEY_SOURCE,          /* how files of a source are read          */
    STD_KEY_COUNT
};

enum std_key_kind { STD_KEY_WORD, STD_KEY_DURATION, STD_KEY_OBJECT };

struct std_key_info {
    str               name; /* with "weft." */
    unsigned          places;
    enum std_key_kind kind;
    const str        *words; /* STD_KEY_WORD: allowed values */
    size_t            word_count;
    str               fallback; /* default as written; empty: none */
    str               help;
};

const struct std_key_info *std_key_info(enum std_key key);

/* The entry of that name, or NULL. */
const struct std_custom *std_custom_find(const struct std_customs *list, str property);

/* Value of a word key: from `near`, else `far` (either may be NULL), else the default. */
str std_key_word(enum std_key key, const struct std_customs *near, const struct std_customs *far);

/* Value of a duration key in microseconds. */
int64_t std_key_duration(enum std_key key, const struct std_customs *near,
                         const struct std_customs *far);

struct std_incremental {
    struct std_str column;
    struct std_str lookback_text;
    int64_t        lookback_us; /* 0 when not written */
};

/* False when the key is not set. */
bool std_incremental_of(struct ctx *cx, const struct std_customs *near,
                        const struct std_customs *far, struct std_incremental *out);

/* weft.source: all optional; an absent one is detected or the engine's default. */
struct std_source_options {
    struct std_str  format; /* csv, json, ndjson, parquet; else from the server or the suffix */
    struct std_str  delimiter, quote, escape, comment;
    struct std_bool header;
    struct std_strs null_text;                     /* texts that mean null */
    struct std_str  date_format, timestamp_format; /* strftime, as the engine reads them */
    struct std_str  decimal;                       /* decimal separator: "." or "," */
    struct std_str  encoding;                      /* utf-8, latin-1, utf-16 */
    struct std_str  compression;                   /* none, gzip, zstd */
    struct std_int  skip;                          /* lines before the header */
    struct std_bool strict; /* false: rows that break RFC 4180 are read as far as they can be */
    struct std_bool hive_partitioning;
    struct std_str  records;     /* json: array, newline_delimited, unstructured */
    struct std_str  query_table; /* databases: schema.table when it differs from physicalName */
    struct diag_pos at;
};

/*
 * All false/zero when the key is not set; near (a schema object) wins field by field over middle (a
 * server), that over far (the contract). Each may be NULL.
 */
void std_source_options_of(struct ctx *cx, const struct std_customs *near,
                           const struct std_customs *middle, const struct std_customs *far,
                           struct std_source_options *out);

/* "30d", "12 hours", "90 s", "2 weeks", "1 month" (30 d), "1 year" (365 d) to microseconds. */
NODISCARD bool std_duration(str text, int64_t *out_us);

/* "512MB", "2 GiB", "1000" to bytes; MB is 10^6, MiB 2^20. */
NODISCARD bool std_bytes(str text, uint64_t *out);

#endif
