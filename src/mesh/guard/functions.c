/*
 * functions.c - the list of functions and its look-up.
 */
#include "guard/guard_int.h"

/* clang-format off */
#define FN(name_, class_, check_, argument_, bound_) \
    { STR_INIT(name_), GUARD_FN_##class_, GUARD_ARG_##check_, argument_, bound_ },
static const struct guard_function functions[] = {
#include "guard/functions.def"
};
#undef FN

/* Functions that may stand in FROM. Everything else there reads files, settings or the catalog. */
static const str table_functions[] = {
    STR_INIT("generate_series"), STR_INIT("json_each"), STR_INIT("json_tree"), STR_INIT("range"),
    STR_INIT("repeat"), STR_INIT("unnest"),
};
/* clang-format on */

size_t guard_function_count(void)
{
    return COUNT_OF(functions);
}

const struct guard_function *guard_function_at(size_t index)
{
    return &functions[index];
}

const struct guard_function *guard_function_find(str name)
{
    size_t low = 0, high = COUNT_OF(functions);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int    order  = str_cmp(name, functions[middle].name);

        if (order == 0) {
            return &functions[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const char *guard_class_reason(enum guard_class klass)
{
    switch (klass) {
    case GUARD_FN_LEAKPROOF:
    case GUARD_FN_PURE:
    case GUARD_FN_VOLATILE: return "";
    case GUARD_FN_BUILD: return "it is for product SQL only";
    case GUARD_FN_STATE: return "it reads or changes state of the engine";
    case GUARD_FN_SETTING: return "it reads settings of the engine";
    case GUARD_FN_CATALOG: return "it tells about the engine, its catalog or its statistics";
    case GUARD_FN_CODE: return "it works on SQL text";
    case GUARD_FN_WAIT: return "it only waits";
    case GUARD_FN_INTERNAL: return "it is internal to the engine";
    }
    BUG("function class");
}

bool guard_table_function_is_allowed(str name)
{
    for (size_t i = 0; i < COUNT_OF(table_functions); i++) {
        if (str_eq(name, table_functions[i])) {
            return true;
        }
    }
    return false;
}

bool guard_function_is_allowed(str name, enum guard_use use)
{
    const struct guard_function *f = guard_function_find(name);

    return f && (f->klass < GUARD_FN_BUILD || (f->klass == GUARD_FN_BUILD && use == GUARD_BUILD));
}
