/*
 * files.c - which files a table reads: pattern, reach, size and time.
 */
#include "source/source_int.h"

#include "os/dir.h"

/* ------------------------------------------------------------------------- names */

static const struct {
    str                suffix;
    enum source_format format;
} suffixes[] = {
    { STR_INIT(".csv"), SOURCE_CSV },         { STR_INIT(".tsv"), SOURCE_CSV },
    { STR_INIT(".txt"), SOURCE_CSV },         { STR_INIT(".json"), SOURCE_JSON },
    { STR_INIT(".ndjson"), SOURCE_NDJSON },   { STR_INIT(".jsonl"), SOURCE_NDJSON },
    { STR_INIT(".parquet"), SOURCE_PARQUET },
};

static bool ends_nocase(str s, str suffix)
{
    return s.len > suffix.len && str_eq_nocase(str_from(s, s.len - suffix.len), suffix);
}

enum source_format files_format_of(const struct source_options *options, str path)
{
    str name = os_path_name(path);

    if (options->format != SOURCE_BY_SUFFIX) {
        return options->format;
    }
    if (ends_nocase(name, S(".gz")) || ends_nocase(name, S(".zst"))) {
        str_rsplit(name, '.', &name, &(str){ 0 });
    }
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (ends_nocase(name, suffixes[i].suffix)) {
            return suffixes[i].format;
        }
    }
    return SOURCE_BY_SUFFIX;
}

/* A physical name with a folder or a known suffix is a path, not the name of an object. */
static bool is_path(str name)
{
    static const struct source_options by_suffix = { .format = SOURCE_BY_SUFFIX };
    size_t                             at;

    return str_find_char(name, '/', &at) || files_format_of(&by_suffix, name) != SOURCE_BY_SUFFIX;
}

static enum status pattern_of(struct source *s, struct ctx *cx, const struct source_table *table,
                              str *out)
{
    str    path = s->options.path, made = S(""), object = source_object_name(table);
    size_t at;

    if (is_path(table->physical_name)) {
        path = table->physical_name;
    }
    while (str_find(path, S("{object}"), &at)) {
        made = arena_printf(cx->arena, STR_FMT STR_FMT STR_FMT, STR_ARG(made),
                            STR_ARG(str_sub(path, 0, at)), STR_ARG(object));
        path = str_from(path, at + S("{object}").len);
    }
    path = arena_concat(cx->arena, made, path);
    if (path.len == 0) {
        return FAIL(cx, INVALID,
                    "table \"" STR_FMT "\" has no path; give the server a path or the object a "
                    "physicalName",
                    STR_ARG(table->name));
    }
    *out = os_path_clean(cx->arena, os_path_join(cx->arena, s->options.root, path));
    return ST_OK;
}

/* ------------------------------------------------------------------------- reach */

enum status files_reach(struct source *s, struct ctx *cx, str real, str shown)
{
    struct err unseen = { .code = ST_OK };

    for (size_t i = 0; i < s->options.allowed_dir_count; i++) {
        str         folder;
        enum status st = os_file_real(cx, s->options.allowed_dirs[i], &folder);

        if (st == ST_OK && os_path_is_below(real, folder)) {
            return ST_OK;
        }
        if (st != ST_OK && st != ST_NOT_FOUND) {
            unseen = *cx->err; /* the file may lie in it */
        }
        err_clear(cx->err); /* an allowed folder that is not there allows nothing */
    }
    if (unseen.code != ST_OK) {
        *cx->err = unseen;
        return unseen.code;
    }
    return FAIL(cx, DENIED,
                "\"" STR_FMT "\" lies in \"" STR_FMT "\", outside the folders this mesh may read; "
                "add the folder to allowed: paths: in mesh.yaml",
                STR_ARG(shown), STR_ARG(os_path_parent(real)));
}

/* The part of a pattern before its first segment with "*" or "?". */
static str fixed_part(str pattern)
{
    str path = pattern;

    while (os_glob_is_pattern(path)) {
        path = os_path_parent(path);
    }
    return path;
}

/* ------------------------------------------------------------------------- listing */

static str shown_name(struct source *s, struct ctx *cx, str path)
{
    str root = os_path_clean(cx->arena, s->options.root);

    if (os_path_is_below(path, root) && path.len > root.len && !str_eq(root, S("/"))) {
        return str_from(path, root.len + 1);
    }
    return path;
}

static enum status add_file(struct source *s, struct ctx *cx, str path, struct source_files *out)
{
    struct source_file file = { .shown = shown_name(s, cx, path), .sha256 = S("") };
    struct os_info     info;

