/*
 * ports.c - output ports bound to their contracts, tables and SQL.
 */
#include "project/project_int.h"

#include "standard/keys.h"

static struct found_contract *find_contract(struct product_load *load, str id, unsigned major)
{
    for (size_t i = 0; i < load->files->contracts.count; i++) {
        struct found_contract *found = &load->files->contracts.items[i];
        struct version         v;

        if (str_eq(found->contract->id.v, id) && version_parse(found->contract->version.v, &v) &&
            v.major == major) {
            return found;
        }
    }
    return NULL;
}

/* The nearest right contract id of the folder, for a port whose contractId names none. */
static str nearest_contract(struct product_load *load, str id)
{
    size_t count = load->files->contracts.count;
    str   *ids   = arena_array(load->cx->arena, count + 1, sizeof *ids);
    str    near;

    for (size_t i = 0; i < count; i++) {
        ids[i] = load->files->contracts.items[i].contract->id.v;
        if (str_eq(ids[i], id)) {
            return arena_printf(load->cx->arena,
                                "the contract of that id has version " STR_FMT
                                "; majors must agree",
                                STR_ARG(load->files->contracts.items[i].contract->version.v));
        }
    }
    near = str_nearest(id, ids, count);
    if (near.len) {
        return arena_printf(load->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    return S("put the contract (*.odcs.yaml) into the product's folder, an older major into v<N>/");
}

static void report_type(struct product_load *load, const struct project_doc *doc,
                        const struct odcs_property *p, const struct coltype *type)
{
    str cast, path;

    if (coltype_publishable(load->cx, type, &cast, &path)) {
        return;
    }
    REPORT(load, DIAG_ERROR, doc, std_is_set(p->physical_type) ? p->physical_type.at : p->at,
           "types.not-publishable",
           arena_printf(load->cx->arena, "declare " STR_FMT " and cast to it in the SQL",
                        STR_ARG(cast)),
           "column \"" STR_FMT "\"%s" STR_FMT " has type " STR_FMT
           ", which Delta and Iceberg tables lack",
           STR_ARG(p->name.v), path.len ? " at " : "", STR_ARG(path),
           STR_ARG(coltype_text(load->cx, type)));
}

static enum status one_column(struct product_load *load, const struct project_doc *doc,
                              const struct odcs_property *p, bool is_source,
                              struct project_column *out)
{
    const struct coltype *type = coltype_simple(COLTYPE_VARCHAR);
    enum status           st   = coltype_of_property(load->cx, p, &type);

    if (st == ST_NOT_FOUND) {
        if (!is_source) {
            REPORT(load, DIAG_ERROR, doc, p->at, "types.missing",
                   S("write logicalType: string, integer, number, boolean, date or timestamp"),
                   "column \"" STR_FMT "\" has no type", STR_ARG(p->name.v));
        }
        type = coltype_simple(COLTYPE_VARCHAR);
    } else if (st == ST_INVALID) {
        REPORT(load, DIAG_ERROR, doc, std_is_set(p->physical_type) ? p->physical_type.at : p->at,
               "types.unknown", STR_NONE, STR_FMT, STR_ARG(err_text(load->cx->err)));
        err_clear(load->cx->err);
    } else if (st != ST_OK) {
        return st;
    } else if (!is_source) {
        report_type(load, doc, p, type);
        type = coltype_stored(load->cx, type);
    }
    *out = (struct project_column){
        .name      = p->name.v,
        .type      = type,
        .type_text = coltype_text(load->cx, type),
        .property  = p,
    };
    return ST_OK;
}

enum status product_columns(struct product_load *load, const struct project_doc *doc,
                            const struct odcs_object *object, bool is_source,
                            struct project_table *table)
{
    size_t     count = object->properties.count;
    struct map seen  = { 0 };

    if (count > PROJECT_COLUMNS_MAX) {
        return FAIL(load->cx, LIMIT, "table \"" STR_FMT "\" has more than %d columns",
                    STR_ARG(object->name.v), PROJECT_COLUMNS_MAX);
    }
    table->columns      = arena_array(load->cx->arena, count, sizeof *table->columns);
    table->column_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct odcs_property *p     = &object->properties.items[i];
        char                       *lower = arena_cstr(load->cx->arena, p->name.v);

        TRY(one_column(load, doc, p, is_source, &table->columns[i]));
        for (size_t k = 0; k < p->name.v.len; k++) {
            lower[k] = char_lower(lower[k]);
        }
        if (map_put(&seen, load->cx->arena, (str){ lower, p->name.v.len }, table) != NULL) {
            REPORT(load, DIAG_ERROR, doc, p->name.at, "names.column-clash",
                   S("the engine does not tell upper from lower case in names"),
                   "column \"" STR_FMT "\" stands twice in table \"" STR_FMT "\"",
                   STR_ARG(p->name.v), STR_ARG(object->name.v));
        }
    }
    if (count == 0 && !is_source) {
        REPORT(load, DIAG_ERROR, doc, object->at, "types.no-columns", S("list its properties:"),
               "table \"" STR_FMT "\" has no columns", STR_ARG(object->name.v));
    }
    return ST_OK;
}

/* A table for which nothing is found here may be a copy: bind_copy, when the inputs are known. */
static void bind_sql(struct product_load *load, struct project_port *port,
                     struct project_table *table)
{
    for (size_t i = 0; i < load->files->sql.count; i++) {
        struct found_sql *sql = &load->files->sql.items[i];

        if (str_eq(sql->dir, port->dir) && str_eq(sql->name, table->name)) {
            sql->is_used    = true;
            table->sql      = sql->doc;
            table->sql_text = sql->doc->text.bytes;
            return;
        }
    }
}

static bool is_table_clash(const struct product_load *load, const struct project_port *port,
                           str name, str *other)
{
    for (size_t i = 0; i < load->product->ports.count; i++) {
        const struct project_port *p = load->product->ports.items[i];

        for (size_t k = 0; p->major == port->major && k < p->table_count; k++) {
            if (str_eq(p->tables[k].name, name)) {
                *other = p->name;
                return true;
            }
        }
    }
    for (size_t k = 0; k < port->table_count; k++) {
        if (str_eq(port->tables[k].name, name)) {
            *other = port->name;
            return true;
        }
    }
    return false;
}

static enum status bind_table(struct product_load *load, struct project_port *port,
                              const struct odcs_object *object)
{
    struct project_table table = { .object = object, .name = object->name.v };
    str                  other;

    if (!name_is_valid(table.name)) {
        table.name = name_derive(load->cx->arena, object->name.v);
        REPORT(load, DIAG_INFO, port->doc, object->name.at, "names.derived", STR_NONE,
               "table \"" STR_FMT "\" is addressed as \"" STR_FMT "\"", STR_ARG(object->name.v),
               STR_ARG(table.name));
    }
    if (is_table_clash(load, port, table.name, &other)) {
        REPORT(load, DIAG_ERROR, port->doc, object->name.at, "names.table-clash",
               S("all tables of one product and major share one name space"),
               "table \"" STR_FMT "\" is also a table of port \"" STR_FMT "\"", STR_ARG(table.name),
               STR_ARG(other));
        return ST_OK;
    }
    table.address = address_table(load->cx->arena, load->product->domain, load->product->name,
                                  port->major, table.name);
    TRY(product_columns(load, port->doc, object, false, &table));
    product_table_keys(load, port, &table);
    if (table.build != PROJECT_BUILD_DELIVERED) {
        bind_sql(load, port, &table);
    }
    port->tables[port->table_count++] = table;
    return ST_OK;
}

static void check_versions(struct product_load *load, const struct odps_output_port *odps,
                           const struct project_port *port)
{
    const struct odcs_contract *c = port->contract;

    if (!str_eq(odps->version.v, c->version.v)) {
        REPORT(load, DIAG_WARNING, load->product->doc, odps->version.at, "versions.port-differs",
               S("`weft plan --fix` writes it"),
               "port \"" STR_FMT "\" says version " STR_FMT ", its contract says " STR_FMT,
               STR_ARG(odps->name.v), STR_ARG(odps->version.v), STR_ARG(c->version.v));
    }
    if (std_is_set(c->domain) && !str_eq(c->domain.v, load->product->domain)) {
        REPORT(load, DIAG_ERROR, port->doc, c->domain.at, "names.domain-differs", STR_NONE,
               "the contract says domain \"" STR_FMT "\" but its product lies in \"" STR_FMT "\"",
               STR_ARG(c->domain.v), STR_ARG(load->product->domain));
    }
}

static enum status bind_port(struct product_load *load, const struct odps_output_port *odps)
{
    struct project_port   *port = ARENA_NEW(load->cx->arena, struct project_port);
    struct found_contract *found;
    struct version         v;

    if (!std_is_set(odps->contract_id) || !version_parse(odps->version.v, &v)) {
        REPORT(load, DIAG_ERROR, load->product->doc, odps->at, "ports.no-contract",
               S("write version: 1.0.0 and contractId: with the id of its contract"),
               "output port \"" STR_FMT "\" names no contract and version", STR_ARG(odps->name.v));
        return ST_OK;
    }
    if (v.major == 0) {
        REPORT(load, DIAG_ERROR, load->product->doc, odps->version.at, "versions.zero",
               S("write 1.0.0 here and in the contract"),
               "output port \"" STR_FMT "\" has version " STR_FMT "; majors of ports begin with 1",
               STR_ARG(odps->name.v), STR_ARG(odps->version.v));
        return ST_OK;
    }
    found = find_contract(load, odps->contract_id.v, v.major);
    if (!found) {
        REPORT(load, DIAG_ERROR, load->product->doc, odps->contract_id.at, "ports.no-contract",
               nearest_contract(load, odps->contract_id.v),
               "output port \"" STR_FMT "\": no contract \"" STR_FMT "\" with major %u",
               STR_ARG(odps->name.v), STR_ARG(odps->contract_id.v), v.major);
        return ST_OK;
    }
    found->is_output = true;
    *port            = (struct project_port){
                   .product  = load->product,
                   .name     = odps->name.v,
                   .version  = found->contract->version.v,
                   .major    = v.major,
                   .contract = found->contract,
                   .doc      = found->doc,
                   .dir      = found->dir,
    };
    port->is_open =
        str_eq(std_key_word(STD_KEY_ACCESS, &odps->custom, &port->contract->custom), S("open"));
    port->history_us =
        std_key_duration(STD_KEY_HISTORY, &port->contract->custom, &load->product->odps->custom);
    port->life = life_of(port->contract, std_is_true(odps->deprecated) ||
                                             std_is_true(load->product->odps->deprecated));
    check_versions(load, odps, port);
    port->tables = arena_array(load->cx->arena, port->contract->schema.count, sizeof *port->tables);
    for (size_t i = 0; i < port->contract->schema.count; i++) {
        TRY(bind_table(load, port, &port->contract->schema.items[i]));
    }
    vec_push(load->cx->arena, &load->product->ports, port);
    if (port->major > load->product->newest_major) {
        load->product->newest_major = port->major;
    }
    return ST_OK;
}

/* Two ports of one name and major, which the standard's schema lets pass. */
static bool is_port_twice(const struct product_load *load, const struct odps_output_port *odps)
{
    struct version v;

    if (!version_parse(odps->version.v, &v)) {
        return false;
    }
    for (size_t i = 0; i < load->product->ports.count; i++) {
        const struct project_port *p = load->product->ports.items[i];

        if (str_eq(p->name, odps->name.v) && p->major == v.major) {
            return true;
        }
    }
    return false;
}

struct project_port *project_successor(const struct project_port *port, int64_t now_us)
{
    struct project_port *found = NULL;

    for (size_t i = 0; i < port->product->ports.count; i++) {
        struct project_port *p = port->product->ports.items[i];

        if (p->major != port->major && life_stage_at(&p->life, now_us) == LIFE_ACTIVE &&
            (!found || p->major > found->major)) {
            found = p;
        }
    }
    return found;
}

str project_port_address(struct arena *a, const struct project_port *port)
{
    return arena_printf(a, STR_FMT "_v%u", STR_ARG(port->product->address), port->major);
}

/* An old major beside a newer one ends some day; readers want to know when. */
static void report_endless(struct product_load *load)
{
    for (size_t i = 0; i < load->product->ports.count; i++) {
        const struct project_port *port = load->product->ports.items[i];
        const struct project_port *next = project_successor(port, ctx_now_us(load->cx));

        if (!port->life.has_sunset && next && next->major > port->major) {
            REPORT(load, DIAG_INFO, port->doc, port->contract->version.at, "versions.no-sunset",
                   S("write slaProperties: with {property: endOfLife, value: 2027-01-31}"),
                   "major %u of port \"" STR_FMT "\" stands beside the newer " STR_FMT
                   " and nothing says when it ends",
                   port->major, STR_ARG(port->name),
                   STR_ARG(project_port_address(load->cx->arena, next)));
        }
    }
}

enum status product_bind_ports(struct product_load *load)
{
    const struct odps_product *odps = load->product->odps;

    for (size_t i = 0; i < odps->output_ports.count; i++) {
        const struct odps_output_port *port = &odps->output_ports.items[i];

        if (is_port_twice(load, port)) {
            REPORT(load, DIAG_ERROR, load->product->doc, port->name.at, "ports.twice",
                   S("a port has one version for each major"),
                   "output port \"" STR_FMT "\" has this major twice", STR_ARG(port->name.v));
        } else {
            TRY(bind_port(load, port));
        }
    }
    if (odps->output_ports.count == 0) {
        REPORT(load, DIAG_ERROR, load->product->doc, odps->at, "ports.none",
               S("a product without an output port serves nobody; write outputPorts:"),
               "product \"" STR_FMT "\" has no output port", STR_ARG(load->product->address));
    }
    report_endless(load);
    /* Steps of the newest major were read before it was known which that is. */
    for (size_t i = 0; i < load->product->steps.count; i++) {
        if (load->product->steps.items[i].major == 0) {
            load->product->steps.items[i].major = load->product->newest_major;
        }
    }
    return ST_OK;
}
