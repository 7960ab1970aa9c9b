/*
 * json_read.c - text to tree: yyjson parses, this file bounds, converts and explains.
 *
 * yyjson has no limit of depth or count, so one pass over the text checks both before anything is
 * parsed. Numbers are taken as text and typed here, because nothing of them may be lost.
 */
#include "codec/json.h"

#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "base/map.h"

const struct json_limits json_limits_default = {
    .size_bytes = (size_t)64 << 20,
    .depth      = 512,
    .values     = 4000000,
};

enum { LINEAR_MEMBERS = 16, CHECK_EVERY = 65536 };

/* One reading. */
struct reading {
    struct ctx *cx;
    str         text;
    const char *what;
    size_t      done; /* values converted, for ctx_check */
};

/* ---- memory ---- */

static void *alloc_in_arena(void *arena, size_t size)
{
    return arena_alloc(arena, size);
}

static void *realloc_in_arena(void *arena, void *ptr, size_t old_size, size_t size)
{
    void *moved = arena_alloc(arena, size);

    if (ptr) {
        memcpy(moved, ptr, old_size < size ? old_size : size);
    }
    return moved;
}

static void free_in_arena(void *arena, void *ptr)
{
    (void)arena;
    (void)ptr;
}

/* ---- limits ---- */

static enum status refuse_at(const struct reading *r, enum status code, size_t offset,
                             const char *why)
{
    struct diag_pos pos = diag_pos_at(r->text, offset, 1);

    return err_set(r->cx->err, code, __FILE__, __LINE__, "%s, line %u column %u: %s", r->what,
                   pos.line, pos.column, why);
}

static enum status refuse_limit(const struct reading *r, size_t offset, const char *what,
                                size_t limit)
{
    char why[96];

    snprintf(why, sizeof why, "%s is over the limit of %zu", what, limit);
    return refuse_at(r, ST_LIMIT, offset, why);
}

/* What check_shape knows behind one byte. */
struct shape {
    size_t depth, values;
    bool   is_string;
    bool is_opened; /* the last token was "[" or "{": a value follows, or the container is empty */
};

static void see(struct shape *s, char c)
{
    bool is_space = c == ' ' || c == '\n' || c == '\t' || c == '\r';

    if (s->is_opened && !is_space) {
        s->values += c != ']' && c != '}';
        s->is_opened = false;
    }
    if (c == '[' || c == '{') {
        s->depth++;
        s->is_opened = true;
    } else if (c == ']' || c == '}') {
        s->depth -= s->depth > 0;
    } else if (c == ',') {
        s->values++;
    } else if (c == '"') {
        s->is_string = true;
    }
}

/*
 * Depth and count by brackets and commas outside strings. A text that is not JSON may be counted
 * wrongly, but never under what yyjson would build from it before it stops.
 */
static enum status check_shape(const struct reading *r, const struct json_limits *limits)
{
    struct shape s = { .values = 1 };

    for (size_t i = 0; i < r->text.len; i++) {
        char c = r->text.ptr[i];

        if (s.is_string) {
            while (i < r->text.len && r->text.ptr[i] != '"') {
                i += r->text.ptr[i] == '\\' ? 2 : 1;
            }
            s.is_string = false;
            continue;
        }
        see(&s, c);
        if (s.depth > limits->depth) {
            return refuse_limit(r, i, "depth", limits->depth);
        }
        if (s.values > limits->values) {
            return refuse_limit(r, i, "the number of values", limits->values);
        }
    }
    return ST_OK;
}

/* ---- converting ---- */

static enum status convert(struct reading *r, yyjson_val *in, struct json **out);

static bool is_integer_text(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!char_is_digit(text.ptr[i]) && !(i == 0 && text.ptr[i] == '-')) {
            return false;
        }
    }
    return !str_eq(text, S("-0"));
}

static enum status convert_number(struct reading *r, str raw, struct json **out)
{
    struct arena   *a = r->cx->arena;
    yyjson_read_err err;
    yyjson_val      number;
    int64_t         i64;
    uint64_t        u64;
    char           *text;

    if (is_integer_text(raw)) {
        if (str_to_i64(raw, &i64)) {
            *out = json_new_i64(a, i64);
            return ST_OK;
        }
        if (str_to_u64(raw, &u64)) {
            *out = json_new_u64(a, u64);
            return ST_OK;
        }
    }
    text = arena_cstr(a, raw);
    if (!yyjson_read_number(text, &number, 0, NULL, &err)) {
        return FAIL(r->cx, INVALID, "%s: number \"" STR_FMT "\" is out of range for a double",
                    r->what, STR_ARG(str_sub(raw, 0, 40)));
    }
    *out         = json_new_double(a, yyjson_get_num(&number));
    (*out)->text = (str){ text, raw.len };
    if (str_eq(raw, S("-0"))) {
        (*out)->real = -0.0;
    }
    return ST_OK;
}

