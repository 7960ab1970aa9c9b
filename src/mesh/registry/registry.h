/*
 * registry.h - what the mesh knows: domains, products, ports, versions, and their documents.
 *
 * The registry is written by publishes (a product is known once it was published) and read by every
 * door. Identity of a product is its id: the same id under another name is a rename, and the old
 * address stays as an alias until a date. Documents are kept as the bytes a person wrote.
 *
 * Transaction  every function runs in cx->tx.
 * Lifetime     what is read lives in cx->arena.
 * Errors       ST_NOT_FOUND, ST_CONFLICT (two ids, one address), and those of db.h.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "base/ctx.h"
#include "base/vec.h"
#include "contract/life.h"
#include "db/db.h"

#define REGISTRY_ALIAS_US (90LL * 86400 * 1000000) /* how long an old address is an alias */

/* Where a document came from: a repository or folder, a path in it, and its commit (or empty). */
struct registry_origin {
    str origin, path, revision;
};

struct registry_domain {
    str                    name, purpose, team;
    struct registry_origin from;
    str                    document; /* SHA-256 */
    int64_t                first_us;
};

struct registry_member {
    str name, role, email;
};

/* Who answers for a domain. */
struct registry_team {
    str name, description, email;
    VEC(struct registry_member) members;
};

struct registry_product {
    str                    id, domain, name, status, description, owner;
    struct registry_origin from;
    str                    document;
    int64_t                first_us, published_us; /* published_us 0 = never */
    str                    publish_id;
};

struct registry_port {
    str product_id, name, version, contract_id, status, description, path, document, publish_id;
    unsigned    major;
    bool        is_open;
    int64_t     first_us, published_us;
    struct life life;         /* by the documents of its last publish */
    int64_t     withdrawn_us; /* since when it is served no longer; 0 = it is served */
};

struct registry_domains {
    VEC(struct registry_domain) list;
};
struct registry_products {
    VEC(struct registry_product) list;
};
struct registry_ports {
    VEC(struct registry_port) list;
};

/* ---- reading ---- */

NODISCARD enum status registry_domains(struct ctx *cx, struct registry_domains *out);
NODISCARD enum status registry_domain(struct ctx *cx, str name, struct registry_domain *out);
/* Empty when the domain was published before teams were written down. */
NODISCARD enum status registry_team(struct ctx *cx, str domain, struct registry_team *out);
NODISCARD enum status registry_products(struct ctx *cx, struct registry_products *out);
NODISCARD enum status registry_product(struct ctx *cx, str id, struct registry_product *out);

/* By address; an alias that is still in force counts. *out_is_alias may be NULL. */
NODISCARD enum status registry_product_at(struct ctx *cx, str domain, str name,
                                          struct registry_product *out, bool *out_is_alias);

/* Newest major first. */
NODISCARD enum status registry_ports(struct ctx *cx, str product_id, struct registry_ports *out);
NODISCARD enum status registry_port(struct ctx *cx, str product_id, str name, unsigned major,
                                    struct registry_port *out);

/*
 * SHA-256 of the document that a version of a port was published with, the newest when there were several.
 * ST_NOT_FOUND names the versions that there are.
 */
NODISCARD enum status registry_port_version(struct ctx *cx, const struct registry_port *port,
                                            str version, str *out_document);

/* The bytes of a document, in cx->arena. */
NODISCARD enum status registry_document(struct ctx *cx, str sha256, str *out);
/* The contract that a port was published with; its findings were settled then. NULL: it cannot be read. */
NODISCARD enum status registry_contract(struct ctx *cx, const struct registry_port *port,
                                        struct odcs_contract **out);

/*
 * An older program published ports without looking when their life ends. False when there are such; then
 * registry_settle, in a transaction for writing, reads it from their documents.
 */
NODISCARD enum status registry_is_settled(struct ctx *cx, bool *out);
NODISCARD enum status registry_settle(struct ctx *cx);

/* True when the documents of the product's last publish do not have this major any more. */
bool registry_port_is_gone(const struct registry_product *product,
                           const struct registry_port    *port);

/* ---- writing, within a publish ---- */

NODISCARD enum status registry_put_document(struct ctx *cx, str sha256, str bytes);

/* What putting a domain or a product did. CHANGED: a domain has another document. */
enum registry_change { REGISTRY_SAME, REGISTRY_NEW, REGISTRY_RENAMED, REGISTRY_CHANGED };

NODISCARD enum status registry_put_domain(struct ctx *cx, const struct registry_domain *domain,
                                          enum registry_change *out);
/* The team as it is now, in place of the one before. The domain must be there. */
NODISCARD enum status registry_put_team(struct ctx *cx, str domain,
                                        const struct registry_team *team);
/* ST_CONFLICT when another product has this address. A rename leaves an alias. */
NODISCARD enum status registry_put_product(struct ctx *cx, const struct registry_product *product,
                                           enum registry_change *out);
NODISCARD enum status registry_put_port(struct ctx *cx, const struct registry_port *port);
/* From now on this major is served no longer; the tables' heads are the caller's. */
NODISCARD enum status registry_withdraw_port(struct ctx *cx, const struct registry_port *port);
NODISCARD enum status registry_mark_published(struct ctx *cx, str product_id, str publish_id);

/* The schema of this module, for db_migrate. */
struct db_module registry_schema(void);

#endif
