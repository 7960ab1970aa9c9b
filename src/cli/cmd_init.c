/*
 * cmd_init.c - weft init and weft new domain: the first files of a mesh.
 */
#include "cli/new.h"

#include "os/dir.h"
#include "os/proc.h"
#include "standard/own.h"
#include "standard/std.h"

enum { FILE_MAX = 4 << 20 };

enum status new_file(struct cli *cli, str root, str path, str bytes)
{
    str full = os_path_join(cli->cx->arena, root, path);

    TRY(os_dir_make_all(cli->cx, os_path_parent(full), 0755));
    TRY(os_file_put(cli->cx, full, bytes, OS_NEW, 0644));
    vec_push(cli->cx->arena, &cli->made, arena_dup(cli->cx->arena, path));
    cli_say(cli, "  " STR_FMT "\n", STR_ARG(path));
    return ST_OK;
}

/* ------------------------------------------------------------------------- mesh */

static enum status put_mesh_yaml(struct cli *cli, str root)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    struct own_mesh mesh                 = { .api_version = std_str_made(S("weft/v1")),
                                             .kind        = std_str_made(S("Mesh")),
                                             .name =
                                                 std_str_made(name_derive(cli->cx->arena, os_path_name(root))) };

    buf_add(&text, S("# yaml-language-server: $schema=schemas/mesh.schema.json\n"));
    own_mesh_emit(&mesh, &text);
    TRY(buf_check(&text, cli->cx, "mesh.yaml"));
    return new_file(cli, root, S("mesh.yaml"), buf_view(&text));
}

/* JSON Schemas of all kinds, for editors. */
static enum status put_schemas(struct cli *cli, str root)
{
    static const str kinds[] = { STR_INIT("mesh"),      STR_INIT("domain"), STR_INIT("odcs"),
                                 STR_INIT("odps"),      STR_INIT("policy"), STR_INIT("principals"),
                                 STR_INIT("policytest") };

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct buf text CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
        str             path =
            arena_printf(cli->cx->arena, "schemas/" STR_FMT ".schema.json", STR_ARG(kinds[i]));

        TRY(std_schema_json(cli->cx, kinds[i], &text));
        buf_add_char(&text, '\n');
        TRY(buf_check(&text, cli->cx, "a schema"));
        TRY(new_file(cli, root, path, buf_view(&text)));
    }
    return ST_OK;
}

/*
 * Which schema is for which file, as VS Code and its YAML extension read it. Policies have several
 * kinds in one folder: they name their schema in the first line.
 */
static const char editor_settings[] = "{\n"
                                      "  \"yaml.schemas\": {\n"
                                      "    \"schemas/odcs.schema.json\": \"*.odcs.yaml\",\n"
                                      "    \"schemas/odps.schema.json\": \"*.odps.yaml\",\n"
                                      "    \"schemas/mesh.schema.json\": \"mesh.yaml\",\n"
                                      "    \"schemas/domain.schema.json\": \"domain.yaml\"\n"
                                      "  }\n"
                                      "}\n";

/* What a mesh gives until it decides otherwise (DESIGN, "who may read"). */
static const char default_policy[] =
    "# yaml-language-server: $schema=../schemas/policy.schema.json\n"
    "# Products read the inputs that they declare. Without this file each of them needs a policy "
    "of its\n"
    "# own, but for tables of its domain and open ones. docs/policies.md is the language.\n"
    "apiVersion: weft/v1\n"
    "kind: Policy\n"
    "name: products-read-their-inputs\n"
    "allow: read\n"
    "when: {principal: {kind: product}}\n"
    "because: the default of a new mesh\n";

/* A file that a person may have already. */
static enum status put_unless_there(struct cli *cli, str root, str path, str bytes)
{
    bool is_there;

    TRY(os_file_exists(cli->cx, os_path_join(cli->cx->arena, root, path), &is_there));
    return is_there ? ST_OK : new_file(cli, root, path, bytes);
}

enum status new_mesh(struct cli *cli, str dir, str *out_root)
{
    str  root, mesh;
    bool is_there;

    TRY(os_dir_make_all(cli->cx, dir, 0755));
    TRY(os_file_real(cli->cx, dir, &root));
    mesh = os_path_join(cli->cx->arena, root, S("mesh.yaml"));
    TRY(os_file_exists(cli->cx, mesh, &is_there));
    if (is_there) {
        return FAIL(cli->cx, CONFLICT, "\"" STR_FMT "\" is a mesh already", STR_ARG(root));
    }
    TRY(os_dir_make_all(cli->cx, os_path_join(cli->cx->arena, root, S("schemas")), 0755));
    cli_say(cli, "made mesh in " STR_FMT "\n", STR_ARG(root));
    TRY(put_schemas(cli, root));
    TRY(put_unless_there(cli, root, S(".vscode/settings.json"), str_of(editor_settings)));
    TRY(put_unless_there(cli, root, S(".gitignore"), S(".weft/\n")));
    TRY(put_unless_there(cli, root, S("policies/default.yaml"), str_of(default_policy)));
    /* Last: a folder is a mesh when it has mesh.yaml, so a broken init can be run again. */
    TRY(put_mesh_yaml(cli, root));
    *out_root = root;
    return ST_OK;
}

