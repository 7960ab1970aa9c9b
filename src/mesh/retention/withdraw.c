/*
 * withdraw.c - majors are withdrawn at their sunset, and when their product does not have them any more.
 *
 * What counts is what was published, not what the folder says now. The store lets go first, in one transaction
 * for each product; the Delta logs follow, for other engines read a table by them. Data files stay until
 * weft.history is over (retention.c). A product that is being published is left for the next time.
 */
#include "retention/retention.h"

#include "journal/journal.h"
#include "project/names.h"
#include "publish/publish.h"
#include "query/query.h"
#include "registry/registry.h"
#include "search/search.h"
#include "table/delta.h"

/* One product and what is asked of it. */
struct withdrawal {
    const struct retention_env   *env;
    struct registry_product       product;
    struct retention_withdrawals *out;
};

/* A promise that was made holds, also when the documents do not have the major any more. */
static bool is_due(const struct registry_product *product, const struct registry_port *port,
                   int64_t now_us)
{
    if (port->withdrawn_us) {
        return false;
    }
    return port->life.has_sunset ? life_stage_at(&port->life, now_us) == LIFE_ENDED
                                 : registry_port_is_gone(product, port);
}

static enum status list_due(struct ctx *cx, const struct registry_product *product,
                            struct registry_ports *out)
{
    struct registry_ports ports, due = { 0 };

    TRY(registry_ports(cx, product->id, &ports));
    for (size_t i = 0; i < ports.list.count; i++) {
        if (is_due(product, &ports.list.items[i], ctx_now_us(cx))) {
            vec_push(cx->arena, &due.list, ports.list.items[i]);
        }
    }
    *out = due;
    return ST_OK;
}

/* ------------------------------------------------------------------------- the store */

static enum status remove_tables(struct ctx *cx, const struct registry_port *port,
                                 struct json *names, size_t *count)
{
    struct table_snapshots heads;

    TRY(table_heads_of(cx, port->product_id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        const struct table_snapshot *s = &heads.list.items[i];
        struct address               a;

        if (str_eq(s->port, port->name) && address_parse(s->address, &a) &&
            a.major == port->major) {
            TRY(table_remove(cx, s->address));
            json_append(cx->arena, names, json_new_str(cx->arena, s->address));
            (*count)++;
        }
    }
    return ST_OK;
}

static enum status tell_withdrawn(struct ctx *cx, const struct retention_withdrawn *w,
                                  struct json *tables)
{
    struct arena *a       = cx->arena;
    struct json  *details = json_new_object(a);

    json_set(a, details, S("port"), json_new_str(a, w->port));
    json_set(a, details, S("version"), json_new_str(a, w->version));
    if (w->has_sunset) {
        json_set(a, details, S("sunset"), json_new_str(a, life_day(a, w->sunset_us)));
    }
    json_set(a, details, S("tables"), tables);
    return journal_append(cx,
                          &(struct journal_event){ .kind    = JOURNAL_PORT_WITHDRAWN,
                                                   .subject = w->address,
                                                   .details = details },
                          NULL);
}

static str major_address(struct arena *a, const struct registry_product *product, unsigned major)
{
    return arena_printf(a, STR_FMT "." STR_FMT "_v%u", STR_ARG(product->domain),
                        STR_ARG(product->name), major);
}

static struct retention_withdrawn withdrawn_of(struct ctx *cx, const struct withdrawal *w,
                                               const struct registry_port *port)
{
    return (struct retention_withdrawn){ .address =
                                             major_address(cx->arena, &w->product, port->major),
                                         .port       = port->name,
                                         .version    = port->version,
                                         .has_sunset = port->life.has_sunset,
                                         .sunset_us  = port->life.sunset_us };
}

/* A port without tables (its tables go by another port's name now) goes without a word. */
static enum status withdraw_port(struct ctx *cx, const struct withdrawal *w,
                                 const struct registry_port *port)
{
    struct retention_withdrawn made   = withdrawn_of(cx, w, port);
    struct json               *tables = json_new_array(cx->arena);
    struct query_env           all    = { 0 };
    struct address             of     = { .major = port->major };

    TRY(remove_tables(cx, port, tables, &made.tables));
    TRY(registry_withdraw_port(cx, port));
    if (made.tables == 0) {
        return ST_OK;
    }
    TRY(tell_withdrawn(cx, &made, tables));
    TRY(query_successor(cx, &all, &w->product, &of, &made.successor));
    vec_push(cx->arena, &w->out->list, made);
    return ST_OK;
}

/* What is due is looked for again: it is the store's turn, and nobody publishes the product now. */
static enum status withdraw_in_store(struct ctx *cx, struct withdrawal *w)
{
    struct registry_ports due;

