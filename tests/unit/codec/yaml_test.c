/*
 * yaml_test.c - reading YAML: types, places, findings, limits, hostile input.
 */
#include "codec/yaml.h"

#include "test.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "support/test_ctx.h"

static struct ctx *setup(struct test_ctx *t)
{
    return test_ctx_init(t, 1);
}

static enum status read_text(struct ctx *cx, str bytes, struct diags *d, struct yaml_node **out)
{
    struct diag_text text = { S("a.yaml"), bytes };

    return yaml_read(cx, &text, NULL, d, out);
}

/* Without any finding. */
static struct yaml_node *must_read(struct ctx *cx, str bytes)
{
    struct diags      d    = { 0 };
    struct yaml_node *root = NULL;

    if (read_text(cx, bytes, &d, &root) != ST_OK) {
        fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(bytes), STR_ARG(err_text(cx->err)));
    }
    if (d.list.count) {
        fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(bytes), STR_ARG(d.list.items[0].message));
    }
    return root;
}

static void assert_str(str got, str want)
{
    if (!str_eq(got, want)) {
        fail_msg("got  \"" STR_FMT "\"\nwant \"" STR_FMT "\"", STR_ARG(got), STR_ARG(want));
    }
}

/* YAML 1.2.2, 10.3.2, and what YAML 1.1 took otherwise. */
static const struct {
    str            text;
    enum yaml_kind kind;
    double         value; /* of booleans and numbers */
} typing_cases[] = {
    { STR_INIT(""), YAML_NULL, 0 },
    { STR_INIT("~"), YAML_NULL, 0 },
    { STR_INIT("null"), YAML_NULL, 0 },
    { STR_INIT("Null"), YAML_NULL, 0 },
    { STR_INIT("NULL"), YAML_NULL, 0 },
    { STR_INIT("nULL"), YAML_STRING, 0 },
    { STR_INIT("true"), YAML_BOOL, 1 },
    { STR_INIT("True"), YAML_BOOL, 1 },
    { STR_INIT("TRUE"), YAML_BOOL, 1 },
    { STR_INIT("false"), YAML_BOOL, 0 },
    { STR_INIT("tRUE"), YAML_STRING, 0 },
    { STR_INIT("yes"), YAML_STRING, 0 },
    { STR_INIT("no"), YAML_STRING, 0 },
    { STR_INIT("on"), YAML_STRING, 0 },
    { STR_INIT("Off"), YAML_STRING, 0 },
    { STR_INIT("y"), YAML_STRING, 0 },
    { STR_INIT("0"), YAML_INT, 0 },
    { STR_INIT("-0"), YAML_INT, 0 },
    { STR_INIT("+12"), YAML_INT, 12 },
    { STR_INIT("-12"), YAML_INT, -12 },
    { STR_INIT("010"), YAML_INT, 10 },
    { STR_INIT("0o17"), YAML_INT, 15 },
    { STR_INIT("0o18"), YAML_STRING, 0 },
    { STR_INIT("0o"), YAML_STRING, 0 },
    { STR_INIT("-0o17"), YAML_STRING, 0 },
    { STR_INIT("0x1f"), YAML_INT, 31 },
    { STR_INIT("0x1F"), YAML_INT, 31 },
    { STR_INIT("0x"), YAML_STRING, 0 },
    { STR_INIT("0x1g"), YAML_STRING, 0 },
    { STR_INIT("0X1f"), YAML_STRING, 0 },
    { STR_INIT("0b11"), YAML_STRING, 0 },
    { STR_INIT("1_000"), YAML_STRING, 0 },
    { STR_INIT("12:30"), YAML_STRING, 0 },
    { STR_INIT("1.5"), YAML_FLOAT, 1.5 },
    { STR_INIT("-1.5"), YAML_FLOAT, -1.5 },
    { STR_INIT("1."), YAML_FLOAT, 1 },
    { STR_INIT(".5"), YAML_FLOAT, 0.5 },
    { STR_INIT("+.5"), YAML_FLOAT, 0.5 },
    { STR_INIT("."), YAML_STRING, 0 },
    { STR_INIT("-"), YAML_STRING, 0 },
    { STR_INIT("+"), YAML_STRING, 0 },
    { STR_INIT("1e3"), YAML_FLOAT, 1000 },
    { STR_INIT("1E+3"), YAML_FLOAT, 1000 },
    { STR_INIT("1e"), YAML_STRING, 0 },
    { STR_INIT("e3"), YAML_STRING, 0 },
    { STR_INIT("1e3.5"), YAML_STRING, 0 },
    { STR_INIT("1.2.3"), YAML_STRING, 0 },
    { STR_INIT(".e3"), YAML_STRING, 0 },
    { STR_INIT("v1.0.0"), YAML_STRING, 0 },
    { STR_INIT("2026-11-23"), YAML_STRING, 0 },
    { STR_INIT("2026-11-23T22:14:05Z"), YAML_STRING, 0 },
    { STR_INIT(".inf"), YAML_FLOAT, (double)INFINITY },
    { STR_INIT("-.Inf"), YAML_FLOAT, -(double)INFINITY },
    { STR_INIT("+.INF"), YAML_FLOAT, (double)INFINITY },
    { STR_INIT("inf"), YAML_STRING, 0 },
    { STR_INIT(".iNF"), YAML_STRING, 0 },
    { STR_INIT("-.nan"), YAML_STRING, 0 },
    { STR_INIT("nan"), YAML_STRING, 0 },
    { STR_INIT("9223372036854775807"), YAML_INT, 9223372036854775807.0 },
    { STR_INIT("-9223372036854775808"), YAML_INT, -9223372036854775808.0 },
    { STR_INIT("9223372036854775808"), YAML_FLOAT, 9223372036854775808.0 },
    { STR_INIT("0x7fffffffffffffff"), YAML_INT, 9223372036854775807.0 },
    { STR_INIT("0x8000000000000000"), YAML_FLOAT, 9223372036854775808.0 },
    { STR_INIT("0o777777777777777777777"), YAML_INT, 9223372036854775807.0 },
    { STR_INIT("0o1000000000000000000000"), YAML_FLOAT, 9223372036854775808.0 },
    { STR_INIT("1e999"), YAML_FLOAT, (double)INFINITY },
    { STR_INIT("="), YAML_STRING, 0 },
    { STR_INIT("<<"), YAML_STRING, 0 },
};

