/*
 * json.h - JSON (RFC 8259): a tree that can be changed, a streaming writer, and canonical form.
 *
 * Numbers   an integer that fits int64 is JSON_I64, one up to 2^64-1 JSON_U64; everything else
 *           (fractions, exponents, "-0", larger integers) is JSON_DOUBLE and keeps its text, so
 *           nothing is lost between reading and writing.
 * Objects   keep the order of their members; a key stands once (duplicates are refused).
 * Strings   are valid UTF-8 and may hold NUL.
 * Lifetime  a tree lives in the arena it was made in; strings put into it are borrowed.
 * Threads   a tree or writer belongs to one thread at a time.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/buf.h"
#include "base/diag.h"

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_I64,
    JSON_U64, /* above INT64_MAX only */
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json;

struct json_member {
    str          key;
    struct json *value; /* never NULL */
};

struct json {
    enum json_kind kind;
    union {
        bool     truth;
        int64_t  i64;
        uint64_t u64;
        double   real;
        size_t   count; /* of items or members */
    };
    union {
        str text; /* JSON_STRING; of JSON_DOUBLE the number as it was written, or empty */
        struct {
            union {
                struct json       **items;
                struct json_member *members;
            };
            size_t cap;
        };
    };
};

struct json_limits {
    size_t size_bytes;
    size_t depth;
    size_t values;
};

/* 64 MiB, 512, 4,000,000. */
extern const struct json_limits json_limits_default;

/* ---- reading ---- */

/*
 * Reads one JSON text; `what` names it in messages ("policy tree"), `limits` NULL means the default.
 *
 * ST_INVALID with line and column; ST_LIMIT names the limit. On failure *out is untouched.
 */
NODISCARD enum status json_read(struct ctx *cx, str text, const char *what,
                                const struct json_limits *limits, struct json **out);

/* ---- looking ---- */

/* The member's value; NULL when `object` is NULL, not an object, or has no such key. O(members). */
struct json *json_get(const struct json *object, str key);
/* The item; NULL when `array` is NULL, not an array, or shorter. */
struct json *json_item(const struct json *array, size_t index);
/* The value at a JSON pointer (RFC 6901), or NULL. */
struct json *json_path(const struct json *root, str pointer);

/* The value when it is of that kind, else `otherwise`; NULL is fine. */
str     json_text_or(const struct json *v, str otherwise);
bool    json_truth_or(const struct json *v, bool otherwise);
int64_t json_i64_or(const struct json *v, int64_t otherwise);
/* Any number as a double; false for other kinds and NULL. */
bool json_number(const struct json *v, double *out);

bool json_is(const struct json *v, enum json_kind kind); /* false for NULL */

/* ---- making and changing ---- */

struct json *json_new_null(struct arena *a);
struct json *json_new_bool(struct arena *a, bool truth);
struct json *json_new_i64(struct arena *a, int64_t value);
struct json *json_new_u64(struct arena *a, uint64_t value); /* JSON_I64 when it fits */
struct json *json_new_double(struct arena *a, double value);
struct json *json_new_str(struct arena *a, str text); /* borrows `text` */
struct json *json_new_array(struct arena *a);
struct json *json_new_object(struct arena *a);

/* Replaces the value in place, or appends the member. Keys are borrowed. */
void json_set(struct arena *a, struct json *object, str key, struct json *value);
/* Returns the value taken out, or NULL. Order of the rest stays. */
struct json *json_remove(struct json *object, str key);
void         json_append(struct arena *a, struct json *array, struct json *value);
/* Puts `value` before `index`; index == count appends. */
void json_insert(struct arena *a, struct json *array, size_t index, struct json *value);
/* Returns the item taken out, or NULL. */
struct json *json_remove_at(struct json *array, size_t index);

/* A deep copy in `a`; strings are copied too. */
struct json *json_dup(struct arena *a, const struct json *v);

/* Member names that json_equal passes over, at any depth; NULL or {0} for none. */
struct json_ignore {
    const str *names;
    size_t     count;
};

/*
 * Deep equality. Order of items counts, order of members does not. Numbers are equal when kind and
 * value are; doubles by value (NaN equals NaN, -0 differs from 0).
 */
bool json_equal(const struct json *a, const struct json *b, const struct json_ignore *ignore);

/* ---- writing ---- */

enum json_form { JSON_COMPACT, JSON_PRETTY }; /* pretty: two spaces */

/* Appends to a buf, whose sticky limit is the only error: check the buf once at the end. */
struct json_writer {
    struct buf    *out;
    enum json_form form;
    unsigned       depth;
    bool           needs_comma;
    bool           is_after_key;
};

void json_w_init(struct json_writer *w, struct buf *out, enum json_form form);

void json_w_object_begin(struct json_writer *w);
void json_w_object_end(struct json_writer *w);
void json_w_array_begin(struct json_writer *w);
void json_w_array_end(struct json_writer *w);
void json_w_key(struct json_writer *w, str key);

void json_w_null(struct json_writer *w);
void json_w_bool(struct json_writer *w, bool truth);
void json_w_i64(struct json_writer *w, int64_t value);
void json_w_u64(struct json_writer *w, uint64_t value);
void json_w_double(struct json_writer *w, double value); /* shortest form; NaN and inf as null */
void json_w_str(struct json_writer *w, str text);        /* bad UTF-8 becomes U+FFFD */
void json_w_raw(struct json_writer *w, str json);        /* already JSON; not checked */
void json_w_tree(struct json_writer *w, const struct json *v);

/* Key and value in one call. */
void json_w_member_str(struct json_writer *w, str key, str text);
void json_w_member_i64(struct json_writer *w, str key, int64_t value);
void json_w_member_u64(struct json_writer *w, str key, uint64_t value);
void json_w_member_double(struct json_writer *w, str key, double value);
void json_w_member_bool(struct json_writer *w, str key, bool truth);
void json_w_member_null(struct json_writer *w, str key);

/* The whole tree as text in cx->arena; ST_LIMIT over JSON_WRITE_MAX_BYTES. */
#define JSON_WRITE_MAX_BYTES ((size_t)256 << 20)
NODISCARD enum status json_write(struct ctx *cx, const struct json *v, enum json_form form,
                                 str *out);

/* ---- canonical form ---- */

/*
 * RFC 8785 (JCS): no white space, members by UTF-16 code units, numbers as ECMAScript prints them.
 * The same tree gives the same bytes everywhere: what receipts sign.
 *
 * ST_INVALID for NaN, infinity, bad UTF-8, a key that stands twice, and integers beyond 2^53 that no
 * double prints (write those as strings). Canonical text read again has the same canonical text.
 */
NODISCARD enum status json_canonical(struct ctx *cx, const struct json *v, str *out);

/* A finite double as ECMAScript's Number::toString writes it; `room` holds the result. */
enum { JSON_NUMBER_ROOM = 32 };
str json_number_text(double value, char room[JSON_NUMBER_ROOM]);

#endif
