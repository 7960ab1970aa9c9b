/*
 * bench_masks.c - what the masks cost beside SQL that a person would write for the same.
 *
 * usage: bench_masks ROWS REPEAT
 *
 * One thread of the engine over a table in memory. Each pair of expressions is run in turn, the best of
 * REPEAT counts; what the same scan costs without a mask is taken off. Prints JSON; nanoseconds of CPU
 * time per value, since only one thread works.
 */
#include <stdio.h>

#include "codec/json.h"
#include "engine/engine_duckdb.h"
#include "os/clock.h"
#include "os/secret.h"
#include "policy/mask_engine.h"

enum { ARENA_MAX = 64 << 20, OUT_MAX = 1 << 20, NS_PER_US = 1000 };

#define MEMORY (4ULL << 30)

struct mask_pair {
    const char *name;   /* what is measured               */
    const char *column; /* of the table                   */
    const char *ours;   /* the mask of it                 */
    const char *peer;   /* plain SQL for the same or like */
};

/* clang-format off */
static const struct mask_pair pairs[] = {
    { "redact, 27 characters", "line", "weft_mask_redact(line)",
      "regexp_replace(regexp_replace(regexp_replace(line, '[A-Z]', 'X', 'g'), '[a-z]', 'x', 'g'), '[0-9]', '0', 'g')" },
    { "first 4 of 16", "card", "weft_mask_first(card, '4')", "left(card, 4) || repeat('*', length(card) - 4)" },
    { "last 4 of 16", "card", "weft_mask_last(card, '4')", "repeat('*', length(card) - 4) || right(card, 4)" },
    { "email", "email", "weft_mask_email(email)", "'x@' || split_part(email, '@', 2)" },
    { "email, by a regular expression", "email", "weft_mask_email(email)", "regexp_replace(email, '^[^@]*', 'x')" },
    { "zip3", "zip", "weft_mask_zip3(zip)",
      "CASE WHEN left(zip, 3) IN ('036', '059', '063', '102', '203', '556', '692', '790', '821', '823', '830', "
      "'831', '878', '879', '884', '890', '893') THEN '00000' ELSE left(zip, 3) || '00' END" },
    { "IPv4 /24", "ip4", "weft_mask_ip(ip4)", "regexp_replace(ip4, '[0-9]+$', '0')" },
    { "IPv6 /48", "ip6", "weft_mask_ip(ip6)", "regexp_extract(ip6, '^[^:]*:[^:]*:[^:]*') || '::'" },
    { "hash, 16 characters, beside salted sha256", "card", "weft_mask_hash(card, 'k1')", "sha256('0123456789abcdef' || card)" },
    { "hash, 16 characters, beside md5", "card", "weft_mask_hash(card, 'k1')", "md5(card)" },
    { "hash, 27 characters, beside salted sha256", "line", "weft_mask_hash(line, 'k1')", "sha256('0123456789abcdef' || line)" },
};
/* clang-format on */

#define INTEGER_OURS "weft_mask_hash_int(id, 'k1')"
#define INTEGER_PEER "('0x' || left(sha256('0123456789abcdef' || id), 15))::BIGINT"

struct bench {
    struct ctx         *cx;
    struct engine_conn *conn;
    uint64_t            rows, repeat;
};

static enum status make_table(struct bench *b)
{
    struct buf sql CLEANUP(buf_release) = BUF_INIT(OUT_MAX);

    buf_printf(&sql,
               "CREATE TABLE v AS SELECT i AS id, "
               "left('The ' || hash(i) || ' quick Brown foxes jump', 27) AS line, "
               "lpad((hash(i) %% 10000000000000000)::VARCHAR, 16, '4') AS card, "
               "'name.' || i || '@mail' || i %% 100 || '.example.org' AS email, "
               "lpad((hash(i) %% 100000)::VARCHAR, 5, '0') AS zip, "
               "concat(i %% 223 + 1, '.', i %% 251, '.', i %% 199, '.', i %% 256) AS ip4, "
               "printf('2001:db8:%%x::%%x', i %% 65536, i %% 4096) AS ip6 FROM range(%llu) r(i)",
               (unsigned long long)b->rows);
    return engine_exec(b->conn, b->cx, buf_view(&sql));
}

