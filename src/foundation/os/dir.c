/*
 * dir.c - folders one at a time: make, sync, list, space.
 */
#include "os/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/os_int.h"

enum { TEMP_TRIES = 8 };

enum status os_dir_make(struct ctx *cx, str path, unsigned mode)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_mkdir(p.text, (mode_t)mode);
    return error == 0 ? ST_OK : OS_FAIL(cx, "create folder", path, error);
}

/* ST_OK when `path` is a folder, or a link to one. */
static enum status check_is_folder(struct ctx *cx, str path)
{
    struct os_info info;

    TRY(os_file_info(cx, path, OS_FOLLOW, &info));
    if (info.kind != OS_KIND_FOLDER) {
        return FAIL(cx, CONFLICT,
                    "could not create folder \"" STR_FMT "\": a file has this name already",
                    STR_ARG(path));
    }
    return ST_OK;
}

/*
 * Makes one folder and its name durable. Another process may make it at the same time: then its
 * name may not be durable yet, so the parent is synced in that case too.
 */
static enum status make_durable(struct ctx *cx, str path, unsigned mode)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_mkdir(p.text, (mode_t)mode);
    if (error == EEXIST) {
        TRY(check_is_folder(cx, path));
    } else if (error != 0) {
        return OS_FAIL(cx, "create folder", path, error);
    }
    return os_dir_sync(cx, os_path_parent(path));
}

enum status os_dir_make_all(struct ctx *cx, str path, unsigned mode)
{
    VEC(str) missing = { 0 };
    struct os_info info;
    enum status    st;

    path = os_path_clean(cx->arena, path);
    while ((st = os_file_info(cx, path, OS_FOLLOW, &info)) == ST_NOT_FOUND) {
        if (missing.count > 0 && str_eq(os_path_parent(path), path)) {
            return st;
        }
        vec_push(cx->arena, &missing, path);
        path = os_path_parent(path);
    }
    TRY(st);
    if (info.kind != OS_KIND_FOLDER) {
        return check_is_folder(cx, path);
    }
    while (missing.count > 0) {
        TRY(make_durable(cx, missing.items[--missing.count], mode));
    }
    return ST_OK;
}

enum status os_dir_make_temp(struct ctx *cx, str parent, str prefix, str *out)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuv";
    enum status       st        = ST_CONFLICT;
    uint8_t           random[12];
    char              text[sizeof random + 1] = { 0 };
    str               path                    = STR_NONE;

    for (int i = 0; i < TEMP_TRIES && st == ST_CONFLICT; i++) {
        cx->env->random(cx->env, random, sizeof random);
        for (size_t k = 0; k < sizeof random; k++) {
            text[k] = letters[random[k] & 31U];
        }
        path = os_path_join(cx->arena, parent, arena_concat(cx->arena, prefix, str_of(text)));
        st   = os_dir_make(cx, path, 0700);
    }
    TRY(st);
    *out = path;
    return ST_OK;
}

enum status os_dir_sync(struct ctx *cx, str path)
{
    struct sys_path p;
    int             fd, error;

    TRY(sys_path(cx, path, &p));
    error = sys_open(p.text, O_RDONLY | O_DIRECTORY, 0, &fd);
    if (error == 0) {
        error = sys_sync(fd);
        sys_close(fd);
    }
    return error == 0 ? ST_OK : OS_FAIL(cx, "sync folder", path, error);
}

enum status os_dir_sync_up(struct ctx *cx, str path, str top)
{
    if (!os_path_is_below(path, top)) {
        return FAIL(cx, INVALID, "\"" STR_FMT "\" is not below \"" STR_FMT "\"", STR_ARG(path),
                    STR_ARG(top));
    }
    for (;;) {
        TRY(os_dir_sync(cx, path));
        if (path.len <= top.len) {
            return ST_OK;
        }
        path = os_path_parent(path);
    }
}

static enum os_kind kind_of_entry(int dir, const struct dirent *e)
{
    struct stat st;

    switch (e->d_type) {
    case DT_REG: return OS_KIND_FILE;
    case DT_DIR: return OS_KIND_FOLDER;
    case DT_LNK: return OS_KIND_LINK;
    case DT_UNKNOWN: /* some file systems do not tell */ break;
    default: return OS_KIND_OTHER;
    }
    if (sys_lstat_at(dir, e->d_name, &st) != 0) {
        return OS_KIND_OTHER;
    }
    if (S_ISDIR(st.st_mode)) {
        return OS_KIND_FOLDER;
    }
    return S_ISREG(st.st_mode) ? OS_KIND_FILE : S_ISLNK(st.st_mode) ? OS_KIND_LINK : OS_KIND_OTHER;
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct os_entry *)a)->path, ((const struct os_entry *)b)->path);
}

/* Reads all of an open folder; `path` is for messages. */
static enum status read_entries(struct ctx *cx, DIR *dir, str path, size_t max,
                                struct os_entries *out)
{
    struct dirent *e;
    int            error;

    while ((error = sys_list_next(dir, &e)) == 0 && e) {
        str name = str_of(e->d_name);

        if (str_eq(name, S(".")) || str_eq(name, S(".."))) {
            continue;
        }
        if (out->list.count == max) {
            return FAIL(cx, LIMIT, "the folder \"" STR_FMT "\" has more than %zu entries",
                        STR_ARG(path), max);
        }
        vec_push(cx->arena, &out->list,
                 (struct os_entry){ arena_dup(cx->arena, name), kind_of_entry(dirfd(dir), e) });
        if (out->list.count % 1024 == 0) {
            TRY(ctx_check(cx));
        }
    }
    return error == 0 ? ST_OK : OS_FAIL(cx, "list", path, error);
}

enum status os_dir_list(struct ctx *cx, str path, size_t max, struct os_entries *out)
{
    struct os_entries found = { 0 };
    struct sys_path   p;
    enum status       st;
    DIR              *dir;
    int               fd, error;

    TRY(sys_path(cx, path, &p));
    error = sys_open(p.text, O_RDONLY | O_DIRECTORY, 0, &fd);
    if (error == 0) {
        error = sys_list_open(fd, &dir);
        if (error != 0) {
            sys_close(fd);
        }
    }
    if (error != 0) {
        return OS_FAIL(cx, "list", path, error);
    }
    st = read_entries(cx, dir, path, max, &found);
    (void)closedir(dir);
    TRY(st);
    if (found.list.count > 0) {
        qsort(found.list.items, found.list.count, sizeof *found.list.items, compare_entries);
    }
    *out = found;
    return ST_OK;
}

enum status os_dir_remove(struct ctx *cx, str path)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_rmdir(p.text);
    return error == 0 ? ST_OK : OS_FAIL(cx, "remove folder", path, error);
}

enum status os_dir_space(struct ctx *cx, str path, uint64_t *out)
{
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    error = sys_space(p.text, out);
    return error == 0 ? ST_OK : OS_FAIL(cx, "ask for the free space of", path, error);
}

enum status os_dir_current(struct ctx *cx, str *out)
{
    return os_file_real(cx, S("."), out);
}
