/*
 * diff_test.c - laws of the difference of two documents; a failure prints its seed (WEFT_SEED).
 *
 *   apply      diff(a, b) applied to a gives b, for documents of every shape the standards know, torn and
 *              shuffled, with names that stand twice and fields nobody knows.
 *   monotone   a chain of tightenings is never called looser, step by step or as a whole, and the way back
 *              never tighter; what there is TIGHTER is LOOSER on the way back.
 */
#include "contract/diff.h"

#include "test.h"

#include <stdlib.h>

#include "codec/json.h"
#include "codec/yaml.h"
#include "support/test_ctx.h"

enum { APPLY_ROUNDS = 3000, CHAIN_ROUNDS = 2000, CHAIN_LENGTH = 5, DEPTH = 4 };

static uint64_t first_seed(void)
{
    const char *seed = getenv("WEFT_SEED");

    return seed ? strtoull(seed, NULL, 10) : 20261128;
}

static const struct yaml_node *read_tree(struct test_ctx *t, str text)
{
    struct diags      diags = { 0 };
    struct diag_text  doc   = { S("doc"), text };
    struct yaml_node *root;

    if (yaml_read(&t->cx, &doc, NULL, &diags, &root) != ST_OK || diags.errors) {
        fail_msg("%s\n" STR_FMT, t->err.text, STR_ARG(text));
    }
    return root;
}

/* ---- random documents ---- */

static size_t below(struct test_ctx *t, size_t n)
{
    return test_random_below(&t->random, n);
}

static struct json *text(struct test_ctx *t, const char *s)
{
    return json_new_str(t->cx.arena, str_of(s));
}

static struct json *random_scalar(struct test_ctx *t)
{
    static const char *const words[] = { "a", "b", "c", "", "1", "true", "null", "x y", "é", "[" };

    switch (below(t, 6)) {
    case 0: return json_new_null(t->cx.arena);
    case 1: return json_new_bool(t->cx.arena, below(t, 2));
    case 2: return json_new_i64(t->cx.arena, (int64_t)below(t, 5) - 2);
    case 3: return json_new_double(t->cx.arena, (double)below(t, 9) / 4.0);
    default: return text(t, words[below(t, CASES(words))]);
    }
}

/* What stands in which container: fields by shape, lists of shapes, anything at all. */
struct field {
    const char *name,
        *shape; /* shape: "" a scalar, "x" a mapping, "[x" a list of them, "*" anything */
};

static const struct shape {
    const char  *name;
    struct field fields[20];
} shapes[] = {
    { "contract",
      { { "id", "" },
        { "name", "" },
        { "version", "" },
        { "status", "" },
        { "tags", "[" },
        { "schema", "[object" },
        { "servers", "[server" },
        { "team", "*" },
        { "roles", "[role" },
        { "price", "price" },
        { "slaProperties", "[sla" },
        { "description", "words" },
        { "customProperties", "[custom" },
        { "support", "[support" },
        { "x-more", "*" } } },
    { "object",
      { { "id", "" },
        { "name", "" },
        { "description", "" },
        { "properties", "[property" },
        { "properties", "[property" },
        { "quality", "[rule" },
        { "tags", "[" },
        { "synonyms", "[synonym" },
        { "relationships", "[relation" },
        { "unknown", "*" } } },
    { "property",
      { { "id", "" },
        { "name", "" },
        { "name", "" },
        { "logicalType", "" },
        { "physicalType", "" },
        { "required", "" },
        { "unique", "" },
        { "primaryKey", "" },
        { "logicalTypeOptions", "options" },
        { "enum", "[word" },
        { "items", "property" },
        { "map", "map" },
        { "properties", "[property" },
        { "quality", "[rule" },
        { "examples", "[*" },
        { "tags", "[" },
        { "customProperties", "[custom" } } },
    { "options",
      { { "minimum", "" },
        { "maximum", "" },
        { "exclusiveMinimum", "" },
        { "multipleOf", "" },
        { "minLength", "" },
        { "maxItems", "" },
        { "pattern", "" },
        { "required", "[" },
        { "format", "" } } },
    { "word", { { "value", "" }, { "value", "" }, { "label", "" }, { "id", "" } } },
    { "map", { { "key", "property" }, { "value", "property" } } },
    { "rule",
      { { "id", "" },
        { "name", "" },
        { "type", "" },
        { "metric", "" },
        { "mustBe", "" },
        { "mustBeLessThan", "" },
        { "severity", "" },
        { "arguments", "arguments" },
        { "query", "" } } },
    { "arguments", { { "validValues", "[*" }, { "missingValues", "[" }, { "properties", "[" } } },
    { "relation", { { "from", "*" }, { "to", "" }, { "id", "" } } },
    { "server", { { "server", "" }, { "type", "" }, { "roles", "[role" }, { "port", "" } } },
    { "role", { { "role", "" }, { "access", "" } } },
    { "price", { { "priceAmount", "" }, { "priceUnit", "" } } },
    { "sla", { { "property", "" }, { "value", "" }, { "unit", "" }, { "element", "" } } },
    { "words", { { "purpose", "" }, { "usage", "" }, { "customProperties", "[custom" } } },
    { "custom", { { "property", "" }, { "value", "*" }, { "id", "" } } },
    { "support", { { "channel", "" }, { "url", "" } } },
    { "synonym", { { "synonym", "" }, { "locale", "" } } },
};

