/*
 * diff_omds.c - a difference as an OMDS document (Open Metadata Difference Standard, Bitol RFC 0039,
 * draft of 2026). Paths are option C of its open item 1, values are there as its open item 3 allows.
 *
 * OMDS knows ADD, REMOVE and CHANGE: a renaming is a CHANGE of the name, a moved entry a CHANGE of its
 * index. What OMDS has no field for stands in customProperties.
 */
#include "contract/diff_int.h"

#include <math.h>

#include "codec/json.h"

static void write_value(struct json_writer *w, const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_NULL: json_w_null(w); return;
    case YAML_BOOL: json_w_bool(w, node->truth); return;
    case YAML_INT: json_w_i64(w, node->integer); return;
    case YAML_FLOAT: json_w_double(w, node->real); return;
    case YAML_STRING: json_w_str(w, node->text); return;
    case YAML_LIST:
        json_w_array_begin(w);
        for (size_t i = 0; i < node->count; i++) {
            write_value(w, node->items[i]);
        }
        json_w_array_end(w);
        return;
    case YAML_MAP:
        json_w_object_begin(w);
        for (size_t i = 0; i < node->count; i++) {
            json_w_key(w, node->members[i].key);
            write_value(w, node->members[i].value);
        }
        json_w_object_end(w);
        return;
    }
    BUG("kind of a node");
}

static str type_of(enum diff_kind kind)
{
    return kind == DIFF_ADDED ? S("ADD") : kind == DIFF_REMOVED ? S("REMOVE") : S("CHANGE");
}

static str level_of(enum diff_impact impact)
{
    return impact == DIFF_MAJOR       ? S("MAJOR")
           : impact == DIFF_UNCERTAIN ? S("UNKNOWN")
           : impact == DIFF_MINOR     ? S("MINOR")
                                      : S("PATCH");
}

static void write_values(struct json_writer *w, const struct diff_change *c)
{
    const struct diff_step *last = &c->steps[c->depth - 1];

    if (c->kind == DIFF_MOVED) {
        json_w_member_u64(w, S("value1"), last->before - 1);
        json_w_member_u64(w, S("value2"), last->after - 1);
        return;
    }
    if (c->before) {
        json_w_key(w, S("value1"));
        write_value(w, c->before);
    }
    if (c->after) {
        json_w_key(w, S("value2"));
        write_value(w, c->after);
    }
}

static void write_change(struct ctx *cx, struct json_writer *w, const struct diff_change *c,
                         bool is_hidden)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("type"), type_of(c->kind));
    json_w_member_str(w, S("section"), c->section);
    json_w_member_str(w, S("field"), c->field);
    json_w_member_str(w, S("path"), c->path);
    if (!is_hidden) {
        write_values(w, c);
    }
    json_w_member_str(w, S("message"),
                      is_hidden ? arena_printf(cx->arena, STR_FMT " " STR_FMT, STR_ARG(c->place),
                                               STR_ARG(diff_kind_name(c->kind)))
                                : diff_sentence(cx, c));
    json_w_member_str(w, S("impactLevel"), level_of(c->impact));
    json_w_object_end(w);
}

static void write_place(struct json_writer *w, str name, struct diag_pos at)
{
    if (at.line == 0) {
        return;
    }
    json_w_key(w, name);
    json_w_object_begin(w);
    json_w_member_u64(w, S("line"), at.line);
    json_w_member_u64(w, S("column"), at.column);
    json_w_object_end(w);
}

static void write_detail(struct json_writer *w, const struct diff_change *c)
{
    json_w_object_begin(w);
    json_w_member_str(w, S("place"), c->place);
    if (c->id_path.len) {
        json_w_member_str(w, S("id_path"), c->id_path);
    }
    json_w_member_str(w, S("kind"), diff_kind_name(c->kind));
    json_w_member_str(w, S("effect"), diff_effect_name(c->effect));
    json_w_member_str(w, S("impact"), diff_impact_name(c->impact));
    json_w_member_bool(w, S("advisory"), c->is_advisory);
    if (c->why.len) {
        json_w_member_str(w, S("why"), c->why);
    }
    write_place(w, S("before"), c->before_at);
    write_place(w, S("after"), c->after_at);
    json_w_object_end(w);
}

static void write_source(struct json_writer *w, str name, const struct diff_source *s)
{
    json_w_key(w, name);
    json_w_object_begin(w);
    json_w_member_str(w, S("id"), s->id);
    json_w_member_str(w, S("version"), s->version);
    if (s->url.len) {
        json_w_member_str(w, S("canonicalUrl"), s->url);
    }
    json_w_object_end(w);
}

static void write_impact(struct json_writer *w, const struct difference *d)
{
    json_w_key(w, S("impact"));
    json_w_object_begin(w);
    json_w_member_u64(w, S("major"), diff_count(d, DIFF_MAJOR));
    json_w_member_u64(w, S("minor"), diff_count(d, DIFF_MINOR));
    json_w_member_u64(w, S("patch"), diff_count(d, DIFF_PATCH) + diff_count(d, DIFF_NONE));
    json_w_object_end(w);
}

static void write_custom(struct json_writer *w, const struct difference *d)
{
    json_w_key(w, S("customProperties"));
    json_w_array_begin(w);
    json_w_object_begin(w);
    json_w_member_str(w, S("property"), S("weft.unknown"));
    json_w_member_u64(w, S("value"), diff_count(d, DIFF_UNCERTAIN));
    json_w_object_end(w);
    json_w_object_begin(w);
    json_w_member_str(w, S("property"), S("weft.details"));
    json_w_key(w, S("value"));
    json_w_array_begin(w);
    for (size_t i = 0; i < d->list.count; i++) {
        write_detail(w, &d->list.items[i]);
    }
    json_w_array_end(w);
    json_w_object_end(w);
    json_w_array_end(w);
}

void diff_omds(struct ctx *cx, const struct difference *d, const struct diff_source sources[2],
               bool (*hides)(void *arg, const struct diff_change *c), void *arg,
               struct json_writer *w)
{
    str next = diff_next_version(cx, sources[0].version, d->impact);

    json_w_member_str(w, S("apiVersion"), S("v1.0.0"));
    json_w_member_str(w, S("kind"), S("MetadataDifference"));
    json_w_member_str(w, S("sourceKind"),
                      d->document == DIFF_CONTRACT ? S("DataContract") : S("DataProduct"));
    write_source(w, S("source1"), &sources[0]);
    write_source(w, S("source2"), &sources[1]);
    json_w_member_str(w, S("scope"), S("all"));
    write_impact(w, d);
    if (next.len) {
        json_w_member_str(w, S("suggestedVersion"), next);
    }
    json_w_key(w, S("diffs"));
    json_w_array_begin(w);
    for (size_t i = 0; i < d->list.count; i++) {
        const struct diff_change *c = &d->list.items[i];

        write_change(cx, w, c, hides && hides(arg, c));
    }
    json_w_array_end(w);
    write_custom(w, d);
}
