/*
 * project.h - the files of a mesh as a person wrote them, read whole and resolved to addresses.
 *
 * `project_load` finds the mesh upward from a folder, reads every document (mesh.yaml, domains,
 * products, contracts, SQL), reports all problems at once, and binds what belongs together: ports to
 * contracts, input ports to sources or to the ports of other products, tables to SQL. It writes
 * nothing and opens no store. The rules are DESIGN.md, "From files to address", by their numbers.
 *
 * Lifetime  everything lives in cx->arena; the documents' bytes are kept as written.
 * Threads   a loaded project is immutable; any thread may read it.
 * Limits    PROJECT_* below; each has its own message.
 * Errors    problems of the documents go to `diags` and mark the product broken; the return value
 *           fails only when there is no mesh or a folder cannot be read.
 */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H

#include "base/diag.h"
#include "base/map.h"
#include "project/names.h"
#include "contract/coltype.h"
#include "contract/life.h"
#include "standard/odcs.h"
#include "standard/odps.h"
#include "standard/own.h"

enum {
    PROJECT_DOCUMENT_MAX = 8 * 1024 * 1024, /* bytes of one document   */
    PROJECT_SQL_MAX      = 1024 * 1024,     /* bytes of one SQL file   */
    PROJECT_PRODUCTS_MAX = 20000,
    PROJECT_FILES_MAX    = 1000, /* in one product's folder */
    PROJECT_COLUMNS_MAX  = 10000
};

/* One file: its path from the mesh's root ("domains/sales/orders/orders.sql") and its bytes. */
struct project_doc {
    struct diag_text text;
    char             sha256[65]; /* lower-case hex */
};

enum project_build { PROJECT_BUILD_SQL, PROJECT_BUILD_VIEW, PROJECT_BUILD_DELIVERED };

/* What the rows of one publish do to the rows that are there. */
enum project_material {
    PROJECT_MATERIAL_FULL,       /* take their place                                */
    PROJECT_MATERIAL_APPEND,     /* are added                                       */
    PROJECT_MATERIAL_PARTITIONS, /* take the place of those in the same partitions  */
    PROJECT_MATERIAL_MERGE       /* take the place of those with the same primary key */
};

struct project_column {
    str                         name;
    int                         field_id; /* 0 until the table module gave one          */
    const struct coltype       *type;
    str                         type_text; /* the engine's spelling                      */
    const struct odcs_property *property;
};

struct project_table {
    str                       name;
    str                       address; /* domain.product_vN.table                    */
    const struct odcs_object *object;
    struct project_column    *columns;
    size_t                    column_count;
    const struct project_doc *sql;      /* NULL for delivered and for a copy   */
    str                       sql_text; /* what builds it; empty for delivered */
    /* The one source object of the product, when no SQL file says how the table is built. */
    const struct project_table *copy_of;
    enum project_build          build;
    enum project_material       material;
    str     incremental_column;         /* rows after its newest value are new; or empty */
    int64_t lookback_us;                /* ... and those of this time before it          */
    const struct project_column **keys; /* the primary key, in order               */
    size_t                        key_count;
    const struct project_column **partitions; /* columns that rows are put apart by, in order */
    size_t                        partition_count;
};

/* One major of an output port. */
struct project_port {
    struct project_product     *product;
    str                         name, version;
    unsigned                    major;
    bool                        is_open;
    int64_t                     history_us; /* how long its old snapshots keep their files */
    struct life                 life;       /* when it is deprecated, and when it ends     */
    const struct odcs_contract *contract;
    const struct project_doc   *doc;
    str                         dir; /* of the contract, from the root             */
    struct project_table       *tables;
    size_t                      table_count;
};

/* A private intermediate table of one major. */
struct project_step {
    str                       name;
    unsigned                  major;
    const struct project_doc *sql;
};

enum project_input_kind { PROJECT_INPUT_SOURCE, PROJECT_INPUT_PORT };

struct project_input {
    str                         name, contract_id, version;
    unsigned                    major;
    enum project_input_kind     kind;
    const struct odcs_contract *contract;
    const struct project_doc   *doc;
    const struct odcs_server   *server;   /* a source's server in the chosen environment */
    struct project_port        *upstream; /* a port of this mesh                          */
    struct project_table       *tables;   /* a source's objects, as source.<name>         */
    size_t                      table_count;
    struct diag_pos             at;
};

