/*
 * cmd_doctor.c - weft doctor: is everything that was published still whole, and all that is derived there?
 */
#include "cli/mesh.h"

#include "base/map.h"
#include "codec/digest_file.h"
#include "codec/json.h"
#include "os/lock.h"
#include "os/proc.h"
#include "registry/registry.h"
#include "retention/retention.h"
#include "search/search.h"
#include "table/delta.h"

enum { GARBAGE_SHOWN = 10 };

struct doctor {
    struct cli      *cli;
    struct cli_mesh *mesh;
    VEC(str) problems; /* what is wrong and cannot be mended without loss  */
    VEC(str) garbage;  /* keys that no snapshot holds                       */
    VEC(struct publish_lease) dead;
    struct delta_findings logs;
    size_t                behind; /* files that are missing of logs */
    uint64_t              files, bytes, views, garbage_bytes;
    int64_t               events, receipts;
    size_t                unsearched; /* entries of the search index that are wrong */
    bool                  has_bad_words;
};

static void problem(struct doctor *d, str what)
{
    vec_push(d->cli->cx->arena, &d->problems, what);
}

/* A failed look is a finding of the doctor, not the end of the visit. */
static void note_failure(struct doctor *d, const char *what)
{
    problem(d, arena_printf(d->cli->cx->arena, "%s: " STR_FMT, what,
                            STR_ARG(err_text(d->cli->cx->err))));
    err_clear(d->cli->cx->err);
}

static enum status check_store(struct doctor *d)
{
    struct db_problems found;

    TRY(db_check(d->mesh->db, d->cli->cx, &found));
    for (size_t i = 0; i < found.count; i++) {
        problem(d, arena_printf(d->cli->cx->arena, "store: " STR_FMT, STR_ARG(found.items[i])));
    }
    return ST_OK;
}

static enum status check_chains(struct doctor *d)
{
    struct journal_report events = { 0 }, receipts = { 0 };

    if (journal_verify(d->cli->cx, NULL, &events) != ST_OK) {
        note_failure(d, "journal");
    }
    if (receipt_verify_all(d->cli->cx, receipt_key_public_pem(d->mesh->key), &receipts) != ST_OK) {
        note_failure(d, "receipts");
    }
    d->events   = events.count;
    d->receipts = receipts.count;
    return ST_OK;
}

/*
 * The chains say what follows what; this says that they end where the store does: the publish that a
 * product shows is the head of its receipts. Whoever cuts chain, events and all, off at one moment is
 * found here.
 */
static enum status check_head(struct doctor *d, const struct registry_product *p)
{
    struct ctx            *cx = d->cli->cx;
    struct receipt_link    head;
    struct publish_records last;

    TRY(receipt_head(cx, p->id, &head));
    TRY(publish_history(cx, p->id, 1, &last));
    if (last.list.count == 0 || !str_eq(last.list.items[0].id, p->publish_id)) {
        problem(d, arena_printf(cx->arena,
                                "product " STR_FMT "." STR_FMT " shows publish " STR_FMT
                                ", which is not its newest one",
                                STR_ARG(p->domain), STR_ARG(p->name), STR_ARG(p->publish_id)));
    } else if (!str_eq(head.publish_id, p->publish_id) ||
               !str_eq(head.sha256, last.list.items[0].receipt_hash)) {
        problem(d, arena_printf(cx->arena,
                                "product " STR_FMT "." STR_FMT ": the receipts do not end with "
                                "that of publish " STR_FMT ", which is live",
                                STR_ARG(p->domain), STR_ARG(p->name), STR_ARG(p->publish_id)));
    }
    return ST_OK;
}

static enum status check_heads(struct doctor *d)
{
    struct registry_products products;

    TRY(registry_products(d->cli->cx, &products));
    for (size_t i = 0; i < products.list.count; i++) {
        TRY(check_head(d, &products.list.items[i]));
    }
    return ST_OK;
}

/* Every file that a snapshot holds: there, of its size, of its hash. */
static enum status check_file(struct doctor *d, const struct table_file *f)
{
    struct ctx     *cx = d->cli->cx;
    struct file_sum sum;
    str             path;

    TRY(blob_local_path(d->mesh->blob, cx, f->key, &path));
    TRY(file_sum_of_path(cx, path, &sum));
    if (sum.bytes != f->bytes || !str_eq(digest_hex(cx, sum.sha256), f->sha256)) {
        return FAIL(cx, CORRUPT, "\"" STR_FMT "\" is not what was published", STR_ARG(f->key));
    }
    return ST_OK;
}

static enum status check_files(struct doctor *d)
{
    struct table_files files;

