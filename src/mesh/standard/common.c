/*
 * common.c - rules and their severities, and the shapes that several documents share.
 *
 * ODCS and ODPS differ in small things (required fields, ids): where they do, odps.c has shapes of
 * its own. The versions in this file are those of ODCS.
 */
#include "standard/odcs.h"
#include "standard/std_int.h"

#include <stdio.h>

static const struct std_rule rules[] = {
#define X(id, slug, strict, schema, text, help)                                                    \
    { STR_INIT(slug), { STD_##strict, STD_##schema, STD_##text }, STR_INIT(help) },
    STD_RULE_TABLE(X)
#undef X
};

const struct std_rule *std_rules(size_t *count)
{
    *count = COUNT_OF(rules);
    return rules;
}

bool std_profile_parse(str name, enum std_profile *out)
{
    static const str names[] = { STR_INIT("strict"), STR_INIT("schema"), STR_INIT("text") };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (str_eq(name, names[i])) {
            *out = (enum std_profile)i;
            return true;
        }
    }
    return false;
}

void std_report(struct std_reader *r, enum std_rule_id rule, struct diag_pos at, str hint,
                const char *fmt, ...)
{
    static const enum diag_severity severities[] = { DIAG_INFO, DIAG_INFO, DIAG_WARNING,
                                                     DIAG_ERROR };
    enum std_level                  level        = rules[rule].level[r->profile];
    char                            message[1024];
    va_list                         args;

    if (level == STD_OFF || !r->diags || r->quiet) {
        return;
    }
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    diag_add(r->diags, r->cx, severities[level], r->text, at, rules[rule].id, hint, "%s", message);
}

/* ---- values made by the program ---- */

struct std_str std_str_made(str v)
{
    return (struct std_str){ v, { .line = 1 } };
}

struct std_bool std_bool_made(bool v)
{
    return (struct std_bool){ v, { .line = 1 } };
}

struct std_int std_int_made(int64_t v)
{
    return (struct std_int){ v, { .line = 1 } };
}

struct std_num std_num_made(double v, str text)
{
    return (struct std_num){ v, text, { .line = 1 } };
}

struct std_any std_any_made(struct ctx *cx, str text)
{
    struct yaml_node *node = ARENA_NEW(cx->arena, struct yaml_node);

    *node = (struct yaml_node){ .kind = YAML_STRING, .text = text, .pos = { .line = 1 } };
    return (struct std_any){ node, { .line = 1 } };
}

struct std_any std_any_plain(struct ctx *cx, str text)
{
    struct yaml_node *node = ARENA_NEW(cx->arena, struct yaml_node);

    yaml_type_plain(text, node);
    node->pos.line = 1;
    return (struct std_any){ node, { .line = 1 } };
}

bool std_any_text(struct std_any any, str *out)
{
    if (!any.node || any.node->kind == YAML_NULL || any.node->kind == YAML_LIST ||
        any.node->kind == YAML_MAP) {
        return false;
    }
    *out = any.node->text;
    return true;
}

bool std_kind_of(struct ctx *cx, const struct diag_text *text, str *out)
{
    struct diags      unseen = { 0 };
    struct yaml_node *root   = NULL;
    struct err        err    = { 0 };
    struct ctx        own    = *cx;
    str               kind;

    own.err = &err;
    if (yaml_read(&own, text, NULL, &unseen, &root) != ST_OK) {
        return false;
    }
    kind = std_member_text(root, S("kind"));
    if (kind.len == 0) {
        return false;
    }
    *out = kind;
    return true;
}

/* ---- shapes: customProperties, authoritativeDefinitions ---- */

static void finish_custom(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct std_custom *entry = made;

    (void)map;
    if (str_starts(entry->property.v, S("weft."))) {
        std_check_key(r, entry, entry->property.at);
    }
}

static const struct std_field custom_fields[] = {
    STD_F(struct std_custom, id, "id", STD_STRING, .since = ODCS_3_1_0, .format = STD_FORMAT_ID,
          STD_HELP("stable name of this entry")),
    STD_F(struct std_custom, property, "property", STD_STRING, .needed_since = ODCS_3_1_0,
          .needed_until = 255, STD_HELP("name of the property")),
    STD_F(struct std_custom, value, "value", STD_ANY, .needed_since = ODCS_3_1_0,
          .needed_until = 255, STD_HELP("its value, of any kind")),
    STD_F(struct std_custom, description, "description", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("what it means")),
    STD_F(struct std_custom, vendor, "vendor", STD_STRING, .since = ODCS_3_2_0,
          STD_HELP("whose property it is: lower case letters, digits and -")),
};
const struct std_shape std_shape_custom =
    STD_SHAPE(struct std_custom, "custom property", custom_fields, .closed_since = ODCS_3_1_0,
              .keeps_place = true, .finish = finish_custom);

static const struct std_field definition_fields[] = {
    STD_F(struct std_definition, id, "id", STD_STRING, .since = ODCS_3_1_0, .format = STD_FORMAT_ID,
          STD_HELP("stable name of this entry")),
    STD_F(struct std_definition, url, "url", STD_STRING, STD_ALWAYS,
          STD_HELP("where the definition stands")),
    STD_F(struct std_definition, type, "type", STD_STRING, STD_ALWAYS,
          STD_HELP("what kind of definition: businessDefinition, implementation, tutorial …")),
    STD_F(struct std_definition, description, "description", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("what is found there")),
};
const struct std_shape std_shape_definition =
    STD_SHAPE(struct std_definition, "authoritative definition", definition_fields,
              .closed_since = ODCS_3_1_0);

#define CUSTOM(type, first)                                                                        \
    STD_F(type, custom, "customProperties", STD_ITEMS, .since = (first),                           \
          .shape = &std_shape_custom,                                                              \
          STD_HELP("what the standard has no field for; ours begin with weft."))
#define DEFINITIONS(type, first)                                                                   \
    STD_F(type, definitions, "authoritativeDefinitions", STD_ITEMS, .since = (first),              \
          .shape = &std_shape_definition, STD_HELP("links to definitions kept elsewhere"))
#define TAGS(type, first)                                                                          \
    STD_F(type, tags, "tags", STD_STRINGS, .since = (first), STD_HELP("labels"))
#define STABLE_ID(type, first)                                                                     \
    STD_F(type, id, "id", STD_STRING, .since = (first), .format = STD_FORMAT_ID,                   \
          STD_HELP("stable name that survives renaming"))

static const struct std_field description_fields[] = {
    STD_F(struct std_description, purpose, "purpose", STD_STRING, STD_HELP("what the data is for")),
    STD_F(struct std_description, usage, "usage", STD_STRING, STD_HELP("how to use it")),
    STD_F(struct std_description, limitations, "limitations", STD_STRING,
          STD_HELP("technical, legal and other limits")),
    DEFINITIONS(struct std_description, ODCS_3_0_1),
    CUSTOM(struct std_description, ODCS_3_0_1),
};
const struct std_shape std_shape_description = STD_SHAPE(
    struct std_description, "description", description_fields, .closed_since = STD_NEVER_CLOSED);

/* ---- people ---- */

static const struct std_field support_fields[] = {
    STABLE_ID(struct std_support, ODCS_3_1_0),
    STD_F(struct std_support, channel, "channel", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the channel")),
    STD_F(struct std_support, url, "url", STD_STRING, .needed_since = 1, .needed_until = ODCS_3_0_2,
          STD_HELP("where to reach it")),
    STD_F(struct std_support, description, "description", STD_STRING, STD_HELP("what it is for")),
    STD_F(struct std_support, tool, "tool", STD_STRING,
          STD_HELP("email, slack, teams, discord, ticket, googlechat, other")),
    STD_F(struct std_support, scope, "scope", STD_STRING,
          STD_HELP("interactive, announcements, issues, notifications")),
    STD_F(struct std_support, invitation_url, "invitationUrl", STD_STRING, STD_HELP("how to join")),
    CUSTOM(struct std_support, ODCS_3_1_0),
};
const struct std_shape std_shape_support =
    STD_SHAPE(struct std_support, "support channel", support_fields, .closed_since = ODCS_3_1_0);

static const struct std_field member_fields[] = {
    STABLE_ID(struct std_member, ODCS_3_1_0),
    STD_F(struct std_member, username, "username", STD_STRING, .needed_since = ODCS_3_1_0,
          .needed_until = 255, STD_HELP("user name or e-mail")),
    STD_F(struct std_member, name, "name", STD_STRING, .since = ODCS_3_0_2,
          STD_HELP("the person's name")),
    STD_F(struct std_member, description, "description", STD_STRING, .since = ODCS_3_0_2,
          STD_HELP("about the person")),
    STD_F(struct std_member, role, "role", STD_STRING, STD_HELP("owner, data steward …")),
    STD_F(struct std_member, date_in, "dateIn", STD_STRING, .format = STD_FORMAT_DATE,
          STD_HELP("first day in the team")),
    STD_F(struct std_member, date_out, "dateOut", STD_STRING, .format = STD_FORMAT_DATE,
          STD_HELP("last day in the team")),
    STD_F(struct std_member, replaced_by, "replacedByUsername", STD_STRING,
          STD_HELP("who took over")),
    TAGS(struct std_member, ODCS_3_1_0),
    CUSTOM(struct std_member, ODCS_3_1_0),
    DEFINITIONS(struct std_member, ODCS_3_1_0),
};
const struct std_shape std_shape_member =
    STD_SHAPE(struct std_member, "team member", member_fields, .closed_since = ODCS_3_1_0);

static const struct std_field team_fields[] = {
    STABLE_ID(struct std_team, 0),
    STD_F(struct std_team, name, "name", STD_STRING, STD_HELP("name of the team")),
    STD_F(struct std_team, description, "description", STD_STRING, STD_HELP("about the team")),
    STD_F(struct std_team, members, "members", STD_ITEMS, .shape = &std_shape_member,
          STD_HELP("who belongs to it")),
    TAGS(struct std_team, 0),
    CUSTOM(struct std_team, 0),
    DEFINITIONS(struct std_team, 0),
};
const struct std_shape std_shape_team = STD_SHAPE(struct std_team, "team", team_fields);

static const struct std_field role_fields[] = {
    STABLE_ID(struct std_role, ODCS_3_1_0),
    STD_F(struct std_role, role, "role", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the role that gives access")),
    STD_F(struct std_role, description, "description", STD_STRING, STD_HELP("about the role")),
    STD_F(struct std_role, access, "access", STD_STRING, STD_HELP("kind of access: read …")),
    STD_F(struct std_role, first_approvers, "firstLevelApprovers", STD_STRING,
          STD_HELP("who approves first")),
    STD_F(struct std_role, second_approvers, "secondLevelApprovers", STD_STRING,
          STD_HELP("who approves then")),
    CUSTOM(struct std_role, ODCS_3_0_1),
};
const struct std_shape std_shape_role =
    STD_SHAPE(struct std_role, "role", role_fields, .closed_since = ODCS_3_1_0);

/* ---- words and context (ODCS v3.2.0) ---- */

static const struct std_field synonym_fields[] = {
    STABLE_ID(struct std_synonym, 0),
    STD_F(struct std_synonym, synonym, "synonym", STD_STRING, STD_ALWAYS,
          STD_HELP("the other word")),
    STD_F(struct std_synonym, description, "description", STD_STRING, STD_HELP("when it is used")),
    STD_F(struct std_synonym, locale, "locale", STD_STRING, STD_HELP("language, BCP 47")),
    STD_F(struct std_synonym, source, "source", STD_STRING, STD_HELP("where it comes from")),
    STD_F(struct std_synonym, status, "status", STD_STRING, STD_HELP("active, deprecated …")),
    CUSTOM(struct std_synonym, 0),
};
const struct std_shape std_shape_synonym = STD_SHAPE(struct std_synonym, "synonym", synonym_fields);

static const struct std_field statement_fields[] = {
    STD_F(struct std_statement, id, "id", STD_STRING, STD_HELP("name of the statement")),
    STD_F(struct std_statement, question, "question", STD_STRING, STD_ALWAYS,
          STD_HELP("a question the data answers")),
    STD_F(struct std_statement, answer, "answer", STD_STRING, STD_HELP("its verified answer")),
    DEFINITIONS(struct std_statement, 0),
    TAGS(struct std_statement, 0),
    CUSTOM(struct std_statement, 0),
};
static const struct std_shape shape_statement =
    STD_SHAPE(struct std_statement, "verified statement", statement_fields);

static const struct std_field constraint_fields[] = {
    STD_F(struct std_statement, id, "id", STD_STRING, STD_HELP("name of the constraint")),
    STD_F(struct std_statement, constraint, "constraint", STD_STRING, STD_ALWAYS,
          STD_HELP("what holds for the data")),
    DEFINITIONS(struct std_statement, 0),
    TAGS(struct std_statement, 0),
    CUSTOM(struct std_statement, 0),
};
static const struct std_shape shape_constraint =
    STD_SHAPE(struct std_statement, "constraint", constraint_fields);

static const struct std_field context_fields[] = {
    STD_F(struct std_context, instructions, "instructions", STD_STRING,
          STD_HELP("how a person or a model should read the data")),
    STD_F(struct std_context, statements, "verifiedStatements", STD_ITEMS,
          .shape = &shape_statement, STD_HELP("questions and verified answers")),
    STD_F(struct std_context, constraints, "constraints", STD_ITEMS, .shape = &shape_constraint,
          STD_HELP("what holds for the data")),
};
const struct std_shape std_shape_context = STD_SHAPE(struct std_context, "context", context_fields);

/* ---- rules as a document ---- */

void std_rules_markdown(struct buf *out)
{
    static const char *const words[] = { "-", "info", "warning", "error" };

    buf_add(out,
            S("| rule | strict | schema | text | what holds |\n| --- | --- | --- | --- | --- |\n"));
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        const enum std_level *level = rules[i].level;

        buf_printf(out, "| `" STR_FMT "` | %s | %s | %s | " STR_FMT " |\n", STR_ARG(rules[i].id),
                   words[level[STD_STRICT]], words[level[STD_SCHEMA]], words[level[STD_TEXT]],
                   STR_ARG(rules[i].help));
    }
}
