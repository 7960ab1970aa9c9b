/*
 * catalog.c - a product with its ports, tables, columns and last publish.
 */
#include "catalog/catalog.h"

#include "catalog/catalog_int.h"
#include "codec/json.h"
#include "journal/receipt.h"
#include "project/lookup.h"
#include "project/names.h"

/* ---- what the reader may know ---- */

bool catalog_is_operator(const struct catalog_view *view)
{
    return !view->access || policy_subject_is_operator(view->reader.subject);
}

enum status catalog_decide(struct ctx *cx, const struct catalog_view *view,
                           const struct registry_product *product,
                           const struct table_snapshot *head, struct policy_decision *decision,
                           bool *out)
{
    struct policy_object object;

    TRY(query_object_of(cx, view->access, product, head, &object));
    TRY(access_decide(cx, view->access, &view->reader, &object, decision));
    *out = access_shows(&object, decision);
    return ST_OK;
}

static enum status keep_visible(struct ctx *cx, const struct catalog_view *view,
                                const struct registry_product *product,
                                struct table_snapshots        *heads)
{
    size_t kept = 0;

    for (size_t i = 0; i < heads->list.count && !catalog_is_operator(view); i++) {
        const struct table_snapshot *head = &heads->list.items[i];
        struct policy_decision       decision;
        bool                         visible;

        TRY(catalog_decide(cx, view, product, head, &decision, &visible));
        if (visible) {
            heads->list.items[kept++] = *head;
        }
    }
    heads->list.count = catalog_is_operator(view) ? heads->list.count : kept;
    return ST_OK;
}

static struct query_env env_of(const struct catalog_view *view)
{
    return (struct query_env){ .access = view->access, .reader = view->reader };
}

enum status catalog_life(struct ctx *cx, const struct catalog_view *view,
                         const struct registry_product *product, const struct table_snapshot *head,
                         struct query_life *out)
{
    struct query_env env = env_of(view);

    return query_life_of(cx, &env, product, head, out);
}

enum status catalog_list(struct ctx *cx, const struct catalog_view *view,
                         struct registry_products *out, struct table_snapshots *out_heads)
{
    struct registry_products all, kept = { 0 };
    struct table_snapshots   heads = { 0 };

    TRY(registry_products(cx, &all));
    for (size_t i = 0; i < all.list.count; i++) {
        struct table_snapshots own;

        TRY(table_heads_of(cx, all.list.items[i].id, &own));
        TRY(keep_visible(cx, view, &all.list.items[i], &own));
        for (size_t k = 0; k < own.list.count; k++) {
            vec_push(cx->arena, &heads.list, own.list.items[k]);
        }
        if (own.list.count > 0 || catalog_is_operator(view)) {
            vec_push(cx->arena, &kept.list, all.list.items[i]);
        }
    }
    *out       = kept;
    *out_heads = heads;
    return ST_OK;
}

/* Columns that do not exist for the reader are taken out of a table's description. */
static enum status hide_columns(struct ctx *cx, const struct catalog_view *view,
                                const struct registry_product *product, struct catalog_table *t)
{
    struct policy_decision decision;
    bool                   visible;
    size_t                 kept = 0;

    if (catalog_is_operator(view)) {
        return ST_OK;
    }
    TRY(catalog_decide(cx, view, product, &t->snapshot, &decision, &visible));
    for (size_t i = 0; i < t->column_count; i++) {
        if (!decision.columns || decision.columns[i].show != POLICY_HIDDEN) {
            t->columns[kept++] = t->columns[i];
        }
    }
    t->column_count = kept;
    return ST_OK;
}

/* ---- a product ---- */

static void describe_columns(struct ctx *cx, const struct odcs_object *object,
                             struct catalog_table *t)
{
    t->column_count = t->snapshot.columns.list.count;
    t->columns      = arena_array(cx->arena, t->column_count, sizeof *t->columns);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct table_column  *c = &t->snapshot.columns.list.items[i];
        const struct odcs_property *p =
            object ? odcs_property_find(&object->properties, c->name) : NULL;

        t->columns[i] = (struct catalog_column){ .name = c->name, .type = c->type };
        if (p) {
            t->columns[i].description    = p->description.v;
            t->columns[i].classification = p->classification.v;
            t->columns[i].is_required    = std_is_true(p->required);
            t->columns[i].is_unique      = std_is_true(p->unique);
            t->columns[i].is_key         = std_is_true(p->primary_key);
        }
    }
}

