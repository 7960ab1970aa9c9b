/*
 * powerloss.c - copies at every sync, and a tree rebuilt from them.
 *
 * The shadow folder holds, by inode number:
 *   data/N   content of file N at its last sync
 *   pin/N    a hard link to file N, so that its number is not used again while it is noted
 *   dirs/N   the names of folder N at its last sync: "f 644 M name\0" or "d 755 M name\0" each
 *   built/N  while dropping: a link to what was made for file N, for its further names
 *   after/   while dropping: the new tree
 *
 * It makes its own system calls: those of a recorder must not be counted, failed or recorded.
 */
#include "os/powerloss.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/dir.h"
#include "os/os_calls.h"
#include "os/os_int.h"
#include "os/thread.h"

enum { BLOCK = 4096, FOLDER_BYTES_MAX = 64 << 20 };

struct powerloss {
    struct os_calls calls;
    struct os_mutex mutex;
    char            root[OS_PATH_MAX];
    char            shadow[OS_PATH_MAX];
};

struct note {
    bool     is_folder;
    unsigned mode;
    uint64_t inode;
    str      name;
};

struct notes { /* a VEC, spelled out */
    struct note *items;
    size_t       count, cap;
};

/* A path in a fixed buffer; too long is a name the simulation cannot note. */
struct path_text {
    char text[OS_PATH_MAX + 300];
};

static struct path_text path_of(const char *folder, const char *name)
{
    struct path_text p;
    int              len = snprintf(p.text, sizeof p.text, "%s/%s", folder, name);

    if (len < 0 || (size_t)len >= sizeof p.text) {
        BUG("a path is too long for the power-loss simulation");
    }
    return p;
}

static struct path_text path_of_inode(const char *shadow, const char *kind, uint64_t inode)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s/%llu", kind, (unsigned long long)inode);
    return path_of(shadow, name);
}

static int write_bytes(int fd, const char *from, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, from, len);

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            from += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Reads one block; fewer bytes only at the end of the file. A missing file (fd < 0) is empty. */
static int read_block(int fd, char *to, uint64_t offset, size_t *got)
{
    *got = 0;
    while (fd >= 0 && *got < BLOCK) {
        ssize_t n = pread(fd, to + *got, BLOCK - *got, (off_t)(offset + *got));

        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n == 0) {
            break;
        }
        *got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int copy_fd(int from, int to)
{
    char     block[BLOCK];
    uint64_t offset = 0;
    size_t   got;
    int      error;

    do {
        error = read_block(from, block, offset, &got);
        error = error != 0 ? error : write_bytes(to, block, got);
        offset += got;
    } while (error == 0 && got == BLOCK);
    return error;
}

static int link_once(const char *from, const char *to)
{
    if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST) {
        return 0;
    }
    return errno;
}

/* Writes a note under its final name at once, so that a kill leaves none half done. */
static int open_note(const char *shadow, struct path_text *temp, int *fd)
{
    *temp = path_of(shadow, "note-XXXXXX");
    *fd   = mkostemp(temp->text, O_CLOEXEC);
    return *fd >= 0 ? 0 : errno;
}

static int close_note(const char *temp, int fd, const char *final, int error)
{
    (void)close(fd);
    if (error == 0 && rename(temp, final) != 0) {
        error = errno;
    }
    if (error != 0) {
        (void)unlink(temp);
    }
    return error;
}

static int note_file(const char *shadow, const char *source, uint64_t inode)
{
    struct path_text data = path_of_inode(shadow, "data", inode);
    struct path_text pin  = path_of_inode(shadow, "pin", inode);
    struct path_text temp;
    int              from, to, error;

    from = open(source, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        return errno;
    }
    error = open_note(shadow, &temp, &to);
    if (error == 0) {
        error = close_note(temp.text, to, data.text, copy_fd(from, to));
    }
    (void)close(from);
    return error != 0 ? error : link_once(source, pin.text);
}

/* One entry of a folder: pinned when it is a file, written down when it is a file or folder. */
static int note_entry(const char *shadow, const char *folder, const char *name, struct buf *out)
{
    struct path_text path = path_of(folder, name);
    struct stat      st;

    if (lstat(path.text, &st) != 0) {
        return errno == ENOENT ? 0 : errno; /* gone meanwhile */
    }
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        return 0;
    }
    if (S_ISREG(st.st_mode)) {
        struct path_text pin   = path_of_inode(shadow, "pin", (uint64_t)st.st_ino);
        int              error = link_once(path.text, pin.text);

        if (error != 0) {
            return error == ENOENT ? 0 : error;
        }
    }
    buf_printf(out, "%c %o %llu %s", S_ISDIR(st.st_mode) ? 'd' : 'f', (unsigned)st.st_mode & 07777U,
               (unsigned long long)st.st_ino, name);
    buf_add_char(out, '\0');
    return 0;
}

