/*
 * publish_test.c - a publish of which any call fails leaves a whole mesh, says why, and can be done again.
 *
 * A publish on top of earlier ones meets one failure: the n-th call of a layer (our system calls and
 * SQLite's, counted by os/os_calls.h and support/counted_vfs.h; or a port, by its decorator) fails
 * once, or all calls from it on do. For n = 1, 2, 3 … until a publish passes without meeting it.
 * Then the mesh must be whole, nothing may be left behind, every product that failed has the status
 * and the reason of the failure, and the next publish succeeds.
 *
 * WEFT_FAULT_POINTS=n sets how many calls each pass takes, all of them when there are fewer (with
 * 100000 a run takes an hour or more); WEFT_FAULT_PASS is a part of the name of the passes to run and
 * WEFT_FAULT_CALL the number of the one call that is to fail.
 */
#include "support/test_mesh_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include "blob/blob_faulty.h"
#include "db/db_faulty.h"
#include "engine/engine_faulty.h"
#include "os/os_calls.h"
#include "support/counted_vfs.h"
#include "support/test_dir.h"
#include "test.h"

enum {
    CALLS_MAX    = 20000, /* of one publish; more is an endless loop     */
    POINTS_USUAL = 3,     /* failures of each pass in a usual run        */
    BATCH        = 12,    /* failures on one mesh before it starts anew  */
    PROBLEMS_MAX = 50,    /* of a pass; then it ends                     */
    ARENA_BYTES  = 256 << 20,
    HIT_MAX      = OS_PATH_MAX + 32,
    ID_MAX       = 64,
};

/* ------------------------------------------------------------------------- what fails, and how */

enum layer { LAYER_OS, LAYER_DB, LAYER_BLOB, LAYER_ENGINE };

/* One pass of the loop. */
struct pass {
    const char *name;
    enum layer  layer;
    bool        is_forever; /* that call and all later ones               */
    bool        is_after;   /* of a port: the call was made all the same  */
    bool        is_first;   /* the mesh was never published, nor opened   */
    bool        is_harmless;
    int         error; /* of system calls of these kinds             */
    unsigned    kinds;
    enum status status;     /* of every product that failed               */
    const char *reasons[3]; /* one of them is in its message              */
};

#define KIND(name) (1U << OS_##name)
#define KINDS_SPACE                                                                                \
    (KIND(CREATE) | KIND(WRITE) | KIND(SYNC) | KIND(TRUNCATE) | KIND(MAKE_DIR) | KIND(RENAME) |    \
     KIND(LINK))
#define KINDS_RIGHTS                                                                               \
    (KIND(OPEN) | KIND(CREATE) | KIND(STAT) | KIND(MAKE_DIR) | KIND(REMOVE_DIR) | KIND(UNLINK) |   \
     KIND(RENAME) | KIND(LINK) | KIND(REALPATH))
#define KINDS_FDS  (KIND(OPEN) | KIND(CREATE) | KIND(LIST))
#define KINDS_ALL  ((1U << OS_CALL_COUNT) - 1)
#define KINDS_DISK (KINDS_ALL & ~(KIND(LOCK) | KIND(SPAWN) | KIND(THREAD)))

/* The one that fails system calls. */
struct os_breaker {
    struct os_calls    calls;
    const struct pass *pass;
    uint64_t           at; /* 0 = only count */
    _Atomic uint64_t   seen;
    char               hit[HIT_MAX]; /* the first call that failed, in words */
};

static void describe(struct os_breaker *b, const struct os_event *ev)
{
    char    link[64], path[OS_PATH_MAX] = "";
    ssize_t len = 0;

    if (ev->fd >= 0) {
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", ev->fd);
        len = readlink(link, path, sizeof path - 1);
    }
    (void)snprintf(b->hit, sizeof b->hit, "%s %s", os_call_name(ev->call),
                   len > 0    ? path
                   : ev->path ? ev->path
                              : "");
}

static int break_call(struct os_calls *c, struct os_event *ev)
{
    struct os_breaker *b = container_of(c, struct os_breaker, calls);
    uint64_t           n;

    if ((b->pass->kinds & 1U << ev->call) == 0) {
        return 0;
    }
    n = atomic_fetch_add(&b->seen, 1) + 1;
    if (b->at == 0 || n < b->at || (n > b->at && !b->pass->is_forever)) {
        return 0;
    }
    if (n == b->at) {
        describe(b, ev);
    }
    if (b->pass->error == 0 && ev->len > 1) {
        ev->len = ev->len / 2;
    }
    return b->pass->error;
}