    TRY(table_files_all(d->cli->cx, &files));
    for (size_t i = 0; i < files.list.count; i++) {
        struct arena_mark mark = arena_mark(d->cli->cx->arena);
        enum status       st   = check_file(d, &files.list.items[i]);

        if (st == ST_CANCELLED || st == ST_TIMEOUT) {
            return st;
        }
        if (st != ST_OK) {
            note_failure(d, "file");
        } else {
            arena_rewind(d->cli->cx->arena, mark);
        }
        d->files++;
        d->bytes += files.list.items[i].bytes;
    }
    return ST_OK;
}

/* A view has no files; its rows come from a SELECT that the registry must still have. */
static enum status check_views(struct doctor *d)
{
    struct ctx            *cx = d->cli->cx;
    struct table_snapshots heads;

    TRY(table_heads_all(cx, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        const struct table_snapshot *s = &heads.list.items[i];
        str                          sql;

        if (s->view.len == 0) {
            continue;
        }
        d->views++;
        if (registry_document(cx, s->view, &sql) != ST_OK) {
            note_failure(d, "view");
        } else if (!str_eq(digest_hex(cx, sha256_of(sql)), s->view)) {
            problem(d, arena_printf(cx->arena,
                                    "the SELECT of view " STR_FMT " is not what was published",
                                    STR_ARG(s->address)));
        }
    }
    return ST_OK;
}

/* What other engines read follows from the store; what somebody else wrote there does not. */
static enum status check_logs(struct doctor *d)
{
    struct delta_place  place = { d->mesh->blob, d->mesh->build };
    struct delta_tables tables;

    TRY(delta_tables_all(d->cli->cx, &tables));
    for (size_t i = 0; i < tables.list.count; i++) {
        enum status st = delta_check(d->cli->cx, &place, &tables.list.items[i], &d->logs);

        if (st == ST_CANCELLED || st == ST_TIMEOUT) {
            return st;
        }
        if (st != ST_OK) {
            note_failure(d, "log");
        }
    }
    for (size_t i = 0; i < d->logs.list.count; i++) {
        const struct delta_finding *f = &d->logs.list.items[i];

        d->behind += f->fault == DELTA_MISSING;
        if (f->fault == DELTA_FOREIGN) {
            problem(d, arena_printf(d->cli->cx->arena,
                                    "log of " STR_FMT ": \"" STR_FMT "\" " STR_FMT
                                    "; nothing more is written there until it is taken away",
                                    STR_ARG(f->address), STR_ARG(f->key), STR_ARG(f->what)));
        }
    }
    return ST_OK;
}

static enum status find_dead(struct doctor *d)
{
    struct publish_leases leases;

    TRY(publish_leases_all(d->cli->cx, &leases));
    for (size_t i = 0; i < leases.list.count; i++) {
        struct os_lock *lock;
        str path = publish_lock_path(d->cli->cx, d->mesh->project, leases.list.items[i].product_id);

        if (os_lock_try(d->cli->cx, path, OS_LOCK_EXCLUSIVE, &lock) == ST_OK) {
            vec_push(d->cli->cx->arena, &d->dead, leases.list.items[i]);
            os_lock_close(lock);
        } else {
            err_clear(d->cli->cx->err);
        }
    }
    return ST_OK;
}

/* Folders of the tables that have a log. */
static struct map log_folders(struct doctor *d, const struct delta_tables *tables)
{
    struct map folders = { 0 };

    for (size_t i = 0; i < tables->list.count; i++) {
        (void)map_put(&folders, d->cli->cx->arena,
                      table_folder(d->cli->cx->arena, tables->list.items[i].address),
                      &tables->list.items[i]);
    }
    return folders;
}

/* Whether an object lies in the log of a table that is known: check_logs has looked at it. */
static bool is_of_log(const struct map *folders, str key)
{
    str folder;

    return delta_log_folder(key, &folder) && map_has(folders, folder);
}

/* Objects that no snapshot holds and no running publish is writing. */
static enum status find_garbage(struct doctor *d)
{
    struct publish_leases leases;
    struct delta_tables   tables;
    struct map            folders;
    str                   after = STR_NONE;

