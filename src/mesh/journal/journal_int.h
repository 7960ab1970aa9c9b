/*
 * journal_int.h - shared by the files of this folder.
 */
#ifndef JOURNAL_JOURNAL_INT_H
#define JOURNAL_JOURNAL_INT_H

#include "codec/json.h"
#include "journal/receipt.h"

/*
 * The hash of an event: SHA-256, in hex, over the canonical JSON of its fields; r->hash is not
 * read. ST_INVALID when a field cannot stand in canonical JSON (bad UTF-8, a number over 2^53) or
 * the details are not canonical themselves.
 */
NODISCARD enum status journal_hash(struct ctx *cx, const struct journal_record *r, str *out);

/* A row of the event statements as views, valid until the next row. */
struct journal_record journal_record_view(const struct db_rows *row);

/* Reports the first broken link: fills `out`, sets the message, returns ST_CORRUPT. */
enum status journal_break(struct ctx *cx, struct journal_report *out, const char *chain,
                          int64_t seq, const char *what);

/* As receipt_verify; *out_receipt is the content ("receipt" of the document). */
NODISCARD enum status receipt_prove(struct ctx *cx, str document, str public_pem,
                                    struct receipt_report *report, struct json **out_receipt);

struct sign_key;
const struct sign_key *receipt_key_sign(const struct receipt_key *key);

#endif
