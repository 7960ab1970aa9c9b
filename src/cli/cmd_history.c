/*
 * cmd_history.c - weft status, history, receipt show and receipt verify.
 */
#include "cli/mesh.h"

#include "base/id.h"
#include "base/time.h"
#include "catalog/catalog.h"
#include "codec/json.h"
#include "os/dir.h"

enum { HISTORY_ROWS = 20 };

static const struct catalog_view operator_view; /* of the whole mesh */

static enum status in_store(struct cli *cli, enum status (*show)(struct cli *, struct cli_mesh *))
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_STORE, &mesh));
    st = db_begin(mesh.db, cli->cx, DB_READ);
    if (st == ST_OK) {
        st = db_end(cli->cx, show(cli, &mesh));
    }
    cli_mesh_close(&mesh);
    return st;
}

/* ------------------------------------------------------------------------- status */

static enum status show_status(struct cli *cli, struct cli_mesh *mesh)
{
    struct registry_products products;
    struct table_snapshots   heads;
    struct publish_leases    leases;
    struct journal_link      head;
    uint64_t                 rows = 0, bytes = 0;

    TRY(registry_products(cli->cx, &products));
    TRY(table_heads_all(cli->cx, &heads));
    TRY(publish_leases_all(cli->cx, &leases));
    TRY(journal_head(cli->cx, &head));
    for (size_t i = 0; i < heads.list.count; i++) {
        rows += heads.list.items[i].rows;
        bytes += heads.list.items[i].bytes;
    }
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_str(w, S("mesh"), mesh->project->name);
        json_w_member_str(w, S("root"), mesh->project->root);
        json_w_member_u64(w, S("products"), products.list.count);
        json_w_member_u64(w, S("tables"), heads.list.count);
        json_w_member_u64(w, S("rows"), rows);
        json_w_member_u64(w, S("bytes"), bytes);
        json_w_member_u64(w, S("running"), leases.list.count);
        json_w_member_i64(w, S("events"), head.seq);
        cli_json_end(cli, w);
        return ST_OK;
    }
    cli_say(cli, "mesh " STR_FMT " in " STR_FMT "\n", STR_ARG(mesh->project->name),
            STR_ARG(mesh->project->root));
    cli_say(cli, "%zu product%s, %zu table%s, " STR_FMT " row%s, " STR_FMT "\n",
            products.list.count, products.list.count == 1 ? "" : "s", heads.list.count,
            heads.list.count == 1 ? "" : "s", STR_ARG(cli_count(cli, rows)), rows == 1 ? "" : "s",
            STR_ARG(cli_bytes(cli, bytes)));
    for (size_t i = 0; i < leases.list.count; i++) {
        const struct publish_lease *l = &leases.list.items[i];

        cli_say(cli, "publishing " STR_FMT ": process %lld on " STR_FMT ", since " STR_FMT "\n",
                STR_ARG(l->product_id), (long long)l->process, STR_ARG(l->host),
                STR_ARG(cli_ago(cli, l->started_us)));
    }
    cli_say(cli, "%lld events in the journal\n", (long long)head.seq);
    if (products.list.count == 0) {
        cli_say(cli, "next: weft publish --all\n");
    }
    return ST_OK;
}

enum status cmd_status(struct cli *cli)
{
    return in_store(cli, show_status);
}

/* ------------------------------------------------------------------------- history */

static enum status limit_of(struct cli *cli, int64_t *out)
{
    *out = HISTORY_ROWS;
    if (cli->args.limit.len && (!str_to_i64(cli->args.limit, out) || *out < 1)) {
        return FAIL(cli->cx, INVALID, "--limit is a number of rows from 1 on, not \"" STR_FMT "\"",
                    STR_ARG(cli->args.limit));
    }
    return ST_OK;
}

