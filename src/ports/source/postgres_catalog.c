/*
 * postgres_catalog.c - tables, columns, keys and types as the server's catalog has them.
 */
#include "source/postgres_int.h"

enum { NUMERIC_WIDTH = 38, NUMERIC_SCALE = 9, TYPMOD_HEADER = 4 };

/* ------------------------------------------------------------------------- tables */

static enum status fail_no_table(struct postgres *p, struct ctx *cx,
                                 const struct postgres_table *wanted)
{
    struct postgres_rows  rows;
    struct source_columns known = { 0 };

    TRY(postgres_query(p, cx, SOURCE_SQL_RELATIONS, &(struct postgres_args){ { wanted->schema } },
                       &rows));
    for (size_t i = 0; i < rows.rows; i++) {
        vec_push(cx->arena, &known.list,
                 (struct source_column){ .name = postgres_cell(&rows, i, 0) });
    }
    return FAIL(cx, NOT_FOUND,
                "PostgreSQL at " STR_FMT " has no table \"" STR_FMT "." STR_FMT "\"" STR_FMT,
                STR_ARG(p->server), STR_ARG(wanted->schema), STR_ARG(wanted->name),
                STR_ARG(rows.rows > 0 ? source_hint(cx, wanted->name, &known) : S("")));
}

enum status postgres_find(struct postgres *p, struct ctx *cx, const struct source_table *table,
                          struct postgres_table *out)
{
    str                   schema = p->base.options.schema;
    struct postgres_table t      = { .schema = schema.len > 0 ? schema : S("public"),
                                     .name   = source_object_name(table) };
    struct postgres_rows  rows;

    str_split(t.name, '.', &t.schema, &t.name); /* schema.table */
    TRY(postgres_query(p, cx, SOURCE_SQL_RELATION, &(struct postgres_args){ { t.schema, t.name } },
                       &rows));
    if (rows.rows == 0) {
        return fail_no_table(p, cx, &t);
    }
    t.oid = postgres_cell(&rows, 0, 0);
    *out  = t;
    return ST_OK;
}

/* ------------------------------------------------------------------------- types */

struct type_row {
    str            server, engine;
    enum copy_form form;
};

/* Types that are not here, enums and composites among them, are read as their text. */
static const struct type_row types[] = {
    { STR_INIT("bool"), STR_INIT("BOOLEAN"), COPY_AS_IS },
    { STR_INIT("int2"), STR_INIT("SMALLINT"), COPY_AS_IS },
    { STR_INIT("int4"), STR_INIT("INTEGER"), COPY_AS_IS },
    { STR_INIT("int8"), STR_INIT("BIGINT"), COPY_AS_IS },
    { STR_INIT("oid"), STR_INIT("BIGINT"), COPY_AS_IS },
    { STR_INIT("float4"), STR_INIT("FLOAT"), COPY_AS_IS },
    { STR_INIT("float8"), STR_INIT("DOUBLE"), COPY_AS_IS },
    { STR_INIT("numeric"), STR_INIT(""), COPY_DECIMAL },
    { STR_INIT("money"), STR_INIT("DECIMAL(19,2)"), COPY_DECIMAL },
    { STR_INIT("date"), STR_INIT("DATE"), COPY_TIME },
    { STR_INIT("timestamp"), STR_INIT("TIMESTAMP"), COPY_TIME },
    { STR_INIT("timestamptz"), STR_INIT("TIMESTAMP WITH TIME ZONE"), COPY_TIME },
    { STR_INIT("time"), STR_INIT("TIME"), COPY_AS_IS },
    { STR_INIT("uuid"), STR_INIT("UUID"), COPY_AS_IS },
    { STR_INIT("bytea"), STR_INIT("BLOB"), COPY_BYTES },
    { STR_INIT("json"), STR_INIT("JSON"), COPY_AS_IS },
    { STR_INIT("jsonb"), STR_INIT("JSON"), COPY_AS_IS },
};

static const struct type_row text_type = { STR_INIT(""), STR_INIT("VARCHAR"), COPY_AS_IS };

static const struct type_row *find_type(str name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq(types[i].server, name)) {
            return &types[i];
        }
    }
    return &text_type;
}

