/*
 * compile.c - documents to a set: the steps, findings, names, order, fingerprint.
 */
#include "codec/digest.h"
#include "policy/policy_int.h"
#include "standard/own_policy.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_BYTES = 1024 };

/* ---- findings --------------------------------------------------------------------------------------------- */

void compiler_error(struct compiler *c, struct diag_pos at, str rule, str hint, const char *fmt,
                    ...)
{
    char    message[MESSAGE_BYTES];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    diag_add(c->diags, c->cx, DIAG_ERROR, c->text, at, rule, hint, "%s", message);
}

void compiler_warn(struct compiler *c, const struct rule *rule, const char *fmt, ...)
{
    char    message[MESSAGE_BYTES];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    diag_add(c->diags, c->cx, DIAG_WARNING, rule->about.text, rule->about.at, S("policy.useless"),
             STR_NONE, "policy \"" STR_FMT "\" %s", STR_ARG(rule->about.name), message);
}

size_t compiler_count(struct compiler *c, const struct yaml_node *node, size_t max,
                      const char *limit)
{
    if (node->count <= max) {
        return node->count;
    }
    compiler_error(c, node->pos, S("policy.limit"), S("write several policies"),
                   "%zu entries, at most %zu (%s)", node->count, max, limit);
    return 0;
}

/* ---- purposes and domains ---------------------------------------------------------------------------------- */

static void add_purposes(struct compiler *c)
{
    for (size_t i = 0; i < c->mesh->purpose_count; i++) {
        struct purpose *p = ARENA_NEW(c->cx->arena, struct purpose);

        p->name = c->mesh->purposes[i].name;
        (void)map_put(&c->set->purposes, c->cx->arena, p->name, p);
    }
    for (size_t i = 0; i < c->mesh->purpose_count; i++) {
        const struct policy_purpose *from = &c->mesh->purposes[i];
        struct purpose              *p    = map_get(&c->set->purposes, from->name);

        p->wider = from->parent.len ? map_get(&c->set->purposes, from->parent) : NULL;
        if (from->parent.len && !p->wider) {
            compiler_error(c, (struct diag_pos){ 0 }, S("policy.purpose"),
                           compiler_nearest(c, from->parent, &c->set->purposes, STR_NONE),
                           "purpose \"" STR_FMT "\" of mesh.yaml is part of \"" STR_FMT
                           "\", which is not there",
                           STR_ARG(from->name), STR_ARG(from->parent));
        }
    }
}

/* A purpose, the wider one, the wider one of that. */
static void chain_purpose(struct compiler *c, struct purpose *p)
{
    const struct purpose *up;
    size_t                depth = 1;

    for (up = p->wider; up && depth <= c->set->purposes.count; up = up->wider) {
        depth++;
    }
    if (depth > c->set->purposes.count) {
        compiler_error(c, (struct diag_pos){ 0 }, S("policy.circle"), S("remove one parent"),
                       "purpose \"" STR_FMT "\" of mesh.yaml is part of itself, or of one that is",
                       STR_ARG(p->name));
        depth = 1;
    }
    p->chain = arena_array(c->cx->arena, depth, sizeof *p->chain);
    p->depth = depth;
    up       = p;
    for (size_t i = 0; i < depth; i++, up = up->wider) {
        p->chain[i] =
            (struct value){ .text = up->name,
                            .atom = atoms_intern(&c->set->atoms, c->cx->arena, up->name) };
    }
}

static void add_mesh(struct compiler *c)
{
    add_purposes(c);
    for (size_t i = 0; i < c->set->purposes.count; i++) {
        chain_purpose(c, c->set->purposes.entries[i].value);
    }
    for (size_t i = 0; i < c->mesh->domain_count; i++) {
        (void)map_put(&c->set->domains, c->cx->arena, c->mesh->domains[i], c);
    }
}

/* ---- documents ------------------------------------------------------------------------------------------------ */

struct document {
    const struct policy_source *source;
    struct own_policy          *policy;
    struct own_principals      *principals;
    struct own_policy_test     *test;
};

