/*
 * set_place.c - addresses and keys of `weft set` as places in documents.
 */
#include "cli/set.h"

#include <string.h>

#include "os/file.h"
#include "os/path.h"
#include "project/names.h"

enum { NAMES_MAX = 400 };

/* ------------------------------------------------------------------------- documents */

static enum status add_document(struct cli *cli, struct set_target *target, str path,
                                const struct diag_text *text, struct set_document **out)
{
    struct set_document *d;

    for (size_t i = 0; i < target->document_count; i++) {
        if (str_eq(target->documents[i].path, path)) {
            *out = &target->documents[i];
            return ST_OK;
        }
    }
    d  = &target->documents[target->document_count++];
    *d = (struct set_document){ .path = path, .before = *text, .now = text->bytes };
    if (!text->bytes.ptr) {
        TRY(os_file_read(cli->cx, path, PROJECT_DOCUMENT_MAX, &d->before.bytes));
        d->now = d->before.bytes;
    }
    *out = d;
    return ST_OK;
}

static enum status add_scope(struct cli *cli, const struct cli_mesh *mesh,
                             struct set_target *target, str prefix, const struct project_doc *doc,
                             str pointer)
{
    struct set_scope scope = { .prefix = prefix, .pointer = pointer };
    str              path  = os_path_join(cli->cx->arena, mesh->project->root, doc->text.name);

    TRY(add_document(cli, target, path, &doc->text, &scope.document));
    target->scopes[target->scope_count++] = scope;
    return ST_OK;
}

/* ------------------------------------------------------------------------- addresses */

static enum status not_found(struct cli *cli, const char *what, str name, const str *names,
                             size_t count)
{
    str near = str_nearest(name, names, count);

    if (near.len) {
        return FAIL(cli->cx, NOT_FOUND, "no %s \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
                    what, STR_ARG(name), STR_ARG(near));
    }
    return FAIL(cli->cx, NOT_FOUND, "no %s \"" STR_FMT "\" in the mesh's documents", what,
                STR_ARG(name));
}

static enum status find_domain(struct cli *cli, struct cli_mesh *mesh, str name,
                               struct set_target *out)
{
    str    names[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < mesh->project->domains.count; i++) {
        const struct project_domain *d = &mesh->project->domains.items[i];

        if (str_eq(d->name, name)) {
            return add_scope(cli, mesh, out, STR_NONE, d->doc, STR_NONE);
        }
        if (count < NAMES_MAX) {
            names[count++] = d->name;
        }
    }
    return not_found(cli, "domain", name, names, count);
}

static enum status find_product(struct cli *cli, struct cli_mesh *mesh, str name,
                                struct project_product **out)
{
    str    names[NAMES_MAX];
    size_t count = 0;

    *out = project_find(mesh->project, name);
    if (*out) {
        return ST_OK;
    }
    for (size_t i = 0; i < mesh->project->products.count && count < NAMES_MAX; i++) {
        names[count++] = mesh->project->products.items[i]->address;
    }
    return not_found(cli, "product", name, names, count);
}

/* The output port of the product's document that stands for this port; empty when none does. */
static str port_pointer(struct cli *cli, const struct project_port *port)
{
    const struct odps_product *odps = port->product->odps;

    for (size_t i = 0; i < odps->output_ports.count; i++) {
        const struct odps_output_port *p = &odps->output_ports.items[i];
        struct version                 v;

        if (str_eq(p->name.v, port->name) &&
            (!version_parse(p->version.v, &v) || v.major == port->major)) {
            return arena_printf(cli->cx->arena, "/outputPorts/%zu", i);
        }
    }
    return STR_NONE;
}

/* The property `name` of a list, below `pointer`. */
static enum status find_column(struct cli *cli, const struct odcs_properties *list, str name,
                               str *pointer, const struct odcs_property **out)
{
    str    names[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i].name.v, name)) {
            *pointer =
                arena_printf(cli->cx->arena, STR_FMT "/properties/%zu", STR_ARG(*pointer), i);
            *out = &list->items[i];
            return ST_OK;
        }
        if (count < NAMES_MAX) {
            names[count++] = list->items[i].name.v;
        }
    }
    return not_found(cli, "column", name, names, count);
}

