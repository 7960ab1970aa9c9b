/*
 * blob_file.c - objects as files.
 */
#include "blob/blob_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "codec/digest_file.h"
#include "os/dir.h"

enum {
    FOLDER_MODE    = 0755,
    OBJECT_MODE    = 0644,
    PIECE          = 1 << 20, /* bytes moved at once */
    FOLDER_MAX     = 1000000, /* entries of one folder */
    TEMP_FILES_MAX = 10000,
};

struct blob_file {
    struct blob base;
    str         root; /* absolute, without links; its bytes follow the struct */
    char        text[];
};

static const struct blob_ops blob_file_ops;

static struct blob_file *file_of(struct blob *b)
{
    assert(b->ops == &blob_file_ops);
    return container_of(b, struct blob_file, base);
}

static str path_of(struct blob *b, struct ctx *cx, str key)
{
    return os_path_join(cx->arena, file_of(b)->root, key);
}

static str temp_dir(struct blob *b, struct ctx *cx)
{
    return path_of(b, cx, S(BLOB_TEMP_SEGMENT));
}

static enum status fail_missing(struct ctx *cx, str key)
{
    return FAIL(cx, NOT_FOUND, "object \"" STR_FMT "\" does not exist", STR_ARG(key));
}

static enum status fail_exists(struct ctx *cx, str key)
{
    return FAIL(cx, CONFLICT, "object \"" STR_FMT "\" exists already", STR_ARG(key));
}

/* A folder or a link under an object's name is no object. */
static enum status check_object(struct blob *b, struct ctx *cx, str key, struct os_info *out)
{
    struct os_info info;
    enum status    st = os_file_info(cx, path_of(b, cx, key), OS_NO_FOLLOW, &info);

    if (st == ST_NOT_FOUND || (st == ST_OK && info.kind != OS_KIND_FILE)) {
        return fail_missing(cx, key);
    }
    TRY(st);
    *out = info;
    return ST_OK;
}

static enum status read_range(struct ctx *cx, struct os_file *f, uint64_t offset, size_t max,
                              str *out)
{
    struct os_info info;
    uint64_t       left;
    size_t         got;
    char          *bytes;

    TRY(os_file_stat(cx, f, &info));
    left  = offset < info.size ? info.size - offset : 0;
    max   = left < max ? (size_t)left : max;
    bytes = arena_alloc(cx->arena, max);
    TRY(ctx_check(cx));
    TRY(os_file_read_at(cx, f, offset, bytes, max, &got));
    *out = (str){ bytes, got };
    return ST_OK;
}

static enum status file_get_range(struct blob *b, struct ctx *cx, str key, uint64_t offset,
                                  size_t max, str *out)
{
    struct os_info  info;
    struct os_file *f;
    enum status     st;

    TRY(check_object(b, cx, key, &info));
    st = os_file_open(cx, path_of(b, cx, key), &f);
    if (st == ST_NOT_FOUND) {
        return fail_missing(cx, key);
    }
    TRY(st);
    st = read_range(cx, f, offset, max, out);
    os_file_close(f);
    return st;
}

/* Makes the folders of a key; ST_CONFLICT when an object is in the way. */
static enum status make_folders(struct blob *b, struct ctx *cx, str key)
{
    str         folder = os_path_parent(path_of(b, cx, key));
    enum status st     = os_dir_make_all(cx, folder, FOLDER_MODE);

    if (st == ST_CONFLICT || st == ST_NOT_FOUND) {
        return FAIL(cx, CONFLICT,
                    "object \"" STR_FMT "\" cannot be made: a part of its key is an "
                    "object itself",
                    STR_ARG(key));
    }
    return st;
}

/* ST_CONFLICT when anything has the name of `key`. */
static enum status check_free(struct blob *b, struct ctx *cx, str key)
{
    bool is_there;

    TRY(os_file_exists(cx, path_of(b, cx, key), &is_there));
    return is_there ? fail_exists(cx, key) : ST_OK;
}

/*
 * Makes the names of objects durable: syncs each folder from those of the keys up to the one that
 * holds the root, once. All of them, for a folder that is there need not be durable: whoever made
 * it may have been killed before its sync.
 */
static enum status sync_folders(struct blob *b, struct ctx *cx, const str *keys, size_t count)
{
    struct blob_file *store = file_of(b);
    struct map        done  = { 0 };

    for (size_t i = 0; i < count; i++) {
        str folder = os_path_parent(path_of(b, cx, keys[i]));

        while (!map_has(&done, folder)) {
            TRY(os_dir_sync(cx, folder));
            (void)map_put(&done, cx->arena, folder, store);
            if (folder.len < store->root.len) {
                break;
            }
            folder = os_path_parent(folder);
        }
    }
    return ST_OK;
}

/*
 * ST_CONFLICT, once the object that is there is durable: it may be what a killed put left before
 * its last sync, and a caller may take the conflict for "it is done already".
 */
static enum status answer_exists(struct blob *b, struct ctx *cx, str key)
{
    TRY(sync_folders(b, cx, &key, 1));
    return fail_exists(cx, key);
}

