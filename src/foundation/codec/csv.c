/*
 * csv.c - RFC 4180 both ways.
 */
#include "codec/csv.h"

#include <string.h>

#include "base/map.h"
#include "base/vec.h"

/* ---- writing ---- */

void csv_w_init(struct csv_writer *w, struct buf *out, char separator)
{
    *w = (struct csv_writer){ .out = out, .separator = separator };
}

static bool needs_quotes(str text, char separator)
{
    if (text.len == 0) {
        return true;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '"' || c == '\n' || c == '\r' || c == separator) {
            return true;
        }
    }
    /* Else a first field could be taken for a byte order mark. */
    return (unsigned char)text.ptr[0] == 0xEF;
}

static void put_separator(struct csv_writer *w)
{
    if (w->column++ > 0) {
        buf_add_char(w->out, w->separator);
    }
}

void csv_w_field(struct csv_writer *w, str text)
{
    str part;

    put_separator(w);
    if (!needs_quotes(text, w->separator)) {
        buf_add(w->out, text);
        return;
    }
    buf_add_char(w->out, '"');
    for (bool is_first = true; str_cut(&text, '"', &part); is_first = false) {
        if (!is_first) {
            buf_add(w->out, S("\"\""));
        }
        buf_add(w->out, part);
    }
    buf_add_char(w->out, '"');
}

void csv_w_null(struct csv_writer *w)
{
    put_separator(w);
}

void csv_w_row_end(struct csv_writer *w)
{
    buf_add_char(w->out, '\n');
    w->column = 0;
}

/* ---- reading ---- */

/* One row while it is read. */
struct row {
    struct ctx        *cx;
    struct csv_reader *reader;
    const char        *start;
    str                rest;
    uint64_t           lines; /* line breaks inside quoted fields */
    VEC(struct csv_field) fields;
};

static enum status refuse(const struct row *row, enum status code, const char *why)
{
    uint64_t line = row->reader->line + row->lines;

    return err_set(row->cx->err, code, __FILE__, __LINE__, "CSV line %llu, field %zu: %s",
                   (unsigned long long)line, row->fields.count + 1, why);
}

void csv_r_init(struct csv_reader *r, str bytes, char separator)
{
    *r = (struct csv_reader){ .rest = bytes, .separator = separator, .line = 1 };
    if (str_starts(bytes, S("\xEF\xBB\xBF"))) {
        r->rest = str_from(bytes, 3);
    }
}

bool csv_r_has_row(const struct csv_reader *r)
{
    return r->rest.len > 0;
}

/* Keeps the pointer at the end too, unlike str_from: the row's length is a difference of pointers. */
static str skip(str s, size_t count)
{
    return (str){ s.ptr + count, s.len - count };
}

/* Behind the opening quote: everything up to the closing one, "" as one quote. */
static enum status read_quoted(struct row *row, str *out)
{
    const char *start  = row->rest.ptr;
    size_t      quotes = 0, at = 0, to = 0;
    str         raw;
    char       *text;

    for (;; at++) {
        if (at >= row->rest.len) {
            return refuse(row, ST_INVALID, "the closing quote is missing");
        }
        row->lines += row->rest.ptr[at] == '\n';
        if (row->rest.ptr[at] == '"') {
            if (at + 1 >= row->rest.len || row->rest.ptr[at + 1] != '"') {
                break;
            }
            quotes++;
            at++;
        }
    }
    raw       = (str){ start, at };
    row->rest = skip(row->rest, at + 1);
    if (quotes == 0) {
        *out = raw;
        return ST_OK;
    }
    text = arena_alloc(row->cx->arena, raw.len - quotes);
    for (size_t i = 0; i < raw.len; i++) {
        i += raw.ptr[i] == '"'; /* the second of two */
        text[to++] = raw.ptr[i];
    }
    *out = (str){ text, to };
    return ST_OK;
}

static enum status read_plain(struct row *row, str *out)
{
    size_t at = 0;

