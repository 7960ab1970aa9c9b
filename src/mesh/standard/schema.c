/*
 * schema.c - JSON Schema (2019-09) printed from the tables, for editors.
 *
 * The newest version of each standard. Conditions that stand in code are left out, except the fields
 * of each server type: an editor completes and marks most mistakes, `weft validate` finds all.
 */
#include "codec/json.h"
#include "standard/odcs_int.h"

enum { SHAPES_MAX = 64 };

struct printer {
    struct json_writer      w;
    const struct std_shape *shapes[SHAPES_MAX]; /* each is one definition */
    size_t                  count;
    uint8_t                 version;
};

/* "shape3": definitions are numbered, for names of shapes are made for people. */
static str definition(struct printer *p, const struct std_shape *shape, char room[16])
{
    size_t     i   = 0;
    struct buf out = BUF_INIT(64);
    str        text;

    while (i < p->count && p->shapes[i] != shape) {
        i++;
    }
    if (i == p->count) {
        if (p->count == SHAPES_MAX) {
            BUG("more shapes than SHAPES_MAX");
        }
        p->shapes[p->count++] = shape;
    }
    buf_printf(&out, "#/$defs/d%zu", i);
    text = buf_view(&out);
    for (size_t n = 0; n < text.len && n < 16; n++) {
        room[n] = text.ptr[n];
    }
    text = (str){ room, text.len < 16 ? text.len : 16 };
    buf_release(&out);
    return text;
}

static void add_ref(struct printer *p, const struct std_shape *shape)
{
    char room[16];

    json_w_member_str(&p->w, S("$ref"), definition(p, shape, room));
}

static void add_words(struct printer *p, const struct std_field *f)
{
    if (!f->words) {
        return;
    }
    json_w_key(&p->w, S("enum"));
    json_w_array_begin(&p->w);
    for (size_t i = 0; i < f->words->count; i++) {
        if (f->words->items[i].since <= p->version) {
            json_w_str(&p->w, f->words->items[i].text);
        }
    }
    json_w_array_end(&p->w);
}

static void add_format(struct printer *p, const struct std_field *f)
{
    switch ((int)f->format) {
    case STD_FORMAT_ID: json_w_member_str(&p->w, S("pattern"), S("^[^\\s.#/\\\\@!%&^]+$")); return;
    case STD_FORMAT_NAME:
        json_w_member_str(&p->w, S("pattern"), S("^[a-z_][a-z0-9_]{0,62}$"));
        return;
    case STD_FORMAT_VARIABLE:
        json_w_member_str(&p->w, S("pattern"), S("^[A-Za-z_][A-Za-z0-9_]*$"));
        return;
    case STD_FORMAT_DURATION:
        json_w_member_str(&p->w, S("pattern"), S("^\\s*[0-9]+\\s*[A-Za-z]+\\s*$"));
        return;
    case STD_FORMAT_SIZE:
        json_w_member_str(&p->w, S("pattern"), S("^\\s*[0-9]+\\s*([KMGTkmgt]?[Ii]?[Bb])?\\s*$"));
        return;
    case STD_FORMAT_DATE: json_w_member_str(&p->w, S("format"), S("date")); return;
    case STD_FORMAT_DATE_TIME: json_w_member_str(&p->w, S("format"), S("date-time")); return;
    default: return;
    }
}

static void add_list(struct printer *p, const struct std_field *f)
{
    json_w_member_str(&p->w, S("type"), S("array"));
    if (f->has_least) {
        json_w_member_i64(&p->w, S("minItems"), f->least);
    }
    if (f->is_distinct) {
        json_w_member_bool(&p->w, S("uniqueItems"), true);
    }
    if (f->kind == STD_PAIR) {
        json_w_member_i64(&p->w, S("minItems"), 2);
        json_w_member_i64(&p->w, S("maxItems"), 2);
    }
    if (f->kind == STD_SEQUENCE || f->kind == STD_ANYS) {
        return;
    }
    json_w_key(&p->w, S("items"));
    json_w_object_begin(&p->w);
    if (f->kind == STD_ITEMS) {
        add_ref(p, f->shape);
    } else {
        json_w_member_str(&p->w, S("type"), f->kind == STD_PAIR ? S("number") : S("string"));
        add_words(p, f);
        add_format(p, f);
    }
    json_w_object_end(&p->w);
}