    TRY(publish_leases_all(d->cli->cx, &leases));
    TRY(delta_tables_all(d->cli->cx, &tables));
    folders = log_folders(d, &tables);
    for (;;) {
        struct blob_page page;

        TRY(blob_list(d->mesh->blob, d->cli->cx, S(""), after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            bool is_held, is_written = false;

            TRY(table_file_known(d->cli->cx, page.items[i].key, &is_held));
            for (size_t k = 0; k < leases.list.count; k++) {
                is_written =
                    is_written || str_has(page.items[i].key, leases.list.items[k].publish_id);
            }
            for (size_t k = 0; k < d->dead.count; k++) {
                is_written = is_written && !str_has(page.items[i].key, d->dead.items[k].publish_id);
            }
            if (!is_held && !is_written && !is_of_log(&folders, page.items[i].key)) {
                vec_push(d->cli->cx->arena, &d->garbage, page.items[i].key);
                d->garbage_bytes += page.items[i].size;
            }
        }
        if (!page.has_more) {
            return ST_OK;
        }
        after = page.items[page.count - 1].key;
    }
}

static enum status examine(struct doctor *d)
{
    TRY(check_chains(d));
    TRY(check_heads(d));
    TRY(check_files(d));
    TRY(check_views(d));
    TRY(check_logs(d));
    TRY(search_check(d->cli->cx, &d->unsearched));
    TRY(find_dead(d));
    return find_garbage(d);
}

/* The index compares its words with its entries only where it could write; nothing is. */
static enum status check_words(struct doctor *d)
{
    enum status st;

    TRY(db_begin(d->mesh->db, d->cli->cx, DB_WRITE));
    st = search_check_words(d->cli->cx);
    db_rollback(d->cli->cx);
    if (st != ST_CORRUPT) {
        return st;
    }
    err_clear(d->cli->cx->err);
    d->has_bad_words = true;
    return ST_OK;
}

static bool is_search_wrong(const struct doctor *d)
{
    return d->unsearched > 0 || d->has_bad_words;
}

/* ------------------------------------------------------------------------- repair */

static enum status drop_dead(struct doctor *d)
{
    struct json *details = json_new_object(d->cli->cx->arena);

    for (size_t i = 0; i < d->dead.count; i++) {
        TRY(publish_lease_drop(d->cli->cx, &d->dead.items[i]));
    }
    json_set(d->cli->cx->arena, details, S("garbage"),
             json_new_i64(d->cli->cx->arena, (int64_t)d->garbage.count));
    json_set(d->cli->cx->arena, details, S("problems"),
             json_new_i64(d->cli->cx->arena, (int64_t)d->problems.count));
    return journal_append(d->cli->cx,
                          &(struct journal_event){ .kind    = JOURNAL_DOCTOR_RAN,
                                                   .subject = d->mesh->project->name,
                                                   .details = details },
                          NULL);
}

static bool has_finding(const struct doctor *d, str address, enum delta_fault fault)
{
    for (size_t i = 0; i < d->logs.list.count; i++) {
        const struct delta_finding *f = &d->logs.list.items[i];

        if (f->fault == fault && str_eq(f->address, address)) {
            return true;
        }
    }
    return false;
}

/* Adds what is missing of logs that nobody else writes. */
static enum status write_logs(struct doctor *d)
{
    struct delta_place  place = { d->mesh->blob, d->mesh->build };
    struct delta_tables tables;
    size_t              written;

    TRY(delta_tables_all(d->cli->cx, &tables));
    for (size_t i = 0; i < tables.list.count; i++) {
        str         address = tables.list.items[i].address;
        enum status st;

        if (!has_finding(d, address, DELTA_MISSING) || has_finding(d, address, DELTA_FOREIGN)) {
            continue;
        }
        st = delta_write(d->cli->cx, &place, address, DELTA_ALL, &written);
        if (st != ST_OK && !(st == ST_UNSUPPORTED && has_finding(d, address, DELTA_ENDS))) {
            return st;
        }
        err_clear(d->cli->cx->err);
    }
    return ST_OK;
}

static enum status remove_garbage(struct doctor *d)
{
    for (size_t i = 0; i < d->garbage.count; i++) {
        TRY(blob_delete(d->mesh->blob, d->cli->cx, d->garbage.items[i]));
    }
    return ST_OK;
}

static enum status repair(struct doctor *d)
{
    struct os_lock *lock;
    enum status     st;

