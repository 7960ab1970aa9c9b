/*
 * duckdb_open.c - an instance opened and locked down, and its connections.
 *
 * Some settings go into the configuration the instance starts with, others exist only afterwards.
 * Order: spilling before external access is cut, extensions before it too, the lock last
 * (tests/unit/engine/lockdown_test.c asks the instance for each of them and tries the doors).
 */
#include "engine/duckdb_int.h"

#include <duckdb.h>
#include <stdio.h>

#include "engine/engine_sql.h"
#include "os/clock.h"
#include "os/dir.h"

enum { NUMBER_BYTES = 32 };

/* ------------------------------------------------------------------------- settings */

struct config_row {
    char name[32];
    char value[8];
};

static const struct config_row fixed_config[] = {
    { "temp_file_encryption", "true" },        { "allow_unsigned_extensions", "false" },
    { "allow_community_extensions", "false" }, { "autoinstall_known_extensions", "false" },
    { "autoload_known_extensions", "false" },  { "allow_persistent_secrets", "false" },
    { "preserve_insertion_order", "true" },
};

static enum status set_config(struct ctx *cx, duckdb_config config, const char *name,
                              const char *value)
{
    if (duckdb_set_config(config, name, value) != DuckDBSuccess) {
        return FAIL(cx, INTERNAL, "the engine has no setting \"%s\" or refuses \"%s\" for it", name,
                    value);
    }
    return ST_OK;
}

static enum status set_number(struct ctx *cx, duckdb_config config, const char *name,
                              uint64_t number, const char *unit)
{
    char text[NUMBER_BYTES];

    snprintf(text, sizeof text, "%llu%s", (unsigned long long)number, unit);
    return set_config(cx, config, name, text);
}

/*
 * Encrypted spilling needs random keys. The library gets them from OpenSSL when the extension httpfs
 * is loaded; else its own generator must be allowed by name, which the library calls unsafe since its
 * seed is weak. Weakly keyed pages in a private folder are still better than plain ones. The setting
 * can only be switched on: the library crashes when it is given "false".
 */
static enum status allow_own_cipher(struct ctx *cx, duckdb_config config,
                                    const struct engine_options *options)
{
    for (size_t i = 0; i < options->extension_count; i++) {
        if (str_has(options->extensions[i], S("httpfs"))) {
            return ST_OK;
        }
    }
    return set_config(cx, config, "force_mbedtls_unsafe", "true");
}

static enum status fill_config(struct ctx *cx, duckdb_config config, struct duck_engine *e,
                               const struct engine_options *options)
{
    uint64_t memory = options->memory_limit ? options->memory_limit : ENGINE_MEMORY_DEFAULT;

    for (size_t i = 0; i < COUNT_OF(fixed_config); i++) {
        TRY(set_config(cx, config, fixed_config[i].name, fixed_config[i].value));
    }
    TRY(set_number(cx, config, "memory_limit", memory, "B"));
    if (options->threads) {
        TRY(set_number(cx, config, "threads", options->threads, ""));
    }
    TRY(set_config(cx, config, "temp_directory",
                   e->spill ? arena_cstr(e->arena, duck_spill_path(e->spill)) : ""));
    if (e->spill) {
        TRY(allow_own_cipher(cx, config, options));
    }
    if (options->temp_limit) {
        TRY(set_number(cx, config, "max_temp_directory_size", options->temp_limit, "B"));
    }
    return ST_OK;
}

static enum status open_database(struct ctx *cx, struct duck_engine *e,
                                 const struct engine_options *options)
{
    duckdb_config config = NULL;
    char         *error  = NULL;
    enum status   st;

    if (duckdb_create_config(&config) != DuckDBSuccess) {
        return FAIL(cx, INTERNAL, "could not make a configuration for the engine");
    }
    st = fill_config(cx, config, e, options);
    if (st == ST_OK && duckdb_open_ext(NULL, &e->db, config, &error) != DuckDBSuccess) {
        st = duck_fail(cx, ST_OK, error);
        duckdb_free(error);
    }
    duckdb_destroy_config(&config);
    TRY(st);
    if (duckdb_connect(e->db, &e->setup) != DuckDBSuccess) {
        return FAIL(cx, INTERNAL, "could not connect to the engine");
    }
    return ST_OK;
}

