/*
 * delta.c - writing the log of a table, and comparing it with what it should be.
 */
#include "table/delta.h"

#include "base/map.h"
#include "table/delta_int.h"
#include "table/table_sql.h"

#define LOG_FOLDER      "/_delta_log/"
#define LAST_CHECKPOINT "_last_checkpoint"

struct log {
    struct ctx               *cx;
    const struct delta_place *place;
    str                       address;
    int64_t                   newest; /* version; -1: the table has no log                */
    int64_t                   oldest; /* snapshot of which the store can tell the files   */
    int64_t                   first;  /* version that the store can tell: what it changed */
    size_t                    written;
};

bool delta_log_folder(str key, str *out)
{
    size_t at;

    if (!str_find(key, S(LOG_FOLDER), &at)) {
        return false;
    }
    *out = str_sub(key, 0, at + 1);
    return true;
}

static str version_key(struct arena *a, str address, int64_t version)
{
    str folder = table_folder(a, address);

    return arena_printf(a, STR_FMT "_delta_log/%020lld.json", STR_ARG(folder), (long long)version);
}

static bool has_checkpoint(int64_t version)
{
    return version > 0 && version % DELTA_CHECKPOINT_EVERY == 0;
}

/* ------------------------------------------------------------------------- what there should be */

enum status delta_tables_all(struct ctx *cx, struct delta_tables *out)
{
    struct delta_tables  made                     = { 0 };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &table_sql[TABLE_SQL_LOG_ADDRESSES], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct delta_table){ db_text_dup(rows, cx, 0), db_col_i64(rows, 1) });
    }
    *out = made;
    return ST_OK;
}

/* Version 0 and 1 follow from snapshot 1; all others from a snapshot and the one before. */
static enum status read_reach(struct log *l)
{
    const struct db_rows *row;

    TRY(db_query_one(l->cx, &table_sql[TABLE_SQL_LOG_REACH], DB_ARGS(db_text(l->address)), &row));
    l->newest = row ? db_col_i64(row, 0) : -1;
    l->oldest = row ? db_col_i64(row, 1) : 1;
    l->first  = l->oldest == 1 ? 0 : l->oldest + 1;
    return ST_OK;
}

/* ------------------------------------------------------------------------- writing */

/* The object that is there must hold these bytes. */
static enum status check_bytes(struct ctx *cx, struct blob *blob, str key, str bytes)
{
    struct blob_info info;
    str              found = STR_NONE;

    TRY(blob_stat(blob, cx, key, &info));
    if (info.size == bytes.len) {
        TRY(blob_get(blob, cx, key, &found));
    }
    if (!str_eq(found, bytes)) {
        return FAIL(cx, CONFLICT, "\"" STR_FMT "\" is not what weft writes", STR_ARG(key));
    }
    return ST_OK;
}

static enum status check_version(struct log *l, int64_t version)
{
    str text;

    TRY(delta_commit_text(l->cx, l->address, version, &text));
    return check_bytes(l->cx, l->place->blob, version_key(l->cx->arena, l->address, version), text);
}

static enum status write_version(struct log *l, int64_t version)
{
    str         key = version_key(l->cx->arena, l->address, version);
    enum status st;
    str         text;

    TRY(delta_commit_text(l->cx, l->address, version, &text));
    st = blob_put_bytes(l->place->blob, l->cx, key, text);
    if (st == ST_CONFLICT) {
        err_clear(l->cx->err);
        return check_bytes(l->cx, l->place->blob, key, text);
    }
    l->written += st == ST_OK;
    return st;
}

/* The last version that is there, and is ours; l->first - 1 when none is that the store can tell. */
static enum status find_end(struct log *l, int64_t *out)
{
    int64_t version = l->newest;
    bool    is_there;

    for (; version >= l->first; version--) {
        TRY(blob_exists(l->place->blob, l->cx, version_key(l->cx->arena, l->address, version),
                        &is_there));
        if (is_there) {
            TRY(check_version(l, version));
            break;
        }
    }
    *out = version;
    return ST_OK;
}

