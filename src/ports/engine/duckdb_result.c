/*
 * duckdb_result.c - chunks of a result as Arrow batches.
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>

/* The library's error object as ours; destroys it. NULL and empty are ST_OK. */
static enum status take_error(struct ctx *cx, duckdb_error_data error)
{
    enum status st = ST_OK;

    if (error && duckdb_error_data_has_error(error)) {
        st = duck_fail(cx, ST_OK, duckdb_error_data_message(error));
    }
    duckdb_destroy_error_data(&error);
    return st;
}

/* Names, types and the Arrow form of the columns; `types` are the caller's to destroy. */
static enum status read_columns(struct duck_result *r, struct ctx *cx, duckdb_logical_type *types,
                                const char **names)
{
    struct engine_schema *schema = &r->base.schema;

    for (size_t i = 0; i < schema->count; i++) {
        enum duck_arrow_form form;

        types[i]                = duckdb_column_logical_type(r->rs, i);
        schema->columns[i].name = arena_dup(r->arena, str_of(duckdb_column_name(r->rs, i)));
        schema->columns[i].type = duck_type_text(r->arena, types[i]);
        names[i]                = schema->columns[i].name.ptr;
        form                    = duck_arrow_form(types[i]);
        if (form == DUCK_ARROW_NEVER) {
            return FAIL(cx, UNSUPPORTED,
                        "column \"%s\" has type " STR_FMT
                        ", which cannot be read; cast it to VARCHAR",
                        names[i], STR_ARG(schema->columns[i].type));
        }
        r->is_lossless = r->is_lossless || form == DUCK_ARROW_LOSSLESS;
    }
    return ST_OK;
}

/*
 * The options of the result belong to its connection; the lossless ones to the setup connection of
 * the engine, which all share: hence the lock.
 */
static enum status to_schema(struct duck_result *r, struct ctx *cx, duckdb_logical_type *types,
                             const char **names)
{
    struct duck_engine *e = duck_engine_of(r->base.conn->engine);
    duckdb_error_data   error;

    if (!r->is_lossless) {
        r->options = duckdb_result_get_arrow_options(r->rs);
        return take_error(cx, duckdb_to_arrow_schema(r->options, types, names, r->base.schema.count,
                                                     &r->base.arrow));
    }
    os_mutex_lock(&e->lock);
    error = duckdb_to_arrow_schema(e->lossless, types, names, r->base.schema.count, &r->base.arrow);
    os_mutex_unlock(&e->lock);
    return take_error(cx, error);
}

static enum status to_array(struct duck_result *r, struct ctx *cx, duckdb_data_chunk chunk,
                            struct ArrowArray *out)
{
    struct duck_engine *e = duck_engine_of(r->base.conn->engine);
    duckdb_error_data   error;

    if (!r->is_lossless) {
        return take_error(cx, duckdb_data_chunk_to_arrow(r->options, chunk, out));
    }
    os_mutex_lock(&e->lock);
    error = duckdb_data_chunk_to_arrow(e->lossless, chunk, out);
    os_mutex_unlock(&e->lock);
    return take_error(cx, error);
}

static enum status describe(struct duck_result *r, struct ctx *cx, duckdb_logical_type *types,
                            const char **names)
{
    struct ctx own = *cx;

    TRY(read_columns(r, cx, types, names));
    TRY(to_schema(r, cx, types, names));
    own.arena = r->arena;
    TRY(arrow_type_read(&own, &r->base.arrow, &r->base.type));
    for (size_t i = 0; i < r->base.schema.count; i++) {
        duck_annotate(&r->base.type.children[i], types[i]);
    }
    return ST_OK;
}

enum status duck_result_describe(struct duck_result *r, struct ctx *cx)
{
    size_t               count = duckdb_column_count(r->rs);
    duckdb_logical_type *types = arena_array(cx->arena, count, sizeof(duckdb_logical_type));
    const char         **names = arena_array(cx->arena, count, sizeof *names);
    enum status          st;

    r->base.schema.count   = count;
    r->base.schema.columns = arena_array(r->arena, count, sizeof *r->base.schema.columns);
    st                     = describe(r, cx, types, names);
    for (size_t i = 0; i < count; i++) {
        if (types[i]) {
            duckdb_destroy_logical_type(&types[i]);
        }
    }
    return st;
}

enum status duck_result_next(struct engine_result *base, struct ctx *cx, struct ArrowArray *out,
                             bool *has_more)
{
    struct duck_result *r    = container_of(base, struct duck_result, base);
    struct duck_conn   *conn = duck_conn_of(base->conn);
    duckdb_result      *rs   = r->rs;
    duckdb_data_chunk   chunk;
    enum status         reason, st;

    TRY(watch_begin(duck_watch_of(conn), &conn->call, cx));
    chunk  = duckdb_fetch_chunk(*rs);
    reason = watch_end(duck_watch_of(conn), &conn->call);
    if (reason != ST_OK) {
        duckdb_destroy_data_chunk(&chunk);
        return duck_fail(cx, reason, NULL);
    }
    if (!chunk) {
        /* The end, or a failure: only the error text tells. */
        const char *error = duckdb_result_error(r->rs);

        if (error && error[0]) {
            return duck_fail(cx, ST_OK, error);
        }
        *has_more = false;
        return ST_OK;
    }
    st = to_array(r, cx, chunk, out);
    duckdb_destroy_data_chunk(&chunk);
    *has_more = st == ST_OK;
    return st;
}

void duck_result_close(struct engine_result *base)
{
    struct duck_result *r = container_of(base, struct duck_result, base);

    duckdb_destroy_arrow_options(&r->options);
    duckdb_destroy_result(r->rs);
    duckdb_destroy_prepare(&r->ps);
    arrow_schema_release(&r->base.arrow);
    arena_free(r->arena);
}
