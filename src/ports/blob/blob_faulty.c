/*
 * blob_faulty.c - one counter in front of another store.
 */
#include "blob/blob_faulty.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

struct blob_faulty {
    struct blob       base;
    struct blob      *inner;
    struct blob_fault fault;
    _Atomic uint64_t  calls;
};

static const struct blob_ops blob_faulty_ops;

static struct blob_faulty *faulty_of(struct blob *b)
{
    assert(b->ops == &blob_faulty_ops);
    return container_of(b, struct blob_faulty, base);
}

/* Counts one call; true when it is to fail. */
static bool counts_out(struct blob_faulty *f)
{
    uint64_t n = atomic_fetch_add(&f->calls, 1) + 1;

    if (f->fault.at == 0 || n < f->fault.at) {
        return false;
    }
    return n == f->fault.at || f->fault.mode == BLOB_FAULT_FOREVER;
}

static enum status fail(const struct blob_faulty *f, struct ctx *cx)
{
    enum status st = f->fault.status == ST_OK ? ST_UNAVAILABLE : f->fault.status;

    return err_set(cx->err, st, __FILE__, __LINE__, "the store failed on purpose");
}

/* Begins a call: the delay, then the failure that keeps it from the inner store. */
static enum status begin(struct blob_faulty *f, struct ctx *cx, bool *fails_after)
{
    bool fails = counts_out(f);

    if (f->fault.delay_us > 0) {
        TRY(os_sleep(cx, f->fault.delay_us));
    }
    *fails_after = fails && f->fault.side == BLOB_FAULT_AFTER;
    return fails && !*fails_after ? fail(f, cx) : ST_OK;
}

/*
 * The body of each operation: `call` reaches the inner store as `i` and writes to a local; `keep`
 * hands that on, unless the answer is lost.
 */
#define FAULTY_CALL(b, cx, call, keep)                                                             \
    do {                                                                                           \
        struct blob_faulty *faulty_ = faulty_of(b);                                                \
        struct blob        *i       = faulty_->inner;                                              \
        bool                fails_after_;                                                          \
        TRY(begin(faulty_, (cx), &fails_after_));                                                  \
        TRY(call);                                                                                 \
        if (fails_after_) {                                                                        \
            return fail(faulty_, (cx));                                                            \
        }                                                                                          \
        keep;                                                                                      \
        return ST_OK;                                                                              \
    } while (0)

static enum status faulty_get_range(struct blob *b, struct ctx *cx, str key, uint64_t offset,
                                    size_t max, str *out)
{
    str got;

    FAULTY_CALL(b, cx, i->ops->get_range(i, cx, key, offset, max, &got), *out = got);
}

static enum status faulty_put(struct blob *b, struct ctx *cx, str key, struct blob_source *body)
{
    FAULTY_CALL(b, cx, i->ops->put(i, cx, key, body), (void)0);
}

static enum status faulty_stat(struct blob *b, struct ctx *cx, str key, struct blob_info *out)
{
    struct blob_info got;

    FAULTY_CALL(b, cx, i->ops->stat(i, cx, key, &got), *out = got);
}

static enum status faulty_list(struct blob *b, struct ctx *cx, str prefix, str after, size_t limit,
                               struct blob_page *out)
{
    struct blob_page got;

    FAULTY_CALL(b, cx, i->ops->list(i, cx, prefix, after, limit, &got), *out = got);
}

static enum status faulty_delete(struct blob *b, struct ctx *cx, str key)
{
    FAULTY_CALL(b, cx, i->ops->delete (i, cx, key), (void)0);
}

static enum status faulty_local_path(struct blob *b, struct ctx *cx, str key, str *out)
{
    str got;

    FAULTY_CALL(b, cx, i->ops->local_path(i, cx, key, &got), *out = got);
}

static enum status faulty_reserve(struct blob *b, struct ctx *cx, str key, str *out)
{
    str got;

    FAULTY_CALL(b, cx, i->ops->reserve(i, cx, key, &got), *out = got);
}

static enum status faulty_seal(struct blob *b, struct ctx *cx, const str *keys, size_t count,
                               struct blob_sum *out)
{
    struct blob_sum *got = arena_array(cx->arena, count, sizeof *got);

    FAULTY_CALL(b, cx, i->ops->seal(i, cx, keys, count, got),
                memcpy(out, got, count * sizeof *got));
}

static void faulty_close(struct blob *b)
{
    struct blob_faulty *f = faulty_of(b);

    blob_close(f->inner);
    free(f);
}

static const struct blob_ops blob_faulty_ops = {
    .name       = "faulty",
    .get_range  = faulty_get_range,
    .put        = faulty_put,
    .stat       = faulty_stat,
    .list       = faulty_list,
    .delete     = faulty_delete,
    .local_path = faulty_local_path,
    .reserve    = faulty_reserve,
    .seal       = faulty_seal,
    .close      = faulty_close,
};

struct blob *blob_faulty_take(struct blob *inner, struct blob_fault fault)
{
    struct blob_faulty *f = calloc(1, sizeof *f);

    if (!f) {
        BUG("out of memory for a faulty store");
    }
    f->base  = (struct blob){ &blob_faulty_ops, inner->caps };
    f->inner = inner;
    f->fault = fault;
    return &f->base;
}

void blob_faulty_set(struct blob *faulty, struct blob_fault fault)
{
    struct blob_faulty *f = faulty_of(faulty);

    f->fault = fault;
    atomic_store(&f->calls, 0);
}

uint64_t blob_faulty_calls(const struct blob *faulty)
{
    const struct blob_faulty *f = (const void *)faulty; /* the base is its first member */

    assert(faulty->ops == &blob_faulty_ops);
    return atomic_load(&f->calls);
}
