/*
 * receipt_verify.c - proof of one receipt from its bytes and the public key, and of whole chains.
 *
 * The order of the steps decides what a failure says: shape, canonical form, hash, key, signature.
 * Each later step would fail too when an earlier one does; the first tells most.
 */
#include "journal/receipt.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "codec/sign.h"
#include "db/db.h"
#include "journal/journal_int.h"
#include "journal/journal_sql.h"

static const struct json_limits receipt_limits = {
    .size_bytes = RECEIPT_MAX_BYTES,
    .depth      = 32,
    .values     = 4000000,
};

/* The parts of a document, all of the right kind. */
struct parts {
    struct json *root;
    struct json *receipt;
    str          sha256;
    str          key_id;
    str          algorithm;
    str          value;
};

static enum status fail_shape(struct ctx *cx, const char *why)
{
    return FAIL(cx, INVALID, "this is not a receipt: %s", why);
}

static bool is_text(const struct json *object, str key)
{
    return json_is(json_get(object, key), JSON_STRING);
}

static bool has_shape(const struct json *root)
{
    const struct json *sig = json_get(root, S("signature"));

    return json_is(root, JSON_OBJECT) && root->count == 3 &&
           json_is(json_get(root, S("receipt")), JSON_OBJECT) && is_text(root, S("sha256")) &&
           json_is(sig, JSON_OBJECT) && sig->count == 3 && is_text(sig, S("algorithm")) &&
           is_text(sig, S("key_id")) && is_text(sig, S("value"));
}

static enum status read_parts(struct ctx *cx, str document, struct parts *out)
{
    struct parts       p = { 0 };
    const struct json *sig;

    if (document.len == 0 || document.ptr[document.len - 1] != '\n') {
        return fail_shape(cx, "it does not end with a line feed; it may have been cut off");
    }
    if (json_read(cx, str_sub(document, 0, document.len - 1), "receipt", &receipt_limits,
                  &p.root) != ST_OK) {
        return err_wrap(cx->err, "this is not a receipt");
    }
    if (!has_shape(p.root)) {
        return fail_shape(cx, "it must have exactly \"receipt\", \"sha256\" and \"signature\"");
    }
    p.receipt   = json_get(p.root, S("receipt"));
    sig         = json_get(p.root, S("signature"));
    p.sha256    = json_text_or(json_get(p.root, S("sha256")), S(""));
    p.key_id    = json_text_or(json_get(sig, S("key_id")), S(""));
    p.algorithm = json_text_or(json_get(sig, S("algorithm")), S(""));
    p.value     = json_text_or(json_get(sig, S("value")), S(""));
    if (!str_eq(json_text_or(json_get(p.receipt, S("api")), S("")), S("weft/v1")) ||
        !str_eq(json_text_or(json_get(p.receipt, S("kind")), S("")), S("Receipt"))) {
        return fail_shape(cx, "\"api\" must be \"weft/v1\" and \"kind\" must be \"Receipt\"");
    }
    if (!str_eq(p.algorithm, S("Ed25519"))) {
        return fail_shape(cx, "its signature algorithm is not \"Ed25519\"");
    }
    *out = p;
    return ST_OK;
}

static void tell(struct ctx *cx, const struct parts *p, struct receipt_report *report)
{
    const struct json *r      = p->receipt;
    str                domain = json_text_or(json_path(r, S("/product/domain")), S(""));
    str                name   = json_text_or(json_path(r, S("/product/name")), S(""));

    report->key_id  = p->key_id;
    report->mesh    = json_text_or(json_get(r, S("mesh")), S(""));
    report->product = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(domain), STR_ARG(name));
    report->publish_id = json_text_or(json_path(r, S("/publish/id")), S(""));
    report->actor      = json_text_or(json_get(r, S("actor")), S(""));
    report->time       = json_text_or(json_get(r, S("time")), S(""));
    report->previous   = json_text_or(json_get(r, S("previous")), S(""));
    report->sequence   = json_i64_or(json_get(r, S("sequence")), 0);
}

static enum status check_canonical(struct ctx *cx, const struct parts *p, str document)
{
    str again;

    if (json_canonical(cx, p->root, &again) == ST_OK && document.len == again.len + 1 &&
        memcmp(document.ptr, again.ptr, again.len) == 0) {
        return ST_OK;
    }
    return FAIL(cx, CORRUPT,
                "the receipt is not in canonical form: it was edited or formatted again after it "
                "was signed");
}

