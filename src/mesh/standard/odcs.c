/*
 * odcs.c - the root of a data contract, its SLA, price and people; reading a contract.
 */
#include "standard/odcs.h"

#include "base/time.h"
#include "standard/odcs_int.h"

/* ---- SLA and price ---- */

static const struct std_field sla_fields[] = {
    ODCS_ID(struct odcs_sla),
    STD_F(struct odcs_sla, property, "property", STD_STRING, STD_ALWAYS,
          STD_HELP("latency, frequency, retention, availability …")),
    STD_F(struct odcs_sla, value, "value", STD_SCALAR, STD_ALWAYS, STD_HELP("the agreed value")),
    STD_F(struct odcs_sla, value_ext, "valueExt", STD_SCALAR, STD_HELP("a second value")),
    STD_F(struct odcs_sla, unit, "unit", STD_STRING, STD_HELP("d, h, y, percent …")),
    STD_F(struct odcs_sla, element, "element", STD_STRING,
          STD_HELP("object.property it speaks of")),
    STD_F(struct odcs_sla, driver, "driver", STD_STRING,
          STD_HELP("regulatory, analytics, operational")),
    STD_F(struct odcs_sla, description, "description", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("in words")),
    STD_F(struct odcs_sla, scheduler, "scheduler", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("who checks it")),
    STD_F(struct odcs_sla, schedule, "schedule", STD_STRING, .since = ODCS_3_1_0,
          STD_HELP("when it is checked")),
    ODCS_CUSTOM(struct odcs_sla, ODCS_3_2_0),
    ODCS_DEFINITIONS(struct odcs_sla, ODCS_3_2_0),
};
static const struct std_shape shape_sla =
    STD_SHAPE(struct odcs_sla, "SLA property", sla_fields, .closed_since = ODCS_3_1_0);

static const struct std_field price_fields[] = {
    ODCS_ID(struct odcs_price),
    STD_F(struct odcs_price, amount, "priceAmount", STD_NUM, STD_HELP("how much")),
    STD_F(struct odcs_price, currency, "priceCurrency", STD_STRING, STD_HELP("USD, EUR …")),
    STD_F(struct odcs_price, unit, "priceUnit", STD_STRING, STD_HELP("per megabyte, per month …")),
};
static const struct std_shape shape_price =
    STD_SHAPE(struct odcs_price, "price", price_fields, .closed_since = ODCS_3_1_0);

static const struct {
    str name, short_form;
} services[ODCS_SERVICE_COUNT] = {
    [ODCS_AVAILABILITY]         = { STR_INIT("availability"), STR_INIT("av") },
    [ODCS_THROUGHPUT]           = { STR_INIT("throughput"), STR_INIT("th") },
    [ODCS_ERROR_RATE]           = { STR_INIT("errorRate"), STR_INIT("er") },
    [ODCS_GENERAL_AVAILABILITY] = { STR_INIT("generalAvailability"), STR_INIT("ga") },
    [ODCS_END_OF_SUPPORT]       = { STR_INIT("endOfSupport"), STR_INIT("es") },
    [ODCS_END_OF_LIFE]          = { STR_INIT("endOfLife"), STR_INIT("el") },
    [ODCS_RETENTION]            = { STR_INIT("retention"), STR_INIT("re") },
    [ODCS_FREQUENCY]            = { STR_INIT("frequency"), STR_INIT("fy") },
    [ODCS_LATENCY]              = { STR_INIT("latency"), STR_INIT("ly") },
    [ODCS_FRESHNESS]            = { STR_INIT("freshness"), STR_INIT("freshness") },
    [ODCS_TIME_TO_DETECT]       = { STR_INIT("timeToDetect"), STR_INIT("td") },
    [ODCS_TIME_TO_NOTIFY]       = { STR_INIT("timeToNotify"), STR_INIT("tn") },
    [ODCS_TIME_TO_REPAIR]       = { STR_INIT("timeToRepair"), STR_INIT("tr") },
};

enum odcs_service odcs_service_of(str text)
{
    for (size_t i = ODCS_SERVICE_NONE + 1; i < COUNT_OF(services); i++) {
        if (str_eq_nocase(text, services[i].name) || str_eq_nocase(text, services[i].short_form)) {
            return (enum odcs_service)i;
        }
    }
    return ODCS_SERVICE_NONE;
}

