/*
 * inputs.c - input ports bound to sources or to ports of other products (DESIGN, rules 7 and 8).
 */
#include "project/project_int.h"

#include "engine/engine.h"

/* Contracts of the folder that an input port may mean: not those of the output ports. */
static struct found_contract *find_in_folder(struct product_load        *load,
                                             const struct project_input *in)
{
    for (size_t i = 0; i < load->files->contracts.count; i++) {
        struct found_contract *found = &load->files->contracts.items[i];
        struct version         v     = { 0 };

        if (found->is_output || !str_eq(found->contract->id.v, in->contract_id)) {
            continue;
        }
        if (in->major == 0 ||
            (version_parse(found->contract->version.v, &v) && v.major == in->major)) {
            return found;
        }
    }
    return NULL;
}

struct mesh_hits {
    struct project_port *first, *second; /* of the wanted contract and major */
    bool                 has_other_major;
};

static struct mesh_hits find_in_mesh(const struct project *project, const struct project_input *in)
{
    struct mesh_hits             hits   = { 0 };
    const struct project_offers *offers = map_get(&project->by_contract, in->contract_id);

    for (size_t i = 0; offers && i < offers->ports.count; i++) {
        struct project_port *port = offers->ports.items[i];

        if (in->major != 0 && port->major != in->major) {
            hits.has_other_major = true;
        } else if (!hits.first || (in->major == 0 && hits.first->product == port->product &&
                                   port->major > hits.first->major)) {
            hits.first = port;
        } else if (hits.first->product != port->product || in->major != 0) {
            hits.second = port;
        }
    }
    return hits;
}

static bool is_for_environment(const struct product_load *load, const struct odcs_server *server)
{
    return !std_is_set(server->environment) || load->project->environment.len == 0 ||
           str_eq(server->environment.v, load->project->environment);
}

/* The server of the chosen environment; none or two is an error. */
static const struct odcs_server *choose_server(struct product_load        *load,
                                               const struct project_input *in)
{
    const struct odcs_server *chosen = NULL;

    for (size_t i = 0; i < in->contract->servers.count; i++) {
        const struct odcs_server *server = &in->contract->servers.items[i];

        if (!is_for_environment(load, server)) {
            continue;
        }
        if (chosen) {
            REPORT(load, DIAG_ERROR, in->doc, server->at, "sources.two-servers",
                   S("give each an environment: and choose one with -e"),
                   "servers \"" STR_FMT "\" and \"" STR_FMT "\" both fit environment \"" STR_FMT
                   "\"",
                   STR_ARG(chosen->server.v), STR_ARG(server->server.v),
                   STR_ARG(load->project->environment));
            return NULL;
        }
        chosen = server;
    }
    if (!chosen) {
        REPORT(load, DIAG_ERROR, in->doc, in->contract->at, "sources.no-server",
               S("add a server for it, or choose another environment with -e"),
               "no server of this contract is for environment \"" STR_FMT "\"",
               STR_ARG(load->project->environment));
    }
    return chosen;
}

/* source.<object> must mean one thing in all of the product's SQL. */
static bool is_source_clash(const struct product_load *load, str name)
{
    for (size_t i = 0; i < load->product->inputs.count; i++) {
        const struct project_input *in = load->product->inputs.items[i];

        for (size_t k = 0; k < in->table_count; k++) {
            if (str_eq(in->tables[k].name, name)) {
                return true;
            }
        }
    }
    return false;
}

static enum status bind_source(struct product_load *load, struct project_input *in)
{
    size_t count = in->contract->schema.count;

