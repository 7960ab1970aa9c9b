/*
 * cmd_new.c - weft new product: a product's files from data nobody described.
 *
 * Two files that a person owns, the product and its contract, and weft.lock, a contract of the
 * source as it looked; rename that one to source.odcs.yaml to own it too. The table is a copy of
 * the source, so no SQL is written unless a column has to be cast to a type that can be published.
 */
#include "cli/new_source.h"

#include "codec/yaml.h"

#include "os/dir.h"

enum { FILE_MAX = 32 << 20 };

struct writing {
    struct cli                       *cli;
    const struct new_product_request *rq;
    const struct look                *look;
    str                               domain, product, table, dir;
};

static str text_of(struct writing *w, const char *suffix)
{
    return arena_printf(w->cli->cx->arena, STR_FMT "." STR_FMT "%s", STR_ARG(w->domain),
                        STR_ARG(w->product), suffix);
}

static enum status put(struct writing *w, const char *name, struct buf *text)
{
    TRY(buf_check(text, w->cli->cx, name));
    return new_file(w->cli, w->rq->root,
                    arena_printf(w->cli->cx->arena, STR_FMT "/%s", STR_ARG(w->dir), name),
                    buf_view(text));
}

/* ------------------------------------------------------------------------- contracts */

static struct std_any made_any(struct writing *w, str text)
{
    struct yaml_node *node = ARENA_NEW(w->cli->cx->arena, struct yaml_node);

    node->kind = YAML_STRING;
    node->text = text;
    return (struct std_any){ .node = node, .at = { .line = 1 } };
}

static void set_enum(struct writing *w, const struct look_column *c, struct odcs_property *p)
{
    p->enum_values.items =
        arena_array(w->cli->cx->arena, c->enum_count, sizeof *p->enum_values.items);
    p->enum_values.count = c->enum_count;
    for (size_t i = 0; i < c->enum_count; i++) {
        p->enum_values.items[i].value = made_any(w, c->enum_values[i]);
        p->enum_values.items[i].at    = (struct diag_pos){ .line = 1 };
    }
}

enum side { SIDE_SOURCE, SIDE_PUBLISHED };

static struct odcs_properties properties_of(struct writing *w, enum side side)
{
    struct odcs_properties list = { .count = w->look->column_count };

    list.items = arena_array(w->cli->cx->arena, list.count, sizeof *list.items);
    for (size_t i = 0; i < list.count; i++) {
        const struct look_column *c = &w->look->columns[i];
        struct odcs_property     *p = &list.items[i];

        p->at   = (struct diag_pos){ .line = 1 };
        p->name = std_str_made(c->name);
        coltype_logical(w->cli->cx, side == SIDE_SOURCE ? c->type : c->published, p);
        if (side == SIDE_SOURCE) {
            if (!str_eq(c->name, c->physical)) {
                p->physical_name = std_str_made(c->physical);
            }
            continue;
        }
        if (c->is_required) {
            p->required = std_bool_made(true);
        }
        if (c->is_key) {
            p->primary_key = std_bool_made(true);
        }
        if (c->enum_count > 0) {
            set_enum(w, c, p);
        }
    }
    return list;
}

static struct odcs_contract contract_of(struct writing *w, str id, struct odcs_object *object)
{
    struct odcs_contract c = { .api_version = std_str_made(S("v3.2.0")),
                               .kind        = std_str_made(S("DataContract")),
                               .id          = std_str_made(id),
                               .version     = std_str_made(S("1.0.0")),
                               .status      = std_str_made(S("active")) };

    object->at     = (struct diag_pos){ .line = 1 };
    object->name   = std_str_made(w->table);
    c.schema.items = object;
    c.schema.count = 1;
    c.at           = (struct diag_pos){ .line = 1 };
    return c;
}

static enum status put_contract(struct writing *w)
{
    struct buf text      CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    struct odcs_object   object               = { .properties = properties_of(w, SIDE_PUBLISHED) };
    struct odcs_contract c                    = contract_of(w, text_of(w, ""), &object);
    str name = arena_printf(w->cli->cx->arena, STR_FMT ".odcs.yaml", STR_ARG(w->table));

    odcs_emit(&c, &text);
    return put(w, name.ptr, &text);
}

static struct std_custom custom_of(struct writing *w, const char *property, str value)
{
    return (struct std_custom){ .property = std_str_made(str_of(property)),
                                .value    = made_any(w, value),
                                .at       = { .line = 1 } };
}

static struct yaml_node *null_texts_of(struct writing *w)
{
    struct yaml_node *list = ARENA_NEW(w->cli->cx->arena, struct yaml_node);

