/*
 * test_mesh_check.h - is a mesh that was crashed, cut off or failed still whole?
 *
 * One function looks at everything that DESIGN promises of publishes and says in words what is not
 * so. It opens the store like any other program, so recovery is part of the look.
 */
#ifndef SUPPORT_TEST_MESH_CHECK_H
#define SUPPORT_TEST_MESH_CHECK_H

#include <stdlib.h>

#include "journal/receipt.h"
#include "codec/digest.h"
#include "os/proc.h"
#include "registry/registry.h"
#include "search/search.h"
#include "support/test_mesh.h"
#include "table/delta.h"

enum { TEST_MESH_PRODUCTS = 2, TEST_MESH_TABLES = 2, TEST_MESH_HISTORY = 400 };

/* What the store says. */
struct test_mesh_state {
    int64_t  sequence[TEST_MESH_PRODUCTS]; /* of the newest publish; orders, activity      */
    uint64_t rows[TEST_MESH_PRODUCTS];     /* rows of orders and of log                    */
    str      head[TEST_MESH_PRODUCTS];     /* id of the newest publish                     */
    size_t   leases;                       /* of publishes that run, or died               */
    size_t   garbage;                      /* objects that no snapshot holds               */
    int64_t  logged[TEST_MESH_PRODUCTS];   /* newest version in the log of orders and log  */
};

struct test_mesh_look {
    struct ctx             *cx;
    struct cli              cli;
    struct blob            *blob;
    struct receipt_key     *key;
    struct test_mesh_state *now;
    str                     problem; /* the first one; empty = none */
};

/* The first problem stays. */
#define PROBLEM(l, ...)                                                                            \
    do {                                                                                           \
        if ((l)->problem.len == 0) {                                                               \
            (l)->problem = arena_printf((l)->cx->arena, __VA_ARGS__);                              \
        }                                                                                          \
    } while (0)

static const char *const test_mesh_product_ids[TEST_MESH_PRODUCTS] = { "sales.orders",
                                                                       "sales.activity" };
static const char *const test_mesh_tables[TEST_MESH_PRODUCTS]      = { "sales.orders_v1.orders",
                                                                       "sales.activity_v1.log" };

/* A file of a snapshot: there, of its size, of its hash. */
static inline void test_mesh_look_at_file(struct test_mesh_look *l, const struct table_file *f)
{
    struct arena_mark mark = arena_mark(l->cx->arena);
    str               bytes;

    if (blob_get(l->blob, l->cx, f->key, &bytes) != ST_OK) {
        PROBLEM(l, "a live file cannot be read: " STR_FMT, STR_ARG(err_text(l->cx->err)));
    } else if (bytes.len != f->bytes) {
        PROBLEM(l, "file " STR_FMT " has %zu bytes, not %llu", STR_ARG(f->key), bytes.len,
                (unsigned long long)f->bytes);
    } else if (!str_eq(digest_hex(l->cx, sha256_of(bytes)), f->sha256)) {
        PROBLEM(l, "file " STR_FMT " has another content", STR_ARG(f->key));
    } else {
        arena_rewind(l->cx->arena, mark);
    }
}

/* The files of one live table hold the rows that its snapshot has; its receipt names it. */
static inline enum status test_mesh_look_at_head(struct test_mesh_look *l, str receipt,
                                                 const struct table_snapshot *s)
{
    struct table_files files;
    uint64_t           rows = 0;

    TRY(table_files_of(l->cx, s->id, &files));
    for (size_t i = 0; i < files.list.count; i++) {
        rows += files.list.items[i].rows;
        if (!str_has(receipt, files.list.items[i].sha256)) {
            PROBLEM(l, "the receipt of " STR_FMT " does not name its file", STR_ARG(s->address));
        }
    }
    if (rows != s->rows) {
        PROBLEM(l, STR_FMT " has %llu rows in its files, not %llu", STR_ARG(s->address),
                (unsigned long long)rows, (unsigned long long)s->rows);
    }
    if (!str_has(receipt, s->id)) {
        PROBLEM(l, "the receipt of " STR_FMT " names another snapshot", STR_ARG(s->address));
    }
    return ST_OK;
}

