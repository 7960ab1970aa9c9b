/*
 * load_test.c - a folder tree becomes a project: what binds to what, and every finding on the way.
 *
 * Each case takes a small sound mesh, puts other files in place of some of its own, and says the one
 * finding that this must give, with its place.
 */
#include "project/project.h"

#include "test.h"

#include "support/test_dir.h"

struct file {
    const char *path, *text; /* text "": the file is taken away */
};

/* ---- texts ---- */

#define DOMAIN(name) "apiVersion: weft/v1\nkind: Domain\nname: " name "\n"
#define HEAD(id)     "apiVersion: v1.0.0\nkind: DataProduct\nid: " id "\nstatus: active\n"
#define IN(name, version, contract)                                                                \
    "  - {name: " name ", version: " version ", contractId: " contract "}\n"
#define CONTRACT(id, version)                                                                      \
    "apiVersion: v3.1.0\nkind: DataContract\nid: " id "\nversion: " version "\nstatus: active\n"
#define SERVER                 "servers:\n  - {server: files, type: local, path: t.csv, format: csv}\n"
#define SUNSET                 "slaProperties:\n  - {property: endOfLife, value: 2999-01-31}\n"
#define SCHEMA(table, columns) "schema:\n  - name: " table "\n    properties:\n" columns
#define COLUMN(name, type)     "      - {name: " name ", logicalType: " type "}\n"
#define PRODUCT(id, name, inputs, outputs)                                                         \
    HEAD(id) "name: " name "\ninputPorts:\n" inputs "outputPorts:\n" outputs

#define O "domains/sales/orders/"
#define T "domains/sales/totals/"

static const struct file sound[] = {
    { "mesh.yaml", "apiVersion: weft/v1\nkind: Mesh\nname: shop\n" },
    { "domains/sales/domain.yaml", DOMAIN("sales") },
    { O "product.odps.yaml", PRODUCT("orders-id", "orders", IN("till", "1.0.0", "till"),
                                     IN("orders", "1.0.0", "orders-c")) },
    { O "source.odcs.yaml",
      CONTRACT("till", "1.0.0") SERVER SCHEMA("till", COLUMN("id", "integer")) },
    { O "orders.odcs.yaml",
      CONTRACT("orders-c", "1.0.0") SCHEMA("orders", COLUMN("id", "integer")) },
    { O "orders.sql", "SELECT id FROM source.till\n" },
    { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                     IN("totals", "1.0.0", "totals-c")) },
    { T "totals.odcs.yaml",
      CONTRACT("totals-c", "1.0.0") SCHEMA("totals", COLUMN("n", "integer")) },
    { T "totals.sql", "SELECT count(*) AS n FROM sales.orders.orders\n" },
};

enum { FILES_MAX = 5 };

static const struct file *find_file(const struct file *files, size_t count, const char *path)
{
    for (size_t i = 0; i < count && files[i].path; i++) {
        if (str_eq(str_of(files[i].path), str_of(path))) {
            return &files[i];
        }
    }
    return NULL;
}

/* The sound mesh with `changes` (ended by an empty path, or FILES_MAX of them) put over it. */
static void write_mesh(struct test_dir *d, const struct file *changes)
{
    for (size_t i = 0; i < CASES(sound); i++) {
        if (!find_file(changes, FILES_MAX, sound[i].path)) {
            test_dir_write(d, sound[i].path, str_of(sound[i].text));
        }
    }
    for (size_t i = 0; i < FILES_MAX && changes[i].path; i++) {
        if (changes[i].text[0]) {
            test_dir_write(d, changes[i].path, str_of(changes[i].text));
        }
    }
}

static struct project *load(struct test_dir *d, const char *environment, struct diags *diags)
{
    struct project_options o       = { .dir = d->path, .environment = str_of(environment) };
    struct project        *project = NULL;

    if (project_load(&d->cx, &o, diags, &project) != ST_OK) {
        fail_msg("%s", d->err.text);
    }
    return project;
}

static void list_findings(const struct diags *diags)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const struct diag *f = &diags->list.items[i];

        print_error(STR_FMT ":%u:%u: " STR_FMT " [" STR_FMT "] = " STR_FMT "\n", STR_ARG(f->file),
                    f->pos.line, f->pos.column, STR_ARG(f->message), STR_ARG(f->rule),
                    STR_ARG(f->hint));
    }
}

