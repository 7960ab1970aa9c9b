/*
 * plan.c - binding a text against the shadow, and what to say when it does not bind.
 *
 * Output columns come from preparing the text, inputs from the guard, which put every relation there.
 * Only a text that fails is bound a second time, in the form that tells place and candidates.
 */
#include "lineage/lineage_int.h"

#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

enum { CANDIDATES_MAX = 4096, MESSAGE_MAX = 400 };

struct failure {
    const struct lineage_shadow *shadow; /* or NULL: bound against another instance */
    struct engine_conn          *conn;
    struct ctx                  *cx;
    const struct diag_text      *text;
    const struct guard_approved *approved;
    struct diags                *findings;
};

/* ---- findings ---- */

static bool is_word_char(char c)
{
    return char_is_alpha(c) || char_is_digit(c) || c == '_' || c == '.';
}

/* The place in the person's text, with the word that stands there. */
static struct diag_pos place_of(const struct failure *f, const struct json *doc)
{
    uint64_t printed;
    size_t   len = 1;

    if (!str_to_u64(json_text_or(json_get(doc, S("position")), S("")), &printed) ||
        printed > UINT32_MAX) {
        return (struct diag_pos){ 0 };
    }
    str    sql = f->text->bytes;
    size_t at  = guard_written_at(f->approved, (uint32_t)printed);
    while (at + len < sql.len && is_word_char(sql.ptr[at]) && is_word_char(sql.ptr[at + len])) {
        len++;
    }
    return diag_pos_at(sql, at, len);
}

/* Every column that the text could have meant. */
static size_t list_candidates(const struct failure *f, const struct json *doc, str *out)
{
    str    rest  = json_text_or(json_get(doc, S("candidates")), S("")), name;
    size_t count = 0;

    while (count < CANDIDATES_MAX && rest.len > 0 && str_cut(&rest, ',', &name)) {
        str before, column;

        out[count++] = str_rsplit(name, '.', &before, &column) ? column : name;
    }
    for (size_t i = 0; f->shadow && i < f->approved->table_count; i++) {
        const struct guard_table   *t     = &f->approved->tables[i];
        const struct lineage_table  table = { t->catalog, t->schema, t->table };
        const struct lineage_entry *entry = lineage_shadow_find(f->shadow, f->cx->arena, &table);

        for (size_t c = 0; entry && c < entry->column_count && count < CANDIDATES_MAX; c++) {
            out[count++] = entry->columns[c].name;
        }
    }
    return count;
}

/* The column that is not there, when that is what the engine says. */
static bool missing_column(const struct json *doc, str *out)
{
    static const str marks[] = { STR_INIT("does not have a column named \""),
                                 STR_INIT("Column \"") };
    str              message = json_text_or(json_get(doc, S("error_message")), S(""));
    size_t           at;

    if (str_eq(json_text_or(json_get(doc, S("error_subtype")), S("")), S("COLUMN_NOT_FOUND"))) {
        *out = json_text_or(json_get(doc, S("name")), S(""));
        return out->len > 0;
    }
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        str word;

        if (str_find(message, marks[i], &at) && (i == 0 || str_has(message, S("does not exist")))) {
            str rest = str_from(message, at + marks[i].len);

            if (str_cut(&rest, '"', &word)) {
                *out = word;
                return true;
            }
        }
    }
    return false;
}

/* The engine's message in our form: its first sentence, lower case, without its full stop. */
static str shorten(struct arena *a, str message)
{
    size_t at;

    if (str_find_char(message, '\n', &at)) {
        message = str_sub(message, 0, at);
    }
    if (str_find(message, S(". "), &at)) {
        message = str_sub(message, 0, at);
    }
    message = str_sub(message, 0, MESSAGE_MAX);
    while (str_ends(message, S(".")) || str_ends(message, S("!"))) {
        message = str_sub(message, 0, message.len - 1);
    }
    char *copy = arena_cstr(a, message);
    if (message.len > 1 && !(copy[1] >= 'A' && copy[1] <= 'Z')) {
        copy[0] = char_lower(copy[0]);
    }
    return (str){ copy, message.len };
}

static void add_missing(const struct failure *f, const struct json *doc, str column)
{
    str *candidates = arena_array(f->cx->arena, CANDIDATES_MAX, sizeof(*candidates));
    str  near       = str_nearest(column, candidates, list_candidates(f, doc, candidates));
    str  hint       = near.len == 0
                          ? S("")
                          : arena_printf(f->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));

    diag_add(f->findings, f->cx, DIAG_ERROR, f->text, place_of(f, doc), S("lineage.column"), hint,
             "column \"" STR_FMT "\" does not exist", STR_ARG(column));
}

