/*
 * options.c - the option table and its reader.
 */
#include "cli/options.h"

#include <string.h>

#define FLAG(member) .offset = offsetof(struct cli_args, member)

/* clang-format off */
const struct cli_option cli_options[] = {
    { CLI_OPT_DIR,         'C', "directory",   "DIR",    FLAG(dir),         false, "work in the mesh that DIR lies in" },
    { CLI_OPT_ENVIRONMENT, 'e', "environment", "NAME",   FLAG(environment), false, "read sources of this environment (default: the mesh's first)" },
    { CLI_OPT_JSON,        0,   "json",        NULL,     FLAG(json),        false, "print one JSON document" },
    { CLI_OPT_QUIET,       'q', "quiet",       NULL,     FLAG(quiet),       false, "print errors only" },
    { CLI_OPT_ALL,         'a', "all",         NULL,     FLAG(all),         false, "all products of the mesh" },
    { CLI_OPT_DATA,        'd', "data",        "FILE",   FLAG(data),        true,  "a file of a delivered table, or TABLE=FILE; may be given again" },
    { CLI_OPT_ROWS,        'd', "data",        NULL,     FLAG(rows),        false, "ask the published rows of A whether they keep B" },
    { CLI_OPT_FULL,        0,   "full",        NULL,     FLAG(full),        false, "build everything anew, also what did not change" },
    { CLI_OPT_KEEP,        0,   "keep",        NULL,     FLAG(keep),        false, "keep the staged files of a refused publish" },
    { CLI_OPT_FIX,         0,   "fix",         NULL,     FLAG(fix),         false, "write the right version into the documents" },
    { CLI_OPT_OUTPUT,      'o', "output",      "FORMAT", FLAG(output),      false, "table, csv, json, ndjson, arrow or parquet; else by the name of FILE" },
    { CLI_OPT_FILE,        'f', "file",        "FILE",   FLAG(file),        false, "write to FILE; it appears when it is whole" },
    { CLI_OPT_PROFILE,     0,   "profile",     "NAME",   FLAG(profile),     false, "text, schema or strict (default)" },
    { CLI_OPT_FROM,        0,   "from",        "SOURCE", FLAG(from),        false, "a CSV, JSON or Parquet file, or postgres://USER@HOST:PORT/DATABASE/SCHEMA.TABLE" },
    { CLI_OPT_EXAMPLE,     0,   "example",     NULL,     FLAG(example),     false, "with a small example product" },
    { CLI_OPT_LIMIT,       'n', "limit",       "ROWS",   FLAG(limit),       false, "stop with an error after ROWS rows (0: no limit)" },
    { CLI_OPT_MOST,        'n', "limit",       "COUNT",  FLAG(limit),       false, "show at most COUNT" },
    { CLI_OPT_TIMEOUT,     't', "timeout",     "TIME",   FLAG(timeout),     false, "stop after TIME, such as 30s, 5m or 1h" },
    { CLI_OPT_MEMORY,      'm', "memory",      "SIZE",   FLAG(memory),      false, "memory of the query engine, such as 512MB" },
    { CLI_OPT_KEY,         'k', "key",         "FILE",   FLAG(key),         false, "the public key, a PEM file" },
    { CLI_OPT_REPAIR,      0,   "repair",      NULL,     FLAG(repair),      false, "mend what can be mended without loss" },
    { CLI_OPT_MARKDOWN,    0,   "markdown",    NULL,     FLAG(markdown),    false, "as a pull request's comment" },
    { CLI_OPT_PUBLISH,     'p', "publish",     NULL,     FLAG(publish),     false, "publish the new product at once" },
    { CLI_OPT_TABLE,       0,   "table",       "NAME",   FLAG(table),       false, "the table's name (default: the product's)" },
    { CLI_OPT_JOBS,        'j', "jobs",        "N",      FLAG(jobs),        false, "products built at the same time (default: 2)" },
    { CLI_OPT_AS,          0,   "as",          "NAME",   FLAG(as),          false, "see what this principal sees: a user, service, agent or product" },
    { CLI_OPT_PURPOSE,     0,   "purpose",     "NAME",   FLAG(purpose),     false, "why the data is used, a purpose of mesh.yaml" },
    { CLI_OPT_ROLLBACK,    0,   "rollback",    "PUBLISH", FLAG(rollback),   false, "make the data of this publish live again: its number or id, see `weft history`" },
    { CLI_OPT_DRY_RUN,     0,   "dry-run",     NULL,     FLAG(dry_run),     false, "show what would change, and change nothing" },
    { CLI_OPT_HELP,        'h', "help",        NULL,     FLAG(help),        false, "show this help" },
    { CLI_OPT_VERSION,     0,   "version",     NULL,     FLAG(version),     false, "show the version" },
};
/* clang-format on */
const size_t cli_option_count = COUNT_OF(cli_options);

