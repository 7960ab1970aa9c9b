/*
 * test_mesh.h - a small mesh of two products with two tables each, and its publish.
 *
 *   sales.orders    reads data/orders.csv; table orders is replaced partition by partition, totals as a whole
 *   sales.activity  reads data/events.csv and sales.orders; table log is appended to, summary merged
 *
 * Both files have the same number of rows, TEST_MESH_ROWS and TEST_MESH_STEP more per
 * test_mesh_grow, so the rows of every table tell which state was published.
 */
#ifndef SUPPORT_TEST_MESH_H
#define SUPPORT_TEST_MESH_H

#include "cli/mesh.h"
#include "os/clock.h"
#include "os/dir.h"

enum { TEST_MESH_ROWS = 300, TEST_MESH_STEP = 3, TEST_MESH_CUSTOMERS = 17 };

#define TEST_MESH_COLUMN(name, type) "      - {name: " name ", logicalType: " type "}\n"
#define TEST_MESH_CONTRACT(id)                                                                     \
    "apiVersion: v3.1.0\nkind: DataContract\nid: " id "\nversion: 1.0.0\nstatus: active\n"
#define TEST_MESH_SOURCE(id, name, last)                                                           \
    TEST_MESH_CONTRACT(id)                                                                         \
    "servers:\n"                                                                                   \
    "  - {server: files, type: local, format: csv, path: ../../../data/" name ".csv}\n"            \
    "schema:\n  - name: " name "\n    properties:\n" TEST_MESH_COLUMN("id", "integer")             \
        TEST_MESH_COLUMN("customer", "string") last
#define TEST_MESH_SUMS(rule)                                                                       \
    "      - {name: customer, logicalType: string, " rule ": true, required: true}\n"              \
    "      - {name: total, logicalType: integer, required: true}\n"
#define TEST_MESH_ROW_COLUMNS                                                                      \
    "      - {name: id, logicalType: integer, primaryKey: true, required: true}\n"                 \
    "      - {name: customer, logicalType: string, required: true}\n"
#define TEST_MESH_PRODUCT(name)                                                                    \
    "apiVersion: v1.0.0\nkind: DataProduct\nid: sales." name "\nname: " name                       \
    "\nstatus: active\ninputPorts:\n"                                                              \
    "  - {name: files, version: 1.0.0, contractId: sales." name ".files}\n"
#define TEST_MESH_OUTPUT(name, id) "  - {name: " name ", version: 1.0.0, contractId: " id "}\n"

static const struct {
    const char *path, *text;
} test_mesh_files[] = {
    { "mesh.yaml", "apiVersion: weft/v1\nkind: Mesh\nname: shop\n" },
    { "domains/sales/domain.yaml", "apiVersion: weft/v1\nkind: Domain\nname: sales\n" },
    { "domains/sales/orders/product.odps.yaml",
      TEST_MESH_PRODUCT("orders") "outputPorts:\n" TEST_MESH_OUTPUT("orders", "sales.orders") },
    { "domains/sales/orders/files.odcs.yaml",
      TEST_MESH_SOURCE("sales.orders.files", "orders", TEST_MESH_COLUMN("amount", "integer")) },
    { "domains/sales/orders/orders.odcs.yaml",
      TEST_MESH_CONTRACT(
          "sales.orders") "schema:\n  - name: orders\n"
                          "    customProperties:\n"
                          "      - {property: weft.materialization, value: partitions}\n"
                          "    properties:\n" TEST_MESH_ROW_COLUMNS
                          "      - {name: amount, logicalType: integer, required: true}\n"
                          "      - {name: half, logicalType: integer, partitioned: true}\n"
                          "  - name: totals\n    properties:\n" TEST_MESH_SUMS("unique") },
    { "domains/sales/orders/orders.sql",
      "SELECT id, customer, amount, id % 2 AS half FROM source.orders\n" },
    { "domains/sales/orders/totals.sql", "SELECT customer, CAST(sum(amount) AS BIGINT) AS total "
                                         "FROM source.orders GROUP BY customer\n" },
    { "domains/sales/activity/product.odps.yaml",
      TEST_MESH_PRODUCT("activity") TEST_MESH_OUTPUT(
          "orders", "sales.orders") "outputPorts:\n" TEST_MESH_OUTPUT("log", "sales.activity.log")
          TEST_MESH_OUTPUT("summary", "sales.activity.summary") },
    { "domains/sales/activity/files.odcs.yaml",
      TEST_MESH_SOURCE("sales.activity.files", "events", TEST_MESH_COLUMN("kind", "string")) },
    { "domains/sales/activity/log.odcs.yaml",
      TEST_MESH_CONTRACT(
          "sales.activity.log") "customProperties:\n"
                                "  - {property: weft.materialization, value: append}\n"
                                "  - {property: weft.incremental, value: {column: id}}\n"
                                "schema:\n  - name: log\n    properties:\n" TEST_MESH_ROW_COLUMNS
                                "      - {name: kind, logicalType: string, required: true}\n" },
    { "domains/sales/activity/log.sql", "SELECT id, customer, kind FROM source.events WHERE id > "
                                        "coalesce(CAST($from AS BIGINT), 0)\n" },
    { "domains/sales/activity/summary.odcs.yaml",
      TEST_MESH_CONTRACT(
          "sales.activity.summary") "customProperties:\n"
                                    "  - {property: weft.materialization, value: merge}\n"
                                    "schema:\n  - name: summary\n    properties:\n" TEST_MESH_SUMS(
                                        "primaryKey") "      - {name: events, logicalType: "
                                                      "integer, required: "
                                                      "true}\n" },
    { "domains/sales/activity/summary.sql",
      "SELECT t.customer, t.total,\n"
      "    (SELECT count(*) FROM source.events e WHERE e.customer = t.customer) AS events\n"
      "FROM sales.orders.totals t\n" },
};

