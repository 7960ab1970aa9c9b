/*
 * registry.c - the registry's rows.
 */
#include "registry/registry.h"

#include "project/lookup.h"
#include "registry/registry_migrations.h"
#include "registry/registry_sql.h"

static struct registry_product read_product(const struct db_rows *row, struct ctx *cx)
{
    return (struct registry_product){
        .id           = db_text_dup(row, cx, 0),
        .domain       = db_text_dup(row, cx, 1),
        .name         = db_text_dup(row, cx, 2),
        .status       = db_text_dup(row, cx, 3),
        .description  = db_text_dup(row, cx, 4),
        .owner        = db_text_dup(row, cx, 5),
        .from         = { .path = db_text_dup(row, cx, 6), .revision = db_text_dup(row, cx, 7) },
        .document     = db_text_dup(row, cx, 8),
        .first_us     = db_col_i64(row, 9),
        .published_us = db_col_i64(row, 10),
        .publish_id   = db_text_dup(row, cx, 11),
    };
}

/* Columns of a port in their order. */
enum { PORT_DEPRECATED = 12, PORT_SUPPORT, PORT_SUNSET, PORT_WITHDRAWN };

static struct life read_life(const struct db_rows *row)
{
    return (struct life){ .is_marked   = db_col_i64(row, PORT_DEPRECATED) != 0,
                          .has_support = !db_col_is_null(row, PORT_SUPPORT),
                          .has_sunset  = !db_col_is_null(row, PORT_SUNSET),
                          .support_us  = db_col_i64(row, PORT_SUPPORT),
                          .sunset_us   = db_col_i64(row, PORT_SUNSET) };
}

static struct registry_port read_port(const struct db_rows *row, struct ctx *cx, str product_id)
{
    return (struct registry_port){
        .product_id   = product_id,
        .name         = db_text_dup(row, cx, 0),
        .major        = (unsigned)db_col_i64(row, 1),
        .version      = db_text_dup(row, cx, 2),
        .contract_id  = db_text_dup(row, cx, 3),
        .status       = db_text_dup(row, cx, 4),
        .is_open      = db_col_i64(row, 5) != 0,
        .description  = db_text_dup(row, cx, 6),
        .path         = db_text_dup(row, cx, 7),
        .document     = db_text_dup(row, cx, 8),
        .first_us     = db_col_i64(row, 9),
        .published_us = db_col_i64(row, 10),
        .publish_id   = db_text_dup(row, cx, 11),
        .life         = read_life(row),
        .withdrawn_us = db_col_i64(row, PORT_WITHDRAWN),
    };
}

static struct registry_domain read_domain(const struct db_rows *row, struct ctx *cx)
{
    return (struct registry_domain){
        .name     = db_text_dup(row, cx, 0),
        .purpose  = db_text_dup(row, cx, 1),
        .team     = db_text_dup(row, cx, 2),
        .from     = { db_text_dup(row, cx, 3), db_text_dup(row, cx, 4), db_text_dup(row, cx, 5) },
        .document = db_text_dup(row, cx, 6),
        .first_us = db_col_i64(row, 7),
    };
}

enum status registry_domains(struct ctx *cx, struct registry_domains *out)
{
    struct registry_domains made                     = { 0 };
    struct db_rows *rows    CLEANUP(db_rows_cleanup) = NULL;
    bool                    has_row;

    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_DOMAIN_LIST], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list, read_domain(rows, cx));
    }
    *out = made;
    return ST_OK;
}

enum status registry_domain(struct ctx *cx, str name, struct registry_domain *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_DOMAIN_GET], DB_ARGS(db_text(name)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "no product of domain \"" STR_FMT "\" was ever published",
                    STR_ARG(name));
    }
    *out = read_domain(row, cx);
    return ST_OK;
}

enum status registry_team(struct ctx *cx, str domain, struct registry_team *out)
{
    struct registry_team  made                     = { 0 };
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    const struct db_rows *row;
    bool                  has_row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_TEAM_GET], DB_ARGS(db_text(domain)), &row));
    if (row) {
        made.name        = db_text_dup(row, cx, 0);
        made.description = db_text_dup(row, cx, 1);
        made.email       = db_text_dup(row, cx, 2);
    }
    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_MEMBER_LIST], DB_ARGS(db_text(domain)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.members,
                 (struct registry_member){ .name  = db_text_dup(rows, cx, 0),
                                           .role  = db_text_dup(rows, cx, 1),
                                           .email = db_text_dup(rows, cx, 2) });
    }
    *out = made;
    return ST_OK;
}

