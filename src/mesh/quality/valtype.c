/*
 * valtype.c - type texts as trees.
 */
#include "quality/valtype.h"

#include "base/buf.h"
#include "base/vec.h"

enum { TYPE_DEPTH_MAX = 64 };

static const struct {
    str               name;
    enum valtype_kind kind;
    str               low, high;
} scalar_types[] = {
    { STR_INIT("VARCHAR"), VALTYPE_TEXT, STR_INIT(""), STR_INIT("") },
    { STR_INIT("BOOLEAN"), VALTYPE_BOOL, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TINYINT"), VALTYPE_INT, STR_INIT("-128"), STR_INIT("127") },
    { STR_INIT("SMALLINT"), VALTYPE_INT, STR_INIT("-32768"), STR_INIT("32767") },
    { STR_INIT("INTEGER"), VALTYPE_INT, STR_INIT("-2147483648"), STR_INIT("2147483647") },
    { STR_INIT("BIGINT"), VALTYPE_INT, STR_INIT("-9223372036854775808"),
      STR_INIT("9223372036854775807") },
    { STR_INIT("HUGEINT"), VALTYPE_INT, STR_INIT("-170141183460469231731687303715884105728"),
      STR_INIT("170141183460469231731687303715884105727") },
    { STR_INIT("UTINYINT"), VALTYPE_INT, STR_INIT("0"), STR_INIT("255") },
    { STR_INIT("USMALLINT"), VALTYPE_INT, STR_INIT("0"), STR_INIT("65535") },
    { STR_INIT("UINTEGER"), VALTYPE_INT, STR_INIT("0"), STR_INIT("4294967295") },
    { STR_INIT("UBIGINT"), VALTYPE_INT, STR_INIT("0"), STR_INIT("18446744073709551615") },
    { STR_INIT("UHUGEINT"), VALTYPE_INT, STR_INIT("0"),
      STR_INIT("340282366920938463463374607431768211455") },
    { STR_INIT("FLOAT"), VALTYPE_FLOAT, STR_INIT(""), STR_INIT("") },
    { STR_INIT("DOUBLE"), VALTYPE_FLOAT, STR_INIT(""), STR_INIT("") },
    { STR_INIT("UUID"), VALTYPE_UUID, STR_INIT(""), STR_INIT("") },
    { STR_INIT("BLOB"), VALTYPE_BLOB, STR_INIT(""), STR_INIT("") },
    { STR_INIT("DATE"), VALTYPE_DATE, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMP"), VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMP_S"), VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMP_MS"), VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMP_NS"), VALTYPE_TIMESTAMP, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMP WITH TIME ZONE"), VALTYPE_TIMESTAMP_TZ, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIMESTAMPTZ"), VALTYPE_TIMESTAMP_TZ, STR_INIT(""), STR_INIT("") },
    { STR_INIT("TIME"), VALTYPE_TIME, STR_INIT(""), STR_INIT("") },
};

/* Cuts one member of "a, b(c, d), 'e, f'" off *rest; commas in quotes and parentheses stay. */
static bool cut_member(str *rest, str *out)
{
    size_t depth = 0, at;
    char   quote = '\0';

    if (rest->ptr == NULL || rest->len == 0)
        return false;
    for (at = 0; at < rest->len; at++) {
        char c = rest->ptr[at];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && depth > 0) {
            depth--;
        } else if (c == ',' && depth == 0) {
            break;
        }
    }
    *out  = str_trim(str_sub(*rest, 0, at));
    *rest = at < rest->len ? str_from(*rest, at + 1) : STR_NONE;
    return true;
}

/* `"b c" VARCHAR` or `a INTEGER` into name and type. */
static bool split_field(struct ctx *cx, str member, str *name, str *type)
{
    struct buf b  = BUF_INIT(4096);
    size_t     at = 1;

    if (member.len == 0 || member.ptr[0] != '"') {
        bool ok = str_split(member, ' ', name, type);
        *name   = ok ? arena_dup(cx->arena, *name) : STR_NONE;
        return ok;
    }
    for (; at < member.len; at++) {
        if (member.ptr[at] == '"') {
            if (at + 1 >= member.len || member.ptr[at + 1] != '"')
                break;
            at++;
        }
        buf_add_char(&b, member.ptr[at]);
    }
    *name = arena_dup(cx->arena, buf_view(&b));
    *type = str_trim(str_from(member, at + 1));
    buf_release(&b);
    return type->len > 0;
}

