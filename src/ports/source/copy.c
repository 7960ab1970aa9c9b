/*
 * copy.c - the text format of COPY (PostgreSQL manual, "COPY", "Text Format") and of its values.
 */
#include "source/copy.h"

#include "base/utf8.h"

/* ------------------------------------------------------------------------- rows */

static int octal_digit(char c)
{
    return c >= '0' && c <= '7' ? c - '0' : -1;
}

static int hex_digit(char c)
{
    if (char_is_digit(c)) {
        return c - '0';
    }
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte in digits at *at, at most `most` of them; moves *at behind them. */
static char number_byte(str line, size_t *at, size_t most, int (*digit)(char), int base)
{
    int value = 0;

    for (size_t i = 0; i < most && *at < line.len && digit(line.ptr[*at]) >= 0; i++) {
        value = value * base + digit(line.ptr[(*at)++]);
    }
    return (char)(value & 0xFF);
}

/* The byte that the escape at *at (behind the backslash) stands for. */
static char unescape(str line, size_t *at)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    char              c = line.ptr[*at];

    for (size_t i = 0; i < sizeof from - 1; i++) {
        if (c == from[i]) {
            (*at)++;
            return to[i];
        }
    }
    if (octal_digit(c) >= 0) {
        return number_byte(line, at, 3, octal_digit, 8);
    }
    (*at)++;
    if (c == 'x' && *at < line.len && hex_digit(line.ptr[*at]) >= 0) {
        return number_byte(line, at, 2, hex_digit, 16);
    }
    return c;
}

/* Appends one field up to the tab or the end; the value's length, or SIZE_MAX for a cut escape. */
static bool decode_field(str field, struct buf *out)
{
    for (size_t i = 0; i < field.len;) {
        if (field.ptr[i] != '\\') {
            buf_add_char(out, field.ptr[i++]);
        } else if (++i == field.len) {
            return false;
        } else {
            buf_add_char(out, unescape(field, &i));
        }
    }
    return true;
}

/* Gives the fields, lengths so far, their bytes: the buffer moved while it grew. */
static enum status place_fields(struct ctx *cx, struct copy_row *row)
{
    const char *at = row->bytes.ptr;

    for (size_t i = 0; i < row->count; i++) {
        size_t bad;

        if (!row->fields[i].ptr || row->fields[i].len == 0) {
            continue;
        }
        row->fields[i].ptr = at;
        at += row->fields[i].len;
        if (!utf8_is_valid(row->fields[i], &bad)) {
            return FAIL(cx, INVALID, "value %zu is not UTF-8 at byte %zu", i + 1, bad);
        }
    }
    return ST_OK;
}

enum status copy_decode(struct ctx *cx, str line, struct copy_row *row)
{
    size_t count = 0;
    str    rest, field;

    if (line.len > 0 && line.ptr[line.len - 1] == '\n') {
        line.len--;
    }
    rest = line.ptr ? line : S("");
    buf_reset(&row->bytes);
    while (str_cut(&rest, '\t', &field)) {
        size_t before  = row->bytes.len;
        bool   is_null = str_eq(field, S("\\N"));

        if (count == row->count) {
            return FAIL(cx, INVALID, "the server sent more than %zu values", row->count);
        }
        if (!is_null && !decode_field(field, &row->bytes)) {
            return FAIL(cx, INVALID, "the server sent a value that ends in a backslash");
        }
        row->fields[count++] = is_null ? STR_NONE : (str){ "", row->bytes.len - before };
    }
    TRY(buf_check(&row->bytes, cx, "a row"));
    if (count != row->count) {
        return FAIL(cx, INVALID, "the server sent %zu values instead of %zu", count, row->count);
    }
    return place_fields(cx, row);
}

/* ------------------------------------------------------------------------- values */

static enum status convert_bytes(struct ctx *cx, str value, struct buf *out)
{
    if (!str_starts(value, S("\\x")) || value.len % 2 != 0) {
        return FAIL(cx, INVALID, "bytes that are not in hex form");
    }
    for (size_t i = 2; i < value.len; i++) {
        int digit = hex_digit(value.ptr[i]);

        if (digit < 0) {
            return FAIL(cx, INVALID, "bytes that are not in hex form");
        }
        if (i % 2 == 0) {
            buf_add(out, S("\\x"));
        }
        buf_add_char(out, "0123456789ABCDEF"[digit]);
    }
    return ST_OK;
}

static void convert_time(str value, struct buf *out)
{
    str    date, time = S("");
    size_t at;

    if (!str_ends(value, S(" BC"))) {
        buf_add(out, value);
        return;
    }
    date = str_sub(value, 0, value.len - 3);
    if (str_find_char(date, ' ', &at)) {
        time = str_from(date, at);
        date = str_sub(date, 0, at);
    }
    buf_add(out, date);
    buf_add(out, S(" (BC)"));
    buf_add(out, time);
}