/* A major is withdrawn and its tables are gone, or it is served and they are there: never one of the two. */
static inline enum status test_mesh_look_at_port(struct test_mesh_look        *l,
                                                 const struct registry_port   *port,
                                                 const struct table_snapshots *heads,
                                                 size_t                       *served)
{
    struct table_gones gone;
    size_t             live = 0, away = 0;

    TRY(table_gone_of(l->cx, port->product_id, &gone));
    for (size_t i = 0; i < heads->list.count; i++) {
        live += str_eq(heads->list.items[i].port, port->name);
    }
    for (size_t i = 0; i < gone.list.count; i++) {
        away += str_eq(gone.list.items[i].last.port, port->name);
    }
    if ((port->withdrawn_us != 0) != (live == 0) || (live == 0) != (away > 0)) {
        PROBLEM(l, "port " STR_FMT " has %zu live tables, %zu that are gone, and is %s",
                STR_ARG(port->name), live, away, port->withdrawn_us ? "withdrawn" : "served");
    }
    *served += live;
    return ST_OK;
}

/* The newest publish of a product, its receipt, its registry rows and its tables are one publish. */
static inline enum status test_mesh_look_at_publish(struct test_mesh_look       *l,
                                                    const struct publish_record *newest)
{
    struct registry_product product;
    struct registry_ports   ports;
    struct table_snapshots  heads;
    struct receipt_link    *links;
    size_t                  count, served = 0;
    str                     receipt;

    TRY(registry_product(l->cx, newest->product_id, &product));
    TRY(registry_ports(l->cx, newest->product_id, &ports));
    TRY(receipt_list(l->cx, newest->product_id, 1, &links, &count));
    TRY(receipt_get(l->cx, newest->id, &receipt));
    TRY(table_heads_of(l->cx, newest->product_id, &heads));
    if (count != 1 || !str_eq(links[0].publish_id, newest->id) ||
        links[0].sequence != newest->seq || !str_eq(links[0].sha256, newest->receipt_hash)) {
        PROBLEM(l, "publish %lld of " STR_FMT " has not the newest receipt", (long long)newest->seq,
                STR_ARG(newest->product_id));
    }
    for (size_t i = 0; i < ports.list.count; i++) {
        if (!str_eq(ports.list.items[i].publish_id, newest->id)) {
            PROBLEM(l, "port " STR_FMT " is of another publish", STR_ARG(ports.list.items[i].name));
        }
        TRY(test_mesh_look_at_port(l, &ports.list.items[i], &heads, &served));
    }
    if (!str_eq(product.publish_id, newest->id) || ports.list.count == 0) {
        PROBLEM(l, "the registry has another publish of " STR_FMT, STR_ARG(newest->product_id));
    }
    if (heads.list.count != served || served < TEST_MESH_TABLES) {
        PROBLEM(l, STR_FMT " has %zu tables", STR_ARG(newest->product_id), heads.list.count);
    }
    for (size_t i = 0; i < heads.list.count; i++) {
        if (!str_eq(heads.list.items[i].publish_id, newest->id) ||
            heads.list.items[i].number != newest->seq) {
            PROBLEM(l, STR_FMT " is of another publish than its product",
                    STR_ARG(heads.list.items[i].address));
        }
        TRY(test_mesh_look_at_head(l, receipt, &heads.list.items[i]));
    }
    return ST_OK;
}

static inline enum status test_mesh_look_at_product(struct test_mesh_look *l, size_t product)
{
    str                    id = str_of(test_mesh_product_ids[product]);
    struct publish_records records;
    struct table_snapshots heads;
    struct table_snapshot  head;

    TRY(publish_history(l->cx, id, TEST_MESH_HISTORY, &records));
    TRY(table_heads_of(l->cx, id, &heads));
    if (records.list.count == 0) {
        if (heads.list.count > 0) {
            PROBLEM(l, STR_FMT " has tables and no publish", STR_ARG(id));
        }
        return ST_OK;
    }
    if (records.list.items[0].seq != (int64_t)records.list.count) {
        PROBLEM(l, STR_FMT " lost a publish", STR_ARG(id));
    }
    TRY(test_mesh_look_at_publish(l, &records.list.items[0]));
    TRY(table_head(l->cx, str_of(test_mesh_tables[product]), &head));
    l->now->sequence[product] = records.list.items[0].seq;
    l->now->head[product]     = records.list.items[0].id;
    l->now->rows[product]     = head.rows;
    return ST_OK;
}

