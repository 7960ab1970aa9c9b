/*
 * bench_search.c - searches in a mesh of many products, beside plain FTS5 on the same rows.
 *
 * usage: bench_search STORE PRODUCTS
 *
 * STORE is made when it is missing: documents of PRODUCTS products as persons would write them, of one
 * table with eight columns each, put into the registry and indexed by search_rebuild. Words are taken
 * from a vocabulary in which the k-th word is k times as rare as the first. The plain index beside it
 * has the same rows in one FTS5 table, ranked by bm25. Then the same searches are asked of both, one in
 * twenty of the plain one, which takes its time.
 * Prints JSON, times in microseconds: what passed, and what the processor worked,
 * which is the same on a busy machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "os/clock.h"
#include "os/file.h"
#include "registry/registry.h"
#include "search/search.h"
#include "table/table.h"

#include <math.h>

enum {
    WORDS        = 20000,
    COLUMNS      = 8,
    DOMAINS      = 50,
    LIMIT        = 20,
    SEARCHES     = 2000,
    PLAIN        = 20, /* the plain index is asked one search of so many */
    GUESSES      = 20,
    DOCUMENT_MAX = 1 << 16
};
#define ARENA_BYTES ((size_t)8 << 30)

/* The most frequent words; the others are made of syllables. */
static const char *const common[] = {
    "id",      "date",     "customer", "order",   "amount",  "status",   "name",    "code",
    "type",    "number",   "price",    "city",    "country", "account",  "product", "email",
    "payment", "invoice",  "created",  "updated", "address", "category", "region",  "phone",
    "flight",  "airport",  "channel",  "segment", "store",   "shipment", "carrier", "weight",
    "tax",     "discount", "margin",   "cost",    "score",   "rating",   "review",  "session",
};

struct bench {
    struct ctx *cx;
    struct db  *db;
    uint64_t    random;
    str         words[WORDS];
    size_t      products;
};

static int64_t ns_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ns(void)
{
    return ns_of(CLOCK_MONOTONIC);
}

/* splitmix64: the same mesh and the same searches in every run. */
static uint64_t next(struct bench *b)
{
    uint64_t z = (b->random += 0x9E3779B97F4A7C15ULL);

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
    return z ^ z >> 31;
}

static size_t below(struct bench *b, size_t n)
{
    return (size_t)(next(b) % n);
}

/* Zipf's law: the logarithm of the place is uniform. */
static str word(struct bench *b)
{
    double part = (double)(next(b) >> 11) / 9007199254740992.0;

    return b->words[(size_t)pow(WORDS, part) - 1];
}

static void make_words(struct bench *b)
{
    static const char consonants[] = "bcdfgklmnprstvz", vowels[] = "aeiou";

    for (size_t i = 0; i < WORDS; i++) {
        char   text[16];
        size_t length = 0, syllables = 2 + below(b, 3);

        for (size_t k = 0; k < syllables; k++) {
            text[length++] = consonants[below(b, sizeof consonants - 1)];
            text[length++] = vowels[below(b, sizeof vowels - 1)];
        }
        b->words[i] = i < COUNT_OF(common) ? str_of(common[i])
                                           : arena_dup(b->cx->arena, (str){ text, length });
    }
}

/* ------------------------------------------------------------------------- documents */

static void add_sentence(struct bench *b, struct buf *out, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        buf_printf(out, STR_FMT " %s", STR_ARG(word(b)), i % 3 == 2 ? "of the " : "");
    }
}

static str name_of(struct bench *b, size_t number)
{
    return arena_printf(b->cx->arena, STR_FMT "_" STR_FMT "_%zu", STR_ARG(word(b)),
                        STR_ARG(word(b)), number);
}

static enum status put_document(struct bench *b, const struct buf *text, str *out)
{
    *out = digest_hex(b->cx, sha256_of(buf_view(text)));
    return registry_put_document(b->cx, *out, buf_view(text));
}

static enum status put_product(struct bench *b, str id, str domain, str name)
{
    struct buf text         CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
    struct registry_product row                  = {
                         .id = id, .domain = domain, .name = name, .status = S("active")
    };
    enum registry_change change;

