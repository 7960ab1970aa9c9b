/*
 * publish_test.c - a publish that is killed, or meets a power loss, at any moment leaves a whole mesh.
 *
 * A child publishes on top of earlier publishes and is killed: at each of its write points in turn
 * (our calls and SQLite's, counted by os/os_calls.h and support/counted_vfs.h), or at a random time.
 * Then, for the power loss, all that was not synced is taken away. What is left must be whole, hold
 * every publish the child had acknowledged, and let the next child publish at once.
 *
 * WEFT_CRASH_KILLS=1000 sets the random kills and makes every loop meet every point, both whole and
 * torn; without it the loops that a full run does in minutes take every few points.
 */
#include "support/test_mesh_check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/os_calls.h"
#include "os/powerloss.h"
#include "retention/retention.h"
#include "table/delta.h"
#include "os/thread.h"
#include "support/counted_vfs.h"
#include "support/test_ctx.h"
#include "support/test_dir.h"
#include "test.h"

enum {
    POINTS_MAX      = 3000, /* write points of one publish; more is an endless loop */
    BATCH           = 12,   /* crashes on one mesh before it starts anew            */
    KILLS_USUAL     = 20,
    CHILD_SECONDS   = 1500, /* it hangs; a busy machine takes minutes */
    SHARDS_MAX      = 4,
    ACK_MAX         = 4096,
    PROBLEM_MAX     = 2000,
    ARENA_BYTES     = 256 << 20,
    USUAL_STEP      = 9, /* of a usual run: every ninth point */
    FIRST_TIME_STEP = 21,
    GO_BACK_STEP    = 18,
};

/* ------------------------------------------------------------------------- the child */

/* What the child does before its end. */
struct attempt {
    uint64_t         at;          /* write point that kills it; 0 = none                       */
    bool             torn;        /* half of the write is left                                  */
    bool             is_early;    /* points count from before the mesh is opened                */
    bool             recovers;    /* publishes what the last one left, then new rows            */
    bool             goes_back;   /* then back to the publish before, and what a tick does      */
    bool             ticks_again; /* first of all: a tick may have been killed                */
    uint64_t         round;       /* growths of the sources when it ends                        */
    unsigned         jobs;
    int64_t          kill_us; /* killed by its parent after this time; 0 = not               */
    struct os_calls *forget;  /* an interposer of a build that is wrong on purpose; or NULL  */
};

struct child {
    struct err      err;
    struct ctx      cx;
    str             root;
    int             fd; /* to the parent */
    struct os_crash crash;
};

static void tell(struct child *c, str line)
{
    if (write(c->fd, line.ptr, line.len) != (ssize_t)line.len) {
        _exit(3);
    }
}

/* Publishes, and acknowledges as `weft publish` would: when publish_run has returned. */
static enum status publish_and_tell(struct child *c, struct test_mesh *m)
{
    struct publish_run_result run = { 0 };
    enum status               st  = test_mesh_publish(&c->cx, m, &run);

    for (size_t i = 0; i < run.count; i++) {
        const struct publish_product_result *r = &run.items[i];

        if (r->status == ST_OK && r->outcome == PUBLISH_DONE) {
            tell(c, arena_printf(c->cx.arena, "P%zu %lld " STR_FMT "\n", i, (long long)r->sequence,
                                 STR_ARG(r->publish_id)));
        }
    }
    publish_result_free(&run);
    return st;
}

/* What weft tick does, in a time when the second major has ended; the live rows of all others have no history. */
static enum status tick(struct child *c, struct test_mesh *m,
                        struct retention_withdrawals *withdrawn)
{
    struct env           late = test_mesh_late();
    struct ctx           cx   = c->cx;
    struct retention_env env  = {
         .project = m->mesh.project, .db = m->mesh.db, .blob = m->mesh.blob, .engine = m->mesh.build
    };
    struct retention_list forgotten;

    cx.env = &late;
    for (size_t i = 0; i < m->products[0]->ports.count; i++) {
        m->products[0]->ports.items[i]->history_us = 0;
    }
    TRY(retention_withdraw(&cx, &env, withdrawn));
    return retention_forget(&cx, &env, &forgotten);
}

