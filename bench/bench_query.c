/*
 * bench_query.c - queries by the mesh's route beside the same ones by plain views of the same files.
 *
 * usage: bench_query run MESH QUERIES REPEAT     each query, both ways in turn, best of REPEAT
 *        bench_query guard MESH QUERIES REPEAT   the guard alone: cold, and from its cache
 *        bench_query stream MESH ours|plain      SELECT * of lineitem, to its last row
 *        bench_query governed MESH - REPEAT      scans of lineitem: plain, as "free" (allowed, nothing
 *                                                masked) and as "masked" (two masks and a row filter)
 *
 * The mesh is opened as `weft query` opens it. Plain queries run on the same engine instance, with a
 * view `name` as SELECT * FROM read_parquet(its files) for every published table. QUERIES holds
 * qNN.ours.sql and qNN.plain.sql. Prints JSON; times in microseconds.
 */
#include <stdio.h>
#include <string.h>

#include "cli/mesh.h"
#include "codec/json.h"
#include "os/clock.h"
#include "os/file.h"
#include "project/names.h"
#include "table/table.h"

enum { QUERIES = 22, SQL_MAX = 1 << 20, ARENA_MAX = 1 << 30, CACHED_RUNS = 200, NAME_BYTES = 16 };

#define STREAM_OURS  "SELECT * FROM tpch.lineitem.lineitem"
#define STREAM_PLAIN "SELECT * FROM lineitem"

/* A published table, as the guard's resolver of this program answers it. */
struct known_table {
    str                   name, address;
    struct guard_relation relation, governed; /* for the operator, for "masked" */
};

struct bench {
    struct ctx           *cx;
    struct cli_mesh       mesh;
    struct guard_resolver resolver; /* answers from `tables`, without the store */
    VEC(struct known_table) tables;
    struct access_reader operator_reader, free_reader, masked_reader;
    bool                 is_governed; /* the resolver answers as for masked_reader */
    unsigned             repeat;
};

struct cost {
    int64_t wall, cpu;
};

static int64_t now_us(const struct bench *b)
{
    return b->cx->env->monotonic_us(b->cx->env);
}

/* ------------------------------------------------------------------------- tables */

static enum status add_table(struct bench *b, const struct table_snapshot *s)
{
    struct ctx          *cx      = b->cx;
    size_t               count   = s->columns.list.count;
    struct guard_column *columns = arena_array(cx->arena, count, sizeof *columns);
    struct table_files   files;
    struct address       address;
    str                 *paths;

    TRY(table_files_of(cx, s->id, &files));
    paths = arena_array(cx->arena, files.list.count, sizeof *paths);
    for (size_t i = 0; i < files.list.count; i++) {
        TRY(blob_local_path(b->mesh.blob, cx, files.list.items[i].key, &paths[i]));
    }
    for (size_t i = 0; i < count; i++) {
        const struct table_column *c = &s->columns.list.items[i];

        columns[i] =
            (struct guard_column){ .field_id = c->field_id, .name = c->name, .type = c->type };
    }
    if (!address_parse(s->address, &address)) {
        return FAIL(cx, CORRUPT, "an address that cannot be read");
    }
    vec_push(cx->arena, &b->tables,
             (struct known_table){ .name     = address.table,
                                   .address  = s->address,
                                   .relation = { .kind         = GUARD_PARQUET,
                                                 .key          = s->address,
                                                 .columns      = columns,
                                                 .column_count = count,
                                                 .files        = paths,
                                                 .file_count   = files.list.count } });
    return ST_OK;
}

/* The relation as "masked" is given it. */
static enum status govern_table(struct bench *b, const struct table_snapshot *s)
{
    struct known_table     *t      = &b->tables.items[b->tables.count - 1];
    struct policy_object   *object = ARENA_NEW(b->cx->arena, struct policy_object);
    struct registry_product product;

    TRY(registry_product(b->cx, s->product_id, &product));
    TRY(query_object_of(b->cx, b->mesh.access, &product, s, object));
    t->governed = t->relation;
    return access_give(b->cx, b->mesh.access, &b->masked_reader, object, &t->governed);
}

static enum status list_tables(struct bench *b)
{
    struct table_snapshots heads;

    TRY(table_heads_all(b->cx, &heads));
    for (size_t i = 0; i < heads.list.count; i++) {
        TRY(add_table(b, &heads.list.items[i]));
        TRY(govern_table(b, &heads.list.items[i]));
    }
    return ST_OK;
}

