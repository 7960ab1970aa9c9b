/*
 * types.c - the types a person's SQL and our columns may have.
 *
 * A type text is read by a small grammar of its own, so it can neither name a user type nor carry
 * anything else into SQL:
 *
 *     type  := base suffix*            suffix := "[" digits? "]"
 *     base  := NAME | DECIMAL(p[,s]) | VARCHAR(n) | STRUCT(name type, ...) | UNION(name type, ...)
 *              | MAP(type, type)
 */
#include "guard/guard_int.h"

enum { TYPE_DEPTH_MAX = 32, TYPE_FIELDS_MAX = 1000, TYPE_TEXT_MAX = 65536 };

/* What a person writes, and the engine's id for it; the ids alone are the allow-list of trees. */
static const struct {
    str name, id;
} names[] = {
    { STR_INIT("BOOLEAN"), STR_INIT("BOOLEAN") },
    { STR_INIT("TINYINT"), STR_INIT("TINYINT") },
    { STR_INIT("SMALLINT"), STR_INIT("SMALLINT") },
    { STR_INIT("INTEGER"), STR_INIT("INTEGER") },
    { STR_INIT("BIGINT"), STR_INIT("BIGINT") },
    { STR_INIT("HUGEINT"), STR_INIT("HUGEINT") },
    { STR_INIT("UTINYINT"), STR_INIT("UTINYINT") },
    { STR_INIT("USMALLINT"), STR_INIT("USMALLINT") },
    { STR_INIT("UINTEGER"), STR_INIT("UINTEGER") },
    { STR_INIT("UBIGINT"), STR_INIT("UBIGINT") },
    { STR_INIT("UHUGEINT"), STR_INIT("UHUGEINT") },
    { STR_INIT("FLOAT"), STR_INIT("FLOAT") },
    { STR_INIT("DOUBLE"), STR_INIT("DOUBLE") },
    { STR_INIT("VARCHAR"), STR_INIT("VARCHAR") },
    { STR_INIT("BLOB"), STR_INIT("BLOB") },
    { STR_INIT("BIT"), STR_INIT("BIT") },
    { STR_INIT("DATE"), STR_INIT("DATE") },
    { STR_INIT("TIME"), STR_INIT("TIME") },
    { STR_INIT("TIME_NS"), STR_INIT("TIME_NS") },
    { STR_INIT("TIME WITH TIME ZONE"), STR_INIT("TIME WITH TIME ZONE") },
    { STR_INIT("TIMESTAMP"), STR_INIT("TIMESTAMP") },
    { STR_INIT("TIMESTAMP_S"), STR_INIT("TIMESTAMP_S") },
    { STR_INIT("TIMESTAMP_MS"), STR_INIT("TIMESTAMP_MS") },
    { STR_INIT("TIMESTAMP_NS"), STR_INIT("TIMESTAMP_NS") },
    { STR_INIT("TIMESTAMP WITH TIME ZONE"), STR_INIT("TIMESTAMP WITH TIME ZONE") },
    { STR_INIT("INTERVAL"), STR_INIT("INTERVAL") },
    { STR_INIT("UUID"), STR_INIT("UUID") },
    { STR_INIT("BIGNUM"), STR_INIT("BIGNUM") },
    { STR_INIT("NULL"), STR_INIT("NULL") },
    /* other spellings */
    { STR_INIT("BOOL"), STR_INIT("BOOLEAN") },
    { STR_INIT("INT"), STR_INIT("INTEGER") },
    { STR_INIT("REAL"), STR_INIT("FLOAT") },
    { STR_INIT("TEXT"), STR_INIT("VARCHAR") },
    { STR_INIT("STRING"), STR_INIT("VARCHAR") },
    { STR_INIT("TIMESTAMPTZ"), STR_INIT("TIMESTAMP WITH TIME ZONE") },
    { STR_INIT("DATETIME"), STR_INIT("TIMESTAMP") },
    { STR_INIT("BYTEA"), STR_INIT("BLOB") },
};
/* Types with parts; their parts are checked where they stand. */
static const str nested[] = {
    STR_INIT("DECIMAL"), STR_INIT("LIST"),  STR_INIT("ARRAY"),   STR_INIT("STRUCT"),
    STR_INIT("MAP"),     STR_INIT("UNION"), STR_INIT("UNBOUND"),
};