static enum status convert_array(struct reading *r, yyjson_val *in, struct json **out)
{
    struct json *array = json_new_array(r->cx->arena);
    size_t       count = yyjson_arr_size(in), index, max;
    yyjson_val  *item;

    array->items = arena_array(r->cx->arena, count, sizeof(struct json *));
    array->cap   = count;
    yyjson_arr_foreach(in, index, max, item)
    {
        TRY(convert(r, item, &array->items[index]));
        array->count++;
    }
    *out = array;
    return ST_OK;
}

/* The first key that stands twice; quadratic for small objects, by a map for large ones. */
static bool find_duplicate(struct arena *a, const struct json *object, str *out)
{
    struct map seen = { 0 };

    for (size_t i = 0; i < object->count; i++) {
        str key = object->members[i].key;

        if (object->count > LINEAR_MEMBERS) {
            if (map_put(&seen, a, key, object->members[i].value)) {
                *out = key;
                return true;
            }
            continue;
        }
        for (size_t k = 0; k < i; k++) {
            if (str_eq(object->members[k].key, key)) {
                *out = key;
                return true;
            }
        }
    }
    return false;
}

static enum status convert_object(struct reading *r, yyjson_val *in, struct json **out)
{
    struct json *object = json_new_object(r->cx->arena);
    size_t       count  = yyjson_obj_size(in), index, max;
    yyjson_val  *key, *value;
    str          twice;

    object->members = arena_array(r->cx->arena, count, sizeof *object->members);
    object->cap     = count;
    yyjson_obj_foreach(in, index, max, key, value)
    {
        object->members[index].key = (str){ yyjson_get_str(key), yyjson_get_len(key) };
        TRY(convert(r, value, &object->members[index].value));
        object->count++;
    }
    if (find_duplicate(r->cx->arena, object, &twice)) {
        return FAIL(r->cx, INVALID, "%s: key \"" STR_FMT "\" stands twice in one object", r->what,
                    STR_ARG(str_sub(twice, 0, 100)));
    }
    *out = object;
    return ST_OK;
}

/* Recursion is bounded: check_shape has refused deeper texts. */
static enum status convert(struct reading *r, yyjson_val *in, struct json **out)
{
    struct arena *a = r->cx->arena;

    if (++r->done % CHECK_EVERY == 0) {
        TRY(ctx_check(r->cx));
    }
    switch (yyjson_get_type(in)) {
    case YYJSON_TYPE_NULL: *out = json_new_null(a); return ST_OK;
    case YYJSON_TYPE_BOOL: *out = json_new_bool(a, yyjson_get_bool(in)); return ST_OK;
    case YYJSON_TYPE_RAW:
        return convert_number(r, (str){ yyjson_get_raw(in), yyjson_get_len(in) }, out);
    case YYJSON_TYPE_STR:
        *out = json_new_str(a, (str){ yyjson_get_str(in), yyjson_get_len(in) });
        return ST_OK;
    case YYJSON_TYPE_ARR: return convert_array(r, in, out);
    case YYJSON_TYPE_OBJ: return convert_object(r, in, out);
    default: BUG("json_read: yyjson gave a type that it was not asked for");
    }
}

enum status json_read(struct ctx *cx, str text, const char *what, const struct json_limits *limits,
                      struct json **out)
{
    struct reading   r   = { .cx = cx, .text = text, .what = what };
    const yyjson_alc alc = { alloc_in_arena, realloc_in_arena, free_in_arena, cx->arena };
    yyjson_read_err  err;
    yyjson_doc      *doc;
    struct json     *made;

    limits = limits ? limits : &json_limits_default;
    if (text.len > limits->size_bytes) {
        return FAIL(cx, LIMIT, "%s: size of %zu bytes is over the limit of %zu", what, text.len,
                    limits->size_bytes);
    }
    TRY(check_shape(&r, limits));
    /* Without YYJSON_READ_INSITU the text is copied, so it is not written to. */
    doc = yyjson_read_opts(unconst(text.len ? text.ptr : " "), text.len ? text.len : 1,
                           YYJSON_READ_NUMBER_AS_RAW, &alc, &err);
    if (!doc) {
        return refuse_at(&r, ST_INVALID, err.pos, err.msg);
    }
    TRY(convert(&r, yyjson_doc_get_root(doc), &made));
    *out = made;
    return ST_OK;
}
