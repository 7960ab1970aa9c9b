/*
 * cmd_policy.c - weft policy: which policies hold, what they give whom, and whether that is as expected.
 */
#include "cli/mesh.h"

#include "codec/json.h"
#include "project/names.h"

/* Runs `act` on the policies in force, inside one read of the store. */
static enum status with_policies(struct cli *cli,
                                 enum status (*act)(struct cli *, struct cli_mesh *))
{
    struct cli_mesh mesh = { 0 };
    enum status     st;

    TRY(cli_mesh_open(cli, CLI_MESH_STORE | CLI_MESH_ACCESS, &mesh));
    st = db_begin(mesh.db, cli->cx, DB_READ);
    if (st == ST_OK) {
        st = db_end(cli->cx, act(cli, &mesh));
    }
    cli_mesh_close(&mesh);
    return st;
}

static str place_of(struct cli *cli, const struct policy_rule *rule)
{
    return arena_printf(cli->cx->arena, STR_FMT ":%u", STR_ARG(rule->text->name),
                        (unsigned)rule->at.line);
}

/* ------------------------------------------------------------------------- list */

static void json_rule(struct cli *cli, struct json_writer *w, const struct policy_rule *rule)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("name"), rule->name);
    json_w_member_str(w, S("domain"), rule->domain);
    json_w_member_str(w, S("does"), str_of(policy_action_name(rule->action)));
    json_w_member_str(w, S("because"), rule->because);
    json_w_member_str(w, S("place"), place_of(cli, rule));
    json_w_object_end(w);
}

static enum status show_list(struct cli *cli, struct cli_mesh *mesh)
{
    const struct policy_set *set   = access_policies(mesh->access);
    size_t                   count = policy_rule_count(set);
    struct cli_grid          grid  = { .columns = 5 };

    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_str(w, S("fingerprint"), policy_fingerprint(set));
        json_w_member_bool(w, S("is_behind"), access_is_behind(mesh->access, NULL));
        json_w_key(w, S("policies"));
        json_w_array_begin(w);
        for (size_t i = 0; i < count; i++) {
            json_rule(cli, w, policy_rule_at(set, i));
        }
        json_w_array_end(w);
        cli_json_end(cli, w);
        return ST_OK;
    }
    if (count == 0) {
        cli_say(cli, "no policies: a domain reads its own tables, everybody the open ones\n"
                     "next: write policies/*.yaml (docs/policies.md)\n");
        return ST_OK;
    }
    cli_grid_add(cli, &grid,
                 (const str[]){ S("policy"), S("holds in"), S("does"), S("place"), S("because") });
    for (size_t i = 0; i < count; i++) {
        const struct policy_rule *rule = policy_rule_at(set, i);

        cli_grid_add(cli, &grid,
                     (const str[]){ rule->name, rule->domain.len ? rule->domain : S("the mesh"),
                                    str_of(policy_action_name(rule->action)), place_of(cli, rule),
                                    rule->because });
    }
    cli_grid_print(cli, &grid);
    return ST_OK;
}

enum status cmd_policy_list(struct cli *cli)
{
    return with_policies(cli, show_list);
}

/* ------------------------------------------------------------------------- explain */

/* One table and what the reader gets of it. */
struct explained {
    struct cli                 *cli;
    struct policy_object        object;
    struct policy_decision      decision;
    const struct access_reader *reader;
    str                         address;
};

static str because(struct cli *cli, const struct policy_rule *rule)
{
    if (!rule) {
        return S("");
    }
    return rule->because.len > 0 ? arena_printf(cli->cx->arena, STR_FMT " (" STR_FMT "): " STR_FMT,
                                                STR_ARG(rule->name), STR_ARG(place_of(cli, rule)),
                                                STR_ARG(rule->because))
                                 : arena_printf(cli->cx->arena, STR_FMT " (" STR_FMT ")",
                                                STR_ARG(rule->name), STR_ARG(place_of(cli, rule)));
}

