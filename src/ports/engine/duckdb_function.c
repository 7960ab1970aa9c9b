/*
 * duckdb_function.c - tests written in C as scalar functions of the engine.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>
#include <string.h>

#include "engine/engine_sql.h"

struct text_column {
    duckdb_string_t *values;
    uint64_t        *validity; /* NULL = no NULLs */
};

static struct text_column column_of(duckdb_data_chunk chunk, idx_t index)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, index);

    return (struct text_column){ duckdb_vector_get_data(vector),
                                 duckdb_vector_get_validity(vector) };
}

static bool is_valid(const struct text_column *column, idx_t row)
{
    return !column->validity || (column->validity[row / 64] >> (row % 64) & 1U);
}

static str text_at(struct text_column *column, idx_t row)
{
    return (str){ duckdb_string_t_data(&column->values[row]),
                  duckdb_string_t_length(column->values[row]) };
}

/* One vector of values: each row is asked for by itself; NULL stays NULL without a call. */
static void run_predicate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const struct duck_predicate *p         = duckdb_scalar_function_get_extra_info(info);
    idx_t                        rows      = duckdb_data_chunk_get_size(input);
    bool                        *results   = duckdb_vector_get_data(output);
    struct text_column           values    = column_of(input, 0);
    struct text_column           arguments = { 0 };
    uint64_t                    *validity;

    if (p->as.has_argument) {
        arguments = column_of(input, 1);
    }
    duckdb_vector_ensure_validity_writable(output);
    validity = duckdb_vector_get_validity(output);
    for (idx_t row = 0; row < rows; row++) {
        bool              has_argument = !p->as.has_argument || is_valid(&arguments, row);
        enum engine_truth truth        = ENGINE_UNKNOWN;

        if (has_argument && is_valid(&values, row)) {
            truth = p->as.test(p->as.state, text_at(&values, row),
                               p->as.has_argument ? text_at(&arguments, row) : STR_NONE);
        }
        results[row] = truth == ENGINE_TRUE;
        duckdb_validity_set_row_validity(validity, row, truth != ENGINE_UNKNOWN);
    }
}

enum status duck_take_function_name(struct duck_engine *e, struct ctx *cx, str name, str *out)
{
    if (!str_starts(name, S(ENGINE_FUNCTION_PREFIX))) {
        return FAIL(cx, INVALID, "function \"" STR_FMT "\" does not begin with \"%s\"",
                    STR_ARG(name), ENGINE_FUNCTION_PREFIX);
    }
    for (size_t i = 0; i < e->functions.count; i++) {
        if (str_eq_nocase(e->functions.items[i], name)) {
            return FAIL(cx, CONFLICT, "the engine has a function \"" STR_FMT "\" already",
                        STR_ARG(name));
        }
    }
    *out = str_of(arena_cstr(e->arena, name));
    vec_push(e->arena, &e->functions, *out);
    return ST_OK;
}

/* Under the engine's lock. */
static enum status register_one(struct duck_engine *e, struct ctx *cx, struct duck_predicate *p)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type    text     = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type    truth    = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    duckdb_state           state;

    duckdb_scalar_function_set_name(function, p->as.name.ptr);
    duckdb_scalar_function_add_parameter(function, text);
    if (p->as.has_argument) {
        duckdb_scalar_function_add_parameter(function, text);
    }
    duckdb_scalar_function_set_return_type(function, truth);
    duckdb_scalar_function_set_extra_info(function, p, NULL);
    duckdb_scalar_function_set_function(function, run_predicate);
    state = duckdb_register_scalar_function(e->setup, function);
    duckdb_destroy_logical_type(&truth);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_scalar_function(&function);
    if (state != DuckDBSuccess) {
        return FAIL(cx, INTERNAL, "the engine refused the function \"" STR_FMT "\"",
                    STR_ARG(p->as.name));
    }
    return ST_OK;
}

enum status duck_register_text_predicate(struct engine *base, struct ctx *cx,
                                         const struct engine_text_predicate *predicate)
{
    struct duck_engine    *e = duck_engine_of(base);
    struct duck_predicate *p;
    str                    name;

    OS_GUARD(&e->lock);
    TRY(duck_take_function_name(e, cx, predicate->name, &name));
    p          = ARENA_NEW(e->arena, struct duck_predicate);
    p->as      = *predicate;
    p->as.name = name;
    return register_one(e, cx, p);
}