static void read_type(struct ctx *cx, str text, unsigned depth, struct valtype *out);

static void read_struct(struct ctx *cx, str inside, unsigned depth, struct valtype *out)
{
    VEC(struct valtype) children = { 0 };
    VEC(str) names               = { 0 };
    str member, name, type;

    while (cut_member(&inside, &member)) {
        struct valtype child = { 0 };
        if (!split_field(cx, member, &name, &type))
            return;
        read_type(cx, type, depth + 1, &child);
        vec_push(cx->arena, &children, child);
        vec_push(cx->arena, &names, name);
    }
    out->kind        = VALTYPE_STRUCT;
    out->children    = children.items;
    out->names       = names.items;
    out->child_count = children.count;
}

static void read_map(struct ctx *cx, str inside, unsigned depth, struct valtype *out)
{
    str key, value;

    if (!cut_member(&inside, &key) || !cut_member(&inside, &value))
        return;
    out->kind        = VALTYPE_MAP;
    out->child_count = 2;
    out->children    = arena_array(cx->arena, 2, sizeof(struct valtype));
    read_type(cx, key, depth + 1, &out->children[0]);
    read_type(cx, value, depth + 1, &out->children[1]);
}

static void read_decimal(str inside, struct valtype *out)
{
    str      width, scale;
    uint64_t n = 0;

    out->kind = VALTYPE_DECIMAL;
    if (str_split(inside, ',', &width, &scale) && str_to_u64(str_trim(scale), &n) && n <= 38)
        out->scale = (unsigned)n;
}

/* NAME(inside): the text between the outer parentheses when `text` has that form. */
static bool is_call(str text, str name, str *inside)
{
    if (!str_starts(text, name) || text.len < name.len + 2 || text.ptr[name.len] != '(' ||
        text.ptr[text.len - 1] != ')')
        return false;
    *inside = str_sub(text, name.len + 1, text.len - name.len - 2);
    return true;
}

static bool read_list(struct ctx *cx, str text, unsigned depth, struct valtype *out)
{
    str    item, size;
    size_t close = text.len - 1;

    if (text.len < 3 || text.ptr[close] != ']')
        return false;
    if (!str_rsplit(str_sub(text, 0, close), '[', &item, &size))
        return false;
    out->kind        = VALTYPE_LIST;
    out->child_count = 1;
    out->children    = arena_array(cx->arena, 1, sizeof(struct valtype));
    read_type(cx, item, depth + 1, &out->children[0]);
    return true;
}

static void read_type(struct ctx *cx, str text, unsigned depth, struct valtype *out)
{
    str inside;

    text      = str_trim(text);
    out->kind = VALTYPE_OTHER;
    out->text = text;
    if (depth > TYPE_DEPTH_MAX || read_list(cx, text, depth, out))
        return;
    if (is_call(text, S("STRUCT"), &inside)) {
        read_struct(cx, inside, depth, out);
    } else if (is_call(text, S("MAP"), &inside)) {
        read_map(cx, inside, depth, out);
    } else if (is_call(text, S("DECIMAL"), &inside)) {
        read_decimal(inside, out);
    } else if (is_call(text, S("ENUM"), &inside)) {
        out->kind = VALTYPE_ENUM;
    } else {
        for (size_t i = 0; i < COUNT_OF(scalar_types); i++)
            if (str_eq(text, scalar_types[i].name)) {
                out->kind = scalar_types[i].kind;
                out->low  = scalar_types[i].low;
                out->high = scalar_types[i].high;
            }
    }
}

const struct valtype *valtype_read(struct ctx *cx, str text)
{
    struct valtype *type = ARENA_NEW(cx->arena, struct valtype);

    read_type(cx, arena_dup(cx->arena, text), 0, type);
    return type;
}

const struct valtype *valtype_field(const struct valtype *type, str name)
{
    for (size_t i = 0; type->kind == VALTYPE_STRUCT && i < type->child_count; i++)
        if (str_eq(type->names[i], name))
            return &type->children[i];
    return NULL;
}

bool valtype_is_number(const struct valtype *type)
{
    return type->kind == VALTYPE_INT || type->kind == VALTYPE_DECIMAL ||
           type->kind == VALTYPE_FLOAT;
}

bool valtype_is_scalar(const struct valtype *type)
{
    return type->kind >= VALTYPE_BOOL && type->kind <= VALTYPE_TIME;
}
