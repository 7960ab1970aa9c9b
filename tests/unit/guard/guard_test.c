/*
 * guard_test.c - what the guard refuses, with which reason, where, and what it tells about the rest.
 */
#include "guard/guard.h"

#include "test.h"

#include "base/buf.h"
#include "guard_kit.h"

static struct kit kit;

static int open_kit(void **state)
{
    kit_open(&kit);
    return 0;
}

static int close_kit(void **state)
{
    kit_close(&kit);
    return 0;
}

static enum guard_use use_of(str letter)
{
    return str_eq(letter, S("b"))   ? GUARD_BUILD
           : str_eq(letter, S("c")) ? GUARD_CHECK
                                    : GUARD_QUERY;
}

/* tests/data/guard/refused.txt: every line is refused with its rule, and nothing is approved. */
static void every_attack_is_refused_with_its_reason(void **state)
{
    struct guard_approved approved;
    struct err            err;
    struct ctx            file = { .arena = arena_new("test", (size_t)16 << 20), .err = &err };
    str    rest  = kit_read(&file, WEFT_TEST_ROOT "/tests/data/guard/refused.txt"), line;
    size_t count = 0, wrong = 0;

    while (str_cut(&rest, '\n', &line)) {
        str use, rule;

        if (line.len == 0 || line.ptr[0] == '#' || !str_split(line, '\t', &use, &line) ||
            !str_split(line, '\t', &rule, &line)) {
            continue;
        }
        enum status st = kit_approve(&kit, use_of(use), line, &approved);
        count++;
        if (st != ST_INVALID || !str_eq(kit_rule(&kit), rule) || approved.sql.len > 0) {
            wrong++;
            print_error("%.*s\n   expected %.*s, got status %d and %.*s: %.*s\n", STR_ARG(line),
                        STR_ARG(rule), (int)st, STR_ARG(kit_rule(&kit)),
                        STR_ARG(err_text(&kit.err)));
        }
    }
    arena_free(file.arena);
    assert_int_equal(wrong, 0);
    assert_true(count >= 280);
}

/* A hidden relation and one that is not there give the same words; the resolver's own are not shown. */
static void unknown_and_hidden_tables_read_the_same(void **state)
{
    struct guard_approved approved;

    assert_int_equal(kit_approve(&kit, GUARD_QUERY, S("SELECT 1 FROM hidden.x.y"), &approved),
                     ST_INVALID);
    const struct diag *d = &kit.findings.list.items[0];
    assert_true(str_eq(d->message, S("table \"hidden.x.y\" does not exist")));
    assert_false(str_has(err_text(&kit.err), S("hidden detail")));
    assert_int_equal(
        kit_approve(&kit, GUARD_QUERY, S("SELECT 1 FROM sales.orders.broken"), &approved),
        ST_INVALID);
    assert_true(str_has(kit.findings.list.items[0].message, S("being repaired")));
    assert_int_equal(
        kit_approve(&kit, GUARD_QUERY, S("SELECT 1 FROM sales.orders.gone"), &approved),
        ST_UNAVAILABLE);
}

static void findings_have_place_and_nearest_word(void **state)
{
    static const struct {
        const char *sql;
        uint32_t    line, column, len;
        const char *hint;
    } cases[] = {
        { "SELECT 1\nFROM sales.orders.itms", 2, 6, 17, "did you mean \"sales.orders.items\"?" },
        { "SELECT 1 FROM orders.itms", 1, 15, 11, "did you mean \"sales.orders.items\"?" },
        { "SELECT uper(name) FROM orders.items", 1, 8, 4, "did you mean \"upper\"?" },
        { "SELECT name.upper() FROM orders.items", 1, 8, 10, "write upper(name, ...)" },
        { "SELECT 1 AS a,\n   b b b", 2, 8, 1, "" },
        { "SELECT \"rowid\" FROM orders.items", 1, 8, 7, "use a key of the table" },
    };
    struct guard_approved approved;

    for (size_t i = 0; i < CASES(cases); i++) {
        assert_int_equal(kit_approve(&kit, GUARD_QUERY, str_of(cases[i].sql), &approved),
                         ST_INVALID);
        const struct diag *d = &kit.findings.list.items[0];
        assert_int_equal(d->pos.line, cases[i].line);
        assert_int_equal(d->pos.column, cases[i].column);
        assert_int_equal(d->pos.len, cases[i].len);
        assert_true(str_eq(d->hint, str_of(cases[i].hint)));
    }
}

