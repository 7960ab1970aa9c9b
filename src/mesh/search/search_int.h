/*
 * search_int.h - what the files of search/ share.
 */
#ifndef SEARCH_SEARCH_INT_H
#define SEARCH_SEARCH_INT_H

#include "registry/registry.h"
#include "search/search.h"

struct search_entries {
    VEC(struct search_entry) list;
};

/* What the entries of a product, or of a domain, have to be, from what is published. */
NODISCARD enum status search_entries_of(struct ctx *cx, const struct registry_product *product,
                                        struct search_entries *out);
NODISCARD enum status search_entry_of_domain(struct ctx *cx, const struct registry_domain *domain,
                                             struct search_entries *out);

/* ST_CORRUPT with what to do, in place of what the store said. */
enum status search_fail_damaged(struct ctx *cx);

/* Ids of entries that rank alike: [first, last]. */
struct search_rank {
    int64_t first, last;
};
struct search_rank search_rank_of(const struct search_entry *entry);
enum search_kind   search_kind_of_id(int64_t id);

/* Whether a name that the reader may know has this word. */
NODISCARD enum status search_names_have(struct ctx *cx, str word,
                                        const struct search_reader *reader, bool *out);

/* ---- words (pure) ---- */

struct search_words {
    str    items[SEARCH_WORDS_MAX];
    size_t count;
};
/* Parts a text at spaces; what has no letter and no digit is left out. ST_INVALID as search_find. */
NODISCARD enum status search_words_read(struct ctx *cx, str text, struct search_words *out);

/* Words as they are; the last as a beginning; all of them. */
enum search_end { SEARCH_WHOLE, SEARCH_LAST_BEGINS, SEARCH_ALL_BEGIN };

/*
 * The words as an expression of FTS5 that has no syntax but ours: each is quoted, all must be there, and at
 * least one in the columns `own`; empty: wherever (SQLite FTS5 documentation, 3 "Full-text Query Syntax").
 */
str search_words_match(struct arena *a, const struct search_words *words, str own,
                       enum search_end end);
/* The words as the name that they would be: "Order Lines" gives "order_lines". */
str search_words_name(struct arena *a, const struct search_words *words);

#endif
