/*
 * guard.c - the way of one text: parse, check, walk, print, prove, remember.
 */
#include "guard/guard.h"

#include "base/utf8.h"
#include "guard/guard_int.h"
#include "os/thread.h"
#include "sqltext/sqltext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct guard {
    struct os_mutex        lock;     /* instance and cache */
    struct guard_instance *instance; /* NULL until the first text */
    struct guard_cache    *cache;
};

/* ---- findings ---- */

struct diag_pos guard_pos(const struct guard_walk *w, uint64_t at)
{
    str    sql = w->rq->text.bytes;
    size_t len = 1, start = (size_t)at;

    if (at >= sql.len) {
        return (struct diag_pos){ 0 };
    }
    bool is_quoted = sql.ptr[start] == '"';
    while (start + len < sql.len &&
           (is_quoted
                ? sql.ptr[start + len - (len > 1)] != '"' || len == 1
                : char_is_alpha(sql.ptr[start + len]) || char_is_digit(sql.ptr[start + len]) ||
                      sql.ptr[start + len] == '_' || sql.ptr[start + len] == '.')) {
        len++;
    }
    return diag_pos_at(sql, start, len);
}

uint64_t guard_at(const struct guard_walk *w, const struct json *node)
{
    int64_t at = json_i64_or(json_get(node, S("query_location")), -1);

    return at >= 0 ? (uint64_t)at : w->at;
}

static void add_finding(struct guard_walk *w, enum diag_severity severity, uint64_t at,
                        const str *rule_and_hint, str message)
{
    diag_add(w->findings, w->cx, severity, &w->rq->text, guard_pos(w, at), rule_and_hint[0],
             rule_and_hint[1], STR_FMT, STR_ARG(message));
}

__attribute__((format(printf, 2, 0))) static str format(struct guard_walk *w, const char *fmt,
                                                        va_list args)
{
    char   room[1024];
    int    n   = vsnprintf(room, sizeof(room), fmt, args);
    size_t len = n < 0 ? 0 : (size_t)n;

    return arena_dup(
        w->cx->arena,
        utf8_cut((str){ room, len < sizeof(room) ? len : sizeof(room) - 1 }, sizeof(room)));
}

void guard_refuse(struct guard_walk *w, uint64_t at, str rule, str hint, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    str message = format(w, fmt, args);
    va_end(args);
    if (++w->refusals <= GUARD_REFUSALS_MAX) {
        add_finding(w, DIAG_ERROR, at, (const str[]){ rule, hint }, message);
    }
    if (w->refusals == 1) {
        (void)FAIL(w->cx, INVALID, STR_FMT, STR_ARG(message));
    }
}

void guard_warn(struct guard_walk *w, uint64_t at, str rule, str hint, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    str message = format(w, fmt, args);
    va_end(args);
    add_finding(w, DIAG_WARNING, at, (const str[]){ rule, hint }, message);
}

size_t *guard_name_uses(struct guard_walk *w, str name)
{
    struct arena *a     = w->cx->arena;
    char         *lower = arena_cstr(a, name);

    for (size_t i = 0; i < name.len; i++) {
        lower[i] = char_lower(lower[i]);
    }
    str     key  = { lower, name.len };
    size_t *uses = map_get(&w->names, key);
    if (!uses) {
        uses = ARENA_NEW(a, size_t);
        map_put(&w->names, a, key, uses);
    }
    return uses;
}

/* ---- life cycle ---- */

enum status guard_open(struct ctx *cx, struct guard **out)
{
    struct guard *g;

    TRY(guard_instance_check(cx));
    g = calloc(1, sizeof(*g));
    if (!g) {
        BUG("out of memory: guard");
    }
    os_mutex_init(&g->lock, LOCK_GUARD);
    g->cache = guard_cache_new();
    *out     = g;
    return ST_OK;
}

void guard_close(struct guard *g)
{
    if (!g) {
        return;
    }
    guard_instance_close(g->instance);
    guard_cache_free(g->cache);
    os_mutex_release(&g->lock);
    free(g);
}

static enum status parse_locked(struct guard *g, struct ctx *cx, str sql, str *out_json)
{
    enum status st = ST_OK;

    os_mutex_lock(&g->lock);
    if (!g->instance) {
        st = guard_instance_open(cx, &g->instance);
    }
    if (st == ST_OK) {
        st = guard_instance_parse(g->instance, cx, sql, out_json);
    }
    os_mutex_unlock(&g->lock);
    return st;
}

/* ---- parsing ---- */

static const struct json_limits tree_limits = { GUARD_TREE_BYTES_MAX, GUARD_DEPTH_MAX,
                                                20 * GUARD_NODES_MAX };

