/*
 * arrow_json.c - values as JSON; the mapping is documented at arrow_value_json.
 */
#include "arrow/arrow_int.h"

#include <math.h>
#include <string.h>

#include "base/time.h"
#include "codec/json.h"

static void add_string(struct buf *out, str text)
{
    struct json_writer w;

    json_w_init(&w, out, JSON_COMPACT);
    json_w_str(&w, text);
}

/* The text form of a value as a JSON string. */
static void add_text(struct buf *out, struct arrow_cell cell)
{
    struct buf text = BUF_INIT(out->max);

    arrow_value_text(&text, cell);
    out->is_over = out->is_over || text.is_over;
    add_string(out, buf_view(&text));
    buf_release(&text);
}

static void add_base64(struct buf *out, struct arrow_cell cell)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    str                  bytes = arrow_str(cell);
    const unsigned char *in    = (const unsigned char *)bytes.ptr;

    buf_add_char(out, '"');
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t   left = bytes.len - i;
        uint32_t bits = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                        (left > 2 ? in[i + 2] : 0U);

        buf_add_char(out, letters[bits >> 18]);
        buf_add_char(out, letters[bits >> 12 & 63U]);
        buf_add_char(out, left > 1 ? letters[bits >> 6 & 63U] : '=');
        buf_add_char(out, left > 2 ? letters[bits & 63U] : '=');
    }
    buf_add_char(out, '"');
}

/* Years before 1 as ISO 8601 has them: 1 BC is 0000, 2 BC is -0001. */
static void add_timestamp(struct buf *out, struct arrow_cell cell)
{
    int64_t           value   = arrow_i64(cell);
    int64_t           per_day = 86400 * arrow_pow10(cell.type->unit);
    int64_t           days    = value / per_day - (value % per_day < 0);
    struct civil_date d       = date_of_days(days);

    if (cell.type->kind == ARROW_DATE) {
        d = date_of_days(value);
    }
    buf_printf(out, "\"%s%04d-%02d-%02d", d.year < 0 ? "-" : "", d.year < 0 ? -d.year : d.year,
               d.month, d.day);
    if (cell.type->kind == ARROW_TIMESTAMP) {
        buf_add_char(out, 'T');
        arrow_add_clock(out, value - days * per_day, cell.type->unit);
        if (cell.type->zone.len > 0) {
            buf_add_char(out, 'Z');
        }
    }
    buf_add_char(out, '"');
}

static void add_duration_part(struct buf *out, int64_t value, char unit)
{
    if (value != 0) {
        buf_printf(out, "%lld%c", (long long)value, unit);
    }
}

/* Each part carries its own sign, as the engine's intervals do. */
static void add_interval(struct buf *out, struct arrow_cell cell)
{
    int32_t months, days;
    int64_t micros  = arrow_raw_i64(cell, 8) / 1000;
    int64_t seconds = micros / US_PER_SECOND;
    int64_t rest    = micros % US_PER_SECOND;

    memcpy(&months, arrow_raw(cell), sizeof months);
    memcpy(&days, arrow_raw(cell) + sizeof months, sizeof days);
    buf_add(out, S("\"P"));
    add_duration_part(out, months / 12, 'Y');
    add_duration_part(out, months % 12, 'M');
    add_duration_part(out, days, 'D');
    if (micros != 0 || (months == 0 && days == 0)) {
        buf_add_char(out, 'T');
        add_duration_part(out, seconds / 3600, 'H');
        add_duration_part(out, seconds / 60 % 60, 'M');
        if (rest != 0) {
            buf_printf(out, "%s%lld.%06lldS", micros < 0 ? "-" : "",
                       (long long)(micros < 0 ? -(seconds % 60) : seconds % 60),
                       (long long)(rest < 0 ? -rest : rest));
        } else if (seconds % 60 != 0 || micros == 0) {
            buf_printf(out, "%lldS", (long long)(seconds % 60));
        }
    }
    buf_add_char(out, '"');
}

static void add_list(struct buf *out, struct arrow_cell cell)
{
    size_t count = arrow_item_count(cell);

    buf_add_char(out, '[');
    for (size_t i = 0; i < count && !out->is_over; i++) {
        if (i > 0) {
            buf_add_char(out, ',');
        }
        arrow_value_json(out, arrow_item(cell, i));
    }
    buf_add_char(out, ']');
}

static void add_struct(struct buf *out, struct arrow_cell cell)
{
    bool is_tuple = cell.type->child_count > 0 && cell.type->children[0].name.len == 0;

    buf_add_char(out, is_tuple ? '[' : '{');
    for (size_t i = 0; i < cell.type->child_count; i++) {
        if (i > 0) {
            buf_add_char(out, ',');
        }
        if (!is_tuple) {
            add_string(out, cell.type->children[i].name);
            buf_add_char(out, ':');
        }
        arrow_value_json(out, arrow_field(cell, i));
    }
    buf_add_char(out, is_tuple ? ']' : '}');
}

static void add_date_or_timestamp(struct buf *out, struct arrow_cell cell)
{
    if (arrow_infinity(cell) != 0) {
        add_text(out, cell);
    } else {
        add_timestamp(out, cell);
    }
}

static void add_float(struct buf *out, struct arrow_cell cell)
{
    if (isfinite(arrow_f64(cell))) {
        arrow_add_float(out, cell);
    } else {
        buf_add(out, S("null"));
    }
}

static void add_decimal(struct buf *out, struct arrow_cell cell)
{
    arrow_add_decimal(out, cell, ARROW_LEAD_ZERO_ALWAYS);
}

static void add_characters(struct buf *out, struct arrow_cell cell)
{
    if (str_eq(cell.type->logical, S("json"))) {
        buf_add(out, arrow_str(cell));
    } else {
        add_string(out, arrow_str(cell));
    }
}

static void add_member(struct buf *out, struct arrow_cell cell)
{
    arrow_value_json(out, arrow_member(cell));
}

static void (*const printers[])(struct buf *out, struct arrow_cell cell) = {
    [ARROW_NULL]       = arrow_value_text,
    [ARROW_BOOL]       = arrow_value_text,
    [ARROW_INT]        = arrow_value_text,
    [ARROW_UINT]       = arrow_value_text,
    [ARROW_FLOAT]      = add_float,
    [ARROW_DECIMAL]    = add_decimal,
    [ARROW_BIGNUM]     = arrow_value_text,
    [ARROW_TEXT]       = add_characters,
    [ARROW_BINARY]     = add_base64,
    [ARROW_UUID]       = add_text,
    [ARROW_BIT]        = add_text,
    [ARROW_DATE]       = add_date_or_timestamp,
    [ARROW_TIME]       = add_text,
    [ARROW_TIME_TZ]    = add_text,
    [ARROW_TIMESTAMP]  = add_date_or_timestamp,
    [ARROW_INTERVAL]   = add_interval,
    [ARROW_LIST]       = add_list,
    [ARROW_FIXED_LIST] = add_list,
    [ARROW_STRUCT]     = add_struct,
    [ARROW_MAP]        = add_list,
    [ARROW_UNION]      = add_member,
};

void arrow_value_json(struct buf *out, struct arrow_cell cell)
{
    if (arrow_is_null(cell)) {
        buf_add(out, S("null"));
    } else if (cell.type->dictionary) {
        add_string(out, arrow_str(cell));
    } else {
        printers[cell.type->kind](out, cell);
    }
}
