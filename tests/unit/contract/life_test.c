/*
 * life_test.c - when a major is deprecated, when it has ended, and how that is said.
 */
#include "contract/life.h"

#include "support/test_ctx.h"
#include "test.h"

#define HEAD(status)                                                                               \
    "apiVersion: v3.1.0\nkind: DataContract\nid: i\nversion: 1.0.0\nstatus: " status               \
    "\nschema: []\n"
#define SLA(name, value) "  - {property: " name ", value: " value "}\n"
#define ENDS(es, el)     "slaProperties:\n" SLA("endOfSupport", es) SLA("endOfLife", el)

static struct test_ctx t;
static struct ctx     *cx;

static int set_up(void **state)
{
    cx = test_ctx_init(&t, 1);
    return 0;
}

static int tear_down(void **state)
{
    test_ctx_release(&t);
    return 0;
}

static struct life read_life(const char *text, bool is_port_deprecated)
{
    struct diag_text      source = { S("c.odcs.yaml"), str_of(text) };
    struct diags          diags  = { 0 };
    struct odcs_contract *made   = NULL;

    assert_int_equal(odcs_read(cx, &source, STD_STRICT, &diags, &made), ST_OK);
    assert_int_equal(diags.errors, 0);
    return life_of(made, is_port_deprecated);
}

static int64_t at(const char *text)
{
    int64_t us = 0;

    assert_true(time_parse(str_of(text), &us));
    return us;
}

static const struct stage_case {
    const char     *name, *text;
    bool            is_port_deprecated;
    const char     *now;
    enum life_stage stage;
    int64_t         days;
    const char     *says;
} stage_cases[] = {
    { "nothing is said", HEAD("active"), false, "2026-11-29", LIFE_ACTIVE, 0, "" },
    { "the contract says it", HEAD("deprecated"), false, "2026-11-29", LIFE_DEPRECATED, 0,
      "deprecated" },
    { "in capitals", HEAD("Deprecated"), false, "2026-11-29", LIFE_DEPRECATED, 0, "deprecated" },
    { "retired", HEAD("retired"), false, "2026-11-29", LIFE_DEPRECATED, 0, "deprecated" },
    { "a draft", HEAD("draft"), false, "2026-11-29", LIFE_ACTIVE, 0, "" },
    { "the product says it", HEAD("active"), true, "2026-11-29", LIFE_DEPRECATED, 0, "deprecated" },
    { "a moment before support ends", HEAD("active") ENDS("2026-12-01", "2027-01-01"), false,
      "2026-11-30T23:59:59.999999Z", LIFE_ACTIVE, 32, "sunset 2027-01-01 (32 days left)" },
    { "support ends", HEAD("active") ENDS("2026-12-01", "2027-01-01"), false, "2026-12-01",
      LIFE_DEPRECATED, 31, "deprecated, sunset 2027-01-01 (31 days left)" },
    { "the last day", HEAD("active") ENDS("2026-12-01", "2027-01-01"), false,
      "2026-12-31T00:00:01Z", LIFE_DEPRECATED, 1, "deprecated, sunset 2027-01-01 (1 day left)" },
    { "a moment before the sunset", HEAD("active") ENDS("2026-12-01", "2027-01-01"), false,
      "2026-12-31T23:59:59.999999Z", LIFE_DEPRECATED, 1,
      "deprecated, sunset 2027-01-01 (1 day left)" },
    { "the sunset", HEAD("active") ENDS("2026-12-01", "2027-01-01"), false, "2027-01-01",
      LIFE_ENDED, 0, "deprecated, its sunset was 2027-01-01" },
    { "only a sunset", HEAD("active") "slaProperties:\n" SLA("endOfLife", "2027-01-01"), false,
      "2027-01-02", LIFE_ENDED, 0, "deprecated, its sunset was 2027-01-01" },
    { "only an end of support", HEAD("active") "slaProperties:\n" SLA("endOfSupport", "2026-01-01"),
      false, "2026-11-29", LIFE_DEPRECATED, 0, "deprecated" },
    { "short forms and any case",
      HEAD("active") "slaProperties:\n" SLA("ES", "2026-01-01") SLA("eL", "2026-12-01"), false,
      "2026-11-30", LIFE_DEPRECATED, 1, "deprecated, sunset 2026-12-01 (1 day left)" },
    { "a time of another zone",
      HEAD("deprecated") "slaProperties:\n" SLA("el", "2026-12-01T09:30:10-08:00"), false,
      "2026-12-01T17:30:09Z", LIFE_DEPRECATED, 1,
      "deprecated, sunset 2026-12-01T17:30:10Z (1 day left)" },
    { "... has come", HEAD("deprecated") "slaProperties:\n" SLA("el", "2026-12-01T09:30:10-08:00"),
      false, "2026-12-01T17:30:10Z", LIFE_ENDED, 0,
      "deprecated, its sunset was 2026-12-01T17:30:10Z" },
    { "before 1970 and at its beginning", HEAD("active") "slaProperties:\n" SLA("el", "1970-01-01"),
      false, "1970-01-01", LIFE_ENDED, 0, "deprecated, its sunset was 1970-01-01" },
    { "no dates end nothing", HEAD("active") ENDS("5", "soon"), false, "2026-11-29", LIFE_ACTIVE, 0,
      "" },
    { "a part ends nothing",
      HEAD("active") "slaProperties:\n"
                     "  - {property: endOfLife, value: 2020-01-01, element: o.p}\n",
      false, "2026-11-29", LIFE_ACTIVE, 0, "" },
    { "the first date holds",
      HEAD("active") "slaProperties:\n" SLA("el", "never") SLA("el", "2027-01-01")
          SLA("el", "2020-01-01"),
      false, "2026-12-31", LIFE_ACTIVE, 1, "sunset 2027-01-01 (1 day left)" },
};

static void a_major_is_deprecated_and_ends_by_its_documents(void **state)
{
    for (size_t i = 0; i < CASES(stage_cases); i++) {
        const struct stage_case *c    = &stage_cases[i];
        struct life              life = read_life(c->text, c->is_port_deprecated);
        int64_t                  now  = at(c->now);
        str                      says = life_text(cx->arena, &life, now);

        if (life_stage_at(&life, now) != c->stage || life_days_left(&life, now) != c->days ||
            !str_eq(says, str_of(c->says))) {
            fail_msg("%s: stage %d, %lld days, \"%.*s\"", c->name, (int)life_stage_at(&life, now),
                     (long long)life_days_left(&life, now), STR_ARG(says));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_major_is_deprecated_and_ends_by_its_documents, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