static bool is_end(const struct odcs_sla *sla, int64_t *out_us)
{
    str text;

    return !std_is_set(sla->element) && std_any_text(sla->value, &text) && time_parse(text, out_us);
}

const struct odcs_sla *odcs_sla_end(const struct odcs_contract *c, enum odcs_service service,
                                    int64_t *out_us)
{
    for (size_t i = 0; i < c->sla.count; i++) {
        const struct odcs_sla *sla = &c->sla.items[i];

        if (odcs_service_of(sla->property.v) == service && is_end(sla, out_us)) {
            return sla;
        }
    }
    return NULL;
}

static void check_end(struct std_reader *r, const struct odcs_sla *sla,
                      const struct odcs_sla *first)
{
    int64_t ignored;

    if (std_is_set(sla->element)) {
        std_report(r, STD_RULE_SLA_PART, sla->element.at,
                   S("leave element: out, or say it in words under description"),
                   "\"" STR_FMT "\" of \"" STR_FMT "\" ends nothing: a contract ends as a whole",
                   STR_ARG(sla->property.v), STR_ARG(str_sub(sla->element.v, 0, 200)));
    } else if (!is_end(sla, &ignored)) {
        std_report(r, STD_RULE_SLA_DATE, std_is_set(sla->value) ? sla->value.at : sla->at,
                   S("write a date like 2027-01-31, or a time like 2027-01-31T09:30:00Z"),
                   "the value of \"" STR_FMT "\" is no date, so nothing ends by it",
                   STR_ARG(sla->property.v));
    } else if (first && first != sla) {
        std_report(r, STD_RULE_SLA_TWICE, sla->property.at, S("keep one of them"),
                   "\"" STR_FMT "\" stands twice; the first date holds", STR_ARG(sla->property.v));
    }
}

void odcs_check_ends(struct std_reader *r, const struct odcs_contract *c)
{
    int64_t                support_us, life_us;
    const struct odcs_sla *support = odcs_sla_end(c, ODCS_END_OF_SUPPORT, &support_us);
    const struct odcs_sla *life    = odcs_sla_end(c, ODCS_END_OF_LIFE, &life_us);

    for (size_t i = 0; i < c->sla.count; i++) {
        enum odcs_service service = odcs_service_of(c->sla.items[i].property.v);

        if (service == ODCS_END_OF_SUPPORT || service == ODCS_END_OF_LIFE) {
            check_end(r, &c->sla.items[i], service == ODCS_END_OF_LIFE ? life : support);
        }
    }
    if (support && life && life_us < support_us) {
        std_report(r, STD_RULE_SLA_ORDER, life->value.at,
                   S("what is withdrawn at its end of life is not supported after it"),
                   "the end of life lies before the end of support");
    }
}

/* ---- the root ---- */

#define W(word, since)                                                                             \
    {                                                                                              \
        STR_INIT(word), since                                                                      \
    }
static const struct std_word version_words[] = { W("v3.2.0", 0), W("v3.1.0", 0), W("v3.0.2", 0),
                                                 W("v3.0.1", 0), W("v3.0.0", 0), W("v2.2.2", 0),
                                                 W("v2.2.1", 0), W("v2.2.0", 0) };
static const struct std_word kind_words[]    = { W("DataContract", 0) };
#undef W
static const struct std_words versions = { version_words, COUNT_OF(version_words) };
static const struct std_words kinds    = { kind_words, COUNT_OF(kind_words) };

static const str version_names[] = { STR_INIT(""),       STR_INIT("v2.2.1"), STR_INIT("v2.2.2"),
                                     STR_INIT("v3.0.0"), STR_INIT("v3.0.1"), STR_INIT("v3.0.2"),
                                     STR_INIT("v3.1.0"), STR_INIT("v3.2.0") };
const struct std_standard odcs_standard = { STR_INIT("ODCS"), version_names, ODCS_3_2_0 };

/* A document of v2.2 often has no apiVersion: its other fields tell. */
static bool looks_like_v2(const struct yaml_node *root)
{
    static const str fields[] = { STR_INIT("dataset"), STR_INIT("datasetName"),
                                  STR_INIT("quantumName"), STR_INIT("uuid"),
                                  STR_INIT("stakeholders") };

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (yaml_member(root, fields[i])) {
            return true;
        }
    }
    return false;
}

