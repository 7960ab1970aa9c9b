/*
 * mask_coarse_test.c - ZIP codes and addresses.
 */
#include "policy/mask.h"

#include "test.h"

#include "mask_kit.h"

static void zip_codes_keep_three_digits(void **state)
{
    static const struct mask_case cases[] = {
        { "94110", "94100" },
        { "94110-1234", "94100" },
        { "02139", "02100" },
        { "00000", "00000" },
        { "", "00000" },
        { "9411", "00000" },
        { "941100", "00000" },
        { "941101234", "00000" },
        { "94110 1234", "00000" },
        { "94110-123", "00000" },
        { "94110-12345", "00000" },
        { "9411a", "00000" },
        { "94110-12a4", "00000" },
        { " 94110", "00000" },
        { "SW1A 1AA", "00000" },
        { "９４１", "00000" }, /* full-width digits */
    };

    mask_check("weft_mask_zip3", NULL, cases, CASES(cases));
}

/* The 17 areas of the guidance, and no other of the thousand. */
static void areas_with_few_people_are_not_told(void **state)
{
    static const char *const few =
        "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893";
    struct mask_kit kit;
    size_t          count = 0;

    mask_kit_init(&kit);
    for (int area = 1; area < 1000; area++) {
        str  zip    = arena_printf(kit.cx.arena, "%03d21-0007", area);
        str  prefix = str_sub(zip, 0, 3);
        bool is_few = str_has(str_of(few), prefix);
        str  wanted = is_few ? S("00000") : arena_concat(kit.cx.arena, prefix, S("00"));

        count += is_few;
        assert_true(str_eq(mask_kit_run(&kit, "weft_mask_zip3", NULL, zip), wanted));
        assert_true(str_eq(mask_kit_run(&kit, "weft_mask_zip3", NULL, str_sub(zip, 0, 5)), wanted));
    }
    assert_int_equal(count, 17);
    mask_kit_release(&kit);
}

static void addresses_become_their_network(void **state)
{
    static const struct mask_case cases[] = {
        { "198.51.100.23", "198.51.100.0" },
        { "0.0.0.1", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.0" },
        { "10.9.1.100", "10.9.1.0" },
        { "2001:db8:7:1::42", "2001:db8:7::" },
        { "2001:0DB8:0007:0001:0000:0000:0000:0042", "2001:db8:7::" },
        { "2001:db8::1", "2001:db8::" },
        { "2001::1", "2001::" },
        { "::1", "::" },
        { "::", "::" },
        { "0:5:6::1", "0:5:6::" },
        { "0:0:6::1", "0:0:6::" },
        { "1:0:6::1", "1:0:6::" },
        { "fe80::1", "fe80::" },
        { "::ffff:192.0.2.1", "::" },
        { "64:ff9b::192.0.2.1", "64:ff9b::" },
        { "", "0.0.0.0" },
        { "localhost", "0.0.0.0" },
        { "192.0.2", "0.0.0.0" },
        { "192.0.2.256", "0.0.0.0" },
        { "192.0.02.1", "0.0.0.0" },
        { "192.0.2.1 ", "0.0.0.0" },
        { "192.0.2.1/24", "0.0.0.0" },
        { "192.0.2.1:80", "0.0.0.0" },
        { "0x7f.0.0.1", "0.0.0.0" },
        { "1:2:3:4:5:6:7", "0.0.0.0" },
        { "1::2::3", "0.0.0.0" },
        { "fe80::1%eth0", "0.0.0.0" },
        { "[2001:db8::1]", "0.0.0.0" },
        { "12345::", "0.0.0.0" },
        { "0000:0000:0000:0000:0000:ffff:255.255.255.2555555", "0.0.0.0" },
    };
    struct mask_kit kit;

    mask_check("weft_mask_ip", NULL, cases, CASES(cases));
    mask_kit_init(&kit);
    assert_true(
        str_eq(mask_kit_run(&kit, "weft_mask_ip", NULL, (str){ "1.2.3.4\0x", 9 }), S("0.0.0.0")));
    mask_kit_release(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zip_codes_keep_three_digits),
        cmocka_unit_test(areas_with_few_people_are_not_told),
        cmocka_unit_test(addresses_become_their_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