enum status duck_setup(duckdb_connection con, struct ctx *cx, const char *sql,
                       const struct engine_value *arg)
{
    duckdb_prepared_statement ps = NULL;
    duckdb_result             rs = { 0 };
    enum status               st;

    if (duckdb_prepare(con, sql, &ps) != DuckDBSuccess) {
        st = duck_fail(cx, ST_OK, duckdb_prepare_error(ps));
    } else {
        st = duck_bind(cx, ps, arg, arg ? 1 : 0);
    }
    if (st == ST_OK && duckdb_execute_prepared(ps, &rs) != DuckDBSuccess) {
        st = duck_fail(cx, ST_OK, duckdb_result_error(&rs));
    }
    duckdb_destroy_result(&rs);
    duckdb_destroy_prepare(&ps);
    return st;
}

/* LOAD takes no parameter, so the path is quoted into it. */
static enum status load_extension(struct ctx *cx, struct duck_engine *e, str path)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(ENGINE_SQL_MAX);
    str            text;
    enum status    st;

    buf_add(&sql, S("LOAD "));
    engine_quote_text(&sql, path);
    TRY(buf_take(&sql, cx, "the path of an extension", &text));
    st = duck_setup(e->setup, cx, arena_cstr(cx->arena, text), NULL);
    return st == ST_OK ? ST_OK : err_wrap(cx->err, "load extension \"" STR_FMT "\"", STR_ARG(path));
}

/* The options of both Arrow forms are snapshots of the setting at this moment. */
static enum status take_lossless(struct ctx *cx, struct duck_engine *e)
{
    TRY(duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_LOSSLESS_ON].text, NULL));
    duckdb_connection_get_arrow_options(e->setup, &e->lossless);
    return duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_LOSSLESS_OFF].text, NULL);
}

static enum status lock_down(struct ctx *cx, struct duck_engine *e,
                             const struct engine_options *options)
{
    struct engine_value dirs = ENGINE_ARG_LIST(options->allowed_dirs, options->allowed_dir_count);
    struct engine_value paths =
        ENGINE_ARG_LIST(options->allowed_paths, options->allowed_path_count);

    TRY(duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_TIME_ZONE].text, NULL));
    TRY(take_lossless(cx, e));
    for (size_t i = 0; i < options->extension_count; i++) {
        TRY(load_extension(cx, e, options->extensions[i]));
    }
    TRY(duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_ALLOWED_DIRECTORIES].text, &dirs));
    TRY(duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_ALLOWED_PATHS].text, &paths));
    TRY(duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_EXTERNAL_ACCESS_OFF].text, NULL));
    return duck_setup(e->setup, cx, engine_sql[ENGINE_SQL_LOCK].text, NULL);
}

/* ------------------------------------------------------------------------- life cycle */

static void duck_close(struct engine *base)
{
    struct duck_engine *e = duck_engine_of(base);

    watch_close(e->watch);
    if (e->lossless) {
        duckdb_destroy_arrow_options(&e->lossless);
    }
    duckdb_disconnect(&e->setup);
    duckdb_close(&e->db);
    duck_spill_close(e->spill);
    os_mutex_release(&e->lock);
    arena_free(e->arena);
}

const struct engine_ops engine_duckdb_ops = {
    .name                    = "duckdb",
    .close                   = duck_close,
    .register_text_predicate = duck_register_text_predicate,
    .register_function       = duck_register_function,
    .connect                 = duck_connect,
    .disconnect              = duck_disconnect,
    .exec                    = duck_exec,
    .query                   = duck_query,
    .prepare                 = duck_prepare,
    .progress                = duck_progress,
    .interrupt               = duck_interrupt,
    .prepared_close          = duck_prepared_close,
    .result_next             = duck_result_next,
    .result_close            = duck_result_close,
    .append_begin            = duck_append_begin,
    .append_text             = duck_append_text,
    .append_end              = duck_append_end,
    .append_close            = duck_append_close,
};

