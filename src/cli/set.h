/*
 * set.h - where a key of `weft set` stands: which document, which place in it.
 */
#ifndef CLI_SET_H
#define CLI_SET_H

#include "cli/mesh.h"
#include "codec/yaml.h"

enum { SET_DOCUMENTS_MAX = 3 }; /* of one address: product, contract, domain */

/* A document that is edited. */
struct set_document {
    str              path; /* of the file */
    struct diag_text before;
    str              now; /* its bytes after the changes so far */
    size_t           changes;
};

/* What an address means: places that keys may speak of, each with its prefix. */
struct set_scope {
    str                  prefix; /* "", "contract." or "port." */
    struct set_document *document;
    str                  pointer; /* RFC 6901, of the map whose fields are meant */
};

struct set_target {
    struct set_document documents[SET_DOCUMENTS_MAX];
    size_t              document_count;
    struct set_scope    scopes[3];
    size_t              scope_count;
};

/* The documents behind an address or a path; ST_NOT_FOUND names the nearest right word. */
NODISCARD enum status set_find(struct cli *cli, struct cli_mesh *mesh, str address,
                               struct set_target *out);

/* A key, resolved in the tree of its document as it is now. */
struct set_place {
    struct set_scope *scope;
    str               pointer; /* of the deepest value that is there, or its member to be made */
    str               missing; /* steps below it that are not there, with dots                  */
    str               custom;  /* a custom property's name: pointer is the list                 */
    str               key;     /* as given                                                      */
};

NODISCARD enum status set_locate(struct cli *cli, struct set_target *target, str key,
                                 struct set_place *out);

/* The entry of a list that a word means: by id, name … or its number; false when there is none. */
bool set_entry(const struct yaml_node *list, str word, size_t *out);

#endif
