/*
 * keys.c - custody of the keys of hashes: one file each, and a proof in the store.
 *
 * keys/mask-<id>.key holds 32 random bytes in base64, mode 0600. The store has the id and a proof, an
 * HMAC of the mesh's identity under the key: it tells whether a file is the key it should be, and
 * nothing about the key. A file is made before its row; one without a row is never used.
 */
#include "access/access_int.h"

#include "access/access_sql.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/sign.h"
#include "journal/journal.h"
#include "os/dir.h"
#include "os/secret.h"
#include "policy/mask_keys.h"

struct key_row {
    str id, proof;
};
struct key_rows {
    VEC(struct key_row) list;
};

static enum status read_rows(struct ctx *cx, struct key_rows *out)
{
    struct key_rows      made                     = { 0 };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;

    TRY(db_query(cx, &access_sql[ACCESS_SQL_KEY_LIST], DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(cx->arena, &made.list,
                 (struct key_row){ db_text_dup(rows, cx, 0), db_text_dup(rows, cx, 1) });
    }
    *out = made;
    return ST_OK;
}

/* The first event of the journal: made once per store, whatever the mesh is called. */
static enum status read_mesh_id(struct ctx *cx, str *out)
{
    struct journal_record first;

    TRY(journal_get(cx, 1, &first));
    *out = first.id;
    return ST_OK;
}

static str path_of(struct ctx *cx, const struct access *a, str id)
{
    return os_path_join(cx->arena, a->keys_dir,
                        arena_printf(cx->arena, "mask-" STR_FMT ".key", STR_ARG(id)));
}

static str proof_of(struct ctx *cx, str mesh_id, const struct secret *key)
{
    str message = arena_printf(cx->arena, "weft mask key proof\n" STR_FMT, STR_ARG(mesh_id));

    return digest_hex(cx, hmac_sha256(secret_reveal(key), message));
}

/* The bytes of a key file. */
static enum status read_key(struct ctx *cx, str path, struct secret **out)
{
    struct secret *text;
    str            bytes;
    enum status    st;

    TRY(secret_from_file(cx, path, &text));
    st = base64_decode(cx, BASE64_STANDARD, secret_reveal(text), &bytes);
    secret_wipe(text);
    if (st != ST_OK || bytes.len != MASK_KEY_BYTES) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is no key of %d bytes", STR_ARG(path),
                    (int)MASK_KEY_BYTES);
    }
    *out = secret_make(cx->arena, bytes);
    sign_wipe(bytes);
    return ST_OK;
}

static enum status load_key(struct ctx *cx, const struct access *a, str mesh_id,
                            const struct key_row *row, struct secret **out)
{
    str            path = path_of(cx, a, row->id);
    struct secret *key;

    TRY(read_key(cx, path, &key));
    if (!str_eq(proof_of(cx, mesh_id, key), row->proof)) {
        secret_wipe(key);
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is the key of another mesh", STR_ARG(path));
    }
    *out = key;
    return ST_OK;
}

/* ---- making ---- */

static enum status write_key(struct ctx *cx, const struct access *a, str id, struct secret **out)
{
    char        room[MASK_KEY_BYTES];
    str         bytes = { room, sizeof room }, text;
    enum status st;

    TRY(os_dir_make_all(cx, a->keys_dir, 0700));
    cx->env->random(cx->env, room, sizeof room);
    *out = secret_make(cx->arena, bytes);
    text = base64_encode(cx, BASE64_STANDARD, bytes);
    st   = os_file_put(cx, path_of(cx, a, id), text, OS_REPLACE, 0600);
    sign_wipe(text);
    sign_wipe(bytes);
    return st;
}

/* Next id, file, row, event. In the open write transaction. */
static enum status make_key(struct ctx *cx, const struct access *a, str mesh_id,
                            const struct key_rows *rows, struct key_row *out)
{
    struct secret *key;

    out->id = arena_printf(cx->arena, "%zu", rows->list.count + 1);
    TRY(write_key(cx, a, out->id, &key));
    out->proof = proof_of(cx, mesh_id, key);
    secret_wipe(key);
    TRY(db_run(cx, &access_sql[ACCESS_SQL_KEY_PUT],
               DB_ARGS(db_text(out->id), db_text(out->proof), db_i64(ctx_now_us(cx)))));
    return journal_append(
        cx, &(struct journal_event){ .kind = JOURNAL_MASK_KEY_CREATED, .subject = out->id }, NULL);
}