static uint8_t version_of(const struct yaml_node *root)
{
    str text = std_member_text(root, S("apiVersion"));

    if (str_eq(text, S("v2.2.0"))) {
        return ODCS_2_2_1;
    }
    for (size_t v = ODCS_2_2_1; v <= ODCS_3_2_0; v++) {
        if (str_eq(text, version_names[v])) {
            return (uint8_t)v;
        }
    }
    return looks_like_v2(root) && !str_starts(text, S("v3.")) ? ODCS_2_2_2 : ODCS_UNKNOWN;
}

bool odcs_version_is_read_only(enum odcs_version v)
{
    return v == ODCS_2_2_1 || v == ODCS_2_2_2;
}

static void check_lists(struct std_reader *r, const struct odcs_contract *c)
{
    struct std_texts lists[] = {
        { c->schema.items, c->schema.count, sizeof *c->schema.items,
          offsetof(struct odcs_object, name), "schema object" },
        { c->servers.items, c->servers.count, sizeof *c->servers.items,
          offsetof(struct odcs_server, server), "server" },
        { c->schema.items, c->schema.count, sizeof *c->schema.items,
          offsetof(struct odcs_object, id), "id" },
        { c->servers.items, c->servers.count, sizeof *c->servers.items,
          offsetof(struct odcs_server, id), "id" },
        { c->sla.items, c->sla.count, sizeof *c->sla.items, offsetof(struct odcs_sla, id), "id" },
        { c->roles.items, c->roles.count, sizeof *c->roles.items, offsetof(struct std_role, id),
          "id" },
    };

    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        std_check_distinct(r, i < 2 ? STD_RULE_SAME_NAME : STD_RULE_SAME_ID, &lists[i]);
    }
}

/* ---- references ---- */

str odcs_reference_file(str text)
{
    str file, path;

    return str_split(text, '#', &file, &path) ? file : STR_NONE;
}

/* The path behind "#" and "/"; true when it goes by ids. */
static bool path_of(str text, str *out)
{
    str    file, path;
    size_t at;

    *out = str_split(text, '#', &file, &path) ? path : text;
    if (str_starts(*out, S("/"))) {
        *out = str_from(*out, 1);
        return true;
    }
    return str_find_char(*out, '/', &at);
}

static bool is_called(str id, str name, str step, bool by_id)
{
    return by_id && id.len ? str_eq(id, step) : str_eq(name, step);
}

/* Properties below a property: of an object, or of what a list is made of. */
static const struct odcs_properties *inner_of(const struct odcs_property *p)
{
    while (p->items && p->properties.count == 0) {
        p = p->items;
    }
    return &p->properties;
}

static const struct odcs_properties *list_below(const struct odcs_target *t)
{
    return t->property ? inner_of(t->property) : &t->object->properties;
}

/* One step down; false when there is nothing of that name. */
static bool step_down(const struct odcs_contract *c, struct odcs_target *t, str step, bool by_id)
{
    for (size_t i = 0; !t->object && i < c->schema.count; i++) {
        const struct odcs_object *o = &c->schema.items[i];

        if (is_called(o->id.v, o->name.v, step, by_id)) {
            t->object = o;
            return true;
        }
    }
    for (size_t i = 0; t->object && i < list_below(t)->count; i++) {
        const struct odcs_property *p = &list_below(t)->items[i];

        if (is_called(p->id.v, p->name.v, step, by_id)) {
            t->property = p;
            return true;
        }
    }
    t->missing = step;
    return false;
}

struct odcs_target odcs_reference_find(const struct odcs_contract *c, str text)
{
    struct odcs_target t     = { .file = odcs_reference_file(text) };
    bool               by_id = false;
    str                rest, step, word;

    by_id = path_of(text, &rest);
    while (rest.len && str_cut(&rest, by_id ? '/' : '.', &step)) {
        if (by_id) { /* pairs: a word and an id */
            word = step;
            if (!str_eq(word, t.object ? S("properties") : S("schema"))) {
                t.missing = word;
                return t;
            }
            if (!str_cut(&rest, '/', &step)) {
                break;
            }
        }
        if (!step_down(c, &t, step, by_id)) {
            return t;
        }
    }
    return t;
}