/* ---- what is sound ---- */

static const struct file no_changes[FILES_MAX];

static void a_sound_mesh_is_bound(void **state)
{
    struct test_dir         d;
    struct ctx             *cx    = test_dir_init(&d);
    struct diags            diags = { 0 };
    struct project         *project;
    struct project_table   *table;
    struct project_port    *port;
    struct project_product *orders, *totals;

    write_mesh(&d, no_changes);
    project = load(&d, "", &diags);
    if (diags.list.count) {
        list_findings(&diags);
        fail();
    }
    assert_int_equal(project->products.count, 2);
    assert_true(str_eq(project->name, S("shop")));
    orders = project_find(project, S("sales.orders"));
    totals = project_find(project, S("totals"));
    assert_non_null(orders);
    assert_non_null(totals);
    assert_ptr_equal(project_find(project, S("sales.orders_v1.orders")), orders);
    assert_null(project_find(project, S("sales.nothing")));
    port = project_port_of(orders, 0, S("orders"), &table);
    assert_non_null(port);
    assert_ptr_equal(project_port_of(orders, 1, S("orders"), &table), port);
    assert_null(project_port_of(orders, 2, S("orders"), &table));
    assert_true(str_eq(table->address, S("sales.orders_v1.orders")));
    assert_true(str_eq(table->sql_text, S("SELECT id FROM source.till\n")));
    assert_true(str_eq(table->columns[0].type_text, S("BIGINT")));
    assert_int_equal(orders->inputs.items[0]->kind, PROJECT_INPUT_SOURCE);
    assert_true(str_eq(orders->inputs.items[0]->tables[0].address, S("source.till")));
    assert_int_equal(totals->inputs.items[0]->kind, PROJECT_INPUT_PORT);
    assert_ptr_equal(totals->inputs.items[0]->upstream, port);
    assert_false(orders->is_broken || totals->is_broken);
    assert_int_equal(orders->docs.count, 4);
    (void)cx;
    test_dir_release(&d);
}

static void a_plain_copy_needs_no_sql(void **state)
{
    static const struct file changes[FILES_MAX] = { { O "orders.sql", "" } };
    struct test_dir          d;
    struct diags             diags = { 0 };
    struct project_table    *table;

    test_dir_init(&d);
    write_mesh(&d, changes);
    assert_non_null(
        project_port_of(project_find(load(&d, "", &diags), S("orders")), 1, S("orders"), &table));
    assert_int_equal(diags.list.count, 0);
    assert_null(table->sql);
    assert_true(str_eq(table->sql_text, S("SELECT \"id\" FROM source.till")) ||
                str_eq(table->sql_text, S("SELECT id FROM source.till")));
    test_dir_release(&d);
}

