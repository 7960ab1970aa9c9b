/*
 * cmd_publish.c - weft publish: progress while it runs, and what came of it.
 */
#include "cli/mesh.h"

#include "codec/json.h"
#include "os/file.h"
#include "standard/keys.h"

/* ------------------------------------------------------------------------- progress */

struct watcher {
    struct cli     *cli;
    struct os_mutex lock;
};

static const char *phase_word(enum publish_phase phase)
{
    static const char *const words[] = {
        [PUBLISH_WAITING] = "waiting",   [PUBLISH_READING] = "reading",
        [PUBLISH_BUILDING] = "building", [PUBLISH_SEALING] = "sealing",
        [PUBLISH_CHECKING] = "checking", [PUBLISH_COMMITTING] = "committing",
        [PUBLISH_ENDED] = "ended",
    };

    return words[phase];
}

/* One line per step, on standard error of a terminal only; workers call it from their threads. */
static void on_progress(void *arg, const struct publish_progress *now)
{
    struct watcher *watcher = arg;
    struct buf      line    = BUF_INIT(4096);

    if (now->phase == PUBLISH_ENDED) {
        return;
    }
    buf_printf(&line, "\r\033[K" STR_FMT ": %s " STR_FMT, STR_ARG(now->product->address),
               phase_word(now->phase), STR_ARG(now->table));
    if (now->rows > 0) {
        buf_printf(&line, " (%llu rows, %llu kB, %.1f s)", (unsigned long long)now->rows,
                   (unsigned long long)now->bytes / 1000, (double)now->elapsed_us / 1e6);
    }
    {
        struct err err = { 0 };
        struct ctx cx  = *watcher->cli->cx;

        OS_GUARD(&watcher->lock);
        cx.err = &err;
        ignore(os_std_write(&cx, OS_STDERR, buf_view(&line)), "progress is a courtesy");
    }
    buf_release(&line);
}

static void clear_progress(struct cli *cli)
{
    if (cli->is_err_color) {
        ignore(os_std_write(cli->cx, OS_STDERR, S("\r\033[K")), "progress is a courtesy");
    }
}

/* ------------------------------------------------------------------------- text */

static void say_failed_checks(struct cli *cli, const struct publish_table_result *t)
{
    for (size_t i = 0; i < t->checks.list.count; i++) {
        const struct quality_result *r = &t->checks.list.items[i];

        if (r->outcome == QUALITY_PASS || r->outcome == QUALITY_NOT_EVALUATED) {
            continue;
        }
        cli_say(cli, "    %s%.*s%s " STR_FMT ": " STR_FMT "\n",
                cli_style(cli, r->outcome == QUALITY_WARN ? CLI_YELLOW : CLI_RED),
                STR_ARG(quality_outcome_name(r->outcome)), cli_style(cli, CLI_PLAIN),
                STR_ARG(r->id), STR_ARG(r->message));
    }
}

static void say_samples(struct cli *cli, const struct quality_sample *s)
{
    struct cli_grid grid = { .columns = s->column_count };

    cli_say(cli, "    first bad rows of " STR_FMT "\n", STR_ARG(s->check_id));
    for (size_t i = 0; i < s->column_count; i++) {
        vec_push(cli->cx->arena, &grid.cells,
                 arena_printf(cli->cx->arena, "%s" STR_FMT, i == 0 ? "      " : "",
                              STR_ARG(s->columns[i])));
    }
    for (size_t i = 0; i < s->row_count * s->column_count; i++) {
        str cell = s->values[i].ptr ? s->values[i] : S("NULL");

        vec_push(cli->cx->arena, &grid.cells,
                 arena_printf(cli->cx->arena, "%s" STR_FMT,
                              i % s->column_count == 0 ? "      " : "", STR_ARG(cell)));
    }
    cli_grid_print(cli, &grid);
}

