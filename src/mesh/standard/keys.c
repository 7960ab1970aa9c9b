/*
 * keys.c - the table of `weft.` custom properties, their checks, getters and document.
 */
#include "standard/keys.h"

#include "standard/std_int.h"

#include <string.h>

/* ---- the table ---- */

static const str build_words[] = { STR_INIT("sql"), STR_INIT("view"), STR_INIT("delivered") };
static const str materialization_words[] = { STR_INIT("full"), STR_INIT("append"),
                                             STR_INIT("partitions"), STR_INIT("merge") };
static const str access_words[]          = { STR_INIT("granted"), STR_INIT("open") };

#define WORDS(list) .words = (list), .word_count = COUNT_OF(list)

static const struct std_key_info keys[STD_KEY_COUNT] = {
    [STD_KEY_BUILD]           = { .name     = STR_INIT("weft.build"),
                                  .places   = STD_AT_CONTRACT | STD_AT_OBJECT,
                                  .kind     = STD_KEY_WORD,
                                  .fallback = STR_INIT("sql"),
                                  .help =
                                      STR_INIT("how a table is made: by the SQL file of its name (without "
                                                         "one: a copy of the product's only source); as a view, "
                                                         "whose SQL runs at each read and stores no rows; or "
                                                         "delivered as files by `weft publish --data`"),
                                  WORDS(build_words) },
    [STD_KEY_MATERIALIZATION] = { .name     = STR_INIT("weft.materialization"),
                                  .places   = STD_AT_CONTRACT | STD_AT_OBJECT,
                                  .kind     = STD_KEY_WORD,
                                  .fallback = STR_INIT("full"),
                                  .help     = STR_INIT(
                                      "full: the rows of a publish replace the table; append: "
                                          "they are added; partitions: they replace the "
                                          "partitions (partitioned: true) that they lie in; "
                                          "merge: they replace rows with the same primary key"),
                                  WORDS(materialization_words) },
    [STD_KEY_INCREMENTAL]     = { .name   = STR_INIT("weft.incremental"),
                                  .places = STD_AT_CONTRACT | STD_AT_OBJECT,
                                  .kind   = STD_KEY_OBJECT,
                                  .help =
                                      STR_INIT("what a run covers: column (time of a row) and "
                                                   "lookback (how far back it reads again); binds $from "
                                                   "and $to in the SQL") },
    [STD_KEY_ACCESS]          = { .name     = STR_INIT("weft.access"),
                                  .places   = STD_AT_CONTRACT | STD_AT_PORT,
                                  .kind     = STD_KEY_WORD,
                                  .fallback = STR_INIT("granted"),
                                  .help = STR_INIT("who may read: those with a grant, or everybody (open)"),
                                  WORDS(access_words) },
    [STD_KEY_HISTORY]         = { .name     = STR_INIT("weft.history"),
                                  .places   = STD_AT_CONTRACT | STD_AT_PRODUCT,
                                  .kind     = STD_KEY_DURATION,
                                  .fallback = STR_INIT("30d"),
                                  .help = STR_INIT("how long old snapshots keep their files; the newest "
                                                           "one always does") },
    [STD_KEY_SOURCE]          = { .name   = STR_INIT("weft.source"),
                                  .places = STD_AT_CONTRACT | STD_AT_OBJECT | STD_AT_SERVER,
                                  .kind   = STD_KEY_OBJECT,
                                  .help   = STR_INIT("how the files of a source are read; see below") },
};

const struct std_key_info *std_key_info(enum std_key key)
{
    return &keys[key];
}

/* ---- keys whose value is a mapping ---- */

#define I(member, key, ...) STD_F(struct std_incremental_raw, member, key, STD_STRING, __VA_ARGS__)
struct std_incremental_raw {
    struct std_str  column, lookback;
    struct diag_pos at;
};
static const struct std_field incremental_fields[] = {
    I(column, "column", STD_ALWAYS, STD_HELP("column with the time of a row")),
    I(lookback, "lookback", .format = STD_FORMAT_DURATION,
      STD_HELP("how far back a run reads again: 3d")),
};
#undef I
static const struct std_shape shape_incremental =
    STD_SHAPE(struct std_incremental_raw, "weft.incremental", incremental_fields);

