/*
 * codec_test.c - laws of the codecs over random values; a failure prints its seed.
 *
 *   json       write, read: the same tree. canonical, read, canonical: the same bytes.
 *   yaml       a random document reads as the value it was made from; an edit changes that value only.
 *   csv        rows written are the rows read.
 */
#include "codec/csv.h"
#include "codec/json.h"
#include "codec/yaml_edit.h"

#include "test.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "support/test_ctx.h"

enum { ROUNDS = 2000, DEPTH = 4, WIDTH = 5 };

/* ---- random values ---- */

/* Characters that quoting, escaping and indentation stumble over, and some of all lengths. */
static str random_text(struct test_ctx *t)
{
    static const uint32_t odd[]         = { ' ',  ':',  '#',    '-',    '\'',   '"',     '\\', '\n',
                                            '\t', '\r', '{',    '}',    '[',    ']',     ',',  '&',
                                            '*',  '!',  '|',    '>',    '%',    '@',     0,    0x85,
                                            0xE4, 0x7F, 0x20AC, 0x2028, 0xFEFF, 0x1F600, '1',  '~' };
    CLEANUP(buf_release) struct buf out = BUF_INIT(4096);
    size_t                          count = test_random_below(&t->random, 8);

    for (size_t i = 0; i < count; i++) {
        bool is_odd = test_random_below(&t->random, 2) == 0;

        utf8_add(&out, is_odd ? odd[test_random_below(&t->random, CASES(odd))]
                              : 'a' + (uint32_t)test_random_below(&t->random, 26));
    }
    return arena_dup(t->cx.arena, buf_view(&out));
}

static double random_double(struct test_ctx *t)
{
    uint64_t bits = test_random_next(&t->random);
    double   value;

    memcpy(&value, &bits, sizeof value);
    return isfinite(value) ? value : 0.1 * (double)test_random_below(&t->random, 1000);
}

static struct json *random_scalar(struct test_ctx *t)
{
    struct arena *a = t->cx.arena;

    switch (test_random_below(&t->random, 6)) {
    case 0: return json_new_null(a);
    case 1: return json_new_bool(a, test_random_below(&t->random, 2) == 0);
    case 2:
        return json_new_i64(a, (int64_t)test_random_next(&t->random) >>
                                   test_random_below(&t->random, 64));
    case 3: return json_new_double(a, random_double(t));
    default: return json_new_str(a, random_text(t));
    }
}

static struct json *random_tree(struct test_ctx *t, size_t depth)
{
    struct arena *a     = t->cx.arena;
    size_t        kind  = test_random_below(&t->random, 3);
    size_t        width = test_random_below(&t->random, WIDTH);
    struct json  *v;

    if (depth == 0 || kind == 0) {
        return random_scalar(t);
    }
    v = kind == 1 ? json_new_array(a) : json_new_object(a);
    for (size_t i = 0; i < width; i++) {
        struct json *child = random_tree(t, depth - 1);

        if (kind == 1) {
            json_append(a, v, child);
        } else {
            json_set(a, v, random_text(t), child);
        }
    }
    return v;
}

/* ---- json ---- */

/* A double written without a fraction reads as an integer: compare what both write. */
static void json_survives_writing(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct test_ctx t;
        struct ctx     *cx = test_ctx_init(&t, seed);
        struct json    *v = random_tree(&t, DEPTH), *again = NULL;
        str             text, pretty, twice;

        if (json_write(cx, v, JSON_COMPACT, &text) != ST_OK ||
            json_write(cx, v, JSON_PRETTY, &pretty) != ST_OK ||
            json_read(cx, pretty, "pretty", NULL, &again) != ST_OK ||
            json_write(cx, again, JSON_COMPACT, &twice) != ST_OK || !str_eq(text, twice)) {
            fail_msg("seed %llu: " STR_FMT, (unsigned long long)seed, STR_ARG(text));
        }
        test_ctx_release(&t);
    }
}

/* The same members in another order, at every depth. */
static struct json *shuffled(struct test_ctx *t, const struct json *v)
{
    struct json *copy = json_dup(t->cx.arena, v);

    for (size_t i = 0; copy->kind == JSON_ARRAY && i < copy->count; i++) {
        copy->items[i] = shuffled(t, copy->items[i]);
    }
    for (size_t i = 0; copy->kind == JSON_OBJECT && i < copy->count; i++) {
        size_t             other = i + test_random_below(&t->random, copy->count - i);
        struct json_member moved = copy->members[other];

        copy->members[other]   = copy->members[i];
        copy->members[i]       = moved;
        copy->members[i].value = shuffled(t, copy->members[i].value);
    }
    return copy;
}

