/*
 * export.c - whole tables into a DuckDB file, under the policies of the reader.
 *
 * Which tables, and what stands for each, is settled in one read of the store. Then the engine writes
 * one after the other into a file that it alone has open. In the journal each table is a query.
 */
#include "query/query_int.h"

#include "project/names.h"
#include "query/query_engine_sql.h"
#include "registry/registry.h"
#include "table/table.h"

/* One table, approved and not yet written. */
struct item {
    struct query_exported to;
    str                   product_id;
    str                   select; /* its columns, of the table by its address */
    struct query_stream   stream;
};

struct export_job {
    const struct query_env            *env;
    const struct query_export_request *rq;
    struct diags                      *findings;
    struct engine_conn                *conn;
    size_t                             found; /* mentions of tables; one may be mentioned twice */
    VEC(struct item) items;
};

/* ------------------------------------------------------------------------- which tables */

/* A schema of the file is one product; two of one name come from two domains. */
static enum status check_schema(struct ctx *cx, const struct export_job *x, const struct item *new)
{
    for (size_t i = 0; i < x->items.count; i++) {
        const struct item *item = &x->items.items[i];

        if (str_eq(item->to.schema, new->to.schema) && !str_eq(item->product_id, new->product_id)) {
            return FAIL(cx, INVALID,
                        "\"" STR_FMT "\" and \"" STR_FMT "\" would both be in schema \"" STR_FMT
                        "\"; export them into two files",
                        STR_ARG(item->to.address), STR_ARG(new->to.address),
                        STR_ARG(new->to.schema));
        }
    }
    if (x->items.count >= QUERY_EXPORT_TABLES_MAX) {
        return FAIL(cx, LIMIT,
                    "more than %d tables for one file (QUERY_EXPORT_TABLES_MAX); name some of them",
                    QUERY_EXPORT_TABLES_MAX);
    }
    return ST_OK;
}

static bool is_taken(const struct export_job *x, const struct item *new)
{
    for (size_t i = 0; i < x->items.count; i++) {
        const struct query_exported *to = &x->items.items[i].to;

        if (str_eq(to->address, new->to.address) && str_eq(to->schema, new->to.schema)) {
            return true;
        }
    }
    return false;
}

/*
 * The columns that the reader may see: a star would be refused where one may only be used in conditions.
 * Names may be words of SQL, so they are quoted. Empty when nothing is left.
 */
static enum status select_shown(struct ctx *cx, const struct table_snapshot *head,
                                const struct address *own, const struct policy_decision *decision,
                                str *out)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);
    const char    *before               = "SELECT ";

    for (size_t i = 0; i < head->columns.list.count; i++) {
        if (!decision || !decision->columns || decision->columns[i].show < POLICY_UNPROJECTED) {
            buf_add(&sql, str_of(before));
            engine_quote_ident(&sql, head->columns.list.items[i].name);
            before = ", ";
        }
    }
    if (sql.len == 0) {
        *out = STR_NONE;
        return ST_OK;
    }
    buf_add(&sql, S(" FROM "));
    engine_quote_ident(&sql, own->domain);
    buf_add_char(&sql, '.');
    engine_quote_ident(&sql,
                       arena_printf(cx->arena, STR_FMT "_v%u", STR_ARG(own->product), own->major));
    buf_add_char(&sql, '.');
    engine_quote_ident(&sql, own->table);
    return buf_take(&sql, cx, "the columns of a table", out);
}

/* Adds the table if the reader may see it. */
static enum status take_table(struct ctx *cx, struct export_job *x,
                              const struct registry_product *product,
                              const struct table_snapshot *head, const struct address *meant)
{
    struct guard_relation given = { 0 };
    struct item           item  = { .product_id = product->id };
    struct address        own;
    enum status           st = query_give(cx, x->env, product, head, &given);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    TRY(st);
    if (!address_parse(head->address, &own)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(head->address));
    }
    TRY(select_shown(cx, head, &own, given.decision, &item.select));
    if (item.select.len == 0) {
        return ST_OK;
    }
    item.to = (struct query_exported){
        .address = head->address,
        .schema = meant->major > 0 ? arena_printf(cx->arena, STR_FMT "_v%u", STR_ARG(product->name),
                                                  meant->major)
                                   : product->name,
        .table  = own.table,
    };
    x->found++;
    if (is_taken(x, &item)) {
        return ST_OK;
    }
    TRY(check_schema(cx, x, &item));
    vec_push(cx->arena, &x->items, item);
    return ST_OK;
}

/* The newest of a table is what its name means without a major. */
static bool is_newest(const struct table_snapshots *heads, const struct address *own)
{
    for (size_t i = 0; i < heads->list.count; i++) {
        struct address a;

        if (address_parse(heads->list.items[i].address, &a) && str_eq(a.table, own->table) &&
            a.major > own->major) {
            return false;
        }
    }
    return true;
}

