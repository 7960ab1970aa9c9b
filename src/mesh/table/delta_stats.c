/*
 * delta_stats.c - the engine's statistics of a file as Delta has them.
 *
 * Bounds are left out where they would not be ones for every reader: of columns that may hold NaN
 * (Spark has it above all numbers), infinite numbers and times, years beyond four digits, booleans and
 * bytes, and of everything inside lists and maps. Times keep their microseconds, which the protocol
 * lets writers cut off.
 */
#include "table/delta_int.h"

#include "base/map.h"
#include "base/utf8.h"
#include "contract/coltype.h"
#include "table/stats.h"

enum { STATS_MAX = 16 << 20 };

/* The greatest character: what ends a bound from above that was cut. */
#define GREATEST_CHARACTER "\xf4\x8f\xbf\xbf"

enum fact { FACT_MIN, FACT_MAX, FACT_NULLS };

struct writer {
    struct ctx        *cx;
    struct json_writer w;
    struct map         stats; /* path → const struct table_stat * */
    enum fact          fact;
    size_t             leaves; /* seen so far */
};

/* ------------------------------------------------------------------------- values */

static size_t digits_at(str s, size_t at)
{
    size_t n = 0;

    while (at + n < s.len && char_is_digit(s.ptr[at + n])) {
        n++;
    }
    return n;
}

static bool char_at(str s, size_t at, const char *allowed)
{
    return at < s.len && str_find_char(str_of(allowed), s.ptr[at], &(size_t){ 0 });
}

/* Whether the engine's text of a number is one in JSON: "inf" and "nan" are not. */
static bool is_number(str s)
{
    size_t at = char_at(s, 0, "-") ? 1 : 0, n = digits_at(s, at);

    if (n == 0 || (n > 1 && s.ptr[at] == '0')) {
        return false;
    }
    at += n;
    if (char_at(s, at, ".")) {
        n = digits_at(s, ++at);
        at += n;
    }
    if (n > 0 && char_at(s, at, "eE")) {
        at += char_at(s, at + 1, "+-") ? 2 : 1;
        n = digits_at(s, at);
        at += n;
    }
    return n > 0 && at == s.len;
}

/* Whether `s` has the form of `pattern`, where 0 stands for any digit. */
static bool has_form(str s, str pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        if (i >= s.len ||
            (pattern.ptr[i] == '0' ? !char_is_digit(s.ptr[i]) : s.ptr[i] != pattern.ptr[i])) {
            return false;
        }
    }
    return s.len == pattern.len;
}

/* "2026-05-04 07:58:11.5+00" as ISO 8601; of a time without zone the zone is left out. */
static bool time_value(struct writer *w, str s, bool has_zone, str *out)
{
    str day, rest, clock, fraction = STR_NONE;

    if (has_zone && !str_ends(s, S("+00"))) {
        return false;
    }
    s = has_zone ? str_sub(s, 0, s.len - 3) : s;
    if (!str_split(s, ' ', &day, &rest)) {
        return false;
    }
    clock = str_sub(rest, 0, 8);
    if (rest.len > 8) {
        fraction = str_from(rest, 9);
    }
    if (!has_form(day, S("0000-00-00")) || !has_form(clock, S("00:00:00")) ||
        digits_at(fraction, 0) != fraction.len || fraction.len > 6) {
        return false;
    }
    *out = arena_printf(w->cx->arena, STR_FMT "T" STR_FMT "." STR_FMT "%.*s%s", STR_ARG(day),
                        STR_ARG(clock), STR_ARG(fraction),
                        fraction.len < 3 ? (int)(3 - fraction.len) : 0, "000", has_zone ? "Z" : "");
    return true;
}

/* The first characters; what is cut off above is made good by the greatest one. */
static bool text_value(struct writer *w, str s, str *out)
{
    size_t   at = 0;
    uint32_t c  = 0;

    for (size_t n = 0; n < DELTA_STATS_CHARACTERS && at < s.len; n++) {
        str rest = str_from(s, at);

        if (!utf8_next(&rest, &c)) {
            return false;
        }
        at = s.len - rest.len;
    }
    *out = str_sub(s, 0, at);
    if (at < s.len && w->fact == FACT_MAX) {
        *out = arena_printf(w->cx->arena, STR_FMT GREATEST_CHARACTER, STR_ARG(*out));
        return !str_starts(str_from(s, at), S(GREATEST_CHARACTER));
    }
    return true;
}

