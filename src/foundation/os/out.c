/*
 * out.c - files that appear whole: a temporary name, a sync, one rename, a sync of the folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "os/dir.h"
#include "os/file.h"
#include "os/os_int.h"

#define TEMP_PREFIX ".weft-"
#define TEMP_SUFFIX ".tmp"

enum {
    NO_FD        = -1,
    TEMP_TRIES   = 8, /* another process has taken the name by chance (or a test's fixed random) */
    TEMP_RANDOM  = 8, /* bytes */
    DEFAULT_MODE = 0644,
};

struct os_out {
    int            fd;
    bool           has_temp; /* the temporary file is there */
    enum os_target target;
    str            path;
    char          *temp;
    char          *final;
};

bool os_is_temp_name(str name)
{
    return str_starts(name, S(TEMP_PREFIX)) && str_ends(name, S(TEMP_SUFFIX)) &&
           name.len == sizeof TEMP_PREFIX - 1 + 2 * (size_t)TEMP_RANDOM + sizeof TEMP_SUFFIX - 1;
}

static char *temp_name(struct ctx *cx, str folder)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t           random[TEMP_RANDOM];
    char              text[2 * TEMP_RANDOM + 1] = { 0 };
    str               name;

    cx->env->random(cx->env, random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        text[2 * i]     = hex[random[i] >> 4];
        text[2 * i + 1] = hex[random[i] & 15U];
    }
    name = arena_printf(cx->arena, TEMP_PREFIX "%s" TEMP_SUFFIX, text);
    return arena_cstr(cx->arena, os_path_join(cx->arena, folder, name));
}

static void close_deferred(void *arg)
{
    os_out_close(arg);
}

/* What is replaced: its real path, so that a link stays a link, and its mode. */
static enum status look_at_target(struct ctx *cx, str *path, unsigned *mode)
{
    struct os_info info;
    enum status    st = os_file_info(cx, *path, OS_FOLLOW, &info);

    if (st == ST_NOT_FOUND) {
        *mode = *mode != 0 ? *mode : DEFAULT_MODE;
        return ST_OK;
    }
    TRY(st);
    if (info.kind != OS_KIND_FILE) {
        return FAIL(cx, INVALID, "could not replace \"" STR_FMT "\": it is not a regular file",
                    STR_ARG(*path));
    }
    *mode = *mode != 0 ? *mode : info.mode & 0777U;
    return os_file_real(cx, *path, path);
}

static enum status open_temp(struct ctx *cx, struct os_out *o, str folder, unsigned mode)
{
    struct sys_path p;
    int             error = EEXIST;

    for (int i = 0; i < TEMP_TRIES && error == EEXIST; i++) {
        o->temp = temp_name(cx, folder);
        TRY(sys_path(cx, str_of(o->temp), &p));
        error = sys_open(p.text, O_WRONLY | O_CREAT | O_EXCL, (mode_t)mode, &o->fd);
    }
    if (error != 0) {
        return OS_FAIL(cx, "create", o->path, error);
    }
    o->has_temp = true;
    return ST_OK;
}

enum status os_out_open(struct ctx *cx, const struct os_out_options *options, struct os_out **out)
{
    str             path = options->path;
    unsigned        mode = options->mode;
    struct os_out  *o    = ARENA_NEW(cx->arena, struct os_out);
    struct sys_path p;
    str             folder;

    TRY(sys_path(cx, path, &p));
    if (options->target == OS_REPLACE) {
        TRY(look_at_target(cx, &path, &mode));
    }
    o->fd     = NO_FD;
    o->target = options->target;
    o->path   = arena_dup(cx->arena, path);
    o->final  = arena_cstr(cx->arena, path);
    folder    = options->temp_dir.len > 0 ? options->temp_dir : os_path_parent(path);
    TRY(open_temp(cx, o, folder, mode != 0 ? mode : DEFAULT_MODE));
    arena_defer(cx->arena, close_deferred, o);
    *out = o;
    return ST_OK;
}

enum status os_out_write(struct ctx *cx, struct os_out *o, str bytes)
{
    int error = sys_write_all(o->fd, bytes.ptr, bytes.len);

    return error == 0 ? ST_OK : OS_FAIL(cx, "write", o->path, error);
}

enum status os_out_commit(struct ctx *cx, struct os_out *o)
{
    int         error = sys_sync(o->fd);
    enum status st;

    if (error != 0) {
        return OS_FAIL(cx, "sync", o->path, error);
    }
    sys_close(o->fd);
    o->fd = NO_FD;
    error = o->target == OS_NEW ? sys_rename_new(o->temp, o->final) : sys_rename(o->temp, o->final);
    if (error != 0) {
        return OS_FAIL(cx, "create", o->path, error);
    }
    o->has_temp = false;
    st          = os_dir_sync(cx, os_path_parent(o->path));
    if (st != ST_OK) {
        return err_add(cx->err, "; \"" STR_FMT "\" is there, but a power loss may take it",
                       STR_ARG(o->path));
    }
    return ST_OK;
}

void os_out_close(struct os_out *o)
{
    if (!o) {
        return;
    }
    sys_close(o->fd);
    o->fd = NO_FD;
    if (o->has_temp) {
        (void)sys_unlink(o->temp); /* what stays is swept by its name: os_is_temp_name */
        o->has_temp = false;
    }
}

enum status os_file_put(struct ctx *cx, str path, str bytes, enum os_target target, unsigned mode)
{
    struct os_out_options options = { .path = path, .target = target, .mode = mode };
    struct os_out        *o;
    enum status           st;

    TRY(os_out_open(cx, &options, &o));
    st = os_out_write(cx, o, bytes);
    if (st == ST_OK) {
        st = os_out_commit(cx, o);
    }
    os_out_close(o);
    return st;
}
