/*
 * secret.c - bytes in pages of their own: locked, not dumped, wiped.
 */
#include "os/secret.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/file.h"
#include "os/os_int.h"
#include "os/proc.h"

struct secret {
    char  *pages;
    size_t page_bytes;
    size_t len;
};

static void release(void *arg)
{
    struct secret *s = arg;

    explicit_bzero(s->pages, s->page_bytes);
    (void)munmap(s->pages, s->page_bytes);
    s->pages = NULL;
    s->len   = 0;
}

/* An empty secret with room for `size` bytes. */
static struct secret *make_room(struct arena *arena, size_t size)
{
    size_t         page = (size_t)sysconf(_SC_PAGESIZE);
    struct secret *s    = ARENA_NEW(arena, struct secret);
    void          *pages;

    assert(size <= SECRET_MAX + 2);
    s->page_bytes = (size / page + 1) * page;
    pages = mmap(NULL, s->page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        BUG("out of memory for a secret");
    }
    s->pages = pages;
    /* Both are the best this user may have: an unprivileged one can lock only so many pages. */
    (void)mlock(s->pages, s->page_bytes);
    (void)madvise(s->pages, s->page_bytes, MADV_DONTDUMP);
    arena_defer(arena, release, s);
    return s;
}

struct secret *secret_make(struct arena *arena, str bytes)
{
    struct secret *s;

    assert(bytes.len <= SECRET_MAX);
    s = make_room(arena, bytes.len);
    if (bytes.len > 0) {
        memcpy(s->pages, bytes.ptr, bytes.len);
    }
    s->len = bytes.len;
    return s;
}

str secret_reveal(const struct secret *s)
{
    return (str){ s->pages, s->len };
}

void secret_wipe(struct secret *s)
{
    explicit_bzero(s->pages, s->page_bytes);
    s->len = 0;
}

bool secret_eq(const struct secret *a, const struct secret *b)
{
    unsigned char differ = 0;

    if (a->len != b->len) {
        return false;
    }
    for (size_t i = 0; i < a->len; i++) {
        differ |= (unsigned char)((unsigned char)a->pages[i] ^ (unsigned char)b->pages[i]);
    }
    return differ == 0;
}

/* Forgets one line end. */
static void trim_line_end(struct secret *s)
{
    if (s->len > 0 && s->pages[s->len - 1] == '\n') {
        s->len--;
        if (s->len > 0 && s->pages[s->len - 1] == '\r') {
            s->len--;
        }
    }
}

enum status secret_from_env(struct ctx *cx, str name, struct secret **out)
{
    str value;

    if (!os_env_get(name, &value)) {
        return FAIL(cx, NOT_FOUND,
                    "the environment variable \"" STR_FMT "\", which holds a secret, is not set",
                    STR_ARG(name));
    }
    if (value.len == 0) {
        return FAIL(cx, INVALID,
                    "the environment variable \"" STR_FMT "\", which holds a secret, is empty",
                    STR_ARG(name));
    }
    if (value.len > SECRET_MAX) {
        return FAIL(cx, LIMIT, "the secret in \"" STR_FMT "\" has more than %d bytes",
                    STR_ARG(name), SECRET_MAX);
    }
    *out = secret_make(cx->arena, value);
    return ST_OK;
}

static enum status check_file(struct ctx *cx, str path, const struct os_info *info)
{
    struct sys_path p;
    struct stat     st;

    if ((info->mode & 077U) != 0) {
        return FAIL(cx, DENIED,
                    "the secret file \"" STR_FMT "\" has mode %04o, so others may read it; run "
                    "\"chmod 600 " STR_FMT "\"",
                    STR_ARG(path), info->mode, STR_ARG(path));
    }
    TRY(sys_path(cx, path, &p));
    if (!info->is_mine && (sys_stat(p.text, &st) != 0 || st.st_uid != 0)) {
        return FAIL(cx, DENIED,
                    "the secret file \"" STR_FMT "\" belongs to another user; run "
                    "\"chown %lu " STR_FMT "\"",
                    STR_ARG(path), (unsigned long)geteuid(), STR_ARG(path));
    }
    if (info->size > SECRET_MAX) {
        return FAIL(cx, LIMIT, "the secret file \"" STR_FMT "\" has more than %d bytes",
                    STR_ARG(path), SECRET_MAX);
    }
    return ST_OK;
}

/* Reads straight into the secret's own pages: no copy stays behind in an arena. */
static enum status read_file(struct ctx *cx, str path, struct os_file *f, struct secret **out)
{
    struct secret *s;
    struct os_info info;
    size_t         got;

    TRY(os_file_stat(cx, f, &info));
    TRY(check_file(cx, path, &info));
    s = make_room(cx->arena, SECRET_MAX + 1);
    TRY(os_file_read_at(cx, f, 0, s->pages, SECRET_MAX, &got));
    s->len = got;
    trim_line_end(s);
    if (s->len == 0) {
        return FAIL(cx, INVALID, "the secret file \"" STR_FMT "\" is empty", STR_ARG(path));
    }
    *out = s;
    return ST_OK;
}

enum status secret_from_file(struct ctx *cx, str path, struct secret **out)
{
    struct os_file *f;
    enum status     st;

    TRY(os_file_open(cx, path, &f));
    st = read_file(cx, path, f, out);
    os_file_close(f);
    return st;
}

static void wipe_buf(struct buf *b)
{
    if (b->ptr) {
        explicit_bzero(b->ptr, b->cap);
    }
    buf_release(b);
}

enum status secret_from_command(struct ctx *cx, const str *args, size_t count, struct secret **out)
{
    struct os_command            cmd    = { .args = args, .count = count };
    CLEANUP(wipe_buf) struct buf output = BUF_INIT(SECRET_MAX);
    CLEANUP(wipe_buf) struct buf errors = BUF_INIT(OS_RUN_ERRORS_MAX + 1);
    struct secret               *s;
    int                          code;

    (void)buf_reserve(&output, SECRET_MAX); /* at once: growing would leave copies behind */
    (void)buf_reserve(&errors, OS_RUN_ERRORS_MAX + 1);
    TRY(run_capture(cx, &cmd, &output, &errors, &code));
    if (code != 0) {
        return FAIL(cx, UNAVAILABLE,
                    "the command \"" STR_FMT "\", which gives a secret, ended with code %d",
                    STR_ARG(args[0]), code);
    }
    s = secret_make(cx->arena, buf_view(&output));
    trim_line_end(s);
    if (s->len == 0) {
        return FAIL(cx, INVALID, "the command \"" STR_FMT "\", which gives a secret, wrote nothing",
                    STR_ARG(args[0]));
    }
    *out = s;
    return ST_OK;
}