static enum status resolve(struct guard_resolver *base, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    const struct bench *b = container_of(base, struct bench, resolver);

    for (size_t i = 0; i < b->tables.count; i++) {
        if (str_eq(b->tables.items[i].name, name->table)) {
            *out = b->is_governed ? b->tables.items[i].governed : b->tables.items[i].relation;
            return ST_OK;
        }
    }
    return FAIL(cx, NOT_FOUND, "no such table");
}

static enum status make_view(struct bench *b, struct engine_conn *conn, const struct known_table *t)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(SQL_MAX);
    str            text;

    buf_printf(&sql, "CREATE VIEW " STR_FMT " AS SELECT * FROM read_parquet([", STR_ARG(t->name));
    for (size_t i = 0; i < t->relation.file_count; i++) {
        buf_add(&sql, i ? S(", ") : S(""));
        engine_quote_text(&sql, t->relation.files[i]);
    }
    buf_add(&sql, S("])"));
    TRY(buf_take(&sql, b->cx, "a view", &text));
    return engine_exec(conn, b->cx, text);
}

static enum status make_views(struct bench *b)
{
    struct engine_conn *conn = NULL;
    enum status         st;

    TRY(engine_connect(b->mesh.query, b->cx, &conn));
    st = ST_OK;
    for (size_t i = 0; st == ST_OK && i < b->tables.count; i++) {
        st = make_view(b, conn, &b->tables.items[i]);
    }
    engine_disconnect(conn);
    return st;
}

/* ------------------------------------------------------------------------- both ways */

/* What came of a query: rows, and when the first batch was there. */
struct taken {
    uint64_t rows;
    int64_t  first_us;
};

static enum status drain_ours(struct bench *b, str sql, struct taken *out)
{
    struct query_env     env      = cli_query_env(&b->mesh);
    struct query_request rq       = { .sql = sql, .name = S("query") };
    struct diags         findings = { 0 };
    struct query_stream  stream   = { 0 };
    bool                 has_more = true;
    enum status          st;

    TRY(query_open(b->cx, &env, &rq, &findings, &stream));
    do {
        struct ArrowArray batch = { 0 };

        st = query_next(b->cx, &stream, &batch, &has_more);
        if (st == ST_OK && has_more) {
            out->first_us = out->rows == 0 ? now_us(b) : out->first_us;
            out->rows += (uint64_t)batch.length;
            arrow_array_release(&batch);
        }
    } while (st == ST_OK && has_more);
    TRY(query_close(b->cx, &env, &stream, st));
    return st;
}

static enum status drain_result(struct bench *b, struct engine_result *result, struct taken *out)
{
    for (;;) {
        struct ArrowArray batch = { 0 };
        bool              has_more;

        TRY(engine_result_next(result, b->cx, &batch, &has_more));
        if (!has_more) {
            return ST_OK;
        }
        out->first_us = out->rows == 0 ? now_us(b) : out->first_us;
        out->rows += (uint64_t)batch.length;
        arrow_array_release(&batch);
    }
}

static enum status drain_plain(struct bench *b, str sql, struct taken *out)
{
    struct engine_statement statement = { .sql = sql };
    struct engine_conn     *conn      = NULL;
    struct engine_result   *result    = NULL;
    enum status             st;

    TRY(engine_connect(b->mesh.query, b->cx, &conn));
    st = engine_query(conn, b->cx, &statement, &result);
    if (st == ST_OK) {
        st = drain_result(b, result, out);
        engine_result_close(result);
    }
    engine_disconnect(conn);
    return st;
}

typedef enum status drain_fn(struct bench *b, str sql, struct taken *out);

/* One run; *best is lowered to it. */
static enum status measure(struct bench *b, drain_fn *drain, str sql, struct cost *best,
                           uint64_t *rows)
{
    struct arena_mark mark  = arena_mark(b->cx->arena);
    struct taken      taken = { 0 };
    int64_t           wall = now_us(b), cpu = os_cpu_us();

    TRY(drain(b, sql, &taken));
    wall = now_us(b) - wall;
    cpu  = os_cpu_us() - cpu;
    arena_rewind(b->cx->arena, mark);
    best->wall = best->wall == 0 || wall < best->wall ? wall : best->wall;
    best->cpu  = best->cpu == 0 || cpu < best->cpu ? cpu : best->cpu;
    *rows      = taken.rows;
    return ST_OK;
}

/* ------------------------------------------------------------------------- the 22 queries */

static enum status read_query(struct bench *b, str folder, unsigned number, const char *kind,
                              str *out)
{
    str path = arena_printf(b->cx->arena, STR_FMT "/q%02u.%s.sql", STR_ARG(folder), number, kind);

    return os_file_read(b->cx, path, SQL_MAX, out);
}

