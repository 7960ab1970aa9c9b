/*
 * diff_tried.c - the values that are tried to tell two versions of a property apart.
 *
 * What one side allows and a facet of the other refuses begins or ends next to a bound, a multiple of a
 * step next to a bound, a word of an enum or the value next to one, or the range of a type: what an enum leaves
 * out of a side that it does not bound is next to a bound, or next to a word. The number of values is linear in
 * the size of both properties.
 */
#include "contract/diff_values_int.h"

#include <float.h>
#include <math.h>

enum { SPREAD = 2 };

static void try_value(struct ctx *cx, struct property_pair *p, struct value v)
{
    vec_push(cx->arena, &p->tried, v);
}

static void try_exact(struct ctx *cx, struct property_pair *p, diff_wide n)
{
    if (n >= -DIFF_NUMBER_MAX && n <= DIFF_NUMBER_MAX) {
        try_value(cx, p, (struct value){ .kind = VALUE_NUMBER, .number = { n, (double)n } });
    }
}

static void try_real(struct ctx *cx, struct property_pair *p, double x)
{
    try_value(cx, p, (struct value){ .kind = VALUE_NUMBER, .number = { 0, x } });
}

/* All bounds of both sides. */
static size_t bounds_of(const struct property_pair *p, struct number *out)
{
    size_t count = 0;

    for (size_t k = 0; k < 2; k++) {
        const struct bound *all[] = { &p->side[k].low[0], &p->side[k].low[1], &p->side[k].high[0],
                                      &p->side[k].high[1] };

        for (size_t i = 0; i < COUNT_OF(all); i++) {
            if (all[i]->is_set) {
                out[count++] = all[i]->at;
            }
        }
    }
    return count;
}

/* The steps of one side: of its type, of multipleOf, and of both together. */
static size_t steps_of(const struct property_pair *p, diff_wide out[6])
{
    size_t count = 0;

    for (size_t k = 0; k < 2; k++) {
        const struct side *s = &p->side[k];

        out[count++] = s->unit;
        if (s->step.is_set) {
            out[count++] = s->step.at.n;
            out[count++] = diff_number_lcm(s->unit, s->step.at.n);
        }
    }
    return count;
}

static void try_around(struct ctx *cx, struct property_pair *p, diff_wide at)
{
    diff_wide steps[6];
    size_t    count = steps_of(p, steps);

    for (size_t i = 0; i < count; i++) {
        diff_wide base = steps[i] ? diff_number_floor(at, steps[i]) : 0;

        for (int k = 0; steps[i] && k <= SPREAD; k++) { /* the nearest first */
            try_exact(cx, p, base + k * steps[i]);
            try_exact(cx, p, base - k * steps[i]);
        }
    }
}

/* A word, and what comes before and behind it on either side. */
static void try_word(struct ctx *cx, struct property_pair *p, diff_wide word)
{
    diff_wide steps[6];
    size_t    count = steps_of(p, steps);

    try_exact(cx, p, word);
    for (size_t i = 0; i < count; i++) {
        try_exact(cx, p, word + steps[i]);
        try_exact(cx, p, word - steps[i]);
    }
}

static void try_numbers_exact(struct ctx *cx, struct property_pair *p)
{
    struct number bounds[8];
    size_t        count = bounds_of(p, bounds);

    for (size_t i = 0; i < count; i++) {
        try_exact(cx, p, bounds[i].n);
    }
    try_around(cx, p, 0);
    for (size_t i = 0; i < count; i++) {
        try_around(cx, p, bounds[i].n);
    }
    for (size_t k = 0; k < 2; k++) {
        try_around(cx, p, p->side[k].least);
        try_around(cx, p, p->side[k].most);
    }
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < p->side[k].word_count; i++) {
            try_word(cx, p, p->side[k].words[i].n);
        }
    }
}

static void try_real_around(struct ctx *cx, struct property_pair *p, double at)
{
    try_real(cx, p, at);
    for (size_t k = 0; k < 2; k++) {
        const struct side *s = &p->side[k];
        double steps[] = { (double)s->unit / (double)diff_number_power(p->scale), s->step.at.x };

        for (size_t i = 0; i < (s->step.is_set ? 2u : 1u); i++) {
            double base = floor(at / steps[i]);

            for (int n = 0; n <= SPREAD; n++) { /* the nearest first */
                try_real(cx, p, (base + n) * steps[i]);
                try_real(cx, p, (base - n) * steps[i]);
            }
        }
    }
}