enum status registry_products(struct ctx *cx, struct registry_products *out)
{
    struct registry_products made                     = { 0 };
    struct db_rows *rows     CLEANUP(db_rows_cleanup) = NULL;
    bool                     has_row;

    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_PRODUCT_LIST], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list, read_product(rows, cx));
    }
    *out = made;
    return ST_OK;
}

enum status registry_product(struct ctx *cx, str id, struct registry_product *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PRODUCT_GET], DB_ARGS(db_text(id)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "product with id \"" STR_FMT "\" was never published",
                    STR_ARG(id));
    }
    *out = read_product(row, cx);
    return ST_OK;
}

enum status registry_product_at(struct ctx *cx, str domain, str name, struct registry_product *out,
                                bool *out_is_alias)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PRODUCT_BY_NAME],
                     DB_ARGS(db_text(domain), db_text(name)), &row));
    if (row) {
        *out = read_product(row, cx);
        if (out_is_alias) {
            *out_is_alias = false;
        }
        return ST_OK;
    }
    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_ALIAS_GET],
                     DB_ARGS(db_text(domain), db_text(name), db_i64(ctx_now_us(cx))), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "product \"" STR_FMT "." STR_FMT "\" was never published",
                    STR_ARG(domain), STR_ARG(name));
    }
    if (out_is_alias) {
        *out_is_alias = true;
    }
    return registry_product(cx, db_col_text(row, 0), out);
}

enum status registry_ports(struct ctx *cx, str product_id, struct registry_ports *out)
{
    struct registry_ports made                     = { 0 };
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    bool                  has_row;

    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_PORT_LIST], DB_ARGS(db_text(product_id)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list, read_port(rows, cx, product_id));
    }
    *out = made;
    return ST_OK;
}

enum status registry_port(struct ctx *cx, str product_id, str name, unsigned major,
                          struct registry_port *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PORT_GET],
                     DB_ARGS(db_text(product_id), db_text(name), db_i64(major)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "port \"" STR_FMT "\" has no published major %u", STR_ARG(name),
                    major);
    }
    *out = read_port(row, cx, product_id);
    return ST_OK;
}

bool registry_port_is_gone(const struct registry_product *product, const struct registry_port *port)
{
    return !str_eq(product->publish_id, port->publish_id);
}

/* "1.1.0, 1.0.0" */
static enum status version_list(struct ctx *cx, const struct registry_port *port, str *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    str                  made                     = STR_NONE;
    bool                 has_row;

    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_PORT_VERSION_LIST],
                 DB_ARGS(db_text(port->product_id), db_text(port->name)), &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        made = made.len ? arena_printf(cx->arena, STR_FMT ", " STR_FMT, STR_ARG(made),
                                       STR_ARG(db_col_text(rows, 0)))
                        : db_text_dup(rows, cx, 0);
    }
    *out = made;
    return ST_OK;
}

enum status registry_port_version(struct ctx *cx, const struct registry_port *port, str version,
                                  str *out_document)
{
    const struct db_rows *row;
    str                   versions;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PORT_VERSION_GET],
                     DB_ARGS(db_text(port->product_id), db_text(port->name), db_text(version)),
                     &row));
    if (row) {
        *out_document = arena_dup(cx->arena, db_col_text(row, 0));
        return ST_OK;
    }
    TRY(version_list(cx, port, &versions));
    return FAIL(cx, NOT_FOUND,
                "port " STR_FMT " was never published in version " STR_FMT "; it was in " STR_FMT,
                STR_ARG(port->name), STR_ARG(version), STR_ARG(versions));
}

enum status registry_document(struct ctx *cx, str sha256, str *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_DOCUMENT_GET], DB_ARGS(db_text(sha256)), &row));
    if (!row) {
        return FAIL(cx, NOT_FOUND, "document " STR_FMT " is not in the registry", STR_ARG(sha256));
    }
    *out = db_col_blob(row, 0);
    return ST_OK;
}

enum status registry_contract(struct ctx *cx, const struct registry_port *port,
                              struct odcs_contract **out)
{
    struct diag_text text    = { .name = port->path };
    struct diags     settled = { 0 };

