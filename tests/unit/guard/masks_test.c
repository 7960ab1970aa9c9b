/*
 * masks_test.c - nobody calls a mask by name, in whatever form: who can call a keyed one can try values.
 */
#include "guard/guard.h"

#include "test.h"

#include "base/buf.h"
#include "guard/guard_int.h"
#include "guard_kit.h"
#include "policy/mask.h"

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

/* Each %s is the name of a mask. */
static const char *const forms[] = {
    "SELECT %s('x')",
    "SELECT %s('x', '1')",
    "SELECT %s(1, '1')",
    "SELECT system.main.%s('x', '1')",
    "SELECT main.%s('x', '1')",
    "SELECT memory.main.%s('x', '1')",
    "SELECT \"%s\"('x', '1')",
    "SELECT \"system\".\"main\".\"%s\"('x', '1')",
    "SELECT name.%s('1') FROM orders.items",
    "SELECT id FROM orders.items WHERE %s(name, '1') = 'x'",
    "SELECT id FROM orders.items ORDER BY %s(name, '1')",
    "SELECT count(*) FROM orders.items GROUP BY %s(name, '1')",
    "SELECT id FROM orders.items QUALIFY %s(name, '1') = 'x'",
    "SELECT list_transform(tags, x -> %s(x, '1')) FROM orders.items",
    "SELECT list_transform(tags, lambda x: %s(x, '1')) FROM orders.items",
    "SELECT list_aggregate(tags, '%s') FROM orders.items",
    "SELECT max(%s(name, '1')) OVER () FROM orders.items",
    "WITH c AS (SELECT %s(name, '1') AS h FROM orders.items) SELECT h FROM c",
    "SELECT (SELECT %s(i.name, '1')) FROM orders.items i",
    "SELECT * FROM %s('x', '1')",
    "VALUES (%s('x', '1'))",
};

/* The guard's test kit throws its arena away at each question. */
static str fill(struct buf *out, const char *form, str name)
{
    size_t at = 0;

    assert_true(str_find(str_of(form), S("%s"), &at));
    buf_reset(out);
    buf_add(out, str_sub(str_of(form), 0, at));
    buf_add(out, name);
    buf_add(out, str_from(str_of(form), at + 2));
    return buf_view(out);
}

static void no_mask_is_callable_in_any_form(void **state)
{
    static const enum guard_use uses[]               = { GUARD_QUERY, GUARD_BUILD, GUARD_CHECK };
    struct buf text             CLEANUP(buf_release) = BUF_INIT(1000);
    struct guard_approved       approved;
    size_t                      wrong = 0;

    for (size_t i = 0; i < POLICY_MASK_COUNT; i++) {
        str name = policy_mask_functions[i].name;

        assert_null(guard_function_find(name));
        for (size_t u = 0; u < CASES(uses); u++) {
            assert_true(!guard_function_is_allowed(name, uses[u]));
            for (size_t k = 0; k < CASES(forms); k++) {
                str sql = fill(&text, forms[k], name);

                approved = (struct guard_approved){ 0 };
                if (kit_approve(&kit, uses[u], sql, &approved) != ST_INVALID ||
                    approved.sql.len > 0 || !str_eq(kit_rule(&kit), S("guard.function"))) {
                    print_error("%.*s: %.*s %.*s\n", STR_ARG(sql), STR_ARG(kit_rule(&kit)),
                                STR_ARG(err_text(&kit.err)));
                    wrong++;
                }
            }
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_mask_is_callable_in_any_form),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
