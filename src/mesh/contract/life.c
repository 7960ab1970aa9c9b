/*
 * life.c - stages of a major's life, and their words.
 */
#include "contract/life.h"

struct life life_of(const struct odcs_contract *contract, bool is_port_deprecated)
{
    struct life life = { 0 };
    int64_t     at;

    life.is_marked = is_port_deprecated || str_eq_nocase(contract->status.v, S("deprecated")) ||
                     str_eq_nocase(contract->status.v, S("retired"));
    if (odcs_sla_end(contract, ODCS_END_OF_SUPPORT, &at)) {
        life.has_support = true;
        life.support_us  = at;
    }
    if (odcs_sla_end(contract, ODCS_END_OF_LIFE, &at)) {
        life.has_sunset = true;
        life.sunset_us  = at;
    }
    return life;
}

enum life_stage life_stage_at(const struct life *life, int64_t now_us)
{
    if (life->has_sunset && now_us >= life->sunset_us) {
        return LIFE_ENDED;
    }
    return life->is_marked || (life->has_support && now_us >= life->support_us) ? LIFE_DEPRECATED
                                                                                : LIFE_ACTIVE;
}

int64_t life_days_left(const struct life *life, int64_t now_us)
{
    if (!life->has_sunset || now_us >= life->sunset_us) {
        return 0;
    }
    return (life->sunset_us - now_us - 1) / US_PER_DAY + 1;
}

str life_day(struct arena *a, int64_t us)
{
    return us % US_PER_DAY == 0 ? date_text(a, us / US_PER_DAY) : time_text(a, us);
}

str life_text(struct arena *a, const struct life *life, int64_t now_us)
{
    enum life_stage stage = life_stage_at(life, now_us);
    str             day   = life->has_sunset ? life_day(a, life->sunset_us) : STR_NONE;
    int64_t         days  = life_days_left(life, now_us);

    if (stage == LIFE_ENDED) {
        return arena_printf(a, "deprecated, its sunset was " STR_FMT, STR_ARG(day));
    }
    if (!life->has_sunset) {
        return stage == LIFE_DEPRECATED ? S("deprecated") : STR_NONE;
    }
    return arena_printf(a, "%ssunset " STR_FMT " (%lld day%s left)",
                        stage == LIFE_DEPRECATED ? "deprecated, " : "", STR_ARG(day),
                        (long long)days, days == 1 ? "" : "s");
}
