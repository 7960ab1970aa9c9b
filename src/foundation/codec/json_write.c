/*
 * json_write.c - the streaming writer, and numbers as ECMAScript prints them.
 *
 * The writer keeps no stack: a comma is due after a value and not after "[", "{" or a key, and an
 * "end" right after its "begin" finds no comma due, which is how an empty container is known.
 */
#include "codec/json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { INDENT = 2, DIGITS_SURE = 15, DIGITS_MAX = 17, POINT_MAX = 21, POINT_MIN = -6 };

/* ---- numbers ---- */

/* Decimal digits d1…dn without trailing zeros, and e with value 0.d1…dn * 10^e. */
struct decimal {
    char digits[DIGITS_MAX + 1];
    int  count;
    int  exponent;
};

/* `value` rounded to `precision` digits; true when they read back as the same double. */
static bool round_to(double value, int precision, struct decimal *out)
{
    char  text[JSON_NUMBER_ROOM];
    char *mark;

    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    mark          = strchr(text, 'e');
    out->count    = 0;
    out->exponent = (int)strtol(mark + 1, NULL, 10) + 1;
    for (const char *c = text; c < mark; c++) {
        if (char_is_digit(*c)) {
            out->digits[out->count++] = *c;
        }
    }
    while (out->count > 1 && out->digits[out->count - 1] == '0') {
        out->count--;
    }
    return !(strtod(text, NULL) < value) && !(strtod(text, NULL) > value);
}

/*
 * The shortest digits that read back as the same double, nearest first. Every decimal of 15 digits
 * survives a normal double, so rounding to 15 and dropping zeros already finds shorter ones;
 * subnormals carry fewer digits and are tried from one digit up.
 */
static struct decimal shortest(double value)
{
    struct decimal made;
    int            precision = value < DBL_MIN ? 1 : DIGITS_SURE;

    while (!round_to(value, precision, &made) && precision < DIGITS_MAX) {
        precision++;
    }
    return made;
}

static size_t put(char *room, size_t at, const char *bytes, int count)
{
    memcpy(room + at, bytes, (size_t)count);
    return at + (size_t)count;
}

static size_t put_zeros(char *room, size_t at, int count)
{
    memset(room + at, '0', (size_t)count);
    return at + (size_t)count;
}

/* Number::toString of ECMA-262: plain between 1e-6 and 1e21, else with an exponent. */
str json_number_text(double value, char room[JSON_NUMBER_ROOM])
{
    struct decimal d;
    size_t         at = 0;

    assert(isfinite(value));
    if (!(value < 0) && !(value > 0)) {
        return S("0");
    }
    if (value < 0) {
        room[at++] = '-';
    }
    d = shortest(fabs(value));
    if (d.exponent > 0 && d.exponent <= POINT_MAX) {
        int whole = d.count < d.exponent ? d.count : d.exponent;

        at = put(room, at, d.digits, whole);
        at = put_zeros(room, at, d.exponent - whole);
        if (d.count > whole) {
            room[at++] = '.';
            at         = put(room, at, d.digits + whole, d.count - whole);
        }
    } else if (d.exponent <= 0 && d.exponent > POINT_MIN) {
        at = put(room, at, "0.", 2);
        at = put_zeros(room, at, -d.exponent);
        at = put(room, at, d.digits, d.count);
    } else {
        room[at++] = d.digits[0];
        if (d.count > 1) {
            room[at++] = '.';
            at         = put(room, at, d.digits + 1, d.count - 1);
        }
        at += (size_t)snprintf(room + at, JSON_NUMBER_ROOM - at, "e%+d", d.exponent - 1);
    }
    return (str){ room, at };
}

/* ---- strings ---- */

static void put_escape(struct buf *out, unsigned char c)
{
    static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";

    for (size_t i = 0; i + 1 < sizeof shorts; i += 2) {
        if ((unsigned char)shorts[i] == c) {
            buf_add_char(out, '\\');
            buf_add_char(out, shorts[i + 1]);
            return;
        }
    }
    buf_printf(out, "\\u%04x", c);
}

/* RFC 8785 3.2.2.2: only what must be escaped is; runs without such bytes are copied whole. */
static void put_string(struct buf *out, str text)
{
    str rest = text;

    buf_add_char(out, '"');
    while (rest.len) {
        const char   *start = rest.ptr;
        unsigned char c     = 0;
        uint32_t      code_point;
        bool          is_bad = false;

        while (rest.len && !is_bad) {
            c = (unsigned char)rest.ptr[0];
            if (c < 0x20 || c == '"' || c == '\\') {
                break;
            }
            is_bad = !utf8_next(&rest, &code_point);
        }
        buf_add(out, (str){ start, (size_t)(rest.ptr - start) });
        if (rest.len) {
            if (is_bad) {
                buf_add(out, S("\xEF\xBF\xBD"));
            } else {
                put_escape(out, c);
            }
            rest = str_from(rest, 1);
        }
    }
    buf_add_char(out, '"');
}

/* ---- the writer ---- */

void json_w_init(struct json_writer *w, struct buf *out, enum json_form form)
{
    *w = (struct json_writer){ .out = out, .form = form };
}

