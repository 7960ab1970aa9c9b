/*
 * json_canonical.c - RFC 8785, the JSON Canonicalization Scheme.
 *
 * The compact writer already escapes and prints doubles as the scheme asks; what is left is the
 * order of members, and refusing what has no canonical form.
 */
#include "codec/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/*
 * Order by UTF-16 code units (RFC 8785 3.2.3). It differs from the order of code points only where
 * a surrogate pair (first unit D800…DBFF) meets U+E000…U+FFFF: the pair comes first.
 */
static uint32_t first_unit(uint32_t code_point)
{
    return code_point < 0x10000 ? code_point : 0xD800 + ((code_point - 0x10000) >> 10);
}

static int compare_keys(str a, str b)
{
    uint32_t x = 0, y = 0;

    while (utf8_next(&a, &x) && utf8_next(&b, &y)) {
        if (x != y) {
            uint32_t left = first_unit(x), right = first_unit(y);

            if (left == right) { /* two pairs: the second units are ordered as the code points */
                return x < y ? -1 : 1;
            }
            return left < right ? -1 : 1;
        }
        x = y = 0;
    }
    /* One is a prefix of the other: compare_members looks at the lengths. */
    return 0;
}

static int compare_members(const void *left, const void *right)
{
    const struct json_member *a = left, *b = right;
    int                       order = compare_keys(a->key, b->key);

    if (order != 0) {
        return order;
    }
    return a->key.len < b->key.len ? -1 : a->key.len > b->key.len;
}

static enum status put_tree(struct ctx *cx, struct json_writer *w, const struct json *v);

static enum status put_key_checked(struct ctx *cx, struct json_writer *w, str key)
{
    size_t at;

    if (!utf8_is_valid(key, &at)) {
        return FAIL(cx, INVALID, "canonical JSON: a key is not UTF-8 at byte %zu", at);
    }
    json_w_key(w, key);
    return ST_OK;
}

static enum status put_object(struct ctx *cx, struct json_writer *w, const struct json *v)
{
    struct json_member *sorted = arena_array(cx->arena, v->count, sizeof *sorted);

    if (v->count) {
        memcpy(sorted, v->members, v->count * sizeof *sorted);
        qsort(sorted, v->count, sizeof *sorted, compare_members);
    }
    json_w_object_begin(w);
    for (size_t i = 0; i < v->count; i++) {
        if (i > 0 && str_eq(sorted[i - 1].key, sorted[i].key)) {
            return FAIL(cx, INVALID, "canonical JSON: key \"" STR_FMT "\" stands twice",
                        STR_ARG(sorted[i].key));
        }
        TRY(put_key_checked(cx, w, sorted[i].key));
        TRY(put_tree(cx, w, sorted[i].value));
    }
    json_w_object_end(w);
    return ST_OK;
}

/*
 * An integer is written when the double nearest to it prints the same digits: so up to 2^53 each is,
 * and of larger ones those that canonical text can hold (it is what a large double was written as).
 */
static enum status put_integer(struct ctx *cx, struct json_writer *w, const struct json *v)
{
    char   exact[JSON_NUMBER_ROOM], room[JSON_NUMBER_ROOM];
    double nearest = 0;
    int    len     = v->kind == JSON_I64
                         ? snprintf(exact, sizeof exact, "%lld", (long long)v->i64)
                         : snprintf(exact, sizeof exact, "%llu", (unsigned long long)v->u64);

    json_number(v, &nearest);
    if (!str_eq(json_number_text(nearest, room), (str){ exact, (size_t)len })) {
        return FAIL(cx, INVALID,
                    "canonical JSON: integer %s is beyond 2^53 and no double; write it as a string",
                    exact);
    }
    json_w_raw(w, (str){ exact, (size_t)len });
    return ST_OK;
}

static enum status put_tree(struct ctx *cx, struct json_writer *w, const struct json *v)
{
    size_t at;

    switch (v->kind) {
    case JSON_NULL:
    case JSON_BOOL: json_w_tree(w, v); return ST_OK;
    case JSON_I64:
    case JSON_U64: return put_integer(cx, w, v);
    case JSON_DOUBLE:
        if (!isfinite(v->real)) {
            return FAIL(cx, INVALID, "canonical JSON: NaN and infinity have no form");
        }
        json_w_double(w, v->real);
        return ST_OK;
    case JSON_STRING:
        if (!utf8_is_valid(v->text, &at)) {
            return FAIL(cx, INVALID, "canonical JSON: a string is not UTF-8 at byte %zu", at);
        }
        json_w_str(w, v->text);
        return ST_OK;
    case JSON_ARRAY:
        json_w_array_begin(w);
        for (size_t i = 0; i < v->count; i++) {
            TRY(put_tree(cx, w, v->items[i]));
        }
        json_w_array_end(w);
        return ST_OK;
    case JSON_OBJECT: return put_object(cx, w, v);
    }
    BUG("json_canonical: no such kind");
}

enum status json_canonical(struct ctx *cx, const struct json *v, str *out)
{
    CLEANUP(buf_release) struct buf text = BUF_INIT(JSON_WRITE_MAX_BYTES);
    struct json_writer              w;

    json_w_init(&w, &text, JSON_COMPACT);
    TRY(put_tree(cx, &w, v));
    return buf_take(&text, cx, "canonical JSON", out);
}