static void all_findings_are_reported_at_once(void **state)
{
    struct guard_approved approved;

    assert_int_equal(kit_approve(&kit, GUARD_QUERY,
                                 S("SELECT getenv('x'), nextval('s'), rowid FROM a.b.c, d.e.f"),
                                 &approved),
                     ST_INVALID);
    assert_int_equal(kit.findings.errors, 5);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    static const str      texts[] = { STR_INIT("SELECT 1\0 + 1"), STR_INIT("SELECT '\xff'"),
                                      STR_INIT("SELECT '\xed\xa0\x80'"), STR_INIT("") };
    struct guard_approved approved;

    for (size_t i = 0; i < CASES(texts); i++) {
        assert_int_equal(kit_approve(&kit, GUARD_QUERY, texts[i], &approved), ST_INVALID);
        assert_true(kit.findings.errors > 0);
    }
}

/* ---- limits ---- */

static str many(struct ctx *cx, const char *head, const char *piece, size_t count, const char *tail)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT((size_t)64 << 20);
    str          text;

    buf_add(&b, str_of(head));
    for (size_t i = 0; i < count; i++) {
        buf_add(&b, str_of(piece));
    }
    buf_add(&b, str_of(tail));
    if (buf_take(&b, cx, "test", &text) != ST_OK) {
        BUG("test text");
    }
    return text;
}