static const struct std_word  format_words[]      = { { STR_INIT("csv"), 0 },
                                                      { STR_INIT("json"), 0 },
                                                      { STR_INIT("ndjson"), 0 },
                                                      { STR_INIT("parquet"), 0 } };
static const struct std_word  compression_words[] = { { STR_INIT("none"), 0 },
                                                      { STR_INIT("gzip"), 0 },
                                                      { STR_INIT("zstd"), 0 } };
static const struct std_word  decimal_words[]     = { { STR_INIT("."), 0 }, { STR_INIT(","), 0 } };
static const struct std_word  records_words[]     = { { STR_INIT("array"), 0 },
                                                      { STR_INIT("newline_delimited"), 0 },
                                                      { STR_INIT("unstructured"), 0 } };
static const struct std_word  encoding_words[]    = { { STR_INIT("utf-8"), 0 },
                                                      { STR_INIT("latin-1"), 0 },
                                                      { STR_INIT("utf-16"), 0 } };
static const struct std_words formats             = { format_words, COUNT_OF(format_words) };
static const struct std_words compressions = { compression_words, COUNT_OF(compression_words) };
static const struct std_words decimals     = { decimal_words, COUNT_OF(decimal_words) };
static const struct std_words records      = { records_words, COUNT_OF(records_words) };
static const struct std_words encodings    = { encoding_words, COUNT_OF(encoding_words) };

#define O(member, key, kind, ...) STD_F(struct std_source_options, member, key, kind, __VA_ARGS__)
static const struct std_field source_fields[] = {
    O(format, "format", STD_STRING, .words = &formats,
      STD_HELP("csv, json, ndjson or parquet; else by the server or the file's suffix")),
    O(delimiter, "delimiter", STD_STRING, STD_HELP("csv: between fields; else detected")),
    O(quote, "quote", STD_STRING, STD_HELP("csv: around fields; else detected")),
    O(escape, "escape", STD_STRING, STD_HELP("csv: before a quote inside quotes; else detected")),
    O(comment, "comment", STD_STRING, STD_HELP("csv: begins a line that is skipped")),
    O(header, "header", STD_BOOL, STD_HELP("csv: the first line has names; else detected")),
    O(null_text, "nullText", STD_STRINGS, STD_HELP("csv: texts that mean null")),
    O(null_text, "nullText", STD_ONE, STD_HELP("csv: the text that means null")),
    O(date_format, "dateFormat", STD_STRING, STD_HELP("how dates are written: %Y-%m-%d")),
    O(timestamp_format, "timestampFormat", STD_STRING, STD_HELP("how times are written")),
    O(decimal, "decimal", STD_STRING, .words = &decimals, STD_HELP("csv: decimal separator")),
    O(encoding, "encoding", STD_STRING, .words = &encodings,
      STD_HELP("csv: utf-8, latin-1, utf-16")),
    O(compression, "compression", STD_STRING, .words = &compressions,
      STD_HELP("none, gzip or zstd; else by the suffix")),
    O(skip, "skip", STD_INT, STD_LEAST(0), STD_HELP("csv: lines before the header")),
    O(strict, "strict", STD_BOOL,
      STD_HELP("csv: false also reads mixed line ends and stray quotes; fields after the last "
               "column are then dropped")),
    O(hive_partitioning, "hivePartitioning", STD_BOOL,
      STD_HELP("folders year=2026/ become columns")),
    O(records, "records", STD_STRING, .words = &records,
      STD_HELP("json: array, newline_delimited …")),
    O(query_table, "table", STD_STRING, STD_HELP("databases: schema.table, else physicalName")),
};
#undef O
static const struct std_shape shape_source =
    STD_SHAPE(struct std_source_options, "weft.source", source_fields);

static const struct std_shape *shape_of(enum std_key key)
{
    return key == STD_KEY_INCREMENTAL ? &shape_incremental
           : key == STD_KEY_SOURCE    ? &shape_source
                                      : NULL;
}

/* ---- checks while reading ---- */

