/*
 * yaml_edit_test.c - edits change what they should and not one byte more.
 */
#include "codec/yaml_edit.h"

#include "test.h"

#include <math.h>

#include "support/test_ctx.h"

static struct ctx *setup(struct test_ctx *t)
{
    return test_ctx_init(t, 1);
}

static void assert_str(size_t i, str got, str want)
{
    if (!str_eq(got, want)) {
        fail_msg("%zu: got\n" STR_FMT "\nwant\n" STR_FMT, i, STR_ARG(got), STR_ARG(want));
    }
}

static struct yaml_node *must_read(struct ctx *cx, str bytes)
{
    struct diag_text  text = { S("a.yaml"), bytes };
    struct diags      d    = { 0 };
    struct yaml_node *root = NULL;

    if (yaml_read(cx, &text, NULL, &d, &root) != ST_OK || d.errors) {
        fail_msg("\"" STR_FMT "\": " STR_FMT, STR_ARG(bytes), STR_ARG(err_text(cx->err)));
    }
    return root;
}

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .kind = YAML_STRING, .text = STR_INIT(s)                                                   \
    }
#define INT(n)                                                                                     \
    {                                                                                              \
        .kind = YAML_INT, .integer = (n)                                                           \
    }

static const struct {
    str                bytes, pointer;
    struct yaml_scalar value;
    str                want;
} set_cases[] = {
    { STR_INIT("# top\na:   1   # one\nb: 2\n"), STR_INIT("/a"), INT(42),
      STR_INIT("# top\na:   42   # one\nb: 2\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("new"), STR_INIT("a: new\n") },
    { STR_INIT("a: 'old'\n"), STR_INIT("/a"), TEXT("it's"), STR_INIT("a: 'it''s'\n") },
    { STR_INIT("a: \"old\" # c\n"), STR_INIT("/a"), TEXT("new"), STR_INIT("a: \"new\" # c\n") },
    { STR_INIT("a: 'old'\n"), STR_INIT("/a"), TEXT("x\ty"), STR_INIT("a: \"x\\ty\"\n") },
    { STR_INIT("a: 'old'\n"), STR_INIT("/a"), INT(1), STR_INIT("a: 1\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("true"), STR_INIT("a: \"true\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("yes"), STR_INIT("a: \"yes\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("2026-11-23"), STR_INIT("a: 2026-11-23\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("1.2.0"), STR_INIT("a: 1.2.0\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("1.2"), STR_INIT("a: \"1.2\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("k: v"), STR_INIT("a: \"k: v\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("x #y"), STR_INIT("a: \"x #y\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("- x"), STR_INIT("a: \"- x\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("${HOME}"), STR_INIT("a: ${HOME}\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("say \"x\""), STR_INIT("a: say \"x\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("\"x\" \\d"), STR_INIT("a: '\"x\" \\d'\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT(""), STR_INIT("a: \"\"\n") },
    { STR_INIT("a: old\n"), STR_INIT("/a"), TEXT("\xC3\xA4 \xC2\x85"),
      STR_INIT("a: \"\xC3\xA4 \\u0085\"\n") },
    { STR_INIT("a:\n  b:\n    - x\n    - y # c\n"), STR_INIT("/a/b/1"), TEXT("z"),
      STR_INIT("a:\n  b:\n    - x\n    - z # c\n") },
    { STR_INIT("a: first\n  second # c\nb: 1\n"), STR_INIT("/a"), TEXT("one"),
      STR_INIT("a: one # c\nb: 1\n") },
    { STR_INIT("a: {b: 1, c: x} # c\n"), STR_INIT("/a/c"), TEXT("y, z"),
      STR_INIT("a: {b: 1, c: \"y, z\"} # c\n") },
    { STR_INIT("{\"a\":1,\"b\":\"x\"}"), STR_INIT("/a"), TEXT("t"),
      STR_INIT("{\"a\":\"t\",\"b\":\"x\"}") },
    { STR_INIT("a:\nb: 1\n"), STR_INIT("/a"), TEXT("x"), STR_INIT("a: x\nb: 1\n") },
    { STR_INIT("a:   # none\nb: 1\n"), STR_INIT("/a"), TEXT("x"),
      STR_INIT("a: x   # none\nb: 1\n") },
    { STR_INIT("-\n- y"), STR_INIT("/0"), TEXT("x"), STR_INIT("- x\n- y") },
    { STR_INIT("a: ~\n"),
      STR_INIT("/a"),
      { .kind = YAML_BOOL, .truth = true },
      STR_INIT("a: true\n") },
    { STR_INIT("a: x\n"), STR_INIT("/a"), { .kind = YAML_NULL }, STR_INIT("a: null\n") },
    { STR_INIT("a: x\n"), STR_INIT("/a"), { .kind = YAML_FLOAT, .real = 3 }, STR_INIT("a: 3.0\n") },
    { STR_INIT("a: x\n"),
      STR_INIT("/a"),
      { .kind = YAML_FLOAT, .real = 1e30 },
      STR_INIT("a: 1e+30\n") },
    { STR_INIT("a: x\n"),
      STR_INIT("/a"),
      { .kind = YAML_FLOAT, .real = (double)NAN },
      STR_INIT("a: .nan\n") },
    { STR_INIT("a: x\n"),
      STR_INIT("/a"),
      { .kind = YAML_FLOAT, .real = -(double)INFINITY },
      STR_INIT("a: -.inf\n") },
    { STR_INIT("a: |  # sql\n    x\n    y\n\nb: 1\n"), STR_INIT("/a"), TEXT("one\n\n  two\n"),
      STR_INIT("a: |  # sql\n    one\n\n      two\n\nb: 1\n") },
    { STR_INIT("a: |\n  x\nb: 1\n"), STR_INIT("/a"), TEXT("one\ntwo"),
      STR_INIT("a: |-\n  one\n  two\nb: 1\n") },
    { STR_INIT("a: |\n  x\nb: 1\n"), STR_INIT("/a"), TEXT("end \n"),
      STR_INIT("a: \"end \\n\"\nb: 1\n") },
    { STR_INIT("a: | # c\n  x\nb: 1\n"), STR_INIT("/a"), INT(5), STR_INIT("a: 5 # c\nb: 1\n") },
    { STR_INIT("a: >\n  x\n  y\nb: 1\n"), STR_INIT("/a"), TEXT("z"), STR_INIT("a: z\nb: 1\n") },
    { STR_INIT("a: 1\r\nb: 2\r\n"), STR_INIT("/a"), INT(3), STR_INIT("a: 3\r\nb: 2\r\n") },
    { STR_INIT("\xEF\xBB\xBF\xC3\xA4: 1\nb: 2\n"), STR_INIT("/b"), INT(3),
      STR_INIT("\xEF\xBB\xBF\xC3\xA4: 1\nb: 3\n") },
};

static void a_scalar_is_set_in_place(void **state)
{
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(set_cases); i++) {
        str out = STR_NONE;

        if (yaml_edit_set(cx, set_cases[i].bytes, set_cases[i].pointer, set_cases[i].value, &out) !=
            ST_OK) {
            fail_msg("%zu: " STR_FMT, i, STR_ARG(err_text(cx->err)));
        }
        assert_str(i, out, set_cases[i].want);
    }
    test_ctx_release(&t);
}

static void a_missing_key_is_put_last_into_its_map(void **state)
{
    static const struct {
        str bytes, pointer, want;
    } cases[] = {
        { STR_INIT("a: 1\n"), STR_INIT("/new"), STR_INIT("a: 1\nnew: v\n") },
        { STR_INIT("a: 1"), STR_INIT("/new"), STR_INIT("a: 1\nnew: v") },
        { STR_INIT("a: 1 # c\n\n# end\n"), STR_INIT("/new"),
          STR_INIT("a: 1 # c\nnew: v\n\n# end\n") },
        { STR_INIT("a:\n  b: 1\n  c:\n    - x\n    - y # c\nd: 2\n"), STR_INIT("/a/new"),
          STR_INIT("a:\n  b: 1\n  c:\n    - x\n    - y # c\n  new: v\nd: 2\n") },
        { STR_INIT("- a: 1\n- b: 2\n"), STR_INIT("/0/new"),
          STR_INIT("- a: 1\n  new: v\n- b: 2\n") },
        { STR_INIT("x:\n  - - a: 1\n"), STR_INIT("/x/0/0/new"),
          STR_INIT("x:\n  - - a: 1\n      new: v\n") },
        { STR_INIT("a: |\n  x\n\nb: 1\n"), STR_INIT("/new"),
          STR_INIT("a: |\n  x\n\nb: 1\nnew: v\n") },
        { STR_INIT("s:\n  a: |+\n    x\n\n\nb: 1\n"), STR_INIT("/s/new"),
          STR_INIT("s:\n  a: |+\n    x\n\n\n  new: v\nb: 1\n") },
        { STR_INIT("s:\n  a: |\n    x\n\n\nb: 1\n"), STR_INIT("/s/new"),
          STR_INIT("s:\n  a: |\n    x\n  new: v\n\n\nb: 1\n") },
        { STR_INIT("s:\n  a:\n  # later\nb: 1\n"), STR_INIT("/s/new"),
          STR_INIT("s:\n  a:\n  new: v\n  # later\nb: 1\n") },
        { STR_INIT("a: 1\r\nb: 2\r\n"), STR_INIT("/new"), STR_INIT("a: 1\r\nb: 2\r\nnew: v\r\n") },
        { STR_INIT("\"a\": 1\n"), STR_INIT("/new"), STR_INIT("\"a\": 1\n\"new\": v\n") },
        { STR_INIT("a: {}\n"), STR_INIT("/a/new"), STR_INIT("a: {new: v}\n") },
        { STR_INIT("a: {b: 1} # c\n"), STR_INIT("/a/new"), STR_INIT("a: {b: 1, new: v} # c\n") },
        { STR_INIT("{\n  \"a\": 1,\n  \"b\": [1]\n}\n"), STR_INIT("/new"),
          STR_INIT("{\n  \"a\": 1,\n  \"b\": [1],\n  \"new\": \"v\"\n}\n") },
        { STR_INIT("{\"a\":1}"), STR_INIT("/new"), STR_INIT("{\"a\":1, \"new\": \"v\"}") },
        { STR_INIT("a: 1\n"), STR_INIT("/x~1y~0z"), STR_INIT("a: 1\nx/y~z: v\n") },
        { STR_INIT("a: 1\n"), STR_INIT("/true"), STR_INIT("a: 1\n\"true\": v\n") },
    };
    static const struct yaml_scalar value = TEXT("v");
    struct test_ctx                 t;
    struct ctx                     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        str out = STR_NONE;

        if (yaml_edit_set(cx, cases[i].bytes, cases[i].pointer, value, &out) != ST_OK) {
            fail_msg("%zu: " STR_FMT, i, STR_ARG(err_text(cx->err)));
        }
        assert_str(i, out, cases[i].want);
    }
    test_ctx_release(&t);
}

static void what_cannot_be_edited_safely_is_refused(void **state)
{
    static const struct {
        str         bytes, pointer;
        enum status want;
    } cases[] = {
        { STR_INIT("a: &x 1\nb: *x\n"), STR_INIT("/a"), ST_UNSUPPORTED },
        { STR_INIT("a: &x 1\nb: *x\n"), STR_INIT("/b"), ST_UNSUPPORTED },
        { STR_INIT("a: &x {k: 1}\nb: *x\n"), STR_INIT("/a/k"), ST_UNSUPPORTED },
        { STR_INIT("a: &x {k: 1}\nb: *x\n"), STR_INIT("/b/k"), ST_UNSUPPORTED },
        { STR_INIT("a: &x {k: 1}\nb: *x\n"), STR_INIT("/b/new"), ST_UNSUPPORTED },
        { STR_INIT("a: !!str 1\n"), STR_INIT("/a"), ST_UNSUPPORTED },
        { STR_INIT("a: {b: 1}\n"), STR_INIT("/a"), ST_UNSUPPORTED },
        { STR_INIT("a: [1]\n"), STR_INIT("/a/1"), ST_UNSUPPORTED },
        { STR_INIT("a: 1\n"), STR_INIT("/a/b"), ST_UNSUPPORTED },
        { STR_INIT("a: 1\n"), STR_INIT("/b/c"), ST_NOT_FOUND },
        { STR_INIT("a: 1\n"), STR_INIT("b"), ST_NOT_FOUND },
        { STR_INIT("? a\n: 1\n"), STR_INIT("/new"), ST_UNSUPPORTED },
        { STR_INIT("&k a: 1\n"), STR_INIT("/new"), ST_UNSUPPORTED },
        { STR_INIT("a: |\n  x"), STR_INIT("/new"), ST_UNSUPPORTED },
        { STR_INIT("[a: 1]\n"), STR_INIT("/0/new"), ST_UNSUPPORTED },
        { STR_INIT("{a, b}\n"), STR_INIT("/a"), ST_UNSUPPORTED },
        { STR_INIT(""), STR_INIT(""), ST_UNSUPPORTED },
        { STR_INIT("a: [1\n"), STR_INIT("/a"), ST_INVALID },
    };
    static const struct yaml_scalar value = TEXT("v");
    struct test_ctx                 t;
    struct ctx                     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        str         out = S("untouched");
        enum status st  = yaml_edit_set(cx, cases[i].bytes, cases[i].pointer, value, &out);

        if (st != cases[i].want) {
            fail_msg("%zu: status %d, " STR_FMT "\n" STR_FMT, i, (int)st,
                     STR_ARG(err_text(cx->err)), STR_ARG(out));
        }
        assert_str(i, out, S("untouched"));
    }
    test_ctx_release(&t);
}

static void several_edits_of_one_tree_are_applied_together(void **state)
{
    const str          bytes  = S("a: 1 # a\nnme: x\nc: {d: 2}\n");
    const str          fix[2] = { STR_INIT("nme"), STR_INIT("name") };
    struct test_ctx    t;
    struct ctx        *cx     = setup(&t);
    struct yaml_source source = { bytes, must_read(cx, bytes) };
    struct yaml_edit   edits[5];
    str                out;
    struct yaml_insert first = {
        .map = source.root, .after = S("a"), .key = S("one"), .value = TEXT("1st")
    };
    struct yaml_insert second = {
        .map = source.root, .after = S("a"), .key = S("two"), .value = INT(2)
    };

    assert_int_equal(yaml_edit_replace(cx, &source, yaml_path(source.root, S("/c/d")),
                                       (struct yaml_scalar)INT(3), &edits[0]),
                     ST_OK);
    assert_int_equal(yaml_edit_rename(cx, &source, source.root, fix, &edits[1]), ST_OK);
    assert_int_equal(yaml_edit_insert(cx, &source, &first, &edits[2]), ST_OK);
    assert_int_equal(yaml_edit_insert(cx, &source, &second, &edits[3]), ST_OK);
    edits[4] = edits[0];
    assert_int_equal(yaml_edits_apply(cx, bytes, edits, 5, &out), ST_CONFLICT);
    assert_int_equal(edits[4].offset, edits[3].offset);
    assert_int_equal(yaml_edits_apply(cx, bytes, edits, 4, &out), ST_OK);
    assert_str(0, out, S("a: 1 # a\none: 1st\ntwo: 2\nname: x\nc: {d: 3}\n"));
    edits[0] = (struct yaml_edit){ .offset = bytes.len, .len = 1 };
    assert_int_equal(yaml_edits_apply(cx, bytes, edits, 1, &out), ST_INVALID);
    assert_int_equal(yaml_edits_apply(cx, bytes, edits, 0, &out), ST_OK);
    assert_str(1, out, bytes);
    test_ctx_release(&t);
}

static void wrong_calls_are_refused_by_kind(void **state)
{
    const str               bytes = S("a: 1\nb: [x]\n'c': 2\n");
    struct test_ctx         t;
    struct ctx             *cx     = setup(&t);
    struct yaml_source      source = { bytes, must_read(cx, bytes) };
    const struct yaml_node *other  = must_read(cx, bytes);
    struct yaml_edit        edit;
    struct yaml_insert      what     = { .map = source.root, .key = S("a"), .value = INT(1) };
    const str               taken[2] = { STR_INIT("a"), STR_INIT("b") };
    const str               gone[2]  = { STR_INIT("x"), STR_INIT("y") };
    const str               fine[2]  = { STR_INIT("c"), STR_INIT("don't") };

    assert_int_equal(yaml_edit_insert(cx, &source, &what, &edit), ST_CONFLICT);
    what.key   = S("n");
    what.after = S("x");
    assert_int_equal(yaml_edit_insert(cx, &source, &what, &edit), ST_NOT_FOUND);
    what.map = yaml_get(source.root, S("b"));
    assert_int_equal(yaml_edit_insert(cx, &source, &what, &edit), ST_UNSUPPORTED);
    what = (struct yaml_insert){ .map = source.root, .key = S("a\nb"), .value = INT(1) };
    assert_int_equal(yaml_edit_insert(cx, &source, &what, &edit), ST_UNSUPPORTED);
    assert_int_equal(
        yaml_edit_replace(cx, &source, yaml_get(other, S("a")), (struct yaml_scalar)INT(1), &edit),
        ST_INVALID);
    assert_int_equal(yaml_edit_rename(cx, &source, source.root, taken, &edit), ST_CONFLICT);
    assert_int_equal(yaml_edit_rename(cx, &source, source.root, gone, &edit), ST_NOT_FOUND);
    assert_int_equal(yaml_edit_rename(cx, &source, source.root, fine, &edit), ST_OK);
    assert_str(0, edit.text, S("'don''t'"));
    test_ctx_release(&t);
}

static void quoted_text_reads_back(void **state)
{
    static const str cases[] = {
        STR_INIT("plain"),
        STR_INIT(""),
        STR_INIT(" a"),
        STR_INIT("a "),
        STR_INIT("a: b"),
        STR_INIT("a:b"),
        STR_INIT("a:"),
        STR_INIT("#a"),
        STR_INIT("a#b"),
        STR_INIT("1"),
        STR_INIT("0x1f"),
        STR_INIT("1e3"),
        STR_INIT("null"),
        STR_INIT("~"),
        STR_INIT("-"),
        STR_INIT("---"),
        STR_INIT("..."),
        STR_INIT("?"),
        STR_INIT("[a]"),
        STR_INIT("{a}"),
        STR_INIT("a, b"),
        STR_INIT("a]"),
        STR_INIT("&a"),
        STR_INIT("*a"),
        STR_INIT("!a"),
        STR_INIT("|"),
        STR_INIT(">"),
        STR_INIT("%a"),
        STR_INIT("@a"),
        STR_INIT("`a"),
        STR_INIT("it's"),
        STR_INIT("'"),
        STR_INIT("\""),
        STR_INIT("\\"),
        STR_INIT("a\\nb"),
        STR_INIT("a\nb"),
        STR_INIT("a\r\nb"),
        STR_INIT("\t"),
        STR_INIT("a\tb"),
        STR_INIT("\0"),
        STR_INIT("\x1b[0m"),
        STR_INIT("\x7f"),
        STR_INIT("\xC2\x85"),
        STR_INIT("\xC2\xA0"),
        STR_INIT("\xE2\x80\xA8"),
        STR_INIT("\xEF\xBB\xBF"),
        STR_INIT("\xEF\xBF\xBE"),
        STR_INIT("\xF0\x9F\x98\x80"),
        STR_INIT("<<"),
        STR_INIT("="),
        STR_INIT(".inf"),
        STR_INIT("%YAML 1.2"),
        STR_INIT("'\"\\"),
    };
    struct test_ctx t;
    struct ctx     *cx = setup(&t);

    for (size_t i = 0; i < CASES(cases); i++) {
        str quoted  = yaml_quote(cx, cases[i]);
        str texts[] = {
            quoted,
            arena_printf(cx->arena, "k: " STR_FMT " # c\n", STR_ARG(quoted)),
            arena_printf(cx->arena, "- " STR_FMT "\n", STR_ARG(quoted)),
        };
        const struct yaml_node *read[] = {
            must_read(cx, texts[0]),
            yaml_get(must_read(cx, texts[1]), S("k")),
            yaml_item(must_read(cx, texts[2]), 0),
        };

        for (size_t k = 0; k < CASES(read); k++) {
            assert_int_equal(read[k]->kind, YAML_STRING);
            assert_str(i, read[k]->text, cases[i]);
        }
    }
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scalar_is_set_in_place),
        cmocka_unit_test(a_missing_key_is_put_last_into_its_map),
        cmocka_unit_test(what_cannot_be_edited_safely_is_refused),
        cmocka_unit_test(several_edits_of_one_tree_are_applied_together),
        cmocka_unit_test(wrong_calls_are_refused_by_kind),
        cmocka_unit_test(quoted_text_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