static enum status write_checkpoint(struct log *l, int64_t version)
{
    bool is_there;

    TRY(blob_exists(l->place->blob, l->cx, delta_checkpoint_key(l->cx->arena, l->address, version),
                    &is_there));
    if (!is_there) {
        TRY(delta_checkpoint_write(l->cx, l->place, l->address, version));
        l->written++;
    }
    return ST_OK;
}

/* Whether _last_checkpoint names this version. */
static enum status names_version(struct log *l, str key, int64_t version, bool *out)
{
    str         start = arena_printf(l->cx->arena, "{\"version\":%lld,", (long long)version);
    enum status st;
    str         found;

    st = blob_get_range(l->place->blob, l->cx, key, 0, start.len, &found);
    if (st == ST_NOT_FOUND) {
        err_clear(l->cx->err);
        *out = false;
        return ST_OK;
    }
    TRY(st);
    *out = str_eq(found, start);
    return ST_OK;
}

/* A hint that readers can do without: objects never change, so the old one goes first. */
static enum status write_hint(struct log *l, int64_t version, enum delta_extent extent)
{
    str  key = delta_log_key(l->cx->arena, l->address, LAST_CHECKPOINT);
    bool is_right;
    str  text;

    TRY(names_version(l, key, version, &is_right));
    if (is_right && extent == DELTA_NEWEST) {
        return ST_OK;
    }
    TRY(delta_last_checkpoint_text(l->cx, l->place, l->address, version, &text));
    if (is_right && check_bytes(l->cx, l->place->blob, key, text) == ST_OK) {
        return ST_OK;
    }
    err_clear(l->cx->err);
    TRY(blob_delete(l->place->blob, l->cx, key));
    TRY(blob_put_bytes(l->place->blob, l->cx, key, text));
    l->written++;
    return ST_OK;
}

/* The newest version that has a checkpoint of which the store can tell the rows; 0 for none. */
static int64_t last_checkpoint(const struct log *l)
{
    int64_t last = l->newest - l->newest % DELTA_CHECKPOINT_EVERY;

    return last >= l->oldest ? last : 0;
}

static enum status write_checkpoints(struct log *l, int64_t first, enum delta_extent extent)
{
    int64_t last    = last_checkpoint(l);
    int64_t version = first - first % DELTA_CHECKPOINT_EVERY;

    if (last == 0) {
        return ST_OK;
    }
    if (version < l->oldest) {
        version = l->oldest + DELTA_CHECKPOINT_EVERY - 1;
        version -= version % DELTA_CHECKPOINT_EVERY;
    }
    for (; version <= last; version += DELTA_CHECKPOINT_EVERY) {
        TRY(has_checkpoint(version) ? write_checkpoint(l, version) : ST_OK);
    }
    return write_hint(l, last, extent);
}

/*
 * Whether the log begins with the oldest snapshot that has its files: what was before is forgotten, and a
 * checkpoint takes its place (PROTOCOL.md, Metadata Cleanup).
 */
static enum status is_start(struct log *l, bool *out)
{
    bool is_there = true;

    if (l->first > 0) {
        TRY(blob_exists(l->place->blob, l->cx, version_key(l->cx->arena, l->address, l->oldest - 1),
                        &is_there));
    }
    *out = !is_there;
    return ST_OK;
}

static enum status write_log(struct log *l, enum delta_extent extent)
{
    int64_t first;
    bool    begins;

    TRY(read_reach(l));
    if (l->newest < 0) {
        return ST_OK;
    }
    first = l->first;
    if (extent == DELTA_NEWEST) {
        TRY(find_end(l, &first));
        first++;
    }
    TRY(is_start(l, &begins));
    if (begins) {
        TRY(write_checkpoint(l, l->oldest));
    }
    for (int64_t version = first; version <= l->newest; version++) {
        struct arena_mark mark = arena_mark(l->cx->arena);

        TRY(ctx_check(l->cx));
        TRY(write_version(l, version));
        arena_rewind(l->cx->arena, mark);
    }
    return write_checkpoints(l, first, extent);
}