static void try_numbers_real(struct ctx *cx, struct property_pair *p)
{
    struct number bounds[8];
    size_t        count = bounds_of(p, bounds);

    try_real_around(cx, p, 0);
    for (size_t i = 0; i < count; i++) {
        try_real_around(cx, p, bounds[i].x);
        for (size_t k = 0; k < i; k++) {
            try_real(cx, p, bounds[i].x / 2 + bounds[k].x / 2);
        }
        try_real(cx, p, bounds[i].x + 0.3);
        try_real(cx, p, bounds[i].x - 0.3);
    }
    try_real(cx, p, 1e300);
    try_real(cx, p, -1e300);
    for (size_t i = 0; i < count; i++) { /* last what reads badly */
        try_real(cx, p, nextafter(bounds[i].x, DBL_MAX));
        try_real(cx, p, nextafter(bounds[i].x, -DBL_MAX));
    }
    try_value(cx, p, (struct value){ .kind = VALUE_NAN });
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < p->side[k].word_count; i++) {
            try_real_around(cx, p, p->side[k].words[i].x);
        }
    }
}

static void try_text(struct ctx *cx, struct property_pair *p, int64_t length)
{
    struct value v = { .kind = VALUE_TEXT, .count = length };

    v.text = length == 0 ? S("") : STR_NONE;
    if (length >= 0) {
        try_value(cx, p, v);
    }
}

static void try_count(struct ctx *cx, struct property_pair *p, int64_t count)
{
    struct value v = { .kind = VALUE_COUNT, .count = count };

    if (count >= 0) {
        try_value(cx, p, v);
        v.has_twins = true;
        if (count >= 2) {
            try_value(cx, p, v);
        }
    }
}

static void try_sizes(struct ctx *cx, struct property_pair *p,
                      void (*one)(struct ctx *, struct property_pair *, int64_t))
{
    static const str limits[] = { STR_INIT("minLength"),     STR_INIT("maxLength"),
                                  STR_INIT("minItems"),      STR_INIT("maxItems"),
                                  STR_INIT("minProperties"), STR_INIT("maxProperties") };

    for (int64_t n = 0; n <= 3; n++) {
        one(cx, p, n);
    }
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < COUNT_OF(limits); i++) {
            const struct yaml_node *limit = yaml_get(p->side[k].options, limits[i]);

            for (int n = -1; limit && limit->kind == YAML_INT && limit->integer >= 0 &&
                             limit->integer < INT64_MAX && n <= 1;
                 n++) {
                one(cx, p, limit->integer + n);
            }
        }
    }
    one(cx, p, INT64_MAX);
}

static void try_words(struct ctx *cx, struct property_pair *p)
{
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < p->side[k].texts.count; i++) {
            str word = p->side[k].texts.entries[i].key;

            try_value(cx, p,
                      (struct value){ .kind  = VALUE_TEXT,
                                      .text  = word,
                                      .count = (int64_t)diff_number_characters(word) });
        }
    }
}

void diff_values_try(struct ctx *cx, struct property_pair *p)
{
    try_value(cx, p, (struct value){ .kind = VALUE_NULL });
    switch (p->side[0].family) {
    case FAMILY_NUMBER:
    case FAMILY_MOMENT:
    case FAMILY_TIME: p->is_real ? try_numbers_real(cx, p) : try_numbers_exact(cx, p); return;
    case FAMILY_TRUTH:
        try_value(cx, p, (struct value){ .kind = VALUE_TEXT, .text = S("true"), .count = 4 });
        try_value(cx, p, (struct value){ .kind = VALUE_TEXT, .text = S("false"), .count = 5 });
        return;
    case FAMILY_LIST:
    case FAMILY_OBJECT: try_sizes(cx, p, try_count); return;
    case FAMILY_NONE:
    case FAMILY_TEXT:
        try_words(cx, p);
        try_sizes(cx, p, try_text);
        return;
    }
    BUG("family of a property");
}