static void plain_scalars_are_typed_by_the_core_schema(void **state)
{
    for (size_t i = 0; i < CASES(typing_cases); i++) {
        struct yaml_node node  = { 0 };
        double           value = 0;

        yaml_type_plain(typing_cases[i].text, &node);
        if (node.kind != typing_cases[i].kind) {
            fail_msg("\"" STR_FMT "\" is " STR_FMT, STR_ARG(typing_cases[i].text),
                     STR_ARG(yaml_kind_name(node.kind)));
        }
        assert_str(node.text, typing_cases[i].text);
        if (node.kind == YAML_BOOL) {
            assert_int_equal(node.truth, typing_cases[i].value > 0);
        } else if (yaml_number(&node, &value)) {
            assert_true(!(value < typing_cases[i].value) && !(value > typing_cases[i].value));
        }
    }
    for (size_t i = 0; i < 3; i++) {
        static const str names[] = { STR_INIT(".nan"), STR_INIT(".NaN"), STR_INIT(".NAN") };
        struct yaml_node node    = { 0 };

        yaml_type_plain(names[i], &node);
        assert_true(node.kind == YAML_FLOAT && isnan(node.real));
    }
}

static void quotes_and_tags_decide_the_kind(void **state)
{
    static const struct {
        str             text;
        enum yaml_kind  kind;
        enum yaml_style style;
        str             value;
    } cases[] = {
        { STR_INIT("'1'"), YAML_STRING, YAML_SINGLE, STR_INIT("1") },
        { STR_INIT("\"true\""), YAML_STRING, YAML_DOUBLE, STR_INIT("true") },
        { STR_INIT("''"), YAML_STRING, YAML_SINGLE, STR_INIT("") },
        { STR_INIT("!!str 12"), YAML_STRING, YAML_PLAIN, STR_INIT("12") },
        { STR_INIT("! 12"), YAML_STRING, YAML_PLAIN, STR_INIT("12") },
        { STR_INIT("!!int '12'"), YAML_INT, YAML_SINGLE, STR_INIT("12") },
        { STR_INIT("!!float 12"), YAML_FLOAT, YAML_PLAIN, STR_INIT("12") },
        { STR_INIT("!!bool \"true\""), YAML_BOOL, YAML_DOUBLE, STR_INIT("true") },
        { STR_INIT("!!null ''"), YAML_NULL, YAML_SINGLE, STR_INIT("") },
        { STR_INIT("!!str"), YAML_STRING, YAML_PLAIN, STR_INIT("") },
        { STR_INIT("|\n  a\n  b\n"), YAML_STRING, YAML_LITERAL, STR_INIT("a\nb\n") },
        { STR_INIT(">-\n  a\n  b\n"), YAML_STRING, YAML_FOLDED, STR_INIT("a b") },
        { STR_INIT("!!seq [1]"), YAML_LIST, YAML_FLOW, STR_INIT("") },
        { STR_INIT("!!map {a: 1}"), YAML_MAP, YAML_FLOW, STR_INIT("") },
        { STR_INIT("- a"), YAML_LIST, YAML_BLOCK, STR_INIT("") },
        { STR_INIT("a: b"), YAML_MAP, YAML_BLOCK, STR_INIT("") },
        { STR_INIT("a\n  b\n\n  c"), YAML_STRING, YAML_PLAIN, STR_INIT("a b\nc") },
        { STR_INIT("\"\\x41\\u00e4\\U0001F600\\/\\n\""), YAML_STRING, YAML_DOUBLE,
          STR_INIT("A\xC3\xA4\xF0\x9F\x98\x80/\n") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        const struct yaml_node *node = must_read(cx, cases[i].text);

        if (node->kind != cases[i].kind || node->style != cases[i].style) {
            fail_msg("\"" STR_FMT "\": " STR_FMT ", style %d", STR_ARG(cases[i].text),
                     STR_ARG(yaml_kind_name(node->kind)), (int)node->style);
        }
        assert_str(node->text, cases[i].value);
    }
    test_ctx_release(&t);
}

/* `bytes` of the node at `pointer` are exactly `want`. */
static void extents_are_exact_bytes(void **state)
{
    static const struct {
        str bytes, pointer, want;
        int line, column;
    } cases[] = {
        { STR_INIT("a: hello # c\n"), STR_INIT("/a"), STR_INIT("hello"), 1, 4 },
        { STR_INIT("a: 'it''s'  \nb: 1"), STR_INIT("/a"), STR_INIT("'it''s'"), 1, 4 },
        { STR_INIT("a: \"\\\"\"\n"), STR_INIT("/a"), STR_INIT("\"\\\"\""), 1, 4 },
        { STR_INIT("\xC3\xA4: \xE2\x82\xAC uro\nb: x\n"), STR_INIT("/\xC3\xA4"),
          STR_INIT("\xE2\x82\xAC uro"), 1, 5 },
        { STR_INIT("\xC3\xA4: \xE2\x82\xAC uro\nb: x\n"), STR_INIT("/b"), STR_INIT("x"), 2, 4 },
        { STR_INIT("\xEF\xBB\xBF"
                   "a: b\n"),
          STR_INIT("/a"), STR_INIT("b"), 1, 7 },
        { STR_INIT("a: 1\r\nb: two words\r\n"), STR_INIT("/b"), STR_INIT("two words"), 2, 4 },
        { STR_INIT("a:\nb: 1"), STR_INIT("/a"), STR_INIT(""), 1, 3 },
        { STR_INIT("a:   # none\nb: 1"), STR_INIT("/a"), STR_INIT(""), 1, 3 },
        { STR_INIT("- \n- x"), STR_INIT("/0"), STR_INIT(""), 1, 2 },
        { STR_INIT("a: |\n  x\n  y\n\n\nb: 1\n"), STR_INIT("/a"), STR_INIT("|\n  x\n  y"), 1, 4 },
        { STR_INIT("a: |+\n  x\n\n\nb: 1\n"), STR_INIT("/a"), STR_INIT("|+\n  x\n\n"), 1, 4 },
        { STR_INIT("a: >-2\n   x\n  \nb: 1\n"), STR_INIT("/a"), STR_INIT(">-2\n   x"), 1, 4 },
        { STR_INIT("a: >-2\n   x\n    \nb: 1\n"), STR_INIT("/a"), STR_INIT(">-2\n   x\n    "), 1,
          4 },
        { STR_INIT("a: |\n  x"), STR_INIT("/a"), STR_INIT("|\n  x"), 1, 4 },
        { STR_INIT("a: | # c\nb: 1\n"), STR_INIT("/a"), STR_INIT("|"), 1, 4 },
        { STR_INIT("a: [1, {b: 2}] # c"), STR_INIT("/a"), STR_INIT("[1, {b: 2}]"), 1, 4 },
        { STR_INIT("a: [1, {b: 2}] # c"), STR_INIT("/a/1"), STR_INIT("{b: 2}"), 1, 8 },
        { STR_INIT("a: [x: 1]"), STR_INIT("/a/0"), STR_INIT("x: 1"), 1, 5 },
        { STR_INIT("a:\n  b: 1\n  c: 2   \n\nd: 3"), STR_INIT("/a"), STR_INIT("b: 1\n  c: 2"), 2,
          3 },
        { STR_INIT("a:\n- 1\n- b: 2\n  c: 3\n# x\nd: 3"), STR_INIT("/a"),
          STR_INIT("- 1\n- b: 2\n  c: 3"), 2, 1 },
        { STR_INIT("a: &x  !!str  # c\n  v\nb: *x"), STR_INIT("/a"), STR_INIT("v"), 2, 3 },
        { STR_INIT("a: &x v\nb: *x # c"), STR_INIT("/b"), STR_INIT("*x"), 2, 4 },
        { STR_INIT("a: &x\n  k: v\n"), STR_INIT("/a"), STR_INIT("k: v"), 2, 3 },
        { STR_INIT("a: &x [1]\n"), STR_INIT("/a"), STR_INIT("[1]"), 1, 7 },
        { STR_INIT("a: first\n  second # c\n"), STR_INIT("/a"), STR_INIT("first\n  second"), 1, 4 },
        { STR_INIT("--- # c\na: 1\n...\n"), STR_INIT("/a"), STR_INIT("1"), 2, 4 },
        { STR_INIT("{\"a\":{\"b\":null}}"), STR_INIT("/a/b"), STR_INIT("null"), 1, 11 },
        { STR_INIT("? a\n: b\n"), STR_INIT("/a"), STR_INIT("b"), 2, 3 },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        str                     bytes = cases[i].bytes, got;
        const struct yaml_node *node  = yaml_path(must_read(cx, bytes), cases[i].pointer);
        struct diag_pos         same;

        assert_non_null(node);
        got = str_sub(bytes, node->pos.offset, node->end - node->pos.offset);
        if (!str_eq(got, cases[i].want) || (int)node->pos.line != cases[i].line ||
            (int)node->pos.column != cases[i].column) {
            fail_msg("%zu: \"" STR_FMT "\" at %u:%u", i, STR_ARG(got), node->pos.line,
                     node->pos.column);
        }
        same = diag_pos_at(bytes, node->pos.offset, node->pos.len);
        assert_memory_equal(&same, &node->pos, sizeof same);
    }
    test_ctx_release(&t);
}

static void the_caret_stays_on_the_first_line(void **state)
{
    struct test_ctx         t;
    struct ctx             *cx = setup(&t);
    const struct yaml_node *root =
        must_read(cx, S("key:\n  inner: |\n    x\nlist: [1,\n  2]\n\"q k\": v\n"));

    assert_int_equal(root->pos.len, 3);
    assert_int_equal(yaml_get(root, S("key"))->pos.len, 5);
    assert_int_equal(yaml_path(root, S("/key/inner"))->pos.len, 1);
    assert_int_equal(yaml_get(root, S("list"))->pos.len, 3);
    assert_int_equal(yaml_member(root, S("q k"))->key_pos.len, 5);
    assert_int_equal(yaml_member(root, S("q k"))->key_style, YAML_DOUBLE);
    test_ctx_release(&t);
}

/* Every finding: its rule, place, and words. `st` is what yaml_read answers. */
static const struct {
    str         bytes;
    enum status st;
    str         rule;
    unsigned    line, column;
    str         words;
} problem_cases[] = {
    { STR_INIT("a: 1\nb: 2\na: 3\n"), ST_OK, STR_INIT("yaml.duplicate-key"), 3, 1,
      STR_INIT("\"a\" stands twice in this map, first on line 1 column 1") },
    { STR_INIT("{\"a\": 1, \"a\": 2}"), ST_OK, STR_INIT("yaml.duplicate-key"), 1, 10,
      STR_INIT("first on line 1 column 2") },
    { STR_INIT("1: a\n\"1\": b\n"), ST_OK, STR_INIT("yaml.duplicate-key"), 2, 1,
      STR_INIT("\"1\"") },
    { STR_INIT("a:\n\tb: 1\n"), ST_INVALID, STR_INIT("yaml.tab"), 2, 1, STR_INIT("tab") },
    { STR_INIT("a: b: c\n"), ST_INVALID, STR_INIT("yaml.syntax"), 1, 5,
      STR_INIT("mapping values are not allowed") },
    { STR_INIT("a: 'x\n"), ST_INVALID, STR_INIT("yaml.syntax"), 2, 1,
      STR_INIT("begins on line 1") },
    { STR_INIT("a: [1, 2\nb: 3\n"), ST_INVALID, STR_INIT("yaml.syntax"), 2, 2,
      STR_INIT("begins on line 1") },
    { STR_INIT("a: 1\n b: 2\n"), ST_INVALID, STR_INIT("yaml.syntax"), 2, 3,
      STR_INIT("mapping values") },
    { STR_INIT("a:\n  b: 1\n c: 2\n"), ST_INVALID, STR_INIT("yaml.syntax"), 3, 2,
      STR_INIT("did not find expected key") },
    { STR_INIT("a: @x\n"), ST_INVALID, STR_INIT("yaml.syntax"), 1, 4,
      STR_INIT("cannot start any token") },
    { STR_INIT("a: \"\\q\"\n"), ST_INVALID, STR_INIT("yaml.syntax"), 1, 5,
      STR_INIT("unknown escape") },
    { STR_INIT("\xC3\xA4: \x01\n"), ST_INVALID, STR_INIT("yaml.syntax"), 1, 5,
      STR_INIT("control characters") },
    { STR_INIT("a: !thing 1\n"), ST_OK, STR_INIT("yaml.tag"), 1, 11, STR_INIT("\"!thing\"") },
    { STR_INIT("a: !!binary aGk=\n"), ST_OK, STR_INIT("yaml.tag"), 1, 13,
      STR_INIT("is not known") },
    { STR_INIT("a: !!int x\n"), ST_OK, STR_INIT("yaml.tag"), 1, 10, STR_INIT("does not fit") },
    { STR_INIT("a: !!map [1]\n"), ST_OK, STR_INIT("yaml.tag"), 1, 10, STR_INIT("does not fit") },
    { STR_INIT("a: !!seq x\n"), ST_OK, STR_INIT("yaml.tag"), 1, 10, STR_INIT("does not fit") },
    { STR_INIT("a: 1\n---\nb: 2\n"), ST_OK, STR_INIT("yaml.documents"), 2, 1,
      STR_INIT("second document") },
    { STR_INIT("a: \xC3\n"), ST_INVALID, STR_INIT("yaml.encoding"), 1, 4, STR_INIT("UTF-8") },
    { STR_INIT("\xFF\xFE"
               "a\0"),
      ST_INVALID, STR_INIT("yaml.encoding"), 1, 1, STR_INIT("UTF-8") },
    { STR_INIT("a: *none\n"), ST_INVALID, STR_INIT("yaml.alias"), 1, 4,
      STR_INIT("alias \"none\" has no anchor before it") },
    { STR_INIT("a: &x [1, *x]\n"), ST_INVALID, STR_INIT("yaml.alias"), 1, 11,
      STR_INIT("inside the value") },
    { STR_INIT("[a]: 1\n"), ST_INVALID, STR_INIT("yaml.key"), 1, 1, STR_INIT("scalar") },
    { STR_INIT("x: &l [1]\n*l : 2\n"), ST_INVALID, STR_INIT("yaml.key"), 2, 1, STR_INIT("scalar") },
    { STR_INIT("? \n: 1\n"), ST_OK, STR_INIT("yaml.key"), 1, 2, STR_INIT("key is missing") },
    { STR_INIT("<<: {a: 1}\n"), ST_OK, STR_INIT("yaml.merge-key"), 1, 1, STR_INIT("<<") },
};

static void problems_are_found_with_their_place(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(problem_cases); i++) {
        struct diags       d    = { 0 };
        struct yaml_node  *root = NULL;
        const struct diag *first;

        if (read_text(cx, problem_cases[i].bytes, &d, &root) != problem_cases[i].st) {
            fail_msg("%zu: " STR_FMT, i, STR_ARG(err_text(cx->err)));
        }
        assert_int_equal(root != NULL, problem_cases[i].st == ST_OK);
        assert_int_equal(d.list.count, 1);
        first = &d.list.items[0];
        if (!str_eq(first->rule, problem_cases[i].rule) ||
            first->pos.line != problem_cases[i].line ||
            first->pos.column != problem_cases[i].column ||
            !str_has(first->message, problem_cases[i].words)) {
            fail_msg("%zu: " STR_FMT " %u:%u " STR_FMT, i, STR_ARG(first->rule), first->pos.line,
                     first->pos.column, STR_ARG(first->message));
        }
        assert_str(first->file, S("a.yaml"));
        if (problem_cases[i].st != ST_OK) {
            assert_true(str_starts(err_text(cx->err), S("a.yaml:")));
        }
    }
    test_ctx_release(&t);
}

