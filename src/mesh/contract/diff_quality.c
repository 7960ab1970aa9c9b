/*
 * diff_quality.c - quality rules and service levels: which measured values pass before and now.
 *
 * A rule measures a number and says which numbers pass. When both versions measure the same, the measured
 * values around both thresholds are tried. When the new version measures more or less of the same (fewer
 * valid values, more missing ones), pairs of values that can stand together are. When the measure itself is
 * another one (metric, query, pattern), only rows can tell.
 */
#include "contract/diff_int.h"

#include <math.h>

#include "base/time.h"
#include "contract/diff_number.h"

enum { MEASURES_MAX = 64 };

enum rule_type { RULE_NONE, RULE_LIBRARY, RULE_SQL, RULE_TEXT, RULE_CUSTOM };

/* One side of a rule. */
struct rule {
    const struct yaml_node *node, *arguments;
    enum rule_type          type; /* NONE: there is none, or none that can be measured */
    enum odcs_metric        metric;
    enum odcs_operator      op;
    double                  low, high;
    str                     word; /* mustBe a text */
    bool                    is_word, is_percent, only_warns;
};

/* How what the new rule measures stands to what the old one measures, on the same rows. */
enum relation {
    RELATION_SAME,
    RELATION_MORE,      /* at least as much             */
    RELATION_LESS,      /* at most as much              */
    RELATION_MORE_KEYS, /* not none when there was some */
    RELATION_LESS_KEYS, /* none when there was none     */
    RELATION_NONE,      /* none exactly when there was none */
    RELATION_ANY
};

/* ---- reading ------------------------------------------------------------------------------------- */

static str text_at(const struct yaml_node *map, str name)
{
    return yaml_text_or(yaml_get(map, name), STR_NONE);
}

bool diff_only_warns(str severity)
{
    static const str words[] = { STR_INIT("info"), STR_INIT("warning"), STR_INIT("warn"),
                                 STR_INIT("low"),  STR_INIT("minor"),   STR_INIT("trivial") };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq_nocase(severity, words[i])) {
            return true;
        }
    }
    return false;
}

static bool read_pair(const struct yaml_node *node, struct rule *r)
{
    double a, b;

    if (!yaml_number(yaml_item(node, 0), &a) || !yaml_number(yaml_item(node, 1), &b)) {
        return false;
    }
    r->low  = fmin(a, b);
    r->high = fmax(a, b);
    return true;
}

static bool read_threshold(struct rule *r)
{
    for (int op = ODCS_MUST_BE; op <= ODCS_NOT_BETWEEN; op++) {
        const struct yaml_node *node =
            yaml_get(r->node, odcs_operator_name((enum odcs_operator)op));

        if (!node) {
            continue;
        }
        r->op = (enum odcs_operator)op;
        if (op == ODCS_BETWEEN || op == ODCS_NOT_BETWEEN) {
            return read_pair(node, r);
        }
        if (yaml_number(node, &r->low)) {
            return true;
        }
        if (node->kind == YAML_BOOL) { /* a query may give one */
            r->low = node->truth ? 1 : 0;
            return true;
        }
        r->is_word = op == ODCS_MUST_BE || op == ODCS_MUST_NOT_BE;
        r->word    = node->text;
        return r->is_word;
    }
    /* v3.0.2 needs no operator: none is allowed. */
    r->op =
        r->type == RULE_LIBRARY && r->metric != ODCS_METRIC_ROW_COUNT ? ODCS_MUST_BE : ODCS_OP_NONE;
    return r->op != ODCS_OP_NONE;
}

static enum rule_type type_of(const struct yaml_node *node)
{
    static const struct {
        str            name;
        enum rule_type type;
    } types[] = { { STR_INIT("library"), RULE_LIBRARY },
                  { STR_INIT("sql"), RULE_SQL },
                  { STR_INIT("text"), RULE_TEXT },
                  { STR_INIT("custom"), RULE_CUSTOM } };
    str text  = text_at(node, S("type"));

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(text, types[i].name)) {
            return types[i].type;
        }
    }
    return RULE_LIBRARY;
}

static struct rule read_rule(const struct yaml_node *node)
{
    struct rule r      = { .node = node, .arguments = yaml_get(node, S("arguments")) };
    str         metric = text_at(node, S("metric"));

