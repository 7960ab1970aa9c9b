/*
 * rights.c - rights of roles on a mesh; the table is rights.def.
 */
#include "policy/policy_int.h"

enum { RIGHTS = POLICY_RIGHT_AUDIT + 1, CONSUMER = 5 };

enum reach { NO, OWN, YES };

static const struct {
    str        role;
    enum reach reach[RIGHTS];
} rights[] = {
#define ROLE(name, ...) { STR_INIT(name), { __VA_ARGS__ } },
#include "policy/rights.def"
#undef ROLE
};

const char *policy_right_name(enum policy_right right)
{
    static const char *const names[RIGHTS] = { "query",  "catalog", "publish", "operate",
                                               "govern", "steward", "audit" };

    return names[right];
}

static enum reach reach_of(str role, enum policy_right right)
{
    for (size_t i = 0; i < COUNT_OF(rights); i++) {
        if (str_eq(rights[i].role, role)) {
            return rights[i].reach[right];
        }
    }
    return rights[CONSUMER].reach[right];
}

static bool belongs_to(const struct policy_subject *subject, str domain)
{
    const struct slot_values *domains = &subject->slots[SLOT_DOMAIN];

    for (size_t i = 0; i < domains->count; i++) {
        if (str_eq(domains->items[i].text, domain)) {
            return true;
        }
    }
    return false;
}

/* A role of a team counts for its own domain, even where the role itself reaches further. */
bool policy_has_right(const struct policy_subject *subject, enum policy_right right, str domain)
{
    const struct slot_values *roles;

    if (subject->is_operator || rights[CONSUMER].reach[right] == YES) {
        return true;
    }
    roles = &subject->slots[SLOT_ROLE];
    for (size_t i = 0; i < roles->count; i++) {
        const struct value *role  = &roles->items[i];
        enum reach          reach = reach_of(role->text, right);
        bool is_here = role->scope.len == 0 ? reach == YES || belongs_to(subject, domain)
                                            : str_eq(role->scope, domain);

        if (reach != NO && is_here) {
            return true;
        }
    }
    return false;
}
