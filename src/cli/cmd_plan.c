/*
 * cmd_plan.c - weft plan: what publishing would change, and the versions it asks for.
 */
#include "cli/documents.h"
#include "cli/mesh.h"

#include "codec/json.h"
#include "codec/yaml_edit.h"
#include "os/file.h"
#include "os/path.h"
#include "project/lookup.h"

enum { VALUE_SHOWN = 200 };

struct plans {
    VEC(struct publish_plan) list;
    size_t ready, unchanged, refused;
};

/* A major whose sunset has come is not built with its product. */
static bool is_upstream_ready(const struct ctx *cx, const struct plans *plans,
                              const struct project_product *product)
{
    for (size_t i = 0; i < product->inputs.count; i++) {
        const struct project_port *upstream = product->inputs.items[i]->upstream;
        bool is_built = upstream && life_stage_at(&upstream->life, ctx_now_us(cx)) != LIFE_ENDED;

        for (size_t k = 0; is_built && k < plans->list.count; k++) {
            if (plans->list.items[k].product == upstream->product &&
                plans->list.items[k].verdict == PUBLISH_READY) {
                return true;
            }
        }
    }
    return false;
}

static bool is_upstream_refused(const struct plans *plans, const struct project_product *product)
{
    for (size_t i = 0; i < product->inputs.count; i++) {
        const struct project_port *upstream = product->inputs.items[i]->upstream;

        for (size_t k = 0; upstream && k < plans->list.count; k++) {
            if (plans->list.items[k].product == upstream->product &&
                plans->list.items[k].verdict >= PUBLISH_REFUSED) {
                return true;
            }
        }
    }
    return false;
}

static enum status plan_all(struct cli *cli, struct cli_mesh *mesh,
                            struct project_product **products, size_t count, struct plans *out)
{
    struct publish_env env = cli_publish_env(cli, mesh);

