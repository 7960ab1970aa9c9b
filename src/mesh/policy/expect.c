/*
 * expect.c - expectations of PolicyTest documents, and how a decision differs from one.
 */
#include "policy/policy_int.h"
#include "standard/own_policy.h"

/* ---- reading ---------------------------------------------------------------------------------------------- */

static const str *read_names(struct compiler *c, const struct std_strs *from)
{
    str *names = arena_array(c->cx->arena, from->count, sizeof *names);

    for (size_t i = 0; i < from->count; i++) {
        names[i] = from->items[i].v;
    }
    return names;
}

/* A declared principal, or a product by its address. */
static void check_as(struct compiler *c, const struct std_str *as)
{
    str head, tail;

    if (map_has(&c->set->principals, as->v) ||
        (str_split(as->v, '.', &head, &tail) && map_has(&c->set->domains, head))) {
        return;
    }
    compiler_error(c, as->at, S("policy.principal"),
                   compiler_nearest(c, as->v, &c->set->principals,
                                    S("principals stand in principals/*.yaml and in teams")),
                   "there is no principal \"" STR_FMT "\"", STR_ARG(as->v));
}

static void check_rest(struct compiler *c, const struct own_expectation *own)
{
    bool is_refused = std_is_set(own->read) && !own->read.v;

    if (std_is_set(own->purpose) && !map_has(&c->set->purposes, own->purpose.v)) {
        compiler_error(c, own->purpose.at, S("policy.purpose"),
                       compiler_nearest(c, own->purpose.v, &c->set->purposes,
                                        S("purposes stand in mesh.yaml")),
                       "there is no purpose \"" STR_FMT "\"", STR_ARG(own->purpose.v));
    }
    if (is_refused && (own->masked.count || own->clear.count || own->hidden.count ||
                       own->unprojected.count || own->rows.v.len)) {
        compiler_error(c, own->read.at, S("policy.expectation"),
                       S("leave the columns and rows out"),
                       "who may not read sees neither columns nor rows");
    }
}

static struct policy_expectation read_one(struct compiler *c, const struct own_expectation *own,
                                          str test)
{
    return (struct policy_expectation){
        .test              = test,
        .as                = own->as.v,
        .purpose           = own->purpose.v,
        .table             = own->table.v,
        .has_read          = std_is_set(own->read),
        .read              = own->read.v,
        .rows              = str_eq(own->rows.v, S("all"))    ? POLICY_ROWS_ALL
                             : str_eq(own->rows.v, S("some")) ? POLICY_ROWS_SOME
                                                              : POLICY_ROWS_ANY,
        .masked            = read_names(c, &own->masked),
        .clear             = read_names(c, &own->clear),
        .hidden            = read_names(c, &own->hidden),
        .unprojected       = read_names(c, &own->unprojected),
        .masked_count      = own->masked.count,
        .clear_count       = own->clear.count,
        .hidden_count      = own->hidden.count,
        .unprojected_count = own->unprojected.count,
        .text              = c->text,
        .at                = own->at,
    };
}

void expect_read(struct compiler *c, const struct own_policy_test *own)
{
    for (size_t i = 0; i < own->expect.count; i++) {
        const struct own_expectation *e = &own->expect.items[i];

        check_as(c, &e->as);
        check_rest(c, e);
        vec_push(c->cx->arena, &c->expectations, read_one(c, e, own->name.v));
    }
}

/* ---- comparing ---------------------------------------------------------------------------------------------- */

static const char *const shown[] = { "clear", "masked", "unprojected", "hidden" };

struct comparing {
    struct ctx                   *cx;
    const struct policy_object   *object;
    const struct policy_decision *decision;
};

static str differ_column(const struct comparing *c, str name, enum policy_show wanted)
{
    enum policy_show found = POLICY_CLEAR;
    size_t           at    = 0;

    while (at < c->object->column_count && !str_eq_nocase(c->object->columns[at].name, name)) {
        at++;
    }
    if (at == c->object->column_count) {
        return arena_printf(c->cx->arena, "there is no column " STR_FMT, STR_ARG(name));
    }
    if (c->decision->columns) {
        found = c->decision->columns[at].show;
    }
    return found == wanted ? STR_NONE
                           : arena_printf(c->cx->arena, "column " STR_FMT " is %s, not %s",
                                          STR_ARG(name), shown[found], shown[wanted]);
}

static str differ_columns(const struct comparing *c, const struct policy_expectation *e)
{
    const struct {
        const str       *names;
        size_t           count;
        enum policy_show wanted;
    } lists[]      = { { e->masked, e->masked_count, POLICY_MASKED },
                       { e->clear, e->clear_count, POLICY_CLEAR },
                       { e->hidden, e->hidden_count, POLICY_HIDDEN },
                       { e->unprojected, e->unprojected_count, POLICY_UNPROJECTED } };
    str difference = STR_NONE;

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        for (size_t k = 0; k < lists[i].count && difference.len == 0; k++) {
            difference = differ_column(c, lists[i].names[k], lists[i].wanted);
        }
    }
    return difference;
}

static bool asks_for_more(const struct policy_expectation *e)
{
    return e->rows != POLICY_ROWS_ANY || e->masked_count || e->clear_count || e->hidden_count ||
           e->unprojected_count;
}

str policy_expectation_differs(struct ctx *cx, const struct policy_expectation *expected,
                               const struct policy_object   *object,
                               const struct policy_decision *decision)
{
    struct comparing c = { cx, object, decision };
    bool             is_filtered;

    if (!object || !decision) {
        return S("the table is not known");
    }
    if (expected->has_read && decision->access.may_read != expected->read) {
        return expected->read ? S("it may not be read") : S("it may be read");
    }
    if (!decision->access.may_read) {
        return asks_for_more(expected) ? S("it may not be read") : STR_NONE;
    }
    is_filtered = decision->rows && decision->rows->op != POLICY_TRUE;
    if (expected->rows == POLICY_ROWS_ALL && is_filtered) {
        return S("a row filter holds");
    }
    if (expected->rows == POLICY_ROWS_SOME && !is_filtered) {
        return S("all rows are shown");
    }
    return differ_columns(&c, expected);
}