static struct json *random_value(struct test_ctx *t, str shape, unsigned depth);

static struct json *random_map(struct test_ctx *t, str name, unsigned depth)
{
    struct json *made = json_new_object(t->cx.arena);

    for (size_t i = 0; i < CASES(shapes); i++) {
        for (size_t k = 0; str_eq(str_of(shapes[i].name), name) && shapes[i].fields[k].name; k++) {
            if (below(t, 3) > 0) {
                json_set(t->cx.arena, made, str_of(shapes[i].fields[k].name),
                         random_value(t, str_of(shapes[i].fields[k].shape), depth + 1));
            }
        }
    }
    return made;
}

static struct json *random_value(struct test_ctx *t, str shape, unsigned depth)
{
    struct json *made;

    if (shape.len == 0 || depth > 2 * DEPTH || below(t, 40) == 0) {
        return random_scalar(t);
    }
    if (str_eq(shape, S("*"))) {
        static const char *const any[] = { "", "[", "words", "[member", "[*" };

        return random_value(t, str_of(any[below(t, CASES(any))]), depth + 1);
    }
    if (shape.ptr[0] != '[') {
        return random_map(t, shape, depth);
    }
    made = json_new_array(t->cx.arena);
    for (size_t n = below(t, depth > DEPTH ? 2 : 5); n > 0; n--) {
        json_append(t->cx.arena, made, random_value(t, str_from(shape, 1), depth + 1));
    }
    return made;
}

/* ---- random edits ---- */

static void shuffle(struct test_ctx *t, struct json *list)
{
    for (size_t i = list->count; i > 1; i--) {
        size_t       k    = below(t, i);
        struct json *kept = list->items[i - 1];

        list->items[i - 1] = list->items[k];
        list->items[k]     = kept;
    }
}

static void edit_list(struct test_ctx *t, struct json *list)
{
    if (list->count == 0) {
        return;
    }
    switch (below(t, 5)) {
    case 0: shuffle(t, list); return;
    case 1:
        ignore(json_remove_at(list, below(t, list->count)) ? ST_OK : ST_NOT_FOUND, "gone");
        return;
    case 2:
        json_insert(t->cx.arena, list, below(t, list->count + 1),
                    json_dup(t->cx.arena, list->items[below(t, list->count)]));
        return;
    default: return;
    }
}

static void edit(struct test_ctx *t, struct json *node, unsigned rate)
{
    if (node->kind == JSON_ARRAY) {
        for (size_t i = 0; i < node->count; i++) {
            edit(t, node->items[i], rate);
        }
        if (below(t, rate) == 0) {
            edit_list(t, node);
        }
    } else if (node->kind == JSON_OBJECT) {
        for (size_t i = node->count; i > 0; i--) {
            struct json_member *m = &node->members[i - 1];

            edit(t, m->value, rate);
            if (below(t, rate) == 0) {
                m->value = random_scalar(t);
            } else if (below(t, rate) == 0) {
                ignore(json_remove(node, m->key) ? ST_OK : ST_NOT_FOUND, "gone");
            }
        }
    }
}

/* ---- apply ---- */

/* A second reading of a tree as JSON, for RFC 8785 to compare. */
static struct json *as_json(struct test_ctx *t, const struct yaml_node *node)
{
    struct arena *a = t->cx.arena;
    struct json  *made;

    switch (node->kind) {
    case YAML_NULL: return json_new_null(a);
    case YAML_BOOL: return json_new_bool(a, node->truth);
    case YAML_INT: return json_new_i64(a, node->integer);
    case YAML_FLOAT: return json_new_double(a, node->real);
    case YAML_STRING: return json_new_str(a, node->text);
    case YAML_LIST:
        made = json_new_array(a);
        for (size_t i = 0; i < node->count; i++) {
            json_append(a, made, as_json(t, node->items[i]));
        }
        return made;
    case YAML_MAP:
        made = json_new_object(a);
        for (size_t i = 0; i < node->count; i++) {
            json_set(a, made, node->members[i].key, as_json(t, node->members[i].value));
        }
        return made;
    }
    return NULL;
}

