/*
 * own.c - our own kinds: Mesh and Domain, apiVersion weft/v1.
 */
#include "standard/own.h"

#include "standard/std_int.h"
#include "standard/variables.h"

enum { NAME_MAX_LEN = 63 };

bool own_name_is_valid(str name)
{
    if (name.len == 0 || name.len > NAME_MAX_LEN || char_is_digit(name.ptr[0])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '_') {
            return false;
        }
    }
    return true;
}

static const str          version_names[] = { STR_INIT(""), STR_INIT("weft/v1") };
const struct std_standard own_standard    = { STR_INIT("weft"), version_names, 1 };

static uint8_t version_of(const struct yaml_node *root)
{
    return str_eq(std_member_text(root, S("apiVersion")), S("weft/v1"));
}

static const struct std_word  version_words[] = { { STR_INIT("weft/v1"), 0 } };
static const struct std_words versions        = { version_words, COUNT_OF(version_words) };

/* ---- Mesh ---- */

static const struct std_field environment_fields[] = {
    STD_F(struct own_environment, name, "name", STD_STRING, STD_ALWAYS, .format = STD_FORMAT_NAME,
          STD_HELP("name of the environment, as in -e NAME")),
    STD_F(struct own_environment, description, "description", STD_STRING,
          STD_HELP("what it is for")),
};
static const struct std_shape shape_environment =
    STD_SHAPE(struct own_environment, "environment", environment_fields);

static const struct std_field purpose_fields[] = {
    STD_F(struct own_purpose, name, "name", STD_STRING, STD_ALWAYS,
          STD_HELP("name of the purpose")),
    STD_F(struct own_purpose, parent, "parent", STD_STRING,
          STD_HELP("the wider purpose that includes it")),
    STD_F(struct own_purpose, owner, "owner", STD_STRING, STD_HELP("who answers for it")),
    STD_F(struct own_purpose, text, "text", STD_STRING, STD_HELP("what a person acknowledges")),
};
static const struct std_shape shape_purpose =
    STD_SHAPE(struct own_purpose, "purpose", purpose_fields);

static void finish_secret(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct own_secret *s = made;
    int count                  = std_is_set(s->env) + std_is_set(s->file) + std_is_set(s->command);

    if (count != 1) {
        std_report(r, STD_RULE_ONE_SOURCE, map->pos, S("write one of env, file, command"),
                   "a secret comes from exactly one place, found %d", count);
    }
}

static const struct std_field secret_fields[] = {
    STD_F(struct own_secret, env, "env", STD_STRING, .format = STD_FORMAT_VARIABLE,
          STD_HELP("name of an environment variable")),
    STD_F(struct own_secret, file, "file", STD_STRING,
          STD_HELP("path of a file of mode 0600 outside git")),
    STD_F(struct own_secret, command, "command", STD_STRINGS, STD_LEAST(1),
          STD_HELP("program and arguments that print it")),
};
static const struct std_shape shape_secret =
    STD_SHAPE(struct own_secret, "secret", secret_fields, .finish = finish_secret);

static const struct std_field limits_fields[] = {
    STD_F(struct own_limits, query_time, "queryTime", STD_STRING, .format = STD_FORMAT_DURATION,
          STD_HELP("longest query: 60s")),
    STD_F(struct own_limits, publish_time, "publishTime", STD_STRING, .format = STD_FORMAT_DURATION,
          STD_HELP("longest publish: 2h")),
    STD_F(struct own_limits, memory, "memory", STD_STRING, .format = STD_FORMAT_SIZE,
          STD_HELP("memory of the engine: 2GB")),
    STD_F(struct own_limits, temp, "temp", STD_STRING, .format = STD_FORMAT_SIZE,
          STD_HELP("size of spill files: 20GB")),
    STD_F(struct own_limits, rows, "rows", STD_INT, STD_LEAST(1),
          STD_HELP("rows a query may return")),
    STD_F(struct own_limits, threads, "threads", STD_INT, STD_LEAST(1),
          STD_HELP("threads of the engine")),
};
static const struct std_shape shape_limits = STD_SHAPE(struct own_limits, "limits", limits_fields);

static const struct std_word  format_words[] = { { STR_INIT("csv"), 0 },
                                                 { STR_INIT("json"), 0 },
                                                 { STR_INIT("ndjson"), 0 },
                                                 { STR_INIT("parquet"), 0 } };
static const struct std_words formats        = { format_words, COUNT_OF(format_words) };

static const struct std_field allowed_fields[] = {
    STD_F(struct own_allowed, formats, "formats", STD_STRINGS, .words = &formats,
          STD_HELP("formats a source may have; default all")),
    STD_F(struct own_allowed, paths, "paths", STD_STRINGS,
          STD_HELP("folders a source may read, relative to mesh.yaml; default inside the mesh")),
    STD_F(struct own_allowed, servers, "servers", STD_STRINGS,
          STD_HELP("host or host:port a source may reach; default none")),
};
static const struct std_shape shape_allowed =
    STD_SHAPE(struct own_allowed, "allowed", allowed_fields);

static void finish_mesh(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct own_mesh *m       = made;
    struct std_texts       lists[] = {
        { m->environments.items, m->environments.count, sizeof *m->environments.items,
                offsetof(struct own_environment, name), "environment" },
        { m->purposes.items, m->purposes.count, sizeof *m->purposes.items,
                offsetof(struct own_purpose, name), "purpose" },
    };

    (void)map;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        std_check_distinct(r, STD_RULE_SAME_NAME, &lists[i]);
    }
    if (std_is_literal_secret(m->store.v)) {
        std_report(r, STD_RULE_SECRET, m->store.at, S("write ${NAME} in place of the password"),
                   "field \"store\" holds a password");
    }
}

