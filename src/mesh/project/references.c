/*
 * references.c - references of contracts into other files: found, and their targets too.
 *
 * A reference `other.odcs.yaml#/schema/<id>/properties/<id>` names a file relative to the contract's
 * folder. Only contracts of the mesh's products are looked at: no file is read for a reference, and no
 * URL. References into the same contract are checked where it is read (standard/odcs.c).
 */
#include "project/project_int.h"

#include "os/path.h"

enum { NAMES_MAX = 64 };

struct referring {
    struct product_load          load;
    const struct map            *by_path; /* path from the root → struct found_contract */
    const struct found_contract *from;
};

static void report(struct referring *x, const struct std_str *reference, const char *what, str name,
                   const str *names, size_t count)
{
    str near = str_nearest(name, names, count), hint = STR_NONE;

    if (near.len) {
        hint = arena_printf(x->load.cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    REPORT(&x->load, DIAG_ERROR, x->from->doc, reference->at, "names.reference", hint,
           "\"" STR_FMT "\": %s \"" STR_FMT "\"", STR_ARG(str_sub(reference->v, 0, 200)), what,
           STR_ARG(str_sub(name, 0, 100)));
}

/* The paths of contracts in the same folder as `path`, as words that might have been meant. */
static size_t neighbours(const struct referring *x, str dir, str *names)
{
    const struct product_files *files = x->load.product->files;
    size_t                      count = 0;

    for (size_t i = 0; i < files->contracts.count && count < NAMES_MAX; i++) {
        if (str_eq(files->contracts.items[i].dir, dir)) {
            names[count++] = os_path_name(files->contracts.items[i].doc->text.name);
        }
    }
    return count;
}

static void check(void *arg, const struct std_str *reference)
{
    struct referring            *x    = arg;
    str                          file = odcs_reference_file(reference->v), names[NAMES_MAX], path;
    const struct found_contract *to;
    struct odcs_target           target;

    if (file.len == 0 || str_has(file, S("://"))) {
        return;
    }
    path = os_path_clean(x->load.cx->arena, os_path_join(x->load.cx->arena, x->from->dir, file));
    to   = map_get(x->by_path, path);
    if (!to) {
        report(x, reference, "there is no contract", file, names,
               neighbours(x, x->from->dir, names));
        return;
    }
    target = odcs_reference_find(to->contract, reference->v);
    if (target.missing.len) {
        report(x, reference,
               target.object ? "that contract has no property"
                             : "that contract has no schema object",
               target.missing, names,
               odcs_reference_names(to->contract, reference->v, &target, names, NAMES_MAX));
    }
}

enum status project_check_references(struct ctx *cx, struct project *project, struct diags *diags)
{
    struct map by_path = { 0 };

    for (size_t i = 0; i < project->products.count; i++) {
        struct product_files *files = project->products.items[i]->files;

        for (size_t k = 0; k < files->contracts.count; k++) {
            struct found_contract *c = &files->contracts.items[k];

            if (c->contract) {
                (void)map_put(&by_path, cx->arena, c->doc->text.name, c);
            }
        }
    }
    for (size_t i = 0; i < project->products.count; i++) {
        struct project_product *p      = project->products.items[i];
        size_t                  errors = diags->errors;
        struct referring x = { .load = { cx, project, p, p->files, diags }, .by_path = &by_path };

        for (size_t k = 0; k < p->files->contracts.count; k++) {
            x.from = &p->files->contracts.items[k];
            if (x.from->contract) {
                odcs_references_walk(x.from->contract, check, &x);
            }
        }
        p->is_broken = p->is_broken || diags->errors > errors;
    }
    return ctx_check(cx);
}