size_t odcs_reference_names(const struct odcs_contract *c, str text,
                            const struct odcs_target *target, str *names, size_t most)
{
    str    path;
    bool   by_id = path_of(text, &path);
    size_t count = target->object ? list_below(target)->count : c->schema.count;

    count = count < most ? count : most;
    for (size_t i = 0; i < count; i++) {
        const struct odcs_property *p  = target->object ? &list_below(target)->items[i] : NULL;
        const struct odcs_object   *o  = p ? NULL : &c->schema.items[i];
        str                         id = p ? p->id.v : o->id.v;

        names[i] = by_id && id.len ? id : p ? p->name.v : o->name.v;
    }
    return count;
}

static void see_relationships(const struct odcs_relationships *list, odcs_see_reference *see,
                              void *arg)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->items[i].from.count; k++) {
            see(arg, &list->items[i].from.items[k]);
        }
        for (size_t k = 0; k < list->items[i].to.count; k++) {
            see(arg, &list->items[i].to.items[k]);
        }
    }
}

static void walk_properties(const struct odcs_property *items, size_t count,
                            odcs_see_reference *see, void *arg)
{
    for (size_t i = 0; i < count; i++) {
        const struct odcs_property *p = &items[i];

        see_relationships(&p->relationships, see, arg);
        walk_properties(p->properties.items, p->properties.count, see, arg);
        walk_properties(p->items, p->items != NULL, see, arg);
        walk_properties(p->map.key, p->map.key != NULL, see, arg);
        walk_properties(p->map.value, p->map.value != NULL, see, arg);
    }
}

void odcs_references_walk(const struct odcs_contract *c, odcs_see_reference *see, void *arg)
{
    for (size_t i = 0; i < c->schema.count; i++) {
        const struct odcs_object *o = &c->schema.items[i];

        walk_properties(o->properties.items, o->properties.count, see, arg);
        see_relationships(&o->relationships, see, arg);
    }
}

struct seeing {
    struct std_reader          *r;
    const struct odcs_contract *c;
};

/* References into the same contract must have a target; project/ looks at those into files. */
static void check_reference(void *arg, const struct std_str *reference)
{
    const struct seeing *s = arg;
    struct odcs_target   t = odcs_reference_find(s->c, reference->v);
    str                  names[64], near, hint = STR_NONE, path;
    size_t               count;

    if (t.missing.len == 0 || odcs_reference_file(reference->v).len ||
        !std_reference_is_valid(reference->v, ODCS_3_2_0)) {
        return;
    }
    count = odcs_reference_names(s->c, reference->v, &t, names, COUNT_OF(names));
    near  = str_nearest(t.missing, names, count);
    if (near.len) {
        hint = arena_printf(s->r->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near));
    }
    if (t.object) {
        std_report(s->r, STD_RULE_TARGET, reference->at, hint,
                   "\"" STR_FMT "\": \"" STR_FMT "\" has no property \"" STR_FMT "\"",
                   STR_ARG(str_sub(reference->v, 0, 200)),
                   STR_ARG(t.property ? t.property->name.v : t.object->name.v),
                   STR_ARG(str_sub(t.missing, 0, 100)));
    } else {
        std_report(s->r, path_of(reference->v, &path) ? STD_RULE_TARGET : STD_RULE_ELSEWHERE,
                   reference->at, hint,
                   "\"" STR_FMT "\": the contract has no schema object \"" STR_FMT "\"",
                   STR_ARG(str_sub(reference->v, 0, 200)), STR_ARG(str_sub(t.missing, 0, 100)));
    }
}

static void finish_contract(struct std_reader *r, const struct yaml_node *map, void *made)
{
    struct odcs_contract *c = made;

    if (!yaml_member(map, S("schema"))) {
        std_report(r, STD_RULE_SCHEMA_MISSING, map->pos, S("add schema: with the tables"),
                   "the contract has no \"schema\"");
    }
    check_lists(r, c);
    odcs_check_ends(r, c);
    if (r->diags && r->version >= ODCS_3_1_0) {
        odcs_references_walk(c, check_reference, &(struct seeing){ r, c });
    }
}

#define C(member, key, kind, ...) STD_F(struct odcs_contract, member, key, kind, __VA_ARGS__)