/* What is wrong with the text; falls back to what engine_describe said. */
static enum status explain(const struct failure *f)
{
    const struct engine_value     args[]    = { ENGINE_ARG_TEXT(f->approved->sql) };
    const struct engine_statement statement = {
        .sql       = str_of(lineage_engine_sql[LINEAGE_ENGINE_SQL_EXPLAIN_FAILURE].text),
        .args      = args,
        .arg_count = 1
    };
    str                 first = shorten(f->cx->arena, err_text(f->cx->err)), column;
    struct engine_table table;
    struct json        *doc = NULL;

    enum status st = engine_rows(f->conn, f->cx, &statement, &table);
    if (st == ST_OK) {
        st = json_read(f->cx, engine_cell(&table, 0, 0), "plan", NULL, &doc);
    }
    if (st != ST_OK && st != ST_INVALID) {
        return st;
    }
    if (st == ST_OK && missing_column(doc, &column)) {
        add_missing(f, doc, column);
    } else {
        str said = json_text_or(json_get(doc, S("error_message")), S(""));

        diag_add(f->findings, f->cx, DIAG_ERROR, f->text, place_of(f, doc), S("lineage.bind"),
                 S(""), STR_FMT, STR_ARG(said.len > 0 ? shorten(f->cx->arena, said) : first));
    }
    const struct diag *last = &f->findings->list.items[f->findings->list.count - 1];
    return FAIL(f->cx, INVALID, STR_FMT ": " STR_FMT, STR_ARG(f->text->name),
                STR_ARG(last->message));
}

enum status lineage_explain(struct ctx *cx, struct engine_conn *conn, const struct diag_text *text,
                            const struct guard_approved *approved, struct diags *findings)
{
    const struct failure f = { NULL, conn, cx, text, approved, findings };

    return explain(&f);
}

/* ---- plans ---- */

static int by_name(const void *left, const void *right)
{
    const struct lineage_table *l = left, *r = right;
    int                         order = str_cmp(l->catalog, r->catalog);

    order = order != 0 ? order : str_cmp(l->schema, r->schema);
    return order != 0 ? order : str_cmp(l->table, r->table);
}

static void list_inputs(struct ctx *cx, const struct guard_approved *approved,
                        struct lineage_plan *plan)
{
    struct lineage_table *inputs = arena_array(cx->arena, approved->table_count, sizeof(*inputs));
    size_t                count = 0, kept = 0;

    for (size_t i = 0; i < approved->table_count; i++) {
        const struct guard_table *t = &approved->tables[i];

        if (t->table.len > 0) {
            inputs[count++] = (struct lineage_table){ t->catalog, t->schema, t->table };
        }
    }
    if (count > 1) {
        qsort(inputs, count, sizeof(*inputs), by_name);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || by_name(&inputs[i], &inputs[kept - 1]) != 0) {
            inputs[kept++] = inputs[i];
        }
    }
    plan->inputs      = inputs;
    plan->input_count = kept;
}

/* A text with a parameter that could have any type is given one column of no type by the engine. */
static bool is_untyped(const struct guard_approved *approved, const struct engine_schema *schema)
{
    return (approved->from_index > 0 || approved->to_index > 0) && schema->count == 1 &&
           str_eq(schema->columns[0].name, S("unknown")) &&
           str_eq_nocase(schema->columns[0].type, S("unknown"));
}

enum status lineage_plan_sql(struct lineage_shadow *shadow, struct ctx *cx,
                             const struct diag_text *text, const struct guard_approved *approved,
                             struct diags *findings, struct lineage_plan *out)
{
    struct engine_schema schema;
    struct engine_conn  *conn;
    struct lineage_plan  plan = { 0 };

    TRY(lineage_shadow_conn(shadow, cx, &conn));
    enum status st = engine_describe(conn, cx, approved->sql, &schema);
    if (st == ST_INVALID || st == ST_NOT_FOUND) {
        const struct failure f = { shadow, conn, cx, text, approved, findings };

        return explain(&f);
    }
    if (st != ST_OK) {
        return st;
    }
    if (schema.count > LINEAGE_COLUMNS_MAX) {
        return FAIL(cx, LIMIT,
                    "the result has %zu columns; at most %d are possible "
                    "(LINEAGE_COLUMNS_MAX)",
                    schema.count, LINEAGE_COLUMNS_MAX);
    }
    if (is_untyped(approved, &schema)) {
        diag_add(findings, cx, DIAG_ERROR, text, (struct diag_pos){ 0 }, S("lineage.parameter"),
                 S("compare it with a column, or write CAST($from AS TIMESTAMP)"),
                 "the type of $from or $to does not follow from the text");
        return FAIL(cx, INVALID, STR_FMT ": the type of $from or $to does not follow from the text",
                    STR_ARG(text->name));
    }
    struct lineage_column *columns = arena_array(cx->arena, schema.count, sizeof(*columns));
    for (size_t i = 0; i < schema.count; i++) {
        columns[i] = (struct lineage_column){ schema.columns[i].name, schema.columns[i].type };
    }
    plan.columns      = columns;
    plan.column_count = schema.count;
    list_inputs(cx, approved, &plan);
    *out = plan;
    return ST_OK;
}
