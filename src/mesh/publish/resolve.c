/*
 * resolve.c - what a name in product SQL means.
 *
 * `step` is a file of steps/; `source.t` a table of a source in the folder; `domain.product.t` a
 * port of another product that an input port declares, at the major declared there. Everything else
 * is refused: what SQL reads and no port declares must not be read (DESIGN, rule 7).
 */
#include "publish/publish_int.h"

struct lineage_table shadow_place(struct arena *a, const struct project_product *product,
                                  const char *kind, str table)
{
    return (struct lineage_table){
        .catalog = str_of(kind),
        .schema =
            arena_printf(a, STR_FMT "__" STR_FMT, STR_ARG(product->domain), STR_ARG(product->name)),
        .table = table,
    };
}

/* The relation of a table that only has columns yet. */
static struct guard_relation shadow_relation(struct ctx *cx, struct lineage_table place,
                                             const struct project_table *table, str key)
{
    struct guard_relation r = {
        .kind    = GUARD_TABLE,
        .key     = key,
        .catalog = place.catalog,
        .schema  = place.schema,
        .table   = place.table,
    };

    if (table) {
        struct guard_column *columns = arena_array(cx->arena, table->column_count, sizeof *columns);

        for (size_t i = 0; i < table->column_count; i++) {
            columns[i] = (struct guard_column){ .name = table->columns[i].name,
                                                .type = table->columns[i].type_text };
        }
        r.columns      = columns;
        r.column_count = table->column_count;
    }
    return r;
}

static enum status resolve_step(struct product_resolver *r, struct ctx *cx,
                                const struct guard_name *name, struct guard_relation *out)
{
    for (size_t i = 0; i < r->product->steps.count; i++) {
        const struct project_step *step = &r->product->steps.items[i];

        if (step->major != r->major || !str_eq(step->name, name->table)) {
            continue;
        }
        if (r->mode == RESOLVE_SHADOW) {
            *out = shadow_relation(cx, shadow_place(cx->arena, r->product, "step", step->name),
                                   NULL, step->name);
        } else {
            *out = (struct guard_relation){ .kind    = GUARD_TABLE,
                                            .key     = step->name,
                                            .catalog = S("memory"),
                                            .schema  = r->schema,
                                            .table   = step->name };
        }
        return ST_OK;
    }
    return FAIL(cx, NOT_FOUND, "no step \"" STR_FMT "\"", STR_ARG(name->table));
}

static enum status resolve_source(struct product_resolver *r, struct ctx *cx,
                                  const struct guard_name *name, struct guard_relation *out)
{
    for (size_t i = 0; i < r->inputs->sources.count; i++) {
        const struct bound_source *s = &r->inputs->sources.items[i];

        if (!str_eq(s->table->name, name->table)) {
            continue;
        }
        *out = r->mode == RESOLVE_DATA
                   ? s->relation
                   : shadow_relation(cx, shadow_place(cx->arena, r->product, "source", name->table),
                                     s->table, s->table->address);
        return ST_OK;
    }
    return FAIL(cx, NOT_FOUND, "no source table \"" STR_FMT "\"", STR_ARG(name->table));
}

/* The name of a table that exists but that no input port declares. */
static enum status refuse_undeclared(struct product_resolver *r, struct ctx *cx,
                                     const struct address *address)
{
    str full = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(address->domain),
                            STR_ARG(address->product));
    const struct project_product *upstream = map_get(&r->env->project->by_address, full);

    if (upstream == r->product) {
        return FAIL(cx, INVALID,
                    "a product cannot read its own tables; put what they share into steps/");
    }
    if (upstream) {
        return FAIL(cx, INVALID,
                    "no input port of \"" STR_FMT "\" declares \"" STR_FMT
                    "\"; add it to inputPorts with its contract's id",
                    STR_ARG(r->product->address), STR_ARG(full));
    }
    return FAIL(cx, NOT_FOUND, "no product \"" STR_FMT "\"", STR_ARG(full));
}

