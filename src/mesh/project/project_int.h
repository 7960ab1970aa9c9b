/*
 * project_int.h - what the steps of loading share. Only for this folder.
 */
#ifndef PROJECT_PROJECT_INT_H
#define PROJECT_PROJECT_INT_H

#include "project/project.h"

/* A contract found in a product's folder, before it is known what it is for. */
struct found_contract {
    const struct project_doc   *doc;
    const struct odcs_contract *contract;
    str                         dir; /* of the file, from the root */
    bool                        is_lock;
    bool                        is_output, is_input;
};

struct found_sql {
    const struct project_doc *doc;
    str                       dir, name; /* folder; file name without ".sql" */
    bool                      is_used;
};

/* What one product's folder holds. */
struct product_files {
    VEC(struct found_contract) contracts;
    VEC(struct found_sql) sql;
};

/* The loading of one product. */
struct product_load {
    struct ctx             *cx;
    struct project         *project;
    struct project_product *product;
    struct product_files   *files;
    struct diags           *diags;
};

/* Findings at a place of the product's documents. */
#define REPORT(load, severity, doc, pos, rule, hint, ...)                                          \
    diag_add((load)->diags, (load)->cx, (severity), (doc) ? &(doc)->text : NULL, (pos), S(rule),   \
             (hint), __VA_ARGS__)

/* Reads domains/<folder>/domain.yaml; *out_found is false when the folder is no domain. */
NODISCARD enum status project_load_domain(struct ctx *cx, struct project *project, str folder,
                                          struct diags *diags, bool *out_found);

/* Reads what lies in the product's folder; findings of the documents go to diags. */
NODISCARD enum status product_files_read(struct product_load *load);

/* Output ports to contracts, tables and SQL. */
NODISCARD enum status product_bind_ports(struct product_load *load);

/* How a table is made and kept, by its weft. keys, its primary key and its partition columns. */
void product_table_keys(struct product_load *load, const struct project_port *port,
                        struct project_table *table);

/* Columns of an object with their types; findings for what cannot be published. */
NODISCARD enum status product_columns(struct product_load *load, const struct project_doc *doc,
                                      const struct odcs_object *object, bool is_source,
                                      struct project_table *table);

/* Input ports to sources or upstream ports; all products' output ports are bound before. */
NODISCARD enum status product_bind_inputs(struct product_load *load);

/* References of contracts into other contracts of the mesh; when all products are loaded. */
NODISCARD enum status project_check_references(struct ctx *cx, struct project *project,
                                               struct diags *diags);

#endif