static enum status copy_body(struct ctx *cx, struct blob_source *body, struct os_out *o)
{
    CLEANUP(buf_release) struct buf room  = BUF_INIT(PIECE);
    char                           *piece = buf_reserve(&room, PIECE);
    size_t                          got;

    do {
        TRY(body->read(body, cx, piece, PIECE, &got));
        TRY(os_out_write(cx, o, (str){ piece, got }));
    } while (got > 0);
    return ST_OK;
}

static enum status file_put(struct blob *b, struct ctx *cx, str key, struct blob_source *body)
{
    struct os_out_options options = { .path     = path_of(b, cx, key),
                                      .target   = OS_NEW,
                                      .mode     = OBJECT_MODE,
                                      .temp_dir = temp_dir(b, cx) };
    struct os_out        *o;
    enum status           st;

    st = check_free(b, cx, key);
    if (st == ST_CONFLICT) {
        return answer_exists(b, cx, key);
    }
    TRY(st);
    TRY(make_folders(b, cx, key));
    TRY(os_dir_make_all(cx, options.temp_dir, FOLDER_MODE));
    TRY(os_out_open(cx, &options, &o));
    st = copy_body(cx, body, o);
    if (st == ST_OK) {
        st = os_out_commit(cx, o);
        if (st == ST_CONFLICT) { /* another writer was faster */
            st = answer_exists(b, cx, key);
        }
    }
    os_out_close(o);
    TRY(st);
    return sync_folders(b, cx, &key, 1);
}

static enum status file_stat(struct blob *b, struct ctx *cx, str key, struct blob_info *out)
{
    struct os_info info;

    TRY(check_object(b, cx, key, &info));
    *out = (struct blob_info){ info.size };
    return ST_OK;
}

/* --- listing --- */

struct listing {
    struct blob_file *store;
    str               prefix, after;
    size_t            limit;
    VEC(struct blob_item) found;
    bool has_more;
};

/* A folder sorts as the keys in it do: with a slash at its end. */
static str sort_name(struct arena *a, const struct os_entry *e)
{
    return e->kind == OS_KIND_FOLDER ? arena_concat(a, e->path, S("/")) : e->path;
}

static int compare_paths(const void *a, const void *b)
{
    return str_cmp(((const struct os_entry *)a)->path, ((const struct os_entry *)b)->path);
}

/* Whether keys that begin with `folder` (with its slash) can be among those asked for. */
static bool can_hold(const struct listing *l, str folder)
{
    if (!str_starts(folder, l->prefix) && !str_starts(l->prefix, folder)) {
        return false;
    }
    return str_cmp(folder, l->after) > 0 || str_starts(l->after, folder);
}

static enum status list_object(struct ctx *cx, struct listing *l, str key)
{
    struct os_info info;
    enum status    st;

    if (!str_starts(key, l->prefix) || str_cmp(key, l->after) <= 0) {
        return ST_OK;
    }
    if (l->found.count == l->limit) {
        l->has_more = true;
        return ST_OK;
    }
    st = os_file_info(cx, os_path_join(cx->arena, l->store->root, key), OS_NO_FOLLOW, &info);
    if (st == ST_NOT_FOUND) {
        return ST_OK; /* deleted meanwhile */
    }
    TRY(st);
    vec_push(cx->arena, &l->found, (struct blob_item){ key, info.size });
    return ST_OK;
}

/*
 * Adds the keys below `folder` ("" or with a slash at its end) in byte order until the page is full
 * and one more was seen. The depth is that of a key: at most BLOB_KEY_MAX / 2.
 */
static enum status list_folder(struct ctx *cx, struct listing *l, str folder)
{
    struct os_entries entries;
    str               path = os_path_join(cx->arena, l->store->root, folder);
    enum status       st   = os_dir_list(cx, path, FOLDER_MAX, &entries);

    TRY(ctx_check(cx));
    if (st == ST_NOT_FOUND && folder.len > 0) {
        return ST_OK; /* removed meanwhile */
    }
    TRY(st);
    for (size_t i = 0; i < entries.list.count; i++) {
        entries.list.items[i].path = sort_name(cx->arena, &entries.list.items[i]);
    }
    if (entries.list.count > 0) {
        qsort(entries.list.items, entries.list.count, sizeof *entries.list.items, compare_paths);
    }
    for (size_t i = 0; i < entries.list.count && !l->has_more; i++) {
        struct os_entry *e   = &entries.list.items[i];
        str              key = arena_concat(cx->arena, folder, e->path);

        if (e->kind == OS_KIND_FILE) {
            TRY(list_object(cx, l, key));
        } else if (e->kind == OS_KIND_FOLDER && !str_eq(key, S(BLOB_TEMP_SEGMENT "/")) &&
                   key.len < BLOB_KEY_MAX && can_hold(l, key)) {
            TRY(list_folder(cx, l, key));
        }
    }
    return ST_OK;
}