static int read_names(const char *shadow, const char *folder, struct buf *out)
{
    DIR           *dir = opendir(folder);
    struct dirent *e;
    int            error = 0;

    if (!dir) {
        return errno;
    }
    while (error == 0 && (e = readdir(dir)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            error = note_entry(shadow, folder, e->d_name, out);
        }
    }
    (void)closedir(dir);
    return error != 0 ? error : out->is_over ? EFBIG : 0;
}

static int note_folder(const char *shadow, const char *source, uint64_t inode)
{
    CLEANUP(buf_release) struct buf names = BUF_INIT(FOLDER_BYTES_MAX);
    struct path_text                final = path_of_inode(shadow, "dirs", inode);
    struct path_text                temp;
    int                             fd, error;

    error = read_names(shadow, source, &names);
    error = error != 0 ? error : open_note(shadow, &temp, &fd);
    if (error != 0) {
        return error;
    }
    return close_note(temp.text, fd, final.text, write_bytes(fd, names.ptr, names.len));
}

/* Where the synced thing is: a path that leads to it, and whether that is below the root. */
static bool find_source(const struct powerloss *p, const struct os_event *ev, char *source,
                        size_t size, struct stat *st)
{
    char    real[OS_PATH_MAX];
    ssize_t len;

    if (ev->fd >= 0) {
        (void)snprintf(source, size, "/proc/self/fd/%d", ev->fd);
        len = readlink(source, real, sizeof real - 1);
        if (len < 0) {
            return false;
        }
        real[len] = '\0';
    } else {
        (void)snprintf(source, size, "%s", ev->path);
        if (!realpath(source, real)) {
            return false;
        }
    }
    return os_path_is_below(str_of(real), str_of(p->root)) && stat(source, st) == 0;
}

static void after_call(struct os_calls *c, const struct os_event *ev, int failed)
{
    struct powerloss *p = container_of(c, struct powerloss, calls);
    char              source[OS_PATH_MAX];
    struct stat       st;
    int               error = 0;

    if (ev->call != OS_SYNC || failed != 0) {
        return;
    }
    OS_GUARD(&p->mutex);
    if (!find_source(p, ev, source, sizeof source, &st)) {
        return;
    }
    if (S_ISDIR(st.st_mode)) {
        error = note_folder(p->shadow, source, (uint64_t)st.st_ino);
    } else if (S_ISREG(st.st_mode) && st.st_nlink > 0) {
        error = note_file(p->shadow, source, (uint64_t)st.st_ino);
    }
    if (error != 0) {
        BUG(os_reason(error));
    }
}

static enum status fill_paths(struct ctx *cx, str root, str shadow, struct powerloss *p)
{
    str real_root, real_shadow;

    TRY(os_file_real(cx, root, &real_root));
    TRY(os_file_real(cx, shadow, &real_shadow));
    if (os_path_is_below(real_shadow, real_root) || os_path_is_below(real_root, real_shadow)) {
        return FAIL(cx, INVALID,
                    "the shadow folder \"" STR_FMT "\" must not be inside \"" STR_FMT
                    "\", nor around it",
                    STR_ARG(shadow), STR_ARG(root));
    }
    (void)snprintf(p->root, sizeof p->root, STR_FMT, STR_ARG(real_root));
    (void)snprintf(p->shadow, sizeof p->shadow, STR_FMT, STR_ARG(real_shadow));
    return ST_OK;
}

enum status powerloss_attach(struct ctx *cx, str root, str shadow, struct powerloss **out)
{
    struct powerloss *p = calloc(1, sizeof *p);
    enum status       st;

    if (!p) {
        BUG("out of memory for the power-loss simulation");
    }
    st = fill_paths(cx, root, shadow, p);
    if (st != ST_OK) {
        free(p);
        return st;
    }
    p->calls.after = after_call;
    os_mutex_init(&p->mutex, LOCK_POWERLOSS);
    os_calls_push(&p->calls);
    *out = p;
    return ST_OK;
}

void powerloss_stop(struct powerloss *p)
{
    if (p) {
        os_calls_pop(&p->calls);
        os_mutex_release(&p->mutex);
        free(p);
    }
}

/* Notes one thing of the tree as durable. */
static int note_path(const char *shadow, const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        return errno;
    }
    if (S_ISDIR(st.st_mode)) {
        return note_folder(shadow, path, (uint64_t)st.st_ino);
    }
    return S_ISREG(st.st_mode) ? note_file(shadow, path, (uint64_t)st.st_ino) : 0;
}

