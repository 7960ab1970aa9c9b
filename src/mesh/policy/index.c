/*
 * index.c - finds the rules that may hold for who asks without looking at all of them.
 *
 * Tuple space search: of each alternative of a rule's `when`, tests by equality are chosen as its
 * key, and all alternatives that test the same slots share one hash table. A look-up makes the
 * subject's own tuple for each table. What is found is then evaluated in full, so the index can be
 * too wide but must never be too narrow.
 */
#include "policy/policy_int.h"

enum { KEYS_MAX = 64, TABLES_MAX = 64, SINGLES_MAX = INDEX_SLOTS_MAX - 1 };

/* A test by equality: the slot is one of these values. */
struct dimension {
    size_t              slot;
    const struct value *values;
    size_t              count;
    bool                may_lack; /* also a key of those who lack the attribute */
};
struct key {
    struct dimension dimensions[INDEX_SLOTS_MAX];
    size_t           count;
    size_t           product; /* tuples */
};

struct building {
    struct ctx              *cx;
    const struct policy_set *set;
    struct index            *index;
};

static uint32_t bucket_of(const struct index_table *table, const uint32_t *atoms)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < table->slot_count; i++) {
        hash = (hash ^ atoms[i]) * 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 29;
    }
    return (uint32_t)hash & table->head_mask;
}

/* ---- building --------------------------------------------------------------------------------------------- */

static bool has_several(const struct policy_set *set, size_t slot)
{
    return set->slots[slot].is_list;
}

static void take(struct key *key, struct dimension d)
{
    size_t keys = d.count + d.may_lack;

    if (key->count < INDEX_SLOTS_MAX && key->product * keys <= KEYS_MAX) {
        key->dimensions[key->count++] = d;
        key->product *= keys;
    }
}

static bool is_equality(const struct test *t)
{
    return (t->op == POLICY_EQ || t->op == POLICY_IN) && !t->is_ref;
}

/* Slots with one value first, then one with several: the purpose, or else the first that is tested. */
static struct key choose_key(const struct building *b, const struct rule *rule,
                             const struct clause *clause, const struct tests *tests)
{
    struct key key      = { .product = 1 };
    bool       is_allow = rule->about.action == POLICY_ALLOW_READ;
    size_t     singles;

    for (size_t i = 0; tests && i < tests->count; i++) {
        const struct test *t = &tests->items[i];

        if (is_equality(t) && !has_several(b->set, t->slot) && key.count < SINGLES_MAX) {
            take(&key, (struct dimension){ t->slot, t->values, t->count,
                                           !is_allow && t->slot >= SLOT_FIRST });
        }
    }
    singles = key.count;
    if (clause->purpose_count > 0) {
        take(&key, (struct dimension){ SLOT_PURPOSE, clause->purposes, clause->purpose_count,
                                       !is_allow });
    }
    for (size_t i = 0; tests && i < tests->count && key.count == singles; i++) {
        const struct test *t = &tests->items[i];

        if (is_equality(t) && has_several(b->set, t->slot)) {
            take(&key, (struct dimension){ t->slot, t->values, t->count,
                                           !is_allow && t->slot >= SLOT_FIRST });
        }
    }
    return key;
}

static void sort_singles(struct key *key, const struct policy_set *set)
{
    for (size_t i = 1; i < key->count; i++) {
        for (size_t k = i; k > 0 && !has_several(set, key->dimensions[k].slot) &&
                           key->dimensions[k].slot < key->dimensions[k - 1].slot;
             k--) {
            struct dimension d     = key->dimensions[k];
            key->dimensions[k]     = key->dimensions[k - 1];
            key->dimensions[k - 1] = d;
        }
    }
}

static bool has_slots(const struct index_table *table, const struct key *key)
{
    for (size_t i = 0; i < key->count && table->slot_count == key->count; i++) {
        if (table->slots[i] != key->dimensions[i].slot) {
            return false;
        }
    }
    return table->slot_count == key->count;
}

/* NULL when there are too many tables. */
static struct index_table *table_of(struct building *b, const struct key *key)
{
    struct index_table fresh = { .slot_count = (uint16_t)key->count,
                                 .has_several =
                                     has_several(b->set, key->dimensions[key->count - 1].slot) };

    for (size_t i = 0; i < b->index->tables.count; i++) {
        if (has_slots(&b->index->tables.items[i], key)) {
            return &b->index->tables.items[i];
        }
    }
    if (b->index->tables.count == TABLES_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < key->count; i++) {
        fresh.slots[i] = (uint16_t)key->dimensions[i].slot;
    }
    vec_push(b->cx->arena, &b->index->tables, fresh);
    return &b->index->tables.items[b->index->tables.count - 1];
}

/* The n-th tuple of the key, counted like digits of a number. */
static void fill_tuple(const struct key *key, size_t n, uint32_t *out)
{
    for (size_t i = 0; i < key->count; i++) {
        const struct dimension *d    = &key->dimensions[i];
        size_t                  keys = d->count + d->may_lack, at = n % keys;

        out[i] = at < d->count ? d->values[at].atom : ATOM_UNKNOWN;
        n /= keys;
    }
}

