/*
 * delta_test.c - what a Delta log says, and what becomes of one that is behind, cut, or not ours.
 */
#include "table/delta.h"

#include "support/test_db.h"

#include "blob/blob_file.h"
#include "codec/json.h"
#include "engine/engine_duckdb.h"

#define ADDRESS "sales.orders_v1.orders"
#define FOLDER  "sales/orders/orders/v1/"

static struct {
    struct test_db     t;
    struct ctx        *cx;
    struct db         *db;
    struct blob       *blob;
    struct engine     *engine;
    struct delta_place place;
    unsigned           files;
} f;

static void must(enum status st)
{
    if (st != ST_OK) {
        fail_msg("%s", f.t.t.err.text);
    }
}

static int set_up(void **state)
{
    struct db_module      schema = table_schema();
    struct engine_options options;

    test_db_init(&f.t);
    f.cx    = f.t.cx;
    f.files = 0;
    f.db    = test_db_open(&f.t, DB_MODE_CREATE);
    options =
        (struct engine_options){ .threads = 2, .allowed_dirs = &f.t.dir, .allowed_dir_count = 1 };
    must(blob_file_open(f.cx, os_path_join(f.cx->arena, f.t.dir, S("objects")), &f.blob));
    must(engine_duckdb_open(f.cx, &options, &f.engine));
    f.place = (struct delta_place){ f.blob, f.engine };
    must(db_migrate(f.db, f.cx, &schema, 1, NULL));
    must(db_begin(f.db, f.cx, DB_WRITE));
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(f.cx);
    db_close(f.db);
    engine_close(f.engine);
    blob_close(f.blob);
    test_db_release(&f.t);
    return 0;
}

/* ------------------------------------------------------------------------- snapshots */

static struct table_columns columns_of(const struct table_columns *before,
                                       const struct table_shape *shape, size_t count)
{
    struct table_columns made;

    must(table_assign_ids(f.cx, before, shape, count, &made));
    return made;
}

static struct table_snapshot commit_as(const struct table_columns  *columns,
                                       const struct table_snapshot *parent, const char *stats,
                                       const struct table_view *view)
{
    struct table_about    about = { .description = S("all orders") };
    struct table_file     file  = { .key = arena_printf(f.cx->arena, FOLDER "data/run %u/p.parquet",
                                                        ++f.files),
                                    .bytes      = 10,
                                    .rows       = 3,
                                    .sha256     = S("ab"),
                                    .row_digest = S("1"),
                                    .stats      = str_of(stats) };
    struct table_commit   c     = { .address    = S(ADDRESS),
                                    .product_id = S("p"),
                                    .port       = S("orders"),
                                    .publish_id = arena_printf(f.cx->arena, "run %u", f.files),
                                    .columns    = columns,
                                    .files      = &file,
                                    .file_count = view ? 0 : 1,
                                    .parent     = parent,
                                    .view       = view,
                                    .about      = &about };
    struct table_snapshot made;

    vec_push(f.cx->arena, &about.notes, (struct table_note){ S("id"), S("the \"number\"") });
    f.t.t.now_us += 1000000;
    must(table_commit(f.cx, &c, &made));
    return made;
}

static const struct table_shape one_column[] = { { STR_INIT("id"), STR_INIT("BIGINT") } };

static struct table_snapshot commit(const struct table_snapshot *parent)
{
    struct table_columns columns = columns_of(parent ? &parent->columns : NULL, one_column, 1);

    return commit_as(&columns, parent, "{}", NULL);
}

static str text_of(int64_t version)
{
    str text = STR_NONE;

    must(delta_commit_text(f.cx, S(ADDRESS), version, &text));
    return text;
}

/* The first action of that name in a version; NULL when there is none. */
static const struct json *action(int64_t version, const char *name)
{
    str text = text_of(version), line;

    while (str_cut(&text, '\n', &line)) {
        struct json *root;

        if (line.len > 0) {
            must(json_read(f.cx, line, "an action", NULL, &root));
            if (json_get(root, str_of(name))) {
                return json_get(root, str_of(name));
            }
        }
    }
    return NULL;
}

static void assert_says_all(str text, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_has(text, str_of(parts[i]))) {
            fail_msg("%.*s\ndoes not say\n%s", STR_ARG(text), parts[i]);
        }
    }
}