static void json_publish(struct json_writer *w, const struct publish_record *r)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("id"), r->id);
    json_w_member_str(w, S("product_id"), r->product_id);
    json_w_member_i64(w, S("sequence"), r->seq);
    json_w_member_i64(w, S("committed_us"), r->committed_us);
    json_w_member_i64(w, S("elapsed_us"), r->committed_us - r->started_us);
    json_w_member_str(w, S("actor"), r->actor);
    json_w_member_u64(w, S("rows"), r->rows);
    json_w_member_u64(w, S("bytes"), r->bytes);
    json_w_member_i64(w, S("checks"), r->checks);
    json_w_member_i64(w, S("warnings"), r->warnings);
    json_w_member_str(w, S("receipt_sha256"), r->receipt_hash);
    if (r->rollback_of.len > 0) {
        json_w_member_str(w, S("rollback_of"), r->rollback_of);
    }
    json_w_object_end(w);
}

/* "back to 3" of a rollback. */
static enum status note_of(struct cli *cli, const struct publish_record *r, str *out)
{
    struct publish_record older;

    *out = STR_NONE;
    if (r->rollback_of.len > 0) {
        TRY(publish_of_product(cli->cx, r->product_id, r->rollback_of, &older));
        *out = arena_printf(cli->cx->arena, "back to %lld", (long long)older.seq);
    }
    return ST_OK;
}

/* Majors of one product that were withdrawn; none of the whole mesh, whose journal has them all. */
static enum status read_withdrawn(struct cli *cli, str product_id, struct registry_ports *out)
{
    size_t kept = 0;

    *out = (struct registry_ports){ 0 };
    if (product_id.len == 0) {
        return ST_OK;
    }
    TRY(registry_ports(cli->cx, product_id, out));
    for (size_t i = 0; i < out->list.count; i++) {
        if (out->list.items[i].withdrawn_us) {
            out->list.items[kept++] = out->list.items[i];
        }
    }
    out->list.count = kept;
    return ST_OK;
}

static void json_publishes(struct cli *cli, const struct publish_records *records,
                           const struct registry_ports *withdrawn)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("publishes"));
    json_w_array_begin(w);
    for (size_t i = 0; i < records->list.count; i++) {
        json_publish(w, &records->list.items[i]);
    }
    json_w_array_end(w);
    json_w_key(w, S("withdrawn"));
    json_w_array_begin(w);
    for (size_t i = 0; i < withdrawn->list.count; i++) {
        json_w_object_begin(w);
        json_w_member_str(w, S("port"), withdrawn->list.items[i].name);
        json_w_member_str(w, S("version"), withdrawn->list.items[i].version);
        json_w_member_i64(w, S("withdrawn_us"), withdrawn->list.items[i].withdrawn_us);
        json_w_object_end(w);
    }
    json_w_array_end(w);
    cli_json_end(cli, w);
}

static enum status show_publishes(struct cli *cli, str product_id, int64_t limit)
{
    struct publish_records records;
    struct registry_ports  withdrawn;
    struct cli_grid        grid = { .columns = 7, .right = 1U << 3 | 1U << 4 };

    TRY(publish_history(cli->cx, product_id, limit, &records));
    TRY(read_withdrawn(cli, product_id, &withdrawn));
    if (cli->args.json) {
        json_publishes(cli, &records, &withdrawn);
        return ST_OK;
    }
    cli_grid_add(
        cli, &grid,
        (const str[]){ S("when"), S("product"), S("publish"), S("no"), S("rows"), S("by"), S("") });
    for (size_t i = 0; i < records.list.count; i++) {
        const struct publish_record *r = &records.list.items[i];
        struct registry_product      p = { .name = r->product_id };
        str                          note;

        TRY(note_of(cli, r, &note));
        ignore(registry_product(cli->cx, r->product_id, &p), "the id is shown then");
        err_clear(cli->cx->err);
        cli_grid_add(cli, &grid,
                     (const str[]){ time_text(cli->cx->arena, r->committed_us),
                                    arena_printf(cli->cx->arena, STR_FMT "." STR_FMT,
                                                 STR_ARG(p.domain), STR_ARG(p.name)),
                                    r->id, cli_count(cli, (uint64_t)r->seq),
                                    cli_count(cli, r->rows), r->actor, note });
    }
    cli_grid_print(cli, &grid);
    for (size_t i = 0; i < withdrawn.list.count; i++) {
        const struct registry_port *p = &withdrawn.list.items[i];

        cli_say(cli, "port " STR_FMT " " STR_FMT " was withdrawn on " STR_FMT "\n",
                STR_ARG(p->name), STR_ARG(p->version),
                STR_ARG(time_text(cli->cx->arena, p->withdrawn_us)));
    }
    return ST_OK;
}

