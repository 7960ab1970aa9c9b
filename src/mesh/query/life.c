/*
 * life.c - what readers are told of majors that end, and of those that were withdrawn.
 *
 * Only of tables that they may read: who may not know a table is not told that it was there, nor what
 * stands in its place.
 */
#include "query/query_int.h"

#include "registry/registry.h"
#include "table/table.h"

/* ------------------------------------------------------------------------- who may know */

enum status query_give(struct ctx *cx, const struct query_env *env,
                       const struct registry_product *product, const struct table_snapshot *s,
                       struct guard_relation *out)
{
    struct policy_object object;

    if (!env->access || policy_subject_is_operator(env->reader.subject)) {
        return ST_OK;
    }
    TRY(query_object_of(cx, env->access, product, s, &object));
    return access_give(cx, env->access, &env->reader, &object, out);
}

enum status query_may_know(struct ctx *cx, const struct query_env *env,
                           const struct registry_product *product,
                           const struct table_snapshot *snapshot, bool *out)
{
    struct guard_relation ignored = { 0 };
    enum status           st      = query_give(cx, env, product, snapshot, &ignored);

    *out = st == ST_OK;
    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    return st;
}

/* ------------------------------------------------------------------------- what stands in its place */

static const struct registry_port *port_of(const struct registry_ports *ports, str name,
                                           unsigned major)
{
    for (size_t i = 0; i < ports->list.count; i++) {
        if (str_eq(ports->list.items[i].name, name) && ports->list.items[i].major == major) {
            return &ports->list.items[i];
        }
    }
    return NULL;
}

/* A live table of an active major, and whether it is the one that is looked for. */
struct candidate {
    struct address address;
    bool           is_same;
};

static bool is_better(const struct candidate *c, const struct candidate *best)
{
    return c->address.major > best->address.major ||
           (c->address.major == best->address.major && c->is_same && !best->is_same);
}

static bool is_candidate(const struct ctx *cx, const struct registry_ports *ports,
                         const struct table_snapshot *head, const struct address *of,
                         struct candidate *out)
{
    const struct registry_port *port;

    if (!address_parse(head->address, &out->address) || out->address.major == of->major) {
        return false;
    }
    port         = port_of(ports, head->port, out->address.major);
    out->is_same = of->table.len > 0 && str_eq(out->address.table, of->table);
    return port && life_stage_at(&port->life, ctx_now_us(cx)) == LIFE_ACTIVE;
}

enum status query_successor(struct ctx *cx, const struct query_env *env,
                            const struct registry_product *product, const struct address *of,
                            str *out)
{
    struct registry_ports  ports;
    struct table_snapshots heads;
    struct candidate       best = { 0 };

    TRY(registry_ports(cx, product->id, &ports));
    TRY(table_heads_of(cx, product->id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        struct candidate c;
        bool             may_know;

        if (!is_candidate(cx, &ports, &heads.list.items[i], of, &c) || !is_better(&c, &best)) {
            continue;
        }
        TRY(query_may_know(cx, env, product, &heads.list.items[i], &may_know));
        best = may_know ? c : best;
    }
    *out = best.address.major == 0 ? STR_NONE
           : best.is_same
               ? address_table(cx->arena, product->domain, product->name, best.address.major,
                               best.address.table)
               : arena_printf(cx->arena, STR_FMT "." STR_FMT "_v%u", STR_ARG(product->domain),
                              STR_ARG(product->name), best.address.major);
    return ST_OK;
}

/* ------------------------------------------------------------------------- of a live table */

enum status query_life_of(struct ctx *cx, const struct query_env *env,
                          const struct registry_product *product,
                          const struct table_snapshot *snapshot, struct query_life *out)
{
    struct query_life    made = { 0 };
    struct registry_port port;
    struct address       address;

    if (!address_parse(snapshot->address, &address)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(snapshot->address));
    }
    TRY(registry_port(cx, product->id, snapshot->port, address.major, &port));
    made.life  = port.life;
    made.stage = life_stage_at(&port.life, ctx_now_us(cx));
    made.text  = life_text(cx->arena, &port.life, ctx_now_us(cx));
    if (made.stage != LIFE_ACTIVE) {
        TRY(query_successor(cx, env, product, &address, &made.successor));
    }
    *out = made;
    return ST_OK;
}

/* ------------------------------------------------------------------------- of one that is gone */

static enum status not_found(struct ctx *cx)
{
    return FAIL(cx, NOT_FOUND, "there is no such table");
}

/* A product that was renamed has tables of its old name among those that are gone. */
static bool is_of(const struct address *a, const struct registry_product *product)
{
    return str_eq(a->domain, product->domain) && str_eq(a->product, product->name);
}

/* What an address means among the tables that are gone: of several majors the newest. */
static enum status find_gone(struct ctx *cx, const struct registry_product *product,
                             const struct address *wanted, struct table_gone *out)
{
    struct table_gones       all;
    const struct table_gone *found = NULL;
    unsigned                 major = 0;

    TRY(table_gone_of(cx, product->id, &all));
    for (size_t i = 0; i < all.list.count; i++) {
        struct address a;

        if (address_parse(all.list.items[i].last.address, &a) && is_of(&a, product) &&
            str_eq(a.table, wanted->table) && (wanted->major == 0 || wanted->major == a.major) &&
            a.major > major) {
            found = &all.list.items[i];
            major = a.major;
        }
    }
    if (!found) {
        return not_found(cx);
    }
    *out = *found;
    return ST_OK;
}

enum status query_refuse_gone(struct ctx *cx, const struct query_env *env, str text)
{
    struct registry_product product;
    struct table_gone       gone;
    struct address          address;
    bool                    may_know;
    str                     next;

    if (!address_parse(text, &address) || address.table.len == 0) {
        return not_found(cx);
    }
    TRY(registry_product_at(cx, address.domain, address.product, &product, NULL));
    TRY(find_gone(cx, &product, &address, &gone));
    TRY(query_may_know(cx, env, &product, &gone.last, &may_know));
    if (!may_know) {
        return not_found(cx);
    }
    if (!address_parse(gone.last.address, &address)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(gone.last.address));
    }
    TRY(query_successor(cx, env, &product, &address, &next));
    return FAIL(cx, INVALID, "table \"" STR_FMT "\" was withdrawn on " STR_FMT "%s" STR_FMT,
                STR_ARG(gone.last.address), STR_ARG(life_day(cx->arena, gone.gone_us)),
                next.len ? "; use " : "", STR_ARG(next));
}
