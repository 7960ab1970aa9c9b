/*
 * secrets.c - looking up ${NAME}.
 */
#include "project/secrets.h"

#include "standard/variables.h"

static const struct own_secret *find_secret(const struct project *project, str name)
{
    for (size_t i = 0; i < project->mesh->secrets.count; i++) {
        if (str_eq(project->mesh->secrets.items[i].name.v, name)) {
            return &project->mesh->secrets.items[i];
        }
    }
    return NULL;
}

static enum status from_command(struct ctx *cx, const struct own_secret *s, struct secret **out)
{
    str *args = arena_array(cx->arena, s->command.count, sizeof *args);

    for (size_t i = 0; i < s->command.count; i++) {
        args[i] = s->command.items[i].v;
    }
    return secret_from_command(cx, args, s->command.count, out);
}

enum status secrets_get(struct ctx *cx, const struct project *project, str name,
                        struct secret **out)
{
    const struct own_secret *s = find_secret(project, name);
    enum status              st;

    if (s && std_is_set(s->file)) {
        return secret_from_file(cx, os_path_join(cx->arena, project->root, s->file.v), out);
    }
    if (s && s->command.count > 0) {
        return from_command(cx, s, out);
    }
    st = secret_from_env(cx, s && std_is_set(s->env) ? s->env.v : name, out);
    if (st == ST_NOT_FOUND) {
        return FAIL(cx, NOT_FOUND,
                    "${" STR_FMT "} has no value; set the environment variable, or say under "
                    "secrets: in mesh.yaml which env, file or command has it",
                    STR_ARG(name));
    }
    return st;
}

struct lookup {
    const struct project *project;
};

static enum status look_up(void *arg, struct ctx *cx, str name, str *out)
{
    const struct lookup *l = arg;
    struct secret       *value;

    TRY(secrets_get(cx, l->project, name, &value));
    *out = secret_reveal(value);
    return ST_OK;
}

enum status secrets_resolve(struct ctx *cx, const struct project *project, str text, str *out)
{
    struct lookup l = { project };

    if (!std_has_variable(text)) {
        *out = text;
        return ST_OK;
    }
    return std_variables_resolve(cx, text, look_up, &l, out);
}