    for (size_t i = 0; i < count; i++) {
        struct publish_plan plan = { 0 };

        TRY(publish_plan_product(cli->cx, &env, products[i],
                                 is_upstream_ready(cli->cx, out, products[i]), &mesh->diags,
                                 &plan));
        if (plan.verdict != PUBLISH_REFUSED && is_upstream_refused(out, products[i])) {
            plan.verdict = PUBLISH_BLOCKED;
            plan.reason  = S("an upstream product is refused");
        }
        out->ready += plan.verdict == PUBLISH_READY;
        out->unchanged += plan.verdict == PUBLISH_UNCHANGED;
        out->refused += plan.verdict >= PUBLISH_REFUSED;
        vec_push(cli->cx->arena, &out->list, plan);
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- text */

static const char *verdict_word(enum publish_verdict verdict)
{
    static const char *const words[] = { [PUBLISH_UNCHANGED] = "unchanged",
                                         [PUBLISH_READY]     = "publish",
                                         [PUBLISH_REFUSED]   = "refused",
                                         [PUBLISH_BLOCKED]   = "blocked" };

    return words[verdict];
}

static const char *verdict_sign(enum publish_verdict verdict)
{
    static const char *const signs[] = { [PUBLISH_UNCHANGED] = "=",
                                         [PUBLISH_READY]     = "+",
                                         [PUBLISH_REFUSED]   = "x",
                                         [PUBLISH_BLOCKED]   = "x" };

    return signs[verdict];
}

static void say_changes(struct cli *cli, const struct publish_port_plan *p)
{
    static const char signs[] = { [DIFF_ADDED]   = '+',
                                  [DIFF_REMOVED] = '-',
                                  [DIFF_CHANGED] = '~',
                                  [DIFF_RENAMED] = '~',
                                  [DIFF_MOVED]   = '~' };

    for (size_t i = 0; i < p->difference.list.count; i++) {
        const struct diff_change *c = &p->difference.list.items[i];

        if (c->impact > DIFF_NONE) {
            cli_say(cli, "      %c " STR_FMT " (" STR_FMT ")\n", signs[c->kind],
                    STR_ARG(diff_sentence(cli->cx, c)), STR_ARG(diff_impact_name(c->impact)));
        }
    }
}

/* How a table is made, for the end of its line. */
static str making_of(struct cli *cli, const struct project_table *table)
{
    if (table->build == PROJECT_BUILD_DELIVERED) {
        return S(", delivered");
    }
    if (table->copy_of) {
        return arena_printf(cli->cx->arena, ", a copy of " STR_FMT,
                            STR_ARG(project_copy_name(cli->cx->arena, table)));
    }
    return table->sql ? arena_printf(cli->cx->arena, ", %s by " STR_FMT,
                                     table->build == PROJECT_BUILD_VIEW ? "a view" : "built",
                                     STR_ARG(os_path_name(table->sql->text.name)))
                      : STR_NONE;
}

static void say_plan(struct cli *cli, const struct publish_plan *plan)
{
    cli_say(cli, "%s %s" STR_FMT "%s  %s: " STR_FMT "\n", verdict_sign(plan->verdict),
            cli_style(cli, CLI_BOLD), STR_ARG(plan->product->address), cli_style(cli, CLI_PLAIN),
            verdict_word(plan->verdict), STR_ARG(plan->reason));
    if (plan->verdict == PUBLISH_UNCHANGED) {
        return;
    }
    for (size_t i = 0; i < plan->ports.count; i++) {
        const struct publish_port_plan *p = &plan->ports.items[i];

        if (p->is_ended) {
            cli_say(cli, "    port " STR_FMT " " STR_FMT " (its sunset has come)\n",
                    STR_ARG(p->port->name), STR_ARG(p->port->version));
        } else if (p->is_new) {
            cli_say(cli, "    port " STR_FMT " " STR_FMT " (new)\n", STR_ARG(p->port->name),
                    STR_ARG(p->port->version));
        } else {
            cli_say(cli, "    port " STR_FMT " " STR_FMT " (now " STR_FMT ")\n",
                    STR_ARG(p->port->name), STR_ARG(p->port->version), STR_ARG(p->published));
        }
        say_changes(cli, p);
        if (p->rows.len) {
            cli_say(cli, "      " STR_FMT " (" STR_FMT ")\n", STR_ARG(p->rows),
                    STR_ARG(diff_impact_name(p->impact)));
        }
    }
    for (size_t i = 0; i < plan->tables.count; i++) {
        const struct publish_table_plan *t = &plan->tables.items[i];

        cli_say(cli, "    table " STR_FMT ": %zu columns, %zu checks" STR_FMT "\n",
                STR_ARG(t->table->address), t->table->column_count, t->checks,
                STR_ARG(making_of(cli, t->table)));
    }
    for (size_t i = 0; i < plan->inputs.list.count; i++) {
        const struct publish_input *in = &plan->inputs.list.items[i];

        if (!str_eq(in->kind, S("document"))) {
            cli_say(cli, "    reads " STR_FMT " " STR_FMT "\n", STR_ARG(in->kind),
                    STR_ARG(in->name));
        }
    }
    for (size_t i = 0; i < plan->removed.count; i++) {
        cli_say(cli, "    - " STR_FMT " is served no longer\n", STR_ARG(plan->removed.items[i]));
    }
}

static void say_markdown_changes(struct cli *cli, const struct publish_port_plan *p, bool *is_first)
{
    for (size_t i = 0; i < p->difference.list.count; i++) {
        const struct diff_change *c = &p->difference.list.items[i];

        if (c->impact > DIFF_NONE) {
            cli_say(cli, "%s- `" STR_FMT "` **" STR_FMT "** " STR_FMT "%s" STR_FMT "\n",
                    *is_first ? "\n" : "", STR_ARG(c->place), STR_ARG(diff_impact_name(c->impact)),
                    STR_ARG(diff_kind_name(c->kind)), c->why.len ? ": " : "", STR_ARG(c->why));
            *is_first = false;
        }
    }
}

static void say_markdown(struct cli *cli, const struct plans *plans)
{
    bool is_first = true;

    cli_say(cli, "### weft plan\n\n| product | verdict | why |\n| --- | --- | --- |\n");
    for (size_t i = 0; i < plans->list.count; i++) {
        const struct publish_plan *p = &plans->list.items[i];

        cli_say(cli, "| `" STR_FMT "` | %s | " STR_FMT " |\n", STR_ARG(p->product->address),
                verdict_word(p->verdict), STR_ARG(p->reason));
    }
    for (size_t i = 0; i < plans->list.count; i++) {
        for (size_t k = 0; k < plans->list.items[i].ports.count; k++) {
            const struct publish_port_plan *p = &plans->list.items[i].ports.items[k];

            say_markdown_changes(cli, p, &is_first);
        }
    }
}

/* ------------------------------------------------------------------------- json */

static void json_ports(struct cli *cli, struct json_writer *w, const struct publish_plan *plan)
{
    json_w_key(w, S("ports"));
    json_w_array_begin(w);
    for (size_t i = 0; i < plan->ports.count; i++) {
        const struct publish_port_plan *p = &plan->ports.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("name"), p->port->name);
        json_w_member_str(w, S("version"), p->port->version);
        json_w_member_str(w, S("published"), p->published);
        json_w_member_str(w, S("impact"), diff_impact_name(p->impact));
        json_w_member_str(w, S("rows"), p->rows);
        json_w_member_bool(w, S("ended"), p->is_ended);
        json_w_key(w, S("changes"));
        json_w_array_begin(w);
        for (size_t k = 0; k < p->difference.list.count; k++) {
            const struct diff_change *c = &p->difference.list.items[k];

            json_w_object_begin(w);
            json_w_member_str(w, S("path"), c->place);
            json_w_member_str(w, S("kind"), diff_kind_name(c->kind));
            json_w_member_str(w, S("effect"), diff_effect_name(c->effect));
            json_w_member_str(w, S("impact"), diff_impact_name(c->impact));
            json_w_member_str(w, S("why"), c->why);
            json_w_member_str(w, S("before"),
                              c->before ? diff_value_text(cli->cx, c->before, VALUE_SHOWN)
                                        : STR_NONE);
            json_w_member_str(w, S("after"),
                              c->after ? diff_value_text(cli->cx, c->after, VALUE_SHOWN)
                                       : STR_NONE);
            json_w_object_end(w);
        }
        json_w_array_end(w);
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_plan(struct cli *cli, struct json_writer *w, const struct publish_plan *plan)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("product"), plan->product->address);
    json_w_member_str(w, S("verdict"), str_of(verdict_word(plan->verdict)));
    json_w_member_str(w, S("reason"), plan->reason);
    json_w_member_str(w, S("fingerprint"), plan->fingerprint);
    json_ports(cli, w, plan);
    json_w_key(w, S("tables"));
    json_w_array_begin(w);
    for (size_t i = 0; i < plan->tables.count; i++) {
        const struct project_table *table = plan->tables.items[i].table;

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), table->address);
        json_w_member_u64(w, S("columns"), table->column_count);
        json_w_member_str(w, S("sql"), table->sql ? table->sql->text.name : STR_NONE);
        json_w_member_str(w, S("copy_of"), project_copy_name(cli->cx->arena, table));
        json_w_member_u64(w, S("checks"), plan->tables.items[i].checks);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    json_w_object_end(w);
}