/* ------------------------------------------------------------------------- what a log says */

static void versions_are_snapshots_and_version_0_makes_the_table(void **state)
{
    static const char *const made[] = {
        "{\"commitInfo\":{\"timestamp\":", "\"operation\":\"CREATE TABLE\"",
        "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n",
        "\"name\":\"" ADDRESS "\",\"description\":\"all orders\"",
        "{\\\"name\\\":\\\"id\\\",\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,"
        "\\\"metadata\\\":{\\\"comment\\\":\\\"the \\\\\\\"number\\\\\\\"\\\"}}"
    };
    static const char *const replaced[] = { "\"mode\":\"Overwrite\"", "\"isBlindAppend\":false",
                                            "\"numRemovedFiles\":\"1\"",
                                            "{\"remove\":{\"path\":\"data/run%201/p.parquet\"",
                                            "{\"add\":{\"path\":\"data/run%202/p.parquet\"" };
    static const char *const appended[] = { "\"mode\":\"Append\"", "\"isBlindAppend\":true",
                                            "{\"add\":{\"path\":\"data/run%203/p.parquet\"" };
    struct table_snapshot    first = commit(NULL), second = commit(NULL);
    struct table_snapshot    third = commit(&second);
    str                      text;

    assert_says_all(text_of(0), made, CASES(made));
    assert_null(action(0, "add"));
    assert_null(action(1, "metaData"));
    assert_null(action(1, "remove"));
    assert_says_all(text_of(2), replaced, CASES(replaced));
    assert_says_all(text_of(3), appended, CASES(appended));
    assert_null(action(3, "remove"));
    assert_str(json_text_or(json_get(action(0, "metaData"), S("id")), S("")), first.id);
    assert_int_equal(json_i64_or(json_get(action(3, "commitInfo"), S("timestamp")), 0),
                     third.made_us / 1000);
    assert_int_equal(json_i64_or(json_get(action(2, "add"), S("modificationTime")), 0),
                     second.made_us / 1000);
    assert_int_equal(json_i64_or(json_get(action(2, "remove"), S("deletionTimestamp")), 0),
                     second.made_us / 1000);
    assert_int_equal(delta_commit_text(f.cx, S(ADDRESS), 4, &text), ST_NOT_FOUND);
}

static void types_and_names_decide_the_protocol(void **state)
{
    static const struct {
        struct table_shape shape;
        const char        *type, *protocol;
    } cases[] = {
#define PLAIN "\"minReaderVersion\":1,\"minWriterVersion\":2}"
#define NTZ                                                                                        \
    "\"readerFeatures\":[\"timestampNtz\"],\"writerFeatures\":[\"appendOnly\",\"invariants\","     \
    "\"timestampNtz\"]"
#define MAPPED                                                                                     \
    "\"readerFeatures\":[\"columnMapping\"],\"writerFeatures\":[\"appendOnly\",\"invariants\","    \
    "\"columnMapping\"]"
        { { STR_INIT("a"), STR_INIT("BOOLEAN") }, "\"boolean\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("TINYINT") }, "\"byte\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("SMALLINT") }, "\"short\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("INTEGER") }, "\"integer\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("FLOAT") }, "\"float\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("DOUBLE") }, "\"double\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("DECIMAL(38,9)") }, "\"decimal(38,9)\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("VARCHAR") }, "\"string\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("BLOB") }, "\"binary\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("DATE") }, "\"date\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("TIMESTAMP WITH TIME ZONE") }, "\"timestamp\"", PLAIN },
        { { STR_INIT("a"), STR_INIT("TIMESTAMP") }, "\"timestamp_ntz\"", NTZ },
        { { STR_INIT("a"), STR_INIT("STRUCT(x TIMESTAMP[])") },
          "{\"type\":\"struct\",\"fields\":[{\"name\":\"x\",\"type\":{\"type\":\"array\","
          "\"elementType\":\"timestamp_ntz\","
          "\"containsNull\":true},\"nullable\":true,\"metadata\":{}}]}",
          NTZ },
        { { STR_INIT("a"), STR_INIT("MAP(VARCHAR, DATE)") },
          "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"date\",\"valueContainsNull\":"
          "true}",
          PLAIN },
        { { STR_INIT("a b"), STR_INIT("DATE") }, "\"delta.columnMapping.id\":1", MAPPED },
        { { STR_INIT("a"), STR_INIT("STRUCT(\"x=y\" DATE)[]") },
          "\"delta.columnMapping.id\":3,\"delta.columnMapping.physicalName\":\"x=y\"",
          MAPPED },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct table_columns columns = columns_of(NULL, &cases[i].shape, 1);

        (void)tear_down(NULL);
        (void)set_up(NULL);
        columns = columns_of(NULL, &cases[i].shape, 1);
        (void)commit_as(&columns, NULL, "{}", NULL);
        assert_says_all(text_of(0), &cases[i].protocol, 1);
        assert_says_all(json_text_or(json_get(action(0, "metaData"), S("schemaString")), S("")),
                        &cases[i].type, 1);
    }
}

