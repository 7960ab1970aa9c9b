/*
 * coltype.c - column types as text: reading the engine's spelling and its aliases, and printing.
 */
#include "contract/coltype.h"

#include <stdio.h>

/* ---- names ---- */

struct type_name {
    str               text;
    enum coltype_kind kind;
};

#define N(text, kind)                                                                              \
    {                                                                                              \
        STR_INIT(text), COLTYPE_##kind                                                             \
    }
/* The first name of a kind is the engine's own; the rest are aliases. */
static const struct type_name names[] = {
    N("BOOLEAN", BOOLEAN),
    N("TINYINT", TINYINT),
    N("SMALLINT", SMALLINT),
    N("INTEGER", INTEGER),
    N("BIGINT", BIGINT),
    N("HUGEINT", HUGEINT),
    N("UTINYINT", UTINYINT),
    N("USMALLINT", USMALLINT),
    N("UINTEGER", UINTEGER),
    N("UBIGINT", UBIGINT),
    N("UHUGEINT", UHUGEINT),
    N("FLOAT", FLOAT),
    N("DOUBLE", DOUBLE),
    N("DECIMAL", DECIMAL),
    N("VARCHAR", VARCHAR),
    N("BLOB", BLOB),
    N("BIT", BIT),
    N("DATE", DATE),
    N("TIME", TIME),
    N("TIME WITH TIME ZONE", TIME_TZ),
    N("TIMESTAMP", TIMESTAMP),
    N("TIMESTAMP WITH TIME ZONE", TIMESTAMP_TZ),
    N("TIMESTAMP_S", TIMESTAMP_S),
    N("TIMESTAMP_MS", TIMESTAMP_MS),
    N("TIMESTAMP_NS", TIMESTAMP_NS),
    N("INTERVAL", INTERVAL),
    N("UUID", UUID),
    N("JSON", JSON),
    N("\"NULL\"", NULL),
    N("BOOL", BOOLEAN),
    N("LOGICAL", BOOLEAN),
    N("INT1", TINYINT),
    N("INT2", SMALLINT),
    N("SHORT", SMALLINT),
    N("INT16", SMALLINT),
    N("INT", INTEGER),
    N("INT4", INTEGER),
    N("INT32", INTEGER),
    N("SIGNED", INTEGER),
    N("INT8", BIGINT),
    N("LONG", BIGINT),
    N("INT64", BIGINT),
    N("INT128", HUGEINT),
    N("UINT8", UTINYINT),
    N("UINT16", USMALLINT),
    N("UINT32", UINTEGER),
    N("UINT64", UBIGINT),
    N("UINT128", UHUGEINT),
    N("FLOAT4", FLOAT),
    N("REAL", FLOAT),
    N("FLOAT8", DOUBLE),
    N("DOUBLE PRECISION", DOUBLE),
    N("NUMERIC", DECIMAL),
    N("DEC", DECIMAL),
    N("TEXT", VARCHAR),
    N("STRING", VARCHAR),
    N("CHAR", VARCHAR),
    N("BPCHAR", VARCHAR),
    N("NVARCHAR", VARCHAR),
    N("CHARACTER", VARCHAR),
    N("CHARACTER VARYING", VARCHAR),
    N("BYTEA", BLOB),
    N("BINARY", BLOB),
    N("VARBINARY", BLOB),
    N("BITSTRING", BIT),
    N("TIMETZ", TIME_TZ),
    N("TIMESTAMPTZ", TIMESTAMP_TZ),
    N("DATETIME", TIMESTAMP),
    N("TIMESTAMP_US", TIMESTAMP),
    N("TIME WITHOUT TIME ZONE", TIME),
    N("TIMESTAMP WITHOUT TIME ZONE", TIMESTAMP),
    N("GUID", UUID),
    N("NULL", NULL),
};
#undef N

