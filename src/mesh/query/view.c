/*
 * view.c - what stands for a snapshot: files, or the SELECT of a view over what its product may read.
 *
 * A view is bound whole, with all it reads, in one transaction: the guard walks its text later and asks
 * only for what lies ready here. Names in it mean what its input ports declared when it was published.
 */
#include "query/query_int.h"

#include "project/names.h"
#include "registry/registry.h"
#include "table/table.h"

/* One table that a view's text may name. */
struct input {
    struct address        address; /* with its major */
    struct guard_relation relation;
};

struct view_resolver {
    struct guard_resolver base; /* first: downcast by address */
    struct input         *inputs;
    size_t                count;
};

/* The binding of one snapshot and of all that lies under it. */
struct binding {
    const struct query_env *env;
    struct query_tables    *under;
    size_t                  depth;  /* views around           */
    size_t                  tables; /* bound so far under views */
};

enum status query_refuse_view(struct ctx *cx, str address)
{
    return FAIL(cx, INVALID,
                "view \"" STR_FMT
                "\" cannot be read at present; its owner is told why by weft plan",
                STR_ARG(address));
}

/* ---- names in a view ---- */

static enum status resolve(struct guard_resolver *base, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    const struct view_resolver *r = container_of(base, struct view_resolver, base);
    struct address              wanted;
    str text = arena_printf(cx->arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(name->catalog),
                            STR_ARG(name->schema), STR_ARG(name->table));

    for (size_t i = 0; address_parse(text, &wanted) && !name->has_version && i < r->count; i++) {
        const struct address *a = &r->inputs[i].address;

        if (str_eq(a->domain, wanted.domain) && str_eq(a->product, wanted.product) &&
            str_eq(a->table, wanted.table) && (wanted.major == 0 || wanted.major == a->major)) {
            *out = r->inputs[i].relation;
            return ST_OK;
        }
    }
    return FAIL(cx, NOT_FOUND, "the view reads no such table");
}

/* ---- binding ---- */

static enum status bind_relation(struct ctx *cx, struct binding *b, const struct table_snapshot *s,
                                 struct guard_relation *out);

static enum status bind_input(struct ctx *cx, struct binding *b, const struct access_reader *reader,
                              str through, struct input *in)
{
    struct policy_object *object = NULL;
    str                   text =
        arena_printf(cx->arena, STR_FMT "." STR_FMT "_v%u." STR_FMT, STR_ARG(in->address.domain),
                     STR_ARG(in->address.product), in->address.major, STR_ARG(in->address.table));
    struct guard_relation   given = { 0 };
    struct registry_product product;
    struct table_snapshot   s;

    if (++b->tables > GUARD_TABLES_MAX) {
        return FAIL(cx, LIMIT,
                    "a view reads more than %d tables, with those of views under it "
                    "(GUARD_TABLES_MAX)",
                    GUARD_TABLES_MAX);
    }
    TRY(query_find_table(cx, text, &product, &s));
    if (b->env->access) {
        object = ARENA_NEW(cx->arena, struct policy_object);
        TRY(query_object_of(cx, b->env->access, &product, &s, object));
        TRY(access_give(cx, b->env->access, reader, object, &given));
    }
    vec_push(cx->arena, &b->under->list,
             (struct query_table){ .address  = s.address,
                                   .snapshot = s.id,
                                   .through  = through,
                                   .number   = s.number,
                                   .decision = given.decision,
                                   .object   = object });
    TRY(bind_relation(cx, b, &s, &in->relation));
    in->relation.decision = given.decision;
    in->relation.mask_key = given.mask_key;
    return ST_OK;
}

static enum status bind_inputs(struct ctx *cx, struct binding *b, const struct table_snapshot *s,
                               struct view_resolver *out)
{
    struct registry_product product;
    struct table_addresses  addresses;
    struct access_reader    reader = { 0 };

    TRY(registry_product(cx, s->product_id, &product));
    if (b->env->access) {
        TRY(access_reader_product(cx, b->env->access, product.domain, product.name, &reader));
    }
    TRY(table_view_inputs(cx, s->id, &addresses));
    out->base   = (struct guard_resolver){ .resolve = resolve };
    out->count  = addresses.list.count;
    out->inputs = arena_array(cx->arena, out->count, sizeof *out->inputs);
    for (size_t i = 0; i < out->count; i++) {
        struct input *in = &out->inputs[i];
        enum status   st;

        if (!address_parse(addresses.list.items[i], &in->address)) {
            return FAIL(cx, CORRUPT, "an input of view \"" STR_FMT "\" is no address",
                        STR_ARG(s->address));
        }
        st = bind_input(cx, b, &reader, s->address, in);
        if (st == ST_NOT_FOUND || st == ST_INVALID) {
            return query_refuse_view(cx, s->address);
        }
        TRY(st);
    }
    return ST_OK;
}

static enum status bind_view(struct ctx *cx, struct binding *b, const struct table_snapshot *s,
                             struct guard_relation *out)
{
    struct view_resolver *resolver = ARENA_NEW(cx->arena, struct view_resolver);
    struct guard_view    *view     = ARENA_NEW(cx->arena, struct guard_view);
    str                   sql;

    if (++b->depth > GUARD_VIEWS_MAX) {
        return FAIL(cx, LIMIT, "views lie more than %d deep in one another (GUARD_VIEWS_MAX)",
                    GUARD_VIEWS_MAX);
    }
    if (registry_document(cx, s->view, &sql) != ST_OK) {
        return FAIL(cx, CORRUPT, "the SELECT of view \"" STR_FMT "\" cannot be read from the store",
                    STR_ARG(s->address));
    }
    TRY(bind_inputs(cx, b, s, resolver));
    b->depth--;
    *view = (struct guard_view){ .text = { .name = s->address, .bytes = arena_dup(cx->arena, sql) },
                                 .resolver = &resolver->base };
    out->kind = GUARD_VIEW;
    out->view = view;
    return ST_OK;
}

static enum status bind_files(struct ctx *cx, const struct query_env *env,
                              const struct table_snapshot *s, struct guard_relation *out)
{
    struct table_files files;
    str               *paths;

    TRY(table_files_of(cx, s->id, &files));
    paths = arena_array(cx->arena, files.list.count, sizeof *paths);
    for (size_t i = 0; i < files.list.count; i++) {
        TRY(blob_local_path(env->blob, cx, files.list.items[i].key, &paths[i]));
    }
    out->kind       = GUARD_PARQUET;
    out->files      = paths;
    out->file_count = files.list.count;
    out->row_count  = s->rows;
    return table_is_exact(cx, &s->columns, s->parent, &out->is_exact);
}

static enum status bind_relation(struct ctx *cx, struct binding *b, const struct table_snapshot *s,
                                 struct guard_relation *out)
{
    size_t                count   = s->columns.list.count;
    struct guard_column  *columns = arena_array(cx->arena, count, sizeof *columns);
    struct guard_relation made = { .key = s->address, .columns = columns, .column_count = count };

    for (size_t i = 0; i < count; i++) {
        const struct table_column *c = &s->columns.list.items[i];

        columns[i] =
            (struct guard_column){ .field_id = c->field_id, .name = c->name, .type = c->type };
    }
    TRY(s->view.len > 0 ? bind_view(cx, b, s, &made) : bind_files(cx, b->env, s, &made));
    *out = made;
    return ST_OK;
}

enum status query_relation(struct ctx *cx, const struct query_env *env,
                           const struct table_snapshot *snapshot, struct query_tables *under,
                           struct guard_relation *out)
{
    struct binding b = { .env = env, .under = under };

    return bind_relation(cx, &b, snapshot, out);
}