    buf_printf(&text,
               "apiVersion: v1.0.0\nkind: DataProduct\nid: " STR_FMT "\nname: " STR_FMT
               "\nstatus: active\ntags: [" STR_FMT "]\ndescription:\n  purpose: ",
               STR_ARG(id), STR_ARG(name), STR_ARG(word(b)));
    add_sentence(b, &text, 12);
    buf_add(&text, S("\n"));
    TRY(put_document(b, &text, &row.document));
    return registry_put_product(b->cx, &row, &change);
}

static enum status put_port(struct bench *b, str id, str table, const str *columns)
{
    struct buf text      CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
    struct registry_port port                 = { .product_id  = id,
                                                  .name        = S("out"),
                                                  .major       = 1,
                                                  .version     = S("1.0.0"),
                                                  .contract_id = id,
                                                  .status      = S("active"),
                                                  .publish_id  = S("run") };

    buf_printf(&text,
               "apiVersion: v3.1.0\nkind: DataContract\nid: " STR_FMT
               "\nversion: 1.0.0\nstatus: active\nschema:\n  - name: " STR_FMT
               "\n    description: ",
               STR_ARG(id), STR_ARG(table));
    add_sentence(b, &text, 10);
    buf_add(&text, S("\n    properties:\n"));
    for (size_t i = 0; i < COLUMNS; i++) {
        buf_printf(&text,
                   "      - name: " STR_FMT "\n        logicalType: string\n"
                   "        classification: %s\n        businessName: " STR_FMT " " STR_FMT
                   "\n        description: ",
                   STR_ARG(columns[i]), i == 0 ? "restricted" : "internal", STR_ARG(word(b)),
                   STR_ARG(word(b)));
        add_sentence(b, &text, 6);
        buf_add(&text, S("\n"));
    }
    TRY(put_document(b, &text, &port.document));
    return registry_put_port(b->cx, &port);
}

static enum status put_table(struct bench *b, str id, str address, const str *columns)
{
    struct table_shape    shape[COLUMNS];
    struct table_columns  made;
    struct table_snapshot snapshot;
    struct table_commit   c = { .address    = address,
                                .product_id = id,
                                .port       = S("out"),
                                .publish_id = S("run"),
                                .columns    = &made };

    for (size_t i = 0; i < COLUMNS; i++) {
        shape[i] = (struct table_shape){ columns[i], S("VARCHAR") };
    }
    TRY(table_assign_ids(b->cx, NULL, shape, COLUMNS, &made));
    return table_commit(b->cx, &c, &snapshot);
}

static enum status put_whole(struct bench *b, size_t number)
{
    struct arena *a      = b->cx->arena;
    str           domain = b->words[COUNT_OF(common) + number % DOMAINS];
    str           id = arena_printf(a, "product-%zu", number), name = name_of(b, number);
    str           table = name_of(b, number % 7), columns[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = name_of(b, i);
    }
    TRY(put_product(b, id, domain, name));
    TRY(put_port(b, id, table, columns));
    return put_table(b, id,
                     arena_printf(a, STR_FMT "." STR_FMT "_v1." STR_FMT, STR_ARG(domain),
                                  STR_ARG(name), STR_ARG(table)),
                     columns);
}

static enum status put_domains(struct bench *b)
{
    struct buf text      CLEANUP(buf_release) = BUF_INIT(DOCUMENT_MAX);
    enum registry_change change;
    str                  document;

    buf_add(&text, S("kind: Domain\n"));
    TRY(put_document(b, &text, &document));
    for (size_t i = 0; i < DOMAINS; i++) {
        struct registry_domain d = { .name     = b->words[COUNT_OF(common) + i],
                                     .purpose  = S("a domain of the mesh"),
                                     .document = document };

        TRY(registry_put_domain(b->cx, &d, &change));
    }
    return ST_OK;
}

static enum status put_all(struct bench *b)
{
    TRY(put_domains(b));
    for (size_t i = 0; i < b->products; i++) {
        struct arena_mark mark = arena_mark(b->cx->arena);

        TRY(put_whole(b, i));
        arena_rewind(b->cx->arena, mark);
    }
    return ST_OK;
}

/* ------------------------------------------------------------------------- the plain index */

