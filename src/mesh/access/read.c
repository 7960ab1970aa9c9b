/*
 * read.c - readers, and what they are given.
 */
#include "access/access_int.h"

#include "project/names.h"

/* ---- readers ---- */

struct access_reader access_reader_operator(const struct access *access)
{
    return (struct access_reader){ .subject = policy_subject_operator(access->set) };
}

static enum status check_purpose(struct ctx *cx, const struct access *access, str purpose)
{
    if (purpose.len == 0 || policy_purpose_is_known(access->set, purpose)) {
        return ST_OK;
    }
    return FAIL(cx, INVALID, "mesh.yaml has no purpose \"" STR_FMT "\"", STR_ARG(purpose));
}

static enum status unknown_principal(struct ctx *cx, const struct access *access, str name)
{
    size_t     count;
    const str *names = policy_principals(access->set, &count);
    str        near  = str_nearest(name, names, count);

    if (near.len > 0) {
        return FAIL(cx, NOT_FOUND, "no principal \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
                    STR_ARG(name), STR_ARG(near));
    }
    return FAIL(cx, NOT_FOUND,
                "no principal \"" STR_FMT
                "\"; principals/*.yaml and the teams of domains say who there is",
                STR_ARG(name));
}

enum status access_reader_named(struct ctx *cx, const struct access *access, str name, str purpose,
                                struct access_reader *out)
{
    struct access_reader made = { .purpose = purpose };
    struct address       address;
    enum status          st = policy_subject_named(cx, access->set, name, &made.subject);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        if (!address_parse(name, &address) || address.table.len > 0) {
            return unknown_principal(cx, access, name);
        }
        st =
            policy_subject_product(cx, access->set, address.domain, address.product, &made.subject);
    }
    TRY(st);
    TRY(check_purpose(cx, access, purpose));
    *out = made;
    return ST_OK;
}

enum status access_reader_product(struct ctx *cx, const struct access *access, str domain,
                                  str product, struct access_reader *out)
{
    struct access_reader made = { 0 };

    TRY(policy_subject_product(cx, access->set, domain, product, &made.subject));
    *out = made;
    return ST_OK;
}

/* ---- decisions ---- */

enum status access_decide(struct ctx *cx, const struct access *access,
                          const struct access_reader *reader, const struct policy_object *object,
                          struct policy_decision *out)
{
    const struct policy_request rq = { .subject = reader->subject,
                                       .purpose = reader->purpose,
                                       .time_us = ctx_now_us(cx) };
    struct policy_target       *target;

    if (access->is_closed && !policy_subject_is_operator(reader->subject)) {
        *out = (struct policy_decision){ .access = { .reason = POLICY_NO_GRANT } };
        return ST_OK;
    }
    TRY(policy_target_bind(cx, access->set, object, &target));
    return policy_decide(cx, target, &rq, out);
}

bool access_shows(const struct policy_object *object, const struct policy_decision *decision)
{
    bool shows = decision->access.may_read && decision->columns == NULL;

    for (size_t i = 0; i < object->column_count && decision->access.may_read && !shows; i++) {
        shows = decision->columns[i].show != POLICY_HIDDEN;
    }
    return shows;
}

enum status access_put(struct ctx *cx, const struct access *access,
                       const struct policy_object *object, const struct policy_decision *decision,
                       struct guard_relation *relation)
{
    if (!access_shows(object, decision)) {
        return FAIL(cx, NOT_FOUND, "there is no such table");
    }
    relation->decision = decision;
    relation->mask_key = access->mask_key;
    return ST_OK;
}

enum status access_give(struct ctx *cx, const struct access *access,
                        const struct access_reader *reader, const struct policy_object *object,
                        struct guard_relation *relation)
{
    struct policy_decision *decision = ARENA_NEW(cx->arena, struct policy_decision);

    TRY(access_decide(cx, access, reader, object, decision));
    return access_put(cx, access, object, decision, relation);
}

/* ---- as text ---- */

static void add_column(struct ctx *cx, struct buf *b, const struct policy_object *object, size_t i,
                       const struct policy_column_decision *d)
{
    static const char *const shows[] = { [POLICY_CLEAR]       = "clear",
                                         [POLICY_MASKED]      = "masked",
                                         [POLICY_UNPROJECTED] = "unprojected",
                                         [POLICY_HIDDEN]      = "hidden" };

    if (d->show == POLICY_CLEAR) {
        return;
    }
    buf_printf(b, "%s " STR_FMT, shows[d->show], STR_ARG(object->columns[i].name));
    for (size_t k = 0; k < d->layer_count; k++) {
        buf_printf(b, " " STR_FMT, STR_ARG(policy_mask_text(cx, &d->layers[k].mask)));
        if (d->layers[k].unless) {
            buf_printf(b, " unless " STR_FMT,
                       STR_ARG(policy_expr_text(cx, d->layers[k].unless, object)));
        }
    }
    buf_add(b, S("\n"));
}

str access_decision_text(struct ctx *cx, const struct policy_object *object,
                         const struct policy_decision *decision)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);

    if (!decision->access.may_read) {
        return S("nothing\n");
    }
    if (decision->rows) {
        buf_printf(&b, "rows " STR_FMT "\n", STR_ARG(policy_expr_text(cx, decision->rows, object)));
    }
    for (size_t i = 0; decision->columns && i < object->column_count; i++) {
        add_column(cx, &b, object, i, &decision->columns[i]);
    }
    return arena_dup(cx->arena, buf_view(&b));
}
