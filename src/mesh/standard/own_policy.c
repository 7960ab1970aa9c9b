/*
 * own_policy.c - our own kinds about who sees what: Policy, Principals, PolicyTest.
 */
#include "standard/own_policy.h"

#include "standard/std_int.h"

static uint8_t version_of(const struct yaml_node *root)
{
    return str_eq(std_member_text(root, S("apiVersion")), S("weft/v1"));
}

/* A closed list of words for a table. */
#define WORDS(name, ...)                                                                           \
    static const struct std_word  name##_list[] = { __VA_ARGS__ };                                 \
    static const struct std_words name          = { name##_list, COUNT_OF(name##_list) }
#define W(text)                                                                                    \
    {                                                                                              \
        STR_INIT(text), 0                                                                          \
    }

WORDS(versions, W("weft/v1"));
WORDS(policy_kinds, W("Policy"));
WORDS(principals_kinds, W("Principals"));
WORDS(test_kinds, W("PolicyTest"));
WORDS(allow_words, W("read"));
WORDS(deny_words, W("read"), W("column"), W("projection"));
WORDS(principal_words, W("user"), W("service"), W("agent"));
WORDS(attribute_words, W("string"), W("integer"), W("number"), W("boolean"), W("date"),
      W("strings"), W("integers"));
WORDS(rows_words, W("all"), W("some"));

/* One text, or a list of them: two rows of one name. */
#define TEXTS(type, member, key, ...)                                                              \
    STD_F(type, member, key, STD_ONE, __VA_ARGS__),                                                \
        STD_F(type, member, key, STD_STRINGS, STD_LEAST(1), __VA_ARGS__)

/* ---- Policy ---- */

static const struct std_field columns_fields[] = {
    TEXTS(struct own_columns, tag, "tag", STD_HELP("a tag of the column, or a list (any of)")),
    TEXTS(struct own_columns, name, "name", STD_HELP("a name, may contain *, or a list (any of)")),
    STD_F(struct own_columns, classification, "classification", STD_ANY,
          STD_HELP("a test of the level: confidential, \">= confidential\"")),
    STD_F(struct own_columns, contract, "contract", STD_MAPPING,
          STD_HELP("tests of fields of the column's contract")),
};
static const struct std_shape shape_columns =
    STD_SHAPE(struct own_columns, "columns", columns_fields);

static const struct std_field applies_fields[] = {
    TEXTS(struct own_applies, tables, "tables",
          STD_HELP("domain.product.table, parts may be * or left out, or a list (any of)")),
    TEXTS(struct own_applies, tag, "tag",
          STD_HELP("a tag of product, contract or table, or a list (any of)")),
    STD_F(struct own_applies, contract, "contract", STD_MAPPING,
          STD_HELP("tests of fields of the contract: status, domain, a custom property …")),
    STD_F(struct own_applies, columns, "columns", STD_OBJECT, .shape = &shape_columns,
          STD_HELP("which columns; for mask, deny: column and deny: projection")),
};
static const struct std_shape shape_applies =
    STD_SHAPE(struct own_applies, "applies", applies_fields);

static void finish_policy(struct std_reader *r, const struct yaml_node *map, void *made)
{
    static const str effects[] = { STR_INIT("allow"), STR_INIT("deny"), STR_INIT("rows"),
                                   STR_INIT("mask") };
    size_t           count     = 0;

    (void)made;
    for (size_t i = 0; i < COUNT_OF(effects); i++) {
        count += yaml_member(map, effects[i]) != NULL;
    }
    if (count != 1) {
        std_report(r, STD_RULE_ONE_EFFECT, map->pos, S("write one of allow, deny, rows, mask"),
                   "a policy does exactly one thing, found %zu", count);
    }
}

#define P(member, key, kind, ...) STD_F(struct own_policy, member, key, kind, __VA_ARGS__)
static const struct std_field policy_fields[] = {
    P(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions, STD_HELP("weft/v1")),
    P(kind, "kind", STD_STRING, STD_ALWAYS, .words = &policy_kinds, STD_HELP("Policy")),
    P(name, "name", STD_STRING, STD_ALWAYS, STD_HELP("name of the policy")),
    P(description, "description", STD_STRING, STD_HELP("what it is for")),
    P(applies, "applies", STD_OBJECT, .shape = &shape_applies,
      STD_HELP("to what; default every table of the mesh or of the domain")),
    P(allow, "allow", STD_STRING, .words = &allow_words, STD_HELP("read: grants reading")),
    P(deny, "deny", STD_STRING, .words = &deny_words,
      STD_HELP("read, column or projection: refuses it, whatever else grants it")),
    P(rows, "rows", STD_MAPPING, STD_HELP("tests of columns: only rows for which they hold")),
    P(rows, "rows", STD_SEQUENCE, STD_LEAST(1), STD_HELP("one of these mappings of tests")),
    P(mask, "mask", STD_ANY, STD_HELP("what stands in place of the value")),
    P(when, "when", STD_MAPPING, STD_HELP("for whom: principal, purpose, time")),
    P(when, "when", STD_SEQUENCE, STD_LEAST(1), STD_HELP("one of these conditions")),
    P(unless, "unless", STD_MAPPING, STD_HELP("the exception: principal, purpose, time, row")),
    P(unless, "unless", STD_SEQUENCE, STD_LEAST(1), STD_HELP("one of these conditions")),
    P(because, "because", STD_STRING, STD_HELP("the reason, shown by explain")),
};
#undef P
const struct std_shape own_shape_policy =
    STD_SHAPE(struct own_policy, "policy", policy_fields, .finish = finish_policy);

/* ---- Principals ---- */

static const struct std_field attribute_fields[] = {
    STD_F(struct own_attribute, name, "name", STD_STRING, STD_ALWAYS, .format = STD_FORMAT_NAME,
          STD_HELP("name of the attribute")),
    STD_F(struct own_attribute, type, "type", STD_STRING, STD_ALWAYS, .words = &attribute_words,
          STD_HELP("string, integer, number, boolean, date, strings, integers")),
    STD_F(struct own_attribute, description, "description", STD_STRING, STD_HELP("what it says")),
};
static const struct std_shape shape_attribute =
    STD_SHAPE(struct own_attribute, "attribute", attribute_fields);

static const struct std_field group_fields[] = {
    STD_F(struct own_group, name, "name", STD_STRING, STD_ALWAYS, STD_HELP("name of the group")),
    STD_F(struct own_group, description, "description", STD_STRING, STD_HELP("who they are")),
    STD_F(struct own_group, members, "members", STD_STRINGS, .is_distinct = true,
          STD_HELP("names of principals")),
    STD_F(struct own_group, groups, "groups", STD_STRINGS, .is_distinct = true,
          STD_HELP("groups whose members belong to it")),
};
static const struct std_shape shape_group = STD_SHAPE(struct own_group, "group", group_fields);

static const struct std_field principal_fields[] = {
    STD_F(struct own_principal, name, "name", STD_STRING, STD_ALWAYS, STD_HELP("who")),
    STD_F(struct own_principal, kind, "kind", STD_STRING, .words = &principal_words,
          STD_HELP("user (default), service or agent")),
    STD_F(struct own_principal, description, "description", STD_STRING, STD_HELP("who that is")),
    STD_F(struct own_principal, roles, "roles", STD_STRINGS, .is_distinct = true,
          STD_HELP("roles on the whole mesh")),
    STD_F(struct own_principal, attributes, "attributes", STD_MAPPING,
          STD_HELP("attribute: value, of the attribute's type")),
};
static const struct std_shape shape_principal =
    STD_SHAPE(struct own_principal, "principal", principal_fields);

#define P(member, key, kind, ...) STD_F(struct own_principals, member, key, kind, __VA_ARGS__)
static const struct std_field principals_fields[] = {
    P(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions, STD_HELP("weft/v1")),
    P(kind, "kind", STD_STRING, STD_ALWAYS, .words = &principals_kinds, STD_HELP("Principals")),
    P(description, "description", STD_STRING, STD_HELP("about these principals")),
    P(attributes, "attributes", STD_ITEMS, .shape = &shape_attribute,
      STD_HELP("what is known of principals, with its type")),
    P(groups, "groups", STD_ITEMS, .shape = &shape_group, STD_HELP("groups of principals")),
    P(principals, "principals", STD_ITEMS, .shape = &shape_principal, STD_HELP("who there is")),
};
#undef P
const struct std_shape own_shape_principals =
    STD_SHAPE(struct own_principals, "principals", principals_fields);

/* ---- PolicyTest ---- */

#define E(member, key, kind, ...) STD_F(struct own_expectation, member, key, kind, __VA_ARGS__)
static const struct std_field expectation_fields[] = {
    E(as, "as", STD_STRING, STD_ALWAYS, STD_HELP("name of a principal")),
    E(purpose, "purpose", STD_STRING, STD_HELP("a purpose of mesh.yaml")),
    E(table, "table", STD_STRING, STD_ALWAYS, STD_HELP("domain.product.table")),
    E(read, "read", STD_BOOL, STD_HELP("may it be read")),
    E(rows, "rows", STD_STRING, .words = &rows_words, STD_HELP("all, or some: a row filter holds")),
    E(masked, "masked", STD_STRINGS, STD_HELP("columns whose value is masked")),
    E(clear, "clear", STD_STRINGS, STD_HELP("columns seen as they are")),
    E(hidden, "hidden", STD_STRINGS, STD_HELP("columns that do not exist for the principal")),
    E(unprojected, "unprojected", STD_STRINGS, STD_HELP("columns under deny: projection")),
};
#undef E
static const struct std_shape shape_expectation =
    STD_SHAPE(struct own_expectation, "expectation", expectation_fields);

#define T(member, key, kind, ...) STD_F(struct own_policy_test, member, key, kind, __VA_ARGS__)
static const struct std_field test_fields[] = {
    T(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions, STD_HELP("weft/v1")),
    T(kind, "kind", STD_STRING, STD_ALWAYS, .words = &test_kinds, STD_HELP("PolicyTest")),
    T(name, "name", STD_STRING, STD_ALWAYS, STD_HELP("name of the test")),
    T(description, "description", STD_STRING, STD_HELP("what it shows")),
    T(expect, "expect", STD_ITEMS, STD_ALWAYS, .shape = &shape_expectation, STD_LEAST(1),
      STD_HELP("who sees what of which table")),
};
#undef T
const struct std_shape own_shape_policy_test =
    STD_SHAPE(struct own_policy_test, "policy test", test_fields);

/* ---- reading ---- */

static struct std_document document(const struct std_shape *shape)
{
    return (struct std_document){
        .standard = &own_standard, .shape = shape, .version_of = version_of, .profile = STD_STRICT
    };
}

enum status own_policy_read(struct ctx *cx, const struct diag_text *text, struct diags *diags,
                            struct own_policy **out)
{
    struct std_document     what = document(&own_shape_policy);
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    *out = made;
    if (made) {
        (*out)->root = root;
    }
    return ST_OK;
}

enum status own_principals_read(struct ctx *cx, const struct diag_text *text, struct diags *diags,
                                struct own_principals **out)
{
    struct std_document     what = document(&own_shape_principals);
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    *out = made;
    if (made) {
        (*out)->root = root;
    }
    return ST_OK;
}

enum status own_policy_test_read(struct ctx *cx, const struct diag_text *text, struct diags *diags,
                                 struct own_policy_test **out)
{
    struct std_document     what = document(&own_shape_policy_test);
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    *out = made;
    if (made) {
        (*out)->root = root;
    }
    return ST_OK;
}