static void several_problems_are_found_at_once(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx = setup(&t);
    struct diags      d  = { 0 };
    struct yaml_node *root;

    assert_int_equal(read_text(cx, S("a: 1\na: !x 2\nb: {c: 1, c: 2}\n<<: 3\n---\n{"), &d, &root),
                     ST_OK);
    assert_int_equal(d.errors, 4);
    assert_int_equal(d.warnings, 1);
    assert_int_equal(yaml_get(root, S("a"))->integer, 1);
    assert_int_equal(yaml_path(root, S("/b/c"))->integer, 1);
    test_ctx_release(&t);
}

static void duplicates_are_found_in_large_maps(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx = setup(&t);
    struct diags      d  = { 0 };
    struct yaml_node *root;
    struct buf        text;

    buf_init(&text, 1 << 20);
    for (int i = 0; i < 1000; i++) {
        buf_printf(&text, "k%d: %d\n", i % 997, i);
    }
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_OK);
    assert_int_equal(d.errors, 3);
    assert_int_equal(root->count, 997);
    assert_int_equal(yaml_get(root, S("k2"))->integer, 2);
    buf_release(&text);
    test_ctx_release(&t);
}

static void aliases_share_their_anchor(void **state)
{
    struct test_ctx         t;
    struct ctx             *cx = setup(&t);
    const struct yaml_node *root =
        must_read(cx, S("a: &x {k: [1, 2]}\nb: *x\nc: &x 5\nd: *x\n&k e: *k\n"));
    const struct yaml_node *b = yaml_get(root, S("b"));

    assert_true(b->is_alias);
    assert_int_equal(b->pos.line, 2);
    assert_ptr_equal(yaml_get(b, S("k")), yaml_path(root, S("/a/k")));
    assert_int_equal(yaml_get(root, S("d"))->integer, 5);
    assert_str(yaml_get(root, S("e"))->text, S("e"));
    assert_int_equal(root->total, 1 + 4 + 4 + 1 + 1 + 1);
    assert_int_equal(root->height, 4);
    assert_true(yaml_equal(b, yaml_get(root, S("a"))));
    test_ctx_release(&t);
}

