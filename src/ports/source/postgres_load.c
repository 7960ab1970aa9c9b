/*
 * postgres_load.c - one table streamed from COPY into a new table of the engine.
 */
#include <libpq-fe.h>

#include "engine/engine.h"
#include "source/postgres_int.h"
#include "source/source_engine_sql.h"

enum { LOAD_SQL_MAX = 16 << 20, ROWS_PER_CHECK = 1024 };

struct load {
    struct postgres            *p;
    struct ctx                 *cx;
    const struct source_target *to;
    struct postgres_table       table;
    struct source_columns       wanted; /* names and types in the engine          */
    struct copy_type           *forms;  /* of each                                */
    str                         copy;   /* the statement                          */
    struct engine_appender     *appender;
    struct copy_row             row;
    struct buf                  values; /* converted values of a row              */
    str                        *cells;
    uint64_t                    rows;
};

/* ------------------------------------------------------------------------- columns */

static const struct postgres_column *find_column(const struct postgres_columns *list, str name)
{
    for (size_t i = 0; i < list->list.count; i++) {
        if (str_eq(list->list.items[i].name, name)) {
            return &list->list.items[i];
        }
    }
    return NULL;
}

static enum status fail_no_column(const struct load *l, const struct postgres_columns *list,
                                  str name)
{
    struct source_columns known = { 0 };

    for (size_t i = 0; i < list->list.count; i++) {
        vec_push(l->cx->arena, &known.list,
                 (struct source_column){ .name = list->list.items[i].name });
    }
    return FAIL(l->cx, NOT_FOUND,
                "table \"" STR_FMT "." STR_FMT "\" has no column \"" STR_FMT "\"" STR_FMT,
                STR_ARG(l->table.schema), STR_ARG(l->table.name), STR_ARG(name),
                STR_ARG(source_hint(l->cx, name, &known)));
}

/* The scale of "DECIMAL(p,s)"; false for another type. Lists of them too. */
static bool decimal_scale(str type, unsigned *out)
{
    str      head, rest, width, scale;
    uint64_t value = 0;

    if (!str_split(type, '(', &head, &rest) || !str_eq_nocase(str_trim(head), S("DECIMAL"))) {
        return false;
    }
    if (!str_split(rest, ')', &rest, &head)) {
        return false;
    }
    if (str_split(rest, ',', &width, &scale) && !str_to_u64(str_trim(scale), &value)) {
        return false;
    }
    *out = (unsigned)value;
    return true;
}

/* How the values of `from` become those of the declared type. */
static struct copy_type form_of(const struct postgres_column *from, str type)
{
    struct copy_type form = from->form;

    if (form.form == COPY_DECIMAL && !decimal_scale(type, &form.scale)) {
        form.form = COPY_AS_IS;
    }
    if (form.is_list && !str_ends(type, S("]"))) {
        form = (struct copy_type){ .form = COPY_AS_IS };
    }
    return form;
}

static enum status add_wanted(struct load *l, const struct postgres_columns *list,
                              struct source_column c)
{
    str                           name = source_column_physical(&c);
    const struct postgres_column *from = find_column(list, name);

    if (!from) {
        return fail_no_column(l, list, name);
    }
    if (!from->is_readable) {
        return FAIL(l->cx, DENIED,
                    "user \"" STR_FMT "\" may not read column \"" STR_FMT "\" of \"" STR_FMT
                    "." STR_FMT "\"; grant SELECT on it",
                    STR_ARG(l->p->base.options.user), STR_ARG(name), STR_ARG(l->table.schema),
                    STR_ARG(l->table.name));
    }
    c.physical_name = name;
    c.type          = c.type.len > 0 ? c.type : from->type;
    if (!source_type_is_plain(c.type)) {
        return FAIL(l->cx, INVALID, "the type of column \"" STR_FMT "\" is no type: " STR_FMT,
                    STR_ARG(c.name), STR_ARG(c.type));
    }
    l->forms[l->wanted.list.count] = form_of(from, c.type);
    vec_push(l->cx->arena, &l->wanted.list, c);
    return ST_OK;
}

static enum status choose_columns(struct load *l, const struct source_table *table)
{
    struct postgres_columns list;
    size_t                  count;

