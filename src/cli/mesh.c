/*
 * mesh.c - opening and closing the parts of a local mesh.
 */
#include "cli/mesh.h"

#include "blob/blob_file.h"
#include "blob/blob_memory.h"
#include "cli/version.h"
#include "engine/engine_duckdb.h"
#include "os/dir.h"
#include "os/proc.h"
#include "policy/mask_engine.h"
#include "registry/registry.h"
#include "search/search.h"
#include "standard/keys.h"
#include "table/table.h"

enum { BUILD_MEMORY_BYTES = 400 << 20, JOBS_DEFAULT = 2 };

/* What need_engine works with. */
struct cli_need {
    struct cli      *cli;
    struct cli_mesh *mesh;
};

static str text_or(struct std_str s, str otherwise)
{
    return std_is_set(s) ? s.v : otherwise;
}

/* ------------------------------------------------------------------------- files */

static enum status open_files(struct cli *cli, unsigned parts, struct cli_mesh *mesh)
{
    struct project_options options = { .dir         = cli->args.dir.len ? cli->args.dir : S("."),
                                       .environment = cli->args.environment };
    struct project        *project;

    if (parts & CLI_MESH_FILES) {
        TRY(project_load(cli->cx, &options, &mesh->diags, &mesh->project));
    } else {
        TRY(project_open(cli->cx, &options, &mesh->diags, &mesh->project));
    }
    project           = mesh->project;
    mesh->objects_dir = os_path_join(cli->cx->arena, project->root,
                                     text_or(project->mesh->objects, S(".weft/objects")));
    mesh->temp_dir    = os_path_join(cli->cx->arena, project->state_dir, S("tmp"));
    return ST_OK;
}

/* ------------------------------------------------------------------------- store */

/* What programs before this one did not write down: when majors end, what can be searched for. */
struct unwritten {
    bool has_lives, has_search;
};

static enum status look(struct ctx *cx, struct unwritten *out)
{
    TRY(registry_is_settled(cx, &out->has_lives));
    return search_is_current(cx, &out->has_search);
}

static enum status write_down(struct ctx *cx, const struct unwritten *u)
{
    TRY(u->has_lives ? ST_OK : registry_settle(cx));
    return u->has_search ? ST_OK : search_rebuild(cx);
}

static enum status fill(struct ctx *cx, struct db *db)
{
    struct unwritten u = { 0 };

    TRY(db_begin(db, cx, DB_READ));
    TRY(db_end(cx, look(cx, &u)));
    if (u.has_lives && u.has_search) {
        return ST_OK;
    }
    TRY(db_begin(db, cx, DB_WRITE));
    return db_end(cx, write_down(cx, &u));
}

enum status cli_store_migrate(void *arg, struct db *db)
{
    struct cli      *cli       = arg;
    struct db_module modules[] = { journal_schema(), registry_schema(), table_schema(),
                                   access_schema(),  publish_schema(),  search_schema() };

    TRY(db_migrate(db, cli->cx, modules, COUNT_OF(modules), NULL));
    return fill(cli->cx, db);
}

static enum status tell_created(struct ctx *cx, struct db *db, str mesh)
{
    struct journal_link head;

    TRY(db_begin(db, cx, DB_READ));
    TRY(db_end(cx, journal_head(cx, &head)));
    if (head.seq != 0) {
        return ST_OK;
    }
    TRY(db_begin(db, cx, DB_WRITE));
    return db_end(
        cx,
        journal_append(cx, &(struct journal_event){ .kind = JOURNAL_MESH_CREATED, .subject = mesh },
                       NULL));
}

static enum status open_store(struct cli *cli, unsigned parts, struct cli_mesh *mesh)
{
    struct db_options create;
    bool              is_there;

    mesh->store.path = os_path_join(cli->cx->arena, mesh->project->root,
                                    text_or(mesh->project->mesh->store, S(".weft/registry.db")));
    mesh->store.mode = DB_MODE_WRITE;
    TRY(os_file_exists(cli->cx, mesh->store.path, &is_there));
    if (!is_there && !(parts & CLI_MESH_WRITE)) {
        struct db_options empty = { .path = S(":memory:"), .mode = DB_MODE_CREATE };

        mesh->is_unborn = true;
        TRY(db_open(cli->cx, &empty, &mesh->db));
        TRY(cli_store_migrate(cli, mesh->db));
        return tell_created(cli->cx, mesh->db, mesh->project->name);
    }
    if (!is_there) {
        TRY(os_dir_make_all(cli->cx, mesh->project->state_dir, 0700));
        TRY(os_dir_make_all(cli->cx, os_path_parent(mesh->store.path), 0700));
    }
    /* A file that is there may be empty: its maker was killed. */
    create      = mesh->store;
    create.mode = DB_MODE_CREATE;
    TRY(db_open(cli->cx, &create, &mesh->db));
    TRY(cli_store_migrate(cli, mesh->db));
    return tell_created(cli->cx, mesh->db, mesh->project->name);
}

