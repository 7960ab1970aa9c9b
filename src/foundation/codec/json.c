/*
 * json.c - the JSON tree: looking, making, changing, comparing.
 *
 * Containers grow by doubling and leave the old block to the arena. Members are searched in order:
 * objects of documents and requests are small, and the order must stay.
 */
#include "codec/json.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { FIRST_CAP = 4 };

/* ---- looking ---- */

bool json_is(const struct json *v, enum json_kind kind)
{
    return v && v->kind == kind;
}

static struct json_member *find_member(const struct json *object, str key)
{
    if (!json_is(object, JSON_OBJECT)) {
        return NULL;
    }
    for (size_t i = 0; i < object->count; i++) {
        if (str_eq(object->members[i].key, key)) {
            return &object->members[i];
        }
    }
    return NULL;
}

struct json *json_get(const struct json *object, str key)
{
    const struct json_member *member = find_member(object, key);

    return member ? member->value : NULL;
}

struct json *json_item(const struct json *array, size_t index)
{
    return json_is(array, JSON_ARRAY) && index < array->count ? array->items[index] : NULL;
}

/* RFC 6901: "~1" stands for "/", "~0" for "~". Compares without building the unescaped key. */
static bool step_is(str step, str key)
{
    size_t at = 0;

    for (size_t i = 0; i < step.len; i++, at++) {
        char c = step.ptr[i];

        if (c == '~' && i + 1 < step.len && (step.ptr[i + 1] == '0' || step.ptr[i + 1] == '1')) {
            c = step.ptr[++i] == '0' ? '~' : '/';
        }
        if (at >= key.len || key.ptr[at] != c) {
            return false;
        }
    }
    return at == key.len;
}

static struct json *step_into(const struct json *v, str step)
{
    uint64_t index;

    if (json_is(v, JSON_ARRAY)) {
        bool has_index = str_to_u64(step, &index) && (step.len == 1 || step.ptr[0] != '0');
        return has_index && index < v->count ? v->items[index] : NULL;
    }
    if (json_is(v, JSON_OBJECT)) {
        for (size_t i = 0; i < v->count; i++) {
            if (step_is(step, v->members[i].key)) {
                return v->members[i].value;
            }
        }
    }
    return NULL;
}

struct json *json_path(const struct json *root, str pointer)
{
    const struct json *at = root;
    str                rest, step;

    if (pointer.len == 0) {
        return unconst(root);
    }
    if (pointer.ptr[0] != '/') {
        return NULL;
    }
    rest = (str){ pointer.ptr + 1,
                  pointer.len - 1 }; /* str_from would end "/" before its empty step */
    while (at && str_cut(&rest, '/', &step)) {
        at = step_into(at, step);
    }
    return unconst(at);
}

str json_text_or(const struct json *v, str otherwise)
{
    return json_is(v, JSON_STRING) ? v->text : otherwise;
}

bool json_truth_or(const struct json *v, bool otherwise)
{
    return json_is(v, JSON_BOOL) ? v->truth : otherwise;
}

int64_t json_i64_or(const struct json *v, int64_t otherwise)
{
    return json_is(v, JSON_I64) ? v->i64 : otherwise;
}

bool json_number(const struct json *v, double *out)
{
    if (json_is(v, JSON_I64)) {
        *out = (double)v->i64;
    } else if (json_is(v, JSON_U64)) {
        *out = (double)v->u64;
    } else if (json_is(v, JSON_DOUBLE)) {
        *out = v->real;
    } else {
        return false;
    }
    return true;
}

/* ---- making ---- */

static struct json *make(struct arena *a, enum json_kind kind)
{
    struct json *v = ARENA_NEW(a, struct json);

    v->kind = kind;
    return v;
}

struct json *json_new_null(struct arena *a)
{
    return make(a, JSON_NULL);
}

struct json *json_new_bool(struct arena *a, bool truth)
{
    struct json *v = make(a, JSON_BOOL);

    v->truth = truth;
    return v;
}

struct json *json_new_i64(struct arena *a, int64_t value)
{
    struct json *v = make(a, JSON_I64);

    v->i64 = value;
    return v;
}

struct json *json_new_u64(struct arena *a, uint64_t value)
{
    struct json *v;

    if (value <= INT64_MAX) {
        return json_new_i64(a, (int64_t)value);
    }
    v      = make(a, JSON_U64);
    v->u64 = value;
    return v;
}

struct json *json_new_double(struct arena *a, double value)
{
    struct json *v = make(a, JSON_DOUBLE);

    v->real = value;
    return v;
}

struct json *json_new_str(struct arena *a, str text)
{
    struct json *v = make(a, JSON_STRING);

    v->text = text;
    return v;
}

struct json *json_new_array(struct arena *a)
{
    return make(a, JSON_ARRAY);
}

struct json *json_new_object(struct arena *a)
{
    return make(a, JSON_OBJECT);
}

/* ---- changing ---- */