static enum status read_document(struct compiler *c, struct document *d)
{
    const struct diag_text *text = d->source->text;
    str                     kind = STR_NONE;
    struct own_policy      *policy;

    if (!std_kind_of(c->cx, text, &kind) || str_eq(kind, S("Policy"))) {
        TRY(own_policy_read(c->cx, text, c->diags, &policy)); /* says what is wrong with it */
        d->policy = policy;
        return ST_OK;
    }
    if (str_eq(kind, S("Principals"))) {
        return own_principals_read(c->cx, text, c->diags, &d->principals);
    }
    if (str_eq(kind, S("PolicyTest"))) {
        return own_policy_test_read(c->cx, text, c->diags, &d->test);
    }
    compiler_error(c, (struct diag_pos){ .line = 1, .column = 1 }, S("policy.kind"),
                   S("kind: Policy, Principals or PolicyTest"),
                   "a document of kind \"" STR_FMT "\" cannot stand among policies",
                   STR_ARG(str_sub(kind, 0, 100)));
    return ST_OK;
}

static void look_at(struct compiler *c, const struct document *d)
{
    c->text   = d->source->text;
    c->domain = d->source->domain;
}

/* ---- policies ----------------------------------------------------------------------------------------------------- */

static enum policy_action action_of(const struct own_policy *own)
{
    if (std_is_set(own->deny)) {
        return str_eq(own->deny.v, S("column"))       ? POLICY_DENY_COLUMN
               : str_eq(own->deny.v, S("projection")) ? POLICY_DENY_PROJECTION
                                                      : POLICY_DENY_READ;
    }
    if (std_is_set(own->allow)) {
        return POLICY_ALLOW_READ;
    }
    return own->rows.node ? POLICY_ROWS : POLICY_MASK;
}

static bool has_time(const struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (condition->items[i].time) {
            return true;
        }
    }
    return false;
}

static void add_rule(struct compiler *c, const struct own_policy *own)
{
    struct rule *rule = ARENA_NEW(c->cx->arena, struct rule);

    if (c->rules.count == POLICY_RULES_MAX) {
        compiler_error(c, own->at, S("policy.limit"), S("write fewer, wider policies"),
                       "more than %d policies (POLICY_RULES_MAX)", POLICY_RULES_MAX);
        return;
    }
    rule->about = (struct policy_rule){ .name    = own->name.v,
                                        .domain  = c->domain,
                                        .because = own->because.v,
                                        .action  = action_of(own),
                                        .text    = c->text,
                                        .at      = std_is_set(own->name) ? own->name.at : own->at };
    if (std_is_set(own->name) && (own->name.v.len == 0 || own->name.v.len > 255)) {
        compiler_error(c, own->name.at, S("policy.name"), STR_NONE,
                       "a policy's name has 1 to 255 bytes");
    }
    applies_read(c, own, rule);
    effect_read(c, own, rule);
    if (own->when.node) {
        condition_read(c, CONDITION_WHEN, own->when.node, &rule->when);
    }
    if (own->unless.node) {
        condition_read(
            c, rule->about.action == POLICY_MASK ? CONDITION_UNLESS_OF_MASK : CONDITION_UNLESS,
            own->unless.node, &rule->unless);
    }
    rule->has_time = has_time(&rule->when) || has_time(&rule->unless);
    vec_push(c->cx->arena, &c->rules, rule);
}

static int by_name(const void *a, const void *b)
{
    const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
    int                order = str_cmp(x->about.domain, y->about.domain);

    return order ? order : str_cmp(x->about.name, y->about.name);
}

/* The order of the set is that of names, so that decisions do not depend on files. */
static void order_rules(struct compiler *c)
{
    struct policy_set *set = c->set;

    if (c->rules.count > 1) {
        qsort(c->rules.items, c->rules.count, sizeof *c->rules.items, by_name);
    }
    set->rules      = c->rules.items;
    set->rule_count = c->rules.count;
    for (size_t i = 0; i < set->rule_count; i++) {
        struct policy_rule *rule = &set->rules[i]->about;

        rule->index = i;
        if (i > 0 && by_name(&set->rules[i - 1], &set->rules[i]) == 0) {
            c->text = rule->text;
            compiler_error(c, rule->at, S("policy.duplicate"), S("give it another name"),
                           "there are two policies \"" STR_FMT "\"", STR_ARG(rule->name));
        }
    }
}

