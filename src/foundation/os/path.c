/*
 * path.c - paths and patterns as text.
 */
#include "os/path.h"

#include <string.h>

#include "base/utf8.h"

str os_path_join(struct arena *arena, str a, str b)
{
    if (a.len == 0 || os_path_is_absolute(b)) {
        return arena_dup(arena, b);
    }
    if (b.len == 0) {
        return arena_dup(arena, a);
    }
    if (a.ptr[a.len - 1] == '/') {
        return arena_concat(arena, a, b);
    }
    return arena_printf(arena, STR_FMT "/" STR_FMT, STR_ARG(a), STR_ARG(b));
}

static str without_end_slashes(str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    return path;
}

str os_path_parent(str path)
{
    str parent, name;

    path = without_end_slashes(path);
    if (!str_rsplit(path, '/', &parent, &name)) {
        return S(".");
    }
    return parent.len == 0 ? S("/") : without_end_slashes(parent);
}

str os_path_name(str path)
{
    str parent, name;

    path = without_end_slashes(path);
    if (!str_rsplit(path, '/', &parent, &name)) {
        return path;
    }
    return name;
}

str os_path_extension(str path)
{
    str before, after;

    if (!str_rsplit(os_path_name(path), '.', &before, &after) || before.len == 0) {
        return STR_NONE;
    }
    return after;
}

bool os_path_is_absolute(str path)
{
    return path.len > 0 && path.ptr[0] == '/';
}

/* Takes the last segment off text[from, len); returns the new length. */
static size_t drop_segment(const char *text, size_t from, size_t len)
{
    while (len > from && text[len - 1] != '/') {
        len--;
    }
    return len > from ? len - 1 : from;
}

static bool ends_with_dots(const char *text, size_t from, size_t len)
{
    str done = { text + from, len - from };

    return str_eq(done, S("..")) || str_ends(done, S("/.."));
}

str os_path_clean(struct arena *arena, str path)
{
    bool   is_absolute = os_path_is_absolute(path);
    size_t from        = is_absolute ? 1 : 0;
    size_t len         = from;
    char  *text        = arena_alloc(arena, path.len + 2);
    str    rest        = path, segment;

    text[0] = is_absolute ? '/' : '\0';
    while (str_cut(&rest, '/', &segment)) {
        bool is_up = str_eq(segment, S(".."));

        if (segment.len == 0 || str_eq(segment, S("."))) {
            continue;
        }
        if (is_up && len > from && !ends_with_dots(text, from, len)) {
            len = drop_segment(text, from, len);
            continue;
        }
        if (is_up && is_absolute) {
            continue; /* "/.." is "/" */
        }
        if (len > from) {
            text[len++] = '/';
        }
        memcpy(text + len, segment.ptr, segment.len);
        len += segment.len;
    }
    return len == 0 ? S(".") : (str){ text, len };
}

bool os_path_is_below(str path, str folder)
{
    folder = without_end_slashes(folder);
    if (!str_starts(path, folder)) {
        return false;
    }
    return path.len == folder.len || str_eq(folder, S("/")) || path.ptr[folder.len] == '/';
}

/* One segment: the last "*" seen is the only one that ever needs to take more. */
static bool segment_match(str pattern, str name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;

    if (str_starts(name, S(".")) && !str_starts(pattern, S("."))) {
        return false;
    }
    while (n < name.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star   = p++;
            star_n = n;
        } else if (p < pattern.len && pattern.ptr[p] == '?') {
            str      rest = str_from(name, n);
            uint32_t code;
            size_t   before = rest.len;

            n += utf8_next(&rest, &code) ? before - rest.len : 1;
            p++;
        } else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

/* The same idea one level up, with "**" over whole segments. */
bool os_glob_match(str pattern, str path)
{
    str  p = pattern, n = path;
    str  star_p = STR_NONE, star_n = STR_NONE;
    bool has_star = false;

    for (;;) {
        str  p_next = p, n_next = n, p_segment, n_segment;
        bool p_more = str_cut(&p_next, '/', &p_segment);
        bool n_more = str_cut(&n_next, '/', &n_segment);

        if (p_more && str_eq(p_segment, S("**"))) {
            has_star = true;
            star_p   = p_next;
            star_n   = n;
            p        = p_next;
            if (!p.ptr) {
                return n_more && !str_starts(n, S(".")) && !str_has(n, S("/."));
            }
        } else if (p_more && n_more && segment_match(p_segment, n_segment)) {
            p = p_next;
            n = n_next;
        } else if (!p_more && !n_more) {
            return true;
        } else if (has_star && str_cut(&star_n, '/', &n_segment) && star_n.ptr &&
                   !str_starts(n_segment, S("."))) {
            p = star_p;
            n = star_n;
        } else {
            return false;
        }
    }
}

bool os_glob_is_pattern(str pattern)
{
    size_t at;

    return str_find_char(pattern, '*', &at) || str_find_char(pattern, '?', &at);
}