/* A mesh without a store has no objects, and looking at it makes no folder for them. */
static enum status open_objects(struct cli *cli, unsigned parts, struct cli_mesh *mesh)
{
    if (mesh->is_unborn && !(parts & CLI_MESH_OBJECTS)) {
        mesh->blob = blob_memory_new(0);
        return ST_OK;
    }
    TRY(os_dir_make_all(cli->cx, mesh->objects_dir, 0755));
    return blob_file_open(cli->cx, mesh->objects_dir, &mesh->blob);
}

/* ------------------------------------------------------------------------- access */

/* Policies with errors do not hold; the ones before them do, and somebody should know. */
static void warn_behind(struct cli *cli, const struct access *access)
{
    struct buf line = BUF_INIT(256);
    bool       is_closed;

    if (access_is_behind(access, &is_closed)) {
        buf_printf(&line, "weft: the policies have errors (weft validate shows them); %s\n",
                   is_closed ? "until they are mended only the operator reads anything"
                             : "the last ones without errors hold");
        ignore(os_std_write(cli->cx, OS_STDERR, buf_view(&line)), "nowhere left to report it");
    }
    buf_release(&line);
}

static enum status open_access(struct cli *cli, struct cli_mesh *mesh)
{
    TRY(access_open(cli->cx, mesh->db, mesh->project, !mesh->is_unborn, &mesh->policy_diags,
                    &mesh->access));
    TRY(access_open_keys(cli->cx, mesh->db, mesh->access, !mesh->is_unborn, &mesh->policy_diags));
    warn_behind(cli, mesh->access);
    mesh->reader = access_reader_operator(mesh->access);
    if (cli->args.as.len == 0) {
        mesh->reader.purpose = cli->args.purpose;
        cli->cx->purpose     = cli->args.purpose;
        return ST_OK;
    }
    TRY(access_reader_named(cli->cx, mesh->access, cli->args.as, cli->args.purpose, &mesh->reader));
    cli->cx->purpose = cli->args.purpose;
    return ST_OK;
}

static enum status register_masks(struct ctx *cx, const struct cli_mesh *mesh,
                                  struct engine *engine)
{
    return mesh->access ? mask_register(engine, cx, access_mask_ring(mesh->access)) : ST_OK;
}

/* ------------------------------------------------------------------------- engines */

static enum status memory_limit(struct cli *cli, const struct cli_mesh *mesh, uint64_t *out)
{
    struct std_str limit = mesh->project->mesh->limits.memory;

    if (cli->args.memory.len) {
        return cli_read_size(cli, cli->args.memory, out);
    }
    if (!std_is_set(limit) || !std_bytes(limit.v, out)) {
        *out = BUILD_MEMORY_BYTES;
    }
    return ST_OK;
}

/* What mesh.yaml says under limits:, and the command line, which is nearer. */
static enum status engine_limits(struct cli *cli, const struct cli_mesh *mesh,
                                 struct engine_options *options)
{
    const struct own_limits *limits = &mesh->project->mesh->limits;

    if (std_is_set(limits->temp) && !std_bytes(limits->temp.v, &options->temp_limit)) {
        options->temp_limit = 0;
    }
    if (std_is_set(limits->threads)) {
        options->threads = (unsigned)limits->threads.v;
    }
    return memory_limit(cli, mesh, &options->memory_limit);
}

static enum status open_build(struct cli *cli, struct cli_mesh *mesh)
{
    const struct own_allowed *allowed = &mesh->project->mesh->allowed;
    str *dirs = arena_array(cli->cx->arena, allowed->paths.count + mesh->extra_dirs.count + 2,
                            sizeof *dirs);
    struct engine_options options = { .temp_dir = mesh->temp_dir, .allowed_dirs = dirs };

    dirs[options.allowed_dir_count++] = mesh->objects_dir;
    dirs[options.allowed_dir_count++] = mesh->project->root;
    for (size_t i = 0; i < allowed->paths.count; i++) {
        dirs[options.allowed_dir_count++] =
            os_path_clean(cli->cx->arena, os_path_join(cli->cx->arena, mesh->project->root,
                                                       allowed->paths.items[i].v));
    }
    for (size_t i = 0; i < mesh->extra_dirs.count; i++) {
        dirs[options.allowed_dir_count++] = mesh->extra_dirs.items[i];
    }
    TRY(engine_limits(cli, mesh, &options));
    TRY(os_dir_make_all(cli->cx, mesh->temp_dir, 0700));
    TRY(engine_duckdb_open(cli->cx, &options, &mesh->build));
    TRY(register_masks(cli->cx, mesh, mesh->build));
    return quality_functions_open(cli->cx, mesh->build, &mesh->functions);
}

