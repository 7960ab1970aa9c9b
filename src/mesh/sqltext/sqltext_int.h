/*
 * sqltext_int.h - what the files of the printer share. Not for others.
 *
 * One text is one `struct printer`. Printers return nothing: what has no text sets is_refused, and the
 * rest is then of no use. A kind of node is one row of a table: its tag and its function.
 */
#ifndef SQLTEXT_SQLTEXT_INT_H
#define SQLTEXT_SQLTEXT_INT_H

#include "base/buf.h"
#include "codec/json.h"
#include "sqltext/sqltext.h"

struct printer {
    struct buf out;
    bool       is_name; /* the name of a column, in the engine's words; not to be read again */
    bool       is_refused;
};

typedef void print_fn(struct printer *p, const struct json *v);

struct row {
    str       tag;
    print_fn *print;
};

/* ---- looking ---- */

static inline void add(struct printer *p, str text)
{
    buf_add(&p->out, text);
}

static inline str text_of(const struct json *object, str name)
{
    return json_text_or(json_get(object, name), S(""));
}

static inline bool is_true(const struct json *object, str name)
{
    return json_truth_or(json_get(object, name), false);
}

static inline size_t count_of(const struct json *object, str name)
{
    const struct json *list = json_get(object, name);

    return json_is(list, JSON_ARRAY) ? list->count : 0;
}

/* False for what the parser made, and for nodes of our own: their place is the highest number. */
static inline bool has_place(const struct json *v)
{
    return !json_is(json_get(v, S("query_location")), JSON_U64);
}

/* ---- sqltext.c ---- */

/* Prints `v` by the row of its tag. */
void sqltext_put_row(struct printer *p, const struct row *rows, size_t count, str tag,
                     const struct json *v);
void sqltext_put_nothing(struct printer *p, const struct json *v);
void sqltext_put_items(struct printer *p, const struct json *list, str between, print_fn *print);
void sqltext_put_exprs(struct printer *p, const struct json *list);
void sqltext_put_names(struct printer *p, const struct json *list);
void sqltext_put_name(struct printer *p, const struct json *name);
void sqltext_put_named_expr(struct printer *p, const struct json *v); /* with its alias */
/* Nothing for an absent expression (null). */
void sqltext_put_maybe(struct printer *p, str before, const struct json *expr, str after);
/* "catalog.schema.", as far as they are given. */
void sqltext_put_space(struct printer *p, str catalog, str schema);
void sqltext_put_alias(struct printer *p, str alias); /* nothing for an empty one */
/* The word for a type of expression, order or set operation; refuses what has none. */
str sqltext_word_of(struct printer *p, const struct json *v, str member);

/* ---- expr.c, query.c ---- */

void sqltext_put_expr(struct printer *p, const struct json *v);
void sqltext_put_orders(struct printer *p, const struct json *orders);
void sqltext_put_statement(struct printer *p, const struct json *statement);

/* ---- value.c ---- */

void sqltext_put_identifier(struct printer *p, str name);
void sqltext_put_word(struct printer *p, str words); /* letters, blanks and _ only */
void sqltext_put_text(struct printer *p, str text);  /* between single quotes */
void sqltext_put_value(struct printer *p, const struct json *value);
void sqltext_put_type(struct printer *p, const struct json *type);

#endif