static enum status read_limited(struct ctx *cx, str bytes, struct yaml_limits limits,
                                struct diags *d)
{
    struct diag_text  text = { S("a.yaml"), bytes };
    struct yaml_node *root;

    return yaml_read(cx, &text, &limits, d, &root);
}

static void limits_are_named_and_exact(void **state)
{
    static const struct {
        str                bytes;
        struct yaml_limits limits;
        str                want; /* empty: accepted */
    } cases[] = {
        { STR_INIT("a: 1"), { 4, 9, 9, 9 }, STR_INIT("") },
        { STR_INIT("a: 12"), { 4, 9, 9, 9 }, STR_INIT("size in bytes is over the limit of 4") },
        { STR_INIT("[[1]]"), { 99, 2, 9, 9 }, STR_INIT("") },
        { STR_INIT("[[[1]]]"), { 99, 2, 9, 9 }, STR_INIT("depth is over the limit of 2") },
        { STR_INIT("[1, 2]"), { 99, 9, 3, 9 }, STR_INIT("") },
        { STR_INIT("[1, 2, 3]"), { 99, 9, 3, 9 }, STR_INIT("number of values") },
        { STR_INIT("[&a [1], *a]"), { 99, 9, 5, 9 }, STR_INIT("") },
        { STR_INIT("[&a [1], *a]"), { 99, 9, 4, 9 }, STR_INIT("number of values") },
        { STR_INIT("[&a [1], [*a]]"), { 99, 3, 9, 9 }, STR_INIT("depth, aliases expanded,") },
        { STR_INIT("[&a [1], [*a]]"), { 99, 4, 9, 9 }, STR_INIT("") },
        { STR_INIT("abc"), { 99, 9, 9, 3 }, STR_INIT("") },
        { STR_INIT("abcd"), { 99, 9, 9, 3 }, STR_INIT("length of a scalar") },
        { STR_INIT("abcd: 1"), { 99, 9, 9, 3 }, STR_INIT("length of a scalar") },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct diags d  = { 0 };
        enum status  st = read_limited(cx, cases[i].bytes, cases[i].limits, &d);

        if (st != (cases[i].want.len ? ST_LIMIT : ST_OK)) {
            fail_msg("%zu: status %d, " STR_FMT, i, (int)st, STR_ARG(err_text(cx->err)));
        }
        if (cases[i].want.len) {
            assert_true(str_has(err_text(cx->err), cases[i].want));
            assert_str(d.list.items[0].rule, S("yaml.limit"));
        }
    }
    test_ctx_release(&t);
}

