/*
 * effect.c - what a policy does: which mask stands in place of a value, which rows are shown.
 */
#include "policy/policy_int.h"
#include "standard/own_policy.h"

enum { KEEP_MAX = 1000, CONSTANT_MAX = 4096, PATTERN_MAX = 1000 };

/* ---- the table of masks ------------------------------------------------------------------------------------ */

/* How a mask is written: a word, {word: …} with an argument, or both forms of one key. */
enum mask_form {
    FORM_NULL,
    FORM_WORD,
    FORM_TEXT,
    FORM_COUNT,
    FORM_CHOICE,
    FORM_POSITIVE,
    FORM_REGEX
};

static const struct mask_row {
    enum policy_mask_kind kind;
    const char           *name; /* as the key or word in documents */
    enum mask_form        form;
    unsigned              strength;
    str                   choices; /* of FORM_CHOICE, one blank between them */
} masks[] = {
    { POLICY_MASK_NULL, "null", FORM_NULL, 0, STR_INIT("") },
    { POLICY_MASK_CONSTANT, "constant", FORM_TEXT, 1, STR_INIT("") },
    { POLICY_MASK_DEFAULT, "default", FORM_WORD, 1, STR_INIT("") },
    { POLICY_MASK_REDACT, "redact", FORM_WORD, 2, STR_INIT("") },
    { POLICY_MASK_HASH, "hash", FORM_WORD, 3, STR_INIT("") },
    { POLICY_MASK_EMAIL, "email", FORM_CHOICE, 4, STR_INIT("keep-domain") },
    { POLICY_MASK_FIRST, "first", FORM_COUNT, 4, STR_INIT("") },
    { POLICY_MASK_LAST, "last", FORM_COUNT, 4, STR_INIT("") },
    { POLICY_MASK_REGEX, "regex", FORM_REGEX, 4, STR_INIT("") },
    { POLICY_MASK_ZIP3, "zip3", FORM_WORD, 4, STR_INIT("") },
    { POLICY_MASK_IP, "ip-prefix", FORM_WORD, 4, STR_INIT("") },
    { POLICY_MASK_DATE, "date", FORM_CHOICE, 5, STR_INIT("year quarter month week day") },
    { POLICY_MASK_ROUND, "round", FORM_POSITIVE, 5, STR_INIT("") },
    { POLICY_MASK_BUCKET, "bucket", FORM_POSITIVE, 5, STR_INIT("") },
};

const char *policy_mask_name(enum policy_mask_kind kind)
{
    return masks[kind].name;
}

unsigned effect_strength(enum policy_mask_kind kind)
{
    return masks[kind].strength;
}

bool effect_equal(const struct policy_mask *a, const struct policy_mask *b)
{
    return a->kind == b->kind && a->number == b->number && str_eq(a->text, b->text) &&
           str_eq(a->replacement, b->replacement);
}

/* ---- reading masks ------------------------------------------------------------------------------------------- */

static void refuse(struct compiler *c, struct diag_pos at, str hint, const char *what)
{
    compiler_error(c, at, S("policy.mask"), hint, "%s", what);
}

static void refuse_unknown(struct compiler *c, struct diag_pos at, str word)
{
    str names[COUNT_OF(masks)], near;

    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        names[i] = str_of(masks[i].name);
    }
    near = str_nearest(word, names, COUNT_OF(names));
    compiler_error(c, at, S("policy.mask"),
                   near.len
                       ? arena_printf(c->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
                       : S("masks stand in docs/policies.md"),
                   "there is no mask \"" STR_FMT "\"", STR_ARG(str_sub(word, 0, 100)));
}

static const struct mask_row *find_mask(str name)
{
    for (size_t i = 0; i < COUNT_OF(masks); i++) {
        if (str_eq(name, str_of(masks[i].name))) {
            return &masks[i];
        }
    }
    return NULL;
}

static bool is_choice(const struct mask_row *row, str text)
{
    str rest = row->choices, word;

    while (str_cut(&rest, ' ', &word)) {
        if (str_eq(word, text)) {
            return true;
        }
    }
    return false;
}