/* What every worker's store does; there is no other way to one than this function. */
static struct {
    struct db_fault fault;
    uint64_t        seen;
} stores;

static enum status open_faulty_store(struct ctx *cx, const struct db_options *options,
                                     struct db **out)
{
    const struct db_fault *f      = &stores.fault;
    uint64_t               number = ++stores.seen;
    bool is_hit = f->at != 0 && (f->mode == DB_FAULT_FOREVER ? number >= f->at : number == f->at);
    struct db *db;

    if (is_hit && f->side == DB_FAULT_BEFORE) {
        return err_set(cx->err, f->status, __FILE__, __LINE__, "open failed on purpose");
    }
    TRY(db_open(cx, options, &db));
    if (is_hit) {
        db_close(db);
        return err_set(cx->err, f->status, __FILE__, __LINE__, "open failed on purpose");
    }
    *out = db_faulty_take(db, *f);
    return ST_OK;
}

/* ------------------------------------------------------------------------- the loop */

/* A mesh that is open, with all that the opening and its publishes allocated. */
struct session {
    struct err       err;
    struct ctx       cx;
    struct test_mesh mesh;
    bool             is_open;
};

struct loop {
    struct err             err;
    struct ctx             cx;
    str                    root;
    const struct pass     *pass;
    struct session         session; /* of ports: over a batch; of system calls: over one publish */
    struct os_breaker      breaker;
    struct test_mesh_state now;
    char                   ids[TEST_MESH_PRODUCTS][ID_MAX]; /* texts of now.head       */
    uint64_t               round;                           /* growths of the sources  */
    uint64_t               at;                              /* the call that fails     */
    unsigned               used;                            /* failures on this mesh   */
    str                    secret;                          /* lines of the signing key */
    uint64_t               schemas;                         /* of builds, in the engine */
    uint64_t               failures, passes;
    unsigned               problems;
};

/* What a publish said of one product. */
struct said {
    enum publish_outcome outcome;
    enum status          status, log_status;
    str                  message, id, log_message;
};

struct outcome {
    bool        was_reached; /* the call that fails was made              */
    bool        has_run;     /* else the mesh could not be opened:        */
    enum status status;
    str         message;
    struct said products[TEST_MESH_PRODUCTS];
    uint64_t    calls;                     /* that could have failed      */
    size_t      files_before, files_after; /* open ones of this process   */
};

static void wrong(struct loop *l, const char *what, str details)
{
    print_error("%s, call %llu, round %llu%s%s: %s" STR_FMT "\n", l->pass->name,
                (unsigned long long)l->at, (unsigned long long)l->round,
                l->breaker.hit[0] ? ", " : "", l->breaker.hit, what, STR_ARG(details));
    l->problems++;
}

static void need(struct loop *l, enum status st)
{
    if (st != ST_OK) {
        BUG(l->err.text);
    }
}