static void write_cost(struct json_writer *w, str key, struct cost cost)
{
    json_w_key(w, key);
    json_w_object_begin(w);
    json_w_member_i64(w, S("wall"), cost.wall);
    json_w_member_i64(w, S("cpu"), cost.cpu);
    json_w_object_end(w);
}

static enum status run_query(struct bench *b, str folder, unsigned number, struct json_writer *w)
{
    struct cost ours = { 0 }, plain = { 0 };
    uint64_t    rows = 0, plain_rows = 0;
    str         sql, plain_sql;

    TRY(read_query(b, folder, number, "ours", &sql));
    TRY(read_query(b, folder, number, "plain", &plain_sql));
    for (unsigned i = 0; i < b->repeat; i++) {
        TRY(measure(b, drain_plain, plain_sql, &plain, &plain_rows));
        TRY(measure(b, drain_ours, sql, &ours, &rows));
    }
    if (rows != plain_rows) {
        return FAIL(b->cx, INTERNAL, "query %u gave %llu rows, plain DuckDB %llu", number,
                    (unsigned long long)rows, (unsigned long long)plain_rows);
    }
    write_cost(w, S("ours"), ours);
    write_cost(w, S("plain"), plain);
    json_w_member_u64(w, S("rows"), rows);
    return ST_OK;
}

/* ------------------------------------------------------------------------- the guard alone */

static enum status approve(struct bench *b, const struct guard_request *rq, int64_t *best)
{
    struct arena_mark     mark     = arena_mark(b->cx->arena);
    struct diags          findings = { 0 };
    struct guard_approved approved;
    int64_t               start = now_us(b);

    TRY(guard_approve(b->mesh.guard, b->cx, rq, &findings, &approved));
    start = now_us(b) - start;
    arena_rewind(b->cx->arena, mark);
    *best = *best < 0 || start < *best ? start : *best;
    return ST_OK;
}

static enum status run_guard(struct bench *b, str folder, unsigned number, struct json_writer *w)
{
    struct guard_request rq   = { .use = GUARD_QUERY, .resolver = &b->resolver };
    int64_t              cold = -1, cached = -1, governed = -1;

    rq.text.name = S("query");
    TRY(read_query(b, folder, number, "ours", &rq.text.bytes));
    for (unsigned i = 0; i < b->repeat; i++) {
        TRY(approve(b, &rq, &cold));
    }
    b->is_governed = true;
    for (unsigned i = 0; i < b->repeat; i++) {
        TRY(approve(b, &rq, &governed));
    }
    rq.scope = S("bench");
    rq.epoch = 1;
    for (unsigned i = 0; i < CACHED_RUNS; i++) {
        TRY(approve(b, &rq, &cached));
    }
    json_w_member_i64(w, S("cold"), cold);
    b->is_governed = false;
    json_w_member_i64(w, S("governed"), governed);
    json_w_member_i64(w, S("cached"), cached);
    return ST_OK;
}

typedef enum status query_fn(struct bench *b, str folder, unsigned number, struct json_writer *w);

static enum status each_query(struct bench *b, str folder, query_fn *run, struct json_writer *w)
{
    json_w_key(w, S("queries"));
    json_w_array_begin(w);
    for (unsigned number = 1; number <= QUERIES; number++) {
        char name[NAME_BYTES];

        snprintf(name, sizeof name, "q%02u", number);
        json_w_object_begin(w);
        json_w_member_str(w, S("name"), str_of(name));
        if (run(b, folder, number, w) != ST_OK) {
            return err_wrap(b->cx->err, "query %u", number);
        }
        json_w_object_end(w);
    }
    json_w_array_end(w);
    return ST_OK;
}

/* ------------------------------------------------------------------------- governed scans */

#define LINEITEM "tpch.lineitem.lineitem"

static const struct {
    const char *name, *ours, *plain;
} scans[] = {
#define SCAN(name, before, after)                                                                  \
    {                                                                                              \
        name, before LINEITEM after, before "lineitem" after                                       \
    }
    SCAN("count and sums", "SELECT count(*), sum(l_quantity), max(l_shipdate) FROM ", ""),
    SCAN("groups", "SELECT l_returnflag, l_linestatus, count(*), sum(l_extendedprice) FROM ",
         " GROUP BY ALL"),
    SCAN("texts", "SELECT max(l_comment), max(l_shipmode), min(l_partkey) FROM ", ""),
    SCAN("a condition", "SELECT count(*) FROM ",
         " WHERE l_shipdate >= DATE '1995-01-01' AND l_quantity < 25"),
#undef SCAN
};

static enum status measure_as(struct bench *b, struct access_reader reader, const char *sql,
                              struct cost *best)
{
    uint64_t    ignored;
    enum status st;

