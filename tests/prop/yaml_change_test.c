/*
 * yaml_change_test.c - 1,000 random documents in the manner of people: a change touches the lines of its
 * value and no other byte, and the text then says the new value.
 */
#include "base/buf.h"
#include "support/test_ctx.h"
#include "support/yaml_touch.h"
#include "test.h"

#include <stdlib.h>

enum { DOCUMENTS = 1000, CHANGES = 8, DEPTH_MAX = 4 };

/* How the writer of one document does it. */
struct manner {
    struct test_random *random;
    size_t              step;      /* of indentation: 2 or 4         */
    bool                is_set_in; /* lists stand deeper than their key */
    str                 eol;
};

static size_t below(const struct manner *m, size_t n)
{
    return test_random_below(m->random, n);
}

static void put_scalar(const struct manner *m, struct buf *out, size_t indent)
{
    static const str texts[] = { STR_INIT("plain text"),
                                 STR_INIT("1"),
                                 STR_INIT("-2.50"),
                                 STR_INIT("true"),
                                 STR_INIT("null"),
                                 STR_INIT("'it''s'"),
                                 STR_INIT("\"a # b\""),
                                 STR_INIT("2026-01-01"),
                                 STR_INIT("a:b"),
                                 STR_INIT("${HOST:-x}"),
                                 STR_INIT("\"\\u00e4\\n\""),
                                 STR_INIT("''") };
    size_t           which   = below(m, COUNT_OF(texts) + 2);

    if (which < COUNT_OF(texts)) {
        buf_add(out, texts[which]);
        return;
    }
    buf_add(out, which == COUNT_OF(texts) ? S("|") : S(">-"));
    for (size_t i = 0; i <= below(m, 3); i++) {
        buf_add(out, m->eol);
        buf_add_n(out, ' ', indent + m->step);
        buf_add(out, i ? S("# no comment") : S("one line"));
    }
}

static void put_flow(const struct manner *m, struct buf *out, size_t depth)
{
    bool   is_list = below(m, 2) == 0;
    size_t count   = below(m, 4);

    buf_add(out, is_list ? S("[") : S("{"));
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i ? S(", ") : STR_NONE);
        if (!is_list) {
            buf_printf(out, "k%zu: ", i);
        }
        if (depth < DEPTH_MAX && below(m, 4) == 0) {
            put_flow(m, out, depth + 1);
        } else {
            buf_add(out, below(m, 2) ? S("x") : S("\"y, z\""));
        }
    }
    buf_add(out, is_list ? S("]") : S("}"));
}

/* The end of a line that holds no text of several lines: now and then with a comment. */
static void end_line(const struct manner *m, struct buf *out, size_t indent)
{
    if (below(m, 6) == 0) {
        buf_add(out, S("  # why"));
    }
    buf_add(out, m->eol);
    if (below(m, 10) == 0) {
        buf_add_n(out, ' ', indent);
        buf_add(out, S("# about the next"));
        buf_add(out, m->eol);
    }
    if (below(m, 12) == 0) {
        buf_add(out, m->eol);
    }
}

static void put_map(const struct manner *m, struct buf *out, size_t indent, size_t depth,
                    bool is_item);

static void put_items(const struct manner *m, struct buf *out, size_t indent, size_t depth)
{
    bool of_maps = depth < DEPTH_MAX && below(m, 2) == 0;

    for (size_t i = 0; i <= below(m, 4); i++) {
        buf_add_n(out, ' ', indent);
        buf_add(out, S("- "));
        if (of_maps) {
            put_map(m, out, indent + 2, depth + 1, true);
        } else if (below(m, 6) == 0) {
            put_flow(m, out, depth);
            end_line(m, out, indent);
        } else {
            size_t from = out->len;

            put_scalar(m, out, indent);
            if (str_has(str_from(buf_view(out), from), S("\n"))) {
                buf_add(out, m->eol);
            } else {
                end_line(m, out, indent);
            }
        }
    }
}

static void put_member(const struct manner *m, struct buf *out, size_t indent, size_t depth)
{
    size_t kind = depth < DEPTH_MAX ? below(m, 8) : 7;
    size_t from;

    if (kind < 2) {
        buf_add(out, below(m, 5) ? STR_NONE : S("  # block"));
        buf_add(out, m->eol);
        if (kind == 0) {
            put_map(m, out, indent + m->step, depth + 1, false);
        } else {
            put_items(m, out, indent + (m->is_set_in ? m->step : 0), depth + 1);
        }
        return;
    }
    buf_add_char(out, ' ');
    from = out->len;
    if (kind == 2) {
        put_flow(m, out, depth);
    } else {
        put_scalar(m, out, indent);
    }
    if (str_has(str_from(buf_view(out), from), S("\n"))) {
        buf_add(out, m->eol);
    } else {
        end_line(m, out, indent);
    }
}

static void put_map(const struct manner *m, struct buf *out, size_t indent, size_t depth,
                    bool is_item)
{
    size_t count = 1 + below(m, 5);

    for (size_t i = 0; i < count; i++) {
        buf_add_n(out, ' ', i == 0 && is_item ? 0 : indent);
        buf_printf(out, below(m, 8) ? "key%zu:" : "'key %zu':", i);
        put_member(m, out, indent, depth);
    }
}

static str random_document(struct test_ctx *t, struct buf *out)
{
    struct manner m = { .random    = &t->random,
                        .step      = test_random_below(&t->random, 2) ? 2 : 4,
                        .is_set_in = test_random_below(&t->random, 2) == 0,
                        .eol       = test_random_below(&t->random, 8) ? S("\n") : S("\r\n") };
    str           text;

    if (test_random_below(&t->random, 4) == 0) {
        buf_add(out, S("# written by hand"));
        buf_add(out, m.eol);
    }
    put_map(&m, out, 0, 0, false);
    text = buf_view(out);
    return test_random_below(&t->random, 10) == 0 ? str_sub(text, 0, text.len - m.eol.len) : text;
}

static void a_change_touches_its_lines_alone(void **state)
{
    const char *seed = getenv("SEED");
    uint64_t    from = seed ? (uint64_t)atoll(seed) : 1;
    size_t      done = 0, refused = 0, read = 0;

    for (size_t i = 0; i < DOCUMENTS; i++) {
        struct test_ctx t;
        struct touch    x;
        struct buf      out = BUF_INIT(1 << 20);
        str             text, pointer = STR_NONE, made = STR_NONE;

        (void)test_ctx_init(&t, from + i);
        text = random_document(&t, &out);
        if (touch_init(&x, &t, text)) {
            read++;
        }
        for (size_t k = 0; x.count && k < CHANGES; k++) {
            const char *problem = touch_once(&x, &pointer, &made);

            problem = problem ? problem : touch_noop(&x, &x.places[k % x.count]);
            if (problem) {
                fail_msg("SEED=%llu, change %zu at \"" STR_FMT "\": %s (" STR_FMT ")\n" STR_FMT
                         "----\n" STR_FMT,
                         (unsigned long long)(from + i), k, STR_ARG(pointer), problem,
                         STR_ARG(err_text(t.cx.err)), STR_ARG(text), STR_ARG(made));
            }
        }
        done += x.done;
        refused += x.refused;
        buf_release(&out);
        test_ctx_release(&t);
    }
    print_message("%zu documents, %zu changes, %zu refused\n", read, done, refused);
    assert_true(read > DOCUMENTS * 95 / 100);
    assert_true(refused < done / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_change_touches_its_lines_alone) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
