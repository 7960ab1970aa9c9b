/*
 * source.c - the calls of the port: which kind of source answers, and what holds for all of them.
 */
#include "source/source.h"

#include <assert.h>

#include "source/source_int.h"

enum { HINT_NAMES = 10 }; /* columns named when no word is near */

/* ------------------------------------------------------------------------- life cycle */

static void close_deferred(void *arg)
{
    source_close(arg);
}

enum status source_open(struct ctx *cx, const struct source_options *options, struct source **out)
{
    struct source *s = NULL;

    TRY(ctx_check(cx));
    switch (options->kind) {
    case SOURCE_FILES: TRY(source_files_open(cx, options, &s)); break;
    case SOURCE_POSTGRES: TRY(source_postgres_open(cx, options, &s)); break;
    }
    if (!s) {
        BUG("source_open: a kind that is none");
    }
    arena_defer(cx->arena, close_deferred, s);
    *out = s;
    return ST_OK;
}

void source_close(struct source *s)
{
    if (s && !s->is_closed) {
        s->is_closed = true;
        if (s->ops->close) {
            s->ops->close(s);
        }
    }
}

enum source_kind source_kind_of(const struct source *s)
{
    return s->ops->kind;
}

/* ------------------------------------------------------------------------- files */

enum status source_list(struct source *s, struct ctx *cx, const struct source_table *table,
                        struct source_files *out)
{
    struct source_files none = { 0 };

    assert(!s->is_closed);
    TRY(ctx_check(cx));
    if (s->ops->list) {
        return s->ops->list(s, cx, table, out);
    }
    *out = none;
    return ST_OK;
}

enum status source_hash(struct source *s, struct ctx *cx, struct source_file *file)
{
    assert(!s->is_closed && s->ops->hash);
    return s->ops->hash(s, cx, file);
}

enum status source_check(struct source *s, struct ctx *cx, const struct source_files *files)
{
    assert(!s->is_closed);
    return s->ops->check ? s->ops->check(s, cx, files) : ST_OK;
}

enum status source_call_of(struct source *s, struct ctx *cx, struct engine_conn *conn,
                           const struct source_reading *what, struct source_call *out)
{
    assert(!s->is_closed && s->ops->call_of);
    if (what->table->column_count > SOURCE_COLUMNS_MAX) {
        return FAIL(cx, LIMIT, "table \"" STR_FMT "\" declares more than %d columns",
                    STR_ARG(what->table->name), SOURCE_COLUMNS_MAX);
    }
    return s->ops->call_of(s, cx, conn, what, out);
}

/* ------------------------------------------------------------------------- databases */

enum status source_load(struct source *s, struct ctx *cx, const struct source_table *table,
                        const struct source_target *to, uint64_t *rows)
{
    assert(!s->is_closed && s->ops->load);
    return s->ops->load(s, cx, table, to, rows);
}

/* ------------------------------------------------------------------------- both */

enum status source_columns(struct source *s, struct ctx *cx, const struct source_table *table,
                           struct engine_conn *conn, struct source_columns *out)
{
    assert(!s->is_closed);
    return s->ops->columns(s, cx, table, conn, out);
}

enum status source_keys(struct source *s, struct ctx *cx, const struct source_table *table,
                        struct source_columns *out)
{
    struct source_columns none = { 0 };

    assert(!s->is_closed);
    if (s->ops->keys) {
        return s->ops->keys(s, cx, table, out);
    }
    *out = none;
    return ST_OK;
}

/* ------------------------------------------------------------------------- for the kinds */

str source_object_name(const struct source_table *table)
{
    return table->physical_name.len > 0 ? table->physical_name : table->name;
}

str source_column_physical(const struct source_column *column)
{
    return column->physical_name.len > 0 ? column->physical_name : column->name;
}

const struct source_column *source_column_find(const struct source_columns *list, str name)
{
    for (size_t i = 0; i < list->list.count; i++) {
        if (str_eq_nocase(source_column_physical(&list->list.items[i]), name)) {
            return &list->list.items[i];
        }
    }
    return NULL;
}

/* "; it has "a", "b" …" */
static str first_names(struct ctx *cx, const str *words, size_t count)
{
    str text = S("; it has");

    for (size_t i = 0; i < count && i < HINT_NAMES; i++) {
        text = arena_printf(cx->arena, STR_FMT "%s \"" STR_FMT "\"", STR_ARG(text),
                            i > 0 ? "," : "", STR_ARG(words[i]));
    }
    return count > HINT_NAMES ? arena_concat(cx->arena, text, S(" …")) : text;
}

str source_hint(struct ctx *cx, str word, const struct source_columns *known)
{
    str *words = arena_array(cx->arena, known->list.count, sizeof *words);
    str  near;

    for (size_t i = 0; i < known->list.count; i++) {
        words[i] = source_column_physical(&known->list.items[i]);
    }
    near = str_nearest(word, words, known->list.count);
    if (near.ptr) {
        return arena_printf(cx->arena, "; did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    return known->list.count == 0 ? S("; it is empty") : first_names(cx, words, known->list.count);
}

/* The end of a quoted part that begins at `at`; type.len when it has none. */
static size_t skip_quoted(str type, size_t at)
{
    char quote = type.ptr[at++];

    while (at < type.len && type.ptr[at] != quote) {
        at++;
    }
    return at;
}

bool source_type_is_plain(str type)
{
    size_t depth = 0;

    for (size_t i = 0; i < type.len; i++) {
        char c = type.ptr[i];

        if (c == '"' || c == '\'') {
            i = skip_quoted(type, i);
            if (i == type.len) {
                return false;
            }
        } else if (c == '(') {
            depth++;
        } else if (c == ')') {
            if (depth-- == 0) {
                return false;
            }
        } else if (!char_is_alpha(c) && !char_is_digit(c) && c != '_' && c != ' ' && c != ',' &&
                   c != '[' && c != ']') {
            return false;
        }
    }
    return depth == 0 && type.len > 0;
}
