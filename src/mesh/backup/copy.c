/*
 * copy.c - manifest, files and keys, the same for both ways.
 */
#include "backup/backup_int.h"

#include "codec/digest_file.h"
#include "codec/json.h"
#include "os/dir.h"
#include "os/file.h"
#include "os/path.h"

/* ------------------------------------------------------------------------- manifest */

static str manifest_path(struct ctx *cx, str dir)
{
    return os_path_join(cx->arena, dir, S("backup.json"));
}

enum status backup_manifest_write(struct ctx *cx, str dir, const struct backup_manifest *m)
{
    struct arena *a    = cx->arena;
    struct json  *root = json_new_object(a);
    str           text;

    json_set(a, root, S("api"), json_new_str(a, S("weft/v1")));
    json_set(a, root, S("kind"), json_new_str(a, S("Backup")));
    json_set(a, root, S("mesh"), json_new_str(a, m->mesh));
    json_set(a, root, S("weft"), json_new_str(a, m->program));
    json_set(a, root, S("made"), json_new_str(a, m->made));
    json_set(a, root, S("registry"), json_new_str(a, m->registry));
    json_set(a, root, S("registry_sha256"), json_new_str(a, m->registry_sha256));
    json_set(a, root, S("events"), json_new_i64(a, m->events));
    json_set(a, root, S("files"), json_new_i64(a, (int64_t)m->files));
    json_set(a, root, S("bytes"), json_new_i64(a, (int64_t)m->bytes));
    TRY(json_canonical(cx, root, &text));
    return os_file_put(cx, manifest_path(cx, dir), arena_concat(a, text, S("\n")), OS_REPLACE,
                       0600);
}

static str text_of(const struct json *root, str name)
{
    return json_text_or(json_get(root, name), S(""));
}

/* The name of a file in the backup's folder, never a way out of it. */
static bool is_registry_name(str name)
{
    return str_starts(name, S("registry-")) && str_ends(name, S(".db")) && !str_has(name, S("/"));
}

enum status backup_manifest_read(struct ctx *cx, str dir, struct backup_manifest *out)
{
    struct json *root;
    str          text;

    if (os_file_read(cx, manifest_path(cx, dir), BACKUP_MANIFEST_MAX, &text) != ST_OK) {
        return err_wrap(cx->err, "\"" STR_FMT "\" holds no whole backup", STR_ARG(dir));
    }
    if (json_read(cx, text, "backup.json", NULL, &root) != ST_OK ||
        !str_eq(text_of(root, S("kind")), S("Backup")) ||
        !is_registry_name(text_of(root, S("registry")))) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is not a backup that this program made",
                    STR_ARG(manifest_path(cx, dir)));
    }
    *out = (struct backup_manifest){
        .mesh            = text_of(root, S("mesh")),
        .program         = text_of(root, S("weft")),
        .made            = text_of(root, S("made")),
        .registry        = text_of(root, S("registry")),
        .registry_sha256 = text_of(root, S("registry_sha256")),
        .events          = json_i64_or(json_get(root, S("events")), 0),
        .files           = (uint64_t)json_i64_or(json_get(root, S("files")), 0),
        .bytes           = (uint64_t)json_i64_or(json_get(root, S("bytes")), 0),
    };
    return ST_OK;
}

/* ------------------------------------------------------------------------- the store's copy */

enum status backup_open_copy(struct ctx *cx, str path, struct db **out)
{
    struct db_options options = { .path = path, .mode = DB_MODE_READ };

    return db_open(cx, &options, out);
}

void backup_close_copy(struct ctx *cx, str path, struct db *db)
{
    static const char *const rests[] = { "-wal", "-shm" };
    struct err               err     = { 0 };
    struct ctx               quiet   = *cx;

    if (!db) {
        return;
    }
    db_close(db);
    quiet.err = &err;
    for (size_t i = 0; i < COUNT_OF(rests); i++) {
        ignore(
            os_file_remove(&quiet, arena_concat(cx->arena, path, str_of(rests[i])), OS_MISSING_OK),
            "a backup on a medium that cannot be written has none");
    }
}

