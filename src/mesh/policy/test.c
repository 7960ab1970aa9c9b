/*
 * test.c - tests: `region: EU`, `amount: ">= 100"`, `region: "in principal.regions"`.
 *
 * One reader for all of them; what a test is about (enum test_of) decides how its values are typed.
 * A text that begins like a test and is none is refused: taken as a plain value it would make a
 * deny policy that never hits.
 */
#include "policy/policy_int.h"

#include <stdlib.h>

/* ---- reading --------------------------------------------------------------------------------------- */

#define ESCAPE S("for the text itself write {equals: \"…\"}")

enum argument { NO_ARGUMENT, LITERAL, LITERAL_OR_REF, REF_OF_LIST };

static const struct word {
    str            text;
    enum policy_op op;
    enum argument  argument;
} words[] = {
    { STR_INIT("is not null"), POLICY_NOT_NULL, NO_ARGUMENT },
    { STR_INIT("is null"), POLICY_IS_NULL, NO_ARGUMENT },
    { STR_INIT("not in"), POLICY_NOT_IN, REF_OF_LIST },
    { STR_INIT("in"), POLICY_IN, REF_OF_LIST },
    { STR_INIT("starts with"), POLICY_STARTS_WITH, LITERAL },
    { STR_INIT("ends with"), POLICY_ENDS_WITH, LITERAL },
    { STR_INIT("contains"), POLICY_CONTAINS, LITERAL },
    { STR_INIT("!="), POLICY_NE, LITERAL_OR_REF },
    { STR_INIT("<="), POLICY_LE, LITERAL_OR_REF },
    { STR_INIT(">="), POLICY_GE, LITERAL_OR_REF },
    { STR_INIT("="), POLICY_EQ, LITERAL_OR_REF },
    { STR_INIT("<"), POLICY_LT, LITERAL_OR_REF },
    { STR_INIT(">"), POLICY_GT, LITERAL_OR_REF },
};

/* The word `text` begins with, whatever its letters; a word of letters ends at a blank. */
static const struct word *find_word(str text)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const struct word *w      = &words[i];
        bool               begins = str_eq_nocase(str_sub(text, 0, w->text.len), w->text);

        if (!begins || (w->argument == NO_ARGUMENT && text.len != w->text.len)) {
            continue;
        }
        if (!char_is_alpha(w->text.ptr[0]) || text.len == w->text.len ||
            text.ptr[w->text.len] == ' ') {
            return w;
        }
    }
    return NULL;
}

struct reading {
    struct compiler *c;
    enum test_of     of;
    str              key; /* as written */
    struct diag_pos  at;  /* of the value */
};

static void refuse(const struct reading *r, str hint, const char *what)
{
    compiler_error(r->c, r->at, S("policy.test"), hint, "the test of \"" STR_FMT "\" %s",
                   STR_ARG(r->key), what);
}

static enum value_type type_of(const struct reading *r, const struct test *t)
{
    if (r->of == TEST_PRINCIPAL) {
        return r->c->set->slots[t->slot].type;
    }
    return r->of == TEST_LEVEL ? VALUE_INTEGER : VALUE_TEXT;
}

/* Values of builtins are closed lists. */
static bool check_builtin(const struct reading *r, const struct test *t, str text)
{
    static const str kinds[] = { STR_INIT("user"), STR_INIT("service"), STR_INIT("agent"),
                                 STR_INIT("product") };

    if (r->of != TEST_PRINCIPAL || (t->slot != SLOT_KIND && t->slot != SLOT_GROUP)) {
        return true;
    }
    if (t->slot == SLOT_GROUP && !map_has(&r->c->set->groups, text)) {
        compiler_error(r->c, r->at, S("policy.group"),
                       compiler_nearest(r->c, text, &r->c->set->groups,
                                        S("groups stand in principals/*.yaml")),
                       "there is no group \"" STR_FMT "\"", STR_ARG(text));
        return false;
    }
    for (size_t i = 0; t->slot == SLOT_KIND && i < COUNT_OF(kinds); i++) {
        if (str_eq(text, kinds[i])) {
            return true;
        }
    }
    if (t->slot == SLOT_KIND) {
        refuse(r, S("user, service, agent or product"), "has no kind of principal");
    }
    return t->slot == SLOT_GROUP;
}

static bool read_literal(const struct reading *r, const struct test *t, str text, struct value *out)
{
    struct arena     *a    = r->c->cx->arena;
    enum value_type   type = type_of(r, t);
    enum policy_level level;

    if (r->of == TEST_LEVEL) {
        if (!policy_level_parse(text, &level) || level == POLICY_UNCLASSIFIED) {
            refuse(r, S("public, internal, confidential or restricted"), "has no level");
            return false;
        }
        text = arena_printf(a, "%d", (int)level);
    }
    if (!value_parse(a, type, text, out)) {
        compiler_error(r->c, r->at, S("policy.value"), STR_NONE,
                       "\"" STR_FMT "\" for \"" STR_FMT "\" is not " STR_FMT, STR_ARG(text),
                       STR_ARG(r->key), STR_ARG(value_type_name(type)));
        return false;
    }
    out->atom = atoms_intern(&r->c->set->atoms, a, out->text);
    return check_builtin(r, t, text);
}