static void bombs_hit_a_limit_and_not_the_machine(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx = setup(&t);
    struct buf        text;
    struct diags      d = { 0 };
    struct yaml_node *root;

    buf_init(&text, 9 << 20);
    /* ten levels of ten aliases each: 10^10 values */
    buf_add(&text, S("- &a0 [x]\n"));
    for (int i = 1; i <= 10; i++) {
        buf_printf(&text, "- &a%d [", i);
        for (int k = 0; k < 10; k++) {
            buf_printf(&text, "*a%d,", i - 1);
        }
        buf_add(&text, S("]\n"));
    }
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_LIMIT);
    assert_true(str_has(err_text(cx->err), S("500000")));
    buf_reset(&text);
    buf_add_n(&text, '[', 1 << 20);
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_LIMIT);
    buf_reset(&text);
    for (int i = 0; i < 100; i++) {
        buf_add_n(&text, ' ', (size_t)i);
        buf_add(&text, S("a:\n"));
    }
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_LIMIT);
    buf_reset(&text);
    for (int i = 0; i < 600000; i++) {
        buf_add(&text, S("- \n"));
    }
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_LIMIT);
    buf_reset(&text);
    buf_add_n(&text, 'x', (8 << 20) + 1);
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_LIMIT);
    buf_release(&text);
    test_ctx_release(&t);
}