/* "column" or "column.inner": properties of objects, also those that a list is made of. */
static enum status find_columns(struct cli *cli, const struct odcs_object *object, str path,
                                str *pointer)
{
    const struct odcs_properties *list = &object->properties;
    const struct odcs_property   *found;
    str                           step;

    while (path.len && str_cut(&path, '.', &step)) {
        TRY(find_column(cli, list, step, pointer, &found));
        while (path.len && found->items && found->properties.count == 0) {
            *pointer = arena_concat(cli->cx->arena, *pointer, S("/items"));
            found    = found->items;
        }
        list = &found->properties;
    }
    return ST_OK;
}

static enum status find_table(struct cli *cli, struct cli_mesh *mesh, str name, str columns,
                              struct set_target *out)
{
    struct project_product *product;
    struct project_table   *table = NULL;
    struct project_port    *port;
    struct address          address;
    str                     names[NAMES_MAX], pointer;
    size_t                  count = 0;

    TRY(find_product(cli, mesh, name, &product));
    if (!address_parse(name, &address)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is no address", STR_ARG(name));
    }
    port = project_port_of(product, address.major, address.table, &table);
    for (size_t i = 0; !port && i < product->ports.count; i++) {
        for (size_t k = 0; k < product->ports.items[i]->table_count && count < NAMES_MAX; k++) {
            names[count++] = product->ports.items[i]->tables[k].name;
        }
    }
    if (!port) {
        return not_found(cli, "table", address.table, names, count);
    }
    pointer = arena_printf(cli->cx->arena, "/schema/%zu",
                           (size_t)(table->object - port->contract->schema.items));
    TRY(find_columns(cli, table->object, columns, &pointer));
    TRY(add_scope(cli, mesh, out, STR_NONE, port->doc, pointer));
    if (columns.len) {
        return ST_OK;
    }
    TRY(add_scope(cli, mesh, out, S("contract."), port->doc, STR_NONE));
    pointer = port_pointer(cli, port);
    return pointer.len ? add_scope(cli, mesh, out, S("port."), product->doc, pointer) : ST_OK;
}

static enum status find_file(struct cli *cli, str path, struct set_target *out)
{
    struct diag_text text  = { .name = path };
    struct set_scope scope = { 0 };

    TRY(add_document(cli, out, path, &text, &scope.document));
    out->scopes[out->scope_count++] = scope;
    return ST_OK;
}

/* The first three words of an address, and the columns behind them. */
static str table_part(str address, str *columns)
{
    size_t at = 0;

    *columns = STR_NONE;
    for (size_t dots = 0; at < address.len; at++) {
        if (address.ptr[at] == '.' && ++dots == 3) {
            *columns = str_from(address, at + 1);
            return str_sub(address, 0, at);
        }
    }
    return address;
}

enum status set_find(struct cli *cli, struct cli_mesh *mesh, str address, struct set_target *out)
{
    struct project_product *product;
    str                     columns, table;
    size_t                  dots = 0;

    if (str_has(address, S("/")) || str_ends(address, S(".yaml"))) {
        return find_file(cli, address, out);
    }
    for (size_t i = 0; i < address.len; i++) {
        dots += address.ptr[i] == '.';
    }
    TRY(cli_mesh_open(cli, CLI_MESH_FILES, mesh));
    if (dots == 0) {
        return find_domain(cli, mesh, address, out);
    }
    if (dots == 1) {
        TRY(find_product(cli, mesh, address, &product));
        return add_scope(cli, mesh, out, STR_NONE, product->doc, STR_NONE);
    }
    table = table_part(address, &columns);
    return find_table(cli, mesh, table, columns, out);
}

/* ------------------------------------------------------------------------- keys */

bool set_entry(const struct yaml_node *list, str word, size_t *out)
{
    static const str names[] = { STR_INIT("id"),       STR_INIT("name"),     STR_INIT("server"),
                                 STR_INIT("property"), STR_INIT("username"), STR_INIT("role"),
                                 STR_INIT("channel"),  STR_INIT("value"),    STR_INIT("synonym") };
    uint64_t         number;

    for (size_t n = 0; n < COUNT_OF(names); n++) {
        for (size_t i = 0; i < list->count; i++) {
            const struct yaml_node *v = yaml_get(list->items[i], names[n]);

            if (v && v->kind < YAML_LIST && v->text.len && str_eq(v->text, word)) {
                *out = i;
                return true;
            }
        }
    }
    if (str_to_u64(word, &number) && number < list->count) {
        *out = (size_t)number;
        return true;
    }
    return false;
}

