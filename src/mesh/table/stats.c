/*
 * stats.c - the engine's file statistics, kept as the JSON of a map of maps:
 * [{"key": "\"column\"", "value": [{"key": "min", "value": "1"}, …]}, …]
 */
#include "table/stats.h"

#include "codec/json.h"

/* One quoted part of a path, `"a""b"`, from *at on; its name is added to `name` at *len. */
static bool unquote_part(str path, size_t *at, char *name, size_t *len)
{
    if (*at >= path.len || path.ptr[*at] != '"') {
        return false;
    }
    for (++*at; *at < path.len; ++*at) {
        if (path.ptr[*at] != '"') {
            name[(*len)++] = path.ptr[*at];
        } else if (*at + 1 < path.len && path.ptr[*at + 1] == '"') {
            name[(*len)++] = '"';
            ++*at;
        } else {
            ++*at;
            return true;
        }
    }
    return false;
}

/* `"a""b"."c"` to the path of a field; a name without quotes is that of a column. */
static bool unquote(struct arena *a, str path, str *out)
{
    char  *name = arena_alloc(a, path.len + 1);
    size_t len = 0, at = 0;

    if (path.len < 2 || path.ptr[0] != '"') {
        *out = path;
        return !str_has(path, S("."));
    }
    for (;;) {
        if (!unquote_part(path, &at, name, &len)) {
            return false;
        }
        if (at == path.len) {
            *out = (str){ name, len };
            return true;
        }
        if (path.ptr[at++] != '.') {
            return false;
        }
        name[len++] = '\x1f';
    }
}

static void read_fact(struct table_stat *s, str key, str value, bool *has_min, bool *has_max)
{
    if (str_eq(key, S("null_count"))) {
        s->has_null_count = str_to_u64(value, &s->null_count);
    } else if (str_eq(key, S("min"))) {
        s->min   = value;
        *has_min = true;
    } else if (str_eq(key, S("max"))) {
        s->max   = value;
        *has_max = true;
    } else if (str_eq(key, S("has_nan"))) {
        s->may_have_nan = !str_eq(value, S("false"));
    }
}

static bool read_column(struct ctx *cx, const struct json *entry, struct table_stat *out)
{
    struct table_stat  s       = { .may_have_nan = true };
    const struct json *facts   = json_get(entry, S("value"));
    bool               has_min = false, has_max = false;

    if (!unquote(cx->arena, json_text_or(json_get(entry, S("key")), S("")), &s.column)) {
        return false;
    }
    for (size_t i = 0; json_is(facts, JSON_ARRAY) && i < facts->count; i++) {
        const struct json *fact = facts->items[i];

        read_fact(&s, json_text_or(json_get(fact, S("key")), S("")),
                  json_text_or(json_get(fact, S("value")), S("")), &has_min, &has_max);
    }
    s.has_bounds = has_min && has_max;
    *out         = s;
    return true;
}

enum status table_stats_read(struct ctx *cx, str json, struct table_stats *out)
{
    struct table_stats made = { 0 };
    struct json       *root;
    enum status        st = json_read(cx, json, "statistics of a file", NULL, &root);

    if (st != ST_OK && st != ST_INVALID) {
        return st;
    }
    if (st == ST_OK && json_is(root, JSON_OBJECT) && root->count == 0) {
        *out = made;
        return ST_OK;
    }
    if (st != ST_OK || !json_is(root, JSON_ARRAY)) {
        return FAIL(cx, CORRUPT, "the statistics of a file are not in the form weft writes");
    }
    for (size_t i = 0; i < root->count; i++) {
        struct table_stat s;

        if (read_column(cx, root->items[i], &s)) {
            vec_push(cx->arena, &made.list, s);
        }
    }
    *out = made;
    return ST_OK;
}
