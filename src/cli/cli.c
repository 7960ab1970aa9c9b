/*
 * cli.c - from words to a command or its help, and from its outcome to an exit code.
 */
#include "cli/cli.h"

#include <string.h>

#include "cli/version.h"
#include "codec/json.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"

enum { OPERATION_BYTES = 1 << 30, OUTPUT_MAX = 1 << 30, NAME_WIDTH = 18, OPTION_WIDTH = 24 };

/* ------------------------------------------------------------------------- help */

static void add_option(struct cli *cli, const struct cli_option *o)
{
    str left = o->value ? arena_printf(cli->cx->arena, "--%s %s", o->name, o->value)
                        : arena_printf(cli->cx->arena, "--%s", o->name);

    if (o->letter) {
        buf_printf(&cli->out, "  -%c, %-*.*s %s\n", o->letter, OPTION_WIDTH - 2, STR_ARG(left),
                   o->help);
    } else {
        buf_printf(&cli->out, "      %-*.*s %s\n", OPTION_WIDTH - 2, STR_ARG(left), o->help);
    }
}

static void json_command(struct json_writer *w, const struct cli_command *command)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("name"), str_of(command->name));
    json_w_member_str(w, S("usage"), str_of(command->usage));
    json_w_member_str(w, S("summary"), str_of(command->summary));
    json_w_member_str(w, S("text"), str_of(command->text));
    json_w_key(w, S("options"));
    json_w_array_begin(w);
    for (size_t i = 0; i < cli_option_count; i++) {
        if ((unsigned)cli_options[i].bit & (command->options | CLI_OPTS_ALWAYS)) {
            json_w_object_begin(w);
            json_w_member_str(w, S("name"), str_of(cli_options[i].name));
            json_w_member_str(w, S("value"), str_of(cli_options[i].value));
            json_w_member_str(w, S("help"), str_of(cli_options[i].help));
            json_w_object_end(w);
        }
    }
    json_w_array_end(w);
    json_w_object_end(w);
}

/* Help as data: of one command, or of all when `command` is NULL. */
static void json_help(struct cli *cli, const struct cli_command *command)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("commands"));
    json_w_array_begin(w);
    for (size_t i = 0; i < cli_command_count; i++) {
        if (!command || command == &cli_commands[i]) {
            json_command(w, &cli_commands[i]);
        }
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

void cli_help(struct cli *cli, const struct cli_command *command)
{
    unsigned taken = command->options | CLI_OPTS_ALWAYS;

    if (cli->args.json) {
        json_help(cli, command);
        return;
    }
    buf_printf(&cli->out, "weft %s - %s\n\nusage: weft %s [options]%s%s\n\n%s\n\nOptions\n",
               command->name, command->summary, command->name, command->usage[0] ? " " : "",
               command->usage, command->text);
    for (size_t i = 0; i < cli_option_count; i++) {
        if ((unsigned)cli_options[i].bit & taken) {
            add_option(cli, &cli_options[i]);
        }
    }
    if (command->example_count > 0) {
        buf_add(&cli->out, S("\nExamples\n"));
    }
    for (size_t i = 0; i < command->example_count; i++) {
        buf_printf(&cli->out, "  %s\n      %s\n", command->examples[i].command,
                   command->examples[i].says);
    }
}

void cli_help_all(struct cli *cli)
{
    if (cli->args.json) {
        json_help(cli, NULL);
        return;
    }
    buf_add(&cli->out,
            S("weft - a data mesh in one program\n\nusage: weft COMMAND [options] …\n\n"));
    for (size_t i = 0; i < cli_command_count; i++) {
        buf_printf(&cli->out, "  %-*s %s\n", NAME_WIDTH, cli_commands[i].name,
                   cli_commands[i].summary);
    }
    buf_add(&cli->out,
            S("\nFirst steps\n"
              "  weft new product sales.orders --from orders.csv --publish\n"
              "  weft query \"SELECT * FROM sales.orders.orders LIMIT 10\"\n\n"
              "`weft COMMAND --help` shows options and examples.\n"
              "Exit codes: 0 done, 2 refused or invalid, 3 not found, 4 no right, 5 conflict,\n"
              "6 limit, 7 not supported, 8 unavailable, late or cancelled, 9 damaged.\n"));
}

/* ------------------------------------------------------------------------- commands */

/* "publish" or "catalog show": how many words of the line name the command. */
static const struct cli_command *find_command(int argc, char **argv, int *used)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        str name = str_of(cli_commands[i].name), first, second;

        if (str_split(name, ' ', &first, &second)) {
            if (argc >= 2 && str_eq(first, str_of(argv[0])) && str_eq(second, str_of(argv[1]))) {
                *used = 2;
                return &cli_commands[i];
            }
        } else if (argc >= 1 && str_eq(name, str_of(argv[0]))) {
            *used = 1;
            return &cli_commands[i];
        }
    }
    return NULL;
}

