/*
 * registry_test.c - what the mesh knows, over a real store.
 */
#include "registry/registry.h"

#include "support/test_db.h"

static struct test_db f;
static struct ctx    *cx;
static struct db     *db;

static int set_up(void **state)
{
    struct db_module schema = registry_schema();

    test_db_init(&f);
    cx = f.cx;
    db = test_db_open(&f, DB_MODE_CREATE);
    assert_ok(db_migrate(db, cx, &schema, 1, NULL));
    assert_ok(db_begin(db, cx, DB_WRITE));
    assert_ok(registry_put_document(cx, S("d1"), S("id: a\0b")));
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(cx);
    db_close(db);
    test_db_release(&f);
    return 0;
}

static struct registry_product product(const char *id, const char *domain, const char *name)
{
    return (struct registry_product){ .id          = str_of(id),
                                      .domain      = str_of(domain),
                                      .name        = str_of(name),
                                      .status      = S("active"),
                                      .description = S("what it is for"),
                                      .owner       = S("team \xc3\xa4"),
                                      .from     = { S("git"), S("a/product.odps.yaml"), S("abc") },
                                      .document = S("d1") };
}

static enum registry_change put(const char *id, const char *domain, const char *name)
{
    struct registry_product p = product(id, domain, name);
    enum registry_change    change;

