/*
 * guard_fuzz.c - whatever the bytes are, the guard answers, and what it approves names nothing that is
 * forbidden.
 *
 * The oracle does not use the walk: the approved text is parsed by another connection, and its tree is
 * searched for functions off the list, relations the resolver did not name, and anything but SELECT.
 * The first byte chooses the use.
 */
#include "guard/guard.h"

#include <stdlib.h>

#include "codec/json.h"
#include "engine/engine_duckdb.h"
#include "os/clock.h"

/*
 * The engine keeps a few objects after errors, and their stacks end in libstdc++ where frames are
 * walked fast. C code of ours never allocates through it.
 */
const char *__lsan_default_suppressions(void); /* NOLINT: the name is the sanitizer's */
const char *__lsan_default_suppressions(void)  /* NOLINT: the name is the sanitizer's */
{
    return "leak:libduckdb.so\nleak:libstdc++.so\n";
}

static struct guard       *guard;
static struct engine      *engine;
static struct engine_conn *conn;

static void must(int ok)
{
    if (!ok) {
        abort();
    }
}

static const struct guard_column columns[] = {
    { .name = STR_INIT("id"), .type = STR_INIT("BIGINT") },
    { .name = STR_INIT("name"), .type = STR_INIT("VARCHAR") },
};

static enum status resolve(struct guard_resolver *self, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out);

static struct guard_resolver   resolver = { .resolve = resolve };
static const struct guard_view view     = {
        .text = { STR_INIT("view"), STR_INIT("WITH c AS (FROM a.b) SELECT id, name FROM c UNION ALL "
                                                 "SELECT -id, c.name FROM a.c AS c, c AS d") },
        .resolver = &resolver
};

/* Every name in two or three parts whose last begins with a letter below "n" is a relation; "m" is a view. */
static enum status resolve(struct guard_resolver *self, struct ctx *cx,
                           const struct guard_name *name, struct guard_relation *out)
{
    (void)self;
    if (name->schema.len == 0 || name->table.len == 0 || name->table.ptr[0] < 'a' ||
        name->table.ptr[0] > 'n') {
        return FAIL(cx, NOT_FOUND, "no such table");
    }
    *out = (struct guard_relation){ .kind         = GUARD_TABLE,
                                    .key          = name->table,
                                    .columns      = columns,
                                    .column_count = COUNT_OF(columns),
                                    .catalog      = S("mesh data"),
                                    .schema       = S("only"),
                                    .table        = S("this") };
    if (str_eq(name->table, S("m"))) {
        out->kind = GUARD_VIEW;
        out->view = &view;
    }
    return ST_OK;
}

static str text_of(const struct json *v, const char *name)
{
    return json_text_or(json_get(v, str_of(name)), S(""));
}

static bool is_table_function(str name)
{
    static const char *const allowed[] = { "generate_series", "json_each", "json_tree",
                                           "range",           "repeat",    "unnest" };

    for (size_t i = 0; i < COUNT_OF(allowed); i++) {
        if (str_eq(name, str_of(allowed[i]))) {
            return true;
        }
    }
    return false;
}

static void check_call(const struct json *v, enum guard_use use, bool in_from)
{
    str name = text_of(v, "function_name"), schema = text_of(v, "schema");

    must(in_from ? is_table_function(name) : guard_function_is_allowed(name, use));
    must(schema.len == 0 || str_eq(schema, S("main")) || str_eq(schema, S("pg_catalog")));
}

/* Relations are the resolver's, or unqualified names that cannot be a file. */
static void check_table(const struct json *v)
{
    str name = text_of(v, "table_name"), schema = text_of(v, "schema_name");

    if (schema.len > 0 || text_of(v, "catalog_name").len > 0) {
        must(str_eq(text_of(v, "catalog_name"), S("mesh data")) && str_eq(schema, S("only")) &&
             str_eq(name, S("this")));
        return;
    }
    size_t at;
    must(!str_find_char(name, '.', &at) && !str_find_char(name, '/', &at) &&
         !str_find_char(name, '*', &at) && !str_find_char(name, ':', &at));
}

static void search(const struct json *v, enum guard_use use, bool in_from)
{
    if (json_is(v, JSON_ARRAY)) {
        for (size_t i = 0; i < v->count; i++) {
            search(v->items[i], use, false);
        }
    } else if (json_is(v, JSON_OBJECT)) {
        str type = text_of(v, "type");

        must(!str_eq(type, S("SHOW_REF")) && !str_eq(type, S("COLUMN_DATA")));
        if (json_get(v, S("function_name"))) {
            check_call(v, use, in_from);
        }
        if (str_eq(type, S("BASE_TABLE"))) {
            check_table(v);
        }
        for (size_t i = 0; i < v->count; i++) {
            search(v->members[i].value, use,
                   str_eq(type, S("TABLE_FUNCTION")) && str_eq(v->members[i].key, S("function")));
        }
    }
}

static void judge(struct ctx *cx, const struct guard_approved *approved, enum guard_use use)
{
    static const struct json_limits limits = { 64 << 20, 2000, 8000000 };
    const struct engine_value       args[] = { ENGINE_ARG_TEXT(approved->sql) };
    const struct engine_statement   parse  = { .sql  = S("SELECT json_serialize_sql($1::VARCHAR)"),
                                               .args = args,
                                               .arg_count = 1 };
    struct engine_table             table;
    struct json                    *doc;

    must(engine_rows(conn, cx, &parse, &table) == ST_OK);
    must(json_read(cx, engine_cell(&table, 0, 0), "tree", &limits, &doc) == ST_OK);
    must(!json_truth_or(json_get(doc, S("error")), true));
    must(json_get(doc, S("statements"))->count == 1);
    search(doc, use, false);
    for (size_t i = 1; i < approved->place_count; i++) {
        must(approved->places[i - 1].printed <= approved->places[i].printed);
    }
}

static void open_once(struct ctx *cx)
{
    const struct engine_options options = { .threads = 1 };

    if (!guard) {
        must(guard_open(cx, &guard) == ST_OK);
        must(engine_duckdb_open(cx, &options, &engine) == ST_OK);
        must(engine_connect(engine, cx, &conn) == ST_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = { 0 };
    struct ctx cx = { .arena = arena_new("fuzz", (size_t)512 << 20), .err = &err, .env = os_env() };
    struct diags          findings = { 0 };
    struct guard_approved approved = { 0 };

    open_once(&cx);
    enum guard_use             use = size > 0 ? (enum guard_use)(data[0] % 3) : GUARD_QUERY;
    const struct guard_request rq  = {
         .text     = { S("fuzz"), { (const char *)data + (size > 0), size - (size > 0) } },
         .use      = use,
         .resolver = &resolver
    };
    enum status st = guard_approve(guard, &cx, &rq, &findings, &approved);
    if (st == ST_OK) {
        judge(&cx, &approved, use);
    } else {
        must((st == ST_INVALID || st == ST_LIMIT) && findings.errors > 0 && approved.sql.len == 0);
    }
    arena_free(cx.arena);
    return 0;
}
