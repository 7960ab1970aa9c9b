/*
 * blob.c - what holds for every store: keys, limits, sums; the implementations do the rest.
 */
#include "blob/blob.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "os/file.h"

void blob_close(struct blob *b)
{
    if (b) {
        b->ops->close(b);
    }
}

unsigned blob_caps(const struct blob *b)
{
    return b->caps;
}

static enum status refuse_key(struct ctx *cx, str key, const char *why)
{
    str shown = utf8_cut(key, 100);

    return FAIL(cx, INVALID, "\"" STR_FMT "\"%s is not a key of an object: %s", STR_ARG(shown),
                shown.len < key.len ? "..." : "", why);
}

static bool has_control(str key)
{
    for (size_t i = 0; i < key.len; i++) {
        unsigned char c = (unsigned char)key.ptr[i];

        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

enum status blob_key_check(struct ctx *cx, str key)
{
    str    rest = key, segment;
    size_t at;

    if (key.len == 0 || key.len > BLOB_KEY_MAX) {
        return FAIL(cx, INVALID,
                    "a key of %zu bytes is not a key of an object: 1 to %d bytes are "
                    "allowed",
                    key.len, BLOB_KEY_MAX);
    }
    if (has_control(key)) { /* before the key is shown anywhere */
        return FAIL(cx, INVALID, "a key of an object holds a control character");
    }
    if (!utf8_is_valid(key, &at)) {
        return FAIL(cx, INVALID, "a key of an object is not UTF-8 at byte %zu", at);
    }
    while (str_cut(&rest, '/', &segment)) {
        if (segment.len == 0) {
            return refuse_key(cx, key, "it has an empty segment");
        }
        if (segment.len > BLOB_SEGMENT_MAX) {
            return refuse_key(cx, key, "a segment has more than 255 bytes");
        }
        if (str_eq(segment, S(".")) || str_eq(segment, S(".."))) {
            return refuse_key(cx, key, "\".\" and \"..\" are not allowed in it");
        }
    }
    if (str_eq(key, S(BLOB_TEMP_SEGMENT)) || str_starts(key, S(BLOB_TEMP_SEGMENT "/"))) {
        return refuse_key(cx, key, "\"" BLOB_TEMP_SEGMENT "\" is reserved");
    }
    return ST_OK;
}

/* What every call on one key begins with. */
static enum status begin(struct ctx *cx, str key)
{
    TRY(ctx_check(cx));
    return blob_key_check(cx, key);
}

static enum status need_local(const struct blob *b, struct ctx *cx)
{
    if ((b->caps & (unsigned)BLOB_CAN_LOCAL) == 0) {
        return FAIL(cx, UNSUPPORTED, "a %s store has no local files", b->ops->name);
    }
    return ST_OK;
}

enum status blob_get(struct blob *b, struct ctx *cx, str key, str *out)
{
    struct blob_info info;

    TRY(begin(cx, key));
    TRY(b->ops->stat(b, cx, key, &info));
    if (info.size > BLOB_GET_MAX) {
        return FAIL(cx, LIMIT, "object \"" STR_FMT "\" has more than %d bytes; read it in parts",
                    STR_ARG(key), BLOB_GET_MAX);
    }
    return b->ops->get_range(b, cx, key, 0, (size_t)info.size, out);
}

enum status blob_get_range(struct blob *b, struct ctx *cx, str key, uint64_t offset, size_t len,
                           str *out)
{
    TRY(begin(cx, key));
    if (len > BLOB_GET_MAX) {
        return FAIL(cx, LIMIT,
                    "a range of %zu bytes of object \"" STR_FMT "\" is over the limit "
                    "of %d",
                    len, STR_ARG(key), BLOB_GET_MAX);
    }
    return b->ops->get_range(b, cx, key, offset, len, out);
}

/* Passes a body on and sums up what went through. */
struct summing_source {
    struct blob_source  base;
    struct blob_source *inner;
    struct sha256      *hash;
    uint64_t            size;
};

static enum status summing_read(struct blob_source *s, struct ctx *cx, void *to, size_t cap,
                                size_t *got)
{
    struct summing_source *sum = container_of(s, struct summing_source, base);
    size_t                 n   = 0;

    TRY(ctx_check(cx));
    TRY(sum->inner->read(sum->inner, cx, to, cap, &n));
    assert(n <= cap);
    if (sum->hash) {
        sha256_add(sum->hash, (str){ to, n });
    }
    sum->size += n;
    *got = n;
    return ST_OK;
}

enum status blob_put(struct blob *b, struct ctx *cx, str key, struct blob_source *body,
                     struct blob_sum *out)
{
    CLEANUP(sha256_cleanup) struct sha256 *hash = out ? sha256_new() : NULL;
    struct summing_source sum = { .base.read = summing_read, .inner = body, .hash = hash };

    TRY(begin(cx, key));
    TRY(b->ops->put(b, cx, key, &sum.base));
    if (out) {
        *out = (struct blob_sum){ sum.size, sha256_finish(hash) };
    }
    return ST_OK;
}

struct bytes_source {
    struct blob_source base;
    str                rest;
};

static enum status bytes_read(struct blob_source *s, struct ctx *cx, void *to, size_t cap,
                              size_t *got)
{
    struct bytes_source *bytes = container_of(s, struct bytes_source, base);
    str                  piece = str_sub(bytes->rest, 0, cap);

    (void)cx;
    if (piece.len > 0) {
        memcpy(to, piece.ptr, piece.len);
    }
    bytes->rest = str_from(bytes->rest, piece.len);
    *got        = piece.len;
    return ST_OK;
}

enum status blob_put_bytes(struct blob *b, struct ctx *cx, str key, str bytes)
{
    struct bytes_source source = { { bytes_read }, bytes };

    return blob_put(b, cx, key, &source.base, NULL);
}

/* A file as a body; at its end it must be what it was at its start. */
struct file_source {
    struct blob_source base;
    struct os_file    *file;
    str                path;
    struct os_info     before;
    uint64_t           offset;
};

static enum status check_unchanged(struct ctx *cx, struct file_source *f)
{
    struct os_info now;

    TRY(os_file_stat(cx, f->file, &now));
    if (f->offset != f->before.size || now.size != f->before.size ||
        now.mtime_us != f->before.mtime_us) {
        return FAIL(cx, CONFLICT,
                    "\"" STR_FMT "\" was changed while it was read; run it again when nobody "
                    "writes it",
                    STR_ARG(f->path));
    }
    return ST_OK;
}

static enum status file_read(struct blob_source *s, struct ctx *cx, void *to, size_t cap,
                             size_t *got)
{
    struct file_source *f = container_of(s, struct file_source, base);
    size_t              n = 0;

    TRY(os_file_read_at(cx, f->file, f->offset, to, cap, &n));
    f->offset += n;
    if (n < cap) {
        TRY(check_unchanged(cx, f));
    }
    *got = n;
    return ST_OK;
}

enum status blob_put_file(struct blob *b, struct ctx *cx, str key, str path, struct blob_sum *out)
{
    struct file_source source = { .base.read = file_read, .path = path };
    enum status        st;

    TRY(begin(cx, key));
    TRY(os_file_open(cx, path, &source.file));
    st = os_file_stat(cx, source.file, &source.before);
    if (st == ST_OK) {
        st = blob_put(b, cx, key, &source.base, out);
    }
    os_file_close(source.file);
    return st;
}

enum status blob_stat(struct blob *b, struct ctx *cx, str key, struct blob_info *out)
{
    TRY(begin(cx, key));
    return b->ops->stat(b, cx, key, out);
}

enum status blob_exists(struct blob *b, struct ctx *cx, str key, bool *out)
{
    struct blob_info info;
    enum status      st = blob_stat(b, cx, key, &info);

    if (st != ST_OK && st != ST_NOT_FOUND) {
        return st;
    }
    *out = st == ST_OK;
    return ST_OK;
}

enum status blob_list(struct blob *b, struct ctx *cx, str prefix, str after, size_t limit,
                      struct blob_page *out)
{
    TRY(ctx_check(cx));
    if (limit == 0 || limit > BLOB_LIST_MAX) {
        limit = BLOB_LIST_MAX;
    }
    return b->ops->list(b, cx, prefix, after, limit, out);
}

enum status blob_delete(struct blob *b, struct ctx *cx, str key)
{
    TRY(begin(cx, key));
    return b->ops->delete (b, cx, key);
}

enum status blob_local_path(struct blob *b, struct ctx *cx, str key, str *out)
{
    TRY(begin(cx, key));
    TRY(need_local(b, cx));
    return b->ops->local_path(b, cx, key, out);
}

enum status blob_reserve(struct blob *b, struct ctx *cx, str key, str *out)
{
    TRY(begin(cx, key));
    TRY(need_local(b, cx));
    return b->ops->reserve(b, cx, key, out);
}

enum status blob_seal(struct blob *b, struct ctx *cx, const str *keys, size_t count,
                      struct blob_sum *out)
{
    TRY(need_local(b, cx));
    for (size_t i = 0; i < count; i++) {
        TRY(begin(cx, keys[i]));
    }
    return b->ops->seal(b, cx, keys, count, out);
}