    b->mesh.reader = reader;
    st             = measure(b, drain_ours, str_of(sql), best, &ignored);
    b->mesh.reader = b->operator_reader;
    return st;
}

static enum status run_scan(struct bench *b, size_t i, struct json_writer *w)
{
    struct cost plain = { 0 }, open = { 0 }, masked = { 0 };
    uint64_t    ignored;

    for (unsigned k = 0; k < b->repeat; k++) {
        TRY(measure(b, drain_plain, str_of(scans[i].plain), &plain, &ignored));
        TRY(measure_as(b, b->free_reader, scans[i].ours, &open));
        TRY(measure_as(b, b->masked_reader, scans[i].ours, &masked));
    }
    json_w_member_str(w, S("name"), str_of(scans[i].name));
    write_cost(w, S("plain"), plain);
    write_cost(w, S("free"), open);
    write_cost(w, S("masked"), masked);
    return ST_OK;
}

static enum status run_governed(struct bench *b, struct json_writer *w)
{
    json_w_key(w, S("scans"));
    json_w_array_begin(w);
    for (size_t i = 0; i < COUNT_OF(scans); i++) {
        json_w_object_begin(w);
        TRY(run_scan(b, i, w));
        json_w_object_end(w);
    }
    json_w_array_end(w);
    return ST_OK;
}

/* ------------------------------------------------------------------------- one long stream */

static enum status run_stream(struct bench *b, str kind, struct json_writer *w)
{
    bool         is_ours = str_eq(kind, S("ours"));
    struct taken taken   = { 0 };
    int64_t      start   = now_us(b);

    TRY(is_ours ? drain_ours(b, S(STREAM_OURS), &taken) : drain_plain(b, S(STREAM_PLAIN), &taken));
    json_w_member_i64(w, S("first_us"), taken.first_us - start);
    json_w_member_i64(w, S("whole_us"), now_us(b) - start);
    json_w_member_u64(w, S("rows"), taken.rows);
    return ST_OK;
}

/* ------------------------------------------------------------------------- the program */

static enum status open_mesh(struct bench *b, str dir)
{
    struct cli cli = { .cx = b->cx, .args = { .dir = dir } };

    TRY(cli_mesh_open(&cli, CLI_MESH_STORE | CLI_MESH_QUERY | CLI_MESH_ACCESS, &b->mesh));
    b->operator_reader = b->mesh.reader;
    TRY(access_reader_named(b->cx, b->mesh.access, S("free"), STR_NONE, &b->free_reader));
    TRY(access_reader_named(b->cx, b->mesh.access, S("masked"), STR_NONE, &b->masked_reader));
    TRY(db_begin(b->mesh.db, b->cx, DB_READ));
    return db_end(b->cx, list_tables(b));
}

static enum status run(struct bench *b, char **argv, struct json_writer *w)
{
    uint64_t repeat = 1;
    str      mode = str_of(argv[1]), folder = str_of(argv[3]);

    if (argv[4] && !str_to_u64(str_of(argv[4]), &repeat)) {
        return FAIL(b->cx, INVALID, "REPEAT is a number");
    }
    b->repeat = (unsigned)repeat;
    TRY(open_mesh(b, str_of(argv[2])));
    TRY(make_views(b));
    if (str_eq(mode, S("run"))) {
        return each_query(b, folder, run_query, w);
    }
    if (str_eq(mode, S("guard"))) {
        return each_query(b, folder, run_guard, w);
    }
    if (str_eq(mode, S("governed"))) {
        return run_governed(b, w);
    }
    return run_stream(b, folder, w);
}

int main(int argc, char **argv)
{
    struct err err = { 0 };
    struct ctx cx  = {
         .arena = arena_new("bench", ARENA_MAX), .err = &err, .env = os_env(), .actor = S("operator")
    };
    struct bench       b   = { .cx = &cx, .resolver = { .resolve = resolve } };
    struct buf         out = BUF_INIT(SQL_MAX);
    struct json_writer w;
    enum status        st;

    if (argc < 4) {
        fputs("usage: bench_query run|guard|stream|governed MESH QUERIES|KIND [REPEAT]\n", stderr);
        return 2;
    }
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_object_begin(&w);
    st = run(&b, argv, &w);
    json_w_object_end(&w);
    cli_mesh_close(&b.mesh);
    if (st == ST_OK) {
        printf(STR_FMT "\n", STR_ARG(buf_view(&out)));
    } else {
        fprintf(stderr, "bench_query: " STR_FMT "\n", STR_ARG(err_text(&err)));
    }
    buf_release(&out);
    arena_free(cx.arena);
    return st == ST_OK ? 0 : 1;
}