static bool key_find(str name, enum std_key *out)
{
    for (size_t i = 0; i < STD_KEY_COUNT; i++) {
        if (str_eq(keys[i].name, name)) {
            *out = (enum std_key)i;
            return true;
        }
    }
    return false;
}

static void report_unknown_key(struct std_reader *r, const struct std_custom *entry,
                               struct diag_pos at)
{
    str names[STD_KEY_COUNT], near;

    for (size_t i = 0; i < STD_KEY_COUNT; i++) {
        names[i] = keys[i].name;
    }
    near = str_nearest(entry->property.v, names, STD_KEY_COUNT);
    std_report(r, STD_RULE_KEY_UNKNOWN, at,
               near.len ? arena_printf(r->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
                        : S("docs/keys.md lists them"),
               "unknown key \"" STR_FMT "\"", STR_ARG(entry->property.v));
}

static str places_text(struct arena *a, unsigned places)
{
    static const struct {
        unsigned place;
        str      name;
    } names[] = {
        { STD_AT_CONTRACT, STR_INIT("contract") }, { STD_AT_OBJECT, STR_INIT("schema object") },
        { STD_AT_PROPERTY, STR_INIT("property") }, { STD_AT_SERVER, STR_INIT("server") },
        { STD_AT_PRODUCT, STR_INIT("product") },   { STD_AT_PORT, STR_INIT("port") }
    };
    str text = STR_NONE;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (places & names[i].place) {
            text = arena_printf(a, STR_FMT "%s" STR_FMT, STR_ARG(text), text.len ? ", " : "",
                                STR_ARG(names[i].name));
        }
    }
    return text;
}

static void check_word(struct std_reader *r, const struct std_key_info *info,
                       const struct std_custom *entry)
{
    str value = STR_NONE, near;
    str words = STR_NONE;

    (void)std_any_text(entry->value, &value);
    for (size_t i = 0; i < info->word_count; i++) {
        if (str_eq(value, info->words[i])) {
            return;
        }
        words = arena_printf(r->cx->arena, STR_FMT "%s" STR_FMT, STR_ARG(words),
                             i ? ", " : "one of ", STR_ARG(info->words[i]));
    }
    near = str_nearest(value, info->words, info->word_count);
    std_report(r, STD_RULE_KEY_VALUE, entry->value.at,
               near.len ? arena_printf(r->cx->arena, "did you mean \"" STR_FMT "\"?", STR_ARG(near))
                        : words,
               "unknown value for \"" STR_FMT "\"", STR_ARG(info->name));
}

/* Reads the mapping of a key as an error of the profile's key rules, whatever the version. */
static void check_object(struct std_reader *r, enum std_key key, const struct std_custom *entry)
{
    struct std_reader own = *r;
    void             *made;

    if (r->profile == STD_SCHEMA) {
        return;
    }
    made        = std_room(r, 1, shape_of(key)->size);
    own.version = 1;
    if (made) {
        std_read_shape(&own, shape_of(key), entry->value.node, made);
        r->bytes  = own.bytes;
        r->status = own.status;
    }
}

void std_check_key(struct std_reader *r, const struct std_custom *entry, struct diag_pos name_at)
{
    enum std_key key;
    str          text = STR_NONE;
    int64_t      duration;

    if (!r->diags || r->quiet) {
        return;
    }
    if (!key_find(entry->property.v, &key)) {
        report_unknown_key(r, entry, name_at);
        return;
    }
    if (!(keys[key].places & r->place)) {
        std_report(r, STD_RULE_KEY_PLACE, name_at,
                   arena_printf(r->cx->arena, "it stands in customProperties of: " STR_FMT,
                                STR_ARG(places_text(r->cx->arena, keys[key].places))),
                   "\"" STR_FMT "\" has no effect here", STR_ARG(keys[key].name));
    }
    if (!entry->value.node) {
        return; /* a missing value is a finding of its own */
    }
    switch (keys[key].kind) {
    case STD_KEY_WORD: check_word(r, &keys[key], entry); return;
    case STD_KEY_OBJECT: check_object(r, key, entry); return;
    case STD_KEY_DURATION:
        if (!std_any_text(entry->value, &text) || !std_duration(text, &duration)) {
            std_report(r, STD_RULE_KEY_VALUE, entry->value.at, S("write 30d, 12h, 2 weeks …"),
                       "\"" STR_FMT "\" is a duration", STR_ARG(keys[key].name));
        }
        return;
    }
    BUG("kind of a key");
}