enum status delta_write(struct ctx *cx, const struct delta_place *place, str address,
                        enum delta_extent extent, size_t *out)
{
    struct log l = { .cx = cx, .place = place, .address = address };

    if (write_log(&l, extent) != ST_OK) {
        return err_wrap(cx->err, "Delta log of " STR_FMT, STR_ARG(address));
    }
    *out = l.written;
    return ST_OK;
}

enum status delta_is_behind(struct ctx *cx, const struct delta_place *place, str address, bool *out)
{
    struct log l        = { .cx = cx, .place = place, .address = address };
    bool       is_there = true;

    TRY(read_reach(&l));
    if (l.newest >= l.first) {
        TRY(blob_exists(place->blob, cx, version_key(cx->arena, address, l.newest), &is_there));
    }
    if (is_there && has_checkpoint(l.newest)) {
        TRY(blob_exists(place->blob, cx, delta_checkpoint_key(cx->arena, address, l.newest),
                        &is_there));
    }
    *out = !is_there;
    return ST_OK;
}

/* ------------------------------------------------------------------------- forgetting */

/* The version in a name of the log: NNN.json or NNN.checkpoint.parquet; -1 for other names. */
static int64_t version_of(str key)
{
    uint64_t version;
    str      name, digits, kind;

    if (str_rsplit(key, '/', &(str){ 0 }, &name) && str_split(name, '.', &digits, &kind) &&
        str_to_u64(digits, &version)) {
        return (int64_t)version;
    }
    return -1;
}

/* Newest first: as soon as the one before the oldest is gone, the log begins at the checkpoint. */
static enum status delete_before(struct log *l, int64_t oldest)
{
    str              prefix = delta_log_key(l->cx->arena, l->address, "");
    str              after  = STR_NONE;
    struct blob_page page;

    TRY(blob_delete(l->place->blob, l->cx, version_key(l->cx->arena, l->address, oldest - 1)));
    do {
        TRY(blob_list(l->place->blob, l->cx, prefix, after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            int64_t version = version_of(page.items[i].key);

            after = page.items[i].key;
            if (version >= 0 && version < oldest) {
                TRY(blob_delete(l->place->blob, l->cx, after));
            }
        }
    } while (page.has_more);
    return ST_OK;
}

static enum status forget_versions(struct log *l)
{
    bool is_there;

    TRY(read_reach(l));
    if (l->newest < 0 || l->oldest == 1) {
        return ST_OK;
    }
    /* A log that is behind, or was never written, is left to who writes it. */
    TRY(blob_exists(l->place->blob, l->cx, version_key(l->cx->arena, l->address, l->newest),
                    &is_there));
    if (!is_there) {
        return ST_OK;
    }
    TRY(write_checkpoint(l, l->oldest));
    if (last_checkpoint(l) == 0) {
        TRY(write_hint(l, l->oldest, DELTA_NEWEST));
    }
    return delete_before(l, l->oldest);
}

enum status delta_forget(struct ctx *cx, const struct delta_place *place, str address)
{
    struct log l = { .cx = cx, .place = place, .address = address };

    if (forget_versions(&l) != ST_OK) {
        return err_wrap(cx->err, "Delta log of " STR_FMT, STR_ARG(address));
    }
    return ST_OK;
}

struct key_list {
    VEC(str) list;
};

/* Keys of the log that weft wrote, in order. */
static enum status list_own(struct log *l, struct key_list *out)
{
    str              prefix = delta_log_key(l->cx->arena, l->address, "");
    str              hint   = delta_log_key(l->cx->arena, l->address, LAST_CHECKPOINT);
    str              after  = STR_NONE;
    struct blob_page page;

    do {
        TRY(blob_list(l->place->blob, l->cx, prefix, after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            int64_t version;

            after   = page.items[i].key;
            version = version_of(after);
            if ((version >= 0 && version <= l->newest) || str_eq(after, hint)) {
                vec_push(l->cx->arena, &out->list, after);
            }
        }
    } while (page.has_more);
    return ST_OK;
}

static enum status remove_log(struct log *l)
{
    struct key_list keys = { 0 };

