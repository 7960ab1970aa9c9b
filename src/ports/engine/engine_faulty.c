/*
 * engine_faulty.c - counts calls, fails the wanted one, hands the others on.
 *
 * Connections, results, prepared statements and appenders are wrapped, each holding the inner one.
 * The columns of a result are shared with the inner result, which lives longer.
 */
#include "engine/engine_faulty.h"

#include "engine/engine_int.h"
#include "os/clock.h"

struct faulty {
    struct arena        *arena;
    struct engine        base;
    struct engine       *inner;
    struct engine_fault  fault;
    atomic_uint_fast64_t calls;
};

struct faulty_conn {
    struct arena       *arena;
    struct engine_conn  base;
    struct engine_conn *inner;
};

struct faulty_prepared {
    struct arena           *arena;
    struct engine_prepared  base;
    struct engine_prepared *inner;
};

struct faulty_result {
    struct arena         *arena;
    struct engine_result  base;
    struct engine_result *inner;
};

struct faulty_appender {
    struct arena           *arena;
    struct engine_appender  base;
    struct engine_appender *inner;
};

static struct faulty *faulty_of(const struct engine *e)
{
    return container_of(unconst(e), struct faulty, base);
}

static struct engine_conn *inner_of(struct engine_conn *conn)
{
    return container_of(conn, struct faulty_conn, base)->inner;
}

enum { FAULTY_ARENA_BYTES = 1 << 16 };

/* Each wrapper has an arena of its own, which ends with it. */
static struct arena *wrapper_arena(void)
{
    return arena_new("faulty engine", FAULTY_ARENA_BYTES);
}

/* One call: `before` and `after` say what happens around the inner engine. */
struct fault_turn {
    enum status before, after;
};

static struct fault_turn take_turn(struct faulty *f, struct ctx *cx)
{
    uint64_t          number = atomic_fetch_add(&f->calls, 1) + 1;
    struct fault_turn turn   = { ST_OK, ST_OK };
    enum status       wanted = f->fault.status ? f->fault.status : ST_UNAVAILABLE;
    bool              hits   = f->fault.at != 0 && number >= f->fault.at;

    if (f->fault.delay_us > 0) {
        turn.before = os_sleep(cx, f->fault.delay_us);
    }
    if (f->fault.mode == ENGINE_FAULT_ONCE && number != f->fault.at) {
        hits = false;
    }
    if (hits && f->fault.side == ENGINE_FAULT_BEFORE) {
        turn.before = err_set(cx->err, wanted, __FILE__, __LINE__, "injected fault at call %llu",
                              (unsigned long long)number);
    } else if (hits) {
        turn.after = wanted;
    }
    return turn;
}

/* The outcome after the inner engine has answered. */
static enum status end_turn(struct fault_turn turn, struct ctx *cx, enum status st)
{
    if (st == ST_OK && turn.after != ST_OK) {
        return err_set(cx->err, turn.after, __FILE__, __LINE__,
                       "injected fault after the call was done");
    }
    return st;
}

/* ------------------------------------------------------------------------- engine */

static void faulty_close(struct engine *e)
{
    struct faulty *f = faulty_of(e);

    engine_close(f->inner);
    arena_free(f->arena);
}

static enum status faulty_register(struct engine *e, struct ctx *cx,
                                   const struct engine_text_predicate *predicate)
{
    struct faulty    *f    = faulty_of(e);
    struct fault_turn turn = take_turn(f, cx);

    TRY(turn.before);
    return end_turn(turn, cx, engine_register_text_predicate(f->inner, cx, predicate));
}

static enum status faulty_register_function(struct engine *e, struct ctx *cx,
                                            const struct engine_function *function)
{
    struct faulty    *f    = faulty_of(e);
    struct fault_turn turn = take_turn(f, cx);

    TRY(turn.before);
    return end_turn(turn, cx, engine_register_function(f->inner, cx, function));
}