static void say_done(struct cli *cli, const struct publish_product_result *r)
{
    for (size_t i = 0; i < r->tables.count; i++) {
        const struct publish_table_result *t = &r->tables.items[i];

        cli_say(cli,
                "    " STR_FMT ": " STR_FMT " rows, " STR_FMT
                ", snapshot %lld, %zu of %zu checks passed\n",
                STR_ARG(t->address), STR_ARG(cli_count(cli, t->rows)),
                STR_ARG(cli_bytes(cli, t->bytes)), (long long)t->snapshot_number, t->checks.passed,
                t->checks.list.count - t->checks.not_evaluated);
        say_failed_checks(cli, t);
    }
}

/* The product whose reason ends the command, on standard error; NULL when all went well. */
static const struct publish_product_result *told_last(const struct publish_run_result *run)
{
    enum publish_outcome wanted = run->failed > 0 ? PUBLISH_FAILED : PUBLISH_STOPPED;

    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].outcome == wanted) {
            return &run->items[i];
        }
    }
    return NULL;
}

/* Every reason is said once: here, or by the error that ends the command. */
static void say_result(struct cli *cli, const struct publish_product_result *r, bool is_told_last)
{
    static const struct {
        const char    *word;
        enum cli_style style;
    } words[] = { [PUBLISH_DONE]    = { "published", CLI_GREEN },
                  [PUBLISH_SKIPPED] = { "unchanged", CLI_DIM },
                  [PUBLISH_FAILED]  = { "refused", CLI_RED },
                  [PUBLISH_STOPPED] = { "not published", CLI_YELLOW } };

    cli_say(cli, STR_FMT " %s%s%s", STR_ARG(r->product->address),
            cli_style(cli, words[r->outcome].style), words[r->outcome].word,
            cli_style(cli, CLI_PLAIN));
    if (r->outcome == PUBLISH_DONE) {
        cli_say(cli, " in " STR_FMT " (publish %lld, " STR_FMT ")\n",
                STR_ARG(cli_duration(cli, r->elapsed_us)), (long long)r->sequence,
                STR_ARG(r->publish_id));
        say_done(cli, r);
        return;
    }
    if (is_told_last) {
        cli_say(cli, "\n");
    } else {
        cli_say(cli, ": " STR_FMT "\n", STR_ARG(r->message));
    }
    for (size_t i = 0; r->outcome == PUBLISH_FAILED && i < r->tables.count; i++) {
        say_failed_checks(cli, &r->tables.items[i]);
        for (size_t k = 0; k < r->tables.items[i].samples.list.count; k++) {
            say_samples(cli, &r->tables.items[i].samples.list.items[k]);
        }
    }
}

/* What is live is live; whoever reads the folder itself should know that it is not there yet. */
static void say_log(struct cli *cli, const struct publish_product_result *r)
{
    if (r->log_status != ST_OK) {
        cli_say(cli, "    %swarning%s: " STR_FMT "%s\n", cli_style(cli, CLI_YELLOW),
                cli_style(cli, CLI_PLAIN), STR_ARG(r->log_message),
                r->log_status == ST_CONFLICT || r->log_status == ST_UNSUPPORTED
                    ? ""
                    : "; the next publish writes it, or weft doctor --repair");
    }
}

static void say_run(struct cli *cli, const struct publish_run_result *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (!cli->args.quiet || run->items[i].outcome == PUBLISH_FAILED) {
            cli_print_diags(cli, &run->items[i].diags);
        }
        say_result(cli, &run->items[i], &run->items[i] == told_last(run));
        say_log(cli, &run->items[i]);
    }
    cli_say(cli, "%zu published, %zu unchanged, %zu refused, %zu not published\n", run->done,
            run->skipped, run->failed, run->stopped);
    if (run->done > 0 && run->failed == 0) {
        const struct publish_product_result *r = &run->items[0];

        for (size_t i = 0; i < run->count; i++) {
            r = run->items[i].outcome == PUBLISH_DONE ? &run->items[i] : r;
        }
        if (r->tables.count > 0) {
            cli_say(cli, "next: weft query \"FROM " STR_FMT " LIMIT 10\"\n",
                    STR_ARG(r->tables.items[0].address));
        }
    }
}

