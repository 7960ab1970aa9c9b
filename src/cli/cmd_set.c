/*
 * cmd_set.c - weft set: fields of documents changed in place.
 *
 * Each KEY=VALUE is one change of a text in which all other lines stay (codec/yaml_change.h). When all
 * are made, the documents are read as `weft validate` reads them; with an error that was not there before
 * nothing is written.
 */
#include "cli/set.h"

#include "cli/documents.h"
#include "codec/yaml_change.h"
#include "os/file.h"

enum set_verb { SET_VALUE, SET_REMOVE, SET_ADD, SET_DROP };

struct set_change {
    str              word; /* as given */
    str              key, value;
    enum set_verb    verb;
    struct set_place place;
};

/* ------------------------------------------------------------------------- words */

/* KEY=VALUE, KEY=, KEY+=VALUE, KEY-=VALUE */
static enum status read_change(struct cli *cli, str word, struct set_change *out)
{
    struct set_change c = { .word = word, .verb = SET_VALUE };

    if (!str_split(word, '=', &c.key, &c.value)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is no KEY=VALUE", STR_ARG(word));
    }
    if (str_ends(c.key, S("+")) || str_ends(c.key, S("-"))) {
        c.verb = str_ends(c.key, S("+")) ? SET_ADD : SET_DROP;
        c.key  = str_sub(c.key, 0, c.key.len - 1);
    } else if (c.value.len == 0) {
        c.verb = SET_REMOVE;
    }
    if (c.key.len == 0 || (c.value.len == 0 && c.verb != SET_REMOVE)) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is no KEY=VALUE", STR_ARG(word));
    }
    *out = c;
    return ST_OK;
}

/* The value as YAML types it; what is no YAML of one line is a text. */
static const struct yaml_node *typed_value(struct cli *cli, str text)
{
    struct err        unheard = { 0 };
    struct ctx        quiet   = *cli->cx;
    struct diag_text  source  = { S("value"), text };
    struct diags      diags   = { 0 };
    struct yaml_node *node    = NULL;

    quiet.err = &unheard;
    if (yaml_read(&quiet, &source, NULL, &diags, &node) != ST_OK || diags.errors ||
        (node->kind == YAML_NULL && !str_eq(text, S("null"))) || node->style == YAML_BLOCK ||
        str_has(text, S("\n"))) {
        return yaml_value_string(cli->cx, text);
    }
    return node;
}

/* ------------------------------------------------------------------------- one change */

static enum status read_now(struct cli *cli, const struct set_document *d, struct yaml_node **out)
{
    struct diag_text text  = { d->before.name, d->now };
    struct diags     diags = { 0 };

    return yaml_read(cli->cx, &text, NULL, &diags, out);
}

static enum status lacks(struct cli *cli, const struct set_change *c, const char *what)
{
    return FAIL(cli->cx, NOT_FOUND, "\"" STR_FMT "\": %s " STR_FMT, STR_ARG(c->key), what,
                STR_ARG(c->place.scope->document->before.name));
}

/* {a: {b: value}} for the steps "a.b" that are not there. */
static const struct yaml_node *nest(struct cli *cli, str steps, const struct yaml_node *value)
{
    struct yaml_node *made;
    str               before, last;

    if (steps.len == 0) {
        return value;
    }
    if (!str_rsplit(steps, '.', &before, &last)) {
        before = STR_NONE;
        last   = steps;
    }
    made           = ARENA_NEW(cli->cx->arena, struct yaml_node);
    made->kind     = YAML_MAP;
    made->count    = 1;
    made->members  = ARENA_NEW(cli->cx->arena, struct yaml_member);
    *made->members = (struct yaml_member){ .key = last, .value = unconst(value) };
    return nest(cli, before, made);
}

static struct yaml_node *list_of(struct cli *cli, const struct yaml_node *item)
{
    struct yaml_node *list = ARENA_NEW(cli->cx->arena, struct yaml_node);

