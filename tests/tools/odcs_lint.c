/*
 * odcs_lint.c - verdicts of our reader as JSON lines, for comparing them with other validators.
 *
 * usage: odcs_lint odcs|odps|mesh|domain PROFILE [FILE …] [< DOCUMENTS]
 *
 * Each file is one document; without files, each line of standard input is (JSON is YAML). Each answer
 * is one line:
 * {"errors": n, "warnings": n, "findings": [{"rule", "severity", "line", "column", "message"}]}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "standard/odcs.h"
#include "standard/odps.h"
#include "standard/own.h"

enum { ARENA_LIMIT = 1 << 30 };

static void add_finding(struct json_writer *w, const struct diag *d)
{
    static const char *const severities[] = { "info", "warning", "error" };

    json_w_object_begin(w);
    json_w_member_str(w, S("rule"), d->rule);
    json_w_member_str(w, S("severity"), str_of(severities[d->severity]));
    json_w_member_i64(w, S("line"), d->pos.line);
    json_w_member_i64(w, S("column"), d->pos.column);
    json_w_member_str(w, S("message"), d->message);
    json_w_member_str(w, S("hint"), d->hint);
    json_w_object_end(w);
}

static void print_verdict(const struct diags *d)
{
    struct buf         out = BUF_INIT(64u << 20);
    struct json_writer w;

    json_w_init(&w, &out, JSON_COMPACT);
    json_w_object_begin(&w);
    json_w_member_i64(&w, S("errors"), (int64_t)d->errors);
    json_w_member_i64(&w, S("warnings"), (int64_t)d->warnings);
    json_w_key(&w, S("findings"));
    json_w_array_begin(&w);
    for (size_t i = 0; i < d->list.count; i++) {
        add_finding(&w, &d->list.items[i]);
    }
    json_w_array_end(&w);
    json_w_object_end(&w);
    printf(STR_FMT "\n", STR_ARG(buf_view(&out)));
    buf_release(&out);
}

static enum status read_one(struct ctx *cx, str kind, enum std_profile profile, str bytes,
                            struct diags *d)
{
    struct diag_text      text = { STR_INIT("stdin"), bytes };
    struct odcs_contract *contract;
    struct odps_product  *product;
    struct own_mesh      *mesh;
    struct own_domain    *domain;

    if (str_eq(kind, S("odcs"))) {
        return odcs_read(cx, &text, profile, d, &contract);
    }
    if (str_eq(kind, S("odps"))) {
        return odps_read(cx, &text, profile, d, &product);
    }
    return str_eq(kind, S("mesh")) ? own_mesh_read(cx, &text, d, &mesh)
                                   : own_domain_read(cx, &text, d, &domain);
}

static void judge(str kind, enum std_profile profile, str bytes)
{
    struct arena *arena = arena_new("lint", ARENA_LIMIT);
    struct err    err   = { 0 };
    struct ctx    cx    = { .arena = arena, .err = &err };
    struct diags  d     = { 0 };

    if (read_one(&cx, kind, profile, bytes, &d) != ST_OK) {
        d.errors++;
    }
    print_verdict(&d);
    arena_free(arena);
}

static bool judge_file(str kind, enum std_profile profile, const char *path)
{
    static char bytes[8 << 20];
    FILE       *file = fopen(path, "rb");
    size_t      len  = file ? fread(bytes, 1, sizeof bytes, file) : 0;

    if (!file || ferror(file)) {
        fprintf(stderr, "odcs_lint: could not read %s\n", path);
        return false;
    }
    (void)fclose(file);
    judge(kind, profile, (str){ bytes, len });
    return true;
}

int main(int argc, char **argv)
{
    char            *line = NULL;
    size_t           cap  = 0;
    ssize_t          len;
    enum std_profile profile;

    if (argc < 3 || !std_profile_parse(str_of(argv[2]), &profile)) {
        fprintf(stderr, "usage: odcs_lint odcs|odps|mesh|domain text|schema|strict [FILE ...]\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (!judge_file(str_of(argv[1]), profile, argv[i])) {
            return 2;
        }
    }
    while (argc == 3 && (len = getline(&line, &cap, stdin)) > 0) {
        judge(str_of(argv[1]), profile, (str){ line, (size_t)len - (line[len - 1] == '\n') });
    }
    free(line);
    return 0;
}