/* ------------------------------------------------------------------------- json */

static void json_checks(struct json_writer *w, const struct quality_results *checks)
{
    json_w_key(w, S("checks"));
    json_w_array_begin(w);
    for (size_t i = 0; i < checks->list.count; i++) {
        const struct quality_result *r = &checks->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("id"), r->id);
        json_w_member_str(w, S("kind"), r->kind);
        json_w_member_str(w, S("columns"), r->column);
        json_w_member_str(w, S("outcome"), quality_outcome_name(r->outcome));
        json_w_member_str(w, S("severity"), quality_severity_name(r->severity));
        json_w_member_str(w, S("message"), r->message);
        if (r->has_bad_count) {
            json_w_member_u64(w, S("bad_count"), r->bad_count);
        }
        if (r->has_measured) {
            json_w_member_str(w, S("measured"), r->measured_text);
        }
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_result(struct json_writer *w, const struct publish_product_result *r)
{
    static const char *const outcomes[] = { [PUBLISH_DONE]    = "published",
                                            [PUBLISH_SKIPPED] = "unchanged",
                                            [PUBLISH_FAILED]  = "refused",
                                            [PUBLISH_STOPPED] = "stopped" };

    json_w_object_begin(w);
    json_w_member_str(w, S("product"), r->product->address);
    json_w_member_str(w, S("outcome"), str_of(outcomes[r->outcome]));
    json_w_member_str(w, S("status"), status_slug(r->status));
    json_w_member_str(w, S("message"), r->message);
    json_w_member_i64(w, S("elapsed_us"), r->elapsed_us);
    if (r->outcome == PUBLISH_DONE) {
        json_w_member_str(w, S("id"), r->publish_id);
        json_w_member_i64(w, S("sequence"), r->sequence);
        json_w_member_str(w, S("receipt_sha256"), r->receipt_sha256);
    }
    json_w_member_str(w, S("log_status"), status_slug(r->log_status));
    json_w_member_str(w, S("log_message"), r->log_message);
    json_w_key(w, S("tables"));
    json_w_array_begin(w);
    for (size_t i = 0; i < r->tables.count; i++) {
        json_w_object_begin(w);
        json_w_member_str(w, S("address"), r->tables.items[i].address);
        json_w_member_u64(w, S("rows"), r->tables.items[i].rows);
        json_w_member_u64(w, S("bytes"), r->tables.items[i].bytes);
        json_w_member_i64(w, S("snapshot"), r->tables.items[i].snapshot_number);
        json_checks(w, &r->tables.items[i].checks);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_diags(w, &r->diags);
    json_w_object_end(w);
}

static void json_run(struct cli *cli, const struct cli_mesh *mesh,
                     const struct publish_run_result *run)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("products"));
    json_w_array_begin(w);
    for (size_t i = 0; i < run->count; i++) {
        json_result(w, &run->items[i]);
    }
    json_w_array_end(w);
    json_w_member_u64(w, S("published"), run->done);
    json_w_member_u64(w, S("unchanged"), run->skipped);
    json_w_member_u64(w, S("refused"), run->failed);
    json_w_member_u64(w, S("stopped"), run->stopped);
    cli_json_diags(w, &mesh->diags);
    cli_json_end(cli, w);
}

/* ------------------------------------------------------------------------- the command */

/* --data FILE or --data TABLE=FILE; files are named from where the command was called. */
static enum status read_deliveries(struct cli *cli, struct publish_env *env, struct cli_mesh *mesh)
{
    size_t                   count = cli->args.data.count;
    struct publish_delivery *list  = arena_array(cli->cx->arena, count, sizeof *list);

