/*
 * receipt.h - the signed, chained record of one publish.
 *
 * A receipt is canonical JSON (RFC 8785) that says what was published, from what, by whom, and what
 * was checked. It is kept, in the store and as a file, as one document:
 *
 *     {"receipt":{…},"sha256":"<hex>","signature":{"algorithm":"Ed25519","key_id":"…","value":"<base64>"}}
 *
 * in canonical form with one line feed behind it, so there is exactly one right sequence of bytes.
 * sha256 is over the canonical bytes of "receipt", and so is the signature. Each receipt carries its
 * number within its product and the sha256 of the one before it; the event "product.published" that
 * is written with it carries its sha256, which anchors every product's chain in the journal's.
 *
 * Values    receipts carry hashes, counts and names, never values of rows and never secrets.
 * Lifetime  results live in cx->arena.
 * Threads   no state; a struct receipt_key is read-only after it was opened.
 */
#ifndef JOURNAL_RECEIPT_H
#define JOURNAL_RECEIPT_H

#include "journal/journal.h"

enum { RECEIPT_MAX_BYTES = 64 << 20 };

/* ---- keys ---- */

struct receipt_key; /* the node's Ed25519 pair; heap, one owner */

/*
 * The key in `dir`: "receipt-ed25519.pem" (0600) and "receipt-ed25519.pub.pem". Made when neither is
 * there (*is_new: write JOURNAL_KEY_CREATED); two processes at once agree on one. The folder must
 * exist. ST_DENIED when others may read the private key; ST_CORRUPT when the files do not belong
 * together; a missing public file is written again.
 */
NODISCARD enum status receipt_key_open_or_create(struct ctx *cx, str dir, struct receipt_key **out,
                                                 bool *is_new);
void                  receipt_key_close(struct receipt_key *key); /* NULL is fine */

static inline void receipt_key_cleanup(struct receipt_key **key)
{
    receipt_key_close(*key);
}

/* Views, as long as the key. */
str receipt_key_id(const struct receipt_key *key);
str receipt_key_public_pem(const struct receipt_key *key);

/* ---- what a receipt says ---- */

/* A text somebody wrote, by its hash. */
struct receipt_document {
    str path;   /* within the mesh */
    str sha256; /* hex             */
};

struct receipt_file {
    str     path; /* within the object store */
    int64_t bytes;
    int64_t rows;
    str     sha256;
    str     row_digest; /* of the rows whatever their order; may be empty */
};

struct receipt_column {
    str  name;
    str  type;
    bool is_required;
};

struct receipt_table {
    str                          name;
    str                          address;
    str                          snapshot_id;
    int64_t                      snapshot_number;
    struct receipt_document      sql;     /* empty when it was delivered or copied */
    str                          copy_of; /* "source.orders"; empty when it is no copy */
    bool                         is_view; /* no files: `sql` gives the rows at each read   */
    int64_t                      rows;
    int64_t                      bytes;
    str                          row_digest;
    const struct receipt_column *columns;
    size_t                       column_count;
    const struct receipt_file   *files; /* of the whole snapshot, in order */
    size_t                       file_count;
};

struct receipt_port {
    str                         name;
    str                         version;
    str                         contract_id;
    struct receipt_document     contract;
    const struct receipt_table *tables;
    size_t                      table_count;
};

/* What the build read. */
struct receipt_input {
    str     kind;     /* "table", "file", "postgres" …              */
    str     name;     /* address, or path or relation of a source   */
    str     snapshot; /* id, of a table                             */
    int64_t bytes;
    str     sha256;      /* of a file; of rows where there is no file */
    int64_t modified_us; /* 0 = not known                             */
};

struct receipt_check {
    str     address; /* table */
    str     id;
    str     name;
    str     columns; /* "a, b" */
    str     dimension;
    str     severity;
    str     outcome;
    str     measured; /* a count or ratio, never a value of a row */
    str     threshold;
    int64_t bad_rows; /* -1 = not counted */
};