    in->kind   = PROJECT_INPUT_SOURCE;
    in->server = choose_server(load, in);
    in->tables = arena_array(load->cx->arena, count, sizeof *in->tables);
    for (size_t i = 0; i < count; i++) {
        const struct odcs_object *object = &in->contract->schema.items[i];
        struct project_table     *table  = &in->tables[in->table_count];

        *table = (struct project_table){ .object = object, .name = object->name.v };
        if (!name_is_valid(table->name)) {
            table->name = name_derive(load->cx->arena, object->name.v);
        }
        table->address = arena_printf(load->cx->arena, "source." STR_FMT, STR_ARG(table->name));
        if (is_source_clash(load, table->name)) {
            REPORT(load, DIAG_ERROR, in->doc, object->name.at, "names.source-clash",
                   S("rename one of the two objects; physicalName keeps the source's own name"),
                   "two sources of this product have an object \"" STR_FMT "\"",
                   STR_ARG(table->name));
            continue;
        }
        TRY(product_columns(load, in->doc, object, true, table));
        in->table_count++;
    }
    return ST_OK;
}

/* The nearest id of a contract that an input port may name. */
static str unknown_hint(struct product_load *load, str id)
{
    VEC(str) ids = { 0 };
    str near;

    for (size_t i = 0; i < load->files->contracts.count; i++) {
        vec_push(load->cx->arena, &ids, load->files->contracts.items[i].contract->id.v);
    }
    for (size_t i = 0; i < load->project->products.count; i++) {
        const struct project_product *p = load->project->products.items[i];

        for (size_t k = 0; k < p->ports.count && p != load->product; k++) {
            vec_push(load->cx->arena, &ids, p->ports.items[k]->contract->id.v);
        }
    }
    near = str_nearest(id, ids.items, ids.count);
    if (near.len) {
        return arena_printf(load->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    return S("a source's contract (with servers:) belongs into the folder; a product's port is "
             "named by its contract's id");
}

static void report_unbound(struct product_load *load, const struct project_input *in,
                           const struct mesh_hits *hits)
{
    if (hits->has_other_major) {
        REPORT(load, DIAG_ERROR, load->product->doc, in->at, "inputs.major",
               S("set version: to a major that is published"),
               "input port \"" STR_FMT "\": contract \"" STR_FMT "\" has no major %u",
               STR_ARG(in->name), STR_ARG(in->contract_id), in->major);
        return;
    }
    REPORT(load, DIAG_ERROR, load->product->doc, in->at, "inputs.unknown",
           unknown_hint(load, in->contract_id),
           "input port \"" STR_FMT "\": no contract \"" STR_FMT "\" in the folder or in the mesh",
           STR_ARG(in->name), STR_ARG(in->contract_id));
}

static enum status bind_input(struct product_load *load, const struct odps_input_port *odps)
{
    struct project_input  *in = ARENA_NEW(load->cx->arena, struct project_input);
    struct found_contract *local;
    struct mesh_hits       hits;
    struct version         v = { 0 };

    in->name        = odps->name.v;
    in->contract_id = std_text(odps->contract_id, odps->name.v);
    in->version     = odps->version.v;
    in->at          = std_is_set(odps->contract_id) ? odps->contract_id.at : odps->at;
    if (version_parse(odps->version.v, &v)) {
        in->major = v.major;
    }
    local = find_in_folder(load, in);
    hits  = find_in_mesh(load->project, in);
    if (local && hits.first) {
        REPORT(load, DIAG_ERROR, load->product->doc, in->at, "inputs.two",
               S("give the source's contract an id of its own"),
               "contract \"" STR_FMT "\" is both " STR_FMT " and a port of \"" STR_FMT "\"",
               STR_ARG(in->contract_id), STR_ARG(local->doc->text.name),
               STR_ARG(hits.first->product->address));
    } else if (hits.first && hits.second) {
        REPORT(load, DIAG_ERROR, load->product->doc, in->at, "inputs.two",
               S("give one of the two contracts an id of its own"),
               "contract \"" STR_FMT "\" is a port of \"" STR_FMT "\" and of \"" STR_FMT "\"",
               STR_ARG(in->contract_id), STR_ARG(hits.first->product->address),
               STR_ARG(hits.second->product->address));
    } else if (local) {
        local->is_input = true;
        in->contract    = local->contract;
        in->doc         = local->doc;
        TRY(bind_source(load, in));
    } else if (hits.first) {
        in->kind     = PROJECT_INPUT_PORT;
        in->upstream = hits.first;
        in->contract = hits.first->contract;
        in->doc      = hits.first->doc;
        in->major    = hits.first->major;
    } else {
        report_unbound(load, in, &hits);
        return ST_OK;
    }
    vec_push(load->cx->arena, &load->product->inputs, in);
    return ST_OK;
}

static void report_no_sql(struct product_load *load, const struct project_port *port,
                          const struct project_table *table)
{
    REPORT(load, DIAG_ERROR, port->doc, table->object->name.at, "build.no-sql",
           arena_printf(load->cx->arena, "write " STR_FMT "/" STR_FMT ".sql: one SELECT",
                        STR_ARG(port->dir), STR_ARG(table->name)),
           "nothing says how table \"" STR_FMT "\" is built", STR_ARG(table->name));
}

/*
 * A built table without SQL is a copy of the only source object that there is: its columns by their
 * names, its types, all rows.
 */
static void bind_copy(struct product_load *load, struct project_port *port,
                      struct project_table *table)
{
    const struct project_table *only  = NULL;
    size_t                      count = 0;
    struct buf                  sql   = BUF_INIT(PROJECT_SQL_MAX);

    for (size_t i = 0; i < load->product->inputs.count; i++) {
        const struct project_input *in = load->product->inputs.items[i];

        only = in->table_count ? &in->tables[0] : only;
        count += in->kind == PROJECT_INPUT_SOURCE ? in->table_count : 2;
    }
    if (count != 1 || !only) {
        report_no_sql(load, port, table);
        return;
    }
    buf_add(&sql, S("SELECT "));
    for (size_t i = 0; i < table->column_count; i++) {
        buf_add(&sql, i ? S(", ") : S(""));
        engine_quote_ident(&sql, table->columns[i].name);
    }
    buf_printf(&sql, " FROM source." STR_FMT, STR_ARG(only->name));
    table->copy_of = only;
    ignore(buf_take(&sql, load->cx, "SQL", &table->sql_text), "bounded by the contract's size");
    buf_release(&sql);
}

str project_copy_name(struct arena *a, const struct project_table *table)
{
    return table->copy_of ? arena_printf(a, "source." STR_FMT, STR_ARG(table->copy_of->name))
                          : STR_NONE;
}

/* Files that nothing names are most often a spelling mistake. */
static void report_unused(struct product_load *load)
{
    for (size_t i = 0; i < load->files->sql.count; i++) {
        const struct found_sql *sql = &load->files->sql.items[i];

        if (!sql->is_used) {
            REPORT(load, DIAG_WARNING, sql->doc, (struct diag_pos){ 0 }, "build.unused-sql",
                   S("name it after a table, or move it to steps/"),
                   "no table of this product is called \"" STR_FMT "\"", STR_ARG(sql->name));
        }
    }
    for (size_t i = 0; i < load->files->contracts.count; i++) {
        const struct found_contract *found = &load->files->contracts.items[i];

        if (!found->is_output && !found->is_input) {
            REPORT(load, DIAG_WARNING, found->doc, found->contract->id.at, "ports.unused-contract",
                   S("name its id as contractId of a port"),
                   "no port of this product names contract \"" STR_FMT "\"",
                   STR_ARG(found->contract->id.v));
        }
    }
}

enum status product_bind_inputs(struct product_load *load)
{
    const struct odps_product *odps = load->product->odps;

    for (size_t i = 0; i < odps->input_ports.count; i++) {
        TRY(bind_input(load, &odps->input_ports.items[i]));
    }
    for (size_t i = 0; i < load->product->ports.count; i++) {
        struct project_port *port = load->product->ports.items[i];

        for (size_t k = 0; k < port->table_count; k++) {
            struct project_table *table = &port->tables[k];

            if (table->build == PROJECT_BUILD_SQL && !table->sql) {
                bind_copy(load, port, table);
            } else if (table->build == PROJECT_BUILD_VIEW && !table->sql) {
                report_no_sql(load, port, table);
            }
        }
    }
    report_unused(load);
    return ST_OK;
}