/* A tick that was killed is done again: then all that it had to do is done, and a third one has nothing to do. */
static enum status tick_again(struct child *c, struct test_mesh *m)
{
    struct retention_withdrawals first, second;
    struct table_gones           gone;
    bool                         has_log = false;

    TRY(tick(c, m, &first));
    TRY(tick(c, m, &second));
    TRY(db_begin(m->mesh.db, &c->cx, DB_READ));
    TRY(db_end(&c->cx, table_gone_of(&c->cx, m->products[0]->id, &gone)));
    TRY(gone.list.count
            ? delta_has_log(&c->cx, m->mesh.blob, gone.list.items[0].last.address, &has_log)
            : ST_OK);
    if (gone.list.count != 1 || has_log || second.list.count > 0 ||
        gone.list.items[0].last.forgotten_us == 0) {
        return FAIL(&c->cx, CORRUPT, "a tick that was done again left something: %zu gone, %s log",
                    gone.list.count, has_log ? "a" : "no");
    }
    return ST_OK;
}

/*
 * The orders of the publish before the newest are live again; then their second major is withdrawn, and all that
 * is older is forgotten.
 */
static enum status go_back(struct child *c, struct test_mesh *m)
{
    struct retention_withdrawals withdrawn;
    struct publish_records       last;
    struct project_product      *orders = m->products[0];
    enum status                  st;

    TRY(db_begin(m->mesh.db, &c->cx, DB_READ));
    TRY(db_end(&c->cx, publish_history(&c->cx, orders->id, 2, &last)));
    m->env.rollback = last.list.items[1].id;
    m->count        = 1;
    st              = publish_and_tell(c, m);
    return st == ST_OK ? tick(c, m, &withdrawn) : st;
}

static void arm(struct child *c, const struct attempt *a)
{
    c->crash = OS_CRASH(.at = a->at, .torn = a->torn);
    os_calls_push(&c->crash.calls);
}

static enum status child_work(struct child *c, const struct attempt *a)
{
    struct test_mesh m;

    if (a->forget) {
        os_calls_push(a->forget);
    }
    if (a->is_early) {
        arm(c, a);
    }
    TRY(test_mesh_open(&c->cx, c->root, &m));
    m.env.jobs = a->jobs;
    TRY(a->ticks_again ? tick_again(c, &m) : ST_OK);
    if (a->recovers) {
        m.env.is_full =
            a->ticks_again; /* what was withdrawn is served again, and there is data to go back to */
        TRY(publish_and_tell(c, &m));
        m.env.is_full = false;
        tell(c, S("R\n"));
        TRY(test_mesh_grow(&c->cx, c->root, a->round));
        tell(c, S("G\n"));
    }
    TRY(a->goes_back ? publish_and_tell(c, &m) : ST_OK);
    if (!a->is_early) {
        arm(c, a);
    }
    TRY(a->goes_back ? go_back(c, &m) : publish_and_tell(c, &m));
    test_mesh_close(&m);
    return ST_OK;
}

static void child_main(str root, int fd, const struct attempt *a)
{
    struct child c = { .root = root, .fd = fd };

    c.cx = (struct ctx){ .arena = arena_new("child", ARENA_BYTES),
                         .err   = &c.err,
                         .env   = os_env(),
                         .actor = S("tester") };
    (void)alarm(CHILD_SECONDS);
    if (child_work(&c, a) != ST_OK) {
        tell(&c, arena_printf(c.cx.arena, "F%s\n", c.err.text));
        _exit(1);
    }
    tell(&c, arena_printf(c.cx.arena, "N%llu\n", (unsigned long long)atomic_load(&c.crash.seen)));
    _exit(0);
}

/* ------------------------------------------------------------------------- the parent */

/* What a child said before its end. */
struct outcome {
    bool     is_killed;
    bool     has_recovered;                /* and began to grow the sources */
    bool     has_grown;                    /* both of them                  */
    int64_t  sequence[TEST_MESH_PRODUCTS]; /* acknowledged; 0 = none */
    str      id[TEST_MESH_PRODUCTS];
    uint64_t points; /* write points of one that came to its end */
    str      problem;
};

