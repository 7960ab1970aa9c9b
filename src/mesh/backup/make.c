/*
 * make.c - from a live mesh to a backup.
 *
 * The store is copied first, at one moment; then the files that the copy names, which stay where they are
 * while the lock on history is held; the manifest comes last.
 */
#include "backup/backup_int.h"

#include "base/id.h"
#include "base/time.h"
#include "blob/blob_file.h"
#include "journal/journal.h"
#include "os/dir.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/path.h"
#include "retention/retention.h"

struct making {
    const struct backup_state *state;
    str                        dir;
    struct backup_manifest     manifest;
    str                        copy_path;
    struct db                 *copy; /* of the store, opened for reading */
    struct blob               *objects;
    struct backup_report      *report;
};

static enum status copy_store(struct ctx *cx, struct making *m)
{
    struct journal_link head;

    m->manifest.registry = arena_printf(cx->arena, "registry-" STR_FMT ".db", STR_ARG(id_new(cx)));
    m->copy_path         = os_path_join(cx->arena, m->dir, m->manifest.registry);
    TRY(db_copy(m->state->db, cx, m->copy_path));
    TRY(backup_file_hash(cx, m->copy_path, &m->manifest.registry_sha256));
    TRY(backup_open_copy(cx, m->copy_path, &m->copy));
    TRY(db_begin(m->copy, cx, DB_READ));
    TRY(db_end(cx, journal_head(cx, &head)));
    m->manifest.events = head.seq;
    return ST_OK;
}

static enum status copy_objects(struct ctx *cx, struct making *m)
{
    TRY(blob_file_open(cx, os_path_join(cx->arena, m->dir, S("objects")), &m->objects));
    TRY(db_begin(m->copy, cx, DB_READ));
    TRY(db_end(cx, backup_copy_files(cx, m->state->blob, m->objects, m->report)));
    if (m->report->bad_count > 0) {
        return FAIL(cx, CORRUPT,
                    "%llu of the mesh's files cannot be saved, the first one: " STR_FMT
                    "; weft doctor looks at all of them",
                    (unsigned long long)m->report->bad_count, STR_ARG(m->report->bad.items[0]));
    }
    return ST_OK;
}

static enum status write_manifest(struct ctx *cx, struct making *m)
{
    m->manifest.mesh    = m->state->project->name;
    m->manifest.program = m->state->program;
    m->manifest.made    = time_text(cx->arena, ctx_now_us(cx));
    m->manifest.files   = m->report->copied + m->report->kept;
    m->manifest.bytes   = m->report->bytes;
    m->report->made     = m->manifest.made;
    m->report->events   = m->manifest.events;
    return backup_manifest_write(cx, m->dir, &m->manifest);
}

/* ------------------------------------------------------------------------- what is no longer needed */

static enum status remove_stores(struct ctx *cx, const struct making *m)
{
    struct os_entries entries;

    TRY(os_dir_list(cx, m->dir, BACKUP_KEYS_MAX, &entries));
    for (size_t i = 0; i < entries.list.count; i++) {
        str name = entries.list.items[i].path;

        if (str_starts(name, S("registry-")) && !str_starts(name, m->manifest.registry)) {
            TRY(os_file_remove(cx, os_path_join(cx->arena, m->dir, name), OS_MISSING_OK));
        }
    }
    return ST_OK;
}

static enum status remove_page(struct ctx *cx, struct making *m, const struct blob_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        bool is_held;

        TRY(table_file_known(cx, page->items[i].key, &is_held));
        if (!is_held) {
            TRY(blob_delete(m->objects, cx, page->items[i].key));
            m->report->removed++;
        }
    }
    return ST_OK;
}

/* Files that an earlier backup needed and this one does not. */
static enum status remove_objects(struct ctx *cx, struct making *m)
{
    str after = STR_NONE;

    for (;;) {
        struct blob_page page;

        TRY(blob_list(m->objects, cx, S(""), after, 0, &page));
        TRY(remove_page(cx, m, &page));
        if (!page.has_more) {
            return ST_OK;
        }
        after = page.items[page.count - 1].key;
    }
}

static enum status tidy(struct ctx *cx, struct making *m)
{
    TRY(remove_stores(cx, m));
    TRY(db_begin(m->copy, cx, DB_READ));
    return db_end(cx, remove_objects(cx, m));
}

/* ------------------------------------------------------------------------- the whole */

static enum status tell(struct ctx *cx, const struct making *m)
{
    struct json *details = json_new_object(cx->arena);

    json_set(cx->arena, details, S("events"), json_new_i64(cx->arena, m->manifest.events));
    json_set(cx->arena, details, S("files"), json_new_i64(cx->arena, (int64_t)m->manifest.files));
    json_set(cx->arena, details, S("bytes"), json_new_i64(cx->arena, (int64_t)m->manifest.bytes));
    return journal_append(cx,
                          &(struct journal_event){ .kind    = JOURNAL_BACKUP_MADE,
                                                   .subject = m->state->project->name,
                                                   .details = details },
                          NULL);
}

static enum status make_locked(struct ctx *cx, struct making *m)
{
    TRY(copy_store(cx, m));
    TRY(copy_objects(cx, m));
    TRY(backup_copy_keys(cx, os_path_join(cx->arena, m->state->project->state_dir, S("keys")),
                         os_path_join(cx->arena, m->dir, S("keys"))));
    TRY(write_manifest(cx, m));
    TRY(tidy(cx, m));
    TRY(db_begin(m->state->db, cx, DB_WRITE));
    return db_end(cx, tell(cx, m));
}

/* A folder with something else in it is somebody's, and not to be filled by us. */
static enum status check_folder(struct ctx *cx, str dir)
{
    struct backup_manifest known;
    struct os_entries      entries;
    bool                   is_ours = false;

    TRY(os_dir_make_all(cx, dir, 0700));
    TRY(os_dir_list(cx, dir, BACKUP_KEYS_MAX, &entries));
    if (entries.list.count == 0 || backup_manifest_read(cx, dir, &known) == ST_OK) {
        return ST_OK;
    }
    err_clear(cx->err);
    for (size_t i = 0; i < entries.list.count; i++) { /* one that was interrupted before its end */
        str name = entries.list.items[i].path;

        is_ours = is_ours || str_eq(name, S("backup.lock"));
    }
    return is_ours ? ST_OK
                   : FAIL(cx, CONFLICT,
                          "\"" STR_FMT "\" holds other things; name a new folder or a backup",
                          STR_ARG(dir));
}

enum status backup_make(struct ctx *cx, const struct backup_state *state, str dir,
                        struct backup_report *out)
{
    struct making   m       = { .state = state, .dir = dir, .report = out };
    struct os_lock *folder  = NULL;
    struct os_lock *history = NULL;
    enum status     st;

    *out = (struct backup_report){ 0 };
    TRY(check_folder(cx, dir));
    st =
        os_lock_try(cx, os_path_join(cx->arena, dir, S("backup.lock")), OS_LOCK_EXCLUSIVE, &folder);
    if (st == ST_OK) {
        st = retention_lock(cx, state->project, OS_LOCK_SHARED, &history);
    }
    if (st == ST_OK) {
        st = make_locked(cx, &m);
    }
    blob_close(m.objects);
    backup_close_copy(cx, m.copy_path, m.copy);
    os_lock_close(history);
    os_lock_close(folder);
    return st;
}
