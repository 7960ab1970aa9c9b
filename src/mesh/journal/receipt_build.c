/*
 * receipt_build.c - what a receipt says, as canonical JSON, signed.
 *
 * Every field always stands there, empty lists too: a reader sees what was not done ("waivers": []).
 */
#include "journal/receipt.h"

#include "base/time.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "codec/sign.h"
#include "journal/journal_int.h"

static void put_text(struct ctx *cx, struct json *to, str key, str text)
{
    json_set(cx->arena, to, key, json_new_str(cx->arena, text));
}

static void put_i64(struct ctx *cx, struct json *to, str key, int64_t value)
{
    json_set(cx->arena, to, key, json_new_i64(cx->arena, value));
}

static void put_bool(struct ctx *cx, struct json *to, str key, bool truth)
{
    json_set(cx->arena, to, key, json_new_bool(cx->arena, truth));
}

/* null when the text is empty: not known, or not there. */
static void put_text_or_null(struct ctx *cx, struct json *to, str key, str text)
{
    json_set(cx->arena, to, key,
             text.len > 0 ? json_new_str(cx->arena, text) : json_new_null(cx->arena));
}

static void put_time(struct ctx *cx, struct json *to, str key, int64_t us)
{
    put_text_or_null(cx, to, key, us != 0 ? time_text(cx->arena, us) : S(""));
}

static struct json *put_object(struct ctx *cx, struct json *to, str key)
{
    struct json *object = json_new_object(cx->arena);

    json_set(cx->arena, to, key, object);
    return object;
}

static struct json *put_array(struct ctx *cx, struct json *to, str key)
{
    struct json *array = json_new_array(cx->arena);

    json_set(cx->arena, to, key, array);
    return array;
}

static struct json *add_object(struct ctx *cx, struct json *array)
{
    struct json *object = json_new_object(cx->arena);

    json_append(cx->arena, array, object);
    return object;
}

static void fill_document(struct ctx *cx, struct json *to, const struct receipt_document *d)
{
    put_text(cx, to, S("path"), d->path);
    put_text(cx, to, S("sha256"), d->sha256);
}

static void put_document(struct ctx *cx, struct json *to, str key, const struct receipt_document *d)
{
    if (d->sha256.len == 0) {
        json_set(cx->arena, to, key, json_new_null(cx->arena));
    } else {
        fill_document(cx, put_object(cx, to, key), d);
    }
}

static void put_columns(struct ctx *cx, struct json *to, const struct receipt_table *t)
{
    struct json *columns = put_array(cx, to, S("columns"));

    for (size_t i = 0; i < t->column_count; i++) {
        struct json *column = add_object(cx, columns);

        put_text(cx, column, S("name"), t->columns[i].name);
        put_text(cx, column, S("type"), t->columns[i].type);
        put_bool(cx, column, S("required"), t->columns[i].is_required);
    }
}

static void put_files(struct ctx *cx, struct json *to, const struct receipt_table *t)
{
    struct json *files = put_array(cx, to, S("files"));

    for (size_t i = 0; i < t->file_count; i++) {
        struct json *file = add_object(cx, files);

        put_text(cx, file, S("path"), t->files[i].path);
        put_i64(cx, file, S("bytes"), t->files[i].bytes);
        put_i64(cx, file, S("rows"), t->files[i].rows);
        put_text(cx, file, S("sha256"), t->files[i].sha256);
        put_text_or_null(cx, file, S("row_digest"), t->files[i].row_digest);
    }
}

static void put_tables(struct ctx *cx, struct json *to, const struct receipt_port *p)
{
    struct json *tables = put_array(cx, to, S("tables"));

    for (size_t i = 0; i < p->table_count; i++) {
        const struct receipt_table *t        = &p->tables[i];
        struct json                *table    = add_object(cx, tables);
        struct json                *snapshot = put_object(cx, table, S("snapshot"));

        put_text(cx, table, S("name"), t->name);
        put_text(cx, table, S("address"), t->address);
        put_text(cx, snapshot, S("id"), t->snapshot_id);
        put_i64(cx, snapshot, S("number"), t->snapshot_number);
        put_document(cx, table, S("sql"), &t->sql);
        put_text_or_null(cx, table, S("copy_of"), t->copy_of);
        if (t->is_view) {
            put_bool(cx, table, S("view"), true);
        }
        put_i64(cx, table, S("rows"), t->rows);
        put_i64(cx, table, S("bytes"), t->bytes);
        put_text_or_null(cx, table, S("row_digest"), t->row_digest);
        put_columns(cx, table, t);
        put_files(cx, table, t);
    }
}

static void put_ports(struct ctx *cx, struct json *to, const struct receipt *r)
{
    struct json *ports = put_array(cx, to, S("ports"));

    for (size_t i = 0; i < r->ports.count; i++) {
        const struct receipt_port *p        = &r->ports.items[i];
        struct json               *port     = add_object(cx, ports);
        struct json               *contract = put_object(cx, port, S("contract"));

        put_text(cx, port, S("name"), p->name);
        put_text(cx, port, S("version"), p->version);
        put_text(cx, contract, S("id"), p->contract_id);
        fill_document(cx, contract, &p->contract);
        put_tables(cx, port, p);
    }
}

static void put_inputs(struct ctx *cx, struct json *to, const struct receipt *r)
{
    struct json *inputs = put_array(cx, to, S("inputs"));

    for (size_t i = 0; i < r->inputs.count; i++) {
        const struct receipt_input *in    = &r->inputs.items[i];
        struct json                *input = add_object(cx, inputs);

        put_text(cx, input, S("kind"), in->kind);
        put_text(cx, input, S("name"), in->name);
        put_text_or_null(cx, input, S("snapshot"), in->snapshot);
        put_i64(cx, input, S("bytes"), in->bytes);
        put_text_or_null(cx, input, S("sha256"), in->sha256);
        put_time(cx, input, S("modified"), in->modified_us);
    }
}