#define FACT(key, value)    "{\"key\":\"" key "\",\"value\":\"" value "\"}"
#define COLUMN(name, facts) "[{\"key\":\"\\\"" name "\\\"\",\"value\":[" facts "]}]"
#define BOUNDS(min, max)    FACT("min", min) "," FACT("max", max) "," FACT("null_count", "2")
#define NOTHING             "{\"numRecords\":3,\"minValues\":{},\"maxValues\":{},\"nullCount\":{\"a\":2}}"
#define SOME(min, max)                                                                             \
    "{\"numRecords\":3,\"minValues\":{\"a\":" min "},\"maxValues\":{\"a\":" max "},\"nullCount\":" \
    "{\"a\":2}}"
#define LONG "0123456789012345678901234567890ü"

static void statistics_are_bounds_for_every_reader(void **state)
{
    static const struct {
        const char *type, *stats, *json;
    } cases[] = {
        { "BIGINT", BOUNDS("-9223372036854775808", "5"), SOME("-9223372036854775808", "5") },
        { "DECIMAL(12,2)", BOUNDS("-0.50", "12.25"), SOME("-0.50", "12.25") },
        { "DOUBLE", BOUNDS("1e-05", "1e+20") "," FACT("has_nan", "false"), SOME("1e-05", "1e+20") },
        { "DOUBLE", BOUNDS("1.0", "2.0") "," FACT("has_nan", "true"), NOTHING },
        { "DOUBLE", BOUNDS("1.0", "2.0"), NOTHING },
        { "FLOAT", BOUNDS("-inf", "inf") "," FACT("has_nan", "false"), NOTHING },
        { "BOOLEAN", BOUNDS("0", "1"), NOTHING },
        { "BLOB", BOUNDS("00", "FF"), NOTHING },
        { "DATE", BOUNDS("0001-01-01", "9999-12-31"), SOME("\"0001-01-01\"", "\"9999-12-31\"") },
        { "DATE", BOUNDS("0044-03-15 (BC)", "infinity"), NOTHING },
        { "TIMESTAMP", BOUNDS("2026-05-04 07:58:11", "2026-05-04 07:58:11.123456"),
          SOME("\"2026-05-04T07:58:11.000\"", "\"2026-05-04T07:58:11.123456\"") },
        { "TIMESTAMP WITH TIME ZONE", BOUNDS("2026-05-04 07:58:11.5+00", "2026-05-04 07:58:12+00"),
          SOME("\"2026-05-04T07:58:11.500Z\"", "\"2026-05-04T07:58:12.000Z\"") },
        { "TIMESTAMP WITH TIME ZONE", BOUNDS("-infinity", "infinity"), NOTHING },
        { "VARCHAR", BOUNDS("", "a\\\\b"), SOME("\"\"", "\"a\\\\b\"") },
        { "VARCHAR", BOUNDS(LONG, LONG), SOME("\"" LONG "\"", "\"" LONG "\"") },
        { "VARCHAR", BOUNDS(LONG "x", LONG "x"),
          SOME("\"" LONG "\"", "\"" LONG "\xf4\x8f\xbf\xbf\"") },
        { "VARCHAR", BOUNDS(LONG "x", LONG "\xf4\x8f\xbf\xbf"),
          "{\"numRecords\":3,\"minValues\":{\"a\":\"" LONG
          "\"},\"maxValues\":{},\"nullCount\":{\"a\":2}}" },
        { "VARCHAR", FACT("null_count", "2"), NOTHING },
        { "VARCHAR[]", BOUNDS("a", "b"),
          "{\"numRecords\":3,\"minValues\":{},\"maxValues\":{},\"nullCount\":{\"a\":2}}" },
    };

    for (size_t i = 0; i < CASES(cases); i++) {
        struct table_shape   shape   = { S("a"), str_of(cases[i].type) };
        struct table_columns columns = columns_of(NULL, &shape, 1);
        str                  stats =
            arena_printf(f.cx->arena, "[{\"key\":\"\\\"a\\\"\",\"value\":[%s]}]", cases[i].stats);
        int64_t number = commit_as(&columns, NULL, arena_cstr(f.cx->arena, stats), NULL).number;
        str     json   = json_text_or(json_get(action(number, "add"), S("stats")), S(""));

        if (!str_eq(json, str_of(cases[i].json))) {
            fail_msg("%s: %.*s, not %s", cases[i].type, STR_ARG(json), cases[i].json);
        }
    }
}

