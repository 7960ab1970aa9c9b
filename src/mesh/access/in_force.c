/*
 * in_force.c - which policies hold: those of the files when they are right, else the last right ones.
 */
#include "access/access_int.h"

#include "journal/journal.h"
#include "os/path.h"
#include "policy/mask_keys.h"

/* ---- what the set must know of the mesh ---- */

static void list_purposes(struct ctx *cx, const struct project *project, struct policy_mesh *out)
{
    size_t                 count = project->mesh->purposes.count;
    struct policy_purpose *list  = arena_array(cx->arena, count, sizeof *list);

    for (size_t i = 0; i < count; i++) {
        const struct own_purpose *p = &project->mesh->purposes.items[i];

        list[i] =
            (struct policy_purpose){ .name = p->name.v, .parent = std_text(p->parent, S("")) };
    }
    out->purposes      = list;
    out->purpose_count = count;
}

static void list_domains(struct ctx *cx, const struct project *project, struct policy_mesh *out)
{
    str *names = arena_array(cx->arena, project->domains.count, sizeof *names);
    VEC(struct policy_member) members = { 0 };

    for (size_t i = 0; i < project->domains.count; i++) {
        const struct project_domain *d = &project->domains.items[i];

        names[i] = d->name;
        for (size_t k = 0; k < d->own->team.members.count; k++) {
            const struct own_member *m = &d->own->team.members.items[k];

            vec_push(cx->arena, &members, (struct policy_member){ d->name, m->name.v, m->role.v });
        }
    }
    out->domains      = names;
    out->domain_count = project->domains.count;
    out->members      = members.items;
    out->member_count = members.count;
}

/* ---- compiling ---- */

static enum status compile(struct ctx *cx, const struct project *project,
                           const struct access_documents *documents, struct diags *diags,
                           struct policy_set **out)
{
    struct policy_mesh    mesh    = { 0 };
    size_t                count   = documents->list.count;
    struct policy_source *sources = arena_array(cx->arena, count, sizeof *sources);

    list_purposes(cx, project, &mesh);
    list_domains(cx, project, &mesh);
    for (size_t i = 0; i < count; i++) {
        sources[i] = (struct policy_source){ &documents->list.items[i].text,
                                             documents->list.items[i].domain };
    }
    return policy_compile(cx, sources, count, &mesh, diags, out);
}

static struct access_documents written_documents(struct ctx *cx, const struct project *project)
{
    struct access_documents made = { 0 };

    for (size_t i = 0; i < project->policies.count; i++) {
        const struct project_policy *p = &project->policies.items[i];

        vec_push(cx->arena, &made.list,
                 (struct access_document){
                     .text = p->doc->text, .domain = p->domain, .sha256 = str_of(p->doc->sha256) });
    }
    return made;
}

/* ---- the last right set ---- */

static enum status tell_refused(struct ctx *cx, struct db *db)
{
    TRY(db_begin(db, cx, DB_WRITE));
    return db_end(
        cx, journal_append(cx, &(struct journal_event){ .kind = JOURNAL_POLICY_REFUSED }, NULL));
}

/* The files have errors: what the store has is compiled again, and was right when it was stored. */
static enum status use_stored(struct ctx *cx, struct db *db, const struct project *project,
                              bool can_write, struct access *a)
{
    struct access_in_force  newest    = { 0 };
    struct access_documents documents = { 0 };
    struct diags            ignored   = { 0 };
    enum status             st;

    a->is_behind = true;
    if (db) {
        TRY(db_begin(db, cx, DB_READ));
        TRY(db_end(cx, access_stored(cx, &newest, &documents)));
    }
    if (db && can_write) {
        TRY(tell_refused(cx, db));
    }
    if (newest.seq > 0) {
        st = compile(cx, project, &documents, &ignored, &a->set);
        if (st != ST_INVALID) {
            return st;
        }
        err_clear(cx->err); /* mesh.yaml or a team has changed under it */
    }
    a->is_closed = true;
    documents    = (struct access_documents){ 0 };
    return compile(cx, project, &documents, &ignored, &a->set);
}

