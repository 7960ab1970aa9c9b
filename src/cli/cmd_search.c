/*
 * cmd_search.c - weft catalog search: what is published and has some words.
 */
#include "cli/mesh.h"

#include "catalog/catalog.h"
#include "codec/json.h"

enum { LIMIT_DEFAULT = 20, LIMIT_MAX = 1000 };

struct found {
    str                words, nearest;
    struct search_hits hits;
};

static str kind_name(enum search_kind kind)
{
    switch (kind) {
    case SEARCH_DOMAIN: return S("domain");
    case SEARCH_PRODUCT: return S("product");
    case SEARCH_TABLE: return S("table");
    case SEARCH_COLUMN: return S("column");
    }
    BUG("an entry of no kind");
}

static str address_of(struct cli *cli, const struct search_entry *e)
{
    return e->column.len > 0 ? arena_printf(cli->cx->arena, STR_FMT "." STR_FMT,
                                            STR_ARG(e->address), STR_ARG(e->column))
                             : e->address;
}

static enum status limit_of(struct cli *cli, size_t *out)
{
    uint64_t limit = LIMIT_DEFAULT;

    if (cli->args.limit.len > 0 &&
        (!str_to_u64(cli->args.limit, &limit) || limit < 1 || limit > LIMIT_MAX)) {
        return FAIL(cli->cx, INVALID, "--limit is a number from 1 to %d, not \"" STR_FMT "\"",
                    LIMIT_MAX, STR_ARG(cli->args.limit));
    }
    *out = (size_t)limit;
    return ST_OK;
}

static str words_of(struct cli *cli)
{
    str made = STR_NONE;

    for (size_t i = 0; i < cli->args.words.count; i++) {
        made = arena_printf(cli->cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(made), i ? " " : "",
                            STR_ARG(cli->args.words.items[i]));
    }
    return made;
}

static void json_found(struct cli *cli, const struct found *f)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("words"), f->words);
    json_w_key(w, S("hits"));
    json_w_array_begin(w);
    for (size_t i = 0; i < f->hits.list.count; i++) {
        const struct search_hit   *h = &f->hits.list.items[i];
        const struct search_entry *e = &h->entry;

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), address_of(cli, e));
        json_w_member_str(w, S("kind"), kind_name(e->kind));
        json_w_member_str(w, S("name"), e->name);
        json_w_member_str(w, S("status"), e->status);
        json_w_member_str(w, S("field"), h->field);
        json_w_member_str(w, S("line"), h->line);
        json_w_member_str(w, S("description"), e->about);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    json_w_member_bool(w, S("has_more"), f->hits.has_more);
    json_w_member_str(w, S("did_you_mean"), f->nearest);
    cli_json_end(cli, w);
}

/* The line with the words; for a name, which stands in the address, what it is. */
static str shown_line(struct cli *cli, const struct search_hit *h)
{
    if (str_eq(h->field, S("name")) || str_eq(h->field, S("path"))) {
        return h->entry.about;
    }
    return str_eq(h->field, S("about")) ? h->line
                                        : arena_printf(cli->cx->arena, STR_FMT ": " STR_FMT,
                                                       STR_ARG(h->field), STR_ARG(h->line));
}

static void say_nothing(struct cli *cli, const struct found *f)
{
    cli_say(cli, "nothing that you may see has \"" STR_FMT "\"\n", STR_ARG(f->words));
    if (f->nearest.len > 0) {
        cli_say(cli, "did you mean \"" STR_FMT "\"?\n", STR_ARG(f->nearest));
    } else {
        cli_say(cli, "every word must be there: fewer words find more; weft catalog tree shows "
                     "what there is\n");
    }
}

static void say_found(struct cli *cli, const struct found *f)
{
    struct cli_grid grid = { .columns = 4 };

    if (f->hits.list.count == 0) {
        say_nothing(cli, f);
        return;
    }
    cli_grid_add(cli, &grid, (const str[]){ S("found"), S("kind"), S("status"), S("says") });
    for (size_t i = 0; i < f->hits.list.count; i++) {
        const struct search_hit *h = &f->hits.list.items[i];

        cli_grid_add(cli, &grid,
                     (const str[]){ address_of(cli, &h->entry), kind_name(h->entry.kind),
                                    h->entry.status, shown_line(cli, h) });
    }
    cli_grid_print(cli, &grid);
    if (f->hits.has_more) {
        cli_say(cli, "there is more: --limit shows up to %d, more words find less\n", LIMIT_MAX);
    }
}

static enum status find(struct cli *cli, const struct cli_mesh *mesh, size_t limit,
                        struct found *out)
{
    struct catalog_view view = { .access = mesh->access, .reader = mesh->reader };

    out->words = words_of(cli);
    TRY(db_begin(mesh->db, cli->cx, DB_READ));
    return db_end(cli->cx,
                  catalog_search(cli->cx, &view, out->words, limit, &out->hits, &out->nearest));
}

enum status cmd_catalog_search(struct cli *cli)
{
    struct cli_mesh mesh  = { 0 };
    struct found    found = { 0 };
    size_t          limit;
    enum status     st;

    TRY(limit_of(cli, &limit));
    TRY(cli_mesh_open(cli, CLI_MESH_STORE | (cli->args.as.len ? CLI_MESH_ACCESS : 0), &mesh));
    st = find(cli, &mesh, limit, &found);
    cli_mesh_close(&mesh);
    TRY(st);
    if (cli->args.json) {
        json_found(cli, &found);
    } else {
        say_found(cli, &found);
    }
    return ST_OK;
}