    TRY(postgres_columns_of(l->p, l->cx, &l->table, &list));
    count    = table->column_count > 0 ? table->column_count : list.list.count;
    l->forms = arena_array(l->cx->arena, count, sizeof *l->forms);
    for (size_t i = 0; i < table->column_count; i++) {
        TRY(add_wanted(l, &list, table->columns[i]));
    }
    for (size_t i = 0; table->column_count == 0 && i < list.list.count; i++) {
        if (list.list.items[i].is_readable) {
            TRY(add_wanted(l, &list, (struct source_column){ .name = list.list.items[i].name }));
        }
    }
    if (l->wanted.list.count == 0) {
        return FAIL(l->cx, DENIED,
                    "user \"" STR_FMT "\" may read no column of \"" STR_FMT "." STR_FMT
                    "\"; grant SELECT on it",
                    STR_ARG(l->p->base.options.user), STR_ARG(l->table.schema),
                    STR_ARG(l->table.name));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- statements */

/* {"a","b"}: names as an array parameter. */
static enum status names_array(struct load *l, str *out)
{
    struct buf text CLEANUP(buf_release) = BUF_INIT(LOAD_SQL_MAX);

    buf_add_char(&text, '{');
    for (size_t i = 0; i < l->wanted.list.count; i++) {
        str name = l->wanted.list.items[i].physical_name;

        buf_add(&text, i > 0 ? S(",\"") : S("\""));
        for (size_t k = 0; k < name.len; k++) {
            if (name.ptr[k] == '"' || name.ptr[k] == '\\') {
                buf_add_char(&text, '\\');
            }
            buf_add_char(&text, name.ptr[k]);
        }
        buf_add_char(&text, '"');
    }
    buf_add_char(&text, '}');
    return buf_take(&text, l->cx, "the names of the columns", out);
}

static enum status copy_statement(struct load *l)
{
    struct postgres_rows rows;
    struct postgres_args args = { { l->table.oid } };

    TRY(names_array(l, &args.values[1]));
    TRY(postgres_query(l->p, l->cx, SOURCE_SQL_COPY, &args, &rows));
    if (rows.rows != 1 || !postgres_cell(&rows, 0, 0).ptr) {
        return FAIL(l->cx, NOT_FOUND, "table \"" STR_FMT "." STR_FMT "\" is gone",
                    STR_ARG(l->table.schema), STR_ARG(l->table.name));
    }
    l->copy = postgres_cell(&rows, 0, 0);
    return ST_OK;
}

static void add_target(struct buf *sql, const struct load *l, enum source_engine_sql_id id)
{
    buf_add(sql, str_of(source_engine_sql[id].text));
    buf_add_char(sql, ' ');
    engine_quote_ident(sql, l->to->schema);
    buf_add_char(sql, '.');
    engine_quote_ident(sql, l->to->name);
}

static enum status make_table(struct load *l)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(LOAD_SQL_MAX);

    add_target(&sql, l, SOURCE_ENGINE_SQL_TABLE_BEGIN);
    for (size_t i = 0; i < l->wanted.list.count; i++) {
        buf_add(&sql, i > 0 ? S(", ") : S(" ("));
        engine_quote_ident(&sql, l->wanted.list.items[i].name);
        buf_add_char(&sql, ' ');
        buf_add(&sql, l->wanted.list.items[i].type);
    }
    buf_add_char(&sql, ')');
    TRY(buf_check(&sql, l->cx, "the columns of a table"));
    return engine_exec(l->to->conn, l->cx, buf_view(&sql));
}

/* Also after a cancel or at the deadline; the message of the failure stays. */
static void drop_table(struct load *l)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(LOAD_SQL_MAX);
    struct err     unused               = { .code = ST_OK };
    struct ctx     own                  = *l->cx;

    own.err         = &unused;
    own.deadline_us = 0;
    own.cancel      = NULL;
    add_target(&sql, l, SOURCE_ENGINE_SQL_TABLE_DROP);
    ignore(engine_exec(l->to->conn, &own, buf_view(&sql)), "the first failure counts");
}

/* ------------------------------------------------------------------------- rows */

static enum status convert_row(struct load *l, size_t *column)
{
    size_t count = l->wanted.list.count;
    size_t ends  = 0;

    buf_reset(&l->values);
    for (size_t i = 0; i < count; i++) {
        const struct copy_type *form = &l->forms[i];

        l->cells[i] = l->row.fields[i];
        if (!l->cells[i].ptr || (form->form == COPY_AS_IS && !form->is_list)) {
            continue;
        }
        *column = i;
        TRY(copy_convert(l->cx, form, l->row.fields[i], &l->values));
        l->cells[i] = (str){ NULL, l->values.len - ends }; /* placed when the buffer rests */
        ends        = l->values.len;
    }
    ends = 0;
    for (size_t i = 0; i < count; i++) {
        if (l->row.fields[i].ptr && !l->cells[i].ptr) {
            l->cells[i].ptr = l->cells[i].len > 0 ? l->values.ptr + ends : "";
            ends += l->cells[i].len;
        }
    }
    *column = count;
    return ST_OK;
}

