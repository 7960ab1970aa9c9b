/*
 * diff_fuzz.c - two documents, parted by a line "---": their difference applied to the first gives the second,
 * and there is none where they are equal.
 */
#include "contract/diff.h"

#include <stdlib.h>

#include "codec/yaml.h"
#include "support/test_ctx.h"

static const struct yaml_limits limits = { 1 << 16, 32, 4000, 1 << 12 };

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static struct yaml_node *read_tree(struct ctx *cx, str bytes)
{
    struct diag_text  text = { S("fuzz.yaml"), bytes };
    struct diags      d    = { 0 };
    struct yaml_node *root = NULL;

    return yaml_read(cx, &text, &limits, &d, &root) == ST_OK && root->kind == YAML_MAP ? root
                                                                                       : NULL;
}

static void check(struct ctx *cx, const struct yaml_node *a, const struct yaml_node *b,
                  enum diff_document document)
{
    const struct yaml_node *made;
    struct difference       d, rest;

    must(diff_trees(cx, document, a, b, &d) == ST_OK);
    must(diff_apply(cx, a, &d, &made) == ST_OK);
    must(diff_trees(cx, document, made, b, &rest) == ST_OK && rest.list.count == 0);
    for (size_t i = 0; i < d.list.count; i++) {
        must(d.list.items[i].path.len > 0 && diff_sentence(cx, &d.list.items[i]).len > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx   t;
    struct ctx       *cx    = test_ctx_init(&t, 1);
    str               bytes = { (const char *)data, size };
    size_t            at;
    struct yaml_node *a, *b;

    if (str_find(bytes, S("\n---\n"), &at)) {
        a = read_tree(cx, str_sub(bytes, 0, at + 1));
        b = read_tree(cx, str_from(bytes, at + 5));
        if (a && b) {
            check(cx, a, b, DIFF_CONTRACT);
            check(cx, b, a, DIFF_PRODUCT);
        }
    }
    test_ctx_release(&t);
    return 0;
}