static str canonical(struct test_ctx *t, const struct yaml_node *node)
{
    str made;

    assert_int_equal(json_canonical(&t->cx, as_json(t, node), &made), ST_OK);
    return made;
}

static void applied_is_the_other(struct test_ctx *t, uint64_t seed, const struct yaml_node *a,
                                 const struct yaml_node *b, enum diff_document document)
{
    const struct yaml_node *made;
    struct difference       d;
    str                     want = canonical(t, b);

    assert_int_equal(diff_trees(&t->cx, document, a, b, &d), ST_OK);
    if (diff_apply(&t->cx, a, &d, &made) != ST_OK) {
        fail_msg("seed %llu: %s\n" STR_FMT "\n" STR_FMT, (unsigned long long)seed, t->err.text,
                 STR_ARG(canonical(t, a)), STR_ARG(want));
    }
    if (!str_eq(canonical(t, made), want) || (d.list.count == 0) != str_eq(canonical(t, a), want)) {
        fail_msg("seed %llu: %zu changes\nfrom " STR_FMT "\nto   " STR_FMT "\ngot  " STR_FMT,
                 (unsigned long long)seed, d.list.count, STR_ARG(canonical(t, a)), STR_ARG(want),
                 STR_ARG(canonical(t, made)));
    }
}

static str written(struct test_ctx *t, const struct json *tree)
{
    str made;

    assert_int_equal(json_write(&t->cx, tree, JSON_PRETTY, &made), ST_OK);
    return made;
}

static void applying_gives_the_other_document(void **state)
{
    uint64_t seed = first_seed();
    size_t   left = APPLY_ROUNDS;

    print_message("seed %llu\n", (unsigned long long)seed);
    for (; left > 0; left--, seed++) {
        struct test_ctx t;
        struct json    *a, *b;

        test_ctx_init(&t, seed);
        t.random.state = seed;
        a              = random_map(&t, S("contract"), 0);
        b              = below(&t, 8) ? json_dup(t.cx.arena, a) : random_map(&t, S("contract"), 0);
        edit(&t, b, 2 + (unsigned)below(&t, 30));
        applied_is_the_other(&t, seed, read_tree(&t, written(&t, a)), read_tree(&t, written(&t, b)),
                             below(&t, 6) ? DIFF_CONTRACT : DIFF_PRODUCT);
        test_ctx_release(&t);
    }
}

/* ---- monotone ---- */

/* Facets that a step may tighten: by how much is random. A domain that is empty stays so. */
struct column {
    int64_t low, high, least, most; /* bounds of the number and of the length */
    int64_t step;
    bool    is_text, has_low, has_high, has_least, has_most, is_required, is_unique, is_open;
    size_t  words; /* of an enum w0 …; 0: none */
    size_t  nulls; /* mustBeLessThan of nullValues; 0: none */
};

static str column_text(struct test_ctx *t, const struct column *c)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(1 << 16);

    buf_printf(&out,
               "apiVersion: v3.2.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n"
               "schema:\n  - name: t\n    properties:\n      - name: x\n        logicalType: %s\n",
               c->is_text ? "string" : "integer");
    buf_printf(&out, "        required: %s\n        unique: %s\n        logicalTypeOptions: {",
               c->is_required ? "true" : "false", c->is_unique ? "true" : "false");
    if (!c->is_text && c->has_low) {
        buf_printf(&out, "%s: %lld, ", c->is_open ? "exclusiveMinimum" : "minimum",
                   (long long)c->low - c->is_open);
    }
    if (!c->is_text && c->has_high) {
        buf_printf(&out, "maximum: %lld, ", (long long)c->high);
    }
    if (!c->is_text && c->step > 1) {
        buf_printf(&out, "multipleOf: %lld, ", (long long)c->step);
    }
    if (c->is_text && c->has_least) {
        buf_printf(&out, "minLength: %lld, ", (long long)c->least);
    }
    if (c->is_text && c->has_most) {
        buf_printf(&out, "maxLength: %lld, ", (long long)c->most);
    }
    buf_add(&out, S("}\n"));
    for (size_t i = 0; i < c->words; i++) {
        buf_printf(&out, i ? ", {value: %s%zu}" : "        enum: [{value: %s%zu}",
                   c->is_text ? "w" : "", i * 6);
    }
    buf_add(&out, c->words ? S("]\n") : STR_NONE);
    if (c->nulls) {
        buf_printf(&out, "        quality: [{metric: nullValues, mustBeLessThan: %zu}]\n",
                   c->nulls);
    }
    return arena_dup(t->cx.arena, buf_view(&out));
}

