/*
 * blob.h - where the bytes of data products are kept.
 *
 * A blob store maps keys to immutable objects. Implementations: file (blob_file.h), memory
 * (blob_memory.h), and a decorator that fails on purpose (blob_faulty.h). Every function here
 * behaves the same on all of them; tests/conformance/blob_test.c says what "the same" is.
 *
 * Keys      1..BLOB_KEY_MAX bytes of UTF-8 without control characters, segments of 1..255 bytes
 *           separated by "/", none of them "." or ".."; the first one not BLOB_TEMP_SEGMENT. Others
 *           give ST_INVALID. A key cannot be the folder of another one: ST_CONFLICT.
 * Objects   an object is there as a whole or not at all, never changes, and is durable when put
 *           returns. A failed put leaves nothing (after ST_UNAVAILABLE from the last sync the
 *           object may be there: put again gives ST_CONFLICT, blob_stat tells).
 * Lifetime  a struct blob is heap memory with one owner, closed by blob_close.
 * Threads   any thread may call any function.
 * Errors    ST_NOT_FOUND, ST_CONFLICT (key exists), ST_LIMIT, ST_INVALID (key), ST_UNAVAILABLE,
 *           ST_DENIED, ST_UNSUPPORTED (see caps), and ctx_check's.
 */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include "base/ctx.h"
#include "codec/digest.h"

enum {
    BLOB_KEY_MAX     = 512,
    BLOB_SEGMENT_MAX = 255,
    BLOB_GET_MAX     = 64 << 20, /* bytes of one get or get_range */
    BLOB_LIST_MAX    = 1000,     /* keys of one page              */
};
#define BLOB_TEMP_SEGMENT ".weft-temp"

/* What not every implementation can; without it the function answers ST_UNSUPPORTED. */
enum blob_caps {
    BLOB_CAN_LOCAL = 1 << 0, /* blob_local_path, blob_reserve, blob_seal */
};

/* Where the bytes of a put come from: fills `to`, *got = 0 at the end. */
struct blob_source {
    enum status (*read)(struct blob_source *, struct ctx *, void *to, size_t cap, size_t *got);
};

struct blob_info {
    uint64_t size;
};

/* What an object holds; a receipt names both. */
struct blob_sum {
    uint64_t size;
    digest   sha256;
};

struct blob_item {
    str      key;
    uint64_t size;
};

struct blob_page {
    struct blob_item *items; /* in byte order of their keys */
    size_t            count;
    bool              has_more; /* then the next page starts after items[count - 1].key */
};

struct blob;

struct blob_ops {
    const char *name; /* "file", "memory", "faulty" */
    enum status (*get_range)(struct blob *, struct ctx *, str key, uint64_t offset, size_t max,
                             str *out);
    enum status (*put)(struct blob *, struct ctx *, str key, struct blob_source *body);
    enum status (*stat)(struct blob *, struct ctx *, str key, struct blob_info *out);
    enum status (*list)(struct blob *, struct ctx *, str prefix, str after, size_t limit,
                        struct blob_page *out);
    enum status (*delete)(struct blob *, struct ctx *, str key);
    enum status (*local_path)(struct blob *, struct ctx *, str key, str *out);
    enum status (*reserve)(struct blob *, struct ctx *, str key, str *out);
    enum status (*seal)(struct blob *, struct ctx *, const str *keys, size_t count,
                        struct blob_sum *out);
    void (*close)(struct blob *);
};

struct blob {
    const struct blob_ops *ops;
    unsigned               caps;
};

void     blob_close(struct blob *b); /* NULL is fine */
unsigned blob_caps(const struct blob *b);

/* ST_INVALID, saying which rule is broken, when `key` is not a key. */
NODISCARD enum status blob_key_check(struct ctx *cx, str key);

/*
 * Reads the whole object `key` into cx->arena. Meant for small objects (manifests); refuses objects
 * over BLOB_GET_MAX with ST_LIMIT.
 */
NODISCARD enum status blob_get(struct blob *b, struct ctx *cx, str key, str *out);

/*
 * Reads `len` bytes (at most BLOB_GET_MAX) from `offset`; fewer only where the object ends, none
 * from its end on.
 */
NODISCARD enum status blob_get_range(struct blob *b, struct ctx *cx, str key, uint64_t offset,
                                     size_t len, str *out);

/*
 * Puts a new object; ST_CONFLICT when the key exists. A body that fails, fails the put. *out gets
 * size and hash of what was written; NULL when nobody wants to know.
 */
NODISCARD enum status blob_put(struct blob *b, struct ctx *cx, str key, struct blob_source *body,
                               struct blob_sum *out);
NODISCARD enum status blob_put_bytes(struct blob *b, struct ctx *cx, str key, str bytes);
/* The body is a file; it must not change meanwhile (ST_CONFLICT, nothing put). */
NODISCARD enum status blob_put_file(struct blob *b, struct ctx *cx, str key, str path,
                                    struct blob_sum *out);

NODISCARD enum status blob_stat(struct blob *b, struct ctx *cx, str key, struct blob_info *out);
NODISCARD enum status blob_exists(struct blob *b, struct ctx *cx, str key, bool *out);

/*
 * One page of the objects whose key begins with `prefix` (any bytes) and comes after `after` (empty
 * = from the first), at most `limit` (0 = BLOB_LIST_MAX). Objects put or deleted meanwhile may or
 * may not be seen; all others are seen exactly once.
 */
NODISCARD enum status blob_list(struct blob *b, struct ctx *cx, str prefix, str after, size_t limit,
                                struct blob_page *out);

/* Deletes an object, durably; a missing one is fine. */
NODISCARD enum status blob_delete(struct blob *b, struct ctx *cx, str key);

/* --- objects that another writer makes in place (BLOB_CAN_LOCAL) --- */

/* The absolute path of the object's file, there or not, for reading. */
NODISCARD enum status blob_local_path(struct blob *b, struct ctx *cx, str key, str *out);

/*
 * The path where another writer (the query engine) shall make the object's file; its folders are
 * made. ST_CONFLICT when it exists. What it writes is no object until blob_seal; a key that the
 * caller never sealed is garbage, whatever its file holds.
 */
NODISCARD enum status blob_reserve(struct blob *b, struct ctx *cx, str key, str *out);

/*
 * Makes objects of `count` files that were written at their local paths: hashes each, makes it and
 * then every folder from it up to the store durable, and gives size and hash. ST_NOT_FOUND when a
 * file is missing, ST_CONFLICT when one changes meanwhile. After a failure seal all of them again.
 */
NODISCARD enum status blob_seal(struct blob *b, struct ctx *cx, const str *keys, size_t count,
                                struct blob_sum *out);

#endif
