/*
 * entries.c - what there is to find of a product: the words of its published documents, field by field.
 */
#include "search/search_int.h"

#include "base/utf8.h"
#include "project/lookup.h"
#include "project/names.h"
#include "standard/odcs.h"
#include "standard/odps.h"
#include "standard/own.h"
#include "table/table.h"

/* A field that grows part by part: "a · b · c". */
struct field {
    struct arena *a;
    str           text;
};

/* What an entry is made of. */
struct words {
    struct field title, labels, about;
};

/* One version of a port's contract, read once for all tables of the port. */
struct contract {
    str                         port;
    unsigned                    major;
    struct registry_port        row;
    const struct odcs_contract *odcs; /* NULL: its document cannot be read */
};

struct collector {
    struct ctx                    *cx;
    const struct registry_product *product;
    const struct odps_product     *odps; /* NULL: its document cannot be read */
    VEC(struct contract) contracts;
    struct search_entries *out;
};

/* ------------------------------------------------------------------------- text */

/* Line ends and other control characters of a document are spaces here. */
static str one_line(struct arena *a, str s)
{
    char *made = arena_alloc(a, s.len + 1);

    for (size_t i = 0; i < s.len; i++) {
        made[i] = (unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f ? ' ' : s.ptr[i];
    }
    return str_trim((str){ made, s.len });
}

static void add(struct field *f, str part)
{
    str line = utf8_cut(one_line(f->a, part),
                        f->text.len < SEARCH_FIELD_MAX ? SEARCH_FIELD_MAX - f->text.len : 0);

    if (line.len == 0) {
        return;
    }
    f->text = f->text.len == 0
                  ? line
                  : arena_printf(f->a, STR_FMT " · " STR_FMT, STR_ARG(f->text), STR_ARG(line));
}

static void add_text(struct field *f, struct std_str part)
{
    if (std_is_set(part)) {
        add(f, part.v);
    }
}

static void add_all(struct field *f, const struct std_strs *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        add(f, parts->items[i].v);
    }
}

static void add_synonyms(struct field *f, const struct std_synonym *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_text(f, items[i].synonym);
    }
}

static void add_description(struct field *f, const struct std_description *d)
{
    add_text(f, d->purpose);
    add_text(f, d->usage);
    add_text(f, d->limitations);
}

/* Terms that a mesh made for itself; our own keys are settings. */
static void add_custom(struct field *f, const struct std_customs *customs)
{
    for (size_t i = 0; i < customs->count; i++) {
        const struct std_custom *c = &customs->items[i];
        str                      value;

        if (!str_starts(c->property.v, S("weft.")) && std_any_text(c->value, &value)) {
            add(f,
                arena_printf(f->a, STR_FMT ": " STR_FMT, STR_ARG(c->property.v), STR_ARG(value)));
        }
    }
}

static struct words new_words(struct arena *a)
{
    return (struct words){ { a, STR_NONE }, { a, STR_NONE }, { a, STR_NONE } };
}

static void put(struct collector *c, struct search_entry entry, const struct words *w)
{
    entry.product_id = c->product->id;
    entry.title      = w->title.text;
    entry.labels     = w->labels.text;
    entry.about      = w->about.text;
    vec_push(c->cx->arena, &c->out->list, entry);
}

/* ------------------------------------------------------------------------- documents */

/*
 * What a document says, as far as it can be read: findings were settled when it was published, and one
 * that is lost is told by the doctor elsewhere.
 */
static enum status read_bytes(struct ctx *cx, str sha256, struct diag_text *out, bool *is_there)
{
    enum status st = registry_document(cx, sha256, &out->bytes);

    *is_there = st == ST_OK;
    if (st == ST_NOT_FOUND) {
        err_clear(cx->err);
        return ST_OK;
    }
    return st;
}

static enum status read_product(struct collector *c)
{
    struct diag_text     text    = { .name = c->product->from.path };
    struct diags         settled = { 0 };
    struct odps_product *odps    = NULL;
    bool                 is_there;

    TRY(read_bytes(c->cx, c->product->document, &text, &is_there));
    if (is_there) {
        TRY(odps_read(c->cx, &text, STD_TEXT, &settled, &odps));
    }
    c->odps = odps;
    return ST_OK;
}