static str size_of(struct cli *cli, const struct table_snapshot *s)
{
    if (s->forgotten_us > 0) {
        return S("forgotten");
    }
    return s->view.len > 0 ? S("view") : cli_bytes(cli, s->bytes);
}

static void json_snapshots(struct cli *cli, const struct table_snapshots *list, int64_t gone_us)
{
    struct json_writer *w = cli_json_begin(cli);

    json_w_key(w, S("snapshots"));
    json_w_array_begin(w);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct table_snapshot *s = &list->list.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), s->address);
        json_w_member_str(w, S("id"), s->id);
        json_w_member_i64(w, S("number"), s->number);
        json_w_member_str(w, S("kind"), s->view.len > 0 ? S("view") : S("table"));
        json_w_member_str(w, S("publish_id"), s->publish_id);
        json_w_member_u64(w, S("rows"), s->rows);
        json_w_member_u64(w, S("bytes"), s->bytes);
        json_w_member_i64(w, S("made_us"), s->made_us);
        if (s->forgotten_us > 0) {
            json_w_member_i64(w, S("forgotten_us"), s->forgotten_us);
        }
        json_w_object_end(w);
    }
    json_w_array_end(w);
    if (gone_us > 0) {
        json_w_member_i64(w, S("withdrawn_us"), gone_us);
    }
    cli_json_end(cli, w);
}

/* Since when readers do not see the table any more; 0 = they do. */
static enum status gone_since(struct cli *cli, str address, int64_t *out)
{
    struct table_gone gone;
    enum status       st = table_gone_at(cli->cx, address, &gone);

    if (st == ST_NOT_FOUND) {
        err_clear(cli->cx->err);
        *out = 0;
        return ST_OK;
    }
    TRY(st);
    *out = gone.gone_us;
    return ST_OK;
}

static enum status show_snapshots(struct cli *cli, str address, int64_t limit)
{
    struct table_snapshots list;
    struct cli_grid        grid = { .columns = 5, .right = 1U << 0 | 1U << 2 | 1U << 3 };
    int64_t                gone_us;

    TRY(table_history(cli->cx, address, limit, &list));
    if (list.list.count == 0) {
        return FAIL(cli->cx, NOT_FOUND, "table \"" STR_FMT "\" was never published",
                    STR_ARG(address));
    }
    TRY(gone_since(cli, address, &gone_us));
    if (cli->args.json) {
        json_snapshots(cli, &list, gone_us);
        return ST_OK;
    }
    cli_grid_add(cli, &grid,
                 (const str[]){ S("snapshot"), S("when"), S("rows"), S("size"), S("publish") });
    for (size_t i = 0; i < list.list.count; i++) {
        const struct table_snapshot *s = &list.list.items[i];

        cli_grid_add(cli, &grid,
                     (const str[]){ cli_count(cli, (uint64_t)s->number),
                                    time_text(cli->cx->arena, s->made_us), cli_count(cli, s->rows),
                                    size_of(cli, s), s->publish_id });
    }
    cli_grid_print(cli, &grid);
    if (gone_us > 0) {
        cli_say(cli, "withdrawn on " STR_FMT "\n", STR_ARG(time_text(cli->cx->arena, gone_us)));
    }
    return ST_OK;
}

/* A table's address with its newest major when none was given. */
static str full_address(struct cli *cli, const struct catalog_product *p,
                        const struct address *address)
{
    unsigned major = address->major;

    for (size_t i = 0; address->major == 0 && i < p->ports.count; i++) {
        for (size_t k = 0; k < p->ports.items[i].tables.count; k++) {
            if (str_eq(p->ports.items[i].tables.items[k].name, address->table) &&
                p->ports.items[i].port.major > major) {
                major = p->ports.items[i].port.major;
            }
        }
    }
    return address_table(cli->cx->arena, p->product.domain, p->product.name, major ? major : 1,
                         address->table);
}

