/*
 * odcs_fuzz.c - data contracts: any bytes end in a contract, findings or a limit; what was read
 * without an error (v2.2 apart, which is read only) is written again, and that reads without an error.
 */
#include "standard/odcs.h"

#include "contract/coltype.h"

enum { ARENA_LIMIT = 512 << 20, OUT_MAX = 32 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(struct ctx *cx, const struct odcs_contract *c)
{
    struct buf            out  = BUF_INIT(OUT_MAX);
    struct diags          d    = { 0 };
    struct odcs_contract *copy = NULL;
    struct diag_text      text;

    odcs_emit(c, &out);
    text = (struct diag_text){ S("copy"), buf_view(&out) };
    if (!out.is_over && odcs_read(cx, &text, STD_SCHEMA, &d, &copy) == ST_OK && d.errors) {
        BUG("a contract that was written does not read back");
    }
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diag_text text = { S("fuzz"), { (const char *)data, size } };

    for (int profile = STD_STRICT; profile <= STD_TEXT; profile++) {
        struct arena         *CLEANUP(arena_cleanup) arena = arena_new("fuzz", ARENA_LIMIT);
        struct err            err                          = { 0 };
        struct ctx            cx                           = { .arena = arena, .err = &err };
        struct diags          d                            = { 0 };
        struct odcs_contract *c                            = NULL;
        const struct coltype *type                         = NULL;

        if (odcs_read(&cx, &text, (enum std_profile)profile, &d, &c) != ST_OK || !c) {
            continue;
        }
        for (size_t i = 0; i < c->schema.count; i++) {
            for (size_t p = 0; p < c->schema.items[i].properties.count; p++) {
                ignore(coltype_of_property(&cx, &c->schema.items[i].properties.items[p], &type),
                       "any outcome is fine, a crash is not");
            }
        }
        if (d.errors == 0 && profile != STD_TEXT && !odcs_version_is_read_only(c->version_known)) {
            write_and_read(&cx, c);
        }
    }
    return 0;
}