    TRY(read_reach(l));
    TRY(list_own(l, &keys));
    for (size_t i = keys.list.count; i-- > 0;) {
        TRY(blob_delete(l->place->blob, l->cx, keys.list.items[i]));
    }
    return ST_OK;
}

enum status delta_has_log(struct ctx *cx, struct blob *blob, str address, bool *out)
{
    struct blob_page page;

    TRY(blob_list(blob, cx, delta_log_key(cx->arena, address, ""), STR_NONE, 1, &page));
    *out = page.count > 0;
    return ST_OK;
}

enum status delta_remove(struct ctx *cx, struct blob *blob, str address)
{
    struct delta_place place = { .blob = blob };
    struct log         l     = { .cx = cx, .place = &place, .address = address };

    if (remove_log(&l) != ST_OK) {
        return err_wrap(cx->err, "Delta log of " STR_FMT, STR_ARG(address));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- comparing */

struct look {
    struct log             log;
    struct map             found; /* keys that are there → themselves */
    struct delta_findings *out;
};

static enum status list_log(struct look *k)
{
    struct ctx *cx     = k->log.cx;
    str         prefix = delta_log_key(cx->arena, k->log.address, "");
    str         after  = STR_NONE;

    for (;;) {
        struct blob_page page;

        TRY(blob_list(k->log.place->blob, cx, prefix, after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            (void)map_put(&k->found, cx->arena, page.items[i].key, &page.items[i]);
        }
        if (!page.has_more) {
            return ST_OK;
        }
        after = page.items[page.count - 1].key;
    }
}

static void find(struct look *k, str key, enum delta_fault fault, str what)
{
    vec_push(k->log.cx->arena, &k->out->list,
             (struct delta_finding){ fault, k->log.address, key, what });
}

/* Takes a key out of those that are there; false when it is not one. */
static bool take_found(struct look *k, str key)
{
    if (!map_has(&k->found, key)) {
        return false;
    }
    (void)map_put(&k->found, k->log.cx->arena, key, NULL); /* keeps the key it has */
    return true;
}

/* What a comparison said of a file that is there. */
static enum status judge(struct look *k, str key, enum status st)
{
    if (st == ST_CONFLICT) {
        err_clear(k->log.cx->err);
        find(k, key, DELTA_FOREIGN, S("is not what weft writes"));
        return ST_OK;
    }
    k->out->files += st == ST_OK;
    return st;
}

static enum status look_at_version(struct look *k, int64_t version, bool *has_ended)
{
    struct ctx *cx  = k->log.cx;
    str         key = version_key(cx->arena, k->log.address, version);
    enum status st;
    str         text;

    if (take_found(k, key)) {
        struct arena_mark mark = arena_mark(cx->arena);

        st = check_version(&k->log, version);
        if (st == ST_OK) {
            arena_rewind(cx->arena, mark);
        }
        return judge(k, key, st);
    }
    st = delta_commit_text(cx, k->log.address, version, &text);
    if (st == ST_UNSUPPORTED) {
        find(k, key, DELTA_ENDS, arena_dup(cx->arena, err_text(cx->err)));
        err_clear(cx->err);
        *has_ended = true;
        return ST_OK;
    }
    find(k, key, DELTA_MISSING, S("is missing"));
    return st;
}

/* Readers that checkpoint for themselves move it; it is put right and alarms nobody. */
static enum status look_at_hint(struct look *k, int64_t version)
{
    struct ctx *cx  = k->log.cx;
    str         key = delta_log_key(cx->arena, k->log.address, LAST_CHECKPOINT);
    enum status st;
    str         text;

    if (!take_found(k, key)) {
        find(k, key, DELTA_MISSING, S("is missing"));
        return ST_OK;
    }
    if (!k->log.place->engine) {
        return ST_OK;
    }
    TRY(delta_last_checkpoint_text(cx, k->log.place, k->log.address, version, &text));
    st = check_bytes(cx, k->log.place->blob, key, text);
    if (st == ST_CONFLICT) {
        err_clear(cx->err);
        find(k, key, DELTA_MISSING, S("does not tell the newest checkpoint"));
        return ST_OK;
    }
    k->out->files += st == ST_OK;
    return st;
}

static enum status look_at_checkpoint(struct look *k, int64_t version, bool *is_right)
{
    struct ctx *cx       = k->log.cx;
    str         key      = delta_checkpoint_key(cx->arena, k->log.address, version);
    size_t      findings = k->out->list.count;

    if (take_found(k, key)) {
        TRY(judge(k, key, delta_checkpoint_check(cx, k->log.place, k->log.address, version)));
    } else {
        find(k, key, DELTA_MISSING, S("is missing"));
    }
    *is_right = k->out->list.count == findings;
    return ST_OK;
}

static enum status look_at_checkpoints(struct look *k)
{
    int64_t version  = DELTA_CHECKPOINT_EVERY;
    bool    is_right = false, begins;

    for (; version <= k->log.newest; version += DELTA_CHECKPOINT_EVERY) {
        TRY(ctx_check(k->log.cx));
        if (version >= k->log.oldest) {
            TRY(look_at_checkpoint(k, version, &is_right));
        }
    }
    if (is_right) {
        TRY(look_at_hint(k, version - DELTA_CHECKPOINT_EVERY));
    }
    if (k->log.first == 0 || has_checkpoint(k->log.oldest)) {
        return ST_OK;
    }
    /* Forgetting that was interrupted has written it already. */
    TRY(is_start(&k->log, &begins));
    begins = begins || map_get(&k->found, delta_checkpoint_key(k->log.cx->arena, k->log.address,
                                                               k->log.oldest));
    return begins ? look_at_checkpoint(k, k->log.oldest, &is_right) : ST_OK;
}

/* Whether a name in the log is that of a version, or of a checkpoint, that the store cannot tell. */
static bool is_old_name(const struct log *l, str name)
{
    uint64_t version;
    str      digits, kind;

    return str_split(name, '.', &digits, &kind) && str_to_u64(digits, &version) &&
           ((str_eq(kind, S("json")) && (int64_t)version < l->first) ||
            (str_eq(kind, S("checkpoint.parquet")) && (int64_t)version < l->oldest));
}

/* What the store cannot tell any more, of a log that was written in time, is taken as it is. */
static void pass_over_old(struct look *k)
{
    for (size_t i = 0; i < k->found.count; i++) {
        const struct map_entry *e = &k->found.entries[i];
        str                     name;

        if (e->value && str_rsplit(e->key, '/', &(str){ 0 }, &name) && is_old_name(&k->log, name)) {
            (void)take_found(k, e->key);
            k->out->files++;
        }
    }
}

static enum status look_at_versions(struct look *k, int64_t *out_count, bool *has_ended)
{
    int64_t version = k->log.first;

    for (; version <= k->log.newest && !*has_ended; version++) {
        TRY(ctx_check(k->log.cx));
        TRY(look_at_version(k, version, has_ended));
    }
    *out_count = version;
    return ST_OK;
}

static enum status look_at_log(struct look *k)
{
    bool    has_ended = false;
    int64_t version;

    TRY(list_log(k));
    pass_over_old(k);
    TRY(look_at_versions(k, &version, &has_ended));
    k->log.newest = version - (has_ended ? 2 : 1);
    TRY(look_at_checkpoints(k));
    (void)take_found(k, delta_log_key(k->log.cx->arena, k->log.address, LAST_CHECKPOINT));
    for (size_t i = 0; i < k->found.count; i++) {
        if (k->found.entries[i].value) {
            find(k, k->found.entries[i].key, DELTA_FOREIGN, S("was written by another program"));
        }
    }
    return ST_OK;
}

enum status delta_check(struct ctx *cx, const struct delta_place *place,
                        const struct delta_table *table, struct delta_findings *out)
{
    struct look k = { .log = { .cx = cx, .place = place, .address = table->address }, .out = out };

    TRY(read_reach(&k.log));
    if (look_at_log(&k) != ST_OK) {
        return err_wrap(cx->err, "Delta log of " STR_FMT, STR_ARG(table->address));
    }
    return ST_OK;
}
