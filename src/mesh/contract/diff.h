/*
 * diff.h - what changed between two versions of a document, and what that means for who relies on it.
 *
 * Two documents (ODCS contracts, or ODPS products) are compared as trees of values by the table of
 * diff_rules.c, which knows every field of the standards. Each change has a path, a kind, both values
 * with their places, an effect and an impact.
 *
 *   effect   what it does to the rows that keep the contract. TIGHTER: rows that were right are wrong
 *            now. LOOSER: rows that were wrong are right now. MIXED: both. SAME: a rule is written in
 *            another way and no row notices. UNKNOWN: its text does not tell (a pattern, a query), so
 *            only rows can. WORDS: nothing that a row could break.
 *   impact   what it asks of the version. TIGHTER and MIXED are MAJOR, LOOSER is MINOR, UNKNOWN is
 *            UNCERTAIN: MAJOR until rows prove otherwise. A check that only warns refuses nothing:
 *            its changes have a direction, are marked `is_advisory` and are MINOR.
 *
 * Direction is decided by values, not by words: a bound is tighter when some value that the old
 * property allowed is refused by the new bound, and the change names that value. So `minimum: 0` to
 * `exclusiveMinimum: -1` is SAME for integers. docs/differences.md has the table and its limits.
 *
 * Identity  elements of lists are found by `id`, then by name; an element whose id stayed and whose name
 *           changed is RENAMED. The order of members of a mapping counts for nothing.
 * Format    OMDS (Bitol RFC 0039, draft): diff_omds. Paths are its option C.
 * Apply     diff_apply gives back the second tree from the first and the changes.
 * Lifetime  results live in cx->arena and borrow from both trees.
 * Limits    those of codec/yaml.h; time is O(n log n) in the nodes of both trees.
 * Threads   pure apart from cx.
 */
#ifndef CONTRACT_DIFF_H
#define CONTRACT_DIFF_H

#include "base/buf.h"
#include "base/diag.h"
#include "base/vec.h"

struct json_writer;
struct yaml_node;

enum diff_document { DIFF_CONTRACT, DIFF_PRODUCT };

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED, DIFF_RENAMED, DIFF_MOVED };

enum diff_effect { DIFF_WORDS, DIFF_SAME, DIFF_LOOSER, DIFF_TIGHTER, DIFF_MIXED, DIFF_UNKNOWN };

/* In rising order: the impact of several changes is the greatest. */
enum diff_impact { DIFF_NONE, DIFF_PATCH, DIFF_MINOR, DIFF_UNCERTAIN, DIFF_MAJOR };

/* One step from the root: a member of a mapping, or an entry of a list. */
struct diff_step {
    str    name;  /* the member; of an entry what selects it: "name=orders"     */
    str    label; /* of an entry what a person calls it: "orders"               */
    str    id;    /* of an entry its id, or empty                               */
    bool   is_entry;
    size_t before, after; /* of an entry: 1 + its index; 0 = it is not there            */
};

struct diff_change {
    enum diff_kind          kind;
    enum diff_effect        effect;
    enum diff_impact        impact;
    bool                    is_advisory;
    str                     path;    /* "/schema[name=orders]/properties[name=amount]/required"  */
    str                     id_path; /* the same by ids; empty when no entry on it has one */
    str                     place;   /* for people: "orders.amount.required"               */
    str                     section, field; /* first and last member of the path                  */
    const struct yaml_node *before, *after; /* NULL = absent; of a moved entry the entry     */
    struct diag_pos         before_at, after_at; /* line 0 when there is no such value            */
    str why; /* what it means, in words without end: "1 was allowed"; or empty */
    const struct diff_step *steps; /* for diff_apply                                     */
    size_t                  depth;
    size_t                  takes; /* levels above that go with it when they end up empty */
};

struct difference {
    enum diff_document document;
    VEC(struct diff_change) list; /* in the order of the first document, additions last   */
    enum diff_impact impact;      /* the greatest of all                                 */
};

/*
 * Compares two trees that the readers of standard/ gave (`root`). ST_LIMIT of the arena, ST_CANCELLED
 * and ST_TIMEOUT of cx; a document with findings is compared as far as it can be read.
 */
NODISCARD enum status diff_trees(struct ctx *cx, enum diff_document document,
                                 const struct yaml_node *before, const struct yaml_node *after,
                                 struct difference *out);

/*
 * `before` with all changes done: the same values as the tree it was compared with, members of mappings
 * in any order. ST_INVALID when the changes do not fit the tree.
 */
NODISCARD enum status diff_apply(struct ctx *cx, const struct yaml_node *before,
                                 const struct difference *d, const struct yaml_node **out);

/* The change that decides about the version (the first with the greatest impact); NULL when none does. */
const struct diff_change *diff_deciding(const struct difference *d);

/* How many changes have this impact. */
size_t diff_count(const struct difference *d, enum diff_impact impact);

/*
 * The least version after `version` ("1.2.3", "v1.2", "1") that fits the impact; UNCERTAIN counts as
 * MAJOR. Empty when `version` is none.
 */
str diff_next_version(struct ctx *cx, str version, enum diff_impact impact);

/* "major", "minor", "patch", "uncertain", "none"; "tighter" …; "added" …; static text. */
str diff_impact_name(enum diff_impact impact);
str diff_effect_name(enum diff_effect effect);
str diff_kind_name(enum diff_kind kind);

/*
 * A value as a person reads it in a line: scalars as written, lists and mappings as JSON, cut at `max`
 * code points with "…"; "nothing" for NULL.
 */
str diff_value_text(struct ctx *cx, const struct yaml_node *value, size_t max);

/* One sentence without end: "orders.amount.minimum: 0 → 1; 0 was allowed". */
str diff_sentence(struct ctx *cx, const struct diff_change *c);

/* Which documents a difference is between, for OMDS. */
struct diff_source {
    str id, version, url; /* url may be empty */
};

/*
 * The members of an OMDS document (kind: MetadataDifference) into an open object of `w`. What OMDS has
 * no field for stands in customProperties `weft.details`, one entry for each of `diffs` in their order:
 * kind, effect, places, path by ids. `hides` (may be NULL) tells of which change no value is shown.
 */
void diff_omds(struct ctx *cx, const struct difference *d, const struct diff_source sources[2],
               bool (*hides)(void *arg, const struct diff_change *c), void *arg,
               struct json_writer *w);

/* True when a quality rule of this severity (ODCS, free text) only warns; empty and unknown: false. */
bool diff_only_warns(str severity);

/* docs/differences.md: the table of rules. */
void diff_rules_markdown(struct buf *out);

#endif
