/*
 * cmd_diff.c - weft diff: two documents side by side, and which version the changes ask for.
 */
#include "cli/mesh.h"

#include "catalog/catalog.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "os/file.h"
#include "os/proc.h"

enum { GIT_TIMEOUT_US = 10 * 1000000 };

/* One of the two documents. */
struct side {
    str                         word; /* as the person wrote it */
    struct diag_text            text;
    struct diags                diags;
    bool                        is_product;
    const struct odcs_contract *contract;
    const struct yaml_node     *root;
    struct diff_source          source;
    bool                        is_published; /* `port` is its place */
    struct publish_trial_port   port;
};

struct comparison {
    struct cli          *cli;
    struct cli_mesh      mesh;
    bool                 has_store;
    struct side          sides[2];
    struct difference    difference;
    bool                 has_trial;
    struct publish_trial trial;
    enum diff_impact     impact; /* of the difference, or what rows made of it */
    str                  next;   /* the least version that fits; empty: cannot be told */
    bool                 is_refused;
};

/* ------------------------------------------------------------------------- where documents are */

static bool looks_like_file(str word)
{
    return str_has(word, S("/")) || str_ends(word, S(".yaml")) || str_ends(word, S(".yml"));
}

/* REVISION:FILE, the file from here as git's "./" says. */
static enum status read_revision(struct cli *cli, str revision, str path, struct side *side)
{
    str       object = arena_printf(cli->cx->arena, STR_FMT ":%s" STR_FMT, STR_ARG(revision),
                              str_starts(path, S("/")) || str_starts(path, S("./")) ? "" : "./",
                                    STR_ARG(path));
    const str args[] = { S("git"), S("cat-file"), S("blob"), object };
    struct os_command    git = { .args       = args,
                                 .count      = COUNT_OF(args),
                                 .dir        = cli->args.dir,
                                 .max_output = PROJECT_DOCUMENT_MAX,
                                 .timeout_us = GIT_TIMEOUT_US };
    struct os_run_result result;

    if (str_starts(revision, S("-"))) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is no revision", STR_ARG(revision));
    }
    TRY(os_run(cli->cx, &git, &result));
    if (result.exit_code != 0) {
        return FAIL(cli->cx, NOT_FOUND, "git has no \"" STR_FMT "\": " STR_FMT, STR_ARG(side->word),
                    STR_ARG(str_trim(result.errors)));
    }
    side->text.bytes = result.output;
    return ST_OK;
}

static enum status open_store(struct comparison *c)
{
    unsigned parts = CLI_MESH_STORE;

    if (c->has_store) {
        return ST_OK;
    }
    parts |= c->cli->args.rows ? CLI_MESH_BUILD | CLI_MESH_ACCESS : 0;
    TRY(cli_mesh_open(c->cli, parts, &c->mesh));
    c->has_store = true;
    return db_begin(c->mesh.db, c->cli->cx, DB_READ);
}