struct project_product {
    str                        id, name, domain, dir;
    str                        address; /* domain.product */
    const struct odps_product *odps;
    const struct project_doc  *doc;
    VEC(struct project_port *) ports;
    VEC(struct project_input *) inputs;
    VEC(struct project_step) steps;
    VEC(const struct project_doc *) docs; /* all documents and SQL of the product, by path */
    unsigned              newest_major;
    bool                  is_broken; /* an error was found in its documents           */
    int                   mark;      /* for the ordering walk only                    */
    struct product_files *files;     /* for loading only                              */
};

struct project_domain {
    str                       name, dir;
    const struct own_domain  *own;
    const struct project_doc *doc;
};

/* A document that says who sees what; `domain` is empty when it holds for the whole mesh. */
struct project_policy {
    const struct project_doc *doc;
    str                       domain;
};

/* The ports that one contract stands for, in the order of products: its majors, or a clash. */
struct project_offers {
    VEC(struct project_port *) ports;
};

struct project {
    str                       root;      /* absolute path                              */
    str                       state_dir; /* <root>/.weft                               */
    str                       environment;
    str                       revision; /* commit of the documents; empty outside of git */
    const struct own_mesh    *mesh;
    const struct project_doc *mesh_doc;
    str                       name;
    VEC(struct project_domain) domains;
    VEC(struct project_policy) policies; /* after project_load_policies           */
    bool has_policies;
    VEC(struct project_product *) products; /* by address                            */
    struct map by_address;                  /* "domain.product" → product            */
    struct map by_id;                       /* of ODPS → product                      */
    struct map by_contract;                 /* id of a contract → struct project_offers */
};

/*
 * The root of the mesh that `dir` lies in: the nearest folder upward with a mesh.yaml; ST_NOT_FOUND
 * names the command that makes one.
 */
NODISCARD enum status project_find_root(struct ctx *cx, str dir, str *out);

struct project_options {
    str dir;         /* anywhere in the mesh                                    */
    str environment; /* empty: the mesh's first one                             */
};

NODISCARD enum status project_load(struct ctx *cx, const struct project_options *options,
                                   struct diags *diags, struct project **out);

/* The mesh's own document and places only, for commands that need no domains. */
NODISCARD enum status project_open(struct ctx *cx, const struct project_options *options,
                                   struct diags *diags, struct project **out);

/*
 * Reads the documents of policies/, principals/ and domains/<domain>/policies/, and the domains' own when
 * the project was only opened. Their meaning is not looked at (policy/policy.h).
 */
NODISCARD enum status project_load_policies(struct ctx *cx, struct project *project,
                                            struct diags *diags);

/* Asks git for the commit that is checked out; without git, or outside of it, there is none. */
void project_find_revision(struct ctx *cx, struct project *project);

/*
 * The products in dependency order: all of them, or `wanted` and nothing else. A cycle is a
 * finding that names its products; those are marked broken and left out.
 */
NODISCARD enum status project_order(struct ctx *cx, struct project *project,
                                    struct project_product *const *wanted, size_t wanted_count,
                                    struct diags *diags, struct project_product ***out,
                                    size_t *out_count);

/* The product an address or a name ("orders", when only one domain has it) means, or NULL. */
struct project_product *project_find(const struct project *project, str name);

/* The port of a product's major that serves `table`; major 0 = newest. NULL when there is none. */
struct project_port *project_port_of(const struct project_product *product, unsigned major,
                                     str table, struct project_table **out_table);

/* The newest major of the port's product that is active, the port's own aside; NULL when there is none. */
struct project_port *project_successor(const struct project_port *port, int64_t now_us);

/* "domain.product_v2" */
str project_port_address(struct arena *a, const struct project_port *port);

/* What a table without SQL is a copy of, "source.orders"; empty for all others. */
str project_copy_name(struct arena *a, const struct project_table *table);

/* A file of the project, by path from the root; ST_NOT_FOUND when there is none. */
NODISCARD enum status project_read_doc(struct ctx *cx, str root, str path, size_t max_bytes,
                                       const struct project_doc **out);

#endif
