/*
 * columns.c - columns, their field ids, what is said of them, and the JSON form all is stored in.
 */
#include "table/table.h"

#include "base/map.h"
#include "codec/json.h"
#include "contract/coltype.h"

struct assignment {
    struct ctx           *cx;
    struct map            known; /* path → const struct table_field * */
    struct table_columns *out;
};

static int32_t id_of(struct assignment *a, str path)
{
    const struct table_field *field = map_get(&a->known, path);

    return field ? field->id : ++a->out->last_id;
}

static void remember(struct assignment *a, str path, int32_t id)
{
    struct table_field *field = ARENA_NEW(a->cx->arena, struct table_field);

    *field = (struct table_field){ .path = path, .id = id };
    map_put(&a->known, a->cx->arena, path, field);
}

/* What Parquet calls the children of a nested type. */
static str child_name(const struct coltype *t, size_t index)
{
    if (t->kind == COLTYPE_STRUCT) {
        return t->names[index];
    }
    if (t->kind == COLTYPE_MAP) {
        return index == 0 ? S("key") : S("value");
    }
    return S("element");
}

/* Gives ids to everything below a field; depth is bounded by COLTYPE_DEPTH_MAX. */
static enum status assign_below(struct assignment *a, str path, const struct coltype *t)
{
    size_t children = t->kind == COLTYPE_STRUCT ? t->count
                      : t->kind == COLTYPE_MAP  ? 2
                      : t->kind == COLTYPE_LIST ? 1
                                                : 0;

    if (t->kind == COLTYPE_ARRAY) {
        return FAIL(a->cx, INVALID,
                    "type " STR_FMT " cannot be stored: tables have lists of any length only",
                    STR_ARG(coltype_text(a->cx, t)));
    }

    for (size_t i = 0; i < children; i++) {
        str name = child_name(t, i);
        str sub  = arena_printf(a->cx->arena, STR_FMT "\x1f" STR_FMT, STR_ARG(path), STR_ARG(name));

        if (a->out->nested.count >= TABLE_FIELDS_MAX) {
            return FAIL(a->cx, LIMIT, "a table has more than %d nested fields", TABLE_FIELDS_MAX);
        }
        vec_push(a->cx->arena, &a->out->nested,
                 (struct table_field){ .path = sub, .id = id_of(a, sub) });
        TRY(assign_below(a, sub, t->children[i]));
    }
    return ST_OK;
}

enum status table_assign_ids(struct ctx *cx, const struct table_columns *before,
                             const struct table_shape *shape, size_t count,
                             struct table_columns *out)
{
    struct table_columns made = { .last_id = before ? before->last_id : 0 };
    struct assignment    a    = { .cx = cx, .out = &made };

    for (size_t i = 0; before && i < before->list.count; i++) {
        remember(&a, before->list.items[i].name, before->list.items[i].field_id);
    }
    for (size_t i = 0; before && i < before->nested.count; i++) {
        remember(&a, before->nested.items[i].path, before->nested.items[i].id);
    }
    for (size_t i = 0; i < count; i++) {
        const struct coltype *type;

        TRY(coltype_parse(cx, shape[i].type, &type));
        vec_push(cx->arena, &made.list,
                 (struct table_column){ .name     = shape[i].name,
                                        .type     = shape[i].type,
                                        .field_id = id_of(&a, shape[i].name) });
        TRY(assign_below(&a, shape[i].name, type));
    }
    *out = made;
    return ST_OK;
}

enum status table_columns_text(struct ctx *cx, const struct table_columns *columns, str *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(64U << 20);
    struct json_writer w;

    json_w_init(&w, &text, JSON_COMPACT);
    json_w_object_begin(&w);
    json_w_member_i64(&w, S("last_id"), columns->last_id);
    json_w_key(&w, S("columns"));
    json_w_array_begin(&w);
    for (size_t i = 0; i < columns->list.count; i++) {
        json_w_object_begin(&w);
        json_w_member_i64(&w, S("id"), columns->list.items[i].field_id);
        json_w_member_str(&w, S("name"), columns->list.items[i].name);
        json_w_member_str(&w, S("type"), columns->list.items[i].type);
        json_w_object_end(&w);
    }
    json_w_array_end(&w);
    json_w_key(&w, S("nested"));
    json_w_object_begin(&w);
    for (size_t i = 0; i < columns->nested.count; i++) {
        json_w_member_i64(&w, columns->nested.items[i].path, columns->nested.items[i].id);
    }
    json_w_object_end(&w);
    json_w_object_end(&w);
    return buf_take(&text, cx, "description of columns", out);
}

