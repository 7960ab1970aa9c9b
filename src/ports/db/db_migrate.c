/*
 * db_migrate.c - the schema of the store: which steps were applied, which are missing.
 *
 * The version of a store is the sum of its modules' numbers: it rises with each step and is one
 * number to show. Each step's SHA-256 is kept, so a step that was changed after its release is
 * noticed before anything runs on tables it does not expect.
 */
#include "db/db_int.h"

#include <assert.h>

#include "codec/digest.h"
#include "db/db_sql.h"

enum { APPLIED_MAX = 4096 };

/* Where the store stands against this program. */
struct state {
    const struct db_module *modules;
    size_t                  count;
    int                     applied[DB_MODULE_MAX]; /* steps per module */
    int                     version;                /* of the store     */
    int                     wanted;                 /* of the program   */
};

static const struct db_module *find_module(const struct state *s, str name, size_t *at)
{
    for (size_t i = 0; i < s->count; i++) {
        if (str_eq(str_of(s->modules[i].name), name)) {
            *at = i;
            return &s->modules[i];
        }
    }
    return NULL;
}

static enum status fail_newer(struct ctx *cx, const struct state *s, str module, int64_t number)
{
    str path = db_path(db_of(cx));

    return FAIL(
        cx, UNSUPPORTED,
        "the store \"" STR_FMT
        "\" is newer than this program: it has schema version %d or above (step %lld of \"" STR_FMT
        "\"), this program knows version %d: use a newer weft",
        STR_ARG(path), s->version, (long long)number, STR_ARG(module), s->wanted);
}

/* One applied step against the program's: same place, same text. */
static enum status compare_step(struct ctx *cx, struct state *s, const struct db_rows *row)
{
    str     module = db_col_text(row, 0), name = db_col_text(row, 2), hash = db_col_text(row, 3);
    int64_t number            = db_col_i64(row, 1);
    size_t  at                = 0;
    const struct db_module *m = find_module(s, module, &at);

    if (m == NULL || number > (int64_t)m->count) {
        return fail_newer(cx, s, arena_dup(cx->arena, module), number);
    }
    if (number != s->applied[at] + 1) {
        return FAIL(cx, CORRUPT, "the store lacks step %d of \"%s\" but has step %lld",
                    s->applied[at] + 1, m->name, (long long)number);
    }
    if (!str_eq(hash, digest_hex(cx, sha256_of(str_of(m->migrations[number - 1].text))))) {
        return FAIL(cx, CORRUPT,
                    "step %lld of \"%s\" (\"" STR_FMT
                    "\") was applied to the store with another text than this program has: the "
                    "store was made by another build of weft",
                    (long long)number, m->name, STR_ARG(name));
    }
    s->applied[at] = (int)number;
    return ST_OK;
}

/* The version first, so that every message can name it. */
static enum status count_steps(struct ctx *cx, struct state *s)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row                  = false;

    TRY(db_query(cx, &db_sql[DB_SQL_MIGRATION_LIST], DB_NO_ARGS, &rows));
    TRY(db_next(rows, cx, &has_row));
    while (has_row) {
        if (s->version++ >= APPLIED_MAX) {
            return FAIL(cx, CORRUPT, "the store lists more than %d schema steps", APPLIED_MAX);
        }
        TRY(db_next(rows, cx, &has_row));
    }
    return ST_OK;
}

static enum status compare(struct ctx *cx, const struct db_module *modules, size_t count,
                           struct state *out)
{
    struct state         s                        = { .modules = modules, .count = count };
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row                  = false;

    for (size_t i = 0; i < count; i++) {
        s.wanted += (int)modules[i].count;
    }
    TRY(count_steps(cx, &s));
    TRY(db_query(cx, &db_sql[DB_SQL_MIGRATION_LIST], DB_NO_ARGS, &rows));
    TRY(db_next(rows, cx, &has_row));
    while (has_row) {
        TRY(compare_step(cx, &s, rows));
        TRY(db_next(rows, cx, &has_row));
    }
    *out = s;
    return ST_OK;
}

static enum status apply_step(struct ctx *cx, const char *module, const struct db_migration *step)
{
    enum status st = db_script(cx, step->text);

    if (st != ST_OK) {
        return err_wrap(cx->err, "step %d of \"%s\" (\"%s\")", step->number, module, step->name);
    }
    return db_run(
        cx, &db_sql[DB_SQL_MIGRATION_PUT],
        DB_ARGS(db_text(str_of(module)), db_i64(step->number), db_text(str_of(step->name)),
                db_text(digest_hex(cx, sha256_of(str_of(step->text)))), db_i64(ctx_now_us(cx))));
}