    list->kind     = YAML_LIST;
    list->count    = 1;
    list->items    = arena_array(cli->cx->arena, 1, sizeof *list->items);
    list->items[0] = unconst(item);
    return list;
}

/* An entry of a list goes; with its last one the whole field. */
static enum status drop_entry(struct cli *cli, const struct set_change *c,
                              const struct yaml_node *list, size_t index, str *out)
{
    str now = c->place.scope->document->now;

    if (list->count == 1) {
        return yaml_change_remove(cli->cx, now, c->place.pointer, out);
    }
    return yaml_change_remove(
        cli->cx, now,
        arena_printf(cli->cx->arena, STR_FMT "/%zu", STR_ARG(c->place.pointer), index), out);
}

static enum status change_custom(struct cli *cli, const struct set_change *c,
                                 const struct yaml_node *list, const struct yaml_node *value,
                                 str *out)
{
    static const str        keys[] = { STR_INIT("property"), STR_INIT("value") };
    str                     now    = c->place.scope->document->now;
    struct yaml_node *const pair[] = { yaml_value_string(cli->cx, c->place.custom),
                                       unconst(value) };
    size_t                  at     = 0;

    if (c->verb == SET_ADD || c->verb == SET_DROP) {
        return FAIL(cli->cx, UNSUPPORTED, "\"" STR_FMT "\": += and -= are for lists of fields",
                    STR_ARG(c->word));
    }
    while (list && at < list->count &&
           !str_eq(yaml_text_or(yaml_get(yaml_item(list, at), S("property")), STR_NONE),
                   c->place.custom)) {
        at++;
    }
    if (list && list->kind == YAML_LIST && at < list->count) {
        return c->verb == SET_REMOVE
                   ? drop_entry(cli, c, list, at, out)
                   : yaml_change_set(cli->cx, now,
                                     arena_printf(cli->cx->arena, STR_FMT "/%zu/value",
                                                  STR_ARG(c->place.pointer), at),
                                     value, out);
    }
    if (c->verb == SET_REMOVE) {
        return lacks(cli, c, "no such custom property in");
    }
    value = yaml_value_pair(cli->cx, keys, pair);
    return list && list->count
               ? yaml_change_append(cli->cx, now, c->place.pointer, value, out)
               : yaml_change_set(cli->cx, now, c->place.pointer, list_of(cli, value), out);
}

/* The entry of a list of scalars with the same text, or the one of that name. */
static bool find_entry(const struct yaml_node *list, str text, size_t *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind < YAML_LIST && str_eq(list->items[i]->text, text)) {
            *out = i;
            return true;
        }
    }
    return list->count && list->items[0]->kind == YAML_MAP && set_entry(list, text, out);
}

static enum status change_list(struct cli *cli, const struct set_change *c,
                               const struct yaml_node *list, const struct yaml_node *value,
                               str *out)
{
    str    now = c->place.scope->document->now;
    size_t at;

    if (list && list->kind != YAML_LIST) {
        return FAIL(cli->cx, INVALID, "\"" STR_FMT "\" is " STR_FMT ", no list", STR_ARG(c->key),
                    STR_ARG(yaml_kind_name(list->kind)));
    }
    if (c->verb == SET_DROP) {
        return list && find_entry(list, c->value, &at) ? drop_entry(cli, c, list, at, out)
                                                       : lacks(cli, c, "no such entry in");
    }
    for (size_t i = 0; list && i < list->count; i++) {
        if (yaml_equal(list->items[i], value)) {
            *out = now;
            return ST_OK;
        }
    }
    return list && list->count
               ? yaml_change_append(cli->cx, now, c->place.pointer, value, out)
               : yaml_change_set(cli->cx, now, c->place.pointer,
                                 nest(cli, c->place.missing, list_of(cli, value)), out);
}