static enum status faulty_connect(struct engine *e, struct ctx *cx, struct engine_conn **out)
{
    struct faulty      *f     = faulty_of(e);
    struct fault_turn   turn  = take_turn(f, cx);
    struct engine_conn *inner = NULL;
    struct faulty_conn *conn;
    struct arena       *arena;
    enum status         st;

    TRY(turn.before);
    TRY(engine_connect(f->inner, cx, &inner));
    st = end_turn(turn, cx, ST_OK);
    if (st != ST_OK) {
        engine_disconnect(inner);
        return st;
    }
    arena             = wrapper_arena();
    conn              = ARENA_NEW(arena, struct faulty_conn);
    conn->arena       = arena;
    conn->base.engine = e;
    conn->inner       = inner;
    *out              = &conn->base;
    return ST_OK;
}

static void faulty_disconnect(struct engine_conn *base)
{
    struct faulty_conn *conn = container_of(base, struct faulty_conn, base);

    engine_disconnect(conn->inner);
    arena_free(conn->arena);
}

static struct engine_progress faulty_progress(struct engine_conn *conn)
{
    return engine_progress(inner_of(conn));
}

static void faulty_interrupt(struct engine_conn *conn)
{
    engine_interrupt(inner_of(conn));
}

/* ------------------------------------------------------------------------- statements */

static enum status faulty_exec(struct engine_conn *conn, struct ctx *cx, str sql)
{
    struct fault_turn turn = take_turn(faulty_of(conn->engine), cx);

    TRY(turn.before);
    return end_turn(turn, cx, engine_exec(inner_of(conn), cx, sql));
}

static enum status faulty_prepare(struct engine_conn *conn, struct ctx *cx, str sql,
                                  struct engine_prepared **out)
{
    struct fault_turn       turn  = take_turn(faulty_of(conn->engine), cx);
    struct engine_prepared *inner = NULL;
    struct faulty_prepared *prepared;
    struct arena           *arena;
    enum status             st;

    TRY(turn.before);
    TRY(engine_prepare(inner_of(conn), cx, sql, &inner));
    st = end_turn(turn, cx, ST_OK);
    if (st != ST_OK) {
        engine_prepared_close(inner);
        return st;
    }
    arena                 = wrapper_arena();
    prepared              = ARENA_NEW(arena, struct faulty_prepared);
    prepared->arena       = arena;
    prepared->base.conn   = conn;
    prepared->base.schema = inner->schema;
    prepared->inner       = inner;
    *out                  = &prepared->base;
    return ST_OK;
}

static void faulty_prepared_close(struct engine_prepared *base)
{
    struct faulty_prepared *prepared = container_of(base, struct faulty_prepared, base);

    engine_prepared_close(prepared->inner);
    arena_free(prepared->arena);
}

static enum status faulty_query(struct engine_conn *conn, struct ctx *cx,
                                const struct engine_statement *statement,
                                struct engine_result         **out)
{
    struct fault_turn       turn   = take_turn(faulty_of(conn->engine), cx);
    struct engine_statement handed = *statement;
    struct engine_result   *inner  = NULL;
    struct faulty_result   *result;
    struct arena           *arena;
    enum status             st;

    TRY(turn.before);
    if (statement->prepared) {
        handed.prepared = container_of(statement->prepared, struct faulty_prepared, base)->inner;
    }
    TRY(engine_query(inner_of(conn), cx, &handed, &inner));
    st = end_turn(turn, cx, ST_OK);
    if (st != ST_OK) {
        engine_result_close(inner);
        return st;
    }
    arena               = wrapper_arena();
    result              = ARENA_NEW(arena, struct faulty_result);
    result->arena       = arena;
    result->base.conn   = conn;
    result->base.schema = inner->schema;
    result->base.type   = inner->type;
    result->base.arrow  = inner->arrow;
    result->inner       = inner;
    *out                = &result->base;
    return ST_OK;
}

static enum status faulty_result_next(struct engine_result *base, struct ctx *cx,
                                      struct ArrowArray *out, bool *has_more)
{
    struct faulty_result *result = container_of(base, struct faulty_result, base);
    struct fault_turn     turn   = take_turn(faulty_of(base->conn->engine), cx);
    enum status           st;