static enum status check_references(struct ctx *cx)
{
    const struct db_rows *row;

    TRY(db_query_one(cx, &db_sql[DB_SQL_FOREIGN_KEY_CHECK], DB_NO_ARGS, &row));
    if (row != NULL) {
        return FAIL(cx, CORRUPT, "after the migration table \"" STR_FMT "\" refers to missing rows",
                    STR_ARG(db_col_text(row, 0)));
    }
    return ST_OK;
}

/*
 * The name of the copy; a copy of an earlier, failed attempt at the same version is of the same
 * state or older, and is kept: a number makes the name new.
 */
static enum status make_copy(struct db *db, struct ctx *cx, int version, str *out)
{
    enum { NAMES_MAX = 100 };
    str         path = db_path(db);
    enum status st   = ST_OK;

    for (int i = 1; i <= NAMES_MAX; i++) {
        str name = arena_printf(cx->arena, STR_FMT ".before-%d", STR_ARG(path), version);

        if (i > 1) {
            name = arena_printf(cx->arena, STR_FMT ".%d", STR_ARG(name), i);
        }
        st = db_copy(db, cx, name);
        if (st == ST_OK) {
            *out = name;
        }
        if (st != ST_CONFLICT) {
            return st;
        }
    }
    return st;
}

static enum status apply_all(struct db *db, struct ctx *cx, const struct state *s,
                             struct db_schema_state *done)
{
    if (s->version > 0 && !str_eq(db_path(db), S(":memory:"))) {
        enum status st = make_copy(db, cx, s->version, &done->copy);
        if (st != ST_OK) {
            return err_wrap(cx->err, "nothing was migrated");
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct db_module *m = &s->modules[i];

        for (size_t k = (size_t)s->applied[i]; k < m->count; k++) {
            TRY(apply_step(cx, m->name, &m->migrations[k]));
            done->applied++;
        }
    }
    return check_references(cx);
}

static enum status migrate_in_tx(struct db *db, struct ctx *cx, const struct db_module *modules,
                                 size_t count, struct db_schema_state *out)
{
    struct state           s    = { 0 };
    struct db_schema_state done = { 0 };

    TRY(compare(cx, modules, count, &s)); /* again: another process may have migrated since */
    if (s.version < s.wanted) {
        TRY(apply_all(db, cx, &s, &done));
    }
    done.version = s.wanted;
    *out         = done;
    return ST_OK;
}

/*
 * References are not enforced meanwhile, for a step may drop a table and make it anew; all are
 * checked before the commit. A store that would not enforce them again is not usable: is_lost.
 */
static enum status migrate(struct db *db, struct ctx *cx, const struct db_module *modules,
                           size_t count, struct db_schema_state *out)
{
    struct err  again = { .code = ST_OK };
    struct err *outer = cx->err;
    enum status st    = db->ops->references(db, cx, DB_REFERENCES_OFF);

    if (st == ST_OK) {
        st = db_begin(db, cx, DB_WRITE);
    }
    if (st == ST_OK) {
        st = db_end(cx, migrate_in_tx(db, cx, modules, count, out));
    }
    cx->err = st == ST_OK ? outer : &again; /* the first failure is told */
    if (db->ops->references(db, cx, DB_REFERENCES_ON) != ST_OK) {
        db->is_lost = true;
        st          = st == ST_OK ? cx->err->code : st;
    }
    cx->err = outer;
    return st;
}

enum status db_migrate(struct db *db, struct ctx *cx, const struct db_module *modules, size_t count,
                       struct db_schema_state *out)
{
    struct state           s    = { 0 };
    struct db_schema_state done = { 0 };

    assert(count <= DB_MODULE_MAX);
    TRY(db_begin(db, cx, DB_READ));
    TRY(db_end(cx, compare(cx, modules, count, &s)));
    done.version = s.version;
    if (s.version < s.wanted) {
        if (!db->ops->is_writable(db)) {
            str path = db_path(db);
            return FAIL(cx, UNSUPPORTED,
                        "the store \"" STR_FMT
                        "\" has schema version %d, this program needs %d: run a command that "
                        "writes to it (weft doctor), which makes a copy and migrates it",
                        STR_ARG(path), s.version, s.wanted);
        }
        TRY(migrate(db, cx, modules, count, &done));
    }
    if (out != NULL) {
        *out = done;
    }
    return ST_OK;
}