static bool set_values(const struct reading *r, struct test *t, str text)
{
    t->values = ARENA_NEW(r->c->cx->arena, struct value);
    t->count  = read_literal(r, t, text, t->values);
    return t->count == 1;
}

/* Order and parts of texts need a type that has them; builtins have neither order nor parts. */
static bool check_op(const struct reading *r, const struct test *t)
{
    enum value_type type      = type_of(r, t);
    bool            is_order  = t->op >= POLICY_LT && t->op <= POLICY_GE;
    bool            is_part   = t->op >= POLICY_STARTS_WITH && t->op <= POLICY_CONTAINS;
    bool            is_closed = r->of == TEST_PRINCIPAL && t->slot < SLOT_FIRST;

    if (is_order && (is_closed || type == VALUE_BOOLEAN)) {
        refuse(r, S("write the value, or a list of values"), "asks for an order it does not have");
        return false;
    }
    if (is_part && (type != VALUE_TEXT || (is_closed && t->slot != SLOT_NAME))) {
        refuse(r, STR_NONE, "looks into a value that is not a text");
        return false;
    }
    return true;
}

static bool types_meet(enum value_type a, enum value_type b)
{
    return a == b || (a == VALUE_INTEGER && b == VALUE_NUMBER) ||
           (a == VALUE_NUMBER && b == VALUE_INTEGER);
}

/* `principal.region` behind an operator. */
static bool read_ref(const struct reading *r, struct test *t, str name, bool wants_list)
{
    struct policy_set *set  = r->c->set;
    const struct slot *slot = map_get(&set->slot_names, name);

    if (r->of != TEST_PRINCIPAL && r->of != TEST_COLUMN) {
        refuse(r, S("write the value"),
               "cannot look at the principal: it is about the table alone");
        return false;
    }
    if (!slot) {
        compiler_error(r->c, r->at, S("policy.attribute"),
                       compiler_nearest(r->c, name, &set->slot_names,
                                        S("attributes stand in principals/*.yaml")),
                       "principals have no attribute \"" STR_FMT "\"", STR_ARG(name));
        return false;
    }
    if (slot->is_list != wants_list) {
        refuse(r, slot->is_list ? S("write \"in principal.…\"") : S("write \"= principal.…\""),
               slot->is_list ? "compares with a list" : "looks in a single value");
        return false;
    }
    if (r->of == TEST_PRINCIPAL && !types_meet(slot->type, type_of(r, t))) {
        refuse(r, STR_NONE, "compares values of two types");
        return false;
    }
    t->is_ref = true;
    t->ref    = (size_t)(slot - set->slots);
    return true;
}

static bool read_argument(const struct reading *r, const struct word *w, str argument,
                          struct test *t)
{
    bool is_ref = str_starts(argument, S("principal."));

    if (argument.len == 0) {
        refuse(r, ESCAPE, "lacks what it compares with");
        return false;
    }
    if (w->argument == REF_OF_LIST && !is_ref) {
        refuse(r,
               S("write a list for \"one of\", \"in principal.…\" for a list of the principal, "
                 "{equals: \"…\"} for the text itself"),
               "has no list behind \"in\"");
        return false;
    }
    if (is_ref && w->argument == LITERAL) {
        refuse(r, ESCAPE, "cannot take its text from the principal");
        return false;
    }
    return is_ref ? read_ref(r, t, str_from(argument, S("principal.").len),
                             t->op == POLICY_IN || t->op == POLICY_NOT_IN)
                  : set_values(r, t, argument);
}

static bool read_text(const struct reading *r, str text, struct test *t)
{
    const struct word *w = find_word(text);

    if (!w) {
        return set_values(r, t, text);
    }
    if (!str_starts(text, w->text)) {
        refuse(r, S("write the word in lower case, or {equals: \"…\"} for the text itself"),
               "begins like a test");
        return false;
    }
    t->op = w->op;
    if (!check_op(r, t)) {
        return false;
    }
    return w->argument == NO_ARGUMENT ||
           read_argument(r, w, str_trim(str_from(text, w->text.len)), t);
}

static bool is_single(const struct yaml_node *node)
{
    return node->kind != YAML_NULL && node->kind != YAML_LIST && node->kind != YAML_MAP;
}

