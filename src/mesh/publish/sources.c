/*
 * sources.c - the inputs of a publish: what is read, at which state, and how the build reads it.
 */
#include "publish/publish_int.h"

#include "codec/digest.h"
#include "project/secrets.h"
#include "standard/keys.h"
#include "standard/variables.h"

/* ------------------------------------------------------------------------- options */

static enum source_format format_of(str text)
{
    static const struct {
        str                name;
        enum source_format format;
    } formats[] = { { STR_INIT("csv"), SOURCE_CSV },
                    { STR_INIT("json"), SOURCE_JSON },
                    { STR_INIT("ndjson"), SOURCE_NDJSON },
                    { STR_INIT("parquet"), SOURCE_PARQUET } };

    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (str_eq_nocase(text, formats[i].name)) {
            return formats[i].format;
        }
    }
    return SOURCE_BY_SUFFIX;
}

static enum source_choice choice_of(struct std_bool b)
{
    return !std_is_set(b) ? SOURCE_AUTO : b.v ? SOURCE_YES : SOURCE_NO;
}

/* Folders that sources may read: the mesh's own, and what mesh.yaml allows. */
static void allow_reach(struct ctx *cx, const struct project *project, struct source_options *o)
{
    const struct own_allowed *allowed = &project->mesh->allowed;
    str                      *dirs = arena_array(cx->arena, allowed->paths.count + 1, sizeof *dirs);
    str *servers = arena_array(cx->arena, allowed->servers.count, sizeof *servers);

    dirs[0] = project->root;
    for (size_t i = 0; i < allowed->paths.count; i++) {
        dirs[i + 1] = os_path_clean(
            cx->arena, os_path_join(cx->arena, project->root, allowed->paths.items[i].v));
    }
    for (size_t i = 0; i < allowed->servers.count; i++) {
        servers[i] = allowed->servers.items[i].v;
    }
    o->allowed_dirs         = dirs;
    o->allowed_dir_count    = allowed->paths.count + 1;
    o->allowed_servers      = servers;
    o->allowed_server_count = allowed->servers.count;
}

static void apply_format(struct ctx *cx, const struct odcs_contract *contract,
                         const struct odcs_object *object, const struct odcs_server *server,
                         struct source_options *o)
{
    struct std_source_options s;
    str                      *nulls;

    std_source_options_of(cx, &object->custom, &server->custom, &contract->custom, &s);
    nulls = arena_array(cx->arena, s.null_text.count, sizeof *nulls);
    for (size_t i = 0; i < s.null_text.count; i++) {
        nulls[i] = s.null_text.items[i].v;
    }
    o->format           = format_of(std_is_set(s.format) ? s.format.v : server->format.v);
    o->delimiter        = std_text(s.delimiter, server->delimiter.v);
    o->quote            = s.quote.v;
    o->escape           = s.escape.v;
    o->comment          = s.comment.v;
    o->encoding         = std_text(s.encoding, server->encoding.v);
    o->compression      = s.compression.v;
    o->decimal          = s.decimal.v;
    o->date_format      = s.date_format.v;
    o->timestamp_format = s.timestamp_format.v;
    o->null_texts       = nulls;
    o->null_text_count  = s.null_text.count;
    o->header           = choice_of(s.header);
    o->hive             = choice_of(s.hive_partitioning);
    o->strict           = choice_of(s.strict);
    o->skip             = s.skip.v;
}

static str custom_text(const struct std_customs *list, str name)
{
    const struct std_custom *c = std_custom_find(list, name);
    str                      text;

    return c && std_any_text(c->value, &text) ? text : STR_NONE;
}

/* A password is written as exactly one ${NAME}; validate refuses literals. */
static enum status apply_password(struct ctx *cx, const struct project *project,
                                  const struct odcs_server *server, struct source_options *o)
{
    str                 text = custom_text(&server->custom, S("password"));
    struct std_variable variable;
    struct secret      *password;

    if (text.len == 0) {
        return ST_OK;
    }
    if (!std_is_variable(text) || !std_variable_next(&text, &variable)) {
        return FAIL(cx, INVALID, "the password of server \"" STR_FMT "\" must be one ${NAME}",
                    STR_ARG(server->server.v));
    }
    TRY(secrets_get(cx, project, variable.name, &password));
    o->password = password;
    return ST_OK;
}

static enum status options_of(struct ctx *cx, const struct project *project,
                              const struct project_input *in, const struct odcs_object *object,
                              struct source_options *out)
{
    const struct odcs_server *server = in->server;
    struct source_options     o      = { .root = project->root };

