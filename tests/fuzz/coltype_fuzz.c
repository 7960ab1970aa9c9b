/*
 * coltype_fuzz.c - type texts: what parses prints, and the print parses to an equal type.
 */
#include "contract/coltype.h"

enum { ARENA_LIMIT = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena         *CLEANUP(arena_cleanup) arena = arena_new("fuzz", ARENA_LIMIT);
    struct err            err                          = { 0 };
    struct ctx            cx                           = { .arena = arena, .err = &err };
    const struct coltype *type = NULL, *again = NULL;
    struct odcs_property  p = { 0 };
    str                   cast, path;

    if (coltype_parse(&cx, (str){ (const char *)data, size }, &type) != ST_OK) {
        return 0;
    }
    if (coltype_parse(&cx, coltype_text(&cx, type), &again) != ST_OK ||
        !coltype_equal(type, again)) {
        BUG("a type that was printed does not read back");
    }
    if (!coltype_widens(type, again) ||
        (coltype_publishable(&cx, type, &cast, &path) &&
         !coltype_publishable(&cx, coltype_stored(&cx, type), &cast, &path))) {
        BUG("a type widens to itself, and the stored form of a publishable type is publishable");
    }
    coltype_logical(&cx, type, &p);
    return 0;
}
