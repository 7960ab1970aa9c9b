/*
 * delta_schema.c - columns as a Delta schema, and what they ask of readers.
 *
 * Every field is nullable, as it is in the files: a required column is proved by checks before each
 * publish, and a reader that trusted it would misread the files from before the column was there.
 */
#include "table/delta_int.h"

#include "base/map.h"
#include "contract/coltype.h"

enum { SCHEMA_MAX = 64 << 20 };

/* Names of fields that hold one of these need column mapping (PROTOCOL.md, Column Mapping). */
#define ODD_CHARACTERS " ,;{}()\n\t="

struct schema {
    struct ctx        *cx;
    struct json_writer w;
    struct map         ids;   /* path → const struct table_field * */
    struct map         notes; /* path → const struct table_note *  */
    unsigned           features;
};

static const str primitives[] = {
    [COLTYPE_BOOLEAN]      = STR_INIT("boolean"),
    [COLTYPE_TINYINT]      = STR_INIT("byte"),
    [COLTYPE_SMALLINT]     = STR_INIT("short"),
    [COLTYPE_INTEGER]      = STR_INIT("integer"),
    [COLTYPE_BIGINT]       = STR_INIT("long"),
    [COLTYPE_FLOAT]        = STR_INIT("float"),
    [COLTYPE_DOUBLE]       = STR_INIT("double"),
    [COLTYPE_VARCHAR]      = STR_INIT("string"),
    [COLTYPE_BLOB]         = STR_INIT("binary"),
    [COLTYPE_DATE]         = STR_INIT("date"),
    [COLTYPE_TIMESTAMP]    = STR_INIT("timestamp_ntz"),
    [COLTYPE_TIMESTAMP_TZ] = STR_INIT("timestamp"),
};

