/*
 * csv.h - comma separated values (RFC 4180): a writer, and a strict reader of rows.
 *
 * NULL is an empty field, an empty string is `""`; so what the writer wrote the reader gives back.
 * Nothing is guessed: the caller says the separator. Rows end with LF or CRLF; the writer writes LF.
 * A row of one NULL is an empty line.
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "base/buf.h"

enum { CSV_FIELDS_MAX = 10000 };
#define CSV_ROW_MAX_BYTES ((size_t)16 << 20)

struct csv_writer {
    struct buf *out; /* its sticky limit is the only error */
    char        separator;
    size_t      column;
};

void csv_w_init(struct csv_writer *w, struct buf *out, char separator);
void csv_w_field(struct csv_writer *w, str text);
void csv_w_null(struct csv_writer *w);
void csv_w_row_end(struct csv_writer *w);

struct csv_field {
    str  text;
    bool is_null; /* nothing between the separators */
};

struct csv_reader {
    str      rest;
    char     separator;
    uint64_t line; /* of the next row, from 1 */
};

/* Views `bytes`; a byte order mark is skipped. */
void csv_r_init(struct csv_reader *r, str bytes, char separator);

bool csv_r_has_row(const struct csv_reader *r);

/*
 * The next row's fields in cx->arena (unquoted fields are views of the bytes); call it while
 * csv_r_has_row. ST_INVALID names line and field: a quote inside an unquoted field, text behind a
 * closing quote, no closing quote, a lone CR. ST_LIMIT over CSV_FIELDS_MAX or CSV_ROW_MAX_BYTES.
 * On failure the reader stays at the row.
 */
NODISCARD enum status csv_r_row(struct csv_reader *r, struct ctx *cx, struct csv_field **out,
                                size_t *out_count);

/* The names in the first row of a file; refuses empty and repeated names. */
NODISCARD enum status csv_header(struct ctx *cx, str bytes, char separator, str **out_names,
                                 size_t *out_count);

#endif
