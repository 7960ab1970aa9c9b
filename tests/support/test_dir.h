/*
 * test_dir.h - a context with the real clock, and a private folder that goes with it.
 *
 *     struct test_dir d;
 *     struct ctx     *cx = test_dir_init(&d);
 *     … test_dir_path(&d, "a/b.csv") …
 *     test_dir_release(&d);
 */
#ifndef SUPPORT_TEST_DIR_H
#define SUPPORT_TEST_DIR_H

#include "os/clock.h"
#include "os/dir.h"
#include "os/proc.h"

struct test_dir {
    struct err err;
    struct ctx cx;
    str        path; /* absolute, without links */
};

static inline struct ctx *test_dir_init(struct test_dir *d)
{
    str parent = S("/tmp"), made;

    *d          = (struct test_dir){ 0 };
    d->cx.arena = arena_new("test", 256U << 20);
    d->cx.err   = &d->err;
    d->cx.env   = os_env();
    (void)os_env_get(S("TMPDIR"), &parent);
    if (os_dir_make_temp(&d->cx, parent, S("weft-test-"), &made) != ST_OK ||
        os_file_real(&d->cx, made, &d->path) != ST_OK) {
        BUG(d->err.text);
    }
    return &d->cx;
}

static inline str test_dir_path(struct test_dir *d, const char *name)
{
    return os_path_join(d->cx.arena, d->path, str_of(name));
}

static inline void test_dir_release(struct test_dir *d)
{
    if (os_dir_remove_all(&d->cx, d->path) != ST_OK) {
        BUG(d->err.text);
    }
    arena_free(d->cx.arena);
}

/* Writes a file, making its folders. */
static inline void test_dir_write(struct test_dir *d, const char *name, str bytes)
{
    struct os_out_options o = { .path = test_dir_path(d, name), .target = OS_REPLACE };
    struct os_out        *out;

    if (os_dir_make_all(&d->cx, os_path_parent(o.path), 0755) != ST_OK ||
        os_out_open(&d->cx, &o, &out) != ST_OK || os_out_write(&d->cx, out, bytes) != ST_OK ||
        os_out_commit(&d->cx, out) != ST_OK) {
        BUG(d->err.text);
    }
}

#endif
