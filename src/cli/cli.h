/*
 * cli.h - one command line from its words to its exit code.
 *
 * Each command is a row of a table: its words, usage, options, examples and the function that does
 * it. The function calls the same functions of mesh/ as every other door and prints through
 * `struct cli`, which knows about JSON, colours and a full disk behind standard output.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/buf.h"
#include "base/diag.h"
#include "cli/options.h"

struct json_writer;
struct project;
struct db;

struct cli {
    struct ctx     *cx;
    struct cli_args args;
    bool            is_color; /* of standard output; never without a terminal   */
    bool            is_err_color;
    int             width;      /* of the terminal, in columns                    */
    struct buf      out;        /* standard output, flushed when it grows         */
    bool            has_answer; /* a command printed its JSON answer itself       */
    bool            has_told;   /* … or its failure, as a finding: not said again */
    VEC(str) made;              /* files that the command made, for the answer    */
};

struct cli_example {
    const char *command, *says;
};

struct cli_command {
    const char *name;    /* "publish", "catalog show" */
    const char *usage;   /* arguments only: "[PRODUCT …]" */
    const char *summary; /* one line */
    const char *text;    /* the paragraphs of --help */
    unsigned    options; /* beyond CLI_OPTS_ALWAYS */
    size_t      min_words, max_words;
    enum status (*run)(struct cli *);
    const struct cli_example *examples;
    size_t                    example_count;
};

extern const struct cli_command cli_commands[];
extern const size_t             cli_command_count;

/* The whole program: returns the exit code. */
int cli_main(int argc, char **argv);

/* Help of the program, or of one command. */
void cli_help(struct cli *cli, const struct cli_command *command);
void cli_help_all(struct cli *cli);

/* ------------------------------------------------------------------------- printing */

/* Text to standard output; nothing with --quiet or --json. */
void cli_say(struct cli *cli, const char *fmt, ...) PRINTF(2, 3);

/* Styles of cli_say text: give "" when there are no colours. */
enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED, CLI_GREEN, CLI_YELLOW, CLI_BLUE };
const char *cli_style(const struct cli *cli, enum cli_style style);

/* A JSON answer: {"api": "v1", …}; the writer is open inside the object until cli_json_end. */
struct json_writer *cli_json_begin(struct cli *cli);
void                cli_json_end(struct cli *cli, struct json_writer *w);

/* Everything in cli->out to standard output; ST_UNAVAILABLE when it cannot be written. */
NODISCARD enum status cli_flush(struct cli *cli);

/* One aligned text table; the first row is the heading. Cells are cut to the terminal's width. */
struct cli_grid {
    size_t columns;
    VEC(str) cells;
    unsigned right; /* bit per column that is right-aligned */
};
/* One row: a cell for each column. */
void cli_grid_add(struct cli *cli, struct cli_grid *grid, const str *cells);
void cli_grid_print(struct cli *cli, const struct cli_grid *grid);

/* Findings as a compiler shows them, to standard error (or into the JSON answer). */
void cli_print_diags(struct cli *cli, const struct diags *diags);
void cli_json_diags(struct json_writer *w, const struct diags *diags);
/* The list alone, as a value. */
void cli_json_findings(struct json_writer *w, const struct diags *diags);

/* "1,234", "1.2 MB", "350 ms", "3 h ago" in the operation's arena. */
str cli_count(struct cli *cli, uint64_t n);
str cli_bytes(struct cli *cli, uint64_t n);
str cli_duration(struct cli *cli, int64_t us);
str cli_ago(struct cli *cli, int64_t us);

/* Reads "30s", "5m", "1h", "250ms" into microseconds; "512MB" into bytes; ST_INVALID names it. */
NODISCARD enum status cli_read_duration(struct cli *cli, str text, int64_t *out_us);
NODISCARD enum status cli_read_size(struct cli *cli, str text, uint64_t *out);

/* ------------------------------------------------------------------------- commands */

enum status cmd_init(struct cli *);
enum status cmd_new_domain(struct cli *);
enum status cmd_new_product(struct cli *);
enum status cmd_validate(struct cli *);
enum status cmd_plan(struct cli *);
enum status cmd_diff(struct cli *);
enum status cmd_set(struct cli *);
enum status cmd_publish(struct cli *);
enum status cmd_query(struct cli *);
enum status cmd_export(struct cli *);
enum status cmd_policy_list(struct cli *);
enum status cmd_policy_explain(struct cli *);
enum status cmd_policy_test(struct cli *);
enum status cmd_policy_rotate_key(struct cli *);
enum status cmd_catalog_tree(struct cli *);
enum status cmd_catalog_list(struct cli *);
enum status cmd_catalog_show(struct cli *);
enum status cmd_catalog_search(struct cli *);
enum status cmd_status(struct cli *);
enum status cmd_tick(struct cli *);
enum status cmd_backup(struct cli *);
enum status cmd_manual(struct cli *);
enum status cmd_completion(struct cli *);
enum status cmd_restore(struct cli *);
enum status cmd_history(struct cli *);
enum status cmd_receipt_show(struct cli *);
enum status cmd_receipt_verify(struct cli *);
enum status cmd_doctor(struct cli *);
enum status cmd_schema(struct cli *);
enum status cmd_help(struct cli *);

#endif
