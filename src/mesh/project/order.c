/*
 * order.c - products in dependency order, and looking them up.
 */
#include "project/project_int.h"

enum mark { MARK_NEW, MARK_OPEN = 1, MARK_DONE = 2, MARK_CYCLIC = 4 }; /* bits of product.mark */

struct walk {
    struct ctx   *cx;
    struct diags *diags;
    VEC(struct project_product *) path;
    VEC(struct project_product *) done;
};

static void report_cycle(struct walk *w, struct project_product *again)
{
    struct buf names = BUF_INIT(4096);
    bool       is_in = false;

    for (size_t i = 0; i < w->path.count; i++) {
        struct project_product *p = w->path.items[i];

        is_in = is_in || p == again;
        if (is_in) {
            p->is_broken = true;
            p->mark |= MARK_CYCLIC;
            buf_printf(&names, STR_FMT " → ", STR_ARG(p->address));
        }
    }
    buf_add(&names, again->address);
    diag_add(w->diags, w->cx, DIAG_ERROR, &again->doc->text, again->odps->at, S("mesh.cycle"),
             S("a product cannot be made from itself; take one input port away"),
             "products read each other in a circle: " STR_FMT, (int)names.len, names.ptr);
    buf_release(&names);
}

/* Depth first, upstream before downstream; recursion is as deep as the longest chain. */
static enum status visit(struct walk *w, struct project_product *p)
{
    TRY(ctx_check(w->cx));
    if (p->mark & MARK_DONE) {
        return ST_OK;
    }
    if (p->mark & MARK_OPEN) {
        report_cycle(w, p);
        return ST_OK;
    }
    p->mark = MARK_OPEN;
    vec_push(w->cx->arena, &w->path, p);
    for (size_t i = 0; i < p->inputs.count; i++) {
        if (p->inputs.items[i]->upstream) {
            TRY(visit(w, p->inputs.items[i]->upstream->product));
        }
    }
    w->path.count--;
    p->mark |= MARK_DONE;
    if (!(p->mark & MARK_CYCLIC)) {
        vec_push(w->cx->arena, &w->done, p);
    }
    return ST_OK;
}

static bool is_wanted(const struct project_product *p, struct project_product *const *wanted,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] == p) {
            return true;
        }
    }
    return count == 0;
}

enum status project_order(struct ctx *cx, struct project *project,
                          struct project_product *const *wanted, size_t wanted_count,
                          struct diags *diags, struct project_product ***out, size_t *out_count)
{
    struct walk w    = { .cx = cx, .diags = diags };
    size_t      kept = 0;

    for (size_t i = 0; i < project->products.count; i++) {
        project->products.items[i]->mark = MARK_NEW;
    }
    for (size_t i = 0; i < project->products.count; i++) {
        TRY(visit(&w, project->products.items[i]));
    }
    for (size_t i = 0; i < w.done.count; i++) {
        if (is_wanted(w.done.items[i], wanted, wanted_count)) {
            w.done.items[kept++] = w.done.items[i];
        }
    }
    *out       = w.done.items;
    *out_count = kept;
    return ST_OK;
}

struct project_product *project_find(const struct project *project, str name)
{
    struct project_product *found = NULL;
    struct address          address;

    if (address_parse(name, &address)) {
        for (size_t i = 0; i < project->products.count; i++) {
            struct project_product *p = project->products.items[i];

            if (str_eq(p->domain, address.domain) && str_eq(p->name, address.product)) {
                return p;
            }
        }
        return NULL;
    }
    for (size_t i = 0; i < project->products.count; i++) {
        if (str_eq(project->products.items[i]->name, name)) {
            if (found) {
                return NULL;
            }
            found = project->products.items[i];
        }
    }
    return found;
}

struct project_port *project_port_of(const struct project_product *product, unsigned major,
                                     str table, struct project_table **out_table)
{
    unsigned wanted = major ? major : product->newest_major;

    for (size_t i = 0; i < product->ports.count; i++) {
        struct project_port *port = product->ports.items[i];

        for (size_t k = 0; port->major == wanted && k < port->table_count; k++) {
            if (str_eq(port->tables[k].name, table)) {
                *out_table = &port->tables[k];
                return port;
            }
        }
    }
    return NULL;
}