static enum status file_list(struct blob *b, struct ctx *cx, str prefix, str after, size_t limit,
                             struct blob_page *out)
{
    struct listing l = { .store = file_of(b), .prefix = prefix, .after = after, .limit = limit };

    TRY(list_folder(cx, &l, S("")));
    *out = (struct blob_page){ l.found.items, l.found.count, l.has_more };
    return ST_OK;
}

static enum status file_delete(struct blob *b, struct ctx *cx, str key)
{
    struct os_info info;
    str            path = path_of(b, cx, key);
    enum status    st   = check_object(b, cx, key, &info);

    if (st == ST_NOT_FOUND) {
        return ST_OK;
    }
    TRY(st);
    TRY(os_file_remove(cx, path, OS_MISSING_OK));
    return os_dir_sync(cx, os_path_parent(path));
}

/* --- files of other writers --- */

static enum status file_local_path(struct blob *b, struct ctx *cx, str key, str *out)
{
    *out = path_of(b, cx, key);
    return ST_OK;
}

static enum status file_reserve(struct blob *b, struct ctx *cx, str key, str *out)
{
    TRY(check_free(b, cx, key));
    TRY(make_folders(b, cx, key));
    *out = path_of(b, cx, key);
    return ST_OK;
}

/*
 * Syncs first and hashes then: what is hashed is what is durable, and a writer that is still at
 * work shows by the size or the time of the file.
 */
static enum status seal_open_file(struct ctx *cx, str key, struct os_file *f, struct blob_sum *out)
{
    struct os_info  before, after;
    struct file_sum sum;

    TRY(os_file_stat(cx, f, &before));
    TRY(os_file_sync(cx, f));
    TRY(file_sum_of(cx, f, &sum));
    TRY(os_file_stat(cx, f, &after));
    if (sum.bytes != before.size || after.size != before.size ||
        after.mtime_us != before.mtime_us) {
        return FAIL(cx, CONFLICT,
                    "the file of object \"" STR_FMT "\" was changed while it was sealed",
                    STR_ARG(key));
    }
    *out = (struct blob_sum){ sum.bytes, sum.sha256 };
    return ST_OK;
}

static enum status seal_one(struct blob *b, struct ctx *cx, str key, struct blob_sum *out)
{
    struct os_info  info;
    struct os_file *f;
    enum status     st;

    TRY(check_object(b, cx, key, &info));
    TRY(os_file_open(cx, path_of(b, cx, key), &f));
    st = seal_open_file(cx, key, f, out);
    os_file_close(f);
    return st;
}

static enum status file_seal(struct blob *b, struct ctx *cx, const str *keys, size_t count,
                             struct blob_sum *out)
{
    struct blob_sum *sums = arena_array(cx->arena, count, sizeof *sums);

    for (size_t i = 0; i < count; i++) {
        TRY(seal_one(b, cx, keys[i], &sums[i]));
    }
    TRY(sync_folders(b, cx, keys, count));
    if (count > 0) {
        memcpy(out, sums, count * sizeof *sums);
    }
    return ST_OK;
}

static void file_close(struct blob *b)
{
    free(file_of(b));
}

static const struct blob_ops blob_file_ops = {
    .name       = "file",
    .get_range  = file_get_range,
    .put        = file_put,
    .stat       = file_stat,
    .list       = file_list,
    .delete     = file_delete,
    .local_path = file_local_path,
    .reserve    = file_reserve,
    .seal       = file_seal,
    .close      = file_close,
};

/* Removes what a killed put left long ago. A store that may only be read keeps it. */
static enum status sweep_temp(struct blob *b, struct ctx *cx)
{
    str               folder = temp_dir(b, cx);
    struct os_entries entries;

    TRY(os_dir_list(cx, folder, TEMP_FILES_MAX, &entries));
    for (size_t i = 0; i < entries.list.count; i++) {
        str            name = entries.list.items[i].path;
        str            path = os_path_join(cx->arena, folder, name);
        struct os_info info;

        if (!os_is_temp_name(name)) {
            continue;
        }
        TRY(os_file_info(cx, path, OS_NO_FOLLOW, &info));
        if (ctx_now_us(cx) - info.mtime_us > BLOB_FILE_TEMP_AGE_US) {
            TRY(os_file_remove(cx, path, OS_MISSING_OK));
        }
    }
    return ST_OK;
}

enum status blob_file_open(struct ctx *cx, str root, struct blob **out)
{
    struct blob_file *store;
    str               real;

    TRY(os_dir_make_all(cx, root, FOLDER_MODE));
    TRY(os_file_real(cx, root, &real));
    store = malloc(sizeof *store + real.len);
    if (!store) {
        BUG("out of memory for a store");
    }
    memcpy(store->text, real.ptr, real.len);
    store->base = (struct blob){ &blob_file_ops, BLOB_CAN_LOCAL };
    store->root = (str){ store->text, real.len };
    ignore(sweep_temp(&store->base, cx), "garbage that cannot be removed does no harm");
    *out = &store->base;
    return ST_OK;
}