static void canonical_json_is_one_text_per_value(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        struct test_ctx t;
        struct ctx     *cx = test_ctx_init(&t, seed);
        struct json    *v = random_tree(&t, DEPTH), *again = NULL;
        struct json    *other = shuffled(&t, v);
        str             text, twice, reordered;

        assert_true(json_equal(v, other, NULL));
        if (json_canonical(cx, v, &text) == ST_OK) { /* else: an integer beyond 2^53 */
            assert_int_equal(json_canonical(cx, other, &reordered), ST_OK);
            assert_int_equal(json_read(cx, text, "canonical", NULL, &again), ST_OK);
            assert_int_equal(json_canonical(cx, again, &twice), ST_OK);
            if (!str_eq(text, twice) || !str_eq(text, reordered)) {
                fail_msg("seed %llu: " STR_FMT, (unsigned long long)seed, STR_ARG(text));
            }
        } else {
            assert_int_equal(json_canonical(cx, other, &reordered), ST_INVALID);
        }
        test_ctx_release(&t);
    }
}

static void numbers_survive_their_shortest_text(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 7);

    for (int i = 0; i < 50000; i++) {
        char              room[JSON_NUMBER_ROOM];
        double            value = random_double(&t), back = 0;
        struct json      *v;
        struct arena_mark mark = arena_mark(cx->arena);

        assert_int_equal(json_read(cx, json_number_text(value, room), "number", NULL, &v), ST_OK);
        assert_true(json_number(v, &back));
        assert_true(!(back < value) && !(back > value));
        arena_rewind(cx->arena, mark);
    }
    test_ctx_release(&t);
}

/* ---- yaml ---- */

static struct yaml_scalar scalar_of(const struct json *v)
{
    switch (v->kind) {
    case JSON_BOOL: return (struct yaml_scalar){ .kind = YAML_BOOL, .truth = v->truth };
    case JSON_I64: return (struct yaml_scalar){ .kind = YAML_INT, .integer = v->i64 };
    case JSON_DOUBLE: return (struct yaml_scalar){ .kind = YAML_FLOAT, .real = v->real };
    case JSON_STRING: return (struct yaml_scalar){ .kind = YAML_STRING, .text = v->text };
    case JSON_NULL:
    case JSON_U64:
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    return (struct yaml_scalar){ .kind = YAML_NULL };
}

static bool same(const struct yaml_node *node, const struct json *v)
{
    double real;

    switch (v->kind) {
    case JSON_NULL: return node->kind == YAML_NULL;
    case JSON_BOOL: return node->kind == YAML_BOOL && node->truth == v->truth;
    case JSON_I64: return node->kind == YAML_INT && node->integer == v->i64;
    case JSON_U64:
    case JSON_DOUBLE: return yaml_number(node, &real) && !(real < v->real) && !(real > v->real);
    case JSON_STRING: return node->kind == YAML_STRING && str_eq(node->text, v->text);
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    if (node->kind != (v->kind == JSON_ARRAY ? YAML_LIST : YAML_MAP) || node->count != v->count) {
        return false;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (v->kind == JSON_ARRAY) {
            if (!same(node->items[i], v->items[i])) {
                return false;
            }
        } else if (!str_eq(node->members[i].key, v->members[i].key) ||
                   !same(node->members[i].value, v->members[i].value)) {
            return false;
        }
    }
    return true;
}

static void put_break(struct test_ctx *t, struct buf *out, size_t indent)
{
    static const str breaks[] = { STR_INIT("\n"), STR_INIT("\n"), STR_INIT("  # why\n"),
                                  STR_INIT("\n\n"), STR_INIT(" \n# note\n") };

    buf_add(out, breaks[test_random_below(&t->random, CASES(breaks))]);
    buf_add_n(out, ' ', indent);
}

/* JSON may hold raw characters that libyaml takes for line breaks or refuses. */
static bool has_raw_breaks(str json)
{
    return str_has(json, S("\xC2\x85")) || str_has(json, S("\xE2\x80\xA8")) ||
           str_has(json, S("\x7F")) || str_has(json, S("\xEF\xBB\xBF"));
}

/* `v` as YAML behind "key:" or "-": block style mostly, else JSON on the same line. */
static void put_yaml(struct test_ctx *t, struct buf *out, const struct json *v, size_t indent)
{
    bool is_flow;
    str  text;

    assert_int_equal(json_write(&t->cx, v, JSON_COMPACT, &text), ST_OK);
    is_flow = v->count == 0 || (test_random_below(&t->random, 4) == 0 && !has_raw_breaks(text));
    if ((v->kind == JSON_ARRAY || v->kind == JSON_OBJECT) && !is_flow) {
        for (size_t i = 0; i < v->count; i++) {
            put_break(t, out, indent);
            if (v->kind == JSON_ARRAY) {
                buf_add(out, S("-"));
                put_yaml(t, out, v->items[i], indent + 2);
            } else {
                buf_add(out, yaml_quote(&t->cx, v->members[i].key));
                buf_add(out, S(":"));
                put_yaml(t, out, v->members[i].value,
                         indent + 1 + test_random_below(&t->random, 3));
            }
        }
        return;
    }
    buf_add_char(out, ' ');
    if (v->kind == JSON_STRING) {
        buf_add(out, yaml_quote(&t->cx, v->text));
    } else if (v->kind != JSON_NULL || test_random_below(&t->random, 2) == 0) {
        buf_add(out, text);
    }
}

/* A leaf of a tree and the pointer to it. */
struct leaf {
    struct json **at;
    str           pointer;
};

static str pointer_step(struct test_ctx *t, str pointer, str key)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT(4096);

    buf_add(&out, pointer);
    buf_add_char(&out, '/');
    for (size_t i = 0; i < key.len; i++) {
        buf_add(&out, key.ptr[i] == '~'   ? S("~0")
                      : key.ptr[i] == '/' ? S("~1")
                                          : (str){ &key.ptr[i], 1 });
    }
    return arena_dup(t->cx.arena, buf_view(&out));
}

/* A random way down to a scalar or an empty collection. */
static struct leaf random_leaf(struct test_ctx *t, struct json **root)
{
    struct leaf leaf = { root, S("") };