static enum status open_query(struct cli *cli, struct cli_mesh *mesh)
{
    str                   dirs[2] = { mesh->objects_dir, mesh->extra_dir };
    struct engine_options options = { .temp_dir          = mesh->temp_dir,
                                      .allowed_dirs      = dirs,
                                      .allowed_dir_count = mesh->extra_dir.len ? 2 : 1 };

    TRY(engine_limits(cli, mesh, &options));
    TRY(os_dir_make_all(cli->cx, mesh->temp_dir, 0700));
    TRY(engine_duckdb_open(cli->cx, &options, &mesh->query));
    return register_masks(cli->cx, mesh, mesh->query);
}

static enum status open_key(struct cli *cli, struct cli_mesh *mesh)
{
    str  dir = os_path_join(cli->cx->arena, mesh->project->state_dir, S("keys"));
    bool is_new;

    TRY(os_dir_make_all(cli->cx, dir, 0700));
    TRY(receipt_key_open_or_create(cli->cx, dir, &mesh->key, &is_new));
    if (!is_new) {
        return ST_OK;
    }
    TRY(db_begin(mesh->db, cli->cx, DB_WRITE));
    return db_end(cli->cx,
                  journal_append(cli->cx,
                                 &(struct journal_event){ .kind    = JOURNAL_KEY_CREATED,
                                                          .subject = receipt_key_id(mesh->key) },
                                 NULL));
}

/* ------------------------------------------------------------------------- the whole */

static enum status open_parts(struct cli *cli, unsigned parts, struct cli_mesh *mesh)
{
    TRY(open_files(cli, parts, mesh));
    if (parts & (CLI_MESH_STORE | CLI_MESH_WRITE)) {
        TRY(open_store(cli, parts, mesh));
    }
    if (parts & (CLI_MESH_WRITE | CLI_MESH_STORE)) {
        TRY(open_objects(cli, parts, mesh));
    }
    if (parts & CLI_MESH_ACCESS) {
        TRY(open_access(cli, mesh));
    }
    if (parts & (CLI_MESH_PLAN | CLI_MESH_QUERY | CLI_MESH_BUILD)) {
        TRY(guard_open(cli->cx, &mesh->guard));
    }
    if (parts & CLI_MESH_PLAN) {
        mesh->shadow = lineage_shadow_new();
    }
    if (parts & CLI_MESH_KEY) {
        TRY(open_key(cli, mesh));
    }
    if (parts & CLI_MESH_BUILD) {
        TRY(open_build(cli, mesh));
    }
    return parts & CLI_MESH_QUERY ? open_query(cli, mesh) : ST_OK;
}

enum status cli_mesh_open(struct cli *cli, unsigned parts, struct cli_mesh *out)
{
    enum status st;

    os_mutex_init(&out->shadow_lock, LOCK_SHADOW);
    st = open_parts(cli, parts, out);
    if (st != ST_OK) {
        cli_mesh_close(out);
    }
    return st;
}

void cli_mesh_close(struct cli_mesh *mesh)
{
    engine_close(mesh->query);
    engine_close(mesh->build);
    quality_functions_close(mesh->functions);
    lineage_shadow_close(mesh->shadow);
    guard_close(mesh->guard);
    access_close(mesh->access);
    receipt_key_close(mesh->key);
    blob_close(mesh->blob);
    db_close(mesh->db);
    os_mutex_release(&mesh->shadow_lock);
    mesh->query     = NULL;
    mesh->build     = NULL;
    mesh->functions = NULL;
    mesh->shadow    = NULL;
    mesh->guard     = NULL;
    mesh->access    = NULL;
    mesh->key       = NULL;
    mesh->blob      = NULL;
    mesh->db        = NULL;
}

enum status cli_need_build(struct cli *cli, struct cli_mesh *mesh)
{
    return mesh->build ? ST_OK : open_build(cli, mesh);
}

/* For struct publish_env: the engine for builds, when a plan turns out to need it. */
static enum status need_engine(void *arg, struct ctx *cx, struct publish_env *env)
{
    struct cli_need *need = arg;

    (void)cx;
    TRY(cli_need_build(need->cli, need->mesh));
    env->engine    = need->mesh->build;
    env->functions = need->mesh->functions;
    return ST_OK;
}

struct publish_env cli_publish_env(struct cli *cli, struct cli_mesh *mesh)
{
    struct cli_need *need = ARENA_NEW(cli->cx->arena, struct cli_need);

    uint64_t jobs = JOBS_DEFAULT;

