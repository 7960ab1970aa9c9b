/*
 * guard_kit.c - see guard_kit.h. The resolver knows sales.orders.items, sales.orders.lines,
 * sales.people.items and source.raw; each is a table of the same name in the engine under test.
 */
#include "guard_kit.h"

#include "os/clock.h"

#include <stdio.h>

static const struct guard_column item_columns[] = {
    { .field_id = 1, .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .field_id = 2, .name = STR_INIT("name"), .type = STR_INIT("VARCHAR") },
    { .field_id = 3, .name = STR_INIT("price"), .type = STR_INIT("DECIMAL(10,2)") },
    { .field_id = 4, .name = STR_INIT("day"), .type = STR_INIT("DATE") },
    { .field_id = 5, .name = STR_INIT("tags"), .type = STR_INIT("VARCHAR[]") },
    { .field_id = 6,
      .name     = STR_INIT("place"),
      .type     = STR_INIT("STRUCT(city VARCHAR, zip VARCHAR)") },
    { .field_id = 7, .name = STR_INIT("doc"), .type = STR_INIT("JSON") },
    { .field_id = 8, .name = STR_INIT("ok"), .type = STR_INIT("BOOLEAN") },
};

/* Full names; a name without its first part means the same, except for sources. */
static const struct {
    str full, catalog, schema, table;
} tables[] = {
    { STR_INIT("sales.orders.items"), STR_INIT("sales"), STR_INIT("orders"), STR_INIT("items") },
    { STR_INIT("sales.orders.lines"), STR_INIT("sales"), STR_INIT("orders"), STR_INIT("lines") },
    { STR_INIT("sales.people.items"), STR_INIT("sales"), STR_INIT("people"), STR_INIT("items") },
    { STR_INIT("source.raw"), STR_INIT("source"), STR_INIT("main"), STR_INIT("raw") },
};

static str written(struct ctx *cx, const struct guard_name *name)
{
    str full = name->table;

    if (name->schema.len > 0) {
        full = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(name->schema), STR_ARG(full));
    }
    if (name->catalog.len > 0) {
        full = arena_printf(cx->arena, STR_FMT "." STR_FMT, STR_ARG(name->catalog), STR_ARG(full));
    }
    return full;
}

static enum status resolve(struct guard_resolver *resolver, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    str full = written(cx, name), first, rest;

    (void)resolver;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        bool is_product = str_split(tables[i].full, '.', &first, &rest) && str_has(rest, S("."));

        if (str_eq_nocase(full, tables[i].full) || (is_product && str_eq_nocase(full, rest))) {
            *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                            .key          = tables[i].full,
                                            .columns      = item_columns,
                                            .column_count = COUNT_OF(item_columns),
                                            .catalog      = tables[i].catalog,
                                            .schema       = tables[i].schema,
                                            .table        = tables[i].table };
            return ST_OK;
        }
    }
    if (str_eq(full, S("sales.orders.broken"))) {
        return FAIL(cx, CONFLICT, "\"sales.orders.broken\" is being repaired");
    }
    if (str_eq(full, S("sales.orders.gone"))) {
        return FAIL(cx, UNAVAILABLE, "the registry does not answer");
    }
    return FAIL(cx, NOT_FOUND, "no such table: hidden detail");
}

static enum status candidates(struct guard_resolver *resolver, struct ctx *cx,
                              const struct guard_name *name, const str **out, size_t *out_count)
{
    str *names = arena_array(cx->arena, COUNT_OF(tables), sizeof(*names));

    (void)resolver;
    (void)name;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        names[i] = tables[i].full;
    }
    *out       = names;
    *out_count = COUNT_OF(tables);
    return ST_OK;
}

void kit_reset(struct kit *kit)
{
    arena_free(kit->cx.arena);
    kit->cx = (struct ctx){ .arena = arena_new("test", (size_t)512 << 20),
                            .err   = &kit->err,
                            .env   = os_env(),
                            .actor = S("operator") };
    err_clear(&kit->err);
    kit->findings = (struct diags){ 0 };
}

void kit_open(struct kit *kit)
{
    *kit = (struct kit){ .resolver = { resolve, candidates } };
    kit_reset(kit);
    if (guard_open(&kit->cx, &kit->guard) != ST_OK) {
        BUG("the guard does not open");
    }
}

void kit_close(struct kit *kit)
{
    guard_close(kit->guard);
    arena_free(kit->cx.arena);
}

enum status kit_approve(struct kit *kit, enum guard_use use, str sql, struct guard_approved *out)
{
    const struct guard_request rq = { .text     = { S("query"), sql },
                                      .use      = use,
                                      .resolver = &kit->resolver };

    kit_reset(kit);
    *out = (struct guard_approved){ 0 };
    return guard_approve(kit->guard, &kit->cx, &rq, &kit->findings, out);
}

str kit_rule(const struct kit *kit)
{
    for (size_t i = 0; i < kit->findings.list.count; i++) {
        if (kit->findings.list.items[i].severity == DIAG_ERROR) {
            return kit->findings.list.items[i].rule;
        }
    }
    return S("");
}

str kit_read(struct ctx *cx, const char *path)
{
    static char bytes[KIT_FILE_MAX];
    FILE       *file = fopen(path, "rb");
    size_t      len  = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

    if (!file || len == sizeof(bytes)) {
        BUG("a test's data file is missing or too big");
    }
    fclose(file);
    return arena_dup(cx->arena, (str){ bytes, len });
}
