/*
 * govern.c - what a product may read of its inputs: it is a principal like everybody.
 *
 * A published upstream table is governed by its published contract. What a product reads of it decides
 * its content, so the decision is an input of the publish like a snapshot: a changed policy builds the
 * product anew. A table that is not published yet is governed by its contract as written.
 */
#include "publish/publish_int.h"

#include "codec/digest.h"
#include "registry/registry.h"

static enum status find_object(struct ctx *cx, const struct access *access, struct bound_table *t,
                               struct policy_object *out)
{
    const struct project_port *port = t->input->upstream;
    struct registry_product    product;
    struct registry_port       published;

    if (!t->is_published) {
        access_written(cx, port, t->table, out);
        return ST_OK;
    }
    TRY(registry_product(cx, t->snapshot.product_id, &product));
    TRY(registry_port(cx, product.id, t->snapshot.port, port->major, &published));
    t->is_as_written = str_eq(published.document, str_of(port->doc->sha256));
    return access_published(cx, access, &product, &published, &t->snapshot, out);
}

static enum status refuse(struct ctx *cx, const struct project_product *product,
                          const struct bound_table *t)
{
    return FAIL(cx, DENIED,
                "the policies do not let product \"" STR_FMT "\" read \"" STR_FMT
                "\"; an allow policy would (weft policy explain --as " STR_FMT " " STR_FMT
                " says why)",
                STR_ARG(product->address), STR_ARG(t->table->address), STR_ARG(product->address),
                STR_ARG(t->table->address));
}

/* What decides the content of what is read. */
static str decision_text(struct ctx *cx, const struct policy_object *object,
                         const struct policy_decision *decision, str mask_key)
{
    str text = access_decision_text(cx, object, decision);

    return str_has(text, S("hash")) /* another key gives other values */
               ? arena_printf(cx->arena, STR_FMT "key " STR_FMT "\n", STR_ARG(text),
                              STR_ARG(mask_key))
               : text;
}

static enum status govern_table(struct ctx *cx, const struct publish_env *env,
                                const struct project_product *product, struct bound_table *t)
{
    struct policy_object   *object = ARENA_NEW(cx->arena, struct policy_object);
    struct access_reader    reader;
    struct policy_decision *decision = ARENA_NEW(cx->arena, struct policy_decision);

    TRY(access_reader_product(cx, env->access, product->domain, product->name, &reader));
    TRY(find_object(cx, env->access, t, object));
    TRY(access_decide(cx, env->access, &reader, object, decision));
    if (!decision->access.may_read) {
        return refuse(cx, product, t);
    }
    if (t->is_published) {
        TRY(access_put(cx, env->access, object, decision, &t->relation));
    }
    t->decision = decision_text(cx, object, decision, t->relation.mask_key);
    return ST_OK;
}

enum status inputs_govern(struct ctx *cx, const struct publish_env *env,
                          const struct project_product *product, struct bound_inputs *inputs)
{
    for (size_t i = 0; env->access && i < inputs->tables.count; i++) {
        TRY(govern_table(cx, env, product, &inputs->tables.items[i]));
    }
    return ST_OK;
}

/* ---- for the shadow catalog ---- */

/*
 * The shadow catalog has no rows and no masks, only columns that do not exist for the product, and those
 * it may not show. The columns are those of the written contract.
 */
static enum status decide_shadow(struct ctx *cx, const struct publish_env *env,
                                 const struct access_reader *reader, struct bound_table *t)
{
    struct policy_decision        *decision = ARENA_NEW(cx->arena, struct policy_decision);
    struct policy_column_decision *columns;
    struct policy_object           object;
    size_t                         count = t->table->column_count;

    access_written(cx, t->input->upstream, t->table, &object);
    TRY(access_decide(cx, env->access, reader, &object, decision));
    decision->rows = NULL;
    if (decision->columns) {
        columns = arena_array(cx->arena, count, sizeof *columns);
        for (size_t i = 0; i < count; i++) {
            const struct policy_column_decision *d = &decision->columns[i];

            columns[i].show = d->show == POLICY_MASKED ? POLICY_CLEAR : d->show;
        }
        decision->columns = columns;
    }
    t->shadow = decision;
    return ST_OK;
}

enum status inputs_govern_shadow(struct ctx *cx, const struct publish_env *env,
                                 const struct project_product *product, struct bound_inputs *inputs)
{
    struct access_reader reader;

    if (!env->access) {
        return ST_OK;
    }
    TRY(access_reader_product(cx, env->access, product->domain, product->name, &reader));
    for (size_t i = 0; i < inputs->tables.count; i++) {
        TRY(decide_shadow(cx, env, &reader, &inputs->tables.items[i]));
    }
    return ST_OK;
}

/* ---- as inputs ---- */

static void list_policy(struct ctx *cx, str name, str decision, struct publish_inputs *out)
{
    if (decision.len > 0) {
        vec_push(cx->arena, &out->list,
                 (struct publish_input){ .kind   = S("policy"),
                                         .name   = name,
                                         .sha256 = digest_hex(cx, sha256_of(decision)) });
    }
}

void inputs_list_policies(struct ctx *cx, const struct bound_inputs *inputs,
                          struct publish_inputs *out)
{
    for (size_t i = 0; i < inputs->tables.count; i++) {
        const struct bound_table *t = &inputs->tables.items[i];

        if (t->gone_us) {
            continue;
        }
        list_policy(cx, t->table->address, t->decision, out);
        for (size_t k = 0; k < t->under.list.count; k++) {
            const struct query_table *u = &t->under.list.items[k];

            if (u->decision) {
                list_policy(cx,
                            arena_printf(cx->arena, STR_FMT " through " STR_FMT,
                                         STR_ARG(u->address), STR_ARG(u->through)),
                            decision_text(cx, u->object, u->decision, t->relation.mask_key), out);
            }
        }
    }
}
