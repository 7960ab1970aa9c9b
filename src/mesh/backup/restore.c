/*
 * restore.c - from a backup to a mesh.
 *
 * Keys and files first; the store, with an event that tells of the restore, gets its name last.
 */
#include "backup/backup_int.h"

#include "blob/blob_file.h"
#include "journal/journal.h"
#include "os/dir.h"
#include "os/file.h"
#include "os/path.h"
#include "publish/publish.h"
#include "table/delta.h"

static enum status check_store(struct ctx *cx, const struct backup_state *state, str dir,
                               struct backup_manifest *out)
{
    bool is_there;
    str  path, hash;

    TRY(os_file_exists(cx, state->store_path, &is_there));
    if (is_there) {
        return FAIL(cx, CONFLICT,
                    "there is a store: \"" STR_FMT
                    "\"; a restore needs a mesh without state, so move it away first",
                    STR_ARG(state->store_path));
    }
    TRY(backup_manifest_read(cx, dir, out));
    path = os_path_join(cx->arena, dir, out->registry);
    TRY(backup_file_hash(cx, path, &hash));
    if (!str_eq(hash, out->registry_sha256)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is not what the backup wrote", STR_ARG(path));
    }
    return ST_OK;
}

/* Logs of a store that is gone tell of publishes that the restored one does not know. */
static enum status remove_logs(struct ctx *cx, struct blob *blob)
{
    struct blob_page page;
    str              after = STR_NONE;

    do {
        TRY(blob_list(blob, cx, S(""), after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            after = page.items[i].key;
            if (delta_log_folder(after, &(str){ 0 })) {
                TRY(blob_delete(blob, cx, after));
            }
        }
    } while (page.has_more);
    return ST_OK;
}

static enum status restore_files(struct ctx *cx, const struct backup_state *state, str dir,
                                 struct db *db, struct backup_report *report)
{
    struct blob *from;
    enum status  st;

    TRY(blob_file_open(cx, os_path_join(cx->arena, dir, S("objects")), &from));
    st = db_begin(db, cx, DB_READ);
    if (st == ST_OK) {
        st = db_end(cx, backup_copy_files(cx, from, state->blob, report));
    }
    blob_close(from);
    return st;
}

/* Publishes that ran when the backup was made ended with the machine they ran on. */
static enum status drop_leases(struct ctx *cx)
{
    struct publish_leases leases;

    TRY(publish_leases_all(cx, &leases));
    for (size_t i = 0; i < leases.list.count; i++) {
        TRY(publish_lease_drop(cx, &leases.list.items[i]));
    }
    return ST_OK;
}

/* The epoch tells what was granted before the restore from what was granted after it. */
static enum status tell(struct ctx *cx, const struct backup_state *state,
                        const struct backup_manifest *m, const struct backup_report *report)
{
    struct json *details = json_new_object(cx->arena);

    TRY(drop_leases(cx));
    json_set(cx->arena, details, S("epoch"), json_new_i64(cx->arena, ctx_now_us(cx)));
    json_set(cx->arena, details, S("made"), json_new_str(cx->arena, m->made));
    json_set(cx->arena, details, S("events"), json_new_i64(cx->arena, m->events));
    json_set(cx->arena, details, S("bad_files"),
             json_new_i64(cx->arena, (int64_t)report->bad_count));
    return journal_append(cx,
                          &(struct journal_event){ .kind    = JOURNAL_STORE_RESTORED,
                                                   .subject = state->project->name,
                                                   .details = details },
                          NULL);
}

static enum status finish_store(struct ctx *cx, const struct backup_state *state, str path,
                                const struct backup_manifest *m, const struct backup_report *report)
{
    struct db_options options = { .path = path, .mode = DB_MODE_WRITE };
    struct db        *db      = NULL;
    enum status       st      = db_open(cx, &options, &db);

    if (st == ST_OK) {
        st = state->migrate(state->migrate_arg, db);
    }
    if (st == ST_OK) {
        st = db_begin(db, cx, DB_WRITE);
    }
    if (st == ST_OK) {
        st = db_end(cx, tell(cx, state, m, report));
    }
    db_close(db);
    return st;
}

/* The store beside its place, whole and told, then by one rename in it. */
static enum status restore_store(struct ctx *cx, const struct backup_state *state, struct db *from,
                                 const struct backup_manifest *m,
                                 const struct backup_report   *report)
{
    str path = arena_printf(cx->arena, STR_FMT ".restoring", STR_ARG(state->store_path));
    static const char *const rests[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < COUNT_OF(rests); i++) { /* of a restore that was interrupted */
        TRY(os_file_remove(cx, arena_concat(cx->arena, path, str_of(rests[i])), OS_MISSING_OK));
    }
    TRY(db_copy(from, cx, path));
    TRY(finish_store(cx, state, path, m, report));
    return os_file_move(cx, path, state->store_path, OS_NEW);
}

static enum status restore_all(struct ctx *cx, const struct backup_state *state, str dir,
                               struct db *from, const struct backup_manifest *m,
                               struct backup_report *report)
{
    TRY(os_dir_make_all(cx, state->project->state_dir, 0700));
    TRY(os_dir_make_all(cx, os_path_parent(state->store_path), 0700));
    TRY(backup_copy_keys(cx, os_path_join(cx->arena, dir, S("keys")),
                         os_path_join(cx->arena, state->project->state_dir, S("keys"))));
    TRY(remove_logs(cx, state->blob));
    TRY(restore_files(cx, state, dir, from, report));
    return restore_store(cx, state, from, m, report);
}

enum status backup_restore(struct ctx *cx, const struct backup_state *state, str dir,
                           struct backup_report *out)
{
    struct db             *from = NULL;
    struct backup_manifest m;
    enum status            st;
    str                    path;

    *out = (struct backup_report){ 0 };
    TRY(check_store(cx, state, dir, &m));
    out->made   = m.made;
    out->events = m.events;
    path        = os_path_join(cx->arena, dir, m.registry);
    TRY(backup_open_copy(cx, path, &from));
    st = restore_all(cx, state, dir, from, &m, out);
    backup_close_copy(cx, path, from);
    if (st == ST_OK && out->bad_count > 0) {
        return FAIL(
            cx, CORRUPT,
            "the mesh is there, but %llu of its files are missing from the backup or damaged",
            (unsigned long long)out->bad_count);
    }
    return st;
}
