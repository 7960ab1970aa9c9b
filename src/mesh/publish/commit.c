/*
 * commit.c - the lease of a running publish, and the one transaction that makes it live.
 */
#include "publish/publish_int.h"

#include "codec/digest.h"
#include "os/dir.h"
#include "os/proc.h"
#include "publish/publish_sql.h"
#include "registry/registry.h"
#include "search/search.h"

/* ------------------------------------------------------------------------- lease */

str publish_lock_path(struct ctx *cx, const struct project *project, str product_id)
{
    str hex = digest_hex(cx, sha256_of(product_id));

    return arena_printf(cx->arena, STR_FMT "/locks/" STR_FMT, STR_ARG(project->state_dir), 16,
                        hex.ptr);
}

/* The lock file is freed by the kernel when its holder dies; the row is for others to see. */
enum status publish_lock(struct ctx *cx, const struct project *project, str product_id,
                         struct os_lock **out)
{
    str path = publish_lock_path(cx, project, product_id);

    TRY(os_dir_make_all(cx, os_path_parent(path), 0700));
    return os_lock_try(cx, path, OS_LOCK_EXCLUSIVE, out);
}

static enum status take_lock(struct publish_job *job)
{
    enum status st = publish_lock(job->cx, job->env->project, job->product->id, &job->lock);

    if (st == ST_CONFLICT) {
        return err_wrap(job->cx->err, "\"" STR_FMT "\" is being published by another process",
                        STR_ARG(job->product->address));
    }
    return st;
}

static enum status write_lease(struct publish_job *job)
{
    struct ctx           *cx = job->cx;
    const struct db_rows *stale;

    TRY(db_query_one(cx, &publish_sql[PUBLISH_SQL_LEASE_GET], DB_ARGS(db_text(job->product->id)),
                     &stale));
    if (stale) {
        TRY(db_run(cx, &publish_sql[PUBLISH_SQL_LEASE_DROP],
                   DB_ARGS(db_text(job->product->id), db_text(db_col_text(stale, 0)))));
    }
    TRY(db_run(cx, &publish_sql[PUBLISH_SQL_LEASE_TAKE],
               DB_ARGS(db_text(job->product->id), db_text(job->publish_id),
                       db_text(os_host_name(cx)), db_i64((int64_t)os_process_id()),
                       db_i64(job->started_us))));
    return journal_append(cx,
                          &(struct journal_event){ .kind    = JOURNAL_PUBLISH_STARTED,
                                                   .subject = job->product->address },
                          NULL);
}

/* Why a commit failed whose outcome will be settled in a moment, in cx->arena. */
static str commit_failure(struct publish_job *job)
{
    str why = arena_dup(job->cx->arena, err_text(job->cx->err));

    if (str_ends(why, S(DB_UNCLEAR_TEXT))) {
        why.len -= sizeof DB_UNCLEAR_TEXT - 1;
    }
    return why;
}

enum status job_lease(struct publish_job *job)
{
    enum status st;

    TRY(take_lock(job));
    TRY(db_begin(job->db, job->cx, DB_WRITE));
    st = db_end(job->cx, write_lease(job));
    if (st != ST_OK && db_commit_is_unclear(job->db)) {
        str why = commit_failure(job);

        job->has_lease = true; /* as far as we know; job_abandon drops it */
        return FAIL(job->cx, UNAVAILABLE, STR_FMT "; the live data stays as it was", STR_ARG(why));
    }
    job->has_lease = st == ST_OK;
    return st;
}

/* The row must still be ours: a doctor may have taken it from a publish that seemed dead. */
static enum status check_lease(struct publish_job *job)
{
    const struct db_rows *row;

    TRY(db_query_one(job->cx, &publish_sql[PUBLISH_SQL_LEASE_GET],
                     DB_ARGS(db_text(job->product->id)), &row));
    if (!row || !str_eq(db_col_text(row, 0), job->publish_id)) {
        return FAIL(job->cx, CONFLICT,
                    "the lease of this publish was taken away while it ran; publish again");
    }
    return ST_OK;
}

static enum status check_files_of(struct publish_job *job, const struct staged_table *s)
{
    size_t                   count;
    const struct table_file *files = job_staged_files(job->cx->arena, s, &count);