    while (at < row->rest.len && row->rest.ptr[at] != row->reader->separator &&
           row->rest.ptr[at] != '\n' && row->rest.ptr[at] != '\r') {
        if (row->rest.ptr[at] == '"') {
            return refuse(row, ST_INVALID,
                          "a quote inside a field that does not begin with a quote");
        }
        at++;
    }
    *out      = (str){ row->rest.ptr, at };
    row->rest = skip(row->rest, at);
    return ST_OK;
}

/* After a field: a separator, the end of the row, or the end of the text. */
static enum status read_border(struct row *row, bool *is_end)
{
    str rest = row->rest;

    *is_end = true;
    if (rest.len == 0) {
        return ST_OK;
    }
    if (rest.ptr[0] == row->reader->separator) {
        *is_end   = false;
        row->rest = skip(rest, 1);
    } else if (rest.ptr[0] == '\n') {
        row->rest = skip(rest, 1);
    } else if (str_starts(rest, S("\r\n"))) {
        row->rest = skip(rest, 2);
    } else if (rest.ptr[0] == '\r') {
        return refuse(row, ST_INVALID, "a carriage return without a line feed");
    } else {
        return refuse(row, ST_INVALID, "text behind the closing quote");
    }
    return ST_OK;
}

static enum status read_field(struct row *row, struct csv_field *out)
{
    if (row->rest.len && row->rest.ptr[0] == '"') {
        row->rest = skip(row->rest, 1);
        return read_quoted(row, &out->text);
    }
    TRY(read_plain(row, &out->text));
    out->is_null = out->text.len == 0;
    return ST_OK;
}

enum status csv_r_row(struct csv_reader *r, struct ctx *cx, struct csv_field **out,
                      size_t *out_count)
{
    struct row row    = { .cx = cx, .reader = r, .start = r->rest.ptr, .rest = r->rest };
    bool       is_end = false;

    row.rest = str_sub(r->rest, 0, CSV_ROW_MAX_BYTES);
    while (!is_end) {
        struct csv_field field = { 0 };
        enum status      st;

        if (row.fields.count >= CSV_FIELDS_MAX) {
            return refuse(&row, ST_LIMIT, "a row has more than 10000 fields");
        }
        st = read_field(&row, &field);
        if (st == ST_OK) {
            st = read_border(&row, &is_end);
        }
        if (row.rest.ptr + row.rest.len != r->rest.ptr + r->rest.len &&
            (st != ST_OK || row.rest.len == 0)) {
            return refuse(&row, ST_LIMIT, "a row is longer than 16 MiB");
        }
        TRY(st);
        vec_push(cx->arena, &row.fields, field);
    }
    r->rest = skip(r->rest, (size_t)(row.rest.ptr - row.start));
    r->line += row.lines + 1;
    *out       = row.fields.items;
    *out_count = row.fields.count;
    return ST_OK;
}

enum status csv_header(struct ctx *cx, str bytes, char separator, str **out_names,
                       size_t *out_count)
{
    struct csv_reader r;
    struct csv_field *fields;
    struct map        seen  = { 0 };
    size_t            count = 0;
    str              *names;

    csv_r_init(&r, bytes, separator);
    if (!csv_r_has_row(&r)) {
        return FAIL(cx, INVALID, "CSV: the file is empty; the first line must name the columns");
    }
    TRY(csv_r_row(&r, cx, &fields, &count));
    names = arena_array(cx->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = fields[i].text;
        if (names[i].len == 0) {
            return FAIL(cx, INVALID, "CSV: column %zu has no name in the first line", i + 1);
        }
        if (map_put(&seen, cx->arena, names[i], &names[i])) {
            return FAIL(cx, INVALID, "CSV: column \"" STR_FMT "\" is named twice in the first line",
                        STR_ARG(str_sub(names[i], 0, 100)));
        }
    }
    *out_names = names;
    *out_count = count;
    return ST_OK;
}
