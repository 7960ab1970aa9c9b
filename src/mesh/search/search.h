/*
 * search.h - words that find domains, products, tables and columns by what their documents say.
 *
 * The index follows from the registry and the heads of tables: one entry for each domain, product, table
 * and column that is published. A publish brings the entries of its product up to date in its own
 * transaction; search_rebuild makes all of them anew. Each entry has five fields: its name; its title
 * (business name, physical name, synonyms); its path (domain, product, table, column); its labels (tags,
 * classification, owner, port, custom properties); and what is said about it. Values of data (examples,
 * enums, checks) are in none of them.
 *
 * Order     by how an entry was found, best first: the words are its address; its whole name; all are in
 *           its name; in its name, title and path; anywhere. In each of these whole words come before
 *           beginnings of the last one (of all words at the very end), then domains, products, tables,
 *           columns, then shorter names. Nothing of it depends on entries that the reader may not know: no
 *           word is weighed by how rare it is, for that would tell what hidden documents say.
 * Transaction every function runs in cx->tx.
 * Lifetime  what is found lives in cx->arena.
 * Errors    ST_INVALID (words that cannot be looked for), ST_CORRUPT, and those of db.h.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "base/ctx.h"
#include "base/vec.h"
#include "db/db.h"

enum {
    SEARCH_WORDS_MAX = 16,        /* of one search                                   */
    SEARCH_BYTES_MAX = 1024,      /* of all its words                                */
    SEARCH_FIELD_MAX = 16 * 1024, /* bytes of a field that are kept; the rest is not found */
};

enum search_kind { SEARCH_DOMAIN, SEARCH_PRODUCT, SEARCH_TABLE, SEARCH_COLUMN };

struct search_entry {
    int64_t          id; /* 0: not in the index yet */
    enum search_kind kind;
    str              product_id; /* empty: a domain             */
    str              address;    /* of a column: that of its table */
    str              column;     /* empty: not a column         */
    str              status, name, title, path, labels, about;
};

/* An entry, and where the words are in it. */
struct search_hit {
    struct search_entry entry;
    str                 field; /* "name", "title", "path", "labels" or "about" */
    str                 line;  /* the words with what stands around them       */
};
struct search_hits {
    VEC(struct search_hit) list;
    bool has_more; /* there is at least one more that the reader may know */
};

/* Says of each entry whether the reader may know that it exists; asked before anything is counted. */
struct search_reader {
    enum status (*may_know)(void *arg, struct ctx *cx, const struct search_entry *entry, bool *out);
    void *arg;
};

/* ---- finding ---- */

/*
 * At most `limit` entries that have all of the words, whole or as beginnings, at least one of them in their
 * own name, title, labels or description. Upper and lower case and accents do not matter; what is neither letter nor digit parts words, and words of
 * one text (order_lines) must stand together. ST_INVALID when there is no word, or too many.
 */
NODISCARD enum status search_find(struct ctx *cx, str words, size_t limit,
                                  const struct search_reader *reader, struct search_hits *out);

/*
 * The same search with mistyped words put right from names that the reader may know: one that finds
 * something. *out is empty when there is none.
 */
NODISCARD enum status search_nearest(struct ctx *cx, str words, const struct search_reader *reader,
                                     str *out);

/* ---- keeping ---- */

/* Brings the entries of a product and its domain to what is published now. */
NODISCARD enum status search_put_product(struct ctx *cx, str product_id);

/* True when the index was made by this program's reading of documents; else it wants search_rebuild. */
NODISCARD enum status search_is_current(struct ctx *cx, bool *out);
/* Makes all entries anew, whatever was there. */
NODISCARD enum status search_rebuild(struct ctx *cx);

/* Entries that are not there, say something else than what is published, or are of what is no more. */
NODISCARD enum status search_check(struct ctx *cx, size_t *out_wrong);
/* ST_CORRUPT when the words are not those of the entries. Wants a transaction for writing, to be rolled back. */
NODISCARD enum status search_check_words(struct ctx *cx);

/* The schema of this module, for db_migrate. */
struct db_module search_schema(void);

#endif
