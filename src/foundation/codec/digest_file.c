/*
 * digest_file.c - SHA-256 of files in pieces.
 */
#include "codec/digest_file.h"

#include "base/buf.h"

enum { PIECE = 1 << 20 };

enum status file_sum_of(struct ctx *cx, struct os_file *f, struct file_sum *out)
{
    CLEANUP(sha256_cleanup) struct sha256 *hash  = sha256_new();
    CLEANUP(buf_release) struct buf        room  = BUF_INIT(PIECE);
    char                                  *piece = buf_reserve(&room, PIECE);
    uint64_t                               size  = 0;
    size_t                                 got;

    do {
        TRY(ctx_check(cx));
        TRY(os_file_read_at(cx, f, size, piece, PIECE, &got));
        sha256_add(hash, (str){ piece, got });
        size += got;
    } while (got == PIECE);
    *out = (struct file_sum){ sha256_finish(hash), size };
    return ST_OK;
}

enum status file_sum_of_path(struct ctx *cx, str path, struct file_sum *out)
{
    struct os_file *f;
    enum status     st;

    TRY(os_file_open(cx, path, &f));
    st = file_sum_of(cx, f, out);
    os_file_close(f);
    return st;
}
