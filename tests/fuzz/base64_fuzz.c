/*
 * base64_fuzz.c - bytes survive both forms, and a text that is accepted is the one text of its value.
 */
#include "codec/base64.h"

#include <stdlib.h>

#include "support/test_ctx.h"

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
    struct ctx     *cx    = test_ctx_init(&t, 1);
    str             input = { (const char *)data, size }, out;

    for (int form = BASE64_STANDARD; form <= BASE64_URL; form++) {
        str text = base64_encode(cx, (enum base64_form)form, input);

        must(base64_decode(cx, (enum base64_form)form, text, &out) == ST_OK && str_eq(out, input));
        if (base64_decode(cx, (enum base64_form)form, input, &out) == ST_OK) {
            must(str_eq(base64_encode(cx, (enum base64_form)form, out), input));
        }
    }
    test_ctx_release(&t);
    return 0;
}