/* Two majors side by side, steps of both, and a source nobody described but the program. */
static void majors_lie_in_their_folders(void **state)
{
    static const struct file changes[FILES_MAX] = {
        { O "product.odps.yaml",
          PRODUCT("orders-id", "orders", IN("till", "1.0.0", "till"),
                  IN("orders", "2.0.0", "orders-c") IN("orders", "1.4.0", "orders-c")) },
        { O "orders.odcs.yaml",
          CONTRACT("orders-c", "2.0.0") SCHEMA("orders", COLUMN("id", "string")) },
        { O "v1/orders.odcs.yaml",
          CONTRACT("orders-c", "1.4.0") SUNSET SCHEMA("orders", COLUMN("id", "integer")) },
        { O "source.odcs.yaml", "" },
    };
    struct test_dir         d;
    struct diags            diags = { 0 };
    struct project_product *p;
    struct project_table   *old, *now;

    test_dir_init(&d);
    write_mesh(&d, changes);
    test_dir_write(&d, O "weft.lock",
                   S(CONTRACT("till", "1.0.0") SERVER SCHEMA("till", COLUMN("id", "integer"))));
    test_dir_write(&d, O "v1/orders.sql", S("SELECT 1 AS id"));
    test_dir_write(&d, O "steps/clean.sql", S("SELECT 2"));
    test_dir_write(&d, O "v1/steps/clean.sql", S("SELECT 1"));
    test_dir_write(&d, O "v1/v2/ignored.sql", S("SELECT 1")); /* majors do not nest */
    p = project_find(load(&d, "", &diags), S("orders"));
    if (diags.list.count) {
        list_findings(&diags);
        fail();
    }
    assert_int_equal(p->newest_major, 2);
    assert_non_null(project_port_of(p, 1, S("orders"), &old));
    assert_non_null(project_port_of(p, 0, S("orders"), &now));
    assert_true(str_eq(old->sql_text, S("SELECT 1 AS id")));
    assert_true(str_eq(now->sql->text.name, S(O "orders.sql")));
    assert_int_equal(p->steps.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct project_step *s = &p->steps.items[i];

        assert_int_equal(s->major, str_starts(s->sql->text.name, S(O "v1/")) ? 1 : 2);
    }
    assert_non_null(p->inputs.items[0]->server);
    assert_true(p->ports.items[1]->life.has_sunset);
    assert_ptr_equal(project_successor(p->ports.items[1], 0), p->ports.items[0]);
    assert_ptr_equal(project_successor(p->ports.items[0], 0), p->ports.items[1]);
    assert_null(project_successor(p->ports.items[0], INT64_MAX)); /* its sunset has come */
    assert_true(str_eq(project_port_address(d.cx.arena, p->ports.items[1]), S("sales.orders_v1")));
    test_dir_release(&d);
}

/* What the product's document says of its ports, or of itself, counts like the contract's status. */
static void a_port_may_be_deprecated_by_its_product(void **state)
{
    static const struct {
        const char *product, *port;
        bool        is_marked;
    } cases[] = { { "", "", false },
                  { "", ", deprecated: true", true },
                  { "", ", deprecated: false", false },
                  { "deprecated: true\n", "", true } };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct test_dir d;
        struct diags    diags = { 0 };
        struct project *project;

        test_dir_init(&d);
        write_mesh(&d, no_changes);
        test_dir_write(&d, O "product.odps.yaml",
                       arena_printf(d.cx.arena,
                                    "apiVersion: v1.1.0\nkind: DataProduct\nid: orders-id\nstatus: "
                                    "active\nname: orders\n%sinputPorts:\n" IN(
                                        "till", "1.0.0", "till") "outputPorts:\n  - {name: orders, "
                                                                 "version: 1.0.0, contractId: "
                                                                 "orders-c%s}\n",
                                    cases[i].product, cases[i].port));
        project = load(&d, "", &diags);
        assert_int_equal(diags.list.count, 0);
        assert_int_equal(project_find(project, S("orders"))->ports.items[0]->life.is_marked,
                         cases[i].is_marked);
        test_dir_release(&d);
    }
}

/* ---- findings ---- */

struct finding_case {
    const char        *name;
    struct file        files[FILES_MAX];
    enum diag_severity severity;
    const char        *rule, *file;
    uint32_t           line;
    const char        *says, *hint; /* words of both */
    size_t             errors;      /* all that the load finds; warnings and infos count as 0 */
    const char        *environment;
};