static size_t count_open_files(void)
{
    DIR   *dir   = opendir("/proc/self/fd");
    size_t count = 0;

    if (!dir) {
        BUG("/proc is needed");
    }
    while (readdir(dir)) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/* ------------------------------------------------------------------------- arming */

static void arm(struct loop *l, uint64_t at)
{
    const struct pass *p = l->pass;

    l->breaker.hit[0] = '\0';
    switch (p->layer) {
    case LAYER_OS:
        l->breaker.calls.before = break_call;
        l->breaker.pass         = p;
        l->breaker.at           = at;
        atomic_store(&l->breaker.seen, 0);
        os_calls_push(&l->breaker.calls);
        break;
    case LAYER_DB:
        stores.seen  = 0;
        stores.fault = (struct db_fault){ .at    = at,
                                          .mode  = p->is_forever ? DB_FAULT_FOREVER : DB_FAULT_ONCE,
                                          .side  = p->is_after ? DB_FAULT_AFTER : DB_FAULT_BEFORE,
                                          .count = &stores.seen,
                                          .status = p->status };
        break;
    case LAYER_BLOB:
        blob_faulty_set(
            l->session.mesh.env.blob,
            (struct blob_fault){ .at     = at,
                                 .mode   = p->is_forever ? BLOB_FAULT_FOREVER : BLOB_FAULT_ONCE,
                                 .side   = p->is_after ? BLOB_FAULT_AFTER : BLOB_FAULT_BEFORE,
                                 .status = p->status });
        break;
    case LAYER_ENGINE:
        engine_faulty_set(
            l->session.mesh.env.engine,
            (struct engine_fault){ .at   = at,
                                   .mode = p->is_forever ? ENGINE_FAULT_FOREVER : ENGINE_FAULT_ONCE,
                                   .side = p->is_after ? ENGINE_FAULT_AFTER : ENGINE_FAULT_BEFORE,
                                   .status = p->status });
        break;
    }
}

/* Calls counted since it was armed; from now on they pass. */
static uint64_t disarm(struct loop *l)
{
    uint64_t seen = 0;

    switch (l->pass->layer) {
    case LAYER_OS: os_calls_pop(&l->breaker.calls); return atomic_load(&l->breaker.seen);
    case LAYER_DB:
        seen         = stores.seen;
        stores.fault = (struct db_fault){ .count = &stores.seen };
        return seen;
    case LAYER_BLOB:
        seen = blob_faulty_calls(l->session.mesh.env.blob);
        blob_faulty_set(l->session.mesh.env.blob, (struct blob_fault){ 0 });
        return seen;
    case LAYER_ENGINE:
        seen = engine_faulty_calls(l->session.mesh.env.engine);
        engine_faulty_set(l->session.mesh.env.engine, (struct engine_fault){ 0 });
        return seen;
    }
    BUG("a layer of no kind");
}

/* ------------------------------------------------------------------------- publishing */

/* The ports of an open mesh get their decorators, which are closed with it. */
static void decorate(struct test_mesh *m)
{
    m->mesh.blob      = blob_faulty_take(m->mesh.blob, (struct blob_fault){ 0 });
    m->mesh.build     = engine_faulty_take(m->mesh.build, (struct engine_fault){ 0 });
    m->env.blob       = m->mesh.blob;
    m->env.engine     = m->mesh.build;
    m->env.open_store = open_faulty_store;
}

static void close_session(struct loop *l)
{
    if (l->session.is_open) {
        test_mesh_close(&l->session.mesh);
    }
    arena_free(l->session.cx.arena);
    l->session = (struct session){ 0 };
}

static enum status open_session(struct loop *l)
{
    struct session *s = &l->session;

    *s    = (struct session){ 0 };
    s->cx = (struct ctx){ .arena = arena_new("session", ARENA_BYTES),
                          .err   = &s->err,
                          .env   = os_env(),
                          .actor = S("tester") };
    TRY(test_mesh_open(&s->cx, l->root, &s->mesh));
    s->is_open = true;
    decorate(&s->mesh);
    return ST_OK;
}

/* The message of a product and its findings, which a command prints before it. */
static str all_text(struct arena *a, const struct publish_product_result *r)
{
    str text = arena_dup(a, r->message);

    for (size_t i = 0; i < r->diags.list.count; i++) {
        text = arena_printf(a, STR_FMT "; " STR_FMT, STR_ARG(r->diags.list.items[i].message),
                            STR_ARG(text));
    }
    return text;
}

static void listen(struct loop *l, const struct publish_run_result *run, struct outcome *o)
{
    o->has_run = true;
    for (size_t i = 0; i < run->count && i < TEST_MESH_PRODUCTS; i++) {
        o->products[i] =
            (struct said){ .outcome     = run->items[i].outcome,
                           .status      = run->items[i].status,
                           .log_status  = run->items[i].log_status,
                           .message     = all_text(l->cx.arena, &run->items[i]),
                           .id          = arena_dup(l->cx.arena, run->items[i].publish_id),
                           .log_message = arena_dup(l->cx.arena, run->items[i].log_message) };
    }
}

/* One publish of all products whose call `at` fails (0: none), as a command makes it. */
static struct outcome publish(struct loop *l, uint64_t at)
{
    bool                      is_own = l->pass->layer == LAYER_OS; /* the session */
    struct publish_run_result run    = { 0 };
    struct outcome            o      = { .files_before = count_open_files() };

    arm(l, at);
    o.status = is_own ? open_session(l) : ST_OK;
    if (o.status == ST_OK) {
        o.status = publish_run(&l->session.cx, &l->session.mesh.env, l->session.mesh.products,
                               l->session.mesh.count, &run);
    }
    if (o.status == ST_OK) {
        listen(l, &run, &o);
        publish_result_free(&run);
    } else {
        o.message = arena_dup(l->cx.arena, err_text(&l->session.err));
    }
    if (is_own) {
        close_session(l);
    }
    o.calls       = disarm(l);
    o.was_reached = at != 0 && o.calls >= at;
    o.files_after = count_open_files();
    return o;
}

/* ------------------------------------------------------------------------- judging */

static bool has_reason(const struct pass *p, str message)
{
    for (size_t i = 0; i < COUNT_OF(p->reasons) && p->reasons[i]; i++) {
        if (str_has(message, str_of(p->reasons[i]))) {
            return true;
        }
    }
    return false;
}

/* What failed says what, why, and not more than it should. */
static void judge_message(struct loop *l, enum status st, str message)
{
    str rest = l->secret, line;

    if (st != l->pass->status) {
        wrong(l, status_slug(st).ptr, arena_printf(l->cx.arena, ": " STR_FMT, STR_ARG(message)));
    } else if (!has_reason(l->pass, message)) {
        wrong(l, "no reason: ", message);
    }
    while (str_cut(&rest, '\n', &line)) {
        if (line.len > 0 && str_has(message, line)) {
            wrong(l, "the message holds the signing key", STR_NONE);
        }
    }
}

/* Nobody can know whether a COMMIT happened whose store cannot be asked any more. */
static bool is_unclear(const struct said *s)
{
    return str_has(s->message, S("cannot be asked whether it was"));
}

/* A log that is not whole was said to be so, with the reason. */
static void judge_log(struct loop *l, const struct said *s, const struct test_mesh_state *now,
                      size_t p)
{
    if (s->log_status != ST_OK) {
        judge_message(l, s->log_status, s->log_message);
    } else if (s->outcome == PUBLISH_DONE && now->logged[p] != now->sequence[p]) {
        wrong(l, test_mesh_product_ids[p], S(" has a log that is behind, and nobody said so"));
    }
}

/* What is there is what was said of the product. */
static void judge_product(struct loop *l, const struct said *s, const struct test_mesh_state *now,
                          size_t p)
{
    bool is_new = now->sequence[p] == l->now.sequence[p] + 1;
    bool is_old = now->sequence[p] == l->now.sequence[p] &&
                  (now->sequence[p] == 0 || str_eq(now->head[p], l->now.head[p]));
    bool is_whole = now->rows[p] == TEST_MESH_ROWS + l->round * TEST_MESH_STEP;

    if (!is_new && !is_old) {
        wrong(l, test_mesh_product_ids[p], S(" has an older publish changed, or two new ones"));
    } else if (is_new && !is_whole) {
        wrong(l, test_mesh_product_ids[p], S(" has rows of another state of its sources"));
    }
    judge_log(l, s, now, p);
    switch (s->outcome) {
    case PUBLISH_DONE:
        if (!is_new || !str_eq(now->head[p], s->id)) {
            wrong(l, test_mesh_product_ids[p], S(" is not what was said to be published"));
        }
        break;
    case PUBLISH_SKIPPED: wrong(l, test_mesh_product_ids[p], S(" was skipped")); break;
    case PUBLISH_FAILED:
        judge_message(l, s->status, s->message);
        if (!is_old && !is_unclear(s)) {
            wrong(l, test_mesh_product_ids[p], S(" was said to have failed, and is published"));
        }
        break;
    case PUBLISH_STOPPED:
        if (!is_old || !str_has(s->message, S("upstream"))) {
            wrong(l, "stopped: ", s->message);
        }
        break;
    }
}

static void keep_state(struct loop *l, const struct test_mesh_state *now)
{
    l->now = *now;
    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        (void)snprintf(l->ids[p], sizeof l->ids[p], STR_FMT, STR_ARG(now->head[p]));
        l->now.head[p] = str_of(l->ids[p]);
    }
}

