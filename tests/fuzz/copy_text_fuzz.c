/*
 * copy_text_fuzz.c - lines of COPY and values in each form: nothing is read past the end, and what is
 * accepted is UTF-8 with as many fields as asked for.
 *
 * Input: one byte for form, list and number of columns, then the line.
 */
#include "source/copy.h"

#include <assert.h>

#include "base/utf8.h"
#include "support/test_ctx.h"

enum { FIELDS_MAX = 8, ROW_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void convert(struct ctx *cx, const struct copy_type *type, str field)
{
    struct buf out = BUF_INIT(ROW_MAX * 4);
    size_t     bad;

    if (copy_convert(cx, type, field, &out) == ST_OK) {
        assert(utf8_is_valid(buf_view(&out), &bad));
    }
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct test_ctx  t;
    struct ctx      *cx = test_ctx_init(&t, 1);
    str              fields[FIELDS_MAX];
    struct copy_row  row  = { .bytes = BUF_INIT(ROW_MAX), .fields = fields };
    struct copy_type type = { .scale = 2 };

    if (size > 0) {
        type.form    = (enum copy_form)(data[0] & 3);
        type.is_list = (data[0] & 4) != 0;
        row.count    = (data[0] >> 3) % FIELDS_MAX + 1;
        if (copy_decode(cx, (str){ (const char *)data + 1, size - 1 }, &row) == ST_OK) {
            for (size_t i = 0; i < row.count; i++) {
                if (fields[i].ptr) {
                    convert(cx, &type, fields[i]);
                }
            }
        }
    }
    buf_release(&row.bytes);
    test_ctx_release(&t);
    return 0;
}