static enum status change_text(struct cli *cli, const struct set_change *c,
                               const struct yaml_node *value, str *out)
{
    struct yaml_node       *root = NULL;
    const struct yaml_node *node;

    TRY(read_now(cli, c->place.scope->document, &root));
    node = yaml_path(root, c->place.pointer);
    if (c->place.custom.len) {
        return change_custom(cli, c, node, value, out);
    }
    if (c->verb == SET_ADD || c->verb == SET_DROP) {
        return change_list(cli, c, node, value, out);
    }
    if (c->verb == SET_REMOVE) {
        return node && c->place.missing.len == 0
                   ? yaml_change_remove(cli->cx, c->place.scope->document->now, c->place.pointer,
                                        out)
                   : lacks(cli, c, "there is no such field in");
    }
    return yaml_change_set(cli->cx, c->place.scope->document->now, c->place.pointer,
                           nest(cli, c->place.missing, value), out);
}

/* ------------------------------------------------------------------------- is the result right */

/* Errors of the text; the findings when `out` is given. */
static enum status count_errors(struct cli *cli, str name, str bytes, struct diags *out)
{
    struct diag_text text = { name, bytes };

    return cli_check_document(cli, &text, STD_STRICT, out);
}

/* How many findings of `made` say that a value has the wrong type. */
static size_t wrong_types(const struct diags *diags)
{
    size_t count = 0;

    for (size_t i = 0; i < diags->list.count; i++) {
        count += str_eq(diags->list.items[i].rule, S("wrong-type")) ||
                 str_eq(diags->list.items[i].rule, S("weft-key-value"));
    }
    return count;
}

/* `version=1.2` is a number to YAML and a text to the standard: the standard knows. */
static enum status choose_type(struct cli *cli, const struct set_change *c, str typed, str *out)
{
    const struct set_document *d      = c->place.scope->document;
    struct diags               before = { 0 }, after = { 0 }, as_text = { 0 };
    struct err                 unheard = { 0 }, *heard = cli->cx->err;
    enum status                st;
    str                        made = STR_NONE;

    TRY(count_errors(cli, d->before.name, d->now, &before));
    TRY(count_errors(cli, d->before.name, typed, &after));
    *out = typed;
    if (wrong_types(&after) <= wrong_types(&before)) {
        return ST_OK;
    }
    cli->cx->err = &unheard;
    st           = change_text(cli, c, yaml_value_string(cli->cx, c->value), &made);
    cli->cx->err = heard;
    if (st == ST_OK) {
        TRY(count_errors(cli, d->before.name, made, &as_text));
        *out = as_text.errors < after.errors ? made : typed;
    }
    return ST_OK;
}

static enum status check_result(struct cli *cli, const struct set_document *d)
{
    struct diags before = { 0 }, after = { 0 };

    TRY(count_errors(cli, d->before.name, d->before.bytes, &before));
    TRY(count_errors(cli, d->before.name, d->now, &after));
    if (after.errors <= before.errors) {
        return ST_OK;
    }
    if (cli->args.json) {
        struct json_writer *w = cli_json_begin(cli);

        cli_json_diags(w, &after);
        cli_json_end(cli, w);
    } else {
        cli_print_diags(cli, &after);
    }
    return FAIL(cli->cx, INVALID, STR_FMT " would have %zu new error%s; nothing was changed",
                STR_ARG(d->before.name), after.errors - before.errors,
                after.errors - before.errors == 1 ? "" : "s");
}

/* ------------------------------------------------------------------------- showing and writing */

static size_t count_lines(str text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    return lines + (text.len > 0 && text.ptr[text.len - 1] != '\n');
}

static void say_lines(struct cli *cli, str text, char mark)
{
    enum cli_style style = mark == '-' ? CLI_RED : CLI_GREEN;
    str            line;

    if (str_ends(text, S("\n"))) {
        text = str_sub(text, 0, text.len - 1);
    }
    while (str_cut(&text, '\n', &line)) {
        cli_say(cli, "%s%c" STR_FMT "%s\n", cli_style(cli, style), mark, STR_ARG(line),
                cli_style(cli, CLI_PLAIN));
    }
}