/*
 * Nothing that a single failure, or a publish that passed, need leave behind. When an engine is open
 * or was closed by the call that failed, its folder for spilling is there still.
 */
static void judge_left(struct loop *l, const struct test_mesh_state *now, bool is_closed)
{
    static const char *const folders[] = { ".weft/objects/.weft-temp", ".weft/tmp" };
    size_t                   count     = is_closed ? 2 : 1;

    for (size_t i = 0; i < count; i++) {
        str left = test_mesh_leftover(&l->cx, l->root, folders[i]);

        if (left.len > 0) {
            wrong(l, "", left);
        }
    }
    if (now->leases > 0) {
        wrong(l, "a lease was left", STR_NONE);
    }
}

static void judge_garbage(struct loop *l, const struct test_mesh_state *now)
{
    if (now->garbage > l->now.garbage) {
        wrong(l, "a file that no snapshot holds was left", STR_NONE);
    }
}

/* Whether the log of some product could not be written. */
static bool has_log_failed(const struct outcome *o)
{
    bool has_failed = false;

    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        has_failed = has_failed || o->products[p].log_status != ST_OK;
    }
    return has_failed;
}

static bool is_failed(const struct outcome *o)
{
    bool is_done = o->has_run;

    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        is_done = is_done && o->products[p].status == ST_OK;
    }
    return !is_done;
}