static void tighten(struct test_ctx *t, struct column *c)
{
    switch (below(t, 9)) {
    case 0:
        c->low     = c->has_low ? c->low + (int64_t)below(t, 4) : (int64_t)below(t, 20) - 10;
        c->has_low = true;
        return;
    case 1:
        c->high     = c->has_high ? c->high - (int64_t)below(t, 4) : (int64_t)below(t, 50);
        c->has_high = true;
        return;
    case 2: c->step *= 1 + (int64_t)below(t, 3); return;
    case 3:
        c->least     = c->has_least ? c->least + (int64_t)below(t, 2) : (int64_t)below(t, 3);
        c->has_least = true;
        return;
    case 4:
        c->most =
            c->has_most && c->most > 0 ? c->most - (int64_t)below(t, 2) : (int64_t)below(t, 9);
        c->most     = c->has_most && c->most < 0 ? 0 : c->most;
        c->has_most = true;
        return;
    case 5: c->is_required = true; return;
    case 6: c->is_unique = true; return;
    case 7: c->words = c->words == 0 ? 1 + below(t, 8) : c->words > 1 ? c->words - 1 : 1; return;
    default: c->nulls = c->nulls == 0 ? 1 + below(t, 9) : c->nulls > 1 ? c->nulls - 1 : 1; return;
    }
}

/* maxLength may not grow: it is raised above only from "none". */
static bool is_tightening(const struct column *a, const struct column *b)
{
    return !(a->has_most && b->most > a->most);
}

static struct difference compare(struct test_ctx *t, const struct column *a, const struct column *b)
{
    struct difference d;

    assert_int_equal(diff_trees(&t->cx, DIFF_CONTRACT, read_tree(t, column_text(t, a)),
                                read_tree(t, column_text(t, b)), &d),
                     ST_OK);
    return d;
}

static void never(struct test_ctx *t, uint64_t seed, const struct difference *d,
                  enum diff_effect effect, const struct column *a, const struct column *b)
{
    for (size_t i = 0; i < d->list.count; i++) {
        const struct diff_change *c = &d->list.items[i];

        if (c->effect == effect || c->effect == DIFF_MIXED || c->effect == DIFF_UNKNOWN) {
            fail_msg("seed %llu: " STR_FMT " is " STR_FMT "\n" STR_FMT STR_FMT,
                     (unsigned long long)seed, STR_ARG(diff_sentence(&t->cx, c)),
                     STR_ARG(diff_effect_name(c->effect)), STR_ARG(column_text(t, a)),
                     STR_ARG(column_text(t, b)));
        }
    }
}

static void mirror(uint64_t seed, const struct difference *there, const struct difference *back)
{
    bool tight = false, loose = false;

    for (size_t i = 0; i < there->list.count; i++) {
        tight = tight || there->list.items[i].effect == DIFF_TIGHTER;
    }
    for (size_t i = 0; i < back->list.count; i++) {
        loose = loose || back->list.items[i].effect == DIFF_LOOSER;
    }
    if (tight != loose || (there->impact == DIFF_MAJOR) != tight || back->impact == DIFF_MAJOR) {
        fail_msg("seed %llu: there " STR_FMT ", back " STR_FMT, (unsigned long long)seed,
                 STR_ARG(diff_impact_name(there->impact)), STR_ARG(diff_impact_name(back->impact)));
    }
}

static void tightening_is_never_called_loosening(void **state)
{
    uint64_t seed = first_seed();

    print_message("seed %llu\n", (unsigned long long)seed);
    for (size_t round = 0; round < CHAIN_ROUNDS; round++, seed++) {
        struct test_ctx   t;
        struct column     first = { .step = 1 }, last, next;
        struct difference d, back;
        bool              any = false;

        test_ctx_init(&t, seed);
        t.random.state = seed;
        first.is_text  = below(&t, 2);
        first.is_open  = below(&t, 2);
        for (size_t n = below(&t, 5); n > 0; n--) {
            tighten(&t, &first);
        }
        last = first;
        for (size_t n = 0; n < CHAIN_LENGTH; n++) {
            next = last;
            tighten(&t, &next);
            if (!is_tightening(&last, &next)) {
                continue;
            }
            d    = compare(&t, &last, &next);
            back = compare(&t, &next, &last);
            never(&t, seed, &d, DIFF_LOOSER, &last, &next);
            never(&t, seed, &back, DIFF_TIGHTER, &next, &last);
            mirror(seed, &d, &back);
            any  = any || d.impact == DIFF_MAJOR;
            last = next;
        }
        d = compare(&t, &first, &last);
        never(&t, seed, &d, DIFF_LOOSER, &first, &last);
        if ((d.impact == DIFF_MAJOR) != any) {
            fail_msg("seed %llu: the steps are %s, the whole is " STR_FMT, (unsigned long long)seed,
                     any ? "breaking" : "not breaking", STR_ARG(diff_impact_name(d.impact)));
        }
        test_ctx_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applying_gives_the_other_document),
        cmocka_unit_test(tightening_is_never_called_loosening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
