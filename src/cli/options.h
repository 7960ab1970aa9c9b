/*
 * options.h - what a command line may say: one table of options, one struct of answers.
 *
 * Parsing, `--help`, completion and the manual come from the same table. Options may stand before or
 * behind positional arguments; `--` ends them; `--name=value` and `--name value` are the same.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/ctx.h"
#include "base/vec.h"

/* One bit per option; a command lists the bits it takes. */
enum cli_option_bit {
    CLI_OPT_DIR         = 1 << 0,
    CLI_OPT_ENVIRONMENT = 1 << 1,
    CLI_OPT_JSON        = 1 << 2,
    CLI_OPT_QUIET       = 1 << 3,
    CLI_OPT_HELP        = 1 << 4,
    CLI_OPT_ALL         = 1 << 5,
    CLI_OPT_DATA        = 1 << 6,
    CLI_OPT_FULL        = 1 << 7,
    CLI_OPT_KEEP        = 1 << 8,
    CLI_OPT_FIX         = 1 << 9,
    CLI_OPT_OUTPUT      = 1 << 10,
    CLI_OPT_FILE        = 1 << 11,
    CLI_OPT_PROFILE     = 1 << 12,
    CLI_OPT_FROM        = 1 << 13,
    CLI_OPT_EXAMPLE     = 1 << 14,
    CLI_OPT_LIMIT       = 1 << 15,
    CLI_OPT_TIMEOUT     = 1 << 16,
    CLI_OPT_KEY         = 1 << 17,
    CLI_OPT_REPAIR      = 1 << 18,
    CLI_OPT_MARKDOWN    = 1 << 19,
    CLI_OPT_MEMORY      = 1 << 20,
    CLI_OPT_PUBLISH     = 1 << 21,
    CLI_OPT_TABLE       = 1 << 22,
    CLI_OPT_JOBS        = 1 << 23,
    CLI_OPT_VERSION     = 1 << 24,
    CLI_OPT_AS          = 1 << 25,
    CLI_OPT_PURPOSE     = 1 << 26,
    CLI_OPT_ROLLBACK    = 1 << 27,
    CLI_OPT_ROWS        = 1 << 28,
    CLI_OPT_DRY_RUN     = 1 << 29,
    CLI_OPT_MOST        = 1 << 30
};

/* Options every command takes. */
#define CLI_OPTS_ALWAYS (CLI_OPT_DIR | CLI_OPT_JSON | CLI_OPT_QUIET | CLI_OPT_HELP)

struct cli_args {
    bool json, quiet, help, version;
    bool all, full, keep, fix, example, repair, markdown, publish, rows, dry_run;
    str dir, environment, output, file, profile, from, limit, timeout, key, memory, table, jobs, as,
        purpose, rollback;
    VEC(str) data;
    VEC(str) words; /* positional arguments */
};

struct cli_option {
    enum cli_option_bit bit;
    char                letter; /* 0 = none */
    const char         *name;
    const char         *value;  /* "DIR"; NULL for a flag */
    size_t              offset; /* in struct cli_args */
    bool                is_list;
    const char         *help;
};

extern const struct cli_option cli_options[];
extern const size_t            cli_option_count;

/*
 * Reads arguments into *out. `allowed` are the bits the command takes; others are refused with the
 * commands' own list and the nearest right word. ST_INVALID with a message.
 */
NODISCARD enum status cli_parse(struct ctx *cx, int argc, char *const *argv, unsigned allowed,
                                struct cli_args *out);

#endif
