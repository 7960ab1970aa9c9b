/*
 * bench_decide.c - decisions at 1,000 attribute rules, 10,000 grants and a deny rule, in process.
 *
 * usage: bench_decide FOLDER
 *
 * FOLDER holds what bench/decisions.py makes: users, tables, grants, rules and questions as JSON.
 * They become policy documents as a person would write them; these are compiled and every table is
 * bound. Then each question is asked alone, in the order of the file, and its answer compared with
 * the one in the file. Prints JSON: times of one decision in nanoseconds, the clock's own included;
 * `full` is policy_decide, which also makes rows, columns and the trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/map.h"
#include "codec/json.h"
#include "os/clock.h"
#include "os/file.h"
#include "policy/policy.h"

enum { FILE_MAX = 64 << 20, DOCUMENT_MAX = 64 << 20, ROUNDS = 5 };
#define ARENA_BYTES ((size_t)4 << 30)

struct bench {
    struct ctx *cx;
    str         folder;
    VEC(struct policy_source) sources;
    VEC(struct policy_purpose) purposes;
    VEC(str) domains;
    struct policy_set *set;
    struct map         subjects, targets; /* by name, by address */
    size_t             wrong;
};

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static enum status read_rows(struct bench *b, const char *name, struct json **out)
{
    str text;

    TRY(os_file_read(b->cx,
                     arena_printf(b->cx->arena, STR_FMT "/%s.json", STR_ARG(b->folder), name),
                     FILE_MAX, &text));
    return json_read(b->cx, text, name, NULL, out);
}

static str text_of(const struct json *row, const char *key)
{
    return json_text_or(json_get(row, str_of(key)), STR_NONE);
}

/* ------------------------------------------------------------------------- documents */

static void add_document(struct bench *b, str bytes)
{
    struct diag_text *text = ARENA_NEW(b->cx->arena, struct diag_text);

    *text = (struct diag_text){ S("bench"), bytes };
    vec_push(b->cx->arena, &b->sources, (struct policy_source){ text, STR_NONE });
}

static enum status add_users(struct bench *b)
{
    struct buf   out = BUF_INIT(DOCUMENT_MAX);
    struct json *users;
    str          bytes;

    TRY(read_rows(b, "users", &users));
    buf_add(&out, S("apiVersion: weft/v1\nkind: Principals\nattributes:\n"
                    "  - {name: department, type: string}\n  - {name: region, type: string}\n"
                    "  - {name: clearance, type: integer}\nprincipals:\n"));
    for (size_t i = 0; i < users->count; i++) {
        const struct json *u = users->items[i];

        buf_printf(&out,
                   "  - {name: " STR_FMT ", attributes: {department: " STR_FMT ", region: " STR_FMT
                   ", clearance: %lld}}\n",
                   STR_ARG(text_of(u, "user")), STR_ARG(text_of(u, "department")),
                   STR_ARG(text_of(u, "region")),
                   (long long)json_i64_or(json_get(u, S("clearance")), 0));
    }
    TRY(buf_take(&out, b->cx, "principals", &bytes));
    add_document(b, bytes);
    return ST_OK;
}

static enum status add_grants(struct bench *b)
{
    struct json *grants;

    TRY(read_rows(b, "grants", &grants));
    for (size_t i = 0; i < grants->count; i++) {
        add_document(b, arena_printf(b->cx->arena,
                                     "apiVersion: weft/v1\nkind: Policy\nname: grant_%zu\n"
                                     "applies: {tables: " STR_FMT "}\nallow: read\n"
                                     "when: {principal: {name: " STR_FMT "}}\n",
                                     i, STR_ARG(text_of(grants->items[i], "table")),
                                     STR_ARG(text_of(grants->items[i], "user"))));
    }
    return ST_OK;
}

static void add_purpose(struct bench *b, str name)
{
    for (size_t i = 0; i < b->purposes.count; i++) {
        if (str_eq(b->purposes.items[i].name, name)) {
            return;
        }
    }
    vec_push(b->cx->arena, &b->purposes, (struct policy_purpose){ name, STR_NONE });
}