static const struct finding_case cases[] = {
    { "an old major without an end",
      { { O "product.odps.yaml",
          PRODUCT("orders-id", "orders", IN("till", "1.0.0", "till"),
                  IN("orders", "2.0.0", "orders-c") IN("orders", "1.0.0", "orders-c")) },
        { O "orders.odcs.yaml",
          CONTRACT("orders-c", "2.0.0") SCHEMA("orders", COLUMN("id", "integer")) },
        { O "v1/orders.odcs.yaml",
          CONTRACT("orders-c", "1.0.0") SCHEMA("orders", COLUMN("id", "integer")) },
        { O "v1/orders.sql", "SELECT id FROM source.till\n" } },
      DIAG_INFO,
      "versions.no-sunset",
      O "v1/orders.odcs.yaml",
      4,
      "the newer sales.orders_v2",
      "endOfLife",
      0,
      "" },
    { "reserved domain",
      { { "domains/mesh/domain.yaml", DOMAIN("mesh") } },
      DIAG_ERROR,
      "names.reserved",
      "domains/mesh/domain.yaml",
      3,
      "\"mesh\"",
      "another name",
      1,
      "" },
    { "domain and folder",
      { { "domains/shop/domain.yaml", DOMAIN("shops") } },
      DIAG_ERROR,
      "names.domain-folder",
      "domains/shop/domain.yaml",
      3,
      "\"shops\" lies in folder \"shop\"",
      "rename",
      1,
      "" },
    { "folder without domain",
      { { "domains/shop/notes.txt", "x" } },
      DIAG_ERROR,
      "names.no-domain",
      "",
      0,
      "domains/shop",
      "new domain",
      1,
      "" },
    { "reserved product",
      { { T "product.odps.yaml", PRODUCT("totals-id", "main", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "names.reserved",
      T "product.odps.yaml",
      5,
      "\"main\"",
      "another name",
      1,
      "" },
    { "product without name",
      { { T "product.odps.yaml",
          HEAD("totals-id") "inputPorts:\n" IN("orders", "1.0.0", "orders-c") "outputPorts:\n" IN(
              "totals", "1.0.0", "totals-c") } },
      DIAG_ERROR,
      "names.no-product-name",
      T "product.odps.yaml",
      1,
      "no name",
      "write name:",
      1,
      "" },
    { "derived product name",
      { { T "product.odps.yaml",
          PRODUCT("totals-id", "Totals v2", IN("orders", "1.0.0", "orders-c"),
                  IN("totals", "1.0.0", "totals-c")) } },
      DIAG_INFO,
      "names.derived",
      T "product.odps.yaml",
      5,
      "as \"totalsv2\"",
      "",
      0,
      "" },
    { "derived table name",
      { { T "totals.odcs.yaml",
          CONTRACT("totals-c", "1.0.0") SCHEMA("Totals", COLUMN("n", "integer")) } },
      DIAG_INFO,
      "names.derived",
      T "totals.odcs.yaml",
      7,
      "\"Totals\" is addressed as \"totals\"",
      "",
      0,
      "" },
    { "other domain in the product",
      { { T "product.odps.yaml",
          "domain: shop\n" PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                   IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "names.domain-differs",
      T "product.odps.yaml",
      1,
      "\"shop\"",
      "",
      1,
      "" },
    { "other domain in the contract",
      { { T "totals.odcs.yaml", "domain: shop\n" CONTRACT("totals-c", "1.0.0")
                                    SCHEMA("totals", COLUMN("n", "integer")) } },
      DIAG_ERROR,
      "names.domain-differs",
      T "totals.odcs.yaml",
      1,
      "\"shop\"",
      "",
      1,
      "" },
    { "one address twice",
      { { T "product.odps.yaml", PRODUCT("totals-id", "orders", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "names.clash",
      T "product.odps.yaml",
      5,
      O "product.odps.yaml",
      "rename",
      1,
      "" },
    { "one id twice",
      { { T "product.odps.yaml", PRODUCT("orders-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "names.id-clash",
      T "product.odps.yaml",
      3,
      "sales.orders",
      "new one",
      1,
      "" },
    { "port without contract",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         "  - {name: totals, version: 1.0.0}\n") } },
      DIAG_ERROR,
      "ports.no-contract",
      T "product.odps.yaml",
      9,
      "\"totals\"",
      "contractId:",
      1,
      "" },
    { "nearly the contract",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "1.0.0", "total-c")) } },
      DIAG_ERROR,
      "ports.no-contract",
      T "product.odps.yaml",
      9,
      "\"total-c\"",
      "did you mean \"totals-c\"?",
      1,
      "" },
    { "majors disagree",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "2.0.0", "totals-c")) } },
      DIAG_ERROR,
      "ports.no-contract",
      T "product.odps.yaml",
      9,
      "major 2",
      "version 1.0.0; majors must agree",
      1,
      "" },
    { "version of port and contract",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "1.1.0", "totals-c")) } },
      DIAG_WARNING,
      "versions.port-differs",
      T "product.odps.yaml",
      9,
      "says version 1.1.0, its contract says 1.0.0",
      "--fix",
      0,
      "" },
    { "major zero",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                                         IN("totals", "0.9.0", "totals-c")) } },
      DIAG_ERROR,
      "versions.zero",
      T "product.odps.yaml",
      9,
      "0.9.0",
      "1.0.0",
      1,
      "" },
    { "two ports of one major",
      { { T "product.odps.yaml",
          PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                  IN("totals", "1.0.0", "totals-c") IN("totals", "1.2.0", "totals-c")) } },
      DIAG_ERROR,
      "ports.twice",
      T "product.odps.yaml",
      10,
      "\"totals\"",
      "one version",
      1,
      "" },
    { "no output port",
      { { T "product.odps.yaml",
          HEAD("totals-id") "name: totals\ninputPorts:\n" IN("orders", "1.0.0", "orders-c") } },
      DIAG_ERROR,
      "ports.none",
      T "product.odps.yaml",
      1,
      "no output port",
      "outputPorts:",
      1,
      "" },
    { "table clash of two ports",
      { { T "product.odps.yaml",
          PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "orders-c"),
                  IN("totals", "1.0.0", "totals-c") IN("more", "1.0.0", "more-c")) },
        { T "more.odcs.yaml",
          CONTRACT("more-c", "1.0.0") SCHEMA("totals", COLUMN("n", "integer")) } },
      DIAG_ERROR,
      "names.table-clash",
      T "more.odcs.yaml",
      7,
      "port \"totals\"",
      "name space",
      1,
      "" },
    { "columns differ by case",
      { { T "totals.odcs.yaml", CONTRACT("totals-c", "1.0.0") SCHEMA(
                                    "totals", COLUMN("n", "integer") COLUMN("N", "integer")) } },
      DIAG_ERROR,
      "names.column-clash",
      T "totals.odcs.yaml",
      10,
      "\"N\"",
      "upper from lower",
      1,
      "" },
    { "no columns",
      { { T "totals.odcs.yaml", CONTRACT("totals-c", "1.0.0") "schema:\n  - name: totals\n" } },
      DIAG_ERROR,
      "types.no-columns",
      T "totals.odcs.yaml",
      7,
      "\"totals\"",
      "properties:",
      1,
      "" },
    { "column without type",
      { { T "totals.odcs.yaml",
          CONTRACT("totals-c", "1.0.0") SCHEMA("totals", "      - {name: n}\n") } },
      DIAG_ERROR,
      "types.missing",
      T "totals.odcs.yaml",
      9,
      "\"n\"",
      "logicalType:",
      1,
      "" },
    { "unpublishable type",
      { { T "totals.odcs.yaml", CONTRACT("totals-c", "1.0.0") SCHEMA(
                                    "totals", "      - {name: n, physicalType: HUGEINT}\n") } },
      DIAG_ERROR,
      "types.not-publishable",
      T "totals.odcs.yaml",
      9,
      "HUGEINT",
      "DECIMAL(38,0)",
      1,
      "" },
    { "unpublishable nested type",
      { { T "totals.odcs.yaml",
          CONTRACT("totals-c", "1.0.0") SCHEMA(
              "totals", "      - {name: n, physicalType: 'STRUCT(a INTEGER, b INTERVAL[])'}\n") } },
      DIAG_ERROR,
      "types.not-publishable",
      T "totals.odcs.yaml",
      9,
      "\"n\" at ",
      "cast to it",
      1,
      "" },
    { "no SQL and an upstream port",
      { { T "totals.sql", "" } },
      DIAG_ERROR,
      "build.no-sql",
      T "totals.odcs.yaml",
      7,
      "\"totals\"",
      T "totals.sql",
      1,
      "" },
    { "no SQL and two sources",
      { { O "orders.sql", "" },
        { O "source.odcs.yaml",
          CONTRACT("till", "1.0.0") SERVER SCHEMA(
              "till",
              COLUMN("id", "integer")) "  - name: more\n    properties:\n" COLUMN("id",
                                                                                  "integer") } },
      DIAG_ERROR,
      "build.no-sql",
      O "orders.odcs.yaml",
      7,
      "\"orders\"",
      O "orders.sql",
      1,
      "" },
    { "SQL for no table",
      { { T "total.sql", "SELECT 1" } },
      DIAG_WARNING,
      "build.unused-sql",
      T "total.sql",
      0,
      "\"total\"",
      "steps/",
      0,
      "" },
    { "contract for no port",
      { { T "more.odcs.yaml",
          CONTRACT("more-c", "1.0.0") SCHEMA("more", COLUMN("n", "integer")) } },
      DIAG_WARNING,
      "ports.unused-contract",
      T "more.odcs.yaml",
      3,
      "\"more-c\"",
      "contractId",
      0,
      "" },
    { "a step whose name is none",
      { { T "steps/1st.sql", "SELECT 1" } },
      DIAG_ERROR,
      "names.step",
      T "steps/1st.sql",
      0,
      "\"1st\"",
      "lower-case",
      1,
      "" },
    { "input unknown",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "1.0.0", "nothing"),
                                         IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "inputs.unknown",
      T "product.odps.yaml",
      7,
      "\"nothing\"",
      "servers:",
      1,
      "" },
    { "input of another major",
      { { T "product.odps.yaml", PRODUCT("totals-id", "totals", IN("orders", "3.0.0", "orders-c"),
                                         IN("totals", "1.0.0", "totals-c")) } },
      DIAG_ERROR,
      "inputs.major",
      T "product.odps.yaml",
      7,
      "no major 3",
      "version:",
      1,
      "" },
    { "input both source and port",
      { { T "copy.odcs.yaml",
          CONTRACT("orders-c", "1.0.0") SERVER SCHEMA("till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "inputs.two",
      T "product.odps.yaml",
      7,
      "a port of \"sales.orders\"",
      "id of its own",
      1,
      "" },
    { "input is a port of two products",
      { { "domains/sales/copies/product.odps.yaml",
          PRODUCT("copies-id", "copies", IN("till", "1.0.0", "till"),
                  IN("copies", "1.0.0", "orders-c")) },
        { "domains/sales/copies/copies.odcs.yaml",
          CONTRACT("orders-c", "1.0.0") SCHEMA("copies", COLUMN("id", "integer")) },
        { "domains/sales/copies/weft.lock",
          CONTRACT("till", "1.0.0") SERVER SCHEMA("till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "inputs.two",
      T "product.odps.yaml",
      7,
      "\"sales.copies\" and of \"sales.orders\"",
      "id of its own",
      1,
      "" },
    { "no server",
      { { O "source.odcs.yaml",
          CONTRACT("till", "1.0.0") SCHEMA("till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "sources.no-server",
      O "source.odcs.yaml",
      1,
      "no server",
      "-e",
      1,
      "" },
    { "two servers",
      { { O "source.odcs.yaml", CONTRACT("till", "1.0.0") SERVER
          "  - {server: more, type: local, path: u.csv, format: csv}\n" SCHEMA(
              "till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "sources.two-servers",
      O "source.odcs.yaml",
      8,
      "\"files\" and \"more\"",
      "environment:",
      1,
      "" },
    { "the server of another environment",
      { { "mesh.yaml", "apiVersion: weft/v1\nkind: Mesh\nname: shop\nenvironments:\n  - {name: "
                       "dev}\n  - {name: prod}\n" },
        { O "source.odcs.yaml",
          CONTRACT("till",
                   "1.0.0") "servers:\n  - {server: files, environment: dev, type: local, path: "
                            "t.csv, format: csv}\n" SCHEMA("till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "sources.no-server",
      O "source.odcs.yaml",
      1,
      "\"prod\"",
      "-e",
      1,
      "prod" },
    { "two sources with one object",
      { { O "product.odps.yaml",
          PRODUCT("orders-id", "orders", IN("till", "1.0.0", "till") IN("more", "1.0.0", "more"),
                  IN("orders", "1.0.0", "orders-c")) },
        { O "more.odcs.yaml",
          CONTRACT("more", "1.0.0") SERVER SCHEMA("Till", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "names.source-clash",
      O "more.odcs.yaml",
      9,
      "object \"till\"",
      "physicalName",
      1,
      "" },
    { "incremental without append",
      { { T "totals.odcs.yaml",
          CONTRACT("totals-c", "1.0.0") "customProperties:\n  - {property: weft.incremental, "
                                        "value: {column: n}}\n" SCHEMA("totals",
                                                                       COLUMN("n", "integer")) } },
      DIAG_ERROR,
      "build.incremental",
      T "totals.odcs.yaml",
      7,
      "replaced by each publish",
      "append",
      1,
      "" },
    { "a view that is appended to",
      { { T "totals.odcs.yaml",
          CONTRACT("totals-c",
                   "1.0.0") "customProperties:\n"
                            "  - {property: weft.build, value: view}\n"
                            "  - {property: weft.materialization, value: append}\n" SCHEMA(
                                "totals", COLUMN("n", "integer")) } },
      DIAG_ERROR,
      "build.view-keys",
      T "totals.odcs.yaml",
      8,
      "\"totals\" is a view",
      "leave it out",
      1,
      "" },
    { "a view without SQL is no copy",
      { { O "orders.sql", "" },
        { O "orders.odcs.yaml",
          CONTRACT("orders-c", "1.0.0") "customProperties:\n"
                                        "  - {property: weft.build, value: view}\n" SCHEMA(
                                            "orders", COLUMN("id", "integer")) } },
      DIAG_ERROR,
      "build.no-sql",
      O "orders.odcs.yaml",
      9,
      "\"orders\"",
      O "orders.sql",
      1,
      "" },
};

static bool is_finding(const struct diag *f, const struct finding_case *c)
{
    return f->severity == c->severity && str_eq(f->rule, str_of(c->rule)) &&
           str_eq(f->file, str_of(c->file)) && f->pos.line == c->line &&
           str_has(f->message, str_of(c->says)) && str_has(f->hint, str_of(c->hint));
}

static void check_case(const struct finding_case *c)
{
    struct test_dir d;
    struct diags    diags = { 0 };
    struct project *project;
    size_t          hits = 0, broken = 0;

    test_dir_init(&d);
    write_mesh(&d, c->files);
    project = load(&d, c->environment, &diags);
    for (size_t i = 0; i < diags.list.count; i++) {
        hits += is_finding(&diags.list.items[i], c);
    }
    for (size_t i = 0; i < project->products.count; i++) {
        broken += project->products.items[i]->is_broken;
    }
    if (hits != 1 || diags.errors != c->errors) {
        list_findings(&diags);
        fail_msg("%s: wanted %s at %s:%u", c->name, c->rule, c->file, c->line);
    }
    if (c->errors && !str_starts(str_of(c->rule), S("names.d")) &&
        !str_eq(str_of(c->rule), S("names.no-domain")) &&
        !str_has(str_of(c->file), S("domain.yaml"))) {
        assert_int_equal(broken, 1); /* the product with the error, and no other */
    }
    test_dir_release(&d);
}

static void every_problem_is_found_at_its_place(void **state)
{
    for (size_t i = 0; i < CASES(cases); i++) {
        check_case(&cases[i]);
    }
}

/* ---- finding a mesh ---- */

static void a_mesh_is_found_from_below(void **state)
{
    struct test_dir        d;
    struct ctx            *cx      = test_dir_init(&d);
    struct diags           diags   = { 0 };
    struct project        *project = NULL;
    struct project_options o;
    str                    root;

    assert_int_equal(project_find_root(cx, d.path, &root), ST_NOT_FOUND);
    assert_true(str_has(err_text(&d.err), S("weft init")));
    write_mesh(&d, no_changes);
    assert_int_equal(project_find_root(cx, test_dir_path(&d, O), &root), ST_OK);
    assert_true(str_eq(root, d.path));
    o = (struct project_options){ .dir = d.path, .environment = S("moon") };
    assert_int_equal(project_load(cx, &o, &diags, &project), ST_NOT_FOUND);
    assert_true(str_has(err_text(&d.err), S("\"moon\"")));
    assert_null(project);
    test_dir_release(&d);
}

/* ---- order ---- */

/* A product that reads the contracts of others: "c:ab" is product c with inputs a and b. */
static void write_chain(struct test_dir *d, const char *what)
{
    struct arena *a    = d->cx.arena;
    str           name = { what, 1 }, inputs = what[2] ? S("inputPorts:\n") : S("");
    str           dir = arena_printf(a, "domains/sales/" STR_FMT "/", STR_ARG(name));

    for (const char *in = what + 2; *in; in++) {
        inputs = arena_printf(a, STR_FMT "  - {name: %c, version: 1.0.0, contractId: %c-c}\n",
                              STR_ARG(inputs), *in, *in);
    }
    test_dir_write(d, arena_printf(a, STR_FMT "product.odps.yaml", STR_ARG(dir)).ptr,
                   arena_printf(a,
                                "apiVersion: v1.0.0\nkind: DataProduct\nid: %c-id\nstatus: active\n"
                                "name: %c\n" STR_FMT "outputPorts:\n"
                                "  - {name: %c, version: 1.0.0, contractId: %c-c}\n",
                                *what, *what, STR_ARG(inputs), *what, *what));
    test_dir_write(
        d, arena_printf(a, STR_FMT "c.odcs.yaml", STR_ARG(dir)).ptr,
        arena_printf(a, CONTRACT("%c-c", "1.0.0") SCHEMA("t", COLUMN("n", "integer")), *what));
    test_dir_write(d, arena_printf(a, STR_FMT "t.sql", STR_ARG(dir)).ptr, S("SELECT 1 AS n"));
}

static void products_are_ordered(void **state)
{
    static const struct {
        const char *products[5];
        const char *wanted; /* "" = all */
        const char *order;
        size_t      cycles;
        const char *says;
    } orders[] = {
        { { "a:b", "b:c", "c:" }, "", "cba", 0, "" },
        { { "a:", "b:", "c:ab" }, "", "abc", 0, "" },
        { { "a:bc", "b:d", "c:d", "d:" }, "", "dbca", 0, "" },
        { { "a:b", "b:c", "c:" }, "ac", "ca", 0, "" },
        { { "a:b", "b:a", "c:" }, "", "c", 1, "sales.a → sales.b → sales.a" },
        { { "a:a" }, "", "", 1, "sales.a → sales.a" },
        { { "a:b", "b:c", "c:b", "d:" }, "", "ad", 1, "sales.b → sales.c → sales.b" },
        { { "a:b", "b:ac", "c:b", "d:" }, "", "d", 2, "sales.b → sales.c → sales.b" },
    };

    for (size_t i = 0; i < CASES(orders); i++) {
        struct test_dir          d;
        struct ctx              *cx    = test_dir_init(&d);
        struct diags             diags = { 0 };
        struct project          *project;
        struct project_product **out, *wanted[5];
        size_t                   count, wanted_count = 0;
        bool                     says = orders[i].cycles == 0;

        test_dir_write(&d, "mesh.yaml", str_of(sound[0].text));
        test_dir_write(&d, "domains/sales/domain.yaml", str_of(sound[1].text));
        for (size_t k = 0; k < 5 && orders[i].products[k]; k++) {
            write_chain(&d, orders[i].products[k]);
        }
        project = load(&d, "", &diags);
        for (const char *w = orders[i].wanted; *w; w++) {
            wanted[wanted_count++] = project_find(project, (str){ w, 1 });
        }
        assert_int_equal(diags.errors, 0);
        for (int again = 0; again < 2; again++) { /* asking does not change the answer */
            diags = (struct diags){ 0 };
            assert_int_equal(project_order(cx, project, wanted, wanted_count, &diags, &out, &count),
                             ST_OK);
            assert_int_equal(count, str_of(orders[i].order).len);
            for (size_t k = 0; k < count; k++) {
                assert_int_equal(out[k]->name.ptr[0], orders[i].order[k]);
                assert_false(out[k]->is_broken);
            }
            assert_int_equal(diags.errors, orders[i].cycles);
        }
        for (size_t k = 0; k < diags.list.count; k++) {
            assert_true(str_eq(diags.list.items[k].rule, S("mesh.cycle")));
            says = says || str_has(diags.list.items[k].message, str_of(orders[i].says));
        }
        assert_true(says);
        test_dir_release(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_mesh_is_bound),
        cmocka_unit_test(a_plain_copy_needs_no_sql),
        cmocka_unit_test(majors_lie_in_their_folders),
        cmocka_unit_test(a_port_may_be_deprecated_by_its_product),
        cmocka_unit_test(every_problem_is_found_at_its_place),
        cmocka_unit_test(a_mesh_is_found_from_below),
        cmocka_unit_test(products_are_ordered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
