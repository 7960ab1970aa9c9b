/*
 * sqltext.c - what all nodes share, and the two ways in.
 */
#include "sqltext/sqltext.h"

#include "sqltext/sqltext_int.h"

/* Far above any query with the paths of all files that a relation may have. */
#define TEXT_BYTES_MAX ((size_t)256 << 20)

/* ---- pieces ---- */

void sqltext_put_name(struct printer *p, const struct json *name)
{
    sqltext_put_identifier(p, json_text_or(name, S("")));
}

void sqltext_put_items(struct printer *p, const struct json *list, str between, print_fn *print)
{
    if (!json_is(list, JSON_ARRAY)) {
        p->is_refused = true;
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        add(p, i > 0 ? between : S(""));
        print(p, list->items[i]);
    }
}

void sqltext_put_exprs(struct printer *p, const struct json *list)
{
    sqltext_put_items(p, list, S(", "), sqltext_put_expr);
}

void sqltext_put_names(struct printer *p, const struct json *list)
{
    sqltext_put_items(p, list, S(", "), sqltext_put_name);
}

/* Nothing for an absent expression. */
void sqltext_put_maybe(struct printer *p, str before, const struct json *expr, str after)
{
    if (!json_is(expr, JSON_NULL)) {
        add(p, before);
        sqltext_put_expr(p, expr);
        add(p, after);
    }
}

/* "catalog.schema." as far as they are given. */
void sqltext_put_space(struct printer *p, str catalog, str schema)
{
    const str parts[] = { catalog, schema };

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].len > 0) {
            sqltext_put_identifier(p, parts[i]);
            add(p, S("."));
        }
    }
}

void sqltext_put_alias(struct printer *p, str alias)
{
    if (alias.len > 0) {
        add(p, S(" AS "));
        sqltext_put_identifier(p, alias);
    }
}

void sqltext_put_named_expr(struct printer *p, const struct json *v)
{
    sqltext_put_expr(p, v);
    sqltext_put_alias(p, text_of(v, S("alias")));
}

/* ---- words ---- */

str sqltext_word_of(struct printer *p, const struct json *v, str member)
{
    static const struct {
        str type, word;
    } words[] = {
        { STR_INIT("COMPARE_EQUAL"), STR_INIT("=") },
        { STR_INIT("COMPARE_NOTEQUAL"), STR_INIT("!=") },
        { STR_INIT("COMPARE_LESSTHAN"), STR_INIT("<") },
        { STR_INIT("COMPARE_GREATERTHAN"), STR_INIT(">") },
        { STR_INIT("COMPARE_LESSTHANOREQUALTO"), STR_INIT("<=") },
        { STR_INIT("COMPARE_GREATERTHANOREQUALTO"), STR_INIT(">=") },
        { STR_INIT("COMPARE_DISTINCT_FROM"), STR_INIT("IS DISTINCT FROM") },
        { STR_INIT("COMPARE_NOT_DISTINCT_FROM"), STR_INIT("IS NOT DISTINCT FROM") },
        { STR_INIT("CONJUNCTION_AND"), STR_INIT("AND") },
        { STR_INIT("CONJUNCTION_OR"), STR_INIT("OR") },
        { STR_INIT("COMPARE_BETWEEN"), STR_INIT("BETWEEN") },
        { STR_INIT("UNION"), STR_INIT("UNION") },
        { STR_INIT("EXCEPT"), STR_INIT("EXCEPT") },
        { STR_INIT("INTERSECT"), STR_INIT("INTERSECT") },
        { STR_INIT("UNION_BY_NAME"), STR_INIT("UNION") },
        { STR_INIT("ASCENDING"), STR_INIT(" ASC") },
        { STR_INIT("DESCENDING"), STR_INIT(" DESC") },
        { STR_INIT("NULLS FIRST"), STR_INIT(" NULLS FIRST") },
        { STR_INIT("NULLS LAST"), STR_INIT(" NULLS LAST") },
        { STR_INIT("ORDER_DEFAULT"), STR_INIT("") },
    };
    str type = text_of(v, member);

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (str_eq(words[i].type, type)) {
            return words[i].word;
        }
    }
    p->is_refused = true;
    return S("");
}

/* ---- rows ---- */

void sqltext_put_row(struct printer *p, const struct row *rows, size_t count, str tag,
                     const struct json *v)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rows[i].tag, tag)) {
            rows[i].print(p, v);
            return;
        }
    }
    p->is_refused = true;
}

void sqltext_put_nothing(struct printer *p, const struct json *v)
{
    (void)p;
    (void)v;
}

/* ---- the ways in ---- */

static enum status print(struct ctx *cx, const struct json *v, print_fn *print_it, bool is_name,
                         str *out)
{
    struct printer p = { .out = BUF_INIT(TEXT_BYTES_MAX), .is_name = is_name };
    enum status    st;

    print_it(&p, v);
    st = p.is_refused ? FAIL(cx, INVALID, "the query has a form that cannot be written back")
                      : buf_take(&p.out, cx, "the query", out);
    buf_release(&p.out);
    return st;
}

enum status sqltext_query(struct ctx *cx, const struct json *statement, str *out)
{
    return print(cx, statement, sqltext_put_statement, false, out);
}

enum status sqltext_name(struct ctx *cx, const struct json *expr, str *out)
{
    return print(cx, expr, sqltext_put_expr, true, out);
}