static str allow_rule(struct bench *b, const struct json *r)
{
    add_purpose(b, text_of(r, "purpose"));
    return arena_printf(b->cx->arena,
                        "apiVersion: weft/v1\nkind: Policy\nname: " STR_FMT
                        "\napplies: {tag: " STR_FMT "}\nallow: read\nwhen:\n  purpose: " STR_FMT
                        "\n  principal: {department: " STR_FMT ", region: " STR_FMT "}\n",
                        STR_ARG(text_of(r, "rule")), STR_ARG(text_of(r, "tag")),
                        STR_ARG(text_of(r, "purpose")), STR_ARG(text_of(r, "department")),
                        STR_ARG(text_of(r, "region")));
}

static str deny_rule(struct bench *b, const struct json *r)
{
    return arena_printf(b->cx->arena,
                        "apiVersion: weft/v1\nkind: Policy\nname: " STR_FMT
                        "\napplies: {tag: " STR_FMT
                        "}\ndeny: read\nwhen: {principal: {clearance: \"< %lld\"}}\n",
                        STR_ARG(text_of(r, "rule")), STR_ARG(text_of(r, "tag")),
                        (long long)json_i64_or(json_get(r, S("clearance")), 0));
}

static enum status add_rules(struct bench *b)
{
    struct json *rules;

    TRY(read_rows(b, "rules", &rules));
    for (size_t i = 0; i < rules->count; i++) {
        const struct json *r = rules->items[i];

        add_document(b,
                     str_eq(text_of(r, "effect"), S("deny")) ? deny_rule(b, r) : allow_rule(b, r));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- tables and users */

static enum status bind_table(struct bench *b, const struct json *row)
{
    str                   address = text_of(row, "table"), rest = address;
    const struct json    *tags   = json_get(row, S("tags"));
    struct policy_object  object = { .major = 1 };
    struct policy_column  column = { .name = S("id"), .type = S("BIGINT") };
    struct policy_target *target;
    str                  *list = arena_array(b->cx->arena, tags ? tags->count : 0, sizeof *list);

    if (!str_cut(&rest, '.', &object.domain) || !str_cut(&rest, '.', &object.product)) {
        return FAIL(b->cx, INVALID, "an address in parts");
    }
    for (size_t i = 0; tags && i < tags->count; i++) {
        list[i] = json_text_or(tags->items[i], STR_NONE);
    }
    object.table        = rest;
    object.tags         = list;
    object.tag_count    = tags ? tags->count : 0;
    object.columns      = &column;
    object.column_count = 1;
    TRY(policy_target_bind(b->cx, b->set, &object, &target));
    (void)map_put(&b->targets, b->cx->arena, address, target);
    return ST_OK;
}

static enum status bind_all(struct bench *b)
{
    struct json *tables;

    TRY(read_rows(b, "tables", &tables));
    for (size_t i = 0; i < tables->count; i++) {
        TRY(bind_table(b, tables->items[i]));
    }
    return ST_OK;
}

static enum status make_subjects(struct bench *b)
{
    size_t     count;
    const str *names = policy_principals(b->set, &count);

    for (size_t i = 0; i < count; i++) {
        const struct policy_subject *subject;

        TRY(policy_subject_named(b->cx, b->set, names[i], &subject));
        (void)map_put(&b->subjects, b->cx->arena, names[i], unconst(subject));
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- questions */

struct question {
    const struct policy_target *target;
    struct policy_request       rq;
    bool                        is_allowed;
};

static enum status read_questions(struct bench *b, struct question **out, size_t *count)
{
    struct json     *rows;
    struct question *list;

    TRY(read_rows(b, "questions", &rows));
    list = arena_array(b->cx->arena, rows->count, sizeof *list);
    for (size_t i = 0; i < rows->count; i++) {
        const struct json *row = rows->items[i];

        list[i].target     = map_get(&b->targets, text_of(row, "table"));
        list[i].rq.subject = map_get(&b->subjects, text_of(row, "user"));
        list[i].rq.purpose = text_of(row, "purpose");
        list[i].rq.time_us = ctx_now_us(b->cx);
        list[i].is_allowed = json_truth_or(json_get(row, S("is_allowed")), false);
        if (!list[i].target || !list[i].rq.subject) {
            return FAIL(b->cx, INVALID, "question %zu names no table or no user", i);
        }
    }
    *out   = list;
    *count = rows->count;
    return ST_OK;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void write_times(struct json_writer *w, str key, int64_t *times, size_t count)
{
    qsort(times, count, sizeof *times, by_size);
    json_w_key(w, key);
    json_w_object_begin(w);
    json_w_member_i64(w, S("p50"), times[count / 2]);
    json_w_member_i64(w, S("p99"), times[count * 99 / 100]);
    json_w_object_end(w);
}

/* The shortest of ROUNDS passes over all questions counts for each of them. */
static void ask_may_read(struct bench *b, const struct question *list, int64_t *times, size_t count)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            int64_t              start  = now_ns();
            struct policy_access access = policy_may_read(list[i].target, &list[i].rq);
            int64_t              took   = now_ns() - start;

            times[i] = round == 0 || took < times[i] ? took : times[i];
            b->wrong += access.may_read != list[i].is_allowed;
        }
    }
}

static enum status ask_decide(struct bench *b, const struct question *list, int64_t *times,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena_mark      mark  = arena_mark(b->cx->arena);
        int64_t                start = now_ns();
        struct policy_decision decision;

        TRY(policy_decide(b->cx, list[i].target, &list[i].rq, &decision));
        times[i] = now_ns() - start;
        b->wrong += decision.access.may_read != list[i].is_allowed;
        arena_rewind(b->cx->arena, mark);
    }
    return ST_OK;
}

static void ask_clock(int64_t *times, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t start = now_ns();

        times[i] = now_ns() - start;
    }
}