static const struct coltype simple[] = {
#define K(kind_) [COLTYPE_##kind_] = { .kind = COLTYPE_##kind_ }
    K(BOOLEAN),
    K(TINYINT),
    K(SMALLINT),
    K(INTEGER),
    K(BIGINT),
    K(HUGEINT),
    K(UTINYINT),
    K(USMALLINT),
    K(UINTEGER),
    K(UBIGINT),
    K(UHUGEINT),
    K(FLOAT),
    K(DOUBLE),
    K(VARCHAR),
    K(BLOB),
    K(BIT),
    K(DATE),
    K(TIME),
    K(TIME_TZ),
    K(TIMESTAMP),
    K(TIMESTAMP_TZ),
    K(TIMESTAMP_S),
    K(TIMESTAMP_MS),
    K(TIMESTAMP_NS),
    K(INTERVAL),
    K(UUID),
    K(JSON),
    K(NULL),
    [COLTYPE_DECIMAL]              = { .kind = COLTYPE_DECIMAL, .width = 18, .scale = 3 },
#undef K
};

const struct coltype *coltype_simple(enum coltype_kind kind)
{
    if ((size_t)kind >= COUNT_OF(simple)) {
        BUG("a type with children is not simple");
    }
    return &simple[kind];
}

/* ---- reading ---- */

struct parser {
    struct ctx *cx;
    str         all, rest;
    size_t      nodes;
};

static void skip(struct parser *p)
{
    while (p->rest.len && (p->rest.ptr[0] == ' ' || p->rest.ptr[0] == '\t' ||
                           p->rest.ptr[0] == '\n' || p->rest.ptr[0] == '\r')) {
        p->rest = str_from(p->rest, 1);
    }
}

static bool take_char(struct parser *p, char c)
{
    skip(p);
    if (p->rest.len == 0 || p->rest.ptr[0] != c) {
        return false;
    }
    p->rest = str_from(p->rest, 1);
    return true;
}

static enum status refuse(struct parser *p, const char *want)
{
    str near = str_sub(p->rest, 0, 20);

    return FAIL(p->cx, INVALID,
                "\"" STR_FMT "\" is no column type: expected %s at byte %zu%s" STR_FMT,
                STR_ARG(str_sub(p->all, 0, 200)), want, p->all.len - p->rest.len,
                near.len ? ", found " : ", at its end", STR_ARG(near));
}

static enum status expect(struct parser *p, char c, const char *want)
{
    return take_char(p, c) ? ST_OK : refuse(p, want);
}

/* A bare word of letters, digits and _. */
static str take_word(struct parser *p)
{
    size_t n = 0;
    str    word;

    skip(p);
    while (n < p->rest.len &&
           (char_is_alpha(p->rest.ptr[n]) || p->rest.ptr[n] == '_' ||
            (unsigned char)p->rest.ptr[n] >= 0x80 || (n && char_is_digit(p->rest.ptr[n])))) {
        n++;
    }
    word    = str_sub(p->rest, 0, n);
    p->rest = str_from(p->rest, n);
    return word;
}

/* 'text' or "text", the quote doubled inside. */
static enum status take_quoted(struct parser *p, char quote, str *out)
{
    char  *text;
    size_t len = 0, i = 0;

    TRY(expect(p, quote, quote == '"' ? "a quoted name" : "a quoted text"));
    text = arena_alloc(p->cx->arena, p->rest.len + 1);
    while (i < p->rest.len) {
        if (p->rest.ptr[i] == quote) {
            if (i + 1 >= p->rest.len || p->rest.ptr[i + 1] != quote) {
                p->rest = str_from(p->rest, i + 1);
                *out    = (str){ text, len };
                return ST_OK;
            }
            i++;
        }
        text[len++] = p->rest.ptr[i++];
    }
    p->rest = str_from(p->rest, p->rest.len);
    return refuse(p, "a closing quote");
}

static enum status take_number(struct parser *p, uint64_t max, uint64_t *out)
{
    size_t n = 0;