static enum status read_contract(struct collector *c, str port, unsigned major,
                                 struct contract *out)
{
    struct contract       made    = { .port = port, .major = major };
    struct diag_text      text    = { 0 };
    struct diags          settled = { 0 };
    struct odcs_contract *odcs    = NULL;
    bool                  is_there;

    TRY(registry_port(c->cx, c->product->id, port, major, &made.row));
    text.name = made.row.path;
    TRY(read_bytes(c->cx, made.row.document, &text, &is_there));
    if (is_there) {
        TRY(odcs_read(c->cx, &text, STD_TEXT, &settled, &odcs));
    }
    made.odcs = odcs;
    vec_push(c->cx->arena, &c->contracts, made);
    *out = made;
    return ST_OK;
}

static enum status contract_of(struct collector *c, str port, unsigned major, struct contract *out)
{
    for (size_t i = 0; i < c->contracts.count; i++) {
        if (c->contracts.items[i].major == major && str_eq(c->contracts.items[i].port, port)) {
            *out = c->contracts.items[i];
            return ST_OK;
        }
    }
    return read_contract(c, port, major, out);
}

/* ------------------------------------------------------------------------- entries */

/* Ports stand with their tables: who may know none of these need not know that the port is there. */
static void add_product(struct collector *c)
{
    const struct registry_product *p = c->product;
    struct words                   w = new_words(c->cx->arena);
    str                            address =
        arena_printf(c->cx->arena, STR_FMT "." STR_FMT, STR_ARG(p->domain), STR_ARG(p->name));

    add(&w.labels, p->domain);
    add(&w.labels, p->owner);
    add(&w.labels, p->status);
    if (c->odps) {
        add_synonyms(&w.title, c->odps->synonyms.items, c->odps->synonyms.count);
        add_all(&w.labels, &c->odps->tags);
        add_text(&w.labels, c->odps->type);
        add_text(&w.labels, c->odps->tenant);
        add_custom(&w.labels, &c->odps->custom);
        add_description(&w.about, &c->odps->description);
    } else {
        add(&w.about, p->description);
    }
    put(c,
        (struct search_entry){ .kind    = SEARCH_PRODUCT,
                               .address = address,
                               .status  = p->status,
                               .name    = p->name,
                               .path    = address },
        &w);
}

static void describe_table(struct collector *c, const struct contract *contract,
                           const struct odcs_object *object, struct words *w)
{
    const struct odps_output_port *port =
        lookup_output_port(c->odps, contract->port, contract->major);

    if (object) {
        add_text(&w->title, object->business_name);
        add_text(&w->title, object->physical_name);
        add_synonyms(&w->title, object->synonyms.items, object->synonyms.count);
        add_all(&w->labels, &object->tags);
        add_custom(&w->labels, &object->custom);
        add_text(&w->about, object->description);
        add_text(&w->about, object->granularity);
    }
    add(&w->labels, contract->port);
    if (contract->odcs) {
        add_text(&w->title, contract->odcs->name);
        add_all(&w->labels, &contract->odcs->tags);
        add_custom(&w->labels, &contract->odcs->custom);
        add_description(&w->about, &contract->odcs->description);
    }
    if (port) {
        add_synonyms(&w->title, port->synonyms.items, port->synonyms.count);
        add_all(&w->labels, &port->tags);
        add_custom(&w->labels, &port->custom);
        add_text(&w->about, port->description);
    }
}

static void describe_column(const struct odcs_property *p, str within, struct words *w);

/* A field of a struct, list or map is told of with its column. */
static void describe_below(const struct odcs_property *p, str within, str name, struct words *w)
{
    if (p) {
        describe_column(p,
                        arena_printf(w->about.a, STR_FMT "%s" STR_FMT, STR_ARG(within),
                                     within.len ? "." : "", STR_ARG(name)),
                        w);
    }
}

