/*
 * search_test.c - entries of published documents, what words find of them, and in which order.
 */
#include "search/search.h"

#include "support/test_db.h"

#include <string.h>

#include "codec/digest.h"
#include "registry/registry.h"
#include "search/search_int.h"
#include "table/table.h"

static struct test_db f;
static struct ctx    *cx;
static struct db     *db;

static const char product_text[] =
    "apiVersion: v1.0.0\nkind: DataProduct\nid: p1\nname: orders\nstatus: active\n"
    "description: {purpose: What customers bought, limitations: not for billing}\n"
    "tags: [gold]\ncustomProperties:\n  - {property: costCentre, value: CC4711}\n"
    "  - {property: weft.history, value: secretsetting}\n"
    "outputPorts:\n  - {name: orders, version: 1.0.0, contractId: c1, description: nightly port}\n";

static const char contract_text[] =
    "apiVersion: v3.1.0\nkind: DataContract\nid: c1\nname: Bestellungen\nversion: 1.0.0\nstatus: "
    "active\n"
    "description: {purpose: promise of a counter}\nschema:\n"
    "  - name: order_lines\n    businessName: Bestellpositionen\n    description: one row for each "
    "line\n"
    "    tags: [core]\n    properties:\n"
    "      - {name: order_id, logicalType: integer, description: the order it belongs to}\n"
    "      - name: email\n        logicalType: string\n        classification: restricted\n"
    "        businessName: Müller's Café address\n        tags: [pii.email]\n"
    "        examples: [ada@example.org]\n"
    "      - name: ship_to\n        logicalType: object\n        properties:\n"
    "          - {name: street, logicalType: string, description: where the courier rings}\n";

static str put_document(const char *text)
{
    str bytes  = str_of(text);
    str sha256 = digest_hex(cx, sha256_of(bytes));

    assert_ok(registry_put_document(cx, sha256, bytes));
    return sha256;
}

static void put_domain(const char *name, const char *purpose)
{
    struct registry_team   team = { .name = S("Till team"), .description = S("keeps the tills") };
    struct registry_domain d    = { .name     = str_of(name),
                                    .purpose  = str_of(purpose),
                                    .document = put_document(purpose) };
    enum registry_change   change;

    vec_push(cx->arena, &team.members, (struct registry_member){ .name = S("Ada") });
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_ok(registry_put_team(cx, d.name, &team));
}

