/*
 * cmd_catalog.c - weft catalog tree, list and show: what is published.
 */
#include "cli/mesh.h"

#include "catalog/catalog.h"
#include "codec/json.h"

/* Runs `show` inside one read of the store. */
static enum status in_store(struct cli *cli, enum status (*show)(struct cli *, struct cli_mesh *))
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_STORE | (cli->args.as.len ? CLI_MESH_ACCESS : 0), &mesh));
    st = db_begin(mesh.db, cli->cx, DB_READ);
    if (st == ST_OK) {
        st = db_end(cli->cx, show(cli, &mesh));
    }
    cli_mesh_close(&mesh);
    return st;
}

static void say_empty(struct cli *cli)
{
    cli_say(cli, "nothing is published yet\nnext: weft publish --all\n");
}

/* A view has no rows of its own: those that it gave when it was published. */
static str rows_text(struct cli *cli, const struct table_snapshot *s)
{
    return arena_printf(cli->cx->arena,
                        s->view.len > 0 ? "a view, " STR_FMT " rows when it was published"
                                        : STR_FMT " rows",
                        STR_ARG(cli_count(cli, s->rows)));
}

static str table_kind(const struct table_snapshot *s)
{
    return s->view.len > 0 ? S("view") : S("table");
}

/* ------------------------------------------------------------------------- ends */

/* ", deprecated, sunset 2027-01-31 (33 days left), use sales.orders_v2.orders"; empty when nothing ends. */
static str end_text(struct cli *cli, const struct query_life *life)
{
    if (life->text.len == 0) {
        return STR_NONE;
    }
    return arena_printf(cli->cx->arena, ", " STR_FMT "%s" STR_FMT, STR_ARG(life->text),
                        life->successor.len ? ", use " : "", STR_ARG(life->successor));
}

static void json_life(struct cli *cli, struct json_writer *w, const struct life *life,
                      str successor)
{
    json_w_member_bool(w, S("deprecated"), life_stage_at(life, ctx_now_us(cli->cx)) != LIFE_ACTIVE);
    json_w_member_str(w, S("sunset"),
                      life->has_sunset ? life_day(cli->cx->arena, life->sunset_us) : STR_NONE);
    json_w_member_str(w, S("successor"), successor);
}

/* What is said of the major of each head, in their order, which is that of their products. */
static enum status read_lives(struct cli *cli, const struct catalog_view *view,
                              const struct registry_products *products,
                              const struct table_snapshots *heads, struct query_life **out)
{
    struct query_life *lives = arena_array(cli->cx->arena, heads->list.count, sizeof *lives);

    const struct registry_product *p = products->list.items;

    for (size_t i = 0; i < heads->list.count; i++) {
        while (!str_eq(p->id, heads->list.items[i].product_id)) {
            if (++p == products->list.items + products->list.count) {
                BUG("read_lives: a table of no product");
            }
        }
        TRY(catalog_life(cli->cx, view, p, &heads->list.items[i], &lives[i]));
    }
    *out = lives;
    return ST_OK;
}

/* ------------------------------------------------------------------------- tree */

static void json_tree(struct cli *cli, const struct registry_products *products,
                      const struct table_snapshots *heads, const struct query_life *lives)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("products"));
    json_w_array_begin(w);
    for (size_t i = 0; i < products->list.count; i++) {
        const struct registry_product *p = &products->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"),
                          arena_printf(cli->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->domain),
                                       STR_ARG(p->name)));
        json_w_member_str(w, S("id"), p->id);
        json_w_member_str(w, S("status"), p->status);
        json_w_member_str(w, S("owner"), p->owner);
        json_w_member_str(w, S("description"), p->description);
        json_w_member_i64(w, S("published_us"), p->published_us);
        json_w_key(w, S("tables"));
        json_w_array_begin(w);
        for (size_t k = 0; k < heads->list.count; k++) {
            const struct table_snapshot *s = &heads->list.items[k];

            if (str_eq(s->product_id, p->id)) {
                json_w_object_begin(w);
                json_w_member_str(w, S("address"), s->address);
                json_w_member_str(w, S("kind"), table_kind(s));
                json_w_member_i64(w, S("snapshot"), s->number);
                json_w_member_u64(w, S("rows"), s->rows);
                json_w_member_u64(w, S("bytes"), s->bytes);
                json_life(cli, w, &lives[k].life, lives[k].successor);
                json_w_object_end(w);
            }
        }
        json_w_array_end(w);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