    skip(p);
    while (n < p->rest.len && char_is_digit(p->rest.ptr[n])) {
        n++;
    }
    if (!str_to_u64(str_sub(p->rest, 0, n), out) || *out > max) {
        return refuse(p, "a number in its range");
    }
    p->rest = str_from(p->rest, n);
    return ST_OK;
}

static enum status parse_type(struct parser *p, unsigned depth, const struct coltype **out);

static struct coltype *new_type(struct parser *p, enum coltype_kind kind)
{
    struct coltype *t = ARENA_NEW(p->cx->arena, struct coltype);

    t->kind = kind;
    return t;
}

static enum status parse_struct(struct parser *p, unsigned depth, const struct coltype **out)
{
    struct coltype *t                    = new_type(p, COLTYPE_STRUCT);
    VEC(const struct coltype *) children = { 0 };
    VEC(str) fields                      = { 0 };

    TRY(expect(p, '(', "("));
    do {
        const struct coltype *child = NULL;
        str                   name  = STR_NONE;

        skip(p);
        if (p->rest.len && p->rest.ptr[0] == '"') {
            TRY(take_quoted(p, '"', &name));
        } else {
            name = take_word(p);
        }
        if (name.len == 0) {
            return refuse(p, "a field's name");
        }
        TRY(parse_type(p, depth + 1, &child));
        vec_push(p->cx->arena, &fields, name);
        vec_push(p->cx->arena, &children, child);
    } while (take_char(p, ','));
    TRY(expect(p, ')', ", or )"));
    t->children = children.items;
    t->names    = fields.items;
    t->count    = children.count;
    *out        = t;
    return ST_OK;
}

static enum status parse_enum(struct parser *p, const struct coltype **out)
{
    struct coltype *t = new_type(p, COLTYPE_ENUM);
    VEC(str) labels   = { 0 };

    TRY(expect(p, '(', "("));
    do {
        str label = STR_NONE;

        TRY(take_quoted(p, '\'', &label));
        if (++p->nodes > COLTYPE_NODES_MAX) {
            return FAIL(p->cx, LIMIT, "a type with more than %d parts (COLTYPE_NODES_MAX)",
                        COLTYPE_NODES_MAX);
        }
        vec_push(p->cx->arena, &labels, label);
    } while (take_char(p, ','));
    TRY(expect(p, ')', ", or )"));
    t->names = labels.items;
    t->count = labels.count;
    *out     = t;
    return ST_OK;
}

static enum status parse_map(struct parser *p, unsigned depth, const struct coltype **out)
{
    struct coltype *t = new_type(p, COLTYPE_MAP);

    t->children = arena_array(p->cx->arena, 2, sizeof *t->children);
    t->count    = 2;
    TRY(expect(p, '(', "("));
    TRY(parse_type(p, depth + 1, &t->children[0]));
    TRY(expect(p, ',', ","));
    TRY(parse_type(p, depth + 1, &t->children[1]));
    TRY(expect(p, ')', ")"));
    *out = t;
    return ST_OK;
}

static enum status parse_decimal(struct parser *p, const struct coltype **out)
{
    struct coltype *t     = new_type(p, COLTYPE_DECIMAL);
    uint64_t        width = 18, scale = 3;

    if (take_char(p, '(')) {
        scale = 0;
        TRY(take_number(p, 38, &width));
        if (take_char(p, ',')) {
            TRY(take_number(p, width, &scale));
        }
        TRY(expect(p, ')', ")"));
    }
    if (width == 0) {
        return refuse(p, "a width from 1 to 38");
    }
    t->width = (uint8_t)width;
    t->scale = (uint8_t)scale;
    *out     = t;
    return ST_OK;
}

static bool kind_of_words(str text, enum coltype_kind *out)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq_nocase(text, names[i].text)) {
            *out = names[i].kind;
            return true;
        }
    }
    return false;
}