/* Where in the source a failure is. */
static enum status wrap_row(struct load *l, size_t column)
{
    unsigned long long row = l->rows + 1;

    if (column < l->wanted.list.count) {
        return err_wrap(l->cx->err,
                        "row %llu of \"" STR_FMT "." STR_FMT "\", column \"" STR_FMT "\"", row,
                        STR_ARG(l->table.schema), STR_ARG(l->table.name),
                        STR_ARG(l->wanted.list.items[column].physical_name));
    }
    return err_wrap(l->cx->err, "row %llu of \"" STR_FMT "." STR_FMT "\"", row,
                    STR_ARG(l->table.schema), STR_ARG(l->table.name));
}

static enum status append_line(struct load *l, str line)
{
    size_t column = l->wanted.list.count;

    if (copy_decode(l->cx, line, &l->row) != ST_OK || convert_row(l, &column) != ST_OK) {
        return wrap_row(l, column);
    }
    if (engine_append_text(l->appender, l->cx, l->cells, l->wanted.list.count) != ST_OK) {
        return wrap_row(l, column);
    }
    l->rows++;
    return l->rows % ROWS_PER_CHECK == 0 ? ctx_check(l->cx) : ST_OK;
}

/* The rest of the results behind the rows: the only place where a failure of COPY is told. */
static enum status finish_copy(struct load *l)
{
    enum status st = ST_OK;
    PGresult   *result;

    for (;;) {
        TRY(postgres_next_result(l->p, l->cx, &result));
        if (!result) {
            return st;
        }
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            st = postgres_fail(l->p, l->cx, result);
        }
        PQclear(result);
    }
}

static enum status copy_rows(struct load *l)
{
    for (;;) {
        char       *line = NULL;
        int         len  = PQgetCopyData(l->p->conn, &line, 1);
        enum status st;

        if (len == 0) {
            TRY(postgres_wait(l->p, l->cx));
        } else if (len == -1) {
            return finish_copy(l);
        } else if (len < 0) {
            l->p->is_broken = true;
            return postgres_fail(l->p, l->cx, NULL);
        } else {
            st = append_line(l, (str){ line, (size_t)len });
            PQfreemem(line);
            TRY(st);
        }
    }
}

static enum status start_copy(struct load *l)
{
    PGresult   *result;
    enum status st = ST_OK;

    TRY(postgres_send(l->p, l->cx, l->copy));
    TRY(postgres_next_result(l->p, l->cx, &result));
    if (PQresultStatus(result) != PGRES_COPY_OUT) {
        st = postgres_fail(l->p, l->cx, result);
    }
    PQclear(result);
    return st == ST_OK ? ST_OK : (ignore(finish_copy(l), "the first failure counts"), st);
}

/* Streams all rows into the appender; a failure in the middle gives the stream up. */
static enum status stream(struct load *l)
{
    size_t      count = l->wanted.list.count;
    enum status st;

    l->row    = (struct copy_row){ .bytes  = BUF_INIT(SOURCE_CELL_MAX),
                                   .fields = arena_array(l->cx->arena, count, sizeof(str)),
                                   .count  = count };
    l->values = (struct buf)BUF_INIT((size_t)SOURCE_CELL_MAX * 4);
    l->cells  = arena_array(l->cx->arena, count, sizeof(str));
    TRY(start_copy(l));
    st = copy_rows(l);
    if (st != ST_OK && !l->p->is_broken) {
        postgres_abandon(l->p);
    }
    buf_release(&l->row.bytes);
    buf_release(&l->values);
    return st;
}

static enum status fill_table(struct load *l)
{
    enum status st;

    TRY(engine_append_begin(l->to->conn, l->cx, l->to->schema, l->to->name, &l->appender));
    st = stream(l);
    if (st == ST_OK) {
        st = engine_append_end(l->appender, l->cx);
    }
    engine_append_close(l->appender);
    return st;
}

enum status postgres_load(struct source *s, struct ctx *cx, const struct source_table *table,
                          const struct source_target *to, uint64_t *rows)
{
    struct load l = { .p = postgres_of(s), .cx = cx, .to = to };
    enum status st;

    TRY(postgres_find(l.p, cx, table, &l.table));
    TRY(choose_columns(&l, table));
    TRY(copy_statement(&l));
    TRY(make_table(&l));
    st = fill_table(&l);
    if (st != ST_OK) {
        drop_table(&l);
        return st;
    }
    *rows = l.rows;
    return ST_OK;
}