static const struct db_stmt plain_make = {
    "plain_make",
    "CREATE VIRTUAL TABLE plain USING fts5 (name, title, path, labels, about, content = "
    "'search_entry', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 "
    "2 "
    "3')",
    0
};
static const struct db_stmt plain_fill = { "plain_fill",
                                           "INSERT INTO plain (plain) VALUES ('rebuild')", 0 };
static const struct db_stmt plain_find = {
    "plain_find",
    "SELECT e.address, e.column_name, e.about FROM plain JOIN search_entry e ON e.id = plain.rowid "
    "WHERE plain MATCH $1 ORDER BY plain.rank LIMIT 20",
    1
};
static const struct db_stmt entries = { "entries", "SELECT count(*) FROM search_entry", 0 };
static const struct db_stmt a_path  = { "a_path",
                                        "SELECT path, about FROM search_entry WHERE id >= $1 ORDER "
                                         "BY id LIMIT 1",
                                        1 };
static const struct db_stmt ids     = { "ids", "SELECT id FROM search_entry ORDER BY id", 0 };

static enum status make_store(struct bench *b, struct json_writer *w)
{
    int64_t start = now_ns();

    TRY(db_begin(b->db, b->cx, DB_WRITE));
    TRY(db_end(b->cx, put_all(b)));
    json_w_member_i64(w, S("documents_us"), (now_ns() - start) / 1000);
    start = now_ns();
    TRY(db_begin(b->db, b->cx, DB_WRITE));
    TRY(db_end(b->cx, search_rebuild(b->cx)));
    json_w_member_i64(w, S("rebuild_us"), (now_ns() - start) / 1000);
    TRY(db_begin(b->db, b->cx, DB_WRITE));
    TRY(db_end(b->cx, db_run(b->cx, &plain_make, DB_NO_ARGS)));
    start = now_ns();
    TRY(db_begin(b->db, b->cx, DB_WRITE));
    TRY(db_end(b->cx, db_run(b->cx, &plain_fill, DB_NO_ARGS)));
    json_w_member_i64(w, S("plain_rebuild_us"), (now_ns() - start) / 1000);
    return ST_OK;
}

/* ------------------------------------------------------------------------- searches */

/* Parts of a text at anything but letters and digits. */
static size_t parts_of(str text, str *out, size_t most)
{
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= text.len && count < most; i++) {
        if (i == text.len || !(char_is_alpha(text.ptr[i]) || char_is_digit(text.ptr[i]))) {
            if (i > from + 1) {
                out[count++] = str_sub(text, from, i - from);
            }
            from = i + 1;
        }
    }
    return count;
}

/*
 * What a person may type who looks for one entry: a word of its name or of what is said about it, the
 * beginning of one, or two words; one in ten mistyped.
 */
static str search_for(struct bench *b, str path, str about)
{
    str    of_path[16], of_about[32];
    size_t paths = parts_of(path, of_path, COUNT_OF(of_path));
    size_t texts = parts_of(about, of_about, COUNT_OF(of_about));
    str    first = of_path[below(b, paths)];
    str    other = texts > 0 && below(b, 2) ? of_about[below(b, texts)] : of_path[paths - 1];

    switch (below(b, 10)) {
    case 0:
    case 1:
    case 2: return first;
    case 3:
    case 4: return str_sub(first, 0, first.len < 3 ? first.len : 3 + below(b, first.len - 2));
    case 5: return other;
    case 6:
    case 7: return arena_printf(b->cx->arena, STR_FMT " " STR_FMT, STR_ARG(first), STR_ARG(other));
    case 8:
        return arena_printf(b->cx->arena, STR_FMT " " STR_FMT, STR_ARG(other),
                            STR_ARG(str_sub(first, 0, first.len < 3 ? first.len : 3)));
    default: return arena_printf(b->cx->arena, STR_FMT "x", STR_ARG(first));
    }
}

static enum status make_searches(struct bench *b, str *out)
{
    struct db_rows *rows CLEANUP(db_rows_cleanup) = NULL;
    bool                 has_row;
    VEC(int64_t) all = { 0 };

