/*
 * diff_judge.c - from the law of a field to the effect and the impact of a change.
 */
#include "contract/diff_int.h"

enum diff_effect diff_effect_of(struct diff_verdict v)
{
    if (v.unknown) {
        return DIFF_UNKNOWN;
    }
    return v.narrows && v.widens ? DIFF_MIXED
           : v.narrows           ? DIFF_TIGHTER
           : v.widens            ? DIFF_LOOSER
                                 : DIFF_SAME;
}

static enum diff_impact impact_of(enum diff_effect effect, bool is_advisory)
{
    switch (effect) {
    case DIFF_WORDS:
    case DIFF_SAME: return DIFF_PATCH;
    case DIFF_LOOSER: return DIFF_MINOR;
    case DIFF_TIGHTER:
    case DIFF_MIXED: return is_advisory ? DIFF_MINOR : DIFF_MAJOR;
    case DIFF_UNKNOWN: return is_advisory ? DIFF_MINOR : DIFF_UNCERTAIN;
    }
    BUG("effect of a change");
}

static str why_of(struct ctx *cx, struct diff_verdict v)
{
    if (v.lost.len && v.won.len) {
        return arena_printf(cx->arena, STR_FMT " was allowed, " STR_FMT " is now", STR_ARG(v.lost),
                            STR_ARG(v.won));
    }
    if (v.lost.len) {
        return arena_printf(cx->arena, STR_FMT " was allowed", STR_ARG(v.lost));
    }
    return v.won.len ? arena_printf(cx->arena, STR_FMT " is allowed now", STR_ARG(v.won))
                     : STR_NONE;
}

static void settle(struct diff_walk *w, struct diff_change *c, struct diff_verdict v)
{
    c->effect = diff_effect_of(v);
    c->impact = impact_of(c->effect, c->is_advisory);
    if (c->effect == DIFF_SAME) {
        c->why = S("no row notices");
    } else if (c->effect == DIFF_UNKNOWN) {
        c->why = S("the text does not tell whether rows notice");
    } else {
        c->why = why_of(w->cx, v);
    }
}

static void set_words(struct diff_change *c, enum diff_impact impact)
{
    c->effect = DIFF_WORDS;
    c->impact = impact;
}

/* ---- single laws ------------------------------------------------------------------------------- */

static struct diff_verdict added_or_removed(const struct diff_change *c)
{
    return (struct diff_verdict){ .narrows = c->kind == DIFF_ADDED,
                                  .widens  = c->kind == DIFF_REMOVED,
                                  .unknown = c->kind != DIFF_ADDED && c->kind != DIFF_REMOVED };
}

static bool is_true(const struct yaml_node *node)
{
    return node && node->kind == YAML_BOOL && node->truth;
}

static void judge_column(struct diff_walk *w, struct diff_change *c)
{
    struct diff_verdict v = { .narrows = true };

    if (c->kind == DIFF_ADDED) {
        diff_values_column(w, c->after, &v);
        v.widens = !v.narrows && !v.unknown;
    }
    settle(w, c, v);
    if (c->effect != DIFF_UNKNOWN) {
        c->why =
            c->kind == DIFF_ADDED && v.narrows ? S("rows so far have no value there") : STR_NONE;
    }
}

static void judge_enum(struct diff_walk *w, struct diff_change *c)
{
    struct diff_verdict v;

    if (c->steps[c->depth - 1].is_entry) {
        diff_values_word(w, c->before ? c->before : c->after, c->kind == DIFF_ADDED, &v);
    } else {
        diff_values_judge(w, LAW_ENUM, &v);
    }
    settle(w, c, v);
}

/* A name in required[] of an object: its field may be required by itself. */
static void judge_needed(struct diff_walk *w, struct diff_change *c)
{
    const struct diff_level *object = diff_around(w, SHAPE_PROPERTY);
    const struct yaml_node  *side   = !object ? NULL : c->after ? object->before : object->after;
    const struct yaml_node  *field  = diff_find(w, yaml_get(side, S("properties")), S("name"),
                                                (c->after ? c->after : c->before)->text);
    struct diff_verdict      v      = added_or_removed(c);

    if (is_true(yaml_get(field, S("required")))) {
        v = (struct diff_verdict){ 0 };
    }
    if (c->kind == DIFF_CHANGED) {
        v = (struct diff_verdict){ .narrows = true, .widens = true };
    }
    settle(w, c, v);
}

/* Text formats other than uuid are checked with a warning; of dates and times they say how to write them. */
static void judge_format(struct diff_walk *w, struct diff_change *c)
{
    const struct diff_level *p = diff_around(w, SHAPE_PROPERTY);
    struct diff_verdict      v;
    enum odcs_logical        now;

    diff_values_judge(w, LAW_TYPE, &v);
    if (v.narrows || v.widens || v.unknown || !p) {
        settle(w, c, v);
        return;
    }
    now = diff_values_logical(p->after);
    if (now == ODCS_STRING || now == ODCS_NONE) {
        c->is_advisory = true;
        settle(w, c, added_or_removed(c));
        return;
    }
    if (now == ODCS_INTEGER || now == ODCS_NUMBER) {
        settle(w, c, v);
    } else {
        set_words(c, DIFF_PATCH);
    }
}