/* {pattern: "[0-9]", replacement: "#"} */
static void read_regex(struct compiler *c, const struct yaml_node *node, struct policy_mask *out)
{
    const struct yaml_node *pattern     = yaml_get(node, S("pattern"));
    const struct yaml_node *replacement = yaml_get(node, S("replacement"));

    out->text        = yaml_text_or(pattern, STR_NONE);
    out->replacement = yaml_text_or(replacement, STR_NONE);
    if (!pattern || pattern->kind != YAML_STRING || !replacement ||
        replacement->kind != YAML_STRING || node->count != 2 || out->text.len == 0 ||
        out->text.len > PATTERN_MAX || out->replacement.len > PATTERN_MAX) {
        refuse(c, node->pos, S("{regex: {pattern: \"[0-9]\", replacement: \"#\"}}"),
               "regex has a pattern and a replacement, texts of at most 1000 bytes");
    }
}

static bool is_scalar(const struct yaml_node *node)
{
    return node->kind != YAML_NULL && node->kind != YAML_LIST && node->kind != YAML_MAP;
}

static void read_argument(struct compiler *c, const struct mask_row *row,
                          const struct yaml_node *node, struct policy_mask *out)
{
    double number = 0;

    out->text = is_scalar(node) ? node->text : STR_NONE;
    switch (row->form) {
    case FORM_NULL:
    case FORM_WORD: refuse(c, node->pos, STR_NONE, "this mask is a single word"); return;
    case FORM_TEXT:
        if (!is_scalar(node) || node->text.len > CONSTANT_MAX) {
            refuse(c, node->pos, S("mask: null gives NULL"),
                   "a constant is one value of at most 4096 bytes");
        }
        return;
    case FORM_COUNT:
        out->text   = STR_NONE;
        out->number = node->kind == YAML_INT ? node->integer : 0;
        if (out->number < 1 || out->number > KEEP_MAX) {
            refuse(c, node->pos, STR_NONE, "a number of characters is 1 to 1000");
        }
        return;
    case FORM_CHOICE:
        if (!is_choice(row, out->text)) {
            refuse(c, node->pos, row->choices, "the mask has no such form");
        }
        return;
    case FORM_POSITIVE:
        if (!yaml_number(node, &number) || !(number > 0 && number < 1e15)) {
            refuse(c, node->pos, STR_NONE, "a width is a number above 0 and below 1e15");
        }
        return;
    case FORM_REGEX: read_regex(c, node, out); return;
    }
    BUG("form of a mask");
}

static void read_word(struct compiler *c, const struct yaml_node *node, struct policy_mask *out)
{
    const struct mask_row *row = find_mask(node->text);

    if (node->kind != YAML_STRING || !row || row->form == FORM_NULL) {
        refuse_unknown(c, node->pos, node->text);
    } else if (row->form != FORM_WORD) {
        refuse(c, node->pos, S("write it as {name: value}"), "this mask needs a value");
    } else {
        out->kind = row->kind;
    }
}

static void read_mask(struct compiler *c, const struct yaml_node *node, struct policy_mask *out)
{
    const struct mask_row *row;

    if (node->kind == YAML_NULL) {
        if (node->text.len == 0) {
            refuse(c, node->pos, S("write mask: null"), "the mask is missing");
        }
        return; /* POLICY_MASK_NULL is zero */
    }
    if (node->kind != YAML_MAP) {
        read_word(c, node, out);
        return;
    }
    row = node->count == 1 ? find_mask(node->members[0].key) : NULL;
    if (node->count != 1) {
        refuse(c, node->pos, S("one policy for each mask"), "a policy has one mask");
    } else if (!row) {
        refuse_unknown(c, node->members[0].key_pos, node->members[0].key);
    } else {
        out->kind = row->kind;
        read_argument(c, row, node->members[0].value, out);
    }
}

void effect_read(struct compiler *c, const struct own_policy *policy, struct rule *rule)
{
    if (rule->about.action == POLICY_ROWS && policy->rows.node) {
        choice_read(c, TEST_COLUMN, policy->rows.node, &rule->rows);
    }
    if (rule->about.action == POLICY_MASK && policy->mask.node) {
        read_mask(c, policy->mask.node, &rule->mask);
    }
}