/* What the operator sees, or the principal of --as. */
static struct catalog_view view_of(const struct cli_mesh *mesh)
{
    return (struct catalog_view){ .access = mesh->access, .reader = mesh->reader };
}

static enum status read_all(struct cli *cli, const struct cli_mesh *mesh,
                            struct registry_products *products, struct table_snapshots *heads,
                            struct query_life **lives)
{
    struct catalog_view view = view_of(mesh);

    TRY(catalog_list(cli->cx, &view, products, heads));
    return read_lives(cli, &view, products, heads, lives);
}

static enum status show_tree(struct cli *cli, struct cli_mesh *mesh)
{
    struct registry_products products;
    struct table_snapshots   heads;
    struct query_life       *lives;
    str                      domain = STR_NONE;

    TRY(read_all(cli, mesh, &products, &heads, &lives));
    if (cli->args.json) {
        json_tree(cli, &products, &heads, lives);
        return ST_OK;
    }
    if (products.list.count == 0) {
        say_empty(cli);
    }
    for (size_t i = 0; i < products.list.count; i++) {
        const struct registry_product *p = &products.list.items[i];

        if (!str_eq(domain, p->domain)) {
            domain = p->domain;
            cli_say(cli, "%s" STR_FMT "%s\n", cli_style(cli, CLI_BOLD), STR_ARG(domain),
                    cli_style(cli, CLI_PLAIN));
        }
        cli_say(cli, "  " STR_FMT "\n", STR_ARG(p->name));
        for (size_t k = 0; k < heads.list.count; k++) {
            const struct table_snapshot *s = &heads.list.items[k];

            if (str_eq(s->product_id, p->id)) {
                cli_say(cli, "    " STR_FMT "  %s" STR_FMT ", snapshot %lld" STR_FMT "%s\n",
                        STR_ARG(s->address), cli_style(cli, CLI_DIM), STR_ARG(rows_text(cli, s)),
                        (long long)s->number, STR_ARG(end_text(cli, &lives[k])),
                        cli_style(cli, CLI_PLAIN));
            }
        }
    }
    return ST_OK;
}

enum status cmd_catalog_tree(struct cli *cli)
{
    return in_store(cli, show_tree);
}

/* ------------------------------------------------------------------------- list */

static uint64_t rows_of(const struct table_snapshots *heads, str product_id, size_t *tables)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < heads->list.count; i++) {
        if (str_eq(heads->list.items[i].product_id, product_id)) {
            rows += heads->list.items[i].rows;
            (*tables)++;
        }
    }
    return rows;
}

/* Below the list, which has a line for a product and not for its majors. */
static void say_ends(struct cli *cli, const struct table_snapshots *heads,
                     const struct query_life *lives)
{
    for (size_t i = 0; i < heads->list.count; i++) {
        if (lives[i].stage != LIFE_ACTIVE) {
            cli_say(cli, STR_FMT STR_FMT "\n", STR_ARG(heads->list.items[i].address),
                    STR_ARG(end_text(cli, &lives[i])));
        }
    }
}

static enum status show_list(struct cli *cli, struct cli_mesh *mesh)
{
    struct registry_products products;
    struct table_snapshots   heads;
    struct query_life       *lives;
    struct cli_grid          grid = { .columns = 6, .right = 1U << 2 | 1U << 3 };

    TRY(read_all(cli, mesh, &products, &heads, &lives));
    if (cli->args.json) {
        json_tree(cli, &products, &heads, lives);
        return ST_OK;
    }
    if (products.list.count == 0) {
        say_empty(cli);
        return ST_OK;
    }
    cli_grid_add(cli, &grid,
                 (const str[]){ S("product"), S("status"), S("tables"), S("rows"), S("published"),
                                S("purpose") });
    for (size_t i = 0; i < products.list.count; i++) {
        const struct registry_product *p      = &products.list.items[i];
        size_t                         tables = 0;
        uint64_t                       rows   = rows_of(&heads, p->id, &tables);

        cli_grid_add(cli, &grid,
                     (const str[]){ arena_printf(cli->cx->arena, STR_FMT "." STR_FMT,
                                                 STR_ARG(p->domain), STR_ARG(p->name)),
                                    p->status, cli_count(cli, tables), cli_count(cli, rows),
                                    cli_ago(cli, p->published_us), p->description });
    }
    cli_grid_print(cli, &grid);
    say_ends(cli, &heads, lives);
    return ST_OK;
}