static void show(struct cli *cli, const struct cli_mesh *mesh, const struct plans *plans)
{
    struct json_writer *w;

    if (cli->args.json) {
        w = cli_json_begin(cli);
        json_w_key(w, S("products"));
        json_w_array_begin(w);
        for (size_t i = 0; i < plans->list.count; i++) {
            json_plan(cli, w, &plans->list.items[i]);
        }
        json_w_array_end(w);
        cli_json_diags(w, &mesh->diags);
        cli_json_end(cli, w);
        return;
    }
    cli_print_diags(cli, &mesh->diags);
    if (cli->args.markdown) {
        say_markdown(cli, plans);
        return;
    }
    for (size_t i = 0; i < plans->list.count; i++) {
        say_plan(cli, &plans->list.items[i]);
    }
    cli_say(cli, "%zu to publish, %zu unchanged, %zu refused\n", plans->ready, plans->unchanged,
            plans->refused);
    if (plans->ready > 0 && plans->refused == 0) {
        cli_say(cli, "next: weft publish%s\n", cli->args.all ? " --all" : "");
    }
}

/* ------------------------------------------------------------------------- fix */

/* Sets one version in a document, touching nothing else. */
static enum status write_version(struct cli *cli, const struct cli_mesh *mesh,
                                 const struct project_doc *doc, str pointer, str version)
{
    struct yaml_scalar value = { .kind = YAML_STRING, .text = version };
    str                bytes;
    str                path = os_path_join(cli->cx->arena, mesh->project->root, doc->text.name);

    TRY(cli_may_edit(cli, &doc->text));
    TRY(yaml_edit_set(cli->cx, doc->text.bytes, pointer, value, &bytes));
    TRY(os_file_put(cli->cx, path, bytes, OS_REPLACE, 0644));
    vec_push(cli->cx->arena, &cli->made, doc->text.name);
    cli_say(cli, "wrote version " STR_FMT " into " STR_FMT "\n", STR_ARG(version),
            STR_ARG(doc->text.name));
    return ST_OK;
}

