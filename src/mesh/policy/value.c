/*
 * value.c - values of attributes: one spelling per value, and small integers for equal texts.
 */
#include "base/time.h"
#include "policy/policy_int.h"

#include <math.h>
#include <stdio.h>

enum { NUMBER_BYTES = 32 };
#define EXACT_MAX 9007199254740992.0 /* integers a double holds exactly */

static bool parse_integer(struct arena *a, str text, struct value *out)
{
    int64_t number;

    if (!str_to_i64(text, &number)) {
        return false;
    }
    out->integer = number;
    out->number  = (double)number;
    out->text    = arena_printf(a, "%lld", (long long)number);
    return true;
}

static bool parse_number(struct arena *a, str text, struct value *out)
{
    struct yaml_node node = { 0 };
    double           number;
    char             spelled[NUMBER_BYTES];

    yaml_type_plain(text, &node);
    if (!yaml_number(&node, &number) || !isfinite(number)) {
        return false;
    }
    out->number = number;
    if (number == floor(number) && fabs(number) < EXACT_MAX) {
        out->text = arena_printf(a, "%lld", (long long)number);
        return true;
    }
    (void)snprintf(spelled, sizeof spelled, "%.17g", number);
    out->text = arena_dup(a, str_of(spelled));
    return true;
}

static bool parse_boolean(str text, struct value *out)
{
    out->integer = str_eq_nocase(text, S("true"));
    out->text    = out->integer ? S("true") : S("false");
    return out->integer || str_eq_nocase(text, S("false"));
}

bool value_parse(struct arena *a, enum value_type type, str text, struct value *out)
{
    struct value made = { .type = type, .text = text };
    bool         fits = true;

    switch (type) {
    case VALUE_TEXT: break;
    case VALUE_INTEGER: fits = parse_integer(a, text, &made); break;
    case VALUE_NUMBER: fits = parse_number(a, text, &made); break;
    case VALUE_BOOLEAN: fits = parse_boolean(text, &made); break;
    case VALUE_DATE:
        fits      = date_parse(text, &made.integer);
        made.text = fits ? date_text(a, made.integer) : text;
        break;
    }
    if (fits) {
        *out = made;
    }
    return fits;
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

int value_cmp(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_TEXT) {
        return str_cmp(a->text, b->text);
    }
    if (a->type == VALUE_NUMBER || b->type == VALUE_NUMBER) {
        return order(a->number, b->number);
    }
    return (a->integer > b->integer) - (a->integer < b->integer);
}

str value_type_name(enum value_type type)
{
    static const str names[] = { STR_INIT("a text"), STR_INIT("a whole number"),
                                 STR_INIT("a number"), STR_INIT("true or false"),
                                 STR_INIT("a date (2027-01-31)") };

    return names[type];
}

uint32_t atoms_find(const struct atoms *atoms, str text)
{
    const uint32_t *atom = map_get(&atoms->map, text);

    return atom ? *atom : ATOM_NONE;
}

uint32_t atoms_intern(struct atoms *atoms, struct arena *a, str text)
{
    uint32_t *atom = map_get(&atoms->map, text);

    if (!atom) {
        atom  = ARENA_NEW(a, uint32_t);
        *atom = (uint32_t)(ATOM_FIRST + atoms->map.count);
        (void)map_put(&atoms->map, a, text, atom);
    }
    return *atom;
}