/* Schemas of builds in the open engine. */
static uint64_t count_schemas(struct loop *l)
{
    struct engine_statement count = {
        .sql =
            S("SELECT count(*) FROM duckdb_schemas() WHERE starts_with(schema_name, 'build_')")
    };
    struct engine_conn *conn;
    struct engine_table rows;
    uint64_t            schemas = 0;

    need(l, engine_connect(l->session.mesh.env.engine, &l->cx, &conn));
    need(l, engine_rows(conn, &l->cx, &count, &rows));
    engine_disconnect(conn);
    if (!str_to_u64(engine_cell(&rows, 0, 0), &schemas)) {
        BUG("a count is a number");
    }
    return schemas;
}

/* A build that failed once is dropped; one that could not be dropped ends with its engine. */
static void judge_engine(struct loop *l, const struct outcome *o)
{
    uint64_t schemas = count_schemas(l);

    if (is_failed(o) && !l->pass->is_forever && schemas > l->schemas) {
        wrong(l, "the tables of a build are still in the engine", STR_NONE);
    }
    l->schemas = schemas;
}

/* Whether the call that failed was a sync of what is published: a power loss could take it. */
static bool was_needed(const struct loop *l)
{
    str hit = str_of(l->breaker.hit);

    return str_starts(hit, S("sync ")) && str_has(hit, S("/.weft/objects"));
}

static void judge(struct loop *l, const struct outcome *o)
{
    struct test_mesh_state now;
    str                    problem = test_mesh_problem(&l->cx, l->root, &now);

    if (problem.len > 0) {
        wrong(l, "", problem);
        return;
    }
    if (o->files_after != o->files_before) {
        wrong(l, "files are still open", STR_NONE);
    }
    if (is_failed(o) && (!o->was_reached || l->pass->is_harmless)) {
        wrong(l, "it failed for another reason", STR_NONE);
    }
    if (!is_failed(o) && was_needed(l) && !has_log_failed(o)) {
        wrong(l, "its files may not be on the disk", STR_NONE);
    }
    if (!o->has_run) {
        judge_message(l, o->status, o->message);
    }
    for (size_t p = 0; p < TEST_MESH_PRODUCTS && o->has_run; p++) {
        judge_product(l, &o->products[p], &now, p);
    }
    if (!l->pass->is_forever) {
        judge_left(l, &now, is_failed(o) && !l->session.is_open);
    }
    if (!l->pass->is_forever && !has_log_failed(o)) {
        judge_garbage(l, &now);
    }
    if (l->session.is_open) {
        judge_engine(l, o);
    }
    l->failures += is_failed(o);
    l->passes += !is_failed(o);
    keep_state(l, &now);
}

/*
 * Where nothing could be removed either, a file half put is left. The store of objects takes it away when it
 * is so old that nobody can be at work on it.
 */
