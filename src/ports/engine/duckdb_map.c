/*
 * duckdb_map.c - maps written in C as scalar functions of the engine.
 *
 * The constant arguments of a call are folded and parsed when a statement is bound; the result lies
 * in an arena of its own, shared by all copies that the engine makes of the plan. The library hands
 * over flat vectors whatever form its own had (constant, dictionary), and asks once for a constant.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>
#include <stdatomic.h>
#include <string.h>

enum { BOUND_BYTES = 64 << 10 };

/* One call of a function in a plan and all its copies. */
struct duck_bound {
    struct arena *arena; /* holds this struct too */
    atomic_uint   holders;
    const void   *arguments;
};

/* ------------------------------------------------------------------------- running */

static bool is_valid(const uint64_t *validity, idx_t row)
{
    return !validity || (validity[row / 64] >> (row % 64) & 1U);
}

/* The rows of a run: validity of the value, and the writable one of the result. */
struct rows {
    idx_t           count;
    const uint64_t *valid;
    uint64_t       *result;
};

static struct rows rows_of(duckdb_data_chunk input, duckdb_vector output)
{
    duckdb_vector_ensure_validity_writable(output);
    return (struct rows){
        .count  = duckdb_data_chunk_get_size(input),
        .valid  = duckdb_vector_get_validity(duckdb_data_chunk_get_vector(input, 0)),
        .result = duckdb_vector_get_validity(output),
    };
}

static bool is_ascii(str s)
{
    uint64_t seen = 0, word;
    size_t   i    = 0;

    for (; s.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.ptr + i, sizeof word);
        seen |= word;
    }
    for (; i < s.len; i++) {
        seen |= (unsigned char)s.ptr[i];
    }
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

/* The library looks at each byte for UTF-8 and makes NULL of what is none; ASCII needs no look. */
static void put_text(duckdb_vector output, idx_t row, str text)
{
    if (is_ascii(text)) {
        duckdb_unsafe_vector_assign_string_element_len(output, row, text.len ? text.ptr : "",
                                                       text.len);
    } else {
        duckdb_vector_assign_string_element_len(output, row, text.ptr, text.len);
    }
}

static void map_texts(const struct duck_function *f, const struct engine_call *call,
                      duckdb_data_chunk input, duckdb_vector output)
{
    duckdb_string_t   *values = duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0));
    struct rows        rows   = rows_of(input, output);
    struct buf scratch CLEANUP(buf_release) = BUF_INIT(ENGINE_SCRATCH_SPARE);

    for (idx_t row = 0; row < rows.count; row++) {
        str value, made = STR_NONE;

        if (!is_valid(rows.valid, row)) {
            duckdb_validity_set_row_invalid(rows.result, row);
            continue;
        }
        value = (str){ duckdb_string_t_data(&values[row]), duckdb_string_t_length(values[row]) };
        buf_reset(&scratch);
        scratch.max = value.len + ENGINE_SCRATCH_SPARE;
        if (f->as.map_text(call, value, &scratch, &made) && !scratch.is_over) {
            put_text(output, row, made);
        } else {
            duckdb_validity_set_row_invalid(rows.result, row);
        }
    }
}

static void map_integers(const struct duck_function *f, const struct engine_call *call,
                         duckdb_data_chunk input, duckdb_vector output)
{
    const int64_t *values  = duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0));
    int64_t       *results = duckdb_vector_get_data(output);
    struct rows    rows    = rows_of(input, output);

    for (idx_t row = 0; row < rows.count; row++) {
        results[row] = 0;
        if (!is_valid(rows.valid, row) || !f->as.map_integer(call, values[row], &results[row])) {
            duckdb_validity_set_row_invalid(rows.result, row);
        }
    }
}

static void all_null(duckdb_data_chunk input, duckdb_vector output)
{
    struct rows rows = rows_of(input, output);

    for (idx_t row = 0; row < rows.count; row++) {
        duckdb_validity_set_row_invalid(rows.result, row);
    }
}

static void run_function(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output)
{
    const struct duck_function *f     = duckdb_scalar_function_get_extra_info(info);
    const struct duck_bound    *bound = duckdb_scalar_function_get_bind_data(info);
    struct engine_call          call  = { .state = f->as.state };

    if (f->as.argument_count > 0 && !bound) { /* a plan that was never bound shows nothing */
        all_null(input, output);
        return;
    }
    call.bound = bound ? bound->arguments : NULL;
    if (f->as.enter) {
        f->as.enter(&call);
    }
    if (f->as.map_text) {
        map_texts(f, &call, input, output);
    } else {
        map_integers(f, &call, input, output);
    }
    if (f->as.leave) {
        f->as.leave(&call);
    }
}

/* ------------------------------------------------------------------------- binding */

static void *hold_bound(void *data)
{
    struct duck_bound *bound = data;

    atomic_fetch_add_explicit(&bound->holders, 1, memory_order_relaxed);
    return bound;
}

static void drop_bound(void *data)
{
    struct duck_bound *bound = data;

    if (atomic_fetch_sub_explicit(&bound->holders, 1, memory_order_acq_rel) == 1) {
        arena_free(bound->arena);
    }
}

