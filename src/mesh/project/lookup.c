/*
 * lookup.c - objects, properties and ports of a document by the names that the mesh has for them.
 */
#include "project/lookup.h"

#include "project/names.h"

static bool is_called(struct arena *a, struct std_str written, str name)
{
    return str_eq(written.v, name) || str_eq(name_derive(a, written.v), name);
}

const struct odcs_object *lookup_object(struct arena *a, const struct odcs_contract *contract,
                                        str table)
{
    for (size_t i = 0; contract && i < contract->schema.count; i++) {
        if (is_called(a, contract->schema.items[i].name, table)) {
            return &contract->schema.items[i];
        }
    }
    return NULL;
}

const struct odcs_property *lookup_property(struct arena *a, const struct odcs_object *object,
                                            str column)
{
    for (size_t i = 0; object && i < object->properties.count; i++) {
        if (is_called(a, object->properties.items[i].name, column)) {
            return &object->properties.items[i];
        }
    }
    return NULL;
}

const struct odps_output_port *lookup_output_port(const struct odps_product *product, str name,
                                                  unsigned major)
{
    for (size_t i = 0; product && i < product->output_ports.count; i++) {
        const struct odps_output_port *p = &product->output_ports.items[i];
        struct version                 v;

        if (str_eq(p->name.v, name) && version_parse(p->version.v, &v) && v.major == major) {
            return p;
        }
    }
    return NULL;
}