    if (!node) {
        return r;
    }
    r.type       = type_of(node);
    r.metric     = odcs_metric_of(metric.len ? metric : text_at(node, S("rule")));
    r.only_warns = diff_only_warns(text_at(node, S("severity")));
    r.is_percent = str_eq_nocase(text_at(node, S("unit")), S("percent")) &&
                   r.type == RULE_LIBRARY && r.metric != ODCS_METRIC_ROW_COUNT &&
                   r.metric != ODCS_METRIC_DUPLICATE_VALUES;
    if (r.type <= RULE_SQL && (!read_threshold(&r) || (r.type == RULE_LIBRARY && !r.metric))) {
        r.type = RULE_NONE;
    }
    return r;
}

/* ---- thresholds ------------------------------------------------------------------------------------ */

static bool is_equal(double a, double b)
{
    return a >= b && a <= b;
}

static bool passes(const struct rule *r, double m)
{
    switch (r->op) {
    case ODCS_OP_NONE: return true;
    case ODCS_MUST_BE: return !r->is_word && is_equal(m, r->low);
    case ODCS_MUST_NOT_BE: return r->is_word || !is_equal(m, r->low);
    case ODCS_GREATER_THAN: return m > r->low;
    case ODCS_GREATER_OR_EQUAL: return m >= r->low;
    case ODCS_LESS_THAN: return m < r->low;
    case ODCS_LESS_OR_EQUAL: return m <= r->low;
    case ODCS_BETWEEN: return m >= r->low && m <= r->high;
    case ODCS_NOT_BETWEEN: return m < r->low || m > r->high;
    }
    BUG("operator of a rule");
}

/* Counts are whole and not below 0, percents are from 0 to 100, a query gives any number. */
static bool is_measure(const struct rule *r, double m)
{
    if (r->type == RULE_SQL) {
        return true;
    }
    return m >= 0 && (r->is_percent ? m <= 100 : is_equal(m, floor(m)));
}

struct measures {
    double items[MEASURES_MAX];
    size_t count;
};

static void add_measure(struct measures *list, double m)
{
    if (list->count < MEASURES_MAX) {
        list->items[list->count++] = m;
    }
}

static void add_around(struct measures *list, double m)
{
    const double all[] = { m,           floor(m), ceil(m), m + 1,    m - 1,   floor(m) + 1,
                           ceil(m) - 1, m + 0.3,  m - 0.3, m + 1e-6, m - 1e-6 };

    for (size_t i = 0; i < COUNT_OF(all); i++) {
        add_measure(list, all[i]);
    }
}

static struct measures measures_of(const struct rule *old, const struct rule *now)
{
    const double    always[] = { 0, 1, 2, 100, 50, -1, 1e15 };
    const double    bounds[] = { old->low, old->high, now->low, now->high };
    struct measures list     = { .count = 0 };

    for (size_t i = 0; i < COUNT_OF(always); i++) {
        add_measure(&list, always[i]);
    }
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        add_around(&list, bounds[i]);
    }
    return list;
}

/* ---- relations of what is measured ------------------------------------------------------------------- */

static void put_texts(struct ctx *cx, const struct yaml_node *list, struct map *out)
{
    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        const struct yaml_node *v = list->items[i];

        if (v->kind != YAML_NULL && v->kind < YAML_LIST) {
            map_put(out, cx->arena,
                    v->kind == YAML_INT ? arena_printf(cx->arena, "%lld", (long long)v->integer)
                                        : v->text,
                    unconst(v));
        }
    }
}

static bool holds_all(const struct map *in, const struct map *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!map_has(in, all->entries[i].key)) {
            return false;
        }
    }
    return true;
}

/* Of two lists of an argument: `wider` when the new one holds all of the old, `narrower` the reverse. */
static enum relation compare_lists(struct ctx *cx, const struct rule rules[2], str name,
                                   enum relation wider, enum relation narrower)
{
    const struct yaml_node *old = yaml_get(rules[0].arguments, name);
    const struct yaml_node *now = yaml_get(rules[1].arguments, name);
    struct map              a = { 0 }, b = { 0 };

    put_texts(cx, old, &a);
    put_texts(cx, now, &b);
    if (holds_all(&b, &a)) {
        return holds_all(&a, &b) ? RELATION_SAME : wider;
    }
    return holds_all(&a, &b) ? narrower : RELATION_ANY;
}

static enum relation both(enum relation a, enum relation b)
{
    return a == RELATION_SAME ? b : b == RELATION_SAME || a == b ? a : RELATION_ANY;
}

/* A test that is there or not: one more finds more invalid values. */
static enum relation compare_presence(const struct rule rules[2], str name)
{
    bool was = yaml_get(rules[0].arguments, name), is = yaml_get(rules[1].arguments, name);