static void age_leftovers(struct loop *l)
{
    struct timespec   old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    str               folder = os_path_join(l->cx.arena, l->root, S(".weft/objects/.weft-temp"));
    struct os_entries left;

    if (os_dir_list(&l->cx, folder, SIZE_MAX, &left) != ST_OK) {
        err_clear(l->cx.err);
        return;
    }
    for (size_t i = 0; i < left.list.count; i++) {
        str path = os_path_join(l->cx.arena, folder, left.list.items[i].path);

        assert_int_equal(utimensat(AT_FDCWD, arena_cstr(l->cx.arena, path), old, 0), 0);
    }
}

/* The failure is gone: the next publish succeeds and leaves no lease and no temporary file. */
static void heal(struct loop *l)
{
    struct outcome         o;
    struct test_mesh_state now;
    str                    problem;

    if (l->pass->is_forever) {
        age_leftovers(l);
    }
    o       = publish(l, 0);
    problem = test_mesh_problem(&l->cx, l->root, &now);

    if (problem.len > 0) {
        wrong(l, "after the next publish: ", problem);
        return;
    }
    if (!o.has_run) {
        wrong(l, "the next publish fails: ", o.message);
    }
    for (size_t p = 0; p < TEST_MESH_PRODUCTS && o.has_run; p++) {
        if (o.products[p].status != ST_OK) {
            wrong(l, "the next publish fails: ", o.products[p].message);
        } else if (now.rows[p] != TEST_MESH_ROWS + l->round * TEST_MESH_STEP) {
            wrong(l, test_mesh_product_ids[p], S(" has not the newest rows after it"));
        }
    }
    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        if (now.logged[p] != now.sequence[p]) {
            wrong(l, test_mesh_product_ids[p], S(" has a log that is behind after it"));
        }
    }
    judge_left(l, &now, !l->session.is_open);
    judge_garbage(l, &now);
    keep_state(l, &now);
}

/* ------------------------------------------------------------------------- meshes */

/* The lines of the private key that stand in no other file. */
static void read_secret(struct loop *l)
{
    str text, line, path = os_path_join(l->cx.arena, l->root, S(".weft/keys/receipt-ed25519.pem"));

    need(l, os_file_read(&l->cx, path, 1 << 16, &text));
    l->secret = STR_NONE;
    while (str_cut(&text, '\n', &line)) {
        if (!str_starts(line, S("-----"))) {
            l->secret =
                arena_printf(l->cx.arena, STR_FMT STR_FMT "\n", STR_ARG(l->secret), STR_ARG(line));
        }
    }
}

static void end_mesh(struct loop *l)
{
    str problem;

    close_session(l);
    problem = test_mesh_end_problem(&l->cx, l->root);
    if (problem.len > 0) {
        wrong(l, "at the end: ", problem);
    }
    l->used = 0;
    arena_free(l->cx.arena);
    l->cx.arena = NULL;
#if defined(__SANITIZE_ADDRESS__)
    if (__lsan_do_recoverable_leak_check() != 0) {
        wrong(l, "memory leaks", STR_NONE);
    }
#endif
}

/* A mesh for the next failures, with two publishes behind it; its arena is that of the batch. */
static void next_mesh(struct loop *l, str parent)
{
    l->cx      = (struct ctx){ .arena = arena_new("loop", ARENA_BYTES),
                               .err   = &l->err,
                               .env   = os_env(),
                               .actor = S("tester") };
    l->root    = os_path_join(l->cx.arena, parent, S("mesh"));
    l->round   = 0;
    l->now     = (struct test_mesh_state){ 0 };
    l->schemas = 0;
    l->secret  = STR_NONE;
    need(l, os_dir_remove_all(&l->cx, l->root));
    need(l, test_mesh_write(&l->cx, l->root));
    if (l->pass->layer != LAYER_OS) {
        need(l, open_session(l));
    }
    if (!l->pass->is_first) {
        heal(l);
        read_secret(l);
    }
}

/* ------------------------------------------------------------------------- passes */

static uint64_t number_from_env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t    number;

    return text && str_to_u64(str_of(text), &number) ? number : otherwise;
}

/*
 * A publish of new rows whose call l->at fails (0: none), a look, and the next publish. True when
 * that call was made. *calls gets how many could have failed.
 */