/* ---- the ring ---- */

static void tell_missing(struct ctx *cx, struct diags *diags, const struct key_row *row)
{
    diag_add(diags, cx, DIAG_WARNING, NULL, (struct diag_pos){ 0 }, S("policy.mask-key"),
             S("restore the file from a backup, or make a new key: weft policy rotate-key"),
             "key " STR_FMT " of hashes cannot be used, what it hashes reads as NULL: " STR_FMT,
             STR_ARG(row->id), STR_ARG(err_text(cx->err)));
    err_clear(cx->err);
}

static enum status fill_ring(struct ctx *cx, struct access *a, str mesh_id,
                             const struct key_rows *rows, struct diags *diags)
{
    struct mask_key_source *sources = arena_array(cx->arena, rows->list.count, sizeof *sources);
    struct mask_keys       *keys;
    size_t                  count = 0;

    for (size_t i = 0; i < rows->list.count; i++) {
        struct secret *key = NULL;

        if (load_key(cx, a, mesh_id, &rows->list.items[i], &key) == ST_OK) {
            sources[count++] = (struct mask_key_source){ rows->list.items[i].id, key };
        } else {
            tell_missing(cx, diags, &rows->list.items[i]);
        }
    }
    if (count > 0) {
        TRY(mask_keys_new(cx, mesh_id, sources, count, &keys));
        mask_ring_take(a->ring, keys);
    }
    if (rows->list.count > 0) {
        a->mask_key = arena_dup(a->arena, rows->list.items[rows->list.count - 1].id);
    }
    return ST_OK;
}

static enum status read_store(struct ctx *cx, str *mesh_id, struct key_rows *rows)
{
    TRY(read_mesh_id(cx, mesh_id));
    return read_rows(cx, rows);
}

static enum status make_next(struct ctx *cx, const struct access *a, str *mesh_id,
                             struct key_rows *rows, bool only_first)
{
    struct key_row made;

    TRY(read_store(cx, mesh_id, rows));
    if (only_first && rows->list.count > 0) { /* another process was faster */
        return ST_OK;
    }
    if (rows->list.count >= MASK_KEYS_MAX) {
        return FAIL(cx, LIMIT, "the mesh has %d keys of hashes already (MASK_KEYS_MAX)",
                    (int)MASK_KEYS_MAX);
    }
    TRY(make_key(cx, a, *mesh_id, rows, &made));
    vec_push(cx->arena, &rows->list, made);
    return ST_OK;
}

enum status access_open_keys(struct ctx *cx, struct db *db, struct access *access, bool can_write,
                             struct diags *diags)
{
    struct key_rows rows    = { 0 };
    str             mesh_id = STR_NONE;

    TRY(db_begin(db, cx, DB_READ));
    TRY(db_end(cx, read_store(cx, &mesh_id, &rows)));
    if (rows.list.count == 0 && can_write) {
        TRY(db_begin(db, cx, DB_WRITE));
        TRY(db_end(cx, make_next(cx, access, &mesh_id, &rows, true)));
    }
    return fill_ring(cx, access, mesh_id, &rows, diags);
}

enum status access_rotate_key(struct ctx *cx, struct db *db, struct access *access, str *out_id)
{
    struct key_rows rows    = { 0 };
    struct diags    ignored = { 0 };
    str             mesh_id = STR_NONE;

    TRY(db_begin(db, cx, DB_WRITE));
    TRY(db_end(cx, make_next(cx, access, &mesh_id, &rows, false)));
    TRY(fill_ring(cx, access, mesh_id, &rows, &ignored));
    *out_id = access->mask_key;
    return ST_OK;
}

struct mask_ring *access_mask_ring(const struct access *access)
{
    return access->ring;
}