/* The words that may follow a first one: PRECISION, VARYING, WITH TIME ZONE … */
static str take_long_name(struct parser *p, str word)
{
    static const str tails[] = { STR_INIT("PRECISION"), STR_INIT("VARYING"),
                                 STR_INIT("WITH TIME ZONE"), STR_INIT("WITHOUT TIME ZONE") };

    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        struct parser     ahead = *p;
        str               tail  = tails[i], part;
        bool              fits  = true;
        enum coltype_kind kind;

        while (fits && str_cut(&tail, ' ', &part)) {
            fits = str_eq_nocase(take_word(&ahead), part);
        }
        if (fits) {
            str name =
                arena_printf(p->cx->arena, STR_FMT " " STR_FMT, STR_ARG(word), STR_ARG(tails[i]));

            if (kind_of_words(name, &kind)) {
                p->rest = ahead.rest;
                return name;
            }
        }
    }
    return word;
}

static enum status parse_named(struct parser *p, const struct coltype **out)
{
    struct parser     before = *p;
    str               word   = STR_NONE;
    enum coltype_kind kind;
    uint64_t          length;

    skip(p);
    if (p->rest.len && p->rest.ptr[0] == '"') {
        TRY(take_quoted(p, '"', &word));
    } else {
        word = take_long_name(p, take_word(p));
    }
    if (!kind_of_words(word, &kind)) {
        p->rest = before.rest;
        skip(p);
        return refuse(p, "a type");
    }
    if (kind == COLTYPE_DECIMAL) {
        return parse_decimal(p, out);
    }
    if ((kind == COLTYPE_VARCHAR || kind == COLTYPE_BLOB || kind == COLTYPE_TIMESTAMP) &&
        take_char(p, '(')) {
        TRY(take_number(p, INT32_MAX, &length)); /* the engine takes a length and ignores it */
        TRY(expect(p, ')', ")"));
        if (kind == COLTYPE_TIMESTAMP && length > 9) {
            return refuse(p, "a precision from 0 to 9");
        }
        if (kind == COLTYPE_TIMESTAMP) {
            kind = length == 0   ? COLTYPE_TIMESTAMP_S
                   : length <= 3 ? COLTYPE_TIMESTAMP_MS
                   : length <= 6 ? COLTYPE_TIMESTAMP
                                 : COLTYPE_TIMESTAMP_NS;
        }
    }
    *out = coltype_simple(kind);
    return ST_OK;
}

/* What stands after a type: [] and [n], as often as wanted. */
static enum status parse_suffixes(struct parser *p, unsigned depth, const struct coltype **type)
{
    while (take_char(p, '[')) {
        struct coltype *t      = new_type(p, COLTYPE_LIST);
        uint64_t        length = 0;

        if (++depth > COLTYPE_DEPTH_MAX) {
            return FAIL(p->cx, LIMIT, "a type deeper than %d levels (COLTYPE_DEPTH_MAX)",
                        COLTYPE_DEPTH_MAX);
        }
        if (!take_char(p, ']')) {
            TRY(take_number(p, 100000, &length));
            TRY(expect(p, ']', "]"));
            if (length == 0) {
                return refuse(p, "a length above 0");
            }
            t->kind   = COLTYPE_ARRAY;
            t->length = (uint32_t)length;
        }
        t->children    = arena_array(p->cx->arena, 1, sizeof *t->children);
        t->children[0] = *type;
        t->count       = 1;
        *type          = t;
    }
    return ST_OK;
}

static enum status parse_type(struct parser *p, unsigned depth, const struct coltype **out)
{
    const struct coltype *type = NULL;
    struct parser         ahead;
    str                   word;