    TRY(registry_document(cx, port->document, &text.bytes));
    return odcs_read(cx, &text, STD_TEXT, &settled, out);
}

enum status registry_put_document(struct ctx *cx, str sha256, str bytes)
{
    return db_run(cx, &registry_sql[REGISTRY_SQL_DOCUMENT_PUT],
                  DB_ARGS(db_text(sha256), db_blob(bytes), db_i64(ctx_now_us(cx))));
}

enum status registry_put_domain(struct ctx *cx, const struct registry_domain *d,
                                enum registry_change *out)
{
    struct registry_domain before;
    enum registry_change   change = REGISTRY_SAME;
    enum status            st     = registry_domain(cx, d->name, &before);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        change = REGISTRY_NEW;
    } else if (st != ST_OK) {
        return st;
    } else if (!str_eq(before.document, d->document)) {
        change = REGISTRY_CHANGED;
    }
    TRY(db_run(cx, &registry_sql[REGISTRY_SQL_DOMAIN_PUT],
               DB_ARGS(db_text(d->name), db_text(d->purpose), db_text(d->team),
                       db_text(d->from.origin), db_text(d->from.path), db_text(d->from.revision),
                       db_text(d->document), db_i64(ctx_now_us(cx)))));
    *out = change;
    return ST_OK;
}

enum status registry_put_team(struct ctx *cx, str domain, const struct registry_team *team)
{
    TRY(db_run(cx, &registry_sql[REGISTRY_SQL_TEAM_PUT],
               DB_ARGS(db_text(domain), db_text(team->name), db_text(team->description),
                       db_text(team->email))));
    TRY(db_run(cx, &registry_sql[REGISTRY_SQL_MEMBER_DROP], DB_ARGS(db_text(domain))));
    for (size_t i = 0; i < team->members.count; i++) {
        const struct registry_member *m = &team->members.items[i];

        TRY(db_run(cx, &registry_sql[REGISTRY_SQL_MEMBER_PUT],
                   DB_ARGS(db_text(domain), db_i64((int64_t)i), db_text(m->name), db_text(m->role),
                           db_text(m->email))));
    }
    return ST_OK;
}

/* The old address of a renamed product answers for a while. */
static enum status leave_alias(struct ctx *cx, const struct registry_product *before)
{
    return db_run(cx, &registry_sql[REGISTRY_SQL_ALIAS_PUT],
                  DB_ARGS(db_text(before->domain), db_text(before->name), db_text(before->id),
                          db_i64(ctx_now_us(cx) + REGISTRY_ALIAS_US)));
}

enum status registry_put_product(struct ctx *cx, const struct registry_product *p,
                                 enum registry_change *out)
{
    struct registry_product before;
    const struct db_rows   *row;
    enum registry_change    change = REGISTRY_SAME;
    enum status             st     = registry_product(cx, p->id, &before);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        change = REGISTRY_NEW;
    } else if (st != ST_OK) {
        return st;
    } else if (!str_eq(before.domain, p->domain) || !str_eq(before.name, p->name)) {
        change = REGISTRY_RENAMED;
    }
    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PRODUCT_BY_NAME],
                     DB_ARGS(db_text(p->domain), db_text(p->name)), &row));
    if (row && !str_eq(db_col_text(row, 0), p->id)) {
        return FAIL(cx, CONFLICT,
                    "\"" STR_FMT "." STR_FMT "\" is the address of the product with id \"" STR_FMT
                    "\"; an id is a product's identity: keep it, or choose another name",
                    STR_ARG(p->domain), STR_ARG(p->name), STR_ARG(db_col_text(row, 0)));
    }
    if (change == REGISTRY_RENAMED) {
        TRY(leave_alias(cx, &before));
    }
    TRY(db_run(cx, &registry_sql[REGISTRY_SQL_PRODUCT_PUT],
               DB_ARGS(db_text(p->id), db_text(p->domain), db_text(p->name), db_text(p->status),
                       db_text(p->description), db_text(p->owner), db_text(p->from.origin),
                       db_text(p->from.path), db_text(p->from.revision), db_text(p->document),
                       db_i64(ctx_now_us(cx)))));
    *out = change;
    return ST_OK;
}

static struct db_value moment(bool is_known, int64_t us)
{
    return is_known ? db_i64(us) : db_null();
}

enum status registry_put_port(struct ctx *cx, const struct registry_port *p)
{
    int64_t now = ctx_now_us(cx);

