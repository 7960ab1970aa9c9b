/*
 * manual.c - the manual page and the completions of shells, from the tables of commands and options.
 */
#include "cli/cli.h"

#include "cli/version.h"
#include "codec/json.h"

enum { TEXT_MAX = 1 << 20 };

/* ------------------------------------------------------------------------- man(7) */

/* A backslash, and a dot or quote where a line begins, mean something to roff. */
static void roff(struct buf *out, str text)
{
    bool is_begin = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (is_begin && (c == '.' || c == '\'')) {
            buf_add(out, S("\\&"));
        }
        if (c == '\\') {
            buf_add(out, S("\\e"));
        } else if (c == '-') {
            buf_add(out, S("\\-"));
        } else {
            buf_add_char(out, c);
        }
        is_begin = c == '\n';
    }
}

static void roff_option(struct buf *out, const struct cli_option *o)
{
    buf_add(out, S(".TP\n.B "));
    if (o->letter) {
        buf_printf(out, "\\-%c, ", o->letter);
    }
    buf_add(out, S("\\-\\-"));
    roff(out, str_of(o->name));
    if (o->value) {
        buf_printf(out, " \\fI%s\\fR", o->value);
    }
    buf_add_char(out, '\n');
    roff(out, str_of(o->help));
    buf_add_char(out, '\n');
}

static void roff_command(struct buf *out, const struct cli_command *c)
{
    buf_printf(out, ".SS weft %s\n.B weft %s\n", c->name, c->name);
    roff(out, str_of(c->usage));
    buf_add(out, S("\n.PP\n"));
    roff(out, str_of(c->text));
    buf_add_char(out, '\n');
    for (size_t i = 0; i < cli_option_count; i++) {
        if ((unsigned)cli_options[i].bit & c->options) {
            roff_option(out, &cli_options[i]);
        }
    }
    for (size_t i = 0; i < c->example_count; i++) {
        buf_add(out, S(".PP\n.RS\n.nf\n"));
        roff(out, str_of(c->examples[i].command));
        buf_add(out, S("\n.fi\n"));
        roff(out, str_of(c->examples[i].says));
        buf_add(out, S("\n.RE\n"));
    }
}

/* A text as it is, or in a JSON answer. */
static enum status answer(struct cli *cli, struct buf *text)
{
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_str(w, S("text"), buf_view(text));
        cli_json_end(cli, w);
    } else {
        buf_add(&cli->out, buf_view(text));
    }
    return ST_OK;
}

static void write_manual(struct buf *out)
{
    buf_printf(out, ".TH WEFT 1 \"\" \"weft %s\" \"User Commands\"\n", WEFT_VERSION);
    buf_add(out,
            S(".SH NAME\nweft \\- a data mesh in one program\n"
              ".SH SYNOPSIS\n.B weft\n.I COMMAND\n[options] ...\n"
              ".SH DESCRIPTION\n"
              "A domain keeps its data products as files in git; weft checks them, builds their "
              "tables, tests these against their contracts, makes them live at once with a signed "
              "receipt, and answers queries on them under policies.\n"
              ".SH OPTIONS OF EVERY COMMAND\n"));
    for (size_t i = 0; i < cli_option_count; i++) {
        if ((unsigned)cli_options[i].bit & CLI_OPTS_ALWAYS) {
            roff_option(out, &cli_options[i]);
        }
    }
    buf_add(out, S(".SH COMMANDS\n"));
    for (size_t i = 0; i < cli_command_count; i++) {
        roff_command(out, &cli_commands[i]);
    }
    buf_add(out, S(".SH EXIT STATUS\n"
                   "0 done, 2 refused or invalid, 3 not found, 4 no right, 5 conflict, 6 limit, "
                   "7 not supported, 8 unavailable, late or cancelled, 9 damaged.\n"));
}

enum status cmd_manual(struct cli *cli)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);

    write_manual(&text);
    return answer(cli, &text);
}

/* ------------------------------------------------------------------------- completions */

/* Words that may follow: commands of one word, or the second words of `first`. */
static void add_words(struct buf *out, str first)
{
    str seen = STR_NONE;

    for (size_t i = 0; i < cli_command_count; i++) {
        str name = str_of(cli_commands[i].name), head = name, tail = STR_NONE;
        str word;

        ignore(str_split(name, ' ', &head, &tail) ? ST_OK : ST_INVALID, "one word is its own head");
        word = first.len == 0 ? head : str_eq(head, first) ? tail : STR_NONE;
        if (word.len > 0 && !str_eq(word, seen)) {
            buf_printf(out, STR_FMT " ", STR_ARG(word));
            seen = word;
        }
    }
}

static void add_option_words(struct buf *out, unsigned taken)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        if ((unsigned)cli_options[i].bit & taken) {
            buf_printf(out, "--%s ", cli_options[i].name);
        }
    }
}

