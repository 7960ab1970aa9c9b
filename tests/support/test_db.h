/*
 * test_db.h - a private folder and stores in it, for tests of ports/db and of modules that use it.
 */
#ifndef SUPPORT_TEST_DB_H
#define SUPPORT_TEST_DB_H

#include "test.h"

#include "db/db.h"
#include "os/clock.h"
#include "os/dir.h"
#include "support/test_ctx.h"

struct test_db {
    struct test_ctx t;
    struct ctx     *cx;
    str             dir;
    str             path; /* dir/registry.db; nothing is there yet */
};

#define assert_ok(expr) assert_int_equal((expr), ST_OK)
#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        str actual_ = (actual), expected_ = (expected);                                            \
        assert_int_equal(actual_.len, expected_.len);                                              \
        assert_memory_equal(actual_.ptr, expected_.ptr, expected_.len);                            \
    } while (0)
#define assert_says(cx, words)                                                                     \
    do {                                                                                           \
        if (!str_has(err_text((cx)->err), str_of(words))) {                                        \
            fail_msg("the message \"%s\" does not say \"%s\"", (cx)->err->text, (words));          \
        }                                                                                          \
    } while (0)

static inline void test_db_init(struct test_db *f)
{
    f->cx        = test_ctx_init(&f->t, 7);
    f->cx->actor = S("tester");
    f->cx->env   = os_env(); /* its random: two tests may run at once */
    assert_ok(os_dir_make_temp(f->cx, S("/tmp"), S("weft-db-"), &f->dir));
    f->cx->env = &f->t.env;
    f->path    = os_path_join(f->cx->arena, f->dir, S("registry.db"));
}

static inline void test_db_release(struct test_db *f)
{
    assert_ok(os_dir_remove_all(f->cx, f->dir));
    test_ctx_release(&f->t);
}

static inline struct db *test_db_open(struct test_db *f, enum db_mode mode)
{
    struct db_options o  = { .path = f->path, .mode = mode };
    struct db        *db = NULL;

    if (db_open(f->cx, &o, &db) != ST_OK) {
        fail_msg("%s", f->t.err.text);
    }
    return db;
}

#endif
