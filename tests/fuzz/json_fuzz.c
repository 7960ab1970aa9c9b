/*
 * json_fuzz.c - what is read is written and read again as the same tree; canonical form is a fixed
 * point.
 */
#include "codec/json.h"

#include <stdlib.h>

#include "support/test_ctx.h"

static const struct json_limits limits = { 1 << 16, 64, 5000 };

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);
    struct json    *v = NULL, *again = NULL;
    str             text, canonical, twice;
    enum status     st = json_read(cx, (str){ (const char *)data, size }, "input", &limits, &v);

    if (st != ST_OK) {
        must((st == ST_INVALID || st == ST_LIMIT) && v == NULL);
        test_ctx_release(&t);
        return 0;
    }
    for (int form = JSON_COMPACT; form <= JSON_PRETTY; form++) {
        must(json_write(cx, v, (enum json_form)form, &text) == ST_OK);
        must(json_read(cx, text, "output", NULL, &again) == ST_OK);
        must(json_equal(v, again, NULL) && json_equal(again, v, NULL));
    }
    must(json_equal(v, json_dup(cx->arena, v), NULL));
    if (json_canonical(cx, v, &canonical) == ST_OK) {
        must(json_read(cx, canonical, "canonical", NULL, &again) == ST_OK);
        must(json_canonical(cx, again, &twice) == ST_OK);
        must(str_eq(canonical, twice));
    }
    test_ctx_release(&t);
    return 0;
}
