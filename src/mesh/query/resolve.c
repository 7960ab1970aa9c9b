/*
 * resolve.c - what a name in a person's query means: a published table, or nothing.
 */
#include "query/query_int.h"

#include "base/time.h"
#include "project/names.h"
#include "registry/registry.h"
#include "table/table.h"

enum { CANDIDATES_MAX = 5000 };

static enum status not_found(struct ctx *cx)
{
    return FAIL(cx, NOT_FOUND, "there is no such table");
}

/* The newest major of a product that has the table. */
static enum status newest_major(struct ctx *cx, const struct registry_product *product, str table,
                                struct table_snapshot *out)
{
    struct registry_ports ports;

    TRY(registry_ports(cx, product->id, &ports));
    for (unsigned newest = 0;;) {
        unsigned    best = 0;
        enum status st;

        for (size_t i = 0; i < ports.list.count; i++) {
            unsigned major = ports.list.items[i].major;

            if (major > best && (newest == 0 || major < newest)) {
                best = major;
            }
        }
        if (best == 0) {
            return not_found(cx);
        }
        st = table_head(cx, address_table(cx->arena, product->domain, product->name, best, table),
                        out);
        if (st != ST_NOT_FOUND) {
            return st;
        }
        newest = best;
    }
}

enum status query_find_table(struct ctx *cx, str text, struct registry_product *product,
                             struct table_snapshot *out)
{
    struct address address;

    if (!address_parse(text, &address) || address.table.len == 0) {
        return not_found(cx);
    }
    TRY(registry_product_at(cx, address.domain, address.product, product, NULL));
    return address.major == 0 ? newest_major(cx, product, address.table, out)
                              : table_head(cx,
                                           address_table(cx->arena, product->domain, product->name,
                                                         address.major, address.table),
                                           out);
}

enum status query_object_of(struct ctx *cx, const struct access *access,
                            const struct registry_product *product,
                            const struct table_snapshot *snapshot, struct policy_object *out)
{
    struct registry_port port;
    struct address       address;

    if (!address_parse(snapshot->address, &address)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(snapshot->address));
    }
    TRY(registry_port(cx, product->id, snapshot->port, address.major, &port));
    return access_published(cx, access, product, &port, snapshot, out);
}

/* The snapshot `version` of the table of *snapshot, which is the newest one. */
static enum status find_version(struct ctx *cx, int64_t version, struct table_snapshot *snapshot)
{
    struct table_snapshot found = { 0 };
    enum status           st    = table_at(cx, snapshot->address, version, &found);

    if (st == ST_NOT_FOUND && found.forgotten_us > 0) {
        return FAIL(cx, INVALID,
                    "version %lld of \"" STR_FMT "\" is history: its files went on " STR_FMT,
                    (long long)version, STR_ARG(snapshot->address),
                    STR_ARG(time_text(cx->arena, found.forgotten_us)));
    }
    if (st == ST_NOT_FOUND) {
        return FAIL(cx, INVALID, "table \"" STR_FMT "\" has no version %lld; the newest is %lld",
                    STR_ARG(snapshot->address), (long long)version, (long long)snapshot->number);
    }
    if (st == ST_OK && found.view.len > 0) {
        return FAIL(cx, INVALID,
                    "version %lld of \"" STR_FMT "\" is a view, which has no rows of its own to go "
                    "back to; leave AT out",
                    (long long)version, STR_ARG(snapshot->address));
    }
    if (st == ST_OK) {
        *snapshot = found;
    }
    return st;
}

/* A table that ends is told of once, however often the text names it. */
static enum status note_life(struct query_resolver *r, struct ctx *cx,
                             const struct registry_product *product, const struct table_snapshot *s)
{
    struct query_notice notice = { .address = s->address };

    for (size_t i = 0; i < r->notices.count; i++) {
        if (str_eq(r->notices.items[i].address, s->address)) {
            return ST_OK;
        }
    }
    TRY(query_life_of(cx, r->env, product, s, &notice.life));
    if (notice.life.stage != LIFE_ACTIVE) {
        vec_push(cx->arena, &r->notices, notice);
    }
    return ST_OK;
}

static str written(struct arena *a, const struct guard_name *name)
{
    return arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(name->catalog),
                        STR_ARG(name->schema), STR_ARG(name->table));
}

static enum status resolve(struct guard_resolver *base, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    struct query_resolver  *r     = container_of(base, struct query_resolver, base);
    struct guard_relation   given = { 0 }, relation;
    struct registry_product product;
    struct table_snapshot   s;
    enum status             st;

    if (name->catalog.len == 0) {
        return not_found(cx);
    }
    st = query_find_table(cx, written(cx->arena, name), &product, &s);
    if (st == ST_NOT_FOUND) {
        return query_refuse_gone(cx, r->env, written(cx->arena, name));
    }
    TRY(st);
    TRY(query_give(cx, r->env, &product, &s, &given)); /* before its versions are told */
    TRY(note_life(r, cx, &product, &s));
    if (name->has_version) {
        TRY(find_version(cx, name->version, &s));
        TRY(query_give(cx, r->env, &product, &s, &given));
    }
    vec_push(cx->arena, &r->tables.list,
             (struct query_table){ .address  = s.address,
                                   .snapshot = s.id,
                                   .number   = s.number,
                                   .decision = given.decision });
    TRY(query_relation(cx, r->env, &s, &r->tables, &relation));
    relation.decision = given.decision;
    relation.mask_key = given.mask_key;
    *out              = relation;
    return ST_OK;
}

static enum status find_visible(struct query_resolver *r, struct ctx *cx)
{
    struct table_snapshots heads;
    VEC(str) names = { 0 };

    TRY(table_heads_all(cx, &heads));
    for (size_t i = 0; i < heads.list.count && i < CANDIDATES_MAX; i++) {
        struct registry_product product;
        struct address          a;
        bool                    visible;

        TRY(registry_product(cx, heads.list.items[i].product_id, &product));
        TRY(query_may_know(cx, r->env, &product, &heads.list.items[i], &visible));
        if (visible && address_parse(heads.list.items[i].address, &a)) {
            vec_push(cx->arena, &names,
                     arena_printf(cx->arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(a.domain),
                                  STR_ARG(a.product), STR_ARG(a.table)));
        }
    }
    r->visible       = names.items;
    r->visible_count = names.count;
    r->has_visible   = true;
    return ST_OK;
}

static enum status candidates(struct guard_resolver *base, struct ctx *cx,
                              const struct guard_name *name, const str **out, size_t *out_count)
{
    struct query_resolver *r = container_of(base, struct query_resolver, base);

    (void)name;
    if (!r->has_visible) {
        TRY(find_visible(r, cx));
    }
    *out       = r->visible;
    *out_count = r->visible_count;
    return ST_OK;
}

void query_resolver_init(struct query_resolver *r, const struct query_env *env)
{
    *r = (struct query_resolver){ .base = { .resolve = resolve, .candidates = candidates },
                                  .env  = env };
}