static bool has_table(const struct table_snapshots *heads, str table)
{
    for (size_t i = 0; i < heads->list.count; i++) {
        struct address a;

        if (address_parse(heads->list.items[i].address, &a) && str_eq(a.table, table)) {
            return true;
        }
    }
    return false;
}

/* Whether a table is one of those that an address without its domain means. */
static bool is_meant(const struct table_snapshots *heads, const struct table_snapshot *head,
                     const struct address *meant)
{
    struct address own;

    if (!address_parse(head->address, &own)) {
        return false;
    }
    if (meant->table.len > 0 &&
        !str_eq(meant->table, has_table(heads, meant->table) ? own.table : head->port)) {
        return false;
    }
    return meant->major > 0 ? own.major == meant->major : is_newest(heads, &own);
}

static enum status take_product(struct ctx *cx, struct export_job *x,
                                const struct registry_product *product, const struct address *meant)
{
    struct table_snapshots heads;

    TRY(table_heads_of(cx, product->id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        const struct table_snapshot *head = &heads.list.items[i];

        if (is_meant(&heads, head, meant)) {
            TRY(take_table(cx, x, product, head, meant));
        }
    }
    return ST_OK;
}

/* All products of a domain, or of all domains when it is empty. */
static enum status take_domain(struct ctx *cx, struct export_job *x, str domain)
{
    struct registry_products all;
    struct address           newest = { 0 };

    TRY(registry_products(cx, &all));
    for (size_t i = 0; i < all.list.count; i++) {
        if (domain.len == 0 || str_eq(all.list.items[i].domain, domain)) {
            TRY(take_product(cx, x, &all.list.items[i], &newest));
        }
    }
    return ST_OK;
}

/* Names that the reader may be told of: domains, products and tables. */
static enum status nothing_called(struct ctx *cx, const struct export_job *x, str text)
{
    struct query_resolver resolver;
    const str            *visible;
    size_t                count;
    VEC(str) names = { 0 };
    str near;

    query_resolver_init(&resolver, x->env);
    TRY(resolver.base.candidates(&resolver.base, cx, NULL, &visible, &count));
    for (size_t i = 0; i < count; i++) {
        str product, table, domain, name;

        vec_push(cx->arena, &names, visible[i]);
        if (str_rsplit(visible[i], '.', &product, &table)) {
            vec_push(cx->arena, &names, product);
            vec_push(cx->arena, &names,
                     str_rsplit(product, '.', &domain, &name) ? domain : product);
        }
    }
    near = str_nearest(text, names.items, names.count);
    if (near.len > 0) {
        return FAIL(cx, NOT_FOUND,
                    "nothing published is called \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
                    STR_ARG(text), STR_ARG(near));
    }
    return FAIL(cx, NOT_FOUND,
                "nothing published is called \"" STR_FMT "\"; weft catalog tree shows what is",
                STR_ARG(text));
}

/* A table that was withdrawn is told as a query tells it; of all others there are only names to guess. */
static enum status refuse(struct ctx *cx, const struct export_job *x, str text)
{
    enum status st = query_refuse_gone(cx, x->env, text);

    if (st != ST_NOT_FOUND) {
        return st;
    }
    err_clear(cx->err);
    return nothing_called(cx, x, text);
}

static enum status take_named(struct ctx *cx, struct export_job *x, str text)
{
    size_t                  before = x->found;
    struct registry_product product;
    struct address          meant;
    enum status             st;

    if (!address_parse(text, &meant)) {
        TRY(name_is_valid(text) ? take_domain(cx, x, text) : ST_OK);
    } else {
        st = registry_product_at(cx, meant.domain, meant.product, &product, NULL);
        if (st == ST_NOT_FOUND) {
            return nothing_called(cx, x, text);
        }
        TRY(st);
        TRY(take_product(cx, x, &product, &meant));
    }
    return x->found > before ? ST_OK : refuse(cx, x, text);
}

static enum status choose(struct ctx *cx, struct export_job *x)
{
    for (size_t i = 0; i < x->rq->wanted_count; i++) {
        TRY(take_named(cx, x, x->rq->wanted[i]));
    }
    if (x->rq->wanted_count == 0) {
        TRY(take_domain(cx, x, STR_NONE));
    }
    return x->items.count > 0 ? ST_OK
                              : FAIL(cx, NOT_FOUND, "nothing is published that could be exported");
}

/* ------------------------------------------------------------------------- approving */

static enum status approve(struct ctx *cx, struct export_job *x, struct item *item)
{
    struct query_request rq = { .sql = item->select, .name = item->to.address };

    item->stream = (struct query_stream){ .started_us = ctx_now_us(cx), .reader = x->env->reader };
    return query_approve(cx, x->env, &rq, x->findings, &item->stream);
}

static enum status choose_and_approve(struct ctx *cx, struct export_job *x)
{
    TRY(choose(cx, x));
    for (size_t i = 0; i < x->items.count; i++) {
        TRY(approve(cx, x, &x->items.items[i]));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- writing */

static void add(struct buf *sql, enum query_engine_sql_id id)
{
    buf_add(sql, str_of(query_engine_sql[id].text));
}

static enum status run(struct ctx *cx, const struct export_job *x, struct buf *sql)
{
    str text;

    TRY(buf_take(sql, cx, "a statement that writes a file", &text));
    return engine_exec(x->conn, cx, text);
}

static enum status attach(struct ctx *cx, const struct export_job *x)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);

    add(&sql, QUERY_ENGINE_SQL_ATTACH);
    engine_quote_text(&sql, x->rq->path);
    add(&sql, QUERY_ENGINE_SQL_ATTACHED);
    return run(cx, x, &sql);
}

static enum status make_schema(struct ctx *cx, const struct export_job *x, str name)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);

    add(&sql, QUERY_ENGINE_SQL_SCHEMA);
    engine_quote_ident(&sql, name);
    return run(cx, x, &sql);
}

