/*
 * yaml_edit_fuzz.c - a document and an edit: the edited text reads back with that change alone.
 *
 * The first line chooses: which node, what value, replace, insert or rename. The rest is the text.
 */
#include "codec/yaml_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "support/test_ctx.h"

static const struct yaml_limits limits = { 1 << 14, 16, 300, 1 << 12 };

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

/* The n-th node in the order of the text, or NULL. */
static const struct yaml_node *nth(const struct yaml_node *node, size_t *n)
{
    if ((*n)-- == 0) {
        return node;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *found =
            nth(node->kind == YAML_LIST ? node->items[i] : node->members[i].value, n);

        if (found) {
            return found;
        }
    }
    return NULL;
}

/* What must have happened to `target`. */
struct change {
    const struct yaml_node *target;
    char                    kind; /* 'r'eplace, 'i'nsert behind `at`, 'n'ame member `at` */
    size_t                  at;
    str                     key;
    struct yaml_scalar      value;
};

static int holds(const struct yaml_node *node, const struct yaml_scalar *value)
{
    return node->kind == value->kind &&
           (value->kind == YAML_STRING ? str_eq(node->text, value->text)
            : value->kind == YAML_INT  ? node->integer == value->integer
                                       : node->truth == value->truth);
}

static void check(const struct change *c, const struct yaml_node *old, const struct yaml_node *made)
{
    size_t shift = 0;

    if (old == c->target && c->kind == 'r') {
        must(holds(made, &c->value));
        return;
    }
    must(old->kind == made->kind);
    must(made->count == old->count + (old == c->target && c->kind == 'i'));
    if (old->kind != YAML_LIST && old->kind != YAML_MAP) {
        must(yaml_equal(old, made));
        return;
    }
    for (size_t i = 0; i < old->count; i++) {
        if (old->kind == YAML_LIST) {
            check(c, old->items[i], made->items[i]);
            continue;
        }
        must(str_eq(old == c->target && c->kind == 'n' && i == c->at ? c->key : old->members[i].key,
                    made->members[i + shift].key));
        check(c, old->members[i].value, made->members[i + shift].value);
        if (old == c->target && c->kind == 'i' && i == c->at) {
            shift = 1;
            must(str_eq(made->members[i + 1].key, c->key));
            must(holds(made->members[i + 1].value, &c->value));
        }
    }
}

static enum status make_edit(struct ctx *cx, const struct yaml_source *source, struct change *c,
                             struct yaml_edit *out)
{
    struct yaml_insert what = { .map = c->target, .key = c->key, .value = c->value };

    if (c->kind == 'r') {
        return yaml_edit_replace(cx, source, c->target, c->value, out);
    }
    if (c->target->kind == YAML_MAP && c->target->count) {
        str names[2] = { c->target->members[c->at %= c->target->count].key, c->key };

        if (c->kind == 'n') {
            return yaml_edit_rename(cx, source, c->target, names, out);
        }
        what.after = names[0];
        if (what.after.len == 0) {
            c->at = c->target->count - 1;
        }
    }
    c->kind = 'i';
    return yaml_edit_insert(cx, source, &what, out);
}

static void try_edit(struct ctx *cx, str command, str bytes)
{
    struct diag_text   text = { S("fuzz.yaml"), bytes };
    struct diags       d    = { 0 };
    struct yaml_node  *root, *again;
    struct yaml_edit   edit;
    struct change      c = { .kind = 'r', .value = { .kind = YAML_STRING } };
    size_t             n = (unsigned char)command.ptr[0];
    str                made;
    struct yaml_source source = { .bytes = bytes };

    if (yaml_read(cx, &text, &limits, &d, &root) != ST_OK || d.errors) {
        return;
    }
    source.root  = root;
    c.target     = nth(root, &n);
    c.kind       = "rin"[(unsigned char)command.ptr[1] % 3];
    c.at         = (unsigned char)command.ptr[1] / 3;
    c.value.text = str_from(command, 2);
    c.key        = str_sub(command, 2, 5);
    if (c.value.text.len && c.value.text.ptr[0] == '1') {
        c.value = (struct yaml_scalar){ .kind = YAML_INT, .integer = -17 };
    }
    if (!c.target || make_edit(cx, &source, &c, &edit) != ST_OK) {
        return;
    }
    must(yaml_edits_apply(cx, bytes, &edit, 1, &made) == ST_OK);
    text.bytes = made;
    must(yaml_read(cx, &text, NULL, &d, &again) == ST_OK);
    check(&c, root, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx t;
    struct ctx     *cx   = test_ctx_init(&t, 1);
    str             rest = { (const char *)data, size }, command;
    size_t          at;

    if (str_cut(&rest, '\n', &command) && rest.ptr && command.len >= 2 &&
        utf8_is_valid(str_sub(command, 2, 5), &at) && utf8_is_valid(str_from(command, 2), &at)) {
        try_edit(cx, command, rest);
    }
    test_ctx_release(&t);
    return 0;
}