static str add_step(struct cli *cli, str pointer, str step)
{
    struct buf CLEANUP(buf_release) made = BUF_INIT(1 << 16);

    buf_add(&made, pointer);
    buf_add_char(&made, '/');
    for (size_t i = 0; i < step.len; i++) {
        if (step.ptr[i] == '~' || step.ptr[i] == '/') {
            buf_add(&made, step.ptr[i] == '~' ? S("~0") : S("~1"));
        } else {
            buf_add_char(&made, step.ptr[i]);
        }
    }
    return arena_dup(cli->cx->arena, buf_view(&made));
}

static struct set_scope *scope_of(struct set_target *target, str *key)
{
    struct set_scope *best = &target->scopes[0];

    for (size_t i = 1; i < target->scope_count; i++) {
        if (str_starts(*key, target->scopes[i].prefix)) {
            best = &target->scopes[i];
        }
    }
    *key = str_from(*key, best->prefix.len);
    return best;
}

/* "weft.build" and "customProperties.own.name": the rest of the key is one name. */
static bool take_custom(str key, str *name)
{
    static const str word = STR_INIT("customProperties.");

    if (str_starts(key, S("weft.")) && key.len > 5) {
        *name = key;
        return true;
    }
    if (str_starts(key, word) && key.len > word.len) {
        *name = str_from(key, word.len);
        return true;
    }
    return false;
}

/* Down the tree as far as it goes; what is left of the key stands in out->missing. */
static enum status walk(struct cli *cli, const struct yaml_node *node, str key,
                        struct set_place *out)
{
    str    rest = key, step, index;
    size_t at;

    while (node && str_cut(&rest, '.', &step)) {
        if (step.len == 0) {
            return FAIL(cli->cx, INVALID, "key \"" STR_FMT "\" has an empty step", STR_ARG(key));
        }
        if (node->kind == YAML_LIST) {
            if (!set_entry(node, step, &at)) {
                return FAIL(cli->cx, NOT_FOUND,
                            "no entry \"" STR_FMT "\" at \"" STR_FMT
                            "\": name it by id, name or its number from 0",
                            STR_ARG(step), STR_ARG(key));
            }
            index        = arena_printf(cli->cx->arena, "%zu", at);
            out->pointer = add_step(cli, out->pointer, index);
            node         = node->items[at];
        } else if (node->kind == YAML_MAP) {
            out->pointer = add_step(cli, out->pointer, step);
            node         = yaml_get(node, step);
        } else {
            return FAIL(cli->cx, NOT_FOUND,
                        "\"" STR_FMT "\" has no fields: the value above is " STR_FMT, STR_ARG(key),
                        STR_ARG(yaml_kind_name(node->kind)));
        }
    }
    out->missing = rest.ptr ? rest : STR_NONE;
    return ST_OK;
}

enum status set_locate(struct cli *cli, struct set_target *target, str key, struct set_place *out)
{
    struct set_place  place = { .key = key };
    struct diags      diags = { 0 };
    struct yaml_node *root  = NULL;
    struct diag_text  text;

    place.scope = scope_of(target, &key);
    text = (struct diag_text){ place.scope->document->before.name, place.scope->document->now };
    if (yaml_read(cli->cx, &text, NULL, &diags, &root) != ST_OK || diags.errors) {
        cli_print_diags(cli, &diags);
        return FAIL(cli->cx, INVALID, STR_FMT " cannot be edited: it is no right YAML",
                    STR_ARG(text.name));
    }
    place.pointer = place.scope->pointer;
    if (take_custom(key, &place.custom)) {
        place.pointer = arena_concat(cli->cx->arena, place.pointer, S("/customProperties"));
    } else {
        TRY(walk(cli, yaml_path(root, place.pointer), key, &place));
    }
    *out = place;
    return ST_OK;
}
