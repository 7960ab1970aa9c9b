/*
 * principals.c - who there is: documents, teams of domains, groups; and subjects made of them.
 *
 * Documents are walked twice: first names of attributes, groups and principals are declared, then
 * values are filled in, so that documents may stand in any order.
 */
#include "codec/digest.h"
#include "policy/policy_int.h"
#include "standard/own_policy.h"

#include <stdlib.h>

enum { PRINCIPAL_NAME_MAX = 255, SCOPE_HEX = 16, NEAREST_MAX = 1000 };

/* ---- findings --------------------------------------------------------------------------------------------- */

str compiler_nearest(struct compiler *c, str word, const struct map *among, str otherwise)
{
    size_t count = among->count < NEAREST_MAX ? among->count : NEAREST_MAX;
    str   *names = arena_array(c->cx->arena, count, sizeof *names), near;

    for (size_t i = 0; i < count; i++) {
        names[i] = among->entries[i].key;
    }
    near = str_nearest(word, names, count);
    return near.len ? arena_printf(c->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
                    : otherwise;
}

static void twice(struct compiler *c, struct diag_pos at, const char *what, str name)
{
    compiler_error(c, at, S("policy.duplicate"), S("give it another name, or remove one"),
                   "%s \"" STR_FMT "\" stands there twice", what, STR_ARG(name));
}

/* ---- declaring -------------------------------------------------------------------------------------------- */

static void add_slot(struct compiler *c, const char *name, bool is_list)
{
    struct slot slot = { .name = str_of(name), .type = VALUE_TEXT, .is_list = is_list };

    vec_push(c->cx->arena, &c->slots, slot);
}

/* In the order of the enum. The purpose is no attribute and has no name. */
void principals_begin(struct compiler *c)
{
    add_slot(c, "name", false);
    add_slot(c, "kind", false);
    add_slot(c, "role", true);
    add_slot(c, "group", true);
    add_slot(c, "domain", true);
    add_slot(c, "", true);
}

static struct slot attribute_slot(const struct own_attribute *own)
{
    static const struct {
        str             name;
        enum value_type type;
        bool            is_list;
    } types[] = {
        { STR_INIT("string"), VALUE_TEXT, false },    { STR_INIT("integer"), VALUE_INTEGER, false },
        { STR_INIT("number"), VALUE_NUMBER, false },  { STR_INIT("boolean"), VALUE_BOOLEAN, false },
        { STR_INIT("date"), VALUE_DATE, false },      { STR_INIT("strings"), VALUE_TEXT, true },
        { STR_INIT("integers"), VALUE_INTEGER, true }
    };
    struct slot slot = { .name = own->name.v };

    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(own->type.v, types[i].name)) {
            slot.type    = types[i].type;
            slot.is_list = types[i].is_list;
        }
    }
    return slot;
}

static void declare_attribute(struct compiler *c, const struct own_attribute *own)
{
    for (size_t i = 0; i < c->slots.count; i++) {
        if (str_eq(c->slots.items[i].name, own->name.v)) {
            twice(c, own->name.at, i < SLOT_FIRST ? "built-in attribute" : "attribute",
                  own->name.v);
            return;
        }
    }
    if (c->slots.count - SLOT_FIRST == POLICY_TESTS_MAX) {
        compiler_error(c, own->name.at, S("policy.limit"), STR_NONE,
                       "more than %d attributes (POLICY_TESTS_MAX)", POLICY_TESTS_MAX);
        return;
    }
    vec_push(c->cx->arena, &c->slots, attribute_slot(own));
}

static void declare_group(struct compiler *c, const struct own_group *own)
{
    struct group *group = ARENA_NEW(c->cx->arena, struct group);

    if (map_has(&c->set->groups, own->name.v)) {
        twice(c, own->name.at, "group", own->name.v);
        return;
    }
    *group = (struct group){ .name  = own->name.v,
                             .text  = c->text,
                             .at    = own->name.at,
                             .own   = own,
                             .index = (uint32_t)c->set->groups.count };
    (void)map_put(&c->set->groups, c->cx->arena, group->name, group);
}