/* First words ("catalog") are shown with what may follow them. */
static str words_after(struct arena *a, str first)
{
    struct buf list = BUF_INIT(4096);
    str        made, before, after;

    for (size_t i = 0; i < cli_command_count; i++) {
        if (str_split(str_of(cli_commands[i].name), ' ', &before, &after) &&
            str_eq(before, first)) {
            buf_printf(&list, "%s" STR_FMT, list.len ? ", " : "", STR_ARG(after));
        }
    }
    made = arena_dup(a, buf_view(&list));
    buf_release(&list);
    return made;
}

static enum status unknown_command(struct cli *cli, char **argv)
{
    str names[64];
    str first = str_of(argv[0]);
    str after = words_after(cli->cx->arena, first);
    str near;

    if (first.len > 1 && first.ptr[0] == '-') {
        return FAIL(cli->cx, INVALID,
                    "\"" STR_FMT "\" stands before the command; options come behind it: "
                    "weft COMMAND " STR_FMT,
                    STR_ARG(first), STR_ARG(first));
    }
    if (after.len) {
        return FAIL(cli->cx, INVALID, "weft " STR_FMT " needs one of: " STR_FMT, STR_ARG(first),
                    STR_ARG(after));
    }
    for (size_t i = 0; i < cli_command_count && i < COUNT_OF(names); i++) {
        names[i] = str_of(cli_commands[i].name);
    }
    near = str_nearest(first, names, cli_command_count);
    if (near.len) {
        return FAIL(cli->cx, INVALID, "unknown command \"" STR_FMT "\"; did you mean " STR_FMT "?",
                    STR_ARG(first), STR_ARG(near));
    }
    return FAIL(cli->cx, INVALID, "unknown command \"" STR_FMT "\"; weft help lists them",
                STR_ARG(first));
}

static enum status check_words(struct cli *cli, const struct cli_command *command)
{
    size_t count = cli->args.words.count;

    if (count < command->min_words) {
        return FAIL(cli->cx, INVALID, "weft %s needs %s", command->name, command->usage);
    }
    if (count > command->max_words) {
        return FAIL(cli->cx, INVALID, "weft %s does not take \"" STR_FMT "\"", command->name,
                    STR_ARG(cli->args.words.items[command->max_words]));
    }
    return ST_OK;
}

static enum status set_deadline(struct cli *cli)
{
    int64_t us;

    if (cli->args.timeout.len == 0) {
        return ST_OK;
    }
    TRY(cli_read_duration(cli, cli->args.timeout, &us));
    cli->cx->deadline_us = cli->cx->env->monotonic_us(cli->cx->env) + us;
    return ST_OK;
}

/* A limit's message says how the limit is set; the rooms that keep it know nothing of options. */
static enum status explain_limit(struct cli *cli, const struct cli_command *command, enum status st)
{
    static const struct {
        const char         *words;
        enum cli_option_bit option;
        const char         *hint;
    } limits[] = {
        { "(row limit)", CLI_OPT_LIMIT, "--limit or, in mesh.yaml, limits: rows" },
        { "time limit reached", CLI_OPT_TIMEOUT, "--timeout or, in mesh.yaml, limits" },
        { "memory_limit", CLI_OPT_MEMORY, "--memory or, in mesh.yaml, limits: memory" },
    };
    str text = arena_dup(cli->cx->arena, err_text(cli->cx->err));

    for (size_t i = 0; i < COUNT_OF(limits) && (st == ST_LIMIT || st == ST_TIMEOUT); i++) {
        if (str_has(text, str_of(limits[i].words)) && (command->options & limits[i].option)) {
            return err_set(cli->cx->err, st, __FILE__, __LINE__, STR_FMT "; %s sets it",
                           STR_ARG(text), limits[i].hint);
        }
    }
    return st;
}