static bool fail_once(struct loop *l, str parent, uint64_t *calls)
{
    struct arena_mark mark;
    struct outcome    o;

    if (l->used == 0) {
        next_mesh(l, parent);
    }
    mark = arena_mark(l->cx.arena);
    if (!l->pass->is_first) {
        need(l, test_mesh_grow(&l->cx, l->root, ++l->round));
    }
    o = publish(l, l->at);
    judge(l, &o);
    if (o.was_reached) {
        heal(l);
    }
    arena_rewind(l->cx.arena, mark);
    l->used = l->pass->is_first ? BATCH : l->used + 1;
    if (l->used == BATCH) {
        end_mesh(l);
    }
    *calls = o.calls;
    return o.was_reached;
}

/* The n-th call fails, for n = first, first + step … until a publish does not meet it. */
static void fail_each(struct loop *l, str parent, uint64_t first, uint64_t step)
{
    uint64_t calls;

    for (l->at = first; fail_once(l, parent, &calls); l->at += step) {
        if (l->at > CALLS_MAX) {
            wrong(l, "the publish has no end", STR_NONE);
        }
        if (l->problems >= PROBLEMS_MAX) {
            return;
        }
    }
}

/* Gives the number of problems. */
static unsigned run_pass(str parent, const struct pass *pass, size_t number)
{
    struct loop l      = { .pass = pass };
    uint64_t    spread = number * 7; /* so that the passes of a usual run meet different calls */
    uint64_t    points = number_from_env("WEFT_FAULT_POINTS", POINTS_USUAL);
    uint64_t    only   = number_from_env("WEFT_FAULT_CALL", 0);
    uint64_t    calls, step;

    (void)fail_once(&l, parent, &calls);
    step     = points == 0 || calls <= points ? 1 : calls / points;
    l.passes = 0;
    if (only != 0) {
        fail_each(&l, parent, only, CALLS_MAX);
    } else {
        fail_each(&l, parent, 1 + spread % step, step);
    }
    if (l.used > 0) {
        end_mesh(&l);
    }
    print_message("%s: %llu calls, %llu publishes failed, %llu passed\n", pass->name,
                  (unsigned long long)calls, (unsigned long long)l.failures,
                  (unsigned long long)l.passes);
    if (l.passes == 0 || (!pass->is_harmless && l.failures == 0)) {
        wrong(&l, "the loop did not meet what it should", STR_NONE);
    }
    return l.problems;
}

#define DISK_REASONS                                                                               \
    {                                                                                              \
        "input/output error", "read or write error"                                                \
    }
#define PORT_REASONS                                                                               \
    {                                                                                              \
        "failed on purpose", "injected fault", "its query failed: limit"                           \
    }