static bool has_control(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Names that would be taken for somebody else are refused. */
static bool check_name(struct compiler *c, struct diag_pos at, str name)
{
    str head, tail;

    if (name.len == 0 || name.len > PRINCIPAL_NAME_MAX || has_control(name)) {
        compiler_error(c, at, S("policy.name"), STR_NONE,
                       "a principal's name has 1 to %d bytes and no control characters",
                       PRINCIPAL_NAME_MAX);
        return false;
    }
    if (str_eq(name, S("operator"))) {
        compiler_error(c, at, S("policy.name"), S("give it another name"),
                       "\"operator\" is who owns the folder of a mesh");
        return false;
    }
    if (str_split(name, '.', &head, &tail) && map_has(&c->set->domains, head)) {
        compiler_error(c, at, S("policy.name"), S("give it another name"),
                       "\"" STR_FMT "\" would read as a product of domain \"" STR_FMT "\"",
                       STR_ARG(name), STR_ARG(head));
        return false;
    }
    return true;
}

static struct principal *add_principal(struct compiler *c, str name)
{
    struct principal *p = map_get(&c->set->principals, name);

    if (p) {
        return p;
    }
    if (c->set->principals.count == POLICY_PRINCIPALS_MAX) {
        compiler_error(c, (struct diag_pos){ 0 }, S("policy.limit"), STR_NONE,
                       "more than %d principals (POLICY_PRINCIPALS_MAX)", POLICY_PRINCIPALS_MAX);
        return NULL;
    }
    p       = ARENA_NEW(c->cx->arena, struct principal);
    p->name = name;
    (void)map_put(&c->set->principals, c->cx->arena, name, p);
    return p;
}

static enum policy_kind kind_of(str word)
{
    return str_eq(word, S("service")) ? POLICY_SERVICE
           : str_eq(word, S("agent")) ? POLICY_AGENT
                                      : POLICY_USER;
}

static void declare_principal(struct compiler *c, const struct own_principal *own)
{
    struct principal *p;

    if (!check_name(c, own->at, own->name.v)) {
        return;
    }
    p = add_principal(c, own->name.v);
    if (p && p->is_declared) {
        twice(c, own->name.at, "principal", own->name.v);
    } else if (p) {
        p->is_declared = true;
        p->kind        = kind_of(own->kind.v);
        p->text        = c->text;
        p->at          = own->name.at;
    }
}

void principals_declare(struct compiler *c, const struct own_principals *own)
{
    if (c->domain.len) {
        compiler_error(c, own->at, S("policy.domain"), S("move the file to principals/"),
                       "a domain cannot say who principals are");
        return;
    }
    for (size_t i = 0; i < own->attributes.count; i++) {
        declare_attribute(c, &own->attributes.items[i]);
    }
    for (size_t i = 0; i < own->groups.count; i++) {
        declare_group(c, &own->groups.items[i]);
    }
    for (size_t i = 0; i < own->principals.count; i++) {
        declare_principal(c, &own->principals.items[i]);
    }
}

/* ---- filling --------------------------------------------------------------------------------------------------- */

static bool is_single(const struct yaml_node *node)
{
    return node->kind != YAML_NULL && node->kind != YAML_LIST && node->kind != YAML_MAP;
}

static void read_attribute(struct compiler *c, const struct slot *slot, const struct yaml_member *m,
                           struct slot_values *out)
{
    const struct yaml_node *node  = m->value;
    size_t                  count = 1;
    struct value           *items;

    if (slot->is_list != (node->kind == YAML_LIST)) {
        compiler_error(c, node->pos.line ? node->pos : m->key_pos, S("policy.value"), STR_NONE,
                       "attribute \"" STR_FMT "\" is %s", STR_ARG(m->key),
                       slot->is_list ? "a list" : "a single value");
        return;
    }
    if (slot->is_list) {
        count = compiler_count(c, node, POLICY_VALUES_MAX, "POLICY_VALUES_MAX");
    }
    items = arena_array(c->cx->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = slot->is_list ? node->items[i] : node;

        if (!is_single(item) || !value_parse(c->cx->arena, slot->type, item->text, &items[i])) {
            compiler_error(c, item->pos.line ? item->pos : m->key_pos, S("policy.value"),
                           S("an attribute that is not known is left out"),
                           "\"" STR_FMT "\" for \"" STR_FMT "\" is not " STR_FMT,
                           STR_ARG(item->text), STR_ARG(m->key),
                           STR_ARG(value_type_name(slot->type)));
        }
    }
    *out = (struct slot_values){ items, count, true };
}

static void fill_attributes(struct compiler *c, const struct yaml_node *map, struct principal *p)
{
    struct policy_set *set = c->set;

    p->slots = arena_array(c->cx->arena, set->slot_count, sizeof *p->slots);
    for (size_t i = 0; map && i < map->count; i++) {
        const struct yaml_member *m    = &map->members[i];
        const struct slot        *slot = map_get(&set->slot_names, m->key);

        if (!slot || slot < set->slots + SLOT_FIRST) {
            compiler_error(
                c, m->key_pos, S("policy.attribute"),
                compiler_nearest(c, m->key, &set->slot_names, S("declare it under attributes")),
                "there is no attribute \"" STR_FMT "\"", STR_ARG(m->key));
        } else {
            read_attribute(c, slot, m, &p->slots[slot - set->slots]);
        }
    }
}

static void add_role(struct compiler *c, struct principal *p, str role, str domain)
{
    struct value value = { .text = role, .scope = domain };

    vec_push(c->cx->arena, &p->roles, value);
    (void)map_put(&c->set->roles, c->cx->arena, role, p);
}

void principals_fill(struct compiler *c, const struct own_principals *own)
{
    for (size_t i = 0; i < own->principals.count; i++) {
        const struct own_principal *from = &own->principals.items[i];
        struct principal           *p    = map_get(&c->set->principals, from->name.v);

        if (!p) {
            continue;
        }
        fill_attributes(c, from->attributes.node, p);
        for (size_t k = 0; k < from->roles.count; k++) {
            add_role(c, p, from->roles.items[k].v, STR_NONE);
        }
    }
}

static void add_members(struct compiler *c)
{
    for (size_t i = 0; i < c->mesh->member_count; i++) {
        const struct policy_member *m      = &c->mesh->members[i];
        struct value                domain = { .text = m->domain };
        struct principal           *p      = NULL;

        if (check_name(c, (struct diag_pos){ 0 }, m->name)) {
            p = add_principal(c, m->name);
        }
        if (p) {
            add_role(c, p, m->role, m->domain);
            vec_push(c->cx->arena, &p->domains, domain);
        }
    }
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void join_members(struct compiler *c, struct group *group)
{
    const struct own_group *own = group->own;

    for (size_t i = 0; i < own->members.count; i++) {
        const struct std_str *name = &own->members.items[i];
        struct principal     *p    = map_get(&c->set->principals, name->v);

        if (!p) {
            compiler_error(
                c, name->at, S("policy.principal"),
                compiler_nearest(c, name->v, &c->set->principals, S("declare it under principals")),
                "there is no principal \"" STR_FMT "\"", STR_ARG(name->v));
        } else {
            vec_push(c->cx->arena, &p->groups.list, group->index);
        }
    }
    for (size_t i = 0; i < own->groups.count; i++) {
        const struct std_str *name  = &own->groups.items[i];
        struct group         *below = map_get(&c->set->groups, name->v);

        if (!below) {
            compiler_error(c, name->at, S("policy.group"),
                           compiler_nearest(c, name->v, &c->set->groups, STR_NONE),
                           "there is no group \"" STR_FMT "\"", STR_ARG(name->v));
        } else {
            vec_push(c->cx->arena, &below->above.list, group->index);
            group->mark++; /* groups below that are still to be taken away */
        }
    }
}

static struct group *group_at(const struct policy_set *set, uint32_t index)
{
    return set->groups.entries[index].value;
}

/*
 * Takes away groups that have none below, again and again; what is left is in a circle or above one.
 * No recursion: a chain may be as long as there are groups.
 */
static void find_circles(struct compiler *c)
{
    struct policy_set *set   = c->set;
    uint32_t          *ready = arena_array(c->cx->arena, set->groups.count, sizeof *ready);
    size_t             count = 0;

    for (uint32_t i = 0; i < set->groups.count; i++) {
        if (group_at(set, i)->mark == 0) {
            ready[count++] = i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct ids *above = &group_at(set, ready[i])->above;

        for (size_t k = 0; k < above->list.count; k++) {
            if (--group_at(set, above->list.items[k])->mark == 0) {
                ready[count++] = above->list.items[k];
            }
        }
    }
    for (uint32_t i = 0; i < set->groups.count; i++) {
        struct group *group = group_at(set, i);

        if (group->mark != 0) {
            c->text = group->text;
            compiler_error(c, group->at, S("policy.circle"),
                           S("remove one of the groups under groups"),
                           "group \"" STR_FMT "\" is in a circle of groups, or holds one",
                           STR_ARG(group->name));
        }
    }
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

void principals_finish(struct compiler *c)
{
    struct policy_set *set = c->set;

    c->text = NULL;
    add_members(c);
    for (uint32_t i = 0; i < set->groups.count; i++) {
        struct group *group = group_at(set, i);

        c->text = group->text;
        join_members(c, group);
    }
    find_circles(c);
    set->name_count = set->principals.count;
    set->names      = arena_array(c->cx->arena, set->name_count, sizeof *set->names);
    for (size_t i = 0; i < set->name_count; i++) {
        set->names[i] = set->principals.entries[i].key;
    }
    if (set->name_count > 1) {
        qsort(set->names, set->name_count, sizeof *set->names, by_text);
    }
}

/* ---- subjects ------------------------------------------------------------------------------------------------------ */

static const char *const kind_names[] = { "user", "service", "agent", "product" };

struct making {
    struct ctx              *cx;
    const struct policy_set *set;
    struct slot_values      *slots;
};

static void put_values(struct making *m, size_t slot, const struct value *from, size_t count)
{
    struct value *items = arena_array(m->cx->arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i]      = from[i];
        items[i].atom = atoms_find(&m->set->atoms, from[i].text);
    }
    m->slots[slot] = (struct slot_values){ items, count, true };
}

static void put_text(struct making *m, size_t slot, str text)
{
    struct value value = { .text = text };

    put_values(m, slot, &value, 1);
}

/* Direct groups and all above them, each once. */
static void put_groups(struct making *m, const struct ids *direct)
{
    const struct map *groups = &m->set->groups;
    bool             *seen   = arena_array(m->cx->arena, groups->count, sizeof *seen);
    struct value     *items  = arena_array(m->cx->arena, groups->count, sizeof *items);
    uint32_t         *queue  = arena_array(m->cx->arena, groups->count, sizeof *queue);
    size_t            count  = 0;

    for (size_t i = 0; i < direct->list.count; i++) {
        if (!seen[direct->list.items[i]]) {
            seen[direct->list.items[i]] = true;
            queue[count++]              = direct->list.items[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct group *group = group_at(m->set, queue[i]);

        items[i] = (struct value){ .text = group->name };
        for (size_t k = 0; k < group->above.list.count; k++) {
            uint32_t above = group->above.list.items[k];

            if (!seen[above]) {
                seen[above]    = true;
                queue[count++] = above;
            }
        }
    }
    put_values(m, SLOT_GROUP, items, count);
}

/* What decisions depend on, hashed part by part with lengths. */
static str scope_of(const struct making *m, str name)
{
    struct sha256 *CLEANUP(sha256_cleanup) hash = sha256_new();
    str            hex;

    for (size_t i = 0; i < m->set->slot_count; i++) {
        const struct slot_values *s = &m->slots[i];

        sha256_add(hash, arena_printf(m->cx->arena, "%d %zu\n", s->is_known, s->count));
        for (size_t k = 0; k < s->count; k++) {
            str text = s->items[k].text, scope = s->items[k].scope;

            sha256_add(hash, arena_printf(m->cx->arena, "%zu %zu ", text.len, scope.len));
            sha256_add(hash, text);
            sha256_add(hash, scope);
        }
    }
    hex = digest_hex(m->cx, sha256_finish(hash));
    return arena_printf(m->cx->arena, STR_FMT "#" STR_FMT, STR_ARG(name),
                        STR_ARG(str_sub(hex, 0, SCOPE_HEX)));
}

static struct making begin_subject(struct ctx *cx, const struct policy_set *set, str name,
                                   enum policy_kind kind)
{
    struct making m = { cx, set, arena_array(cx->arena, set->slot_count, sizeof *m.slots) };

    put_text(&m, SLOT_NAME, name);
    put_text(&m, SLOT_KIND, str_of(kind_names[kind]));
    put_values(&m, SLOT_ROLE, NULL, 0);
    put_values(&m, SLOT_GROUP, NULL, 0);
    put_values(&m, SLOT_DOMAIN, NULL, 0);
    return m;
}

static const uint32_t *atoms_of(const struct making *m)
{
    uint32_t *atoms = arena_array(m->cx->arena, m->set->slot_count, sizeof *atoms);

    for (size_t i = 0; i < m->set->slot_count; i++) {
        atoms[i] = m->slots[i].is_known && m->slots[i].count == 1 ? m->slots[i].items[0].atom
                                                                  : ATOM_UNKNOWN;
    }
    return atoms;
}

/* The struct and its atoms stand side by side: a decision reads little else. */
static const struct policy_subject *end_subject(struct making *m, str name, enum policy_kind kind)
{
    str                    scope = scope_of(m, name);
    struct policy_subject *s     = ARENA_NEW(m->cx->arena, struct policy_subject);

    *s = (struct policy_subject){ .set   = m->set,
                                  .name  = name,
                                  .kind  = kind,
                                  .slots = m->slots,
                                  .atoms = atoms_of(m),
                                  .scope = scope };
    return s;
}

enum status policy_subject_named(struct ctx *cx, const struct policy_set *set, str name,
                                 const struct policy_subject **out)
{
    const struct principal *p = map_get(&set->principals, name);
    struct making           m;

    if (!p) {
        return FAIL(cx, NOT_FOUND, "there is no principal \"" STR_FMT "\"", STR_ARG(name));
    }
    m = begin_subject(cx, set, p->name, p->kind);
    put_values(&m, SLOT_ROLE, p->roles.items, p->roles.count);
    put_values(&m, SLOT_DOMAIN, p->domains.items, p->domains.count);
    put_groups(&m, &p->groups);
    for (size_t i = SLOT_FIRST; p->slots && i < set->slot_count; i++) {
        if (p->slots[i].is_known) {
            put_values(&m, i, p->slots[i].items, p->slots[i].count);
        }
    }
    *out = end_subject(&m, p->name, p->kind);
    return ctx_check(cx);
}

enum status policy_subject_product(struct ctx *cx, const struct policy_set *set, str domain,
                                   str product, const struct policy_subject **out)
{
    str name = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(domain), STR_ARG(product));
    struct making m = begin_subject(cx, set, name, POLICY_PRODUCT);

    put_text(&m, SLOT_DOMAIN, arena_dup(cx->arena, domain));
    *out = end_subject(&m, name, POLICY_PRODUCT);
    return ctx_check(cx);
}

const struct policy_subject *policy_subject_operator(const struct policy_set *set)
{
    return &set->operator_subject;
}

str policy_subject_name(const struct policy_subject *subject)
{
    return subject->name;
}

enum policy_kind policy_subject_kind(const struct policy_subject *subject)
{
    return subject->kind;
}

bool policy_subject_is_operator(const struct policy_subject *subject)
{
    return subject->is_operator;
}

str policy_subject_scope(const struct policy_subject *subject)
{
    return subject->scope;
}

const str *policy_principals(const struct policy_set *set, size_t *count)
{
    *count = set->name_count;
    return set->names;
}