static const struct std_word  mesh_words[] = { { STR_INIT("Mesh"), 0 } };
static const struct std_words mesh_kinds   = { mesh_words, COUNT_OF(mesh_words) };

#define M(member, key, kind, ...) STD_F(struct own_mesh, member, key, kind, __VA_ARGS__)
static const struct std_field mesh_fields[] = {
    M(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions, STD_HELP("weft/v1")),
    M(kind, "kind", STD_STRING, STD_ALWAYS, .words = &mesh_kinds, STD_HELP("Mesh")),
    M(name, "name", STD_STRING, STD_ALWAYS, .format = STD_FORMAT_NAME,
      STD_HELP("name of the mesh")),
    M(description, "description", STD_STRING, STD_HELP("what the mesh is for")),
    M(store, "store", STD_STRING, STD_HELP("metadata store; default .weft/registry.db")),
    M(objects, "objects", STD_STRING, STD_HELP("where files of tables go; default .weft/objects")),
    M(environments, "environments", STD_ITEMS, .shape = &shape_environment,
      STD_HELP("names for -e; servers of contracts carry them")),
    M(purposes, "purposes", STD_ITEMS, .shape = &shape_purpose, STD_HELP("why data may be used")),
    M(limits, "limits", STD_OBJECT, .shape = &shape_limits,
      STD_HELP("limits of queries and publishes")),
    M(allowed, "allowed", STD_OBJECT, .shape = &shape_allowed, STD_HELP("what sources may reach")),
    M(secrets, "secrets", STD_DICT, .shape = &shape_secret, .format = STD_FORMAT_VARIABLE,
      STD_HELP("where ${NAME} comes from: NAME: {env|file|command}; default the environment")),
};
#undef M
const struct std_shape own_shape_mesh =
    STD_SHAPE(struct own_mesh, "mesh", mesh_fields, .finish = finish_mesh);

/* ---- Domain ---- */

static const struct std_field member_fields[] = {
    STD_F(struct own_member, name, "name", STD_STRING, STD_ALWAYS, STD_HELP("who")),
    STD_F(struct own_member, role, "role", STD_STRING, STD_ALWAYS,
          STD_HELP("what for: owner, engineer, steward …")),
    STD_F(struct own_member, email, "email", STD_STRING, STD_HELP("how to reach them")),
};
static const struct std_shape shape_member = STD_SHAPE(struct own_member, "member", member_fields);

static const struct std_field team_fields[] = {
    STD_F(struct own_team, name, "name", STD_STRING, STD_HELP("name of the team")),
    STD_F(struct own_team, description, "description", STD_STRING, STD_HELP("about the team")),
    STD_F(struct own_team, email, "email", STD_STRING, STD_HELP("how to reach the team")),
    STD_F(struct own_team, members, "members", STD_ITEMS, .shape = &shape_member,
          STD_HELP("who belongs to it")),
};
static const struct std_shape shape_team = STD_SHAPE(struct own_team, "team", team_fields);

static const struct std_word  domain_words[] = { { STR_INIT("Domain"), 0 } };
static const struct std_words domain_kinds   = { domain_words, COUNT_OF(domain_words) };

static void finish_domain(struct std_reader *r, const struct yaml_node *map, void *made)
{
    const struct own_domain *d     = made;
    struct std_texts         names = { d->team.members.items, d->team.members.count,
                                       sizeof *d->team.members.items, offsetof(struct own_member, name),
                                       "member" };

    (void)map;
    std_check_distinct(r, STD_RULE_SAME_NAME, &names);
}

#define D(member, key, kind, ...) STD_F(struct own_domain, member, key, kind, __VA_ARGS__)
static const struct std_field domain_fields[] = {
    D(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions, STD_HELP("weft/v1")),
    D(kind, "kind", STD_STRING, STD_ALWAYS, .words = &domain_kinds, STD_HELP("Domain")),
    D(name, "name", STD_STRING, STD_ALWAYS, .format = STD_FORMAT_NAME,
      STD_HELP("name of the domain and of its folder")),
    D(description, "description", STD_STRING, STD_HELP("what the domain does")),
    D(purpose, "purpose", STD_STRING, STD_HELP("what its products are for")),
    D(sponsor, "sponsor", STD_STRING, STD_HELP("who pays and decides")),
    D(mesh, "mesh", STD_STRING,
      STD_HELP("URL of the mesh, when the domain has its own repository")),
    D(team, "team", STD_OBJECT, .shape = &shape_team, STD_HELP("who answers for it")),
};
#undef D
const struct std_shape own_shape_domain =
    STD_SHAPE(struct own_domain, "domain", domain_fields, .finish = finish_domain);

/* ---- reading and writing ---- */

enum status own_mesh_read(struct ctx *cx, const struct diag_text *text, struct diags *diags,
                          struct own_mesh **out)
{
    struct std_document     what = { .standard   = &own_standard,
                                     .shape      = &own_shape_mesh,
                                     .version_of = version_of,
                                     .profile    = STD_STRICT };
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    if (made) {
        ((struct own_mesh *)made)->root = root;
    }
    *out = made;
    return ST_OK;
}

enum status own_domain_read(struct ctx *cx, const struct diag_text *text, struct diags *diags,
                            struct own_domain **out)
{
    struct std_document     what = { .standard   = &own_standard,
                                     .shape      = &own_shape_domain,
                                     .version_of = version_of,
                                     .profile    = STD_STRICT };
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    if (made) {
        ((struct own_domain *)made)->root = root;
    }
    *out = made;
    return ST_OK;
}

void own_mesh_emit(const struct own_mesh *m, struct buf *out)
{
    std_emit(&own_shape_mesh, m, out);
}

void own_domain_emit(const struct own_domain *d, struct buf *out)
{
    std_emit(&own_shape_domain, d, out);
}