static const struct pass passes[] = {
    { .name    = "a system call meets an I/O error",
      .error   = EIO,
      .kinds   = KINDS_DISK,
      .status  = ST_UNAVAILABLE,
      .reasons = DISK_REASONS },
    { .name    = "a sync meets an I/O error",
      .error   = EIO,
      .kinds   = KIND(SYNC),
      .status  = ST_UNAVAILABLE,
      .reasons = DISK_REASONS },
    { .name       = "the disk is broken from a system call on",
      .error      = EIO,
      .kinds      = KINDS_DISK,
      .status     = ST_UNAVAILABLE,
      .is_forever = true,
      .reasons    = DISK_REASONS },
    { .name    = "a system call finds no space",
      .error   = ENOSPC,
      .kinds   = KINDS_SPACE,
      .status  = ST_UNAVAILABLE,
      .reasons = { "no space left on device", "the disk is full" } },
    { .name       = "the disk is full from a system call on",
      .error      = ENOSPC,
      .kinds      = KINDS_SPACE,
      .status     = ST_UNAVAILABLE,
      .is_forever = true,
      .reasons    = { "no space left on device", "the disk is full" } },
    { .name    = "a system call is not permitted",
      .error   = EACCES,
      .kinds   = KINDS_RIGHTS,
      .status  = ST_DENIED,
      .reasons = { "permission denied" } },
    { .name       = "nothing is permitted from a system call on",
      .error      = EACCES,
      .kinds      = KINDS_RIGHTS,
      .status     = ST_DENIED,
      .is_forever = true,
      .reasons    = { "permission denied" } },
    { .name    = "a file is one too many",
      .error   = EMFILE,
      .kinds   = KINDS_FDS,
      .status  = ST_UNAVAILABLE,
      .reasons = { "too many open files" } },
    { .name       = "no file can be opened from one on",
      .error      = EMFILE,
      .kinds      = KINDS_FDS,
      .status     = ST_UNAVAILABLE,
      .is_forever = true,
      .reasons    = { "too many open files" } },
    { .name        = "reads and writes are short from one on",
      .kinds       = KIND(READ) | KIND(WRITE),
      .is_forever  = true,
      .is_harmless = true },
    { .name     = "a system call of a first publish meets an I/O error",
      .error    = EIO,
      .kinds    = KINDS_DISK,
      .status   = ST_UNAVAILABLE,
      .is_first = true,
      .reasons  = DISK_REASONS },
    { .name    = "a call of the store fails",
      .layer   = LAYER_DB,
      .status  = ST_UNAVAILABLE,
      .reasons = PORT_REASONS },
    { .name     = "the answer of a call of the store is lost",
      .layer    = LAYER_DB,
      .status   = ST_UNAVAILABLE,
      .is_after = true,
      .reasons  = PORT_REASONS },
    { .name       = "the store is gone from a call on",
      .layer      = LAYER_DB,
      .status     = ST_UNAVAILABLE,
      .is_forever = true,
      .reasons    = PORT_REASONS },
    { .name    = "a call of the objects fails",
      .layer   = LAYER_BLOB,
      .status  = ST_UNAVAILABLE,
      .reasons = PORT_REASONS },
    { .name     = "the answer of a call of the objects is lost",
      .layer    = LAYER_BLOB,
      .status   = ST_UNAVAILABLE,
      .is_after = true,
      .reasons  = PORT_REASONS },
    { .name       = "the objects are gone from a call on",
      .layer      = LAYER_BLOB,
      .status     = ST_DENIED,
      .is_forever = true,
      .reasons    = PORT_REASONS },
    { .name    = "a call of the engine fails",
      .layer   = LAYER_ENGINE,
      .status  = ST_UNAVAILABLE,
      .reasons = PORT_REASONS },
    { .name     = "the answer of a call of the engine is lost",
      .layer    = LAYER_ENGINE,
      .status   = ST_UNAVAILABLE,
      .is_after = true,
      .reasons  = PORT_REASONS },
    { .name       = "the engine is gone from a call on",
      .layer      = LAYER_ENGINE,
      .status     = ST_LIMIT,
      .is_forever = true,
      .reasons    = PORT_REASONS },
};

/* ------------------------------------------------------------------------- tests */

static void run_passes(enum layer layer)
{
    const char     *only     = getenv("WEFT_FAULT_PASS"); /* a part of its name */
    unsigned        problems = 0;
    struct test_dir dir;

    (void)test_dir_init(&dir);
    for (size_t i = 0; i < CASES(passes); i++) {
        if (passes[i].layer == layer && (!only || strstr(passes[i].name, only))) {
            problems += run_pass(dir.path, &passes[i], i);
        }
    }
    test_dir_release(&dir);
    assert_int_equal(problems, 0);
}

static void a_publish_of_which_a_system_call_fails_leaves_a_whole_mesh(void **state)
{
    run_passes(LAYER_OS);
}

static void a_publish_of_which_a_call_of_the_store_fails_leaves_a_whole_mesh(void **state)
{
    run_passes(LAYER_DB);
}

static void a_publish_of_which_a_call_of_the_objects_fails_leaves_a_whole_mesh(void **state)
{
    run_passes(LAYER_BLOB);
}

static void a_publish_of_which_a_call_of_the_engine_fails_leaves_a_whole_mesh(void **state)
{
    run_passes(LAYER_ENGINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_publish_of_which_a_system_call_fails_leaves_a_whole_mesh),
        cmocka_unit_test(a_publish_of_which_a_call_of_the_store_fails_leaves_a_whole_mesh),
        cmocka_unit_test(a_publish_of_which_a_call_of_the_objects_fails_leaves_a_whole_mesh),
        cmocka_unit_test(a_publish_of_which_a_call_of_the_engine_fails_leaves_a_whole_mesh),
    };

    counted_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