/*
 * numeric(p,s) up to 38 digits is DECIMAL(p,s); a wider one or one with a scale outside 0..p is text;
 * one without limits is DECIMAL(38,9), checked value by value.
 */
static str numeric_type(struct ctx *cx, int64_t modifier, struct copy_type *form)
{
    int64_t bits = modifier - TYPMOD_HEADER, width = NUMERIC_WIDTH, scale = NUMERIC_SCALE;

    if (modifier >= TYPMOD_HEADER) {
        width = (bits >> 16) & 0xFFFF;
        scale = ((bits & 0x7FF) ^ 0x400) - 0x400;
    }
    if (width > NUMERIC_WIDTH || scale < 0 || scale > width) {
        form->form = COPY_AS_IS;
        return S("VARCHAR");
    }
    form->scale = (unsigned)scale;
    return arena_printf(cx->arena, "DECIMAL(%d,%d)", (int)width, (int)scale);
}

static struct postgres_column column_of(struct ctx *cx, const struct postgres_rows *rows, size_t i)
{
    struct postgres_column c        = { .name        = postgres_cell(rows, i, 0),
                                        .is_readable = str_eq(postgres_cell(rows, i, 6), S("t")) };
    str                    element  = postgres_cell(rows, i, 4);
    int64_t                modifier = -1;

    c.form.is_list           = postgres_cell(rows, i, 5).len > 0;
    const struct type_row *t = find_type(c.form.is_list ? element : postgres_cell(rows, i, 1));
    if (!str_to_i64(postgres_cell(rows, i, 2), &modifier)) {
        modifier = -1;
    }
    c.form.form = t->form;
    c.type      = t->engine;
    if (t->engine.len == 0) {
        c.type = numeric_type(cx, modifier, &c.form);
    } else if (t->form == COPY_DECIMAL) {
        c.form.scale = 2;
    }
    if (c.form.is_list && t->form == COPY_BYTES) { /* the engine reads no list of bytes from text */
        c.form = (struct copy_type){ .form = COPY_AS_IS };
        c.type = S("VARCHAR");
    } else if (c.form.is_list) {
        c.type = arena_concat(cx->arena, c.type, S("[]"));
    }
    return c;
}

enum status postgres_columns_of(struct postgres *p, struct ctx *cx,
                                const struct postgres_table *table, struct postgres_columns *out)
{
    struct postgres_columns made = { 0 };
    struct postgres_rows    rows;

    TRY(postgres_query(p, cx, SOURCE_SQL_COLUMNS, &(struct postgres_args){ { table->oid } },
                       &rows));
    for (size_t i = 0; i < rows.rows; i++) {
        vec_push(cx->arena, &made.list, column_of(cx, &rows, i));
    }
    *out = made;
    return ST_OK;
}

/* ------------------------------------------------------------------------- for the port */

enum status postgres_columns(struct source *s, struct ctx *cx, const struct source_table *table,
                             struct engine_conn *conn, struct source_columns *out)
{
    struct postgres        *p    = postgres_of(s);
    struct source_columns   made = { 0 };
    struct postgres_table   t;
    struct postgres_columns columns;

    (void)conn;
    TRY(postgres_find(p, cx, table, &t));
    TRY(postgres_columns_of(p, cx, &t, &columns));
    for (size_t i = 0; i < columns.list.count; i++) {
        const struct postgres_column *c = &columns.list.items[i];

        if (c->is_readable) {
            vec_push(cx->arena, &made.list,
                     (struct source_column){
                         .name = c->name, .physical_name = c->name, .type = c->type });
        }
    }
    *out = made;
    return ST_OK;
}

enum status postgres_keys(struct source *s, struct ctx *cx, const struct source_table *table,
                          struct source_columns *out)
{
    struct postgres      *p    = postgres_of(s);
    struct source_columns made = { 0 };
    struct postgres_table t;
    struct postgres_rows  rows;

    TRY(postgres_find(p, cx, table, &t));
    TRY(postgres_query(p, cx, SOURCE_SQL_KEYS, &(struct postgres_args){ { t.oid } }, &rows));
    for (size_t i = 0; i < rows.rows; i++) {
        str name = postgres_cell(&rows, i, 0);

        vec_push(cx->arena, &made.list,
                 (struct source_column){ .name = name, .physical_name = name });
    }
    *out = made;
    return ST_OK;
}
