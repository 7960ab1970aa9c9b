/*
 * yaml_fuzz.c - any bytes: a tree within its limits and places, or findings that say why not.
 */
#include "codec/yaml.h"

#include <stdlib.h>

#include "support/test_ctx.h"

static const struct yaml_limits limits = { 1 << 16, 16, 2000, 1 << 12 };

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* Children stand inside their parent (aliases point elsewhere), counts add up. */
static size_t check_node(const struct yaml_node *node, str bytes, size_t depth)
{
    size_t total = 1;

    must(depth <= limits.depth + 1);
    must(node->pos.offset <= node->end && node->end <= bytes.len);
    must(node->pos.line > 0 && node->pos.column > 0);
    must(node->text.len <= limits.scalar_bytes);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *child =
            node->kind == YAML_LIST ? node->items[i] : node->members[i].value;

        must(child != NULL);
        must(node->is_alias || (child->pos.offset >= node->pos.offset && child->end <= node->end));
        if (node->kind == YAML_MAP) {
            must(yaml_get(node, node->members[i].key) == child);
        }
        total += check_node(child, bytes, depth + 1);
    }
    must(total <= node->total); /* dropped duplicates are counted */
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx   t;
    struct ctx       *cx   = test_ctx_init(&t, 1);
    struct diag_text  text = { S("fuzz.yaml"), { (const char *)data, size } };
    struct diags      d    = { 0 };
    struct yaml_node *root = NULL;
    enum status       st   = yaml_read(cx, &text, &limits, &d, &root);

    if (st == ST_OK) {
        must(check_node(root, text.bytes, 1) <= limits.nodes);
        must(yaml_equal(root, root));
    } else {
        must(st == ST_INVALID || st == ST_LIMIT);
        must(root == NULL && d.errors > 0 && err_text(cx->err).len > 0);
    }
    for (size_t i = 0; i < d.list.count; i++) {
        const struct diag *finding = &d.list.items[i];

        must(finding->rule.len > 0 && finding->message.len > 0);
        must(finding->pos.offset <= size);
    }
    test_ctx_release(&t);
    return 0;
}