    while (((*leaf.at)->kind == JSON_ARRAY || (*leaf.at)->kind == JSON_OBJECT) &&
           (*leaf.at)->count) {
        struct json *v = *leaf.at;
        size_t       i = test_random_below(&t->random, v->count);

        if (v->kind == JSON_ARRAY) {
            leaf.at      = &v->items[i];
            leaf.pointer = arena_printf(t->cx.arena, STR_FMT "/%zu", STR_ARG(leaf.pointer), i);
        } else {
            leaf.at      = &v->members[i].value;
            leaf.pointer = pointer_step(t, leaf.pointer, v->members[i].key);
        }
    }
    return leaf;
}

static bool reads_as(struct test_ctx *t, str bytes, const struct json *v)
{
    struct diag_text  text = { S("random.yaml"), bytes };
    struct diags      d    = { 0 };
    struct yaml_node *root;

    return yaml_read(&t->cx, &text, NULL, &d, &root) == ST_OK && d.errors == 0 && same(root, v);
}

/* Sets one leaf, then puts a key into the root map; after each the text reads as the tree meant. */
static void edit_round(struct test_ctx *t, struct json *v, str bytes, size_t *done)
{
    struct json *value = random_scalar(t);
    struct leaf  leaf  = random_leaf(t, &v);
    str          made;

    if (yaml_edit_set(&t->cx, bytes, leaf.pointer, scalar_of(value), &made) == ST_OK) {
        *leaf.at = value;
        bytes    = made;
        ++*done;
    }
    assert_true(reads_as(t, bytes, v));
    if (v->kind == JSON_OBJECT &&
        yaml_edit_set(&t->cx, bytes, S("/brand new"), scalar_of(value), &made) == ST_OK) {
        json_set(t->cx.arena, v, S("brand new"), value);
        bytes = made;
        ++*done;
    }
    assert_true(reads_as(t, bytes, v));
}

static void yaml_edits_change_what_is_meant_and_nothing_else(void **state)
{
    size_t done = 0, tried = 0;

    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(buf_release) struct buf out = BUF_INIT((size_t)1 << 20);
        struct test_ctx                 t;
        struct ctx                     *cx = test_ctx_init(&t, seed);
        struct json                    *v  = json_new_object(cx->arena);

        for (int i = 0; i < 4; i++) {
            json_set(cx->arena, v, arena_printf(cx->arena, "key %d", i), random_tree(&t, DEPTH));
        }
        put_yaml(&t, &out, v, 0);
        buf_add(&out, S("\n# end\n"));
        if (!reads_as(&t, buf_view(&out), v)) {
            fail_msg("seed %llu:\n" STR_FMT, (unsigned long long)seed, STR_ARG(buf_view(&out)));
        }
        edit_round(&t, v, buf_view(&out), &done);
        tried += 2;
        test_ctx_release(&t);
    }
    assert_true(done > tried / 2); /* refusing everything would be right, too */
}

/* ---- csv ---- */

static void csv_rows_survive_writing(void **state)
{
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        CLEANUP(buf_release) struct buf out = BUF_INIT((size_t)1 << 20);
        struct test_ctx                 t;
        struct ctx                     *cx    = test_ctx_init(&t, seed);
        size_t                          count = 1 + test_random_below(&t.random, WIDTH);
        struct csv_field                row[WIDTH], *again;
        struct csv_writer               w;
        struct csv_reader               r;
        size_t                          again_count;

        csv_w_init(&w, &out, ',');
        for (size_t i = 0; i < count; i++) {
            row[i] = (struct csv_field){ .is_null = test_random_below(&t.random, 4) == 0 };
            if (row[i].is_null) {
                csv_w_null(&w);
            } else {
                row[i].text = random_text(&t);
                csv_w_field(&w, row[i].text);
            }
        }
        csv_w_row_end(&w);
        csv_r_init(&r, buf_view(&out), ',');
        assert_int_equal(csv_r_row(&r, cx, &again, &again_count), ST_OK);
        assert_false(csv_r_has_row(&r));
        assert_int_equal(again_count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(again[i].is_null, row[i].is_null);
            assert_true(str_eq(again[i].text, row[i].text));
        }
        test_ctx_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_survives_writing),
        cmocka_unit_test(canonical_json_is_one_text_per_value),
        cmocka_unit_test(numbers_survive_their_shortest_text),
        cmocka_unit_test(yaml_edits_change_what_is_meant_and_nothing_else),
        cmocka_unit_test(csv_rows_survive_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