    TRY(registry_product(cx, w->product.id, &w->product));
    TRY(list_due(cx, &w->product, &due));
    for (size_t i = 0; i < due.list.count; i++) {
        TRY(withdraw_port(cx, w, &due.list.items[i]));
    }
    return search_put_product(cx, w->product.id);
}

/* ------------------------------------------------------------------------- logs */

static enum status remove_logs(struct ctx *cx, const struct withdrawal *w)
{
    struct table_gones gone;

    TRY(table_gone_of(cx, w->product.id, &gone));
    for (size_t i = 0; i < gone.list.count; i++) {
        TRY(delta_remove(cx, w->env->blob, gone.list.items[i].last.address));
    }
    return ST_OK;
}

/* Of tables that are gone, when a crash left something of them. */
static enum status has_logs(struct ctx *cx, const struct withdrawal *w, bool *out)
{
    struct table_gones gone;
    bool               has_some = false;

    TRY(table_gone_of(cx, w->product.id, &gone));
    for (size_t i = 0; i < gone.list.count && !has_some; i++) {
        TRY(delta_has_log(cx, w->env->blob, gone.list.items[i].last.address, &has_some));
    }
    *out = has_some;
    return ST_OK;
}

/* ------------------------------------------------------------------------- a product */

static enum status withdraw_locked(struct ctx *cx, struct withdrawal *w)
{
    TRY(db_begin(w->env->db, cx, DB_WRITE));
    TRY(db_end(cx, withdraw_in_store(cx, w)));
    TRY(db_begin(w->env->db, cx, DB_READ));
    return db_end(cx, remove_logs(cx, w));
}

static enum status look(struct ctx *cx, const struct withdrawal *w, struct registry_ports *out_due,
                        bool *out_has_logs)
{
    TRY(list_due(cx, &w->product, out_due));
    return has_logs(cx, w, out_has_logs);
}

static void leave(struct ctx *cx, const struct withdrawal *w, const struct registry_ports *due)
{
    for (size_t i = 0; i < due->list.count; i++) {
        struct retention_withdrawn left = withdrawn_of(cx, w, &due->list.items[i]);

        left.why_not = S("its product is being published");
        vec_push(cx->arena, &w->out->list, left);
    }
}

static enum status withdraw_product(struct ctx *cx, struct withdrawal *w)
{
    struct registry_ports due = { 0 };
    struct os_lock       *lock;
    enum status           st;
    bool                  has_some = false;

    TRY(db_begin(w->env->db, cx, DB_READ));
    TRY(db_end(cx, look(cx, w, &due, &has_some)));
    if (due.list.count == 0 && !has_some) {
        return ST_OK;
    }
    st = publish_lock(cx, w->env->project, w->product.id, &lock);
    if (st == ST_CONFLICT) {
        err_clear(cx->err);
        leave(cx, w, &due);
        return ST_OK;
    }
    TRY(st);
    st = withdraw_locked(cx, w);
    os_lock_close(lock);
    return st;
}

enum status retention_withdraw(struct ctx *cx, const struct retention_env *env,
                               struct retention_withdrawals *out)
{
    struct retention_withdrawals made = { 0 };
    struct registry_products     products;

    TRY(db_begin(env->db, cx, DB_READ));
    TRY(db_end(cx, registry_products(cx, &products)));
    for (size_t i = 0; i < products.list.count; i++) {
        struct withdrawal w = { .env = env, .product = products.list.items[i], .out = &made };

        TRY(ctx_check(cx));
        TRY(withdraw_product(cx, &w));
    }
    *out = made;
    return ST_OK;
}
