/*
 * arrow_ipc.c - the IPC stream, written by nanoarrow.
 *
 * nanoarrow has no dictionaries in IPC, so columns of ENUMs become plain text first, at any depth: the
 * schema is copied with their format replaced, and each batch gets a shadow tree of array nodes that
 * borrows every buffer but those of the expanded columns, which live in an arena until the batch is
 * written.
 */
#include "arrow/arrow_ipc.h"

#include <errno.h>
#include <string.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "arrow/arrow_int.h"

enum { IPC_ARENA_BYTES = 512 << 20 };

struct arrow_ipc_writer {
    struct arena         *arena; /* holds this struct too; what a batch needs is rewound */
    struct arrow_sink     sink;
    struct ctx           *cx;     /* of the running call                                 */
    enum status           failed; /* what the sink has answered                          */
    struct ArrowSchema    schema; /* as written                                          */
    struct arrow_type     type;   /* as given                                            */
    struct ArrowIpcWriter ipc;
    struct ArrowArrayView view;
};

/* ------------------------------------------------------------------------- the sink */

static ArrowErrorCode hand_over(struct ArrowIpcOutputStream *stream, const void *bytes, int64_t len,
                                int64_t *written, struct ArrowError *error)
{
    struct arrow_ipc_writer *w = stream->private_data;

    (void)error;
    w->failed = w->sink.write(w->sink.state, w->cx, (str){ bytes, (size_t)len });
    *written  = w->failed == ST_OK ? len : 0;
    return w->failed == ST_OK ? NANOARROW_OK : EIO;
}

static void forget_stream(struct ArrowIpcOutputStream *stream)
{
    stream->release = NULL; /* the writer owns what it points to */
}