    return was == is ? RELATION_SAME : is ? RELATION_MORE : RELATION_LESS;
}

static enum relation compare_invalid(struct ctx *cx, const struct rule rules[2])
{
    const struct yaml_node *old = yaml_get(rules[0].arguments, S("pattern"));
    const struct yaml_node *now = yaml_get(rules[1].arguments, S("pattern"));
    enum relation made = compare_lists(cx, rules, S("missingValues"), RELATION_LESS, RELATION_MORE);

    if (old && now && !diff_equal(cx, old, now)) {
        return RELATION_ANY;
    }
    made = both(made, compare_presence(rules, S("pattern")));
    if (yaml_get(rules[0].arguments, S("validValues")) &&
        yaml_get(rules[1].arguments, S("validValues"))) {
        return both(made, compare_lists(cx, rules, S("validValues"), RELATION_LESS, RELATION_MORE));
    }
    return both(made, compare_presence(rules, S("validValues")));
}

static enum relation compare_metrics(struct ctx *cx, const struct rule rules[2])
{
    enum odcs_metric old = rules[0].metric, now = rules[1].metric;

    if (old == ODCS_METRIC_NULL_VALUES && now == ODCS_METRIC_MISSING_VALUES) {
        return RELATION_MORE;
    }
    if (old == ODCS_METRIC_MISSING_VALUES && now == ODCS_METRIC_NULL_VALUES) {
        return RELATION_LESS;
    }
    if (old != now) {
        return RELATION_ANY;
    }
    switch (now) {
    case ODCS_METRIC_MISSING_VALUES:
        return compare_lists(cx, rules, S("missingValues"), RELATION_MORE, RELATION_LESS);
    case ODCS_METRIC_INVALID_VALUES: return compare_invalid(cx, rules);
    case ODCS_METRIC_DUPLICATE_VALUES:
        return compare_lists(cx, rules, S("properties"), RELATION_LESS_KEYS, RELATION_MORE_KEYS);
    case ODCS_METRIC_NONE:
    case ODCS_METRIC_NULL_VALUES:
    case ODCS_METRIC_ROW_COUNT: return RELATION_SAME;
    }
    BUG("metric of a rule");
}

static enum relation relate(struct ctx *cx, const struct rule rules[2])
{
    enum relation made;

    if (rules[0].type != rules[1].type) {
        return RELATION_ANY;
    }
    if (rules[0].type == RULE_SQL) {
        return str_eq(text_at(rules[0].node, S("query")), text_at(rules[1].node, S("query")))
                   ? RELATION_SAME
                   : RELATION_ANY;
    }
    made = compare_metrics(cx, rules);
    return rules[0].is_percent == rules[1].is_percent ? made : both(made, RELATION_NONE);
}

static bool can_stand(enum relation r, double old, double now)
{
    bool none = is_equal(old, 0), none_now = is_equal(now, 0);

    switch (r) {
    case RELATION_SAME: return is_equal(old, now);
    case RELATION_MORE: return now >= old;
    case RELATION_LESS: return now <= old;
    case RELATION_MORE_KEYS: return none || !none_now;
    case RELATION_LESS_KEYS: return !none || none_now;
    case RELATION_NONE: return none == none_now;
    case RELATION_ANY: return true;
    }
    BUG("relation of two measures");
}

/* ---- verdicts ------------------------------------------------------------------------------------------ */

static str measure_text(struct ctx *cx, const struct rule *r, double m)
{
    str what = r->type == RULE_SQL ? S("a result of")
               : r->is_percent     ? S("a share of")
                                   : S("a count of");

    return arena_printf(cx->arena, STR_FMT " %.15g%s", STR_ARG(what), m,
                        r->is_percent ? " percent" : "");
}

/* A measure that rows which keep the old (new) contract cannot have. */
static bool is_excluded(struct diff_walk *w, const struct rule *r, bool of_new, double m)
{
    return r->type == RULE_LIBRARY && !is_equal(m, 0) && diff_values_is_zero(w, r->metric, of_new);
}

static bool is_pair(struct diff_walk *w, const struct rule rules[2], bool of_new, const double m[2])
{
    return !is_excluded(w, &rules[0], of_new, m[0]) && !is_excluded(w, &rules[1], of_new, m[1]);
}