static enum status check_hash(struct ctx *cx, const struct parts *p, str *content,
                              struct receipt_report *report)
{
    TRY(json_canonical(cx, p->receipt, content));
    report->sha256 = digest_hex(cx, sha256_of(*content));
    if (!str_eq(report->sha256, p->sha256)) {
        return FAIL(cx, CORRUPT,
                    "the content of the receipt does not have its sha256: it was changed after it "
                    "was signed");
    }
    return ST_OK;
}

static enum status check_key_id(struct ctx *cx, const struct parts *p, const struct sign_key *key)
{
    str id = sign_key_id(cx, key);

    if (!str_eq(id, p->key_id)) {
        return FAIL(cx, DENIED,
                    "the receipt was signed with key \"" STR_FMT
                    "\", the public key given is \"" STR_FMT "\"",
                    STR_ARG(str_sub(p->key_id, 0, SIGN_KEY_ID_LEN)), STR_ARG(id));
    }
    return ST_OK;
}

static enum status check_signature(struct ctx *cx, const struct parts *p,
                                   const struct sign_key *key, str content)
{
    signature s;
    str       bytes;

    if (base64_decode(cx, BASE64_STANDARD, p->value, &bytes) == ST_OK &&
        bytes.len == sizeof s.bytes) {
        memcpy(s.bytes, bytes.ptr, sizeof s.bytes);
        if (sign_verify(cx, key, content, &s) == ST_OK) {
            return ST_OK;
        }
    }
    return FAIL(cx, DENIED,
                "the signature does not fit: the receipt was not signed with this key, or the "
                "signature was changed");
}

/* Runs the steps; report->failed names the one that runs. */
static enum status prove(struct ctx *cx, str document, str public_pem,
                         struct receipt_report *report, struct json **out_receipt)
{
    struct sign_key *key CLEANUP(sign_key_cleanup) = NULL;
    struct parts         p                         = { 0 };
    str                  content;

    report->failed = RECEIPT_KEY;
    if (sign_key_from_pem(cx, public_pem, &key) != ST_OK) {
        return err_wrap(cx->err, "the public key cannot be read");
    }
    report->failed = RECEIPT_DOCUMENT;
    TRY(read_parts(cx, document, &p));
    tell(cx, &p, report);
    report->failed = RECEIPT_CANONICAL;
    TRY(check_canonical(cx, &p, document));
    report->failed = RECEIPT_HASH;
    TRY(check_hash(cx, &p, &content, report));
    report->failed = RECEIPT_KEY_ID;
    TRY(check_key_id(cx, &p, key));
    report->failed = RECEIPT_SIGNATURE;
    TRY(check_signature(cx, &p, key, content));
    report->failed = RECEIPT_WHOLE;
    *out_receipt   = p.receipt;
    return ST_OK;
}

enum status receipt_prove(struct ctx *cx, str document, str public_pem,
                          struct receipt_report *report, struct json **out_receipt)
{
    *report = (struct receipt_report){ 0 };
    return prove(cx, document, public_pem, report, out_receipt);
}

enum status receipt_verify(struct ctx *cx, str document, str public_pem, struct receipt_report *out)
{
    struct receipt_report report;
    struct json          *content;
    enum status           st = receipt_prove(cx, document, public_pem, &report, &content);

    if (out != NULL) {
        *out = report;
    }
    return st;
}

/* ---- chains ---- */

struct chain {
    str     product_id;
    str     public_pem;
    int64_t sequence; /* of the last whole receipt */
    char    sha256[SHA256_HEX];
    size_t  sha256_len;
};

/* The columns of the store against the document, and the event that anchors it. */
static const char *compare_row(struct ctx *cx, const struct chain *c, const struct db_rows *row,
                               const struct receipt_report *report, const struct json *content)
{
    struct json *details;
    int64_t      time_us = 0;

    if (!str_eq(report->publish_id, db_col_text(row, 1)) ||
        !str_eq(report->sha256, db_col_text(row, 2)) ||
        !str_eq(report->previous, db_col_text(row, 3)) ||
        !str_eq(report->key_id, db_col_text(row, 4)) || report->sequence != db_col_i64(row, 0) ||
        !time_parse(report->time, &time_us) || time_us != db_col_i64(row, 5)) {
        return "says something else than its row in the store";
    }
    if (!str_eq(json_text_or(json_path(content, S("/product/id")), S("")), c->product_id)) {
        return "belongs to another product";
    }
    if (!str_eq(db_col_text(row, 7), journal_kind_text(JOURNAL_PRODUCT_PUBLISHED)) ||
        json_read(cx, db_col_text(row, 8), "details", NULL, &details) != ST_OK ||
        !str_eq(json_text_or(json_get(details, S("receipt")), S("")), report->sha256)) {
        return "is not the one that its event in the journal names";
    }
    return NULL;
}