    if (depth > COLTYPE_DEPTH_MAX) {
        return FAIL(p->cx, LIMIT, "a type deeper than %d levels (COLTYPE_DEPTH_MAX)",
                    COLTYPE_DEPTH_MAX);
    }
    if (++p->nodes > COLTYPE_NODES_MAX) {
        return FAIL(p->cx, LIMIT, "a type with more than %d parts (COLTYPE_NODES_MAX)",
                    COLTYPE_NODES_MAX);
    }
    ahead = *p;
    word  = take_word(&ahead);
    if (str_eq_nocase(word, S("STRUCT")) || str_eq_nocase(word, S("ROW"))) {
        p->rest = ahead.rest;
        TRY(parse_struct(p, depth, &type));
    } else if (str_eq_nocase(word, S("MAP"))) {
        p->rest = ahead.rest;
        TRY(parse_map(p, depth, &type));
    } else if (str_eq_nocase(word, S("ENUM"))) {
        p->rest = ahead.rest;
        TRY(parse_enum(p, &type));
    } else {
        TRY(parse_named(p, &type));
    }
    TRY(parse_suffixes(p, depth, &type));
    *out = type;
    return ST_OK;
}

enum status coltype_parse(struct ctx *cx, str text, const struct coltype **out)
{
    struct parser         p    = { cx, text, text, 0 };
    const struct coltype *type = NULL;

    if (text.len > COLTYPE_TEXT_MAX) {
        return FAIL(cx, LIMIT, "a type text of %zu bytes, over %d (COLTYPE_TEXT_MAX)", text.len,
                    COLTYPE_TEXT_MAX);
    }
    TRY(parse_type(&p, 0, &type));
    skip(&p);
    if (p.rest.len) {
        return refuse(&p, "the end of the type");
    }
    *out = type;
    return ST_OK;
}

/* ---- printing ---- */

static void print_quoted(struct buf *out, str text, char quote)
{
    buf_add_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) {
            buf_add_char(out, quote);
        }
        buf_add_char(out, text.ptr[i]);
    }
    buf_add_char(out, quote);
}

/* Always quoted: the engine prints quotes only around names it must, and reads both. */
static void print_struct(const struct coltype *t, struct buf *out)
{
    buf_add(out, S("STRUCT("));
    for (size_t i = 0; i < t->count; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        print_quoted(out, t->names[i], '"');
        buf_add_char(out, ' ');
        coltype_print(t->children[i], out);
    }
    buf_add_char(out, ')');
}

void coltype_print(const struct coltype *t, struct buf *out)
{
    switch ((int)t->kind) {
    case COLTYPE_DECIMAL: buf_printf(out, "DECIMAL(%u,%u)", t->width, t->scale); return;
    case COLTYPE_STRUCT: print_struct(t, out); return;
    case COLTYPE_LIST:
        coltype_print(t->children[0], out);
        buf_add(out, S("[]"));
        return;
    case COLTYPE_ARRAY:
        coltype_print(t->children[0], out);
        buf_printf(out, "[%u]", t->length);
        return;
    case COLTYPE_MAP:
        buf_add(out, S("MAP("));
        coltype_print(t->children[0], out);
        buf_add(out, S(", "));
        coltype_print(t->children[1], out);
        buf_add_char(out, ')');
        return;
    case COLTYPE_ENUM:
        buf_add(out, S("ENUM("));
        for (size_t i = 0; i < t->count; i++) {
            buf_add(out, i ? S(", ") : STR_NONE);
            print_quoted(out, t->names[i], '\'');
        }
        buf_add_char(out, ')');
        return;
    default:
        buf_add(out, names[t->kind].text);
        return; /* `names` begins in the order of the enum */
    }
}

str coltype_text(struct ctx *cx, const struct coltype *t)
{
    struct buf CLEANUP(buf_release) out = BUF_INIT(4 * COLTYPE_TEXT_MAX);

    coltype_print(t, &out);
    return arena_dup(cx->arena, buf_view(&out));
}

bool coltype_equal(const struct coltype *a, const struct coltype *b)
{
    bool has_names = a->kind == COLTYPE_STRUCT || a->kind == COLTYPE_ENUM;

    if (a->kind != b->kind || a->width != b->width || a->scale != b->scale ||
        a->length != b->length || a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (has_names && !str_eq(a->names[i], b->names[i])) {
            return false;
        }
        if (a->kind != COLTYPE_ENUM && !coltype_equal(a->children[i], b->children[i])) {
            return false;
        }
    }
    return true;
}