    for (size_t i = 0; i < count; i++) {
        struct blob_info info;

        TRY(blob_stat(job->env->blob, job->cx, files[i].key, &info));
        if (info.size != files[i].bytes) {
            return FAIL(job->cx, CORRUPT, "file \"" STR_FMT "\" changed after it was sealed",
                        STR_ARG(files[i].key));
        }
    }
    return ST_OK;
}

static enum status check_files(struct publish_job *job)
{
    for (size_t i = 0; i < job->staged.count; i++) {
        if (!staged_is_view(&job->staged.items[i])) {
            TRY(check_files_of(job, &job->staged.items[i]));
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- registry */

static str doc_hash(const struct project_doc *doc)
{
    return str_of(doc->sha256);
}

static enum status tell(struct publish_job *job, enum journal_kind kind, str subject)
{
    return journal_append(job->cx, &(struct journal_event){ .kind = kind, .subject = subject },
                          NULL);
}

static enum status put_team(struct publish_job *job, const struct project_domain *d)
{
    const struct own_team *from = &d->own->team;
    struct registry_team   team = { .name        = std_text(from->name, S("")),
                                    .description = std_text(from->description, S("")),
                                    .email       = std_text(from->email, S("")) };

    for (size_t i = 0; i < from->members.count; i++) {
        const struct own_member *m = &from->members.items[i];

        vec_push(job->cx->arena, &team.members,
                 (struct registry_member){
                     .name = m->name.v, .role = m->role.v, .email = std_text(m->email, S("")) });
    }
    return registry_put_team(job->cx, d->name, &team);
}

static enum status put_domain(struct publish_job *job)
{
    for (size_t i = 0; i < job->env->project->domains.count; i++) {
        const struct project_domain *d   = &job->env->project->domains.items[i];
        struct registry_domain       row = {
                  .name     = d->name,
                  .purpose  = std_text(d->own->purpose, S("")),
                  .team     = std_text(d->own->team.name, S("")),
                  .from     = { .origin   = job->env->project->root,
                                .path     = d->doc->text.name,
                                .revision = job->env->project->revision },
                  .document = doc_hash(d->doc),
        };
        enum registry_change change;

        if (!str_eq(d->name, job->product->domain)) {
            continue;
        }
        TRY(registry_put_document(job->cx, row.document, d->doc->text.bytes));
        TRY(registry_put_domain(job->cx, &row, &change));
        TRY(put_team(job, d));
        if (change != REGISTRY_SAME) {
            TRY(tell(job, change == REGISTRY_NEW ? JOURNAL_DOMAIN_ADDED : JOURNAL_DOMAIN_CHANGED,
                     d->name));
        }
    }
    return ST_OK;
}

static enum status put_product(struct publish_job *job)
{
    const struct odps_product *odps = job->product->odps;
    enum registry_change       change;
    struct registry_product    row = {
           .id          = job->product->id,
           .domain      = job->product->domain,
           .name        = job->product->name,
           .status      = std_text(odps->status, S("active")),
           .description = std_text(odps->description.purpose, S("")),
           .owner       = std_text(odps->team.name, S("")),
           .from        = { .origin   = job->env->project->root,
                            .path     = job->product->doc->text.name,
                            .revision = job->env->project->revision },
           .document    = doc_hash(job->product->doc),
    };

    for (size_t i = 0; i < job->product->docs.count; i++) {
        const struct project_doc *doc = job->product->docs.items[i];

        TRY(registry_put_document(job->cx, doc_hash(doc), doc->text.bytes));
    }
    TRY(registry_put_product(job->cx, &row, &change));
    if (change == REGISTRY_NEW) {
        TRY(tell(job, JOURNAL_PRODUCT_FIRST_SEEN, job->product->address));
    } else if (change == REGISTRY_RENAMED) {
        TRY(tell(job, JOURNAL_PRODUCT_RENAMED, job->product->address));
    }
    return registry_mark_published(job->cx, job->product->id, job->publish_id);
}

/* A major whose sunset has come is not served again, but what its documents say of it is known. */
static enum status put_ports(struct publish_job *job)
{
    for (size_t i = 0; i < job->plan.ports.count; i++) {
        const struct publish_port_plan *plan = &job->plan.ports.items[i];
        const struct project_port      *p    = plan->port;
        struct registry_port            row  = {
                        .product_id   = job->product->id,
                        .name         = p->name,
                        .major        = p->major,
                        .version      = p->version,
                        .contract_id  = p->contract->id.v,
                        .status       = std_text(p->contract->status, S("active")),
                        .is_open      = p->is_open,
                        .description  = std_text(p->contract->description.purpose, S("")),
                        .path         = p->doc->text.name,
                        .document     = doc_hash(p->doc),
                        .publish_id   = job->publish_id,
                        .life         = p->life,
                        .withdrawn_us = plan->is_ended ? plan->withdrawn_us : 0,
        };

        if (!plan->is_ended || !plan->is_new) {
            TRY(registry_put_port(job->cx, &row));
        }
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- commit */

static enum status tell_rollback(struct publish_job *job)
{
    struct json *details = json_new_object(job->cx->arena);

    json_set(job->cx->arena, details, S("publish"), json_new_str(job->cx->arena, job->rollback_of));
    return journal_append(job->cx,
                          &(struct journal_event){ .kind    = JOURNAL_PUBLISH_ROLLED_BACK,
                                                   .subject = job->product->address,
                                                   .details = details },
                          NULL);
}

static void note_property(struct arena *a, struct table_about *about, str path,
                          const struct odcs_property *p);

static void note_below(struct arena *a, struct table_about *about, str path, const char *name,
                       const struct odcs_property *p)
{
    if (p) {
        note_property(a, about, arena_printf(a, STR_FMT "\x1f%s", STR_ARG(path), name), p);
    }
}

/* What a contract says of a column and the fields below it; its depth was bounded when it was read. */
static void note_property(struct arena *a, struct table_about *about, str path,
                          const struct odcs_property *p)
{
    if (std_is_set(p->description)) {
        vec_push(a, &about->notes, (struct table_note){ path, p->description.v });
    }
    for (size_t i = 0; i < p->properties.count; i++) {
        const struct odcs_property *field = &p->properties.items[i];

        note_below(a, about, path, arena_cstr(a, field->name.v), field);
    }
    note_below(a, about, path, "element", p->items);
    note_below(a, about, path, "key", p->map.key);
    note_below(a, about, path, "value", p->map.value);
}

static struct table_about about_of(struct arena *a, const struct project_table *table)
{
    struct table_about about = { .description = std_text(table->object->description, S("")) };

    for (size_t i = 0; i < table->column_count; i++) {
        note_property(a, &about, table->columns[i].name, table->columns[i].property);
    }
    for (size_t i = 0; i < table->partition_count; i++) {
        vec_push(a, &about.partitions, table->partitions[i]->name);
    }
    return about;
}

static enum status commit_tables(struct publish_job *job, struct table_snapshot *snapshots)
{
    for (size_t i = 0; i < job->staged.count; i++) {
        const struct staged_table *s     = &job->staged.items[i];
        struct table_about         about = about_of(job->cx->arena, s->table);
        struct table_commit        c     = {
                       .address       = s->table->address,
                       .product_id    = job->product->id,
                       .port          = s->port->name,
                       .publish_id    = job->publish_id,
                       .columns       = &s->columns,
                       .files         = s->files.items,
                       .file_count    = staged_is_view(s) ? 0 : s->files.count,
                       .parent        = s->has_parent ? &s->parent : NULL,
                       .dropped       = s->dropped.list.items,
                       .dropped_count = s->dropped.list.count,
                       .view          = staged_is_view(s) ? &s->view : NULL,
                       .about         = &about,
        };

        TRY(table_commit(job->cx, &c, &snapshots[i]));
        job->result->tables.items[i].snapshot_number = snapshots[i].number;
    }
    for (size_t i = 0; i < job->plan.removed.count; i++) {
        TRY(table_remove(job->cx, job->plan.removed.items[i]));
    }
    return ST_OK;
}

static enum status commit_all(struct publish_job *job)
{
    struct table_snapshot *snapshots =
        arena_array(job->cx->arena, job->staged.count, sizeof *snapshots);

    TRY(check_lease(job));
    TRY(check_files(job));
    TRY(put_domain(job));
    TRY(put_product(job));
    TRY(put_ports(job));
    TRY(commit_tables(job, snapshots));
    TRY(search_put_product(job->cx, job->product->id));
    TRY(store_put(job, snapshots));
    TRY(job->rollback_of.len > 0 ? tell_rollback(job) : ST_OK);
    return db_run(job->cx, &publish_sql[PUBLISH_SQL_LEASE_DROP],
                  DB_ARGS(db_text(job->product->id), db_text(job->publish_id)));
}

static enum status look_for_commit(struct publish_job *job, bool *out)
{
    TRY(db_reopen(job->db, job->cx));
    TRY(db_begin(job->db, job->cx, DB_READ));
    return db_end(job->cx, store_was_committed(job->cx, job->publish_id, out));
}

/*
 * Nobody knows whether the COMMIT happened: open the store again and look for the publish. While
 * that fails the publish stays unclear. The context of the operation may be cancelled or late by
 * now; the answer is needed all the same.
 */
static enum status settle_unclear(struct publish_job *job)
{
    struct ctx *saved = job->cx;
    struct ctx  quiet = *job->cx;
    str         why   = commit_failure(job);
    bool        is_there;
    enum status st;

    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    job->cx           = &quiet;
    job->is_unclear   = true;
    st                = look_for_commit(job, &is_there);
    job->cx           = saved;
    if (st != ST_OK) {
        return err_wrap(job->cx->err,
                        "the store could not be written and cannot be asked whether it was "
                        "(`weft history` tells when it can)");
    }
    job->is_unclear = false;
    if (!is_there) {
        return FAIL(job->cx, UNAVAILABLE, STR_FMT "; the live data stays as it was", STR_ARG(why));
    }
    err_clear(job->cx->err);
    return ST_OK;
}

enum status job_commit(struct publish_job *job)
{
    enum status st;

    job_report(job, PUBLISH_COMMITTING, STR_NONE);
    TRY(db_begin(job->db, job->cx, DB_WRITE));
    st = db_end(job->cx, commit_all(job));
    if (st != ST_OK && db_commit_is_unclear(job->db)) {
        st = settle_unclear(job);
    }
    if (st == ST_OK) {
        job->has_lease = false;
    }
    return st;
}

/* ------------------------------------------------------------------------- failure */

static enum status tell_failure(struct publish_job *job, enum status st, str why)
{
    struct json *details = json_new_object(job->cx->arena);

    json_set(job->cx->arena, details, S("status"), json_new_str(job->cx->arena, status_slug(st)));
    json_set(job->cx->arena, details, S("why"), json_new_str(job->cx->arena, why));
    TRY(journal_append(job->cx,
                       &(struct journal_event){ .kind    = JOURNAL_PUBLISH_FAILED,
                                                .subject = job->product->address,
                                                .details = details },
                       NULL));
    return db_run(job->cx, &publish_sql[PUBLISH_SQL_LEASE_DROP],
                  DB_ARGS(db_text(job->product->id), db_text(job->publish_id)));
}

static enum status drop_lease(struct publish_job *job, enum status st, str why)
{
    if (db_commit_is_unclear(job->db)) {
        TRY(db_reopen(job->db, job->cx));
    }
    TRY(db_begin(job->db, job->cx, DB_WRITE));
    return db_end(job->cx, tell_failure(job, st, why));
}

/* Its new files, and the one that was being written. */
static void delete_staged(struct publish_job *job, const struct staged_table *s)
{
    for (unsigned part = 0; part <= s->files.count; part++) {
        str key = table_key(job->cx->arena, s->table->address, job->publish_id, part);

        ignore(blob_delete(job->env->blob, job->cx, key), "garbage is swept later");
    }
}

/*
 * Cleaning up must go on when the operation was cancelled or is late: it has a context without
 * either. What cannot be removed here is garbage for the doctor.
 */
void job_abandon(struct publish_job *job, enum status st)
{
    struct err  err   = { 0 };
    struct ctx  quiet = *job->cx;
    struct ctx *saved = job->cx;
    str         why   = arena_dup(job->cx->arena, err_text(job->cx->err));

    if (job->is_unclear) {
        return;
    }
    quiet.err         = &err;
    quiet.cancel      = NULL;
    quiet.deadline_us = 0;
    quiet.tx          = NULL;
    job->cx           = &quiet;
    if (job->has_lease) {
        ignore(drop_lease(job, st, why), "the next publish or the doctor finds it");
    }
    for (size_t i = 0; i < job->staged.count && !job->env->is_kept; i++) {
        delete_staged(job, &job->staged.items[i]);
    }
    job->cx = saved;
}