/* A text that is too big or no text at all never reaches the engine. */
static bool check_text(struct guard_walk *w)
{
    str    sql = w->rq->text.bytes;
    size_t bad;

    if (sql.len > GUARD_TEXT_BYTES_MAX) {
        w->st = FAIL(w->cx, LIMIT,
                     "the SQL has %zu bytes; at most %d are allowed "
                     "(GUARD_TEXT_BYTES_MAX)",
                     sql.len, GUARD_TEXT_BYTES_MAX);
        return false;
    }
    if (!utf8_is_valid(sql, &bad) || str_find_char(sql, '\0', &bad)) {
        guard_refuse(w, bad, S("guard.text"), S(""), "the SQL has a byte that is no UTF-8 text");
        return false;
    }
    return true;
}

/* What the parser said, without its own idea of what else is possible. */
static void refuse_parse_error(struct guard_walk *w, const struct json *doc)
{
    str      message = json_text_or(json_get(doc, S("error_message")), S(""));
    str      type    = json_text_or(json_get(doc, S("error_type")), S(""));
    uint64_t at      = GUARD_NOWHERE;

    if (str_has(message, S("Only SELECT statements"))) {
        guard_refuse(w, GUARD_NOWHERE, S("guard.statement"), S(""),
                     "only a SELECT is allowed here");
        return;
    }
    if (!str_to_u64(json_text_or(json_get(doc, S("position")), S("")), &at)) {
        at = GUARD_NOWHERE;
    }
    guard_refuse(w, at, S("guard.syntax"), S(""), STR_FMT "%s" STR_FMT,
                 STR_ARG(str_eq(type, S("parser")) ? S("") : type),
                 str_eq(type, S("parser")) ? "" : ": ", STR_ARG(message));
}

struct json *guard_parse(struct guard_walk *w)
{
    str          text;
    struct json *doc;

    if (!check_text(w)) {
        return NULL;
    }
    if ((w->st = parse_locked(w->guard, w->cx, w->rq->text.bytes, &text)) != ST_OK) {
        if (w->st == ST_INVALID) { /* raised by the engine around the parser */
            w->st = ST_OK;
            guard_refuse(w, GUARD_NOWHERE, S("guard.syntax"), S(""), "the SQL cannot be read");
        }
        return NULL;
    }
    enum status st = json_read(w->cx, text, "query", &tree_limits, &doc);
    if (st == ST_LIMIT) {
        w->st = st;
        return NULL;
    }
    if (st != ST_OK) {
        guard_refuse(w, GUARD_NOWHERE, S("guard.syntax"), S(""),
                     "the SQL has a number that is too large");
        return NULL;
    }
    if (json_truth_or(json_get(doc, S("error")), true)) {
        refuse_parse_error(w, doc);
        return NULL;
    }
    const struct json *statements = json_get(doc, S("statements"));
    if (!statements || statements->count != 1) {
        guard_refuse(w, GUARD_NOWHERE, S("guard.statement"), S(""),
                     statements && statements->count > 1 ? "only one statement is allowed"
                                                         : "there is no statement");
        return NULL;
    }
    return doc;
}

/* ---- after the walk ---- */

/* A rule answers with one value. */
static void check_one_column(struct guard_walk *w, const struct json *node)
{
    while (str_eq(json_text_or(json_get(node, S("type")), S("")), S("SET_OPERATION_NODE"))) {
        node = json_get(node, S("left"));
    }
    const struct json *items = json_get(node, S("select_list"));
    if (items && (items->count != 1 ||
                  str_eq(json_text_or(json_get(items->items[0], S("class")), S("")), S("STAR")))) {
        guard_refuse(w, guard_at(w, items->items[0]), S("guard.check"), S(""),
                     "a check must give exactly one column, a number or a boolean");
    }
}

/* Gives the rewritten items without a name the one that their own text would have given. */
static enum status name_items(struct guard_walk *w)
{
    struct arena *a = w->cx->arena;

    for (size_t i = 0; i < w->unnamed.count; i++) {
        str name;

        TRY(sqltext_name(w->cx, w->unnamed.items[i].original, &name));
        json_set(a, w->unnamed.items[i].item, S("alias"), json_new_str(a, name));
    }
    return ST_OK;
}

static void set_parameters(struct guard_walk *w, struct json *statement,
                           struct guard_approved *approved)
{
    struct arena *a   = w->cx->arena;
    struct json  *map = json_new_array(a);

    approved->from_index = w->uses_from ? 1 : 0;
    approved->to_index   = w->uses_to ? approved->from_index + 1 : 0;
    for (size_t i = 0; i < w->parameters.count; i++) {
        struct json *p       = w->parameters.items[i].node;
        bool         is_from = str_eq(json_get(p, S("identifier"))->text, S("from"));

        json_set(
            a, p, S("identifier"),
            json_new_str(
                a, arena_printf(a, "%u", is_from ? approved->from_index : approved->to_index)));
    }
    for (int64_t n = 1; n <= (int64_t)w->uses_from + (int64_t)w->uses_to; n++) {
        struct json *entry = json_new_object(a);

        json_set(a, entry, S("key"), json_new_str(a, arena_printf(a, "%lld", (long long)n)));
        json_set(a, entry, S("value"), json_new_i64(a, n));
        json_append(a, map, entry);
    }
    json_set(a, statement, S("named_param_map"), map);
}