    TRY(os_file_real(cx, path, &file.path));
    TRY(files_reach(s, cx, file.path, file.shown));
    TRY(os_file_info(cx, file.path, OS_FOLLOW, &info));
    if (info.kind != OS_KIND_FILE) {
        return FAIL(cx, INVALID, "\"" STR_FMT "\" is not a file%s", STR_ARG(file.shown),
                    info.kind == OS_KIND_FOLDER
                        ? "; for all files of a folder write \"folder/*.csv\""
                        : "");
    }
    if (files_format_of(&s->options, path) == SOURCE_BY_SUFFIX) {
        return FAIL(cx, UNSUPPORTED,
                    "the format of \"" STR_FMT
                    "\" cannot be told from its name; set format to csv, "
                    "json, ndjson or parquet, or rename it to end in .csv, .tsv, .txt, .json, "
                    ".ndjson, .jsonl or .parquet (and .gz or .zst behind it)",
                    STR_ARG(file.shown));
    }
    file.bytes    = info.size;
    file.mtime_us = info.mtime_us;
    vec_push(cx->arena, &out->list, file);
    return ctx_check(cx);
}

static enum status expand(struct source *s, struct ctx *cx, str pattern, struct source_files *out)
{
    struct os_walk    walk    = { .root = s->options.root };
    struct os_entries entries = { 0 };
    str               base    = fixed_part(pattern), real;

    TRY(os_file_real(cx, base, &real));
    TRY(files_reach(s, cx, real, shown_name(s, cx, base)));
    TRY(os_dir_glob(cx, &walk, pattern, &entries));
    if (entries.list.count > SOURCE_FILES_MAX) {
        return FAIL(cx, LIMIT, "\"" STR_FMT "\" matches %zu files; a table reads at most %d",
                    STR_ARG(shown_name(s, cx, pattern)), entries.list.count, SOURCE_FILES_MAX);
    }
    for (size_t i = 0; i < entries.list.count; i++) {
        TRY(add_file(s, cx, entries.list.items[i].path, out));
    }
    if (entries.list.count == 0) {
        return FAIL(cx, NOT_FOUND, "no file matches \"" STR_FMT "\"",
                    STR_ARG(shown_name(s, cx, pattern)));
    }
    return ST_OK;
}

static enum status files_list(struct source *s, struct ctx *cx, const struct source_table *table,
                              struct source_files *out)
{
    struct source_files files   = { 0 };
    str                 pattern = STR_NONE;

    TRY(pattern_of(s, cx, table, &pattern));
    if (os_glob_is_pattern(pattern)) {
        TRY(expand(s, cx, pattern, &files));
    } else {
        TRY(add_file(s, cx, pattern, &files));
    }
    *out = files;
    return ST_OK;
}

/* ------------------------------------------------------------------------- partitions */

/* The key=value folders of one path, as shown: those above the root say nothing about rows. */
static void hive_keys_of(struct ctx *cx, str path, struct source_columns *out)
{
    str rest = os_path_parent(path), segment, key, value;

    while (str_cut(&rest, '/', &segment)) {
        if (str_split(segment, '=', &key, &value) && key.len > 0 && !source_column_find(out, key)) {
            vec_push(cx->arena, &out->list,
                     (struct source_column){ .name = key, .physical_name = key });
        }
    }
}

void files_hive_keys(struct ctx *cx, const struct source_files *files, struct source_columns *out)
{
    struct source_columns none = { 0 }, first = { 0 };

    for (size_t i = 0; i < files->list.count; i++) {
        struct source_columns keys = { 0 };

        hive_keys_of(cx, files->list.items[i].shown, &keys);
        if (i == 0) {
            first = keys;
        }
        if (keys.list.count != first.list.count) {
            *out = none;
            return;
        }
        for (size_t k = 0; k < keys.list.count; k++) {
            if (!str_eq(keys.list.items[k].name, first.list.items[k].name)) {
                *out = none;
                return;
            }
        }
    }
    *out = first;
}

/* ------------------------------------------------------------------------- open */

static const struct source_ops files_ops = {
    .kind    = SOURCE_FILES,
    .list    = files_list,
    .hash    = files_hash,
    .check   = files_check,
    .call_of = files_call_of,
    .columns = files_columns,
};

enum status source_files_open(struct ctx *cx, const struct source_options *options,
                              struct source **out)
{
    struct source *s = ARENA_NEW(cx->arena, struct source);

    if (!os_path_is_absolute(options->root)) {
        return FAIL(cx, INVALID,
                    "the root folder of a source must be absolute, \"" STR_FMT "\" is not",
                    STR_ARG(options->root));
    }
    s->ops     = &files_ops;
    s->options = *options;
    *out       = s;
    return ST_OK;
}
