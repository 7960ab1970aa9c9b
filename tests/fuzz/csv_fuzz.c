/*
 * csv_fuzz.c - rows that are read and written again read as the same rows.
 */
#include "codec/csv.h"

#include <stdlib.h>

#include "support/test_ctx.h"

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static void write_row(struct csv_writer *w, const struct csv_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].is_null) {
            csv_w_null(w);
        } else {
            csv_w_field(w, fields[i].text);
        }
    }
    csv_w_row_end(w);
}

/* Reads the written row back and compares. */
static void check_row(struct ctx *cx, str written, const struct csv_field *fields, size_t count)
{
    struct csv_reader r;
    struct csv_field *again;
    size_t            again_count;

    csv_r_init(&r, written, ';');
    must(csv_r_row(&r, cx, &again, &again_count) == ST_OK);
    must(!csv_r_has_row(&r) && again_count == count);
    for (size_t i = 0; i < count; i++) {
        must(again[i].is_null == fields[i].is_null && str_eq(again[i].text, fields[i].text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(buf_release) struct buf out = BUF_INIT((size_t)1 << 26);
    struct test_ctx                 t;
    struct ctx                     *cx = test_ctx_init(&t, 1);
    struct csv_reader               r;
    struct csv_writer               w;
    struct csv_field               *fields;
    size_t                          count;
    str                            *names;

    csv_r_init(&r, (str){ (const char *)data, size }, ',');
    while (csv_r_has_row(&r) && csv_r_row(&r, cx, &fields, &count) == ST_OK) {
        buf_reset(&out);
        csv_w_init(&w, &out, ';');
        write_row(&w, fields, count);
        check_row(cx, buf_view(&out), fields, count);
    }
    if (csv_header(cx, (str){ (const char *)data, size }, ',', &names, &count) == ST_OK) {
        must(count > 0 && names[0].len > 0);
    }
    test_ctx_release(&t);
    return 0;
}
