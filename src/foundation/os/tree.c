/*
 * tree.c - whole trees: walk, find by pattern, remove.
 */
#include "os/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "os/os_int.h"

static struct os_walk with_defaults(const struct os_walk *walk)
{
    struct os_walk w = *walk;

    w.max_depth = w.max_depth != 0 ? w.max_depth : OS_WALK_DEPTH;
    w.max_count = w.max_count != 0 ? w.max_count : OS_WALK_COUNT;
    return w;
}

struct walk_frame {
    struct os_entries entries; /* paths relative to the root */
    size_t            next;
};

/* Lists root/`relative` and puts its path before each name; counts against the limit. */
static enum status list_frame(struct ctx *cx, const struct os_walk *w, str relative, size_t *left,
                              struct walk_frame *out)
{
    struct walk_frame frame = { 0 };
    enum status       st =
        os_dir_list(cx, os_path_join(cx->arena, w->root, relative), *left, &frame.entries);

    if (st == ST_LIMIT) {
        return FAIL(cx, LIMIT, "more than %zu files and folders below \"" STR_FMT "\"",
                    w->max_count, STR_ARG(w->root));
    }
    TRY(st);
    *left -= frame.entries.list.count;
    for (size_t i = 0; i < frame.entries.list.count; i++) {
        struct os_entry *e = &frame.entries.list.items[i];

        e->path = os_path_join(cx->arena, relative, e->path);
    }
    *out = frame;
    return ST_OK;
}

enum status os_dir_walk(struct ctx *cx, const struct os_walk *walk, struct os_entries *out)
{
    struct os_walk     w     = with_defaults(walk);
    struct os_entries  all   = { 0 };
    struct walk_frame *stack = arena_array(cx->arena, w.max_depth + 1, sizeof *stack);
    size_t             depth = 0, left = w.max_count;

    TRY(list_frame(cx, &w, STR_NONE, &left, &stack[0]));
    for (;;) {
        struct walk_frame *top = &stack[depth];
        struct os_entry    e;

        if (top->next == top->entries.list.count) {
            if (depth-- == 0) {
                break;
            }
            continue;
        }
        e = top->entries.list.items[top->next++];
        vec_push(cx->arena, &all.list, e);
        if (e.kind != OS_KIND_FOLDER) {
            continue;
        }
        TRY(ctx_check(cx));
        if (depth == w.max_depth) {
            return FAIL(cx, LIMIT, "folders below \"" STR_FMT "\" are nested deeper than %zu",
                        STR_ARG(w.root), w.max_depth);
        }
        TRY(list_frame(cx, &w, e.path, &left, &stack[depth + 1]));
        depth++;
    }
    *out = all;
    return ST_OK;
}

/* The part of a pattern before the segment with its first "*" or "?"; without the slash. */
static str fixed_part(str pattern)
{
    str rest = pattern, segment, fixed = { pattern.ptr, 0 };

    while (str_cut(&rest, '/', &segment)) {
        if (os_glob_is_pattern(segment)) {
            break;
        }
        fixed.len = (size_t)(segment.ptr - pattern.ptr) + segment.len;
    }
    return fixed.len == 0 && os_path_is_absolute(pattern) ? S("/") : fixed;
}

/* A pattern without "**" reaches no deeper than its own number of segments. */
static size_t pattern_depth(str pattern, size_t max)
{
    str    rest  = pattern, segment;
    size_t depth = 0;

    while (str_cut(&rest, '/', &segment)) {
        if (str_eq(segment, S("**"))) {
            return max;
        }
        depth++;
    }
    return depth < max ? depth : max;
}

struct glob {
    struct os_walk     walk;
    str                pattern;
    size_t             depth, left;
    struct os_entries *found;
};

static enum status take_match(struct ctx *cx, struct glob *g, struct os_entry e)
{
    if (!os_glob_match(g->pattern, e.path)) {
        return ST_OK;
    }
    if (e.kind == OS_KIND_LINK) {
        struct os_info info;
        enum status    st =
            os_file_info(cx, os_path_join(cx->arena, g->walk.root, e.path), OS_FOLLOW, &info);

        if (st != ST_OK) {
            return st == ST_NOT_FOUND ? ST_OK : st; /* a link to nowhere is no file */
        }
        e.kind = info.kind;
    }
    if (e.kind == OS_KIND_FILE) {
        vec_push(cx->arena, &g->found->list, e);
    }
    return ST_OK;
}

