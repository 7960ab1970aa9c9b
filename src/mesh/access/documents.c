/*
 * documents.c - published contracts and products, each read once per struct access.
 *
 * They are kept by the hash of their bytes, so nothing kept is ever out of date. What the project has
 * read from its files is taken from there: most of what is published stands in the files unchanged.
 */
#include "access/access_int.h"

enum { DOCUMENTS_MAX = 65536, DOCUMENTS_ARENA_BYTES = 256 << 20 };

/* One of the two. */
struct known_document {
    const struct odcs_contract *contract;
    const struct odps_product  *product;
};

struct access_known {
    struct arena   *arena;  /* of what is read here     */
    struct os_mutex lock;   /* of the arena and the map */
    struct map      by_sha; /* -> struct known_document */
};

/* ---- life cycle ---- */

static void know(struct access_known *known, str sha256, struct known_document document)
{
    struct known_document *kept = ARENA_NEW(known->arena, struct known_document);

    *kept = document;
    map_put(&known->by_sha, known->arena, sha256, kept);
}

static void know_written(struct access_known *known, const struct project_product *product)
{
    know(known, str_of(product->doc->sha256), (struct known_document){ .product = product->odps });
    for (size_t i = 0; i < product->ports.count; i++) {
        const struct project_port *port = product->ports.items[i];

        know(known, str_of(port->doc->sha256),
             (struct known_document){ .contract = port->contract });
    }
}

struct access_known *access_known_new(struct arena *a, const struct project *project)
{
    struct access_known *known = ARENA_NEW(a, struct access_known);

    known->arena = arena_new("published documents", DOCUMENTS_ARENA_BYTES);
    os_mutex_init(&known->lock, LOCK_LEAF);
    for (size_t i = 0; i < project->products.count; i++) {
        if (!project->products.items[i]->is_broken) {
            know_written(known, project->products.items[i]);
        }
    }
    return known;
}

void access_known_free(struct access_known *known)
{
    if (known) {
        os_mutex_release(&known->lock);
        arena_free(known->arena);
    }
}

/* ---- reading ---- */

typedef enum status parse_fn(struct ctx *cx, const struct diag_text *text,
                             struct known_document *out);

static enum status parse_contract(struct ctx *cx, const struct diag_text *text,
                                  struct known_document *out)
{
    struct diags          ignored  = { 0 };
    struct odcs_contract *contract = NULL;

    TRY(odcs_read(cx, text, STD_TEXT, &ignored, &contract));
    out->contract = contract;
    return ST_OK;
}

static enum status parse_product(struct ctx *cx, const struct diag_text *text,
                                 struct known_document *out)
{
    struct diags         ignored = { 0 };
    struct odps_product *product = NULL;

    TRY(odps_read(cx, text, STD_TEXT, &ignored, &product));
    out->product = product;
    return ST_OK;
}

static bool find(struct access_known *known, str sha256, struct known_document *out)
{
    const struct known_document *found;

    os_mutex_lock(&known->lock);
    found = map_get(&known->by_sha, sha256);
    os_mutex_unlock(&known->lock);
    if (found) {
        *out = *found;
    }
    return found != NULL;
}

static enum status parse_into(struct ctx *cx, struct arena *a, parse_fn *parse, str bytes,
                              struct known_document *out)
{
    struct ctx       own  = *cx;
    struct diag_text text = { .name = S("published"), .bytes = arena_dup(a, bytes) };

    own.arena = a;
    return parse(&own, &text, out);
}

/* In the arena of what is known; in that of cx when as much is known as may be. */
static enum status read_document(struct ctx *cx, struct access_known *known, parse_fn *parse,
                                 str sha256, struct known_document *out)
{
    enum status st;
    str         bytes;

    if (find(known, sha256, out)) {
        return ST_OK;
    }
    TRY(registry_document(cx, sha256, &bytes));
    os_mutex_lock(&known->lock);
    if (known->by_sha.count >= DOCUMENTS_MAX) {
        st = parse_into(cx, cx->arena, parse, bytes, out);
    } else {
        st = parse_into(cx, known->arena, parse, bytes, out);
        if (st == ST_OK) {
            know(known, arena_dup(known->arena, sha256), *out);
        }
    }
    os_mutex_unlock(&known->lock);
    return st;
}

enum status access_contract(struct ctx *cx, const struct access *access, str sha256,
                            const struct odcs_contract **out)
{
    struct known_document found = { 0 };

    TRY(read_document(cx, access->known, parse_contract, sha256, &found));
    *out = found.contract;
    return *out ? ST_OK : FAIL(cx, CORRUPT, "a published contract cannot be read");
}

enum status access_product(struct ctx *cx, const struct access *access, str sha256,
                           const struct odps_product **out)
{
    struct known_document found = { 0 };

    TRY(read_document(cx, access->known, parse_product, sha256, &found));
    *out = found.product;
    return *out ? ST_OK : FAIL(cx, CORRUPT, "a published product's document cannot be read");
}