    for (size_t i = 0; i < count; i++) {
        str text = cli->args.data.items[i], table, path;

        list[i].path = text;
        if (str_split(text, '=', &table, &path) && name_is_valid(table)) {
            list[i] = (struct publish_delivery){ .table = table, .path = path };
        }
        TRY(os_file_real(cli->cx, list[i].path, &list[i].path));
        vec_push(cli->cx->arena, &mesh->extra_dirs, os_path_parent(list[i].path));
    }
    env->deliveries     = list;
    env->delivery_count = count;
    return ST_OK;
}

struct names {
    VEC(str) list;
};

static void add_delivered(struct arena *a, const struct project_product *product,
                          struct names *names)
{
    for (size_t i = 0; i < product->ports.count; i++) {
        const struct project_port *port = product->ports.items[i];

        for (size_t k = 0; k < port->table_count; k++) {
            if (port->tables[k].build == PROJECT_BUILD_DELIVERED) {
                vec_push(a, &names->list, port->tables[k].name);
            }
        }
    }
}

static enum status no_delivered(struct cli *cli, const struct names *names, str table)
{
    str near = str_nearest(table, names->list.items, names->list.count);

    if (names->list.count == 0) {
        return FAIL(cli->cx, INVALID,
                    "--data: none of these products has a delivered table (weft.build: delivered)");
    }
    if (near.len) {
        return FAIL(cli->cx, INVALID,
                    "--data: no delivered table \"" STR_FMT "\"; did you mean " STR_FMT "?",
                    STR_ARG(table), STR_ARG(near));
    }
    return FAIL(cli->cx, INVALID, "--data: no delivered table \"" STR_FMT "\" is to be published",
                STR_ARG(table));
}

/* Every file that was brought must be for a delivered table, and no table gets two. */
static enum status check_deliveries(struct cli *cli, const struct publish_env *env,
                                    struct project_product *const *products, size_t count)
{
    struct names names = { 0 };

    for (size_t i = 0; i < count; i++) {
        add_delivered(cli->cx->arena, products[i], &names);
    }
    for (size_t i = 0; i < env->delivery_count; i++) {
        str  table    = env->deliveries[i].table;
        bool is_known = table.len == 0 && names.list.count > 0;

        for (size_t k = 0; k < names.list.count; k++) {
            is_known = is_known || str_eq(names.list.items[k], table);
        }
        if (!is_known) {
            return no_delivered(cli, &names, table);
        }
        for (size_t k = 0; k < i; k++) {
            if (str_eq(env->deliveries[k].table, table)) {
                return FAIL(cli->cx, INVALID, "--data: two files for table \"" STR_FMT "\"",
                            STR_ARG(table));
            }
        }
    }
    return ST_OK;
}

/* A rollback is of one product, and nothing is built. */
static enum status check_rollback(struct cli *cli, size_t count)
{
    if (cli->args.rollback.len == 0) {
        return ST_OK;
    }
    if (cli->args.full || cli->args.data.count > 0) {
        return FAIL(cli->cx, INVALID, "--rollback builds nothing: leave out --full and --data");
    }
    if (count != 1) {
        return FAIL(cli->cx, INVALID,
                    "--rollback is for one product, and these are %zu; name it: weft publish "
                    "DOMAIN.PRODUCT --rollback PUBLISH",
                    count);
    }
    return ST_OK;
}

/* All is live, but somebody else writes where only weft may: that ends in an error all the same. */
static enum status logs_of(struct cli *cli, const struct publish_run_result *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].log_status == ST_CONFLICT) {
            return FAIL(cli->cx, CONFLICT,
                        STR_FMT " is live, but another program writes to its folder: " STR_FMT
                                "; weft doctor shows what",
                        STR_ARG(run->items[i].product->address),
                        STR_ARG(run->items[i].log_message));
        }
    }
    return ST_OK;
}

static enum status outcome_of(struct cli *cli, const struct publish_run_result *run)
{
    const struct publish_product_result *r          = told_last(run);
    bool                                 is_refused = run->failed > 0;
    const char                          *word       = is_refused ? "refused" : "not published";
    size_t                               count      = is_refused ? run->failed : run->stopped;
    enum status                          st;