/*
 * Walks what the pattern can reach below `relative`. Depth of the recursion is at most g->depth.
 * Hidden folders are entered only when the pattern names one.
 */
static enum status glob_below(struct ctx *cx, struct glob *g, str relative, size_t depth)
{
    bool              hidden = str_starts(g->pattern, S(".")) || str_has(g->pattern, S("/."));
    struct walk_frame frame  = { 0 };

    TRY(ctx_check(cx));
    TRY(list_frame(cx, &g->walk, relative, &g->left, &frame));
    for (size_t i = 0; i < frame.entries.list.count; i++) {
        struct os_entry e = frame.entries.list.items[i];

        if (e.kind != OS_KIND_FOLDER) {
            TRY(take_match(cx, g, e));
        } else if (depth < g->depth && (hidden || !str_starts(os_path_name(e.path), S(".")))) {
            TRY(glob_below(cx, g, e.path, depth + 1));
        }
    }
    return ST_OK;
}

enum status os_dir_glob(struct ctx *cx, const struct os_walk *walk, str pattern,
                        struct os_entries *out)
{
    struct os_entries found = { 0 };
    struct glob       g     = { .walk = with_defaults(walk), .pattern = pattern, .found = &found };
    str               fixed = fixed_part(pattern);
    struct os_info    info;
    enum status       st;

    g.depth = pattern_depth(pattern, g.walk.max_depth);
    g.left  = g.walk.max_count;
    if (fixed.len == pattern.len && pattern.len > 0) {
        TRY(take_match(cx, &g, (struct os_entry){ pattern, OS_KIND_LINK }));
        *out = found;
        return ST_OK;
    }
    if (fixed.len > 0) {
        st = os_file_info(cx, os_path_join(cx->arena, g.walk.root, fixed), OS_FOLLOW, &info);
        if (st == ST_NOT_FOUND || (st == ST_OK && info.kind != OS_KIND_FOLDER)) {
            *out = found;
            return ST_OK;
        }
        TRY(st);
    }
    TRY(glob_below(cx, &g, fixed, 0));
    *out = found;
    return ST_OK;
}

static int remove_below(int dir, size_t depth);

/* Removes what `name` in `dir` is, a whole tree when it is a folder. */
static int remove_entry(int dir, const char *name, size_t depth)
{
    int first = sys_unlink_at(dir, name, 0);
    int error, fd;

    if (first != EISDIR && first != EPERM) { /* EPERM is what POSIX has for folders */
        return first;
    }
    if (depth == 0) {
        return ENAMETOOLONG;
    }
    error = sys_open_at(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &fd);
    if (error != 0) {
        return error == ENOTDIR ? first : error;
    }
    error = remove_below(fd, depth - 1);
    return error != 0 ? error : sys_unlink_at(dir, name, AT_REMOVEDIR);
}

/*
 * Removes everything in an open folder, which is closed. Entries are reached by descriptor and
 * name, never by a path that somebody could turn into a link meanwhile.
 */
static int remove_below(int fd, size_t depth)
{
    struct dirent *e;
    DIR           *dir;
    int            error = sys_list_open(fd, &dir);

    if (error != 0) {
        sys_close(fd);
        return error;
    }
    while ((error = sys_list_next(dir, &e)) == 0 && e) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        error = remove_entry(fd, e->d_name, depth);
        if (error != 0 && error != ENOENT) {
            break;
        }
    }
    (void)closedir(dir);
    return error;
}

enum status os_dir_remove_all(struct ctx *cx, str path)
{
    str             clean = os_path_clean(cx->arena, path);
    struct sys_path p;
    int             error;

    TRY(sys_path(cx, path, &p));
    if (str_eq(clean, S("/")) || str_eq(clean, S(".")) || str_starts(clean, S("..")) ||
        str_has(path, S("/../")) || str_ends(path, S("/.."))) {
        return FAIL(cx, INVALID, "\"" STR_FMT "\" is not a folder that may be removed as a whole",
                    STR_ARG(path));
    }
    error = remove_entry(AT_FDCWD, p.text, OS_REMOVE_DEPTH);
    if (error == 0 || error == ENOENT) {
        return ST_OK;
    }
    return OS_FAIL(cx, "remove folder", path, error);
}
