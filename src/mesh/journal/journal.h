/*
 * journal.h - what happened in the mesh: an append-only, hash-chained list of events.
 *
 * Each event carries the hash of the one before it; its own hash is SHA-256 over the canonical JSON
 * (RFC 8785) of all its fields. A changed, removed or inserted event breaks the chain at a place
 * that journal_verify names. The end of the chain is guarded by journal_head and by the receipts,
 * whose hashes stand in events (receipt.h); whoever keeps an anchor elsewhere can have it compared.
 *
 * Owns      the tables event, receipt and journal_head. Triggers refuse every UPDATE and DELETE of
 *           events and receipts.
 * Secrets   details must never hold secrets or values of rows: events are kept forever.
 * Use       all functions but the pure ones need an open transaction in cx; an event is part of the
 *           same transaction as what it tells.
 * Threads   no state of its own.
 * Errors    those of db.h; ST_CORRUPT for a broken chain.
 */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "codec/json.h"
#include "db/db.h"

enum {
    JOURNAL_DETAILS_MAX = 1 << 20, /* bytes of one event's details          */
    JOURNAL_TEXT_MAX    = 4096,    /* bytes of actor, purpose and subject   */
    JOURNAL_LIST_MAX    = 1000,    /* events of one page                    */
    JOURNAL_LIST_USUAL  = 50,
};

/* name, text, what it tells and what its subject and details are */
#define JOURNAL_KIND_TABLE(X)                                                                      \
    X(MESH_CREATED, "mesh.created", "the store was made; subject: the mesh")                       \
    X(STORE_MIGRATED, "store.migrated", "the store has a new schema; details: from, to, copy")     \
    X(STORE_RESTORED, "store.restored", "the store came back from a backup; details: epoch")       \
    X(DOMAIN_ADDED, "domain.added", "a domain was seen for the first time; subject: the domain")   \
    X(DOMAIN_CHANGED, "domain.changed", "a domain's document changed")                             \
    X(PRODUCT_FIRST_SEEN, "product.first-seen", "a product was seen for the first time")           \
    X(PRODUCT_RENAMED, "product.renamed", "a product has a new address; details: from, to")        \
    X(PRODUCT_PUBLISHED, "product.published", "a publish was committed; details: its receipt")     \
    X(DOCUMENT_CHANGED, "document.changed", "a document of a product changed; details: hashes")    \
    X(PUBLISH_STARTED, "publish.started", "a publish began; subject: the product")                 \
    X(PUBLISH_FAILED, "publish.failed", "a publish ended without a commit; details: status, why")  \
    X(PUBLISH_SKIPPED, "publish.skipped", "nothing had changed; details: why")                     \
    X(PUBLISH_ROLLED_BACK, "publish.rolled-back",                                                  \
      "the data of an older publish is live; details: it")                                         \
    X(QUERY_STARTED, "query.started", "a query was let through; details: tables, columns")         \
    X(QUERY_ENDED, "query.ended", "a query ended; details: event, rows, bytes, status")            \
    X(QUERY_REFUSED, "query.refused", "a query was refused; details: status, why")                 \
    X(KEY_CREATED, "key.created", "a signing key was made; subject: its key id")                   \
    X(POLICY_CHANGED, "policy.changed",                                                            \
      "other policies are in force; details: fingerprint, files")                                  \
    X(POLICY_REFUSED, "policy.refused", "policies with errors; those before stay in force")        \
    X(MASK_KEY_CREATED, "mask-key.created", "a key for hashes was made; subject: its id")          \
    X(PORT_WITHDRAWN, "port.withdrawn",                                                            \
      "a major is served no longer; subject: it; details: port, version, sunset, tables")          \
    X(HISTORY_FORGOTTEN, "history.forgotten",                                                      \
      "files of old snapshots went; subject: the product; details: snapshots, files, bytes")       \
    X(LOG_FOREIGN, "log.foreign", "another program writes the Delta log of a table; details: why") \
    X(SWEEP_RAN, "sweep.ran", "garbage was removed; details: files, bytes")                        \
    X(DOCTOR_RAN, "doctor.ran", "the store was checked; details: findings")                        \
    X(BACKUP_MADE, "backup.made", "a consistent copy was made")

enum journal_kind {
#define X(name, text, doc) JOURNAL_##name,
    JOURNAL_KIND_TABLE(X)
#undef X
        JOURNAL_KIND_COUNT
};

/* "product.published"; and back: false when no kind has that text. */
str  journal_kind_text(enum journal_kind kind);
str  journal_kind_doc(enum journal_kind kind);
bool journal_kind_parse(str text, enum journal_kind *out);

/* What to write down. Actor, purpose and time come from the context. */
struct journal_event {
    enum journal_kind  kind;
    str                subject; /* address or name it is about; may be empty */
    const struct json *details; /* an object; NULL = {}                      */
};

/* A place in the chain, from 1; hash is 64 hex digits. Zero: nothing yet. */
struct journal_link {
    int64_t seq;
    str     id; /* UUIDv7 */
    str     hash;
};

/* Appends within the open write transaction; `out` (in cx->arena) may be NULL. */
NODISCARD enum status journal_append(struct ctx *cx, const struct journal_event *event,
                                     struct journal_link *out);

/* The last event; all zero when there is none. */
NODISCARD enum status journal_head(struct ctx *cx, struct journal_link *out);

/* An event as it is stored. */
struct journal_record {
    int64_t seq;
    int64_t time_us;
    str     id;
    str     kind; /* text: a store may hold kinds this program does not know */
    str     actor;
    str     purpose;
    str     subject;
    str     details; /* canonical JSON */
    str     previous;
    str     hash;
};

/* Zero means no restriction. */
struct journal_filter {
    str     kind;       /* exact text                                 */
    str     subject;    /* exact, or everything below it when         */
    bool    is_prefix;  /* … set: "sales" finds "sales.orders" too    */
    str     actor;      /* exact                                      */
    int64_t since_us;   /* at or after                                */
    int64_t until_us;   /* before                                     */
    int64_t before_seq; /* cursor: the next_cursor of the last page   */
    size_t  limit;      /* 0 = JOURNAL_LIST_USUAL; at most JOURNAL_LIST_MAX */
};

struct journal_page {
    struct journal_record *items; /* newest first, in cx->arena */
    size_t                 count;
    int64_t                next_cursor; /* 0 = this was the last page */
};

NODISCARD enum status journal_list(struct ctx *cx, const struct journal_filter *filter,
                                   struct journal_page *out);

/* One event; ST_NOT_FOUND. */
NODISCARD enum status journal_get(struct ctx *cx, int64_t seq, struct journal_record *out);

/* The outcome of walking a chain. */
struct journal_report {
    int64_t count;      /* links that were looked at and are whole     */
    int64_t broken_seq; /* the first that is not; 0 = all are          */
    str     what;       /* what is wrong there, and what that means    */
    str     head;       /* hash of the last whole link                 */
};

/*
 * Walks all events from the first and names the first broken link: ST_CORRUPT, and `out` tells
 * where (set on success and on ST_CORRUPT). `anchor` (NULL = none) is a link that somebody kept:
 * the chain must contain it. O(events).
 */
NODISCARD enum status journal_verify(struct ctx *cx, const struct journal_link *anchor,
                                     struct journal_report *out);

/* The schema of this module, for db_migrate. */
struct db_module journal_schema(void);

#endif