static void limits_end_with_their_name(void **state)
{
    static const struct {
        const char *head, *piece, *tail;
        size_t      count;
        enum status st;
        const char *name;
    } cases[] = {
        { "SELECT '", "x", "'", GUARD_TEXT_BYTES_MAX, ST_LIMIT, "GUARD_TEXT_BYTES_MAX" },
        { "SELECT 1 FROM orders.items", ", orders.items", "", GUARD_TABLES_MAX, ST_LIMIT,
          "GUARD_TABLES_MAX" },
        { "SELECT 1", ", 1", "", GUARD_NODES_MAX / 3 + 1, ST_LIMIT, "GUARD_NODES_MAX" },
        { "SELECT 1", " + 1", "", 900, ST_LIMIT, "depth" },
        { "SELECT ", "NOT ", "true", 900, ST_LIMIT, "depth" },
        { "SELECT 1", " + 1", "", 100000, ST_INVALID, "depth" },
        { "SELECT ", "(", "1", 100000, ST_INVALID, "" },
        { "SELECT ", "[", "1", 20000, ST_INVALID, "" },
        { "SELECT * FROM ", "(", "t", 100000, ST_INVALID, "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct err            err;
        struct ctx            own = { .arena = arena_new("test", (size_t)64 << 20), .err = &err };
        struct guard_approved approved;
        str text = many(&own, cases[i].head, cases[i].piece, cases[i].count, cases[i].tail);

        assert_int_equal(kit_approve(&kit, GUARD_QUERY, text, &approved), cases[i].st);
        assert_true(str_has(err_text(&kit.err), str_of(cases[i].name)));
        assert_true(kit.findings.errors > 0);
        arena_free(own.arena);
    }
}

static void cancel_and_deadline_end_the_call(void **state)
{
    const atomic_bool          cancel   = true;
    struct guard_approved      approved = { 0 };
    const struct guard_request rq       = { .text     = { S("query"), S("SELECT 1") },
                                            .resolver = &kit.resolver };

    kit_reset(&kit);
    kit.cx.cancel = &cancel;
    assert_int_equal(guard_approve(kit.guard, &kit.cx, &rq, &kit.findings, &approved),
                     ST_CANCELLED);
    kit_reset(&kit);
    kit.cx.deadline_us = 1;
    assert_int_equal(guard_approve(kit.guard, &kit.cx, &rq, &kit.findings, &approved), ST_TIMEOUT);
    assert_int_equal(kit_approve(&kit, GUARD_QUERY, S("SELECT 1"), &approved), ST_OK);
}

/* ---- what is told about an approved text ---- */

static void touched_tables_and_columns_are_listed(void **state)
{
    static const struct {
        const char *sql, *touched;
    } cases[] = {
        { "SELECT id FROM sales.orders.items WHERE price > 1", "sales.orders.items(id,price)" },
        { "SELECT 1 FROM orders.items", "sales.orders.items()" },
        { "SELECT count(*) FROM orders.items", "sales.orders.items()" },
        { "SELECT i.name FROM orders.items i JOIN people.items p USING (id)",
          "sales.orders.items(id,name) sales.people.items(id)" },
        { "SELECT place.city FROM orders.items", "sales.orders.items(place)" },
        { "WITH t AS (SELECT name FROM source.raw) SELECT * FROM t", "source.raw(name)" },
        { "SELECT id FROM orders.items WHERE EXISTS (SELECT 1 FROM source.raw r WHERE r.id = "
          "items.id)",
          "sales.orders.items(id) source.raw(id)" },
        { "SELECT items FROM orders.items",
          "sales.orders.items(id,name,price,day,tags,place,doc,ok)*" },
        { "SELECT i.* FROM orders.items i, source.raw r",
          "sales.orders.items(id,name,price,day,tags,place,doc,ok)* source.raw()" },
        { "SELECT 1", "" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct guard_approved a;
        struct buf b          CLEANUP(buf_release) = BUF_INIT(4096);

        assert_int_equal(kit_approve(&kit, GUARD_QUERY, str_of(cases[i].sql), &a), ST_OK);
        for (size_t t = 0; t < a.table_count; t++) {
            buf_printf(&b, "%s%.*s(", t > 0 ? " " : "", STR_ARG(a.tables[t].key));
            for (size_t c = 0; c < a.tables[t].column_count; c++) {
                buf_printf(&b, "%s%.*s", c > 0 ? "," : "", STR_ARG(a.tables[t].columns[c]));
            }
            buf_printf(&b, ")%s", a.tables[t].is_whole ? "*" : "");
        }
        assert_true(str_eq(buf_view(&b), str_of(cases[i].touched)));
    }
}

static void versions_reach_the_resolver(void **state)
{
    struct guard_approved a;

    assert_int_equal(
        kit_approve(&kit, GUARD_QUERY,
                    S("SELECT * FROM orders.items a AT (VERSION => 3), orders.items b, "
                      "orders.items c AT (VERSION => 4)"),
                    &a),
        ST_OK);
    assert_int_equal(a.table_count, 3);
    assert_true(a.tables[0].name.has_version && a.tables[0].name.version == 3);
    assert_false(a.tables[1].name.has_version);
    assert_true(a.tables[2].name.version == 4);
    assert_false(str_has(a.sql, S("AT (")));
}

static void volatile_and_leakproof_are_told(void **state)
{
    static const struct {
        const char    *sql;
        enum guard_use use;
        bool           is_volatile, is_leakproof;
    } cases[] = {
        { "SELECT id FROM orders.items WHERE name = 'x'", GUARD_QUERY, false, true },
        { "SELECT now()", GUARD_QUERY, true, false },
        { "SELECT current_date", GUARD_QUERY, true, true },
        { "SELECT random()", GUARD_BUILD, true, false },
        { "SELECT age(day) FROM orders.items", GUARD_QUERY, true, false },
        { "SELECT age(day, day) FROM orders.items", GUARD_BUILD, false, false },
        { "SELECT id FROM orders.items USING SAMPLE 3", GUARD_QUERY, true, true },
        { "SELECT id FROM orders.items TABLESAMPLE RESERVOIR (3) REPEATABLE (1)", GUARD_QUERY,
          false, true },
        { "SELECT CAST(name AS INT) FROM orders.items", GUARD_QUERY, false, false },
        { "SELECT 1 / 0", GUARD_QUERY, false, false },
        { "SELECT error('no')", GUARD_BUILD, false, false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct guard_approved a;

        assert_int_equal(kit_approve(&kit, cases[i].use, str_of(cases[i].sql), &a), ST_OK);
        assert_int_equal(a.is_volatile, cases[i].is_volatile);
        assert_int_equal(a.is_leakproof, cases[i].is_leakproof);
        assert_int_equal(kit.findings.warnings,
                         cases[i].is_volatile && cases[i].use == GUARD_BUILD ? 1 : 0);
    }
}

static void from_and_to_become_numbered_parameters(void **state)
{
    static const struct {
        const char *sql;
        unsigned    from, to;
        const char *has;
    } cases[] = {
        { "SELECT id FROM orders.items WHERE day >= $from AND day < $to", 1, 2, "< $2" },
        { "SELECT id FROM orders.items WHERE day < $to", 0, 1, "< $1" },
        { "SELECT $to::DATE, $from::DATE, $to::DATE", 1, 2, "CAST($2 AS DATE)" },
        { "SELECT * FROM (SELECT $from AS a) WHERE a > $from", 1, 0, "$1" },
        { "SELECT 1", 0, 0, "1" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct guard_approved a;

        assert_int_equal(kit_approve(&kit, GUARD_BUILD, str_of(cases[i].sql), &a), ST_OK);
        assert_int_equal(a.from_index, cases[i].from);
        assert_int_equal(a.to_index, cases[i].to);
        assert_true(str_has(a.sql, str_of(cases[i].has)));
    }
}

static void places_lead_back_to_the_written_text(void **state)
{
    const str sql = S("SELECT id,\n  price * 2 AS d\nFROM sales.orders.items WHERE name = 'x'");
    struct guard_approved a;
    size_t                printed, written;

    assert_int_equal(kit_approve(&kit, GUARD_QUERY, sql, &a), ST_OK);
    assert_true(str_find(a.sql, S("price * 2"), &printed));
    assert_true(str_find(sql, S("price"), &written));
    assert_int_equal(guard_written_at(&a, (uint32_t)printed), written);
    assert_true(str_find(a.sql, S("\"name\" = 'x'"), &printed));
    assert_true(str_find(sql, S("name"), &written));
    assert_int_equal(guard_written_at(&a, (uint32_t)printed), written);
    assert_int_equal(guard_written_at(&a, 0), 0);
}

/* ---- cache ---- */

static struct guard_approved approve_in(str scope, uint64_t epoch, str sql)
{
    struct guard_approved      a  = { 0 };
    const struct guard_request rq = { .text     = { S("query"), sql },
                                      .use      = GUARD_QUERY,
                                      .resolver = &kit.resolver,
                                      .scope    = scope,
                                      .epoch    = epoch };

    if (guard_approve(kit.guard, &kit.cx, &rq, &kit.findings, &a) != ST_OK) {
        BUG("not approved");
    }
    return a;
}

static void the_cache_keeps_scope_and_epoch_apart(void **state)
{
    const str sql = S("SELECT id, name FROM sales.orders.items WHERE id = 77");

    kit_reset(&kit);
    assert_false(approve_in(S("anna"), 1, sql).is_cached);
    struct guard_approved hit = approve_in(S("anna"), 1, sql);
    assert_true(hit.is_cached);
    assert_int_equal(hit.table_count, 1);
    assert_int_equal(hit.tables[0].column_count, 2);
    assert_true(str_eq(hit.tables[0].schema, S("orders")));
    assert_true(hit.place_count > 0);
    assert_false(approve_in(S("anna"), 2, sql).is_cached);
    assert_false(approve_in(S("bert"), 1, sql).is_cached);
    assert_false(approve_in(S(""), 1, sql).is_cached);
    assert_false(approve_in(S(""), 1, sql).is_cached);
}

static void the_cache_is_bounded_and_drops_the_oldest(void **state)
{
    kit_reset(&kit);
    (void)approve_in(S("x"), 9, S("SELECT 0"));
    for (int i = 0; i < GUARD_CACHE_ENTRIES; i++) {
        (void)approve_in(S("x"), 10, arena_printf(kit.cx.arena, "SELECT %d", i));
    }
    assert_false(approve_in(S("x"), 9, S("SELECT 0")).is_cached);
    assert_true(approve_in(S("x"), 10, arena_printf(kit.cx.arena, "SELECT %d", 1000)).is_cached);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_is_refused_with_its_reason),
        cmocka_unit_test(unknown_and_hidden_tables_read_the_same),
        cmocka_unit_test(findings_have_place_and_nearest_word),
        cmocka_unit_test(all_findings_are_reported_at_once),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(limits_end_with_their_name),
        cmocka_unit_test(cancel_and_deadline_end_the_call),
        cmocka_unit_test(touched_tables_and_columns_are_listed),
        cmocka_unit_test(versions_reach_the_resolver),
        cmocka_unit_test(volatile_and_leakproof_are_told),
        cmocka_unit_test(from_and_to_become_numbered_parameters),
        cmocka_unit_test(places_lead_back_to_the_written_text),
        cmocka_unit_test(the_cache_keeps_scope_and_epoch_apart),
        cmocka_unit_test(the_cache_is_bounded_and_drops_the_oldest),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
