/*
 * versions.c - does the version a person wrote fit what changed?
 */
#include "publish/publish_int.h"

#include "registry/registry.h"

static void report_bump(struct ctx *cx, struct diags *diags, const struct publish_bump *bump,
                        const struct publish_port_plan *plan)
{
    const struct difference   *difference = &plan->difference;
    const struct project_port *port       = bump->port;
    const struct diff_change  *decides    = diff_deciding(difference);
    str                        cause      = decides ? diff_sentence(cx, decides) : S("nothing");
    str                        rows =
        plan->rows.len ? arena_printf(cx->arena, "; " STR_FMT, STR_ARG(plan->rows)) : STR_NONE;
    bool is_major = bump->impact >= DIFF_UNCERTAIN;

    diag_add(diags, cx, DIAG_ERROR, &port->doc->text, port->contract->version.at,
             S("versions.bump"),
             is_major ? arena_printf(cx->arena,
                                     "move this contract and its SQL as they were published to "
                                     "v%u/ and write version: " STR_FMT " here",
                                     port->major, STR_ARG(bump->right))
                      : arena_printf(cx->arena,
                                     "write version: " STR_FMT ", or let `weft plan --fix` do it",
                                     STR_ARG(bump->right)),
             "version " STR_FMT " does not fit: since " STR_FMT
             " the contract has a %.*s change (" STR_FMT STR_FMT "), which needs " STR_FMT,
             STR_ARG(bump->written), STR_ARG(bump->published),
             STR_ARG(bump->impact == DIFF_UNCERTAIN ? S("possibly breaking")
                                                    : diff_impact_name(bump->impact)),
             STR_ARG(cause), STR_ARG(rows), STR_ARG(bump->right));
}

static uint64_t rows_tried(const struct publish_trial *trial)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < trial->tables.count; i++) {
        rows += trial->tables.items[i].rows;
    }
    return rows;
}

static str first_failure(struct ctx *cx, const struct publish_trial *trial)
{
    for (size_t i = 0; i < trial->tables.count; i++) {
        const struct quality_results *r = &trial->tables.items[i].checks;

        for (size_t k = 0; k < r->list.count; k++) {
            if (r->list.items[k].outcome == QUALITY_FAIL) {
                return arena_printf(cx->arena, "of the published rows, " STR_FMT ": " STR_FMT,
                                    STR_ARG(r->list.items[k].id),
                                    STR_ARG(r->list.items[k].message));
            }
        }
    }
    return S("the published rows cannot tell either");
}

/*
 * The text does not tell whether rows notice, so the published ones are asked: when they keep the new contract
 * the change is minor, else it is major.
 */
static enum status ask_rows(struct ctx *cx, const struct publish_env *env,
                            struct publish_port_plan *p)
{
    const struct project_product   *product = p->port->product;
    const struct publish_trial_port port    = { product->domain, product->name, p->port->major };
    struct publish_trial            trial;
    struct publish_env              own;

    if (!env || (!env->engine && !env->need_engine)) {
        return ST_OK;
    }
    own = *env;
    if (!own.engine) {
        TRY(own.need_engine(own.need_engine_arg, cx, &own));
    }
    TRY(publish_try_contract(cx, &own, &port, p->port->contract, &trial));
    if (trial.failed == 0 && trial.unanswered == 0) {
        p->impact = DIFF_MINOR;
        p->rows   = arena_printf(cx->arena, "the %llu published rows keep the new contract",
                                 (unsigned long long)rows_tried(&trial));
    } else {
        p->impact = DIFF_MAJOR;
        p->rows   = first_failure(cx, &trial);
    }
    return ST_OK;
}

static enum status compare_port(struct ctx *cx, const struct publish_env *env, struct diags *diags,
                                struct publish_plan *plan, struct publish_port_plan *p,
                                const struct registry_port *row)
{
    struct odcs_contract *before = NULL;
    struct version        published, written, right;
    struct publish_bump   bump = { .port = p->port };

    if (str_eq(row->document, str_of(p->port->doc->sha256))) {
        return ST_OK; /* the same bytes */
    }
    TRY(registry_contract(cx, row, &before));
    if (!before) {
        return ST_OK;
    }
    TRY(diff_trees(cx, DIFF_CONTRACT, before->root, p->port->contract->root, &p->difference));
    p->impact = p->difference.impact;
    if (p->impact == DIFF_UNCERTAIN) {
        TRY(ask_rows(cx, env, p));
    }
    if (!version_parse(row->version, &published) || !version_parse(p->port->version, &written)) {
        return ST_OK;
    }
    bump.right = diff_next_version(cx, row->version, p->impact);
    if (!version_parse(bump.right, &right) || version_cmp(written, right) >= 0) {
        return ST_OK;
    }
    bump.impact    = p->impact;
    bump.published = row->version;
    bump.written   = p->port->version;
    vec_push(cx->arena, &plan->bumps, bump);
    report_bump(cx, diags, &bump, p);
    return ST_OK;
}

enum status plan_versions(struct ctx *cx, const struct publish_env *env, struct diags *diags,
                          struct publish_plan *plan)
{
    for (size_t i = 0; i < plan->product->ports.count; i++) {
        struct publish_port_plan p = { .port = plan->product->ports.items[i] };
        struct registry_port     row;
        enum status st = registry_port(cx, plan->product->id, p.port->name, p.port->major, &row);

        p.is_ended = life_stage_at(&p.port->life, ctx_now_us(cx)) == LIFE_ENDED;
        if (st == ST_NOT_FOUND) {
            err_clear(cx->err);
            p.is_new = true;
        } else if (st != ST_OK) {
            return st;
        } else {
            p.published    = row.version;
            p.withdrawn_us = row.withdrawn_us;
            TRY(compare_port(cx, env, diags, plan, &p, &row));
        }
        vec_push(cx->arena, &plan->ports, p);
    }
    return ST_OK;
}
