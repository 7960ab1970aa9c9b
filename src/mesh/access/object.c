/*
 * object.c - a table as policies see it: its address, and the labels of its contract.
 */
#include "access/access_int.h"

#include "project/lookup.h"
#include "project/names.h"

struct builder {
    struct arena *a;
    VEC(str) tags;
    VEC(struct policy_field) fields;
};

static void add_tags(struct builder *b, const struct std_strs *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        vec_push(b->a, &b->tags, arena_dup(b->a, tags->items[i].v));
    }
}

static void add_text(struct builder *b, str name, struct std_str value)
{
    if (std_is_set(value)) {
        vec_push(b->a, &b->fields, (struct policy_field){ name, arena_dup(b->a, value.v) });
    }
}

static void add_bool(struct builder *b, str name, struct std_bool value)
{
    if (std_is_set(value)) {
        vec_push(b->a, &b->fields, (struct policy_field){ name, value.v ? S("true") : S("false") });
    }
}

static void add_custom(struct builder *b, const struct std_customs *custom)
{
    for (size_t i = 0; i < custom->count; i++) {
        const struct std_custom *c = &custom->items[i];
        str                      text;

        if (std_any_text(c->value, &text)) {
            vec_push(
                b->a, &b->fields,
                (struct policy_field){ arena_dup(b->a, c->property.v), arena_dup(b->a, text) });
        }
    }
}

/* What a struct's or a list's parts are labelled with is said of the whole column. */
static void add_property(struct builder *b, const struct odcs_property *p,
                         struct policy_column *out, bool is_top)
{
    enum policy_level level;

    add_tags(b, &p->tags);
    if (std_is_set(p->classification) && policy_level_parse(p->classification.v, &level) &&
        level > out->level) {
        out->level = level;
    }
    if (is_top) {
        add_text(b, S("logicalType"), p->logical_text);
        add_text(b, S("physicalType"), p->physical_type);
        add_text(b, S("businessName"), p->business_name);
        add_bool(b, S("primaryKey"), p->primary_key);
        add_bool(b, S("required"), p->required);
        add_bool(b, S("unique"), p->unique);
        add_bool(b, S("criticalDataElement"), p->critical);
        add_custom(b, &p->custom);
    }
    for (size_t i = 0; i < p->properties.count; i++) {
        add_property(b, &p->properties.items[i], out, false);
    }
    if (p->items) {
        add_property(b, p->items, out, false);
    }
    if (p->map.value) {
        add_property(b, p->map.value, out, false);
    }
}

static struct policy_column column_of(struct arena *a, const struct odcs_property *property,
                                      str name, str type)
{
    struct builder       b   = { .a = a };
    struct policy_column out = { .name = arena_dup(a, name), .type = arena_dup(a, type) };

    if (property) {
        add_property(&b, property, &out, true);
    }
    out.tags        = b.tags.items;
    out.tag_count   = b.tags.count;
    out.fields      = b.fields.items;
    out.field_count = b.fields.count;
    return out;
}

/* Tags of product, contract and table; fields of the contract. */
static void label(struct arena *a, const struct std_strs *product_tags,
                  const struct odcs_contract *contract, const struct odcs_object *object,
                  struct policy_object *out)
{
    struct builder b = { .a = a };

    add_tags(&b, product_tags);
    add_tags(&b, &contract->tags);
    if (object) {
        add_tags(&b, &object->tags);
        add_custom(&b, &object->custom);
    }
    add_text(&b, S("id"), contract->id);
    add_text(&b, S("name"), contract->name);
    add_text(&b, S("status"), contract->status);
    add_text(&b, S("domain"), contract->domain);
    add_text(&b, S("tenant"), contract->tenant);
    add_text(&b, S("dataProduct"), contract->data_product);
    add_custom(&b, &contract->custom);
    out->tags        = b.tags.items;
    out->tag_count   = b.tags.count;
    out->fields      = b.fields.items;
    out->field_count = b.fields.count;
}

/* ---- published ---- */

enum status access_published(struct ctx *cx, const struct access *access,
                             const struct registry_product *product,
                             const struct registry_port    *port,
                             const struct table_snapshot *snapshot, struct policy_object *out)
{
    size_t                      count   = snapshot->columns.list.count;
    struct policy_column       *columns = arena_array(cx->arena, count, sizeof *columns);
    const struct odcs_contract *contract;
    const struct odps_product  *described;
    struct address              address;
    const struct odcs_object   *object;

    if (!address_parse(snapshot->address, &address)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(snapshot->address));
    }
    TRY(access_contract(cx, access, port->document, &contract));
    TRY(access_product(cx, access, product->document, &described));
    object = lookup_object(cx->arena, contract, address.table);
    for (size_t i = 0; i < count; i++) {
        const struct table_column *c = &snapshot->columns.list.items[i];

        columns[i] =
            column_of(cx->arena, lookup_property(cx->arena, object, c->name), c->name, c->type);
    }
    *out = (struct policy_object){ .domain       = product->domain,
                                   .product      = product->name,
                                   .table        = arena_dup(cx->arena, address.table),
                                   .major        = port->major,
                                   .is_open      = port->is_open,
                                   .columns      = columns,
                                   .column_count = count };
    label(cx->arena, &described->tags, contract, object, out);
    return ST_OK;
}

/* ---- written ---- */

void access_written(struct ctx *cx, const struct project_port *port,
                    const struct project_table *table, struct policy_object *out)
{
    struct policy_column *columns = arena_array(cx->arena, table->column_count, sizeof *columns);

    for (size_t i = 0; i < table->column_count; i++) {
        const struct project_column *c = &table->columns[i];

        columns[i] = column_of(cx->arena, c->property, c->name, c->type_text);
    }
    *out = (struct policy_object){ .domain       = port->product->domain,
                                   .product      = port->product->name,
                                   .table        = table->name,
                                   .major        = port->major,
                                   .is_open      = port->is_open,
                                   .columns      = columns,
                                   .column_count = table->column_count };
    label(cx->arena, &port->product->odps->tags, port->contract, table->object, out);
}
