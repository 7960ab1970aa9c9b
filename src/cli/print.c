/*
 * print.c - what a person sees: colours, numbers with units, aligned tables, findings as a good
 * compiler shows them.
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "os/file.h"

enum { FLUSH_BYTES = 1 << 16, CELL_WIDTH_MIN = 12 };

void cli_say(struct cli *cli, const char *fmt, ...)
{
    va_list args;
    char    line[8192];
    int     len;

    if (cli->args.quiet || cli->args.json) {
        return;
    }
    va_start(args, fmt);
    len = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (len > 0) {
        buf_add(&cli->out,
                (str){ line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1 });
    }
    if (cli->out.len > FLUSH_BYTES) {
        ignore(cli_flush(cli), "the last flush reports it");
    }
}

const char *cli_style(const struct cli *cli, enum cli_style style)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "\033[0m", [CLI_BOLD] = "\033[1m",   [CLI_DIM] = "\033[2m",
        [CLI_RED] = "\033[31m",  [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m",
        [CLI_BLUE] = "\033[34m",
    };

    return cli->is_color ? codes[style] : "";
}

struct json_writer *cli_json_begin(struct cli *cli)
{
    struct json_writer *w = ARENA_NEW(cli->cx->arena, struct json_writer);

    json_w_init(w, &cli->out, JSON_PRETTY);
    json_w_object_begin(w);
    json_w_member_str(w, S("api"), S("v1"));
    cli->has_answer = true;
    return w;
}

void cli_json_end(struct cli *cli, struct json_writer *w)
{
    json_w_object_end(w);
    buf_add_char(&cli->out, '\n');
}

enum status cli_flush(struct cli *cli)
{
    TRY(buf_check(&cli->out, cli->cx, "output"));
    if (cli->out.len > 0) {
        TRY(os_std_write(cli->cx, OS_STDOUT, buf_view(&cli->out)));
        buf_reset(&cli->out);
    }
    return ST_OK;
}

/* Columns that a text takes on a terminal, one per code point. */
static size_t shown_width(str cell)
{
    return utf8_count(cell);
}

static str cut_cell(struct arena *a, str cell, size_t width)
{
    str      rest  = cell;
    size_t   count = 0;
    uint32_t ignored;

    if (shown_width(cell) <= width || width < 2) {
        return cell;
    }
    while (count < width - 1 && utf8_next(&rest, &ignored)) {
        count++;
    }
    return arena_printf(a, STR_FMT "…", (int)(cell.len - rest.len), cell.ptr);
}

/* Shrinks the widest columns until the row fits the terminal. */
static void fit_widths(size_t *widths, size_t columns, int terminal)
{
    for (;;) {
        size_t total = 0, widest = 0;

        for (size_t i = 0; i < columns; i++) {
            total += widths[i] + 2;
            widest = widths[i] > widths[widest] ? i : widest;
        }
        if (terminal <= 0 || total <= (size_t)terminal + 2 || widths[widest] <= CELL_WIDTH_MIN) {
            return;
        }
        widths[widest]--;
    }
}

static void print_row(struct cli *cli, const struct cli_grid *grid, size_t row,
                      const size_t *widths)
{
    for (size_t c = 0; c < grid->columns; c++) {
        str cell = cut_cell(cli->cx->arena, grid->cells.items[row * grid->columns + c], widths[c]);
        size_t shown    = shown_width(cell);
        size_t pad      = widths[c] > shown ? widths[c] - shown : 0;
        bool   is_right = grid->right >> c & 1U;
        bool   is_last  = c + 1 == grid->columns;

        buf_add_n(&cli->out, ' ', is_right ? pad : 0);
        buf_add(&cli->out, cell);
        buf_add_n(&cli->out, ' ', is_last ? 0 : (is_right ? 0 : pad) + 2);
    }
    buf_add_char(&cli->out, '\n');
}

void cli_grid_add(struct cli *cli, struct cli_grid *grid, const str *cells)
{
    for (size_t i = 0; i < grid->columns; i++) {
        vec_push(cli->cx->arena, &grid->cells, cells[i]);
    }
}

void cli_grid_print(struct cli *cli, const struct cli_grid *grid)
{
    size_t  rows   = grid->columns ? grid->cells.count / grid->columns : 0;
    size_t *widths = arena_array(cli->cx->arena, grid->columns + 1, sizeof *widths);

    if (cli->args.quiet || cli->args.json || rows == 0) {
        return;
    }
    for (size_t i = 0; i < rows * grid->columns; i++) {
        size_t shown = shown_width(grid->cells.items[i]);

        if (shown > widths[i % grid->columns]) {
            widths[i % grid->columns] = shown;
        }
    }
    fit_widths(widths, grid->columns, cli->width);
    for (size_t row = 0; row < rows; row++) {
        buf_add(&cli->out, str_of(row == 0 ? cli_style(cli, CLI_DIM) : ""));
        print_row(cli, grid, row, widths);
        buf_add(&cli->out, str_of(row == 0 ? cli_style(cli, CLI_PLAIN) : ""));
    }
}

/* ------------------------------------------------------------------------- units */

str cli_count(struct cli *cli, uint64_t n)
{
    str        digits = arena_printf(cli->cx->arena, "%llu", (unsigned long long)n);
    struct buf out    = BUF_INIT(64);
    str        made;

    for (size_t i = 0; i < digits.len; i++) {
        if (i > 0 && (digits.len - i) % 3 == 0) {
            buf_add_char(&out, ',');
        }
        buf_add_char(&out, digits.ptr[i]);
    }
    made = arena_dup(cli->cx->arena, buf_view(&out));
    buf_release(&out);
    return made;
}

