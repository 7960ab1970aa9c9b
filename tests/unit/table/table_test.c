/*
 * table_test.c - snapshots in a real store, field ids, and the forms in which they are kept.
 */
#include "table/table.h"

#include "support/test_db.h"

#include "table/stats.h"

static struct test_db f;
static struct ctx    *cx;
static struct db     *db;

static int set_up(void **state)
{
    struct db_module schema = table_schema();

    test_db_init(&f);
    cx = f.cx;
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_migrate(db, cx, &schema, 1, NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(cx);
    db_close(db);
    test_db_release(&f);
    return 0;
}

static struct table_columns columns_of(const struct table_columns *before,
                                       const struct table_shape *shape, size_t count)
{
    struct table_columns made;

    if (table_assign_ids(cx, before, shape, count, &made) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return made;
}

#define ADDRESS "sales.orders_v1.orders"

static const struct table_shape one_column[] = { { STR_INIT("id"), STR_INIT("BIGINT") } };

/* A commit of one file of `rows` rows. */
static struct table_snapshot commit(const char *address, const char *key, uint64_t rows,
                                    const struct table_snapshot *parent)
{
    struct table_columns  columns = columns_of(parent ? &parent->columns : NULL, one_column, 1);
    struct table_file     file    = { .key        = str_of(key),
                                      .bytes      = rows * 10,
                                      .rows       = rows,
                                      .sha256     = S("ab"),
                                      .row_digest = S("12"),
                                      .stats      = S("{}") };
    struct table_commit   c       = { .address    = str_of(address),
                                      .product_id = S("p1"),
                                      .port       = S("orders"),
                                      .publish_id = S("run"),
                                      .columns    = &columns,
                                      .files      = &file,
                                      .file_count = 1,
                                      .parent     = parent };
    struct table_snapshot made;

    f.t.now_us += 1000;
    if (table_commit(cx, &c, &made) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return made;
}

static void a_view_is_a_snapshot_without_files(void **state)
{
    const str              inputs[] = { S("a.b_v2.t"), S("a.b_v1.t") };
    struct table_columns   columns  = columns_of(NULL, one_column, 1);
    struct table_view      view     = { .sql = S("5e1ec7"), .rows = 7 };
    struct table_commit    c        = { .address    = S(ADDRESS),
                                        .product_id = S("p1"),
                                        .port       = S("orders"),
                                        .publish_id = S("run"),
                                        .columns    = &columns,
                                        .view       = &view };
    struct table_snapshot  made, head, file;
    struct table_files     files;
    struct table_addresses read;

    for (size_t i = 0; i < COUNT_OF(inputs); i++) {
        vec_push(cx->arena, &view.inputs.list, inputs[i]);
    }
    file = commit(ADDRESS, "k1", 3, NULL);
    assert_int_equal(file.view.len, 0);
    assert_ok(table_commit(cx, &c, &made));
    assert_ok(table_head(cx, S(ADDRESS), &head));
    assert_str(head.id, made.id);
    assert_int_equal(head.number, 2);
    assert_str(head.view, S("5e1ec7"));
    assert_int_equal(head.rows, 7);
    assert_int_equal(head.bytes, 0);
    assert_ok(table_files_of(cx, head.id, &files));
    assert_int_equal(files.list.count, 0);
    assert_ok(table_view_inputs(cx, head.id, &read));
    assert_int_equal(read.list.count, COUNT_OF(inputs));
    assert_str(read.list.items[0], inputs[0]);
    assert_str(read.list.items[1], inputs[1]);
    assert_ok(table_view_inputs(cx, file.id, &read));
    assert_int_equal(read.list.count, 0);
    assert_ok(table_at(cx, S(ADDRESS), 1, &head));
    assert_int_equal(head.view.len, 0);
}

static void snapshots_are_numbered_and_the_head_moves(void **state)
{
    struct table_snapshot  head, s;
    struct table_snapshots list;

    assert_int_equal(table_head(cx, S(ADDRESS), &head), ST_NOT_FOUND);
    assert_says(cx, "\"" ADDRESS "\" was never published");
    assert_int_equal(commit(ADDRESS, "k1", 3, NULL).number, 1);
    assert_int_equal(commit("sales.orders_v2.orders", "k2", 4, NULL).number, 1);
    s = commit(ADDRESS, "k3", 5, NULL);
    assert_int_equal(s.number, 2);
    assert_ok(table_head(cx, S(ADDRESS), &head));
    assert_str(head.id, s.id);
    assert_int_equal(head.rows, 5);
    assert_int_equal(head.bytes, 50);
    assert_str(head.product_id, S("p1"));
    assert_str(head.port, S("orders"));
    assert_int_equal(head.parent.len, 0);
    assert_int_equal(head.made_us, f.t.now_us);
    assert_ok(table_at(cx, S(ADDRESS), 1, &s));
    assert_int_equal(s.rows, 3);
    assert_int_equal(table_at(cx, S(ADDRESS), 3, &s), ST_NOT_FOUND);
    assert_says(cx, "no snapshot 3");
    assert_int_equal(table_at(cx, S(ADDRESS), -1, &s), ST_NOT_FOUND);
    assert_ok(table_history(cx, S(ADDRESS), 10, &list));
    assert_int_equal(list.list.count, 2);
    assert_int_equal(list.list.items[0].number, 2);
    assert_ok(table_history(cx, S(ADDRESS), 1, &list));
    assert_int_equal(list.list.count, 1);
    assert_ok(table_heads_of(cx, S("p1"), &list));
    assert_int_equal(list.list.count, 2);
    assert_ok(table_heads_of(cx, S("p2"), &list));
    assert_int_equal(list.list.count, 0);
    assert_ok(table_heads_all(cx, &list));
    assert_int_equal(list.list.count, 2);
}

static void an_append_keeps_the_files_of_its_parent(void **state)
{
    static const char *const keys[] = { "k1", "k2", "k3" };
    struct table_snapshot    s = commit(ADDRESS, "k1", 3, NULL), first = s;
    struct table_files       files;
    bool                     is_known = false;

    s = commit(ADDRESS, "k2", 4, &s);
    s = commit(ADDRESS, "k3", 5, &s);
    assert_int_equal(s.number, 3);
    assert_int_equal(s.rows, 12);
    assert_int_equal(s.bytes, 120);
    assert_ok(table_files_of(cx, s.id, &files));
    assert_int_equal(files.list.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_str(files.list.items[i].key, str_of(keys[i]));
    }
    assert_int_equal(files.list.items[2].rows, 5);
    assert_str(files.list.items[2].row_digest, S("12"));
    assert_ok(table_files_of(cx, first.id, &files));
    assert_int_equal(files.list.count, 1);
    assert_ok(table_files_all(cx, &files));
    assert_int_equal(files.list.count, 3);
    assert_ok(table_file_known(cx, S("k2"), &is_known));
    assert_true(is_known);
    assert_ok(table_file_known(cx, S("k9"), &is_known));
    assert_false(is_known);
}

static void a_removed_table_keeps_its_history(void **state)
{
    struct table_snapshot  s;
    struct table_snapshots list;

    commit(ADDRESS, "k1", 3, NULL);
    assert_ok(table_remove(cx, S(ADDRESS)));
    assert_ok(table_remove(cx, S("sales.orders_v1.nothing")));
    assert_int_equal(table_head(cx, S(ADDRESS), &s), ST_NOT_FOUND);
    assert_ok(table_at(cx, S(ADDRESS), 1, &s));
    assert_ok(table_history(cx, S(ADDRESS), 10, &list));
    assert_int_equal(list.list.count, 1);
    assert_int_equal(commit(ADDRESS, "k2", 3, NULL).number, 2); /* numbers go on */
}

static size_t forgotten(int64_t before_us)
{
    size_t count = 0;

    if (table_forget(cx, S(ADDRESS), before_us, &count) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return count;
}

static size_t freed(void)
{
    struct table_free_files files;

    if (table_drop_free(cx, &files) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return files.list.count;
}

/* Its last state is history from the moment it went, as if something newer had taken its place then. */
static void a_table_that_is_gone_is_forgotten_from_then_on(void **state)
{
    struct table_gone  gone;
    struct table_gones all;
    struct table_files files;
    int64_t            second, went;

    commit(ADDRESS, "k1", 3, NULL);
    commit(ADDRESS, "k2", 3, NULL);
    second = f.t.now_us;
    assert_int_equal(table_gone_at(cx, S(ADDRESS), &gone), ST_NOT_FOUND);
    assert_int_equal(forgotten(INT64_MAX), 1); /* the live one stays */
    f.t.now_us += 5000;
    went = f.t.now_us;
    assert_ok(table_remove(cx, S(ADDRESS)));
    f.t.now_us += 5000;
    assert_ok(table_remove(cx, S(ADDRESS))); /* again changes nothing */
    assert_ok(table_gone_at(cx, S(ADDRESS), &gone));
    assert_int_equal(gone.gone_us, went);
    assert_int_equal(gone.last.number, 2);
    assert_str(gone.last.product_id, S("p1"));
    assert_str(gone.last.port, S("orders"));
    assert_ok(table_gone_of(cx, S("p1"), &all));
    assert_int_equal(all.list.count, 1);
    assert_str(all.list.items[0].last.id, gone.last.id);
    assert_ok(table_gone_of(cx, S("p2"), &all));
    assert_int_equal(all.list.count, 0);
    assert_int_equal(forgotten(second + 1), 0);
    assert_int_equal(forgotten(went), 0);
    assert_int_equal(freed(), 1); /* of the first */
    assert_int_equal(forgotten(went + 1), 1);
    assert_int_equal(freed(), 1);
    assert_int_equal(forgotten(INT64_MAX), 0);
    assert_ok(table_files_of(cx, gone.last.id, &files));
    assert_int_equal(files.list.count, 0);
    assert_int_equal(commit(ADDRESS, "k3", 3, NULL).number, 3);
    assert_int_equal(table_gone_at(cx, S(ADDRESS), &gone), ST_NOT_FOUND);
    assert_int_equal(forgotten(INT64_MAX), 0);
}

/* An older store did not note what went: that is told from the tables that stand beside it. */
static void what_went_before_it_was_noted_is_history_from_now_on(void **state)
{
    static const struct db_stmt rows[] = {
        { "snapshots",
          "INSERT INTO snapshot (id, address, number, publish_id, columns, row_count, bytes, "
          "made_us) "
          "SELECT 's' || value, 'sales.my_vat_v1.' || json_extract(t, '$[' || (value / 2) || ']'), "
          "1 + "
          "value % 2, 'a', '{\"last_id\":0,\"columns\":[],\"nested\":{}}', 0, 0, 5 "
          "FROM json_each('[0,1,2,3,4]'), (SELECT '[\"old\",\"live\",\"x\"]' AS t)",
          0 },
        { "alone", "UPDATE snapshot SET address = 'sales.my_v1.alone' WHERE id = 's4'", 0 },
        { "head", "INSERT INTO table_head VALUES ('sales.my_vat_v1.live', 'p1', 'orders', 's3')",
          0 },
    };
    struct db_module   now = table_schema(), then = now;
    struct db_options  o = { .path = os_path_join(cx->arena, f.dir, S("old.db")),
                             .mode = DB_MODE_CREATE };
    struct table_gones gone;

    db_rollback(cx);
    db_close(db);
    then.count = 5;
    assert_ok(db_open(cx, &o, &db));
    assert_ok(db_migrate(db, cx, &then, 1, NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    for (size_t i = 0; i < CASES(rows); i++) {
        if (db_run(cx, &rows[i], DB_NO_ARGS) != ST_OK) {
            fail_msg("%s", f.t.err.text);
        }
    }
    assert_ok(db_commit(cx));
    assert_ok(db_migrate(db, cx, &now, 1, NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    assert_ok(table_gone_of(cx, S("p1"), &gone));
    assert_int_equal(gone.list.count, 1);
    assert_str(gone.list.items[0].last.address, S("sales.my_vat_v1.old"));
    assert_str(gone.list.items[0].last.id, S("s1"));
    assert_true(gone.list.items[0].gone_us > 1000000LL * 1000000000);
}

/* The same key twice is two files of one name: refused. */
static void a_key_is_one_file(void **state)
{
    struct table_columns  columns = columns_of(NULL, one_column, 1);
    struct table_file     file    = { .key = S("k1"), .stats = S("{}") };
    struct table_commit   c       = { .address    = S(ADDRESS),
                                      .publish_id = S("run"),
                                      .columns    = &columns,
                                      .files      = &file,
                                      .file_count = 1 };
    struct table_snapshot made;

    commit(ADDRESS, "k1", 3, NULL);
    assert_int_equal(table_commit(cx, &c, &made), ST_CONFLICT);
}

/* ---- field ids ---- */

static int32_t id_of(const struct table_columns *c, const char *path)
{
    for (size_t i = 0; i < c->list.count; i++) {
        if (str_eq(c->list.items[i].name, str_of(path))) {
            return c->list.items[i].field_id;
        }
    }
    for (size_t i = 0; i < c->nested.count; i++) {
        if (str_eq(c->nested.items[i].path, str_of(path))) {
            return c->nested.items[i].id;
        }
    }
    return 0;
}

#define SEP "\x1f"

static void ids_are_given_once(void **state)
{
    static const struct table_shape first[]   = { { STR_INIT("a"), STR_INIT("BIGINT") },
                                                  { STR_INIT("b"), STR_INIT("VARCHAR") } };
    static const struct table_shape dropped[] = { { STR_INIT("a"), STR_INIT("BIGINT") } };
    static const struct table_shape again[]   = { { STR_INIT("c"), STR_INIT("DATE") },
                                                  { STR_INIT("b"), STR_INIT("VARCHAR") },
                                                  { STR_INIT("a"), STR_INIT("DOUBLE") } };
    struct table_columns            c         = columns_of(NULL, first, 2);

    assert_int_equal(id_of(&c, "a"), 1);
    assert_int_equal(id_of(&c, "b"), 2);
    c = columns_of(&c, dropped, 1);
    assert_int_equal(id_of(&c, "a"), 1);
    assert_int_equal(c.last_id, 2);
    c = columns_of(&c, again, 3);
    assert_int_equal(id_of(&c, "a"), 1); /* another type is the same column */
    assert_int_equal(id_of(&c, "c"), 3);
    assert_int_equal(id_of(&c, "b"), 4); /* back again, but not the one that left */
    assert_int_equal(c.last_id, 4);
}

static void nested_fields_have_ids_of_their_own(void **state)
{
    static const struct table_shape first[] = {
        { STR_INIT("s"), STR_INIT("STRUCT(x INTEGER, y STRUCT(z VARCHAR)[])") },
        { STR_INIT("m"), STR_INIT("MAP(VARCHAR, INTEGER[])") },
    };
    static const struct table_shape changed[] = {
        { STR_INIT("m"), STR_INIT("MAP(VARCHAR, INTEGER[])") },
        { STR_INIT("s"), STR_INIT("STRUCT(w DATE, y STRUCT(z VARCHAR)[])") },
    };
    static const struct table_shape back[] = {
        { STR_INIT("s"), STR_INIT("STRUCT(x INTEGER, y STRUCT(z VARCHAR)[])") },
    };
    static const char *const kept[] = {
        "s", "s" SEP "y",   "s" SEP "y" SEP "element", "s" SEP "y" SEP "element" SEP "z",
        "m", "m" SEP "key", "m" SEP "value",           "m" SEP "value" SEP "element"
    };
    struct table_columns a        = columns_of(NULL, first, 2), b, c;
    bool                 seen[32] = { false };

    assert_int_equal(a.list.count, 2);
    assert_int_equal(a.nested.count, 7);
    assert_int_equal(a.last_id, 9);
    for (size_t i = 0; i < a.nested.count; i++) {
        assert_false(seen[a.nested.items[i].id]);
        seen[a.nested.items[i].id] = true;
    }
    b = columns_of(&a, changed, 2);
    for (size_t i = 0; i < CASES(kept); i++) {
        assert_int_not_equal(id_of(&a, kept[i]), 0);
        assert_int_equal(id_of(&a, kept[i]), id_of(&b, kept[i]));
    }
    assert_int_equal(id_of(&b, "s" SEP "w"), 10);
    c = columns_of(&b, back, 1);
    assert_int_equal(id_of(&c, "s" SEP "x"), 11);
    assert_int_equal(id_of(&c, "s"), id_of(&a, "s"));
}

static void a_type_that_is_none_is_refused(void **state)
{
    static const struct table_shape bad[]   = { { STR_INIT("a"), STR_INIT("STRNG") } };
    static const struct table_shape array[] = { { STR_INIT("a"), STR_INIT("STRUCT(b FLOAT[3])") } };
    struct table_columns            out     = { .last_id = 77 };

    assert_int_equal(table_assign_ids(cx, NULL, bad, 1, &out), ST_INVALID);
    assert_int_equal(table_assign_ids(cx, NULL, array, 1, &out), ST_INVALID);
    assert_says(cx, "FLOAT[3]");
    assert_int_equal(out.last_id, 77);
}

static void columns_go_to_json_and_back(void **state)
{
    static const struct table_shape shape[] = {
        { STR_INIT("a \"quoted\"\n"), STR_INIT("STRUCT(\"b c\" INTEGER[])") },
        { STR_INIT("\xc3\xa4"), STR_INIT("DECIMAL(10,2)") },
    };
    struct table_columns a = columns_of(NULL, shape, 2), b;
    str                  text, again;

    assert_ok(table_columns_text(cx, &a, &text));
    assert_ok(table_columns_read(cx, text, &b));
    assert_int_equal(b.last_id, a.last_id);
    assert_int_equal(b.list.count, 2);
    assert_str(b.list.items[0].name, shape[0].name);
    assert_str(b.list.items[0].type, shape[0].type);
    assert_int_equal(b.nested.count, a.nested.count);
    assert_ok(table_columns_text(cx, &b, &again));
    assert_str(again, text);
}

static void corrupt_columns_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"last_id\":1}",
        "{\"last_id\":1,\"columns\":{},\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[],\"nested\":[]}",
        "{\"columns\":[],\"nested\":{}}",
        "{\"last_id\":3000000000,\"columns\":[],\"nested\":{}}",
        "{\"last_id\":-1,\"columns\":[],\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[1],\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[{\"id\":1,\"name\":\"a\"}],\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[{\"id\":0,\"name\":\"a\",\"type\":\"DATE\"}],\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[{\"id\":2,\"name\":\"a\",\"type\":\"DATE\"}],\"nested\":{}}",
        "{\"last_id\":1,\"columns\":[{\"id\":\"1\",\"name\":\"a\",\"type\":\"DATE\"}],\"nested\":{}"
        "}",
        "{\"last_id\":1,\"columns\":[],\"nested\":{\"a\":9}}",
    };
    struct table_columns out = { .last_id = 77 };

    for (size_t i = 0; i < CASES(cases); i++) {
        if (table_columns_read(cx, str_of(cases[i]), &out) != ST_CORRUPT) {
            fail_msg("%s", cases[i]);
        }
        assert_int_equal(out.last_id, 77);
    }
    assert_ok(table_columns_read(cx, S("{\"last_id\":0,\"columns\":[],\"nested\":{}}"), &out));
}

/* ---- statistics ---- */

#define FACT(key, value)    "{\"key\":\"" key "\",\"value\":\"" value "\"}"
#define COLUMN(name, facts) "{\"key\":\"" name "\",\"value\":[" facts "]}"

static void statistics_are_read(void **state)
{
    static const struct {
        const char *json;
        const char *column; /* NULL: no column is given */
        bool        has_bounds, has_null_count, may_have_nan;
        uint64_t    null_count;
    } cases[] = {
        { "[" COLUMN("\\\"id\\\"",
                     FACT("min", "1") "," FACT("max", "9") "," FACT("null_count", "2")) "]",
          "id", true, true, true, 2 },
        { "[" COLUMN("\\\"a\\\"\\\"b\\\"", FACT("min", "1")) "]", "a\"b", false, false, true, 0 },
        { "[" COLUMN("\\\"a.b\\\"", FACT("has_nan", "false")) "]", "a.b", false, false, false, 0 },
        { "[" COLUMN("\\\"x\\\"", FACT("has_nan", "true")) "]", "x", false, false, true, 0 },
        { "[" COLUMN("\\\"a\\\".\\\"b\\\"", FACT("min", "1")) "]",
          "a\x1f"
          "b",
          false, false, true, 0 },
        { "[" COLUMN("\\\"a\\\"b", FACT("min", "1")) "]", NULL, false, false, false, 0 },
        { "[" COLUMN("\\\"a\\\".b", FACT("min", "1")) "]", NULL, false, false, false, 0 },
        { "[" COLUMN("a.b", FACT("min", "1")) "]", NULL, false, false, false, 0 },
        { "[" COLUMN("\\\"open", FACT("min", "1")) "]", NULL, false, false, false, 0 },
        { "[" COLUMN("\\\"x\\\"", FACT("null_count", "many")) "]", "x", false, false, true, 0 },
        { "[" COLUMN("\\\"\\\"", "") "]", "", false, false, true, 0 },
        { "[]", NULL, false, false, false, 0 },
        { "{}", NULL, false, false, false, 0 },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct table_stats out;

        if (table_stats_read(cx, str_of(cases[i].json), &out) != ST_OK ||
            out.list.count != (cases[i].column != NULL)) {
            fail_msg("%s: %s", cases[i].json, f.t.err.text);
        }
        if (cases[i].column) {
            const struct table_stat *s = &out.list.items[0];

            assert_str(s->column, str_of(cases[i].column));
            assert_int_equal(s->has_bounds, cases[i].has_bounds);
            assert_int_equal(s->has_null_count, cases[i].has_null_count);
            assert_int_equal(s->may_have_nan, cases[i].may_have_nan);
            assert_int_equal(s->null_count, cases[i].null_count);
        }
    }
}

static void statistics_that_are_not_ours_are_refused(void **state)
{
    static const char *const cases[] = { "", "[", "1", "null", "{\"a\":1}", "\"x\"" };
    struct table_stats       out     = { 0 };

    for (size_t i = 0; i < CASES(cases); i++) {
        if (table_stats_read(cx, str_of(cases[i]), &out) != ST_CORRUPT) {
            fail_msg("%s", cases[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(snapshots_are_numbered_and_the_head_moves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_view_is_a_snapshot_without_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_append_keeps_the_files_of_its_parent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_removed_table_keeps_its_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_that_is_gone_is_forgotten_from_then_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_went_before_it_was_noted_is_history_from_now_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_is_one_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ids_are_given_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nested_fields_have_ids_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_type_that_is_none_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(columns_go_to_json_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(corrupt_columns_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(statistics_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(statistics_that_are_not_ours_are_refused, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
