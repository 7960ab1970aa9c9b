/*
 * odps_fuzz.c - data products, mesh.yaml and domain.yaml: any bytes end in a struct, findings or a
 * limit; what was read without an error is written again, and that reads without an error.
 */
#include "standard/odps.h"
#include "standard/own.h"
#include "standard/variables.h"

enum { ARENA_LIMIT = 512 << 20, OUT_MAX = 32 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum status no_value(void *arg, struct ctx *cx, str name, str *out)
{
    (void)arg;
    *out = name;
    return name.len % 2 ? ST_OK : FAIL(cx, NOT_FOUND, "no value");
}

static void product(struct ctx *cx, const struct diag_text *text)
{
    struct diags         d = { 0 }, again = { 0 };
    struct odps_product *p   = NULL;
    struct buf           out = BUF_INIT(OUT_MAX);
    struct diag_text     copy;

    if (odps_read(cx, text, STD_STRICT, &d, &p) == ST_OK && p && d.errors == 0) {
        odps_emit(p, &out);
        copy = (struct diag_text){ S("copy"), buf_view(&out) };
        if (!out.is_over && odps_read(cx, &copy, STD_STRICT, &again, &p) == ST_OK && again.errors) {
            BUG("a product that was written does not read back");
        }
    }
    buf_release(&out);
}

static void own(struct ctx *cx, const struct diag_text *text)
{
    struct diags       d = { 0 }, again = { 0 }, other = { 0 };
    struct own_mesh   *m      = NULL;
    struct own_domain *domain = NULL;
    struct buf         out    = BUF_INIT(OUT_MAX);
    struct diag_text   copy;

    ignore(own_domain_read(cx, text, &other, &domain), "any outcome is fine");
    if (own_mesh_read(cx, text, &d, &m) == ST_OK && m && d.errors == 0) {
        own_mesh_emit(m, &out);
        copy = (struct diag_text){ S("copy"), buf_view(&out) };
        if (!out.is_over && own_mesh_read(cx, &copy, &again, &m) == ST_OK && again.errors) {
            BUG("a mesh that was written does not read back");
        }
    }
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena    *CLEANUP(arena_cleanup) arena = arena_new("fuzz", ARENA_LIMIT);
    struct err       err                          = { 0 };
    struct ctx       cx                           = { .arena = arena, .err = &err };
    struct diag_text text                         = { S("fuzz"), { (const char *)data, size } };
    str              out;

    product(&cx, &text);
    own(&cx, &text);
    ignore(std_variables_resolve(&cx, text.bytes, no_value, NULL, &out), "any outcome is fine");
    return 0;
}