/* The bound as JSON; false when there is none. */
static bool bound_value(struct writer *w, const struct coltype *t, const struct table_stat *stat,
                        bool *is_text, str *out)
{
    str s = w->fact == FACT_MIN ? stat->min : stat->max;

    if ((t->kind == COLTYPE_FLOAT || t->kind == COLTYPE_DOUBLE) && stat->may_have_nan) {
        return false;
    }
    *is_text = true;
    switch ((int)t->kind) {
    case COLTYPE_FLOAT:
    case COLTYPE_DOUBLE:
    case COLTYPE_TINYINT:
    case COLTYPE_SMALLINT:
    case COLTYPE_INTEGER:
    case COLTYPE_BIGINT:
    case COLTYPE_DECIMAL:
        *is_text = false;
        *out     = s;
        return is_number(s);
    case COLTYPE_DATE: *out = s; return has_form(s, S("0000-00-00"));
    case COLTYPE_TIMESTAMP: return time_value(w, s, false, out);
    case COLTYPE_TIMESTAMP_TZ: return time_value(w, s, true, out);
    case COLTYPE_VARCHAR: return text_value(w, s, out);
    default: return false;
    }
}

/* ------------------------------------------------------------------------- the tree */

static void write_leaf(struct writer *w, str path, str name, const struct coltype *t)
{
    const struct table_stat *stat = map_get(&w->stats, path);
    bool                     is_text;
    str                      value;

    if (w->leaves++ >= DELTA_STATS_COLUMNS || !stat) {
        return;
    }
    if (w->fact == FACT_NULLS) {
        if (stat->has_null_count) {
            json_w_member_u64(&w->w, name, stat->null_count);
        }
    } else if (stat->has_bounds && bound_value(w, t, stat, &is_text, &value)) {
        json_w_key(&w->w, name);
        if (is_text) {
            json_w_str(&w->w, value);
        } else {
            json_w_raw(&w->w, value);
        }
    }
}

/* The statistics of a struct stand under its name, those of its fields below. */
static void write_node(struct writer *w, str path, str name, const struct coltype *t)
{
    if (t->kind != COLTYPE_STRUCT) {
        write_leaf(w, path, name, t);
        return;
    }
    json_w_key(&w->w, name);
    json_w_object_begin(&w->w);
    for (size_t i = 0; i < t->count; i++) {
        str sub =
            arena_printf(w->cx->arena, STR_FMT "\x1f" STR_FMT, STR_ARG(path), STR_ARG(t->names[i]));

        write_node(w, sub, t->names[i], t->children[i]);
    }
    json_w_object_end(&w->w);
}

static enum status write_fact(struct writer *w, const struct table_columns *columns, enum fact fact,
                              str name)
{
    w->fact   = fact;
    w->leaves = 0;
    json_w_key(&w->w, name);
    json_w_object_begin(&w->w);
    for (size_t i = 0; i < columns->list.count && w->leaves < DELTA_STATS_COLUMNS; i++) {
        const struct table_column *c = &columns->list.items[i];
        const struct coltype      *type;

        TRY(coltype_parse(w->cx, c->type, &type));
        write_node(w, c->name, c->name, type);
    }
    json_w_object_end(&w->w);
    return ST_OK;
}

enum status delta_stats_text(struct ctx *cx, const struct table_columns *columns,
                             const struct table_file *file, str *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(STATS_MAX);
    struct writer      w                    = { .cx = cx };
    struct table_stats stats;

    TRY(table_stats_read(cx, file->stats, &stats));
    for (size_t i = 0; i < stats.list.count; i++) {
        (void)map_put(&w.stats, cx->arena, stats.list.items[i].column, &stats.list.items[i]);
    }
    json_w_init(&w.w, &text, JSON_COMPACT);
    json_w_object_begin(&w.w);
    json_w_member_u64(&w.w, S("numRecords"), file->rows);
    TRY(write_fact(&w, columns, FACT_MIN, S("minValues")));
    TRY(write_fact(&w, columns, FACT_MAX, S("maxValues")));
    TRY(write_fact(&w, columns, FACT_NULLS, S("nullCount")));
    json_w_object_end(&w.w);
    return buf_take(&text, cx, "statistics of a file", out);
}
