/*
 * cmd_documents.c - weft validate and weft schema.
 */
#include "cli/documents.h"

#include "cli/mesh.h"
#include "codec/json.h"
#include "os/file.h"
#include "standard/own_policy.h"

/* ------------------------------------------------------------------------- validate */

/* Reads for the findings only; the document itself is not wanted. */
#define READ(name, type, call)                                                                     \
    static enum status read_##name(struct ctx *cx, const struct diag_text *text,                   \
                                   enum std_profile profile, struct diags *diags)                  \
    {                                                                                              \
        struct type *made;                                                                         \
                                                                                                   \
        (void)profile; /* our own kinds are always strict */                                       \
        return call;                                                                               \
    }
READ(contract, odcs_contract, odcs_read(cx, text, profile, diags, &made))
READ(product, odps_product, odps_read(cx, text, profile, diags, &made))
READ(mesh, own_mesh, own_mesh_read(cx, text, diags, &made))
READ(domain, own_domain, own_domain_read(cx, text, diags, &made))
READ(policy, own_policy, own_policy_read(cx, text, diags, &made))
READ(principals, own_principals, own_principals_read(cx, text, diags, &made))
READ(policy_test, own_policy_test, own_policy_test_read(cx, text, diags, &made))
#undef READ

static const struct {
    str kind;
    enum status (*read)(struct ctx *, const struct diag_text *, enum std_profile, struct diags *);
} kinds[] = {
    { STR_INIT("DataContract"), read_contract },
    { STR_INIT("DataProduct"), read_product },
    { STR_INIT("Mesh"), read_mesh },
    { STR_INIT("Domain"), read_domain },
    { STR_INIT("Policy"), read_policy },
    { STR_INIT("Principals"), read_principals },
    { STR_INIT("PolicyTest"), read_policy_test },
};

static enum status read_as(struct ctx *cx, const struct diag_text *text, str kind,
                           enum std_profile profile, struct diags *diags)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq(kind, kinds[i].kind)) {
            return kinds[i].read(cx, text, profile, diags);
        }
    }
    diag_add(diags, cx, DIAG_ERROR, text, (struct diag_pos){ .line = 1, .column = 1 },
             S("kind.unknown"),
             S("kind: DataContract, DataProduct, Mesh, Domain, Policy, Principals or PolicyTest"),
             "the document has no kind that weft knows");
    return ST_OK;
}

/* What a file without `kind` most likely is, by its name. */
static str kind_by_name(str path)
{
    return str_ends(path, S(".odcs.yaml"))    ? S("DataContract")
           : str_ends(path, S(".odps.yaml"))  ? S("DataProduct")
           : str_ends(path, S("mesh.yaml"))   ? S("Mesh")
           : str_ends(path, S("domain.yaml")) ? S("Domain")
                                              : STR_NONE;
}

enum status cli_check_document(struct cli *cli, const struct diag_text *text,
                               enum std_profile profile, struct diags *diags)
{
    str kind;

    if (!std_kind_of(cli->cx, text, &kind)) {
        kind = kind_by_name(text->name);
    }
    return read_as(cli->cx, text, kind, profile, diags);
}

enum status cli_may_edit(struct cli *cli, const struct diag_text *text)
{
    struct odcs_contract *c      = NULL;
    struct diags          unseen = { 0 };
    str                   kind   = STR_NONE;

    if (std_kind_of(cli->cx, text, &kind) && !str_eq(kind, S("DataContract"))) {
        return ST_OK;
    }
    TRY(odcs_read(cli->cx, text, STD_SCHEMA, &unseen, &c));
    if (c && odcs_version_is_read_only(c->version_known)) {
        return FAIL(cli->cx, UNSUPPORTED,
                    STR_FMT ": a contract of ODCS v2.2 is read only; raise it to v3.2.0 "
                            "(apiVersion, and its fields by docs/standards.md), then edit it",
                    STR_ARG(text->name));
    }
    return ST_OK;
}

static enum status validate_file(struct cli *cli, str path, enum std_profile profile,
                                 struct diags *diags)
{
    struct diag_text text = { .name = path };

    if (os_file_read(cli->cx, path, PROJECT_DOCUMENT_MAX, &text.bytes) != ST_OK) {
        return str_has(err_text(cli->cx->err), S("folder, not"))
                   ? FAIL(cli->cx, INVALID,
                          "\"" STR_FMT "\" is a folder; name files, or nothing for the whole mesh",
                          STR_ARG(path))
                   : cli->cx->err->code;
    }
    return cli_check_document(cli, &text, profile, diags);
}

static enum status validate_files(struct cli *cli, struct diags *diags)
{
    enum std_profile profile = STD_STRICT;

    if (cli->args.profile.len && !std_profile_parse(cli->args.profile, &profile)) {
        return FAIL(cli->cx, INVALID, "--profile is text, schema or strict, not \"" STR_FMT "\"",
                    STR_ARG(cli->args.profile));
    }
    for (size_t i = 0; i < cli->args.words.count; i++) {
        TRY(validate_file(cli, cli->args.words.items[i], profile, diags));
    }
    return ST_OK;
}

static enum status validate_mesh(struct cli *cli, struct diags *diags, size_t *products)
{
    struct cli_mesh          mesh = { 0 };
    struct project_product **order;
    size_t                   count;

    TRY(cli_mesh_open(cli, CLI_MESH_FILES, &mesh));
    TRY(project_order(cli->cx, mesh.project, NULL, 0, &mesh.diags, &order, &count));
    TRY(access_check(cli->cx, mesh.project, &mesh.diags));
    *diags    = mesh.diags;
    *products = mesh.project->products.count;
    cli_mesh_close(&mesh);
    return ST_OK;
}

enum status cmd_validate(struct cli *cli)
{
    struct diags diags    = { 0 };
    size_t       products = 0;
    bool         is_mesh  = cli->args.words.count == 0;

    TRY(is_mesh ? validate_mesh(cli, &diags, &products) : validate_files(cli, &diags));
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        cli_json_diags(w, &diags);
        cli_json_end(cli, w);
    } else {
        cli_print_diags(cli, &diags);
    }
    if (diags.errors > 0) {
        return FAIL(cli->cx, INVALID, "%zu error%s, %zu warning%s", diags.errors,
                    diags.errors == 1 ? "" : "s", diags.warnings, diags.warnings == 1 ? "" : "s");
    }
    if (is_mesh) {
        cli_say(cli, "%zu product%s, no errors, %zu warning%s\n", products,
                products == 1 ? "" : "s", diags.warnings, diags.warnings == 1 ? "" : "s");
    } else {
        cli_say(cli, "%zu file%s, no errors, %zu warning%s\n", cli->args.words.count,
                cli->args.words.count == 1 ? "" : "s", diags.warnings,
                diags.warnings == 1 ? "" : "s");
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- schema */

enum status cmd_schema(struct cli *cli)
{
    TRY(std_schema_json(cli->cx, cli->args.words.items[0], &cli->out));
    buf_add_char(&cli->out, '\n');
    cli->has_answer = true;
    return ST_OK;
}