static str reason_text(struct cli *cli, const struct policy_access *access)
{
    switch (access->reason) {
    case POLICY_BY_RULE:
        return arena_printf(cli->cx->arena, "policy " STR_FMT, STR_ARG(because(cli, access->by)));
    case POLICY_OPEN: return S("the contract says weft.access: open");
    case POLICY_OWN_DOMAIN: return S("the table belongs to the principal's domain");
    case POLICY_OPERATOR: return S("the operator of a local mesh is exempt");
    case POLICY_NO_GRANT: return S("no policy allows it, and the port is not open");
    case POLICY_DOES_NOT_FIT:
        return arena_printf(cli->cx->arena,
                            "policy " STR_FMT " applies and does not fit this table",
                            STR_ARG(because(cli, access->by)));
    }
    BUG("reason");
}

static const char *show_name(enum policy_show show)
{
    static const char *const names[] = { [POLICY_CLEAR]       = "clear",
                                         [POLICY_MASKED]      = "masked",
                                         [POLICY_UNPROJECTED] = "conditions only",
                                         [POLICY_HIDDEN]      = "hidden" };

    return names[show];
}

static const char *fate_name(enum policy_fate fate)
{
    static const char *const names[] = { [POLICY_APPLIED]      = "applied",
                                         [POLICY_WHEN_NOT_MET] = "its \"when\" does not hold",
                                         [POLICY_EXCEPTED]     = "its \"unless\" holds",
                                         [POLICY_BEATEN]       = "a stricter one decided" };

    return names[fate];
}

/* Masks, strictest first, with the rows that they leave out. */
static str layers_text(struct explained *e, const struct policy_column_decision *d)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(1 << 20);

    for (size_t i = 0; i < d->layer_count; i++) {
        buf_add(&b, i ? S(", else ") : S(""));
        buf_add(&b, policy_mask_text(e->cli->cx, &d->layers[i].mask));
        if (d->layers[i].unless) {
            buf_add(&b, S(" unless "));
            buf_add(&b, policy_expr_text(e->cli->cx, d->layers[i].unless, &e->object));
        }
    }
    if (d->is_conflict) {
        buf_add(&b, S(" (two masks of one strength)"));
    }
    return arena_dup(e->cli->cx->arena, buf_view(&b));
}

static const struct policy_rule *decider(const struct policy_column_decision *d)
{
    return d->by ? d->by : d->layer_count > 0 ? d->layers[0].by : NULL;
}

static void say_columns(struct explained *e)
{
    struct cli     *cli  = e->cli;
    struct cli_grid grid = { .columns = 4 };

    cli_grid_add(cli, &grid, (const str[]){ S("column"), S("seen"), S("as"), S("policy") });
    for (size_t i = 0; i < e->object.column_count; i++) {
        static const struct policy_column_decision clear = { .show = POLICY_CLEAR };
        const struct policy_column_decision       *d =
            e->decision.columns ? &e->decision.columns[i] : &clear;

        cli_grid_add(cli, &grid,
                     (const str[]){ e->object.columns[i].name, str_of(show_name(d->show)),
                                    layers_text(e, d), because(cli, decider(d)) });
    }
    cli_grid_print(cli, &grid);
}

static void say_rows(struct explained *e)
{
    const struct policy_decision *d = &e->decision;

    if (!d->rows) {
        cli_say(e->cli, "rows: all\n");
        return;
    }
    cli_say(e->cli, "rows: where " STR_FMT "\n",
            STR_ARG(policy_expr_text(e->cli->cx, d->rows, &e->object)));
    for (size_t i = 0; i < d->applied_count; i++) {
        if (d->applied[i]->action == POLICY_ROWS) {
            cli_say(e->cli, "      by " STR_FMT "\n", STR_ARG(because(e->cli, d->applied[i])));
        }
    }
}