enum status cmd_catalog_list(struct cli *cli)
{
    return in_store(cli, show_list);
}

/* ------------------------------------------------------------------------- show */

static void json_columns(struct json_writer *w, const struct catalog_table *t)
{
    json_w_key(w, S("columns"));
    json_w_array_begin(w);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct catalog_column *c = &t->columns[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("name"), c->name);
        json_w_member_str(w, S("type"), c->type);
        json_w_member_bool(w, S("required"), c->is_required);
        json_w_member_bool(w, S("unique"), c->is_unique);
        json_w_member_bool(w, S("primary_key"), c->is_key);
        json_w_member_str(w, S("description"), c->description);
        json_w_member_str(w, S("classification"), c->classification);
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_port(struct cli *cli, struct json_writer *w, const struct catalog_port *p)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("name"), p->port.name);
    json_w_member_str(w, S("version"), p->port.version);
    json_w_member_str(w, S("contract_id"), p->port.contract_id);
    json_w_member_str(w, S("status"), p->port.status);
    json_life(cli, w, &p->port.life, p->successor);
    if (p->port.withdrawn_us) {
        json_w_member_i64(w, S("withdrawn_us"), p->port.withdrawn_us);
    }
    json_w_key(w, S("tables"));
    json_w_array_begin(w);
    for (size_t i = 0; i < p->tables.count; i++) {
        const struct catalog_table *t = &p->tables.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), t->address);
        json_w_member_str(w, S("description"), t->description);
        json_w_member_str(w, S("kind"), table_kind(&t->snapshot));
        json_w_member_i64(w, S("snapshot"), t->snapshot.number);
        json_w_member_str(w, S("snapshot_id"), t->snapshot.id);
        json_w_member_u64(w, S("rows"), t->snapshot.rows);
        json_w_member_u64(w, S("bytes"), t->snapshot.bytes);
        json_w_member_str(w, S("sql"), t->sql);
        json_w_member_str(w, S("copy_of"), t->copy_of);
        json_life(cli, w, &t->life.life, t->life.successor);
        json_columns(w, t);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    json_w_object_end(w);
}