static inline enum status test_mesh_put(struct ctx *cx, str root, str path, str bytes)
{
    str full = os_path_join(cx->arena, root, path);

    TRY(os_dir_make_all(cx, os_path_parent(full), 0755));
    return os_file_put(cx, full, bytes, OS_REPLACE, 0644);
}

/* Both source files with the rows of `round` growths. */
static inline enum status test_mesh_grow(struct ctx *cx, str root, uint64_t round)
{
    struct buf orders CLEANUP(buf_release) = BUF_INIT(1 << 20);
    struct buf events CLEANUP(buf_release) = BUF_INIT(1 << 20);
    uint64_t          rows                 = TEST_MESH_ROWS + round * TEST_MESH_STEP;

    buf_add(&orders, S("id,customer,amount\n"));
    buf_add(&events, S("id,customer,kind\n"));
    for (unsigned i = 1; i <= rows; i++) {
        buf_printf(&orders, "%u,c%u,%u\n", i, i % TEST_MESH_CUSTOMERS, i * 7 % 100);
        buf_printf(&events, "%u,c%u,visit\n", i, i % TEST_MESH_CUSTOMERS);
    }
    TRY(test_mesh_put(cx, root, S("data/orders.csv"), buf_view(&orders)));
    return test_mesh_put(cx, root, S("data/events.csv"), buf_view(&events));
}

/* The documents and the first rows; nothing is published. */
static inline enum status test_mesh_write(struct ctx *cx, str root)
{
    for (size_t i = 0; i < COUNT_OF(test_mesh_files); i++) {
        TRY(test_mesh_put(cx, root, str_of(test_mesh_files[i].path),
                          str_of(test_mesh_files[i].text)));
    }
    return test_mesh_grow(cx, root, 0);
}

/*
 * A second major of sales.orders, which ends in the year 2101: sales.orders_v2.next. What runs with
 * test_mesh_late as its clock finds that its sunset has come.
 */
static inline enum status test_mesh_add_major(struct ctx *cx, str root)
{
    static const struct {
        const char *path, *text;
    } files[] = {
        { "domains/sales/orders/product.odps.yaml",
          TEST_MESH_PRODUCT("orders") "outputPorts:\n" TEST_MESH_OUTPUT(
              "orders",
              "sales.orders") "  - {name: next, version: 2.0.0, contractId: sales.orders.next}\n" },
        { "domains/sales/orders/v2/next.odcs.yaml",
          "apiVersion: v3.1.0\nkind: DataContract\nid: sales.orders.next\nversion: 2.0.0\nstatus: "
          "active\n"
          "slaProperties:\n  - {property: endOfLife, value: 2101-01-31}\n"
          "schema:\n  - name: next\n    properties:\n" TEST_MESH_ROW_COLUMNS },
        { "domains/sales/orders/v2/next.sql", "SELECT id, customer FROM source.orders\n" },
    };

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        TRY(test_mesh_put(cx, root, str_of(files[i].path), str_of(files[i].text)));
    }
    return ST_OK;
}

/* Now, a hundred years later. */
static inline int64_t test_mesh_late_now(const struct env *env)
{
    (void)env;
    return os_env()->now_us(os_env()) + 100 * 365 * 86400LL * 1000000;
}

static inline struct env test_mesh_late(void)
{
    struct env late = *os_env();

    late.now_us = test_mesh_late_now;
    return late;
}

/* ---- publishing ---- */

struct test_mesh {
    struct cli               cli;
    struct cli_mesh          mesh;
    struct publish_env       env;
    struct project_product **products; /* orders, then activity */
    size_t                   count;
};

/* As `weft publish --all` opens it. */
static inline enum status test_mesh_open(struct ctx *cx, str root, struct test_mesh *m)
{
    enum status st;

    *m              = (struct test_mesh){ .cli = { .cx = cx } };
    m->cli.args.dir = root;
    m->cli.args.all = true;
    TRY(cli_mesh_open(&m->cli,
                      CLI_MESH_FILES | CLI_MESH_WRITE | CLI_MESH_PLAN | CLI_MESH_BUILD |
                          CLI_MESH_KEY | CLI_MESH_ACCESS,
                      &m->mesh));
    m->env = cli_publish_env(&m->cli, &m->mesh);
    st     = cli_wanted_products(&m->cli, &m->mesh, &m->products, &m->count);
    if (st != ST_OK) {
        cli_mesh_close(&m->mesh);
        return st;
    }
    m->env.jobs = 1;
    return ST_OK;
}

static inline void test_mesh_close(struct test_mesh *m)
{
    cli_mesh_close(&m->mesh);
}

/* Publishes what changed; ST_OK when all products did, else the first one's failure. */
static inline enum status test_mesh_publish(struct ctx *cx, struct test_mesh *m,
                                            struct publish_run_result *out)
{
    TRY(publish_run(cx, &m->env, m->products, m->count, out));
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i].status != ST_OK) {
            return err_set(cx->err, out->items[i].status, __FILE__, __LINE__, STR_FMT ": " STR_FMT,
                           STR_ARG(out->items[i].product->address), STR_ARG(out->items[i].message));
        }
    }
    return ST_OK;
}

#endif