static void put_checks(struct ctx *cx, struct json *to, const struct receipt *r)
{
    struct json *checks = put_array(cx, to, S("checks"));

    for (size_t i = 0; i < r->checks.count; i++) {
        const struct receipt_check *c     = &r->checks.items[i];
        struct json                *check = add_object(cx, checks);

        put_text(cx, check, S("address"), c->address);
        put_text(cx, check, S("id"), c->id);
        put_text(cx, check, S("name"), c->name);
        put_text(cx, check, S("columns"), c->columns);
        put_text(cx, check, S("dimension"), c->dimension);
        put_text(cx, check, S("severity"), c->severity);
        put_text(cx, check, S("outcome"), c->outcome);
        put_text_or_null(cx, check, S("measured"), c->measured);
        put_text_or_null(cx, check, S("threshold"), c->threshold);
        json_set(cx->arena, check, S("bad_rows"),
                 c->bad_rows >= 0 ? json_new_i64(cx->arena, c->bad_rows)
                                  : json_new_null(cx->arena));
    }
}

static void put_steps(struct ctx *cx, struct json *to, const struct receipt *r)
{
    struct json *steps = put_array(cx, to, S("steps"));

    for (size_t i = 0; i < r->steps.count; i++) {
        fill_document(cx, add_object(cx, steps), &r->steps.items[i]);
    }
}

static struct json *describe(struct ctx *cx, const struct receipt *r,
                             const struct receipt_link *link, str previous)
{
    struct json *root    = json_new_object(cx->arena);
    struct json *product = put_object(cx, root, S("product"));
    struct json *publish = put_object(cx, root, S("publish"));

    put_text(cx, root, S("api"), S("weft/v1"));
    put_text(cx, root, S("kind"), S("Receipt"));
    put_text(cx, root, S("mesh"), r->mesh);
    put_text(cx, product, S("id"), r->product_id);
    put_text(cx, product, S("domain"), r->domain);
    put_text(cx, product, S("name"), r->product);
    put_document(cx, product, S("descriptor"), &r->descriptor);
    put_text(cx, publish, S("id"), r->publish_id);
    put_time(cx, publish, S("started"), r->started_us);
    put_text_or_null(cx, publish, S("build"), r->build);
    put_text_or_null(cx, publish, S("materialization"), r->materialization);
    put_text_or_null(cx, publish, S("fingerprint"), r->fingerprint);
    if (r->rollback_of.len > 0) {
        put_text(cx, publish, S("rollback_of"), r->rollback_of);
    }
    put_text(cx, root, S("engine"), r->engine);
    put_text(cx, root, S("weft"), r->weft);
    put_text(cx, root, S("actor"), r->actor.len > 0 ? r->actor : cx->actor);
    put_text(cx, root, S("time"), time_text(cx->arena, link->time_us));
    put_i64(cx, root, S("sequence"), link->sequence);
    put_text_or_null(cx, root, S("previous"), previous);
    put_steps(cx, root, r);
    put_ports(cx, root, r);
    put_inputs(cx, root, r);
    put_checks(cx, root, r);
    put_text(cx, root, S("origins"), S("not computed"));
    put_array(cx, root, S("gates"));
    put_array(cx, root, S("waivers"));
    return root;
}

static enum status sign(struct ctx *cx, const struct receipt_key *key, struct json *content,
                        str *out_document, str *out_sha256)
{
    struct json *root = json_new_object(cx->arena);
    struct json *sig;
    signature    value;
    str          text, document;

    TRY(json_canonical(cx, content, &text));
    TRY(sign_make(cx, receipt_key_sign(key), text, &value));
    *out_sha256 = digest_hex(cx, sha256_of(text));
    json_set(cx->arena, root, S("receipt"), content);
    put_text(cx, root, S("sha256"), *out_sha256);
    sig = put_object(cx, root, S("signature"));
    put_text(cx, sig, S("algorithm"), S("Ed25519"));
    put_text(cx, sig, S("key_id"), receipt_key_id(key));
    put_text(
        cx, sig, S("value"),
        base64_encode(cx, BASE64_STANDARD, (str){ (const char *)value.bytes, sizeof value.bytes }));
    TRY(json_canonical(cx, root, &document));
    if (document.len >= (size_t)RECEIPT_MAX_BYTES) {
        return FAIL(cx, LIMIT, "the receipt has %zu bytes: the limit is %d", document.len,
                    RECEIPT_MAX_BYTES);
    }
    *out_document = arena_concat(cx->arena, document, S("\n"));
    return ST_OK;
}

enum status receipt_build(struct ctx *cx, const struct receipt_key *key, const struct receipt *r,
                          const struct receipt_link *previous, str *out_document,
                          struct receipt_link *out_link)
{
    struct receipt_link link = {
        .sequence   = previous->sequence + 1,
        .publish_id = r->publish_id,
        .time_us    = r->time_us != 0 ? r->time_us : ctx_now_us(cx),
        .key_id     = receipt_key_id(key),
    };
    enum status st =
        sign(cx, key, describe(cx, r, &link, previous->sha256), out_document, &link.sha256);

    if (st != ST_OK) {
        return err_wrap(cx->err, "receipt of publish \"" STR_FMT "\"", STR_ARG(r->publish_id));
    }
    *out_link = link;
    return ST_OK;
}