/* A relative path would change its meaning with the working directory. */
static enum status check_paths(struct ctx *cx, const str *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(paths[i], S("/"))) {
            return FAIL(cx, INVALID, "the engine needs absolute paths, not \"" STR_FMT "\"",
                        STR_ARG(paths[i]));
        }
    }
    return ST_OK;
}

static enum status check_options(struct ctx *cx, const struct engine_options *options)
{
    TRY(check_paths(cx, options->allowed_dirs, options->allowed_dir_count));
    TRY(check_paths(cx, options->allowed_paths, options->allowed_path_count));
    TRY(check_paths(cx, options->extensions, options->extension_count));
    return check_paths(cx, &options->temp_dir, options->temp_dir.len > 0);
}

static enum status open_all(struct ctx *cx, struct duck_engine *e,
                            const struct engine_options *options)
{
    TRY(watch_open(cx, &e->watch));
    if (options->temp_dir.len > 0) {
        TRY(duck_spill_open(cx, options->temp_dir, &e->spill));
    }
    TRY(open_database(cx, e, options));
    return lock_down(cx, e, options);
}

enum status engine_duckdb_open(struct ctx *cx, const struct engine_options *options,
                               struct engine **out)
{
    struct arena       *arena;
    struct duck_engine *e;
    enum status         st;

    TRY(check_options(cx, options));
    arena       = arena_new("engine", ENGINE_ARENA_BYTES);
    e           = ARENA_NEW(arena, struct duck_engine);
    e->arena    = arena;
    e->base.ops = &engine_duckdb_ops;
    os_mutex_init(&e->lock, LOCK_ENGINE);
    st = open_all(cx, e, options);
    if (st != ST_OK) {
        duck_close(&e->base);
        return err_wrap(cx->err, "open the engine");
    }
    *out = &e->base;
    return ST_OK;
}

str engine_duckdb_version(void)
{
    return str_of(duckdb_library_version());
}

/* ------------------------------------------------------------------------- connections */

static void poke(void *arg)
{
    struct duck_conn *conn = arg;

    duckdb_interrupt(conn->con);
}

enum status duck_connect(struct engine *base, struct ctx *cx, struct engine_conn **out)
{
    struct duck_engine *e     = duck_engine_of(base);
    struct arena       *arena = arena_new("engine connection", ENGINE_ARENA_BYTES);
    struct duck_conn   *conn  = ARENA_NEW(arena, struct duck_conn);
    enum status         st;

    conn->arena       = arena;
    conn->base.engine = base;
    conn->call        = (struct watch_call){ .poke = poke, .arg = conn };
    if (duckdb_connect(e->db, &conn->con) != DuckDBSuccess) {
        arena_free(arena);
        return FAIL(cx, UNAVAILABLE, "could not connect to the engine");
    }
    st = duck_setup(conn->con, cx, engine_sql[ENGINE_SQL_PROGRESS_QUIET].text, NULL);
    if (st == ST_OK) {
        st = duck_setup(conn->con, cx, engine_sql[ENGINE_SQL_PROGRESS_ON].text, NULL);
    }
    if (st != ST_OK) {
        duck_disconnect(&conn->base);
        return err_wrap(cx->err, "connect to the engine");
    }
    *out = &conn->base;
    return ST_OK;
}

void duck_disconnect(struct engine_conn *base)
{
    struct duck_conn *conn = duck_conn_of(base);

    duckdb_disconnect(&conn->con);
    arena_free(conn->arena);
}

struct engine_progress duck_progress(struct engine_conn *base)
{
    duckdb_query_progress_type p = duckdb_query_progress(duck_conn_of(base)->con);

    return (struct engine_progress){
        .percent   = p.percentage >= 0 ? p.percentage : -1,
        .rows_done = p.percentage >= 0 ? p.rows_processed : 0,
    };
}

void duck_interrupt(struct engine_conn *base)
{
    struct duck_conn *conn = duck_conn_of(base);

    watch_interrupt(duck_watch_of(conn), &conn->call);
}
