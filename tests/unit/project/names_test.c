/*
 * names_test.c - names, derived names, addresses with majors, versions.
 */
#include "project/names.h"

#include "test.h"

#include "support/test_ctx.h"

#define LONG63 "a23456789_123456789_123456789_123456789_123456789_123456789_123"

static void names_are_lower_case_words(void **state)
{
    static const struct {
        const char *name;
        bool        ok, has_major;
    } cases[] = {
        { "orders", true, false },
        { "_x9", true, false },
        { "", false, false },
        { "9x", false, false },
        { "Orders", false, false },
        { "or-ders", false, false },
        { "or ders", false, false },
        { "\xc3\xa4", false, false },
        { LONG63, true, false },
        { LONG63 "4", false, false },
        { "orders_v2", true, true },
        { "orders_v0", true, true },
        { "orders_v02", true, true },
        { "orders_v", true, false },
        { "orders_v2x", true, false },
        { "_v2", true, false },
        { "ordersv2", true, false },
        { "a_v1_v2", true, true },
        { "a_v18446744073709551616", true, false },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        if (name_is_valid(str_of(cases[i].name)) != cases[i].ok ||
            name_has_major(str_of(cases[i].name)) != cases[i].has_major) {
            fail_msg("\"%s\"", cases[i].name);
        }
    }
    assert_true(name_is_reserved_domain(S("mesh")));
    assert_true(name_is_reserved_product(S("main")));
    assert_false(name_is_reserved_domain(S("sales")));
    assert_false(name_is_reserved_product(S("mesh")));
}

static void foreign_names_become_names(void **state)
{
    static const struct {
        const char *foreign, *name, *product;
    } cases[] = {
        { "Sepal Length (cm)", "sepal_length_cm", NULL },
        { "orders", "orders", NULL },
        { "2024 orders", "_2024_orders", NULL },
        { "a--b__c", "a_b_c", NULL },
        { "--", "_", NULL },
        { "", "_", NULL },
        { "\xc3\xa4rger", "rger", NULL },
        { "x.", "x", NULL },
        { LONG63 "xyz", LONG63, NULL },
        { "Orders v2", "orders_v2", "ordersv2" },
        { "a_v1_v2", "a_v1_v2", "a_v1v2" },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        str name    = name_derive(cx->arena, str_of(cases[i].foreign));
        str product = name_derive_product(cx->arena, str_of(cases[i].foreign));

        if (!str_eq(name, str_of(cases[i].name)) ||
            !str_eq(product, str_of(cases[i].product ? cases[i].product : cases[i].name))) {
            fail_msg("\"%s\" gives \"" STR_FMT "\" and \"" STR_FMT "\"", cases[i].foreign,
                     STR_ARG(name), STR_ARG(product));
        }
        assert_true(name_is_valid(name));
        assert_false(name_has_major(product));
    }
    for (int i = 0; i < 5000; i++) { /* any bytes at all */
        char   bytes[80];
        size_t len = test_random_below(&t.random, sizeof bytes);

        test_ctx_random(&t.env, bytes, sizeof bytes);
        assert_true(name_is_valid(name_derive(cx->arena, (str){ bytes, len })));
    }
    test_ctx_release(&t);
}

static void addresses_are_parsed_and_made(void **state)
{
    static const struct {
        const char *text, *domain, *product, *table; /* domain NULL: none */
        unsigned    major;
    } cases[] = {
        { "sales.orders", "sales", "orders", "", 0 },
        { "sales.orders.lines", "sales", "orders", "lines", 0 },
        { "sales.orders_v2", "sales", "orders", "", 2 },
        { "sales.orders_v12.lines_v3", "sales", "orders", "lines_v3", 12 },
        { "sales_v2.orders", "sales_v2", "orders", "", 0 },
        { "sales.orders_v100000", "sales", "orders", "", 100000 },
        { "sales.orders_v0", NULL, NULL, NULL, 0 },
        { "sales.orders_v02", NULL, NULL, NULL, 0 },
        { "sales.orders_v100001", NULL, NULL, NULL, 0 },
        { "sales", NULL, NULL, NULL, 0 },
        { "sales.", NULL, NULL, NULL, 0 },
        { ".orders", NULL, NULL, NULL, 0 },
        { "sales.orders.", NULL, NULL, NULL, 0 },
        { "a.b.c.d", NULL, NULL, NULL, 0 },
        { "Sales.orders", NULL, NULL, NULL, 0 },
        { "sales..orders", NULL, NULL, NULL, 0 },
        { "", NULL, NULL, NULL, 0 },
    };
    struct test_ctx t;
    struct ctx     *cx = test_ctx_init(&t, 1);

    for (size_t i = 0; i < CASES(cases); i++) {
        struct address a = { .major = 77 };

        if (address_parse(str_of(cases[i].text), &a) != (cases[i].domain != NULL)) {
            fail_msg("\"%s\"", cases[i].text);
        }
        if (!cases[i].domain) {
            assert_int_equal(a.major, 77);
            continue;
        }
        assert_true(str_eq(a.domain, str_of(cases[i].domain)));
        assert_true(str_eq(a.product, str_of(cases[i].product)));
        assert_true(str_eq(a.table, str_of(cases[i].table)));
        assert_int_equal(a.major, cases[i].major);
        if (a.major && a.table.len) {
            assert_true(str_eq(address_table(cx->arena, a.domain, a.product, a.major, a.table),
                               str_of(cases[i].text)));
        } else if (a.major) {
            assert_true(str_eq(address_product(cx->arena, a.domain, a.product, a.major),
                               str_of(cases[i].text)));
        }
    }
    test_ctx_release(&t);
}

static void versions_are_numbers_in_order(void **state)
{
    static const struct {
        const char    *text;
        bool           ok;
        struct version v;
    } cases[] = {
        { "2", true, { 2, 0, 0 } },
        { "v2", true, { 2, 0, 0 } },
        { "V2.1", true, { 2, 1, 0 } },
        { " 2.1.3 ", true, { 2, 1, 3 } },
        { "2.1.0-rc1", true, { 2, 1, 0 } },
        { "2+build", true, { 2, 0, 0 } },
        { "100000.0.0", true, { 100000, 0, 0 } },
        { "100001", false, { 0, 0, 0 } },
        { "", false, { 0, 0, 0 } },
        { "v", false, { 0, 0, 0 } },
        { "2.", false, { 0, 0, 0 } },
        { "2.1.", false, { 0, 0, 0 } },
        { "2.1.3.", false, { 0, 0, 0 } },
        { "2.1.3.4", false, { 0, 0, 0 } },
        { "2.x", false, { 0, 0, 0 } },
        { "-1", false, { 0, 0, 0 } },
        { "latest", false, { 0, 0, 0 } },
        { "2 1", false, { 0, 0, 0 } },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct version v = { 9, 9, 9 };

        if (version_parse(str_of(cases[i].text), &v) != cases[i].ok ||
            (cases[i].ok && version_cmp(v, cases[i].v) != 0)) {
            fail_msg("\"%s\"", cases[i].text);
        }
    }
    assert_true(version_cmp((struct version){ 1, 2, 3 }, (struct version){ 1, 10, 0 }) < 0);
    assert_true(version_cmp((struct version){ 2, 0, 0 }, (struct version){ 1, 10, 9 }) > 0);
    assert_true(version_cmp((struct version){ 1, 2, 3 }, (struct version){ 1, 2, 4 }) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_lower_case_words),
        cmocka_unit_test(foreign_names_become_names),
        cmocka_unit_test(addresses_are_parsed_and_made),
        cmocka_unit_test(versions_are_numbers_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