    TRY(db_query(b->cx, &ids, DB_NO_ARGS, &rows));
    for (;;) {
        TRY(db_next(rows, b->cx, &has_row));
        if (!has_row) {
            break;
        }
        vec_push(b->cx->arena, &all, db_col_i64(rows, 0));
    }
    for (size_t i = 0; i < SEARCHES; i++) {
        const struct db_rows *row;

        TRY(db_query_one(b->cx, &a_path, DB_ARGS(db_i64(all.items[below(b, all.count)])), &row));
        out[i] = arena_dup(b->cx->arena, search_for(b, db_col_text(row, 0), db_col_text(row, 1)));
    }
    return ST_OK;
}

/* Knows everything, or the products of one in `arg`. */
static enum status may_know(void *arg, struct ctx *cx, const struct search_entry *e, bool *out)
{
    uint64_t part = *(const uint64_t *)arg;

    (void)cx;
    *out = part == 1 || str_hash(e->product_id, 1) % part == 0;
    return ST_OK;
}

struct asked {
    int64_t wall[SEARCHES], cpu[SEARCHES];
    size_t  count; /* of times */
    size_t  found; /* hits     */
};

struct start {
    int64_t wall, cpu;
};

static struct start start_now(void)
{
    return (struct start){ now_ns(), ns_of(CLOCK_THREAD_CPUTIME_ID) };
}

static void add_time(struct asked *a, struct start start)
{
    a->cpu[a->count]    = ns_of(CLOCK_THREAD_CPUTIME_ID) - start.cpu;
    a->wall[a->count++] = now_ns() - start.wall;
}

static enum status ask_ours(struct bench *b, const str *searches, uint64_t part, struct asked *out)
{
    struct search_reader reader = { may_know, &part };

    for (size_t i = 0; i < SEARCHES; i++) {
        struct arena_mark  mark  = arena_mark(b->cx->arena);
        struct start       start = start_now();
        struct search_hits hits;

        TRY(search_find(b->cx, searches[i], LIMIT, &reader, &hits));
        add_time(out, start);
        out->found += hits.list.count;
        arena_rewind(b->cx->arena, mark);
    }
    return ST_OK;
}

static enum status ask_nearest(struct bench *b, const str *searches, struct asked *out)
{
    uint64_t             all    = 1;
    struct search_reader reader = { may_know, &all };

    for (size_t i = 0; i < GUESSES; i++) {
        struct arena_mark mark  = arena_mark(b->cx->arena);
        struct start      start = start_now();
        str               guess;

        TRY(search_nearest(b->cx, arena_printf(b->cx->arena, "x" STR_FMT, STR_ARG(searches[i])),
                           &reader, &guess));
        add_time(out, start);
        out->found += guess.len > 0;
        arena_rewind(b->cx->arena, mark);
    }
    return ST_OK;
}

static enum status ask_plain(struct bench *b, const str *searches, struct asked *out)
{
    for (size_t i = 0; i < SEARCHES; i += PLAIN) {
        struct arena_mark mark  = arena_mark(b->cx->arena);
        struct start      start = start_now();
        struct db_rows   *rows;
        bool              has_row = true;
        str               text    = arena_printf(b->cx->arena, STR_FMT "*", STR_ARG(searches[i]));

        TRY(db_query(b->cx, &plain_find, DB_ARGS(db_text(text)), &rows));
        while (has_row) {
            TRY(db_next(rows, b->cx, &has_row));
            out->found += has_row;
        }
        db_rows_close(rows);
        add_time(out, start);
        arena_rewind(b->cx->arena, mark);
    }
    return ST_OK;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void write_times(struct json_writer *w, str key, int64_t *times, size_t count)
{
    static const struct {
        const char *name;
        size_t      of_1000;
    } figures[] = { { "p50", 500 }, { "p95", 950 }, { "p99", 990 }, { "max", 1000 } };

    qsort(times, count, sizeof *times, by_size);
    json_w_key(w, key);
    json_w_object_begin(w);
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        size_t at = count * figures[i].of_1000 / 1000;

        json_w_member_i64(w, str_of(figures[i].name), times[at < count ? at : count - 1] / 1000);
    }
    json_w_object_end(w);
}

static void write_asked(struct json_writer *w, str key, struct asked *a)
{
    json_w_key(w, key);
    json_w_object_begin(w);
    write_times(w, S("wall"), a->wall, a->count);
    write_times(w, S("cpu"), a->cpu, a->count);
    json_w_member_u64(w, S("found"), a->found);
    json_w_object_end(w);
}