static void add_kind(struct printer *p, const struct std_field *f)
{
    switch (f->kind) {
    case STD_STRING:
    case STD_ONE:
        json_w_member_str(&p->w, S("type"), S("string"));
        add_words(p, f);
        add_format(p, f);
        return;
    case STD_BOOL: json_w_member_str(&p->w, S("type"), S("boolean")); return;
    case STD_INT:
        json_w_member_str(&p->w, S("type"), S("integer"));
        if (f->has_least) {
            json_w_member_i64(&p->w, S("minimum"), f->least);
        }
        return;
    case STD_NUM:
        json_w_member_str(&p->w, S("type"), S("number"));
        if (f->is_positive) {
            json_w_member_i64(&p->w, S("exclusiveMinimum"), 0);
        }
        return;
    case STD_SCALAR:
        json_w_key(&p->w, S("type"));
        json_w_raw(&p->w, S("[\"string\",\"number\",\"boolean\",\"null\"]"));
        return;
    case STD_ANY: return;
    case STD_MAPPING: json_w_member_str(&p->w, S("type"), S("object")); return;
    case STD_SEQUENCE:
    case STD_PAIR:
    case STD_STRINGS:
    case STD_ANYS:
    case STD_ITEMS: add_list(p, f); return;
    case STD_OBJECT:
    case STD_POINTER: add_ref(p, f->shape); return;
    case STD_DICT:
        json_w_member_str(&p->w, S("type"), S("object"));
        json_w_key(&p->w, S("additionalProperties"));
        json_w_object_begin(&p->w);
        add_ref(p, f->shape);
        json_w_object_end(&p->w);
        return;
    }
    BUG("kind of a field");
}

/* All rows of one name: one schema, or anyOf. */
static void add_property(struct printer *p, const struct std_shape *shape, size_t first)
{
    const struct std_field *f    = &shape->fields[first];
    size_t                  rows = 0;

    for (size_t i = first; i < shape->count; i++) {
        rows += str_eq(shape->fields[i].name, f->name) &&
                std_field_is_in(&shape->fields[i], p->version);
    }
    json_w_key(&p->w, f->name);
    json_w_object_begin(&p->w);
    json_w_member_str(&p->w, S("description"), f->help);
    if (f->old_since && f->old_since <= p->version) {
        json_w_member_bool(&p->w, S("deprecated"), true);
    }
    if (rows == 1) {
        add_kind(p, f);
    } else {
        json_w_key(&p->w, S("anyOf"));
        json_w_array_begin(&p->w);
        for (size_t i = first; i < shape->count; i++) {
            if (str_eq(shape->fields[i].name, f->name) &&
                std_field_is_in(&shape->fields[i], p->version)) {
                json_w_object_begin(&p->w);
                add_kind(p, &shape->fields[i]);
                json_w_object_end(&p->w);
            }
        }
        json_w_array_end(&p->w);
    }
    json_w_object_end(&p->w);
}

static bool is_first_row(const struct printer *p, const struct std_shape *shape, size_t index)
{
    if (!std_field_is_in(&shape->fields[index], p->version) ||
        shape->fields[index].store == STD_UNKEPT) {
        return false;
    }
    for (size_t i = 0; i < index; i++) {
        if (str_eq(shape->fields[i].name, shape->fields[index].name) &&
            std_field_is_in(&shape->fields[i], p->version)) {
            return false;
        }
    }
    return true;
}

static void add_required(struct printer *p, const struct std_shape *shape)
{
    bool any = false;

    for (size_t i = 0; i < shape->count; i++) {
        const struct std_field *f = &shape->fields[i];

        if (!is_first_row(p, shape, i) || !f->needed_since || f->needed_since > p->version ||
            f->needed_until < p->version) {
            continue;
        }
        if (!any) {
            json_w_key(&p->w, S("required"));
            json_w_array_begin(&p->w);
        }
        any = true;
        json_w_str(&p->w, f->name);
    }
    if (any) {
        json_w_array_end(&p->w);
    }
}

static void add_needs(struct printer *p, str words)
{
    str word;

    json_w_key(&p->w, S("required"));
    json_w_array_begin(&p->w);
    while (words.len && str_cut(&words, ' ', &word)) {
        json_w_str(&p->w, word);
    }
    json_w_array_end(&p->w);
}