static enum status refuse_form(struct guard_walk *w)
{
    guard_refuse(w, GUARD_NOWHERE, S("guard.proof"), S("write it in another form"),
                 "the query has a form that cannot be written back safely");
    return ST_INVALID;
}

/* Names what needs a name, prints the tree, and proves that the text means it. */
static enum status print_and_prove(struct guard_walk *w, struct json *doc,
                                   struct guard_approved *approved)
{
    str          sql, again;
    struct json *printed;
    enum status  st = name_items(w);

    if (st == ST_OK) {
        set_parameters(w, json_path(doc, S("/statements/0")), approved);
        st = sqltext_query(w->cx, json_path(doc, S("/statements/0")), &sql);
    }
    if (st == ST_OK) {
        st = parse_locked(w->guard, w->cx, sql, &again);
    }
    if (st != ST_OK) {
        return st == ST_INVALID ? refuse_form(w) : st;
    }
    st = json_read(w->cx, again, "query", &tree_limits, &printed);
    if (st == ST_LIMIT) {
        return st;
    }
    if (st != ST_OK || !guard_proof_equal(w->cx->arena, doc, printed, approved)) {
        return refuse_form(w);
    }
    approved->sql = sql;
    return ST_OK;
}

static void list_tables(struct guard_walk *w, struct guard_approved *approved)
{
    struct arena       *a      = w->cx->arena;
    struct guard_table *tables = arena_array(a, w->touched.count, sizeof(*tables));

    for (size_t i = 0; i < w->touched.count; i++) {
        const struct guard_touched *t = w->touched.items[i].it;
        str *columns                  = arena_array(a, t->relation.column_count, sizeof(*columns));

        tables[i]         = t->table;
        tables[i].through = t->inside ? t->inside->table.key : S("");
        for (size_t c = 0; c < t->relation.column_count; c++) {
            if ((t->columns[c] || t->table.is_whole) && !guard_column_is_hidden(&t->relation, c)) {
                columns[tables[i].column_count++] = t->relation.columns[c].name;
            }
        }
        tables[i].columns = columns;
    }
    approved->tables      = tables;
    approved->table_count = w->touched.count;
}

/* ---- the way of one text ---- */

static enum status finish(struct guard_walk *w, struct json *doc, struct guard_approved *out)
{
    struct guard_approved approved = { 0 };

    TRY(print_and_prove(w, doc, &approved));
    list_tables(w, &approved);
    approved.is_volatile  = w->is_volatile;
    approved.volatile_by  = w->volatile_by;
    approved.is_leakproof = !w->is_revealing;
    if (w->is_volatile && w->rq->use == GUARD_BUILD) {
        guard_warn(w, GUARD_NOWHERE, S("guard.volatile"), S(""),
                   "\"" STR_FMT
                   "\" gives other values in another run: the build cannot be repeated",
                   STR_ARG(w->volatile_by));
    }
    *out = approved;
    return ST_OK;
}

static enum status approve(struct guard_walk *w, struct guard_approved *out)
{
    const struct guard_scope scope = { 0 };

    struct json *doc       = guard_parse(w);
    struct json *statement = json_path(doc, S("/statements/0"));
    if (statement && guard_shape_check(w, statement)) {
        w->at = GUARD_NOWHERE;
        guard_walk_node(w, &scope, json_get(statement, S("node")));
        if (w->rq->use == GUARD_CHECK && w->st == ST_OK) {
            check_one_column(w, json_get(statement, S("node")));
        }
    }
    if (w->st != ST_OK) {
        return w->st;
    }
    if (w->refusals > 0) {
        return ST_INVALID;
    }
    guard_place_views(w, json_get(statement, S("node")));
    guard_place_relations(w);
    return finish(w, doc, out);
}

static bool look_up(struct guard *g, struct ctx *cx, const struct guard_request *rq,
                    struct guard_approved *out)
{
    bool found = false;

    if (rq->scope.len > 0) {
        os_mutex_lock(&g->lock);
        found = guard_cache_get(g->cache, cx->arena, rq, out);
        os_mutex_unlock(&g->lock);
    }
    return found;
}

enum status guard_approve(struct guard *g, struct ctx *cx, const struct guard_request *rq,
                          struct diags *findings, struct guard_approved *out)
{
    struct guard_walk     w = { .cx = cx, .guard = g, .rq = rq, .findings = findings };
    struct guard_approved approved;

    if (look_up(g, cx, rq, out)) {
        return ST_OK;
    }
    enum status st = approve(&w, &approved);
    if (st != ST_OK) {
        if (w.refusals == 0) { /* a limit, or the world: the reason is in cx->err */
            guard_refuse(&w, GUARD_NOWHERE, S("guard.failed"), S(""), STR_FMT,
                         STR_ARG(arena_dup(cx->arena, err_text(cx->err))));
            cx->err->code = st;
        }
        return st;
    }
    if (rq->scope.len > 0) {
        os_mutex_lock(&g->lock);
        guard_cache_put(g->cache, rq, &approved);
        os_mutex_unlock(&g->lock);
    }
    *out = approved;
    return ST_OK;
}