static enum status note_tree(struct ctx *cx, str root, str shadow)
{
    struct os_walk    walk = { .root = root, .max_depth = OS_REMOVE_DEPTH };
    const char       *to   = arena_cstr(cx->arena, shadow);
    struct os_entries all;
    int               error = note_path(to, arena_cstr(cx->arena, root));

    TRY(os_dir_walk(cx, &walk, &all));
    for (size_t i = 0; i < all.list.count && error == 0; i++) {
        str path = os_path_join(cx->arena, root, all.list.items[i].path);

        error = note_path(to, arena_cstr(cx->arena, path));
    }
    return error == 0 ? ST_OK : OS_FAIL(cx, "note the files of", root, error);
}

enum status powerloss_start(struct ctx *cx, str root, str shadow, struct powerloss **out)
{
    static const char *const folders[] = { "data", "pin", "dirs", "built" };

    TRY(os_dir_remove_all(cx, shadow));
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        TRY(os_dir_make_all(cx, os_path_join(cx->arena, shadow, str_of(folders[i])), 0700));
    }
    TRY(powerloss_attach(cx, root, shadow, out));
    enum status st = note_tree(cx, root, shadow);
    if (st != ST_OK) {
        powerloss_stop(*out);
    }
    return st;
}

/* --- the loss --- */

struct loss {
    struct ctx         *cx;
    const char         *shadow;
    enum powerloss_mode mode;
    uint64_t            random; /* state of the generator, from the seed */
};

/* splitmix64: small, and the same on every machine. */
static bool keeps(struct loss *l)
{
    uint64_t z;

    if (l->mode == POWERLOSS_DROP) {
        return false;
    }
    l->random += 0x9e3779b97f4a7c15U;
    z = l->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return ((z ^ (z >> 31)) & 1U) != 0;
}

static bool parse_note(str text, struct note *out)
{
    str      kind, mode, inode, name;
    unsigned bits = 0;

    if (!str_split(text, ' ', &kind, &name) || !str_split(name, ' ', &mode, &name) ||
        !str_split(name, ' ', &inode, &name) || !str_to_u64(inode, &out->inode)) {
        return false;
    }
    for (size_t i = 0; i < mode.len; i++) {
        bits = bits * 8 + (unsigned)(mode.ptr[i] - '0');
    }
    out->is_folder = str_eq(kind, S("d"));
    out->mode      = bits;
    out->name      = name;
    return true;
}

static int parse_notes(struct loss *l, str text, struct notes *out)
{
    str line;

    while (text.len > 0 && str_cut(&text, '\0', &line)) {
        struct note n;

        if (!parse_note(line, &n)) {
            return EINVAL;
        }
        vec_push(l->cx->arena, out, n);
    }
    return 0;
}

/* The names of a folder at its last sync; none when it never was synced. */
static enum status read_notes(struct loss *l, uint64_t inode, struct notes *out)
{
    struct path_text path = path_of_inode(l->shadow, "dirs", inode);
    str              text;
    enum status      st = os_file_read(l->cx, str_of(path.text), FOLDER_BYTES_MAX, &text);
    int              error;

    if (st != ST_OK) {
        return st == ST_NOT_FOUND ? ST_OK : st;
    }
    error = parse_notes(l, text, out);
    return error == 0 ? ST_OK : OS_FAIL(l->cx, "read the notes", str_of(path.text), error);
}

/* The names that are there now; none when the folder is not. */
static enum status read_live(struct loss *l, const char *live, struct notes *out)
{
    CLEANUP(buf_release) struct buf names = BUF_INIT(FOLDER_BYTES_MAX);
    int                             error = live ? read_names(l->shadow, live, &names) : 0;

    if (error == 0) {
        error = parse_notes(l, arena_dup(l->cx->arena, buf_view(&names)), out);
    }
    return error == 0 || error == ENOENT || error == ENOTDIR
               ? ST_OK
               : OS_FAIL(l->cx, "list", str_of(live), error);
}

static const struct note *find_note(const struct notes *notes, str name)
{
    for (size_t i = 0; i < notes->count; i++) {
        if (str_eq(notes->items[i].name, name)) {
            return &notes->items[i];
        }
    }
    return NULL;
}

/*
 * Which names survive: those that were synced, and by chance what was done since: new names, other
 * files under old names, removals.
 */
static void choose_names(struct loss *l, const struct notes *synced, const struct notes *live,
                         struct notes *out)
{
    for (size_t i = 0; i < synced->count; i++) {
        const struct note *old     = &synced->items[i];
        const struct note *now     = find_note(live, old->name);
        bool               is_same = now && now->inode == old->inode;

        if (is_same || !keeps(l)) {
            vec_push(l->cx->arena, out, *old);
        } else if (now) {
            vec_push(l->cx->arena, out, *now);
        }
    }
    for (size_t i = 0; i < live->count; i++) {
        const struct note *now = &live->items[i];

        if (!find_note(synced, now->name) && keeps(l)) {
            vec_push(l->cx->arena, out, *now);
        }
    }
}

