/*
 * condition.c - when and unless: principal, purpose, time, row.
 */
#include "base/time.h"
#include "policy/policy_int.h"

#define US_PER_MINUTE (60LL * US_PER_SECOND)
enum { DAYS = 7, MINUTES_OF_DAY = 24 * 60 };

/* ---- time -------------------------------------------------------------------------------------------- */

static void refuse_time(struct compiler *c, const struct yaml_node *node, str hint)
{
    compiler_error(c, node->pos, S("policy.time"), hint, "\"" STR_FMT "\" is no such time",
                   STR_ARG(node->text));
}

static void read_moment(struct compiler *c, const struct yaml_node *node, int64_t *out)
{
    if (node->kind != YAML_STRING || !time_parse(node->text, out)) {
        refuse_time(c, node, S("a date or a time, UTC: 2027-01-31, 2027-01-31T18:00:00Z"));
    }
}

/* "08:30", up to "24:00" */
static bool parse_minutes(str text, int64_t *out)
{
    str      hours, minutes;
    uint64_t h, m;

    if (text.len != 5 || !str_split(text, ':', &hours, &minutes) || hours.len != 2 ||
        !str_to_u64(hours, &h) || !str_to_u64(minutes, &m) || m > 59 ||
        h * 60 + m > MINUTES_OF_DAY) {
        return false;
    }
    *out = (int64_t)(h * 60 + m) * US_PER_MINUTE;
    return true;
}

static void read_hours(struct compiler *c, const struct yaml_node *node, struct window *w)
{
    str open, close;

    w->has_hours = node->kind == YAML_STRING && str_split(node->text, '-', &open, &close) &&
                   parse_minutes(str_trim(open), &w->open_us) &&
                   parse_minutes(str_trim(close), &w->close_us) && w->open_us != w->close_us;
    if (!w->has_hours) {
        refuse_time(c, node, S("two times of a day, UTC: \"08:00-18:00\""));
    }
}

static void read_days(struct compiler *c, const struct yaml_node *node, struct window *w)
{
    static const str names[DAYS] = { STR_INIT("mon"), STR_INIT("tue"), STR_INIT("wed"),
                                     STR_INIT("thu"), STR_INIT("fri"), STR_INIT("sat"),
                                     STR_INIT("sun") };

    w->has_days = true;
    if (node->kind != YAML_LIST || node->count == 0) {
        refuse_time(c, node, S("a list of mon, tue, wed, thu, fri, sat, sun"));
    }
    for (size_t i = 0; node->kind == YAML_LIST && i < node->count; i++) {
        size_t day = 0;

        while (day < DAYS && !str_eq(node->items[i]->text, names[day])) {
            day++;
        }
        if (day == DAYS) {
            refuse_time(c, node->items[i], S("mon, tue, wed, thu, fri, sat or sun"));
        } else {
            w->days[day] = true;
        }
    }
}

static void refuse_key(struct compiler *c, const struct yaml_member *m, str hint)
{
    compiler_error(c, m->key_pos, S("policy.condition"), hint, "\"" STR_FMT "\" cannot stand here",
                   STR_ARG(m->key));
}

static void read_window(struct compiler *c, const struct yaml_node *node, struct clause *clause)
{
    struct window *w = ARENA_NEW(c->cx->arena, struct window);

    *w           = (struct window){ .from_us = INT64_MIN, .until_us = INT64_MAX };
    clause->time = w;
    if (node->kind != YAML_MAP || node->count == 0) {
        compiler_error(c, node->pos, S("policy.time"), S("{from: …, until: …, hours: …, days: …}"),
                       "expected a mapping");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_member *m = &node->members[i];

        if (str_eq(m->key, S("from"))) {
            read_moment(c, m->value, &w->from_us);
        } else if (str_eq(m->key, S("until"))) {
            read_moment(c, m->value, &w->until_us);
        } else if (str_eq(m->key, S("hours"))) {
            read_hours(c, m->value, w);
        } else if (str_eq(m->key, S("days"))) {
            read_days(c, m->value, w);
        } else {
            refuse_key(c, m, S("from, until, hours or days"));
        }
    }
}

/* Microseconds since midnight, UTC, also before 1970. */
static int64_t of_day(int64_t time_us)
{
    int64_t rest = time_us % US_PER_DAY;

    return rest < 0 ? rest + US_PER_DAY : rest;
}

static bool is_open_hour(const struct window *w, int64_t now)
{
    return w->open_us < w->close_us ? now >= w->open_us && now < w->close_us
                                    : now >= w->open_us || now < w->close_us;
}

bool window_holds(const struct window *w, int64_t time_us)
{
    int64_t now = of_day(time_us), day = (time_us - now) / US_PER_DAY;
    int64_t weekday = ((day + 3) % DAYS + DAYS) % DAYS; /* 1970-01-01 was a Thursday */

    return time_us >= w->from_us && time_us < w->until_us &&
           (!w->has_hours || is_open_hour(w, now)) && (!w->has_days || w->days[weekday]);
}

static int64_t sooner(int64_t best, int64_t candidate, int64_t now)
{
    return candidate > now && candidate < best ? candidate : best;
}