static void an_empty_text_is_null(void **state)
{
    static const str cases[] = { STR_INIT(""), STR_INIT("\n\n"), STR_INIT("# only\n"),
                                 STR_INIT("---\n"), STR_INIT("\xEF\xBB\xBF") };
    struct test_ctx  t;
    struct ctx      *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        const struct yaml_node *root = must_read(cx, cases[i]);

        assert_int_equal(root->kind, YAML_NULL);
        assert_in_range(root->pos.line, 1, 2);
        assert_int_equal(root->total, 1);
    }
    test_ctx_release(&t);
}

static void helpers_are_safe_on_nothing(void **state)
{
    struct test_ctx         t;
    struct ctx             *cx   = setup(&t);
    const struct yaml_node *root = must_read(cx, S("a: {\"x/y\": [1, 2.5], m~n: s}\n\"\": 7\n"));
    double                  number;

    assert_null(yaml_get(NULL, S("a")));
    assert_null(yaml_get(root, S("b")));
    assert_null(yaml_item(root, 0));
    assert_null(yaml_item(NULL, 0));
    assert_null(yaml_path(root, S("/a/x~1y/2")));
    assert_null(yaml_path(root, S("/a/x~1y/00")));
    assert_null(yaml_path(root, S("a")));
    assert_null(yaml_path(root, S("/a/m~0n/x")));
    assert_ptr_equal(yaml_path(root, S("")), root);
    assert_int_equal(yaml_path(root, S("/"))->integer, 7);
    assert_int_equal(yaml_path(root, S("/a/x~1y/0"))->integer, 1);
    assert_str(yaml_text_or(yaml_path(root, S("/a/m~0n")), S("-")), S("s"));
    assert_str(yaml_text_or(root, S("-")), S("-"));
    assert_str(yaml_text_or(NULL, S("-")), S("-"));
    assert_true(yaml_number(yaml_path(root, S("/a/x~1y/1")), &number) && number > 2);
    assert_false(yaml_number(NULL, &number));
    assert_str(yaml_kind_name(YAML_MAP), S("a map"));
    test_ctx_release(&t);
}