/* Each block from the synced or the live content; the length is one of the two. */
static int mix_blocks(struct loss *l, int synced, int live, int to)
{
    char     a[BLOCK], b[BLOCK];
    uint64_t offset = 0;
    int      length = keeps(l) ? live : synced;
    size_t   a_len, b_len, length_len;

    do {
        int error = read_block(synced, a, offset, &a_len);

        error = error != 0 ? error : read_block(live, b, offset, &b_len);
        if (error != 0) {
            return error;
        }
        length_len = length == live ? b_len : a_len;
        memset(a + a_len, 0, BLOCK - a_len);
        memset(b + b_len, 0, BLOCK - b_len);
        error = write_bytes(to, keeps(l) ? b : a, length_len);
        if (error != 0) {
            return error;
        }
        offset += BLOCK;
    } while (length_len == BLOCK);
    return 0;
}

static int build_content(struct loss *l, uint64_t inode, int to)
{
    struct path_text data   = path_of_inode(l->shadow, "data", inode);
    struct path_text pin    = path_of_inode(l->shadow, "pin", inode);
    int              synced = open(data.text, O_RDONLY | O_CLOEXEC);
    int              live   = -1;
    int              error;

    if (l->mode == POWERLOSS_MIX) {
        live = open(pin.text, O_RDONLY | O_CLOEXEC);
    }
    error = live >= 0 ? mix_blocks(l, synced, live, to) : copy_fd(synced, to);
    if (synced >= 0) {
        (void)close(synced);
    }
    if (live >= 0) {
        (void)close(live);
    }
    return error;
}

static int build_file(struct loss *l, const struct note *n, const char *path)
{
    struct path_text built = path_of_inode(l->shadow, "built", n->inode);
    int              fd, error;

    if (link(built.text, path) == 0) {
        return 0; /* a further name of a file that was made already */
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno;
    }
    error = build_content(l, n->inode, fd);
    if (error == 0 && fchmod(fd, (mode_t)n->mode) != 0) {
        error = errno;
    }
    (void)close(fd);
    return error != 0 ? error : link_once(path, built.text);
}

/* Makes the folder `to` and what is left of folder `inode`, which is `live` now (or NULL). */
static enum status build_folder(struct loss *l, const struct note *self, const char *live,
                                const char *to)
{
    struct notes synced = { 0 }, now = { 0 }, left = { 0 };

    TRY(read_notes(l, self->inode, &synced));
    TRY(read_live(l, live, &now));
    choose_names(l, &synced, &now, &left);
    if (mkdir(to, 0700) != 0) {
        return OS_FAIL(l->cx, "rebuild", str_of(to), errno);
    }
    for (size_t i = 0; i < left.count; i++) {
        const struct note *n        = &left.items[i];
        const char        *name     = arena_cstr(l->cx->arena, n->name);
        struct path_text   path     = path_of(to, name);
        struct path_text   old      = path_of(live ? live : "", name);
        const struct note *live_now = find_note(&now, n->name);
        bool               is_live  = live_now && live_now->inode == n->inode;
        int                error;

        if (n->is_folder) {
            TRY(build_folder(l, n, is_live ? old.text : NULL, path.text));
            continue;
        }
        error = build_file(l, n, path.text);
        if (error != 0) {
            return OS_FAIL(l->cx, "rebuild", str_of(path.text), error);
        }
    }
    return chmod(to, (mode_t)self->mode) == 0 ? ST_OK
                                              : OS_FAIL(l->cx, "rebuild", str_of(to), errno);
}

enum status powerloss_drop(struct ctx *cx, str root, str shadow, enum powerloss_mode mode,
                           uint64_t seed)
{
    str         after = os_path_join(cx->arena, shadow, S("after"));
    struct loss l     = { cx, arena_cstr(cx->arena, shadow), mode, seed };
    const char *live  = arena_cstr(cx->arena, root);
    struct stat st;

    if (stat(live, &st) != 0) {
        return OS_FAIL(cx, "inspect", root, errno);
    }
    struct note self = { true, (unsigned)st.st_mode & 07777U, (uint64_t)st.st_ino, STR_NONE };

    TRY(build_folder(&l, &self, live, arena_cstr(cx->arena, after)));
    TRY(os_dir_remove_all(cx, root));
    return os_file_move(cx, after, root, OS_NEW);
}
