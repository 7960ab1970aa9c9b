/*
 * governance.c - the documents that say who sees what: policies, principals, expectations.
 *
 * policies/ and principals/ of the mesh hold for all of it, domains/<domain>/policies/ for that domain.
 * Every .yaml file there is one document; folders below are not looked into.
 */
#include "project/project_int.h"

#include "os/dir.h"

enum { DOCUMENTS_MAX = 100000 };

static enum status add_folder(struct ctx *cx, struct project *project, str dir, str domain)
{
    str               full = os_path_join(cx->arena, project->root, dir);
    struct os_entries list;
    enum status       st = os_dir_list(cx, full, DOCUMENTS_MAX, &list);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    TRY(st);
    for (size_t i = 0; i < list.list.count; i++) {
        struct project_policy policy = { .domain = domain };
        str                   name   = list.list.items[i].path;

        if (list.list.items[i].kind == OS_KIND_FOLDER ||
            !(str_ends(name, S(".yaml")) || str_ends(name, S(".yml")))) {
            continue;
        }
        TRY(project_read_doc(cx, project->root, os_path_join(cx->arena, dir, name),
                             PROJECT_DOCUMENT_MAX, &policy.doc));
        vec_push(cx->arena, &project->policies, policy);
    }
    return ST_OK;
}

/* Domains are known when the whole project was loaded; else their documents are read here. */
static enum status find_domains(struct ctx *cx, struct project *project, struct diags *diags)
{
    struct os_entries list;
    bool              is_domain;
    enum status       st;

    if (project->domains.count > 0) {
        return ST_OK;
    }
    st = os_dir_list(cx, os_path_join(cx->arena, project->root, S("domains")), PROJECT_PRODUCTS_MAX,
                     &list);
    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    TRY(st);
    for (size_t i = 0; i < list.list.count; i++) {
        if (list.list.items[i].kind == OS_KIND_FOLDER) {
            TRY(project_load_domain(cx, project, list.list.items[i].path, diags, &is_domain));
        }
    }
    return ST_OK;
}

enum status project_load_policies(struct ctx *cx, struct project *project, struct diags *diags)
{
    if (project->has_policies) {
        return ST_OK;
    }
    TRY(find_domains(cx, project, diags));
    TRY(add_folder(cx, project, S("policies"), S("")));
    TRY(add_folder(cx, project, S("principals"), S("")));
    for (size_t i = 0; i < project->domains.count; i++) {
        const struct project_domain *d = &project->domains.items[i];

        TRY(add_folder(cx, project, os_path_join(cx->arena, d->dir, S("policies")), d->name));
    }
    project->has_policies = true;
    return ST_OK;
}