bool guard_type_id_is_allowed(str id)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq(id, names[i].id)) {
            return true;
        }
    }
    for (size_t i = 0; i < COUNT_OF(nested); i++) {
        if (str_eq(id, nested[i])) {
            return true;
        }
    }
    return false;
}

/* ---- the grammar ---- */

struct reader {
    struct arena *a;
    str           rest;
    unsigned      depth;
};

static struct json *read_type(struct reader *r);

static void skip_blanks(struct reader *r)
{
    while (r->rest.len > 0 && (r->rest.ptr[0] == ' ' || r->rest.ptr[0] == '\t')) {
        r->rest = str_from(r->rest, 1);
    }
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->rest.len == 0 || r->rest.ptr[0] != c) {
        return false;
    }
    r->rest = str_from(r->rest, 1);
    return true;
}

static bool is_word_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

static str take_word(struct reader *r)
{
    size_t n = 0;

    skip_blanks(r);
    while (n < r->rest.len && is_word_char(r->rest.ptr[n])) {
        n++;
    }
    str word = str_sub(r->rest, 0, n);
    r->rest  = str_from(r->rest, n);
    return word;
}

static bool take_number(struct reader *r, uint64_t max, uint64_t *out)
{
    uint64_t n    = 0;
    str      word = take_word(r);

    if (!str_to_u64(word, &n) || n > max) {
        return false;
    }
    *out = n;
    return true;
}

/* A field's name: a word, or "..." with quotes doubled. */
static bool take_name(struct reader *r, str *out)
{
    skip_blanks(r);
    if (!take(r, '"')) {
        *out = take_word(r);
        return out->len > 0;
    }
    char  *name = arena_alloc(r->a, r->rest.len + 1);
    size_t len  = 0;
    for (size_t i = 0; i < r->rest.len; i++) {
        char c = r->rest.ptr[i];

        if (c == '"' && (i + 1 == r->rest.len || r->rest.ptr[i + 1] != '"')) {
            r->rest = str_from(r->rest, i + 1);
            *out    = (str){ name, len };
            return len > 0;
        }
        if (c == '"') {
            i++;
        }
        name[len++] = c;
    }
    return false;
}

static struct json *make_type(struct arena *a, str id, struct json *info)
{
    struct json *type = json_new_object(a);

    json_set(a, type, S("id"), json_new_str(a, id));
    json_set(a, type, S("type_info"), info ? info : json_new_null(a));
    return type;
}

static struct json *make_info(struct arena *a, str kind)
{
    struct json *info = json_new_object(a);

    json_set(a, info, S("type"), json_new_str(a, kind));
    json_set(a, info, S("alias"), json_new_str(a, S("")));
    json_set(a, info, S("extension_info"), json_new_null(a));
    return info;
}

static struct json *make_child(struct arena *a, str name, struct json *type)
{
    struct json *child = json_new_object(a);

    json_set(a, child, S("first"), json_new_str(a, name));
    json_set(a, child, S("second"), type);
    return child;
}

static struct json *make_struct(struct arena *a, str id, struct json *children)
{
    struct json *info = make_info(a, S("STRUCT_TYPE_INFO"));

    json_set(a, info, S("child_types"), children);
    return make_type(a, id, info);
}

static struct json *make_list(struct arena *a, str id, struct json *child)
{
    struct json *info = make_info(a, S("LIST_TYPE_INFO"));

    json_set(a, info, S("child_type"), child);
    return make_type(a, id, info);
}

static struct json *read_decimal(struct reader *r)
{
    uint64_t width = 18, scale = 3;

    if (take(r, '(')) {
        scale = 0;
        if (!take_number(r, 38, &width) || width == 0 ||
            (take(r, ',') && !take_number(r, width, &scale)) || !take(r, ')')) {
            return NULL;
        }
    }
    struct json *info = make_info(r->a, S("DECIMAL_TYPE_INFO"));
    json_set(r->a, info, S("width"), json_new_u64(r->a, width));
    json_set(r->a, info, S("scale"), json_new_u64(r->a, scale));
    return make_type(r->a, S("DECIMAL"), info);
}

/* The fields of a STRUCT or UNION after its name. */
static struct json *read_fields(struct reader *r, str id)
{
    struct json *children = json_new_array(r->a);
    size_t       count    = 0;