static enum status show_history(struct cli *cli, struct cli_mesh *mesh)
{
    struct catalog_product p;
    struct address         address = { 0 };
    int64_t                limit;

    (void)mesh;
    TRY(limit_of(cli, &limit));
    if (cli->args.words.count == 0) {
        return show_publishes(cli, STR_NONE, limit);
    }
    TRY(catalog_product(cli->cx, &operator_view, cli->args.words.items[0], &p));
    if (address_parse(cli->args.words.items[0], &address) && address.table.len) {
        return show_snapshots(cli, full_address(cli, &p, &address), limit);
    }
    return show_publishes(cli, p.product.id, limit);
}

enum status cmd_history(struct cli *cli)
{
    return in_store(cli, show_history);
}

/* ------------------------------------------------------------------------- receipts */

static enum status show_receipt(struct cli *cli, struct cli_mesh *mesh)
{
    str word = cli->args.words.items[0], document;

    (void)mesh;
    if (!id_is_valid(word)) {
        struct catalog_product p;

        TRY(catalog_product(cli->cx, &operator_view, word, &p));
        word = p.last.id;
    }
    TRY(receipt_get(cli->cx, word, &document));
    buf_add(&cli->out, document);
    cli->has_answer = true;
    return ST_OK;
}

enum status cmd_receipt_show(struct cli *cli)
{
    return in_store(cli, show_receipt);
}

/* The key given, or that of the mesh one stands in. */
static enum status read_public_key(struct cli *cli, str *out)
{
    str root;

    if (cli->args.key.len) {
        return os_file_read(cli->cx, cli->args.key, 1 << 16, out);
    }
    if (project_find_root(cli->cx, cli->args.dir.len ? cli->args.dir : S("."), &root) != ST_OK) {
        return FAIL(cli->cx, INVALID, "give the public key: --key receipt-ed25519.pub.pem");
    }
    return os_file_read(cli->cx,
                        os_path_join(cli->cx->arena, root, S(".weft/keys/receipt-ed25519.pub.pem")),
                        1 << 16, out);
}

enum status cmd_receipt_verify(struct cli *cli)
{
    struct receipt_report report = { 0 };
    str                   document, key;
    enum status           st;

    TRY(read_public_key(cli, &key));
    TRY(os_file_read(cli->cx, cli->args.words.items[0], RECEIPT_MAX_BYTES, &document));
    st = receipt_verify(cli->cx, document, key, &report);
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_bool(w, S("is_valid"), st == ST_OK);
        json_w_member_str(w, S("status"), status_slug(st));
        json_w_member_str(w, S("message"), st == ST_OK ? S("") : err_text(cli->cx->err));
        json_w_member_str(w, S("mesh"), report.mesh);
        json_w_member_str(w, S("product"), report.product);
        json_w_member_str(w, S("publish_id"), report.publish_id);
        json_w_member_i64(w, S("sequence"), report.sequence);
        json_w_member_str(w, S("key_id"), report.key_id);
        json_w_member_str(w, S("sha256"), report.sha256);
        cli_json_end(cli, w);
    }
    if (st == ST_OK) {
        cli_say(cli,
                "%svalid%s: " STR_FMT ", publish %lld of mesh " STR_FMT ", by " STR_FMT
                " at " STR_FMT "\n",
                cli_style(cli, CLI_GREEN), cli_style(cli, CLI_PLAIN), STR_ARG(report.product),
                (long long)report.sequence, STR_ARG(report.mesh), STR_ARG(report.actor),
                STR_ARG(report.time));
        cli_say(cli, "signed with key " STR_FMT ", sha256 " STR_FMT "\n", STR_ARG(report.key_id),
                STR_ARG(report.sha256));
    }
    return st;
}