    if (!r) {
        return logs_of(cli, run);
    }
    st = is_refused ? r->status : ST_CANCELLED;
    if (count > 1) {
        return err_set(cli->cx->err, st, __FILE__, __LINE__,
                       "%zu of %zu products were %s; " STR_FMT ": " STR_FMT, count, run->count,
                       word, STR_ARG(r->product->address), STR_ARG(r->message));
    }
    return err_set(cli->cx->err, st, __FILE__, __LINE__, STR_FMT " was %s: " STR_FMT,
                   STR_ARG(r->product->address), word, STR_ARG(r->message));
}

/* A mesh whose documents have errors publishes the products that have none. */
static enum status publish_wanted(struct cli *cli, struct cli_mesh *mesh, struct publish_env *env)
{
    struct watcher            watcher = { .cli = cli, .lock = OS_MUTEX_INIT(LOCK_LEAF) };
    struct project_product  **products;
    struct publish_run_result run;
    size_t                    count;
    enum status               st;

    TRY(cli_wanted_products(cli, mesh, &products, &count));
    TRY(check_rollback(cli, count));
    TRY(check_deliveries(cli, env, products, count));
    if (!cli->args.json) {
        cli_print_diags(cli, &mesh->diags);
    }
    if (count == 0) {
        return err_set(cli->cx->err, mesh->diags.errors ? ST_INVALID : ST_NOT_FOUND, __FILE__,
                       __LINE__, "%s",
                       mesh->diags.errors ? "the documents have errors; nothing was published"
                                          : "there is nothing to publish here");
    }
    if (cli->is_err_color && !cli->args.quiet && !cli->args.json) {
        env->progress     = on_progress;
        env->progress_arg = &watcher;
    }
    TRY(publish_run(cli->cx, env, products, count, &run));
    clear_progress(cli);
    if (cli->args.json) {
        json_run(cli, mesh, &run);
    } else {
        say_run(cli, &run);
    }
    st = outcome_of(cli, &run);
    publish_result_free(&run);
    return st;
}

static enum status check_jobs(struct cli *cli)
{
    uint64_t jobs;

    if (cli->args.jobs.len &&
        (!str_to_u64(cli->args.jobs, &jobs) || jobs < 1 || jobs > PUBLISH_JOBS_MAX)) {
        return FAIL(cli->cx, INVALID, "--jobs is a number from 1 to %d, not \"" STR_FMT "\"",
                    PUBLISH_JOBS_MAX, STR_ARG(cli->args.jobs));
    }
    return ST_OK;
}

/* limits: publishTime: of mesh.yaml holds when the command line gives no time. */
static void set_publish_time(struct cli *cli, const struct cli_mesh *mesh)
{
    struct std_str time = mesh->project->mesh->limits.publish_time;
    int64_t        us;

    if (cli->cx->deadline_us == 0 && std_is_set(time) && std_duration(time.v, &us)) {
        cli->cx->deadline_us = cli->cx->env->monotonic_us(cli->cx->env) + us;
    }
}

enum status cmd_publish(struct cli *cli)
{
    struct cli_mesh    mesh      = { 0 };
    struct publish_env delivered = { 0 };
    struct publish_env env;
    enum status        st;

    TRY(check_jobs(cli));
    TRY(read_deliveries(cli, &delivered, &mesh));
    TRY(cli_mesh_open(cli,
                      CLI_MESH_FILES | CLI_MESH_WRITE | CLI_MESH_PLAN | CLI_MESH_BUILD |
                          CLI_MESH_KEY | CLI_MESH_ACCESS,
                      &mesh));
    set_publish_time(cli, &mesh);
    project_find_revision(cli->cx, mesh.project);
    env                = cli_publish_env(cli, &mesh);
    env.deliveries     = delivered.deliveries;
    env.delivery_count = delivered.delivery_count;
    env.rollback       = cli->args.rollback;
    st                 = publish_wanted(cli, &mesh, &env);
    cli_mesh_close(&mesh);
    return st;
}