static void new_line(struct json_writer *w)
{
    if (w->form == JSON_PRETTY) {
        buf_add_char(w->out, '\n');
        buf_add_n(w->out, ' ', (size_t)w->depth * INDENT);
    }
}

/* What stands before a value or key: a comma, a line break, or nothing after a key. */
static void before(struct json_writer *w)
{
    if (w->is_after_key) {
        w->is_after_key = false;
        return;
    }
    if (w->needs_comma) {
        buf_add_char(w->out, ',');
    }
    if (w->depth > 0) {
        new_line(w);
    }
}

static void begin(struct json_writer *w, char bracket)
{
    before(w);
    buf_add_char(w->out, bracket);
    w->depth++;
    w->needs_comma = false;
}

static void end(struct json_writer *w, char bracket)
{
    assert(w->depth > 0 && !w->is_after_key);
    w->depth--;
    if (w->needs_comma) {
        new_line(w);
    }
    buf_add_char(w->out, bracket);
    w->needs_comma = true;
}

static void put_value(struct json_writer *w, str text)
{
    before(w);
    buf_add(w->out, text);
    w->needs_comma = true;
}

void json_w_object_begin(struct json_writer *w)
{
    begin(w, '{');
}

void json_w_object_end(struct json_writer *w)
{
    end(w, '}');
}

void json_w_array_begin(struct json_writer *w)
{
    begin(w, '[');
}

void json_w_array_end(struct json_writer *w)
{
    end(w, ']');
}

void json_w_key(struct json_writer *w, str key)
{
    assert(w->depth > 0 && !w->is_after_key);
    before(w);
    put_string(w->out, key);
    buf_add_char(w->out, ':');
    if (w->form == JSON_PRETTY) {
        buf_add_char(w->out, ' ');
    }
    w->is_after_key = true;
}

void json_w_null(struct json_writer *w)
{
    put_value(w, S("null"));
}

void json_w_bool(struct json_writer *w, bool truth)
{
    put_value(w, truth ? S("true") : S("false"));
}

void json_w_i64(struct json_writer *w, int64_t value)
{
    before(w);
    buf_printf(w->out, "%lld", (long long)value);
    w->needs_comma = true;
}

void json_w_u64(struct json_writer *w, uint64_t value)
{
    before(w);
    buf_printf(w->out, "%llu", (unsigned long long)value);
    w->needs_comma = true;
}

void json_w_double(struct json_writer *w, double value)
{
    char room[JSON_NUMBER_ROOM];

    put_value(w, isfinite(value) ? json_number_text(value, room) : S("null"));
}

void json_w_str(struct json_writer *w, str text)
{
    before(w);
    put_string(w->out, text);
    w->needs_comma = true;
}

void json_w_raw(struct json_writer *w, str json)
{
    put_value(w, json);
}

static void put_object(struct json_writer *w, const struct json *v)
{
    json_w_object_begin(w);
    for (size_t i = 0; i < v->count; i++) {
        json_w_key(w, v->members[i].key);
        json_w_tree(w, v->members[i].value);
    }
    json_w_object_end(w);
}

static void put_array(struct json_writer *w, const struct json *v)
{
    json_w_array_begin(w);
    for (size_t i = 0; i < v->count; i++) {
        json_w_tree(w, v->items[i]);
    }
    json_w_array_end(w);
}

void json_w_tree(struct json_writer *w, const struct json *v)
{
    switch (v->kind) {
    case JSON_NULL: json_w_null(w); return;
    case JSON_BOOL: json_w_bool(w, v->truth); return;
    case JSON_I64: json_w_i64(w, v->i64); return;
    case JSON_U64: json_w_u64(w, v->u64); return;
    case JSON_DOUBLE:
        if (v->text.len) {
            json_w_raw(w, v->text);
        } else {
            json_w_double(w, v->real);
        }
        return;
    case JSON_STRING: json_w_str(w, v->text); return;
    case JSON_ARRAY: put_array(w, v); return;
    case JSON_OBJECT: put_object(w, v); return;
    }
    BUG("json_w_tree: no such kind");
}

void json_w_member_str(struct json_writer *w, str key, str text)
{
    json_w_key(w, key);
    json_w_str(w, text);
}

void json_w_member_i64(struct json_writer *w, str key, int64_t value)
{
    json_w_key(w, key);
    json_w_i64(w, value);
}

void json_w_member_u64(struct json_writer *w, str key, uint64_t value)
{
    json_w_key(w, key);
    json_w_u64(w, value);
}

void json_w_member_double(struct json_writer *w, str key, double value)
{
    json_w_key(w, key);
    json_w_double(w, value);
}

void json_w_member_bool(struct json_writer *w, str key, bool truth)
{
    json_w_key(w, key);
    json_w_bool(w, truth);
}

void json_w_member_null(struct json_writer *w, str key)
{
    json_w_key(w, key);
    json_w_null(w);
}

enum status json_write(struct ctx *cx, const struct json *v, enum json_form form, str *out)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT(JSON_WRITE_MAX_BYTES);
    struct json_writer              w;

    json_w_init(&w, &text, form);
    json_w_tree(&w, v);
    return buf_take(&text, cx, "JSON text", out);
}
