/*
 * yaml_change_test.c - values of any kind set, removed and appended; every other line stays.
 */
#include "codec/yaml_change.h"

#include "support/test_ctx.h"
#include "test.h"

static struct yaml_node *must_read(struct ctx *cx, str bytes)
{
    struct diag_text  text = { S("value"), bytes };
    struct diags      d    = { 0 };
    struct yaml_node *root = NULL;

    assert_int_equal(yaml_read(cx, &text, NULL, &d, &root), ST_OK);
    assert_int_equal(d.errors, 0);
    return root;
}

#define LIST "t:\n- a # first\n- 'b'\n# between\n- c\nz: 1\n"
#define BLOCK                                                                                      \
    "p:\n  - name: x\n    k: v  # why\n    l: |\n      one\n      two\n  - name: y\nq: {a: 1, b: " \
    "[1, 2], c: 3}\n"

/* `value` NULL: removed; beginning with "+": appended. `want` NULL: refused with that status. */
static const struct change_case {
    const char *bytes, *pointer, *value, *want;
    enum status status;
} cases[] = {
    /* lists of scalars: lines that stay keep comments, quotes and place */
    { LIST, "/t", "[a, b, c]", LIST, ST_OK },
    { LIST, "/t", "[a, b, c, d]", "t:\n- a # first\n- 'b'\n# between\n- c\n- d\nz: 1\n", ST_OK },
    { LIST, "/t", "[b, c]", "t:\n- 'b'\n# between\n- c\nz: 1\n", ST_OK },
    { LIST, "/t", "[a, e]", "t:\n- a # first\n- e\n# between\nz: 1\n", ST_OK },
    { LIST, "/t", "[d]", NULL, ST_UNSUPPORTED }, /* would throw comments away */
    { LIST, "/t/1", NULL, "t:\n- a # first\n# between\n- c\nz: 1\n", ST_OK },
    { LIST, "/t/1", "[x]", "t:\n- a # first\n- [x]\n# between\n- c\nz: 1\n", ST_OK },
    { LIST, "/t", "+d e", "t:\n- a # first\n- 'b'\n# between\n- c\n- d e\nz: 1\n", ST_OK },
    { "t: [a, 'b']\n", "/t", "[a, c: 1]", "t: [a, {c: 1}]\n", ST_OK },
    { "t: [a, 'b']\n", "/t", "[a, b, c]", "t: [a, 'b', c]\n", ST_OK },
    { "t: [a, 'b']\n", "/t", "[b]", "t: ['b']\n", ST_OK },
    { "t: [\n  a,\n  b\n]\n", "/t", "[a, b, c]", "t: [\n  a,\n  b,\n  c\n]\n", ST_OK },
    { "t: []\n", "/t", "+a", "t: [a]\n", ST_OK },
    { "t: x\n", "/t", "+a", NULL, ST_UNSUPPORTED },
    { "t: x\n", "/u", "+a", NULL, ST_NOT_FOUND },
    { "- a\n- b", "", "+c", "- a\n- b\n- c", ST_OK },
    /* other kinds */
    { "a: x # c\n", "/a", "[1, no]", "a: [1, \"no\"] # c\n", ST_OK },
    { "a:\nb: 1\n", "/a", "{k: v}", "a: {k: v}\nb: 1\n", ST_OK },
    { "a: # note\nb: 1\n", "/a", "[1]", "a: [1] # note\nb: 1\n", ST_OK },
    { "a:\n  b: 1\n  c: 2\nd: 3\n", "/a", "x", "a: x\nd: 3\n", ST_OK },
    { "a:\n  b: 1 # why\n  c: 2\nd: 3\n", "/a", "x", NULL, ST_UNSUPPORTED },
    { "a: |\n  x\n", "/a", "[1]", NULL, ST_UNSUPPORTED },
    { "a: &x {b: 1}\nc: *x\n", "/a/b", "2", NULL, ST_UNSUPPORTED },
    { "a: 1\n", "/b", "[x, {k: 1.50}]", "a: 1\nb: [x, {k: 1.50}]\n", ST_OK },
    { "a: 1\n", "/b/c", "1", NULL, ST_NOT_FOUND },
    { "a: 1\n", "", "1", NULL, ST_UNSUPPORTED },
    { "{a: 1}\n", "/b", "[x]", "{a: 1, b: [\"x\"]}\n", ST_OK },
    /* removing */
    { BLOCK, "/p/0/k", NULL,
      "p:\n  - name: x\n    l: |\n      one\n      two\n  - name: y\nq: {a: 1, b: [1, 2], c: 3}\n",
      ST_OK },
    { BLOCK, "/p/0/l", NULL,
      "p:\n  - name: x\n    k: v  # why\n  - name: y\nq: {a: 1, b: [1, 2], c: 3}\n", ST_OK },
    { BLOCK, "/p/0/name", NULL,
      "p:\n  - k: v  # why\n    l: |\n      one\n      two\n  - name: y\nq: {a: 1, b: [1, 2], c: "
      "3}\n",
      ST_OK },
    { BLOCK, "/p/0", NULL, "p:\n  - name: y\nq: {a: 1, b: [1, 2], c: 3}\n", ST_OK },
    { BLOCK, "/p", NULL, "q: {a: 1, b: [1, 2], c: 3}\n", ST_OK },
    { BLOCK, "/q/b", NULL,
      "p:\n  - name: x\n    k: v  # why\n    l: |\n      one\n      two\n  - name: y\nq: {a: 1, c: "
      "3}\n",
      ST_OK },
    { "q: {a: 1, b: 2}\n", "/q/b", NULL, "q: {a: 1}\n", ST_OK },
    { "q: {a: 1}\n", "/q/a", NULL, "q: {}\n", ST_OK },
    { "a:\n- x\nb: 1\n", "/a/0", NULL, "a: []\nb: 1\n", ST_OK },
    { "a: 1\n", "/a", NULL, NULL, ST_UNSUPPORTED },
    { "a: 1\n", "/b", NULL, NULL, ST_NOT_FOUND },
    { "q: {a: 1, # why\n  b: 2}\n", "/q/a", NULL, NULL, ST_UNSUPPORTED },
    { "a: 1\r\nb: 2\r\nc: 3\r\n", "/b", NULL, "a: 1\r\nc: 3\r\n", ST_OK },
    /* maps join a list in its manner */
    { BLOCK, "/p", "+{property: weft.build, value: {a: 1}}",
      "p:\n  - name: x\n    k: v  # why\n    l: |\n      one\n      two\n  - name: y\n  - "
      "property: "
      "weft.build\n    value: {a: 1}\nq: {a: 1, b: [1, 2], c: 3}\n",
      ST_OK },
    { "p: [{a: 1}]\n", "/p", "+{a: b c}", "p: [{a: 1}, {a: \"b c\"}]\n", ST_OK },
    { "{\"a\": 1}\n", "/a", "x", "{\"a\": \"x\"}\n", ST_OK },
    { "{\"a\": 1}\n", "/b", "[x, {k: v}]", "{\"a\": 1, \"b\": [\"x\", {\"k\": \"v\"}]}\n", ST_OK },
    { "a: {b: c}\n", "/a/b", "word", "a: {b: word}\n", ST_OK },
    { "a: {b: c}\n", "/a/d", "two words", "a: {b: c, d: \"two words\"}\n", ST_OK },
    { "a: 1\na: 2\n", "/a", "3", NULL, ST_INVALID },
    { "a: [\n", "/a", "3", NULL, ST_INVALID },
};