/* "a count of 1", and what the other side measures of the same rows when that is another number. */
static str pair_text(struct ctx *cx, const struct rule rules[2], const double m[2], size_t first)
{
    str text = measure_text(cx, &rules[first], m[first]);

    return rules[0].is_percent == rules[1].is_percent && is_equal(m[0], m[1])
               ? text
               : arena_printf(cx->arena, STR_FMT " (%s " STR_FMT ")", STR_ARG(text),
                              first ? "then" : "now",
                              STR_ARG(measure_text(cx, &rules[1 - first], m[1 - first])));
}

static void try_pair(struct diff_walk *w, const struct rule rules[2], const double m[2],
                     struct diff_verdict *out)
{
    bool was = passes(&rules[0], m[0]), is = passes(&rules[1], m[1]);

    if (was && !is && !out->narrows && is_pair(w, rules, false, m)) {
        out->narrows = true;
        out->lost    = pair_text(w->cx, rules, m, 0);
    }
    if (is && !was && !out->widens && is_pair(w, rules, true, m)) {
        out->widens = true;
        out->won    = pair_text(w->cx, rules, m, 1);
    }
}

static struct diff_verdict judge_measured(struct diff_walk *w, const struct rule rules[2])
{
    struct diff_verdict v        = { 0 };
    struct measures     tried    = measures_of(&rules[0], &rules[1]);
    enum relation       relation = relate(w->cx, rules);

    for (size_t i = 0; i < tried.count; i++) {
        for (size_t k = 0; k < tried.count; k++) {
            const double m[2] = { tried.items[i], tried.items[k] };

            if (is_measure(&rules[0], m[0]) && is_measure(&rules[1], m[1]) &&
                can_stand(relation, m[0], m[1])) {
                try_pair(w, rules, m, &v);
            }
        }
    }
    v.unknown = relation == RELATION_ANY && v.narrows;
    return v;
}

/* Only one side measures: all that it refuses is lost, or won. */
static struct diff_verdict judge_alone(struct diff_walk *w, const struct rule *r, bool is_added)
{
    struct measures     tried = measures_of(r, r);
    struct diff_verdict v     = { 0 };

    for (size_t i = 0; i < tried.count && !v.narrows && !v.widens; i++) {
        double m = tried.items[i];

        if (!is_measure(r, m) || passes(r, m) || is_excluded(w, r, !is_added, m)) {
            continue;
        }
        v.narrows                      = is_added;
        v.widens                       = !is_added;
        *(is_added ? &v.lost : &v.won) = measure_text(w->cx, r, m);
    }
    return v;
}

/* Rules of which one says a text: equal, or something else. */
static bool judge_words(const struct rule rules[2], struct diff_verdict *out)
{
    if (!rules[0].is_word && !rules[1].is_word) {
        return false;
    }
    out->narrows = out->widens = rules[0].op != rules[1].op ||
                                 rules[0].is_word != rules[1].is_word ||
                                 !str_eq(rules[0].word, rules[1].word);
    return true;
}

static bool is_measured(const struct rule *r)
{
    return r->type == RULE_LIBRARY || r->type == RULE_SQL;
}

static bool is_custom(const struct rule *r)
{
    return r->type == RULE_CUSTOM;
}

void diff_quality_judge(struct diff_walk *w, const struct yaml_node *before,
                        const struct yaml_node *after, struct diff_verdict *out,
                        bool *out_is_advisory)
{
    struct rule rules[2] = { read_rule(before), read_rule(after) };
    bool        was = is_measured(&rules[0]), is = is_measured(&rules[1]);

    *out             = (struct diff_verdict){ 0 };
    *out_is_advisory = (!was || rules[0].only_warns) && (!is || rules[1].only_warns);
    if (!was && !is) {
        out->unknown = is_custom(&rules[0]) || is_custom(&rules[1]);
        return;
    }
    /* A rule that only warns is none where the other one refuses. */
    if (!*out_is_advisory) {
        was = was && !rules[0].only_warns;
        is  = is && !rules[1].only_warns;
    }
    if (was && is) {
        if (!judge_words(rules, out)) {
            *out = judge_measured(w, rules);
        }
    } else {
        *out = judge_alone(w, &rules[is], is);
    }
}

