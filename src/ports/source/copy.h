/*
 * copy.h - rows of PostgreSQL's COPY … TO STDOUT (text format), and its values as the engine reads
 * them.
 *
 * Pure: no server, no engine. Input is hostile: it is checked for form, UTF-8 and size.
 */
#ifndef SOURCE_COPY_H
#define SOURCE_COPY_H

#include "base/buf.h"

/* How a value's text is changed. */
enum copy_form {
    COPY_AS_IS,
    COPY_BYTES,   /* \x0a0b -> \x0A\x0B                                                     */
    COPY_TIME,    /* "0044-03-15 10:00:00 BC" -> "0044-03-15 (BC) 10:00:00"                 */
    COPY_DECIMAL, /* as is; one that `scale` digits cannot hold exactly is ST_INVALID        */
};

struct copy_type {
    enum copy_form form;
    unsigned       scale;   /* COPY_DECIMAL                                        */
    bool           is_list; /* {1,NULL,"x"} -> ["1", NULL, "x"], items in `form`   */
};

/* One decoded row: fields live until the next row. */
struct copy_row {
    struct buf bytes;  /* BUF_INIT(limit) by the caller, who releases it */
    str       *fields; /* `count` of them, by the caller                 */
    size_t     count;
};

/*
 * Decodes one line (with or without its line feed) into row->fields; a NULL has ptr NULL. ST_INVALID
 * when the number of fields is not row->count, an escape is cut short or text is not UTF-8; ST_LIMIT
 * over the limit of row->bytes.
 */
NODISCARD enum status copy_decode(struct ctx *cx, str line, struct copy_row *row);

/* Appends a value in the engine's form. ST_INVALID, with the reason, when it has none. */
NODISCARD enum status copy_convert(struct ctx *cx, const struct copy_type *type, str value,
                                   struct buf *out);

#endif