/* nanoarrow's outcome as ours; the sink's own answer comes first. */
static enum status outcome(struct arrow_ipc_writer *w, ArrowErrorCode code,
                           const struct ArrowError *error)
{
    if (w->failed != ST_OK) {
        return w->failed;
    }
    if (code != NANOARROW_OK) {
        return FAIL(w->cx, UNSUPPORTED, "could not write the rows as Arrow IPC: %s",
                    error->message[0] ? error->message : strerrordesc_np(code));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- the schema */

/* The first thing in the type that cannot be written, by name. */
static enum status check_type(struct ctx *cx, const struct arrow_type *type, str column)
{
    if (type->kind == ARROW_UNION || type->layout == ARROW_VIEW ||
        (type->kind == ARROW_DECIMAL && type->width != 16)) {
        return FAIL(cx, UNSUPPORTED,
                    "column \"" STR_FMT "\" has a type that Arrow IPC streams of this "
                    "program cannot carry; cast it to VARCHAR",
                    STR_ARG(column));
    }
    for (size_t i = 0; i < type->child_count; i++) {
        TRY(check_type(cx, &type->children[i], column));
    }
    return ST_OK;
}

/* Replaces dictionary nodes by plain text. */
static ArrowErrorCode flatten_schema(struct ArrowSchema *schema)
{
    if (schema->dictionary) {
        ArrowSchemaRelease(schema->dictionary);
        ArrowFree(schema->dictionary);
        schema->dictionary = NULL;
        return ArrowSchemaSetFormat(schema, "u");
    }
    for (int64_t i = 0; i < schema->n_children; i++) {
        NANOARROW_RETURN_NOT_OK(flatten_schema(schema->children[i]));
    }
    return NANOARROW_OK;
}

/* ------------------------------------------------------------------------- the batch */

/* The text of each row of a dictionary column. Rows before the offset are empty. */
static struct ArrowArray *expand(struct arena *a, const struct arrow_type *type,
                                 const struct ArrowArray *array)
{
    size_t             count                = (size_t)(array->offset + array->length);
    int32_t           *offsets              = arena_array(a, count + 1, sizeof *offsets);
    const void       **buffers              = arena_array(a, 3, sizeof *buffers);
    struct ArrowArray *out                  = ARENA_NEW(a, struct ArrowArray);
    struct buf text    CLEANUP(buf_release) = BUF_INIT(INT32_MAX);

    for (size_t slot = 0; slot < count; slot++) {
        size_t            row  = slot - (size_t)array->offset;
        struct arrow_cell cell = { type, array, row };

        offsets[slot] = (int32_t)text.len;
        if (slot >= (size_t)array->offset && !arrow_is_null(cell)) {
            buf_add(&text, arrow_str(cell));
        }
    }
    offsets[count] = (int32_t)text.len;
    buffers[0]     = array->buffers[0];
    buffers[1]     = offsets;
    buffers[2]     = arena_dup(a, buf_view(&text)).ptr;
    *out           = (struct ArrowArray){
                  .length     = array->length,
                  .null_count = array->null_count,
                  .offset     = array->offset,
                  .n_buffers  = 3,
                  .buffers    = buffers,
    };
    return out;
}

/* A node that borrows everything of `array` except what lies below dictionary nodes. */
static struct ArrowArray *shadow(struct arena *a, const struct arrow_type *type,
                                 const struct ArrowArray *array)
{
    struct ArrowArray *out;

    if (type->dictionary) {
        return expand(a, type, array);
    }
    out           = ARENA_NEW(a, struct ArrowArray);
    *out          = *array;
    out->release  = NULL;
    out->children = arena_array(a, type->child_count, sizeof(struct ArrowArray *));
    for (size_t i = 0; i < type->child_count; i++) {
        out->children[i] = shadow(a, &type->children[i], array->children[i]);
    }
    return out;
}

/* ------------------------------------------------------------------------- the writer */

static enum status start(struct arrow_ipc_writer *w, const struct ArrowSchema *schema)
{
    struct ArrowIpcOutputStream stream = { hand_over, forget_stream, w };
    struct ArrowError           error  = { { 0 } };
    struct ctx                  own    = *w->cx;

    own.arena = w->arena;
    TRY(arrow_type_read(&own, schema, &w->type));
    for (size_t i = 0; i < w->type.child_count; i++) {
        TRY(check_type(w->cx, &w->type.children[i], w->type.children[i].name));
    }
    TRY(outcome(w, ArrowSchemaDeepCopy(schema, &w->schema), &error));
    TRY(outcome(w, flatten_schema(&w->schema), &error));
    TRY(outcome(w, ArrowArrayViewInitFromSchema(&w->view, &w->schema, &error), &error));
    TRY(outcome(w, ArrowIpcWriterInit(&w->ipc, &stream), &error));
    return outcome(w, ArrowIpcWriterWriteSchema(&w->ipc, &w->schema, &error), &error);
}

enum status arrow_ipc_open(struct ctx *cx, const struct ArrowSchema *schema, struct arrow_sink sink,
                           struct arrow_ipc_writer **out)
{
    struct arena            *arena = arena_new("arrow stream", IPC_ARENA_BYTES);
    struct arrow_ipc_writer *w     = ARENA_NEW(arena, struct arrow_ipc_writer);
    enum status              st;

    w->arena = arena;
    w->sink  = sink;
    w->cx    = cx;
    st       = start(w, schema);
    w->cx    = NULL;
    if (st != ST_OK) {
        arrow_ipc_close(w);
        return st;
    }
    *out = w;
    return ST_OK;
}

enum status arrow_ipc_write(struct arrow_ipc_writer *w, struct ctx *cx,
                            const struct ArrowArray *batch)
{
    struct arena_mark mark  = arena_mark(w->arena);
    struct ArrowError error = { { 0 } };
    ArrowErrorCode    code;
    enum status       st;

    w->cx     = cx;
    w->failed = ST_OK;
    code      = ArrowArrayViewSetArray(&w->view, shadow(w->arena, &w->type, batch), &error);
    st        = outcome(w, code, &error);
    if (st == ST_OK) {
        st = outcome(w, ArrowIpcWriterWriteArrayView(&w->ipc, &w->view, &error), &error);
    }
    arena_rewind(w->arena, mark);
    w->cx = NULL;
    return st;
}

enum status arrow_ipc_finish(struct arrow_ipc_writer *w, struct ctx *cx)
{
    struct ArrowError error = { { 0 } };
    enum status       st;

    w->cx     = cx;
    w->failed = ST_OK;
    st        = outcome(w, ArrowIpcWriterWriteArrayView(&w->ipc, NULL, &error), &error);
    w->cx     = NULL;
    return st;
}

void arrow_ipc_close(struct arrow_ipc_writer *w)
{
    if (!w) {
        return;
    }
    if (w->ipc.private_data) {
        ArrowIpcWriterReset(&w->ipc);
    }
    ArrowArrayViewReset(&w->view);
    arrow_schema_release(&w->schema);
    arena_free(w->arena);
}