static void judge_rule(struct diff_walk *w, struct diff_change *c)
{
    bool                     is_entry = c->steps[c->depth - 1].is_entry;
    const struct diff_level *rule     = diff_around(w, SHAPE_QUALITY);
    struct diff_verdict      v;

    if (!is_entry && !rule) { /* the list itself, empty */
        set_words(c, DIFF_PATCH);
        return;
    }
    diff_quality_judge(w, is_entry ? c->before : rule->before, is_entry ? c->after : rule->after,
                       &v, &c->is_advisory);
    settle(w, c, v);
    if (c->effect == DIFF_TIGHTER && v.lost.len) {
        c->why = arena_printf(w->cx->arena, STR_FMT " passed", STR_ARG(v.lost));
    } else if (c->effect == DIFF_LOOSER && v.won.len) {
        c->why = arena_printf(w->cx->arena, STR_FMT " passes now", STR_ARG(v.won));
    } else if (c->effect == DIFF_MIXED && v.lost.len && v.won.len) {
        c->why = arena_printf(w->cx->arena, STR_FMT " passed, " STR_FMT " does now",
                              STR_ARG(v.lost), STR_ARG(v.won));
    }
}

static void judge_service(struct diff_walk *w, struct diff_change *c)
{
    const struct diff_level *sla = diff_around(w, SHAPE_SLA);
    struct diff_verdict      v   = { .unknown = true };

    c->is_advisory = true;
    if (c->steps[c->depth - 1].is_entry) {
        v = added_or_removed(c);
    } else if (sla && sla->before && sla->after) {
        v = diff_service_judge(sla->before, sla->after);
    }
    c->effect = v.unknown ? DIFF_WORDS : diff_effect_of(v);
    c->impact = c->kind == DIFF_ADDED ? DIFF_PATCH : DIFF_MINOR;
    c->why    = c->effect == DIFF_TIGHTER  ? S("promises more")
                : c->effect == DIFF_LOOSER ? S("promises less")
                                           : STR_NONE;
}

static str head_of(const struct yaml_node *version)
{
    str rest = version->text, head = STR_NONE;

    return str_cut(&rest, '.', &head) ? head : STR_NONE;
}

static void judge_port(struct diff_change *c)
{
    bool same = c->before && c->after && str_eq(head_of(c->before), head_of(c->after));

    set_words(c, same || c->kind == DIFF_ADDED ? DIFF_MINOR : DIFF_MAJOR);
    c->why = same || c->kind == DIFF_ADDED ? STR_NONE : S("the old major is gone");
}

/* Keys of ours: who may read and how long history stays are terms; the others say how a table is made. */
static void judge_custom(struct diff_walk *w, struct diff_change *c)
{
    const struct diff_level *level    = diff_around(w, SHAPE_CUSTOM);
    bool                     is_entry = c->steps[c->depth - 1].is_entry;
    const struct yaml_node  *entry    = is_entry ? (c->before ? c->before : c->after)
                                        : level  ? (level->before ? level->before : level->after)
                                                 : NULL;
    str                      key      = yaml_text_or(yaml_get(entry, S("property")), STR_NONE);

    if (str_eq(key, S("weft.access")) || str_eq(key, S("weft.history"))) {
        set_words(c, DIFF_MINOR);
    } else {
        set_words(c, str_starts(key, S("weft.")) ? DIFF_NONE : DIFF_PATCH);
    }
}

/* ---- all laws ------------------------------------------------------------------------------------- */

static void judge_words(enum diff_law law, struct diff_change *c)
{
    switch ((int)law) {
    case LAW_VERSION: set_words(c, DIFF_NONE); return;
    case LAW_NOTICE: set_words(c, DIFF_MINOR); return;
    case LAW_TERMS: set_words(c, c->kind == DIFF_ADDED ? DIFF_PATCH : DIFF_MINOR); return;
    case LAW_GAIN: set_words(c, c->kind == DIFF_ADDED ? DIFF_MINOR : DIFF_MAJOR); return;
    case LAW_BREAKS: set_words(c, DIFF_MAJOR); return;
    default: set_words(c, DIFF_PATCH); return;
    }
}

/* Another place in a list: columns are read by position too; elsewhere order says nothing. */
static void judge_moved(enum diff_law law, struct diff_change *c)
{
    set_words(c, law == LAW_COLUMN ? DIFF_PATCH : DIFF_NONE);
}

static void judge_values(struct diff_walk *w, enum diff_law law, struct diff_change *c)
{
    struct diff_verdict v = { 0 };

    diff_values_judge(w, law, &v);
    settle(w, c, v);
}

void diff_judge(struct diff_walk *w, enum diff_law law, struct diff_change *c)
{
    if (c->kind == DIFF_MOVED) {
        judge_moved(law, c);
        return;
    }
    switch ((int)law) {
    case LAW_ENUM: judge_enum(w, c); return;
    case LAW_FORMAT: judge_format(w, c); return;
    case LAW_COLUMN: judge_column(w, c); return;
    case LAW_RULE: judge_rule(w, c); return;
    case LAW_NEEDED: judge_needed(w, c); return;
    case LAW_PROMISE:
        settle(w, c,
               (struct diff_verdict){ .narrows = is_true(c->after) && !is_true(c->before),
                                      .widens  = is_true(c->before) && !is_true(c->after) });
        return;
    case LAW_RELATION:
    case LAW_NARROWS: settle(w, c, added_or_removed(c)); return;
    case LAW_SERVICE: judge_service(w, c); return;
    case LAW_PORT: judge_port(c); return;
    case LAW_CUSTOM: judge_custom(w, c); return;
    default: break;
    }
    if (law < LAW_FACETS || law == LAW_TYPE || law == LAW_UNIQUE || law == LAW_KEY) {
        judge_values(w, law, c);
        return;
    }
    judge_words(law, c);
}