static enum status ask_all(struct bench *b, struct json_writer *w)
{
    struct question *list;
    size_t           count;
    int64_t         *times;

    TRY(read_questions(b, &list, &count));
    times = arena_array(b->cx->arena, count, sizeof *times);
    json_w_member_u64(w, S("questions"), count);
    ask_clock(times, count);
    write_times(w, S("clock"), times, count);
    ask_may_read(b, list, times, count);
    write_times(w, S("may_read"), times, count);
    TRY(ask_decide(b, list, times, count));
    write_times(w, S("full"), times, count);
    json_w_member_u64(w, S("wrong"), b->wrong);
    return b->wrong ? FAIL(b->cx, INTERNAL, "%zu answers are wrong", b->wrong) : ST_OK;
}

/* ------------------------------------------------------------------------- the program */

static enum status compile(struct bench *b)
{
    struct policy_mesh mesh = { .purposes = b->purposes.items, .purpose_count = b->purposes.count };
    struct diags       diags = { 0 };
    enum status        st =
        policy_compile(b->cx, b->sources.items, b->sources.count, &mesh, &diags, &b->set);

    if (st != ST_OK && diags.list.count > 0) {
        fprintf(stderr, STR_FMT "\n", STR_ARG(diags.list.items[0].message));
    }
    return st;
}

static enum status run(struct bench *b, struct json_writer *w)
{
    int64_t start;

    TRY(add_users(b));
    TRY(add_grants(b));
    TRY(add_rules(b));
    start = now_ns();
    TRY(compile(b));
    json_w_member_u64(w, S("policies"), policy_rule_count(b->set));
    json_w_member_i64(w, S("compile_us"), (now_ns() - start) / 1000);
    start = now_ns();
    TRY(bind_all(b));
    json_w_member_u64(w, S("tables"), b->targets.count);
    json_w_member_i64(w, S("bind_us"), (now_ns() - start) / 1000);
    TRY(make_subjects(b));
    return ask_all(b, w);
}

int main(int argc, char **argv)
{
    struct err   err = { 0 };
    struct ctx   cx  = { .arena = arena_new("bench", ARENA_BYTES), .err = &err, .env = os_env() };
    struct bench b   = { .cx = &cx };
    struct buf   out = BUF_INIT(1 << 16);
    struct json_writer w;
    enum status        st;

    if (argc != 2) {
        fputs("usage: bench_decide FOLDER\n", stderr);
        return 2;
    }
    b.folder = str_of(argv[1]);
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_object_begin(&w);
    st = run(&b, &w);
    json_w_object_end(&w);
    if (st == ST_OK) {
        printf(STR_FMT "\n", STR_ARG(buf_view(&out)));
    } else {
        fprintf(stderr, "bench_decide: " STR_FMT "\n", STR_ARG(err_text(&err)));
    }
    buf_release(&out);
    arena_free(cx.arena);
    return st == ST_OK ? 0 : 1;
}
