/*
 * retention.c - old snapshots lose their files when their time is over (weft.history).
 *
 * The store lets go first, in one transaction for each product; the files follow. What a crash leaves
 * between the two is garbage for the doctor. A product that is being published is left for the next time:
 * its publish may need the files of an older state.
 */
#include "retention/retention.h"

#include "journal/journal.h"
#include "os/dir.h"
#include "os/path.h"
#include "publish/publish.h"
#include "registry/registry.h"
#include "standard/keys.h"
#include "table/delta.h"

static const struct project_product *product_of(const struct project *project, str id)
{
    for (size_t i = 0; i < project->products.count; i++) {
        if (str_eq(project->products.items[i]->id, id)) {
            return project->products.items[i];
        }
    }
    return NULL;
}

/* What the documents say now; of tables that they do not have, the default. */
static int64_t history_of(const struct project_product *product, str address)
{
    for (size_t i = 0; product && i < product->ports.count; i++) {
        const struct project_port *port = product->ports.items[i];

        for (size_t k = 0; k < port->table_count; k++) {
            if (str_eq(port->tables[k].address, address)) {
                return port->history_us;
            }
        }
    }
    return std_key_duration(STD_KEY_HISTORY, NULL, NULL);
}

static enum status tell_forgotten(struct ctx *cx, const struct retention_result *f)
{
    struct json *details = json_new_object(cx->arena);

    json_set(cx->arena, details, S("snapshots"), json_new_i64(cx->arena, (int64_t)f->snapshots));
    json_set(cx->arena, details, S("files"), json_new_i64(cx->arena, (int64_t)f->files));
    json_set(cx->arena, details, S("bytes"), json_new_i64(cx->arena, (int64_t)f->bytes));
    return journal_append(cx,
                          &(struct journal_event){ .kind    = JOURNAL_HISTORY_FORGOTTEN,
                                                   .subject = f->product,
                                                   .details = details },
                          NULL);
}

/* The files are gone and the store says so; a log that cannot follow is said, and followed up next time. */
static enum status forget_logs(struct ctx *cx, const struct retention_env *env, str product_id)
{
    struct delta_place     place = { env->blob, env->engine };
    struct table_snapshots heads;

    TRY(table_heads_of(cx, product_id, &heads));
    if (heads.list.count > 0 && !place.engine) {
        TRY(env->need_engine(env->need_engine_arg, cx, &place.engine));
    }
    for (size_t i = 0; i < heads.list.count; i++) {
        TRY(delta_forget(cx, &place, heads.list.items[i].address));
    }
    return ST_OK;
}

static enum status forget_table(struct ctx *cx, const struct project_product *product, str address,
                                struct retention_result *f)
{
    return table_forget(cx, address, ctx_now_us(cx) - history_of(product, address), &f->snapshots);
}

static enum status forget_tables(struct ctx *cx, const struct project_product *product,
                                 str product_id, struct retention_result *f,
                                 struct table_free_files *gone)
{
    struct table_snapshots heads;
    struct table_gones     away;

    TRY(table_heads_of(cx, product_id, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        TRY(forget_table(cx, product, heads.list.items[i].address, f));
    }
    TRY(table_gone_of(cx, product_id, &away));
    for (size_t i = 0; i < away.list.count; i++) {
        TRY(forget_table(cx, product, away.list.items[i].last.address, f));
    }
    if (f->snapshots == 0) {
        return ST_OK;
    }
    TRY(table_drop_free(cx, gone));
    for (size_t i = 0; i < gone->list.count; i++) {
        f->bytes += gone->list.items[i].bytes;
    }
    f->files = gone->list.count;
    return tell_forgotten(cx, f);
}

static enum status forget_locked(struct ctx *cx, const struct retention_env *env,
                                 const struct registry_product *row, struct retention_result *f)
{
    struct table_free_files gone = { 0 };

    TRY(db_begin(env->db, cx, DB_WRITE));
    TRY(db_end(cx, forget_tables(cx, product_of(env->project, row->id), row->id, f, &gone)));
    for (size_t i = 0; i < gone.list.count; i++) {
        TRY(blob_delete(env->blob, cx, gone.list.items[i].key));
    }
    if (f->snapshots == 0) {
        return ST_OK;
    }
    TRY(db_begin(env->db, cx, DB_READ));
    if (db_end(cx, forget_logs(cx, env, row->id)) != ST_OK) {
        f->log = arena_dup(cx->arena, err_text(cx->err));
        err_clear(cx->err);
    }
    return ST_OK;
}

static enum status forget_product(struct ctx *cx, const struct retention_env *env,
                                  const struct registry_product *row, struct retention_result *f)
{
    const struct project_product *product = product_of(env->project, row->id);
    struct os_lock               *lock;
    enum status                   st;

    f->product =
        arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(row->domain), STR_ARG(row->name));
    if (product && product->is_broken) {
        f->why_not = S("its documents have errors");
        return ST_OK;
    }
    st = publish_lock(cx, env->project, row->id, &lock);
    if (st == ST_CONFLICT) {
        err_clear(cx->err);
        f->why_not = S("it is being published");
        return ST_OK;
    }
    TRY(st);
    st = forget_locked(cx, env, row, f);
    os_lock_close(lock);
    return st;
}

static enum status list_products(struct ctx *cx, struct db *db, struct registry_products *out)
{
    TRY(db_begin(db, cx, DB_READ));
    return db_end(cx, registry_products(cx, out));
}

enum status retention_lock(struct ctx *cx, const struct project *project, enum os_lock_mode mode,
                           struct os_lock **out)
{
    str dir = os_path_join(cx->arena, project->state_dir, S("locks"));

    TRY(os_dir_make_all(cx, dir, 0700));
    if (os_lock_try(cx, os_path_join(cx->arena, dir, S("history")), mode, out) != ST_OK) {
        return err_wrap(cx->err, mode == OS_LOCK_SHARED
                                     ? "old files are being removed; try again in a moment"
                                     : "a backup is being made; old files stay until it ends");
    }
    return ST_OK;
}

static enum status forget_all(struct ctx *cx, const struct retention_env *env,
                              struct retention_list *out)
{
    struct retention_list    made = { 0 };
    struct registry_products products;

    TRY(list_products(cx, env->db, &products));
    for (size_t i = 0; i < products.list.count; i++) {
        struct retention_result f = { 0 };

        TRY(ctx_check(cx));
        TRY(forget_product(cx, env, &products.list.items[i], &f));
        if (f.snapshots > 0 || f.why_not.len > 0) {
            vec_push(cx->arena, &made.list, f);
        }
    }
    *out = made;
    return ST_OK;
}

enum status retention_forget(struct ctx *cx, const struct retention_env *env,
                             struct retention_list *out)
{
    struct os_lock *lock;
    enum status     st;

    TRY(retention_lock(cx, env->project, OS_LOCK_EXCLUSIVE, &lock));
    st = forget_all(cx, env, out);
    os_lock_close(lock);
    return st;
}
