/*
 * load.c - finding a mesh and reading its folders.
 */
#include "project/project_int.h"

#include "codec/digest.h"
#include "os/dir.h"
#include "os/proc.h"

enum { UPWARD_MAX = 64, GIT_TIMEOUT_US = 2000000 };

enum status project_find_root(struct ctx *cx, str dir, str *out)
{
    str at;

    TRY(os_file_real(cx, dir, &at));
    for (int i = 0; i < UPWARD_MAX && at.len > 0; i++) {
        bool is_there;
        str  ignored;

        TRY(os_file_exists(cx, os_path_join(cx->arena, at, S("mesh.yaml")), &is_there));
        if (is_there) {
            *out = at;
            return ST_OK;
        }
        if (!str_rsplit(at, '/', &at, &ignored)) {
            break;
        }
    }
    return FAIL(cx, NOT_FOUND,
                "no mesh.yaml in \"" STR_FMT "\" or above; `weft init DIR` makes a mesh, -C DIR "
                "chooses one",
                STR_ARG(dir));
}

enum status project_read_doc(struct ctx *cx, str root, str path, size_t max_bytes,
                             const struct project_doc **out)
{
    struct project_doc *doc = ARENA_NEW(cx->arena, struct project_doc);
    str                 hex;

    TRY(os_file_read(cx, os_path_join(cx->arena, root, path), max_bytes, &doc->text.bytes));
    doc->text.name = path;
    hex            = digest_hex(cx, sha256_of(doc->text.bytes));
    for (size_t i = 0; i < hex.len; i++) {
        doc->sha256[i] = hex.ptr[i];
    }
    *out = doc;
    return ST_OK;
}

static void check_domain_name(struct ctx *cx, struct diags *diags,
                              const struct project_domain *domain, str folder)
{
    struct std_str name = domain->own->name;

    if (!std_is_set(name)) {
        return;
    }
    if (name_is_reserved_domain(name.v)) {
        diag_add(diags, cx, DIAG_ERROR, &domain->doc->text, name.at, S("names.reserved"),
                 S("choose another name; the engine and its clients own this one"),
                 "domain \"" STR_FMT "\" is a reserved name", STR_ARG(name.v));
    } else if (!str_eq(name.v, folder)) {
        diag_add(diags, cx, DIAG_ERROR, &domain->doc->text, name.at, S("names.domain-folder"),
                 S("rename the folder or the domain"),
                 "domain \"" STR_FMT "\" lies in folder \"" STR_FMT "\"; both must be the same",
                 STR_ARG(name.v), STR_ARG(folder));
    }
}

enum status project_load_domain(struct ctx *cx, struct project *project, str folder,
                                struct diags *diags, bool *out_found)
{
    struct project_domain domain = { .name = folder };
    struct own_domain    *own    = NULL;
    bool                  is_there;
    str                   path;

    domain.dir = os_path_join(cx->arena, S("domains"), folder);
    path       = os_path_join(cx->arena, domain.dir, S("domain.yaml"));
    *out_found = false;
    TRY(os_file_exists(cx, os_path_join(cx->arena, project->root, path), &is_there));
    if (!is_there) {
        diag_add(diags, cx, DIAG_ERROR, NULL, (struct diag_pos){ 0 }, S("names.no-domain"),
                 S("write one, or let `weft new domain` do it"),
                 "folder \"" STR_FMT "\" has no domain.yaml", STR_ARG(domain.dir));
        return ST_OK;
    }
    TRY(project_read_doc(cx, project->root, path, PROJECT_DOCUMENT_MAX, &domain.doc));
    TRY(own_domain_read(cx, &domain.doc->text, diags, &own));
    if (!own) {
        return ST_OK;
    }
    domain.own = own;
    check_domain_name(cx, diags, &domain, folder);
    vec_push(cx->arena, &project->domains, domain);
    *out_found = true;
    return ST_OK;
}