static void put_product(const char *id, const char *domain, const char *name, const char *text)
{
    struct registry_product p = { .id       = str_of(id),
                                  .domain   = str_of(domain),
                                  .name     = str_of(name),
                                  .status   = S("active"),
                                  .owner    = S("Owners"),
                                  .document = put_document(text) };
    enum registry_change    change;

    if (registry_put_product(cx, &p, &change) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
}

static void put_port(const char *product, const char *text)
{
    struct registry_port port = { .product_id  = str_of(product),
                                  .name        = S("orders"),
                                  .major       = 1,
                                  .version     = S("1.0.0"),
                                  .contract_id = S("c1"),
                                  .status      = S("active"),
                                  .document    = put_document(text),
                                  .publish_id  = S("run") };

    assert_ok(registry_put_port(cx, &port));
}

static void put_table(const char *product, const char *address, const char *const *columns,
                      size_t count)
{
    struct table_columns  made;
    struct table_shape    shape[8] = { 0 };
    struct table_snapshot snapshot;
    struct table_commit   c = { .address    = str_of(address),
                                .product_id = str_of(product),
                                .port       = S("orders"),
                                .publish_id = S("run"),
                                .columns    = &made };

    for (size_t i = 0; i < count; i++) {
        shape[i] = (struct table_shape){ str_of(columns[i]), S("VARCHAR") };
    }
    assert_ok(table_assign_ids(cx, NULL, shape, count, &made));
    if (table_commit(cx, &c, &snapshot) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
}

static const char *const line_columns[] = { "order_id", "email", "ship_to" };

static void put_shop(void)
{
    put_domain("sales", "sells things");
    put_product("p1", "sales", "orders", product_text);
    put_port("p1", contract_text);
    put_table("p1", "sales.orders_v1.order_lines", line_columns, 3);
    assert_ok(search_put_product(cx, S("p1")));
}

static int set_up(void **state)
{
    struct db_module modules[] = { registry_schema(), table_schema(), search_schema() };

    test_db_init(&f);
    cx = f.cx;
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_migrate(db, cx, modules, COUNT_OF(modules), NULL));
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

/* ------------------------------------------------------------------------- helpers */

static str hidden; /* text of the paths that the reader may not know; empty: none are hidden */

static enum status may_know(void *arg, struct ctx *c, const struct search_entry *e, bool *out)
{
    (void)arg;
    (void)c;
    *out = hidden.len == 0 || !str_has(e->path, hidden);
    return ST_OK;
}

static const struct search_reader reader = { may_know, NULL };

static struct search_hits find(const char *words, size_t limit)
{
    struct search_hits hits = { 0 };

    if (search_find(cx, str_of(words), limit, &reader, &hits) != ST_OK) {
        fail_msg("%s: %s", words, f.t.err.text);
    }
    return hits;
}

/* The paths of all hits, "a b c". */
static str paths(const char *words)
{
    struct search_hits hits = find(words, 100);
    str                made = S("");

    for (size_t i = 0; i < hits.list.count; i++) {
        made = arena_printf(cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(made), i ? " " : "",
                            STR_ARG(hits.list.items[i].entry.path));
    }
    return made;
}

static void assert_finds(const char *words, const char *expected)
{
    str found = paths(words);

    if (!str_eq(found, str_of(expected))) {
        fail_msg("\"%s\" finds \"" STR_FMT "\", not \"%s\"", words, STR_ARG(found), expected);
    }
}

static void assert_whole(void)
{
    size_t wrong;

    assert_ok(search_check(cx, &wrong));
    assert_int_equal(wrong, 0);
    if (search_check_words(cx) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
}

#define LINES "sales.orders.order_lines"

/* ------------------------------------------------------------------------- what is found */

static void everything_that_documents_say_is_found(void **state)
{
    static const struct {
        const char *words, *finds, *field;
    } cases[] = {
        { "sells", "sales", "about" },
        { "till ada", "sales", "labels" },
        { "tills", "sales", "about" },
        { "bought", "sales.orders", "about" },
        { "billing", "sales.orders", "about" },
        { "gold", "sales.orders", "labels" },
        { "cc4711", "sales.orders", "labels" },
        { "costcentre", "sales.orders", "labels" },
        { "owners", "sales.orders", "labels" },
        { "bestellpositionen", LINES, "title" },
        { "Bestellungen", LINES, "title" },
        { "core", LINES, "labels" },
        { "promise", LINES, "about" },
        { "nightly", LINES, "about" },
        { "row", LINES, "about" },
        { "belongs", LINES ".order_id", "about" },
        { "restricted", LINES ".email", "labels" },
        { "pii.email", LINES ".email", "labels" },
        { "courier", LINES ".ship_to", "about" },
        { "street", LINES ".ship_to", "about" },
    };

    put_shop();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct search_hits hits = find(cases[i].words, 10);

        assert_finds(cases[i].words, cases[i].finds);
        assert_str(hits.list.items[0].field, str_of(cases[i].field));
        assert_false(hits.has_more);
    }
    assert_whole();
}

static void values_and_settings_are_not_found(void **state)
{
    put_shop();
    assert_finds("ada@example.org", "");
    assert_finds("example", "");
    assert_finds("secretsetting", "");
    assert_finds("weft.history", "");
}

static void names_are_found_by_their_parts_and_beginnings(void **state)
{
    put_shop();
    assert_finds("lines", LINES);
    assert_finds("order_lines", LINES);
    assert_finds("Order Lines", LINES " " LINES ".order_id"); /* its lines are a path */
    assert_finds("ORDER_L", LINES);
    assert_finds("lines_order", "");
    assert_finds("order lin", LINES " " LINES ".order_id");
    assert_finds("lin order", LINES " " LINES ".order_id");
    assert_finds("ines", "");
}

static void accents_and_case_do_not_matter(void **state)
{
    put_shop();
    assert_finds("MULLER", LINES ".email");
    assert_finds("müller cafe", LINES ".email");
    assert_finds("mu\xcc\x88ller", LINES ".email"); /* u and a combining diaeresis */
}

static void words_of_the_table_narrow_and_do_not_find_all_of_it(void **state)
{
    put_shop();
    assert_finds("orders email", LINES ".email");
    assert_finds("sales orders lines email", LINES ".email");
    assert_finds("sales", "sales sales.orders");
    assert_finds(LINES, LINES);
    assert_finds("sales.orders_v1.order_lines", LINES);
    assert_finds("sales.orders", "sales.orders");
    assert_finds("orders nothing", "");
}

static void better_matches_stand_first(void **state)
{
    static const char *const columns[] = { "mail", "mail_status", "mailing" };
    static const char        contract[] =
        "apiVersion: v3.1.0\nkind: DataContract\nid: c1\nversion: 1.0.0\nstatus: active\nschema:\n"
        "  - name: post\n    description: all our mail\n    properties:\n"
        "      - {name: mail, logicalType: string}\n"
        "      - {name: mail_status, logicalType: string}\n"
        "      - {name: mailing, logicalType: string}\n";

    put_domain("office", "letters");
    put_product("p2", "office", "mail_room", product_text);
    put_port("p2", contract);
    put_table("p2", "office.mail_room_v1.post", columns, 3);
    assert_ok(search_put_product(cx, S("p2")));
    /* the whole name; in the name, products first; the beginning of a name; then descriptions */
    assert_finds("mail", "office.mail_room.post.mail office.mail_room "
                         "office.mail_room.post.mail_status office.mail_room.post.mailing "
                         "office.mail_room.post");
}

/* ------------------------------------------------------------------------- the reader */

static void what_is_hidden_does_not_count(void **state)
{
    struct search_hits hits;
    str                nearest;

    put_shop();
    assert_int_equal(find("order", 2).list.count, 2);
    assert_true(find("order", 2).has_more);
    hidden = S(".email");
    assert_finds("restricted", "");
    assert_finds("orders email", "");
    hidden = S("order_lines");
    hits   = find("order", 1);
    assert_int_equal(hits.list.count, 1);
    assert_str(hits.list.items[0].entry.path, S("sales.orders"));
    assert_false(hits.has_more);
    assert_ok(search_nearest(cx, S("emial"), &reader, &nearest));
    assert_str(nearest, S(""));
    assert_ok(search_nearest(cx, S("ordrs"), &reader, &nearest));
    assert_str(nearest, S("orders"));
    hidden = S(".ship_to");
    put_product("p1", "sales", "orders",
                "apiVersion: v1.0.0\nkind: DataProduct\nid: p1\nname: orders\nstatus: active\n"
                "description: {purpose: where to ship}\n");
    assert_ok(search_put_product(cx, S("p1")));
    assert_finds("ship", "sales.orders");
    assert_ok(search_nearest(cx, S("shipp"), &reader, &nearest));
    assert_str(nearest, S("")); /* it is no name that this reader may know */
    hidden = STR_NONE;
    assert_ok(search_nearest(cx, S("emial"), &reader, &nearest));
    assert_str(nearest, S("email"));
    assert_ok(search_nearest(cx, S("order_liens"), &reader, &nearest));
    assert_str(nearest, S("order lines"));
    assert_ok(search_nearest(cx, S("xyzzy"), &reader, &nearest));
    assert_str(nearest, S(""));
}

/* The order of what a reader sees is the same whatever hidden documents say. */
static void hidden_documents_do_not_move_what_is_seen(void **state)
{
    str before;

    put_shop();
    before = paths("order");
    put_domain("hr", "people");
    put_product("p3", "hr", "order_order", product_text);
    put_port("p3", contract_text);
    put_table("p3", "hr.order_order_v1.order_lines", line_columns, 3);
    assert_ok(search_put_product(cx, S("p3")));
    assert_true(str_has(paths("order"), S("hr.")));
    hidden = S("hr");
    assert_str(paths("order"), before);
    hidden = STR_NONE;
}

/* ------------------------------------------------------------------------- hostile words */

static void words_are_never_syntax(void **state)
{
    static const char *const words[] = {
        "\"",
        "\"\"\" OR a",
        "a\" OR \"b",
        "NEAR(a b, 2)",
        "a AND",
        "NOT",
        "* a",
        "a *",
        "^a",
        "{name} : a",
        "name:a",
        "a-b",
        "- a",
        "-name : a",
        "a + b",
        "(a",
        "a)",
        "a'b",
        "'; DROP x--",
        "\\",
        "%a%",
        "a\x01"
        "b",
        "…",
        "a … b",
        "… *",
        "\xf0\x9f\x98\x80",
        "a\tb\nc",
        "AND OR NOT",
        "\"a\" \"b\" *",
        "rank",
        "search_name",
        "$1",
        "?1",
        "a\"*",
        "\"*",
        "e\xcc\x81",
    };
    struct test_random random = { 42 };

    put_shop();
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct search_hits hits;
        enum status        st = search_find(cx, str_of(words[i]), 5, &reader, &hits);

        if (st != ST_OK && st != ST_INVALID) {
            fail_msg("%s: %s", words[i], f.t.err.text);
        }
        err_clear(cx->err);
    }
    for (int i = 0; i < 500; i++) {
        static const char  letters[] = "ab \"*:{}()^-+'\\\xc3\xa9,.";
        char               text[24];
        size_t             len = test_random_below(&random, sizeof text);
        struct search_hits hits;
        enum status        st;

        for (size_t k = 0; k < len; k++) {
            text[k] = letters[test_random_below(&random, sizeof letters)];
        }
        st = search_find(cx, (str){ text, len }, 5, &reader, &hits);
        if (st != ST_OK && st != ST_INVALID) {
            fail_msg("%.*s: %s", (int)len, text, f.t.err.text);
        }
        err_clear(cx->err);
    }
    assert_finds("gold", "sales.orders");
}

static void no_words_too_many_and_other_bytes_are_refused(void **state)
{
    struct search_hits hits;
    char               many[2 * SEARCH_BYTES_MAX] = { 0 };

    assert_int_equal(search_find(cx, S(""), 1, &reader, &hits), ST_INVALID);
    assert_int_equal(search_find(cx, S(" *** -"), 1, &reader, &hits), ST_INVALID);
    assert_says(cx, "there is no word to look for");
    assert_int_equal(search_find(cx, S("a\xff"), 1, &reader, &hits), ST_INVALID);
    assert_says(cx, "not UTF-8: byte 2");
    assert_int_equal(search_find(cx, S("a b c d e f g h i j k l m n o p q"), 1, &reader, &hits),
                     ST_INVALID);
    assert_says(cx, "at most 16 words");
    memset(many, 'a', sizeof many - 1);
    assert_int_equal(search_find(cx, str_of(many), 1, &reader, &hits), ST_INVALID);
    assert_says(cx, "at most 1024 bytes");
}

/* ------------------------------------------------------------------------- keeping */

static int64_t id_of(const char *words)
{
    return find(words, 1).list.items[0].entry.id;
}

static void a_publish_changes_only_what_is_said_otherwise(void **state)
{
    static const char *const two[] = { "order_id", "phone" };
    int64_t                  column, table;

    put_shop();
    column = id_of("belongs");
    table  = id_of("bestellpositionen");
    assert_ok(search_put_product(cx, S("p1")));
    assert_int_equal(id_of("bestellpositionen"), table);
    put_table("p1", "sales.orders_v1.order_lines", two, 2);
    put_product("p1", "sales", "orders",
                "apiVersion: v1.0.0\nkind: DataProduct\nid: p1\nname: orders\nstatus: active\n"
                "description: {purpose: Purchases}\n");
    assert_ok(search_put_product(cx, S("p1")));
    assert_finds("bought", "");
    assert_finds("purchases", "sales.orders");
    assert_finds("restricted", "");
    assert_finds("phone", LINES ".phone");
    assert_int_equal(id_of("belongs"), column);
    assert_whole();
}

static void a_table_that_is_served_no_longer_is_not_found(void **state)
{
    put_shop();
    assert_ok(table_remove(cx, S("sales.orders_v1.order_lines")));
    assert_ok(search_put_product(cx, S("p1")));
    assert_finds("lines", "");
    assert_finds("restricted", "");
    assert_finds("orders", "sales.orders");
    assert_whole();
}

static void a_renamed_product_is_found_by_its_new_name(void **state)
{
    put_shop();
    put_product("p1", "sales", "purchases", product_text);
    assert_ok(search_put_product(cx, S("p1")));
    assert_finds("purchases", "sales.purchases");
    assert_finds("sales.orders", "");
    assert_whole();
}

static void the_index_can_be_made_anew_from_nothing(void **state)
{
    size_t wrong;
    bool   is_current;
    str    before;

    assert_ok(search_is_current(cx, &is_current));
    assert_false(is_current);
    put_shop();
    before = paths("order");
    assert_ok(search_rebuild(cx));
    assert_ok(search_is_current(cx, &is_current));
    assert_true(is_current);
    assert_str(paths("order"), before);
    assert_whole();
    put_domain("sales", "other things");
    assert_ok(search_check(cx, &wrong));
    assert_int_equal(wrong, 1);
    assert_ok(search_rebuild(cx));
    assert_whole();
}

static void other_words_than_those_of_the_entries_are_damage(void **state)
{
    static const struct db_stmt change = { "change",
                                           "UPDATE search_entry SET about = 'forged' WHERE id > $1",
                                           1 };
    size_t                      wrong;

    put_shop();
    assert_ok(db_run(cx, &change, DB_ARGS(db_i64(0))));
    assert_ok(search_check(cx, &wrong));
    assert_int_equal(wrong, 6); /* domain, product, table, three columns */
    assert_int_equal(search_check_words(cx), ST_CORRUPT);
}

static void a_document_that_is_lost_or_unreadable_leaves_names(void **state)
{
    put_domain("sales", "sells things");
    put_product("p1", "sales", "orders", "no: [yaml");
    put_port("p1", "\xff");
    put_table("p1", "sales.orders_v1.order_lines", line_columns, 3);
    assert_ok(search_put_product(cx, S("p1")));
    assert_finds("lines", LINES);
    assert_finds("email", LINES ".email");
    assert_whole();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(everything_that_documents_say_is_found),
        CASE(values_and_settings_are_not_found),
        CASE(names_are_found_by_their_parts_and_beginnings),
        CASE(accents_and_case_do_not_matter),
        CASE(words_of_the_table_narrow_and_do_not_find_all_of_it),
        CASE(better_matches_stand_first),
        CASE(what_is_hidden_does_not_count),
        CASE(hidden_documents_do_not_move_what_is_seen),
        CASE(words_are_never_syntax),
        CASE(no_words_too_many_and_other_bytes_are_refused),
        CASE(a_publish_changes_only_what_is_said_otherwise),
        CASE(a_table_that_is_served_no_longer_is_not_found),
        CASE(a_renamed_product_is_found_by_its_new_name),
        CASE(the_index_can_be_made_anew_from_nothing),
        CASE(other_words_than_those_of_the_entries_are_damage),
        CASE(a_document_that_is_lost_or_unreadable_leaves_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