/* A case of "words so far" for each command, in the language that bash and zsh share. */
static void add_cases(struct buf *out)
{
    str seen = STR_NONE;

    buf_add(out, S("    '') reply='"));
    add_words(out, STR_NONE);
    buf_add(out, S("--version' ;;\n"));
    for (size_t i = 0; i < cli_command_count; i++) {
        str name = str_of(cli_commands[i].name), head, tail;

        if (str_split(name, ' ', &head, &tail) && !str_eq(head, seen)) {
            buf_printf(out, "    '" STR_FMT "') reply='", STR_ARG(head));
            add_words(out, head);
            buf_add(out, S("' ;;\n"));
            seen = head;
        }
        buf_printf(out, "    '%s') reply='", cli_commands[i].name);
        add_option_words(out, cli_commands[i].options | CLI_OPTS_ALWAYS);
        buf_add(out, S("' ;;\n"));
    }
}

/* The command is the first word, or the first two where there is such a command. */
static void add_reply_function(struct buf *out)
{
    buf_add(out, S("_weft_reply() {\n    reply=''\n    case \"$1\" in\n"));
    add_cases(out);
    buf_add(out, S("    esac\n}\n"));
}

static void complete_bash(struct buf *out)
{
    add_reply_function(out);
    buf_add(out, S("_weft() {\n"
                   "    local reply='' cur=\"${COMP_WORDS[COMP_CWORD]}\" one='' two=''\n"
                   "    [ \"$COMP_CWORD\" -gt 1 ] && one=\"${COMP_WORDS[1]}\"\n"
                   "    [ \"$COMP_CWORD\" -gt 2 ] && two=\"$one ${COMP_WORDS[2]}\"\n"
                   "    [ -n \"$two\" ] && _weft_reply \"$two\"\n"
                   "    [ -z \"$reply\" ] && _weft_reply \"$one\"\n"
                   "    COMPREPLY=($(compgen -W \"$reply\" -- \"$cur\"))\n"
                   "}\n"
                   "complete -o default -F _weft weft\n"));
}

static void complete_zsh(struct buf *out)
{
    buf_add(out, S("#compdef weft\n"));
    add_reply_function(out);
    buf_add(out, S("_weft() {\n"
                   "    local reply='' one='' two=''\n"
                   "    (( CURRENT > 2 )) && one=\"$words[2]\"\n"
                   "    (( CURRENT > 3 )) && two=\"$one $words[3]\"\n"
                   "    [[ -n \"$two\" ]] && _weft_reply \"$two\"\n"
                   "    [[ -z \"$reply\" ]] && _weft_reply \"$one\"\n"
                   "    compadd -- ${=reply}\n"
                   "    [[ \"$PREFIX\" != -* && -n \"$one\" ]] && _files\n"
                   "}\n"
                   "compdef _weft weft\n"));
}

static void fish_text(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (const char *c = text; *c; c++) {
        buf_add(out, *c == '\'' ? S("\\'") : (str){ c, 1 });
    }
    buf_add(out, S("'\n"));
}

static void fish_options(struct buf *out, str seen, unsigned taken)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *o = &cli_options[i];

        if (((unsigned)o->bit & taken) == 0) {
            continue;
        }
        buf_printf(out, "complete -c weft -n '__fish_seen_subcommand_from " STR_FMT "' -l %s%s",
                   STR_ARG(seen), o->name, o->value ? " -r" : "");
        if (o->letter) {
            buf_printf(out, " -s %c", o->letter);
        }
        buf_add(out, S(" -d "));
        fish_text(out, o->help);
    }
}

static void complete_fish(struct buf *out)
{
    for (size_t i = 0; i < cli_command_count; i++) {
        const struct cli_command *c    = &cli_commands[i];
        str                       head = str_of(c->name), tail;

        if (str_split(str_of(c->name), ' ', &head, &tail)) {
            buf_printf(out,
                       "complete -c weft -f -n __fish_use_subcommand -a " STR_FMT
                       "\ncomplete -c weft -f -n '__fish_seen_subcommand_from " STR_FMT
                       "' -a " STR_FMT " -d ",
                       STR_ARG(head), STR_ARG(head), STR_ARG(tail));
        } else {
            tail = head;
            buf_printf(out, "complete -c weft -f -n __fish_use_subcommand -a %s -d ", c->name);
        }
        fish_text(out, c->summary);
        fish_options(out, tail, c->options | CLI_OPTS_ALWAYS);
    }
}

enum status cmd_completion(struct cli *cli)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *);
    } shells[] = { { "bash", complete_bash }, { "zsh", complete_zsh }, { "fish", complete_fish } };
    struct buf text CLEANUP(buf_release) = BUF_INIT(TEXT_MAX);
    str             wanted               = cli->args.words.items[0];

    for (size_t i = 0; i < COUNT_OF(shells); i++) {
        if (str_eq(wanted, str_of(shells[i].name))) {
            shells[i].write(&text);
            return answer(cli, &text);
        }
    }
    return FAIL(cli->cx, INVALID, "no completion for \"" STR_FMT "\"; there are bash, zsh and fish",
                STR_ARG(wanted));
}