static void json_product(struct cli *cli, const struct catalog_product *p)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("address"),
                      arena_printf(cli->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->product.domain),
                                   STR_ARG(p->product.name)));
    json_w_member_str(w, S("id"), p->product.id);
    json_w_member_str(w, S("status"), p->product.status);
    json_w_member_str(w, S("owner"), p->product.owner);
    json_w_member_str(w, S("description"), p->product.description);
    json_w_member_str(w, S("path"), p->product.from.path);
    json_w_member_i64(w, S("first_us"), p->product.first_us);
    json_w_member_i64(w, S("published_us"), p->product.published_us);
    json_w_member_str(w, S("publish_id"), p->product.publish_id);
    json_w_key(w, S("ports"));
    json_w_array_begin(w);
    for (size_t i = 0; i < p->ports.count; i++) {
        json_port(cli, w, &p->ports.items[i]);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

static void say_table(struct cli *cli, const struct catalog_table *t)
{
    struct cli_grid grid    = { .columns = 4 };
    bool            is_view = t->snapshot.view.len > 0;

    cli_say(cli, "\n%s" STR_FMT "%s  " STR_FMT "%s" STR_FMT ", snapshot %lld\n",
            cli_style(cli, CLI_BOLD), STR_ARG(t->address), cli_style(cli, CLI_PLAIN),
            STR_ARG(rows_text(cli, &t->snapshot)), is_view ? "" : ", ",
            STR_ARG(is_view ? S("") : cli_bytes(cli, t->snapshot.bytes)),
            (long long)t->snapshot.number);
    if (t->description.len) {
        cli_say(cli, STR_FMT "\n", STR_ARG(t->description));
    }
    if (t->sql.len) {
        cli_say(cli, "built by " STR_FMT "\n", STR_ARG(t->sql));
    } else if (t->copy_of.len) {
        cli_say(cli, "a copy of " STR_FMT "\n", STR_ARG(t->copy_of));
    }
    cli_grid_add(cli, &grid,
                 (const str[]){ S("column"), S("type"), S("promises"), S("description") });
    for (size_t i = 0; i < t->column_count; i++) {
        const struct catalog_column *c = &t->columns[i];

        cli_grid_add(cli, &grid,
                     (const str[]){ c->name, c->type,
                                    arena_printf(cli->cx->arena, "%s%s%s", c->is_key ? "key " : "",
                                                 c->is_required ? "required " : "",
                                                 c->is_unique ? "unique" : ""),
                                    c->description });
    }
    cli_grid_print(cli, &grid);
}

static void say_checks(struct cli *cli, const struct publish_checks *checks)
{
    size_t passed = 0;

    for (size_t i = 0; i < checks->list.count; i++) {
        const struct publish_check *c = &checks->list.items[i];

        passed += str_eq(c->outcome, S("pass"));
        if (!str_eq(c->outcome, S("pass"))) {
            cli_say(cli, "  " STR_FMT " " STR_FMT ": " STR_FMT "\n", STR_ARG(c->outcome),
                    STR_ARG(c->id), STR_ARG(c->message));
        }
    }
    cli_say(cli, "checks: %zu of %zu passed at the last publish\n", passed, checks->list.count);
}

static str port_end_text(struct cli *cli, const struct catalog_port *port)
{
    struct arena     *a    = cli->cx->arena;
    struct query_life life = { .text      = life_text(a, &port->port.life, ctx_now_us(cli->cx)),
                               .successor = port->successor };

    if (port->port.withdrawn_us) {
        life.text =
            arena_printf(a, "withdrawn on " STR_FMT, STR_ARG(life_day(a, port->port.withdrawn_us)));
    }
    return end_text(cli, &life);
}

static enum status show_product(struct cli *cli, struct cli_mesh *mesh)
{
    struct catalog_view    view = view_of(mesh);
    struct catalog_product p;

    TRY(catalog_product(cli->cx, &view, cli->args.words.items[0], &p));
    if (cli->args.json) {
        json_product(cli, &p);
        return ST_OK;
    }
    cli_say(cli, "%s" STR_FMT "." STR_FMT "%s  " STR_FMT "\n", cli_style(cli, CLI_BOLD),
            STR_ARG(p.product.domain), STR_ARG(p.product.name), cli_style(cli, CLI_PLAIN),
            STR_ARG(p.product.status));
    if (p.product.description.len) {
        cli_say(cli, STR_FMT "\n", STR_ARG(p.product.description));
    }
    cli_say(cli, "owner: " STR_FMT "\npublished: " STR_FMT " (publish %lld by " STR_FMT ")\n",
            STR_ARG(p.product.owner.len ? p.product.owner : S("not named")),
            STR_ARG(cli_ago(cli, p.product.published_us)), (long long)p.last.seq,
            STR_ARG(p.last.actor));
    for (size_t i = 0; i < p.inputs.list.count; i++) {
        const struct publish_input *in = &p.inputs.list.items[i];

        if (!str_eq(in->kind, S("document"))) {
            cli_say(cli, "reads: " STR_FMT " (" STR_FMT ")\n", STR_ARG(in->name),
                    STR_ARG(in->kind));
        }
    }
    if (p.checks.list.count > 0) {
        say_checks(cli, &p.checks);
    }
    for (size_t i = 0; i < p.ports.count; i++) {
        const struct catalog_port *port = &p.ports.items[i];

        cli_say(cli, "\nport " STR_FMT " " STR_FMT "  (contract " STR_FMT ")" STR_FMT "\n",
                STR_ARG(port->port.name), STR_ARG(port->port.version),
                STR_ARG(port->port.contract_id), STR_ARG(port_end_text(cli, port)));
        for (size_t k = 0; k < port->tables.count; k++) {
            say_table(cli, &port->tables.items[k]);
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- show a domain */

static void json_domain(struct cli *cli, const struct catalog_domain *d)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("domain"), d->domain.name);
    json_w_member_str(w, S("purpose"), d->domain.purpose);
    json_w_member_str(w, S("origin"), d->domain.from.origin);
    json_w_member_str(w, S("path"), d->domain.from.path);
    json_w_member_str(w, S("revision"), d->domain.from.revision);
    json_w_member_i64(w, S("first_us"), d->domain.first_us);
    json_w_key(w, S("team"));
    json_w_object_begin(w);
    json_w_member_str(w, S("name"), d->team.name);
    json_w_member_str(w, S("description"), d->team.description);
    json_w_member_str(w, S("email"), d->team.email);
    json_w_key(w, S("members"));
    json_w_array_begin(w);
    for (size_t i = 0; i < d->team.members.count; i++) {
        json_w_object_begin(w);
        json_w_member_str(w, S("name"), d->team.members.items[i].name);
        json_w_member_str(w, S("role"), d->team.members.items[i].role);
        json_w_member_str(w, S("email"), d->team.members.items[i].email);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    json_w_object_end(w);
    json_w_key(w, S("products"));
    json_w_array_begin(w);
    for (size_t i = 0; i < d->products.list.count; i++) {
        const struct registry_product *p = &d->products.list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"),
                          arena_printf(cli->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->domain),
                                       STR_ARG(p->name)));
        json_w_member_str(w, S("status"), p->status);
        json_w_member_str(w, S("description"), p->description);
        json_w_member_i64(w, S("published_us"), p->published_us);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

static void say_team(struct cli *cli, const struct registry_team *team)
{
    struct cli_grid grid = { .columns = 3 };

    cli_say(cli, "team: " STR_FMT "%s" STR_FMT "\n",
            STR_ARG(team->name.len ? team->name : S("not named")), team->email.len ? "  " : "",
            STR_ARG(team->email));
    if (team->description.len) {
        cli_say(cli, STR_FMT "\n", STR_ARG(team->description));
    }
    if (team->members.count == 0) {
        return;
    }
    cli_grid_add(cli, &grid, (const str[]){ S("member"), S("role"), S("email") });
    for (size_t i = 0; i < team->members.count; i++) {
        const struct registry_member *m = &team->members.items[i];

        cli_grid_add(cli, &grid, (const str[]){ m->name, m->role, m->email });
    }
    cli_say(cli, "\n");
    cli_grid_print(cli, &grid);
}

static enum status show_domain(struct cli *cli, struct cli_mesh *mesh)
{
    struct cli_grid       grid = { .columns = 4 };
    struct catalog_view   view = view_of(mesh);
    struct catalog_domain d;

    TRY(catalog_domain(cli->cx, &view, cli->args.words.items[0], &d));
    if (cli->args.json) {
        json_domain(cli, &d);
        return ST_OK;
    }
    cli_say(cli, "%s" STR_FMT "%s  domain\n", cli_style(cli, CLI_BOLD), STR_ARG(d.domain.name),
            cli_style(cli, CLI_PLAIN));
    if (d.domain.purpose.len) {
        cli_say(cli, STR_FMT "\n", STR_ARG(d.domain.purpose));
    }
    say_team(cli, &d.team);
    cli_say(cli, "\n");
    cli_grid_add(cli, &grid,
                 (const str[]){ S("product"), S("status"), S("published"), S("purpose") });
    for (size_t i = 0; i < d.products.list.count; i++) {
        const struct registry_product *p = &d.products.list.items[i];

        cli_grid_add(cli, &grid,
                     (const str[]){ arena_printf(cli->cx->arena, STR_FMT "." STR_FMT,
                                                 STR_ARG(p->domain), STR_ARG(p->name)),
                                    p->status, cli_ago(cli, p->published_us), p->description });
    }
    cli_grid_print(cli, &grid);
    return ST_OK;
}

/* One word is a domain; it may also be a product's id. */
static enum status show_either(struct cli *cli, struct cli_mesh *mesh)
{
    enum status st = ST_NOT_FOUND;

    if (!str_has(cli->args.words.items[0], S("."))) {
        st = show_domain(cli, mesh);
    }
    if (st == ST_NOT_FOUND) {
        err_clear(cli->cx->err);
        st = show_product(cli, mesh);
    }
    return st;
}

enum status cmd_catalog_show(struct cli *cli)
{
    return in_store(cli, show_either);
}