/* A folder as it may stand in a shell's command line, which somebody will copy. */
static str shell_word(struct cli *cli, str word)
{
    struct buf out      = BUF_INIT(4 * OS_PATH_MAX);
    bool       is_plain = word.len > 0;
    str        made;

    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        is_plain = is_plain && (char_is_alpha(c) || char_is_digit(c) || (unsigned char)c >= 0x80 ||
                                str_has(S("_-./+:@%"), str_sub(word, i, 1)));
    }
    if (is_plain) {
        return word;
    }
    buf_add_char(&out, '\'');
    for (size_t i = 0; i < word.len; i++) {
        buf_add(&out, word.ptr[i] == '\'' ? S("'\\''") : str_sub(word, i, 1));
    }
    buf_add_char(&out, '\'');
    made = arena_dup(cli->cx->arena, buf_view(&out));
    buf_release(&out);
    return made;
}

static const char example_csv[] = "order_id,customer,amount,ordered_on,status\n"
                                  "1,ada,19.90,2026-01-05,paid\n"
                                  "2,grace,5.00,2026-01-05,paid\n"
                                  "3,ada,42.10,2026-01-06,open\n"
                                  "4,edsger,7.25,2026-01-07,paid\n"
                                  "5,grace,12.00,2026-01-08,cancelled\n";

enum status cmd_init(struct cli *cli)
{
    str root;

    TRY(new_mesh(cli, cli->args.words.items[0], &root));
    if (cli->args.example) {
        struct new_product_request rq = { .root    = root,
                                          .address = S("sales.orders"),
                                          .from    = os_path_join(cli->cx->arena, root,
                                                                  S("data/orders.csv")) };

        TRY(new_file(cli, root, S("data/orders.csv"), str_of(example_csv)));
        TRY(new_product(cli, &rq));
        cli_say(cli, "next: cd " STR_FMT " && weft publish --all\n",
                STR_ARG(shell_word(cli, cli->args.words.items[0])));
        return ST_OK;
    }
    cli_say(cli, "next: cd " STR_FMT " && weft new product DOMAIN.NAME --from FILE.csv\n",
            STR_ARG(shell_word(cli, cli->args.words.items[0])));
    return ST_OK;
}

/* ------------------------------------------------------------------------- domain */

enum status new_domain(struct cli *cli, str root, str name)
{
    struct buf text   CLEANUP(buf_release) = BUF_INIT(FILE_MAX);
    struct own_domain domain               = { .api_version = std_str_made(S("weft/v1")),
                                               .kind        = std_str_made(S("Domain")),
                                               .name        = std_str_made(name) };
    struct own_member member               = { .name = std_str_made(os_user_name(cli->cx)),
                                               .role = std_str_made(S("owner")) };

    if (!name_is_valid(name) || name_is_reserved_domain(name)) {
        return FAIL(cli->cx, INVALID,
                    "\"" STR_FMT "\" cannot be a domain's name: [a-z_][a-z0-9_]*, not reserved",
                    STR_ARG(name));
    }
    domain.purpose            = std_str_made(arena_printf(
        cli->cx->arena, "What the " STR_FMT " domain is responsible for", STR_ARG(name)));
    domain.team.at            = (struct diag_pos){ .line = 1 };
    domain.team.name          = std_str_made(name);
    domain.team.members.items = &member;
    domain.team.members.count = 1;
    member.at                 = (struct diag_pos){ .line = 1 };
    buf_add(&text, S("# yaml-language-server: $schema=../../schemas/domain.schema.json\n"));
    own_domain_emit(&domain, &text);
    TRY(buf_check(&text, cli->cx, "domain.yaml"));
    return new_file(cli, root,
                    arena_printf(cli->cx->arena, "domains/" STR_FMT "/domain.yaml", STR_ARG(name)),
                    buf_view(&text));
}

enum status cmd_new_domain(struct cli *cli)
{
    str root;

    TRY(project_find_root(cli->cx, cli->args.dir.len ? cli->args.dir : S("."), &root));
    TRY(new_domain(cli, root, cli->args.words.items[0]));
    cli_say(cli,
            "next: say there what it is for and who answers for it, then\n"
            "      weft new product " STR_FMT ".NAME --from FILE.csv\n",
            STR_ARG(cli->args.words.items[0]));
    return ST_OK;
}