static void a_view_is_a_version_that_nobody_reads(void **state)
{
    static const char *const unreadable[] = { "\"readerFeatures\":[\"weftView\"]",
                                              "{\"remove\":{\"path\":\"data/run%201/p.parquet\"" };
    static const char *const readable[]   = { "{\"protocol\":{" PLAIN "}" };
    struct table_columns     columns      = columns_of(NULL, one_column, 1);
    struct table_view        view         = { .sql = S("5e1ec7") };

    (void)commit(NULL);
    (void)commit_as(&columns, NULL, "{}", &view);
    (void)commit(NULL);
    assert_says_all(text_of(2), unreadable, CASES(unreadable));
    assert_says_all(text_of(3), readable, CASES(readable));
}

static void a_table_of_views_has_no_log(void **state)
{
    struct table_columns columns = columns_of(NULL, one_column, 1);
    struct table_view    view    = { .sql = S("5e1ec7") };
    struct delta_tables  tables;
    size_t               written = 7;

    (void)commit_as(&columns, NULL, "{}", &view);
    must(delta_write(f.cx, &f.place, S(ADDRESS), DELTA_ALL, &written));
    assert_int_equal(written, 0);
    must(delta_tables_all(f.cx, &tables));
    assert_int_equal(tables.list.count, 0);
}

/* The engine reads files of both types; a Delta table may not have them in one version. */
static void a_widened_column_of_kept_files_ends_the_log(void **state)
{
    static const struct table_shape narrow = { STR_INIT("a"), STR_INIT("INTEGER") };
    static const struct table_shape wide   = { STR_INIT("a"), STR_INIT("BIGINT") };
    struct table_columns            before = columns_of(NULL, &narrow, 1);
    struct table_columns            after  = columns_of(&before, &wide, 1);
    struct table_snapshot           first  = commit_as(&before, NULL, "{}", NULL);
    str                             text;

    (void)commit_as(&after, NULL, "{}", NULL); /* replaces: no file of the other type is left */
    (void)text_of(2);
    (void)commit_as(&after, &first, "{}", NULL);
    assert_int_equal(delta_commit_text(f.cx, S(ADDRESS), 3, &text), ST_OK);
    (void)commit_as(&before, NULL, "{}", NULL);
    first = commit_as(&before, NULL, "{}", NULL);
    (void)commit_as(&after, &first, "{}", NULL);
    assert_int_equal(delta_commit_text(f.cx, S(ADDRESS), 6, &text), ST_UNSUPPORTED);
    assert_says(f.cx, "column \"a\" has type INTEGER, not BIGINT");
}

/* ------------------------------------------------------------------------- what becomes of a log */

static size_t written(enum delta_extent extent)
{
    size_t count = 0;

    must(delta_write(f.cx, &f.place, S(ADDRESS), extent, &count));
    return count;
}

static struct delta_findings findings(void)
{
    struct delta_findings found = { 0 };
    struct delta_tables   tables;

    must(delta_tables_all(f.cx, &tables));
    for (size_t i = 0; i < tables.list.count; i++) {
        must(delta_check(f.cx, &f.place, &tables.list.items[i], &found));
    }
    return found;
}