static enum status resolve_upstream(struct product_resolver *r, struct ctx *cx,
                                    const struct guard_name *name, struct guard_relation *out)
{
    str text = arena_printf(cx->arena, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(name->catalog),
                            STR_ARG(name->schema), STR_ARG(name->table));
    struct address address;

    if (!address_parse(text, &address)) {
        return FAIL(cx, NOT_FOUND, "\"" STR_FMT "\" is no address", STR_ARG(text));
    }
    for (size_t i = 0; i < r->inputs->tables.count; i++) {
        const struct bound_table     *t        = &r->inputs->tables.items[i];
        const struct project_product *upstream = t->input->upstream->product;

        if (!str_eq(upstream->domain, address.domain) || !str_eq(upstream->name, address.product) ||
            !str_eq(t->table->name, address.table) ||
            (address.major != 0 && address.major != t->input->upstream->major)) {
            continue;
        }
        if (r->mode == RESOLVE_DATA) {
            *out = t->relation;
        } else {
            struct lineage_table place = {
                .catalog = upstream->domain,
                .schema  = arena_printf(cx->arena, STR_FMT "_v%u", STR_ARG(upstream->name),
                                        t->input->upstream->major),
                .table   = t->table->name,
            };
            *out          = shadow_relation(cx, place, t->table, t->table->address);
            out->decision = t->shadow;
        }
        return ST_OK;
    }
    return refuse_undeclared(r, cx, &address);
}

/* The rows of steps and sources are there while a product is built, not when a view is read. */
static enum status refuse_in_view(struct ctx *cx, const struct guard_name *name)
{
    return FAIL(cx, INVALID,
                "a view reads tables of input ports only, not %s \"" STR_FMT
                "\"; let a table of another product have its rows, or write weft.build: sql",
                name->schema.len > 0 ? "the source" : "the step", STR_ARG(name->table));
}

static enum status resolve(struct guard_resolver *base, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    struct product_resolver *r = container_of(base, struct product_resolver, base);

    if (name->has_version) {
        return FAIL(cx, INVALID,
                    "product SQL reads the newest snapshot of its inputs; AT is for queries");
    }
    if (name->schema.len == 0 && name->catalog.len == 0) {
        TRY(resolve_step(r, cx, name, out));
        return r->is_view ? refuse_in_view(cx, name) : ST_OK;
    }
    if (name->catalog.len == 0 && str_eq_nocase(name->schema, S("source"))) {
        TRY(resolve_source(r, cx, name, out));
        return r->is_view ? refuse_in_view(cx, name) : ST_OK;
    }
    if (name->catalog.len == 0) {
        return FAIL(cx, INVALID,
                    "\"" STR_FMT "." STR_FMT
                    "\" is no address; write domain.product.table, source.table or a step's name",
                    STR_ARG(name->schema), STR_ARG(name->table));
    }
    return resolve_upstream(r, cx, name, out);
}

/* What a person may have meant: steps, source tables, declared upstream tables. */
static enum status candidates(struct guard_resolver *base, struct ctx *cx,
                              const struct guard_name *name, const str **out, size_t *out_count)
{
    struct product_resolver *r = container_of(base, struct product_resolver, base);
    VEC(str) names             = { 0 };

    (void)name;
    for (size_t i = 0; i < r->product->steps.count; i++) {
        vec_push(cx->arena, &names, r->product->steps.items[i].name);
    }
    for (size_t i = 0; i < r->inputs->sources.count; i++) {
        vec_push(cx->arena, &names, r->inputs->sources.items[i].table->address);
    }
    for (size_t i = 0; i < r->inputs->tables.count; i++) {
        const struct bound_table *t = &r->inputs->tables.items[i];

        vec_push(cx->arena, &names,
                 arena_printf(cx->arena, STR_FMT "." STR_FMT,
                              STR_ARG(t->input->upstream->product->address),
                              STR_ARG(t->table->name)));
    }
    *out       = names.items;
    *out_count = names.count;
    return ST_OK;
}

void resolver_init(struct product_resolver *r, const struct publish_env *env,
                   const struct project_product *product, const struct bound_inputs *inputs,
                   enum resolve_mode mode)
{
    *r = (struct product_resolver){
        .base    = { .resolve = resolve, .candidates = candidates },
        .env     = env,
        .product = product,
        .inputs  = inputs,
        .mode    = mode,
        .major   = product->newest_major,
    };
}