static bool is_odd(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (str_find_char(S(ODD_CHARACTERS), name.ptr[i], &(size_t){ 0 })) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------------- features */

static enum status type_features(struct ctx *cx, const struct coltype *t, unsigned *out)
{
    bool is_nested = t->kind == COLTYPE_STRUCT || t->kind == COLTYPE_LIST || t->kind == COLTYPE_MAP;

    if (!is_nested && t->kind != COLTYPE_DECIMAL &&
        ((size_t)t->kind >= COUNT_OF(primitives) || primitives[t->kind].len == 0)) {
        return FAIL(cx, UNSUPPORTED, "a Delta table cannot have type " STR_FMT,
                    STR_ARG(coltype_text(cx, t)));
    }
    *out |= t->kind == COLTYPE_TIMESTAMP ? DELTA_TIMESTAMP_NTZ : 0U;
    for (size_t i = 0; is_nested && i < t->count; i++) {
        if (t->kind == COLTYPE_STRUCT && is_odd(t->names[i])) {
            *out |= DELTA_COLUMN_MAPPING;
        }
        TRY(type_features(cx, t->children[i], out));
    }
    return ST_OK;
}

enum status delta_features(struct ctx *cx, const struct table_columns *columns, unsigned *out)
{
    unsigned made = 0;

    for (size_t i = 0; i < columns->list.count; i++) {
        const struct coltype *type;

        TRY(coltype_parse(cx, columns->list.items[i].type, &type));
        TRY(type_features(cx, type, &made));
        made |= is_odd(columns->list.items[i].name) ? DELTA_COLUMN_MAPPING : 0U;
    }
    *out = made;
    return ST_OK;
}

/* ------------------------------------------------------------------------- schema */

static str below(const struct schema *s, str path, str name)
{
    return arena_printf(s->cx->arena, STR_FMT "\x1f" STR_FMT, STR_ARG(path), STR_ARG(name));
}

static void write_type(struct schema *s, str path, const struct coltype *t);

static void write_field(struct schema *s, str path, str name, int32_t id, const struct coltype *t)
{
    const struct table_note *note = map_get(&s->notes, path);

    json_w_object_begin(&s->w);
    json_w_member_str(&s->w, S("name"), name);
    json_w_key(&s->w, S("type"));
    write_type(s, path, t);
    json_w_member_bool(&s->w, S("nullable"), true);
    json_w_key(&s->w, S("metadata"));
    json_w_object_begin(&s->w);
    if (note && note->text.len > 0) {
        json_w_member_str(&s->w, S("comment"), note->text);
    }
    if (s->features & DELTA_COLUMN_MAPPING) {
        json_w_member_i64(&s->w, S("delta.columnMapping.id"), id);
        json_w_member_str(&s->w, S("delta.columnMapping.physicalName"), name);
    }
    json_w_object_end(&s->w);
    json_w_object_end(&s->w);
}

static void write_struct(struct schema *s, str path, const struct coltype *t)
{
    json_w_object_begin(&s->w);
    json_w_member_str(&s->w, S("type"), S("struct"));
    json_w_key(&s->w, S("fields"));
    json_w_array_begin(&s->w);
    for (size_t i = 0; i < t->count; i++) {
        str                       sub   = below(s, path, t->names[i]);
        const struct table_field *field = map_get(&s->ids, sub);

        write_field(s, sub, t->names[i], field ? field->id : 0, t->children[i]);
    }
    json_w_array_end(&s->w);
    json_w_object_end(&s->w);
}

static void write_list(struct schema *s, str path, const struct coltype *t)
{
    json_w_object_begin(&s->w);
    json_w_member_str(&s->w, S("type"), S("array"));
    json_w_key(&s->w, S("elementType"));
    write_type(s, below(s, path, S("element")), t->children[0]);
    json_w_member_bool(&s->w, S("containsNull"), true);
    json_w_object_end(&s->w);
}

static void write_map(struct schema *s, str path, const struct coltype *t)
{
    json_w_object_begin(&s->w);
    json_w_member_str(&s->w, S("type"), S("map"));
    json_w_key(&s->w, S("keyType"));
    write_type(s, below(s, path, S("key")), t->children[0]);
    json_w_key(&s->w, S("valueType"));
    write_type(s, below(s, path, S("value")), t->children[1]);
    json_w_member_bool(&s->w, S("valueContainsNull"), true);
    json_w_object_end(&s->w);
}

/* Types were looked at by delta_features; depth is bounded by COLTYPE_DEPTH_MAX. */
static void write_type(struct schema *s, str path, const struct coltype *t)
{
    switch ((int)t->kind) {
    case COLTYPE_STRUCT: write_struct(s, path, t); break;
    case COLTYPE_LIST: write_list(s, path, t); break;
    case COLTYPE_MAP: write_map(s, path, t); break;
    case COLTYPE_DECIMAL:
        json_w_str(&s->w, arena_printf(s->cx->arena, "decimal(%u,%u)", t->width, t->scale));
        break;
    default: json_w_str(&s->w, primitives[t->kind]); break;
    }
}

enum status delta_schema_text(struct ctx *cx, const struct table_columns *columns,
                              const struct table_about *about, unsigned features, str *out)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(SCHEMA_MAX);
    struct schema   s                    = { .cx = cx, .features = features };

    for (size_t i = 0; i < columns->nested.count; i++) {
        (void)map_put(&s.ids, cx->arena, columns->nested.items[i].path, &columns->nested.items[i]);
    }
    for (size_t i = 0; i < about->notes.count; i++) {
        (void)map_put(&s.notes, cx->arena, about->notes.items[i].path, &about->notes.items[i]);
    }
    json_w_init(&s.w, &text, JSON_COMPACT);
    json_w_object_begin(&s.w);
    json_w_member_str(&s.w, S("type"), S("struct"));
    json_w_key(&s.w, S("fields"));
    json_w_array_begin(&s.w);
    for (size_t i = 0; i < columns->list.count; i++) {
        const struct table_column *c = &columns->list.items[i];
        const struct coltype      *type;

        TRY(coltype_parse(cx, c->type, &type));
        write_field(&s, c->name, c->name, c->field_id, type);
    }
    json_w_array_end(&s.w);
    json_w_object_end(&s.w);
    return buf_take(&text, cx, "the schema of a Delta table", out);
}