static void assert_whole(uint64_t files)
{
    struct delta_findings found = findings();

    if (found.list.count > 0) {
        fail_msg("%.*s %.*s", STR_ARG(found.list.items[0].key), STR_ARG(found.list.items[0].what));
    }
    assert_int_equal(found.files, files);
}

static void assert_one_finding(enum delta_fault fault, const char *key)
{
    struct delta_findings found = findings();

    assert_int_equal(found.list.count, 1);
    assert_int_equal(found.list.items[0].fault, fault);
    assert_str(found.list.items[0].key, str_of(key));
}

static void replace(const char *key, const char *bytes)
{
    must(blob_delete(f.blob, f.cx, str_of(key)));
    if (bytes) {
        must(blob_put_bytes(f.blob, f.cx, str_of(key), str_of(bytes)));
    }
}

#define VERSION(n)    FOLDER "_delta_log/000000000000000000" n ".json"
#define CHECKPOINT(n) FOLDER "_delta_log/000000000000000000" n ".checkpoint.parquet"
#define HINT          FOLDER "_delta_log/_last_checkpoint"

static void a_log_is_written_once_and_goes_on_where_it_ends(void **state)
{
    bool is_behind;

    (void)commit(NULL);
    must(delta_is_behind(f.cx, &f.place, S(ADDRESS), &is_behind));
    assert_true(is_behind);
    assert_int_equal(written(DELTA_NEWEST), 2);
    assert_int_equal(written(DELTA_NEWEST), 0);
    assert_int_equal(written(DELTA_ALL), 0);
    must(delta_is_behind(f.cx, &f.place, S(ADDRESS), &is_behind));
    assert_false(is_behind);
    (void)commit(NULL);
    assert_one_finding(DELTA_MISSING, VERSION("02"));
    (void)commit(NULL);
    assert_int_equal(written(DELTA_NEWEST), 2);
    assert_whole(4);
}

static void what_is_missing_is_told_and_added(void **state)
{
    str before, after;

    for (int i = 0; i < 12; i++) {
        (void)commit(NULL);
    }
    assert_int_equal(written(DELTA_NEWEST), 15); /* 0 to 12, a checkpoint and its name */
    assert_whole(15);
    must(blob_get(f.blob, f.cx, S(VERSION("05")), &before));
    replace(VERSION("05"), NULL);
    assert_one_finding(DELTA_MISSING, VERSION("05"));
    assert_int_equal(written(DELTA_NEWEST), 0); /* it looks at the end only */
    assert_int_equal(written(DELTA_ALL), 1);
    must(blob_get(f.blob, f.cx, S(VERSION("05")), &after));
    assert_str(after, before);
    replace(CHECKPOINT("10"), NULL);
    assert_one_finding(DELTA_MISSING, CHECKPOINT("10"));
    assert_int_equal(written(DELTA_NEWEST), 1);
    replace(HINT, "{\"version\":3,\"size\":1}");
    assert_one_finding(DELTA_MISSING, HINT);
    assert_int_equal(written(DELTA_ALL), 1);
    assert_whole(15);
}

static void a_foreign_file_is_never_replaced(void **state)
{
    static const struct {
        const char *key, *bytes;
    } cases[] = {
        { VERSION("12"), "{\"commitInfo\":{\"engineInfo\":\"another\"}}\n" },
        { VERSION("13"), "{}" },
        { CHECKPOINT("10"), "PAR1 not" },
        { CHECKPOINT("07"), "PAR1" },
        { FOLDER "_delta_log/00000000000000000003.crc", "{}" },
    };

    for (int i = 0; i < 12; i++) {
        (void)commit(NULL);
    }
    for (size_t i = 0; i < CASES(cases); i++) {
        str found;

        (void)written(DELTA_ALL);
        replace(cases[i].key, cases[i].bytes);
        assert_one_finding(DELTA_FOREIGN, cases[i].key);
        must(blob_get(f.blob, f.cx, str_of(cases[i].key), &found));
        assert_str(found, str_of(cases[i].bytes));
        replace(cases[i].key, NULL);
    }
}