/* The files are right: they hold, and the store keeps them. */
static enum status use_written(struct ctx *cx, struct db *db,
                               const struct access_documents *documents, bool can_write,
                               const struct access *a)
{
    struct access_in_force newest;
    str                    fingerprint = policy_fingerprint(a->set);

    if (!db) {
        return ST_OK;
    }
    TRY(db_begin(db, cx, DB_READ));
    TRY(db_end(cx, access_in_force(cx, &newest)));
    if (str_eq(newest.fingerprint, fingerprint) || !can_write ||
        (newest.seq == 0 && documents->list.count == 0)) {
        return ST_OK;
    }
    TRY(db_begin(db, cx, DB_WRITE));
    return db_end(cx, access_store(cx, fingerprint, documents));
}

static enum status load(struct ctx *cx, struct db *db, struct project *project, bool can_write,
                        struct diags *diags, struct access *a)
{
    struct access_documents documents;
    enum status             st;

    TRY(project_load_policies(cx, project, diags));
    documents = written_documents(cx, project);
    st        = compile(cx, project, &documents, diags, &a->set);
    if (st == ST_INVALID) {
        err_clear(cx->err);
        return use_stored(cx, db, project, can_write, a);
    }
    TRY(st);
    return use_written(cx, db, &documents, can_write, a);
}

enum status access_open(struct ctx *cx, struct db *db, struct project *project, bool can_write,
                        struct diags *diags, struct access **out)
{
    struct access *a = ARENA_NEW(cx->arena, struct access);
    enum status    st;

    a->arena    = cx->arena;
    a->keys_dir = os_path_join(cx->arena, project->state_dir, S("keys"));
    a->ring     = mask_ring_new();
    a->known    = access_known_new(cx->arena, project);
    st          = load(cx, db, project, can_write, diags, a);
    if (st != ST_OK) {
        access_close(a);
        return st;
    }
    *out = a;
    return ST_OK;
}

/* ---- checking ---- */

static enum status check_table(struct ctx *cx, const struct policy_set *set,
                               const struct project_port *port, const struct project_table *table,
                               struct diags *diags)
{
    struct policy_object  object;
    struct policy_target *target;
    const str            *problems;
    size_t                count;

    access_written(cx, port, table, &object);
    TRY(policy_target_bind(cx, set, &object, &target));
    problems = policy_target_problems(target, &count);
    for (size_t i = 0; i < count; i++) {
        diag_add(diags, cx, DIAG_WARNING, &port->doc->text, (struct diag_pos){ 0 },
                 S("policy.does-not-fit"), STR_NONE, STR_FMT ": " STR_FMT, STR_ARG(table->address),
                 STR_ARG(problems[i]));
    }
    return ST_OK;
}

enum status access_check(struct ctx *cx, struct project *project, struct diags *diags)
{
    struct access_documents documents;
    struct policy_set      *set;
    enum status             st;

    TRY(project_load_policies(cx, project, diags));
    documents = written_documents(cx, project);
    st        = compile(cx, project, &documents, diags, &set);
    if (st == ST_INVALID) {
        err_clear(cx->err);
        return ST_OK;
    }
    TRY(st);
    for (size_t i = 0; i < project->products.count; i++) {
        const struct project_product *p = project->products.items[i];

        for (size_t k = 0; k < p->ports.count; k++) {
            for (size_t t = 0; t < p->ports.items[k]->table_count; t++) {
                TRY(check_table(cx, set, p->ports.items[k], &p->ports.items[k]->tables[t], diags));
            }
        }
    }
    return ST_OK;
}

void access_close(struct access *access)
{
    if (access) {
        mask_ring_free(access->ring);
        access_known_free(access->known);
    }
}

const struct policy_set *access_policies(const struct access *access)
{
    return access->set;
}

bool access_is_behind(const struct access *access, bool *out_closed)
{
    if (out_closed) {
        *out_closed = access->is_closed;
    }
    return access->is_behind;
}