    TRY(db_run(cx, &registry_sql[REGISTRY_SQL_PORT_PUT],
               DB_ARGS(db_text(p->product_id), db_text(p->name), db_i64(p->major),
                       db_text(p->version), db_text(p->contract_id), db_text(p->status),
                       db_i64(p->is_open), db_text(p->description), db_text(p->path),
                       db_text(p->document), db_i64(now), db_text(p->publish_id),
                       db_i64(p->life.is_marked), moment(p->life.has_support, p->life.support_us),
                       moment(p->life.has_sunset, p->life.sunset_us),
                       moment(p->withdrawn_us != 0, p->withdrawn_us))));
    return db_run(cx, &registry_sql[REGISTRY_SQL_PORT_VERSION_PUT],
                  DB_ARGS(db_text(p->product_id), db_text(p->name), db_text(p->version),
                          db_text(p->document), db_text(p->publish_id), db_i64(now)));
}

enum status registry_withdraw_port(struct ctx *cx, const struct registry_port *port)
{
    return db_run(cx, &registry_sql[REGISTRY_SQL_PORT_WITHDRAW],
                  DB_ARGS(db_text(port->product_id), db_text(port->name), db_i64(port->major),
                          db_i64(ctx_now_us(cx))));
}

enum status registry_mark_published(struct ctx *cx, str product_id, str publish_id)
{
    return db_run(cx, &registry_sql[REGISTRY_SQL_PRODUCT_PUBLISHED],
                  DB_ARGS(db_text(product_id), db_i64(ctx_now_us(cx)), db_text(publish_id)));
}

/* ---- ends of majors that a program published which did not look for them: their documents tell ---- */

struct unsettled {
    VEC(struct registry_port) list;
};

static enum status list_unsettled(struct ctx *cx, struct unsettled *out)
{
    struct unsettled     made                     = { 0 };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &registry_sql[REGISTRY_SQL_PORT_UNSETTLED], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct registry_port){ .product_id = db_text_dup(rows, cx, 0),
                                         .name       = db_text_dup(rows, cx, 1),
                                         .major      = (unsigned)db_col_i64(rows, 2),
                                         .path       = db_text_dup(rows, cx, 3),
                                         .document   = db_text_dup(rows, cx, 4) });
    }
    *out = made;
    return ST_OK;
}

/* Whether the product's document calls itself or this port deprecated. */
static enum status read_mark(struct ctx *cx, const struct registry_port *port, bool *out)
{
    struct diag_text               text    = { .name = S("product") };
    struct diags                   settled = { 0 };
    struct registry_product        product;
    struct odps_product           *odps;
    const struct odps_output_port *output;

    TRY(registry_product(cx, port->product_id, &product));
    TRY(registry_document(cx, product.document, &text.bytes));
    TRY(odps_read(cx, &text, STD_TEXT, &settled, &odps));
    output = lookup_output_port(odps, port->name, port->major);
    *out   = odps && (std_is_true(odps->deprecated) || (output && std_is_true(output->deprecated)));
    return ST_OK;
}

static enum status settle(struct ctx *cx, struct registry_port *port)
{
    struct odcs_contract *contract;
    bool                  is_marked;

    TRY(registry_contract(cx, port, &contract));
    TRY(read_mark(cx, port, &is_marked));
    if (contract) {
        port->life = life_of(contract, is_marked);
    }
    return db_run(cx, &registry_sql[REGISTRY_SQL_PORT_SETTLE],
                  DB_ARGS(db_text(port->product_id), db_text(port->name), db_i64(port->major),
                          db_i64(port->life.is_marked),
                          moment(port->life.has_support, port->life.support_us),
                          moment(port->life.has_sunset, port->life.sunset_us)));
}

enum status registry_is_settled(struct ctx *cx, bool *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &registry_sql[REGISTRY_SQL_PORT_UNSETTLED], DB_NO_ARGS, &row));
    *out = row == NULL;
    return ST_OK;
}

enum status registry_settle(struct ctx *cx)
{
    struct unsettled ports;

    TRY(list_unsettled(cx, &ports));
    for (size_t i = 0; i < ports.list.count; i++) {
        TRY(settle(cx, &ports.list.items[i]));
    }
    return ST_OK;
}

struct db_module registry_schema(void)
{
    return (struct db_module){ "registry", registry_migrations, registry_migration_count };
}