    allow_reach(cx, project, &o);
    apply_format(cx, in->contract, object, server, &o);
    if (str_eq(server->type.v, S("local"))) {
        str dir = os_path_parent(in->doc->text.name);

        o.kind = SOURCE_FILES;
        o.root = os_path_join(cx->arena, project->root, dir);
        TRY(secrets_resolve(cx, project, server->path.v, &o.path));
    } else if (str_eq(server->type.v, S("postgres")) || str_eq(server->type.v, S("postgresql"))) {
        o.kind = SOURCE_POSTGRES;
        TRY(secrets_resolve(cx, project, server->host.v, &o.host));
        TRY(secrets_resolve(cx, project, server->port.v, &o.port));
        TRY(secrets_resolve(cx, project, server->database.v, &o.database));
        TRY(secrets_resolve(cx, project, server->schema.v, &o.schema));
        TRY(secrets_resolve(cx, project, custom_text(&server->custom, S("user")), &o.user));
        TRY(apply_password(cx, project, server, &o));
    } else {
        return FAIL(cx, UNSUPPORTED,
                    "server \"" STR_FMT "\" has type " STR_FMT "; local and postgres can be read",
                    STR_ARG(server->server.v), STR_ARG(server->type.v));
    }
    *out = o;
    return ST_OK;
}

/* ------------------------------------------------------------------------- relations */

static struct guard_value value_of(struct arena *a, const struct source_value *v)
{
    struct guard_value *items = arena_array(a, v->count, sizeof *items);

    for (size_t i = 0; i < v->count; i++) {
        items[i] = value_of(a, &v->items[i]);
    }
    switch (v->kind) {
    case SOURCE_V_BOOL: return (struct guard_value){ .kind = GUARD_BOOL, .boolean = v->boolean };
    case SOURCE_V_INT: return (struct guard_value){ .kind = GUARD_INT, .integer = v->integer };
    case SOURCE_V_TEXT: return (struct guard_value){ .kind = GUARD_TEXT, .text = v->text };
    case SOURCE_V_LIST:
    case SOURCE_V_STRUCT:
        return (struct guard_value){ .kind  = v->kind == SOURCE_V_LIST ? GUARD_LIST : GUARD_STRUCT,
                                     .items = items,
                                     .names = v->names,
                                     .count = v->count };
    }
    BUG("value_of: unknown kind of a source's value");
}

static const struct guard_column *columns_of(struct arena *a, const struct project_table *table)
{
    struct guard_column *columns = arena_array(a, table->column_count, sizeof *columns);

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = (struct guard_column){ .name = table->columns[i].name,
                                            .type = table->columns[i].type_text };
    }
    return columns;
}

static const struct guard_column *call_columns(struct arena *a, const struct source_call *call)
{
    struct guard_column *columns = arena_array(a, call->column_count, sizeof *columns);

    for (size_t i = 0; i < call->column_count; i++) {
        columns[i] = (struct guard_column){ .name          = call->columns[i].name,
                                            .type          = call->columns[i].type,
                                            .physical_name = call->columns[i].physical_name };
    }
    return columns;
}

static enum status call_relation(struct ctx *cx, struct engine_conn *conn, struct bound_source *s)
{
    struct source_reading what = { .table = &s->wanted, .files = &s->files };
    struct source_call    call;
    struct guard_arg     *args;

    TRY(source_call_of(s->source, cx, conn, &what, &call));
    args = arena_array(cx->arena, call.arg_count, sizeof *args);
    for (size_t i = 0; i < call.arg_count; i++) {
        args[i] = (struct guard_arg){ .name  = call.args[i].name,
                                      .value = value_of(cx->arena, &call.args[i].value) };
    }
    s->relation = (struct guard_relation){
        .kind         = GUARD_CALL,
        .key          = s->table->address,
        .columns      = call_columns(cx->arena, &call),
        .column_count = call.column_count,
        .function     = call.function,
        .args         = args,
        .arg_count    = call.arg_count,
    };
    return ST_OK;
}

/* ------------------------------------------------------------------------- binding */

/* Files are known by their path from the mesh's root, so a moved mesh is the same mesh. */
static enum status list_files(struct ctx *cx, const struct publish_env *env, struct bound_source *s)
{
    str root = env->project->root;

