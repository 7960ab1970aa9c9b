/*
 * cmd_tick.c - weft tick: what falls due with time.
 */
#include "cli/mesh.h"

#include "codec/json.h"
#include "retention/retention.h"

static void json_forgotten(struct cli *cli, const struct retention_list *forgotten)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("history"));
    json_w_array_begin(w);
    for (size_t i = 0; i < forgotten->list.count; i++) {
        const struct retention_result *f = &forgotten->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("product"), f->product);
        json_w_member_u64(w, S("snapshots"), f->snapshots);
        json_w_member_u64(w, S("files"), f->files);
        json_w_member_u64(w, S("bytes"), f->bytes);
        if (f->why_not.len > 0) {
            json_w_member_str(w, S("left_because"), f->why_not);
        }
        if (f->log.len > 0) {
            json_w_member_str(w, S("log_left_because"), f->log);
        }
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

static void say_forgotten(struct cli *cli, const struct retention_list *forgotten)
{
    for (size_t i = 0; i < forgotten->list.count; i++) {
        const struct retention_result *f = &forgotten->list.items[i];

        if (f->why_not.len > 0) {
            cli_say(cli, STR_FMT ": left for the next time: " STR_FMT "\n", STR_ARG(f->product),
                    STR_ARG(f->why_not));
            continue;
        }
        cli_say(cli, STR_FMT ": %zu old snapshot%s forgotten, %zu file%s (" STR_FMT ") removed\n",
                STR_ARG(f->product), f->snapshots, f->snapshots == 1 ? "" : "s", f->files,
                f->files == 1 ? "" : "s", STR_ARG(cli_bytes(cli, f->bytes)));
        if (f->log.len > 0) {
            cli_say(cli, STR_FMT ": " STR_FMT "\n", STR_ARG(f->product), STR_ARG(f->log));
        }
    }
    if (forgotten->list.count == 0) {
        cli_say(cli, "nothing is due\n");
    }
}

static enum status tick(struct cli *cli, struct cli_mesh *mesh)
{
    struct retention_env  env = { mesh->project, mesh->db, mesh->blob, mesh->build };
    struct retention_list forgotten;

    TRY(retention_forget(cli->cx, &env, &forgotten));
    if (cli->args.json) {
        json_forgotten(cli, &forgotten);
    } else {
        say_forgotten(cli, &forgotten);
    }
    return ST_OK;
}

enum status cmd_tick(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_FILES | CLI_MESH_WRITE | CLI_MESH_BUILD, &mesh));
    st = tick(cli, &mesh);
    cli_mesh_close(&mesh);
    return st;
}
