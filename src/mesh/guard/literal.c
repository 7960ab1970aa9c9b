/*
 * literal.c - constants that have no text of their own.
 *
 * TRUE and FALSE are read back as casts of a text, a DOUBLE as a DECIMAL, a DECIMAL without fraction
 * as an INTEGER. Each becomes the cast it means, before printing; its column name stays (walk.c).
 */
#include "guard/guard_int.h"

static void become_cast(struct guard_walk *w, struct json *expr, str text, struct json *type)
{
    struct arena *a    = w->cx->arena;
    struct json  *cast = guard_build_cast(a, guard_build_text(a, text), type);

    json_set(a, cast, S("alias"), json_get(expr, S("alias")));
    json_set(a, cast, S("query_location"), json_get(expr, S("query_location")));
    *expr = *cast;
    w->changes++;
}

static str decimal_text(struct arena *a, const struct json *value)
{
    return json_is(value, JSON_I64) ? arena_printf(a, "%lld", (long long)value->i64) : S("");
}

void guard_walk_constant(struct guard_walk *w, struct json *expr)
{
    struct arena      *a     = w->cx->arena;
    const struct json *value = json_path(expr, S("/value/value"));
    struct json       *type  = json_path(expr, S("/value/type"));
    str                id    = json_text_or(json_get(type, S("id")), S(""));
    double             number;

    if (!value) {
        return;
    }
    if (str_eq(id, S("BOOLEAN")) && json_is(value, JSON_BOOL)) {
        become_cast(w, expr, value->truth ? S("t") : S("f"), guard_build_type(a, id));
    } else if (str_eq(id, S("DOUBLE")) && json_number(value, &number)) {
        char room[JSON_NUMBER_ROOM];

        become_cast(w, expr, arena_dup(a, json_number_text(number, room)), guard_build_type(a, id));
    } else if (str_eq(id, S("DECIMAL")) &&
               json_i64_or(json_path(type, S("/type_info/scale")), 1) == 0) {
        str text = decimal_text(a, value);

        if (text.len > 0) {
            become_cast(w, expr, text, type);
        }
    }
}