    *need = (struct cli_need){ cli, mesh };
    ignore(str_to_u64(cli->args.jobs, &jobs) ? ST_OK : ST_INVALID, "the default holds");
    return (struct publish_env){
        .project         = mesh->project,
        .store           = mesh->store,
        .blob            = mesh->blob,
        .key             = mesh->key,
        .guard           = mesh->guard,
        .access          = mesh->access,
        .shadow          = mesh->shadow,
        .shadow_lock     = &mesh->shadow_lock,
        .engine          = mesh->build,
        .functions       = mesh->functions,
        .program         = S("weft " WEFT_VERSION),
        .is_full         = cli->args.full,
        .is_kept         = cli->args.keep,
        .jobs            = (unsigned)jobs,
        .need_engine     = need_engine,
        .need_engine_arg = need,
    };
}

struct query_env cli_query_env(struct cli_mesh *mesh)
{
    return (struct query_env){
        .db     = mesh->db,
        .blob   = mesh->blob,
        .guard  = mesh->guard,
        .engine = mesh->query,
        .access = mesh->access,
        .reader = mesh->reader,
    };
}

enum status cli_query_limits(struct cli *cli, const struct cli_mesh *mesh, uint64_t *out_rows)
{
    const struct own_limits *limits = &mesh->project->mesh->limits;
    uint64_t                 rows   = 0;
    int64_t                  us;

    if (cli->args.limit.len && !str_to_u64(cli->args.limit, &rows)) {
        return FAIL(cli->cx, INVALID, "--limit is a number of rows, not \"" STR_FMT "\"",
                    STR_ARG(cli->args.limit));
    }
    if (cli->args.limit.len == 0 && std_is_set(limits->rows)) {
        rows = (uint64_t)limits->rows.v;
    }
    if (cli->cx->deadline_us == 0 && std_is_set(limits->query_time) &&
        std_duration(limits->query_time.v, &us)) {
        cli->cx->deadline_us = cli->cx->env->monotonic_us(cli->cx->env) + us;
    }
    *out_rows = rows;
    return ST_OK;
}

/* ------------------------------------------------------------------------- products */

static enum status unknown_product(struct cli *cli, const struct project *project, str name)
{
    size_t count = project->products.count;
    str   *names = arena_array(cli->cx->arena, count, sizeof *names);
    str    near;

    for (size_t i = 0; i < count; i++) {
        names[i] = project->products.items[i]->address;
    }
    near = str_nearest(name, names, count);
    if (near.len) {
        return FAIL(cli->cx, NOT_FOUND, "no product \"" STR_FMT "\"; did you mean \"" STR_FMT "\"?",
                    STR_ARG(name), STR_ARG(near));
    }
    return FAIL(cli->cx, NOT_FOUND,
                "no product \"" STR_FMT "\"; write domain.product (weft plan --all lists them)",
                STR_ARG(name));
}

/* The folder from which a command was called, relative to the mesh's root. */
static enum status current_folder(struct cli *cli, const struct project *project, str *out)
{
    str dir;

    TRY(os_file_real(cli->cx, cli->args.dir.len ? cli->args.dir : S("."), &dir));
    *out = str_eq(dir, project->root) ? S("") : str_from(dir, project->root.len + 1);
    return ST_OK;
}

static enum status choose(struct cli *cli, const struct project *project,
                          struct project_product **wanted, size_t *count)
{
    str here;

    for (size_t i = 0; i < cli->args.words.count; i++) {
        struct project_product *p = project_find(project, cli->args.words.items[i]);

        if (!p) {
            return unknown_product(cli, project, cli->args.words.items[i]);
        }
        wanted[(*count)++] = p;
    }
    if (*count > 0) {
        return ST_OK;
    }
    TRY(current_folder(cli, project, &here));
    for (size_t i = 0; i < project->products.count; i++) {
        struct project_product *p = project->products.items[i];

        if (cli->args.all || here.len == 0 || os_path_is_below(p->dir, here) ||
            os_path_is_below(here, p->dir)) {
            wanted[(*count)++] = p;
        }
    }
    return ST_OK;
}

enum status cli_wanted_products(struct cli *cli, struct cli_mesh *mesh,
                                struct project_product ***out, size_t *out_count)
{
    struct project          *project = mesh->project;
    size_t                   most    = project->products.count + cli->args.words.count + 1;
    struct project_product **wanted  = arena_array(cli->cx->arena, most, sizeof *wanted);
    size_t                   count   = 0;

    TRY(choose(cli, project, wanted, &count));
    if (count == 0) {
        *out       = wanted;
        *out_count = 0;
        return ST_OK;
    }
    return project_order(cli->cx, project, wanted, count, &mesh->diags, out, out_count);
}