/* One loop on meshes of its own, in a process of its own. */
struct loop {
    struct err             err;
    struct ctx             cx;
    struct test_random     random;
    str                    root, shadow;
    struct test_mesh_state now;
    str                    heads[TEST_MESH_PRODUCTS]; /* texts of now.head */
    char                   ids[TEST_MESH_PRODUCTS][64];
    uint64_t               round;      /* of the sources: the newest growth that began    */
    uint64_t               sure;       /* ... the newest that ended; a file has one between */
    bool                   is_loss;    /* the power goes after each crash                 */
    bool                   goes_back;  /* older rows are live again                      */
    bool                   has_majors; /* one of which ends                              */
    struct os_calls       *forget;
    uint64_t               crashes, ended, acknowledged;
    str                    problem;
};

static void read_line(struct outcome *o, struct arena *a, str line)
{
    str      number, id;
    uint64_t sequence;

    if (str_starts(line, S("R"))) {
        o->has_recovered = true;
    } else if (str_starts(line, S("G"))) {
        o->has_grown = true;
    } else if (str_starts(line, S("F"))) {
        o->problem = arena_printf(a, "a publish failed: " STR_FMT, STR_ARG(str_from(line, 1)));
    } else if (str_starts(line, S("N"))) {
        ignore(str_to_u64(str_from(line, 1), &o->points) ? ST_OK : ST_INVALID, "0 is seen");
    } else if (line.len > 3 && line.ptr[0] == 'P' &&
               str_split(str_from(line, 3), ' ', &number, &id) && str_to_u64(number, &sequence)) {
        o->sequence[line.ptr[1] - '0'] = (int64_t)sequence;
        o->id[line.ptr[1] - '0']       = id;
    }
}

static void read_acks(struct outcome *o, struct arena *a, int fd)
{
    char   *bytes = arena_alloc(a, ACK_MAX);
    str     rest  = { bytes, 0 }, line;
    ssize_t n;

    while (rest.len < ACK_MAX && (n = read(fd, bytes + rest.len, ACK_MAX - rest.len)) > 0) {
        rest.len += (size_t)n;
    }
    while (str_cut(&rest, '\n', &line)) { /* a line cut short was not said */
        read_line(o, a, line);
    }
}

static struct outcome run_child(struct ctx *cx, str root, const struct attempt *a)
{
    struct outcome o = { 0 };
    int            pipe_fds[2], how = 0;
    pid_t          child;

    if (pipe(pipe_fds) != 0 || (child = fork()) < 0) {
        BUG("a child process is needed");
    }
    if (child == 0) {
        (void)close(pipe_fds[0]);
        child_main(root, pipe_fds[1], a);
    }
    (void)close(pipe_fds[1]);
    if (a->kill_us > 0) {
        ignore(os_sleep(cx, a->kill_us), "nobody cancels");
        (void)kill(child, SIGKILL);
    }
    if (waitpid(child, &how, 0) != child) {
        BUG("the child is ours");
    }
    read_acks(&o, cx->arena, pipe_fds[0]);
    (void)close(pipe_fds[0]);
    o.is_killed = WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
    if (!o.is_killed && !(WIFEXITED(how) && WEXITSTATUS(how) == 0) && o.problem.len == 0) {
        o.problem = arena_printf(cx->arena, "the child ended by itself (%d)", how);
    }
    return o;
}

/* ------------------------------------------------------------------------- judging */

static void set_problem(struct loop *l, uint64_t at, str what)
{
    char *text = l->problem.len == 0 ? malloc(PROBLEM_MAX) : NULL; /* ends with the process */

    if (text) {
        (void)snprintf(text, PROBLEM_MAX, "point %llu, round %llu: %.*s", (unsigned long long)at,
                       (unsigned long long)l->round, STR_ARG(what));
        l->problem = str_of(text);
    }
}

/*
 * Rows of a growth that a source can have had. A child killed while it grows the sources leaves
 * each of the two files old or new, and the next child publishes what it finds.
 */
