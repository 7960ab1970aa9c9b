/*
 * duckdb_spill.c - the private folder into which an instance spills.
 *
 * <temp_dir>/engine-XXXX/ (0700) with a lock file held while the instance lives. The kernel frees
 * the lock of a dead process, so a folder whose lock can be had is nobody's and is removed, with the
 * encrypted rows in it. Folders without a lock file were left by a start that did not get so far; one
 * that is just being made could be among them, so a new folder is taken only if it is still there
 * after its lock is.
 */
#include "engine/duckdb_int.h"

#include "os/dir.h"
#include "os/lock.h"

enum { SPILL_FOLDERS_MAX = 10000, SPILL_TRIES = 5 };

struct duck_spill {
    struct arena   *arena;
    str             path;
    struct os_lock *lock;
};

static const str prefix    = STR_INIT("engine-");
static const str lock_name = STR_INIT("lock");

static str join(struct arena *a, str folder, str name)
{
    return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(name));
}

/* Removes one folder if its owner is dead. What cannot be removed stays: it harms nobody. */
static void remove_if_dead(struct ctx *cx, str folder)
{
    struct os_lock *lock = NULL;
    struct err      seen = { .code = ST_OK };
    struct ctx      own  = *cx;

    own.err = &seen;
    if (os_lock_try(&own, join(cx->arena, folder, lock_name), OS_LOCK_EXCLUSIVE, &lock) != ST_OK) {
        return;
    }
    ignore(os_dir_remove_all(&own, folder), "the next start tries again");
    os_lock_close(lock);
}

static enum status remove_dead(struct ctx *cx, str parent)
{
    struct os_entries entries = { 0 };

    TRY(os_dir_list(cx, parent, SPILL_FOLDERS_MAX, &entries));
    for (size_t i = 0; i < entries.list.count; i++) {
        const struct os_entry *entry = &entries.list.items[i];

        if (entry->kind == OS_KIND_FOLDER && str_starts(entry->path, prefix)) {
            remove_if_dead(cx, join(cx->arena, parent, entry->path));
        }
    }
    return ST_OK;
}

/* Locks the new folder; ST_CONFLICT when a starting neighbour has taken it or swept it away. */
static enum status lock_folder(struct ctx *cx, struct duck_spill *s)
{
    str         name   = join(cx->arena, s->path, lock_name);
    bool        exists = false;
    enum status st     = os_lock_try(cx, name, OS_LOCK_EXCLUSIVE, &s->lock);

    if (st == ST_CONFLICT || st == ST_NOT_FOUND) {
        return FAIL(cx, CONFLICT, "another process has taken the folder \"" STR_FMT "\"",
                    STR_ARG(s->path));
    }
    TRY(st);
    TRY(os_file_exists(cx, name, &exists));
    if (!exists) {
        return FAIL(cx, CONFLICT, "another process has removed the folder \"" STR_FMT "\"",
                    STR_ARG(s->path));
    }
    return ST_OK;
}

/* A folder that could not be locked is ours to remove, unless a neighbour has it. */
static enum status make_locked(struct ctx *cx, str parent, struct duck_spill *s)
{
    struct err  unused = { .code = ST_OK };
    struct ctx  quiet  = *cx;
    enum status st;

    TRY(os_dir_make_temp(cx, parent, prefix, &s->path));
    st        = lock_folder(cx, s);
    quiet.err = &unused;
    if (st != ST_OK && st != ST_CONFLICT) {
        ignore(os_dir_remove_all(&quiet, s->path), "the next start removes it");
    }
    if (st != ST_OK) {
        os_lock_close(s->lock);
    }
    return st;
}

enum status duck_spill_open(struct ctx *cx, str parent, struct duck_spill **out)
{
    struct arena      *arena = arena_new("engine spill", ENGINE_ARENA_BYTES);
    struct duck_spill *s     = ARENA_NEW(arena, struct duck_spill);
    struct ctx         own   = *cx;
    enum status        st;

    own.arena = arena; /* the lock lives as long as the instance */
    s->arena  = arena;
    st        = remove_dead(cx, parent);
    for (int i = 0; st == ST_OK && i < SPILL_TRIES; i++) {
        st = make_locked(&own, parent, s);
        if (st != ST_CONFLICT) {
            break;
        }
        st = i + 1 < SPILL_TRIES ? ST_OK : st;
    }
    if (st != ST_OK) {
        arena_free(arena);
        return err_wrap(cx->err, "make a temp folder for the engine");
    }
    *out = s;
    return ST_OK;
}

str duck_spill_path(const struct duck_spill *spill)
{
    return spill->path;
}

void duck_spill_close(struct duck_spill *s)
{
    struct err unused = { .code = ST_OK };
    struct ctx own    = { .err = &unused };

    if (!s) {
        return;
    }
    own.arena = s->arena;
    ignore(os_dir_remove_all(&own, s->path), "the next start removes it");
    os_lock_close(s->lock);
    arena_free(s->arena);
}