static enum status add_tables(struct ctx *cx, const struct table_snapshots *heads,
                              struct catalog_port *port)
{
    struct odcs_contract *contract = NULL;

    TRY(registry_contract(cx, &port->port, &contract));
    for (size_t i = 0; i < heads->list.count; i++) {
        struct catalog_table      t = { .snapshot = heads->list.items[i] };
        const struct odcs_object *object;
        struct address            address;

        if (!str_eq(t.snapshot.port, port->port.name) ||
            !address_parse(t.snapshot.address, &address) || address.major != port->port.major) {
            continue;
        }
        t.address     = t.snapshot.address;
        t.name        = address.table;
        object        = lookup_object(cx->arena, contract, t.name);
        t.description = object ? object->description.v : STR_NONE;
        describe_columns(cx, object, &t);
        vec_push(cx->arena, &port->tables, t);
    }
    return ST_OK;
}

static enum status unknown(struct ctx *cx, const struct catalog_view *view, str address)
{
    struct registry_products all;
    struct table_snapshots   ignored;
    str                     *names;
    str                      near;

    TRY(catalog_list(cx, view, &all, &ignored));
    names = arena_array(cx->arena, all.list.count * 2, sizeof *names);
    for (size_t i = 0; i < all.list.count; i++) {
        names[i] = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(all.list.items[i].domain),
                                STR_ARG(all.list.items[i].name));
        names[all.list.count + i] = all.list.items[i].domain;
    }
    near = str_nearest(address, names, all.list.count * 2);
    for (size_t i = 0; i < all.list.count; i++) {
        /* "orders" for "sales.orders" is no slip of the pen. */
        near = str_eq(all.list.items[i].name, address) ? names[i] : near;
    }
    if (near.len) {
        return FAIL(cx, NOT_FOUND,
                    "nothing published is called \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
                    STR_ARG(address), STR_ARG(near));
    }
    return FAIL(cx, NOT_FOUND,
                "nothing published is called \"" STR_FMT "\"; weft catalog list shows what is",
                STR_ARG(address));
}

/* Tables of a product that are gone, as far as the reader may know what they were. */
static enum status find_gone(struct ctx *cx, const struct catalog_view *view,
                             const struct registry_product *product, struct table_gones *out)
{
    struct query_env env  = env_of(view);
    size_t           kept = 0;

    TRY(table_gone_of(cx, product->id, out));
    for (size_t i = 0; i < out->list.count; i++) {
        bool may_know;

        TRY(query_may_know(cx, &env, product, &out->list.items[i].last, &may_know));
        if (may_know) {
            out->list.items[kept++] = out->list.items[i];
        }
    }
    out->list.count = kept;
    return ST_OK;
}

static enum status find_product(struct ctx *cx, const struct catalog_view *view, str text,
                                struct registry_product *out, struct table_snapshots *out_heads,
                                struct table_gones *out_gone)
{
    struct address address;
    enum status    st = ST_NOT_FOUND;

    if (address_parse(text, &address)) {
        st = registry_product_at(cx, address.domain, address.product, out, NULL);
    }
    if (st == ST_NOT_FOUND) {
        st = registry_product(cx, text, out);
    }
    if (st == ST_OK) {
        TRY(table_heads_of(cx, out->id, out_heads));
        TRY(keep_visible(cx, view, out, out_heads));
        TRY(find_gone(cx, view, out, out_gone));
        st = catalog_is_operator(view) || out_heads->list.count + out_gone->list.count > 0
                 ? ST_OK
                 : ST_NOT_FOUND;
    }
    return st == ST_NOT_FOUND ? unknown(cx, view, text) : st;
}

enum status catalog_domain(struct ctx *cx, const struct catalog_view *view, str name,
                           struct catalog_domain *out)
{
    struct catalog_domain    made = { 0 };
    struct registry_products all;
    struct table_snapshots   ignored;

    TRY(registry_domain(cx, name, &made.domain));
    TRY(registry_team(cx, name, &made.team));
    made.team.name = made.team.name.len ? made.team.name : made.domain.team;
    TRY(catalog_list(cx, view, &all, &ignored));
    for (size_t i = 0; i < all.list.count; i++) {
        if (str_eq(all.list.items[i].domain, name)) {
            vec_push(cx->arena, &made.products.list, all.list.items[i]);
        }
    }
    if (made.products.list.count == 0 && !catalog_is_operator(view)) {
        return FAIL(cx, NOT_FOUND, "no domain \"" STR_FMT "\"", STR_ARG(name));
    }
    *out = made;
    return ST_OK;
}

