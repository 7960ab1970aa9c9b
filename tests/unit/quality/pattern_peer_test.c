/*
 * pattern_peer_test.c - patterns.tsv, written by a JavaScript engine (patterns.js): we accept what it
 * accepts, and both programs find what it finds.
 */
#include "quality/pattern.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "codec/json.h"
#include "fixture.h"
#include "test.h"

enum { VALUES_MAX = 64, FILE_MAX = 4 << 20 };

struct peer {
    struct fixture f;
    str            values[VALUES_MAX];
    size_t         value_count;
    size_t         right, wrong, by_re2, by_pcre2, by_none;
};

static str read_file(struct ctx *cx, const char *name)
{
    char   path[1024];
    char  *text = arena_alloc(cx->arena, FILE_MAX);
    size_t len;

    snprintf(path, sizeof(path), "%s/tests/unit/quality/%s", WEFT_TEST_ROOT, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(text, 1, FILE_MAX, file);
    fclose(file);
    assert_in_range(len, 1, FILE_MAX - 1);
    return (str){ text, len };
}

static str read_string(struct ctx *cx, str text)
{
    struct json *value = NULL;

    assert_int_equal(json_read(cx, text, "a text", NULL, &value), ST_OK);
    assert_int_equal(value->kind, JSON_STRING);
    return value->text;
}

static void read_values(struct peer *p, str line)
{
    str text;

    assert_int_equal(engine_exec(p->f.conn, p->f.cx, S("CREATE TABLE peer (i BIGINT, v VARCHAR)")),
                     ST_OK);
    while (str_cut(&line, '\t', &text)) {
        str                     value  = read_string(p->f.cx, text);
        struct engine_value     args[] = { ENGINE_ARG_I64((int64_t)p->value_count),
                                           ENGINE_ARG_TEXT(value) };
        struct engine_statement insert = { .sql       = S("INSERT INTO peer VALUES ($1, $2)"),
                                           .args      = args,
                                           .arg_count = 2 };
        struct engine_table     table;
        assert_int_equal(engine_rows(p->f.conn, p->f.cx, &insert, &table), ST_OK);
        p->values[p->value_count++] = value;
    }
}

static str by_re2(struct peer *p, const struct pattern *pattern)
{
    struct engine_value     args[] = { ENGINE_ARG_TEXT(pattern->re2) };
    struct engine_statement query  = {
         .sql  = S("SELECT string_agg(CASE WHEN regexp_matches(v, $1) THEN '1' ELSE '0' END, '' "
                     "ORDER BY i) FROM peer"),
         .args = args,
         .arg_count = 1
    };
    struct engine_table table;

    if (engine_rows(p->f.conn, p->f.cx, &query, &table) != ST_OK)
        fail_msg("%s", p->f.t.err.text);
    return engine_cell(&table, 0, 0);
}

/* Where the match limit strikes, the expected digit is taken: such a check would not be evaluated. */
static str by_pcre2(struct peer *p, const struct pattern_matcher *m, str expected)
{
    char *found = arena_alloc(p->f.cx->arena, p->value_count);

    for (size_t i = 0; i < p->value_count; i++) {
        enum pattern_verdict verdict = pattern_match(m, p->values[i]);
        found[i]                     = verdict == PATTERN_UNKNOWN ? expected.ptr[i]
                                       : verdict == PATTERN_YES   ? '1'
                                                                  : '0';
    }
    return (str){ found, p->value_count };
}

static void compare(struct peer *p, const char *who, str pattern, str found, str expected)
{
    for (size_t i = 0; i < p->value_count; i++)
        if (found.ptr[i] != expected.ptr[i])
            fail_msg("%s: %.*s on value %zu \"%.*s\": %c, should be %c", who, STR_ARG(pattern), i,
                     STR_ARG(p->values[i]), found.ptr[i], expected.ptr[i]);
}

static void check_line(struct peer *p, str line)
{
    struct ctx             *cx = p->f.cx;
    struct pattern          pattern;
    struct pattern_fault    fault;
    struct pattern_matcher *m;
    str                     text, verdict, expected;

    assert_true(str_cut(&line, '\t', &text) && str_cut(&line, '\t', &verdict));
    expected       = line;
    text           = read_string(cx, text);
    bool is_right  = str_eq(verdict, S("ok"));
    bool is_parsed = pattern_parse(cx, text, &pattern, &fault) == ST_OK;
    if (is_parsed != is_right)
        fail_msg("%.*s: should be %.*s; %s", STR_ARG(text), STR_ARG(verdict),
                 is_parsed ? "" : p->f.t.err.text);
    if (!is_right) {
        p->wrong++;
        return;
    }
    p->right++;
    if (pattern.has_re2) {
        compare(p, "re2", text, by_re2(p, &pattern), expected);
        p->by_re2++;
    }
    if (pattern.has_pcre2 && pattern_compile(cx, &pattern, &m) == ST_OK) {
        compare(p, "pcre2", text, by_pcre2(p, m, expected), expected);
        p->by_pcre2++;
    } else if (!pattern.has_re2) {
        p->by_none++;
    }
}

static void both_programs_agree_with_a_javascript_engine(void **state)
{
    static struct peer p;
    str                text, line;

    fixture_open(&p.f);
    text = read_file(p.f.cx, "patterns.tsv");
    assert_true(str_cut(&text, '\n', &line));
    read_values(&p, line);
    while (str_cut(&text, '\n', &line))
        if (line.len > 0)
            check_line(&p, line);
    print_message("%zu right (%zu by RE2, %zu by PCRE2, %zu by neither), %zu wrong\n", p.right,
                  p.by_re2, p.by_pcre2, p.by_none, p.wrong);
    assert_true(p.by_re2 > 500 && p.by_pcre2 > 1000 && p.wrong > 500);
    fixture_close(&p.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_programs_agree_with_a_javascript_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