static void a_foreign_version_stops_the_log(void **state)
{
    size_t count = 7;

    (void)commit(NULL);
    (void)written(DELTA_NEWEST);
    replace(VERSION("02"), "{}");
    (void)commit(NULL);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(delta_write(f.cx, &f.place, S(ADDRESS), DELTA_NEWEST, &count),
                         ST_CONFLICT);
        assert_says(f.cx, VERSION("02") "\" is not what weft writes");
        err_clear(f.cx->err);
        (void)commit(NULL);
    }
    assert_int_equal(delta_write(f.cx, &f.place, S(ADDRESS), DELTA_ALL, &count), ST_CONFLICT);
    assert_int_equal(count, 7);
}

/* A checkpoint whose rows are others is not ours, whatever its bytes are. */
static void a_checkpoint_is_compared_by_its_rows(void **state)
{
    struct table_snapshot parent = commit(NULL);
    str                   bytes;

    for (int i = 0; i < 19; i++) {
        parent = commit(i % 3 ? &parent : NULL);
    }
    (void)written(DELTA_ALL);
    assert_whole(21 + 2 + 1);
    must(blob_get(f.blob, f.cx, S(CHECKPOINT("10")), &bytes));
    must(blob_delete(f.blob, f.cx, S(CHECKPOINT("20"))));
    must(blob_put_bytes(f.blob, f.cx, S(CHECKPOINT("20")), bytes));
    assert_int_equal(findings().list.items[0].fault, DELTA_FOREIGN);
}

/* What retention takes out of the store is not asked for; a log that lacks it begins with a checkpoint. */
static void forgotten_snapshots_are_not_missed(void **state)
{
    static const struct db_stmt forget[] = {
        { "forget_files",
          "DELETE FROM snapshot_file WHERE snapshot_id IN (SELECT id FROM snapshot WHERE number < "
          "6)",
          0 },
        { "forget", "DELETE FROM snapshot WHERE number < 6", 0 },
    };
    static const char *const old[] = { VERSION("00"), VERSION("01"), VERSION("02"), VERSION("03"),
                                       VERSION("04"), VERSION("05"), VERSION("06"), VERSION("07") };

    for (int i = 0; i < 12; i++) {
        (void)commit(NULL);
    }
    (void)written(DELTA_ALL);
    for (size_t i = 0; i < CASES(forget); i++) {
        must(db_run(f.cx, &forget[i], DB_NO_ARGS));
    }
    assert_whole(15);
    assert_int_equal(written(DELTA_ALL), 0);
    for (size_t i = 0; i < CASES(old); i++) {
        replace(old[i], NULL);
    }
    assert_int_equal(findings().list.count, 2); /* version 7, and the checkpoint of 6 */
    assert_int_equal(written(DELTA_ALL), 2);
    assert_whole(15 - 8 + 2);
}

/* A store from before logs were written: files get the time of the first snapshot that held them. */
/* Objects below the folder of the log. */
static size_t count_log(void)
{
    struct blob_page page;

    must(blob_list(f.blob, f.cx, S(FOLDER "_delta_log/"), STR_NONE, 0, &page));
    return page.count;
}

static void the_log_of_a_table_that_is_gone_goes_and_comes_back(void **state)
{
    struct delta_tables tables;

    for (int i = 0; i < 12; i++) {
        (void)commit(NULL);
    }
    assert_int_equal(written(DELTA_NEWEST), 15);
    replace(VERSION("13"), "{}"); /* another program's */
    must(delta_tables_all(f.cx, &tables));
    assert_int_equal(tables.list.count, 1);
    must(table_remove(f.cx, S(ADDRESS)));
    must(delta_tables_all(f.cx, &tables));
    assert_int_equal(tables.list.count, 0);
    must(delta_remove(f.cx, f.blob, S(ADDRESS)));
    must(delta_remove(f.cx, f.blob, S(ADDRESS)));
    assert_int_equal(count_log(), 1);
    replace(VERSION("13"), NULL);
    (void)commit(NULL);
    assert_int_equal(written(DELTA_NEWEST), 16);
    assert_whole(16);
}

/* A crash while it goes leaves a beginning, which is written on. */
static void a_log_that_went_by_half_is_whole_again(void **state)
{
    for (int i = 0; i < 12; i++) {
        (void)commit(NULL);
    }
    (void)written(DELTA_NEWEST);
    must(table_remove(f.cx, S(ADDRESS)));
    replace(HINT, NULL);
    replace(VERSION("12"), NULL);
    replace(VERSION("11"), NULL);
    replace(VERSION("10"), NULL);
    (void)commit(NULL);
    assert_int_equal(written(DELTA_NEWEST), 5);
    assert_whole(16);
}

