/*
 * mesh.h - the local mesh a command works on: its files, its state, and what runs SQL.
 *
 * Opened in parts, since a command pays only for what it needs: `weft validate` opens no store and
 * no engine. Everything is closed by cli_mesh_close.
 */
#ifndef CLI_MESH_H
#define CLI_MESH_H

#include "access/access.h"
#include "cli/cli.h"
#include "os/thread.h"
#include "publish/publish.h"
#include "query/query.h"

enum cli_mesh_part {
    CLI_MESH_FILES = 1 << 0, /* the project; its findings in `diags`                            */
    CLI_MESH_STORE = 1 << 1, /* the store for reading; an empty one in memory when there is none */
    CLI_MESH_WRITE = 1 << 2, /* the store for writing, made when it is missing                   */
    CLI_MESH_PLAN  = 1 << 3, /* guard and shadow catalog                                         */
    CLI_MESH_BUILD = 1 << 4, /* the engine for builds                                             */
    CLI_MESH_QUERY = 1 << 5, /* guard and the engine for persons' SQL                            */
    CLI_MESH_KEY   = 1 << 6, /* the signing key                                                   */
    /* policies and keys of hashes; the reader of --as and --purpose, else the operator            */
    CLI_MESH_ACCESS = 1 << 7,
    /* objects are written though there is no store yet                                            */
    CLI_MESH_OBJECTS = 1 << 8
};

struct cli_mesh {
    struct project           *project; /* without CLI_MESH_FILES: only root, mesh and state_dir */
    struct diags              diags;
    struct db_options         store;
    struct db                *db;
    bool                      is_unborn; /* there is no store yet: `db` and `blob` are in memory */
    struct blob              *blob;
    struct receipt_key       *key;
    struct guard             *guard;
    struct lineage_shadow    *shadow;
    struct os_mutex           shadow_lock;
    struct engine            *build, *query;
    struct access            *access;
    struct access_reader      reader;
    struct diags              policy_diags; /* of policies, which hold or not as a whole          */
    struct quality_functions *functions;
    str                       objects_dir, temp_dir;
    str                       extra_dir; /* one more folder a query may write to; or empty     */
    VEC(str) extra_dirs;                 /* more folders that builds may read: of deliveries   */
};

NODISCARD enum status cli_mesh_open(struct cli *cli, unsigned parts, struct cli_mesh *out);
void                  cli_mesh_close(struct cli_mesh *mesh);

/* Brings a store to the schema of this program; `arg` is the struct cli. */
NODISCARD enum status cli_store_migrate(void *arg, struct db *db);

/* The engine for builds, opened now unless it is open. */
NODISCARD enum status cli_need_build(struct cli *cli, struct cli_mesh *mesh);

/* What publish and plan work with. */
struct publish_env cli_publish_env(struct cli *cli, struct cli_mesh *mesh);
struct query_env   cli_query_env(struct cli_mesh *mesh);
/* Rows that a query may give, 0 = any; sets the deadline. Of the command line, else of mesh.yaml. */
NODISCARD enum status cli_query_limits(struct cli *cli, const struct cli_mesh *mesh,
                                       uint64_t *out_rows);

/*
 * The products a command means: those named, all with --all, else those of the current folder and
 * below. In dependency order. ST_NOT_FOUND for a name with the nearest right one.
 */
NODISCARD enum status cli_wanted_products(struct cli *cli, struct cli_mesh *mesh,
                                          struct project_product ***out, size_t *count);

#endif