/* One scan with the expression in it; lowers *best. */
static enum status scan(struct bench *b, str sql, int64_t *best)
{
    struct engine_statement statement = { .sql = sql };
    struct engine_table     table;
    int64_t                 start = os_cpu_us(), took;

    TRY(engine_rows(b->conn, b->cx, &statement, &table));
    took  = os_cpu_us() - start;
    *best = *best < 0 || took < *best ? took : *best;
    return ST_OK;
}

static double per_value(const struct bench *b, int64_t us)
{
    return (double)us * NS_PER_US / (double)b->rows;
}

/* `form` has one %s for the expression. */
static enum status run_pair(struct bench *b, const struct mask_pair *p, const char *fold,
                            struct json_writer *w)
{
    struct arena *a       = b->cx->arena;
    str           raw     = arena_printf(a, "SELECT %s(%s) FROM v", fold, p->column);
    str           ours    = arena_printf(a, "SELECT %s(%s) FROM v", fold, p->ours);
    str           peer    = arena_printf(a, "SELECT %s(%s) FROM v", fold, p->peer);
    int64_t       times[] = { -1, -1, -1 };

    for (uint64_t i = 0; i < b->repeat; i++) {
        TRY(scan(b, raw, &times[0]));
        TRY(scan(b, ours, &times[1]));
        TRY(scan(b, peer, &times[2]));
    }
    json_w_object_begin(w);
    json_w_member_str(w, S("name"), str_of(p->name));
    json_w_member_double(w, S("raw"), per_value(b, times[0]));
    json_w_member_double(w, S("ours"), per_value(b, times[1] - times[0]));
    json_w_member_double(w, S("plain"), per_value(b, times[2] - times[0]));
    json_w_object_end(w);
    return ST_OK;
}

static enum status run_all(struct bench *b, struct json_writer *w)
{
    static const struct mask_pair integer = { "hash of a number, beside salted sha256", "id",
                                              INTEGER_OURS, INTEGER_PEER };

    TRY(make_table(b));
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        TRY(run_pair(b, &pairs[i], "max", w));
    }
    return run_pair(b, &integer, "max", w);
}

static enum status fill_ring(struct ctx *cx, struct mask_ring *ring)
{
    struct mask_key_source source = { S("k1"), secret_make(cx->arena,
                                                           S("0123456789abcdef0123456789abcdef")) };
    struct mask_keys      *keys;

    TRY(mask_keys_new(cx, S("bench"), &source, 1, &keys));
    mask_ring_take(ring, keys);
    return ST_OK;
}

static enum status run(struct bench *b, struct mask_ring *ring, struct json_writer *w)
{
    struct engine_options options = { .threads = 1, .memory_limit = MEMORY };
    struct engine        *engine  = NULL;
    enum status           st;

    TRY(fill_ring(b->cx, ring));
    TRY(engine_duckdb_open(b->cx, &options, &engine));
    st = mask_register(engine, b->cx, ring);
    st = st == ST_OK ? engine_connect(engine, b->cx, &b->conn) : st;
    st = st == ST_OK ? run_all(b, w) : st;
    engine_disconnect(b->conn);
    engine_close(engine);
    return st;
}

int main(int argc, char **argv)
{
    struct err        err = { 0 };
    struct ctx        cx = { .arena = arena_new("bench", ARENA_MAX), .err = &err, .env = os_env() };
    struct bench      b  = { .cx = &cx };
    struct mask_ring *ring = mask_ring_new();
    struct buf        out  = BUF_INIT(OUT_MAX);
    struct json_writer w;
    enum status        st;

    if (argc != 3 || !str_to_u64(str_of(argv[1]), &b.rows) || b.rows == 0 ||
        !str_to_u64(str_of(argv[2]), &b.repeat)) {
        fputs("usage: bench_masks ROWS REPEAT\n", stderr);
        return 2;
    }
    json_w_init(&w, &out, JSON_COMPACT);
    json_w_array_begin(&w);
    st = run(&b, ring, &w);
    json_w_array_end(&w);
    if (st == ST_OK) {
        printf(STR_FMT "\n", STR_ARG(buf_view(&out)));
    } else {
        fprintf(stderr, "bench_masks: " STR_FMT "\n", STR_ARG(err_text(&err)));
    }
    mask_ring_free(ring);
    buf_release(&out);
    arena_free(cx.arena);
    return st == ST_OK ? 0 : 1;
}