void diff_quality_nulls(const struct yaml_node *node, struct diff_verdict *out)
{
    static const double rows[] = { 0, 1, 2, 1e15 }, percents[] = { 0, 100 }, keys[] = { 0, 1 };
    struct rule         r     = read_rule(node);
    const double       *tried = r.is_percent ? percents : rows;
    size_t              count = r.is_percent ? COUNT_OF(percents) : COUNT_OF(rows);

    *out = (struct diff_verdict){ 0 };
    if (!is_measured(&r) || r.only_warns) {
        return;
    }
    if (r.type == RULE_SQL) {
        out->unknown = true;
        return;
    }
    if (r.metric == ODCS_METRIC_INVALID_VALUES) {
        count = 1; /* a null is missing, not invalid */
    } else if (r.metric == ODCS_METRIC_DUPLICATE_VALUES) {
        tried = keys;
        count = COUNT_OF(keys);
    }
    for (size_t i = 0; i < count; i++) {
        out->narrows = out->narrows || !passes(&r, tried[i]);
    }
}

/* The rule refuses, and lets nothing but 0 pass. */
static bool passes_only_zero(const struct rule *r)
{
    static const double others[] = { 1e-6, 1, 2, 50, 100, 1e15 };

    if (r->type != RULE_LIBRARY || r->only_warns || !passes(r, 0)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (is_measure(r, others[i]) && passes(r, others[i])) {
            return false;
        }
    }
    return true;
}

bool diff_quality_forbids(const struct yaml_node *property, enum odcs_metric metric)
{
    const struct yaml_node *list = yaml_get(property, S("quality"));

    for (size_t i = 0; list && list->kind == YAML_LIST && i < list->count; i++) {
        struct rule r      = read_rule(list->items[i]);
        bool        speaks = r.metric == metric ||
                      (metric == ODCS_METRIC_NULL_VALUES && r.metric == ODCS_METRIC_MISSING_VALUES);

        if (speaks && passes_only_zero(&r)) {
            return true;
        }
    }
    return false;
}

/* ---- service levels --------------------------------------------------------------------------------------- */

/* Which direction promises more. */
static const bool is_higher_better[ODCS_SERVICE_COUNT] = {
    [ODCS_AVAILABILITY] = true,   [ODCS_THROUGHPUT] = true,  [ODCS_RETENTION] = true,
    [ODCS_END_OF_SUPPORT] = true, [ODCS_END_OF_LIFE] = true,
};

static const struct {
    str    words; /* separated by blanks */
    double seconds;
} units[] = {
    { STR_INIT("s second seconds"), 1 },          { STR_INIT("min minute minutes"), 60 },
    { STR_INIT("h hour hours"), 3600 },           { STR_INIT("d day days"), 86400 },
    { STR_INIT("w week weeks"), 7 * 86400 },      { STR_INIT("mo month months"), 30 * 86400 },
    { STR_INIT("y yr year years"), 365 * 86400 },
};

static bool unit_seconds(str unit, double *out)
{
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        str words = units[i].words, word;

        while (str_cut(&words, ' ', &word)) {
            if (str_eq_nocase(word, unit)) {
                *out = units[i].seconds;
                return true;
            }
        }
    }
    return false;
}

/* Two values of a service on one scale: numbers in comparable units, or dates. */
static bool read_values(const struct yaml_node *sides[2], double out[2])
{
    str    unit[2] = { text_at(sides[0], S("unit")), text_at(sides[1], S("unit")) };
    double scale[2];

    for (size_t i = 0; i < 2; i++) {
        const struct yaml_node *value = yaml_get(sides[i], S("value"));
        int64_t                 at;

        if (!yaml_number(value, &out[i])) {
            if (!time_parse(yaml_text_or(value, STR_NONE), &at)) {
                return false;
            }
            out[i] = (double)at;
        }
    }
    if (str_eq_nocase(unit[0], unit[1])) {
        return true;
    }
    if (!unit_seconds(unit[0], &scale[0]) || !unit_seconds(unit[1], &scale[1])) {
        return false;
    }
    out[0] *= scale[0];
    out[1] *= scale[1];
    return true;
}

struct diff_verdict diff_service_judge(const struct yaml_node *before,
                                       const struct yaml_node *after)
{
    const struct yaml_node *sides[2] = { before, after };
    str                     name     = text_at(after, S("property"));
    enum odcs_service       service  = odcs_service_of(name);
    double                  v[2];

    if (service == ODCS_SERVICE_NONE || !str_eq_nocase(name, text_at(before, S("property"))) ||
        !read_values(sides, v)) {
        return (struct diff_verdict){ .unknown = true };
    }
    return (struct diff_verdict){
        .narrows = is_higher_better[service] ? v[1] > v[0] : v[1] < v[0],
        .widens  = is_higher_better[service] ? v[1] < v[0] : v[1] > v[0],
    };
}