/* Name, domain and address of a product, as far as they can be known. */
static void name_product(struct product_load *load, str domain)
{
    struct project_product    *p    = load->product;
    const struct odps_product *odps = p->odps;

    p->domain = domain;
    p->id     = std_text(odps->id, S(""));
    if (!std_is_set(odps->name) || odps->name.v.len == 0) {
        REPORT(load, DIAG_ERROR, p->doc, odps->at, "names.no-product-name",
               S("write name: followed by the last part of its address"),
               "the product has no name");
        p->name = S("_");
    } else if (!name_is_valid(odps->name.v) || name_has_major(odps->name.v)) {
        p->name = name_derive_product(load->cx->arena, odps->name.v);
        REPORT(load, DIAG_INFO, p->doc, odps->name.at, "names.derived", STR_NONE,
               "product \"" STR_FMT "\" is addressed as \"" STR_FMT "\"", STR_ARG(odps->name.v),
               STR_ARG(p->name));
    } else {
        p->name = odps->name.v;
    }
    if (name_is_reserved_product(p->name)) {
        REPORT(load, DIAG_ERROR, p->doc, odps->name.at, "names.reserved",
               S("choose another name; the engine and its clients own this one"),
               "product \"" STR_FMT "\" is a reserved name", STR_ARG(p->name));
    }
    if (std_is_set(odps->domain) && !str_eq(odps->domain.v, domain)) {
        REPORT(load, DIAG_ERROR, p->doc, odps->domain.at, "names.domain-differs", STR_NONE,
               "the product says domain \"" STR_FMT "\" but lies in domain \"" STR_FMT "\"",
               STR_ARG(odps->domain.v), STR_ARG(domain));
    }
    p->address =
        arena_printf(load->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->domain), STR_ARG(p->name));
}

/* Two products with one address or one id: an error at the second, naming the first. */
static void check_unique(struct product_load *load)
{
    struct project_product *p     = load->product;
    struct project_product *other = map_get(&load->project->by_address, p->address);

    if (other) {
        REPORT(load, DIAG_ERROR, p->doc, p->odps->name.at, "names.clash", S("rename one of them"),
               "product \"" STR_FMT "\" is also described in " STR_FMT, STR_ARG(p->address),
               STR_ARG(other->doc->text.name));
        return;
    }
    map_put(&load->project->by_address, load->cx->arena, p->address, p);
    if (p->id.len == 0) {
        return;
    }
    other = map_get(&load->project->by_id, p->id);
    if (other) {
        REPORT(load, DIAG_ERROR, p->doc, p->odps->id.at, "names.id-clash",
               S("an id is the identity of one product; give the copy a new one"),
               "id \"" STR_FMT "\" is also that of product \"" STR_FMT "\"", STR_ARG(p->id),
               STR_ARG(other->address));
        return;
    }
    map_put(&load->project->by_id, load->cx->arena, p->id, p);
}

static enum status load_product(struct ctx *cx, struct project *project, str domain, str dir,
                                struct diags *diags)
{
    struct project_product *p      = ARENA_NEW(cx->arena, struct project_product);
    struct product_files   *files  = ARENA_NEW(cx->arena, struct product_files);
    struct product_load     load   = { cx, project, p, files, diags };
    struct odps_product    *odps   = NULL;
    size_t                  errors = diags->errors;

    TRY(ctx_check(cx));
    p->dir = dir;
    TRY(project_read_doc(cx, project->root, os_path_join(cx->arena, dir, S("product.odps.yaml")),
                         PROJECT_DOCUMENT_MAX, &p->doc));
    TRY(odps_read(cx, &p->doc->text, STD_STRICT, diags, &odps));
    if (!odps) {
        return ST_OK;
    }
    p->odps = odps;
    vec_push(cx->arena, &p->docs, p->doc);
    name_product(&load, domain);
    check_unique(&load);
    TRY(product_files_read(&load));
    TRY(product_bind_ports(&load));
    p->is_broken = diags->errors > errors;
    p->files     = files;
    if (project->products.count >= PROJECT_PRODUCTS_MAX) {
        return FAIL(cx, LIMIT, "the mesh has more than %d products", PROJECT_PRODUCTS_MAX);
    }
    vec_push(cx->arena, &project->products, p);
    return ST_OK;
}

static enum status load_domain_folder(struct ctx *cx, struct project *project, str folder,
                                      struct diags *diags)
{
    struct os_entries list;
    bool              is_domain, is_there;
    str               dir = os_path_join(cx->arena, S("domains"), folder);

    TRY(project_load_domain(cx, project, folder, diags, &is_domain));
    if (!is_domain) {
        return ST_OK;
    }
    TRY(os_dir_list(cx, os_path_join(cx->arena, project->root, dir), PROJECT_PRODUCTS_MAX, &list));
    for (size_t i = 0; i < list.list.count; i++) {
        str sub = os_path_join(cx->arena, dir, list.list.items[i].path);
        str doc = os_path_join(cx->arena, os_path_join(cx->arena, project->root, sub),
                               S("product.odps.yaml"));

        TRY(os_file_exists(cx, doc, &is_there));
        if (list.list.items[i].kind == OS_KIND_FOLDER && is_there) {
            TRY(load_product(cx, project, folder, sub, diags));
        }
    }
    return ST_OK;
}