/* Whoever has the key meets the rule. */
static bool says_all(const struct key *key, const struct rule *rule, const struct clause *clause,
                     const struct tests *tests)
{
    size_t asked = (tests ? tests->count : 0) + (clause->purpose_count > 0);

    return key->count == asked && !clause->time && rule->unless.count == 0;
}

/* False when the alternative has no key: the rule is then looked at each time. */
static bool add_alternative(struct building *b, const struct rule *rule,
                            const struct clause *clause, const struct tests *tests)
{
    struct key          key = choose_key(b, rule, clause, tests);
    struct index_table *table;

    sort_singles(&key, b->set);
    table = key.count ? table_of(b, &key) : NULL;
    if (!table) {
        return false;
    }
    for (size_t n = 0; n < key.product; n++) {
        struct index_entry entry = { .order    = (uint32_t)rule->about.index,
                                     .is_exact = says_all(&key, rule, clause, tests),
                                     .rule     = rule };

        fill_tuple(&key, n, entry.atoms);
        vec_push(b->cx->arena, &table->entries, entry);
    }
    return true;
}

static bool add_clause(struct building *b, const struct rule *rule, const struct clause *clause)
{
    if (clause->principal.count == 0) {
        return add_alternative(b, rule, clause, NULL);
    }
    for (size_t i = 0; i < clause->principal.count; i++) {
        if (!add_alternative(b, rule, clause, &clause->principal.items[i])) {
            return false;
        }
    }
    return true;
}

static void add_rule(struct building *b, const struct rule *rule)
{
    bool has_keys = rule->when.count > 0;

    for (size_t i = 0; i < rule->when.count && has_keys; i++) {
        has_keys = add_clause(b, rule, &rule->when.items[i]);
    }
    if (!has_keys) {
        vec_push(b->cx->arena, &b->index->always, rule);
    }
}

static void link_entries(struct ctx *cx, struct index_table *table)
{
    size_t heads = 4;

    while (heads < 2 * table->entries.count) {
        heads *= 2;
    }
    table->heads     = arena_array(cx->arena, heads, sizeof *table->heads);
    table->head_mask = (uint32_t)(heads - 1);
    for (size_t i = 0; i < table->entries.count; i++) {
        struct index_entry *entry = &table->entries.items[i];
        uint32_t           *head  = &table->heads[bucket_of(table, entry->atoms)];

        entry->next = *head;
        *head       = (uint32_t)(i + 1);
    }
}

void index_build(struct ctx *cx, const struct policy_set *set, const struct rule *const *rules,
                 size_t count, struct index *out)
{
    struct building b = { cx, set, out };

    *out = (struct index){ 0 };
    for (size_t i = 0; i < count; i++) {
        add_rule(&b, rules[i]);
    }
    for (size_t i = 0; i < out->tables.count; i++) {
        link_entries(cx, &out->tables.items[i]);
    }
}

/* ---- finding ------------------------------------------------------------------------------------------------ */

static bool has_tuple(const struct index_table *table, const struct index_entry *entry,
                      const uint32_t *tuple)
{
    for (size_t i = 0; i < table->slot_count; i++) {
        if (entry->atoms[i] != tuple[i]) {
            return false;
        }
    }
    return true;
}

/* The better of `best` and what is filed under the tuple. */
static const struct rule *search(const struct index_table *table, const uint32_t *tuple,
                                 const struct asking *q, const struct rule *best)
{
    uint32_t at = table->heads[bucket_of(table, tuple)];

    while (at != 0) {
        const struct index_entry *entry = &table->entries.items[at - 1];

        if (has_tuple(table, entry, tuple) && (!best || entry->order < best->about.index) &&
            (entry->is_exact || rule_holds(entry->rule, q))) {
            best = entry->rule;
        }
        at = entry->next;
    }
    return best;
}

static struct slot_values values_of(const struct asking *q, size_t slot)
{
    if (slot != SLOT_PURPOSE) {
        return q->subject->slots[slot];
    }
    return q->purpose ? (struct slot_values){ q->purpose->chain, q->purpose->depth, true }
                      : (struct slot_values){ 0 };
}

static const struct rule *search_table(const struct index_table *table, const struct asking *q,
                                       const struct rule *best)
{
    uint32_t           tuple[INDEX_SLOTS_MAX];
    size_t             last   = table->slot_count - 1U;
    struct slot_values values = { 0 };

    for (size_t i = 0; i < table->slot_count; i++) {
        tuple[i] = q->subject->atoms[table->slots[i]];
    }
    if (!table->has_several) {
        return search(table, tuple, q, best);
    }
    values = values_of(q, table->slots[last]);
    if (!values.is_known) {
        tuple[last] = ATOM_UNKNOWN;
        return search(table, tuple, q, best);
    }
    for (size_t i = 0; i < values.count; i++) {
        if (value_counts_in(&values.items[i], q->domain)) {
            tuple[last] = values.items[i].atom;
            best        = search(table, tuple, q, best);
        }
    }
    return best;
}

const struct rule *index_first(const struct index *index, const struct asking *q)
{
    const struct rule *best = NULL;

    for (size_t i = 0; i < index->always.count && !best; i++) {
        if (rule_holds(index->always.items[i], q)) {
            best = index->always.items[i];
        }
    }
    for (size_t i = 0; i < index->tables.count; i++) {
        best = search_table(&index->tables.items[i], q, best);
    }
    return best;
}
