/*
 * cmd_tick.c - weft tick: what falls due with time.
 */
#include "cli/mesh.h"

#include "codec/json.h"
#include "retention/retention.h"

/* What fell due. */
struct due {
    struct retention_withdrawals withdrawn;
    struct retention_list        forgotten;
};

/* ------------------------------------------------------------------------- json */

static void json_withdrawn(struct cli *cli, struct json_writer *w,
                           const struct retention_withdrawals *withdrawn)
{
    json_w_key(w, S("withdrawn"));
    json_w_array_begin(w);
    for (size_t i = 0; i < withdrawn->list.count; i++) {
        const struct retention_withdrawn *r = &withdrawn->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), r->address);
        json_w_member_str(w, S("port"), r->port);
        json_w_member_str(w, S("version"), r->version);
        json_w_member_str(w, S("sunset"),
                          r->has_sunset ? life_day(cli->cx->arena, r->sunset_us) : STR_NONE);
        json_w_member_u64(w, S("tables"), r->tables);
        json_w_member_str(w, S("successor"), r->successor);
        if (r->why_not.len > 0) {
            json_w_member_str(w, S("left_because"), r->why_not);
        }
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_forgotten(struct json_writer *w, const struct retention_list *forgotten)
{
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
}

static void json_due(struct cli *cli, const struct due *due)
{
    struct json_writer *w = cli_json_begin(cli);

    json_withdrawn(cli, w, &due->withdrawn);
    json_forgotten(w, &due->forgotten);
    cli_json_end(cli, w);
}

/* ------------------------------------------------------------------------- text */

static void say_withdrawn(struct cli *cli, const struct retention_withdrawals *withdrawn)
{
    for (size_t i = 0; i < withdrawn->list.count; i++) {
        const struct retention_withdrawn *r = &withdrawn->list.items[i];
        str why = r->has_sunset ? arena_printf(cli->cx->arena, "its sunset was " STR_FMT,
                                               STR_ARG(life_day(cli->cx->arena, r->sunset_us)))
                                : S("its product does not have it any more");

        if (r->why_not.len > 0) {
            cli_say(cli, STR_FMT ": left for the next time: " STR_FMT "\n", STR_ARG(r->address),
                    STR_ARG(r->why_not));
            continue;
        }
        cli_say(cli,
                STR_FMT ": withdrawn, %zu table%s of port " STR_FMT " (" STR_FMT ")%s" STR_FMT "\n",
                STR_ARG(r->address), r->tables, r->tables == 1 ? "" : "s", STR_ARG(r->port),
                STR_ARG(why), r->successor.len ? "; in its place " : "", STR_ARG(r->successor));
    }
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
}

/* ------------------------------------------------------------------------- the command */

struct need {
    struct cli      *cli;
    struct cli_mesh *mesh;
};

static enum status need_engine(void *arg, struct ctx *cx, struct engine **out)
{
    struct need *need = arg;

    (void)cx;
    TRY(cli_need_build(need->cli, need->mesh));
    *out = need->mesh->build;
    return ST_OK;
}

/* Majors first: what is withdrawn is history from then on. */
static enum status tick(struct cli *cli, struct cli_mesh *mesh)
{
    struct need          need = { cli, mesh };
    struct retention_env env  = { .project         = mesh->project,
                                  .db              = mesh->db,
                                  .blob            = mesh->blob,
                                  .need_engine     = need_engine,
                                  .need_engine_arg = &need };
    struct due           due;

    TRY(retention_withdraw(cli->cx, &env, &due.withdrawn));
    TRY(retention_forget(cli->cx, &env, &due.forgotten));
    if (cli->args.json) {
        json_due(cli, &due);
        return ST_OK;
    }
    say_withdrawn(cli, &due.withdrawn);
    say_forgotten(cli, &due.forgotten);
    if (due.withdrawn.list.count + due.forgotten.list.count == 0) {
        cli_say(cli, "nothing is due\n");
    }
    return ST_OK;
}

enum status cmd_tick(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_FILES | CLI_MESH_WRITE, &mesh));
    st = tick(cli, &mesh);
    cli_mesh_close(&mesh);
    return st;
}
