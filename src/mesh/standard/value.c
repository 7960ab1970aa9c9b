/*
 * value.c - what a single value must look like: kinds, closed lists, patterns, references, equality.
 */
#include "standard/std_int.h"

#include "base/map.h"
#include "base/utf8.h"
#include "standard/odcs.h"
#include "standard/own.h"
#include "standard/variables.h"

#include <math.h>
#include <string.h>

bool std_node_integer(const struct yaml_node *node, int64_t *out)
{
    if (node->kind == YAML_INT) {
        *out = node->integer;
        return true;
    }
    if (node->kind == YAML_FLOAT && fabs(node->real) < 9.2e18 && node->real == floor(node->real)) {
        *out = (int64_t)node->real;
        return true;
    }
    return false;
}

static bool is_integer(const struct yaml_node *node)
{
    return node->kind == YAML_INT ||
           (node->kind == YAML_FLOAT && isfinite(node->real) && node->real == floor(node->real));
}

bool std_kind_fits(enum std_kind kind, const struct yaml_node *node)
{
    bool is_number = node->kind == YAML_INT || node->kind == YAML_FLOAT;

    switch (kind) {
    case STD_STRING:
    case STD_ONE: return node->kind == YAML_STRING;
    case STD_BOOL: return node->kind == YAML_BOOL;
    case STD_INT: return is_integer(node);
    case STD_NUM: return is_number;
    case STD_SCALAR: return node->kind != YAML_LIST && node->kind != YAML_MAP;
    case STD_ANY: return true;
    case STD_SEQUENCE:
    case STD_PAIR:
    case STD_STRINGS:
    case STD_ANYS:
    case STD_ITEMS: return node->kind == YAML_LIST;
    case STD_MAPPING:
    case STD_OBJECT:
    case STD_POINTER:
    case STD_DICT: return node->kind == YAML_MAP;
    }
    BUG("kind of a field");
}

str std_kind_text(enum std_kind kind)
{
    switch (kind) {
    case STD_STRING:
    case STD_ONE: return S("a string");
    case STD_BOOL: return S("a boolean");
    case STD_INT: return S("an integer");
    case STD_NUM: return S("a number");
    case STD_SCALAR: return S("a single value");
    case STD_ANY: return S("any value");
    case STD_SEQUENCE:
    case STD_ANYS: return S("a list");
    case STD_PAIR: return S("a list of two numbers");
    case STD_STRINGS: return S("a list of strings");
    case STD_ITEMS: return S("a list of mappings");
    case STD_MAPPING:
    case STD_OBJECT:
    case STD_POINTER:
    case STD_DICT: return S("a mapping");
    }
    BUG("kind of a field");
}

/* ---- ids and references of ODCS ----------------------------------------------------------------- */

static bool is_word_start(char c)
{
    return char_is_alpha(c) || c == '_';
}

static bool is_word_char(char c)
{
    return is_word_start(c) || char_is_digit(c);
}