    TRY(turn.before);
    TRY(engine_result_next(result->inner, cx, out, has_more));
    st = end_turn(turn, cx, ST_OK);
    if (st != ST_OK) {
        arrow_array_release(out);
    }
    return st;
}

static void faulty_result_close(struct engine_result *base)
{
    struct faulty_result *result = container_of(base, struct faulty_result, base);

    engine_result_close(result->inner);
    arena_free(result->arena);
}

/* ------------------------------------------------------------------------- appender */

static enum status faulty_append_begin(struct engine_conn *conn, struct ctx *cx, str schema,
                                       str table, struct engine_appender **out)
{
    struct fault_turn       turn  = take_turn(faulty_of(conn->engine), cx);
    struct engine_appender *inner = NULL;
    struct faulty_appender *appender;
    struct arena           *arena;
    enum status             st;

    TRY(turn.before);
    TRY(engine_append_begin(inner_of(conn), cx, schema, table, &inner));
    st = end_turn(turn, cx, ST_OK);
    if (st != ST_OK) {
        engine_append_close(inner);
        return st;
    }
    arena               = wrapper_arena();
    appender            = ARENA_NEW(arena, struct faulty_appender);
    appender->arena     = arena;
    appender->base.conn = conn;
    appender->inner     = inner;
    *out                = &appender->base;
    return ST_OK;
}

static struct engine_appender *inner_appender(struct engine_appender *appender)
{
    return container_of(appender, struct faulty_appender, base)->inner;
}

static enum status faulty_append_text(struct engine_appender *appender, struct ctx *cx,
                                      const str *values, size_t count)
{
    struct fault_turn turn = take_turn(faulty_of(appender->conn->engine), cx);

    TRY(turn.before);
    return end_turn(turn, cx, engine_append_text(inner_appender(appender), cx, values, count));
}

static enum status faulty_append_end(struct engine_appender *appender, struct ctx *cx)
{
    struct fault_turn turn = take_turn(faulty_of(appender->conn->engine), cx);

    TRY(turn.before);
    return end_turn(turn, cx, engine_append_end(inner_appender(appender), cx));
}

static void faulty_append_close(struct engine_appender *appender)
{
    engine_append_close(inner_appender(appender));
    arena_free(container_of(appender, struct faulty_appender, base)->arena);
}

/* ------------------------------------------------------------------------- making one */

const struct engine_ops engine_faulty_ops = {
    .name                    = "faulty",
    .close                   = faulty_close,
    .register_text_predicate = faulty_register,
    .register_function       = faulty_register_function,
    .connect                 = faulty_connect,
    .disconnect              = faulty_disconnect,
    .exec                    = faulty_exec,
    .query                   = faulty_query,
    .prepare                 = faulty_prepare,
    .progress                = faulty_progress,
    .interrupt               = faulty_interrupt,
    .prepared_close          = faulty_prepared_close,
    .result_next             = faulty_result_next,
    .result_close            = faulty_result_close,
    .append_begin            = faulty_append_begin,
    .append_text             = faulty_append_text,
    .append_end              = faulty_append_end,
    .append_close            = faulty_append_close,
};

struct engine *engine_faulty_take(struct engine *inner, struct engine_fault fault)
{
    struct arena  *arena = wrapper_arena();
    struct faulty *f     = ARENA_NEW(arena, struct faulty);

    f->arena    = arena;
    f->base.ops = &engine_faulty_ops;
    f->inner    = inner;
    f->fault    = fault;
    return &f->base;
}

void engine_faulty_set(struct engine *faulty, struct engine_fault fault)
{
    struct faulty *f = faulty_of(faulty);

    f->fault = fault;
    atomic_store(&f->calls, 0);
}

uint64_t engine_faulty_calls(const struct engine *faulty)
{
    return atomic_load(&faulty_of(faulty)->calls);
}