static enum status not_ours(struct ctx *cx)
{
    return FAIL(cx, CORRUPT, "the columns of a snapshot are not in the form weft writes");
}

/* An id that may have been given: 1 to the last one. */
static bool read_id(const struct json *json, int32_t last_id, int32_t *out)
{
    int64_t id = json_i64_or(json, 0);

    *out = (int32_t)id;
    return id >= 1 && id <= last_id;
}

static bool read_column(const struct json *json, int32_t last_id, struct table_column *out)
{
    out->name = json_text_or(json_get(json, S("name")), S(""));
    out->type = json_text_or(json_get(json, S("type")), S(""));
    return out->name.len > 0 && out->type.len > 0 &&
           read_id(json_get(json, S("id")), last_id, &out->field_id);
}

enum status table_columns_read(struct ctx *cx, str text, struct table_columns *out)
{
    struct table_columns made = { 0 };
    struct json         *root, *list, *nested;
    int64_t              last_id;
    enum status          st = json_read(cx, text, "columns of a snapshot", NULL, &root);

    if (st == ST_INVALID) {
        return not_ours(cx);
    }
    TRY(st);
    list    = json_get(root, S("columns"));
    nested  = json_get(root, S("nested"));
    last_id = json_i64_or(json_get(root, S("last_id")), -1);
    if (!json_is(list, JSON_ARRAY) || !json_is(nested, JSON_OBJECT) || last_id < 0 ||
        last_id > INT32_MAX) {
        return not_ours(cx);
    }
    made.last_id = (int32_t)last_id;
    for (size_t i = 0; i < list->count; i++) {
        struct table_column c;

        if (!read_column(list->items[i], made.last_id, &c)) {
            return not_ours(cx);
        }
        vec_push(cx->arena, &made.list, c);
    }
    for (size_t i = 0; i < nested->count; i++) {
        struct table_field f = { .path = nested->members[i].key };

        if (!read_id(nested->members[i].value, made.last_id, &f.id)) {
            return not_ours(cx);
        }
        vec_push(cx->arena, &made.nested, f);
    }
    *out = made;
    return ST_OK;
}

enum status table_about_text(struct ctx *cx, const struct table_about *about, str *out)
{
    struct buf text    CLEANUP(buf_release) = BUF_INIT(64U << 20);
    struct json_writer w;

    if (about->description.len == 0 && about->notes.count == 0 && about->partitions.count == 0) {
        *out = STR_NONE;
        return ST_OK;
    }
    json_w_init(&w, &text, JSON_COMPACT);
    json_w_object_begin(&w);
    json_w_member_str(&w, S("description"), about->description);
    json_w_key(&w, S("columns"));
    json_w_object_begin(&w);
    for (size_t i = 0; i < about->notes.count; i++) {
        json_w_member_str(&w, about->notes.items[i].path, about->notes.items[i].text);
    }
    json_w_object_end(&w);
    if (about->partitions.count > 0) {
        json_w_key(&w, S("partitions"));
        json_w_array_begin(&w);
        for (size_t i = 0; i < about->partitions.count; i++) {
            json_w_str(&w, about->partitions.items[i]);
        }
        json_w_array_end(&w);
    }
    json_w_object_end(&w);
    return buf_take(&text, cx, "what is said of columns", out);
}

enum status table_about_read(struct ctx *cx, str text, struct table_about *out)
{
    struct table_about made = { 0 };
    struct json       *root, *columns, *partitions;
    enum status        st;

    if (text.len == 0) {
        *out = made;
        return ST_OK;
    }
    st = json_read(cx, text, "what is said of columns", NULL, &root);
    if (st == ST_INVALID) {
        return not_ours(cx);
    }
    TRY(st);
    columns = json_get(root, S("columns"));
    if (!json_is(columns, JSON_OBJECT)) {
        return not_ours(cx);
    }
    made.description = json_text_or(json_get(root, S("description")), S(""));
    for (size_t i = 0; i < columns->count; i++) {
        vec_push(cx->arena, &made.notes,
                 (struct table_note){ columns->members[i].key,
                                      json_text_or(columns->members[i].value, S("")) });
    }
    partitions = json_get(root, S("partitions"));
    for (size_t i = 0; json_is(partitions, JSON_ARRAY) && i < partitions->count; i++) {
        vec_push(cx->arena, &made.partitions, json_text_or(partitions->items[i], S("")));
    }
    *out = made;
    return ST_OK;
}