/* Room for one more element of `size` bytes in a container's block. */
static void *grow(struct arena *a, struct json *v, void *block, size_t size)
{
    void *wider;

    if (v->count < v->cap) {
        return block;
    }
    v->cap = v->cap ? v->cap * 2 : FIRST_CAP;
    wider  = arena_array(a, v->cap, size);
    if (v->count) {
        memcpy(wider, block, v->count * size);
    }
    return wider;
}

void json_set(struct arena *a, struct json *object, str key, struct json *value)
{
    struct json_member *member = find_member(object, key);

    assert(json_is(object, JSON_OBJECT) && value);
    if (member) {
        member->value = value;
        return;
    }
    object->members                  = grow(a, object, object->members, sizeof *object->members);
    object->members[object->count++] = (struct json_member){ .key = key, .value = value };
}

struct json *json_remove(struct json *object, str key)
{
    struct json_member *member = find_member(object, key);
    struct json        *value;
    size_t              at;

    if (!member) {
        return NULL;
    }
    value = member->value;
    at    = (size_t)(member - object->members);
    memmove(member, member + 1, (object->count - at - 1) * sizeof *member);
    object->count--;
    return value;
}

void json_insert(struct arena *a, struct json *array, size_t index, struct json *value)
{
    assert(json_is(array, JSON_ARRAY) && value && index <= array->count);
    array->items = grow(a, array, array->items, sizeof(struct json *));
    memmove(&array->items[index + 1], &array->items[index],
            (array->count - index) * sizeof(struct json *));
    array->items[index] = value;
    array->count++;
}

void json_append(struct arena *a, struct json *array, struct json *value)
{
    json_insert(a, array, array->count, value);
}

struct json *json_remove_at(struct json *array, size_t index)
{
    struct json *value = json_item(array, index);

    if (value) {
        memmove(&array->items[index], &array->items[index + 1],
                (array->count - index - 1) * sizeof(struct json *));
        array->count--;
    }
    return value;
}

struct json *json_dup(struct arena *a, const struct json *v)
{
    struct json *copy = ARENA_NEW(a, struct json);

    *copy = *v;
    if (v->kind == JSON_STRING || v->kind == JSON_DOUBLE) {
        copy->text = arena_dup(a, v->text);
    } else if (v->kind == JSON_ARRAY) {
        copy->cap   = v->count;
        copy->items = arena_array(a, v->count, sizeof(struct json *));
        for (size_t i = 0; i < v->count; i++) {
            copy->items[i] = json_dup(a, v->items[i]);
        }
    } else if (v->kind == JSON_OBJECT) {
        copy->cap     = v->count;
        copy->members = arena_array(a, v->count, sizeof *copy->members);
        for (size_t i = 0; i < v->count; i++) {
            copy->members[i].key   = arena_dup(a, v->members[i].key);
            copy->members[i].value = json_dup(a, v->members[i].value);
        }
    }
    return copy;
}

/* ---- comparing ---- */

static bool is_ignored(const struct json_ignore *ignore, str key)
{
    for (size_t i = 0; ignore && i < ignore->count; i++) {
        if (str_eq(ignore->names[i], key)) {
            return true;
        }
    }
    return false;
}

static size_t count_compared(const struct json *object, const struct json_ignore *ignore)
{
    size_t count = 0;

    for (size_t i = 0; i < object->count; i++) {
        count += !is_ignored(ignore, object->members[i].key);
    }
    return count;
}

static bool objects_equal(const struct json *a, const struct json *b,
                          const struct json_ignore *ignore)
{
    if (count_compared(a, ignore) != count_compared(b, ignore)) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct json_member *mine = &a->members[i];
        const struct json        *theirs;

        if (is_ignored(ignore, mine->key)) {
            continue;
        }
        /* Trees of one printer have one order: look at the same place first. */
        theirs = i < b->count && str_eq(b->members[i].key, mine->key) ? b->members[i].value
                                                                      : json_get(b, mine->key);
        if (!theirs || !json_equal(mine->value, theirs, ignore)) {
            return false;
        }
    }
    return true;
}

static bool arrays_equal(const struct json *a, const struct json *b,
                         const struct json_ignore *ignore)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!json_equal(a->items[i], b->items[i], ignore)) {
            return false;
        }
    }
    return true;
}

static bool doubles_equal(double a, double b)
{
    if (isnan(a) || isnan(b)) {
        return isnan(a) && isnan(b);
    }
    return !(a < b) && !(a > b) && signbit(a) == signbit(b);
}

bool json_equal(const struct json *a, const struct json *b, const struct json_ignore *ignore)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case JSON_NULL: return true;
    case JSON_BOOL: return a->truth == b->truth;
    case JSON_I64: return a->i64 == b->i64;
    case JSON_U64: return a->u64 == b->u64;
    case JSON_DOUBLE: return doubles_equal(a->real, b->real);
    case JSON_STRING: return str_eq(a->text, b->text);
    case JSON_ARRAY: return arrays_equal(a, b, ignore);
    case JSON_OBJECT: return objects_equal(a, b, ignore);
    }
    BUG("json_equal: no such kind");
}
