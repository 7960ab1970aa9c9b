/*
 * applies.c - to what a policy applies: addresses, tags, fields of contracts, columns.
 */
#include "policy/policy_int.h"
#include "standard/own.h"
#include "standard/own_policy.h"

enum { PARTS = 3, COLUMN_NAME_MAX = 255, MAJOR_MAX = 1000000 };

/* ---- reading -------------------------------------------------------------------------------------------- */

static str lower(struct arena *a, str text)
{
    char *copy = arena_alloc(a, text.len);

    for (size_t i = 0; i < text.len; i++) {
        copy[i] = char_lower(text.ptr[i]);
    }
    return (str){ copy, text.len };
}

/* "flights_v2" becomes flights and 2; false for what only looks like a major: _v0, _v02. */
static bool cut_major(str *product, unsigned *major)
{
    size_t   digits = 0;
    uint64_t number;
    str      text;

    while (digits < product->len && char_is_digit(product->ptr[product->len - 1 - digits])) {
        digits++;
    }
    text = str_from(*product, product->len - digits);
    if (digits == 0 || !str_ends(str_sub(*product, 0, product->len - digits), S("_v"))) {
        return true;
    }
    if (product->len < digits + 3 || text.ptr[0] == '0' || !str_to_u64(text, &number) ||
        number > MAJOR_MAX) {
        return false;
    }
    *major   = (unsigned)number;
    *product = str_sub(*product, 0, product->len - digits - 2);
    return true;
}

static bool parse_pattern(str text, struct pattern *out)
{
    str    parts[PARTS] = { 0 };
    size_t count        = 0;
    str    rest         = text, part;

    while (str_cut(&rest, '.', &part)) {
        if (count == PARTS || (!str_eq(part, S("*")) && !own_name_is_valid(part))) {
            return false;
        }
        parts[count++] = str_eq(part, S("*")) ? STR_NONE : part;
    }
    out->domain  = parts[0];
    out->product = parts[1];
    out->table   = parts[2];
    return cut_major(&out->product, &out->major);
}

static void read_patterns(struct compiler *c, const struct std_strs *tables, struct rule *rule)
{
    struct pattern *list = arena_array(c->cx->arena, tables->count, sizeof *list);

    for (size_t i = 0; i < tables->count; i++) {
        const struct std_str *text = &tables->items[i];

        list[i].at = text->at;
        if (!parse_pattern(text->v, &list[i])) {
            compiler_error(c, text->at, S("policy.tables"),
                           S("domain.product.table, parts may be * or left out"),
                           "\"" STR_FMT "\" is no address", STR_ARG(text->v));
        } else if (c->domain.len && list[i].domain.len && !str_eq(list[i].domain, c->domain)) {
            compiler_error(c, text->at, S("policy.domain"),
                           S("a policy for other domains belongs into policies/ of the mesh"),
                           "a policy of domain \"" STR_FMT "\" cannot reach \"" STR_FMT "\"",
                           STR_ARG(c->domain), STR_ARG(text->v));
        }
    }
    rule->applies.patterns      = list;
    rule->applies.pattern_count = tables->count;
}

static const str *read_texts(struct compiler *c, const struct std_strs *from, bool is_tag)
{
    str *list = arena_array(c->cx->arena, from->count, sizeof *list);

    for (size_t i = 0; i < from->count; i++) {
        str text = from->items[i].v;

        list[i] = is_tag ? lower(c->cx->arena, text) : text;
        if (text.len == 0 || text.len > COLUMN_NAME_MAX) {
            compiler_error(c, from->items[i].at, S("policy.name"), STR_NONE,
                           "a name or a tag has 1 to %d bytes", COLUMN_NAME_MAX);
        }
    }
    return list;
}

static void read_columns(struct compiler *c, const struct own_columns *own, struct selector *out)
{
    out->tags       = read_texts(c, &own->tag, true);
    out->tag_count  = own->tag.count;
    out->names      = read_texts(c, &own->name, false);
    out->name_count = own->name.count;
    if (own->contract.node) {
        tests_read(c, TEST_FIELD, own->contract.node, &out->fields);
    }
    if (own->classification.node) {
        struct yaml_member m = { .key     = S("classification"),
                                 .key_pos = own->classification.at,
                                 .value   = unconst(own->classification.node) };

        out->level = ARENA_NEW(c->cx->arena, struct test);
        if (!test_read(c, TEST_LEVEL, &m, out->level)) {
            out->level = NULL;
        }
    }
    if (!own->tag.count && !own->name.count && !own->contract.node && !own->classification.node) {
        compiler_error(c, own->at, S("policy.columns"), S("for all columns write {name: \"*\"}"),
                       "columns are chosen by tag, name, classification or contract");
    }
}

static bool is_about_columns(enum policy_action action)
{
    return action == POLICY_DENY_COLUMN || action == POLICY_DENY_PROJECTION ||
           action == POLICY_MASK;
}