static const struct cli_option *find_option(str name, unsigned allowed)
{
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *o = &cli_options[i];

        if (((unsigned)o->bit & allowed) == 0) {
            continue;
        }
        if (str_eq(name, str_of(o->name)) ||
            (name.len == 1 && o->letter != 0 && name.ptr[0] == o->letter)) {
            return o;
        }
    }
    return NULL;
}

static enum status unknown_option(struct ctx *cx, const char *arg, str name, unsigned allowed)
{
    str    names[64];
    size_t count = 0;
    str    near;

    for (size_t i = 0; i < cli_option_count && count < COUNT_OF(names); i++) {
        if ((unsigned)cli_options[i].bit & allowed) {
            names[count++] = str_of(cli_options[i].name);
        }
    }
    near = str_nearest(name, names, count);
    if (near.len) {
        return FAIL(cx, INVALID, "unknown option \"%s\"; did you mean --" STR_FMT "?", arg,
                    STR_ARG(near));
    }
    return FAIL(cx, INVALID, "unknown option \"%s\"; --help lists the options", arg);
}

static void store(struct ctx *cx, const struct cli_option *o, str value, struct cli_args *out)
{
    char *at  = (char *)out + o->offset;
    bool  yes = true;

    if (!o->value) {
        memcpy(at, &yes, sizeof yes);
    } else if (o->is_list) {
        vec_push(cx->arena, &out->data, value);
    } else {
        memcpy(at, &value, sizeof value);
    }
}

/* One argument that begins with "-"; *at is moved over a value of its own. */
static enum status parse_option(struct ctx *cx, int argc, char *const *argv, int *at,
                                unsigned allowed, struct cli_args *out)
{
    const char              *arg       = argv[*at];
    str                      name      = str_from(str_of(arg), arg[1] == '-' ? 2 : 1);
    str                      value     = STR_NONE;
    bool                     has_value = arg[1] == '-' && str_split(name, '=', &name, &value);
    const struct cli_option *o;

    if (arg[1] != '-' && name.len > 1) {
        value     = str_from(name, 1);
        name      = str_sub(name, 0, 1);
        has_value = true;
    }
    o = find_option(name, allowed);
    if (!o || (arg[1] == '-' && name.len == 1)) {
        return unknown_option(cx, arg, name, allowed);
    }
    if (!o->value && has_value) {
        return FAIL(cx, INVALID, "option \"--%s\" takes no value", o->name);
    }
    if (o->value && !has_value) {
        if (*at + 1 >= argc) {
            return FAIL(cx, INVALID, "option \"--%s\" needs a value: --%s %s", o->name, o->name,
                        o->value);
        }
        (*at)++;
        value = str_of(argv[*at]);
    }
    store(cx, o, value, out);
    return ST_OK;
}

enum status cli_parse(struct ctx *cx, int argc, char *const *argv, unsigned allowed,
                      struct cli_args *out)
{
    struct cli_args made    = { 0 };
    bool            is_over = false;

    for (int at = 0; at < argc; at++) {
        if (!is_over && strcmp(argv[at], "--") == 0) {
            is_over = true;
        } else if (!is_over && argv[at][0] == '-' && argv[at][1] != '\0') {
            TRY(parse_option(cx, argc, argv, &at, allowed, &made));
        } else {
            vec_push(cx->arena, &made.words, str_of(argv[at]));
        }
    }
    *out = made;
    return ST_OK;
}