struct receipt {
    str                     mesh;
    str                     product_id;
    str                     domain;
    str                     product; /* name */
    str                     publish_id;
    str                     build;           /* "sql", "delivered" …                    */
    str                     materialization; /* "full", "append" …                      */
    str                     engine;          /* "duckdb 1.5.5"                          */
    str                     weft;            /* the program's version                   */
    str                     actor;           /* empty = cx->actor                       */
    int64_t                 started_us;
    int64_t                 time_us;     /* 0 = now                                 */
    str                     fingerprint; /* of everything that decides the content  */
    str                     rollback_of; /* the publish whose data is live again; empty = none */
    struct receipt_document descriptor;  /* the ODPS document                       */
    struct {
        const struct receipt_document *items;
        size_t                         count;
    } steps;
    struct {
        const struct receipt_port *items;
        size_t                     count;
    } ports;
    struct {
        const struct receipt_input *items;
        size_t                      count;
    } inputs;
    struct {
        const struct receipt_check *items;
        size_t                      count;
    } checks;
};

/* ---- chain ---- */

/* One receipt in a product's chain. */
struct receipt_link {
    int64_t sequence; /* from 1; 0 = the product has none */
    str     publish_id;
    str     sha256; /* of the receipt; empty when sequence is 0 */
    int64_t time_us;
    str     key_id;
};

/* The canonical, signed document of `r` after `previous`. Pure but for the arena. */
NODISCARD enum status receipt_build(struct ctx *cx, const struct receipt_key *key,
                                    const struct receipt *r, const struct receipt_link *previous,
                                    str *out_document, struct receipt_link *out_link);

/*
 * Builds the next receipt of the product, signs it, stores it, and appends JOURNAL_PRODUCT_PUBLISHED
 * to the journal, all in the open transaction. ST_CONFLICT when the publish id has a receipt.
 */
NODISCARD enum status receipt_append(struct ctx *cx, const struct receipt_key *key,
                                     const struct receipt *r, struct receipt_link *out);

/* The newest receipt of a product; sequence 0 when it has none. */
NODISCARD enum status receipt_head(struct ctx *cx, str product_id, struct receipt_link *out);

/* The stored document of a publish, byte for byte; ST_NOT_FOUND. */
NODISCARD enum status receipt_get(struct ctx *cx, str publish_id, str *out_document);

/* Receipts of a product, newest first, at most `limit` (0 = JOURNAL_LIST_USUAL). */
NODISCARD enum status receipt_list(struct ctx *cx, str product_id, size_t limit,
                                   struct receipt_link **out, size_t *out_count);

/* ---- proof ---- */

enum receipt_part {
    RECEIPT_WHOLE,     /* nothing is wrong                                            */
    RECEIPT_KEY,       /* the public key cannot be read                               */
    RECEIPT_DOCUMENT,  /* not JSON, or not of the shape of a receipt                  */
    RECEIPT_CANONICAL, /* the right content in other bytes: it was edited or reformatted */
    RECEIPT_HASH,      /* content and sha256 differ: one of them was changed          */
    RECEIPT_KEY_ID,    /* signed with another key                                     */
    RECEIPT_SIGNATURE, /* the signature does not fit the content and this key         */
};

struct receipt_report {
    enum receipt_part failed;
    str               key_id; /* as the receipt says */
    str               mesh;
    str               product; /* "domain.product" */
    str               publish_id;
    str               actor;
    str               time;
    str               sha256;   /* as computed */
    str               previous; /* empty for the first */
    int64_t           sequence;
};

/*
 * Proves a receipt with nothing but its bytes and the public key in PEM; needs no store.
 *
 * ST_OK only when every byte is as it was signed. Else ST_INVALID (key or document cannot be read),
 * ST_CORRUPT (canonical form, hash) or ST_DENIED (other key, wrong signature); the message says which
 * part failed and what that means. `out` (may be NULL) is set in every case as far as it was read.
 */
NODISCARD enum status receipt_verify(struct ctx *cx, str document, str public_pem,
                                     struct receipt_report *out);

/*
 * Walks all receipts of a product: each document whole, numbers and hashes chained, columns of the
 * store equal to the document, and anchored in an event. `public_pem` must be the key they were
 * signed with. ST_CORRUPT at the first one that is broken or missing; `out` as journal_verify.
 */
NODISCARD enum status receipt_verify_chain(struct ctx *cx, str product_id, str public_pem,
                                           struct journal_report *out);

/* The same for every product that has receipts; out->what begins with the product. */
NODISCARD enum status receipt_verify_all(struct ctx *cx, str public_pem,
                                         struct journal_report *out);

#endif
