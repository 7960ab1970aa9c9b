/*
 * arrow.c - format strings and extension names decoded into types.
 *
 * Formats are those of the C data interface page. An engine adds the type it means by the metadata
 * keys ARROW:extension:name and ARROW:extension:metadata: "arrow.uuid", "arrow.bool8", and
 * "arrow.opaque" with a type_name in a small JSON object, which is searched, not parsed: a name that
 * is not one of ours changes nothing.
 */
#include "arrow/arrow.h"

#include <string.h>

void arrow_schema_release(struct ArrowSchema *schema)
{
    if (schema->release) {
        schema->release(schema);
    }
    *schema = (struct ArrowSchema){ 0 };
}

void arrow_array_release(struct ArrowArray *array)
{
    if (array->release) {
        array->release(array);
    }
    *array = (struct ArrowArray){ 0 };
}

struct format_row {
    char              format[5];
    enum arrow_kind   kind;
    enum arrow_layout layout;
    uint32_t          width, unit;
};

/* Formats without arguments. */
static const struct format_row formats[] = {
    { "n", ARROW_NULL, ARROW_FIXED, 0, 0 },      { "b", ARROW_BOOL, ARROW_FIXED, 0, 0 },
    { "c", ARROW_INT, ARROW_FIXED, 1, 0 },       { "C", ARROW_UINT, ARROW_FIXED, 1, 0 },
    { "s", ARROW_INT, ARROW_FIXED, 2, 0 },       { "S", ARROW_UINT, ARROW_FIXED, 2, 0 },
    { "i", ARROW_INT, ARROW_FIXED, 4, 0 },       { "I", ARROW_UINT, ARROW_FIXED, 4, 0 },
    { "l", ARROW_INT, ARROW_FIXED, 8, 0 },       { "L", ARROW_UINT, ARROW_FIXED, 8, 0 },
    { "f", ARROW_FLOAT, ARROW_FIXED, 4, 0 },     { "g", ARROW_FLOAT, ARROW_FIXED, 8, 0 },
    { "u", ARROW_TEXT, ARROW_OFFSET32, 0, 0 },   { "U", ARROW_TEXT, ARROW_OFFSET64, 0, 0 },
    { "vu", ARROW_TEXT, ARROW_VIEW, 0, 0 },      { "z", ARROW_BINARY, ARROW_OFFSET32, 0, 0 },
    { "Z", ARROW_BINARY, ARROW_OFFSET64, 0, 0 }, { "vz", ARROW_BINARY, ARROW_VIEW, 0, 0 },
    { "tdD", ARROW_DATE, ARROW_FIXED, 4, 0 },    { "tts", ARROW_TIME, ARROW_FIXED, 4, 0 },
    { "ttm", ARROW_TIME, ARROW_FIXED, 4, 3 },    { "ttu", ARROW_TIME, ARROW_FIXED, 8, 6 },
    { "ttn", ARROW_TIME, ARROW_FIXED, 8, 9 },    { "tin", ARROW_INTERVAL, ARROW_FIXED, 16, 0 },
    { "+l", ARROW_LIST, ARROW_OFFSET32, 0, 0 },  { "+L", ARROW_LIST, ARROW_OFFSET64, 0, 0 },
    { "+s", ARROW_STRUCT, ARROW_FIXED, 0, 0 },   { "+m", ARROW_MAP, ARROW_OFFSET32, 0, 0 },
};

/* "12,2" or "12,2,64" behind "d:" */
static bool read_decimal(str args, struct arrow_type *out)
{
    uint64_t precision, bits = 128;
    int64_t  scale;
    str      part;

    if (!str_cut(&args, ',', &part) || !str_to_u64(part, &precision)) {
        return false;
    }
    if (!str_cut(&args, ',', &part) || !str_to_i64(part, &scale)) {
        return false;
    }
    if (str_cut(&args, ',', &part) && !str_to_u64(part, &bits)) {
        return false;
    }
    if (precision < 1 || precision > 38 || scale < 0 || scale > (int64_t)precision) {
        return false;
    }
    if (bits != 32 && bits != 64 && bits != 128) {
        return false;
    }
    out->kind      = ARROW_DECIMAL;
    out->width     = (uint32_t)(bits / 8);
    out->precision = (int32_t)precision;
    out->scale     = (int32_t)scale;
    return true;
}