/* ------------------------------------------------------------------------- files */

enum status backup_file_hash(struct ctx *cx, str path, str *out)
{
    struct file_sum sum;

    TRY(file_sum_of_path(cx, path, &sum));
    *out = digest_hex(cx, sum.sha256);
    return ST_OK;
}

static void note_bad(struct ctx *cx, struct backup_report *report, str key, const char *what)
{
    if (report->bad.count < BACKUP_BAD_SHOWN) {
        vec_push(cx->arena, &report->bad,
                 arena_printf(cx->arena, STR_FMT " %s", STR_ARG(key), what));
    }
    report->bad_count++;
}

/* One that is there in the right size was copied, hashed and synced by an earlier call. */
static enum status is_there(struct ctx *cx, struct blob *to, const struct table_file *f, bool *out)
{
    struct blob_info info;
    enum status      st = blob_stat(to, cx, f->key, &info);

    *out = st == ST_OK && info.size == f->bytes;
    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    if (st == ST_OK && !*out) {
        return blob_delete(to, cx, f->key);
    }
    return st;
}

static enum status copy_file(struct ctx *cx, struct blob *from, struct blob *to,
                             const struct table_file *f, struct backup_report *report)
{
    struct blob_sum sum;
    enum status     st;
    bool            is_kept;
    str             path;

    TRY(is_there(cx, to, f, &is_kept));
    report->bytes += f->bytes;
    if (is_kept) {
        report->kept++;
        return ST_OK;
    }
    TRY(blob_local_path(from, cx, f->key, &path));
    st = blob_put_file(to, cx, f->key, path, &sum);
    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        note_bad(cx, report, f->key, "is missing");
        return ST_OK;
    }
    TRY(st);
    if (sum.size != f->bytes || !str_eq(digest_hex(cx, sum.sha256), f->sha256)) {
        note_bad(cx, report, f->key, "is not what was published");
        return blob_delete(to, cx, f->key);
    }
    report->copied++;
    report->copied_bytes += f->bytes;
    return ST_OK;
}

enum status backup_copy_files(struct ctx *cx, struct blob *from, struct blob *to,
                              struct backup_report *report)
{
    struct table_files files;

    TRY(table_files_all(cx, &files));
    for (size_t i = 0; i < files.list.count; i++) {
        TRY(ctx_check(cx));
        TRY(copy_file(cx, from, to, &files.list.items[i], report));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- keys */

static enum status copy_key(struct ctx *cx, str from, str to)
{
    bool is_known;
    str  bytes, known;

    TRY(os_file_read(cx, from, BACKUP_KEY_MAX, &bytes));
    TRY(os_file_exists(cx, to, &is_known));
    if (is_known) {
        TRY(os_file_read(cx, to, BACKUP_KEY_MAX, &known));
        return str_eq(bytes, known)
                   ? ST_OK
                   : FAIL(cx, CONFLICT, "another key is there: \"" STR_FMT "\"", STR_ARG(to));
    }
    return os_file_put(cx, to, bytes, OS_NEW, str_ends(to, S(".pub.pem")) ? 0644 : 0600);
}

enum status backup_copy_keys(struct ctx *cx, str from, str to)
{
    struct os_entries keys;

    TRY(os_dir_make_all(cx, to, 0700));
    TRY(os_dir_list(cx, from, BACKUP_KEYS_MAX, &keys));
    for (size_t i = 0; i < keys.list.count; i++) {
        const struct os_entry *e = &keys.list.items[i];

        if (e->kind == OS_KIND_FILE) {
            TRY(copy_key(cx, os_path_join(cx->arena, from, e->path),
                         os_path_join(cx->arena, to, e->path)));
        }
    }
    return ST_OK;
}