/* How a table was made stands in the receipt of the publish that made it. */
static void tell_making(struct catalog_product *p, const struct json *receipt_table)
{
    str address = json_text_or(json_get(receipt_table, S("address")), S(""));

    for (size_t i = 0; i < p->ports.count; i++) {
        for (size_t k = 0; k < p->ports.items[i].tables.count; k++) {
            struct catalog_table *t = &p->ports.items[i].tables.items[k];

            if (str_eq(t->address, address)) {
                t->sql     = json_text_or(json_path(receipt_table, S("/sql/path")), S(""));
                t->copy_of = json_text_or(json_get(receipt_table, S("copy_of")), S(""));
            }
        }
    }
}

static enum status read_making(struct ctx *cx, struct catalog_product *p)
{
    str                document;
    struct json       *root;
    const struct json *ports;
    enum status        st = receipt_get(cx, p->last.id, &document);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err); /* the doctor tells of a publish without a receipt */
        return ST_OK;
    }
    TRY(st);
    TRY(json_read(cx, document, "receipt", NULL, &root));
    ports = json_path(root, S("/receipt/ports"));
    for (size_t i = 0; ports && i < ports->count; i++) {
        const struct json *tables = json_get(json_item(ports, i), S("tables"));

        for (size_t k = 0; tables && k < tables->count; k++) {
            tell_making(p, json_item(tables, k));
        }
    }
    return ST_OK;
}

/* Whether a table that is gone was of this major. */
static bool has_gone(const struct table_gones *gone, const struct registry_port *port)
{
    struct address address;

    for (size_t i = 0; i < gone->list.count; i++) {
        const struct table_snapshot *last = &gone->list.items[i].last;

        if (str_eq(last->port, port->name) && address_parse(last->address, &address) &&
            address.major == port->major) {
            return true;
        }
    }
    return false;
}

static enum status add_port(struct ctx *cx, const struct catalog_view *view,
                            const struct table_snapshots *heads, const struct registry_port *row,
                            struct catalog_product *out)
{
    struct catalog_port port = { .port = *row };
    struct query_env    env  = env_of(view);
    struct address      of   = { .domain  = out->product.domain,
                                 .product = out->product.name,
                                 .major   = row->major };

    TRY(add_tables(cx, heads, &port));
    for (size_t i = 0; i < port.tables.count; i++) {
        struct catalog_table *t = &port.tables.items[i];

        TRY(hide_columns(cx, view, &out->product, t));
        TRY(query_life_of(cx, &env, &out->product, &t->snapshot, &t->life));
    }
    if (row->withdrawn_us || life_stage_at(&row->life, ctx_now_us(cx)) != LIFE_ACTIVE) {
        TRY(query_successor(cx, &env, &out->product, &of, &port.successor));
    }
    vec_push(cx->arena, &out->ports, port);
    return ST_OK;
}

static enum status add_ports(struct ctx *cx, const struct catalog_view *view,
                             const struct table_snapshots *heads, const struct table_gones *gone,
                             struct catalog_product *out)
{
    struct registry_ports ports;

    TRY(registry_ports(cx, out->product.id, &ports));
    for (size_t i = 0; i < ports.list.count; i++) {
        const struct registry_port *row = &ports.list.items[i];
        size_t                      had = out->ports.count;

        TRY(add_port(cx, view, heads, row, out));
        if (out->ports.items[had].tables.count == 0 && !catalog_is_operator(view) &&
            !(row->withdrawn_us && has_gone(gone, row))) {
            out->ports.count = had; /* the reader may not know of it */
        }
    }
    return ST_OK;
}

enum status catalog_product(struct ctx *cx, const struct catalog_view *view, str address,
                            struct catalog_product *out)
{
    struct catalog_product made = { 0 };
    struct table_snapshots heads;
    struct table_gones     gone;
    struct publish_records last;

    TRY(find_product(cx, view, address, &made.product, &heads, &gone));
    TRY(add_ports(cx, view, &heads, &gone, &made));
    TRY(publish_history(cx, made.product.id, 1, &last));
    if (last.list.count > 0) {
        made.last = last.list.items[0];
    }
    if (last.list.count > 0 && catalog_is_operator(view)) {
        TRY(publish_inputs_of(cx, made.last.id, &made.inputs));
        TRY(publish_checks_of(cx, made.last.id, &made.checks));
        TRY(read_making(cx, &made));
    }
    *out = made;
    return ST_OK;
}
