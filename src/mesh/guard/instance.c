/*
 * instance.c - the engine instance that only parses.
 *
 * It is empty, has one thread and a small memory limit, and runs one statement of ours and nothing
 * else: a person's text is only ever a bound parameter here.
 */
#include "guard/guard_int.h"

#include "engine/engine_duckdb.h"
#include "guard/guard_engine_sql.h"

#include <stdlib.h>

#define INSTANCE_MEMORY (512ULL << 20)

struct guard_instance {
    struct engine          *engine;
    struct engine_conn     *conn;
    struct engine_prepared *parse;
};

void guard_instance_close(struct guard_instance *instance)
{
    if (!instance) {
        return;
    }
    engine_prepared_close(instance->parse);
    engine_disconnect(instance->conn);
    engine_close(instance->engine);
    free(instance);
}

static enum status open_parts(struct guard_instance *instance, struct ctx *cx)
{
    const struct engine_options options = { .threads = 1, .memory_limit = INSTANCE_MEMORY };

    TRY(engine_duckdb_open(cx, &options, &instance->engine));
    TRY(engine_connect(instance->engine, cx, &instance->conn));
    return engine_prepare(instance->conn, cx, str_of(guard_engine_sql[GUARD_ENGINE_SQL_PARSE].text),
                          &instance->parse);
}

enum status guard_instance_check(struct ctx *cx)
{
    if (!str_eq(engine_duckdb_version(), S(GUARD_ENGINE_VERSION))) {
        return FAIL(cx, UNSUPPORTED,
                    "the guard knows engine %s, but this one is " STR_FMT
                    "; review src/mesh/guard/*.def first",
                    GUARD_ENGINE_VERSION, STR_ARG(engine_duckdb_version()));
    }
    return ST_OK;
}

enum status guard_instance_open(struct ctx *cx, struct guard_instance **out)
{
    struct guard_instance *instance = calloc(1, sizeof(*instance));
    if (!instance) {
        BUG("out of memory: guard instance");
    }
    enum status st = open_parts(instance, cx);
    if (st != ST_OK) {
        guard_instance_close(instance);
        return err_wrap(cx->err, "open the guard's parser");
    }
    *out = instance;
    return ST_OK;
}

enum status guard_instance_parse(struct guard_instance *instance, struct ctx *cx, str sql,
                                 str *out_json)
{
    const struct engine_value     args[]    = { ENGINE_ARG_TEXT(sql) };
    const struct engine_statement statement = { .prepared  = instance->parse,
                                                .args      = args,
                                                .arg_count = 1 };
    struct engine_table           table;

    TRY(engine_rows(instance->conn, cx, &statement, &table));
    *out_json = engine_cell(&table, 0, 0);
    return ST_OK;
}