/* "tsu:Etc/UTC" */
static bool read_timestamp(struct arena *a, str format, struct arrow_type *out)
{
    static const char units[] = "smun";
    const char       *unit;

    if (format.len < 4 || format.ptr[3] != ':') {
        return false;
    }
    unit = strchr(units, format.ptr[2]);
    if (!unit) {
        return false;
    }
    out->kind  = ARROW_TIMESTAMP;
    out->width = 8;
    out->unit  = (uint32_t)(unit - units) * 3;
    out->zone  = arena_dup(a, str_from(format, 4));
    return true;
}

/* "0,1,5" behind "+us:": the type codes of the children in order */
static bool read_union_codes(struct arena *a, str codes, size_t count, struct arrow_type *out)
{
    int8_t  *list = arena_array(a, count, sizeof *list);
    str      part;
    uint64_t code;

    for (size_t i = 0; i < count; i++) {
        if (!str_cut(&codes, ',', &part) || !str_to_u64(part, &code) || code > INT8_MAX) {
            return false;
        }
        list[i] = (int8_t)code;
    }
    out->kind        = ARROW_UNION;
    out->union_codes = list;
    return true;
}

static bool read_fixed_width(str digits, enum arrow_kind kind, struct arrow_type *out)
{
    uint64_t width;

    if (!str_to_u64(digits, &width) || width > UINT32_MAX) {
        return false;
    }
    out->kind  = kind;
    out->width = (uint32_t)width;
    return true;
}

static bool read_format(struct arena *a, const struct ArrowSchema *schema, struct arrow_type *out)
{
    str format = str_of(schema->format);

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (str_eq(format, str_of(formats[i].format))) {
            out->kind   = formats[i].kind;
            out->layout = formats[i].layout;
            out->width  = formats[i].width;
            out->unit   = formats[i].unit;
            return true;
        }
    }
    if (str_starts(format, S("d:"))) {
        return read_decimal(str_from(format, 2), out);
    }
    if (str_starts(format, S("ts"))) {
        return read_timestamp(a, format, out);
    }
    if (str_starts(format, S("w:"))) {
        return read_fixed_width(str_from(format, 2), ARROW_BINARY, out);
    }
    if (str_starts(format, S("+w:"))) {
        return read_fixed_width(str_from(format, 3), ARROW_FIXED_LIST, out);
    }
    if (str_starts(format, S("+us:"))) {
        return read_union_codes(a, str_from(format, 4), (size_t)schema->n_children, out);
    }
    return false;
}

/* The next length-prefixed text of the metadata block (int32 of this machine, then the bytes). */
static str metadata_text(const char **cursor)
{
    int32_t len;
    str     text;

    memcpy(&len, *cursor, sizeof len);
    text = (str){ *cursor + sizeof len, len > 0 ? (size_t)len : 0 };
    *cursor += sizeof len + text.len;
    return text;
}

static str metadata_get(const char *metadata, str wanted)
{
    int32_t count;

    if (!metadata) {
        return STR_NONE;
    }
    memcpy(&count, metadata, sizeof count);
    metadata += sizeof count;
    for (int32_t i = 0; i < count; i++) {
        str key   = metadata_text(&metadata);
        str value = metadata_text(&metadata);

        if (str_eq(key, wanted)) {
            return value;
        }
    }
    return STR_NONE;
}

struct opaque_row {
    str             type_name; /* as it stands in the metadata */
    enum arrow_kind storage;   /* what the format must be      */
    uint32_t        width;
    enum arrow_kind kind;
};

static const struct opaque_row opaque_types[] = {
    { STR_INIT("\"type_name\":\"hugeint\""), ARROW_BINARY, 16, ARROW_INT },
    { STR_INIT("\"type_name\":\"uhugeint\""), ARROW_BINARY, 16, ARROW_UINT },
    { STR_INIT("\"type_name\":\"time_tz\""), ARROW_BINARY, 8, ARROW_TIME_TZ },
    { STR_INIT("\"type_name\":\"bignum\""), ARROW_BINARY, 0, ARROW_BIGNUM },
    { STR_INIT("\"type_name\":\"bit\""), ARROW_BINARY, 0, ARROW_BIT },
};