/* The text of a folded argument, into cx->arena. */
static enum status argument_text(struct ctx *cx, idx_t number, duckdb_value value, str *out)
{
    char       *text = duckdb_is_null_value(value) ? NULL : duckdb_get_varchar(value);
    enum status st   = ST_OK;

    if (!text) {
        return FAIL(cx, INVALID, "argument %llu is NULL", (unsigned long long)number + 1);
    }
    if (str_of(text).len > ENGINE_FUNCTION_ARG_BYTES) {
        st = FAIL(cx, LIMIT, "argument %llu is longer than %d bytes",
                  (unsigned long long)number + 1, ENGINE_FUNCTION_ARG_BYTES);
    } else {
        *out = arena_dup(cx->arena, str_of(text));
    }
    duckdb_free(text);
    return st;
}

static enum status fold_argument(struct ctx *cx, duckdb_bind_info info, idx_t number, str *out)
{
    duckdb_expression     expression = duckdb_scalar_function_bind_get_argument(info, number);
    duckdb_client_context context    = NULL;
    duckdb_error_data     error      = NULL;
    duckdb_value          value      = NULL;
    enum status           st;

    if (!expression || !duckdb_expression_is_foldable(expression)) {
        duckdb_destroy_expression(&expression);
        return FAIL(cx, INVALID, "argument %llu must be a constant",
                    (unsigned long long)number + 1);
    }
    duckdb_scalar_function_get_client_context(info, &context);
    error = duckdb_expression_fold(context, expression, &value);
    if (duckdb_error_data_has_error(error) || !value) {
        st = FAIL(cx, INVALID, "argument %llu has no value", (unsigned long long)number + 1);
    } else {
        st = argument_text(cx, number, value, out);
    }
    duckdb_destroy_value(&value);
    duckdb_destroy_error_data(&error);
    duckdb_destroy_client_context(&context);
    duckdb_destroy_expression(&expression);
    return st;
}

static enum status read_arguments(struct ctx *cx, const struct duck_function *f,
                                  duckdb_bind_info info, const void **out)
{
    str arguments[ENGINE_FUNCTION_ARGS_MAX];

    for (size_t i = 0; i < f->as.argument_count; i++) {
        TRY(fold_argument(cx, info, i + 1, &arguments[i]));
    }
    return f->as.bind(cx, f->as.state, arguments, out);
}

static void bind_function(duckdb_bind_info info)
{
    const struct duck_function *f     = duckdb_scalar_function_bind_get_extra_info(info);
    struct arena               *arena = arena_new("bound function", BOUND_BYTES);
    struct duck_bound          *bound = ARENA_NEW(arena, struct duck_bound);
    struct err                  err   = { .code = ST_OK };
    struct ctx                  cx    = { .arena = arena, .err = &err };

    if (read_arguments(&cx, f, info, &bound->arguments) != ST_OK) {
        ignore(err_wrap(&err, STR_FMT, STR_ARG(f->as.name)), "it is handed over as text");
        duckdb_scalar_function_bind_set_error(info, arena_cstr(arena, err_text(&err)));
        arena_free(arena);
        return;
    }
    bound->arena = arena;
    atomic_init(&bound->holders, 1);
    duckdb_scalar_function_set_bind_data(info, bound, drop_bound);
    duckdb_scalar_function_set_bind_data_copy(info, hold_bound);
}

/* ------------------------------------------------------------------------- registering */

/* Under the engine's lock. */
static enum status register_one(struct duck_engine *e, struct ctx *cx, struct duck_function *f)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_logical_type    text     = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    duckdb_logical_type    integer  = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    duckdb_logical_type    mapped   = f->as.map_text ? text : integer;
    duckdb_state           state;

    duckdb_scalar_function_set_name(function, f->as.name.ptr);
    duckdb_scalar_function_add_parameter(function, mapped);
    for (size_t i = 0; i < f->as.argument_count; i++) {
        duckdb_scalar_function_add_parameter(function, text);
    }
    duckdb_scalar_function_set_return_type(function, mapped);
    duckdb_scalar_function_set_extra_info(function, f, NULL);
    if (f->as.bind) {
        duckdb_scalar_function_set_bind(function, bind_function);
    }
    duckdb_scalar_function_set_function(function, run_function);
    state = duckdb_register_scalar_function(e->setup, function);
    duckdb_destroy_logical_type(&integer);
    duckdb_destroy_logical_type(&text);
    duckdb_destroy_scalar_function(&function);
    if (state != DuckDBSuccess) {
        return FAIL(cx, INTERNAL, "the engine refused the function \"" STR_FMT "\"",
                    STR_ARG(f->as.name));
    }
    return ST_OK;
}

enum status duck_register_function(struct engine *base, struct ctx *cx,
                                   const struct engine_function *function)
{
    struct duck_engine   *e = duck_engine_of(base);
    struct duck_function *f;
    str                   name;

    OS_GUARD(&e->lock);
    TRY(duck_take_function_name(e, cx, function->name, &name));
    f          = ARENA_NEW(e->arena, struct duck_function);
    f->as      = *function;
    f->as.name = name;
    return register_one(e, cx, f);
}