/* if type is X then its fields are required. */
static void add_servers(struct printer *p)
{
    struct odcs_server_rule rule;

    json_w_key(&p->w, S("allOf"));
    json_w_array_begin(&p->w);
    for (size_t i = 0; i < odcs_server_type(i, &rule); i++) {
        if (!rule.is_newest || rule.needed.len == 0) {
            continue;
        }
        json_w_object_begin(&p->w);
        json_w_key(&p->w, S("if"));
        json_w_object_begin(&p->w);
        json_w_key(&p->w, S("properties"));
        json_w_object_begin(&p->w);
        json_w_key(&p->w, S("type"));
        json_w_object_begin(&p->w);
        json_w_member_str(&p->w, S("const"), rule.name);
        json_w_object_end(&p->w);
        json_w_object_end(&p->w);
        add_needs(p, S("type"));
        json_w_object_end(&p->w);
        json_w_key(&p->w, S("then"));
        json_w_object_begin(&p->w);
        add_needs(p, rule.needed);
        json_w_object_end(&p->w);
        json_w_object_end(&p->w);
    }
    json_w_array_end(&p->w);
}

static void add_shape(struct printer *p, const struct std_shape *shape)
{
    json_w_member_str(&p->w, S("type"), S("object"));
    json_w_key(&p->w, S("properties"));
    json_w_object_begin(&p->w);
    for (size_t i = 0; i < shape->count; i++) {
        if (is_first_row(p, shape, i)) {
            add_property(p, shape, i);
        }
    }
    json_w_object_end(&p->w);
    add_required(p, shape);
    if (shape->closed_since != STD_NEVER_CLOSED) {
        json_w_member_bool(&p->w, S("additionalProperties"), false);
    }
    if (shape == &odcs_shape_server) {
        add_servers(p);
    }
}

static const struct {
    str                        kind, title;
    const struct std_shape    *shape;
    const struct std_standard *standard;
} kinds[] = {
    { STR_INIT("mesh"), STR_INIT("mesh.yaml of weft"), &own_shape_mesh, &own_standard },
    { STR_INIT("domain"), STR_INIT("domain.yaml of weft"), &own_shape_domain, &own_standard },
    { STR_INIT("policy"), STR_INIT("a policy of weft"), &own_shape_policy, &own_standard },
    { STR_INIT("principals"), STR_INIT("principals of a weft mesh"), &own_shape_principals,
      &own_standard },
    { STR_INIT("policytest"), STR_INIT("a policy test of weft"), &own_shape_policy_test,
      &own_standard },
    { STR_INIT("odcs"), STR_INIT("Open Data Contract Standard v3.2.0"), &odcs_shape_contract,
      &odcs_standard },
    { STR_INIT("odps"), STR_INIT("Open Data Product Standard v1.1.0"), &odps_shape_product,
      &odps_standard },
};

enum status std_schema_json(struct ctx *cx, str kind, struct buf *out)
{
    struct printer p = { 0 };
    size_t         k = 0;
    char           room[16];

    while (k < COUNT_OF(kinds) && !str_eq(kinds[k].kind, kind)) {
        k++;
    }
    if (k == COUNT_OF(kinds)) {
        return FAIL(cx, NOT_FOUND,
                    "no schema of kind \"" STR_FMT
                    "\": mesh, domain, policy, principals, policytest, odcs or odps",
                    STR_ARG(kind));
    }
    p.version = (uint8_t)kinds[k].standard->newest;
    json_w_init(&p.w, out, JSON_PRETTY);
    json_w_object_begin(&p.w);
    json_w_member_str(&p.w, S("$schema"), S("https://json-schema.org/draft/2019-09/schema"));
    json_w_member_str(&p.w, S("title"), kinds[k].title);
    add_ref(&p, kinds[k].shape);
    json_w_key(&p.w, S("$defs"));
    json_w_object_begin(&p.w);
    for (size_t i = 0; i < p.count; i++) { /* grows while it is walked */
        json_w_key(&p.w, str_from(definition(&p, p.shapes[i], room), 8));
        json_w_object_begin(&p.w);
        add_shape(&p, p.shapes[i]);
        json_w_object_end(&p.w);
    }
    json_w_object_end(&p.w);
    json_w_object_end(&p.w);
    buf_add_char(out, '\n');
    return buf_check(out, cx, "a JSON schema");
}
