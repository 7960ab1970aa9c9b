/*
 * cmd_export.c - weft export: whole tables in one DuckDB file.
 *
 * The file grows under another name in the same folder and appears when its last row is written; the
 * engine keeps a log beside it while it grows, which goes the same way.
 */
#include "cli/mesh.h"

#include "codec/json.h"
#include "os/dir.h"
#include "os/proc.h"

/* ------------------------------------------------------------------------- the answer */

static void json_exports(struct cli *cli, const struct query_exports *tables)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("file"), cli->args.file);
    json_w_key(w, S("tables"));
    json_w_array_begin(w);
    for (size_t i = 0; i < tables->list.count; i++) {
        const struct query_exported *t = &tables->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), t->address);
        json_w_member_str(w, S("schema"), t->schema);
        json_w_member_str(w, S("table"), t->table);
        json_w_member_u64(w, S("rows"), t->rows);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

/* The engine takes "orders.orders" for ambiguous in orders.duckdb: a catalog, or a schema of that name? */
static void say_next(struct cli *cli, const struct query_exported *first)
{
    str stem = os_path_name(cli->args.file), suffix;

    ignore(str_rsplit(stem, '.', &stem, &suffix) ? ST_OK : ST_NOT_FOUND, "a name without a suffix");
    cli_say(cli, "next: duckdb " STR_FMT " \"FROM " STR_FMT "%s" STR_FMT "." STR_FMT "\"\n",
            STR_ARG(cli->args.file), STR_ARG(str_eq(stem, first->schema) ? stem : STR_NONE),
            str_eq(stem, first->schema) ? "." : "", STR_ARG(first->schema), STR_ARG(first->table));
}

static void say_exports(struct cli *cli, const struct query_exports *tables)
{
    struct cli_grid grid = { .columns = 3, .right = 1U << 1 };
    uint64_t        rows = 0;

    cli_grid_add(cli, &grid, (const str[]){ S("in the file"), S("rows"), S("address") });
    for (size_t i = 0; i < tables->list.count; i++) {
        const struct query_exported *t = &tables->list.items[i];

        rows += t->rows;
        cli_grid_add(cli, &grid,
                     (const str[]){ arena_printf(cli->cx->arena, STR_FMT "." STR_FMT,
                                                 STR_ARG(t->schema), STR_ARG(t->table)),
                                    cli_count(cli, t->rows), t->address });
    }
    cli_grid_print(cli, &grid);
    cli_say(cli, "%zu table%s, " STR_FMT " row%s in " STR_FMT "\n", tables->list.count,
            tables->list.count == 1 ? "" : "s", STR_ARG(cli_count(cli, rows)), rows == 1 ? "" : "s",
            STR_ARG(cli->args.file));
    say_next(cli, &tables->list.items[0]);
}

/* ------------------------------------------------------------------------- the file */

/* The log that the engine keeps beside a database file. */
static str log_of(struct cli *cli, str path)
{
    return arena_printf(cli->cx->arena, STR_FMT ".wal", STR_ARG(path));
}

static void remove_quietly(struct cli *cli, str path)
{
    struct err err   = { 0 };
    struct ctx quiet = *cli->cx;

    quiet.err = &err;
    ignore(os_file_remove(&quiet, path, OS_MISSING_OK), "what led here is the answer");
    ignore(os_file_remove(&quiet, log_of(cli, path), OS_MISSING_OK), "see above");
}

/* A log of the file that is replaced would be taken for one of ours. */
static enum status refuse_log(struct cli *cli, str path)
{
    bool is_there;

    TRY(os_file_exists(cli->cx, log_of(cli, path), &is_there));
    return is_there
               ? FAIL(cli->cx, CONFLICT,
                      "\"" STR_FMT ".wal\" lies beside it: another program has the file open, or "
                      "left it unfinished; close it, or remove both",
                      STR_ARG(cli->args.file))
               : ST_OK;
}

static enum status place(struct cli *cli, str temp, str path)
{
    struct os_file *file;
    enum status     st;

    TRY(refuse_log(cli, path));
    TRY(os_file_open(cli->cx, temp, &file));
    st = os_file_sync(cli->cx, file);
    os_file_close(file);
    TRY(st);
    return os_file_move(cli->cx, temp, path, OS_REPLACE);
}

/* ------------------------------------------------------------------------- the command */

static enum status read_request(struct cli *cli, const struct cli_mesh *mesh,
                                struct query_export_request *rq)
{
    rq->wanted       = cli->args.words.items;
    rq->wanted_count = cli->args.words.count;
    return cli_query_limits(cli, mesh, &rq->row_limit);
}

static enum status export_tables(struct cli *cli, struct cli_mesh *mesh, str path)
{
    struct query_env            env    = cli_query_env(mesh);
    struct query_export_request rq     = { 0 };
    struct query_exports        tables = { 0 };
    enum status                 st;

    rq.path = arena_printf(cli->cx->arena, STR_FMT "/.weft-export-%llu.duckdb",
                           STR_ARG(mesh->extra_dir), (unsigned long long)os_process_id());
    TRY(read_request(cli, mesh, &rq));
    TRY(refuse_log(cli, path));
    remove_quietly(cli, rq.path); /* of a process that had this number and was killed */
    st = query_export(cli->cx, &env, &rq, &mesh->diags, &tables);
    if (st == ST_OK) {
        st = place(cli, rq.path, path);
    }
    if (st != ST_OK) {
        remove_quietly(cli, rq.path);
        return st;
    }
    if (cli->args.json) {
        json_exports(cli, &tables);
    } else {
        say_exports(cli, &tables);
    }
    return ST_OK;
}

enum status cmd_export(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;
    str             path = cli->args.file;

    if (path.len == 0) {
        return FAIL(cli->cx, INVALID, "weft export needs a file: -f out.duckdb");
    }
    if ((cli->args.words.count == 0) != cli->args.all) {
        return FAIL(cli->cx, INVALID,
                    "weft export takes addresses (domain, domain.product, domain.product.table) or "
                    "--all");
    }
    TRY(os_file_real(cli->cx, os_path_parent(path), &mesh.extra_dir));
    path = os_path_join(cli->cx->arena, mesh.extra_dir, os_path_name(path));
    TRY(cli_mesh_open(cli, CLI_MESH_STORE | CLI_MESH_QUERY | CLI_MESH_ACCESS, &mesh));
    st = export_tables(cli, &mesh, path);
    if (!cli->args.json) {
        cli_print_diags(cli, &mesh.diags);
        cli->has_told = st != ST_OK && mesh.diags.errors > 0;
    }
    cli_mesh_close(&mesh);
    return st;
}