static inline bool test_mesh_is_held(const struct table_files *files, str key)
{
    for (size_t i = 0; i < files->list.count; i++) {
        if (str_eq(files->list.items[i].key, key)) {
            return true;
        }
    }
    return false;
}

/* A log is what it should be, from its first version to some version without a gap. */
static inline enum status test_mesh_look_at_log(struct test_mesh_look    *l,
                                                const struct delta_table *table)
{
    struct delta_place    place = { .blob = l->blob };
    struct delta_findings found = { 0 };
    int64_t               whole = table->newest;

    TRY(delta_check(l->cx, &place, table, &found));
    for (size_t i = found.list.count; i-- > 0;) {
        const struct delta_finding *f = &found.list.items[i];

        if (f->fault != DELTA_MISSING) {
            PROBLEM(l, STR_FMT " " STR_FMT, STR_ARG(f->key), STR_ARG(f->what));
        } else if (str_ends(f->key, S(".json"))) {
            if (!str_ends(f->key, arena_printf(l->cx->arena, "/%020lld.json", (long long)whole))) {
                PROBLEM(l, STR_FMT " is missing, and later versions are there", STR_ARG(f->key));
            }
            whole--;
        }
    }
    for (size_t i = 0; i < TEST_MESH_PRODUCTS; i++) {
        if (str_eq(table->address, str_of(test_mesh_tables[i]))) {
            l->now->logged[i] = whole;
        }
    }
    return ST_OK;
}

static inline enum status test_mesh_look_at_logs(struct test_mesh_look *l)
{
    struct delta_tables tables;

    TRY(delta_tables_all(l->cx, &tables));
    for (size_t i = 0; i < tables.list.count; i++) {
        TRY(test_mesh_look_at_log(l, &tables.list.items[i]));
    }
    return ST_OK;
}

