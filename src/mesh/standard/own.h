/*
 * own.h - our own kinds: Mesh (mesh.yaml) and Domain (domain.yaml), both apiVersion weft/v1.
 *
 * Read by the same tables and reader as the standards; rules of std.h hold. Paths and names of
 * servers are checked for form here and for existence by whoever uses them.
 */
#ifndef STANDARD_OWN_H
#define STANDARD_OWN_H

#include "standard/std.h"

struct own_environment {
    struct std_str  name, description;
    struct diag_pos at;
};

struct own_purpose {
    struct std_str  name, parent, owner, text; /* `text` is what a person acknowledges */
    struct diag_pos at;
};

/* Where the value of ${name} comes from: exactly one of env, file, command. */
struct own_secret {
    struct std_str  name;
    struct std_str  env;     /* another variable's name                             */
    struct std_str  file;    /* mode 0600, outside git; its content without last \n */
    struct std_strs command; /* program and arguments; its output without last \n   */
    struct diag_pos at;
};

struct own_limits {               /* absent = the program's default */
    struct std_str  query_time;   /* duration, std_duration: "60s" */
    struct std_str  publish_time; /* duration */
    struct std_str  memory;       /* size, std_bytes: "2GB" */
    struct std_str  temp;         /* size of spill files */
    struct std_int  rows;         /* rows a query may return */
    struct std_int  threads;
    struct diag_pos at;
};

struct own_allowed { /* absent list = default: all formats, paths inside the mesh, no servers */
    struct std_strs formats; /* csv, json, ndjson, parquet */
    struct std_strs paths;   /* folders (and below) that sources may read, relative to mesh.yaml */
    struct std_strs servers; /* host or host:port that sources may reach */
    struct diag_pos at;
};

struct own_mesh {
    struct std_str api_version, kind, name, description;
    struct std_str store;   /* default ".weft/registry.db" */
    struct std_str objects; /* default ".weft/objects" */
    STD_LIST(struct own_environment) environments;
    STD_LIST(struct own_purpose) purposes;
    struct own_limits  limits;
    struct own_allowed allowed;
    STD_LIST(struct own_secret) secrets; /* written as a mapping NAME: {env|file|command} */
    const struct yaml_node *root;
    struct diag_pos         at;
};

struct own_member {
    struct std_str  name, role, email;
    struct diag_pos at;
};

struct own_team {
    struct std_str name, description, email;
    STD_LIST(struct own_member) members;
    struct diag_pos at;
};

struct own_domain {
    struct std_str          api_version, kind, name, description, purpose, sponsor;
    struct std_str          mesh; /* URL of the mesh when the domain has its own repository */
    struct own_team         team;
    const struct yaml_node *root;
    struct diag_pos         at;
};

/* As odcs_read. The profile does not matter to our own kinds: they are always strict. */
NODISCARD enum status own_mesh_read(struct ctx *cx, const struct diag_text *text,
                                    struct diags *diags, struct own_mesh **out);
NODISCARD enum status own_domain_read(struct ctx *cx, const struct diag_text *text,
                                      struct diags *diags, struct own_domain **out);

void own_mesh_emit(const struct own_mesh *m, struct buf *out);
void own_domain_emit(const struct own_domain *d, struct buf *out);

/* True for a name of a domain, product, port, table, column or environment: [a-z_][a-z0-9_]{0,62}. */
bool own_name_is_valid(str name);

#endif