/* NULL when the receipt is whole and follows the last one; else what is wrong, in `text`. */
static const char *judge(struct ctx *cx, struct chain *c, const struct db_rows *row,
                         char text[ERR_TEXT_BYTES])
{
    struct receipt_report report;
    struct json          *content = NULL;
    const char           *wrong;

    if (db_col_i64(row, 0) != c->sequence + 1) {
        return "is missing";
    }
    if (receipt_prove(cx, db_col_blob(row, 6), c->public_pem, &report, &content) != ST_OK) {
        str why = err_text(cx->err);

        memcpy(text, "cannot be proven: ", 18);
        why.len = why.len < ERR_TEXT_BYTES - 19 ? why.len : ERR_TEXT_BYTES - 19;
        memcpy(text + 18, why.ptr, why.len);
        text[18 + why.len] = '\0';
        return text;
    }
    if (!str_eq(report.previous, (str){ c->sha256, c->sha256_len })) {
        return "does not follow the one before it";
    }
    wrong = compare_row(cx, c, row, &report, content);
    if (wrong == NULL) {
        assert(report.sha256.ptr != NULL && report.sha256.len == sizeof c->sha256);
        c->sequence   = report.sequence;
        c->sha256_len = report.sha256.len;
        memcpy(c->sha256, report.sha256.ptr, report.sha256.len);
    }
    return wrong;
}

static enum status walk_receipts(struct ctx *cx, struct chain *c, struct journal_report *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    char                 text[ERR_TEXT_BYTES];
    bool                 has_row = false;

    TRY(db_query(cx, &journal_sql[JOURNAL_SQL_RECEIPT_WALK], DB_ARGS(db_text(c->product_id)),
                 &rows));
    TRY(db_next(rows, cx, &has_row));
    while (has_row) {
        struct arena_mark mark  = arena_mark(cx->arena);
        const char       *wrong = judge(cx, c, rows, text);

        arena_rewind(cx->arena, mark);
        if (wrong != NULL) {
            return journal_break(cx, out, "receipt", c->sequence + 1, wrong);
        }
        out->count++;
        TRY(db_next(rows, cx, &has_row));
    }
    out->head = arena_dup(cx->arena, (str){ c->sha256, c->sha256_len });
    return ST_OK;
}

/* Events tell of every publish, so receipts cut off at the end are missed. */
static enum status check_missing(struct ctx *cx, str product_id, int64_t last,
                                 struct journal_report *out)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &journal_sql[JOURNAL_SQL_RECEIPT_MISSING], DB_ARGS(db_text(product_id)),
                     &row));
    if (row == NULL) {
        return ST_OK;
    }
    return journal_break(cx, out, "receipt", last + 1,
                         "is missing: the journal tells of a publish without a receipt");
}

enum status receipt_verify_chain(struct ctx *cx, str product_id, str public_pem,
                                 struct journal_report *out)
{
    struct chain          c      = { .product_id = product_id, .public_pem = public_pem };
    struct journal_report report = { 0 };
    enum status           st     = walk_receipts(cx, &c, &report);

    if (st == ST_OK) {
        st = check_missing(cx, product_id, c.sequence, &report);
    }
    if (st == ST_OK || st == ST_CORRUPT) {
        *out = report;
    }
    return st;
}

enum status receipt_verify_all(struct ctx *cx, str public_pem, struct journal_report *out)
{
    struct db_rows *rows  CLEANUP(db_rows_cleanup) = NULL;
    struct journal_report all                      = { 0 };
    bool                  has_row                  = false;

    TRY(db_query(cx, &journal_sql[JOURNAL_SQL_RECEIPT_PRODUCTS], DB_NO_ARGS, &rows));
    TRY(db_next(rows, cx, &has_row));
    while (has_row) {
        struct journal_report one        = { 0 };
        str                   product_id = db_text_dup(rows, cx, 0);
        enum status           st         = receipt_verify_chain(cx, product_id, public_pem, &one);

        if (st == ST_CORRUPT) {
            one.what = arena_printf(cx->arena, "product \"" STR_FMT "\": " STR_FMT,
                                    STR_ARG(product_id), STR_ARG(one.what));
            one.count += all.count;
            *out = one;
            return err_wrap(cx->err, "product \"" STR_FMT "\"", STR_ARG(product_id));
        }
        TRY(st);
        all.count += one.count;
        TRY(db_next(rows, cx, &has_row));
    }
    TRY(check_missing(cx, S(""), 0, &all));
    *out = all;
    return ST_OK;
}