static inline enum status test_mesh_look_for_garbage(struct test_mesh_look    *l,
                                                     const struct table_files *files)
{
    struct blob_page page  = { .has_more = true };
    str              after = STR_NONE;

    while (page.has_more) {
        TRY(blob_list(l->blob, l->cx, S(""), after, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            after = page.items[i].key;
            l->now->garbage +=
                !test_mesh_is_held(files, after) && !delta_log_folder(after, &(str){ 0 });
        }
    }
    return ST_OK;
}

/* Chains, one event of each publish, every file that any snapshot holds. */
static inline enum status test_mesh_look_at_chains(struct test_mesh_look *l)
{
    struct journal_filter published = { .kind = S("product.published"), .limit = JOURNAL_LIST_MAX };
    struct journal_report events, receipts;
    struct journal_page   page;
    struct table_files    files;

    TRY(journal_verify(l->cx, NULL, &events));
    TRY(receipt_verify_all(l->cx, receipt_key_public_pem(l->key), &receipts));
    TRY(journal_list(l->cx, &published, &page));
    TRY(table_files_all(l->cx, &files));
    if ((int64_t)page.count != receipts.count ||
        receipts.count != l->now->sequence[0] + l->now->sequence[1]) {
        PROBLEM(l, "%lld receipts, %zu events of publishes, %lld + %lld publishes",
                (long long)receipts.count, page.count, (long long)l->now->sequence[0],
                (long long)l->now->sequence[1]);
    }
    for (size_t i = 0; i < files.list.count; i++) {
        test_mesh_look_at_file(l, &files.list.items[i]);
    }
    TRY(test_mesh_look_at_logs(l));
    return test_mesh_look_for_garbage(l, &files);
}

/* What can be found is what was published, not what a failed publish would have said. */
static inline enum status test_mesh_look_at_search(struct test_mesh_look *l)
{
    size_t wrong;

    TRY(search_check(l->cx, &wrong));
    if (wrong > 0) {
        PROBLEM(l, "%zu entries of the search index are not what was published", wrong);
    }
    return ST_OK;
}

static inline enum status test_mesh_look_at_words(struct test_mesh_look *l, struct db *db)
{
    enum status st;

    TRY(db_begin(db, l->cx, DB_WRITE));
    st = search_check_words(l->cx);
    db_rollback(l->cx);
    return st;
}

static inline enum status test_mesh_look_at_all(struct test_mesh_look *l)
{
    struct publish_leases leases;

    TRY(publish_leases_all(l->cx, &leases));
    l->now->leases = leases.list.count;
    for (size_t i = 0; i < TEST_MESH_PRODUCTS; i++) {
        TRY(test_mesh_look_at_product(l, i));
    }
    TRY(test_mesh_look_at_search(l));
    return test_mesh_look_at_chains(l);
}

/* Opened as every command opens it: a store that was made half is made whole. */
static inline enum status test_mesh_look_open(struct test_mesh_look *l, struct cli_mesh *mesh)
{
    struct db_problems found;
    enum status        st;

    TRY(cli_mesh_open(&l->cli, CLI_MESH_FILES | CLI_MESH_WRITE | CLI_MESH_KEY, mesh));
    l->blob = mesh->blob;
    l->key  = mesh->key;
    TRY(db_check(mesh->db, l->cx, &found));
    if (found.count > 0) {
        PROBLEM(l, "the store is damaged: " STR_FMT, STR_ARG(found.items[0]));
    }
    TRY(db_begin(mesh->db, l->cx, DB_READ));
    st = test_mesh_look_at_all(l);
    TRY(db_end(l->cx, st));
    return test_mesh_look_at_words(l, mesh->db);
}

/* What is wrong, or nothing. `now` (in cx->arena) is what the store says. */
static inline str test_mesh_problem(struct ctx *cx, str root, struct test_mesh_state *now)
{
    struct test_mesh_look l    = { .cx = cx, .now = now, .cli = { .cx = cx } };
    struct cli_mesh       mesh = { 0 };
    enum status           st;

    *now           = (struct test_mesh_state){ 0 };
    l.cli.args.dir = root;
    st             = test_mesh_look_open(&l, &mesh);
    if (st != ST_OK) {
        PROBLEM(&l, "%s: " STR_FMT, status_slug(st).ptr, STR_ARG(err_text(cx->err)));
        err_clear(cx->err);
    }
    cli_mesh_close(&mesh);
    return l.problem;
}

/* Nothing, or that a folder for temporary files holds one. */
static inline str test_mesh_leftover(struct ctx *cx, str root, const char *folder)
{
    enum { SHOWN = 12 };
    struct os_entries entries;
    enum status       st =
        os_dir_list(cx, os_path_join(cx->arena, root, str_of(folder)), SHOWN, &entries);

    err_clear(cx->err);
    return st == ST_NOT_FOUND || (st == ST_OK && entries.list.count == 0)
               ? STR_NONE
               : arena_printf(cx->arena, "something was left in %s", folder);
}

/* Nothing, or what `weft doctor` with this option said instead of `says`; $WEFT is the program. */
static inline str test_mesh_doctor_problem(struct ctx *cx, str root, const char *option,
                                           const char *says)
{
    str args[] = { str_of(getenv("WEFT")), S("doctor"), str_of(option), S("-C"), root };
    struct os_command    cmd = { .args = args, .count = COUNT_OF(args) };
    struct os_run_result result;

    if (os_run(cx, &cmd, &result) != ST_OK) {
        BUG(cx->err->text);
    }
    if (result.exit_code == 0 && str_has(result.output, str_of(says))) {
        return STR_NONE;
    }
    return arena_printf(cx->arena, "doctor: " STR_FMT STR_FMT, STR_ARG(result.output),
                        STR_ARG(result.errors));
}

/* What a publish after the crashes or failures should not have left; the doctor finds garbage only. */
static inline str test_mesh_end_problem(struct ctx *cx, str root)
{
    str problem = test_mesh_leftover(cx, root, ".weft/tmp");

    if (problem.len == 0) {
        problem = test_mesh_leftover(cx, root, ".weft/objects/.weft-temp");
    }
    if (problem.len == 0 && getenv("WEFT")) {
        problem = test_mesh_doctor_problem(cx, root, "--repair",
                                           "everything that was published is whole");
    }
    if (problem.len == 0 && getenv("WEFT")) {
        problem = test_mesh_doctor_problem(cx, root, "--json", "\"garbage_files\": 0");
    }
    return problem;
}

#endif