static enum status change(struct ctx *cx, const struct change_case *c, str *out)
{
    str value = c->value ? str_of(c->value) : STR_NONE;
    str at    = str_of(c->pointer);

    if (!c->value) {
        return yaml_change_remove(cx, str_of(c->bytes), at, out);
    }
    if (str_starts(value, S("+"))) {
        return yaml_change_append(cx, str_of(c->bytes), at, must_read(cx, str_from(value, 1)), out);
    }
    return yaml_change_set(cx, str_of(c->bytes), at, must_read(cx, value), out);
}

static void only_the_lines_meant_change(void **state)
{
    for (size_t i = 0; i < CASES(cases); i++) {
        const struct change_case *c = &cases[i];
        struct test_ctx           t;
        struct ctx               *cx   = test_ctx_init(&t, 1);
        str                       made = S("untouched");
        enum status               st   = change(cx, c, &made);

        if (st != c->status || !str_eq(made, c->want ? str_of(c->want) : S("untouched"))) {
            fail_msg("%zu: status %d (" STR_FMT "), made\n" STR_FMT, i, (int)st,
                     STR_ARG(err_text(cx->err)), STR_ARG(made));
        }
        test_ctx_release(&t);
    }
}

static void values_are_made(void **state)
{
    struct test_ctx   t;
    struct ctx       *cx      = test_ctx_init(&t, 1);
    const str         keys[]  = { S("property"), S("value") };
    struct yaml_node *pairs[] = { yaml_value_string(cx, S("k")), yaml_value_string(cx, S("1")) };
    str               made;

    assert_int_equal(
        yaml_change_append(cx, S("a: []\n"), S("/a"), yaml_value_pair(cx, keys, pairs), &made),
        ST_OK);
    assert_true(str_eq(made, S("a: [{property: k, value: \"1\"}]\n")));
    test_ctx_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_lines_meant_change),
        cmocka_unit_test(values_are_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
