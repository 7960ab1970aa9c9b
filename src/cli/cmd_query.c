/*
 * cmd_query.c - weft query: rows as a table, CSV, JSON, NDJSON, Arrow or Parquet.
 *
 * Formats are rows of a table of functions. Text goes to standard output while it streams; with
 * --file it grows under a temporary name and appears when the last row is written.
 */
#include "cli/mesh.h"

#include "arrow/arrow_ipc.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "os/dir.h"
#include "os/proc.h"

enum { SINK_BYTES = 1 << 18, TABLE_ROWS_MAX = 10000, PARQUET_NAME_ROOM = 64 };

/* Where bytes go: standard output or a file that is not there yet. */
struct sink {
    struct ctx    *cx;
    struct os_out *file; /* NULL: standard output */
    struct buf     pending;
};

static enum status sink_flush(struct sink *s)
{
    TRY(buf_check(&s->pending, s->cx, "one row of the result"));
    TRY(s->file ? os_out_write(s->cx, s->file, buf_view(&s->pending))
                : os_std_write(s->cx, OS_STDOUT, buf_view(&s->pending)));
    buf_reset(&s->pending);
    return ST_OK;
}

static enum status sink_room(struct sink *s)
{
    return s->pending.len > SINK_BYTES ? sink_flush(s) : ST_OK;
}

/* A result on its way out. */
struct output {
    struct cli              *cli;
    struct sink             *sink;
    struct query_stream     *stream;
    const struct diags      *findings; /* of the query: what its reader should know */
    const struct arrow_type *type;
    struct cli_grid          grid; /* format table */
    uint64_t                 shown;
    struct arrow_ipc_writer *ipc;  /* format arrow */
    uint64_t                 rows; /* of all batches */
    struct csv_writer        csv;
    str                     *names; /* keys of JSON objects */
};

struct format {
    const char *name;
    enum status (*begin)(struct output *);
    enum status (*row)(struct output *, const struct ArrowArray *, size_t row);
    enum status (*batch)(struct output *, struct ArrowArray *); /* instead of rows */
    enum status (*end)(struct output *);
};

static const struct engine_schema *schema_of(const struct output *o)
{
    return engine_result_schema(o->stream->result);
}

static struct arrow_cell cell_of(const struct output *o, const struct ArrowArray *batch, size_t row,
                                 size_t column)
{
    return arrow_cell_of(o->type, batch, column, row);
}

/* ------------------------------------------------------------------------- table */

static enum status table_begin(struct output *o)
{
    const struct engine_schema *schema = schema_of(o);

    o->grid.columns = schema->count;
    for (size_t i = 0; i < schema->count; i++) {
        vec_push(o->cli->cx->arena, &o->grid.cells, schema->columns[i].name);
        if (i < 32 &&
            (o->type->children[i].kind == ARROW_INT || o->type->children[i].kind == ARROW_UINT ||
             o->type->children[i].kind == ARROW_FLOAT ||
             o->type->children[i].kind == ARROW_DECIMAL)) {
            o->grid.right |= 1U << i;
        }
    }
    return ST_OK;
}

static enum status table_row(struct output *o, const struct ArrowArray *batch, size_t row)
{
    struct buf text = BUF_INIT(1 << 20);

    if (++o->shown > TABLE_ROWS_MAX) {
        return ST_OK;
    }
    for (size_t i = 0; i < o->grid.columns; i++) {
        struct arrow_cell cell = cell_of(o, batch, row, i);

        buf_reset(&text);
        arrow_value_text(&text, cell);
        for (size_t k = 0; k < text.len; k++) {
            /* Control characters would let data write to the terminal. */
            if ((unsigned char)text.ptr[k] < 0x20 || text.ptr[k] == 0x7f) {
                text.ptr[k] = ' ';
            }
        }
        vec_push(o->cli->cx->arena, &o->grid.cells, arena_dup(o->cli->cx->arena, buf_view(&text)));
    }
    buf_release(&text);
    return ST_OK;
}

