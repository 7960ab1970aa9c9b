/*
 * duckdb_error.c - the engine's messages sorted into our outcomes.
 *
 * Sorted by words, not by the error type of the library: preparing gives no type, a cancelled
 * pending result has the type of a wrong input, and one type stands for a full disk and for a missing
 * file. Each message begins with its kind ("IO Error: "); the first row that matches counts.
 */
#include "engine/duckdb_int.h"

struct error_row {
    str         begins, has;
    enum status status;
    str         hint; /* appended */
};

static const struct error_row rows[] = {
    { STR_INIT("Out of Memory Error"), STR_INIT("max_temp_directory_size"), ST_LIMIT,
      STR_INIT("setting temp_limit") },
    { STR_INIT("Out of Memory Error"), STR_INIT(""), ST_LIMIT, STR_INIT("setting memory_limit") },
    { STR_INIT("IO Error"), STR_INIT("No space left"), ST_UNAVAILABLE,
      STR_INIT("the disk is full") },
    { STR_INIT("IO Error"), STR_INIT("File too large"), ST_LIMIT,
      STR_INIT("files may not grow further") },
    { STR_INIT("IO Error"), STR_INIT("No files found"), ST_NOT_FOUND, STR_INIT("") },
    { STR_INIT("IO Error"), STR_INIT("No such file"), ST_NOT_FOUND, STR_INIT("") },
    { STR_INIT("IO Error"), STR_INIT("Permission denied"), ST_DENIED, STR_INIT("") },
    { STR_INIT("IO Error"), STR_INIT(""), ST_UNAVAILABLE, STR_INIT("") },
    { STR_INIT("Permission Error"), STR_INIT(""), ST_DENIED, STR_INIT("") },
    { STR_INIT("Catalog Error"), STR_INIT("already exists"), ST_CONFLICT, STR_INIT("") },
    { STR_INIT("Catalog Error"), STR_INIT("does not exist"), ST_NOT_FOUND, STR_INIT("") },
    { STR_INIT("TransactionContext Error"), STR_INIT(""), ST_CONFLICT, STR_INIT("") },
    { STR_INIT("Dependency Error"), STR_INIT(""), ST_CONFLICT, STR_INIT("") },
    { STR_INIT("INTERRUPT Error"), STR_INIT(""), ST_CANCELLED, STR_INIT("") },
    { STR_INIT("Interrupt Error"), STR_INIT(""), ST_CANCELLED, STR_INIT("") },
    { STR_INIT("Not implemented Error"), STR_INIT(""), ST_UNSUPPORTED, STR_INIT("") },
    { STR_INIT("Missing Extension Error"), STR_INIT(""), ST_UNSUPPORTED, STR_INIT("") },
    { STR_INIT("Extension Autoloading Error"), STR_INIT(""), ST_UNSUPPORTED, STR_INIT("") },
    { STR_INIT("HTTP Error"), STR_INIT(""), ST_UNAVAILABLE, STR_INIT("") },
    { STR_INIT("Connection Error"), STR_INIT(""), ST_UNAVAILABLE, STR_INIT("") },
    { STR_INIT("Network Error"), STR_INIT(""), ST_UNAVAILABLE, STR_INIT("") },
    { STR_INIT("INTERNAL Error"), STR_INIT(""), ST_INTERNAL, STR_INIT("") },
    { STR_INIT("FATAL Error"), STR_INIT(""), ST_INTERNAL, STR_INIT("") },
    { STR_INIT("Serialization Error"), STR_INIT(""), ST_INTERNAL, STR_INIT("") },
    { STR_INIT("Invalid Input Error"), STR_INIT("No magic bytes found"), ST_CORRUPT, STR_INIT("") },
    { STR_INIT("Table "), STR_INIT("could not be found"), ST_NOT_FOUND, STR_INIT("") },
    { STR_INIT(""), STR_INIT(""), ST_INVALID, STR_INIT("") },
};

enum status duck_fail(struct ctx *cx, enum status reason, const char *text)
{
    str                     message = str_trim(str_of(text));
    const struct error_row *row     = rows;
    str                     head;
    size_t                  at;

    if (reason == ST_CANCELLED) {
        return FAIL(cx, CANCELLED, "cancelled");
    }
    if (reason == ST_TIMEOUT) {
        return FAIL(cx, TIMEOUT, "time limit reached");
    }
    /* What follows shows the text that was run, which is not the one that a person wrote. */
    if (str_find(message, S("\n\nLINE "), &at)) {
        message = str_sub(message, 0, at);
    }
    while (!str_starts(message, row->begins) || !str_has(message, row->has)) {
        row++;
    }
    if (row->status == ST_LIMIT) {
        /* Behind the first line stands advice for somebody who can change settings. */
        str_cut(&message, '\n', &head);
        message = head;
    }
    if (message.len == 0) {
        message = S("the engine gave no reason");
    }
    if (row->hint.len > 0) {
        return err_set(cx->err, row->status, __FILE__, __LINE__, STR_FMT " (" STR_FMT ")",
                       STR_ARG(message), STR_ARG(row->hint));
    }
    return err_set(cx->err, row->status, __FILE__, __LINE__, STR_FMT, STR_ARG(message));
}
