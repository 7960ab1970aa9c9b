/*
 * names.c - what may be a name, and how names make addresses.
 */
#include "project/names.h"

#include "base/buf.h"

enum { MAJOR_MAX = 100000, MAJOR_NONE = MAJOR_MAX + 1 };

static const str reserved_domains[]  = { STR_INIT("system"),   STR_INIT("temp"), STR_INIT("memory"),
                                         STR_INIT("main"),     STR_INIT("mesh"), STR_INIT("source"),
                                         STR_INIT("candidate") };
static const str reserved_products[] = { STR_INIT("main"), STR_INIT("information_schema"),
                                         STR_INIT("pg_catalog") };

static bool is_among(str name, const str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_name_char(char c, bool is_first)
{
    return (c >= 'a' && c <= 'z') || c == '_' || (!is_first && char_is_digit(c));
}

bool name_is_valid(str name)
{
    if (name.len == 0 || name.len > NAME_MAX_BYTES) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_char(name.ptr[i], i == 0)) {
            return false;
        }
    }
    return true;
}

bool name_is_reserved_domain(str name)
{
    return is_among(name, reserved_domains, COUNT_OF(reserved_domains));
}

bool name_is_reserved_product(str name)
{
    return is_among(name, reserved_products, COUNT_OF(reserved_products));
}

/* Splits "orders_v2" into "orders" and 2; what no major can be ("_v0", "_v02") gives MAJOR_NONE. */
static bool split_major(str name, str *base, unsigned *major)
{
    uint64_t value;
    str      before, digits;

    if (!str_rsplit(name, '_', &before, &digits) || digits.len < 2 || digits.ptr[0] != 'v' ||
        before.len == 0 || !str_to_u64(str_from(digits, 1), &value)) {
        return false;
    }
    if (value == 0 || value > MAJOR_MAX || digits.ptr[1] == '0') {
        value = MAJOR_NONE;
    }
    *base  = before;
    *major = (unsigned)value;
    return true;
}

bool name_has_major(str name)
{
    str      base;
    unsigned major;

    return split_major(name, &base, &major);
}

str name_derive(struct arena *a, str foreign)
{
    struct buf name = BUF_INIT(NAME_MAX_BYTES);
    str        made;

    for (size_t i = 0; i < foreign.len && !name.is_over && name.len < NAME_MAX_BYTES; i++) {
        char c = char_lower(foreign.ptr[i]);

        if (name.len == 0 && char_is_digit(c)) {
            buf_add_char(&name, '_');
        }
        if (is_name_char(c, false) && c != '_') {
            buf_add_char(&name, c);
        } else if (name.len > 0 && name.ptr[name.len - 1] != '_') {
            buf_add_char(&name, '_');
        }
    }
    while (name.len > 1 && name.ptr[name.len - 1] == '_') {
        name.len--;
    }
    made = name.len ? arena_dup(a, buf_view(&name)) : S("_");
    buf_release(&name);
    return made;
}

str name_derive_product(struct arena *a, str foreign)
{
    str name = name_derive(a, foreign), base, digits;

    while (name_has_major(name) && str_rsplit(name, '_', &base, &digits)) {
        name = arena_concat(a, base, digits);
    }
    return name;
}

bool address_parse(str text, struct address *out)
{
    struct address made  = { 0 };
    str            rest  = text, part, base;
    size_t         count = 0;

    while (str_cut(&rest, '.', &part)) {
        if (!name_is_valid(part) || count > 2) {
            return false;
        }
        *(count == 0 ? &made.domain : count == 1 ? &made.product : &made.table) = part;
        count++;
    }
    if (count < 2) {
        return false;
    }
    if (split_major(made.product, &base, &made.major)) {
        made.product = base;
    }
    if (made.major == MAJOR_NONE) {
        return false;
    }
    *out = made;
    return true;
}

str address_product(struct arena *a, str domain, str product, unsigned major)
{
    return arena_printf(a, STR_FMT "." STR_FMT "_v%u", STR_ARG(domain), STR_ARG(product), major);
}

str address_table(struct arena *a, str domain, str product, unsigned major, str table)
{
    return arena_printf(a, STR_FMT "." STR_FMT "_v%u." STR_FMT, STR_ARG(domain), STR_ARG(product),
                        major, STR_ARG(table));
}

/* Reads leading digits of *cursor; false when there are none or too many. */
static bool take_number(str *cursor, unsigned *out)
{
    size_t   digits = 0;
    uint64_t value;

    while (digits < cursor->len && char_is_digit(cursor->ptr[digits])) {
        digits++;
    }
    if (!str_to_u64(str_sub(*cursor, 0, digits), &value) || value > MAJOR_MAX) {
        return false;
    }
    *cursor = str_from(*cursor, digits);
    *out    = (unsigned)value;
    return true;
}

bool version_parse(str text, struct version *out)
{
    struct version made    = { 0 };
    str            cursor  = str_trim(text);
    unsigned      *parts[] = { &made.major, &made.minor, &made.patch };

    if (cursor.len && (cursor.ptr[0] == 'v' || cursor.ptr[0] == 'V')) {
        cursor = str_from(cursor, 1);
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!take_number(&cursor, parts[i])) {
            return false;
        }
        if (i + 1 == COUNT_OF(parts) || cursor.len == 0 || cursor.ptr[0] != '.') {
            break;
        }
        cursor = str_from(cursor, 1);
    }
    if (cursor.len && cursor.ptr[0] != '-' && cursor.ptr[0] != '+') {
        return false;
    }
    *out = made;
    return true;
}

int version_cmp(struct version a, struct version b)
{
    unsigned left[]  = { a.major, a.minor, a.patch };
    unsigned right[] = { b.major, b.minor, b.patch };

    for (size_t i = 0; i < COUNT_OF(left); i++) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}