    list->kind  = YAML_LIST;
    list->count = w->look->null_text_count;
    list->items = arena_array(w->cli->cx->arena, list->count, sizeof *list->items);
    for (size_t i = 0; i < list->count; i++) {
        list->items[i]       = ARENA_NEW(w->cli->cx->arena, struct yaml_node);
        list->items[i]->kind = YAML_STRING;
        list->items[i]->text = w->look->null_texts[i];
    }
    return list;
}

/* weft.source: {nullText: […], strict: false}, as far as the file needs it. */
static struct std_custom source_key_of(struct writing *w)
{
    struct yaml_node   *map     = ARENA_NEW(w->cli->cx->arena, struct yaml_node);
    struct yaml_node   *no      = ARENA_NEW(w->cli->cx->arena, struct yaml_node);
    struct yaml_member *members = arena_array(w->cli->cx->arena, 2, sizeof *members);

    map->kind    = YAML_MAP;
    map->members = members;
    if (w->look->null_text_count > 0) {
        members[map->count++] =
            (struct yaml_member){ .key = S("nullText"), .value = null_texts_of(w) };
    }
    if (w->look->is_loose) {
        *no                   = (struct yaml_node){ .kind = YAML_BOOL, .text = S("false") };
        members[map->count++] = (struct yaml_member){ .key = S("strict"), .value = no };
    }
    return (struct std_custom){ .property = std_str_made(S("weft.source")),
                                .value    = { .node = map, .at = { .line = 1 } },
                                .at       = { .line = 1 } };
}

static void server_of(struct writing *w, struct odcs_server *s)
{
    const struct look *look = w->look;
    struct std_custom *custom;

    s->at     = (struct diag_pos){ .line = 1 };
    s->server = std_str_made(S("source"));
    if (!look->is_postgres) {
        s->type   = std_str_made(S("local"));
        s->path   = std_str_made(look->path);
        s->format = std_str_made(look->format);
        if (look->null_text_count > 0 || look->is_loose) {
            custom          = ARENA_NEW(w->cli->cx->arena, struct std_custom);
            *custom         = source_key_of(w);
            s->custom.items = custom;
            s->custom.count = 1;
        }
        return;
    }
    custom          = arena_array(w->cli->cx->arena, 2, sizeof *custom);
    custom[0]       = custom_of(w, "user", look->user);
    custom[1]       = custom_of(w, "password", S("${PGPASSWORD}"));
    s->type         = std_str_made(S("postgres"));
    s->host         = std_str_made(look->host);
    s->port         = std_str_made(look->port);
    s->database     = std_str_made(look->database);
    s->schema       = std_str_made(look->schema);
    s->custom.items = custom;
    s->custom.count = 2;
}

static enum status put_lock(struct writing *w)
{
    struct buf text      CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    struct odcs_object   object               = { .properties = properties_of(w, SIDE_SOURCE) };
    struct odcs_contract c                    = contract_of(w, text_of(w, ".source"), &object);
    struct odcs_server   server               = { 0 };

    server_of(w, &server);
    if (w->look->table.len) {
        object.physical_name = std_str_made(w->look->table);
    }
    c.servers.items = &server;
    c.servers.count = 1;
    buf_add(&text, S("# What the source looked like when `weft new` read it. weft reads it by "
                     "these names and types;\n"
                     "# rename this file to source.odcs.yaml when a person is to own it.\n"));
    odcs_emit(&c, &text);
    return put(w, "weft.lock", &text);
}

/* ------------------------------------------------------------------------- product and SQL */

static enum status put_product(struct writing *w)
{
    struct buf text         CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    struct odps_input_port  input                = { .name        = std_str_made(S("source")),
                                                     .version     = std_str_made(S("1.0.0")),
                                                     .contract_id = std_str_made(text_of(w, ".source")),
                                                     .at          = { .line = 1 } };
    struct odps_output_port output               = { .name        = std_str_made(w->table),
                                                     .version     = std_str_made(S("1.0.0")),
                                                     .contract_id = std_str_made(text_of(w, "")),
                                                     .at          = { .line = 1 } };
    struct odps_product     p                    = { .api_version = std_str_made(S("v1.0.0")),
                                                     .kind        = std_str_made(S("DataProduct")),
                                                     .id          = std_str_made(text_of(w, "")),
                                                     .name        = std_str_made(w->product),
                                                     .domain      = std_str_made(w->domain),
                                                     .status      = std_str_made(S("active")),
                                                     .at          = { .line = 1 } };

