/*
 * diag.h - findings about text that a person wrote, with the place they speak of.
 *
 * A reader reports every finding it can make into one list instead of stopping at the first. Each
 * finding keeps what is needed to show it as a compiler does: file, line, column, the line itself,
 * how far the caret reaches, the rule that fired, and what would be right.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/ctx.h"
#include "base/vec.h"

/* Findings kept; further ones are only counted. A message is cut at 2047 bytes, a line at 400. */
enum { DIAG_MAX = 1000 };

enum diag_severity { DIAG_INFO, DIAG_WARNING, DIAG_ERROR };

/* A text somebody wrote: its name as shown to the person, and its bytes. */
struct diag_text {
    str name;
    str bytes;
};

/* A place in a text. Lines and columns count from 1, columns in bytes; 0 = the text as a whole. */
struct diag_pos {
    uint32_t line, column;
    uint32_t offset; /* bytes from the start         */
    uint32_t len;    /* bytes the caret marks; or 0  */
};

struct diag {
    enum diag_severity severity;
    str                rule;    /* stable slug: "odcs.unknown-field"          */
    str                message; /* what is wrong                              */
    str                hint;    /* what to do, or the nearest right word      */
    str                file;
    struct diag_pos    pos;
    str      line_text;    /* the line of pos, without its end of line; of a long one a part */
    uint32_t line_skipped; /* bytes of the line before line_text                     */
};

struct diags {
    VEC(struct diag) list;
    size_t errors, warnings; /* counted beyond DIAG_MAX too */
};

/*
 * Adds one finding; `rule` and `hint` are copied as slices (literals or arena), `message` is
 * formatted into cx->arena. `text` may be NULL for findings without a place.
 */
void diag_add(struct diags *d, struct ctx *cx, enum diag_severity severity,
              const struct diag_text *text, struct diag_pos pos, str rule, str hint,
              const char *fmt, ...) PRINTF(8, 9);

/* The line and column of a byte offset (for readers that know only offsets). */
struct diag_pos diag_pos_at(str bytes, size_t offset, size_t len);

#endif