static bool are_rows_of_sources(const struct loop *l, uint64_t newest, uint64_t rows)
{
    uint64_t oldest = l->goes_back ? 0 : l->sure;

    return rows >= TEST_MESH_ROWS + oldest * TEST_MESH_STEP &&
           rows <= TEST_MESH_ROWS + newest * TEST_MESH_STEP &&
           (rows - TEST_MESH_ROWS) % TEST_MESH_STEP == 0;
}

/* What was acknowledged is there; what is there was published, once, from rows that were there. */
static void judge_product(struct loop *l, const struct attempt *a, const struct outcome *o,
                          const struct test_mesh_state *now, size_t p)
{
    int64_t most = l->now.sequence[p] + 1 + (a->recovers ? 1 : 0) + (a->goes_back ? 1 : 0);

    if (now->sequence[p] < l->now.sequence[p] || now->sequence[p] < o->sequence[p]) {
        set_problem(l, a->at, S("an acknowledged publish is lost"));
    } else if (o->sequence[p] > 0 && now->logged[p] < o->sequence[p]) {
        set_problem(l, a->at, S("the log of an acknowledged publish is lost"));
    } else if (now->sequence[p] == o->sequence[p] && !str_eq(now->head[p], o->id[p])) {
        set_problem(l, a->at, S("another publish took the place of an acknowledged one"));
    } else if (now->sequence[p] == l->now.sequence[p] && !str_eq(now->head[p], l->now.head[p])) {
        set_problem(l, a->at, S("an older publish changed"));
    } else if (now->sequence[p] > most) {
        set_problem(l, a->at, S("a publish is there twice"));
    } else if (now->sequence[p] > l->now.sequence[p] &&
               !are_rows_of_sources(l, a->round, now->rows[p])) {
        set_problem(l, a->at, S("the rows are of no state of the sources"));
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

static void judge(struct loop *l, const struct attempt *a, const struct outcome *o)
{
    struct test_mesh_state now;
    str                    problem = test_mesh_problem(&l->cx, l->root, &now);

    if (o->problem.len > 0 || problem.len > 0) {
        set_problem(l, a->at, o->problem.len > 0 ? o->problem : problem);
        return;
    }
    if (a->recovers && o->is_killed && a->kill_us == 0 && !o->has_recovered) {
        set_problem(l, a->at, S("the child was killed before it was armed"));
    }
    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        judge_product(l, a, o, &now, p);
        l->acknowledged += o->sequence[p] > 0;
    }
    keep_state(l, &now);
}

/* ------------------------------------------------------------------------- one crash */

static enum status begin_loss(struct loop *l, struct powerloss **out)
{
    *out = NULL;
    return l->is_loss ? powerloss_start(&l->cx, l->root, l->shadow, out) : ST_OK;
}

/* Every other loss keeps some of what was not synced, by chance. */
static enum status end_loss(struct loop *l, struct powerloss *p)
{
    uint64_t seed = test_random_next(&l->random);

    powerloss_stop(p);
    if (!l->is_loss) {
        return ST_OK;
    }
    return powerloss_drop(&l->cx, l->root, l->shadow, seed % 2 ? POWERLOSS_MIX : POWERLOSS_DROP,
                          seed);
}

/* One child, its end, the power loss, the look. True when the child came to its end. */
static bool crash_once(struct loop *l, struct attempt *a)
{
    struct arena_mark mark = arena_mark(l->cx.arena);
    struct powerloss *recorder;
    struct outcome    o;

    a->round  = a->recovers ? l->round + 1 : l->round;
    a->forget = l->forget;
    if (begin_loss(l, &recorder) != ST_OK) {
        BUG(l->err.text);
    }
    o = run_child(&l->cx, l->root, a);
    if (end_loss(l, recorder) != ST_OK) {
        BUG(l->err.text);
    }
    judge(l, a, &o);
    if (o.has_recovered || !o.is_killed) {
        l->round = a->round;
    }
    if (o.has_grown || !o.is_killed) {
        l->sure = a->round;
    }
    l->crashes += o.is_killed;
    l->ended += !o.is_killed;
    arena_rewind(l->cx.arena, mark);
    return !o.is_killed;
}

/* ------------------------------------------------------------------------- meshes */

static void start_mesh(struct loop *l)
{
    l->round = 0;
    l->sure  = 0;
    l->now   = (struct test_mesh_state){ 0 };
    if (os_dir_remove_all(&l->cx, l->root) != ST_OK || test_mesh_write(&l->cx, l->root) != ST_OK ||
        (l->has_majors && test_mesh_add_major(&l->cx, l->root) != ST_OK)) {
        BUG(l->err.text);
    }
}

/* A killed put leaves a temporary file, which whoever opens the store removes when it is old: make it so. */
static void age_temporary_files(struct loop *l)
{
    enum { SOME = 1000 };
    static const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    str               folder = os_path_join(l->cx.arena, l->root, S(".weft/objects/.weft-temp"));
    struct os_entries entries;

    if (os_dir_list(&l->cx, folder, SOME, &entries) != ST_OK) {
        err_clear(l->cx.err);
        return;
    }
    for (size_t i = 0; i < entries.list.count; i++) {
        str path = os_path_join(l->cx.arena, folder, entries.list.items[i].path);

        (void)utimensat(AT_FDCWD, arena_cstr(l->cx.arena, path), old, 0);
    }
}

/*
 * A publish after the crashes leaves no lease and no temporary file, and writes what is missing of logs;
 * the doctor finds garbage only.
 */
static void end_mesh(struct loop *l)
{
    struct attempt last = { .recovers = true, .jobs = 2 };
    str            problem;

    if (l->problem.len > 0) {
        return;
    }
    l->is_loss = false;
    age_temporary_files(l);
    (void)crash_once(l, &last);
    l->ended--;
    if (l->now.leases > 0) {
        set_problem(l, 0, S("a lease was left"));
    }
    for (size_t p = 0; p < TEST_MESH_PRODUCTS; p++) {
        if (l->now.logged[p] != l->now.sequence[p]) {
            set_problem(l, 0, S("a log is behind"));
        }
    }
    problem = test_mesh_end_problem(&l->cx, l->root);
    if (problem.len > 0) {
        set_problem(l, 0, problem);
    }
}

/* ------------------------------------------------------------------------- loops */

struct shard {
    size_t   number, count;
    uint64_t seed;
    uint64_t step;  /* of points; 1 = all */
    uint64_t kills; /* random ones        */
    bool     is_loss, is_full;
    bool     is_first; /* nothing was published before */
    bool     goes_back;
};

static bool is_torn(const struct shard *s, uint64_t n, unsigned pass)
{
    return s->is_full ? pass == 1 : n % 2 == 1;
}

/* A mesh for the next few crashes: with two publishes behind it. */
static void next_mesh(struct loop *l, const struct shard *s)
{
    struct attempt base = { .recovers = true, .jobs = 1 };

    l->has_majors = s->goes_back;
    start_mesh(l);
    if (!s->is_first) {
        l->is_loss = false;
        (void)crash_once(l, &base);
        l->ended--;
    }
    l->is_loss   = s->is_loss;
    l->goes_back = s->goes_back;
}

/* Each point of this shard; a recovering child publishes what the one before left. */
static void points_pass(struct loop *l, const struct shard *s, unsigned pass)
{
    bool     has_ended = false;
    unsigned used      = 0;

    for (uint64_t n = 1 + s->number * s->step; !has_ended && l->problem.len == 0;
         n += s->step * s->count) {
        struct attempt a = { .at        = n,
                             .torn      = is_torn(s, n, pass),
                             .is_early  = s->is_first,
                             .recovers  = !s->is_first,
                             .goes_back = s->goes_back,
                             .jobs      = 1 };

        a.ticks_again = s->goes_back && used > 0;

        if (used == 0) {
            next_mesh(l, s);
        }
        has_ended = crash_once(l, &a);
        used      = s->is_first ? BATCH : used + 1;
        if (used == BATCH || has_ended) {
            end_mesh(l);
            used = 0;
        }
        if (n > POINTS_MAX) {
            set_problem(l, n, S("the publish has no end"));
        }
    }
}

static void points_loop(struct loop *l, const struct shard *s)
{
    for (unsigned pass = 0; pass < (s->is_full ? 2U : 1U); pass++) {
        points_pass(l, s, pass);
    }
}

/* How long an attempt takes here that nobody kills. */
static int64_t measure(struct loop *l)
{
    struct attempt a     = { .recovers = true, .jobs = 2 };
    int64_t        start = ctx_now_us(&l->cx);

    (void)crash_once(l, &a);
    l->ended--;
    return ctx_now_us(&l->cx) - start;
}

static void random_loop(struct loop *l, const struct shard *s)
{
    int64_t  span = 0;
    unsigned used = 0;

    for (uint64_t i = s->number; i < s->kills && l->problem.len == 0; i += s->count) {
        struct attempt a = { .recovers = true, .jobs = 2 };

        if (used == 0) {
            next_mesh(l, s);
            span = span ? span : measure(l);
        }
        a.kill_us = 1 + (int64_t)test_random_below(&l->random, (size_t)span);
        (void)crash_once(l, &a);
        used = used + 1 == BATCH ? 0 : used + 1;
        if (used == 0) {
            end_mesh(l);
        }
    }
}

/* ------------------------------------------------------------------------- shards */

static void loop_init(struct loop *l, str dir, const struct shard *s)
{
    *l        = (struct loop){ .random = { s->seed + s->number } };
    l->cx     = (struct ctx){ .arena = arena_new("loop", ARENA_BYTES),
                              .err   = &l->err,
                              .env   = os_env(),
                              .actor = S("tester") };
    l->root   = os_path_join(l->cx.arena, dir, arena_printf(l->cx.arena, "mesh %zu", s->number));
    l->shadow = os_path_join(l->cx.arena, dir, arena_printf(l->cx.arena, "shadow %zu", s->number));
}

/* A process for each shard, on a mesh of its own. */
static void run_shards(str dir, void (*run)(struct loop *, const struct shard *), struct shard s)
{
    pid_t children[SHARDS_MAX];
    bool  is_whole = true;

    s.count = os_cpu_count() < SHARDS_MAX ? os_cpu_count() : SHARDS_MAX;
    for (s.number = 0; s.number < s.count; s.number++) {
        children[s.number] = fork();
        if (children[s.number] == 0) {
            struct loop l;

            loop_init(&l, dir, &s);
            run(&l, &s);
            print_message("shard %zu: %llu crashes, %llu ended, %llu acknowledged publishes %s\n",
                          s.number, (unsigned long long)l.crashes, (unsigned long long)l.ended,
                          (unsigned long long)l.acknowledged, l.problem.len ? l.problem.ptr : "");
            _exit(l.problem.len > 0);
        }
    }
    for (size_t i = 0; i < s.count; i++) {
        int how = 1;

        (void)waitpid(children[i], &how, 0);
        is_whole = is_whole && how == 0;
    }
    assert_true(is_whole);
}

/* ------------------------------------------------------------------------- tests */

static struct test_dir dir;

static int setup(void **state)
{
    (void)state;
    (void)test_dir_init(&dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_release(&dir);
    return 0;
}

static uint64_t kills_wanted(void)
{
    const char *text  = getenv("WEFT_CRASH_KILLS");
    uint64_t    count = KILLS_USUAL;

    return text && str_to_u64(str_of(text), &count) ? count : KILLS_USUAL;
}

static bool is_full_run(void)
{
    return getenv("WEFT_CRASH_KILLS") != NULL;
}

static void a_publish_killed_at_each_write_point_leaves_a_whole_mesh(void **state)
{
    run_shards(dir.path, points_loop,
               (struct shard){
                   .step = is_full_run() ? 1 : USUAL_STEP, .seed = 1, .is_full = is_full_run() });
}

static void a_publish_killed_at_random_leaves_a_whole_mesh(void **state)
{
    run_shards(dir.path, random_loop, (struct shard){ .kills = kills_wanted(), .seed = 2 });
}

static void a_first_publish_killed_at_a_write_point_can_be_done_again(void **state)
{
    run_shards(
        dir.path, points_loop,
        (struct shard){ .step = is_full_run() ? 1 : FIRST_TIME_STEP, .seed = 3, .is_first = true });
}

static void a_rollback_and_a_tick_killed_at_each_write_point_leave_a_whole_mesh(void **state)
{
    run_shards(dir.path, points_loop,
               (struct shard){ .step      = is_full_run() ? 1 : GO_BACK_STEP,
                               .seed      = 6,
                               .is_full   = is_full_run(),
                               .goes_back = true });
}

static void a_power_loss_in_a_rollback_or_a_tick_takes_nothing(void **state)
{
    run_shards(dir.path, points_loop,
               (struct shard){ .step      = is_full_run() ? 1 : GO_BACK_STEP * 2,
                               .seed      = 7,
                               .is_loss   = true,
                               .is_full   = is_full_run(),
                               .goes_back = true });
}

static void a_power_loss_takes_nothing_that_was_acknowledged(void **state)
{
    run_shards(dir.path, points_loop,
               (struct shard){ .step    = is_full_run() ? 1 : USUAL_STEP,
                               .seed    = 4,
                               .is_loss = true,
                               .is_full = is_full_run() });
}

static void a_power_loss_in_a_first_publish_takes_nothing_acknowledged(void **state)
{
    run_shards(dir.path, points_loop,
               (struct shard){ .step     = is_full_run() ? 1 : FIRST_TIME_STEP * 3,
                               .seed     = 5,
                               .is_loss  = true,
                               .is_first = true });
}

/* A build that syncs everything but what its name has, as the recorder sees it. */
struct forgetful {
    struct os_calls calls;
    const char     *what;
    bool            is_folder;
};

static int forget_sync(struct os_calls *c, struct os_event *ev)
{
    struct forgetful *f = container_of(c, struct forgetful, calls);
    char              name[64], path[OS_PATH_MAX] = "";
    ssize_t           len = 0;

    if (ev->call != OS_SYNC) {
        return 0;
    }
    if (ev->fd >= 0) {
        (void)snprintf(name, sizeof name, "/proc/self/fd/%d", ev->fd);
        len = readlink(name, path, sizeof path - 1);
    } else {
        len = snprintf(path, sizeof path, "%s", ev->path);
    }
    if (len > 0 && strstr(path, f->what)) {
        ev->call = OS_STAT;
    }
    return 0;
}

/* The loop can fail: it sees what a missing sync does. */
static void a_build_that_forgets_a_sync_is_found(void **state)
{
    static const char *const forgotten[] = { ".parquet", "/objects/sales", "registry.db" };

    for (size_t i = 0; i < CASES(forgotten); i++) {
        struct forgetful f = { .calls = { .before = forget_sync }, .what = forgotten[i] };
        struct shard     s = { .count = 1, .is_loss = true };
        struct attempt   a = { .recovers = true, .jobs = 1 };
        struct loop      l;

        loop_init(&l, dir.path, &s);
        next_mesh(&l, &s);
        assert_int_equal(l.problem.len, 0);
        l.forget = &f.calls;
        for (int n = 0; n < 4 && l.problem.len == 0; n++) { /* some losses keep it by chance */
            (void)crash_once(&l, &a);
        }
        print_message("without the syncs of %s: %s\n", forgotten[i],
                      l.problem.len ? l.problem.ptr : "nothing was found");
        assert_true(l.problem.len > 0);
        arena_free(l.cx.arena);
    }
}

/* crash_publish [PATTERN]: only the tests whose names match, as in '*random*'. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_build_that_forgets_a_sync_is_found),
        T(a_publish_killed_at_each_write_point_leaves_a_whole_mesh),
        T(a_publish_killed_at_random_leaves_a_whole_mesh),
        T(a_first_publish_killed_at_a_write_point_can_be_done_again),
        T(a_rollback_and_a_tick_killed_at_each_write_point_leave_a_whole_mesh),
        T(a_power_loss_in_a_rollback_or_a_tick_takes_nothing),
        T(a_power_loss_takes_nothing_that_was_acknowledged),
        T(a_power_loss_in_a_first_publish_takes_nothing_acknowledged),
    };

    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    counted_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
