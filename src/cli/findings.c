/*
 * findings.c - findings about documents and SQL, shown as a good compiler shows them.
 */
#include "cli/cli.h"

#include "base/utf8.h"
#include "codec/json.h"
#include "os/file.h"

struct severity_row {
    const char *name, *code;
};

static const struct severity_row severities[] = {
    [DIAG_INFO]    = { "info", "\033[34m" },
    [DIAG_WARNING] = { "warning", "\033[33m" },
    [DIAG_ERROR]   = { "error", "\033[31m" },
};

/* The columns before the caret: tabs stay tabs so that it lands under the right character. */
static void add_indent(struct buf *out, str line, uint32_t column)
{
    str      rest = str_sub(line, 0, column > 0 ? column - 1 : 0);
    uint32_t cp;

    while (rest.len) {
        if (!utf8_next(&rest, &cp)) {
            rest = str_from(rest, 1);
            cp   = ' ';
        }
        buf_add_char(out, cp == '\t' ? '\t' : ' ');
    }
}

static void add_caret(struct cli *cli, struct buf *out, const struct diag *d)
{
    size_t room   = d->line_text.len >= d->pos.column - 1 ? d->line_text.len - (d->pos.column - 1) : 0;
    size_t marked = d->pos.len < room ? d->pos.len : room;
    size_t shown  = utf8_count(str_sub(d->line_text, d->pos.column - 1, marked));

    buf_printf(out, "  %5u | " STR_FMT "\n        | ", d->pos.line, STR_ARG(d->line_text));
    add_indent(out, d->line_text, d->pos.column);
    buf_printf(out, "%s^", cli->is_err_color ? severities[d->severity].code : "");
    buf_add_n(out, '~', shown > 1 ? shown - 1 : 0);
    buf_printf(out, "%s\n", cli->is_err_color ? "\033[0m" : "");
}

static void add_finding(struct cli *cli, struct buf *out, const struct diag *d)
{
    const struct severity_row *row = &severities[d->severity];

    if (d->file.len) {
        buf_add(out, d->file);
        if (d->pos.line) {
            buf_printf(out, ":%u:%u", d->pos.line, d->pos.column);
        }
        buf_add(out, S(": "));
    }
    buf_printf(out, "%s%s%s: " STR_FMT, cli->is_err_color ? row->code : "", row->name,
               cli->is_err_color ? "\033[0m" : "", STR_ARG(d->message));
    if (d->rule.len) {
        buf_printf(out, " [" STR_FMT "]", STR_ARG(d->rule));
    }
    buf_add_char(out, '\n');
    if (d->pos.line && d->pos.column && d->line_text.ptr) {
        add_caret(cli, out, d);
    }
    if (d->hint.len) {
        buf_printf(out, "        = " STR_FMT "\n", STR_ARG(d->hint));
    }
}

void cli_print_diags(struct cli *cli, const struct diags *diags)
{
    struct buf out = BUF_INIT(16U << 20);

    for (size_t i = 0; i < diags->list.count; i++) {
        if (!cli->args.quiet || diags->list.items[i].severity == DIAG_ERROR) {
            add_finding(cli, &out, &diags->list.items[i]);
        }
    }
    if (diags->errors + diags->warnings > DIAG_MAX) {
        buf_printf(&out, "… only the first %d findings of %zu are shown\n", DIAG_MAX,
                   diags->errors + diags->warnings);
    }
    ignore(os_std_write(cli->cx, OS_STDERR, buf_view(&out)), "nowhere left to report it");
    buf_release(&out);
}

static void json_finding(struct json_writer *w, const struct diag *d)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("severity"), str_of(severities[d->severity].name));
    json_w_member_str(w, S("rule"), d->rule);
    json_w_member_str(w, S("message"), d->message);
    if (d->hint.len) {
        json_w_member_str(w, S("hint"), d->hint);
    }
    if (d->file.len) {
        json_w_member_str(w, S("file"), d->file);
    }
    if (d->pos.line) {
        json_w_member_u64(w, S("line"), d->pos.line);
        json_w_member_u64(w, S("column"), d->pos.column);
    }
    json_w_object_end(w);
}

void cli_json_diags(struct json_writer *w, const struct diags *diags)
{
    json_w_key(w, S("findings"));
    json_w_array_begin(w);
    for (size_t i = 0; i < diags->list.count; i++) {
        json_finding(w, &diags->list.items[i]);
    }
    json_w_array_end(w);
    json_w_member_u64(w, S("errors"), diags->errors);
    json_w_member_u64(w, S("warnings"), diags->warnings);
}