/* {equals: "= 5"} */
static bool read_equals(const struct reading *r, const struct yaml_node *node, str *out)
{
    const struct yaml_node *value = yaml_get(node, S("equals"));

    if (!value || node->count != 1 || !is_single(value)) {
        refuse(r, S("a mapping is {equals: \"the text\"}"), "is a mapping that is no test");
        return false;
    }
    *out = value->text;
    return true;
}

/* One of several: what looks like a test inside of a list is refused. */
static bool read_list(const struct reading *r, const struct yaml_node *node, struct test *t)
{
    size_t count = compiler_count(r->c, node, POLICY_VALUES_MAX, "POLICY_VALUES_MAX");

    t->op     = POLICY_IN;
    t->values = arena_array(r->c->cx->arena, count, sizeof *t->values);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item  = node->items[i];
        struct reading          inner = *r;
        str                     text  = item->text;

        inner.at = item->pos;
        if (item->kind == YAML_MAP) {
            if (!read_equals(&inner, item, &text)) {
                return false;
            }
        } else if (!is_single(item) || (item->kind == YAML_STRING && find_word(text))) {
            refuse(&inner,
                   S("a list holds plain values; write a list of mappings for several tests"),
                   "has an entry that is no plain value");
            return false;
        }
        if (!read_literal(&inner, t, text, &t->values[t->count])) {
            return false;
        }
        t->count++;
    }
    if (node->count == 0) {
        refuse(r, S("add a value, or remove the test"), "is one of no values");
    }
    return t->count > 0;
}

static bool read_value(const struct reading *r, const struct yaml_node *node, struct test *t)
{
    str text;

    t->op = POLICY_EQ;
    switch (node->kind) {
    case YAML_LIST: return read_list(r, node, t);
    case YAML_MAP: return read_equals(r, node, &text) && set_values(r, t, text);
    case YAML_NULL: refuse(r, S("write \"is null\""), "has no value"); return false;
    case YAML_STRING: return read_text(r, node->text, t);
    case YAML_BOOL: return set_values(r, t, node->truth ? S("true") : S("false"));
    case YAML_INT:
    case YAML_FLOAT: return set_values(r, t, node->text);
    }
    BUG("kind of a node");
}

static int by_atom(const void *a, const void *b)
{
    uint32_t x = ((const struct value *)a)->atom, y = ((const struct value *)b)->atom;

    return (x > y) - (x < y);
}

static bool find_slot(struct compiler *c, const struct yaml_member *m, struct test *t)
{
    const struct slot *slot = map_get(&c->set->slot_names, m->key);

    if (!slot) {
        compiler_error(c, m->key_pos, S("policy.attribute"),
                       compiler_nearest(c, m->key, &c->set->slot_names,
                                        S("attributes stand in principals/*.yaml")),
                       "principals have no attribute \"" STR_FMT "\"", STR_ARG(m->key));
        return false;
    }
    t->slot = (size_t)(slot - c->set->slots);
    return true;
}

bool test_read(struct compiler *c, enum test_of of, const struct yaml_member *m, struct test *out)
{
    struct reading r = { c, of, m->key, m->value->pos.line ? m->value->pos : m->key_pos };
    struct test    t = { .name = m->key, .at = m->key_pos };

    if (of == TEST_PRINCIPAL && !find_slot(c, m, &t)) {
        return false;
    }
    if (!read_value(&r, m->value, &t)) {
        return false;
    }
    if (of == TEST_PRINCIPAL && t.count > 1) {
        qsort(t.values, t.count, sizeof *t.values, by_atom);
    }
    *out = t;
    return true;
}

void tests_read(struct compiler *c, enum test_of of, const struct yaml_node *node,
                struct tests *out)
{
    size_t count;

    if (node->kind != YAML_MAP || node->count == 0) {
        compiler_error(c, node->pos, S("policy.test"), S("write name: value"),
                       "expected tests, found " STR_FMT,
                       STR_ARG(node->count == 0 && node->kind == YAML_MAP
                                   ? S("an empty mapping")
                                   : yaml_kind_name(node->kind)));
        return;
    }
    count      = compiler_count(c, node, POLICY_TESTS_MAX, "POLICY_TESTS_MAX");
    out->items = arena_array(c->cx->arena, count, sizeof *out->items);
    for (size_t i = 0; i < count; i++) {
        out->count += test_read(c, of, &node->members[i], &out->items[out->count]);
    }
}

void choice_read(struct compiler *c, enum test_of of, const struct yaml_node *node,
                 struct choice *out)
{
    bool   is_list = node->kind == YAML_LIST;
    size_t count   = 1;

    if (is_list) {
        count = compiler_count(c, node, POLICY_ALTERNATIVES, "POLICY_ALTERNATIVES");
    }
    if (is_list && node->count == 0) {
        compiler_error(c, node->pos, S("policy.test"), S("add a mapping of tests"),
                       "one of no mappings never holds");
    }
    out->items = arena_array(c->cx->arena, count, sizeof *out->items);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        tests_read(c, of, is_list ? node->items[i] : node, &out->items[i]);
    }
}