/* The output port of the product's document that stands for this port. */
static enum status fix_port(struct cli *cli, const struct cli_mesh *mesh,
                            const struct project_port *port, str version)
{
    const struct odps_product     *odps = port->product->odps;
    const struct odps_output_port *p    = lookup_output_port(odps, port->name, port->major);

    if (!p || str_eq(p->version.v, version)) {
        return ST_OK;
    }
    return write_version(cli, mesh, port->product->doc,
                         arena_printf(cli->cx->arena, "/outputPorts/%zu/version",
                                      (size_t)(p - odps->output_ports.items)),
                         version);
}

/* A major change needs a person: the old contract must move to v<N>/ first. */
static enum status fix(struct cli *cli, const struct cli_mesh *mesh, const struct plans *plans,
                       size_t *fixed)
{
    for (size_t i = 0; i < plans->list.count; i++) {
        const struct publish_plan *plan = &plans->list.items[i];

        for (size_t k = 0; k < plan->bumps.count; k++) {
            const struct publish_bump *bump = &plan->bumps.items[k];

            if (bump->impact < DIFF_UNCERTAIN) {
                TRY(write_version(cli, mesh, bump->port->doc, S("/version"), bump->right));
                TRY(fix_port(cli, mesh, bump->port, bump->right));
                (*fixed)++;
            }
        }
        for (size_t k = 0; k < plan->ports.count && plan->bumps.count == 0; k++) {
            TRY(fix_port(cli, mesh, plan->ports.items[k].port, plan->ports.items[k].port->version));
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- the command */

static enum status plan_in_store(struct cli *cli, struct cli_mesh *mesh, struct plans *plans)
{
    struct project_product **products;
    size_t                   count;

    TRY(cli_wanted_products(cli, mesh, &products, &count));
    if (count == 0 && mesh->diags.errors == 0) {
        return FAIL(cli->cx, NOT_FOUND,
                    "no products here; `weft new product DOMAIN.NAME --from FILE` makes one");
    }
    TRY(db_begin(mesh->db, cli->cx, DB_READ));
    return db_end(cli->cx, plan_all(cli, mesh, products, count, plans));
}

enum status cmd_plan(struct cli *cli)
{
    struct cli_mesh mesh  = { 0 };
    struct plans    plans = { 0 };
    size_t          fixed = 0;
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_FILES | CLI_MESH_STORE | CLI_MESH_PLAN | CLI_MESH_ACCESS,
                      &mesh));
    st = plan_in_store(cli, &mesh, &plans);
    if (st == ST_OK && cli->args.fix) {
        st = fix(cli, &mesh, &plans, &fixed);
    }
    if (st == ST_OK && fixed == 0) {
        show(cli, &mesh, &plans);
    }
    if (st == ST_OK && fixed == 0 && (plans.refused > 0 || mesh.diags.errors > 0)) {
        st = FAIL(cli->cx, INVALID, "%zu error%s; nothing was changed", mesh.diags.errors,
                  mesh.diags.errors == 1 ? "" : "s");
    }
    if (fixed > 0) {
        cli_say(cli, "next: weft plan\n");
    }
    cli_mesh_close(&mesh);
    return st;
}
