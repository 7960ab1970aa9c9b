/*
 * life.h - how long a major of a port lives, by its documents.
 *
 * A major is deprecated when its documents say so, or when its support has ended; it has ended when its sunset,
 * the end of its life, has come. Dates are those of the contract's slaProperties (ODCS v3.1.0, "SLA":
 * endOfSupport, endOfLife); a date is its first moment in UTC.
 *
 * Pure: the time is given. Texts live in the arena given.
 */
#ifndef CONTRACT_LIFE_H
#define CONTRACT_LIFE_H

#include "base/time.h"
#include "standard/odcs.h"

struct life {
    bool    is_marked; /* the documents say deprecated or retired, whatever the date */
    bool    has_support, has_sunset;
    int64_t support_us, sunset_us; /* zero without has_support, has_sunset */
};

enum life_stage {
    LIFE_ACTIVE,
    LIFE_DEPRECATED,
    LIFE_ENDED /* not withdrawn by itself: that is done by weft tick */
};

/* Of a contract and what the product's document says of its port. */
struct life life_of(const struct odcs_contract *contract, bool is_port_deprecated);

enum life_stage life_stage_at(const struct life *life, int64_t now_us);

/* Days until the sunset, the one that has begun included; 0 when it has come, or none is stated. */
int64_t life_days_left(const struct life *life, int64_t now_us);

/* "2027-01-31"; with the time when it is not the first moment of the day. */
str life_day(struct arena *a, int64_t us);

/*
 * "deprecated, sunset 2027-01-31 (33 days left)", "deprecated, its sunset was 2026-01-31", "deprecated", "sunset
 * 2027-01-31 (33 days left)"; empty for a major that is active and has no end.
 */
str life_text(struct arena *a, const struct life *life, int64_t now_us);

#endif