/* All that was before is forgotten: the log begins with the table's new life. */
static void a_log_begins_anew_with_what_is_not_forgotten(void **state)
{
    size_t count = 0;

    for (int i = 0; i < 3; i++) {
        (void)commit(NULL);
    }
    (void)written(DELTA_NEWEST);
    must(table_remove(f.cx, S(ADDRESS)));
    must(delta_remove(f.cx, f.blob, S(ADDRESS)));
    must(table_forget(f.cx, S(ADDRESS), INT64_MAX, &count));
    assert_int_equal(count, 3);
    (void)commit(NULL);
    (void)written(DELTA_NEWEST);
    assert_int_equal(findings().list.count, 0);
    (void)commit(NULL);
    (void)written(DELTA_NEWEST);
    assert_int_equal(findings().list.count, 0);
    assert_int_equal(count_log(), 2); /* the checkpoint of 4, and 5 */
}

static void an_older_store_gets_what_logs_need(void **state)
{
    static const struct db_stmt rows[] = {
        { "file", "INSERT INTO data_file VALUES (1, '" FOLDER "data/a/p', 1, 3, 'ab', '1', '{}')",
          0 },
        { "one",
          "INSERT INTO snapshot VALUES ('s1', '" ADDRESS
          "', 1, 'a', NULL, '{\"last_id\":0,\"columns\":[],"
          "\"nested\":{}}', 3, 1, 5000, NULL)",
          0 },
        { "two",
          "INSERT INTO snapshot VALUES ('s2', '" ADDRESS
          "', 2, 'b', 's1', '{\"last_id\":0,\"columns\":[],"
          "\"nested\":{}}', 3, 1, 9000, NULL)",
          0 },
        { "held", "INSERT INTO snapshot_file VALUES ('s1', 0, 1), ('s2', 0, 1)", 0 },
    };
    struct db_module  now = table_schema(), then = now;
    struct db_options o = { .path = os_path_join(f.cx->arena, f.t.dir, S("old.db")),
                            .mode = DB_MODE_CREATE };

    db_rollback(f.cx);
    db_close(f.db);
    then.count = 2;
    must(db_open(f.cx, &o, &f.db));
    must(db_migrate(f.db, f.cx, &then, 1, NULL));
    must(db_begin(f.db, f.cx, DB_WRITE));
    for (size_t i = 0; i < CASES(rows); i++) {
        must(db_run(f.cx, &rows[i], DB_NO_ARGS));
    }
    must(db_commit(f.cx));
    must(db_migrate(f.db, f.cx, &now, 1, NULL));
    must(db_begin(f.db, f.cx, DB_WRITE));
    assert_int_equal(json_i64_or(json_get(action(1, "add"), S("modificationTime")), 0), 5);
    assert_str(json_text_or(json_get(action(0, "metaData"), S("id")), S("")), S("s1"));
    assert_int_equal(json_i64_or(json_get(action(0, "metaData"), S("createdTime")), 0), 5);
    assert_null(action(2, "add"));
    assert_int_equal(written(DELTA_NEWEST), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(versions_are_snapshots_and_version_0_makes_the_table),
        T(types_and_names_decide_the_protocol),
        T(statistics_are_bounds_for_every_reader),
        T(a_view_is_a_version_that_nobody_reads),
        T(a_table_of_views_has_no_log),
        T(a_widened_column_of_kept_files_ends_the_log),
        T(a_log_is_written_once_and_goes_on_where_it_ends),
        T(what_is_missing_is_told_and_added),
        T(a_foreign_file_is_never_replaced),
        T(a_foreign_version_stops_the_log),
        T(a_checkpoint_is_compared_by_its_rows),
        T(forgotten_snapshots_are_not_missed),
        T(the_log_of_a_table_that_is_gone_goes_and_comes_back),
        T(a_log_that_went_by_half_is_whole_again),
        T(a_log_begins_anew_with_what_is_not_forgotten),
        T(an_older_store_gets_what_logs_need),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