static enum status table_end(struct output *o)
{
    cli_grid_print(o->cli, &o->grid);
    if (o->shown > TABLE_ROWS_MAX) {
        cli_say(o->cli, "… %llu rows more; use -o csv to have them all\n",
                (unsigned long long)(o->shown - TABLE_ROWS_MAX));
    }
    cli_say(o->cli, "%s%llu row%s%s\n", cli_style(o->cli, CLI_DIM), (unsigned long long)o->shown,
            o->shown == 1 ? "" : "s", cli_style(o->cli, CLI_PLAIN));
    if (o->sink->file) {
        buf_add(&o->sink->pending, buf_view(&o->cli->out));
        buf_reset(&o->cli->out);
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- csv */

static enum status csv_begin(struct output *o)
{
    const struct engine_schema *schema = schema_of(o);

    csv_w_init(&o->csv, &o->sink->pending, ',');
    for (size_t i = 0; i < schema->count; i++) {
        csv_w_field(&o->csv, schema->columns[i].name);
    }
    csv_w_row_end(&o->csv);
    return ST_OK;
}

static enum status csv_row(struct output *o, const struct ArrowArray *batch, size_t row)
{
    struct buf text = BUF_INIT(256 << 20);

    for (size_t i = 0; i < schema_of(o)->count; i++) {
        struct arrow_cell cell = cell_of(o, batch, row, i);

        if (arrow_is_null(cell)) {
            csv_w_null(&o->csv);
            continue;
        }
        buf_reset(&text);
        arrow_value_text(&text, cell);
        csv_w_field(&o->csv, buf_view(&text));
    }
    csv_w_row_end(&o->csv);
    buf_release(&text);
    return sink_room(o->sink);
}

/* ------------------------------------------------------------------------- json */

static bool is_taken(const struct output *o, size_t count, str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(o->names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Keys of an object are unique: of two columns "a" the second is "a_1", as the engine's CSV has it. */
static enum status name_keys(struct output *o)
{
    const struct engine_schema *schema = schema_of(o);

    o->names = arena_array(o->cli->cx->arena, schema->count, sizeof *o->names);
    for (size_t i = 0; i < schema->count; i++) {
        str name = schema->columns[i].name;

        for (unsigned n = 1; is_taken(o, i, name); n++) {
            name =
                arena_printf(o->cli->cx->arena, STR_FMT "_%u", STR_ARG(schema->columns[i].name), n);
        }
        o->names[i] = name;
    }
    return ST_OK;
}

static void add_row_object(struct output *o, const struct ArrowArray *batch, size_t row)
{
    const struct engine_schema *schema = schema_of(o);
    struct json_writer          w;

    json_w_init(&w, &o->sink->pending, JSON_COMPACT);
    json_w_object_begin(&w);
    for (size_t i = 0; i < schema->count; i++) {
        json_w_key(&w, o->names[i]);
        /* A raw empty value makes the writer count the member; the cell follows directly. */
        json_w_raw(&w, S(""));
        arrow_value_json(&o->sink->pending, cell_of(o, batch, row, i));
    }
    json_w_object_end(&w);
}

static enum status ndjson_row(struct output *o, const struct ArrowArray *batch, size_t row)
{
    add_row_object(o, batch, row);
    buf_add_char(&o->sink->pending, '\n');
    return sink_room(o->sink);
}

static void add_schema(struct output *o)
{
    const struct engine_schema *schema = schema_of(o);
    struct json_writer          w;

    json_w_init(&w, &o->sink->pending, JSON_COMPACT);
    json_w_array_begin(&w);
    for (size_t i = 0; i < schema->count; i++) {
        json_w_object_begin(&w);
        json_w_member_str(&w, S("name"), o->names[i]);
        json_w_member_str(&w, S("type"), schema->columns[i].type);
        json_w_object_end(&w);
    }
    json_w_array_end(&w);
}

static enum status json_begin(struct output *o)
{
    TRY(name_keys(o));
    buf_add(&o->sink->pending, S("{\"api\":\"v1\",\"columns\":"));
    add_schema(o);
    buf_add(&o->sink->pending, S(",\"rows\":["));
    o->cli->has_answer = true;
    return ST_OK;
}

static enum status json_row(struct output *o, const struct ArrowArray *batch, size_t row)
{
    buf_add(&o->sink->pending, o->shown++ ? S(",\n") : S("\n"));
    add_row_object(o, batch, row);
    return sink_room(o->sink);
}

static enum status json_end(struct output *o)
{
    struct json_writer w;

    buf_printf(&o->sink->pending, "\n],\"row_count\":%llu", (unsigned long long)o->shown);
    if (o->findings->list.count > 0) {
        buf_add(&o->sink->pending, S(",\"findings\":"));
        json_w_init(&w, &o->sink->pending, JSON_COMPACT);
        cli_json_findings(&w, o->findings);
    }
    buf_add(&o->sink->pending, S("}\n"));
    return ST_OK;
}

/* ------------------------------------------------------------------------- arrow */

static enum status ipc_write(void *arg, struct ctx *cx, str bytes)
{
    struct sink *sink = arg;

    (void)cx;
    TRY(sink_flush(sink));
    return sink->file ? os_out_write(sink->cx, sink->file, bytes)
                      : os_std_write(sink->cx, OS_STDOUT, bytes);
}

static enum status arrow_begin(struct output *o)
{
    o->cli->has_answer = true;
    return arrow_ipc_open(o->cli->cx, engine_result_arrow(o->stream->result),
                          (struct arrow_sink){ .write = ipc_write, .state = o->sink }, &o->ipc);
}

static enum status arrow_batch(struct output *o, struct ArrowArray *batch)
{
    return arrow_ipc_write(o->ipc, o->cli->cx, batch);
}

static enum status arrow_end(struct output *o)
{
    return arrow_ipc_finish(o->ipc, o->cli->cx);
}

static const struct format formats[] = {
    { .name = "table", .begin = table_begin, .row = table_row, .end = table_end },
    { .name = "csv", .begin = csv_begin, .row = csv_row },
    { .name = "json", .begin = json_begin, .row = json_row, .end = json_end },
    { .name = "ndjson", .begin = name_keys, .row = ndjson_row },
    { .name = "arrow", .begin = arrow_begin, .batch = arrow_batch, .end = arrow_end },
    { .name = "parquet" },
};

/* ------------------------------------------------------------------------- streaming */

static enum status write_batch(const struct format *f, struct output *o, struct ArrowArray *batch)
{
    if (f->batch) {
        return f->batch(o, batch);
    }
    for (size_t row = 0; row < (size_t)batch->length; row++) {
        TRY(f->row(o, batch, row));
    }
    return ST_OK;
}

static enum status write_rows(const struct format *f, struct output *o)
{
    if (f->begin) {
        TRY(f->begin(o));
    }
    for (;;) {
        struct ArrowArray batch = { 0 };
        bool              has_more;
        enum status       st;

        TRY(query_next(o->cli->cx, o->stream, &batch, &has_more));
        if (!has_more) {
            break;
        }
        o->rows += (uint64_t)batch.length;
        st = write_batch(f, o, &batch);
        arrow_array_release(&batch);
        TRY(st);
    }
    if (f->end) {
        TRY(f->end(o));
    }
    return sink_flush(o->sink);
}

static void say_written(struct cli *cli, uint64_t rows, str path)
{
    cli_say(cli, STR_FMT " row%s in " STR_FMT "\n", STR_ARG(cli_count(cli, rows)),
            rows == 1 ? "" : "s", STR_ARG(path));
}

static enum status stream_query(struct cli *cli, struct cli_mesh *mesh, const struct format *f,
                                const struct query_request *rq, struct sink *sink)
{
    struct query_env    env    = cli_query_env(mesh);
    struct query_stream stream = { 0 };
    struct output o = { .cli = cli, .sink = sink, .stream = &stream, .findings = &mesh->diags };
    enum status   st;

    TRY(query_open(cli->cx, &env, rq, &mesh->diags, &stream));
    o.type = engine_result_type(stream.result);
    st     = write_rows(f, &o);
    arrow_ipc_close(o.ipc);
    if (st == ST_OK) {
        TRY(query_close(cli->cx, &env, &stream, st));
        if (sink->file) {
            TRY(os_out_commit(cli->cx, sink->file));
            say_written(cli, o.rows, cli->args.file);
        }
        return ST_OK;
    }
    ignore(query_close(cli->cx, &env, &stream, st), "the query's own failure is the answer");
    return st;
}

/* ------------------------------------------------------------------------- parquet */

static enum status parquet_query(struct cli *cli, struct cli_mesh *mesh,
                                 const struct query_request *rq, str path)
{
    struct query_env env  = cli_query_env(mesh);
    str              temp = arena_printf(cli->cx->arena, STR_FMT "/.weft-query-%llu.parquet",
                                         STR_ARG(mesh->extra_dir), (unsigned long long)os_process_id());
    uint64_t         rows;
    enum status      st = query_to_parquet(cli->cx, &env, rq, temp, &mesh->diags, &rows);

    if (st == ST_OK) {
        st = os_file_move(cli->cx, temp, path, OS_REPLACE);
    }
    if (st != ST_OK) {
        struct err err   = { 0 };
        struct ctx quiet = *cli->cx;

        quiet.err = &err;
        ignore(os_file_remove(&quiet, temp, OS_MISSING_OK), "the query's failure is the answer");
        return st;
    }
    say_written(cli, rows, cli->args.file);
    return ST_OK;
}

/* ------------------------------------------------------------------------- the command */

/* The format that a file's name ends with: "out.csv" is written as CSV; else a table. */
static str format_of_file(str path)
{
    str before, suffix;

    if (str_rsplit(path, '.', &before, &suffix)) {
        for (size_t i = 0; i < COUNT_OF(formats); i++) {
            if (str_eq(suffix, str_of(formats[i].name))) {
                return suffix;
            }
        }
    }
    return S("table");
}

static enum status choose_format(struct cli *cli, const struct format **out)
{
    str wanted = cli->args.output.len ? cli->args.output
                 : cli->args.json     ? S("json")
                                      : format_of_file(cli->args.file);
    str names[COUNT_OF(formats)];

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        names[i] = str_of(formats[i].name);
        if (str_eq(wanted, names[i])) {
            *out = &formats[i];
            return ST_OK;
        }
    }
    return FAIL(cli->cx, INVALID,
                "unknown format \"" STR_FMT "\"; it is table, csv, json, ndjson, arrow or parquet",
                STR_ARG(wanted));
}

static enum status run_query(struct cli *cli, struct cli_mesh *mesh, const struct format *f,
                             str path)
{
    struct query_request rq   = { .sql = cli->args.words.items[0], .name = S("query") };
    struct sink          sink = { .cx = cli->cx, .pending = BUF_INIT(512 << 20) };
    enum status          st;

    TRY(cli_query_limits(cli, mesh, &rq.row_limit));
    if (str_eq(str_of(f->name), S("parquet"))) {
        return parquet_query(cli, mesh, &rq, path);
    }
    if (path.len) {
        TRY(os_out_open(cli->cx, &(struct os_out_options){ .path = path, .target = OS_REPLACE },
                        &sink.file));
    }
    st = stream_query(cli, mesh, f, &rq, &sink);
    buf_release(&sink.pending);
    os_out_close(sink.file);
    return st;
}

enum status cmd_query(struct cli *cli)
{
    struct cli_mesh      mesh = { 0 };
    const struct format *f;
    enum status          st;
    str                  path = cli->args.file;

    TRY(choose_format(cli, &f));
    if (path.len) {
        TRY(os_file_real(cli->cx, os_path_parent(path), &mesh.extra_dir));
        path = os_path_join(cli->cx->arena, mesh.extra_dir, os_path_name(path));
    } else if (str_eq(str_of(f->name), S("parquet"))) {
        return FAIL(cli->cx, INVALID, "-o parquet needs a file: -f out.parquet");
    }
    TRY(cli_mesh_open(cli, CLI_MESH_STORE | CLI_MESH_QUERY | CLI_MESH_ACCESS, &mesh));
    st = run_query(cli, &mesh, f, path);
    if (!cli->args.json || (st == ST_OK && !str_eq(str_of(f->name), S("json")))) {
        cli_print_diags(cli, &mesh.diags);
        cli->has_told = st != ST_OK && mesh.diags.errors > 0;
    }
    cli_mesh_close(&mesh);
    return st;
}