struct unit {
    double      size;
    const char *name;
};

/* Largest unit that fits first. */
static str with_unit(struct cli *cli, double value, const struct unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double scaled = value / units[i].size;

        if (scaled >= 1 || i + 1 == count) {
            return arena_printf(cli->cx->arena,
                                scaled < 10 && i + 1 != count ? "%.1f %s" : "%.0f %s", scaled,
                                units[i].name);
        }
    }
    return STR_NONE;
}

str cli_bytes(struct cli *cli, uint64_t n)
{
    static const struct unit units[] = {
        { 1e12, "TB" }, { 1e9, "GB" }, { 1e6, "MB" }, { 1e3, "kB" }, { 1, "B" }
    };

    return with_unit(cli, (double)n, units, COUNT_OF(units));
}

str cli_duration(struct cli *cli, int64_t us)
{
    static const struct unit units[] = { { 86400e6, "d" }, { 3600e6, "h" }, { 60e6, "min" },
                                         { 1e6, "s" },     { 1e3, "ms" },   { 1, "µs" } };

    return with_unit(cli, us > 0 ? (double)us : 0, units, COUNT_OF(units));
}

str cli_ago(struct cli *cli, int64_t us)
{
    int64_t age = ctx_now_us(cli->cx) - us;
    str     text;

    if (us == 0) {
        return S("never");
    }
    if (age < 2 * US_PER_SECOND) {
        return S("just now");
    }
    text = cli_duration(cli, age);
    return arena_printf(cli->cx->arena, STR_FMT " ago", STR_ARG(text));
}

/* "30s" → 30 and "s"; false without a leading number. */
static bool split_number(str text, uint64_t *number, str *unit)
{
    size_t digits = 0;

    while (digits < text.len && char_is_digit(text.ptr[digits])) {
        digits++;
    }
    *unit = str_trim(str_from(text, digits));
    return str_to_u64(str_sub(text, 0, digits), number);
}

static bool scale_by(str text, const struct unit *units, size_t count, uint64_t *out)
{
    uint64_t number, scaled;
    str      unit;

    if (!split_number(str_trim(text), &number, &unit)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq_nocase(unit, str_of(units[i].name)) &&
            !__builtin_mul_overflow(number, (uint64_t)units[i].size, &scaled) &&
            scaled <= INT64_MAX) {
            *out = scaled;
            return true;
        }
    }
    return false;
}

enum status cli_read_duration(struct cli *cli, str text, int64_t *out_us)
{
    static const struct unit units[] = {
        { 1e3, "ms" }, { 1e6, "s" }, { 60e6, "m" }, { 60e6, "min" }, { 3600e6, "h" }
    };
    uint64_t us;

    if (!scale_by(text, units, COUNT_OF(units), &us)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is not a time; write 250ms, 30s, 5m or 1h",
                    STR_ARG(text));
    }
    *out_us = (int64_t)us;
    return ST_OK;
}

enum status cli_read_size(struct cli *cli, str text, uint64_t *out)
{
    static const struct unit units[] = {
        { 1e3, "kB" },        { 1e6, "MB" },           { 1e9, "GB" }, { 1024.0, "KiB" },
        { 1048576.0, "MiB" }, { 1073741824.0, "GiB" }, { 1, "" }
    };

    if (!scale_by(text, units, COUNT_OF(units), out)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is not a size; write 512MB or 2GB",
                    STR_ARG(text));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- findings */

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
    uint32_t at    = d->pos.column > d->line_skipped ? d->pos.column - d->line_skipped : 1;
    size_t   shown = utf8_count(str_sub(d->line_text, at - 1, d->pos.len));

    buf_printf(out, "  %5u | " STR_FMT "\n        | ", d->pos.line, STR_ARG(d->line_text));
    add_indent(out, d->line_text, at);
    buf_printf(out, "%s^", cli->is_err_color ? severities[d->severity].code : "");
    buf_add_n(out, '~', shown > 1 ? shown - 1 : 0);
    buf_printf(out, "%s\n", cli->is_err_color ? "\033[0m" : "");
}

/* A line with a literal secret is not repeated, whatever is said about it. */
static bool shows_secret(const struct diags *diags, const struct diag *d)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *other = &diags->list.items[i];

        if (str_eq(other->rule, S("literal-secret")) && str_eq(other->file, d->file) &&
            other->pos.line == d->pos.line) {
            return true;
        }
    }
    return false;
}

static void add_finding(struct cli *cli, struct buf *out, const struct diag *d, bool has_secret)
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
    if (d->pos.line && d->pos.column && d->line_text.ptr && !has_secret) {
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
            add_finding(cli, &out, &diags->list.items[i],
                        shows_secret(diags, &diags->list.items[i]));
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

void cli_json_findings(struct json_writer *w, const struct diags *diags)
{
    json_w_array_begin(w);
    for (size_t i = 0; i < diags->list.count; i++) {
        json_finding(w, &diags->list.items[i]);
    }
    json_w_array_end(w);
}

void cli_json_diags(struct json_writer *w, const struct diags *diags)
{
    json_w_key(w, S("findings"));
    cli_json_findings(w, diags);
    json_w_member_u64(w, S("errors"), diags->errors);
    json_w_member_u64(w, S("warnings"), diags->warnings);
}