/* `within` is where a field lies in its column; empty: the column itself. Reading bounded the depth. */
static void describe_column(const struct odcs_property *p, str within, struct words *w)
{
    add_text(&w->title, p->business_name);
    add_text(&w->title, p->physical_name);
    add_synonyms(&w->title, p->synonyms.items, p->synonyms.count);
    add_text(&w->labels, p->classification);
    add_all(&w->labels, &p->tags);
    add_text(&w->labels, p->semantic_type);
    add_custom(&w->labels, &p->custom);
    if (within.len > 0) {
        add(&w->about, arena_printf(w->about.a, STR_FMT "%s" STR_FMT, STR_ARG(within),
                                    std_is_set(p->description) ? ": " : "",
                                    STR_ARG(std_text(p->description, STR_NONE))));
    } else {
        add_text(&w->about, p->description);
    }
    for (size_t i = 0; i < p->properties.count; i++) {
        describe_below(&p->properties.items[i], within, p->properties.items[i].name.v, w);
    }
    describe_below(p->items, within, S("element"), w);
    describe_below(p->map.key, within, S("key"), w);
    describe_below(p->map.value, within, S("value"), w);
}

static void add_column(struct collector *c, const struct search_entry *table,
                       const struct odcs_object *object, str name)
{
    struct arena               *a = c->cx->arena;
    const struct odcs_property *p = lookup_property(a, object, name);
    struct words                w = new_words(a);

    if (p) {
        describe_column(p, STR_NONE, &w);
    }
    put(c,
        (struct search_entry){
            .kind    = SEARCH_COLUMN,
            .address = table->address,
            .column  = name,
            .status  = table->status,
            .name    = name,
            .path    = arena_printf(a, STR_FMT "." STR_FMT, STR_ARG(table->path), STR_ARG(name)) },
        &w);
}

static enum status add_table(struct collector *c, const struct table_snapshot *head)
{
    struct arena             *a = c->cx->arena;
    struct words              w = new_words(a);
    struct search_entry       entry;
    struct address            address;
    struct contract           contract;
    const struct odcs_object *object;

    if (!address_parse(head->address, &address)) {
        return FAIL(c->cx, CORRUPT, "\"" STR_FMT "\" is no address", STR_ARG(head->address));
    }
    TRY(contract_of(c, head->port, address.major, &contract));
    object = lookup_object(a, contract.odcs, address.table);
    entry  = (struct search_entry){
         .kind    = SEARCH_TABLE,
         .address = head->address,
         .status  = contract.row.status,
         .name    = address.table,
         .path    = arena_printf(a, STR_FMT "." STR_FMT "." STR_FMT, STR_ARG(address.domain),
                                 STR_ARG(address.product), STR_ARG(address.table)),
    };
    describe_table(c, &contract, object, &w);
    put(c, entry, &w);
    for (size_t i = 0; i < head->columns.list.count; i++) {
        add_column(c, &entry, object, head->columns.list.items[i].name);
    }
    return ST_OK;
}

enum status search_entries_of(struct ctx *cx, const struct registry_product *product,
                              struct search_entries *out)
{
    struct collector       c = { .cx = cx, .product = product, .out = out };
    struct table_snapshots heads;

    TRY(read_product(&c));
    TRY(table_heads_of(cx, product->id, &heads));
    add_product(&c);
    for (size_t i = 0; i < heads.list.count; i++) {
        TRY(add_table(&c, &heads.list.items[i]));
    }
    return ST_OK;
}

enum status search_entry_of_domain(struct ctx *cx, const struct registry_domain *domain,
                                   struct search_entries *out)
{
    struct words         w = new_words(cx->arena);
    struct registry_team team;

    TRY(registry_team(cx, domain->name, &team));
    add(&w.labels, team.name.len ? team.name : domain->team);
    for (size_t i = 0; i < team.members.count; i++) {
        add(&w.labels, team.members.items[i].name);
    }
    add(&w.about, domain->purpose);
    add(&w.about, team.description);
    vec_push(cx->arena, &out->list,
             (struct search_entry){ .kind    = SEARCH_DOMAIN,
                                    .address = domain->name,
                                    .name    = domain->name,
                                    .path    = domain->name,
                                    .labels  = w.labels.text,
                                    .about   = w.about.text });
    return ST_OK;
}