static void equality_is_of_values_not_of_style(void **state)
{
    static const struct {
        str  a, b;
        bool want;
    } cases[] = {
        { STR_INIT("a: 1\nb: [x]"), STR_INIT("{\"a\": 1, \"b\": [\"x\"]}"), true },
        { STR_INIT("a: 1"), STR_INIT("a: \"1\""), false },
        { STR_INIT("a: 1\nb: 2"), STR_INIT("b: 2\na: 1"), false },
        { STR_INIT("0x10"), STR_INIT("16"), true },
        { STR_INIT("1.0"), STR_INIT("1"), false },
        { STR_INIT(".nan"), STR_INIT(".NaN"), true },
        { STR_INIT("18446744073709551615"), STR_INIT("18446744073709551616"), false },
        { STR_INIT("[1, 2]"), STR_INIT("[1]"), false },
        { STR_INIT("[1, 2]"), STR_INIT("[1, 3]"), false },
        { STR_INIT("true"), STR_INIT("false"), false },
        { STR_INIT("~"), STR_INIT(""), true },
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(yaml_equal(must_read(cx, cases[i].a), must_read(cx, cases[i].b)),
                         cases[i].want);
    }
    test_ctx_release(&t);
}

static void reading_stops_when_it_is_cancelled(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx     = setup(&t);
    atomic_bool       cancel = true;
    struct diags      d      = { 0 };
    struct yaml_node *root   = NULL;
    struct buf        text;

    buf_init(&text, 1 << 20);
    for (int i = 0; i < 5000; i++) {
        buf_add(&text, S("- x\n"));
    }
    cx->cancel = &cancel;
    assert_int_equal(read_text(cx, buf_view(&text), &d, &root), ST_CANCELLED);
    assert_null(root);
    buf_release(&text);
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_are_typed_by_the_core_schema),
        cmocka_unit_test(quotes_and_tags_decide_the_kind),
        cmocka_unit_test(extents_are_exact_bytes),
        cmocka_unit_test(the_caret_stays_on_the_first_line),
        cmocka_unit_test(problems_are_found_with_their_place),
        cmocka_unit_test(several_problems_are_found_at_once),
        cmocka_unit_test(duplicates_are_found_in_large_maps),
        cmocka_unit_test(aliases_share_their_anchor),
        cmocka_unit_test(limits_are_named_and_exact),
        cmocka_unit_test(bombs_hit_a_limit_and_not_the_machine),
        cmocka_unit_test(an_empty_text_is_null),
        cmocka_unit_test(helpers_are_safe_on_nothing),
        cmocka_unit_test(equality_is_of_values_not_of_style),
        cmocka_unit_test(reading_stops_when_it_is_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
