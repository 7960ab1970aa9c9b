/*
 * files_hash.c - proof that a file is what was listed: size, time and SHA-256.
 */
#include "codec/digest_file.h"
#include "source/source_int.h"

static enum status changed(struct ctx *cx, const struct source_file *file, const char *what)
{
    return FAIL(cx, CONFLICT,
                "\"" STR_FMT
                "\" changed while it was read (its %s is not the one listed); try again "
                "when nothing writes to it",
                STR_ARG(file->shown), what);
}

/* ST_CONFLICT when the open file is not as listed. */
static enum status compare(struct ctx *cx, struct os_file *f, const struct source_file *file)
{
    struct os_info info;

    TRY(os_file_stat(cx, f, &info));
    if (info.size != file->bytes) {
        return changed(cx, file, "size");
    }
    return info.mtime_us == file->mtime_us ? ST_OK : changed(cx, file, "time");
}

static enum status hash_open(struct ctx *cx, struct os_file *f, const struct source_file *file,
                             digest *out)
{
    struct file_sum sum;

    TRY(compare(cx, f, file));
    TRY(file_sum_of(cx, f, &sum));
    if (sum.bytes != file->bytes) {
        return changed(cx, file, "size");
    }
    TRY(compare(cx, f, file));
    *out = sum.sha256;
    return ST_OK;
}

/* The digest of the file that has this path now. */
static enum status hash_path(struct source *s, struct ctx *cx, const struct source_file *file,
                             digest *out)
{
    struct os_file *f = NULL;
    str             real;
    enum status     st = os_file_real(cx, file->path, &real);

    if (st == ST_NOT_FOUND) {
        return FAIL(cx, CONFLICT, "\"" STR_FMT "\" was removed while it was read",
                    STR_ARG(file->shown));
    }
    TRY(st);
    TRY(files_reach(s, cx, real, file->shown));
    TRY(os_file_open(cx, file->path, &f));
    st = hash_open(cx, f, file, out);
    os_file_close(f);
    return st;
}

enum status files_hash(struct source *s, struct ctx *cx, struct source_file *file)
{
    digest d;

    TRY(hash_path(s, cx, file, &d));
    file->sha256 = digest_hex(cx, d);
    return ST_OK;
}

enum status files_check(struct source *s, struct ctx *cx, const struct source_files *files)
{
    for (size_t i = 0; i < files->list.count; i++) {
        const struct source_file *file = &files->list.items[i];
        struct source_file        now  = *file;

        TRY(files_hash(s, cx, &now));
        if (file->sha256.len > 0 && !str_eq(file->sha256, now.sha256)) {
            return changed(cx, file, "content");
        }
    }
    return ST_OK;
}