    if (registry_put_product(cx, &p, &change) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
    return change;
}

static void documents_are_kept_once_as_they_were(void **state)
{
    str bytes = STR_NONE;

    assert_ok(registry_put_document(cx, S("d1"), S("other bytes of the same name")));
    assert_ok(registry_document(cx, S("d1"), &bytes));
    assert_str(bytes, S("id: a\0b"));
    assert_ok(registry_put_document(cx, S("d2"), S("")));
    assert_ok(registry_document(cx, S("d2"), &bytes));
    assert_int_equal(bytes.len, 0);
    assert_int_equal(registry_document(cx, S("d3"), &bytes), ST_NOT_FOUND);
    assert_says(cx, "d3");
}

static void domains_are_new_once(void **state)
{
    struct registry_domain  d = { .name     = S("sales"),
                                  .purpose  = S("sell"),
                                  .from     = { S("git"), S("p"), S("r") },
                                  .document = S("d1") };
    struct registry_domains all;
    struct registry_domain  one;
    enum registry_change    change;
    int64_t                 first = f.t.now_us;

    assert_int_equal(registry_domain(cx, S("sales"), &one), ST_NOT_FOUND);
    assert_says(cx, "no product of domain \"sales\" was ever published");
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_int_equal(change, REGISTRY_NEW);
    f.t.now_us += 5;
    d.purpose = S("sell more");
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_int_equal(change, REGISTRY_SAME);
    assert_ok(registry_put_document(cx, S("d2"), S("x")));
    d.document = S("d2");
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_int_equal(change, REGISTRY_CHANGED);
    assert_ok(registry_domain(cx, S("sales"), &one));
    assert_str(one.document, S("d2"));
    d.name = S("art");
    assert_ok(registry_put_domain(cx, &d, &change));
    assert_int_equal(change, REGISTRY_NEW);
    assert_ok(registry_domains(cx, &all));
    assert_int_equal(all.list.count, 2);
    assert_str(all.list.items[0].name, S("art"));
    assert_str(all.list.items[1].purpose, S("sell more"));
    assert_int_equal(all.list.items[1].first_us, first);
}

static void a_team_is_the_one_of_the_newest_document(void **state)
{
    struct registry_domain d    = { .name = S("sales"), .document = S("d1") };
    struct registry_team   team = { .name = S("desk"), .email = S("desk@example.org") }, read;
    enum registry_change   change;

    assert_ok(registry_put_domain(cx, &d, &change));
    assert_ok(registry_team(cx, S("sales"), &read));
    assert_int_equal(read.name.len + read.members.count, 0);
    vec_push(cx->arena, &team.members, (struct registry_member){ S("ada"), S("owner"), S("") });
    vec_push(cx->arena, &team.members,
             (struct registry_member){ S("bo"), S("steward"), S("bo@example.org") });
    assert_ok(registry_put_team(cx, S("sales"), &team));
    assert_ok(registry_team(cx, S("sales"), &read));
    assert_str(read.name, S("desk"));
    assert_str(read.email, S("desk@example.org"));
    assert_int_equal(read.members.count, 2);
    assert_str(read.members.items[1].name, S("bo"));
    assert_str(read.members.items[1].email, S("bo@example.org"));
    team.members.items[0].name = S("bo");
    team.members.count         = 1;
    assert_ok(registry_put_team(cx, S("sales"), &team));
    assert_ok(registry_team(cx, S("sales"), &read));
    assert_int_equal(read.members.count, 1);
    assert_str(read.members.items[0].name, S("bo"));
    assert_str(read.members.items[0].role, S("owner"));
}

static void products_are_known_by_id_and_address(void **state)
{
    struct registry_product p;
    bool                    is_alias = true;
    int64_t                 first    = f.t.now_us;

    assert_int_equal(registry_product(cx, S("p1"), &p), ST_NOT_FOUND);
    assert_int_equal(registry_product_at(cx, S("sales"), S("orders"), &p, NULL), ST_NOT_FOUND);
    assert_says(cx, "\"sales.orders\" was never published");
    assert_int_equal(put("p1", "sales", "orders"), REGISTRY_NEW);
    f.t.now_us += 1000;
    assert_int_equal(put("p1", "sales", "orders"), REGISTRY_SAME);
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    assert_false(is_alias);
    assert_str(p.id, S("p1"));
    assert_str(p.owner, S("team \xc3\xa4"));
    assert_str(p.from.revision, S("abc"));
    assert_int_equal(p.first_us, first);
    assert_int_equal(p.published_us, 0);
    assert_ok(registry_mark_published(cx, S("p1"), S("run")));
    assert_ok(registry_product(cx, S("p1"), &p));
    assert_int_equal(p.published_us, f.t.now_us);
    assert_str(p.publish_id, S("run"));
}

static void an_address_belongs_to_one_id(void **state)
{
    struct registry_product p = product("p2", "sales", "orders");
    enum registry_change    change;

    put("p1", "sales", "orders");
    assert_int_equal(registry_put_product(cx, &p, &change), ST_CONFLICT);
    assert_says(cx, "\"p1\"");
    put("p2", "sales", "returns");
    p = product("p2", "sales", "orders"); /* and no rename takes it */
    assert_int_equal(registry_put_product(cx, &p, &change), ST_CONFLICT);
    assert_ok(registry_product(cx, S("p2"), &p));
    assert_str(p.name, S("returns"));
}

static void a_rename_leaves_an_alias_for_a_while(void **state)
{
    struct registry_product p;
    bool                    is_alias = false;

    put("p1", "sales", "orders");
    assert_int_equal(put("p1", "shop", "orders"), REGISTRY_RENAMED);
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    assert_true(is_alias);
    assert_str(p.id, S("p1"));
    assert_str(p.domain, S("shop"));
    f.t.now_us += REGISTRY_ALIAS_US - 1;
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    f.t.now_us += 1;
    assert_int_equal(registry_product_at(cx, S("sales"), S("orders"), &p, NULL), ST_NOT_FOUND);
    assert_ok(registry_product_at(cx, S("shop"), S("orders"), &p, &is_alias));
    assert_false(is_alias);
}

/* Who lives at an address is found before who lived there. */
static void an_alias_yields_to_a_new_owner(void **state)
{
    struct registry_product p;
    bool                    is_alias = true;

    put("p1", "sales", "orders");
    put("p1", "sales", "bookings");
    assert_int_equal(put("p2", "sales", "orders"), REGISTRY_NEW);
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    assert_str(p.id, S("p2"));
    assert_false(is_alias);
    put("p2", "sales", "returns"); /* the later owner has the alias now */
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    assert_str(p.id, S("p2"));
    assert_int_equal(put("p1", "sales", "orders"), REGISTRY_RENAMED); /* and back again */
    assert_ok(registry_product_at(cx, S("sales"), S("orders"), &p, &is_alias));
    assert_str(p.id, S("p1"));
    assert_ok(registry_product_at(cx, S("sales"), S("bookings"), &p, &is_alias));
    assert_str(p.id, S("p1"));
    assert_true(is_alias);
}

static void put_port(const char *version, unsigned major, const char *publish)
{
    struct registry_port p = { .product_id  = S("p1"),
                               .name        = S("orders"),
                               .major       = major,
                               .version     = str_of(version),
                               .contract_id = S("orders-c"),
                               .status      = S("active"),
                               .is_open     = major == 2,
                               .description = S(""),
                               .path        = S("a/orders.odcs.yaml"),
                               .document    = S("d1"),
                               .publish_id  = str_of(publish) };

    if (registry_put_port(cx, &p) != ST_OK) {
        fail_msg("%s", f.t.err.text);
    }
}

static void ports_have_one_version_for_each_major(void **state)
{
    struct registry_ports ports;
    struct registry_port  port;
    int64_t               first = f.t.now_us;

    put("p1", "sales", "orders");
    put_port("1.0.0", 1, "run1");
    f.t.now_us += 10;
    put_port("2.0.0", 2, "run2");
    put_port("1.1.0", 1, "run2");
    put_port("1.1.0", 1, "run3"); /* the same version again */
    assert_ok(registry_ports(cx, S("p1"), &ports));
    assert_int_equal(ports.list.count, 2);
    assert_str(ports.list.items[0].version, S("2.0.0"));
    assert_true(ports.list.items[0].is_open);
    assert_str(ports.list.items[1].version, S("1.1.0"));
    assert_str(ports.list.items[1].product_id, S("p1"));
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_str(port.publish_id, S("run3"));
    assert_int_equal(port.first_us, first);
    assert_int_equal(port.published_us, f.t.now_us);
    assert_int_equal(registry_port(cx, S("p1"), S("orders"), 3, &port), ST_NOT_FOUND);
    assert_says(cx, "no published major 3");
    assert_ok(registry_ports(cx, S("p9"), &ports));
    assert_int_equal(ports.list.count, 0);
}

static void a_major_ends_when_it_is_withdrawn_and_may_come_back(void **state)
{
    struct registry_port    p = { .product_id = S("p1"),
                                  .name       = S("orders"),
                                  .major      = 1,
                                  .version    = S("1.0.0"),
                                  .document   = S("d1"),
                                  .publish_id = S("run1"),
                                  .life = { .has_sunset = true, .sunset_us = 0, .is_marked = true } };
    struct registry_port    port;
    struct registry_ports   ports;
    struct registry_product owner;

    put("p1", "sales", "orders");
    assert_ok(registry_put_port(cx, &p));
    assert_ok(registry_mark_published(cx, S("p1"), S("run1")));
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_true(port.life.is_marked && port.life.has_sunset && !port.life.has_support);
    assert_int_equal(port.life.sunset_us, 0);
    assert_int_equal(port.withdrawn_us, 0);
    f.t.now_us += 7;
    assert_ok(registry_withdraw_port(cx, &port));
    assert_ok(registry_ports(cx, S("p1"), &ports));
    assert_int_equal(ports.list.items[0].withdrawn_us, f.t.now_us);
    assert_ok(registry_product(cx, S("p1"), &owner));
    assert_false(registry_port_is_gone(&owner, &port));
    assert_ok(registry_mark_published(cx, S("p1"), S("run2")));
    assert_ok(registry_product(cx, S("p1"), &owner));
    assert_true(registry_port_is_gone(&owner, &port));
    p.life         = (struct life){ .has_support = true, .support_us = 5 };
    p.withdrawn_us = 0;
    assert_ok(registry_put_port(cx, &p));
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_int_equal(port.withdrawn_us, 0);
    assert_true(port.life.has_support && !port.life.has_sunset && !port.life.is_marked);
    assert_int_equal(port.life.support_us, 5);
}

/* A program that did not look left the columns empty: the documents tell. */
static void the_end_of_a_port_of_an_older_store_is_in_its_documents(void **state)
{
    static const struct db_stmt forget = { "forget", "UPDATE port SET is_deprecated = NULL", 0 };
    struct registry_port        p      = { .product_id = S("p1"),
                                           .name       = S("orders"),
                                           .major      = 1,
                                           .version    = S("1.0.0"),
                                           .document   = S("c"),
                                           .publish_id = S("run1") };
    struct registry_port        port;
    struct registry_ports       ports;
    struct registry_product     owner = product("p1", "sales", "orders");
    enum registry_change        change;
    int64_t                     sunset;
    bool                        is_settled;

    assert_true(time_parse(S("2027-01-31"), &sunset));
    assert_ok(registry_put_document(
        cx, S("c"),
        S("apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nstatus: active\n"
          "schema: []\nslaProperties:\n  - {property: el, value: 2027-01-31}\n")));
    assert_ok(registry_put_document(
        cx, S("odps"),
        S("apiVersion: v1.1.0\nkind: DataProduct\nid: p1\nname: orders\nstatus: active\n"
          "outputPorts:\n  - {name: orders, version: 2.0.0}\n"
          "  - {name: orders, version: 1.0.0, deprecated: true}\n")));
    owner.document = S("odps");
    assert_ok(registry_put_product(cx, &owner, &change));
    assert_ok(registry_put_port(cx, &p));
    p.major   = 2;
    p.version = S("2.0.0");
    assert_ok(registry_put_port(cx, &p));
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_false(port.life.has_sunset || port.life.is_marked);
    assert_ok(registry_is_settled(cx, &is_settled));
    assert_true(is_settled);
    assert_ok(db_run(cx, &forget, DB_NO_ARGS));
    assert_ok(registry_is_settled(cx, &is_settled));
    assert_false(is_settled);
    assert_ok(registry_settle(cx));
    assert_ok(registry_is_settled(cx, &is_settled));
    assert_true(is_settled);
    assert_ok(registry_port(cx, S("p1"), S("orders"), 1, &port));
    assert_true(port.life.has_sunset && port.life.is_marked);
    assert_int_equal(port.life.sunset_us, sunset);
    assert_ok(registry_ports(cx, S("p1"), &ports));
    assert_int_equal(ports.list.count, 2);
    assert_true(ports.list.items[0].life.has_sunset && !ports.list.items[0].life.is_marked);
    assert_true(ports.list.items[1].life.is_marked);
}

/* A port of a product that is not there is our own mistake, and nothing that is kept. */
static void a_port_has_a_product(void **state)
{
    struct registry_port p = {
        .product_id = S("p9"), .name = S("x"), .major = 1, .document = S("d1")
    };

    assert_int_not_equal(registry_put_port(cx, &p), ST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents_are_kept_once_as_they_were, set_up, tear_down),
        cmocka_unit_test_setup_teardown(domains_are_new_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_team_is_the_one_of_the_newest_document, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(products_are_known_by_id_and_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_address_belongs_to_one_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rename_leaves_an_alias_for_a_while, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_alias_yields_to_a_new_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ports_have_one_version_for_each_major, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_major_ends_when_it_is_withdrawn_and_may_come_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_a_port_of_an_older_store_is_in_its_documents,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_port_has_a_product, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
