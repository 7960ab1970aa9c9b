/*
 * cmd_backup.c - weft backup and weft restore.
 */
#include "cli/mesh.h"

#include "backup/backup.h"
#include "codec/json.h"
#include "os/dir.h"
#include "os/path.h"
#include "table/delta.h"

/* ------------------------------------------------------------------------- what both say */

static void json_report(struct cli *cli, const struct backup_report *r, str dir)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("folder"), dir);
    json_w_member_str(w, S("made"), r->made);
    json_w_member_i64(w, S("events"), r->events);
    json_w_member_u64(w, S("copied"), r->copied);
    json_w_member_u64(w, S("copied_bytes"), r->copied_bytes);
    json_w_member_u64(w, S("kept"), r->kept);
    json_w_member_u64(w, S("removed"), r->removed);
    json_w_member_u64(w, S("bad"), r->bad_count);
    json_w_key(w, S("bad_files"));
    json_w_array_begin(w);
    for (size_t i = 0; i < r->bad.count; i++) {
        json_w_str(w, r->bad.items[i]);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

static void say_bad(struct cli *cli, const struct backup_report *r)
{
    for (size_t i = 0; i < r->bad.count; i++) {
        cli_say(cli, "%sproblem%s: " STR_FMT "\n", cli_style(cli, CLI_RED),
                cli_style(cli, CLI_PLAIN), STR_ARG(r->bad.items[i]));
    }
    if (r->bad_count > r->bad.count) {
        cli_say(cli, "... and %llu more\n", (unsigned long long)(r->bad_count - r->bad.count));
    }
}

static void say_files(struct cli *cli, const char *verb, const struct backup_report *r)
{
    cli_say(cli, "%llu file%s %s (" STR_FMT "), %llu there already\n",
            (unsigned long long)r->copied, r->copied == 1 ? "" : "s", verb,
            STR_ARG(cli_bytes(cli, r->copied_bytes)), (unsigned long long)r->kept);
}

static struct backup_state state_of(struct cli *cli, struct cli_mesh *mesh)
{
    return (struct backup_state){ .project     = mesh->project,
                                  .db          = mesh->db,
                                  .store_path  = mesh->store.path,
                                  .blob        = mesh->blob,
                                  .program     = S("weft " WEFT_VERSION),
                                  .migrate     = cli_store_migrate,
                                  .migrate_arg = cli };
}

/* The folder as it was named where the command was called. */
static enum status read_folder(struct cli *cli, str *out)
{
    str here;

    TRY(os_dir_current(cli->cx, &here));
    *out =
        os_path_clean(cli->cx->arena, os_path_join(cli->cx->arena, here, cli->args.words.items[0]));
    return ST_OK;
}

/* ------------------------------------------------------------------------- backup */

static enum status make(struct cli *cli, struct cli_mesh *mesh, str dir)
{
    struct backup_state  state  = state_of(cli, mesh);
    struct backup_report report = { 0 };
    enum status          st     = backup_make(cli->cx, &state, dir, &report);

    if (st != ST_OK) {
        say_bad(cli, &report);
        return st;
    }
    if (cli->args.json) {
        json_report(cli, &report, dir);
        return ST_OK;
    }
    say_files(cli, "copied", &report);
    cli_say(cli, "backup of mesh " STR_FMT " up to event %lld in " STR_FMT "\n",
            STR_ARG(mesh->project->name), (long long)report.events, STR_ARG(dir));
    cli_say(cli, "it holds the mesh's private keys: keep it where those may lie\n");
    return ST_OK;
}

enum status cmd_backup(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;
    str             dir;

    TRY(read_folder(cli, &dir));
    TRY(cli_mesh_open(cli, CLI_MESH_WRITE | CLI_MESH_KEY, &mesh));
    st = make(cli, &mesh, dir);
    cli_mesh_close(&mesh);
    return st;
}

/* ------------------------------------------------------------------------- restore */

/* Logs are derived: one that cannot be written is told, and the restored mesh is whole without it. */
static enum status write_all(struct cli *cli, struct cli_mesh *mesh)
{
    struct delta_place  place = { mesh->blob, mesh->build };
    struct delta_tables tables;
    size_t              written;

    TRY(delta_tables_all(cli->cx, &tables));
    for (size_t i = 0; i < tables.list.count; i++) {
        str address = tables.list.items[i].address;

        if (delta_write(cli->cx, &place, address, DELTA_ALL, &written) != ST_OK) {
            cli_say(cli, "the Delta log of " STR_FMT " is not written: " STR_FMT "\n",
                    STR_ARG(address), STR_ARG(err_text(cli->cx->err)));
            err_clear(cli->cx->err);
        }
    }
    return ST_OK;
}

/* The mesh is opened anew, for its store is another one now. */
static enum status write_logs(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_WRITE | CLI_MESH_BUILD, &mesh));
    st = db_begin(mesh.db, cli->cx, DB_READ);
    st = st == ST_OK ? db_end(cli->cx, write_all(cli, &mesh)) : st;
    cli_mesh_close(&mesh);
    return st;
}

static enum status restore(struct cli *cli, struct cli_mesh *mesh, str dir)
{
    struct backup_state  state  = state_of(cli, mesh);
    struct backup_report report = { 0 };
    enum status          st     = backup_restore(cli->cx, &state, dir, &report);

    if (st != ST_OK && report.bad_count == 0) {
        return st;
    }
    if (cli->args.json && st == ST_OK) {
        json_report(cli, &report, dir);
        return ST_OK;
    }
    say_files(cli, "restored", &report);
    say_bad(cli, &report);
    cli_say(cli, "mesh " STR_FMT " is as it was on " STR_FMT "\n", STR_ARG(mesh->project->name),
            STR_ARG(report.made));
    return st;
}

enum status cmd_restore(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;
    str             dir;

    TRY(read_folder(cli, &dir));
    TRY(cli_mesh_open(cli, CLI_MESH_STORE | CLI_MESH_OBJECTS, &mesh));
    st = restore(cli, &mesh, dir);
    cli_mesh_close(&mesh);
    TRY(st);
    TRY(write_logs(cli));
    cli_say(cli, "next: weft doctor\n");
    return ST_OK;
}
