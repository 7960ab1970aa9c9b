/*
 * help.c - help, from the tables of commands and options.
 */
#include "cli/cli.h"

enum { NAME_WIDTH = 18, OPTION_WIDTH = 24 };

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

void cli_help(struct cli *cli, const struct cli_command *command)
{
    unsigned taken = command->options | CLI_OPTS_ALWAYS;

    buf_printf(&cli->out, "weft %s - %s\n\nusage: weft %s [options] %s\n\n%s\n\nOptions\n",
               command->name, command->summary, command->name, command->usage, command->text);
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
    buf_add(&cli->out, S("weft - a data mesh in one program\n\nusage: weft COMMAND [options] …\n\n"));
    for (size_t i = 0; i < cli_command_count; i++) {
        buf_printf(&cli->out, "  %-*s %s\n", NAME_WIDTH, cli_commands[i].name,
                   cli_commands[i].summary);
    }
    buf_add(&cli->out, S("\nFirst steps\n"
                         "  weft new product sales.orders --from orders.csv --publish\n"
                         "  weft query \"SELECT * FROM sales.orders.orders LIMIT 10\"\n\n"
                         "`weft COMMAND --help` shows options and examples.\n"
                         "Exit codes: 0 done, 2 refused or invalid, 3 not found, 4 no right, 5 conflict,\n"
                         "6 limit, 7 not supported, 8 unavailable, late or cancelled, 9 damaged.\n"));
}
