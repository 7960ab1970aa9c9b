/*
 * value.c - names, constants and types as text.
 *
 * A name is quoted unless it is a plain word that is no keyword; a text is always quoted. What the
 * parser does not make by itself is refused, not guessed.
 */
#include "sqltext/sqltext_int.h"

#include "base/time.h"

#include <math.h>
#include <string.h>

/* ---- names ---- */

struct keyword {
    str  word;
    bool is_column_word;
};

#define WORD(word_)        { STR_INIT(word_), false },
#define COLUMN_WORD(word_) { STR_INIT(word_), true },
static const struct keyword keywords[] = {
#include "sqltext/keywords.def"
};
#undef WORD
#undef COLUMN_WORD

enum { KEYWORD_BYTES_MAX = 32 };

static const struct keyword *find_keyword(str word)
{
    char   lower[KEYWORD_BYTES_MAX];
    size_t low = 0, high = COUNT_OF(keywords);

    if (word.len > sizeof(lower)) {
        return NULL;
    }
    for (size_t i = 0; i < word.len; i++) {
        lower[i] = char_lower(word.ptr[i]);
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order  = str_cmp((str){ lower, word.len }, keywords[middle].word);

        if (order == 0) {
            return &keywords[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

bool sqltext_is_keyword(str word)
{
    return find_keyword(word) != NULL;
}

static bool is_plain_word(str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!char_is_alpha(c) && c != '_' && (i == 0 || !char_is_digit(c))) {
            return false;
        }
    }
    return name.len > 0;
}

/* Between quotes, with the quotes inside doubled. */
static void add_quoted(struct printer *p, str text, char quote)
{
    size_t at;

    if (str_find_char(text, '\0', &at)) {
        p->is_refused = true;
        return;
    }
    buf_add_char(&p->out, quote);
    while (str_find_char(text, quote, &at)) {
        add(p, str_sub(text, 0, at + 1));
        buf_add_char(&p->out, quote);
        text = str_from(text, at + 1);
    }
    add(p, text);
    buf_add_char(&p->out, quote);
}

void sqltext_put_identifier(struct printer *p, str name)
{
    if (name.len == 0) {
        p->is_refused = true;
    } else if (is_plain_word(name) && !find_keyword(name)) {
        add(p, name);
    } else {
        add_quoted(p, name, '"');
    }
}

void sqltext_put_word(struct printer *p, str words)
{
    for (size_t i = 0; i < words.len; i++) {
        char c = words.ptr[i];

        p->is_refused = p->is_refused || (!char_is_alpha(c) && c != '_' && c != ' ');
    }
    p->is_refused = p->is_refused || words.len == 0;
    add(p, words);
}

void sqltext_put_text(struct printer *p, str text)
{
    add_quoted(p, text, '\'');
}

/* ---- numbers ---- */

__extension__ typedef unsigned __int128 wide;

enum { WIDE_DIGITS = 40 };

/* A whole number of at most 128 bits, as the engine writes it into a tree. */
struct whole {
    bool is_negative;
    wide size;
};

static uint64_t bits_of(const struct json *v)
{
    return json_is(v, JSON_U64) ? v->u64 : (uint64_t)json_i64_or(v, 0);
}

static bool read_whole(const struct json *v, struct whole *out)
{
    if (json_is(v, JSON_OBJECT)) {
        const struct json *upper = json_get(v, S("upper"));
        wide               size  = (wide)bits_of(upper) << 64 | bits_of(json_get(v, S("lower")));

        out->is_negative = json_i64_or(upper, 0) < 0;
        out->size        = out->is_negative ? -size : size;
        return upper != NULL;
    }
    out->is_negative = json_i64_or(v, 0) < 0;
    out->size        = out->is_negative ? (wide)0 - (wide)v->i64 : bits_of(v);
    return json_is(v, JSON_I64) || json_is(v, JSON_U64);
}

/* The digits at the end of `room`, at least `least` of them. */
static str digits_of(wide size, size_t least, char room[WIDE_DIGITS])
{
    size_t at = WIDE_DIGITS;

    while (size > 0 || WIDE_DIGITS - at < least) {
        room[--at] = (char)('0' + (int)(size % 10));
        size /= 10;
    }
    return (str){ room + at, WIDE_DIGITS - at };
}

static void print_whole(struct printer *p, const struct json *type, const struct json *v)
{
    char         room[WIDE_DIGITS];
    struct whole n;

    (void)type;
    if (!v || !read_whole(v, &n)) {
        p->is_refused = true;
        return;
    }
    add(p, n.is_negative ? S("-") : S(""));
    add(p, digits_of(n.size, 1, room));
}

/* The point inside the digits; a number that has as many digits as its fraction starts with it. */
static void print_decimal(struct printer *p, const struct json *type, const struct json *v)
{
    int64_t      width = json_i64_or(json_path(type, S("/type_info/width")), 0);
    int64_t      scale = json_i64_or(json_path(type, S("/type_info/scale")), -1);
    char         room[WIDE_DIGITS];
    struct whole n;

    if (!v || scale < 0 || scale > width || width >= WIDE_DIGITS || !read_whole(v, &n)) {
        p->is_refused = true;
        return;
    }
    size_t fraction = (size_t)scale;
    str    digits   = digits_of(n.size, fraction + (width > scale), room);
    add(p, n.is_negative ? S("-") : S(""));
    add(p, str_sub(digits, 0, digits.len - fraction));
    if (fraction > 0) {
        add(p, S("."));
        add(p, str_sub(digits, digits.len - fraction, fraction));
    }
}

/* Digits without zeros around them, and e with value 0.d1…dn * 10^e. */
static int take_digits(str text, char *digits, size_t *count)
{
    int64_t exponent = 0;
    int     e        = 0;
    bool    is_after = false;
    str     mantissa = text, power;

    if (str_split(text, 'e', &mantissa, &power)) {
        power    = str_starts(power, S("+")) ? str_from(power, 1) : power;
        exponent = str_to_i64(power, &exponent) ? exponent : 0;
    }
    *count = 0;
    for (size_t i = 0; i < mantissa.len; i++) {
        char c = mantissa.ptr[i];

        if (c == '.') {
            is_after = true;
        } else if (*count > 0 || c != '0') {
            digits[(*count)++] = c;
            e += !is_after;
        } else {
            e -= is_after;
        }
    }
    while (*count > 1 && digits[*count - 1] == '0') {
        (*count)--;
    }
    return e + (int)exponent;
}

/* As the engine writes a DOUBLE: the shortest digits, plain from 1e-4 to below 1e16. */
static void print_double(struct printer *p, const struct json *type, const struct json *v)
{
    enum { POINT_MIN = -3, POINT_MAX = 16 };
    char   room[JSON_NUMBER_ROOM], digits[JSON_NUMBER_ROOM];
    double number;
    size_t count;

    (void)type;
    if (!json_number(v, &number) || !isfinite(number)) {
        p->is_refused = true;
        return;
    }
    int e     = take_digits(json_number_text(fabs(number), room), digits, &count);
    str shown = { digits, count };
    add(p, signbit(number) ? S("-") : S(""));
    if (count == 0) {
        add(p, S("0.0"));
    } else if (e > POINT_MAX || e < POINT_MIN) {
        add(p, str_sub(shown, 0, 1));
        add(p, count > 1 ? S(".") : S(""));
        add(p, str_sub(shown, 1, count - 1));
        buf_printf(&p->out, "e%c%02d", e > 0 ? '+' : '-', e > 0 ? e - 1 : 1 - e);
    } else if (e <= 0) {
        add(p, S("0."));
        buf_add_n(&p->out, '0', (size_t)-e);
        add(p, shown);
    } else {
        size_t whole = (size_t)e;

        add(p, str_sub(shown, 0, whole < count ? whole : count));
        buf_add_n(&p->out, '0', whole < count ? 0 : whole - count);
        add(p, S("."));
        add(p, whole < count ? str_sub(shown, whole, count - whole) : S("0"));
    }
}

/* ---- constants ---- */

static void print_text_value(struct printer *p, const struct json *type, const struct json *v)
{
    (void)type;
    if (!json_is(v, JSON_STRING)) {
        p->is_refused = true;
        return;
    }
    sqltext_put_text(p, v->text);
}

static void print_truth(struct printer *p, const struct json *type, const struct json *v)
{
    (void)type;
    p->is_refused = p->is_refused || !json_is(v, JSON_BOOL);
    add(p, json_truth_or(v, false) ? S("true") : S("false"));
}

/* What PIVOT makes of DATE '2024-01-01'; only years of four digits, which read back as written. */
static void print_date(struct printer *p, const struct json *type, const struct json *v)
{
    enum { DAYS_MIN = -719162, DAYS_MAX = 2932896 };
    int64_t days = json_i64_or(v, INT64_MIN);

    (void)type;
    if (days < DAYS_MIN || days > DAYS_MAX) {
        p->is_refused = true;
        return;
    }
    struct civil_date d = date_of_days(days);
    buf_printf(&p->out, "'%04d-%02d-%02d'::DATE", d.year, d.month, d.day);
}

/* The bounds of x[:] are empty lists. */
static void print_empty_list(struct printer *p, const struct json *type, const struct json *v)
{
    const struct json *children = json_get(v, S("children"));

    (void)type;
    p->is_refused = p->is_refused || !json_is(children, JSON_ARRAY) || children->count > 0;
    add(p, S("[]"));
}

static const struct {
    str id;
    void (*print)(struct printer *, const struct json *type, const struct json *v);
} values[] = {
    { STR_INIT("VARCHAR"), print_text_value }, { STR_INIT("INTEGER"), print_whole },
    { STR_INIT("DECIMAL"), print_decimal },    { STR_INIT("BIGINT"), print_whole },
    { STR_INIT("BOOLEAN"), print_truth },      { STR_INIT("DOUBLE"), print_double },
    { STR_INIT("HUGEINT"), print_whole },      { STR_INIT("UHUGEINT"), print_whole },
    { STR_INIT("UBIGINT"), print_whole },      { STR_INIT("UINTEGER"), print_whole },
    { STR_INIT("SMALLINT"), print_whole },     { STR_INIT("USMALLINT"), print_whole },
    { STR_INIT("TINYINT"), print_whole },      { STR_INIT("UTINYINT"), print_whole },
    { STR_INIT("DATE"), print_date },          { STR_INIT("LIST"), print_empty_list },
};

void sqltext_put_value(struct printer *p, const struct json *value)
{
    const struct json *type = json_get(value, S("type"));
    str                id   = json_text_or(json_get(type, S("id")), S(""));

    if (json_truth_or(json_get(value, S("is_null")), false)) {
        add(p, S("NULL"));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (str_eq(id, values[i].id)) {
            values[i].print(p, type, json_get(value, S("value")));
            return;
        }
    }
    p->is_refused = true;
}

/* ---- types ---- */

static const struct json *info_of(const struct json *type, str member)
{
    return json_get(json_get(type, S("type_info")), member);
}

/*
 * The name of a type. In the name of a column the engine quotes a type's name as if it were any other
 * name, but for the keywords that are types.
 */
static void print_type_name(struct printer *p, str name)
{
    const struct keyword *keyword = find_keyword(name);
    bool is_plain = !p->is_name && !str_eq(name, S("NULL")) && !str_eq_nocase(name, S("json"));

    if (is_plain || (keyword && keyword->is_column_word)) {
        sqltext_put_word(p, name);
    } else {
        add_quoted(p, name, '"');
    }
}

static void print_fields(struct printer *p, const struct json *type, size_t from)
{
    const struct json *fields = info_of(type, S("child_types"));

    if (!json_is(fields, JSON_ARRAY) || fields->count <= from) {
        p->is_refused = true;
        return;
    }
    add(p, json_get(type, S("id"))->text);
    for (size_t i = from; i < fields->count; i++) {
        str name = json_text_or(json_get(fields->items[i], S("first")), S(""));

        add(p, i == from ? S("(") : S(", "));
        if (name.len > 0) {
            sqltext_put_identifier(p, name);
            add(p, S(" "));
        }
        sqltext_put_type(p, json_get(fields->items[i], S("second")));
    }
    add(p, S(")"));
}

static void print_struct(struct printer *p, const struct json *type)
{
    print_fields(p, type, 0);
}

/* The first field is the engine's own: which of the others holds the value. */
static void print_union(struct printer *p, const struct json *type)
{
    print_fields(p, type, 1);
}

static void print_list_type(struct printer *p, const struct json *type)
{
    sqltext_put_type(p, info_of(type, S("child_type")));
    add(p, S("[]"));
}

static void print_array_type(struct printer *p, const struct json *type)
{
    sqltext_put_type(p, info_of(type, S("child_type")));
    buf_printf(&p->out, "[%lld]", (long long)json_i64_or(info_of(type, S("size")), 0));
}

/* A list of structures of a key and a value. */
static void print_map(struct printer *p, const struct json *type)
{
    const struct json *pair =
        json_path(info_of(type, S("child_type")), S("/type_info/child_types"));

    if (!json_is(pair, JSON_ARRAY) || pair->count != 2) {
        p->is_refused = true;
        return;
    }
    add(p, S("MAP("));
    sqltext_put_type(p, json_get(pair->items[0], S("second")));
    add(p, S(", "));
    sqltext_put_type(p, json_get(pair->items[1], S("second")));
    add(p, S(")"));
}

static void print_decimal_type(struct printer *p, const struct json *type)
{
    buf_printf(&p->out, p->is_name ? "DECIMAL(%lld, %lld)" : "DECIMAL(%lld,%lld)",
               (long long)json_i64_or(info_of(type, S("width")), 0),
               (long long)json_i64_or(info_of(type, S("scale")), 0));
}

/* A type that only the binder knows: json. */
static void print_unbound(struct printer *p, const struct json *type)
{
    print_type_name(p, json_text_or(info_of(type, S("name")), S("")));
}

/* One bit is what BIT means, and a name says so. */
static void print_bit(struct printer *p, const struct json *type)
{
    (void)type;
    add(p, p->is_name ? S("BIT(1)") : S("BIT"));
}

static const struct {
    str id;
    void (*print)(struct printer *, const struct json *type);
} types[] = {
    { STR_INIT("DECIMAL"), print_decimal_type },
    { STR_INIT("LIST"), print_list_type },
    { STR_INIT("ARRAY"), print_array_type },
    { STR_INIT("STRUCT"), print_struct },
    { STR_INIT("MAP"), print_map },
    { STR_INIT("UNION"), print_union },
    { STR_INIT("UNBOUND"), print_unbound },
    { STR_INIT("BIT"), print_bit },
};

void sqltext_put_type(struct printer *p, const struct json *type)
{
    str id = json_text_or(json_get(type, S("id")), S(""));

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(id, types[i].id)) {
            types[i].print(p, type);
            return;
        }
    }
    print_type_name(p, id);
}
