/*
 * new.h - making the first files of a mesh, a domain, a product.
 */
#ifndef CLI_NEW_H
#define CLI_NEW_H

#include "cli/mesh.h"

/* Writes one new file below the mesh's root and says so; ST_CONFLICT when it exists. */
NODISCARD enum status new_file(struct cli *cli, str root, str path, str bytes);

/* Makes a mesh in `dir`. */
NODISCARD enum status new_mesh(struct cli *cli, str dir, str *out_root);

NODISCARD enum status new_domain(struct cli *cli, str root, str name);

struct new_product_request {
    str root;    /* of the mesh */
    str address; /* domain.product */
    str from;    /* a file (absolute path or glob), or postgres://… */
    str table;   /* empty: the product's name */
};

/*
 * Looks at the whole source, infers columns, keys and enums, and writes the product's folder; the
 * domain too when it is missing. Nothing is written when the source cannot be read.
 */
NODISCARD enum status new_product(struct cli *cli, const struct new_product_request *rq);

#endif