/* The engine stops at one row more than allowed: then there are too many. */
static enum status table_text(struct ctx *cx, const struct export_job *x, const struct item *item,
                              str *out)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);
    str            rows                 = item->stream.approved.sql;

    add(&sql, QUERY_ENGINE_SQL_TABLE);
    engine_quote_ident(&sql, item->to.schema);
    buf_add_char(&sql, '.');
    engine_quote_ident(&sql, item->to.table);
    if (x->rq->row_limit > 0) {
        buf_printf(&sql, " AS SELECT * FROM (" STR_FMT ") LIMIT %llu", STR_ARG(rows),
                   (unsigned long long)x->rq->row_limit + 1);
    } else {
        buf_printf(&sql, " AS (" STR_FMT ")", STR_ARG(rows));
    }
    return buf_take(&sql, cx, "the statement that writes a table", out);
}

static enum status fill(struct ctx *cx, struct export_job *x, struct item *item)
{
    struct engine_statement statement = { 0 };
    struct engine_table     answer;

    TRY(make_schema(cx, x, item->to.schema));
    TRY(table_text(cx, x, item, &statement.sql));
    TRY(engine_rows(x->conn, cx, &statement, &answer));
    if (answer.rows != 1 || !str_to_u64(engine_cell(&answer, 0, 0), &item->stream.rows)) {
        return FAIL(cx, INTERNAL, "the engine did not say how many rows it wrote");
    }
    if (x->rq->row_limit > 0 && item->stream.rows > x->rq->row_limit) {
        return FAIL(cx, LIMIT, "the table has more than %llu rows (row limit)",
                    (unsigned long long)x->rq->row_limit);
    }
    return ST_OK;
}

static enum status write_table(struct ctx *cx, struct export_job *x, struct item *item)
{
    enum status st;

    TRY(query_start(cx, x->env, &item->stream));
    st = fill(cx, x, item);
    if (st != ST_OK) {
        st = query_hide_message(cx, &item->stream.reader, st);
        ignore(query_close(cx, x->env, &item->stream, st), "the table's own failure is the answer");
        return err_wrap(cx->err, STR_FMT, STR_ARG(item->to.address));
    }
    item->to.rows = item->stream.rows;
    return query_close(cx, x->env, &item->stream, st);
}

static enum status write_all(struct ctx *cx, struct export_job *x)
{
    for (size_t i = 0; i < x->items.count; i++) {
        TRY(write_table(cx, x, &x->items.items[i]));
    }
    return engine_exec(x->conn, cx, str_of(query_engine_sql[QUERY_ENGINE_SQL_CHECKPOINT].text));
}

/* Also when the export was cancelled or is late: nothing may have the file open when it is removed. */
static enum status detach(struct ctx *cx, const struct export_job *x, enum status outcome)
{
    struct err  err   = { 0 };
    struct ctx  quiet = *cx;
    enum status st;

    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    quiet.err         = outcome == ST_OK ? cx->err : &err;
    st = engine_exec(x->conn, &quiet, str_of(query_engine_sql[QUERY_ENGINE_SQL_DETACH].text));
    return outcome == ST_OK ? st : outcome;
}

static enum status write_file(struct ctx *cx, struct export_job *x)
{
    enum status st;

    TRY(query_connect(cx, x->env, &x->conn));
    st = attach(cx, x);
    if (st == ST_OK) {
        st = detach(cx, x, write_all(cx, x));
    }
    engine_disconnect(x->conn);
    return st;
}

enum status query_export(struct ctx *cx, const struct query_env *env,
                         const struct query_export_request *rq, struct diags *findings,
                         struct query_exports *out)
{
    struct export_job    x    = { .env = env, .rq = rq, .findings = findings };
    struct query_exports made = { 0 };
    enum status          st;

    TRY(db_begin(env->db, cx, DB_READ));
    st = db_end(cx, choose_and_approve(cx, &x));
    if (st != ST_OK) {
        return query_refuse(cx, env, st);
    }
    TRY(write_file(cx, &x));
    for (size_t i = 0; i < x.items.count; i++) {
        vec_push(cx->arena, &made.list, x.items.items[i].to);
    }
    *out = made;
    return ST_OK;
}