/* ---- getters ---- */

const struct std_custom *std_custom_find(const struct std_customs *list, str property)
{
    for (size_t i = 0; list && i < list->count; i++) {
        if (str_eq(list->items[i].property.v, property)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static const struct std_custom *find_near(enum std_key key, const struct std_customs *near,
                                          const struct std_customs *far)
{
    const struct std_custom *found = std_custom_find(near, keys[key].name);

    return found ? found : std_custom_find(far, keys[key].name);
}

str std_key_word(enum std_key key, const struct std_customs *near, const struct std_customs *far)
{
    const struct std_custom *found = find_near(key, near, far);
    str                      text;

    for (size_t i = 0; found && std_any_text(found->value, &text) && i < keys[key].word_count;
         i++) {
        if (str_eq(text, keys[key].words[i])) {
            return keys[key].words[i];
        }
    }
    return keys[key].fallback;
}

int64_t std_key_duration(enum std_key key, const struct std_customs *near,
                         const struct std_customs *far)
{
    const struct std_custom *found = find_near(key, near, far);
    int64_t                  us    = 0;
    str                      text;

    if (found && std_any_text(found->value, &text) && std_duration(text, &us)) {
        return us;
    }
    return std_duration(keys[key].fallback, &us) ? us : 0;
}

/* Fills `made` from the mapping of a key without findings: they were reported by the reading. */
static bool read_again(struct ctx *cx, enum std_key key, const struct std_customs *list, void *made)
{
    static const struct diag_text nowhere = { STR_INIT(""), STR_INIT("") };
    const struct std_custom      *found   = std_custom_find(list, keys[key].name);
    struct std_reader r = { .cx = cx, .text = &nowhere, .version = 1, .standard = &own_standard };

    if (!found || !found->value.node || found->value.node->kind != YAML_MAP) {
        return false;
    }
    std_read_shape(&r, shape_of(key), found->value.node, made);
    return true;
}

bool std_incremental_of(struct ctx *cx, const struct std_customs *near,
                        const struct std_customs *far, struct std_incremental *out)
{
    struct std_incremental_raw raw  = { 0 };
    struct std_incremental     made = { 0 };

    if (!read_again(cx, STD_KEY_INCREMENTAL, near, &raw) &&
        !read_again(cx, STD_KEY_INCREMENTAL, far, &raw)) {
        return false;
    }
    made.column        = raw.column;
    made.lookback_text = raw.lookback;
    if (!std_duration(raw.lookback.v, &made.lookback_us)) {
        made.lookback_us = 0;
    }
    *out = made;
    return true;
}

void std_source_options_of(struct ctx *cx, const struct std_customs *near,
                           const struct std_customs *middle, const struct std_customs *far,
                           struct std_source_options *out)
{
    struct std_source_options made = { 0 };

    /* the far one first: what a nearer one has is written over it */
    (void)read_again(cx, STD_KEY_SOURCE, far, &made);
    (void)read_again(cx, STD_KEY_SOURCE, middle, &made);
    (void)read_again(cx, STD_KEY_SOURCE, near, &made);
    *out = made;
}

/* ---- durations and sizes ---- */

/* Digits, blanks, unit; the number is above 0. */
static bool split_amount(str text, uint64_t *number, str *unit)
{
    size_t digits = 0;

    text = str_trim(text);
    while (digits < text.len && char_is_digit(text.ptr[digits])) {
        digits++;
    }
    *unit = str_trim(str_from(text, digits));
    return str_to_u64(str_sub(text, 0, digits), number);
}

bool std_duration(str text, int64_t *out_us)
{
    static const struct {
        const char *names; /* separated by blanks */
        int64_t     seconds;
    } units[] = { { "s sec second seconds", 1 }, { "m min minute minutes", 60 },
                  { "h hour hours", 3600 },      { "d day days", 86400 },
                  { "w week weeks", 604800 },    { "mo month months", 2592000 },
                  { "y year years", 31536000 } };
    uint64_t number;
    str      unit;

    if (!split_amount(text, &number, &unit) || number > 1000000) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        str names = str_of(units[i].names), name;

        while (str_cut(&names, ' ', &name)) {
            if (str_eq_nocase(name, unit)) {
                *out_us = (int64_t)number * units[i].seconds * 1000000;
                return true;
            }
        }
    }
    return false;
}

bool std_bytes(str text, uint64_t *out)
{
    static const struct {
        str      name;
        uint64_t factor;
    } units[] = { { STR_INIT(""), 1 },
                  { STR_INIT("B"), 1 },
                  { STR_INIT("KB"), 1000 },
                  { STR_INIT("MB"), 1000000 },
                  { STR_INIT("GB"), 1000000000 },
                  { STR_INIT("TB"), 1000000000000 },
                  { STR_INIT("KiB"), 1ull << 10 },
                  { STR_INIT("MiB"), 1ull << 20 },
                  { STR_INIT("GiB"), 1ull << 30 },
                  { STR_INIT("TiB"), 1ull << 40 } };
    uint64_t number;
    str      unit;

    if (!split_amount(text, &number, &unit)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (str_eq_nocase(units[i].name, unit) && number <= UINT64_MAX / units[i].factor) {
            *out = number * units[i].factor;
            return true;
        }
    }
    return false;
}

/* ---- the document ---- */

static void add_fields(struct buf *out, str title, const struct std_shape *shape)
{
    str last = STR_NONE;

    buf_printf(out, "\n## `" STR_FMT "`\n\n| field | type | meaning |\n| --- | --- | --- |\n",
               STR_ARG(title));
    for (size_t i = 0; i < shape->count; i++) {
        const struct std_field *f = &shape->fields[i];

        if (!str_eq(f->name, last)) {
            str kind = std_kind_text(f->kind);

            buf_printf(out, "| `" STR_FMT "`%s | " STR_FMT " | " STR_FMT " |\n", STR_ARG(f->name),
                       f->needed_since ? " (required)" : "", STR_ARG(kind), STR_ARG(f->help));
        }
        last = f->name;
    }
}

static void add_type(struct buf *out, const struct std_key_info *info)
{
    if (info->kind == STD_KEY_DURATION) {
        buf_add(out, S("duration"));
    } else if (info->kind == STD_KEY_OBJECT) {
        buf_add(out, S("mapping, see below"));
    }
    for (size_t i = 0; i < info->word_count; i++) {
        buf_printf(out, "%s`" STR_FMT "`", i ? ", " : "", STR_ARG(info->words[i]));
    }
}

void std_keys_markdown(struct buf *out)
{
    struct arena *CLEANUP(arena_cleanup) scratch = arena_new("keys document", 1 << 16);

    buf_add(
        out,
        S("# Keys under customProperties\n\n"
          "What ODCS and ODPS have no field for stands in `customProperties` under these names:\n"
          "`customProperties: [{property: weft.build, value: delivered}]`. The nearest place "
          "wins:\n"
          "a schema object over its contract, a contract over its product. Any other key that\n"
          "begins with `weft.` is an error. This file is printed from the table in\n"
          "`src/mesh/standard/keys.c`; a test compares them.\n\n"
          "| key | stands on | value | default | meaning |\n| --- | --- | --- | --- | --- |\n"));
    for (size_t i = 0; i < STD_KEY_COUNT; i++) {
        str places = places_text(scratch, keys[i].places);

        buf_printf(out, "| `" STR_FMT "` | " STR_FMT " | ", STR_ARG(keys[i].name), STR_ARG(places));
        add_type(out, &keys[i]);
        buf_printf(out, " | " STR_FMT " | " STR_FMT " |\n",
                   STR_ARG(keys[i].fallback.len ? keys[i].fallback : S("none")),
                   STR_ARG(keys[i].help));
    }
    buf_add(
        out,
        S("\nA duration is a number and a unit: s, m, h, d, w, mo (30 days), y (365 days), or the\n"
          "word: `12 hours`.\n"));
    add_fields(out, keys[STD_KEY_INCREMENTAL].name, &shape_incremental);
    add_fields(out, keys[STD_KEY_SOURCE].name, &shape_source);
}