    p.input_ports.items  = &input;
    p.input_ports.count  = 1;
    p.output_ports.items = &output;
    p.output_ports.count = 1;
    odps_emit(&p, &text);
    return put(w, "product.odps.yaml", &text);
}

/* A plain name needs no quotes in the engine's SQL when it is not a keyword; quoting is always right. */
static void add_expression(struct writing *w, const struct look_column *c, struct buf *sql)
{
    if (coltype_widens(c->type, c->published)) {
        engine_quote_ident(sql, c->name);
        return;
    }
    buf_add(sql, S("CAST("));
    engine_quote_ident(sql, c->name);
    buf_printf(sql, " AS " STR_FMT ") AS ", STR_ARG(coltype_text(w->cli->cx, c->published)));
    engine_quote_ident(sql, c->name);
}

/* Some types cannot be published (a time of day, for one) and need a CAST; the rest is a copy. */
static bool needs_sql(const struct look *look)
{
    for (size_t i = 0; i < look->column_count; i++) {
        if (!coltype_widens(look->columns[i].type, look->columns[i].published)) {
            return true;
        }
    }
    return false;
}

static enum status put_sql(struct writing *w)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    str            name = arena_printf(w->cli->cx->arena, STR_FMT ".sql", STR_ARG(w->table));

    buf_add(&sql, S("SELECT\n"));
    for (size_t i = 0; i < w->look->column_count; i++) {
        buf_add(&sql, S("    "));
        add_expression(w, &w->look->columns[i], &sql);
        buf_add(&sql, i + 1 < w->look->column_count ? S(",\n") : S("\n"));
    }
    buf_printf(&sql, "FROM source." STR_FMT "\n", STR_ARG(w->table));
    return put(w, name.ptr, &sql);
}

/* ------------------------------------------------------------------------- the product */

/*
 * A source outside of the mesh must be allowed in mesh.yaml. The line is appended when there is no
 * `allowed:` yet; else a person has to add it.
 */
static enum status allow_reach(struct writing *w, const char *what, str value)
{
    struct project_options options = { .dir = w->rq->root };
    struct diags           diags   = { 0 };
    struct project        *project;
    str                    text;

    TRY(project_open(w->cli->cx, &options, &diags, &project));
    for (size_t i = 0; i < project->mesh->allowed.paths.count; i++) {
        str allowed =
            os_path_clean(w->cli->cx->arena, os_path_join(w->cli->cx->arena, w->rq->root,
                                                          project->mesh->allowed.paths.items[i].v));

        if (os_path_is_below(value, allowed)) {
            return ST_OK;
        }
    }
    for (size_t i = 0; i < project->mesh->allowed.servers.count; i++) {
        if (str_eq(value, project->mesh->allowed.servers.items[i].v)) {
            return ST_OK;
        }
    }
    if (std_is_set(project->mesh->allowed)) {
        return FAIL(w->cli->cx, DENIED,
                    "mesh.yaml does not allow \"" STR_FMT "\"; add it under allowed: %s:",
                    STR_ARG(value), what);
    }
    text = arena_printf(w->cli->cx->arena, STR_FMT "allowed:\n  %s:\n    - \"" STR_FMT "\"\n",
                        STR_ARG(project->mesh_doc->text.bytes), what, STR_ARG(value));
    TRY(os_file_put(w->cli->cx, os_path_join(w->cli->cx->arena, w->rq->root, S("mesh.yaml")), text,
                    OS_REPLACE, 0644));
    cli_say(w->cli, "  mesh.yaml: sources may now read " STR_FMT "\n", STR_ARG(value));
    return ST_OK;
}

static enum status write_all(struct writing *w)
{
    bool is_there;

    if (w->look->is_postgres) {
        TRY(allow_reach(w, "servers", w->look->host));
    } else if (!os_path_is_below(w->rq->from, w->rq->root)) {
        TRY(allow_reach(w, "paths", new_source_dir(w->rq->from)));
    }
    TRY(os_file_exists(
        w->cli->cx,
        os_path_join(
            w->cli->cx->arena, w->rq->root,
            arena_printf(w->cli->cx->arena, "domains/" STR_FMT "/domain.yaml", STR_ARG(w->domain))),
        &is_there));
    if (!is_there) {
        TRY(new_domain(w->cli, w->rq->root, w->domain));
    }
    TRY(put_lock(w));
    TRY(put_contract(w));
    if (needs_sql(w->look)) {
        TRY(put_sql(w));
    }
    return put_product(w);
}