/* What the extension name says about the type; the storage stays as it was read. */
static void read_extension(const struct ArrowSchema *schema, struct arrow_type *out)
{
    str name = metadata_get(schema->metadata, S("ARROW:extension:name"));
    str what = metadata_get(schema->metadata, S("ARROW:extension:metadata"));

    if (str_eq(name, S("arrow.uuid")) && out->kind == ARROW_BINARY && out->width == 16) {
        out->kind = ARROW_UUID;
    } else if (str_eq(name, S("arrow.bool8")) && out->kind == ARROW_INT && out->width == 1) {
        out->kind = ARROW_BOOL;
    } else if (str_eq(name, S("arrow.json"))) {
        out->logical = S("json");
    } else if (str_eq(name, S("geoarrow.wkb"))) {
        out->logical = S("geometry");
    } else if (str_eq(name, S("arrow.opaque"))) {
        for (size_t i = 0; i < COUNT_OF(opaque_types); i++) {
            const struct opaque_row *row = &opaque_types[i];

            if (row->storage == out->kind && row->width == out->width &&
                str_has(what, row->type_name)) {
                out->kind = row->kind;
                return;
            }
        }
    }
}

static bool has_right_children(const struct arrow_type *type, size_t count)
{
    if (type->kind == ARROW_STRUCT || type->kind == ARROW_UNION) {
        return true;
    }
    if (type->kind == ARROW_LIST || type->kind == ARROW_FIXED_LIST || type->kind == ARROW_MAP) {
        return count == 1;
    }
    return count == 0;
}

static enum status read_type(struct ctx *cx, const struct ArrowSchema *schema, unsigned depth,
                             struct arrow_type *out);

static enum status read_children(struct ctx *cx, const struct ArrowSchema *schema, unsigned depth,
                                 struct arrow_type *out)
{
    size_t count = schema->n_children > 0 ? (size_t)schema->n_children : 0;

    if (!has_right_children(out, count)) {
        return FAIL(cx, UNSUPPORTED, "arrow format \"%s\" with %zu children cannot be read",
                    schema->format, count);
    }
    out->children    = arena_array(cx->arena, count, sizeof *out->children);
    out->child_count = count;
    for (size_t i = 0; i < count; i++) {
        TRY(read_type(cx, schema->children[i], depth + 1, &out->children[i]));
    }
    if (out->kind == ARROW_MAP &&
        (out->children[0].kind != ARROW_STRUCT || out->children[0].child_count != 2)) {
        return FAIL(cx, UNSUPPORTED, "arrow map \"" STR_FMT "\" has no entries of key and value",
                    STR_ARG(out->name));
    }
    return ST_OK;
}

static enum status read_type(struct ctx *cx, const struct ArrowSchema *schema, unsigned depth,
                             struct arrow_type *out)
{
    if (depth > ARROW_DEPTH_MAX) {
        return FAIL(cx, LIMIT, "types are nested deeper than %d levels", ARROW_DEPTH_MAX);
    }
    out->name        = arena_dup(cx->arena, str_of(schema->name));
    out->is_nullable = (schema->flags & ARROW_FLAG_NULLABLE) != 0;
    if (!schema->format || !read_format(cx->arena, schema, out)) {
        return FAIL(cx, UNSUPPORTED,
                    "values of arrow format \"%s\" (column \"" STR_FMT
                    "\") cannot be read; cast the column to another type",
                    schema->format ? schema->format : "", STR_ARG(out->name));
    }
    read_extension(schema, out);
    if (schema->dictionary) {
        out->dictionary = ARENA_NEW(cx->arena, struct arrow_type);
        out->logical    = S("enum");
        TRY(read_type(cx, schema->dictionary, depth + 1, out->dictionary));
        if (out->kind != ARROW_INT && out->kind != ARROW_UINT) {
            return FAIL(cx, UNSUPPORTED, "dictionary indexes of format \"%s\" cannot be read",
                        schema->format);
        }
    }
    return read_children(cx, schema, depth, out);
}

enum status arrow_type_read(struct ctx *cx, const struct ArrowSchema *schema,
                            struct arrow_type *out)
{
    struct arrow_type type = { 0 };

    TRY(read_type(cx, schema, 0, &type));
    *out = type;
    return ST_OK;
}
