/*
 * path.h - paths as text. Pure: nothing here looks at the disk.
 *
 * Paths are bytes separated by "/". Results are slices of the argument unless an arena is given.
 */
#ifndef OS_PATH_H
#define OS_PATH_H

#include "base/arena.h"

enum { OS_PATH_MAX = 4096 }; /* bytes of a path with its NUL */

/* `a`/`b`; `b` alone when it is absolute or `a` is empty. */
str os_path_join(struct arena *arena, str a, str b);

/* "a/b/c" -> "a/b"; "/a" -> "/"; "a" -> ".". Slashes at the end do not count. */
str os_path_parent(str path);

/* "a/b/c.csv" -> "c.csv"; empty for "/" and "". */
str os_path_name(str path);

/* "c.tar.gz" -> "gz"; empty without a dot or for ".name". */
str os_path_extension(str path);

bool os_path_is_absolute(str path);

/* Without "//", "." and, by the text alone, ".."; a leading ".." stays. "" gives ".". */
str os_path_clean(struct arena *arena, str path);

/* True when `path` is `folder` or below it; by the text of cleaned paths, so no links, no "..". */
bool os_path_is_below(str path, str folder);

/*
 * True when all of `path` matches `pattern`, segment by segment: "*" any run of bytes, "?" one
 * character, "**" as a whole segment any number of folders (also none). A name that begins with "."
 * is matched only by a segment that begins with "." as well. All other characters, brackets too,
 * stand for themselves. Time: O(pattern x path).
 */
bool os_glob_match(str pattern, str path);

/* True when the pattern holds "*" or "?". */
bool os_glob_is_pattern(str pattern);

#endif