/* \s of ECMA-262 beyond ASCII. */
static bool is_wide_space(uint32_t c)
{
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool std_id_is_valid(str text, uint8_t odcs_version)
{
    str      rest = text;
    uint32_t c;

    while (rest.len) {
        if (!utf8_next(&rest, &c)) {
            return false;
        }
        if (odcs_version < ODCS_3_2_0 && !(c < 128 && (is_word_char((char)c) || c == '-'))) {
            return false;
        }
        if (c < 128 && c != 0 && memchr(" \t\n\v\f\r.#/\\@!%&^", (int)c, 16)) {
            return false;
        }
        if (is_wide_space(c)) {
            return false;
        }
    }
    return text.len > 0;
}

static bool is_word(str text, bool allows_hyphen)
{
    if (text.len == 0 || !is_word_start(text.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        if (!is_word_char(text.ptr[i]) && !(allows_hyphen && text.ptr[i] == '-')) {
            return false;
        }
    }
    return true;
}

/* object.property; from v3.2.0 on hyphens and more levels. */
static bool is_shorthand(str text, uint8_t version)
{
    str    rest  = text, part;
    size_t parts = 0;

    while (str_cut(&rest, '.', &part)) {
        if (!is_word(part, version >= ODCS_3_2_0)) {
            return false;
        }
        parts++;
    }
    return version >= ODCS_3_2_0 ? parts >= 2 : parts == 2;
}

/* The part before '#': [http(s)://]path.yaml, from v3.2.0 on also .yml. */
static bool is_reference_file(str file, uint8_t version)
{
    if (str_starts(file, S("https://"))) {
        file = str_from(file, 8);
    } else if (str_starts(file, S("http://"))) {
        file = str_from(file, 7);
    }
    for (size_t i = 0; i < file.len; i++) {
        char c = file.ptr[i];

        if (!is_word_char(c) && c != '.' && c != '-' && c != '/') {
            return false;
        }
    }
    return (file.len > 5 && str_ends(file, S(".yaml"))) ||
           (version >= ODCS_3_2_0 && file.len > 4 && str_ends(file, S(".yml")));
}

/* [file#][/]word/id(/word/id)* */
static bool is_full_reference(str text, uint8_t version)
{
    str    file, path = text, part;
    size_t parts = 0;

    if (str_split(text, '#', &file, &path) && !is_reference_file(file, version)) {
        return false;
    }
    if (path.len && path.ptr[0] == '/') {
        path = str_from(path, 1);
    }
    while (str_cut(&path, '/', &part)) {
        if (parts % 2 == 0 ? !is_word(part, false) : !std_id_is_valid(part, version)) {
            return false;
        }
        parts++;
    }
    return parts >= 2 && parts % 2 == 0;
}

bool std_reference_is_valid(str text, uint8_t odcs_version)
{
    return is_shorthand(text, odcs_version) || is_full_reference(text, odcs_version);
}

/* ---- text formats -------------------------------------------------------------------------------- */

static bool has_digits(str text, size_t from, size_t count)
{
    if (from + count > text.len) {
        return false;
    }
    for (size_t i = from; i < from + count; i++) {
        if (!char_is_digit(text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool is_date(str t)
{
    return t.len == 10 && has_digits(t, 0, 4) && t.ptr[4] == '-' && has_digits(t, 5, 2) &&
           t.ptr[7] == '-' && has_digits(t, 8, 2);
}

/* "Z" or "+01:00", after an optional fraction of a second. */
static bool is_zone(str tail)
{
    if (tail.len > 1 && tail.ptr[0] == '.') {
        size_t n = 1;

        while (n < tail.len && char_is_digit(tail.ptr[n])) {
            n++;
        }
        tail = n > 1 ? str_from(tail, n) : STR_NONE;
    }
    if (tail.len == 1) {
        return tail.ptr[0] == 'Z' || tail.ptr[0] == 'z';
    }
    return tail.len == 6 && (tail.ptr[0] == '+' || tail.ptr[0] == '-') && has_digits(tail, 1, 2) &&
           tail.ptr[3] == ':' && has_digits(tail, 4, 2);
}

/* RFC 3339: date, T, time, optional fraction, Z or offset. */
static bool is_date_time(str t)
{
    if (t.len < 20 || !is_date(str_sub(t, 0, 10)) || (t.ptr[10] != 'T' && t.ptr[10] != 't') ||
        !has_digits(t, 11, 2) || t.ptr[13] != ':' || !has_digits(t, 14, 2) || t.ptr[16] != ':' ||
        !has_digits(t, 17, 2)) {
        return false;
    }
    return is_zone(str_from(t, 19));
}

/* ^v[0-9]+\.[0-9]+\.[0-9]+ of the schema of ODCS v2.2: open at the end. */
static bool is_api_version(str text)
{
    size_t at = 1;

    if (!str_starts(text, S("v"))) {
        return false;
    }
    for (size_t part = 0; part < 3; part++) {
        size_t digits = 0;

        while (has_digits(text, at + digits, 1)) {
            digits++;
        }
        at += digits;
        if (digits == 0 || (part < 2 && (at >= text.len || text.ptr[at++] != '.'))) {
            return false;
        }
    }
    return true;
}

static bool is_variable_name(str text)
{
    return is_word(text, false);
}

struct format_rule {
    enum std_rule_id rule;
    const char      *want;
};

static struct format_rule format_rule(enum std_format format)
{
    switch (format) {
    case STD_FREE: break;
    case STD_FORMAT_ID:
        return (struct format_rule){ STD_RULE_PATTERN,
                                     "an id without spaces and . # / \\ @ ! % & ^" };
    case STD_FORMAT_REFERENCE:
        return (struct format_rule){ STD_RULE_REFERENCE,
                                     "object.property or schema/<id>/properties/<id>" };
    case STD_FORMAT_DATE: return (struct format_rule){ STD_RULE_FORMAT, "a date like 2026-01-31" };
    case STD_FORMAT_DATE_TIME:
        return (struct format_rule){ STD_RULE_FORMAT, "a time like 2026-01-31T09:30:00Z" };
    case STD_FORMAT_NAME:
        return (struct format_rule){
            STD_RULE_PATTERN, "a name of at most 63 of a-z, 0-9, _, not beginning with a digit"
        };
    case STD_FORMAT_DURATION:
        return (struct format_rule){ STD_RULE_PATTERN, "a duration like 30d or 90s" };
    case STD_FORMAT_SIZE: return (struct format_rule){ STD_RULE_PATTERN, "a size like 512MB" };
    case STD_FORMAT_VERSION:
        return (struct format_rule){ STD_RULE_PATTERN, "a version like v2.2.2" };
    case STD_FORMAT_VARIABLE:
        return (struct format_rule){ STD_RULE_PATTERN, "a variable's name: letters, digits and _" };
    }
    BUG("format without a rule");
}

static bool format_fits(const struct std_reader *r, enum std_format format, str text)
{
    int64_t  duration;
    uint64_t size;

    switch (format) {
    case STD_FREE: return true;
    case STD_FORMAT_ID: return std_id_is_valid(text, r->version);
    case STD_FORMAT_REFERENCE: return std_reference_is_valid(text, r->version);
    case STD_FORMAT_DATE: return is_date(text) || std_has_variable(text);
    case STD_FORMAT_DATE_TIME: return is_date_time(text) || std_has_variable(text);
    case STD_FORMAT_NAME: return own_name_is_valid(text);
    case STD_FORMAT_DURATION: return std_duration(text, &duration);
    case STD_FORMAT_SIZE: return std_bytes(text, &size);
    case STD_FORMAT_VARIABLE: return is_variable_name(text);
    case STD_FORMAT_VERSION: return is_api_version(text);
    }
    BUG("format");
}

static bool is_one_of(const struct std_words *words, str text)
{
    for (size_t i = 0; words && i < words->count; i++) {
        if (str_eq(words->items[i].text, text)) {
            return true;
        }
    }
    return false;
}

static void check_words(struct std_reader *r, const struct std_field *field,
                        const struct yaml_node *node)
{
    str    names[64];
    size_t count = 0;
    str    near, hint = STR_NONE;

    if (is_one_of(field->text_words, node->text)) {
        std_report(r, STD_RULE_DIMENSION_SHORT, node->pos, S("write the long name"),
                   "\"" STR_FMT "\" for \"" STR_FMT "\" is in the text of the standard only",
                   STR_ARG(node->text), STR_ARG(field->name));
        return;
    }

    for (size_t i = 0; i < field->words->count; i++) {
        const struct std_word *w = &field->words->items[i];

        if (str_eq(w->text, node->text) && w->since > r->version) {
            str came = std_version_name(r, w->since);

            std_report(r, STD_RULE_VALUE, node->pos,
                       arena_printf(r->cx->arena, "raise apiVersion to " STR_FMT, STR_ARG(came)),
                       "\"" STR_FMT "\" for \"" STR_FMT "\" is unknown in " STR_FMT
                       "; it came with " STR_FMT,
                       STR_ARG(node->text), STR_ARG(field->name),
                       STR_ARG(std_version_name(r, r->version)), STR_ARG(came));
            return;
        }
        if (str_eq(w->text, node->text)) {
            return;
        }
        if (w->since <= r->version && count < COUNT_OF(names)) {
            names[count++] = w->text;
        }
    }
    near = str_nearest(node->text, names, count);
    if (near.len) {
        hint = arena_printf(r->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    } else if (count <= 12) {
        hint = S("one of");
        for (size_t i = 0; i < count; i++) {
            hint = arena_printf(r->cx->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(hint),
                                STR_ARG(i ? S(", ") : S(" ")), STR_ARG(names[i]));
        }
    }
    std_report(r, STD_RULE_VALUE, node->pos, hint,
               "unknown value \"" STR_FMT "\" for \"" STR_FMT "\"",
               STR_ARG(str_sub(node->text, 0, 200)), STR_ARG(field->name));
}

void std_check_text(struct std_reader *r, const struct std_field *field,
                    const struct yaml_node *node)
{
    if (!r->diags || r->quiet) {
        return;
    }
    if (field->words) {
        check_words(r, field, node);
    }
    if (field->format != STD_FREE && !format_fits(r, field->format, node->text)) {
        struct format_rule rule = format_rule(field->format);

        std_report(r, rule.rule, node->pos, STR_NONE,
                   "\"" STR_FMT "\" for \"" STR_FMT "\" is not %s",
                   STR_ARG(str_sub(node->text, 0, 200)), STR_ARG(field->name), rule.want);
    }
}

/* ---- equality ------------------------------------------------------------------------------------ */

static bool map_equal(const struct yaml_node *a, const struct yaml_node *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct yaml_node *other = yaml_get(b, a->members[i].key);

        if (!other || !std_node_equal(a->members[i].value, other)) {
            return false;
        }
    }
    return true;
}

bool std_node_equal(const struct yaml_node *a, const struct yaml_node *b)
{
    double x, y;

    if (yaml_number(a, &x) && yaml_number(b, &y)) {
        return a->kind == YAML_INT && b->kind == YAML_INT ? a->integer == b->integer : x == y;
    }
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    if (a->kind == YAML_LIST) {
        for (size_t i = 0; i < a->count; i++) {
            if (!std_node_equal(a->items[i], b->items[i])) {
                return false;
            }
        }
        return true;
    }
    if (a->kind == YAML_MAP) {
        return map_equal(a, b);
    }
    return a->kind == YAML_BOOL ? a->truth == b->truth
                                : a->kind == YAML_NULL || str_eq(a->text, b->text);
}

/* Equal nodes have equal hashes; sums make the order of members irrelevant. */
static uint64_t node_hash(const struct yaml_node *n)
{
    double   number;
    uint64_t sum = (uint64_t)n->kind;

    if (yaml_number(n, &number)) {
        number = number == 0 ? 0 : number;
        return str_hash((str){ (const char *)&number, sizeof number }, 1);
    }
    switch (n->kind) {
    case YAML_LIST:
        for (size_t i = 0; i < n->count; i++) {
            sum = sum * 31 + node_hash(n->items[i]);
        }
        return sum;
    case YAML_MAP:
        for (size_t i = 0; i < n->count; i++) {
            sum += str_hash(n->members[i].key, 2) ^ (node_hash(n->members[i].value) * 3);
        }
        return sum;
    case YAML_BOOL: return n->truth ? 5 : 7;
    case YAML_NULL: return 11;
    case YAML_STRING: return str_hash(n->text, 3);
    case YAML_INT:
    case YAML_FLOAT: break;
    }
    return sum;
}

bool std_find_duplicate(struct std_reader *r, struct yaml_node *const *items, size_t count,
                        size_t *out)
{
    struct map seen = { 0 };

    for (size_t i = 0; i < count; i++) {
        uint64_t               *hash = ARENA_NEW(r->cx->arena, uint64_t);
        str                     key  = { (const char *)hash, sizeof *hash };
        const struct yaml_node *old;

        *hash = node_hash(items[i]);
        old   = map_get(&seen, key);
        if (old && std_node_equal(old, items[i])) {
            *out = i;
            return true;
        }
        (void)map_put(&seen, r->cx->arena, key, items[i]);
    }
    return false;
}

void std_check_distinct(struct std_reader *r, enum std_rule_id rule, const struct std_texts *texts)
{
    struct map seen = { 0 };

    if (!r->diags || r->quiet) {
        return;
    }
    for (size_t i = 0; i < texts->count; i++) {
        struct std_str text;

        memcpy(&text, (const char *)texts->items + i * texts->size + texts->offset, sizeof text);
        if (!std_is_set(text)) {
            continue;
        }
        if (map_has(&seen, text.v)) {
            std_report(r, rule, text.at, S("give it another one"),
                       "%s \"" STR_FMT "\" stands there twice", texts->what, STR_ARG(text.v));
        } else {
            (void)map_put(&seen, r->cx->arena, text.v, r);
        }
    }
}