    TRY(source_list(s->source, cx, &s->wanted, &s->files));
    for (size_t i = 0; i < s->files.list.count; i++) {
        struct source_file *f = &s->files.list.items[i];

        if (os_path_is_below(f->path, root)) {
            f->shown = str_from(f->path, root.len + 1);
        }
    }
    return ST_OK;
}

static enum status bind_source(struct ctx *cx, const struct publish_env *env,
                               const struct project_input *in, const struct project_table *table,
                               struct bound_inputs *out)
{
    struct bound_source   s = { .input = in, .table = table };
    struct source_options options;
    struct source_column *columns = arena_array(cx->arena, table->column_count, sizeof *columns);

    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = (struct source_column){
            .name          = table->columns[i].name,
            .physical_name = table->columns[i].property->physical_name.v,
            .type          = table->columns[i].type_text,
        };
    }
    s.wanted = (struct source_table){ .name          = table->name,
                                      .physical_name = table->object->physical_name.v,
                                      .columns       = columns,
                                      .column_count  = table->column_count };
    TRY(options_of(cx, env->project, in, table->object, &options));
    TRY(source_open(cx, &options, &s.source));
    vec_push(cx->arena, &out->sources, s);
    return list_files(cx, env, &out->sources.items[out->sources.count - 1]);
}

/* Why a table is not there: it went, or it was never published. */
static enum status look_for_gone(struct ctx *cx, struct bound_table *t)
{
    struct table_gone gone;
    enum status       st = table_gone_at(cx, t->table->address, &gone);

    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    t->gone_us = st == ST_OK ? gone.gone_us : 0;
    return st;
}

