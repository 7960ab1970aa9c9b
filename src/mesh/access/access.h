/*
 * access.h - who may read what: the policies in force, who asks, and what is given of a table.
 *
 * access_open reads the policies that lie in the mesh's files, and keeps what it compiled: when a file
 * has an error, the set that was in force before stays in force, and the store knows it. A reader is a
 * principal with a purpose. access_give puts a decision on a relation, which the guard carries out.
 * Nothing else in the program decides who sees what.
 *
 * Closed    no set was ever right: nobody but the operator may read anything.
 * Owns      the tables policy_set, policy_text, policy_document, mask_key; the files keys/mask-*.key.
 * Lifetime  a struct access and its readers live in the cx->arena of access_open, until access_close;
 *           decisions live in the cx->arena of their call.
 * Threads   a struct access is immutable, but for documents it has read, which a lock guards: any
 *           thread may use it with a context of its own.
 * Errors    ST_NOT_FOUND for a table that the reader may not read, as for one that is not there.
 */
#ifndef ACCESS_ACCESS_H
#define ACCESS_ACCESS_H

#include "guard/guard.h"
#include "policy/policy.h"
#include "project/project.h"
#include "registry/registry.h"
#include "table/table.h"

struct access;
struct mask_ring;

/*
 * Loads the policies of the project, brings them into force and journals that, when the store can be
 * written (`can_write`). Findings of the files go to `diags`: with errors among them the last right set
 * is used. `db` NULL: there is no store yet, the files alone count.
 */
NODISCARD enum status access_open(struct ctx *cx, struct db *db, struct project *project,
                                  bool can_write, struct diags *diags, struct access **out);
void                  access_close(struct access *access); /* NULL is fine */

/*
 * Compiles the policies of the project and binds them to its tables as written, for their findings only:
 * what the policies mean wrongly, and which do not fit a table.
 */
NODISCARD enum status access_check(struct ctx *cx, struct project *project, struct diags *diags);

const struct policy_set *access_policies(const struct access *access);
/* The files have errors: what is in force is older, or nothing (then *out_closed). */
bool access_is_behind(const struct access *access, bool *out_closed);

/* ---- keys of hashes ---- */

/*
 * Reads the key files that the store knows of; makes the first key when there is none and `can_write`.
 * A file that is missing, or is not the key the store knows, is left out: hashes with it are NULL, and
 * `diags` says so. The ring is for mask_register.
 */
NODISCARD enum status access_open_keys(struct ctx *cx, struct db *db, struct access *access,
                                       bool can_write, struct diags *diags);
struct mask_ring     *access_mask_ring(const struct access *access);
/* A new key, in force from now on; values hashed with older ones can be told no more. */
NODISCARD enum status access_rotate_key(struct ctx *cx, struct db *db, struct access *access,
                                        str *out_id);

/* ---- readers ---- */

struct access_reader {
    const struct policy_subject *subject;
    str                          purpose; /* empty = none */
};

struct access_reader access_reader_operator(const struct access *access);
/*
 * Who a name means: a declared principal, a member of a domain's team, or a product by its address.
 * ST_NOT_FOUND with the nearest right name; ST_INVALID for a purpose that mesh.yaml does not have.
 */
NODISCARD enum status access_reader_named(struct ctx *cx, const struct access *access, str name,
                                          str purpose, struct access_reader *out);
NODISCARD enum status access_reader_product(struct ctx *cx, const struct access *access, str domain,
                                            str product, struct access_reader *out);

/* ---- what a table is, to policies ---- */

/* A published table: its labels are those of its port's newest published contract. In cx->tx. */
NODISCARD enum status access_published(struct ctx *cx, const struct access *access,
                                       const struct registry_product *product,
                                       const struct registry_port    *port,
                                       const struct table_snapshot   *snapshot,
                                       struct policy_object          *out);
/* A table as it stands in the files. */
void access_written(struct ctx *cx, const struct project_port *port,
                    const struct project_table *table, struct policy_object *out);

/* ---- decisions ---- */

/* What the reader gets of the table. ST_OK also when that is nothing: look at out->access. */
NODISCARD enum status access_decide(struct ctx *cx, const struct access *access,
                                    const struct access_reader *reader,
                                    const struct policy_object *object,
                                    struct policy_decision     *out);

/* True when some column of the table exists for the reader. */
bool access_shows(const struct policy_object *object, const struct policy_decision *decision);

/*
 * As access_decide, put on a relation whose columns are those of the object, in the same order.
 * ST_NOT_FOUND ("there is no such table") when the reader may not read it.
 */
NODISCARD enum status access_give(struct ctx *cx, const struct access *access,
                                  const struct access_reader *reader,
                                  const struct policy_object *object,
                                  struct guard_relation      *relation);

/* The second half of access_give: what access_decide said, which must live as long as the relation. */
NODISCARD enum status access_put(struct ctx *cx, const struct access *access,
                                 const struct policy_object   *object,
                                 const struct policy_decision *decision,
                                 struct guard_relation        *relation);

/* What was decided, as one text: equal texts show the same rows and values. Empty: everything. */
str access_decision_text(struct ctx *cx, const struct policy_object *object,
                         const struct policy_decision *decision);

/* ---- the set in force ---- */

struct access_in_force {
    int64_t seq, since_us; /* seq 0 = nothing ever was */
    str     fingerprint, actor;
};
NODISCARD enum status access_in_force(struct ctx *cx, struct access_in_force *out);

/* The schema of this module, for db_migrate. */
struct db_module access_schema(void);

#endif