static enum status ask_all(struct bench *b, struct json_writer *w)
{
    str                  *searches = arena_array(b->cx->arena, SEARCHES, sizeof *searches);
    struct asked         *asked    = arena_array(b->cx->arena, 4, sizeof *asked);
    const struct db_rows *row;

    TRY(db_query_one(b->cx, &entries, DB_NO_ARGS, &row));
    json_w_member_i64(w, S("entries"), db_col_i64(row, 0));
    TRY(make_searches(b, searches));
    TRY(ask_ours(b, searches, 1, &asked[0])); /* both have read the same pages before they count */
    TRY(ask_plain(b, searches, &asked[1]));
    memset(asked, 0, 2 * sizeof *asked);
    TRY(ask_ours(b, searches, 1, &asked[0]));
    TRY(ask_plain(b, searches, &asked[1]));
    TRY(ask_ours(b, searches, 10, &asked[2]));
    TRY(ask_nearest(b, searches, &asked[3]));
    write_asked(w, S("ours"), &asked[0]);
    write_asked(w, S("plain"), &asked[1]);
    write_asked(w, S("tenth"), &asked[2]);
    write_asked(w, S("nearest"), &asked[3]);
    return ST_OK;
}

/* One publish more: its entries are compared with those of the index, and some are written anew. */
static enum status ask_put(struct bench *b, struct json_writer *w)
{
    int64_t start;

    TRY(db_begin(b->db, b->cx, DB_WRITE));
    start = now_ns();
    TRY(search_put_product(b->cx, S("product-1")));
    json_w_member_i64(w, S("put_unchanged_us"), (now_ns() - start) / 1000);
    db_rollback(b->cx);
    TRY(db_begin(b->db, b->cx, DB_WRITE));
    TRY(put_whole(b, b->products));
    start = now_ns();
    TRY(search_put_product(b->cx, arena_printf(b->cx->arena, "product-%zu", b->products)));
    json_w_member_i64(w, S("put_new_us"), (now_ns() - start) / 1000);
    db_rollback(b->cx);
    return ST_OK;
}

/* ------------------------------------------------------------------------- the program */

static enum status run(struct bench *b, str path, struct json_writer *w)
{
    struct db_options options   = { .path = path, .mode = DB_MODE_CREATE };
    struct db_module  modules[] = { registry_schema(), table_schema(), search_schema() };
    bool              is_there;

    make_words(b);
    TRY(os_file_exists(b->cx, path, &is_there));
    TRY(db_open(b->cx, &options, &b->db));
    TRY(db_migrate(b->db, b->cx, modules, COUNT_OF(modules), NULL));
    if (!is_there) {
        TRY(make_store(b, w));
    }
    b->random = 4;
    TRY(db_begin(b->db, b->cx, DB_READ));
    TRY(db_end(b->cx, ask_all(b, w)));
    return ask_put(b, w);
}

int main(int argc, char **argv)
{
    struct err    err = { 0 };
    struct ctx    cx  = { .arena = arena_new("bench", ARENA_BYTES), .err = &err, .env = os_env() };
    struct bench *b   = ARENA_NEW(cx.arena, struct bench);
    struct buf    out = BUF_INIT(1 << 16);
    struct json_writer w;
    uint64_t           products;
    enum status        st;

    if (argc != 3 || !str_to_u64(str_of(argv[2]), &products) || products == 0) {
        fputs("usage: bench_search STORE PRODUCTS\n", stderr);
        return 2;
    }
    b->cx       = &cx;
    b->random   = 1;
    b->products = (size_t)products;
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_object_begin(&w);
    st = run(b, str_of(argv[1]), &w);
    json_w_object_end(&w);
    if (st == ST_OK) {
        printf(STR_FMT "\n", STR_ARG(buf_view(&out)));
    } else {
        fprintf(stderr, "bench_search: " STR_FMT "\n", STR_ARG(err_text(&err)));
    }
    db_close(b->db);
    buf_release(&out);
    arena_free(cx.arena);
    return st == ST_OK ? 0 : 1;
}