/* ---- holding ----------------------------------------------------------------------------------------- */

static bool has_atom(const struct test *t, uint32_t atom)
{
    size_t low = 0, high = t->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->values[middle].atom < atom) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < t->count && t->values[low].atom == atom;
}

static bool in_order(enum policy_op op, int cmp)
{
    return op == POLICY_LT   ? cmp < 0
           : op == POLICY_LE ? cmp <= 0
           : op == POLICY_GT ? cmp > 0
           : op == POLICY_GE ? cmp >= 0
                             : cmp == 0;
}

static bool has_part(enum policy_op op, str text, str part)
{
    return op == POLICY_STARTS_WITH ? str_starts(text, part)
           : op == POLICY_ENDS_WITH ? str_ends(text, part)
                                    : str_has(text, part);
}

static enum policy_op positive(enum policy_op op)
{
    return op == POLICY_NE ? POLICY_EQ : op == POLICY_NOT_IN ? POLICY_IN : op;
}

/* Does one value pass a test that is not negated, against the test's own values? */
static bool passes_literal(const struct test *t, enum policy_op op, const struct value *v)
{
    if (op == POLICY_EQ || op == POLICY_IN) {
        return has_atom(t, v->atom);
    }
    if (op >= POLICY_STARTS_WITH && op <= POLICY_CONTAINS) {
        return has_part(op, v->text, t->values[0].text);
    }
    return in_order(op, value_cmp(v, &t->values[0]));
}

static bool passes_ref(const struct slot_values *others, enum policy_op op, const struct value *v,
                       const struct asking *q)
{
    for (size_t i = 0; i < others->count; i++) {
        if (value_counts_in(&others->items[i], q->domain) &&
            in_order(op, value_cmp(v, &others->items[i]))) {
            return true;
        }
    }
    return false;
}

static enum truth test_holds(const struct test *t, const struct asking *q)
{
    const struct slot_values *mine   = &q->subject->slots[t->slot];
    const struct slot_values *others = t->is_ref ? &q->subject->slots[t->ref] : NULL;
    enum policy_op            op     = positive(t->op);
    bool                      passes = false;

    if (t->op == POLICY_IS_NULL || t->op == POLICY_NOT_NULL) {
        bool is_null = !mine->is_known || mine->count == 0;

        return truth_of(is_null == (t->op == POLICY_IS_NULL));
    }
    if (!mine->is_known || (others && !others->is_known)) {
        return IS_UNKNOWN;
    }
    for (size_t i = 0; i < mine->count && !passes; i++) {
        const struct value *v = &mine->items[i];

        passes = value_counts_in(v, q->domain) &&
                 (others ? passes_ref(others, op, v, q) : passes_literal(t, op, v));
    }
    return truth_of(passes == (op == t->op));
}

enum truth choice_holds(const struct choice *choice, const struct asking *q)
{
    enum truth any = choice->count == 0 ? IS_TRUE : IS_FALSE;

    for (size_t i = 0; i < choice->count && any != IS_TRUE; i++) {
        enum truth all = IS_TRUE;

        for (size_t k = 0; k < choice->items[i].count && all != IS_FALSE; k++) {
            all = truth_and(all, test_holds(&choice->items[i].items[k], q));
        }
        any = truth_or(any, all);
    }
    return any;
}

/* Texts of contracts: numbers compare as numbers, others letter by letter. */
static int cmp_text(const struct value *a, const struct value *b)
{
    struct yaml_node x = { 0 }, y = { 0 };
    double           left, right;

    if (a->type == VALUE_TEXT) {
        yaml_type_plain(a->text, &x);
        yaml_type_plain(b->text, &y);
        if (yaml_number(&x, &left) && yaml_number(&y, &right)) {
            return (left > right) - (left < right);
        }
    }
    return value_cmp(a, b);
}

enum truth test_holds_text(const struct test *t, const struct value *value)
{
    enum policy_op op     = positive(t->op);
    bool           passes = false;

    if (t->op == POLICY_IS_NULL || t->op == POLICY_NOT_NULL) {
        return truth_of((value == NULL) == (t->op == POLICY_IS_NULL));
    }
    if (!value) {
        return op == t->op ? IS_FALSE : IS_UNKNOWN;
    }
    for (size_t i = 0; i < t->count && !passes; i++) {
        passes = op >= POLICY_STARTS_WITH && op <= POLICY_CONTAINS
                     ? has_part(op, value->text, t->values[i].text)
                     : in_order(op, cmp_text(value, &t->values[i]));
    }
    return truth_of(passes == (op == t->op));
}