static enum status convert_decimal(struct ctx *cx, str value, unsigned scale, struct buf *out)
{
    str    whole, fraction;
    size_t len;

    for (size_t i = 0; i < value.len; i++) {
        if (char_is_alpha(value.ptr[i])) {
            return FAIL(cx, INVALID, "%.10s cannot be a DECIMAL; declare the column as DOUBLE",
                        str_starts(value, S("NaN")) ? "NaN" : "Infinity");
        }
    }
    if (str_split(value, '.', &whole, &fraction)) {
        len = fraction.len;
        while (len > 0 && fraction.ptr[len - 1] == '0') {
            len--;
        }
        if (len > scale) {
            return FAIL(
                cx, INVALID,
                "a number has %zu digits behind the point, its column holds %u; declare the "
                "column as DOUBLE or as DECIMAL(38,%zu)",
                len, scale, len < 38 ? len : 38);
        }
    }
    buf_add(out, value);
    return ST_OK;
}

static enum status convert_one(struct ctx *cx, const struct copy_type *type, str value,
                               struct buf *out)
{
    switch (type->form) {
    case COPY_AS_IS: buf_add(out, value); return ST_OK;
    case COPY_BYTES: return convert_bytes(cx, value, out);
    case COPY_TIME: convert_time(value, out); return ST_OK;
    case COPY_DECIMAL: return convert_decimal(cx, value, type->scale, out);
    }
    BUG("copy_convert: a form that is none");
}

/* ------------------------------------------------------------------------- lists */

/* The next item of an array's text, without quotes and escapes, into `item`. */
static enum status next_item(struct ctx *cx, str *rest, struct buf *item, bool *is_quoted)
{
    size_t at        = 0;
    bool   in_quotes = false;

    buf_reset(item);
    *is_quoted = false;
    for (; at < rest->len; at++) {
        char c = rest->ptr[at];

        if (!in_quotes && (c == ',' || c == '}')) {
            break;
        }
        if (!in_quotes && c == '{') {
            return FAIL(cx, UNSUPPORTED,
                        "an array of arrays cannot be read; make it a table or text in a view");
        }
        if (c == '"') {
            in_quotes  = !in_quotes;
            *is_quoted = true;
        } else if (c == '\\' && at + 1 < rest->len) {
            buf_add_char(item, rest->ptr[++at]);
        } else {
            buf_add_char(item, c);
        }
    }
    if (at == rest->len) {
        return FAIL(cx, INVALID, "an array without its end");
    }
    *rest = str_from(*rest, at);
    return buf_check(item, cx, "an item of an array");
}

/* As the engine quotes items of a list: in double quotes, backslash before quotes and backslashes. */
static void add_quoted(struct buf *out, str text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            buf_add_char(out, '\\');
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, '"');
}

static enum status add_item(struct ctx *cx, const struct copy_type *type, str item, struct buf *out)
{
    struct buf made CLEANUP(buf_release) = BUF_INIT(out->max);

    TRY(convert_one(cx, type, item, &made));
    TRY(buf_check(&made, cx, "an item of an array"));
    add_quoted(out, buf_view(&made));
    return ST_OK;
}

static enum status convert_list(struct ctx *cx, const struct copy_type *type, str value,
                                struct buf *out)
{
    struct buf item CLEANUP(buf_release) = BUF_INIT(out->max);
    str             rest                 = value;
    bool            is_quoted, is_first = true;

    if (!str_starts(rest, S("{"))) { /* [2:3]={…}: bounds other than 1 */
        return FAIL(cx, UNSUPPORTED, "an array whose first index is not 1 cannot be read");
    }
    rest = str_from(rest, 1);
    buf_add_char(out, '[');
    while (!str_eq(rest, S("}"))) {
        TRY(next_item(cx, &rest, &item, &is_quoted));
        buf_add(out, is_first ? S("") : S(", "));
        is_first = false;
        if (!is_quoted && str_eq_nocase(buf_view(&item), S("NULL"))) {
            buf_add(out, S("NULL"));
        } else {
            TRY(add_item(cx, type, buf_view(&item), out));
        }
        if (str_starts(rest, S(","))) {
            rest = str_from(rest, 1);
            if (rest.len == 0 || rest.ptr[0] == '}') {
                return FAIL(cx, INVALID, "an array with an empty item");
            }
        } else if (!str_eq(rest, S("}"))) {
            return FAIL(cx, INVALID, "an array with text behind its end");
        }
    }
    buf_add_char(out, ']');
    return ST_OK;
}

enum status copy_convert(struct ctx *cx, const struct copy_type *type, str value, struct buf *out)
{
    TRY(type->is_list ? convert_list(cx, type, value, out) : convert_one(cx, type, value, out));
    return buf_check(out, cx, "a value");
}
