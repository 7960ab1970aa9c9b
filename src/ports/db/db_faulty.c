/*
 * db_faulty.c - counts calls and fails the wanted one.
 */
#include "db/db_faulty.h"

#include <assert.h>

#include "db/db_int.h"

struct db_faulty {
    struct db       base;
    struct arena   *arena;
    struct db      *inner;
    struct db_fault fault;
    uint64_t        calls;
};

static const struct db_ops faulty_ops;

static struct db_faulty *faulty_of(const struct db *db)
{
    assert(db->ops == &faulty_ops);
    return container_of(unconst(db), struct db_faulty, base);
}

/* True when this call is the one that fails. */
static bool is_hit(struct db_faulty *f, enum db_fault_only kind)
{
    uint64_t calls;

    if (f->fault.only == DB_FAULT_COMMITS && kind != DB_FAULT_COMMITS) {
        return false;
    }
    f->calls++;
    calls = f->fault.count ? ++*f->fault.count : f->calls;
    return f->fault.at != 0 &&
           (f->fault.mode == DB_FAULT_FOREVER ? calls >= f->fault.at : calls == f->fault.at);
}

static enum status fail(struct db_faulty *f, struct ctx *cx, const char *what)
{
    enum status st = f->fault.status != ST_OK ? f->fault.status : ST_UNAVAILABLE;

    return err_set(cx->err, st, __FILE__, __LINE__, "%s failed on purpose (call %llu)", what,
                   (unsigned long long)f->calls);
}

/* One counted call: `call` reaches the inner store unless it fails before. */
#define COUNTED(f, cx, what, call)                                                                 \
    do {                                                                                           \
        bool hit_ = is_hit((f), DB_FAULT_ANY);                                                     \
        if (hit_ && (f)->fault.side == DB_FAULT_BEFORE) {                                          \
            return fail((f), (cx), (what));                                                        \
        }                                                                                          \
        TRY(call);                                                                                 \
        return hit_ ? fail((f), (cx), (what)) : ST_OK;                                             \
    } while (0)

static str faulty_path(struct db *db)
{
    struct db *inner = faulty_of(db)->inner;
    return inner->ops->path(inner);
}

static enum status faulty_begin(struct db *db, struct ctx *cx, enum db_access access)
{
    struct db_faulty *f     = faulty_of(db);
    struct db        *inner = f->inner;

    if (is_hit(f, DB_FAULT_ANY)) { /* a begin that failed left nothing open, on either side */
        return fail(f, cx, "begin");
    }
    return inner->ops->begin(inner, cx, access);
}

static enum status faulty_commit(struct db *db, struct ctx *cx, bool *is_unclear)
{
    struct db_faulty *f     = faulty_of(db);
    struct db        *inner = f->inner;

    if (!is_hit(f, DB_FAULT_COMMITS)) {
        return inner->ops->commit(inner, cx, is_unclear);
    }
    if (f->fault.side == DB_FAULT_BEFORE) {
        inner->ops->rollback(inner);
    } else {
        TRY(inner->ops->commit(inner, cx, is_unclear));
    }
    *is_unclear = true;
    ignore(fail(f, cx, "commit"), "a commit has one outcome when it fails");
    cx->err->code = ST_UNAVAILABLE;
    return err_add(cx->err, DB_UNCLEAR_TEXT);
}

static void faulty_rollback(struct db *db)
{
    struct db *inner = faulty_of(db)->inner;
    inner->ops->rollback(inner);
}

static enum status faulty_run(struct db *db, struct ctx *cx, const struct db_call *call,
                              int64_t *changes)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, call->stmt->name, f->inner->ops->run(f->inner, cx, call, changes));
}

static enum status faulty_query(struct db *db, struct ctx *cx, const struct db_call *call,
                                struct db_rows **out)
{
    struct db_faulty *f     = faulty_of(db);
    struct db        *inner = f->inner;

    if (is_hit(f, DB_FAULT_ANY)) { /* no rows to close, on either side */
        return fail(f, cx, call->stmt->name);
    }
    return inner->ops->query(inner, cx, call, out);
}

static enum status faulty_next(struct db *db, struct ctx *cx, struct db_rows *rows, bool *has_row)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, rows->stmt->name, f->inner->ops->next(f->inner, cx, rows, has_row));
}

static void faulty_rows_close(struct db *db, struct db_rows *rows)
{
    struct db *inner = faulty_of(db)->inner;
    inner->ops->rows_close(inner, rows);
}

static enum status faulty_script(struct db *db, struct ctx *cx, const char *text)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, "script", f->inner->ops->script(f->inner, cx, text));
}

static enum status faulty_references(struct db *db, struct ctx *cx, enum db_references references)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, "references", f->inner->ops->references(f->inner, cx, references));
}

static enum status faulty_copy(struct db *db, struct ctx *cx, str path)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, "copy", f->inner->ops->copy(f->inner, cx, path));
}

static enum status faulty_check(struct db *db, struct ctx *cx, struct db_problems *out)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, "check", f->inner->ops->check(f->inner, cx, out));
}

static enum status faulty_reopen(struct db *db, struct ctx *cx)
{
    struct db_faulty *f = faulty_of(db);
    COUNTED(f, cx, "reopen", f->inner->ops->reopen(f->inner, cx));
}

static bool faulty_is_writable(struct db *db)
{
    struct db *inner = faulty_of(db)->inner;
    return inner->ops->is_writable(inner);
}

static void faulty_close(struct db *db)
{
    struct db_faulty *f = faulty_of(db);

    f->inner->ops->close(f->inner);
    arena_free(f->arena);
}

static const struct db_ops faulty_ops = {
    .name        = "faulty",
    .path        = faulty_path,
    .begin       = faulty_begin,
    .commit      = faulty_commit,
    .rollback    = faulty_rollback,
    .run         = faulty_run,
    .query       = faulty_query,
    .next        = faulty_next,
    .rows_close  = faulty_rows_close,
    .script      = faulty_script,
    .references  = faulty_references,
    .copy        = faulty_copy,
    .check       = faulty_check,
    .reopen      = faulty_reopen,
    .is_writable = faulty_is_writable,
    .close       = faulty_close,
};

struct db *db_faulty_take(struct db *inner, struct db_fault fault)
{
    struct arena     *arena = arena_new("faulty metadata store", 4096);
    struct db_faulty *f     = ARENA_NEW(arena, struct db_faulty);

    assert(inner->tx.db == NULL);
    f->base.ops = &faulty_ops;
    f->arena    = arena;
    f->inner    = inner;
    f->fault    = fault;
    return &f->base;
}

void db_faulty_set(struct db *faulty, struct db_fault fault)
{
    struct db_faulty *f = faulty_of(faulty);

    f->fault = fault;
    f->calls = 0;
}

uint64_t db_faulty_calls(const struct db *faulty)
{
    return faulty_of(faulty)->calls;
}