/* ---- where a bind looks for rules ------------------------------------------------------------------------------ */

static void file_under(struct compiler *c, struct map *map, str key, const struct rule *rule)
{
    struct ids *ids = map_get(map, key);

    if (!ids) {
        ids = ARENA_NEW(c->cx->arena, struct ids);
        (void)map_put(map, c->cx->arena, key, ids);
    }
    vec_push(c->cx->arena, &ids->list, (uint32_t)rule->about.index);
}

static bool is_exact(const struct applies *a)
{
    for (size_t i = 0; i < a->pattern_count; i++) {
        const struct pattern *p = &a->patterns[i];

        if (p->domain.len == 0 || p->product.len == 0 || p->table.len == 0) {
            return false;
        }
    }
    return a->pattern_count > 0;
}

static void file_rule(struct compiler *c, const struct rule *rule)
{
    struct policy_set    *set = c->set;
    const struct applies *a   = &rule->applies;

    if (is_exact(a)) {
        for (size_t i = 0; i < a->pattern_count; i++) {
            const struct pattern *p = &a->patterns[i];

            file_under(c, &set->by_table,
                       arena_printf(c->cx->arena, STR_FMT "." STR_FMT "." STR_FMT,
                                    STR_ARG(p->domain), STR_ARG(p->product), STR_ARG(p->table)),
                       rule);
        }
    } else if (a->tag_count > 0) {
        for (size_t i = 0; i < a->tag_count; i++) {
            file_under(c, &set->by_tag, a->tags[i], rule);
        }
    } else if (rule->about.domain.len) {
        file_under(c, &set->by_domain, rule->about.domain, rule);
    } else {
        vec_push(c->cx->arena, &set->everywhere.list, (uint32_t)rule->about.index);
    }
}

/* ---- fingerprint -------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

static void add_parts(struct compiler *c, const str *parts, size_t count)
{
    struct sha256 *CLEANUP(sha256_cleanup) hash = sha256_new();

    for (size_t i = 0; i < count; i++) {
        sha256_add(hash, arena_printf(c->cx->arena, "%zu ", parts[i].len));
        sha256_add(hash, parts[i]);
    }
    vec_push(c->cx->arena, &c->names, digest_hex(c->cx, sha256_finish(hash)));
}

/* Of every document and every part of the mesh one digest, sorted, and the digest of those. */
static void make_fingerprint(struct compiler *c, const struct policy_source *sources, size_t count)
{
    struct sha256            *CLEANUP(sha256_cleanup) hash = sha256_new();
    const struct policy_mesh *mesh                         = c->mesh;

    for (size_t i = 0; i < count; i++) {
        add_parts(c, (str[]){ S("document"), sources[i].domain, sources[i].text->bytes }, 3);
    }
    for (size_t i = 0; i < mesh->purpose_count; i++) {
        add_parts(c, (str[]){ S("purpose"), mesh->purposes[i].name, mesh->purposes[i].parent }, 3);
    }
    for (size_t i = 0; i < mesh->domain_count; i++) {
        add_parts(c, (str[]){ S("domain"), mesh->domains[i] }, 2);
    }
    for (size_t i = 0; i < mesh->member_count; i++) {
        const struct policy_member *m = &mesh->members[i];

        add_parts(c, (str[]){ S("member"), m->domain, m->name, m->role }, 4);
    }
    if (c->names.count > 1) {
        qsort(c->names.items, c->names.count, sizeof *c->names.items, by_text);
    }
    for (size_t i = 0; i < c->names.count; i++) {
        sha256_add(hash, c->names.items[i]);
    }
    c->set->fingerprint = digest_hex(c->cx, sha256_finish(hash));
}

/* ---- the steps ------------------------------------------------------------------------------------------------------ */