static void say_trace(struct explained *e)
{
    bool is_first = true;

    for (size_t i = 0; i < e->decision.trace_count; i++) {
        const struct policy_trace *t = &e->decision.trace[i];

        if (t->fate == POLICY_APPLIED) {
            continue;
        }
        cli_say(e->cli, "%s  " STR_FMT ": %s\n", is_first ? "not decided by\n" : "",
                STR_ARG(because(e->cli, t->rule)), fate_name(t->fate));
        is_first = false;
    }
}

static void say_explained(struct explained *e)
{
    struct cli                 *cli    = e->cli;
    const struct policy_access *access = &e->decision.access;

    cli_say(cli, "%s" STR_FMT "%s %s " STR_FMT "%s" STR_FMT ": " STR_FMT "\n",
            cli_style(cli, CLI_BOLD), STR_ARG(policy_subject_name(e->reader->subject)),
            cli_style(cli, CLI_PLAIN), access->may_read ? "may read" : "may not read",
            STR_ARG(e->address), e->reader->purpose.len ? " for " : "", STR_ARG(e->reader->purpose),
            STR_ARG(reason_text(cli, access)));
    if (access->may_read) {
        say_rows(e);
        say_columns(e);
    }
    say_trace(e);
}

static void json_columns(struct explained *e, struct json_writer *w)
{
    json_w_key(w, S("columns"));
    json_w_array_begin(w);
    for (size_t i = 0; i < e->object.column_count; i++) {
        const struct policy_column_decision *d =
            e->decision.columns ? &e->decision.columns[i] : NULL;
        const struct policy_rule *by = d ? decider(d) : NULL;

        json_w_object_begin(w);
        json_w_member_str(w, S("name"), e->object.columns[i].name);
        json_w_member_str(w, S("seen"), str_of(show_name(d ? d->show : POLICY_CLEAR)));
        json_w_member_str(w, S("as"), d ? layers_text(e, d) : S(""));
        json_w_member_str(w, S("policy"), by ? by->name : S(""));
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_trace(struct explained *e, struct json_writer *w)
{
    json_w_key(w, S("policies"));
    json_w_array_begin(w);
    for (size_t i = 0; i < e->decision.trace_count; i++) {
        json_w_object_begin(w);
        json_w_member_str(w, S("name"), e->decision.trace[i].rule->name);
        json_w_member_str(w, S("place"), place_of(e->cli, e->decision.trace[i].rule));
        json_w_member_str(w, S("outcome"), str_of(fate_name(e->decision.trace[i].fate)));
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void json_explained(struct explained *e)
{
    struct json_writer           *w = cli_json_begin(e->cli);
    const struct policy_decision *d = &e->decision;

    json_w_member_str(w, S("principal"), policy_subject_name(e->reader->subject));
    json_w_member_str(w, S("purpose"), e->reader->purpose);
    json_w_member_str(w, S("address"), e->address);
    json_w_member_bool(w, S("may_read"), d->access.may_read);
    json_w_member_str(w, S("reason"), reason_text(e->cli, &d->access));
    if (d->access.may_read) {
        json_w_member_str(w, S("rows"),
                          d->rows ? policy_expr_text(e->cli->cx, d->rows, &e->object) : S(""));
        json_columns(e, w);
    }
    json_trace(e, w);
    cli_json_end(e->cli, w);
}

static enum status show_explained(struct cli *cli, struct cli_mesh *mesh)
{
    struct explained        e = { .cli = cli, .reader = &mesh->reader };
    struct registry_product product;
    struct table_snapshot   head;
    enum status st = query_find_table(cli->cx, cli->args.words.items[0], &product, &head);

    if (st == ST_NOT_FOUND) {
        return FAIL(cli->cx, NOT_FOUND,
                    "no table \"" STR_FMT "\" is published; write domain.product.table",
                    STR_ARG(cli->args.words.items[0]));
    }
    TRY(st);
    TRY(query_object_of(cli->cx, mesh->access, &product, &head, &e.object));
    TRY(access_decide(cli->cx, mesh->access, &mesh->reader, &e.object, &e.decision));
    e.address = head.address;
    if (cli->args.json) {
        json_explained(&e);
    } else {
        say_explained(&e);
    }
    return ST_OK;
}

enum status cmd_policy_explain(struct cli *cli)
{
    return with_policies(cli, show_explained);
}

/* ------------------------------------------------------------------------- test */

/* What is different from the expectation, in words; empty: nothing. */
static enum status run_expectation(struct cli *cli, struct cli_mesh *mesh,
                                   const struct policy_expectation *x, str *out)
{
    struct access_reader    reader;
    struct registry_product product;
    struct table_snapshot   head;
    struct policy_object    object;
    struct policy_decision  decision;
    enum status             st;

    st = access_reader_named(cli->cx, mesh->access, x->as, x->purpose, &reader);
    if (st == ST_OK) {
        st = query_find_table(cli->cx, x->table, &product, &head);
    }
    if (st == ST_NOT_FOUND || st == ST_INVALID) {
        *out = st == ST_NOT_FOUND && err_text(cli->cx->err).len == 0
                   ? S("not found")
                   : arena_dup(cli->cx->arena, err_text(cli->cx->err));
        err_clear(cli->cx->err);
        return ST_OK;
    }
    TRY(st);
    TRY(query_object_of(cli->cx, mesh->access, &product, &head, &object));
    TRY(access_decide(cli->cx, mesh->access, &reader, &object, &decision));
    *out = policy_expectation_differs(cli->cx, x, &object, &decision);
    return ST_OK;
}

static enum status run_tests(struct cli *cli, struct cli_mesh *mesh)
{
    size_t                           count, failed = 0;
    const struct policy_expectation *list =
        policy_expectations(access_policies(mesh->access), &count);
    struct diags diags = { 0 };

    if (access_is_behind(mesh->access, NULL)) {
        return FAIL(cli->cx, INVALID, "the policies have errors; weft validate shows them");
    }
    for (size_t i = 0; i < count; i++) {
        str difference;

        TRY(run_expectation(cli, mesh, &list[i], &difference));
        if (difference.len > 0) {
            failed++;
            diag_add(&diags, cli->cx, DIAG_ERROR, list[i].text, list[i].at, S("policy.test"),
                     arena_printf(cli->cx->arena, "weft policy explain --as " STR_FMT " " STR_FMT,
                                  STR_ARG(list[i].as), STR_ARG(list[i].table)),
                     STR_FMT ": " STR_FMT, STR_ARG(list[i].test), STR_ARG(difference));
        }
    }
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_u64(w, S("expectations"), count);
        json_w_member_u64(w, S("failed"), failed);
        cli_json_diags(w, &diags);
        cli_json_end(cli, w);
    } else {
        cli_print_diags(cli, &diags);
    }
    if (failed > 0) {
        return FAIL(cli->cx, INVALID, "%zu of %zu expectations do not hold", failed, count);
    }
    cli_say(cli, "%zu expectation%s, all hold\n", count, count == 1 ? "" : "s");
    return ST_OK;
}

enum status cmd_policy_test(struct cli *cli)
{
    return with_policies(cli, run_tests);
}

/* ------------------------------------------------------------------------- keys */

enum status cmd_policy_rotate_key(struct cli *cli)
{
    struct cli_mesh mesh = { 0 };
    enum status     st;
    str             id = STR_NONE;

    TRY(cli_mesh_open(cli, CLI_MESH_WRITE | CLI_MESH_ACCESS, &mesh));
    st = access_rotate_key(cli->cx, mesh.db, mesh.access, &id);
    if (st == ST_OK && cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        json_w_member_str(w, S("key"), id);
        cli_json_end(cli, w);
    } else if (st == ST_OK) {
        cli_say(cli,
                "key " STR_FMT " is in force: keys/mask-" STR_FMT
                ".key; back it up, hashes cannot be told without it\n"
                "next: weft publish --all builds what reads hashed columns\n",
                STR_ARG(id), STR_ARG(id));
    }
    cli_mesh_close(&mesh);
    return st;
}