/* The lines that one change takes out and puts in. */
static void say_difference(struct cli *cli, str old, str made)
{
    size_t head = 0, tail = 0, least = old.len < made.len ? old.len : made.len;

    while (head < least && old.ptr[head] == made.ptr[head]) {
        head++;
    }
    while (head > 0 && old.ptr[head - 1] != '\n') {
        head--;
    }
    while (tail < least - head && old.ptr[old.len - 1 - tail] == made.ptr[made.len - 1 - tail]) {
        tail++;
    }
    while (tail > 0 && ((old.len > tail && old.ptr[old.len - tail - 1] != '\n') ||
                        (made.len > tail && made.ptr[made.len - tail - 1] != '\n'))) {
        tail--;
    }
    cli_say(cli, "line %zu:\n", count_lines(str_sub(old, 0, head)) + 1);
    say_lines(cli, str_sub(old, head, old.len - tail - head), '-');
    say_lines(cli, str_sub(made, head, made.len - tail - head), '+');
}

static enum status apply(struct cli *cli, struct set_target *target, struct set_change *c)
{
    struct set_document *d;
    str                  made = STR_NONE;

    TRY(set_locate(cli, target, c->key, &c->place));
    d = c->place.scope->document;
    TRY(cli_may_edit(cli, &d->before));
    TRY(change_text(cli, c, typed_value(cli, c->value), &made));
    TRY(choose_type(cli, c, made, &made));
    if (cli->args.dry_run && !str_eq(d->now, made)) {
        cli_say(cli, STR_FMT ", ", STR_ARG(d->before.name));
        say_difference(cli, d->now, made);
    }
    d->changes += !str_eq(d->now, made);
    d->now = made;
    return ST_OK;
}

/* The file as it was read, else somebody else has changed it meanwhile. */
static enum status write_document(struct cli *cli, const struct set_document *d)
{
    str bytes;

    TRY(os_file_read(cli->cx, d->path, PROJECT_DOCUMENT_MAX, &bytes));
    if (!str_eq(bytes, d->before.bytes)) {
        return FAIL(cli->cx, CONFLICT, STR_FMT " changed while it was edited; say it again",
                    STR_ARG(d->before.name));
    }
    TRY(os_file_put(cli->cx, d->path, d->now, OS_REPLACE, 0));
    vec_push(cli->cx->arena, &cli->made, d->before.name);
    cli_say(cli, "wrote %zu change%s into " STR_FMT "\n", d->changes, d->changes == 1 ? "" : "s",
            STR_ARG(d->before.name));
    return ST_OK;
}

static enum status set_all(struct cli *cli, struct set_target *target)
{
    size_t changed = 0;

    for (size_t i = 1; i < cli->args.words.count; i++) {
        struct set_change c;

        TRY(read_change(cli, cli->args.words.items[i], &c));
        TRY(apply(cli, target, &c));
    }
    for (size_t i = 0; i < target->document_count; i++) {
        if (target->documents[i].changes) {
            TRY(check_result(cli, &target->documents[i]));
            changed++;
        }
    }
    for (size_t i = 0; i < target->document_count && !cli->args.dry_run; i++) {
        if (target->documents[i].changes) {
            TRY(write_document(cli, &target->documents[i]));
        }
    }
    if (changed == 0) {
        cli_say(cli, "nothing to change\n");
    } else if (!cli->args.dry_run) {
        cli_say(cli, "next: weft plan\n");
    }
    return ST_OK;
}

enum status cmd_set(struct cli *cli)
{
    struct cli_mesh   mesh   = { 0 };
    struct set_target target = { 0 };
    enum status       st     = set_find(cli, &mesh, cli->args.words.items[0], &target);

    if (st == ST_OK) {
        st = set_all(cli, &target);
    }
    cli_mesh_close(&mesh);
    return st;
}