    TRY(db_begin(d->mesh->db, d->cli->cx, DB_WRITE));
    TRY(db_end(d->cli->cx, drop_dead(d)));
    if (d->behind > 0) {
        TRY(db_begin(d->mesh->db, d->cli->cx, DB_READ));
        TRY(db_end(d->cli->cx, write_logs(d)));
    }
    if (is_search_wrong(d)) {
        TRY(db_begin(d->mesh->db, d->cli->cx, DB_WRITE));
        TRY(db_end(d->cli->cx, search_rebuild(d->cli->cx)));
    }
    TRY(retention_lock(d->cli->cx, d->mesh->project, OS_LOCK_EXCLUSIVE, &lock));
    st = remove_garbage(d);
    os_lock_close(lock);
    return st;
}

/* ------------------------------------------------------------------------- the command */

static void show_logs(struct doctor *d)
{
    struct cli *cli = d->cli;

    for (size_t i = 0; i < d->logs.list.count; i++) {
        if (d->logs.list.items[i].fault == DELTA_ENDS) {
            cli_say(cli, "log: " STR_FMT "\n", STR_ARG(d->logs.list.items[i].what));
        }
    }
    if (d->behind > 0) {
        cli_say(cli, "%zu files of Delta logs are missing%s\n", d->behind,
                cli->args.repair ? ": written" : "; weft doctor --repair writes them");
    }
}

static void show_search(struct doctor *d)
{
    const char *end = d->cli->args.repair ? ": made anew" : "; weft doctor --repair makes it anew";

    if (d->has_bad_words) {
        cli_say(d->cli, "the search index is damaged%s\n", end);
    } else if (d->unsearched > 0) {
        cli_say(d->cli, "%zu entries of the search index are not what was published%s\n",
                d->unsearched, end);
    }
}

static void show(struct doctor *d)
{
    struct cli *cli = d->cli;

    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_key(w, S("problems"));
        json_w_array_begin(w);
        for (size_t i = 0; i < d->problems.count; i++) {
            json_w_str(w, d->problems.items[i]);
        }
        json_w_array_end(w);
        json_w_member_u64(w, S("files"), d->files);
        json_w_member_u64(w, S("bytes"), d->bytes);
        json_w_member_u64(w, S("views"), d->views);
        json_w_member_i64(w, S("events"), d->events);
        json_w_member_i64(w, S("receipts"), d->receipts);
        json_w_member_u64(w, S("garbage_files"), d->garbage.count);
        json_w_member_u64(w, S("garbage_bytes"), d->garbage_bytes);
        json_w_member_u64(w, S("dead_publishes"), d->dead.count);
        json_w_member_u64(w, S("log_files"), d->logs.files);
        json_w_member_u64(w, S("log_files_missing"), d->behind);
        json_w_member_u64(w, S("search_entries_wrong"), d->unsearched);
        json_w_member_bool(w, S("is_search_damaged"), d->has_bad_words);
        json_w_member_bool(w, S("is_repaired"), cli->args.repair);
        cli_json_end(cli, w);
        return;
    }
    cli_say(cli, "journal: %lld events, receipts: %lld, files: %llu (" STR_FMT "), views: %llu\n",
            (long long)d->events, (long long)d->receipts, (unsigned long long)d->files,
            STR_ARG(cli_bytes(cli, d->bytes)), (unsigned long long)d->views);
    for (size_t i = 0; i < d->problems.count; i++) {
        cli_say(cli, "%sproblem%s: " STR_FMT "\n", cli_style(cli, CLI_RED),
                cli_style(cli, CLI_PLAIN), STR_ARG(d->problems.items[i]));
    }
    for (size_t i = 0; i < d->dead.count; i++) {
        cli_say(cli, "publish " STR_FMT " of " STR_FMT " died while it ran\n",
                STR_ARG(d->dead.items[i].publish_id), STR_ARG(d->dead.items[i].product_id));
    }
    for (size_t i = 0; i < d->garbage.count && i < GARBAGE_SHOWN; i++) {
        cli_say(cli, "garbage: " STR_FMT "\n", STR_ARG(d->garbage.items[i]));
    }
    if (d->garbage.count + d->dead.count > 0) {
        cli_say(cli, "%zu files of garbage (" STR_FMT "), %zu dead publishes%s\n", d->garbage.count,
                STR_ARG(cli_bytes(cli, d->garbage_bytes)), d->dead.count,
                cli->args.repair ? ": removed" : "; weft doctor --repair removes them");
    }
    show_logs(d);
    show_search(d);
    if (d->problems.count == 0) {
        cli_say(cli, "everything that was published is whole\n");
    }
}

static enum status visit(struct doctor *d)
{
    TRY(check_store(d));
    TRY(db_begin(d->mesh->db, d->cli->cx, DB_READ));
    TRY(db_end(d->cli->cx, examine(d)));
    TRY(check_words(d));
    if (d->cli->args.repair) {
        TRY(repair(d));
    }
    show(d);
    if (d->problems.count > 0) {
        return FAIL(d->cli->cx, CORRUPT, "%zu problems found", d->problems.count);
    }
    return ST_OK;
}

enum status cmd_doctor(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    struct doctor   d    = { .cli = cli, .mesh = &mesh };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_WRITE | CLI_MESH_KEY | CLI_MESH_BUILD, &mesh));
    st = visit(&d);
    cli_mesh_close(&mesh);
    return st;
}