    if (!take(r, '(')) {
        return NULL;
    }
    if (str_eq(id, S("UNION"))) {
        json_append(r->a, children, make_child(r->a, S(""), make_type(r->a, S("UTINYINT"), NULL)));
    }
    do {
        str          name;
        struct json *type;

        if (++count > TYPE_FIELDS_MAX || !take_name(r, &name) || !(type = read_type(r))) {
            return NULL;
        }
        json_append(r->a, children, make_child(r->a, name, type));
    } while (take(r, ','));
    return take(r, ')') ? make_struct(r->a, id, children) : NULL;
}

static struct json *read_map(struct reader *r)
{
    struct json *children = json_new_array(r->a);
    struct json *key, *value;

    if (!take(r, '(') || !(key = read_type(r)) || !take(r, ',') || !(value = read_type(r)) ||
        !take(r, ')')) {
        return NULL;
    }
    json_append(r->a, children, make_child(r->a, S("key"), key));
    json_append(r->a, children, make_child(r->a, S("value"), value));
    return make_list(r->a, S("MAP"), make_struct(r->a, S("STRUCT"), children));
}

/* A name of the table; several words are tried longest first ("TIME WITH TIME ZONE"). */
static struct json *read_plain(struct reader *r, str word)
{
    struct reader ahead = *r;
    str           zone[3];

    for (size_t i = 0; i < 3; i++) {
        zone[i] = take_word(&ahead);
    }
    if (str_eq_nocase(zone[0], S("WITH")) && str_eq_nocase(zone[1], S("TIME")) &&
        str_eq_nocase(zone[2], S("ZONE"))) {
        *r   = ahead;
        word = arena_concat(r->a, word, S(" WITH TIME ZONE"));
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        uint64_t ignored;

        if (!str_eq_nocase(word, names[i].name)) {
            continue;
        }
        if (str_eq(names[i].id, S("VARCHAR")) && take(r, '(') &&
            (!take_number(r, UINT32_MAX, &ignored) || !take(r, ')'))) {
            return NULL;
        }
        return make_type(r->a, names[i].id, NULL);
    }
    return NULL;
}

static struct json *make_json_type(struct arena *a)
{
    struct json *info = make_info(a, S("UNBOUND_TYPE_INFO"));

    json_set(a, info, S("name"), json_new_str(a, S("json")));
    json_set(a, info, S("catalog"), json_new_str(a, S("")));
    json_set(a, info, S("schema"), json_new_str(a, S("")));
    json_set(a, info, S("user_type_modifiers"), json_new_array(a));
    return make_type(a, S("UNBOUND"), info);
}

static struct json *read_base(struct reader *r)
{
    str word = take_word(r);

    if (str_eq_nocase(word, S("DECIMAL")) || str_eq_nocase(word, S("NUMERIC"))) {
        return read_decimal(r);
    }
    if (str_eq_nocase(word, S("STRUCT"))) {
        return read_fields(r, S("STRUCT"));
    }
    if (str_eq_nocase(word, S("UNION"))) {
        return read_fields(r, S("UNION"));
    }
    if (str_eq_nocase(word, S("MAP"))) {
        return read_map(r);
    }
    if (str_eq_nocase(word, S("JSON"))) {
        return make_json_type(r->a);
    }
    return read_plain(r, word);
}

static struct json *read_type(struct reader *r)
{
    if (++r->depth > TYPE_DEPTH_MAX) {
        return NULL;
    }
    struct json *type = read_base(r);
    while (type && take(r, '[')) {
        uint64_t size;

        if (take(r, ']')) {
            type = make_list(r->a, S("LIST"), type);
        } else if (take_number(r, GUARD_PAD_MAX, &size) && size > 0 && take(r, ']')) {
            struct json *info = make_info(r->a, S("ARRAY_TYPE_INFO"));

            json_set(r->a, info, S("child_type"), type);
            json_set(r->a, info, S("size"), json_new_u64(r->a, size));
            type = make_type(r->a, S("ARRAY"), info);
        } else {
            return NULL;
        }
    }
    r->depth--;
    return type;
}

struct json *guard_type_tree(struct arena *a, str text)
{
    struct reader r = { .a = a, .rest = text };

    if (text.len > TYPE_TEXT_MAX) {
        return NULL;
    }
    struct json *type = read_type(&r);
    skip_blanks(&r);
    return r.rest.len == 0 ? type : NULL;
}

bool guard_type_is_allowed(str type)
{
    struct arena *scratch CLEANUP(arena_cleanup) = arena_new("guard type", (size_t)16 << 20);

    return guard_type_tree(scratch, type) != NULL;
}