int64_t window_next(const struct window *w, int64_t time_us)
{
    int64_t midnight = time_us - of_day(time_us), next = INT64_MAX;

    next = sooner(next, w->from_us, time_us);
    next = sooner(next, w->until_us, time_us);
    if (midnight > INT64_MAX - 2 * US_PER_DAY) {
        return next;
    }
    if (w->has_hours) {
        next = sooner(next, midnight + w->open_us, time_us);
        next = sooner(next, midnight + w->close_us, time_us);
    }
    if (w->has_hours || w->has_days) {
        next = sooner(next, midnight + US_PER_DAY, time_us);
    }
    return next;
}

/* ---- purpose --------------------------------------------------------------------------------------------- */

static void read_purpose(struct compiler *c, const struct yaml_node *node, struct value *out)
{
    const struct purpose *purpose = map_get(&c->set->purposes, node->text);

    if (node->kind != YAML_STRING || !purpose) {
        compiler_error(
            c, node->pos, S("policy.purpose"),
            compiler_nearest(c, node->text, &c->set->purposes, S("purposes stand in mesh.yaml")),
            "there is no purpose \"" STR_FMT "\"", STR_ARG(node->text));
        return;
    }
    *out = purpose->chain[0];
}

static void read_purposes(struct compiler *c, const struct yaml_node *node, struct clause *clause)
{
    bool   is_list = node->kind == YAML_LIST;
    size_t count   = 1;

    if (is_list) {
        count = compiler_count(c, node, POLICY_VALUES_MAX, "POLICY_VALUES_MAX");
    }
    if (is_list && node->count == 0) {
        compiler_error(c, node->pos, S("policy.purpose"), S("add a purpose"),
                       "one of no purposes never holds");
    }
    clause->purposes      = arena_array(c->cx->arena, count, sizeof *clause->purposes);
    clause->purpose_count = count;
    for (size_t i = 0; i < count; i++) {
        read_purpose(c, is_list ? node->items[i] : node, &clause->purposes[i]);
    }
}

static enum truth purpose_holds(const struct clause *clause, const struct asking *q)
{
    if (clause->purpose_count == 0) {
        return IS_TRUE;
    }
    if (!q->purpose) {
        return IS_UNKNOWN;
    }
    for (size_t i = 0; i < clause->purpose_count; i++) {
        for (size_t k = 0; k < q->purpose->depth; k++) {
            if (clause->purposes[i].atom == q->purpose->chain[k].atom) {
                return IS_TRUE;
            }
        }
    }
    return IS_FALSE;
}

/* ---- conditions -------------------------------------------------------------------------------------------- */

static void read_row(struct compiler *c, enum condition_of of, const struct yaml_member *m,
                     struct clause *clause)
{
    if (of != CONDITION_UNLESS_OF_MASK) {
        compiler_error(c, m->key_pos, S("policy.row"), S("row stands in `unless` of a mask only"),
                       "who may read is decided before any row is read");
        return;
    }
    choice_read(c, TEST_COLUMN, m->value, &clause->row);
}

static void read_clause(struct compiler *c, enum condition_of of, const struct yaml_node *node,
                        struct clause *out)
{
    out->at = node->pos;
    if (node->kind != YAML_MAP || node->count == 0) {
        compiler_error(c, node->pos, S("policy.condition"), S("principal, purpose or time"),
                       "expected a mapping that asks for something");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_member *m = &node->members[i];

        if (str_eq(m->key, S("principal"))) {
            choice_read(c, TEST_PRINCIPAL, m->value, &out->principal);
        } else if (str_eq(m->key, S("purpose"))) {
            read_purposes(c, m->value, out);
        } else if (str_eq(m->key, S("time"))) {
            read_window(c, m->value, out);
        } else if (str_eq(m->key, S("row"))) {
            read_row(c, of, m, out);
        } else {
            refuse_key(c, m, S("principal, purpose, time or row"));
        }
    }
}

void condition_read(struct compiler *c, enum condition_of of, const struct yaml_node *node,
                    struct condition *out)
{
    bool   is_list = node->kind == YAML_LIST;
    size_t count   = 1;

    if (is_list) {
        count = compiler_count(c, node, POLICY_ALTERNATIVES, "POLICY_ALTERNATIVES");
    }
    out->items = arena_array(c->cx->arena, count, sizeof *out->items);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        read_clause(c, of, is_list ? node->items[i] : node, &out->items[i]);
    }
}

enum truth clause_holds(const struct clause *clause, const struct asking *q)
{
    enum truth all = clause->time ? truth_of(window_holds(clause->time, q->time_us)) : IS_TRUE;

    all = truth_and(all, purpose_holds(clause, q));
    return all == IS_FALSE ? IS_FALSE : truth_and(all, choice_holds(&clause->principal, q));
}

enum truth condition_holds(const struct condition *condition, const struct asking *q)
{
    enum truth any = IS_FALSE;

    for (size_t i = 0; i < condition->count && any != IS_TRUE; i++) {
        if (condition->items[i].row.count == 0) {
            any = truth_or(any, clause_holds(&condition->items[i], q));
        }
    }
    return any;
}

/*
 * when AND NOT unless. What is unknown opens nothing: an allow policy needs a clear yes, every other
 * one a clear no to be left out.
 */
bool rule_holds(const struct rule *rule, const struct asking *q)
{
    enum truth when = rule->when.count ? condition_holds(&rule->when, q) : IS_TRUE;
    enum truth holds;

    if (when == IS_FALSE) {
        return false;
    }
    holds = truth_and(when, truth_not(condition_holds(&rule->unless, q)));
    return rule->about.action == POLICY_ALLOW_READ ? holds == IS_TRUE : holds != IS_FALSE;
}