static void compile_principals(struct compiler *c, const struct document *documents, size_t count)
{
    struct policy_set *set = c->set;

    principals_begin(c);
    for (size_t i = 0; i < count; i++) {
        if (documents[i].principals) {
            look_at(c, &documents[i]);
            principals_declare(c, documents[i].principals);
        }
    }
    set->slots      = c->slots.items;
    set->slot_count = c->slots.count;
    for (size_t i = 0; i < set->slot_count; i++) {
        if (set->slots[i].name.len) {
            (void)map_put(&set->slot_names, c->cx->arena, set->slots[i].name, &set->slots[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (documents[i].principals) {
            look_at(c, &documents[i]);
            principals_fill(c, documents[i].principals);
        }
    }
    principals_finish(c);
}

static enum status compile_documents(struct compiler *c, const struct document *documents,
                                     size_t count)
{
    compile_principals(c, documents, count);
    for (size_t i = 0; i < count; i++) {
        look_at(c, &documents[i]);
        if (documents[i].policy) {
            add_rule(c, documents[i].policy);
        }
        if (documents[i].test) {
            expect_read(c, documents[i].test);
        }
        TRY(ctx_check(c->cx));
    }
    order_rules(c);
    for (size_t i = 0; i < c->set->rule_count; i++) {
        file_rule(c, c->set->rules[i]);
    }
    c->set->expectations      = c->expectations.items;
    c->set->expectation_count = c->expectations.count;
    return ctx_check(c->cx);
}

static struct policy_subject operator_of(const struct policy_set *set)
{
    return (struct policy_subject){ .set         = set,
                                    .name        = S("operator"),
                                    .scope       = S("operator"),
                                    .kind        = POLICY_USER,
                                    .is_operator = true };
}

enum status policy_compile(struct ctx *cx, const struct policy_source *sources, size_t count,
                           const struct policy_mesh *mesh, struct diags *diags,
                           struct policy_set **out)
{
    struct compiler  c         = { .cx = cx, .diags = diags, .mesh = mesh };
    struct document *documents = arena_array(cx->arena, count, sizeof *documents);
    size_t           errors    = diags->errors;

    c.set = ARENA_NEW(cx->arena, struct policy_set);
    add_mesh(&c);
    for (size_t i = 0; i < count; i++) {
        documents[i].source = &sources[i];
        look_at(&c, &documents[i]);
        TRY(read_document(&c, &documents[i]));
    }
    TRY(compile_documents(&c, documents, count));
    if (diags->errors > errors) {
        return FAIL(cx, INVALID, "policies have %zu error%s", diags->errors - errors,
                    diags->errors - errors == 1 ? "" : "s");
    }
    lint_set(&c);
    make_fingerprint(&c, sources, count);
    c.set->operator_subject = operator_of(c.set);
    *out                    = c.set;
    return ctx_check(cx);
}

/* ---- looking at a set ------------------------------------------------------------------------------------------------- */

size_t policy_rule_count(const struct policy_set *set)
{
    return set->rule_count;
}

const struct policy_rule *policy_rule_at(const struct policy_set *set, size_t index)
{
    return &set->rules[index]->about;
}

const char *policy_action_name(enum policy_action action)
{
    static const char *const names[] = { "allow: read",      "deny: read", "deny: column",
                                         "deny: projection", "rows",       "mask" };

    return names[action];
}

str policy_fingerprint(const struct policy_set *set)
{
    return set->fingerprint;
}

bool policy_purpose_is_known(const struct policy_set *set, str purpose)
{
    return map_has(&set->purposes, purpose);
}

bool policy_level_parse(str text, enum policy_level *out)
{
    static const str names[] = { STR_INIT(""), STR_INIT("public"), STR_INIT("internal"),
                                 STR_INIT("confidential"), STR_INIT("restricted") };

    for (size_t i = 1; i < COUNT_OF(names); i++) {
        if (str_eq_nocase(text, names[i])) {
            *out = (enum policy_level)i;
            return true;
        }
    }
    return false;
}

const struct policy_expectation *policy_expectations(const struct policy_set *set, size_t *count)
{
    *count = set->expectation_count;
    return set->expectations;
}
