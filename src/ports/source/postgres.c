#include "source/source_int.h"
enum status source_postgres_open(struct ctx *cx, const struct source_options *options,
                                 struct source **out)
{
    (void)options; (void)out;
    return FAIL(cx, UNSUPPORTED, "x");
}