static void list_offers(struct ctx *cx, struct project *project, struct project_product *product)
{
    for (size_t i = 0; i < product->ports.count; i++) {
        struct project_port   *port   = product->ports.items[i];
        str                    id     = port->contract->id.v;
        struct project_offers *offers = map_get(&project->by_contract, id);

        if (!offers) {
            offers = ARENA_NEW(cx->arena, struct project_offers);
            map_put(&project->by_contract, cx->arena, id, offers);
        }
        vec_push(cx->arena, &offers->ports, port);
    }
}

/* Input ports may point at any product, so they are bound when all output ports are known. */
static enum status bind_all_inputs(struct ctx *cx, struct project *project, struct diags *diags)
{
    for (size_t i = 0; i < project->products.count; i++) {
        list_offers(cx, project, project->products.items[i]);
    }
    for (size_t i = 0; i < project->products.count; i++) {
        struct project_product *p      = project->products.items[i];
        struct product_load     load   = { cx, project, p, p->files, diags };
        size_t                  errors = diags->errors;

        TRY(product_bind_inputs(&load));
        p->is_broken = p->is_broken || diags->errors > errors;
    }
    return ST_OK;
}

static enum status load_mesh_doc(struct ctx *cx, struct project *project,
                                 const struct project_options *options, struct diags *diags)
{
    struct own_mesh *mesh = NULL;

    TRY(project_read_doc(cx, project->root, S("mesh.yaml"), PROJECT_DOCUMENT_MAX,
                         &project->mesh_doc));
    TRY(own_mesh_read(cx, &project->mesh_doc->text, diags, &mesh));
    project->mesh        = mesh ? mesh : ARENA_NEW(cx->arena, struct own_mesh);
    project->name        = std_text(project->mesh->name, S("mesh"));
    project->state_dir   = os_path_join(cx->arena, project->root, S(".weft"));
    project->environment = options->environment;
    if (project->environment.len == 0 && project->mesh->environments.count > 0) {
        project->environment = project->mesh->environments.items[0].name.v;
    }
    for (size_t i = 0; options->environment.len && i < project->mesh->environments.count; i++) {
        if (str_eq(project->mesh->environments.items[i].name.v, options->environment)) {
            return ST_OK;
        }
    }
    if (options->environment.len) {
        return FAIL(cx, NOT_FOUND, "mesh.yaml has no environment \"" STR_FMT "\"",
                    STR_ARG(options->environment));
    }
    return ST_OK;
}

enum status project_open(struct ctx *cx, const struct project_options *options, struct diags *diags,
                         struct project **out)
{
    struct project *project = ARENA_NEW(cx->arena, struct project);

    TRY(project_find_root(cx, options->dir, &project->root));
    TRY(load_mesh_doc(cx, project, options, diags));
    *out = project;
    return ST_OK;
}

enum status project_load(struct ctx *cx, const struct project_options *options, struct diags *diags,
                         struct project **out)
{
    struct project   *project;
    struct os_entries list;
    str               domains;
    bool              is_there;

    TRY(project_open(cx, options, diags, &project));
    domains = os_path_join(cx->arena, project->root, S("domains"));
    TRY(os_file_exists(cx, domains, &is_there));
    if (is_there) {
        TRY(os_dir_list(cx, domains, PROJECT_PRODUCTS_MAX, &list));
        for (size_t i = 0; i < list.list.count; i++) {
            if (list.list.items[i].kind == OS_KIND_FOLDER) {
                TRY(load_domain_folder(cx, project, list.list.items[i].path, diags));
            }
        }
    }
    TRY(bind_all_inputs(cx, project, diags));
    TRY(project_check_references(cx, project, diags));
    *out = project;
    return ST_OK;
}

void project_find_revision(struct ctx *cx, struct project *project)
{
    const str            args[] = { S("git"), S("rev-parse"), S("--verify"), S("-q"), S("HEAD") };
    struct os_command    git    = { .args       = args,
                                    .count      = COUNT_OF(args),
                                    .dir        = project->root,
                                    .max_output = 256,
                                    .timeout_us = GIT_TIMEOUT_US };
    struct os_run_result result;
    struct err           err   = { 0 };
    struct ctx           quiet = *cx;

    quiet.err = &err;
    if (os_run(&quiet, &git, &result) == ST_OK && result.exit_code == 0) {
        project->revision = str_trim(result.output);
    }
}