static bool has_table(const struct catalog_port *port, str name)
{
    for (size_t i = 0; i < port->tables.count; i++) {
        if (str_eq(port->tables.items[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* The newest major, or the one written, of the port that serves a table or has this name. */
static const struct registry_port *find_port(const struct catalog_product *product,
                                             const struct address         *address)
{
    const struct registry_port *found = NULL;

    for (size_t i = 0; i < product->ports.count; i++) {
        const struct catalog_port *p = &product->ports.items[i];
        bool fits = str_eq(p->port.name, address->table) || has_table(p, address->table);

        if (fits && (address->major == 0 || address->major == p->port.major) &&
            (!found || p->port.major > found->major)) {
            found = &p->port;
        }
    }
    return found;
}

static enum status read_published(struct comparison *c, str word, str version, struct side *side)
{
    struct ctx                 *cx   = c->cli->cx;
    struct catalog_view         view = { .access = c->mesh.access, .reader = c->mesh.reader };
    struct catalog_product      product;
    const struct registry_port *port;
    struct address              address = { 0 };
    str                         document;

    TRY(catalog_product(cx, &view, word, &product));
    if (!address_parse(word, &address) || address.table.len == 0) {
        if (version.len) {
            return FAIL(cx, INVALID,
                        "the versions of a product are those of its ports: write " STR_FMT
                        ".PORT@" STR_FMT,
                        STR_ARG(word), STR_ARG(version));
        }
        return registry_document(cx, product.product.document, &side->text.bytes);
    }
    port = find_port(&product, &address);
    if (!port) {
        return FAIL(cx, NOT_FOUND, STR_FMT " serves no table or port \"" STR_FMT "\"",
                    STR_ARG(word), STR_ARG(address.table));
    }
    document = port->document;
    if (version.len) {
        TRY(registry_port_version(cx, port, version, &document));
    }
    side->is_published = version.len == 0;
    side->port =
        (struct publish_trial_port){ product.product.domain, product.product.name, port->major };
    return registry_document(cx, document, &side->text.bytes);
}

static enum status find_document(struct comparison *c, struct side *side)
{
    struct ctx *cx = c->cli->cx;
    str         before, after;
    bool        is_there;

    side->text.name = side->word;
    TRY(os_file_exists(cx, side->word, &is_there));
    if (is_there) {
        return os_file_read(cx, side->word, PROJECT_DOCUMENT_MAX, &side->text.bytes);
    }
    if (str_split(side->word, ':', &before, &after) && before.len && after.len) {
        return read_revision(c->cli, before, after, side);
    }
    if (looks_like_file(side->word)) {
        return FAIL(cx, NOT_FOUND, "there is no file \"" STR_FMT "\"", STR_ARG(side->word));
    }
    TRY(open_store(c));
    if (str_rsplit(side->word, '@', &before, &after)) {
        return read_published(c, before, after, side);
    }
    return read_published(c, side->word, STR_NONE, side);
}

/* ------------------------------------------------------------------------- what they say */

static enum status read_document(struct comparison *c, struct side *side)
{
    struct ctx           *cx       = c->cli->cx;
    struct odcs_contract *contract = NULL;
    struct odps_product  *product  = NULL;
    str                   kind     = STR_NONE;

    if (!std_kind_of(cx, &side->text, &kind)) {
        kind = str_ends(side->word, S(".odps.yaml")) ? S("DataProduct") : S("DataContract");
    }
    side->is_product = str_eq(kind, S("DataProduct"));
    if (!side->is_product && !str_eq(kind, S("DataContract"))) {
        return FAIL(cx, UNSUPPORTED,
                    STR_FMT " is of kind " STR_FMT "; contracts and products can be compared",
                    STR_ARG(side->word), STR_ARG(kind));
    }
    if (side->is_product) {
        TRY(odps_read(cx, &side->text, STD_TEXT, &side->diags, &product));
    } else {
        TRY(odcs_read(cx, &side->text, STD_TEXT, &side->diags, &contract));
    }
    if (!contract && !product) {
        cli_print_diags(c->cli, &side->diags);
        return FAIL(cx, INVALID, STR_FMT " cannot be read", STR_ARG(side->word));
    }
    side->contract       = contract;
    side->root           = contract ? contract->root : product->root;
    side->source.id      = contract ? contract->id.v : product->id.v;
    side->source.version = contract ? contract->version.v : product->version.v;
    return ST_OK;
}

/* A line with a literal secret is not repeated. */
static bool has_secret_at(const struct side *side, struct diag_pos at)
{
    for (size_t i = 0; i < side->diags.list.count; i++) {
        const struct diag *d = &side->diags.list.items[i];

        if (str_eq(d->rule, S("literal-secret")) && d->pos.line == at.line) {
            return true;
        }
    }
    return false;
}

static bool hides(void *arg, const struct diff_change *change)
{
    const struct comparison *c = arg;

    return has_secret_at(&c->sides[0], change->before_at) ||
           has_secret_at(&c->sides[1], change->after_at);
}

static str sentence(struct comparison *c, const struct diff_change *change)
{
    return hides(c, change)
               ? arena_printf(c->cli->cx->arena, STR_FMT " " STR_FMT, STR_ARG(change->place),
                              STR_ARG(diff_kind_name(change->kind)))
               : diff_sentence(c->cli->cx, change);
}

/* ------------------------------------------------------------------------- rows */

static enum status ask_rows(struct comparison *c)
{
    struct ctx        *cx  = c->cli->cx;
    struct publish_env env = { 0 };

    if (!c->sides[0].is_published || !c->sides[1].contract) {
        return FAIL(cx, INVALID,
                    "--data asks the published rows: A must be an address of a table or port, "
                    "without a version, and B a contract");
    }
    env = cli_publish_env(c->cli, &c->mesh);
    TRY(publish_try_contract(cx, &env, &c->sides[0].port, c->sides[1].contract, &c->trial));
    c->has_trial = true;
    return ST_OK;
}

/*
 * Rows decide where the text does not tell: all pass, and it is minor; some fail, and it is major. What the
 * text says to be breaking stays breaking, for rows of tomorrow may break it.
 */
static void decide(struct comparison *c)
{
    const struct diff_source *a = &c->sides[0].source, *b = &c->sides[1].source;
    struct version            written, right;
    bool                      is_proved;

    c->impact = c->difference.impact;
    is_proved = c->has_trial && c->trial.failed == 0 && c->trial.unanswered == 0;
    if (c->impact == DIFF_UNCERTAIN && is_proved) {
        c->impact = DIFF_MINOR;
    }
    if (c->has_trial && c->trial.failed > 0) {
        c->impact = DIFF_MAJOR;
    }
    c->next       = diff_next_version(c->cli->cx, a->version, c->impact);
    c->is_refused = str_eq(a->id, b->id) && a->id.len && version_parse(c->next, &right) &&
                    version_parse(b->version, &written) && version_cmp(written, right) < 0;
}

/* ------------------------------------------------------------------------- text */

static const struct {
    enum diff_impact impact;
    const char      *title, *word;
    enum cli_style   style;
} groups[] = {
    { DIFF_MAJOR, "breaking", "major", CLI_RED },
    { DIFF_UNCERTAIN, "unknown: only rows can tell", "unknown", CLI_YELLOW },
    { DIFF_MINOR, "not breaking", "minor", CLI_GREEN },
    { DIFF_PATCH, "documentation, and what no row notices", "patch", CLI_DIM },
    { DIFF_NONE, "without effect", "none", CLI_DIM },
};

static char sign_of(enum diff_kind kind)
{
    return kind == DIFF_ADDED ? '+' : kind == DIFF_REMOVED ? '-' : kind == DIFF_MOVED ? '>' : '~';
}

static str place_text(struct cli *cli, const struct side *side, struct diag_pos at)
{
    return at.line ? arena_printf(cli->cx->arena, STR_FMT ":%u:%u", STR_ARG(side->text.name),
                                  at.line, at.column)
                   : STR_NONE;
}

static void say_change(struct comparison *c, const struct diff_change *change)
{
    struct cli *cli    = c->cli;
    str         before = place_text(cli, &c->sides[0], change->before_at);
    str         after  = place_text(cli, &c->sides[1], change->after_at);

    cli_say(cli, "  %c " STR_FMT "%s\n", sign_of(change->kind), STR_ARG(sentence(c, change)),
            change->is_advisory && change->impact == DIFF_MINOR && change->effect > DIFF_SAME
                ? " (only warns)"
                : "");
    cli_say(cli, "      %s" STR_FMT "%s" STR_FMT "%s\n", cli_style(cli, CLI_DIM), STR_ARG(before),
            before.len && after.len ? " → " : "", STR_ARG(after), cli_style(cli, CLI_PLAIN));
}

static void say_group(struct comparison *c, size_t group)
{
    struct cli *cli   = c->cli;
    size_t      count = diff_count(&c->difference, groups[group].impact);

    if (count == 0) {
        return;
    }
    cli_say(cli, "%s%s (%zu)%s\n", cli_style(cli, groups[group].style), groups[group].title, count,
            cli_style(cli, CLI_PLAIN));
    for (size_t i = 0; i < c->difference.list.count; i++) {
        if (c->difference.list.items[i].impact == groups[group].impact) {
            say_change(c, &c->difference.list.items[i]);
        }
    }
    cli_say(cli, "\n");
}

static void say_sample(struct cli *cli, const struct quality_sample *s)
{
    struct cli_grid grid = { .columns = s->column_count };

    for (size_t k = 0; k < s->column_count; k++) {
        vec_push(cli->cx->arena, &grid.cells, s->columns[k]);
    }
    for (size_t k = 0; k < s->row_count * s->column_count; k++) {
        vec_push(cli->cx->arena, &grid.cells, s->values[k].ptr ? s->values[k] : S("NULL"));
    }
    cli_grid_print(cli, &grid);
}

static const struct quality_sample *sample_of(const struct publish_trial_table *t, str id)
{
    for (size_t i = 0; i < t->samples.list.count; i++) {
        if (str_eq(t->samples.list.items[i].check_id, id)) {
            return &t->samples.list.items[i];
        }
    }
    return NULL;
}

static bool is_told(const struct quality_result *r)
{
    return r->outcome == QUALITY_FAIL || r->outcome == QUALITY_ERRORED ||
           (r->outcome == QUALITY_NOT_EVALUATED && r->severity == QUALITY_ERROR);
}

static void say_trial(struct comparison *c)
{
    struct cli *cli = c->cli;

    for (size_t i = 0; i < c->trial.tables.count; i++) {
        const struct publish_trial_table *t = &c->trial.tables.items[i];

        if (t->note.len) {
            cli_say(cli, "rows of " STR_FMT ": " STR_FMT "\n", STR_ARG(t->address),
                    STR_ARG(t->note));
            continue;
        }
        cli_say(cli, "rows of " STR_FMT ": " STR_FMT ", %zu of %zu checks would fail\n",
                STR_ARG(t->address), STR_ARG(cli_count(cli, t->rows)), t->checks.failed,
                t->checks.list.count);
        for (size_t k = 0; k < t->checks.list.count; k++) {
            const struct quality_result *r = &t->checks.list.items[k];
            const struct quality_sample *s = sample_of(t, r->id);

            if (is_told(r)) {
                cli_say(cli, "  " STR_FMT " " STR_FMT ": " STR_FMT "\n",
                        STR_ARG(quality_outcome_name(r->outcome)), STR_ARG(r->id),
                        STR_ARG(r->message));
            }
            if (s && r->outcome == QUALITY_FAIL) {
                say_sample(cli, s);
            }
        }
    }
    cli_say(cli, "\n");
}

static void say_verdict(struct comparison *c)
{
    struct cli *cli    = c->cli;
    str         impact = diff_impact_name(c->impact);

    if (c->difference.list.count == 0) {
        cli_say(cli, "no difference\n");
        return;
    }
    cli_say(cli, "verdict: " STR_FMT "%s", STR_ARG(impact),
            c->impact != c->difference.impact ? ", by the rows" : "");
    if (c->next.len) {
        cli_say(cli, "; after " STR_FMT " comes " STR_FMT ", B says " STR_FMT "\n",
                STR_ARG(c->sides[0].source.version), STR_ARG(c->next),
                STR_ARG(c->sides[1].source.version));
    } else {
        cli_say(cli, "\n");
    }
    if (c->impact == DIFF_UNCERTAIN && !c->has_trial) {
        cli_say(cli, "next: weft diff ADDRESS FILE --data asks the published rows\n");
    }
}

static void say_text(struct comparison *c)
{
    struct cli *cli = c->cli;

    for (size_t i = 0; i < 2; i++) {
        cli_say(cli, "%c %s" STR_FMT "%s " STR_FMT "\n", i ? 'B' : 'A', cli_style(cli, CLI_BOLD),
                STR_ARG(c->sides[i].word), cli_style(cli, CLI_PLAIN),
                STR_ARG(c->sides[i].source.version));
    }
    cli_say(cli, "\n");
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        say_group(c, i);
    }
    if (c->has_trial) {
        say_trial(c);
    }
    say_verdict(c);
}

/* ------------------------------------------------------------------------- markdown */

/* Text in a cell of a table: nothing of it is markup. */
static str cell(struct cli *cli, str text)
{
    struct buf out CLEANUP(buf_release) = BUF_INIT(1 << 20);

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '<') {
            buf_add(&out, S("&lt;"));
        } else {
            if (str_find_char(S("|`*_[]\\"), text.ptr[i], &(size_t){ 0 })) {
                buf_add_char(&out, '\\');
            }
            buf_add_char(&out, text.ptr[i]);
        }
    }
    return arena_dup(cli->cx->arena, buf_view(&out));
}

static void say_markdown_trial(struct comparison *c)
{
    struct cli *cli = c->cli;

    cli_say(cli, "\n%zu of the published tables tried, %zu checks would fail\n\n", c->trial.tried,
            c->trial.failed);
    for (size_t i = 0; i < c->trial.tables.count; i++) {
        const struct publish_trial_table *t = &c->trial.tables.items[i];

        for (size_t k = 0; k < t->checks.list.count; k++) {
            const struct quality_result *r = &t->checks.list.items[k];

            if (is_told(r)) {
                cli_say(cli, "- " STR_FMT " " STR_FMT ": " STR_FMT "\n",
                        STR_ARG(quality_outcome_name(r->outcome)), STR_ARG(cell(cli, r->id)),
                        STR_ARG(cell(cli, r->message)));
            }
        }
    }
}

static void say_markdown(struct comparison *c)
{
    struct cli *cli = c->cli;

    cli_say(cli, "### weft diff: " STR_FMT "\n\n", STR_ARG(diff_impact_name(c->impact)));
    cli_say(cli, STR_FMT " " STR_FMT " → " STR_FMT " " STR_FMT "\n\n",
            STR_ARG(cell(cli, c->sides[0].word)), STR_ARG(c->sides[0].source.version),
            STR_ARG(cell(cli, c->sides[1].word)), STR_ARG(c->sides[1].source.version));
    if (c->difference.list.count > 0) {
        cli_say(cli, "| impact | effect | change |\n| --- | --- | --- |\n");
    }
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        for (size_t i = 0; i < c->difference.list.count; i++) {
            const struct diff_change *change = &c->difference.list.items[i];

            if (change->impact == groups[g].impact) {
                cli_say(cli, "| %s%s%s | " STR_FMT " | " STR_FMT " |\n", g == 0 ? "**" : "",
                        groups[g].word, g == 0 ? "**" : "",
                        STR_ARG(diff_effect_name(change->effect)),
                        STR_ARG(cell(cli, sentence(c, change))));
            }
        }
    }
    if (c->has_trial) {
        say_markdown_trial(c);
    }
    if (c->is_refused) {
        cli_say(cli, "\n**Version " STR_FMT " does not fit: the changes need " STR_FMT ".**\n",
                STR_ARG(c->sides[1].source.version), STR_ARG(c->next));
    }
}

/* ------------------------------------------------------------------------- json */

static void json_check(struct json_writer *w, const struct publish_trial_table *t,
                       const struct quality_result *r)
{
    const struct quality_sample *s = sample_of(t, r->id);

    json_w_object_begin(w);
    json_w_member_str(w, S("id"), r->id);
    json_w_member_str(w, S("outcome"), quality_outcome_name(r->outcome));
    json_w_member_str(w, S("message"), r->message);
    json_w_member_u64(w, S("bad_rows"), r->bad_count);
    json_w_key(w, S("columns"));
    json_w_array_begin(w);
    for (size_t k = 0; s && k < s->column_count; k++) {
        json_w_str(w, s->columns[k]);
    }
    json_w_array_end(w);
    json_w_key(w, S("samples"));
    json_w_array_begin(w);
    for (size_t i = 0; s && i < s->row_count; i++) {
        json_w_array_begin(w);
        for (size_t k = 0; k < s->column_count; k++) {
            str value = s->values[i * s->column_count + k];

            value.ptr ? json_w_str(w, value) : json_w_null(w);
        }
        json_w_array_end(w);
    }
    json_w_array_end(w);
    json_w_object_end(w);
}

static void json_trial(struct json_writer *w, const struct publish_trial *trial)
{
    json_w_key(w, S("rows"));
    json_w_array_begin(w);
    for (size_t i = 0; i < trial->tables.count; i++) {
        const struct publish_trial_table *t = &trial->tables.items[i];

        json_w_object_begin(w);
        json_w_member_str(w, S("address"), t->address);
        json_w_member_str(w, S("note"), t->note);
        json_w_member_u64(w, S("rows"), t->rows);
        json_w_member_u64(w, S("checks"), t->checks.list.count);
        json_w_member_u64(w, S("failed"), t->checks.failed);
        json_w_key(w, S("failures"));
        json_w_array_begin(w);
        for (size_t k = 0; k < t->checks.list.count; k++) {
            if (is_told(&t->checks.list.items[k])) {
                json_check(w, t, &t->checks.list.items[k]);
            }
        }
        json_w_array_end(w);
        json_w_object_end(w);
    }
    json_w_array_end(w);
}

static void answer(struct comparison *c)
{
    const struct diff_source sources[2] = { c->sides[0].source, c->sides[1].source };
    struct json_writer      *w          = cli_json_begin(c->cli);

    diff_omds(c->cli->cx, &c->difference, sources, hides, c, w);
    json_w_key(w, S("verdict"));
    json_w_object_begin(w);
    json_w_member_str(w, S("impact"), diff_impact_name(c->impact));
    json_w_member_str(w, S("next_version"), c->next);
    json_w_member_bool(w, S("fits"), !c->is_refused);
    if (c->has_trial) {
        json_trial(w, &c->trial);
    }
    json_w_object_end(w);
    cli_json_end(c->cli, w);
}

/* ------------------------------------------------------------------------- the command */

static enum status compare(struct comparison *c)
{
    struct ctx *cx = c->cli->cx;

    for (size_t i = 0; i < 2; i++) {
        c->sides[i].word = c->cli->args.words.items[i];
        TRY(find_document(c, &c->sides[i]));
        TRY(read_document(c, &c->sides[i]));
    }
    if (c->sides[0].is_product != c->sides[1].is_product) {
        return FAIL(cx, INVALID, "a contract and a product cannot be compared");
    }
    TRY(diff_trees(cx, c->sides[0].is_product ? DIFF_PRODUCT : DIFF_CONTRACT, c->sides[0].root,
                   c->sides[1].root, &c->difference));
    if (c->cli->args.rows) {
        TRY(ask_rows(c));
    }
    decide(c);
    return ST_OK;
}

static void show(struct comparison *c)
{
    if (c->cli->args.json) {
        answer(c);
    } else if (c->cli->args.markdown) {
        say_markdown(c);
    } else {
        say_text(c);
    }
}

enum status cmd_diff(struct cli *cli)
{
    struct comparison c  = { .cli = cli };
    enum status       st = compare(&c);

    if (c.has_store) {
        if (cli->cx->tx) {
            db_rollback(cli->cx);
        }
        cli_mesh_close(&c.mesh);
    }
    TRY(st);
    show(&c);
    if (c.is_refused) {
        return FAIL(cli->cx, INVALID,
                    "version " STR_FMT " does not fit: since " STR_FMT " there is a " STR_FMT
                    " change, which needs " STR_FMT,
                    STR_ARG(c.sides[1].source.version), STR_ARG(c.sides[0].source.version),
                    STR_ARG(c.impact == DIFF_UNCERTAIN ? S("possibly breaking")
                                                       : diff_impact_name(c.impact)),
                    STR_ARG(c.next));
    }
    return ST_OK;
}