static enum status bind_upstream(struct ctx *cx, const struct publish_env *env,
                                 const struct project_input *in, struct bound_inputs *out)
{
    const struct query_env mesh = { .blob = env->blob, .access = env->access };

    for (size_t i = 0; i < in->upstream->table_count; i++) {
        struct bound_table t  = { .input = in, .table = &in->upstream->tables[i] };
        enum status        st = table_head(cx, t.table->address, &t.snapshot);

        if (st == ST_OK) {
            t.is_published = true;
            TRY(query_relation(cx, &mesh, &t.snapshot, &t.under, &t.relation));
        } else if (st == ST_NOT_FOUND) {
            err_clear(cx->err);
            TRY(look_for_gone(cx, &t));
        } else {
            return st;
        }
        vec_push(cx->arena, &out->tables, t);
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- deliveries */

static enum status no_delivery(struct ctx *cx, const struct project_table *table)
{
    return FAIL(cx, INVALID,
                "table \"" STR_FMT "\" is delivered and no file was brought for it: --data " STR_FMT
                "=FILE",
                STR_ARG(table->name), STR_ARG(table->name));
}

/* The file that was brought for a table; one without a table's name is for the only one there is. */
static enum status find_delivery(struct ctx *cx, const struct publish_env *env,
                                 const struct project_table *table, size_t delivered,
                                 const struct publish_delivery **out)
{
    for (size_t i = 0; i < env->delivery_count; i++) {
        const struct publish_delivery *d = &env->deliveries[i];

        if (str_eq(d->table, table->name) || (d->table.len == 0 && delivered == 1)) {
            *out = d;
            return ST_OK;
        }
    }
    return no_delivery(cx, table);
}

struct delivered_table {
    const struct project_port     *port;
    const struct project_table    *table;
    const struct publish_delivery *file;
};

/* A delivered file is read as if it were a source with the columns and weft.source of the contract. */
static enum status bind_delivery(struct ctx *cx, const struct publish_env *env,
                                 const struct delivered_table *d, struct bound_inputs *out)
{
    static const struct odcs_server no_server;
    const struct project_table     *table = d->table;
    struct bound_source             s     = { .table = table };
    struct source_column           *columns;
    str                            *dir     = ARENA_NEW(cx->arena, str);
    struct source_options           options = { .kind              = SOURCE_FILES,
                                                .root              = env->project->root,
                                                .allowed_dirs      = dir,
                                                .allowed_dir_count = 1 };

    apply_format(cx, d->port->contract, table->object, &no_server, &options);
    *dir         = os_path_parent(d->file->path);
    options.path = d->file->path;
    columns      = arena_array(cx->arena, table->column_count, sizeof *columns);
    for (size_t i = 0; i < table->column_count; i++) {
        columns[i] = (struct source_column){ .name = table->columns[i].name,
                                             .type = table->columns[i].type_text };
    }
    s.wanted = (struct source_table){ .name         = table->name,
                                      .columns      = columns,
                                      .column_count = table->column_count };
    TRY(source_open(cx, &options, &s.source));
    vec_push(cx->arena, &out->sources, s);
    return list_files(cx, env, &out->sources.items[out->sources.count - 1]);
}

/* None of a major whose sunset has come: nothing is built for it. */
static size_t living_tables(const struct ctx *cx, const struct project_port *port)
{
    return life_stage_at(&port->life, ctx_now_us(cx)) == LIFE_ENDED ? 0 : port->table_count;
}

static enum status bind_deliveries(struct ctx *cx, const struct publish_env *env,
                                   const struct project_product *product, struct bound_inputs *out)
{
    size_t delivered = 0;

    for (size_t i = 0; i < product->ports.count; i++) {
        for (size_t k = 0; k < living_tables(cx, product->ports.items[i]); k++) {
            delivered += product->ports.items[i]->tables[k].build == PROJECT_BUILD_DELIVERED;
        }
    }
    for (size_t i = 0; i < product->ports.count && env->delivery_count > 0; i++) {
        const struct project_port *port = product->ports.items[i];

        for (size_t k = 0; k < living_tables(cx, port); k++) {
            struct delivered_table d = { .port = port, .table = &port->tables[k] };

            if (d.table->build == PROJECT_BUILD_DELIVERED) {
                TRY(find_delivery(cx, env, d.table, delivered, &d.file));
                TRY(bind_delivery(cx, env, &d, out));
            }
        }
    }
    return ST_OK;
}

static enum status bind_input(struct ctx *cx, const struct publish_env *env,
                              const struct project_input *in, struct bound_inputs *out)
{
    for (size_t i = 0; i < in->table_count && in->server; i++) {
        TRY(bind_source(cx, env, in, &in->tables[i], out));
    }
    return in->upstream ? bind_upstream(cx, env, in, out) : ST_OK;
}

enum status inputs_bind(struct ctx *cx, const struct publish_env *env,
                        const struct project_product *product, struct diags *diags,
                        struct bound_inputs *out)
{
    struct bound_inputs made = { 0 };
    enum status         st   = bind_deliveries(cx, env, product, &made);

    if (st != ST_OK) {
        diag_add(diags, cx, DIAG_ERROR, NULL, (struct diag_pos){ 0 }, S("inputs.delivery"),
                 STR_NONE, STR_FMT, STR_ARG(err_text(cx->err)));
        inputs_close(&made);
        return st;
    }

    for (size_t i = 0; i < product->inputs.count; i++) {
        const struct project_input *in = product->inputs.items[i];

        st = bind_input(cx, env, in, &made);
        if (st != ST_OK) {
            diag_add(diags, cx, DIAG_ERROR, &in->doc->text,
                     in->server ? in->server->at : in->contract->at, S("inputs.unreadable"),
                     STR_NONE, "input port \"" STR_FMT "\": " STR_FMT, STR_ARG(in->name),
                     STR_ARG(err_text(cx->err)));
            inputs_close(&made);
            return st;
        }
    }
    st = inputs_govern(cx, env, product, &made);
    if (st != ST_OK) {
        diag_add(diags, cx, DIAG_ERROR, NULL, (struct diag_pos){ 0 }, S("inputs.policy"), STR_NONE,
                 STR_FMT, STR_ARG(err_text(cx->err)));
        inputs_close(&made);
        return st;
    }
    *out = made;
    return ST_OK;
}

void inputs_close(struct bound_inputs *inputs)
{
    for (size_t i = 0; i < inputs->sources.count; i++) {
        source_close(inputs->sources.items[i].source);
    }
    inputs->sources.count = 0;
}

/* ------------------------------------------------------------------------- listing */

static const struct publish_input *find_known(const struct publish_inputs *known, str kind,
                                              str name)
{
    for (size_t i = 0; known && i < known->list.count; i++) {
        if (str_eq(known->list.items[i].kind, kind) && str_eq(known->list.items[i].name, name)) {
            return &known->list.items[i];
        }
    }
    return NULL;
}

/* A file whose size and time are those of the last publish is not read again to be hashed. */
static enum status list_file(struct ctx *cx, struct bound_source *s, struct source_file *file,
                             const struct publish_inputs *known, struct publish_inputs *out)
{
    const struct publish_input *before = find_known(known, S("file"), file->shown);

    if (before && before->bytes == file->bytes && before->mtime_us == file->mtime_us) {
        file->sha256 = before->sha256;
    } else {
        TRY(source_hash(s->source, cx, file));
    }
    vec_push(cx->arena, &out->list,
             (struct publish_input){ .kind     = S("file"),
                                     .name     = file->shown,
                                     .bytes    = file->bytes,
                                     .mtime_us = file->mtime_us,
                                     .sha256   = file->sha256 });
    return ST_OK;
}

static enum status list_source(struct ctx *cx, struct bound_source *s,
                               const struct publish_inputs *known, struct publish_inputs *out)
{
    if (source_kind_of(s->source) == SOURCE_POSTGRES) {
        vec_push(cx->arena, &out->list,
                 (struct publish_input){ .kind = S("postgres"), .name = s->table->address });
        return ST_OK;
    }
    for (size_t i = 0; i < s->files.list.count; i++) {
        TRY(list_file(cx, s, &s->files.list.items[i], known, out));
    }
    return ST_OK;
}

/* A table may be read directly and through a view; all are of one moment. */
static void list_table(struct ctx *cx, str address, str snapshot, struct publish_inputs *out)
{
    if (!find_known(out, S("table"), address)) {
        vec_push(
            cx->arena, &out->list,
            (struct publish_input){ .kind = S("table"), .name = address, .snapshot = snapshot });
    }
}

/* A table that is gone does not change any more: it is listed as it was read last. */
static void list_gone(struct ctx *cx, str address, const struct publish_inputs *known,
                      struct publish_inputs *out)
{
    for (size_t i = 0; known && i < known->list.count; i++) {
        const struct publish_input *in = &known->list.items[i];

        if (str_eq(in->name, address) &&
            (str_eq(in->kind, S("table")) || str_eq(in->kind, S("policy")))) {
            vec_push(cx->arena, &out->list, *in);
        }
    }
}

enum status inputs_list(struct ctx *cx, const struct project_product *product,
                        struct bound_inputs *inputs, const struct publish_inputs *known,
                        struct publish_inputs *out)
{
    struct publish_inputs made = { 0 };

    for (size_t i = 0; i < product->docs.count; i++) {
        vec_push(cx->arena, &made.list,
                 (struct publish_input){ .kind   = S("document"),
                                         .name   = product->docs.items[i]->text.name,
                                         .bytes  = product->docs.items[i]->text.bytes.len,
                                         .sha256 = str_of(product->docs.items[i]->sha256) });
    }
    for (size_t i = 0; i < inputs->sources.count; i++) {
        TRY(list_source(cx, &inputs->sources.items[i], known, &made));
    }
    for (size_t i = 0; i < inputs->tables.count; i++) {
        const struct bound_table *t = &inputs->tables.items[i];

        if (t->gone_us) {
            list_gone(cx, t->table->address, known, &made);
            continue;
        }
        list_table(cx, t->table->address, t->snapshot.id, &made);
        for (size_t k = 0; k < t->under.list.count; k++) {
            list_table(cx, t->under.list.items[k].address, t->under.list.items[k].snapshot, &made);
        }
    }
    inputs_list_policies(cx, inputs, &made);
    *out = made;
    return ST_OK;
}

enum status inputs_check(struct ctx *cx, struct bound_inputs *inputs)
{
    for (size_t i = 0; i < inputs->sources.count; i++) {
        TRY(source_check(inputs->sources.items[i].source, cx, &inputs->sources.items[i].files));
    }
    return ST_OK;
}

enum status inputs_load(struct publish_job *job)
{
    for (size_t i = 0; i < job->inputs.sources.count; i++) {
        struct bound_source *s = &job->inputs.sources.items[i];
        str      name = arena_printf(job->cx->arena, "source " STR_FMT, STR_ARG(s->table->name));
        uint64_t rows;

        if (source_kind_of(s->source) == SOURCE_FILES) {
            TRY(call_relation(job->cx, job->conn, s));
            continue;
        }
        job_report(job, PUBLISH_READING, s->table->address);
        struct source_target to = { .conn = job->conn, .schema = job->schema, .name = name };

        TRY(source_load(s->source, job->cx, &s->wanted, &to, &rows));
        s->relation = (struct guard_relation){
            .kind         = GUARD_TABLE,
            .key          = s->table->address,
            .columns      = columns_of(job->cx->arena, s->table),
            .column_count = s->table->column_count,
            .catalog      = S("memory"),
            .schema       = job->schema,
            .table        = name,
        };
    }
    return ST_OK;
}