void applies_read(struct compiler *c, const struct own_policy *policy, struct rule *rule)
{
    const struct own_applies *own       = &policy->applies;
    bool                      is_column = is_about_columns(rule->about.action);

    read_patterns(c, &own->tables, rule);
    rule->applies.tags      = read_texts(c, &own->tag, true);
    rule->applies.tag_count = own->tag.count;
    if (own->contract.node) {
        tests_read(c, TEST_FIELD, own->contract.node, &rule->applies.fields);
    }
    if (std_is_set(own->columns)) {
        read_columns(c, &own->columns, &rule->applies.columns);
    }
    if (is_column && !std_is_set(own->columns)) {
        compiler_error(c, policy->at, S("policy.columns"),
                       S("add applies: {columns: …}; {name: \"*\"} for all"), "%s needs columns",
                       policy_action_name(rule->about.action));
    } else if (!is_column && std_is_set(own->columns)) {
        compiler_error(c, own->columns.at, S("policy.columns"),
                       S("columns go with mask, deny: column and deny: projection"),
                       "%s is about whole tables", policy_action_name(rule->about.action));
    }
}

/* ---- matching ------------------------------------------------------------------------------------------- */

bool applies_tag_fits(str tag, str wanted)
{
    return str_eq_nocase(str_sub(tag, 0, wanted.len), wanted) &&
           (tag.len == wanted.len || tag.ptr[wanted.len] == '.');
}

/* Two cursors and the last `*`: linear but for the runs between stars. */
bool applies_name_fits(str name, str pattern)
{
    size_t n = 0, p = 0, star = SIZE_MAX, retry = 0;

    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star  = p++;
            retry = n;
        } else if (p < pattern.len && char_lower(pattern.ptr[p]) == char_lower(name.ptr[n])) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

static bool has_tag(const str *tags, size_t count, const str *wanted, size_t wanted_count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < wanted_count; k++) {
            if (applies_tag_fits(tags[i], wanted[k])) {
                return true;
            }
        }
    }
    return wanted_count == 0;
}

static bool fits_pattern(const struct pattern *p, const struct policy_object *o)
{
    return (p->domain.len == 0 || str_eq(p->domain, o->domain)) &&
           (p->product.len == 0 || str_eq(p->product, o->product)) &&
           (p->table.len == 0 || str_eq(p->table, o->table)) &&
           (p->major == 0 || p->major == o->major);
}

static bool fits_patterns(const struct applies *applies, const struct policy_object *o)
{
    for (size_t i = 0; i < applies->pattern_count; i++) {
        if (fits_pattern(&applies->patterns[i], o)) {
            return true;
        }
    }
    return applies->pattern_count == 0;
}

static enum truth field_holds(const struct test *t, const struct policy_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(fields[i].name, t->name)) {
            struct value value = { .type = VALUE_TEXT, .text = fields[i].value };

            return test_holds_text(t, &value);
        }
    }
    return test_holds_text(t, NULL);
}

/* A field that is absent selects for no allow policy, and for others by `!=` and `not in`. */
static bool fits_fields(const struct rule *rule, const struct tests *tests,
                        const struct policy_field *fields, size_t count)
{
    enum truth all = IS_TRUE;

    for (size_t i = 0; i < tests->count; i++) {
        all = truth_and(all, field_holds(&tests->items[i], fields, count));
    }
    return rule->about.action == POLICY_ALLOW_READ ? all == IS_TRUE : all != IS_FALSE;
}

bool applies_to_object(const struct rule *rule, const struct policy_object *object)
{
    const struct applies *a = &rule->applies;

    return (rule->about.domain.len == 0 || str_eq(rule->about.domain, object->domain)) &&
           fits_patterns(a, object) &&
           has_tag(object->tags, object->tag_count, a->tags, a->tag_count) &&
           fits_fields(rule, &a->fields, object->fields, object->field_count);
}

static bool fits_names(const struct selector *s, str name)
{
    for (size_t i = 0; i < s->name_count; i++) {
        if (applies_name_fits(name, s->names[i])) {
            return true;
        }
    }
    return s->name_count == 0;
}

static bool fits_level(const struct selector *s, enum policy_level level)
{
    struct value value = { .type = VALUE_INTEGER, .integer = (int64_t)level };

    return !s->level ||
           test_holds_text(s->level, level == POLICY_UNCLASSIFIED ? NULL : &value) != IS_FALSE;
}

bool applies_to_column(const struct rule *rule, const struct policy_column *column)
{
    const struct selector *s = &rule->applies.columns;

    return fits_names(s, column->name) &&
           has_tag(column->tags, column->tag_count, s->tags, s->tag_count) &&
           fits_level(s, column->level) &&
           fits_fields(rule, &s->fields, column->fields, column->field_count);
}

/*
 * A policy that names tables and columns exactly expects the columns to be there: one that was
 * renamed would otherwise lose its mask in silence.
 */
bool applies_by_name(const struct rule *rule, const struct policy_object *object)
{
    for (size_t i = 0; i < rule->applies.pattern_count; i++) {
        const struct pattern *p = &rule->applies.patterns[i];

        if (p->domain.len && p->product.len && p->table.len && fits_pattern(p, object)) {
            return true;
        }
    }
    return false;
}
