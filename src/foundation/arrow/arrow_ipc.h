/*
 * arrow_ipc.h - batches as an Arrow IPC stream (schema, record batches, end of stream).
 *
 * The stream format of https://arrow.apache.org/docs/format/Columnar.html, uncompressed, version 5:
 * what pyarrow's `ipc.open_stream` and every Arrow library read. Bytes go to a sink as they are
 * made; a batch is encoded in memory first, so peak memory is about one batch.
 *
 * A stream that breaks off before arrow_ipc_finish has no end marker: a reader that cares sees it.
 *
 * Types     all of arrow.h except ARROW_UNION, text views and 4- or 8-byte decimals: ST_UNSUPPORTED
 *           at open, with the column's name; dictionaries (ENUM) are written as plain text.
 *           A HUGEINT is decimal128(38, 0) in Arrow; a value of 39 digits is written as it is, and
 *           readers that validate refuse it.
 * Threads   a writer belongs to one thread.
 */
#ifndef ARROW_IPC_H
#define ARROW_IPC_H

#include "arrow/arrow.h"

/* Takes the next bytes of the stream; what it returns, the writer returns. */
struct arrow_sink {
    enum status (*write)(void *state, struct ctx *cx, str bytes);
    void *state;
};

struct arrow_ipc_writer;

/* Writes the schema message. The schema is copied; the sink is borrowed until close. */
NODISCARD enum status arrow_ipc_open(struct ctx *cx, const struct ArrowSchema *schema,
                                     struct arrow_sink sink, struct arrow_ipc_writer **out);

/* Writes one record batch; the batch stays the caller's. */
NODISCARD enum status arrow_ipc_write(struct arrow_ipc_writer *writer, struct ctx *cx,
                                      const struct ArrowArray *batch);

/* Writes the end marker. */
NODISCARD enum status arrow_ipc_finish(struct arrow_ipc_writer *writer, struct ctx *cx);

/* Frees the writer; NULL is fine. Writes nothing. */
void arrow_ipc_close(struct arrow_ipc_writer *writer);

#endif