/* A line that cannot be understood is answered in JSON too when it asks for that. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

static enum status run_command(struct cli *cli, int argc, char **argv)
{
    const struct cli_command *command;
    int                       used = 0;

    cli->args.json = asks_for_json(argc, argv);
    if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        cli_help_all(cli);
        return ST_OK;
    }
    if (strcmp(argv[0], "--version") == 0) {
        buf_add(&cli->out, S("weft " WEFT_VERSION "\n"));
        return ST_OK;
    }
    command = find_command(argc, argv, &used);
    if (!command) {
        return unknown_command(cli, argv);
    }
    TRY(cli_parse(cli->cx, argc - used, argv + used, command->options | CLI_OPTS_ALWAYS,
                  &cli->args));
    if (cli->args.help) {
        cli_help(cli, command);
        return ST_OK;
    }
    TRY(check_words(cli, command));
    TRY(set_deadline(cli));
    return explain_limit(cli, command, command->run(cli));
}

/* The answer of commands that have nothing to say but that they did their work. */
static void answer_done(struct cli *cli)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_member_str(w, S("status"), status_slug(ST_OK));
    json_w_key(w, S("made"));
    json_w_array_begin(w);
    for (size_t i = 0; i < cli->made.count; i++) {
        json_w_str(w, cli->made.items[i]);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

/* The failure on standard error, or as the JSON answer when the command gave none. */
static void report_failure(struct cli *cli, enum status st)
{
    struct buf line = BUF_INIT(4096);

    if (cli->args.json && !cli->has_answer) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_str(w, S("status"), status_slug(st));
        json_w_member_str(w, S("message"), err_text(cli->cx->err));
        cli_json_end(cli, w);
    }
    /* What was printed before it failed stands before the failure. */
    ignore(cli_flush(cli), "the last flush reports it");
    if (!cli->args.json && !cli->has_told) {
        buf_printf(&line, "%sweft:%s " STR_FMT "\n", cli->is_err_color ? "\033[31m" : "",
                   cli->is_err_color ? "\033[0m" : "", STR_ARG(err_text(cli->cx->err)));
        ignore(os_std_write(cli->cx, OS_STDERR, buf_view(&line)), "nowhere left to report it");
    }
    buf_release(&line);
}

static bool wants_color(enum os_std stream)
{
    str ignored;

    return os_is_terminal(stream) && !os_env_get(S("NO_COLOR"), &ignored);
}

static enum status prepare(struct cli *cli)
{
    TRY(os_signals_install(cli->cx));
    TRY(os_core_disable(cli->cx));
    cli->cx->cancel   = os_cancel_flag();
    cli->cx->actor    = os_user_name(cli->cx);
    cli->is_color     = wants_color(OS_STDOUT);
    cli->is_err_color = wants_color(OS_STDERR);
    cli->width        = (int)os_terminal_width(OS_STDOUT);
    return ST_OK;
}

int cli_main(int argc, char **argv)
{
    struct err  err = { 0 };
    struct ctx  cx  = { .arena = arena_new("operation", OPERATION_BYTES),
                        .err   = &err,
                        .env   = os_env() };
    struct cli  cli = { .cx = &cx };
    enum status st;

    buf_init(&cli.out, OUTPUT_MAX);
    st = prepare(&cli);
    if (st == ST_OK) {
        st = run_command(&cli, argc - 1, argv + 1);
    }
    if (st != ST_OK) {
        report_failure(&cli, st);
    } else if (cli.args.json && !cli.has_answer) {
        answer_done(&cli);
    }
    if (cli_flush(&cli) != ST_OK && st == ST_OK) {
        st = err.code;
        report_failure(&cli, st);
    }
    buf_release(&cli.out);
    arena_free(cx.arena);
    return status_exit_code(st);
}

enum status cmd_help(struct cli *cli)
{
    int                       used;
    int                       count = (int)cli->args.words.count;
    char                     *words[2];
    const struct cli_command *command;

    if (count == 0) {
        cli_help_all(cli);
        return ST_OK;
    }
    for (int i = 0; i < count; i++) {
        words[i] = arena_cstr(cli->cx->arena, cli->args.words.items[i]);
    }
    command = find_command(count, words, &used);
    if (!command) {
        return unknown_command(cli, words);
    }
    cli_help(cli, command);
    return ST_OK;
}