static void say_look(struct cli *cli, const struct look *look)
{
    size_t required = 0, keys = 0, enums = 0;

    for (size_t i = 0; i < look->column_count; i++) {
        required += look->columns[i].is_required;
        keys += look->columns[i].is_key;
        enums += look->columns[i].enum_count > 0;
    }
    cli_say(cli,
            STR_FMT
            " row%s, %zu column%s: %zu required, %zu in the key, %zu with a list of values\n",
            STR_ARG(cli_count(cli, look->rows)), look->rows == 1 ? "" : "s", look->column_count,
            look->column_count == 1 ? "" : "s", required, keys, enums);
    if (look->is_loose) {
        cli_say(
            cli,
            "note: the file breaks the rules of CSV (mixed line ends or stray quotes); weft.lock "
            "says strict: false\n");
    }
}

enum status new_product(struct cli *cli, const struct new_product_request *rq)
{
    struct new_product_request full = *rq;
    struct look                look;
    struct writing             w = { .cli = cli, .rq = &full, .look = &look };
    bool                       is_there;

    if (!str_split(rq->address, '.', &w.domain, &w.product) || !name_is_valid(w.domain) ||
        !name_is_valid(w.product) || name_is_reserved_domain(w.domain) ||
        name_is_reserved_product(w.product) || name_has_major(w.product)) {
        return FAIL(cli->cx, INVALID,
                    "\"" STR_FMT "\" cannot be a product's address; write domain.product in lower "
                    "case, like sales.orders",
                    STR_ARG(rq->address));
    }
    w.table    = rq->table.len ? rq->table : w.product;
    full.table = w.table;
    w.dir      = arena_printf(cli->cx->arena, "domains/" STR_FMT "/" STR_FMT, STR_ARG(w.domain),
                              STR_ARG(w.product));
    if (!name_is_valid(w.table)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" cannot be a table's name", STR_ARG(w.table));
    }
    TRY(os_file_exists(cli->cx, os_path_join(cli->cx->arena, rq->root, w.dir), &is_there));
    if (is_there) {
        return FAIL(cli->cx, CONFLICT, "\"" STR_FMT "\" is there already", STR_ARG(w.dir));
    }
    TRY(look_at(cli, &full, w.dir, &look));
    say_look(cli, &look);
    return write_all(&w);
}

/* The mesh around the current folder; a stranger's first command makes one here. */
static enum status find_or_make_mesh(struct cli *cli, str *out)
{
    str dir = cli->args.dir.len ? cli->args.dir : S(".");

    if (project_find_root(cli->cx, dir, out) == ST_OK) {
        return ST_OK;
    }
    err_clear(cli->cx->err);
    return new_mesh(cli, dir, out);
}

/* The file's own path; of a pattern, that of the folder above it. A name with a * may be a file. */
static enum status find_files(struct cli *cli, str path, str *out)
{
    str  dir = new_source_dir(path), rest = path, real;
    bool is_there;

    TRY(os_file_exists(cli->cx, path, &is_there));
    if (is_there || !new_source_is_pattern(path)) {
        return os_file_real(cli->cx, path, out);
    }
    TRY(os_file_real(cli->cx, dir, &real));
    if (str_eq(dir, S("/")) ||
        str_starts(path, arena_printf(cli->cx->arena, STR_FMT "/", STR_ARG(dir)))) {
        rest = str_from(path, dir.len);
    }
    while (str_starts(rest, S("/"))) {
        rest = str_from(rest, 1);
    }
    *out = os_path_join(cli->cx->arena, real, rest);
    return ST_OK;
}

enum status cmd_new_product(struct cli *cli)
{
    struct new_product_request rq     = { .address = cli->args.words.items[0],
                                          .table   = cli->args.table,
                                          .from    = cli->args.from };
    bool                       is_url = str_has(rq.from, S("://"));

    if (rq.from.len == 0) {
        return FAIL(cli->cx, INVALID, "say where the data is: --from FILE.csv");
    }
    if (is_url && !str_starts(rq.from, S("postgres://")) &&
        !str_starts(rq.from, S("postgresql://"))) {
        return FAIL(cli->cx, UNSUPPORTED,
                    "\"" STR_FMT "\": a source is a file or postgres://…; download other things "
                    "first",
                    STR_ARG(rq.from));
    }
    if (!is_url) {
        TRY(find_files(cli, rq.from, &rq.from));
    }
    TRY(find_or_make_mesh(cli, &rq.root));
    TRY(new_product(cli, &rq));
    if (cli->args.publish) {
        cli->args.dir = rq.root;
        return cmd_publish(cli);
    }
    cli_say(cli, "next: weft publish " STR_FMT "\n", STR_ARG(rq.address));
    return ST_OK;
}