static const struct std_field contract_fields[] = {
    C(api_version, "apiVersion", STD_STRING, STD_ALWAYS, .words = &versions,
      STD_HELP("version of the standard: v3.2.0")),
    C(kind, "kind", STD_STRING, STD_ALWAYS, .words = &kinds, STD_HELP("DataContract")),
    C(id, "id", STD_STRING, STD_ALWAYS, STD_HELP("identity of the contract; never changes")),
    C(name, "name", STD_STRING, STD_HELP("name of the contract")),
    C(version, "version", STD_STRING, STD_ALWAYS, STD_HELP("version of the contract: 1.0.0")),
    C(status, "status", STD_STRING, .needed_since = 1, .needed_until = ODCS_3_1_0,
      STD_HELP("proposed, draft, active, deprecated, retired")),
    C(domain, "domain", STD_STRING, STD_HELP("domain it belongs to")),
    C(data_product, "dataProduct", STD_STRING, .old_since = ODCS_3_1_0,
      STD_HELP("the product names its contracts")),
    C(tenant, "tenant", STD_STRING, STD_HELP("organisation it belongs to")),
    C(tags, "tags", STD_STRINGS, STD_HELP("labels")),
    C(description, "description", STD_OBJECT, .shape = &std_shape_description,
      STD_HELP("purpose, usage, limitations")),
    C(context, "context", STD_OBJECT, .since = ODCS_3_2_0, .shape = &std_shape_context,
      STD_HELP("how to read the data")),
    C(context.text, "context", STD_STRING, .since = ODCS_3_2_0, STD_HELP("how to read the data")),
    C(servers, "servers", STD_ITEMS, .shape = &odcs_shape_server, STD_HELP("where the data is")),
    C(schema, "schema", STD_ITEMS, .shape = &odcs_shape_object, STD_HELP("the tables")),
    C(support, "support", STD_ITEMS, .shape = &std_shape_support, STD_HELP("where to get help")),
    C(price, "price", STD_OBJECT, .shape = &shape_price, STD_HELP("what it costs")),
    C(team, "team", STD_OBJECT, .since = ODCS_3_1_0, .shape = &std_shape_team,
      STD_HELP("who answers for it")),
    C(team.members, "team", STD_ITEMS, .shape = &std_shape_member, .old_since = ODCS_3_1_0,
      STD_HELP("write team: {members: [...]}")),
    C(roles, "roles", STD_ITEMS, .shape = &std_shape_role, STD_HELP("roles that give access")),
    C(sla_default_element, "slaDefaultElement", STD_STRING, .old_since = ODCS_3_1_0,
      STD_HELP("write element on each SLA property")),
    C(sla, "slaProperties", STD_ITEMS, .shape = &shape_sla, STD_HELP("what is promised")),
    C(created, "contractCreatedTs", STD_STRING, .format = STD_FORMAT_DATE_TIME,
      STD_HELP("when it was made")),
    ODCS_DEFINITIONS(struct odcs_contract, ODCS_3_0_1),
    ODCS_CUSTOM(struct odcs_contract, 0),
};
#undef C

const struct std_shape odcs_shape_contract =
    STD_SHAPE(struct odcs_contract, "contract", contract_fields, .place = STD_AT_CONTRACT,
              .finish = finish_contract);

enum status odcs_read(struct ctx *cx, const struct diag_text *text, enum std_profile profile,
                      struct diags *diags, struct odcs_contract **out)
{
    struct std_document     what = { .standard   = &odcs_standard,
                                     .shape      = &odcs_shape_contract,
                                     .version_of = version_of,
                                     .profile    = profile,
                                     .old_shape  = &odcs_shape_contract_v2,
                                     .old_until  = ODCS_2_2_2 };
    const struct yaml_node *root;
    void                   *made;

    TRY(std_read_document(cx, text, &what, diags, &made, &root));
    if (made) {
        struct odcs_contract *c = made;

        c->root          = root;
        c->version_known = (enum odcs_version)version_of(root);
    }
    *out = made;
    return ST_OK;
}

void odcs_emit(const struct odcs_contract *c, struct buf *out)
{
    std_emit(&odcs_shape_contract, c, out);
}

const struct odcs_object *odcs_object_find(const struct odcs_contract *c, str name)
{
    for (size_t i = 0; i < c->schema.count; i++) {
        if (str_eq(c->schema.items[i].name.v, name)) {
            return &c->schema.items[i];
        }
    }
    return NULL;
}

const struct odcs_property *odcs_property_find(const struct odcs_properties *list, str name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq(list->items[i].name.v, name)) {
            return &list->items[i];
        }
    }
    return NULL;
}

str odcs_version_name(enum odcs_version v)
{
    return version_names[v];
}
