/*
 * words.c - what a person looks for, as words and as an expression of the index.
 */
#include "search/search_int.h"

#include "base/utf8.h"

/* Outside of ASCII the index decides what is a letter; what it takes for none it leaves out itself. */
static bool has_word(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (char_is_alpha(s.ptr[i]) || char_is_digit(s.ptr[i]) || (unsigned char)s.ptr[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

static bool is_space(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static str next_part(str *rest)
{
    size_t from = 0, to;

    while (from < rest->len && is_space(rest->ptr[from])) {
        from++;
    }
    for (to = from; to < rest->len && !is_space(rest->ptr[to]);) {
        to++;
    }
    str part = str_sub(*rest, from, to - from);
    *rest    = str_from(*rest, to);
    return part;
}

enum status search_words_read(struct ctx *cx, str text, struct search_words *out)
{
    struct search_words made = { 0 };
    str                 rest = text;
    size_t              bad;

    if (text.len > SEARCH_BYTES_MAX) {
        return FAIL(cx, INVALID, "a search has at most %d bytes, this one has %zu",
                    SEARCH_BYTES_MAX, text.len);
    }
    if (!utf8_is_valid(text, &bad)) {
        return FAIL(cx, INVALID, "the words to look for are not UTF-8: byte %zu is wrong", bad + 1);
    }
    while (rest.len > 0) {
        str part = next_part(&rest);

        if (!has_word(part)) {
            continue;
        }
        if (made.count == SEARCH_WORDS_MAX) {
            return FAIL(cx, INVALID, "a search has at most %d words", SEARCH_WORDS_MAX);
        }
        made.items[made.count++] = part;
    }
    if (made.count == 0) {
        return FAIL(cx, INVALID,
                    "there is no word to look for: write some letters of a name or a description");
    }
    *out = made;
    return ST_OK;
}

/* A text as a string of FTS5: in double quotes, those within it doubled. */
static void add_quoted(struct buf *b, str word)
{
    buf_add_char(b, '"');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '"') {
            buf_add_char(b, '"');
        }
        buf_add_char(b, word.ptr[i]);
    }
    buf_add_char(b, '"');
}

/* The words one after another; a "*" behind one makes it a beginning. */
static void add_words(struct buf *b, const struct search_words *words, str between,
                      enum search_end end)
{
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0) {
            buf_add(b, between);
        }
        add_quoted(b, words->items[i]);
        if (end == SEARCH_ALL_BEGIN || (end == SEARCH_LAST_BEGINS && i + 1 == words->count)) {
            buf_add_char(b, '*');
        }
    }
}

str search_words_match(struct arena *a, const struct search_words *words, str own,
                       enum search_end end)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(8 * SEARCH_BYTES_MAX);

    if (own.len > 0) {
        buf_printf(&b, "{" STR_FMT "} : (", STR_ARG(own));
        add_words(&b, words, S(" OR "), end);
        buf_add(&b, S(")"));
    }
    if (own.len > 0 && words->count > 1) {
        buf_add(&b, S(" AND "));
    }
    if (own.len == 0 || words->count > 1) {
        buf_add_char(&b, '(');
        add_words(&b, words, S(" "), end);
        buf_add_char(&b, ')');
    }
    return arena_dup(a, buf_view(&b));
}

str search_words_name(struct arena *a, const struct search_words *words)
{
    struct buf b CLEANUP(buf_release) = BUF_INIT(2 * SEARCH_BYTES_MAX);

    for (size_t i = 0; i < words->count; i++) {
        for (size_t k = 0; k < words->items[i].len; k++) {
            buf_add_char(&b, char_lower(words->items[i].ptr[k]));
        }
        if (i + 1 < words->count) {
            buf_add_char(&b, '_');
        }
    }
    return arena_dup(a, buf_view(&b));
}
